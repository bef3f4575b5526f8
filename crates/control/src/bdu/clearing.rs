//! A manual reset of the unit's lock-outs, as a transaction: it names what the operator saw, counts when memory has it,
//! lapses after seconds, and touches nothing that came later.

use voltower_core::values::CLEARING_LAPSES;
use voltower_core::{ConditionSet, Duration};

use super::contact::ContactState;
use crate::io::{MODULES, SamplePeriod};
use crate::keep::UnitSafety;
use crate::selftest::Wrong;

/// What an operator can have seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Lock-outs of the unit.
    pub(super) unit: UnitSafety,
    /// What each module said of itself.
    pub(super) modules: [ConditionSet; MODULES],
    /// What was wrong with the unit's own electronics.
    pub(super) wrong: Wrong,
    /// Something else has been wrong with them since.
    pub(super) fails_again: bool,
}

impl Seen {
    pub(super) fn nothing() -> Self {
        Self {
            unit: UnitSafety::NEW,
            modules: [ConditionSet::EMPTY; MODULES],
            wrong: Wrong::default(),
            fails_again: false,
        }
    }

    /// A test of the unit's own electronics has come to this.
    pub(super) fn compare(&mut self, wrong: Wrong) {
        self.fails_again |= wrong.any() && wrong != self.wrong;
    }

    /// A module that says `conditions` has no fault that was not seen.
    pub(super) fn covers(&self, module: usize, conditions: ConditionSet) -> bool {
        let seen = self.modules.get(module).copied().unwrap_or(ConditionSet::EMPTY);
        conditions.minus(seen).faults().is_empty()
    }
}

/// The transaction.
///
/// ```text
///         asked                 memory holds it
///  Idle ---------> Writing{} --------------------> Idle, and what was named is gone
///   ^                 |
///   +-----------------+ seconds later: nothing is gone
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clearing {
    /// Nobody clears.
    Idle,
    /// Memory must hold that this is gone.
    Writing {
        /// What was named.
        named: UnitSafety,
        /// A test of the unit's own electronics has failed since.
        fails_again: bool,
        /// Until it lapses.
        remaining: Duration,
    },
}

/// What has come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is under way, or there is none.
    Open,
    /// Void.
    Lapsed,
    /// This is gone.
    Cleared {
        /// What was named.
        named: UnitSafety,
        /// A test of the unit's own electronics has failed since.
        fails_again: bool,
    },
}

impl Clearing {
    /// It begins.
    pub(super) fn begin(seen: &Seen, period: SamplePeriod) -> Self {
        let Seen { unit: named, fails_again, .. } = *seen;
        Self::Writing { named, fails_again, remaining: period.stretch(CLEARING_LAPSES) }
    }

    pub(super) const fn is_idle(self) -> bool {
        matches!(self, Self::Idle)
    }

    /// A test of the unit's own electronics fails now.
    pub(super) const fn fails(&mut self) {
        if let Self::Writing { fails_again, .. } = self {
            *fails_again = true;
        }
    }

    /// What memory must hold of the lock-outs that there are.
    pub(super) fn left(self, now: UnitSafety) -> UnitSafety {
        match self {
            Self::Idle => now,
            Self::Writing { named, fails_again, .. } => without(now, &named, fails_again),
        }
    }

    /// Takes one sample.
    pub(super) fn step(&mut self, held: bool, elapsed: Duration) -> Outcome {
        let Self::Writing { named, fails_again, remaining } = *self else { return Outcome::Open };
        let remaining = remaining.less(elapsed);
        *self = Self::Writing { named, fails_again, remaining };
        let outcome = if held {
            Outcome::Cleared { named, fails_again }
        } else if remaining.is_zero() {
            Outcome::Lapsed
        } else {
            return Outcome::Open;
        };
        *self = Self::Idle;
        outcome
    }
}

/// `now` without what was `named`; what has changed since stays.
fn without(now: UnitSafety, named: &UnitSafety, fails_again: bool) -> UnitSafety {
    let mut contacts = now.contacts;
    for (contact, seen) in contacts.iter_mut().zip(&named.contacts) {
        if contact == seen {
            *contact = ContactState::NEW;
        }
    }
    UnitSafety {
        self_tests: now.self_tests && (fails_again || !named.self_tests),
        soft_start_failed: now.soft_start_failed && !named.soft_start_failed,
        fuse_open: now.fuse_open && !named.fuse_open,
        contacts,
    }
}
