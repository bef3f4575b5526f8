//! Cells: what they are (a parameter file), and what they do with a current.
//!
//! One model in two forms. [`reference::Cell`] is the readable one: one cell, one branch after the other.
//! [`CellString`] is the fast one: 16 cells in series as a structure of arrays, the same arithmetic for all of them at
//! once. A test holds the second against the first.
//!
//! The terminal voltage is `OCV(soc) + dU/dT (T - T_ref) + sum of half gaps x hysteresis + R1 i1 + R2 i2 + R0 i`. The
//! hysteresis has memory: three *stop operators* (Prandtl and Ishlinskii), each an elastic and plastic element over
//! charge, so that minor loops close and a larger loop wipes out what happened inside it. Every part is integrated
//! exactly over a step in which the current is constant, so that a step may have any length.

mod bpx;
mod chemistry;
mod curve;
mod decay;
mod expression;
mod file;
mod parameters;
pub mod reference;
mod string;

pub use chemistry::Chemistry;
pub use decay::Decay;
pub use file::CellFileError;
pub use parameters::{CellParameters, HYSTERESES, HomeCell, Map, Spread};
pub use string::{CellCharge, CellEnergy, CellSetup, CellString, StringState, Thevenin};

/// 0 degC, K.
const KELVIN: f64 = 273.15;
/// A mean month (365.25 / 12 days), s.
const SECONDS_A_MONTH: f64 = 730.5 * 3600.0;
/// Self-discharge is a resistor across the cell; its share a month holds at this voltage, V: the LFP plateau.
const SELF_DISCHARGE_VOLTAGE: f64 = 3.3;
/// Over a shorter way, a share of the capacity, the mean open-circuit voltage is that of its ends: the difference of
/// the integral would be rounding.
const SHORT_WAY: f64 = 1e-6;
/// Over a shorter way the hysteresis stands still.
const STANDSTILL: f64 = 1e-12;
