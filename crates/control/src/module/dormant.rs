//! When a module that is out of service goes to its lowest supply, and for how long.
//!
//! Nobody comes for weeks, and 4.5 W empty a module in a fortnight. So whoever cannot serve says so, and sleeps with
//! its address and its part of the enable line. It wakes when the wake line falls for a moment, when somebody asks it,
//! and now and then to look whether it can serve again.

use voltower_core::{Duration, values};

use crate::io::SamplePeriod;
use crate::keep::Boot;

/// Why a module is out of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A fault or a lock-out keeps it off the bus.
    Fault,
    /// Its lowest cell stays low, and nobody charges it. Whoever forms the bus stays for the charge that may come: when
    /// that has lasted long enough, the unit's low-SOC stages say for all.
    Low,
    /// The distribution unit has no use for it: its contact is barred, or its software differs.
    Dismissed,
}

/// A storm of resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storm {
    /// It has been noticed.
    New,
    /// It has lasted for long.
    Lasting,
}

impl Storm {
    /// Of this start, if there is one.
    pub(super) const fn of(boot: Boot) -> Option<Self> {
        if boot.is_lasting_storm() {
            Some(Self::Lasting)
        } else if boot.is_storm() {
            Some(Self::New)
        } else {
            None
        }
    }
}

/// What it depends on, of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Something keeps it off the bus.
    pub(super) isolated: bool,
    /// Only a person gets it back.
    pub(super) locked: bool,
    /// Resets without a quiet time between them.
    pub(super) storm: Option<Storm>,
    /// Lowest cell, mV; none if it is not known.
    pub(super) lowest: Option<i32>,
    /// Current flows, in or out: nobody sleeps over that.
    pub(super) flowing: bool,
    /// Current flows in.
    pub(super) charged: bool,
    /// The unit wants it to sleep.
    pub(super) dismissed: bool,
    /// It is to form the bus: nobody is charged without.
    pub(super) leads: bool,
    /// It is on the bus.
    pub(super) serves: bool,
}

/// How long it has been out of service. Nothing of this is kept over a reset: then it is awake for a while again, and
/// in a storm of resets only for seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct OutOfService {
    /// Something has kept it off the bus for so long.
    isolated: Duration,
    /// Its lowest cell has been low, without charge, for so long.
    low: Duration,
    /// It has served for so long.
    served: Duration,
    /// It was awake and low without charge for so long, in sum. Sleep pays it back, slowly.
    spent: Duration,
    /// It has spent too much: it hears the wake line no more until some is paid back.
    is_deaf: bool,
    /// Times it has fallen asleep since it served.
    times: u8,
    locked: bool,
}

/// What a sample does to the time that a low module may be awake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowance {
    /// It is low, and nobody charges it.
    Spent,
    /// It is charged, or its cells are well.
    Restored,
    /// It forms the bus, or its cells are not measured yet.
    Kept,
}

/// So long it sleeps for each unit of time that it may be awake and low.
const PAID_BACK: u64 = values::DORMANT_AWAKE_AGAIN.0 / values::DORMANT_LOW_TIME.0;

// Who looks around itself must not fall asleep before what charge heals may be charged.
const _: () = assert!(values::DORMANT_LOOK_LOW.0 >= 2 * values::ISOLATION_TIME.0);

/// From here on it looks at itself once a day: 1, 2, 4, 8, 16 hours came before.
const LOOKS: u8 = 6;

impl OutOfService {
    /// Takes one sample; why it should sleep, if it should.
    pub(super) fn step(&mut self, seen: &Seen, elapsed: Duration, period: SamplePeriod) -> Option<Why> {
        let lasting = |so_far: Duration, holds| if holds { so_far + elapsed } else { Duration::ZERO };
        let below = seen.lowest.map(|lowest| lowest < values::DORMANT_CELL.0);
        let is_low = below == Some(true) && !seen.charged;
        let allowance = match below {
            _ if seen.charged => Allowance::Restored,
            Some(false) => Allowance::Restored,
            Some(true) if !seen.leads => Allowance::Spent,
            Some(true) | None => Allowance::Kept,
        };
        self.spend(allowance, elapsed);
        self.isolated = lasting(self.isolated, seen.isolated);
        // While a fault keeps it off the bus no charge can come.
        self.low = lasting(self.low, allowance == Allowance::Spent && !seen.isolated);
        self.served = lasting(self.served, seen.serves && !is_low);
        self.locked = seen.locked;
        if self.served >= period.stretch(values::DORMANT_AFTER) {
            self.times = 0;
        }
        // The next reset does not wait for three samples.
        let stretched = |patience| if seen.storm.is_some() { patience } else { period.stretch(patience) };
        // Who is locked out is not charged, however low it is.
        let could_be_charged = below == Some(true) && !seen.locked;
        let patience = stretched(self.patience(seen.storm, could_be_charged));
        let charge_may_come = if seen.storm.is_some() {
            patience
        } else {
            patience.max(period.stretch(values::DORMANT_LOW_TIME))
        };
        let why = if self.isolated >= patience {
            Some(Why::Fault)
        } else if self.low >= charge_may_come {
            Some(Why::Low)
        } else if seen.dismissed {
            Some(Why::Dismissed)
        } else {
            None
        };
        why.filter(|_| !seen.flowing || seen.serves)
    }

    fn spend(&mut self, allowance: Allowance, elapsed: Duration) {
        self.spent = match allowance {
            // However long it was awake, it is deaf no longer than DORMANT_AWAKE_AGAIN.
            Allowance::Spent => (self.spent + elapsed).min(values::DORMANT_AWAKE_LOW),
            Allowance::Restored => Duration::ZERO,
            Allowance::Kept => self.spent,
        };
        self.is_deaf = self.spent >= values::DORMANT_AWAKE_LOW;
    }

    /// Takes one sample of a module that sleeps, or is off.
    pub(super) fn rest(&mut self, elapsed: Duration) {
        self.spent = self.spent.less(Duration(elapsed.0 / PAID_BACK));
        let enough = values::DORMANT_AWAKE_LOW.less(values::DORMANT_LOW_TIME);
        self.is_deaf &= self.spent > enough;
    }

    /// It may wake when the wake line says so. A BDU that starts anew again and again would else keep it awake until it
    /// is empty.
    pub(super) const fn hears_the_wake_line(&self) -> bool {
        !self.is_deaf
    }

    fn patience(&self, storm: Option<Storm>, waits_for_charge: bool) -> Duration {
        match storm {
            Some(Storm::New) => values::DORMANT_LOOK_RESETS,
            Some(Storm::Lasting) => values::DORMANT_LOOK_LASTING,
            None if self.times > 0 && waits_for_charge => values::DORMANT_LOOK_LOW,
            None if self.times > 0 => values::DORMANT_LOOK_TIME,
            None => values::DORMANT_AFTER,
        }
    }

    /// It has fallen asleep.
    pub(super) fn fall_asleep(&mut self) {
        let times = self.times.saturating_add(1).min(LOOKS);
        let Self { locked, spent, is_deaf, .. } = *self;
        *self = Self { times, locked, spent, is_deaf, ..Self::default() };
    }

    /// It has woken, from whatever sleep: its time awake begins anew.
    pub(super) fn wake_up(&mut self) {
        self.isolated = Duration::ZERO;
        self.low = Duration::ZERO;
    }

    /// How long it sleeps next, unless it is woken.
    pub(super) fn look_in(&self) -> Duration {
        let hours = values::DORMANT_LOOK_FIRST.0.saturating_mul(1 << self.times.min(LOOKS));
        let longest = values::DORMANT_LOOK_LONGEST;
        if self.locked { longest } else { Duration(hours).min(longest) }
    }
}
