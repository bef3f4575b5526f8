//! The unit's fields as its object dictionary shows them: read where they live, nothing stored.

use voltower_core::Watts;
use voltower_protocols::canopen::{Abort, Value};
use voltower_protocols::link::{BduField, Levelling, LimitPart, ModuleNode, scale};

use super::{BduController, FillSource};
use crate::io::Settings;
use crate::link::{Objects, command_part, limit_part, memory_part, reason_part, self_test_part};

/// The controller without its node, which is busy with the request.
pub(super) struct Fields<'a> {
    pub(super) controller: &'a BduController,
    pub(super) asked: Asked,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    pub(super) update: Option<bool>,
    pub(super) settings: Option<Settings>,
    pub(super) expected: Option<u8>,
    pub(super) full_charge: Option<FillSource>,
    pub(super) clear_lock_outs: bool,
}

/// No path between the wires of the Link.
const OPEN: u32 = u32::MAX;

impl Objects<BduField> for Fields<'_> {
    fn read(&self, field: BduField) -> Value {
        let unit = self.controller;
        let (status, power, panel) = (&unit.face.status, &unit.face.power, &unit.face.panel);
        match field {
            BduField::ProgramControl => Value::U8(u8::from(!unit.face.update)),
            BduField::State => Value::U8(status.state.code()),
            BduField::Soc => Value::U16(status.soc.0),
            BduField::Health => Value::U16(panel.health.0),
            BduField::Conditions => Value::U32(status.conditions.bits()),
            BduField::ModulesOnline => Value::U8(status.modules_online),
            BduField::ModulesExpected => Value::U8(unit.expected),
            BduField::Panel => Value::U16(panel.pattern.to_bits()),
            BduField::Indicated => Value::U8(panel.indicated.map_or(0xFF, |condition| condition.bit() as u8)),
            BduField::Flags => Value::U8(panel.flags()),
            BduField::Diagnosis => Value::U8(panel.diagnosis.code()),
            BduField::DiagnosisElement => Value::U8(panel.diagnosis.element),
            BduField::SocEstimate => Value::U16(unit.face.estimate.soc.0),
            BduField::SocLow => Value::U16(unit.face.estimate.soc_low.0),
            BduField::SocHigh => Value::U16(unit.face.estimate.soc_high.0),
            BduField::FullCharge => Value::U8(unit.face.estimate.full_charge as u8),
            BduField::Levelling => Value::U8(Levelling::code(unit.face.estimate.levelling)),
            BduField::Levelled => Value::U32(unit.levelling.booked().watt_hours()[0]),
            BduField::LevellingLost => Value::U32(unit.levelling.booked().watt_hours()[1]),
            BduField::GridFullCharge => Value::U8(unit.settings.full_charge as u8),
            BduField::BeforeFuse => Value::I16(scale::deci_volts(power.before_fuse)),
            BduField::AfterFuse => Value::I16(scale::deci_volts(power.after_fuse)),
            BduField::Outside => Value::I16(scale::deci_volts(power.outside)),
            BduField::Current => Value::I16(scale::ten_milliamps(power.current)),
            BduField::Limit(part) => self.limit(part),
            BduField::Reason(part) => reason_part(&unit.face.bounds.reasons(), part),
            BduField::SetPoint => Value::I32(unit.face.set_point.0),
            BduField::Found(module) => Value::U32(unit.conditions.found(module).bits()),
            BduField::AddressOf(module) => Value::U32(self.serial(module)),
            BduField::LinkResistance => Value::U32(unit.link_watch.resistance().map_or(OPEN, |ohms| ohms.0)),
            BduField::Findings => Value::U64(unit.conditions.findings().bits()),
            BduField::EventCount => Value::U32(unit.events.ever()),
            BduField::Event(place) => Value::U64(unit.events.bits(place)),
            BduField::SelfTest(part) => self_test_part(&unit.self_tests, part),
            BduField::ChargeLimit => Value::U16(scale::watts(unit.settings.power.charge_power)),
            BduField::DischargeLimit => Value::U16(scale::watts(unit.settings.power.discharge_power)),
            BduField::Label => Value::Text(unit.settings.power.label),
            BduField::ClearLockOuts => Value::U8(0),
            BduField::Memory(part) => memory_part(unit.kept.keeping(), part),
            BduField::Command(module, part) => {
                let command = ModuleNode::new(module).and_then(|node| unit.commands.get(node.index()));
                command_part(command.and_then(Option::as_ref), part)
            }
        }
    }

    fn write(&mut self, field: BduField, value: Value) -> Result<(), Abort> {
        let unit = self.controller;
        let in_service = unit.is_in_service();
        match (field, value) {
            (BduField::ProgramControl, Value::U8(program)) => self.asked.update = Some(program == 0),
            (BduField::ModulesExpected, Value::U8(count)) if count >= unit.expected || in_service => {
                self.asked.expected = Some(count);
            }
            // No limit follows it: it may be set at any time.
            (BduField::GridFullCharge, Value::U8(allowed)) => {
                self.asked.full_charge = Some(if allowed == 0 { FillSource::Sun } else { FillSource::Grid });
            }
            (BduField::ClearLockOuts, _) if in_service => self.asked.clear_lock_outs = true,
            (BduField::ModulesExpected | BduField::ClearLockOuts, _) => return Err(Abort::DeviceState),
            (BduField::ChargeLimit | BduField::DischargeLimit | BduField::Label, _) => {
                let before = unit.settings.power;
                let new = changed(before, field, value);
                new.may_follow(&before, in_service)?;
                self.asked.settings = Some(new);
            }
            (_, _) => return Err(Abort::ReadOnly),
        }
        Ok(())
    }
}

impl Fields<'_> {
    fn limit(&self, part: LimitPart) -> Value {
        let limits = self.controller.face.limits();
        limit_part(limits.charge, limits.discharge, part)
    }

    fn serial(&self, module: u8) -> u32 {
        let node = ModuleNode::new(module);
        node.and_then(|node| self.controller.addressing.serial(node)).unwrap_or(0)
    }
}

fn changed(settings: Settings, field: BduField, value: Value) -> Settings {
    match (field, value) {
        (BduField::ChargeLimit, Value::U16(watts)) => {
            Settings { charge_power: Watts(i32::from(watts)), ..settings }
        }
        (BduField::DischargeLimit, Value::U16(watts)) => {
            Settings { discharge_power: Watts(i32::from(watts)), ..settings }
        }
        (BduField::Label, Value::Text(label)) => Settings { label, ..settings },
        (_, _) => settings,
    }
}
