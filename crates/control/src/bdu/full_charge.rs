//! When the tower asks the inverter for a full charge, because a count cannot be trusted.
//!
//! Modules say why they want one; here is decided whether it is asked for: the sun first, the grid only if the owner
//! allows it, never in an island, not again for [`FULL_CHARGE_APART`], given up after [`FULL_CHARGE_GIVEN_UP`].

use voltower_core::values::{
    FULL_CHARGE_APART, FULL_CHARGE_GIVEN_UP, FULL_CHARGE_SUN_FIRST, FULL_CHARGE_WAIT, FULL_CHARGE_WISH,
};
use voltower_core::{Binding, Duration, Watts};
use voltower_protocols::link::FullChargeAsked;
use voltower_protocols::sofar::Grid;

use super::activity::Flow;
use super::modules::Module;
use super::sequence::Sequence;
use super::{BduController, Modules};
use crate::share::NodeSet;

/// From where a full charge may come: what the owner allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FillSource {
    /// Only what the roof gives.
    #[default]
    Sun,
    /// The grid, too, if the sun does not do it.
    Grid,
}

/// What decides about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FullChargeSigns {
    /// A module in service wants it.
    pub wanted: bool,
    /// The inverter is heard, the tower runs, and it is no island.
    pub may_ask: bool,
    /// The tower is being charged: the sun shines.
    pub sun: bool,
    /// Modules in service, bit 0 = module 1.
    pub in_service: u8,
    /// Those of them that are full.
    pub full: u8,
    /// From where it may come.
    pub source: FillSource,
}

/// A request for a full charge.
///
/// ```text
///            wanted, and long enough            the sun shines, or has not
///            after the last one                 for a day
///  Resting{} --------------------> Wanted{} ------------------------------> Asked{}
///    ^ ^                             |                                        |
///    | +------ no longer wanted -----+                                        |
///    +---------------------------- each is full, or given up -----------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FullCharge {
    /// Nothing is asked.
    Resting {
        /// Until it may be.
        remaining: Duration,
    },
    /// A module wants it.
    Wanted {
        /// For so long it might have been asked for.
        waited: Duration,
    },
    /// Asked for.
    Asked {
        /// For so long.
        elapsed: Duration,
        /// Modules that have come to their end since, bit 0 = module 1.
        done: u8,
        /// What is told to the inverter.
        told: FullChargeAsked,
    },
}

impl FullCharge {
    /// Of a new tower.
    pub const NEW: Self = Self::Resting { remaining: Duration::ZERO };
    /// There has just been one, or it is not known when the last one was.
    pub const JUST_BEEN: Self = Self::Resting { remaining: FULL_CHARGE_APART };

    /// Takes one sample.
    pub fn step(&mut self, signs: &FullChargeSigns, elapsed: Duration) {
        *self = match *self {
            Self::Resting { remaining } => {
                let remaining = remaining.less(elapsed);
                if remaining.is_zero() && signs.wanted {
                    Self::Wanted { waited: Duration::ZERO }
                } else {
                    Self::Resting { remaining }
                }
            }
            Self::Wanted { .. } if !signs.wanted => Self::NEW,
            Self::Wanted { waited } => Self::wait(waited, signs, elapsed),
            Self::Asked { elapsed: so_far, done, .. } => Self::ask(so_far + elapsed, done, signs),
        };
    }

    /// What waits for its turn passes only while it might be asked for.
    fn wait(waited: Duration, signs: &FullChargeSigns, elapsed: Duration) -> Self {
        if !signs.may_ask {
            return Self::Wanted { waited };
        }
        let waited = waited + elapsed;
        if waited >= FULL_CHARGE_WAIT || signs.sun && waited >= FULL_CHARGE_WISH {
            Self::ask(Duration::ZERO, 0, signs)
        } else {
            Self::Wanted { waited }
        }
    }

    /// A module that is full has done its part, and is no longer waited for.
    fn ask(elapsed: Duration, done: u8, signs: &FullChargeSigns) -> Self {
        let done = (done | signs.full) & signs.in_service;
        let all = signs.in_service != 0 && done == signs.in_service;
        if all || elapsed >= FULL_CHARGE_GIVEN_UP {
            return Self::JUST_BEEN;
        }
        let by_grid = signs.source == FillSource::Grid && elapsed >= FULL_CHARGE_SUN_FIRST;
        let told = match (signs.may_ask, by_grid) {
            (false, _) => FullChargeAsked::Wanted,
            (true, false) => FullChargeAsked::FromSun,
            (true, true) => FullChargeAsked::FromGrid,
        };
        Self::Asked { elapsed, done, told }
    }

    /// What is asked of the inverter.
    #[must_use]
    pub const fn asked(&self) -> FullChargeAsked {
        match self {
            Self::Resting { .. } => FullChargeAsked::No,
            Self::Wanted { .. } => FullChargeAsked::Wanted,
            Self::Asked { told, .. } => *told,
        }
    }
}

impl Module {
    /// It has come to its end, and takes nothing more.
    fn is_full(&self) -> bool {
        self.charge_limit()
            .is_some_and(|limit| limit.power <= Watts::ZERO && limit.binding == Binding::StateOfCharge)
    }

    fn wants_full_charge(&self) -> bool {
        self.estimate.is_some_and(|estimate| estimate.wants_full_charge())
    }
}

impl Modules {
    fn those_in_service(&self, belongs: impl Fn(&Module) -> bool) -> NodeSet {
        let usable = self.usable();
        NodeSet::of(|node| usable.contains(node) && self.get(node).is_some_and(&belongs))
    }
}

impl BduController {
    /// Whether the inverter is asked for a full charge.
    pub(super) fn want_full_charge(&mut self, elapsed: Duration) {
        self.held_for_inverter |= self.black_start.is_active();
        let runs = matches!(self.sequence, Sequence::Running) && self.inverter.is_alive();
        let signs = FullChargeSigns {
            wanted: !self.modules.those_in_service(Module::wants_full_charge).is_empty(),
            may_ask: runs && !self.is_island(),
            // What is asked for comes from the grid, too.
            sun: self.activity.shown() == Flow::Charging && !self.asks_for_charge(),
            in_service: self.modules.usable().bits(),
            full: self.modules.those_in_service(Module::is_full).bits(),
            source: self.settings.full_charge,
        };
        self.full_charge.step(&signs, elapsed);
    }

    /// There is no grid, as far as can be known: an inverter that says nothing of it may have formed an island from a
    /// bus that was held for it.
    pub(super) fn is_island(&self) -> bool {
        match self.com.grid() {
            Grid::Present => false,
            Grid::Absent => true,
            Grid::Untold => self.held_for_inverter,
        }
    }
}
