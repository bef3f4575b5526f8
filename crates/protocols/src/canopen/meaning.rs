//! How a value is read by a person.

use core::fmt;

use voltower_core::panel::Pattern;
use voltower_core::{
    Binding, Condition, ConditionSet, Diagnosis, FindingSet, ModuleState, PcuState, Relation, Relief,
    ResetCause, TowerState,
};

use super::value::Value;
use crate::link::{Event, ModuleRequest};

/// Instead of the code of a state, where nothing was written down.
pub const NO_STATE: u8 = 0xFF;
/// Instead of the bit of a condition, where there is none.
pub const NO_CONDITION: u8 = 0xFF;

/// How to read the number of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// As it stands.
    Plain,
    /// Bits, or an identifier.
    Hexadecimal,
    /// `per` of them make one `symbol`; the largest number of the type means *not read* where `absent` readings are
    /// possible.
    Scaled {
        /// Unit.
        symbol: &'static str,
        /// So many make one.
        per: u16,
    },
    /// The same for a reading that may be missing: 0xFFFF (unsigned) or 0x7FFF (signed).
    Reading {
        /// Unit.
        symbol: &'static str,
        /// So many make one.
        per: u16,
    },
    /// Code of a [`TowerState`].
    TowerState,
    /// Code of a [`ModuleState`], [`NO_STATE`] for none.
    ModuleState,
    /// Code of a [`PcuState`], [`NO_STATE`] for none.
    PcuState,
    /// Code of a [`ModuleState`] in the lower half, of a [`PcuState`] in the upper.
    ModuleStates,
    /// Code of a [`Binding`].
    Binding,
    /// Bits of a [`ConditionSet`].
    Conditions,
    /// Bit of a [`Condition`], [`NO_CONDITION`] for none.
    Condition,
    /// Bits of a [`Pattern`].
    Panel,
    /// Code of a [`Diagnosis`].
    Diagnosis,
    /// Bits of an [`Event`].
    Event,
    /// Code of a [`ResetCause`].
    ResetCause,
    /// Bits with names, the lowest first.
    Bits(&'static [&'static str]),
    /// What is wanted of a module: a [`ModuleRequest`] in the lower three bits, flags above.
    Request,
    /// Bits of a [`FindingSet`].
    Findings,
    /// Code of a [`Relation`], 0 for none.
    Relation,
    /// Code of a [`Relief`].
    Relief,
    /// 0 for no, anything else for yes.
    YesNo,
    /// Number of a cell, sensor or module, from 1; 0 for none.
    Element,
    /// Which of several, from 0, the other entries of its record show; 0 for the newest.
    Which,
}

impl Meaning {
    /// Unit, and how many of the number make one.
    #[must_use]
    pub const fn unit(self) -> Option<(&'static str, u16)> {
        match self {
            Self::Scaled { symbol, per } | Self::Reading { symbol, per } => Some((symbol, per)),
            Self::Plain
            | Self::Hexadecimal
            | Self::TowerState
            | Self::ModuleState
            | Self::PcuState
            | Self::ModuleStates
            | Self::Binding
            | Self::Conditions
            | Self::Condition
            | Self::Panel
            | Self::Diagnosis
            | Self::Event
            | Self::ResetCause
            | Self::Bits(_)
            | Self::Request
            | Self::Findings
            | Self::Relation
            | Self::Relief
            | Self::YesNo
            | Self::Element
            | Self::Which => None,
        }
    }

    /// `value` in words.
    #[must_use]
    pub const fn show(self, value: Value) -> Shown {
        Shown { meaning: self, value }
    }
}

/// A value in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    meaning: Meaning,
    value: Value,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(number) = self.value.number() else { return fmt::Display::fmt(&self.value, f) };
        match self.meaning {
            Meaning::YesNo => f.write_str(if number == 0 { "no" } else { "yes" }),
            Meaning::Element if number == 0 => f.write_str("none"),
            Meaning::Which if number == 0 => f.write_str("0, the newest"),
            Meaning::Plain | Meaning::Element | Meaning::Which => write!(f, "{number}"),
            Meaning::Hexadecimal => write!(f, "{number:#x}"),
            Meaning::Reading { .. } if self.value.is_largest() => f.write_str("not read"),
            Meaning::Scaled { symbol, per } | Meaning::Reading { symbol, per } => {
                decimal(f, number, per)?;
                write!(f, " {symbol}")
            }
            Meaning::Conditions => conditions(f, ConditionSet::from_bits(number as u32)),
            Meaning::Bits(names) => bits(f, number, names),
            Meaning::Request => request(f, number),
            Meaning::Findings => findings(f, FindingSet::from_bits(number.cast_unsigned())),
            Meaning::Relation => relation(f, number as u8),
            Meaning::Relief => relief(f, number),
            Meaning::TowerState
            | Meaning::ModuleState
            | Meaning::PcuState
            | Meaning::ModuleStates
            | Meaning::Binding
            | Meaning::Condition
            | Meaning::Panel
            | Meaning::Diagnosis
            | Meaning::Event
            | Meaning::ResetCause => word(f, self.meaning, number),
        }
    }
}

/// A code in words; a code that there is not stays a number.
fn word(f: &mut fmt::Formatter<'_>, meaning: Meaning, number: i64) -> fmt::Result {
    let code = number as u8;
    let module = |code| ModuleState::from_code(code).map(ModuleState::word);
    let converter = |code| PcuState::from_code(code).map(PcuState::word);
    let plain = match meaning {
        Meaning::TowerState => TowerState::from_code(code).map(TowerState::word),
        Meaning::ModuleState | Meaning::PcuState if code == NO_STATE => Some("none"),
        Meaning::ModuleState => module(code),
        Meaning::PcuState => converter(code),
        Meaning::ResetCause => ResetCause::from_code(code).map(ResetCause::word),
        Meaning::Binding => Binding::from_code(code).map(Binding::word),
        Meaning::Condition if code == NO_CONDITION => Some("none"),
        Meaning::Condition => condition(code),
        Meaning::ModuleStates => {
            let states = module(code & 0x0F).zip(converter(code >> 4));
            return match states {
                Some((module, converter)) => write!(f, "{module}, converter {converter}"),
                None => write!(f, "{number:#x}"),
            };
        }
        Meaning::Panel => return panel(f, number),
        Meaning::Diagnosis => return diagnosis(f, code),
        Meaning::Event => return event(f, number),
        Meaning::Plain
        | Meaning::Hexadecimal
        | Meaning::Scaled { .. }
        | Meaning::Reading { .. }
        | Meaning::Conditions
        | Meaning::Bits(_)
        | Meaning::Request
        | Meaning::Findings
        | Meaning::Relation
        | Meaning::Relief
        | Meaning::YesNo
        | Meaning::Element
        | Meaning::Which => None,
    };
    match plain {
        Some(plain) => f.write_str(plain),
        None => write!(f, "{number}"),
    }
}

fn condition(code: u8) -> Option<&'static str> {
    Condition::all().find(|condition| condition.bit() == u32::from(code)).map(|found| found.names().manual)
}

fn panel(f: &mut fmt::Formatter<'_>, number: i64) -> fmt::Result {
    match Pattern::from_bits(number as u16) {
        Some(pattern) => fmt::Display::fmt(&pattern, f),
        None => write!(f, "{number:#x}"),
    }
}

fn diagnosis(f: &mut fmt::Formatter<'_>, code: u8) -> fmt::Result {
    match Diagnosis::from_code(code) {
        Some(diagnosis) => fmt::Display::fmt(&diagnosis, f),
        None => write!(f, "{code:#x}"),
    }
}

fn event(f: &mut fmt::Formatter<'_>, number: i64) -> fmt::Result {
    match Event::from_bits(number as u64) {
        Some(event) => fmt::Display::fmt(&event, f),
        None => f.write_str("none"),
    }
}

fn conditions(f: &mut fmt::Formatter<'_>, set: ConditionSet) -> fmt::Result {
    if set.is_empty() {
        return f.write_str("none");
    }
    for (place, condition) in set.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { "; " })?;
        f.write_str(condition.names().manual)?;
    }
    Ok(())
}

fn findings(f: &mut fmt::Formatter<'_>, set: FindingSet) -> fmt::Result {
    let mut none = true;
    for finding in set.iter() {
        f.write_str(if none { "" } else { "; " })?;
        f.write_str(finding.words())?;
        none = false;
    }
    f.write_str(if none { "none" } else { "" })
}

/// What must hold, and does not.
fn relation(f: &mut fmt::Formatter<'_>, code: u8) -> fmt::Result {
    match Relation::from_code(code) {
        Some(relation) => fmt::Display::fmt(&relation, f),
        None if code == 0 => f.write_str("none"),
        None => write!(f, "{code:#x}"),
    }
}

/// The names of the bits that are set.
fn bits(f: &mut fmt::Formatter<'_>, number: i64, names: &[&str]) -> fmt::Result {
    let set = names
        .iter()
        .zip(0_u32..)
        .filter(|(_, bit)| number.checked_shr(*bit).is_some_and(|rest| rest & 1 != 0));
    let mut none = true;
    for (name, _) in set {
        f.write_str(if none { "" } else { ", " })?;
        f.write_str(name)?;
        none = false;
    }
    f.write_str(if none { "none" } else { "" })
}

/// Flags of a command behind its request.
const FLAGS: [&str; 5] = ["lead", "shed", "clear lock-outs", "update", "service"];

fn request(f: &mut fmt::Formatter<'_>, number: i64) -> fmt::Result {
    let code = number as u8;
    match ModuleRequest::from_code(code & 0x07) {
        Some(request) => f.write_str(request.word())?,
        None => return write!(f, "{number:#x}"),
    }
    if code >> 3 == 0 {
        return Ok(());
    }
    f.write_str(", ")?;
    bits(f, i64::from(code >> 3), &FLAGS)
}

fn relief(f: &mut fmt::Formatter<'_>, number: i64) -> fmt::Result {
    match Relief::from_code(number as u16) {
        Some(Relief::After(seconds)) => write!(f, "in {seconds} s"),
        Some(Relief::Module) => f.write_str("as the module says"),
        Some(Relief::Change) => f.write_str("when it changes"),
        Some(Relief::Person) => f.write_str("when a person has acted"),
        None => write!(f, "{number:#x}"),
    }
}

/// `number / per`, exactly: `per` is a power of ten.
fn decimal(f: &mut fmt::Formatter<'_>, number: i64, per: u16) -> fmt::Result {
    let per = u64::from(per.max(1));
    let (whole, rest) = (number.unsigned_abs() / per, number.unsigned_abs() % per);
    f.write_str(if number < 0 { "-" } else { "" })?;
    let digits = per.ilog10() as usize;
    if digits == 0 { write!(f, "{whole}") } else { write!(f, "{whole}.{rest:0digits$}") }
}

impl Value {
    /// As a number; `None` for a text.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        Some(match *self {
            Self::U8(number) => i64::from(number),
            Self::U16(number) => i64::from(number),
            Self::U32(number) => i64::from(number),
            Self::U64(number) => number.cast_signed(),
            Self::I8(number) => i64::from(number),
            Self::I16(number) => i64::from(number),
            Self::I32(number) => i64::from(number),
            Self::Bool(truth) => i64::from(truth),
            Self::Text(_) | Self::Octets(_) => return None,
        })
    }

    /// The largest number of its type, which stands for a reading that is missing.
    const fn is_largest(&self) -> bool {
        match *self {
            Self::U8(number) => number == u8::MAX,
            Self::U16(number) => number == u16::MAX,
            Self::U32(number) => number == u32::MAX,
            Self::U64(number) => number == u64::MAX,
            Self::I8(number) => number == i8::MAX,
            Self::I16(number) => number == i16::MAX,
            Self::I32(number) => number == i32::MAX,
            Self::Bool(_) | Self::Text(_) | Self::Octets(_) => false,
        }
    }
}

impl fmt::Display for Value {
    /// A number in decimal; a text as far as it is ASCII, without the blanks at its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => {
                let shown = text.as_bytes().trim_ascii_end();
                shown.iter().try_for_each(|byte| write!(f, "{}", byte.escape_ascii()))
            }
            Self::U64(number) => write!(f, "{number}"),
            Self::Octets(octets) => octets.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::Bool(_)
            | Self::U8(_)
            | Self::U16(_)
            | Self::U32(_)
            | Self::I8(_)
            | Self::I16(_)
            | Self::I32(_) => write!(f, "{}", self.number().unwrap_or(0)),
        }
    }
}
