//! Which of all that was found is told: the cause that explains most.

use voltower_core::{BduSensor, Cause, Diagnosis};

use crate::blind::{self, Detection};
use crate::share::NodeSet;

/// What was found, by those who look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clues {
    /// Somebody babbles, or frames are destroyed.
    pub(super) disturbance: Diagnosis,
    /// On giving addresses.
    pub(super) addressing: Diagnosis,
    /// Terminal resistors.
    pub(super) termination: Diagnosis,
    /// Modules that should be heard and are not.
    pub(super) missing: NodeSet,
    /// Modules that had an address since the start.
    pub(super) known: NodeSet,
    /// No resistor is seen at the far end of the Link at this moment.
    pub(super) ends_early: bool,
    /// Modules of this tower.
    pub(super) expected: u8,
    /// Another tower has our address.
    pub(super) com_conflict: bool,
    /// Whose software differs: a module, or 0 for the unit itself.
    pub(super) odd_software: Option<u8>,
    /// Another unit has spoken on the Link.
    pub(super) second_unit: bool,
    /// A module whose contacts do not obey.
    pub(super) contact: Option<u8>,
    /// A module whose electronics are hot.
    pub(super) hot: Option<u8>,
    /// A module of which a cell is doubted.
    pub(super) doubted: Diagnosis,
    /// A sensor of the BDU that contradicts the others.
    pub(super) sensor: Option<BduSensor>,
    /// No module brought the bus up, and none says why.
    pub(super) soft_start: bool,
    /// The auxiliary contact of the DC switch contradicts the current.
    pub(super) dc_switch: bool,
}

impl Clues {
    /// The first in the order of what explains the others.
    pub(super) fn diagnosis(&self) -> Diagnosis {
        let when = |holds: bool, cause| if holds { Diagnosis::new(cause, 0) } else { Diagnosis::NONE };
        let at = |module: Option<u8>, cause| module.map_or(Diagnosis::NONE, |one| Diagnosis::new(cause, one));
        let in_order = [
            when(self.second_unit, Cause::SecondUnit),
            self.disturbed(),
            self.addressing,
            self.open(),
            self.silence(),
            self.termination,
            when(self.com_conflict, Cause::ComConflict),
            at(self.odd_software, Cause::Software),
            at(self.contact, Cause::Contact),
            when(self.dc_switch, Cause::DcSwitch),
            self.sensor.map_or(Diagnosis::NONE, |one| Diagnosis::new(Cause::BduSensor, 0).at(one as u8)),
            when(self.soft_start, Cause::SoftStart),
            at(self.hot, Cause::HotElectronics),
            self.doubted,
        ];
        let is_said = |it: &Diagnosis| !it.is_none() && !blind::is_off(Detection::Cause(it.cause));
        in_order.into_iter().find(is_said).unwrap_or(Diagnosis::NONE)
    }

    /// A wrong resistor is why frames are destroyed.
    fn disturbed(&self) -> Diagnosis {
        let explained = self.disturbance.cause == Cause::Disturbed && !self.termination.is_none();
        if explained { self.termination } else { self.disturbance }
    }

    /// Without a single resistor the wires end at the unit itself: that is why nobody is heard.
    fn open(&self) -> Diagnosis {
        if self.termination.cause == Cause::LinkOpen { self.termination } else { Diagnosis::NONE }
    }

    /// The chain ends before the first one that is silent, unless the wires to it must be whole: it was heard, and the
    /// resistor at the far end is seen.
    fn silence(&self) -> Diagnosis {
        let Some(first) = self.missing.iter().next() else { return Diagnosis::NONE };
        let behind = NodeSet::first(self.expected).minus(NodeSet::first(first.number() - 1));
        let never_came = !self.known.contains(first);
        if self.missing == behind && (self.ends_early || never_came) {
            Diagnosis::new(Cause::ChainInterrupted, first.number() - 1)
        } else {
            Diagnosis::new(Cause::Silent, first.number())
        }
    }
}
