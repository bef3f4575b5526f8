//! The parts of a device's state as bytes.

use voltower_core::panel::CellFaultLights;
use voltower_core::values::RECORD_ERROR;
use voltower_core::{Charge, ConditionSet, Levels, PerMille, Threshold, Watts};
use voltower_protocols::canopen::{Bytes, TEXT_MAX};

use super::bytes::{Damage, PartBytes, Reader, Writer};
use crate::bdu::{BduSettings, ContactState, FillSource};
use crate::estimate::resistance::{Contacts, LARGEST_MICRO_OHMS};
use crate::io::{CELLS, MODULES, Settings};
use crate::module::pcu::{Cause, ConverterFaults};
use crate::protect::table::COUNTED;

/// Lock-outs and tries of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SafetyState {
    /// Faults that need a person before the module may run again.
    pub locked_out: ConditionSet,
    /// How often each counted row of the table was raised lately, in the order of the table.
    pub tries: [u8; COUNTED],
    /// Faults of the converter.
    pub converter: ConverterFaults,
    /// No fault has come since a person has looked: the blackbox records.
    pub records: bool,
}

impl SafetyState {
    /// Of a new module.
    pub const NEW: Self = Self {
        locked_out: ConditionSet::EMPTY,
        tries: [0; COUNTED],
        converter: ConverterFaults { faults: 0, permanent: None },
        records: true,
    };
}

const SAFETY: u8 = 1;

impl SafetyState {
    /// As memory keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> PartBytes {
        let mut writer = Writer::new(SAFETY);
        writer.u32(self.locked_out.bits());
        writer.u8(self.converter.faults);
        writer.u8(self.converter.permanent.map_or(0, Cause::code));
        writer.u8(u8::from(self.records));
        writer.u8(COUNTED as u8);
        writer.bytes(&self.tries);
        writer.finish()
    }

    /// From what memory has kept.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes, SAFETY)?;
        let locked_out = conditions(reader.u32()?)?;
        let faults = reader.u8()?;
        let permanent = match reader.u8()? {
            0 => None,
            code => Some(Cause::from_code(code).ok_or(Damage::Range)?),
        };
        let records = reader.truth()?;
        let count = usize::from(reader.u8()?);
        let tries = tries(reader.slice(count)?);
        reader.finish()?;
        Ok(Self { locked_out, tries, converter: ConverterFaults { faults, permanent }, records })
    }
}

/// Software with another table has counted other rows: each of ours then counts as the worst of those.
fn tries(kept: &[u8]) -> [u8; COUNTED] {
    let worst = kept.iter().copied().max().unwrap_or(0);
    kept.try_into().unwrap_or([worst; COUNTED])
}

/// Bits of conditions that there are.
fn conditions(bits: u32) -> Result<ConditionSet, Damage> {
    let set = ConditionSet::from_bits(bits);
    if set.bits() == bits { Ok(set) } else { Err(Damage::Range) }
}

/// Charge and health of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChargeState {
    /// Charge in the pack, by the last count.
    pub charge: Charge,
    /// Full capacity, learned or rated.
    pub capacity: Charge,
    /// State of health.
    pub health: PerMille,
    /// Equivalent full cycles.
    pub cycles: u16,
    /// What is not known of it.
    pub doubt: Doubt,
    /// Contacts that were found to be bad.
    pub contacts: Contacts,
}

/// How far a count that is kept may be off, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Doubt {
    /// There may be so much less.
    pub less: PerMille,
    /// There may be so much more.
    pub more: PerMille,
    /// Whole hours since the last end.
    pub since_end: u16,
    /// Nothing but a voltage has told the charge since its record was lost.
    pub guessed: bool,
}

impl Doubt {
    /// Of a count that is doubted no more than any that was written down.
    pub const NONE: Self = Self { less: RECORD_ERROR, more: RECORD_ERROR, since_end: 0, guessed: false };
}

const CHARGE: u8 = 1;

impl ChargeState {
    /// As memory keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> PartBytes {
        let mut writer = Writer::new(CHARGE);
        writer.u64(self.charge.0.cast_unsigned());
        writer.u64(self.capacity.0.cast_unsigned());
        writer.u16(self.health.0);
        writer.u16(self.cycles);
        writer.u16(self.doubt.less.0);
        writer.u16(self.doubt.more.0);
        writer.u16(self.doubt.since_end);
        writer.u8(u8::from(self.doubt.guessed));
        for ohms in self.contacts.0 {
            writer.u16((ohms / TEN_MICRO_OHMS).max(0).min(u16::MAX.into()) as u16);
        }
        writer.finish()
    }

    /// From what memory has kept; software that kept no doubt had none, and knew of no contact.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes, CHARGE)?;
        let (charge, capacity) = (reader.u64()?.cast_signed(), reader.u64()?.cast_signed());
        let (health, cycles) = (PerMille(reader.u16()?), reader.u16()?);
        let doubt = if reader.is_empty() { Doubt::NONE } else { doubt(&mut reader)? };
        let contacts = if reader.is_empty() { Contacts::NONE } else { contacts(&mut reader)? };
        reader.finish()?;
        let shares = [health, doubt.less, doubt.more];
        if charge < 0 || capacity <= 0 || charge > capacity || shares.iter().any(|s| *s > PerMille::FULL) {
            return Err(Damage::Range);
        }
        Ok(Self { charge: Charge(charge), capacity: Charge(capacity), health, cycles, doubt, contacts })
    }
}

/// A contact is kept in tens of microohms.
const TEN_MICRO_OHMS: i32 = 10;
const _: () = assert!(LARGEST_MICRO_OHMS / TEN_MICRO_OHMS <= u16::MAX as i32);

/// What cannot be is left to be learned anew: the charge beside it is none the worse.
fn contacts(reader: &mut Reader<'_>) -> Result<Contacts, Damage> {
    let mut ohms = [0; CELLS];
    for ohms in &mut ohms {
        *ohms = i32::from(reader.u16()?) * TEN_MICRO_OHMS;
    }
    Ok(Contacts(ohms).plausible())
}

fn doubt(reader: &mut Reader<'_>) -> Result<Doubt, Damage> {
    Ok(Doubt {
        less: PerMille(reader.u16()?),
        more: PerMille(reader.u16()?),
        since_end: reader.u16()?,
        guessed: reader.truth()?,
    })
}

const SETTINGS: u8 = 1;
/// Fields of settings, each with its tag and length: one more is one more tag.
const CHARGE_POWER: u8 = 1;
const DISCHARGE_POWER: u8 = 2;
const LABEL: u8 = 3;
const CELL_FAULT_LIGHTS: u8 = 16;
const EXPECTED: u8 = 17;
const SWITCHED: u8 = 18;
const FULL_CHARGE: u8 = 19;
/// The levels of the protection, each by its code behind this.
const LEVELS: u8 = 64;

/// What a person has set of a module, as memory keeps it.
#[must_use]
pub(super) fn settings_to_bytes(settings: &Settings) -> PartBytes {
    let mut writer = Writer::new(SETTINGS);
    put_settings(&mut writer, settings);
    writer.finish()
}

/// From what memory has kept; a field that was not there when it was written is as in `open`.
///
/// # Errors
/// What is wrong with the bytes: a field that this software does not know may tighten what it would allow.
pub(super) fn settings_from_bytes(bytes: &[u8], open: &Settings) -> Result<Settings, Damage> {
    let mut reader = Reader::new(bytes, SETTINGS)?;
    let mut settings = *open;
    while let Some((tag, value)) = next_field(&mut reader)? {
        set_field(&mut settings, open, tag, value)?;
    }
    Ok(settings)
}

/// Whether a tower is on: what a reset of its BDU must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Switched {
    /// Shut down, by the switch or because its reserve is used.
    #[default]
    Off,
    /// Started by a person. It may sleep.
    On,
    /// And an inverter was heard since, or that person has asked for the bus.
    OnWithInverter,
}

impl Switched {
    const fn code(self) -> u8 {
        match self {
            Self::Off => 0,
            Self::On => 1,
            Self::OnWithInverter => 2,
        }
    }

    const fn from_code(code: u8) -> Result<Self, Damage> {
        match code {
            0 => Ok(Self::Off),
            1 => Ok(Self::On),
            2 => Ok(Self::OnWithInverter),
            _ => Err(Damage::Range),
        }
    }
}

/// What an installer has set of a tower, and whether it is on, as memory keeps it.
#[must_use]
pub(super) fn unit_settings_to_bytes(expected: u8, settings: &BduSettings, switched: Switched) -> PartBytes {
    let mut writer = Writer::new(SETTINGS);
    put_settings(&mut writer, &settings.power);
    put_field(&mut writer, CELL_FAULT_LIGHTS, &[lights_code(settings.cell_fault_lights)]);
    put_field(&mut writer, EXPECTED, &[expected]);
    put_field(&mut writer, SWITCHED, &[switched.code()]);
    put_field(&mut writer, FULL_CHARGE, &[settings.full_charge as u8]);
    writer.finish()
}

/// From what memory has kept: modules commissioned, settings, and whether the tower is on.
///
/// # Errors
/// As [`settings_from_bytes`].
pub(super) fn unit_settings_from_bytes(
    bytes: &[u8],
    open: &BduSettings,
) -> Result<(u8, BduSettings, Switched), Damage> {
    let mut reader = Reader::new(bytes, SETTINGS)?;
    let (mut expected, mut settings, mut switched) = (0, *open, Switched::Off);
    while let Some((tag, value)) = next_field(&mut reader)? {
        match (tag, value) {
            (CELL_FAULT_LIGHTS, &[code]) => settings.cell_fault_lights = lights(code)?,
            (FULL_CHARGE, &[0]) => settings.full_charge = FillSource::Sun,
            (FULL_CHARGE, &[1]) => settings.full_charge = FillSource::Grid,
            (EXPECTED, &[count]) if usize::from(count) <= MODULES => expected = count,
            (SWITCHED, &[code]) => switched = Switched::from_code(code)?,
            (_, _) => set_field(&mut settings.power, &open.power, tag, value)?,
        }
    }
    Ok((expected, settings, switched))
}

fn put_settings(writer: &mut Writer, settings: &Settings) {
    put_field(writer, CHARGE_POWER, &settings.charge_power.0.to_le_bytes());
    put_field(writer, DISCHARGE_POWER, &settings.discharge_power.0.to_le_bytes());
    put_field(writer, LABEL, settings.label.as_bytes());
    for threshold in Threshold::ALL {
        let tag = LEVELS.wrapping_add(threshold.code());
        put_field(writer, tag, &settings.levels.number(*threshold).to_le_bytes());
    }
}

fn put_field(writer: &mut Writer, tag: u8, bytes: &[u8]) {
    writer.u8(tag);
    writer.u8(bytes.len() as u8);
    writer.bytes(bytes);
}

fn next_field<'a>(reader: &mut Reader<'a>) -> Result<Option<(u8, &'a [u8])>, Damage> {
    if reader.is_empty() {
        return Ok(None);
    }
    let (tag, length) = (reader.u8()?, reader.u8()?);
    Ok(Some((tag, reader.slice(usize::from(length))?)))
}

fn set_field(settings: &mut Settings, open: &Settings, tag: u8, value: &[u8]) -> Result<(), Damage> {
    match tag {
        CHARGE_POWER => settings.charge_power = power(value, open.charge_power)?,
        DISCHARGE_POWER => settings.discharge_power = power(value, open.discharge_power)?,
        LABEL if value.len() <= TEXT_MAX => settings.label = Bytes::new(value),
        LEVELS.. => settings.levels = level(settings.levels, tag, value)?,
        _ => return Err(Damage::Range),
    }
    Ok(())
}

/// Whether it breaks a relation is not looked at here: the module says so, and by which.
fn level(levels: Levels, tag: u8, bytes: &[u8]) -> Result<Levels, Damage> {
    let threshold = Threshold::from_code(tag.wrapping_sub(LEVELS)).ok_or(Damage::Range)?;
    let number = i32::from_le_bytes(bytes.try_into().map_err(|_| Damage::Length)?);
    Ok(levels.with(threshold, number))
}

fn power(bytes: &[u8], most: Watts) -> Result<Watts, Damage> {
    let power = i32::from_le_bytes(bytes.try_into().map_err(|_| Damage::Length)?);
    if (0..=most.0).contains(&power) { Ok(Watts(power)) } else { Err(Damage::Range) }
}

const fn lights_code(lights: CellFaultLights) -> u8 {
    match lights {
        CellFaultLights::AsPrinted => 0,
        CellFaultLights::L2L4 => 1,
    }
}

const fn lights(code: u8) -> Result<CellFaultLights, Damage> {
    match code {
        0 => Ok(CellFaultLights::AsPrinted),
        1 => Ok(CellFaultLights::L2L4),
        _ => Err(Damage::Range),
    }
}

/// Lock-outs and tries of a distribution unit, and how many modules it was commissioned with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitSafety {
    /// A test of its own electronics has failed, or its memory.
    pub self_tests: bool,
    /// No module brought the bus up.
    pub soft_start_failed: bool,
    /// The fuse is open.
    pub fuse_open: bool,
    /// Contacts of the modules.
    pub contacts: [ContactState; MODULES],
}

const UNIT: u8 = 1;

impl UnitSafety {
    /// Of a new unit.
    pub const NEW: Self = Self {
        self_tests: false,
        soft_start_failed: false,
        fuse_open: false,
        contacts: [ContactState::NEW; MODULES],
    };

    /// Something waits for a person.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.self_tests
            || self.soft_start_failed
            || self.fuse_open
            || self.contacts.iter().any(ContactState::is_locked)
    }

    /// As memory keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> PartBytes {
        let mut writer = Writer::new(UNIT);
        for locked in [self.self_tests, self.soft_start_failed, self.fuse_open] {
            writer.u8(u8::from(locked));
        }
        for contact in &self.contacts {
            writer.u8(contact.tries);
            writer.u8(u8::from(contact.barred));
        }
        writer.finish()
    }

    /// From what memory has kept.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes, UNIT)?;
        let mut state = Self {
            self_tests: reader.truth()?,
            soft_start_failed: reader.truth()?,
            fuse_open: reader.truth()?,
            ..Self::NEW
        };
        for contact in &mut state.contacts {
            *contact = ContactState { tries: reader.u8()?, barred: reader.truth()? };
            if contact.tries > ContactState::NEW.tries {
                return Err(Damage::Range);
            }
        }
        reader.finish()?;
        Ok(state)
    }
}
