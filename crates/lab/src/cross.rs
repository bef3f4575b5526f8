//! Cross-validation on measured A123 logs: fit without a temperature, run the cell on it.
//!
//! The logs are not part of this repository (see the crate's README for where they come from); without them it says so.

use std::path::{Path, PathBuf};

use crate::LabError;
use crate::fit::{self, FitOptions};
use crate::log::{self, LogOptions, Source, Temperature};
use crate::validate::{self, Reference, Run, Setup};

/// Logs of one temperature: degC, the name of the slow sweeps, the name of the drive cycle.
const LOGS: [(f64, &str, &str); 4] = [
    (-5.0, "a123_ocv_n05", "a123_dyn_30_n05_s1.csv"),
    (5.0, "a123_ocv_p05", "a123_dyn_45_p05_s1.csv"),
    (25.0, "a123_ocv_p25", "a123_dyn_50_p25_s1.csv"),
    (45.0, "a123_ocv_p45", "a123_dyn_50_p45_s1.csv"),
];

/// Folds: temperatures fitted on, and those tested on. Leaving out 25 degC lies between what was fitted, as most use
/// does; the others go beyond it.
pub const FOLDS: [(&[f64], &[f64]); 5] = [
    (&[5.0, 45.0], &[25.0]),
    (&[25.0, 45.0], &[5.0]),
    (&[5.0, 25.0], &[45.0]),
    (&[5.0, 25.0, 45.0], &[5.0, 25.0, 45.0, -5.0]),
    (&[-5.0, 5.0, 25.0, 45.0], &[-5.0, 5.0, 25.0, 45.0]),
];

/// A cell on a temperature.
#[derive(Debug, Clone)]
pub struct Fold {
    /// Temperatures that it was fitted on, degC.
    pub fitted: Vec<f64>,
    /// Temperature that it was tested on, degC.
    pub tested: f64,
    /// The drive cycle with the counters as charge.
    pub run: Run,
    /// The drive cycle with the integral of the samples as charge.
    pub by_samples: Run,
    /// Time constants, efficiency and activation of the fit.
    pub shape: fit::Shape,
}

/// Runs folds over the logs in `folder`; `each` hears of every result as it comes.
///
/// # Errors
/// If a log is absent or cannot be read.
pub fn folds(
    folder: &Path,
    folds: &[(&[f64], &[f64])],
    mut each: impl FnMut(&Fold),
) -> Result<Vec<Fold>, LabError> {
    let mut done = Vec::new();
    for (fitted, tested) in folds {
        let sources: Vec<Source> = fitted
            .iter()
            .map(|celsius| sources_of(folder, *celsius))
            .collect::<Result<Vec<_>, _>>()?
            .concat();
        let cell = fit::fit_files(&sources, &FitOptions::default())?;
        for &celsius in *tested {
            let drive = sources_of(folder, celsius)?.pop().ok_or_else(|| absent(folder))?;
            let options = LogOptions { capacity: Some(cell.cell.capacity), ..LogOptions::default() };
            let log = log::read(&drive, &options)?;
            let run = |charge| {
                let setup = Setup { charge, ..Setup::default() };
                validate::validate(&cell.cell, &log, Reference::Counters, &setup)
            };
            let fold = Fold {
                fitted: fitted.to_vec(),
                tested: celsius,
                run: run(crate::drive::Charge::Counters)?,
                by_samples: run(crate::drive::Charge::Samples)?,
                shape: cell.shape,
            };
            each(&fold);
            done.push(fold);
        }
    }
    Ok(done)
}

/// Discharge sweep, charge sweep and drive cycle of one temperature.
fn sources_of(folder: &Path, celsius: f64) -> Result<Vec<Source>, LabError> {
    let (_, sweep, drive) = LOGS
        .iter()
        .find(|(known, ..)| *known == celsius)
        .ok_or_else(|| LabError::Fit(format!("no logs at {celsius} degC are known")))?;
    let names = [format!("{sweep}_s1.csv"), format!("{sweep}_s3.csv"), (*drive).to_owned()];
    names.iter().map(|name| source(folder, name, celsius)).collect()
}

fn source(folder: &Path, name: &str, celsius: f64) -> Result<Source, LabError> {
    let path: PathBuf = [folder.join(name), folder.join("a123_esc").join(name)]
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| absent(folder))?;
    Ok(Source { path, temperature: Temperature::Constant(celsius), initial: None, kind: None })
}

fn absent(folder: &Path) -> LabError {
    let file = folder.display().to_string();
    LabError::log(
        &file,
        "has no A123 logs (a123_ocv_p25_s1.csv and others); crates/lab/README.md says where they come from",
    )
}
