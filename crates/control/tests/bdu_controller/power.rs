//! Limits, sharing and the trim of the bus.

use voltower_control::io::Port;
use voltower_core::{Binding, Duration, Watts};
use voltower_protocols::link::{Limit, ModuleCommand, TowerStatus};
use voltower_protocols::{Frame, link};

use crate::driver::{Tower, running, sums};

const SECOND: Duration = Duration::secs(1);

fn shed(tower: &Tower) -> usize {
    (0..tower.modules.len()).filter(|m| tower.command(*m).shed).count()
}

#[test]
fn at_light_load_one_module_works_and_at_full_load_all() {
    let mut tower = running(&[0.6, 0.6, 0.6, 0.6]);
    assert_eq!(shed(&tower), 3);
    tower.power = -9000.0;
    tower.run(Duration::secs(2));
    assert_eq!(shed(&tower), 0);
    assert!(tower.modules.iter().all(|module| module.amps < -5.0), "everyone carries its part");
    tower.power = -600.0;
    tower.run(Duration::secs(5));
    assert_eq!(shed(&tower), 0, "not at once");
    tower.run(Duration::secs(60));
    assert_eq!(shed(&tower), 3);
    let working = tower.modules.iter().filter(|module| module.amps.abs() > 0.1).count();
    assert_eq!(working, 1);
}

#[test]
fn a_load_near_the_threshold_does_not_make_modules_flutter() {
    let mut tower = running(&[0.6, 0.6]);
    let mut changes = 0;
    let mut before = shed(&tower);
    for step in 0..600 {
        tower.power = if step % 2 == 0 { -1200.0 } else { -1300.0 };
        tower.run(SECOND);
        changes += usize::from(shed(&tower) != before);
        before = shed(&tower);
    }
    assert!(changes <= 1, "{changes} changes in ten minutes");
}

#[test]
fn modules_of_different_charge_become_empty_together() {
    let mut tower = running(&[0.8, 0.4]);
    tower.period = SECOND;
    tower.power = -2000.0;
    let mut widest: f64 = 1.0;
    while tower.modules[0].soc > 0.10 {
        tower.run(Duration::mins(1));
        widest = widest.min(tower.modules[0].soc - tower.modules[1].soc);
    }
    let [a, b] = [tower.modules[0].soc, tower.modules[1].soc];
    assert!((a - b).abs() < 0.08, "{a} and {b}");
    assert!(widest > -0.05, "and never overtake each other: {widest}");
}

#[test]
fn modules_of_different_charge_become_full_together() {
    let mut tower = running(&[0.3, 0.6]);
    tower.period = SECOND;
    tower.power = 2000.0;
    while tower.modules[1].soc < 0.95 {
        tower.run(Duration::mins(1));
    }
    let [a, b] = [tower.modules[0].soc, tower.modules[1].soc];
    assert!((a - b).abs() < 0.08, "{a} and {b}");
}

#[test]
fn the_fuller_module_rests_once_it_is_the_emptier_one() {
    let mut tower = running(&[0.50, 0.48]);
    tower.period = SECOND;
    tower.power = -500.0;
    tower.run(Duration::secs(30));
    assert!(!tower.command(0).shed && tower.command(1).shed);
    tower.run(Duration::hours(1));
    assert!(tower.command(0).shed && !tower.command(1).shed, "they have changed places");
}

#[test]
fn near_full_load_shares_are_equal() {
    let mut tower = running(&[0.8, 0.4]);
    tower.power = -4700.0;
    tower.run(Duration::secs(10));
    assert_eq!(tower.command(0).weight, tower.command(1).weight);
    tower.power = -2000.0;
    tower.run(Duration::secs(10));
    let [a, b] = [tower.command(0).weight, tower.command(1).weight];
    assert_eq!(a.half_percents(), 200);
    assert!((98..=102).contains(&b.half_percents()), "half the charge, half the share: {b:?}");
}

#[test]
fn the_bus_returns_to_its_set_point_under_load() {
    let mut tower = running(&[0.6]);
    tower.power = -2000.0;
    tower.run(SECOND);
    assert!(tower.bus() < 394.5, "droop: {}", tower.bus());
    tower.run(Duration::secs(120));
    assert!((399.0..401.0).contains(&tower.bus()), "{}", tower.bus());
    let trim = tower.command(0).set_point.0 - 400_000;
    assert!((0..=8000).contains(&trim), "{trim}");
}

#[test]
fn limits_fall_at_once_and_rise_slowly_and_say_what_binds() {
    let mut tower = running(&[0.6, 0.5]);
    assert_eq!(
        tower.limits.unwrap().charge,
        Limit { power: Watts(4950), binding: Binding::Rating, element: 0 }
    );
    let hot = Limit { power: Watts(500), binding: Binding::HighTemperature, element: 7 };
    tower.modules[1].charge_limit = hot;
    tower.run(Duration::millis(200));
    assert_eq!(
        tower.limits.unwrap().charge,
        Limit { power: Watts(2860), binding: Binding::HighTemperature, element: 2 },
        "the sum, 3000 W, less 3 % and 50 W"
    );
    tower.modules[1].charge_limit = tower.modules[0].charge_limit;
    tower.run(Duration::millis(1100));
    let limit = tower.limits.unwrap().charge;
    assert!((3300..=3600).contains(&limit.power.0), "{limit:?}");
    assert_eq!(limit.binding, Binding::Recovery);
    tower.run(Duration::secs(5));
    assert_eq!(tower.limits.unwrap().charge.power, Watts(4950));
}

#[test]
fn a_tower_off_the_bus_publishes_nothing() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.press(SECOND);
    tower.run(Duration::secs(10));
    assert_eq!(tower.limits.unwrap().charge, Limit::NOT_CONNECTED);
    assert_eq!(tower.limits.unwrap().discharge, Limit::NOT_CONNECTED);
}

#[test]
fn the_published_limit_is_never_above_the_sum() {
    let mut tower = running(&[0.6, 0.5, 0.7]);
    for step in 0..3000_i32 {
        let module = (step % 3) as usize;
        tower.modules[module].charge_limit.power = Watts((step * 977) % 2500);
        tower.modules[module].discharge_limit.power = Watts((step * 1663) % 2500);
        tower.tick();
        tower.tick();
        let (charge, discharge) = sums(&tower);
        let limits = tower.limits.unwrap();
        assert!(limits.charge.power.0 <= charge, "{limits:?} over {charge}");
        assert!(limits.discharge.power.0 <= discharge, "{limits:?} over {discharge}");
    }
}

/// SDO write of object 0x2020: charge power at most.
fn write_charge_limit(watts: u16) -> Frame {
    let [low, high] = watts.to_le_bytes();
    let id = link::node_cob_id(link::SDO_REQUEST, link::BDU_NODE);
    Frame::full(id, [0x2B, 0x20, 0x20, 0x01, low, high, 0, 0])
}

#[test]
fn whoever_tightens_the_configuration_is_not_told_a_larger_limit() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[0].charge_limit =
        Limit { power: Watts(2000), binding: Binding::HighTemperature, element: 1 };
    tower.run(Duration::secs(5));
    let before = tower.limits.unwrap().charge;
    assert_eq!(before, Limit { power: Watts(4315), binding: Binding::HighTemperature, element: 1 });
    tower.inject(Port::Link, write_charge_limit(4499));
    tower.run(Duration::secs(5));
    assert_eq!(tower.limits.unwrap().charge, before, "4499 W less the margin of a setting would be more");
    tower.inject(Port::Link, write_charge_limit(4000));
    tower.run(Duration::secs(5));
    let after = tower.limits.unwrap().charge;
    assert_eq!(after, Limit { power: Watts(3960), binding: Binding::Configuration, element: 0 });
}

#[test]
fn a_module_that_is_tightened_does_not_shrink_the_margin_of_another() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[0].charge_limit =
        Limit { power: Watts(2001), binding: Binding::HighTemperature, element: 1 };
    tower.modules[1].charge_limit = Limit { power: Watts(2002), binding: Binding::Configuration, element: 0 };
    tower.run(Duration::secs(5));
    let before = tower.limits.unwrap().charge.power;
    tower.modules[1].charge_limit.power = Watts(2000);
    tower.run(Duration::secs(20));
    let after = tower.limits.unwrap().charge;
    assert_eq!(after.binding, Binding::Configuration, "it is the weakest now");
    assert!(after.power <= before, "{after:?}, not above {before}");
}

#[test]
fn no_module_is_believed_more_than_its_rating() {
    let mut tower = running(&[0.6]);
    tower.modules[0].charge_limit.power = Watts(60_000);
    tower.run(Duration::secs(20));
    assert_eq!(tower.limits.unwrap().charge.power, Watts(2475), "2500 W less a hundredth");
}

#[test]
fn a_stopped_node_goes_on_to_command_its_modules() {
    let mut tower = running(&[0.6, 0.5]);
    tower.inject(Port::Link, Frame::new(link::node_cob_id(link::NMT, 0), &[0x02, 0x09]).unwrap());
    tower.run(Duration::secs(1));
    tower.link.clear();
    tower.run(Duration::secs(1));
    let commands = tower.link.iter().filter(|frame| ModuleCommand::from_frame(frame).is_some());
    assert_eq!(commands.count(), 20, "both, every 100 ms");
    assert!(tower.link.iter().all(|frame| TowerStatus::from_frame(frame).is_none()), "and tells nothing");
    assert_eq!(tower.connected(), 2);
}
