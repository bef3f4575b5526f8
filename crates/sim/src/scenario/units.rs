//! Quantities, lengths of time and times as people write them.

use voltower_core::{Duration, Instant};

use super::{ClockTime, DayTime};

/// When a daily curve is highest unless the scenario says otherwise.
pub(crate) const AFTERNOON: DayTime = DayTime(15 * 3600);

/// Kinds of quantities in a scenario; every number carries its unit in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Power,
    Voltage,
    Current,
    Temperature,
    Kelvin,
    Share,
    Resistance,
    ResistanceRate,
    Length,
    Gauge,
    Count,
}

/// What is wrong with a text, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Unit {
    /// Symbols with their factor to SI (a share is 0 to 1).
    const fn symbols(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::Power => &[("W", 1.0), ("kW", 1000.0)],
            Self::Voltage => &[("V", 1.0), ("mV", 0.001)],
            Self::Current => &[("A", 1.0), ("mA", 0.001)],
            Self::Temperature => &[("degC", 1.0), ("°C", 1.0)],
            Self::Kelvin => &[("K", 1.0)],
            Self::Share => &[("%", 0.01)],
            Self::Resistance => &[("ohm", 1.0), ("mohm", 0.001), ("kohm", 1000.0)],
            Self::ResistanceRate => &[("ohm/h", 1.0), ("mohm/h", 0.001)],
            Self::Length => &[("m", 1.0)],
            Self::Gauge => &[("AWG", 1.0)],
            Self::Count => &[("", 1.0)],
        }
    }

    /// What a person would call it, with an example.
    const fn example(self) -> &'static str {
        match self {
            Self::Power => "a power in W or kW, for instance \"2.5 kW\"",
            Self::Voltage => "a voltage in V or mV, for instance \"3.45 V\"",
            Self::Current => "a current in A or mA, for instance \"55 A\"",
            Self::Temperature => "a temperature in degC, for instance \"25 degC\"",
            Self::Kelvin => "a temperature difference in K, for instance \"5 K\"",
            Self::Share => "a share in %, for instance \"30 %\"",
            Self::Resistance => "a resistance in ohm, mohm or kohm, for instance \"50 mohm\"",
            Self::ResistanceRate => "a rising resistance in ohm/h or mohm/h, for instance \"20 mohm/h\"",
            Self::Length => "a length in m, for instance \"5 m\"",
            Self::Gauge => "a gauge in AWG, for instance \"10 AWG\"",
            Self::Count => "a plain number, for instance \"2\"",
        }
    }

    /// The symbol people read, and the factor from SI to it.
    pub(crate) fn everyday(self) -> (&'static str, f64) {
        self.symbols().first().map_or(("", 1.0), |(symbol, factor)| (*symbol, libm::round(1.0 / factor)))
    }

    /// Factor from `symbol` to SI.
    pub(crate) fn factor(self, symbol: &str) -> Result<f64, Flaw> {
        let found = self.symbols().iter().find(|(name, _)| *name == symbol);
        found.map(|(_, factor)| *factor).ok_or_else(|| Flaw::new(wrong_unit(symbol, symbol), self.example()))
    }

    /// Reads `text` as this kind of quantity, in SI.
    pub(crate) fn parse(self, text: &str) -> Result<f64, Flaw> {
        let (number, symbol) = split(text);
        let value = number.parse::<f64>().ok().filter(|value| value.is_finite());
        let factor = self.symbols().iter().find(|(name, _)| *name == symbol).map(|(_, factor)| *factor);
        match (value, factor) {
            (Some(value), Some(factor)) => Ok(value * factor),
            (None, _) => {
                Err(Flaw::new(format!("`{text}` does not begin with a finite number"), self.example()))
            }
            (Some(_), None) => Err(Flaw::new(wrong_unit(text, symbol), self.example())),
        }
    }
}

impl Flaw {
    pub(crate) fn new(message: impl Into<String>, expected: &str) -> Self {
        Self { message: message.into(), help: format!("write {expected}") }
    }
}

fn wrong_unit(text: &str, symbol: &str) -> String {
    if symbol.is_empty() { format!("`{text}` has no unit") } else { format!("`{symbol}` is the wrong unit") }
}

const DURATION: &str =
    "a length of time in us, ms, s, min, h or d, for instance \"10 min\" or \"1 h 30 min\"";
const TIME: &str = "a clock time such as \"10:30\", \"10:30:05\" or \"day 2 06:00\", \
    or a time since the start such as \"+90 s\"";

/// Microseconds of a length of time: one or several numbers with units.
pub(crate) fn duration(text: &str) -> Result<Duration, Flaw> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(Flaw::new("there is no length of time", DURATION));
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let (number, after) = split(rest);
        let (symbol, next) = after.split_once(' ').unwrap_or((after, ""));
        let value = number.parse::<f64>().ok().filter(|value| value.is_finite());
        let value =
            value.ok_or_else(|| Flaw::new(format!("`{rest}` does not begin with a number"), DURATION))?;
        total += value * length(symbol).ok_or_else(|| Flaw::new(wrong_unit(text, symbol), DURATION))?;
        rest = next.trim_start();
    }
    if total < 0.0 {
        return Err(Flaw::new(format!("`{text}` is negative"), DURATION));
    }
    Ok(Duration(libm::round(total) as u64))
}

fn length(symbol: &str) -> Option<f64> {
    match symbol {
        "us" => Some(1.0),
        "ms" => Some(1e3),
        "s" => Some(1e6),
        "min" => Some(60e6),
        "h" => Some(3600e6),
        "d" => Some(86_400e6),
        _ => None,
    }
}

/// A time of the run, of which `start` is the clock time at its beginning.
pub(crate) fn time(text: &str, start: DayTime) -> Result<Instant, Flaw> {
    let text = text.trim();
    if let Some(since) = text.strip_prefix('+') {
        return Ok(Instant::ZERO + duration(since)?);
    }
    let (day, clock) = match text.strip_prefix("day ") {
        Some(rest) => rest.trim_start().split_once(' ').ok_or_else(|| odd_time(text))?,
        None => ("1", text),
    };
    let day: u32 = day.parse().ok().filter(|day| *day > 0).ok_or_else(|| odd_time(text))?;
    let clock = ClockTime { day, time: day_time(clock.trim())? };
    start.until(clock).ok_or_else(|| {
        let help = format!(
            "write a time from {start} on, or \"day {} {:#}\" for the day after",
            day + 1,
            clock.time
        );
        Flaw { message: format!("`{text}` is before the start of the run at {start}"), help }
    })
}

/// A clock time of a day.
pub(crate) fn day_time(text: &str) -> Result<DayTime, Flaw> {
    let mut parts = text.split(':');
    let mut next = |limit: u32| -> Option<u32> {
        let part = parts.next()?;
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|value| digits && *value < limit)
    };
    let (Some(hour), Some(minute)) = (next(24), next(60)) else {
        return Err(odd_time(text));
    };
    let second = if text.len() > 5 { next(60).ok_or_else(|| odd_time(text))? } else { 0 };
    if parts.next().is_some() {
        return Err(odd_time(text));
    }
    Ok(DayTime(hour * 3600 + minute * 60 + second))
}

fn odd_time(text: &str) -> Flaw {
    Flaw::new(format!("`{text}` is no time"), TIME)
}

/// A leading number and what follows it, both trimmed.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let end = text.find(|c| !numeric(c)).unwrap_or(text.len());
    let (number, symbol) = text.split_at(end);
    (number, symbol.trim())
}
