//! `voltower cell fit`.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueHint};
use voltower_lab::fit::{self, FitOptions};
use voltower_lab::log::{Kind, Source};
use voltower_lab::{picture, show};

use super::validate::temperature;
use super::{LogArgs, load, report, unusable, write};
use crate::error::Failure;

/// Arguments of `voltower cell fit`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower cell fit --out a123.toml ocv_5c.csv@5 drive_5c.csv@5 ocv_25c.csv@25 drive_25c.csv@25
  voltower cell fit --out lfp.toml --prior data/cells/a123-2.5ah.toml ocv_25c.csv@25 cc_25c.csv@25
  voltower cell fit --out cell.toml --capacity 100 pulses.csv@t_cell@0.5@drive

A log is FILE@TEMPERATURE, the temperature in degC or the column that has it. What follows is found out if it
is not said: @SOC at the first sample (0 to 1), and @sweep, @drive or @table. Accepted are slow charge and
discharge sweeps for the open-circuit voltage, pulses, drive cycles, and tables with the columns soc, ocv_charge_v,
ocv_discharge_v.")]
pub struct FitArgs {
    /// The parameter file to write
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
    /// A cell that tells what the logs do not: with logs at one temperature, how everything follows the temperature
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub prior: Option<PathBuf>,
    /// Capacity between empty and full (default: of a slow sweep, or by a reference column)
    #[arg(long, value_name = "AH", value_parser = capacity)]
    pub capacity: Option<f64>,
    /// Coulombic efficiency (default: found from logs that tell it, else 1)
    #[arg(long, value_name = "0.5..1", value_parser = efficiency)]
    pub efficiency: Option<f64>,
    /// Name of the cell
    #[arg(long)]
    pub name: Option<String>,
    /// Folder for the report: parameters, residuals, pictures (default: beside --out, named as it with -report)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub report: Option<PathBuf>,
    /// Columns, sign and charge
    #[command(flatten)]
    pub log_args: LogArgs,
    /// Logs
    #[arg(required = true, value_name = "LOG@TEMP", value_parser = LogArg::from_str)]
    pub logs: Vec<LogArg>,
}

/// A log as given: file, temperature, perhaps start and kind.
#[derive(Debug, Clone, PartialEq)]
pub struct LogArg(Source);

impl FromStr for LogArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let folder = text.rfind('/').map_or(0, |slash| slash + 1);
        let mut parts = text[folder..].split('@');
        let file = parts.next().unwrap_or_default();
        let celsius = parts.next().ok_or("a log needs its temperature: FILE@25, or FILE@COLUMN")?;
        let path = PathBuf::from(format!("{}{file}", &text[..folder]));
        let mut source = Source { path, temperature: temperature(celsius), initial: None, kind: None };
        for part in parts {
            match (part, part.parse::<f64>()) {
                (_, Ok(soc)) if (0.0..=1.0).contains(&soc) => source.initial = Some(soc),
                (_, Ok(soc)) => return Err(format!("{soc} is no state of charge; say 0 to 1")),
                ("sweep", _) => source.kind = Some(Kind::Sweep),
                ("drive", _) => source.kind = Some(Kind::Drive),
                ("table", _) => source.kind = Some(Kind::Table),
                _ => return Err(format!("`@{part}` is neither a state of charge nor sweep, drive or table")),
            }
        }
        Ok(Self(source))
    }
}

fn capacity(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(capacity) if (1e-3..=1e5).contains(&capacity) => Ok(capacity),
        _ => Err("a capacity in Ah, from 0.001 to 100000".to_owned()),
    }
}

fn efficiency(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.5..=1.0).contains(&share) => Ok(share),
        _ => Err("a share of the charge, from 0.5 to 1".to_owned()),
    }
}

pub(super) fn run(args: &FitArgs) -> Result<(), Failure> {
    let prior = args.prior.as_deref().map(load).transpose()?;
    let options = FitOptions {
        log: args.log_args.options(args.capacity),
        prior,
        name: args.name.clone(),
        charge: args.log_args.charge(),
        efficiency: args.efficiency,
        ..FitOptions::default()
    };
    let sources: Vec<Source> = args.logs.iter().map(|log| log.0.clone()).collect();
    let fitted = fit::fit_files(&sources, &options).map_err(unusable)?;
    let text = report::text(&fitted);
    io::stdout().write_all(text.as_bytes())?;
    write(&args.out, &fitted.cell.to_toml())?;
    let folder = args.report.clone().unwrap_or_else(|| {
        let stem = args.out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        args.out.with_file_name(stem + "-report")
    });
    write(&folder.join("report.txt"), &text)?;
    write(&folder.join("cell.svg"), &show::picture(&fitted.cell))?;
    for run in &fitted.runs {
        let Some(log) = fitted.logs.iter().find(|log| log.name == run.name) else { continue };
        let stem = PathBuf::from(&run.name);
        let stem = stem.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let celsius = log.mean_temperature();
        let title = format!("{stem} at {celsius:.0} °C: measured and fitted");
        write(&folder.join(format!("{stem}-{celsius:.0}c.svg")), &picture::validation(&title, log, run))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltower_lab::log::Temperature;

    #[test]
    fn logs_are_file_temperature_and_what_else_is_known() {
        let log = |text: &str| text.parse::<LogArg>().map(|log| log.0);
        let plain = log("a@b/ocv.csv@-5").expect("a log");
        assert_eq!(plain.path, PathBuf::from("a@b/ocv.csv"));
        assert_eq!((plain.temperature, plain.initial, plain.kind), (Temperature::Constant(-5.0), None, None));
        let full = log("x.csv@t_c@0.5@drive").expect("a log");
        assert_eq!(full.temperature, Temperature::Column("t_c".to_owned()));
        assert_eq!((full.initial, full.kind), (Some(0.5), Some(Kind::Drive)));
        assert!(log("x.csv").is_err() && log("x.csv@25@50").is_err() && log("x.csv@25@fast").is_err());
    }
}
