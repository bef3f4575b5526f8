//! Trials: the catalogue is whole, a seed is a trial, and each checker can find something.

use std::collections::BTreeSet;

use voltower_core::{Condition, Duration, Fault as F};
use voltower_sim::scenario::{Action, Fault, HardwareFault, InverterMode};
use voltower_sim::trial::catalogue::{Kind, Notice, entry};
use voltower_sim::trial::{Checkers, Dice, Plan, Rule, run};
use voltower_sim::{Scenario, World};

/// One tower of two modules that feeds 3 kW from half a minute on.
fn feeding() -> World {
    let text = "title = \"t\"\nduration = \"1 h\"\n[inverter]\nmode = \"discharge 3 kW\"\n[[tower]]\nmodel = \"E10\"\n\
                soc = \"60 %\"\n[[event]]\nat = \"+1 s\"\npress = \"1 s\"\n";
    let nothing = |_: &str| Err(std::io::ErrorKind::NotFound.into());
    World::new(&Scenario::parse("trial", text, &nothing).expect("a scenario"))
}

fn watch(world: &mut World, checkers: &mut Checkers, seconds: u64) {
    let until = world.now() + Duration::secs(seconds);
    while world.now() < until {
        world.tick_to(until);
        checkers.look(world);
    }
}

/// It happens, and no checker hears of it.
fn in_secret(world: &mut World, action: Action) {
    world.act(action);
    world.drain_actions().for_each(drop);
}

fn rules(checkers: &Checkers) -> BTreeSet<Rule> {
    checkers.findings().iter().map(|finding| finding.rule).collect()
}

/// As far as a healthy tower that feeds.
fn started() -> (World, Checkers) {
    let mut world = feeding();
    let mut checkers = Checkers::new(&world);
    watch(&mut world, &mut checkers, 90);
    assert_eq!(checkers.findings(), [], "a healthy tower");
    (world, checkers)
}

#[test]
fn the_catalogue_has_every_word_of_a_scenario_once() {
    let text = "title = \"t\"\nduration = \"1 h\"\n[[tower]]\nmodel = \"E5\"\n[[event]]\nat = \"+1 s\"\n\
                break = { no-such-fault = {} }\n";
    let nothing = |_: &str| Err(std::io::ErrorKind::NotFound.into());
    let error = Scenario::parse("trial", text, &nothing).expect_err("no such fault");
    let help = error.help.expect("the words that there are");
    let there: BTreeSet<&str> = help.trim_start_matches("possible are: ").split(", ").collect();
    let kinds: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(kinds.len(), Kind::ALL.len());
    // What happens to frames is one fault in a scenario, and several kinds here.
    let words: BTreeSet<&str> = kinds.iter().filter_map(|kind| kind.split(", ").next()).collect();
    assert_eq!(words, there);
}

#[test]
fn a_fault_that_is_drawn_is_of_its_kind_and_named_by_something_or_excused() {
    let dice = &mut Dice::new(7);
    for kind in Kind::ALL {
        for _ in 0..20 {
            let fault = kind.draw(dice, 4).expect("four modules are enough");
            assert_eq!(Kind::of(&fault), *kind);
            assert!(fault.module().is_none_or(|module| module < 4));
            let entry = entry(&fault);
            let names = |notice: &Notice| !notice.conditions.is_empty() || !notice.causes.is_empty();
            assert!(entry.notice().as_ref().is_none_or(|notice| names(notice)), "{fault}");
        }
    }
    assert_eq!(Kind::SerialOf.draw(dice, 1), None, "nobody else is there");
}

#[test]
fn a_seed_is_a_trial() {
    for seed in [1, 2, 4711] {
        assert_eq!(Plan::draw(seed), Plan::draw(seed));
        let (first, second) = (run(&Plan::draw(seed)), run(&Plan::draw(seed)));
        assert_eq!(first.findings, second.findings);
        assert_eq!(first.simulated, second.simulated);
    }
}

#[test]
fn a_light_without_a_reason_is_found() {
    let (mut world, mut checkers) = started();
    let fault = Fault::from(HardwareFault::NtcOpen { module: 0, sensor: 1 });
    in_secret(&mut world, Action::Break { tower: 0, fault });
    watch(&mut world, &mut checkers, 20);
    assert!(rules(&checkers).contains(&Rule::FalseLight), "{:?}", checkers.findings());
    let named =
        checkers.findings().iter().any(|found| found.condition == Some(Condition::Fault(F::Sampling)));
    assert!(named, "{:?}", checkers.findings());
}

#[test]
fn a_fault_that_nothing_names_is_found() {
    let (mut world, mut checkers) = started();
    let fault = Fault::from(HardwareFault::AfeSilent { module: 1 });
    world.act(Action::Break { tower: 0, fault: fault.clone() });
    checkers.look(&mut world);
    in_secret(&mut world, Action::Repair { tower: 0, fault });
    watch(&mut world, &mut checkers, 20);
    assert_eq!(rules(&checkers), BTreeSet::from([Rule::Unnamed]));
}

#[test]
fn current_through_an_open_switch_is_found() {
    let (mut world, mut checkers) = started();
    world.act(Action::DcSwitch { tower: 0, closed: false });
    checkers.look(&mut world);
    in_secret(&mut world, Action::DcSwitch { tower: 0, closed: true });
    watch(&mut world, &mut checkers, 20);
    assert_eq!(rules(&checkers), BTreeSet::from([Rule::OpenOutput]));
}

#[test]
fn a_record_that_is_lost_is_found() {
    let (mut world, mut checkers) = started();
    world.act(Action::Inverter(InverterMode::Charge(2000.0)));
    let until = world.now() + Duration::secs(20);
    while world.now() < until {
        world.tick_to(until);
        world.drain_log().for_each(drop);
        checkers.look(&mut world);
    }
    assert_eq!(rules(&checkers), BTreeSet::from([Rule::LogLost]));
}

#[test]
fn every_kind_of_fault_breaks_within_any_sixty_seeds() {
    for first in [1, 7, 60, 1000, 4711] {
        let plans: Vec<Plan> = (first..first + 60).map(Plan::draw).collect();
        let drawn: BTreeSet<Kind> = plans.iter().flat_map(|plan| plan.faults().map(Kind::of)).collect();
        let never: Vec<_> = Kind::ALL.iter().filter(|kind| !drawn.contains(kind)).collect();
        assert!(never.is_empty(), "seeds from {first} on never draw {never:?}");
    }
}

#[test]
fn some_seeds_are_trials_of_days_and_most_are_not() {
    let hours = |seed| Plan::draw(seed).safety.0 / 3_600_000_000;
    let days = (1..=60).filter(|seed| hours(*seed) >= 24).count();
    assert_eq!(days, 6);
}
