//! What both controllers do about what they keep: hear memory, count resets, and tell what was lost.

use voltower_core::Duration;

use super::{Announcement, Boot, MemoryReport, MemoryWatch, Part, Parts, Resets};
use crate::io::{Records, SamplePeriod};

/// Between a controller and the memory beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    memory: MemoryWatch,
    resets: Resets,
    /// Parts that could not be believed, and no person has looked.
    damaged: Parts,
    announcement: Announcement,
}

impl Keeping {
    /// As after the start `boot`, at which `damaged` parts could not be believed.
    #[must_use]
    pub fn new(boot: Boot, damaged: Parts) -> Self {
        Self {
            memory: MemoryWatch::starting(boot, damaged),
            resets: Resets::new(boot),
            damaged: damaged.both(Parts::VITAL),
            announcement: Announcement::new(boot, damaged),
        }
    }

    /// What memory must hold, and holds.
    #[must_use]
    pub const fn memory(&self) -> &MemoryWatch {
        &self.memory
    }

    /// Starts and resets, as they are kept.
    #[must_use]
    pub const fn boot(&self) -> Boot {
        self.resets.boot()
    }

    /// Lock-outs or settings that were lost, until a person has looked.
    #[must_use]
    pub const fn damaged(&self) -> Parts {
        self.damaged
    }

    /// This part has changed.
    pub const fn change(&mut self, part: Part) {
        self.memory.change(part);
    }

    /// A person asks to clear: see [`MemoryWatch::ask`].
    pub const fn ask(&mut self) {
        self.memory.ask();
    }

    /// Hears what memory holds, and tells what it did not hold at the start. How many parts it has written.
    pub fn step(
        &mut self,
        report: MemoryReport,
        elapsed: Duration,
        period: SamplePeriod,
        records: &mut Records,
    ) -> u32 {
        let written = self.memory.step(report, elapsed, period);
        if self.resets.step(elapsed) {
            self.memory.change(Part::Boot);
        }
        self.announcement.tell(records);
        written
    }

    /// A person has looked: what was lost is written down as it is now, and a storm of resets is over.
    pub fn forgive(&mut self) {
        for part in [Part::Safety, Part::Settings] {
            if self.damaged.contains(part) {
                self.memory.change(part);
            }
        }
        if self.resets.forgive() {
            self.memory.change(Part::Boot);
        }
    }

    /// What was lost is replaced for good.
    pub const fn believe(&mut self) {
        self.damaged = Parts::NONE;
    }
}
