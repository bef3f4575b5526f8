//! Every row of the condition table: levels, debounce, reaction and recovery, typed here and not read from the code.

use voltower_control::io::CELLS;
use voltower_control::record::Record;
use voltower_core::{
    Alarm, Condition, DeciCelsius, Duration, Fault, MilliAmps, MilliVolts, ModuleState, PcuState, Watts,
};

use voltower_protocols::link::ModuleRequest;

use crate::rig::{Rig, persisted};

type Cause = fn(&mut Rig, i32);

/// How it must go away.
enum Recovers {
    /// By itself: at this value, after so many milliseconds.
    After(i32, u32),
    /// By a person, once the value is this.
    Person(i32),
}

struct Case {
    condition: Condition,
    cause: Cause,
    /// The last value that must not raise it, even for a minute.
    harmless: i32,
    /// The first value that raises it.
    raises: i32,
    /// Samples at 100 ms until it is raised: three, or one more than the debounce has tenths of a second.
    samples: u32,
    recovers: Recovers,
}

fn highest_cell(rig: &mut Rig, mv: i32) {
    rig.sample.cells[4] = Some(MilliVolts(mv));
}

fn all_cells(rig: &mut Rig, mv: i32) {
    rig.set_cells(MilliVolts(mv));
}

fn spread(rig: &mut Rig, mv: i32) {
    rig.sample.cells[9] = Some(MilliVolts(3300 - mv));
}

fn all_sensors(rig: &mut Rig, deci: i32) {
    rig.sample.cell_temperatures = [Some(DeciCelsius(deci as i16)); 4];
}

fn temperature_spread(rig: &mut Rig, deci: i32) {
    rig.sample.cell_temperatures[2] = Some(DeciCelsius(250 + deci as i16));
}

fn ambient(rig: &mut Rig, deci: i32) {
    rig.sample.ambient_temperature = Some(DeciCelsius(deci as i16));
}

fn heat_sink(rig: &mut Rig, deci: i32) {
    rig.sample.pcu.heat_sink = Some(DeciCelsius(deci as i16));
}

fn mos(rig: &mut Rig, deci: i32) {
    rig.sample.mos_temperature = Some(DeciCelsius(deci as i16));
}

fn current(rig: &mut Rig, ma: i32) {
    rig.set_current(MilliAmps(ma));
}

fn sum(rig: &mut Rig, mv: i32) {
    rig.pack_error = MilliVolts(mv);
}

fn shunt_error(rig: &mut Rig, ma: i32) {
    rig.sample.pack_current = MilliAmps(ma);
}

fn terminal(rig: &mut Rig, mv: i32) {
    rig.bus = MilliVolts(mv);
}

fn alarm(alarm: Alarm, cause: Cause, harmless: i32, raises: i32, samples: u32, recovers: Recovers) -> Case {
    Case { condition: alarm.into(), cause, harmless, raises, samples, recovers }
}

fn fault(fault: Fault, cause: Cause, harmless: i32, raises: i32, samples: u32, recovers: Recovers) -> Case {
    Case { condition: fault.into(), cause, harmless, raises, samples, recovers }
}

fn cases() -> Vec<Case> {
    use Recovers::{After, Person};
    vec![
        alarm(Alarm::OverVoltage, highest_cell, 3599, 3600, 4, After(3450, 60_000)),
        fault(Fault::OverVoltage, highest_cell, 3649, 3650, 4, After(3450, 60_000)),
        alarm(Alarm::UnderVoltage, all_cells, 2801, 2800, 6, After(3100, 60_000)),
        fault(Fault::LowVoltage, all_cells, 2501, 2500, 6, After(3100, 60_000)),
        fault(Fault::Cell, all_cells, 2000, 1999, 3, Person(3100)),
        alarm(Alarm::VoltageDifference, spread, 299, 300, 101, After(200, 60_000)),
        fault(Fault::VoltageDifference, spread, 499, 500, 101, After(300, 60_000)),
        alarm(Alarm::HighTemperature, all_sensors, 549, 550, 21, After(500, 60_000)),
        fault(Fault::HighTemperature, all_sensors, 599, 600, 21, After(550, 60_000)),
        alarm(Alarm::LowTemperature, all_sensors, -119, -120, 21, After(-90, 60_000)),
        fault(Fault::LowTemperature, all_sensors, -199, -200, 21, After(-170, 60_000)),
        alarm(Alarm::TemperatureDifference, temperature_spread, 99, 100, 21, After(80, 60_000)),
        fault(Fault::TemperatureDifference, temperature_spread, 149, 150, 21, After(100, 60_000)),
        alarm(Alarm::AmbientTemperature, ambient, 499, 500, 101, After(470, 60_000)),
        alarm(Alarm::AmbientTemperature, ambient, -119, -120, 101, After(-90, 60_000)),
        fault(Fault::AmbientTemperature, ambient, 549, 550, 101, After(520, 60_000)),
        fault(Fault::AmbientTemperature, ambient, -199, -200, 101, After(-170, 60_000)),
        alarm(Alarm::OverCurrent, current, 54_999, 55_000, 11, After(52_000, 10_000)),
        alarm(Alarm::OverCurrent, current, -54_999, -55_000, 11, After(-52_000, 10_000)),
        fault(Fault::OverCurrent, current, 64_999, 65_000, 2, After(0, 10_000)),
        fault(Fault::OverCurrent, current, -64_999, -65_000, 2, After(0, 10_000)),
        alarm(Alarm::Other, heat_sink, 799, 800, 21, After(700, 10_000)),
        fault(Fault::Pcu, heat_sink, 949, 950, 21, After(700, 60_000)),
        alarm(Alarm::Other, mos, 849, 850, 21, After(750, 10_000)),
        fault(Fault::Bms, mos, 999, 1000, 21, After(750, 60_000)),
        fault(Fault::Sampling, sum, 1000, 1100, 101, After(500, 10_000)),
        fault(Fault::Sampling, shunt_error, 4999, 5000, 101, After(2500, 10_000)),
        fault(Fault::Terminal, terminal, -9999, -10_000, 3, After(0, 10_000)),
    ]
}

fn name(case: &Case) -> String {
    format!("{} at {}", case.condition, case.raises)
}

#[test]
fn a_value_short_of_the_level_raises_nothing() {
    for case in cases() {
        let mut rig = Rig::connected();
        (case.cause)(&mut rig, case.harmless);
        rig.run(Duration::secs(60));
        assert!(!rig.has(case.condition), "{}", name(&case));
    }
}

#[test]
fn each_is_raised_after_its_debounce_and_not_before() {
    for case in cases() {
        let mut rig = Rig::ready();
        (case.cause)(&mut rig, case.raises);
        let ticks = rig.ticks_until(600, |rig| rig.has(case.condition));
        assert_eq!(ticks, Some(case.samples), "{}", name(&case));
    }
}

#[test]
fn coarse_samples_still_need_as_many_of_them() {
    for case in cases() {
        let mut rig = Rig::ready();
        rig.period = Duration::secs(60);
        rig.run(Duration::secs(60));
        (case.cause)(&mut rig, case.raises);
        if case.condition == Alarm::UnderVoltage.into() {
            // Else the second sample tells the count that the module is empty, and rests.
            rig.sample.cells[15] = None;
        }
        let ticks = rig.ticks_until(10, |rig| rig.has(case.condition));
        let expected = if case.samples == 2 { 2 } else { 3 };
        assert_eq!(ticks, Some(expected), "{}", name(&case));
    }
}

#[test]
fn each_clears_after_its_calm_time_or_waits_for_a_person() {
    for case in cases() {
        let mut rig = Rig::ready();
        (case.cause)(&mut rig, case.raises);
        rig.ticks_until(600, |rig| rig.has(case.condition)).expect("raised");
        match case.recovers {
            Recovers::After(value, calm_ms) => {
                (case.cause)(&mut rig, value);
                rig.run(Duration::millis(u64::from(calm_ms) - 200));
                assert!(rig.has(case.condition), "{} cleared too early", name(&case));
                rig.run(Duration::millis(400));
                assert!(!rig.has(case.condition), "{} stays", name(&case));
            }
            Recovers::Person(value) => {
                (case.cause)(&mut rig, value);
                rig.run(Duration::mins(10));
                assert!(rig.has(case.condition), "{} cleared by itself", name(&case));
                assert!(rig.controller.persisted().locked_out.contains(case.condition));
                assert!(rig.records.contains(&Record::LockOut(case.condition)));
                rig.change_command(|command| command.clear_lock_outs = true);
                rig.run(Duration::secs(1));
                assert!(!rig.has(case.condition), "{} stays", name(&case));
                assert!(rig.records.contains(&Record::LockOutsCleared));
            }
        }
        assert!(
            rig.records.contains(&Record::Cleared { condition: case.condition, module: 2 }),
            "{} has no record",
            name(&case)
        );
    }
}

#[test]
fn a_fault_isolates_the_module_and_an_alarm_does_not() {
    for case in cases() {
        let mut rig = Rig::connected();
        (case.cause)(&mut rig, case.raises);
        rig.ticks_until(600, |rig| rig.has(case.condition)).expect("raised");
        rig.run(Duration::secs(1));
        let expected = match case.condition {
            Condition::Alarm(_) => ModuleState::Connected,
            Condition::Fault(_) => ModuleState::Faulted,
        };
        assert_eq!(rig.state(), expected, "{}", name(&case));
        let closed = rig.drive.charge_mosfet || rig.drive.discharge_mosfet || rig.drive.pcu.relay;
        assert_eq!(closed, expected == ModuleState::Connected, "{}", name(&case));
    }
}

#[test]
fn an_extreme_temperature_locks_out_after_two_samples() {
    let mut rig = Rig::connected();
    all_sensors(&mut rig, 650);
    assert_eq!(rig.ticks_until(20, |rig| rig.has(Fault::HighTemperature)), Some(2));
    assert!(!rig.drive.charge_mosfet && !rig.drive.pcu.gate, "opens without waiting");
    all_sensors(&mut rig, 250);
    rig.run(Duration::mins(9));
    assert_eq!(rig.state(), ModuleState::Faulted);
    rig.change_command(|command| command.clear_lock_outs = true);
    rig.run(Duration::secs(2));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn a_lock_out_survives_the_loss_of_power() {
    let mut rig = Rig::ready();
    all_cells(&mut rig, 1999);
    rig.run(Duration::secs(1));
    let kept = rig.controller.persisted();
    let mut again = Rig::with(kept);
    again.start(ModuleRequest::Connect);
    again.run(Duration::mins(9));
    assert_eq!(again.state(), ModuleState::Faulted, "good cells now, but locked out");
    again.change_command(|command| command.clear_lock_outs = true);
    again.run(Duration::secs(2));
    assert_eq!(again.state(), ModuleState::Connected);
}

#[test]
fn clearing_does_not_clear_what_is_still_wrong() {
    let mut rig = Rig::ready();
    all_cells(&mut rig, 1999);
    rig.run(Duration::secs(1));
    rig.change_command(|command| command.clear_lock_outs = true);
    for _ in 0..10 {
        rig.tick();
        assert!(rig.has(Fault::Cell), "not even for a moment");
    }
    all_cells(&mut rig, 3300);
    rig.run(Duration::mins(2));
    assert!(rig.has(Fault::Cell), "the person cleared while the cell was still below 2.0 V");
}

#[test]
fn a_comparator_trip_locks_out_at_once() {
    let mut rig = Rig::connected();
    rig.sample.comparator_tripped = true;
    rig.tick();
    assert!(rig.has(Fault::Bms));
    assert_eq!(rig.state(), ModuleState::Faulted);
    rig.sample.comparator_tripped = false;
    rig.run(Duration::mins(5));
    assert!(rig.has(Fault::Bms));
}

#[test]
fn what_the_comparator_holds_open_is_let_go_of_when_a_person_has_looked() {
    for still_hot in [false, true] {
        let mut rig = Rig::connected();
        rig.sample.comparator_tripped = true;
        rig.run(Duration::mins(5));
        assert!(!rig.drive.comparator_reset && rig.has(Fault::Bms));
        rig.change_command(|command| command.clear_lock_outs = true);
        rig.ticks_until(20, |rig| rig.drive.comparator_reset).expect("the AFE is told once");
        rig.sample.comparator_tripped = still_hot;
        rig.tick();
        assert!(!rig.drive.comparator_reset, "once");
        rig.run(Duration::secs(2));
        assert_eq!(rig.has(Fault::Bms), still_hot);
    }
}

#[test]
fn welded_contacts_lock_out() {
    for weld in [(|rig: &mut Rig| rig.broken.relay_welded = true) as fn(&mut Rig), |rig: &mut Rig| {
        rig.broken.mosfet_welded = true;
    }] {
        let mut rig = Rig::connected();
        weld(&mut rig);
        rig.run(Duration::secs(5));
        assert!(rig.conditions().is_empty(), "closed contacts that are driven closed are no weld");
        rig.command = Some(crate::rig::command(ModuleRequest::Ready));
        rig.run(Duration::secs(5));
        assert!(rig.has(Fault::Other), "{:?}", rig.conditions());
        assert_eq!(rig.state(), ModuleState::Faulted);
        rig.broken.relay_welded = false;
        rig.broken.mosfet_welded = false;
        rig.run(Duration::mins(5));
        assert!(rig.has(Fault::Other), "a person must look");
        let mut rig = Rig::ready();
        weld(&mut rig);
        rig.run(Duration::secs(1));
        assert!(rig.has(Fault::Other), "one contact alone, at rest: {:?}", rig.conditions());
    }
}

#[test]
fn over_current_recovers_twice_and_locks_out_the_third_time() {
    let mut rig = Rig::connected();
    for attempt in 1..=3 {
        rig.set_current(MilliAmps(70_000));
        rig.run(Duration::millis(500));
        assert!(rig.has(Fault::OverCurrent), "attempt {attempt}");
        rig.set_current(MilliAmps(0));
        rig.run(Duration::secs(30));
        assert_eq!(rig.has(Fault::OverCurrent), attempt == 3, "attempt {attempt}");
    }
}

#[test]
fn a_quiet_hour_forgives_over_currents() {
    let mut rig = Rig::connected();
    for attempt in 1..=4 {
        rig.set_current(MilliAmps(70_000));
        rig.run(Duration::millis(500));
        rig.set_current(MilliAmps(0));
        rig.run(Duration::mins(61));
        assert!(!rig.has(Fault::OverCurrent), "attempt {attempt}");
    }
}

#[test]
fn current_that_was_stopped_opens_the_module() {
    let mut rig = Rig::connected();
    all_sensors(&mut rig, 550);
    rig.run(Duration::secs(3));
    assert!(rig.has(Alarm::HighTemperature));
    rig.set_current(MilliAmps(-10_000));
    rig.run(Duration::secs(5));
    assert_eq!(rig.state(), ModuleState::Connected, "discharging is not stopped at 55 degC");
    rig.set_current(MilliAmps(2000));
    rig.run(Duration::millis(1900));
    assert!(!rig.has(Fault::OverCurrent));
    rig.run(Duration::millis(500));
    assert!(rig.has(Fault::OverCurrent));
    assert_eq!(rig.state(), ModuleState::Faulted);
}

#[test]
fn more_power_than_allowed_is_an_alarm() {
    let mut rig = Rig::connected();
    rig.change_command(|command| command.charge_power = Watts(1000));
    rig.sample.pcu.bus_current = MilliAmps(3200);
    rig.run(Duration::secs(10));
    assert!(!rig.has(Alarm::OverCurrent), "1280 W is within 300 W of 1000 W");
    rig.sample.pcu.bus_current = MilliAmps(3300);
    rig.run(Duration::millis(1900));
    assert!(!rig.has(Alarm::OverCurrent));
    rig.run(Duration::millis(400));
    assert!(rig.has(Alarm::OverCurrent));
}

#[test]
fn an_open_wire_is_a_sampling_fault_after_two_samples() {
    let cuts: [Cause; 5] = [
        |rig, _| rig.sample.cells[7] = None,
        |rig, _| rig.sample.cell_temperatures[1] = None,
        |rig, _| rig.sample.mos_temperature = None,
        |rig, _| rig.sample.ambient_temperature = None,
        |rig, _| rig.sample.pcu.heat_sink = None,
    ];
    for cut in cuts {
        let mut rig = Rig::connected();
        let whole = rig.sample.clone();
        cut(&mut rig, 0);
        assert_eq!(rig.ticks_until(20, |rig| rig.has(Fault::Sampling)), Some(2));
        rig.run(Duration::secs(1));
        assert_eq!(rig.state(), ModuleState::Faulted);
        rig.sample.cells = whole.cells;
        rig.sample.cell_temperatures = whole.cell_temperatures;
        rig.sample.mos_temperature = whole.mos_temperature;
        rig.sample.ambient_temperature = whole.ambient_temperature;
        rig.sample.pcu.heat_sink = whole.pcu.heat_sink;
        rig.run(Duration::secs(5));
        assert!(rig.conditions().is_empty(), "{:?}", rig.conditions());
        assert_eq!(rig.state(), ModuleState::Connected);
    }
}

#[test]
fn impossible_readings_are_sampling_faults() {
    for (cell, sensor) in [(Some(-20), None), (Some(5100), None), (None, Some(-510)), (None, Some(1260))] {
        let mut rig = Rig::connected();
        if let Some(mv) = cell {
            rig.sample.cells[0] = Some(MilliVolts(mv));
        }
        if let Some(deci) = sensor {
            rig.sample.cell_temperatures[0] = Some(DeciCelsius(deci));
        }
        rig.run(Duration::millis(200));
        assert!(rig.has(Fault::Sampling));
        assert!(!rig.has(Fault::OverVoltage) && !rig.has(Fault::HighTemperature));
    }
}

#[test]
fn one_bad_reading_disables_no_other() {
    for lost in 0..CELLS {
        for bad in (0..CELLS).filter(|bad| *bad != lost) {
            let mut rig = Rig::ready();
            rig.sample.cells[lost] = None;
            rig.sample.cells[bad] = Some(MilliVolts(3660));
            rig.run(Duration::millis(400));
            assert!(rig.has(Fault::OverVoltage), "cell {} hides cell {}", lost + 1, bad + 1);
            let named =
                Record::Raised { condition: Fault::OverVoltage.into(), module: 2, element: bad as u8 + 1 };
            assert!(rig.records.contains(&named), "{:?}", rig.records);
        }
    }
}

#[test]
fn a_fault_does_not_clear_because_its_sensor_is_lost() {
    let mut rig = Rig::ready();
    highest_cell(&mut rig, 3660);
    rig.run(Duration::secs(1));
    rig.sample.cells[4] = None;
    rig.run(Duration::mins(5));
    assert!(rig.has(Fault::OverVoltage));
}

#[test]
fn a_silent_afe_is_a_bms_fault_within_its_time() {
    // From 3.20 V a stale reading ages into no trip before 1.3 s.
    for mv in [3300, 3200] {
        let mut rig = Rig::connected();
        all_cells(&mut rig, mv);
        rig.tick();
        rig.broken.afe_silent = true;
        let ticks = rig.ticks_until(100, |rig| rig.has(Fault::Bms)).expect("raised");
        assert!((9..=11).contains(&ticks), "{mv} mV: {ticks}");
        assert_eq!(rig.state(), ModuleState::Faulted, "opens without waiting");
        assert!(!rig.has(Fault::OverVoltage), "an old reading is no proof of over-voltage");
        rig.broken.afe_silent = false;
        rig.run(Duration::secs(3));
        assert_eq!(rig.state(), ModuleState::Connected);
    }
}

#[test]
fn stale_readings_age_into_the_trip() {
    // A reading holds for 600 ms; 3590 mV + 0.7 s * 350 mV/s are beyond 3650 mV, long before the second is over.
    let mut rig = Rig::ready();
    all_cells(&mut rig, 3590);
    rig.run(Duration::secs(1));
    rig.broken.afe_silent = true;
    let ticks = rig.ticks_until(100, |rig| rig.has(Fault::Bms)).expect("raised");
    assert_eq!(ticks, 7, "the nearer to the limit, the sooner");
}

#[test]
fn a_reading_that_stands_still_while_the_current_swings_is_stuck() {
    let mut rig = Rig::connected();
    rig.broken.still = true;
    rig.run(Duration::mins(5));
    rig.set_current(MilliAmps(-30_000));
    rig.run(Duration::mins(5));
    assert!(rig.conditions().is_empty(), "in the flat middle of its voltage a cell may stand still");
    rig.set_current(MilliAmps(30_000));
    rig.run(Duration::secs(1));
    assert!(rig.has(Fault::Sampling));
    assert_eq!(rig.state(), ModuleState::Faulted);
}

#[test]
fn a_converter_that_sees_another_pack_is_a_sampling_fault_and_locks_out_the_third_time() {
    for error in [-1200, 1200] {
        let mut rig = Rig::connected();
        rig.converter_error = MilliVolts(error);
        for attempt in 1..=3 {
            let ticks = rig.ticks_until(300, |rig| rig.has(Fault::Sampling)).expect("raised");
            assert!(attempt > 1 || ticks == 101, "attempt {attempt}: {ticks}");
            rig.run(Duration::secs(8));
            assert_eq!(rig.state(), ModuleState::Faulted, "attempt {attempt}");
            rig.run(Duration::secs(4));
            assert_eq!(rig.state() == ModuleState::Faulted, attempt == 3, "attempt {attempt}");
        }
        assert!(rig.controller.persisted().locked_out.contains(Fault::Sampling));
    }
}

#[test]
fn a_comparator_that_takes_no_thresholds_never_lets_the_module_become_ready() {
    let mut rig = Rig::new();
    rig.broken.comparator_stuck = true;
    rig.wake = true;
    rig.command = Some(crate::rig::command(ModuleRequest::Connect));
    let reached =
        rig.ticks_until(600, |rig| matches!(rig.state(), ModuleState::Ready | ModuleState::Connected));
    assert_eq!(reached, None);
    assert!(rig.has(Fault::Bms));
    rig.broken.comparator_stuck = false;
    rig.run(Duration::mins(5));
    assert!(rig.has(Fault::Bms), "a person must look");
    rig.change_command(|command| command.clear_lock_outs = true);
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn a_comparator_that_is_read_back_late_delays_the_start() {
    let mut rig = Rig::new();
    rig.broken.comparator_stuck = true;
    rig.wake = true;
    rig.run(Duration::millis(500));
    assert_eq!(rig.state(), ModuleState::Starting);
    rig.broken.comparator_stuck = false;
    assert_eq!(rig.ticks_until(20, |rig| rig.state() == ModuleState::Ready), Some(3), "three good samples");
    assert!(rig.conditions().is_empty());
}

#[test]
fn a_comparator_that_loses_its_thresholds_opens_the_module() {
    let mut rig = Rig::connected();
    rig.broken.comparator_stuck = true;
    assert_eq!(rig.ticks_until(20, |rig| rig.has(Fault::Bms)), Some(6));
    assert_eq!(rig.state(), ModuleState::Faulted);
    assert!(rig.controller.persisted().locked_out.contains(Fault::Bms));
}

#[test]
fn a_mosfet_that_does_not_close_is_a_bms_fault_and_locks_out_the_third_time() {
    let mut rig = Rig::ready();
    rig.broken.mosfet_stuck_open = true;
    rig.command = Some(crate::rig::command(ModuleRequest::Connect));
    for attempt in 1..=3 {
        let ticks = rig.ticks_until(300, |rig| rig.has(Fault::Bms)).expect("raised");
        assert!(ticks <= 5 || attempt > 1, "{ticks}");
        rig.run(Duration::secs(20));
    }
    assert_eq!(rig.state(), ModuleState::Faulted);
    assert!(rig.controller.persisted().locked_out.contains(Fault::Bms));
    rig.broken.mosfet_stuck_open = false;
    rig.change_command(|command| command.clear_lock_outs = true);
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn a_converter_trip_is_a_pcu_fault() {
    let mut rig = Rig::connected();
    rig.sample.pcu.stage_tripped = true;
    rig.tick();
    assert!(rig.has(Fault::Pcu));
    assert_eq!(rig.controller.pcu_state(), PcuState::Fault);
    assert!(!rig.drive.pcu.gate && !rig.drive.pcu.relay);
    rig.sample.pcu.stage_tripped = false;
    rig.run(Duration::secs(9));
    assert!(rig.has(Fault::Pcu));
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn noise_at_the_level_does_not_delay_the_trip_for_ever() {
    let mut rig = Rig::ready();
    for tick in 0..40 {
        highest_cell(&mut rig, if tick % 3 == 2 { 3649 } else { 3651 });
        rig.tick();
    }
    assert!(rig.has(Fault::OverVoltage));
}

#[test]
fn an_empty_module_may_be_charged_after_its_rest() {
    let mut rig = Rig::with(persisted(0));
    all_cells(&mut rig, 2450);
    rig.start(ModuleRequest::Connect);
    assert_eq!(rig.state(), ModuleState::Faulted);
    rig.run(Duration::secs(60));
    assert_eq!(rig.state(), ModuleState::Connected);
    assert!(rig.has(Fault::LowVoltage), "it is still told");
    assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(150), "60 W, so that charge finds a bus");
    assert!((1..=700).contains(&rig.drive.pcu.charge_current_max.0), "{:?}", rig.drive.pcu);
}

#[test]
fn a_module_whose_clock_stands_still_opens_and_waits_for_a_person() {
    let mut rig = Rig::connected();
    let period = rig.period;
    rig.period = Duration::ZERO;
    let ticks = rig.ticks_until(20, |rig| rig.has(Fault::Bms));
    assert_eq!(ticks, Some(5));
    assert!(!rig.drive.charge_mosfet && !rig.drive.pcu.gate && !rig.drive.pcu.relay, "without time to wait");
    rig.period = period;
    rig.run(Duration::mins(5));
    assert!(rig.controller.persisted().locked_out.contains(Fault::Bms));
    rig.change_command(|command| command.clear_lock_outs = true);
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn a_self_test_that_fails_opens_the_module_until_a_person_has_looked() {
    for fail in [
        (|rig: &mut Rig, failed| rig.sample.self_test.memory.failed = failed) as fn(&mut Rig, bool),
        |rig, failed| {
            rig.sample.self_test.image.failed = failed;
        },
    ] {
        let mut rig = Rig::connected();
        fail(&mut rig, true);
        rig.tick();
        assert!(rig.has(Fault::Bms));
        assert!(!rig.drive.charge_mosfet && !rig.drive.pcu.gate, "opens without waiting");
        rig.change_command(|command| command.clear_lock_outs = true);
        rig.run(Duration::secs(2));
        assert!(rig.has(Fault::Bms), "it still fails");
        rig.change_command(|command| command.clear_lock_outs = false);
        fail(&mut rig, false);
        rig.run(Duration::mins(5));
        assert!(rig.has(Fault::Bms), "a person must look");
        assert!(rig.controller.persisted().locked_out.contains(Fault::Bms));
        rig.change_command(|command| command.clear_lock_outs = true);
        rig.run(Duration::secs(3));
        assert_eq!(rig.state(), ModuleState::Connected);
    }
}

#[test]
fn self_tests_that_come_to_no_end_are_a_bms_fault_after_an_hour() {
    let mut rig = Rig::connected();
    rig.tick();
    rig.broken.tests_hang = true;
    rig.tick();
    rig.sample.self_test.memory.passes = u32::MAX;
    rig.sample.self_test.image.passes = u32::MAX;
    rig.run(Duration::hours(1));
    assert!(!rig.has(Fault::Bms));
    rig.run(Duration::secs(1));
    assert!(rig.has(Fault::Bms));
    assert_eq!(rig.state(), ModuleState::Faulted);
}

/// Whatever the module was about when its clock jumped: what takes time is not long because of one sample.
#[test]
fn a_clock_that_jumps_ahead_locks_nothing_out() {
    let jumps =
        [Duration::secs(20), Duration::mins(2), Duration::mins(30), Duration::hours(2), Duration::hours(30)];
    for jump in jumps {
        let mut rig = Rig::connected();
        rig.broken.tests_hang = true;
        rig.run(Duration::secs(1));
        // Memory writes meanwhile, and is done a second later.
        rig.broken.memory_hangs = true;
        rig.set_cells(MilliVolts(3310));
        rig.change_command(|command| command.clear_lock_outs = true);
        rig.run(Duration::millis(300));
        rig.now = rig.now + jump;
        rig.run(Duration::secs(1));
        assert!(rig.held != rig.asked, "{jump}: it has something to write");
        rig.broken.memory_hangs = false;
        rig.broken.tests_hang = false;
        rig.run(Duration::secs(10));
        assert!(rig.controller.persisted().locked_out.is_empty(), "{jump}");
        assert!(rig.controller.verdict().conditions.is_empty(), "{jump}: {:?}", rig.controller.verdict());
    }
}

/// Where discharging has ended, a low cell is what is left, not an alarm: a tower that sleeps uses it up to its
/// reserve.
#[test]
fn a_module_that_rests_below_its_stages_has_no_under_voltage_alarm_above_its_reserve() {
    let mut rig = Rig::with(persisted(30));
    rig.start(ModuleRequest::Ready);
    rig.set_cells(MilliVolts(2700));
    rig.run(Duration::mins(3));
    assert!(rig.controller.verdict().conditions.is_empty(), "{:?}", rig.controller.verdict());
    rig.set_cells(MilliVolts(2590));
    rig.run(Duration::secs(1));
    assert!(rig.controller.verdict().conditions.contains(Alarm::UnderVoltage));
    rig.set_cells(MilliVolts(2490));
    rig.run(Duration::secs(1));
    assert!(rig.controller.verdict().conditions.contains(Fault::LowVoltage));
}

/// What a module cannot do because it is empty, cold, hot or limited is no hardware fault: it leaves a bus that falls.
#[test]
fn a_bus_that_falls_although_a_module_gives_what_it_may_is_no_fault_of_its_converter() {
    type Limits = fn(&mut Rig);
    let held_back: [(&str, Limits); 4] = [
        ("empty", |rig| rig.set_cells(MilliVolts(2860))),
        ("cold", |rig| rig.sample.cell_temperatures = [Some(DeciCelsius(-150)); 4]),
        ("hot", |rig| rig.sample.cell_temperatures = [Some(DeciCelsius(545)); 4]),
        ("limited", |rig| rig.change_command(|command| command.discharge_power = Watts(1000))),
    ];
    for (what, limit) in held_back {
        let mut rig = Rig::connected();
        rig.set_current(MilliAmps(-5_000));
        limit(&mut rig);
        rig.run(Duration::secs(20));
        let able = rig.state() == ModuleState::Connected;
        rig.bus = MilliVolts(320_000);
        let left = rig.ticks_until(40, |rig| !rig.drive.pcu.gate);
        assert!(!able || left.is_some(), "{what}: it leaves a bus that is not there");
        rig.run(Duration::secs(30));
        assert!(!rig.has(Fault::Pcu), "{what}: {:?}", rig.conditions());
        assert_eq!(rig.controller.persisted().converter.faults, 0, "{what}");
    }
    let mut rig = Rig::connected();
    rig.set_current(MilliAmps(-5_000));
    rig.run(Duration::secs(20));
    rig.bus = MilliVolts(320_000);
    rig.ticks_until(40, |rig| rig.has(Fault::Pcu)).expect("one that may give all it has should have held it");
}

/// Below the knee a healthy pack lies apart; a dangerous distance is one there, too.
#[test]
fn an_empty_pack_whose_cells_lie_apart_has_no_alarm_and_has_its_fault() {
    for (highest, lowest, alarm, fault) in
        [(3149, 2800, false, false), (3150, 2800, true, false), (3140, 2600, false, true)]
    {
        let mut rig = Rig::ready();
        rig.set_cells(MilliVolts(highest));
        rig.sample.cells[9] = Some(MilliVolts(lowest));
        rig.run(Duration::mins(2));
        let has = (rig.has(Alarm::VoltageDifference), rig.has(Fault::VoltageDifference));
        assert_eq!(has, (alarm, fault), "{lowest} to {highest} mV: {:?}", rig.conditions());
    }
}
