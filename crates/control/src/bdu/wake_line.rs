//! The wake line to the modules: on while the tower is awake, and low for a moment when dormant modules shall wake.

use voltower_core::Duration;
use voltower_core::values::{WAKE_FOR_CHARGE, WAKE_PULSE, WAKE_PULSE_AGAIN};

use super::activity::Flow;

/// Why dormant modules are woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reason {
    /// A person is there.
    Person,
    /// Somebody without an address answers: a dormant module may have lost its own.
    Stranger,
}

/// The wake line of a tower that is awake.
///
/// ```text
///            a reason, and long enough since the last            over
///  On{} --------------------------------------------> Pulse{} --------> On{}
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum WakeLine {
    /// On, so long since the last pulse.
    On {
        /// Since the last pulse, or since the start.
        since: Duration,
    },
    /// Low.
    Pulse {
        /// Until it is on again.
        remaining: Duration,
    },
}

impl Default for WakeLine {
    fn default() -> Self {
        Self::On { since: Duration::ZERO }
    }
}

impl WakeLine {
    /// The line.
    #[must_use]
    pub(super) const fn is_on(self) -> bool {
        matches!(self, Self::On { .. })
    }

    /// Takes one sample of a tower in which modules are dormant, or none is; true at the moment when a pulse ends.
    pub(super) fn step(
        &mut self,
        any_dormant: bool,
        reason: Option<Reason>,
        flow: Flow,
        elapsed: Duration,
    ) -> bool {
        let (next, woken) = match *self {
            Self::Pulse { remaining } if remaining.less(elapsed).is_zero() => (Self::default(), true),
            Self::Pulse { remaining } => (Self::Pulse { remaining: remaining.less(elapsed) }, false),
            Self::On { since } => {
                let since = since + elapsed;
                let is_due = match (reason, flow) {
                    (Some(Reason::Person), _) => true,
                    (Some(Reason::Stranger), _) => since >= WAKE_PULSE_AGAIN,
                    (None, Flow::Charging) => since >= WAKE_FOR_CHARGE,
                    (None, Flow::Idle | Flow::Discharging) => false,
                };
                let pulses = is_due && any_dormant;
                (if pulses { Self::Pulse { remaining: WAKE_PULSE } } else { Self::On { since } }, false)
            }
        };
        *self = next;
        woken
    }
}
