//! What a module keeps over a loss of power, and how it comes to be held.

use voltower_control::keep::{
    Boot, ChargeState, Damage, Doubt, FRAMES, FreezeFrame, Lifetime, ModulePersisted, Part, PartBytes, Parts,
};
use voltower_control::record::Record;
use voltower_core::{
    Charge, Condition, ConditionSet, Duration, Fault, MilliAmps, MilliVolts, ModuleState, PcuState, PerMille,
    ResetCause, Watts,
};
use voltower_protocols::canopen::Bytes;
use voltower_protocols::link::ModuleRequest;

use crate::rig::{Rig, command, persisted};

fn clear(rig: &mut Rig) {
    rig.change_command(|command| command.clear_lock_outs = true);
    rig.run(Duration::secs(1));
    rig.change_command(|command| command.clear_lock_outs = false);
}

/// As after a loss of power: everything through its bytes.
fn stored(kept: &ModulePersisted, cause: ResetCause) -> ModulePersisted {
    ModulePersisted::load(cause, |part| Ok(kept.to_bytes(part)))
}

#[test]
fn what_is_kept_comes_back_from_its_bytes() {
    let mut kept = persisted(500);
    kept.locked_out = ConditionSet::EMPTY.with(Fault::Cell).with(Fault::Pcu);
    kept.tries[0] = 2;
    kept.converter.faults = 2;
    kept.settings.charge_power = Watts(1234);
    kept.settings.label = Bytes::new(b"cellar");
    kept.lifetime = Lifetime { charged: u64::MAX, starts: 17, lowest: MilliVolts(2801), ..Lifetime::NEW };
    kept.lifetime.conditions[25] = 3;
    kept.records = false;
    let again = stored(&kept, ResetCause::Watchdog);
    let boot = Boot { number: kept.boot.number + 1, cause: ResetCause::Watchdog, resets: 1 };
    assert_eq!(again, ModulePersisted { boot, ..kept });
}

#[test]
fn every_bit_that_is_wrong_is_noticed_and_every_byte_that_is_missing() {
    let kept = ModulePersisted { locked_out: ConditionSet::EMPTY.with(Fault::Cell), ..persisted(500) };
    for part in [Part::Safety, Part::Settings, Part::Charge, Part::Lifetime, Part::Boot] {
        let bytes = kept.to_bytes(part).expect("it has bytes");
        for bit in 0..bytes.len() * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let read = load(&kept, part, &Ok(Some(wrong)));
            assert_eq!(read.damaged, Parts::NONE.with(part), "{part:?} bit {bit}");
        }
        for length in 0..bytes.len() {
            let short = PartBytes::from_slice(&bytes[..length]).expect("shorter");
            assert!(load(&kept, part, &Ok(Some(short))).damaged.contains(part), "{part:?} {length} bytes");
        }
        assert!(load(&kept, part, &Err(Damage::Length)).damaged.contains(part), "{part:?} cannot be read");
        if part != Part::Boot {
            assert!(load(&kept, part, &Ok(None)).damaged.contains(part), "{part:?} is gone");
        }
    }
    let new = ModulePersisted::load(ResetCause::PowerOn, |_| Ok(None));
    assert_eq!(new.damaged, Parts::NONE, "a module that never was started has lost nothing");
}

fn load(kept: &ModulePersisted, broken: Part, with: &Result<Option<PartBytes>, Damage>) -> ModulePersisted {
    let read = |part| if part == broken { with.clone() } else { Ok(kept.to_bytes(part)) };
    ModulePersisted::load(ResetCause::PowerOn, read)
}

#[test]
fn values_that_cannot_be_are_not_believed_whatever_their_checksum() {
    let charge = Charge::from_deci_amp_hours(1001);
    let full = ModulePersisted { charge, ..persisted(500) };
    assert!(stored(&full, ResetCause::PowerOn).damaged.contains(Part::Charge));
    let health = ModulePersisted { health: PerMille(1001), ..persisted(500) };
    assert!(stored(&health, ResetCause::PowerOn).damaged.contains(Part::Charge));
    let mut power = persisted(500);
    power.settings.discharge_power = Watts(2501);
    assert!(stored(&power, ResetCause::PowerOn).damaged.contains(Part::Settings));
    power.settings.discharge_power = Watts(-1);
    assert!(stored(&power, ResetCause::PowerOn).damaged.contains(Part::Settings));
}

#[test]
fn lost_lock_outs_or_settings_keep_a_module_off_the_bus_until_a_person_has_looked() {
    for part in [Part::Safety, Part::Settings] {
        let kept = load(&persisted(500), part, &Err(Damage::Checksum));
        let mut rig = Rig::with(kept);
        rig.start(ModuleRequest::Connect);
        assert_eq!(rig.state(), ModuleState::Faulted, "{part:?}");
        assert!(rig.has(Fault::Bms) && rig.records.contains(&Record::Lost(Parts::NONE.with(part))));
        rig.run(Duration::mins(9));
        assert_eq!(rig.state(), ModuleState::Faulted, "{part:?}");
        let again = stored(&rig.controller.persisted(), ResetCause::PowerOn);
        assert!(again.locked_out.contains(Fault::Bms), "not forgotten by taking the power away");
        clear(&mut rig);
        rig.run(Duration::secs(2));
        assert_eq!(rig.state(), ModuleState::Connected, "{part:?}");
        assert_eq!(rig.controller.persisted().damaged, Parts::NONE);
    }
}

#[test]
fn lost_counters_are_told_and_lived_with() {
    let kept = load(&persisted(500), Part::Lifetime, &Err(Damage::Checksum));
    let mut rig = Rig::with(kept);
    rig.start(ModuleRequest::Connect);
    assert_eq!(rig.state(), ModuleState::Connected);
    assert!(rig.records.contains(&Record::Lost(Parts::NONE.with(Part::Lifetime))));
    let kept = load(&persisted(500), Part::Charge, &Err(Damage::Checksum));
    assert_eq!(kept.charge, Charge::ZERO, "nothing is promised that may not be there");
}

#[test]
fn a_lock_out_that_memory_does_not_take_keeps_the_module_open() {
    let mut rig = Rig::connected();
    rig.broken.memory_hangs = true;
    rig.sample.comparator_tripped = true;
    rig.tick();
    rig.sample.comparator_tripped = false;
    rig.run(Duration::secs(60));
    assert!(!rig.drive.pcu.relay && !rig.drive.charge_mosfet && rig.has(Fault::Bms));
    assert!(!rig.records.contains(&Record::LockOut(Fault::Bms.into())), "nobody is told that it is set");
    rig.broken.memory_hangs = false;
    rig.run(Duration::secs(1));
    assert!(rig.records.contains(&Record::LockOut(Fault::Bms.into())));
}

#[test]
fn a_person_who_clears_waits_for_memory() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(1999));
    rig.run(Duration::secs(1));
    rig.set_cells(MilliVolts(3300));
    rig.run(Duration::mins(5));
    assert_eq!(rig.state(), ModuleState::Faulted);
    rig.broken.memory_hangs = true;
    clear(&mut rig);
    rig.run(Duration::secs(3));
    assert!(rig.has(Fault::Cell) && rig.state() == ModuleState::Faulted, "memory still holds it");
    assert!(rig.controller.persisted().locked_out.is_empty(), "this is to be written");
    rig.broken.memory_hangs = false;
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn memory_that_fails_or_does_not_answer_takes_the_module_off_the_bus_until_a_person_has_looked() {
    for breaks in [(|rig| rig.broken.memory_failed = true) as fn(&mut Rig), |rig| {
        rig.broken.memory_hangs = true;
        // The charge has moved: there is something to write.
        rig.set_current(MilliAmps(45_000));
        rig.run(Duration::mins(2));
    }] {
        let mut rig = Rig::connected();
        breaks(&mut rig);
        rig.set_current(MilliAmps(0));
        rig.run(Duration::secs(10));
        assert!(rig.has(Fault::Bms) && rig.state() == ModuleState::Faulted);
        rig.broken = crate::rig::Broken::default();
        rig.run(Duration::mins(10));
        assert!(rig.has(Fault::Bms), "a person must look");
        clear(&mut rig);
        rig.run(Duration::secs(3));
        assert_eq!(rig.state(), ModuleState::Connected);
    }
}

#[test]
fn memory_that_is_slow_is_waited_for() {
    let mut rig = Rig::connected();
    rig.broken.memory_hangs = true;
    rig.set_current(MilliAmps(45_000));
    rig.ticks_until(2000, |rig| rig.held != rig.asked).expect("the charge moves by a percent");
    rig.run(Duration::millis(4900));
    assert!(!rig.has(Fault::Bms));
    rig.broken.memory_hangs = false;
    rig.run(Duration::secs(60));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn tries_of_over_current_survive_a_loss_of_power() {
    let mut kept = persisted(500);
    for attempt in 1..=3 {
        let mut rig = Rig::with(kept);
        rig.start(ModuleRequest::Connect);
        assert_eq!(rig.state(), ModuleState::Connected, "attempt {attempt}");
        rig.set_current(MilliAmps(70_000));
        rig.run(Duration::millis(500));
        assert!(rig.has(Fault::OverCurrent), "attempt {attempt}");
        kept = stored(&rig.controller.persisted(), ResetCause::PowerOn);
    }
    assert!(
        kept.locked_out.contains(Fault::OverCurrent),
        "locked out by the third, over two losses of power"
    );
}

/// A relay that does not close: three faults, and the converter has failed for good.
fn broken_converter() -> Rig {
    let mut rig = Rig::ready();
    rig.broken.relay_stuck_open = true;
    rig.command = Some(command(ModuleRequest::Connect));
    rig.run(Duration::mins(1));
    assert_eq!(rig.controller.pcu_state(), PcuState::PermanentFault);
    rig.broken.relay_stuck_open = false;
    rig
}

#[test]
fn a_converter_that_failed_for_good_stays_so_over_sleep_and_power_down() {
    let mut rig = broken_converter();
    rig.wake = false;
    rig.run(Duration::secs(20));
    assert_eq!(rig.state(), ModuleState::Shutdown);
    assert!(rig.controller.persisted().locked_out.contains(Fault::Pcu));
    rig.start(ModuleRequest::Connect);
    rig.run(Duration::mins(2));
    assert_eq!((rig.state(), rig.controller.pcu_state()), (ModuleState::Faulted, PcuState::PermanentFault));
    clear(&mut rig);
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn a_converter_that_failed_for_good_stays_so_over_a_loss_of_power() {
    let kept = stored(&broken_converter().controller.persisted(), ResetCause::BrownOut);
    let mut rig = Rig::with(kept);
    rig.start(ModuleRequest::Connect);
    rig.run(Duration::mins(2));
    assert_eq!((rig.state(), rig.controller.pcu_state()), (ModuleState::Faulted, PcuState::PermanentFault));
    clear(&mut rig);
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn faults_of_the_converter_are_counted_over_losses_of_power() {
    let mut kept = persisted(500);
    for fault in 1..=3 {
        let mut rig = Rig::with(kept);
        rig.broken.relay_stuck_open = true;
        rig.start(ModuleRequest::Connect);
        rig.ticks_until(50, |rig| rig.has(Fault::Pcu)).expect("its relay does not close");
        kept = stored(&rig.controller.persisted(), ResetCause::PowerOn);
        assert_eq!(kept.converter.faults, fault);
        assert_eq!(kept.converter.permanent.is_some(), fault == 3);
    }
}

#[test]
fn after_any_reset_outputs_are_open_until_a_full_start_and_its_cause_is_kept_and_told() {
    use ModuleState::{Connected, Ready, Shutdown, Starting};
    for cause in [ResetCause::BrownOut, ResetCause::Watchdog, ResetCause::External, ResetCause::Software] {
        let mut rig = Rig::with(stored(&Rig::connected().controller.persisted(), cause));
        rig.wake = true;
        rig.command = Some(command(ModuleRequest::Connect));
        let mut states = vec![rig.state()];
        let joined = rig.ticks_until(50, |rig| {
            if states.last() != Some(&rig.state()) {
                states.push(rig.state());
            }
            let is_closed = rig.drive.charge_mosfet || rig.drive.discharge_mosfet || rig.drive.pcu.relay;
            assert!(!is_closed || matches!(rig.state(), Ready | Connected), "{cause:?}: {:?}", rig.state());
            rig.state() == Connected
        });
        assert!(
            joined.is_some() && states == [Shutdown, Starting, Ready, Connected],
            "{cause:?}: {states:?}"
        );
        let told = rig.records.iter().filter(|record| matches!(record, Record::Booted(_)));
        assert_eq!(told.collect::<Vec<_>>(), [&Record::Booted(cause)]);
        assert_eq!(rig.controller.persisted().boot.cause, cause);
    }
}

#[test]
fn more_than_five_resets_without_ten_quiet_minutes_lock_out() {
    let mut kept = persisted(500);
    for reset in 1..=6 {
        kept = stored(&kept, ResetCause::Watchdog);
        let mut rig = Rig::with(kept);
        rig.start(ModuleRequest::Connect);
        rig.run(Duration::mins(9));
        // Locked out, and about to sleep: the next reset must not find it awake.
        let expected = if reset <= 5 { ModuleState::Connected } else { ModuleState::Dormant };
        assert_eq!(rig.state(), expected, "reset {reset}");
        assert!(rig.records.contains(&Record::Booted(ResetCause::Watchdog)));
        kept = rig.controller.persisted();
    }
    let mut rig = Rig::with(stored(&kept, ResetCause::PowerOn));
    rig.start(ModuleRequest::Connect);
    rig.run(Duration::mins(20));
    assert!(rig.has(Fault::Bms), "a person must look");
    clear(&mut rig);
    rig.run(Duration::secs(3));
    assert_eq!((rig.state(), rig.controller.persisted().boot.resets), (ModuleState::Connected, 0));
}

#[test]
fn resets_with_quiet_times_between_them_lock_nothing_out() {
    let mut kept = persisted(500);
    for reset in 1..=10 {
        let mut rig = Rig::with(stored(&kept, ResetCause::BrownOut));
        rig.start(ModuleRequest::Connect);
        rig.run(Duration::mins(10));
        assert_eq!(rig.state(), ModuleState::Connected, "reset {reset}");
        kept = rig.controller.persisted();
        assert_eq!(kept.boot.resets, 0);
    }
    let plugged = (0..10).fold(kept, |kept, _| stored(&kept, ResetCause::PowerOn));
    assert_eq!(plugged.boot.resets, 0, "whoever plugs it in has not reset it");
}

#[test]
fn each_fault_is_photographed_once() {
    let mut rig = Rig::connected();
    rig.sample.cells[6] = Some(MilliVolts(3700));
    rig.set_current(MilliAmps(-12_340));
    rig.run(Duration::secs(1));
    let [frame] = rig.photographs[..] else { panic!("one fault, {:?}", rig.photographs) };
    assert_eq!(frame.condition, Condition::Fault(Fault::OverVoltage));
    assert_eq!((frame.element, frame.cells[6], frame.cells[0] / 10), (7, 3699, 329));
    assert_eq!((frame.pack_current, frame.terminal_voltage, frame.number), (-1234, 4000, 1));
    assert!(frame.conditions.contains(Fault::OverVoltage) && frame.stamp.boot == 3);
    assert_eq!(FreezeFrame::from_bytes(&frame.to_bytes()), Ok(frame));
    let mut wrong = frame.to_bytes();
    wrong[20] ^= 1;
    assert_eq!(FreezeFrame::from_bytes(&wrong), Err(Damage::Checksum));
}

#[test]
fn the_newest_six_photographs_are_kept() {
    let mut rig = Rig::connected();
    for time in 1..=8 {
        rig.set_cells(MilliVolts(3700));
        rig.run(Duration::secs(10));
        rig.set_cells(MilliVolts(3300));
        rig.run(Duration::mins(5));
        assert_eq!(rig.photographs.len(), time);
    }
    let mut places = std::collections::BTreeMap::new();
    for frame in &rig.photographs {
        places.insert(frame.place(), frame.number);
    }
    let mut numbers: Vec<u32> = places.into_values().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [3, 4, 5, 6, 7, 8]);
    assert_eq!(numbers.len(), FRAMES);
}

#[test]
fn the_blackbox_freezes_at_the_first_fault_until_a_person_has_looked() {
    let mut rig = Rig::connected();
    rig.run(Duration::mins(2));
    assert_eq!(rig.controller.blackbox_page(0), None, "nothing has gone wrong");
    rig.set_cells(MilliVolts(3700));
    rig.run(Duration::secs(10));
    let first = rig.controller.blackbox_page(0).expect("frozen");
    rig.set_cells(MilliVolts(2300));
    rig.run(Duration::mins(2));
    assert!(rig.has(Fault::LowVoltage));
    assert_eq!(rig.controller.blackbox_page(0), Some(first.clone()), "the first one counts");
    let mut again = Rig::with(stored(&rig.controller.persisted(), ResetCause::PowerOn));
    for page in 0..4 {
        again.controller.recall_blackbox(page, &rig.controller.blackbox_page(page).expect("frozen"));
    }
    again.start(ModuleRequest::Ready);
    for page in 0..4 {
        assert_eq!(again.controller.blackbox_page(page), rig.controller.blackbox_page(page));
    }
    clear(&mut again);
    assert_eq!(again.controller.blackbox_page(0), None, "it records again");
}

#[test]
fn a_life_is_counted() {
    let mut rig = Rig::connected();
    rig.set_current(MilliAmps(50_000));
    rig.run(Duration::mins(6));
    rig.set_current(MilliAmps(-25_000));
    rig.run(Duration::mins(6));
    let life = rig.controller.persisted().lifetime;
    // 50 A at 52.8 V for a tenth of an hour, and half of it back.
    assert!((263..=265).contains(&life.charged_wh()), "{}", life.charged_wh());
    assert!((131..=133).contains(&life.discharged_wh()), "{}", life.discharged_wh());
    assert!((74..=76).contains(&life.throughput_deci_ah()), "{}", life.throughput_deci_ah());
    assert!((720..=722).contains(&(life.on_bus.as_millis() / 1000)), "{}", life.on_bus);
    assert_eq!((life.charge_current, life.discharge_current), (MilliAmps(50_000), MilliAmps(25_000)));
    assert_eq!(life.starts, 1);
    assert!(life.bands[2] > Duration::mins(12) && life.bands[3] == Duration::ZERO, "25 degC");
    rig.set_current(MilliAmps(0));
    rig.set_cells(MilliVolts(3700));
    rig.run(Duration::secs(10));
    let life = rig.controller.persisted().lifetime;
    assert_eq!((life.highest, life.times(Fault::OverVoltage.into())), (MilliVolts(3700), 1));
}

#[test]
fn a_doubt_about_the_charge_outlives_a_loss_of_power_and_old_memory_has_none() {
    let doubt = Doubt { less: PerMille(200), more: PerMille(90), since_end: 27 * 24, guessed: false };
    let mut rig = Rig::with(ModulePersisted { doubt, ..persisted(500) });
    assert_eq!(rig.controller.persisted().doubt, doubt);
    rig.run(Duration::secs(5));
    let told = rig.controller.estimate();
    assert!(
        told.soc_low <= PerMille(305) && told.soc_high >= PerMille(585),
        "a start makes nothing surer: {told:?}"
    );
    let whole = persisted(500).to_bytes(Part::Charge).expect("it has one");
    let read = |bytes: &[u8]| ChargeState::from_bytes(bytes).map(|state| state.doubt);
    assert_eq!(read(&whole), Ok(Doubt::NONE));
}
