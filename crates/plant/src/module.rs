//! A battery module: cells, MOSFETs, supply, converter, heat, and the board that measures them.

use crate::afe::{Pace, SecondPath, Seen};
use crate::ageing::CellAge;
use crate::broken::Broken;
use crate::bus::{Bus, ModulePort, Stage};
use crate::cell::{CellSetup, CellString, Chemistry, Decay, Thevenin};
use crate::drive::{Comparator, ModuleDrive, Supply};
use crate::fault::Fault;
use crate::flash::Flash;
use crate::heat::{Surroundings, Warmth};
use crate::ledger::EnergyLedger;
use crate::life::Life;
use crate::measure::{Board, Conversion, Thermistor};
use crate::noise::Noise;
use crate::parameters::{ModuleParameters, PcuParameters};
use crate::reading::{ModuleReading, PcuReading};
use crate::state::ModuleState;
use crate::switch::{Bounce, Switch};
use crate::tower::ModuleSetup;
use crate::truth::ModuleTruth;
use crate::{CELL_SENSORS, CELLS, TowerParameters};

use std::collections::VecDeque;

/// Heat moves slowly: cells exchange it, and their parameters follow, at most this often, s.
const HEAT_STEP: f64 = 1.0;
/// What the link holds is moved to the pack over at least this time, s.
const LINK_TIME: f64 = 1.0;
/// Share of the case's warmth over ambient that the sensor in the case's air sees.
const AIR_SHARE: f64 = 0.3;
/// Full switching losses from this power up, W, when the stage may skip pulses.
const SKIPPING_UNTIL: f64 = 100.0;
/// Bus voltage that the map of the converter's losses holds for, V.
const RATED_BUS_VOLTAGE: f64 = 400.0;

/// One step for a module.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) chemistry: &'a Chemistry,
    pub(crate) decay: &'a Decay,
    /// Length of a cell step, s.
    pub(crate) h: f64,
    pub(crate) steps: u32,
    pub(crate) ambient: f64,
    /// What the distribution unit draws.
    pub(crate) feed: Feed,
}

/// What the distribution unit draws from one module, W. Each has a switch in its way to the Link cable that its own
/// supply closes; a tower in which all are off feeds the watch over the switch through high resistors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Feed {
    /// From one that is on.
    pub(crate) awake: f64,
    /// From one that is off or asleep.
    pub(crate) asleep: f64,
}

/// The module: what it is, what drives it, what is broken, and its state.
#[derive(Debug, Clone)]
pub(crate) struct Module {
    cells: CellString,
    life: Life,
    pub(crate) flash: Flash,
    parameters: ModuleParameters,
    pcu: PcuParameters,
    plug: f64,
    swapped: f64,
    drive: ModuleDrive,
    broken: Broken,
    warmth: Warmth,
    board: Board,
    conversion: Conversion,
    conversions: u32,
    pace: Pace,
    second_path: SecondPath,
    /// What a late AFE has yet to give out, the oldest first.
    late: VecDeque<Conversion>,
    stage_tripped: bool,
    charge_switch: Switch,
    discharge_switch: Switch,
    relay: Switch,
    bounce: Bounce,
    charge_closed: bool,
    discharge_closed: bool,
    relay_closed: bool,
    relay_cycles: u32,
    alive: bool,
    link: f64,
    pack_voltage: f64,
    pack_current: f64,
    low_current: f64,
    pack_power: f64,
    bus_power: f64,
    stage_current: f64,
    capacitor_voltage: f64,
}

impl Module {
    pub(crate) fn new(
        parameters: &TowerParameters,
        chemistry: &Chemistry,
        setup: &ModuleSetup,
        ambient: f64,
        stream: u64,
    ) -> Self {
        let cell_setup = CellSetup {
            soc: setup.soc,
            health: setup.health.max(1.0),
            resistance_growth: 1.0,
            temperature: setup.temperature,
            busbars: parameters.module.busbars,
        };
        let mut cells = CellString::new(chemistry, &cell_setup, setup.seed, 2 * stream);
        let life = begin(setup, chemistry, &mut cells);
        let pack_voltage = cells.string_voltage(0.0);
        let mut warmth = Warmth::new(parameters, setup.temperature, ambient);
        if let Some(state) = &setup.state {
            warmth.case = state.case_temperature;
            warmth.mosfets = state.mosfet_temperature;
            warmth.heat_sink = state.heat_sink_temperature;
        }
        Self {
            cells,
            life,
            flash: Flash::new(setup.seed),
            parameters: parameters.module.clone(),
            pcu: parameters.pcu.clone(),
            plug: parameters.bus.terminal,
            swapped: parameters.bus.reversed,
            drive: ModuleDrive::default(),
            broken: Broken::default(),
            warmth,
            board: Board::new(&parameters.sensors, Noise::new(setup.seed, 2 * stream + 1)),
            conversion: Conversion::default(),
            conversions: 0,
            pace: Pace::new(&parameters.afe, setup.seed, stream),
            second_path: SecondPath::default(),
            late: VecDeque::new(),
            stage_tripped: false,
            charge_switch: Switch::default(),
            discharge_switch: Switch::default(),
            relay: Switch::default(),
            bounce: Bounce::default(),
            charge_closed: false,
            discharge_closed: false,
            relay_closed: false,
            relay_cycles: 0,
            alive: true,
            link: 0.0,
            pack_voltage,
            pack_current: 0.0,
            low_current: 0.0,
            pack_power: 0.0,
            bus_power: 0.0,
            stage_current: 0.0,
            capacitor_voltage: 0.0,
        }
    }

    /// The cells as they are, for a file.
    pub(crate) fn state(&self, chemistry: &Chemistry) -> ModuleState {
        let mut life = self.life.clone();
        life.tell(&self.cells);
        ModuleState {
            cell: chemistry.parameters.name.clone(),
            case_temperature: self.warmth.case,
            mosfet_temperature: self.warmth.mosfets,
            heat_sink_temperature: self.warmth.heat_sink,
            cells: self.cells.state(&life.new_capacity),
            meter: life.meter,
            age: life.ages,
        }
    }

    pub(crate) fn drive(&mut self, drive: &ModuleDrive) {
        let changed = drive.balancing != self.drive.balancing || drive.power != self.drive.power;
        self.drive = *drive;
        if changed {
            self.settle_balancing();
        }
    }

    fn settle_balancing(&mut self) {
        let powered = self.drive.power != Supply::Off;
        let switches = if powered { self.broken.balanced(self.drive.balancing) } else { 0 };
        self.cells.set_balancing(switches, 1.0 / self.parameters.balancing);
    }

    /// Breaks something, or repairs it.
    pub(crate) fn set_fault(&mut self, chemistry: &Chemistry, fault: &Fault, broken: bool) {
        match *fault {
            Fault::InternalShort { cell, ohms, .. } => {
                self.cells.set_short(cell, if broken { 1.0 / ohms.max(1e-4) } else { 0.0 });
            }
            Fault::WeakCell { cell, capacity_share, .. } => {
                let share = if broken { capacity_share.max(1e-3) } else { 1.0 };
                self.life.weaken(cell, share);
                self.life.settle(&mut self.cells);
            }
            Fault::LostContact { cell, ohms, .. } => {
                self.cells.set_contact(cell, if broken { ohms.max(0.0) } else { 0.0 });
                self.broken.set(fault, broken);
            }
            Fault::SensorSwapped { .. } => {
                self.broken.set(fault, broken);
                self.settle_balancing();
            }
            ref other => self.broken.set(other, broken),
        }
        self.cells.refresh(chemistry);
    }

    /// The module can feed the distribution unit's electronics.
    pub(crate) fn feeds(&self) -> bool {
        self.alive && !self.broken.unplugged
    }

    /// It would feed it before others do.
    pub(crate) fn feeds_awake(&self) -> bool {
        self.feeds() && self.drive.power == Supply::On
    }

    /// Which switches conduct now; the comparator and lost gates act here.
    fn settle_switches(&mut self, dt: f64) {
        self.alive = self.pack_voltage > self.parameters.supply_dropout;
        let powered = self.alive && self.drive.power != Supply::Off;
        self.pace.pass(dt, powered);
        let programmed = powered && !self.broken.comparator_stuck;
        self.second_path.registers = if programmed { self.drive.comparator } else { Comparator::default() };
        let seen = self.seen_by_second_path();
        self.second_path.watch(&seen, powered, self.drive.comparator_reset, dt);
        if !(self.drive.pcu.gate && powered) {
            self.stage_tripped = false;
        }
        let (broken, drive, status) = (&self.broken, &self.drive, self.second_path.status);
        let charge = powered && !status.opens_charge() && drive.charge_mosfet;
        let discharge = powered && !status.opens_discharge() && drive.discharge_mosfet;
        let charge = self.charge_switch.follow(charge, broken.charge_delay, dt);
        let discharge = self.discharge_switch.follow(discharge, broken.discharge_delay, dt);
        let coil = self.alive && drive.power == Supply::On && drive.pcu.relay;
        let relay = self.relay.follow(coil, broken.relay_delay, dt);
        let relay = self.bounce.touch(relay, broken.relay_bounce, dt);
        self.charge_closed = broken.charge_welded || (charge && !broken.charge_stuck_open);
        self.discharge_closed = broken.discharge_welded || (discharge && !broken.discharge_stuck_open);
        let relay = broken.relay_welded || (relay && !broken.relay_stuck_open);
        self.relay_cycles += u32::from(relay && !self.relay_closed);
        self.relay_closed = relay;
    }

    fn seen_by_second_path(&self) -> Seen {
        let least = |row: &[f64; CELLS]| row.iter().copied().fold(f64::INFINITY, f64::min);
        let most = |row: &[f64; CELLS]| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let volts = &self.cells.voltage;
        Seen {
            volts: (least(volts), most(volts)),
            hottest: most(&self.cells.temperature),
            amps: self.pack_current,
        }
    }

    /// The module's side of the bus for the next step, of `dt` seconds.
    pub(crate) fn port(&mut self, decay: &Decay, capacitor_voltage: f64, dt: f64) -> ModulePort {
        self.capacitor_voltage = capacitor_voltage;
        self.settle_switches(dt);
        let stage = self.stage(decay, capacitor_voltage);
        let joined = self.relay_closed && !self.broken.unplugged;
        let resistance = self.pcu.relay + self.plug + self.broken.terminal_resistance;
        let running = stage != Stage::Off;
        ModulePort {
            stage,
            diode_from: if self.discharge_closed { self.pack_voltage - self.pcu.diode_drop } else { 0.0 },
            leaf: if joined && !self.broken.reversed { 1.0 / resistance } else { 0.0 },
            short: if joined && self.broken.reversed { 1.0 / self.swapped } else { 0.0 },
            current: if running { self.stage_current } else { 0.0 },
            ..ModulePort::default()
        }
    }

    fn stage(&self, decay: &Decay, capacitor_voltage: f64) -> Stage {
        let drive = &self.drive.pcu;
        let supplied =
            self.alive && self.drive.power == Supply::On && self.pack_voltage > self.pcu.under_voltage;
        let path = self.charge_closed || self.discharge_closed;
        if !(drive.gate && supplied && path) || self.stage_tripped || self.broken.dead {
            return Stage::Off;
        }
        if let Some(watts) = self.broken.runaway {
            let open = if watts > 0.0 { self.charge_closed } else { self.discharge_closed };
            return if open { Stage::Runaway { watts } } else { Stage::Off };
        }
        let (charge_watts, discharge_watts) = self.pack_power_limits(self.cells.thevenin(decay));
        let per_volt = 1.0 / capacitor_voltage.max(50.0);
        Stage::Droop {
            set_point: drive.set_point,
            conductance: 1.0 / drive.droop.max(1e-3),
            dead_band: drive.dead_band.max(0.0),
            discharge_max: drive.discharge_current_max.clamp(0.0, discharge_watts * per_volt),
            charge_max: drive.charge_current_max.clamp(0.0, charge_watts * per_volt),
        }
    }

    /// Power that the stage's fold-back on the pack side allows, charging and discharging, W.
    fn pack_power_limits(&self, pack: Thevenin) -> (f64, f64) {
        let room = |edge: f64, to_edge: f64| edge * to_edge.max(0.0) / pack.ohms;
        let charge = room(self.pcu.fold_back_high, self.pcu.fold_back_high - pack.volts);
        let discharge = 0.95 * room(self.pcu.fold_back_low, pack.volts - self.pcu.fold_back_low);
        (if self.charge_closed { charge } else { 0.0 }, if self.discharge_closed { discharge } else { 0.0 })
    }

    /// What the bus moved becomes pack current and heat.
    pub(crate) fn advance(&mut self, work: &Work<'_>, port: &ModulePort, ledger: &mut EnergyLedger) {
        let dt = work.h * f64::from(work.steps);
        let loss = self.converter_loss(port, dt);
        let through_diodes = port.diode_charge * self.pack_voltage;
        let lost = loss + through_diodes - port.diode_energy;
        ledger.converters += lost;
        ledger.heat_made += lost;
        let asked = (port.energy - loss - through_diodes) / dt;
        self.bus_power = (port.energy - port.diode_energy) / dt;
        self.stage_current = port.current;
        self.stage_tripped |= port.tripped;
        self.pack_power = 0.0;
        for _ in 0..work.steps {
            self.warmth.heat_sink_heat += lost / f64::from(work.steps);
            self.move_charge(work, asked, ledger);
            self.pass_heat(work, ledger);
        }
        self.pack_power /= f64::from(work.steps);
    }

    /// Energy that the converter loses in a step, J.
    fn converter_loss(&self, port: &ModulePort, dt: f64) -> f64 {
        if port.stage == Stage::Off && !port.tripped {
            return 0.0;
        }
        let watts = (port.energy / dt).abs();
        let skipping = self.drive.pcu.dead_band > 0.0 && self.broken.runaway.is_none();
        let awake = if skipping { (watts / SKIPPING_UNTIL).min(1.0) } else { 1.0 };
        let map = self.pcu.loss.at(port.energy / dt, self.pack_voltage);
        // Magnetising current and gate drive go with the square of the bus voltage; pulses that are skipped save them.
        let level = self.capacitor_voltage / RATED_BUS_VOLTAGE;
        let idle = self.pcu.loss.idle(self.pack_voltage);
        let switching = (idle * level * level - self.pcu.loss_skipping) * awake + self.pcu.loss_skipping;
        let loss = (map - idle + switching + self.broken.efficiency_loss * watts) * dt;
        // With the way out of the pack blocked only the bus feeds the stage.
        if self.discharge_closed { loss } else { loss.min(port.energy.max(0.0)) }
    }

    fn move_charge(&mut self, work: &Work<'_>, asked: f64, ledger: &mut EnergyLedger) {
        let h = work.h;
        let electronics = self.electronics_watts(work.feed) / self.pack_voltage.max(1.0);
        let pack = self.cells.thevenin(work.decay);
        let (low, drop) = self.low_side_current(
            asked + self.link / h.max(LINK_TIME),
            pack.ohms,
            pack.volts - pack.ohms * electronics,
        );
        let volts = self.cells.step(work.chemistry, work.decay, low - electronics);
        let mosfets = (self.parameters.mosfets * low.abs() + drop) * low.abs() * h;
        let supply = volts * electronics * h;
        let moved = asked * h - volts * low * h - mosfets;
        self.link += moved;
        self.life.note(low - electronics, h);
        self.low_current = low;
        self.pack_current = low - electronics;
        self.pack_voltage = self.cells.string_voltage(self.pack_current);
        self.pack_power += volts * self.pack_current;
        let (board, converter) = self.own_shares(work.feed);
        let made = mosfets + supply * (board + converter);
        self.warmth.case_heat += supply * board;
        self.warmth.heat_sink_heat += supply * converter;
        self.warmth.mosfet_heat += mosfets;
        ledger.links += moved;
        ledger.mosfets += mosfets;
        ledger.electronics += supply;
        ledger.heat_made += made;
    }

    /// What the electronics of the board and those of the converter draw, W.
    fn own_watts(&self) -> (f64, f64) {
        match self.drive.power {
            Supply::Off => (self.parameters.supply_off, 0.0),
            Supply::Sleep => (self.parameters.supply_sleep, 0.0),
            Supply::On => (self.parameters.supply_on, self.pcu.standby),
        }
    }

    /// Electronics with this module's part of the distribution unit's, W.
    fn electronics_watts(&self, feed: Feed) -> f64 {
        let feed = match self.drive.power {
            _ if self.broken.unplugged => 0.0,
            Supply::On => feed.awake,
            Supply::Off | Supply::Sleep => feed.asleep,
        };
        let (board, converter) = self.own_watts();
        if self.alive { board + converter + feed } else { 0.0 }
    }

    /// Shares of the electronics' power that are spent on this module's board and in its converter.
    fn own_shares(&self, feed: Feed) -> (f64, f64) {
        let total = self.electronics_watts(feed);
        let (board, converter) = self.own_watts();
        if total > 0.0 { (board / total, converter / total) } else { (0.0, 0.0) }
    }

    /// Current behind the MOSFETs for a power there, and the body diode's drop on its way.
    fn low_side_current(&self, watts: f64, ohms: f64, volts: f64) -> (f64, f64) {
        let (open, other) = if watts > 0.0 {
            (self.charge_closed, self.discharge_closed)
        } else {
            (self.discharge_closed, self.charge_closed)
        };
        if !open {
            return (0.0, 0.0);
        }
        let drop = if other { 0.0 } else { self.parameters.diode };
        let volts = volts + drop.copysign(watts);
        if volts <= 0.0 {
            return (0.0, drop);
        }
        let resistance = ohms + self.parameters.mosfets;
        let root = (volts * volts + 4.0 * resistance * watts).max(0.0).sqrt();
        (2.0 * watts / (volts + root), drop)
    }

    fn pass_heat(&mut self, work: &Work<'_>, ledger: &mut EnergyLedger) {
        self.warmth.waited += work.h;
        if self.warmth.waited < HEAT_STEP {
            return;
        }
        let dt = self.warmth.waited;
        self.warmth.waited = 0.0;
        let heat = self.cells.take_heat();
        self.warm_case_by_balancing(ledger);
        let surroundings = Surroundings {
            ambient: self.air_around(work.ambient),
            heaters: &self.broken.heater,
            heater_spread: self.broken.heater_spread,
            hot_spots: self.broken.hot_spots,
            blocked_cooling: self.broken.blocked_cooling,
        };
        self.warmth.pass(self.cells.temperatures_mut(), heat, &surroundings, dt, ledger);
        let switching = self.drive.pcu.gate && self.drive.power == Supply::On;
        self.stage_tripped |= switching && self.warmth.heat_sink > self.pcu.trip_temperature;
        self.burn_contacts(dt);
        if self.life.pass(&mut self.cells) {
            self.cells.refresh(work.chemistry);
        } else {
            self.cells.follow(work.chemistry);
        }
    }

    fn burn_contacts(&mut self, dt: f64) {
        for (cell, rate) in self.broken.contact_rate.into_iter().enumerate() {
            if rate != 0.0 {
                self.cells.set_contact(cell, self.cells.contact(cell) + rate * dt);
            }
        }
    }

    /// The balancing resistors sit on the board in the case.
    fn warm_case_by_balancing(&mut self, ledger: &mut EnergyLedger) {
        let total = self.cells.balancing_energy();
        let given = total - self.warmth.balancing_passed;
        self.warmth.balancing_passed = total;
        self.warmth.case_heat += given;
        ledger.heat_made += given;
    }

    /// Voltage at B+/B- as this module sees it: inside a loose plug, outside its relay.
    fn terminal_voltage(&self, bus: &Bus, place: usize) -> f64 {
        let inside = bus.module_voltage(place);
        if self.broken.unplugged {
            return if self.relay_closed { inside } else { 0.0 };
        }
        let junction = bus.junction_voltage(place);
        if self.broken.reversed {
            return -junction;
        }
        if !self.relay_closed {
            return junction;
        }
        let resistance = self.pcu.relay + self.plug + self.broken.terminal_resistance;
        inside + (junction - inside) * self.pcu.relay / resistance
    }

    /// Voltage behind the MOSFETs: the pack's where a current could flow, and what they drop.
    fn low_voltage(&self) -> f64 {
        let fed = self.discharge_closed || (self.charge_closed && self.low_current > 0.0);
        if fed { self.pack_voltage + self.parameters.mosfets * self.low_current } else { 0.0 }
    }

    pub(crate) fn sample(&mut self, bus: &Bus, place: usize, ambient: f64) -> ModuleReading {
        let powered = self.alive && self.drive.power != Supply::Off;
        let fresh = if powered { self.pace.conversions() } else { 0 };
        if fresh > 0 && !self.broken.afe_silent {
            self.conversions = self.conversions.wrapping_add(fresh);
            if !self.broken.afe_frozen {
                let before = self.conversion;
                self.convert(ambient);
                self.broken.falsify(&before, &mut self.conversion, &mut self.board);
            }
            self.note_conversion();
        }
        let closed = [self.relay_closed, self.charge_closed, self.discharge_closed];
        let [relay, charge, discharge] = self.broken.feedback(closed);
        let mut reading = ModuleReading {
            afe_conversion: self.conversions,
            cells: [None; CELLS],
            pack_voltage: 0.0,
            pack_current: 0.0,
            cell_temperatures: [None; CELL_SENSORS],
            mos_temperature: None,
            ambient_temperature: None,
            comparator_tripped: self.second_path.status.tripped(),
            comparator_status: self.second_path.status,
            comparator: Comparator::default(),
            charge_mosfet_closed: charge,
            discharge_mosfet_closed: discharge,
            pcu: self.sample_pcu(bus, place, relay),
        };
        self.given_out().report(&mut reading);
        reading
    }

    /// The last conversion, or of a late AFE the one that comes out of it now.
    fn given_out(&self) -> &Conversion {
        self.late.front().unwrap_or(&self.conversion)
    }

    fn note_conversion(&mut self) {
        self.late.push_back(self.conversion);
        let kept = if self.broken.afe_late == 0 { 0 } else { self.broken.afe_late + 1 };
        while self.late.len() > kept {
            self.late.pop_front();
        }
    }

    fn sample_pcu(&mut self, bus: &Bus, place: usize, relay_closed: bool) -> PcuReading {
        PcuReading {
            low_voltage: self.board.bus(2, self.low_voltage() + self.broken.converter_offset),
            low_current: self.board.bus_current(self.low_current),
            capacitor_voltage: self.board.bus(0, bus.module_voltage(place)),
            terminal_voltage: self.board.bus(1, self.terminal_voltage(bus, place)),
            bus_current: self.board.bus_current(self.stage_current),
            heat_sink: Some(self.board.thermistor(Thermistor::HeatSink, self.warmth.heat_sink)),
            stage_tripped: self.stage_tripped,
            relay_closed,
        }
    }

    fn convert(&mut self, ambient: f64) {
        let current = self.pack_current;
        for (k, volts) in self.cells.sensed(current).into_iter().enumerate() {
            let wrong = volts * (1.0 + self.broken.cell_gain[k]) + self.broken.cell_offset[k];
            let read = self.board.cell(k, wrong);
            self.conversion.cells[k] = (!self.broken.wire_open[k]).then_some(read);
        }
        for sensor in 0..CELL_SENSORS {
            // Each sits on a busbar between the two middle cells of its quarter.
            let (left, right) =
                (self.cells.temperature[4 * sensor + 1], self.cells.temperature[4 * sensor + 2]);
            let celsius = 0.5 * (left + right) + self.broken.ntc_offset[sensor];
            let read = self.board.thermistor(Thermistor::Cell(sensor), celsius);
            self.conversion.cell_temperatures[sensor] =
                (!(self.broken.ntc_open[sensor] || self.broken.ntc_short[sensor])).then_some(read);
        }
        let air = self.air_inside(ambient);
        self.conversion.pack_voltage = self.board.pack(self.pack_voltage + self.broken.pack_offset);
        self.conversion.comparator = self.second_path.registers;
        let seen = current * (1.0 + self.broken.shunt_gain);
        self.conversion.pack_current = self.board.shunt(seen, self.broken.shunt_offset);
        self.conversion.mos_temperature =
            Some(self.board.thermistor(Thermistor::Mosfet, self.warmth.mosfets));
        self.conversion.ambient_temperature = Some(self.board.thermistor(Thermistor::Ambient, air));
    }

    /// Books the energies of the cells since the start, and the heat that waits to be passed on.
    pub(crate) fn book_cells(&self, ledger: &mut EnergyLedger) {
        ledger.book_cells(&self.cells.energy());
        ledger.heat_waiting += self.cells.heat_waiting() + self.warmth.waiting();
    }

    /// Around the module, in a room of `ambient`.
    fn air_around(&self, ambient: f64) -> f64 {
        self.broken.air.unwrap_or(ambient)
    }

    /// Where the sensor for the surroundings sits.
    fn air_inside(&self, ambient: f64) -> f64 {
        let around = self.air_around(ambient);
        around + AIR_SHARE * (self.warmth.case - around)
    }

    pub(crate) fn truth(&self, bus: &Bus, place: usize, ambient: f64) -> ModuleTruth {
        let cells = &self.cells;
        let least = |row: [f64; CELLS]| row.into_iter().fold(f64::INFINITY, f64::min) / 3600.0;
        ModuleTruth {
            soc: cells.mean_soc(),
            cell_soc: cells.soc,
            cell_voltages: cells.sensed(self.pack_current),
            cell_temperatures: cells.temperature,
            remaining: least(core::array::from_fn(|k| cells.soc[k] * cells.capacity[k])),
            capacity: least(cells.capacity),
            pack_voltage: self.pack_voltage,
            pack_current: self.pack_current,
            pack_power: self.pack_power,
            bus_power: self.bus_power,
            bus_current: self.stage_current,
            capacitor_voltage: bus.module_voltage(place),
            terminal_voltage: self.terminal_voltage(bus, place),
            case_voltage: 0.0,
            earth_current: 0.0,
            heat_sink: self.warmth.heat_sink,
            case_temperature: self.warmth.case,
            air_temperature: self.air_inside(ambient),
            mos_temperature: self.warmth.mosfets,
            relay_closed: self.relay_closed,
            relay_cycles: self.relay_cycles,
            charge_mosfet_closed: self.charge_closed,
            discharge_mosfet_closed: self.discharge_closed,
            stage_tripped: self.stage_tripped,
            comparator_tripped: self.second_path.status.tripped(),
            electronics_alive: self.alive,
            link_energy: self.link,
        }
    }
}

/// The life that a module's cells have behind them; they become what it made of them.
fn begin(setup: &ModuleSetup, chemistry: &Chemistry, cells: &mut CellString) -> Life {
    if let Some(state) = &setup.state {
        let (left, growth) =
            (state.age.map(|age| age.capacity_factor()), state.age.map(|age| age.resistance_factor()));
        cells.restore(chemistry, &state.cells, &left, &growth);
        let mut life = Life::new(setup.ageing, cells, chemistry.parameters.capacity);
        life.new_capacity = state.cells.capacity_coulombs;
        life.ages = state.age;
        life.meter = state.meter.clone();
        return life;
    }
    let mut life = Life::new(setup.ageing, cells, chemistry.parameters.capacity);
    // Nothing is known of its past: as if it had all been storage.
    let age = CellAge {
        calendar_loss: (1.0 - setup.health).max(0.0),
        calendar_growth: (setup.resistance_growth - 1.0).max(0.0),
        ..CellAge::default()
    };
    life.ages = [age; CELLS];
    cells.scale_resistance(setup.resistance_growth.min(1.0));
    life.settle(cells);
    cells.refresh(chemistry);
    life
}
