//! What a cell is: the numbers of a parameter file.

use std::path::Path;

use super::bpx;
use super::file::{self, CellFileError};

/// Stop operators of the hysteresis.
pub const HYSTERESES: usize = 3;

/// A cell. Where the numbers come from stands in its file; [`Default`] is the shipped 100 Ah home cell.
#[derive(Debug, Clone, PartialEq)]
pub struct CellParameters {
    /// Name for people.
    pub name: String,
    /// Where the numbers come from, and under which licence.
    pub source: String,
    /// Capacity of a new cell between empty (soc 0) and full (soc 1), Ah.
    pub capacity: f64,
    /// Lowest and highest voltage allowed by the maker, V.
    pub voltage_limits: [f64; 2],
    /// Temperature at which the open-circuit voltage holds, degC.
    pub reference_temperature: f64,
    /// Open-circuit voltage between charge and discharge curve: (soc, V), both rising, from 0 to 1.
    pub ocv: Vec<(f64, f64)>,
    /// Slope of the open-circuit voltage below empty and above full, V per unit of charge.
    pub slopes_outside: [f64; 2],
    /// Temperature dependence of the open-circuit voltage: (soc, V/K).
    pub entropy: Vec<(f64, f64)>,
    /// Resistances and hysteresis over temperature and state of charge.
    pub map: Map,
    /// Time constants of the fast and the slow RC pair, s.
    pub time_constants: [f64; 2],
    /// Share of the capacity that takes each stop operator from rest to its bound.
    pub hysteresis_widths: [f64; HYSTERESES],
    /// Charge that comes out per charge that goes in, without self-discharge.
    pub coulombic_efficiency: f64,
    /// Self-discharge at 3.3 V, share of the capacity a month.
    pub self_discharge_month: f64,
    /// Heat capacity, J/K.
    pub heat_capacity: f64,
    /// How cells of one lot differ.
    pub spread: Spread,
}

/// Resistances and hysteresis over temperature and state of charge. Rows are temperatures, columns states of charge.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    /// degC, rising.
    pub temperatures: Vec<f64>,
    /// Rising, within 0 to 1.
    pub socs: Vec<f64>,
    /// Ohmic resistance, ohm.
    pub r0: Vec<Vec<f64>>,
    /// Resistance of the fast pair, ohm.
    pub r1: Vec<Vec<f64>>,
    /// Resistance of the slow pair, ohm.
    pub r2: Vec<Vec<f64>>,
    /// Half of the gap between charge and discharge that each stop operator makes, V.
    pub half_gaps: [Vec<Vec<f64>>; HYSTERESES],
}

/// One standard deviation of what differs from cell to cell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// Of the capacity, share.
    pub capacity: f64,
    /// Of all three resistances together, share.
    pub resistance: f64,
    /// Of the self-discharge, share.
    pub self_discharge: f64,
    /// Of the state of charge when a module is assembled.
    pub soc: f64,
}

impl CellParameters {
    /// Reads a parameter file: BPX if it ends in `.json`, else TOML.
    ///
    /// # Errors
    /// If it cannot be read, or a field is missing, unknown, or has a value that no cell has; the message names file,
    /// line and field, and what would be right.
    pub fn load(path: &Path) -> Result<Self, CellFileError> {
        file::load(path)
    }

    /// Reads the text of a parameter file; `name` stands for it in messages.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn from_toml(text: &str, name: &str) -> Result<Self, CellFileError> {
        file::from_toml(text, name)
    }

    /// Reads the text of a BPX file (Battery Parameter eXchange 0.x or 1.x); `name` stands for it in messages. BPX has
    /// no circuit resistances, hysteresis, losses of charge or spread: these are the home cell's, the resistances
    /// scaled by the capacities, and `source` of the result says so.
    ///
    /// # Errors
    /// If the text is not BPX, or has what no cell has or cannot be used here, such as blended electrodes; the message
    /// names file, line and field, and what would be right.
    pub fn from_bpx(text: &str, name: &str) -> Result<Self, CellFileError> {
        bpx::from_bpx(text, name)
    }

    /// The text of a parameter file with these numbers; reading it gives the same numbers.
    #[must_use]
    pub fn to_toml(&self) -> String {
        file::to_toml(self)
    }
}

impl Default for CellParameters {
    fn default() -> Self {
        HomeCell::default().parameters()
    }
}

/// The cells that ship for the home battery: files of `data/cells`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HomeCell {
    /// `home-100ah`: resistance, gap and step of a measured large prismatic cell.
    #[default]
    Measured,
    /// `home-100ah-low-resistance`: half of that resistance, as the best published cells.
    LowResistance,
}

impl HomeCell {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::Measured, Self::LowResistance];

    /// Name of its file, without the ending.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "home-100ah",
            Self::LowResistance => "home-100ah-low-resistance",
        }
    }

    /// Its numbers.
    #[must_use]
    pub fn parameters(self) -> CellParameters {
        let text = match self {
            Self::Measured => include_str!("../../../../data/cells/home-100ah.toml"),
            Self::LowResistance => include_str!("../../../../data/cells/home-100ah-low-resistance.toml"),
        };
        CellParameters::from_toml(text, self.name()).expect("the shipped cells are valid")
    }
}
