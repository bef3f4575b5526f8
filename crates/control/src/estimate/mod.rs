//! What is in the pack: charge by counting, set right at the full and the empty end; and which cells to bleed.
//!
//! Charge is counted in whole milliampere-microseconds, so that no step is too short to count.

pub mod anchor;
pub mod balance;

use voltower_core::{Charge, Duration, MilliAmps, PerMille, values};
use voltower_protocols::link::{FullChargeWish, ModuleEstimate};

use crate::io::Records;
use crate::keep::ModulePersisted;
use crate::protect::push;
use crate::record::Record;
use anchor::{Anchor, End, Signs};

/// Charge counter of a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChargeCounter {
    /// Charge in the pack, mA us.
    charge: i64,
    /// Capacity, mA us; positive.
    capacity: i64,
    /// What the shown charge still lacks (or has too much) after an anchor, mA us.
    unshown: i64,
    /// Charge taken out since the last full cycle was counted, mA us.
    taken: i64,
    cycles: u16,
    health: PerMille,
    anchor: Anchor,
}

const US_PER_MS: i64 = 1000;
const MINUTE_US: i64 = 60_000_000;

impl ChargeCounter {
    /// From what the recorder kept; a capacity that is not positive becomes the rated one.
    #[must_use]
    pub fn new(persisted: &ModulePersisted) -> Self {
        let rated = values::RATED_CAPACITY_DECI_AMP_HOURS.0;
        let capacity = match persisted.capacity.0 {
            ..=0 => Charge::from_deci_amp_hours(rated).0,
            learned => learned,
        };
        let capacity = capacity.saturating_mul(US_PER_MS);
        Self {
            charge: persisted.charge.0.saturating_mul(US_PER_MS).min(capacity).max(0),
            capacity,
            unshown: 0,
            taken: 0,
            cycles: persisted.cycles,
            health: persisted.health,
            anchor: Anchor::Free,
        }
    }

    /// Counts `current` over `elapsed`, then looks for an end of charge or discharge.
    pub fn step(&mut self, current: MilliAmps, signs: &Signs, elapsed: Duration, records: &mut Records) {
        self.count(current, elapsed);
        self.show(elapsed);
        self.anchor = self.anchor.next(signs, current, self.soc(), elapsed);
        if let Some(end) = self.anchor.reached() {
            self.set(end, records);
            self.anchor = self.anchor.settled();
        }
    }

    /// State of charge as counted.
    #[must_use]
    pub const fn soc(&self) -> PerMille {
        PerMille::of(self.charge, self.capacity)
    }

    /// State of charge as people see it: an anchor moves it slowly.
    #[must_use]
    pub const fn shown_soc(&self) -> PerMille {
        PerMille::of(self.charge.saturating_sub(self.unshown), self.capacity)
    }

    /// What people are not shown yet, in thousandths; positive while they are shown less.
    #[must_use]
    pub const fn held_back(&self) -> i16 {
        self.soc().0 as i16 - self.shown_soc().0 as i16
    }

    /// What decisions use, and how far it may be off.
    #[must_use]
    pub const fn estimate(&self) -> ModuleEstimate {
        let soc = self.soc();
        ModuleEstimate { soc, soc_low: soc, soc_high: soc, wish: FullChargeWish::NONE, doubted_cell: 0 }
    }

    /// Charge in the pack.
    #[must_use]
    pub const fn remaining(&self) -> Charge {
        Charge(self.charge / US_PER_MS)
    }

    /// Charge of the full pack.
    #[must_use]
    pub const fn capacity(&self) -> Charge {
        Charge(self.capacity / US_PER_MS)
    }

    /// Equivalent full cycles.
    #[must_use]
    pub const fn cycles(&self) -> u16 {
        self.cycles
    }

    /// State of health.
    #[must_use]
    pub const fn health(&self) -> PerMille {
        self.health
    }

    /// The module is full and has not been used since.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self.anchor, Anchor::At(End::Full))
    }

    fn count(&mut self, current: MilliAmps, elapsed: Duration) {
        let elapsed_us = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
        let moved = i64::from(current.0).saturating_mul(elapsed_us);
        self.charge = self.charge.saturating_add(moved).min(self.capacity).max(0);
        self.taken = self.taken.saturating_add(moved.saturating_neg().max(0));
        if self.taken >= self.capacity {
            self.taken -= self.capacity;
            self.cycles = self.cycles.saturating_add(1);
        }
    }

    fn show(&mut self, elapsed: Duration) {
        let elapsed_us = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
        let per_us = self.capacity / 1000 * i64::from(values::DISPLAY_SLEW.0) / MINUTE_US;
        let step = per_us.saturating_mul(elapsed_us);
        // Not `clamp`: it could panic.
        self.unshown -= self.unshown.min(step).max(-step);
    }

    fn set(&mut self, end: End, records: &mut Records) {
        let from = self.soc();
        let charge = match end {
            End::Full => self.capacity,
            End::Empty => 0,
        };
        self.unshown = self.unshown.saturating_add(charge - self.charge);
        self.charge = charge;
        push(records, Record::Anchored { from, to: self.soc() });
    }
}
