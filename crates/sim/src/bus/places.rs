//! Where nodes sit on a bus, and sets of such places.

/// Place of a node along the cable, from 0.
pub type Place = usize;

/// Places of a bus: up to six nodes along the cable, [`SECOND_UNIT`] and [`SERVICE_TOOL`].
pub(super) const PLACES: usize = 8;

/// A service tool, plugged in beside place 0: heard as if it sat there, and it only talks.
pub const SERVICE_TOOL: Place = PLACES - 1;

/// A second distribution unit, plugged in beside place 0 by mistake.
pub const SECOND_UNIT: Place = PLACES - 2;

/// A set of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places(u8);

impl Places {
    /// No place.
    pub const NONE: Self = Self(0);

    /// Only this one.
    #[must_use]
    pub const fn of(place: Place) -> Self {
        Self(1 << (place & (PLACES - 1)))
    }

    /// The places from 0 to `count`, without `count`.
    pub(super) const fn first_ones(count: usize) -> Self {
        Self(((1_u16 << count) - 1) as u8)
    }

    /// Whether `place` belongs to it.
    #[must_use]
    #[inline]
    pub const fn contains(self, place: Place) -> bool {
        self.0 & Self::of(place).0 != 0
    }

    /// Whether there is none in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The lowest one.
    #[must_use]
    pub const fn first(self) -> Option<Place> {
        if self.is_empty() { None } else { Some(self.0.trailing_zeros() as Place) }
    }

    /// From the lowest to the highest.
    pub fn iter(self) -> impl Iterator<Item = Place> {
        (0..PLACES).filter(move |place| self.contains(*place))
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The members of both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn set(&mut self, place: Place, member: bool) {
        *self = if member { self.or(Self::of(place)) } else { self.without(Self::of(place)) };
    }
}
