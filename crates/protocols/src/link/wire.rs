//! Scaling between quantities and the integers on the wire.

use voltower_core::{Condition, DeciCelsius, MilliAmps, MilliVolts, PerMille, Watts};

use super::scale::{self, NO_TEMPERATURE, NO_VOLTAGE};
use super::{Limit, ModuleNode};
use crate::can::{Frame, StandardId};
use voltower_core::Binding;

/// No condition.
const NO_CONDITION: u8 = 0xFF;

/// The standard identifier `base + node`, as CANopen's predefined connection set builds it.
#[must_use]
pub fn node_cob_id(base: u16, node: u8) -> StandardId {
    let raw = base.wrapping_add(u16::from(node)) & 0x7FF;
    StandardId::new(raw).unwrap_or(StandardId::ZERO)
}

/// The module whose frame of kind `base` this is, and its bytes.
pub(super) fn from_module(frame: &Frame, base: u16) -> Option<(ModuleNode, [u8; 8])> {
    let offset = frame.standard_id()?.checked_sub(base)?;
    let node = ModuleNode::new(u8::try_from(offset).ok()?)?;
    Some((node, *frame.eight()?))
}

/// The bytes, if this is the frame `cob_id`.
pub(super) fn from_tower(frame: &Frame, cob_id: u16) -> Option<[u8; 8]> {
    if frame.standard_id()? == cob_id { frame.eight().copied() } else { None }
}

/// The two bytes, if this is the frame `cob_id`.
pub(super) fn from_short_tower(frame: &Frame, cob_id: u16) -> Option<[u8; 2]> {
    if frame.standard_id()? == cob_id { frame.data().try_into().ok() } else { None }
}

pub(super) fn to_short_tower_frame(cob_id: u16, bytes: [u8; 2]) -> Frame {
    Frame::short(node_cob_id(cob_id, 0), bytes)
}

pub(super) fn to_module_frame(base: u16, node: ModuleNode, bytes: [u8; 8]) -> Frame {
    Frame::full(node_cob_id(base, node.number()), bytes)
}

pub(super) fn to_tower_frame(cob_id: u16, bytes: [u8; 8]) -> Frame {
    Frame::full(node_cob_id(cob_id, 0), bytes)
}

pub(super) fn deci_volts(voltage: MilliVolts) -> [u8; 2] {
    scale::deci_volts(voltage).to_le_bytes()
}

pub(super) fn from_deci_volts(bytes: [u8; 2]) -> MilliVolts {
    MilliVolts(i32::from(i16::from_le_bytes(bytes)) * 100)
}

pub(super) fn ten_milliamps(current: MilliAmps) -> [u8; 2] {
    scale::ten_milliamps(current).to_le_bytes()
}

pub(super) fn from_ten_milliamps(bytes: [u8; 2]) -> MilliAmps {
    MilliAmps(i32::from(i16::from_le_bytes(bytes)) * 10)
}

pub(super) fn milli_volts(voltage: MilliVolts) -> [u8; 2] {
    scale::milli_volts(voltage).to_le_bytes()
}

pub(super) fn from_milli_volts(bytes: [u8; 2]) -> MilliVolts {
    MilliVolts(i32::from(u16::from_le_bytes(bytes)))
}

pub(super) fn cell(voltage: Option<MilliVolts>) -> [u8; 2] {
    scale::cell(voltage).to_le_bytes()
}

pub(super) fn from_cell(bytes: [u8; 2]) -> Option<MilliVolts> {
    let raw = u16::from_le_bytes(bytes);
    (raw != NO_VOLTAGE).then_some(MilliVolts(i32::from(raw)))
}

pub(super) fn temperature(value: Option<DeciCelsius>) -> [u8; 2] {
    scale::temperature(value).to_le_bytes()
}

pub(super) fn from_temperature(bytes: [u8; 2]) -> Option<DeciCelsius> {
    let raw = i16::from_le_bytes(bytes);
    (raw != NO_TEMPERATURE).then_some(DeciCelsius(raw))
}

pub(super) fn watts(power: Watts) -> [u8; 2] {
    scale::watts(power).to_le_bytes()
}

pub(super) fn from_watts(bytes: [u8; 2]) -> Watts {
    Watts(i32::from(u16::from_le_bytes(bytes)))
}

pub(super) fn share(value: PerMille) -> [u8; 2] {
    value.0.min(PerMille::FULL.0).to_le_bytes()
}

pub(super) fn from_share(bytes: [u8; 2]) -> Option<PerMille> {
    let raw = u16::from_le_bytes(bytes);
    (raw <= PerMille::FULL.0).then_some(PerMille(raw))
}

pub(super) fn condition(value: Option<Condition>) -> u8 {
    value.map_or(NO_CONDITION, |c| c.bit() as u8)
}

/// `Some(None)` for no condition, `None` for a number that is none.
pub(super) fn from_condition(byte: u8) -> Option<Option<Condition>> {
    if byte == NO_CONDITION {
        return Some(None);
    }
    Condition::all().find(|c| c.bit() == u32::from(byte)).map(Some)
}

/// Charge and discharge limit in the layout that modules and tower share.
pub(super) fn limits(charge: Limit, discharge: Limit) -> [u8; 8] {
    let [c0, c1] = watts(charge.power);
    let [d0, d1] = watts(discharge.power);
    [c0, c1, d0, d1, charge.binding.code(), discharge.binding.code(), charge.element, discharge.element]
}

pub(super) fn from_limits(bytes: [u8; 8]) -> Option<(Limit, Limit)> {
    let [c0, c1, d0, d1, charge_binding, discharge_binding, charge_element, discharge_element] = bytes;
    let limit = |power, binding, element| {
        Some(Limit { power: from_watts(power), binding: Binding::from_code(binding)?, element })
    };
    Some((
        limit([c0, c1], charge_binding, charge_element)?,
        limit([d0, d1], discharge_binding, discharge_element)?,
    ))
}
