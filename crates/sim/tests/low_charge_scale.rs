//! One scale for low charge: both kinds of home cells are run down, and what is estimated fits the truth where stages
//! and limits look at it; what people are shown never jumps.

use std::io;

use voltower_core::{Duration, Instant};
use voltower_sim::scenario::Action;
use voltower_sim::{Scenario, World};

/// The stages lie a hundredth of charge apart: the estimate must tell them apart.
const AT_THE_END: f64 = 0.014;
/// The requirement everywhere.
const ANYWHERE: f64 = 0.10;
/// What is shown moves by so much in a minute at most, and a tenth for rounding to a thousandth.
const SHOWN: f64 = 0.0211;

fn run_down(cell: &str, celsius: i32, load: u32) {
    let text = format!(
        "title = \"t\"\nseed = 5\nduration = \"30 h\"\nperiod = \"1 s\"\nambient = \"{celsius} degC\"\n\
         [inverter]\nmode = \"self-consumption\"\n\
         [[tower]]\nmodel = \"E5\"\ncell = \"{cell}\"\n\
         [[tower.module]]\nsoc = \"30 %\"\nstored_soc = \"30 %\"\n\
         [house]\nload = \"{load} W\"\n[[event]]\nat = \"+20 s\"\ngrid = \"on\"\n"
    );
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let scenario = Scenario::parse("low.toml", &text, &none).unwrap_or_else(|error| panic!("{error}"));
    let mut world = World::new(&scenario);
    world.act(Action::Press { tower: 0, hold: Duration::secs(1) });
    let (mut shown, mut least) = (None, 1.0_f64);
    for minute in 1..=18 * 60 {
        world.advance_to(Instant::ZERO + Duration::mins(minute));
        let module = &world.snapshot().towers[0].modules[0];
        if !module.connected || minute < 3 {
            continue;
        }
        let (truth, error) = (module.soc_true, module.soc_estimate - module.soc_true);
        least = least.min(truth);
        let allowed = if truth < 0.06 { AT_THE_END } else { ANYWHERE };
        assert!(
            error.abs() <= allowed,
            "{cell} at {celsius} degC, minute {minute}: {error:+.3} at {truth:.3}"
        );
        if let Some(before) = shown.replace(module.soc) {
            let moved: f64 = module.soc - before;
            assert!(moved.abs() <= SHOWN, "{cell}, minute {minute}: {moved:+.3} shown");
        }
    }
    println!("{cell} at {celsius} degC with {load} W: down to {least:.3}");
    assert!(least < 0.055, "it was run down: {least}");
}

#[test]
fn both_home_cells_are_run_down_on_one_scale() {
    for cell in ["home-100ah", "home-100ah-low-resistance"] {
        for (celsius, load) in [(25, 300), (25, 2000), (5, 1000)] {
            run_down(cell, celsius, load);
        }
    }
}
