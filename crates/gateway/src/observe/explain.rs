//! Why the limits of a tower are what they are, put together from what the distribution unit and its modules have said.

use std::iter;

use voltower_core::{
    Alarm, Binding, Bindings, Condition, DeciCelsius, Fault, MilliVolts, ModuleState, PerMille, Reason,
    Relief, Watts, values,
};
use voltower_protocols::link::{Limit, Way};

use super::heard::Heard;
use super::module::ModuleObservation;
use super::tower::TowerObservation;

/// A number of a reason, with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Of a cell, or of the bus.
    Voltage(MilliVolts),
    /// Of a sensor.
    Temperature(DeciCelsius),
    /// State of charge.
    Share(PerMille),
    /// A power.
    Power(Watts),
    /// A time, in seconds.
    Seconds(u16),
    /// An alarm or a fault.
    Condition(Condition),
    /// What a lost reading is about.
    Reading(Binding),
}

/// One thing that binds a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The module that it is about, from 1; `None`: the tower as a whole.
    pub module: Option<u8>,
    /// The limit that it leaves: of the module, or of the tower.
    pub power: Watts,
    /// What it is.
    pub binding: Binding,
    /// Cell or sensor, from 1; 0 for none.
    pub element: u8,
    /// Where the quantity stands.
    pub value: Option<Quantity>,
    /// Where it must go.
    pub level: Option<Quantity>,
    /// When the limit can rise; `None` if nobody has said so.
    pub relief: Option<Relief>,
    /// What else allows no more than this.
    pub also: Bindings,
}

/// Why a limit of a tower is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Which limit.
    pub way: Way,
    /// How large it is.
    pub power: Watts,
    /// What all modules that belong to the tower are rated for.
    pub rated: Watts,
    /// What binds it, what allows least first; nothing but the rating if it is empty.
    pub causes: Vec<Cause>,
}

impl TowerObservation {
    /// Why one of its limits is what it is; `None` if the tower is silent or has not said.
    #[must_use]
    pub fn explain(&self, way: Way) -> Option<Explanation> {
        let limits = self.limits.as_ref()?.fresh()?;
        let (limit, reason) = match way {
            Way::Charge => (limits.charge, self.charge_reason),
            Way::Discharge => (limits.discharge, self.discharge_reason),
        };
        let reason = reason.and_then(|heard| heard.fresh().copied()).filter(|reason| belongs(reason, limit));
        let modules = self.modules_expected().unwrap_or(0) as i32;
        let rated = Watts(values::MODULE_POWER.0 * modules);
        Some(Explanation { way, power: limit.power, rated, causes: self.causes(way, limit, reason) })
    }

    fn causes(&self, way: Way, limit: Limit, reason: Option<Reason>) -> Vec<Cause> {
        let off = self.left_out(way, limit);
        if limit.binding == Binding::Rating {
            return off;
        }
        let own = cause(None, limit, reason);
        if limit.element == 0 {
            return iter::once(own).chain(off).collect();
        }
        // The unit names the modules, and each of them says its own.
        let bound = reason.and_then(|reason| reason.value).unwrap_or(1 << (limit.element - 1).min(7));
        let of_modules = (1..).zip(&self.modules).filter(|(number, _)| bound & 1 << (number - 1) != 0);
        let mut causes: Vec<Cause> =
            of_modules.filter_map(|(number, module)| module.explain(number, way)).collect();
        if causes.is_empty() {
            causes.push(Cause { module: Some(limit.element), ..own });
        }
        let known: Vec<Option<u8>> = causes.iter().map(|cause| cause.module).collect();
        causes.extend(off.into_iter().filter(|cause| !known.contains(&cause.module)));
        causes.sort_by_key(|cause| (cause.module != Some(limit.element), cause.power));
        let of_tower = reason.map(|reason| reason.causes.iter().filter(|cause| is_of_tower(*cause)));
        let also = of_tower.into_iter().flatten().fold(Bindings::EMPTY, Bindings::with);
        if let Some(first) = causes.first_mut() {
            first.also = first.also.union(also);
        }
        causes
    }

    /// Modules that belong to the tower and give it nothing: no sum of limits says why. Of a tower that is itself off
    /// the bus, only those that something keeps off.
    fn left_out(&self, way: Way, limit: Limit) -> Vec<Cause> {
        let is_on_bus = |module: &ModuleObservation| {
            let status = module.status.as_ref().and_then(Heard::fresh);
            status.is_some_and(|status| status.state == ModuleState::Connected)
        };
        let off = (1..).zip(&self.modules).take(self.modules_expected().unwrap_or(0));
        let causes = off.filter(|(_, module)| !is_on_bus(module)).map(|(number, module)| {
            let none = Limit { power: Watts::ZERO, binding: Binding::NotConnected, element: 0 };
            module.explain(number, way).unwrap_or_else(|| cause(Some(number), none, None))
        });
        causes
            .filter(|cause| limit.binding != Binding::NotConnected || cause.binding == Binding::Condition)
            .collect()
    }
}

impl ModuleObservation {
    /// What binds one of its limits; `number` is the module, from 1. `None` if it is the rating, or nobody knows.
    #[must_use]
    pub fn explain(&self, number: u8, way: Way) -> Option<Cause> {
        let limits = self.limits.as_ref()?.fresh()?;
        let (limit, reason) = match way {
            Way::Charge => (limits.charge, self.charge_reason),
            Way::Discharge => (limits.discharge, self.discharge_reason),
        };
        let reason = reason.and_then(|heard| heard.fresh().copied()).filter(|reason| belongs(reason, limit));
        (limit.binding != Binding::Rating).then(|| cause(Some(number), limit, reason))
    }
}

/// Limit and reason travel in frames of their own: whether they tell of the same.
const fn belongs(reason: &Reason, limit: Limit) -> bool {
    reason.causes.contains(limit.binding)
}

fn cause(module: Option<u8>, limit: Limit, reason: Option<Reason>) -> Cause {
    let number = |number: fn(&Reason) -> Option<i16>| reason.as_ref().and_then(number);
    let value = number(|reason| reason.value).and_then(|value| quantity(limit.binding, value));
    let level = number(|reason| reason.level).and_then(|level| match value {
        Some(Quantity::Condition(condition)) => clears_at(condition, level),
        _ => quantity(limit.binding, level),
    });
    Cause {
        module,
        power: limit.power,
        binding: limit.binding,
        element: if module.is_some() { limit.element } else { 0 },
        value,
        level,
        relief: reason.map(|reason| reason.relief),
        also: reason.map(|reason| reason.causes.without(limit.binding)).unwrap_or_default(),
    }
}

/// The number in the unit of its binding.
fn quantity(binding: Binding, number: i16) -> Option<Quantity> {
    let magnitude = u16::try_from(number).ok();
    match binding {
        Binding::CellVoltageHigh | Binding::CellVoltageLow => {
            Some(Quantity::Voltage(MilliVolts(number.into())))
        }
        Binding::HighTemperature | Binding::LowTemperature | Binding::PcuTemperature | Binding::Ambient => {
            Some(Quantity::Temperature(DeciCelsius(number)))
        }
        Binding::StateOfCharge => magnitude.map(|share| Quantity::Share(PerMille(share))),
        Binding::Configuration | Binding::Recovery => Some(Quantity::Power(Watts(number.into()))),
        Binding::Distribution => Some(Quantity::Voltage(MilliVolts(i32::from(number) * 100))),
        Binding::InverterSilent => magnitude.map(Quantity::Seconds),
        Binding::Reading => {
            let code = u8::try_from(number).ok()?;
            Binding::from_code(code).map(Quantity::Reading)
        }
        Binding::Condition => Condition::all()
            .find(|condition| i64::from(condition.bit()) == i64::from(number))
            .map(Quantity::Condition),
        Binding::Rating | Binding::NotConnected => None,
    }
}

/// Where a condition clears, in the unit of what it is about.
fn clears_at(condition: Condition, number: i16) -> Option<Quantity> {
    match condition {
        Condition::Alarm(Alarm::OverVoltage | Alarm::UnderVoltage | Alarm::VoltageDifference)
        | Condition::Fault(Fault::OverVoltage | Fault::LowVoltage | Fault::VoltageDifference | Fault::Cell) => {
            Some(Quantity::Voltage(MilliVolts(number.into())))
        }
        Condition::Alarm(
            Alarm::HighTemperature
            | Alarm::LowTemperature
            | Alarm::TemperatureDifference
            | Alarm::AmbientTemperature,
        )
        | Condition::Fault(
            Fault::HighTemperature
            | Fault::LowTemperature
            | Fault::TemperatureDifference
            | Fault::AmbientTemperature,
        ) => Some(Quantity::Temperature(DeciCelsius(number))),
        Condition::Alarm(Alarm::OverCurrent | Alarm::Other)
        | Condition::Fault(
            Fault::OverCurrent
            | Fault::Communication
            | Fault::Sampling
            | Fault::Bms
            | Fault::Pcu
            | Fault::Fuse
            | Fault::Terminal
            | Fault::SoftwareVersion
            | Fault::Other,
        ) => None,
    }
}

/// Only the distribution unit says so.
const fn is_of_tower(binding: Binding) -> bool {
    match binding {
        Binding::Distribution | Binding::InverterSilent => true,
        Binding::Rating
        | Binding::HighTemperature
        | Binding::LowTemperature
        | Binding::CellVoltageHigh
        | Binding::CellVoltageLow
        | Binding::StateOfCharge
        | Binding::PcuTemperature
        | Binding::Reading
        | Binding::Condition
        | Binding::Recovery
        | Binding::NotConnected
        | Binding::Ambient
        | Binding::Configuration => false,
    }
}
