//! Freeze-frames, blackbox and lifetime counters as the dictionary shows them.

use voltower_core::{Condition, DeciCelsius, MilliVolts};
use voltower_protocols::canopen::{NO_CONDITION, NO_STATE, Value};
use voltower_protocols::link::scale::{self, NO_AMOUNT, NO_NUMBER, NO_TEMPERATURE, NO_VOLTAGE};
use voltower_protocols::link::{BlackboxPart, FramePart, LifetimePart};

use crate::keep::{Blackbox, FreezeFrame, Lifetime, Stamp};

/// A part of `frame`, the one but `place` from the newest, as the dictionary has it.
pub(super) fn frame_part((place, frame): (u8, Option<&FreezeFrame>), part: FramePart) -> Value {
    let number = |read: fn(&FreezeFrame) -> u16, none| Value::U16(frame.map_or(none, read));
    let signed = |read: fn(&FreezeFrame) -> i16| Value::I16(frame.map_or(NO_NUMBER, read));
    let long = |read: fn(&FreezeFrame) -> u32| Value::U32(frame.map_or(0, read));
    let code = |read: fn(&FreezeFrame) -> u8, none| Value::U8(frame.map_or(none, read));
    match part {
        FramePart::Which => Value::U8(place),
        FramePart::Number => long(|frame| frame.number),
        FramePart::Start => long(|frame| frame.stamp.boot),
        FramePart::Uptime => long(|frame| frame.stamp.uptime),
        FramePart::Fault => code(|frame| frame.condition.bit() as u8, NO_CONDITION),
        FramePart::Element => code(|frame| frame.element, 0),
        FramePart::Conditions => long(|frame| frame.conditions.bits()),
        FramePart::State => code(|frame| frame.state.code(), NO_STATE),
        FramePart::Converter => code(|frame| frame.converter.code(), NO_STATE),
        FramePart::Soc => number(|frame| frame.soc, NO_AMOUNT),
        FramePart::PackVoltage => number(|frame| frame.pack_voltage, NO_VOLTAGE),
        FramePart::PackCurrent => signed(|frame| frame.pack_current),
        FramePart::TerminalVoltage => signed(|frame| frame.terminal_voltage),
        FramePart::BusCurrent => signed(|frame| frame.bus_current),
        FramePart::Cell(cell) => {
            Value::U16(frame.and_then(|frame| nth(&frame.cells, cell)).unwrap_or(NO_VOLTAGE))
        }
        FramePart::Temperature(sensor) => {
            Value::I16(frame.and_then(|frame| nth(&frame.temperatures, sensor)).unwrap_or(NO_TEMPERATURE))
        }
        FramePart::Hardware(place) => {
            Value::I16(frame.and_then(|frame| nth(&frame.hardware, place)).unwrap_or(NO_TEMPERATURE))
        }
    }
}

/// A part of the blackbox, its point `age` before the last, as the dictionary has it.
pub(super) fn blackbox_part(blackbox: &Blackbox, age: u8, part: BlackboxPart) -> Value {
    let point = blackbox.point(age);
    let Stamp { boot, uptime } = blackbox.frozen().unwrap_or_default();
    match part {
        BlackboxPart::Which => Value::U8(age),
        BlackboxPart::Frozen => Value::U8(u8::from(blackbox.frozen().is_some())),
        BlackboxPart::Start => Value::U32(boot),
        BlackboxPart::Uptime => Value::U32(uptime),
        BlackboxPart::Highest => Value::U16(point.map_or(NO_VOLTAGE, |point| point.highest)),
        BlackboxPart::Lowest => Value::U16(point.map_or(NO_VOLTAGE, |point| point.lowest)),
        BlackboxPart::Current => Value::I16(point.map_or(NO_NUMBER, |point| point.current)),
        BlackboxPart::Hottest => Value::I16(point.map_or(NO_TEMPERATURE, |point| point.hottest)),
        BlackboxPart::Coldest => Value::I16(point.map_or(NO_TEMPERATURE, |point| point.coldest)),
        BlackboxPart::ChargeLimit => Value::U16(point.map_or(NO_AMOUNT, |point| point.charge_limit)),
        BlackboxPart::DischargeLimit => Value::U16(point.map_or(NO_AMOUNT, |point| point.discharge_limit)),
        BlackboxPart::State => Value::U8(point.map_or(NO_STATE, |point| point.state.code())),
    }
}

/// A part of the counters of a life, as the dictionary has it.
pub(super) fn lifetime_part(life: &Lifetime, part: LifetimePart) -> Value {
    let seen = |extreme: DeciCelsius, none| {
        Value::I16(scale::temperature(Some(extreme).filter(|extreme| *extreme != none)))
    };
    match part {
        LifetimePart::Charged => Value::U32(life.charged_wh()),
        LifetimePart::Discharged => Value::U32(life.discharged_wh()),
        LifetimePart::Throughput => Value::U32(life.throughput_deci_ah()),
        LifetimePart::OnBus => Value::U32(life.hours_on_bus()),
        LifetimePart::Band(band) => Value::U32(life.hours_in_band(usize::from(band.saturating_sub(1)))),
        LifetimePart::Wakes => Value::U32(life.starts),
        LifetimePart::Highest => extreme_cell(life.highest),
        LifetimePart::Lowest => extreme_cell(life.lowest),
        LifetimePart::Hottest => seen(life.hottest, Lifetime::NEW.hottest),
        LifetimePart::Coldest => seen(life.coldest, Lifetime::NEW.coldest),
        LifetimePart::ChargeCurrent => Value::I16(scale::ten_milliamps(life.charge_current)),
        LifetimePart::DischargeCurrent => Value::I16(scale::ten_milliamps(life.discharge_current)),
        LifetimePart::Closings => Value::U32(life.closings),
        LifetimePart::Writes => Value::U32(life.writes),
        LifetimePart::Times(bit) => {
            let condition = Condition::all().find(|condition| condition.bit() == u32::from(bit));
            Value::U16(condition.map_or(0, |condition| life.times(condition)))
        }
    }
}

fn extreme_cell(voltage: MilliVolts) -> Value {
    Value::U16(scale::cell(Some(voltage).filter(|voltage| voltage.0 > 0)))
}

fn nth<Q: Copy>(values: &[Q], number: u8) -> Option<Q> {
    values.get(usize::from(number).checked_sub(1)?).copied()
}
