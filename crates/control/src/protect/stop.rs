//! What of the condition table stops power in one direction, and when it will not any more.

use voltower_core::{Condition, Duration, Relief, values};

use super::levelling::Way;
use super::row::{Direction, Reaction, Row, RowState};
use super::{Protection, Quantity};

/// A condition that stops power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stop {
    /// Which.
    pub condition: Condition,
    /// Cell or sensor that it was last seen at, 0 for none.
    pub element: u8,
    /// Where it clears, in mV or 0.1 degC; `None` if it is about something else.
    pub level: Option<i32>,
    /// When it will not stop power any more.
    pub relief: Relief,
}

impl Protection {
    /// The condition that stops power in `direction` for longest.
    #[must_use]
    pub fn stop(&self, direction: Direction) -> Option<Stop> {
        if self.verdict.conditions.is_empty() {
            return None;
        }
        let rows = self.table.iter().zip(&self.rows);
        let stops = rows.filter_map(|(row, state)| {
            let relief = relief(row, *state, direction, self.way)?;
            let element = self.element(row.condition);
            Some(Stop { condition: row.condition, element, level: level(row), relief })
        });
        stops.reduce(
            |longest, stop| {
                if longest.relief.longer(stop.relief) == longest.relief { longest } else { stop }
            },
        )
    }
}

/// When the row stops power in `direction` no longer; `None` if it does not.
fn relief(row: &Row, state: RowState, direction: Direction, way: Way) -> Option<Relief> {
    let (held, calm) = match state {
        RowState::Locked if row.stops(direction, Duration::ZERO, way) => return Some(Relief::Person),
        RowState::Quiet { .. } | RowState::Rising { .. } | RowState::Locked => return None,
        RowState::Raised { held, calm, .. } => (held, calm),
    };
    if !row.stops(direction, held, way) {
        return None;
    }
    let clears = (!calm.is_zero()).then(|| row.calm.less(calm));
    let rests = row.only_rests(direction, way).then(|| values::ISOLATION_TIME.less(held));
    let soonest = match (clears, rests) {
        (Some(clears), Some(rests)) => Some(clears.min(rests)),
        (clears, rests) => clears.or(rests),
    };
    Some(soonest.map_or(Relief::Change, Relief::after))
}

impl Row {
    /// A condition that has been there for `held` stops power in `direction`; `way` is what levelling lets pass.
    #[must_use]
    pub fn stops(&self, direction: Direction, held: Duration, way: Way) -> bool {
        match self.reaction {
            Reaction::Warn => false,
            Reaction::Stop(stopped) => stopped == direction,
            Reaction::Rest(stopped) => stopped == direction || held < values::ISOLATION_TIME,
            Reaction::Level => way.stops(direction) || held < values::ISOLATION_TIME,
            Reaction::Isolate | Reaction::Open => true,
        }
    }

    /// Power in `direction` stops only while the module rests.
    fn only_rests(&self, direction: Direction, way: Way) -> bool {
        match self.reaction {
            Reaction::Rest(stopped) => stopped != direction,
            Reaction::Level => !way.stops(direction),
            Reaction::Warn | Reaction::Stop(_) | Reaction::Isolate | Reaction::Open => false,
        }
    }
}

/// Where a row clears, as far as the condition alone says what the number is about.
const fn level(row: &Row) -> Option<i32> {
    match row.quantity {
        Quantity::CellHighest
        | Quantity::CellLowest
        | Quantity::CellLowestInUse
        | Quantity::CellSpread
        | Quantity::CellSpreadInUse
        | Quantity::TemperatureHighest
        | Quantity::TemperatureLowest
        | Quantity::TemperatureSpread
        | Quantity::Ambient => Some(row.clear),
        Quantity::Mos
        | Quantity::HeatSink
        | Quantity::Current
        | Quantity::PowerExcess
        | Quantity::ForbiddenCurrent
        | Quantity::Implausible
        | Quantity::SumError
        | Quantity::ConverterError
        | Quantity::Frozen
        | Quantity::CurrentError
        | Quantity::AfeSilent
        | Quantity::Comparator
        | Quantity::ComparatorSetting
        | Quantity::Converter
        | Quantity::SelfTest
        | Quantity::Welded
        | Quantity::NotClosed
        | Quantity::Configuration
        | Quantity::CellContact
        | Quantity::CellAlone
        | Quantity::ShuntCount
        | Quantity::ConverterForGood
        | Quantity::Memory
        | Quantity::Stored
        | Quantity::Resets
        | Quantity::NoRise
        | Quantity::Sinking
        | Quantity::TerminalVoltage => None,
    }
}
