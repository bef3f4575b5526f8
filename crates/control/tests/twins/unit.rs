//! Twins of a distribution unit, each among modules of its own that are played by their frames.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use voltower_control::io::{BduInputs, Port};
use voltower_control::link::from_heartbeat;
use voltower_control::link::lss::Answer;
use voltower_core::values::MODULE_POWER;
use voltower_core::{Binding, ConditionSet, Duration, TowerState, Watts};
use voltower_protocols::Frame;
use voltower_protocols::can::ExtendedId;
use voltower_protocols::link::{
    BDU_NODE, Limit, MODULE_DICTIONARY, ModuleCommand, ModuleRequest, SDO_RESPONSE, TowerLimits,
};
use voltower_protocols::sofar;

use crate::driver::{Tower, running};
use crate::foreign::{Foreign, is_write};

/// Modules of the twins.
pub(crate) const PRESENT: u8 = 2;

/// Samples of one step; a longer period makes more of them.
const MOST_SAMPLES: u8 = 50;

/// A life of both twins, and what only one of them hears.
#[derive(Debug, Clone, Arbitrary)]
pub(crate) struct Script {
    /// Frames in the name of the modules too, and at any time: then nothing is compared, only bounded.
    pub(crate) wild: bool,
    /// They run when it begins.
    pub(crate) running: bool,
    pub(crate) steps: Vec<Step>,
}

/// One step of it.
#[derive(Debug, Clone, Arbitrary)]
pub(crate) enum Step {
    Run(u8),
    /// Only the disturbed one hears this on the Link.
    Link(Foreign),
    /// Or on COM.
    Com(Foreign),
    /// A battery's frame on COM, or an inverter's that is not whole.
    Battery {
        base: u8,
        battery: u8,
        length: u8,
        bytes: [u8; 8],
    },
    Module(u8, Fate),
    World(World),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub(crate) enum Fate {
    Soc(u8),
    Limits { charge: u16, discharge: u16, binding: u8 },
    Conditions(u32),
    Linked(bool),
    Able(bool),
    ContactLoss(u8),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
pub(crate) enum World {
    Press(u8),
    Inverter(bool),
    Power(i16),
    DcSwitch(bool),
    Fuse(bool),
    Period(u8),
}

/// One that is left alone, and one that is not.
#[derive(Clone)]
pub(crate) struct Twins {
    pub(crate) calm: Tower,
    pub(crate) disturbed: Tower,
    wild: bool,
    /// What the disturbed one has heard last.
    last: Option<Frame>,
}

impl Twins {
    pub(crate) fn of(tower: &Tower, wild: bool) -> Self {
        Self { calm: tower.clone(), disturbed: tower.clone(), wild, last: None }
    }

    /// Lives through a script.
    pub(crate) fn live(script: &Script) {
        static RUNNING: LazyLock<Tower> = LazyLock::new(|| running(&[0.6, 0.5]));
        static OFF: LazyLock<Tower> = LazyLock::new(|| Tower::new(&[0.6, 0.5]));
        let mut twins = Self::of(if script.running { &RUNNING } else { &OFF }, script.wild);
        for step in &script.steps {
            match *step {
                Step::Run(samples) => twins.run(u32::from(samples % MOST_SAMPLES)),
                Step::Link(foreign) => twins.disturb(Port::Link, &foreign.to_frame(BDU_NODE)),
                Step::Com(foreign) => twins.disturb(Port::Com, &foreign.to_frame(BDU_NODE)),
                Step::Battery { base, battery, length, bytes } => {
                    twins.disturb(Port::Com, &battery_frame(base, battery, length, bytes));
                }
                Step::Module(place, fate) => {
                    twins.both(|tower| fate.befall(tower, usize::from(place % PRESENT)));
                }
                Step::World(World::Press(hold)) => twins.press(hold),
                Step::World(world) => twins.both(|tower| world.befall(tower)),
            }
        }
        twins.run(5);
    }

    fn both(&mut self, mut change: impl FnMut(&mut Tower)) {
        change(&mut self.calm);
        change(&mut self.disturbed);
    }

    /// A press means one thing to a tower with a fault and another to one without: then each goes its own way.
    fn press(&mut self, hold: u8) {
        let [calm, disturbed] =
            [&self.calm, &self.disturbed].map(|tower| (tower.state(), tower.conditions()));
        self.wild |= calm != disturbed;
        self.both(|tower| tower.sample.black_start_pressed = true);
        self.run(u32::from(hold));
        self.both(|tower| tower.sample.black_start_pressed = false);
        self.run(2);
    }

    /// Whether a module, the inverter, or a person in service could have sent `frame`: then the unit may believe it.
    /// While modules are being found any frame keeps the wire busy, and whoever is late cannot be compared.
    pub(crate) fn is_legal(&self, port: Port, frame: &Frame) -> bool {
        let settled = |tower: &Tower| {
            matches!(
                tower.state(),
                TowerState::Standby | TowerState::Charging | TowerState::Discharging | TowerState::Faulted
            )
        };
        let in_service =
            self.disturbed.modules.iter().any(|m| m.command.is_some_and(|command| command.service));
        let is_legal = match port {
            Port::Com => sofar::is_from_inverter(frame),
            Port::Link => {
                in_service && is_write(frame, BDU_NODE)
                    || stops_the_program(frame)
                    || is_from_present_module(frame)
                    || Answer::from_frame(frame).is_some()
            }
        };
        is_legal || !settled(&self.calm) || !settled(&self.disturbed)
    }

    /// The disturbed one hears a frame, even one that its filter should have kept away.
    pub(crate) fn disturb(&mut self, port: Port, frame: &Frame) {
        if !self.wild && self.is_legal(port, frame) {
            return;
        }
        self.last = Some(*frame);
        let tower = &mut self.disturbed;
        if tower.bdu.accepts(port, frame) {
            tower.inject(port, *frame);
        } else {
            let before = tower.bdu.clone();
            tower.bdu.step(tower.latest(), &BduInputs { sample: None, frame: Some((port, frame)) });
            assert!(tower.bdu == before, "obeys what it does not accept: {frame:?}");
        }
    }

    pub(crate) fn run(&mut self, samples: u32) {
        for _ in 0..samples {
            // The inverter does to both what the calm one lets it.
            self.disturbed.limits = self.calm.limits;
            self.both(|tower| {
                tower.link.clear();
                tower.com.clear();
                tower.records.clear();
                tower.tick();
            });
            self.compare();
        }
    }

    fn compare(&self) {
        let [calm, disturbed] = [&self.calm, &self.disturbed].map(published);
        for limits in [calm, disturbed].into_iter().flatten() {
            for Watts(power) in [limits.charge.power, limits.discharge.power] {
                assert!((0..=MODULE_POWER.0 * i32::from(PRESENT)).contains(&power), "{limits:?}");
            }
        }
        if self.wild {
            return;
        }
        if let (Some(calm), Some(disturbed)) = (calm, disturbed) {
            let last = self.last;
            assert!(disturbed.charge.power <= calm.charge.power, "{last:?}: {calm:?}, now {disturbed:?}");
            assert!(
                disturbed.discharge.power <= calm.discharge.power,
                "{last:?}: {calm:?}, now {disturbed:?}"
            );
        }
        let ([charge, discharge], [more_charge, more_discharge]) =
            (commanded(&self.calm), commanded(&self.disturbed));
        // Each module's part is rounded down.
        let rounding = i32::from(PRESENT);
        assert!(more_charge <= charge + rounding, "commanded to charge {more_charge} W, not {charge}");
        assert!(more_discharge <= discharge + rounding, "to discharge {more_discharge} W, not {discharge}");
    }
}

/// What the tower said of its limits in the last sample.
fn published(tower: &Tower) -> Option<TowerLimits> {
    tower.link.iter().rev().find_map(TowerLimits::from_frame)
}

/// Power that the modules have leave for by their last commands, in and out, as far as they can.
fn commanded(tower: &Tower) -> [i32; 2] {
    let ordered = tower.modules.iter().filter_map(|module| Some((module, module.command?)));
    ordered.filter(|(_, command)| command.request == ModuleRequest::Connect).fold(
        [0, 0],
        |[c, d], (module, order)| {
            let ModuleCommand { charge_power, discharge_power, .. } = order;
            [
                c + charge_power.min(module.charge_limit.power).0,
                d + discharge_power.min(module.discharge_limit.power).0,
            ]
        },
    )
}

/// A well-formed frame in the name of a module that is there.
fn is_from_present_module(frame: &Frame) -> bool {
    let Some(id) = frame.standard_id() else { return false };
    let node = (id & 0xF) as u8;
    let tells = MODULE_DICTIONARY.sends(id, node) || id & !0xF == SDO_RESPONSE;
    let is_whole = tells && frame.eight().is_some() || from_heartbeat(frame).is_some();
    (1..=PRESENT).contains(&node) && is_whole
}

/// Stops the program of the unit, or starts it again: the tower leaves the bus and comes back later than the other.
fn stops_the_program(frame: &Frame) -> bool {
    is_write(frame, BDU_NODE) && frame.eight().is_some_and(|bytes| bytes[1..3] == [0x51, 0x1F])
}

fn battery_frame(base: u8, battery: u8, length: u8, bytes: [u8; 8]) -> Frame {
    let bases = [sofar::LIMITS, sofar::STATE, sofar::MEASURED, sofar::REQUEST, sofar::INQUIRY];
    let id = bases[usize::from(base) % bases.len()] | u32::from(battery) << 12;
    Frame::new(ExtendedId::new(id).expect("29 bits"), &bytes[..usize::from(length % 9)]).expect("eight bytes")
}

impl Fate {
    fn befall(self, tower: &mut Tower, place: usize) {
        let module = &mut tower.modules[place];
        match self {
            Self::Soc(percent) => module.soc = f64::from(percent % 101) / 100.0,
            Self::Limits { charge, discharge, binding } => {
                let binding = Binding::from_code(binding % 13).unwrap_or(Binding::Rating);
                let limit = |power: u16| {
                    let power = Watts(i32::from(power) % (MODULE_POWER.0 + 1));
                    Limit { power, binding, element: 1 }
                };
                (module.charge_limit, module.discharge_limit) = (limit(charge), limit(discharge));
            }
            Self::Conditions(bits) => {
                module.conditions =
                    if bits.is_multiple_of(2) { ConditionSet::EMPTY } else { ConditionSet::from_bits(bits) };
            }
            Self::Linked(linked) => module.linked = linked,
            Self::Able(able) => module.able = able,
            Self::ContactLoss(volts) => module.contact_loss = f64::from(volts % 12),
        }
    }
}

impl World {
    fn befall(self, tower: &mut Tower) {
        match self {
            Self::Press(_) => {}
            Self::Inverter(there) => tower.inverter = there,
            Self::Power(watts) => tower.power = f64::from(watts % 6000),
            Self::DcSwitch(closed) => tower.sample.dc_switch_closed = closed,
            Self::Fuse(open) => tower.fuse_open = open,
            Self::Period(period) => {
                tower.period = Duration::millis([50, 100, 1000, 10_000][usize::from(period % 4)]);
            }
        }
    }
}
