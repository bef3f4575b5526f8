//! The controller of the distribution unit: who is on the bus, who carries the power, what people and the inverter see.
//!
//! [`BduController::step`] first analyses (what was heard, measured and pressed), then acts ([`Sequence`]), then tells
//! (frames, panel, records). Frames only fill what the next sample analyses; SDO transfers alone go on at bus speed.

mod activity;
pub mod addressing;
mod black_start;
mod clearing;
mod com;
mod command;
mod conditions;
mod contact;
mod debounce;
mod diagnosis;
mod face;
mod fields;
mod full_charge;
mod inverter;
mod kept;
mod ladder;
mod levelling;
mod limits;
mod link_watch;
mod modules;
mod offer;
mod own_sensors;
mod patience;
mod reclose;
mod sequence;
mod stages;
mod switch;
mod versions;
mod wake_line;
mod wiring;

pub use activity::{Activity, Flow};
pub use addressing::{Addressing, Intake};
pub use black_start::{BlackStart, Search, Signs, Wish};
pub use com::Com;
pub use conditions::{Conditions, Ending, Evidence, OF_MODULE, OF_TOWER, Response, UnitRow};
pub use contact::{Contact, ContactState};
pub use debounce::{Debounce, Rule};
pub use full_charge::{FillSource, FullCharge, FullChargeSigns};
pub use inverter::Inverter;
pub use ladder::{Ladder, Rung};
pub use levelling::Booked;
pub use link_watch::LinkWatch;
pub use modules::{ChargeComes, Hearing, Module, Modules, Version};
pub use patience::Patience;
pub use sequence::{Destination, Event, Findings, Rest, Sequence, Waking};
pub use switch::{Context, Press, Switch};
pub use versions::VersionReader;
pub use wiring::Wiring;

use canopen_rs::NmtCommand;
use voltower_core::panel::{CellFaultLights, Shown};
use voltower_core::values::{
    BLACK_START_SOC_MIN, BUS_HOLD_POWER, BUS_UP, CLOCK_SET_BACK, LINK_SLOW_PERIOD, LOCK_OUT_CLEAR_TIME,
    MODULE_POWER, SECOND_UNIT_GONE, SELF_TEST_CURRENT, SELF_TEST_VOLTAGE, SERVICE_WINDOW, SLEEP_CALL_LONG,
    SLEEP_PROBE_TIME, SOFT_START_RISES, UPDATE_LONGEST, WOKEN_HEARD_WITHIN,
};
use voltower_core::{
    Binding, ConditionSet, Diagnosis, Duration, Fault, Instant, MilliVolts, PerMille, TowerState, Watts,
};
use voltower_protocols::Frame;
use voltower_protocols::link::dictionary::{DIAGNOSIS_PLACE, ESTIMATE_PLACE, REASON_PLACES};
use voltower_protocols::link::{
    BDU_DICTIONARY, BDU_NODE, BduField, EMCY, HEARTBEAT, Levelling as Pair, MODULE_DICTIONARY, MODULE_NODES,
    ModuleCommand, ModuleNode, SDO_RESPONSE, TowerEstimate,
};

use self::addressing::{Deed, Deeds};
use self::clearing::Seen;
use self::command::{Caps, GREETING, Orders};
use self::diagnosis::Clues;
use self::face::{Face, Gauge, Look, Wishes};
use self::fields::{Asked, Fields};
use self::kept::Kept;
use self::levelling::Levelling;
use self::offer::Offer;
use self::own_sensors::OwnSensors;
use self::reclose::Reclose;
use self::stages::{Emptiest, EmptyHold, FaultWait, ShownCharge, UsedReserve};
use self::wake_line::{Reason, WakeLine};
use crate::bound::Limits;
use crate::io::{
    BduDrive, BduInputs, BduOutputs, BduSample, Frames, Identity, MODULES, Port, PowerMode, SamplePeriod,
    Settings,
};
use crate::keep::{BduPersisted, Part, Switched, UnitSafety};
use crate::link::lss::{Answer, LSS_ANSWER};
use crate::link::{
    Due, EventLog, Node, NodeEvent, Place, count_down, from_heartbeat, inquiry, network_command,
};
use crate::record::{Record, StartFailure};
use crate::selftest::{Phase, Signature, Watch};
use crate::share::limits::{Ramp, power, with_margin};
use crate::share::trim::Trim;
use crate::share::{Members, NodeSet, Sharing};

/// From this share of its limit on, a tower's bus voltage says nothing about droop.
const SATURATED: PerMille = PerMille(950);

/// What an installer sets. Kept over a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BduSettings {
    /// How *battery cell fault* is shown: the manual's table has a misprint.
    pub cell_fault_lights: CellFaultLights,
    /// Power of the tower, and its name.
    pub power: Settings,
    /// From where a full charge may come that is wanted.
    pub full_charge: FillSource,
}

impl Default for BduSettings {
    fn default() -> Self {
        let rated = Watts(MODULE_POWER.0 * MODULES as i32);
        Self {
            cell_fault_lights: CellFaultLights::default(),
            power: Settings::open(rated),
            full_charge: FillSource::default(),
        }
    }
}

/// The controller of a distribution unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BduController {
    settings: BduSettings,
    software: [u8; 8],
    expected: u8,
    last_sample: Option<Instant>,
    period: SamplePeriod,

    modules: Modules,
    addressing: Addressing,
    link_time: Instant,
    link_watch: LinkWatch,
    versions: VersionReader,
    com: Com,
    inverter: Inverter,
    switch: Switch,
    wiring: Wiring,
    own_sensors: OwnSensors,
    ladder: Ladder,
    black_start: BlackStart,
    emptiest: Emptiest,
    empty_hold: EmptyHold,
    fault_wait: FaultWait,
    used_reserve: UsedReserve,
    shown_charge: ShownCharge,
    reclose: Reclose,
    search: Search,
    patience: Patience,
    full_charge: FullCharge,
    levelling: Levelling,
    /// Since the start the bus was held for an inverter that was not heard: it may have formed an island from it.
    held_for_inverter: bool,
    /// An inverter was heard since a person started the tower, or that person has asked for the bus.
    inverter_known: bool,
    /// Asleep: an inverter that was silent was heard.
    inverter_called: bool,
    activity: Activity,
    sequence: Sequence,
    soft_start_failed: bool,
    /// Somebody else speaks as a distribution unit: until it counts as gone.
    second_unit: Duration,
    wake_line: WakeLine,
    offer: Offer,
    /// The highest bus voltage at which a soft start was looked at.
    risen: MilliVolts,
    /// Firmware has been waited for so long.
    updating: Duration,
    clearing: Duration,
    service: Duration,
    asked_to_clear: bool,
    /// What there was to see when the switch was pressed last, or when a tool asked.
    seen: Seen,
    conditions: Conditions,
    diagnosis: Diagnosis,
    events: EventLog,

    sharing: Sharing,
    trim: Trim,
    charge_ramp: Ramp,
    discharge_ramp: Ramp,

    node: Node<BduField>,
    told: News,
    /// What bound the limits when their reasons were sent last.
    reasons_told: [Binding; 2],
    commands: [Option<ModuleCommand>; MODULES],
    until_com: Duration,
    face: Face,
    drive: BduDrive,
    flow: Signature,
    self_tests: Watch,
    /// A test of its own electronics has failed, and no person has looked.
    self_tests_locked: bool,
    kept: Kept,
}

/// COB-ID of a distribution unit's heartbeat: nobody hears its own.
const OWN_HEARTBEAT: u16 = HEARTBEAT + BDU_NODE as u16;

/// Phases of a sample.
const FLOW: Signature = Signature::of(&[
    Phase::Listen,
    Phase::Analyse,
    Phase::Proceed,
    Phase::Judge,
    Phase::Share,
    Phase::Show,
    Phase::Tell,
]);

/// What modules and people must hear of at once, and not with the next turn of the process data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct News {
    state: TowerState,
    conditions: ConditionSet,
    diagnosis: Diagnosis,
    usable: NodeSet,
    connected: NodeSet,
    levelling: Option<Pair>,
}

impl News {
    const NONE: Self = Self {
        state: TowerState::Shutdown,
        conditions: ConditionSet::EMPTY,
        diagnosis: Diagnosis::NONE,
        usable: NodeSet::EMPTY,
        connected: NodeSet::EMPTY,
        levelling: None,
    };
}

/// What one sample is about.
struct Moment<'a> {
    now: Instant,
    elapsed: Duration,
    /// The same by its clock, which may stand.
    clock: Duration,
    sample: &'a BduSample,
}

impl BduController {
    /// A unit that is shut down, with what its recorder kept. Modules found beyond those that were commissioned are
    /// taken in.
    #[must_use]
    pub fn new(identity: Identity, persisted: BduPersisted) -> Self {
        let safety = persisted.safety;
        Self {
            settings: persisted.settings,
            software: identity.software,
            expected: persisted.expected.min(MODULES as u8),
            last_sample: None,
            period: SamplePeriod(Duration::ZERO),
            modules: Modules::with_contacts(safety.contacts),
            addressing: Addressing::start(MODULE_DICTIONARY.identity, SamplePeriod(Duration::ZERO)),
            link_time: Instant::ZERO,
            link_watch: LinkWatch::default(),
            versions: VersionReader::START,
            com: Com::default(),
            inverter: Inverter::Unheard,
            switch: Switch::Released,
            wiring: Wiring::with_fuse(safety.fuse_open),
            own_sensors: OwnSensors::default(),
            ladder: Ladder::Normal,
            black_start: BlackStart::Inactive,
            emptiest: Emptiest::Enough,
            empty_hold: EmptyHold::default(),
            fault_wait: FaultWait::default(),
            used_reserve: UsedReserve::default(),
            shown_charge: ShownCharge::default(),
            reclose: Reclose::default(),
            search: Search::Idle,
            patience: Patience::default(),
            full_charge: persisted.pauses.full_charge,
            levelling: Levelling::new(persisted.pauses.levelling, persisted.pauses.booked),
            held_for_inverter: false,
            inverter_known: persisted.switched == Switched::OnWithInverter,
            inverter_called: false,
            activity: Activity::default(),
            sequence: Sequence::Off,
            soft_start_failed: safety.soft_start_failed,
            second_unit: Duration::ZERO,
            wake_line: WakeLine::default(),
            offer: Offer::default(),
            risen: MilliVolts::ZERO,
            updating: Duration::ZERO,
            clearing: Duration::ZERO,
            service: Duration::ZERO,
            asked_to_clear: false,
            seen: Seen::nothing(),
            conditions: Conditions::default(),
            diagnosis: Diagnosis::NONE,
            events: EventLog::default(),
            sharing: Sharing::default(),
            trim: Trim::default(),
            charge_ramp: Ramp::default(),
            discharge_ramp: Ramp::default(),
            node: Node::new(BDU_NODE, identity, BDU_DICTIONARY),
            told: News::NONE,
            reasons_told: [Binding::NotConnected; 2],
            commands: [None; MODULES],
            until_com: Duration::ZERO,
            face: Face::OFF,
            drive: BduDrive::OFF,
            flow: Signature::default(),
            self_tests: Watch::default(),
            self_tests_locked: safety.self_tests,
            kept: Kept::new(&persisted),
        }
    }

    /// Acceptance filter: whether `step` would do anything with this frame.
    #[must_use]
    #[inline]
    pub fn accepts(&self, port: Port, frame: &Frame) -> bool {
        match port {
            Port::Com => self.com.accepts(frame),
            Port::Link => {
                let is_one_of = |id| matches!(id, LSS_ANSWER | OWN_HEARTBEAT);
                self.node.accepts(frame)
                    || sender(frame).is_some()
                    || frame.standard_id().is_some_and(is_one_of)
            }
        }
    }

    /// What is wrong at this moment, exactly.
    #[must_use]
    pub fn findings(&self) -> voltower_core::FindingSet {
        self.conditions.findings()
    }

    /// The cause that it tells at this moment.
    #[must_use]
    pub const fn diagnosis(&self) -> Diagnosis {
        self.diagnosis
    }

    /// When it wants a step even if there is neither sample nor frame: addresses are given at the speed of the bus,
    /// whatever the sample period.
    #[must_use]
    pub fn due_at(&self) -> Option<Instant> {
        self.sequence.is_awake().then(|| self.link_time + self.addressing.remaining())
    }

    /// One step: a fresh sample, a delivered frame, both, or neither when [`Self::due_at`] has come.
    pub fn step(&mut self, now: Instant, inputs: &BduInputs<'_>) -> BduOutputs {
        let mut outputs = BduOutputs::new();
        self.step_into(now, inputs, &mut outputs);
        outputs
    }

    /// [`Self::step`] into outputs that the caller keeps: they are long, and most steps send nothing.
    pub fn step_into(&mut self, now: Instant, inputs: &BduInputs<'_>, outputs: &mut BduOutputs) {
        outputs.clear();
        self.give_addresses(now, outputs);
        if let Some((port, frame)) = inputs.frame {
            self.on_frame(port, frame, outputs);
        }
        if let Some(sample) = inputs.sample {
            let clock = self.last_sample.map_or(Duration::ZERO, |last| now.since(last));
            let stands = self.self_tests.wrong().clock_stands;
            let elapsed = self.period.passed(clock, stands, self.sequence.is_awake());
            self.last_sample = Some(now);
            self.period = self.period.after(clock);
            self.on_sample(&Moment { now, elapsed, clock, sample }, outputs);
        }
        self.events.note(now, &outputs.records);
        outputs.keep = self.keep();
        outputs.drive = self.drive;
    }

    /// Lets time pass in the addressing.
    fn give_addresses(&mut self, now: Instant, sent: &mut BduOutputs) {
        let elapsed = now.since(self.link_time);
        // Frames of two buses may come a little out of order. A clock that was set back must not stop the time of
        // the Link until it is where it was.
        let set_back = self.link_time.since(now) > CLOCK_SET_BACK;
        self.link_time = if set_back { now } else { self.link_time.max(now) };
        if self.sequence.is_awake() {
            let mut deeds = Deeds::new();
            let called = self.modules.are_called();
            let callable = !self.modules.dormant().is_empty() && self.wake_line.may_call();
            self.addressing.expect_dormant(called || callable);
            self.addressing.tick(elapsed, self.intake(), self.period, &mut deeds);
            self.do_deeds(&deeds, sent);
            self.reseat_the_woken();
        }
    }

    /// A module that lost its address while it was dormant is no stranger: its seat is its own. Addresses are given at
    /// the speed of the bus, whatever the sample period.
    fn reseat_the_woken(&mut self) {
        if self.addressing.is_suspected() {
            // Whoever was called does not sleep, even if it was let go a moment before.
            let called = !self.wake_line.is_on() || self.modules.are_called();
            let woken = if called { self.modules.dormant() } else { self.modules.waking() };
            for node in woken.iter() {
                self.addressing.lost(node, self.period);
            }
        }
    }

    /// Whoever comes is taken in while the tower is being started, and if it was started without one of those that were
    /// commissioned. Otherwise only those return that were there.
    fn intake(&self) -> Intake {
        let starts = matches!(
            self.sequence,
            Sequence::SelfTest { .. } | Sequence::Discovery { .. } | Sequence::Faulted { discovered: false }
        );
        if starts {
            Intake::Anyone
        } else if self.addressing.misses(self.expected) {
            Intake::Missing
        } else {
            Intake::Known
        }
    }

    fn do_deeds(&mut self, deeds: &Deeds, sent: &mut BduOutputs) {
        for deed in deeds {
            match *deed {
                Deed::Ask(request) => send(&mut sent.link_frames, Some(request.to_frame())),
                Deed::Reset(node) => {
                    send(&mut sent.link_frames, network_command(NmtCommand::ResetNode, node.number()));
                }
                Deed::Call(nodes) => {
                    for node in nodes.iter() {
                        send(&mut sent.link_frames, Some(inquiry(node.number(), ERROR_REGISTER, 0)));
                    }
                }
                Deed::Welcome(node) => {
                    self.doubt_the_link(true);
                    self.modules.welcome(node, self.period);
                    send(&mut sent.link_frames, Some(GREETING.to_frame(node)));
                    let _ = sent.records.push(Record::Addressed(node.number()));
                }
            }
        }
    }

    fn on_frame(&mut self, port: Port, frame: &Frame, sent: &mut BduOutputs) {
        match port {
            Port::Com if self.sequence != Sequence::Off => self.com.hear(frame),
            Port::Link if self.sequence.is_awake() => self.on_link_frame(frame, sent),
            Port::Com | Port::Link => {}
        }
    }

    fn on_link_frame(&mut self, frame: &Frame, sent: &mut BduOutputs) {
        let mut deeds = Deeds::new();
        if let Some(answer) = Answer::from_frame(frame) {
            self.addressing.on_answer(answer, self.intake(), self.period, &mut deeds);
        } else if let Some(node) = sender(frame) {
            self.link_watch.count(node);
            if self.addressing.heard(node, self.period, &mut deeds) {
                self.on_module_frame(node, frame, sent);
            }
        } else if frame.standard_id() == Some(OWN_HEARTBEAT) {
            self.second_unit = self.period.stretch(SECOND_UNIT_GONE);
        } else {
            self.on_service(frame, sent);
        }
        self.do_deeds(&deeds, sent);
    }

    fn on_module_frame(&mut self, node: ModuleNode, frame: &Frame, sent: &mut BduOutputs) {
        if from_heartbeat(frame).is_some() {
            self.modules.hear_heartbeat(node, self.period);
        } else if is_sdo_answer(frame) {
            let request = self.versions.on_frame(frame, &self.software, &mut self.modules, self.period);
            send(&mut sent.link_frames, request);
        } else {
            let breaks = self.modules.hear(frame);
            self.doubt_the_link(breaks);
        }
    }

    /// Frames are destroyed, the wires or the addresses are not as they should be, or a module that was heard is not.
    fn is_link_wrong(&self) -> bool {
        self.link_watch.complains()
            || !self.link_watch.termination().is_none()
            || !self.addressing.found().is_none()
            || !self.missing().common(self.addressing.known()).is_empty()
    }

    /// A sign that not everything arrives. Before the start is over modules come one by one, which is none.
    fn doubt_the_link(&mut self, is_sign: bool) {
        if is_sign && self.sequence.could_run() {
            self.link_watch.doubt(self.period);
        }
    }

    fn on_service(&mut self, frame: &Frame, sent: &mut BduOutputs) {
        let mut node = self.node.clone();
        let mut fields = Fields { controller: self, asked: Asked::default() };
        let event = node.on_frame(frame, &mut fields, &mut sent.link_frames);
        let asked = fields.asked;
        self.node = node;
        self.obey(asked, sent);
        if event == Some(NodeEvent::Reset) {
            // The program of the unit goes on: a tower does not stop because a tool says so.
            send(&mut sent.link_frames, self.node.boot(BDU_NODE));
        }
    }

    /// Does what was written into the dictionary.
    fn obey(&mut self, asked: Asked, sent: &mut BduOutputs) {
        self.face.update = asked.update.unwrap_or(self.face.update);
        self.asked_to_clear |= asked.clear_lock_outs;
        if asked.settings.is_some() || asked.expected.is_some() || asked.full_charge.is_some() {
            self.settings.full_charge = asked.full_charge.unwrap_or(self.settings.full_charge);
            self.settings.power = asked.settings.unwrap_or(self.settings.power);
            self.expected = asked.expected.unwrap_or(self.expected);
            self.kept.change(Part::Settings);
            let _ = sent.records.push(Record::Configured);
        }
    }

    /// A person stands at the tower, and nothing flows.
    const fn is_in_service(&self) -> bool {
        !self.service.is_zero() && matches!(self.activity.shown(), Flow::Idle)
    }

    fn on_sample(&mut self, raw: &Moment<'_>, sent: &mut BduOutputs) {
        let said = self.modules.testimony(self.expected);
        self.own_sensors.step(raw.sample, said.as_ref(), raw.elapsed);
        let moment = &Moment { sample: &self.own_sensors.mended(raw.sample), ..*raw };
        self.face.measure(moment.sample);
        self.watch_memory(moment, sent);
        if self.kept.resumes() {
            self.resume(sent);
        }
        let was_awake = self.sequence.is_awake();
        let press = self.listen(moment, sent);
        self.take_in_new_modules(sent);
        let findings = self.analyse(moment, press, sent);
        let before = self.sequence;
        let event = self.sequence.step(&findings, moment.elapsed, self.period);
        self.count_sleep(before);
        if self.sequence.falls_asleep() && !before.falls_asleep() {
            // Its last word to the inverter is that it asks for nothing.
            self.until_com = Duration::ZERO;
        }
        self.reclose.step(before.drives_the_bus() && !self.sequence.drives_the_bus(), moment.elapsed);
        self.flow.pass(Phase::Proceed);
        if let Some(event) = event {
            self.react(event, sent);
        }
        self.judge(moment.sample, sent);
        self.level(moment);
        let plan = self.share(moment);
        self.want_full_charge(moment.elapsed);
        self.show(moment, sent);
        self.tell(moment, was_awake, &plan, sent);
        self.write_down();
        if !self.flow.close(FLOW) {
            self.distrust_itself(sent);
        }
    }

    /// The tower was on when its BDU was reset. In a storm of resets it waits for a person anyway, and sleeps over
    /// that: awake again and again it would drain its modules.
    fn resume(&mut self, sent: &mut BduOutputs) {
        if self.kept.keeping().boot().is_storm() {
            self.patience.fell_asleep();
            self.patience.gave_up();
            // An inverter that talks is no news to whoever has just been reset.
            self.sequence = Sequence::asleep(Rest { call: SLEEP_CALL_LONG, ..self.patience.rest(false) });
        } else {
            self.sequence = Sequence::AFTER_RESET;
            self.wake(Waking::Reset, sent);
        }
    }

    /// Says nothing that a sample has come to which was not gone through: modules without commands leave the bus.
    fn distrust_itself(&mut self, sent: &mut BduOutputs) {
        self.self_tests.flow_is_broken();
        sent.link_frames.clear();
        sent.com_frames.clear();
    }

    /// What the tests of its own electronics have come to: they run while the unit is awake.
    fn test_itself(&mut self, moment: &Moment<'_>) {
        if self.sequence.is_awake() {
            let wrong = self.self_tests.step(&moment.sample.self_test, moment.clock, self.period);
            self.seen.compare(wrong);
            if wrong.any() || self.kept.is_wrong() {
                self.self_tests_locked = true;
                self.kept.fails();
            }
        } else {
            self.self_tests = Watch::default();
        }
    }

    /// Lets time pass in everything that listens; what the switch says.
    fn listen(&mut self, moment: &Moment<'_>, sent: &mut BduOutputs) -> Option<Press> {
        let Moment { elapsed, sample, .. } = *moment;
        if self.sequence.is_awake() {
            let running = matches!(self.sequence, Sequence::Running);
            let before = self.modules.online();
            let bus = self.own_sensors.reference(sample);
            let comes = self.charge_comes();
            self.modules.step(running.then_some(bus), comes, elapsed, self.period);
            let silent = before.minus(self.modules.online());
            for node in silent.iter() {
                self.addressing.lost(node, self.period);
            }
            self.wiring.step(sample, &self.own_sensors, elapsed);
            self.link_watch.step(sample, elapsed);
            self.doubt_the_link(!silent.is_empty() || self.is_link_wrong());
            // Two that speak at the same moment do not hear each other, but disturb the line.
            if self.link_watch.disturbance().is_none() {
                self.second_unit = self.second_unit.less(elapsed);
            }
            send(&mut sent.link_frames, self.versions.step(&mut self.modules, elapsed, self.period));
        }
        let inverter_heard = self.com.step(sample.second_tower, elapsed);
        let was_present = self.inverter.is_present();
        self.inverter.step(inverter_heard, elapsed, self.period);
        self.inverter_called |= inverter_heard && !was_present;
        self.inverter_known |= inverter_heard;
        self.activity.step(power(sample.before_fuse, sample.current), elapsed);
        self.clearing = self.clearing.less(elapsed);
        self.service =
            if self.activity.shown() == Flow::Idle { self.service.less(elapsed) } else { Duration::ZERO };
        if sample.black_start_pressed && self.switch == Switch::Released {
            self.seen = self.to_be_seen();
        }
        let press = self.switch.step(sample.black_start_pressed, elapsed, self.context());
        if press == Some(Press::Service) {
            self.service = self.period.stretch(SERVICE_WINDOW);
        }
        let asked = core::mem::take(&mut self.asked_to_clear);
        if asked {
            self.seen = self.to_be_seen();
        }
        if press == Some(Press::ClearLockOuts) || asked {
            self.ask_to_clear();
        }
        self.wake_dormant(press.is_some() || asked, moment);
        self.end_update(elapsed);
        self.test_itself(moment);
        self.flow.pass(Phase::Listen);
        press
    }

    /// Dormant modules wake for a person, for a stranger on the Link, when a low one could be charged, and now and then
    /// while the tower is charged. For a person the line calls also who is not heard: it may have gone to sleep while
    /// the unit was deaf.
    fn wake_dormant(&mut self, person: bool, moment: &Moment<'_>) {
        let Moment { elapsed, sample, .. } = *moment;
        let signs = offer::Signs {
            runs: matches!(self.sequence, Sequence::Running) && self.inverter.is_alive(),
            able: self.sums().charge.power,
            told: self.face.bounds.charge.power,
            flowing: power(sample.before_fuse, sample.current),
        };
        let charging = self.charge_comes() == ChargeComes::ToAll;
        let low = !self.modules.asleep_and_low().is_empty();
        let silent = NodeSet::first(self.expected).minus(self.modules.online());
        // Where charge would not be seen it may be there.
        let flow = if low && signs.is_blind() { Flow::Charging } else { self.activity.shown() };
        let reason = if person {
            Some(Reason::Person)
        } else if self.addressing.calls_dormant() || !self.addressing.found().is_none() {
            Some(Reason::Stranger)
        } else if charging && low {
            Some(Reason::Charge)
        } else {
            None
        };
        let any = person && !silent.is_empty() || !self.modules.dormant().is_empty();
        let woken = self.wake_line.step(any, reason, flow, elapsed);
        if woken {
            self.modules.wake(self.period);
        }
        // An empty tower looks for charge, and whoever holds its bus can take none: those that could must not wait for
        // a flow that cannot come.
        let looks = self.ladder.rung() == Rung::Ask && self.modules.one_waits_that_takes();
        self.offer.step(&signs, woken || looks, elapsed, self.period);
    }

    /// Firmware that does not come is not waited for for ever: modules must not starve over it.
    fn end_update(&mut self, elapsed: Duration) {
        self.updating = if self.face.update { self.updating + elapsed } else { Duration::ZERO };
        if self.updating >= self.period.stretch(UPDATE_LONGEST) {
            self.face.update = false;
        }
    }

    fn context(&self) -> Context {
        if !self.sequence.is_awake() {
            Context::Off
        } else if self.face.status.conditions.faults().is_empty() && !self.is_faulted() {
            Context::Awake
        } else {
            Context::Fault
        }
    }

    const fn is_faulted(&self) -> bool {
        matches!(self.sequence, Sequence::Faulted { .. })
    }

    /// What an operator can see at this moment.
    fn to_be_seen(&self) -> Seen {
        let said = |node| self.modules.get(node).map_or(ConditionSet::EMPTY, Module::conditions);
        Seen {
            unit: self.locked_out(),
            modules: MODULE_NODES.map(said),
            wrong: self.self_tests.wrong(),
            fails_again: false,
        }
    }

    /// An operator has looked. Clearing needs standby: while power flows the press has no effect. What memory need not
    /// hold is forgotten at once, so that it is found again if it comes again meanwhile.
    fn ask_to_clear(&mut self) {
        if self.activity.shown() == Flow::Idle {
            let dormant = !self.modules.dormant().is_empty();
            let time = if dormant { WOKEN_HEARD_WITHIN } else { LOCK_OUT_CLEAR_TIME };
            self.clearing = self.period.stretch(time);
            self.com.forgive();
            self.wiring = Wiring::with_fuse(self.wiring.fuse_open());
            self.own_sensors.forgive();
            self.second_unit = Duration::ZERO;
            self.self_tests.forgive();
            self.kept.ask_to_clear(&self.seen, self.period);
        }
    }

    /// Memory holds that the operator has seen this: it is gone, and what came later stays.
    fn clear_lock_outs(&mut self, named: &UnitSafety, fails_again: bool, sent: &mut BduOutputs) {
        self.modules.forgive_if(&named.contacts);
        if named.fuse_open {
            self.wiring = Wiring::default();
        }
        self.soft_start_failed &= !named.soft_start_failed;
        self.self_tests_locked &= fails_again || !named.self_tests;
        let _ = sent.records.push(Record::LockOutsCleared);
    }

    /// What there is to know before anything is done.
    fn analyse(&mut self, moment: &Moment<'_>, press: Option<Press>, sent: &mut BduOutputs) -> Findings {
        let Moment { elapsed, sample, .. } = *moment;
        let may_hold = self.may_hold(sample);
        self.look_for_inverter(may_hold, elapsed, sent);
        let found = self.modules.found();
        let ranking = self.modules.ranking();
        let wanted = self.inverter.is_present() || self.black_start.is_active();
        self.flow.pass(Phase::Analyse);
        Findings {
            press,
            rung: self.climb(elapsed),
            update: self.face.update,
            self_test_passed: self_test_passed(sample),
            all_found: self.addressing.is_complete()
                && !found.is_empty()
                && NodeSet::first(self.expected).minus(found).is_empty(),
            some_found: !found.is_empty(),
            stopped: self.is_stopped(ranking.iter().all(Option::is_none)),
            // Modules that two units command are on the bus and off it in turn.
            may_energise: sample.dc_switch_closed
                && wanted
                && self.second_unit.is_zero()
                && (self.reclose.may_close() || self.sequence.drives_the_bus()),
            bus_up: sample.before_fuse >= BUS_UP,
            bus_rises: self.bus_rises(sample.before_fuse),
            converter_failed: self.modules.has_converter_fault(),
            connected: self.modules.connected(),
            on_bus: self.modules.on_bus(),
            online: self.modules.awake(),
            forming: self.modules.forming(),
            ranking,
            inverter_heard: self.inverter.is_alive(),
            inverter_called: self.inverter_called,
            may_hold,
            // In an island an inverter that is heard by a tower that gives nothing lives from the sun.
            rest: self.patience.rest(may_hold || self.inverter.is_alive() && self.is_island()),
        }
    }

    /// During a soft start, step by step.
    fn bus_rises(&mut self, bus: MilliVolts) -> bool {
        if !matches!(self.sequence, Sequence::SoftStart { .. }) || bus < SOFT_START_RISES {
            self.risen = bus;
            return false;
        }
        let rises = bus - self.risen >= SOFT_START_RISES;
        if rises {
            self.risen = bus;
        }
        rises
    }

    /// The bus may be held for an inverter that is not heard, although nobody asks for it.
    fn may_hold(&self, sample: &BduSample) -> bool {
        let has_charge = self.modules.fullest().is_some_and(|soc| soc >= BLACK_START_SOC_MIN);
        self.inverter_known && sample.dc_switch_closed && has_charge && !self.waits_for_a_person()
    }

    /// A window may pass, and another may open.
    fn look_for_inverter(&mut self, may_hold: bool, elapsed: Duration, sent: &mut BduOutputs) {
        let is_running = matches!(self.sequence, Sequence::Running);
        let expired = self.black_start.step(is_running, self.inverter.is_alive(), elapsed, self.period);
        if expired {
            let _ = sent.records.push(Record::StartFailed(StartFailure::InverterSilent));
        }
        if !self.sequence.could_run() {
            return;
        }
        let signs = Signs {
            heard: self.inverter.is_present(),
            silent: self.inverter == Inverter::Silent,
            window: self.black_start.is_active(),
            expired,
            may_hold,
        };
        match self.search.step(&signs, elapsed, self.period) {
            Wish::Nothing => {}
            Wish::Open => self.black_start = BlackStart::requested(),
            Wish::Close => self.black_start = BlackStart::Inactive,
        }
    }

    /// Whoever wakes for nothing again and again sleeps longer.
    fn count_sleep(&mut self, before: Sequence) {
        let runs = matches!(self.sequence, Sequence::Running) && self.inverter.is_alive();
        match (before, self.sequence) {
            (Sequence::Sleeping { .. }, Sequence::Sleeping { .. }) => {}
            (Sequence::Probing { .. }, Sequence::Sleeping { .. }) => self.patience.listened(),
            (_, Sequence::Sleeping { .. }) => {
                self.patience.fell_asleep();
                self.inverter_called = false;
            }
            _ if runs && (self.ladder.rung() == Rung::Free || self.activity.shown() == Flow::Charging) => {
                self.patience.succeeded();
            }
            _ => {}
        }
    }

    /// Capacity is expanded by stacking one more module: a start finds it.
    fn take_in_new_modules(&mut self, sent: &mut BduOutputs) {
        let there = self.addressing.seated().highest();
        if matches!(self.sequence, Sequence::Discovery { .. }) && there > self.expected {
            self.expected = there;
            self.kept.change(Part::Settings);
            let _ = sent.records.push(Record::Configured);
        }
    }

    /// It may give nothing, and the inverter has fallen silent: in an island that has no other supply.
    fn has_starved_its_inverter(&self) -> bool {
        let lives_from_it = self.patience.has_slept() || self.is_island();
        self.inverter == Inverter::Silent && self.ladder.rung() != Rung::Free && lives_from_it
    }

    /// It has woken by itself, may give nothing and can take nothing: a bus that is held in vain would drain it.
    fn looks_in_vain(&self) -> bool {
        self.patience.has_slept()
            && self.ladder.rung() != Rung::Free
            && self.modules.are_kept_from_charge_by_temperature()
    }

    /// What the low-SOC stages want, and the search for the inverter; off only if sleep would not be survived.
    fn climb(&mut self, elapsed: Duration) -> Rung {
        // What one module may take of little sun is no activity to people, and charge all the same.
        let charging = self.activity.shown() == Flow::Charging || self.modules.are_charged();
        let waits = self.sequence.waits_for_charge();
        let is_able = self.sequence != Sequence::Running || !self.modules.holding().is_empty();
        self.empty_hold.step(is_able || self.modules.connected().is_empty(), charging, elapsed);
        let is_kept_off = self.is_faulted() || matches!(self.sequence, Sequence::Standby);
        self.fault_wait.step(is_kept_off, elapsed);
        let with_bus = if self.sequence == Sequence::Running { elapsed } else { Duration::ZERO };
        self.emptiest.step(self.modules.emptiest(), with_bus);
        let rung = match self.modules.fullest().filter(|_| waits) {
            Some(soc) => self.ladder.step(soc, charging, elapsed, self.period),
            None => self.ladder.rung(),
        };
        let stays = self.fault_wait.is_over(self.patience.has_slept(), self.period);
        if stays {
            self.patience.gave_up();
        }
        let is_over =
            stays || self.looks_in_vain() || self.search.is_over() || self.empty_hold.is_over(self.period);
        let rung = if waits && is_over { Rung::Sleep } else { rung };
        let is_used = self.used_reserve.step(self.modules.is_reserve_used(), elapsed);
        match rung {
            Rung::Sleep if self.used_reserve.is_sure(self.period) => Rung::ShutDown,
            // Nobody starts it again but a person: another frame is waited for.
            Rung::Sleep if is_used => Rung::Ask,
            Rung::Free | Rung::Rest | Rung::Ask | Rung::Sleep | Rung::ShutDown => rung,
        }
    }

    /// A fault that concerns the whole tower.
    fn is_stopped(&self, no_module_left: bool) -> bool {
        no_module_left
            || self.inverter == Inverter::Silent && !self.black_start.is_active()
            || self.wiring.fuse_open()
            || self.soft_start_failed
            || self.com.is_conflict()
            || self.self_tests_locked
    }

    fn react(&mut self, event: Event, sent: &mut BduOutputs) {
        match event {
            Event::Woken(waking) => self.wake(waking, sent),
            Event::StartFailed(failure) => {
                // Where the Link may be why, a person would look for a short that is not there: it is tried again,
                // ever more rarely, and a converter that meets a short counts by itself.
                self.soft_start_failed |= failure == StartFailure::SoftStart
                    && !self.modules.forming().is_empty()
                    && self.link_watch.is_trusted();
                let _ = sent.records.push(Record::StartFailed(failure));
            }
        }
    }

    fn wake(&mut self, waking: Waking, sent: &mut BduOutputs) {
        let by_itself = waking.is_by_itself();
        if by_itself {
            // Asleep it samples as seldom as it likes: what it awaits awake is not stretched by that.
            self.period = SamplePeriod(Duration::ZERO);
            if self.inverter_called {
                self.patience.was_called();
            }
        }
        self.modules.forget();
        self.addressing = Addressing::start(MODULE_DICTIONARY.identity, self.period);
        self.link_watch = LinkWatch::default();
        self.versions = VersionReader::START;
        self.second_unit = Duration::ZERO;
        self.com = Com::waking();
        self.commands = [None; MODULES];
        self.held_for_inverter = false;
        if !by_itself {
            self.inverter = Inverter::Unheard;
            self.inverter_known = waking.holds_the_bus();
            self.shown_charge = ShownCharge::default();
            self.patience = Patience::default();
        }
        // Nobody has looked at what it finds when it wakes by itself, or what it has shown to nobody since it lost its
        // supply.
        if !by_itself && !self.kept.is_restored() {
            self.modules.forgive();
            self.wiring = Wiring::default();
            self.soft_start_failed = false;
        }
        self.black_start =
            if waking.holds_the_bus() { BlackStart::requested() } else { BlackStart::Inactive };
        self.search = match waking {
            Waking::Probe => Search::Waiting { remaining: self.period.stretch(SLEEP_PROBE_TIME) },
            Waking::Window => Search::ONE_WINDOW,
            Waking::Reset if self.inverter_known => Search::after_reset(self.period),
            Waking::Start | Waking::BlackStart | Waking::Reset => Search::Idle,
        };
        self.ladder = match waking {
            Waking::Probe | Waking::Window => Ladder::probing(),
            Waking::Start | Waking::BlackStart | Waking::Reset => Ladder::Normal,
        };
        self.face.update = false;
        self.until_com = Duration::ZERO;
        send(&mut sent.link_frames, self.node.boot(BDU_NODE));
    }

    /// What is wrong, as far as this unit can see.
    fn judge(&mut self, sample: &BduSample, sent: &mut BduOutputs) {
        let awake = self.sequence.is_awake();
        self.diagnose(awake, sent);
        let evidence = Evidence {
            diagnosis: self.diagnosis,
            modules: &self.modules,
            wiring: &self.wiring,
            missing: self.unheard(),
            inverter_silent: self.inverter == Inverter::Silent && !self.has_starved_its_inverter(),
            sensor_wrong: self.own_sensors.wrong().is_some(),
            soft_start_failed: self.soft_start_failed,
            self_tests_locked: self.self_tests_locked,
            self_test_failed: matches!(self.sequence, Sequence::Faulted { discovered: false })
                && !self_test_passed(sample),
        };
        let conditions = if awake { Conditions::judge(&evidence) } else { Conditions::default() };
        conditions.record(&self.conditions, &mut sent.records);
        self.conditions = conditions;
        self.flow.pass(Phase::Judge);
    }

    /// The cause behind it, if one is found.
    fn diagnose(&mut self, awake: bool, sent: &mut BduOutputs) {
        let clues = Clues {
            disturbance: self.link_watch.disturbance(),
            addressing: self.addressing.found(),
            termination: self.link_watch.termination(),
            missing: self.unheard(),
            known: self.addressing.known(),
            ends_early: self.link_watch.ends_early(),
            expected: self.expected,
            com_conflict: self.com.is_conflict(),
            odd_software: self.modules.odd_software(),
            second_unit: !self.second_unit.is_zero(),
            contact: self.modules.with(Fault::Other),
            hot: self.modules.hot(),
            doubted: self.modules.doubted(),
            sensor: self.own_sensors.wrong(),
            soft_start: self.soft_start_failed && !self.modules.has_converter_fault(),
            dc_switch: self.wiring.auxiliary_contradicts(),
        };
        let diagnosis = if awake { clues.diagnosis() } else { Diagnosis::NONE };
        if diagnosis != self.diagnosis {
            let _ = sent.records.push(Record::Diagnosed(diagnosis));
        }
        self.diagnosis = diagnosis;
    }

    /// Those who are missing, and those behind the end of a Link that ends early: they need not be waited for to the
    /// end of discovery. Cause and condition are told together.
    fn unheard(&self) -> NodeSet {
        let discovering = matches!(self.sequence, Sequence::Discovery { .. });
        if discovering && self.link_watch.ends_early() && self.addressing.is_complete() {
            NodeSet::first(self.expected).minus(self.modules.online())
        } else {
            self.missing()
        }
    }

    /// Modules that should be heard by now.
    fn missing(&self) -> NodeSet {
        match self.sequence {
            Sequence::Standby
            | Sequence::SoftStart { .. }
            | Sequence::Running
            | Sequence::Leaving { .. }
            | Sequence::Faulted { .. } => NodeSet::first(self.expected).minus(self.modules.online()),
            Sequence::Off
            | Sequence::SelfTest { .. }
            | Sequence::Discovery { .. }
            | Sequence::PoweringDown { .. }
            | Sequence::Updating
            | Sequence::Sleeping { .. }
            | Sequence::Probing { .. } => NodeSet::EMPTY,
        }
    }

    /// Who carries the power, and how much of it there may be.
    fn share(&mut self, moment: &Moment<'_>) -> Plan {
        let Moment { elapsed, sample, .. } = *moment;
        self.flow.pass(Phase::Share);
        let members = self.modules.members();
        if !matches!(self.sequence, Sequence::Running) {
            self.trim = Trim::default();
            self.sharing = Sharing::default();
            self.publish(self.off_the_bus(), elapsed);
            return Plan { members, caps: Caps::NONE, loading: PerMille::ZERO };
        }
        let sums = self.sums();
        let targets = self.targets(sums, sample, |bound| bound);
        self.publish(self.targets(self.sums_with_margin(sums), sample, with_margin), elapsed);
        let flowing = power(sample.before_fuse, sample.current);
        let able = if flowing > Watts::ZERO { targets.charge.power } else { targets.discharge.power };
        let loading = PerMille::of(i64::from(flowing.abs().0), i64::from(able.0));
        self.sharing.step(&members, flowing, elapsed, self.period);
        let held = loading >= SATURATED || able == Watts::ZERO || self.sharing.is_quiet();
        self.trim.step(sample.before_fuse, held, elapsed);
        let caps = Caps {
            charge: targets.charge.power,
            discharge: targets.discharge.power.max(BUS_HOLD_POWER),
            charge_sum: sums.charge.power,
            discharge_sum: sums.discharge.power,
        };
        Plan { members, caps, loading }
    }

    fn publish(&mut self, targets: Limits, elapsed: Duration) {
        let targets = self.levelling.leave(targets);
        self.face.bounds = Limits {
            charge: self.charge_ramp.step(targets.charge, elapsed),
            discharge: self.discharge_ramp.step(targets.discharge, elapsed),
        };
        self.face.set_point = self.trim.set_point();
    }

    /// What people see.
    fn show(&mut self, moment: &Moment<'_>, sent: &mut BduOutputs) {
        let awake = self.sequence.is_awake();
        self.shown_charge.step(self.modules.soc(), self.sequence.could_run(), moment.elapsed);
        let black_start = self.black_start.is_active();
        let of_modules = if awake { self.modules.conditions() } else { ConditionSet::EMPTY };
        let conditions = self.conditions.all().union(of_modules);
        // The cause is gone, and the next sample leaves the fault: it must not show as *other* until then.
        let is_over = conditions.faults().is_empty() && !self.modules.online().is_empty();
        let state = match self.sequence.shown(black_start, self.activity.shown()) {
            TowerState::Faulted if is_over => TowerState::Standby,
            state => state,
        };
        if state != self.face.status.state {
            let _ = sent.records.push(Record::Tower(state));
        }
        let look = Look {
            shown: Shown {
                state,
                soc: self.shown_charge.soc().unwrap_or(PerMille::ZERO),
                conditions,
                cell_fault_lights: self.settings.cell_fault_lights,
            },
            estimate: TowerEstimate {
                full_charge: self.full_charge.asked(),
                levelling: self.levelling.pair(),
                ..self.modules.estimate()
            },
            modules_online: if awake { self.modules.online().bits() } else { 0 },
            modules_expected: self.expected,
            health: self.modules.health(),
            awake,
            black_start,
            inverter_heard: self.inverter.is_alive(),
            second_tower: self.com.is_second(),
            diagnosis: self.diagnosis,
            link_enable: self.addressing.enables() && self.sequence.wakes_modules(),
        };
        self.face.show(&look, moment.now);
        let wake = self.sequence.wakes_modules() && self.wake_line.is_on();
        self.drive = self.face.drive(self.supply(), wake, moment.now);
        self.flow.pass(Phase::Show);
    }

    const fn supply(&self) -> PowerMode {
        match self.sequence {
            Sequence::Off => PowerMode::Off,
            Sequence::Sleeping { .. } => PowerMode::Sleep,
            Sequence::SelfTest { .. }
            | Sequence::Discovery { .. }
            | Sequence::Standby
            | Sequence::SoftStart { .. }
            | Sequence::Running
            | Sequence::Leaving { .. }
            | Sequence::PoweringDown { .. }
            | Sequence::Updating
            | Sequence::Faulted { .. }
            | Sequence::Probing { .. } => PowerMode::On,
        }
    }

    /// Sends what is due; a unit that falls asleep says so once.
    fn tell(&mut self, moment: &Moment<'_>, was_awake: bool, plan: &Plan, sent: &mut BduOutputs) {
        let awake = self.sequence.is_awake();
        let news = self.news();
        if self.told != news {
            self.node.hurry();
        }
        if self.told.diagnosis != news.diagnosis {
            self.node.hurry_slow([DIAGNOSIS_PLACE]);
        }
        if self.reasons_told != self.face.bounds.bindings() {
            self.node.hurry_slow(REASON_PLACES);
        }
        let conditions = &self.conditions;
        let place = |condition| Place {
            module: conditions.module_with(condition),
            element: 0,
            finding: conditions.finding(condition),
        };
        let due = if awake {
            self.node.tick(moment.elapsed, conditions.all(), place, &mut sent.link_frames)
        } else {
            Due::default()
        };
        // Even where process data must rest: the modules must hear at once what they may no longer do.
        if due.command {
            self.told = news;
            self.send_commands(plan, sent);
        }
        if due.has_slow(DIAGNOSIS_PLACE) {
            send(&mut sent.link_frames, Some(self.face.diagnosis_frame()));
        }
        if due.fast || was_awake && !awake {
            for frame in self.face.link_frames() {
                send(&mut sent.link_frames, Some(frame));
            }
        }
        for (place, frame) in REASON_PLACES.into_iter().zip(self.face.reason_frames()) {
            if due.has_slow(place) {
                self.reasons_told = self.face.bounds.bindings();
                send(&mut sent.link_frames, Some(frame));
            }
        }
        if due.has_slow(ESTIMATE_PLACE) {
            send(&mut sent.link_frames, Some(self.face.estimate.to_frame()));
        }
        let listens = awake || matches!(self.sequence, Sequence::Probing { .. });
        if listens
            && count_down(&mut self.until_com, moment.elapsed, LINK_SLOW_PERIOD)
            && self.com.may_speak()
        {
            self.send_to_inverter(sent);
        }
        self.flow.pass(Phase::Tell);
    }

    fn news(&self) -> News {
        News {
            state: self.face.status.state,
            conditions: self.face.status.conditions,
            diagnosis: self.diagnosis,
            usable: self.modules.usable(),
            connected: self.modules.connected(),
            levelling: self.levelling.pair(),
        }
    }

    /// Modules that the operator clears: those of which everything was seen.
    fn to_be_cleared(&self) -> NodeSet {
        let covers = |node: ModuleNode| {
            let said = self.modules.get(node).map_or(ConditionSet::EMPTY, Module::conditions);
            self.seen.covers(node.index(), said)
        };
        if self.clearing.is_zero() { NodeSet::EMPTY } else { NodeSet::of(covers) }
    }

    /// The module that forms the bus: one that works, of those above the end of their taper, or else of those that may
    /// hold it for a moment.
    fn bus_forming(&self) -> Option<ModuleNode> {
        let connected = self.modules.connected();
        if let Some(donor) = self.levelling.donor() {
            return Some(donor);
        }
        let (active, holding) = (self.sharing.active().common(connected), self.modules.holding());
        let by_rank =
            || self.modules.ranking().into_iter().flatten().filter(|node| connected.contains(*node));
        let working = active.common(holding).iter().next();
        let forming = self.modules.forming();
        working
            .or_else(|| by_rank().find(|node| holding.contains(*node)))
            .or_else(|| by_rank().find(|node| forming.contains(*node)))
            .or_else(|| self.sharing.active().iter().next())
    }

    /// Only those that have an address are commanded: a command is what lets them keep it.
    fn send_commands(&mut self, plan: &Plan, sent: &mut BduOutputs) {
        let parts = self.sharing.parts(&plan.members, plan.loading);
        let orders = Orders {
            sequence: &self.sequence,
            usable: self.modules.wanted(),
            let_go: self.modules.let_go(),
            lead: self.bus_forming(),
            parts: &parts,
            set_point: self.face.set_point,
            caps: plan.caps,
            cleared: self.to_be_cleared(),
            service: self.is_in_service(),
        };
        // Whoever is dormant hears none, and needs none for its address.
        let seated = self.addressing.seated().minus(self.modules.dormant());
        let places = MODULE_NODES.into_iter().zip(&plan.members).zip(&mut self.commands);
        for ((node, member), last) in places {
            let command = || self.levelling.shape(node, orders.command(node, member.as_ref()));
            *last = seated.contains(node).then(command);
            send(&mut sent.link_frames, last.map(|command| command.to_frame(node)));
        }
    }

    /// A module that is charged by another one asks for nothing from outside, and nobody does who falls asleep: the
    /// inverter may remember it for as long as the tower is silent.
    fn asks_for_charge(&self) -> bool {
        if self.sequence.falls_asleep() {
            return false;
        }
        let stage = !matches!(self.ladder.rung(), Rung::Free | Rung::Rest);
        stage || self.emptiest.asks(self.period) && self.levelling.pair().is_none()
    }

    fn send_to_inverter(&self, sent: &mut BduOutputs) {
        let gauge = Gauge {
            soc: self.shown_charge.soc(),
            remaining: self.modules.remaining(),
            cycles: self.modules.cycles(),
            hottest: self.modules.hottest(),
        };
        let wishes = Wishes { asks_for_charge: self.asks_for_charge(), fill: self.full_charge.asked() };
        for frame in self.face.com_frames(self.com.battery(), &gauge, wishes) {
            send(&mut sent.com_frames, frame);
        }
    }
}

/// What sharing has come to in one sample.
struct Plan {
    members: Members,
    caps: Caps,
    /// Power in thousandths of what the tower may do.
    loading: PerMille,
}

/// What is asked of those whose roll is called: a small object that every node has (CiA 301).
const ERROR_REGISTER: u16 = 0x1001;

/// A full list drops the frame: everything here is sent again.
fn send(frames: &mut Frames, frame: Option<Frame>) {
    if let Some(frame) = frame {
        let _ = frames.push(frame);
    }
}

fn self_test_passed(sample: &BduSample) -> bool {
    let plausible = |voltage: MilliVolts| voltage.abs() <= SELF_TEST_VOLTAGE;
    plausible(sample.before_fuse)
        && plausible(sample.after_fuse)
        && plausible(sample.outside)
        && sample.current.abs() <= SELF_TEST_CURRENT
}

fn is_sdo_answer(frame: &Frame) -> bool {
    frame.standard_id().is_some_and(|id| id & !0xF == SDO_RESPONSE)
}

/// The module that has sent this frame: process data, emergency, heartbeat, or an SDO answer.
fn sender(frame: &Frame) -> Option<ModuleNode> {
    let id = frame.standard_id()?;
    let node = ModuleNode::new((id & 0xF) as u8)?;
    let is_from_module =
        matches!(id & !0xF, EMCY | HEARTBEAT | SDO_RESPONSE) || MODULE_DICTIONARY.sends(id, node.number());
    is_from_module.then_some(node)
}
