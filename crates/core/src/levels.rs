//! The levels of a module's protection that a person may set, and the relations that hold between them.
//!
//! A level can only be set to what our table has, which is what the cell bears, or to something tighter: sooner told,
//! sooner limited, sooner stopped. Whoever may set them is for the module to say; that they fit together is said here,
//! by [`Levels::check`], for our own table while compiling and for a person's while running.

use core::fmt;

use crate::quantity::{DeciCelsius, MilliAmps, MilliVolts};
use crate::values::{self as v, Quantity};

/// On which side of its level a quantity is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Above: a lower level is tighter.
    Above,
    /// Below: a higher level is tighter.
    Below,
}

/// What a level counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// [`MilliVolts`].
    MilliVolts,
    /// [`MilliAmps`].
    MilliAmps,
    /// [`DeciCelsius`].
    DeciCelsius,
}

/// A number as the levels have it.
trait Number {
    fn of(number: i32) -> Self;
}

impl Number for MilliVolts {
    fn of(number: i32) -> Self {
        Self(number)
    }
}

impl Number for MilliAmps {
    fn of(number: i32) -> Self {
        Self(number)
    }
}

impl Number for DeciCelsius {
    fn of(number: i32) -> Self {
        Self(number.clamp(i16::MIN.into(), i16::MAX.into()) as i16)
    }
}

const fn mv(level: MilliVolts) -> i32 {
    level.0
}

const fn ma(level: MilliAmps) -> i32 {
    level.0
}

const fn deci(level: DeciCelsius) -> i32 {
    level.0 as i32
}

macro_rules! levels {
    ($($(#[$meta:meta])* $variant:ident = $code:literal, $words:literal,
       $field:ident: $type:ident = $ours:ident, $number:ident, $side:ident, $tightest:expr;)*) => {
        /// The levels of a module, each in its unit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct Levels {
            $($(#[$meta])* pub $field: $type,)*
        }

        /// The name of a level.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Threshold {
            $($(#[$meta])* $variant = $code,)*
        }

        impl Levels {
            /// Those of our table: the loosest there are.
            pub const OURS: Self = Self { $($field: v::$ours,)* };

            /// The level of this name, in the smallest unit of its quantity.
            #[must_use]
            pub const fn number(&self, threshold: Threshold) -> i32 {
                match threshold {
                    $(Threshold::$variant => $number(self.$field),)*
                }
            }

            /// With another level of this name.
            #[must_use]
            pub fn with(self, threshold: Threshold, number: i32) -> Self {
                match threshold {
                    $(Threshold::$variant => Self { $field: Number::of(number), ..self },)*
                }
            }

            /// The level of this name, for people.
            #[must_use]
            pub const fn quantity(&self, threshold: Threshold) -> Quantity {
                match threshold {
                    $(Threshold::$variant => self.$field.any(),)*
                }
            }
        }

        impl Threshold {
            /// All of them, by code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What it is called.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)*
                }
            }

            /// Which side of it is wrong.
            #[must_use]
            pub const fn side(self) -> Side {
                match self {
                    $(Self::$variant => Side::$side,)*
                }
            }

            /// What it counts in.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self {
                    $(Self::$variant => Unit::$type,)*
                }
            }

            /// The tightest that it can be set to, in the smallest unit of its quantity: beyond it nothing would be
            /// left between it and the levels of the other side.
            #[must_use]
            pub const fn tightest(self) -> i32 {
                match self {
                    $(Self::$variant => $tightest,)*
                }
            }
        }
    };
}

/// How far an alarm lies beyond the end of a taper at least, in mV: whoever obeys the limits raises none.
const BELOW_ALARM: i32 = 20;
const ABOVE_ALARM: i32 = 50;
/// Width of a taper at least, in mV: a steeper one hunts.
const TAPER_UP: i32 = 80;
const TAPER_DOWN: i32 = 100;
/// Between alarm and fault of the voltages' difference, in mV.
const SPREADS: i32 = 100;
/// Five kelvins, between an alarm and its fault.
const KELVINS: i32 = 50;
/// Between alarm and fault of the current, in mA.
const CURRENTS: i32 = 3000;

levels! {
    /// From here the charge limit falls with the fullest cell.
    ChargeTaperStart = 1, "charge taper start",
        charge_taper_start: MilliVolts = CELL_CHARGE_TAPER_START, mv, Above, mv(v::TIGHTEST_TOP_CLEAR);
    /// Here the charge limit is zero.
    ChargeTaperEnd = 2, "charge taper end",
        charge_taper_end: MilliVolts = CELL_CHARGE_TAPER_END, mv, Above, mv(v::TIGHTEST_TOP);
    /// A cell at or above it raises the alarm.
    OverVoltageAlarm = 3, "over-voltage alarm",
        over_voltage_alarm: MilliVolts = CELL_OVER_VOLTAGE_ALARM, mv, Above, mv(v::TIGHTEST_TOP) + BELOW_ALARM;
    /// A cell at or above it trips.
    OverVoltageFault = 4, "over-voltage fault",
        over_voltage_fault: MilliVolts = CELL_OVER_VOLTAGE_FAULT, mv, Above, mv(v::TIGHTEST_TOP) + 2 * BELOW_ALARM;
    /// Alarm and trip are over from here down.
    OverVoltageClear = 5, "over-voltage clear",
        over_voltage_clear: MilliVolts = CELL_OVER_VOLTAGE_CLEAR, mv, Above, mv(v::TIGHTEST_TOP_CLEAR);
    /// From here down the discharge limit falls with the emptiest cell.
    DischargeTaperStart = 6, "discharge taper start",
        discharge_taper_start: MilliVolts = CELL_DISCHARGE_TAPER_START, mv, Below, mv(v::TIGHTEST_BOTTOM) + TAPER_DOWN;
    /// Here the discharge limit is zero.
    DischargeTaperEnd = 7, "discharge taper end",
        discharge_taper_end: MilliVolts = CELL_DISCHARGE_TAPER_END, mv, Below, mv(v::TIGHTEST_BOTTOM);
    /// A cell at or below it raises the alarm, and is charged gently.
    UnderVoltageAlarm = 8, "under-voltage alarm",
        under_voltage_alarm: MilliVolts = CELL_UNDER_VOLTAGE_ALARM, mv, Below, mv(v::TIGHTEST_BOTTOM) - ABOVE_ALARM;
    /// A cell at or below it trips.
    UnderVoltageFault = 9, "under-voltage fault",
        under_voltage_fault: MilliVolts = CELL_UNDER_VOLTAGE_FAULT, mv, Below, mv(v::TIGHTEST_BOTTOM) - 2 * ABOVE_ALARM;
    /// Alarm and trip are over from here up.
    UnderVoltageClear = 10, "under-voltage clear",
        under_voltage_clear: MilliVolts = CELL_UNDER_VOLTAGE_CLEAR, mv, Below, mv(v::TIGHTEST_BOTTOM_CLEAR);
    /// Cells so far apart raise the alarm.
    VoltageSpreadAlarm = 11, "voltage difference alarm",
        voltage_spread_alarm: MilliVolts = CELL_SPREAD_ALARM, mv, Above, mv(v::TIGHTEST_SPREAD);
    /// Cells so far apart trip.
    VoltageSpreadFault = 12, "voltage difference fault",
        voltage_spread_fault: MilliVolts = CELL_SPREAD_FAULT, mv, Above, mv(v::TIGHTEST_SPREAD) + SPREADS;
    /// From here the charge limit falls with the hottest cell.
    HotChargeStart = 13, "hot charge derating start",
        hot_charge_start: DeciCelsius = CHARGE_HOT_DERATE_START, deci, Above, deci(v::TIGHTEST_HOT);
    /// Here charging stops, with an alarm.
    HotChargeEnd = 14, "hot charge derating end",
        hot_charge_end: DeciCelsius = CHARGE_HOT_DERATE_END, deci, Above, deci(v::TIGHTEST_HOT) + 2 * KELVINS;
    /// From here the discharge limit falls with the hottest cell.
    HotDischargeStart = 15, "hot discharge derating start",
        hot_discharge_start: DeciCelsius = DISCHARGE_HOT_DERATE_START, deci, Above, deci(v::TIGHTEST_HOT) + 2 * KELVINS;
    /// Here discharging stops, with a trip.
    HotDischargeEnd = 16, "hot discharge derating end",
        hot_discharge_end: DeciCelsius = DISCHARGE_HOT_DERATE_END, deci, Above, deci(v::TIGHTEST_HOT) + 3 * KELVINS;
    /// From here down the charge limit falls with the coldest cell.
    ColdChargeStart = 17, "cold charge derating start",
        cold_charge_start: DeciCelsius = CHARGE_COLD_DERATE_START, deci, Below, deci(v::TIGHTEST_COLD);
    /// Here charging stops.
    ColdChargeEnd = 18, "cold charge derating end",
        cold_charge_end: DeciCelsius = CHARGE_COLD_DERATE_END, deci, Below, deci(v::TIGHTEST_COLD) - KELVINS;
    /// From here down the discharge limit falls with the coldest cell.
    ColdDischargeStart = 19, "cold discharge derating start",
        cold_discharge_start: DeciCelsius =
            DISCHARGE_COLD_DERATE_START, deci, Below, deci(v::TIGHTEST_COLD) - 2 * KELVINS;
    /// A cell at or below it raises the alarm, and is not charged.
    ColdAlarm = 20, "cold alarm",
        cold_alarm: DeciCelsius = CELL_COLD_ALARM, deci, Below, deci(v::TIGHTEST_COLD) - 3 * KELVINS;
    /// Here discharging stops, with a trip.
    ColdFault = 21, "cold fault",
        cold_fault: DeciCelsius = CELL_COLD_FAULT, deci, Below, deci(v::TIGHTEST_COLD) - 4 * KELVINS;
    /// Temperatures so far apart raise the alarm.
    TemperatureSpreadAlarm = 22, "temperature difference alarm",
        temperature_spread_alarm: DeciCelsius =
            TEMPERATURE_SPREAD_ALARM, deci, Above, deci(v::TIGHTEST_TEMPERATURE_SPREAD);
    /// Temperatures so far apart trip.
    TemperatureSpreadFault = 23, "temperature difference fault",
        temperature_spread_fault: DeciCelsius =
            TEMPERATURE_SPREAD_FAULT, deci, Above, deci(v::TIGHTEST_TEMPERATURE_SPREAD) + KELVINS / 2;
    /// Pack current from which the alarm is raised.
    OverCurrentAlarm = 24, "over-current alarm",
        over_current_alarm: MilliAmps = OVER_CURRENT_ALARM, ma, Above, ma(v::TIGHTEST_CURRENT);
    /// Pack current that trips.
    OverCurrentFault = 25, "over-current fault",
        over_current_fault: MilliAmps = OVER_CURRENT_FAULT, ma, Above, ma(v::TIGHTEST_CURRENT) + CURRENTS;
}

impl Threshold {
    /// Its code on the Link, the sub-index of its object.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// From the Link.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|threshold| threshold.code() == code)
    }

    /// The loosest that it can be set to, which is ours; in the smallest unit of its quantity.
    #[must_use]
    pub const fn loosest(self) -> i32 {
        Levels::OURS.number(self)
    }

    /// Lowest and highest number that it can be set to.
    #[must_use]
    pub const fn range(self) -> (i32, i32) {
        match self.side() {
            Side::Above => (self.tightest(), self.loosest()),
            Side::Below => (self.loosest(), self.tightest()),
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

macro_rules! relations {
    ($($(#[$meta:meta])* $variant:ident = $code:literal, $low:ident $order:ident$(($by:expr))? $high:ident,
       $words:literal;)*) => {
        /// What must hold of a configuration.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Relation {
            /// The level lies between the cell's limit and what leaves anything to work with.
            Within(Threshold),
            /// Powers lie between zero and the rating.
            Power,
            $($(#[$meta])* $variant,)*
        }

        impl Relation {
            /// Those between two levels.
            pub const ORDERS: &'static [Self] = &[$(Self::$variant,)*];

            /// For the wire: below 0x80 those between levels, above it the level that is out of its range.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self {
                    Self::Within(threshold) => 0x80 | threshold.code(),
                    Self::Power => 1,
                    $(Self::$variant => $code,)*
                }
            }

            /// The lower level, the higher one, and whether they may be equal; `None` if it is not about two levels.
            #[must_use]
            pub const fn sides(self) -> Option<(Threshold, Threshold, Order)> {
                match self {
                    Self::Within(_) | Self::Power => None,
                    $(Self::$variant => Some((Threshold::$low, Threshold::$high, Order::$order$(($by))?)),)*
                }
            }

            const fn words(self) -> &'static str {
                match self {
                    Self::Within(threshold) => threshold.words(),
                    Self::Power => "the powers lie between zero and the rating",
                    $(Self::$variant => $words,)*
                }
            }
        }
    };
}

/// How two levels lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// The first is below the second.
    Below,
    /// The first is not above the second.
    NotAbove,
    /// The first is below the second by at least this.
    Apart(i32),
}

relations! {
    /// The module may be charged again no later than charging is slowed down.
    OverVoltageClear = 2, OverVoltageClear NotAbove ChargeTaperStart,
        "the over-voltage clears at the start of the charge taper or below";
    /// The charge limit falls over a width.
    ChargeTaper = 3, ChargeTaperStart Apart(TAPER_UP) ChargeTaperEnd, "the charge taper is at least 80 mV wide";
    /// Whoever obeys the limits raises no alarm.
    ChargeTaperAlarm = 4, ChargeTaperEnd Apart(BELOW_ALARM) OverVoltageAlarm,
        "the charge taper ends at least 20 mV below the over-voltage alarm";
    /// An alarm comes before its fault.
    OverVoltage = 5, OverVoltageAlarm Apart(BELOW_ALARM) OverVoltageFault,
        "the over-voltage alarm is at least 20 mV below the fault";
    /// An alarm comes before its fault.
    UnderVoltage = 6, UnderVoltageFault Apart(ABOVE_ALARM) UnderVoltageAlarm,
        "the under-voltage fault is at least 50 mV below the alarm";
    /// Whoever obeys the limits raises no alarm.
    DischargeTaperAlarm = 7, UnderVoltageAlarm Apart(ABOVE_ALARM) DischargeTaperEnd,
        "the under-voltage alarm is at least 50 mV below the end of the discharge taper";
    /// The discharge limit falls over a width.
    DischargeTaper = 8, DischargeTaperEnd Apart(TAPER_DOWN) DischargeTaperStart,
        "the discharge taper is at least 100 mV wide";
    /// The module may be discharged again no earlier than it need not be slowed down.
    UnderVoltageClear = 9, DischargeTaperStart NotAbove UnderVoltageClear,
        "the under-voltage clears at the start of the discharge taper or above";
    /// An alarm comes before its fault.
    VoltageSpread = 11, VoltageSpreadAlarm Apart(SPREADS) VoltageSpreadFault,
        "the voltage difference's alarm is at least 100 mV below the fault";
    /// The charge limit falls over a width.
    HotCharge = 12, HotChargeStart Below HotChargeEnd, "the hot charge derating starts below its end";
    /// The discharge limit falls over a width.
    HotDischarge = 13, HotDischargeStart Below HotDischargeEnd,
        "the hot discharge derating starts below its end";
    /// An alarm comes before its fault.
    Hot = 14, HotChargeEnd Apart(KELVINS) HotDischargeEnd,
        "charging stops at least 5 K below discharging, when it is hot";
    /// The charge limit falls over a width.
    ColdCharge = 15, ColdChargeEnd Below ColdChargeStart, "the cold charge derating ends below its start";
    /// The discharge limit falls over a width.
    ColdDischarge = 16, ColdFault Below ColdDischargeStart,
        "the cold fault is below the start of the cold discharge derating";
    /// An alarm comes before its fault.
    Cold = 17, ColdFault Apart(KELVINS) ColdAlarm, "the cold fault is at least 5 K below the cold alarm";
    /// An alarm comes before its fault.
    TemperatureSpread = 21, TemperatureSpreadAlarm Apart(KELVINS / 2) TemperatureSpreadFault,
        "the temperature difference's alarm is at least 2.5 K below the fault";
    /// An alarm comes before its fault.
    OverCurrent = 22, OverCurrentAlarm Apart(CURRENTS) OverCurrentFault,
        "the over-current alarm is at least 3 A below the fault";
}

impl Relation {
    /// From the wire; `None` for 0, which is none, and for what there is not.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        if code & 0x80 != 0 {
            return Threshold::from_code(code & 0x7F).map(Self::Within);
        }
        let others = Self::ORDERS.iter().copied().chain([Self::Power]);
        others.into_iter().find(|relation| relation.code() == code)
    }

    /// It holds.
    const fn holds(self, levels: &Levels) -> bool {
        let Some((low, high, order)) = self.sides() else { return true };
        let (low, high) = (levels.number(low), levels.number(high));
        match order {
            Order::Below => low < high,
            Order::NotAbove => low <= high,
            Order::Apart(by) => low.saturating_add(by) <= high,
        }
    }
}

impl fmt::Display for Relation {
    /// What must hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())?;
        let Self::Within(threshold) = *self else { return Ok(()) };
        let (low, high) = threshold.range();
        let shown = |number| Levels::OURS.with(threshold, number).quantity(threshold);
        write!(f, " lies between {} and {}", shown(low), shown(high))
    }
}

impl Levels {
    /// Whether they fit together and none is beyond what the cell bears.
    ///
    /// # Errors
    /// The first relation that does not hold.
    pub const fn check(&self) -> Result<(), Relation> {
        let mut thresholds = Threshold::ALL;
        while let [threshold, rest @ ..] = thresholds {
            let (low, high) = threshold.range();
            let number = self.number(*threshold);
            if number < low || number > high {
                return Err(Relation::Within(*threshold));
            }
            thresholds = rest;
        }
        let mut relations = Relation::ORDERS;
        while let [relation, rest @ ..] = relations {
            if !relation.holds(self) {
                return Err(*relation);
            }
            relations = rest;
        }
        Ok(())
    }

    /// A module whose fullest cell is here, with little current, is full: the end of its charge taper is reached.
    #[must_use]
    pub const fn full_voltage(&self) -> MilliVolts {
        let below_its_end = self.charge_taper_end.0 - v::FULL_BELOW_TAPER_END.0;
        MilliVolts(if below_its_end < v::FULL_ANCHOR_VOLTAGE.0 {
            below_its_end
        } else {
            v::FULL_ANCHOR_VOLTAGE.0
        })
    }

    /// Any of them is looser than in `before`.
    #[must_use]
    pub fn is_looser_than(&self, before: &Self) -> bool {
        Threshold::ALL.iter().any(|threshold| {
            let (now, before) = (self.number(*threshold), before.number(*threshold));
            match threshold.side() {
                Side::Above => now > before,
                Side::Below => now < before,
            }
        })
    }
}

// Our own table keeps the relations that a person's configuration must keep.
const _: () = assert!(Levels::OURS.check().is_ok(), "the levels of our table do not fit together");
