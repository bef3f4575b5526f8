//! What is seen of one tower.

use voltower_core::panel::{Pattern, Snapshot};
use voltower_core::{ConditionSet, Diagnosis, Instant, PerMille, Reason, TowerState, Watts};
use voltower_protocols::link::{TowerEstimate, TowerLimits, TowerPanel, TowerPower, TowerStatus, Way};
use voltower_protocols::sofar;

use super::WattHours;
use super::heard::{Heard, Latest};
use super::module::{ModuleObservation, ModuleTrack, watts};
use super::version::Overheard;

/// What is seen of one tower at one instant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TowerObservation {
    /// State, SOC, conditions.
    pub status: Option<Heard<TowerStatus>>,
    /// Lights and switches.
    pub panel: Option<Heard<TowerPanel>>,
    /// Voltages and current.
    pub power: Option<Heard<TowerPower>>,
    /// What it can take and give.
    pub limits: Option<Heard<TowerLimits>>,
    /// What it makes of its charge, and what it does about it.
    pub estimate: Option<Heard<TowerEstimate>>,
    /// Why it can take no more.
    pub charge_reason: Option<Heard<Reason>>,
    /// Why it can give no more.
    pub discharge_reason: Option<Heard<Reason>>,
    /// Its modules by position; one that was never heard is empty.
    pub modules: [ModuleObservation; 4],
    /// What it tells the inverter.
    pub sofar: SofarObservation,
    /// When anything was heard of its BDU or its modules last.
    pub heard_at: Option<Instant>,
}

/// What a tower says on COM.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SofarObservation {
    /// 0x351.
    pub limits: Option<Heard<sofar::Limits>>,
    /// 0x355.
    pub state: Option<Heard<sofar::State>>,
    /// 0x356.
    pub measured: Option<Heard<sofar::Measured>>,
    /// 0x30F; it is sent only while something is in it, see [`SofarObservation::request_now`].
    pub request: Option<Heard<sofar::Request>>,
    /// 0x605, the inverter's question to this tower.
    pub inquiry: Option<Heard<sofar::Inquiry>>,
}

impl SofarObservation {
    /// What is asked of the inverter now: nothing, once 0x30F is no longer sent.
    #[must_use]
    pub fn request_now(&self) -> sofar::Request {
        self.request.filter(|request| !request.stale).map(|request| request.value).unwrap_or_default()
    }

    /// The inverter asks, so it lives.
    #[must_use]
    pub fn inverter_heard(&self) -> bool {
        self.inquiry.is_some_and(|inquiry| !inquiry.stale)
    }
}

impl TowerObservation {
    /// What the tower does.
    #[must_use]
    pub fn state(&self) -> Option<TowerState> {
        Some(self.status?.state)
    }

    /// State of charge; none if the tower says that it does not know it.
    #[must_use]
    pub fn soc(&self) -> Option<PerMille> {
        let is_unknown = self.estimate.is_some_and(|estimate| estimate.is_unknown());
        self.status.filter(|_| !is_unknown).map(|status| status.soc)
    }

    /// Between what its charge is, as it knows itself: at least, at most.
    #[must_use]
    pub fn soc_band(&self) -> Option<(PerMille, PerMille)> {
        self.estimate.filter(|estimate| !estimate.is_unknown()).map(|told| (told.soc_low, told.soc_high))
    }

    /// `62.3 % (58.1 to 70.2 %)`, as far as it is known.
    #[must_use]
    pub fn charge_told(&self) -> String {
        match (self.soc(), self.soc_band()) {
            (None, _) => "charge unknown".to_owned(),
            (Some(soc), None) => soc.to_string(),
            (Some(soc), Some((low, high))) => {
                let low = low.to_string();
                format!("{soc} ({} to {high})", low.trim_end_matches([' ', '%']))
            }
        }
    }

    /// Alarms and faults, as last heard.
    #[must_use]
    pub fn conditions(&self) -> ConditionSet {
        self.status.map(|status| status.conditions).unwrap_or_default()
    }

    /// Power of the tower at its bus, positive while charging.
    #[must_use]
    pub fn power(&self) -> Option<Watts> {
        let power = self.power?;
        Some(watts(power.before_fuse, power.current))
    }

    /// What the lights do; a tower that is not heard shows nothing that could be known.
    #[must_use]
    pub fn lights(&self) -> Option<Pattern> {
        Some(self.panel?.pattern)
    }

    /// The lights as an eye sees them at `now`.
    #[must_use]
    pub fn lights_at(&self, now: Instant) -> Option<Snapshot> {
        Some(self.lights()?.at(now))
    }

    /// Energy in the modules that are known, at nominal voltage.
    #[must_use]
    pub fn energy(&self) -> Option<WattHours> {
        sum(self.modules.iter().filter_map(ModuleObservation::energy))
    }

    /// Energy of the full modules that are known, at nominal voltage.
    #[must_use]
    pub fn full_energy(&self) -> Option<WattHours> {
        sum(self.modules.iter().filter_map(ModuleObservation::full_energy))
    }

    /// The modules that were ever heard, with their position from 0.
    pub fn modules_heard(&self) -> impl Iterator<Item = (usize, &ModuleObservation)> {
        self.modules.iter().enumerate().filter(|(_, module)| module.heard_at.is_some())
    }

    /// How many modules belong to the tower, if its BDU has said so.
    #[must_use]
    pub fn modules_expected(&self) -> Option<usize> {
        Some(usize::from(self.panel?.modules_expected))
    }
}

fn sum(energies: impl Iterator<Item = WattHours>) -> Option<WattHours> {
    energies.reduce(|a, b| WattHours(a.0 + b.0))
}

/// What was heard of one tower so far.
#[derive(Debug, Clone, Default)]
pub(super) struct TowerTrack {
    pub(super) status: Latest<TowerStatus>,
    pub(super) panel: Latest<TowerPanel>,
    /// What was told last, to the cell.
    pub(super) diagnosis: Diagnosis,
    pub(super) power: Latest<TowerPower>,
    pub(super) limits: Latest<TowerLimits>,
    pub(super) estimate: Latest<TowerEstimate>,
    pub(super) charge_reason: Latest<Reason>,
    pub(super) discharge_reason: Latest<Reason>,
    pub(super) modules: [ModuleTrack; 4],
    pub(super) versions: [Overheard; 4],
    pub(super) sofar: SofarTrack,
    pub(super) heard_at: Option<Instant>,
}

/// What was heard of one tower on COM so far.
#[derive(Debug, Clone, Default)]
pub(super) struct SofarTrack {
    pub(super) limits: Latest<sofar::Limits>,
    pub(super) state: Latest<sofar::State>,
    pub(super) measured: Latest<sofar::Measured>,
    pub(super) request: Latest<sofar::Request>,
    pub(super) inquiry: Latest<sofar::Inquiry>,
}

impl TowerTrack {
    pub(super) fn hear_reason(&mut self, at: Instant, way: Way, reason: Reason) {
        match way {
            Way::Charge => self.charge_reason.hear(at, reason),
            Way::Discharge => self.discharge_reason.hear(at, reason),
        }
    }

    /// The panel names the module alone; the cell comes in a frame of its own.
    fn to_the_cell(&self, panel: TowerPanel) -> TowerPanel {
        let same = panel.diagnosis == self.diagnosis.without_element();
        TowerPanel { diagnosis: if same { self.diagnosis } else { panel.diagnosis }, ..panel }
    }

    pub(super) fn seen(&self, now: Instant) -> TowerObservation {
        TowerObservation {
            status: self.status.seen(now),
            panel: self.panel.seen(now).map(|panel| panel.map(|told| self.to_the_cell(told))),
            power: self.power.seen(now),
            limits: self.limits.seen(now),
            estimate: self.estimate.seen(now),
            charge_reason: self.charge_reason.seen(now),
            discharge_reason: self.discharge_reason.seen(now),
            modules: self.modules.each_ref().map(|module| module.seen(now)),
            sofar: self.sofar.seen(now),
            heard_at: self.heard_at,
        }
    }
}

impl SofarTrack {
    pub(super) fn hear(&mut self, at: Instant, message: sofar::Message) {
        match message {
            sofar::Message::Limits(limits) => self.limits.hear(at, limits),
            sofar::Message::State(state) => self.state.hear(at, state),
            sofar::Message::Measured(measured) => self.measured.hear(at, measured),
            sofar::Message::Request(request) => self.request.hear(at, request),
            sofar::Message::Inquiry(inquiry) => self.inquiry.hear(at, inquiry),
        }
    }

    fn seen(&self, now: Instant) -> SofarObservation {
        SofarObservation {
            limits: self.limits.seen(now),
            state: self.state.seen(now),
            measured: self.measured.seen(now),
            request: self.request.seen(now),
            inquiry: self.inquiry.seen(now),
        }
    }
}
