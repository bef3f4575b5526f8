//! Counts that cannot be trusted are put right by a full charge, and an empty module is charged by a full one: weeks in
//! a world whose truth is known.

use std::io;

use voltower_core::{Duration, Instant};
use voltower_protocols::link::FullChargeAsked;
use voltower_sim::scenario::Action;
use voltower_sim::{Scenario, World};

const CELLS: [&str; 2] = ["home-100ah", "home-100ah-low-resistance"];

/// A shunt that reads too much, in a tower that is not used.
fn offset(cell: &str, tower: &str, site: &str, days: u32) -> World {
    let text = format!(
        "title = \"t\"\nseed = 1\nstart = \"06:00\"\nduration = \"{days} d\"\nperiod = \"10 s\"\n{site}\n\
         [[tower]]\nmodel = \"E5\"\ncell = \"{cell}\"\nsoc = \"50 %\"\n{tower}\n\
         [[event]]\nat = \"+10 min\"\nbreak = {{ shunt-offset = {{ module = 1, offset = \"-1.5 A\" }} }}\n"
    );
    world(&text)
}

fn world(text: &str) -> World {
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let scenario = Scenario::parse("full.toml", text, &none).unwrap_or_else(|error| panic!("{error}"));
    let mut world = World::new(&scenario);
    world.advance_to(Instant::ZERO + Duration::secs(10));
    world.act(Action::Press { tower: 0, hold: Duration::secs(1) });
    world
}

const HOLD: &str = "[inverter]\nmode = \"hold\"\n[house]\nload = \"400 W\"";

fn is_asked(asked: FullChargeAsked) -> bool {
    matches!(asked, FullChargeAsked::FromSun | FullChargeAsked::FromGrid)
}

/// Each ten minutes of so many days: when, what is asked, and how far the module's estimate is off.
fn watch(world: &mut World, days: u64) -> Vec<(u64, FullChargeAsked, f64, bool)> {
    let tens = days * 24 * 6;
    (1..=tens)
        .map(|ten| {
            world.advance_to(Instant::ZERO + Duration::mins(ten * 10));
            let tower = &world.snapshot().towers[0];
            let module = &tower.modules[0];
            let contains =
                module.soc_low - 0.005 <= module.soc_true && module.soc_true <= module.soc_high + 0.005;
            (ten * 10, tower.full_charge, (module.soc_estimate - module.soc_true).abs(), contains)
        })
        .collect()
}

#[test]
fn a_count_that_drifts_is_right_after_a_full_charge_from_the_grid_and_not_again_for_a_fortnight() {
    for cell in CELLS {
        let mut world = offset(cell, "full_charge = \"grid\"", HOLD, 16);
        let seen = watch(&mut world, 16);
        let asked: Vec<u64> = seen.iter().filter(|seen| is_asked(seen.1)).map(|seen| seen.0).collect();
        let (first, last) = (asked[0], *asked.last().expect("asked"));
        assert!(last - first < 12 * 60, "{cell}: asked from {first} to {last} min, once in sixteen days");
        let after = seen.iter().find(|seen| seen.0 == last + 20).expect("watched");
        assert!(after.2 < 0.03, "{cell}: {after:?}");
        assert!(seen.iter().all(|seen| seen.2 < 0.10 || seen.3), "{cell}: within ten points, or in its band");
    }
}

#[test]
fn without_leave_for_the_grid_it_waits_for_the_sun_and_is_given_up() {
    let mut world = offset(CELLS[0], "", HOLD, 3);
    let seen = watch(&mut world, 3);
    let sun = seen.iter().filter(|seen| seen.1 == FullChargeAsked::FromSun).count();
    assert!((70..=73).contains(&sun), "twelve hours: {sun} times ten minutes");
    assert!(seen.iter().all(|seen| seen.1 != FullChargeAsked::FromGrid));
    assert!(world.snapshot().towers[0].modules[0].soc_true < 0.5, "nothing was bought");
}

#[test]
fn in_an_island_it_is_never_asked_for() {
    let island = "[inverter]\nmode = \"self-consumption\"\nbackup = true\n[house]\nload = \"100 W\"\n\
                  pv = { mean = \"100 W\", swing = \"300 W\", peak = \"13:00\" }\n\
                  [[event]]\nat = \"+3 min\"\ngrid = \"off\"";
    let mut world = offset(CELLS[0], "full_charge = \"grid\"", island, 4);
    let seen = watch(&mut world, 4);
    assert!(seen.iter().any(|seen| seen.1 == FullChargeAsked::Wanted), "it is wanted");
    assert!(!seen.iter().any(|seen| is_asked(seen.1)));
}

#[test]
fn an_empty_module_is_charged_by_a_full_one_with_both_home_cells() {
    for cell in CELLS {
        let text = format!(
            "title = \"t\"\nseed = 1\nstart = \"10:00\"\nduration = \"2 d\"\nperiod = \"1 s\"\n{HOLD}\n\
             [[tower]]\nmodel = \"E10\"\ncell = \"{cell}\"\n\
             [[tower.module]]\nsoc = \"4 %\"\nstored_soc = \"4 %\"\n[[tower.module]]\nsoc = \"80 %\"\n"
        );
        let mut world = world(&text);
        let (mut times, mut before, mut most) = (0, false, 0.0_f64);
        for minute in 1..=24 * 60 {
            world.advance_to(Instant::ZERO + Duration::mins(minute));
            let tower = &world.snapshot().towers[0];
            let is_now = tower.levelling.is_some();
            times += u32::from(is_now && !before);
            before = is_now;
            if is_now {
                most = most.max(tower.modules[0].power);
                assert!(tower.power.abs() < 30.0, "{cell}: {} W leave the tower", tower.power);
                assert!((390.0..410.0).contains(&tower.bus_voltage), "{cell}: {} V", tower.bus_voltage);
            }
        }
        let module = &world.snapshot().towers[0].modules[0];
        assert!((950.0..1050.0).contains(&most) && times == 1, "{cell}: {most} W, {times} times");
        assert!(module.soc_true > 0.05, "{cell}: {}", module.soc_true);
    }
}
