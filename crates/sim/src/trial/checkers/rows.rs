//! Each row of a module's table is told by itself: an alarm does not stand for the fault behind it, nor one finding for
//! another that raises the same condition.
//!
//! Who looks at conditions alone would not notice that a row is missing whose condition another one raises, too.

use voltower_core::{Condition, Duration, Fault as F, Finding};

use super::lights::{LEVELS, LOOK};
use super::live::LiveFaults;
use super::{Moment, Report, Rule, Timer};
use crate::scenario::Fault;

/// What the truth shows to the sensors of one module, and it does not say.
#[derive(Default)]
pub(super) struct Rows {
    due: [Timer; LEVELS.len()],
    storm: Timer,
}

/// A row that must be told of, and after how many seconds.
struct Row {
    finding: Finding,
    condition: Condition,
    detect: u64,
}

/// Known from the first sample after a start on.
const STORM: Row = Row { finding: Finding::ResetStorm, condition: Condition::Fault(F::Bms), detect: 0 };

impl Rows {
    /// `storms`: the module has been reset too often since a person has looked.
    pub(super) fn look(
        &mut self,
        moment: &Moment<'_>,
        place: usize,
        storms: bool,
        faults: &LiveFaults,
        report: &mut Report<'_>,
    ) {
        let Moment { now, slack, view, tower, .. } = *moment;
        let Some(module) = view.modules.get(place) else { return };
        let awake = view.stands() && module.speaks && module.heard && module.alive;
        let awake = awake && !faults.any(Fault::is_second_unit);
        let sees = awake && !faults.in_module(now, place, Fault::blinds);
        let told = tower.module_findings(place);
        let mut demand = |row: &Row, holds: bool, timer: &mut Timer| {
            let lasted = timer.lasts(now, holds && !told.contains(row.finding));
            if lasted > Duration::secs(row.detect) + LOOK + slack {
                let what = format!("\"{}\" is true for {lasted} and not told", row.finding.words());
                report(Rule::Unnamed, Some(place), Some(row.condition), what);
            }
        };
        for (level, timer) in LEVELS.iter().zip(&mut self.due) {
            let (finding, condition, detect) = (level.finding, level.condition, level.detect);
            demand(&Row { finding, condition, detect }, sees && level.holds(module), timer);
        }
        demand(&STORM, awake && storms, &mut self.storm);
    }
}
