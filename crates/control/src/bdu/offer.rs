//! Charge that is not seen because those on the bus take next to none: a low module that sleeps is offered it.
//!
//! A tower is charged when more flows than an inverter's own needs. A module with a bad contact, or with a fault, takes
//! less than that, and none at all when it is full or cold: the surplus is there, and nothing shows it. What is taken
//! of so small a limit is a sign; where there is no limit to take of, the low one is tried now and then, and whenever
//! an empty tower looks for charge.

use voltower_core::values::{OFFER_AFTER, OFFER_LEFT, OFFER_SEEN, OFFER_SMALL, OFFER_TIME};
use voltower_core::{Duration, Watts};

use crate::io::SamplePeriod;

/// What the offer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs {
    /// The tower runs, and an inverter is heard.
    pub(super) runs: bool,
    /// What those on the bus can take.
    pub(super) able: Watts,
    /// What the inverter may give.
    pub(super) told: Watts,
    /// What flows in.
    pub(super) flowing: Watts,
}

/// Whether charge is offered that nobody has seen.
///
/// ```text
///           all of a small limit is taken for a while, or low modules were woken, or are awake in a look for charge
///  Closed{} ------------------------------------------------------------------> Open{}
///    ^                                                                            |
///    +----------------------------------------------------------------------------+
///                                  nothing of it for minutes
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Offer {
    /// None.
    Closed {
        /// For so long all of the limit has been taken.
        taken: Duration,
    },
    /// Who is low may come.
    Open {
        /// Until there is no sign of it any more.
        remaining: Duration,
    },
}

impl Default for Offer {
    fn default() -> Self {
        Self::Closed { taken: Duration::ZERO }
    }
}

impl Signs {
    /// Charge that came would not be seen. Where the tower feeds the house there is none.
    pub(super) fn is_blind(&self) -> bool {
        self.runs && self.able < OFFER_SMALL && self.flowing > -OFFER_SEEN
    }

    fn is_taken(&self) -> bool {
        self.is_blind() && self.flowing >= OFFER_SEEN && self.told - self.flowing <= OFFER_LEFT
    }
}

impl Offer {
    /// Takes one sample; `tries` says that dormant modules have just been woken, or that an empty tower looks for
    /// charge.
    pub(super) fn step(&mut self, signs: &Signs, tries: bool, elapsed: Duration, period: SamplePeriod) {
        let open = Self::Open { remaining: period.stretch(OFFER_TIME) };
        *self = match *self {
            _ if !signs.runs => Self::default(),
            _ if tries && signs.is_blind() => open,
            Self::Closed { taken } if signs.is_taken() => {
                let taken = taken + elapsed;
                if taken >= period.stretch(OFFER_AFTER) { open } else { Self::Closed { taken } }
            }
            Self::Closed { .. } => Self::default(),
            Self::Open { .. } if signs.is_taken() => open,
            Self::Open { remaining } if remaining.less(elapsed).is_zero() => Self::default(),
            Self::Open { remaining } => Self::Open { remaining: remaining.less(elapsed) },
        };
    }

    /// Who is low may come.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }
}
