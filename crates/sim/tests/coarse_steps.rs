//! Long runs take coarse steps: nothing healthy looks broken in them, no cell passes its threshold, and the accounts of
//! the energy are those of a fine run.

use std::io;

use voltower_control::record::Record;
use voltower_core::{Duration, Fault, Instant, ModuleState};
use voltower_plant::EnergyLedger;
use voltower_sim::scenario::Action;
use voltower_sim::{Scenario, World};

/// A cell of a healthy tower is never above the over-voltage alarm, V (SR-001: 3.55 to 3.60 V).
const HIGHEST: f64 = 3.600;
/// Nor below the under-voltage alarm (SR-003).
const LOWEST: f64 = 2.800;
/// An account may differ from that of the fine run by this share of the throughput.
const APART: f64 = 0.005;

/// What a run came to.
struct Run {
    energy: EnergyLedger,
    throughput: f64,
    highest: f64,
    lowest: f64,
    conditions: Vec<String>,
}

fn run(period: Duration, days: u64) -> Run {
    let text = format!(
        "title = \"t\"\nseed = 3\nstart = \"06:00\"\nduration = \"400 d\"\nperiod = \"{} s\"\n\
         ambient = {{ mean = \"18 degC\", swing = \"8 K\", peak = \"15:00\" }}\n\
         [inverter]\nmode = \"self-consumption\"\n\
         [[tower]]\nmodel = \"E10\"\nsoc = \"50 %\"\n\
         [house]\nload = {{ mean = \"500 W\", swing = \"400 W\", peak = \"19:00\" }}\n\
         pv = {{ mean = \"2 kW\", swing = \"2 kW\", peak = \"13:00\" }}\n",
        period.0 / 1_000_000
    );
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let mut world = World::new(&Scenario::parse("coarse.toml", &text, &none).expect("a good scenario"));
    world.act(Action::Press { tower: 0, hold: Duration::secs(1) });
    let mut found = Run {
        energy: world.towers()[0].plant().energy(),
        throughput: 0.0,
        highest: 0.0,
        lowest: 9.0,
        conditions: vec![],
    };
    for minute in 1..=days * 24 * 60 {
        let now = Instant::ZERO + Duration::mins(minute);
        world.advance_to(now);
        let seen = &world.snapshot().towers[0];
        found.throughput += seen.power.abs() * 60.0;
        for module in &seen.modules {
            found.highest = found.highest.max(module.cell_voltage_max);
            found.lowest = found.lowest.min(module.cell_voltage_min);
        }
        for condition in seen.conditions.iter() {
            let words = format!("{condition:?}");
            if !found.conditions.contains(&words) {
                println!("{} h: {words}", minute / 60);
                found.conditions.push(words);
            }
        }
    }
    found.energy = world.towers()[0].plant().energy();
    println!(
        "{period}: cells {:.4} to {:.4} V, {:.0} kWh",
        found.lowest,
        found.highest,
        found.throughput / 3.6e6
    );
    found
}

fn accounts(energy: &EnergyLedger) -> [(&'static str, f64); 10] {
    [
        ("inverter", energy.inverter),
        ("chemical", energy.chemical),
        ("hysteresis", energy.hysteresis_lost),
        ("polarisation", energy.polarisation_lost),
        ("ohmic", energy.ohmic),
        ("electronics", energy.electronics),
        ("converters", energy.converters),
        ("bleeders", energy.bleeders),
        ("balancing", energy.balancing),
        ("cables", energy.cables),
    ]
}

fn agree(days: u64) {
    let (coarse, fine) = (run(Duration::secs(60), days), run(Duration::secs(1), days));
    assert!(coarse.conditions.is_empty(), "{:?}", coarse.conditions);
    assert!(coarse.highest < HIGHEST && coarse.lowest > LOWEST, "{} to {} V", coarse.lowest, coarse.highest);
    for ((name, coarse), (_, fine_one)) in accounts(&coarse.energy).into_iter().zip(accounts(&fine.energy)) {
        let apart = (coarse - fine_one).abs() / fine.throughput;
        println!("{name}: {coarse:.0} J, {fine_one:.0} J, {:.2} % of the throughput apart", apart * 100.0);
        assert!(apart <= APART, "{name}: {coarse:.0} J, {fine_one:.0} J in the fine run");
    }
}

#[test]
fn two_weeks_in_steps_of_a_minute_are_as_in_steps_of_a_second() {
    agree(14);
}

#[test]
#[ignore = "a year in steps of a second: by night"]
fn a_year_in_steps_of_a_minute_is_as_in_steps_of_a_second() {
    agree(365);
}

/// Whoever looks cuts steps short, and the battery was heard a whole step ago. The least magnitude of any tower's power
/// from the fifth minute on, at constant demand, W.
fn least_power(models: &[&str], period: u64) -> f64 {
    let mut text = format!(
        "title = \"t\"\nseed = 3\nstart = \"10:00\"\nduration = \"2 h\"\nperiod = \"{period} s\"\n\
         [inverter]\nmode = \"self-consumption\"\n[house]\nload = \"900 W\"\n"
    );
    for model in models {
        text.push_str(&format!("[[tower]]\nmodel = \"{model}\"\nsoc = \"60 %\"\n"));
    }
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let mut world = World::new(&Scenario::parse("constant.toml", &text, &none).expect("a good scenario"));
    for tower in 0..models.len() {
        world.act(Action::Press { tower, hold: Duration::secs(1) });
    }
    let (mut least, mut at) = (f64::INFINITY, 0);
    // After some whole steps one of a second or two.
    for look in [5 * period, 1, 3 * period + 2, 2].into_iter().cycle() {
        at += look;
        world.advance_to(Instant::ZERO + Duration::secs(at));
        if at > 300 {
            least = world.snapshot().towers.iter().map(|tower| tower.power.abs()).fold(least, f64::min);
        }
        if at > 300 + 40 * period {
            break;
        }
    }
    least
}

#[test]
fn power_at_constant_demand_is_constant_at_every_sample_period() {
    let mut gaps = vec![];
    for models in [&["E5"][..], &["E10"], &["E20"], &["E10", "E10"], &["E20", "E10"]] {
        for period in [2, 3, 5, 6, 8, 10, 13, 20, 30, 36, 45, 60] {
            let least = least_power(models, period);
            if least < 200.0 {
                gaps.push(format!("{models:?}, {period} s: {least:.0} W"));
            }
        }
    }
    assert!(gaps.is_empty(), "{gaps:?}");
}

/// They sleep, are woken for charge and sleep again, while steps grow and shrink.
#[test]
fn low_modules_that_are_woken_in_coarse_steps_are_not_missed() {
    let text = "title = \"t\"\nseed = 113\nstart = \"10:00\"\nduration = \"9 d\"\nperiod = \"10 s\"\n\
                [inverter]\nmode = \"hold\"\n[house]\nload = \"300 W\"\n\
                [[tower]]\nmodel = \"E15\"\n\
                [[tower.module]]\nsoc = \"8 %\"\nhealth = \"75 %\"\n\
                [[tower.module]]\nsoc = \"12 %\"\n\
                [[tower.module]]\nsoc = \"6 %\"\nhealth = \"90 %\"\n\
                [[event]]\nat = \"+10 s\"\npress = \"1 s\"\n";
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let mut world = World::new(&Scenario::parse("low.toml", text, &none).expect("a good scenario"));
    let mut missed = vec![];
    let mut woken = 0;
    // As the recorder of a long run looks.
    for step in 1..=9 * 24 * 360 {
        world.advance_to(Instant::ZERO + Duration::secs(10 * step));
        for logged in world.drain_log() {
            let is_missed = match logged.record {
                Record::Raised { condition, .. } => condition == Fault::Communication.into(),
                _ => false,
            };
            woken += u32::from(matches!(logged.record, Record::Module(ModuleState::Starting)));
            if is_missed {
                missed.push(logged.at);
            }
        }
    }
    assert!(woken > 20, "{woken}");
    assert!(missed.is_empty(), "{missed:?}");
}
