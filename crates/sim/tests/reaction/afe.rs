//! The same with an AFE that converts more slowly than the module samples, and loses conversions.

use std::fmt::Write as _;

use voltower_core::Duration;

use crate::cases::{Case, cases};
use crate::is_printed;
use crate::site::Site;

/// How the AFE converts.
struct Timing {
    words: &'static str,
    every: Duration,
    /// So many of a hundred conversions are lost at random.
    lost: u32,
    /// And one of the first conversions after the crossing.
    one: bool,
}

const fn timing(words: &'static str, every: u64, lost: u32, one: bool) -> Timing {
    Timing { words, every: Duration::millis(every), lost, one }
}

const TIMINGS: [Timing; 5] = [
    timing("10 ms, 1 % lost", 10, 1, false),
    timing("100 ms", 100, 0, false),
    timing("100 ms, 1 % lost", 100, 1, false),
    timing("250 ms", 250, 0, false),
    timing("250 ms, one lost", 250, 0, true),
];

/// What only the AFE measures.
const OF_AFE: [&str; 8] = ["SR-001", "SR-003", "SR-004", "SR-005", "SR-006", "SR-007", "SR-008", "SR-011"];
/// Moments of a conversion at which it happens.
const PHASES: u64 = 3;
/// Conversions of which one is lost.
const LOST: u64 = 3;
/// No cell passes this by an over-voltage, V: 3.65 V, and what charge takes it further meanwhile.
const HIGHEST: f64 = 3.70;

/// The longest of all phases, and the highest that a cell came to.
fn worst(case: &Case, timing: &Timing) -> Option<(Duration, f64)> {
    let afe = format!(
        "afe = {{ period = \"{} ms\", phase = \"3 ms\", lost = \"{} %\" }}",
        timing.every.as_millis(),
        timing.lost
    );
    let lost = if timing.one { LOST } else { 1 };
    let mut worst = (Duration::ZERO, 0.0_f64);
    for (phase, place) in (0..PHASES).flat_map(|phase| (0..lost).map(move |place| (phase, place))) {
        let mut site = Site::running(case, &afe);
        site.loses = timing.one.then_some((place, timing.every));
        let begins = Duration(timing.every.0 * phase / PHASES);
        let took = site.reaction(case, Duration::millis(begins.as_millis().next_multiple_of(10)))?;
        worst = (worst.0.max(took), worst.1.max(site.highest));
    }
    Some(worst)
}

/// SR-001: at most 1.0 s up to 100 ms; at 250 ms, and one conversion lost, at most 1.1 s.
fn over_voltage_within(timing: &Timing) -> Duration {
    Duration::millis(if timing.every <= Duration::millis(100) { 1000 } else { 1100 })
}

const HEAD: &str = "\
# Reaction times with a slow AFE

As in [reaction times](reaction-times.md), of what only the AFE measures: the module samples every 10 ms, its AFE
converts as the head says; the longest of three phases, and of each of three conversions that is lost alone.

SR-001 takes at most 1.0 s up to 100 ms, and at most 1.1 s at 250 ms with a conversion lost; no cell comes to 3.70 V.

Printed by `UPDATE_EXPECT=1 cargo test -p voltower-sim --test reaction`, which also tests it.

";

#[test]
fn a_slow_afe_delays_no_more_than_it_must() {
    let mut page = HEAD.to_owned();
    let heads: Vec<&str> = TIMINGS.iter().map(|timing| timing.words).collect();
    writeln!(page, "| | what happens | {} |", heads.join(" | ")).expect("a string takes everything");
    writeln!(page, "|---|---|{}", "---|".repeat(TIMINGS.len())).expect("a string takes everything");
    for case in cases().iter().filter(|case| OF_AFE.contains(&case.requirement)) {
        let mut row = format!("| {} | {} |", case.requirement, case.what);
        for timing in &TIMINGS {
            let (took, highest) = worst(case, timing).unwrap_or_else(|| panic!("{}: never", case.what));
            if case.requirement == "SR-001" {
                assert!(took <= over_voltage_within(timing), "{took} at {}", timing.words);
                assert!(highest < HIGHEST, "{highest} V at {}", timing.words);
            }
            write!(row, " {took} |").expect("a string takes everything");
        }
        println!("{row}");
        writeln!(page, "{row}").expect("a string takes everything");
    }
    is_printed("reaction-times-afe.md", &page);
}
