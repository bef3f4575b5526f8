//! The world: a clock, towers on the COM bus, an inverter in a house, and what happens to them.
//!
//! One tick: due events happen, every controller samples, the inverter decides, the wires carry what was
//! said, and the hardware moves on with what the controllers drive. A run is a function of its scenario and
//! seed.

use voltower_control::io::Port;
use voltower_core::{Duration, Instant, Watts};
use voltower_plant as plant;
use voltower_protocols::Frame;
use voltower_protocols::registers::{BatteryChannel, Channel, Home, RegisterBlock};

use crate::bus::{Bus, Place, SERVICE_TOOL};
use crate::check::Checker;
use crate::intruder::Intruder;
use crate::inverter::{INPUTS, Inverter, InverterSettings, Measured};
use crate::recorder::Snapshot;
use crate::scenario::{Action, ClockTime, Fault, House, InverterMode, Scenario};
use crate::snapshot;
use crate::sun::SunNotTaken;
use crate::tower::{FINE_AFTER_EVENT, Logged, Outside, Tap, Tower};

/// Sample period around everything that happens, so that reactions are seen as they are (design: 10 ms).
const FINE_PERIOD: Duration = Duration::millis(10);
/// Sample period while a tower starts or stops, so that long runs with coarse steps see the same sequence.
const SEQUENCE_PERIOD: Duration = Duration::millis(100);
/// Place of the inverter on COM; tower `t` (from 0) is at place `t + 1`.
const INVERTER: Place = 0;
/// COM cable from one device to the next, in metres (ours).
const COM_PIECE: f64 = 2.0;
/// Tells the dice of COM from those of the towers.
const COM_SEED: u64 = 0xC0;

/// A simulated site.
pub struct World {
    scenario: Scenario,
    now: Instant,
    fine_until: Instant,
    keeps_period: bool,
    last_step: Duration,
    next_event: usize,
    towers: Vec<Tower>,
    com: Bus,
    intruder: Intruder,
    inverter: Inverter,
    house: plant::House,
    flows: plant::HouseFlows,
    sun: SunNotTaken,
    grid: bool,
    ambient: Option<f64>,
    extra_load: f64,
    checker: Checker,
    snapshot: Snapshot,
    taps: Option<Vec<Tap>>,
    log: Vec<Logged>,
    acted: Vec<(Instant, Action)>,
}

impl World {
    /// The world of a scenario, before its first tick.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let ambient = scenario.ambient.at(Instant::ZERO);
        let tower = |(index, spec)| {
            Tower::new(index, spec, scenario.ageing, ambient, scenario.seed ^ ((index as u64) << 32))
        };
        let towers: Vec<Tower> = scenario.towers.iter().enumerate().map(tower).collect();
        let modules: Vec<usize> = towers.iter().map(Tower::module_count).collect();
        Self {
            now: Instant::ZERO,
            fine_until: Instant::ZERO,
            keeps_period: false,
            last_step: Duration::ZERO,
            next_event: 0,
            com: Bus::new(towers.len() + 1, COM_PIECE, scenario.seed ^ COM_SEED),
            towers,
            intruder: Intruder::new(scenario.seed),
            inverter: inverter(scenario),
            house: plant::House::default(),
            flows: plant::HouseFlows::default(),
            sun: SunNotTaken::default(),
            grid: scenario.grid,
            ambient: None,
            extra_load: 0.0,
            checker: Checker::new(&scenario.expectations),
            snapshot: Snapshot::new(&modules),
            taps: None,
            log: Vec::new(),
            acted: Vec::new(),
            scenario: scenario.clone(),
        }
    }

    /// Virtual time since the start.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Clock time in the world.
    #[must_use]
    pub fn clock(&self) -> ClockTime {
        self.scenario.start.after(self.now)
    }

    /// The scenario that runs.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Runs until `until`; events and expectations of the scenario take place on the way.
    pub fn advance_to(&mut self, until: Instant) {
        while self.now < until {
            self.tick(until);
        }
    }

    /// One tick, at the latest until `until`; for whoever looks at every one.
    pub fn tick_to(&mut self, until: Instant) {
        if self.now < until {
            self.tick(until);
        }
    }

    /// Something happens now, whether the scenario says so or a person at the keyboard.
    pub fn act(&mut self, action: Action) {
        self.fine_until = self.now + FINE_AFTER_EVENT;
        self.apply(&action);
        self.acted.push((self.now, action));
    }

    /// A service tool sends a frame on the Link of a tower.
    pub fn send_on_link(&mut self, tower: usize, frame: Frame) {
        self.fine_until = self.now + FINE_AFTER_EVENT;
        self.change(tower, |tower| tower.send_from_service_tool(frame));
    }

    /// Samples come with the period of the scenario from now on, whatever happens: as slow as controllers may be.
    pub fn keep_period(&mut self) {
        self.keeps_period = true;
    }

    /// Listens to all wires from now on; see [`Self::drain_frames`].
    pub fn listen(&mut self) {
        self.taps.get_or_insert_default();
    }

    /// The frames heard since the last call.
    pub fn drain_frames(&mut self) -> impl Iterator<Item = Tap> + '_ {
        self.taps.iter_mut().flat_map(|taps| taps.drain(..))
    }

    /// What the controllers wrote down since the last call.
    pub fn drain_log(&mut self) -> impl Iterator<Item = Logged> + '_ {
        self.log.drain(..)
    }

    /// What happened to the world since the last call.
    pub fn drain_actions(&mut self) -> impl Iterator<Item = (Instant, Action)> + '_ {
        self.acted.drain(..)
    }

    /// The towers.
    #[must_use]
    pub fn towers(&self) -> &[Tower] {
        &self.towers
    }

    /// The truth of the plant, for panes and pictures that are marked so.
    #[must_use]
    pub fn truth(&self, tower: usize) -> Option<plant::TowerTruth> {
        Some(self.towers.get(tower)?.plant().truth())
    }

    /// All modules as they are now, for files: tower and module, both from 1, with the text.
    pub fn modules(&self) -> impl Iterator<Item = (usize, usize, String)> + '_ {
        self.towers.iter().zip(1..).flat_map(|(tower, number)| {
            (0..tower.module_count()).filter_map(move |module| {
                Some((number, module + 1, tower.plant().module_state(module)?.to_toml()))
            })
        })
    }

    /// The inverter has booted: it talks, unless it is silent by a fault.
    #[must_use]
    pub fn inverter_runs(&self) -> bool {
        self.inverter.is_running()
    }

    /// Temperature around the towers, degC.
    #[must_use]
    pub fn ambient(&self) -> f64 {
        self.ambient_now()
    }

    /// Sun that the batteries did not take.
    #[must_use]
    pub const fn sun_not_taken(&self) -> SunNotTaken {
        self.sun
    }

    /// The house and its energies.
    #[must_use]
    pub fn house(&self) -> &plant::House {
        &self.house
    }

    /// Everything a recorder writes down of this moment.
    pub fn snapshot(&mut self) -> &Snapshot {
        let ambient = self.ambient_now();
        snapshot::fill(&mut self.snapshot, &self.towers, &self.flows, ambient);
        &self.snapshot
    }

    /// The registers of the inverter that show the flows of the home and its battery inputs.
    #[must_use]
    pub fn registers(&self) -> RegisterBlock {
        let mut block = RegisterBlock::new();
        if !self.inverter.is_running() {
            return block;
        }
        self.home().write(&mut block);
        for (input, channel) in Channel::ALL.into_iter().enumerate() {
            if let Some(shown) = self.battery_channel(input) {
                shown.write(&mut block, channel);
            }
        }
        block
    }

    /// How the expectations stand.
    #[must_use]
    pub fn checker(&self) -> &Checker {
        &self.checker
    }

    /// The run is over: expectations that were not met have failed.
    pub fn finish(&mut self) {
        self.checker.finish(self.now);
    }

    fn tick(&mut self, until: Instant) {
        self.apply_due_events();
        for tower in 0..self.towers.len() {
            self.with_tower(tower, |tower, now, outside| tower.sample(now, outside));
        }
        // Only now is it known who has just woken: a long step would carry the period of its sleep into its start.
        let step = self.step_length(until);
        let end = self.now + step;
        self.step_inverter(step);
        let com = &mut self.com;
        self.intruder.step(step, |frame| com.send(SERVICE_TOOL, frame));
        self.carry_frames(end);
        self.step_plant(end, step);
        self.now = end;
        self.last_step = step;
        if self.checker.is_looking(end) {
            self.look();
        }
    }

    fn look(&mut self) {
        let ambient = self.ambient_now();
        snapshot::fill(&mut self.snapshot, &self.towers, &self.flows, ambient);
        self.checker.look(self.now, &self.snapshot);
    }

    /// The controllers' period, finer after events, and never across the next one.
    fn step_length(&self, until: Instant) -> Duration {
        let slow = self.scenario.period;
        let period = if self.keeps_period {
            slow
        } else if self.now < self.fine_until {
            slow.min(FINE_PERIOD)
        } else if slow > SEQUENCE_PERIOD && self.towers.iter().any(Tower::is_in_sequence) {
            SEQUENCE_PERIOD
        } else {
            slow
        };
        // At most twofold from tick to tick: a time-out of three periods, set at the last one, is never
        // jumped over.
        let grown = Duration(self.last_step.0.saturating_mul(2)).max(FINE_PERIOD);
        let next = self.scenario.events.get(self.next_event).map_or(until, |event| event.at.min(until));
        period.min(grown).min(next.since(self.now)).max(Duration(1))
    }

    fn apply_due_events(&mut self) {
        while let Some(event) = self.scenario.events.get(self.next_event) {
            if event.at > self.now {
                return;
            }
            let action = event.action.clone();
            self.next_event += 1;
            self.act(action);
        }
    }

    fn with_tower(&mut self, tower: usize, work: impl FnOnce(&mut Tower, Instant, &mut Outside<'_>)) {
        let mut outside = Outside {
            com: &mut self.com,
            com_place: tower + 1,
            taps: self.taps.as_mut(),
            log: &mut self.log,
        };
        if let Some(tower) = self.towers.get_mut(tower) {
            work(tower, self.now, &mut outside);
        }
    }

    fn step_inverter(&mut self, step: Duration) {
        let mut measured = Measured {
            grid: self.grid,
            pv: self.house.pv_watts,
            load: self.house.load_watts,
            input_voltage: [0.0; INPUTS],
        };
        for (volts, tower) in measured.input_voltage.iter_mut().zip(&mut self.towers) {
            *volts = tower.plant_mut().input_mut().voltage();
        }
        let com = &mut self.com;
        let wanted = self.inverter.step(self.now, step, &measured, |frame| com.send(INVERTER, frame));
        self.com.set_powered(INVERTER, wanted.running);
        self.house.inverter_running = wanted.running;
        let powered = measured.input_voltage.iter().filter(|volts| **volts > 0.0).count().max(1) as f64;
        for (tower, watts) in self.towers.iter_mut().zip(wanted.battery) {
            let input = tower.plant_mut().input_mut();
            input.request(watts);
            input.set_auxiliary(wanted.own_consumption / powered);
        }
    }

    /// Lets the wires run until nothing more can be sent before `end`.
    fn carry_frames(&mut self, end: Instant) {
        loop {
            let mut carried = self.carry_com(end);
            for tower in 0..self.towers.len() {
                self.with_tower(tower, |tower, now, outside| carried |= tower.exchange(now, end, outside));
            }
            if !carried {
                return;
            }
        }
    }

    fn carry_com(&mut self, end: Instant) -> bool {
        let mut carried = false;
        while let Some(delivery) = self.com.next(self.now, end) {
            carried = true;
            self.intruder.hear(&delivery);
            if let Some(taps) = &mut self.taps {
                let tower = delivery.from.first().unwrap_or(INVERTER).saturating_sub(1);
                taps.push(Tap { tower, port: Port::Com, at: delivery.at, frame: delivery.frame });
            }
            if delivery.heard_by.contains(INVERTER) {
                self.inverter.on_frame(delivery.at, &delivery.frame);
            }
            for tower in 0..self.towers.len() {
                if delivery.heard_by.contains(tower + 1) {
                    self.with_tower(tower, |tower, _, outside| tower.on_com_frame(&delivery, outside));
                }
            }
        }
        carried
    }

    fn step_plant(&mut self, end: Instant, step: Duration) {
        let seconds = step.0 as f64 * 1e-6;
        let ambient = self.ambient_now();
        let mut battery = [0.0; INPUTS];
        for (watts, tower) in battery.iter_mut().zip(&mut self.towers) {
            let hardware = tower.plant_mut();
            hardware.set_ambient(ambient);
            hardware.step(seconds);
            *watts = hardware.input_mut().power();
        }
        self.house.grid_available = self.grid;
        if let Some(house) = &self.scenario.house {
            self.house.pv_watts = house.pv.mean(self.now, end);
            self.house.load_watts = load(house, self.now, end) + self.extra_load;
        } else {
            self.house.load_watts = self.extra_load;
        }
        self.flows = self.house.step(seconds, &battery);
        self.sun.book(&self.flows, &self.towers, seconds);
    }

    fn ambient_now(&self) -> f64 {
        self.ambient.unwrap_or_else(|| self.scenario.ambient.at(self.now))
    }

    fn home(&self) -> Home {
        Home {
            pv: watts(self.flows.pv),
            load: watts(self.flows.load),
            grid: watts(self.flows.grid),
            output: watts(self.flows.inverter_ac),
        }
    }

    /// Power as the inverter measures it at its input, the rest as the battery said it on COM.
    fn battery_channel(&self, input: usize) -> Option<BatteryChannel> {
        let (state, measured) = self.inverter.battery(input)?;
        let truth = self.truth(input)?;
        Some(BatteryChannel {
            voltage: measured.voltage,
            current: measured.current,
            power: watts(truth.power),
            temperature: measured.temperature,
            soc: state.soc,
            health: state.health,
            cycles: measured.cycles,
        })
    }

    fn apply(&mut self, action: &Action) {
        match *action {
            Action::Press { tower, hold } => {
                let until = self.now + hold;
                self.fine_until = until + FINE_AFTER_EVENT;
                self.change(tower, |tower| tower.hold_switch(until));
            }
            Action::DcSwitch { tower, closed } => {
                self.change(tower, |tower| tower.plant_mut().set_dc_switch(closed));
            }
            Action::Break { tower, ref fault } => self.set_broken(tower, fault, true),
            Action::Repair { tower, ref fault } => self.set_broken(tower, fault, false),
            Action::Grid { on } => self.grid = on,
            Action::Inverter(mode) => self.inverter.set_mode(mode),
            Action::Update { tower, start } => self.change(tower, |tower| tower.write_program_control(start)),
            Action::Ambient { celsius } => self.ambient = Some(celsius),
            Action::Plug { tower, module } => self.change(tower, |tower| tower.commission(module, true)),
            Action::Unplug { tower, module } => self.change(tower, |tower| tower.commission(module, false)),
            Action::Load { watts } => self.extra_load = watts,
        }
    }

    fn change(&mut self, tower: usize, change: impl FnOnce(&mut Tower)) {
        if let Some(tower) = self.towers.get_mut(tower) {
            change(tower);
        }
    }

    fn set_broken(&mut self, tower: usize, fault: &Fault, broken: bool) {
        match fault {
            Fault::CutCom => self.com.set_whole(tower, !broken),
            Fault::ComStrapOpen => self.com.set_enable_whole(tower, !broken),
            Fault::InverterSilent => self.inverter.silent = broken,
            Fault::InverterIgnoresLimits => self.inverter.ignores_limits = broken,
            Fault::InverterWrongSign => self.inverter.wrong_sign = broken,
            Fault::InverterStale => self.inverter.stale = broken,
            Fault::InverterReconnects { every } => self.inverter.reconnects = broken.then_some(*every),
            Fault::ComFrames { harm, rate } => self.com.set_harm(*harm, if broken { *rate } else { 0.0 }),
            Fault::ComFlood => self.intruder.floods = broken,
            Fault::ComMalformed => self.intruder.talks_nonsense = broken,
            Fault::ComReplay => self.intruder.replays = broken,
            Fault::Hardware(_)
            | Fault::CutLink { .. }
            | Fault::CutEnable { .. }
            | Fault::EnableStuck { .. }
            | Fault::LinkTerminatorMissing
            | Fault::LinkTerminatorDoubled
            | Fault::LinkBabbling { .. }
            | Fault::LinkDeaf { .. }
            | Fault::LinkMute { .. }
            | Fault::ModuleReset { .. }
            | Fault::RamStuckBit { .. }
            | Fault::ImageCorrupted { .. }
            | Fault::BduRamStuckBit
            | Fault::BduImageCorrupted
            | Fault::BduReset
            | Fault::WrongSoftware { .. }
            | Fault::WrongConverterSoftware { .. }
            | Fault::SerialOf { .. }
            | Fault::LinkFrames { .. }
            | Fault::LinkBusOff { .. }
            | Fault::BduLinkBusOff
            | Fault::BduLinkOpen
            | Fault::BduWrongSoftware { .. }
            | Fault::ConfigurationBroken { .. }
            | Fault::SecondBdu
            | Fault::ModuleBrownOut { .. }
            | Fault::BduBrownOut
            | Fault::ModuleResetStorm { .. }
            | Fault::BduResetStorm { .. }
            | Fault::ModuleHangs { .. }
            | Fault::BduHangs
            | Fault::ModuleClock { .. }
            | Fault::BduClock { .. } => self.change(tower, |tower| tower.set_broken(fault, broken)),
        }
    }
}

fn inverter(scenario: &Scenario) -> Inverter {
    let spec = &scenario.inverter;
    Inverter::new(InverterSettings {
        mode: if spec.present { spec.mode } else { InverterMode::Off },
        ac_power_max: spec.ac_power_max,
        backup: spec.backup,
        efficiency: plant::house::BRIDGE_EFFICIENCY,
        grid_charge: true,
        delay: spec.delay,
    })
}

fn load(house: &House, from: Instant, to: Instant) -> f64 {
    let on = house.appliances.iter().filter(|appliance| appliance.from <= from && from < appliance.until);
    house.load.mean(from, to) + on.map(|appliance| appliance.watts).sum::<f64>()
}

fn watts(value: f64) -> Watts {
    Watts(libm::round(value) as i32)
}
