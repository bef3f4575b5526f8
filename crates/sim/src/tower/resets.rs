//! Controllers that start anew, or hang until their watchdog makes them.

use voltower_core::{Duration, Instant, ResetCause};

/// How long a program may hang until the independent watchdog resets its controller (ours: half the second after
/// which modules without a command leave the bus).
const WATCHDOG: Duration = Duration::millis(500);

/// What makes a controller start anew, beside the supply.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Resets {
    /// Held in reset: nothing of its electronics runs.
    pub(super) held: bool,
    storm: Option<Storm>,
    watchdog: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Storm {
    every: Duration,
    next: Instant,
}

impl Resets {
    /// It resets itself every so often from `now` on, or no longer.
    pub(super) fn set_storm(&mut self, now: Instant, every: Option<Duration>) {
        self.storm = every.map(|every| Storm { every, next: now + every });
    }

    /// Its program hangs.
    pub(super) fn hang(&mut self, now: Instant) {
        self.watchdog = Some(now + WATCHDOG);
    }

    /// Its program runs.
    pub(super) const fn runs(&self) -> bool {
        !self.held && self.watchdog.is_none()
    }

    /// Why it is reset `now`, if it is.
    pub(super) fn due(&mut self, now: Instant) -> Option<ResetCause> {
        let bites = self.watchdog.is_some_and(|at| at <= now);
        if bites {
            self.watchdog = None;
        }
        let storms = self.storm.is_some_and(|storm| storm.next <= now);
        if let Some(storm) = self.storm.as_mut().filter(|_| storms) {
            storm.next = now + storm.every;
        }
        let by_itself = storms.then_some(ResetCause::Software);
        bites.then_some(ResetCause::Watchdog).or(by_itself)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::millis(millis)
    }

    #[test]
    fn a_program_that_hangs_is_reset_once_after_half_a_second() {
        let mut resets = Resets::default();
        resets.hang(at(100));
        assert!(!resets.runs() && resets.due(at(590)).is_none());
        assert_eq!(resets.due(at(600)), Some(ResetCause::Watchdog));
        assert!(resets.runs() && resets.due(at(700)).is_none());
    }

    #[test]
    fn a_storm_goes_on_until_it_is_over() {
        let mut resets = Resets::default();
        resets.set_storm(at(0), Some(Duration::millis(300)));
        let due: Vec<bool> = (0..9).map(|tenth| resets.due(at(100 * tenth)).is_some()).collect();
        assert_eq!(due, [false, false, false, true, false, false, true, false, false]);
        resets.set_storm(at(900), None);
        assert_eq!(resets.due(at(5000)), None);
    }
}
