//! Why the tower's limits are what they are, one row for each cause of its own and for its modules'.

use voltower_control::io::Port;
use voltower_core::{Binding, Bindings, Duration, Reason, Relief, TowerState, Watts};
use voltower_protocols::Frame;
use voltower_protocols::link::{self, Limit, Way};

use crate::driver::{Tower, running};

const SECOND: Duration = Duration::secs(1);

fn reason(tower: &Tower, way: Way) -> Reason {
    tower.reasons[way as usize].expect("it is sent every second")
}

fn of(binding: Binding, value: Option<i32>, level: Option<i32>, relief: Relief) -> Reason {
    Reason::of(binding, value, level, relief)
}

#[test]
fn a_healthy_tower_names_nothing() {
    let mut tower = running(&[0.6, 0.5]);
    tower.run(Duration::secs(12));
    assert_eq!(Way::ALL.map(|way| reason(&tower, way)), [Reason::NONE; 2]);
}

#[test]
fn the_modules_that_bind_are_named() {
    let mut tower = running(&[0.6, 0.5, 0.7]);
    let limit = |power, binding| Limit { power: Watts(power), binding, element: 7 };
    tower.modules[1].charge_limit = limit(500, Binding::HighTemperature);
    tower.modules[2].charge_limit = limit(800, Binding::CellVoltageHigh);
    tower.run(Duration::millis(300));
    let told = reason(&tower, Way::Charge);
    assert_eq!((told.value, told.relief), (Some(0b110), Relief::Module));
    let both = Bindings::EMPTY.with(Binding::HighTemperature).with(Binding::CellVoltageHigh);
    assert_eq!(told.causes, both);
}

#[test]
fn a_limit_on_its_way_up_says_where_to_and_when() {
    let mut tower = running(&[0.6, 0.5]);
    let rated = tower.modules[1].charge_limit;
    tower.modules[1].charge_limit =
        Limit { power: Watts(500), binding: Binding::HighTemperature, element: 7 };
    tower.run(Duration::millis(300));
    tower.modules[1].charge_limit = rated;
    tower.run(SECOND);
    let told = reason(&tower, Way::Charge);
    assert_eq!(told.value, Some(4950));
    assert!(matches!(told.relief, Relief::After(3..=5)), "from 2860 W by 500 W a second: {told:?}");
    assert_eq!(tower.limits.unwrap().charge.binding, Binding::Recovery);
}

#[test]
fn what_a_person_set_is_named() {
    let mut tower = running(&[0.6, 0.5]);
    let id = link::node_cob_id(link::SDO_REQUEST, link::BDU_NODE);
    let [low, high] = 3000_u16.to_le_bytes();
    tower.inject(Port::Link, Frame::full(id, [0x2B, 0x20, 0x20, 0x01, low, high, 0, 0]));
    tower.run(SECOND);
    assert_eq!(reason(&tower, Way::Charge), of(Binding::Configuration, Some(3000), None, Relief::Person));
}

#[test]
fn the_fuse_is_named_with_the_voltage_of_the_bus() {
    let mut tower = running(&[0.6, 0.5, 0.7, 0.4]);
    tower.run(Duration::secs(30));
    // Four modules are rated for 10 kW, less than 30 A at 400 V: at 330 V the fuse would bind first.
    assert_eq!(reason(&tower, Way::Charge), Reason::NONE);
}

#[test]
fn an_empty_tower_says_from_where_on_it_gives_again() {
    let mut tower = running(&[0.05]);
    tower.run(Duration::secs(2));
    let told = reason(&tower, Way::Discharge);
    assert_eq!(tower.limits.unwrap().discharge.binding, Binding::StateOfCharge);
    assert_eq!((told.value, told.level), (Some(50), Some(80)));
}

#[test]
fn a_tower_off_the_bus_says_so() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.press(SECOND);
    tower.run(Duration::secs(10));
    assert_ne!(tower.state(), TowerState::Charging);
    let off = of(Binding::NotConnected, None, None, Relief::Change);
    assert_eq!(Way::ALL.map(|way| reason(&tower, way)), [off; 2]);
}
