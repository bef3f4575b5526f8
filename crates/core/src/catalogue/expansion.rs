//! How many modules and towers go together (section 2.6).

use super::{Model, Number, number};
use core::fmt;

/// A network that the manual allows: one or two towers, each with one to four modules and its own independent output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expansion {
    first: Model,
    second: Option<Model>,
}

/// Why the manual does not allow a network. Towers are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpansionError {
    /// No tower at all.
    NoTower,
    /// More towers than a network may have.
    TooManyTowers {
        /// How many.
        towers: usize,
    },
    /// A tower without modules.
    NoModule {
        /// Which tower.
        tower: usize,
    },
    /// A tower with more modules than a distribution unit manages.
    TooManyModules {
        /// Which tower.
        tower: usize,
        /// How many modules.
        modules: usize,
    },
}

impl Expansion {
    /// Modules that one distribution unit manages at most.
    pub const MAX_MODULES: usize = 4;
    /// Distribution units in one communication network at most.
    pub const MAX_TOWERS: usize = 2;

    /// Checks `towers` equal towers of `modules` modules.
    ///
    /// # Errors
    /// [`ExpansionError`], whose message cites the rule.
    pub fn check(towers: usize, modules: usize) -> Result<Self, ExpansionError> {
        match towers {
            0 => Err(ExpansionError::NoTower),
            1 => Self::of(&[modules]),
            2 => Self::of(&[modules, modules]),
            _ => Err(ExpansionError::TooManyTowers { towers }),
        }
    }

    /// Checks towers with so many modules each.
    ///
    /// # Errors
    /// [`ExpansionError`], whose message cites the rule.
    pub fn of(modules: &[usize]) -> Result<Self, ExpansionError> {
        match *modules {
            [] => Err(ExpansionError::NoTower),
            [first] => Ok(Self { first: tower(1, first)?, second: None }),
            [first, second] => Ok(Self { first: tower(1, first)?, second: Some(tower(2, second)?) }),
            [..] => Err(ExpansionError::TooManyTowers { towers: modules.len() }),
        }
    }

    /// Its towers.
    pub fn towers(self) -> impl Iterator<Item = Model> {
        core::iter::once(self.first).chain(self.second)
    }

    /// Sum of the energy grades; nothing else is summed, each tower feeds its own input of the inverter.
    #[must_use]
    pub fn energy(self) -> Number {
        let first = self.first.energy().value;
        number(first.value + self.second.map_or(0, |second| second.energy().value.value), first.unit)
    }
}

fn tower(tower: usize, modules: usize) -> Result<Model, ExpansionError> {
    let error = match modules {
        0 => ExpansionError::NoModule { tower },
        _ => ExpansionError::TooManyModules { tower, modules },
    };
    Model::with_modules(modules).ok_or(error)
}

impl fmt::Display for ExpansionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (modules, towers) = (Expansion::MAX_MODULES, Expansion::MAX_TOWERS);
        match self {
            Self::NoTower => f.write_str("no tower: a network has one or two (manual, section 2.6)"),
            Self::TooManyTowers { towers: asked } => write!(
                f,
                "{asked} towers: a communication network has at most {towers} distribution units (manual, \
                    section 2.6)"
            ),
            Self::NoModule { tower } => write!(
                f,
                "tower {tower} has no battery module: it needs 1 to {modules} (manual, section 2.6: {} a tower)",
                super::ratings::TOWER_ENERGY.value
            ),
            Self::TooManyModules { tower, modules: asked } => write!(
                f,
                "tower {tower} has {asked} battery modules: one distribution unit manages at most \
                    {modules} (manual, section 2.6)"
            ),
        }
    }
}

impl core::error::Error for ExpansionError {}
