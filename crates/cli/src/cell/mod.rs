//! `voltower cell`: parameter files of cells, from measured logs and against them.

mod fit;
mod report;
mod validate;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueHint};
use miette::Diagnostic;
use voltower_lab::cross::{self, FOLDS, Fold};
use voltower_lab::drive::Charge;
use voltower_lab::log::{Columns, CurrentSign, LogOptions};
use voltower_lab::{LabError, show};
use voltower_plant::cell::CellParameters;

use crate::error::{Failure, FileError};

pub use fit::FitArgs;
pub use validate::ValidateArgs;

/// Arguments of `voltower cell`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower cell show data/cells/home-100ah.toml --out cell.svg
  voltower cell fit --out mine.toml ocv_25c.csv@25 pulses_25c.csv@25@0.5 --prior data/cells/a123-2.5ah.toml
  voltower cell validate --cell mine.toml --log drive_15c.csv --temperature 15 --reference ah-counters --initial 1.0")]
pub struct CellArgs {
    /// What to do with cells.
    #[command(subcommand)]
    pub command: CellCommand,
}

/// Subcommands of `voltower cell`.
#[derive(Debug, Clone, Subcommand)]
pub enum CellCommand {
    /// Shows a parameter file: a table, and its curves as a picture
    Show(ShowArgs),
    /// Fits a parameter file to measured logs
    Fit(FitArgs),
    /// Runs a parameter file along a measured log, open loop
    Validate(ValidateArgs),
    /// Fits A123 logs without a temperature and tests on it, fold by fold
    CrossValidate(CrossArgs),
}

/// Arguments of `voltower cell show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// Parameter file, TOML or BPX JSON
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Draw the curves into this SVG file
    #[arg(long, value_name = "SVG", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

/// Arguments of `voltower cell cross-validate`.
#[derive(Debug, Clone, Args)]
pub struct CrossArgs {
    /// Folder with the A123 logs a123_ocv_*.csv and a123_dyn_*.csv (or with a folder a123_esc that has them)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data: PathBuf,
}

/// What can be said about the columns of a log.
#[derive(Debug, Clone, Args)]
pub struct LogArgs {
    /// Column names that are not recognised:
    /// time=..,current=..,voltage=..,temperature=..,soc=..,charged=..,discharged=..
    #[arg(long, value_name = "NAME=COLUMN,..")]
    pub columns: Option<Columns>,
    /// What a positive current means (default: as the voltage answers it)
    #[arg(long, value_enum, value_name = "SIGN")]
    pub current_sign: Option<Sign>,
    /// What tells the charge between samples: the tester's counters where there are any, or the sampled current alone
    #[arg(long, value_enum, default_value = "counters")]
    pub charge: ChargeBy,
}

/// Sign of a current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sign {
    /// Positive while charging
    Charge,
    /// Positive while discharging
    Discharge,
}

/// What tells the charge between samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ChargeBy {
    /// The tester's counters
    Counters,
    /// The sampled current
    Samples,
}

impl LogArgs {
    fn options(&self, capacity: Option<f64>) -> LogOptions {
        LogOptions {
            columns: self.columns.clone().unwrap_or_default(),
            current_sign: self.current_sign.map(|sign| match sign {
                Sign::Charge => CurrentSign::ChargePositive,
                Sign::Discharge => CurrentSign::DischargePositive,
            }),
            capacity,
        }
    }

    fn charge(&self) -> Charge {
        match self.charge {
            ChargeBy::Counters => Charge::Counters,
            ChargeBy::Samples => Charge::Samples,
        }
    }
}

/// Something that the lab cannot use.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error(transparent)]
struct Unusable(#[from] LabError);

fn unusable(error: impl Into<LabError>) -> Failure {
    Failure::failed(Unusable(error.into()))
}

fn load(path: &Path) -> Result<CellParameters, Failure> {
    CellParameters::load(path).map_err(unusable)
}

/// Writes a file and says so.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let unwritten = |error| Failure::failed(FileError { path: path.display().to_string(), error });
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(unwritten)?;
    }
    std::fs::write(path, text).map_err(unwritten)?;
    eprintln!("wrote {}", path.display());
    Ok(())
}

/// Does what was asked.
///
/// # Errors
/// Files that cannot be read, used or written.
pub fn run(args: &CellArgs) -> Result<(), Failure> {
    match &args.command {
        CellCommand::Show(args) => show_cell(args),
        CellCommand::Fit(args) => fit::run(args),
        CellCommand::Validate(args) => validate::run(args),
        CellCommand::CrossValidate(args) => cross_validate(args),
    }
}

fn show_cell(args: &ShowArgs) -> Result<(), Failure> {
    let cell = load(&args.file)?;
    io::stdout().write_all(show::table(&cell).as_bytes())?;
    args.out.as_ref().map_or(Ok(()), |out| write(out, &show::picture(&cell)))
}

fn cross_validate(args: &CrossArgs) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "RMSE (largest error) in mV, open loop from full; charge by counters, and by samples alone"
    )?;
    writeln!(
        out,
        "fitted on         run on   5 to 95 %        whole log        samples, 5-95 %  samples, whole"
    )?;
    let mut broken = Ok(());
    cross::folds(&args.data, &FOLDS, |fold| {
        if broken.is_ok() {
            broken = writeln!(out, "{}", fold_line(fold)).and_then(|()| out.flush());
        }
    })
    .map_err(unusable)?;
    Ok(broken?)
}

fn fold_line(fold: &Fold) -> String {
    let fitted: Vec<String> = fold.fitted.iter().map(ToString::to_string).collect();
    let mark = if fold.fitted.contains(&fold.tested) { "fitted" } else { "unseen" };
    let errors = [&fold.run, &fold.by_samples].into_iter().flat_map(|run| [&run.middle, &run.whole]);
    let errors: Vec<String> =
        errors.map(|e| format!("{:6.2} ({:5.0})", e.rmse * 1e3, e.largest * 1e3)).collect();
    format!("{:15} {:4} °C  {}  {mark}", fitted.join(" "), fold.tested, errors.join("   "))
}
