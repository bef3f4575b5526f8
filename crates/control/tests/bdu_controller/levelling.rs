//! A module that is full charges one that is empty, over the bus.

use voltower_core::{Binding, ConditionSet, Duration, Fault, TowerState, Watts};
use voltower_protocols::link::{Limit, TowerEstimate};
use voltower_protocols::sofar::{Message, Wanted};

use crate::driver::{Tower, running};

const MINUTE: Duration = Duration::mins(1);
const DAY: Duration = Duration::hours(24);

/// The second gives nothing any more.
fn low() -> Tower {
    let mut tower = running(&[0.8, 0.039]);
    tower.modules[1].discharge_limit = Limit { power: Watts(0), binding: Binding::StateOfCharge, element: 0 };
    tower
}

fn watts(tower: &Tower, module: usize) -> f64 {
    tower.modules[module].amps * tower.bus()
}

fn is_levelling(tower: &Tower) -> bool {
    tower.link.iter().rev().find_map(TowerEstimate::from_frame).is_some_and(|told| told.levelling.is_some())
}

fn wanted(tower: &Tower) -> Wanted {
    let request = |(_, message): &(_, Message)| match message {
        Message::Request(request) => Some(request.wanted),
        _ => None,
    };
    tower.com.iter().rev().find_map(request).unwrap_or_default()
}

/// Each sample of so long: none sees the bus leave its window, or power come from outside.
fn watched(tower: &mut Tower, length: Duration) {
    let end = tower.now + length;
    while tower.now < end {
        tower.tick();
        let bus = tower.bus();
        assert!((385.0..415.0).contains(&bus), "{bus}");
        let crossing = watts(tower, 0) + watts(tower, 1);
        assert!(crossing < 60.0, "{crossing} W from outside");
    }
}

type Change = fn(&mut Tower);

#[test]
fn the_full_one_charges_the_empty_one_and_the_inverter_takes_nothing() {
    let mut tower = low();
    watched(&mut tower, MINUTE);
    let given = watts(&tower, 1);
    assert!((900.0..1050.0).contains(&given), "{given}");
    assert!((watts(&tower, 0) + given).abs() < 20.0, "nothing leaves the tower");
    assert!(tower.command(0).lead && !tower.command(0).shed && !tower.command(1).shed);
    assert_eq!(wanted(&tower), Wanted::Normal, "nothing is asked for from outside");
    let (mut least, mut most) = (f64::MAX, f64::MIN);
    for _ in 0..60 {
        watched(&mut tower, Duration::secs(1));
        (least, most) = (least.min(watts(&tower, 1)), most.max(watts(&tower, 1)));
    }
    assert!(most - least < 25.0, "it settles: {least} to {most}");
    watched(&mut tower, Duration::mins(40));
    let (empty, full) = (tower.modules[1].soc, tower.modules[0].soc);
    assert!((0.099..0.105).contains(&empty) && !is_levelling(&tower), "{empty}");
    assert!((0.72..0.75).contains(&full), "{full}");
    let [moved, lost] = tower.bdu.persisted().pauses.booked.watt_hours();
    assert!((290..330).contains(&moved) && lost <= 60, "{moved} Wh, {lost} Wh");
}

#[test]
fn the_house_is_fed_beside_it_and_what_is_published_is_kept() {
    let mut tower = low();
    tower.run(MINUTE);
    tower.power = -5000.0;
    tower.run(Duration::secs(30));
    let limits = tower.limits.expect("told");
    assert!((1000..=1500).contains(&limits.discharge.power.0), "{limits:?}");
    assert!(watts(&tower, 1) > 900.0 && watts(&tower, 0) < -1900.0);
    assert!((385.0..415.0).contains(&tower.bus()), "{}", tower.bus());
    tower.power = 2000.0;
    tower.run(Duration::secs(10));
    assert!(!is_levelling(&tower), "it is charged from outside");
}

#[test]
fn it_stops_at_once_and_never_begins_twice_a_day() {
    let stops: [(&str, Change); 6] = [
        ("a fault of the donor", |t| t.modules[0].conditions = ConditionSet::EMPTY.with(Fault::Pcu)),
        ("a fault of the receiver", |t| t.modules[1].conditions = ConditionSet::EMPTY.with(Fault::Pcu)),
        ("the DC switch", |t| t.sample.dc_switch_closed = false),
        ("the fuse", |t| t.fuse_open = true),
        ("a person", |t| t.sample.black_start_pressed = true),
        ("a silent inverter", |t| t.inverter = false),
    ];
    for (name, stop) in stops {
        let mut tower = low();
        tower.run(MINUTE);
        assert!(is_levelling(&tower) && watts(&tower, 1) > 900.0);
        stop(&mut tower);
        tower.run(Duration::secs(6));
        let given = watts(&tower, 1);
        assert!(!is_levelling(&tower) && given < 100.0, "{name}: {given}");
    }
    let mut tower = low();
    tower.run(MINUTE);
    tower.inverter = false;
    tower.run(Duration::secs(4));
    tower.inverter = true;
    tower.run(MINUTE);
    assert!(tower.connected() > 0 && !is_levelling(&tower), "not again today");
    assert_eq!(wanted(&tower), Wanted::ForcedCharge, "the inverter is asked instead");
    let pause = |tower: &Tower| tower.bdu.persisted().pauses.levelling;
    let before = pause(&tower);
    assert!(before > DAY.less(Duration::mins(3)), "from the beginning: {before}");
    tower.run(MINUTE);
    assert_eq!(pause(&tower), before.less(MINUTE));
}

#[test]
fn who_can_neither_give_nor_take_is_left_alone() {
    let refusals: [(&str, Change); 4] = [
        ("a donor at 20 %", |t| t.modules[0].soc = 0.2),
        ("a receiver above its stage", |t| t.modules[1].soc = 0.045),
        ("a receiver in the cold", |t| t.modules[1].charge_limit.power = Watts(490)),
        ("a donor that can give little", |t| t.modules[0].discharge_limit.power = Watts(490)),
    ];
    for (name, refuse) in refusals {
        let mut tower = running(&[0.8, 0.3]);
        refuse(&mut tower);
        if name != "a receiver above its stage" {
            tower.modules[1].soc = 0.03;
        }
        tower.run(MINUTE);
        assert!(!is_levelling(&tower), "{name}");
        assert_ne!(tower.state(), TowerState::Faulted);
    }
}
