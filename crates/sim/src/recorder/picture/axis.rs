//! Round times for people.

use voltower_core::{Duration, Instant};

use crate::scenario::DayTime;

/// Steps between labels on a time axis, s.
const TIME_STEPS: [u64; 18] = [
    1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 86_400, 172_800, 604_800, 2_592_000,
];

/// Instants for labels of a time axis up to `end`, with their labels: clock times, days when they change.
pub(super) fn time_labels(start: DayTime, end: Instant) -> Vec<(Instant, String)> {
    let seconds = end.0 / 1_000_000;
    let step = TIME_STEPS.into_iter().find(|step| seconds / step <= 12).unwrap_or(30 * 86_400);
    let first = u64::from(start.0).div_ceil(step) * step - u64::from(start.0);
    let at = (0..).map(|tick| Instant::ZERO + Duration::secs(first + tick * step));
    at.take_while(|at| *at <= end).map(|at| (at, time_label(start, at, step))).collect()
}

fn time_label(start: DayTime, at: Instant, step: u64) -> String {
    let clock = start.after(at);
    match (step >= 86_400, step < 60) {
        (true, _) => format!("day {}", clock.day),
        (false, true) => format!("{:#}", clock.time),
        (false, false) => clock.time.to_string(),
    }
}
