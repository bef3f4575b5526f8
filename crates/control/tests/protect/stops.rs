//! What stops power in a direction, where it clears, and when it will not stop it any more.

use voltower_control::protect::Protection;
use voltower_control::protect::levelling::{Hindrance, Way};
use voltower_control::protect::row::{Direction, Reaction, Row};
use voltower_control::protect::stop::Stop;
use voltower_control::protect::table::TABLE;
use voltower_core::{Alarm, Condition, DeciCelsius, Duration, Fault, Levels, Relief, Threshold};

use crate::bench::Bench;

const CHARGE: Direction = Direction::Charge;
const DISCHARGE: Direction = Direction::Discharge;

fn stop(
    condition: impl Into<Condition>,
    element: u8,
    level: impl Into<Option<i32>>,
    relief: Relief,
) -> Option<Stop> {
    Some(Stop { condition: condition.into(), element, level: level.into(), relief })
}

/// While charging, and while discharging.
fn stops(protection: &Protection) -> [Option<Stop>; 2] {
    [protection.stop(CHARGE), protection.stop(DISCHARGE)]
}

fn reliefs(protection: &Protection) -> [Option<Relief>; 2] {
    stops(protection).map(|stop| stop.map(|stop| stop.relief))
}

#[test]
fn a_reaction_stops_its_direction_for_as_long_as_it_must() {
    let (zero, almost, minute) = (Duration::ZERO, Duration(Duration::secs(60).0 - 1), Duration::secs(60));
    let ways = |held| [(Way::Only(CHARGE), held, false, true), (Way::Only(DISCHARGE), held, true, false)];
    for (way, held, charge, discharge) in ways(minute)
        .into_iter()
        .chain([(Way::Only(CHARGE), almost, true, true), (Way::Neither(Hindrance::Cold), minute, true, true)])
    {
        let row = Row { reaction: Reaction::Level, ..TABLE[0] };
        let stops = (row.stops(CHARGE, held, way), row.stops(DISCHARGE, held, way));
        assert_eq!(stops, (charge, discharge), "{way:?} after {held}");
    }
    for (reaction, held, charge, discharge) in [
        (Reaction::Warn, zero, false, false),
        (Reaction::Stop(CHARGE), zero, true, false),
        (Reaction::Stop(DISCHARGE), minute, false, true),
        (Reaction::Rest(CHARGE), zero, true, true),
        (Reaction::Rest(CHARGE), almost, true, true),
        (Reaction::Rest(CHARGE), minute, true, false),
        (Reaction::Rest(CHARGE), Duration(minute.0 + 1), true, false),
        (Reaction::Rest(DISCHARGE), almost, true, true),
        (Reaction::Rest(DISCHARGE), minute, false, true),
        (Reaction::Isolate, minute, true, true),
        (Reaction::Open, minute, true, true),
    ] {
        let row = Row { reaction, ..TABLE[0] };
        assert_eq!(
            (row.stops(CHARGE, held, Way::Both), row.stops(DISCHARGE, held, Way::Both)),
            (charge, discharge),
            "{reaction:?} after {held}"
        );
    }
}

#[test]
fn nothing_stops_a_healthy_module_nor_does_a_warning() {
    let mut bench = Bench::new();
    assert_eq!(stops(&bench.protection), [None, None]);
    bench.set_cells(3600);
    bench.run(20);
    assert!(bench.has(Alarm::OverVoltage));
    assert_eq!(stops(&bench.protection), [None, None]);
}

#[test]
fn heat_stops_charging_until_it_was_calm_for_a_minute() {
    let mut bench = Bench::new();
    bench.sample.cell_temperatures[2] = Some(DeciCelsius(550));
    bench.sample.cell_temperatures[1] = Some(DeciCelsius(530));
    bench.sample.cell_temperatures[0] = Some(DeciCelsius(530));
    bench.sample.cell_temperatures[3] = Some(DeciCelsius(530));
    bench.run(30);
    let hot = |relief| [stop(Alarm::HighTemperature, 3, 500, relief), None];
    assert_eq!(stops(&bench.protection), hot(Relief::Change));
    bench.set_temperatures(501);
    bench.tick();
    assert_eq!(stops(&bench.protection), hot(Relief::Change));
    bench.set_temperatures(500);
    for (ticks, seconds) in [(1, 60), (9, 59), (1, 59), (588, 1)] {
        bench.run(ticks);
        assert_eq!(stops(&bench.protection), hot(Relief::After(seconds)));
    }
    bench.tick();
    assert_eq!(stops(&bench.protection), [None, None]);
}

#[test]
fn a_voltage_trip_stops_one_direction_and_the_other_one_for_a_minute() {
    for (mv, calm, level, condition, own) in
        [(3650, 3450, 3450, Fault::OverVoltage, 0), (2500, 3100, 3100, Fault::LowVoltage, 1)]
    {
        let mut bench = Bench::new();
        bench.set_cells(mv);
        bench.raised_after(condition.into(), 10);
        let told = |of_own, of_other| {
            let mut told = [of_other, of_other]
                .map(|relief: Option<Relief>| relief.and_then(|relief| stop(condition, 1, level, relief)));
            told[own] = stop(condition, 1, level, of_own);
            told
        };
        assert_eq!(stops(&bench.protection), told(Relief::Change, Some(Relief::After(60))));
        bench.run(300);
        assert_eq!(stops(&bench.protection), told(Relief::Change, Some(Relief::After(30))));
        bench.set_cells(calm);
        bench.tick();
        assert_eq!(stops(&bench.protection), told(Relief::After(60), Some(Relief::After(30))));
        bench.run(298);
        assert_eq!(stops(&bench.protection), told(Relief::After(31), Some(Relief::After(1))));
        bench.tick();
        assert_eq!(stops(&bench.protection), told(Relief::After(30), None));
        bench.run(301);
        assert_eq!(stops(&bench.protection), [None, None]);
    }
}

#[test]
fn a_lock_out_stops_both_until_a_person_has_been_there() {
    let mut bench = Bench::new();
    bench.sample.comparator_tripped = true;
    bench.tick();
    let told = stop(Fault::Bms, 0, None, Relief::Person);
    assert_eq!(stops(&bench.protection), [told, told]);
    bench.sample.comparator_tripped = false;
    bench.run(10);
    assert_eq!(stops(&bench.protection), [told, told]);
    bench.doing.person = true;
    bench.run(2);
    assert_eq!(stops(&bench.protection), [None, None]);
}

#[test]
fn what_stops_for_longest_is_told_wherever_it_stands_in_the_table() {
    // Before the heat in the table, and after it.
    for (cause, condition) in [
        ((|bench| bench.set_cells(1999)) as fn(&mut Bench), Fault::Cell),
        (|bench| bench.sample.comparator_tripped = true, Fault::Bms),
    ] {
        let mut bench = Bench::new();
        bench.set_temperatures(550);
        cause(&mut bench);
        bench.run(30);
        assert!(bench.has(Alarm::HighTemperature));
        let told = bench.protection.stop(CHARGE).map(|stop| (stop.condition, stop.relief));
        assert_eq!(told, Some((condition.into(), Relief::Person)));
    }
}

#[test]
fn of_two_times_the_longer_one_is_told_and_of_equal_ones_the_first_of_the_table() {
    fn heat_sink(bench: &mut Bench, deci: i16) {
        bench.sample.pcu.heat_sink = Some(DeciCelsius(deci));
    }
    fn mosfets(bench: &mut Bench, deci: i16) {
        bench.sample.mos_temperature = Some(DeciCelsius(deci));
    }
    // The heat sink stands before the MOSFETs.
    for (first, then, expected) in [
        (
            heat_sink as fn(&mut Bench, i16),
            mosfets as fn(&mut Bench, i16),
            stop(Fault::Bms, 1, None, Relief::After(60)),
        ),
        (mosfets, heat_sink, stop(Fault::Pcu, 1, None, Relief::After(60))),
    ] {
        let mut bench = Bench::new();
        heat_sink(&mut bench, 950);
        mosfets(&mut bench, 1000);
        bench.run(30);
        assert_eq!(stops(&bench.protection), [stop(Fault::Pcu, 1, None, Relief::Change); 2], "equal");
        first(&mut bench, 300);
        bench.run(100);
        assert_eq!(reliefs(&bench.protection), [Some(Relief::Change); 2], "one is still hot");
        then(&mut bench, 300);
        bench.tick();
        assert_eq!(stops(&bench.protection), [expected; 2]);
    }
}

#[test]
fn the_level_is_told_where_the_condition_alone_says_what_it_is_about() {
    for (cause, level) in [
        ((|bench| bench.set_cell(9, 2795)) as fn(&mut Bench), Some(300)),
        (|bench| bench.set_temperatures(600), Some(550)),
        (|bench| bench.set_temperatures(-200), Some(-170)),
        (|bench| bench.sample.cell_temperatures[1] = Some(DeciCelsius(400)), Some(100)),
        (|bench| bench.sample.ambient_temperature = Some(DeciCelsius(550)), Some(520)),
        (|bench| bench.sample.ambient_temperature = Some(DeciCelsius(-200)), Some(-170)),
        (|bench| bench.sample.cells[3] = None, None),
        (|bench| bench.set_current(65_000), None),
        (|bench| bench.doing.converter_failed = true, None),
    ] {
        let mut bench = Bench::new();
        cause(&mut bench);
        bench.run(105);
        let told = bench.protection.stop(DISCHARGE).map(|stop| stop.level);
        assert_eq!(told, Some(level), "{:?}", bench.protection.findings());
    }
}

#[test]
fn the_level_is_the_one_that_is_set() {
    let mut bench = Bench::new();
    bench.protection.configure(&Levels::OURS.with(Threshold::OverVoltageClear, 3400), false);
    bench.set_cells(3650);
    bench.run(10);
    assert_eq!(bench.protection.stop(CHARGE).and_then(|stop| stop.level), Some(3400));
}
