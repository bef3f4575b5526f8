//! One fault alone: in each situation of a tower, at a time and of a size that a seed draws.

use std::panic::{AssertUnwindSafe, catch_unwind};

use voltower_core::{Condition, ConditionSet, Duration, Instant};
use voltower_plant as plant;

use super::catalogue::{Class, Entry, Kind, Named, When, entry};
use super::checkers::{Checkers, Finding, Rule};
use super::dice::Dice;
use crate::scenario::{Action, Fault};
use crate::{Scenario, World};

/// What the tower does when something breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Situation {
    /// It charges.
    Charge,
    /// It feeds the house.
    Discharge,
    /// It holds the bus, and nothing flows.
    Standby,
    /// New software comes.
    Update,
    /// It starts.
    Start,
}

impl Situation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Charge, Self::Discharge, Self::Standby, Self::Update, Self::Start];

    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Discharge => "discharge",
            Self::Standby => "standby",
            Self::Update => "update",
            Self::Start => "start",
        }
    }

    const fn inverter(self) -> &'static str {
        match self {
            Self::Charge => "charge 4 kW",
            Self::Discharge | Self::Start => "discharge 4 kW",
            Self::Standby | Self::Update => "hold",
        }
    }
}

/// A fault in a situation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Single {
    /// What breaks.
    pub kind: Kind,
    /// When.
    pub situation: Situation,
    /// Draws its time, its place and its size.
    pub seed: u64,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The fault that was drawn.
    pub fault: Fault,
    /// What a correct tower does about it.
    pub entry: Entry,
    /// How it was named at best.
    pub named: Named,
    /// By what, and how long after it broke.
    pub by: Option<(String, Duration)>,
    /// All that was shown.
    pub shown: ConditionSet,
    /// What was broken of the rules. One that control cannot undo and that is not contained breaks one, too.
    pub findings: Vec<Finding>,
    /// At the end no current flows in its module, or none in the tower if it sits in none.
    pub isolated: bool,
    /// At the end its module waits for a person.
    pub locked: bool,
}

/// Somebody switches the tower on.
const PRESSED: Duration = Duration::secs(2);
/// It stands in its situation.
const STANDS: Duration = Duration::secs(60);
/// It breaks at most so long after that, or after the press.
const SPREAD: Duration = Duration::secs(25);
/// What is named must stay harmless so long.
const AFTERWARDS: Duration = Duration::secs(30);
/// What is isolated takes no energy in after this.
const CONTAINED: Duration = Duration::secs(10);
/// Charge that does no harm, As: an ampere for a minute.
const HARMLESS: f64 = 60.0;
/// Current that counts as none, A: what the electronics draw, and the converter's dead band.
const CURRENT: f64 = 1.0;

impl Single {
    /// Runs it; none if there is no such fault in this tower.
    #[must_use]
    pub fn run(&self) -> Option<Verdict> {
        let place = self.kind as u64 * 8 + self.situation as u64;
        let mut dice = Dice::new(self.seed ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let at = Instant::ZERO + self.begins() + dice.time(Duration::ZERO, SPREAD);
        let fault = self.kind.draw(&mut dice, MODULES)?;
        let world = World::new(&self.site());
        let mut trial = Trial::new(world, &fault);
        let end = catch_unwind(AssertUnwindSafe(|| trial.run(self.situation, at)));
        if end.is_err() {
            let now = trial.world.now();
            trial.report(Rule::Panic, now, "the program has failed".to_owned());
        }
        Some(trial.verdict)
    }

    fn begins(&self) -> Duration {
        match self.situation {
            Situation::Charge | Situation::Discharge | Situation::Standby => STANDS,
            Situation::Update => STANDS + Duration::secs(5),
            Situation::Start => PRESSED,
        }
    }

    /// Two modules; a second tower where the fault is about two.
    fn site(&self) -> Scenario {
        let second = if self.kind == Kind::ComStrapOpen { "[[tower]]\nmodules = 1\n" } else { "" };
        let text = format!(
            "title = \"single fault\"\nduration = \"2 h\"\nseed = {}\n[inverter]\nmode = \"{}\"\n\
             [[tower]]\nmodules = {MODULES}\nsoc = \"50 %\"\n{second}",
            self.seed,
            self.situation.inverter(),
        );
        let none = |_: &str| Err(std::io::Error::from(std::io::ErrorKind::NotFound));
        Scenario::parse("single fault", &text, &none).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Modules of the tower in which something breaks.
const MODULES: usize = 2;

struct Trial {
    world: World,
    checkers: Checkers,
    verdict: Verdict,
    named_at: Option<Instant>,
    /// What the module took in after it should not, As.
    taken: f64,
}

impl Trial {
    fn new(world: World, fault: &Fault) -> Self {
        let checkers = Checkers::new(&world);
        let verdict = Verdict {
            fault: fault.clone(),
            entry: entry(fault),
            named: Named::Not,
            by: None,
            shown: ConditionSet::EMPTY,
            findings: Vec::new(),
            isolated: false,
            locked: false,
        };
        Self { world, checkers, verdict, named_at: None, taken: 0.0 }
    }

    fn run(&mut self, situation: Situation, at: Instant) {
        self.until(Instant::ZERO + PRESSED);
        for tower in 0..self.world.towers().len() {
            self.world.act(Action::Press { tower, hold: Duration::secs(1) });
        }
        if situation == Situation::Update {
            self.until(Instant::ZERO + STANDS);
            self.world.act(Action::Update { tower: 0, start: true });
        }
        self.until(at);
        self.world.act(Action::Break { tower: 0, fault: self.verdict.fault.clone() });
        let end = at + patience(&self.verdict.entry, Kind::of(&self.verdict.fault));
        while self.world.now() < end && !self.is_settled() {
            let before = self.world.now();
            self.tick(end);
            self.note(at, self.world.now().since(before));
        }
        self.settle();
    }

    fn is_settled(&self) -> bool {
        self.named_at.is_some_and(|named| self.world.now().since(named) >= AFTERWARDS)
            && self.verdict.named == Named::Exactly
    }

    fn until(&mut self, until: Instant) {
        while self.world.now() < until {
            self.tick(until);
        }
    }

    fn tick(&mut self, until: Instant) {
        self.world.tick_to(until);
        self.checkers.look(&mut self.world);
    }

    /// Looks at what is shown, and at what a module takes in that must not.
    fn note(&mut self, since: Instant, step: Duration) {
        let now = self.world.now();
        let seen = &self.world.snapshot().towers[0];
        let (conditions, diagnosis) = (seen.conditions, seen.diagnosis);
        self.verdict.shown = self.verdict.shown.union(conditions);
        let Some(notice) = self.verdict.entry.notice().copied() else { return };
        let named = notice.names(conditions.iter(), diagnosis);
        if named < self.verdict.named {
            let words = if notice.causes.contains(&diagnosis.cause) {
                diagnosis.to_string()
            } else {
                let first = conditions.iter().filter(|one| notice.conditions.contains(one));
                first.min_by_key(|one| is_other(*one)).map_or(String::new(), |one| one.to_string())
            };
            self.verdict.named = named;
            self.verdict.by = Some((words, now.since(since)));
            self.named_at = Some(now);
        }
        let beyond = matches!(self.verdict.entry.class, Class::Beyond(_));
        let stopped = conditions.faults().iter().any(|fault| notice.conditions.contains(&fault));
        if beyond && stopped && self.named_at.is_some_and(|named| now.since(named) > CONTAINED) {
            let amps = self.amps().max(0.0);
            self.taken += if amps > CURRENT { amps * step.0 as f64 * 1e-6 } else { 0.0 };
        }
    }

    /// Through the cells of the module that the fault sits in, or the largest of all if it sits in none.
    fn amps(&self) -> f64 {
        let Some(truth) = self.world.truth(0) else { return 0.0 };
        let of = |module: &plant::ModuleTruth| module.pack_current;
        match self.verdict.fault.module() {
            Some(module) => truth.modules.get(module).and_then(Option::as_ref).map_or(0.0, of),
            None => {
                truth.modules.iter().flatten().map(of).fold(0.0, |a, b| if b.abs() > a.abs() { b } else { a })
            }
        }
    }

    fn settle(&mut self) {
        self.verdict.isolated = self.amps().abs() < CURRENT;
        let tower = &self.world.towers()[0];
        let modules = 0..tower.module_count();
        let concerned =
            modules.filter(|module| self.verdict.fault.module().is_none_or(|place| place == *module));
        self.verdict.locked = concerned.into_iter().any(|module| !tower.locked_out(module).is_empty());
        self.verdict.findings.extend_from_slice(self.checkers.findings());
        if self.taken > HARMLESS {
            let now = self.world.now();
            let what = format!("{:.0} As were charged after it was named", self.taken);
            self.report(Rule::CellTemperature, now, what);
        }
    }

    fn report(&mut self, rule: Rule, at: Instant, what: String) {
        let module = self.verdict.fault.module();
        self.verdict.findings.push(Finding { rule, at, tower: 0, module, condition: None, what });
    }
}

fn is_other(condition: Condition) -> bool {
    condition.to_string().to_lowercase().starts_with("other")
}

/// How long it is waited for what must, or may, show.
fn patience(entry: &Entry, kind: Kind) -> Duration {
    let slow = matches!(
        kind,
        Kind::Heater
            | Kind::InternalShort
            | Kind::WeakCell
            | Kind::LostContact
            | Kind::BlockedCooling
            | Kind::PcuEfficiencyLoss
    );
    let shortest = Duration::secs(if slow { 600 } else { 90 });
    entry.notice().map_or(shortest, |notice| match notice.when {
        When::Depends(_) => shortest.max(notice.within + AFTERWARDS),
        When::Awake | When::Loaded(_) | When::Contradicted | When::Talking | When::Running => {
            shortest.max(notice.within + AFTERWARDS + AFTERWARDS)
        }
    })
}
