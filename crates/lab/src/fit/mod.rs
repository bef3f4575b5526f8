//! From logs to a parameter file.
//!
//! With time constants, hysteresis widths, efficiency and activation temperatures given, the model's voltage is linear
//! in everything else: the open-circuit voltage at its knots, dU/dT, and at each state of charge the resistances and
//! half gaps, each as a part that stays and a part that follows Arrhenius. So the tables are one least-squares problem
//! with bounds, solved exactly; a search over the few others wraps it. Over the temperature this has two numbers a
//! node, whatever number of temperatures was measured: that, and preferring smooth curves, is what makes it hold at
//! temperatures that were not.

mod model;
mod regular;
mod search;
mod solve;
mod tables;

use std::path::Path;

use voltower_plant::cell::{CellParameters, Chemistry, Spread};

pub use model::Shape;
pub use tables::{activation, means};

use crate::LabError;
use crate::drive::{self, Charge};
use crate::log::{self, Kind, Log, LogOptions, Source};
use crate::validate::{self, Reference, Run, Setup};
use model::{Law, Layout, Prior, Track};
use search::{Free, Problem};

/// Logs within this many kelvin of each other are at one temperature: a cell warms as much by itself.
const ONE_TEMPERATURE: f64 = 5.0;
/// Weight of a slow sweep or a table against a log with changing current, which is what a cell does in use.
const SLOW_WEIGHT: f64 = 0.1;
/// Temperatures from which on the activation is searched for. Three tell it badly: fitted to 5, 25 and 45 degC, that of
/// the half gap ran to its limit, and -5 degC was missed by 36 mV instead of 12.
const TELLING: usize = 4;
/// Where the search begins; the widths stay. Time constants and widths spread over what 1 s samples of hours can tell,
/// the widths chosen by cross-validation over factors of two; activation: charge transfer in LFP cells, 40 to 50
/// kJ/mol; efficiency: a loss of 1 %, from which the search finds it in either direction.
const START: Shape = Shape {
    time_constants: [12.0, 250.0],
    widths: [0.01, 0.05, 0.15],
    efficiency: 0.99,
    activation: [5500.0, 4500.0],
};
/// Rounds of the search at most.
const ROUNDS: u64 = 60;

/// How to fit.
#[derive(Debug, Clone, Default)]
pub struct FitOptions {
    /// What is known about the columns.
    pub log: LogOptions,
    /// A cell that gives what the logs do not tell.
    pub prior: Option<CellParameters>,
    /// Name of the new cell.
    pub name: Option<String>,
    /// What tells the charge between samples.
    pub charge: Charge,
    /// Coulombic efficiency; searched for if the logs can tell it and it is not given.
    pub efficiency: Option<f64>,
    /// How much more (above 1) smooth tables are preferred than usual: for short logs. 0 is as usual, too.
    pub smoothness: f64,
}

/// A fitted cell.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// Its parameters.
    pub cell: CellParameters,
    /// What the voltage is not linear in.
    pub shape: Shape,
    /// The logs.
    pub logs: Vec<Log>,
    /// The finished cell along each log that has a known start, run by the plant.
    pub runs: Vec<Run>,
    /// What was found out rather than said.
    pub notes: Vec<String>,
}

/// Reads logs and fits a cell to them.
///
/// # Errors
/// As [`log::read`], and if capacity or starts are not known.
pub fn fit_files(sources: &[Source], options: &FitOptions) -> Result<Fitted, LabError> {
    let read = |options: &LogOptions| -> Result<Vec<Log>, LabError> {
        sources.iter().map(|source| log::read(source, options)).collect()
    };
    let mut log_options = options.log.clone();
    let mut logs = read(&log_options)?;
    if log_options.capacity.is_none() {
        // The capacity is a scale for units and kinds: with it, logs are read again.
        log_options.capacity = capacity(&logs, options).ok().map(|(capacity, _)| capacity);
        logs = read(&log_options)?;
    }
    fit(logs, options)
}

/// Fits a cell to logs.
///
/// # Errors
/// If capacity or starts are not known.
pub fn fit(logs: Vec<Log>, options: &FitOptions) -> Result<Fitted, LabError> {
    let mut notes = Vec::new();
    let (capacity, why) = capacity(&logs, options)?;
    // A microampere-hour: digits beyond would only look exact.
    let capacity = (capacity * 1e6).round() / 1e6;
    notes.push(why);
    let layout = layout(&logs, options.prior.as_ref(), &mut notes);
    let tracks = tracks(&logs, options)?;
    let mut free = Free {
        efficiency: sees_efficiency(&logs, capacity),
        activation: temperatures(&logs).len() >= TELLING,
    };
    let mut start = START;
    if let Some(given) = options.efficiency {
        (free.efficiency, start.efficiency) = (false, given);
    } else if !free.efficiency {
        start.efficiency = 1.0;
        notes.push(
            "coulombic efficiency 1: no log passes charge back and forth between full and empty".to_owned(),
        );
    }
    if !free.activation && matches!(layout.law, Law::Arrhenius) {
        notes.push(format!(
            "fewer than {TELLING} temperatures do not tell how steeply resistance and hysteresis rise in the cold: \
             activation {} K and {} K assumed",
            start.activation[0], start.activation[1]
        ));
    }
    let problem =
        Problem { tracks: &tracks, layout: &layout, capacity, smoothness: options.smoothness.max(1.0) };
    let (shape, solution) =
        search::search(&problem, start, free, ROUNDS).map_err(|error| LabError::Fit(error.to_string()))?;
    let mut cell = blank(options, capacity, &logs);
    tables::write(&mut cell, &layout, &shape, &solution.x);
    // Through the file's text, so that what is reported is what the file does.
    let cell = CellParameters::from_toml(&cell.to_toml(), "the fitted cell")?;
    let runs = runs(&cell, &logs, options.charge);
    Ok(Fitted { cell, shape, logs, runs, notes })
}

fn runs(cell: &CellParameters, logs: &[Log], charge: Charge) -> Vec<Run> {
    let run = |log: &Log| {
        let reference = if log.reference.is_some() { Reference::Column } else { Reference::Counters };
        let mut log = log.clone();
        if log.counted.is_none() && log.reference.is_none() {
            log.counted = Some(log.integral());
        }
        validate::validate(cell, &log, reference, &Setup { charge, ..Setup::default() }).ok()
    };
    logs.iter().filter_map(run).collect()
}

/// What logs do not tell: from the prior, else as usual for LFP.
fn blank(options: &FitOptions, capacity: f64, logs: &[Log]) -> CellParameters {
    let names: Vec<&str> = logs.iter().map(|log| file_name(&log.name)).collect();
    let source = format!("Fitted with `voltower cell fit` to {}.", names.join(", "));
    let name = options.name.clone().unwrap_or_else(|| "fitted cell".to_owned());
    let mut cell = options.prior.clone().unwrap_or_else(|| CellParameters {
        spread: Spread::default(),
        heat_capacity: 2100.0 * capacity / 100.0,
        voltage_limits: [2.0, 3.65],
        self_discharge_month: 0.003,
        ..CellParameters::default()
    });
    if let Some(prior) = &options.prior {
        // Cells of one chemistry: heat capacity goes with mass, and mass with capacity.
        cell.heat_capacity *= capacity / prior.capacity;
    }
    (cell.name, cell.source, cell.capacity) = (name, source, capacity);
    cell
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

/// Distinct temperatures, degC, coldest first.
fn temperatures(logs: &[Log]) -> Vec<f64> {
    let mut all: Vec<f64> = logs.iter().map(Log::mean_temperature).collect();
    all.sort_by(f64::total_cmp);
    all.dedup_by(|next, kept| *next - *kept < ONE_TEMPERATURE);
    all
}

fn layout(logs: &[Log], prior: Option<&CellParameters>, notes: &mut Vec<String>) -> Layout {
    let found = temperatures(logs);
    if found.len() > 1 {
        if prior.is_some() {
            notes.push(
                "several temperatures: what depends on them comes from the logs, the rest from the prior"
                    .to_owned(),
            );
        }
        return Layout { law: Law::Arrhenius, reference: 25.0 };
    }
    let (cell, whose) = match prior {
        Some(prior) => (prior.clone(), format!("the prior, {}", prior.name)),
        None => (shipped(), format!("the shipped {}, for want of a --prior", shipped().name)),
    };
    let mean = logs.iter().map(Log::mean_temperature).sum::<f64>() / logs.len().max(1) as f64;
    notes.push(format!(
        "all logs are at {mean:.0} degC: how resistances, hysteresis and open-circuit voltage change with the \
         temperature comes from {whose}"
    ));
    let prior = Prior { chemistry: Chemistry::new(&cell), temperature: mean };
    Layout { law: Law::Like(Box::new(prior)), reference: mean }
}

/// The shipped small cell with the best known temperature dependence.
fn shipped() -> CellParameters {
    CellParameters::from_toml(include_str!("../../../../data/cells/a123-2.5ah.toml"), "a123-2.5ah.toml")
        .expect("the shipped cell is valid")
}

/// By option, by full sweeps nearest 25 degC, by reference columns, by the prior: in this order.
fn capacity(logs: &[Log], options: &FitOptions) -> Result<(f64, String), LabError> {
    if let Some(capacity) = options.log.capacity {
        return Ok((capacity, format!("capacity {capacity} Ah as given")));
    }
    let swept = |log: &Log| log.net_charge().last().copied().unwrap_or(0.0);
    let sweeps = logs.iter().filter(|log| log.kind == Kind::Sweep && ends_full_and_empty(log));
    let far = |log: &Log| (log.mean_temperature() - 25.0).abs();
    let nearest = sweeps.min_by(|a, b| far(a).total_cmp(&far(b)).then(swept(a).total_cmp(&swept(b))));
    if let Some(log) = nearest {
        let capacity = swept(log).abs();
        let words = format!(
            "capacity {capacity:.4} Ah: the charge of {} at {:.0} degC",
            file_name(&log.name),
            log.mean_temperature()
        );
        return Ok((capacity, words));
    }
    let by_reference = logs.iter().find_map(|log| {
        let (soc, charge) = (log.reference.as_ref()?, log.integral());
        slope(soc, &charge).filter(|capacity| *capacity > 0.0).map(|capacity| (capacity, log))
    });
    if let Some((capacity, log)) = by_reference {
        let words =
            format!("capacity {capacity:.4} Ah: charge against the reference of {}", file_name(&log.name));
        return Ok((capacity, words));
    }
    match &options.prior {
        Some(prior) => Ok((prior.capacity, format!("capacity {} Ah from the prior", prior.capacity))),
        None => Err(LabError::Fit(
            "no log tells the capacity (a slow sweep from full to empty, or a reference column); give --capacity AH"
                .to_owned(),
        )),
    }
}

fn ends_full_and_empty(log: &Log) -> bool {
    let (low, high) =
        log.voltage.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    low < 2.6 && high > 3.5
}

/// Least-squares slope of y over x.
fn slope(x: &[f64], y: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (mx, my) = (mean(x), mean(y));
    let (product, square) = x.iter().zip(y).fold((0.0, 0.0), |(product, square), (x, y)| {
        (product + (x - mx) * (y - my), square + (x - mx).powi(2))
    });
    (square > 1e-9).then_some(product / square)
}

/// A loss per charge shows only where the same log passes much charge both ways, and others tell where empty and full
/// are.
fn sees_efficiency(logs: &[Log], capacity: f64) -> bool {
    let anchored = logs.iter().any(|log| log.kind != Kind::Drive);
    let passes = |log: &&Log| {
        let charge = log.net_charge();
        let span = charge.iter().fold((0.0, 0.0), |(low, high): (f64, f64), q| (low.min(*q), high.max(*q)));
        let put_in: f64 = charge.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).sum();
        log.kind == Kind::Drive && span.1 - span.0 > 0.8 * capacity && put_in > 0.3 * capacity
    };
    anchored && logs.iter().any(|log| passes(&log))
}

fn tracks(logs: &[Log], options: &FitOptions) -> Result<Vec<Track>, LabError> {
    let track = |log: &Log| {
        let weight = if log.kind == Kind::Drive { 1.0 } else { SLOW_WEIGHT };
        let initial = match (log.kind, log.initial) {
            (Kind::Table, _) => 0.0,
            (_, Some(initial)) => initial,
            (_, None) => {
                return Err(LabError::log(
                    &log.name,
                    "the state of charge at its start is not known; say it as FILE@TEMPERATURE@SOC",
                ));
            }
        };
        Ok(Track {
            pieces: drive::pieces(log, options.charge),
            voltage: log.voltage.clone(),
            temperature: log.temperature.clone(),
            initial,
            history: first_guess(log, logs, initial),
            weight,
            table: log.table.clone(),
        })
    };
    logs.iter().map(track).collect()
}

/// Hysteresis at the start before anything is fitted: by a table if there is one, else by the end that it starts from.
fn first_guess(log: &Log, logs: &[Log], initial: f64) -> f64 {
    let table = logs.iter().find(|log| log.kind == Kind::Table);
    if initial >= 0.99 || log.voltage.is_empty() {
        return 1.0;
    }
    if initial <= 0.01 {
        return -1.0;
    }
    let row = table.and_then(|log| {
        log.table.iter().min_by(|a, b| (a.soc - initial).abs().total_cmp(&(b.soc - initial).abs()))
    });
    row.map_or(0.0, |row| {
        let (middle, half) = (0.5 * (row.charge + row.discharge), 0.5 * (row.charge - row.discharge));
        ((log.voltage[0] - middle) / half.max(1e-4)).clamp(-1.0, 1.0)
    })
}
