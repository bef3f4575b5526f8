//! From the file to a [`Scenario`]: every text is read, every number checked, every mistake named with its place.

use core::ops::Range;
use std::io;

use toml::Spanned;
use voltower_core::{Duration, Instant};

use super::raw::{Number, RawInverter, RawScenario, Text};
use super::units::{self, Flaw, Unit};
use super::{DayTime, InverterMode, InverterSpec, Scenario, ScenarioError};
use crate::profile::{Measure, Profile};

mod ageing;
mod events;
mod expectations;
mod faults;
mod house;
mod mistakes;
mod plugs;
mod towers;

pub use expectations::condition_name;
pub(super) use faults::RawFault;

type Result<T> = core::result::Result<T, ScenarioError>;

/// Opens the files that a scenario names, by the path it gives.
pub(super) type Files<'a> = &'a dyn Fn(&str) -> io::Result<String>;

const PERIOD: Duration = Duration::millis(100);
const SHORTEST_PERIOD: Duration = Duration::millis(1);
const LONGEST_PERIOD: Duration = Duration::mins(1);
/// From hearing a limit to obeying it (ours: hybrid inverters work through their messages once a second or less often).
const LONGEST_DELAY: Duration = Duration::secs(3);
const AMBIENT_CELSIUS: f64 = 25.0;
const AC_POWER_MAX_W: f64 = 10_000.0;

pub(super) fn scenario(file: &str, text: &str, files: Files<'_>) -> Result<Scenario> {
    let raw: RawScenario = toml::from_str(text).map_err(|error| mistakes::schema(file, text, &error))?;
    let start = match &raw.start {
        Some(start) => units::day_time(&start.get_ref().0)
            .map_err(|flaw| mistakes::flaw(file, text, start.span(), "start", flaw))?,
        None => DayTime::default(),
    };
    let reader = Reader { file, text, files, start };
    let duration = reader.positive("duration", &raw.duration)?;
    let end = Instant::ZERO + duration;
    let towers = reader.towers(&raw.tower)?;
    let mut events = reader.events(&raw.event, &towers, end)?;
    events.sort_by_key(|(_, event)| event.at);
    reader.plugs((&raw.tower, &raw.event), &towers, &events)?;
    let events = events.into_iter().map(|(_, event)| event).collect();
    Ok(Scenario {
        seed: raw.seed,
        start,
        duration,
        period: reader.period(raw.period.as_ref())?,
        ambient: reader.ambient(&raw, end)?,
        house: raw.house.as_ref().map(|house| reader.house(house, end)).transpose()?,
        inverter: reader.inverter(&raw.inverter)?,
        grid: reader.choice_or("grid", raw.grid.as_ref(), &[("on", true), ("off", false)], true)?,
        expectations: reader.expectations(&raw.expect, &towers, end)?,
        title: raw.title,
        description: raw.description,
        date: raw.date,
        ageing: reader.ageing(&raw.ageing)?,
        towers,
        events,
    })
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    files: Files<'a>,
    start: DayTime,
}

impl Reader<'_> {
    fn error(&self, field: &str, span: Range<usize>, message: impl Into<String>) -> ScenarioError {
        ScenarioError::at(self.file, self.text, span, message).field(field)
    }

    fn flaw(&self, field: &str, span: Range<usize>, flaw: Flaw) -> ScenarioError {
        mistakes::flaw(self.file, self.text, span, field, flaw)
    }

    fn quantity(&self, field: &str, unit: Unit, text: &Text) -> Result<f64> {
        unit.parse(&text.get_ref().0).map_err(|flaw| self.flaw(field, text.span(), flaw))
    }

    /// A quantity from `min` to `max`, both in SI; `range` says so in words.
    fn within(&self, field: &str, unit: Unit, text: &Text, ends: (f64, f64), range: &str) -> Result<f64> {
        let value = self.quantity(field, unit, text)?;
        if value < ends.0 || value > ends.1 {
            let message = format!("`{}` is out of range", text.get_ref().0);
            return Err(self.error(field, text.span(), message).help(format!("write {range}")));
        }
        Ok(value)
    }

    fn duration(&self, field: &str, text: &Text) -> Result<Duration> {
        units::duration(&text.get_ref().0).map_err(|flaw| self.flaw(field, text.span(), flaw))
    }

    fn positive(&self, field: &str, text: &Text) -> Result<Duration> {
        let duration = self.duration(field, text)?;
        if duration.is_zero() {
            return Err(self.error(field, text.span(), "no time at all").help("write more than \"0 s\""));
        }
        Ok(duration)
    }

    fn period(&self, text: Option<&Text>) -> Result<Duration> {
        text.map_or(Ok(PERIOD), |text| self.between("period", text, (SHORTEST_PERIOD, LONGEST_PERIOD)))
    }

    /// A length of time from the first to the second.
    fn between(&self, field: &str, text: &Text, (min, max): (Duration, Duration)) -> Result<Duration> {
        let duration = self.duration(field, text)?;
        if duration < min || duration > max {
            let message = format!("`{}` is out of range", text.get_ref().0);
            let least = if min.is_zero() { "0 s".to_owned() } else { min.to_string() };
            return Err(self.error(field, text.span(), message).help(format!("write {least} to {max}")));
        }
        Ok(duration)
    }

    /// A time of the run, not after its end.
    fn time(&self, field: &str, text: &Text, end: Instant) -> Result<Instant> {
        let at =
            units::time(&text.get_ref().0, self.start).map_err(|flaw| self.flaw(field, text.span(), flaw))?;
        if at > end {
            let message = format!("`{}` is after the end of the run", text.get_ref().0);
            let help =
                format!("the run ends at {}: move this, or make `duration` longer", self.start.after(end));
            return Err(self.error(field, text.span(), message).help(help));
        }
        Ok(at)
    }

    fn choice<T: Copy>(&self, field: &str, text: &Text, choices: &[(&str, T)]) -> Result<T> {
        let found = choices.iter().find(|(name, _)| *name == text.get_ref().0);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let message = format!("`{}` is none of the choices", text.get_ref().0);
            self.error(field, text.span(), message).help(mistakes::suggest(&text.get_ref().0, &names))
        })
    }

    fn choice_or<T: Copy>(
        &self,
        field: &str,
        text: Option<&Text>,
        choices: &[(&str, T)],
        default: T,
    ) -> Result<T> {
        text.map_or(Ok(default), |text| self.choice(field, text, choices))
    }

    /// A number from 1 to `count`, as an index from 0.
    fn index(&self, field: &str, number: &Number, count: usize, what: &str) -> Result<usize> {
        let value = *number.get_ref();
        if value == 0 || value > count {
            let message = format!("there is no {what} {value}");
            return Err(self.error(field, number.span(), message).help(number_range(what, count)));
        }
        Ok(value - 1)
    }

    fn index_or_first(
        &self,
        field: &str,
        number: Option<&Number>,
        count: usize,
        what: &str,
    ) -> Result<usize> {
        number.map_or(Ok(0), |number| self.index(field, number, count, what))
    }

    fn plain(
        &self,
        field: &str,
        number: &Spanned<f64>,
        allowed: impl Fn(f64) -> bool,
        range: &str,
    ) -> Result<f64> {
        let value = *number.get_ref();
        if !value.is_finite() || !allowed(value) {
            let message = format!("{value} is out of range");
            return Err(self.error(field, number.span(), message).help(format!("write {range}")));
        }
        Ok(value)
    }

    fn ambient(&self, raw: &RawScenario, end: Instant) -> Result<Profile> {
        match &raw.ambient {
            Some(profile) => self.profile("ambient", profile, Measure::Temperature, end),
            None => Ok(Profile::Constant(AMBIENT_CELSIUS)),
        }
    }

    fn inverter(&self, raw: &RawInverter) -> Result<InverterSpec> {
        let mode = raw.mode.as_ref().map(|mode| self.inverter_mode("inverter.mode", mode)).transpose()?;
        let power = raw.ac_power_max.as_ref();
        let ac_power_max = power
            .map(|power| self.power("inverter.ac_power_max", power))
            .transpose()?
            .unwrap_or(AC_POWER_MAX_W);
        let delay = raw.delay.as_ref();
        let delay = delay.map_or(Ok(Duration::ZERO), |text| {
            self.between("inverter.delay", text, (Duration::ZERO, LONGEST_DELAY))
        })?;
        Ok(InverterSpec {
            delay,
            mode: mode.unwrap_or(InverterMode::SelfConsumption),
            ac_power_max,
            backup: raw.backup.unwrap_or(true),
            present: raw.present.unwrap_or(true),
        })
    }

    /// `self-consumption`, `hold`, `off`, `charge 2 kW`, `discharge 500 W`.
    fn inverter_mode(&self, field: &str, text: &Text) -> Result<InverterMode> {
        let words = text.get_ref().0.trim();
        let power = |rest: &str| {
            let watts = Unit::Power.parse(rest).map_err(|flaw| self.flaw(field, text.span(), flaw))?;
            if (0.0..=1e6).contains(&watts) {
                return Ok(watts);
            }
            let help = "write 0 W to 1000 kW; `charge` and `discharge` say which way";
            Err(self.error(field, text.span(), format!("`{}` is out of range", rest.trim())).help(help))
        };
        match words.split_once(' ').unwrap_or((words, "")) {
            ("self-consumption", "") => Ok(InverterMode::SelfConsumption),
            ("hold", "") => Ok(InverterMode::Hold),
            ("off", "") => Ok(InverterMode::Off),
            ("charge", rest) => power(rest).map(InverterMode::Charge),
            ("discharge", rest) => power(rest).map(InverterMode::Discharge),
            _ => {
                let names = ["self-consumption", "hold", "off", "charge 2 kW", "discharge 2 kW"];
                let message = format!("`{words}` is no mode of the inverter");
                Err(self.error(field, text.span(), message).help(mistakes::suggest(words, &names)))
            }
        }
    }

    /// A power of 0 or more.
    fn power(&self, field: &str, text: &Text) -> Result<f64> {
        self.within(field, Unit::Power, text, (0.0, 1e6), "a power from 0 W to 1000 kW")
    }
}

fn number_range(what: &str, count: usize) -> String {
    match count {
        0 => format!("the scenario has no {what}"),
        1 => format!("the only {what} is 1"),
        _ => format!("write 1 to {count}"),
    }
}
