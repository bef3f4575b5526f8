//! How often a module closes its relay. Opening never waits; closing does, once it has become a habit.

use voltower_core::{Duration, values};

/// Closings that are not forgiven yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Closings {
    count: u8,
    since: Duration,
}

/// Beyond this nothing gets longer.
const MOST: u8 = values::CLOSINGS_FREE.0 as u8 + 7;

impl Closings {
    /// Takes one sample.
    pub(super) fn step(&mut self, closes: bool, elapsed: Duration) {
        self.since = self.since + elapsed;
        if self.since >= values::CLOSING_FORGIVEN {
            *self = Self { count: self.count.saturating_sub(1), since: Duration::ZERO };
        }
        if closes {
            self.count = self.count.saturating_add(1).min(MOST);
        }
    }

    /// How long the contacts stay open after they have opened now.
    pub(super) fn cool_down(self) -> Duration {
        let free = values::CLOSINGS_FREE.0 as u8;
        let Some(beyond) = self.count.checked_sub(free + 1) else { return Duration::ZERO };
        let longer =
            values::CLOSING_COOL_DOWN.0.saturating_mul(1_u64.checked_shl(beyond.into()).unwrap_or(u64::MAX));
        Duration(longer).min(values::CLOSING_COOL_DOWN_LONGEST)
    }
}
