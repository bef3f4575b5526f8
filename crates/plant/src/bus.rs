//! The high-voltage bus: an implicit solution of all node voltages, stable at any step.
//!
//! ```text
//! c3       c2       c1       c0                                    module capacitors, with bleeder and power stage
//! | relay  |        |        |
//! t3 ----- t2 ----- t1 ----- t0 ----- b --fuse-- f --switch-- o --cable-- x
//!                                     BDU                     BAT OUT     inverter input, with bleeder and power stage
//! ```
//!
//! Backward Euler; power stages are linearised (Newton) and the tree is reduced from its leaves as a ladder of Norton
//! equivalents, without any subtraction that could cancel. Each branch books its current times the mean voltage
//! across it, so that the capacitors' energy is exact and the books close whatever the step (Tellegen). A step in which
//! a voltage moves far, or that finds no solution, is taken again shorter: transients are resolved, rest is not.

use crate::MODULES;
use crate::parameters::{BusParameters, InputParameters, PcuParameters};

/// Nodes of the chain: terminals of the modules, farthest first, then distribution unit and inverter input.
const CHAIN: usize = MODULES + 4;
const B: usize = MODULES;
const F: usize = MODULES + 1;
const O: usize = MODULES + 2;
const X: usize = MODULES + 3;
const DEVICES: usize = MODULES + 1;

/// Smallest step of a transient, s: a hundredth of the shortest time constant of capacitors behind closed switches.
const STEP_MIN: f64 = 20e-6;
/// A step that moves a capacitor by more is taken again shorter, V.
const MOVE_MAX: f64 = 10.0;
/// A long step moves it less, Vs: the mean voltage of a step is booked, and it is wrong by up to half of the move.
const MOVE_TIME_MAX: f64 = 1.0;
/// Newton has arrived when no voltage moves by more, V; what is left is booked with the linearised current.
const CONVERGED: f64 = 1e-4;
const ITERATIONS: usize = 60;
/// Newton may move a voltage by this much at a time, V.
const STRIDE: f64 = 60.0;
/// A cable without length still has this, ohm.
const SMALLEST_CABLE: f64 = 1e-5;

/// What a power stage does in this step.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Stage {
    /// Not switching.
    #[default]
    Off,
    /// Holds the bus by its droop line.
    Droop { set_point: f64, conductance: f64, dead_band: f64, discharge_max: f64, charge_max: f64 },
    /// Moves a power whatever the voltage, its control loop has failed.
    Runaway { watts: f64 },
}

/// One module's side of the bus.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ModulePort {
    pub(crate) stage: Stage,
    /// Voltage from which the pack feeds the capacitor through the converter's diodes, V; 0 if the MOSFETs block.
    pub(crate) diode_from: f64,
    /// Conductance of relay and plugs, S; 0: open.
    pub(crate) leaf: f64,
    /// Conductance of a short at the terminals (swapped plugs), S.
    pub(crate) short: f64,
    /// The stage has tripped in this step.
    pub(crate) tripped: bool,
    /// Energy out of the bus into the stage, J.
    pub(crate) energy: f64,
    /// Charge from the pack into the bus through the diodes, C.
    pub(crate) diode_charge: f64,
    /// Energy of that charge at the bus, J.
    pub(crate) diode_energy: f64,
    /// Current of the stage at the end, A, positive while charging.
    pub(crate) current: f64,
}

/// The inverter's power stage.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct InputStage {
    pub(crate) request: f64,
    pub(crate) auxiliary: f64,
}

/// Energies of the bus in one step, J.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BusEnergy {
    pub(crate) inverter: f64,
    pub(crate) capacitors: f64,
    pub(crate) bleeders: f64,
    pub(crate) cables: f64,
    pub(crate) fuse: f64,
    pub(crate) shorts: f64,
    pub(crate) insulation: f64,
}

/// Switch positions and faults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Switches {
    pub(crate) dc_closed: bool,
    pub(crate) fuse_intact: bool,
    /// Conductance of a short at BAT OUT, S.
    pub(crate) short: f64,
    /// Conductance of the insulation from pole to pole, S.
    pub(crate) insulation: f64,
}

#[derive(Debug, Clone, Copy)]
struct Voltages {
    chain: [f64; CHAIN],
    module: [f64; MODULES],
}

impl Voltages {
    /// Voltages of the nodes that carry a power stage: the modules, then the inverter.
    fn at_devices(&self) -> [f64; DEVICES] {
        let mut volts = [self.chain[X]; DEVICES];
        volts[..MODULES].copy_from_slice(&self.module);
        volts
    }
}

/// How far Newton may move each device: half of the last way where it turns round, so that it cannot alternate
/// between two lines for ever.
struct Strides {
    most: [f64; DEVICES],
    moved: [f64; DEVICES],
}

impl Default for Strides {
    fn default() -> Self {
        Self { most: [STRIDE; DEVICES], moved: [0.0; DEVICES] }
    }
}

impl Strides {
    /// Goes from `guess` towards `next`; says how far the farthest wanted to go.
    fn walk(&mut self, guess: &mut [f64; DEVICES], next: &[f64; DEVICES]) -> f64 {
        let mut farthest: f64 = 0.0;
        for k in 0..DEVICES {
            let wanted = next[k] - guess[k];
            farthest = farthest.max(wanted.abs());
            if wanted * self.moved[k] < 0.0 {
                self.most[k] = self.most[k].min(0.5 * self.moved[k].abs());
            }
            self.moved[k] = wanted.clamp(-self.most[k], self.most[k]);
            guess[k] += self.moved[k];
        }
        farthest
    }
}

/// Devices as lines: current out of the node is `current + slope * (v - at)`.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    current: f64,
    slope: f64,
    at: f64,
}

impl Line {
    fn at(self, volts: f64) -> f64 {
        self.current + self.slope * (volts - self.at)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Lines {
    stage: [Line; MODULES],
    diode: [Line; MODULES],
    input: Line,
}

/// Why a step was not taken.
enum Refused {
    /// Newton found no solution.
    NoSolution,
    /// A voltage moved too far.
    Moved,
}

/// The bus: its node voltages.
#[derive(Debug, Clone)]
pub(crate) struct Bus {
    volts: Voltages,
    conductance: [f64; CHAIN],
    ground: [f64; CHAIN],
    capacity: [f64; CHAIN],
    pcu: PcuParameters,
    parameters: BusParameters,
    input: InputParameters,
    switches: Switches,
    modules: usize,
    disturbed: bool,
    fuse_heat: f64,
    fuse_current: f64,
    fuse_charge: f64,
    peak: f64,
}

impl Bus {
    pub(crate) fn new(
        parameters: &BusParameters,
        input: &InputParameters,
        pcu: &PcuParameters,
        modules: usize,
    ) -> Self {
        let mut capacity = [0.0; CHAIN];
        capacity[B] = parameters.capacitor;
        capacity[X] = input.capacitor;
        Self {
            volts: Voltages { chain: [0.0; CHAIN], module: [0.0; MODULES] },
            conductance: [0.0; CHAIN],
            ground: [0.0; CHAIN],
            capacity,
            pcu: pcu.clone(),
            parameters: parameters.clone(),
            input: input.clone(),
            switches: Switches { dc_closed: true, fuse_intact: true, short: 0.0, insulation: 0.0 },
            modules,
            disturbed: true,
            fuse_heat: 0.0,
            fuse_current: 0.0,
            fuse_charge: 0.0,
            peak: 0.0,
        }
    }

    pub(crate) fn module_voltage(&self, module: usize) -> f64 {
        self.volts.module[module]
    }

    pub(crate) fn junction_voltage(&self, module: usize) -> f64 {
        self.volts.chain[terminal(module)]
    }

    pub(crate) fn before_fuse(&self) -> f64 {
        self.volts.chain[B]
    }

    pub(crate) fn after_fuse(&self) -> f64 {
        self.volts.chain[F]
    }

    pub(crate) fn outside(&self) -> f64 {
        self.volts.chain[O]
    }

    pub(crate) fn input_voltage(&self) -> f64 {
        self.volts.chain[X]
    }

    /// Current through the fuse at the end of the last step, A.
    pub(crate) fn current(&self) -> f64 {
        self.fuse_current
    }

    /// Charge through the fuse in the last step, C.
    pub(crate) fn charge(&self) -> f64 {
        self.fuse_charge
    }

    pub(crate) fn fuse_i2t(&self) -> f64 {
        self.fuse_heat
    }

    pub(crate) fn peak(&self) -> f64 {
        self.peak
    }

    pub(crate) fn switches(&self) -> Switches {
        self.switches
    }

    /// A new position of switches; a change starts with short steps.
    pub(crate) fn set_switches(&mut self, switches: Switches) {
        if switches != self.switches {
            self.disturbed = true;
            if !self.switches.fuse_intact {
                self.fuse_heat = 0.0;
            }
            self.switches = switches;
        }
    }

    /// Something else switched (a relay, a gate): start with short steps.
    pub(crate) fn disturb(&mut self) {
        self.disturbed = true;
    }

    /// One step; `ports` hands in what the power stages want and takes what they moved.
    pub(crate) fn advance(&mut self, dt: f64, ports: &mut [ModulePort], input: InputStage) -> BusEnergy {
        let mut energy = BusEnergy::default();
        self.fuse_charge = 0.0;
        self.lay_branches(ports);
        let mut left = dt;
        let mut step = if self.disturbed { STEP_MIN.min(dt) } else { dt };
        self.disturbed = false;
        while left > 0.0 {
            let last = step >= left;
            let h = if last { left } else { step };
            match self.solve(h, ports, input) {
                Ok((next, lines)) => {
                    self.book(h, &next, &lines, ports, &mut energy);
                    left = if last { 0.0 } else { left - h };
                    step = if self.watch(ports) { STEP_MIN } else { step * 2.0 };
                }
                Err(Refused::NoSolution | Refused::Moved) => step = (h * 0.25).max(STEP_MIN * 1e-3),
            }
        }
        energy
    }

    /// Conductances of the chain: `conductance[k]` joins node `k` and `k + 1`.
    fn lay_branches(&mut self, ports: &[ModulePort]) {
        let (bus, switches) = (&self.parameters, &self.switches);
        let divider = 1.0 / bus.divider;
        self.conductance = [1.0 / bus.segment.both_ways().max(SMALLEST_CABLE); CHAIN];
        self.conductance[B] = if switches.fuse_intact { 1.0 / bus.fuse } else { 0.0 };
        self.conductance[F] = if switches.dc_closed { 1.0 / bus.dc_switch } else { 0.0 };
        self.conductance[O] =
            1.0 / (self.input.cable.both_ways() + self.input.connectors).max(SMALLEST_CABLE);
        self.ground = [divider; CHAIN];
        self.ground[B] += 1.0 / bus.bleeder + switches.insulation;
        self.ground[O] += switches.short;
        self.ground[X] = 1.0 / self.input.bleeder;
        for (module, port) in ports.iter().enumerate() {
            self.ground[terminal(module)] += port.short;
        }
    }

    /// The voltages after a step of `h`, and the devices' lines that belong to them.
    fn solve(&self, h: f64, ports: &[ModulePort], input: InputStage) -> Result<(Voltages, Lines), Refused> {
        let mut guess = self.volts.at_devices();
        let mut strides = Strides::default();
        for _ in 0..ITERATIONS {
            let lines = self.linearise(h, &guess, ports, input);
            let next = self.reduce(h, &lines, ports).ok_or(Refused::NoSolution)?;
            if strides.walk(&mut guess, &next.at_devices()) < CONVERGED {
                return if self.resolved(h, &next) { Ok((next, lines)) } else { Err(Refused::Moved) };
            }
        }
        Err(Refused::NoSolution)
    }

    /// Far moves are only taken in the shortest steps.
    fn resolved(&self, h: f64, next: &Voltages) -> bool {
        h <= STEP_MIN || self.capacitor_move(next) <= MOVE_MAX.min(MOVE_TIME_MAX / h)
    }

    fn capacitor_move(&self, next: &Voltages) -> f64 {
        let outside =
            (next.chain[B] - self.volts.chain[B]).abs().max((next.chain[X] - self.volts.chain[X]).abs());
        let modules = next.module.iter().zip(&self.volts.module).take(self.modules);
        modules.fold(outside, |most, (a, b)| most.max((a - b).abs()))
    }

    fn first(&self) -> usize {
        MODULES - self.modules
    }

    fn linearise(&self, h: f64, at: &[f64; DEVICES], ports: &[ModulePort], input: InputStage) -> Lines {
        let mut lines = Lines { input: self.input_line(at[MODULES], input), ..Lines::default() };
        let share = h / (h + self.pcu.lag);
        for (module, port) in ports.iter().enumerate() {
            let volts = at[module];
            lines.stage[module] = stage_line(port, volts, share, self.pcu.rated_current);
            if port.diode_from > volts {
                let slope = 1.0 / self.pcu.diode_path;
                lines.diode[module] = Line { current: (volts - port.diode_from) * slope, slope, at: volts };
            }
        }
        lines
    }

    /// Current out of the inverter's capacitor into its stage: negative while it charges the battery.
    fn input_line(&self, volts: f64, stage: InputStage) -> Line {
        let (low, low_slope) = ramp(volts, self.input.under_voltage.1, self.input.under_voltage.0);
        let (high, high_slope) = ramp(volts, self.input.over_voltage.0, self.input.over_voltage.1);
        let (own, own_slope) = ramp(volts, self.input.auxiliary.0, self.input.auxiliary.1);
        let (fold, fold_slope) = if stage.request > 0.0 {
            (low * (1.0 - high), low_slope * (1.0 - high) - low * high_slope)
        } else {
            (low, low_slope)
        };
        let watts = stage.auxiliary * own - stage.request * fold;
        let watts_slope = stage.auxiliary * own_slope - stage.request * fold_slope;
        let per_volt = 1.0 / volts.max(1.0);
        let current = watts * per_volt;
        Line { current, slope: (watts_slope - current) * per_volt, at: volts }
    }

    /// Reduces the tree to its last node and goes back: every node as a Norton source behind its branch.
    fn reduce(&self, h: f64, lines: &Lines, ports: &[ModulePort]) -> Option<Voltages> {
        let per_step = 1.0 / h;
        let mut own = [0.0; CHAIN];
        let mut source = [0.0; CHAIN];
        for k in 0..CHAIN {
            let store = self.capacity[k] * per_step;
            own[k] = self.ground[k] + store;
            source[k] = store * self.volts.chain[k];
        }
        own[X] += lines.input.slope;
        source[X] += lines.input.slope * lines.input.at - lines.input.current;
        let store = self.pcu.capacitor * per_step;
        let mut leaf_own = [0.0; MODULES];
        let mut leaf_source = [0.0; MODULES];
        for (module, port) in ports.iter().enumerate() {
            let (stage, diode) = (lines.stage[module], lines.diode[module]);
            leaf_own[module] = store + 1.0 / self.pcu.bleeder + stage.slope + diode.slope;
            leaf_source[module] = store * self.volts.module[module] + stage.slope * stage.at - stage.current
                + diode.slope * diode.at
                - diode.current;
            let share = port.leaf / (leaf_own[module] + port.leaf);
            own[terminal(module)] += leaf_own[module] * share;
            source[terminal(module)] += leaf_source[module] * share;
        }
        let first = self.first();
        for k in first..X {
            let total = own[k] + self.conductance[k];
            if total <= 0.0 {
                return None;
            }
            let share = self.conductance[k] / total;
            own[k + 1] += own[k] * share;
            source[k + 1] += source[k] * share;
        }
        if own[X] <= 1e-12 {
            return None;
        }
        let mut next = self.volts;
        next.chain[X] = source[X] / own[X];
        for k in (first..X).rev() {
            next.chain[k] =
                (source[k] + self.conductance[k] * next.chain[k + 1]) / (own[k] + self.conductance[k]);
        }
        for (module, port) in ports.iter().enumerate() {
            next.module[module] = (leaf_source[module] + port.leaf * next.chain[terminal(module)])
                / (leaf_own[module] + port.leaf);
        }
        Some(next)
    }

    /// Books a step that was solved, and takes its voltages.
    fn book(
        &mut self,
        h: f64,
        next: &Voltages,
        lines: &Lines,
        ports: &mut [ModulePort],
        energy: &mut BusEnergy,
    ) {
        let mut mean = *next;
        for (mean, before) in mean.chain.iter_mut().zip(&self.volts.chain) {
            *mean = 0.5 * (*mean + before);
        }
        self.book_chain(h, next, &mean, energy);
        energy.inverter -= lines.input.at(next.chain[X]) * mean.chain[X] * h;
        for (module, port) in ports.iter_mut().enumerate() {
            let t = terminal(module);
            let outside = (next.chain[t], mean.chain[t]);
            self.book_module(h, module, next.module[module], outside, lines, port, energy);
        }
        self.volts = *next;
    }

    fn book_chain(&mut self, h: f64, next: &Voltages, mean: &Voltages, energy: &mut BusEnergy) {
        for k in self.first()..CHAIN {
            energy.capacitors += self.capacity[k] * (next.chain[k] - self.volts.chain[k]) * mean.chain[k];
            energy.bleeders += self.ground[k] * next.chain[k] * mean.chain[k] * h;
        }
        let short = self.switches.short * next.chain[O] * mean.chain[O] * h;
        energy.shorts += short;
        let insulation = self.switches.insulation * next.chain[B] * mean.chain[B] * h;
        energy.insulation += insulation;
        energy.bleeders -= short + insulation;
        // Towards the modules: positive while charging.
        let current = |k: usize| self.conductance[k] * (next.chain[k + 1] - next.chain[k]);
        let lost = |k: usize| current(k) * (mean.chain[k + 1] - mean.chain[k]) * h;
        energy.cables += (self.first()..X).filter(|&k| k != B).map(lost).sum::<f64>();
        let fuse = lost(B);
        energy.fuse += fuse;
        self.fuse_current = current(B);
        self.fuse_charge += self.fuse_current * h;
        // The element's heat from the energy that it took, less what it has given away since.
        let heated = self.fuse_heat + (fuse / self.parameters.fuse).max(0.0);
        self.fuse_heat = heated / (1.0 + h / self.parameters.fuse_time);
    }

    /// `outside`: voltage at its terminals after the step, and its mean.
    #[expect(clippy::too_many_arguments, reason = "one row of the books")]
    fn book_module(
        &self,
        h: f64,
        module: usize,
        after: f64,
        outside: (f64, f64),
        lines: &Lines,
        port: &mut ModulePort,
        energy: &mut BusEnergy,
    ) {
        let before = self.volts.module[module];
        let volts = 0.5 * (before + after);
        energy.capacitors += self.pcu.capacitor * (after - before) * volts;
        energy.bleeders += after / self.pcu.bleeder * volts * h;
        energy.cables += port.leaf * (outside.0 - after) * (outside.1 - volts) * h;
        let short = port.short * outside.0 * outside.1 * h;
        energy.shorts += short;
        energy.bleeders -= short;
        port.current = lines.stage[module].at(after);
        port.energy += port.current * volts * h;
        let diode = -lines.diode[module].at(after) * h;
        port.diode_charge += diode;
        port.diode_energy += diode * volts;
    }

    /// What acts by itself after a step: the fuse and the stages' own trips. True if something opened.
    fn watch(&mut self, ports: &mut [ModulePort]) -> bool {
        let mut opened = false;
        self.peak = self.peak.max(self.volts.chain[B]);
        if self.switches.fuse_intact && self.fuse_heat > self.parameters.fuse_i2t {
            self.switches.fuse_intact = false;
            self.conductance[B] = 0.0;
            opened = true;
        }
        for (module, port) in ports.iter_mut().enumerate() {
            let volts = self.volts.module[module];
            self.peak = self.peak.max(volts);
            let over_current = port.current.abs() > self.pcu.trip_current * self.pcu.rated_current;
            if port.stage != Stage::Off && (volts > self.pcu.trip_voltage || over_current) {
                port.stage = Stage::Off;
                port.current = 0.0;
                port.tripped = true;
                opened = true;
            }
        }
        opened
    }
}

/// Chain node of a module's terminals: module 0 sits next to the distribution unit.
const fn terminal(module: usize) -> usize {
    MODULES - 1 - module
}

/// 0 below `from`, 1 above `to`, and its slope.
fn ramp(x: f64, from: f64, to: f64) -> (f64, f64) {
    let slope = 1.0 / (to - from);
    let y = (x - from) * slope;
    if y <= 0.0 {
        (0.0, 0.0)
    } else if y >= 1.0 {
        (1.0, 0.0)
    } else {
        (y, slope)
    }
}

/// Current that a stage takes out of its capacitor. `share` is how far its current loop gets in this step.
fn stage_line(port: &ModulePort, volts: f64, share: f64, rated: f64) -> Line {
    let (target, slope) = match port.stage {
        Stage::Off => return Line { at: volts, ..Line::default() },
        Stage::Droop { set_point, conductance, dead_band, discharge_max, charge_max } => {
            let above = volts - set_point;
            let beyond = above - above.clamp(-dead_band, dead_band);
            let current = beyond * conductance;
            if current > charge_max {
                (charge_max, 0.0)
            } else if current < -discharge_max {
                (-discharge_max, 0.0)
            } else if beyond == 0.0 && dead_band > 0.0 {
                (0.0, 0.0)
            } else {
                (current, conductance)
            }
        }
        Stage::Runaway { watts } => {
            let current = watts / volts.max(50.0);
            let most = 2.0 * rated;
            if current.abs() > most {
                (most.copysign(watts), 0.0)
            } else {
                (current, -current / volts.max(50.0))
            }
        }
    };
    let current = port.current + share * (target - port.current);
    Line { current, slope: share * slope, at: volts }
}
