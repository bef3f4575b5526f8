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

    // --- Distribution unit: the black-start switch ---------------------------------------------------------------------
    SWITCH_START: Duration = Duration::millis(500),
        "A press at least this long starts a tower that is off: longer than a bump or a bounce.",
        "ours; press lengths are not in the manual (facts 2.2)";
    SWITCH_SHUTDOWN: Duration = Duration::secs(3),
        "A press at least this long shuts a tower down: nobody does it by accident.",
        "ours; common for one-key electronics";
    SWITCH_BLACK_START: Duration = Duration::secs(5),
        "Holding the switch this long while off energises the bus without an inverter.",
        "Pylontech Force-H2 starts at 5 s, black start at 10 s (facts 2.2, analogy only); ours";
    SWITCH_CLEAR_LOCK_OUTS: Duration = Duration::secs(10),
        "Holding the switch this long while a fault is shown clears lock-outs: twice the longest other press.",
        "ours; clearing needs a person (design, invariant 3)";

    // --- Distribution unit: start and stop -----------------------------------------------------------------------------
    SELF_TEST_TIME: Duration = Duration::millis(500),
        "The unit looks at its own measurements this long before it wakes anyone.",
        "ours";
    DISCOVERY_TIMEOUT: Duration = Duration::secs(10),
        "All commissioned modules must be heard, past their self test and of known version, in this time.",
        "ours; a module needs about a second";
    DISCOVERY_SETTLE: Duration = Duration::secs(2),
        "Discovery listens at least this long, so that a module that was added is found too.",
        "ours; capacity expansion, manual 2.6";
    SOFT_START_TIMEOUT: Duration = Duration::secs(10),
        "One module must have brought the bus up in this time: 400 V at 200 V/s takes 2 s, 2 mF at 1 A under a second.",
        "SR-018 allows 2 s for a precharge; longer because the converter ramps";
    SOFT_START_TRIES: Count = Count(3),
        "Soft starts before the start is given up, each with another module while there is one.",
        "SR-018: 3 tries; SR-028: no unlimited retry";
    LEAVE_TIMEOUT: Duration = Duration::secs(3),
        "Modules asked to leave the bus have left by then, or are taken for silent.",
        "SR-020 waits 500 ms for zero current; SR-015 opens after 1 s";
    POWER_DOWN_TIME: Duration = Duration::secs(2),
        "Modules asked to shut down are dark by then.",
        "ours; SR-015 gives 1 s";
    BLACK_START_WINDOW: Duration = Duration::mins(10),
        "The bus is held this long without any inverter frame.",
        "Pylontech Force-H2 closes its relay for 10 min (facts 2.2, analogy only); ours";
    BLACK_START_POWER: Watts = Watts(800),
        "What a tower gives in black start before the inverter is heard: enough to boot one, too little for a house.",
        "ours: 2 A at 400 V";
    BUS_HOLD_POWER: Watts = Watts(200),
        "What the modules may still give together while the published discharge limit is zero, so that an inverter's own supply does not pull the bus down.",
        "SR-016: 2 % of 10 kW counts as zero";
    LOCK_OUT_CLEAR_TIME: Duration = Duration::secs(1),
        "The order to clear lock-outs is repeated this long: ten commands.",
        "ours";

    // --- Distribution unit: silence ------------------------------------------------------------------------------------
    INVERTER_SILENCE_LIMIT: Duration = Duration::secs(3),
        "An inverter silent this long gets limits of zero: three of its inquiries are missing.",
        "SR-016";
    INVERTER_SILENCE_FAULT: Duration = Duration::secs(5),
        "An inverter silent this long: communication fault, the tower leaves the bus.",
        "SR-016";
    MODULE_SILENCE: Duration = Duration::secs(1),
        "A module silent this long counts as lost: ten status frames are missing.",
        "SR-014";
    VERSION_READ_TIMEOUT: Duration = Duration::millis(500),
        "A module answers a software version inquiry in this time.",
        "ours; CiA 301 leaves the SDO time-out to the client";
    VERSION_READ_TRIES: Count = Count(3),
        "Inquiries without answer after which the version counts as wrong.",
        "ours; SR-028: no unlimited retry";

    // --- Distribution unit: the low-charge ladder ----------------------------------------------------------------------
    LADDER_ASK: PerMille = PerMille(50),
        "At this state of charge discharging stops and charge is asked for.",
        "ours; 0 to 5 % is the panel's last step (manual table 2-3)";
    LADDER_LEAVE: PerMille = PerMille(80),
        "At this state of charge the ladder is left: 3 % of hysteresis.",
        "ours; GTX5000 asks below 8 % (facts 2.2, analogy only)";
    LADDER_SHUTDOWN: PerMille = PerMille(30),
        "At this state of charge the tower shuts itself down unless it is being charged.",
        "ours: what is left covers the self-discharge of two years off";
    LADDER_ASK_TIME: Duration = Duration::mins(10),
        "A tower that gets no charge for this long although it asks goes to sleep.",
        "ours";
    LADDER_SHUTDOWN_TIME: Duration = Duration::mins(2),
        "Time to be charged after all before the last shutdown.",
        "ours: as long as a probe";
    SLEEP_PROBE_PERIOD: Duration = Duration::hours(6),
        "A sleeping tower listens for an inverter this often: one of four falls into daylight.",
        "ours";
    SLEEP_PROBE_TIME: Duration = Duration::mins(2),
        "How long it listens, and waits for charge if one is heard.",
        "ours";
    SLEEP_LONGEST: Duration = Duration::hours(30 * 24),
        "After this long asleep the tower shuts down: a month of sleep takes 1.4 % of an E5.",
        "ours: 0.1 W for 720 h";

    // --- Distribution unit: power --------------------------------------------------------------------------------------
    TOWER_CURRENT_MAX: MilliAmps = MilliAmps(30_000),
        "Fuse, cable and switch of the distribution unit carry this much.",
        "a reseller's catalogue: 30 A (facts 1.1); 10 AWG cable of the manual's list";
    TOWER_LIMIT_RISE: Watts = Watts(500),
        "A published tower limit rises by no more than this in a second: 5 % of an E20.",
        "bms-lessons: limits fall at once and rise slowly";
    BUS_SET_POINT: MilliVolts = MilliVolts(400_000),
        "Voltage that the bus is held at.",
        "public: 400 V class, does not follow the state of charge (facts 1.1)";
    BUS_UP: MilliVolts = MilliVolts(380_000),
        "From here the bus counts as up: lower end of a healthy tower's window.",
        "ours: 400 V less full droop (8 V) less what dead bands and cables add";
    BUS_WINDOW_HIGH: MilliVolts = MilliVolts(420_000),
        "Upper end of a healthy tower's bus window, and the charging cut-off voltage told to the inverter.",
        "ours";
    BUS_CUT_OFF_LOW: MilliVolts = MilliVolts(360_000),
        "Discharging cut-off voltage told to the inverter.",
        "ours: between a healthy bus (380 V) and the converters' trip (330 V)";
    TRIM_MAX: MilliVolts = MilliVolts(8_000),
        "The set-point is trimmed by no more than this either way: the droop at full power.",
        "ours: 1.28 ohm times 6.25 A";
    TRIM_TIME: Duration = Duration::secs(20),
        "Time constant with which the trim brings the bus back to its set-point: far slower than the droop.",
        "usual separation of secondary from primary control; ours";
    SHARE_ADD_POWER: Watts = Watts(1_250),
        "One more module wakes from shedding when each active one carries this much.",
        "ours: there the copper losses of one converter exceed the fixed losses of a second";
    SHARE_DROP_POWER: Watts = Watts(900),
        "One module sheds when the others would then carry less than this each.",
        "ours: hysteresis below SHARE_ADD_POWER";
    SHARE_DROP_TIME: Duration = Duration::secs(10),
        "The load must have been light this long before a module sheds.",
        "ours";
    SHARE_ROTATE_DIFFERENCE: PerMille = PerMille(30),
        "An active module and a shed one change places when the shed one is better placed by this much charge.",
        "ours: an hour at half power";
    SHARE_EQUAL_START: PerMille = PerMille(500),
        "From this share of the tower's limit on, shares converge to equal.",
        "ours";
    SHARE_EQUAL_END: PerMille = PerMille(900),
        "From this share of the tower's limit on, shares are equal: near full load everyone is needed.",
        "ours";
    SHARE_WEIGHT_MIN: PerMille = PerMille(100),
        "A module that is on the bus takes at least this share of the largest one.",
        "ours: keeps its measurements meaningful and the droop finite";

    // --- Distribution unit: what people see ----------------------------------------------------------------------------
    ACTIVITY_ENTER: Watts = Watts(100),
        "More power than this is charging or discharging.",
        "ours: above an inverter's own consumption";
    ACTIVITY_LEAVE: Watts = Watts(50),
        "Less power than this is standby.",
        "ours: hysteresis";
    ACTIVITY_HOLD: Duration = Duration::secs(2),
        "A change of activity is shown once it has lasted this long.",
        "ours: two periods of a flashing light";

    // --- Distribution unit: conditions ---------------------------------------------------------------------------------
    FUSE_DIFFERENCE: MilliVolts = MilliVolts(10_000),
        "Voltages before and after the fuse that differ by more show an open fuse.",
        "ours: an intact one drops less than 0.1 V";
    FUSE_TIME: Duration = Duration::millis(500),
        "The difference must last this long and three samples.",
        "ours: longer than any skew of the two measurements";
    TERMINAL_DIFFERENCE: MilliVolts = MilliVolts(5_000),
        "Terminal and bus voltage that differ by more under current show a bad contact.",
        "ours: 0.1 ohm of chain drops 2.5 V at 25 A";
    TERMINAL_CURRENT: MilliAmps = MilliAmps(1_000),
        "Module current from which a contact is judged.",
        "ours: a contact of 5 ohm shows";
    TERMINAL_OPEN_DIFFERENCE: MilliVolts = MilliVolts(50_000),
        "A terminal voltage this far from the bus, with or without current, shows no contact at all.",
        "ours: beyond any healthy difference while the bus is held";
    TERMINAL_NEGATIVE: MilliVolts = MilliVolts(-10_000),
        "Below this the terminals are swapped.",
        "ours: beyond any offset of the measurement";
    TERMINAL_TIME: Duration = Duration::secs(1),
        "A bad contact must show this long and in three frames of the module.",
        "ours: longer than load steps make frames disagree";
    AUXILIARY_CURRENT: MilliAmps = MilliAmps(1_000),
        "Tower current that cannot flow through an open DC switch.",
        "ours: beyond the shunt's offset";
    AUXILIARY_TIME: Duration = Duration::millis(100),
        "The auxiliary contact must contradict the current this long and two samples: less than the modules need to leave the bus.",
        "ours";
}
