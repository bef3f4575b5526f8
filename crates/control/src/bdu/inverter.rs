//! Whether the inverter lives: it asks once a second, and its silence takes the tower's power away.

use voltower_core::Duration;
use voltower_core::values::{INVERTER_SILENCE_FAULT, INVERTER_SILENCE_LIMIT};

use crate::io::SamplePeriod;

/// The inverter, as heard on COM.
///
/// ```text
///            heard             silent 3 s            silent 5 s
///  Unheard --------> Alive{} ------------> Quiet{} ------------> Silent
///                     ^ ^       heard        |                      |
///                     | +--------------------+        heard         |
///                     +---------------------------------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Inverter {
    /// Not one frame since the tower woke; that is no fault.
    #[default]
    Unheard,
    /// Heard lately.
    Alive {
        /// Until its silence takes the limits away.
        until_quiet: Duration,
    },
    /// Silent for so long that limits are zero.
    Quiet {
        /// Until its silence is a fault.
        until_silent: Duration,
    },
    /// Silent for so long that the tower leaves the bus.
    Silent,
}

impl Inverter {
    /// Takes one sample period: `heard` says whether any frame of the inverter came in it.
    pub fn step(&mut self, heard: bool, elapsed: Duration, period: SamplePeriod) {
        if heard {
            *self = Self::Alive { until_quiet: period.stretch(INVERTER_SILENCE_LIMIT) };
            return;
        }
        *self = match *self {
            Self::Unheard => Self::Unheard,
            Self::Alive { until_quiet } => Self::after_alive(until_quiet.less(elapsed), period),
            Self::Quiet { until_silent } => Self::after_quiet(until_silent.less(elapsed)),
            Self::Silent => Self::Silent,
        };
    }

    fn after_alive(until_quiet: Duration, period: SamplePeriod) -> Self {
        if until_quiet.is_zero() {
            let to_fault = period.stretch(INVERTER_SILENCE_FAULT);
            Self::after_quiet(to_fault.less(period.stretch(INVERTER_SILENCE_LIMIT)))
        } else {
            Self::Alive { until_quiet }
        }
    }

    const fn after_quiet(until_silent: Duration) -> Self {
        if until_silent.is_zero() { Self::Silent } else { Self::Quiet { until_silent } }
    }

    /// Heard lately enough to be trusted with power.
    #[must_use]
    pub const fn is_alive(self) -> bool {
        matches!(self, Self::Alive { .. })
    }

    /// Heard, and not yet given up: the bus may be held for it.
    #[must_use]
    pub const fn is_present(self) -> bool {
        matches!(self, Self::Alive { .. } | Self::Quiet { .. })
    }
}
