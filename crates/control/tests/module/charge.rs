//! Charge counting, anchors, cycles, balancing.

use proptest::prelude::*;
use voltower_control::estimate::capacity::{End, Learner, Shown, Witness};
use voltower_control::keep::ModulePersisted;
use voltower_control::record::Record;
use voltower_core::{
    Charge, DeciCelsius, Duration, Fault, Finding, MilliAmps, MilliVolts, ModuleState, PerMille,
};
use voltower_protocols::link::ModuleRequest;

use crate::rig::{Rig, persisted};

/// 100 Ah, mA ms.
const RATED_CHARGE: i64 = 360_000_000_000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counting_is_exact_for_any_steps(
        steps in prop::collection::vec((1_u64..120_000_000, -1000_i32..1000), 1..200)
    ) {
        let mut rig = Rig::ready();
        let start = rig.controller.persisted().charge.0;
        let mut counted: i128 = 0;
        for (us, ma) in steps {
            // Twofold at most from sample to sample: more is a clock that jumps, and the unit counts as gone.
            let us = us.min(2 * rig.period.0);
            rig.period = Duration(us);
            rig.set_current(MilliAmps(ma));
            rig.tick();
            counted += i128::from(us) * i128::from(ma);
        }
        // Ready, no anchor, less than 7 Ah: every mA us counts; a remainder below one mA ms is kept inside.
        let moved = i128::from(rig.controller.persisted().charge.0 - start);
        prop_assert!((counted - moved * 1000).abs() < 1000, "{} against {}", counted, moved);
    }
}

#[test]
fn tiny_currents_are_not_lost() {
    let mut rig = Rig::ready();
    rig.period = Duration::millis(10);
    rig.set_current(MilliAmps(1));
    let start = rig.controller.persisted().charge.0;
    rig.run(Duration::secs(100));
    assert_eq!(rig.controller.persisted().charge.0 - start, 100_000, "1 mA for 100 000 ms");
}

#[test]
fn a_full_module_is_anchored_once_and_shown_slowly() {
    let mut rig = Rig::with(persisted(900));
    rig.start(ModuleRequest::Ready);
    rig.set_cells(MilliVolts(3450));
    rig.sample.cells[0] = Some(MilliVolts(3560));
    rig.set_current(MilliAmps(5001));
    rig.run(Duration::mins(3));
    assert!(!anchored(&rig), "too much current");
    rig.set_current(MilliAmps(1000));
    rig.run(Duration::secs(59));
    assert!(!anchored(&rig), "too early");
    rig.run(Duration::secs(3));
    assert_eq!(rig.controller.soc(), PerMille(1000));
    assert!(shown(&rig) < 910, "{}", shown(&rig));
    rig.run(Duration::mins(2));
    assert!((935..=955).contains(&shown(&rig)), "2 % a minute: {}", shown(&rig));
    rig.run(Duration::mins(10));
    assert_eq!(shown(&rig), 1000);
    assert_eq!(rig.records.iter().filter(|r| matches!(r, Record::Anchored { .. })).count(), 1);
    assert_eq!(rig.controller.limits().charge.power.0, 0, "full");
}

#[test]
fn an_empty_module_is_anchored() {
    let mut rig = Rig::with(persisted(100));
    rig.start(ModuleRequest::Ready);
    rig.set_cells(MilliVolts(2950));
    rig.sample.cells[3] = Some(MilliVolts(2900));
    rig.set_current(MilliAmps(-3000));
    rig.run(Duration::secs(70));
    // 2.90 V while discharging is 3.5 to 5 % on the controller's own table, not 0.
    let soc = rig.controller.soc().0;
    assert!((30..=55).contains(&soc), "{soc}");
}

#[test]
fn one_cell_alone_recalibrates_nothing_and_is_named() {
    // So little that the voltage cannot be a contact's.
    for (mv, current, name) in [(3560, 900, "full"), (2900, -900, "empty")] {
        let mut rig = Rig::ready();
        rig.set_current(MilliAmps(current));
        rig.run(Duration::secs(60));
        rig.sample.cells[6] = Some(MilliVolts(mv));
        rig.run(Duration::mins(5));
        assert!(!anchored(&rig), "{name}");
        assert!((490..=510).contains(&rig.controller.soc().0), "{name}: {}", rig.controller.soc());
        assert_eq!(rig.controller.estimate().doubted_cell, 7, "{name}");
        let found =
            |record: &Record| matches!(record, Record::Found { finding: Finding::CellAlone, element: 7, .. });
        assert!(rig.records.iter().any(found), "{name}: {:?}", rig.records);
    }
}

#[test]
fn at_the_low_end_a_healthy_spread_is_no_cell_alone_and_corrects_the_count() {
    // An aged module that was never measured: its count says 40 % where the first cell nears its end.
    let mut rig = Rig::with(persisted(400));
    rig.start(ModuleRequest::Connect);
    rig.set_cells(MilliVolts(3232));
    rig.sample.cells[1] = Some(MilliVolts(3206));
    // Not with the current: what falls with it falls because of it.
    rig.run(Duration::secs(20));
    // So little that the voltage cannot be a contact's.
    rig.set_current(MilliAmps(-900));
    rig.run(Duration::mins(4));
    let soc = rig.controller.soc().0;
    // No further below the others than a healthy spread.
    assert!((80..=290).contains(&soc), "{soc}");
    assert_eq!(rig.controller.estimate().doubted_cell, 0);
    let told = |record: &Record| matches!(record, Record::Found { finding: Finding::CellAlone, .. });
    assert!(!rig.records.iter().any(told), "{:?}", rig.records);
}

#[test]
fn a_cell_that_falls_behind_the_plateau_of_the_others_does_not_move_the_count() {
    let mut rig = Rig::with(persisted(550));
    rig.start(ModuleRequest::Connect);
    rig.set_cells(MilliVolts(3296));
    rig.sample.cells[6] = Some(MilliVolts(3232));
    // So little that the voltage cannot be a contact's.
    rig.set_current(MilliAmps(-900));
    rig.run(Duration::mins(4));
    assert!(!anchored(&rig), "{:?}", rig.records);
    assert_eq!(rig.controller.estimate().doubted_cell, 7);
}

/// Each time that the sun goes it asks for less, and each time for little.
#[test]
fn a_cell_that_reads_low_draws_the_count_down_by_no_more_than_a_healthy_spread() {
    let mut rig = Rig::with(persisted(72));
    rig.start(ModuleRequest::Connect);
    rig.period = Duration::secs(1);
    for day in 0..4 {
        rig.set_cells(MilliVolts(3205));
        rig.sample.cells[6] = Some(MilliVolts(3050));
        // So little that the voltage cannot be a contact's.
        rig.set_current(MilliAmps(-900));
        rig.run(Duration::mins(4));
        rig.set_current(MilliAmps(900));
        rig.set_cells(MilliVolts(3250));
        rig.sample.cells[6] = Some(MilliVolts(3095));
        rig.run(Duration::hours(3));
        let counted = 72 + 27 * (day + 1);
        assert!(rig.controller.soc().0 + 60 >= counted, "day {day}: {} of {counted}", rig.controller.soc());
    }
    assert_eq!(rig.controller.estimate().doubted_cell, 7);
}

#[test]
fn a_cell_whose_voltage_sinks_slowly_draws_the_count_nowhere() {
    // As behind a bad contact while the sun sets: no step of the current to learn the contact from.
    let mut rig = Rig::with(persisted(330));
    rig.start(ModuleRequest::Connect);
    rig.set_cells(MilliVolts(3265));
    rig.set_current(MilliAmps(-900));
    rig.period = Duration::secs(1);
    for down in 0..150 {
        rig.sample.cells[6] = Some(MilliVolts(3265 - down));
        rig.run(Duration::secs(15));
    }
    assert!((280..=340).contains(&rig.controller.soc().0), "{}", rig.controller.soc());
    assert_eq!(rig.controller.estimate().doubted_cell, 7);
    // The reading is right again: nobody is doubted any more.
    rig.set_cells(MilliVolts(3265));
    rig.run(Duration::mins(3));
    assert_eq!(rig.controller.estimate().doubted_cell, 0);
}

/// It may hold less than the others: how full those are is not how full the module is.
#[test]
fn once_a_cell_was_alone_with_its_end_the_others_say_nothing_of_the_charge() {
    for (alone, soc) in [(true, 280..=310), (false, 600..=1000)] {
        let mut rig = Rig::with(persisted(300));
        rig.start(ModuleRequest::Connect);
        rig.set_cells(MilliVolts(3285));
        rig.run(Duration::secs(60));
        if alone {
            rig.sample.cells[6] = Some(MilliVolts(2900));
            rig.run(Duration::mins(5));
            assert_eq!(rig.controller.estimate().doubted_cell, 7);
        }
        rig.set_cells(MilliVolts(3342));
        rig.run(Duration::mins(5));
        assert_eq!(rig.controller.estimate().doubted_cell, 0);
        let counted = rig.controller.soc().0;
        assert!(soc.contains(&counted), "{alone}: {counted}");
    }
}

#[test]
fn the_band_holds_what_an_unlearned_capacity_may_be_less() {
    // Learned, and not: full, then 40 Ah out, while the voltage allows anything. With 60 Ah of capacity a third would
    // be left; a learned one may be off by 7 %, which is 3 % of what is left.
    for (capacity, low, soc) in
        [(RATED_CHARGE, 320..=340, 440..=500), (RATED_CHARGE + 1, 550..=572, 585..=605)]
    {
        let mut rig = Rig::with(ModulePersisted { capacity: Charge(capacity), ..persisted(950) });
        rig.start(ModuleRequest::Ready);
        rig.set_cells(MilliVolts(3450));
        rig.sample.cells[0] = Some(MilliVolts(3560));
        rig.run(Duration::mins(2));
        assert_eq!(rig.controller.soc(), PerMille::FULL);
        // One reading is missing: nothing is read from the voltages.
        rig.set_cells(MilliVolts(3290));
        rig.sample.cells[9] = None;
        rig.period = Duration::secs(1);
        rig.set_current(MilliAmps(-40_000));
        rig.run(Duration::hours(1));
        let estimate = rig.controller.estimate();
        assert!(soc.contains(&estimate.soc.0), "at the mean, if it is wide: {estimate:?}");
        let margin = 20; // What a full end and an hour of counting leave open.
        assert!(estimate.soc_low.0 + margin >= *low.start(), "{estimate:?}");
        assert!(estimate.soc_low.0 <= *low.end(), "{estimate:?}");
        assert_eq!(estimate.wants_full_charge(), capacity == RATED_CHARGE, "a wide band asks: {estimate:?}");
    }
}

#[test]
fn the_first_capacity_that_is_measured_replaces_the_rated_one() {
    for (witness, end) in [(Witness::All, Witness::One(7)), (Witness::All, Witness::All)] {
        let mut learner = Learner::default();
        let rated = RATED_CHARGE * 1000;
        let full = Shown { end: End::Upper, witness, soc: PerMille::FULL };
        assert_eq!(learner.reach(full, rated), None);
        learner.pass(-rated / 10 * 6, Duration::hours(5));
        let empty = Shown { end: End::Lower, witness: end, soc: PerMille::ZERO };
        let learned = learner.reach(empty, rated).expect("a capacity");
        assert!((learned - rated / 10 * 6).abs() <= rated / 1000, "all the way: {learned}");
        learner.pass(rated / 100 * 54, Duration::hours(5));
        let half = learner.reach(full, learned).expect("a capacity");
        assert!((half - rated / 100 * 57).abs() <= rated / 1000, "then half of it: {half}");
        learner.pass(-rated / 10 * 4, Duration::hours(5));
        let lost = learner.reach(empty, half).expect("a capacity");
        assert!((lost - rated / 10 * 4).abs() <= rated / 1000, "all of what no error explains: {lost}");
    }
    let mut learner = Learner::default();
    let one = |end, cell, soc| Shown { end, witness: Witness::One(cell), soc };
    assert_eq!(learner.reach(one(End::Upper, 7, PerMille::FULL), RATED_CHARGE * 1000), None);
    learner.pass(-RATED_CHARGE * 600, Duration::hours(5));
    let other = learner.reach(one(End::Lower, 8, PerMille::ZERO), RATED_CHARGE * 1000);
    assert_eq!(other, None, "two cells alone are nobody's capacity");
}

#[test]
fn a_lost_record_is_unknown_and_the_voltage_gives_a_first_band() {
    let mut rig = Rig::with(ModulePersisted::NEW);
    rig.start(ModuleRequest::Ready);
    let estimate = rig.controller.estimate();
    // 3.30 V at rest.
    assert!(estimate.soc_low >= PerMille(200) && estimate.soc_high <= PerMille(800), "{estimate:?}");
    assert!(estimate.soc > estimate.soc_low && estimate.soc < estimate.soc_high, "{estimate:?}");
    assert!(estimate.wants_full_charge());
    assert!(rig.controller.limits().discharge.power.0 > 0, "it is not taken for empty");
}

#[test]
fn a_module_is_empty_below_five_percent_until_eight() {
    for (soc, is_empty) in [(49, true), (51, false)] {
        let mut rig = Rig::with(persisted(soc));
        rig.set_cells(MilliVolts(3080));
        rig.start(ModuleRequest::Ready);
        let power = rig.controller.limits().discharge.power.0;
        assert_eq!(power == 0, is_empty, "{soc}: {power} W");
    }
    let mut rig = Rig::with(persisted(49));
    rig.set_cells(MilliVolts(3220));
    rig.start(ModuleRequest::Connect);
    rig.period = Duration::secs(1);
    rig.set_current(MilliAmps(20_000));
    let ticks = rig.ticks_until(1200, |rig| rig.controller.limits().discharge.power.0 > 0);
    assert!(ticks.is_some(), "{:?}", rig.controller.estimate());
    let soc = rig.controller.soc().0;
    assert!((80..=86).contains(&soc), "it gives again from 8 % on: {soc}");
}

#[test]
fn no_anchor_while_a_cell_is_not_read() {
    let mut rig = Rig::with(persisted(900));
    rig.start(ModuleRequest::Ready);
    rig.set_cells(MilliVolts(3560));
    rig.sample.cells[8] = None;
    rig.run(Duration::mins(3));
    assert!(!anchored(&rig));
}

#[test]
fn throughput_makes_cycles() {
    let mut rig = Rig::with(persisted(1000));
    rig.start(ModuleRequest::Ready);
    rig.period = Duration::secs(60);
    for ma in [-20_000, 20_000, -20_000] {
        rig.set_current(MilliAmps(ma));
        rig.run(Duration::hours(3));
    }
    // 120 Ah taken of 100 Ah.
    assert_eq!(rig.controller.persisted().cycles, 8);
}

#[test]
fn high_cells_are_bled_near_the_top_only() {
    let mut rig = Rig::ready();
    rig.set_cells(MilliVolts(3300));
    rig.sample.cells[5] = Some(MilliVolts(3360));
    rig.run(Duration::secs(20));
    assert_eq!(rig.drive.balancing, 0, "the plateau says nothing");
    rig.set_cells(MilliVolts(3420));
    rig.sample.cells[5] = Some(MilliVolts(3430));
    rig.sample.cells[6] = Some(MilliVolts(3429));
    rig.run(Duration::secs(1));
    assert_eq!(rig.drive.balancing, 1 << 5);
    rig.sample.cells[5] = Some(MilliVolts(3426));
    rig.run(Duration::secs(12));
    assert_eq!(rig.drive.balancing, 1 << 5, "until it is within 5 mV");
    rig.sample.cells[5] = Some(MilliVolts(3424));
    rig.run(Duration::secs(12));
    assert_eq!(rig.drive.balancing, 0);
}

#[test]
fn balancing_stops_at_once_when_it_must() {
    // What the AFE has said last holds for 600 ms.
    let stops = [
        ((|rig| rig.sample.cell_temperatures = [Some(DeciCelsius(501)); 4]) as fn(&mut Rig), 100),
        (|rig| rig.sample.cells[0] = None, 100),
        (|rig| rig.broken.afe_silent = true, 700),
        (|rig| rig.set_cells(MilliVolts(3290)), 100),
    ];
    for (stop, within) in stops {
        let mut rig = Rig::ready();
        rig.set_cells(MilliVolts(3420));
        rig.sample.cells[5] = Some(MilliVolts(3440));
        rig.run(Duration::secs(1));
        assert_ne!(rig.drive.balancing, 0);
        stop(&mut rig);
        rig.run(Duration::millis(within));
        assert_eq!(rig.drive.balancing, 0);
    }
}

#[test]
fn a_cell_whose_reading_is_off_is_bled_for_a_day_and_no_longer() {
    let mut rig = Rig::ready();
    rig.period = Duration::secs(1);
    rig.set_cells(MilliVolts(3300));
    rig.sample.cells[5] = Some(MilliVolts(3500));
    rig.run(Duration::hours(23));
    assert_eq!(rig.drive.balancing, 1 << 5, "it could be fuller than the others");
    rig.run(Duration::hours(2));
    assert_eq!(rig.drive.balancing, 0, "it is not: that would have sunk");
    rig.set_cells(MilliVolts(3300));
    rig.run(Duration::secs(20));
    rig.set_cells(MilliVolts(3420));
    rig.sample.cells[5] = Some(MilliVolts(3440));
    rig.run(Duration::secs(20));
    assert_eq!(rig.drive.balancing, 1 << 5, "the cells have been level");
}

#[test]
fn nothing_is_bled_with_a_fault_even_when_the_module_is_back_on_the_bus() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(3500));
    rig.sample.cells[5] = Some(MilliVolts(3660));
    rig.run(Duration::secs(90));
    assert!(rig.has(Fault::OverVoltage) && rig.state() == ModuleState::Connected, "rested for a minute");
    assert_eq!(rig.drive.balancing, 0);
    rig.set_cells(MilliVolts(3430));
    rig.sample.cells[5] = Some(MilliVolts(3449));
    rig.run(Duration::secs(70));
    assert!(!rig.has(Fault::OverVoltage));
    assert_eq!(rig.drive.balancing, 1 << 5);
}

fn anchored(rig: &Rig) -> bool {
    rig.records.iter().any(|record| matches!(record, Record::Anchored { .. }))
}

/// SOC as the last status frame shows it, in thousandths.
fn shown(rig: &Rig) -> u16 {
    let mut statuses = rig.frames.iter().filter_map(voltower_protocols::link::ModuleStatus::from_frame);
    statuses.next_back().expect("a status frame").1.soc.0
}
