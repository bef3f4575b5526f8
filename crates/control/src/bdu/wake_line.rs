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
/// each time: whoever is woken draws hundreds of times what it draws asleep. Each reason counts its own calls: a module
/// that sun has called for all day must be found at night when it lost its address.
///
/// ```text
///            a reason, and long enough since it called last            over
///  On{} ---------------------------------------------------> Pulse{} --------> On{}
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct WakeLine {
    line: Line,
    /// Calls for charge; every pulse is one.
    charge: Calls,
    /// Calls for somebody without an address.
    stranger: Calls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Line {
    On,
    /// Low, until it is on again.
    Pulse {
        remaining: Duration,
    },
}

/// What one reason has called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Calls {
    /// Since the last pulse that served it.
    since: Duration,
    /// Pulses for this reason that are not forgotten yet.
    made: u8,
    /// It has not called for so long.
    calm: Duration,
}

impl Calls {
    /// Nobody has called yet, and the last pulse is so long ago.
    const fn since(since: Duration) -> Self {
        Self { since, made: 0, calm: Duration::ZERO }
    }

    /// Lets time pass, in which this reason `calls` or does not.
    fn pass(&mut self, calls: bool, elapsed: Duration) {
        self.since = self.since + elapsed;
        self.calm = if calls { Duration::ZERO } else { self.calm + elapsed };
        if self.calm >= WAKE_CALM {
            self.made = 0;
        }
    }

    /// Long enough since the last call.
    fn is_due(self) -> bool {
        let again = Duration(WAKE_PULSE_AGAIN.0 << self.made.min(DOUBLINGS)).min(WAKE_FOR_CHARGE);
        self.since >= again
    }

    /// A pulse has begun that serves it, `for_it` or for another reason.
    fn serve(&mut self, for_it: bool) {
        self.since = Duration::ZERO;
        self.made = self.made.saturating_add(u8::from(for_it)).min(DOUBLINGS);
    }
}

impl Default for WakeLine {
    fn default() -> Self {
        // At the start all were woken, but whoever loses its address later was called for nothing yet.
        Self {
            line: Line::On,
            charge: Calls::since(Duration::ZERO),
            stranger: Calls::since(WAKE_PULSE_AGAIN),
        }
    }
}

impl WakeLine {
    /// The line.
    #[must_use]
    pub(super) const fn is_on(self) -> bool {
        matches!(self.line, Line::On)
    }

    /// Takes one sample of a tower in which modules may sleep, or none does; true at the moment when a pulse ends.
    pub(super) fn step(
        &mut self,
        any_asleep: bool,
        reason: Option<Reason>,
        flow: Flow,
        elapsed: Duration,
    ) -> bool {
        self.charge.pass(reason == Some(Reason::Charge), elapsed);
        self.stranger.pass(reason == Some(Reason::Stranger), elapsed);
        let (line, woken) = match self.line {
            Line::Pulse { remaining } if remaining.less(elapsed).is_zero() => (Line::On, true),
            Line::Pulse { remaining } => (Line::Pulse { remaining: remaining.less(elapsed) }, false),
            Line::On if any_asleep && self.is_due(reason, flow) => {
                self.charge.serve(reason == Some(Reason::Charge));
                if reason == Some(Reason::Stranger) {
                    self.stranger.serve(true);
                }
                (Line::Pulse { remaining: WAKE_PULSE }, false)
            }
            Line::On => (Line::On, false),
        };
        self.line = line;
        woken
    }

    /// It calls, or somebody without an address is reason enough to call those that sleep.
    #[must_use]
    pub(super) fn may_call(self) -> bool {
        !self.is_on() || self.stranger.is_due()
    }

    fn is_due(self, reason: Option<Reason>, flow: Flow) -> bool {
        match (reason, flow) {
            (Some(Reason::Person), _) => true,
            (Some(Reason::Stranger), _) => self.stranger.is_due(),
            (Some(Reason::Charge), _) => self.charge.is_due(),
            (None, Flow::Charging) => self.charge.since >= WAKE_FOR_CHARGE,
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
        let mut line = WakeLine::default();
        line.charge.made = 5;
        for _ in 0..3600 {
            line.step(true, None, Flow::Idle, SECOND);
        }
        line.step(true, Some(Reason::Charge), Flow::Charging, SECOND);
        assert!(!line.is_on());
    }

    /// Sun calls by day, and late in the evening a dormant module loses its address.
    #[test]
    fn whoever_lost_its_address_is_called_at_once_whatever_the_sun_has_called_for() {
        let mut line = WakeLine::default();
        for _ in 0..6 * 3600 {
            line.step(true, Some(Reason::Charge), Flow::Charging, SECOND);
        }
        for _ in 0..300 {
            line.step(true, None, Flow::Idle, SECOND);
        }
        assert!(line.may_call());
        line.step(true, Some(Reason::Stranger), Flow::Idle, SECOND);
        assert!(!line.is_on());
        // If nobody is found it is a stranger, and modules that sleep are not woken for it again and again.
        line.step(true, Some(Reason::Stranger), Flow::Idle, SECOND);
        assert!(line.is_on() && !line.may_call());
    }
}
