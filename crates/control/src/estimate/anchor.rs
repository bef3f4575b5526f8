//! Recalibration: where the voltage of the cells says what their plateau hides, and when it is believed.
//!
//! One cell alone proves nothing about the others: a bad contact, a reading that is off, or a cell with less capacity
//! shows an end that the module has not reached. What would move the count far needs the other cells.

use voltower_core::{Duration, MilliAmps, MilliVolts, PerMille, values};

use super::resistance::CellView;
use super::voltage::{Reading, Window};

/// What the voltage says against the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// The module is full.
    Full,
    /// There is less in it than was counted.
    Less,
    /// There is more in it than was counted.
    More,
}

/// Extremes of the cells without current, and what the others show; the cell with a bad contact is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// Highest voltage, mV, and its cell from 1.
    pub highest: (i32, u8),
    /// Lowest voltage, mV, and its cell from 1.
    pub lowest: (i32, u8),
    /// Mean of all others, mV.
    pub others: i32,
}

impl Signs {
    /// What the cells show; none unless three can be believed.
    #[must_use]
    pub fn of(view: &CellView) -> Option<Self> {
        let (mut highest, mut lowest) = ((i32::MIN, 0), (i32::MAX, 0));
        let (mut sum, mut count) = (0_i64, 0_i64);
        for (number, open) in (1u8..).zip(view.open) {
            let Some(open) = open.filter(|_| number != view.bad_contact) else { continue };
            if open > highest.0 {
                highest = (open, number);
            }
            if open < lowest.0 {
                lowest = (open, number);
            }
            sum += i64::from(open);
            count += 1;
        }
        let inner = sum - i64::from(highest.0) - i64::from(lowest.0);
        (count >= 3).then(|| Self { highest, lowest, others: (inner / (count - 2).max(1)) as i32 })
    }
}

/// What a claim looks at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The cells.
    pub signs: &'a Signs,
    /// How their voltages are to be read.
    pub reading: Reading<'a>,
    /// Pack current.
    pub current: MilliAmps,
    /// The fullest cell here is full.
    pub full_from: MilliVolts,
    /// As counted.
    pub soc: PerMille,
    /// The lower end has been seen since it was left.
    pub low_seen: bool,
    /// What one cell has done to the count before.
    pub drawn: Drawn,
}

/// What one cell that was below the others has done to the count since they were level, or full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Drawn {
    /// Nothing.
    Nothing,
    /// It has drawn it down by so many thousandths.
    By(u16),
    /// Nothing any more: it is known to be alone.
    Alone,
}

/// What the cells say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opinion {
    /// The charge is this.
    Set(PerMille),
    /// This cell, from 1, is alone with what it shows.
    Alone(u8),
}

impl Case<'_> {
    fn window(&self, open: i32) -> Window {
        self.reading.window(open)
    }

    /// No cell is alone with what it shows, by far.
    #[must_use]
    pub fn is_level(&self) -> bool {
        let Signs { highest, lowest, others } = *self.signs;
        self.reading.apart(lowest.0, others).0 <= values::HEALTHY_SPREAD.0 / 2
            && highest.0.saturating_sub(others) <= values::LEVEL_CELLS.0
    }

    /// It is charged: what the polarisation is taken for could hide a cell that is nearly full, or make an empty one
    /// look fuller.
    #[must_use]
    pub fn is_charged(&self) -> bool {
        self.current > values::REST_CURRENT
    }

    /// What is believed of the lowest cell: that it is no further below the others than cells of a healthy module are.
    #[must_use]
    pub fn believed(&self) -> Window {
        let Window { low, high } = self.window(self.signs.lowest.0);
        let others = self.reading.at_most(self.signs.others).0;
        let least = others.saturating_sub(values::HEALTHY_SPREAD.0);
        Window { low, high: if high <= values::TRUSTED_LOW { high } else { high.max(PerMille(least)) } }
    }

    /// What the voltage says of the extremes.
    fn claim(&self, is_full: bool) -> Option<Claim> {
        let little = self.current.abs() <= values::ANCHOR_CURRENT;
        if little && !is_full && self.signs.highest.0 >= self.full_from.0 {
            return Some(Claim::Full);
        }
        let window = self.window(self.signs.lowest.0);
        let slack = values::RECALIBRATION_SLACK.0;
        let new_low = !self.low_seen && window.high <= values::TRUSTED_LOW;
        if !self.is_charged() && (new_low || self.soc.0 > window.high.0.saturating_add(slack)) {
            return Some(Claim::Less);
        }
        (self.soc.0.saturating_add(slack) < window.low.0).then_some(Claim::More)
    }

    /// The lowest cell is further below the others than cells of a healthy module are.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        self.reading.apart(self.signs.lowest.0, self.signs.others) > values::HEALTHY_SPREAD
    }

    /// Whether the others agree that there is no more than `high`. They need not have come down as far: it is enough
    /// that a healthy spread could be between, unless one is known to be alone, or that little is asked. But what one
    /// cell draws down step by step is not little, however small each step is.
    fn agree(&self, high: PerMille) -> bool {
        let asked = self.soc.0.saturating_sub(high.0);
        let little = match self.drawn {
            _ if high > values::TRUSTED_LOW => false,
            Drawn::Nothing => asked <= values::RECALIBRATION_NEAR.0,
            Drawn::By(before) => before.saturating_add(asked) <= values::HEALTHY_SPREAD.0,
            Drawn::Alone => false,
        };
        self.is_level() || little || self.drawn != Drawn::Alone && !self.is_apart()
    }

    /// Whether the other cells agree with a claim.
    #[must_use]
    pub fn judge(&self, claim: Claim) -> Opinion {
        let near = values::RECALIBRATION_NEAR.0;
        match claim {
            Claim::Full => {
                let close = self.soc.0.saturating_add(near) >= PerMille::FULL.0;
                let agree = self.signs.others >= values::FULL_OTHERS.0;
                if close || agree {
                    Opinion::Set(PerMille::FULL)
                } else {
                    Opinion::Alone(self.signs.highest.1)
                }
            }
            Claim::Less => {
                let Window { low, high } = self.window(self.signs.lowest.0);
                let within = self.soc.min(self.believed().high).max(low);
                if self.agree(high) { Opinion::Set(within) } else { Opinion::Alone(self.signs.lowest.1) }
            }
            // The lowest of all says so.
            Claim::More => Opinion::Set(self.window(self.signs.lowest.0).low),
        }
    }
}

/// Where the search for a recalibration stands.
///
/// ```text
///           a claim                     long enough
///   Free -------------> Near ---------------------------> judged, then Free, or Full
///     ^  <------------- no more, or another
///     +---- SOC below FULL_LEFT ---- Full
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The voltage says nothing against the count.
    Free,
    /// It does.
    Near {
        /// What.
        claim: Claim,
        /// Time until it is judged; zero when it has just become due.
        remaining: Duration,
    },
    /// Full, and not used since.
    Full,
}

impl Anchor {
    /// The state after a sample.
    #[must_use]
    pub fn next(self, case: Option<&Case<'_>>, soc: PerMille, elapsed: Duration) -> Self {
        if self == Self::Full && soc >= values::FULL_LEFT {
            return self;
        }
        let claim = case.and_then(|case| case.claim(self == Self::Full));
        match (self, claim) {
            (_, None) => Self::Free,
            (Self::Near { claim: before, remaining }, Some(claim)) if before == claim => {
                Self::Near { claim, remaining: remaining.less(elapsed) }
            }
            (_, Some(claim)) => Self::Near { claim, remaining: values::ANCHOR_TIME },
        }
    }

    /// The claim that is to be judged in this step.
    #[must_use]
    pub const fn due(self) -> Option<Claim> {
        match self {
            Self::Near { claim, remaining } if remaining.is_zero() => Some(claim),
            Self::Free | Self::Near { .. } | Self::Full => None,
        }
    }
}
