//! No module dies of its own consumption: whoever is out of service keeps its charge for a year from 30 %.
//!
//! In CI half a month, from which the year follows; by night the year.

use std::io;

use voltower_core::{Duration, Instant};
use voltower_sim::{Scenario, World};

const DAY: Duration = Duration::hours(24);
/// What a year out of service may take at most, with what the cells lose by themselves: half of the 30 %.
const A_YEAR: f64 = 0.15;
/// Faults are tried again before a module is out of service for good.
const SETTLED: u64 = 2;

/// A tower whose first module goes out of service within the first hours, and nobody comes.
fn world(more: &str) -> World {
    let text = format!(
        r#"
title = "out of service"
seed = 5
start = "10:00"
duration = "366 d"
period = "60 s"
ambient = "20 degC"

[inverter]
mode = "self-consumption"

[[tower]]
model = "E10"
soc = "30 %"

[house]
load = "300 W"
pv = {{ mean = "500 W", swing = "900 W", peak = "12:30" }}

[[event]]
at = "+30 s"
press = "1 s"

{more}
"#
    );
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    World::new(&Scenario::parse("out-of-service.toml", &text, &none).expect("a good scenario"))
}

const CASES: [(&str, &str); 4] = [
    ("converter dead", "[[event]]\nat = \"+30 min\"\nbreak = { pcu-dead = { module = 1 } }"),
    ("locked out", "[[event]]\nat = \"+30 min\"\nbreak = { shunt-open = { module = 1 } }"),
    (
        "barred",
        "[[event]]\nat = \"+30 min\"\nbreak = { terminal-resistance = { module = 1, resistance = \"5 ohm\" } }",
    ),
    (
        "relay that does not close",
        "[[event]]\nat = \"+30 min\"\nbreak = { relay-stuck-open = { module = 1 } }",
    ),
];

/// Charge that the first module has left, as a share, and its lowest cell.
fn left(world: &World) -> (f64, f64) {
    let module = world.truth(0).and_then(|tower| tower.modules[0]).expect("it has a module");
    (module.soc, module.cell_voltages.into_iter().fold(f64::INFINITY, f64::min))
}

fn keeps_its_charge(days: u64) {
    for (name, more) in CASES {
        let mut world = world(more);
        world.advance_to(Instant::ZERO + Duration(DAY.0 * SETTLED));
        let (before, _) = left(&world);
        world.advance_to(Instant::ZERO + Duration(DAY.0 * (SETTLED + days)));
        let (after, lowest) = left(&world);
        let a_year = (before - after) * 365.0 / days as f64;
        println!(
            "{name}: {before:.4} to {after:.4} in {days} days, {:.1} % a year, {lowest:.3} V",
            a_year * 100.0
        );
        assert!(after <= before + 0.001, "{name}: it is charged, so it is in service");
        assert!(a_year < A_YEAR, "{name}: {:.1} % a year", a_year * 100.0);
        assert!(lowest > 2.6, "{name}: {lowest:.3} V");
    }
}

#[test]
fn half_a_month_out_of_service_takes_next_to_nothing() {
    keeps_its_charge(15);
}

#[test]
#[ignore = "four years in steps of a minute: by night"]
fn a_year_out_of_service_leaves_half_of_thirty_percent() {
    keeps_its_charge(365);
}
