//! Levels that a person sets: over the Link, as a whole module lives with them.

use proptest::prelude::*;
use voltower_control::io::{ModulePersisted, Settings};
use voltower_control::protect::row::{Row, Sense};
use voltower_control::protect::table::{TABLE, table};
use voltower_control::record::Record;
use voltower_core::levels::Unit;
use voltower_core::{
    Alarm, Condition, Duration, Fault, Finding, Levels, MilliVolts, ModuleState, Relation, Threshold, Watts,
};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::link::ModuleRequest;

use crate::rig::{Rig, persisted};

const LEVELS: u16 = 0x2022;
const CHECK: u16 = 0x2023;
const NEEDS_PERSON: u32 = 0x0800_0022;
const INVALID: u32 = 0x0609_0030;
const TOO_HIGH: u32 = 0x0609_0031;
const TOO_LOW: u32 = 0x0609_0032;

fn ask(rig: &mut Rig, data: [u8; 8]) -> [u8; 8] {
    let request = Frame::new(StandardId::new(0x602).expect("11 bits"), &data).expect("8 bytes");
    rig.frames.clear();
    rig.deliver(&request);
    *rig.frames[0].eight().expect("answered")
}

/// Writes an object of one or two bytes; the abort code, if it is refused.
fn write(rig: &mut Rig, index: u16, sub: u8, value: i32, bytes: u8) -> Option<u32> {
    let ([i0, i1], [low, high, ..]) = (index.to_le_bytes(), value.to_le_bytes());
    let command = if bytes == 1 { 0x2F } else { 0x2B };
    let answer = ask(rig, [command, i0, i1, sub, low, high, 0, 0]);
    (answer[0] == 0x80).then(|| u32::from_le_bytes([answer[4], answer[5], answer[6], answer[7]]))
}

fn set(rig: &mut Rig, threshold: Threshold, number: i32) -> Option<u32> {
    let per = if threshold.unit() == Unit::MilliAmps { 10 } else { 1 };
    write(rig, LEVELS, threshold.code(), number / per, 2)
}

fn read(rig: &mut Rig, index: u16, sub: u8) -> i16 {
    let [low, high] = index.to_le_bytes();
    let answer = ask(rig, [0x40, low, high, sub, 0, 0, 0, 0]);
    i16::from_le_bytes([answer[4], if answer[0] == 0x4F { 0 } else { answer[5] }])
}

/// What the last refused write would have broken.
fn refused(rig: &mut Rig) -> Option<Relation> {
    Relation::from_code(read(rig, CHECK, 2) as u8)
}

fn in_service(rig: &mut Rig, service: bool) {
    rig.change_command(|command| command.service = service);
    rig.tick();
}

/// An operator restores our levels.
pub(crate) fn restore(rig: &mut Rig) {
    in_service(rig, true);
    assert_eq!(write(rig, CHECK, 3, 1, 1), None);
    in_service(rig, false);
}

/// The over-voltage chain, 100 mV tighter.
fn tighten(rig: &mut Rig) {
    use Threshold as T;
    for (threshold, mv) in [
        (T::OverVoltageClear, 3350),
        (T::ChargeTaperStart, 3350),
        (T::ChargeTaperEnd, 3480),
        (T::OverVoltageAlarm, 3500),
        (T::OverVoltageFault, 3550),
    ] {
        assert_eq!(set(rig, threshold, mv), None, "{threshold}");
    }
}

#[test]
fn a_tightened_level_limits_and_trips_earlier_and_is_kept() {
    for (tightened, mv, power, alarm, fault) in [
        // At rest: with the 29 mV that the full power would add, 2500 W x 65 / 159.
        (false, 3419, 2500, false, false),
        (true, 3319, 2500, false, false),
        (true, 3415, 1014, false, false),
        (true, 3499, 0, false, false),
        (true, 3500, 0, true, false),
        (true, 3549, 0, true, false),
        (true, 3550, 0, true, true),
        (false, 3550, 468, false, false),
        (false, 3649, 0, true, false),
    ] {
        let mut rig = Rig::connected();
        if tightened {
            tighten(&mut rig);
            assert!(rig.records.contains(&Record::Configured), "the recorder hears of it");
        }
        rig.sample.cells[3] = Some(MilliVolts(mv));
        rig.run(Duration::secs(1));
        let charge = rig.controller.limits().charge;
        assert!((charge.power.0 - power).abs() <= 20, "{mv} mV, tightened: {tightened}: {}", charge.power.0);
        let is = (rig.has(Alarm::OverVoltage), rig.has(Fault::OverVoltage));
        assert_eq!(is, (alarm, fault), "{mv} mV, tightened: {tightened}");
        let kept = rig.controller.persisted().settings.levels;
        assert_eq!(kept.over_voltage_fault, MilliVolts(if tightened { 3550 } else { 3650 }));
    }
}

#[test]
fn what_was_kept_holds_after_a_loss_of_power() {
    let mut rig = Rig::connected();
    tighten(&mut rig);
    let mut again = Rig::with(rig.controller.persisted());
    again.start(ModuleRequest::Connect);
    again.sample.cells[3] = Some(MilliVolts(3550));
    again.run(Duration::secs(1));
    assert!(again.has(Fault::OverVoltage));
    assert_eq!(read(&mut again, LEVELS, Threshold::OverVoltageFault.code()), 3550);
}

#[test]
fn loosening_needs_a_person_and_our_own_level_is_the_end() {
    let mut rig = Rig::connected();
    assert_eq!(set(&mut rig, Threshold::ColdFault, -172), None);
    assert_eq!(set(&mut rig, Threshold::OverCurrentFault, 60_000), None);
    assert_eq!(set(&mut rig, Threshold::ColdFault, -180), Some(NEEDS_PERSON));
    assert_eq!(set(&mut rig, Threshold::OverCurrentFault, 60_010), Some(NEEDS_PERSON));
    assert_eq!(refused(&mut rig), None);
    in_service(&mut rig, true);
    assert_eq!(set(&mut rig, Threshold::ColdFault, -180), None);
    assert_eq!(set(&mut rig, Threshold::OverCurrentFault, 60_010), None);
    assert_eq!(set(&mut rig, Threshold::ColdFault, -201), Some(TOO_LOW), "beyond the cell, person or not");
    assert_eq!(refused(&mut rig), Some(Relation::Within(Threshold::ColdFault)));
    assert_eq!(set(&mut rig, Threshold::OverVoltageFault, 3651), Some(TOO_HIGH));
    assert_eq!(refused(&mut rig), Some(Relation::Within(Threshold::OverVoltageFault)));
    assert_eq!(read(&mut rig, LEVELS, Threshold::ColdFault.code()), -180);
    assert_eq!(read(&mut rig, LEVELS, Threshold::OverCurrentFault.code()), 6001);
}

#[test]
fn a_write_that_breaks_a_relation_is_refused_and_the_relation_named() {
    let mut rig = Rig::connected();
    assert_eq!(set(&mut rig, Threshold::OverVoltageAlarm, 3580), Some(INVALID));
    assert_eq!(refused(&mut rig), Some(Relation::ChargeTaperAlarm));
    assert_eq!(rig.controller.persisted().settings.levels, Levels::OURS);
    assert_eq!(set(&mut rig, Threshold::ChargeTaperEnd, 3560), None);
    assert_eq!(refused(&mut rig), None, "the last write was taken");
    assert_eq!(set(&mut rig, Threshold::OverVoltageAlarm, 3580), None);
}

#[test]
fn restoring_our_levels_needs_a_person() {
    let mut rig = Rig::connected();
    tighten(&mut rig);
    assert_eq!(write(&mut rig, CHECK, 3, 1, 1), Some(NEEDS_PERSON));
    in_service(&mut rig, true);
    assert_eq!(write(&mut rig, CHECK, 3, 1, 1), None);
    assert_eq!(rig.controller.persisted().settings.levels, Levels::OURS);
}

fn stored(settings: Settings) -> Rig {
    let mut rig = Rig::with(ModulePersisted { settings, ..persisted(500) });
    rig.start(ModuleRequest::Connect);
    rig.run(Duration::secs(20));
    rig
}

#[test]
fn a_stored_configuration_that_breaks_a_relation_keeps_the_module_off_until_a_person_restores_ours() {
    let ours = persisted(500).settings;
    let beyond = Levels { over_voltage_fault: MilliVolts(3700), ..Levels::OURS };
    let crossed = Levels { over_voltage_alarm: MilliVolts(3500), ..Levels::OURS };
    for (settings, relation) in [
        (Settings { levels: beyond, ..ours }, Relation::Within(Threshold::OverVoltageFault)),
        (Settings { levels: crossed, ..ours }, Relation::ChargeTaperAlarm),
        (Settings { charge_power: Watts(2501), ..ours }, Relation::Power),
        (Settings { discharge_power: Watts(-1), ..ours }, Relation::Power),
    ] {
        let mut rig = stored(settings);
        assert_ne!(rig.state(), ModuleState::Connected, "{relation}");
        assert!(!rig.drive.charge_mosfet && !rig.drive.discharge_mosfet && !rig.drive.pcu.relay);
        assert!(rig.has(Fault::Bms), "{relation}");
        assert_eq!(Relation::from_code(read(&mut rig, CHECK, 1) as u8), Some(relation));
        assert!(
            rig.records
                .iter()
                .any(|record| matches!(record, Record::Found { finding: Finding::ConfigurationBroken, .. }))
        );
        assert_eq!(rig.controller.persisted().settings, settings, "nothing is replaced silently");
        // Not even something tighter, without a person.
        let tighter = set(&mut rig, Threshold::OverVoltageFault, 3650);
        assert!(tighter.is_some() || relation == Relation::Power, "{relation}");
        assert_eq!(write(&mut rig, CHECK, 3, 1, 1), Some(NEEDS_PERSON));
        restore(&mut rig);
        rig.run(Duration::secs(20));
        assert_eq!(rig.state(), ModuleState::Connected, "{relation}");
        assert_eq!(read(&mut rig, CHECK, 1), 0);
        assert_eq!(rig.controller.persisted().settings, ours);
    }
}

#[test]
fn other_levels_make_nothing_forgotten() {
    let mut rig = Rig::connected();
    rig.sample.comparator_tripped = true;
    rig.sample.cells[3] = Some(MilliVolts(3660));
    rig.run(Duration::secs(1));
    rig.sample.comparator_tripped = false;
    rig.sample.cells[3] = Some(MilliVolts(3400));
    tighten(&mut rig);
    rig.run(Duration::mins(3));
    assert!(rig.controller.verdict().locked.contains(Fault::Bms));
    assert!(rig.has(Fault::OverVoltage), "right again from 3350 mV");
    rig.sample.cells[3] = Some(MilliVolts(3300));
    rig.run(Duration::mins(2));
    assert!(!rig.has(Fault::OverVoltage) && rig.controller.verdict().locked.contains(Fault::Bms));
}

#[test]
fn what_is_behind_other_travels_in_its_own_words() {
    let mut rig = Rig::ready();
    rig.broken.relay_welded = true;
    rig.frames.clear();
    rig.run(Duration::secs(1));
    let emergency = rig.frames.iter().find(|frame| frame.standard_id() == Some(0x082)).expect("sent");
    let other = Condition::Fault(Fault::Other).bit() as u8;
    let bytes = emergency.data();
    assert_eq!((bytes[3], bytes[6]), (other, Finding::ContactWelded.code()), "{bytes:02X?}");
    assert!(Finding::ContactWelded.words().starts_with("contact welded"));
}

#[test]
fn every_row_has_a_finding_of_its_own() {
    for row in &TABLE {
        assert_ne!(row.finding, Finding::Unnamed, "{row:?}");
        assert_eq!(TABLE.iter().filter(|other| other.finding == row.finding).count(), 1, "{row:?}");
    }
}

fn clears_on_the_right_side(row: &Row) -> bool {
    match row.sense {
        Sense::Above => row.clear < row.raise,
        Sense::Below => row.clear > row.raise,
    }
}

/// A level, anything it could be set to and a little more, and whether a person is there.
fn writes() -> impl Strategy<Value = Vec<(Threshold, i32, bool)>> {
    let threshold = prop::sample::select(Threshold::ALL);
    let one = (threshold, -50i32..1050, any::<bool>()).prop_map(|(threshold, share, service)| {
        let (low, high) = threshold.range();
        (threshold, low + (high - low) * share / 1000, service)
    });
    prop::collection::vec(one, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_order_of_writes_breaks_a_relation_or_loosens_without_a_person(writes in writes()) {
        let mut rig = Rig::connected();
        for (threshold, number, service) in writes {
            let number = if threshold.unit() == Unit::MilliAmps { number / 10 * 10 } else { number };
            let before = rig.controller.persisted().settings.levels;
            in_service(&mut rig, service);
            let answer = set(&mut rig, threshold, number);
            let after = rig.controller.persisted().settings.levels;
            prop_assert_eq!(after.check(), Ok(()));
            prop_assert!(!after.is_looser_than(&Levels::OURS));
            prop_assert!(service || !after.is_looser_than(&before));
            prop_assert_eq!(after.number(threshold) == number, answer.is_none() || before.number(threshold) == number);
            prop_assert_eq!(answer.is_some() && before == after, answer.is_some());
            prop_assert!(table(&after).iter().all(clears_on_the_right_side));
        }
    }
}
