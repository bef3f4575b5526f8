//! A clock that jumps ahead once: the tower serves again by itself, within a minute.

use std::io;

use voltower_control::record::Record;
use voltower_core::{Duration, Instant};
use voltower_sim::{Logged, Scenario, World};

/// Serves a house, and `fault` happens after ten minutes.
fn house(fault: &str) -> World {
    let text = format!(
        "title = \"jump\"\nseed = 5\nstart = \"10:00\"\nduration = \"1 h\"\nperiod = \"1 s\"\n\
         [inverter]\nmode = \"self-consumption\"\n[house]\nload = \"3 kW\"\n\
         [[tower]]\nmodel = \"E10\"\nsoc = \"60 %\"\n\
         [[event]]\nat = \"+10 s\"\npress = \"1 s\"\n\
         [[event]]\nat = \"+10 min\"\nbreak = {fault}\n"
    );
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    World::new(&Scenario::parse("jump.toml", &text, &none).expect("a good scenario"))
}

/// It serves a minute after the jump, and goes on.
fn serves_again(fault: &str) {
    let mut world = house(fault);
    for minutes in [9, 11, 12, 30, 60] {
        world.advance_to(Instant::ZERO + Duration::mins(minutes) + Duration::secs(5));
        let tower = &world.snapshot().towers[0];
        assert!(tower.conditions.is_empty(), "{fault}, {minutes} min: {:?}", tower.conditions);
        assert!(tower.power < -2500.0, "{fault}, {minutes} min: {} W", tower.power);
        let shares = tower.modules.iter().filter(|module| module.power < -100.0).count();
        assert_eq!(shares, 2, "{fault}, {minutes} min");
    }
    let locks = |logged: &Logged| matches!(logged.record, Record::LockOut(_));
    assert_eq!(world.drain_log().filter(locks).count(), 0, "{fault}");
}

#[test]
fn a_unit_whose_clock_jumps_ahead_serves_again_within_a_minute() {
    for by in ["20 s", "90 s", "2 min", "30 min", "2 h", "30 h"] {
        serves_again(&format!("{{ bdu-clock-jump = {{ by = \"{by}\" }} }}"));
    }
}

#[test]
fn a_module_whose_clock_jumps_ahead_serves_again_within_a_minute() {
    for by in ["20 s", "90 s", "2 min", "30 min", "2 h", "30 h"] {
        serves_again(&format!("{{ clock-jump = {{ module = 1, by = \"{by}\" }} }}"));
    }
}
