//! Limits, commands and self tests as the dictionaries of both devices show them.

use voltower_core::Reasons;
use voltower_protocols::canopen::Value;
use voltower_protocols::link::{
    CommandPart, Limit, LimitPart, MemoryPart, ModuleCommand, ReasonPart, SelfTestPart, Way, scale,
};

use crate::keep::{Keeping, Part};
use crate::selftest::Watch;

/// A part of two limits, as the dictionary has it.
pub(crate) fn limit_part(charge: Limit, discharge: Limit, part: LimitPart) -> Value {
    match part {
        LimitPart::Charge => Value::U16(scale::watts(charge.power)),
        LimitPart::Discharge => Value::U16(scale::watts(discharge.power)),
        LimitPart::ChargeBinding => Value::U8(charge.binding.code()),
        LimitPart::DischargeBinding => Value::U8(discharge.binding.code()),
        LimitPart::ChargeElement => Value::U8(charge.element),
        LimitPart::DischargeElement => Value::U8(discharge.element),
    }
}

/// A part of the reasons of two limits, as the dictionary has it.
pub(crate) fn reason_part(reasons: &Reasons, part: ReasonPart) -> Value {
    let of = |way| match way {
        Way::Charge => &reasons.charge,
        Way::Discharge => &reasons.discharge,
    };
    match part {
        ReasonPart::Causes(way) => Value::U16(of(way).causes.bits()),
        ReasonPart::Value(way) => Value::I16(scale::maybe(of(way).value)),
        ReasonPart::Level(way) => Value::I16(scale::maybe(of(way).level)),
        ReasonPart::Relief(way) => Value::U16(of(way).relief.code()),
    }
}

/// A part of what the self tests have come to, as the dictionary has it.
pub(crate) fn self_test_part(watch: &Watch, part: SelfTestPart) -> Value {
    let [memory, image] = watch.ages();
    match part {
        SelfTestPart::Wrong => Value::U8(watch.wrong().bits()),
        SelfTestPart::MemoryAge => Value::U16(memory),
        SelfTestPart::ImageAge => Value::U16(image),
    }
}

/// A part of a device's memory and starts, as the dictionary has it.
pub(crate) fn memory_part(keeping: &Keeping, part: MemoryPart) -> Value {
    let (memory, boot) = (keeping.memory(), keeping.boot());
    match part {
        MemoryPart::Wrong => {
            let lost = |part| keeping.damaged().contains(part);
            let wrong = [
                boot.is_storm(),
                lost(Part::Settings),
                lost(Part::Safety),
                memory.is_overdue(),
                memory.has_failed(),
            ];
            Value::U8(wrong.into_iter().fold(0, |bits, wrong| bits << 1 | u8::from(wrong)))
        }
        MemoryPart::Starts => Value::U32(boot.number),
        MemoryPart::Cause => Value::U8(boot.cause.code()),
        MemoryPart::Resets => Value::U8(boot.resets),
    }
}

/// A part of a command, as the dictionary has it; zeros if there is none.
pub(crate) fn command_part(command: Option<&ModuleCommand>, part: CommandPart) -> Value {
    let number = |read: fn(&ModuleCommand) -> u16| command.map_or(0, read);
    match part {
        CommandPart::Request => Value::U8(command.map_or(0, ModuleCommand::request_byte)),
        CommandPart::SetPoint => {
            Value::I16(command.map_or(0, |command| scale::deci_volts(command.set_point)))
        }
        CommandPart::Charge => Value::U16(number(|command| scale::watts(command.charge_power))),
        CommandPart::Discharge => Value::U16(number(|command| scale::watts(command.discharge_power))),
        CommandPart::Weight => Value::U8(command.map_or(0, |command| command.weight.half_percents())),
    }
}
