//! Checkers beside a running world: they see the truth of the plant, and every controller's word and lights.
//!
//! A rule is about what must never be, so each looks at every tick. What no controller can know or undo is excused by
//! name: by a fault of the [`catalogue`](super::catalogue) that lives, and by nothing else.

mod books;
mod lights;
mod live;
mod module;
mod rows;
mod sight;
mod view;

use core::fmt;

use voltower_control::io::PowerMode;
use voltower_control::record::Record;
use voltower_core::{Condition, Duration, Instant};

use crate::World;
use crate::scenario::{Action, Fault};

use books::Books;
use lights::Lights;
use live::{Live, LiveFaults};
use module::ModuleWatch;
use rows::Rows;
use view::TowerView;

/// What must never be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Current drives a cell further out of 2.0 to 3.8 V.
    CellVoltage,
    /// Current through cells that are too hot for any, or charging of cells that are too hot or cold for it.
    CellTemperature,
    /// Current through an output that is driven open, or a DC switch that is open.
    OpenOutput,
    /// A light shows what is not there.
    FalseLight,
    /// A light does not show what sensors see, or the unit has said.
    MissingLight,
    /// A fault that sensors see is not named in its time.
    Unnamed,
    /// The status light shows another flow of power than there is.
    FalseState,
    /// The distribution unit says what no controller has written down.
    LogLost,
    /// The energies of the plant do not add up.
    Energy,
    /// The program has failed.
    Panic,
    /// Everything is whole, and the tower neither runs nor says what it waits for.
    NoReturn,
}

/// A rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub rule: Rule,
    /// When it was seen.
    pub at: Instant,
    /// In which tower, from 0.
    pub tower: usize,
    /// In which module, from 0.
    pub module: Option<usize>,
    /// What it is about, where there are several.
    pub condition: Option<Condition>,
    /// What was seen.
    pub what: String,
}

impl Finding {
    /// The same defect, as far as one can tell: at whatever time, with whatever numbers.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.rule == other.rule && self.condition == other.condition
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>10.3} s, tower {}", self.at.0 as f64 * 1e-6, self.tower + 1)?;
        if let Some(module) = self.module {
            write!(f, ", module {}", module + 1)?;
        }
        write!(f, ": {:?}: {}", self.rule, self.what)
    }
}

/// All checkers of a site.
pub struct Checkers {
    towers: Vec<TowerWatch>,
    findings: Vec<Finding>,
    last: Instant,
    story: Option<Vec<String>>,
}

/// All checkers of a tower.
struct TowerWatch {
    faults: LiveFaults,
    modules: Vec<ModuleWatch>,
    rows: Vec<Rows>,
    lights: Lights,
    books: Books,
    switch_open: Timer,
    /// It stands, and an inverter runs.
    talks: Timer,
    switch_closed: bool,
}

/// How long something has been so without a break.
#[derive(Debug, Clone, Copy, Default)]
struct Timer(Option<Instant>);

impl Timer {
    fn lasts(&mut self, now: Instant, holds: bool) -> Duration {
        if !holds {
            self.0 = None;
            return Duration::ZERO;
        }
        now.since(*self.0.get_or_insert(now))
    }
}

/// What the checkers of a tower are told at one moment.
struct Moment<'a> {
    now: Instant,
    /// Time-outs of the controllers stretch with the period, and a sample is late by one.
    slack: Duration,
    tower: &'a crate::Tower,
    view: &'a TowerView,
    inverter_runs: bool,
    /// Another tower of the site is awake.
    beside: bool,
    /// The handle of the DC switch is turned on.
    switch_closed: bool,
}

impl Checkers {
    /// For a world before its first tick.
    #[must_use]
    pub fn new(world: &World) -> Self {
        let watch = |(tower, spec): (&crate::Tower, &crate::scenario::TowerSpec)| TowerWatch {
            faults: LiveFaults::default(),
            modules: (0..tower.module_count()).map(|_| ModuleWatch::default()).collect(),
            rows: (0..tower.module_count()).map(|_| Rows::default()).collect(),
            lights: Lights::default(),
            books: Books::default(),
            switch_open: Timer::default(),
            talks: Timer::default(),
            switch_closed: spec.dc_switch_closed,
        };
        let towers = world.towers().iter().zip(&world.scenario().towers).map(watch).collect();
        Self { towers, findings: Vec::new(), last: world.now(), story: None }
    }

    /// Keeps what happens and what the controllers write, for [`Self::take_story`].
    pub fn keep_story(&mut self) {
        self.story.get_or_insert_default();
    }

    /// What has happened since the last call, in words.
    pub fn take_story(&mut self) -> Vec<String> {
        self.story.as_mut().map(core::mem::take).unwrap_or_default()
    }

    fn tell(&mut self, actions: &[(Instant, Action)], log: &[crate::Logged]) {
        let Some(story) = &mut self.story else { return };
        let seconds = |at: Instant| at.0 as f64 * 1e-6;
        story.extend(actions.iter().map(|(at, action)| format!("{:>10.3} s {action}", seconds(*at))));
        story.extend(log.iter().map(|logged| {
            let (tower, module) = (logged.tower + 1, logged.module);
            format!("{:>10.3} s tower {tower} module {module}: {:?}", seconds(logged.at), logged.record)
        }));
    }

    /// What was found so far, each defect once a module.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What has broken and is not whole, in all towers.
    pub fn broken(&self) -> impl Iterator<Item = (usize, &Live)> {
        self.towers
            .iter()
            .enumerate()
            .flat_map(|(tower, watch)| watch.faults.iter().map(move |live| (tower, live)))
    }

    /// Looks at the world after a tick. Takes its log and its actions.
    pub fn look(&mut self, world: &mut World) {
        let actions: Vec<_> = world.drain_actions().collect();
        for (at, action) in &actions {
            self.note(*at, action);
        }
        let now = world.now();
        let step = now.since(self.last);
        self.last = now;
        let log: Vec<_> = world.drain_log().collect();
        self.tell(&actions, &log);
        let inverter_runs = world.inverter_runs();
        let awake = |tower: &crate::Tower| tower.bdu_drive().power == PowerMode::On;
        let awake: Vec<bool> = world.towers().iter().map(awake).collect();
        for (index, (watch, tower)) in self.towers.iter_mut().zip(world.towers()).enumerate() {
            // Frames may come in quick steps between samples: what the controllers wait for goes by their samples.
            let slack = Duration(step.max(world.scenario().period).0 * 4);
            let alone = !watch.faults.any(Fault::is_second_unit);
            let mut view = TowerView::of(tower, alone, now, slack);
            for logged in log.iter().filter(|logged| logged.tower == index) {
                watch.read(logged);
            }
            watch.books.speak_for(&mut view);
            let beside = awake.iter().enumerate().any(|(other, awake)| other != index && *awake);
            let switch_closed = watch.switch_closed;
            let moment = Moment { now, slack, tower, view: &view, inverter_runs, beside, switch_closed };
            let mut report = |rule, module, condition, what: String| {
                let finding = Finding { rule, at: now, tower: index, module, condition, what };
                let known = |seen: &Finding| {
                    seen.is_like(&finding) && seen.tower == finding.tower && seen.module == finding.module
                };
                if !self.findings.iter().any(known) {
                    self.findings.push(finding);
                }
            };
            watch.look(&moment, &mut report);
        }
    }

    /// Something happens to the world.
    fn note(&mut self, at: Instant, action: &Action) {
        match action {
            Action::Break { tower, fault } => {
                self.each(Some(*tower), fault.is_of_site(), |index, watch| {
                    // A COM cable leads to its tower and to those behind it.
                    let reached = *fault != Fault::CutCom || index >= *tower;
                    let talked = reached && at.since(watch.talks.0.unwrap_or(at)) >= TALKED;
                    watch.faults.broke(at, fault, talked);
                });
            }
            Action::Repair { tower, fault } => {
                self.each(Some(*tower), fault.is_of_site(), |_, watch| watch.faults.repaired(at, fault));
            }
            Action::DcSwitch { tower, closed } => {
                self.each(Some(*tower), false, |_, watch| watch.switch_closed = *closed);
            }
            Action::Press { tower, hold } => {
                self.each(Some(*tower), false, |_, watch| watch.lights.begins(at + *hold));
            }
            Action::Plug { tower, .. } | Action::Unplug { tower, .. } | Action::Update { tower, .. } => {
                self.each(Some(*tower), false, |_, watch| watch.lights.begins(at));
            }
            Action::Grid { .. } | Action::Inverter(_) | Action::Ambient { .. } | Action::Load { .. } => {}
        }
    }

    /// One tower, or all of them where something concerns the site.
    fn each(&mut self, tower: Option<usize>, site: bool, mut change: impl FnMut(usize, &mut TowerWatch)) {
        for (index, watch) in self.towers.iter_mut().enumerate() {
            if site || tower == Some(index) {
                change(index, watch);
            }
        }
    }
}

/// Where a checker leaves what it has found: rule, module, condition, words.
type Report<'a> = dyn FnMut(Rule, Option<usize>, Option<Condition>, String) + 'a;

impl TowerWatch {
    /// What a controller has written.
    fn read(&mut self, logged: &crate::Logged) {
        self.books.read(logged);
        match logged.record {
            Record::LockOutsCleared if logged.module == 0 => self.lights.cleared(logged.at),
            Record::LockOut(condition) => self.lights.locks(condition),
            Record::Booted(cause) => self.lights.booted(logged.module, logged.at, cause),
            _ => {}
        }
    }

    fn look(&mut self, moment: &Moment<'_>, report: &mut Report<'_>) {
        for (place, (watch, module)) in self.modules.iter_mut().zip(&moment.view.modules).enumerate() {
            let said = self.books.module_state(place);
            watch.look(moment, place, module, said, &self.faults, report);
        }
        for (place, rows) in self.rows.iter_mut().enumerate() {
            rows.look(moment, place, self.lights.storms(place), &self.faults, report);
        }
        self.look_at_switch(moment, report);
        let talks = moment.inverter_runs && moment.view.stands() && !self.faults.any(Fault::is_of_site);
        self.talks.lasts(moment.now, talks);
        let shown = self.lights.read(moment);
        self.faults.look(moment, shown, report);
        self.lights.look(moment, &self.faults, report);
        self.books.look(moment, report);
    }

    fn look_at_switch(&mut self, moment: &Moment<'_>, report: &mut Report<'_>) {
        let amps = moment.view.current;
        let stuck = self.faults.any(|fault| fault.holds_dc_switch());
        let flows = !self.switch_closed && !stuck && amps.abs() > CURRENT;
        if self.switch_open.lasts(moment.now, flows) > OPENING + moment.slack {
            report(Rule::OpenOutput, None, None, format!("{amps:.2} A through the open DC switch"));
        }
    }
}

/// After this an inverter has been heard.
const TALKED: Duration = Duration::secs(15);
/// Less than this counts as no current, A: what capacitors and dividers draw.
const CURRENT: f64 = 0.3;
/// Contacts have opened so long after they were driven open.
const OPENING: Duration = Duration::millis(50);
