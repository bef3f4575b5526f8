//! Every condition has a way out: each row of the table is reached, and goes away with the drives that it leaves.
//!
//! The world here is small: cells follow what may flow, what is hot cools while nothing need flow, and what is broken
//! is put right. Only the lock-outs of SAFETY wait for a person.

use voltower_control::protect::Quantity;
use voltower_control::protect::row::{Heals, Recovery, Row, Sense};
use voltower_control::protect::table::TABLE;
use voltower_core::{DeciCelsius, Duration, Finding, Levels, MilliAmps, MilliVolts};

use crate::bench::{Bench, doing, sample};

/// What SAFETY lets wait for a person (SR-002, 004, 006, 017, 018, 022, 023, 026, and the cells that are given up).
const LOCK_OUTS: [Finding; 12] = [
    Finding::DeepDischarge,
    Finding::CellExtremelyHot,
    Finding::ComparatorOpened,
    Finding::ComparatorNotSet,
    Finding::SelfTestFailed,
    Finding::ContactWelded,
    Finding::ConverterLost,
    Finding::CellDoesNotRise,
    Finding::CellSinks,
    Finding::MemoryFailed,
    Finding::StoredLost,
    Finding::ResetStorm,
];

/// Sampled every second.
fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.period = Duration::secs(1);
    bench.run(2);
    bench
}

fn deci(value: i32) -> DeciCelsius {
    DeciCelsius(i16::try_from(value).expect("a temperature"))
}

/// Brings the quantity of `row` to `value`, a flag to what it is about.
fn bring(bench: &mut Bench, row: &Row, value: i32) {
    let MilliAmps(allowed) = MilliAmps(2500 * 1000 / 400);
    match row.quantity {
        Quantity::CellHighest | Quantity::CellLowest | Quantity::CellLowestInUse => bench.set_cells(value),
        Quantity::CellSpread | Quantity::CellSpreadInUse => {
            bench.set_cells(3250);
            bench.set_cell(4, 3250 - value);
        }
        Quantity::TemperatureHighest | Quantity::TemperatureLowest => bench.set_temperatures(value),
        Quantity::TemperatureSpread => bench.sample.cell_temperatures[1] = Some(deci(250 + value)),
        Quantity::Ambient => bench.sample.ambient_temperature = Some(deci(value)),
        Quantity::Mos => bench.sample.mos_temperature = Some(deci(value)),
        Quantity::HeatSink => bench.sample.pcu.heat_sink = Some(deci(value)),
        Quantity::Current => bench.set_current(value),
        Quantity::PowerExcess => bench.sample.pcu.bus_current = MilliAmps(allowed + value * 5 / 2 + 3),
        Quantity::TerminalVoltage => bench.sample.pcu.terminal_voltage = MilliVolts(value),
        Quantity::CurrentError => bench.sample.pack_current = MilliAmps(value),
        Quantity::SumError | Quantity::ConverterError => {
            let MilliVolts(pack) = bench.sample.pack_voltage;
            bench.sample.pcu.low_voltage = MilliVolts(pack - pack * value / 900);
            if row.quantity == Quantity::SumError {
                bench.sample.pack_voltage = bench.sample.pcu.low_voltage;
            }
        }
        Quantity::ForbiddenCurrent => {
            open_mosfets(bench);
            bench.set_current(value);
        }
        Quantity::Implausible => bench.sample.cells[3] = None,
        Quantity::Frozen => freeze(bench),
        Quantity::AfeSilent => bench.silent = true,
        Quantity::Comparator => bench.sample.comparator_tripped = true,
        Quantity::ComparatorSetting => bench.sample.comparator.over_temperature = DeciCelsius(0),
        Quantity::Converter => bench.doing.converter_failed = true,
        Quantity::SelfTest => bench.doing.self_test_failed = true,
        Quantity::Welded => bench.doing.relay = false,
        Quantity::NotClosed => bench.sample.charge_mosfet_closed = false,
        Quantity::ConverterForGood => bench.doing.converter_lost = true,
        Quantity::Memory => bench.doing.memory_failed = true,
        Quantity::Stored => bench.doing.stored_damaged = true,
        Quantity::Resets => bench.doing.resets = u8::try_from(value).expect("a number of resets"),
        Quantity::Configuration => bench.protection.configure(&Levels::OURS, true),
        Quantity::CellContact => bench.doing.bad_contact = 5,
        Quantity::CellAlone => bench.doing.alone = 5,
        Quantity::ShuntCount => bench.doing.shunt_off = true,
        Quantity::NoRise => charge_in_vain(bench),
        Quantity::Sinking => leak(bench),
    }
}

fn open_mosfets(bench: &mut Bench) {
    (bench.doing.charge_mosfet, bench.doing.discharge_mosfet) = (false, false);
    (bench.sample.charge_mosfet_closed, bench.sample.discharge_mosfet_closed) = (false, false);
}

/// The converter sees its current move, the shunt does not.
fn freeze(bench: &mut Bench) {
    bench.set_current(20_000);
    bench.run(60);
    bench.sample.pcu.low_current = MilliAmps(20_051);
}

/// A cell far below the others that stays there although it is charged.
fn charge_in_vain(bench: &mut Bench) {
    bench.set_cells(3250);
    bench.set_cell(4, 2700);
    for _ in 0..3000 {
        bench.set_current(if flows(bench, Heals::Charge) { 4800 } else { 0 });
        bench.tick();
    }
    bench.set_current(0);
}

/// A cell far below the others that sinks further while nothing flows.
fn leak(bench: &mut Bench) {
    bench.set_cells(3250);
    for second in 0..1000 {
        bench.set_cell(4, 2700 - second / 5);
        bench.tick();
    }
}

/// What heals a row may flow.
fn flows(bench: &Bench, heals: Heals) -> bool {
    let verdict = bench.protection.verdict();
    let stopped = match heals {
        Heals::Charge => verdict.stop_charge,
        Heals::Discharge => verdict.stop_discharge,
        Heals::Levelling | Heals::Rest | Heals::Repair | Heals::Operator => false,
    };
    !verdict.isolate && !verdict.open && !stopped
}

/// A second in which people use the module as far as it lets them, in the direction that heals.
fn live(bench: &mut Bench, row: &Row, seconds: i32) {
    let towards = |value: i32, step: i32| match row.sense {
        Sense::Above => value - step,
        Sense::Below => value + step,
    };
    let mean = |bench: &Bench| bench.sample.cells[0].map_or(0, |cell| cell.0);
    match row.heals {
        Heals::Charge | Heals::Discharge => {
            let flows = flows(bench, row.heals);
            let amps = if row.heals == Heals::Charge { 4800 } else { -4800 };
            bench.set_current(if flows { amps } else { 0 });
            if flows {
                let cells = towards(mean(bench), 2);
                bench.set_cells(cells);
            }
        }
        Heals::Levelling => {
            let charges = flows(bench, Heals::Charge);
            bench.set_current(if charges { 4800 } else { 0 });
            if charges {
                let low = bench.sample.cells[4].map_or(0, |cell| cell.0);
                bench.set_cell(4, (low + 1).min(3250));
            }
        }
        Heals::Rest => {
            let value = towards(row.raise, seconds.min((row.raise - row.clear).abs() + 1));
            let still = if row.quantity == Quantity::Current { value.min(row.clear) } else { value };
            bring(bench, row, still);
        }
        Heals::Repair | Heals::Operator if seconds == 10 => put_right(bench),
        Heals::Repair | Heals::Operator => {}
    }
}

fn put_right(bench: &mut Bench) {
    let conversion = bench.sample.afe_conversion;
    bench.sample = sample();
    bench.sample.afe_conversion = conversion;
    (bench.doing, bench.silent) = (doing(), false);
    bench.protection.configure(&Levels::OURS, false);
}

/// Seconds until what `row` has found is gone; none if it is not after six hours.
fn gone_after(bench: &mut Bench, row: &Row) -> Option<i32> {
    (1..6 * 3600).find(|second| {
        live(bench, row, *second);
        bench.tick();
        !bench.protection.findings().contains(row.finding)
    })
}

#[test]
fn each_row_can_be_reached_and_goes_away_with_the_drives_that_it_leaves() {
    for row in &TABLE {
        let mut bench = bench();
        bring(&mut bench, row, row.raise);
        let reached = (0..120).any(|_| {
            bench.tick();
            bench.protection.findings().contains(row.finding)
        });
        assert!(reached, "never reached: {}", row.finding);
        let gone = gone_after(&mut bench, row);
        let waits = row.recovery == Recovery::Person;
        assert_eq!(gone.is_none(), waits, "{} after {gone:?}", row.finding);
        assert_eq!(LOCK_OUTS.contains(&row.finding), waits, "on SAFETY's list of lock-outs: {}", row.finding);
        if waits {
            put_right(&mut bench);
            bench.doing.person = true;
            bench.run(2);
            assert!(!bench.protection.findings().contains(row.finding), "{} after a person", row.finding);
        }
    }
}

/// Highest cell, lowest cell, temperature: what may flow, charge and discharge, a minute after the fault.
#[test]
fn cells_that_lie_too_far_apart_are_charged_where_that_heals_and_discharged_at_the_top() {
    for (highest, lowest, deci, charge, discharge) in [
        (3250, 2700, 250, true, false),
        (3250, 2600, 50, true, false),
        (3250, 2600, 450, true, false),
        (3250, 2600, 49, false, false),
        (3250, 2600, 451, false, false),
        (3579, 3050, 250, true, false),
        (3580, 3050, 250, false, true),
    ] {
        let mut bench = bench();
        bench.set_temperatures(deci);
        bench.set_cells(highest);
        bench.set_cell(4, lowest);
        bench.run(14);
        assert!(bench.protection.verdict().isolate, "it rests first");
        bench.run(60);
        let verdict = bench.protection.verdict();
        let told = (verdict.isolate, !verdict.stop_charge, !verdict.stop_discharge);
        assert_eq!(told, (false, charge, discharge), "{highest} and {lowest} mV, {deci}");
    }
}

#[test]
fn at_the_top_discharge_goes_on_until_the_taper_begins() {
    let mut bench = bench();
    bench.set_cells(3050);
    bench.set_cell(4, 3585);
    bench.run(80);
    for (mv, charge, discharge) in
        [(3579, false, true), (3451, false, true), (3450, true, false), (3500, true, false)]
    {
        // So far apart that the fault stays.
        bench.set_cells(mv - 520);
        bench.set_cell(4, mv);
        bench.run(2);
        let verdict = bench.protection.verdict();
        assert_eq!((!verdict.stop_charge, !verdict.stop_discharge), (charge, discharge), "{mv} mV");
    }
}

#[test]
fn a_cell_that_rises_slowly_is_charged_on_and_given_up_after_a_fifth_of_the_capacity() {
    // 4.8 A: 1500 s are 2 Ah, and 15 000 s are 20 Ah.
    for (rise_every, given_up) in [(80, true), (60, true), (50, true), (10, false)] {
        let mut bench = bench();
        bench.set_cells(3250);
        bench.set_cell(4, 2600);
        let mut mv = 2600;
        let mut after = None;
        for second in 1..18_000 {
            let charges = flows(&bench, Heals::Charge);
            bench.set_current(if charges { 4800 } else { 0 });
            mv += i32::from(charges && second % rise_every == 0);
            bench.set_cell(4, mv.min(3250));
            bench.tick();
            if after.is_none() && bench.protection.findings().contains(Finding::CellDoesNotRise) {
                after = Some(second);
            }
        }
        assert_eq!(after.is_some(), given_up, "a millivolt in {rise_every} s: {after:?}");
        let expected = if rise_every == 80 { 1600..1750 } else { 15_000..15_200 };
        assert!(after.is_none_or(|after| expected.contains(&after)), "{rise_every}: {after:?}");
    }
}

#[test]
fn what_the_electronics_take_gives_no_cell_up() {
    let mut bench = bench();
    bench.set_cells(3250);
    bench.run(5);
    // 0.2 A, half a volt an ampere-hour: a night.
    for second in 0..30_000 {
        bench.set_cell(4, 2700 - second / 36);
        bench.sample.pack_current = MilliAmps(-200);
        bench.tick();
        if bench.sample.cells[4].is_some_and(|cell| cell.0 <= 2010) {
            break;
        }
    }
    assert!(!bench.protection.findings().contains(Finding::CellSinks));
    assert!(bench.protection.findings().contains(Finding::VoltagesTooFarApart));
}
