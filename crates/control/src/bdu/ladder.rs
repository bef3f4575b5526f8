//! The low-SOC stages: stop giving, ask for charge, sleep; so that an idle month is survived.

use voltower_core::values::{
    LADDER_ASK, LADDER_ASK_TIME, LADDER_ASKED_ENOUGH, LADDER_LEAVE, LADDER_REST, LADDER_SLEEP,
    LADDER_SLEEP_TIME, SLEEP_PROBE_TIME,
};
use voltower_core::{Duration, PerMille};

use crate::io::SamplePeriod;

const _: () = assert!(LADDER_SLEEP.0 < LADDER_ASK.0 && LADDER_ASK.0 < LADDER_REST.0);
const _: () = assert!(LADDER_REST.0 < LADDER_ASKED_ENOUGH.0 && LADDER_ASKED_ENOUGH.0 < LADDER_LEAVE.0);

/// How near to empty the tower is.
///
/// ```text
///           <= 5 %             <= 4 %             <= 3 %
///  Normal ---------> Resting ----------> Asking{} --------> Critical{} --- 2 min without charge ---> (sleep)
///    ^                |   ^               |  |  ^             |
///    |     >= 8 %     |   |    >= 6 %     |  |  |    > 3 %    |
///    +----------------+   +---------------+  |  +-------------+
///                                            +--- 10 min without charge ---> (sleep), and as long as a probe after it
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ladder {
    /// Enough.
    #[default]
    Normal,
    /// Gives no more; waits for the sun.
    Resting,
    /// Gives no more and asks for charge.
    Asking {
        /// Until it goes to sleep.
        remaining: Duration,
    },
    /// About to sleep, because next to nothing is left.
    Critical {
        /// Until it does.
        remaining: Duration,
    },
}

/// What the ladder wants of the tower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rung {
    /// Nothing.
    Free,
    /// No discharging.
    Rest,
    /// No discharging; charge is asked for.
    Ask,
    /// Go to sleep.
    Sleep,
    /// Shut down: the reserve is used.
    ShutDown,
}

impl Ladder {
    /// Of a tower that wakes from sleep to look for charge.
    #[must_use]
    pub const fn probing() -> Self {
        Self::Asking { remaining: SLEEP_PROBE_TIME }
    }

    /// Takes one sample period of a tower that is awake and could be charged.
    pub fn step(&mut self, soc: PerMille, charging: bool, elapsed: Duration, period: SamplePeriod) -> Rung {
        let asking = Self::Asking { remaining: period.stretch(LADDER_ASK_TIME) };
        let critical = Self::Critical { remaining: period.stretch(LADDER_SLEEP_TIME) };
        *self = match *self {
            Self::Normal if soc <= LADDER_REST => Self::Resting,
            Self::Normal => Self::Normal,
            Self::Resting if soc >= LADDER_LEAVE => Self::Normal,
            Self::Resting if soc <= LADDER_ASK => asking,
            Self::Resting => Self::Resting,
            Self::Asking { .. } if soc >= LADDER_ASKED_ENOUGH => Self::Resting,
            Self::Asking { .. } if soc <= LADDER_SLEEP => critical,
            Self::Asking { .. } if charging => asking,
            Self::Asking { remaining } => Self::Asking { remaining: remaining.less(elapsed) },
            Self::Critical { .. } if soc > LADDER_SLEEP => asking,
            Self::Critical { .. } if charging => critical,
            Self::Critical { remaining } => Self::Critical { remaining: remaining.less(elapsed) },
        };
        self.rung()
    }

    /// What it wants at this moment.
    #[must_use]
    pub const fn rung(self) -> Rung {
        match self {
            Self::Normal => Rung::Free,
            Self::Resting => Rung::Rest,
            Self::Asking { remaining } | Self::Critical { remaining } if remaining.is_zero() => Rung::Sleep,
            Self::Asking { .. } | Self::Critical { .. } => Rung::Ask,
        }
    }
}
