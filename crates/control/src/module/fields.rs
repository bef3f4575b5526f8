//! The module's fields as its object dictionary shows them: read where they live, nothing stored.

use voltower_core::{DeciCelsius, Watts};
use voltower_protocols::canopen::{Abort, Value};

use super::ModuleController;
use crate::link::{ModuleField, Objects};

/// A cell that was not read.
const NO_VOLTAGE: u16 = 0xFFFF;
/// A temperature that was not read.
const NO_TEMPERATURE: i16 = 0x7FFF;

/// The controller without its node, which is busy with the request.
pub(super) struct Fields<'a> {
    pub(super) controller: &'a ModuleController,
    /// What was written to program control.
    pub(super) program_stopped: Option<bool>,
}

impl Objects<ModuleField> for Fields<'_> {
    fn read(&self, field: ModuleField) -> Value {
        let module = self.controller;
        let electrics = &module.electrics;
        let [mos, ambient, heat_sink] = module.readings.hardware();
        match field {
            ModuleField::ProgramControl => Value::U8(u8::from(!module.program_stopped)),
            ModuleField::State => Value::U8(module.mode.state().code()),
            ModuleField::PcuState => Value::U8(module.converter.state().code()),
            ModuleField::Soc => Value::U16(module.counter.shown_soc().0),
            ModuleField::Health => Value::U16(module.counter.health().0),
            ModuleField::Conditions => Value::U32(module.protection.verdict().conditions.bits()),
            ModuleField::Cycles => Value::U16(module.counter.cycles()),
            ModuleField::Remaining => Value::U16(module.counter.remaining().deci_amp_hours()),
            ModuleField::Full => Value::U16(module.counter.capacity().deci_amp_hours()),
            ModuleField::PackVoltage => Value::I32(electrics.pack_voltage.0),
            ModuleField::PackCurrent => Value::I32(electrics.pack_current.0),
            ModuleField::TerminalVoltage => Value::I32(electrics.pcu.terminal_voltage.0),
            ModuleField::BusCurrent => Value::I32(electrics.pcu.bus_current.0),
            ModuleField::CapacitorVoltage => Value::I32(electrics.pcu.capacitor_voltage.0),
            ModuleField::ChargeLimit => watts(module.limits.charge.power),
            ModuleField::DischargeLimit => watts(module.limits.discharge.power),
            ModuleField::ChargeBinding => Value::U8(module.limits.charge.binding.code()),
            ModuleField::DischargeBinding => Value::U8(module.limits.discharge.binding.code()),
            ModuleField::Cell(cell) => Value::U16(self.cell(cell)),
            ModuleField::Temperature(sensor) => temperature(self.sensor(sensor)),
            ModuleField::MosTemperature => temperature(mos),
            ModuleField::AmbientTemperature => temperature(ambient),
            ModuleField::HeatSink => temperature(heat_sink),
            ModuleField::Balancing => Value::U16(module.drive.balancing),
            ModuleField::SetPoint => Value::I32(module.drive.pcu.set_point.0),
        }
    }

    fn write(&mut self, field: ModuleField, value: Value) -> Result<(), Abort> {
        if field != ModuleField::ProgramControl {
            return Err(Abort::ReadOnly);
        }
        match value {
            Value::U8(program @ 0..=1) => self.program_stopped = Some(program == 0),
            _ => return Err(Abort::InvalidValue),
        }
        Ok(())
    }
}

impl Fields<'_> {
    fn cell(&self, number: u8) -> u16 {
        let voltage = nth(&self.controller.readings.cells(), number);
        voltage.map_or(NO_VOLTAGE, |mv| mv.0.clamp(0, i32::from(NO_VOLTAGE) - 1) as u16)
    }

    fn sensor(&self, number: u8) -> Option<DeciCelsius> {
        nth(&self.controller.readings.temperatures(), number)
    }
}

fn nth<Q: Copy, const N: usize>(values: &[Option<Q>; N], number: u8) -> Option<Q> {
    values.get(usize::from(number).checked_sub(1)?).copied().flatten()
}

fn watts(power: Watts) -> Value {
    Value::U16(power.0.clamp(0, i32::from(u16::MAX)) as u16)
}

fn temperature(value: Option<DeciCelsius>) -> Value {
    Value::I16(value.map_or(NO_TEMPERATURE, |t| t.0))
}
