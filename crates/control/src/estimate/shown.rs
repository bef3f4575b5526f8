//! What people are shown: the estimate, followed slowly.

use voltower_core::{Duration, PerMille, values};

/// So many are a thousandth: no sample is too short to move it.
const UNIT: i64 = 1_000_000;

/// The state of charge that people see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shown(i64);

impl Shown {
    /// At the start nothing else was shown.
    #[must_use]
    pub fn new(soc: PerMille) -> Self {
        Self(i64::from(soc.0) * UNIT)
    }

    /// Follows the estimate by [`values::DISPLAY_SLEW`] a minute at most.
    pub fn follow(&mut self, soc: PerMille, elapsed: Duration) {
        let elapsed_us = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
        let most = elapsed_us.saturating_mul(i64::from(values::DISPLAY_SLEW.0)) / 60;
        let gap = i64::from(soc.0) * UNIT - self.0;
        // Not `clamp`: it could panic.
        self.0 += gap.min(most).max(-most);
    }

    /// As it is shown.
    #[must_use]
    pub const fn soc(self) -> PerMille {
        PerMille(((self.0 + UNIT / 2) / UNIT) as u16)
    }
}
