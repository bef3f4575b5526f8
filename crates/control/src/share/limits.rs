//! Limits of the tower: what binds them, and that they fall at once and rise slowly.

use voltower_core::values::{
    PUBLISHED_MARGIN, PUBLISHED_MARGIN_POWER, PUBLISHED_MARGIN_RATED, TOWER_CURRENT_MAX, TOWER_LIMIT_RISE,
};
use voltower_core::{Binding, Bindings, Duration, MilliAmps, MilliVolts, PerMille, Reason, Relief, Watts};
use voltower_protocols::link::{Limit, ModuleNode};

use super::NodeSet;
use crate::bound::BoundLimit;

/// No limit beyond the module's own: the largest number that the command carries.
pub const UNCAPPED: Watts = Watts(0xFFFF);

/// What modules can do together, bound by the one that can do least of those that are bound at all.
pub fn sum(limits: impl Iterator<Item = (ModuleNode, Limit)>) -> BoundLimit {
    let mut total: Option<Watts> = None;
    let mut weakest: Option<(ModuleNode, Limit)> = None;
    let mut bound = NodeSet::EMPTY;
    let mut causes = Bindings::EMPTY;
    for (node, limit) in limits {
        total = Some(total.unwrap_or(Watts::ZERO) + limit.power);
        if limit.binding == Binding::Rating {
            continue;
        }
        bound = bound.with(node);
        causes = causes.with(limit.binding);
        if weakest.is_none_or(|(_, other)| limit.power < other.power) {
            weakest = Some((node, limit));
        }
    }
    match (total, weakest) {
        (None, _) => BoundLimit::NOT_CONNECTED,
        (Some(power), None) => BoundLimit::rated(power),
        (Some(power), Some((node, limit))) => {
            let value = Some(i32::from(bound.bits()));
            let reason = Reason { causes, ..Reason::of(limit.binding, value, None, Relief::Module) };
            BoundLimit { power, binding: limit.binding, element: node.number(), reason }
        }
    }
}

/// What is published of a limit: less, because modules that are all at their limits do not hold the bus any more.
///
/// The rating stands still, any other limit may fall before the inverter has followed.
#[must_use]
pub fn with_margin(limit: BoundLimit) -> BoundLimit {
    BoundLimit { power: with_margin_of(limit, limit.binding), ..limit }
}

/// Power that is published of a limit if `binding` is what may move it.
#[must_use]
pub fn with_margin_of(limit: BoundLimit, binding: Binding) -> Watts {
    let (share, power) = match binding {
        Binding::Rating | Binding::Configuration => (PUBLISHED_MARGIN_RATED, Watts::ZERO),
        Binding::HighTemperature
        | Binding::LowTemperature
        | Binding::CellVoltageHigh
        | Binding::CellVoltageLow
        | Binding::StateOfCharge
        | Binding::PcuTemperature
        | Binding::Reading
        | Binding::Condition
        | Binding::Recovery
        | Binding::NotConnected
        | Binding::Distribution
        | Binding::InverterSilent
        | Binding::Ambient => (PUBLISHED_MARGIN, PUBLISHED_MARGIN_POWER),
    };
    let kept = i64::from(limit.power.0.max(0)) * i64::from(PerMille::FULL.0.saturating_sub(share.0)) / 1000;
    Watts((kept as i32).saturating_sub(power.0).max(0))
}

/// What fuse, cable and DC switch carry at this bus voltage.
#[must_use]
pub fn distribution(bus: MilliVolts) -> Watts {
    power(bus, TOWER_CURRENT_MAX)
}

/// Voltage times current, in whole watts, rounded towards zero.
#[must_use]
pub fn power(voltage: MilliVolts, current: MilliAmps) -> Watts {
    let microwatts = i64::from(voltage.0).saturating_mul(i64::from(current.0));
    Watts((microwatts / 1_000_000).clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
}

/// Current that makes `power` at `voltage`, rounded towards zero; none at no voltage.
#[must_use]
pub fn current(power: Watts, voltage: MilliVolts) -> MilliAmps {
    let microwatts = i64::from(power.0).saturating_mul(1_000_000);
    let milliamps = microwatts.checked_div(i64::from(voltage.0.max(0))).unwrap_or(0);
    MilliAmps(milliamps.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
}

/// A module's part of a limit of all of them, in proportion to what it can do.
#[must_use]
pub fn part_of(cap: Watts, own: Watts, all: Watts) -> Watts {
    if cap >= all {
        return UNCAPPED;
    }
    let part = i64::from(cap.0.max(0)) * i64::from(own.0.max(0));
    Watts(part.checked_div(i64::from(all.0)).unwrap_or(0).clamp(0, i64::from(UNCAPPED.0)) as i32)
}

/// A published limit: falls at once, rises by [`TOWER_LIMIT_RISE`] a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ramp {
    milliwatts: i64,
}

impl Ramp {
    /// What is published, `elapsed` after the time before; never above `target`.
    pub fn step(&mut self, target: BoundLimit, elapsed: Duration) -> BoundLimit {
        let aim = i64::from(target.power.0.max(0)).saturating_mul(1000);
        let elapsed_us = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
        let rise = i64::from(TOWER_LIMIT_RISE.0).saturating_mul(elapsed_us) / 1000;
        self.milliwatts = aim.min(self.milliwatts.saturating_add(rise));
        if self.milliwatts < aim { target.rising(self.milliwatts, TOWER_LIMIT_RISE) } else { target }
    }
}
