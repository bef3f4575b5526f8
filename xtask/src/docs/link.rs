//! The page on the Link: identifiers, objects, emergency codes, and the causes that are told.

use std::fmt::Write as _;

use voltower_control::link::error_code;
use voltower_core::{Cause, Condition, Diagnosis, values};
use voltower_protocols::canopen::{Access, DataType, Dictionary, Direction, Item, Pace};
use voltower_protocols::link::{BDU_DICTIONARY, BDU_NODE, MODULE_DICTIONARY};

use super::cell;

/// The page.
pub(super) fn page() -> String {
    let mut text = format!("{}{}", INTRODUCTION, addresses());
    text.push_str(&pace());
    process_data(&mut text, "Module", MODULE_DICTIONARY, "n");
    process_data(&mut text, "Distribution unit", BDU_DICTIONARY, &BDU_NODE.to_string());
    text.push_str(EMERGENCY);
    emergencies(&mut text);
    causes(&mut text);
    text.push_str(OBJECTS);
    objects(&mut text, "Module", MODULE_DICTIONARY);
    objects(&mut text, "Distribution unit", BDU_DICTIONARY);
    text
}

const INTRODUCTION: &str = "\
# The Link

CANopen (CiA 301, LSS of CiA 305) at 500 kbit/s between the distribution unit (node 9) and its modules (nodes
1 to 4, from the top of the stack). Layouts and object numbers from 0x2000 on are ours: the maker publishes
none. Printed from the dictionaries in `crates/protocols/src/link/dictionary` by `cargo xtask docs`; do not
edit. The same tables as electronic data sheets: [module.eds](eds/module.eds), [bdu.eds](eds/bdu.eds). How to
look at it with your tools: [link-tools.md](link-tools.md).

Current and power are positive while charging. Configuration may be tightened at any time; loosening it and
clearing a lock-out need a person, who presses the black-start switch while no power flows, and are refused
otherwise (0x08000022).
";

/// When process data come.
fn pace() -> String {
    format!(
        "
## Process data

Eight bytes each, little-endian. `n` is the module, 1 to 4. What comes every {} also comes at once when the
sender's state or conditions have changed, {} after the last time at the earliest. Reasons also come when a limit
is bound by something else than before, {} after the last time at the earliest; `voltower explain` puts them into
sentences. Value and level of a reason are in the unit of what binds: mV of a cell, 0.1 degC, 0.1 % of charge,
0.1 V of the bus (fuse), W (configuration; recovering: what it rises to), s (inverter silent), the condition's number
(its level: where it clears, in mV or 0.1 degC), the code of the binding that a lost reading is about; in a tower
that its modules bind: which of them, bit 0 = module 1. Relief: seconds, 0xFFFF when it changes, 0xFFFE when a person
has acted, 0xFFFD as the module says.
",
        values::LINK_FAST_PERIOD,
        values::LINK_INHIBIT,
        values::LINK_FAST_PERIOD,
    )
}

/// How addresses are given, with the times of our table.
fn addresses() -> String {
    format!(
        "
## Addresses

A module that has no address answers LSS only while the enable line at its Link In is active, so it is alone.
The unit confirms vendor, product and revision in one request each and bisects the serial number (32 bits of a
hash of the full one). A module that has its address, and has been commanded by it, passes the enable line on:
the address is the place in the stack. It keeps the address when the line falls, and gives it back by reset or
after {} without a command. The unit gives an address anew only after that time, so that two never have one;
in a running tower it takes back only the module that sat there. An unanswered request is given up after {} of
a free bus; a running tower looks for lost modules every {}.
",
        values::COMMAND_SILENCE,
        values::LSS_TIMEOUT,
        values::ADDRESS_PROBE_PERIOD,
    )
}

const EMERGENCY: &str = "
## Emergency messages

COB-ID 0x080 + node. Bytes 0 and 1 the error code (CiA 301; 0x0000 when a condition has gone), byte 2 the
error register, byte 3 the condition, byte 4 the module (0: the unit itself), byte 5 the cell or sensor (0:
none), byte 6 the finding if it has come and 0 if it has gone, byte 7 how many conditions there are now. What
each row of the condition table finds, and its words: [conditions.md](conditions.md).

| byte 3 | condition | error code |
|---:|---|---|
";

const OBJECTS: &str = "
## Objects

`voltower link read URL NODE OBJECT/ENTRY` reads one by its name, spaces written as `-`.

A module keeps, over a loss of power, its last six freeze-frames (0x2015: all that was measured when a fault came), a
blackbox (0x2016: the minute before the first fault since a person has looked, a point a second) and counters of its
life (0x2017, 0x2018). The first two show one frame or point at a time, 0 the newest, which sub 1 chooses; `voltower
link read URL NODE freeze-frame --all` reads them in turn. Times are seconds since a start of the module, and the
number of that start (0x2014 sub 2 is the present one): it has no other clock. What was not measured, or is not there,
is 0xFF, 0x7FFF or 0xFFFF.
";

fn process_data<F: Copy>(text: &mut String, device: &str, dictionary: &Dictionary<F>, node: &str) {
    let _ = writeln!(text, "\n**{device}**\n\n| COB-ID | what | when | in it |\n|---|---|---|---|");
    for pdo in dictionary.pdos {
        let entries: Vec<_> = dictionary.mapped(pdo).map(|entry| entry.name).collect();
        let when = match (pdo.direction, pdo.pace) {
            (Direction::Receive, _) => "received".to_owned(),
            (Direction::Transmit, Pace::Fixed(ms)) => format!("every {ms} ms, and on a change"),
            (Direction::Transmit, Pace::Free(ms, _)) => format!("every {ms} ms, or as written"),
        };
        let id = if node == "n" {
            format!("0x{:03X} + n", pdo.base)
        } else {
            format!("0x{:03X}", pdo.cob_id(BDU_NODE))
        };
        let _ = writeln!(text, "| {id} | {} | {when} | {} |", pdo.name, entries.join(", "));
    }
}

fn emergencies(text: &mut String) {
    for condition in Condition::all() {
        let (bit, name, code) = (condition.bit(), kind_and_name(condition), error_code(condition));
        let _ = writeln!(text, "| {bit} | {name} | 0x{code:04X} |");
    }
}

fn kind_and_name(condition: Condition) -> String {
    match condition {
        Condition::Alarm(alarm) => format!("alarm: {}", Condition::from(alarm)),
        Condition::Fault(fault) => format!("fault: {}", Condition::from(fault)),
    }
}

fn causes(text: &mut String) {
    let _ = write!(
        text,
        "
## Causes

What the unit has found behind a condition (object 0x2003 sub 6 of the unit, and the last byte of its panel
frame): the cause in the lower five bits, the module above. Where the manual has no lights of its own for it,
it shows as below.

| code | cause | shown as |
|---:|---|---|
"
    );
    for cause in Cause::ALL.into_iter().filter(|cause| *cause != Cause::None) {
        let words = Diagnosis::new(cause, 2).to_string();
        let shown = cause.condition().map_or_else(String::new, kind_and_name);
        let _ = writeln!(text, "| {} | {} | {shown} |", cause as u8, cell(&words));
    }
}

fn objects<F: Copy>(text: &mut String, device: &str, dictionary: &Dictionary<F>) {
    let _ =
        writeln!(text, "\n**{device}**\n\n| object | entry | type | access | unit |\n|---|---|---|---|---|");
    for item in dictionary.items().filter(|item| item.entry.name != "highest sub-index") {
        let _ = writeln!(text, "{}", row(&item));
    }
}

fn row<F: Copy>(item: &Item<F>) -> String {
    let entry = &item.entry;
    let place = if item.is_variable {
        format!("0x{:04X}", item.index)
    } else {
        format!("0x{:04X}:{}", item.index, entry.sub)
    };
    let name =
        if item.is_variable { item.object.to_owned() } else { format!("{}, {}", item.object, entry.name) };
    let unit = entry.meaning.unit().map_or_else(String::new, |(symbol, per)| match per {
        1 => symbol.to_owned(),
        per => format!("{symbol} / {per}"),
    });
    let range = entry.range.map_or_else(String::new, |(low, high)| format!(", {low} to {high}"));
    let access = match entry.access {
        Access::Constant => "const",
        Access::ReadOnly => "read",
        Access::ReadWrite => "read, write",
    };
    format!("| {place} | {} | {} | {access}{range} | {unit} |", cell(&name), type_name(entry.data_type))
}

const fn type_name(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Bool => "BOOLEAN",
        DataType::I8 => "INTEGER8",
        DataType::I16 => "INTEGER16",
        DataType::I32 => "INTEGER32",
        DataType::U8 => "UNSIGNED8",
        DataType::U16 => "UNSIGNED16",
        DataType::U32 => "UNSIGNED32",
        DataType::U64 => "UNSIGNED64",
        DataType::Text => "VISIBLE_STRING",
        DataType::Octets => "OCTET_STRING",
    }
}
