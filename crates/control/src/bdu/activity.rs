//! What the panel says of the power: charging, discharging or standby, steady enough for an eye.

use voltower_core::values::{ACTIVITY_ENTER, ACTIVITY_HOLD, ACTIVITY_LEAVE};
use voltower_core::{Duration, TowerState, Watts};

/// Where the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Flow {
    /// Next to nothing.
    #[default]
    Idle,
    /// Into the tower.
    Charging,
    /// Out of the tower.
    Discharging,
}

impl Flow {
    /// The state that people see.
    #[must_use]
    pub const fn state(self) -> TowerState {
        match self {
            Self::Idle => TowerState::Standby,
            Self::Charging => TowerState::Charging,
            Self::Discharging => TowerState::Discharging,
        }
    }

    /// What `power` is, given what is shown: more is needed to enter a direction than to stay in it.
    fn of(self, power: Watts) -> Self {
        let threshold = |holds: bool| if holds { ACTIVITY_LEAVE.0 } else { ACTIVITY_ENTER.0 };
        if power.0 > threshold(matches!(self, Self::Charging)) {
            Self::Charging
        } else if power.0 < -threshold(matches!(self, Self::Discharging)) {
            Self::Discharging
        } else {
            Self::Idle
        }
    }
}

/// What is shown, and what is about to be.
///
/// ```text
///             power says otherwise
///  Steady(a) ----------------------> Changing{a to b} --- held 2 s ---> Steady(b)
///      ^                                |
///      +------- power says a again -----+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activity {
    /// Shown, and so it is.
    Steady(Flow),
    /// Shown still, but it has changed.
    Changing {
        /// Shown.
        from: Flow,
        /// What it has changed to.
        to: Flow,
        /// Until that is shown.
        remaining: Duration,
    },
}

impl Default for Activity {
    fn default() -> Self {
        Self::Steady(Flow::Idle)
    }
}

impl Activity {
    /// What is shown.
    #[must_use]
    pub const fn shown(self) -> Flow {
        match self {
            Self::Steady(flow) | Self::Changing { from: flow, .. } => flow,
        }
    }

    /// Takes the power of one sample.
    pub fn step(&mut self, power: Watts, elapsed: Duration) {
        let shown = self.shown();
        let now = shown.of(power);
        let remaining = match *self {
            Self::Changing { to, remaining, .. } if to == now => remaining.less(elapsed),
            Self::Steady(_) | Self::Changing { .. } => ACTIVITY_HOLD,
        };
        *self = if now == shown {
            Self::Steady(shown)
        } else if remaining.is_zero() {
            Self::Steady(now)
        } else {
            Self::Changing { from: shown, to: now, remaining }
        };
    }
}
