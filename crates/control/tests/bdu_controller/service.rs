//! What the distribution unit's dictionary takes from a tool, and from whom.

use voltower_control::io::Port;
use voltower_control::link::lss::Address;
use voltower_control::record::Record;
use voltower_core::{Alarm, Binding, Cause, Diagnosis, Duration, TowerState, Watts};
use voltower_protocols::canopen::Abort;
use voltower_protocols::link::BDU_DICTIONARY;

use crate::driver::{Tower, request, running};

const SECOND: Duration = Duration::secs(1);
const CHARGE_POWER: u8 = 1;
const MODULES_COMMISSIONED: u8 = 4;

/// The unit's answer to an SDO request.
fn ask(tower: &mut Tower, payload: [u8; 8]) -> [u8; 8] {
    tower.link.clear();
    tower.inject(Port::Link, request(payload));
    let answers = tower.link.iter().filter(|frame| frame.standard_id() == Some(0x589));
    let answers: Vec<_> = answers.map(|frame| *frame.eight().unwrap()).collect();
    let [answer] = answers[..] else { panic!("{answers:?}") };
    answer
}

fn refusal(answer: [u8; 8]) -> Option<Abort> {
    let [command, _, _, _, code @ ..] = answer;
    (command == 0x80).then(|| Abort::from_code(u32::from_le_bytes(code)).unwrap())
}

fn set_charge_power(tower: &mut Tower, watts: u16) -> Option<Abort> {
    let [low, high] = watts.to_le_bytes();
    refusal(ask(tower, [0x2B, 0x20, 0x20, CHARGE_POWER, low, high, 0, 0]))
}

fn commission(tower: &mut Tower, modules: u8) -> Option<Abort> {
    refusal(ask(tower, [0x2F, 0x20, 0x20, MODULES_COMMISSIONED, modules, 0, 0, 0]))
}

#[test]
fn every_object_can_be_read() {
    let mut tower = running(&[0.6, 0.5]);
    for item in BDU_DICTIONARY.items() {
        let [low, high] = item.index.to_le_bytes();
        let answer = ask(&mut tower, [0x40, low, high, item.entry.sub, 0, 0, 0, 0]);
        assert_eq!(answer[0] >> 5, 2, "{:#06x}:{}", item.index, item.entry.sub);
    }
}

#[test]
fn the_tower_is_tightened_at_any_time_and_loosened_by_a_person_while_nothing_flows() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -1000.0;
    tower.run(Duration::secs(5));
    assert_eq!(set_charge_power(&mut tower, 3000), None);
    tower.run(SECOND);
    let charge = tower.limits.unwrap().charge;
    assert!(charge.power <= Watts(3000) && charge.binding == Binding::Configuration, "{charge:?}");
    assert_eq!(tower.bdu.persisted().settings.power.charge_power, Watts(3000));
    assert!(tower.records.contains(&Record::Configured), "the recorder hears of it");
    assert_eq!(set_charge_power(&mut tower, 3001), Some(Abort::DeviceState), "nobody is there");
    tower.press(SECOND);
    assert_eq!(set_charge_power(&mut tower, 3001), Some(Abort::DeviceState), "power flows");
    tower.power = 0.0;
    tower.run(Duration::secs(10));
    assert_eq!(set_charge_power(&mut tower, 3001), Some(Abort::DeviceState), "that press was for nothing");
    tower.press(SECOND);
    assert_eq!(set_charge_power(&mut tower, 4000), None);
    assert_eq!(set_charge_power(&mut tower, 10_001), Some(Abort::TooHigh), "more than four modules have");
    tower.run(Duration::secs(61));
    assert_eq!(set_charge_power(&mut tower, 4001), Some(Abort::DeviceState), "the person has left");
    assert_eq!(tower.state(), TowerState::Standby, "a short press shuts nothing down");
}

#[test]
fn a_tower_is_made_smaller_by_a_person_only() {
    let mut tower = running(&[0.6, 0.5]);
    assert_eq!(commission(&mut tower, 1), Some(Abort::DeviceState));
    assert_eq!(commission(&mut tower, 3), None, "a start that wants more is stricter");
    assert_eq!(commission(&mut tower, 5), Some(Abort::TooHigh), "manual 2.6");
    assert_eq!(commission(&mut tower, 0), Some(Abort::TooLow));
    tower.press(SECOND);
    assert_eq!(commission(&mut tower, 2), None);
    assert_eq!(tower.bdu.persisted().expected, 2);
}

#[test]
fn a_fifth_module_is_kept_off_and_named() {
    let mut tower = running(&[0.6, 0.6, 0.6, 0.6]);
    assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::NONE);
    tower.one_more = Some(Address::NONE);
    let named = |tower: &Tower| tower.panel.unwrap().diagnosis.cause == Cause::TooMany;
    tower.until("named", Duration::secs(10), named);
    tower.run(SECOND);
    assert!(tower.conditions().contains(Alarm::Other));
    assert_eq!(tower.connected(), 4, "the others work on");
    assert_eq!(tower.one_more.and_then(Address::node), None, "it was given no address");
    tower.one_more = None;
    tower.until("gone", Duration::secs(10), |tower| tower.panel.unwrap().diagnosis == Diagnosis::NONE);
}

#[test]
fn a_fifth_module_at_the_start_is_kept_off_too() {
    let mut tower = Tower::new(&[0.6, 0.6, 0.6, 0.6]);
    tower.one_more = Some(Address::NONE);
    tower.inverter = true;
    tower.press(SECOND);
    tower.until("on the bus", Duration::secs(20), |tower| tower.connected() == 4);
    tower.until("named", Duration::secs(10), |tower| tower.panel.unwrap().diagnosis.cause == Cause::TooMany);
    assert_eq!(tower.one_more.and_then(Address::node), None, "it was given no address");
}
