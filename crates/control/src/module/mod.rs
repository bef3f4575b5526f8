//! The controller of a battery module: its BMS, and the logic of its converter ([`pcu`]).
//!
//! One sample goes this way: readings with age ([`crate::protect::measure`]), the converter's own trips, the condition
//! table ([`crate::protect`]), charge count ([`crate::estimate`]), [`limits`], [`mode`], converter, pins, process data.
//! A frame only changes the module's [`membership`], or is answered by the CANopen node.

mod dormant;
mod fields;
mod history;
mod hold;
mod kept;
pub mod limits;
mod membership;
pub mod mode;
mod notice;
pub mod pcu;
mod report;
mod taper;
mod wear;

use voltower_core::{
    Binding, ConditionSet, Duration, Fault, Instant, MilliAmps, MilliVolts, ModuleState, PcuState, PerMille,
    Relation, Watts, values,
};
use voltower_protocols::Frame;
use voltower_protocols::link::dictionary::REASON_PLACES;
use voltower_protocols::link::{
    BDU_NODE, HEARTBEAT, MODULE_COMMAND, MODULE_DICTIONARY, ModuleCommand, ModuleEstimate, ModuleField,
    ModuleNode, ModuleRequest, NMT, SDO_REQUEST, SYNC,
};

use crate::estimate::balance::Balancer;
use crate::estimate::resistance::{CellView, Contacts, Resistances};
use crate::estimate::{ChargeCounter, Look};
use crate::io::{
    Comparator, Frames, Identity, ModuleDrive, ModuleInputs, ModuleOutputs, ModuleSample, PcuDrive,
    PcuSample, PowerMode, Records, SamplePeriod, Settings,
};
use crate::keep::{ModulePersisted, Part};
use crate::link::lss::{Answer, LSS_REQUEST, LssIdentity, Request};
use crate::link::{EventLog, Node, NodeEvent, Place, from_heartbeat};
use crate::protect::measure::{Evidence, Measured, Readings};
use crate::protect::row::Direction;
use crate::protect::{Doing, Protection, Quantity, Verdict, bus_power, push};
use crate::record::{Record, StartFailure};
use crate::selftest::{Phase, Signature, Watch};
pub use dormant::Why;
use dormant::{OutOfService, Seen, Storm};
use fields::{Asked, Fields};
use hold::HealingHold;
use kept::Kept;
use limits::{Grounds, Limits, Slow};
use membership::Membership;
use mode::{Judged, Line, Mode, Situation};
use notice::Notice;
use pcu::{Allowed, Converter, Stage, View};
use wear::Closings;

/// The voltages and currents of the last sample, for those who ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Electrics {
    pack_voltage: MilliVolts,
    pack_current: MilliAmps,
    pcu: PcuSample,
}

const NO_ELECTRICS: Electrics = Electrics {
    pack_voltage: MilliVolts::ZERO,
    pack_current: MilliAmps::ZERO,
    pcu: PcuSample {
        low_voltage: MilliVolts::ZERO,
        low_current: MilliAmps::ZERO,
        capacitor_voltage: MilliVolts::ZERO,
        terminal_voltage: MilliVolts::ZERO,
        bus_current: MilliAmps::ZERO,
        heat_sink: None,
        stage_tripped: false,
        relay_closed: false,
    },
};

/// The controller of a battery module.
#[derive(Debug, Clone)]
pub struct ModuleController {
    node: Node<ModuleField>,
    membership: Membership,
    link_in: bool,
    settings: Settings,
    /// What the settings that were stored break.
    broken: Option<Relation>,
    /// What the settings that were last written would have broken.
    refused: Option<Relation>,
    events: EventLog,
    sequence: u8,
    /// State and conditions of the last status frame.
    told: (ModuleState, ConditionSet),
    /// What bound the limits when their reasons were sent last.
    reasons_told: [Binding; 2],
    program_stopped: bool,
    /// New firmware was waited for long enough: until the unit asks for none any more.
    update_over: bool,
    /// For so long the wake line has been low.
    unwoken: Duration,
    /// Somebody has asked it something while it was dormant.
    called: bool,
    out_of_service: OutOfService,
    closings: Closings,
    reset: bool,
    /// An operator has cleared what protection was told to name: until that counts, or lapses.
    person: bool,
    person_lapses: Duration,
    /// The AFE is asked to let go of what its comparator holds open, because a person has looked.
    comparator_reset: bool,
    /// How far commands have asked to clear.
    clearing: Clearing,
    last_sample: Option<Instant>,
    period: SamplePeriod,
    electrics: Electrics,
    readings: Readings,
    protection: Protection,
    resistances: Resistances,
    cell_view: CellView,
    counter: ChargeCounter,
    balancer: Balancer,
    slow_charge: Slow,
    slow_discharge: Slow,
    charge_notice: Notice,
    discharge_notice: Notice,
    healing_hold: HealingHold,
    /// What a bad contact lets out, whatever else binds.
    carried: Watts,
    limits: Limits,
    mode: Mode,
    converter: Converter,
    drive: ModuleDrive,
    flow: Signature,
    self_tests: Watch,
    kept: Kept,
}

/// How far commands have asked to clear lock-outs.
///
/// ```text
///      asks        asks again
///  No ------> Once ----------> Done
///   ^           |                | a command that does not ask
///   +-----------+----------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clearing {
    No,
    Once,
    Done,
}

impl Clearing {
    const fn next(self, asks: bool) -> Self {
        match self {
            Self::No | Self::Once | Self::Done if !asks => Self::No,
            Self::No => Self::Once,
            Self::Once | Self::Done => Self::Done,
        }
    }
}

/// Phases of a sample, awake and not.
const FLOW_AWAKE: Signature = Signature::of(&[Phase::Assess, Phase::Decide, Phase::Act, Phase::Talk]);
const FLOW_ASLEEP: Signature = Signature::of(&[Phase::Decide]);

/// Pins of a module that is off.
const OFF: ModuleDrive = ModuleDrive {
    comparator: Comparator {
        over_voltage: values::CELL_COMPARATOR_OVER_VOLTAGE,
        over_temperature: values::CELL_COMPARATOR_OVER_TEMPERATURE,
        under_voltage: values::CELL_COMPARATOR_UNDER_VOLTAGE,
        under_voltage_delay: values::CELL_COMPARATOR_UNDER_VOLTAGE_TIME,
        over_current_charge: values::COMPARATOR_OVER_CURRENT,
        over_current_discharge: values::COMPARATOR_OVER_CURRENT,
        over_current_delay: values::COMPARATOR_OVER_CURRENT_TIME,
        short_circuit: values::COMPARATOR_SHORT_CIRCUIT,
        short_circuit_delay: values::COMPARATOR_SHORT_CIRCUIT_TIME,
    },
    ..ModuleDrive::OFF
};

/// How long the last sample took, and how long all of them take.
#[derive(Debug, Clone, Copy)]
struct Tick {
    elapsed: Duration,
    /// The same by its clock, which may stand.
    clock: Duration,
    period: SamplePeriod,
}

impl ModuleController {
    /// A module that is off and has no address yet, with what its recorder kept.
    #[must_use]
    pub fn new(identity: Identity, persisted: ModulePersisted) -> Self {
        let node = Node::new(0, identity, MODULE_DICTIONARY);
        let [vendor, product, revision] = MODULE_DICTIONARY.identity;
        let lss = LssIdentity([vendor, product, revision, node.serial_hash()]);
        let mut module = Self {
            node,
            membership: Membership::new(lss),
            link_in: false,
            settings: persisted.settings,
            broken: None,
            refused: None,
            events: EventLog::default(),
            sequence: 0,
            told: (ModuleState::Shutdown, ConditionSet::EMPTY),
            reasons_told: [Binding::NotConnected; 2],
            program_stopped: false,
            update_over: false,
            unwoken: Duration::ZERO,
            called: false,
            out_of_service: OutOfService::default(),
            closings: Closings::default(),
            reset: false,
            person: false,
            person_lapses: Duration::ZERO,
            comparator_reset: false,
            clearing: Clearing::No,
            last_sample: None,
            period: SamplePeriod(Duration::ZERO),
            electrics: NO_ELECTRICS,
            readings: Readings::default(),
            protection: Protection::new(persisted.locked_out, persisted.tries),
            resistances: Resistances::new(&persisted.contacts),
            cell_view: CellView::default(),
            counter: ChargeCounter::new(&persisted),
            balancer: Balancer::default(),
            slow_charge: Slow::Fresh,
            slow_discharge: Slow::Fresh,
            charge_notice: Notice::default(),
            discharge_notice: Notice::default(),
            healing_hold: HealingHold::default(),
            carried: values::MODULE_POWER,
            limits: Limits::NOT_CONNECTED,
            mode: Mode::Off,
            converter: Converter::new(persisted.converter),
            drive: OFF,
            flow: Signature::default(),
            self_tests: Watch::default(),
            kept: Kept::new(&persisted),
        };
        module.configure(persisted.settings);
        module
    }

    /// A configuration that breaks a relation is no configuration: the module stays off the bus until another is set.
    fn configure(&mut self, settings: Settings) {
        self.settings = settings;
        self.broken = settings.check(values::MODULE_POWER).err();
        self.protection.configure(&settings.levels, self.broken.is_some());
    }

    /// The part of [`Self::accepts`] that is the same for all modules: whether any of them could take this frame.
    #[must_use]
    #[inline]
    pub fn may_accept(frame: &Frame) -> bool {
        let to_a_module = |id: u16| {
            matches!(id & !0xF, SDO_REQUEST | MODULE_COMMAND) && ModuleNode::new((id & 0xF) as u8).is_some()
        };
        let to_all = |id| matches!(id, NMT | SYNC | LSS_REQUEST | UNIT_HEARTBEAT);
        frame.standard_id().is_some_and(|id| to_all(id) || to_a_module(id))
    }

    /// What is wrong at this moment, exactly.
    #[must_use]
    pub fn findings(&self) -> voltower_core::FindingSet {
        self.protection.findings()
    }

    /// Acceptance filter: whether a step with this frame could change anything.
    #[must_use]
    #[inline]
    pub fn accepts(&self, frame: &Frame) -> bool {
        let Some(id) = frame.standard_id() else { return false };
        let number = self.membership.number();
        let is_its_own = match number {
            0 => id == LSS_REQUEST,
            number => id == MODULE_COMMAND.wrapping_add(u16::from(number)),
        };
        match self.mode.power() {
            PowerMode::Off => false,
            // Its transceiver lets through what asks this module, and nothing else.
            PowerMode::Sleep if self.mode.is_dormant() => {
                number != 0 && id == SDO_REQUEST.wrapping_add(u16::from(number))
            }
            PowerMode::Sleep => is_its_own,
            PowerMode::On => is_its_own || number != 0 && id == UNIT_HEARTBEAT || self.node.accepts(frame),
        }
    }

    /// One step: a fresh sample, a delivered frame, or both.
    pub fn step(&mut self, now: Instant, inputs: &ModuleInputs<'_>) -> ModuleOutputs {
        let mut outputs = ModuleOutputs::new();
        self.step_into(now, inputs, &mut outputs);
        outputs
    }

    /// [`Self::step`] into outputs that the caller keeps: they are long, and most steps send nothing.
    pub fn step_into(&mut self, now: Instant, inputs: &ModuleInputs<'_>, outputs: &mut ModuleOutputs) {
        outputs.clear();
        self.link_in = inputs.link_in;
        if let Some(frame) = inputs.frame {
            self.on_frame(frame, outputs);
        }
        if let Some(sample) = inputs.sample {
            self.on_sample(now, sample, inputs.wake, outputs);
        }
        self.events.note(now, &outputs.records);
        outputs.keep = self.keep();
        self.drive.link_out = self.link_in && self.membership.passes_on();
        outputs.drive = self.drive;
    }

    /// Its address; none if it has none.
    #[must_use]
    pub fn address(&self) -> Option<ModuleNode> {
        self.membership.node()
    }

    /// State of the module.
    #[must_use]
    pub const fn state(&self) -> ModuleState {
        self.mode.state()
    }

    /// State of its converter.
    #[must_use]
    pub const fn pcu_state(&self) -> PcuState {
        self.converter.state()
    }

    /// What is wrong, and what it stops.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.protection.verdict()
    }

    /// What it can take and give.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// State of charge as counted, without the smoothing that people see.
    #[must_use]
    pub const fn soc(&self) -> PerMille {
        self.counter.soc()
    }

    /// What is made of the charge, with its band.
    #[must_use]
    pub fn estimate(&self) -> ModuleEstimate {
        self.counter.estimate()
    }

    fn on_frame(&mut self, frame: &Frame, outputs: &mut ModuleOutputs) {
        if !self.accepts(frame) {
            return;
        }
        if self.mode.is_dormant() {
            // It wakes; who asked asks again.
            self.called = true;
        } else if let Some(request) = Request::from_frame(frame) {
            self.on_addressing(request, &mut outputs.frames);
        } else if let Some((_, command)) = ModuleCommand::from_frame(frame) {
            if self.node.is_operational() {
                self.hear(command);
            }
        } else if from_heartbeat(frame).is_some() {
            self.membership.hear_unit(self.period);
        } else {
            self.on_service(frame, outputs);
        }
    }

    fn on_addressing(&mut self, request: Request, frames: &mut Frames) {
        let (answer, is_given) = self.membership.on_request(request, self.link_in, self.period);
        report::send(frames, answer.map(Answer::to_frame));
        if is_given {
            report::send(frames, self.node.boot(self.membership.number()));
        }
    }

    fn on_service(&mut self, frame: &Frame, outputs: &mut ModuleOutputs) {
        let mut node = self.node.clone();
        let mut fields = Fields { controller: self, asked: Asked::default() };
        let event = node.on_frame(frame, &mut fields, &mut outputs.frames);
        let asked = fields.asked;
        self.node = node;
        self.obey(asked, &mut outputs.records);
        match event {
            // Protection, recovery and faults go on: a frame makes the module forget nothing that is wrong with it.
            Some(NodeEvent::Reset) => {
                self.reset = true;
                self.give_address_back();
            }
            // Whoever hears no command any more obeys none.
            Some(NodeEvent::Stopped) => self.membership.forget_command(),
            Some(NodeEvent::Synced(due)) => self.report(due, &mut outputs.frames),
            Some(NodeEvent::Started) | None => {}
        }
    }

    /// Does what was written into the dictionary.
    fn obey(&mut self, asked: Asked, records: &mut Records) {
        self.program_stopped = asked.program_stopped.unwrap_or(self.program_stopped);
        if asked.clear_lock_outs {
            self.protection.name_lock_outs();
            self.clear_named();
        }
        self.kept.show(asked.frame, asked.point);
        self.refused = asked.refused.unwrap_or(self.refused);
        if let Some(settings) = asked.settings {
            self.configure(settings);
            self.kept.change(Part::Settings);
            push(records, Record::Configured);
        }
    }

    fn give_address_back(&mut self) {
        self.membership.leave();
        self.node.boot(0);
    }

    /// Clearing counts once, when it is asked for: a command that repeats it clears nothing that came later. It takes
    /// two commands, so that no single flipped bit clears anything.
    fn hear(&mut self, command: ModuleCommand) {
        let before = self.clearing;
        self.clearing = before.next(command.clear_lock_outs);
        match (before, self.clearing) {
            (Clearing::No, Clearing::Once) => self.protection.name_lock_outs(),
            (Clearing::Once, Clearing::Done) => self.clear_named(),
            (Clearing::No | Clearing::Once | Clearing::Done, _) => {}
        }
        self.membership.hear(command, self.period);
    }

    fn clear_named(&mut self) {
        self.person = true;
        self.kept.ask();
        self.person_lapses = self.period.stretch(values::CLEARING_LAPSES);
    }

    /// What an operator wanted seconds ago, of a module that slept or was alone, is wanted no more.
    fn let_clearing_lapse(&mut self, elapsed: Duration) {
        self.person_lapses = self.person_lapses.less(elapsed);
        self.person &= !self.person_lapses.is_zero();
        if self.membership.command().is_none() {
            self.clearing = Clearing::No;
        }
    }

    fn on_sample(&mut self, now: Instant, sample: &ModuleSample, wake: bool, outputs: &mut ModuleOutputs) {
        let clock = self.last_sample.map_or(Duration::ZERO, |last| now.since(last));
        let stands = self.self_tests.wrong().clock_stands;
        let elapsed = self.period.passed(clock, stands, self.mode.is_awake());
        self.period = self.period.after(clock);
        let tick = Tick { elapsed, clock, period: self.period };
        self.last_sample = Some(now);
        if !self.keeps_its_address(wake) {
            self.let_its_address_lapse(elapsed);
        }
        self.let_clearing_lapse(elapsed);
        self.unwoken = if wake { Duration::ZERO } else { self.unwoken + elapsed };
        self.watch_memory(sample, tick, &mut outputs.records);
        let expected = if self.mode.is_awake() { FLOW_AWAKE } else { FLOW_ASLEEP };
        if self.mode.is_awake() {
            let measured = self.assess(sample, tick, &mut outputs.records);
            self.decide(sample, Some(&measured), wake, tick, outputs);
            self.act(sample, &measured, tick);
            self.talk(tick, &mut outputs.frames);
        } else {
            self.decide(sample, None, wake, tick, outputs);
            self.drive = ModuleDrive { power: self.mode.power(), ..OFF };
        }
        self.write_down(tick, outputs);
        if !self.flow.close(expected) {
            self.distrust_itself();
        }
    }

    /// Nobody commands whoever is dormant: its address holds until the wake line falls, as it does before an address
    /// can be given anew.
    const fn keeps_its_address(&self, wake: bool) -> bool {
        wake && matches!(self.mode, Mode::Dormant { line: Line::On, .. })
    }

    /// Where the wake line falls, what is left is of the sample period in which the module fell asleep. A sample of a
    /// longer period must not take the address: a pulse shall find it.
    fn let_its_address_lapse(&mut self, elapsed: Duration) {
        if matches!(self.mode, Mode::Dormant { line: Line::On, .. }) {
            self.membership.hold_through(elapsed, self.period);
        }
        if self.membership.tick(elapsed, self.link_in) {
            self.node.boot(0);
        }
    }

    /// The wake line, or that of a moment ago: whoever is commanded stays as it is while others are woken.
    fn is_woken(&self, wake: bool) -> bool {
        let commanded = self.membership.request().is_some_and(|request| request != ModuleRequest::Off);
        wake || commanded && self.unwoken <= self.period.stretch(values::WAKE_RIDE_THROUGH)
    }

    /// Opens everything at once, and does not wait for protection: that may be what was left out.
    fn distrust_itself(&mut self) {
        self.self_tests.flow_is_broken();
        self.drive = ModuleDrive { power: self.mode.power(), ..OFF };
    }

    /// Looks at everything, changes nothing outside.
    fn assess(&mut self, sample: &ModuleSample, tick: Tick, records: &mut Records) -> Measured {
        self.electrics = Electrics {
            pack_voltage: sample.pack_voltage,
            pack_current: sample.pack_current,
            pcu: sample.pcu,
        };
        let measured = self.readings.take(sample, tick.elapsed, tick.period);
        let person = self.person_counts(sample);
        if person {
            self.forgive();
        }
        self.self_tests.step(&sample.self_test, tick.clock, tick.period);
        let driven = self.drive.pcu;
        self.converter.watch(&self.view(sample, &driven, tick));
        self.estimate_charge(sample, &measured, tick, records);
        let doing = self.doing(sample, person);
        let node = self.membership.number();
        let verdict = self.protection.step(sample, &measured, &doing, tick.elapsed, node, records);
        self.healing_hold.step(self.protection.waits_for_charge(), measured.current, tick.elapsed);
        self.live(sample, &measured, tick);
        self.set_limits(sample, &measured, verdict, tick);
        self.flow.pass(Phase::Assess);
        measured
    }

    /// What the cells would show without current, and what is in them.
    fn estimate_charge(
        &mut self,
        sample: &ModuleSample,
        measured: &Measured,
        tick: Tick,
        records: &mut Records,
    ) {
        let coldest = measured.temperatures.lowest.worst;
        let (cells, elapsed) = (self.readings.cells(), tick.elapsed.min(values::SAMPLE_GAP));
        self.cell_view = self.resistances.step(&cells, sample.pack_current, coldest, measured.fresh, elapsed);
        let look = Look {
            view: &self.cell_view,
            all_read: trusted(measured.cells.highest) && trusted(measured.cells.lowest),
            current: measured.current,
            pcu: &sample.pcu,
            pack_voltage: sample.pack_voltage,
            full_from: self.settings.levels.full_voltage(),
        };
        self.counter.step(&look, elapsed, records);
    }

    /// What has failed since the operator looked stays.
    fn forgive(&mut self) {
        let lost = self.converter.kept().permanent.is_some();
        if !lost || self.protection.names(Quantity::ConverterForGood) {
            self.converter.clear();
        }
        if !self.self_tests.wrong().any() || self.protection.names(Quantity::SelfTest) {
            self.self_tests.forgive();
        }
        self.kept.forgive();
    }

    /// A person has looked. What the AFE holds open by itself it lets go of first, so that the lock-out is judged by
    /// what its comparator sees then. Nothing can be cleared while memory fails: it is tried first.
    fn person_counts(&mut self, sample: &ModuleSample) -> bool {
        if self.kept.keeping().memory().has_failed() {
            return false;
        }
        let was_reset = self.comparator_reset;
        let named = self.protection.names(Quantity::Comparator);
        self.comparator_reset = self.person && named && sample.comparator_tripped && !was_reset;
        !self.comparator_reset && core::mem::take(&mut self.person)
    }

    fn doing(&self, sample: &ModuleSample, person: bool) -> Doing {
        let terminal = sample.pcu.terminal_voltage.max(MilliVolts::ZERO);
        Doing {
            charge_mosfet: self.drive.charge_mosfet,
            discharge_mosfet: self.drive.discharge_mosfet,
            relay: self.drive.pcu.relay,
            comparator: self.drive.comparator,
            charge_allowed: bus_power(terminal, self.drive.pcu.charge_current_max),
            discharge_allowed: bus_power(terminal, self.drive.pcu.discharge_current_max),
            converter_failed: self.converter.has_failed(),
            self_test_failed: self.self_tests.wrong().any(),
            person,
            converter_lost: self.converter.kept().permanent.is_some(),
            memory_failed: self.kept.keeping().memory().has_failed()
                || self.kept.keeping().memory().is_overdue(),
            stored_damaged: self.kept.is_damaged(),
            resets: self.kept.keeping().boot().resets,
            bad_contact: self.cell_view.bad_contact,
            alone: self.counter.alone(),
            shunt_off: self.counter.is_shunt_off(),
            // On the bus it gives nothing then; what is drawn all the same counts.
            empty: self.counter.is_empty()
                && (!self.converter.is_running() || sample.pack_current >= -values::REST_CURRENT),
            held: self.kept.keeping().memory().holds_safety(),
        }
    }

    fn set_limits(&mut self, sample: &ModuleSample, measured: &Measured, verdict: Verdict, tick: Tick) {
        let grounds = Grounds {
            measured,
            stops_charge: self.protection.stop(Direction::Charge),
            stops_discharge: self.protection.stop(Direction::Discharge),
            way: self.protection.way(),
            pack_voltage: sample.pack_voltage,
            view: &self.cell_view,
            ahead: ahead(tick.period),
            soc: self.counter.soc(),
            empty: self.counter.is_empty(),
            full: self.counter.is_full(),
            settings: &self.settings,
        };
        let now = grounds.limits();
        self.carried = grounds.contact(Direction::Discharge).power;
        // They recover off the bus too: whoever leaves it and comes back has no head start.
        let slow = Limits {
            charge: self.slow_charge.step(now.charge, tick.elapsed),
            discharge: self.slow_discharge.step(now.discharge, tick.elapsed),
        };
        let has_any = self.mode.is_fit() || verdict.isolate;
        self.limits = if has_any { slow } else { Limits::NOT_CONNECTED };
    }

    fn decide(
        &mut self,
        sample: &ModuleSample,
        measured: Option<&Measured>,
        wake: bool,
        tick: Tick,
        outputs: &mut ModuleOutputs,
    ) {
        let verdict = self.protection.verdict();
        let retires = measured.and_then(|measured| self.retires(sample, measured, tick));
        let lowest = measured.and_then(|measured| measured.cells.lowest.seen);
        if !self.mode.is_awake() {
            self.out_of_service.rest(tick.elapsed);
        }
        let hears = self.mode.is_awake() || self.out_of_service.hears_the_wake_line();
        let situation = Situation {
            wake: self.is_woken(wake) && hears,
            line: wake || !hears,
            addressed: self.membership.node().is_some(),
            called: core::mem::take(&mut self.called),
            request: self.membership.request(),
            update: self.awaits_firmware(),
            retires,
            look_in: self.out_of_service.look_in(),
            cool_down: self.closings.cool_down(),
            deep: lowest.is_some_and(|lowest| lowest < values::DORMANT_OFF_CELL.0),
            reset: core::mem::take(&mut self.reset),
            isolate: verdict.isolate,
            open: verdict.open,
            readings: self.judged(sample, measured),
            converter_ready: self.converter.stage() == Stage::Normal,
            converter_running: self.converter.is_running(),
            off_the_bus: self.converter.is_off_the_bus(),
            elapsed: tick.elapsed,
            period: tick.period,
        };
        let next = self.mode.next(&situation);
        if matches!((self.mode, next), (Mode::Updating { .. }, Mode::Starting { .. })) && situation.update {
            self.program_stopped = false;
            self.update_over = true;
        }
        self.enter(next, outputs);
        self.flow.pass(Phase::Decide);
    }

    /// Firmware that does not come is waited for once.
    fn awaits_firmware(&mut self) -> bool {
        let asked = self.membership.command().is_some_and(|command| command.update);
        self.update_over &= asked;
        self.program_stopped || asked && !self.update_over
    }

    /// Why it should sleep, if it should.
    fn retires(&mut self, sample: &ModuleSample, measured: &Measured, tick: Tick) -> Option<Why> {
        let verdict = self.protection.verdict();
        // A shunt that reads wrong must not keep it awake: what flows is seen by the converter, too.
        let flows_in = measured.current.min(sample.pcu.low_current);
        let flows = measured.current.abs().min(sample.pcu.low_current.abs());
        let seen = Seen {
            isolated: verdict.isolate,
            locked: !verdict.locked.is_empty(),
            storm: Storm::of(self.kept.keeping().boot()),
            lowest: measured.cells.lowest.seen,
            flowing: flows >= values::FORBIDDEN_CURRENT,
            charged: flows_in >= values::PCU_NO_OUTPUT_SEEN,
            dismissed: self.membership.request() == Some(ModuleRequest::Dormant),
            leads: self.membership.command().is_some_and(|command| command.lead),
            serves: self.mode.mosfets(),
        };
        self.out_of_service.step(&seen, tick.elapsed, tick.period)
    }

    fn judged(&self, sample: &ModuleSample, measured: Option<&Measured>) -> Judged {
        let Some(measured) = measured else { return Judged::Bad };
        let good = measured.implausible.worst == 0
            && !sample.comparator_tripped
            && sample.comparator == self.drive.comparator;
        match (measured.fresh, good) {
            (true, true) => Judged::Good,
            (true, false) => Judged::Bad,
            (false, _) if measured.afe_silent => Judged::Bad,
            (false, _) => Judged::Nothing,
        }
    }

    fn enter(&mut self, next: Mode, outputs: &mut ModuleOutputs) {
        let before = self.mode;
        self.mode = next;
        if next.state() != before.state() {
            push(&mut outputs.records, Record::Module(next.state()));
        }
        if next.is_awake() && !before.is_awake() {
            match before {
                Mode::Dormant { line: Line::On, .. } => self.membership.renew(self.period),
                Mode::Dormant { line: Line::Low(_), .. } => self.membership.hold_on(self.period),
                _ => {}
            }
            self.wake_up(outputs);
        }
        if next == Mode::Off && before.is_dormant() {
            self.give_address_back();
        }
        if !next.is_awake() && before.is_awake() {
            self.fall_asleep();
            if matches!(before, Mode::Starting { remaining, .. } if remaining.is_zero()) {
                push(&mut outputs.records, Record::StartFailed(StartFailure::SelfTest));
            }
        }
    }

    fn wake_up(&mut self, outputs: &mut ModuleOutputs) {
        let knew = self.protection.is_raised(Quantity::CellContact);
        self.kept.wake_up();
        self.out_of_service.wake_up();
        self.readings.restart();
        self.resistances.restart();
        self.counter.restart();
        self.protection.restart();
        if self.resistances.contacts() != Contacts::NONE {
            self.protection.recall(Quantity::CellContact, knew, &mut outputs.records);
        }
        self.self_tests = Watch::default();
        self.slow_charge = Slow::Fresh;
        self.slow_discharge = Slow::Fresh;
        self.node.boot(self.membership.number()).map(|boot| outputs.frames.push(boot));
    }

    fn fall_asleep(&mut self) {
        self.program_stopped = false;
        if self.mode == Mode::Off {
            self.give_address_back();
        }
        if self.mode.is_dormant() {
            self.out_of_service.fall_asleep();
            self.membership.doze(self.period);
        }
        self.converter = self.converter.unpowered();
        self.kept.fall_asleep();
        self.balancer.stop();
        self.limits = Limits::NOT_CONNECTED;
    }

    /// Steps the converter and sets the pins.
    fn act(&mut self, sample: &ModuleSample, measured: &Measured, tick: Tick) {
        let command = self.membership.command().copied();
        let lead = command.is_some_and(|command| command.lead);
        let driven = self.drive.pcu;
        let view = self.view(sample, &driven, tick);
        self.converter.step(self.mode.order(lead), &view);
        let allowed = self.allowed(command.as_ref(), tick);
        let view = self.view(sample, &driven, tick);
        let pcu = self.converter.drive(&view, command.as_ref(), allowed);
        let closes = pcu.relay && !driven.relay;
        self.closings.step(closes, tick.elapsed);
        if closes {
            self.kept.closes();
        }
        let verdict = self.protection.verdict();
        let balance = self.mode.is_fit() && verdict.conditions.faults().is_empty();
        if self.counter.is_level() {
            self.balancer.are_level();
        }
        let balancing = self.balancer.step(&self.readings.cells(), measured, balance, tick.elapsed);
        self.drive = ModuleDrive {
            power: self.mode.power(),
            charge_mosfet: self.mode.mosfets(),
            discharge_mosfet: self.mode.mosfets(),
            balancing,
            comparator_reset: self.comparator_reset,
            pcu,
            ..OFF
        };
        self.flow.pass(Phase::Act);
    }

    /// A command can only tighten the module's own limits; the inverter hears of both before they hold.
    fn allowed(&mut self, command: Option<&ModuleCommand>, tick: Tick) -> Allowed {
        let verdict = self.protection.verdict();
        let all = verdict.isolate || command.is_none();
        let asked = |power: fn(&ModuleCommand) -> Watts| command.map_or(Watts::ZERO, power).max(Watts::ZERO);
        let charge = self.limits.charge.power.min(asked(|command| command.charge_power));
        let leads = command.is_some_and(|command| command.lead);
        let discharge = self.able_to_hold(verdict, leads).min(asked(|command| command.discharge_power));
        Allowed {
            charge: self.charge_notice.step(charge, all || verdict.stop_charge, tick.elapsed),
            discharge: self.discharge_notice.step(discharge, all || verdict.stop_discharge, tick.elapsed),
        }
    }

    /// Whoever gives no more may still hold the bus, above the end of its taper; below it only the one that is asked
    /// to form the bus, because no other can, and none with a cell that is empty.
    fn able_to_hold(&self, verdict: Verdict, leads: bool) -> Watts {
        let limit = self.limits.discharge;
        let lowest = self.readings.cells().into_iter().flatten().min();
        if self.protection.waits_for_charge() && limit.binding != Binding::NotConnected {
            return self.healing_hold.power(lowest).min(self.carried);
        }
        let taper_end = self.settings.levels.discharge_taper_end;
        let enough = if leads { taper_end.min(values::HOLD_CELL_VOLTAGE) } else { taper_end };
        let has_charge = lowest.is_some_and(|cell| cell > enough);
        let holds = has_charge && !verdict.stop_discharge && limit.binding != Binding::NotConnected;
        if holds { limit.power.max(values::MODULE_HOLD_POWER.min(self.carried)) } else { limit.power }
    }

    fn view<'a>(&self, sample: &'a ModuleSample, driven: &'a PcuDrive, tick: Tick) -> View<'a> {
        let commanded = self.membership.command().map(|command| command.set_point);
        View {
            sample: &sample.pcu,
            mosfets_closed: sample.charge_mosfet_closed && sample.discharge_mosfet_closed,
            driven,
            set_point: commanded.unwrap_or(values::BUS_SET_POINT).clamp(SET_POINT_MIN, SET_POINT_MAX),
            carried: self.carried,
            leave_within: self.leave_within(tick),
            elapsed: tick.elapsed,
            period: tick.period,
        }
    }

    /// What a slow AFE takes to see an over-voltage, twice for the noise at the level, is not there to wait for zero
    /// power.
    fn leave_within(&self, tick: Tick) -> Duration {
        if !self.protection.verdict().conditions.contains(Fault::OverVoltage) {
            return values::ZERO_POWER_WAIT;
        }
        let late = self.readings.gap().less(tick.elapsed);
        values::ZERO_POWER_WAIT.less(late + late)
    }

    fn talk(&mut self, tick: Tick, frames: &mut Frames) {
        self.flow.pass(Phase::Talk);
        if !self.mode.is_awake() {
            return;
        }
        if self.told != self.news() {
            self.node.hurry();
        }
        if self.reasons_told != self.limits.bindings() {
            self.node.hurry_slow(REASON_PLACES);
        }
        let (protection, module) = (&self.protection, self.membership.number());
        let place = |condition| Place {
            module,
            element: protection.element(condition),
            finding: protection.finding(condition),
        };
        let due = self.node.tick(tick.elapsed, protection.verdict().conditions, place, frames);
        self.report(due, frames);
    }
}

/// COB-ID of the distribution unit's heartbeat.
const UNIT_HEARTBEAT: u16 = HEARTBEAT + BDU_NODE as u16;

/// A set-point can only be asked for within the window in which a module joins.
const SET_POINT_MIN: MilliVolts = values::BUS_JOIN_LOW;
const SET_POINT_MAX: MilliVolts = values::BUS_JOIN_HIGH;

/// No lost reading could be beyond what was seen.
fn trusted(extreme: Evidence) -> bool {
    extreme.seen == Some(extreme.worst)
}

/// How long a limit must hold: in coarse steps until the inverter has obeyed the next one, two samples from now.
fn ahead(period: SamplePeriod) -> Duration {
    if period.0 < values::LIMIT_NOTICE { Duration::ZERO } else { Duration(period.0.0.saturating_mul(2)) }
}

#[cfg(test)]
mod tests {
    use voltower_core::{Charge, DeciCelsius};

    use super::*;
    use crate::io::CELLS;
    use crate::selftest::SelfTestReport;

    const SAMPLE: ModuleSample = ModuleSample {
        afe_conversion: 0,
        cells: [Some(MilliVolts(3300)); CELLS],
        pack_voltage: MilliVolts(52_800),
        pack_current: MilliAmps::ZERO,
        cell_temperatures: [Some(DeciCelsius(250)); 4],
        mos_temperature: Some(DeciCelsius(300)),
        ambient_temperature: Some(DeciCelsius(250)),
        comparator_tripped: false,
        comparator_status: crate::io::ComparatorStatus::NOTHING,
        comparator: OFF.comparator,
        charge_mosfet_closed: false,
        discharge_mosfet_closed: false,
        pcu: PcuSample { heat_sink: Some(DeciCelsius(300)), ..NO_ELECTRICS.pcu },
        self_test: SelfTestReport {
            memory: crate::selftest::TestReport { passes: 0, failed: false },
            image: crate::selftest::TestReport { passes: 0, failed: false },
        },
        memory: crate::keep::MemoryReport { held: 0, failed: false },
    };

    fn sampled(module: &mut ModuleController, number: u32) -> ModuleOutputs {
        let sample = ModuleSample { afe_conversion: number, ..SAMPLE };
        let inputs = ModuleInputs { sample: Some(&sample), wake: true, ..ModuleInputs::default() };
        module.step(Instant(u64::from(number) * 100_000), &inputs)
    }

    /// No public way leads past a phase, which is the point of it: the signature itself is disturbed here.
    #[test]
    fn a_sample_that_went_another_way_opens_at_once_and_locks_out() {
        let identity = Identity { serial: [b'1'; 20], software: [b'1'; 8], pcu_software: [b'1'; 8] };
        let stored = ModulePersisted { charge: Charge::from_deci_amp_hours(500), ..ModulePersisted::NEW };
        let mut module = ModuleController::new(identity, stored);
        for number in 1..20 {
            sampled(&mut module, number);
            assert!(!module.verdict().conditions.contains(Fault::Bms), "sample {number}");
        }
        assert!(module.mode.is_awake());
        module.flow.pass(Phase::Talk);
        module.drive.charge_mosfet = true;
        let drive = sampled(&mut module, 20).drive;
        assert_eq!(drive, ModuleDrive { power: PowerMode::On, ..OFF });
        sampled(&mut module, 21);
        assert!(module.verdict().open && module.verdict().locked.contains(Fault::Bms));
    }
}
