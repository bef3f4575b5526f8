//! One row of the condition table, and the state that debounces it.

use voltower_core::{Condition, Duration, Finding, Levels, Threshold, values};

use super::measure::Evidence;
use crate::io::SamplePeriod;

/// Which side of the level is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sense {
    /// At or above the level.
    Above,
    /// At or below the level.
    Below,
}

/// How a condition goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recovery {
    /// By itself, after its calm time.
    Automatic,
    /// By itself, but only so many times within an hour; then it locks out.
    Tries,
    /// It locks out at once.
    Person,
}

/// Which way power flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Into the pack.
    Charge,
    /// Out of the pack.
    Discharge,
}

/// What the module does about a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// Tells.
    Warn,
    /// Power in this direction is zero.
    Stop(Direction),
    /// Leaves the bus for [`values::ISOLATION_TIME`]; then only this direction stays stopped, the other one heals it.
    Rest(Direction),
    /// Leaves the bus for [`values::ISOLATION_TIME`]; then only what brings its cells together may pass, gently.
    Level,
    /// Leaves the bus, power to zero first.
    Isolate,
    /// Opens everything at once.
    Open,
}

/// What makes a condition go away. The direction that heals one is never blocked by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Heals {
    /// Charging.
    Charge,
    /// Discharging.
    Discharge,
    /// A gentle charge; at the top of the charge discharging.
    Levelling,
    /// That nothing flows: what is hot cools, and the weather changes.
    Rest,
    /// That what it is about is put right, by itself or by hand.
    Repair,
    /// An operator who acknowledges it, once what it is about is over.
    Operator,
}

impl Heals {
    /// What people read.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Charge => "charging",
            Self::Discharge => "discharging",
            Self::Levelling => "a gentle charge; discharging at the top",
            Self::Rest => "rest",
            Self::Repair => "its cause is put right",
            Self::Operator => "an operator",
        }
    }
}

/// How the level from which a row is right again follows the one that a person sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clear {
    /// It is set too.
    At(Threshold),
    /// It stays as far away as in our table.
    Apart,
    /// It stays the same share of it as in our table.
    Share,
    /// It stays.
    Fixed,
}

/// What a person may set of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Settable {
    /// Where it is wrong.
    pub raise: Threshold,
    /// Where it is right again.
    pub clear: Clear,
}

/// One row of the condition table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Row {
    /// The quantity looked at.
    pub quantity: super::Quantity,
    /// Which side is wrong.
    pub sense: Sense,
    /// Wrong from here.
    pub raise: i32,
    /// Right again from here.
    pub clear: i32,
    /// Fresh samples on the wrong side before it is raised.
    pub samples: u8,
    /// Time on the wrong side before it is raised, from fresh sample to fresh sample.
    pub after: Duration,
    /// Time on the right side before it clears, from fresh sample to fresh sample.
    pub calm: Duration,
    /// How it goes away.
    pub recovery: Recovery,
    /// What is raised.
    pub condition: Condition,
    /// What is done.
    pub reaction: Reaction,
    /// What makes it go away.
    pub heals: Heals,
    /// What exactly it is, in words.
    pub finding: Finding,
    /// What a person may set of it.
    pub settable: Option<Settable>,
}

impl Row {
    /// It waits for a person, at once or after its tries.
    #[must_use]
    pub const fn locks_out(&self) -> bool {
        matches!(self.recovery, Recovery::Tries | Recovery::Person)
    }

    /// It comes back by itself, but only so many times.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        matches!(self.recovery, Recovery::Tries)
    }

    /// What is done about it leaves what heals it.
    #[must_use]
    pub const fn has_a_way_out(&self) -> bool {
        use Direction::{Charge, Discharge};
        match self.heals {
            Heals::Charge => matches!(
                self.reaction,
                Reaction::Warn | Reaction::Stop(Discharge) | Reaction::Rest(Discharge)
            ),
            Heals::Discharge => {
                matches!(self.reaction, Reaction::Warn | Reaction::Stop(Charge) | Reaction::Rest(Charge))
            }
            Heals::Levelling => matches!(self.reaction, Reaction::Warn | Reaction::Level),
            Heals::Rest | Heals::Repair => !matches!(self.recovery, Recovery::Person),
            Heals::Operator => matches!(self.recovery, Recovery::Person),
        }
    }

    /// This row of our table with the levels that are set.
    #[must_use]
    pub const fn at(self, levels: &Levels) -> Self {
        let Some(settable) = self.settable else { return self };
        let raise = levels.number(settable.raise);
        let clear = match settable.clear {
            Clear::At(threshold) => levels.number(threshold),
            Clear::Apart => raise.saturating_add(self.clear.saturating_sub(self.raise)),
            Clear::Share => share(raise, self.clear, self.raise),
            Clear::Fixed => self.clear,
        };
        Self { raise, clear, ..self }
    }

    /// Valid readings are on the wrong side.
    #[must_use]
    pub fn is_wrong(&self, evidence: &Evidence) -> bool {
        evidence.seen.is_some_and(|value| match self.sense {
            Sense::Above => value >= self.raise,
            Sense::Below => value <= self.raise,
        })
    }

    /// Everything is on the right side, lost readings included.
    #[must_use]
    pub fn is_calm(&self, evidence: &Evidence) -> bool {
        self.judge(evidence) == Sight::Calm
    }

    /// What the evidence says of the level from which it is right again.
    fn judge(&self, evidence: &Evidence) -> Sight {
        let calm = |value: i32| match self.sense {
            Sense::Above => value <= self.clear,
            Sense::Below => value >= self.clear,
        };
        match evidence.seen {
            Some(seen) if !calm(seen) => Sight::Not,
            Some(_) if calm(evidence.worst) => Sight::Calm,
            Some(_) | None => Sight::Unknown,
        }
    }
}

/// What can be seen of a condition that is to clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// Everything is on the right side.
    Calm,
    /// What is lost may be on the wrong side, what is seen is on the right one.
    Unknown,
    /// Something is seen that is not on the right side.
    Not,
}

/// `of` times `part / whole`, the latter two positive.
const fn share(of: i32, part: i32, whole: i32) -> i32 {
    match of.saturating_mul(part).checked_div(whole) {
        Some(share) => share,
        None => part,
    }
}

/// Where a row stands. Its time goes from fresh sample to fresh sample: one that brings nothing new changes nothing,
/// and the next one stands for the time since the last.
///
/// ```text
///            wrong                samples and time are full
///   Quiet ---------> Rising ---------------------------------> Raised <--+
///     ^  <----------  |                                        |  |      | wrong again within
///     |  counts back  |               calm time is full        |  +------+ the calm time
///     +---------------|----------------------------------------+
///     |               +--- recovery by a person, or no tries left ---> Locked
///     +------------------------- a person, and calm ---------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowState {
    /// Nothing wrong.
    Quiet {
        /// Times it was raised lately.
        tries: u8,
        /// Time until these are forgiven.
        forgiven_in: Duration,
    },
    /// Wrong, but not for long enough.
    Rising {
        /// Times it was raised lately.
        tries: u8,
        /// Fresh wrong samples.
        samples: u8,
        /// Time spent wrong.
        elapsed: Duration,
        /// Time since the last fresh sample.
        waited: Duration,
    },
    /// The condition is there.
    Raised {
        /// Times it was raised lately, this one included.
        tries: u8,
        /// Time since it was raised.
        held: Duration,
        /// Time on the right side.
        calm: Duration,
        /// Time since the last fresh sample.
        waited: Duration,
    },
    /// The condition is there until a person clears it.
    Locked,
}

impl RowState {
    /// Nothing wrong, nothing remembered.
    pub const QUIET: Self = Self::Quiet { tries: 0, forgiven_in: Duration::ZERO };

    /// Nothing wrong now, but it was raised so often lately.
    #[must_use]
    pub const fn after_tries(tries: u8) -> Self {
        let forgiven_in = if tries == 0 { Duration::ZERO } else { values::TRIES_FORGIVEN };
        Self::Quiet { tries, forgiven_in }
    }

    /// How often it was raised lately; a lock-out has no more tries to count.
    #[must_use]
    pub const fn tries(self) -> u8 {
        match self {
            Self::Quiet { tries, .. } | Self::Rising { tries, .. } | Self::Raised { tries, .. } => tries,
            Self::Locked => 0,
        }
    }

    /// Time since it was raised; none for a lock-out.
    #[must_use]
    pub const fn held(self) -> Duration {
        match self {
            Self::Raised { held, .. } => held,
            Self::Quiet { .. } | Self::Rising { .. } | Self::Locked => Duration::ZERO,
        }
    }

    /// The condition is there.
    #[must_use]
    pub const fn is_present(self) -> bool {
        match self {
            Self::Quiet { .. } | Self::Rising { .. } => false,
            Self::Raised { .. } | Self::Locked => true,
        }
    }

    /// The state after `evidence`; `person` if somebody clears lock-outs.
    #[must_use]
    pub fn next(self, row: &Row, evidence: &Evidence, elapsed: Duration, person: bool) -> Self {
        match self {
            Self::Quiet { tries, forgiven_in } => {
                if row.is_wrong(evidence) && evidence.fresh {
                    return risen(row, tries, 1, Duration::ZERO);
                }
                let forgiven_in = forgiven_in.less(elapsed);
                Self::Quiet { tries: if forgiven_in.is_zero() { 0 } else { tries }, forgiven_in }
            }
            Self::Rising { tries, samples, elapsed: so_far, waited } => {
                let waited = waited + elapsed;
                if !evidence.fresh || evidence.seen.is_none() {
                    return Self::Rising { tries, samples, elapsed: so_far, waited };
                }
                rising(row, evidence, vouched(waited, elapsed), tries, samples, so_far)
            }
            Self::Raised { tries, held, calm, waited } => {
                let (held, waited) = (held + elapsed, waited + elapsed);
                let sight = if evidence.fresh { row.judge(evidence) } else { Sight::Unknown };
                match sight {
                    Sight::Unknown => Self::Raised { tries, held, calm, waited },
                    Sight::Not => Self::Raised { tries, held, calm: Duration::ZERO, waited: Duration::ZERO },
                    Sight::Calm => calmer(row, tries, held, calm + vouched(waited, elapsed)),
                }
            }
            Self::Locked if person && row.is_calm(evidence) => Self::QUIET,
            Self::Locked => Self::Locked,
        }
    }
}

/// A reading stands for the time since the one before it, but for no more than a reading holds.
fn vouched(waited: Duration, elapsed: Duration) -> Duration {
    waited.min(SamplePeriod(elapsed).reading_holds())
}

/// A raised row that was seen to be right for so long.
fn calmer(row: &Row, tries: u8, held: Duration, calm: Duration) -> RowState {
    if calm >= row.calm {
        return RowState::Quiet { tries, forgiven_in: values::TRIES_FORGIVEN };
    }
    RowState::Raised { tries, held, calm, waited: Duration::ZERO }
}

/// Counts up on the wrong side and back on the right one, so that noise at the level delays no trip for ever;
/// `elapsed` since the last fresh sample.
fn rising(
    row: &Row,
    evidence: &Evidence,
    elapsed: Duration,
    tries: u8,
    samples: u8,
    so_far: Duration,
) -> RowState {
    if row.is_wrong(evidence) {
        let samples = samples.saturating_add(1);
        return risen(row, tries, samples, so_far + elapsed);
    }
    match samples.saturating_sub(1) {
        0 => RowState::Quiet { tries, forgiven_in: values::TRIES_FORGIVEN },
        samples => RowState::Rising { tries, samples, elapsed: so_far.less(elapsed), waited: Duration::ZERO },
    }
}

/// A rising row that is full becomes raised, or locked.
fn risen(row: &Row, tries: u8, samples: u8, elapsed: Duration) -> RowState {
    if samples < row.samples || elapsed < row.after {
        return RowState::Rising { tries, samples, elapsed, waited: Duration::ZERO };
    }
    let tries = tries.saturating_add(1);
    let locks = match row.recovery {
        Recovery::Automatic => false,
        Recovery::Tries => u32::from(tries) >= values::OVER_CURRENT_TRIES.0,
        Recovery::Person => true,
    };
    if locks {
        RowState::Locked
    } else {
        RowState::Raised { tries, held: Duration::ZERO, calm: Duration::ZERO, waited: Duration::ZERO }
    }
}
