//! Measured logs: what is in them, in SI units and with charging positive.

mod columns;
mod read;
mod units;

use std::path::PathBuf;

pub use columns::{Columns, Field};
pub use read::read;

/// Which way a current column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrentSign {
    /// Positive while charging.
    ChargePositive,
    /// Positive while discharging.
    DischargePositive,
}

/// What is known about the columns of a log; the rest is found out, and said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogOptions {
    /// Column names by what they hold.
    pub columns: Columns,
    /// Sign of the current.
    pub current_sign: Option<CurrentSign>,
    /// Capacity of the cell, Ah, as a scale for units.
    pub capacity: Option<f64>,
}

/// The temperature of the cell during a log.
#[derive(Debug, Clone, PartialEq)]
pub enum Temperature {
    /// The same all the time, degC.
    Constant(f64),
    /// A column of the log.
    Column(String),
}

/// What a log shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One slow current from full to empty or back.
    Sweep,
    /// Pulses, a drive cycle, a day: currents that change.
    Drive,
    /// A table of the open-circuit voltage over the state of charge.
    Table,
}

impl core::fmt::Display for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Sweep => "slow sweep",
            Self::Drive => "changing current",
            Self::Table => "open-circuit table",
        })
    }
}

/// A log to fit: file, temperature, and what a person said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Temperature of the cell.
    pub temperature: Temperature,
    /// State of charge at the first sample; found out if not said.
    pub initial: Option<f64>,
    /// Kind; found out if not said.
    pub kind: Option<Kind>,
}

/// A measured log.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// Its file name.
    pub name: String,
    /// What it shows.
    pub kind: Kind,
    /// Time of each sample, s.
    pub time: Vec<f64>,
    /// Current, A, positive while charging.
    pub current: Vec<f64>,
    /// Voltage, V.
    pub voltage: Vec<f64>,
    /// Temperature, degC.
    pub temperature: Vec<f64>,
    /// Net charge by the tester's counters since the first sample, Ah, positive while charging.
    pub counted: Option<Vec<f64>>,
    /// State of charge by the lab's reference.
    pub reference: Option<Vec<f64>>,
    /// State of charge at the first sample.
    pub initial: Option<f64>,
    /// Between two samples, the share of the time in which the current was still that of the first one. Used where no
    /// counters tell it.
    pub share_before: f64,
    /// Rows of an open-circuit table; the columns above are then empty.
    pub table: Vec<TableRow>,
    /// What was found out rather than said.
    pub notes: Vec<String>,
}

/// A row of an open-circuit table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableRow {
    /// State of charge.
    pub soc: f64,
    /// V while charging slowly.
    pub charge: f64,
    /// V while discharging slowly.
    pub discharge: f64,
}

/// The current switches anywhere between two samples.
pub const HALF_WAY: f64 = 0.5;

impl Log {
    /// Net charge since the first sample, Ah, positive while charging: by the counters, else the integral of the
    /// current.
    #[must_use]
    pub fn net_charge(&self) -> Vec<f64> {
        self.counted.clone().unwrap_or_else(|| self.integral())
    }

    /// Integral of the sampled current since the first sample, Ah.
    #[must_use]
    pub fn integral(&self) -> Vec<f64> {
        let mut sum = 0.0;
        (0..self.time.len())
            .map(|k| {
                if k > 0 {
                    let share = self.share_before;
                    let mean = share * self.current[k - 1] + (1.0 - share) * self.current[k];
                    sum += mean * (self.time[k] - self.time[k - 1]) / 3600.0;
                }
                sum
            })
            .collect()
    }

    /// Mean temperature, degC.
    #[must_use]
    pub fn mean_temperature(&self) -> f64 {
        self.temperature.iter().sum::<f64>() / self.temperature.len().max(1) as f64
    }

    /// Largest |current|, A.
    pub(crate) fn largest_current(&self) -> f64 {
        self.current.iter().fold(0.0, |most: f64, current| most.max(current.abs()))
    }
}
