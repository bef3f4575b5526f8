//! What is wrong with the wiring that only the distribution unit can see: fuse, terminals, auxiliary contact.

use voltower_core::values::{
    AUXILIARY_APART, AUXILIARY_CURRENT, AUXILIARY_MOVED, AUXILIARY_TIME, CONVERTER_LOSS, FUSE_DIFFERENCE,
    FUSE_TIME, TERMINAL_CURRENT, TERMINAL_DIFFERENCE, TERMINAL_NEGATIVE, TERMINAL_OPEN_DIFFERENCE,
};
use voltower_core::{Duration, MilliAmps, MilliVolts, Watts};
use voltower_protocols::link::ModulePower;

use super::debounce::{Debounce, Rule};
use super::own_sensors::{AcrossFuse, OwnSensors};
use crate::io::BduSample;
use crate::share::limits::power as watts;

const _: () = assert!(TERMINAL_DIFFERENCE.0 < TERMINAL_OPEN_DIFFERENCE.0);

pub(super) const FUSE: Rule = Rule { samples: 3, time: FUSE_TIME, latched: true };
pub(super) const AUXILIARY: Rule = Rule { samples: 2, time: AUXILIARY_TIME, latched: true };

/// Where the bus was between two measurements of a module: it moves faster than modules report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BusSpan {
    low: MilliVolts,
    high: MilliVolts,
}

impl BusSpan {
    /// Seen once.
    pub(super) const fn at(bus: MilliVolts) -> Self {
        Self { low: bus, high: bus }
    }

    /// Seen again.
    pub(super) fn with(self, bus: MilliVolts) -> Self {
        Self { low: self.low.min(bus), high: self.high.max(bus) }
    }

    fn width(self) -> MilliVolts {
        self.high - self.low
    }

    fn distance(self, voltage: MilliVolts) -> MilliVolts {
        (self.low - voltage).max(voltage - self.high).max(MilliVolts::ZERO)
    }
}

/// Whether a module's terminals contradict the bus (`None`: no bus to compare with).
#[must_use]
pub(super) fn is_bad_contact(power: &ModulePower, bus: Option<BusSpan>) -> bool {
    if power.terminal_voltage < TERMINAL_NEGATIVE {
        return true;
    }
    let Some(bus) = bus else { return false };
    let difference = bus.distance(power.terminal_voltage);
    let under_current = power.bus_current.abs() >= TERMINAL_CURRENT && difference > TERMINAL_DIFFERENCE;
    under_current || difference > TERMINAL_OPEN_DIFFERENCE
}

/// Whether a module's current at the bus fits that of its pack: what its converter loses is less.
#[must_use]
pub(super) fn fits_its_pack(power: ModulePower) -> bool {
    let at_bus = watts(power.terminal_voltage, power.bus_current);
    let at_pack = watts(power.pack_voltage, power.pack_current);
    let allowed = Watts(CONVERTER_LOSS.0.saturating_add(at_bus.abs().0.max(at_pack.abs().0) / 5));
    (at_bus - at_pack).abs() <= allowed
}

/// Fuse and DC switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Wiring {
    fuse: Debounce,
    auxiliary: Debounce,
    /// Where both sides of a DC switch that is said to be open have been together.
    together: Option<BusSpan>,
}

impl Wiring {
    /// With the fuse as it was kept.
    #[must_use]
    pub const fn with_fuse(open: bool) -> Self {
        let fuse = if open { Debounce::Raised } else { Debounce::Clear };
        Self { fuse, auxiliary: Debounce::Clear, together: None }
    }

    /// Takes one sample.
    pub(super) fn step(&mut self, sample: &BduSample, others: &OwnSensors, elapsed: Duration) {
        let across_fuse = others.across_fuse(sample);
        let differ = (sample.before_fuse - sample.after_fuse).abs() > FUSE_DIFFERENCE;
        match across_fuse {
            AcrossFuse::Telling | AcrossFuse::Misread => {
                self.fuse.step(differ && across_fuse == AcrossFuse::Telling, elapsed, FUSE);
            }
            AcrossFuse::Unknown => {}
        }
        let flows = |current: MilliAmps| current.abs() > AUXILIARY_CURRENT;
        self.watch_switch(sample, flows(sample.current) && others.current().is_none_or(flows), elapsed);
    }

    /// A switch that is said to be open is closed if a current flows through it, or if both sides move together.
    fn watch_switch(&mut self, sample: &BduSample, flows: bool, elapsed: Duration) {
        if sample.dc_switch_closed {
            self.auxiliary.reset();
            self.together = None;
            return;
        }
        let near = (sample.after_fuse - sample.outside).abs() <= AUXILIARY_APART;
        let here =
            || self.together.map_or(BusSpan::at(sample.after_fuse), |span| span.with(sample.after_fuse));
        self.together = near.then(here);
        let moved = self.together.is_some_and(|span| span.width() >= AUXILIARY_MOVED);
        self.auxiliary.step(moved || flows, elapsed, AUXILIARY);
    }

    /// The fuse is open; stays so until a person has looked.
    #[must_use]
    pub const fn fuse_open(&self) -> bool {
        self.fuse.is_raised()
    }

    /// The auxiliary contact says open although the switch is closed; until it says closed.
    #[must_use]
    pub const fn auxiliary_contradicts(&self) -> bool {
        self.auxiliary.is_raised()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_that_moves_faster_than_modules_report_is_no_bad_contact() {
        let power = ModulePower {
            terminal_voltage: MilliVolts(380_000),
            bus_current: MilliAmps(5_000),
            pack_voltage: MilliVolts(53_000),
            pack_current: MilliAmps(36_000),
        };
        let at = |volts: i32| BusSpan::at(MilliVolts(volts * 1000));
        assert!(is_bad_contact(&power, Some(at(360))));
        let fell = at(400).with(MilliVolts(390_000)).with(MilliVolts(360_000));
        assert!(!is_bad_contact(&power, Some(fell)), "it was there on its way down");
        assert!(is_bad_contact(&power, Some(at(400).with(MilliVolts(386_000)))), "it has not come so far");
        assert!(!is_bad_contact(&power, None));
    }
}
