//! Why the tower's limits are what they are, one row for each cause of its own and for its modules'.

use voltower_control::io::Port;
use voltower_core::{Binding, Bindings, Duration, MilliVolts, Reason, Relief, TowerState, Watts};
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
    assert_eq!(reason(&tower, Way::Charge), Reason::NONE, "10 kW are less than 30 A at 400 V");
    // A bus that sags: 30 A at 320 V are less.
    tower.sample.before_fuse = MilliVolts(320_000);
    for _ in 0..3 {
        tower.bdu_sample_only();
    }
    let fuse = of(Binding::Distribution, Some(3200), None, Relief::Change);
    assert_eq!(Way::ALL.map(|way| reason(&tower, way)), [fuse; 2]);
    let limits = tower.limits.unwrap();
    assert_eq!([limits.charge.binding, limits.discharge.binding], [Binding::Distribution; 2]);
    assert!((9200..=9600).contains(&limits.charge.power.0), "9.6 kW less a margin: {limits:?}");
}

#[test]
fn a_silent_inverter_is_named_with_the_time_that_is_left() {
    let mut tower = running(&[0.6, 0.5]);
    tower.inverter = false;
    tower.until("no limits", Duration::secs(6), |t| t.limits.unwrap().charge.power == Watts(0));
    let told = reason(&tower, Way::Charge);
    assert!(matches!(told.value, Some(1 | 2)), "SR-015: 5 s, of which 3 s are over: {told:?}");
    let left = told.value.map(i32::from);
    for way in Way::ALL {
        assert_eq!(reason(&tower, way), of(Binding::InverterSilent, left, None, Relief::Change));
    }
    tower.until_state(TowerState::Faulted, Duration::secs(3));
    tower.until("off the bus", Duration::secs(3), |t| t.connected() == 0);
    tower.run(SECOND);
    let off = of(Binding::NotConnected, None, None, Relief::Change);
    assert_eq!(Way::ALL.map(|way| reason(&tower, way)), [off; 2], "it comes back by itself");
}

#[test]
fn a_black_start_says_how_long_it_waits_for_the_inverter() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.press(Duration::secs(6));
    tower.until_state(TowerState::BlackStart, Duration::secs(20));
    tower.run(Duration::mins(4));
    for way in Way::ALL {
        let told = reason(&tower, way);
        assert!(matches!(told.value, Some(355..=365)), "six of ten minutes are left: {told:?}");
        let left = told.value.map(i32::from);
        assert_eq!(told, of(Binding::InverterSilent, left, None, Relief::Change));
    }
    let limits = tower.limits.unwrap();
    assert_eq!(limits.charge.power, Watts(0));
    assert!(limits.discharge.power > Watts(700), "enough to boot one: {:?}", limits.discharge);
    tower.inverter = true;
    tower.run(Duration::secs(20));
    assert_eq!(Way::ALL.map(|way| reason(&tower, way)), [Reason::NONE; 2]);
}

/// What a person must have looked at, and how it comes about.
type Lock = (&'static str, fn() -> Tower);

const LOCKS: [Lock; 4] = [
    ("a blown fuse", || {
        let mut tower = running(&[0.6, 0.5]);
        tower.fuse_open = true;
        tower
    }),
    ("no module brings the bus up", || {
        let mut tower = Tower::new(&[0.6, 0.5]);
        tower.modules.iter_mut().for_each(|module| module.able = false);
        tower.inverter = true;
        tower.press(SECOND);
        tower
    }),
    ("the unit's tests hang", || {
        let mut tower = running(&[0.6, 0.5]);
        tower.tests_hang = true;
        tower
    }),
    ("another tower has the address on COM", || {
        let mut tower = running(&[0.6, 0.5]);
        let own = tower.com.last().unwrap();
        let frame = own.1.to_frame(own.0);
        tower.inject(Port::Com, frame);
        tower
    }),
];

#[test]
fn what_waits_for_a_person_says_so_until_the_person_has_looked() {
    for (lock, locked) in LOCKS {
        let mut tower = locked();
        tower.until_state(TowerState::Faulted, Duration::mins(70));
        tower.run(Duration::secs(10));
        let waits = of(Binding::NotConnected, None, None, Relief::Person);
        assert_eq!(Way::ALL.map(|way| reason(&tower, way)), [waits; 2], "{lock}");
        tower.fuse_open = false;
        tower.tests_hang = false;
        tower.modules.iter_mut().for_each(|module| module.able = true);
        tower.press(Duration::millis(10_500));
        tower.until("back on the bus", Duration::mins(2), |t| t.connected() == 2);
        tower.run(Duration::secs(25));
        assert_eq!(Way::ALL.map(|way| reason(&tower, way)), [Reason::NONE; 2], "{lock}");
    }
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
