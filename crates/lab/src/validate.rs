//! A parameter file against a measured log: the plant's reference cell, open loop from a known start.

use voltower_plant::cell::reference::Cell;
use voltower_plant::cell::{CellParameters, Chemistry, Decay, HYSTERESES};

use crate::LabError;
use crate::drive::{self, Charge};
use crate::log::{Kind, Log};

/// How the cell came to its state at the first sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum History {
    /// By charging.
    Charged,
    /// By discharging.
    Discharged,
    /// As the voltage of the first sample says, if it is a rest.
    #[default]
    Auto,
}

/// Where the reference state of charge comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The log's reference column.
    Column,
    /// The tester's counters and the cell's capacity.
    Counters,
}

/// How to run a validation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Setup {
    /// State of charge at the first sample; the log's own if not given.
    pub initial: Option<f64>,
    /// History before the first sample.
    pub history: History,
    /// What tells the charge between samples.
    pub charge: Charge,
}

/// Errors of a part of a log.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Errors {
    /// Samples.
    pub samples: usize,
    /// Root of the mean square, V.
    pub rmse: f64,
    /// Mean of model less measured, V.
    pub bias: f64,
    /// Largest, V.
    pub largest: f64,
}

/// A validation.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The log's name.
    pub name: String,
    /// Model voltage at each sample, V.
    pub voltage: Vec<f64>,
    /// The model's state of charge.
    pub soc: Vec<f64>,
    /// The reference state of charge.
    pub reference: Vec<f64>,
    /// Over the whole log.
    pub whole: Errors,
    /// Between 5 and 95 % of the reference.
    pub middle: Errors,
    /// What was found out rather than said.
    pub notes: Vec<String>,
}

/// Runs the cell along the log.
///
/// # Errors
/// If the start is not known, or the reference is not in the log.
pub fn validate(
    cell: &CellParameters,
    log: &Log,
    reference: Reference,
    setup: &Setup,
) -> Result<Run, LabError> {
    if log.kind == Kind::Table {
        return Err(LabError::log(&log.name, "is a table, not a log: there is nothing to run"));
    }
    let initial = setup.initial.or(log.initial).ok_or_else(|| {
        LabError::log(&log.name, "the state of charge at its start is not known; say it with --initial 0..1")
    })?;
    let reference = match reference {
        Reference::Column => log.reference.clone().ok_or_else(|| {
            LabError::log(&log.name, "has no reference column; name one, or say --reference ah-counters")
        })?,
        Reference::Counters if log.counted.is_none() => {
            return Err(LabError::log(
                &log.name,
                "has no charge counters; name a column with --reference COLUMN",
            ));
        }
        Reference::Counters => {
            log.net_charge().iter().map(|charge| initial + charge / cell.capacity).collect()
        }
    };
    let mut notes = Vec::new();
    let chemistry = Chemistry::new(cell);
    let history = history(&chemistry, log, initial, setup.history, &mut notes);
    let (voltage, soc) = run(&chemistry, log, initial, history, setup.charge);
    let all = || voltage.iter().zip(&log.voltage).map(|(model, measured)| model - measured);
    let whole = errors(all());
    let middle =
        errors(all().zip(&reference).filter(|(_, soc)| (0.05..=0.95).contains(*soc)).map(|(error, _)| error));
    Ok(Run { name: log.name.clone(), voltage, soc, reference, whole, middle, notes })
}

/// Model voltage and state of charge at each sample.
#[must_use]
pub fn run(
    chemistry: &Chemistry,
    log: &Log,
    initial: f64,
    history: f64,
    charge: Charge,
) -> (Vec<f64>, Vec<f64>) {
    let loss = 1.0 - chemistry.parameters.coulombic_efficiency;
    let mut cell = Cell::new(chemistry, initial, log.temperature[0]);
    cell.hysteresis = [history; HYSTERESES];
    let mut decays = [Decay::default(); 2];
    let mut socs = Vec::with_capacity(log.time.len());
    let mut voltages = Vec::with_capacity(log.time.len());
    for (pieces, celsius) in drive::pieces(log, charge).iter().zip(&log.temperature) {
        cell.temperature = *celsius;
        for (decay, piece) in decays.iter_mut().zip(pieces) {
            if piece.seconds > 0.0 {
                cell.refresh(chemistry);
                decay.refresh(piece.seconds, &chemistry.parameters);
                cell.step(chemistry, decay, piece.current);
            }
        }
        cell.refresh(chemistry);
        let current = if voltages.is_empty() { log.current[0] } else { pieces[1].current };
        voltages.push(cell.voltage_at(chemistry, current - loss * current.max(0.0)));
        socs.push(cell.soc);
    }
    (voltages, socs)
}

/// Hysteresis at the start, from discharged (-1) to charged (1).
pub(crate) fn history(
    chemistry: &Chemistry,
    log: &Log,
    initial: f64,
    history: History,
    notes: &mut Vec<String>,
) -> f64 {
    match history {
        History::Charged => 1.0,
        History::Discharged => -1.0,
        History::Auto if initial >= 0.99 => 1.0,
        History::Auto if initial <= 0.01 => -1.0,
        History::Auto => {
            let mut cell = Cell::new(chemistry, initial, log.temperature[0]);
            let resistance = cell.voltage_at(chemistry, 1.0) - cell.voltage_at(chemistry, 0.0);
            let between = cell.resting_voltage(chemistry);
            cell.hysteresis = [1.0; HYSTERESES];
            let half_gap = cell.resting_voltage(chemistry) - between;
            let rest = log.voltage[0] - resistance * log.current[0];
            let history = ((rest - between) / half_gap.max(1e-4)).clamp(-1.0, 1.0);
            notes.push(format!(
                "the first sample without its ohmic drop, {rest:.4} V, lies {:+.0} % of the way from the middle \
                 ({between:.4} V) to the charge curve ({:.4} V): the hysteresis starts there",
                history * 100.0,
                between + half_gap
            ));
            history
        }
    }
}

fn errors(values: impl Iterator<Item = f64>) -> Errors {
    let mut found = Errors::default();
    for error in values {
        found.samples += 1;
        found.rmse += error * error;
        found.bias += error;
        found.largest = found.largest.max(error.abs());
    }
    let samples = found.samples.max(1) as f64;
    Errors { rmse: (found.rmse / samples).sqrt(), bias: found.bias / samples, ..found }
}
