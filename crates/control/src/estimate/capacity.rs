//! Capacity, learned from what flows between the two ends of the charge; [`super::band`] learns it from what lies
//! between, as far as all cells agree.

use voltower_core::{Duration, PerMille, values};

use super::{part, rated};

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// Full.
    Upper,
    /// Nearly empty.
    Lower,
}

/// Who shows an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Witness {
    /// The cells agree.
    All,
    /// This cell alone, from 1.
    One(u8),
}

impl Witness {
    /// What one cell alone shows at both ends is its capacity, and the module's, and where all are, it is, too; what
    /// two different cells show alone is nobody's.
    fn fits(self, other: Self) -> bool {
        match (self, other) {
            (Self::One(cell), Self::One(another)) => cell == another,
            (Self::All, _) | (_, Self::All) => true,
        }
    }
}

/// An end that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shown {
    /// Which.
    pub end: End,
    /// By whom.
    pub witness: Witness,
    /// What its voltage means.
    pub soc: PerMille,
}

/// The last place that was known, and what has flowed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Learner {
    last: Option<Passage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Passage {
    from: Shown,
    /// mA us.
    moved: i64,
    since: Duration,
}

impl Learner {
    /// `moved` has flowed, mA us.
    pub fn pass(&mut self, moved: i64, elapsed: Duration) {
        if let Some(last) = &mut self.last {
            last.moved = last.moved.saturating_add(moved);
            last.since = last.since + elapsed;
        }
    }

    /// An end is shown; the capacity to go on with, mA us, if the way from the other end tells it.
    pub fn reach(&mut self, shown: Shown, capacity: i64) -> Option<i64> {
        let here = Passage { from: shown, moved: 0, since: Duration::ZERO };
        let Passage { from, moved, since } = self.last.replace(here)?;
        let apart = i64::from(shown.soc.0) - i64::from(from.soc.0);
        let flowed = since <= values::LEARNED_WITHIN && moved.signum() == apart.signum();
        let measured = (moved.saturating_abs() / apart.abs().max(1)).saturating_mul(1000);
        let other = from.end != shown.end && shown.witness.fits(from.witness);
        let tells = other && apart.abs() >= i64::from(values::LEARNED_OVER.0);
        if tells && flowed { step(capacity, measured) } else { None }
    }
}

/// Half the way to what was measured. All of it from a capacity that nobody has measured, and from one that is further
/// off than what is learned may be: a cell has lost capacity, or the module has another one now. Within
/// what a module can have, none if that cannot be.
fn step(capacity: i64, measured: i64) -> Option<i64> {
    let (least, most) = (part(rated(), values::CAPACITY_LEAST), part(rated(), values::CAPACITY_MOST));
    let explained = (measured - capacity).abs() <= part(rated(), values::LEARNED_ERROR);
    let share = if is_learned(capacity) && explained { 2 } else { 1 };
    (least..=most).contains(&measured).then(|| capacity + (measured - capacity) / share)
}

/// It was measured once: nothing that is measured is the rated one to the last count.
#[must_use]
pub const fn is_learned(capacity: i64) -> bool {
    capacity != rated()
}
