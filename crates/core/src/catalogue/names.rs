//! Models, and what the parts of product names mean (section 2.2).

use super::{Expansion, Number, Provenance, Stated, number};
use core::fmt;
use core::str::FromStr;

/// A tower as it is sold: one distribution unit with one to four modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// One module.
    E5,
    /// Two modules.
    E10,
    /// Three modules.
    E15,
    /// Four modules.
    E20,
}

impl Model {
    /// All of them, smallest first.
    pub const ALL: [Self; 4] = [Self::E5, Self::E10, Self::E15, Self::E20];

    /// Name as printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::E5 => "BTS E5-DS5",
            Self::E10 => "BTS E10-DS5",
            Self::E15 => "BTS E15-DS5",
            Self::E20 => "BTS E20-DS5",
        }
    }

    /// Energy grade alone: `E10`.
    #[must_use]
    pub const fn grade(self) -> &'static str {
        match self {
            Self::E5 => "E5",
            Self::E10 => "E10",
            Self::E15 => "E15",
            Self::E20 => "E20",
        }
    }

    /// How many modules it has.
    #[must_use]
    pub const fn modules(self) -> u8 {
        match self {
            Self::E5 => 1,
            Self::E10 => 2,
            Self::E15 => 3,
            Self::E20 => 4,
        }
    }

    /// The one with so many modules.
    #[must_use]
    pub const fn with_modules(modules: usize) -> Option<Self> {
        match modules {
            1 => Some(Self::E5),
            2 => Some(Self::E10),
            3 => Some(Self::E15),
            4 => Some(Self::E20),
            _ => None,
        }
    }

    /// Its energy grade.
    #[must_use]
    pub const fn energy(self) -> Stated<Number> {
        let module = super::ratings::MODULE_ENERGY_GRADE.value;
        Stated {
            value: number(module.value * self.modules() as i32, module.unit),
            provenance: Provenance::Manual("2.2"),
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownModel;

impl fmt::Display for UnknownModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no such model; the manual (section 2.2) has")?;
        for (number, model) in (0..).zip(Model::ALL) {
            let comma = if number == 0 { " " } else { ", " };
            write!(f, "{comma}{} ({model})", model.grade())?;
        }
        let [first, .., last] = Model::ALL;
        write!(
            f,
            ", with {} to {} modules; more modules need a second tower, at most {} (section 2.6)",
            first.modules(),
            last.modules(),
            Expansion::MAX_TOWERS
        )
    }
}

impl core::error::Error for UnknownModel {}

impl FromStr for Model {
    type Err = UnknownModel;

    /// `E10`, `E10-DS5`, `BTS E10-DS5` or `BTS-E10-DS5`, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownModel> {
        Self::ALL.into_iter().find(|model| same_name(text.trim(), *model)).ok_or(UnknownModel)
    }
}

/// Compares the letters and digits; `BTS` and `DS5` may be missing.
fn same_name(text: &str, model: Model) -> bool {
    let plain = |text: &'static str| text.chars().filter(|c| c.is_ascii_alphanumeric());
    let given = || text.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).map(|c| c.to_ascii_uppercase());
    let grade = || plain(model.grade());
    let system = || plain("DS5");
    given().eq(grade())
        || given().eq(grade().chain(system()))
        || given().eq(plain("BTS").chain(grade()))
        || given().eq(plain("BTS").chain(grade()).chain(system()))
}

/// A part of a product name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamePart {
    /// Its place in the name: 1, 2, 3.
    pub place: u8,
    /// What stands there.
    pub text: &'static str,
    /// What that place is for.
    pub meaning: &'static str,
    /// What the text says.
    pub specification: &'static str,
}

/// A kind of product and the parts of its name, all from section 2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameTable {
    /// Battery module, battery distribution unit or battery system.
    pub product: &'static str,
    /// The name as a whole.
    pub name: &'static str,
    /// Its parts.
    pub parts: &'static [NamePart],
}

const fn part(place: u8, text: &'static str, meaning: &'static str, specification: &'static str) -> NamePart {
    NamePart { place, text, meaning, specification }
}

const SERIES: NamePart = part(1, "BTS", "product series", "battery series of the maker");
const GRADE_5K: NamePart = part(2, "5K", "energy grade of the module", "energy of a module: 5 kWh");

/// The three tables of section 2.2.
pub const NAMES: [NameTable; 3] = [
    NameTable { product: "battery module", name: "BTS 5K", parts: &[SERIES, GRADE_5K] },
    NameTable {
        product: "battery distribution unit",
        name: "BTS 5K-BDU",
        parts: &[SERIES, GRADE_5K, part(3, "BDU", "system unit", "battery distribution unit")],
    },
    NameTable {
        product: "battery system",
        name: "BTS E5~20-DS5",
        parts: &[
            SERIES,
            part(2, "E5", "energy grade", "total energy 5 kWh"),
            part(2, "E10", "energy grade", "total energy 10 kWh"),
            part(2, "E15", "energy grade", "total energy 15 kWh"),
            part(2, "E20", "energy grade", "total energy 20 kWh"),
            part(3, "DS5", "module of the system", "the module is BTS 5K"),
        ],
    },
];
