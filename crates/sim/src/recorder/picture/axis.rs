//! Round numbers for people.

use voltower_core::{Duration, Instant};

use crate::scenario::DayTime;

/// Steps between labels on a time axis, s.
const TIME_STEPS: [u64; 18] = [
    1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 86_400, 172_800, 604_800, 2_592_000,
];

/// A range of numbers with round ends and a round step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    step: f64,
}

impl Axis {
    /// Around `low` to `high`, at least `span` wide, with about five steps.
    pub(super) fn around(low: f64, high: f64, span: f64) -> Self {
        let missing = (span - (high - low)).max(0.0) / 2.0;
        let (low, high) = (low - missing, high + missing);
        let rough = (high - low) / 5.0;
        let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
        let step =
            [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough * 0.999);
        let step = step.unwrap_or(10.0 * power);
        Self { low: libm::floor(low / step) * step, high: libm::ceil(high / step) * step, step }
    }

    /// Where labels stand.
    pub(super) fn ticks(self) -> impl Iterator<Item = f64> {
        let count = libm::round((self.high - self.low) / self.step) as usize;
        (0..=count).map(move |tick| self.low + self.step * tick as f64)
    }

    /// A label with as many decimals as the step needs.
    pub(super) fn label(self, value: f64) -> String {
        let decimals = (-libm::floor(libm::log10(self.step) + 1e-9)).max(0.0) as usize;
        let text = format!("{value:.decimals$}");
        if text.trim_start_matches(['-', '0', '.']).is_empty() { "0".to_owned() } else { text }
    }
}

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
