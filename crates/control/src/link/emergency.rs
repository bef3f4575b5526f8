//! Emergency messages (CiA 301): a node says at once what has gone wrong, and remembers what it said.

use canopen_rs::emcy::{EmergencyMessage, ErrorRegister};
use voltower_core::{Alarm, Condition, ConditionSet, Fault, Finding};
use voltower_protocols::Frame;
use voltower_protocols::link::dictionary::ERRORS;
use voltower_protocols::link::{EMCY, node_cob_id};

/// Where a condition is, module, and cell or sensor, each from 1, 0 for none; and what is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// Module.
    pub module: u8,
    /// Cell or sensor.
    pub element: u8,
    /// What exactly was found.
    pub finding: Finding,
}

/// Remembers what was said, so that each condition is told once, and its end too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Emergencies {
    told: ConditionSet,
    /// Newest first, as object 0x1003 has them: error code below, condition and module above.
    history: [u32; ERRORS],
    count: u8,
}

impl Emergencies {
    /// Nothing was said.
    #[must_use]
    pub const fn new() -> Self {
        Self { told: ConditionSet::EMPTY, history: [0; ERRORS], count: 0 }
    }

    /// What was said is still so.
    #[must_use]
    pub const fn told(&self) -> ConditionSet {
        self.told
    }

    /// How many errors are remembered.
    #[must_use]
    pub const fn count(&self) -> u8 {
        self.count
    }

    /// The error that was the newest but `place - 1`, from 1; `None` if so many are not remembered.
    #[must_use]
    pub fn error(&self, place: u8) -> Option<u32> {
        let at = usize::from(place.checked_sub(1)?);
        self.history.get(at).copied().filter(|_| place <= self.count)
    }

    /// Forgets the errors that are remembered.
    pub fn forget(&mut self) {
        self.history = [0; ERRORS];
        self.count = 0;
    }

    /// The next message of `node`, if something is new: a condition that has come or gone.
    ///
    /// Bytes 3 to 7 are ours: the condition's bit, module, cell or sensor, the finding if it has come and 0 if it has
    /// gone, and how many conditions there are now.
    pub fn next(
        &mut self,
        node: u8,
        present: ConditionSet,
        place: impl FnOnce(Condition) -> Place,
    ) -> Option<Frame> {
        let changed = ConditionSet::from_bits(present.bits() ^ self.told.bits());
        let condition = changed.iter().next()?;
        let come = present.contains(condition);
        self.told.set(condition, come);
        let Place { module, element, finding } = place(condition);
        let code = if come { error_code(condition) } else { NO_ERROR };
        if come {
            self.remember(u32::from(code) | condition.bit() << 16 | u32::from(module) << 24);
        }
        let register = ErrorRegister(error_register(self.told));
        let found = if come { finding.code() } else { 0 };
        let detail = [condition.bit() as u8, module, element, found, present.len().min(0xFF) as u8];
        let message = EmergencyMessage::new(code, register, detail);
        Some(Frame::full(node_cob_id(EMCY, node), message.encode()))
    }

    fn remember(&mut self, error: u32) {
        self.history.rotate_right(1);
        if let Some(newest) = self.history.first_mut() {
            *newest = error;
        }
        self.count = self.count.saturating_add(1).min(ERRORS as u8);
    }
}

/// Error reset or no error (CiA 301).
const NO_ERROR: u16 = 0x0000;

/// The error register, object 0x1001, that goes with a set of conditions.
#[must_use]
pub fn error_register(conditions: ConditionSet) -> u8 {
    conditions.iter().fold(0, |bits, condition| bits | ErrorRegister::GENERIC | register_bit(condition))
}

/// The emergency error code of CiA 301 that fits best; 0xFFxx is device specific, xx then is the condition's
/// bit.
#[must_use]
pub fn error_code(condition: Condition) -> u16 {
    match condition {
        Condition::Alarm(Alarm::HighTemperature | Alarm::LowTemperature | Alarm::TemperatureDifference)
        | Condition::Fault(Fault::HighTemperature | Fault::LowTemperature | Fault::TemperatureDifference) => {
            0x4200
        }
        Condition::Alarm(Alarm::AmbientTemperature) | Condition::Fault(Fault::AmbientTemperature) => 0x4100,
        Condition::Alarm(Alarm::OverVoltage) | Condition::Fault(Fault::OverVoltage) => 0x3210,
        Condition::Alarm(Alarm::UnderVoltage) | Condition::Fault(Fault::LowVoltage) => 0x3220,
        Condition::Alarm(Alarm::VoltageDifference) | Condition::Fault(Fault::VoltageDifference) => 0x3200,
        Condition::Alarm(Alarm::OverCurrent) | Condition::Fault(Fault::OverCurrent) => 0x2200,
        Condition::Fault(Fault::Communication) => 0x8130,
        Condition::Fault(Fault::SoftwareVersion) => 0x6100,
        Condition::Fault(Fault::Sampling | Fault::Bms | Fault::Pcu | Fault::Fuse) => 0x5000,
        Condition::Fault(Fault::Terminal) => 0x9000,
        Condition::Alarm(Alarm::Other) | Condition::Fault(Fault::Cell | Fault::Other) => {
            0xFF00 | condition.bit() as u16
        }
    }
}

fn register_bit(condition: Condition) -> u8 {
    match error_code(condition) & 0xF000 {
        0x2000 => ErrorRegister::CURRENT,
        0x3000 => ErrorRegister::VOLTAGE,
        0x4000 => ErrorRegister::TEMPERATURE,
        0x8000 => ErrorRegister::COMMUNICATION,
        _ => ErrorRegister::MANUFACTURER,
    }
}
