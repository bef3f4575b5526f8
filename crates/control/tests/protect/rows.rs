//! One row and its state, step by step.

use voltower_control::protect::Quantity;
use voltower_control::protect::measure::Evidence;
use voltower_control::protect::row::{Clear, Heals, Reaction, Recovery, Row, RowState, Sense, Settable};
use voltower_control::protect::table::{TABLE, table};
use voltower_core::{Alarm, Duration, Finding, Levels, Threshold};

const TENTH: Duration = Duration::millis(100);
const HOUR: Duration = Duration::mins(60);

/// Wrong from 100, right from 90; three samples and 300 ms; calm for 500 ms.
const ROW: Row = Row {
    quantity: Quantity::Current,
    sense: Sense::Above,
    raise: 100,
    clear: 90,
    samples: 3,
    after: Duration::millis(300),
    calm: Duration::millis(500),
    recovery: Recovery::Automatic,
    condition: voltower_core::Condition::Alarm(Alarm::Other),
    reaction: Reaction::Warn,
    heals: Heals::Rest,
    finding: Finding::Unnamed,
    settable: None,
};

fn rising(samples: u8, ms: u64) -> RowState {
    RowState::Rising { tries: 1, samples, elapsed: Duration::millis(ms), waited: Duration::ZERO }
}

/// The same after so long without anything new.
fn waiting(samples: u8, ms: u64, waited: u64) -> RowState {
    let (elapsed, waited) = (Duration::millis(ms), Duration::millis(waited));
    RowState::Rising { tries: 1, samples, elapsed, waited }
}

/// Raised so long ago, calm for so long, and so long without anything new.
fn raised(held: u64, calm: u64, waited: u64) -> RowState {
    let [held, calm, waited] = [held, calm, waited].map(Duration::millis);
    RowState::Raised { tries: 1, held, calm, waited }
}

fn seen(value: i32) -> Evidence {
    Evidence::sure(value, true)
}

/// Nothing valid, and `worst` by now.
fn lost(worst: i32) -> Evidence {
    Evidence { worst, fresh: true, ..Evidence::default() }
}

#[test]
fn a_row_is_wrong_by_what_is_seen_and_calm_by_the_worst() {
    let below = Row { sense: Sense::Below, raise: 90, clear: 100, ..ROW };
    for (value, wrong, calm) in [(89, false, true), (90, false, true), (91, false, false), (99, false, false)]
    {
        assert_eq!((ROW.is_wrong(&seen(value)), ROW.is_calm(&seen(value))), (wrong, calm), "{value}");
    }
    for value in [100, 101] {
        assert_eq!((ROW.is_wrong(&seen(value)), ROW.is_calm(&seen(value))), (true, false), "{value}");
        assert_eq!((below.is_wrong(&seen(value)), below.is_calm(&seen(value))), (false, true), "{value}");
    }
    for value in [89, 90] {
        assert_eq!((below.is_wrong(&seen(value)), below.is_calm(&seen(value))), (true, false), "{value}");
    }
    assert!(!ROW.is_wrong(&lost(1000)) && !ROW.is_calm(&lost(0)), "what is not seen proves nothing");
    let partly_lost = Evidence { worst: 91, ..seen(50) };
    assert!(!ROW.is_wrong(&partly_lost) && !ROW.is_calm(&partly_lost));
}

#[test]
fn a_rising_row_counts_samples_and_time() {
    let tries = 1;
    for (before, evidence, after) in [
        (rising(1, 0), seen(100), rising(2, 100)),
        // Samples are full before the time, or the time before the samples.
        (rising(9, 100), seen(100), rising(10, 200)),
        (rising(1, 900), seen(100), rising(2, 1000)),
        // Both are full.
        (
            rising(2, 200),
            seen(100),
            RowState::Raised { tries: 2, held: Duration::ZERO, calm: Duration::ZERO, waited: Duration::ZERO },
        ),
        // On the right side it counts back, time too.
        (rising(3, 250), seen(99), rising(2, 150)),
        (rising(2, 50), seen(0), rising(1, 0)),
        (rising(1, 200), seen(99), RowState::Quiet { tries, forgiven_in: HOUR }),
        // What is not new, or not seen, pauses; the next that is stands for the time since the last.
        (rising(2, 200), Evidence::sure(100, false), waiting(2, 200, 100)),
        (rising(2, 200), Evidence::sure(0, false), waiting(2, 200, 100)),
        (rising(2, 200), lost(0), waiting(2, 200, 100)),
        (waiting(1, 0, 150), seen(100), rising(2, 250)),
        (waiting(4, 300, 150), seen(99), rising(3, 50)),
        // Nothing stands for longer than a reading holds.
        (waiting(1, 0, 2000), seen(100), rising(2, 600)),
    ] {
        assert_eq!(before.next(&ROW, &evidence, TENTH, false), after, "{before:?} and {evidence:?}");
        assert!(!before.is_present());
    }
}

#[test]
fn the_first_wrong_sample_must_be_new() {
    let quiet = RowState::Quiet { tries: 1, forgiven_in: HOUR };
    assert_eq!(quiet.next(&ROW, &seen(100), TENTH, false), rising(1, 0));
    let later = RowState::Quiet { tries: 1, forgiven_in: Duration::millis(3_599_900) };
    assert_eq!(quiet.next(&ROW, &Evidence::sure(100, false), TENTH, false), later);
    let at_once = Row { samples: 1, after: Duration::ZERO, ..ROW };
    assert!(quiet.next(&at_once, &seen(100), TENTH, false).is_present());
}

#[test]
fn a_quiet_hour_forgives_and_not_a_moment_less() {
    let quiet = RowState::Quiet { tries: 2, forgiven_in: Duration::millis(200) };
    let soon = RowState::Quiet { tries: 2, forgiven_in: Duration::millis(100) };
    assert_eq!(quiet.next(&ROW, &seen(0), TENTH, false), soon);
    assert_eq!(soon.next(&ROW, &seen(0), TENTH, false), RowState::QUIET);
}

#[test]
fn a_raised_row_is_held_until_it_was_calm_for_long_enough() {
    assert!(raised(0, 0, 0).is_present());
    assert_eq!(raised(1000, 0, 0).next(&ROW, &seen(100), TENTH, false), raised(1100, 0, 0));
    assert_eq!(raised(1000, 300, 0).next(&ROW, &seen(90), TENTH, false), raised(1100, 400, 0));
    assert_eq!(raised(1000, 400, 0).next(&ROW, &seen(91), TENTH, false), raised(1100, 0, 0));
    let quiet = RowState::Quiet { tries: 1, forgiven_in: HOUR };
    assert_eq!(raised(1000, 400, 0).next(&ROW, &seen(90), TENTH, false), quiet);
    let unhurried = Row { calm: Duration::ZERO, ..ROW };
    assert_eq!(raised(1000, 0, 0).next(&unhurried, &seen(91), TENTH, false), raised(1100, 0, 0));
}

#[test]
fn what_cannot_be_seen_pauses_the_calm_and_what_is_wrong_ends_it() {
    let partly_lost = Evidence { worst: 91, ..seen(50) };
    for nothing in [lost(0), partly_lost, Evidence::sure(0, false), Evidence::sure(100, false)] {
        let next = raised(1000, 400, 0).next(&ROW, &nothing, TENTH, false);
        assert_eq!(next, raised(1100, 400, 100), "{nothing:?}");
    }
    assert_eq!(raised(1000, 100, 200).next(&ROW, &seen(90), TENTH, false), raised(1100, 400, 0));
    assert_eq!(raised(1000, 400, 200).next(&ROW, &seen(91), TENTH, false), raised(1100, 0, 0));
    let quiet = RowState::Quiet { tries: 1, forgiven_in: HOUR };
    assert_eq!(raised(1000, 200, 200).next(&ROW, &seen(90), TENTH, false), quiet);
    let long = Row { calm: Duration::secs(5), ..ROW };
    assert_eq!(raised(1000, 0, 2900).next(&long, &seen(90), TENTH, false), raised(1100, 600, 0));
}

#[test]
fn the_third_trip_of_a_row_with_tries_locks() {
    let row = Row { recovery: Recovery::Tries, ..ROW };
    for (tries, locks) in [(0, false), (1, false), (2, true), (255, true)] {
        let full =
            RowState::Rising { tries, samples: 2, elapsed: Duration::millis(200), waited: Duration::ZERO };
        let next = full.next(&row, &seen(100), TENTH, false);
        assert_eq!(next == RowState::Locked, locks, "{tries} before");
        let automatic = full.next(&ROW, &seen(100), TENTH, false);
        assert_ne!(automatic, RowState::Locked);
    }
}

#[test]
fn only_a_person_and_calm_together_unlock() {
    assert!(RowState::Locked.is_present());
    for (evidence, person, unlocks) in [
        (seen(90), true, true),
        (seen(90), false, false),
        (seen(91), true, false),
        (seen(100), false, false),
        (lost(0), true, false),
    ] {
        let next = RowState::Locked.next(&ROW, &evidence, TENTH, person);
        assert_eq!(next, if unlocks { RowState::QUIET } else { RowState::Locked }, "{evidence:?}");
    }
}

#[test]
fn a_row_that_is_tried_or_waits_for_a_person_locks_out_and_only_one_that_is_tried_is_counted() {
    for (recovery, locks_out, counted) in
        [(Recovery::Automatic, false, false), (Recovery::Tries, true, true), (Recovery::Person, true, false)]
    {
        let row = Row { recovery, ..ROW };
        assert_eq!((row.locks_out(), row.is_counted()), (locks_out, counted), "{recovery:?}");
    }
}

#[test]
fn the_level_of_clearing_follows_the_one_that_is_set() {
    let levels = Levels::OURS
        .with(Threshold::VoltageSpreadAlarm, 150)
        .with(Threshold::HotChargeEnd, 500)
        .with(Threshold::ColdAlarm, -50)
        .with(Threshold::OverCurrentAlarm, 53_000)
        .with(Threshold::OverVoltageAlarm, 3500)
        .with(Threshold::OverVoltageClear, 3400);
    let set = table(&levels);
    for (threshold, follows, raise, clear) in [
        // Two thirds of it, 5 K below it, 3 K above it, 52 A whatever it is, and a level of its own.
        (Threshold::VoltageSpreadAlarm, Clear::Share, 150, 100),
        (Threshold::HotChargeEnd, Clear::Apart, 500, 450),
        (Threshold::ColdAlarm, Clear::Apart, -50, -20),
        (Threshold::OverCurrentAlarm, Clear::Fixed, 53_000, 52_000),
        (Threshold::OverVoltageAlarm, Clear::At(Threshold::OverVoltageClear), 3500, 3400),
        (Threshold::VoltageSpreadFault, Clear::Share, 500, 300),
    ] {
        let settable = Some(Settable { raise: threshold, clear: follows });
        let row = set.iter().find(|row| row.settable == settable).expect("a row of this level");
        assert_eq!((row.raise, row.clear), (raise, clear), "{threshold}");
    }
    assert_eq!(table(&Levels::OURS), TABLE);
}

#[test]
fn tries_that_were_kept_are_forgiven_after_an_hour() {
    assert_eq!(RowState::after_tries(0), RowState::QUIET);
    assert_eq!(RowState::after_tries(2), RowState::Quiet { tries: 2, forgiven_in: HOUR });
}

#[test]
fn every_state_but_a_lock_out_knows_its_tries() {
    const ZERO: Duration = Duration::ZERO;
    let raised = |tries| RowState::Raised { tries, held: ZERO, calm: ZERO, waited: ZERO };
    for tries in [0, 1, 2] {
        let rising = RowState::Rising { tries, samples: 1, elapsed: ZERO, waited: ZERO };
        let quiet = RowState::Quiet { tries, forgiven_in: HOUR };
        assert_eq!([quiet, rising, raised(tries)].map(RowState::tries), [tries; 3]);
    }
    assert_eq!(RowState::Locked.tries(), 0);
}
