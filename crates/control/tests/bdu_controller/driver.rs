//! Plays everything around a BDU controller with real frames: healthy modules on an ideal bus, a switch, an inverter.

use std::collections::VecDeque;

use canopen_rs::NmtState;
use voltower_control::bdu::{BduController, BduSettings};
use voltower_control::io::{
    BduInputs, BduOutputs, BduSample, BusState, Frames, Identity, Port, SamplePeriod,
};
use voltower_control::keep::{BduPersisted, MemoryReport};
use voltower_control::link::lss::{Address, LssIdentity, Request};
use voltower_control::link::{Node, Objects, heartbeat_frame};
use voltower_control::record::Record;
use voltower_control::selftest::SelfTestReport;
use voltower_core::panel::Pattern;
use voltower_core::values::COMMAND_SILENCE;
use voltower_core::{
    Binding, Charge, ConditionSet, DeciCelsius, Duration, Instant, MilliAmps, MilliOhms, MilliVolts,
    ModuleState, PcuState, PerMille, Reason, TowerState, Watts,
};
use voltower_protocols::canopen::{Abort, Value};
use voltower_protocols::link::{
    CellDoubt, CellGroup, FullChargeWish, Limit, MODULE_DICTIONARY, ModuleCapacity, ModuleCells,
    ModuleCommand, ModuleEstimate, ModuleField, ModuleLimits, ModuleNode, ModulePower, ModuleRequest,
    ModuleStatus, ModuleTemperatures, TowerDiagnosis, TowerLimits, TowerPanel, TowerPower, TowerReason,
    TowerStatus,
};
use voltower_protocols::sofar::{self, BatteryId, Grid, Inquiry, Message};
use voltower_protocols::{Frame, link};

pub(crate) const SOFTWARE: &[u8; 8] = b"0V010010";
const FULL_AH: f64 = 100.0;
const PACK_VOLTS: f64 = 51.2;

pub(crate) fn identity(software: &[u8; 8]) -> Identity {
    Identity { serial: *b"VTBDU000000000000001", software: *software, pcu_software: *software }
}

/// Each module has its own serial number.
fn module_identity(number: u8, software: &[u8; 8]) -> Identity {
    let mut identity = identity(software);
    identity.serial[0] = b'0' + number;
    identity
}

/// A healthy module, as its frames show it; tests spoil it through the public fields.
#[derive(Clone)]
pub(crate) struct Module {
    pub(crate) state: ModuleState,
    pub(crate) soc: f64,
    /// Voltage of its lowest cell, mV.
    pub(crate) lowest_cell: i32,
    pub(crate) conditions: ConditionSet,
    /// What it says of a cell, from 1; 0 for none.
    pub(crate) doubt: (u8, CellDoubt),
    pub(crate) charge_limit: Limit,
    pub(crate) discharge_limit: Limit,
    /// Its Link cable is whole.
    pub(crate) linked: bool,
    /// It answers what it is asked.
    pub(crate) answers: bool,
    /// Its converter brings a bus up.
    pub(crate) able: bool,
    /// Why it wants a full charge.
    pub(crate) wish: FullChargeWish,
    /// Its band, if that is wider than the charge.
    pub(crate) band: Option<(PerMille, PerMille)>,
    /// Volts lost between bus and terminals.
    pub(crate) contact_loss: f64,
    pub(crate) command: Option<ModuleCommand>,
    pub(crate) amps: f64,
    node: ModuleNode,
    pub(crate) address: Address,
    server: Node<ModuleField>,
    age: u32,
    sequence: u8,
}

struct NoFields;

impl Objects<ModuleField> for NoFields {
    fn read(&self, _: ModuleField) -> Value {
        Value::U8(0)
    }

    fn write(&mut self, _: ModuleField, _: Value) -> Result<(), Abort> {
        Err(Abort::ReadOnly)
    }
}

const RATED: Limit = Limit { power: Watts(2500), binding: Binding::Rating, element: 0 };

impl Module {
    fn new(number: u8, soc: f64, software: &[u8; 8]) -> Self {
        Self {
            state: ModuleState::Shutdown,
            soc,
            lowest_cell: 3200,
            conditions: ConditionSet::EMPTY,
            doubt: (0, CellDoubt::Contact),
            charge_limit: RATED,
            discharge_limit: RATED,
            linked: true,
            answers: true,
            able: true,
            wish: FullChargeWish::NONE,
            band: None,
            contact_loss: 0.0,
            command: None,
            amps: 0.0,
            node: ModuleNode::new(number).unwrap(),
            address: Address::NONE,
            server: Node::new(number, module_identity(number, software), MODULE_DICTIONARY),
            age: 0,
            sequence: 0,
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state == ModuleState::Connected
    }

    /// A status frame of it was sent and is lost.
    pub(crate) fn skip_a_frame(&mut self) {
        self.sequence = self.sequence.wrapping_add(1);
    }

    fn request(&self) -> ModuleRequest {
        self.command.map_or(ModuleRequest::Ready, |command| command.request)
    }

    /// One sample: three of them in each state that takes time.
    fn step(&mut self, wake: bool, bus: f64) {
        self.age += 1;
        let updating = self.command.is_some_and(|command| command.update);
        let settled = self.age >= 3;
        let lead = self.command.is_some_and(|command| command.lead);
        let next = match self.state {
            ModuleState::Shutdown if wake => ModuleState::Starting,
            _ if !wake || self.request() == ModuleRequest::Off => ModuleState::Shutdown,
            _ if !self.conditions.faults().is_empty() => ModuleState::Faulted,
            _ if updating => ModuleState::Updating,
            ModuleState::Faulted | ModuleState::Updating => ModuleState::Starting,
            ModuleState::Starting | ModuleState::Stopping if settled => ModuleState::Ready,
            ModuleState::Ready if self.request() == ModuleRequest::Connect => {
                if settled && self.able && (lead || bus > 350.0) {
                    ModuleState::Connected
                } else {
                    self.state
                }
            }
            ModuleState::Connected if self.request() == ModuleRequest::Ready => ModuleState::Stopping,
            state => state,
        };
        if next != self.state {
            self.state = next;
            self.age = 0;
        }
        if !wake {
            self.command = None;
        }
    }

    /// Bus current at a bus voltage: droop with dead band, clamped to the limits.
    fn current(&self, volts: f64) -> f64 {
        let Some(command) = self.command.filter(|_| self.is_connected()) else { return 0.0 };
        let set_point = f64::from(command.set_point.0) / 1000.0;
        let band = if command.shed { 5.0 } else { 0.0 };
        let away = volts - set_point;
        let beyond = away.signum() * (away.abs() - band).max(0.0);
        let weight = f64::from(command.weight.half_percents().max(10)) / 200.0;
        let limit = |own: Limit, cap: Watts| f64::from(own.power.0.min(cap.0)) / volts.max(1.0);
        (beyond / 1.28 * weight).clamp(
            -limit(self.discharge_limit, command.discharge_power),
            limit(self.charge_limit, command.charge_power),
        )
    }

    fn frames(&mut self, bus: f64, slow: bool) -> Vec<Frame> {
        if self.state == ModuleState::Shutdown || self.address.node().is_none() {
            return Vec::new();
        }
        self.sequence = self.sequence.wrapping_add(1);
        let status = ModuleStatus {
            state: self.state,
            pcu: if self.is_connected() { PcuState::Active } else { PcuState::Normal },
            soc: PerMille((self.soc * 1000.0) as u16),
            conditions: self.conditions,
            sequence: self.sequence,
        };
        let power = ModulePower {
            pack_voltage: MilliVolts(51_200),
            pack_current: MilliAmps((self.amps * bus / PACK_VOLTS * 1000.0) as i32),
            terminal_voltage: MilliVolts(((bus - self.contact_loss) * 1000.0) as i32),
            bus_current: MilliAmps((self.amps * 1000.0) as i32),
        };
        let limits = ModuleLimits { charge: self.charge_limit, discharge: self.discharge_limit };
        let mut frames = vec![
            status.to_frame(self.node),
            power.to_frame(self.node),
            limits.to_frame(self.node),
            heartbeat_frame(self.node.number(), NmtState::Operational).unwrap(),
        ];
        if slow {
            let full = Charge::from_deci_amp_hours(1000);
            let capacity = ModuleCapacity {
                remaining: Charge((full.0 as f64 * self.soc) as i64),
                full,
                cycles: 12,
                health: PerMille(980),
            };
            let temperatures = ModuleTemperatures { cells: [Some(DeciCelsius(251)); 4] };
            let (doubted_cell, doubt) = self.doubt;
            let soc = status.soc;
            let (soc_low, soc_high) = self.band.unwrap_or((soc, soc));
            let wish = self.wish;
            let estimate = ModuleEstimate { soc, soc_low, soc_high, wish, doubted_cell, doubt };
            frames.extend([capacity.to_frame(self.node), temperatures.to_frame(self.node)]);
            frames.push(estimate.to_frame(self.node));
            frames.extend(CellGroup::ALL.map(|group| {
                let cells = [Some(MilliVolts(self.lowest_cell)); 4];
                ModuleCells { group, cells }.to_frame(self.node)
            }));
        }
        frames
    }
}

#[derive(Clone)]
pub(crate) struct Tower {
    pub(crate) bdu: BduController,
    pub(crate) modules: Vec<Module>,
    pub(crate) now: Instant,
    /// When the unit was last stepped: between two samples it gives addresses.
    stepped: Instant,
    pub(crate) period: Duration,
    pub(crate) sample: BduSample,
    /// The inverter asks once a second.
    pub(crate) inverter: bool,
    /// What it says of the grid.
    pub(crate) grid: Grid,
    /// Watts that the inverter wants at the DC terminals, positive while charging; it obeys the limits.
    pub(crate) power: f64,
    pub(crate) fuse_open: bool,
    /// The BDU's current measurement is stuck at so many amperes.
    pub(crate) broken_shunt: Option<f64>,
    /// And its voltage outside the DC switch at so many millivolts.
    pub(crate) broken_divider: Option<i32>,
    /// What its sensors make of what is there.
    pub(crate) misread: fn(&mut BduSample),
    /// Whoever runs the tests of the unit's electronics hangs.
    pub(crate) tests_hang: bool,
    /// Whoever writes the unit's memory hangs.
    pub(crate) memory_hangs: bool,
    pub(crate) records: Vec<Record>,
    pub(crate) outputs: Option<BduOutputs>,
    pub(crate) status: Option<TowerStatus>,
    pub(crate) panel: Option<TowerPanel>,
    /// What it has found, to the cell.
    pub(crate) found: Option<TowerDiagnosis>,
    pub(crate) limits: Option<TowerLimits>,
    /// Why, in and out, as told last.
    pub(crate) reasons: [Option<Reason>; 2],
    pub(crate) measured: Option<TowerPower>,
    pub(crate) com: Vec<(BatteryId, Message)>,
    /// Frames that the BDU has sent on the Link.
    pub(crate) link: Vec<Frame>,
    /// A module below the last one, which speaks only when it is asked for an address.
    pub(crate) one_more: Option<Address>,
    bus: f64,
    last_second: u64,
}

impl Tower {
    pub(crate) fn new(socs: &[f64]) -> Self {
        Self::commissioned(socs, socs.len() as u8)
    }

    pub(crate) fn commissioned(socs: &[f64], expected: u8) -> Self {
        let sample = BduSample {
            before_fuse: MilliVolts(0),
            after_fuse: MilliVolts(0),
            outside: MilliVolts(0),
            current: MilliAmps(0),
            black_start_pressed: false,
            dc_switch_closed: true,
            second_tower: false,
            link_resistance: Some(MilliOhms(60_000)),
            link_bus: BusState::Active,
            self_test: SelfTestReport::default(),
            memory: MemoryReport::default(),
        };
        Self {
            bdu: BduController::new(identity(SOFTWARE), BduPersisted::new(expected, BduSettings::default())),
            modules: (1..).zip(socs).map(|(n, soc)| Module::new(n, *soc, SOFTWARE)).collect(),
            now: Instant::ZERO,
            stepped: Instant::ZERO,
            period: Duration::millis(100),
            sample,
            inverter: false,
            grid: Grid::Untold,
            power: 0.0,
            fuse_open: false,
            broken_shunt: None,
            broken_divider: None,
            misread: |_| {},
            tests_hang: false,
            memory_hangs: false,
            records: Vec::new(),
            outputs: None,
            status: None,
            panel: None,
            found: None,
            limits: None,
            reasons: [None; 2],
            measured: None,
            com: Vec::new(),
            link: Vec::new(),
            one_more: None,
            bus: 0.0,
            last_second: u64::MAX,
        }
    }

    pub(crate) fn fit_software(&mut self, module: usize, software: &[u8; 8]) {
        let number = module as u8 + 1;
        self.modules[module].server = Node::new(number, module_identity(number, software), MODULE_DICTIONARY);
    }

    /// Another module sits in its place.
    pub(crate) fn exchange(&mut self, module: usize) {
        let number = module as u8 + 1;
        let identity = module_identity(number + 4, SOFTWARE);
        self.modules[module].server = Node::new(number, identity, MODULE_DICTIONARY);
    }

    pub(crate) fn state(&self) -> TowerState {
        self.status.map_or(TowerState::Shutdown, |status| status.state)
    }

    pub(crate) fn conditions(&self) -> ConditionSet {
        self.status.map_or(ConditionSet::EMPTY, |status| status.conditions)
    }

    pub(crate) fn pattern(&self) -> Pattern {
        self.outputs.as_ref().unwrap().drive.pattern
    }

    pub(crate) fn bus(&self) -> f64 {
        self.bus
    }

    pub(crate) fn command(&self, module: usize) -> ModuleCommand {
        self.modules[module].command.unwrap()
    }

    pub(crate) fn connected(&self) -> usize {
        self.modules.iter().filter(|module| module.is_connected()).count()
    }

    /// The last limits told to the inverter.
    pub(crate) fn sofar_limits(&self) -> sofar::Limits {
        let limits = |(_, message): &(BatteryId, Message)| match message {
            Message::Limits(limits) => Some(*limits),
            _ => None,
        };
        self.com.iter().rev().find_map(limits).unwrap()
    }

    pub(crate) fn press(&mut self, hold: Duration) {
        self.sample.black_start_pressed = true;
        self.run(hold);
        self.sample.black_start_pressed = false;
        self.run(Duration::millis(200));
    }

    /// Runs until `wanted` holds; panics after `within`.
    pub(crate) fn until(&mut self, what: &str, within: Duration, wanted: impl Fn(&Self) -> bool) -> Duration {
        let began = self.now;
        while !wanted(self) {
            assert!(
                self.now.since(began) < within,
                "{what}: not within {within}; state {}, conditions {:?}, records {:?}",
                self.state(),
                self.conditions().iter().collect::<Vec<_>>(),
                self.records
            );
            self.tick();
        }
        self.now.since(began)
    }

    pub(crate) fn until_state(&mut self, state: TowerState, within: Duration) -> Duration {
        self.until(state.word(), within, |tower| tower.state() == state)
    }

    pub(crate) fn run(&mut self, length: Duration) {
        let end = self.now + length;
        while self.now < end {
            self.tick();
        }
    }

    /// One sample period: as in the world, modules first, then the BDU, then the wires until they are quiet.
    pub(crate) fn tick(&mut self) {
        self.now = self.now + self.period;
        let second = self.now.as_millis() / 1000;
        let slow = second != self.last_second;
        self.last_second = second;
        let wake = self.outputs.as_ref().is_some_and(|outputs| outputs.drive.wake);
        let mut to_bdu = VecDeque::new();
        for place in 0..self.modules.len() {
            let link_in = self.link_in(place);
            let module = &mut self.modules[place];
            if module.address.tick(self.period, link_in) || module.state == ModuleState::Shutdown {
                module.address = Address::NONE;
                module.command = None;
            }
            module.step(wake && module.linked, self.bus);
            if module.linked {
                to_bdu.extend(module.frames(self.bus, slow).into_iter().map(|frame| (Port::Link, frame)));
            }
        }
        self.flow();
        if !self.tests_hang {
            self.sample.self_test.memory.passes += 1;
            self.sample.self_test.image.passes += 1;
        }
        let sample = self.sample;
        self.step(&BduInputs { sample: Some(&sample), frame: None }, &mut to_bdu);
        if slow && self.inverter {
            let inquiry =
                Message::Inquiry(Inquiry { page: 0, pack: 0, grid: self.grid }).to_frame(BatteryId::FIRST);
            to_bdu.push_back((Port::Com, inquiry));
        }
        self.drain(&mut to_bdu);
        self.give_addresses();
    }

    fn drain(&mut self, to_bdu: &mut VecDeque<(Port, Frame)>) {
        while let Some((port, frame)) = to_bdu.pop_front() {
            if self.bdu.accepts(port, &frame) {
                self.step(&BduInputs { sample: None, frame: Some((port, &frame)) }, to_bdu);
            }
        }
    }

    /// What the BDU does between two samples, at the speed of the bus.
    fn give_addresses(&mut self) {
        let sampled = self.now;
        let next = sampled + self.period;
        while let Some(due) = self.bdu.due_at().filter(|due| *due < next) {
            self.now = due.max(sampled);
            let mut to_bdu = VecDeque::new();
            self.step(&BduInputs::default(), &mut to_bdu);
            self.drain(&mut to_bdu);
        }
        self.now = sampled;
    }

    /// Whether the module at `place`, from 0, sees its enable line.
    fn link_in(&self, place: usize) -> bool {
        let enabled = self.outputs.as_ref().is_some_and(|outputs| outputs.drive.link_enable);
        let above = &self.modules[..place];
        let whole = |module: &Module| module.linked && module.address.passes_on();
        enabled && self.modules.get(place).is_none_or(|module| module.linked) && above.iter().all(whole)
    }

    /// A frame of the BDU reaches the module below the last one.
    fn ask_one_more(&mut self, frame: &Frame, to_bdu: &mut VecDeque<(Port, Frame)>) {
        let link_in = self.link_in(self.modules.len());
        if let (Some(address), Some(request)) = (&mut self.one_more, Request::from_frame(frame)) {
            let [vendor, product, revision] = MODULE_DICTIONARY.identity;
            let identity = LssIdentity([vendor, product, revision, 0x0505_0505]);
            let answer = address.on_request(request, link_in, &identity, Duration::secs(1));
            to_bdu.extend(answer.map(|answer| (Port::Link, answer.to_frame())));
        }
    }

    /// A frame of the BDU reaches the module at `place`.
    fn deliver(&mut self, place: usize, frame: &Frame, to_bdu: &mut VecDeque<(Port, Frame)>) {
        let link_in = self.link_in(place);
        let lease = SamplePeriod(self.period).stretch(COMMAND_SILENCE);
        let module = &mut self.modules[place];
        if let Some(request) = Request::from_frame(frame) {
            let [vendor, product, revision] = MODULE_DICTIONARY.identity;
            let identity = LssIdentity([vendor, product, revision, module.server.serial_hash()]);
            let before = module.address.node();
            let answer = module.address.on_request(request, link_in, &identity, lease);
            to_bdu.extend(answer.map(|answer| (Port::Link, answer.to_frame())));
            if before.is_none() && module.address.node().is_some() {
                let boot = heartbeat_frame(module.node.number(), NmtState::Initialising);
                to_bdu.extend(boot.map(|frame| (Port::Link, frame)));
            }
        }
        if module.address.node() != Some(module.node.number()) {
            return;
        }
        if let Some((_, command)) = ModuleCommand::from_frame(frame).filter(|(n, _)| *n == module.node) {
            module.address.commanded(lease);
            module.command = Some(command);
        }
        if module.answers && module.server.accepts(frame) {
            let mut answers = Frames::new();
            module.server.on_frame(frame, &mut NoFields, &mut answers);
            to_bdu.extend(answers.into_iter().map(|frame| (Port::Link, frame)));
        }
    }

    /// A period in which only the BDU samples, what the test has put into [`Tower::sample`].
    pub(crate) fn bdu_sample_only(&mut self) {
        self.now = self.now + self.period;
        let sample = self.sample;
        self.step(&BduInputs { sample: Some(&sample), frame: None }, &mut VecDeque::new());
    }

    /// A frame out of turn.
    pub(crate) fn inject(&mut self, port: Port, frame: Frame) {
        let sampled = self.now;
        self.now = self.latest();
        self.step(&BduInputs { sample: None, frame: Some((port, &frame)) }, &mut VecDeque::new());
        self.now = sampled;
    }

    /// The latest time that the unit knows.
    pub(crate) fn latest(&self) -> Instant {
        self.now.max(self.stepped)
    }

    fn step(&mut self, inputs: &BduInputs<'_>, to_bdu: &mut VecDeque<(Port, Frame)>) {
        self.stepped = self.now;
        let outputs = self.bdu.step(self.now, inputs);
        let frames = outputs.link_frames.clone();
        self.outputs = Some(outputs.clone());
        if !self.memory_hangs {
            self.sample.memory.held = outputs.keep.revision;
        }
        for frame in &frames {
            self.link.push(*frame);
            self.status = TowerStatus::from_frame(frame).or(self.status);
            self.panel = TowerPanel::from_frame(frame).or(self.panel);
            self.found = TowerDiagnosis::from_frame(frame).or(self.found);
            if let Some(told) = TowerReason::from_frame(frame) {
                self.reasons[told.way as usize] = Some(told.reason);
            }
            self.limits = TowerLimits::from_frame(frame).or(self.limits);
            self.measured = TowerPower::from_frame(frame).or(self.measured);
            for place in 0..self.modules.len() {
                let module = &self.modules[place];
                if module.linked && module.state != ModuleState::Shutdown {
                    self.deliver(place, frame, to_bdu);
                }
            }
            self.ask_one_more(frame, to_bdu);
        }
        self.com.extend(outputs.com_frames.iter().filter_map(|frame| Message::from_frame(frame).ok()));
        self.records.extend(outputs.records.iter().copied());
        self.outputs = Some(outputs);
    }

    /// Solves the bus: the currents of the modules at one voltage are what the inverter puts in.
    fn flow(&mut self) {
        let crossing = self.sample.dc_switch_closed && !self.fuse_open;
        let wanted = self.limits.map_or(0.0, |limits| {
            self.power.clamp(-f64::from(limits.discharge.power.0), f64::from(limits.charge.power.0))
        });
        let power = if crossing && self.connected() > 0 { wanted } else { 0.0 };
        let (mut low, mut high) = (300.0, 460.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            let taken: f64 = self.modules.iter().map(|module| module.current(middle)).sum();
            if taken < power / middle { low = middle } else { high = middle }
        }
        self.bus = if self.connected() > 0 { (low + high) / 2.0 } else { self.bus * 0.5 };
        let seconds = self.period.0 as f64 / 1e6;
        for module in &mut self.modules {
            module.amps = module.current(self.bus);
            let amp_hours = module.amps * self.bus / PACK_VOLTS * seconds / 3600.0;
            module.soc = (module.soc + amp_hours / FULL_AH).clamp(0.0, 1.0);
        }
        let amps: f64 = self.modules.iter().map(|module| module.amps).sum();
        let volts = MilliVolts((self.bus * 1000.0) as i32);
        self.sample.before_fuse = volts;
        self.sample.after_fuse = if self.fuse_open { MilliVolts(0) } else { volts };
        let outside = if crossing { volts } else { MilliVolts(0) };
        self.sample.outside = self.broken_divider.map_or(outside, MilliVolts);
        let amps = self.broken_shunt.unwrap_or(amps);
        self.sample.current = MilliAmps((amps * 1000.0) as i32);
        (self.misread)(&mut self.sample);
    }
}

/// The sum of what the modules on the bus say they can do.
pub(crate) fn sums(tower: &Tower) -> (i32, i32) {
    let connected = || tower.modules.iter().filter(|module| module.is_connected() && module.linked);
    (
        connected().map(|module| module.charge_limit.power.0).sum(),
        connected().map(|module| module.discharge_limit.power.0).sum(),
    )
}

/// A tower that runs, with an inverter.
pub(crate) fn running(socs: &[f64]) -> Tower {
    let mut tower = Tower::new(socs);
    tower.inverter = true;
    tower.press(Duration::secs(1));
    tower.until("on the bus", Duration::secs(20), |tower| tower.connected() == socs.len());
    tower.run(Duration::secs(25));
    tower
}

/// SDO write of the program-control object.
pub(crate) fn program_control(value: u8) -> Frame {
    request([0x2F, 0x51, 0x1F, 0x01, value, 0, 0, 0])
}

/// An SDO request to the distribution unit.
pub(crate) fn request(payload: [u8; 8]) -> Frame {
    Frame::full(link::node_cob_id(link::SDO_REQUEST, link::BDU_NODE), payload)
}
