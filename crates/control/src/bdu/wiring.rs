//! What is wrong with the wiring that only the distribution unit can see: fuse, terminals, auxiliary contact.

use voltower_core::values::{
    AUXILIARY_CURRENT, AUXILIARY_TIME, FUSE_DIFFERENCE, FUSE_TIME, TERMINAL_CURRENT, TERMINAL_DIFFERENCE,
    TERMINAL_NEGATIVE, TERMINAL_OPEN_DIFFERENCE,
};
use voltower_core::{Duration, MilliVolts};
use voltower_protocols::link::ModulePower;

use super::debounce::{Debounce, Rule};
use crate::io::BduSample;

const _: () = assert!(TERMINAL_DIFFERENCE.0 < TERMINAL_OPEN_DIFFERENCE.0);

pub(super) const FUSE: Rule = Rule { samples: 3, time: FUSE_TIME, latched: true };
pub(super) const AUXILIARY: Rule = Rule { samples: 2, time: AUXILIARY_TIME, latched: true };

/// Whether a module's terminals contradict the bus (`None`: no bus to compare with).
#[must_use]
pub(super) fn is_bad_contact(power: &ModulePower, bus: Option<MilliVolts>) -> bool {
    if power.terminal_voltage < TERMINAL_NEGATIVE {
        return true;
    }
    let Some(bus) = bus else { return false };
    let difference = (power.terminal_voltage - bus).abs();
    let under_current = power.bus_current.abs() >= TERMINAL_CURRENT && difference > TERMINAL_DIFFERENCE;
    under_current || difference > TERMINAL_OPEN_DIFFERENCE
}

/// Fuse and DC switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Wiring {
    fuse: Debounce,
    auxiliary: Debounce,
}

impl Wiring {
    /// With the fuse as it was kept.
    #[must_use]
    pub const fn with_fuse(open: bool) -> Self {
        let fuse = if open { Debounce::Raised } else { Debounce::Clear };
        Self { fuse, auxiliary: Debounce::Clear }
    }

    /// Takes one sample.
    pub fn step(&mut self, sample: &BduSample, elapsed: Duration) {
        let across_fuse = (sample.before_fuse - sample.after_fuse).abs();
        self.fuse.step(across_fuse > FUSE_DIFFERENCE, elapsed, FUSE);
        if sample.dc_switch_closed {
            self.auxiliary.reset();
        }
        let contradicts = !sample.dc_switch_closed && sample.current.abs() > AUXILIARY_CURRENT;
        self.auxiliary.step(contradicts, elapsed, AUXILIARY);
    }

    /// The fuse is open; stays so until a person has looked.
    #[must_use]
    pub const fn fuse_open(&self) -> bool {
        self.fuse.is_raised()
    }

    /// The auxiliary contact says open although current has flowed; until it says closed.
    #[must_use]
    pub const fn auxiliary_contradicts(&self) -> bool {
        self.auxiliary.is_raised()
    }
}
