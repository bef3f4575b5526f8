//! The condition table of a module: one row per level, all numbers from [`values`].

use voltower_core::levels::Side;
use voltower_core::{
    Alarm, Condition, DeciCelsius, Duration, Fault, Finding, Levels, MilliAmps, MilliVolts, Threshold, values,
};

use super::Quantity;
use super::row::{Clear, Direction, Heals, Reaction, Recovery, Row, Sense, Settable};

/// A quantity goes wrong upwards.
const fn above(quantity: Quantity, raise: i32, clear: i32) -> Row {
    Row {
        quantity,
        sense: Sense::Above,
        raise,
        clear,
        samples: 3,
        after: Duration::ZERO,
        calm: Duration::ZERO,
        recovery: Recovery::Automatic,
        condition: Condition::Alarm(Alarm::Other),
        reaction: Reaction::Warn,
        heals: Heals::Rest,
        finding: Finding::Unnamed,
        settable: None,
    }
}

/// A quantity goes wrong downwards.
const fn below(quantity: Quantity, raise: i32, clear: i32) -> Row {
    Row { sense: Sense::Below, ..above(quantity, raise, clear) }
}

/// A quantity goes wrong at a level that a person may set; `clear` is ours, and follows it like this.
const fn set(quantity: Quantity, raise: Threshold, clear: i32, follows: Clear) -> Row {
    let ours = raise.loosest();
    let row = match raise.side() {
        Side::Above => above(quantity, ours, clear),
        Side::Below => below(quantity, ours, clear),
    };
    Row { settable: Some(Settable { raise, clear: follows }), ..row }
}

/// Something is so that should not be, until it is put right.
const fn flag(quantity: Quantity) -> Row {
    above(quantity, 1, 0).healed_by(Heals::Repair)
}

impl Row {
    const fn alarm(self, alarm: Alarm) -> Self {
        Self { condition: Condition::Alarm(alarm), ..self }
    }

    const fn fault(self, fault: Fault, reaction: Reaction) -> Self {
        Self { condition: Condition::Fault(fault), reaction, ..self }
    }

    const fn stopping(self, direction: Direction) -> Self {
        Self { reaction: Reaction::Stop(direction), ..self }
    }

    const fn after(self, samples: u8, after: Duration) -> Self {
        Self { samples, after, ..self }
    }

    const fn calm(self, calm: Duration) -> Self {
        Self { calm, ..self }
    }

    const fn healed_by(self, heals: Heals) -> Self {
        Self { heals, ..self }
    }

    const fn tried(self) -> Self {
        Self { recovery: Recovery::Tries, ..self }
    }

    const fn locking_out(self) -> Self {
        Self { recovery: Recovery::Person, heals: Heals::Operator, ..self }
    }

    const fn found(self, finding: Finding) -> Self {
        Self { finding, ..self }
    }
}

const fn mv(value: MilliVolts) -> i32 {
    value.0
}

const fn ma(value: MilliAmps) -> i32 {
    value.0
}

const fn deci(value: DeciCelsius) -> i32 {
    value.0 as i32
}

/// Rows of the table.
pub const ROWS: usize = 49;

/// The condition table of a module.
pub const TABLE: [Row; ROWS] = {
    use {Threshold as T, values as v};
    [
        set(
            Quantity::CellHighest,
            T::OverVoltageAlarm,
            mv(v::CELL_OVER_VOLTAGE_CLEAR),
            Clear::At(T::OverVoltageClear),
        )
        .alarm(Alarm::OverVoltage)
        .found(Finding::CellVoltageHigh)
        .healed_by(Heals::Discharge)
        .after(3, v::CELL_OVER_VOLTAGE_TIME)
        .calm(v::CELL_VOLTAGE_CALM),
        set(
            Quantity::CellHighest,
            T::OverVoltageFault,
            mv(v::CELL_OVER_VOLTAGE_CLEAR),
            Clear::At(T::OverVoltageClear),
        )
        .fault(Fault::OverVoltage, Reaction::Rest(Direction::Charge))
        .found(Finding::CellVoltageTooHigh)
        .healed_by(Heals::Discharge)
        .after(3, v::CELL_OVER_VOLTAGE_TIME)
        .calm(v::CELL_VOLTAGE_CALM),
        set(
            Quantity::CellLowestInUse,
            T::UnderVoltageAlarm,
            mv(v::CELL_UNDER_VOLTAGE_CLEAR),
            Clear::At(T::UnderVoltageClear),
        )
        .alarm(Alarm::UnderVoltage)
        .found(Finding::CellVoltageLow)
        .healed_by(Heals::Charge)
        .after(3, v::CELL_UNDER_VOLTAGE_TIME)
        .calm(v::CELL_VOLTAGE_CALM),
        set(
            Quantity::CellLowest,
            T::UnderVoltageFault,
            mv(v::CELL_UNDER_VOLTAGE_CLEAR),
            Clear::At(T::UnderVoltageClear),
        )
        .fault(Fault::LowVoltage, Reaction::Rest(Direction::Discharge))
        .found(Finding::CellVoltageTooLow)
        .healed_by(Heals::Charge)
        .after(3, v::CELL_UNDER_VOLTAGE_TIME)
        .calm(v::CELL_VOLTAGE_CALM),
        below(Quantity::CellLowest, mv(v::CELL_DEEP_DISCHARGE) - 1, mv(v::CELL_DEEP_DISCHARGE))
            .fault(Fault::Cell, Reaction::Open)
            .found(Finding::DeepDischarge)
            .after(3, Duration::ZERO)
            .locking_out(),
        set(Quantity::CellSpreadInUse, T::VoltageSpreadAlarm, mv(v::CELL_SPREAD_ALARM_CLEAR), Clear::Share)
            .alarm(Alarm::VoltageDifference)
            .found(Finding::VoltagesApart)
            .healed_by(Heals::Levelling)
            .after(3, v::CELL_SPREAD_TIME)
            .calm(v::CELL_VOLTAGE_CALM),
        set(Quantity::CellSpread, T::VoltageSpreadFault, mv(v::CELL_SPREAD_FAULT_CLEAR), Clear::Share)
            .fault(Fault::VoltageDifference, Reaction::Level)
            .found(Finding::VoltagesTooFarApart)
            .healed_by(Heals::Levelling)
            .after(3, v::CELL_SPREAD_TIME)
            .calm(v::CELL_VOLTAGE_CALM),
        set(Quantity::TemperatureHighest, T::HotChargeEnd, deci(v::CELL_HOT_ALARM_CLEAR), Clear::Apart)
            .alarm(Alarm::HighTemperature)
            .found(Finding::CellHot)
            .stopping(Direction::Charge)
            .after(3, v::CELL_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        set(Quantity::TemperatureHighest, T::HotDischargeEnd, deci(v::CELL_HOT_FAULT_CLEAR), Clear::Apart)
            .fault(Fault::HighTemperature, Reaction::Isolate)
            .found(Finding::CellTooHot)
            .after(3, v::CELL_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::TemperatureHighest, deci(v::CELL_EXTREME_TEMPERATURE), deci(v::CELL_HOT_FAULT_CLEAR))
            .fault(Fault::HighTemperature, Reaction::Open)
            .found(Finding::CellExtremelyHot)
            .after(2, Duration::ZERO)
            .locking_out(),
        set(Quantity::TemperatureLowest, T::ColdAlarm, deci(v::CELL_COLD_ALARM_CLEAR), Clear::Apart)
            .alarm(Alarm::LowTemperature)
            .found(Finding::CellCold)
            .stopping(Direction::Charge)
            .after(3, v::CELL_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        set(Quantity::TemperatureLowest, T::ColdFault, deci(v::CELL_COLD_FAULT_CLEAR), Clear::Apart)
            .fault(Fault::LowTemperature, Reaction::Isolate)
            .found(Finding::CellTooCold)
            .after(3, v::CELL_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        set(
            Quantity::TemperatureSpread,
            T::TemperatureSpreadAlarm,
            deci(v::TEMPERATURE_SPREAD_ALARM_CLEAR),
            Clear::Share,
        )
        .alarm(Alarm::TemperatureDifference)
        .found(Finding::TemperaturesApart)
        .after(3, v::CELL_TEMPERATURE_TIME)
        .calm(v::CELL_TEMPERATURE_CALM),
        set(
            Quantity::TemperatureSpread,
            T::TemperatureSpreadFault,
            deci(v::TEMPERATURE_SPREAD_FAULT_CLEAR),
            Clear::Share,
        )
        .fault(Fault::TemperatureDifference, Reaction::Isolate)
        .found(Finding::TemperaturesTooFarApart)
        .after(3, v::CELL_TEMPERATURE_TIME)
        .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::Ambient, deci(v::AMBIENT_HOT_ALARM), deci(v::AMBIENT_HOT_ALARM) - HYSTERESIS)
            .alarm(Alarm::AmbientTemperature)
            .found(Finding::AmbientHot)
            .after(3, v::AMBIENT_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        below(Quantity::Ambient, deci(v::AMBIENT_COLD_ALARM), deci(v::AMBIENT_COLD_ALARM) + HYSTERESIS)
            .alarm(Alarm::AmbientTemperature)
            .found(Finding::AmbientCold)
            .after(3, v::AMBIENT_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::Ambient, deci(v::AMBIENT_HOT_FAULT), deci(v::AMBIENT_HOT_FAULT) - HYSTERESIS)
            .fault(Fault::AmbientTemperature, Reaction::Isolate)
            .found(Finding::AmbientTooHot)
            .after(3, v::AMBIENT_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        below(Quantity::Ambient, deci(v::AMBIENT_COLD_FAULT), deci(v::AMBIENT_COLD_FAULT) + HYSTERESIS)
            .fault(Fault::AmbientTemperature, Reaction::Isolate)
            .found(Finding::AmbientTooCold)
            .after(3, v::AMBIENT_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        set(Quantity::Current, T::OverCurrentAlarm, ma(v::OVER_CURRENT_CLEAR), Clear::Fixed)
            .alarm(Alarm::OverCurrent)
            .found(Finding::CurrentHigh)
            .after(3, v::OVER_CURRENT_ALARM_TIME)
            .calm(v::OVER_CURRENT_CALM),
        set(Quantity::Current, T::OverCurrentFault, ma(v::OVER_CURRENT_CLEAR), Clear::Fixed)
            .fault(Fault::OverCurrent, Reaction::Open)
            .found(Finding::CurrentTooHigh)
            .after(2, v::OVER_CURRENT_FAULT_TIME)
            .calm(v::OVER_CURRENT_CALM)
            .tried(),
        above(Quantity::PowerExcess, v::POWER_EXCESS_ALARM.0, v::POWER_EXCESS_CLEAR.0)
            .alarm(Alarm::OverCurrent)
            .found(Finding::PowerBeyondLimit)
            .after(3, v::POWER_EXCESS_TIME)
            .calm(v::OVER_CURRENT_CALM),
        above(Quantity::ForbiddenCurrent, ma(v::FORBIDDEN_CURRENT), ma(v::FORBIDDEN_CURRENT) / 2)
            .fault(Fault::OverCurrent, Reaction::Open)
            .found(Finding::CurrentWhereStopped)
            .after(3, v::FORBIDDEN_CURRENT_TIME)
            .calm(v::OVER_CURRENT_CALM)
            .tried(),
        above(Quantity::HeatSink, deci(v::HEAT_SINK_ALARM), deci(v::HEAT_SINK_CLEAR))
            .alarm(Alarm::Other)
            .found(Finding::HeatSinkHot)
            .after(3, v::ELECTRONICS_TEMPERATURE_TIME)
            .calm(v::OVER_CURRENT_CALM),
        above(Quantity::HeatSink, deci(v::HEAT_SINK_TRIP), deci(v::HEAT_SINK_CLEAR))
            .fault(Fault::Pcu, Reaction::Isolate)
            .found(Finding::HeatSinkTooHot)
            .after(3, v::ELECTRONICS_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::Mos, deci(v::MOS_ALARM), deci(v::MOS_CLEAR))
            .alarm(Alarm::Other)
            .found(Finding::MosfetsHot)
            .after(3, v::ELECTRONICS_TEMPERATURE_TIME)
            .calm(v::OVER_CURRENT_CALM),
        above(Quantity::Mos, deci(v::MOS_FAULT), deci(v::MOS_CLEAR))
            .fault(Fault::Bms, Reaction::Isolate)
            .found(Finding::MosfetsTooHot)
            .after(3, v::ELECTRONICS_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        flag(Quantity::Implausible)
            .fault(Fault::Sampling, Reaction::Isolate)
            .found(Finding::ReadingImpossible)
            .after(2, Duration::ZERO)
            .calm(v::WIRE_CALM),
        above(Quantity::SumError, v::PACK_SUM_TOLERANCE.0 as i32, v::PACK_SUM_TOLERANCE.0 as i32 / 2)
            .fault(Fault::Sampling, Reaction::Isolate)
            .found(Finding::SumDiffers)
            .healed_by(Heals::Repair)
            .after(3, v::PACK_SUM_TIME)
            .calm(v::PACK_SUM_TIME),
        above(Quantity::ConverterError, v::PACK_SUM_TOLERANCE.0 as i32, v::PACK_SUM_TOLERANCE.0 as i32 / 2)
            .fault(Fault::Sampling, Reaction::Isolate)
            .found(Finding::ConverterVoltageDiffers)
            .healed_by(Heals::Repair)
            .after(3, v::PACK_SUM_TIME)
            .calm(v::PACK_SUM_TIME)
            .tried(),
        // The current is sampled at another moment than what it moves.
        flag(Quantity::Frozen)
            .fault(Fault::Sampling, Reaction::Isolate)
            .found(Finding::ReadingFrozen)
            .after(3, Duration::ZERO)
            .calm(v::PACK_SUM_TIME),
        above(Quantity::CurrentError, ma(v::CURRENT_DISAGREEMENT), ma(v::CURRENT_DISAGREEMENT) / 2)
            .fault(Fault::Sampling, Reaction::Isolate)
            .found(Finding::CurrentsDiffer)
            .healed_by(Heals::Repair)
            .after(3, v::CURRENT_DISAGREEMENT_TIME)
            .calm(v::PACK_SUM_TIME)
            .tried(),
        flag(Quantity::AfeSilent)
            .fault(Fault::Bms, Reaction::Open)
            .found(Finding::AfeSilent)
            .after(1, Duration::ZERO)
            .calm(v::WIRE_CALM),
        flag(Quantity::Comparator)
            .fault(Fault::Bms, Reaction::Open)
            .found(Finding::ComparatorOpened)
            .after(1, Duration::ZERO)
            .locking_out(),
        flag(Quantity::ComparatorSetting)
            .fault(Fault::Bms, Reaction::Open)
            .found(Finding::ComparatorNotSet)
            .after(3, v::COMPARATOR_TIME)
            .locking_out(),
        flag(Quantity::Converter)
            .fault(Fault::Pcu, Reaction::Isolate)
            .found(Finding::ConverterFailed)
            .after(1, Duration::ZERO),
        flag(Quantity::SelfTest)
            .fault(Fault::Bms, Reaction::Open)
            .found(Finding::SelfTestFailed)
            .after(1, Duration::ZERO)
            .locking_out(),
        flag(Quantity::Welded)
            .fault(Fault::Other, Reaction::Open)
            .found(Finding::ContactWelded)
            .after(3, v::FEEDBACK_TIME)
            .locking_out(),
        flag(Quantity::NotClosed)
            .fault(Fault::Bms, Reaction::Isolate)
            .found(Finding::MosfetNotClosed)
            .after(3, v::FEEDBACK_TIME)
            .calm(v::OVER_CURRENT_CALM)
            .tried(),
        below(Quantity::TerminalVoltage, mv(v::TERMINAL_REVERSED), mv(v::TERMINAL_REVERSED) / 2)
            .fault(Fault::Terminal, Reaction::Open)
            .found(Finding::TerminalsReversed)
            .healed_by(Heals::Repair)
            .after(3, v::TERMINAL_REVERSED_TIME)
            .calm(v::OVER_CURRENT_CALM),
        flag(Quantity::Configuration)
            .fault(Fault::Bms, Reaction::Open)
            .found(Finding::ConfigurationBroken)
            .after(1, Duration::ZERO),
        flag(Quantity::ConverterForGood)
            .fault(Fault::Pcu, Reaction::Isolate)
            .found(Finding::ConverterLost)
            .after(1, Duration::ZERO)
            .locking_out(),
        flag(Quantity::NoRise)
            .fault(Fault::Cell, Reaction::Open)
            .found(Finding::CellDoesNotRise)
            .after(1, Duration::ZERO)
            .locking_out(),
        flag(Quantity::Sinking)
            .fault(Fault::Cell, Reaction::Open)
            .found(Finding::CellSinks)
            .after(1, Duration::ZERO)
            .locking_out(),
        flag(Quantity::Memory)
            .fault(Fault::Bms, Reaction::Isolate)
            .found(Finding::MemoryFailed)
            .after(1, Duration::ZERO)
            .locking_out(),
        flag(Quantity::Stored)
            .fault(Fault::Bms, Reaction::Open)
            .found(Finding::StoredLost)
            .after(1, Duration::ZERO)
            .locking_out(),
        above(Quantity::Resets, v::RESETS_MOST.0 as i32 + 1, v::RESETS_MOST.0 as i32)
            .fault(Fault::Bms, Reaction::Open)
            .found(Finding::ResetStorm)
            .after(1, Duration::ZERO)
            .locking_out(),
        flag(Quantity::CellContact)
            .found(Finding::CellContactBad)
            .after(3, v::CELL_DOUBT_TIME)
            .calm(v::CELL_DOUBT_TIME),
        flag(Quantity::CellAlone)
            .found(Finding::CellAlone)
            .after(3, v::CELL_DOUBT_TIME)
            .calm(v::CELL_DOUBT_TIME),
        flag(Quantity::ShuntCount).found(Finding::ShuntCountsWrong).after(1, Duration::ZERO),
    ]
};

/// Rows whose tries are counted, and kept over a loss of power.
pub const COUNTED: usize = {
    let mut count = 0;
    let mut rows: &[Row] = &TABLE;
    while let [row, rest @ ..] = rows {
        if row.is_counted() {
            count += 1;
        }
        rows = rest;
    }
    count
};

/// The condition table with the levels that are set.
#[must_use]
pub fn table(levels: &Levels) -> [Row; ROWS] {
    TABLE.map(|row| row.at(levels))
}

const HYSTERESIS: i32 = deci(values::AMBIENT_HYSTERESIS);

/// Relations to the numbers that nobody can set, checked while compiling: a level that is set is tighter than ours.
/// Those between the levels are in [`Levels::check`].
const _: () = {
    use values as v;
    assert!(mv(v::CELL_OVER_VOLTAGE_FAULT) < mv(v::CELL_COMPARATOR_OVER_VOLTAGE));
    assert!(mv(v::CELL_UNDER_VOLTAGE_FAULT) > mv(v::CELL_DEEP_DISCHARGE));
    assert!(deci(v::DISCHARGE_HOT_DERATE_END) < deci(v::CELL_EXTREME_TEMPERATURE));
    assert!(deci(v::CELL_EXTREME_TEMPERATURE) < deci(v::CELL_COMPARATOR_OVER_TEMPERATURE));
    assert!(deci(v::HEAT_SINK_DERATE_END) < deci(v::HEAT_SINK_TRIP));
    assert!(ma(v::PACK_CURRENT_RATED) < ma(v::OVER_CURRENT_ALARM));
    let mut rows: &[Row] = &TABLE;
    while let [row, rest @ ..] = rows {
        match row.sense {
            Sense::Above => assert!(row.clear < row.raise, "a row must clear below its level"),
            Sense::Below => assert!(row.clear > row.raise, "a row must clear above its level"),
        }
        // A lock-out counts only once it is written: until then the row itself must keep the outputs open.
        let opens = matches!(row.reaction, Reaction::Isolate | Reaction::Open);
        assert!(row.has_a_way_out(), "what is done about a condition must leave what heals it");
        assert!(opens || !row.locks_out(), "a row that locks out must take the module off the bus");
        rows = rest;
    }
};

/// Charge makes a condition go away, whichever row has raised it.
#[must_use]
pub fn is_healed_by_charge(condition: Condition) -> bool {
    let mut rows = TABLE.iter().filter(|row| row.condition == condition).peekable();
    rows.peek().is_some() && rows.all(|row| matches!(row.heals, Heals::Charge | Heals::Levelling))
}
