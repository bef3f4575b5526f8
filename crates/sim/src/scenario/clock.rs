use core::fmt;

use voltower_core::{Duration, Instant};

const DAY: u64 = 86_400;

/// Clock time of a day, in seconds since midnight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(pub u32);

/// Clock time in a run: the day the run starts is day 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockTime {
    /// From 1.
    pub day: u32,
    /// Seconds since midnight.
    pub time: DayTime,
}

impl DayTime {
    /// The clock when `at` has passed since this time of day 1.
    #[must_use]
    pub const fn after(self, at: Instant) -> ClockTime {
        let seconds = self.0 as u64 + at.0 / 1_000_000;
        ClockTime { day: (seconds / DAY) as u32 + 1, time: Self((seconds % DAY) as u32) }
    }

    /// The instant of `clock` in a run that starts at this time of day 1; `None` if that is before the start.
    #[must_use]
    pub fn until(self, clock: ClockTime) -> Option<Instant> {
        let seconds = u64::from(clock.day.checked_sub(1)?) * DAY + u64::from(clock.time.0);
        let since = seconds.checked_sub(u64::from(self.0))?;
        Some(Instant::ZERO + Duration::secs(since))
    }
}

impl fmt::Display for DayTime {
    /// `06:05`, or `06:05:09` where seconds matter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        write!(f, "{hour:02}:{minute:02}")?;
        if second != 0 || f.alternate() {
            write!(f, ":{second:02}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ClockTime {
    /// `06:05:09`; `day 2 06:05:09` from the second day on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.day > 1 {
            write!(f, "day {} ", self.day)?;
        }
        write!(f, "{:#}", self.time)
    }
}
