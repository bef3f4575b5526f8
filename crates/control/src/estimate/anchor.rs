//! The ends of the charge, where an LFP cell's voltage says what its plateau hides.

use voltower_core::{Duration, MilliAmps, PerMille, values};

/// An end of the charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The fullest cell is full.
    Full,
    /// The emptiest cell is empty.
    Empty,
}

/// What the cells say; `None` while a cell is not read, for the unread one might be the fullest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// Highest cell voltage, mV.
    pub highest: Option<i32>,
    /// Lowest cell voltage, mV.
    pub lowest: Option<i32>,
}

/// Where the search for an end stands.
///
/// ```text
///           at an end, little current            long enough
///   Free ------------------------------> Near ---------------> At
///     ^  <------------------------------                       |
///     |            no more                                     |
///     +---- full: SOC below FULL_LEFT; empty: charging --------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// Somewhere between the ends.
    Free,
    /// Seems to be at an end.
    Near {
        /// Which.
        end: End,
        /// Time until it is believed; zero when it has just been reached.
        remaining: Duration,
    },
    /// At an end; the count has been set.
    At(End),
}

impl Anchor {
    /// The state after a sample.
    #[must_use]
    pub fn next(self, signs: &Signs, current: MilliAmps, soc: PerMille, elapsed: Duration) -> Self {
        let end = signs.end(current);
        match self {
            Self::Free => match end {
                Some(end) => Self::Near { end, remaining: values::ANCHOR_TIME },
                None => Self::Free,
            },
            Self::Near { end: near, remaining } if end == Some(near) => {
                Self::Near { end: near, remaining: remaining.less(elapsed) }
            }
            Self::Near { .. } => Self::Free,
            Self::At(End::Full) if soc < values::FULL_LEFT => Self::Free,
            Self::At(End::Empty) if soc > EMPTY_LEFT => Self::Free,
            Self::At(end) => Self::At(end),
        }
    }

    /// The end that has been reached in this step.
    #[must_use]
    pub fn reached(self) -> Option<End> {
        match self {
            Self::Near { end, remaining } if remaining.is_zero() => Some(end),
            Self::Free | Self::Near { .. } | Self::At(_) => None,
        }
    }

    /// After the count was set.
    #[must_use]
    pub fn settled(self) -> Self {
        match self {
            Self::Near { end, .. } => Self::At(end),
            Self::Free | Self::At(_) => self,
        }
    }
}

/// As far from the empty end as [`values::FULL_LEFT`] is from the full one.
const EMPTY_LEFT: PerMille = PerMille(PerMille::FULL.0 - values::FULL_LEFT.0);

impl Signs {
    fn end(&self, current: MilliAmps) -> Option<End> {
        if current.abs() > values::ANCHOR_CURRENT {
            return None;
        }
        if self.highest.is_some_and(|mv| mv >= values::FULL_ANCHOR_VOLTAGE.0) {
            return Some(End::Full);
        }
        if self.lowest.is_some_and(|mv| mv <= values::EMPTY_ANCHOR_VOLTAGE.0) {
            return Some(End::Empty);
        }
        None
    }
}
