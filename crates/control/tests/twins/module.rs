//! Twins of a battery module, among the samples that follow their pins and the commands of one distribution unit.

use std::collections::VecDeque;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use voltower_control::io::ModuleInputs;
use voltower_control::link::from_heartbeat;
use voltower_control::link::lss::Request;
use voltower_core::values::{LIMIT_NOTICE, MODULE_POWER, PCU_UNDER_VOLTAGE, SOFT_START_CURRENT};
use voltower_core::{DeciCelsius, Duration, MilliAmps, MilliVolts, ModuleState, Watts};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::link::{BDU_NODE, HEARTBEAT, ModuleCommand, ModuleNode, ModuleRequest, ShareWeight};

use crate::foreign::{Foreign, is_network_command, is_write};
use crate::rig::{Rig, command};

/// Address of the twins.
pub(crate) const OWN: u8 = 2;

/// Samples of one step; a longer period makes more of them.
const MOST_SAMPLES: u8 = 50;

/// A life of both twins, and what only one of them hears.
#[derive(Debug, Clone, Arbitrary)]
pub(crate) struct Script {
    /// Whether network management and SDO writes are among the disturbances. They are services: they may take the
    /// module off the bus, so that then the world shows nothing that only a module on the bus would feel.
    pub(crate) services: bool,
    /// They are on the bus when it begins; with services they always are.
    pub(crate) connected: bool,
    pub(crate) steps: Vec<Step>,
}

/// One step of it.
#[derive(Debug, Clone, Arbitrary)]
pub(crate) enum Step {
    /// So many samples.
    Run(u8),
    /// Only the disturbed one hears this.
    Disturb(Foreign),
    /// Several of them before the next sample.
    Burst([Foreign; 4]),
    /// The unit commands something else.
    Command(Wish),
    /// The cells change.
    Cells(Cells),
    /// Something else does.
    World(World),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub(crate) enum Wish {
    Request(u8),
    Lead(bool),
    Shed(bool),
    ClearLockOuts(bool),
    Update(bool),
    SetPoint(i16),
    Powers(u16, u16),
    Weight(u8),
    Silence(bool),
    Heartbeats(bool),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub(crate) enum Cells {
    All(u16),
    One(u8, u16),
    Lost(u8),
    Temperature(u8, i8),
    TemperatureLost(u8),
    HeatSink(u8),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub(crate) enum World {
    Current(i8),
    Bus(u16),
    Comparator(bool),
    StageTripped(bool),
    Afe(bool),
    Relay(bool, bool),
    Capacitor(bool),
    Wake(bool),
    Period(u8),
}

/// One that is left alone, and one that is not.
#[derive(Clone)]
pub(crate) struct Twins {
    pub(crate) calm: Rig,
    pub(crate) disturbed: Rig,
    services: bool,
    heartbeats: bool,
    ticks: u32,
    /// What the disturbed one has heard last.
    last: Option<Frame>,
    /// What the calm one was allowed lately, charging and discharging.
    allowed: VecDeque<[MilliAmps; 2]>,
}

impl Twins {
    pub(crate) fn of(rig: &Rig, services: bool) -> Self {
        let (calm, disturbed) = (rig.clone(), rig.clone());
        Self { calm, disturbed, services, heartbeats: false, ticks: 0, last: None, allowed: VecDeque::new() }
    }

    /// Lives through a script.
    pub(crate) fn live(script: &Script) {
        static CONNECTED: LazyLock<Rig> = LazyLock::new(Rig::connected);
        static OFF: LazyLock<Rig> = LazyLock::new(Rig::new);
        let begins_connected = script.connected || script.services;
        let mut twins = Self::of(if begins_connected { &CONNECTED } else { &OFF }, script.services);
        for step in &script.steps {
            match step {
                Step::Run(samples) => twins.run(u32::from(*samples % MOST_SAMPLES)),
                Step::Disturb(foreign) => twins.disturb(&foreign.to_frame(OWN)),
                Step::Burst(burst) => burst.iter().for_each(|foreign| twins.disturb(&foreign.to_frame(OWN))),
                Step::Command(wish) => twins.wish(*wish),
                Step::Cells(cells) => twins.both(|rig| cells.befall(rig)),
                Step::World(world) if !script.services => twins.both(|rig| world.befall(rig)),
                Step::World(_) => {}
            }
        }
        twins.run(5);
    }

    fn both(&mut self, mut change: impl FnMut(&mut Rig)) {
        change(&mut self.calm);
        change(&mut self.disturbed);
    }

    /// Whether the distribution unit itself could have sent `frame`, or it asks for a service that this life excludes.
    pub(crate) fn is_legal(&self, frame: &Frame) -> bool {
        let to_it = |(node, _): (ModuleNode, ModuleCommand)| node.number() == OWN;
        let is_addressed = self.disturbed.controller.address().is_some();
        ModuleCommand::from_frame(frame).is_some_and(to_it)
            || from_heartbeat(frame).is_some_and(|(node, _)| node == BDU_NODE)
            || !is_addressed && Request::from_frame(frame).is_some()
            || !self.services && (is_network_command(frame) || is_write(frame, OWN))
    }

    /// The disturbed one hears a frame, even one that its filter should have kept away.
    pub(crate) fn disturb(&mut self, frame: &Frame) {
        if self.is_legal(frame) {
            return;
        }
        self.last = Some(*frame);
        let rig = &mut self.disturbed;
        if rig.controller.accepts(frame) {
            rig.deliver(frame);
        } else {
            let inputs = ModuleInputs { sample: None, frame: Some(frame), wake: rig.wake, link_in: true };
            let outputs = rig.controller.step(rig.now, &inputs);
            assert!(outputs.frames.is_empty(), "answers what it does not accept: {frame:?}");
        }
        self.compare();
    }

    pub(crate) fn run(&mut self, samples: u32) {
        for _ in 0..samples {
            self.ticks += 1;
            if self.heartbeats && self.ticks.is_multiple_of(5) {
                let id = StandardId::new(HEARTBEAT + u16::from(BDU_NODE)).expect("11 bits");
                let heartbeat = Frame::new(id, &[5]).expect("one byte");
                self.both(|rig| rig.deliver(&heartbeat));
            }
            self.both(|rig| {
                rig.tick();
                rig.frames.clear();
                rig.records.clear();
            });
            self.remember();
            self.compare();
        }
    }

    fn remember(&mut self) {
        let pcu = self.calm.drive.pcu;
        self.allowed.push_back([pcu.charge_current_max, pcu.discharge_current_max]);
        // A limit that falls is told first: what was written may shift when, by one notice.
        let length = (2 * LIMIT_NOTICE.0).div_ceil(self.calm.period.0.max(1)).max(6) + 1;
        while self.allowed.len() as u64 > length {
            self.allowed.pop_front();
        }
    }

    fn compare(&self) {
        let [calm, disturbed] = [&self.calm, &self.disturbed].map(|rig| rig.controller.limits());
        self.compare_drive();
        for limits in [calm, disturbed] {
            for Watts(power) in [limits.charge.power, limits.discharge.power] {
                assert!((0..=MODULE_POWER.0).contains(&power), "{limits:?}");
            }
        }
        let last = self.last;
        // Whoever a service has taken off the bus may say when it is back what it could do: only then it counts.
        if self.services && self.disturbed.state() != ModuleState::Connected {
            return;
        }
        assert!(disturbed.charge.power <= calm.charge.power, "{last:?}: {calm:?}, now {disturbed:?}");
        assert!(disturbed.discharge.power <= calm.discharge.power, "{last:?}: {calm:?}, now {disturbed:?}");
    }

    fn compare_drive(&self) {
        let [calm, disturbed] = [&self.calm, &self.disturbed]
            .map(|rig| [rig.drive.pcu.charge_current_max, rig.drive.pcu.discharge_current_max]);
        let most = MilliAmps(MODULE_POWER.0 * 1000 / (PCU_UNDER_VOLTAGE.0 / 1000));
        for side in 0..2 {
            assert!((MilliAmps::ZERO..=most).contains(&disturbed[side]), "{:?}", self.disturbed.drive);
            let lately = self.allowed.iter().map(|both| both[side]).max().unwrap_or(calm[side]);
            // Whoever was taken off the bus comes back to it with the little current of a soft start.
            let bound = if self.services { lately.max(SOFT_START_CURRENT) } else { calm[side] };
            let (last, drive) = (self.last, self.disturbed.drive.pcu);
            assert!(disturbed[side] <= bound, "{last:?}: {:?}, now {drive:?}", self.calm.drive.pcu);
        }
    }

    pub(crate) fn wish(&mut self, wish: Wish) {
        let services = self.services;
        if let Wish::Heartbeats(heard) = wish {
            self.heartbeats = heard;
        }
        self.both(|rig| match wish {
            Wish::Silence(true) if !services => rig.command = None,
            Wish::Silence(_) => rig.command = Some(rig.command.unwrap_or(command(ModuleRequest::Connect))),
            // Asks a current of the bus, and the bus of these rigs gives none: a module that is on it would fail.
            Wish::SetPoint(_) if services => {}
            Wish::Heartbeats(_) => {}
            wish => {
                let _ = rig.command.as_mut().map(|command| wish.fill(command));
            }
        });
    }
}

impl Wish {
    fn fill(self, command: &mut ModuleCommand) {
        match self {
            Self::Request(request) => {
                command.request = match request % 8 {
                    0 => ModuleRequest::Off,
                    1 | 2 => ModuleRequest::Ready,
                    _ => ModuleRequest::Connect,
                };
            }
            Self::Lead(lead) => command.lead = lead,
            Self::Shed(shed) => command.shed = shed,
            Self::ClearLockOuts(clear) => command.clear_lock_outs = clear,
            Self::Update(update) => command.update = update,
            Self::SetPoint(deci_volts) => command.set_point = MilliVolts(i32::from(deci_volts) * 100),
            Self::Powers(charge, discharge) => {
                command.charge_power = Watts(i32::from(charge) % 4000);
                command.discharge_power = Watts(i32::from(discharge) % 4000);
            }
            Self::Weight(weight) => command.weight = ShareWeight::new(weight % 201).expect("up to 200"),
            Self::Silence(_) | Self::Heartbeats(_) => {}
        }
    }
}

impl Cells {
    fn befall(self, rig: &mut Rig) {
        let voltage = |millivolts: u16| MilliVolts(2400 + i32::from(millivolts % 1400));
        match self {
            Self::All(millivolts) => rig.set_cells(voltage(millivolts)),
            Self::One(cell, millivolts) => {
                rig.sample.cells[usize::from(cell % 16)] = Some(voltage(millivolts));
            }
            Self::Lost(cell) => rig.sample.cells[usize::from(cell % 16)] = None,
            Self::Temperature(sensor, degrees) => {
                let reading = Some(DeciCelsius(i16::from(degrees) * 8));
                rig.sample.cell_temperatures[usize::from(sensor % 4)] = reading;
            }
            Self::TemperatureLost(sensor) => rig.sample.cell_temperatures[usize::from(sensor % 4)] = None,
            Self::HeatSink(degrees) => {
                rig.sample.pcu.heat_sink = Some(DeciCelsius(i16::from(degrees) * 5));
            }
        }
    }
}

impl World {
    fn befall(self, rig: &mut Rig) {
        match self {
            Self::Current(amps) => rig.set_current(MilliAmps(i32::from(amps) * 500)),
            Self::Bus(deci_volts) => rig.bus = MilliVolts(i32::from(deci_volts % 4700) * 100 - 10_000),
            Self::Comparator(tripped) => rig.sample.comparator_tripped = tripped,
            Self::StageTripped(tripped) => rig.sample.pcu.stage_tripped = tripped,
            Self::Afe(silent) => rig.broken.afe_silent = silent,
            Self::Relay(welded, stuck) => {
                (rig.broken.relay_welded, rig.broken.relay_stuck_open) = (welded, stuck);
            }
            Self::Capacitor(dead) => rig.broken.capacitor_dead = dead,
            Self::Wake(wake) => rig.wake = wake,
            Self::Period(period) => {
                rig.period = Duration::millis([10, 100, 1000, 20_000][usize::from(period % 4)]);
            }
        }
    }
}
