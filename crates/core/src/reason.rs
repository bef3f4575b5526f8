//! Why a limit is what it is, and what must happen for it to rise: what travels beside the limit itself.

use crate::quantity::Duration;
use crate::state::Binding;

/// A set of bindings as it travels: bit = code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Bindings(u16);

impl Bindings {
    /// Nothing binds.
    pub const EMPTY: Self = Self(0);
    const MASK: u16 = (1 << Binding::ALL.len()) - 1;

    /// From the bits of a wire; unknown bits are dropped.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::MASK)
    }

    /// As bits for a wire.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// With `binding` in it.
    #[must_use]
    pub const fn with(self, binding: Binding) -> Self {
        Self(self.0 | 1 << binding.code())
    }

    /// With `binding` not in it.
    #[must_use]
    pub const fn without(self, binding: Binding) -> Self {
        Self(self.0 & !(1 << binding.code()))
    }

    /// Whether `binding` is in it.
    #[must_use]
    pub const fn contains(self, binding: Binding) -> bool {
        self.0 & 1 << binding.code() != 0
    }

    /// Everything in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in it, by code.
    pub fn iter(self) -> impl Iterator<Item = Binding> {
        Binding::ALL.iter().copied().filter(move |binding| self.contains(*binding))
    }
}

/// When a limit can rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Relief {
    /// After so many seconds, if nothing else happens; at most [`Relief::LONGEST`].
    After(u16),
    /// When the module that binds it says so.
    Module,
    /// When what binds it has changed: nobody knows when.
    #[default]
    Change,
    /// When a person has done something.
    Person,
}

impl Relief {
    /// The longest time that the wire carries, in seconds; a longer one is told as this.
    pub const LONGEST: u16 = 0xFFF0;
    const MODULE: u16 = 0xFFFD;
    const PERSON: u16 = 0xFFFE;
    const CHANGE: u16 = 0xFFFF;

    /// After `time`, in whole seconds, rounded up.
    #[must_use]
    pub const fn after(time: Duration) -> Self {
        let seconds = time.0.div_ceil(1_000_000);
        Self::After(if seconds > Self::LONGEST as u64 { Self::LONGEST } else { seconds as u16 })
    }

    /// The code on the wire: seconds, or what they wait for.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::After(seconds) if seconds > Self::LONGEST => Self::LONGEST,
            Self::After(seconds) => seconds,
            Self::Module => Self::MODULE,
            Self::Person => Self::PERSON,
            Self::Change => Self::CHANGE,
        }
    }

    /// From the code on the wire; `None` for a code that there is not.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        match code {
            0..=Self::LONGEST => Some(Self::After(code)),
            Self::MODULE => Some(Self::Module),
            Self::PERSON => Some(Self::Person),
            Self::CHANGE => Some(Self::Change),
            _ => None,
        }
    }

    /// The one that lasts longer: a person longer than the world, the world longer than any time.
    #[must_use]
    pub const fn longer(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    const fn rank(self) -> u32 {
        match self {
            Self::After(seconds) => seconds as u32,
            Self::Module => 0x1_0000,
            Self::Change => 0x1_0001,
            Self::Person => 0x1_0002,
        }
    }
}

/// Why a limit is what it is. What binds it stands beside the limit: a [`Binding`], and which cell, sensor or module.
///
/// `value` and `level` are in the unit of the binding:
///
/// | binding | `value` | `level` |
/// |---|---|---|
/// | cell voltage | of the cell, mV | where the limit is full again, mV |
/// | cell or converter temperature | of the sensor, 0.1 degC | where the limit is full again, 0.1 degC |
/// | state of charge | 0.1 % | where power flows again, 0.1 % |
/// | reading not trusted | code of the binding that the reading is about | |
/// | alarm or fault | bit of the condition | where it clears: mV or 0.1 degC, if it is about cells or ambient |
/// | configuration | what was set, W | |
/// | recovering slowly | what it rises to, W | |
/// | fuse, switch or cable | voltage of the bus, 0.1 V | |
/// | inverter silent | seconds until the tower leaves the bus, if it will | |
/// | any of modules, in a tower | modules that are bound: bit 0 = module 1 | |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Reason {
    /// Everything that allows no more than this; empty if it is the rating alone.
    pub causes: Bindings,
    /// Where the quantity stands.
    pub value: Option<i16>,
    /// Where it must go.
    pub level: Option<i16>,
    /// When the limit can rise.
    pub relief: Relief,
}

impl Reason {
    /// Nothing but the rating.
    pub const NONE: Self = Self { causes: Bindings::EMPTY, value: None, level: None, relief: Relief::Change };

    /// `binding` alone; numbers beyond the wire are held at its ends.
    #[must_use]
    pub const fn of(binding: Binding, value: Option<i32>, level: Option<i32>, relief: Relief) -> Self {
        Self { causes: Bindings::EMPTY.with(binding), value: narrowed(value), level: narrowed(level), relief }
    }
}

/// The largest `i16` stands for no number on the wire.
const fn narrowed(number: Option<i32>) -> Option<i16> {
    match number {
        None => None,
        Some(number) if number >= i16::MAX as i32 => Some(i16::MAX - 1),
        Some(number) if number < i16::MIN as i32 => Some(i16::MIN),
        Some(number) => Some(number as i16),
    }
}

/// Why both limits of a device are what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Reasons {
    /// Of the charge limit.
    pub charge: Reason,
    /// Of the discharge limit.
    pub discharge: Reason,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relief_survives_the_wire() {
        for relief in [Relief::After(0), Relief::After(50), Relief::Module, Relief::Change, Relief::Person] {
            assert_eq!(Relief::from_code(relief.code()), Some(relief));
        }
        assert_eq!(Relief::from_code(0xFFF1), None);
        assert_eq!(Relief::after(Duration::millis(1001)), Relief::After(2));
        assert_eq!(Relief::after(Duration::MAX), Relief::After(Relief::LONGEST));
    }

    #[test]
    fn the_longest_wait_counts() {
        let order = [Relief::After(1), Relief::After(9), Relief::Module, Relief::Change, Relief::Person];
        for (place, longer) in order.into_iter().enumerate() {
            for shorter in order.into_iter().take(place) {
                assert_eq!((longer.longer(shorter), shorter.longer(longer)), (longer, longer));
            }
        }
    }

    #[test]
    fn sets_keep_what_they_are_given() {
        let mut all = Bindings::EMPTY;
        for binding in Binding::ALL {
            assert!(!all.contains(*binding));
            all = all.with(*binding);
            assert_eq!(all.without(*binding).contains(*binding), !all.contains(*binding));
        }
        assert_eq!(Bindings::from_bits(u16::MAX), all);
        assert!(all.iter().eq(Binding::ALL.iter().copied()));
    }

    #[test]
    fn numbers_beyond_the_wire_are_held_at_its_ends() {
        let reason = Reason::of(Binding::Rating, Some(i32::MAX), Some(i32::MIN), Relief::Change);
        assert_eq!((reason.value, reason.level), (Some(i16::MAX - 1), Some(i16::MIN)));
    }
}
