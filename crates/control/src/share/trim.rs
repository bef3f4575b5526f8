//! Secondary control: brings the bus back to its set-point, slowly, under the droop that holds it.

use voltower_core::values::{BUS_SET_POINT, BUS_UP, BUS_WINDOW_HIGH, TRIM_MAX, TRIM_TIME};
use voltower_core::{Duration, MilliVolts};

/// What is added to the set-point of all modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Trim {
    microvolts: i64,
}

impl Trim {
    /// Integrates the deviation of a bus that the modules hold. `saturated`: they are at their limit, so that the
    /// deviation says nothing about droop.
    pub fn step(&mut self, bus: MilliVolts, saturated: bool, elapsed: Duration) {
        if saturated || bus < BUS_UP || bus > BUS_WINDOW_HIGH {
            return;
        }
        let deviation = i64::from((BUS_SET_POINT - bus).0) * 1000;
        // Half a deviation at most in one step keeps the loop stable at any sample period.
        let elapsed_us = elapsed.0.min(TRIM_TIME.0 / 2) as i64;
        let share = deviation.saturating_mul(elapsed_us) / TRIM_TIME.0 as i64;
        let bound = i64::from(TRIM_MAX.0) * 1000;
        self.microvolts = (self.microvolts.saturating_add(share)).clamp(-bound, bound);
    }

    /// The trimmed set-point.
    #[must_use]
    pub const fn set_point(&self) -> MilliVolts {
        MilliVolts(BUS_SET_POINT.0 + (self.microvolts / 1000) as i32)
    }
}
