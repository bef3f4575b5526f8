//! The one table of our values: numbers that the manual leaves open and that we chose.
//!
//! None of them is the vendor's. Each says why it is what it is and from where. The controllers use them; the plant must
//! not (it would share their mistakes); `docs/our-values.md` and `voltower catalogue --values` are printed from [`ALL`].

use crate::quantity::{DeciCelsius, Duration, MilliAmps, MilliOhms, MilliVolts, PerMille, Watts};
use core::fmt;

/// A number of ours, for people.
#[derive(Debug, Clone, Copy)]
pub struct OurValue {
    /// Name of the constant.
    pub name: &'static str,
    /// The number with its unit.
    pub value: Quantity,
    /// Why this number.
    pub reason: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// A quantity of any unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Volts.
    Voltage(MilliVolts),
    /// Amperes.
    Current(MilliAmps),
    /// Watts.
    Power(Watts),
    /// Degrees Celsius.
    Temperature(DeciCelsius),
    /// A share.
    Share(PerMille),
    /// A length of time.
    Time(Duration),
    /// Ohms.
    Resistance(MilliOhms),
    /// A number without unit.
    Count(u32),
}

macro_rules! from_quantity {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl $type {
            /// As a quantity of any unit.
            #[must_use]
            pub const fn any(self) -> Quantity {
                Quantity::$variant(self)
            }
        }
    )*};
}

from_quantity!(
    MilliVolts => Voltage, MilliAmps => Current, Watts => Power, DeciCelsius => Temperature,
    PerMille => Share, Duration => Time, MilliOhms => Resistance,
);

/// A plain number of ours: `Count(3)` tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(pub u32);

impl Count {
    /// As a quantity of any unit.
    #[must_use]
    pub const fn any(self) -> Quantity {
        Quantity::Count(self.0)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Voltage(v) => v.fmt(f),
            Self::Current(v) => v.fmt(f),
            Self::Power(v) => v.fmt(f),
            Self::Temperature(v) => v.fmt(f),
            Self::Share(v) => v.fmt(f),
            Self::Time(v) => v.fmt(f),
            Self::Resistance(v) => v.fmt(f),
            Self::Count(n) => n.fmt(f),
        }
    }
}

macro_rules! our_values {
    ($($name:ident: $type:ident = $value:expr, $reason:literal, $source:literal;)*) => {
        $(
            #[doc = concat!($reason, " Source: ", $source, ".")]
            pub const $name: $type = $value;
        )*

        /// Every value of ours, in the order of this file.
        pub const ALL: &[OurValue] = &[
            $(OurValue { name: stringify!($name), value: $name.any(), reason: $reason, source: $source },)*
        ];
    };
}

our_values! {
    // --- Panel -------------------------------------------------------------------------------------------------------
    FLASH_PERIOD: Duration = Duration::millis(1000),
        "A flashing light is on for half of this time: slow enough to see, fast enough not to be taken for steady.",
        "IEC 60073 class of slow flashing, 0.4 to 0.8 Hz up to 1.4 to 2.8 Hz; ours";
    CONDITION_TURN: Duration = Duration::millis(3000),
        "Several conditions take turns on L1 to L5, each for this long: three flashes.",
        "ours";

    // --- Cell voltage ------------------------------------------------------------------------------------------------
    CELL_CHARGE_TAPER_START: MilliVolts = MilliVolts(3450),
        "From here the charge limit falls with the fullest cell.",
        "bms-lessons B3: OpenEMS and serialbattery taper from 3.45 V";
    CELL_CHARGE_TAPER_END: MilliVolts = MilliVolts(3580),
        "Here the charge limit is zero.",
        "bms-lessons B3: OpenEMS Home 64 Ah, 0 at 3.58 V";
    CELL_OVER_VOLTAGE_ALARM: MilliVolts = MilliVolts(3600),
        "Above the end of the taper, below the trip.",
        "SR-001 warns from 3.55 to 3.60 V";
    CELL_OVER_VOLTAGE_FAULT: MilliVolts = MilliVolts(3650),
        "Upper limit of the cell.",
        "SR-001; 100 Ah class data sheets: 3.65 V";
    CELL_OVER_VOLTAGE_CLEAR: MilliVolts = MilliVolts(3450),
        "Well below the taper's start, so that no alarm flutters.",
        "SR-001: below 3.45 V for 60 s";
    CELL_COMPARATOR_OVER_VOLTAGE: MilliVolts = MilliVolts(3800),
        "The AFE opens the MOSFETs by itself: above any software trip, below damage.",
        "SR-002; LibreSolar 3.80 V";
    CELL_DISCHARGE_TAPER_START: MilliVolts = MilliVolts(3000),
        "From here the discharge limit falls with the emptiest cell.",
        "bms-lessons B3: OpenEMS 3.00 V";
    CELL_DISCHARGE_TAPER_END: MilliVolts = MilliVolts(2850),
        "Here the discharge limit is zero.",
        "bms-lessons B3: OpenEMS 2.85 to 2.90 V; SR-003 2.80 V";
    CELL_UNDER_VOLTAGE_ALARM: MilliVolts = MilliVolts(2800),
        "Below the end of the taper, above the trip.",
        "SR-003";
    CELL_UNDER_VOLTAGE_FAULT: MilliVolts = MilliVolts(2500),
        "Lower limit of the cell.",
        "SR-003; 100 Ah class data sheets: 2.5 V";
    CELL_UNDER_VOLTAGE_CLEAR: MilliVolts = MilliVolts(3100),
        "An empty cell relaxes above 3.0 V without charge.",
        "SR-003: above 3.10 V";
}
