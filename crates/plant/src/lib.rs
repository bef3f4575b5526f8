//! The physics of a battery tower and of the house around it, so that the controllers can be run, broken and measured.
//!
//! Invariants: deterministic (same seed and same calls, same bytes: `libm` for transcendentals, no clock, no threads);
//! no allocation in [`Tower::step`]; every joule is booked ([`EnergyLedger`]); nothing is shared with the
//! controllers, not even a constant; SI units, current and power positive while charging.
//!
//! Against the shape first agreed: [`Tower::repair`] takes the [`Fault`] itself (its amounts are ignored), and there
//! are three more faults (a relay that does not close, a DC switch that does not open, a wrong cell reading).
//!
//! Start reading at [`Tower::step`], then `bus` (the implicit solution of the high-voltage bus), [`cell`] (what cells
//! do with a current) and [`parameters`] (every number, with its reason).

mod afe;
pub mod ageing;
mod broken;
mod bus;
mod cable;
pub mod cell;
mod drive;
mod fault;
mod flash;
mod heat;
pub mod house;
mod insulation;
mod ledger;
mod life;
mod loss;
mod measure;
mod module;
mod noise;
mod number;
pub mod parameters;
mod reading;
mod state;
mod switch;
mod tower;
mod truth;
mod vector;

pub use drive::{BduDrive, Comparator, ComparatorStatus, ModuleDrive, PcuDrive, Supply};
pub use fault::{BduSensor, Channel, Fault, Mosfet, Spot};
pub use flash::{Flash, FlashDefect, FlashError};
pub use house::{House, HouseFlows, HouseLedger};
pub use ledger::EnergyLedger;
pub use life::Life;
pub use parameters::TowerParameters;
pub use reading::{BduReading, ModuleReading, PcuReading};
pub use state::{ModuleFileError, ModuleState};
pub use tower::{InverterInput, ModuleSetup, Tower, TowerSetup};
pub use truth::{ModuleTruth, TowerTruth};

/// Cells of a module, in series.
pub const CELLS: usize = 16;
/// Cell temperature sensors of a module.
pub const CELL_SENSORS: usize = 4;
/// Modules of a tower at most.
pub const MODULES: usize = 4;

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
