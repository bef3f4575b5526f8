//! Whether what was expected has been seen.

use voltower_core::{Diagnosis, Duration, Instant};

use crate::recorder::{Snapshot, TowerSnapshot};
use crate::scenario::{Check, Expectation, Lights, Window};

/// How an expectation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Its time is not over.
    Open,
    /// It held; for a window of *once*, from this instant on.
    Held {
        /// When it was settled.
        at: Instant,
    },
    /// It did not.
    Failed {
        /// When that was settled.
        at: Instant,
    },
}

/// One expectation under watch.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What is expected.
    pub expectation: Expectation,
    /// How it stands.
    pub verdict: Verdict,
    holding_since: Option<Instant>,
}

/// All expectations of a run.
#[derive(Debug, Clone, Default)]
pub struct Checker {
    watched: Vec<Watched>,
}

impl Checker {
    /// Watches `expectations`.
    #[must_use]
    pub fn new(expectations: &[Expectation]) -> Self {
        let watch = |expectation: &Expectation| Watched {
            expectation: expectation.clone(),
            verdict: Verdict::Open,
            holding_since: None,
        };
        Self { watched: expectations.iter().map(watch).collect() }
    }

    /// Whether any expectation could change its verdict at `now`: only then a snapshot is needed.
    #[must_use]
    pub fn is_looking(&self, now: Instant) -> bool {
        self.watched.iter().any(|watched| watched.verdict == Verdict::Open && watched.opens() <= now)
    }

    /// Looks at one moment.
    pub fn look(&mut self, now: Instant, seen: &Snapshot) {
        for watched in &mut self.watched {
            watched.look(now, seen);
        }
    }

    /// The run is over: what was not seen has failed.
    pub fn finish(&mut self, now: Instant) {
        for watched in &mut self.watched {
            if watched.verdict == Verdict::Open {
                watched.verdict = match watched.expectation.window {
                    Window::Once { .. } => Verdict::Failed { at: now },
                    Window::Always { .. } => Verdict::Held { at: now },
                };
            }
        }
    }

    /// Every expectation with its verdict, in the order of the scenario.
    #[must_use]
    pub fn results(&self) -> &[Watched] {
        &self.watched
    }
}

impl Watched {
    fn opens(&self) -> Instant {
        match self.expectation.window {
            Window::Once { from, .. } | Window::Always { from, .. } => from,
        }
    }

    fn look(&mut self, now: Instant, seen: &Snapshot) {
        if self.verdict != Verdict::Open || now < self.opens() {
            return;
        }
        let holds = self.holds(seen);
        self.verdict = match self.expectation.window {
            Window::Always { until, .. } if now > until => Verdict::Held { at: until },
            Window::Always { .. } if holds => Verdict::Open,
            Window::Always { .. } => Verdict::Failed { at: now },
            Window::Once { by, lasting, .. } => self.look_once(now, holds, by, lasting),
        };
    }

    /// It must begin by `by`; whether it then lasts may be settled later.
    fn look_once(&mut self, now: Instant, holds: bool, by: Instant, lasting: Duration) -> Verdict {
        if !holds {
            self.holding_since = None;
            return if now >= by { Verdict::Failed { at: now } } else { Verdict::Open };
        }
        let since = *self.holding_since.get_or_insert(now);
        if since > by {
            Verdict::Failed { at: now }
        } else if now.since(since) >= lasting {
            Verdict::Held { at: since }
        } else {
            Verdict::Open
        }
    }

    fn holds(&self, seen: &Snapshot) -> bool {
        let expected = &self.expectation;
        let Some(tower) = seen.towers.get(expected.tower) else { return false };
        expected.checks.iter().all(|check| match *check {
            Check::State(state) => tower.state == state,
            Check::Lights(lights) => shows(tower, lights),
            Check::Present(condition) => tower.conditions.contains(condition),
            Check::Absent(condition) => !tower.conditions.contains(condition),
            Check::NoCondition => tower.conditions.is_empty(),
            Check::Diagnosis(diagnosis) => says_the_same(tower.diagnosis, diagnosis),
            Check::Within { observable, min, max } => seen
                .observe(observable, expected.tower, expected.module)
                .is_some_and(|value| (min..=max).contains(&value)),
        })
    }
}

/// In words: many causes have no place, whatever module stands beside them; and one may be named without its cell.
fn says_the_same(seen: Diagnosis, expected: Diagnosis) -> bool {
    let seen = if expected.element == 0 { seen.without_element() } else { seen };
    let same_place = (seen.module, seen.element) == (expected.module, expected.element);
    seen.cause == expected.cause && (same_place || seen.to_string() == expected.to_string())
}

fn shows(tower: &TowerSnapshot, lights: Lights) -> bool {
    let (seen, expected) = (tower.pattern, lights.pattern);
    if lights.soc_free {
        seen.status == expected.status && seen.colour == expected.colour && seen.alarm == expected.alarm
    } else {
        seen == expected
    }
}
