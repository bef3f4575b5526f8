//! What a distribution unit keeps over a loss of power.

use voltower_control::bdu::{BduController, BduSettings, Booked, ContactState, FillSource, FullCharge};
use voltower_control::keep::{
    BduPersisted, Boot, Damage, Part, PartBytes, Parts, Pauses, Switched, UnitSafety,
};
use voltower_control::record::Record;
use voltower_core::panel::CellFaultLights;
use voltower_core::{Duration, Fault, ResetCause, TowerState, Watts};
use voltower_protocols::canopen::Bytes;

use crate::driver::{SOFTWARE, Tower, identity, running};

const SECOND: Duration = Duration::secs(1);

/// The unit loses its supply and starts with what its memory gives.
fn power_lost(
    tower: &mut Tower,
    cause: ResetCause,
    read: impl Fn(Part, Option<PartBytes>) -> Result<Option<PartBytes>, Damage>,
) {
    let persisted = BduPersisted::load(cause, |part| read(part, tower.bdu.part_to_bytes(part)));
    tower.bdu = BduController::new(identity(SOFTWARE), persisted);
    tower.sample.memory.held = 0;
    tower.status = None;
    tower.run(Duration::secs(3));
}

fn whole(_: Part, bytes: Option<PartBytes>) -> Result<Option<PartBytes>, Damage> {
    Ok(bytes)
}

#[test]
fn what_is_kept_comes_back_from_its_bytes() {
    let mut settings = BduSettings { cell_fault_lights: CellFaultLights::L2L4, ..BduSettings::default() };
    settings.power.discharge_power = Watts(4321);
    settings.power.label = Bytes::new(b"garage");
    settings.full_charge = FillSource::Grid;
    let mut contacts = UnitSafety::NEW.contacts;
    contacts[2] = ContactState { tries: 0, barred: true };
    let safety = UnitSafety { soft_start_failed: true, fuse_open: true, contacts, ..UnitSafety::NEW };
    let boot = Boot { number: 7, cause: ResetCause::PowerOn, resets: 2 };
    let switched = Switched::OnWithInverter;
    let full_charge = FullCharge::Wanted { waited: Duration::hours(3) };
    let pauses =
        Pauses { full_charge, levelling: Duration::hours(5), booked: Booked::from_watt_hours([340, 40]) };
    let kept = BduPersisted { safety, pauses, boot, switched, ..BduPersisted::new(3, settings) };
    let again = BduPersisted::load(ResetCause::BrownOut, |part| Ok(kept.to_bytes(part)));
    let boot = Boot { number: 8, cause: ResetCause::BrownOut, resets: 3 };
    assert_eq!(again, BduPersisted { boot, ..kept });
    for part in [Part::Safety, Part::Settings, Part::Charge, Part::Boot] {
        for bit in 0..kept.to_bytes(part).expect("it has it").len() * 8 {
            let read = BduPersisted::load(ResetCause::PowerOn, |read| {
                let mut bytes = kept.to_bytes(read);
                if read == part {
                    bytes.as_mut().expect("it has it")[bit / 8] ^= 1 << (bit % 8);
                }
                Ok(bytes)
            });
            assert_eq!(read.damaged, Parts::NONE.with(part), "{part:?} bit {bit}");
        }
    }
}

#[test]
fn what_waits_for_a_person_outlives_a_loss_of_power_and_a_start() {
    let mut tower = Tower::new(&[0.6]);
    tower.inverter = true;
    tower.modules[0].able = false;
    tower.press(SECOND);
    tower.until_state(TowerState::Faulted, Duration::secs(60));
    tower.modules[0].able = true;
    power_lost(&mut tower, ResetCause::PowerOn, whole);
    assert_eq!(tower.state(), TowerState::Shutdown);
    tower.press(SECOND);
    tower.until_state(TowerState::Faulted, Duration::secs(20));
    tower.run(Duration::secs(60));
    assert!(tower.conditions().contains(Fault::Other), "nobody has seen it since");
    assert_eq!(tower.connected(), 0);
    tower.press(Duration::millis(10_500));
    tower.until("back", Duration::secs(20), |t| t.connected() == 1);
}

#[test]
fn tries_of_a_terminal_outlive_a_loss_of_power() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -4000.0;
    tower.modules[1].contact_loss = 8.0;
    tower.run(Duration::mins(10));
    tower.modules[1].contact_loss = 0.0;
    assert!(tower.bdu.persisted().safety.contacts[1].is_locked());
    tower.power = 0.0;
    power_lost(&mut tower, ResetCause::PowerOn, whole);
    tower.press(SECOND);
    tower.until("the other runs", Duration::secs(30), |t| t.connected() == 1);
    tower.run(Duration::mins(5));
    assert_eq!((tower.connected(), tower.conditions().contains(Fault::Terminal)), (1, true));
    tower.press(Duration::millis(10_500));
    tower.until("back", Duration::secs(20), |t| t.connected() == 2);
}

#[test]
fn a_unit_that_has_lost_its_lock_outs_or_settings_starts_only_with_a_person() {
    for part in [Part::Safety, Part::Settings] {
        let mut tower = running(&[0.6, 0.5]);
        power_lost(&mut tower, ResetCause::PowerOn, |read, bytes| {
            if read == part { Err(Damage::Checksum) } else { Ok(bytes) }
        });
        tower.press(SECOND);
        tower.until_state(TowerState::Faulted, Duration::secs(20));
        tower.run(Duration::mins(2));
        assert!(tower.conditions().contains(Fault::Bms) && tower.connected() == 0, "{part:?}");
        assert!(tower.records.contains(&Record::Lost(Parts::NONE.with(part))));
        tower.press(Duration::millis(10_500));
        tower.until("back", Duration::secs(20), |t| t.connected() == 2);
        assert_eq!(tower.bdu.persisted().damaged, Parts::NONE);
    }
}

#[test]
fn a_unit_that_resets_again_and_again_waits_for_a_person() {
    let mut tower = running(&[0.6]);
    for _ in 0..6 {
        power_lost(&mut tower, ResetCause::Watchdog, whole);
    }
    tower.press(SECOND);
    tower.until_state(TowerState::Faulted, Duration::secs(20));
    tower.run(Duration::mins(20));
    assert!(tower.conditions().contains(Fault::Bms) && tower.connected() == 0);
    tower.press(Duration::millis(10_500));
    tower.until("back", Duration::secs(20), |t| t.connected() == 1);
    assert_eq!(tower.bdu.persisted().boot.resets, 0);
}

/// Awake for a few seconds after each reset it would empty its modules in days.
#[test]
fn a_unit_in_a_storm_of_resets_lets_its_modules_sleep() {
    let mut tower = running(&[0.6]);
    let mut awake = 0;
    for reset in 0..400 {
        power_lost(&mut tower, ResetCause::Watchdog, whole);
        for _ in 0..140 {
            tower.tick();
            let wakes = tower.outputs.as_ref().is_some_and(|outputs| outputs.drive.wake);
            awake += u32::from(reset >= 10 && wakes);
        }
    }
    assert_eq!(awake, 0, "samples with the wake line on");
    tower.press(Duration::secs(1));
    tower.until_state(TowerState::Faulted, Duration::secs(20));
}

/// It looks now and then, as over any fault that has been shown: not for a day.
#[test]
fn a_unit_that_sleeps_over_a_storm_of_resets_looks_for_minutes_only() {
    let mut tower = running(&[0.6]);
    for _ in 0..10 {
        power_lost(&mut tower, ResetCause::Watchdog, whole);
    }
    tower.period = SECOND;
    let mut awake = 0;
    for _ in 0..12 * 3600 {
        tower.tick();
        awake += u32::from(tower.outputs.as_ref().is_some_and(|outputs| outputs.drive.wake));
    }
    assert!((600..7200).contains(&awake), "{awake} s in twelve hours");
}

/// A clock that stands is a fault, and no reason to stay awake with it for ever.
#[test]
fn a_unit_whose_clock_stands_finds_its_way_to_sleep() {
    let mut tower = running(&[0.6]);
    tower.period = SECOND;
    tower.run(Duration::secs(10));
    tower.period = Duration::ZERO;
    (0..20).for_each(|_| tower.tick());
    assert!(tower.conditions().contains(Fault::Bms));
    (0..90_000).for_each(|_| tower.tick());
    assert_eq!(tower.state(), TowerState::Sleeping);
}

#[test]
fn a_person_who_clears_waits_for_the_memory_of_the_unit() {
    let mut tower = running(&[0.6, 0.5]);
    tower.fuse_open = true;
    tower.until_state(TowerState::Faulted, Duration::secs(2));
    tower.fuse_open = false;
    tower.run(SECOND);
    tower.memory_hangs = true;
    tower.press(Duration::millis(10_500));
    tower.run(Duration::secs(3));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Faulted, 0));
    assert!(!tower.records.contains(&Record::LockOutsCleared));
    tower.memory_hangs = false;
    tower.until("back", Duration::secs(15), |t| t.connected() == 2);
}

#[test]
fn a_unit_whose_memory_does_not_answer_stops_the_tower() {
    let mut tower = running(&[0.6, 0.5]);
    tower.sample.memory.failed = true;
    tower.until_state(TowerState::Faulted, SECOND);
    tower.sample.memory.failed = false;
    tower.run(Duration::mins(5));
    assert!(tower.state() == TowerState::Faulted && tower.conditions().contains(Fault::Bms));
    tower.press(Duration::millis(10_500));
    tower.until("back", Duration::secs(20), |t| t.connected() == 2);
}

/// The fuse, or a self test, has failed and is whole again.
fn locked_by(self_test: bool) -> Tower {
    let mut tower = running(&[0.6, 0.5]);
    tower.fuse_open = !self_test;
    tower.sample.self_test.memory.failed = self_test;
    tower.until_state(TowerState::Faulted, Duration::secs(2));
    tower.fuse_open = false;
    tower.sample.self_test.memory.failed = false;
    tower.run(SECOND);
    tower
}

/// Whatever was seen: what fails while the switch is held, while memory writes, and afterwards.
#[test]
fn what_fails_while_an_operator_clears_is_not_forgotten() {
    // Tenths of a second after the switch is pressed; it counts after ten seconds, and memory answers after twelve.
    for (first, at) in [50, 98, 101, 103, 108, 119].into_iter().flat_map(|at| [(false, at), (true, at)]) {
        let mut tower = locked_by(first);
        for tenth in 0..120 {
            tower.sample.black_start_pressed = tenth < 105;
            tower.memory_hangs = tenth >= 99;
            tower.sample.self_test.memory.failed = tenth == at;
            tower.run(Duration::millis(100));
        }
        tower.sample.self_test.memory.failed = false;
        tower.memory_hangs = false;
        tower.run(Duration::secs(20));
        assert_eq!(tower.connected(), 0, "a self test failed at {at}, {first}");
        assert!(tower.conditions().contains(Fault::Bms), "{at} {first}");
        assert!(tower.bdu.persisted().safety.self_tests, "{at} {first}");
        assert!(!tower.bdu.persisted().safety.fuse_open, "what was seen is gone, {at}");
        tower.press(Duration::millis(10_500));
        tower.until("back", Duration::secs(20), |t| t.connected() == 2);
    }
}

#[test]
fn a_clearing_that_memory_does_not_take_within_seconds_is_void() {
    let mut tower = locked_by(false);
    tower.memory_hangs = true;
    tower.press(Duration::millis(10_500));
    tower.run(Duration::secs(8));
    tower.memory_hangs = false;
    tower.run(Duration::secs(20));
    assert_eq!(tower.connected(), 0);
    assert!(tower.bdu.persisted().safety.fuse_open, "it was not cleared");
}

#[test]
fn a_reset_of_the_bdu_does_not_leave_the_house_dark() {
    for cause in [ResetCause::Watchdog, ResetCause::BrownOut, ResetCause::Software, ResetCause::External] {
        let mut tower = running(&[0.6, 0.5]);
        power_lost(&mut tower, cause, whole);
        tower.until("on the bus again", Duration::secs(30), |t| t.connected() == 2);
    }
}

#[test]
fn a_tower_in_an_island_that_was_reset_holds_the_bus_for_its_inverter() {
    let mut tower = running(&[0.6]);
    tower.inverter = false;
    power_lost(&mut tower, ResetCause::Watchdog, whole);
    let waited = tower.until_state(TowerState::BlackStart, Duration::secs(90));
    assert!(waited > Duration::secs(40), "{waited}");
    tower.until("bus up", Duration::secs(15), |t| t.connected() == 1);
}

#[test]
fn a_tower_that_never_heard_an_inverter_does_not_hold_the_bus_after_a_reset() {
    let mut tower = Tower::new(&[0.6]);
    tower.press(SECOND);
    tower.until_state(TowerState::Standby, Duration::secs(10));
    power_lost(&mut tower, ResetCause::Watchdog, whole);
    tower.until_state(TowerState::Standby, Duration::secs(10));
    tower.period = SECOND;
    for _ in 0..3600 {
        tower.tick();
        assert_ne!(tower.state(), TowerState::BlackStart);
    }
}

#[test]
fn what_was_shut_down_stays_off_after_a_reset() {
    let mut tower = running(&[0.6]);
    tower.press(Duration::millis(3100));
    tower.until_state(TowerState::Shutdown, Duration::secs(10));
    power_lost(&mut tower, ResetCause::Watchdog, whole);
    tower.run(Duration::secs(60));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Shutdown, 0));
}

#[test]
fn a_bdu_that_has_lost_its_supply_waits_for_the_switch() {
    let mut tower = running(&[0.6]);
    power_lost(&mut tower, ResetCause::PowerOn, whole);
    tower.run(Duration::secs(60));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Shutdown, 0));
}
