//! The one table of our values: numbers that the manual leaves open and that we chose.
//!
//! None of them is the vendor's. Each says why it is what it is and from where. The controllers use them; the plant
//! must not (it would share their mistakes); `docs/our-values.md` and `voltower catalogue --values` are printed from
//! [`ALL`].

use crate::quantity::{DeciCelsius, Duration, MilliAmps, MilliOhms, MilliVolts, MilliWatts, PerMille, Watts};
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
    /// Watts, of what draws next to nothing.
    Standby(MilliWatts),
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
    MilliWatts => Standby,
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
            Self::Standby(v) => v.fmt(f),
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
    // --- Panel
    FLASH_PERIOD: Duration = Duration::millis(1000),
        "A flashing light is on for half of this time: slow enough to see, fast enough not to be taken for steady.",
        "ours: between the slow (0.4 to 0.8 Hz) and the normal (1.4 to 2.8 Hz) flashing of IEC 60073";
    CONDITION_TURN: Duration = Duration::millis(3000),
        "Several conditions take turns on L1 to L5, each for this long: three flashes.",
        "ours";
    SHOWN_SOC_STEP: PerMille = PerMille(10),
        "L1 to L5 show whole percents: a fraction is cut off, so that they never promise more than is there.",
        "ours; the manual's tables are in whole percents and leave out 51 %, which we show as 52 %";

    // --- Cell voltage
    CELL_CHARGE_TAPER_START: MilliVolts = MilliVolts(3450),
        "From here the charge limit falls with the fullest cell.",
        "OpenEMS and serialbattery taper from 3.45 V";
    CELL_CHARGE_TAPER_END: MilliVolts = MilliVolts(3580),
        "Here the charge limit is zero.",
        "OpenEMS Home 64 Ah, 0 at 3.58 V";
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
    CELL_COMPARATOR_UNDER_VOLTAGE: MilliVolts = MilliVolts(1900),
        "The AFE opens the discharge MOSFET by itself: below the software's lock-out.",
        "SR-004 less what two measurements of a cell may differ by; AFE class of LibreSolar's bq769x0";
    CELL_COMPARATOR_UNDER_VOLTAGE_TIME: Duration = Duration::secs(1),
        "A cell must be below so long: the software has locked out long before.",
        "AFE class of LibreSolar's bq769x0: 1 s";
    COMPARATOR_OVER_CURRENT: MilliAmps = MilliAmps(80_000),
        "The AFE opens the MOSFET of that direction by itself: above the software's fault.",
        "ours: the fault and a quarter";
    COMPARATOR_OVER_CURRENT_TIME: Duration = Duration::millis(320),
        "It must flow so long: the software opens after a third of it.",
        "AFE class of LibreSolar's bq769x0: 8 to 1280 ms; ours: three times the software's";
    COMPARATOR_SHORT_CIRCUIT: MilliAmps = MilliAmps(200_000),
        "The AFE opens both MOSFETs by itself: no converter moves so much, whatever it does.",
        "ours: twice the second path's over-current and a half, four times what is ever asked for";
    COMPARATOR_SHORT_CIRCUIT_TIME: Duration = Duration(400),
        "It must flow so long, in microseconds: longer than capacitors need that are met by a relay.",
        "AFE class of LibreSolar's bq769x0: 70 to 400 us";
    CELL_DISCHARGE_TAPER_START: MilliVolts = MilliVolts(3000),
        "From here the discharge limit falls with the emptiest cell.",
        "OpenEMS 3.00 V";
    CELL_DISCHARGE_TAPER_END: MilliVolts = MilliVolts(2850),
        "Here the discharge limit is zero.",
        "OpenEMS 2.85 to 2.90 V; SR-003 2.80 V";
    CELL_UNDER_VOLTAGE_ALARM: MilliVolts = MilliVolts(2800),
        "Below the end of the taper, above the trip.",
        "SR-003";
    CELL_UNDER_VOLTAGE_FAULT: MilliVolts = MilliVolts(2500),
        "Lower limit of the cell.",
        "SR-003; 100 Ah class data sheets: 2.5 V";
    CELL_UNDER_VOLTAGE_CLEAR: MilliVolts = MilliVolts(3100),
        "An empty cell relaxes above 3.0 V without charge.",
        "SR-003: above 3.10 V";

    // --- Link
    LINK_FAST_PERIOD: Duration = Duration::millis(100),
        "State, power, limits and commands: fast enough for limits that fall at once; droop holds the bus meanwhile.",
        "ours; the design's fast process data";
    LINK_INHIBIT: Duration = Duration::millis(10),
        "A change of state or conditions is told at once, and so long after the last telling at the earliest.",
        "ours: a sample period; CiA 301 calls it inhibit time and leaves it to the user";
    LINK_SLOW_PERIOD: Duration = Duration::millis(1000),
        "Cells, temperatures and capacity change slowly, and seven frames of four modules fill the bus to 1 %.",
        "ours; the inverter's own frames come once a second";
    TEMPERATURES_OLD: Duration = Duration::secs(5),
        "Temperatures that a module told longer ago are not told to the inverter any more.",
        "ours: five of the slow process data are missing; a cell warms by less than a kelvin meanwhile";
    HEARTBEAT_PERIOD: Duration = Duration::millis(500),
        "Two heartbeats fit into the second after which a module counts as silent.",
        "ours; CiA 301 leaves the time to the user";
    SDO_SERVER_TIMEOUT: Duration = Duration::secs(1),
        "A client silent this long has abandoned its transfer: twice what our own client waits for an answer.",
        "ours; CiA 301 leaves the time open";

    HEARTBEAT_SILENCE: Duration = Duration::millis(1500),
        "Three heartbeats are missing: the node is gone, whatever else it sends.",
        "ours; usual practice with CiA 301 is a consumer time of two to three producer times";
    SECOND_UNIT_GONE: Duration = Duration::secs(10),
        "A second distribution unit that has said nothing for so long has been taken off the Link.",
        "ours: twenty of its heartbeats";
    LSS_TIMEOUT: Duration = Duration::millis(5),
        "An LSS request that is not answered within this time of a free bus is not answered: the unit's own burst of \
         eight frames, the request, a millisecond of the module and the answer.",
        "ours; CiA 305 leaves it to the master";
    LSS_PROBE_TRIES: Count = Count(3),
        "So many unanswered requests in a row mean that nobody is there; a destroyed frame is sent again anyway.",
        "ours";
    ADDRESS_HEAR_TIME: Duration = Duration::millis(50),
        "A module that was given its address says so at once.",
        "ours: ten LSS time-outs";
    ADDRESS_ROLL_TIME: Duration = Duration::millis(300),
        "Before a module is given its address all above must be heard: one that is silent may be that module.",
        "ours: three periods of the fast process data";
    ADDRESS_LEASE_MARGIN: Duration = Duration::millis(100),
        "An address is given anew only so long after whoever held it has lost it for want of commands.",
        "ours: one period of the commands";
    ADDRESS_PROBE_PERIOD: Duration = Duration::secs(1),
        "A running tower looks for modules that have lost their address, or were plugged in, so often.",
        "ours; three frames each time";
    ADDRESS_GUARD_PERIOD: Duration = Duration::secs(5),
        "A running tower that misses nobody looks for modules that were plugged in so often.",
        "ours: nothing depends on them, they are only named";
    COM_LISTEN: Duration = Duration::millis(1500),
        "A tower that wakes listens to COM so long before it speaks: a battery with its address would be heard.",
        "ours: batteries speak once a second";
    SERVICE_WINDOW: Duration = Duration::mins(1),
        "So long after a press of the switch, while no power flows, configuration may be loosened.",
        "ours: time to walk from the switch to a keyboard";
    BABBLE_FRAMES: Count = Count(100),
        "A module that sends so many frames in a tenth of a second babbles: it needs ten, thirty if everything is due.",
        "ours: a quarter of what fits on the bus";
    DISTURBED_TIME: Duration = Duration::millis(500),
        "The unit's own bus controller must complain so long, again and again, before the Link counts as disturbed.",
        "ours";
    DISTURBED_CLEAR: Duration = Duration::secs(5),
        "So long without a complaint the Link counts as sound again: a bad line lets frames pass now and then.",
        "ours: ten times as long as it takes to be believed";
    LINK_DOUBTED: Duration = Duration::mins(2),
        "So long after the last sign that frames of the Link are lost, changed or destroyed, or that a module was not \
         heard, a bus that does not come up is no reason for a lock-out: it is tried again.",
        "ours: four times as long as three tries last; where one frame in a hundred is falsified, the count of one \
         module of four breaks each 20 s";
    TERMINATION_TIME: Duration = Duration::secs(2),
        "A wrong loop resistance must be seen so long: a connector that is being plugged is not a missing resistor.",
        "ours";
    TERMINATOR_ONE: MilliOhms = MilliOhms(90_000),
        "Above this only one terminal resistor is there: two make 60 ohm, one alone 120.",
        "ours: half way; ISO 11898-2 has 120 ohm at each end";
    TERMINATOR_NONE: MilliOhms = MilliOhms(500_000),
        "Above this there is no terminal resistor at all.",
        "ours";
    TERMINATOR_THREE: MilliOhms = MilliOhms(50_000),
        "Below this there are three terminal resistors: they make 40 ohm.",
        "ours: half way";

    // --- Distribution unit: the black-start switch
    SWITCH_START: Duration = Duration::millis(500),
        "A press at least this long starts a tower that is off: longer than a bump or a bounce.",
        "ours; press lengths are not in the manual";
    SWITCH_SHUTDOWN: Duration = Duration::secs(3),
        "A press at least this long shuts a tower down: nobody does it by accident.",
        "ours; common for one-key electronics";
    SWITCH_BLACK_START: Duration = Duration::secs(5),
        "Holding the switch this long while off energises the bus without an inverter.",
        "Pylontech Force-H2 starts at 5 s, black start at 10 s (its manual, analogy only); ours";
    SWITCH_CLEAR_LOCK_OUTS: Duration = Duration::secs(10),
        "Holding the switch this long while a fault is shown clears lock-outs: twice the longest other press.",
        "ours; clearing needs a person (design, invariant 3)";

    // --- Distribution unit: start and stop
    SELF_TEST_TIME: Duration = Duration::millis(500),
        "The unit looks at its own measurements this long before it wakes anyone.",
        "ours";
    SELF_TEST_VOLTAGE: MilliVolts = MilliVolts(600_000),
        "No voltage of the tower can be larger; a larger reading shows a broken measurement.",
        "ours: above the 460 V that a converter allows at most";
    SELF_TEST_CURRENT: MilliAmps = MilliAmps(1_000),
        "No current flows before any module is awake; more shows a broken measurement.",
        "ours: far beyond the shunt's offset";
    DISCOVERY_TIMEOUT: Duration = Duration::secs(15),
        "All commissioned modules must be heard, past their self test and of known version, in this time.",
        "ours; a healthy module needs about a second, one that fails its self test says so after 10 s";
    DISCOVERY_SETTLE: Duration = Duration::secs(2),
        "Discovery listens at least this long, so that a module that was added is found too.",
        "ours; capacity expansion, manual 2.6";
    SOFT_START_TIMEOUT: Duration = Duration::secs(10),
        "One module must have brought the bus up in this time: 400 V at 200 V/s takes 2 s, 2 mF at 1 A under a second.",
        "SR-018 allows 2 s for a precharge; longer because the converter ramps";
    SOFT_START_RISES: MilliVolts = MilliVolts(5000),
        "A bus that has risen by so much since the last look is being brought up, slow as it may be.",
        "ours: a fifth of what the slowest ramp makes in a second; at most 80 such steps";
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
        "Pylontech Force-H2 closes its relay for 10 min (its manual, analogy only); ours";
    BLACK_START_POWER: Watts = Watts(800),
        "What a tower gives in black start before the inverter is heard: enough to boot one, too little for a house.",
        "ours: 2 A at 400 V";
    BUS_HOLD_POWER: Watts = Watts(200),
        "What the modules may still give together while the published discharge limit is zero, so that an \
         inverter's own supply does not pull the bus down.",
        "SR-016: 2 % of 10 kW counts as zero";
    LOCK_OUT_CLEAR_TIME: Duration = Duration::secs(1),
        "The order to clear lock-outs is repeated this long: ten commands.",
        "ours";

    // --- Distribution unit: silence
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
    VERSION_READ_AGAIN: Duration = Duration::secs(30),
        "A module that has not told its version, or another than ours, is asked anew after this; until then it stays \
         off the bus.",
        "ours: a disturbed wire must not bar a module until the next start";

    // --- Distribution unit: the low-charge ladder
    LADDER_REST: PerMille = PerMille(50),
        "At this state of charge discharging stops.",
        "ours; 0 to 5 % is the panel's last step (manual table 2-3)";
    LADDER_ASK: PerMille = PerMille(40),
        "At this state of charge charge is asked for, from the grid if need be.",
        "ours: standby alone takes an E10 there from rest in six hours, so a night seldom costs grid energy";
    LADDER_ASKED_ENOUGH: PerMille = PerMille(60),
        "At this state of charge no more charge is asked for: above rest, below discharging again.",
        "ours: else a winter night would turn grid energy through the battery";
    LADDER_LEAVE: PerMille = PerMille(80),
        "At this state of charge the ladder is left: 3 % of hysteresis.",
        "ours; GTX5000 asks below 8 % (its manual, analogy only)";
    LADDER_SLEEP: PerMille = PerMille(30),
        "At this state of charge the tower sleeps at once unless it is being charged: no stage after it ends in off.",
        "ours: what is left lasts for weeks of sleep with a look every hour";
    LADDER_ASK_TIME: Duration = Duration::mins(10),
        "A tower that gets no charge for this long although it asks goes to sleep.",
        "ours";
    LADDER_SLEEP_TIME: Duration = Duration::mins(2),
        "Time for an inverter to follow the request before the tower sleeps at once.",
        "ours: as long as a probe";
    HOLD_CELL_VOLTAGE: MilliVolts = MilliVolts(2500),
        "No module holds the bus with a lower cell, whoever asks.",
        "ours: the end of discharging in the data sheets of 100 Ah LFP cells";
    EMPTY_HOLD_TIME: Duration = Duration::mins(2),
        "So long an empty tower holds the bus for charge that may come: then the bus goes down in order.",
        "ours: as long as a probe, 3 Wh with what a module may give then";
    LITTLE_CHARGE: MilliAmps = MilliAmps(50),
        "An empty module that takes so much from the bus is charged: its tower stays for it.",
        "ours: 20 W, more than its converter and its electronics take";
    RECLOSE_FREE: Count = Count(3),
        "So often the tower comes back to the bus without rest.",
        "ours";
    RECLOSE_FIRST: Duration = Duration::secs(10),
        "Then it rests this long before it closes its relays again, and longer each time.",
        "ours: relays of this class are built for 100 000 cycles, which is 18 a day in 15 years";
    RECLOSE_LONGEST: Duration = Duration::mins(5),
        "The longest such rest: a count never leaves the tower off.",
        "ours";
    RECLOSE_FORGIVEN: Duration = Duration::mins(10),
        "A time this long without leaving the bus forgives one return.",
        "ours";
    RESERVE_CELL_VOLTAGE: MilliVolts = MilliVolts(2600),
        "The reserve is used when no module in service has all its cells above: the tower shuts down.",
        "ours: half a percent is left there, which the wake circuits take in half a year";
    RESERVE_SEEN: Duration = Duration::secs(10),
        "So long no module may have told anything else before the tower shuts down for a reserve that is used: only a \
         person starts it again.",
        "ours: ten tellings; one frame that was falsified is no reason";
    FAULT_AWAKE: Duration = Duration::hours(24),
        "A tower that a fault or its open DC switch keeps off the bus is awake for so long; then it sleeps, and \
         wakes by the timer.",
        "ours: a day awake takes less than 1 % of an E5, a month 20 %";
    FAULT_LOOK: Duration = Duration::mins(10),
        "And for so long each time that it has woken and the fault is still there.",
        "ours: four looks a day take 40 minutes";
    SLEEP_CALL_SHORT: Duration = Duration::secs(10),
        "A tower that has just fallen asleep is not woken by an inverter for so long: it has only just had one.",
        "ours";
    SLEEP_CALL_PERIOD: Duration = Duration::mins(10),
        "The same for a tower that has been woken for nothing before.",
        "ours: an inverter that starts anew each minute must not use the reserve";
    SLEEP_CALL_LONG: Duration = Duration::hours(1),
        "And for one that has been woken for nothing many times.",
        "ours";
    SLEEP_CALLS_SHORT: Count = Count(3),
        "So often an inverter may wake the tower for nothing before it must wait.",
        "ours";
    SLEEP_CALLS_LONG: Count = Count(12),
        "And so often before it must wait long.",
        "ours: two hours of an inverter that starts anew each minute";
    SLEEP_PROBE_FIRST: Duration = Duration::mins(15),
        "A sleeping tower looks by itself after this, then after twice as long, and so on: an inverter may talk on \
         all night, and only the timer shows that the sun is up.",
        "ours";
    SLEEP_PROBE_PERIOD: Duration = Duration::hours(1),
        "The usual time between two looks, and between two black-start windows of a tower that looks for its inverter.",
        "ours: two minutes awake take half a watt-hour of an E10, so a day of it takes a tenth of a percent";
    SLEEP_PROBE_LONG: Duration = Duration::hours(6),
        "The time between two looks after a day without charge: one of four falls into daylight.",
        "ours";
    SLEEP_PROBES: Count = Count(26),
        "So many looks for nothing before they become rare: a day of them.",
        "ours";
    SLEEP_PROBE_TIME: Duration = Duration::mins(2),
        "How long it listens, and waits for charge if one is heard.",
        "ours";
    WORTH_CHARGING: Watts = Watts(100),
        "A sleeping tower brings no bus up for less, when cold or heat forbid more.",
        "ours: its converter takes 13 W of it, and an inverter commands no less than 40 W";
    SLEEP_CHECK_PERIOD: Duration = Duration::hours(7 * 24),
        "After this long asleep the tower wakes its modules, and looks what is left of its reserve.",
        "ours: a week of sleep takes 0.3 % of an E5";
    UNHEARD_SLEEP: Duration = Duration::mins(30),
        "A tower that has heard no inverter since its start goes to sleep after this.",
        "ours: an installer at work needs no longer";
    BLACK_START_AGAIN: Duration = Duration::secs(60),
        "After the inverter fell silent, or a window passed, the bus is held again after this.",
        "ours: an inverter that starts anew takes 20 to 60 s";
    BLACK_START_WINDOWS: Count = Count(3),
        "So many windows one after the other; then one each time that the sleeping tower looks by itself.",
        "ours; SR-028: no unlimited retry";
    BLACK_START_SOC_MIN: PerMille = PerMille(100),
        "Below this state of charge the tower opens no window by itself.",
        "ours: two windows of 800 W above the low-SOC stages of an E5";

    // --- Distribution unit: power
    QUIET_POWER: Watts = Watts(60),
        "Below this no module need regulate the bus: all keep the dead band and only skip pulses.",
        "ours: above an inverter's own 15 W and the error of the current sensor, below the first real load";
    QUIET_TIME: Duration = Duration::mins(1),
        "The bus has been without power for this long before the last module sheds.",
        "ours: kettles and refrigerators switch faster";
    TOWER_CURRENT_MAX: MilliAmps = MilliAmps(30_000),
        "Fuse, cable and switch of the distribution unit carry this much.",
        "a reseller's catalogue: 30 A (public); 10 AWG cable of the manual's list";
    TOWER_LIMIT_RISE: Watts = Watts(500),
        "A published tower limit rises by no more than this in a second: 5 % of an E20.",
        "limits fall at once and rise slowly";
    PUBLISHED_MARGIN_RATED: PerMille = PerMille(10),
        "The rated power is published less this share, so that the modules still hold the bus when the inverter \
         uses all of it.",
        "ours: losses of the cable and errors of two current measurements";
    PUBLISHED_MARGIN: PerMille = PerMille(30),
        "A limit below the rating, which moves, is published less this share.",
        "ours: three times the margin at the rating";
    PUBLISHED_MARGIN_POWER: Watts = Watts(50),
        "And less this: what a taper falls until the inverter follows.",
        "ours: 20 W a second at the top of charge, two to three seconds";
    BUS_SET_POINT: MilliVolts = MilliVolts(400_000),
        "Voltage that the bus is held at.",
        "public: 400 V class, does not follow the state of charge (public)";
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

    // --- Distribution unit: what people see
    ACTIVITY_ENTER: Watts = Watts(100),
        "More power than this is charging or discharging.",
        "ours: above an inverter's own consumption";
    ACTIVITY_LEAVE: Watts = Watts(50),
        "Less power than this is standby.",
        "ours: hysteresis";
    ACTIVITY_HOLD: Duration = Duration::secs(2),
        "A change of activity is shown once it has lasted this long.",
        "ours: two periods of a flashing light";

    // --- Distribution unit: conditions
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
    TERMINAL_REST: Duration = Duration::mins(1),
        "A module with a bad contact stays off the bus this long before it tries again.",
        "ours; without current a loose contact cannot be seen";
    TERMINAL_TRIES: Count = Count(3),
        "After so many bad contacts a person must have looked.",
        "SR-028: no unlimited retry";
    AUXILIARY_CURRENT: MilliAmps = MilliAmps(1_000),
        "Tower current that cannot flow through an open DC switch.",
        "ours: beyond the shunt's offset";
    AUXILIARY_TIME: Duration = Duration::millis(200),
        "The auxiliary contact must contradict current or voltages this long and two samples.",
        "ours: longer than a module takes to say that no current flows any more";
    AUXILIARY_APART: MilliVolts = MilliVolts(3_000),
        "Voltages on both sides of a DC switch that were never further apart are joined by it.",
        "ours: two dividers of 0.1 % at 400 V are 0.8 V apart";
    AUXILIARY_MOVED: MilliVolts = MilliVolts(40_000),
        "Both must have moved by this much meanwhile: two that rest at the same voltage prove nothing.",
        "ours: behind an open switch two capacitors are 3 V apart by then, unless they fall equally fast within 7 %";
    OWN_SENSOR_DIFFERENCE: MilliVolts = MilliVolts(5_000),
        "A voltage of the BDU that differs from the modules' by more may be read wrongly.",
        "ours: as at the terminals of a module; 0.1 ohm of chain drops 2.5 V at 25 A";
    OWN_SENSOR_CURRENT: MilliAmps = MilliAmps(3_000),
        "A current of the BDU that differs from the sum of the modules' by more may be read wrongly.",
        "ours: a tenth of what the tower carries; offsets of sound sensors are hundredths of an ampere";
    OWN_SENSOR_TIME: Duration = Duration::secs(2),
        "It must differ so long, and in five reports of all modules.",
        "ours: longer than load steps make them disagree";
    CONVERTER_LOSS: Watts = Watts(300),
        "Power at a module's bus and at its pack that differ by no more, and a fifth of it, fit each other.",
        "ours: a healthy converter loses 4 %, and 40 W at no load; a blocked heat sink stops it before a fifth";
    OWN_SENSOR_CALM: Duration = Duration::secs(10),
        "It must agree so long, with a live bus, before it is read again.",
        "ours: a loose wire must not flicker";
    OWN_SENSOR_BUS: MilliVolts = MilliVolts(100_000),
        "Below this bus voltage agreement proves nothing: a wire that is off reads zero as well.",
        "ours; a quarter of the set-point";
    // --- Module: cell voltage, timing
    CELL_OVER_VOLTAGE_TIME: Duration = Duration::millis(300),
        "Longer than one disturbed sample, short enough for 1 s in all.",
        "SR-001: fresh 3 and 300 ms";
    CELL_UNDER_VOLTAGE_TIME: Duration = Duration::millis(500),
        "A step of load dips the cells for less.",
        "SR-003: fresh 3 and 500 ms";
    CELL_VOLTAGE_CALM: Duration = Duration::secs(60),
        "A voltage alarm or fault goes only after a minute on the good side.",
        "SR-001: 60 s";
    CELL_DEEP_DISCHARGE: MilliVolts = MilliVolts(2000),
        "A cell that was below may have dissolved copper: never charged again without a person.",
        "SR-004";
    CELL_VOLTAGE_SLEW: MilliVolts = MilliVolts(350),
        "Change per second assumed for a cell whose reading is lost: from 3.30 V to the trip in one second.",
        "SR-010: a lost voltage reading trips within 1 s";
    CELL_VOLTAGE_POSSIBLE_MAX: MilliVolts = MilliVolts(5000),
        "End of the AFE's range: above it the reading, not the cell, is wrong.",
        "AFE class of LibreSolar's bq769x0: 0 to 5 V";
    CELL_SPREAD_FROM: MilliVolts = MilliVolts(3150),
        "Cells are compared while the highest is above: below it the whole pack is empty, where 2 % of charge are 0.3 \
         V between healthy cells, and the rows for a low cell judge.",
        "ours; the end of the home cell's measured curve, 6 % of charge and less";
    CELL_SPREAD_ALARM: MilliVolts = MilliVolts(300),
        "Cells so far apart limit the module long before its ends.",
        "foxBMS spread 300 mV";
    CELL_SPREAD_ALARM_CLEAR: MilliVolts = MilliVolts(200),
        "Hysteresis of a third.",
        "ours";
    SPREAD_BY_CURRENT: PerMille = PerMille(800),
        "A limit lets the drop in a cell's contact spread the cells to this share of the alarm, no further.",
        "ours: a fifth is left to a resistance that was learned a little too small";
    SPREAD_LEAST: PerMille = PerMille(250),
        "However far apart the cells stand without current, the drop in a contact may add this share of it.",
        "ours: what heals cells that stand apart must flow; 60 mV are 0.6 A through 100 mohm";
    CELL_SPREAD_FAULT: MilliVolts = MilliVolts(500),
        "No healthy LFP pack reaches it, not even at its ends.",
        "ours; above foxBMS's 300 mV warning";
    CELL_SPREAD_FAULT_CLEAR: MilliVolts = MilliVolts(300),
        "Back at the alarm's level.",
        "ours";
    CELL_SPREAD_TIME: Duration = Duration::secs(10),
        "A step of load or the end of charge spreads the cells for a few seconds only.",
        "SR-012 trips a sum after 10 s";
    LEVEL_CURRENT: MilliAmps = MilliAmps(5000),
        "Cells that lie too far apart are charged with no more than this.",
        "ours: a twentieth of the capacity, as an anchor's tail; common LFP pre-charge 0.05 C to 0.1 C";
    LEVEL_COLDEST: DeciCelsius = DeciCelsius(50),
        "Cells that lie too far apart are not charged when one of them is colder.",
        "ours: where the charge derate of a healthy cell has left a tenth of the capacity";
    LEVEL_HOTTEST: DeciCelsius = DeciCelsius(450),
        "Cells that lie too far apart are not charged when one of them is hotter.",
        "ours: where the charge derate begins";
    LEVEL_FIRST_MILLIAMP_HOURS: Count = Count(100),
        "So much is charged before the rise of the emptiest cell is looked at: the drop of the current has come.",
        "ours: a minute at 5 A";
    LEVEL_LOOK_MILLIAMP_HOURS: Count = Count(2000),
        "A cell that has not risen after so much charge is given up: it leaks or is shorted.",
        "ours: a fiftieth of the capacity lifts an empty cell by some tenths of a volt";
    LEVEL_MOST_MILLIAMP_HOURS: Count = Count(20_000),
        "Cells that are still too far apart after so much charge are given up.",
        "ours: a fifth of the capacity; what lacks more is no cell that was out of balance";
    LEVEL_RISE: MilliVolts = MilliVolts(20),
        "Rise that shows that a cell takes charge.",
        "ours: four times the AFE's error from conversion to conversion";
    LEVEL_RELAXED: Duration = Duration::mins(10),
        "So long after the last current a cell's voltage is believed at rest.",
        "ours: most of the relaxation of a large LFP cell is over; recalibrations in the field wait as long";
    LEVEL_SINKS: MilliVolts = MilliVolts(50),
        "A cell that sinks by so much at rest is given up.",
        "ours: far more than what the electronics take meanwhile lowers it";
    LEVEL_TAKEN_MILLIAMP_HOURS: Count = Count(20),
        "What the electronics may have taken meanwhile; then the look at rest begins anew.",
        "ours: 10 to 20 mV of an empty cell, where its voltage is steepest";
    PRECHARGE_POWER: Watts = Watts(250),
        "A cell below its discharging voltage is charged with a twentieth of its capacity.",
        "SR-013 counts 0.05 C as current; common LFP pre-charge 0.05 C to 0.1 C";
    ISOLATION_TIME: Duration = Duration::secs(60),
        "After a voltage trip the module rests; then it may be used in the direction that heals it.",
        "SR-001: 60 s";

    // --- Module: cell temperature
    CHARGE_HOT_DERATE_START: DeciCelsius = DeciCelsius(450),
        "From here the charge limit falls with the hottest cell.",
        "BYD in OpenEMS 45 to 55 degC";
    CHARGE_HOT_DERATE_END: DeciCelsius = DeciCelsius(550),
        "Here charging stops, with an alarm.",
        "OpenEMS 55 degC";
    DISCHARGE_HOT_DERATE_START: DeciCelsius = DeciCelsius(500),
        "From here the discharge limit falls with the hottest cell.",
        "SR-005: 50 degC";
    DISCHARGE_HOT_DERATE_END: DeciCelsius = DeciCelsius(600),
        "Here discharging stops, with a fault.",
        "100 Ah class data sheets: discharge up to 60 degC";
    CELL_HOT_ALARM_CLEAR: DeciCelsius = DeciCelsius(500),
        "Five kelvins below the alarm.",
        "SR-005: -5 K";
    CELL_HOT_FAULT_CLEAR: DeciCelsius = DeciCelsius(550),
        "Five kelvins below the fault.",
        "SR-005: -5 K";
    CELL_EXTREME_TEMPERATURE: DeciCelsius = DeciCelsius(650),
        "A lock-out: a person must look before it runs again.",
        "SR-006";
    CELL_COMPARATOR_OVER_TEMPERATURE: DeciCelsius = DeciCelsius(700),
        "The AFE opens the MOSFETs by itself, above the software's lock-out.",
        "SR-006 plus 5 K for the tolerance of two sensors";
    CELL_TEMPERATURE_TIME: Duration = Duration::secs(2),
        "Cells warm slowly; noise does not last.",
        "SR-005: fresh 3 and 2 s";
    CELL_TEMPERATURE_CALM: Duration = Duration::secs(60),
        "A temperature alarm or fault goes only after a minute on the good side.",
        "SR-005: 60 s";
    CHARGE_COLD_DERATE_START: DeciCelsius = DeciCelsius(150),
        "From here down the charge limit falls with the coldest cell: 0.5 C here, 0.3 C after a third of the way to \
         the end, 0.1 C after two.",
        "ours; the shape of the charge table 4.3 in Alpha's APL48-50LFP manual: 0.1 C to 10 degC (fast 0.2 C), 1 C \
         from 25";
    CHARGE_COLD_DERATE_END: DeciCelsius = DeciCelsius(0),
        "No charging below: lithium plates.",
        "SR-007: 0 degC";
    DISCHARGE_COLD_DERATE_START: DeciCelsius = DeciCelsius(-100),
        "From here down the discharge limit falls with the coldest cell.",
        "serialbattery -10 degC";
    CELL_COLD_ALARM: DeciCelsius = DeciCelsius(-120),
        "Below the manual's lowest ambient temperature with 2 K of margin.",
        "manual: -10 to 45 degC";
    CELL_COLD_ALARM_CLEAR: DeciCelsius = DeciCelsius(-90),
        "Three kelvins above.",
        "SR-007: +3 K";
    CELL_COLD_FAULT: DeciCelsius = DeciCelsius(-200),
        "Lower end of discharging.",
        "100 Ah class data sheets: -20 degC";
    CELL_COLD_FAULT_CLEAR: DeciCelsius = DeciCelsius(-170),
        "Three kelvins above.",
        "SR-007: +3 K";
    TEMPERATURE_SPREAD_ALARM: DeciCelsius = DeciCelsius(100),
        "A module's cells share a case: ten kelvins have a cause.",
        "foxBMS spread 10 K";
    TEMPERATURE_SPREAD_ALARM_CLEAR: DeciCelsius = DeciCelsius(80),
        "Two kelvins below.",
        "ours";
    TEMPERATURE_SPREAD_FAULT: DeciCelsius = DeciCelsius(150),
        "A local heat source.",
        "ours; half as much again as foxBMS's warning";
    TEMPERATURE_SPREAD_FAULT_CLEAR: DeciCelsius = DeciCelsius(100),
        "Back at the alarm's level.",
        "ours";
    TEMPERATURE_POSSIBLE_MIN: DeciCelsius = DeciCelsius(-500),
        "Lower end of the sensors: below it the reading is wrong.",
        "foxBMS sensor range -50 to 125 degC";
    TEMPERATURE_POSSIBLE_MAX: DeciCelsius = DeciCelsius(1250),
        "Upper end of the sensors.",
        "foxBMS sensor range -50 to 125 degC";
    TEMPERATURE_SLEW: DeciCelsius = DeciCelsius(35),
        "Change per second assumed for a sensor that is lost: from 25 degC to the fault in ten seconds.",
        "SR-010: a lost temperature trips within 10 s";

    // --- Module: how far a person may tighten its levels
    TIGHTEST_TOP: MilliVolts = MilliVolts(3450),
        "The charge taper ends no lower: below it no voltage tells a full cell from one that is half full.",
        "ours; an LFP cell at 0.05 C is above 3.40 V only in its last percents";
    TIGHTEST_TOP_CLEAR: MilliVolts = MilliVolts(3350),
        "Over-voltage clears no lower, and the charge taper starts no lower.",
        "ours: a full LFP cell rests at it or above, so that a little discharge ends an alarm";
    TIGHTEST_BOTTOM: MilliVolts = MilliVolts(3100),
        "The discharge taper ends no higher: below the flat part of the voltage.",
        "ours: an LFP cell has less than a tenth of its charge there";
    TIGHTEST_BOTTOM_CLEAR: MilliVolts = MilliVolts(3250),
        "Under-voltage clears no higher: any cell that is charged comes to it.",
        "ours: the flat part of an LFP cell's voltage is above it while it is charged";
    TIGHTEST_SPREAD: MilliVolts = MilliVolts(200),
        "The alarm of the voltages' difference lies no lower.",
        "ours: healthy cells of a module lie up to 0.15 V apart at the ends of charge";
    TIGHTEST_HOT: DeciCelsius = DeciCelsius(350),
        "Hot derating starts no lower: a room is no heat.",
        "ours: cells of a room of 25 degC after hours of full power";
    TIGHTEST_COLD: DeciCelsius = DeciCelsius(200),
        "Cold derating starts no higher: a room is no cold.",
        "ours";
    TIGHTEST_TEMPERATURE_SPREAD: DeciCelsius = DeciCelsius(75),
        "The alarm of the temperatures' difference lies no lower.",
        "ours: cells in the middle of a healthy module are some kelvins warmer at full power";
    TIGHTEST_CURRENT: MilliAmps = MilliAmps(53_000),
        "The over-current alarm lies no lower.",
        "ours: 1 A above what is asked for, for the error of the shunt";

    // --- Module: surroundings, electronics
    AMBIENT_HOT_ALARM: DeciCelsius = DeciCelsius(500),
        "Above the manual's upper end by what the module's own heat adds: it is read in the air of a warm case.",
        "manual: -10 to 45 degC; ours: 5 K after hours of full power";
    AMBIENT_COLD_ALARM: DeciCelsius = DeciCelsius(-120),
        "Below the manual's lower end by the tolerance of a thermistor.",
        "manual: -10 to 45 degC; ours: 2 K";
    AMBIENT_HOT_FAULT: DeciCelsius = DeciCelsius(550),
        "Ten kelvins beyond the manual's upper end.",
        "ours";
    AMBIENT_COLD_FAULT: DeciCelsius = DeciCelsius(-200),
        "Ten kelvins beyond the manual's lower end.",
        "ours";
    AMBIENT_HYSTERESIS: DeciCelsius = DeciCelsius(30),
        "Evening and morning do not flutter.",
        "SR-007: 3 K";
    AMBIENT_TIME: Duration = Duration::secs(10),
        "A draught is no weather.",
        "ours";
    HEAT_SINK_DERATE_START: DeciCelsius = DeciCelsius(750),
        "From here both limits fall with the converter's heat sink.",
        "ours; power modules are rated for 100 to 125 degC at the case";
    HEAT_SINK_DERATE_END: DeciCelsius = DeciCelsius(900),
        "Here both limits are zero.",
        "ours";
    HEAT_SINK_ALARM: DeciCelsius = DeciCelsius(800),
        "A third of the way into the derating: the cooling is blocked.",
        "ours";
    HEAT_SINK_TRIP: DeciCelsius = DeciCelsius(950),
        "Above the end of the derating, below the stage's own 105 degC.",
        "ours";
    HEAT_SINK_CLEAR: DeciCelsius = DeciCelsius(700),
        "Below the start of the derating.",
        "ours";
    MOS_ALARM: DeciCelsius = DeciCelsius(850),
        "Warm for a MOSFET's board.",
        "ours; boards of FR-4 are rated for 105 to 130 degC";
    MOS_FAULT: DeciCelsius = DeciCelsius(1000),
        "Above it the board ages fast.",
        "ours; boards of FR-4 are rated for 105 to 130 degC";
    MOS_CLEAR: DeciCelsius = DeciCelsius(750),
        "Ten kelvins below the alarm.",
        "ours";
    ELECTRONICS_TEMPERATURE_TIME: Duration = Duration::secs(2),
        "Heat sinks warm slowly; noise does not last.",
        "SR-005: 2 s";
    AFE_SILENCE: Duration = Duration::secs(1),
        "No new conversion for so long is a fault of the BMS.",
        "SR-010: 1 s for voltages and current";
    READING_HOLD: Duration = Duration::millis(600),
        "A reading of the AFE holds so long, then it ages towards the limit: an AFE that converts every 250 ms may \
         miss one conversion.",
        "ours: twice 250 ms and a fifth for its jitter; SR-010 leaves a second";
    WIRE_CALM: Duration = Duration::secs(1),
        "Ten good samples at the normal period before a reading is trusted again.",
        "SR-011: fresh 10";
    PACK_SUM_TOLERANCE: PerMille = PerMille(20),
        "Sum of cells against the pack's own divider.",
        "SR-012: 2 %";
    PACK_SUM_TIME: Duration = Duration::secs(10),
        "Sums and divider are sampled at different moments.",
        "SR-012: 10 s";
    PACK_PATH_RESISTANCE: MilliOhms = MilliOhms(3),
        "Between the cells and the converter's own voltage measurement, at most: warm MOSFETs, shunt and cables.",
        "ours: 1 mohm of MOSFETs and shunt, as much again when hot, half a metre of 16 mm2 and its lugs";
    FROZEN_CELL: MilliVolts = MilliVolts(5),
        "A cell that shows the same digits although it must have moved by more is frozen.",
        "five digits of the AFE";
    FROZEN_BESIDE: MilliVolts = MilliVolts(25),
        "A cell that shows the same digits while the mean of all others has moved by more is frozen.",
        "ours: five times FROZEN_CELL; cells of one module differ in resistance by less than a third";
    FROZEN_SHUNT: MilliAmps = MilliAmps(50),
        "A shunt that shows the same digits although the converter's own current has moved by more is frozen.",
        "five digits of the AFE";
    FROZEN_NEIGHBOURS: DeciCelsius = DeciCelsius(20),
        "A thermistor that shows the same digits although all others have moved by more is frozen.",
        "ours: heat along the row of cells falls to a quarter from one thermistor to the next, and that is five digits";
    FROZEN_CURRENT: MilliAmps = MilliAmps(1000),
        "From this current on the charge that passes is counted as what must move a cell; below it, it may be the \
         sensor's offset.",
        "ours: a hundred times the offset of such a sensor";
    FROZEN_TIME: Duration = Duration::secs(30),
        "A reading shows the same digits for at least so long before it is frozen.",
        "SR-013: 30 s";
    FROZEN_SAMPLES: Count = Count(10),
        "And in so many samples: the converter is sampled at another moment than the AFE.",
        "ours";
    CELL_RESISTANCE_MIN: Count = Count(100),
        "Least resistance of a cell, in microohms: a step of the current moves its voltage by at least as much.",
        "ours: large LFP cells have 0.2 mohm at 1 kHz and 25 degC, and half of it at 60 degC";
    CELL_CHARGE_OF_A_MILLIVOLT: Count = Count(25),
        "Charge that moves the open-circuit voltage of a cell by a millivolt where it is flattest, in tenths of an \
         ampere-hour.",
        "tables of an LFP cell in SimSES (BSD-3-Clause): 0.04 V over the whole charge, at 50 and 85 %";
    CURRENT_DISAGREEMENT: MilliAmps = MilliAmps(5000),
        "Shunt against the converter's own current.",
        "SR-013: 0.05 C; the two differ by 1 % of 50 A at most when healthy";
    CURRENT_DISAGREEMENT_TIME: Duration = Duration::secs(10),
        "The two are sampled at different moments.",
        "SR-012: 10 s";

    // --- Module: current and power
    MODULE_POWER: Watts = Watts(2500),
        "Rated power of a module, each way, at the bus.",
        "public: 2.5 kW a module";
    PACK_CURRENT_RATED: MilliAmps = MilliAmps(52_000),
        "Largest pack current asked for: a module with low cells gives less than 2.5 kW.",
        "2.5 kW at 51.2 V and 95 % efficiency";
    OVER_CURRENT_ALARM: MilliAmps = MilliAmps(55_000),
        "More than is ever asked for.",
        "SR-008: 1.1 x limit, of 50 A";
    OVER_CURRENT_FAULT: MilliAmps = MilliAmps(65_000),
        "Far more than is ever asked for.",
        "SR-008: 1.25 x limit, of 52 A";
    OVER_CURRENT_CLEAR: MilliAmps = MilliAmps(52_000),
        "Back at what may be asked for.",
        "ours";
    OVER_CURRENT_ALARM_TIME: Duration = Duration::secs(1),
        "Load steps of the inverter are shorter.",
        "SR-008: 1 s at 1.25 x";
    OVER_CURRENT_FAULT_TIME: Duration = Duration::millis(100),
        "The quickest that three samples show.",
        "SR-008: 100 ms at 2 x";
    OVER_CURRENT_CALM: Duration = Duration::secs(10),
        "Rest before the next try.",
        "SR-008: 10 s";
    OVER_CURRENT_TRIES: Count = Count(3),
        "After so many trips within an hour a person must look.",
        "SR-008: 3 tries then lock-out";
    TRIES_FORGIVEN: Duration = Duration::hours(1),
        "A quiet hour forgives earlier tries.",
        "ours; Huawei counts its restarts within an hour";
    POWER_EXCESS_ALARM: Watts = Watts(300),
        "More power than the limit by this is an over-current alarm.",
        "SR-008: 1.1 x limit, of 2.5 kW";
    POWER_EXCESS_CLEAR: Watts = Watts(150),
        "Half of it.",
        "ours";
    POWER_EXCESS_TIME: Duration = Duration::secs(2),
        "A limit that has just fallen is obeyed by then.",
        "SR-016: 2 s";
    FORBIDDEN_CURRENT: MilliAmps = MilliAmps(2000),
        "Current in a direction that a condition has stopped.",
        "SR-016: 2 % of 100 A";
    FORBIDDEN_CURRENT_TIME: Duration = Duration::secs(2),
        "Time to obey a stop.",
        "SR-016: 2 s";
    FEEDBACK_TIME: Duration = Duration::millis(200),
        "A contact that is still closed so long after it was opened is welded; one still open so long after it was \
         closed does not close.",
        "SR-017: 200 ms";
    COMPARATOR_TIME: Duration = Duration::millis(500),
        "Registers of the AFE's comparator that do not hold what was programmed for so long do not take it.",
        "ours: five samples";
    LIMIT_RISE: PerMille = PerMille(20),
        "Limits fall at once and rise by this share of the rating a second.",
        "between OpenEMS 0.2 %/s and Battery-Emulator 10 %/s";
    COMMAND_SILENCE: Duration = Duration::secs(1),
        "Without a command for so long a module leaves the bus by itself.",
        "SR-014 and SR-015";
    ZERO_POWER_WAIT: Duration = Duration::millis(400),
        "Power is asked to zero at most this long before contacts open: with the debounce of an over-voltage, which \
         takes longer at the level itself, a second is kept.",
        "SR-020 allows 500 ms, SR-001 a second in all";
    ZERO_POWER_CURRENT: MilliAmps = MilliAmps(500),
        "Bus current that counts as zero for opening.",
        "ours; a twelfth of full power";
    RELAY_BREAK_CURRENT: MilliAmps = MilliAmps(20_000),
        "The output relay does not open above it; the fuse has to.",
        "SR-009; three times full power, class of 20 A DC relays";
    RELAY_BREAK_WAIT: Duration = Duration::secs(3),
        "Longest wait for the fuse before the relay opens anyway.",
        "foxBMS 3 s";
    MODULE_SELF_TEST_TIME: Duration = Duration::secs(10),
        "A healthy module has shown three good samples long before.",
        "ours";
    SELF_TEST_PASS_TIME: Duration = Duration::mins(10),
        "A pass over memory, and over the program image, takes so long: a failure is found within two.",
        "ours; five more tries before a test is overdue";
    SELF_TEST_OVERDUE: Duration = Duration::hours(1),
        "A test that has come to no end for so long counts as failed.",
        "SR-026; IEC 60730-1 class B leaves the time to the maker";
    SELF_TEST_MEMORY_SLICE: Count = Count(8),
        "Words that the memory march tests in one go, interrupts off: 32 bytes.",
        "ours; 300 accesses, 5 us at 64 MHz";
    CLOCK_STANDS_SAMPLES: Count = Count(5),
        "So many samples in a row at the very same time: the controller's clock stands still.",
        "ours; sheet 2.6, clock: too few ticks. Half a second at the usual period";
    CLOCK_SET_BACK: Duration = Duration::secs(1),
        "A clock that is so much earlier than it was has been set back.",
        "ours: far more than frames of two buses can come out of order";
    SAMPLE_GAP: Duration = Duration::mins(2),
        "No more counts as passed between two samples of a controller that is awake: a longer one is a clock that \
         jumped.",
        "ours: twice the longest sample period";
    SAMPLE_USUAL: Duration = Duration::millis(100),
        "The sample period of a controller. From one sample to the next it counts as twice as long at most, or as \
         this.",
        "ours; what a time-out is stretched by must not come from a clock that jumped";
    SELF_TEST_IMAGE_SLICE: Count = Count(256),
        "Bytes that the image sweep sums in one go.",
        "ours; a slice a sample of 100 ms sweeps 1.5 MB in ten minutes";
    MEMORY_ANSWER: Duration = Duration::secs(5),
        "Memory that has not written what it must after so long has failed.",
        "ours; erasing a sector of 4 KiB takes 0.4 s at most in the data sheets of serial NOR flash";
    RESETS_MOST: Count = Count(5),
        "More resets than this without a quiet time between them lock a device out.",
        "SR-022: more than 5 in 10 min";
    RESETS_FORGIVEN: Duration = Duration::mins(10),
        "A start that lasts so long forgives the resets before it.",
        "SR-022: more than 5 in 10 min";
    RESETS_LASTING: Count = Count(100),
        "A storm of so many resets lasts: a module is awake for the shortest time, and the first RESETS_FORGIVEN of a \
         start are not logged, as they would flush what was logged before.",
        "ours: an hour of resets each 30 s";
    RESETS_WRITTEN: Count = Count(16),
        "While a storm lasts only each start of so many writes down charge and lifetime when the module goes dormant.",
        "ours: a page of flash is erased at most 1.8 times a day";
    KEEP_CHARGE: PerMille = PerMille(10),
        "The charge is written down whenever it has moved by this share of the capacity: no more is lost.",
        "ours; 80 000 writes of 30 bytes in 400 cycles, a hundredth of what a small flash bears";
    KEEP_PERIOD: Duration = Duration::hours(1),
        "Lifetime counters are written down so often, and at each fault.",
        "ours; 130 000 writes in 15 years";
    BLACKBOX_PERIOD: Duration = Duration::secs(1),
        "A point of the blackbox is kept so often; it has 60.",
        "ours; a minute shows the way into most faults";
    IDLE_SLEEP: Duration = Duration::mins(10),
        "Awake without any command for so long, a module goes to sleep.",
        "ours; the black-start window";
    DORMANT_POWER: MilliWatts = MilliWatts(10),
        "A dormant module draws so much at most: 0.2 mA of its pack of 51.2 V, 88 Wh or 1.7 % of its charge in a year. \
         A microcontroller in standby with its clock, a CAN transceiver that wakes for the module's own SDO requests, \
         the driver of the enable line.",
        "ours; transceivers with partial networking (ISO 11898-2) take 0.3 to 0.6 mA at 5 V";
    DORMANT_POWER_LOW: MilliWatts = MilliWatts(5),
        "A dormant module with a cell below DORMANT_OFF_CELL: 0.1 mA, only the wake line and the clock.",
        "ours: the enable line and the transceiver are off";
    DORMANT_AFTER: Duration = Duration::mins(10),
        "So long a module stays awake that a fault keeps out of service, that is empty, or that nobody may use.",
        "ours: time to look at it; 4.5 W for so long are 0.75 Wh";
    DORMANT_LOOK_TIME: Duration = Duration::mins(1),
        "So long it stays awake when it has been dormant before and nothing has changed.",
        "ours: all conditions of the table are raised within; 30 Wh in a year of daily looks";
    DORMANT_LOOK_LOW: Duration = Duration::secs(150),
        "The same for a module whose cells are low.",
        "ours: a minute of isolation after the last condition what charge heals may be charged";
    DORMANT_LOW_TIME: Duration = Duration::mins(2),
        "A low module that has been woken stays awake at least so long: charge may come.",
        "ours: as long as a probe";
    DORMANT_AWAKE_LOW: Duration = Duration::hours(6),
        "A low module that is woken again and again without being charged hears the wake line no more after so long \
         awake, until it has slept for DORMANT_AWAKE_AGAIN.",
        "ours: a day of looks of a sleeping tower takes 10 minutes; 4.5 W for so long are 0.5 % of its charge";
    DORMANT_AWAKE_AGAIN: Duration = Duration::hours(2),
        "So much sleep gives a low module DORMANT_LOW_TIME awake again.",
        "ours: 1.7 % of the time, 0.07 W: from 4 % of charge for four months";
    DORMANT_RECALLED: Duration = Duration::secs(3),
        "A module that was let go and says otherwise is not let go again within this time.",
        "ours: what it was told may still reach it, and its answer the unit; three times MODULE_SILENCE";
    DORMANT_LOOK_RESETS: Duration = Duration::secs(10),
        "The same for a module that is in a storm of resets: the next one must not find it awake.",
        "ours";
    DORMANT_LOOK_LASTING: Duration = Duration::secs(1),
        "The same when the storm lasts: what it draws for weeks must not empty it.",
        "ours: at a reset each 30 s a charge of 30 % lasts a year";
    DORMANT_LOOK_FIRST: Duration = Duration::hours(1),
        "A dormant module looks at itself after so long, then after twice as long, and so on: what heals by itself \
         mostly does so within hours.",
        "ours";
    DORMANT_LOOK_LONGEST: Duration = Duration::hours(24),
        "It looks at itself at least so often, locked out or not.",
        "ours: a condition that has healed is noticed within a day";
    DORMANT_CELL: MilliVolts = MilliVolts(3000),
        "A module whose lowest cell stays below without being charged goes dormant.",
        "ours: 2 to 4 % of charge are left at rest, which keep it for years at 10 mW";
    DORMANT_CELL_LEFT: MilliVolts = MilliVolts(3030),
        "From here on the unit takes it for charged again.",
        "ours: noise of the AFE and the drop of its own consumption are a tenth of the difference";
    DORMANT_OFF_CELL: MilliVolts = MilliVolts(2600),
        "Below this a dormant module gives up the enable line as well: nothing but the wake line and its clock live.",
        "ours: above the lower limit of 2.5 V; less than 1 % of charge is left";
    WAKE_PULSE: Duration = Duration::millis(300),
        "The unit lets the wake line fall so long to wake dormant modules.",
        "ours: three samples of a module; well below WAKE_RIDE_THROUGH";
    WAKE_RIDE_THROUGH: Duration = Duration::millis(500),
        "A module that is commanded stays as it is while the wake line is low for no longer.",
        "ours: half of the time in which a command holds";
    OFFER_SMALL: Watts = Watts(200),
        "Where those on the bus take less, charge that would come is not seen as charging.",
        "ours: twice what is called charging, because an inverter keeps below the limit";
    OFFER_SEEN: Watts = Watts(25),
        "So much of a small limit, taken for a while, may show that there is more; so much given, that there is none.",
        "ours: above the error of the current sensor at 400 V, and an inverter's own consumption of 15 W";
    OFFER_LEFT: Watts = Watts(45),
        "An inverter that takes all that it may leaves no more of the limit than this.",
        "ours: its command has steps of 0.1 A, 40 W at 400 V";
    OFFER_AFTER: Duration = Duration::secs(30),
        "So long it must be taken.",
        "ours: an inverter's control has settled";
    OFFER_TIME: Duration = Duration::mins(3),
        "So long a low module stays on the bus for charge that nobody has seen yet.",
        "ours: it joins within seconds, its limit rises within a minute, and an inverter follows";
    WAKE_PULSE_AGAIN: Duration = Duration::mins(10),
        "No second pulse of the wake line within this time, unless a person asks for it; while the same reason calls, \
         twice as long each time, up to WAKE_FOR_CHARGE.",
        "ours: 4.5 W for a minute, six times an hour, are less than half a watt";
    WAKE_CALM: Duration = Duration::hours(1),
        "Nothing has called for so long: the next call is heard as soon as the first one.",
        "ours: a night is one, a cloud is none";
    WAKE_FOR_CHARGE: Duration = Duration::hours(4),
        "While the tower is charged, dormant modules are woken so often: an empty one can be charged then.",
        "ours: twice or thrice in a day of sun";
    DORMANT_HEARD_WITHIN: Duration = Duration::hours(25),
        "A dormant module that has not been heard for so long is missing: it looks at itself once a day.",
        "ours: an hour for the drift of two clocks and the look itself";
    WOKEN_HEARD_WITHIN: Duration = Duration::secs(15),
        "A dormant module that is not heard so long after a pulse of the wake line is missing.",
        "ours: its self test takes 10 s at most";
    MODULE_UPDATE_LONGEST: Duration = Duration::mins(61),
        "A module waits so long for new firmware; then it is as before.",
        "ours: a minute more than its distribution unit";
    CLOSINGS_FREE: Count = Count(6),
        "So often a module closes its relay without a cool-down; one closing is forgiven every CLOSING_FORGIVEN.",
        "ours: more than a start with retries takes";
    CLOSING_COOL_DOWN: Duration = Duration::secs(10),
        "Then it stays open so long, and twice as long each time.",
        "ours: relays of this class are built for 100 000 cycles, which is 18 a day in 15 years";
    CLOSING_COOL_DOWN_LONGEST: Duration = Duration::mins(10),
        "The longest cool-down: a count never leaves a module off.",
        "ours";
    CLOSING_FORGIVEN: Duration = Duration::mins(10),
        "This time forgives one closing.",
        "ours: 144 a day at the very worst, and only while something makes it open as often";
    FLASH_WRITES: Count = Count(500),
        "Writes of a day beyond which charge and lifetime counters are written down more rarely; lock-outs and \
         settings never.",
        "ours: 2.7 million of 40 bytes in 15 years are 1700 erases of each page of 64 kB, a sixtieth of what it bears";
    FLASH_THRIFT: Count = Count(5),
        "So many times more rarely.",
        "ours";
    CLEARING_LAPSES: Duration = Duration::secs(5),
        "A manual reset that has not come to its end by then is void: what it named stays locked out.",
        "ours: as long as memory may take to answer";
    OPERATOR_SEES: Duration = Duration::secs(1),
        "No manual reset names a lock-out that is younger: nobody can have seen it.",
        "ours: a light, a glance, a finger";
    UPDATE_LONGEST: Duration = Duration::hours(1),
        "The unit waits so long for new firmware; then the tower is as before.",
        "ours: 1 MB over SDO block transfer at 250 kbit/s takes two minutes a device";

    // --- Converter
    DROOP: MilliOhms = MilliOhms(1280),
        "Slope of a module's droop line at full weight: 8 V at 6.25 A.",
        "ours: 2 % of 400 V at full power";
    SHED_DEAD_BAND: MilliVolts = MilliVolts(5000),
        "Half width of the band in which a shed module skips pulses.",
        "ours: less than the droop at full power, so that a shed module helps before the others are at their limit";
    SOFT_START_CURRENT: MilliAmps = MilliAmps(1000),
        "Bus current while a dead bus is brought up: 400 W at most.",
        "ours; 2 mF rise by 500 V/s";
    SOFT_START_RAMP: MilliVolts = MilliVolts(200_000),
        "Rise of the set-point per second.",
        "SR-018: 2 s for 400 V";
    SOFT_START_TIME: Duration = Duration::secs(5),
        "Longest soft start: ramp, inverter capacitor, and as much again.",
        "SR-018: 2 s, doubled for a start against a load";
    SOFT_START_LEAST: MilliAmps = MilliAmps(50),
        "A cell whose contact is bad slows the soft start down to no less: its times are stretched as much.",
        "ours: 2 mF rise by 25 V/s; 20 W at 400 V drop 0.16 V in the worst contact that is believed";
    SOFT_START_NEEDED: MilliAmps = MilliAmps(400),
        "With so much current the ramp is not slowed down.",
        "ours: 2 mF at 200 V/s";
    SOFT_START_SHORT: MilliVolts = MilliVolts(20_000),
        "A bus still below this after a second of ramp is shorted.",
        "SR-018: below 10 % at 500 ms";
    SOFT_START_SHORT_TIME: Duration = Duration::secs(1),
        "See the level.",
        "SR-018, doubled for the slower ramp";
    BUS_REACHED: MilliVolts = MilliVolts(15_000),
        "The bus is up when it is this close to its set-point.",
        "ours; within the droop and the trim together";
    RELAY_CLOSE_DIFFERENCE: MilliVolts = MilliVolts(5000),
        "Largest voltage across the output relay when it closes.",
        "SR-019: 0.5 V at 48 V, scaled to 400 V";
    MODULE_HOLD_POWER: Watts = Watts(100),
        "An empty module still gives this: bleeders and the inverter's own draw, so that charge finds a bus.",
        "ours: half of what the tower holds with; the ladder ends it, at the latest the under-voltage fault";
    HEALING_HOLD_POWER: Watts = Watts(60),
        "A module whose discharging is stopped by what charge heals still gives this, so that charge finds a bus.",
        "ours: an inverter's own consumption; less than the current that counts as forbidden";
    HEALING_HOLD_MILLIAMP_HOURS: Count = Count(200),
        "And no more than this between two charges.",
        "ours: half an hour of an inverter's own consumption, two thousandths of the capacity";
    HEALING_HOLD_VOLTAGE: MilliVolts = MilliVolts(2200),
        "And only with all cells above.",
        "ours: what it may give lowers an empty cell by 0.1 V, and deep discharge begins at 2.0 V";
    LIMIT_NOTICE: Duration = Duration::secs(3),
        "Time between publishing a smaller limit and the converter holding it: the inverter hears of it first and \
         leaves the bus level.",
        "ours; the limits travel once a second, an inverter needs another second";
    RELAY_CLOSE_DEAD_BUS: MilliVolts = MilliVolts(60_000),
        "Largest voltage across the output relay when the leading module closes it on a dead bus: the pack's, \
         because the converter is not isolated.",
        "ours; 58.4 V is the fullest pack, 1 J into the tower's and the inverter's capacitors";
    EQUALISE_TIME: Duration = Duration::secs(3),
        "Longest time to bring the converter's capacitor to the bus.",
        "ours; 0.5 mF at 1 A need 0.2 s";
    BUS_JOIN_LOW: MilliVolts = MilliVolts(350_000),
        "A module joins a live bus from here.",
        "ours; above its own trip";
    BUS_JOIN_HIGH: MilliVolts = MilliVolts(440_000),
        "A module joins a live bus up to here.",
        "ours; below its own trip";
    PCU_UNDER_VOLTAGE: MilliVolts = MilliVolts(330_000),
        "The converter trips below, when on the bus.",
        "ours; below the inverter's own 340 V";
    PCU_UNDER_VOLTAGE_TIME: Duration = Duration::secs(1),
        "An overload is over by then, or is a short.",
        "ours";
    PCU_HELD_BACK: MilliAmps = MilliAmps(6_800),
        "A converter that may give less while the bus is too low has not failed: it leaves the bus, and comes back.",
        "ours: nine tenths of 2.5 kW at that voltage; who is empty, cold, hot or limited may give less";
    PCU_OVER_VOLTAGE: MilliVolts = MilliVolts(450_000),
        "The converter trips above.",
        "ours; below the overshoot limit of 460 V";
    PCU_REST: Duration = Duration::secs(10),
        "Rest after a converter fault before it checks itself again.",
        "commercial manuals: Huawei 10 s";
    PCU_TRIES: Count = Count(3),
        "After so many faults without a quiet hour the fault is permanent.",
        "commercial manuals: Huawei 3 restarts; SR-018: 3 tries";
    PCU_NO_OUTPUT_EXPECTED: MilliAmps = MilliAmps(1500),
        "Current that the droop line asks for when silence counts as failure.",
        "ours; a quarter of full power";
    PCU_NO_OUTPUT_SEEN: MilliAmps = MilliAmps(200),
        "Current below which the converter gives nothing.",
        "ours; twice the resolution and offset";
    PCU_NO_OUTPUT_TIME: Duration = Duration::secs(3),
        "Longer than any transient of the bus.",
        "ours";
    TERMINAL_REVERSED: MilliVolts = MilliVolts(-10_000),
        "A terminal voltage below this is a reversed connection.",
        "ours; far beyond offset and noise";
    TERMINAL_REVERSED_TIME: Duration = Duration::millis(200),
        "Three samples.",
        "SR-017: 200 ms";

    // --- Charge counting
    RATED_CAPACITY_DECI_AMP_HOURS: Count = Count(1000),
        "Capacity of a new module in tenths of an ampere-hour: 5.12 kWh at 51.2 V.",
        "public: 5.12 kWh, 16 cells; 100 Ah ours";
    FULL_ANCHOR_VOLTAGE: MilliVolts = MilliVolts(3550),
        "The fullest cell here with little current: the module is full, if the others agree.",
        "serialbattery and Battery-Emulator, 3.55 V with tail current";
    FULL_BELOW_TAPER_END: MilliVolts = MilliVolts(30),
        "Full is so far below the end of the charge taper, where that is set lower than ours: a charge reaches it.",
        "ours: as far as ours lie apart";
    FULL_OTHERS: MilliVolts = MilliVolts(3385),
        "The mean of the other cells here: they are near full, too, and one that is full proves it for all.",
        "ours: above the plateau with its polarisation, a hundredth of charge below full";
    RECALIBRATION_NEAR: PerMille = PerMille(100),
        "A recalibration that moves the state of charge no further needs no other cell.",
        "ours: cells of one module differ by less";
    HEALTHY_SPREAD: PerMille = PerMille(50),
        "Cells of a healthy module are apart by no more than this; what lies further is a cell alone with its end.",
        "ours: cells of one lot differ by 1 to 2 % in capacity, as much in age, and by 1 % in balance";
    CELL_DOUBT_TIME: Duration = Duration::secs(60),
        "A cell is doubted for so long before it is named, and believed for so long before it is not.",
        "ours: as long as a recalibration takes";
    LEVEL_CELLS: MilliVolts = MilliVolts(30),
        "A highest cell that is no further above the others is not alone with its end any more.",
        "ours: five times the error of a reading";
    UNLEVEL_BELOW: PerMille = PerMille(150),
        "A cell that has lost capacity leaves the others only on so much of the way to its lower end.",
        "ours: its voltage falls from the plateau of the others below 15 %, and its end is believed at 8 %";
    RECALIBRATION_SLACK: PerMille = PerMille(5),
        "The voltage must contradict the count by more.",
        "ours: twice the resolution of the voltage at the ends";
    RECALIBRATION_TOLD: PerMille = PerMille(20),
        "A recalibration that moves less is not written down.",
        "ours: the lower end is followed in small steps";
    TRUSTED_LOW: PerMille = PerMille(80),
        "Down from here the voltage tells the charge well enough to learn the capacity from.",
        "ours: there a hundredth of charge moves a cell by 26 mV and more";
    LOW_LEFT: PerMille = PerMille(200),
        "From here up the lower end has been left.",
        "ours: far enough that no rest looks like it";
    HYSTERESIS_REACH: PerMille = PerMille(30),
        "So much charge takes a cell from the discharged to the middle of its hysteresis, and as much again further.",
        "ours: fits of LFP cells find a way of 1 to 4 % of charge";
    REST_CURRENT: MilliAmps = MilliAmps(2000),
        "A module rests below this: what it adds to a cell is within the error of the reading.",
        "ours: 0.02 C";
    REST_TIME: Duration = Duration::mins(30),
        "After so long at rest the voltage is read on the plateau, too.",
        "ours: three time constants of the slow polarisation of a measured 280 Ah cell";
    RECORD_ERROR: PerMille = PerMille(70),
        "A count that was written down, and restored at a start, may be off by so much.",
        "ours: half of the widest band that is worth anything, 15 %";
    WIDE_BAND: PerMille = PerMille(150),
        "A band wider than this asks for a full charge.",
        "the widest band that is worth anything: twice RECORD_ERROR, and the rounding";
    END_LONG_AGO: Duration = Duration::hours(28 * 24),
        "Neither end for so long asks for a full charge.",
        "ours: the offset of a shunt makes 30 % of it";
    FULL_CHARGE_APART: Duration = Duration::hours(14 * 24),
        "From the end of one request for a full charge to the next.",
        "ours: a full charge costs the sun of a day, or the grid's; the offset of a shunt makes 15 % meanwhile";
    FULL_CHARGE_GIVEN_UP: Duration = Duration::hours(12),
        "A request for a full charge is given up after this.",
        "ours: the light of a long day";
    FULL_CHARGE_SUN_FIRST: Duration = Duration::hours(6),
        "So long a request takes only the sun, even where the grid is allowed.",
        "ours: half of the time of a request; the other half fills four modules from the grid";
    FULL_CHARGE_WISH: Duration = Duration::mins(10),
        "A full charge must be wanted for so long before the tower asks for it.",
        "ours: a wish that comes and goes is none";
    FULL_CHARGE_WAIT: Duration = Duration::hours(24),
        "So long a wish waits for the sun; then the tower asks without a sign of it.",
        "ours: within a day the sun comes, or does not";
    PAUSES_KEPT: Duration = Duration::hours(1),
        "How often a pause between requests for a full charge, or between levellings, is written down.",
        "ours: 24 writes a day, a twentieth of what the flash is meant for";
    LEVELLING_FIRST: Duration = Duration::secs(60),
        "So long, with the bus up, the inverter is not asked for a module that another one may charge.",
        "ours: what a module needs to join the bus, and its limits to rise";
    LEVELLING_DONOR: PerMille = PerMille(200),
        "A module above this may charge one that is below its stage.",
        "ours: five times what it is asked for, so that the donor does not become the next one to need it";
    LEVELLING_END: PerMille = PerMille(100),
        "At this charge levelling ends, whichever of the two comes to it.",
        "ours: beyond the stages by as much as a day of standby uses";
    LEVELLING_POWER: Watts = Watts(1000),
        "A module is given so much at most by another one.",
        "ours: the best efficiency of a converter, and less than half of what it can do: the rest feeds the house";
    LEVELLING_LEAST: Watts = Watts(500),
        "With less a module is not given anything: two converters would lose too much of it.",
        "ours: a fifth of the rating, below which the losses that do not depend on the power prevail";
    LEVELLING_LONGEST: Duration = Duration::hours(2),
        "Levelling takes no longer.",
        "ours: 500 W bring 10 % in an hour";
    LEVELLING_APART: Duration = Duration::hours(24),
        "From the beginning of one levelling to the next.",
        "ours: what it does not mend in a day is no want of levelling";
    SHUNT_OFFSET: MilliAmps = MilliAmps(45),
        "The shunt may read so much beside the truth.",
        "ours: offset of a shunt amplifier of this class after its calibration, and as much of the supply";
    SHUNT_GAIN: PerMille = PerMille(4),
        "And by this share of what flows.",
        "ours: shunts of 0.2 to 0.5 %";
    CONVERTER_OFFSET: MilliAmps = MilliAmps(100),
        "The converter's own current may be so far beside the truth, with what the electronics draw beside it.",
        "ours: electronics of 2 to 12 W";
    CURRENTS_TIME: Duration = Duration::mins(10),
        "Shunt and converter are compared over so long.",
        "ours: longer than loads switch";
    SHUNT_BESIDE: Count = Count(10),
        "A shunt that has counted so much beside the converter is named, in tenths of an ampere-hour.",
        "ours: a hundredth of the capacity";
    LEARNED_OVER: PerMille = PerMille(500),
        "Capacity is learned between two places so far apart.",
        "ours: an error of 2 % at either makes 4 %";
    LEARNED_WITHIN: Duration = Duration::hours(10 * 24),
        "And not if the way took longer.",
        "ours: the offset of a shunt makes 10 % of it";
    LEARNED_ERROR: PerMille = PerMille(70),
        "A capacity that was learned may be off by so much, either way.",
        "ours: two places that are known to 3 % each, half of the charge apart, make 6 %";
    UNLEARNED_LEAST: PerMille = PerMille(600),
        "A module whose capacity was never learned may have no more than this share of the rated one.",
        "ours: modules are replaced at 60 to 70 % of health";
    UNLEARNED_MOST: PerMille = PerMille(1050),
        "And no more than this.",
        "ours: new cells have up to 5 % more than their rating";
    ESTIMATE_NEAR: PerMille = PerMille(90),
        "An estimate is no further than this from either end of its band, if the band allows: its error is smaller.",
        "ours: below the 10 % that an estimate may be off by";
    ESTIMATE_PERIOD: Duration = Duration::secs(1),
        "So often the band of the charge is moved and cut, and the estimate drawn into it.",
        "ours: rated current moves 0.015 % meanwhile";
    CAPACITY_LEAST: PerMille = PerMille(300),
        "A capacity below this share of the rated one is not believed.",
        "ours: no module with less is of use";
    CAPACITY_MOST: PerMille = PerMille(1100),
        "A capacity above it is not, either.",
        "ours: new cells have up to 5 % more than their rating";
    ANCHOR_CURRENT: MilliAmps = MilliAmps(5000),
        "Little current for *full*: a twentieth of the capacity.",
        "common tail current 0.05 C";
    ANCHOR_TIME: Duration = Duration::secs(60),
        "The voltage must contradict the count for so long.",
        "1 to 10 min in the field";
    FULL_LEFT: PerMille = PerMille(980),
        "Below this SOC a full module is charged again.",
        "ours; ends the oscillation at the top";
    DISPLAY_SLEW: PerMille = PerMille(20),
        "The state of charge that people see moves by no more than this a minute, whatever has happened.",
        "ours: no jump above 2 % a minute";

    // --- Balancing
    BALANCE_MIN: MilliVolts = MilliVolts(3400),
        "Balancing only at the top, where voltage shows charge.",
        "SR-027: not below 3.30 V; common rule: above about 3.40 V";
    BALANCE_SPREAD: MilliVolts = MilliVolts(10),
        "A cell this far above the lowest is bled.",
        "SR-027: 10 mV";
    BALANCE_SPREAD_END: MilliVolts = MilliVolts(5),
        "Until it is this close.",
        "half of the start, as vesc's 15 and 8 mV";
    BALANCE_TEMPERATURE_MAX: DeciCelsius = DeciCelsius(500),
        "No extra heat above.",
        "SR-027: 50 degC";
    BALANCE_IN_VAIN: Duration = Duration::hours(24),
        "Bled so long without the cells having been level, nothing more is bled: a reading may be off.",
        "ours: 2 Ah at 80 mA, more than cells of a module drift apart in a year";
    BALANCE_SLOT: Duration = Duration::secs(10),
        "The choice of cells is kept so long.",
        "ours; foxBMS 1 s slots are too short to settle";
}
