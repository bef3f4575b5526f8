//! What the table makes of its rows: stops, lock-outs, records, and what it remembers.

use voltower_control::io::{ComparatorStatus, Records};
use voltower_control::protect::{Protection, Verdict, bus_power};
use voltower_control::record::Record;
use voltower_core::{
    Alarm, Condition, ConditionSet, DeciCelsius, Fault, Finding, Levels, MilliAmps, MilliVolts, Watts,
};

use crate::bench::Bench;

fn raised(condition: impl Into<Condition>, element: u8) -> Record {
    Record::Raised { condition: condition.into(), module: 3, element }
}

fn found(finding: Finding) -> Record {
    Record::Found { finding, module: 3, element: 1 }
}

fn cleared(condition: impl Into<Condition>) -> Record {
    Record::Cleared { condition: condition.into(), module: 3 }
}

#[test]
fn a_healthy_module_is_left_alone() {
    let mut bench = Bench::new();
    bench.set_current(40_000);
    bench.run(1000);
    assert_eq!(bench.protection.verdict(), Verdict::default());
    assert!(bench.records.is_empty());
    assert_eq!(bench.protection.element(Fault::OverVoltage.into()), 0);
}

#[test]
fn a_condition_is_recorded_when_it_comes_and_when_it_goes_with_its_cell() {
    let mut bench = Bench::new();
    bench.set_cell(12, 3600);
    bench.run(20);
    assert_eq!(bench.records, [raised(Alarm::OverVoltage, 13)]);
    assert_eq!(bench.protection.element(Alarm::OverVoltage.into()), 13);
    assert_eq!(bench.protection.element(Fault::OverVoltage.into()), 0);
    bench.set_cell(12, 3300);
    bench.run(700);
    assert_eq!(bench.records, [raised(Alarm::OverVoltage, 13), cleared(Alarm::OverVoltage)]);
    assert_eq!(bench.protection.element(Alarm::OverVoltage.into()), 13, "where it was last seen");
}

#[test]
fn the_step_returns_its_verdict() {
    let mut bench = Bench::new();
    bench.sample.comparator_tripped = true;
    let verdict = bench.tick();
    assert!(verdict.open && verdict.conditions.contains(Fault::Bms));
    assert_eq!(verdict, bench.protection.verdict());
}

#[test]
fn two_rows_of_one_condition_make_one_record() {
    let mut bench = Bench::new();
    bench.sample.pcu.heat_sink = Some(DeciCelsius(800));
    bench.run(30);
    bench.sample.mos_temperature = Some(DeciCelsius(850));
    bench.run(30);
    let told = [raised(Alarm::Other, 1), found(Finding::HeatSinkHot), found(Finding::MosfetsHot)];
    assert_eq!(bench.records, told, "each says what it is");
    bench.sample.pcu.heat_sink = Some(DeciCelsius(300));
    bench.run(200);
    assert!(bench.has(Alarm::Other), "the MOSFETs are still hot");
    assert_eq!(bench.records.len(), 3);
    bench.sample.mos_temperature = Some(DeciCelsius(300));
    bench.run(200);
    assert_eq!(bench.records[3..], [cleared(Alarm::Other)]);
}

#[test]
fn a_voltage_trip_leaves_the_bus_for_a_minute_and_then_heals_by_the_other_direction() {
    for (mv, over_voltage) in [(3650, true), (2500, false)] {
        let mut bench = Bench::new();
        bench.set_cells(mv);
        let away = |bench: &Bench| bench.protection.verdict().isolate;
        assert!((0..10).any(|_| bench.tick().isolate), "{mv} mV");
        bench.run(599);
        assert!(away(&bench), "{mv} mV: 59.9 s after the trip");
        bench.tick();
        assert!(!away(&bench), "{mv} mV: 60 s after the trip");
        let verdict = bench.protection.verdict();
        assert_eq!((verdict.stop_charge, verdict.stop_discharge), (over_voltage, !over_voltage), "{mv} mV");
    }
}

#[test]
fn another_fault_keeps_the_bus_left_when_a_voltage_has_rested() {
    let mut bench = Bench::new();
    bench.set_cells(2500);
    bench.run(20);
    bench.doing.converter_failed = true;
    bench.run(700);
    assert!(bench.protection.verdict().isolate);
    let mut bench = Bench::new();
    bench.doing.converter_failed = true;
    bench.set_cells(3650);
    bench.run(100);
    bench.doing.converter_failed = false;
    bench.run(10);
    assert!(bench.protection.verdict().isolate, "the minute is not over");
}

#[test]
fn an_extreme_temperature_locks_after_two_samples() {
    for (deci, ticks) in [(649, 21), (650, 2)] {
        let mut bench = Bench::new();
        bench.sample.cell_temperatures[1] = Some(DeciCelsius(deci));
        assert_eq!(bench.raised_after(Fault::HighTemperature.into(), 50), Some(ticks));
        bench.run(40);
        assert_eq!(bench.protection.verdict().locked.contains(Fault::HighTemperature), deci == 650);
        assert_eq!(bench.protection.verdict().open, deci == 650);
        assert_eq!(bench.protection.element(Fault::HighTemperature.into()), 2);
    }
}

#[test]
fn a_lock_out_that_a_person_clears_is_recorded_though_the_condition_stays() {
    let mut bench = Bench::new();
    bench.set_temperatures(650);
    bench.run(30);
    bench.set_temperatures(550);
    bench.doing.person = true;
    bench.run(2);
    assert!(bench.protection.verdict().locked.is_empty());
    assert!(bench.has(Fault::HighTemperature), "the other row needs its calm minute");
    assert!(bench.records.contains(&Record::LockOutsCleared));
    assert!(!bench.records.contains(&cleared(Fault::HighTemperature)));
}

#[test]
fn lock_outs_are_cleared_when_the_last_one_is() {
    let mut bench = Bench::new();
    bench.sample.comparator_tripped = true;
    bench.set_cells(1999);
    bench.run(10);
    assert!(!bench.records.contains(&Record::LockOutsCleared));
    bench.doing.person = true;
    bench.sample.comparator_tripped = false;
    bench.run(10);
    assert!(!bench.has(Fault::Bms) && bench.has(Fault::Cell));
    assert!(!bench.records.contains(&Record::LockOutsCleared), "one is left");
    bench.set_cells(3300);
    bench.tick();
    bench.run(10);
    let told = bench.records.iter().filter(|record| **record == Record::LockOutsCleared).count();
    assert_eq!(told, 1);
}

#[test]
fn a_lock_out_reaches_the_recorder_in_a_later_step_if_need_be_and_only_once() {
    let mut bench = Bench::new();
    bench.sample.comparator_tripped = true;
    let mut full = Records::new();
    while full.push(Record::Configured).is_ok() {}
    bench.tick_into(&mut full);
    assert!(full.iter().all(|record| *record == Record::Configured));
    bench.run(5);
    assert_eq!(bench.records, [Record::LockOut(Fault::Bms.into())]);
}

#[test]
fn only_what_a_person_must_clear_comes_back_from_the_recorder() {
    let kept = ConditionSet::EMPTY.with(Fault::Cell).with(Fault::OverVoltage).with(Fault::OverCurrent);
    let mut bench = Bench::locked(kept);
    let verdict = bench.protection.verdict();
    assert_eq!(verdict.locked, ConditionSet::EMPTY.with(Fault::Cell).with(Fault::OverCurrent));
    assert_eq!(verdict.conditions, verdict.locked);
    assert!(verdict.isolate && verdict.open);
    assert!(!bench.records.iter().any(|record| matches!(record, Record::LockOut(_))), "it is known there");
    bench.doing.person = true;
    bench.run(2);
    assert!(bench.protection.verdict().conditions.is_empty());
}

#[test]
fn a_lock_out_is_told_only_once_memory_holds_it() {
    let mut bench = Bench::new();
    bench.doing.held = false;
    bench.sample.comparator_tripped = true;
    bench.run(50);
    let verdict = bench.protection.verdict();
    assert!(verdict.open && verdict.pending.contains(Fault::Bms), "open at once, whatever memory does");
    assert!(bench.protection.locked_out().contains(Fault::Bms), "this is what must be written");
    assert!(!bench.records.contains(&Record::LockOut(Fault::Bms.into())));
    bench.doing.held = true;
    bench.tick();
    assert!(bench.protection.verdict().pending.is_empty());
    assert!(bench.records.contains(&Record::LockOut(Fault::Bms.into())));
}

#[test]
fn what_a_person_clears_stays_until_memory_holds_it_no_more() {
    let mut bench = Bench::locked(ConditionSet::EMPTY.with(Fault::Cell));
    bench.doing.person = true;
    bench.doing.held = false;
    bench.tick();
    bench.doing.person = false;
    bench.run(50);
    let verdict = bench.protection.verdict();
    assert!(bench.protection.locked_out().is_empty(), "this is what must be written");
    assert!(verdict.isolate && verdict.locked.contains(Fault::Cell) && verdict.pending.contains(Fault::Cell));
    assert!(!bench.records.contains(&Record::LockOutsCleared));
    bench.doing.held = true;
    bench.tick();
    assert_eq!(bench.protection.verdict(), Verdict::default());
    assert!(bench.records.contains(&Record::LockOutsCleared));
}

#[test]
fn what_locks_out_again_while_it_is_cleared_is_locked_out() {
    let mut bench = Bench::locked(ConditionSet::EMPTY.with(Fault::Bms));
    bench.doing.person = true;
    bench.doing.held = false;
    bench.tick();
    bench.sample.comparator_tripped = true;
    bench.tick();
    bench.doing.person = false;
    bench.doing.held = true;
    bench.run(5);
    let verdict = bench.protection.verdict();
    assert!(verdict.open && verdict.locked.contains(Fault::Bms) && verdict.pending.is_empty());
    assert!(bench.protection.locked_out().contains(Fault::Bms));
}

#[test]
fn tries_are_kept_over_sleep_and_over_a_loss_of_power() {
    let mut bench = Bench::new();
    bench.sample.pack_current = MilliAmps(-70_000);
    bench.sample.pcu.low_current = MilliAmps(-70_000);
    bench.run(5);
    let tries = bench.protection.tries();
    assert!(tries.contains(&1), "{tries:?}");
    bench.protection.restart();
    assert_eq!(bench.protection.tries(), tries);
    let again = Protection::new(bench.protection.locked_out(), tries);
    assert_eq!(again.tries(), tries);
}

#[test]
fn switching_off_forgets_all_but_lock_outs() {
    let mut bench = Bench::new();
    bench.set_cells(1999);
    bench.run(30);
    assert!(bench.has(Fault::LowVoltage) && bench.has(Fault::Cell));
    bench.protection.restart();
    assert_eq!(bench.protection.verdict().conditions, ConditionSet::EMPTY.with(Fault::Cell));
    assert!(!bench.protection.verdict().stop_discharge);
    let mut bench = Bench::new();
    bench.set_temperatures(550);
    bench.run(30);
    bench.protection.restart();
    assert_eq!(bench.raised_after(Alarm::HighTemperature.into(), 50), Some(21), "the count starts anew");
}

#[test]
fn over_current_three_times_in_an_hour_needs_a_person() {
    // 10 s of calm, and then an hour to the sample.
    for (pause, locks) in [(36_099, true), (36_100, false)] {
        let mut bench = Bench::new();
        for trip in 1..=3 {
            bench.set_current(65_000);
            assert_eq!(bench.raised_after(Fault::OverCurrent.into(), 5), Some(2), "trip {trip}");
            bench.set_current(0);
            bench.run(if trip == 2 { pause } else { 200 });
        }
        assert_eq!(bench.protection.verdict().locked.contains(Fault::OverCurrent), locks, "{pause}");
    }
}

#[test]
fn current_counts_as_forbidden_in_the_direction_that_is_stopped() {
    fn freezing(bench: &mut Bench, deci: i32) {
        bench.set_temperatures(deci);
        bench.doing.charge_allowed = Watts::ZERO;
    }
    // At 55 degC charging is stopped, at 2.50 V discharging. Below freezing no cell takes a charge, once the converter
    // has been told.
    for (prepare, ma, forbidden) in [
        ((|bench| bench.set_temperatures(550)) as fn(&mut Bench), 2000, true),
        (|bench| bench.set_temperatures(550), -2000, false),
        (|bench| freezing(bench, -1), 2000, true),
        (|bench| freezing(bench, 0), 2000, false),
        (|bench| freezing(bench, -1), -2000, false),
        (|bench| bench.set_temperatures(-1), 2000, false),
        (|bench| bench.set_cells(2500), -2000, true),
        (|bench| bench.set_cells(2500), 2000, false),
        (|_| (), 2000, false),
        (|_| (), -2000, false),
        // One closed MOSFET is a way for the current.
        (|bench| bench.doing.charge_mosfet = false, 2000, false),
        (|bench| bench.doing.discharge_mosfet = false, 2000, false),
    ] {
        let mut bench = Bench::new();
        prepare(&mut bench);
        bench.run(800);
        bench.set_current(ma);
        bench.run(30);
        assert_eq!(bench.has(Fault::OverCurrent), forbidden, "{ma} mA");
    }
}

#[test]
fn the_cold_end_of_charging_is_where_it_was_set() {
    let levels = Levels { cold_charge_end: DeciCelsius(30), ..Levels::OURS };
    for (broken, forbidden) in [(false, true), (true, false)] {
        let mut bench = Bench::new();
        bench.protection.configure(&levels, broken);
        bench.set_temperatures(29);
        bench.doing.charge_allowed = Watts::ZERO;
        bench.run(800);
        bench.set_current(2000);
        bench.run(30);
        assert_eq!(bench.has(Fault::OverCurrent), forbidden, "configuration broken: {broken}");
    }
}

#[test]
fn power_on_the_bus_is_voltage_times_current() {
    for (mv, ma, watts) in [
        (400_000, 2500, 1000),
        (400_000, -2500, -1000),
        (399_999, 2500, 999),
        (400_000, 0, 0),
        (1_000_000, 1_000_000, 1_000_000),
        (i32::MAX, i32::MAX, i32::MAX),
    ] {
        assert_eq!(bus_power(MilliVolts(mv), MilliAmps(ma)), Watts(watts), "{mv} mV, {ma} mA");
    }
}

#[test]
fn a_closed_contact_is_welded_only_if_it_is_driven_open() {
    let mut bench = Bench::new();
    bench.run(20);
    assert!(!bench.has(Fault::Other), "closed and driven closed");
    bench.sample.pcu.relay_closed = false;
    bench.sample.charge_mosfet_closed = false;
    bench.sample.discharge_mosfet_closed = false;
    bench.run(20);
    assert!(!bench.has(Fault::Other), "open though driven closed is another matter");
    bench.doing.relay = false;
    bench.doing.charge_mosfet = false;
    bench.doing.discharge_mosfet = false;
    bench.run(20);
    assert!(!bench.has(Fault::Other), "open and driven open");
}

#[test]
fn the_reversed_terminal_opens_whatever_else_is_well() {
    let mut bench = Bench::new();
    bench.sample.pcu.terminal_voltage = MilliVolts(-400_000);
    bench.run(3);
    assert!(bench.has(Fault::Terminal) && bench.protection.verdict().open);
}

#[test]
fn what_the_afe_opens_by_itself_locks_out_and_a_deep_discharge_is_told_once() {
    type Seen = fn(&mut ComparatorStatus);
    let seen: [Seen; 6] = [
        |status| status.over_voltage = true,
        |status| status.over_temperature = true,
        |status| status.under_voltage = true,
        |status| status.over_current_charge = true,
        |status| status.over_current_discharge = true,
        |status| status.short_circuit = true,
    ];
    for (place, seen) in seen.into_iter().enumerate() {
        for deep in [false, true] {
            let mut bench = Bench::new();
            if deep {
                bench.set_cells(1890);
                bench.run(5);
                assert!(bench.protection.verdict().locked.contains(Fault::Cell));
            }
            bench.sample.comparator_tripped = true;
            seen(&mut bench.sample.comparator_status);
            bench.run(5);
            let told = bench.protection.verdict().locked.contains(Fault::Bms);
            assert_eq!(told, !(deep && place == 2), "{place}, deep discharge: {deep}");
        }
    }
}
