//! One tower of the simulated world: its hardware, its controllers, and the Link between them.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg32;
use voltower_control::io::{
    BduDrive, BduInputs, BduOutputs, CELLS, Identity, ModuleDrive, ModuleInputs, ModuleOutputs, ModuleSample,
    Port, PowerMode,
};
use voltower_control::keep::{BduPersisted, Boot, ModulePersisted};
use voltower_control::record::Record;
use voltower_control::selftest::SelfTestReport;
use voltower_control::{bdu, module};
use voltower_core::{
    Charge, ConditionSet, Diagnosis, Duration, FindingSet, Instant, ModuleState, PerMille, ResetCause,
    TowerState,
};
use voltower_plant as plant;
use voltower_protocols::can::StandardId;
use voltower_protocols::{Frame, link};

use crate::bus::{Bus, Delivery, Place, SECOND_UNIT, SERVICE_TOOL};
use crate::reported::Reported;
use crate::scenario::{Ageing, ModuleSpec, TowerSpec};
use crate::wiring;

mod breaking;
mod clock;
mod electronics;
mod keeper;
mod resets;
mod second;

use clock::Clock;
use electronics::Electronics;
use keeper::{Keeper, Work, log_of};
use resets::Resets;
use second::SecondUnit;

/// Place of the distribution unit on the Link; module `m` (from 0) is at place `m + 1`.
const BDU: Place = 0;
/// Software that devices have if the scenario says nothing else (8 characters: public form, number ours).
pub const SOFTWARE: &str = "0V100001";
/// Rated capacity of a cell, in tenths of an ampere-hour (ours).
const RATED_DECI_AMP_HOURS: u32 = 1000;
/// A count of the charge that was left to itself for some days is off by up to so much (ours: a shunt offset of 30 mA
/// is 0.7 % of the capacity a day).
const COUNT_ERROR: f64 = 0.03;
/// Tells the dice of these errors from those of cells and sensors.
const COUNT_STREAM: u64 = 0x00C0_0117;

/// A frame that someone who listens to a wire has seen.
#[derive(Debug, Clone, Copy)]
pub struct Tap {
    /// Of which tower, from 0.
    pub tower: usize,
    /// On which of its wires.
    pub port: Port,
    /// End of the frame.
    pub at: Instant,
    /// What was sent.
    pub frame: Frame,
}

/// What a controller wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// When.
    pub at: Instant,
    /// In which tower, from 0.
    pub tower: usize,
    /// Module that wrote it, from 1; 0 for the distribution unit.
    pub module: u8,
    /// What.
    pub record: Record,
}

struct ModuleNode {
    controller: module::ModuleController,
    electronics: Electronics,
    keeper: Keeper,
    identity: Identity,
    drive: ModuleDrive,
    plugged: bool,
    /// It stands on the stack, cabled or not.
    stacked: bool,
    resets: Resets,
    clock: Clock,
    /// Its input of the enable line reads active whatever the wire says.
    enable_stuck: bool,
}

/// Hardware, controllers and wires of a tower.
pub struct Tower {
    index: usize,
    plant: plant::Tower,
    modules: Vec<ModuleNode>,
    bdu: bdu::BduController,
    bdu_software: [u8; 8],
    bdu_electronics: Electronics,
    bdu_keeper: Keeper,
    bdu_drive: BduDrive,
    bdu_resets: Resets,
    bdu_clock: Clock,
    /// Nobody should plug one in.
    second: Option<Box<SecondUnit>>,
    /// The end of the last tick.
    now: Instant,
    /// What the last step of a module, and of the distribution unit, has left: kept to be written again.
    module_outputs: ModuleOutputs,
    bdu_outputs: BduOutputs,
    link: Bus,
    /// Resistors in the Link Out of the last module: one, unless somebody made a mistake.
    terminators: u8,
    /// Where somebody has put them.
    last_module: Place,
    switch_held_until: Instant,
    reported: Reported,
}

/// Where a tower's steps leave what others must hear of.
pub struct Outside<'a> {
    /// The COM bus, and the tower's place on it.
    pub com: &'a mut Bus,
    /// The tower's place on COM.
    pub com_place: Place,
    /// Frames seen, if anyone listens.
    pub taps: Option<&'a mut Vec<Tap>>,
    /// What the controllers wrote down.
    pub log: &'a mut Vec<Logged>,
}

impl Tower {
    /// A tower in shutdown, as `spec` describes it; `seed` draws the spread of its cells and the noise of its
    /// sensors.
    #[must_use]
    pub fn new(index: usize, spec: &TowerSpec, ageing: Ageing, ambient: f64, seed: u64) -> Self {
        let setup = plant::TowerSetup {
            modules: spec
                .modules
                .iter()
                .zip(seed..)
                .map(|(m, seed)| module_setup(m, ageing, ambient, seed))
                .collect(),
            ambient,
            seed,
        };
        let mut parameters =
            plant::TowerParameters { cell: spec.cell.parameters(), ..plant::TowerParameters::default() };
        parameters.afe = spec.afe.clone();
        parameters.input.cable = spec.cable;
        let mut hardware = plant::Tower::new(&parameters, &setup);
        hardware.set_dc_switch(spec.dc_switch_closed);
        let mut modules: Vec<ModuleNode> = spec
            .modules
            .iter()
            .enumerate()
            .map(|(place, module)| ModuleNode::new(index, place, module, seed))
            .collect();
        for (place, node) in modules.iter_mut().enumerate() {
            node.begin_life(&mut hardware, place);
        }
        let bdu = bdu_controller(index, spec, plugged(&modules));
        let mut tower = Self {
            index,
            bdu_keeper: Keeper::first(hardware.bdu_flash_mut(), bdu.keep(), &bdu),
            plant: hardware,
            link: Bus::new(modules.len() + 1, spec.link_length, seed),
            terminators: 1,
            last_module: BDU,
            bdu,
            bdu_software: text(SOFTWARE),
            bdu_electronics: Electronics::new(),
            bdu_drive: BduDrive::OFF,
            bdu_resets: Resets::default(),
            bdu_clock: Clock::default(),
            second: None,
            now: Instant::ZERO,
            modules,
            module_outputs: ModuleOutputs::new(),
            bdu_outputs: BduOutputs::new(),
            switch_held_until: Instant::ZERO,
            reported: Reported::default(),
        };
        for place in 0..tower.modules.len() {
            tower.set_plugged(place, tower.modules[place].plugged);
        }
        tower.cable_anew();
        tower
    }

    /// The hardware, for people who turn and break things.
    pub fn plant_mut(&mut self) -> &mut plant::Tower {
        &mut self.plant
    }

    /// The hardware.
    #[must_use]
    pub fn plant(&self) -> &plant::Tower {
        &self.plant
    }

    /// What the distribution unit drives at this moment.
    #[must_use]
    pub fn bdu_drive(&self) -> &BduDrive {
        &self.bdu_drive
    }

    /// What a module drives at this moment.
    #[must_use]
    pub fn module_drive(&self, module: usize) -> Option<&ModuleDrive> {
        self.modules.get(module).map(|node| &node.drive)
    }

    /// The last frames of the Link.
    #[must_use]
    pub fn reported(&self) -> &Reported {
        &self.reported
    }

    /// Whether it starts, stops or recovers at this moment.
    #[must_use]
    pub fn is_in_sequence(&self) -> bool {
        let awake = self.bdu_drive.power == PowerMode::On;
        let state = self.reported.tower_status().map_or(TowerState::Starting, |status| status.state);
        match state {
            TowerState::Starting
            | TowerState::BlackStart
            | TowerState::Stopping
            | TowerState::Shutdown
            | TowerState::Sleeping => awake,
            TowerState::Standby | TowerState::Charging | TowerState::Discharging => {
                self.modules.iter().any(|module| module.is_joining() || module.is_starting())
            }
            // A module that wakes starts, whatever the tower does.
            TowerState::Updating | TowerState::Faulted => self.modules.iter().any(ModuleNode::is_starting),
        }
    }

    /// The Link.
    #[must_use]
    pub fn link(&self) -> &Bus {
        &self.link
    }

    /// Whether a module is on the stack.
    #[must_use]
    pub fn is_plugged(&self, module: usize) -> bool {
        self.modules.get(module).is_some_and(|node| node.plugged)
    }

    /// Modules of the scenario, plugged or not.
    #[must_use]
    pub fn module_count(&self) -> usize {
        self.modules.len()
    }

    /// Modules of the scenario at the top that are not on the stack: the distribution unit stands on the one below.
    fn absent(&self) -> usize {
        self.modules.iter().take_while(|module| !module.stacked).count()
    }

    /// The address that belongs to the place of a module (from 0) in the stack as it stands.
    #[must_use]
    pub fn place(&self, module: usize) -> Option<link::ModuleNode> {
        link::ModuleNode::at(module.checked_sub(self.absent())?)
    }

    /// Address that a module (from 0) has on the Link at this moment.
    #[must_use]
    pub fn address(&self, module: usize) -> Option<link::ModuleNode> {
        self.modules.get(module)?.controller.address()
    }

    /// What a module (from 0) waits for a person with.
    #[must_use]
    pub fn locked_out(&self, module: usize) -> ConditionSet {
        self.modules.get(module).map_or(ConditionSet::EMPTY, |node| node.controller.verdict().locked)
    }

    /// What a module (from 0) finds wrong at this moment.
    #[must_use]
    pub fn module_findings(&self, module: usize) -> FindingSet {
        self.modules.get(module).map_or(FindingSet::EMPTY, |node| node.controller.findings())
    }

    /// What the BDU finds wrong at this moment.
    #[must_use]
    pub fn bdu_findings(&self) -> FindingSet {
        self.bdu.findings()
    }

    /// The cause that the BDU tells at this moment, whether or not anybody hears it.
    #[must_use]
    pub const fn bdu_diagnosis(&self) -> Diagnosis {
        self.bdu.diagnosis()
    }

    /// The distribution unit is locked out, whether or not it blames itself for that: a person must clear it.
    #[must_use]
    pub fn bdu_is_locked_out(&self) -> bool {
        self.bdu.persisted().safety.is_locked()
    }

    /// The black-start switch is held down until then.
    pub fn hold_switch(&mut self, until: Instant) {
        self.switch_held_until = until;
    }

    /// A person adds or removes a module, moves the terminal resistor to the last one, and commissions the
    /// tower with what is there then.
    pub fn commission(&mut self, module: usize, plugged_in: bool) {
        let absent = self.absent();
        if let Some(node) = self.modules.get_mut(module) {
            node.stacked = plugged_in;
        }
        self.reported.moved(absent, self.absent());
        self.set_plugged(module, plugged_in);
        self.cable_anew();
        self.restart_bdu(ResetCause::PowerOn, Some(plugged(&self.modules)));
    }

    /// The distribution unit starts with what its flash has, commissioned anew if so wished.
    fn restart_bdu(&mut self, cause: ResetCause, commissioned: Option<u8>) {
        let flash = self.plant.bdu_flash_mut();
        let identity = Identity { software: self.bdu_software, ..bdu_identity(self.index) };
        (self.bdu_keeper, self.bdu) = Keeper::start_bdu(flash, identity, cause, commissioned);
        self.bdu_drive = BduDrive::OFF;
    }

    /// Without power: nothing is remembered, and nothing done.
    fn stop_bdu(&mut self) {
        let nothing = BduPersisted::new(0, bdu::BduSettings::default());
        self.bdu = bdu::BduController::new(bdu_identity(self.index), nothing);
        self.bdu_keeper = Keeper::default();
        self.bdu_drive = BduDrive::OFF;
    }

    /// A module starts with what its flash has.
    fn restart_module(&mut self, module: usize, cause: ResetCause) {
        let Some(node) = self.modules.get_mut(module) else { return };
        let Some(flash) = self.plant.module_flash_mut(module) else { return };
        (node.keeper, node.controller) = Keeper::start_module(flash, node.identity, cause);
    }

    /// What the flash of a module holds of its log, oldest first: number of the start, and event.
    pub fn module_log(&mut self, module: usize) -> Vec<(u32, link::Event)> {
        self.plant.module_flash_mut(module).map_or_else(Vec::new, log_of)
    }

    /// Log entries that no flash has taken.
    #[must_use]
    pub fn lost_entries(&self) -> u32 {
        self.modules.iter().map(|node| node.keeper.lost()).sum::<u32>() + self.bdu_keeper.lost()
    }

    /// The cable from the distribution unit leads to the first module that is there, which is the first in the stack.
    fn cable_anew(&mut self) {
        let absent = self.absent();
        for module in 0..absent {
            self.link.set_whole(module, true);
        }
        self.link.set_absent(absent);
        self.move_terminator();
    }

    /// Puts the terminal resistor into the last module that is cabled.
    fn move_terminator(&mut self) {
        let absent = self.absent();
        let cabled = self.modules.iter().skip(absent).take_while(|module| module.plugged).count();
        self.last_module = if cabled == 0 { BDU } else { absent + cabled };
        self.terminate();
    }

    fn terminate(&mut self) {
        for place in 1..=self.modules.len() {
            self.link.set_resistors(place, if place == self.last_module { self.terminators } else { 0 });
        }
    }

    /// A service tool, plugged in beside the distribution unit, sends a frame on the Link.
    pub fn send_from_service_tool(&mut self, frame: Frame) {
        self.link.send(SERVICE_TOOL, frame);
    }

    /// A service tool writes the program-control object of the distribution unit (0x1F51 sub 1, CiA 302).
    pub fn write_program_control(&mut self, start_update: bool) {
        let value = u8::from(!start_update);
        let request = [0x2F, 0x51, 0x1F, 0x01, value, 0, 0, 0];
        let id = StandardId::new(link::SDO_REQUEST + u16::from(link::BDU_NODE));
        if let Some(id) = id {
            self.send_from_service_tool(Frame::full(id, request));
        }
    }

    /// Every controller takes a fresh sample.
    pub fn sample(&mut self, now: Instant, outside: &mut Outside<'_>) {
        self.reset_those_due(now);
        for module in 0..self.modules.len() {
            let node = &mut self.modules[module];
            let runs = node.resets.runs();
            let self_test = node.electronics.test(now, node.drive.power == PowerMode::On && runs);
            if runs {
                let memory = node.keeper.report();
                let sample = wiring::module_sample(&self.plant.sample_module(module), self_test, memory);
                self.step_module(module, now, Some(&sample), None, outside);
            }
        }
        let runs = self.bdu_resets.runs();
        let self_test = self.bdu_electronics.test(now, self.bdu_drive.power == PowerMode::On && runs);
        if runs {
            let around = self.surroundings(now, outside, self_test);
            let sample = wiring::bdu_sample(&self.plant.sample_bdu(), &around);
            self.step_bdu(now, &BduInputs { sample: Some(&sample), frame: None }, outside);
        }
        outside.com.set_powered(outside.com_place, self.bdu_drive.power != PowerMode::Off);
        if let Some(second) = &mut self.second {
            let (resistance, state) = (self.link.loop_resistance(), self.link.state(SECOND_UNIT, now));
            second.sample(now, &mut self.link, resistance, state);
        }
    }

    /// Controllers whose supply, watchdog or own mind makes them start anew.
    fn reset_those_due(&mut self, now: Instant) {
        for module in 0..self.modules.len() {
            if let Some(cause) = self.modules[module].resets.due(now) {
                self.reset_module(module, cause);
            }
        }
        if let Some(cause) = self.bdu_resets.due(now) {
            self.reset_bdu(cause);
        }
    }

    fn surroundings(
        &self,
        now: Instant,
        outside: &Outside<'_>,
        self_test: SelfTestReport,
    ) -> wiring::Surroundings {
        wiring::Surroundings {
            black_start_pressed: now < self.switch_held_until,
            second_tower: self.index > 0 && outside.com.enable_whole(outside.com_place - 1),
            link_resistance: self.link.loop_resistance(),
            link_bus: self.link.state(BDU, now),
            self_test,
            memory: self.bdu_keeper.report(),
        }
    }

    /// Delivers what is on the Link, and what is answered to it, as far as the wire comes before `until`.
    pub fn exchange(&mut self, now: Instant, until: Instant, outside: &mut Outside<'_>) -> bool {
        let mut carried = false;
        let mut earliest = now;
        loop {
            let first = self.bdu_due(until);
            let second = self.second.as_ref().and_then(|second| second.due()).filter(|due| *due < until);
            let due = first.into_iter().chain(second).min();
            if let Some(delivery) = self.link.next(earliest, due.unwrap_or(until)) {
                self.deliver(&delivery, outside);
            } else if let Some(due) = due {
                earliest = earliest.max(due);
                if first == Some(due) {
                    self.step_bdu(earliest, &BduInputs::default(), outside);
                } else if let Some(second) = &mut self.second {
                    second.step(earliest, &BduInputs::default(), &mut self.link);
                }
            } else {
                self.now = until;
                return carried;
            }
            carried = true;
        }
    }

    /// When the distribution unit wants a step of its own before `until`.
    fn bdu_due(&self, until: Instant) -> Option<Instant> {
        let lives = self.bdu_resets.runs() && self.bdu_drive.power != PowerMode::Off;
        let due = self.bdu.due_at().filter(|_| lives)?;
        self.bdu_clock.when(due).filter(|due| *due < until)
    }

    /// A frame of COM reaches this tower.
    pub fn on_com_frame(&mut self, delivery: &Delivery, outside: &mut Outside<'_>) {
        let listens = self.bdu_drive.power != PowerMode::Off && self.bdu_resets.runs();
        if listens && self.bdu.accepts(Port::Com, &delivery.frame) {
            let inputs = BduInputs { sample: None, frame: Some((Port::Com, &delivery.frame)) };
            self.step_bdu(delivery.at, &inputs, outside);
        }
    }

    fn deliver(&mut self, delivery: &Delivery, outside: &mut Outside<'_>) {
        let Delivery { at, frame, .. } = *delivery;
        let heard = delivery.heard_by;
        if heard.or(delivery.from).contains(BDU) {
            if !delivery.from.contains(SECOND_UNIT) {
                self.reported.note(at, &frame);
            }
            if let Some(taps) = outside.taps.as_deref_mut() {
                taps.push(Tap { tower: self.index, port: Port::Link, at, frame });
            }
        }
        let bdu_lives = self.bdu_drive.power != PowerMode::Off && self.bdu_resets.runs();
        if bdu_lives && heard.contains(BDU) && self.bdu.accepts(Port::Link, &frame) {
            self.step_bdu(at, &BduInputs { sample: None, frame: Some((Port::Link, &frame)) }, outside);
        }
        if let Some(second) = self.second.as_mut().filter(|_| heard.contains(SECOND_UNIT)) {
            second.hear(at, &frame, &mut self.link);
        }
        if !module::ModuleController::may_accept(&frame) {
            return;
        }
        for module in 0..self.modules.len() {
            let node = &self.modules[module];
            let lives = node.drive.power != PowerMode::Off && node.resets.runs();
            let listens = lives && node.controller.accepts(&frame);
            if listens && heard.contains(module + 1) {
                self.step_module(module, at, None, Some(&frame), outside);
            }
        }
    }

    /// Whether the enable line is active at a module's Link In, as the module reads it.
    #[must_use]
    pub fn link_in(&self, module: usize) -> bool {
        let above = match module.checked_sub(1).filter(|_| module != self.absent()) {
            None => self.bdu_drive.link_enable || self.second.as_ref().is_some_and(|second| second.enables()),
            Some(above) => self.modules.get(above).is_some_and(ModuleNode::enables_next),
        };
        let stuck = self.modules.get(module).is_some_and(|node| node.enable_stuck);
        stuck || (above && self.link.enable_whole(module))
    }

    fn step_module(
        &mut self,
        module: usize,
        now: Instant,
        sample: Option<&ModuleSample>,
        frame: Option<&Frame>,
        outside: &mut Outside<'_>,
    ) {
        let place = module + 1;
        let second = self.second.as_ref().is_some_and(|second| second.wakes());
        let wake = (self.bdu_drive.wake || second) && self.link.connected(BDU, place);
        let link_in = self.link_in(module);
        let node = &mut self.modules[module];
        let outputs = &mut self.module_outputs;
        let shown = node.clock.shows(now);
        node.controller.step_into(shown, &ModuleInputs { sample, frame, wake, link_in }, outputs);
        for &frame in &outputs.frames {
            self.link.send(place, frame);
        }
        for &record in &outputs.records {
            outside.log.push(Logged { at: now, tower: self.index, module: place as u8, record });
        }
        if let Some(flash) = self.plant.module_flash_mut(module) {
            let work = Work { keep: outputs.keep, records: &outputs.records, frame: outputs.frame };
            node.keeper.write(flash, now, &work, &node.controller);
        }
        let drive = outputs.drive;
        if drive != node.drive || sample.is_some() {
            node.drive = drive;
            self.plant.drive_module(module, &wiring::module_drive(&drive));
        }
        self.link.set_powered(place, drive.power != PowerMode::Off);
    }

    fn step_bdu(&mut self, now: Instant, inputs: &BduInputs<'_>, outside: &mut Outside<'_>) {
        let outputs = &mut self.bdu_outputs;
        self.bdu.step_into(self.bdu_clock.shows(now), inputs, outputs);
        for &frame in &outputs.link_frames {
            self.link.send(BDU, frame);
        }
        for &frame in &outputs.com_frames {
            outside.com.send(outside.com_place, frame);
        }
        for &record in &outputs.records {
            outside.log.push(Logged { at: now, tower: self.index, module: 0, record });
        }
        let work = Work { keep: outputs.keep, records: &outputs.records, frame: None };
        self.bdu_keeper.write(self.plant.bdu_flash_mut(), now, &work, &self.bdu);
        self.bdu_drive = outputs.drive;
        self.plant.drive_bdu(&wiring::bdu_drive(&outputs.drive));
        self.link.set_powered(BDU, outputs.drive.power != PowerMode::Off);
    }
}

impl ModuleNode {
    /// Its converter works and its relay is still open.
    const fn is_joining(&self) -> bool {
        self.drive.pcu.gate && !self.drive.pcu.relay
    }

    /// Awake, and not past its self test, which lasts seconds.
    fn is_starting(&self) -> bool {
        self.drive.power == PowerMode::On && self.controller.state() == ModuleState::Starting
    }

    fn enables_next(&self) -> bool {
        self.plugged && self.drive.power != PowerMode::Off && self.drive.link_out
    }

    fn new(tower: usize, place: usize, spec: &ModuleSpec, seed: u64) -> Self {
        let identity = Identity {
            serial: serial(tower, place),
            software: text(spec.software.as_deref().unwrap_or(SOFTWARE)),
            pcu_software: text(SOFTWARE),
        };
        let controller =
            module::ModuleController::new(identity, persisted(spec, seed.wrapping_add(place as u64)));
        Self {
            controller,
            electronics: Electronics::new(),
            keeper: Keeper::default(),
            identity,
            drive: ModuleDrive::OFF,
            plugged: spec.plugged,
            stacked: spec.plugged,
            resets: Resets::default(),
            clock: Clock::default(),
            enable_stuck: false,
        }
    }

    /// It has never had power before: what it starts its life with goes into its flash.
    fn begin_life(&mut self, hardware: &mut plant::Tower, place: usize) {
        if let Some(flash) = hardware.module_flash_mut(place) {
            self.keeper = Keeper::first(flash, self.controller.keep(), &self.controller);
        }
    }

    /// Without power: nothing is remembered, and nothing done.
    fn lose_power(&mut self) {
        self.controller = module::ModuleController::new(self.identity, ModulePersisted::NEW);
        self.keeper = Keeper::default();
        self.drive = ModuleDrive::OFF;
    }
}

/// Serial number of the module that the scenario has at this place.
fn serial(tower: usize, place: usize) -> [u8; 20] {
    text(&format!("VT5K{:04}{:012}", tower + 1, place + 1))
}

/// What an earlier life would have left in a module's memory: the capacity on its nameplate, and a count of its charge
/// that is off by a few percent. What its cells really are it cannot know.
fn persisted(spec: &ModuleSpec, seed: u64) -> ModulePersisted {
    let drawn = f64::from(Pcg32::seed_from_u64(seed ^ COUNT_STREAM).next_u32()) / f64::from(u32::MAX);
    let error = COUNT_ERROR * (2.0 * drawn - 1.0);
    let soc = spec.stored_soc.unwrap_or_else(|| (spec.soc + error).clamp(0.0, 1.0));
    let charge = (f64::from(RATED_DECI_AMP_HOURS) * soc) as u32;
    ModulePersisted {
        charge: Charge::from_deci_amp_hours(charge),
        capacity: Charge::from_deci_amp_hours(RATED_DECI_AMP_HOURS),
        health: PerMille::FULL,
        boot: Boot { number: 1, ..Boot::NEVER },
        ..ModulePersisted::NEW
    }
}

fn module_setup(spec: &ModuleSpec, ageing: Ageing, ambient: f64, seed: u64) -> plant::ModuleSetup {
    const { assert!(CELLS == plant::CELLS) };
    plant::ModuleSetup {
        soc: spec.soc,
        health: spec.health,
        resistance_growth: spec.resistance_growth,
        temperature: spec.temperature.unwrap_or(ambient),
        seed,
        ageing,
        state: spec.state.clone(),
    }
}

fn plugged(modules: &[ModuleNode]) -> u8 {
    modules.iter().filter(|module| module.plugged).count() as u8
}

fn bdu_controller(index: usize, spec: &TowerSpec, modules: u8) -> bdu::BduController {
    let settings = bdu::BduSettings {
        cell_fault_lights: spec.cell_fault_lights,
        full_charge: spec.full_charge,
        ..Default::default()
    };
    new_bdu(index, modules, settings)
}

/// A distribution unit that belongs to another tower.
fn stray_bdu(index: usize, modules: u8) -> bdu::BduController {
    new_bdu(index, modules, bdu::BduSettings::default())
}

fn new_bdu(index: usize, modules: u8, settings: bdu::BduSettings) -> bdu::BduController {
    let boot = Boot { number: 1, ..Boot::NEVER };
    let persisted = BduPersisted { boot, ..BduPersisted::new(modules, settings) };
    bdu::BduController::new(bdu_identity(index), persisted)
}

fn bdu_identity(index: usize) -> Identity {
    Identity {
        serial: text(&format!("VTBDU{:015}", index + 1)),
        software: text(SOFTWARE),
        pcu_software: text(SOFTWARE),
    }
}

/// ASCII of a fixed length, padded with blanks.
fn text<const N: usize>(words: &str) -> [u8; N] {
    let mut bytes = [b' '; N];
    for (byte, character) in bytes.iter_mut().zip(words.bytes()) {
        *byte = character;
    }
    bytes
}

/// How long the run should stay at fine steps after something has happened to this tower.
pub(crate) const FINE_AFTER_EVENT: Duration = Duration::secs(10);
