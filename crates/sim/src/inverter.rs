//! The control of a hybrid inverter: what the home gets from the battery and what the battery gets from the roof.
//!
//! It knows nothing of a battery but the frames on COM, and its own inputs. Its power stage and the house are plant.

use voltower_core::{Duration, Instant};
use voltower_protocols::Frame;
use voltower_protocols::sofar::{
    BatteryId, Grid, Inquiry, Measured as BatteryMeasured, Message, Request, State, Wanted as Asked,
};

use std::collections::VecDeque;

use crate::scenario::InverterMode;

/// Battery inputs of the inverter (public: a HYD 3PH has two, one for each tower).
pub const INPUTS: usize = 2;

/// DC voltage at a battery input from which the inverter can feed its own electronics, in volts (ours).
const BOOT_VOLTAGE: f64 = 150.0;
/// From supply to first frame (ours; hybrid inverters take 20 to 60 s).
const BOOT_TIME: Duration = Duration::secs(20);
/// How often each battery is asked (public: the batteries' frames have a 1 s cycle).
const INQUIRY_PERIOD: Duration = Duration::secs(1);
/// A battery that said nothing for so long gets no power (ours, as long as the battery's own rule).
const BATTERY_SILENT: Duration = Duration::secs(5);
/// How fast power follows the house, in watts per second (ours: full power within a second).
const RAMP: f64 = 12_000.0;
/// Voltage below which an input takes no power (ours; the power stage folds back from 360 V).
const INPUT_VOLTAGE_MIN: f64 = 350.0;
/// From the grid, when the battery asks for a forced charge, in watts (ours).
const FORCED_CHARGE: f64 = 500.0;
/// From the grid at most, when the battery asks to be filled, in watts (ours: a tower of 20 kWh in seven hours).
const FILL_CHARGE: f64 = 3_000.0;
/// Roof power from which it boots without grid and battery, in watts (ours: data sheets of hybrid inverters name
/// start-up powers of 80 to 200 W), and below which its roof no longer carries it: its own consumption and the MPP
/// tracker.
const ROOF_START: f64 = 150.0;
const ROOF_STOP: f64 = 30.0;
/// Own consumption while running, in watts (HTW Berlin inspections: a few watts to 64 W standby).
const OWN_CONSUMPTION: f64 = 15.0;

/// What the inverter measures itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// The grid is there.
    pub grid: bool,
    /// What the roof could give now, in watts of DC.
    pub pv: f64,
    /// What the house draws, in watts of AC.
    pub load: f64,
    /// Voltage at the battery inputs.
    pub input_voltage: [f64; INPUTS],
}

/// What the inverter's control asks of its power stages.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wanted {
    /// Power at each battery input in watts of DC, positive charges.
    pub battery: [f64; INPUTS],
    /// Own consumption from the battery inputs, in watts; with a grid the grid feeds it.
    pub own_consumption: f64,
    /// It runs: it converts, and without a grid it forms the home's own.
    pub running: bool,
}

/// Settings of the inverter.
#[derive(Debug, Clone, Copy)]
pub struct InverterSettings {
    /// What it is told to do.
    pub mode: InverterMode,
    /// Largest power between DC and AC, in watts.
    pub ac_power_max: f64,
    /// Feeds the home without a grid.
    pub backup: bool,
    /// Efficiency between DC and AC, as its plant has it.
    pub efficiency: f64,
    /// Obeys the request of the battery for a forced charge from the grid.
    pub grid_charge: bool,
    /// From hearing a limit or a request to obeying it.
    pub delay: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Off,
    Booting { remaining: Duration },
    Running { inquiry_in: Duration },
}

/// What one battery last said.
#[derive(Debug, Clone, Copy, Default)]
struct Battery {
    heard: Option<Instant>,
    charge_amps: f64,
    discharge_amps: f64,
    request: Request,
    state: Option<State>,
    measured: Option<BatteryMeasured>,
}

impl Battery {
    /// Does what a frame of limits or a request says; of other frames nothing.
    fn obey(&mut self, message: &Message) {
        if let Message::Limits(limits) = message {
            self.charge_amps = f64::from(limits.charge_current.0) / 1000.0;
            self.discharge_amps = f64::from(limits.discharge_current.0) / 1000.0;
        } else if let Message::Request(request) = message {
            self.request = *request;
        }
    }
}

/// The control of the inverter. Its supply is the grid, a battery input, or by day its own roof.
///
/// ```text
///        supply            BOOT_TIME over
///  Off ----------> Booting --------------> Running
///   ^                 |                       |
///   +-----------------+-----------------------+   supply gone
/// ```
#[derive(Debug, Clone)]
pub struct Inverter {
    settings: InverterSettings,
    phase: Phase,
    batteries: [Battery; INPUTS],
    /// Heard, and not yet obeyed, the oldest first.
    waiting: VecDeque<(Instant, usize, Message)>,
    power: [f64; INPUTS],
    /// The control period before this one.
    last_step: Duration,
    /// Sends nothing on COM although it runs.
    pub silent: bool,
    /// Takes and gives what it likes, whatever the battery allows.
    pub ignores_limits: bool,
    /// Moves the power that it wants the other way.
    pub wrong_sign: bool,
    /// Takes in nothing that the battery says, and does not notice.
    pub stale: bool,
    /// Starts anew whenever it has run for so long.
    pub reconnects: Option<Duration>,
    ran: Duration,
}

impl Inverter {
    /// An inverter without supply.
    #[must_use]
    pub fn new(settings: InverterSettings) -> Self {
        Self {
            settings,
            phase: Phase::Off,
            batteries: [Battery::default(); INPUTS],
            waiting: VecDeque::new(),
            power: [0.0; INPUTS],
            last_step: Duration::ZERO,
            silent: false,
            ignores_limits: false,
            wrong_sign: false,
            stale: false,
            reconnects: None,
            ran: Duration::ZERO,
        }
    }

    /// Tells it what to do from now on.
    pub fn set_mode(&mut self, mode: InverterMode) {
        self.settings.mode = mode;
    }

    /// Whether it has booted.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Running { .. })
    }

    /// What battery `input` last said of itself: how full, and what it measures.
    #[must_use]
    pub fn battery(&self, input: usize) -> Option<(State, BatteryMeasured)> {
        let battery = self.batteries.get(input)?;
        battery.state.zip(battery.measured)
    }

    /// A frame of COM.
    pub fn on_frame(&mut self, now: Instant, frame: &Frame) {
        let Ok((id, message)) = Message::from_frame(frame) else { return };
        if self.stale {
            return;
        }
        let input = usize::from(id.number());
        let Some(battery) = self.batteries.get_mut(input) else { return };
        match message {
            Message::Limits(_) | Message::Request(_) if self.settings.delay > Duration::ZERO => {
                self.waiting.push_back((now, input, message));
            }
            Message::Limits(_) | Message::Request(_) => battery.obey(&message),
            Message::State(state) => battery.state = Some(state),
            Message::Measured(measured) => battery.measured = Some(measured),
            Message::Inquiry(_) => return,
        }
        battery.heard = Some(now);
    }

    /// What was heard long enough ago is obeyed.
    fn take_in(&mut self, now: Instant) {
        while let Some((heard, input, message)) = self.waiting.front() {
            if now.since(*heard) < self.settings.delay {
                return;
            }
            if let Some(battery) = self.batteries.get_mut(*input) {
                battery.obey(message);
            }
            self.waiting.pop_front();
        }
    }

    /// One control period: what it asks of its power stages, and its frames through `send`.
    pub fn step(
        &mut self,
        now: Instant,
        elapsed: Duration,
        measured: &Measured,
        mut send: impl FnMut(Frame),
    ) -> Wanted {
        self.take_in(now);
        // A report or an event cuts a step short; the battery was still asked a whole step ago.
        let longest = elapsed.max(core::mem::replace(&mut self.last_step, elapsed));
        self.advance_phase(elapsed, measured, &mut send);
        let own_consumption = match self.phase {
            Phase::Off => 0.0,
            Phase::Booting { .. } | Phase::Running { .. } if measured.grid => 0.0,
            Phase::Booting { .. } | Phase::Running { .. } => OWN_CONSUMPTION,
        };
        if !self.is_running() {
            self.power = [0.0; INPUTS];
            return Wanted { own_consumption, ..Wanted::default() };
        }
        self.forget_requests(now, longest);
        let limits = self.limits(now, longest, measured);
        let wanted = shared(self.battery_power_wanted(measured), &limits);
        self.ramp_towards(wanted, elapsed, &limits);
        let battery = if self.wrong_sign { self.power.map(|watts| -watts) } else { self.power };
        Wanted { battery, own_consumption, running: true }
    }

    fn advance_phase(&mut self, elapsed: Duration, measured: &Measured, send: &mut impl FnMut(Frame)) {
        let roof = if self.phase == Phase::Off { ROOF_START } else { ROOF_STOP };
        let battery = measured.input_voltage.iter().any(|volts| *volts > BOOT_VOLTAGE);
        let supplied = measured.grid || battery || measured.pv > roof;
        if !supplied || self.settings.mode == InverterMode::Off {
            self.phase = Phase::Off;
            return;
        }
        self.ran = if self.is_running() { self.ran + elapsed } else { Duration::ZERO };
        if self.reconnects.is_some_and(|every| self.ran >= every) {
            self.phase = Phase::Off;
        }
        self.phase = match self.phase {
            Phase::Off => Phase::Booting { remaining: BOOT_TIME },
            Phase::Booting { remaining } if elapsed < remaining => {
                Phase::Booting { remaining: remaining.less(elapsed) }
            }
            Phase::Booting { .. } => Phase::Running { inquiry_in: Duration::ZERO },
            Phase::Running { inquiry_in } if elapsed < inquiry_in => {
                Phase::Running { inquiry_in: inquiry_in.less(elapsed) }
            }
            Phase::Running { .. } => {
                if !self.silent {
                    send_inquiries(measured.grid, send);
                }
                Phase::Running { inquiry_in: INQUIRY_PERIOD }
            }
        };
    }

    /// A battery that says nothing more neither limits nor asks. `step` is the longest of the last ones.
    fn hears(&self, battery: &Battery, now: Instant, step: Duration) -> bool {
        let patience = Duration(BATTERY_SILENT.0.max(3 * step.0));
        battery.heard.is_some_and(|at| self.stale || now.since(at) <= patience)
    }

    fn forget_requests(&mut self, now: Instant, step: Duration) {
        let silent = self.batteries.map(|battery| !self.hears(&battery, now, step));
        for (battery, silent) in self.batteries.iter_mut().zip(silent) {
            if silent {
                battery.request = Request::default();
            }
        }
    }

    /// Power limits of each input in watts: (charge, discharge), magnitudes.
    fn limits(&self, now: Instant, step: Duration, measured: &Measured) -> [(f64, f64); INPUTS] {
        let mut limits = [(0.0, 0.0); INPUTS];
        for ((limit, battery), volts) in limits.iter_mut().zip(&self.batteries).zip(measured.input_voltage) {
            let heard = self.hears(battery, now, step);
            if volts < INPUT_VOLTAGE_MIN {
                continue;
            }
            if self.ignores_limits {
                *limit = (self.settings.ac_power_max, self.settings.ac_power_max);
            } else if heard {
                *limit = (battery.charge_amps * volts, battery.discharge_amps * volts);
            }
        }
        limits
    }

    /// Power in watts of DC that all batteries together should take, positive charges.
    fn battery_power_wanted(&self, measured: &Measured) -> f64 {
        let settings = &self.settings;
        let roof_surplus = measured.pv - measured.load / settings.efficiency;
        let bound = settings.ac_power_max / settings.efficiency;
        if !measured.grid {
            return if settings.backup { roof_surplus.max(-bound) } else { 0.0 };
        }
        let wanted = match settings.mode {
            InverterMode::SelfConsumption if roof_surplus > 0.0 => roof_surplus,
            InverterMode::SelfConsumption => roof_surplus.max(-bound),
            InverterMode::Charge(watts) => watts.min(measured.pv + bound),
            InverterMode::Discharge(watts) => -watts.min(bound),
            InverterMode::Hold | InverterMode::Off => 0.0,
        };
        wanted.max(self.asked_for(roof_surplus, bound))
    }

    /// What the batteries ask for beside what it is told to do: what the roof gives more than the house draws, the
    /// grid's power where it may be used.
    fn asked_for(&self, roof_surplus: f64, bound: f64) -> f64 {
        let asks = |what: fn(&Request) -> bool| self.batteries.iter().any(|battery| what(&battery.request));
        let fills = asks(|request| request.wanted == Asked::ForcedFill);
        let from_grid = match (fills, asks(|request| request.wanted == Asked::ForcedCharge)) {
            _ if !self.settings.grid_charge => 0.0,
            (true, _) => FILL_CHARGE.min(bound),
            (false, true) => FORCED_CHARGE.min(bound),
            (false, false) => 0.0,
        };
        let from_sun = if fills || asks(|request| request.fill_from_sun) { roof_surplus } else { 0.0 };
        // Nothing asked for is no reason not to discharge.
        let asked = from_sun.max(from_grid);
        if asked > 0.0 { asked } else { f64::NEG_INFINITY }
    }

    /// Follows what is wanted at a limited rate; a limit of the battery is obeyed at once.
    fn ramp_towards(&mut self, wanted: [f64; INPUTS], elapsed: Duration, limits: &[(f64, f64); INPUTS]) {
        let step = RAMP * elapsed.0 as f64 * 1e-6;
        for ((power, wanted), (charge, discharge)) in self.power.iter_mut().zip(wanted).zip(limits) {
            let ramped = wanted.clamp(*power - step, *power + step);
            *power = ramped.clamp(-discharge, *charge);
        }
    }
}

/// Splits the wanted power in proportion to what each input can take or give.
fn shared(wanted: f64, limits: &[(f64, f64); INPUTS]) -> [f64; INPUTS] {
    let able = limits.map(|(charge, discharge)| if wanted > 0.0 { charge } else { discharge });
    let all: f64 = able.iter().sum();
    if all <= 0.0 {
        return [0.0; INPUTS];
    }
    let asked = wanted.clamp(-all, all);
    able.map(|share| asked * share / all)
}

fn send_inquiries(grid: bool, send: &mut impl FnMut(Frame)) {
    let grid = if grid { Grid::Present } else { Grid::Absent };
    for battery in [BatteryId::FIRST, BatteryId::SECOND] {
        send(Message::Inquiry(Inquiry { page: 0, pack: 0, grid }).to_frame(battery));
    }
}
