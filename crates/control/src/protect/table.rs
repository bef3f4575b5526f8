//! The condition table of a module: one row per level, all numbers from [`values`].

use voltower_core::{Alarm, Condition, DeciCelsius, Duration, Fault, MilliAmps, MilliVolts, values};

use super::Quantity;
use super::row::{Direction, Reaction, Recovery, Row, Sense};

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
    }
}

/// A quantity goes wrong downwards.
const fn below(quantity: Quantity, raise: i32, clear: i32) -> Row {
    Row { sense: Sense::Below, ..above(quantity, raise, clear) }
}

/// Something is so that should not be.
const fn flag(quantity: Quantity) -> Row {
    above(quantity, 1, 0)
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

    const fn recovers(self, recovery: Recovery) -> Self {
        Self { recovery, ..self }
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
pub const ROWS: usize = 40;

/// The condition table of a module.
pub const TABLE: [Row; ROWS] = {
    use values as v;
    [
        above(Quantity::CellHighest, mv(v::CELL_OVER_VOLTAGE_ALARM), mv(v::CELL_OVER_VOLTAGE_CLEAR))
            .alarm(Alarm::OverVoltage)
            .after(3, v::CELL_OVER_VOLTAGE_TIME)
            .calm(v::CELL_VOLTAGE_CALM),
        above(Quantity::CellHighest, mv(v::CELL_OVER_VOLTAGE_FAULT), mv(v::CELL_OVER_VOLTAGE_CLEAR))
            .fault(Fault::OverVoltage, Reaction::Rest(Direction::Charge))
            .after(3, v::CELL_OVER_VOLTAGE_TIME)
            .calm(v::CELL_VOLTAGE_CALM),
        below(Quantity::CellLowest, mv(v::CELL_UNDER_VOLTAGE_ALARM), mv(v::CELL_UNDER_VOLTAGE_CLEAR))
            .alarm(Alarm::UnderVoltage)
            .after(3, v::CELL_UNDER_VOLTAGE_TIME)
            .calm(v::CELL_VOLTAGE_CALM),
        below(Quantity::CellLowest, mv(v::CELL_UNDER_VOLTAGE_FAULT), mv(v::CELL_UNDER_VOLTAGE_CLEAR))
            .fault(Fault::LowVoltage, Reaction::Rest(Direction::Discharge))
            .after(3, v::CELL_UNDER_VOLTAGE_TIME)
            .calm(v::CELL_VOLTAGE_CALM),
        below(Quantity::CellLowest, mv(v::CELL_DEEP_DISCHARGE) - 1, mv(v::CELL_DEEP_DISCHARGE))
            .fault(Fault::Cell, Reaction::Open)
            .after(3, Duration::ZERO)
            .recovers(Recovery::Person),
        above(Quantity::CellSpread, mv(v::CELL_SPREAD_ALARM), mv(v::CELL_SPREAD_ALARM_CLEAR))
            .alarm(Alarm::VoltageDifference)
            .after(3, v::CELL_SPREAD_TIME)
            .calm(v::CELL_VOLTAGE_CALM),
        above(Quantity::CellSpread, mv(v::CELL_SPREAD_FAULT), mv(v::CELL_SPREAD_FAULT_CLEAR))
            .fault(Fault::VoltageDifference, Reaction::Isolate)
            .after(3, v::CELL_SPREAD_TIME)
            .calm(v::CELL_VOLTAGE_CALM),
        above(Quantity::TemperatureHighest, deci(v::CHARGE_HOT_DERATE_END), deci(v::CELL_HOT_ALARM_CLEAR))
            .alarm(Alarm::HighTemperature)
            .stopping(Direction::Charge)
            .after(3, v::CELL_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::TemperatureHighest, deci(v::DISCHARGE_HOT_DERATE_END), deci(v::CELL_HOT_FAULT_CLEAR))
            .fault(Fault::HighTemperature, Reaction::Isolate)
            .after(3, v::CELL_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::TemperatureHighest, deci(v::CELL_EXTREME_TEMPERATURE), deci(v::CELL_HOT_FAULT_CLEAR))
            .fault(Fault::HighTemperature, Reaction::Open)
            .after(2, Duration::ZERO)
            .recovers(Recovery::Person),
        below(Quantity::TemperatureLowest, deci(v::CELL_COLD_ALARM), deci(v::CELL_COLD_ALARM_CLEAR))
            .alarm(Alarm::LowTemperature)
            .stopping(Direction::Charge)
            .after(3, v::CELL_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        below(Quantity::TemperatureLowest, deci(v::CELL_COLD_FAULT), deci(v::CELL_COLD_FAULT_CLEAR))
            .fault(Fault::LowTemperature, Reaction::Isolate)
            .after(3, v::CELL_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(
            Quantity::TemperatureSpread,
            deci(v::TEMPERATURE_SPREAD_ALARM),
            deci(v::TEMPERATURE_SPREAD_ALARM_CLEAR),
        )
        .alarm(Alarm::TemperatureDifference)
        .after(3, v::CELL_TEMPERATURE_TIME)
        .calm(v::CELL_TEMPERATURE_CALM),
        above(
            Quantity::TemperatureSpread,
            deci(v::TEMPERATURE_SPREAD_FAULT),
            deci(v::TEMPERATURE_SPREAD_FAULT_CLEAR),
        )
        .fault(Fault::TemperatureDifference, Reaction::Isolate)
        .after(3, v::CELL_TEMPERATURE_TIME)
        .calm(v::CELL_TEMPERATURE_CALM),
        // The manual allows the ends themselves: the alarm begins a tenth of a degree outside.
        above(Quantity::Ambient, deci(v::AMBIENT_HOT_ALARM) + 1, deci(v::AMBIENT_HOT_ALARM) - HYSTERESIS)
            .alarm(Alarm::AmbientTemperature)
            .after(3, v::AMBIENT_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        below(Quantity::Ambient, deci(v::AMBIENT_COLD_ALARM) - 1, deci(v::AMBIENT_COLD_ALARM) + HYSTERESIS)
            .alarm(Alarm::AmbientTemperature)
            .after(3, v::AMBIENT_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::Ambient, deci(v::AMBIENT_HOT_FAULT), deci(v::AMBIENT_HOT_FAULT) - HYSTERESIS)
            .fault(Fault::AmbientTemperature, Reaction::Isolate)
            .after(3, v::AMBIENT_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        below(Quantity::Ambient, deci(v::AMBIENT_COLD_FAULT), deci(v::AMBIENT_COLD_FAULT) + HYSTERESIS)
            .fault(Fault::AmbientTemperature, Reaction::Isolate)
            .after(3, v::AMBIENT_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::Current, ma(v::OVER_CURRENT_ALARM), ma(v::OVER_CURRENT_CLEAR))
            .alarm(Alarm::OverCurrent)
            .after(3, v::OVER_CURRENT_ALARM_TIME)
            .calm(v::OVER_CURRENT_CALM),
        above(Quantity::Current, ma(v::OVER_CURRENT_FAULT), ma(v::OVER_CURRENT_CLEAR))
            .fault(Fault::OverCurrent, Reaction::Open)
            .after(2, v::OVER_CURRENT_FAULT_TIME)
            .calm(v::OVER_CURRENT_CALM)
            .recovers(Recovery::Tries),
        above(Quantity::PowerExcess, v::POWER_EXCESS_ALARM.0, v::POWER_EXCESS_CLEAR.0)
            .alarm(Alarm::OverCurrent)
            .after(3, v::POWER_EXCESS_TIME)
            .calm(v::OVER_CURRENT_CALM),
        above(Quantity::ForbiddenCurrent, ma(v::FORBIDDEN_CURRENT), ma(v::FORBIDDEN_CURRENT) / 2)
            .fault(Fault::OverCurrent, Reaction::Open)
            .after(3, v::FORBIDDEN_CURRENT_TIME)
            .calm(v::OVER_CURRENT_CALM)
            .recovers(Recovery::Tries),
        above(Quantity::HeatSink, deci(v::HEAT_SINK_ALARM), deci(v::HEAT_SINK_CLEAR))
            .alarm(Alarm::Other)
            .after(3, v::ELECTRONICS_TEMPERATURE_TIME)
            .calm(v::OVER_CURRENT_CALM),
        above(Quantity::HeatSink, deci(v::HEAT_SINK_TRIP), deci(v::HEAT_SINK_CLEAR))
            .fault(Fault::Pcu, Reaction::Isolate)
            .after(3, v::ELECTRONICS_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        above(Quantity::Mos, deci(v::MOS_ALARM), deci(v::MOS_CLEAR))
            .alarm(Alarm::Other)
            .after(3, v::ELECTRONICS_TEMPERATURE_TIME)
            .calm(v::OVER_CURRENT_CALM),
        above(Quantity::Mos, deci(v::MOS_FAULT), deci(v::MOS_CLEAR))
            .fault(Fault::Bms, Reaction::Isolate)
            .after(3, v::ELECTRONICS_TEMPERATURE_TIME)
            .calm(v::CELL_TEMPERATURE_CALM),
        flag(Quantity::Implausible)
            .fault(Fault::Sampling, Reaction::Isolate)
            .after(2, Duration::ZERO)
            .calm(v::WIRE_CALM),
        above(Quantity::SumError, v::PACK_SUM_TOLERANCE.0 as i32, v::PACK_SUM_TOLERANCE.0 as i32 / 2)
            .fault(Fault::Sampling, Reaction::Isolate)
            .after(3, v::PACK_SUM_TIME)
            .calm(v::PACK_SUM_TIME),
        flag(Quantity::Frozen)
            .fault(Fault::Sampling, Reaction::Isolate)
            .after(1, Duration::ZERO)
            .calm(v::PACK_SUM_TIME),
        above(Quantity::CurrentError, ma(v::CURRENT_DISAGREEMENT), ma(v::CURRENT_DISAGREEMENT) / 2)
            .fault(Fault::Sampling, Reaction::Isolate)
            .after(3, v::CURRENT_DISAGREEMENT_TIME)
            .calm(v::PACK_SUM_TIME),
        flag(Quantity::AfeSilent)
            .fault(Fault::Bms, Reaction::Open)
            .after(1, Duration::ZERO)
            .calm(v::WIRE_CALM),
        flag(Quantity::Comparator)
            .fault(Fault::Bms, Reaction::Open)
            .after(1, Duration::ZERO)
            .recovers(Recovery::Person),
        flag(Quantity::Converter).fault(Fault::Pcu, Reaction::Isolate).after(1, Duration::ZERO),
        flag(Quantity::SelfTest)
            .fault(Fault::Bms, Reaction::Open)
            .after(1, Duration::ZERO)
            .recovers(Recovery::Person),
        flag(Quantity::Welded)
            .fault(Fault::Other, Reaction::Open)
            .after(3, v::FEEDBACK_TIME)
            .recovers(Recovery::Person),
        below(Quantity::TerminalVoltage, mv(v::TERMINAL_REVERSED), mv(v::TERMINAL_REVERSED) / 2)
            .fault(Fault::Terminal, Reaction::Open)
            .after(3, v::TERMINAL_REVERSED_TIME)
            .calm(v::OVER_CURRENT_CALM),
        flag(Quantity::ConverterForGood)
            .fault(Fault::Pcu, Reaction::Isolate)
            .after(1, Duration::ZERO)
            .recovers(Recovery::Person),
        flag(Quantity::Memory)
            .fault(Fault::Bms, Reaction::Isolate)
            .after(1, Duration::ZERO)
            .recovers(Recovery::Person),
        flag(Quantity::Stored)
            .fault(Fault::Bms, Reaction::Open)
            .after(1, Duration::ZERO)
            .recovers(Recovery::Person),
        above(Quantity::Resets, v::RESETS_MOST.0 as i32 + 1, v::RESETS_MOST.0 as i32)
            .fault(Fault::Bms, Reaction::Open)
            .after(1, Duration::ZERO)
            .recovers(Recovery::Person),
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

const HYSTERESIS: i32 = deci(values::AMBIENT_HYSTERESIS);

/// Relations between the numbers, checked while compiling.
const _: () = {
    use values as v;
    assert!(mv(v::CELL_CHARGE_TAPER_START) < mv(v::CELL_CHARGE_TAPER_END));
    assert!(mv(v::CELL_CHARGE_TAPER_END) < mv(v::CELL_OVER_VOLTAGE_ALARM));
    assert!(mv(v::CELL_OVER_VOLTAGE_ALARM) < mv(v::CELL_OVER_VOLTAGE_FAULT));
    assert!(mv(v::CELL_OVER_VOLTAGE_FAULT) < mv(v::CELL_COMPARATOR_OVER_VOLTAGE));
    assert!(mv(v::CELL_DISCHARGE_TAPER_START) > mv(v::CELL_DISCHARGE_TAPER_END));
    assert!(mv(v::CELL_DISCHARGE_TAPER_END) > mv(v::CELL_UNDER_VOLTAGE_ALARM));
    assert!(mv(v::CELL_UNDER_VOLTAGE_ALARM) > mv(v::CELL_UNDER_VOLTAGE_FAULT));
    assert!(mv(v::CELL_UNDER_VOLTAGE_FAULT) > mv(v::CELL_DEEP_DISCHARGE));
    assert!(deci(v::CHARGE_HOT_DERATE_START) < deci(v::CHARGE_HOT_DERATE_END));
    assert!(deci(v::DISCHARGE_HOT_DERATE_START) < deci(v::DISCHARGE_HOT_DERATE_END));
    assert!(deci(v::DISCHARGE_HOT_DERATE_END) < deci(v::CELL_EXTREME_TEMPERATURE));
    assert!(deci(v::CELL_EXTREME_TEMPERATURE) < deci(v::CELL_COMPARATOR_OVER_TEMPERATURE));
    assert!(deci(v::CHARGE_COLD_DERATE_END) < deci(v::CHARGE_COLD_DERATE_START));
    assert!(deci(v::CELL_COLD_FAULT) < deci(v::CELL_COLD_ALARM));
    assert!(deci(v::HEAT_SINK_DERATE_END) < deci(v::HEAT_SINK_TRIP));
    assert!(ma(v::PACK_CURRENT_RATED) < ma(v::OVER_CURRENT_ALARM));
    assert!(ma(v::OVER_CURRENT_ALARM) < ma(v::OVER_CURRENT_FAULT));
    let mut rows: &[Row] = &TABLE;
    while let [row, rest @ ..] = rows {
        match row.sense {
            Sense::Above => assert!(row.clear < row.raise, "a row must clear below its level"),
            Sense::Below => assert!(row.clear > row.raise, "a row must clear above its level"),
        }
        // A lock-out counts only once it is written: until then the row itself must keep the outputs open.
        match (row.recovery, row.reaction) {
            (Recovery::Automatic, _) | (_, Reaction::Isolate | Reaction::Open) => {}
            (Recovery::Tries | Recovery::Person, Reaction::Warn | Reaction::Stop(_) | Reaction::Rest(_)) => {
                panic!("a row that locks out must take the module off the bus")
            }
        }
        rows = rest;
    }
};
