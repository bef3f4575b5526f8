//! A reading and how far the true value may have moved since: invalid data never narrows protection.

use voltower_core::{DeciCelsius, Duration, MilliVolts, values};

use crate::io::SamplePeriod;

/// A quantity that may be lost, and how fast its true value can move meanwhile.
pub trait Ageing: Copy + PartialEq {
    /// Largest change per second, in the unit of the quantity.
    const SLEW: i32;
    /// Time in which a lost reading ages from an ordinary value into the trip; slow runs stretch it.
    const HORIZON: Duration;
    /// The number in the unit of the quantity.
    fn number(self) -> i32;
    /// Whether a working sensor can show it.
    fn possible(self) -> bool;
}

impl Ageing for MilliVolts {
    const SLEW: i32 = values::CELL_VOLTAGE_SLEW.0;
    const HORIZON: Duration = values::AFE_SILENCE;

    fn number(self) -> i32 {
        self.0
    }

    fn possible(self) -> bool {
        (0..=values::CELL_VOLTAGE_POSSIBLE_MAX.0).contains(&self.0)
    }
}

impl Ageing for DeciCelsius {
    const SLEW: i32 = values::TEMPERATURE_SLEW.0 as i32;
    const HORIZON: Duration = values::AMBIENT_TIME;

    fn number(self) -> i32 {
        i32::from(self.0)
    }

    fn possible(self) -> bool {
        (values::TEMPERATURE_POSSIBLE_MIN.0..=values::TEMPERATURE_POSSIBLE_MAX.0).contains(&self.0)
    }
}

/// The last thing a sensor said, and whether to believe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading<Q> {
    /// Fresh and possible.
    Valid(Q),
    /// Nothing new since `age`, which is no longer than one conversion that was missed: it still holds.
    Held {
        /// Last valid value.
        last: Q,
        /// Time since.
        age: Duration,
    },
    /// Nothing new since `age`.
    Stale {
        /// Last valid value.
        last: Q,
        /// Time since.
        age: Duration,
    },
    /// A wire is open, or the number is impossible.
    Implausible {
        /// Last valid value.
        last: Q,
        /// Time since.
        age: Duration,
    },
}

impl<Q: Ageing> Reading<Q> {
    /// The reading after a fresh conversion.
    #[must_use]
    pub fn renewed(self, measured: Option<Q>, elapsed: Duration) -> Self {
        match measured {
            Some(value) if value.possible() => Self::Valid(value),
            Some(_) | None => Self::Implausible { last: self.last(), age: self.age() + elapsed },
        }
    }

    /// The reading when nothing new has come for `elapsed` more.
    #[must_use]
    pub fn aged(self, elapsed: Duration, period: SamplePeriod) -> Self {
        let age = self.age() + elapsed;
        match self {
            Self::Valid(last) | Self::Held { last, .. } if age <= period.reading_holds() => {
                Self::Held { last, age }
            }
            Self::Valid(last) | Self::Held { last, .. } | Self::Stale { last, .. } => {
                Self::Stale { last, age }
            }
            Self::Implausible { last, .. } => Self::Implausible { last, age },
        }
    }

    /// The value, if it is possible and not too old.
    #[must_use]
    pub fn valid(self) -> Option<Q> {
        match self {
            Self::Valid(value) | Self::Held { last: value, .. } => Some(value),
            Self::Stale { .. } | Self::Implausible { .. } => None,
        }
    }

    /// A wire is open, or the number is impossible.
    #[must_use]
    pub fn is_implausible(self) -> bool {
        matches!(self, Self::Implausible { .. })
    }

    /// Lowest and highest value that the quantity can have by now.
    #[must_use]
    pub fn bounds(self, period: SamplePeriod) -> (i32, i32) {
        match self {
            Self::Valid(value) | Self::Held { last: value, .. } => (value.number(), value.number()),
            Self::Stale { last, age } | Self::Implausible { last, age } => {
                let moved = drift::<Q>(age, period);
                (last.number().saturating_sub(moved), last.number().saturating_add(moved))
            }
        }
    }

    fn last(self) -> Q {
        match self {
            Self::Valid(last)
            | Self::Held { last, .. }
            | Self::Stale { last, .. }
            | Self::Implausible { last, .. } => last,
        }
    }

    fn age(self) -> Duration {
        match self {
            Self::Valid(_) => Duration::ZERO,
            Self::Held { age, .. } | Self::Stale { age, .. } | Self::Implausible { age, .. } => age,
        }
    }
}

/// `age * slew`, with the age shrunk as far as the sample period stretches the horizon.
fn drift<Q: Ageing>(age: Duration, period: SamplePeriod) -> i32 {
    let stretched = period.stretch(Q::HORIZON).0.max(1);
    let scaled_us = u128::from(age.0) * u128::from(Q::HORIZON.0) / u128::from(stretched);
    let moved = scaled_us.saturating_mul(Q::SLEW as u128) / 1_000_000;
    i32::try_from(moved).unwrap_or(i32::MAX)
}
