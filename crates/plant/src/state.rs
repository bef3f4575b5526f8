//! A module as a file: its cells with all they have lived through.

use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use crate::CELLS;
use crate::ageing::{CellAge, StressMeter};
use crate::cell::StringState;
use crate::number::within;

/// The cells of a module as they are, so that a run can go on with them: a used module is a file.
///
/// Not in it: sensors (another run draws other errors), charge of the converter, and faults. Written as TOML and read
/// back it is the same to the bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleState {
    /// Name of the cell, as its parameter file has it.
    pub cell: String,
    /// Temperature of the case, degC.
    #[serde(deserialize_with = "celsius")]
    pub case_temperature: f64,
    /// Temperature of the MOSFETs, degC.
    #[serde(deserialize_with = "celsius")]
    pub mosfet_temperature: f64,
    /// Temperature of the converter's heat sink, degC.
    #[serde(deserialize_with = "celsius")]
    pub heat_sink_temperature: f64,
    /// The 16 cells.
    pub cells: StringState,
    /// What their ageing model is in the middle of.
    pub meter: StressMeter,
    /// Their ages, in the order of the cells.
    pub age: [CellAge; CELLS],
}

/// A module file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}: {}{message}", place(.field))]
pub struct ModuleFileError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The field; empty where the text is not TOML.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

fn place(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("{field}: ") }
}

impl ModuleState {
    /// Reads the text of a module file; `name` stands for it in messages.
    ///
    /// # Errors
    /// If a field is missing, unknown, or has a value that no module has.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, ModuleFileError> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let before = text.get(..at).unwrap_or_default();
            let line = text.lines().nth(before.matches('\n').count()).unwrap_or_default();
            let field = line.split_once('=').map_or("", |(key, _)| key.trim());
            ModuleFileError {
                file: name.to_owned(),
                line: before.matches('\n').count() + 1,
                field: field.to_owned(),
                message: error.message().to_owned(),
            }
        })
    }

    /// The text of a module file; reading it gives the same numbers.
    ///
    /// # Panics
    /// Never: all of it is numbers and one text.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("numbers and a text")
    }

    /// Mean state of charge, 0 to 1.
    #[must_use]
    pub fn soc(&self) -> f64 {
        (self.cells.soc.iter().sum::<f64>() / CELLS as f64).clamp(0.0, 1.0)
    }

    /// Capacity of the weakest cell, Ah.
    #[must_use]
    pub fn capacity(&self) -> f64 {
        let left = self.cells.capacity_coulombs.iter().zip(&self.age);
        left.map(|(coulombs, age)| coulombs * age.capacity_factor()).fold(f64::INFINITY, f64::min) / 3600.0
    }
}

fn celsius<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, -100.0, 1000.0)
}
