//! How far the count may be off: it grows with what flows and with time, and shrinks at a recalibration.

use voltower_core::{PerMille, values};

use super::capacity::is_learned;
use super::currents::{Currents, Trust};
use super::part;
use crate::keep::Doubt;

/// Charge that may be missing, and charge that may be there beside what was counted, mA us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Band {
    less: i64,
    more: i64,
    /// Counted since the last place that was known, mA us: a wrong capacity makes a wrong share of it.
    net: i64,
}

impl Band {
    /// As far either way.
    #[must_use]
    pub const fn even(capacity: i64, share: PerMille) -> Self {
        let width = part(capacity, share);
        Self { less: width, more: width, net: 0 }
    }

    /// As it was kept; what was written down may be off besides.
    #[must_use]
    pub fn kept(capacity: i64, doubt: &Doubt) -> Self {
        let width = |share: PerMille| part(capacity, share.max(values::RECORD_ERROR));
        Self { less: width(doubt.less), more: width(doubt.more), net: 0 }
    }

    /// How far it reaches either way.
    #[must_use]
    pub fn apart(&self, capacity: i64) -> (PerMille, PerMille) {
        let (less, more) = self.reach(capacity);
        (PerMille::of(less, capacity), PerMille::of(more, capacity))
    }

    /// Around `charge` between two shares.
    #[must_use]
    pub fn between(charge: i64, capacity: i64, low: PerMille, high: PerMille) -> Self {
        let less = charge.saturating_sub(part(capacity, low)).max(0);
        Self { less, more: part(capacity, high).saturating_sub(charge).max(0), net: 0 }
    }

    /// The same, where this band knew it no better.
    #[must_use]
    pub fn within(self, charge: i64, capacity: i64, low: PerMille, high: PerMille) -> Self {
        let other = Self::between(charge, capacity, low, high);
        let (less, more) = self.reach(capacity);
        Self { less: less.min(other.less), more: more.min(other.more), net: 0 }
    }

    /// It may be as little as `low`: not all that speaks for that is believed.
    #[must_use]
    pub fn down_to(self, charge: i64, capacity: i64, low: PerMille) -> Self {
        Self { less: self.less.max(charge.saturating_sub(part(capacity, low))), ..self }
    }

    /// `moved` has been counted, mA us.
    pub fn pass(&mut self, moved: i64, currents: Currents, elapsed_us: i64) {
        let offset = match currents.trust() {
            Trust::Both => i64::from(values::SHUNT_OFFSET.0),
            Trust::Converter | Trust::Shunt => i64::from(values::CONVERTER_OFFSET.0),
            Trust::Neither => currents.apart().abs() / 2,
        };
        let gain = moved.abs() / 1000 * i64::from(values::SHUNT_GAIN.0);
        let grown = gain.saturating_add(offset.saturating_mul(elapsed_us));
        self.net = self.net.saturating_add(moved);
        self.less = self.less.saturating_add(grown);
        self.more = self.more.saturating_add(grown);
    }

    /// Its ends around `charge`, with what the capacity is not known by.
    #[must_use]
    pub fn around(&self, charge: i64, capacity: i64) -> (PerMille, PerMille) {
        let (less, more) = self.reach(capacity);
        let low = PerMille::of(charge.saturating_sub(less), capacity);
        (low, PerMille::of(charge.saturating_add(more), capacity))
    }

    /// In a module with less capacity the same charge is a larger share.
    fn reach(&self, capacity: i64) -> (i64, i64) {
        if is_learned(capacity) {
            let wrong = self.net.abs() / 1000 * i64::from(values::LEARNED_ERROR.0);
            return (self.less.saturating_add(wrong), self.more.saturating_add(wrong));
        }
        let least = i64::from(values::UNLEARNED_LEAST.0.max(1));
        let beyond = self.net.abs() / least * (1000 - least).max(0);
        if self.net < 0 {
            (self.less.saturating_add(beyond), self.more)
        } else {
            (self.less, self.more.saturating_add(beyond))
        }
    }
}
