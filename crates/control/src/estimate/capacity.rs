//! Capacity, learned from what flows between two places that the voltage proves.

use voltower_core::{Duration, PerMille, values};

use super::anchor::Claim;
use super::{part, rated};

/// The last place, and what has flowed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Learner {
    proved: Option<Passage<PerMille>>,
    alone: Option<Passage<(Claim, u8)>>,
}

/// A place, and what has flowed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Passage<P> {
    place: P,
    /// mA us.
    moved: i64,
    since: Duration,
}

impl<P> Passage<P> {
    const fn new(place: P) -> Self {
        Self { place, moved: 0, since: Duration::ZERO }
    }

    fn pass(&mut self, moved: i64, elapsed: Duration) {
        self.moved = self.moved.saturating_add(moved);
        self.since = self.since + elapsed;
    }
}

impl Learner {
    /// `moved` has flowed, mA us.
    pub fn pass(&mut self, moved: i64, elapsed: Duration) {
        if let Some(proved) = &mut self.proved {
            proved.pass(moved, elapsed);
        }
        if let Some(alone) = &mut self.alone {
            alone.pass(moved, elapsed);
        }
    }

    /// The module is at `soc`; the capacity to go on with, if the way from the last place tells it.
    pub fn reach(&mut self, soc: PerMille, capacity: i64) -> Option<i64> {
        self.alone = None;
        let last = self.proved.replace(Passage::new(soc))?;
        let apart = i64::from(soc.0) - i64::from(last.place.0);
        let is_far = apart.abs() >= i64::from(values::LEARNED_OVER.0);
        let fits = last.since <= values::LEARNED_WITHIN && last.moved.signum() == apart.signum();
        if is_far && fits { step(capacity, last.moved.abs() / apart.abs() * 1000) } else { None }
    }

    /// One cell, from 1, is alone at an end; the capacity to go on with if it was so at the other end, too.
    pub fn alone(&mut self, claim: Claim, cell: u8, capacity: i64) -> Option<i64> {
        let last = self.alone.replace(Passage::new((claim, cell)))?;
        let (before, same) = last.place;
        let opposite = before != claim && same == cell;
        let direction = if claim == Claim::Full { 1 } else { -1 };
        let fits = last.moved.signum() == direction && last.since <= values::LEARNED_WITHIN;
        if opposite && fits { step(capacity, last.moved.abs()) } else { None }
    }
}

/// Half the way to what was measured, within what a module can have; none if that cannot be.
fn step(capacity: i64, measured: i64) -> Option<i64> {
    let (least, most) = (part(rated(), values::CAPACITY_LEAST), part(rated(), values::CAPACITY_MOST));
    (least..=most).contains(&measured).then(|| capacity + (measured - capacity) / 2)
}
