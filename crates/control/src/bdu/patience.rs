//! How long a tower sleeps before it looks again: longer, the more often it has woken for nothing.

use voltower_core::Duration;
use voltower_core::values::{
    SLEEP_CALL_LONG, SLEEP_CALL_PERIOD, SLEEP_CALL_SHORT, SLEEP_CALLS_LONG, SLEEP_CALLS_SHORT,
    SLEEP_PROBE_FIRST, SLEEP_PROBE_LONG, SLEEP_PROBE_PERIOD, SLEEP_PROBES,
};

use super::sequence::Rest;

const _: () =
    assert!(SLEEP_PROBE_FIRST.0 < SLEEP_PROBE_PERIOD.0 && SLEEP_PROBE_PERIOD.0 < SLEEP_PROBE_LONG.0);
const _: () = assert!(SLEEP_CALLS_SHORT.0 < SLEEP_CALLS_LONG.0 && SLEEP_CALLS_LONG.0 < u8::MAX as u32);

/// How often the tower has looked for nothing since it last ran, or was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Patience {
    /// Its modules were awake.
    woken: u8,
    /// It looked at all, and be it that it only listened.
    looked: u8,
    /// An inverter that had been silent has woken it.
    called: u8,
    /// A fault keeps it off the bus: it holds none for an inverter.
    faulted: bool,
}

impl Patience {
    /// It falls asleep, modules and all.
    pub const fn fell_asleep(&mut self) {
        self.woken = self.woken.saturating_add(1);
        self.listened();
    }

    /// It has listened for nothing.
    pub const fn listened(&mut self) {
        self.looked = self.looked.saturating_add(1);
    }

    /// An inverter that had been silent wakes it.
    pub const fn was_called(&mut self) {
        self.called = self.called.saturating_add(1);
    }

    /// It runs, or is charged.
    pub const fn succeeded(&mut self) {
        *self = Self { woken: 0, looked: 0, called: 0, faulted: false };
    }

    /// It sleeps because a fault stays.
    pub const fn gave_up(&mut self) {
        self.faulted = true;
    }

    /// It has slept since it last ran, or was charged.
    #[must_use]
    pub const fn has_slept(self) -> bool {
        self.woken > 0
    }

    /// How long it rests, if it falls asleep now; `is_worth` says that a look each hour is: it may hold the bus for an
    /// inverter then, or an inverter lives from its roof.
    #[must_use]
    pub fn rest(self, is_worth: bool) -> Rest {
        Rest {
            call: self.until_call(),
            probe: if is_worth && !self.faulted { SLEEP_PROBE_PERIOD } else { self.until_probe() },
        }
    }

    fn until_call(self) -> Duration {
        match u32::from(self.called) {
            tries if tries < SLEEP_CALLS_SHORT.0 => SLEEP_CALL_SHORT,
            tries if tries < SLEEP_CALLS_LONG.0 => SLEEP_CALL_PERIOD,
            _ => SLEEP_CALL_LONG,
        }
    }

    /// Doubles up to its usual length; after a day of that it is long.
    fn until_probe(self) -> Duration {
        let doubled = Duration(SLEEP_PROBE_FIRST.0 << self.looked.min(SLEEP_DOUBLINGS));
        if u32::from(self.looked) < SLEEP_PROBES.0 {
            doubled.min(SLEEP_PROBE_PERIOD)
        } else {
            SLEEP_PROBE_LONG
        }
    }
}

/// No rest is doubled more often.
const SLEEP_DOUBLINGS: u8 = 8;
