//! The indicator panel: status light, alarm light and the five lights L1 to L5 of the manual's section 2.4.
//!
//! [`pattern`] says what the lights do for what a tower is in, [`Pattern::at`] what an eye sees of it at an
//! instant, and [`decode`](decode::decode) goes the way back. All of them read the tables of [`tables`], where
//! the manual's values stand once.
//!
//! Ours, because the manual does not say: the flash rate, the turns of several conditions, the precedence
//! (fault, alarm, updating, normal), the rounding of the state of charge, L1 to L5 in standby and while
//! updating, and the lights while starting, stopping, sleeping and black-starting.

pub mod advice;
pub mod decode;
pub mod tables;
pub mod text;

use crate::condition::{Condition, ConditionSet, Fault};
use crate::quantity::{Instant, PerMille};
use crate::state::TowerState;
use crate::values::{CONDITION_TURN, FLASH_PERIOD};
use core::fmt;

pub use decode::{Meaning, Observed, Seen, decode};
pub use tables::{Row, SocRange, Subject, rows};

/// What a light does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Light {
    /// Dark.
    #[default]
    Off,
    /// Lit.
    On,
    /// On in the first half of every [`FLASH_PERIOD`], off in the second.
    Flashing,
}

/// Colour of the status light. (Those of the alarm light and of L1 to L5 are not stated by the manual.)
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Colour {
    /// Standby, discharge.
    #[default]
    Green,
    /// Updating, charge.
    Blue,
}

/// What all lights of a panel do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The status light.
    pub status: Light,
    /// Its colour; green while it is off.
    pub colour: Colour,
    /// The alarm light.
    pub alarm: Light,
    /// L1 to L5.
    pub soc: [Light; 5],
}

/// What an eye or a camera sees of a panel at one instant: flashing is not told from steady.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// The status light's colour if it is lit.
    pub status: Option<Colour>,
    /// The alarm light is lit.
    pub alarm: bool,
    /// L1 to L5 are lit.
    pub soc: [bool; 5],
}

/// How *battery cell fault* is shown: the manual prints the lights of *low temperature fault* (L2) for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum CellFaultLights {
    /// L2, as printed; both faults then look the same.
    #[default]
    AsPrinted,
    /// L2 and L4: the one pattern that no other fault uses, so probably meant.
    L2L4,
}

/// What a panel has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// What the tower does.
    pub state: TowerState,
    /// Its state of charge.
    pub soc: PerMille,
    /// What is wrong with it.
    pub conditions: ConditionSet,
    /// How *battery cell fault* is shown.
    pub cell_fault_lights: CellFaultLights,
}

impl Light {
    const fn bits(self) -> u16 {
        match self {
            Self::Off => 0,
            Self::On => 1,
            Self::Flashing => 2,
        }
    }

    const fn from_bits(bits: u16) -> Option<Self> {
        match bits & 3 {
            0 => Some(Self::Off),
            1 => Some(Self::On),
            2 => Some(Self::Flashing),
            _ => None,
        }
    }

    /// Whether it is lit at `now`.
    #[must_use]
    pub const fn is_lit(self, now: Instant) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Flashing => now.0 % FLASH_PERIOD.0 < FLASH_PERIOD.0 / 2,
        }
    }

    /// `off`, `on` or `flashing`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Flashing => "flashing",
        }
    }
}

impl fmt::Display for Light {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Colour {
    /// `green` or `blue`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Blue => "blue",
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Pattern {
    /// All lights off.
    pub const DARK: Self =
        Self { status: Light::Off, colour: Colour::Green, alarm: Light::Off, soc: [Light::Off; 5] };

    /// For a wire: two bits a light (0 off, 1 on, 2 flashing), from bit 0: status, alarm, L1 to L5; bit 14:
    /// status is blue.
    #[must_use]
    pub fn to_bits(self) -> u16 {
        let blue = self.colour == Colour::Blue && self.status != Light::Off;
        let [l1, l2, l3, l4, l5] = self.soc;
        [l5, l4, l3, l2, l1, self.alarm, self.status]
            .iter()
            .fold(u16::from(blue), |bits, light| bits << 2 | light.bits())
    }

    /// From the bits of a wire; none if a light has no such state, bit 15 is set or a dark status light has a colour.
    #[must_use]
    pub fn from_bits(bits: u16) -> Option<Self> {
        let light = |place: u16| Light::from_bits(bits >> (2 * place));
        let pattern = Self {
            status: light(0)?,
            colour: if bits >> 14 & 1 == 1 { Colour::Blue } else { Colour::Green },
            alarm: light(1)?,
            soc: [light(2)?, light(3)?, light(4)?, light(5)?, light(6)?],
        };
        (pattern.to_bits() == bits).then_some(pattern)
    }

    /// What is lit at `now`.
    #[must_use]
    pub fn at(self, now: Instant) -> Snapshot {
        Snapshot {
            status: self.status.is_lit(now).then_some(self.colour),
            alarm: self.alarm.is_lit(now),
            soc: self.soc.map(|light| light.is_lit(now)),
        }
    }
}

impl fmt::Display for Pattern {
    /// In the words that [`text::parse`] reads: `status green flashing, alarm off, L1 on, L2 flashing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Observed::from(*self).fmt(f)
    }
}

impl Shown {
    /// The conditions that a person gets to see: none on a panel without supply (shutdown, sleeping), and
    /// *other fault* for a tower that a fault has stopped which nothing names.
    #[must_use]
    pub fn visible(&self) -> ConditionSet {
        match self.state {
            TowerState::Shutdown | TowerState::Sleeping => ConditionSet::EMPTY,
            TowerState::Faulted if self.conditions.faults().is_empty() => self.conditions.with(Fault::Other),
            TowerState::Faulted
            | TowerState::Starting
            | TowerState::BlackStart
            | TowerState::Standby
            | TowerState::Charging
            | TowerState::Discharging
            | TowerState::Updating
            | TowerState::Stopping => self.conditions,
        }
    }
}

/// The one condition whose lights are shown at `now`: faults before alarms, several in turns of [`CONDITION_TURN`].
#[must_use]
pub fn indicated(conditions: ConditionSet, now: Instant) -> Option<Condition> {
    let faults = conditions.faults();
    let shown = if faults.is_empty() { conditions.alarms() } else { faults };
    let turn = (now.0 / CONDITION_TURN.0).checked_rem(u64::from(shown.len()))?;
    shown.iter().nth(turn as usize)
}

/// What the lights do.
#[must_use]
pub fn pattern(shown: &Shown, now: Instant) -> Pattern {
    match indicated(shown.visible(), now) {
        Some(condition) => tables::condition_pattern(condition, shown.cell_fault_lights),
        None => tables::state_pattern(shown.state, shown.soc),
    }
}
