//! `voltower cell validate`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use voltower_lab::log::{self, Field, Kind, Source, Temperature};
use voltower_lab::picture;
use voltower_lab::validate::{self, History, Reference, Setup};

use super::{LogArgs, load, unusable, write};
use crate::error::Failure;

/// Arguments of `voltower cell validate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Example:
  voltower cell validate --cell mine.toml --log drive_15c.csv --temperature 15 --reference ah-counters --initial 1.0

The voltage runs open loop from the known start: nothing measured but current (or counters) and temperature goes in.
The picture becomes NAME-validation.svg in the working folder, unless --out says otherwise.")]
pub struct ValidateArgs {
    /// Parameter file of the cell
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub cell: PathBuf,
    /// Measured log, CSV
    #[arg(long, value_name = "CSV", value_hint = ValueHint::FilePath)]
    pub log: PathBuf,
    /// Temperature of the cell in degC, or the column that has it
    #[arg(long, value_name = "C|COLUMN", allow_hyphen_values = true)]
    pub temperature: String,
    /// Column with the reference state of charge, or `ah-counters` for counters and capacity
    #[arg(long, value_name = "COLUMN|ah-counters")]
    pub reference: String,
    /// State of charge at the first sample, 0 to 1 (default: the reference column's, or as the first voltage says)
    #[arg(long, value_name = "SOC")]
    pub initial: Option<f64>,
    /// Whether the cell was charged or discharged before the log (default: as its first voltage says)
    #[arg(long, value_enum, default_value = "auto")]
    pub history: HistoryArg,
    /// Picture of measured against model
    #[arg(long, value_name = "SVG", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Columns, sign and charge
    #[command(flatten)]
    pub log_args: LogArgs,
}

/// What came before the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum HistoryArg {
    /// A charge
    Charged,
    /// A discharge
    Discharged,
    /// As the first voltage says
    Auto,
}

/// A number is a temperature, anything else the name of a column.
pub(super) fn temperature(text: &str) -> Temperature {
    text.parse().map_or_else(|_| Temperature::Column(text.to_owned()), Temperature::Constant)
}

pub(super) fn run(args: &ValidateArgs) -> Result<(), Failure> {
    let cell = load(&args.cell)?;
    let mut options = args.log_args.options(Some(cell.capacity));
    let reference = if args.reference == "ah-counters" {
        Reference::Counters
    } else {
        options.columns = options.columns.with(Field::Soc, &args.reference);
        Reference::Column
    };
    let source = Source {
        path: args.log.clone(),
        temperature: temperature(&args.temperature),
        initial: args.initial,
        kind: Some(Kind::Drive),
    };
    let log = log::read(&source, &options).map_err(unusable)?;
    let history = match args.history {
        HistoryArg::Charged => History::Charged,
        HistoryArg::Discharged => History::Discharged,
        HistoryArg::Auto => History::Auto,
    };
    let setup = Setup { initial: args.initial, history, charge: args.log_args.charge() };
    let run = validate::validate(&cell, &log, reference, &setup).map_err(unusable)?;
    let mut out = io::stdout().lock();
    for note in log.notes.iter().chain(&run.notes) {
        writeln!(out, "note: {note}")?;
    }
    let start = run.soc.first().copied().unwrap_or(0.0) * 100.0;
    writeln!(out, "{} along {}, open loop from {start:.2} %", cell.name, args.log.display())?;
    for (name, errors) in [("whole log", &run.whole), ("5 to 95 %", &run.middle)] {
        writeln!(
            out,
            "{name}: voltage RMSE {:.2} mV, maximum error {:.1} mV, mean {:+.2} mV, {} samples",
            errors.rmse * 1e3,
            errors.largest * 1e3,
            errors.bias * 1e3,
            errors.samples
        )?;
    }
    let ends = [run.soc.last(), run.reference.last()].map(|soc| soc.copied().unwrap_or(0.0) * 100.0);
    writeln!(out, "state of charge at the end: model {:.2} %, reference {:.2} %", ends[0], ends[1])?;
    let beside = args.log.file_stem().unwrap_or_default().to_string_lossy().into_owned() + "-validation.svg";
    let target = args.out.clone().unwrap_or_else(|| PathBuf::from(beside));
    let title = format!("{}: measured and model", args.log.file_name().unwrap_or_default().to_string_lossy());
    write(&target, &picture::validation(&title, &log, &run))
}
