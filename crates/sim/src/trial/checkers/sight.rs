//! Whether the truth of the plant is such that sensors can see a fault at this moment.

use voltower_control::io::PowerMode;
use voltower_core::values::CELL_SPREAD_FROM;
use voltower_core::{Duration, Instant};
use voltower_plant::{CELL_SENSORS, CELLS, Channel};

use super::Moment;
use super::lights::passes_level;
use super::view::ModuleView;
use crate::scenario::{BduSensor, Fault, HardwareFault as H, Mosfet};
use crate::trial::catalogue::{Notice, Sight};

/// A cell that has moved by so much, V, has left what noise and the digits of the AFE may hide.
const CELL_MOVED: f64 = 0.05;
/// Cells are compared while the highest is above, V: the level of our values, and what a reading may be off.
const IN_USE: f64 = CELL_SPREAD_FROM.0 as f64 / 1000.0 + 0.02;
/// All thermistors have moved by so much, K.
const SENSORS_MOVED: f64 = 4.0;
/// A current has moved by so much, A.
const CURRENT_MOVED: f64 = 2.0;
/// Beyond a limit, W: what is measured, and what is given while a limit falls.
const EXCESS: f64 = 400.0;
/// A module gives no more, W.
const MODULE_WATTS: f64 = 2500.0;
/// A converter that gives nothing, A at the bus.
const NOTHING: f64 = 0.3;
/// Across an open fuse, V.
const FUSE: f64 = 12.0;
/// A bus that is up, V, and one that is not.
const BUS: (f64, f64) = (100.0, 250.0);
/// Current that must not flow through an open DC switch, A.
const SWITCH: f64 = 1.5;
/// Both sides of it moved together by more than chance, V.
const SWITCH_MOVED: f64 = 45.0;
/// A terminal is looked at under this current, A.
const TERMINAL: f64 = 1.5;
/// Healthy shunts and converters differ by no more, A and share of the current; and so many Ah beside that are named,
/// twice what our values say: who is to be believed is not clear at each moment.
const COUNTED: (f64, f64) = (0.5, 0.01);
const COUNT: f64 = 2.0;
/// Shunt and converter differ by more than they may, A.
const SHUNT: f64 = 7.0;

/// What has been seen of a fault since it broke.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Glimpse {
    /// Its module when it broke.
    began: Option<Begun>,
    /// Where the bus has been since, while the DC switch was closed and the unit awake.
    joined: Option<(f64, f64)>,
    /// The unit was dark at the last look.
    slept: bool,
    /// It woke beside another tower.
    woke_beside: bool,
    /// What its shunt has counted wrongly, Ah, and when that was looked at last.
    counted: f64,
    looked: Option<Instant>,
    /// It had its turn before a module above it.
    early: bool,
    sleep: Sleep,
}

/// Whether its module sleeps, as it may: then its silence says nothing until it is woken.
#[derive(Debug, Clone, Copy, Default)]
enum Sleep {
    #[default]
    Unknown,
    Awake,
    Asleep {
        /// The wake line was on when it was looked at last.
        wake: bool,
    },
    Called {
        since: Instant,
    },
}

/// Who is woken is heard within this, and a sample.
const HEARD_WITHIN: Duration = Duration::secs(15);

impl Sleep {
    fn next(self, module: &ModuleView, power: Option<PowerMode>, moment: &Moment<'_>) -> Self {
        let wake = moment.tower.bdu_drive().wake;
        match self {
            Self::Unknown if module.speaks => Self::Awake,
            Self::Awake if power == Some(PowerMode::Sleep) => Self::Asleep { wake },
            Self::Asleep { wake: before } if module.speaks || (wake && !before) => {
                Self::Called { since: moment.now }
            }
            Self::Unknown | Self::Asleep { .. } => Self::Asleep { wake },
            Self::Called { since } if moment.now.since(since) > HEARD_WITHIN + moment.slack => Self::Awake,
            Self::Awake | Self::Called { .. } => self,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Begun {
    amps: f64,
    cells: [f64; CELLS],
    spots: [f64; CELL_SENSORS],
}

impl Glimpse {
    pub(super) fn look(&mut self, fault: &Fault, moment: &Moment<'_>) {
        let view = moment.view;
        let module = fault.module().and_then(|place| view.modules.get(place));
        if let Some(module) = module.filter(|_| self.began.is_none()) {
            self.began = Some(Begun { amps: module.amps, cells: module.cells, spots: module.spots });
        }
        if let Some((place, module)) = fault.module().zip(module) {
            let power = moment.tower.module_drive(place).map(|drive| drive.power);
            self.sleep = self.sleep.next(module, power, moment);
        }
        let step = self.looked.replace(moment.now).map_or(Duration::ZERO, |last| moment.now.since(last));
        if let (Fault::Hardware(H::ShuntOffset { amps, .. }), Some(module)) = (fault, module)
            && module.speaks
        {
            let beside = amps.abs() - COUNTED.0 - COUNTED.1 * module.amps.abs();
            self.counted += beside.max(0.0) * step.0 as f64 / 3.6e9;
        }
        let (low, high) = self.joined.unwrap_or((view.bus_volts, view.bus_volts));
        let looks = moment.switch_closed && view.unit_on;
        self.joined = looks.then_some((low.min(view.bus_volts), high.max(view.bus_volts)));
        // Whoever wakes later is the one to say so.
        self.woke_beside |= self.slept && view.unit_on && moment.beside;
        self.slept = !view.unit_on;
        if let Some(above) = fault.module().and_then(|place| place.checked_sub(1)) {
            let nobody = |place| moment.tower.address(place).is_none();
            self.early |= view.unit_on && view.heard && nobody(above) && nobody(above + 1);
        }
    }

    /// Its module sleeps, or has just been woken.
    pub(super) fn sleeps(&self) -> bool {
        matches!(self.sleep, Sleep::Asleep { .. } | Sleep::Called { .. })
    }

    /// The truth is such.
    pub(super) fn sees(&self, sight: Sight, fault: &Fault, notice: &Notice, moment: &Moment<'_>) -> bool {
        let view = moment.view;
        match sight {
            Sight::BusVoltage => view.stands() && view.bus_volts > BUS.0,
            Sight::NoBus => {
                let down = view.bus_volts < BUS.1 && view.runs();
                view.stands() && (is_fuse_open(moment) || down)
            }
            Sight::FuseDrop => view.stands() && is_fuse_open(moment),
            Sight::SwitchReadsOpen => {
                let flows = view.current.abs() > SWITCH;
                let moved = self.joined.is_some_and(|(low, high)| high - low > SWITCH_MOVED);
                view.stands() && moment.switch_closed && (flows || moved)
            }
            Sight::Misread { volts, amps } => misreads(fault, moment, [volts, volts, volts, amps]),
            Sight::SwitchCarries => view.unit_on && !moment.switch_closed && view.current.abs() > SWITCH,
            Sight::NoAddress => view.stands() && waits_for_address(fault, moment),
            Sight::OutOfTurn => view.stands() && self.early,
            Sight::WokeBeside => view.stands() && moment.beside && self.woke_beside,
            Sight::InverterAway | Sight::Chance => false,
            Sight::Level
            | Sight::CellsInUse
            | Sight::Moved
            | Sight::Excess
            | Sight::Wanted
            | Sight::TerminalDrop(_)
            | Sight::Conducts
            | Sight::ShuntOff(_)
            | Sight::Counted
            | Sight::Disobeyed
            | Sight::FeedbackDiffers
            | Sight::Away => {
                let Some(place) = fault.module() else { return false };
                let Some(module) = view.modules.get(place) else { return false };
                self.sees_in(sight, fault, notice, moment, module)
            }
        }
    }

    fn sees_in(
        &self,
        sight: Sight,
        fault: &Fault,
        notice: &Notice,
        moment: &Moment<'_>,
        module: &ModuleView,
    ) -> bool {
        let view = moment.view;
        if sight == Sight::Away {
            return view.stands() && module.plugged && !module.speaks && !self.sleeps();
        }
        if !(view.stands() && module.speaks && module.alive) {
            return false;
        }
        match sight {
            Sight::Level => passes_level(module, notice.conditions),
            Sight::CellsInUse => module.volts.1 > IN_USE,
            Sight::Moved => self.has_moved(fault, module),
            Sight::Excess => module.bus_watts.abs() > module.allowed() + EXCESS,
            Sight::Wanted => {
                let others = view.modules.iter().filter(|module| module.plugged).count().saturating_sub(1);
                let wanted = view.power.abs() > 0.9 * MODULE_WATTS * others.max(1) as f64;
                wanted && module.relay_closed && module.bus_amps.abs() < NOTHING
            }
            Sight::TerminalDrop(volts) => {
                let drop = (view.bus_volts - module.terminal_volts).abs();
                module.bus_amps.abs() > TERMINAL && drop > volts
            }
            Sight::Conducts => module.mosfet_closed.0 || module.mosfet_closed.1,
            Sight::ShuntOff(share) => (module.amps * share).abs() > SHUNT,
            Sight::Counted => self.counted > COUNT,
            Sight::Disobeyed => disobeys(fault, moment, module),
            Sight::FeedbackDiffers => feedback_differs(fault, moment),
            Sight::BusVoltage
            | Sight::NoBus
            | Sight::FuseDrop
            | Sight::SwitchReadsOpen
            | Sight::Misread { .. }
            | Sight::SwitchCarries
            | Sight::NoAddress
            | Sight::OutOfTurn
            | Sight::WokeBeside
            | Sight::Away
            | Sight::InverterAway
            | Sight::Chance => false,
        }
    }

    /// What stands still in the reading has moved in truth.
    fn has_moved(&self, fault: &Fault, module: &ModuleView) -> bool {
        let Some(begun) = &self.began else { return false };
        let current = || (module.amps - begun.amps).abs() > CURRENT_MOVED;
        let cell = |cell: usize| (module.cells[cell] - begun.cells[cell]).abs() > CELL_MOVED;
        match fault {
            Fault::Hardware(H::AfeFrozen { .. }) => current(),
            Fault::Hardware(H::SensorStuck { channel, .. }) => match channel {
                Channel::Cell(at) => *at < CELLS && cell(*at),
                Channel::Temperature(_) => {
                    let moved = |(now, then): (&f64, &f64)| (now - then).abs() > SENSORS_MOVED;
                    module.spots.iter().zip(&begun.spots).all(moved)
                }
                Channel::Current => current(),
            },
            _ => false,
        }
    }
}

/// A sensor of the BDU is off by more than it may, and everybody is there to say so.
fn misreads(fault: &Fault, moment: &Moment<'_>, may: [f64; 4]) -> bool {
    let view = moment.view;
    let heard = view.modules.iter().all(|module| module.plugged && module.alive && module.heard);
    let is = readings(moment);
    let (sensor, off) = match fault {
        Fault::Hardware(H::BduSensorOffset { sensor, amount }) => (*sensor, *amount),
        Fault::Hardware(H::BduSensorLost { sensor }) => (*sensor, is[*sensor as usize]),
        Fault::Hardware(H::BduSensorStuck { sensor }) => {
            let Some(told) = told(moment) else { return false };
            (*sensor, told[*sensor as usize] - is[*sensor as usize])
        }
        _ => return false,
    };
    let behind = matches!(sensor, BduSensor::AfterFuse | BduSensor::Outside);
    view.stands() && heard && (moment.switch_closed || !behind) && off.abs() > may[sensor as usize]
}

/// There is voltage across an open fuse. Behind an open DC switch that reads like a wire that is off.
fn is_fuse_open(moment: &Moment<'_>) -> bool {
    let view = moment.view;
    !view.fuse_intact && view.fuse_drop > FUSE && moment.switch_closed
}

/// What the sensors of the BDU should read.
fn readings(moment: &Moment<'_>) -> [f64; 4] {
    let truth = moment.tower.plant().truth();
    [truth.bus_voltage, truth.after_fuse_voltage, truth.outside_voltage, truth.current]
}

/// What they are said to read.
fn told(moment: &Moment<'_>) -> Option<[f64; 4]> {
    let power = moment.tower.reported().tower_power()?;
    let [before, after, outside] =
        [power.before_fuse, power.after_fuse, power.outside].map(|voltage| f64::from(voltage.0) / 1000.0);
    Some([before, after, outside, f64::from(power.current.0) / 1000.0])
}

/// A module behind a broken enable wire has none, although all above it have theirs.
fn waits_for_address(fault: &Fault, moment: &Moment<'_>) -> bool {
    let Fault::CutEnable { after } = fault else { return false };
    let has = |place: usize| moment.tower.address(place).is_some();
    let behind = moment.view.modules.get(*after).is_some_and(|module| module.plugged && module.alive);
    behind && (0..*after).all(has) && !has(*after)
}

/// A contact of its module is not where it is driven to.
fn disobeys(fault: &Fault, moment: &Moment<'_>, module: &ModuleView) -> bool {
    let Some(drive) = fault.module().and_then(|place| moment.tower.module_drive(place)) else { return false };
    if module.comparator_tripped {
        return false;
    }
    match fault {
        Fault::Hardware(H::RelaySlow { .. }) => drive.pcu.relay != module.relay_closed,
        Fault::Hardware(H::MosfetSlow { mosfet, .. } | H::MosfetStuckOpen { mosfet, .. }) => match mosfet {
            Mosfet::Charge => drive.charge_mosfet != module.mosfet_closed.0,
            Mosfet::Discharge => drive.discharge_mosfet != module.mosfet_closed.1,
        },
        _ => false,
    }
}

/// What a broken feedback says is not what is driven.
fn feedback_differs(fault: &Fault, moment: &Moment<'_>) -> bool {
    let Some(drive) = fault.module().and_then(|place| moment.tower.module_drive(place)) else { return false };
    match fault {
        Fault::Hardware(H::RelayFeedback { closed, .. }) => drive.pcu.relay != *closed,
        Fault::Hardware(H::MosfetFeedback { mosfet, closed, .. }) => match mosfet {
            Mosfet::Charge => drive.charge_mosfet != *closed,
            Mosfet::Discharge => drive.discharge_mosfet != *closed,
        },
        _ => false,
    }
}
