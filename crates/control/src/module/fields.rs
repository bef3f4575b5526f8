//! The module's fields as its object dictionary shows them: read where they live, nothing stored.

use voltower_core::levels::Unit;
use voltower_core::{Duration, MilliAmps, Relation, Threshold, Watts, values};
use voltower_protocols::canopen::{Abort, Value};
use voltower_protocols::link::{BlackboxPart, FramePart, LimitPart, ModuleField, scale};

use super::ModuleController;
use super::history::{frame_part, lifetime_part};
use crate::io::{Refusal, Settings};
use crate::link::{Objects, command_part, limit_part, memory_part, reason_part, self_test_part};

/// The controller without its node, which is busy with the request.
pub(super) struct Fields<'a> {
    pub(super) controller: &'a ModuleController,
    pub(super) asked: Asked,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    pub(super) program_stopped: Option<bool>,
    pub(super) settings: Option<Settings>,
    pub(super) clear_lock_outs: bool,
    /// Which freeze-frame, and which point of the blackbox, is to be shown.
    pub(super) frame: Option<u8>,
    pub(super) point: Option<u8>,
    /// What came of a configuration: the relation that it would break, if any.
    pub(super) refused: Option<Option<Relation>>,
}

impl Objects<ModuleField> for Fields<'_> {
    fn read(&self, field: ModuleField) -> Value {
        let module = self.controller;
        let (status, power, estimate) = (module.status(), module.power(), module.estimate());
        let [mos, ambient, heat_sink] = module.readings.hardware();
        let temperature = |reading| Value::I16(scale::temperature(reading));
        match field {
            ModuleField::ProgramControl => Value::U8(u8::from(!module.program_stopped)),
            ModuleField::States => Value::U8(status.states()),
            ModuleField::State => Value::U8(status.state.code()),
            ModuleField::PcuState => Value::U8(status.pcu.code()),
            ModuleField::Soc => Value::U16(status.soc.0),
            ModuleField::Estimate => Value::U16(estimate.soc.0),
            ModuleField::EstimateLow => Value::U16(estimate.soc_low.0),
            ModuleField::EstimateHigh => Value::U16(estimate.soc_high.0),
            ModuleField::FullChargeWish => Value::U8(estimate.wish.bits()),
            ModuleField::DoubtedCell => Value::U8(estimate.doubted_cell),
            ModuleField::ReadingsAge => milliseconds(module.readings.since_conversion()),
            ModuleField::ConversionGap => milliseconds(module.readings.gap()),
            ModuleField::HeldBack => Value::I16(module.counter.held_back()),
            ModuleField::Health => Value::U16(module.counter.health().0),
            ModuleField::Conditions => Value::U32(status.conditions.bits()),
            // What memory does not hold yet is not set yet.
            ModuleField::LockedOut => {
                let locked = module.protection.verdict().locked;
                Value::U32(locked.minus(module.protection.unwritten()).bits())
            }
            ModuleField::Sequence => Value::U8(status.sequence),
            ModuleField::Cycles => Value::U16(module.counter.cycles()),
            ModuleField::Remaining => Value::U16(module.counter.remaining().deci_amp_hours()),
            ModuleField::Full => Value::U16(module.counter.capacity().deci_amp_hours()),
            ModuleField::PackVoltage => Value::U16(scale::milli_volts(power.pack_voltage)),
            ModuleField::PackCurrent => Value::I16(scale::ten_milliamps(power.pack_current)),
            ModuleField::TerminalVoltage => Value::I16(scale::deci_volts(power.terminal_voltage)),
            ModuleField::BusCurrent => Value::I16(scale::ten_milliamps(power.bus_current)),
            ModuleField::CapacitorVoltage => Value::I32(module.electrics.pcu.capacitor_voltage.0),
            ModuleField::SetPoint => Value::I32(module.drive.pcu.set_point.0),
            ModuleField::Limit(part) => self.limit(part),
            ModuleField::Reason(part) => reason_part(&module.limits.reasons(), part),
            ModuleField::Cell(cell) => Value::U16(scale::cell(nth(&module.readings.cells(), cell))),
            ModuleField::Temperature(sensor) => temperature(nth(&module.readings.temperatures(), sensor)),
            ModuleField::MosTemperature => temperature(mos),
            ModuleField::AmbientTemperature => temperature(ambient),
            ModuleField::HeatSink => temperature(heat_sink),
            ModuleField::Balancing => Value::U16(module.drive.balancing),
            ModuleField::LinkIn => Value::U8(u8::from(module.link_in)),
            ModuleField::LinkOut => Value::U8(u8::from(module.drive.link_out)),
            ModuleField::EventCount => Value::U32(module.events.ever()),
            ModuleField::Event(place) => Value::U64(module.events.bits(place)),
            ModuleField::SelfTest(part) => self_test_part(&module.self_tests, part),
            ModuleField::ChargeLimit => Value::U16(scale::watts(module.settings.charge_power)),
            ModuleField::DischargeLimit => Value::U16(scale::watts(module.settings.discharge_power)),
            ModuleField::Label => Value::Text(module.settings.label),
            ModuleField::ClearLockOuts | ModuleField::Restore => Value::U8(0),
            ModuleField::Command(part) => command_part(module.membership.command(), part),
            ModuleField::Memory(part) => memory_part(module.kept.keeping(), part),
            ModuleField::Frame(part) => frame_part(module.kept.shown_frame(), part),
            ModuleField::Blackbox(part) => module.kept.blackbox_part(part),
            ModuleField::Lifetime(part) => lifetime_part(module.kept.lifetime(), part),
            ModuleField::Findings => Value::U64(module.protection.findings().bits()),
            ModuleField::Level(threshold) => level(threshold, module.settings.levels.number(threshold)),
            ModuleField::Broken => Value::U8(module.broken.map_or(0, Relation::code)),
            ModuleField::Refused => Value::U8(module.refused.map_or(0, Relation::code)),
        }
    }

    fn write(&mut self, field: ModuleField, value: Value) -> Result<(), Abort> {
        let settings = self.controller.settings;
        match (field, value) {
            (ModuleField::ProgramControl, Value::U8(program)) => {
                self.asked.program_stopped = Some(program == 0);
                return Ok(());
            }
            (ModuleField::Frame(FramePart::Which), Value::U8(place)) => self.asked.frame = Some(place),
            (ModuleField::Blackbox(BlackboxPart::Which), Value::U8(age)) => self.asked.point = Some(age),
            (ModuleField::ClearLockOuts, _) if self.is_in_service() => self.asked.clear_lock_outs = true,
            (ModuleField::ChargeLimit | ModuleField::DischargeLimit | ModuleField::Label, _)
            | (ModuleField::Level(_), _) => return Ok(self.configure(changed(settings, field, value))?),
            (ModuleField::Restore, _) if self.is_in_service() => {
                return Ok(self.configure(settings.restored(values::MODULE_POWER))?);
            }
            (ModuleField::ClearLockOuts | ModuleField::Restore, _) => return Err(Abort::DeviceState),
            (_, _) => return Err(Abort::ReadOnly),
        }
        Ok(())
    }

    fn beyond(&mut self, field: ModuleField) {
        if let ModuleField::Level(threshold) = field {
            self.asked.refused = Some(Some(Relation::Within(threshold)));
        }
    }
}

fn milliseconds(time: Duration) -> Value {
    Value::U16(u16::try_from(time.0 / 1000).unwrap_or(u16::MAX))
}

/// A level as the dictionary has it.
fn level(threshold: Threshold, number: i32) -> Value {
    match threshold.unit() {
        Unit::MilliVolts => Value::U16(number.clamp(0, u16::MAX.into()) as u16),
        Unit::MilliAmps => Value::I16(scale::ten_milliamps(MilliAmps(number))),
        Unit::DeciCelsius => Value::I16(number.clamp(i16::MIN.into(), i16::MAX.into()) as i16),
    }
}

fn changed(settings: Settings, field: ModuleField, value: Value) -> Settings {
    match (field, value) {
        (ModuleField::ChargeLimit, Value::U16(watts)) => {
            Settings { charge_power: Watts(i32::from(watts)), ..settings }
        }
        (ModuleField::DischargeLimit, Value::U16(watts)) => {
            Settings { discharge_power: Watts(i32::from(watts)), ..settings }
        }
        (ModuleField::Label, Value::Text(label)) => Settings { label, ..settings },
        (ModuleField::Level(threshold), value) => {
            let per = match threshold.unit() {
                Unit::MilliVolts | Unit::DeciCelsius => 1,
                Unit::MilliAmps => 10,
            };
            let number = value.number().and_then(|number| i32::try_from(number).ok()).unwrap_or(i32::MAX);
            Settings { levels: settings.levels.with(threshold, number.saturating_mul(per)), ..settings }
        }
        (_, _) => settings,
    }
}

impl Fields<'_> {
    /// Takes a configuration if it may follow the one that is set.
    fn configure(&mut self, new: Settings) -> Result<(), Refusal> {
        let taken = new.may_follow(&self.controller.settings, self.is_in_service());
        self.asked.refused = Some(match taken {
            Err(Refusal::Breaks(relation)) => Some(relation),
            Err(Refusal::NeedsPerson) | Ok(()) => None,
        });
        self.asked.settings = taken.is_ok().then_some(new);
        taken
    }

    /// A person stands at the tower, and nothing flows.
    fn is_in_service(&self) -> bool {
        let MilliAmps(current) = self.controller.electrics.pack_current;
        let said = self.controller.membership.command().is_some_and(|command| command.service);
        said && current.abs() <= values::ZERO_POWER_CURRENT.0
    }

    fn limit(&self, part: LimitPart) -> Value {
        let limits = self.controller.limits;
        limit_part(limits.charge.on_wire(), limits.discharge.on_wire(), part)
    }
}

fn nth<Q: Copy, const N: usize>(values: &[Option<Q>; N], number: u8) -> Option<Q> {
    values.get(usize::from(number).checked_sub(1)?).copied().flatten()
}
