//! A reading, its age, and the quantities that are made of several.

use voltower_control::io::SamplePeriod;
use voltower_control::protect::measure::{Evidence, current_magnitude};
use voltower_control::protect::reading::Reading;
use voltower_core::{Alarm, DeciCelsius, Duration, Fault, MilliAmps, MilliVolts};

use crate::bench::{Bench, sample};

const PERIOD: SamplePeriod = SamplePeriod(Duration::millis(100));
const TENTH: Duration = Duration::millis(100);

fn voltage(mv: i32) -> Reading<MilliVolts> {
    Reading::Valid(MilliVolts(mv))
}

fn temperature(deci: i16) -> Reading<DeciCelsius> {
    Reading::Valid(DeciCelsius(deci))
}

#[test]
fn what_no_sensor_can_show_is_implausible() {
    let cells = [(-1, false), (0, true), (1, true), (5000, true), (5001, false)];
    for (mv, possible) in cells {
        let reading = voltage(3300).renewed(Some(MilliVolts(mv)), TENTH);
        assert_eq!(reading.valid(), possible.then_some(MilliVolts(mv)), "{mv} mV");
        assert_eq!(reading.is_implausible(), !possible, "{mv} mV");
    }
    for (deci, possible) in [(-501, false), (-500, true), (1250, true), (1251, false)] {
        let reading = temperature(250).renewed(Some(DeciCelsius(deci)), TENTH);
        assert_eq!(reading.valid(), possible.then_some(DeciCelsius(deci)), "{deci}");
        assert_eq!(reading.is_implausible(), !possible, "{deci}");
    }
}

#[test]
fn a_lost_reading_keeps_its_last_value_and_its_whole_age() {
    let last = MilliVolts(3300);
    let cut = voltage(3300).renewed(None, Duration::millis(100));
    assert_eq!(cut, Reading::Implausible { last, age: Duration::millis(100) });
    let cut = cut.renewed(Some(MilliVolts(6000)), Duration::millis(250));
    assert_eq!(cut, Reading::Implausible { last, age: Duration::millis(350) });
    let aged = cut.aged(Duration::millis(50), PERIOD);
    assert_eq!(aged, Reading::Implausible { last, age: Duration::millis(400) });
    // 600 ms hold, from the first sample without a conversion on.
    let held = voltage(3300).aged(Duration::millis(350), PERIOD);
    assert_eq!(held, Reading::Held { last, age: Duration::millis(350) });
    let held = held.aged(Duration::millis(250), PERIOD);
    assert_eq!(held, Reading::Held { last, age: Duration::millis(600) });
    assert_eq!((held.valid(), held.is_implausible(), held.bounds(PERIOD)), (Some(last), false, (3300, 3300)));
    let stale = held.aged(Duration::millis(1), PERIOD);
    assert_eq!(stale, Reading::Stale { last, age: Duration::millis(601) });
    assert_eq!((stale.valid(), stale.is_implausible(), stale.bounds(PERIOD)), (None, false, (3090, 3510)));
    for old in [held, stale] {
        assert!(
            matches!(old.renewed(None, TENTH), Reading::Implausible { age, .. } if age >= Duration::millis(700))
        );
    }
    assert_eq!(stale.renewed(Some(MilliVolts(3310)), TENTH), voltage(3310));
}

#[test]
fn the_true_value_of_a_lost_reading_drifts_both_ways() {
    // A cell by 350 mV a second, a temperature by 3.5 K a second.
    assert_eq!(voltage(3300).bounds(PERIOD), (3300, 3300));
    for (ms, drift) in [(0, 0), (600, 0), (700, 245), (1000, 350), (2500, 875)] {
        let bounds = voltage(3300).aged(Duration::millis(ms), PERIOD).bounds(PERIOD);
        assert_eq!(bounds, (3300 - drift, 3300 + drift), "{ms} ms");
    }
    for (ms, drift) in [(0, 0), (2, 0), (3, 1), (100, 35), (1000, 350), (2500, 875)] {
        let bounds = voltage(3300).renewed(None, Duration::millis(ms)).bounds(PERIOD);
        assert_eq!(bounds, (3300 - drift, 3300 + drift), "{ms} ms");
    }
    assert_eq!(temperature(-50).bounds(PERIOD), (-50, -50));
    for (ms, drift) in [(100, 0), (1000, 35), (10_000, 350)] {
        let bounds = temperature(250).aged(Duration::millis(ms), PERIOD).bounds(PERIOD);
        assert_eq!(bounds, (250 - drift, 250 + drift), "{ms} ms");
    }
    let ancient = voltage(3300).aged(Duration::MAX, PERIOD).bounds(PERIOD);
    assert_eq!(ancient, (3300 - i32::MAX, i32::MAX));
}

#[test]
fn slow_samples_stretch_the_ageing() {
    // Three periods of 2 s instead of the second of a cell; the ten seconds of a temperature are longer than that.
    let slow = SamplePeriod(Duration::secs(2));
    assert_eq!(voltage(3300).aged(Duration::secs(6), slow).bounds(slow), (2950, 3650));
    assert_eq!(temperature(250).aged(Duration::secs(6), slow).bounds(slow), (40, 460));
    let slower = SamplePeriod(Duration::secs(10));
    assert_eq!(temperature(250).aged(Duration::secs(30), slower).bounds(slower), (-100, 600));
}

#[test]
fn the_extremes_name_their_cell_and_sensor() {
    let mut bench = Bench::new();
    bench.set_cell(5, 3290);
    bench.set_cell(6, 3290);
    bench.set_cell(11, 3312);
    bench.set_cell(12, 3312);
    bench.sample.cell_temperatures = [251, 250, 260, 255].map(|deci| Some(DeciCelsius(deci)));
    bench.tick();
    let evidence = |value, element| Evidence::sure(value, true).of(element);
    assert_eq!(bench.measured.cells.lowest, evidence(3290, 6), "the first of equals");
    assert_eq!(bench.measured.cells.highest, evidence(3312, 12), "the first of equals");
    assert_eq!(bench.measured.cells.spread(), evidence(22, 12));
    assert_eq!(bench.measured.temperatures.lowest, evidence(250, 2));
    assert_eq!(bench.measured.temperatures.highest, evidence(260, 3));
    assert_eq!(bench.measured.temperatures.spread(), evidence(10, 3));
    assert_eq!(bench.measured.cells.implausible, 0);
}

#[test]
fn below_zero_the_highest_is_below_zero_too() {
    let mut bench = Bench::new();
    bench.sample.cell_temperatures = [-51, -50, -60, -55].map(|deci| Some(DeciCelsius(deci)));
    bench.sample.mos_temperature = Some(DeciCelsius(-40));
    bench.tick();
    let evidence = |value, element| Evidence::sure(value, true).of(element);
    assert_eq!(bench.measured.temperatures.highest, evidence(-50, 2));
    assert_eq!(bench.measured.temperatures.lowest, evidence(-60, 3));
    assert_eq!(bench.measured.mos, evidence(-40, 1));
}

#[test]
fn a_lost_cell_widens_the_worst_and_not_what_is_seen() {
    let mut bench = Bench::new();
    bench.set_cell(0, 3310);
    bench.tick();
    bench.sample.cells[2] = None;
    bench.tick();
    // 3300 mV, 100 ms at 350 mV/s.
    let seen = |value, worst, at| Evidence { seen: Some(value), worst, element: 3, seen_at: at, fresh: true };
    assert_eq!(bench.measured.cells.lowest, seen(3300, 3265, 2));
    assert_eq!(bench.measured.cells.highest, seen(3310, 3335, 1));
    assert_eq!(bench.measured.cells.spread(), seen(10, 70, 1));
    assert_eq!(bench.measured.cells.implausible, 1);
    assert_eq!(bench.measured.implausible.seen, Some(1));
    assert_eq!(bench.measured.implausible.element, 3);
    assert_eq!(bench.measured.sum_error.seen, Some(0), "the sum is known to within the lost one");
}

#[test]
fn with_every_cell_lost_nothing_is_seen() {
    let mut bench = Bench::new();
    bench.sample.cells = [None; 16];
    bench.tick();
    assert_eq!((bench.measured.cells.lowest.seen, bench.measured.cells.highest.seen), (None, None));
    assert_eq!(bench.measured.cells.spread().seen, None);
    assert_eq!(bench.measured.implausible.seen, Some(16));
    assert_eq!(bench.readings.cells(), [None; 16]);
}

#[test]
fn readings_are_shown_as_they_were_taken() {
    let mut bench = Bench::new();
    bench.set_cell(3, 3301);
    bench.sample.cell_temperatures[1] = None;
    bench.sample.ambient_temperature = Some(DeciCelsius(220));
    bench.sample.pcu.heat_sink = Some(DeciCelsius(410));
    bench.tick();
    let mut cells = [Some(MilliVolts(3300)); 16];
    cells[3] = Some(MilliVolts(3301));
    assert_eq!(bench.readings.cells(), cells);
    let known = Some(DeciCelsius(250));
    assert_eq!(bench.readings.temperatures(), [known, None, known, known]);
    assert_eq!(bench.readings.hardware(), [300, 220, 410].map(|deci| Some(DeciCelsius(deci))));
    bench.readings.restart();
    assert_eq!(bench.readings.cells(), [None; 16]);
    assert_eq!(bench.readings.hardware(), [None; 3]);
}

#[test]
fn the_afe_is_silent_after_a_second_without_a_conversion() {
    let mut bench = Bench::new();
    bench.silent = true;
    bench.run(9);
    assert!(!bench.measured.afe_silent && !bench.measured.fresh);
    bench.tick();
    assert!(bench.measured.afe_silent);
    bench.silent = false;
    bench.tick();
    assert!(!bench.measured.afe_silent && bench.measured.fresh);
    bench.silent = true;
    bench.run(9);
    assert!(!bench.measured.afe_silent, "one conversion starts the second anew");
}

#[test]
fn silence_while_the_afe_was_off_does_not_count() {
    let mut bench = Bench::new();
    bench.silent = true;
    bench.run(9);
    bench.readings.restart();
    bench.silent = false;
    bench.tick();
    bench.silent = true;
    bench.run(9);
    assert!(!bench.measured.afe_silent);
}

#[test]
fn every_reading_of_a_silent_afe_ages() {
    let mut bench = Bench::new();
    bench.silent = true;
    bench.sample.pcu.heat_sink = Some(DeciCelsius(333));
    bench.run(8);
    let worst = |evidence: Evidence| (evidence.seen, evidence.worst);
    assert_eq!(worst(bench.measured.cells.highest), (None, 3580));
    assert_eq!(worst(bench.measured.cells.lowest), (None, 3020));
    assert_eq!(worst(bench.measured.temperatures.highest), (None, 278));
    assert_eq!(worst(bench.measured.mos), (None, 328));
    assert_eq!(worst(bench.measured.ambient), (None, 222));
    assert_eq!(worst(bench.measured.heat_sink), (Some(333), 333), "that one is the converter's");
    assert!(bench.measured.heat_sink.fresh && !bench.measured.mos.fresh);
}

#[test]
fn a_hot_ambience_is_judged_by_its_highest_value_and_any_other_by_its_lowest() {
    // 35 tenths a second: after a second 46.5 degC may have become 50.0 or 43.0, and 46.6 degC 50.1 or 43.1.
    for (deci, worst) in [(465, 430), (466, 501)] {
        let mut bench = Bench::new();
        bench.sample.ambient_temperature = Some(DeciCelsius(deci));
        bench.tick();
        bench.silent = true;
        bench.run(10);
        assert_eq!(bench.measured.ambient.worst, worst, "{deci}");
    }
}

#[test]
fn the_converter_tells_the_current_while_the_afe_is_silent() {
    let mut bench = Bench::new();
    bench.sample.pack_current = MilliAmps(700);
    bench.sample.pcu.low_current = MilliAmps(-300);
    bench.tick();
    assert_eq!(bench.measured.current, MilliAmps(700));
    bench.silent = true;
    bench.run(6);
    assert_eq!(bench.measured.current, MilliAmps(700), "it holds for 600 ms");
    bench.tick();
    assert_eq!(bench.measured.current, MilliAmps(-300));
}

#[test]
fn one_dead_current_sensor_hides_no_current() {
    for (shunt, converter, magnitude) in [(0, 0, 0), (-9, 4, 9), (4, -9, 9), (7, 0, 7), (0, 7, 7)] {
        let mut sample = sample();
        sample.pack_current = MilliAmps(shunt);
        sample.pcu.low_current = MilliAmps(converter);
        assert_eq!(current_magnitude(&sample), magnitude);
    }
}

#[test]
fn the_sum_of_cells_is_compared_in_thousandths_of_the_divider() {
    for (pack, error) in
        [(52_800, 0), (52_801, 0), (50_000, 56), (55_000, 40), (0, 52_800_000), (-5, 52_805_000)]
    {
        let mut bench = Bench::new();
        bench.sample.pack_voltage = MilliVolts(pack);
        bench.tick();
        assert_eq!(bench.measured.sum_error.seen, Some(error), "{pack} mV");
    }
}

#[test]
fn the_converter_sees_the_pack_less_the_drop_on_its_way() {
    // 3 mohm at the larger of two currents, of which none is larger than 52 A; a thousandth of 52 V is 52 mV.
    for (converter, shunt, milliamps, error) in [
        (52_000, 0, 0, 15),
        (52_000, 0, 40_000, 13),
        (52_000, -40_000, 0, 13),
        (52_000, -i32::MAX, i32::MAX, 12),
        (53_600, 0, 0, 14),
        (52_800, 0, 0, 0),
        (0, 0, 0, 52_800_000),
    ] {
        let mut bench = Bench::new();
        bench.sample.pcu.low_voltage = MilliVolts(converter);
        bench.sample.pack_current = MilliAmps(shunt);
        bench.sample.pcu.low_current = MilliAmps(milliamps);
        bench.tick();
        assert_eq!(
            bench.measured.converter_error.seen,
            Some(error),
            "{converter} mV, {shunt} and {milliamps} mA"
        );
    }
}

#[test]
fn the_converter_is_compared_with_cells_and_divider_alike() {
    // A thousandth of the converter's 50 V is 50 mV.
    for (cells, divider, error) in
        [(50_400, 50_000, 8), (50_000, 50_400, 8), (50_400, 49_500, 10), (49_600, 49_500, 10)]
    {
        let mut bench = Bench::new();
        bench.set_cells(cells / 16);
        bench.sample.pack_voltage = MilliVolts(divider);
        bench.sample.pcu.low_voltage = MilliVolts(50_000);
        bench.tick();
        let evidence = bench.measured.converter_error;
        assert_eq!((evidence.seen, evidence.worst), (Some(error), error), "{cells} and {divider} mV");
    }
}

#[test]
fn behind_an_open_mosfet_the_converter_sees_another_node() {
    for open in [(|bench| bench.sample.charge_mosfet_closed = false) as fn(&mut Bench), |bench| {
        bench.sample.discharge_mosfet_closed = false;
    }] {
        let mut bench = Bench::new();
        bench.sample.pcu.low_voltage = MilliVolts(0);
        open(&mut bench);
        bench.tick();
        assert_eq!(bench.measured.converter_error.seen, Some(0));
    }
}

#[test]
fn a_lost_cell_leaves_the_sums_to_be_compared() {
    let mut bench = Bench::new();
    bench.sample.cells[3] = None;
    bench.sample.pack_voltage = MilliVolts(51_000);
    bench.tick();
    // 52 800 mV less the 35 mV that the lost one may have moved.
    assert_eq!(bench.measured.sum_error.seen, Some(34));
    assert_eq!(bench.measured.sum_error.worst, 35);
    bench.silent = true;
    bench.tick();
    assert_eq!(bench.measured.sum_error.seen, None, "an old conversion proves nothing");
}

#[test]
fn the_first_lost_reading_is_named_cells_before_thermistors() {
    for (cells, sensors, element) in
        [(&[6, 9][..], &[1][..], 7), (&[], &[1, 3], 2), (&[], &[3], 4), (&[15], &[0], 16), (&[], &[], 0)]
    {
        let mut bench = Bench::new();
        cells.iter().for_each(|cell: &usize| bench.sample.cells[*cell] = None);
        sensors.iter().for_each(|sensor: &usize| bench.sample.cell_temperatures[*sensor] = None);
        bench.sample.mos_temperature = None;
        bench.tick();
        assert_eq!(bench.measured.implausible.element, element);
    }
}

#[test]
fn the_cell_that_has_aged_out_is_the_one_that_is_named() {
    let mut bench = Bench::new();
    bench.set_cell(8, 3640);
    bench.tick();
    bench.sample.cells[8] = None;
    bench.run(3);
    assert!(bench.measured.aged_out && bench.has(Fault::Sampling));
    assert_eq!(bench.protection.element(Fault::Sampling.into()), 9);
}

#[test]
fn a_lost_reading_ages_into_each_trip_to_the_digit() {
    // One cell or sensor lost for 100 ms: 35 mV, or for a second: 3.5 K.
    for (mv, out) in [(3614, false), (3615, true), (2536, false), (2535, true)] {
        let mut bench = Bench::new();
        bench.set_cell(8, mv);
        bench.tick();
        assert!(!bench.measured.aged_out, "{mv} mV is read");
        bench.sample.cells[8] = None;
        bench.tick();
        assert_eq!(bench.measured.aged_out, out, "{mv} mV");
    }
    for (deci, out) in [(564, false), (565, true), (-164, false), (-165, true)] {
        let mut bench = Bench::new();
        bench.sample.cell_temperatures[3] = Some(DeciCelsius(deci));
        bench.tick();
        bench.sample.cell_temperatures[3] = None;
        bench.run(10);
        assert_eq!(bench.measured.aged_out, out, "{deci}");
    }
}

#[test]
fn a_trip_that_is_read_is_no_aged_reading() {
    let mut bench = Bench::new();
    bench.set_cell(8, 3640);
    bench.set_cell(7, 3655);
    bench.tick();
    bench.sample.cells[8] = None;
    bench.tick();
    assert!(!bench.measured.aged_out);
}

#[test]
fn a_reading_that_has_aged_out_is_told_by_who_is_to_blame() {
    // A single lost cell: the reading. All of them, because nothing is converted: the AFE.
    let mut bench = Bench::new();
    bench.set_cell(8, 3640);
    bench.tick();
    bench.silent = true;
    bench.run(6);
    assert!(!bench.measured.aged_out && !bench.has(Fault::Bms), "a conversion that is missed");
    bench.tick();
    assert!(bench.measured.aged_out && !bench.measured.afe_silent);
    assert!(bench.has(Fault::Bms), "245 mV in 700 ms");
    bench.run(10);
    assert!(!bench.has(Fault::Sampling));

    let mut bench = Bench::new();
    bench.set_cell(8, 3640);
    bench.tick();
    bench.sample.cells[8] = None;
    bench.run(20);
    assert!(bench.has(Fault::Sampling) && !bench.has(Fault::Bms));
}

#[test]
fn a_lost_heat_sink_is_told_even_while_the_afe_is_silent() {
    let mut bench = Bench::new();
    bench.silent = true;
    bench.sample.pcu.heat_sink = None;
    assert_eq!(bench.raised_after(Fault::Sampling.into(), 5), Some(2));
    let mut bench = Bench::new();
    bench.sample.cells[0] = None;
    bench.tick();
    bench.silent = true;
    bench.run(5);
    assert!(!bench.measured.implausible.fresh);
    assert!(!bench.has(Fault::Sampling), "the same conversion is no second witness");
}

#[test]
fn an_old_conversion_raises_nothing_by_itself() {
    let mut bench = Bench::new();
    bench.set_cell(4, 3605);
    bench.tick();
    bench.silent = true;
    bench.run(30);
    assert!(!bench.has(Alarm::OverVoltage));
}
