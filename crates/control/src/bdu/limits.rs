//! What the tower may do, and what binds it: its modules, its own wiring, its settings, the inverter, the ladder.

use voltower_core::values::{BLACK_START_POWER, LADDER_LEAVE};
use voltower_core::{Binding, Duration, Reason, Relief, Watts};

use super::{BduController, Inverter, Rung};
use crate::bound::{BoundLimit, Limits};
use crate::io::BduSample;
use crate::share::limits::{distribution, sum, with_margin, with_margin_of};

impl BduController {
    /// Limits of a tower that is not on the bus.
    pub(super) fn off_the_bus(&self) -> Limits {
        let relief = if self.waits_for_a_person() { Relief::Person } else { Relief::Change };
        let none = BoundLimit::not_connected(relief);
        Limits { charge: none, discharge: none }
    }

    /// What keeps the tower off the bus until somebody has looked.
    pub(super) fn waits_for_a_person(&self) -> bool {
        self.wiring.fuse_open() || self.soft_start_failed || self.self_tests_locked || self.com.is_conflict()
    }

    /// What the modules on the bus can do together.
    pub(super) fn sums(&self) -> Limits {
        Limits {
            charge: sum(self.modules.limits().map(|(node, limits)| (node, limits.charge))),
            discharge: sum(self.modules.limits().map(|(node, limits)| (node, limits.discharge))),
        }
    }

    /// The same as it is published: one module whose limit moves is enough for the larger margin, whoever else binds.
    pub(super) fn sums_with_margin(&self, sums: Limits) -> Limits {
        let mut less = Limits { charge: with_margin(sums.charge), discharge: with_margin(sums.discharge) };
        for (_, limits) in self.modules.limits() {
            less.charge.power = less.charge.power.min(with_margin_of(sums.charge, limits.charge.binding));
            less.discharge.power =
                less.discharge.power.min(with_margin_of(sums.discharge, limits.discharge.binding));
        }
        less
    }

    /// What the tower may do at this moment, before its slow rise; `told` makes of a bound what is published of it.
    pub(super) fn targets(
        &self,
        sums: Limits,
        sample: &BduSample,
        told: fn(BoundLimit) -> BoundLimit,
    ) -> Limits {
        let bound = |power, reason, binding| told(BoundLimit { power, binding, element: 0, reason });
        let carried = {
            let volts = Some(sample.before_fuse.0 / 100);
            let reason = Reason::of(Binding::Distribution, volts, None, Relief::Change);
            bound(distribution(sample.before_fuse), reason, Binding::Distribution)
        };
        let set = |power: Watts| {
            let reason = Reason::of(Binding::Configuration, Some(power.0), None, Relief::Person);
            bound(power, reason, Binding::Configuration)
        };
        let settings = &self.settings.power;
        let mut charge = sums.charge.least(carried).least(set(settings.charge_power));
        let mut discharge = sums.discharge.least(carried).least(set(settings.discharge_power));
        if !self.inverter.is_alive() {
            let held = if self.black_start.is_active() { BLACK_START_POWER } else { Watts::ZERO };
            let reason = self.silence();
            charge = charge.least(bound(Watts::ZERO, reason, Binding::InverterSilent));
            discharge = discharge.least(bound(held, reason, Binding::InverterSilent));
        }
        if self.ladder.rung() != Rung::Free {
            discharge = discharge.least(bound(Watts::ZERO, self.resting(), Binding::StateOfCharge));
        }
        Limits { charge, discharge }
    }

    /// The inverter is silent; how long the tower waits for it.
    fn silence(&self) -> Reason {
        let waits = match self.inverter {
            Inverter::Quiet { until_silent } => Some(until_silent),
            Inverter::Unheard | Inverter::Alive { .. } | Inverter::Silent => self.black_start.remaining(),
        };
        Reason::of(Binding::InverterSilent, waits.map(seconds), None, Relief::Change)
    }

    /// The ladder lets nothing out until there is more charge.
    fn resting(&self) -> Reason {
        let soc = self.modules.soc().map(|soc| i32::from(soc.0));
        Reason::of(Binding::StateOfCharge, soc, Some(i32::from(LADDER_LEAVE.0)), Relief::Change)
    }
}

fn seconds(time: Duration) -> i32 {
    i32::try_from(time.0.div_ceil(1_000_000)).unwrap_or(i32::MAX)
}
