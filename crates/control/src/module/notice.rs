//! The inverter is told first: the converter follows a falling limit only after the inverter could have obeyed it.
//!
//! Limits travel once a second. A converter that stopped at once would leave the bus to an inverter that still pushes,
//! and 2 mF rise by 50 V in 4 ms at 10 kW. What must stop at once (a condition) does.

use voltower_core::{Duration, Watts, values};

/// The power that the converter may move in one direction: never less than was published in the last LIMIT_NOTICE.
///
/// ```text
///              target falls
///  Following ---------------> Noticed --- LIMIT_NOTICE over ---> Noticed, by the largest target since, or Following
///      ^                         |
///      +--- target back, stop ---+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Notice {
    /// As published.
    Following(Watts),
    /// Smaller limits have been published and the larger one still holds.
    Noticed {
        /// The larger one.
        power: Watts,
        /// The largest of the smaller ones.
        since: Watts,
        /// Until that one holds.
        remaining: Duration,
    },
}

impl Default for Notice {
    fn default() -> Self {
        Self::Following(Watts::ZERO)
    }
}

impl Notice {
    /// One sample: `target` is published now; `stop` lets it hold at once.
    pub(super) fn step(&mut self, target: Watts, stop: bool, elapsed: Duration) -> Watts {
        *self = match *self {
            Self::Following(power) if target < power && !stop => noticed(power, target),
            Self::Noticed { power, since, remaining } if target < power && !stop => {
                let since = since.max(target);
                match remaining.less(elapsed) {
                    Duration::ZERO if target < since => noticed(since, target),
                    Duration::ZERO => Self::Following(target),
                    remaining => Self::Noticed { power, since, remaining },
                }
            }
            Self::Following(_) | Self::Noticed { .. } => Self::Following(target),
        };
        match *self {
            Self::Following(power) | Self::Noticed { power, .. } => power,
        }
    }
}

/// Not stretched with the sample period: the inverter hears of it in the same step, and three coarse ones would let a
/// cell run past its threshold.
fn noticed(power: Watts, target: Watts) -> Notice {
    Notice::Noticed { power, since: target, remaining: values::LIMIT_NOTICE }
}
