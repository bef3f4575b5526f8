//! Parameter files: TOML (or BPX, by the file's ending), with errors that name the line and the field.

use core::fmt::Write;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::{CellParameters, HYSTERESES, Map, Spread, bpx};

/// A parameter file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CellFileError {
    /// It cannot be read.
    #[error("{file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// A field is missing, unknown or of the wrong kind, or the text is not TOML or JSON.
    #[error("{file}:{line}: {message}")]
    Shape {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A field has a value that no cell has.
    #[error("{file}:{line}: {field}: {message}")]
    Value {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The field, with its table or section.
        field: String,
        /// What is wrong and what would be right.
        message: String,
    },
}

type Number = Spanned<f64>;
type Row = Spanned<Vec<f64>>;
type Rows = Spanned<Vec<Vec<f64>>>;
/// Two values. Read as a row, since an array would drop what is too much without a word.
type Pair = Spanned<Vec<f64>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CellFile {
    name: String,
    source: String,
    capacity_ah: Number,
    voltage_v: Pair,
    coulombic_efficiency: Number,
    self_discharge_per_month: Number,
    heat_capacity_j_per_k: Number,
    spread: SpreadTable,
    open_circuit: OpenCircuitTable,
    entropy: EntropyTable,
    map: MapTable,
    hysteresis: Vec<HysteresisTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpreadTable {
    capacity: Number,
    resistance: Number,
    self_discharge: Number,
    soc: Number,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenCircuitTable {
    temperature_c: Number,
    soc: Row,
    volts: Row,
    slope_below_empty: Number,
    slope_above_full: Number,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntropyTable {
    soc: Row,
    volts_per_kelvin: Row,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MapTable {
    temperature_c: Row,
    soc: Row,
    r0_ohm: Rows,
    r1_ohm: Rows,
    r2_ohm: Rows,
    time_constants_s: Pair,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HysteresisTable {
    width: Number,
    half_gap_v: Rows,
}

pub(super) fn load(path: &Path) -> Result<CellParameters, CellFileError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| CellFileError::Unreadable { file: name.clone(), reason: error.to_string() })?;
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("json") => bpx::from_bpx(&text, &name),
        _ => from_toml(&text, &name),
    }
}

pub(super) fn from_toml(text: &str, name: &str) -> Result<CellParameters, CellFileError> {
    let reader = Reader { text, name };
    let file: CellFile = toml::from_str(text).map_err(|error| reader.shape(&error))?;
    reader.check_numbers(&file)?;
    reader.check_curves(&file)?;
    reader.check_map(&file)?;
    Ok(parameters(file))
}

fn parameters(file: CellFile) -> CellParameters {
    // Their lengths are checked.
    let pair = |row: Pair| core::array::from_fn(|k| row.get_ref()[k]);
    let widths = core::array::from_fn(|k| *file.hysteresis[k].width.get_ref());
    let half_gaps = core::array::from_fn(|k| file.hysteresis[k].half_gap_v.get_ref().clone());
    let pairs = |x: Row, y: Row| x.into_inner().into_iter().zip(y.into_inner()).collect();
    CellParameters {
        name: file.name,
        source: file.source,
        capacity: file.capacity_ah.into_inner(),
        voltage_limits: pair(file.voltage_v),
        reference_temperature: file.open_circuit.temperature_c.into_inner(),
        ocv: pairs(file.open_circuit.soc, file.open_circuit.volts),
        slopes_outside: [
            file.open_circuit.slope_below_empty.into_inner(),
            file.open_circuit.slope_above_full.into_inner(),
        ],
        entropy: pairs(file.entropy.soc, file.entropy.volts_per_kelvin),
        time_constants: pair(file.map.time_constants_s),
        hysteresis_widths: widths,
        map: Map {
            temperatures: file.map.temperature_c.into_inner(),
            socs: file.map.soc.into_inner(),
            r0: file.map.r0_ohm.into_inner(),
            r1: file.map.r1_ohm.into_inner(),
            r2: file.map.r2_ohm.into_inner(),
            half_gaps,
        },
        coulombic_efficiency: file.coulombic_efficiency.into_inner(),
        self_discharge_month: file.self_discharge_per_month.into_inner(),
        heat_capacity: file.heat_capacity_j_per_k.into_inner(),
        spread: Spread {
            capacity: file.spread.capacity.into_inner(),
            resistance: file.spread.resistance.into_inner(),
            self_discharge: file.spread.self_discharge.into_inner(),
            soc: file.spread.soc.into_inner(),
        },
    }
}

/// The text, to say where something stands.
struct Reader<'a> {
    text: &'a str,
    name: &'a str,
}

type Checked = Result<(), CellFileError>;

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        self.text.bytes().take(span.start).filter(|&byte| byte == b'\n').count() + 1
    }

    fn shape(&self, error: &toml::de::Error) -> CellFileError {
        let line = self.line(&error.span().unwrap_or_default());
        CellFileError::Shape { file: self.name.to_owned(), line, message: error.message().to_owned() }
    }

    fn wrong(&self, field: &'static str, span: &Range<usize>, message: String) -> CellFileError {
        CellFileError::Value {
            file: self.name.to_owned(),
            line: self.line(span),
            field: field.to_owned(),
            message,
        }
    }

    fn number(&self, field: &'static str, number: &Number, least: f64, most: f64) -> Checked {
        let value = *number.get_ref();
        if value.is_finite() && (least..=most).contains(&value) {
            return Ok(());
        }
        let message = format!("{value} is out of range; it must lie between {least} and {most}");
        Err(self.wrong(field, &number.span(), message))
    }

    fn pair(&self, field: &'static str, pair: &Pair, least: f64, most: f64) -> Checked {
        let [low, high] = pair.get_ref()[..] else {
            let message = format!("has {} values; it needs 2", pair.get_ref().len());
            return Err(self.wrong(field, &pair.span(), message));
        };
        if low >= least && low < high && high <= most {
            return Ok(());
        }
        let message = format!("[{low}, {high}] must rise and lie between {least} and {most}");
        Err(self.wrong(field, &pair.span(), message))
    }

    fn rising(&self, field: &'static str, row: &Row, least: f64, most: f64) -> Checked {
        let values = row.get_ref();
        if values.is_empty() {
            return Err(self.wrong(field, &row.span(), "is empty; it needs at least one value".to_owned()));
        }
        if let Some(value) = values.iter().find(|value| !(least..=most).contains(*value)) {
            let message = format!("{value} is out of range; all must lie between {least} and {most}");
            return Err(self.wrong(field, &row.span(), message));
        }
        match values.windows(2).position(|pair| pair[0] >= pair[1]) {
            Some(k) => {
                let message = format!("must rise, but {} is followed by {}", values[k], values[k + 1]);
                Err(self.wrong(field, &row.span(), message))
            }
            None => Ok(()),
        }
    }

    fn same_length(&self, field: &'static str, row: &Row, axis: &Row) -> Checked {
        let (found, wanted) = (row.get_ref().len(), axis.get_ref().len());
        if found == wanted {
            return Ok(());
        }
        let message = format!("has {found} values; soc of the same table has {wanted}");
        Err(self.wrong(field, &row.span(), message))
    }

    fn check_numbers(&self, file: &CellFile) -> Checked {
        self.number("capacity_ah", &file.capacity_ah, 1e-3, 1e5)?;
        self.pair("voltage_v", &file.voltage_v, 0.5, 6.0)?;
        self.number("coulombic_efficiency", &file.coulombic_efficiency, 0.5, 1.0)?;
        self.number("self_discharge_per_month", &file.self_discharge_per_month, 0.0, 1.0)?;
        self.number("heat_capacity_j_per_k", &file.heat_capacity_j_per_k, 0.1, 1e7)?;
        self.number("spread.capacity", &file.spread.capacity, 0.0, 0.2)?;
        self.number("spread.resistance", &file.spread.resistance, 0.0, 0.2)?;
        self.number("spread.self_discharge", &file.spread.self_discharge, 0.0, 0.25)?;
        self.number("spread.soc", &file.spread.soc, 0.0, 0.2)?;
        self.pair("map.time_constants_s", &file.map.time_constants_s, 1e-3, 1e6)
    }

    fn check_curves(&self, file: &CellFile) -> Checked {
        let ocv = &file.open_circuit;
        self.number("open_circuit.temperature_c", &ocv.temperature_c, -40.0, 80.0)?;
        self.rising("open_circuit.soc", &ocv.soc, 0.0, 1.0)?;
        self.rising("open_circuit.volts", &ocv.volts, 0.1, 6.0)?;
        self.same_length("open_circuit.volts", &ocv.volts, &ocv.soc)?;
        let ends = (ocv.soc.get_ref().first(), ocv.soc.get_ref().last());
        if ocv.soc.get_ref().len() < 2 || ends != (Some(&0.0), Some(&1.0)) {
            let message = "must begin with 0 (empty) and end with 1 (full)".to_owned();
            return Err(self.wrong("open_circuit.soc", &ocv.soc.span(), message));
        }
        self.number("open_circuit.slope_below_empty", &ocv.slope_below_empty, 0.0, 1e4)?;
        self.number("open_circuit.slope_above_full", &ocv.slope_above_full, 0.0, 1e4)?;
        self.rising("entropy.soc", &file.entropy.soc, 0.0, 1.0)?;
        self.same_length("entropy.volts_per_kelvin", &file.entropy.volts_per_kelvin, &file.entropy.soc)?;
        let slopes = &file.entropy.volts_per_kelvin;
        match slopes.get_ref().iter().find(|slope| !(-0.01..=0.01).contains(*slope)) {
            Some(slope) => {
                let message = format!("{slope} V/K is out of range; cells have some 1e-4, at most 0.01");
                Err(self.wrong("entropy.volts_per_kelvin", &slopes.span(), message))
            }
            None => Ok(()),
        }
    }

    fn check_map(&self, file: &CellFile) -> Checked {
        let map = &file.map;
        self.rising("map.temperature_c", &map.temperature_c, -60.0, 120.0)?;
        self.rising("map.soc", &map.soc, 0.0, 1.0)?;
        self.table("map.r0_ohm", &map.r0_ohm, map, 10.0)?;
        self.table("map.r1_ohm", &map.r1_ohm, map, 10.0)?;
        self.table("map.r2_ohm", &map.r2_ohm, map, 10.0)?;
        if file.hysteresis.len() != HYSTERESES {
            let last = file.hysteresis.iter().take(HYSTERESES + 1).next_back();
            let span = last.map_or_else(Range::default, |table| table.width.span());
            let message = format!("there are {} tables; it needs {HYSTERESES}", file.hysteresis.len());
            return Err(self.wrong("hysteresis", &span, message));
        }
        for table in &file.hysteresis {
            self.number("hysteresis.width", &table.width, 1e-5, 1.0)?;
            self.table("hysteresis.half_gap_v", &table.half_gap_v, map, 1.0)?;
        }
        Ok(())
    }

    fn table(&self, field: &'static str, rows: &Rows, map: &MapTable, most: f64) -> Checked {
        let wrong = |message: String| Err(self.wrong(field, &rows.span(), message));
        let (lines, columns) = (map.temperature_c.get_ref().len(), map.soc.get_ref().len());
        let found = rows.get_ref();
        if found.len() != lines {
            return wrong(format!("has {} rows; map.temperature_c has {lines} temperatures", found.len()));
        }
        if let Some(k) = found.iter().position(|row| row.len() != columns) {
            let length = found[k].len();
            return wrong(format!("row {} has {length} values; map.soc has {columns}", k + 1));
        }
        match found.iter().flatten().find(|value| !(0.0..=most).contains(*value)) {
            Some(value) => wrong(format!("{value} is out of range; all must lie between 0 and {most}")),
            None => Ok(()),
        }
    }
}

pub(super) fn to_toml(cell: &CellParameters) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_cell(&mut text, cell);
    text
}

fn write_cell(text: &mut String, cell: &CellParameters) -> core::fmt::Result {
    let quoted = |words: &str| toml::Value::from(words).to_string();
    let unzip = |points: &[(f64, f64)]| -> (Vec<f64>, Vec<f64>) { points.iter().copied().unzip() };
    writeln!(text, "name = {}", quoted(&cell.name))?;
    writeln!(text, "source = {}", quoted(&cell.source))?;
    writeln!(text, "capacity_ah = {:?}", cell.capacity)?;
    writeln!(text, "voltage_v = {:?}", cell.voltage_limits)?;
    writeln!(text, "coulombic_efficiency = {:?}", cell.coulombic_efficiency)?;
    writeln!(text, "self_discharge_per_month = {:?}", cell.self_discharge_month)?;
    writeln!(text, "heat_capacity_j_per_k = {:?}", cell.heat_capacity)?;
    writeln!(text, "\n[spread]\ncapacity = {:?}", cell.spread.capacity)?;
    writeln!(text, "resistance = {:?}", cell.spread.resistance)?;
    writeln!(text, "self_discharge = {:?}", cell.spread.self_discharge)?;
    writeln!(text, "soc = {:?}", cell.spread.soc)?;
    let (soc, volts) = unzip(&cell.ocv);
    writeln!(text, "\n[open_circuit]\ntemperature_c = {:?}", cell.reference_temperature)?;
    writeln!(text, "soc = {soc:?}\nvolts = {volts:?}")?;
    writeln!(text, "slope_below_empty = {:?}", cell.slopes_outside[0])?;
    writeln!(text, "slope_above_full = {:?}", cell.slopes_outside[1])?;
    let (soc, slopes) = unzip(&cell.entropy);
    writeln!(text, "\n[entropy]\nsoc = {soc:?}\nvolts_per_kelvin = {slopes:?}")?;
    writeln!(text, "\n[map]\ntemperature_c = {:?}\nsoc = {:?}", cell.map.temperatures, cell.map.socs)?;
    for (name, table) in [("r0_ohm", &cell.map.r0), ("r1_ohm", &cell.map.r1), ("r2_ohm", &cell.map.r2)] {
        write_table(text, name, table)?;
    }
    writeln!(text, "time_constants_s = {:?}", cell.time_constants)?;
    for (width, table) in cell.hysteresis_widths.iter().zip(&cell.map.half_gaps) {
        writeln!(text, "\n[[hysteresis]]\nwidth = {width:?}")?;
        write_table(text, "half_gap_v", table)?;
    }
    Ok(())
}

/// One line a temperature.
fn write_table(text: &mut String, name: &str, table: &[Vec<f64>]) -> core::fmt::Result {
    writeln!(text, "{name} = [")?;
    for row in table {
        writeln!(text, "  {row:?},")?;
    }
    writeln!(text, "]")
}
