//! Freeze-frames: everything that was measured when a fault came.

use voltower_core::{Condition, ConditionSet, ModuleState, PcuState};
pub use voltower_protocols::link::dictionary::FRAMES;
use voltower_protocols::link::scale::{NO_TEMPERATURE, NO_VOLTAGE};

use super::bytes::{Damage, PartBytes, Reader, Writer};
use crate::io::{CELL_SENSORS, CELLS};

/// When something was, by the device's own clock; it knows no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp {
    /// In which start of the device.
    pub boot: u32,
    /// Seconds since that start.
    pub uptime: u32,
}

/// What a module saw when a fault came. Numbers are those of the wire: 0xFFFF and 0x7FFF for what was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FreezeFrame {
    /// Frames there ever were, this one included.
    pub number: u32,
    /// When.
    pub stamp: Stamp,
    /// The fault that came.
    pub condition: Condition,
    /// Cell or sensor, from 1; 0 for none.
    pub element: u8,
    /// All that was wrong.
    pub conditions: ConditionSet,
    /// State of the module.
    pub state: ModuleState,
    /// State of its converter.
    pub converter: PcuState,
    /// State of charge, 0.1 %.
    pub soc: u16,
    /// Cell voltages, mV.
    pub cells: [u16; CELLS],
    /// Cell temperatures, 0.1 degC.
    pub temperatures: [i16; CELL_SENSORS],
    /// Temperatures of MOSFETs, surroundings and heat sink, 0.1 degC.
    pub hardware: [i16; 3],
    /// Pack voltage, mV.
    pub pack_voltage: u16,
    /// Pack current, 10 mA, positive while charging.
    pub pack_current: i16,
    /// Voltage at the terminals, 0.1 V.
    pub terminal_voltage: i16,
    /// Current at the bus, 10 mA, positive while charging.
    pub bus_current: i16,
}

const LAYOUT: u8 = 1;

impl FreezeFrame {
    /// As memory keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> PartBytes {
        let mut writer = Writer::new(LAYOUT);
        writer.u32(self.number);
        writer.u32(self.stamp.boot);
        writer.u32(self.stamp.uptime);
        writer.u8(self.condition.bit() as u8);
        writer.u8(self.element);
        writer.u32(self.conditions.bits());
        writer.u8(self.state.code());
        writer.u8(self.converter.code());
        writer.u16(self.soc);
        self.cells.iter().for_each(|cell| writer.u16(*cell));
        self.temperatures.iter().chain(&self.hardware).for_each(|reading| writer.i16(*reading));
        writer.u16(self.pack_voltage);
        for value in [self.pack_current, self.terminal_voltage, self.bus_current] {
            writer.i16(value);
        }
        writer.finish()
    }

    /// From what memory has kept.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes, LAYOUT)?;
        let mut frame = Self {
            number: reader.u32()?,
            stamp: Stamp { boot: reader.u32()?, uptime: reader.u32()? },
            condition: condition(reader.u8()?)?,
            element: reader.u8()?,
            conditions: ConditionSet::from_bits(reader.u32()?),
            state: ModuleState::from_code(reader.u8()?).ok_or(Damage::Range)?,
            converter: PcuState::from_code(reader.u8()?).ok_or(Damage::Range)?,
            soc: reader.u16()?,
            cells: [NO_VOLTAGE; CELLS],
            temperatures: [NO_TEMPERATURE; CELL_SENSORS],
            hardware: [NO_TEMPERATURE; 3],
            pack_voltage: 0,
            pack_current: 0,
            terminal_voltage: 0,
            bus_current: 0,
        };
        for cell in &mut frame.cells {
            *cell = reader.u16()?;
        }
        for reading in frame.temperatures.iter_mut().chain(&mut frame.hardware) {
            *reading = reader.i16()?;
        }
        frame.pack_voltage = reader.u16()?;
        frame.pack_current = reader.i16()?;
        frame.terminal_voltage = reader.i16()?;
        frame.bus_current = reader.i16()?;
        reader.finish()?;
        Ok(frame)
    }

    /// Which of the [`FRAMES`] places of memory it takes: the newest overwrites the oldest.
    #[must_use]
    pub const fn place(&self) -> u8 {
        (self.number % FRAMES as u32) as u8
    }
}

fn condition(bit: u8) -> Result<Condition, Damage> {
    Condition::all().find(|condition| condition.bit() == u32::from(bit)).ok_or(Damage::Range)
}

/// The newest frames, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Frames {
    frames: [Option<FreezeFrame>; FRAMES],
}

impl Frames {
    /// Puts `frame` where its number belongs; the oldest goes.
    pub fn put(&mut self, frame: FreezeFrame) {
        let newer = |kept: &Option<FreezeFrame>| kept.is_some_and(|kept| kept.number >= frame.number);
        let place = self.frames.iter().take_while(|kept| newer(kept)).count();
        let mut moving = Some(frame);
        for kept in self.frames.iter_mut().skip(place) {
            core::mem::swap(kept, &mut moving);
        }
    }

    /// The newest but `place`, from 0.
    #[must_use]
    pub fn get(&self, place: u8) -> Option<&FreezeFrame> {
        self.frames.get(usize::from(place))?.as_ref()
    }

    /// Number of the newest, 0 if there is none: so many there ever were.
    #[must_use]
    pub fn ever(&self) -> u32 {
        self.get(0).map_or(0, |newest| newest.number)
    }
}
