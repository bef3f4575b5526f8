//! A limit and what binds it: how several bounds become one limit, and how a limit that rises slowly says so.

use voltower_core::{Binding, Bindings, Duration, Reason, Reasons, Relief, Watts};
use voltower_protocols::link::Limit;

/// What a limit is bound by, and how large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BoundLimit {
    /// The limit; a magnitude.
    pub power: Watts,
    /// What binds it.
    pub binding: Binding,
    /// The cell or sensor (of a module) or the module (of a tower) that binds it, from 1; 0 if none.
    pub element: u8,
    /// Why, and when it can rise.
    pub reason: Reason,
}

impl BoundLimit {
    /// No power, because the device is not on the bus; it will be when something has changed.
    pub const NOT_CONNECTED: Self = Self::not_connected(Relief::Change);

    /// No power, because the device is not on the bus.
    #[must_use]
    pub const fn not_connected(relief: Relief) -> Self {
        let reason = Reason::of(Binding::NotConnected, None, None, relief);
        Self { power: Watts::ZERO, binding: Binding::NotConnected, element: 0, reason }
    }

    /// What the device is built for: nothing else binds.
    #[must_use]
    pub const fn rated(power: Watts) -> Self {
        Self { power, binding: Binding::Rating, element: 0, reason: Reason::NONE }
    }

    /// The smaller of the two. Of equal ones the first, but the other is one of its causes, too, unless already the
    /// rating allows no more.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        if other.power < self.power {
            return other;
        }
        if other.power > self.power || self.binding == Binding::Rating {
            return self;
        }
        self.with_causes(other.reason.causes)
    }

    /// With more causes.
    #[must_use]
    pub const fn with_causes(self, causes: Bindings) -> Self {
        let causes = self.reason.causes.union(causes);
        Self { reason: Reason { causes, ..self.reason }, ..self }
    }

    /// The same on its way up, at `milliwatts`, while it rises by `per_second` at most.
    ///
    /// A limit that follows a moving quantity is always a little behind it on the way up: within a second of its rise
    /// it is the quantity that binds.
    #[must_use]
    pub fn rising(self, milliwatts: i64, per_second: Watts) -> Self {
        let gap = i64::from(self.power.0).saturating_mul(1000).saturating_sub(milliwatts);
        let second = i64::from(per_second.0).saturating_mul(1000).max(1);
        let power = Watts((milliwatts / 1000) as i32);
        if gap <= second && self.moves() {
            return Self { power, ..self };
        }
        let time = Duration(gap.unsigned_abs().saturating_mul(1_000_000) / second.unsigned_abs());
        let reason = Reason::of(Binding::Recovery, Some(self.power.0), None, Relief::after(time));
        let slow = Self { power, binding: Binding::Recovery, element: 0, reason };
        slow.with_causes(self.reason.causes)
    }

    /// What binds it can move from one sample to the next.
    const fn moves(&self) -> bool {
        !matches!(self.binding, Binding::Rating | Binding::Configuration)
    }

    /// As it travels on the Link.
    #[must_use]
    pub const fn on_wire(&self) -> Limit {
        Limit { power: self.power, binding: self.binding, element: self.element }
    }
}

/// Charge and discharge limit of a module or of the tower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Into it.
    pub charge: BoundLimit,
    /// Out of it.
    pub discharge: BoundLimit,
}

impl Limits {
    /// No power either way, because the device is not on the bus.
    pub const NOT_CONNECTED: Self =
        Self { charge: BoundLimit::NOT_CONNECTED, discharge: BoundLimit::NOT_CONNECTED };

    /// Why they are what they are.
    #[must_use]
    pub const fn reasons(&self) -> Reasons {
        Reasons { charge: self.charge.reason, discharge: self.discharge.reason }
    }

    /// What binds them, in and out.
    #[must_use]
    pub const fn bindings(&self) -> [Binding; 2] {
        [self.charge.binding, self.discharge.binding]
    }
}
