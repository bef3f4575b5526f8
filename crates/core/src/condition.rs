//! What can be wrong with a tower: the 9 alarms and 17 faults of the manual's section 2.4.

use core::fmt;

/// How bad a condition is: the manual has an alarm table and a fault table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Limited or warned; power may flow.
    Alarm,
    /// Power has stopped.
    Fault,
}

/// What a condition is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Names {
    /// In the manual's words (tables of section 2.4).
    pub manual: &'static str,
    /// The standard term of the field.
    pub term: &'static str,
}

macro_rules! conditions {
    ($(#[$meta:meta])* $name:ident:
     $($(#[$vmeta:meta])* $variant:ident = $bit:literal, $manual:literal, $term:literal;)*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$vmeta])* $variant = $bit,)*
        }

        impl $name {
            /// All of them, in the order of the manual's table, which is also the order of their bits on the wire.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What it is called, in the manual and in the field.
            #[must_use]
            pub const fn names(self) -> Names {
                match self {
                    $(Self::$variant => Names { manual: $manual, term: $term },)*
                }
            }
        }
    };
}

conditions! {
    /// The alarms of the manual's *Alarm status indicator* table.
    Alarm:
    /// Cells are hot: charging has stopped.
    HighTemperature = 0, "High temperature alarm", "cell over-temperature, warning";
    /// Cells are too cold.
    LowTemperature = 1, "Low temperature alarm", "cell under-temperature, warning";
    /// A cell is above its charging voltage.
    OverVoltage = 2, "Over voltage alarm", "cell over-voltage, warning";
    /// A cell is below its discharging voltage.
    UnderVoltage = 3, "Under voltage alarm", "cell under-voltage, warning";
    /// More current than asked for.
    OverCurrent = 4, "Over current alarm", "over-current, warning";
    /// Cell temperatures lie far apart.
    TemperatureDifference = 5, "Battery cell temperature differential abnormal", "cell temperature spread, warning";
    /// Cell voltages lie far apart.
    VoltageDifference = 6, "Monomer differential pressure is too large", "cell voltage difference, warning";
    /// The surroundings are outside -10 to 45 degC.
    AmbientTemperature = 7, "Abnormal ambient temperature", "ambient temperature out of range, warning";
    /// Whatever the manual does not name.
    Other = 8, "Other", "other warning";
}

conditions! {
    /// The faults of the manual's *Fault status indicator light* table.
    Fault:
    /// A cell is too hot for any current.
    HighTemperature = 0, "High temperature fault", "cell over-temperature, trip";
    /// A cell is too cold for any current.
    LowTemperature = 1, "Low temperature fault", "cell under-temperature, trip";
    /// A cell is above its limit.
    OverVoltage = 2, "Battery over voltage", "cell over-voltage, trip";
    /// A cell is below its limit.
    LowVoltage = 3, "Battery low voltage", "cell under-voltage, trip";
    /// Current far above the limit.
    OverCurrent = 4, "Battery over current", "over-current, trip";
    /// Cell temperatures lie dangerously far apart.
    TemperatureDifference = 5, "Battery cell temperature differential protection", "cell temperature spread, trip";
    /// Cell voltages lie dangerously far apart.
    VoltageDifference = 6, "Monomer differential pressure protection", "cell voltage difference, trip";
    /// The surroundings are far outside -10 to 45 degC.
    AmbientTemperature = 7, "Ambient temperature protection", "ambient temperature out of range, trip";
    /// A module or the inverter is silent.
    Communication = 8, "Communication fault", "communication lost";
    /// A sensor wire is off, or its reading impossible.
    Sampling = 9, "Sampling fault", "measurement fault (open wire, implausible reading)";
    /// A cell is damaged.
    Cell = 10, "Battery cell fault", "damaged cell (deep discharge, internal short)";
    /// The BMS electronics fail.
    Bms = 11, "BMS internal fault", "battery management hardware fault";
    /// The converter of a module fails.
    Pcu = 12, "PCU internal fault", "DC/DC converter fault";
    /// The fuse of the distribution unit is open.
    Fuse = 13, "Fuse damaged", "fuse open";
    /// B+ or B- of a module: contact or polarity.
    Terminal = 14, "Terminal connection abnormal", "terminal contact or polarity";
    /// Software versions that do not work together.
    SoftwareVersion = 15, "Software version is inconsistent", "software version mismatch";
    /// Whatever the manual does not name.
    Other = 16, "Other", "other fault";
}

/// An alarm or a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Shown with a flashing alarm light.
    Alarm(Alarm),
    /// Shown with a steady alarm light.
    Fault(Fault),
}

impl Condition {
    /// How many there are: 9 alarms and 17 faults.
    pub const COUNT: usize = Alarm::ALL.len() + Fault::ALL.len();

    /// All, alarms first, in the manual's order.
    pub fn all() -> impl Iterator<Item = Self> {
        let alarms = Alarm::ALL.iter().copied().map(Self::Alarm);
        alarms.chain(Fault::ALL.iter().copied().map(Self::Fault))
    }

    /// Alarm or fault.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Alarm(_) => Level::Alarm,
            Self::Fault(_) => Level::Fault,
        }
    }

    /// What it is called, in the manual and in the field.
    #[must_use]
    pub const fn names(self) -> Names {
        match self {
            Self::Alarm(alarm) => alarm.names(),
            Self::Fault(fault) => fault.names(),
        }
    }

    /// Its bit in a [`ConditionSet`]: alarms 0 to 8, faults 9 to 25.
    #[must_use]
    pub const fn bit(self) -> u32 {
        match self {
            Self::Alarm(alarm) => alarm as u32,
            Self::Fault(fault) => Alarm::ALL.len() as u32 + fault as u32,
        }
    }
}

impl fmt::Display for Condition {
    /// The manual's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names().manual)
    }
}

impl From<Alarm> for Condition {
    fn from(alarm: Alarm) -> Self {
        Self::Alarm(alarm)
    }
}

impl From<Fault> for Condition {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A set of conditions as it travels on the Link: bits 0 to 8 alarms, 9 to 25 faults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ConditionSet(u32);

impl ConditionSet {
    /// Nothing is wrong.
    pub const EMPTY: Self = Self(0);
    /// Everything is.
    pub const ALL: Self = Self(Self::MASK);
    const MASK: u32 = (1 << Condition::COUNT) - 1;
    const ALARMS: u32 = (1 << Alarm::ALL.len()) - 1;

    /// From the bits of a wire; unknown bits are dropped.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & Self::MASK)
    }

    /// As bits for a wire.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// These.
    #[must_use]
    pub const fn of(mut conditions: &[Condition]) -> Self {
        let mut set = Self::EMPTY;
        while let [condition, rest @ ..] = conditions {
            set.0 |= 1 << condition.bit();
            conditions = rest;
        }
        set
    }

    /// With `condition` in it.
    #[must_use]
    pub fn with(self, condition: impl Into<Condition>) -> Self {
        Self(self.0 | 1 << condition.into().bit())
    }

    /// Puts `condition` in, or takes it out.
    pub fn set(&mut self, condition: impl Into<Condition>, present: bool) {
        let bit = 1 << condition.into().bit();
        if present {
            self.0 |= bit;
        } else {
            self.0 &= !bit;
        }
    }

    /// Whether `condition` is in it.
    #[must_use]
    pub fn contains(self, condition: impl Into<Condition>) -> bool {
        self.0 & 1 << condition.into().bit() != 0
    }

    /// Everything in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Everything in it that is not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Everything in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Its alarms alone.
    #[must_use]
    pub const fn alarms(self) -> Self {
        Self(self.0 & Self::ALARMS)
    }

    /// Its faults alone.
    #[must_use]
    pub const fn faults(self) -> Self {
        Self(self.0 & !Self::ALARMS)
    }

    /// Nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many are in it.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The conditions in it, alarms first, in the manual's order.
    pub fn iter(self) -> impl Iterator<Item = Condition> {
        Condition::all().filter(move |condition| self.contains(*condition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_distinct_and_survive_the_wire() {
        let mut all = ConditionSet::EMPTY;
        for condition in Condition::all() {
            assert!(!all.contains(condition));
            all.set(condition, true);
        }
        assert_eq!(all.len() as usize, Condition::COUNT);
        assert_eq!(ConditionSet::from_bits(u32::MAX), all);
        assert_eq!(ConditionSet::ALL, all);
        let two = [Condition::Alarm(Alarm::Other), Condition::Fault(Fault::Pcu)];
        assert!(ConditionSet::of(&two).iter().eq(two));
        assert_eq!(all.intersection(ConditionSet::of(&two)), ConditionSet::of(&two));
        assert_eq!(all.alarms().intersection(all.faults()), ConditionSet::EMPTY);
        assert_eq!(all.alarms().len(), 9);
        assert_eq!(all.faults().len(), 17);
        assert_eq!(all.alarms().union(all.faults()), all);
    }
}
