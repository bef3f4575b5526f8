//! How soon the tower may close its relays again: it opens whenever it must, and comes back later each time.

use voltower_core::Duration;
use voltower_core::values::{RECLOSE_FIRST, RECLOSE_FORGIVEN, RECLOSE_FREE, RECLOSE_LONGEST};

/// Rests between two connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Reclose {
    /// Until it may close.
    rest: Duration,
    /// How often it left the bus lately.
    left: u8,
    /// Time since it last did.
    since: Duration,
}

impl Reclose {
    /// Takes one sample period: `leaves` says that the tower leaves its bus in it.
    pub(super) fn step(&mut self, leaves: bool, elapsed: Duration) {
        self.rest = self.rest.less(elapsed);
        self.since = self.since + elapsed;
        if self.since >= RECLOSE_FORGIVEN {
            self.since = Duration::ZERO;
            self.left = self.left.saturating_sub(1);
        }
        if leaves {
            self.left = self.left.saturating_add(1).min(MOST);
            self.since = Duration::ZERO;
            self.rest = self.next_rest();
        }
    }

    /// It may close its relays.
    #[must_use]
    pub(super) const fn may_close(self) -> bool {
        self.rest.is_zero()
    }

    fn next_rest(self) -> Duration {
        match self.left.checked_sub(RECLOSE_FREE.0 as u8) {
            None | Some(0) => Duration::ZERO,
            Some(more) => Duration(RECLOSE_FIRST.0 << (more - 1).min(DOUBLINGS)).min(RECLOSE_LONGEST),
        }
    }
}

/// More doublings than the longest rest needs.
const DOUBLINGS: u8 = 8;
/// Leaving more often than this lengthens no rest any more.
const MOST: u8 = 12;
