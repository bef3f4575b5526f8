//! The devices of the Link, and their objects by name.

use std::fmt;

use voltower_protocols::canopen::{
    Abort, Access, DataType, Dictionary, Eds, Item, Meaning, Pdo, TEXT_MAX, Value,
};
use voltower_protocols::link::{BDU_DICTIONARY, BDU_NODE, MODULE_DICTIONARY, ModuleNode};

/// A kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// The distribution unit.
    Bdu,
    /// A battery module.
    Module,
}

/// An object that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Index.
    pub index: u16,
    /// Sub-index.
    pub sub: u8,
    /// `limits/charge-power`: object and entry, or the object alone where it has one value.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Who may do what.
    pub access: Access,
    /// How to read it.
    pub meaning: Meaning,
    /// Smallest and largest number that may be written.
    pub range: Option<(i64, i64)>,
}

/// A name that no object has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Names that are like it, the most similar first.
    pub similar: Vec<String>,
}

/// A text that is no value of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What would be one.
    pub expected: String,
}

/// How many similar names are worth telling.
const SIMILAR: usize = 4;
/// Less similar than this (Jaro and Winkler) is not similar.
const LIKENESS: f64 = 0.72;

impl Device {
    /// What stands at a node of the Link; `None` for a node that is none of ours.
    #[must_use]
    pub fn at(node: u8) -> Option<Self> {
        match node {
            BDU_NODE => Some(Self::Bdu),
            node => ModuleNode::new(node).map(|_| Self::Module),
        }
    }

    /// All objects, in the order of the dictionary.
    #[must_use]
    pub fn objects(self) -> Vec<Known> {
        match self {
            Self::Bdu => BDU_DICTIONARY.items().map(Known::of).collect(),
            Self::Module => MODULE_DICTIONARY.items().map(Known::of).collect(),
        }
    }

    /// The object at `index` and `sub`.
    #[must_use]
    pub fn object(self, index: u16, sub: u8) -> Option<Known> {
        self.objects().into_iter().find(|known| (known.index, known.sub) == (index, sub))
    }

    /// The objects that `name` means: one entry, or all of a record.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn find(self, name: &str) -> Result<Vec<Known>, Unknown> {
        let (wanted, objects) = (kebab(name), self.objects());
        let record = |known: &Known| known.name.split_once('/').is_some_and(|(object, _)| object == wanted);
        let exact = objects.iter().find(|known| known.name == wanted).cloned();
        let found = match exact {
            Some(known) => vec![known],
            None => objects.iter().filter(|known| known.sub > 0 && record(known)).cloned().collect(),
        };
        if found.is_empty() { Err(Unknown { similar: similar(&wanted, &objects) }) } else { Ok(found) }
    }

    /// Entries that choose which of several their record shows.
    #[must_use]
    pub fn choosers(self) -> Vec<Known> {
        self.objects().into_iter().filter(|known| known.meaning == Meaning::Which).collect()
    }

    /// The process data that go as `cob_id`, sent or received by the device at `node`.
    #[must_use]
    pub fn pdo(self, cob_id: u16, node: u8) -> Option<&'static Pdo> {
        match self {
            Self::Bdu => BDU_DICTIONARY.pdo(cob_id, node),
            Self::Module => MODULE_DICTIONARY.pdo(cob_id, node),
        }
    }

    /// Name, type and meaning of what is in `pdo`, in order.
    #[must_use]
    pub fn mapped(self, pdo: &Pdo) -> Vec<(&'static str, DataType, Meaning)> {
        match self {
            Self::Bdu => mapped(BDU_DICTIONARY, pdo),
            Self::Module => mapped(MODULE_DICTIONARY, pdo),
        }
    }

    /// Its electronic data sheet, which calls itself `file`.
    #[must_use]
    pub fn data_sheet(self, file: &'static str) -> String {
        match self {
            Self::Bdu => Eds::new(BDU_DICTIONARY, file).to_string(),
            Self::Module => Eds::new(MODULE_DICTIONARY, file).to_string(),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bdu => "distribution unit",
            Self::Module => "module",
        })
    }
}

fn mapped<F: Copy>(dictionary: &Dictionary<F>, pdo: &Pdo) -> Vec<(&'static str, DataType, Meaning)> {
    dictionary.mapped(pdo).map(|entry| (entry.name, entry.data_type, entry.meaning)).collect()
}

impl Known {
    fn of<F>(item: Item<F>) -> Self {
        let Item { index, object, is_variable, entry } = item;
        // Process data are called like the object that they carry; data sheets tell them apart alike.
        let object = match index {
            0x1400..=0x15FF | 0x1800..=0x19FF => format!("{}-parameters", kebab(object)),
            0x1600..=0x17FF | 0x1A00..=0x1BFF => format!("{}-mapping", kebab(object)),
            _ => kebab(object),
        };
        let name = if is_variable { object } else { format!("{object}/{}", kebab(entry.name)) };
        Self {
            index,
            sub: entry.sub,
            name,
            data_type: entry.data_type,
            access: entry.access,
            meaning: entry.meaning,
            range: entry.range,
        }
    }

    /// The value whose bytes these are.
    ///
    /// # Errors
    /// They are not as many as the type has.
    pub fn value(&self, bytes: &[u8]) -> Result<Value, Abort> {
        self.data_type.decode(bytes)
    }

    /// The value that a person has written: `2500`, `2500 W`, `2.5`, `0x1F`, or a text.
    ///
    /// # Errors
    /// It is no such value; whether the device takes it is for the device to say.
    pub fn parse(&self, text: &str) -> Result<Value, Written> {
        let parsed = match self.data_type {
            DataType::Text if text.is_ascii() && text.len() <= TEXT_MAX => self.value(text.as_bytes()).ok(),
            DataType::Text | DataType::Octets => None,
            _ => number(text, self.meaning.unit()).and_then(|number| self.fit(number)),
        };
        parsed.ok_or_else(|| Written { expected: self.expected() })
    }

    /// The value that is this number; `None` if its type has none, or the number is too large for it.
    #[must_use]
    pub fn fit(&self, number: i64) -> Option<Value> {
        let size = self.data_type.size()?;
        let value = self.value(number.to_le_bytes().get(..size)?).ok()?;
        (value.number() == Some(number)).then_some(value)
    }

    /// What may be written, in words: `0 to 2500 W`.
    #[must_use]
    pub fn expected(&self) -> String {
        let bits = self.data_type.size().map(|size| 8 * size);
        match (self.range, self.meaning.unit(), bits) {
            (Some((low, high)), Some(_), _) => {
                format!("{} to {}", self.shown(low), self.shown(high))
            }
            (Some((low, high)), None, _) if low == high => format!("{low}"),
            (Some((low, high)), None, _) => format!("{low} to {high}"),
            (None, Some((symbol, _)), Some(bits)) => format!("a number of {bits} bits in {symbol}"),
            (None, _, Some(bits)) => format!("a number of {bits} bits"),
            (None, _, None) => format!("a text of at most {TEXT_MAX} ASCII characters"),
        }
    }

    fn shown(&self, number: i64) -> String {
        self.fit(number).map_or_else(|| number.to_string(), |value| self.meaning.show(value).to_string())
    }
}

/// `2500`, `2500 W`, `-1.25`, `0x1F`, as multiples of what the object counts in.
fn number(text: &str, unit: Option<(&str, u16)>) -> Option<i64> {
    let (symbol, per) = unit.unwrap_or(("", 1));
    let text = text.trim();
    let text = text.strip_suffix(symbol).unwrap_or(text).trim_end();
    if let Some(digits) = text.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok();
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let (negative, whole) = whole.strip_prefix('-').map_or((false, whole), |whole| (true, whole));
    let digits = per.max(1).ilog10() as usize;
    let part = part.trim_end_matches('0');
    let legal = !whole.is_empty() && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit());
    if !legal || part.len() > digits {
        return None;
    }
    let magnitude: i64 = format!("{whole}{part:0<digits$}").parse().ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// `cells 1 to 4` to `cells-1-to-4`; a slash stays.
fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len());
    for character in name.trim().chars() {
        if character.is_alphanumeric() || character == '/' {
            kebab.extend(character.to_lowercase());
        } else if !kebab.ends_with(['-', '/']) {
            kebab.push('-');
        }
    }
    kebab.trim_end_matches('-').to_owned()
}

fn similar(wanted: &str, objects: &[Known]) -> Vec<String> {
    let likeness = |name: &str| {
        let part = name.rsplit('/').next().unwrap_or(name);
        let contains = !wanted.is_empty() && name.contains(wanted);
        let alike = strsim::jaro_winkler(wanted, name).max(strsim::jaro_winkler(wanted, part));
        if contains { alike + 1.0 } else { alike }
    };
    let names = objects.iter().filter(|known| known.sub > 0 || !known.name.contains('/'));
    let mut alike: Vec<(f64, &str)> =
        names.map(|known| (likeness(&known.name), known.name.as_str())).collect();
    alike.retain(|(likeness, _)| *likeness > LIKENESS);
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    alike.into_iter().take(SIMILAR).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn one(device: Device, name: &str) -> Known {
        let mut found = device.find(name).expect(name);
        assert_eq!(found.len(), 1, "{name}");
        found.remove(0)
    }

    #[test]
    fn no_two_objects_have_the_same_name() {
        for device in [Device::Bdu, Device::Module] {
            let mut names = BTreeSet::new();
            for known in device.objects() {
                assert!(names.insert(known.name.clone()), "{device}: {}", known.name);
                assert_eq!(one(device, &known.name), known);
            }
            assert!(names.len() > 100);
        }
    }

    #[test]
    fn objects_are_found_by_entry_and_by_record() {
        let charge = one(Device::Module, "limits/charge-power");
        assert_eq!((charge.index, charge.sub, charge.data_type), (0x2002, 1, DataType::U16));
        assert_eq!(one(Device::Module, "Limits/Charge power"), charge);
        assert_eq!(one(Device::Bdu, "heartbeat-time").index, 0x1017);
        assert_eq!(Device::Module.find("cells").map(|cells| cells.len()), Ok(16));
        assert_eq!((one(Device::Module, "capacity-parameters/event-timer").index), 0x1809);
    }

    #[test]
    fn an_unknown_name_brings_similar_ones() {
        let similar = |name: &str| Device::Module.find(name).expect_err(name).similar;
        assert_eq!(similar("limits/charge-pwoer").first().map(String::as_str), Some("limits/charge-power"));
        assert!(similar("charge-power").iter().any(|name| name == "limits/charge-power"));
        assert_eq!(similar("qqqq"), [""; 0]);
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        let limit = one(Device::Module, "configuration/charge-power-at-most");
        assert_eq!(limit.expected(), "0 W to 2500 W");
        for text in ["2000", "2000 W", "2000W", " 2000 ", "0x7D0", "2000.0"] {
            assert_eq!(limit.parse(text), Ok(Value::U16(2000)), "{text}");
        }
        for text in ["", "-1", "70000", "2000.5", "2 kW", "much", "0x"] {
            assert!(limit.parse(text).is_err(), "{text}");
        }
        let heartbeat = one(Device::Module, "heartbeat-time");
        assert_eq!(heartbeat.parse("0.25 s"), Ok(Value::U16(250)));
        assert_eq!(heartbeat.parse("0.2"), Ok(Value::U16(200)));
        assert!(heartbeat.parse("0.2505").is_err());
        let label = one(Device::Bdu, "configuration/label");
        assert_eq!(label.parse("cellar").map(|value| value.to_string()), Ok("cellar".to_owned()));
        assert!(label.parse(&"x".repeat(33)).is_err());
    }

    #[test]
    fn nodes_are_what_stands_there() {
        assert_eq!(Device::at(9), Some(Device::Bdu));
        assert_eq!(Device::at(4), Some(Device::Module));
        assert_eq!((Device::at(0), Device::at(5)), (None, None));
    }
}
