//! When the groups of process data are due.

use voltower_core::Duration;
use voltower_core::values::{LINK_FAST_PERIOD, LINK_SLOW_PERIOD};

/// Which groups are to be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Due {
    /// State, power, limits, commands: every [`LINK_FAST_PERIOD`].
    pub fast: bool,
    /// Cells, temperatures, capacity: every [`LINK_SLOW_PERIOD`].
    pub slow: bool,
}

/// Counts down to the next sending of each group; with a slower sample period every sample sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PdoClock {
    fast: Duration,
    slow: Duration,
}

impl PdoClock {
    /// Both groups are due at the first tick.
    #[must_use]
    pub const fn new() -> Self {
        Self { fast: Duration::ZERO, slow: Duration::ZERO }
    }

    /// Lets `elapsed` pass.
    pub fn tick(&mut self, elapsed: Duration) -> Due {
        Due {
            fast: count_down(&mut self.fast, elapsed, LINK_FAST_PERIOD),
            slow: count_down(&mut self.slow, elapsed, LINK_SLOW_PERIOD),
        }
    }
}

/// Whether the time is up; then it starts anew, without catching up what a slow caller has missed.
pub(super) fn count_down(remaining: &mut Duration, elapsed: Duration, period: Duration) -> bool {
    *remaining = remaining.less(elapsed);
    let due = remaining.is_zero();
    if due {
        *remaining = period;
    }
    due
}
