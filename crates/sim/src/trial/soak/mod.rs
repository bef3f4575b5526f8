//! The soak: a month of sun and night for every fault of the catalogue and for healthy towers of every kind, beside
//! rules that know the truth of the plant.
//!
//! The checkers of a trial look for what goes wrong in seconds; these look for what destroys a battery, or leaves the
//! house dark, in days. What a rule cannot explain is a finding: nothing is excused but by the truth.

mod advice;
mod case;
mod cells;
mod living;
mod supply;
mod watch;
mod wear;
pub(super) mod weather;

use core::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use voltower_core::{Duration, Instant};

use crate::World;

pub use case::{Age, Case, Charge, Climate, Mix, Size, Subject, Supply};
pub use watch::{Health, Watch};

/// Length of a run.
pub const DAYS: u64 = 30;

/// What must hold for a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// Every cell stays in its window, whatever flows.
    CellWindow,
    /// A healthy tower shows no condition.
    FalseAlarm,
    /// The SOC that is told is near the true one.
    Soc,
    /// Own consumption stays within what its state may take.
    OwnConsumption,
    /// The house is fed again by itself.
    Return,
    /// Contacts and flash last as long as the cells.
    Wear,
    /// Equal modules are used alike.
    Fairness,
    /// No piece of advice contradicts another one.
    Advice,
    /// The program has failed.
    Panic,
}

impl Law {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::CellWindow,
        Self::FalseAlarm,
        Self::Soc,
        Self::OwnConsumption,
        Self::Return,
        Self::Wear,
        Self::Fairness,
        Self::Advice,
        Self::Panic,
    ];

    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CellWindow => "cell-window",
            Self::FalseAlarm => "false-alarm",
            Self::Soc => "soc",
            Self::OwnConsumption => "own-consumption",
            Self::Return => "return",
            Self::Wear => "wear",
            Self::Fairness => "fairness",
            Self::Advice => "advice",
            Self::Panic => "panic",
        }
    }
}

/// A law that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub law: Law,
    /// When it was seen first.
    pub since: Instant,
    /// In which tower, from 0.
    pub tower: usize,
    /// In which module, from 0, if it is about one.
    pub module: Option<usize>,
    /// What was seen, at its worst.
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.since.0 as f64 / 86.4e9;
        write!(f, "{}: day {days:.2}, tower {}", self.law.word(), self.tower + 1)?;
        if let Some(module) = self.module {
            write!(f, ", module {}", module + 1)?;
        }
        write!(f, ": {}", self.what)
    }
}

/// What became of a run.
#[derive(Debug, Clone, Default)]
pub struct Soaked {
    /// Laws that were broken, each once a module.
    pub breaches: Vec<Breach>,
    /// How long the site ran, in its own time.
    pub simulated: Duration,
    /// Its towers.
    pub towers: usize,
}

impl Soaked {
    /// Days that its towers have lived together.
    #[must_use]
    pub fn tower_days(&self) -> f64 {
        self.simulated.0 as f64 / 86.4e9 * self.towers as f64
    }
}

/// Runs a case to its end, or for `days`; `year` is the table of the measured home. A panic is a breach.
#[must_use]
pub fn run(case: &Case, year: &str, days: u64) -> Soaked {
    let mut soaked = Soaked { towers: case.towers().len(), ..Soaked::default() };
    let result = catch_unwind(AssertUnwindSafe(|| run_watched(case, year, days, &mut soaked)));
    if let Err(panic) = result {
        let words = panic.downcast_ref::<String>().cloned();
        let what = words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        let since = Instant::ZERO + soaked.simulated;
        let what = what.unwrap_or_default();
        soaked.breaches.push(Breach { law: Law::Panic, since, tower: 0, module: None, what });
    }
    soaked
}

fn run_watched(case: &Case, year: &str, days: u64, soaked: &mut Soaked) {
    let scenario = case.scenario(year);
    let mut world = World::new(&scenario);
    let health = match case.subject {
        Subject::Fault(_) => Health::Breaks,
        Subject::Mix(_) => Health::Sound,
    };
    let mut watch = Watch::new(health, &world);
    let end = Instant::ZERO + Duration::hours(24 * days.min(DAYS));
    while world.now() < end {
        world.tick_to(end);
        watch.look(&mut world);
        soaked.simulated = world.now().since(Instant::ZERO);
    }
    soaked.breaches = watch.finish(&world);
}
