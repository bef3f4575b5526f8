//! Quantities over time that come from outside: measured loads, roofs and weather.
//!
//! Measured means stay means: a series of hourly means is held for its hour, so that its energy is exact.

use std::sync::Arc;

use voltower_core::Instant;

use crate::scenario::DayTime;

const DAY_S: f64 = 86_400.0;
/// Share of its largest reading by which a meter may read below zero (ours: a meter of class 1, and what an inverter
/// draws by night).
const METER_NOISE: f64 = 0.01;

/// A quantity over the time of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Profile {
    /// Always the same.
    Constant(f64),
    /// Warmest (or largest) once a day.
    Daily(Daily),
    /// Measured or written down.
    Series(SeriesView),
}

/// A daily sine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Daily {
    /// Mean over the day.
    pub mean: f64,
    /// Half the difference between the largest and the smallest value.
    pub swing: f64,
    /// When it is largest.
    pub peak: DayTime,
    /// Clock time at [`Instant::ZERO`].
    pub start: DayTime,
    /// It is cut here: what it would be below, it is not.
    pub floor: f64,
}

/// What a profile is of, and so which values it can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Power of a roof, W: it gives, and does not draw.
    Roof,
    /// Power of a house, W: it draws, and does not give; what gives is a roof.
    Load,
    /// Of the surroundings, degC.
    Temperature,
}

impl Measure {
    /// Lowest and highest value, in SI (ours: a megawatt; and the coldest and hottest places where people live).
    pub(crate) const fn range(self) -> (f64, f64) {
        match self {
            Self::Roof | Self::Load => (0.0, 1e6),
            Self::Temperature => (-70.0, 80.0),
        }
    }

    pub(crate) const fn range_in_words(self) -> &'static str {
        match self {
            Self::Roof | Self::Load => "a power from \"0 W\" to \"1000 kW\"",
            Self::Temperature => "\"-70 degC\" to \"80 degC\"",
        }
    }

    pub(crate) fn help(self) -> String {
        let why = match self {
            Self::Roof => "; a roof gives and does not draw: what draws is `house.load`",
            Self::Load => "; a house draws and does not give: what gives is `house.pv`",
            Self::Temperature => "",
        };
        format!("write {}{why}", self.range_in_words())
    }

    pub(crate) const fn floor(self) -> f64 {
        match self {
            Self::Roof | Self::Load => 0.0,
            Self::Temperature => f64::NEG_INFINITY,
        }
    }
}

/// A series with the place in it where the run starts.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesView {
    /// The numbers, shared by every profile of the same column.
    pub series: Arc<Series>,
    /// Time of the series at [`Instant::ZERO`], s.
    pub offset: f64,
    /// Factor from the numbers of the file to the unit of the profile.
    pub scale: f64,
}

/// What holds between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// The value of the earlier row: rows are means of the time that follows.
    Hold,
    /// A straight line: rows are readings of an instant.
    Linear,
}

/// Numbers over time, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    times: Vec<f64>,
    values: Vec<f64>,
    /// Of each row, in its file.
    lines: Vec<usize>,
    between: Between,
}

/// What is wrong with a CSV file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFlaw {
    /// From 1; the header is line 1.
    pub line: usize,
    /// Name of the column, where one is to blame.
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl Profile {
    /// The value at an instant.
    #[must_use]
    pub fn at(&self, at: Instant) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Daily(daily) => daily.at(seconds(at)),
            Self::Series(view) => view.scale * view.series.at(view.offset + seconds(at)),
        }
    }

    /// The mean over a step, so that a step across a full hour books the energy of both.
    #[must_use]
    pub fn mean(&self, from: Instant, to: Instant) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Daily(daily) => daily.at((seconds(from) + seconds(to)) / 2.0),
            Self::Series(view) => {
                view.scale * view.series.mean(view.offset + seconds(from), view.offset + seconds(to))
            }
        }
    }
}

impl Daily {
    fn at(&self, seconds: f64) -> f64 {
        let since_peak = f64::from(self.start.0) + seconds - f64::from(self.peak.0);
        let curve = self.mean + self.swing * libm::cos(core::f64::consts::TAU * since_peak / DAY_S);
        curve.max(self.floor)
    }
}

impl Series {
    /// Reads one column of a CSV file with a header; `time` names the column of times, in units of `time_unit` seconds.
    ///
    /// # Errors
    ///
    /// A missing column, a blank or non-finite number, a time that does not advance, or no row at all.
    pub fn read(
        text: &str,
        time: &str,
        time_unit: f64,
        column: &str,
        between: Between,
    ) -> Result<Self, CsvFlaw> {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| broken(&error))?.clone();
        let (time_at, value_at) = (find(&header, time)?, find(&header, column)?);
        let mut series = Self { times: Vec::new(), values: Vec::new(), lines: Vec::new(), between };
        for row in reader.records() {
            let row = row.map_err(|error| broken(&error))?;
            let line = row.position().map_or(0, |position| position.line() as usize);
            let at = number(row.get(time_at), line, time)? * time_unit;
            if series.times.last().is_some_and(|last| at <= *last) {
                return Err(backwards(line, time));
            }
            series.lines.push(line);
            series.times.push(at);
            series.values.push(number(row.get(value_at), line, column)?);
        }
        if series.times.is_empty() {
            return Err(CsvFlaw::new(
                1,
                None,
                "the file has no rows",
                "give at least one row below the header",
            ));
        }
        Ok(series)
    }

    /// The same, if a quantity can have its values. A power that its meter reads a little below zero is zero.
    ///
    /// # Errors
    ///
    /// The first value that is out of range, with its line.
    pub fn within(mut self, column: &str, scale: f64, measure: Measure) -> Result<Self, CsvFlaw> {
        let (min, max) = measure.range();
        let largest = self.values.iter().fold(0.0_f64, |largest, value| largest.max((value * scale).abs()));
        let noise = if measure == Measure::Temperature { 0.0 } else { METER_NOISE * largest };
        for (value, line) in self.values.iter_mut().zip(&self.lines) {
            let read = *value * scale;
            if !(min - noise..=max).contains(&read) {
                let message = format!("`{value}` is out of range");
                return Err(CsvFlaw::new(*line, Some(column), message, measure.help()));
            }
            *value = if read < min { 0.0 } else { *value };
        }
        Ok(self)
    }

    /// Time of the first row, s.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.times.first().copied().unwrap_or(0.0)
    }

    /// Until when the series is known, s: a held value of the last row lasts as long as the one before.
    #[must_use]
    pub fn end(&self) -> f64 {
        match (self.between, self.times.as_slice()) {
            (Between::Hold, [.., before, last]) => last + (last - before),
            (Between::Hold | Between::Linear, times) => times.last().copied().unwrap_or(0.0),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.times.len()
    }

    /// The value at a time of the series, s; the first and last value hold beyond the ends.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        let row = self.row(time);
        match self.between {
            Between::Hold => self.values[row],
            Between::Linear => self.line(row, time),
        }
    }

    /// The mean between two times of the series, s.
    #[must_use]
    pub fn mean(&self, from: f64, to: f64) -> f64 {
        let (first, last) = (self.row(from), self.row(to));
        if to <= from || (first == last && self.between == Between::Hold) {
            return self.at(from);
        }
        let mut area = 0.0;
        let mut since = from;
        for row in first..=last {
            let until = if row == last { to } else { self.times[row + 1] };
            area += (until - since) * self.middle(row, since, until);
            since = until;
        }
        area / (to - from)
    }

    /// The row that holds at `time`.
    fn row(&self, time: f64) -> usize {
        let last = self.times.len() - 1;
        let step = (self.times[last] - self.times[0]) / (last.max(1) as f64);
        let guess = ((time - self.times[0]) / step.max(1e-9)).max(0.0) as usize;
        let next = |row: usize| self.times.get(row + 1).copied().unwrap_or(f64::INFINITY);
        if guess <= last && self.times[guess] <= time && time < next(guess) {
            return guess;
        }
        self.times.partition_point(|start| *start <= time).saturating_sub(1)
    }

    fn middle(&self, row: usize, since: f64, until: f64) -> f64 {
        match self.between {
            Between::Hold => self.values[row],
            Between::Linear => self.line(row, (since + until) / 2.0),
        }
    }

    fn line(&self, row: usize, time: f64) -> f64 {
        let Some((next_time, next)) = self.times.get(row + 1).zip(self.values.get(row + 1)) else {
            return self.values[row];
        };
        let share = ((time - self.times[row]) / (next_time - self.times[row])).clamp(0.0, 1.0);
        self.values[row] + share * (next - self.values[row])
    }
}

impl CsvFlaw {
    fn new(line: usize, column: Option<&str>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { line, column: column.map(Into::into), message: message.into(), help: help.into() }
    }
}

fn seconds(at: Instant) -> f64 {
    at.0 as f64 / 1e6
}

fn find(header: &csv::StringRecord, column: &str) -> Result<usize, CsvFlaw> {
    header.iter().position(|name| name.trim() == column).ok_or_else(|| {
        let names: Vec<&str> = header.iter().map(str::trim).collect();
        let message = format!("there is no column `{column}`");
        CsvFlaw::new(1, Some(column), message, format!("the columns are: {}", names.join(", ")))
    })
}

fn number(cell: Option<&str>, line: usize, column: &str) -> Result<f64, CsvFlaw> {
    let cell = cell.unwrap_or("").trim();
    let message = match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => return Ok(value),
        Ok(_) => format!("`{cell}` is not a finite number"),
        Err(_) if cell.is_empty() => "the value is missing".to_owned(),
        Err(_) => format!("`{cell}` is not a number"),
    };
    Err(CsvFlaw::new(line, Some(column), message, "write a finite number such as 1.25, or remove the row"))
}

fn backwards(line: usize, column: &str) -> CsvFlaw {
    CsvFlaw::new(line, Some(column), "time does not advance", "each row must be later than the one above")
}

fn broken(error: &csv::Error) -> CsvFlaw {
    let line = error.position().map_or(1, |position| position.line() as usize);
    CsvFlaw::new(line, None, error.to_string(), "every row needs as many cells as the header")
}
