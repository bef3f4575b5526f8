//! A recorded run: same seed, same bytes; the books close; it can be stopped.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use voltower_core::{Duration, Instant};
use voltower_sim::recorder::{Recorder, Report};
use voltower_sim::{Scenario, World};

fn three_hours() -> Scenario {
    let mut scenario = Scenario::summer_day().expect("the built-in day");
    scenario.duration = Duration::hours(3);
    scenario.events.retain(|event| event.at < Instant::ZERO + scenario.duration);
    scenario.expectations.truncate(1);
    scenario
}

fn run(name: &str, scenario: &Scenario) -> (PathBuf, Report) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut world = World::new(scenario);
    let recorder = Recorder::new(Some(&folder), scenario).expect("a folder");
    (folder, recorder.run(&mut world, |_| ControlFlow::Continue(())).expect("written"))
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let scenario = three_hours();
    let other = Scenario { seed: 2, ..scenario.clone() };
    let ((first, _), (second, _), (third, _)) =
        (run("seed-1a", &scenario), run("seed-1b", &scenario), run("seed-2", &other));
    for file in ["series.csv", "events.csv", "picture.svg", "balance.txt"] {
        let read = |folder: &Path| fs::read(folder.join(file)).expect("a file");
        assert_eq!(read(&first), read(&second), "{file}");
    }
    let series = |folder: &Path| fs::read(folder.join("series.csv")).expect("a series");
    assert!(series(&first) != series(&third));
}

#[test]
fn every_balance_closes() {
    let (_, report) = run("balance", &three_hours());
    assert_eq!(report.balances.len(), 2, "the tower and the house");
    for balance in &report.balances {
        assert!(balance.relative < 1e-6, "{}", balance.text());
        assert!(balance.accounts.iter().any(|account| account.joules.abs() > 1e6), "{}", balance.text());
    }
    assert!(report.held(), "{report}");
}

#[test]
fn a_run_that_is_stopped_still_reports() {
    let scenario = three_hours();
    let mut world = World::new(&scenario);
    let recorder = Recorder::new(None, &scenario).expect("no folder needed");
    let half = Instant::ZERO + Duration::mins(90);
    let go_on =
        |world: &World| if world.now() < half { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    let report = recorder.run(&mut world, go_on).expect("nothing to write");
    assert!((report.simulated_seconds - 5400.0).abs() < 11.0, "{} s", report.simulated_seconds);
}
