//! Whether a module's terminals B+ and B- are well connected, and how often it may try again.

use voltower_core::Duration;
use voltower_core::values::{TERMINAL_REST, TERMINAL_TIME, TERMINAL_TRIES};

use super::debounce::{Debounce, Rule};

pub(super) const BAD: Rule = Rule { samples: 3, time: TERMINAL_TIME, latched: false };

/// The contact of one module. Off the bus no current flows and a loose contact cannot be seen, so it rests and tries
/// again.
///
/// ```text
///            bad for 1 s                 rested for 1 min, and does not look bad
///  Watched ---------------> Barred{} --------------------------------------------> Watched
///                               | no try left: until a person has looked
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contact {
    /// Trusted.
    Watched {
        /// Bad, perhaps.
        bad: Debounce,
        /// Tries left.
        tries: u8,
    },
    /// Its module stays off the bus.
    Barred {
        /// Until it may try again.
        remaining: Duration,
        /// Tries left.
        tries: u8,
    },
}

impl Default for Contact {
    fn default() -> Self {
        Self::new(ContactState::NEW)
    }
}

/// What outlives a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContactState {
    /// Tries left.
    pub tries: u8,
    /// Its module stays off the bus.
    pub barred: bool,
}

impl ContactState {
    /// Trusted.
    pub const NEW: Self = Self { tries: TERMINAL_TRIES.0 as u8, barred: false };

    /// It waits for a person.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.barred && self.tries == 0
    }
}

impl Contact {
    /// With what was kept; whoever was barred rests anew.
    #[must_use]
    pub const fn new(kept: ContactState) -> Self {
        let ContactState { tries, barred } = kept;
        if barred {
            Self::Barred { remaining: TERMINAL_REST, tries }
        } else {
            Self::Watched { bad: Debounce::Clear, tries }
        }
    }

    /// What outlives a loss of power.
    #[must_use]
    pub const fn kept(self) -> ContactState {
        match self {
            Self::Watched { tries, .. } => ContactState { tries, barred: false },
            Self::Barred { tries, .. } => ContactState { tries, barred: true },
        }
    }

    /// Takes one fresh measurement of the module, `elapsed` after the one before.
    pub fn step(&mut self, looks_bad: bool, elapsed: Duration) {
        *self = match *self {
            Self::Watched { mut bad, tries } => {
                if bad.step(looks_bad, elapsed, BAD) {
                    Self::Barred { remaining: TERMINAL_REST, tries: tries.saturating_sub(1) }
                } else {
                    Self::Watched { bad, tries }
                }
            }
            Self::Barred { remaining, tries } => {
                let remaining = remaining.less(elapsed);
                if remaining.is_zero() && tries > 0 && !looks_bad {
                    Self::Watched { bad: Debounce::Clear, tries }
                } else {
                    Self::Barred { remaining, tries }
                }
            }
        };
    }

    /// The module must stay off the bus.
    #[must_use]
    pub const fn is_barred(self) -> bool {
        matches!(self, Self::Barred { .. })
    }
}
