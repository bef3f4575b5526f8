//! Round numbers for people.

/// A range of numbers with round ends and a round step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    step: f64,
}

impl Axis {
    /// Around `low` to `high`, at least `span` wide, with about five steps.
    #[must_use]
    pub fn around(low: f64, high: f64, span: f64) -> Self {
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
    pub fn ticks(self) -> impl Iterator<Item = f64> {
        let count = libm::round((self.high - self.low) / self.step) as usize;
        (0..=count).map(move |tick| self.low + self.step * tick as f64)
    }

    /// A label with as many decimals as the step needs.
    #[must_use]
    pub fn label(self, value: f64) -> String {
        let decimals = (-libm::floor(libm::log10(self.step) + 1e-9)).max(0.0) as usize;
        let text = format!("{value:.decimals$}");
        if text.trim_start_matches(['-', '0', '.']).is_empty() { "0".to_owned() } else { text }
    }
}
