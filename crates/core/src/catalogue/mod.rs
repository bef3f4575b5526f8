//! What is stated about the products, and by whom: the manual (with section), a public source, or us.
//!
//! Statements of the manual are facts in our own words; its text belongs to its author. What our copy of the
//! manual lacks (figures, and everything after section 4.2.3) is listed as such, never invented.

pub mod delivery;
pub mod expansion;
pub mod install;
pub mod names;
pub mod parts;
pub mod place;
pub mod ratings;
pub mod safety;

pub use expansion::{Expansion, ExpansionError};
pub use names::{Model, UnknownModel};

use core::fmt;

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The user manual V1.1, in this section.
    Manual(&'static str),
    /// A public source.
    Public(&'static str),
    /// Our choice, and why.
    Ours(&'static str),
    /// The manual has it, in this place, but our copy of it has not.
    NotInOurCopy(&'static str),
}

/// A value and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// Who says so.
    pub provenance: Provenance,
}

/// A whole number with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// How many.
    pub value: i32,
    /// Of what; empty for a plain count.
    pub unit: &'static str,
}

/// From one number to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Lowest.
    pub from: i32,
    /// Highest.
    pub to: i32,
    /// Of what.
    pub unit: &'static str,
}

/// A value of any kind, for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Words.
    Text(&'static str),
    /// A number.
    Number(Number),
    /// A range of numbers.
    Range(Range),
    /// Not known.
    Missing,
}

/// A line of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub subject: &'static str,
    /// What is stated.
    pub value: Value,
    /// Who says so.
    pub provenance: Provenance,
}

impl Provenance {
    /// `manual`, `public`, `ours` or `not in our copy`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Manual(_) => "manual",
            Self::Public(_) => "public",
            Self::Ours(_) => "ours",
            Self::NotInOurCopy(_) => "not in our copy",
        }
    }

    /// The section, the source, the reason, or the place in the manual.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Manual(detail) | Self::Public(detail) | Self::Ours(detail) | Self::NotInOurCopy(detail) => {
                detail
            }
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manual(section) => write!(f, "manual {section}"),
            Self::Public(detail) | Self::Ours(detail) | Self::NotInOurCopy(detail) => {
                write!(f, "{}: {detail}", self.kind())
            }
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)?;
        if self.unit.is_empty() { Ok(()) } else { write!(f, " {}", self.unit) }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} {}", self.from, self.to, self.unit)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Range(range) => range.fmt(f),
            Self::Missing => f.write_str("not known"),
        }
    }
}

impl Number {
    const fn any(self) -> Value {
        Value::Number(self)
    }
}

impl Range {
    const fn any(self) -> Value {
        Value::Range(self)
    }
}

const fn number(value: i32, unit: &'static str) -> Number {
    Number { value, unit }
}

const fn range(from: i32, to: i32, unit: &'static str) -> Range {
    Range { from, to, unit }
}

/// Something that the manual shows and our copy does not.
const fn missing(subject: &'static str, place: &'static str) -> Fact {
    Fact { subject, value: Value::Missing, provenance: Provenance::NotInOurCopy(place) }
}

/// Words that are stated.
const fn text(subject: &'static str, text: &'static str, provenance: Provenance) -> Fact {
    Fact { subject, value: Value::Text(text), provenance }
}

/// Typed constants, each with who says so, and the same as lines of a list.
macro_rules! stated {
    ($(#[$meta:meta])* $list:ident:
     $($name:ident: $type:ident = $value:expr, $subject:literal, $provenance:expr;)*
     $(; $($more:expr),* $(,)?)?) => {
        $(
            #[doc = concat!("Of the product: ", $subject, ".")]
            pub const $name: Stated<$type> = Stated { value: $value, provenance: $provenance };
        )*

        $(#[$meta])*
        pub const $list: &[Fact] = &[
            $(Fact { subject: $subject, value: $name.value.any(), provenance: $name.provenance },)*
            $($($more,)*)?
        ];
    };
}
use stated;
