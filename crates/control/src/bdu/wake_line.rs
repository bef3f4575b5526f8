//! The wake line to the modules: on while the tower is awake, and low for a moment when dormant modules shall wake.

use voltower_core::Duration;
use voltower_core::values::{WAKE_CALM, WAKE_FOR_CHARGE, WAKE_PULSE, WAKE_PULSE_AGAIN};

use super::activity::Flow;

/// Why dormant modules are woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reason {
    /// A person is there.
    Person,
    /// Somebody without an address answers: a dormant module may have lost its own.
    Stranger,
    /// The tower is charged, and a dormant module is low: it could be charged, too.
    Charge,
}

/// The wake line of a tower that is awake. What calls again and again although waking changes nothing is heard later
/// each time: whoever is woken draws hundreds of times what it draws asleep.
///
/// ```text
///            a reason, and long enough since the last            over
///  On{} --------------------------------------------> Pulse{} --------> On{}
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct WakeLine {
    line: Line,
    /// Pulses for the same reason that are not forgotten yet.
    calls: u8,
    /// Nothing has called for so long.
    calm: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Line {
    /// On, so long since the last pulse, or since the start.
    On { since: Duration },
    /// Low, until it is on again.
    Pulse { remaining: Duration },
}

impl Default for WakeLine {
    fn default() -> Self {
        Self { line: Line::On { since: Duration::ZERO }, calls: 0, calm: Duration::ZERO }
    }
}

impl WakeLine {
    /// The line.
    #[must_use]
    pub(super) const fn is_on(self) -> bool {
        matches!(self.line, Line::On { .. })
    }

    /// Takes one sample of a tower in which modules may sleep, or none does; true at the moment when a pulse ends.
    pub(super) fn step(
        &mut self,
        any_asleep: bool,
        reason: Option<Reason>,
        flow: Flow,
        elapsed: Duration,
    ) -> bool {
        self.calm = if reason.is_some() { Duration::ZERO } else { self.calm + elapsed };
        if self.calm >= WAKE_CALM {
            self.calls = 0;
        }
        let (line, woken) = match self.line {
            Line::Pulse { remaining } if remaining.less(elapsed).is_zero() => {
                (Line::On { since: Duration::ZERO }, true)
            }
            Line::Pulse { remaining } => (Line::Pulse { remaining: remaining.less(elapsed) }, false),
            Line::On { since } => {
                let since = since + elapsed;
                let pulses = any_asleep && self.is_due(reason, flow, since);
                if pulses {
                    self.calls = self.calls.saturating_add(u8::from(reason.is_some())).min(DOUBLINGS);
                }
                (if pulses { Line::Pulse { remaining: WAKE_PULSE } } else { Line::On { since } }, false)
            }
        };
        self.line = line;
        woken
    }

    /// It calls, or somebody without an address is reason enough to call those that sleep.
    #[must_use]
    pub(super) fn may_call(self) -> bool {
        match self.line {
            Line::Pulse { .. } => true,
            Line::On { since } => self.is_due(Some(Reason::Stranger), Flow::Idle, since),
        }
    }

    fn is_due(self, reason: Option<Reason>, flow: Flow, since: Duration) -> bool {
        let again = Duration(WAKE_PULSE_AGAIN.0 << self.calls.min(DOUBLINGS)).min(WAKE_FOR_CHARGE);
        match (reason, flow) {
            (Some(Reason::Person), _) => true,
            (Some(Reason::Stranger | Reason::Charge), _) => since >= again,
            (None, Flow::Charging) => since >= WAKE_FOR_CHARGE,
            (None, Flow::Idle | Flow::Discharging) => false,
        }
    }
}

/// More doublings than the longest time between two pulses needs.
const DOUBLINGS: u8 = 8;

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    const SECOND: Duration = Duration::secs(1);

    /// Times of the pulses within so many hours, in seconds, of a tower that is charged.
    fn pulses(reason: Option<Reason>, hours: u64) -> Vec<u64> {
        let mut line = WakeLine::default();
        let woken = |_: &u64| line.step(true, reason, Flow::Charging, SECOND);
        (0..3600 * hours).filter(woken).collect()
    }

    #[test]
    fn a_low_module_is_woken_soon_for_charge_and_less_and_less_often_if_it_takes_none() {
        let at = pulses(Some(Reason::Charge), 12);
        assert!(at[0] < 700, "{at:?}");
        assert!(at.windows(3).all(|at| at[2] - at[1] >= at[1] - at[0]), "{at:?}");
        assert!(at.len() <= 8, "{at:?}");
        assert_eq!(pulses(None, 12).len(), 2);
    }

    #[test]
    fn an_hour_without_a_call_makes_the_next_one_the_first() {
        let mut line = WakeLine { calls: 5, ..WakeLine::default() };
        for _ in 0..3600 {
            line.step(true, None, Flow::Idle, SECOND);
        }
        line.step(true, Some(Reason::Charge), Flow::Charging, SECOND);
        assert!(!line.is_on());
    }
}
