//! Start, stop, fault, lock-out and black start as a model: the unit's [`Sequence`], the modules' [`Mode`]s and
//! [`Converter`]s, and what people, the inverter and the DC switch do to them.
//!
//! The state machines are the product's own; how they hear of each other is of this file.
//!
//! *Order.* The unit and the modules sample in any order, each as often as it likes while the others wait. What
//! a module says comes to the unit with its sample, a command to the modules with the unit's.
//!
//! *Time* is abstract: a timer either stays full or runs out, whatever its length; a press of any length comes
//! at any moment, however late.
//!
//! *Faults* are counted where they would add up: something that stops or opens a module (it goes, or stays until
//! a person has looked), a trip of a converter's power stage, a command or a status missed, a module or its
//! commands away for a whole second although both are awake. All else is free: an inverter that is silent, a self
//! test that fails, a bus that does not come up, a tower that is told to stop, to sleep or to update.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use stateright::{Model, Property};
use voltower_control::bdu::{BlackStart, Context, Destination, Event, Findings, Inverter, Press, Rest};
use voltower_control::bdu::{Rung, Search, Sequence, Signs, Switch, Waking, Wish};
use voltower_control::io::{MODULES, PcuDrive, PcuSample, SamplePeriod};
use voltower_control::module::Why;
use voltower_control::module::mode::{Judged, Mode, Situation};
use voltower_control::module::pcu::{Converter, Stage, View};
use voltower_control::record::StartFailure;
use voltower_control::share::NodeSet;
use voltower_core::values::{
    BLACK_START_AGAIN, BUS_SET_POINT, DISCOVERY_SETTLE, DISCOVERY_TIMEOUT, DORMANT_LOOK_LONGEST, IDLE_SLEEP,
};
use voltower_core::values::{
    MODULE_POWER, PCU_REST, SLEEP_CALL_SHORT, SLEEP_CHECK_PERIOD, SLEEP_PROBE_PERIOD,
};
use voltower_core::values::{TRIES_FORGIVEN, UNHEARD_SLEEP, ZERO_POWER_WAIT};
use voltower_core::{DeciCelsius, Duration, MilliAmps, ModuleState};
use voltower_protocols::link::{MODULE_NODES, ModuleNode, ModuleRequest};

/// Nobody is asked onto the bus unless the tower may energise it.
pub(super) const PERMITTED: &str = "asked to connect only while the bus may be energised";
/// Whoever opens, or is locked out, is off the bus with its next sample.
pub(super) const OPENS: &str = "off the bus when it must open";
/// A passed window takes the bus down.
pub(super) const WINDOW: &str = "a passed black-start window leads off the bus";
/// Nothing but a person takes a lock-out away.
pub(super) const PERSON: &str = "a lock-out is left only by a person";
/// New firmware comes only to a module that is off the bus.
pub(super) const UPDATE: &str = "firmware is replaced off the bus";
/// The DC switch takes the tower off the bus.
pub(super) const LEAVES: &str = "an open DC switch leads off the bus";
/// The key shuts it down.
pub(super) const SHUTS_DOWN: &str = "the key shuts it down";
/// With a person at it, it runs again.
pub(super) const RETURNS: &str = "a person brings it back";
/// Unless it is locked out, was shut down or has used its reserve, a frame of the inverter and time are enough.
pub(super) const BY_ITSELF: &str = "an inverter brings it back without a person";
/// Somebody is locked out.
pub(super) const LOCKED: &str = "locked out";
/// What must be reachable.
pub(super) const REACHED: [&str; 6] = ["running", "black start", "faulted", "sleeping", "updating", LOCKED];

const PERIOD: SamplePeriod = SamplePeriod(Duration::ZERO);
/// Rounds after which a calm tower must be where it should; it takes some dozens.
const PATIENCE: usize = 300;
/// Longer than any timer.
const LONG: Duration = Duration(SLEEP_CHECK_PERIOD.0 * 2);
/// How long a tower rests that falls asleep.
const REST: Rest = Rest { call: SLEEP_CALL_SHORT, probe: SLEEP_PROBE_PERIOD };
/// One length of each meaning, and one without.
const PRESSES: [Duration; 5] =
    [Duration::millis(100), Duration::secs(1), Duration::secs(4), Duration::secs(6), Duration::secs(11)];

/// What is checked.
#[derive(Debug)]
pub(super) struct Tower {
    /// 1 to 4.
    pub(super) modules: usize,
    /// Converters trip so often in one run.
    pub(super) faults: u8,
    /// From these, by their hash, each goal is reached.
    good: [Mutex<HashSet<u64>>; 4],
    presses: Vec<Press>,
}

/// What is wrong with a module besides its converter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Trouble {
    Nothing,
    /// It must leave the bus.
    Isolates,
    /// It must open at once.
    Opens,
    /// The same, until a person has looked.
    Locked,
}

/// The part of a command that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Command {
    request: ModuleRequest,
    lead: bool,
    update: bool,
    clear: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Unit {
    pub(super) sequence: Sequence,
    pub(super) black_start: BlackStart,
    pub(super) search: Search,
    pub(super) inverter: Inverter,
    /// It was silent while the tower slept, and is heard.
    pub(super) called: bool,
    pub(super) soft_start_failed: bool,
    /// Commands say that a person has looked.
    pub(super) clearing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Module {
    pub(super) mode: Mode,
    pub(super) converter: Converter,
    pub(super) trouble: Trouble,
    pub(super) command: Option<Command>,
    /// A person has looked, and it has not acted on it yet.
    pub(super) person: bool,
    /// As the unit knows it; none while it is silent.
    pub(super) seen: Option<ModuleState>,
}

/// The tower at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) unit: Unit,
    pub(super) modules: heapless::Vec<Module, MODULES>,
    /// How many may still come.
    pub(super) faults: u8,
    /// What the last step did that must never be.
    pub(super) wrong: Option<&'static str>,
}

/// What is new to the unit in one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Nothing,
    Press(Press),
    Rung(Rung),
    Update,
    SelfTestFails,
    BusIsDown,
    /// A fuse is open, or there are two towers on COM.
    Stopped,
}

/// Whose time is up in the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    Nobody,
    /// The sequence's, after this time.
    Sequence(Duration),
    Window,
    Search,
    Inverter,
    Clearing,
}

/// One sample of the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    dc_closed: bool,
    inverter_heard: bool,
    news: News,
    clock: Clock,
}

/// One sample of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    Good,
    /// A reading is missing.
    Bad,
    /// The power stage trips.
    Trip,
    /// The time of its mode is up.
    ModeUp,
    /// The converter has rested.
    Rested,
    /// The converter's faults are long ago.
    Forgiven,
    /// It has been out of service for long, if it is.
    Useless,
}

/// What happens next. Modules are named by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// The unit samples; its commands come to all modules but this one.
    Unit(Sample, Option<usize>),
    /// The module samples; whether the unit hears of it.
    Module(usize, Sight, bool),
    Trouble(usize, Trouble),
    /// The module has had no command for a second.
    Expire(usize),
    /// The unit has not heard the module for a second.
    Silence(usize),
}

/// Where a calm tower must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    OffTheBus,
    ShutDown,
    Running,
    ByItself,
}

impl Unit {
    fn is_alive(&self) -> bool {
        self.sequence.is_awake()
    }

    /// The timer of the sequence that runs out first, and the others.
    fn times(&self) -> Vec<Duration> {
        match self.sequence {
            Sequence::Discovery { settle, .. } if !settle.is_zero() => vec![settle, LONG],
            Sequence::Sleeping { until_call, .. } if !until_call.is_zero() => {
                vec![until_call, SLEEP_PROBE_PERIOD, LONG]
            }
            Sequence::Sleeping { .. } | Sequence::Probing { .. } => vec![SLEEP_PROBE_PERIOD, LONG],
            Sequence::SelfTest { .. }
            | Sequence::Discovery { .. }
            | Sequence::SoftStart { .. }
            | Sequence::Leaving { .. }
            | Sequence::PoweringDown { .. } => vec![LONG],
            Sequence::Off
            | Sequence::Standby
            | Sequence::Running
            | Sequence::Updating
            | Sequence::Faulted { .. } => vec![],
        }
    }

    /// Timers that have not run out are full.
    fn wind_up(&mut self) {
        match &mut self.search {
            Search::Waiting { remaining } => *remaining = UNHEARD_SLEEP,
            Search::Resting { remaining, .. } => *remaining = BLACK_START_AGAIN,
            Search::Idle | Search::Asked | Search::Holding { .. } | Search::Over => {}
        }
        match &mut self.sequence {
            Sequence::Discovery { settle, remaining } => {
                *settle = if settle.is_zero() { Duration::ZERO } else { DISCOVERY_SETTLE };
                *remaining = DISCOVERY_TIMEOUT;
            }
            Sequence::Sleeping { until_call, until_probe, until_check } => {
                *until_call = if until_call.is_zero() { Duration::ZERO } else { REST.call };
                *until_probe = REST.probe;
                *until_check = SLEEP_CHECK_PERIOD;
            }
            Sequence::Probing { until_check, .. } => *until_check = SLEEP_CHECK_PERIOD,
            Sequence::Off
            | Sequence::SelfTest { .. }
            | Sequence::Standby
            | Sequence::SoftStart { .. }
            | Sequence::Running
            | Sequence::Leaving { .. }
            | Sequence::PoweringDown { .. }
            | Sequence::Updating
            | Sequence::Faulted { .. } => {}
        }
    }
}

impl Module {
    fn new() -> Self {
        Self {
            mode: Mode::Off,
            converter: Converter::default(),
            trouble: Trouble::Nothing,
            command: None,
            person: false,
            seen: None,
        }
    }

    /// The converter works on the bus, or its relay is closed.
    pub(super) fn is_on_bus(&self) -> bool {
        let stage = self.converter.stage();
        stage.relay() || matches!(stage, Stage::Equalise { .. })
    }

    fn opens(&self) -> bool {
        self.trouble >= Trouble::Opens
    }

    fn is_locked(&self) -> bool {
        self.trouble == Trouble::Locked || matches!(self.converter.stage(), Stage::PermanentFault(_))
    }

    fn isolates(&self) -> bool {
        self.trouble != Trouble::Nothing || self.converter.has_failed()
    }

    /// As the module's controller does it: the converter's trips, the mode, the converter.
    fn sample(&mut self, wake: bool, sight: Sight) {
        let awake = self.mode.is_awake();
        let sample = seen_by(self.converter.stage(), sight);
        let view = view(&sample, sight);
        if awake {
            if std::mem::take(&mut self.person) {
                self.converter.clear();
                self.trouble = if self.is_locked() { Trouble::Nothing } else { self.trouble };
            }
            self.converter.watch(&view);
        }
        self.mode = self.mode.next(&self.situation(wake, awake, sight));
        if !self.mode.is_awake() {
            if self.mode == Mode::Off {
                self.command = None;
            }
            self.converter = if awake { self.converter.unpowered() } else { self.converter };
            self.trouble = if self.trouble == Trouble::Locked { Trouble::Locked } else { Trouble::Nothing };
        } else if awake {
            let lead = self.command.is_some_and(|command| command.lead);
            self.converter.step(self.mode.order(lead), &view);
        }
    }

    fn situation(&self, wake: bool, awake: bool, sight: Sight) -> Situation {
        Situation {
            wake,
            line: wake,
            addressed: true,
            called: sight == Sight::Good,
            retires: (sight == Sight::Useless && self.isolates()).then_some(Why::Fault),
            look_in: DORMANT_LOOK_LONGEST,
            cool_down: Duration::ZERO,
            deep: false,
            request: self.command.map(|command| command.request),
            update: self.command.is_some_and(|command| command.update),
            reset: false,
            isolate: self.isolates(),
            open: self.opens(),
            readings: if awake && sight != Sight::Bad { Judged::Good } else { Judged::Bad },
            converter_ready: self.converter.stage() == Stage::Normal,
            converter_running: self.converter.is_running(),
            off_the_bus: self.converter.is_off_the_bus(),
            elapsed: if sight == Sight::ModeUp { IDLE_SLEEP } else { Duration::ZERO },
            period: PERIOD,
        }
    }
}

/// A bus at its set-point without a current.
fn seen_by(stage: Stage, sight: Sight) -> PcuSample {
    PcuSample {
        low_voltage: BUS_SET_POINT,
        low_current: MilliAmps::ZERO,
        capacitor_voltage: BUS_SET_POINT,
        terminal_voltage: BUS_SET_POINT,
        bus_current: MilliAmps::ZERO,
        heat_sink: Some(DeciCelsius(250)),
        stage_tripped: sight == Sight::Trip,
        relay_closed: stage.relay(),
    }
}

fn view(sample: &PcuSample, sight: Sight) -> View<'_> {
    const DRIVEN: PcuDrive = PcuDrive { set_point: BUS_SET_POINT, ..PcuDrive::OFF };
    let elapsed = match sight {
        Sight::Rested => PCU_REST,
        Sight::Forgiven => TRIES_FORGIVEN,
        Sight::Good | Sight::Bad | Sight::Trip | Sight::ModeUp | Sight::Useless => Duration::ZERO,
    };
    View {
        sample,
        mosfets_closed: true,
        driven: &DRIVEN,
        set_point: BUS_SET_POINT,
        carried: MODULE_POWER,
        leave_within: ZERO_POWER_WAIT,
        elapsed,
        period: PERIOD,
    }
}

impl State {
    fn those(&self, belongs: impl Fn(ModuleState) -> bool) -> NodeSet {
        NodeSet::of(|node| self.modules.get(node.index()).and_then(|m| m.seen).is_some_and(&belongs))
    }

    fn usable(&self) -> NodeSet {
        self.those(|state| {
            matches!(state, ModuleState::Ready | ModuleState::Connected | ModuleState::Stopping)
        })
    }

    pub(super) fn is_on_bus(&self) -> bool {
        self.modules.iter().any(Module::is_on_bus)
    }

    /// It is locked out, or shut down, or on its way there.
    fn waits_for_a_person(&self) -> bool {
        let is_off = matches!(
            self.unit.sequence,
            Sequence::Off
                | Sequence::PoweringDown { asleep: false, .. }
                | Sequence::Leaving { destination: Destination::Off, .. }
        );
        is_off || self.unit.soft_start_failed || self.modules.iter().any(Module::is_locked)
    }

    fn context(&self) -> Context {
        let is_faulted = matches!(self.unit.sequence, Sequence::Faulted { .. })
            || self.unit.soft_start_failed
            || self.modules.iter().any(|module| module.seen == Some(ModuleState::Faulted));
        match (self.unit.sequence.is_awake(), is_faulted) {
            (false, _) => Context::Off,
            (true, false) => Context::Awake,
            (true, true) => Context::Fault,
        }
    }

    /// As the unit's controller does it.
    fn look_for_inverter(&mut self, sample: &Sample, expired: bool, elapsed: Duration) {
        if !self.unit.sequence.could_run() {
            return;
        }
        let signs = Signs {
            heard: self.unit.inverter.is_present(),
            silent: self.unit.inverter == Inverter::Silent,
            window: self.unit.black_start.is_active(),
            expired,
            may_hold: self.may_hold(sample),
        };
        match self.unit.search.step(&signs, elapsed, PERIOD) {
            Wish::Nothing => {}
            Wish::Open => self.unit.black_start = BlackStart::requested(),
            Wish::Close => self.unit.black_start = BlackStart::Inactive,
        }
    }

    fn may_hold(&self, sample: &Sample) -> bool {
        sample.dc_closed && !self.unit.soft_start_failed
    }

    fn rung(&self, sample: &Sample) -> Rung {
        let told = if let News::Rung(rung) = sample.news { rung } else { Rung::Free };
        let is_over = self.unit.sequence.waits_for_charge() && self.unit.search.is_over();
        if is_over && told != Rung::ShutDown { Rung::Sleep } else { told }
    }

    fn findings(&self, sample: &Sample) -> Findings {
        let usable = self.usable();
        let mut rest = usable.iter();
        let Unit { inverter, black_start, soft_start_failed, .. } = self.unit;
        let is = |state| move |seen| seen == state;
        let fails = |state| matches!(state, ModuleState::Shutdown | ModuleState::Starting);
        Findings {
            press: if let News::Press(press) = sample.news { Some(press) } else { None },
            rung: self.rung(sample),
            update: sample.news == News::Update,
            self_test_passed: sample.news != News::SelfTestFails,
            all_found: self.those(|state| !fails(state)) == NodeSet::first(self.modules.len() as u8),
            some_found: !self.those(|state| !fails(state)).is_empty(),
            stopped: usable.is_empty()
                || inverter == Inverter::Silent && !black_start.is_active()
                || soft_start_failed
                || sample.news == News::Stopped,
            may_energise: sample.dc_closed && (inverter.is_present() || black_start.is_active()),
            bus_up: sample.news != News::BusIsDown,
            bus_rises: false,
            converter_failed: true,
            connected: self.those(is(ModuleState::Connected)),
            on_bus: self.those(|state| matches!(state, ModuleState::Connected | ModuleState::Stopping)),
            online: self.those(|_| true),
            forming: usable,
            ranking: MODULE_NODES.map(|_| rest.next()),
            inverter_heard: inverter.is_alive(),
            inverter_called: self.unit.called,
            may_hold: self.may_hold(sample),
            rest: REST,
        }
    }

    /// As the unit's controller does it: listen, analyse, act, react.
    fn sample(&mut self, sample: &Sample) {
        let before = self.unit;
        let up = |clock| if sample.clock == clock { LONG } else { Duration::ZERO };
        self.unit.called |= sample.inverter_heard && !self.unit.inverter.is_present();
        self.unit.inverter.step(sample.inverter_heard, up(Clock::Inverter), PERIOD);
        self.unit.clearing &= sample.clock != Clock::Clearing;
        if sample.news == News::Press(Press::ClearLockOuts) {
            self.unit.clearing = true;
            self.unit.soft_start_failed = false;
        }
        let is_running = self.unit.sequence == Sequence::Running;
        let alive = self.unit.inverter.is_alive();
        let expired = self.unit.black_start.step(is_running, alive, up(Clock::Window), PERIOD);
        self.look_for_inverter(sample, expired, up(Clock::Search));
        let findings = self.findings(sample);
        let elapsed = if let Clock::Sequence(time) = sample.clock { time } else { Duration::ZERO };
        let event = self.unit.sequence.step(&findings, elapsed, PERIOD);
        let wanted = self.unit.inverter.is_present() || self.unit.black_start.is_active();
        self.unit.called &= !matches!(before.sequence, Sequence::PoweringDown { .. });
        self.react(event);
        self.unit.wind_up();
        self.judge(&before, sample, expired, sample.dc_closed && wanted);
        self.forget();
    }

    /// What is overwritten when the unit wakes does not matter before.
    fn forget(&mut self) {
        let Unit { sequence, inverter, called, soft_start_failed, .. } = self.unit;
        if sequence.is_awake() {
            return;
        }
        let is_off = sequence == Sequence::Off;
        self.unit = Unit {
            sequence,
            black_start: BlackStart::Inactive,
            search: Search::Idle,
            inverter: if is_off { Inverter::Unheard } else { inverter },
            called: called && !is_off,
            soft_start_failed: soft_start_failed && !is_off,
            clearing: false,
        };
        self.modules.iter_mut().for_each(|module| module.seen = None);
    }

    fn react(&mut self, event: Option<Event>) {
        match event {
            Some(Event::Woken(waking)) => {
                let by_itself = waking.is_by_itself();
                self.unit.inverter = if by_itself { self.unit.inverter } else { Inverter::Unheard };
                self.unit.called = false;
                self.unit.soft_start_failed &= by_itself;
                self.unit.black_start =
                    if waking.holds_the_bus() { BlackStart::requested() } else { BlackStart::Inactive };
                self.unit.search = match waking {
                    // The model never resets its unit.
                    Waking::Start | Waking::BlackStart | Waking::Reset => Search::Idle,
                    Waking::Probe => Search::Waiting { remaining: UNHEARD_SLEEP },
                    Waking::Window => Search::ONE_WINDOW,
                };
                self.modules.iter_mut().for_each(|module| module.seen = None);
            }
            Some(Event::StartFailed(failure)) => {
                let is_tower = failure == StartFailure::SoftStart && !self.usable().is_empty();
                self.unit.soft_start_failed |= is_tower;
            }
            None => {}
        }
    }

    fn judge(&mut self, before: &Unit, sample: &Sample, expired: bool, permitted: bool) {
        let asks = |node| self.unit.sequence.request(node, self.usable()) == ModuleRequest::Connect;
        let stays = matches!(self.unit.sequence, Sequence::SoftStart { .. } | Sequence::Running);
        let by_person = matches!(sample.news, News::Press(_));
        if MODULE_NODES.into_iter().any(asks) && !permitted {
            self.wrong = Some(PERMITTED);
        } else if expired && stays && !self.unit.inverter.is_present() {
            self.wrong = Some(WINDOW);
        } else if before.soft_start_failed && !self.unit.soft_start_failed && !by_person {
            self.wrong = Some(PERSON);
        }
    }

    fn command(&self, node: ModuleNode) -> Command {
        let request = self.unit.sequence.request(node, self.usable());
        Command {
            request,
            lead: matches!(self.unit.sequence, Sequence::SoftStart { lead, .. } if lead == node),
            update: self.unit.sequence == Sequence::Updating,
            clear: self.unit.clearing,
        }
    }

    /// Commands come to all but `deaf`. Clearing counts once, when it is asked for.
    fn deliver(&mut self, deaf: Option<usize>) {
        let is_alive = self.unit.is_alive();
        let commands = MODULE_NODES.map(|node| self.command(node));
        for (position, (module, command)) in self.modules.iter_mut().zip(commands).enumerate() {
            if is_alive && module.mode != Mode::Off && deaf != Some(position) {
                module.person |= command.clear && !module.command.is_some_and(|before| before.clear);
                module.command = Some(command);
            }
        }
    }

    /// The module says what it is.
    fn tell(&mut self, position: usize, is_heard: bool) {
        let module = &mut self.modules[position];
        if is_heard && self.unit.is_alive() && module.mode.is_awake() {
            module.seen = Some(module.mode.state());
        }
    }

    fn sample_module(&mut self, position: usize, sight: Sight) {
        let wake = self.unit.sequence.wakes_modules();
        let module = &mut self.modules[position];
        let (was_locked, person) = (module.is_locked(), module.person);
        module.sample(wake, sight);
        let must_open = module.opens() && module.mode.is_awake();
        if must_open && module.is_on_bus() {
            self.wrong = Some(OPENS);
        } else if was_locked && !module.is_locked() && !person {
            self.wrong = Some(PERSON);
        } else if matches!(module.mode, Mode::Updating { .. }) && module.is_on_bus() {
            self.wrong = Some(UPDATE);
        }
    }
}

impl Tower {
    /// A tower of `modules` whose converters trip `faults` times in a run.
    pub(super) fn new(modules: usize, faults: u8) -> Self {
        Self { modules, faults, good: Default::default(), presses: presses() }
    }

    fn samples(&self, unit: &Unit) -> Vec<Sample> {
        let mut what: Vec<(News, Clock)> = vec![(News::Nothing, Clock::Nobody)];
        what.extend(self.presses.iter().map(|press| (News::Press(*press), Clock::Nobody)));
        what.extend(unit.times().into_iter().map(|time| (News::Nothing, Clock::Sequence(time))));
        if unit.is_alive() {
            let news = [
                News::Rung(Rung::Sleep),
                News::Rung(Rung::ShutDown),
                News::Update,
                News::BusIsDown,
                News::Stopped,
            ];
            what.extend(news.map(|news| (news, Clock::Nobody)));
        }
        if matches!(unit.sequence, Sequence::SelfTest { .. }) {
            what.push((News::SelfTestFails, Clock::Sequence(LONG)));
        }
        if unit.black_start.is_active() {
            what.push((News::Nothing, Clock::Window));
        }
        if matches!(unit.search, Search::Waiting { .. } | Search::Resting { .. }) {
            what.push((News::Nothing, Clock::Search));
        }
        if unit.inverter.is_present() {
            what.push((News::Nothing, Clock::Inverter));
        }
        if unit.clearing {
            what.push((News::Nothing, Clock::Clearing));
        }
        let inputs = [(true, true), (true, false), (false, true), (false, false)];
        let all = what.into_iter().flat_map(|(news, clock)| {
            inputs.map(|(dc_closed, inverter_heard)| Sample { dc_closed, inverter_heard, news, clock })
        });
        all.filter(|sample| sample.clock != Clock::Inverter || !sample.inverter_heard).collect()
    }

    fn after(state: &State, action: Action) -> State {
        let mut next = state.clone();
        next.faults -= cost(state, action);
        match action {
            Action::Unit(sample, deaf) => {
                next.sample(&sample);
                next.deliver(deaf);
            }
            Action::Module(position, sight, is_heard) => {
                next.sample_module(position, sight);
                next.tell(position, is_heard);
            }
            Action::Trouble(position, trouble) => next.modules[position].trouble = trouble,
            Action::Expire(position) => next.modules[position].command = None,
            Action::Silence(position) => next.modules[position].seen = None,
        }
        next
    }

    /// Nothing goes wrong any more, and timers run out when nothing else happens.
    fn reaches(&self, state: &State, goal: Goal) -> bool {
        let good = &self.good[goal as usize];
        let mut state = State { wrong: None, ..state.clone() };
        let mut way = Vec::new();
        for _ in 0..PATIENCE {
            way.push(hash(&state));
            let mut good = good.lock().expect("nobody panics in it");
            if goal.is_reached(&state) || way.last().is_some_and(|state| good.contains(state)) {
                good.extend(way);
                return true;
            }
            drop(good);
            state = goal.calmly_after(&state);
        }
        false
    }
}

impl Goal {
    fn is_reached(self, state: &State) -> bool {
        match self {
            Self::OffTheBus => !state.is_on_bus(),
            Self::ShutDown => {
                let asleep = |module: &Module| !module.mode.is_awake() && !module.is_on_bus();
                !state.unit.is_alive() && state.modules.iter().all(asleep)
            }
            Self::ByItself if state.waits_for_a_person() => true,
            Self::Running | Self::ByItself => {
                let connected = |module: &Module| module.mode == Mode::Connected;
                state.unit.sequence == Sequence::Running && state.modules.iter().all(connected)
            }
        }
    }

    /// A round in which all sample and hear each other; if it moves nothing, time passes; then a person acts.
    fn calmly_after(self, before: &State) -> State {
        let mut state = before.clone();
        for module in &mut state.modules {
            let keeps = module.trouble == Trouble::Locked;
            module.trouble = if keeps { Trouble::Locked } else { Trouble::Nothing };
        }
        self.round(&mut state, Clock::Nobody, Sight::Good, News::Nothing);
        if state != *before {
            return state;
        }
        let clock = state.unit.times().first().map(|time| Clock::Sequence(*time));
        let clock = clock.or(state.unit.clearing.then_some(Clock::Clearing));
        self.round(&mut state, clock.unwrap_or(Clock::Nobody), Sight::Rested, News::Nothing);
        if state == *before {
            let news = self.person(&state).map_or(News::Nothing, News::Press);
            self.round(&mut state, Clock::Nobody, Sight::Good, news);
        }
        state
    }

    fn round(self, state: &mut State, clock: Clock, sight: Sight, news: News) {
        for position in 0..state.modules.len() {
            let rests = matches!(state.modules[position].converter.stage(), Stage::Fault { .. });
            state.sample_module(position, if rests { sight } else { Sight::Good });
            state.tell(position, true);
            let module = &mut state.modules[position];
            module.seen = module.seen.filter(|_| module.mode.is_awake());
        }
        let with_inverter = matches!(self, Self::Running | Self::ByItself);
        let news = if self == Self::ShutDown { Self::key(state, news) } else { news };
        let dc_closed = self != Self::OffTheBus;
        state.sample(&Sample { dc_closed, inverter_heard: with_inverter, news, clock });
        state.deliver(None);
        if !state.unit.is_alive() {
            state.modules.iter_mut().for_each(|module| module.command = None);
        }
    }

    /// Who wants it off presses as long as it is not going there.
    fn key(state: &State, news: News) -> News {
        let is_going = matches!(
            state.unit.sequence,
            Sequence::Leaving { destination: Destination::Off, .. } | Sequence::PoweringDown { .. }
        );
        let pressed = press(state.context(), Duration::secs(4));
        if state.unit.is_alive() && !is_going { pressed.map_or(news, News::Press) } else { news }
    }

    fn person(self, state: &State) -> Option<Press> {
        match (self, state.context()) {
            (Self::Running, Context::Off) => press(Context::Off, Duration::secs(1)),
            (Self::Running, Context::Fault) => press(Context::Fault, Duration::secs(11)),
            (Self::Running, Context::Awake) | (Self::OffTheBus | Self::ShutDown | Self::ByItself, _) => None,
        }
    }
}

impl Model for Tower {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut modules = heapless::Vec::new();
        modules.resize(self.modules, Module::new()).expect("at most four modules");
        let unit = Unit {
            sequence: Sequence::Off,
            black_start: BlackStart::Inactive,
            search: Search::Idle,
            inverter: Inverter::Unheard,
            called: false,
            soft_start_failed: false,
            clearing: false,
        };
        vec![State { unit, modules, faults: self.faults, wrong: None }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.wrong.is_some() {
            return;
        }
        for sample in self.samples(&state.unit) {
            actions.push(Action::Unit(sample, None));
            if state.faults == 0 || !state.unit.is_alive() {
                continue;
            }
            actions.extend((0..self.modules).map(|position| Action::Unit(sample, Some(position))));
        }
        for (position, module) in state.modules.iter().enumerate() {
            let sights = sights(module).into_iter();
            actions.extend(
                sights.flat_map(|sight| {
                    [true, false].map(|is_heard| Action::Module(position, sight, is_heard))
                }),
            );
            let troubles = troubles(module).into_iter();
            actions.extend(troubles.map(|trouble| Action::Trouble(position, trouble)));
            actions.extend([Action::Expire(position), Action::Silence(position)]);
        }
        actions.retain(|action| cost(state, *action) <= state.faults);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let next = Self::after(state, action);
        (next != *state).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let [running, black_start, faulted, sleeping, updating, locked] = REACHED;
        vec![
            Property::always(PERMITTED, |_, state: &State| state.wrong != Some(PERMITTED)),
            Property::always(OPENS, |_, state: &State| state.wrong != Some(OPENS)),
            Property::always(WINDOW, |_, state: &State| state.wrong != Some(WINDOW)),
            Property::always(PERSON, |_, state: &State| state.wrong != Some(PERSON)),
            Property::always(UPDATE, |_, state: &State| state.wrong != Some(UPDATE)),
            Property::always(LEAVES, |tower: &Self, state: &State| tower.reaches(state, Goal::OffTheBus)),
            Property::always(SHUTS_DOWN, |tower: &Self, state: &State| tower.reaches(state, Goal::ShutDown)),
            Property::always(RETURNS, |tower: &Self, state: &State| tower.reaches(state, Goal::Running)),
            Property::always(BY_ITSELF, |tower: &Self, state: &State| tower.reaches(state, Goal::ByItself)),
            Property::sometimes(running, |_, state: &State| Goal::Running.is_reached(state)),
            Property::sometimes(black_start, |_, state: &State| {
                state.unit.sequence == Sequence::Running && state.unit.black_start.is_active()
            }),
            Property::sometimes(faulted, |_, s: &State| matches!(s.unit.sequence, Sequence::Faulted { .. })),
            Property::sometimes(sleeping, |_, s: &State| {
                matches!(s.unit.sequence, Sequence::Sleeping { .. })
            }),
            Property::sometimes(updating, |_, state: &State| {
                state.modules.iter().any(|module| matches!(module.mode, Mode::Updating { .. }))
            }),
            Property::sometimes(locked, |_, state: &State| state.modules.iter().any(Module::is_locked)),
        ]
    }
}

/// How many faults it takes.
fn cost(state: &State, action: Action) -> u8 {
    let is_alive = state.unit.is_alive();
    let is_awake = |position: usize| state.modules[position].mode.is_awake();
    match action {
        Action::Unit(_, deaf) => u8::from(deaf.is_some()),
        Action::Module(_, sight, is_heard) => u8::from(sight == Sight::Trip) + u8::from(!is_heard),
        Action::Trouble(position, _) => u8::from(state.modules[position].trouble == Trouble::Nothing),
        Action::Expire(_) => u8::from(is_alive),
        Action::Silence(position) => u8::from(is_awake(position)),
    }
}

fn sights(module: &Module) -> Vec<Sight> {
    let mut sights = vec![Sight::Good];
    if module.mode.is_awake() {
        sights.push(Sight::Forgiven);
    }
    if matches!(module.mode, Mode::Starting { .. }) {
        sights.push(Sight::Bad);
    }
    if matches!(module.mode, Mode::Starting { .. } | Mode::Ready { .. }) {
        sights.push(Sight::ModeUp);
    }
    if matches!(module.converter.stage(), Stage::Fault { rest, .. } if !rest.is_zero()) {
        sights.push(Sight::Rested);
    }
    if module.is_on_bus() {
        sights.push(Sight::Trip);
    }
    sights
}

/// Trouble is only seen by whoever is awake; a lock-out is what opening can become.
fn troubles(module: &Module) -> Vec<Trouble> {
    match module.trouble {
        Trouble::Nothing if module.mode.is_awake() => vec![Trouble::Isolates, Trouble::Opens],
        Trouble::Isolates => vec![Trouble::Nothing],
        Trouble::Opens => vec![Trouble::Nothing, Trouble::Locked],
        Trouble::Nothing | Trouble::Locked => vec![],
    }
}

/// What the switch makes of a press.
fn press(context: Context, held: Duration) -> Option<Press> {
    let mut switch = Switch::Released;
    switch.step(true, Duration::ZERO, context);
    switch.step(true, held, context).or_else(|| switch.step(false, Duration::ZERO, context))
}

/// Everything that a press can mean.
fn presses() -> Vec<Press> {
    let mut all = Vec::new();
    for context in [Context::Off, Context::Awake, Context::Fault] {
        for press in PRESSES.into_iter().filter_map(|held| press(context, held)) {
            if !all.contains(&press) {
                all.push(press);
            }
        }
    }
    all
}

fn hash(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}
