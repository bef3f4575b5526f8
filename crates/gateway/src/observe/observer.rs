//! Collects what is heard.

use voltower_core::{Instant, Watts};
use voltower_protocols::link::{
    ModuleCapacity, ModuleCells, ModuleEstimate, ModuleHardware, ModuleLimits, ModuleNode, ModulePower,
    ModuleReason, ModuleStatus, ModuleTemperatures, SDO_RESPONSE, TowerDiagnosis, TowerEstimate, TowerLimits,
    TowerPanel, TowerPower, TowerReason, TowerStatus,
};
use voltower_protocols::registers::{self, BatteryChannel, Channel, RegisterBlock};
use voltower_protocols::{Frame, sofar};

use super::heard::Latest;
use super::module::ModuleTrack;
use super::tower::TowerTrack;
use super::{Home, Observation, TOWERS};

/// Listens to the wires of a site.
///
/// Frames that are of no known kind, or not legal, change nothing.
#[derive(Debug, Clone, Default)]
pub struct Observer {
    towers: [TowerTrack; TOWERS],
    home: Latest<Home>,
    channels: [Latest<BatteryChannel>; TOWERS],
}

impl Observer {
    /// Has heard nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a frame from the Link of tower `tower` (0 or 1; no other is heard).
    pub fn link_frame(&mut self, tower: usize, at: Instant, frame: &Frame) {
        let Some(track) = self.towers.get_mut(tower) else { return };
        if track.hear_tower(at, frame) || track.hear_module(at, frame) {
            track.heard_at = Some(at);
        }
    }

    /// Takes a frame from COM.
    pub fn com_frame(&mut self, at: Instant, frame: &Frame) {
        let Ok((battery, message)) = sofar::Message::from_frame(frame) else { return };
        if let Some(track) = self.towers.get_mut(usize::from(battery.number())) {
            track.sofar.hear(at, message);
        }
    }

    /// Takes what was read of the inverter's registers.
    pub fn registers(&mut self, at: Instant, block: &RegisterBlock) {
        let channels = Channel::ALL.map(|channel| BatteryChannel::read(block, channel));
        for (latest, channel) in self.channels.iter_mut().zip(channels) {
            if let Some(channel) = channel {
                latest.hear(at, channel);
            }
        }
        if let Some(flows) = registers::Home::read(block) {
            let battery = channels.iter().flatten().fold(Watts::ZERO, |sum, channel| sum + channel.power);
            self.home.hear(at, Home { pv: flows.pv, load: flows.load, grid: flows.grid, battery });
        }
    }

    /// All that is known, as it looks at `now`.
    #[must_use]
    pub fn observation(&self, now: Instant) -> Observation {
        Observation {
            towers: self.towers.each_ref().map(|tower| tower.seen(now)),
            home: self.home.seen(now),
            channels: self.channels.map(|channel| channel.seen(now)),
        }
    }
}

impl TowerTrack {
    /// Whether the frame was a legal one of the BDU.
    fn hear_tower(&mut self, at: Instant, frame: &Frame) -> bool {
        if let Some(status) = TowerStatus::from_frame(frame) {
            self.status.hear(at, status);
        } else if let Some(panel) = TowerPanel::from_frame(frame) {
            self.panel.hear(at, panel);
        } else if let Some(told) = TowerDiagnosis::from_frame(frame) {
            self.diagnosis = told.0;
        } else if let Some(power) = TowerPower::from_frame(frame) {
            self.power.hear(at, power);
        } else if let Some(limits) = TowerLimits::from_frame(frame) {
            self.limits.hear(at, limits);
        } else if let Some(told) = TowerReason::from_frame(frame) {
            self.hear_reason(at, told.way, told.reason);
        } else if let Some(estimate) = TowerEstimate::from_frame(frame) {
            self.estimate.hear(at, estimate);
        } else {
            return false;
        }
        true
    }

    /// Whether the frame was a legal one of a module.
    fn hear_module(&mut self, at: Instant, frame: &Frame) -> bool {
        let Some(node) = self.hear_module_data(at, frame).or_else(|| self.overhear_version(frame)) else {
            return false;
        };
        if let Some(module) = self.modules.get_mut(node.index()) {
            module.heard_at = Some(at);
        }
        true
    }

    fn hear_module_data(&mut self, at: Instant, frame: &Frame) -> Option<ModuleNode> {
        let modules = &mut self.modules;
        let mut note = |node: ModuleNode, hear: &dyn Fn(&mut ModuleTrack)| {
            modules.get_mut(node.index()).map(hear);
            Some(node)
        };
        if let Some((node, status)) = ModuleStatus::from_frame(frame) {
            note(node, &|module| module.status.hear(at, status))
        } else if let Some((node, power)) = ModulePower::from_frame(frame) {
            note(node, &|module| module.power.hear(at, power))
        } else if let Some((node, limits)) = ModuleLimits::from_frame(frame) {
            note(node, &|module| module.limits.hear(at, limits))
        } else if let Some((node, cells)) = ModuleCells::from_frame(frame) {
            note(node, &|module| module.hear_cells(at, cells))
        } else if let Some((node, temperatures)) = ModuleTemperatures::from_frame(frame) {
            note(node, &|module| module.temperatures.hear(at, temperatures))
        } else if let Some((node, hardware)) = ModuleHardware::from_frame(frame) {
            note(node, &|module| module.hardware.hear(at, hardware))
        } else if let Some((node, capacity)) = ModuleCapacity::from_frame(frame) {
            note(node, &|module| module.capacity.hear(at, capacity))
        } else if let Some((node, estimate)) = ModuleEstimate::from_frame(frame) {
            note(node, &|module| module.estimate.hear(at, estimate))
        } else if let Some((node, told)) = ModuleReason::from_frame(frame) {
            note(node, &|module| module.hear_reason(at, told.way, told.reason))
        } else {
            None
        }
    }

    fn overhear_version(&mut self, frame: &Frame) -> Option<ModuleNode> {
        let number = frame.standard_id()?.checked_sub(SDO_RESPONSE)?;
        let node = ModuleNode::new(u8::try_from(number).ok()?)?;
        if let Some(version) = self.versions.get_mut(node.index())?.answer(frame) {
            self.modules.get_mut(node.index())?.version = Some(version);
        }
        Some(node)
    }
}
