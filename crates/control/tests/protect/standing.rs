//! What stands after a step: tries, lock-outs on their way to memory, levels that were set, and what was found.

use voltower_control::io::Records;
use voltower_control::protect::Protection;
use voltower_core::{
    Alarm, Condition, ConditionSet, DeciCelsius, Duration, Fault, Finding, FindingSet, Levels, MilliAmps,
    MilliVolts, Threshold,
};

use crate::bench::Bench;

/// Of the counted rows: over-current, forbidden current, converter voltage, currents that differ, MOSFET not closed.
const TRIES: [u8; 5] = [1, 2, 0, 1, 2];

#[test]
fn tries_come_back_as_they_were_kept() {
    let kept = Protection::new(ConditionSet::EMPTY, TRIES);
    assert_eq!(kept.tries(), TRIES);
    let mut slept = kept.clone();
    slept.restart();
    assert_eq!(slept.tries(), TRIES);
    let locked = Protection::new(ConditionSet::EMPTY.with(Fault::OverCurrent), TRIES);
    assert_eq!(locked.tries(), [0, 0, 0, 1, 2], "what is locked out has no more tries to count");
}

#[test]
fn each_counted_row_counts_its_own_tries() {
    for (place, cause) in [
        (|bench| bench.set_current(65_000)) as fn(&mut Bench),
        |bench| {
            bench.doing.charge_mosfet = false;
            bench.doing.discharge_mosfet = false;
            bench.sample.charge_mosfet_closed = false;
            bench.sample.discharge_mosfet_closed = false;
            bench.set_current(2000);
        },
        |bench| bench.sample.pcu.low_voltage = MilliVolts(50_000),
        |bench| bench.sample.pack_current = MilliAmps(5000),
        |bench| bench.sample.charge_mosfet_closed = false,
    ]
    .into_iter()
    .enumerate()
    {
        let mut bench = Bench::new();
        cause(&mut bench);
        bench.run(105);
        let mut expected = [0; 5];
        expected[place] = 1;
        assert_eq!(bench.protection.tries(), expected);
    }
}

#[test]
fn the_third_try_locks_out_though_the_power_was_gone_before_it() {
    for (tries, locks) in [(0, false), (1, false), (2, true)] {
        let mut bench = Bench::kept(ConditionSet::EMPTY, [tries, 0, 0, 0, 0]);
        bench.set_current(65_000);
        assert_eq!(bench.raised_after(Fault::OverCurrent.into(), 5), Some(2));
        assert_eq!(bench.protection.locked_out().contains(Fault::OverCurrent), locks, "{tries} before");
        assert_eq!(bench.protection.tries(), [if locks { 0 } else { tries + 1 }, 0, 0, 0, 0]);
    }
}

#[test]
fn a_quiet_hour_forgives_tries_that_were_kept() {
    let mut bench = Bench::kept(ConditionSet::EMPTY, TRIES);
    bench.period = Duration::mins(1);
    // The tenth of a second of the first sample counts too.
    bench.run(59);
    assert_eq!((bench.protection.tries(), bench.protection.has_changed()), (TRIES, false));
    bench.tick();
    assert_eq!((bench.protection.tries(), bench.protection.has_changed()), ([0; 5], true));
    bench.tick();
    assert!(!bench.protection.has_changed());
}

/// For each of some samples, whether it changes what must be kept.
fn changes(bench: &mut Bench, samples: usize) -> Vec<bool> {
    (0..samples)
        .map(|_| {
            bench.tick();
            bench.protection.has_changed()
        })
        .collect()
}

#[test]
fn a_try_changes_what_is_kept_in_its_own_sample_only() {
    let mut bench = Bench::new();
    assert_eq!(changes(&mut bench, 2), [false; 2]);
    bench.set_current(65_000);
    assert_eq!(changes(&mut bench, 4), [false, true, false, false]);
    bench.set_current(0);
    assert!(!changes(&mut bench, 120).contains(&true), "that it is over changes nothing");
}

#[test]
fn what_comes_and_goes_by_itself_changes_nothing_that_is_kept() {
    let mut bench = Bench::new();
    bench.set_cells(3650);
    assert!(!changes(&mut bench, 20).contains(&true));
    assert!(bench.has(Fault::OverVoltage));
    bench.set_cells(3300);
    assert!(!changes(&mut bench, 700).contains(&true));
    assert!(!bench.has(Fault::OverVoltage));
}

#[test]
fn a_lock_out_changes_what_is_kept_when_it_comes_and_when_it_goes() {
    let mut bench = Bench::new();
    bench.sample.comparator_tripped = true;
    assert_eq!(changes(&mut bench, 3), [true, false, false]);
    bench.sample.comparator_tripped = false;
    bench.doing.person = true;
    assert_eq!(changes(&mut bench, 3), [true, false, false]);
}

#[test]
fn a_lock_out_is_unwritten_until_memory_holds_it_and_was_told() {
    let bms = ConditionSet::EMPTY.with(Fault::Bms);
    let mut bench = Bench::new();
    bench.doing.held = false;
    bench.sample.comparator_tripped = true;
    bench.run(3);
    assert_eq!((bench.protection.locked_out(), bench.protection.unwritten()), (bms, bms));
    bench.doing.held = true;
    let mut full = Records::new();
    while full.push(voltower_control::record::Record::Configured).is_ok() {}
    let verdict = bench.tick_into(&mut full);
    assert_eq!((verdict.pending, bench.protection.unwritten()), (bms, bms), "nobody could be told");
    let verdict = bench.tick();
    assert_eq!((verdict.pending, bench.protection.unwritten()), (ConditionSet::EMPTY, ConditionSet::EMPTY));
    assert_eq!((verdict.locked, bench.protection.locked_out()), (bms, bms));
    let known = Bench::locked(bms).protection;
    assert_eq!((known.locked_out(), known.unwritten()), (bms, ConditionSet::EMPTY));
}

#[test]
fn a_lock_out_that_is_cleared_before_it_was_written_is_no_more_to_be_written() {
    let mut bench = Bench::new();
    bench.doing.held = false;
    bench.sample.comparator_tripped = true;
    bench.tick();
    bench.sample.comparator_tripped = false;
    bench.doing.person = true;
    let verdict = bench.tick();
    assert!(bench.protection.locked_out().is_empty() && bench.protection.unwritten().is_empty());
    assert!(verdict.isolate && verdict.pending.contains(Fault::Bms), "memory may hold it");
    bench.doing.held = true;
    assert!(bench.tick().conditions.is_empty());
}

#[test]
fn a_tighter_level_raises_sooner_and_clears_by_its_own_number() {
    for (configured, mv, raised) in [(false, 3599, false), (true, 3499, false), (true, 3500, true)] {
        let mut bench = Bench::new();
        if configured {
            let alarm = Levels::OURS.with(Threshold::OverVoltageAlarm, 3500);
            bench.protection.configure(&alarm.with(Threshold::OverVoltageClear, 3400), false);
        }
        bench.set_cells(mv);
        assert_eq!(bench.raised_after(Alarm::OverVoltage.into(), 50).is_some(), raised, "{mv} mV");
        if raised {
            bench.set_cells(3401);
            assert_eq!(bench.gone_after(Alarm::OverVoltage.into(), 1000), None);
            bench.set_cells(3400);
            assert_eq!(bench.gone_after(Alarm::OverVoltage.into(), 1000), Some(600));
        }
    }
}

#[test]
fn levels_that_are_set_leave_what_stands_as_it_is() {
    let mut bench = Bench::kept(ConditionSet::EMPTY.with(Fault::Cell), TRIES);
    bench.set_cells(3600);
    bench.run(20);
    let before = bench.protection.clone();
    bench.protection.configure(&Levels::OURS.with(Threshold::OverVoltageClear, 3400), false);
    let after = &bench.protection;
    assert_eq!((after.verdict(), after.tries()), (before.verdict(), before.tries()));
    assert_eq!((after.locked_out(), after.findings()), (before.locked_out(), before.findings()));
    bench.set_cells(3450);
    assert_eq!(bench.gone_after(Alarm::OverVoltage.into(), 1000), None, "it clears by what is set now");
}

#[test]
fn with_a_broken_configuration_our_levels_hold_and_everything_is_open() {
    let tight = Levels::OURS.with(Threshold::OverVoltageAlarm, 3500);
    let mut bench = Bench::new();
    bench.protection.configure(&tight, true);
    bench.set_cells(3599);
    let verdict = bench.tick();
    assert!(verdict.open && verdict.conditions.contains(Fault::Bms));
    bench.run(50);
    assert!(!bench.has(Alarm::OverVoltage), "what is set is not believed");
    bench.protection.configure(&tight, false);
    bench.run(50);
    assert!(bench.has(Alarm::OverVoltage) && !bench.has(Fault::Bms));
}

/// A cause, its condition, and everything that is found in the sample that raises it; what the condition says first.
type Found = (fn(&mut Bench), Condition, &'static [Finding]);

fn deci(deci: i16) -> Option<DeciCelsius> {
    Some(DeciCelsius(deci))
}

fn of_cells() -> Vec<Found> {
    use Finding as F;
    vec![
        (|b| b.set_cells(3600), Alarm::OverVoltage.into(), &[F::CellVoltageHigh]),
        (|b| b.set_cells(3650), Fault::OverVoltage.into(), &[F::CellVoltageTooHigh, F::CellVoltageHigh]),
        (|b| b.set_cells(2800), Alarm::UnderVoltage.into(), &[F::CellVoltageLow]),
        (|b| b.set_cells(2500), Fault::LowVoltage.into(), &[F::CellVoltageTooLow, F::CellVoltageLow]),
        (|b| b.set_cells(1999), Fault::Cell.into(), &[F::DeepDischarge]),
        (|b| b.set_cell(9, 3000), Alarm::VoltageDifference.into(), &[F::VoltagesApart]),
        (
            |b| b.set_cell(9, 2800),
            Fault::VoltageDifference.into(),
            &[F::VoltagesTooFarApart, F::VoltagesApart, F::CellVoltageLow],
        ),
        (|b| b.set_temperatures(550), Alarm::HighTemperature.into(), &[F::CellHot]),
        (|b| b.set_temperatures(600), Fault::HighTemperature.into(), &[F::CellTooHot, F::CellHot]),
        (|b| b.set_temperatures(650), Fault::HighTemperature.into(), &[F::CellExtremelyHot]),
        (|b| b.set_temperatures(-120), Alarm::LowTemperature.into(), &[F::CellCold]),
        (|b| b.set_temperatures(-200), Fault::LowTemperature.into(), &[F::CellTooCold, F::CellCold]),
        (
            |b| b.sample.cell_temperatures[1] = deci(350),
            Alarm::TemperatureDifference.into(),
            &[F::TemperaturesApart],
        ),
        (
            |b| b.sample.cell_temperatures[1] = deci(400),
            Fault::TemperatureDifference.into(),
            &[F::TemperaturesTooFarApart, F::TemperaturesApart],
        ),
    ]
}

fn of_electronics() -> Vec<Found> {
    use Finding as F;
    vec![
        (|b| b.sample.ambient_temperature = deci(500), Alarm::AmbientTemperature.into(), &[F::AmbientHot]),
        (|b| b.sample.ambient_temperature = deci(-120), Alarm::AmbientTemperature.into(), &[F::AmbientCold]),
        (
            |b| b.sample.ambient_temperature = deci(550),
            Fault::AmbientTemperature.into(),
            &[F::AmbientTooHot, F::AmbientHot],
        ),
        (
            |b| b.sample.ambient_temperature = deci(-200),
            Fault::AmbientTemperature.into(),
            &[F::AmbientTooCold, F::AmbientCold],
        ),
        (|b| b.sample.pcu.heat_sink = deci(800), Alarm::Other.into(), &[F::HeatSinkHot]),
        (|b| b.sample.pcu.heat_sink = deci(950), Fault::Pcu.into(), &[F::HeatSinkTooHot, F::HeatSinkHot]),
        (|b| b.sample.mos_temperature = deci(850), Alarm::Other.into(), &[F::MosfetsHot]),
        (|b| b.sample.mos_temperature = deci(1000), Fault::Bms.into(), &[F::MosfetsTooHot, F::MosfetsHot]),
        (|b| b.set_current(55_000), Alarm::OverCurrent.into(), &[F::CurrentHigh]),
        (|b| b.set_current(65_000), Fault::OverCurrent.into(), &[F::CurrentTooHigh]),
        (|b| b.sample.pcu.bus_current = MilliAmps(7000), Alarm::OverCurrent.into(), &[F::PowerBeyondLimit]),
    ]
}

fn of_readings() -> Vec<Found> {
    use Finding as F;
    vec![
        (|b| b.sample.cells[3] = None, Fault::Sampling.into(), &[F::ReadingImpossible]),
        (
            |b| {
                b.sample.pack_voltage = MilliVolts(51_500);
                b.sample.pcu.low_voltage = MilliVolts(52_150);
            },
            Fault::Sampling.into(),
            &[F::SumDiffers],
        ),
        (
            |b| b.sample.pcu.low_voltage = MilliVolts(50_000),
            Fault::Sampling.into(),
            &[F::ConverterVoltageDiffers],
        ),
        (
            |b| {
                b.set_current(20_000);
                b.run(400);
                b.sample.pcu.low_current = MilliAmps(20_051);
            },
            Fault::Sampling.into(),
            &[F::ReadingFrozen],
        ),
        (|b| b.sample.pack_current = MilliAmps(5000), Fault::Sampling.into(), &[F::CurrentsDiffer]),
        (|b| b.silent = true, Fault::Bms.into(), &[F::AfeSilent]),
    ]
}

fn of_the_module() -> Vec<Found> {
    use Finding as F;
    vec![
        (|b| b.sample.comparator_tripped = true, Fault::Bms.into(), &[F::ComparatorOpened]),
        (
            |b| b.sample.comparator.over_temperature = DeciCelsius(701),
            Fault::Bms.into(),
            &[F::ComparatorNotSet],
        ),
        (|b| b.doing.converter_failed = true, Fault::Pcu.into(), &[F::ConverterFailed]),
        (|b| b.doing.self_test_failed = true, Fault::Bms.into(), &[F::SelfTestFailed]),
        (|b| b.doing.relay = false, Fault::Other.into(), &[F::ContactWelded]),
        (|b| b.sample.discharge_mosfet_closed = false, Fault::Bms.into(), &[F::MosfetNotClosed]),
        (
            |b| b.sample.pcu.terminal_voltage = MilliVolts(-10_000),
            Fault::Terminal.into(),
            &[F::TerminalsReversed],
        ),
        (|b| b.protection.configure(&Levels::OURS, true), Fault::Bms.into(), &[F::ConfigurationBroken]),
        (|b| b.doing.converter_lost = true, Fault::Pcu.into(), &[F::ConverterLost]),
        (|b| b.doing.memory_failed = true, Fault::Bms.into(), &[F::MemoryFailed]),
        (|b| b.doing.stored_damaged = true, Fault::Bms.into(), &[F::StoredLost]),
        (|b| b.doing.resets = u8::MAX, Fault::Bms.into(), &[F::ResetStorm]),
    ]
}

fn set(findings: &[Finding]) -> FindingSet {
    findings.iter().fold(FindingSet::EMPTY, |mut set, finding| {
        set.insert(*finding);
        set
    })
}

#[test]
fn every_row_says_what_it_has_found() {
    for cases in [of_cells(), of_electronics(), of_readings(), of_the_module()] {
        for (cause, condition, found) in cases {
            let mut bench = Bench::new();
            assert_eq!(bench.protection.findings(), FindingSet::EMPTY);
            assert_eq!(bench.protection.finding(condition), Finding::Unnamed);
            cause(&mut bench);
            assert!(bench.raised_after(condition, 105).is_some(), "{found:?}");
            assert_eq!(bench.protection.findings(), set(found), "{found:?}");
            assert_eq!(Some(&bench.protection.finding(condition)), found.first());
            let other = Condition::all().find(|other| !bench.has(*other)).expect("not all at once");
            assert_eq!(bench.protection.finding(other), Finding::Unnamed);
        }
    }
}

#[test]
fn of_several_findings_the_first_of_the_table_is_told_until_it_is_over() {
    let mut bench = Bench::new();
    bench.sample.pcu.heat_sink = deci(800);
    bench.sample.mos_temperature = deci(850);
    bench.run(30);
    assert_eq!(bench.protection.finding(Alarm::Other.into()), Finding::HeatSinkHot);
    bench.sample.pcu.heat_sink = deci(300);
    bench.run(120);
    assert_eq!(bench.protection.finding(Alarm::Other.into()), Finding::MosfetsHot);
    assert_eq!(bench.protection.findings(), set(&[Finding::MosfetsHot]));
}
