//! What a tower last said on its Link, kept as frames and read only when someone asks.

use voltower_core::{Diagnosis, Instant};
use voltower_protocols::Frame;
use voltower_protocols::link::{
    self, ModuleEstimate, ModuleLimits, ModuleNode, ModuleStatus, TowerDiagnosis, TowerEstimate, TowerLimits,
    TowerPanel, TowerPower, TowerStatus,
};

/// The last frames of a Link that a snapshot needs.
#[derive(Debug, Clone, Default)]
pub struct Reported {
    tower_status: Option<Frame>,
    tower_status_at: Option<Instant>,
    tower_limits: Option<Frame>,
    tower_panel: Option<Frame>,
    tower_power: Option<Frame>,
    tower_diagnosis: Option<Frame>,
    tower_estimate: Option<Frame>,
    module_status: [Option<Frame>; link::MODULE_NODES.len()],
    module_limits: [Option<Frame>; link::MODULE_NODES.len()],
    module_estimates: [Option<Frame>; link::MODULE_NODES.len()],
}

impl Reported {
    /// Keeps a frame, if it is one of those.
    pub fn note(&mut self, at: Instant, frame: &Frame) {
        let Some(id) = frame.standard_id() else { return };
        if id == link::TOWER_STATUS {
            self.tower_status_at = Some(at);
        }
        let slot = match id {
            link::TOWER_STATUS => Some(&mut self.tower_status),
            link::TOWER_LIMITS => Some(&mut self.tower_limits),
            link::TOWER_PANEL => Some(&mut self.tower_panel),
            link::TOWER_POWER => Some(&mut self.tower_power),
            link::TOWER_DIAGNOSIS => Some(&mut self.tower_diagnosis),
            link::TOWER_ESTIMATE => Some(&mut self.tower_estimate),
            _ if (id & !0xF) == link::MODULE_ESTIMATE => {
                self.module_estimates.get_mut(usize::from(id & 0xF).wrapping_sub(1))
            }
            _ => match id & 0x780 {
                link::MODULE_STATUS => self.module_status.get_mut(usize::from(id & 0x7F).wrapping_sub(1)),
                link::MODULE_LIMITS => self.module_limits.get_mut(usize::from(id & 0x7F).wrapping_sub(1)),
                _ => None,
            },
        };
        if let Some(slot) = slot {
            *slot = Some(*frame);
        }
    }

    /// State, SOC and conditions of the tower.
    #[must_use]
    pub fn tower_status(&self) -> Option<TowerStatus> {
        TowerStatus::from_frame(self.tower_status.as_ref()?)
    }

    /// When the tower last said that; a unit that nobody hears says nothing.
    #[must_use]
    pub const fn tower_status_at(&self) -> Option<Instant> {
        self.tower_status_at
    }

    /// Limits of the tower.
    #[must_use]
    pub fn tower_limits(&self) -> Option<TowerLimits> {
        TowerLimits::from_frame(self.tower_limits.as_ref()?)
    }

    /// Lights of the tower, and what was found out about wires and devices.
    #[must_use]
    pub fn tower_panel(&self) -> Option<TowerPanel> {
        TowerPanel::from_frame(self.tower_panel.as_ref()?)
    }

    /// Voltages and current of the tower, as its BDU tells them.
    #[must_use]
    pub fn tower_power(&self) -> Option<TowerPower> {
        TowerPower::from_frame(self.tower_power.as_ref()?)
    }

    /// What was found out, to the cell: the panel names the module alone.
    #[must_use]
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        let shown = self.tower_panel()?.diagnosis;
        let told = self.tower_diagnosis.as_ref().and_then(TowerDiagnosis::from_frame);
        Some(told.map(|told| told.0).filter(|told| told.without_element() == shown).unwrap_or(shown))
    }

    /// What the tower makes of its charge.
    #[must_use]
    pub fn tower_estimate(&self) -> Option<TowerEstimate> {
        TowerEstimate::from_frame(self.tower_estimate.as_ref()?)
    }

    /// The stack begins elsewhere: each module has another address, and what it said last is its own. So many places at
    /// the top were empty `before`, and are `now`.
    pub fn moved(&mut self, before: usize, now: usize) {
        for frames in [&mut self.module_status, &mut self.module_limits, &mut self.module_estimates] {
            let old = *frames;
            for (address, frame) in frames.iter_mut().enumerate() {
                let place = (address + now).checked_sub(before);
                *frame = place.and_then(|place| old.get(place).copied().flatten());
            }
        }
    }

    /// State, SOC and conditions of a module.
    #[must_use]
    pub fn module_status(&self, node: ModuleNode) -> Option<ModuleStatus> {
        let (_, status) = ModuleStatus::from_frame(self.module_status.get(node.index())?.as_ref()?)?;
        Some(status)
    }

    /// What a module makes of its charge.
    #[must_use]
    pub fn module_estimate(&self, node: ModuleNode) -> Option<ModuleEstimate> {
        let (_, estimate) = ModuleEstimate::from_frame(self.module_estimates.get(node.index())?.as_ref()?)?;
        Some(estimate)
    }

    /// Limits of a module.
    #[must_use]
    pub fn module_limits(&self, node: ModuleNode) -> Option<ModuleLimits> {
        let (_, limits) = ModuleLimits::from_frame(self.module_limits.get(node.index())?.as_ref()?)?;
        Some(limits)
    }
}
