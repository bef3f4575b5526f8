//! Integer quantities with their units: nothing crosses a public boundary of the controllers as a bare number.
//!
//! Current and power are positive while **charging**, everywhere inside.

use core::fmt;
use core::ops::{Add, AddAssign, Neg, Sub};

macro_rules! quantity {
    ($(#[$meta:meta])* $name:ident($repr:ty), $unit:literal, $decimals:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $repr);

        impl $name {
            /// Zero of this unit.
            pub const ZERO: Self = Self(0);

            /// The value in the unit of the type's name.
            #[must_use]
            pub const fn get(self) -> $repr {
                self.0
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl fmt::Display for $name {
            /// The value in its everyday unit, for instance `3.312 V` for 3312 mV.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_fixed(f, i64::from(self.0), $decimals)?;
                f.write_str(concat!(" ", $unit))
            }
        }
    };
}

macro_rules! signed {
    ($($name:ident),*) => {$(
        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(self.0.saturating_neg())
            }
        }

        impl $name {
            /// Magnitude, saturating.
            #[must_use]
            pub const fn abs(self) -> Self {
                Self(self.0.saturating_abs())
            }
        }
    )*};
}

quantity!(
    /// Voltage in millivolts, of a cell (3300) as of the bus (400 000).
    MilliVolts(i32), "V", 3
);
quantity!(
    /// Current in milliamperes, positive while charging.
    MilliAmps(i32), "A", 3
);
quantity!(
    /// Power in watts, positive while charging.
    Watts(i32), "W", 0
);
quantity!(
    /// Temperature in tenths of a degree Celsius.
    DeciCelsius(i16), "degC", 1
);
quantity!(
    /// A share in thousandths, for instance a state of charge.
    PerMille(u16), "%", 1
);
quantity!(
    /// Resistance in milliohms.
    MilliOhms(u32), "ohm", 3
);
quantity!(
    /// What electronics in standby draw, in milliwatts.
    MilliWatts(u32), "W", 3
);
signed!(MilliVolts, MilliAmps, Watts, DeciCelsius);

impl PerMille {
    /// The whole.
    pub const FULL: Self = Self(1000);

    /// `part / whole` in thousandths, rounded down, clamped to 0..=1000; zero if `whole` is not positive.
    #[must_use]
    pub const fn of(part: i64, whole: i64) -> Self {
        if whole <= 0 || part <= 0 {
            return Self(0);
        }
        if part >= whole {
            return Self(1000);
        }
        Self((part.saturating_mul(1000) / whole) as u16)
    }
}

/// Electric charge in milliampere-milliseconds; i64 holds 2.5 million Ah.
///
/// Charge is only ever counted in integers: an f32 counter at 0.6 of 100 Ah loses 0.5 A at 10 ms entirely.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Charge(pub i64);

impl Charge {
    /// No charge.
    pub const ZERO: Self = Self(0);

    /// From ampere-hours times ten, the unit of the inverter's registers.
    #[must_use]
    pub const fn from_deci_amp_hours(deci_ah: u32) -> Self {
        Self(deci_ah as i64 * 100 * 3_600_000)
    }

    /// In tenths of an ampere-hour, rounded towards zero, clamped to the range of u16.
    #[must_use]
    pub const fn deci_amp_hours(self) -> u16 {
        let tenths = self.0 / (100 * 3_600_000);
        if tenths < 0 {
            0
        } else if tenths > u16::MAX as i64 {
            u16::MAX
        } else {
            tenths as u16
        }
    }
}

/// Point in time since power-on of the world or the microcontroller, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub u64);

/// Length of time in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub u64);

impl Instant {
    /// Power-on.
    pub const ZERO: Self = Self(0);

    /// Time since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }

    /// Whole milliseconds since power-on.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1000
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Duration {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// Longer than anything.
    pub const MAX: Self = Self(u64::MAX);

    /// From milliseconds.
    #[must_use]
    pub const fn millis(ms: u64) -> Self {
        Self(ms.saturating_mul(1000))
    }

    /// From seconds.
    #[must_use]
    pub const fn secs(s: u64) -> Self {
        Self(s.saturating_mul(1_000_000))
    }

    /// From minutes.
    #[must_use]
    pub const fn mins(min: u64) -> Self {
        Self::secs(min.saturating_mul(60))
    }

    /// From hours.
    #[must_use]
    pub const fn hours(h: u64) -> Self {
        Self::mins(h.saturating_mul(60))
    }

    /// Whole milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1000
    }

    /// This time less `elapsed`, not below zero: timers hold the time that remains.
    #[must_use]
    pub const fn less(self, elapsed: Self) -> Self {
        Self(self.0.saturating_sub(elapsed.0))
    }

    /// No time is left.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Duration {
    /// The largest unit that needs no fraction, for instance `1500 ms`, `10 min`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 4] =
            [(3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s"), (1000, "ms")];
        for (length, unit) in UNITS {
            if self.0 >= length && self.0.is_multiple_of(length) {
                return write!(f, "{} {unit}", self.0 / length);
            }
        }
        write!(f, "{} us", self.0)
    }
}

/// Writes `value / 10^decimals` without floating point.
fn write_fixed(f: &mut fmt::Formatter<'_>, value: i64, decimals: u32) -> fmt::Result {
    let scale = 10_u64.pow(decimals);
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    write!(f, "{sign}{}", magnitude / scale)?;
    if decimals > 0 {
        write!(f, ".{:0width$}", magnitude % scale, width = decimals as usize)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn quantities_print_in_everyday_units() {
        assert_eq!(MilliVolts(3312).to_string(), "3.312 V");
        assert_eq!(MilliAmps(-50).to_string(), "-0.050 A");
        assert_eq!(DeciCelsius(-105).to_string(), "-10.5 degC");
        assert_eq!(PerMille(507).to_string(), "50.7 %");
        assert_eq!(Watts(2500).to_string(), "2500 W");
    }

    #[test]
    fn durations_print_in_the_largest_whole_unit() {
        assert_eq!(Duration::millis(1500).to_string(), "1500 ms");
        assert_eq!(Duration::mins(10).to_string(), "10 min");
        assert_eq!(Duration::hours(720).to_string(), "720 h");
    }

    #[test]
    fn shares_clamp_and_round_down() {
        assert_eq!(PerMille::of(-1, 10), PerMille(0));
        assert_eq!(PerMille::of(999, 1000), PerMille(999));
        assert_eq!(PerMille::of(9999, 10_000), PerMille(999));
        assert_eq!(PerMille::of(11, 10), PerMille(1000));
        assert_eq!(PerMille::of(1, 0), PerMille(0));
    }

    #[test]
    fn charge_survives_the_way_to_registers_and_back() {
        assert_eq!(Charge::from_deci_amp_hours(1000).0, 100 * 3_600_000_000);
        assert_eq!(Charge::from_deci_amp_hours(1000).deci_amp_hours(), 1000);
        assert_eq!(Charge(-5).deci_amp_hours(), 0);
    }
}
