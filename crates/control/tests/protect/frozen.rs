//! Readings that stand still: only while what they measure must have moved.

use voltower_core::{DeciCelsius, Duration, Fault, MilliAmps};

use crate::bench::Bench;

const SAMPLING: voltower_core::Condition = voltower_core::Condition::Fault(Fault::Sampling);

/// With one cell stuck, and all others alive.
fn stuck(cell: usize) -> Bench {
    let mut bench = Bench::new();
    bench.stuck = Some(cell);
    bench
}

/// With one cell stuck, and named for it; no current flows any more.
fn found(cell: usize) -> Bench {
    let mut bench = stuck(cell);
    bench.set_current(-30_000);
    bench.run(400);
    bench.set_current(30_000);
    bench.run(3);
    assert!(bench.has(Fault::Sampling));
    bench.set_current(0);
    bench
}

#[test]
fn a_cell_that_stands_still_while_the_current_swings_is_frozen() {
    // 0.1 mohm at least: 50 A are five digits, less what the charge of the minute before adds.
    for (swing, ticks) in [(48_000, None), (50_010, Some(3)), (-50_010, Some(3))] {
        for cell in [0, 6, 15] {
            let mut bench = stuck(cell);
            bench.set_current(-swing / 2);
            bench.run(400);
            assert!(!bench.has(Fault::Sampling), "at a constant current it may stand still");
            bench.set_current(swing / 2);
            assert_eq!(bench.raised_after(SAMPLING, 400), ticks, "{swing} mA");
            let named = if ticks.is_some() { cell as u8 + 1 } else { 0 };
            assert_eq!(bench.protection.element(SAMPLING), named);
        }
    }
}

/// Minutes of a constant current show in all others, though no resistance that is certain does.
#[test]
fn a_cell_that_stands_still_while_all_others_move_is_frozen() {
    for (moved, frozen) in [(24, false), (27, true)] {
        let mut bench = stuck(6);
        bench.set_current(-20_000);
        for step in 0..moved {
            (0..16).filter(|cell| *cell != 6).for_each(|cell| bench.set_cell(cell, 3300 - step));
            bench.run(20);
        }
        assert_eq!(bench.has(Fault::Sampling), frozen, "{moved} mV");
        let named = if frozen { 7 } else { 0 };
        assert_eq!(bench.protection.element(SAMPLING), named);
    }
}

#[test]
fn what_moves_again_is_believed_again() {
    let mut bench = found(6);
    bench.run(1000);
    assert!(bench.has(Fault::Sampling), "without current nothing shows that it lives");
    bench.set_cell(6, 3301);
    assert_eq!(bench.gone_after(SAMPLING, 200), Some(100));
}

#[test]
fn a_cell_that_stood_still_before_the_afe_was_off_does_so_until_it_moves() {
    let mut bench = found(6);
    for _ in 0..2 {
        bench.readings.restart();
        bench.protection.restart();
        bench.run(1000);
        assert!(bench.has(Fault::Sampling), "sleep makes no reading whole");
    }
    bench.set_cell(6, 3301);
    assert_eq!(bench.gone_after(SAMPLING, 200), Some(100));
}

#[test]
fn it_takes_thirty_seconds_and_ten_samples() {
    for (period, ticks) in [(Duration::millis(100), 300), (Duration::secs(1), 30), (Duration::secs(60), 10)] {
        let mut bench = stuck(6);
        bench.period = period;
        bench.set_cell(6, 3301);
        bench.set_current(-30_000);
        bench.tick();
        bench.set_current(30_000);
        assert_eq!(bench.raised_after(SAMPLING, 600), Some(ticks + 2), "{period}");
    }
}

#[test]
fn a_digit_begins_anew() {
    let mut bench = stuck(6);
    bench.set_current(-30_000);
    bench.run(400);
    bench.set_cell(6, 3301);
    bench.set_current(30_000);
    assert_eq!(bench.raised_after(SAMPLING, 2000), None, "the swing was before the digit");
    bench.set_current(-30_000);
    assert_eq!(bench.raised_after(SAMPLING, 10), Some(3));
}

#[test]
fn a_healthy_cell_may_stand_still_in_the_flat_middle_for_half_an_hour() {
    // Where it is flattest a cell moves by five digits in 12.5 Ah: 37.5 minutes at 20 A.
    let (second, minute) = (Duration::secs(1), Duration::mins(1));
    for (ma, period, ticks) in [
        (20_000, second, Some(2251)),
        (-20_000, second, Some(2251)),
        (999, minute, None),
        (-999, minute, None),
    ] {
        let mut bench = Bench::new();
        bench.still = true;
        bench.period = period;
        bench.set_current(ma);
        bench.set_cells(3301);
        bench.tick();
        assert_eq!(bench.raised_after(SAMPLING, 2500), ticks.map(|ticks| ticks + 2), "{ma} mA");
    }
}

#[test]
fn charge_that_comes_and_goes_counts_once() {
    let mut bench = Bench::new();
    bench.still = true;
    bench.period = Duration::secs(1);
    for round in 0..20 {
        // 8 Ah one way, with the 40 A of the reversal not enough for five digits either: 3.2 + 4 mV would be.
        bench.set_current(if round % 2 == 0 { 8000 } else { -8000 });
        bench.run(2000);
    }
    assert!(!bench.has(Fault::Sampling));
}

#[test]
fn a_shunt_that_stands_still_while_the_converter_sees_its_current_move_is_frozen() {
    for (ma, ticks) in [(50, None), (51, Some(3)), (-51, Some(3))] {
        let mut bench = Bench::new();
        bench.set_current(20_000);
        bench.run(400);
        bench.sample.pcu.low_current = MilliAmps(20_000 + ma);
        assert_eq!(bench.raised_after(SAMPLING, 400), ticks, "{ma} mA");
        assert_eq!(bench.protection.element(SAMPLING), 0);
    }
}

fn warm(bench: &mut Bench, sensors: &[usize], deci: i16) {
    for sensor in sensors {
        bench.sample.cell_temperatures[*sensor] = Some(DeciCelsius(250 + deci));
    }
}

#[test]
fn a_thermistor_that_stands_still_while_all_others_move_is_frozen() {
    for own in 0..4 {
        let others: Vec<usize> = (0..4).filter(|sensor| *sensor != own).collect();
        for (deci, ticks) in [(20, None), (21, Some(3)), (-21, Some(3))] {
            let mut bench = Bench::new();
            bench.run(400);
            warm(&mut bench, &others, deci);
            assert_eq!(bench.raised_after(SAMPLING, 400), ticks, "{deci}");
            let named = if ticks.is_some() { own as u8 + 1 } else { 0 };
            assert_eq!(bench.protection.element(SAMPLING), named);
        }
    }
}

#[test]
fn thermistors_that_jump_together_are_alive() {
    let mut bench = Bench::new();
    bench.run(400);
    warm(&mut bench, &[0, 1, 2, 3], 150);
    assert_eq!(bench.raised_after(SAMPLING, 400), None);
}

#[test]
fn heat_at_one_end_does_not_reach_the_other() {
    let mut bench = Bench::new();
    bench.run(400);
    warm(&mut bench, &[0], 90);
    warm(&mut bench, &[1], 21);
    warm(&mut bench, &[2], 20);
    assert_eq!(bench.raised_after(SAMPLING, 1000), None, "a fourth of the neighbour's 2 K are five digits");
}

#[test]
fn a_lost_thermistor_does_not_hide_a_frozen_one() {
    let mut bench = Bench::new();
    bench.run(400);
    bench.sample.cell_temperatures[0] = None;
    warm(&mut bench, &[1, 3], 21);
    bench.run(3);
    assert_eq!((bench.measured.frozen.seen, bench.measured.frozen.element), (Some(1), 3));
    // Back again, it has to move as far as the others.
    warm(&mut bench, &[0], 0);
    bench.tick();
    assert_eq!(bench.measured.frozen.seen, Some(0));
}

#[test]
fn a_lost_reading_is_not_frozen() {
    let mut bench = Bench::new();
    bench.set_current(-30_000);
    bench.run(400);
    bench.sample.cells[6] = None;
    bench.set_current(30_000);
    bench.run(100);
    assert_eq!(bench.measured.frozen.seen, Some(0));
}
