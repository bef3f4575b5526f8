//! The clock of a controller, which need not run as the world's does.

use voltower_core::Instant;

use crate::scenario::ClockFault;

/// What a controller's clock shows, from a moment on at which both were looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    since: Instant,
    showed: Instant,
    /// Its seconds for a second.
    rate: f64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { since: Instant::ZERO, showed: Instant::ZERO, rate: 1.0 }
    }
}

impl Clock {
    /// What it shows `now`.
    pub(super) fn shows(&self, now: Instant) -> Instant {
        let passed = now.since(self.since).0;
        let counted = if self.rate == 1.0 { passed } else { (passed as f64 * self.rate) as u64 };
        Instant(self.showed.0.saturating_add(counted))
    }

    /// When it will show `shown`; never, if it stands.
    pub(super) fn when(&self, shown: Instant) -> Option<Instant> {
        let ahead = shown.since(self.showed).0;
        if self.rate == 1.0 || ahead == 0 {
            return Some(Instant(self.since.0.saturating_add(ahead)));
        }
        // One more, lest it show a little less than is waited for.
        (self.rate > 0.0).then(|| Instant(self.since.0 + (ahead as f64 / self.rate) as u64 + 2))
    }

    /// Something happens to it `now`, or it is made whole: it then runs on from what it shows.
    pub(super) fn set(&mut self, now: Instant, fault: ClockFault, broken: bool) {
        *self = Self { since: now, showed: self.shows(now), rate: self.rate };
        match fault {
            ClockFault::Drift { share } => self.rate = if broken { 1.0 + share } else { 1.0 },
            ClockFault::Stopped => self.rate = if broken { 0.0 } else { 1.0 },
            ClockFault::Jump { by, back: false } if broken => self.showed = self.showed + by,
            ClockFault::Jump { by, back: true } if broken => {
                self.showed = Instant(self.showed.0.saturating_sub(by.0));
            }
            ClockFault::Jump { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use voltower_core::Duration;

    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::secs(seconds)
    }

    #[test]
    fn a_clock_drifts_jumps_and_stands_and_runs_on_from_there() {
        let mut clock = Clock::default();
        assert_eq!(clock.shows(at(100)), at(100));
        clock.set(at(100), ClockFault::Drift { share: 0.02 }, true);
        assert_eq!(clock.shows(at(200)), at(202));
        clock.set(at(200), ClockFault::Drift { share: 0.02 }, false);
        clock.set(at(200), ClockFault::Jump { by: Duration::secs(50), back: true }, true);
        assert_eq!(clock.shows(at(210)), at(162));
        clock.set(at(210), ClockFault::Stopped, true);
        assert_eq!((clock.shows(at(900)), clock.when(at(163))), (at(162), None));
        clock.set(at(900), ClockFault::Stopped, false);
        assert_eq!((clock.shows(at(905)), clock.when(at(170))), (at(167), Some(at(908))));
    }

    #[test]
    fn when_it_is_due_it_shows_so() {
        let mut clock = Clock::default();
        clock.set(at(7), ClockFault::Drift { share: -0.0137 }, true);
        for shown in (7_000_001..9_000_000).step_by(9_973).map(Instant) {
            let when = clock.when(shown).expect("it runs");
            assert!(clock.shows(when) >= shown && clock.shows(Instant(when.0 - 4)) < shown, "{shown:?}");
        }
    }
}
