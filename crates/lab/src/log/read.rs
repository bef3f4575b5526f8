//! Reads a log.

use std::fs::File;
use std::path::Path;

use csv::StringRecord;

use super::columns::{Field, Found, find};
use super::units::{self, Raw};
use super::{HALF_WAY, Kind, Log, LogOptions, Source, TableRow, Temperature};
use crate::LabError;

/// Beyond these a cell is as good as full or empty after a rest, V. LFP rests at 3.30 to 3.35 V from half to nearly
/// full and above 3.1 V from 10 % on.
const FULL: f64 = 3.45;
const EMPTY: f64 = 2.9;
/// Up to this share of the capacity an hour a current is slow: sweeps for open-circuit voltage are C/20 to C/50.
const SLOW: f64 = 0.12;

/// Reads a log or an open-circuit table.
///
/// # Errors
/// If the file cannot be read, a column is missing, a value is no number, time runs backwards, or the voltage is not
/// that of a cell in any unit; the message names file, line and column.
pub fn read(source: &Source, options: &LogOptions) -> Result<Log, LabError> {
    let file = Sheet::open(&source.path)?;
    let given = |field| find(&file.headers, &options.columns, field).map_err(|name| file.no_column(&name));
    let time = given(Field::Time)?;
    let soc = given(Field::Soc)?;
    if let (None, Some(soc), Some(charge), Some(discharge)) =
        (&time, &soc, given(Field::OcvCharge)?, given(Field::OcvDischarge)?)
    {
        return table(&file, source, soc, &charge, &discharge);
    }
    let need = |found: Option<Found>, field: Field| found.ok_or_else(|| file.missing(field));
    let time = need(time, Field::Time)?;
    let current = need(given(Field::Current)?, Field::Current)?;
    let voltage = need(given(Field::Voltage)?, Field::Voltage)?;
    let (charged, discharged) = (given(Field::Charged)?, given(Field::Discharged)?);
    let optional = |found: &Option<Found>| found.as_ref().map(|found| file.numbers(found)).transpose();
    let mut raw = Raw {
        time: file.numbers(&time)?,
        current: file.numbers(&current)?,
        voltage: file.numbers(&voltage)?,
        soc: optional(&soc)?,
        charged: optional(&charged)?,
        discharged: optional(&discharged)?,
        notes: Vec::new(),
    };
    file.check_time(&time, &raw.time)?;
    units::settle(&mut raw, options).map_err(|message| LabError::log(&file.name, message))?;
    let temperature = temperature(&file, source, options, raw.time.len())?;
    Ok(finish(&file, source, options, raw, temperature))
}

fn temperature(
    file: &Sheet,
    source: &Source,
    options: &LogOptions,
    samples: usize,
) -> Result<Vec<f64>, LabError> {
    match &source.temperature {
        Temperature::Constant(celsius) => Ok(vec![*celsius; samples]),
        Temperature::Column(name) => {
            let columns = options.columns.clone().with(Field::Temperature, name);
            let found =
                find(&file.headers, &columns, Field::Temperature).map_err(|name| file.no_column(&name))?;
            let found = found.ok_or_else(|| file.missing(Field::Temperature))?;
            let celsius = file.numbers(&found)?;
            match celsius.iter().position(|celsius| !(-60.0..=120.0).contains(celsius)) {
                Some(place) => {
                    let message = format!("{} degC is no temperature of a cell (-60 to 120)", celsius[place]);
                    Err(file.wrong(place, &found, message))
                }
                None => Ok(celsius),
            }
        }
    }
}

fn finish(file: &Sheet, source: &Source, options: &LogOptions, raw: Raw, temperature: Vec<f64>) -> Log {
    let counted = units::net_counters(&raw);
    let mut log = Log {
        name: file.name.clone(),
        kind: Kind::Drive,
        time: raw.time,
        current: raw.current,
        voltage: raw.voltage,
        temperature,
        counted,
        reference: raw.soc,
        initial: source.initial,
        share_before: HALF_WAY,
        table: Vec::new(),
        notes: raw.notes,
    };
    if let (None, Some(reference)) = (&log.counted, &log.reference) {
        log.share_before = units::share_before(&log.time, &log.current, reference);
        if log.share_before != HALF_WAY {
            let what = if log.share_before == 0.0 { "before its sample" } else { "after its sample" };
            log.notes.push(format!("by the reference column each current held {what}"));
        }
    }
    log.kind = source.kind.unwrap_or_else(|| kind(&log, options.capacity));
    if log.initial.is_none() {
        let (initial, why) = initial(&log);
        log.initial = initial;
        log.notes.push(why);
    }
    if let (Some(counted), Some(integral)) = (&log.counted, log.integral().last()) {
        let (counted, moved) =
            (counted.last().copied().unwrap_or(0.0), units::throughput(&log.time, &log.current));
        if (counted - integral).abs() > 0.002 * moved {
            log.notes.push(format!(
                "counters say {counted:.4} Ah net, the sampled current {integral:.4} Ah: the samples miss what \
                 happens between them; the counters are used"
            ));
        }
    }
    log
}

/// A sweep moves slowly, in one direction, over most of its charge.
fn kind(log: &Log, capacity: Option<f64>) -> Kind {
    let charge = log.net_charge();
    let (low, high) =
        charge.iter().fold((0.0, 0.0), |(low, high): (f64, f64), q| (low.min(*q), high.max(*q)));
    let span = (high - low).max(1e-12);
    let scale = capacity.unwrap_or(span).max(span);
    let one_way = (charge.last().unwrap_or(&0.0).abs() - span).abs() < 0.02 * span;
    if one_way && span > 0.5 * scale && log.largest_current() < SLOW * scale {
        Kind::Sweep
    } else {
        Kind::Drive
    }
}

fn initial(log: &Log) -> (Option<f64>, String) {
    let first = log.voltage.first().copied().unwrap_or(0.0);
    if let Some(soc) = log.reference.as_ref().and_then(|soc| soc.first()) {
        return (Some(*soc), format!("starts at {:.2} % by its reference column", soc * 100.0));
    }
    if first >= FULL {
        return (Some(1.0), format!("rests at {first:.3} V at its start: taken as full"));
    }
    if first <= EMPTY {
        return (Some(0.0), format!("rests at {first:.3} V at its start: taken as empty"));
    }
    (None, format!("starts at {first:.3} V, which does not tell its state of charge"))
}

fn table(
    file: &Sheet,
    source: &Source,
    soc: &Found,
    charge: &Found,
    discharge: &Found,
) -> Result<Log, LabError> {
    let Temperature::Constant(celsius) = source.temperature else {
        return Err(LabError::log(&file.name, "a table needs its temperature as a number: FILE@25"));
    };
    let socs = file.numbers(soc)?;
    let percent = socs.iter().any(|soc| *soc > 1.5);
    let (charge_volts, discharge_volts) = (file.numbers(charge)?, file.numbers(discharge)?);
    let mut rows = Vec::with_capacity(socs.len());
    for (place, value) in socs.iter().enumerate() {
        let soc_value = if percent { value / 100.0 } else { *value };
        if !(-0.05..=1.05).contains(&soc_value) {
            let message = format!("{value} is no state of charge; use 0 to 1 or 0 to 100");
            return Err(file.wrong(place, soc, message));
        }
        for (found, volts) in [(charge, charge_volts[place]), (discharge, discharge_volts[place])] {
            if !(0.5..=6.0).contains(&volts) {
                return Err(file.wrong(
                    place,
                    found,
                    format!("{volts} V is no voltage of a cell (0.5 to 6 V)"),
                ));
            }
        }
        rows.push(TableRow {
            soc: soc_value,
            charge: charge_volts[place],
            discharge: discharge_volts[place],
        });
    }
    let mut notes =
        vec!["an open-circuit table: taken as ends of slow sweeps over the whole range".to_owned()];
    if percent {
        notes.push("state of charge is in percent".to_owned());
    }
    Ok(Log {
        name: file.name.clone(),
        kind: Kind::Table,
        time: Vec::new(),
        current: Vec::new(),
        voltage: Vec::new(),
        temperature: vec![celsius],
        counted: None,
        reference: None,
        initial: None,
        share_before: HALF_WAY,
        table: rows,
        notes,
    })
}

/// A CSV file in memory.
struct Sheet {
    name: String,
    headers: Vec<String>,
    rows: Vec<(u64, StringRecord)>,
}

impl Sheet {
    fn open(path: &Path) -> Result<Self, LabError> {
        let name = path.display().to_string();
        let unreadable = |reason: String| LabError::File { file: name.clone(), reason };
        let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(file);
        let headers = reader.headers().map_err(|error| unreadable(error.to_string()))?;
        let headers: Vec<String> =
            headers.iter().map(|header| header.trim_start_matches('\u{feff}').to_owned()).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(error.to_string()))?;
            rows.push((record.position().map_or(0, csv::Position::line), record));
        }
        if rows.len() < 3 {
            return Err(LabError::log(&name, format!("has {} rows; a log needs at least 3", rows.len())));
        }
        Ok(Self { name, headers, rows })
    }

    fn numbers(&self, found: &Found) -> Result<Vec<f64>, LabError> {
        let factor = found.factor.unwrap_or(1.0);
        let number = |(place, (_, record)): (usize, &(u64, StringRecord))| {
            let text = record.get(found.place).unwrap_or("");
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value * factor),
                _ => Err(self.wrong(place, found, format!("`{text}` is not a number"))),
            }
        };
        self.rows.iter().enumerate().map(number).collect()
    }

    fn check_time(&self, found: &Found, time: &[f64]) -> Result<(), LabError> {
        match time.windows(2).position(|pair| pair[1] < pair[0]) {
            Some(place) => {
                let message = format!("time runs backwards, from {} to {}", time[place], time[place + 1]);
                Err(self.wrong(place + 1, found, message))
            }
            None => Ok(()),
        }
    }

    fn wrong(&self, row: usize, found: &Found, message: String) -> LabError {
        LabError::Value {
            file: self.name.clone(),
            line: self.rows[row].0,
            column: found.header.clone(),
            message,
        }
    }

    fn no_column(&self, name: &str) -> LabError {
        let message = format!("has no column `{name}`; it has {}", self.headers.join(", "));
        LabError::log(&self.name, message)
    }

    fn missing(&self, field: Field) -> LabError {
        let word = field.word();
        let message = format!(
            "no column looks like {word}; name it with --columns {word}=NAME. There are: {}",
            self.headers.join(", ")
        );
        LabError::log(&self.name, message)
    }
}
