//! The module's process data.

use voltower_core::{ConditionSet, MilliVolts, ModuleState};
use voltower_protocols::Frame;
use voltower_protocols::link::dictionary::{REASON_PLACES, SLOW_PDOS};
use voltower_protocols::link::{
    CellGroup, ModuleCapacity, ModuleCells, ModuleHardware, ModuleLimits, ModuleNode, ModulePower,
    ModuleReason, ModuleStatus, ModuleTemperatures, Way,
};

use super::ModuleController;
use crate::io::{CELLS, Frames};
use crate::link::Due;

impl ModuleController {
    /// Sends what is due, if it has an address.
    pub(super) fn report(&mut self, due: Due, frames: &mut Frames) {
        let Some(node) = self.membership.node() else { return };
        if due.fast {
            self.sequence = self.sequence.wrapping_add(1);
            self.told = self.news();
            send(frames, self.status().to_frame(node));
            send(frames, self.power().to_frame(node));
            send(frames, self.published_limits().to_frame(node));
        }
        for place in (0..SLOW_PDOS as u8).filter(|place| due.has_slow(*place)) {
            send(frames, self.slow_frame(place, node));
        }
        if due.has_slow(REASON_PLACES[0]) || due.has_slow(REASON_PLACES[1]) {
            self.reasons_told = self.limits.bindings();
        }
    }

    /// What the distribution unit must hear of at once.
    pub(super) const fn news(&self) -> (ModuleState, ConditionSet) {
        (self.mode.state(), self.protection.verdict().conditions)
    }

    /// The slow process data at `place`, in the order of the dictionary.
    fn slow_frame(&self, place: u8, node: ModuleNode) -> Frame {
        let cells = |group| {
            let cells = four(&self.readings.cells(), group);
            ModuleCells { group, cells }.to_frame(node)
        };
        match place {
            0 => cells(CellGroup::First),
            1 => cells(CellGroup::Second),
            2 => cells(CellGroup::Third),
            3 => cells(CellGroup::Fourth),
            4 => ModuleTemperatures { cells: self.readings.temperatures() }.to_frame(node),
            5 => self.hardware().to_frame(node),
            6 => self.capacity().to_frame(node),
            7 => ModuleReason { way: Way::Charge, reason: self.limits.charge.reason }.to_frame(node),
            8 => ModuleReason { way: Way::Discharge, reason: self.limits.discharge.reason }.to_frame(node),
            _ => self.estimate().to_frame(node),
        }
    }

    pub(super) fn status(&self) -> ModuleStatus {
        ModuleStatus {
            state: self.mode.state(),
            pcu: self.converter.state(),
            soc: self.counter.shown_soc(),
            conditions: self.protection.verdict().conditions,
            sequence: self.sequence,
        }
    }

    pub(super) fn power(&self) -> ModulePower {
        ModulePower {
            pack_voltage: self.electrics.pack_voltage,
            pack_current: self.electrics.pack_current,
            terminal_voltage: self.electrics.pcu.terminal_voltage,
            bus_current: self.electrics.pcu.bus_current,
        }
    }

    pub(super) fn published_limits(&self) -> ModuleLimits {
        ModuleLimits { charge: self.limits.charge.on_wire(), discharge: self.limits.discharge.on_wire() }
    }

    fn hardware(&self) -> ModuleHardware {
        let [mos, ambient, heat_sink] = self.readings.hardware();
        ModuleHardware { mos, ambient, heat_sink, balancing: self.drive.balancing }
    }

    fn capacity(&self) -> ModuleCapacity {
        ModuleCapacity {
            remaining: self.counter.remaining(),
            full: self.counter.capacity(),
            cycles: self.counter.cycles(),
            health: self.counter.health(),
        }
    }
}

fn four(cells: &[Option<MilliVolts>; CELLS], group: CellGroup) -> [Option<MilliVolts>; 4] {
    let mut four = [None; 4];
    for (slot, cell) in four.iter_mut().zip(cells.iter().skip(group.first_cell())) {
        *slot = *cell;
    }
    four
}

/// A full list drops the frame: process data come again.
pub(super) fn send(frames: &mut Frames, frame: impl Into<Option<Frame>>) {
    if let Some(frame) = frame.into() {
        let _ = frames.push(frame);
    }
}
