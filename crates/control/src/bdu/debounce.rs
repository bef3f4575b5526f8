//! Debouncing on fresh samples *and* elapsed time: neither many looks at one sample nor one look after a long pause
//! count.

use voltower_core::Duration;

/// What it takes to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Fresh samples in a row that show it.
    pub samples: u8,
    /// Time between the first of them and the last.
    pub time: Duration,
    /// Once believed it stays, until [`Debounce::reset`].
    pub latched: bool,
}

/// Whether something is believed.
///
/// ```text
///           seen                seen again, samples and time complete
///  Clear --------> Pending{} --------------------------------------> Raised
///    ^                | not seen                                       |
///    +----------------+<------------ not seen, unless latched ---------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Debounce {
    /// Not seen.
    #[default]
    Clear,
    /// Seen, not yet believed.
    Pending {
        /// Samples still wanted.
        samples: u8,
        /// Time still wanted.
        remaining: Duration,
    },
    /// Believed.
    Raised,
}

impl Debounce {
    /// Takes one fresh sample, `elapsed` after the one before; true while believed.
    pub fn step(&mut self, seen: bool, elapsed: Duration, rule: Rule) -> bool {
        *self = match *self {
            Self::Raised if seen || rule.latched => Self::Raised,
            Self::Clear if seen => Self::pending(rule.samples.saturating_sub(1), rule.time),
            Self::Pending { samples, remaining } if seen => {
                Self::pending(samples.saturating_sub(1), remaining.less(elapsed))
            }
            Self::Clear | Self::Pending { .. } | Self::Raised => Self::Clear,
        };
        self.is_raised()
    }

    const fn pending(samples: u8, remaining: Duration) -> Self {
        if samples == 0 && remaining.is_zero() { Self::Raised } else { Self::Pending { samples, remaining } }
    }

    /// Believed.
    #[must_use]
    pub const fn is_raised(self) -> bool {
        matches!(self, Self::Raised)
    }

    /// Forgets.
    pub fn reset(&mut self) {
        *self = Self::Clear;
    }
}
