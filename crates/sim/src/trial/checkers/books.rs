//! Nothing that is logged is lost, and the energies of the plant add up.

use voltower_control::record::Record;
use voltower_core::{Cause, Condition, ConditionSet, Diagnosis, Duration, Instant, ModuleState, TowerState};

use super::view::TowerView;
use super::{Moment, Report, Rule, Timer};
use crate::Logged;

/// Share of the largest account that may be unexplained: rounding.
const RESIDUAL: f64 = 1e-8;
/// The ledger is looked at so often.
const AUDIT: Duration = Duration::secs(60);
/// A frame that tells what was written comes within this.
const TOLD: Duration = Duration::secs(3);
/// Controllers of a tower: the unit and four modules.
const WRITERS: usize = 5;

/// What the log says, told again from its records alone.
#[derive(Default)]
pub(super) struct Books {
    /// By who wrote it, and of whom.
    open: [[ConditionSet; WRITERS]; WRITERS],
    state: Option<TowerState>,
    diagnosis: Diagnosis,
    modules: [Option<ModuleState>; WRITERS],
    unwritten: Timer,
    unblamed: Timer,
    other_state: Timer,
    audited: Instant,
}

impl Books {
    pub(super) fn look(&mut self, moment: &Moment<'_>, report: &mut Report<'_>) {
        self.compare(moment, report);
        if moment.now.since(self.audited) >= AUDIT {
            self.audited = moment.now;
            audit(moment, report);
        }
    }

    /// What a module, from 0, last wrote of its state.
    pub(super) fn module_state(&self, module: usize) -> Option<ModuleState> {
        self.modules.get(module + 1).copied().flatten()
    }

    /// A unit that nobody hears is read in its log.
    pub(super) fn speak_for(&self, view: &mut TowerView) {
        if view.unit_on && !view.heard {
            view.state = self.state;
            view.diagnosis = self.diagnosis;
            view.conditions = self.open[0].iter().fold(ConditionSet::EMPTY, |all, set| all.union(*set));
        }
    }

    /// A record.
    pub(super) fn read(&mut self, logged: &Logged) {
        let writer = usize::from(logged.module);
        let mut set = |module: u8, condition, present| {
            let of = self.open.get_mut(writer).and_then(|row| row.get_mut(usize::from(module)));
            if let Some(open) = of {
                open.set(condition, present);
            }
        };
        match logged.record {
            Record::Raised { condition, module, .. } => set(module, condition, true),
            Record::Cleared { condition, module } => set(module, condition, false),
            Record::Tower(state) => self.state = Some(state),
            Record::Diagnosed(diagnosis) => self.diagnosis = diagnosis,
            Record::Module(state) => {
                if let Some(slot) = self.modules.get_mut(writer) {
                    *slot = Some(state);
                }
            }
            Record::Anchored { .. }
            | Record::LockOut(_)
            | Record::LockOutsCleared
            | Record::StartFailed(_)
            | Record::Addressed(_)
            | Record::Configured
            | Record::Booted(_)
            | Record::Lost(_)
            | Record::Found { .. } => {}
        }
    }

    /// What the unit has diagnosed of the tower itself, not of a module or the way to it.
    fn blames_itself(&self) -> Option<Condition> {
        let Diagnosis { cause, module, .. } = self.diagnosis;
        (module == 0 && cause != Cause::ChainInterrupted).then(|| cause.condition()).flatten()
    }

    fn compare(&mut self, moment: &Moment<'_>, report: &mut Report<'_>) {
        let written = self.open.iter().flatten().fold(ConditionSet::EMPTY, |all, set| all.union(*set));
        let said = if moment.view.heard { moment.view.conditions } else { ConditionSet::EMPTY };
        let lost = said.iter().find(|condition| !written.contains(*condition));
        if self.unwritten.lasts(moment.now, lost.is_some()) > TOLD + moment.slack {
            report(Rule::LogLost, None, lost, format!("{} is shown and in no log", words(lost)));
        }
        let blamed = self.blames_itself();
        let missing = blamed.filter(|condition| !self.open[0][0].contains(*condition));
        if self.unblamed.lasts(moment.now, missing.is_some()) > TOLD + moment.slack {
            let what = format!("{} is diagnosed, and its condition is in no log", self.diagnosis);
            report(Rule::LogLost, None, missing, what);
        }
        let differs = moment.view.heard && moment.view.state.is_some_and(|state| Some(state) != self.state);
        if self.other_state.lasts(moment.now, differs) > TOLD + moment.slack {
            let what = format!("the unit says {:?}, its log {:?}", moment.view.state, self.state);
            report(Rule::LogLost, None, None, what);
        }
    }
}

fn words(condition: Option<Condition>) -> String {
    condition.map_or_else(String::new, |condition| condition.to_string())
}

fn audit(moment: &Moment<'_>, report: &mut Report<'_>) {
    let ledger = moment.tower.plant().energy();
    let share = ledger.relative_residual();
    // A not-a-number must not pass.
    let closes = share < RESIDUAL || ledger.residual().abs() < 1e-3;
    if !closes {
        report(Rule::Energy, None, None, format!("{:.3e} J are not explained", ledger.residual()));
    }
    let heat = ledger.heat_made.abs() + ledger.heat_stored.abs() + ledger.heat_from_heaters.abs();
    let closes = ledger.thermal_residual().abs() < RESIDUAL * heat + 1e-3;
    if !closes {
        report(Rule::Energy, None, None, format!("{:.3e} J of heat", ledger.thermal_residual()));
    }
}
