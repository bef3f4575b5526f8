//! How far the count may be off: it grows with what flows and with time, and shrinks at a recalibration.

use voltower_core::{PerMille, values};

use super::currents::{Currents, Trust};
use super::part;

/// Charge that may be missing, and charge that may be there beside what was counted, mA us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Band {
    less: i64,
    more: i64,
}

impl Band {
    /// As far either way.
    #[must_use]
    pub const fn even(capacity: i64, share: PerMille) -> Self {
        let width = part(capacity, share);
        Self { less: width, more: width }
    }

    /// Around `charge` between two shares.
    #[must_use]
    pub fn between(charge: i64, capacity: i64, low: PerMille, high: PerMille) -> Self {
        let less = charge.saturating_sub(part(capacity, low)).max(0);
        Self { less, more: part(capacity, high).saturating_sub(charge).max(0) }
    }

    /// The same, where this band knew it no better.
    #[must_use]
    pub fn within(self, charge: i64, capacity: i64, low: PerMille, high: PerMille) -> Self {
        let other = Self::between(charge, capacity, low, high);
        Self { less: self.less.min(other.less), more: self.more.min(other.more) }
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
        self.less = self.less.saturating_add(grown);
        self.more = self.more.saturating_add(grown);
    }

    /// Its ends around `charge`.
    #[must_use]
    pub const fn around(&self, charge: i64, capacity: i64) -> (PerMille, PerMille) {
        let low = PerMille::of(charge.saturating_sub(self.less), capacity);
        (low, PerMille::of(charge.saturating_add(self.more), capacity))
    }
}
