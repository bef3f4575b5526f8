//! What is broken in a module, beside what is a state of its cells.

use crate::fault::{Fault, Mosfet};
use crate::{CELL_SENSORS, CELLS};

/// What is broken and is not a state of something else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Broken {
    pub(crate) heater: [f64; CELLS],
    pub(crate) heater_spread: f64,
    pub(crate) wire_open: [bool; CELLS],
    pub(crate) cell_offset: [f64; CELLS],
    pub(crate) ntc_open: [bool; CELL_SENSORS],
    pub(crate) ntc_short: [bool; CELL_SENSORS],
    pub(crate) ntc_offset: [f64; CELL_SENSORS],
    pub(crate) afe_silent: bool,
    pub(crate) afe_frozen: bool,
    pub(crate) shunt_offset: f64,
    pub(crate) runaway: Option<f64>,
    pub(crate) dead: bool,
    pub(crate) efficiency_loss: f64,
    pub(crate) relay_welded: bool,
    pub(crate) relay_stuck_open: bool,
    pub(crate) charge_welded: bool,
    pub(crate) discharge_welded: bool,
    pub(crate) terminal_resistance: f64,
    pub(crate) reversed: bool,
    pub(crate) blocked_cooling: bool,
    pub(crate) unplugged: bool,
}

impl Broken {
    /// Breaks or repairs; faults of cells and of the bus are not kept here.
    pub(crate) fn set(&mut self, fault: &Fault, broken: bool) {
        let amount = |value: f64| if broken { value } else { 0.0 };
        match *fault {
            Fault::Heater { cell: Some(cell), watts, .. } => put(&mut self.heater, cell, amount(watts)),
            Fault::Heater { cell: None, watts, .. } => self.heater_spread = amount(watts),
            Fault::CellWireOpen { cell, .. } => put(&mut self.wire_open, cell, broken),
            Fault::CellVoltageOffset { cell, volts, .. } => put(&mut self.cell_offset, cell, amount(volts)),
            Fault::NtcOpen { sensor, .. } => put(&mut self.ntc_open, sensor, broken),
            Fault::NtcShort { sensor, .. } => put(&mut self.ntc_short, sensor, broken),
            Fault::SensorOffset { sensor, kelvin, .. } => put(&mut self.ntc_offset, sensor, amount(kelvin)),
            Fault::AfeSilent { .. } => self.afe_silent = broken,
            Fault::AfeFrozen { .. } => self.afe_frozen = broken,
            Fault::ShuntOffset { amps, .. } => self.shunt_offset = amount(amps),
            Fault::PcuRunaway { watts, .. } => self.runaway = broken.then_some(watts),
            Fault::PcuDead { .. } => self.dead = broken,
            Fault::PcuEfficiencyLoss { share, .. } => self.efficiency_loss = amount(share),
            Fault::RelayWelded { .. } => self.relay_welded = broken,
            Fault::RelayStuckOpen { .. } => self.relay_stuck_open = broken,
            Fault::MosfetWelded { mosfet: Mosfet::Charge, .. } => self.charge_welded = broken,
            Fault::MosfetWelded { mosfet: Mosfet::Discharge, .. } => self.discharge_welded = broken,
            Fault::TerminalResistance { ohms, .. } => self.terminal_resistance = amount(ohms.max(0.0)),
            Fault::TerminalReversed { .. } => self.reversed = broken,
            Fault::BlockedCooling { .. } => self.blocked_cooling = broken,
            Fault::Unplugged { .. } => self.unplugged = broken,
            Fault::InternalShort { .. }
            | Fault::WeakCell { .. }
            | Fault::LostContact { .. }
            | Fault::FuseBlown
            | Fault::BusShort { .. }
            | Fault::DcSwitchAux
            | Fault::DcSwitchWelded => {}
        }
    }
}

/// Sets a place of a row; places that do not exist are ignored.
fn put<T>(row: &mut [T], place: usize, value: T) {
    if let Some(slot) = row.get_mut(place) {
        *slot = value;
    }
}
