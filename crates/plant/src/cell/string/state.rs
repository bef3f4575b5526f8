//! The state of a string as numbers for a file, and back.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Books, CellString, HYSTERESES, Row, ZEROS};
use crate::CELLS;
use crate::cell::Chemistry;
use crate::number::row_within;

/// State of 16 cells in series, and what was drawn of each: a row each, from the negative end of the string.
///
/// Capacity and resistance are those of the cells as they were new; how they aged stands beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StringState {
    /// State of charge, of the capacity that is left.
    #[serde(deserialize_with = "soc")]
    pub soc: [f64; CELLS],
    /// degC.
    #[serde(deserialize_with = "celsius")]
    pub temperature: [f64; CELLS],
    /// Capacity when new, C.
    #[serde(deserialize_with = "capacity")]
    pub capacity_coulombs: [f64; CELLS],
    /// Resistance when new, over that of the parameter file.
    #[serde(deserialize_with = "resistance")]
    pub resistance: [f64; CELLS],
    /// Self-discharge, S.
    #[serde(deserialize_with = "leak")]
    pub self_discharge_siemens: [f64; CELLS],
    /// State of each stop operator of the hysteresis, -1 to 1.
    #[serde(deserialize_with = "hysteresis")]
    pub hysteresis: [[f64; CELLS]; HYSTERESES],
    /// Current of the fast and of the slow RC pair, A.
    #[serde(deserialize_with = "currents")]
    pub pair_currents: [[f64; CELLS]; 2],
}

impl CellString {
    /// What a file needs, with the capacities (C) that the cells had when new.
    pub(crate) fn state(&self, capacity: &Row) -> StringState {
        StringState {
            soc: self.soc,
            temperature: self.temperature,
            capacity_coulombs: *capacity,
            resistance: self.resistance_spread,
            self_discharge_siemens: self.self_discharge,
            hysteresis: self.hysteresis,
            pair_currents: self.currents,
        }
    }

    /// Goes on from a state, with what age has left of each capacity and made of each resistance. Nothing crosses the
    /// terminals: what the cells bring along is where the books begin.
    pub(crate) fn restore(&mut self, chemistry: &Chemistry, state: &StringState, left: &Row, growth: &Row) {
        (self.hysteresis, self.currents) = ([ZEROS; HYSTERESES], [ZEROS; 2]);
        self.soc = state.soc;
        self.temperature = state.temperature;
        self.capacity = core::array::from_fn(|cell| state.capacity_coulombs[cell] * left[cell]);
        self.per_capacity = self.capacity.map(|coulombs| 1.0 / coulombs);
        self.resistance_spread = state.resistance;
        self.resistance_growth = *growth;
        self.self_discharge = state.self_discharge_siemens;
        let point = self.soc.map(|soc| chemistry.ocv.at(soc));
        self.ocv = point.map(|p| p.volts);
        self.ocv_energy = point.map(|p| p.energy);
        self.ocv_slope = point.map(|p| p.slope);
        self.refresh(chemistry);
        (self.hysteresis, self.currents) = (state.hysteresis, state.pair_currents);
        self.rest();
        self.since.reset(&self.soc);
        let stored = self.stored();
        self.books = Books {
            chemical_origin: stored.chemical,
            hysteresis_origin: stored.hysteresis_stored,
            polarisation_origin: stored.polarisation_stored,
            ..Books::default()
        };
    }

    /// Resistance of each cell over that when it was new; [`Self::refresh`] makes the parameters follow.
    pub(crate) fn set_resistance_growth(&mut self, growth: &Row) {
        self.resistance_growth = *growth;
    }

    /// Cells that had this times the resistance when they were new; [`Self::refresh`] makes the parameters follow.
    pub(crate) fn scale_resistance(&mut self, factor: f64) {
        self.resistance_spread.iter_mut().for_each(|resistance| *resistance *= factor);
    }

    /// No current flows: voltages are what the states hold.
    fn rest(&mut self) {
        for cell in 0..CELLS {
            let held: f64 = (0..HYSTERESES).map(|k| self.gaps[k][cell] * self.hysteresis[k][cell]).sum();
            let pairs: f64 = (0..2).map(|k| self.r[k][cell] * self.currents[k][cell]).sum();
            self.voltage[cell] = self.ocv[cell] + self.entropic[cell] + held + pairs;
        }
        self.leak = ZEROS;
        self.leak_anew();
        self.add_up();
    }
}

fn soc<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Row, D::Error> {
    row_within(deserializer, -0.5, 1.5)
}

fn celsius<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Row, D::Error> {
    row_within(deserializer, -100.0, 1000.0)
}

fn capacity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Row, D::Error> {
    row_within(deserializer, 1.0, 1e8)
}

fn resistance<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Row, D::Error> {
    row_within(deserializer, 0.01, 100.0)
}

fn leak<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Row, D::Error> {
    row_within(deserializer, 0.0, 1.0)
}

fn hysteresis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[Row; HYSTERESES], D::Error> {
    crate::number::rows_within(deserializer, -1.0, 1.0)
}

fn currents<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[Row; 2], D::Error> {
    crate::number::rows_within(deserializer, -1e5, 1e5)
}
