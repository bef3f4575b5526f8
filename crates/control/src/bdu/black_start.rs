//! The black-start window: a bus held without an inverter, but not for ever.

use voltower_core::Duration;
use voltower_core::values::BLACK_START_WINDOW;

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
