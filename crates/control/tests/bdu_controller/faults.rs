//! What goes wrong: with a module (the others run on) and with the tower (it stops).

use voltower_control::io::Port;
use voltower_control::record::{Record, StartFailure};
use voltower_core::{
    Alarm, Cause, Condition, ConditionSet, Diagnosis, Duration, Fault, MilliOhms, ModuleState, TowerState,
    Watts,
};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::link::{BDU_NODE, CellDoubt, HEARTBEAT, ModuleRequest};

use crate::driver::{SOFTWARE, Tower, running};

const SECOND: Duration = Duration::secs(1);

#[test]
fn a_start_takes_those_above_a_gap_names_the_missing_one_and_takes_it_in_when_it_comes() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.modules[1].linked = false;
    tower.inverter = true;
    tower.press(SECOND);
    tower.until("the first runs", Duration::secs(30), |t| t.connected() == 1);
    assert_eq!(tower.pattern().to_string(), "status off, alarm on, L1 on, L3 on");
    assert!(tower.records.contains(&Record::Raised {
        condition: Condition::Fault(Fault::Communication),
        module: 2,
        element: 0
    }));
    tower.power = -1000.0;
    tower.run(Duration::secs(60));
    assert_eq!(tower.connected(), 1);
    assert!(tower.modules[0].amps < -2.0, "and feeds the house");
    tower.modules[1].linked = true;
    tower.until("both on the bus", Duration::secs(30), |t| t.connected() == 2);
    assert!(tower.conditions().is_empty());
}

#[test]
fn a_start_with_nobody_is_a_fault_until_somebody_is_there() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.modules[0].linked = false;
    tower.modules[1].linked = false;
    tower.inverter = true;
    tower.press(SECOND);
    tower.until_state(TowerState::Faulted, Duration::secs(20));
    assert!(tower.records.contains(&Record::StartFailed(StartFailure::Discovery)));
    tower.run(Duration::secs(60));
    assert_eq!(tower.connected(), 0);
    tower.modules[0].linked = true;
    tower.modules[1].linked = true;
    tower.until("both on the bus", Duration::secs(30), |t| t.connected() == 2);
    assert!(tower.conditions().is_empty());
}

#[test]
fn a_fault_that_is_over_is_not_shown_as_another() {
    let mut tower = running(&[0.6]);
    tower.modules[0].state = ModuleState::Faulted;
    tower.modules[0].conditions = tower.modules[0].conditions.with(Fault::Pcu);
    tower.until_state(TowerState::Faulted, Duration::secs(3));
    tower.run(SECOND);
    // The frame with the conditions comes before the one in which the module is ready again.
    tower.modules[0].conditions = ConditionSet::EMPTY;
    for _ in 0..20 {
        tower.run(Duration::millis(100));
        let lights = tower.pattern().to_string();
        assert_ne!(lights, "status off, alarm on, L1 on, L2 on, L3 on, L4 on, L5 on");
    }
}

#[test]
fn a_module_that_was_stacked_on_is_taken_in() {
    let mut tower = Tower::commissioned(&[0.6, 0.5, 0.9], 2);
    tower.inverter = true;
    tower.press(SECOND);
    tower.until("all three on the bus", Duration::secs(20), |t| t.connected() == 3);
    assert_eq!(tower.panel.unwrap().modules_expected, 3);
}

#[test]
fn no_module_at_all_fails_the_start() {
    let mut tower = Tower::commissioned(&[], 0);
    tower.press(SECOND);
    tower.until_state(TowerState::Faulted, Duration::secs(20));
    assert!(tower.records.contains(&Record::StartFailed(StartFailure::Discovery)));
}

#[test]
fn a_faulty_module_leaves_and_the_others_run_on() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -1500.0;
    tower.run(Duration::secs(5));
    tower.modules[0].conditions.set(Fault::HighTemperature, true);
    tower.run(Duration::millis(300));
    assert_eq!(tower.pattern().to_string(), "status off, alarm on, L1 on");
    assert_eq!(tower.limits.unwrap().discharge.power, Watts(2475), "falls at once");
    tower.run(Duration::secs(10));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Discharging, 1));
    assert_eq!(tower.command(0).request, ModuleRequest::Ready);
    assert!(tower.bus() > 380.0);
    tower.modules[0].conditions.set(Fault::HighTemperature, false);
    tower.until("back", Duration::secs(10), |t| t.connected() == 2);
    assert!(tower.conditions().is_empty());
}

#[test]
fn an_alarm_shows_and_stops_nothing() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = 1500.0;
    tower.modules[1].conditions.set(Alarm::VoltageDifference, true);
    tower.run(Duration::secs(5));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Charging, 2));
    assert_eq!(tower.pattern().to_string(), "status off, alarm flashing, L2 on, L3 on");
}

#[test]
fn when_the_last_module_fails_the_tower_stops_and_returns_with_it() {
    let mut tower = running(&[0.6]);
    tower.modules[0].conditions.set(Fault::Sampling, true);
    tower.until_state(TowerState::Faulted, SECOND);
    tower.run(Duration::secs(5));
    assert_eq!(tower.pattern().to_string(), "status off, alarm on, L1 on, L4 on");
    tower.modules[0].conditions.set(Fault::Sampling, false);
    tower.until("back", Duration::secs(10), |t| t.connected() == 1);
}

#[test]
fn a_module_that_falls_silent_is_missed_and_welcomed_back() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[1].linked = false;
    let time = tower.until("missed", Duration::secs(3), |t| t.conditions().contains(Fault::Communication));
    assert!((Duration::millis(900)..=Duration::millis(1300)).contains(&time), "{time}");
    assert_eq!(tower.limits.unwrap().charge.power, Watts(2475));
    tower.run(Duration::secs(5));
    assert_eq!(tower.connected(), 1);
    tower.modules[1].linked = true;
    tower.until("back", Duration::secs(10), |t| t.connected() == 2);
    assert!(tower.conditions().is_empty());
}

#[test]
fn a_module_that_is_missed_is_taken_back_and_no_other_in_its_place() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[1].linked = false;
    tower.run(Duration::secs(3));
    tower.exchange(1);
    tower.modules[1].linked = true;
    tower.run(Duration::secs(60));
    assert_eq!((tower.connected(), tower.modules[1].is_connected()), (1, false));
    assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(Cause::Stranger, 2));
    tower.fit_software(1, SOFTWARE);
    tower.until("back", Duration::secs(15), |t| t.connected() == 2);
}

#[test]
fn without_a_single_resistor_the_wires_end_at_the_unit_and_that_is_why_nobody_is_heard() {
    let mut tower = running(&[0.6, 0.5]);
    let silent = |tower: &mut Tower| tower.modules.iter_mut().for_each(|module| module.linked = false);
    silent(&mut tower);
    tower.sample.link_resistance = Some(MilliOhms(120_000));
    tower.run(Duration::secs(5));
    let told = |tower: &Tower| {
        let told = |record: &Record| match record {
            Record::Diagnosed(diagnosis) => Some(*diagnosis),
            _ => None,
        };
        tower.records.iter().rev().find_map(told)
    };
    assert_eq!(told(&tower), Some(Diagnosis::new(Cause::ChainInterrupted, 0)), "its own resistor is seen");
    tower.sample.link_resistance = None;
    tower.run(Duration::secs(5));
    assert_eq!(told(&tower), Some(Diagnosis::new(Cause::LinkOpen, 0)));
    assert!(tower.conditions().contains(Fault::Communication), "the modules are not heard");
}

#[test]
fn foreign_software_keeps_its_module_off_the_bus_and_is_named() {
    let mut tower = Tower::new(&[0.6, 0.5, 0.4]);
    tower.inverter = true;
    tower.fit_software(1, b"0V020010");
    tower.press(SECOND);
    tower.until("on the bus", Duration::secs(20), |t| t.connected() == 2);
    tower.run(Duration::secs(30));
    assert!(tower.conditions().contains(Fault::SoftwareVersion));
    assert_eq!(tower.pattern().to_string(), "status off, alarm on, L1 on, L2 on, L3 on, L4 on");
    assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(Cause::Software, 2));
    assert!(tower.modules[0].is_connected() && tower.modules[2].is_connected());
}

/// A frame of a disturbed Link may have told what nobody has said.
#[test]
fn modules_of_other_software_are_asked_again_each_in_turn() {
    let mut tower = Tower::new(&[0.6, 0.5, 0.4]);
    tower.inverter = true;
    tower.fit_software(1, b"0V020010");
    tower.fit_software(2, b"0V030010");
    tower.press(SECOND);
    tower.run(Duration::mins(3));
    assert_eq!((tower.connected(), tower.conditions().contains(Fault::SoftwareVersion)), (1, true));
    tower.fit_software(2, SOFTWARE);
    tower.until("the third is read again", Duration::mins(2), |t| t.modules[2].is_connected());
    assert!(!tower.modules[1].is_connected());
    tower.modules[1].answers = false;
    tower.run(Duration::mins(2));
    assert_eq!(tower.found.unwrap().0.module, 2, "what it told holds");
    tower.modules[1].answers = true;
    tower.fit_software(1, SOFTWARE);
    tower.until("and the second", Duration::mins(2), |t| t.modules[1].is_connected());
    assert!(tower.conditions().is_empty());
}

#[test]
fn a_unit_whose_software_differs_from_all_modules_is_the_odd_one() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.inverter = true;
    tower.fit_software(0, b"0V020010");
    tower.fit_software(1, b"0V020011");
    tower.press(SECOND);
    tower.until_state(TowerState::Faulted, Duration::secs(20));
    tower.run(Duration::secs(30));
    assert_eq!(tower.connected(), 0);
    assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(Cause::Software, 0));
}

#[test]
fn software_may_differ_after_the_protocol_version() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.inverter = true;
    tower.fit_software(1, b"0V010099");
    tower.press(SECOND);
    tower.until("on the bus", Duration::secs(20), |t| t.connected() == 2);
}

#[test]
fn a_module_that_does_not_tell_its_software_stays_off_the_bus_until_it_does() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.inverter = true;
    tower.modules[0].answers = false;
    tower.press(SECOND);
    tower.until("named", Duration::secs(20), |t| t.conditions().contains(Fault::SoftwareVersion));
    tower.run(Duration::secs(120));
    assert!(!tower.modules[0].is_connected() && tower.modules[1].is_connected());
    tower.modules[0].answers = true;
    tower.until("told", Duration::secs(35), |t| t.connected() == 2);
    assert!(tower.conditions().is_empty());
}

#[test]
fn a_clock_that_jumps_ahead_loses_the_modules_for_a_moment_only() {
    let mut tower = running(&[0.6, 0.5]);
    tower.now = tower.now + Duration::hours(2);
    tower.run(SECOND);
    assert!(tower.conditions().contains(Fault::Communication), "nobody was heard for two hours");
    tower.until("back", Duration::secs(10), |t| t.conditions().is_empty());
}

/// Neither a self test between two passes nor a write to memory is overdue because of one sample: that would be
/// written down, and the tower would stand until a person comes.
#[test]
fn a_clock_that_jumps_ahead_locks_nothing_out() {
    let jumps =
        [Duration::secs(20), Duration::mins(2), Duration::mins(30), Duration::hours(2), Duration::hours(30)];
    for jump in jumps {
        let mut tower = running(&[0.6, 0.5]);
        tower.tests_hang = true;
        tower.memory_hangs = true;
        tower.press(Duration::millis(200));
        tower.now = tower.now + jump;
        tower.run(SECOND);
        tower.tests_hang = false;
        tower.memory_hangs = false;
        tower.until("back", Duration::mins(1), |t| t.conditions().is_empty() && t.connected() == 2);
        assert!(!tower.bdu.persisted().safety.self_tests, "{jump}");
        assert!(!tower.records.iter().any(|record| matches!(record, Record::LockOut(_))), "{jump}");
    }
}

#[test]
fn a_blown_fuse_stops_the_tower_until_a_person_has_looked() {
    let mut tower = running(&[0.6, 0.5]);
    tower.fuse_open = true;
    let time = tower.until_state(TowerState::Faulted, Duration::secs(2));
    assert!(time >= Duration::millis(500));
    assert_eq!(tower.pattern().to_string(), "status off, alarm on, L1 on, L3 on, L4 on");
    tower.run(Duration::secs(60));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Faulted, 0));
    tower.fuse_open = false;
    tower.run(Duration::secs(60));
    assert_eq!(tower.state(), TowerState::Faulted, "latched");
    tower.press(Duration::millis(10_500));
    assert!(tower.records.contains(&Record::LockOutsCleared));
    tower.until("back", Duration::secs(15), |t| t.connected() == 2);
}

#[test]
fn a_long_press_in_fault_tells_the_modules_and_a_shorter_one_shuts_down() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[0].conditions.set(Fault::Cell, true);
    tower.run(SECOND);
    tower.sample.black_start_pressed = true;
    tower.run(Duration::secs(9));
    assert!(!tower.command(0).clear_lock_outs);
    assert_eq!(tower.connected(), 1, "three seconds do not shut down while a fault is shown");
    tower.until("told", Duration::secs(2), |t| t.command(0).clear_lock_outs);
    tower.run(Duration::secs(2));
    assert!(!tower.command(0).clear_lock_outs, "told once");
    tower.sample.black_start_pressed = false;
    tower.run(SECOND);
    tower.press(Duration::secs(4));
    tower.until_state(TowerState::Shutdown, Duration::secs(10));
}

#[test]
fn a_unit_whose_clock_stands_still_commands_nothing_and_waits_for_a_person() {
    let mut tower = running(&[0.6, 0.5]);
    let period = core::mem::take(&mut tower.period);
    for _ in 0..6 {
        tower.bdu_sample_only();
    }
    let raised = Record::Raised { condition: Condition::Fault(Fault::Bms), module: 0, element: 0 };
    assert!(tower.records.contains(&raised), "written down; what is sent waits for a clock");
    tower.period = period;
    tower.run(Duration::secs(60));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Faulted, 0));
    tower.press(Duration::millis(10_500));
    tower.until("back", Duration::secs(15), |t| t.connected() == 2);
}

#[test]
fn another_unit_on_the_link_is_named_and_keeps_the_tower_off_the_bus() {
    let mut tower = running(&[0.6, 0.5]);
    let id = StandardId::new(HEARTBEAT + u16::from(BDU_NODE)).expect("eleven bits");
    tower.inject(Port::Link, Frame::new(id, &[5]).expect("short"));
    tower.run(SECOND);
    assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(Cause::SecondUnit, 0));
    assert!(tower.conditions().contains(Alarm::Other));
    tower.until("off the bus", Duration::secs(5), |t| t.connected() == 0);
    assert_eq!(tower.state(), TowerState::Standby);
    tower.until("forgotten", Duration::secs(12), |t| t.conditions().is_empty());
    tower.until("back", Duration::secs(10), |t| t.connected() == 2);
}

#[test]
fn a_condition_that_says_other_has_a_cause_beside_it() {
    let mut tower = running(&[0.6, 0.5]);
    for (condition, cause) in
        [(Alarm::Other.into(), Cause::HotElectronics), (Condition::from(Fault::Other), Cause::Contact)]
    {
        tower.modules[1].conditions = ConditionSet::EMPTY;
        tower.modules[1].conditions.set(condition, true);
        tower.run(SECOND);
        assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(cause, 2), "{condition}");
    }
}

#[test]
fn an_alarm_that_a_shunt_is_behind_names_it() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[1].doubt = (0, CellDoubt::Shunt);
    tower.run(Duration::secs(10));
    assert!(tower.panel.unwrap().diagnosis.is_none(), "a doubt alone is nothing yet");
    tower.modules[1].conditions.set(Alarm::Other, true);
    tower.run(SECOND);
    assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(Cause::Shunt, 2));
}

#[test]
fn an_alarm_that_a_cell_is_behind_is_not_told_as_hot_electronics() {
    for (doubt, cause) in [(CellDoubt::Contact, Cause::CellContact), (CellDoubt::End, Cause::CellAlone)] {
        let mut tower = running(&[0.6, 0.5]);
        tower.modules[1].doubt = (7, doubt);
        tower.run(Duration::secs(10));
        assert!(tower.panel.unwrap().diagnosis.is_none(), "a doubt alone is nothing yet");
        tower.modules[1].conditions.set(Alarm::Other, true);
        tower.run(SECOND);
        assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(cause, 2));
        assert_eq!(tower.found.unwrap().0, Diagnosis::new(cause, 2).at(7), "the cell as well");
        assert!(tower.records.contains(&Record::Diagnosed(Diagnosis::new(cause, 2).at(7))));
        tower.modules[1].doubt = (0, CellDoubt::Contact);
        tower.run(Duration::secs(10));
        assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(cause, 2), "the alarm calms down later");
        tower.modules[1].conditions = ConditionSet::EMPTY;
        tower.run(Duration::secs(10));
        tower.modules[1].conditions.set(Alarm::Other, true);
        tower.run(SECOND);
        assert_eq!(tower.panel.unwrap().diagnosis, Diagnosis::new(Cause::HotElectronics, 2), "another one");
    }
}

/// What a module says in its first frame after it woke is not all that it will say.
#[test]
fn an_alarm_of_a_module_that_has_just_woken_is_not_told_before_its_cause_is_known() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[1].doubt = (7, CellDoubt::Contact);
    tower.modules[1].conditions.set(Alarm::Other, true);
    tower.run(Duration::secs(10));
    for _ in 0..2 {
        tower.press(Duration::secs(4));
        tower.until_state(TowerState::Shutdown, Duration::secs(30));
        tower.run(SECOND);
        tower.records.clear();
        tower.press(SECOND);
        tower.until("on the bus", Duration::secs(60), |tower| tower.connected() == 2);
        tower.run(Duration::secs(5));
        let told: Vec<_> = tower
            .records
            .iter()
            .filter_map(|record| match record {
                Record::Diagnosed(diagnosis) => Some(*diagnosis),
                _ => None,
            })
            .collect();
        assert_eq!(told, [Diagnosis::new(Cause::CellContact, 2).at(7)]);
    }
}

#[test]
fn what_a_module_said_before_it_slept_is_not_told_of_it_when_it_wakes() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[1].conditions.set(Alarm::HighTemperature, true);
    tower.run(SECOND);
    assert!(tower.conditions().contains(Alarm::HighTemperature));
    tower.press(Duration::secs(4));
    tower.until_state(TowerState::Shutdown, Duration::secs(30));
    tower.modules[1].conditions = ConditionSet::EMPTY;
    tower.run(SECOND);
    tower.press(SECOND);
    while tower.connected() < 2 {
        tower.tick();
        assert!(tower.conditions().is_empty(), "{:?}", tower.conditions());
    }
}

#[test]
fn lock_outs_are_not_cleared_under_power() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -2000.0;
    tower.modules[0].conditions.set(Fault::Cell, true);
    tower.run(Duration::secs(5));
    tower.press(Duration::secs(11));
    assert!(!tower.records.contains(&Record::LockOutsCleared));
}

#[test]
fn a_bad_terminal_bars_its_module() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -4000.0;
    tower.run(Duration::secs(5));
    tower.modules[1].contact_loss = 8.0;
    let time = tower.until("seen", Duration::secs(3), |t| t.conditions().contains(Fault::Terminal));
    assert!(time >= SECOND);
    tower.run(Duration::secs(10));
    assert_eq!((tower.connected(), tower.command(1).request), (1, ModuleRequest::Ready));
    assert_eq!(tower.pattern().to_string(), "status off, alarm on, L1 on, L2 on, L4 on");
    tower.modules[1].contact_loss = 0.0;
    tower.until("tightened", Duration::secs(70), |t| t.connected() == 2);
    assert!(tower.conditions().is_empty());
}

#[test]
fn a_terminal_that_stays_bad_is_tried_three_times() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -4000.0;
    tower.modules[1].contact_loss = 8.0;
    tower.run(Duration::mins(10));
    let barred = Record::Raised { condition: Condition::Fault(Fault::Terminal), module: 2, element: 0 };
    assert_eq!(tower.records.iter().filter(|record| **record == barred).count(), 3);
    tower.modules[1].contact_loss = 0.0;
    tower.run(Duration::mins(10));
    assert_eq!(tower.connected(), 1, "until a person has looked");
    tower.power = 0.0;
    tower.run(Duration::secs(5));
    tower.press(Duration::millis(10_500));
    tower.until("back", Duration::secs(15), |t| t.connected() == 2);
}

#[test]
fn without_current_a_small_difference_says_nothing_and_swapped_terminals_show() {
    let mut tower = running(&[0.6, 0.5]);
    tower.modules[1].contact_loss = 8.0;
    tower.run(Duration::secs(10));
    assert!(tower.conditions().is_empty());
    tower.modules[1].contact_loss = 2.0 * tower.bus();
    tower.until("swapped", Duration::secs(3), |t| t.conditions().contains(Fault::Terminal));
}

#[test]
fn an_auxiliary_contact_that_lies_is_told() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -2000.0;
    tower.run(Duration::secs(5));
    // The contact says open, yet current flows on until the modules have left.
    tower.sample.dc_switch_closed = false;
    for _ in 0..3 {
        tower.bdu_sample_only();
    }
    assert!(tower.conditions().contains(Fault::Other));
    tower.sample.dc_switch_closed = true;
    tower.run(SECOND);
    assert!(!tower.conditions().contains(Fault::Other));
}

#[test]
fn a_bus_that_does_not_come_up_is_tried_by_others_and_then_given_up() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.inverter = true;
    tower.modules[0].able = false;
    tower.press(SECOND);
    tower.until("the second module leads", Duration::secs(30), |t| t.connected() >= 1);
    assert_eq!(tower.modules[1].state, ModuleState::Connected);

    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.inverter = true;
    tower.modules[0].able = false;
    tower.modules[1].able = false;
    tower.press(SECOND);
    tower.until_state(TowerState::Faulted, Duration::secs(60));
    assert!(tower.records.contains(&Record::StartFailed(StartFailure::SoftStart)));
    assert!(tower.conditions().contains(Fault::Other));
    tower.run(Duration::mins(5));
    assert_eq!(tower.state(), TowerState::Faulted, "no endless retry");
}

#[test]
fn a_tower_that_wakes_by_itself_does_not_try_again_what_a_person_must_look_at() {
    let mut tower = Tower::new(&[0.035]);
    tower.inverter = true;
    tower.modules[0].able = false;
    tower.press(SECOND);
    tower.until_state(TowerState::Faulted, Duration::secs(60));
    tower.until_state(TowerState::Sleeping, Duration::mins(11));
    tower.period = Duration::secs(1);
    tower.modules[0].able = true;
    tower.until_state(TowerState::Starting, Duration::hours(7));
    tower.until_state(TowerState::Faulted, Duration::secs(60));
    assert!(tower.conditions().contains(Fault::Other));
    assert_eq!(tower.connected(), 0);
}

#[test]
fn a_broken_measurement_fails_the_self_test() {
    for breaks in [
        (|tower| tower.broken_shunt = Some(20.0)) as fn(&mut Tower),
        |tower| tower.broken_shunt = Some(-1.1),
        |tower| tower.broken_divider = Some(601_000),
        |tower| tower.broken_divider = Some(-601_000),
    ] {
        let mut tower = Tower::new(&[0.5]);
        breaks(&mut tower);
        tower.press(SECOND);
        tower.until_state(TowerState::Faulted, Duration::secs(3));
        assert!(tower.records.contains(&Record::StartFailed(StartFailure::SelfTest)));
        assert!(tower.conditions().contains(Fault::Sampling));
    }
}

#[test]
fn a_unit_whose_memory_fails_stops_the_tower_until_a_person_has_looked() {
    let mut tower = running(&[0.6, 0.5]);
    tower.sample.self_test.memory.failed = true;
    tower.until_state(TowerState::Faulted, SECOND);
    tower.run(Duration::secs(5));
    assert_eq!(tower.connected(), 0);
    assert_eq!(tower.pattern().to_string(), "status off, alarm on, L2 on, L3 on, L4 on");
    assert!(tower.records.contains(&Record::Raised { condition: Fault::Bms.into(), module: 0, element: 0 }));
    tower.press(Duration::secs(11));
    tower.run(Duration::secs(10));
    assert_eq!(tower.state(), TowerState::Faulted, "it still fails");
    tower.sample.self_test.memory.failed = false;
    tower.run(Duration::mins(5));
    assert_eq!(tower.state(), TowerState::Faulted, "a person must look");
    tower.press(Duration::secs(11));
    tower.until("back", Duration::secs(20), |t| t.connected() == 2);
    assert!(tower.conditions().is_empty());
}

#[test]
fn a_unit_whose_tests_hang_stops_the_tower_after_an_hour() {
    let mut tower = running(&[0.6]);
    tower.tests_hang = true;
    tower.run(Duration::mins(59));
    assert_ne!(tower.state(), TowerState::Faulted);
    tower.until_state(TowerState::Faulted, Duration::mins(2));
    assert!(tower.conditions().contains(Fault::Bms));
}
