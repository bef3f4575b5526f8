//! Every level of the table: a digit short of it, at it, a digit short of clearing, and clear.

use voltower_core::{Alarm, Condition, DeciCelsius, Fault, MilliAmps, MilliVolts};

use crate::bench::Bench;

type Cause = fn(&mut Bench, i32);

/// What must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stops {
    Nothing,
    Charge,
    /// The bus is left, and charging stays stopped.
    ChargeAndBus,
    DischargeAndBus,
    Bus,
    /// Everything is opened at once.
    All,
}

struct Level {
    condition: Condition,
    cause: Cause,
    /// The last value that raises nothing.
    harmless: i32,
    /// The first that raises it.
    raises: i32,
    /// Samples of 100 ms until then.
    samples: u32,
    /// The last value that does not clear it.
    keeps: i32,
    /// The first that clears it; for those that wait for a person, then too.
    clears: i32,
    /// Samples of 100 ms until it is clear; none if a person must clear it.
    calm: Option<u32>,
    stops: Stops,
}

fn level(condition: impl Into<Condition>, cause: Cause, values: [i32; 4], samples: u32, calm: u32) -> Level {
    let condition = condition.into();
    let [harmless, raises, keeps, clears] = values;
    let stops = match condition {
        Condition::Alarm(_) => Stops::Nothing,
        Condition::Fault(_) => Stops::Bus,
    };
    Level { condition, cause, harmless, raises, samples, keeps, clears, calm: Some(calm), stops }
}

impl Level {
    fn stops(self, stops: Stops) -> Self {
        Self { stops, ..self }
    }

    fn waits_for_a_person(self) -> Self {
        Self { calm: None, ..self }
    }

    fn name(&self) -> String {
        format!("{} at {}", self.condition, self.raises)
    }

    fn raised(&self) -> Bench {
        let mut bench = Bench::new();
        (self.cause)(&mut bench, self.raises);
        let ticks = bench.raised_after(self.condition, 200);
        assert_eq!(ticks, Some(self.samples), "{}", self.name());
        bench
    }
}

fn cell(bench: &mut Bench, mv: i32) {
    bench.set_cell(4, mv);
}

fn cells(bench: &mut Bench, mv: i32) {
    bench.set_cells(mv);
}

fn spread(bench: &mut Bench, mv: i32) {
    bench.set_cell(9, 3300 - mv);
}

fn temperatures(bench: &mut Bench, deci: i32) {
    bench.set_temperatures(deci);
}

fn temperature_spread(bench: &mut Bench, deci: i32) {
    bench.sample.cell_temperatures[2] = Some(DeciCelsius(250 + deci as i16));
}

fn ambient(bench: &mut Bench, deci: i32) {
    bench.sample.ambient_temperature = Some(DeciCelsius(deci as i16));
}

fn heat_sink(bench: &mut Bench, deci: i32) {
    bench.sample.pcu.heat_sink = Some(DeciCelsius(deci as i16));
}

fn mos(bench: &mut Bench, deci: i32) {
    bench.sample.mos_temperature = Some(DeciCelsius(deci as i16));
}

fn current(bench: &mut Bench, ma: i32) {
    bench.set_current(ma);
}

fn current_behind_open_mosfets(bench: &mut Bench, ma: i32) {
    bench.doing.charge_mosfet = false;
    bench.doing.discharge_mosfet = false;
    bench.sample.charge_mosfet_closed = false;
    bench.sample.discharge_mosfet_closed = false;
    bench.set_current(ma);
}

/// At 500 V, against 2500 W while charging and 2000 W while discharging.
fn bus_power(bench: &mut Bench, watts: i32) {
    bench.sample.pcu.terminal_voltage = MilliVolts(500_000);
    bench.sample.pcu.bus_current = MilliAmps(watts * 2);
}

/// The divider shows 50 V, a thousandth of which is 50 mV; the cells share the error, so that only the sum is wrong.
fn divider(bench: &mut Bench, per_mille: i32) {
    let total = 50_000 + 50 * per_mille;
    for position in 0..16 {
        bench.set_cell(position, total / 16 + i32::from((position as i32) < total % 16));
    }
    bench.sample.pack_voltage = MilliVolts(50_000);
    bench.sample.pcu.low_voltage = MilliVolts(50_000 + 25 * per_mille);
}

/// The converter shows 50 V, cells and divider something else.
fn converter_voltage(bench: &mut Bench, per_mille: i32) {
    divider(bench, per_mille);
    bench.sample.pack_voltage = MilliVolts(50_000 + 50 * per_mille);
    bench.sample.pcu.low_voltage = MilliVolts(50_000);
}

fn shunt(bench: &mut Bench, ma: i32) {
    bench.sample.pack_current = MilliAmps(ma);
}

/// Both flow, in opposite directions.
fn shunt_against_converter(bench: &mut Bench, ma: i32) {
    bench.sample.pack_current = MilliAmps(-1000);
    bench.sample.pcu.low_current = MilliAmps(ma - 1000);
}

fn comparator_setting(bench: &mut Bench, millivolts: i32) {
    bench.sample.comparator.over_voltage = MilliVolts(3800 + millivolts);
}

fn charge_mosfet_open(bench: &mut Bench, set: i32) {
    bench.sample.charge_mosfet_closed = set == 0;
}

fn discharge_mosfet_open(bench: &mut Bench, set: i32) {
    bench.sample.discharge_mosfet_closed = set == 0;
}

fn comparator(bench: &mut Bench, set: i32) {
    bench.sample.comparator_tripped = set == 1;
}

fn converter(bench: &mut Bench, set: i32) {
    bench.doing.converter_failed = set == 1;
}

fn self_test(bench: &mut Bench, set: i32) {
    bench.doing.self_test_failed = set == 1;
}

fn converter_lost(bench: &mut Bench, set: i32) {
    bench.doing.converter_lost = set == 1;
}

fn memory(bench: &mut Bench, set: i32) {
    bench.doing.memory_failed = set == 1;
}

fn stored(bench: &mut Bench, set: i32) {
    bench.doing.stored_damaged = set == 1;
}

fn resets(bench: &mut Bench, count: i32) {
    bench.doing.resets = count as u8;
}

fn relay_welded(bench: &mut Bench, set: i32) {
    bench.doing.relay = false;
    bench.sample.pcu.relay_closed = set == 1;
}

fn charge_mosfet_welded(bench: &mut Bench, set: i32) {
    bench.doing.charge_mosfet = false;
    bench.sample.charge_mosfet_closed = set == 1;
}

fn discharge_mosfet_welded(bench: &mut Bench, set: i32) {
    bench.doing.discharge_mosfet = false;
    bench.sample.discharge_mosfet_closed = set == 1;
}

fn terminal(bench: &mut Bench, mv: i32) {
    bench.sample.pcu.terminal_voltage = MilliVolts(mv);
}

fn voltages() -> Vec<Level> {
    use Stops::{All, ChargeAndBus, DischargeAndBus};
    vec![
        level(Alarm::OverVoltage, cell, [3599, 3600, 3451, 3450], 4, 600),
        level(Fault::OverVoltage, cell, [3649, 3650, 3451, 3450], 4, 600).stops(ChargeAndBus),
        level(Alarm::UnderVoltage, cells, [2801, 2800, 3099, 3100], 6, 600),
        level(Fault::LowVoltage, cells, [2501, 2500, 3099, 3100], 6, 600).stops(DischargeAndBus),
        level(Fault::Cell, cells, [2000, 1999, 1999, 2000], 3, 0).stops(All).waits_for_a_person(),
        level(Alarm::VoltageDifference, spread, [299, 300, 201, 200], 101, 600),
        level(Fault::VoltageDifference, spread, [499, 500, 301, 300], 101, 600),
        level(Fault::Sampling, divider, [19, 20, 11, 10], 101, 100),
        level(Fault::Sampling, divider, [-19, -20, -11, -10], 101, 100),
        level(Fault::Sampling, converter_voltage, [19, 20, 11, 10], 101, 100),
        level(Fault::Sampling, converter_voltage, [-19, -20, -11, -10], 101, 100),
        level(Fault::Terminal, terminal, [-9999, -10_000, -5001, -5000], 3, 100).stops(All),
    ]
}

fn temperature_levels() -> Vec<Level> {
    use Stops::{Charge, ChargeAndBus};
    vec![
        level(Alarm::HighTemperature, temperatures, [549, 550, 501, 500], 21, 600).stops(Charge),
        level(Fault::HighTemperature, temperatures, [599, 600, 551, 550], 21, 600).stops(ChargeAndBus),
        level(Alarm::LowTemperature, temperatures, [-119, -120, -91, -90], 21, 600).stops(Charge),
        level(Fault::LowTemperature, temperatures, [-199, -200, -171, -170], 21, 600).stops(ChargeAndBus),
        level(Alarm::TemperatureDifference, temperature_spread, [99, 100, 81, 80], 21, 600),
        level(Fault::TemperatureDifference, temperature_spread, [149, 150, 101, 100], 21, 600),
        level(Alarm::AmbientTemperature, ambient, [499, 500, 471, 470], 101, 600),
        level(Alarm::AmbientTemperature, ambient, [-119, -120, -91, -90], 101, 600),
        level(Fault::AmbientTemperature, ambient, [549, 550, 521, 520], 101, 600),
        level(Fault::AmbientTemperature, ambient, [-199, -200, -171, -170], 101, 600),
        level(Alarm::Other, heat_sink, [799, 800, 701, 700], 21, 100),
        level(Fault::Pcu, heat_sink, [949, 950, 701, 700], 21, 600),
        level(Alarm::Other, mos, [849, 850, 751, 750], 21, 100),
        level(Fault::Bms, mos, [999, 1000, 751, 750], 21, 600),
    ]
}

fn currents_and_flags() -> Vec<Level> {
    use Stops::All;
    vec![
        level(Alarm::OverCurrent, current, [54_999, 55_000, 52_001, 52_000], 11, 100),
        level(Alarm::OverCurrent, current, [-54_999, -55_000, -52_001, -52_000], 11, 100),
        level(Fault::OverCurrent, current, [64_999, 65_000, 52_001, 52_000], 2, 100).stops(All),
        level(Fault::OverCurrent, current, [-64_999, -65_000, -52_001, -52_000], 2, 100).stops(All),
        level(Fault::OverCurrent, current_behind_open_mosfets, [1999, 2000, 1001, 1000], 21, 100).stops(All),
        level(Fault::OverCurrent, current_behind_open_mosfets, [-1999, -2000, -1001, -1000], 21, 100)
            .stops(All),
        level(Alarm::OverCurrent, bus_power, [2799, 2800, 2651, 2650], 21, 100),
        level(Alarm::OverCurrent, bus_power, [-2299, -2300, -2151, -2150], 21, 100),
        level(Fault::Sampling, shunt, [4999, 5000, 2501, 2500], 101, 100),
        level(Fault::Sampling, shunt, [-4999, -5000, -2501, -2500], 101, 100),
        level(Fault::Sampling, shunt_against_converter, [4999, 5000, 2501, 2500], 101, 100),
        level(Fault::Bms, comparator, [0, 1, 1, 0], 1, 0).stops(All).waits_for_a_person(),
        level(Fault::Bms, comparator_setting, [0, 1, 1, 0], 6, 0).stops(All).waits_for_a_person(),
        level(Fault::Bms, comparator_setting, [0, -1, -1, 0], 6, 0).stops(All).waits_for_a_person(),
        level(Fault::Bms, charge_mosfet_open, [0, 1, 1, 0], 3, 100),
        level(Fault::Bms, discharge_mosfet_open, [0, 1, 1, 0], 3, 100),
        level(Fault::Pcu, converter, [0, 1, 1, 0], 1, 1),
        level(Fault::Bms, self_test, [0, 1, 1, 0], 1, 0).stops(All).waits_for_a_person(),
        level(Fault::Pcu, converter_lost, [0, 1, 1, 0], 1, 0).waits_for_a_person(),
        level(Fault::Bms, memory, [0, 1, 1, 0], 1, 0).waits_for_a_person(),
        level(Fault::Bms, stored, [0, 1, 1, 0], 1, 0).stops(All).waits_for_a_person(),
        level(Fault::Bms, resets, [5, 6, 6, 5], 1, 0).stops(All).waits_for_a_person(),
        level(Fault::Other, relay_welded, [0, 1, 1, 0], 3, 0).stops(All).waits_for_a_person(),
        level(Fault::Other, charge_mosfet_welded, [0, 1, 1, 0], 3, 0).stops(All).waits_for_a_person(),
        level(Fault::Other, discharge_mosfet_welded, [0, 1, 1, 0], 3, 0).stops(All).waits_for_a_person(),
    ]
}

fn all_levels() -> impl Iterator<Item = Level> {
    voltages().into_iter().chain(temperature_levels()).chain(currents_and_flags())
}

#[test]
fn a_digit_short_of_a_level_raises_nothing() {
    for level in all_levels() {
        let mut bench = Bench::new();
        (level.cause)(&mut bench, level.harmless);
        assert_eq!(bench.raised_after(level.condition, 400), None, "{}", level.name());
    }
}

#[test]
fn a_level_raises_after_its_samples_and_stops_what_it_must() {
    for level in all_levels() {
        let verdict = level.raised().protection.verdict();
        let stopped = (verdict.stop_charge, verdict.stop_discharge, verdict.isolate, verdict.open);
        let expected = match level.stops {
            Stops::Nothing => (false, false, false, false),
            Stops::Charge => (true, false, false, false),
            Stops::ChargeAndBus => (true, false, true, false),
            Stops::DischargeAndBus => (false, true, true, false),
            Stops::Bus => (false, false, true, false),
            Stops::All => (verdict.stop_charge, verdict.stop_discharge, true, true),
        };
        assert_eq!(stopped, expected, "{}", level.name());
        assert_eq!(verdict.locked.contains(level.condition), level.calm.is_none(), "{}", level.name());
    }
}

#[test]
fn a_digit_short_of_clearing_keeps_the_condition() {
    for level in all_levels() {
        let mut bench = level.raised();
        bench.doing.person = true;
        (level.cause)(&mut bench, level.keeps);
        assert_eq!(bench.gone_after(level.condition, 1300), None, "{}", level.name());
    }
}

#[test]
fn a_level_clears_after_its_calm_time_to_the_sample() {
    for level in all_levels() {
        let mut bench = level.raised();
        (level.cause)(&mut bench, level.clears);
        match level.calm {
            Some(calm) => {
                assert_eq!(bench.gone_after(level.condition, 1000), Some(calm), "{}", level.name());
            }
            None => {
                assert_eq!(bench.gone_after(level.condition, 1000), None, "{}", level.name());
                bench.doing.person = true;
                // The sample in which the person has looked, and the one in which memory holds that.
                assert_eq!(bench.gone_after(level.condition, 10), Some(2), "{}", level.name());
                assert!(bench.protection.verdict().locked.is_empty());
            }
        }
    }
}

#[test]
fn a_moment_beyond_the_clearing_level_starts_the_calm_time_anew() {
    for level in all_levels() {
        let Some(calm) = level.calm.filter(|calm| *calm > 1) else { continue };
        let mut bench = level.raised();
        (level.cause)(&mut bench, level.clears);
        bench.run(calm - 1);
        (level.cause)(&mut bench, level.keeps);
        bench.tick();
        (level.cause)(&mut bench, level.clears);
        assert_eq!(bench.gone_after(level.condition, 1000), Some(calm), "{}", level.name());
    }
}
