//! What the low-SOC stages of single modules mean for the tower: who asks for charge, how long an empty tower holds its
//! bus, and how fast the charge that people see may move.

use voltower_core::values::{
    DISPLAY_SLEW, EMPTY_HOLD_TIME, FAULT_AWAKE, FAULT_LOOK, LADDER_ASK, LADDER_ASKED_ENOUGH, LEVELLING_FIRST,
    RESERVE_SEEN,
};
use voltower_core::{Duration, PerMille};

use crate::io::SamplePeriod;

/// Whether a module is so empty that it needs charge, however full the others are.
///
/// ```text
///           the emptiest at 4 %
///  Enough ----------------------> Low{}
///    ^        6 %, or none        |
///    +----------------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Emptiest {
    #[default]
    Enough,
    Low {
        /// For so long while the bus was up.
        elapsed: Duration,
    },
}

impl Emptiest {
    /// Takes the charge of the emptiest module in service that can be charged.
    pub(super) fn step(&mut self, soc: Option<PerMille>, elapsed: Duration) {
        *self = match (*self, soc) {
            (Self::Enough, Some(soc)) if soc <= LADDER_ASK => Self::Low { elapsed: Duration::ZERO },
            (Self::Low { .. }, Some(soc)) if soc >= LADDER_ASKED_ENOUGH => Self::Enough,
            (Self::Low { elapsed: so_far }, Some(_)) => Self::Low { elapsed: so_far + elapsed },
            (_, None) | (Self::Enough, Some(_)) => Self::Enough,
        };
    }

    /// It needs charge from outside: another module would have begun to give by now.
    pub(super) fn asks(self, period: SamplePeriod) -> bool {
        matches!(self, Self::Low { elapsed } if elapsed >= period.stretch(LEVELLING_FIRST))
    }
}

/// How long the bus has been held although no module is above the end of its taper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct EmptyHold {
    held: Duration,
}

impl EmptyHold {
    /// Takes one sample; `able` says that a module may hold the bus for long, or that there is no bus, and `is_fed`
    /// that charge flows in.
    pub(super) fn step(&mut self, able: bool, is_fed: bool, elapsed: Duration) {
        self.held = if able || is_fed { Duration::ZERO } else { self.held + elapsed };
    }

    /// The bus must go down.
    pub(super) fn is_over(self, period: SamplePeriod) -> bool {
        self.held >= period.stretch(EMPTY_HOLD_TIME)
    }
}

/// How long the modules have said that the reserve is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct UsedReserve {
    seen: Duration,
}

impl UsedReserve {
    /// Takes one sample; true if it is used as far as this one says.
    pub(super) fn step(&mut self, is_used: bool, elapsed: Duration) -> bool {
        self.seen = if is_used { self.seen + elapsed } else { Duration::ZERO };
        is_used
    }

    /// They have said so for long enough to shut down for it.
    pub(super) fn is_sure(self, period: SamplePeriod) -> bool {
        self.seen >= period.stretch(RESERVE_SEEN)
    }
}

/// How long a fault, or an open DC switch, has kept the tower off the bus: awake, its modules would drain themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct FaultWait {
    waited: Duration,
}

impl FaultWait {
    /// Takes one sample.
    pub(super) fn step(&mut self, is_kept_off: bool, elapsed: Duration) {
        self.waited = if is_kept_off { self.waited + elapsed } else { Duration::ZERO };
    }

    /// It was shown long enough: the first time for a day, and whenever the tower has woken by itself `again`.
    pub(super) fn is_over(self, again: bool, period: SamplePeriod) -> bool {
        self.waited >= period.stretch(if again { FAULT_LOOK } else { FAULT_AWAKE })
    }
}

/// The charge that people and the inverter see: it follows what is known, and jumps neither when a module leaves nor
/// when it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct ShownCharge {
    /// In microunits of a thousandth.
    shown: Option<i64>,
    /// All modules have been heard since a person started the tower.
    is_settled: bool,
}

impl ShownCharge {
    /// Takes one sample's charge; until the start is `over`, what is known is shown at once.
    pub(super) fn step(&mut self, soc: Option<PerMille>, over: bool, elapsed: Duration) {
        let Some(soc) = soc else { return };
        let goal = i64::from(soc.0) * 1_000_000;
        // Thousandths a minute are microunits in 60 microseconds.
        let elapsed_us = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
        let most = (i64::from(DISPLAY_SLEW.0).saturating_mul(elapsed_us) / 60).max(0);
        let before = self.shown.filter(|_| self.is_settled);
        self.is_settled |= over;
        self.shown = Some(before.map_or(goal, |shown| {
            shown.saturating_add(goal.saturating_sub(shown).min(most).max(most.saturating_neg()))
        }));
    }

    /// What is shown; none before anything is known.
    pub(super) fn soc(self) -> Option<PerMille> {
        let shown = self.shown?.saturating_add(500_000) / 1_000_000;
        Some(PerMille::of(shown, 1000))
    }
}
