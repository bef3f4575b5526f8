//! A trial runs: trouble, then everything is made whole, then the towers must come back or say what they wait for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use voltower_core::values::CELL_UNDER_VOLTAGE_CLEAR;
use voltower_core::{Cause, Duration, Fault, Instant, TowerState};

use super::checkers::{Checkers, Finding, Rule};
use super::plan::Plan;
use super::single::Detected;
use crate::World;
use crate::scenario::{Action, HardwareFault, InverterMode};

/// What became of a trial.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What was found.
    pub findings: Vec<Finding>,
    /// How long the site ran, in its own time.
    pub simulated: Duration,
    /// What happened, if it was asked for.
    pub story: Vec<String>,
    /// What the controllers have found.
    pub detected: Detected,
}

/// The person comes so long after everything is whole, and again and again: conditions take a minute to clear.
const VISIT: Duration = Duration::mins(3);
/// The person gives up after so many visits.
const VISITS: u32 = 6;
/// Cells that one of them has heated stay so far apart for hours, K: the level at which that clears, less what
/// thermistors do not see.
const SPREAD_STAYS: f64 = 8.5;
/// Held so long, the switch clears what is locked out.
const CLEAR: Duration = Duration::millis(10_500);
/// Held so long, it shuts a tower down.
const SHUT_DOWN: Duration = Duration::secs(4);
/// Held so long, it starts a tower that is off.
const START: Duration = Duration::secs(1);
/// A tower that stands so long without a fault is back.
const STEADY: Duration = Duration::secs(40);

/// Runs a plan to its end. A panic is a finding.
#[must_use]
pub fn run(plan: &Plan) -> Outcome {
    caught(plan, false)
}

/// The same, with the story of it.
#[must_use]
pub fn run_with_story(plan: &Plan) -> Outcome {
    caught(plan, true)
}

fn caught(plan: &Plan, story: bool) -> Outcome {
    let mut outcome = Outcome::default();
    let result = catch_unwind(AssertUnwindSafe(|| run_watched(plan, story, &mut outcome)));
    if let Err(panic) = result {
        let words = panic.downcast_ref::<String>().cloned();
        let what =
            words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
        let at = Instant::ZERO + outcome.simulated;
        outcome.findings.push(Finding {
            rule: Rule::Panic,
            at,
            tower: 0,
            module: None,
            condition: None,
            what,
        });
    }
    outcome
}

fn run_watched(plan: &Plan, story: bool, outcome: &mut Outcome) {
    let mut world = World::new(&plan.scenario());
    let mut checkers = Checkers::new(&world);
    if story {
        checkers.keep_story();
    }
    let mut ran = |world: &mut World, checkers: &mut Checkers, until: Instant| {
        while world.now() < until {
            world.tick_to(until);
            checkers.look(world);
            outcome.detected.note(world);
            outcome.story.extend(checkers.take_story());
            outcome.simulated = world.now().since(Instant::ZERO);
            if outcome.findings.len() < checkers.findings().len() {
                outcome.findings = checkers.findings().to_vec();
            }
        }
    };
    let heal = Instant::ZERO + plan.safety;
    ran(&mut world, &mut checkers, heal);
    mend(plan, &mut world);
    for visit in 1..=VISITS {
        // Between visits one look is enough to see that it is back.
        let mut steady = Instant::ZERO;
        let until = world.now() + VISIT;
        while world.now() < until {
            let next = (world.now() + Duration::secs(5)).min(until);
            ran(&mut world, &mut checkers, next);
            let back = (0..plan.site.towers.len()).all(|tower| is_back(&world, tower));
            if !back {
                steady = world.now();
            } else if world.now().since(steady.max(heal)) >= STEADY {
                return;
            }
        }
        if visit < VISITS {
            (0..plan.site.towers.len()).for_each(|tower| visit_tower(&mut world, tower));
        }
    }
    for tower in 0..plan.site.towers.len() {
        if !is_back(&world, tower) && !waits_for_a_person(&mut world, plan, tower) {
            outcome.findings.push(lost(&mut world, tower));
        }
    }
}

/// Everything is made whole, and nobody asks for power: lock-outs clear only then.
fn mend(plan: &Plan, world: &mut World) {
    for action in plan.mending() {
        world.act(action);
    }
    world.act(Action::Grid { on: true });
    world.act(Action::Inverter(InverterMode::Hold));
    world.act(Action::Load { watts: 0.0 });
    world.act(Action::Ambient { celsius: 22.0 });
    for tower in 0..plan.site.towers.len() {
        // A short may have blown it.
        world.act(Action::Repair { tower, fault: HardwareFault::FuseBlown.into() });
        world.act(Action::DcSwitch { tower, closed: true });
        world.act(Action::Update { tower, start: false });
    }
}

/// What the lights tell a person to do. Lock-outs clear while no power flows: whoever sees it flow opens the DC switch
/// before, and closes it with the next visit.
fn visit_tower(world: &mut World, tower: usize) {
    let Some(seen) = world.snapshot().towers.get(tower) else { return };
    let (state, faulted) = (seen.state, !seen.conditions.faults().is_empty());
    let flows = matches!(state, TowerState::Charging | TowerState::Discharging);
    let restart = seen.diagnosis.cause == Cause::Stranger;
    world.act(Action::DcSwitch { tower, closed: !(flows && faulted) });
    // The panel of a unit that has started anew and sleeps is dark, whatever was heard of it last.
    let is_dark = world.towers()[tower].bdu_drive().power != voltower_control::io::PowerMode::On;
    let hold = match state {
        _ if is_dark => START,
        TowerState::Faulted | TowerState::Standby if restart => SHUT_DOWN,
        TowerState::Shutdown | TowerState::Sleeping => START,
        TowerState::Faulted => CLEAR,
        TowerState::Starting
        | TowerState::BlackStart
        | TowerState::Standby
        | TowerState::Charging
        | TowerState::Discharging
        | TowerState::Updating
        | TowerState::Stopping => {
            if !faulted {
                return;
            }
            CLEAR
        }
    };
    world.act(Action::Press { tower, hold });
}

/// It feeds or is ready to, and nothing is wrong.
fn is_back(world: &World, tower: usize) -> bool {
    let Some(status) = world.towers().get(tower).and_then(|tower| tower.reported().tower_status()) else {
        return false;
    };
    let runs = matches!(status.state, TowerState::Standby | TowerState::Charging | TowerState::Discharging);
    let on = world.towers()[tower].bdu_drive().power == voltower_control::io::PowerMode::On;
    on && runs && status.conditions.faults().is_empty()
}

/// It says what is wrong, and that is so: a cell that is damaged, too hot or too cold still, hotter than the others, or
/// empty.
fn waits_for_a_person(world: &mut World, plan: &Plan, tower: usize) -> bool {
    let exchanged =
        plan.deeds.iter().any(|deed| deed.what.tower() == Some(tower) && deed.what.leaves_damage());
    let Some(seen) = world.snapshot().towers.get(tower) else { return false };
    let says = !seen.conditions.faults().is_empty();
    let hurt = |module: &crate::recorder::ModuleSnapshot| {
        module.cell_voltage_min < 2.52
            || module.cell_voltage_max > 3.44
            || module.cell_temperature_max > 53.0
            || module.cell_temperature_min < -15.0
            || module.cell_temperature_max - module.cell_temperature_min > SPREAD_STAYS
    };
    let clear = f64::from(CELL_UNDER_VOLTAGE_CLEAR.0) / 1000.0;
    let waits_for_charge = seen.conditions.contains(Fault::LowVoltage)
        && seen.modules.iter().any(|module| module.cell_voltage_min < clear);
    let empty = |module: &crate::recorder::ModuleSnapshot| module.soc.min(module.soc_true) < 0.08;
    let off = matches!(seen.state, TowerState::Shutdown | TowerState::Sleeping | TowerState::Stopping);
    waits_for_charge
        || says && (exchanged || seen.modules.iter().any(hurt))
        || off && seen.modules.iter().any(|m| empty(m) || hurt(m))
}

fn lost(world: &mut World, tower: usize) -> Finding {
    let at = world.now();
    let seen = &world.snapshot().towers[tower];
    let conditions: Vec<_> = seen.conditions.iter().map(|condition| condition.to_string()).collect();
    let what = format!(
        "everything is whole, and after {VISITS} visits the tower is in {} with {} ({})",
        seen.state,
        if conditions.is_empty() { "nothing wrong".to_owned() } else { conditions.join(", ") },
        seen.diagnosis,
    );
    Finding {
        rule: Rule::NoReturn,
        at,
        tower,
        module: None,
        condition: seen.conditions.faults().iter().next(),
        what,
    }
}
