//! An expectation holds when it is seen, and fails when it is not: else no scenario could fail.

use voltower_core::{Cause, Diagnosis, Duration, Instant, TowerState};
use voltower_sim::check::{Checker, Verdict};
use voltower_sim::recorder::Snapshot;
use voltower_sim::scenario::{Check, Expectation, Observable, Window};

const fn s(seconds: u64) -> Instant {
    Instant(seconds * 1_000_000)
}

fn expect(window: Window, check: Check) -> Checker {
    let text = "a test".to_owned();
    Checker::new(&[Expectation { text, line: 1, window, tower: 0, module: None, checks: vec![check] }])
}

/// Looks once a second from 0 s to 20 s; the tower charges while `charges` says so.
fn verdict(window: Window, charges: impl Fn(u64) -> bool) -> Verdict {
    let mut checker = expect(window, Check::State(TowerState::Charging));
    let mut seen = Snapshot::new(&[1]);
    for second in 0..=20 {
        seen.towers[0].state = if charges(second) { TowerState::Charging } else { TowerState::Standby };
        checker.look(s(second), &seen);
    }
    checker.finish(s(20));
    checker.results()[0].verdict
}

fn once(from: u64, by: u64, lasting: u64) -> Window {
    Window::Once { from: s(from), by: s(by), lasting: Duration::secs(lasting) }
}

#[test]
fn once_is_enough_inside_the_window() {
    assert_eq!(verdict(once(5, 10, 0), |t| t == 7), Verdict::Held { at: s(7) });
    assert_eq!(verdict(once(5, 10, 0), |t| t == 10), Verdict::Held { at: s(10) });
}

#[test]
fn what_is_seen_too_early_too_late_or_never_has_failed() {
    assert_eq!(verdict(once(5, 10, 0), |t| t == 4), Verdict::Failed { at: s(10) });
    assert_eq!(verdict(once(5, 10, 0), |t| t > 10), Verdict::Failed { at: s(10) });
    assert_eq!(verdict(once(5, 30, 0), |_| false), Verdict::Failed { at: s(20) });
}

#[test]
fn what_must_last_begins_in_the_window_and_is_not_interrupted() {
    assert_eq!(verdict(once(5, 10, 3), |t| t >= 9), Verdict::Held { at: s(9) });
    assert_eq!(verdict(once(5, 10, 3), |t| t % 3 != 0), Verdict::Failed { at: s(12) });
    assert_eq!(verdict(once(5, 10, 3), |t| t == 6 || t >= 8), Verdict::Held { at: s(8) });
}

#[test]
fn always_fails_at_the_first_exception_and_not_outside_its_window() {
    let window = Window::Always { from: s(5), until: s(10) };
    assert_eq!(verdict(window, |t| t != 8), Verdict::Failed { at: s(8) });
    assert_eq!(verdict(window, |t| (5..=10).contains(&t)), Verdict::Held { at: s(10) });
}

#[test]
fn a_quantity_is_compared_with_both_ends() {
    let window = Window::Always { from: s(0), until: s(9) };
    for (volts, held) in [(379.9, false), (380.0, true), (420.0, true), (420.1, false)] {
        let check = Check::Within { observable: Observable::BusVoltage, min: 380.0, max: 420.0 };
        let mut checker = expect(window, check);
        let mut seen = Snapshot::new(&[1]);
        seen.towers[0].bus_voltage = volts;
        checker.look(s(1), &seen);
        checker.finish(s(9));
        let verdict = checker.results()[0].verdict;
        assert_eq!(matches!(verdict, Verdict::Held { .. }), held, "{volts} V: {verdict:?}");
    }
}

#[test]
fn a_diagnosis_is_compared_as_it_reads() {
    let after = |module| Diagnosis::new(Cause::ChainInterrupted, module);
    let five = Diagnosis::new(Cause::TooMany, 5);
    for (seen, expected, held) in [
        (after(1), after(1), true),
        (after(2), after(1), false),
        (Diagnosis::NONE, after(1), false),
        (Diagnosis::NONE, Diagnosis::NONE, true),
        (five, Diagnosis::new(Cause::TooMany, 0), true),
        (five, Diagnosis::NONE, false),
    ] {
        let window = Window::Always { from: s(0), until: s(9) };
        let mut checker = expect(window, Check::Diagnosis(expected));
        let mut shown = Snapshot::new(&[1]);
        shown.towers[0].diagnosis = seen;
        checker.look(s(1), &shown);
        checker.finish(s(9));
        let verdict = checker.results()[0].verdict;
        assert_eq!(matches!(verdict, Verdict::Held { .. }), held, "{seen:?} for {expected:?}: {verdict:?}");
    }
}
