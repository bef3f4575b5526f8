//! A module that only charge heals still holds the bus for it, a little and not for long: without a bus nobody can
//! charge it, and what it gives comes out of its emptiest cell.

use voltower_core::{Duration, MilliAmps, MilliVolts, Watts, values};

/// What it has given since it was charged last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct HealingHold {
    /// In mA us, what was charged since taken off.
    given: i64,
}

impl HealingHold {
    /// One sample; `waits`: discharging is stopped by nothing but what charge heals.
    pub(super) fn step(&mut self, waits: bool, current: MilliAmps, elapsed: Duration) {
        let elapsed = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
        let moved = i64::from(current.0).saturating_mul(elapsed);
        self.given = if waits { self.given.saturating_sub(moved).max(0) } else { 0 };
    }

    /// Power to hold the bus with while it waits for charge.
    pub(super) fn power(self, lowest: Option<MilliVolts>) -> Watts {
        let bears = lowest.is_some_and(|cell| cell > values::HEALING_HOLD_VOLTAGE);
        if bears && self.given < MOST { values::HEALING_HOLD_POWER } else { Watts::ZERO }
    }
}

const MOST: i64 = values::HEALING_HOLD_MILLIAMP_HOURS.0 as i64 * 3_600_000_000;
