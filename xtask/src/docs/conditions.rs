//! The page on the conditions: every row of the module's table and of the unit's, with its numbers and its lights.

use std::fmt::Write as _;

use voltower_control::bdu::{Ending, OF_MODULE, OF_TOWER, Response, UnitRow};
use voltower_control::link::error_code;
use voltower_control::protect::Quantity;
use voltower_control::protect::row::{Clear, Direction, Reaction, Recovery, Row, Sense, Settable};
use voltower_control::protect::table::TABLE;
use voltower_core::panel::tables::condition_pattern;
use voltower_core::panel::{CellFaultLights, Light};
use voltower_core::{
    Condition, DeciCelsius, Duration, Level, Levels, MilliAmps, MilliVolts, Relation, Threshold, values,
};

use super::cell;

/// The page.
pub(super) fn page() -> String {
    let mut text = String::from(INTRODUCTION);
    for row in &TABLE {
        let _ = writeln!(text, "{}", module_row(row));
    }
    text.push_str(UNIT);
    for (rows, of) in [(&OF_TOWER[..], "tower"), (&OF_MODULE[..], "module")] {
        for row in rows {
            let _ = writeln!(text, "{}", unit_row(row, of));
        }
    }
    text.push_str(SETTABLE);
    for threshold in Threshold::ALL {
        let _ = writeln!(text, "{}", level(*threshold));
    }
    relations(&mut text);
    text
}

const INTRODUCTION: &str = "\
# Conditions

What a tower watches, when it believes it, and what it does. Printed from the condition table of the module
(`crates/control/src/protect/table.rs`), from that of the distribution unit
(`crates/control/src/bdu/conditions.rs`) and from the levels (`crates/core/src/levels.rs`) by `cargo xtask docs`;
do not edit. The numbers are [ours](our-values.md), the names and the lights the manual's (section 2.4).

A condition is raised by fresh samples on the wrong side, as many as the table says, which last as long as it
says; it goes after the calm time on the right side of the level at which it clears. Lights: the alarm light,
then L1 to L5; `o` is on, `*` flashes, `-` is off. Fresh samples: the sensor has measured anew. Where several
rows have the lights of one condition, *other* above all, their own words travel with the emergency message, in
the event log (object 0x2011) and as a list of what is found (object 0x2013): `voltower link read URL NODE findings`.

## Module

| words | quantity | wrong | right again | samples | lasting | calm | reaction | recovery | healed by \
| condition | lights | code |
|---|---|---:|---:|---:|---:|---:|---|---|---|---|---|---|
";

const UNIT: &str = "
## Distribution unit

| words | of | samples | lasting | reaction | recovery | healed by | condition | lights | code |
|---|---|---:|---:|---|---|---|---|---|---|
";

const SETTABLE: &str = "
## Levels that can be set

Object 0x2022 of a module, one sub-index each. A level can be set to ours, which is the loosest, or to something
tighter: tighter at any time, looser only by a person who has pressed the black-start switch, while no power
flows. Every write is checked as a whole: one that breaks a relation is refused (0x06090030), one beyond the
range too (0x06090031, 0x06090032), and object 0x2023 sub 2 says which relation; `voltower link write` prints it.
When several levels of a chain move, write the one first that makes room: going down the lowest first, going up
the highest. A stored configuration that breaks a relation keeps the module off the bus with *BMS internal
fault*; object 0x2023 sub 1 says which, and sub 3 restores ours (a person, again).

| sub | level | tightest | ours, the loosest |
|---:|---|---:|---:|
";

const RELATIONS: &str = "
What must hold of them; our own are held to the same while compiling:

| code | relation |
|---:|---|
";

fn module_row(row: &Row) -> String {
    let side = match row.sense {
        Sense::Above => "from",
        Sense::Below => "down to",
    };
    let (wrong, right) = match shown(row.quantity, row.raise) {
        Some(wrong) => (format!("{side} {wrong}"), shown(row.quantity, row.clear).unwrap_or_default()),
        None => ("it is so".to_owned(), "it is not".to_owned()),
    };
    let (wrong, right) = match row.settable {
        Some(settable) => set(settable, &wrong, &right),
        None => (wrong, right),
    };
    let calm = if row.calm.is_zero() { "none".to_owned() } else { row.calm.to_string() };
    format!(
        "| {} | {} | {wrong} | {right} | {} | {} | {calm} | {} | {} | {} | {}",
        cell(row.finding.words()),
        quantity(row.quantity),
        row.samples,
        lasting(row.after),
        reaction(row.reaction),
        recovery(row.recovery),
        row.heals.words(),
        seen(row.condition),
    )
}

/// Marks what a person may set.
fn set(settable: Settable, wrong: &str, right: &str) -> (String, String) {
    let right = match settable.clear {
        Clear::At(_) => format!("{right} (set)"),
        Clear::Apart | Clear::Share => format!("{right} (follows)"),
        Clear::Fixed => right.to_owned(),
    };
    (format!("{wrong} (set)"), right)
}

fn unit_row(row: &UnitRow, of: &str) -> String {
    format!(
        "| {} | {of} | {} | {} | {} | {} | {} | {}",
        cell(row.finding.words()),
        row.samples,
        lasting(row.after),
        response(row.response),
        ending(row.ending),
        row.heals().words(),
        seen(row.condition),
    )
}

/// Condition, lights and code, to the end of the line.
fn seen(condition: Condition) -> String {
    let kind = match condition.level() {
        Level::Alarm => "alarm",
        Level::Fault => "fault",
    };
    let pattern = condition_pattern(condition, CellFaultLights::default());
    let lights: String = pattern.soc.into_iter().map(light).collect();
    format!("{kind}: {condition} | `{} {lights}` | 0x{:04X} |", light(pattern.alarm), error_code(condition))
}

const fn light(light: Light) -> char {
    match light {
        Light::Off => '-',
        Light::On => 'o',
        Light::Flashing => '*',
    }
}

fn lasting(time: Duration) -> String {
    if time.is_zero() { "at once".to_owned() } else { time.to_string() }
}

fn level(threshold: Threshold) -> String {
    let shown = |number| Levels::OURS.with(threshold, number).quantity(threshold);
    let (tightest, loosest) = (shown(threshold.tightest()), shown(threshold.loosest()));
    format!("| {} | {threshold} | {tightest} | {loosest} |", threshold.code())
}

fn relations(text: &mut String) {
    text.push_str(RELATIONS);
    for relation in Relation::ORDERS {
        let _ = writeln!(text, "| {} | {relation} |", relation.code());
    }
    let _ = writeln!(text, "| {} | {} |", Relation::Power.code(), Relation::Power);
    text.push_str("| 128 + sub | the level lies between the tightest and ours |\n");
}

/// A level with its unit; `None` for what is so or is not.
fn shown(quantity: Quantity, level: i32) -> Option<String> {
    Some(match quantity {
        Quantity::CellHighest
        | Quantity::CellLowest
        | Quantity::CellLowestInUse
        | Quantity::CellSpread
        | Quantity::CellSpreadInUse
        | Quantity::TerminalVoltage => MilliVolts(level).to_string(),
        Quantity::TemperatureHighest
        | Quantity::TemperatureLowest
        | Quantity::Ambient
        | Quantity::Mos
        | Quantity::HeatSink => DeciCelsius(level.try_into().unwrap_or(i16::MAX)).to_string(),
        Quantity::Current | Quantity::ForbiddenCurrent | Quantity::CurrentError => {
            MilliAmps(level).to_string()
        }
        Quantity::TemperatureSpread => format!("{}.{} K", level / 10, level % 10),
        Quantity::PowerExcess => format!("{level} W"),
        Quantity::SumError | Quantity::ConverterError => format!("{}.{} %", level / 10, level % 10),
        Quantity::Implausible
        | Quantity::Frozen
        | Quantity::AfeSilent
        | Quantity::Comparator
        | Quantity::ComparatorSetting
        | Quantity::Converter
        | Quantity::SelfTest
        | Quantity::Welded
        | Quantity::NotClosed
        | Quantity::Configuration
        | Quantity::ConverterForGood
        | Quantity::Memory
        | Quantity::Stored
        | Quantity::Resets
        | Quantity::NoRise
        | Quantity::Sinking
        | Quantity::CellContact
        | Quantity::CellAlone
        | Quantity::ShuntCount => return None,
    })
}

const fn quantity(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::CellHighest => "highest cell voltage",
        Quantity::CellLowest => "lowest cell voltage",
        Quantity::CellLowestInUse => {
            "lowest cell voltage, unless it rests below its low-SOC stages above the reserve"
        }
        Quantity::CellSpread => "difference of the cell voltages",
        Quantity::CellSpreadInUse => "difference of the cell voltages, unless all are nearly empty",
        Quantity::TemperatureHighest => "highest cell temperature",
        Quantity::TemperatureLowest => "lowest cell temperature",
        Quantity::TemperatureSpread => "difference of the cell temperatures",
        Quantity::Ambient => "ambient temperature",
        Quantity::Mos => "MOSFET temperature",
        Quantity::HeatSink => "heat sink temperature",
        Quantity::Current => "pack current, either way",
        Quantity::PowerExcess => "power at the bus beyond the limit",
        Quantity::ForbiddenCurrent => "current in a stopped direction",
        Quantity::Implausible => "readings",
        Quantity::SumError => "sum of the cells against the divider",
        Quantity::ConverterError => "the converter's pack voltage against both",
        Quantity::Frozen => "readings that should have moved",
        Quantity::CurrentError => "shunt against the converter's current",
        Quantity::AfeSilent => "conversions of the AFE",
        Quantity::Comparator => "comparator of the AFE",
        Quantity::ComparatorSetting => "thresholds that the comparator holds",
        Quantity::Converter => "converter",
        Quantity::SelfTest => "self tests",
        Quantity::Welded => "feedback of relay and MOSFETs",
        Quantity::NotClosed => "feedback of the MOSFETs",
        Quantity::TerminalVoltage => "voltage at B+ and B-",
        Quantity::Configuration => "stored configuration",
        Quantity::ConverterForGood => "converter, after its tries",
        Quantity::Memory => "memory",
        Quantity::Stored => "stored lock-outs and settings",
        Quantity::Resets => "resets",
        Quantity::CellContact => "contacts of the cells",
        Quantity::CellAlone => "cells at an end by themselves",
        Quantity::ShuntCount => "ampere-hours of shunt and converter",
        Quantity::NoRise => "rise of the lowest cell while it is levelled",
        Quantity::Sinking => "lowest cell at rest, while cells lie too far apart",
    }
}

fn reaction(reaction: Reaction) -> String {
    match reaction {
        Reaction::Warn => "told".to_owned(),
        Reaction::Stop(direction) => format!("{} stopped", way(direction)),
        Reaction::Rest(direction) => {
            format!("leaves the bus for {}, {} stopped", values::ISOLATION_TIME, way(direction))
        }
        Reaction::Level => format!(
            "leaves the bus for {}; then it is charged with {} at most, or discharged at the top",
            values::ISOLATION_TIME,
            values::LEVEL_CURRENT
        ),
        Reaction::Isolate => "leaves the bus, power to zero first".to_owned(),
        Reaction::Open => "opens everything at once".to_owned(),
    }
}

const fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Charge => "charging",
        Direction::Discharge => "discharging",
    }
}

fn recovery(recovery: Recovery) -> String {
    match recovery {
        Recovery::Automatic => "by itself".to_owned(),
        Recovery::Tries => format!(
            "by itself; locked out at trip {} within {}",
            values::OVER_CURRENT_TRIES.0,
            values::TRIES_FORGIVEN
        ),
        Recovery::Person => "locked out: a person".to_owned(),
    }
}

const fn response(response: Response) -> &'static str {
    match response {
        Response::Tell => "told",
        Response::KeepModuleOff => "the module stays off the bus",
        Response::Stop => "the tower leaves the bus",
    }
}

fn ending(ending: Ending) -> String {
    match ending {
        Ending::WithItsCause => "by itself".to_owned(),
        Ending::Tries(tries) => format!("by itself after a rest, {tries} times; then a person"),
        Ending::Person => "a person".to_owned(),
    }
}
