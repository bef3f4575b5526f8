//! What the module does as a whole.

use voltower_core::{Duration, ModuleState, values};
use voltower_protocols::link::ModuleRequest;

use super::dormant::Why;
use super::pcu::Order;
use crate::io::{PowerMode, SamplePeriod};

/// Good conversions that a self test needs.
const SELF_TEST_SAMPLES: u8 = 3;

/// What a sample says of the readings, for the self test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// All are fresh and good.
    Good,
    /// One of them is not good.
    Bad,
    /// The AFE has nothing new.
    Nothing,
}

/// What the next mode depends on, all of it known before anything is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The wake line.
    pub wake: bool,
    /// What the distribution unit wants; `None` while it is silent.
    pub request: Option<ModuleRequest>,
    /// The wake line as it is at this moment: `wake` rides through a pulse.
    pub line: bool,
    /// It has an address, which the unit may believe that it uses.
    pub addressed: bool,
    /// Somebody has asked this module something while it was dormant.
    pub called: bool,
    /// New firmware is to come.
    pub update: bool,
    /// It has been out of service for so long that it should sleep.
    pub retires: Option<Why>,
    /// How long it sleeps then, unless it is woken.
    pub look_in: Duration,
    /// How long its contacts must stay open once they have opened.
    pub cool_down: Duration,
    /// The lowest cell is so low that even the enable line is too much.
    pub deep: bool,
    /// The network has just asked for a reset: leave the bus.
    pub reset: bool,
    /// Leave the bus.
    pub isolate: bool,
    /// Open everything now.
    pub open: bool,
    /// What this sample says of the readings.
    pub readings: Judged,
    /// The converter has passed its check.
    pub converter_ready: bool,
    /// The converter runs on the bus.
    pub converter_running: bool,
    /// Gate and relay are off.
    pub off_the_bus: bool,
    /// Time since the last sample.
    pub elapsed: Duration,
    /// Sample period.
    pub period: SamplePeriod,
}

/// The mode of a module.
///
/// ```text
///         wake             tests good          Connect            converter runs
///   Off --------> Starting ----------> Ready ----------> Joining ---------------> Connected
///    ^ ^             |   ^            | ^  ^ |              |                         |
///    | | wake off    |   | no update  | |  | | fault        | anything but Connect, a fault, a reset
///    | +--------+    |   |            | |  | v              v                         v
///   Asleep <----+----+ Updating <-----+ | Faulted <----- Stopping <-------------------+
///     Off, or nobody commands           |                   |
///                                       +-------------------+ off the bus
/// ```
///
/// A fault that cannot wait leads straight to `Faulted`. Whoever is out of service for long sleeps:
///
/// ```text
///                     retires            the unit agrees, or nobody commands
///   Ready, Faulted ------------> Retiring ------------------------------------> Dormant
///                                   |  ^                                           |
///   Starting, Faulted, Ready <------+  +---- ... Starting <------------------------+
///                      no longer so          a pulse of the wake line, a question, or time to look at itself
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Only the wake circuit lives.
    Off,
    /// The electronics wait, at little consumption, for a command.
    Asleep,
    /// Self test.
    Starting {
        /// Time until it has failed.
        remaining: Duration,
        /// Good samples so far.
        good: u8,
    },
    /// Healthy and off the bus.
    Ready {
        /// Time without any command.
        idle: Duration,
    },
    /// Healthy and off the bus, until its contacts may close again.
    CoolDown {
        /// Until then.
        remaining: Duration,
    },
    /// On its way to the bus.
    Joining,
    /// On the bus.
    Connected,
    /// On its way off the bus.
    Stopping,
    /// A fault keeps it off the bus.
    Faulted,
    /// Firmware is being replaced.
    Updating {
        /// Until that is given up.
        remaining: Duration,
    },
    /// Out of service for long, and says so: it sleeps when the unit knows.
    Retiring {
        /// Why.
        why: Why,
    },
    /// At the lowest supply, with its address. The unit knows.
    Dormant {
        /// Why.
        why: Why,
        /// Until it looks at itself.
        until_look: Duration,
        /// The wake line.
        line: Line,
        /// Not even the enable line is driven.
        deep: bool,
    },
}

/// The wake line of a dormant module: its return wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// On, as it was when the module fell asleep.
    On,
    /// It has fallen: for so long.
    Low(Duration),
}

impl Mode {
    const READY: Self = Self::Ready { idle: Duration::ZERO };

    /// The state on the wire.
    #[must_use]
    pub const fn state(self) -> ModuleState {
        match self {
            Self::Off | Self::Asleep => ModuleState::Shutdown,
            Self::Starting { .. } | Self::CoolDown { .. } => ModuleState::Starting,
            Self::Ready { .. } | Self::Joining => ModuleState::Ready,
            Self::Connected => ModuleState::Connected,
            Self::Stopping => ModuleState::Stopping,
            Self::Faulted => ModuleState::Faulted,
            Self::Updating { .. } => ModuleState::Updating,
            Self::Retiring { .. } | Self::Dormant { .. } => ModuleState::Dormant,
        }
    }

    /// Supply of the electronics.
    #[must_use]
    pub const fn power(self) -> PowerMode {
        match self {
            Self::Off | Self::Dormant { deep: true, .. } => PowerMode::Off,
            Self::Asleep | Self::Dormant { .. } => PowerMode::Sleep,
            Self::Starting { .. }
            | Self::Ready { .. }
            | Self::CoolDown { .. }
            | Self::Joining
            | Self::Connected
            | Self::Stopping
            | Self::Faulted
            | Self::Updating { .. }
            | Self::Retiring { .. } => PowerMode::On,
        }
    }

    /// The electronics work.
    #[must_use]
    pub const fn is_awake(self) -> bool {
        matches!(self.power(), PowerMode::On)
    }

    /// Both MOSFETs are closed.
    #[must_use]
    pub const fn mosfets(self) -> bool {
        matches!(self, Self::Joining | Self::Connected | Self::Stopping)
    }

    /// The module may carry power, or is about to.
    #[must_use]
    pub const fn is_fit(self) -> bool {
        matches!(self, Self::Ready { .. } | Self::Joining | Self::Connected | Self::Stopping)
    }

    /// What the converter is to do; `lead` if it may bring a dead bus up.
    #[must_use]
    pub const fn order(self, lead: bool) -> Order {
        match self {
            Self::Off | Self::Asleep | Self::Dormant { .. } => Order::Off,
            Self::Starting { .. }
            | Self::Ready { .. }
            | Self::CoolDown { .. }
            | Self::Faulted
            | Self::Retiring { .. } => Order::Rest,
            Self::Joining | Self::Connected => Order::Join { lead },
            Self::Stopping => Order::Leave,
            Self::Updating { .. } => Order::Update,
        }
    }

    /// The mode after a sample.
    #[must_use]
    pub fn next(self, situation: &Situation) -> Self {
        match self {
            Self::Off if situation.wake => Self::starting(situation),
            Self::Off => Self::Off,
            Self::Asleep => situation.asleep(),
            Self::Starting { remaining, good } => situation.testing(remaining, good),
            Self::Ready { idle } => situation.ready(idle),
            Self::CoolDown { remaining } => situation.cooling_down(remaining),
            Self::Joining | Self::Connected => situation.on_the_bus(),
            Self::Stopping => situation.stopping(),
            Self::Faulted => situation.faulted(),
            Self::Updating { remaining } => situation.updating(remaining),
            Self::Retiring { why } => situation.retiring(why),
            Self::Dormant { why, until_look, line, deep } => situation.dormant(why, until_look, line, deep),
        }
    }

    /// It is dormant.
    #[must_use]
    pub const fn is_dormant(self) -> bool {
        matches!(self, Self::Dormant { .. })
    }

    fn starting(situation: &Situation) -> Self {
        Self::Starting { remaining: situation.period.stretch(values::MODULE_SELF_TEST_TIME), good: 0 }
    }

    fn updating(situation: &Situation) -> Self {
        Self::Updating { remaining: situation.period.stretch(values::MODULE_UPDATE_LONGEST) }
    }
}

impl Situation {
    fn shuts_down(&self) -> bool {
        !self.wake || self.request == Some(ModuleRequest::Off)
    }

    fn wants_bus(&self) -> bool {
        self.request == Some(ModuleRequest::Connect)
    }

    const fn resting(&self) -> Mode {
        if self.wake { Mode::Asleep } else { Mode::Off }
    }

    fn asleep(&self) -> Mode {
        if !self.wake {
            Mode::Off
        } else if self.request.is_some() && !self.shuts_down() {
            Mode::starting(self)
        } else {
            Mode::Asleep
        }
    }

    fn testing(&self, remaining: Duration, good: u8) -> Mode {
        let remaining = remaining.less(self.elapsed);
        let good = match self.readings {
            Judged::Good => good.saturating_add(1),
            Judged::Bad => 0,
            Judged::Nothing => good,
        };
        if self.shuts_down() || remaining.is_zero() {
            self.resting()
        } else if self.isolate {
            Mode::Faulted
        } else if good >= SELF_TEST_SAMPLES && self.converter_ready {
            Mode::READY
        } else {
            Mode::Starting { remaining, good }
        }
    }

    fn ready(&self, idle: Duration) -> Mode {
        let idle = idle + self.elapsed;
        if self.shuts_down() {
            return self.resting();
        }
        if self.update {
            return Mode::updating(self);
        }
        if self.isolate {
            return Mode::Faulted;
        }
        if let Some(why) = self.retires {
            return Mode::Retiring { why };
        }
        match self.request {
            Some(ModuleRequest::Connect) => Mode::Joining,
            Some(ModuleRequest::Ready | ModuleRequest::Off | ModuleRequest::Dormant) => Mode::READY,
            None if idle >= self.period.stretch(values::IDLE_SLEEP) => Mode::Asleep,
            None => Mode::Ready { idle },
        }
    }

    fn on_the_bus(&self) -> Mode {
        if self.open {
            Mode::Faulted
        } else if self.isolate
            || self.reset
            || self.shuts_down()
            || self.update
            || self.retires.is_some()
            || !self.wants_bus()
        {
            Mode::Stopping
        } else if self.converter_running {
            Mode::Connected
        } else {
            Mode::Joining
        }
    }

    /// Off the bus; its contacts may have closed too often lately.
    const fn off_and_well(&self) -> Mode {
        if self.cool_down.is_zero() { Mode::READY } else { Mode::CoolDown { remaining: self.cool_down } }
    }

    fn cooling_down(&self, remaining: Duration) -> Mode {
        let remaining = remaining.less(self.elapsed);
        if self.shuts_down() {
            self.resting()
        } else if self.update {
            Mode::updating(self)
        } else if self.isolate {
            Mode::Faulted
        } else if remaining.is_zero() {
            Mode::READY
        } else {
            Mode::CoolDown { remaining }
        }
    }

    fn stopping(&self) -> Mode {
        if self.open {
            Mode::Faulted
        } else if !self.off_the_bus {
            Mode::Stopping
        } else if self.isolate {
            Mode::Faulted
        } else if self.shuts_down() {
            self.resting()
        } else if self.update {
            Mode::updating(self)
        } else {
            self.off_and_well()
        }
    }

    fn faulted(&self) -> Mode {
        if !self.off_the_bus {
            Mode::Faulted
        } else if self.shuts_down() {
            self.resting()
        } else if self.update {
            Mode::updating(self)
        } else if self.isolate {
            self.retires.map_or(Mode::Faulted, |why| Mode::Retiring { why })
        } else {
            self.off_and_well()
        }
    }

    fn updating(&self, remaining: Duration) -> Mode {
        let remaining = remaining.less(self.elapsed);
        if !self.wake {
            Mode::Off
        } else if self.update && !remaining.is_zero() {
            Mode::Updating { remaining }
        } else {
            Mode::starting(self)
        }
    }

    /// The unit must know before the module falls silent; where there is none, nobody needs to.
    fn retiring(&self, why: Why) -> Mode {
        if self.shuts_down() {
            self.resting()
        } else if self.update {
            Mode::updating(self)
        } else if self.request == Some(ModuleRequest::Dormant) || !self.addressed {
            Mode::Dormant { why, until_look: self.look_in, line: Line::On, deep: self.deep }
        } else if let Some(why) = self.retires {
            Mode::Retiring { why }
        } else if self.isolate {
            Mode::Faulted
        } else {
            Mode::READY
        }
    }

    fn dormant(&self, why: Why, until_look: Duration, line: Line, deep: bool) -> Mode {
        let until_look = until_look.less(self.elapsed);
        let low = match line {
            Line::On => Duration::ZERO,
            Line::Low(low) => low,
        };
        if !self.line {
            let low = low + self.elapsed;
            if low > self.period.stretch(values::WAKE_RIDE_THROUGH) {
                return Mode::Off;
            }
            return Mode::Dormant { why, until_look, line: Line::Low(low), deep };
        }
        if line != Line::On || self.called || until_look.is_zero() {
            Mode::starting(self)
        } else {
            Mode::Dormant { why, until_look, line, deep }
        }
    }
}
