//! The tower: modules, bus, distribution unit, and the inverter's battery input behind BAT OUT.

use crate::ageing::Ageing;
use crate::broken::BduSensors;
use crate::bus::{Bus, BusEnergy, InputStage, ModulePort, Stage, Switches};
use crate::cell::{Chemistry, Decay};
use crate::drive::{BduDrive, ModuleDrive, Supply};
use crate::fault::Fault;
use crate::flash::Flash;
use crate::insulation::Insulation;
use crate::ledger::EnergyLedger;
use crate::measure::Board;
use crate::module::{Feed, Module, Work};
use crate::noise::Noise;
use crate::reading::{BduReading, ModuleReading};
use crate::state::ModuleState;
use crate::switch::Switch;
use crate::truth::{ModuleTruth, TowerTruth};
use crate::{MODULES, TowerParameters};

/// Cells take at most this step, s: their nonlinear voltages stay close to the line that the current is computed with.
const CELL_STEP: f64 = 10.0;
/// Electronics of the distribution unit, on and asleep, W: contactor-free, a microcontroller, two CAN drivers, lights.
const BDU_ON: f64 = 1.5;
const BDU_SLEEP: f64 = 0.05;
/// Its COM transceiver in standby, which hears a wake-up, W: 10 to 20 uA of 5 V by data sheets (TJA1044, TCAN1044),
/// with the supply that must stay on for it 1 mW. Ours.
const COM_RECEIVER: f64 = 0.001;
/// Streams of the random generator: modules take the first ones.
const BDU_STREAM: u64 = 99;

/// How a module begins.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleSetup {
    /// Mean state of charge, 0 to 1.
    pub soc: f64,
    /// Capacity that is left, 1.0 when new.
    pub health: f64,
    /// Resistance against a new module's, 1.0 when new.
    pub resistance_growth: f64,
    /// Temperature of cells and case, degC.
    pub temperature: f64,
    /// Draws the spread of its cells and the errors of its sensors.
    pub seed: u64,
    /// How its cells age.
    pub ageing: Ageing,
    /// A used module: its cells come from here, and charge, health, growth and temperature above are not asked.
    pub state: Option<Box<ModuleState>>,
}

impl Default for ModuleSetup {
    fn default() -> Self {
        Self {
            soc: 0.5,
            health: 1.0,
            resistance_growth: 1.0,
            temperature: 25.0,
            seed: 0,
            ageing: Ageing::default(),
            state: None,
        }
    }
}

/// How a tower begins: switched off, DC switch closed, all capacitors empty.
#[derive(Debug, Clone, PartialEq)]
pub struct TowerSetup {
    /// One to four modules, from the distribution unit; the caller has checked the number.
    pub modules: Vec<ModuleSetup>,
    /// Ambient temperature, degC.
    pub ambient: f64,
    /// Draws the errors of the distribution unit's sensors.
    pub seed: u64,
}

/// The power stage of a hybrid inverter's battery input.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct InverterInput {
    request: f64,
    auxiliary: f64,
    voltage: f64,
    power: f64,
    insulation: f64,
}

impl InverterInput {
    /// Insulation of both poles to ground as the inverter reads it, ohm, up to the end of its range; with the DC switch
    /// open it sees no more than its own cable and reads that end.
    #[must_use]
    pub fn insulation(&self) -> f64 {
        self.insulation
    }

    /// Power that the inverter's control asks of the stage, W at the DC terminals, positive while charging. The
    /// stage folds it back towards its own voltage limits.
    pub fn request(&mut self, watts: f64) {
        self.request = watts;
    }

    /// Power that the inverter draws for itself from this input, W, while its voltage is above 150 V.
    pub fn set_auxiliary(&mut self, watts: f64) {
        self.auxiliary = watts;
    }

    /// Voltage at its terminals, V.
    #[must_use]
    pub fn voltage(&self) -> f64 {
        self.voltage
    }

    /// Mean power of the last step, W, positive while charging; its own consumption included.
    #[must_use]
    pub fn power(&self) -> f64 {
        self.power
    }
}

/// A tower of one to four modules with the inverter's battery input.
#[derive(Debug, Clone)]
pub struct Tower {
    chemistry: Chemistry,
    modules: Vec<Module>,
    bus: Bus,
    insulation: Insulation,
    bdu: BduDrive,
    board: Board,
    sensors: BduSensors,
    flash: Flash,
    input: InverterInput,
    ambient: f64,
    decay: Decay,
    before: [Situation; MODULES],
    switch_closed: bool,
    switch_cycles: u32,
    switch: Switch,
    switch_delay: f64,
    switch_welded: bool,
    auxiliary_broken: bool,
    mean_current: f64,
    ledger: EnergyLedger,
}

/// What, when it changes, begins a transient.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Situation {
    leaf: f64,
    short: f64,
    switching: bool,
    fed: bool,
}

impl Situation {
    fn of(port: &ModulePort) -> Self {
        Self {
            leaf: port.leaf,
            short: port.short,
            switching: port.stage != Stage::Off,
            fed: port.diode_from > 0.0,
        }
    }
}

impl Tower {
    /// A tower of these parameters. Modules after the fourth are left out.
    #[must_use]
    pub fn new(parameters: &TowerParameters, setup: &TowerSetup) -> Self {
        let chemistry = Chemistry::new(&parameters.cell);
        let module = |(stream, module)| Module::new(parameters, &chemistry, module, setup.ambient, stream);
        let modules: Vec<Module> = (0_u64..).zip(setup.modules.iter().take(MODULES)).map(module).collect();
        let insulation = Insulation::new(&parameters.insulation, modules.len());
        let mut bus = Bus::new(&parameters.bus, &parameters.input, &parameters.pcu, modules.len());
        bus.set_switches(Switches { insulation: insulation.solution().current, ..bus.switches() });
        Self {
            bus,
            insulation,
            chemistry,
            modules,
            bdu: BduDrive::default(),
            board: Board::new(&parameters.sensors, Noise::new(setup.seed, BDU_STREAM)),
            sensors: BduSensors::default(),
            flash: Flash::new(setup.seed ^ BDU_STREAM),
            input: InverterInput::default(),
            ambient: setup.ambient,
            decay: Decay::default(),
            before: [Situation::default(); MODULES],
            switch_closed: true,
            switch_cycles: 0,
            switch: Switch::new(true),
            switch_delay: 0.0,
            switch_welded: false,
            auxiliary_broken: false,
            mean_current: 0.0,
            ledger: EnergyLedger::default(),
        }
    }

    /// Modules that the tower was built with, plugged or not.
    #[must_use]
    pub fn module_count(&self) -> usize {
        self.modules.len()
    }

    /// Sets a module's pins, held until changed. A module that does not exist is ignored.
    pub fn drive_module(&mut self, module: usize, drive: &ModuleDrive) {
        if let Some(module) = self.modules.get_mut(module) {
            module.drive(drive);
        }
    }

    /// Sets the distribution unit's supply.
    pub fn drive_bdu(&mut self, drive: &BduDrive) {
        self.bdu = *drive;
    }

    /// Turns the DC switch.
    pub fn set_dc_switch(&mut self, closed: bool) {
        self.switch_closed = closed;
        self.settle_dc_switch(0.0);
    }

    /// The contacts follow the handle, at the beginning of a step of `dt` seconds.
    fn settle_dc_switch(&mut self, dt: f64) {
        let mut switches = self.bus.switches();
        let closed = self.switch.follow(self.switch_closed, self.switch_delay, dt);
        let closed = closed || self.switch_welded;
        self.switch_cycles += u32::from(closed && !switches.dc_closed);
        switches.dc_closed = closed;
        self.bus.set_switches(switches);
    }

    /// The battery input of the inverter.
    pub fn input_mut(&mut self) -> &mut InverterInput {
        &mut self.input
    }

    /// The battery input of the inverter.
    #[must_use]
    pub fn input(&self) -> &InverterInput {
        &self.input
    }

    /// The flash on a module's board.
    pub fn module_flash_mut(&mut self, module: usize) -> Option<&mut Flash> {
        self.modules.get_mut(module).map(|module| &mut module.flash)
    }

    /// The same, to look at.
    #[must_use]
    pub fn module_flash(&self, module: usize) -> Option<&Flash> {
        self.modules.get(module).map(|module| &module.flash)
    }

    /// The flash on the BDU's board, to look at.
    #[must_use]
    pub const fn bdu_flash(&self) -> &Flash {
        &self.flash
    }

    /// The flash on the distribution unit's board.
    pub fn bdu_flash_mut(&mut self) -> &mut Flash {
        &mut self.flash
    }

    /// Temperature around the tower, degC.
    pub fn set_ambient(&mut self, celsius: f64) {
        self.ambient = celsius;
    }

    /// Everything moves on by `dt` seconds, 1 ms to 60 s; transients of the bus are resolved inside.
    pub fn step(&mut self, dt: f64) {
        let steps = (dt / CELL_STEP).ceil().max(1.0);
        let h = dt / steps;
        self.decay.refresh(h, &self.chemistry.parameters);
        self.settle_dc_switch(dt);
        let mut ports = [ModulePort::default(); MODULES];
        let count = self.modules.len();
        let ports = &mut ports[..count];
        for (place, (module, port)) in self.modules.iter_mut().zip(ports.iter_mut()).enumerate() {
            *port = module.port(&self.decay, self.bus.module_voltage(place), dt);
            let situation = Situation::of(port);
            if situation != self.before[place] {
                self.before[place] = situation;
                self.bus.disturb();
            }
        }
        let stage = InputStage { request: self.input.request, auxiliary: self.input.auxiliary };
        let energy = self.bus.advance(dt, ports, stage);
        self.book_bus(dt, &energy);
        let work = Work {
            chemistry: &self.chemistry,
            decay: &self.decay,
            h,
            steps: steps as u32,
            ambient: self.ambient,
            feed: self.feed(),
        };
        for (module, port) in self.modules.iter_mut().zip(ports.iter()) {
            module.advance(&work, port, &mut self.ledger);
        }
    }

    fn book_bus(&mut self, dt: f64, energy: &BusEnergy) {
        self.ledger.inverter += energy.inverter;
        self.ledger.capacitors += energy.capacitors;
        self.ledger.bleeders += energy.bleeders;
        self.ledger.cables += energy.cables;
        self.ledger.fuse += energy.fuse;
        self.ledger.shorts += energy.shorts;
        self.ledger.insulation += energy.insulation;
        self.input.power = energy.inverter / dt;
        self.input.voltage = self.bus.input_voltage();
        let end = self.insulation.reading_max();
        let seen = self.bus.switches().dc_closed && self.bus.switches().fuse_intact;
        self.input.insulation = if seen { self.insulation.solution().ohms.min(end) } else { end };
        self.mean_current = self.bus.charge() / dt;
    }

    /// What the distribution unit draws from each module that can feed it.
    fn feed(&self) -> Feed {
        let watts = match self.bdu.power {
            Supply::Off => 0.0,
            Supply::Sleep => BDU_SLEEP + COM_RECEIVER,
            Supply::On => BDU_ON,
        };
        let those = |feeds: fn(&Module) -> bool| self.modules.iter().filter(|module| feeds(module)).count();
        match those(Module::feeds_awake) {
            0 => Feed { awake: 0.0, asleep: watts / those(Module::feeds).max(1) as f64 },
            awake => Feed { awake: watts / awake as f64, asleep: 0.0 },
        }
    }

    /// One sample of a module's electronics, with all errors; of a module that does not exist, the last module's.
    ///
    /// # Panics
    /// If the tower has no module.
    pub fn sample_module(&mut self, module: usize) -> ModuleReading {
        let place = module.min(self.modules.len().saturating_sub(1));
        self.modules[place].sample(&self.bus, place, self.ambient)
    }

    /// One sample of the distribution unit's electronics.
    pub fn sample_bdu(&mut self) -> BduReading {
        let read = [
            self.board.bus(0, self.bus.before_fuse()),
            self.board.bus(1, self.bus.after_fuse()),
            self.board.bus(2, self.bus.outside()),
            self.board.bus_current(self.bus.current()),
        ];
        let [before_fuse, after_fuse, outside, current] = self.sensors.falsify(read);
        BduReading {
            before_fuse,
            after_fuse,
            outside,
            current,
            dc_switch_closed: self.switch_closed && !self.auxiliary_broken,
        }
    }

    /// Breaks something.
    pub fn inject(&mut self, fault: Fault) {
        self.set_fault(&fault, true);
    }

    /// Repairs what this fault broke; its amounts do not matter, its place does.
    pub fn repair(&mut self, fault: Fault) {
        self.set_fault(&fault, false);
    }

    fn set_fault(&mut self, fault: &Fault, broken: bool) {
        let mut switches = self.bus.switches();
        match *fault {
            Fault::FuseBlown => switches.fuse_intact = !broken,
            Fault::BusShort { ohms } => switches.short = if broken { 1.0 / ohms.max(1e-3) } else { 0.0 },
            Fault::DcSwitchAux => self.auxiliary_broken = broken,
            Fault::DcSwitchWelded => self.switch_welded = broken,
            Fault::DcSwitchSlow { seconds } => self.switch_delay = if broken { seconds } else { 0.0 },
            Fault::Flash { module: None, defect } => self.flash.set_defect(defect, broken),
            Fault::Flash { module: Some(module), defect } => {
                if let Some(flash) = self.module_flash_mut(module) {
                    flash.set_defect(defect, broken);
                }
            }
            Fault::BduSensorOffset { .. } | Fault::BduSensorStuck { .. } | Fault::BduSensorLost { .. } => {
                self.sensors.set(fault, broken);
            }
            ref fault => {
                self.set_module_fault(fault, broken);
                self.insulation.set(fault, broken);
                switches.insulation = self.insulation.solution().current;
            }
        }
        self.bus.set_switches(switches);
        self.settle_dc_switch(0.0);
    }

    fn set_module_fault(&mut self, fault: &Fault, broken: bool) {
        if let Some(module) = fault.module().and_then(|module| self.modules.get_mut(module)) {
            module.set_fault(&self.chemistry, fault, broken);
        }
    }

    /// Where the energy went since the start.
    #[must_use]
    pub fn energy(&self) -> EnergyLedger {
        let mut ledger = self.ledger;
        self.modules.iter().for_each(|module| module.book_cells(&mut ledger));
        ledger
    }

    /// A module's cells as they are, for a file.
    #[must_use]
    pub fn module_state(&self, module: usize) -> Option<ModuleState> {
        Some(self.modules.get(module)?.state(&self.chemistry))
    }

    /// The truth about everything.
    #[must_use]
    pub fn truth(&self) -> TowerTruth {
        TowerTruth {
            modules: core::array::from_fn(|place| {
                self.modules.get(place).map(|module| {
                    let (insulation, volts) = (self.insulation.solution(), self.bus.before_fuse());
                    ModuleTruth {
                        case_voltage: insulation.cases[place] * volts,
                        earth_current: insulation.earth[place] * volts,
                        ..module.truth(&self.bus, place, self.ambient)
                    }
                })
            }),
            insulation: self.insulation.solution().ohms,
            bus_voltage: self.bus.before_fuse(),
            after_fuse_voltage: self.bus.after_fuse(),
            outside_voltage: self.bus.outside(),
            input_voltage: self.bus.input_voltage(),
            current: self.mean_current,
            power: self.input.power,
            dc_switch_cycles: self.switch_cycles,
            fuse_intact: self.bus.switches().fuse_intact,
            fuse_i2t: self.bus.fuse_i2t(),
            peak_bus_voltage: self.bus.peak(),
        }
    }
}
