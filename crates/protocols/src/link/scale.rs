//! Quantities as the integers that the Link carries: rounded to the nearest, and clamped to their range.

use voltower_core::{DeciCelsius, MilliAmps, MilliVolts, Watts};

/// A voltage that was not read.
pub const NO_VOLTAGE: u16 = 0xFFFF;
/// A temperature that was not read.
pub const NO_TEMPERATURE: i16 = 0x7FFF;
/// No number.
pub const NO_NUMBER: i16 = 0x7FFF;
/// No number that has no sign: a charge, a limit.
pub const NO_AMOUNT: u16 = 0xFFFF;

/// `value / scale`, rounded to the nearest, away from zero at the half, clamped to i16.
fn scaled<const SCALE: i32>(value: i32) -> i16 {
    let half = if value < 0 { -(SCALE / 2) } else { SCALE / 2 };
    (value.saturating_add(half) / SCALE).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

/// In 0.1 V.
#[must_use]
pub fn deci_volts(voltage: MilliVolts) -> i16 {
    scaled::<100>(voltage.0)
}

/// In 10 mA.
#[must_use]
pub fn ten_milliamps(current: MilliAmps) -> i16 {
    scaled::<10>(current.0)
}

/// In mV, 0 to 65 535.
#[must_use]
pub fn milli_volts(voltage: MilliVolts) -> u16 {
    voltage.0.clamp(0, 0xFFFF) as u16
}

/// In mV; [`NO_VOLTAGE`] for a cell that was not read.
#[must_use]
pub fn cell(voltage: Option<MilliVolts>) -> u16 {
    voltage.map_or(NO_VOLTAGE, |v| v.0.clamp(0, i32::from(NO_VOLTAGE) - 1) as u16)
}

/// In 0.1 degC; [`NO_TEMPERATURE`] for a sensor that was not read.
#[must_use]
pub fn temperature(value: Option<DeciCelsius>) -> i16 {
    value.map_or(NO_TEMPERATURE, |t| t.0.min(NO_TEMPERATURE - 1))
}

/// In W, 0 to 65 535.
#[must_use]
pub fn watts(power: Watts) -> u16 {
    power.0.clamp(0, 0xFFFF) as u16
}

/// As it stands; [`NO_NUMBER`] for none.
#[must_use]
pub fn maybe(number: Option<i16>) -> i16 {
    number.map_or(NO_NUMBER, |number| number.min(NO_NUMBER - 1))
}
