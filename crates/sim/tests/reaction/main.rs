//! How long it takes from the moment at which the hardware is beyond a level until the current is zero, at the worst
//! phase of the samples and with a Link that a tool keeps busy. Printed as a table (`docs/reaction-times.md`).

mod afe;
mod cases;
mod site;

use std::fmt::Write as _;
use std::path::Path;

use voltower_core::Duration;

use cases::{Case, cases};
use site::Site;

/// Sample period of all figures (design: protection figures count at 10 ms).
const PERIOD: Duration = Duration::millis(10);
/// Moments of the cycles beside the samples: process data every 100 ms, the self tests' slices, the AFE.
const PHASES: u64 = 10;

/// The longest of all phases.
fn worst(case: &Case) -> Option<Duration> {
    let reaction = |phase| Site::running(case, "").reaction(case, Duration::millis(13 * phase));
    (0..PHASES).map(reaction).try_fold(Duration::ZERO, |worst, took| Some(worst.max(took?)))
}

fn row(case: &Case) -> (String, bool) {
    let took = worst(case);
    let Case { requirement, what, until, within, fox_bms, .. } = case;
    let shown = took.map_or_else(|| "never".to_owned(), |took| took.to_string());
    let row = format!("| {requirement} | {what} | {until} | {shown} | {within} | {fox_bms} |");
    (row, took.is_some_and(|took| took <= *within))
}

const HEAD: &str = "\
# Reaction times

From the moment at which the hardware (not a reading of it) is beyond a level until what the third column says: at
samples every 10 ms, the longest of ten phases, with a service tool that fills three quarters of the Link (but for the
start: on such a Link no module gets an address). One sample period is added for the crossing: it may have happened just
after a sample. The levels stand in [our values](our-values.md), the requirements in [SAFETY](../SAFETY.md).

The last column is what foxBMS 2 is set to do (`diag_cfg.c`, `battery_*_cfg.h`: samples, delay, and 50 ms of its
contactors), for another battery; it is there to compare the order of magnitude.

Printed by `UPDATE_EXPECT=1 cargo test -p voltower-sim --test reaction`, which also tests it.

| | what happens | until | took | at most | foxBMS |
|---|---|---|---|---|---|
";

#[test]
fn every_trip_comes_in_its_time() {
    let mut page = HEAD.to_owned();
    let mut late = Vec::new();
    for case in cases() {
        let (row, in_time) = row(&case);
        println!("{row}");
        if !in_time {
            late.push(row.clone());
        }
        writeln!(page, "{row}").expect("a string takes everything");
    }
    assert!(late.is_empty(), "too late:\n{}", late.join("\n"));
    is_printed("reaction-times.md", &page);
}

/// The page is what it would be.
fn is_printed(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, page).expect("docs can be written");
    }
    let printed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(printed, page, "the page is old: UPDATE_EXPECT=1 cargo test -p voltower-sim --test reaction");
}
