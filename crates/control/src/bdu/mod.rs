//! The controller of the distribution unit: who is on the bus, who carries the power, what people and the inverter see.
//!
//! [`BduController::step`] first analyses (what was heard, measured and pressed), then acts ([`Sequence`]), then tells
//! (frames, panel, records). Frames only fill what the next sample analyses; SDO transfers alone go on at bus speed.

mod activity;
mod black_start;
mod command;
mod conditions;
mod contact;
mod debounce;
mod face;
mod inverter;
mod ladder;
mod modules;
mod sequence;
mod switch;
mod versions;
mod wiring;

pub use activity::{Activity, Flow};
pub use black_start::BlackStart;
pub use conditions::{Conditions, Evidence};
pub use contact::Contact;
pub use debounce::{Debounce, Rule};
pub use inverter::Inverter;
pub use ladder::{Ladder, Rung};
pub use modules::{Hearing, Module, Modules, Version};
pub use sequence::{Destination, Event, Findings, Sequence};
pub use switch::{Context, Press, Switch};
pub use versions::VersionReader;
pub use wiring::Wiring;

use voltower_core::panel::{CellFaultLights, Shown};
use voltower_core::values::{
    BLACK_START_POWER, BUS_HOLD_POWER, BUS_UP, LOCK_OUT_CLEAR_TIME, SELF_TEST_CURRENT, SELF_TEST_VOLTAGE,
};
use voltower_core::{Binding, ConditionSet, Duration, Instant, MilliVolts, PerMille, TowerState, Watts};
use voltower_protocols::link::{
    BDU_NODE, Limit, MODULE_CAPACITY, MODULE_LIMITS, MODULE_NODES, MODULE_POWER, MODULE_STATUS,
    MODULE_TEMPERATURES, ModuleNode, SDO_RESPONSE, TowerLimits,
};
use voltower_protocols::{Frame, sofar};

use self::command::{Caps, Orders};
use self::face::{Face, Gauge, Look};
use crate::io::{
    BduDrive, BduInputs, BduOutputs, BduSample, Frames, Identity, MODULES, Port, PowerMode, SamplePeriod,
};
use crate::link::{BDU_DICTIONARY, BduField, Node, PdoClock};
use crate::record::{Record, StartFailure};
use crate::share::limits::{Ramp, at_most, distribution, power, sum, with_margin};
use crate::share::trim::Trim;
use crate::share::{Members, NodeSet, Sharing};

/// From this share of its limit on, a tower's bus voltage says nothing about droop.
const SATURATED: PerMille = PerMille(950);

/// What an installer sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BduSettings {
    /// How *battery cell fault* is shown: the manual's table has a misprint.
    pub cell_fault_lights: CellFaultLights,
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
    versions: VersionReader,
    inverter_heard: bool,
    inverter: Inverter,
    switch: Switch,
    wiring: Wiring,
    ladder: Ladder,
    black_start: BlackStart,
    activity: Activity,
    sequence: Sequence,
    soft_start_failed: bool,
    clearing: Duration,
    conditions: Conditions,

    sharing: Sharing,
    trim: Trim,
    charge_ramp: Ramp,
    discharge_ramp: Ramp,

    node: Node<BduField>,
    link_clock: PdoClock,
    com_clock: PdoClock,
    face: Face,
    drive: BduDrive,
}

/// What one sample is about.
struct Moment<'a> {
    now: Instant,
    elapsed: Duration,
    sample: &'a BduSample,
}

impl BduController {
    /// A unit that is shut down. `expected_modules` were commissioned, 0 to 4; modules found beyond them are taken in.
    #[must_use]
    pub fn new(identity: Identity, expected_modules: u8, settings: BduSettings) -> Self {
        Self {
            settings,
            software: identity.software,
            expected: expected_modules.min(MODULES as u8),
            last_sample: None,
            period: SamplePeriod(Duration::ZERO),
            modules: Modules::default(),
            versions: VersionReader::Idle,
            inverter_heard: false,
            inverter: Inverter::Unheard,
            switch: Switch::Released,
            wiring: Wiring::default(),
            ladder: Ladder::Normal,
            black_start: BlackStart::Inactive,
            activity: Activity::default(),
            sequence: Sequence::Off,
            soft_start_failed: false,
            clearing: Duration::ZERO,
            conditions: Conditions::default(),
            sharing: Sharing::default(),
            trim: Trim::default(),
            charge_ramp: Ramp::default(),
            discharge_ramp: Ramp::default(),
            node: Node::new(BDU_NODE, identity, BDU_DICTIONARY),
            link_clock: PdoClock::new(),
            com_clock: PdoClock::new(),
            face: Face::OFF,
            drive: BduDrive::OFF,
        }
    }

    /// Acceptance filter: whether `step` would do anything with this frame.
    #[must_use]
    #[inline]
    pub fn accepts(&self, port: Port, frame: &Frame) -> bool {
        match port {
            Port::Com => sofar::is_from_inverter(frame),
            Port::Link => self.node.accepts(frame) || is_of_module(frame),
        }
    }

    /// One step: a fresh sample, a delivered frame, or both.
    pub fn step(&mut self, now: Instant, inputs: &BduInputs<'_>) -> BduOutputs {
        let mut outputs = BduOutputs::new();
        self.step_into(now, inputs, &mut outputs);
        outputs
    }

    /// [`Self::step`] into outputs that the caller keeps: they are long, and most steps send nothing.
    pub fn step_into(&mut self, now: Instant, inputs: &BduInputs<'_>, outputs: &mut BduOutputs) {
        outputs.clear();
        if let Some((port, frame)) = inputs.frame {
            self.on_frame(port, frame, outputs);
        }
        if let Some(sample) = inputs.sample {
            let elapsed = self.last_sample.map_or(Duration::ZERO, |last| now.since(last));
            self.last_sample = Some(now);
            self.period = SamplePeriod(elapsed);
            self.on_sample(&Moment { now, elapsed, sample }, outputs);
        }
        outputs.drive = self.drive;
    }

    fn on_frame(&mut self, port: Port, frame: &Frame, sent: &mut BduOutputs) {
        match port {
            Port::Com if self.sequence != Sequence::Off => {
                self.inverter_heard |= sofar::is_from_inverter(frame);
            }
            Port::Link if self.sequence.is_awake() => self.on_link_frame(frame, sent),
            Port::Com | Port::Link => {}
        }
    }

    fn on_link_frame(&mut self, frame: &Frame, sent: &mut BduOutputs) {
        let request = if self.node.accepts(frame) {
            self.node.on_frame(frame, &mut self.face, &mut sent.link_frames);
            None
        } else if is_sdo_answer(frame) {
            self.versions.on_frame(frame, &self.software, &mut self.modules, self.period)
        } else {
            self.modules.hear(frame);
            None
        };
        send(&mut sent.link_frames, request);
    }

    fn on_sample(&mut self, moment: &Moment<'_>, sent: &mut BduOutputs) {
        self.face.measure(moment.sample);
        let was_awake = self.sequence.is_awake();
        let press = self.listen(moment, sent);
        let findings = self.analyse(moment, press);
        let event = self.sequence.step(&findings, moment.elapsed, self.period);
        if let Some(event) = event {
            self.react(event, sent);
        }
        self.judge(moment.sample, sent);
        let plan = self.share(moment);
        self.show(moment, sent);
        self.tell(moment, was_awake, &plan, sent);
    }

    /// Lets time pass in everything that listens; what the switch says.
    fn listen(&mut self, moment: &Moment<'_>, sent: &mut BduOutputs) -> Option<Press> {
        let Moment { elapsed, sample, .. } = *moment;
        if self.sequence.is_awake() {
            let running = matches!(self.sequence, Sequence::Running);
            self.modules.step(running.then_some(sample.before_fuse), elapsed, self.period);
            self.wiring.step(sample, elapsed);
            send(&mut sent.link_frames, self.versions.step(&mut self.modules, elapsed, self.period));
        }
        self.inverter.step(core::mem::take(&mut self.inverter_heard), elapsed, self.period);
        self.activity.step(power(sample.before_fuse, sample.current), elapsed);
        self.clearing = self.clearing.less(elapsed);
        let press = self.switch.step(sample.black_start_pressed, elapsed, self.context());
        if press == Some(Press::ClearLockOuts) {
            self.clear_lock_outs(sent);
        }
        press
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

    /// A person has looked. Clearing needs standby: while power flows the press has no effect.
    fn clear_lock_outs(&mut self, sent: &mut BduOutputs) {
        if self.activity.shown() != Flow::Idle {
            return;
        }
        self.clearing = self.period.stretch(LOCK_OUT_CLEAR_TIME);
        self.modules.forgive();
        self.wiring = Wiring::default();
        self.soft_start_failed = false;
        let _ = sent.records.push(Record::LockOutsCleared);
    }

    /// What there is to know before anything is done.
    fn analyse(&mut self, moment: &Moment<'_>, press: Option<Press>) -> Findings {
        let Moment { elapsed, sample, .. } = *moment;
        self.take_in_new_modules();
        let window_expired = self.black_start.step(
            matches!(self.sequence, Sequence::Running),
            self.inverter.is_alive(),
            elapsed,
            self.period,
        );
        let found = self.modules.found();
        let ranking = self.modules.ranking();
        let wanted = self.inverter.is_present() || self.black_start.is_active();
        Findings {
            press,
            rung: self.climb(elapsed),
            update: self.face.update,
            window_expired,
            self_test_passed: self_test_passed(sample),
            all_found: !found.is_empty() && NodeSet::first(self.expected).minus(found).is_empty(),
            stopped: self.is_stopped(ranking.iter().all(Option::is_none)),
            may_energise: sample.dc_switch_closed && wanted,
            bus_up: sample.before_fuse >= BUS_UP,
            connected: self.modules.connected(),
            on_bus: self.modules.on_bus(),
            online: self.modules.online(),
            ranking,
            inverter_heard: self.inverter.is_alive(),
        }
    }

    /// Capacity is expanded by stacking one more module: a start finds it.
    fn take_in_new_modules(&mut self) {
        if matches!(self.sequence, Sequence::Discovery { .. }) {
            self.expected = self.expected.max(self.modules.online().highest());
        }
    }

    fn climb(&mut self, elapsed: Duration) -> Rung {
        let charging = self.activity.shown() == Flow::Charging;
        match self.modules.soc().filter(|_| self.sequence.waits_for_charge()) {
            Some(soc) => self.ladder.step(soc, charging, elapsed, self.period),
            None => self.ladder.rung(),
        }
    }

    /// A fault that concerns the whole tower.
    fn is_stopped(&self, no_module_left: bool) -> bool {
        no_module_left
            || self.inverter == Inverter::Silent
            || self.wiring.fuse_open()
            || self.soft_start_failed
            || !self.modules.wrong_version().is_empty()
    }

    fn react(&mut self, event: Event, sent: &mut BduOutputs) {
        match event {
            Event::Woken { black_start, probe } => self.wake(black_start, probe, sent),
            Event::StartFailed(failure) => {
                self.soft_start_failed |=
                    failure == StartFailure::SoftStart && !self.modules.usable().is_empty();
                let _ = sent.records.push(Record::StartFailed(failure));
            }
        }
    }

    fn wake(&mut self, black_start: bool, probe: bool, sent: &mut BduOutputs) {
        self.modules.forget();
        self.versions = VersionReader::Idle;
        if !probe {
            self.inverter = Inverter::Unheard;
        }
        self.wiring = Wiring::default();
        self.soft_start_failed = false;
        self.black_start = if black_start { BlackStart::requested() } else { BlackStart::Inactive };
        self.ladder = if probe { Ladder::probing() } else { Ladder::Normal };
        self.face.update = false;
        self.link_clock = PdoClock::new();
        self.com_clock = PdoClock::new();
        send(&mut sent.link_frames, self.node.boot());
    }

    /// What is wrong, as far as this unit can see.
    fn judge(&mut self, sample: &BduSample, sent: &mut BduOutputs) {
        let awake = self.sequence.is_awake();
        let evidence = Evidence {
            modules: &self.modules,
            wiring: &self.wiring,
            missing: self.missing(),
            inverter_silent: self.inverter == Inverter::Silent,
            soft_start_failed: self.soft_start_failed,
            self_test_failed: matches!(self.sequence, Sequence::Faulted { discovered: false })
                && !self_test_passed(sample),
        };
        let conditions = if awake { Conditions::judge(&evidence) } else { Conditions::default() };
        conditions.record(&self.conditions, &mut sent.records);
        self.conditions = conditions;
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
        let members = self.modules.members();
        if !matches!(self.sequence, Sequence::Running) {
            self.trim = Trim::default();
            self.sharing = Sharing::default();
            self.publish(NO_POWER, elapsed);
            return Plan { members, caps: Caps::NONE, loading: PerMille::ZERO };
        }
        let sums = self.sums();
        let targets = self.targets(sums, sample);
        self.publish(targets, elapsed);
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

    fn publish(&mut self, targets: TowerLimits, elapsed: Duration) {
        self.face.limits = TowerLimits {
            charge: self.charge_ramp.step(with_margin(targets.charge), elapsed),
            discharge: self.discharge_ramp.step(with_margin(targets.discharge), elapsed),
        };
        self.face.set_point = self.trim.set_point();
    }

    /// What the modules on the bus can do together.
    fn sums(&self) -> TowerLimits {
        TowerLimits {
            charge: sum(self.modules.limits().map(|(node, limits)| (node, limits.charge))),
            discharge: sum(self.modules.limits().map(|(node, limits)| (node, limits.discharge))),
        }
    }

    /// What the tower may do at this moment, before its slow rise.
    fn targets(&self, sums: TowerLimits, sample: &BduSample) -> TowerLimits {
        let carried = distribution(sample.before_fuse);
        let mut charge = at_most(sums.charge, carried, Binding::Distribution);
        let mut discharge = at_most(sums.discharge, carried, Binding::Distribution);
        if !self.inverter.is_alive() {
            let held = if self.black_start.is_active() { BLACK_START_POWER } else { Watts::ZERO };
            charge = at_most(charge, Watts::ZERO, Binding::InverterSilent);
            discharge = at_most(discharge, held, Binding::InverterSilent);
        }
        if self.ladder.rung() != Rung::Free {
            discharge = at_most(discharge, Watts::ZERO, Binding::StateOfCharge);
        }
        TowerLimits { charge, discharge }
    }

    /// What people see.
    fn show(&mut self, moment: &Moment<'_>, sent: &mut BduOutputs) {
        let awake = self.sequence.is_awake();
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
                soc: self.modules.soc().unwrap_or(PerMille::ZERO),
                conditions,
                cell_fault_lights: self.settings.cell_fault_lights,
            },
            modules_online: if awake { self.modules.online().bits() } else { 0 },
            modules_expected: self.expected,
            health: self.modules.health(),
            awake,
            black_start,
            inverter_heard: self.inverter.is_alive(),
        };
        self.face.show(&look, moment.now);
        self.drive = self.face.drive(self.supply(), self.sequence.wakes_modules(), moment.now);
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
        let due = awake && self.link_clock.tick(moment.elapsed).fast && self.node.is_operational();
        if due {
            self.send_commands(plan, sent);
        }
        if due || was_awake && !awake {
            for frame in self.face.link_frames() {
                send(&mut sent.link_frames, Some(frame));
            }
        }
        if awake {
            self.node.tick(moment.elapsed, self.conditions.all(), &mut sent.link_frames);
        }
        let listens = awake || matches!(self.sequence, Sequence::Probing { .. });
        if listens && self.com_clock.tick(moment.elapsed).slow {
            self.send_to_inverter(sent);
        }
    }

    fn send_commands(&self, plan: &Plan, sent: &mut BduOutputs) {
        let parts = self.sharing.parts(&plan.members, plan.loading);
        let orders = Orders {
            sequence: &self.sequence,
            usable: self.modules.usable(),
            lead: self.sharing.active().iter().next(),
            parts: &parts,
            set_point: self.face.set_point,
            caps: plan.caps,
            clear_lock_outs: !self.clearing.is_zero(),
        };
        let addressed = NodeSet::first(self.expected).union(self.modules.online());
        for (node, member) in MODULE_NODES.into_iter().zip(&plan.members) {
            if addressed.contains(node) {
                send(&mut sent.link_frames, Some(orders.command(node, member.as_ref()).to_frame(node)));
            }
        }
    }

    fn send_to_inverter(&self, sent: &mut BduOutputs) {
        let gauge = Gauge {
            soc: self.modules.soc(),
            remaining: self.modules.remaining(),
            cycles: self.modules.cycles(),
            hottest: self.modules.hottest(),
        };
        let asks_for_charge = !matches!(self.ladder.rung(), Rung::Free | Rung::Rest);
        for frame in self.face.com_frames(&gauge, asks_for_charge) {
            send(&mut sent.com_frames, frame);
        }
    }
}

/// Limits of a tower that is not on the bus.
const NO_POWER: TowerLimits = TowerLimits { charge: Limit::NOT_CONNECTED, discharge: Limit::NOT_CONNECTED };

/// What sharing has come to in one sample.
struct Plan {
    members: Members,
    caps: Caps,
    /// Power in thousandths of what the tower may do.
    loading: PerMille,
}

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
    base_of_module(frame) == Some(SDO_RESPONSE)
}

/// Process data or an SDO answer of a module.
fn is_of_module(frame: &Frame) -> bool {
    matches!(
        base_of_module(frame),
        Some(
            MODULE_STATUS
                | MODULE_POWER
                | MODULE_LIMITS
                | MODULE_CAPACITY
                | MODULE_TEMPERATURES
                | SDO_RESPONSE
        )
    )
}

/// The COB-ID less the module that sent it; `None` if no module can have.
fn base_of_module(frame: &Frame) -> Option<u16> {
    let id = frame.standard_id()?;
    ModuleNode::new((id & 0xF) as u8).map(|_| id & !0xF)
}
