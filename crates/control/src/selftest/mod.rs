//! Self tests of a controller's own electronics (IEC 60730-1, table H.11.12.7, class B): variable memory, invariable
//! memory, control flow.
//!
//! ```text
//!   whoever calls step                       the controller, pure
//!   +-------------------------------+        +--------------------------------+
//!   | SelfTests: march over the RAM |        | Watch: failed, or overdue      |
//!   |            sweep of the image | report | Signature: phases of a sample  |
//!   | a slice when its turn is due  |------->| any of them wrong: trip        |
//!   +-------------------------------+        +--------------------------------+
//! ```
//!
//! A step touches neither RAM nor flash by address, so that the tests of these run beside it, and it is told only
//! what they have come to. It counts the time by itself: a runner that hangs is as bad as a test that fails.

mod flow;
mod march;
mod schedule;
mod sweep;

pub use flow::{Phase, Signature};
pub use march::{March, Memory};
pub use schedule::{Turn, Watch, Wrong};
pub use sweep::{Image, Sweep, crc32};

use voltower_core::Duration;

/// What a slice of a test has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slice {
    /// Nothing wrong, and there is more to test.
    Good,
    /// Nothing wrong, and that was the last one of this pass.
    Last,
    /// Something is wrong. The test starts anew.
    Bad,
}

/// What one test has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TestReport {
    /// Passes that have come to an end, good or bad; counts round and round.
    pub passes: u32,
    /// The last of them was bad.
    pub failed: bool,
}

impl TestReport {
    const fn note(&mut self, slice: Slice) {
        match slice {
            Slice::Good => return,
            Slice::Last => self.failed = false,
            Slice::Bad => self.failed = true,
        }
        self.passes = self.passes.wrapping_add(1);
    }
}

/// What the tests beside the step have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SelfTestReport {
    /// The march over the variable memory.
    pub memory: TestReport,
    /// The sweep of the invariable memory.
    pub image: TestReport,
}

/// The tests that run beside the step, with what they have come to. At most one slice of each a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SelfTests {
    march: March,
    memory_turn: Turn,
    sweep: Sweep,
    image_turn: Turn,
    report: SelfTestReport,
}

impl SelfTests {
    /// At the start of both. `checksum` is the CRC-32 that the image must have.
    #[must_use]
    pub fn new(checksum: u32) -> Self {
        Self {
            march: March::default(),
            memory_turn: Turn::default(),
            sweep: Sweep::new(checksum),
            image_turn: Turn::default(),
            report: SelfTestReport::default(),
        }
    }

    /// Tests what is due after `elapsed`. Nobody else may touch `memory` meanwhile: call it with interrupts off.
    pub fn step<M: Memory, I: Image>(&mut self, elapsed: Duration, memory: &mut M, image: &I) {
        if self.memory_turn.is_due(elapsed, March::slices(memory.words())) {
            self.report.memory.note(self.march.step(memory));
        }
        if self.image_turn.is_due(elapsed, Sweep::slices(image.length())) {
            self.report.image.note(self.sweep.step(image));
        }
    }

    /// What they have come to.
    #[must_use]
    pub const fn report(&self) -> SelfTestReport {
        self.report
    }
}
