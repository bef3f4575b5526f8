//! When something was heard, and whether that is too long ago.

use std::ops::Deref;
use voltower_core::{Duration, Instant};

/// Anything older than this is stale, unless the source itself is slower (ours: three of the slowest cycles,
/// 1 s).
const STALE_AFTER: Duration = Duration::secs(3);

/// A value, when it was heard, and whether that is too long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard<T> {
    /// What was said last.
    pub value: T,
    /// When.
    pub at: Instant,
    /// Too long ago to be taken for the present.
    pub stale: bool,
}

impl<T> Heard<T> {
    /// The value, if it is not stale.
    pub fn fresh(&self) -> Option<&T> {
        (!self.stale).then_some(&self.value)
    }
}

impl<T> Heard<T> {
    /// The same of something that is read off it.
    pub fn map<U>(self, read: impl FnOnce(T) -> U) -> Heard<U> {
        Heard { value: read(self.value), at: self.at, stale: self.stale }
    }
}

impl<T> Deref for Heard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Keeps the last of a kind of message, and learns how often it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest<T> {
    last: Option<(T, Instant)>,
    gaps: [Duration; 2],
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self { last: None, gaps: [Duration::ZERO; 2] }
    }
}

impl<T: Copy> Latest<T> {
    /// Notes what was heard at `at`.
    pub fn hear(&mut self, at: Instant, value: T) {
        if let Some((_, before)) = self.last {
            self.gaps = [self.gaps[1], at.since(before)];
        }
        self.last = Some((value, at));
    }

    /// The value alone, however old.
    pub fn value(&self) -> Option<T> {
        self.last.map(|(value, _)| value)
    }

    /// What was heard, as it looks at `now`.
    pub fn seen(&self, now: Instant) -> Option<Heard<T>> {
        let (value, at) = self.last?;
        Some(Heard { value, at, stale: now.since(at) > self.patience() })
    }

    /// Three usual gaps, if that is more than the common limit. The shorter of the last two gaps counts, so
    /// that one silence does not make the next one pass unseen.
    fn patience(&self) -> Duration {
        let [a, b] = self.gaps;
        Duration(STALE_AFTER.0.max(a.0.min(b.0).saturating_mul(3)))
    }
}
