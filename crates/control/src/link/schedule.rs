//! When process data are due (CiA 301: event timer, or every so many SYNC).

use voltower_core::Duration;
use voltower_core::values::{LINK_FAST_PERIOD, LINK_INHIBIT, LINK_SLOW_PERIOD};
use voltower_protocols::link::dictionary::SLOW_PDOS;

/// Event-driven, manufacturer specific (CiA 301).
const EVENT_DRIVEN: u8 = 254;
/// Event-driven, by device profile: to us the same (CiA 301).
const EVENT_DRIVEN_BY_PROFILE: u8 = 255;

/// Which process data are to be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Due {
    /// State, power, limits: every [`LINK_FAST_PERIOD`], which nobody can change, and when they change.
    pub fast: bool,
    /// Commands to others: at the same time, but even where network management wants process data to rest.
    pub command: bool,
    /// Slow process data, by place: bit 0 is the first.
    pub slow: u16,
}

impl Due {
    /// Whether the slow process data at `place` are.
    #[must_use]
    pub const fn has_slow(self, place: u8) -> bool {
        self.slow & bit(place) != 0
    }
}

const fn bit(place: u8) -> u16 {
    1 << (place & 0xF)
}

const _: () = assert!(SLOW_PDOS <= u16::BITS as usize);

/// When one of the slow process data is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Slow {
    /// 1 to 240: after so many SYNC; 254 and 255: by timer.
    kind: u8,
    timer: Duration,
    /// Until the timer is up.
    remaining: Duration,
    /// SYNC counted.
    counted: u8,
    /// There is something new to tell.
    hurried: bool,
}

impl Slow {
    const fn new() -> Self {
        Self {
            kind: EVENT_DRIVEN,
            timer: LINK_SLOW_PERIOD,
            remaining: Duration::ZERO,
            counted: 0,
            hurried: false,
        }
    }

    const fn is_timed(&self) -> bool {
        matches!(self.kind, EVENT_DRIVEN | EVENT_DRIVEN_BY_PROFILE)
    }

    fn on_timer(&mut self, elapsed: Duration) -> bool {
        if !self.is_timed() {
            return false;
        }
        let early = if self.hurried { self.timer.less(LINK_FAST_PERIOD) } else { Duration::ZERO };
        self.remaining = self.remaining.less(elapsed);
        let due = self.remaining <= early;
        if due {
            self.remaining = self.timer;
            self.hurried = false;
        }
        due
    }

    fn on_sync(&mut self) -> bool {
        if self.is_timed() {
            return false;
        }
        self.counted = self.counted.saturating_add(1);
        let due = self.counted >= self.kind;
        if due {
            self.counted = 0;
        }
        due
    }
}

const _: () = assert!(LINK_INHIBIT.0 < LINK_FAST_PERIOD.0);

/// When the process data of a node are sent. With a slower sample period every sample sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Schedule {
    fast: Duration,
    /// There is something new to tell.
    hurried: bool,
    slow: [Slow; SLOW_PDOS],
}

impl Schedule {
    /// All are due at the first tick.
    #[must_use]
    pub const fn new() -> Self {
        Self { fast: Duration::ZERO, hurried: false, slow: [Slow::new(); SLOW_PDOS] }
    }

    /// Starts anew; what was written stays.
    pub fn restart(&mut self) {
        self.fast = Duration::ZERO;
        for slow in &mut self.slow {
            slow.remaining = Duration::ZERO;
            slow.counted = 0;
        }
    }

    /// Lets `elapsed` pass.
    pub fn tick(&mut self, elapsed: Duration) -> Due {
        let fast = self.tick_fast(elapsed);
        Due { fast, command: fast, slow: bits(&mut self.slow, |slow| slow.on_timer(elapsed)) }
    }

    /// Something has changed that others wait for: the fast process data are due at the next tick, if the last ones are
    /// [`LINK_INHIBIT`] old.
    pub const fn hurry(&mut self) {
        self.hurried = true;
    }

    /// The slow process data at `place` have changed: if they go by their timer, they are due once the last ones are
    /// [`LINK_FAST_PERIOD`] old.
    pub fn hurry_slow(&mut self, place: u8) {
        if let Some(slow) = self.slow.get_mut(usize::from(place)) {
            slow.hurried = true;
        }
    }

    fn tick_fast(&mut self, elapsed: Duration) -> bool {
        let early = if self.hurried { LINK_FAST_PERIOD.less(LINK_INHIBIT) } else { Duration::ZERO };
        self.fast = self.fast.less(elapsed);
        let due = self.fast <= early;
        if due {
            self.fast = LINK_FAST_PERIOD;
            self.hurried = false;
        }
        due
    }

    /// A SYNC has come: which of the slow ones are due.
    pub fn on_sync(&mut self) -> Due {
        Due { slow: bits(&mut self.slow, Slow::on_sync), ..Due::default() }
    }

    /// Transmission type of the slow process data at `place`.
    #[must_use]
    pub fn kind(&self, place: u8) -> u8 {
        self.slow.get(usize::from(place)).map_or(EVENT_DRIVEN, |slow| slow.kind)
    }

    /// Sets it; false if it is reserved or means something that we do not do.
    pub fn set_kind(&mut self, place: u8, kind: u8) -> bool {
        let known = matches!(kind, 1..=240 | EVENT_DRIVEN | EVENT_DRIVEN_BY_PROFILE);
        match self.slow.get_mut(usize::from(place)) {
            Some(slow) if known => {
                *slow = Slow { kind, counted: 0, ..*slow };
                true
            }
            Some(_) | None => false,
        }
    }

    /// Event timer of the slow process data at `place`, in milliseconds.
    #[must_use]
    pub fn timer(&self, place: u8) -> u16 {
        let timer = self.slow.get(usize::from(place)).map_or(LINK_SLOW_PERIOD, |slow| slow.timer);
        timer.as_millis().min(u64::from(u16::MAX)) as u16
    }

    /// Sets it.
    pub fn set_timer(&mut self, place: u8, milliseconds: u16) {
        if let Some(slow) = self.slow.get_mut(usize::from(place)) {
            slow.timer = Duration::millis(u64::from(milliseconds));
            slow.remaining = slow.timer;
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::new()
    }
}

fn bits(slow: &mut [Slow], mut is_due: impl FnMut(&mut Slow) -> bool) -> u16 {
    let mut bits = 0;
    for (slow, place) in slow.iter_mut().zip(0_u8..) {
        if is_due(slow) {
            bits |= bit(place);
        }
    }
    bits
}

/// Whether the time is up; then it starts anew, without catching up what a slow caller has missed.
pub(crate) fn count_down(remaining: &mut Duration, elapsed: Duration, period: Duration) -> bool {
    *remaining = remaining.less(elapsed);
    let due = remaining.is_zero();
    if due {
        *remaining = period;
    }
    due
}
