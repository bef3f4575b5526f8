//! What a distribution unit writes down of itself, and when.

use super::clearing::{Clearing, Outcome, Seen};
use super::{BduController, Moment};
use crate::io::{BduOutputs, SamplePeriod};
use crate::keep::{BduPersisted, Keep, Keeping, Part, PartBytes, Pauses, Switched, UnitSafety};

/// What there is of a unit that must outlive a loss of power, as far as nobody else has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    keeping: Keeping,
    /// As it was written down last.
    safety: UnitSafety,
    /// As it was written down last.
    switched: Switched,
    pauses: Pauses,
    /// Lock-outs come from before the loss of power: nobody has seen them since.
    restored: bool,
    /// The BDU was reset while its tower was on, and has not gone on yet.
    resumes: bool,
    /// An operator clears, and memory does not hold it yet.
    clearing: Clearing,
}

impl Kept {
    pub(super) fn new(persisted: &BduPersisted) -> Self {
        Self {
            keeping: Keeping::new(persisted.boot, persisted.damaged),
            safety: persisted.safety,
            switched: persisted.switched,
            pauses: persisted.pauses,
            restored: persisted.safety.is_locked(),
            resumes: persisted.switched != Switched::Off && persisted.boot.cause.is_reset(),
            clearing: Clearing::Idle,
        }
    }

    /// The tower was on when its BDU was reset: said once.
    pub(super) const fn resumes(&mut self) -> bool {
        core::mem::replace(&mut self.resumes, false)
    }

    pub(super) const fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    pub(super) const fn change(&mut self, part: Part) {
        self.keeping.change(part);
    }

    pub(super) const fn is_restored(&self) -> bool {
        self.restored
    }

    /// Memory fails, has lost what must not be lost, or there is a storm of resets.
    pub(super) const fn is_wrong(&self) -> bool {
        let memory = self.keeping.memory();
        let has_lost = !self.keeping.damaged().is_empty() && self.clearing.is_idle();
        memory.has_failed() || memory.is_overdue() || has_lost || self.keeping.boot().is_storm()
    }

    /// An operator has `seen` this: that it is gone is written down first, and holds when memory has it.
    pub(super) fn ask_to_clear(&mut self, seen: &Seen, period: SamplePeriod) {
        self.clearing = Clearing::begin(seen, period);
        self.keeping.ask();
        self.keeping.forgive();
    }

    /// A test of the unit's own electronics fails, or its memory does.
    pub(super) const fn fails(&mut self) {
        self.clearing.fails();
    }

    fn step(&mut self, moment: &Moment<'_>, sent: &mut BduOutputs, period: SamplePeriod) -> Outcome {
        self.keeping.step(moment.sample.memory, moment.elapsed, period, &mut sent.records);
        let outcome = self.clearing.step(self.keeping.memory().holds_safety(), moment.elapsed);
        match outcome {
            Outcome::Open => {}
            Outcome::Lapsed => self.keeping.change(Part::Safety),
            Outcome::Cleared { .. } => {
                self.keeping.believe();
                self.restored = false;
            }
        }
        outcome
    }
}

impl BduController {
    /// What the recorder must keep over a loss of power.
    #[must_use]
    pub fn persisted(&self) -> BduPersisted {
        BduPersisted {
            expected: self.expected,
            settings: self.settings,
            switched: self.switched(),
            safety: self.safety(),
            pauses: self.pauses(),
            boot: self.kept.keeping.boot(),
            damaged: self.kept.keeping.damaged(),
        }
    }

    /// What must be written down, as after the last step.
    #[must_use]
    pub const fn keep(&self) -> Keep {
        self.kept.keeping.memory().keep()
    }

    /// A part of it as bytes; none if a unit has no such part.
    #[must_use]
    pub fn part_to_bytes(&self, part: Part) -> Option<PartBytes> {
        self.persisted().to_bytes(part)
    }

    /// Lock-outs and tries as they must be kept. What an operator clears is gone there first.
    fn safety(&self) -> UnitSafety {
        self.kept.clearing.left(self.locked_out())
    }

    fn pauses(&self) -> Pauses {
        Pauses {
            full_charge: self.full_charge,
            levelling: self.levelling.pause(),
            booked: self.levelling.booked(),
        }
    }

    /// Lock-outs and tries as they hold.
    pub(super) fn locked_out(&self) -> UnitSafety {
        UnitSafety {
            self_tests: self.self_tests_locked,
            soft_start_failed: self.soft_start_failed,
            fuse_open: self.wiring.fuse_open(),
            contacts: self.modules.contacts(),
        }
    }

    /// Hears what memory holds, and tells what it did not hold at the start.
    pub(super) fn watch_memory(&mut self, moment: &Moment<'_>, sent: &mut BduOutputs) {
        match self.kept.step(moment, sent, self.period) {
            Outcome::Open => {}
            // Written down again as it is.
            Outcome::Lapsed => self.kept.safety = self.safety(),
            Outcome::Cleared { named, fails_again } => {
                self.clear_lock_outs(&named, fails_again, sent);
                self.kept.safety = self.safety();
            }
        }
    }

    /// Whether a person wants the tower on, and whether an inverter belongs to it.
    const fn switched(&self) -> Switched {
        if self.sequence.is_off() && !self.kept.resumes {
            Switched::Off
        } else if self.inverter_known {
            Switched::OnWithInverter
        } else {
            Switched::On
        }
    }

    /// Everything that has changed in this sample and must outlive a loss of power.
    pub(super) fn write_down(&mut self) {
        let switched = self.switched();
        if switched != self.kept.switched {
            self.kept.switched = switched;
            self.kept.change(Part::Settings);
        }
        let safety = self.safety();
        if safety != self.kept.safety {
            self.kept.safety = safety;
            self.kept.change(Part::Safety);
        }
        let pauses = self.pauses().coarse();
        if pauses != self.kept.pauses {
            self.kept.pauses = pauses;
            self.kept.change(Part::Charge);
        }
    }
}
