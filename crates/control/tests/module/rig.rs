//! A bench for one module controller: fabricates healthy samples that follow its pins, and plays the distribution unit.

use voltower_control::io::{
    CELLS, Comparator, Identity, ModuleDrive, ModuleInputs, ModuleSample, PowerMode, SamplePeriod,
};
use voltower_control::keep::{Boot, FreezeFrame, Keep, ModulePersisted};
use voltower_control::link::from_heartbeat;
use voltower_control::link::lss::{Answer, Assigner, Outcome, SERIAL_BITS, Told};
use voltower_control::module::ModuleController;
use voltower_control::record::Record;
use voltower_core::{
    Charge, Condition, ConditionSet, Duration, Instant, MilliAmps, MilliVolts, ModuleState, Watts,
};
use voltower_protocols::Frame;
use voltower_protocols::link::{MODULE_DICTIONARY, ModuleCommand, ModuleNode, ModuleRequest, ShareWeight};

use crate::fixtures::healthy_sample;

/// What is wrong with the hardware.
#[derive(Clone, Default)]
pub(crate) struct Broken {
    /// The AFE converts no more.
    pub(crate) afe_silent: bool,
    /// The relay's contact stays closed.
    pub(crate) relay_welded: bool,
    /// The charge MOSFET stays closed.
    pub(crate) mosfet_welded: bool,
    /// The charge MOSFET does not close.
    pub(crate) mosfet_stuck_open: bool,
    /// The AFE's comparator takes no thresholds.
    pub(crate) comparator_stuck: bool,
    /// The relay's contact does not close.
    pub(crate) relay_stuck_open: bool,
    /// The converter's capacitor does not follow its set-point.
    pub(crate) capacitor_dead: bool,
    /// The converter's capacitor misses its set-point by this.
    pub(crate) capacitor_error: MilliVolts,
    /// The bus stays where it is, whatever the converter does.
    pub(crate) bus_shorted: bool,
    /// Readings of cells do not move by a digit.
    pub(crate) still: bool,
    /// Whoever runs the tests of the module's electronics hangs.
    pub(crate) tests_hang: bool,
    /// Whoever writes the module's memory hangs.
    pub(crate) memory_hangs: bool,
    /// Its memory cannot write.
    pub(crate) memory_failed: bool,
}

/// One controller with its surroundings.
#[derive(Clone)]
pub(crate) struct Rig {
    pub(crate) controller: ModuleController,
    pub(crate) now: Instant,
    pub(crate) period: Duration,
    /// The AFE converts with every so many-th sample.
    pub(crate) every: u32,
    /// The conversion, from the next one as 1, that is lost.
    lost: u32,
    /// What the AFE has converted last.
    converted: Option<ModuleSample>,
    /// What the next sample shows, before the pins are echoed.
    pub(crate) sample: ModuleSample,
    /// Added to the sum of cells in the pack's own divider.
    pub(crate) pack_error: MilliVolts,
    /// Added to what the converter sees of the pack.
    pub(crate) converter_error: MilliVolts,
    pub(crate) bus: MilliVolts,
    pub(crate) wake: bool,
    pub(crate) link_in: bool,
    pub(crate) command: Option<ModuleCommand>,
    pub(crate) broken: Broken,
    pub(crate) drive: ModuleDrive,
    pub(crate) frames: Vec<Frame>,
    pub(crate) records: Vec<Record>,
    pub(crate) photographs: Vec<FreezeFrame>,
    /// What the memory beside the step holds.
    pub(crate) held: Keep,
    /// What it was asked to hold last.
    pub(crate) asked: Keep,
    ticks: u32,
}

pub(crate) const IDENTITY: Identity =
    Identity { serial: *b"VT5K0001000000000001", software: *b"0V100001", pcu_software: *b"0V100001" };

pub(crate) fn persisted(soc: u16) -> ModulePersisted {
    ModulePersisted {
        charge: Charge::from_deci_amp_hours(u32::from(soc)),
        capacity: Charge::from_deci_amp_hours(1000),
        cycles: 7,
        boot: Boot { number: 3, ..Boot::NEVER },
        ..ModulePersisted::NEW
    }
}

pub(crate) fn command(request: ModuleRequest) -> ModuleCommand {
    ModuleCommand {
        request,
        lead: false,
        shed: false,
        clear_lock_outs: false,
        update: false,
        service: false,
        set_point: MilliVolts(400_000),
        charge_power: Watts(2500),
        discharge_power: Watts(2500),
        weight: ShareWeight::FULL,
    }
}

impl Rig {
    /// A healthy module at half charge, off, sampled every 100 ms, at a bus of 400 V that others hold.
    pub(crate) fn new() -> Self {
        Self::with(persisted(500))
    }

    pub(crate) fn with(persisted: ModulePersisted) -> Self {
        Self {
            controller: ModuleController::new(IDENTITY, persisted),
            now: Instant::ZERO,
            period: Duration::millis(100),
            every: 1,
            lost: 0,
            converted: None,
            sample: healthy_sample(),
            pack_error: MilliVolts::ZERO,
            converter_error: MilliVolts::ZERO,
            bus: MilliVolts(400_000),
            wake: false,
            link_in: true,
            command: None,
            broken: Broken::default(),
            drive: ModuleDrive::OFF,
            frames: Vec::new(),
            records: Vec::new(),
            photographs: Vec::new(),
            held: Keep::default(),
            asked: Keep::default(),
            ticks: 0,
        }
    }

    /// Woken, and past its self test.
    pub(crate) fn ready() -> Self {
        let mut rig = Self::new();
        rig.start(ModuleRequest::Ready);
        assert_eq!(rig.state(), ModuleState::Ready);
        rig
    }

    /// On the bus.
    pub(crate) fn connected() -> Self {
        let mut rig = Self::new();
        rig.start(ModuleRequest::Connect);
        assert_eq!(rig.state(), ModuleState::Connected);
        rig
    }

    /// Wakes it and lets it do what is requested for two seconds.
    pub(crate) fn start(&mut self, request: ModuleRequest) {
        self.wake = true;
        self.command = Some(command(request));
        self.run(Duration::secs(2));
    }

    pub(crate) fn state(&self) -> ModuleState {
        self.controller.state()
    }

    pub(crate) fn has(&self, condition: impl Into<Condition>) -> bool {
        self.controller.verdict().conditions.contains(condition)
    }

    pub(crate) fn conditions(&self) -> ConditionSet {
        self.controller.verdict().conditions
    }

    /// Both directions of the pack current, at shunt and converter.
    pub(crate) fn set_current(&mut self, pack: MilliAmps) {
        self.sample.pack_current = pack;
        self.sample.pcu.low_current = pack;
    }

    /// Sets every cell.
    pub(crate) fn set_cells(&mut self, voltage: MilliVolts) {
        self.sample.cells = [Some(voltage); CELLS];
    }

    pub(crate) fn change_command(&mut self, change: impl FnOnce(&mut ModuleCommand)) {
        change(self.command.as_mut().expect("a command is being sent"));
    }

    /// One sample period: the command arrives, then the sample is taken.
    pub(crate) fn tick(&mut self) {
        self.now = self.now + self.period;
        self.ticks += 1;
        if self.number() != Some(2) {
            self.give_address(2);
        }
        if let (Some(command), Some(node)) = (self.command, ModuleNode::new(2)) {
            self.deliver(&command.to_frame(node));
        }
        self.echo();
        let sample = self.given_out();
        let inputs =
            ModuleInputs { sample: Some(&sample), frame: None, wake: self.wake, link_in: self.link_in };
        let outputs = self.controller.step(self.now, &inputs);
        self.keep(outputs);
    }

    /// Its address.
    fn number(&self) -> Option<u8> {
        self.controller.address().map(ModuleNode::number)
    }

    /// Plays the addressing master, if the module listens.
    pub(crate) fn give_address(&mut self, node: u8) -> Outcome {
        give_address(node, |frame| {
            let before = self.frames.len();
            self.deliver(frame);
            self.frames[before..].to_vec()
        })
    }

    /// Delivers a frame, as the simulator does: only if the node's filter lets it through.
    pub(crate) fn deliver(&mut self, frame: &Frame) {
        if self.controller.accepts(frame) {
            let inputs =
                ModuleInputs { sample: None, frame: Some(frame), wake: self.wake, link_in: self.link_in };
            let outputs = self.controller.step(self.now, &inputs);
            self.keep(outputs);
        }
    }

    pub(crate) fn run(&mut self, length: Duration) {
        for _ in 0..length.0.div_ceil(self.period.0) {
            self.tick();
        }
    }

    /// Ticks until `done`, at most `limit`; how many ticks it took.
    pub(crate) fn ticks_until(&mut self, limit: u32, mut done: impl FnMut(&Self) -> bool) -> Option<u32> {
        for tick in 1..=limit {
            self.tick();
            if done(self) {
                return Some(tick);
            }
        }
        None
    }

    fn keep(&mut self, outputs: voltower_control::io::ModuleOutputs) {
        self.drive = outputs.drive;
        self.frames.extend(outputs.frames);
        self.records.extend(outputs.records);
        self.photographs.extend(outputs.frame);
        self.asked = outputs.keep;
        if !self.broken.memory_hangs && !self.broken.memory_failed {
            self.held = outputs.keep;
        }
    }

    /// The hardware follows the pins.
    fn echo(&mut self) {
        if !self.broken.afe_silent && self.converts() {
            self.sample.afe_conversion += 1;
            self.converted = None;
        }
        let sum: i32 = self.sample.cells.iter().flatten().map(|cell| cell.0).sum();
        self.sample.pack_voltage = MilliVolts(sum) + self.pack_error;
        self.sample.pcu.low_voltage = MilliVolts(sum + self.pack_error.0 / 2) + self.converter_error;
        let drive = self.drive;
        self.sample.comparator = if self.broken.comparator_stuck || drive.power == PowerMode::Off {
            Comparator::OFF
        } else {
            drive.comparator
        };
        let charge = drive.charge_mosfet && !self.broken.mosfet_stuck_open;
        self.sample.charge_mosfet_closed = charge || self.broken.mosfet_welded;
        self.sample.discharge_mosfet_closed = drive.discharge_mosfet;
        let pcu = &mut self.sample.pcu;
        pcu.relay_closed = (drive.pcu.relay && !self.broken.relay_stuck_open) || self.broken.relay_welded;
        let raises_bus = pcu.relay_closed && drive.pcu.gate && self.bus.0 < 300_000;
        let held_low = self.broken.bus_shorted || self.bus.0 < 0;
        pcu.terminal_voltage = if raises_bus && !held_low { drive.pcu.set_point } else { self.bus };
        if pcu.relay_closed {
            pcu.capacitor_voltage = pcu.terminal_voltage;
        } else if drive.pcu.gate && !self.broken.capacitor_dead {
            pcu.capacitor_voltage = drive.pcu.set_point + self.broken.capacitor_error;
        }
    }

    /// One of the next conversions is lost.
    pub(crate) fn lose(&mut self, conversion: u32) {
        self.lost = conversion;
    }

    fn converts(&mut self) -> bool {
        let due = self.ticks.is_multiple_of(self.every);
        let lost = due && self.lost == 1;
        self.lost -= u32::from(due && self.lost > 0);
        due && !lost
    }

    /// A slow AFE repeats what it has converted last; everything else is measured anew.
    fn given_out(&mut self) -> ModuleSample {
        let measured = self.measured();
        if self.every == 1 {
            return measured;
        }
        let converted = self.converted.get_or_insert_with(|| measured.clone());
        ModuleSample {
            cells: converted.cells,
            pack_voltage: converted.pack_voltage,
            pack_current: converted.pack_current,
            cell_temperatures: converted.cell_temperatures,
            mos_temperature: converted.mos_temperature,
            ambient_temperature: converted.ambient_temperature,
            comparator: converted.comparator,
            charge_mosfet_closed: converted.charge_mosfet_closed,
            discharge_mosfet_closed: converted.discharge_mosfet_closed,
            ..measured
        }
    }

    /// A live reading never stands still: under current, every other sample shows each cell one digit lower.
    fn measured(&self) -> ModuleSample {
        let mut sample = self.sample.clone();
        if !self.broken.tests_hang {
            sample.self_test.memory.passes = self.ticks;
            sample.self_test.image.passes = self.ticks;
        }
        sample.memory.held = self.held.revision;
        sample.memory.failed = self.broken.memory_failed;
        let flowing = sample.pcu.low_current.0.abs() >= 5000;
        if flowing && !self.broken.still && self.ticks.is_multiple_of(2) {
            for cell in sample.cells.iter_mut().flatten() {
                cell.0 -= 1;
            }
        }
        sample
    }
}

/// Plays the addressing master: `deliver` gives a frame to the module and returns what it sends.
pub(crate) fn give_address(node: u8, mut deliver: impl FnMut(&Frame) -> Vec<Frame>) -> Outcome {
    let (mut master, requests) =
        Assigner::begin(node, MODULE_DICTIONARY.identity, SERIAL_BITS, None, SamplePeriod(Duration::ZERO));
    let mut waiting: Vec<_> = requests.to_vec();
    loop {
        let sent: Vec<Frame> = waiting.drain(..).flat_map(|request| deliver(&request.to_frame())).collect();
        let told = match sent.iter().find_map(Answer::from_frame) {
            Some(answer) => master.on_answer(answer),
            None => match sent.iter().find_map(from_heartbeat).and_then(|(node, _)| ModuleNode::new(node)) {
                Some(booted) => master.heard(booted),
                None => roll_call(&mut master, node).unwrap_or_else(|| master.tick(master.remaining())),
            },
        };
        match told {
            Ok(request) => waiting.extend(request),
            Err(outcome) => return outcome,
        }
    }
}

/// Those above are there: the master waits until it has heard them all.
fn roll_call(master: &mut Assigner, node: u8) -> Option<Told> {
    let above = (1..node).filter_map(ModuleNode::new);
    above.map(|node| master.heard(node)).find(|told| !matches!(told, Ok(None)))
}
