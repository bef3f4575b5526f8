//! The module's process data.

use voltower_core::MilliVolts;
use voltower_protocols::Frame;
use voltower_protocols::link::{
    CellGroup, Limit, ModuleCapacity, ModuleCells, ModuleHardware, ModuleLimits, ModulePower, ModuleStatus,
    ModuleTemperatures,
};

use super::ModuleController;
use crate::io::{BoundLimit, CELLS, Frames};
use crate::link::Due;

impl ModuleController {
    /// Sends what is due.
    pub(super) fn report(&mut self, due: Due, frames: &mut Frames) {
        if due.fast {
            self.sequence = self.sequence.wrapping_add(1);
            send(frames, self.status().to_frame(self.node_id));
            send(frames, self.power().to_frame(self.node_id));
            send(frames, self.published_limits().to_frame(self.node_id));
        }
        if due.slow {
            self.report_slow(frames);
        }
    }

    fn report_slow(&self, frames: &mut Frames) {
        let cells = self.readings.cells();
        for group in CellGroup::ALL {
            send(frames, ModuleCells { group, cells: four(&cells, group) }.to_frame(self.node_id));
        }
        send(frames, ModuleTemperatures { cells: self.readings.temperatures() }.to_frame(self.node_id));
        send(frames, self.hardware().to_frame(self.node_id));
        send(frames, self.capacity().to_frame(self.node_id));
    }

    fn status(&self) -> ModuleStatus {
        ModuleStatus {
            state: self.mode.state(),
            pcu: self.converter.state(),
            soc: self.counter.shown_soc(),
            conditions: self.protection.verdict().conditions,
            sequence: self.sequence,
        }
    }

    fn power(&self) -> ModulePower {
        ModulePower {
            pack_voltage: self.electrics.pack_voltage,
            pack_current: self.electrics.pack_current,
            terminal_voltage: self.electrics.pcu.terminal_voltage,
            bus_current: self.electrics.pcu.bus_current,
        }
    }

    fn published_limits(&self) -> ModuleLimits {
        ModuleLimits { charge: on_wire(self.limits.charge), discharge: on_wire(self.limits.discharge) }
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

const fn on_wire(limit: BoundLimit) -> Limit {
    Limit { power: limit.power, binding: limit.binding, element: limit.element }
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
