//! `voltower simulate`: a scenario as fast as it goes, written down.

use std::io::{self, Write as _};

use voltower_core::{Duration, Instant};
use voltower_sim::recorder::{Balance, Recorder, Report};
use voltower_sim::{Scenario, World};

use crate::args::SimulateArgs;
use crate::error::Failure;
use crate::interrupt;
use crate::progress;

/// Runs the scenario, writes what `--out` asks for, prints balance and expectations.
///
/// # Errors
/// A scenario that cannot be read, files that cannot be written, an expectation that did not hold, Ctrl-C.
pub fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let mut scenario = Scenario::load(&args.scenario).map_err(Failure::failed)?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    scenario.period = args.period.unwrap_or(scenario.period);
    interrupt::install();
    let mut recorder = Recorder::new(args.out.as_deref(), &scenario)?;
    let mut world = World::new(&scenario);
    simulate(&mut world, &mut recorder, scenario.duration)?;
    let report = recorder.finish(report(&mut world, &scenario))?;
    print(args, &report)?;
    match (interrupt::asked(), report.held()) {
        (true, _) => Err(Failure::Interrupted(world.clock().to_string())),
        (false, true) => Ok(()),
        (false, false) => Err(Failure::Unmet),
    }
}

fn simulate(world: &mut World, recorder: &mut Recorder, length: Duration) -> io::Result<()> {
    let end = Instant::ZERO + length;
    let bar = progress::bar(length);
    while world.now() < end && !interrupt::asked() {
        world.advance_to((world.now() + recorder.look_interval()).min(end));
        write_down(world, recorder)?;
        progress::tell(&bar, world.now(), world.clock());
    }
    bar.finish_and_clear();
    Ok(())
}

fn write_down(world: &mut World, recorder: &mut Recorder) -> io::Result<()> {
    for (at, action) in world.drain_actions() {
        recorder.action(at, &action)?;
    }
    for logged in world.drain_log() {
        recorder.note(logged.at, logged.tower, logged.module, &logged.record)?;
    }
    let now = world.now();
    recorder.record(now, world.snapshot())
}

fn report(world: &mut World, scenario: &Scenario) -> Report {
    world.finish();
    let towers = world.towers().iter().enumerate();
    let mut balances: Vec<Balance> =
        towers.map(|(number, tower)| Balance::of_tower(number, &tower.plant().energy())).collect();
    if scenario.house.is_some() {
        balances.push(Balance::of_house(world.house().ledger()));
    }
    Report::new(scenario, world.now().since(Instant::ZERO), world.checker().results(), balances)
}

fn print(args: &SimulateArgs, report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        return writeln!(out, "{}", report.json());
    }
    writeln!(out, "{}, seed {}\n", report.title, report.seed)?;
    write!(out, "{report}")?;
    for file in &report.files {
        eprintln!("wrote {}", file.display());
    }
    Ok(())
}
