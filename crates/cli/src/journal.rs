//! From observations to a log: what changed, in a line each.

use voltower_core::{Condition, ConditionSet, Diagnosis, Level, ModuleState, TowerState};
use voltower_gateway::observe::{ModuleObservation, Observation, TowerObservation};
use voltower_sim::scenario::{Action, ClockTime};

use crate::screen::{Line, Tone};

/// Lines that are kept: the oldest go.
const KEPT: usize = 500;

/// Compares each observation with the last one, and keeps what changed.
#[derive(Debug, Clone)]
pub struct Journal {
    towers: usize,
    last: Vec<Seen>,
    lines: Vec<Line>,
    total: usize,
}

/// What the last observation showed of a tower.
#[derive(Debug, Clone, Default, PartialEq)]
struct Seen {
    state: Option<TowerState>,
    silent: bool,
    conditions: ConditionSet,
    dc_closed: Option<bool>,
    inverter: bool,
    diagnosis: Diagnosis,
    modules: [ModuleSeen; 4],
}

impl Journal {
    /// For so many towers; nothing has happened yet.
    #[must_use]
    pub fn new(towers: usize) -> Self {
        Self { towers, last: vec![Seen::default(); towers], lines: Vec::new(), total: 0 }
    }

    /// What has happened, oldest first.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How many lines there ever were.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// The scenario, or a person, did something.
    pub fn deed(&mut self, at: ClockTime, action: &Action) {
        let text = match action.tower() {
            Some(tower) => format!("{}{action}", self.whose(tower)),
            None => action.to_string(),
        };
        self.push(Line { at, tone: Tone::Deed, text });
    }

    /// Something happened at the desk, not in the world.
    pub fn note(&mut self, at: ClockTime, text: String) {
        self.push(Line { at, tone: Tone::Deed, text });
    }

    /// Notes what changed since the last look.
    pub fn look(&mut self, at: ClockTime, observation: &Observation) {
        for number in 0..self.towers {
            let (Some(tower), Some(before)) = (observation.towers.get(number), self.last.get(number)) else {
                continue;
            };
            let seen = Seen::of(tower);
            if seen == *before {
                continue;
            }
            let changes = before.changes(&seen, tower);
            let whose = self.whose(number);
            self.last[number] = seen;
            for (tone, text) in changes {
                self.push(Line { at, tone, text: format!("{whose}{text}") });
            }
        }
    }

    fn whose(&self, tower: usize) -> String {
        if self.towers > 1 { format!("tower {}: ", tower + 1) } else { String::new() }
    }

    fn push(&mut self, line: Line) {
        if self.lines.len() == KEPT {
            self.lines.remove(0);
        }
        self.lines.push(line);
        self.total += 1;
    }
}

impl Seen {
    fn of(tower: &TowerObservation) -> Self {
        let panel = tower.panel.filter(|panel| !panel.stale);
        let module = |module: &ModuleObservation| module.status.map(|status| (status.state, status.stale));
        Self {
            state: tower.state(),
            silent: tower.status.is_some_and(|status| status.stale),
            conditions: tower.conditions(),
            dc_closed: panel.map(|panel| panel.dc_switch_closed),
            inverter: panel.is_some_and(|panel| panel.inverter_heard),
            diagnosis: panel.map_or(Diagnosis::NONE, |panel| panel.diagnosis),
            modules: tower.modules.each_ref().map(module),
        }
    }

    fn changes(&self, now: &Self, tower: &TowerObservation) -> Vec<(Tone, String)> {
        let mut changes = Vec::new();
        if now.silent && !self.silent {
            changes.push((Tone::Change, silence(now.state)));
        }
        if let Some(state) = now.state.filter(|_| now.state != self.state || (self.silent && !now.silent)) {
            let tone = if state == TowerState::Faulted { Tone::Fault } else { Tone::Change };
            changes.push((tone, state.word().to_owned()));
        }
        if now.inverter && !self.inverter {
            changes.push((Tone::Change, "the inverter is heard".to_owned()));
        }
        changes.extend(self.condition_changes(now, tower));
        if now.diagnosis != self.diagnosis && !now.diagnosis.is_none() {
            changes.push((Tone::Alarm, format!("cause: {}", now.diagnosis)));
        }
        changes.extend(self.module_changes(now));
        changes
    }

    fn condition_changes(&self, now: &Self, tower: &TowerObservation) -> Vec<(Tone, String)> {
        let came = now.conditions.iter().filter(|condition| !self.conditions.contains(*condition));
        let went = self.conditions.iter().filter(|condition| !now.conditions.contains(*condition));
        let raised = came.map(|condition| {
            let (tone, level) = match condition.level() {
                Level::Alarm => (Tone::Alarm, "alarm"),
                Level::Fault => (Tone::Fault, "fault"),
            };
            (tone, format!("{level}: {condition}{}", reporters(tower, condition)))
        });
        let cleared = went.map(|condition| (Tone::Relief, format!("cleared: {condition}")));
        raised.chain(cleared).collect()
    }

    fn module_changes(&self, now: &Self) -> Vec<(Tone, String)> {
        let pairs = self.modules.iter().zip(&now.modules);
        let rests =
            matches!(now.state, Some(TowerState::Sleeping | TowerState::Stopping | TowerState::Shutdown));
        let changes =
            (1..).zip(pairs).map(|(number, (before, now))| module_change(number, *before, *now, rests));
        changes.flatten().collect()
    }
}

/// State, and whether it is stale.
type ModuleSeen = Option<(ModuleState, bool)>;

/// What is new of a module, in a tower that `rests` or not: there its silence is no news.
fn module_change(number: usize, before: ModuleSeen, now: ModuleSeen, rests: bool) -> Option<(Tone, String)> {
    let (state, stale) = now?;
    if stale && before.is_some_and(|(_, stale)| !stale) && falls_silent(state) && !rests {
        return Some((Tone::Alarm, format!("module {number} is silent")));
    }
    let changed = before.is_none_or(|(before, _)| before != state);
    let matters = match state {
        ModuleState::Connected | ModuleState::Faulted | ModuleState::Updating | ModuleState::Dormant => true,
        ModuleState::Shutdown | ModuleState::Starting | ModuleState::Ready | ModuleState::Stopping => false,
    };
    (changed && matters).then(|| (Tone::Change, format!("module {number} {state}")))
}

/// Whose silence is news.
const fn falls_silent(state: ModuleState) -> bool {
    !matches!(state, ModuleState::Shutdown | ModuleState::Dormant)
}

fn silence(state: Option<TowerState>) -> String {
    match state {
        Some(TowerState::Stopping | TowerState::Shutdown) => "off".to_owned(),
        Some(TowerState::Sleeping) => "asleep".to_owned(),
        Some(
            TowerState::Starting
            | TowerState::BlackStart
            | TowerState::Standby
            | TowerState::Charging
            | TowerState::Discharging
            | TowerState::Updating
            | TowerState::Faulted,
        )
        | None => "silent".to_owned(),
    }
}

fn reporters(tower: &TowerObservation, condition: Condition) -> String {
    let reports =
        |module: &ModuleObservation| module.status.is_some_and(|s| s.conditions.contains(condition));
    let modules: Vec<String> = tower
        .modules_heard()
        .filter(|(_, module)| reports(module))
        .map(|(i, _)| (i + 1).to_string())
        .collect();
    if modules.is_empty() { String::new() } else { format!(" (module {})", modules.join(", ")) }
}
