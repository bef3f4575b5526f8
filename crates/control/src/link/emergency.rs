//! Emergency messages (CiA 301): a node says at once what has gone wrong.

use canopen_rs::emcy::{EmergencyMessage, ErrorRegister};
use voltower_core::{Alarm, Condition, ConditionSet, Fault};
use voltower_protocols::Frame;
use voltower_protocols::link::{EMCY, node_cob_id};

/// Remembers what was said, so that each condition is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Emergencies {
    told: ConditionSet,
}

impl Emergencies {
    /// Nothing was said.
    #[must_use]
    pub const fn new() -> Self {
        Self { told: ConditionSet::EMPTY }
    }

    /// What was said is still so.
    #[must_use]
    pub const fn told(&self) -> ConditionSet {
        self.told
    }

    /// The next message of `node`, if something is new: one condition that has come, or all that have gone at
    /// once.
    ///
    /// Bytes 3 to 7 are ours: the number of the condition (its bit; 0xFF if some have gone), then all present
    /// ones.
    pub fn next(&mut self, node: u8, present: ConditionSet) -> Option<Frame> {
        if present == self.told {
            return None;
        }
        let come = present.bits() & !self.told.bits();
        let (code, bit) = match ConditionSet::from_bits(come).iter().next() {
            Some(condition) => {
                self.told.set(condition, true);
                (error_code(condition), condition.bit() as u8)
            }
            None => {
                self.told = present;
                (0x0000, 0xFF)
            }
        };
        let [c0, c1, c2, c3] = present.bits().to_le_bytes();
        let register = ErrorRegister(error_register(present));
        let message = EmergencyMessage::new(code, register, [bit, c0, c1, c2, c3]);
        Some(Frame::full(node_cob_id(EMCY, node), message.encode()))
    }
}

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
