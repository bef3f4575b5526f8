//! `voltower link read` and `write`.

use std::io::{self, Write as _};

use serde_json::{Value as Json, json};
use voltower_gateway::can::{Access as BusAccess, Connection};
use voltower_gateway::link::{Device, Known, node_name};
use voltower_protocols::canopen::{Abort, Access, Meaning, Value};

use super::sdo::{self, Trouble};
use super::{ReadArgs, WriteArgs, connection_failure, each, open};
use crate::error::{Failure, Usage};

/// What a name means at a node.
enum Target {
    /// Objects of the dictionary.
    Known(Vec<Known>),
    /// An index and sub-index that the dictionary does not have, or of a device that is none of ours.
    Raw(u16, u8),
}

pub(super) fn read(args: &ReadArgs) -> Result<(), Failure> {
    let target = target(args.node, &args.name)?;
    if args.all {
        let (which, entries) = several(args, target)?;
        return each::read(args, &which, &entries);
    }
    let mut connection = open(&args.url, BusAccess::Send)?;
    let mut rows = Vec::new();
    match &target {
        Target::Known(objects) => {
            for known in objects {
                rows.push(entry(&mut connection, args.node, known, objects.len() > 1)?);
            }
        }
        Target::Raw(index, sub) => {
            rows.push(Row::raw(*index, *sub, &ask(&mut connection, args.node, *index, *sub)?));
        }
    }
    print(args, &rows)
}

pub(super) fn write(args: &WriteArgs) -> Result<(), Failure> {
    let target = target(args.node, &args.name)?;
    let known = match &target {
        Target::Known(objects) => one(&args.name, objects)?,
        Target::Raw(..) => {
            let message =
                format!("{}: the type of this object is not known, so nothing is written", args.name);
            return Err(Failure::usage(Usage { message, help: None }));
        }
    };
    let value = value(known, &args.value)?;
    let mut connection = open(&args.url, BusAccess::Send)?;
    let place = (known.index, known.sub);
    let bytes = value.bytes();
    if let Err(trouble) = sdo::write(&mut connection, args.node, place, bytes.as_bytes()) {
        let help = broken_relation(&mut connection, args.node, &trouble).or_else(|| advice(&trouble, known));
        return Err(failure(args.node, trouble, help));
    }
    let shown = known.meaning.show(value);
    Ok(writeln!(io::stdout(), "{} of {} is {shown}", known.name, node_name(args.node))?)
}

/// The relation that the device would not have broken, if that is why it refuses.
fn broken_relation(connection: &mut Connection, node: u8, trouble: &Trouble) -> Option<String> {
    let Trouble::Refused(code) = trouble else { return None };
    let relation = Device::at(node)?.find("level-check/broken-by-the-refused-write").ok()?.pop()?;
    if Abort::from_code(*code) != Some(Abort::InvalidValue) {
        return None;
    }
    let bytes = sdo::read(connection, node, relation.index, relation.sub).ok()?;
    let broken = relation.value(&bytes).ok().filter(|value| value.number() != Some(0))?;
    let words = relation.meaning.show(broken);
    Some(format!(
        "this must hold after each write: {words}; of several levels, write first the one that makes room"
    ))
}

/// What would be taken.
fn advice(trouble: &Trouble, known: &Known) -> Option<String> {
    let Trouble::Refused(code) = trouble else { return None };
    Some(match Abort::from_code(*code) {
        Some(Abort::DeviceState) => "tightening works at any time; loosening, and clearing a lock-out, needs a person: \
                                     press the black-start switch for a second while no power flows, and write within \
                                     a minute"
            .to_owned(),
        Some(_) | None => format!("{} takes {}", known.name, known.expected()),
    })
}

/// What chooses from several in a record, and what was asked for of each.
fn several(args: &ReadArgs, target: Target) -> Result<(Known, Vec<Known>), Failure> {
    let entries = match target {
        Target::Known(entries) => entries,
        Target::Raw(..) => Vec::new(),
    };
    let choosers = Device::at(args.node).map(Device::choosers).unwrap_or_default();
    let which = choosers.iter().find(|which| entries.iter().any(|entry| entry.index == which.index)).cloned();
    which.map(|which| (which, entries)).ok_or_else(|| {
        let records = choosers.iter().filter_map(|which| which.name.split('/').next());
        each::not_one_of_several(&args.name, &records.map(str::to_owned).collect::<Vec<_>>())
    })
}

/// What was asked for by name, or by `0x2002:1`.
fn target(node: u8, name: &str) -> Result<Target, Failure> {
    let device = Device::at(node);
    if let Some((index, sub)) = place(name) {
        let known = device.and_then(|device| device.object(index, sub));
        return Ok(known.map_or(Target::Raw(index, sub), |known| Target::Known(vec![known])));
    }
    let Some(device) = device else {
        let message = format!("node {node} is neither a module (1 to 4) nor the distribution unit (9)");
        let help = Some(
            "its objects have no names here: give index and sub-index, for instance 0x1018:1".to_owned(),
        );
        return Err(Failure::usage(Usage { message, help }));
    };
    device.find(name).map(Target::Known).map_err(|unknown| {
        let kind = match device {
            Device::Bdu => "bdu",
            Device::Module => "module",
        };
        let help = match &unknown.similar[..] {
            [] => format!("`voltower link eds {kind}` lists them"),
            similar => format!("did you mean {}?", similar.join(", ")),
        };
        Failure::usage(Usage { message: format!("a {device} has no object {name:?}"), help: Some(help) })
    })
}

/// `0x2002:1`, or `2002:1` as data sheets write it, or the index alone for sub-index 0.
fn place(text: &str) -> Option<(u16, u8)> {
    let (index, sub) = text.split_once(':').unwrap_or((text, "0"));
    let digits = index.strip_prefix("0x").or_else(|| (index.len() == 4).then_some(index))?;
    let sub = match sub.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).ok()?,
        None => sub.parse().ok()?,
    };
    Some((u16::from_str_radix(digits, 16).ok()?, sub))
}

fn one<'a>(name: &str, objects: &'a [Known]) -> Result<&'a Known, Failure> {
    match objects {
        [known] => Ok(known),
        several => {
            let names: Vec<&str> = several.iter().map(|known| known.name.as_str()).collect();
            let message = format!("{name:?} has {} entries, and one is written at a time", several.len());
            Err(Failure::usage(Usage { message, help: Some(format!("which of {}?", names.join(", "))) }))
        }
    }
}

fn value(known: &Known, text: &str) -> Result<Value, Failure> {
    if known.access != Access::ReadWrite {
        let message = format!("{} can only be read", known.name);
        return Err(Failure::usage(Usage { message, help: None }));
    }
    known.parse(text).map_err(|wrong| {
        let message = format!("{text:?} is no value of {}", known.name);
        Failure::usage(Usage { message, help: Some(format!("it takes {}", wrong.expected)) })
    })
}

/// One entry. Of several, one that is refused does not keep the others back.
pub(super) fn entry(
    connection: &mut Connection,
    node: u8,
    known: &Known,
    of_several: bool,
) -> Result<Row, Failure> {
    match sdo::read(connection, node, known.index, known.sub) {
        Ok(bytes) => Ok(Row::known(known, &bytes)),
        Err(trouble @ Trouble::Refused(_)) if of_several => {
            let row = Row::raw(known.index, known.sub, &[]);
            let shown = trouble.words(&node_name(node));
            Ok(Row { name: Some(known.name.clone()), shown, json: Json::Null, ..row })
        }
        Err(trouble) => Err(failure(node, trouble, None)),
    }
}

pub(super) fn ask(connection: &mut Connection, node: u8, index: u16, sub: u8) -> Result<Vec<u8>, Failure> {
    sdo::read(connection, node, index, sub).map_err(|trouble| failure(node, trouble, None))
}

pub(super) fn failure(node: u8, trouble: Trouble, help: Option<String>) -> Failure {
    let message = trouble.words(&node_name(node));
    match trouble {
        Trouble::Bus(error) => connection_failure(&error),
        Trouble::Silent => {
            let help =
                "is it switched on, and on this bus? `voltower link scan URL` shows who is there".to_owned();
            Failure::failed(Usage { message, help: Some(help) })
        }
        Trouble::Refused(_) | Trouble::TooLong => Failure::failed(Usage { message, help }),
    }
}

/// A value that was read.
pub(super) struct Row {
    index: u16,
    sub: u8,
    name: Option<String>,
    pub(super) shown: String,
    pub(super) json: Json,
    pub(super) unit: Option<&'static str>,
}

impl Row {
    fn known(known: &Known, bytes: &[u8]) -> Self {
        let raw = Self::raw(known.index, known.sub, bytes);
        let name = Some(known.name.clone());
        // A device with other software may have another type there: its bytes are better than nothing.
        let Ok(value) = known.value(bytes) else {
            return Self { name, shown: format!("0x{}, of another type than expected", raw.shown), ..raw };
        };
        let json = number(value, known.meaning);
        let unit = known.meaning.unit().map(|(symbol, _)| symbol);
        Self { name, shown: known.meaning.show(value).to_string(), json, unit, ..raw }
    }

    fn raw(index: u16, sub: u8, bytes: &[u8]) -> Self {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        Self { index, sub, name: None, shown: hex.clone(), json: Json::String(hex), unit: None }
    }

    fn place(&self) -> String {
        format!("{:#06X}:{}", self.index, self.sub).replace("0X", "0x")
    }

    fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.place())
    }

    /// The name of the entry without that of its record.
    pub(super) fn short(&self) -> &str {
        let name = self.name.as_deref().unwrap_or_default();
        name.split_once('/').map_or(name, |(_, entry)| entry)
    }
}

/// In the unit where there is one, the code where there is a word, null where nothing was read.
fn number(value: Value, meaning: Meaning) -> Json {
    let Some(number) = value.number() else { return Json::String(value.to_string()) };
    match meaning {
        Meaning::Reading { .. } if meaning.show(value).to_string() == "not read" => Json::Null,
        Meaning::Scaled { per, .. } | Meaning::Reading { per, .. } if per > 1 => {
            json!(number as f64 / f64::from(per))
        }
        _ => json!(number),
    }
}

fn print(args: &ReadArgs, rows: &[Row]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if args.json {
        let rows: Vec<Json> = rows.iter().map(|row| as_json(args.node, row)).collect();
        return Ok(writeln!(out, "{:#}", Json::Array(rows))?);
    }
    if let [only] = rows {
        return Ok(writeln!(out, "{}", only.shown)?);
    }
    let width = rows.iter().map(|row| row.label().chars().count()).max().unwrap_or(0);
    for row in rows {
        writeln!(out, "{:<width$}  {}", row.label(), row.shown)?;
    }
    Ok(())
}

pub(super) fn as_json(node: u8, row: &Row) -> Json {
    json!({
        "node": node,
        "index": row.index,
        "sub": row.sub,
        "name": row.name,
        "value": row.json,
        "unit": row.unit,
        "text": row.shown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_index_and_sub_index() {
        assert_eq!(place("0x2002:1"), Some((0x2002, 1)));
        assert_eq!(place("1018:4"), Some((0x1018, 4)));
        assert_eq!(place("0x1008"), Some((0x1008, 0)));
        assert_eq!(place("0x2003:0x10"), Some((0x2003, 16)));
        for name in ["limits", "limits/charge-power", "0x20021:1", "0x2002:256", "2002:", "cell"] {
            assert_eq!(place(name), None, "{name}");
        }
    }
}
