//! What a cell remembers of its life.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// Below this share of its capacity no model speaks, and the plant must be able to divide by what is left.
const LEAST_CAPACITY: f64 = 0.01;

/// The age of one cell: all state that an ageing model has. The default is a new cell.
///
/// Losses and growths are shares of the new cell's capacity and resistance. They are the whole memory of the state
/// equations, so that a cell can go on under another model from where it stands. Written as TOML and read back it is
/// the same to the bit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellAge {
    /// Age, s, times the acceleration at its time.
    #[serde(deserialize_with = "not_negative")]
    pub seconds: f64,
    /// Equivalent full cycles, likewise.
    #[serde(deserialize_with = "not_negative")]
    pub full_cycles: f64,
    /// Capacity lost with time.
    #[serde(deserialize_with = "share")]
    pub calendar_loss: f64,
    /// Capacity lost with cycles.
    #[serde(deserialize_with = "share")]
    pub cycle_loss: f64,
    /// Capacity lost while breaking in (Sony model only).
    #[serde(deserialize_with = "share")]
    pub break_in_loss: f64,
    /// Growth of the resistance with time.
    #[serde(deserialize_with = "not_negative")]
    pub calendar_growth: f64,
    /// Growth of the resistance with cycles.
    #[serde(deserialize_with = "not_negative")]
    pub cycle_growth: f64,
}

impl CellAge {
    /// All capacity lost, share of the new cell's. Can exceed 1 where the losses add up to more than there is.
    #[must_use]
    pub fn capacity_loss(&self) -> f64 {
        self.calendar_loss + self.cycle_loss + self.break_in_loss
    }

    /// Capacity over that of the new cell, at least 0.01.
    #[must_use]
    pub fn capacity_factor(&self) -> f64 {
        (1.0 - self.capacity_loss()).max(LEAST_CAPACITY)
    }

    /// Growth of the resistance, share of the new cell's.
    #[must_use]
    pub fn resistance_growth(&self) -> f64 {
        self.calendar_growth + self.cycle_growth
    }

    /// Resistance over that of the new cell.
    #[must_use]
    pub fn resistance_factor(&self) -> f64 {
        1.0 + self.resistance_growth()
    }
}

fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(D::Error::custom(format!("{value} must be finite and not negative")))
    }
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom(format!("{value} must be a share between 0 and 1")))
    }
}
