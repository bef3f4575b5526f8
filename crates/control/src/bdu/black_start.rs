//! The black-start window: a bus held without an inverter, but not for ever; and how a tower looks for an inverter that
//! it does not hear.

use voltower_core::Duration;
use voltower_core::values::{BLACK_START_AGAIN, BLACK_START_WINDOW, BLACK_START_WINDOWS, UNHEARD_SLEEP};

use crate::io::SamplePeriod;

/// Whether the bus may be energised without an inverter.
///
/// ```text
///             long press                bus is up
///  Inactive -------------> Pending{} ---------------> Holding{}
///     ^                       | inverter heard, or time is up |
///     +-----------------------+<------------------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BlackStart {
    /// Only for an inverter that is heard.
    #[default]
    Inactive,
    /// Asked for; the bus is not up yet (the DC switch may still be open).
    Pending {
        /// Until it is given up.
        remaining: Duration,
    },
    /// The bus is up, the inverter may boot.
    Holding {
        /// Until it is given up.
        remaining: Duration,
    },
}

impl BlackStart {
    /// A person wants one.
    #[must_use]
    pub const fn requested() -> Self {
        Self::Pending { remaining: BLACK_START_WINDOW }
    }

    /// Still waiting for the inverter.
    #[must_use]
    pub const fn is_active(self) -> bool {
        !matches!(self, Self::Inactive)
    }

    /// Takes one sample period; true once when the window has passed without the inverter.
    pub fn step(
        &mut self,
        bus_up: bool,
        inverter_heard: bool,
        elapsed: Duration,
        period: SamplePeriod,
    ) -> bool {
        if inverter_heard {
            *self = Self::Inactive;
        }
        let next = match *self {
            Self::Inactive => return false,
            Self::Pending { .. } if bus_up => Self::Holding { remaining: period.stretch(BLACK_START_WINDOW) },
            Self::Pending { remaining } => Self::Pending { remaining: remaining.less(elapsed) },
            Self::Holding { remaining } => Self::Holding { remaining: remaining.less(elapsed) },
        };
        let expired = next.remaining().is_some_and(Duration::is_zero);
        *self = if expired { Self::Inactive } else { next };
        expired
    }

    /// Until the window has passed; `None` if there is none.
    #[must_use]
    pub const fn remaining(self) -> Option<Duration> {
        match self {
            Self::Inactive => None,
            Self::Pending { remaining } | Self::Holding { remaining } => Some(remaining),
        }
    }
}

/// How a tower that is awake looks for an inverter that it does not hear: one that was silent, or has started anew in
/// an island, finds a bus to boot from.
///
/// ```text
///          never heard
///   Idle ---------------> Waiting{} ------------------------- too long ---------------------> Over
///    ^ |  a person's window     window over            a minute                                ^
///    | +----------------> Asked ------------> Resting{} ---------> Holding{} -- window over -+ |
///    | |       silent                           ^ ^  |                |                      | |
///    | +----------------------------------------+ +--|----------------|----------------------+ |
///    |                                               +----------------+-- none left, or it ----+
///    +--- heard                                                           may not be held
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Search {
    /// It is heard.
    #[default]
    Idle,
    /// None was heard since the start.
    Waiting {
        /// Until the tower sleeps.
        remaining: Duration,
    },
    /// A person has asked for the bus.
    Asked,
    /// Off the bus.
    Resting {
        /// Until the next window.
        remaining: Duration,
        /// Windows left.
        windows: u8,
    },
    /// The bus is held by the tower's own will.
    Holding {
        /// Windows left after this one.
        windows: u8,
    },
    /// It has looked long enough: it sleeps.
    Over,
}

/// What the search goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// The inverter is heard, or was a moment ago.
    pub heard: bool,
    /// It was heard before, and has fallen silent.
    pub silent: bool,
    /// A window is open.
    pub window: bool,
    /// A window has passed.
    pub expired: bool,
    /// The tower may open one.
    pub may_hold: bool,
}

/// What the search wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Nothing new.
    Nothing,
    /// A window.
    Open,
    /// No window any more.
    Close,
}

impl Search {
    /// Of a tower that has woken by itself for one window.
    pub const ONE_WINDOW: Self = Self::Holding { windows: 0 };

    /// Of a BDU that was reset: its inverter may have lost the bus with it.
    #[must_use]
    pub fn after_reset(period: SamplePeriod) -> Self {
        Self::Resting { remaining: period.stretch(BLACK_START_AGAIN), windows: BLACK_START_WINDOWS.0 as u8 }
    }

    /// Takes one sample period of a tower that is awake.
    pub fn step(&mut self, signs: &Signs, elapsed: Duration, period: SamplePeriod) -> Wish {
        let again = |windows| Self::Resting { remaining: period.stretch(BLACK_START_AGAIN), windows };
        let all = BLACK_START_WINDOWS.0 as u8;
        let (next, wish) = match *self {
            _ if signs.heard => (Self::Idle, Wish::Nothing),
            Self::Idle | Self::Waiting { .. } if signs.window => (Self::Asked, Wish::Nothing),
            Self::Idle if signs.silent => (again(all), Wish::Nothing),
            Self::Idle => (Self::Waiting { remaining: period.stretch(UNHEARD_SLEEP) }, Wish::Nothing),
            Self::Waiting { remaining } if remaining.less(elapsed).is_zero() => (Self::Over, Wish::Nothing),
            Self::Waiting { remaining } => {
                (Self::Waiting { remaining: remaining.less(elapsed) }, Wish::Nothing)
            }
            Self::Asked if !signs.window => (again(all.saturating_sub(1)), Wish::Nothing),
            Self::Asked => (Self::Asked, Wish::Nothing),
            Self::Resting { remaining, windows } => rested(remaining.less(elapsed), windows, signs),
            Self::Holding { windows } if signs.expired || !signs.window => (again(windows), Wish::Nothing),
            Self::Holding { .. } if !signs.may_hold => (Self::Over, Wish::Close),
            Self::Holding { windows } => (Self::Holding { windows }, Wish::Nothing),
            Self::Over => (Self::Over, Wish::Nothing),
        };
        *self = next;
        wish
    }

    /// The tower should sleep.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Over)
    }
}

const fn rested(remaining: Duration, windows: u8, signs: &Signs) -> (Search, Wish) {
    if !remaining.is_zero() {
        (Search::Resting { remaining, windows }, Wish::Nothing)
    } else if windows == 0 || !signs.may_hold {
        (Search::Over, Wish::Nothing)
    } else {
        (Search::Holding { windows: windows - 1 }, Wish::Open)
    }
}
