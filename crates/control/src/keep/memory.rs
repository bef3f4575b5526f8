//! What memory beside the step must hold, and what it does hold.

use voltower_core::{Duration, ResetCause, values};

use super::boot::Boot;
use super::bytes::{Damage, PartBytes};
use crate::io::SamplePeriod;

/// The parts in which a device's state is kept: one item of memory each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Part {
    /// Lock-outs and tries. Must not be lost.
    Safety = 1,
    /// What a person has set. Must not be lost.
    Settings = 2,
    /// A module's charge, capacity, health, cycles; when a distribution unit may ask again for what charges them. A
    /// loss is told and lived with.
    Charge = 4,
    /// What the device has gone through. A loss is told and lived with.
    Lifetime = 8,
    /// Number of starts, and resets lately.
    Boot = 16,
    /// The seconds before the first fault.
    Blackbox = 32,
}

impl Part {
    /// All of them, the most important first: in this order they are written.
    pub const ALL: [Self; 6] =
        [Self::Safety, Self::Settings, Self::Boot, Self::Charge, Self::Lifetime, Self::Blackbox];

    /// The number under which memory has it, from 0.
    #[must_use]
    pub const fn key(self) -> u8 {
        (self as u8).trailing_zeros() as u8
    }
}

/// A set of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Parts(u8);

impl Parts {
    /// None.
    pub const NONE: Self = Self(0);
    /// Those without which a device stays off the bus until a person has looked.
    pub const VITAL: Self = Self::NONE.with(Part::Safety).with(Part::Settings);

    /// With `part` in it.
    #[must_use]
    pub const fn with(self, part: Part) -> Self {
        Self(self.0 | part as u8)
    }

    /// Whether `part` is in it.
    #[must_use]
    pub const fn contains(self, part: Part) -> bool {
        self.0 & part as u8 != 0
    }

    /// Nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// As bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Those of `other` that are in it too.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// What must be written down, so that it outlives a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Keep {
    /// Counts the changes. Memory that has written the state as it is now reports this number.
    pub revision: u32,
    /// What has changed since the revision that memory has reported.
    pub parts: Parts,
    /// Counts how often a person has asked to clear, round and round: memory that has failed is tried at once then.
    pub asked: u8,
}

impl Keep {
    /// As at the start.
    pub const NOTHING: Self = Self { revision: 0, parts: Parts::NONE, asked: 0 };
}

/// What the memory beside the step has come to: in every sample, as the self tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MemoryReport {
    /// The revision of the state that it holds, 0 from the start.
    pub held: u32,
    /// Something could not be written or read.
    pub failed: bool,
}

/// Watches memory: what must be held, what is, and how long it takes.
///
/// ```text
///            a change                   report holds it
///   held -----------------> waiting{} -----------------> held
///                              | MEMORY_ANSWER over, or the report says *failed*
///                              v
///                            wrong: trip, until a person has looked and memory works
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MemoryWatch {
    keep: Keep,
    held: u32,
    /// Revision of the last change of lock-outs or tries.
    safety: u32,
    /// Since memory last held something new, at the usual sample period.
    waiting: Duration,
    failed: bool,
    overdue: bool,
}

impl MemoryWatch {
    /// Of a device that starts: the first time it writes everything down, later what was lost and may be.
    #[must_use]
    pub fn starting(boot: Boot, damaged: Parts) -> Self {
        let mut watch = Self::default();
        let lost = damaged.minus(Parts::VITAL);
        for part in Part::ALL {
            let is_wanted = boot.number <= 1 && damaged.is_empty() && part != Part::Blackbox;
            if is_wanted || lost.contains(part) {
                watch.change(part);
            }
        }
        watch
    }

    /// `part` has changed.
    pub const fn change(&mut self, part: Part) {
        self.keep.revision = self.keep.revision.wrapping_add(1);
        self.keep.parts = self.keep.parts.with(part);
        if matches!(part, Part::Safety) {
            self.safety = self.keep.revision;
        }
    }

    /// A person asks to clear: lock-outs are written down once more, at once, and so memory that has failed is tried.
    pub const fn ask(&mut self) {
        self.keep.asked = self.keep.asked.wrapping_add(1);
        self.change(Part::Safety);
    }

    /// Takes the report of one sample. Memory that does not hold what it must for [`values::MEMORY_ANSWER`] has failed.
    /// How many parts it has written meanwhile.
    pub fn step(&mut self, report: MemoryReport, elapsed: Duration, period: SamplePeriod) -> u32 {
        let mut written = 0;
        if self.held != report.held {
            self.waiting = Duration::ZERO;
            written = self.keep.parts.bits().count_ones();
        }
        self.held = report.held;
        self.failed = report.failed;
        if self.held == self.keep.revision {
            self.keep.parts = Parts::NONE;
            self.waiting = Duration::ZERO;
        } else {
            self.waiting = self.waiting + waited(elapsed, period);
        }
        self.overdue = self.waiting > values::MEMORY_ANSWER;
        written
    }

    /// What must be written down.
    #[must_use]
    pub const fn keep(&self) -> Keep {
        self.keep
    }

    /// Memory holds the lock-outs and tries as they are.
    #[must_use]
    pub const fn holds_safety(&self) -> bool {
        // Revisions count round and round: held is the later one if it is less than half of the way ahead.
        self.held.wrapping_sub(self.safety) < 1 << 31
    }

    /// It could not write or read.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.failed
    }

    /// It has not answered for too long.
    #[must_use]
    pub const fn is_overdue(&self) -> bool {
        self.overdue
    }
}

/// The share of the patience that a sample of this `period` adds, and a third of it at most: a clock that jumps ahead
/// while memory writes is no memory that does not answer.
fn waited(elapsed: Duration, period: SamplePeriod) -> Duration {
    let patience = values::MEMORY_ANSWER;
    let stretched = period.stretch(patience).0.max(1);
    Duration(elapsed.0.saturating_mul(patience.0) / stretched).min(Duration(patience.0 / 3))
}

/// Reads the start and then the other `parts`; what is lost or cannot be believed is named.
pub(super) fn recall(
    cause: ResetCause,
    parts: &[Part],
    mut read: impl FnMut(Part) -> Result<Option<PartBytes>, Damage>,
    mut take: impl FnMut(Part, &[u8]) -> Result<(), Damage>,
) -> (Boot, Parts) {
    let last = read(Part::Boot).and_then(|bytes| bytes.map(|bytes| Boot::from_bytes(&bytes)).transpose());
    // Whoever was never started has nothing to lose.
    let is_new = last == Ok(None);
    let mut damaged = if last.is_err() { Parts::NONE.with(Part::Boot) } else { Parts::NONE };
    for part in parts {
        let is_whole = match read(*part) {
            Ok(Some(bytes)) => take(*part, &bytes).is_ok(),
            Ok(None) => is_new,
            Err(_) => false,
        };
        if !is_whole {
            damaged = damaged.with(*part);
        }
    }
    (Boot::after(last.ok().flatten().unwrap_or(Boot::NEVER), cause), damaged)
}
