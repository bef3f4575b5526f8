use core::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use voltower_core::{Duration, Instant};

use super::{Reader, Result, ScenarioError, Text, Unit, mistakes, units};
use crate::profile::{Between, Daily, Measure, Profile, Series, SeriesView};
use crate::scenario::raw::{RawAppliance, RawHouse, RawProfile, RawProfileTable};
use crate::scenario::{Appliance, House};

const TIME_COLUMN: &str = "time_h";

impl Reader<'_> {
    pub(super) fn house(&self, raw: &RawHouse, end: Instant) -> Result<House> {
        let appliances = raw.appliance.iter().enumerate();
        let appliances = appliances
            .map(|(index, raw)| self.appliance(&format!("house.appliance[{}]", index + 1), raw, end));
        let pv = raw.pv.as_ref().map(|pv| self.profile("house.pv", pv, Measure::Roof, end)).transpose()?;
        Ok(House {
            load: self.profile("house.load", &raw.load, Measure::Load, end)?,
            pv: pv.unwrap_or(Profile::Constant(0.0)),
            appliances: appliances.collect::<Result<_>>()?,
        })
    }

    fn appliance(&self, field: &str, raw: &RawAppliance, end: Instant) -> Result<Appliance> {
        let from = self.time(&format!("{field}.from"), &raw.from, end)?;
        let until = self.time(&format!("{field}.until"), &raw.until, end)?;
        if until <= from {
            let message = format!("`{}` is not after `from`", raw.until.get_ref().0);
            return Err(self
                .error(&format!("{field}.until"), raw.until.span(), message)
                .help("write a later time"));
        }
        let watts = self.power(&format!("{field}.power"), &raw.power)?;
        Ok(Appliance { name: raw.name.clone(), watts, from, until })
    }

    pub(super) fn profile(
        &self,
        field: &str,
        raw: &Spanned<RawProfile>,
        measure: Measure,
        end: Instant,
    ) -> Result<Profile> {
        match raw.get_ref() {
            RawProfile::Constant(text) => {
                let value =
                    unit_of(measure).parse(text).map_err(|flaw| self.flaw(field, raw.span(), flaw))?;
                self.is_possible(field, raw.span(), text, measure, (value, value))?;
                Ok(Profile::Constant(value))
            }
            RawProfile::Table(table) => match (&table.file, &table.mean) {
                (Some(file), None) => self.series(field, table, file, measure, end),
                (None, Some(mean)) => self.daily(field, table, mean, measure),
                (Some(_), Some(_)) | (None, None) => {
                    let help =
                        "write `file`, `column` for a series, or `mean`, `swing`, `peak` for a daily curve";
                    Err(self.error(field, raw.span(), "neither a series nor a daily curve").help(help))
                }
            },
        }
    }

    /// A value that such a quantity can have; the lowest one of a power may be cut at zero, the highest not.
    fn is_possible(
        &self,
        field: &str,
        span: Range<usize>,
        written: &str,
        measure: Measure,
        (low, high): (f64, f64),
    ) -> Result<()> {
        let (min, max) = measure.range();
        let low = if measure == Measure::Temperature { low } else { high };
        if low >= min && high <= max {
            return Ok(());
        }
        let message = format!("`{written}` is out of range");
        Err(self.error(field, span, message).help(measure.help()))
    }

    fn daily(
        &self,
        field: &str,
        table: &RawProfileTable,
        mean_text: &Text,
        measure: Measure,
    ) -> Result<Profile> {
        let swing = table.swing.as_ref().map(|text| self.swing(&format!("{field}.swing"), text, measure));
        let swing = swing.transpose()?.unwrap_or(0.0);
        let name = format!("{field}.mean");
        let mean = self.quantity(&name, unit_of(measure), mean_text)?;
        let words = &mean_text.get_ref().0;
        self.is_possible(&name, mean_text.span(), words, measure, (mean - swing, mean + swing))?;
        let peak = table.peak.as_ref().map(|peak| {
            let time = units::day_time(&peak.get_ref().0);
            time.map_err(|flaw| self.flaw(&format!("{field}.peak"), peak.span(), flaw))
        });
        Ok(Profile::Daily(Daily {
            mean,
            swing,
            peak: peak.transpose()?.unwrap_or(units::AFTERNOON),
            start: self.start,
            floor: measure.floor(),
        }))
    }

    /// Half of the way between the largest and the smallest value, 0 or more: `peak` says when it is largest.
    fn swing(&self, field: &str, text: &Text, measure: Measure) -> Result<f64> {
        let unit = if measure == Measure::Temperature { Unit::Kelvin } else { unit_of(measure) };
        let range = "a swing of 0 or more; `peak` says when the curve is highest";
        self.within(field, unit, text, (0.0, 1e6), range)
    }

    fn series(
        &self,
        field: &str,
        table: &RawProfileTable,
        file: &Text,
        measure: Measure,
        end: Instant,
    ) -> Result<Profile> {
        let text = (self.files)(&file.get_ref().0).map_err(|error| self.unreadable(field, file, &error))?;
        let time = table.time.as_ref().map_or(TIME_COLUMN, |time| &time.get_ref().0);
        let time_unit = self.time_unit(field, table, time)?;
        let column = table.column.as_ref().ok_or_else(|| {
            self.error(&format!("{field}.column"), file.span(), "the column is not named")
                .help(format!("add `column = ...`; the columns are: {}", text.lines().next().unwrap_or("")))
        })?;
        let between = [("hold", Between::Hold), ("linear", Between::Linear)];
        let between =
            self.choice_or(&format!("{field}.between"), table.between.as_ref(), &between, Between::Hold)?;
        let (column, scale) = (&column.get_ref().0, self.scale(field, table, unit_of(measure))?);
        let series = Series::read(&text, time, time_unit, column, between)
            .and_then(|series| series.within(column, scale, measure))
            .map_err(|flaw| mistakes::csv(&file.get_ref().0, &text, &flaw))?;
        let midnight = table.midnight.as_ref();
        let midnight = midnight.map(|text| self.duration(&format!("{field}.midnight"), text)).transpose()?;
        let offset = in_seconds(midnight.unwrap_or(Duration::ZERO)) + f64::from(self.start.0);
        self.covers(field, file.span(), &series, offset, end)?;
        Ok(Profile::Series(SeriesView { series: Arc::new(series), offset, scale }))
    }

    /// Seconds in the unit that the name of a time column ends with.
    fn time_unit(&self, field: &str, table: &RawProfileTable, time: &str) -> Result<f64> {
        match time.rsplit('_').next().unwrap_or(time) {
            "s" => Ok(1.0),
            "min" => Ok(60.0),
            "h" => Ok(3600.0),
            "d" => Ok(86_400.0),
            _ => {
                let span = table.time.as_ref().map_or(0..0, Text::span);
                let message = format!("`{time}` does not say its unit");
                let help = "name a column that ends with _s, _min, _h or _d, for instance \"time_h\"";
                Err(self.error(&format!("{field}.time"), span, message).help(help))
            }
        }
    }

    fn scale(&self, field: &str, table: &RawProfileTable, unit: Unit) -> Result<f64> {
        let factor = match &table.unit {
            Some(text) => unit
                .factor(&text.get_ref().0)
                .map_err(|flaw| self.flaw(&format!("{field}.unit"), text.span(), flaw))?,
            None => 1.0,
        };
        let scale = table.scale.as_ref().map(|scale| {
            self.plain(&format!("{field}.scale"), scale, |_| true, "a finite number, for instance 1.2")
        });
        Ok(factor * scale.transpose()?.unwrap_or(1.0))
    }

    fn covers(
        &self,
        field: &str,
        span: Range<usize>,
        series: &Series,
        offset: f64,
        end: Instant,
    ) -> Result<()> {
        let until = offset + end.0 as f64 / 1e6;
        if series.start() <= offset && until <= series.end() {
            return Ok(());
        }
        let hours = |seconds: f64| seconds / 3600.0;
        let message = format!(
            "the series goes from {} h to {} h, the run needs {} h to {} h of it",
            hours(series.start()),
            hours(series.end()),
            hours(offset),
            hours(until)
        );
        let help = "shorten `duration`, or move `midnight` (time of the series at the first midnight)";
        Err(self.error(field, span, message).help(help))
    }

    fn unreadable(&self, field: &str, file: &Text, error: &std::io::Error) -> ScenarioError {
        let message = format!("`{}` cannot be read: {error}", file.get_ref().0);
        let help = "write a path from the folder of this scenario, for instance \"../data/home.csv\"";
        self.error(&format!("{field}.file"), file.span(), message).help(help)
    }
}

const fn unit_of(measure: Measure) -> Unit {
    match measure {
        Measure::Roof | Measure::Load => Unit::Power,
        Measure::Temperature => Unit::Temperature,
    }
}

fn in_seconds(duration: Duration) -> f64 {
    duration.0 as f64 / 1e6
}
