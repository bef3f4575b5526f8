//! The start and stop sequence of the tower: who may be on the bus, and when.

use voltower_core::values::{
    DISCOVERY_SETTLE, DISCOVERY_TIMEOUT, LEAVE_TIMEOUT, POWER_DOWN_TIME, SELF_TEST_TIME, SLEEP_CHECK_PERIOD,
    SLEEP_PROBE_TIME, SOFT_START_TIMEOUT, SOFT_START_TRIES,
};
use voltower_core::{Duration, TowerState};
use voltower_protocols::link::{ModuleNode, ModuleRequest};

use super::activity::Flow;
use super::ladder::Rung;

use super::switch::Press;
use crate::io::{MODULES, SamplePeriod};
use crate::record::StartFailure;
use crate::share::NodeSet;

/// Where the tower goes once its modules have left the bus, least urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// Awake, until the bus may be energised.
    Standby,
    /// Awake, until the fault is gone.
    Fault,
    /// Awake, while firmware is replaced.
    Update,
    /// To sleep, until there is charge.
    Sleep,
    /// Shut down.
    Off,
}

impl Destination {
    const fn shown(self) -> TowerState {
        match self {
            Self::Standby => TowerState::Standby,
            Self::Fault => TowerState::Faulted,
            Self::Update => TowerState::Updating,
            Self::Sleep | Self::Off => TowerState::Stopping,
        }
    }
}

/// The sequence. A press, the low-SOC stages, an update and a fault that stops the tower lead from every awake state to
/// `Leaving`. *Off* is for the switch and for a reserve that is used; whatever else there is to wait for, the tower
/// sleeps, and wakes by itself.
///
/// ```text
///        a press              passed               all found, or some    may energise
///  Off ---------> SelfTest{} -------> Discovery{} ----------> Standby ----------------> SoftStart{lead}
///   ^                 ^   \               |  ^                  ^                          |      |
///   |    an inverter, |    \ failed       |  | all heard        | fault gone               |      | bus is up
///   |  or the timer   |     v             v  |                  |                          |      v
///   |                 |   Faulted{} <-----+--+                  +------- Faulted{}         |   Running
///   |                 |                    (nobody)                         ^              |      |
///   |              Sleeping{} <--> Probing{}                                |              |      |
///   |                 ^                                                     |              |      |
///   +-------- PoweringDown{} ---------+               Updating              |              |      |
///                    ^                                   ^                  |              |      |
///                    +------------- Leaving{destination} +------------------+ <------------+------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sequence {
    /// Only the switch is watched.
    #[default]
    Off,
    /// Looks at its own measurements.
    SelfTest {
        /// Until they count.
        remaining: Duration,
    },
    /// Modules wake, are heard, pass their self test and tell their version.
    Discovery {
        /// Until modules that nobody expects would have been heard too.
        settle: Duration,
        /// Until it is given up.
        remaining: Duration,
    },
    /// Off the bus, until it may be energised.
    Standby,
    /// One module brings the bus up.
    SoftStart {
        /// That module.
        lead: ModuleNode,
        /// Until its try is given up.
        remaining: Duration,
        /// Those that have tried, this one included.
        tried: NodeSet,
        /// Tries left after this one.
        tries: u8,
    },
    /// On the bus.
    Running,
    /// Power to zero, then off the bus.
    Leaving {
        /// And then.
        destination: Destination,
        /// Until modules that have not left are taken for silent.
        remaining: Duration,
    },
    /// Modules shut down.
    PoweringDown {
        /// To sleep, or off.
        asleep: bool,
        /// Until they are taken for dark.
        remaining: Duration,
    },
    /// Firmware is being replaced.
    Updating,
    /// A fault has stopped the power.
    Faulted {
        /// Discovery had been passed.
        discovered: bool,
    },
    /// Electronics off but for the timer and the receiver of COM.
    Sleeping {
        /// Until a frame of an inverter that was silent wakes it.
        until_call: Duration,
        /// Until it looks by itself.
        until_probe: Duration,
        /// Until it wakes the modules, whoever is heard, and looks what is left.
        until_check: Duration,
    },
    /// Listens for an inverter, and speaks to it, while the modules sleep on.
    Probing {
        /// Until it gives up for this time.
        remaining: Duration,
        /// Until it wakes the modules, whoever is heard, and looks what is left.
        until_check: Duration,
    },
}

/// What one sample's analysis found, before anything is done about it.
#[derive(Debug, Clone, Copy)]
pub struct Findings {
    /// The switch.
    pub press: Option<Press>,
    /// The ladder.
    pub rung: Rung,
    /// Firmware is to be replaced.
    pub update: bool,
    /// Own measurements are plausible.
    pub self_test_passed: bool,
    /// Every expected module is heard, past its self test, and of known version.
    pub all_found: bool,
    /// At least one is.
    pub some_found: bool,
    /// A fault forbids any power of the tower.
    pub stopped: bool,
    /// DC switch closed, and an inverter or a person wants the bus.
    pub may_energise: bool,
    /// The bus is within its window.
    pub bus_up: bool,
    /// The bus has risen since it was looked at last.
    pub bus_rises: bool,
    /// A module says that its converter has failed.
    pub converter_failed: bool,
    /// Modules on the bus.
    pub connected: NodeSet,
    /// Modules on the bus or about to leave it.
    pub on_bus: NodeSet,
    /// Modules heard at all.
    pub online: NodeSet,
    /// Modules that may form the bus.
    pub forming: NodeSet,
    /// Modules that may be on the bus: who can give first, and of those the fullest.
    pub ranking: [Option<ModuleNode>; MODULES],
    /// The inverter is heard.
    pub inverter_heard: bool,
    /// It was silent when the tower fell asleep, and was heard since.
    pub inverter_called: bool,
    /// Asleep: the bus may be held for an inverter that is not heard.
    pub may_hold: bool,
    /// How long a tower that falls asleep now waits.
    pub rest: Rest,
}

/// How long a tower waits asleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rest {
    /// Before an inverter that is heard anew wakes it.
    pub call: Duration,
    /// Before it looks by itself.
    pub probe: Duration,
}

/// Why a tower wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Waking {
    /// A person wants it to run as soon as an inverter is heard.
    Start,
    /// A person wants the bus at once.
    BlackStart,
    /// By itself: an inverter is heard, or what is left must be looked at.
    Probe,
    /// By itself: the bus is held for an inverter that may need it to boot.
    Window,
    /// By itself: the BDU was reset while the tower was on.
    Reset,
}

impl Waking {
    /// Nobody stands there.
    #[must_use]
    pub const fn is_by_itself(self) -> bool {
        matches!(self, Self::Probe | Self::Window | Self::Reset)
    }

    /// The bus is energised although no inverter is heard.
    #[must_use]
    pub const fn holds_the_bus(self) -> bool {
        matches!(self, Self::BlackStart | Self::Window)
    }
}

/// What a transition brought with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The start was given up.
    StartFailed(StartFailure),
    /// Start anew: forget the modules, and if a person has pressed also what was latched, and the inverter.
    Woken(Waking),
}

/// The next state, and what comes with it.
type Next = (Sequence, Option<Event>);

impl Sequence {
    /// Takes one sample period.
    pub fn step(&mut self, findings: &Findings, elapsed: Duration, period: SamplePeriod) -> Option<Event> {
        let (next, event) = if self.is_awake() {
            self.leave(findings, period).unwrap_or_else(|| self.proceed(findings, elapsed, period))
        } else {
            self.rest(findings, elapsed, period)
        };
        *self = next;
        event
    }

    /// Shut down, or about to be: until a person presses the switch.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        matches!(
            self,
            Self::Off
                | Self::Leaving { destination: Destination::Off, .. }
                | Self::PoweringDown { asleep: false, .. }
        )
    }

    /// Of a BDU that was reset while its tower was on.
    pub const AFTER_RESET: Self = Self::SelfTest { remaining: SELF_TEST_TIME };

    /// On its way to sleep, or off.
    #[must_use]
    pub const fn falls_asleep(&self) -> bool {
        matches!(
            self,
            Self::Leaving { destination: Destination::Sleep | Destination::Off, .. }
                | Self::PoweringDown { .. }
        )
    }

    /// It falls asleep now.
    #[must_use]
    pub const fn asleep(rest: Rest) -> Self {
        let Rest { call, probe } = rest;
        Self::Sleeping { until_call: call, until_probe: probe, until_check: SLEEP_CHECK_PERIOD }
    }

    /// Its modules are powered, or on their way.
    #[must_use]
    pub const fn is_awake(&self) -> bool {
        !matches!(self, Self::Off | Self::Sleeping { .. } | Self::Probing { .. })
    }

    /// The wake line to the modules.
    #[must_use]
    pub const fn wakes_modules(&self) -> bool {
        self.is_awake() && !matches!(self, Self::PoweringDown { .. } | Self::SelfTest { .. })
    }

    /// What is wanted of the module at `node`, if those are `usable`.
    #[must_use]
    pub fn request(&self, node: ModuleNode, usable: NodeSet) -> ModuleRequest {
        match *self {
            Self::SoftStart { lead, .. } if lead == node => ModuleRequest::Connect,
            Self::Running if usable.contains(node) => ModuleRequest::Connect,
            Self::SelfTest { .. }
            | Self::Discovery { .. }
            | Self::Standby
            | Self::SoftStart { .. }
            | Self::Running
            | Self::Leaving { .. }
            | Self::Updating
            | Self::Faulted { .. } => ModuleRequest::Ready,
            Self::Off | Self::PoweringDown { .. } | Self::Sleeping { .. } | Self::Probing { .. } => {
                ModuleRequest::Off
            }
        }
    }

    /// It could be charged if somebody offered, or is waiting for that: the ladder counts.
    #[must_use]
    pub const fn waits_for_charge(&self) -> bool {
        matches!(self, Self::Standby | Self::Running | Self::Faulted { .. })
    }

    /// It has passed its start: the bus would be energised if somebody wanted it and nothing forbade it.
    #[must_use]
    pub const fn could_run(&self) -> bool {
        matches!(self, Self::Standby | Self::SoftStart { .. } | Self::Running | Self::Faulted { .. })
    }

    /// Its relays are closed, or about to.
    #[must_use]
    pub const fn drives_the_bus(&self) -> bool {
        matches!(self, Self::SoftStart { .. } | Self::Running)
    }

    /// What people see of it.
    #[must_use]
    pub const fn shown(&self, black_start: bool, flow: Flow) -> TowerState {
        match self {
            // Going down it says already what it will be: once the modules are dark, nobody acknowledges a frame.
            Self::Off | Self::PoweringDown { asleep: false, .. } => TowerState::Shutdown,
            Self::SelfTest { .. } | Self::Discovery { .. } | Self::SoftStart { .. } if !black_start => {
                TowerState::Starting
            }
            Self::SelfTest { .. } | Self::Discovery { .. } | Self::SoftStart { .. } => TowerState::BlackStart,
            Self::Standby | Self::Running if black_start => TowerState::BlackStart,
            Self::Standby => TowerState::Standby,
            Self::Running => flow.state(),
            Self::Leaving { destination, .. } => destination.shown(),
            Self::Updating => TowerState::Updating,
            Self::Faulted { .. } => TowerState::Faulted,
            Self::PoweringDown { asleep: true, .. } | Self::Sleeping { .. } | Self::Probing { .. } => {
                TowerState::Sleeping
            }
        }
    }

    /// While nothing but the switch, and asleep the timer, counts.
    fn rest(&self, findings: &Findings, elapsed: Duration, period: SamplePeriod) -> Next {
        match findings.press {
            Some(Press::Start) => return wake(Waking::Start),
            Some(Press::BlackStart) => return wake(Waking::BlackStart),
            Some(Press::Shutdown | Press::ClearLockOuts | Press::Service) | None => {}
        }
        match *self {
            Self::Sleeping { until_call, until_probe, until_check } => {
                let rest = Rest { call: until_call.less(elapsed), probe: until_probe.less(elapsed) };
                asleep(rest, until_check.less(elapsed), findings, period)
            }
            Self::Probing { .. } if findings.inverter_heard => wake(Waking::Probe),
            Self::Probing { remaining, until_check } => {
                (probing(remaining.less(elapsed), until_check.less(elapsed), findings), None)
            }
            Self::Off
            | Self::SelfTest { .. }
            | Self::Discovery { .. }
            | Self::Standby
            | Self::SoftStart { .. }
            | Self::Running
            | Self::Leaving { .. }
            | Self::PoweringDown { .. }
            | Self::Updating
            | Self::Faulted { .. } => (*self, None),
        }
    }

    /// What leads away from every awake state, most urgent first.
    fn leave(&self, findings: &Findings, period: SamplePeriod) -> Option<Next> {
        let (destination, event) =
            if findings.press == Some(Press::Shutdown) || findings.rung == Rung::ShutDown {
                (Destination::Off, None)
            } else if findings.rung == Rung::Sleep {
                (Destination::Sleep, None)
            } else if findings.update {
                (Destination::Update, None)
            } else if findings.stopped && self.can_be_stopped() {
                (Destination::Fault, self.failure(findings))
            } else {
                return None;
            };
        self.may_turn_to(destination).then(|| (leaving(destination, period), event))
    }

    /// A fault of the tower matters where power flows or is about to.
    const fn can_be_stopped(&self) -> bool {
        matches!(self, Self::Standby | Self::SoftStart { .. } | Self::Running)
    }

    /// A soft start that ends because no module is left has failed, if it was a converter that failed: what else takes
    /// a module off the bus says so itself.
    fn failure(&self, findings: &Findings) -> Option<Event> {
        let failed = matches!(self, Self::SoftStart { .. })
            && findings.converter_failed
            && findings.ranking.iter().all(Option::is_none);
        failed.then_some(Event::StartFailed(StartFailure::SoftStart))
    }

    /// Whoever shuts down is not turned back; whoever is there need not go there.
    fn may_turn_to(&self, destination: Destination) -> bool {
        let settled = match *self {
            Self::PoweringDown { .. } => true,
            Self::Leaving { destination: now, .. } => now >= destination,
            Self::Updating => destination == Destination::Update,
            Self::Off
            | Self::SelfTest { .. }
            | Self::Discovery { .. }
            | Self::Standby
            | Self::SoftStart { .. }
            | Self::Running
            | Self::Faulted { .. }
            | Self::Sleeping { .. }
            | Self::Probing { .. } => false,
        };
        !settled
    }

    /// The way a state goes by itself.
    fn proceed(&self, findings: &Findings, elapsed: Duration, period: SamplePeriod) -> Next {
        match *self {
            Self::SelfTest { remaining } => self_test(remaining.less(elapsed), findings, period),
            Self::Discovery { settle, remaining } => {
                discovery(settle.less(elapsed), remaining.less(elapsed), findings)
            }
            Self::Standby if findings.may_energise => (self.start_bus(findings, period), None),
            Self::SoftStart { .. } | Self::Running if !findings.may_energise => {
                (leaving(Destination::Standby, period), None)
            }
            Self::SoftStart { lead, remaining, tried, tries } => {
                soft_starting(lead, remaining.less(elapsed), tried, tries, findings, period)
            }
            Self::Running if findings.connected.is_empty() => (self.start_bus(findings, period), None),
            Self::Leaving { destination, remaining } => {
                (left(destination, remaining.less(elapsed), findings, period), None)
            }
            Self::PoweringDown { asleep, remaining } => {
                (powered_down(asleep, remaining.less(elapsed), findings), None)
            }
            Self::Updating if !findings.update => (discover(period), None),
            Self::Faulted { discovered: true } if !findings.stopped => (Self::Standby, None),
            Self::Faulted { discovered: false } if findings.all_found && findings.self_test_passed => {
                (discover(period), None)
            }
            Self::Off
            | Self::Standby
            | Self::Running
            | Self::Updating
            | Self::Faulted { .. }
            | Self::Sleeping { .. }
            | Self::Probing { .. } => (*self, None),
        }
    }

    /// A first soft start, if there is a module for it.
    fn start_bus(&self, findings: &Findings, period: SamplePeriod) -> Self {
        soft_start(NodeSet::EMPTY, SOFT_START_TRIES.0 as u8, findings, period).unwrap_or(*self)
    }
}

const fn wake(waking: Waking) -> Next {
    (Sequence::SelfTest { remaining: SELF_TEST_TIME }, Some(Event::Woken(waking)))
}

fn discover(period: SamplePeriod) -> Sequence {
    Sequence::Discovery {
        settle: period.stretch(DISCOVERY_SETTLE),
        remaining: period.stretch(DISCOVERY_TIMEOUT),
    }
}

fn leaving(destination: Destination, period: SamplePeriod) -> Sequence {
    Sequence::Leaving { destination, remaining: period.stretch(LEAVE_TIMEOUT) }
}

fn asleep(rest: Rest, until_check: Duration, findings: &Findings, period: SamplePeriod) -> Next {
    let Rest { call, probe } = rest;
    let is_called = findings.inverter_called && findings.inverter_heard && call.is_zero();
    if is_called || until_check.is_zero() {
        wake(Waking::Probe)
    } else if !probe.is_zero() {
        (Sequence::Sleeping { until_call: call, until_probe: probe, until_check }, None)
    } else if findings.inverter_heard {
        wake(Waking::Probe)
    } else if findings.may_hold {
        wake(Waking::Window)
    } else {
        (Sequence::Probing { remaining: period.stretch(SLEEP_PROBE_TIME), until_check }, None)
    }
}

const fn probing(remaining: Duration, until_check: Duration, findings: &Findings) -> Sequence {
    if remaining.is_zero() {
        falling_asleep(findings, until_check)
    } else {
        Sequence::Probing { remaining, until_check }
    }
}

const fn falling_asleep(findings: &Findings, until_check: Duration) -> Sequence {
    let Rest { call, probe } = findings.rest;
    Sequence::Sleeping { until_call: call, until_probe: probe, until_check }
}

fn self_test(remaining: Duration, findings: &Findings, period: SamplePeriod) -> Next {
    if !remaining.is_zero() {
        (Sequence::SelfTest { remaining }, None)
    } else if findings.self_test_passed {
        (discover(period), None)
    } else {
        (Sequence::Faulted { discovered: false }, Some(Event::StartFailed(StartFailure::SelfTest)))
    }
}

/// Whoever is missing when the time is up is named, and the others run: a gap in the chain leaves a smaller tower.
fn discovery(settle: Duration, remaining: Duration, findings: &Findings) -> Next {
    let enough = findings.all_found && settle.is_zero() || findings.some_found && remaining.is_zero();
    if enough {
        (Sequence::Standby, None)
    } else if remaining.is_zero() {
        (Sequence::Faulted { discovered: false }, Some(Event::StartFailed(StartFailure::Discovery)))
    } else {
        (Sequence::Discovery { settle, remaining }, None)
    }
}

/// The next try, by the fullest module that has not tried yet; none if there is no module or no try left.
fn soft_start(tried: NodeSet, tries: u8, findings: &Findings, period: SamplePeriod) -> Option<Sequence> {
    let candidates = || findings.ranking.iter().flatten().copied().filter(|n| findings.forming.contains(*n));
    let lead = candidates().find(|node| !tried.contains(*node)).or_else(|| candidates().next())?;
    Some(Sequence::SoftStart {
        lead,
        remaining: period.stretch(SOFT_START_TIMEOUT),
        tried: tried.with(lead),
        tries: tries.checked_sub(1)?,
    })
}

fn soft_starting(
    lead: ModuleNode,
    remaining: Duration,
    tried: NodeSet,
    tries: u8,
    findings: &Findings,
    period: SamplePeriod,
) -> Next {
    if findings.bus_up && findings.connected.contains(lead) {
        return (Sequence::Running, None);
    }
    if findings.ranking.contains(&Some(lead)) && !remaining.is_zero() {
        // A module that must go slowly brings it up all the same: its converter says when it has failed.
        let remaining = if findings.bus_rises { period.stretch(SOFT_START_TIMEOUT) } else { remaining };
        return (Sequence::SoftStart { lead, remaining, tried, tries }, None);
    }
    match soft_start(tried, tries, findings, period) {
        Some(next) => (next, None),
        // Whoever went away because it is empty, cold or out of service has not failed.
        None if tries > 0 || !findings.ranking.contains(&Some(lead)) => {
            (leaving(Destination::Standby, period), None)
        }
        None => (leaving(Destination::Fault, period), Some(Event::StartFailed(StartFailure::SoftStart))),
    }
}

fn left(
    destination: Destination,
    remaining: Duration,
    findings: &Findings,
    period: SamplePeriod,
) -> Sequence {
    if !findings.on_bus.is_empty() && !remaining.is_zero() {
        return Sequence::Leaving { destination, remaining };
    }
    let powering_down =
        |asleep| Sequence::PoweringDown { asleep, remaining: period.stretch(POWER_DOWN_TIME) };
    match destination {
        Destination::Standby => Sequence::Standby,
        Destination::Fault => Sequence::Faulted { discovered: true },
        Destination::Update => Sequence::Updating,
        Destination::Sleep => powering_down(true),
        Destination::Off => powering_down(false),
    }
}

fn powered_down(asleep: bool, remaining: Duration, findings: &Findings) -> Sequence {
    if !findings.online.is_empty() && !remaining.is_zero() {
        Sequence::PoweringDown { asleep, remaining }
    } else if asleep {
        falling_asleep(findings, SLEEP_CHECK_PERIOD)
    } else {
        Sequence::Off
    }
}
