//! Which column holds what, and in which unit.

use std::str::FromStr;

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Time.
    Time,
    /// Current.
    Current,
    /// Voltage.
    Voltage,
    /// Temperature of the cell.
    Temperature,
    /// State of charge.
    Soc,
    /// Counter of charge put in.
    Charged,
    /// Counter of charge taken out.
    Discharged,
    /// Open-circuit voltage while charging.
    OcvCharge,
    /// Open-circuit voltage while discharging.
    OcvDischarge,
}

impl Field {
    const ALL: [Self; 9] = [
        Self::Time,
        Self::Current,
        Self::Voltage,
        Self::Temperature,
        Self::Soc,
        Self::Charged,
        Self::Discharged,
        Self::OcvCharge,
        Self::OcvDischarge,
    ];

    /// Its word in `--columns`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Current => "current",
            Self::Voltage => "voltage",
            Self::Temperature => "temperature",
            Self::Soc => "soc",
            Self::Charged => "charged",
            Self::Discharged => "discharged",
            Self::OcvCharge => "ocv_charge",
            Self::OcvDischarge => "ocv_discharge",
        }
    }

    /// Names without unit under which testers write it (Arbin, Maccor, Neware, BioLogic, and plain ones), the best
    /// first.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Time => &["time", "test time", "testtime", "total time", "elapsed time", "t"],
            Self::Current => &["current", "i", "amps", "cell current"],
            Self::Voltage => &["voltage", "v", "u", "volts", "ecell", "cell voltage"],
            Self::Temperature => &[
                "t surface",
                "surface temperature",
                "cell temperature",
                "temperature",
                "aux temperature",
                "temp",
            ],
            Self::Soc => &["soc", "soc ref", "reference soc", "soc reference"],
            Self::Charged => &["chg", "charge capacity", "charged", "charge", "q charge", "chg capacity"],
            Self::Discharged => {
                &["dis", "discharge capacity", "discharged", "discharge", "q discharge", "dchg capacity"]
            }
            Self::OcvCharge => &["ocv charge", "ocv chg", "charge ocv"],
            Self::OcvDischarge => &["ocv discharge", "ocv dis", "discharge ocv"],
        }
    }
}

/// Column names that a person gave: `time=..,current=..`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns(Vec<(Field, String)>);

impl FromStr for Columns {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = || Field::ALL.map(Field::word).join(", ");
        let pair = |part: &str| {
            let (word, column) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is not NAME=COLUMN; names are {}", words()))?;
            let field = Field::ALL.into_iter().find(|field| field.word() == word.trim());
            let field = field.ok_or_else(|| format!("`{word}` is none of {}", words()))?;
            Ok((field, column.trim().to_owned()))
        };
        text.split(',').map(pair).collect::<Result<_, String>>().map(Self)
    }
}

impl Columns {
    /// Sets one column.
    #[must_use]
    pub fn with(mut self, field: Field, column: &str) -> Self {
        self.0.retain(|(known, _)| *known != field);
        self.0.push((field, column.to_owned()));
        self
    }

    fn given(&self, field: Field) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == field).map(|(_, column)| column.as_str())
    }
}

/// A column that was found: its place, its header, and the factor to its SI unit (s, A, V, Ah, 1) if the header says
/// it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) place: usize,
    pub(super) header: String,
    pub(super) factor: Option<f64>,
}

/// Finds a column; `Err` with a name that was given but is not there.
pub(super) fn find(headers: &[String], columns: &Columns, field: Field) -> Result<Option<Found>, String> {
    let found = |place: usize| Found {
        place,
        header: headers[place].clone(),
        factor: split_unit(&headers[place]).1.and_then(|unit| factor(field, &unit)),
    };
    if let Some(name) = columns.given(field) {
        let place = headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        return place.map(|place| Some(found(place))).ok_or_else(|| name.to_owned());
    }
    let names: Vec<String> = headers.iter().map(|header| split_unit(header).0).collect();
    let by_name = |wanted: &&str| names.iter().position(|name| name == wanted);
    Ok(field.names().iter().find_map(by_name).map(found))
}

/// Name in lower case with single spaces, and the unit: `Test_Time(s)` is `test time` and `s`.
fn split_unit(header: &str) -> (String, Option<String>) {
    const UNITS: [&str; 21] = [
        "s", "sec", "ms", "min", "h", "a", "ma", "v", "mv", "ah", "mah", "c", "degc", "percent", "pct", "%",
        "k", "ka", "frac", "as", "p.u.",
    ];
    let plain: String = header
        .trim()
        .to_lowercase()
        .chars()
        .map(|c| if "_-/()[]<>°".contains(c) { ' ' } else { c })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() && UNITS.contains(last) => {
            (rest.join(" "), Some((*last).to_owned()))
        }
        _ => (words.join(" "), None),
    }
}

fn factor(field: Field, unit: &str) -> Option<f64> {
    let factor = match (field, unit) {
        (Field::Time, "s" | "sec")
        | (Field::Current, "a")
        | (Field::Voltage | Field::OcvCharge | Field::OcvDischarge, "v")
        | (Field::Charged | Field::Discharged, "ah")
        | (Field::Temperature, "c" | "degc")
        | (Field::Soc, "frac" | "p.u.") => 1.0,
        (Field::Time, "ms")
        | (Field::Current, "ma")
        | (Field::Voltage | Field::OcvCharge | Field::OcvDischarge, "mv")
        | (Field::Charged | Field::Discharged, "mah") => 1e-3,
        (Field::Time, "min") => 60.0,
        (Field::Time, "h") => 3600.0,
        (Field::Charged | Field::Discharged, "as") => 1.0 / 3600.0,
        (Field::Soc, "percent" | "pct" | "%") => 0.01,
        _ => return None,
    };
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(headers: &[&str], field: Field) -> Option<(usize, Option<f64>)> {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        find(&headers, &Columns::default(), field)
            .expect("nothing was given")
            .map(|found| (found.place, found.factor))
    }

    #[test]
    fn headers_of_testers_are_understood() {
        let arbin = ["Data_Point", "Test_Time(s)", "Current(A)", "Voltage(V)", "Charge_Capacity(Ah)"];
        assert_eq!(at(&arbin, Field::Time), Some((1, Some(1.0))));
        assert_eq!(at(&arbin, Field::Current), Some((2, Some(1.0))));
        assert_eq!(at(&arbin, Field::Charged), Some((4, Some(1.0))));
        let plain = ["time_min", "current_ma", "voltage_mv", "soc_percent"];
        assert_eq!(at(&plain, Field::Time), Some((0, Some(60.0))));
        assert_eq!(at(&plain, Field::Current), Some((1, Some(1e-3))));
        assert_eq!(at(&plain, Field::Voltage), Some((2, Some(1e-3))));
        assert_eq!(at(&plain, Field::Soc), Some((3, Some(0.01))));
        assert_eq!(at(&["time", "I/mA", "Ecell/V"], Field::Current), Some((1, Some(1e-3))));
        assert_eq!(at(&["a", "b"], Field::Current), None);
    }

    #[test]
    fn given_columns_win_and_must_exist() {
        let headers = ["t".to_owned(), "shunt 2".to_owned(), "current_a".to_owned()];
        let columns: Columns = "current=shunt 2".parse().expect("a pair");
        assert_eq!(
            find(&headers, &columns, Field::Current).expect("is there").map(|found| found.place),
            Some(1)
        );
        let columns: Columns = "current=shunt 3".parse().expect("a pair");
        assert_eq!(find(&headers, &columns, Field::Current), Err("shunt 3".to_owned()));
        assert!("amps=x".parse::<Columns>().is_err() && "current".parse::<Columns>().is_err());
    }
}
