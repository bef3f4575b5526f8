//! When a slice of a test is due, and when a test is overdue.

use voltower_core::{Duration, values};

use super::{SelfTestReport, TestReport};
use crate::io::SamplePeriod;

/// Whose turn it is: the slices of a pass are spread evenly over [`values::SELF_TEST_PASS_TIME`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Turn {
    until: Duration,
}

impl Turn {
    /// Whether one of so many slices is due after `elapsed`: one at most, so that no call is long. Time that is lost
    /// is not made up for.
    pub fn is_due(&mut self, elapsed: Duration, slices: u32) -> bool {
        self.until = self.until.less(elapsed);
        let due = self.until.is_zero();
        if due {
            self.until = Duration(values::SELF_TEST_PASS_TIME.0 / u64::from(slices.max(1)));
        }
        due
    }
}

/// One test, as the controller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Watched {
    last: TestReport,
    /// Since a pass has come to an end, or since the start. A sample adds a [`values::SAMPLE_GAP`] at most: a clock
    /// that jumps ahead is no test that hangs, and the tower would be locked out for it.
    age: Duration,
}

impl Watched {
    fn step(&mut self, report: TestReport, elapsed: Duration) {
        let is_news = report.passes != self.last.passes;
        let passed = elapsed.min(values::SAMPLE_GAP);
        self.age = if is_news { Duration::ZERO } else { self.age + passed };
        self.last = report;
    }

    fn is_overdue(&self, period: SamplePeriod) -> bool {
        self.age > period.stretch(values::SELF_TEST_OVERDUE)
    }
}

/// What is wrong with a controller's own electronics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Wrong {
    /// The march has found memory that does not keep what is written.
    pub memory_failed: bool,
    /// It has come to no end for too long.
    pub memory_overdue: bool,
    /// The image is not what it was.
    pub image_failed: bool,
    /// Its sweep has come to no end for too long.
    pub image_overdue: bool,
    /// A sample has not gone through its phases.
    pub flow_broken: bool,
    /// Samples come, and the clock stands still.
    pub clock_stands: bool,
}

impl Wrong {
    /// Anything is.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }

    /// Bits 0 to 5, in the order of the fields.
    #[must_use]
    pub fn bits(self) -> u8 {
        let Self { memory_failed, memory_overdue, image_failed, image_overdue, flow_broken, clock_stands } =
            self;
        [clock_stands, flow_broken, image_overdue, image_failed, memory_overdue, memory_failed]
            .into_iter()
            .fold(0, |bits, wrong| bits << 1 | u8::from(wrong))
    }
}

/// The tests of a controller's electronics, watched by the controller.
///
/// ```text
///            report of a good pass
///        +-------------------------------+
///        v                               |
///   good, age 0 --an hour without a pass--> overdue: trip
///        |  ^                                 |
///        |  +------ a good pass --------------+
///        +--a bad pass--> failed: trip --a good pass, and a person--> good
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Watch {
    memory: Watched,
    image: Watched,
    /// Samples at the same time as the one before.
    standing: u8,
    wrong: Wrong,
}

impl Watch {
    /// What is wrong after `report`, which comes with a sample. A broken flow, and a clock that stood, stay so until
    /// [`Self::forgive`].
    pub fn step(&mut self, report: &SelfTestReport, elapsed: Duration, period: SamplePeriod) -> Wrong {
        self.memory.step(report.memory, elapsed);
        self.image.step(report.image, elapsed);
        self.standing = if elapsed.is_zero() { self.standing.saturating_add(1) } else { 0 };
        self.wrong = Wrong {
            memory_failed: self.memory.last.failed,
            memory_overdue: self.memory.is_overdue(period),
            image_failed: self.image.last.failed,
            image_overdue: self.image.is_overdue(period),
            clock_stands: self.wrong.clock_stands
                || u32::from(self.standing) >= values::CLOCK_STANDS_SAMPLES.0,
            ..self.wrong
        };
        self.wrong
    }

    /// A person has looked.
    pub const fn forgive(&mut self) {
        self.wrong.flow_broken = false;
        self.wrong.clock_stands = false;
    }

    /// A sample has not gone through its phases.
    pub const fn flow_is_broken(&mut self) {
        self.wrong.flow_broken = true;
    }

    /// What was wrong after the last report.
    #[must_use]
    pub const fn wrong(&self) -> Wrong {
        self.wrong
    }

    /// Seconds since a pass over memory, and over image, has come to an end.
    #[must_use]
    pub fn ages(&self) -> [u16; 2] {
        [self.memory, self.image].map(|test| u16::try_from(test.age.as_millis() / 1000).unwrap_or(u16::MAX))
    }
}
