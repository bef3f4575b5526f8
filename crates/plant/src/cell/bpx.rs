//! Cells from BPX files (Battery Parameter eXchange, Faraday Institution, versions 0 and 1).
//!
//! BPX describes a cell for physics-based models. Taken from it: nominal capacity, voltage cut-offs, reference
//! temperature, open-circuit voltage and its temperature dependence (positive minus negative electrode between their
//! stoichiometry limits), heat capacity. It knows no resistances of an equivalent circuit, no hysteresis over
//! temperature, no losses of charge and no spread: these are the home cell's, and the result's `source` says so.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::curve::linear;
use super::{CellFileError, CellParameters, KELVIN, expression};

/// Steps of the open-circuit table: half a percent.
const STEPS: u32 = 200;

const HEADER: &str = "Header";
const PARAMETERS: &str = "Parameterisation";
const NEGATIVE: &str = "Negative electrode";
const POSITIVE: &str = "Positive electrode";
const OCP: &str = "OCP [V]";
const ENTROPY: &str = "Entropic change coefficient [V.K-1]";

type Result<T> = core::result::Result<T, CellFileError>;

pub(super) fn from_bpx(text: &str, name: &str) -> Result<CellParameters> {
    let file = Section::whole(text, name)?;
    let header = file.section(HEADER)?;
    header.check_version()?;
    file.check_unaged()?;
    let parameters = file.section(PARAMETERS)?;
    let cell = parameters.section("Cell")?;
    let electrodes = Electrodes {
        negative: Electrode::read(parameters.section(NEGATIVE)?)?,
        positive: Electrode::read(parameters.section(POSITIVE)?)?,
    };
    let base = CellParameters::default();
    let mut from_base = Vec::new();

    let capacity = cell.number("Nominal cell capacity [A.h]", 1e-3, 1e5)?;
    let ocv = electrodes.open_circuit()?;
    let mut result = CellParameters {
        name: header.words("Title")?.unwrap_or_else(|| stem(name)),
        capacity,
        voltage_limits: cell.cut_offs()?,
        reference_temperature: match cell.optional_number("Reference temperature [K]", 233.15, 353.15)? {
            Some(kelvin) => kelvin - KELVIN,
            None => 25.0,
        },
        slopes_outside: end_slopes(&ocv),
        ocv,
        heat_capacity: base.heat_capacity * capacity / base.capacity,
        ..base.clone()
    };
    match cell.heat_capacity()? {
        Some(heat_capacity) => result.heat_capacity = heat_capacity,
        None => from_base.push("heat capacity (times the ratio of the capacities)"),
    }
    match electrodes.entropy()? {
        Some(entropy) => result.entropy = entropy,
        None => from_base.push("dU/dT"),
    }
    scale_resistances(&mut result, base.capacity / capacity);
    result.source = source(&header, name, &base.name, &from_base)?;
    Ok(result)
}

fn stem(name: &str) -> String {
    Path::new(name).file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn source(header: &Section<'_>, name: &str, base: &str, from_base: &[&str]) -> Result<String> {
    let version = header.version()?;
    let more: String = from_base.iter().map(|what| format!(", {what}")).collect();
    let references =
        header.words("References")?.map_or_else(String::new, |text| format!(" References: {text}"));
    Ok(format!(
        "BPX {version} file {name}: nominal capacity, voltage limits, open-circuit voltage at the reference \
         temperature (25 degC where none is given), and what is not named here. An electrode without entropic change \
         beside one that has it counts as 0. Not in BPX, from the cell \"{base}\": resistances (times the inverse \
         ratio of the capacities), time constants, hysteresis, coulombic efficiency, self-discharge, spread{more}. \
         Slopes outside: the curve's at its ends.{references}"
    ))
}

/// A cell of half the area has twice the resistance.
fn scale_resistances(cell: &mut CellParameters, ratio: f64) {
    let map = &mut cell.map;
    for value in [&mut map.r0, &mut map.r1, &mut map.r2].into_iter().flatten().flatten() {
        *value *= ratio;
    }
}

/// The curve goes on as it ends.
fn end_slopes(ocv: &[(f64, f64)]) -> [f64; 2] {
    let slope = |pair: Option<&[(f64, f64)]>| match pair {
        Some([(x0, y0), (x1, y1)]) => (y1 - y0) / (x1 - x0),
        _ => 0.0,
    };
    [slope(ocv.windows(2).next()), slope(ocv.windows(2).next_back())]
}

fn grid() -> impl Iterator<Item = f64> {
    (0..=STEPS).map(|k| f64::from(k) / f64::from(STEPS))
}

/// An object of the file, and where it stands. Its values are kept as pieces of the text, to know their lines.
struct Section<'a> {
    text: &'a str,
    file: &'a str,
    path: String,
    start: usize,
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Section<'a> {
    fn whole(text: &'a str, file: &'a str) -> Result<Self> {
        let fields = serde_json::from_str(text).map_err(|error| {
            let message = format!("{error}; a BPX file is a JSON object");
            CellFileError::Shape { file: file.to_owned(), line: error.line().max(1), message }
        })?;
        Ok(Self { text, file, path: String::new(), start: 0, fields })
    }

    fn path_of(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{} / {field}", self.path) }
    }

    fn start_of(&self, raw: &RawValue) -> usize {
        // A RawValue borrows from the text.
        (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    fn wrong(&self, field: &str, message: impl Into<String>) -> CellFileError {
        let start = self.fields.get(field).map_or(self.start, |raw| self.start_of(raw));
        CellFileError::Value {
            file: self.file.to_owned(),
            line: self.text.bytes().take(start).filter(|&byte| byte == b'\n').count() + 1,
            field: self.path_of(field),
            message: message.into(),
        }
    }

    fn missing(&self, field: &str) -> CellFileError {
        self.wrong(field, "is missing")
    }

    /// Nothing where there is nothing.
    fn read<T: DeserializeOwned>(&self, field: &str, what: &str) -> Result<Option<T>> {
        let read = |raw: &&RawValue| {
            serde_json::from_str(raw.get()).map_err(|_| {
                let found: String = raw.get().chars().take(30).collect();
                self.wrong(field, format!("`{found}` is not {what}"))
            })
        };
        self.fields.get(field).map(read).transpose()
    }

    fn section(&self, field: &str) -> Result<Self> {
        let raw = *self.fields.get(field).ok_or_else(|| self.missing(field))?;
        let fields =
            serde_json::from_str(raw.get()).map_err(|_| self.wrong(field, "must be an object, { ... }"))?;
        let (path, start) = (self.path_of(field), self.start_of(raw));
        Ok(Self { text: self.text, file: self.file, path, start, fields })
    }

    fn words(&self, field: &str) -> Result<Option<String>> {
        self.read(field, "a text in quotes")
    }

    fn optional_number(&self, field: &str, least: f64, most: f64) -> Result<Option<f64>> {
        match self.read::<f64>(field, "a number")? {
            Some(value) if !(least..=most).contains(&value) => {
                let message = format!("{value} is out of range; it must lie between {least} and {most}");
                Err(self.wrong(field, message))
            }
            number => Ok(number),
        }
    }

    fn number(&self, field: &str, least: f64, most: f64) -> Result<f64> {
        self.optional_number(field, least, most)?.ok_or_else(|| self.missing(field))
    }

    /// Files up to 0.4 may have a number, later ones have a text.
    fn version(&self) -> Result<String> {
        let wanted = "a version such as \"1.1.0\"";
        match self.read::<Version>("BPX", wanted)?.ok_or_else(|| self.missing("BPX"))? {
            Version::Text(text) => Ok(text),
            Version::Number(number) => Ok(number.to_string()),
        }
    }

    fn check_version(&self) -> Result<()> {
        let version = self.version()?;
        match version.trim().split('.').next() {
            Some("0" | "1") => Ok(()),
            _ => Err(self.wrong("BPX", format!("version {version} is unknown; 0.x and 1.x can be read"))),
        }
    }

    /// A state of version 1 may be that of an aged cell.
    fn check_unaged(&self) -> Result<()> {
        if !self.fields.contains_key("State") {
            return Ok(());
        }
        let state = self.section("State")?;
        if state.fields.contains_key("Degradation") {
            let message =
                "an aged cell cannot be read; give the parameters of the new cell, without this field";
            return Err(state.wrong("Degradation", message));
        }
        Ok(())
    }

    fn cut_offs(&self) -> Result<[f64; 2]> {
        let low = self.number("Lower voltage cut-off [V]", 0.5, 6.0)?;
        let high = self.number("Upper voltage cut-off [V]", 0.5, 6.0)?;
        if low < high {
            return Ok([low, high]);
        }
        let message = format!("{high} must be higher than the lower cut-off, {low}");
        Err(self.wrong("Upper voltage cut-off [V]", message))
    }

    /// J/K, where all three of its factors are given.
    fn heat_capacity(&self) -> Result<Option<f64>> {
        let density = self.optional_number("Density [kg.m-3]", 100.0, 20_000.0)?;
        let volume = self.optional_number("Volume [m3]", 1e-8, 1.0)?;
        let specific = self.optional_number("Specific heat capacity [J.K-1.kg-1]", 100.0, 10_000.0)?;
        Ok(density.zip(volume).zip(specific).map(|((density, volume), specific)| density * volume * specific))
    }

    fn function(&self, field: &str) -> Result<Option<Function>> {
        let what = "a number, a function of x in quotes, or a table {\"x\": [...], \"y\": [...]}";
        let Some(function) = self.read::<Function>(field, what)? else {
            return Ok(None);
        };
        if let Function::Table { x, y } = &function {
            if x.len() != y.len() || x.len() < 2 {
                let message =
                    format!("x has {} values and y {}; they need equally many, at least 2", x.len(), y.len());
                return Err(self.wrong(field, message));
            }
            if let Some(k) = x.windows(2).position(|pair| pair[0] >= pair[1]) {
                let message = format!("x must rise, but {} is followed by {}", x[k], x[k + 1]);
                return Err(self.wrong(field, message));
            }
        }
        Ok(Some(function))
    }

    fn value(&self, field: &str, function: &Function, x: f64) -> Result<f64> {
        let value = function.at(x).map_err(|message| self.wrong(field, message))?;
        if value.is_finite() {
            return Ok(value);
        }
        Err(self.wrong(
            field,
            format!("is {value} at x = {x}; it must be a number between the stoichiometry limits"),
        ))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Version {
    Text(String),
    Number(f64),
}

/// A quantity over the stoichiometry.
#[derive(Deserialize)]
#[serde(untagged)]
enum Function {
    Constant(f64),
    Text(String),
    Table { x: Vec<f64>, y: Vec<f64> },
}

impl Function {
    fn at(&self, at: f64) -> core::result::Result<f64, String> {
        match self {
            Self::Constant(value) => Ok(*value),
            Self::Text(text) => expression::evaluate(text, at),
            Self::Table { x, y } => {
                let ends = x.first().copied().zip(x.last().copied());
                match ends {
                    Some((first, last)) if !(first..=last).contains(&at) => Err(format!(
                        "the table reaches from {first} to {last}, the stoichiometry to {at}; it must cover the limits"
                    )),
                    _ => Ok(linear(x.iter().copied().zip(y.iter().copied()), at)),
                }
            }
        }
    }
}

struct Electrode<'a> {
    section: Section<'a>,
    /// Lithium content at least and at most, share.
    limits: [f64; 2],
    potential: Function,
    entropy: Option<Function>,
}

impl<'a> Electrode<'a> {
    fn read(section: Section<'a>) -> Result<Self> {
        if section.fields.contains_key("Particle") {
            let message = "a blend of active materials cannot be read; give the electrode as one material, with \
                           stoichiometry limits and OCP of its own";
            return Err(section.wrong("Particle", message));
        }
        let low = section.number("Minimum stoichiometry", 0.0, 1.0)?;
        let high = section.number("Maximum stoichiometry", 0.0, 1.0)?;
        if low >= high {
            let message = format!("{high} must be higher than the minimum, {low}");
            return Err(section.wrong("Maximum stoichiometry", message));
        }
        let potential = section.function(OCP)?.ok_or_else(|| section.missing(OCP))?;
        let entropy = section.function(ENTROPY)?;
        Ok(Self { section, limits: [low, high], potential, entropy })
    }

    /// Over the lithium content's share of its range.
    fn potential(&self, share: f64) -> Result<f64> {
        self.section.value(OCP, &self.potential, self.stoichiometry(share))
    }

    fn entropy(&self, share: f64) -> Result<f64> {
        let Some(function) = &self.entropy else {
            return Ok(0.0);
        };
        let value = self.section.value(ENTROPY, function, self.stoichiometry(share))?;
        if value.abs() <= 0.01 {
            return Ok(value);
        }
        let message = format!("{value} V/K is out of range; cells have some 1e-4, at most 0.01");
        Err(self.section.wrong(ENTROPY, message))
    }

    fn stoichiometry(&self, share: f64) -> f64 {
        let [low, high] = self.limits;
        low + share * (high - low)
    }
}

struct Electrodes<'a> {
    negative: Electrode<'a>,
    positive: Electrode<'a>,
}

impl Electrodes<'_> {
    /// Lithium wanders from the positive to the negative electrode while the cell is charged.
    fn open_circuit(&self) -> Result<Vec<(f64, f64)>> {
        let mut curve: Vec<(f64, f64)> = Vec::new();
        let mut before = [0.0; 2];
        for soc in grid() {
            let potentials = [self.positive.potential(1.0 - soc)?, self.negative.potential(soc)?];
            let volts = potentials[0] - potentials[1];
            if !(0.1..=6.0).contains(&volts) {
                let message = format!(
                    "the open-circuit voltage, this minus the {NEGATIVE}'s, is {volts} V at {soc} of full; it must \
                     lie between 0.1 and 6"
                );
                return Err(self.positive.section.wrong(OCP, message));
            }
            match curve.last() {
                Some(&(_, last)) if volts <= last => {
                    return Err(self.falls(soc, last, volts, before, potentials));
                }
                _ => curve.push((soc, volts)),
            }
            before = potentials;
        }
        Ok(curve)
    }

    /// Names the electrode that pulls down.
    fn falls(&self, soc: f64, last: f64, volts: f64, before: [f64; 2], after: [f64; 2]) -> CellFileError {
        let (positive, negative) = (after[0] - before[0], before[1] - after[1]);
        let culprit = if positive <= negative { &self.positive } else { &self.negative };
        let message = format!(
            "must fall over the stoichiometry so that the open-circuit voltage rises with the charge, but at {soc} of \
             full {last} V is followed by {volts} V"
        );
        culprit.section.wrong(OCP, message)
    }

    /// Nothing where neither electrode states it.
    fn entropy(&self) -> Result<Option<Vec<(f64, f64)>>> {
        if self.positive.entropy.is_none() && self.negative.entropy.is_none() {
            return Ok(None);
        }
        let at = |soc: f64| Ok((soc, self.positive.entropy(1.0 - soc)? - self.negative.entropy(soc)?));
        grid().map(at).collect::<Result<Vec<_>>>().map(Some)
    }
}
