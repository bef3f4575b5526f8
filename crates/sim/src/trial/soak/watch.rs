//! Looks at every tick, and hands what it sees to the laws.

use voltower_control::io::PowerMode;
use voltower_core::{Condition, ConditionSet, Duration, Instant};
use voltower_plant::{ModuleTruth, TowerTruth};
use voltower_protocols::link::ModuleNode;

use super::advice::Advised;
use super::cells::Cells;
use super::living::Living;
use super::supply::Own;
use super::wear::Wear;
use super::{Breach, Law};
use crate::scenario::{Action, Fault};
use crate::{Tower, World};

/// A healthy tower that starts has not heard its inverter yet.
const BEGIN: Duration = Duration::mins(5);

/// A tower at one moment, in truth and as it speaks.
pub(super) struct Moment<'a> {
    pub(super) now: Instant,
    pub(super) step: Duration,
    /// From 0.
    pub(super) index: usize,
    pub(super) tower: &'a Tower,
    pub(super) truth: &'a TowerTruth,
    pub(super) site: Site,
    pub(super) broken: &'a [Broken],
    /// What the BDU says, while it is awake.
    pub(super) conditions: ConditionSet,
    pub(super) awake: bool,
}

/// The house at one moment, W.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    /// What the roof could give.
    pub(super) sun: f64,
    pub(super) load: f64,
    pub(super) unserved: f64,
}

/// Something that has broken.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub(super) tower: usize,
    pub(super) fault: Fault,
    pub(super) since: Instant,
    pub(super) whole: Option<Instant>,
}

impl Moment<'_> {
    /// The modules that exist, by place.
    pub(super) fn modules(&self) -> impl Iterator<Item = (usize, &ModuleTruth)> {
        self.truth.modules.iter().enumerate().filter_map(|(place, module)| Some((place, module.as_ref()?)))
    }

    /// What has broken in this module, whether or not it is whole again.
    pub(super) fn broken_in(&self, place: usize) -> impl Iterator<Item = &Broken> {
        self.broken
            .iter()
            .filter(move |broken| broken.tower == self.index && broken.fault.module() == Some(place))
    }

    /// Nothing has ever broken in this module.
    pub(super) fn is_sound(&self, place: usize) -> bool {
        self.broken_in(place).next().is_none()
    }

    /// The BDU hears this module.
    pub(super) fn is_heard(&self, place: usize) -> bool {
        let on = self.tower.module_drive(place).is_some_and(|drive| drive.power == PowerMode::On);
        let online = |node: ModuleNode| {
            let status = self.tower.reported().tower_status();
            status.is_some_and(|status| status.modules_online & (1 << node.index()) != 0)
        };
        self.awake && on && self.tower.address(place).is_some_and(online)
    }
}

/// Where a law leaves what it has found: law, module, how bad it is, words.
pub(super) type Tell<'a> = dyn FnMut(Law, Option<usize>, f64, &dyn Fn() -> String) + 'a;

/// Whether something breaks in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Nothing: then no condition may be shown.
    Sound,
    /// Something.
    Breaks,
}

/// Everything that is watched of a site.
pub struct Watch {
    health: Health,
    broken: Vec<Broken>,
    towers: Vec<TowerWatch>,
    found: Vec<Found>,
    last: Instant,
}

struct Found {
    breach: Breach,
    size: f64,
}

struct TowerWatch {
    cells: Cells,
    own: Own,
    living: Living,
    wear: Wear,
    advised: Advised,
}

impl Watch {
    /// For a world before its first tick.
    #[must_use]
    pub fn new(health: Health, world: &World) -> Self {
        let watch = |tower: &Tower| TowerWatch {
            cells: Cells::new(tower.module_count()),
            own: Own::new(tower.module_count()),
            living: Living::default(),
            wear: Wear::new(tower),
            advised: Advised::default(),
        };
        Self {
            health,
            broken: Vec::new(),
            towers: world.towers().iter().map(watch).collect(),
            found: Vec::new(),
            last: Instant::ZERO,
        }
    }

    /// Looks at the world after a tick. Takes its log and its actions.
    pub fn look(&mut self, world: &mut World) {
        for (at, action) in world.drain_actions().collect::<Vec<_>>() {
            self.note(at, action);
        }
        world.drain_log().for_each(drop);
        let now = world.now();
        let step = now.since(self.last);
        self.last = now;
        let house = world.snapshot().house;
        let load = house.load + house.unserved;
        let site = Site { sun: world.house().pv_watts, load, unserved: house.unserved };
        for (index, (watch, tower)) in self.towers.iter_mut().zip(world.towers()).enumerate() {
            let truth = tower.plant().truth();
            let awake = tower.bdu_drive().power == PowerMode::On;
            let status = tower.reported().tower_status().filter(|_| awake);
            let conditions = status.map_or(ConditionSet::EMPTY, |status| status.conditions);
            let (truth, broken) = (&truth, &self.broken[..]);
            let moment = Moment { now, step, index, tower, truth, site, broken, conditions, awake };
            let found = &mut self.found;
            let health = self.health;
            let mut tell = |law, module, size: f64, what: &dyn Fn() -> String| {
                note(found, Place { law, since: now, tower: index, module }, size, what);
            };
            watch.look(&moment, health, &mut tell);
        }
    }

    fn note(&mut self, at: Instant, action: Action) {
        match action {
            Action::Break { tower, fault } => {
                self.broken.push(Broken { tower, fault, since: at, whole: None });
            }
            Action::Repair { .. } => self.broken.iter_mut().for_each(|broken| broken.whole = Some(at)),
            Action::Grid { .. }
            | Action::Press { .. }
            | Action::DcSwitch { .. }
            | Action::Inverter(_)
            | Action::Update { .. }
            | Action::Ambient { .. }
            | Action::Plug { .. }
            | Action::Unplug { .. }
            | Action::Load { .. } => {}
        }
    }

    /// The month is over: all that was found, with what shows only in its sum.
    #[must_use]
    pub fn finish(mut self, world: &World) -> Vec<Breach> {
        let days = self.last.0 as f64 / 86.4e9;
        for (index, (watch, tower)) in self.towers.iter().zip(world.towers()).enumerate() {
            let broken = &self.broken;
            let found = &mut self.found;
            let since = self.last;
            let mut tell = |law, module, size: f64, what: &dyn Fn() -> String| {
                note(found, Place { law, since, tower: index, module }, size, what);
            };
            watch.wear.finish(tower, days, &mut tell);
            let sound = |place: usize| {
                !broken.iter().any(|broken| broken.tower == index && broken.fault.module() == Some(place))
            };
            watch.cells.finish(tower, &sound, &mut tell);
        }
        self.found.into_iter().map(|found| found.breach).collect()
    }
}

#[derive(Debug, Clone, Copy)]
struct Place {
    law: Law,
    since: Instant,
    tower: usize,
    module: Option<usize>,
}

/// Each law once a module: since when it is broken, and what it was like at its worst.
fn note(found: &mut Vec<Found>, place: Place, size: f64, what: &dyn Fn() -> String) {
    let Place { law, since, tower, module } = place;
    let is_same = |known: &&mut Found| {
        let known = &known.breach;
        (known.law, known.tower, known.module) == (law, tower, module)
    };
    match found.iter_mut().find(is_same) {
        Some(known) if known.size >= size => {}
        Some(known) => {
            known.size = size;
            known.breach.what = what();
        }
        None => found.push(Found { breach: Breach { law, since, tower, module, what: what() }, size }),
    }
}

impl TowerWatch {
    fn look(&mut self, moment: &Moment<'_>, health: Health, tell: &mut Tell<'_>) {
        self.cells.look(moment, tell);
        self.own.look(moment, tell);
        self.wear.look(moment, tell);
        self.living.look(moment, tell);
        self.advised.look(moment.conditions, tell);
        let begun = moment.now.since(Instant::ZERO) > BEGIN;
        if health == Health::Sound && begun && !moment.conditions.is_empty() {
            let words = || words(moment.conditions);
            tell(Law::FalseAlarm, None, f64::from(moment.conditions.len()), &words);
        }
    }
}

pub(super) fn words(conditions: ConditionSet) -> String {
    let kind = |condition: Condition| match condition {
        Condition::Alarm(_) => format!("{condition} (alarm)"),
        Condition::Fault(_) => condition.to_string(),
    };
    conditions.iter().map(kind).collect::<Vec<_>>().join(", ")
}
