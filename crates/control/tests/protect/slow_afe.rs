//! Time belongs to the reading: whatever the AFE's period, and with conversions that are lost, what must last so long
//! lasts so long.

use voltower_core::{Alarm, Condition, DeciCelsius, Duration, Fault, MilliAmps};

use crate::bench::Bench;

/// Sampled every 10 ms; the AFE converts every `every` samples.
fn bench(every: u32) -> Bench {
    let mut bench = Bench::new();
    (bench.period, bench.every) = (Duration::millis(10), every);
    bench.run(4 * every);
    bench
}

const ONE_IN_A_HUNDRED: fn(u32) -> bool = |conversion| conversion % 100 == 50;
const ONE_IN_FOUR: fn(u32) -> bool = |conversion| conversion % 4 == 2;

/// Milliseconds until `condition` is there.
fn raised(bench: &mut Bench, condition: impl Into<Condition>) -> u32 {
    bench.raised_after(condition.into(), 100_000).expect("it comes") * 10
}

/// Time of the row, samples it needs, and what is wrong.
type Case = (u32, u32, fn(&mut Bench), Condition);

#[test]
fn what_must_last_so_long_lasts_so_long_at_any_period_of_the_afe() {
    // A period more for the first and the last conversion.
    let cases: [Case; 8] = [
        (300, 3, |bench| bench.set_cells(3650), Fault::OverVoltage.into()),
        (300, 3, |bench| bench.set_cells(3600), Alarm::OverVoltage.into()),
        (500, 3, |bench| bench.set_cells(2500), Fault::LowVoltage.into()),
        (10_000, 3, |bench| bench.set_cell(9, 2800), Fault::VoltageDifference.into()),
        (2000, 3, |bench| bench.set_temperatures(600), Fault::HighTemperature.into()),
        (10_000, 3, |bench| bench.sample.pack_current = MilliAmps(5000), Fault::Sampling.into()),
        (200, 3, |bench| bench.sample.charge_mosfet_closed = false, Fault::Bms.into()),
        (500, 3, |bench| bench.sample.comparator.over_temperature = DeciCelsius(701), Fault::Bms.into()),
    ];
    for (after, samples, cause, condition) in cases {
        for every in [1, 10, 25] {
            let mut bench = bench(every);
            cause(&mut bench);
            let gap = every * 10;
            let (took, least) = (raised(&mut bench, condition), after.max((samples - 1) * gap));
            let most = least.div_ceil(gap) * gap + gap;
            assert!(
                (least..=most).contains(&took),
                "{condition}: {took} ms at {gap} ms, not {least} to {most}"
            );
        }
    }
}

#[test]
fn a_condition_clears_although_the_afe_is_slow_and_loses_conversions() {
    for every in [1, 10, 25] {
        for loses in [(|_| false) as fn(u32) -> bool, ONE_IN_A_HUNDRED, ONE_IN_FOUR] {
            let mut bench = bench(every);
            bench.loses = loses;
            bench.set_cells(3650);
            raised(&mut bench, Fault::OverVoltage);
            bench.set_cells(3300);
            let gone = bench.gone_after(Fault::OverVoltage.into(), 10_000).map(|samples| samples * 10);
            let most = 60_000 + 3 * every * 10;
            assert!(gone.is_some_and(|ms| (60_000..=most).contains(&ms)), "{gone:?} at {every}0 ms");
        }
    }
}

#[test]
fn a_lost_conversion_delays_by_no_more_than_itself() {
    for every in [1, 10, 25] {
        for lost in 1..=6 {
            let mut bench = bench(every);
            bench.loses = [|n| n == 5, |n| n == 6, |n| n == 7, |n| n == 8, |n| n == 9, |n| n == 10][lost - 1];
            bench.set_cells(3650);
            let took = raised(&mut bench, Fault::OverVoltage);
            assert!(took <= if every == 25 { 1000 } else { 310 + 20 * every }, "{took} ms at {every}0 ms");
        }
    }
}

#[test]
fn between_two_conversions_a_reading_holds_and_nothing_ages() {
    for every in [10, 25] {
        let mut bench = bench(every);
        bench.loses = ONE_IN_FOUR;
        bench.set_cells(3640);
        bench.run(2 * every);
        for tick in 0..1000 {
            bench.tick();
            assert!(!bench.measured.aged_out && !bench.has(Fault::Bms), "{tick}");
            assert_eq!(
                (bench.measured.cells.highest.seen, bench.measured.cells.highest.worst),
                (Some(3640), 3640)
            );
            assert_eq!(bench.readings.cells()[3].map(|cell| cell.0), Some(3640));
        }
    }
}

#[test]
fn one_conversion_is_no_second_witness_however_often_it_is_repeated() {
    for every in [10, 25] {
        for (cause, condition) in [
            ((|bench| bench.set_cells(3650)) as fn(&mut Bench), Condition::from(Fault::OverVoltage)),
            (|bench| bench.sample.pack_current = MilliAmps(66_000), Fault::OverCurrent.into()),
            (|bench| bench.sample.cells[3] = None, Fault::Sampling.into()),
            (|bench| bench.sample.charge_mosfet_closed = false, Fault::Bms.into()),
        ] {
            let mut bench = bench(every);
            let healthy = bench.sample.clone();
            cause(&mut bench);
            bench.run(every);
            bench.sample = healthy;
            assert_eq!(bench.raised_after(condition, 5 * every), None, "{condition} at {every}0 ms");
        }
    }
}

#[test]
fn a_frozen_cell_is_found_at_any_period_of_the_afe() {
    for every in [1, 10, 25] {
        let mut bench = bench(every);
        bench.loses = ONE_IN_A_HUNDRED;
        bench.stuck = Some(4);
        for tick in 0..5000 {
            bench.set_current(if tick / 200 % 2 == 0 { 50_000 } else { -50_000 });
            bench.tick();
        }
        assert!(bench.has(Fault::Sampling), "at {every}0 ms");
        assert_eq!(bench.protection.element(Fault::Sampling.into()), 5);
    }
}

#[test]
fn what_the_converter_measures_counts_with_each_sample() {
    let mut bench = bench(25);
    bench.sample.pcu.low_current = MilliAmps(-66_000);
    assert_eq!(raised(&mut bench, Fault::OverCurrent), 110, "two samples and 100 ms");
}
