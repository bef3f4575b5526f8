//! One fault alone: in each situation of a tower, at a time and of a size that a seed draws.

use std::panic::{AssertUnwindSafe, catch_unwind};

use voltower_core::{ConditionSet, Duration, FindingSet, Instant};
use voltower_plant as plant;

use super::catalogue::{Class, Entry, Kind, Named, Sight, When, entry};
use super::checkers::{Checkers, Finding, Rule};
use super::dice::Dice;
use crate::scenario::{Action, Fault, HardwareFault};
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
    /// It feeds the house with all it has, in the greatest heat that the manual allows.
    Heat,
    /// Somebody turns the DC switch while it charges. Where that switch itself is broken, a converter and the inverter
    /// do not obey: a tower that does leaves no current that would show it.
    Switch,
    /// Its cells are nearly full, and it is charged with all that it takes.
    Full,
    /// It feeds the house in the greatest cold that the manual allows.
    Cold,
    /// The fault is there before anybody switches the tower on.
    Before,
}

impl Situation {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Charge,
        Self::Discharge,
        Self::Standby,
        Self::Update,
        Self::Start,
        Self::Heat,
        Self::Switch,
        Self::Full,
        Self::Cold,
        Self::Before,
    ];

    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Discharge => "discharge",
            Self::Standby => "standby",
            Self::Update => "update",
            Self::Start => "start",
            Self::Heat => "heat",
            Self::Switch => "switch",
            Self::Full => "full",
            Self::Cold => "cold",
            Self::Before => "before",
        }
    }

    /// State of charge, %: half an hour later a weak cell is full, or empty.
    const fn soc(self) -> u32 {
        match self {
            Self::Charge => 75,
            Self::Heat => 90,
            Self::Full => 97,
            Self::Discharge | Self::Start | Self::Before => 25,
            Self::Standby | Self::Update | Self::Switch | Self::Cold => 50,
        }
    }

    const fn inverter(self) -> &'static str {
        match self {
            Self::Charge | Self::Switch => "charge 4 kW",
            Self::Full => "charge 5 kW",
            Self::Heat => "discharge 5 kW",
            Self::Discharge | Self::Start | Self::Cold | Self::Before => "discharge 4 kW",
            Self::Standby | Self::Update => "hold",
        }
    }

    /// Around the tower, degC.
    const fn ambient(self) -> i32 {
        match self {
            Self::Heat => 44,
            Self::Cold => -10,
            Self::Charge
            | Self::Discharge
            | Self::Standby
            | Self::Update
            | Self::Start
            | Self::Switch
            | Self::Full
            | Self::Before => 25,
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
    /// What people did then, if nothing had been seen before.
    pub after: Option<&'static str>,
    /// All that was shown.
    pub shown: ConditionSet,
    /// What was broken of the rules. One that control cannot undo and that is not contained breaks one, too.
    pub findings: Vec<Finding>,
    /// At the end, and for a minute before, no current flows in its module, or none in the tower if it sits in none.
    pub isolated: bool,
    /// At the end its module waits for a person.
    pub locked: bool,
    /// What controllers have found meanwhile.
    pub detected: Detected,
}

/// What the controllers of a tower have found, by what finds it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detected {
    /// By rows of the modules.
    pub modules: FindingSet,
    /// By rows of the BDU.
    pub bdu: FindingSet,
    /// Causes that the BDU has told, a bit each.
    pub causes: u32,
}

impl Detected {
    /// Adds what the controllers of all towers find at this moment.
    pub(super) fn note(&mut self, world: &World) {
        for tower in world.towers() {
            for module in 0..tower.module_count() {
                self.modules = self.modules.union(tower.module_findings(module));
            }
            self.bdu = self.bdu.union(tower.bdu_findings());
            self.causes |= 1 << (tower.bdu_diagnosis().cause as u32);
        }
    }
}

/// Held so long, the switch starts a tower, or stops it.
const START: Duration = Duration::secs(1);
const STOP: Duration = Duration::secs(4);
/// Somebody switches the tower on.
const PRESSED: Duration = Duration::secs(2);
/// The switch of the next tower is pressed so much later.
const NEXT_TOWER: Duration = Duration::secs(10);
/// It stands in its situation.
const STANDS: Duration = Duration::secs(60);
/// It breaks at most so long after that, or after the press.
const SPREAD: Duration = Duration::secs(25);
/// What is named must stay harmless so long.
const AFTERWARDS: Duration = Duration::secs(30);
/// What is isolated takes no energy in after this.
const CONTAINED: Duration = Duration::secs(10);
/// No current for so long, and it is isolated: longer than a converter rests between two tries.
const STILL: Duration = Duration::mins(1);
/// Three tries and their rests are over.
const TRIES: Duration = Duration::mins(3);
/// Charge that does no harm, As: an ampere for a minute.
const HARMLESS: f64 = 60.0;
/// A cell that lies too far below the others is charged at 5 A; one that does not rise within 2 Ah, from the first
/// 0.1 Ah on, is given up, As.
const LEVELLING: f64 = 7200.0 + 360.0 + HARMLESS;
/// Of a converter that does not obey, W.
const RUNAWAY: f64 = 2000.0;
/// Current that counts as none, A: what the electronics draw, and the converter's dead band.
const CURRENT: f64 = 1.0;

impl Single {
    /// Runs it; none if there is no such fault in this tower.
    #[must_use]
    pub fn run(&self) -> Option<Verdict> {
        // The first eight situations of a kind lie side by side; those behind them begin anew, far from all others.
        let (turn, situation) = (self.situation as u64 / 8, self.situation as u64 % 8);
        let place = self.kind as u64 * 8 + situation + (turn << 32);
        let mut dice = Dice::new(self.seed ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let spread = if self.situation == Situation::Before { PRESSED } else { SPREAD };
        let at = Instant::ZERO + self.begins() + dice.time(Duration::ZERO, spread);
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
            Situation::Charge
            | Situation::Discharge
            | Situation::Standby
            | Situation::Heat
            | Situation::Switch
            | Situation::Full
            | Situation::Cold => STANDS,
            Situation::Update => STANDS + Duration::secs(5),
            Situation::Start => PRESSED,
            Situation::Before => Duration::ZERO,
        }
    }

    /// Two modules; a second tower where the fault is about two.
    fn site(&self) -> Scenario {
        let second = if self.kind == Kind::ComStrapOpen { "[[tower]]\nmodules = 1\n" } else { "" };
        let text = format!(
            "title = \"single fault\"\nduration = \"2 h\"\nseed = {}\nambient = \"{} degC\"\n\
             [inverter]\nmode = \"{}\"\n\
             [[tower]]\nmodules = {MODULES}\nsoc = \"{} %\"\n{second}",
            self.seed,
            self.situation.ambient(),
            self.situation.inverter(),
            self.situation.soc(),
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
    /// In which it breaks.
    tower: usize,
    /// When it broke.
    since: Instant,
    verdict: Verdict,
    named_at: Option<Instant>,
    /// What the module took in after it should not, As.
    taken: f64,
    /// For so long no current flows in its module.
    still: Duration,
}

impl Trial {
    fn new(world: World, fault: &Fault) -> Self {
        let checkers = Checkers::new(&world);
        // The strap makes a tower the second one.
        let tower = usize::from(*fault == Fault::ComStrapOpen);
        let since = Instant::ZERO;
        let verdict = Verdict {
            fault: fault.clone(),
            entry: entry(fault),
            named: Named::Not,
            by: None,
            after: None,
            shown: ConditionSet::EMPTY,
            findings: Vec::new(),
            isolated: false,
            locked: false,
            detected: Detected::default(),
        };
        Self { world, checkers, tower, since, verdict, named_at: None, taken: 0.0, still: Duration::ZERO }
    }

    fn run(&mut self, situation: Situation, at: Instant) {
        if situation == Situation::Before {
            self.until(at);
            self.break_it(at);
        }
        self.until(Instant::ZERO + PRESSED);
        self.start(situation);
        if situation == Situation::Update {
            self.until(Instant::ZERO + STANDS);
            self.world.act(Action::Update { tower: self.tower, start: true });
        }
        if situation != Situation::Before {
            self.until(at);
            self.break_it(at);
        }
        if situation == Situation::Switch {
            if Kind::of(&self.verdict.fault).is_of_dc_switch() {
                self.disobey();
            }
            self.turn_switch();
        }
        self.watch(patience(&self.verdict.entry, Kind::of(&self.verdict.fault)));
        let seeable = self.verdict.entry.notice().is_some();
        if seeable && self.named_at.is_none() {
            self.live_on(situation);
        }
        if self.named_at.is_some() {
            self.watch(TRIES);
        }
        self.settle();
    }

    /// Who starts broken towers has one pair of hands: one after the other.
    fn start(&mut self, situation: Situation) {
        if situation != Situation::Before {
            self.press(START);
            return;
        }
        for tower in 0..self.world.towers().len() {
            let at = Instant::ZERO + PRESSED + Duration(NEXT_TOWER.0 * tower as u64);
            self.until(at);
            self.world.act(Action::Press { tower, hold: START });
        }
    }

    fn break_it(&mut self, at: Instant) {
        self.since = at;
        self.world.act(Action::Break { tower: self.tower, fault: self.verdict.fault.clone() });
    }

    /// Nothing was to be seen: people do what they do one day.
    fn live_on(&mut self, situation: Situation) {
        let tower = self.tower;
        if situation == Situation::Update {
            self.verdict.after = Some("when the update was over");
            self.world.act(Action::Update { tower, start: false });
            self.watch(Duration::mins(1));
        }
        self.once_more("when the DC switch was turned", Self::turn_switch);
        self.once_more("when the tower was shut down", |trial| {
            trial.press(STOP);
            trial.watch(Duration::secs(40));
        });
        self.once_more("at the next start", |trial| {
            trial.press(START);
            trial.watch(Duration::secs(90));
        });
    }

    /// A converter takes what nobody asked for, and the inverter gives it.
    fn disobey(&mut self) {
        let runaway = HardwareFault::PcuRunaway { module: 0, watts: RUNAWAY };
        for fault in [Fault::InverterIgnoresLimits, runaway.into()] {
            self.world.act(Action::Break { tower: self.tower, fault });
        }
    }

    fn turn_switch(&mut self) {
        for closed in [false, true] {
            self.world.act(Action::DcSwitch { tower: self.tower, closed });
            self.watch(Duration::secs(15));
        }
    }

    fn once_more(&mut self, after: &'static str, deed: impl FnOnce(&mut Self)) {
        if self.named_at.is_none() {
            self.verdict.after = Some(after);
            deed(self);
        }
    }

    fn press(&mut self, hold: Duration) {
        for tower in 0..self.world.towers().len() {
            self.world.act(Action::Press { tower, hold });
        }
    }

    fn watch(&mut self, length: Duration) {
        let end = self.world.now() + length;
        while self.world.now() < end && !self.is_settled() {
            let before = self.world.now();
            self.tick(end);
            self.note(self.world.now().since(before));
        }
    }

    /// What control cannot undo is waited for until it is isolated for good, tries and all. What goes on by itself, a
    /// cell that drains itself above all, is watched to its end: each row on its way must be told.
    fn is_settled(&self) -> bool {
        if goes_on(Kind::of(&self.verdict.fault)) {
            return false;
        }
        let named = self.named_at.is_some_and(|named| self.world.now().since(named) >= AFTERWARDS);
        let beyond = matches!(self.verdict.entry.class, Class::Beyond(_));
        named && self.verdict.named == Named::Exactly && (!beyond || self.still >= STILL)
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
    fn note(&mut self, step: Duration) {
        let now = self.world.now();
        let conditions = self.world.snapshot().towers[self.tower].conditions;
        self.verdict.shown = self.verdict.shown.union(conditions);
        self.verdict.detected.note(&self.world);
        self.still = if self.amps().abs() < CURRENT { self.still + step } else { Duration::ZERO };
        let Some(notice) = self.verdict.entry.notice().copied() else { return };
        let kind = Kind::of(&self.verdict.fault);
        let own = self.checkers.broken().filter(|(_, live)| Kind::of(&live.fault) == kind);
        let best = own.map(|(_, live)| (live.named, live.by.clone())).min();
        if let Some((named, Some((at, words)))) = best.filter(|(named, _)| *named < self.verdict.named) {
            self.verdict.named = named;
            self.verdict.by = Some((words, at.since(self.since)));
            self.named_at = Some(at);
        }
        let beyond = matches!(self.verdict.entry.class, Class::Beyond(_));
        let stopped = !conditions.faults().intersection(notice.conditions).is_empty();
        if beyond && stopped && self.named_at.is_some_and(|named| now.since(named) > CONTAINED) {
            let amps = self.amps().max(0.0);
            self.taken += if amps > CURRENT { amps * step.0 as f64 * 1e-6 } else { 0.0 };
        }
    }

    /// Through the cells of the module that the fault sits in, or the largest of all if it sits in none.
    fn amps(&self) -> f64 {
        let Some(truth) = self.world.truth(self.tower) else { return 0.0 };
        let of = |module: &plant::ModuleTruth| module.pack_current;
        match self.verdict.fault.module() {
            Some(module) => truth.modules.get(module).and_then(Option::as_ref).map_or(0.0, of),
            None => {
                truth.modules.iter().flatten().map(of).fold(0.0, |a, b| if b.abs() > a.abs() { b } else { a })
            }
        }
    }

    fn settle(&mut self) {
        self.verdict.isolated = self.still >= STILL;
        let tower = &self.world.towers()[self.tower];
        let modules = 0..tower.module_count();
        let concerned =
            modules.filter(|module| self.verdict.fault.module().is_none_or(|place| place == *module));
        self.verdict.locked = concerned.into_iter().any(|module| !tower.locked_out(module).is_empty());
        self.verdict.findings.extend_from_slice(self.checkers.findings());
        let harmless = match Kind::of(&self.verdict.fault) {
            Kind::InternalShort => LEVELLING,
            _ => HARMLESS,
        };
        if self.taken > harmless {
            let now = self.world.now();
            let what = format!("{:.0} As were charged after it was named", self.taken);
            self.report(Rule::CellTemperature, now, what);
        }
    }

    fn report(&mut self, rule: Rule, at: Instant, what: String) {
        let module = self.verdict.fault.module();
        self.verdict.findings.push(Finding { rule, at, tower: self.tower, module, condition: None, what });
    }
}

/// It gets worse, or works on, after it was named first.
const fn goes_on(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::InternalShort
            | Kind::Heater
            | Kind::WeakCell
            | Kind::PcuEfficiencyLoss
            | Kind::BlockedCooling
            | Kind::PcuRunaway
            | Kind::AirAround
            | Kind::HotSpot
            | Kind::ModuleResetStorm
    )
}

/// How long it is waited for what must, or may, show.
fn patience(entry: &Entry, kind: Kind) -> Duration {
    let slow = goes_on(kind) || matches!(kind, Kind::LostContact | Kind::BusShort);
    let shortest = match kind {
        // The spread alarm comes after 40 minutes; empty it sleeps, and its look after an hour sees what the cell is.
        Kind::InternalShort => Duration::mins(120),
        // From half full to where the weakest that is drawn is full: an hour and a quarter of a charge with 40 A.
        Kind::WeakCell => Duration::mins(75),
        _ => Duration::secs(if slow { 1800 } else { 90 }),
    };
    entry.notice().map_or(shortest, |notice| match notice.when {
        // The least that is seen so counts 2 Ah in 48 minutes.
        When::Depends(Sight::Counted, _) => Duration::mins(60),
        When::Depends(_, _) => shortest.max(notice.within + AFTERWARDS),
        When::Awake | When::Loaded(_) | When::Contradicted | When::Talking | When::Running => {
            shortest.max(notice.within + AFTERWARDS + AFTERWARDS)
        }
    })
}
