//! The power is lost in every operation of the flash.

use voltower_control::io::{
    CELLS, Comparator, ComparatorStatus, ModuleDrive, ModuleInputs, ModuleSample, PcuSample, PowerMode,
    SamplePeriod,
};
use voltower_control::link::lss::{Answer, Assigner, SERIAL_BITS};
use voltower_control::selftest::SelfTestReport;
use voltower_core::{
    Charge, ConditionSet, DeciCelsius, Duration, Fault, Finding, MilliAmps, MilliVolts, ModuleState, Watts,
};
use voltower_plant::FlashDefect;
use voltower_protocols::Frame;
use voltower_protocols::link::{
    Happening, MODULE_DICTIONARY, ModuleCommand, ModuleNode, ModuleRequest, ShareWeight,
};

use super::*;

const PERIOD: Duration = Duration::millis(100);
/// A small chip, so that pages are erased too.
const CHIP: usize = 16;

/// A module with its flash, among sensors that show a healthy pack.
struct Bench {
    flash: Flash,
    keeper: Keeper,
    controller: ModuleController,
    now: Instant,
    conversions: u32,
    comparator: bool,
    command: Option<ModuleCommand>,
    drive: ModuleDrive,
    told: Vec<Record>,
}

fn identity() -> Identity {
    Identity { serial: *b"VT5K0001000000000001", software: *b"0V100001", pcu_software: *b"0V100001" }
}

fn wanted(clear_lock_outs: bool) -> ModuleCommand {
    ModuleCommand {
        request: ModuleRequest::Connect,
        lead: false,
        shed: false,
        clear_lock_outs,
        update: false,
        service: false,
        set_point: MilliVolts(400_000),
        charge_power: Watts(2500),
        discharge_power: Watts(2500),
        weight: ShareWeight::FULL,
    }
}

impl Bench {
    /// A new module at half charge that has never had power, with `ops` operations behind its flash.
    fn new() -> Self {
        let persisted = ModulePersisted {
            charge: Charge::from_deci_amp_hours(500),
            boot: Boot { number: 1, ..Boot::NEVER },
            ..ModulePersisted::NEW
        };
        let controller = ModuleController::new(identity(), persisted);
        let mut flash = Flash::with_pages(CHIP, 1);
        let keeper = Keeper::first(&mut flash, controller.keep(), &controller);
        Self::with(flash, keeper, controller)
    }

    fn with(flash: Flash, keeper: Keeper, controller: ModuleController) -> Self {
        Self {
            flash,
            keeper,
            controller,
            now: Instant::ZERO,
            conversions: 0,
            comparator: false,
            command: Some(wanted(false)),
            drive: ModuleDrive::OFF,
            told: Vec::new(),
        }
    }

    /// The power goes and comes back.
    fn power_cycled(mut self) -> Self {
        self.flash.power_on();
        let (keeper, controller) = Keeper::start_module(&mut self.flash, identity(), ResetCause::PowerOn);
        Self::with(self.flash, keeper, controller)
    }

    fn run(&mut self, ticks: u32) {
        (0..ticks).for_each(|_| self.tick());
    }

    fn tick(&mut self) {
        self.now = self.now + PERIOD;
        self.conversions += 1;
        self.give_address();
        if let Some(command) = self.command {
            let frame = command.to_frame(ModuleNode::new(1).expect("legal"));
            self.step(None, Some(&frame));
        }
        let sample = self.sample();
        self.step(Some(&sample), None);
    }

    fn step(&mut self, sample: Option<&ModuleSample>, frame: Option<&Frame>) -> Vec<Frame> {
        let inputs = ModuleInputs { sample, frame, wake: true, link_in: true };
        let outputs = self.controller.step(self.now, &inputs);
        self.told.extend(&outputs.records);
        self.drive = outputs.drive;
        let work = Work { keep: outputs.keep, records: &outputs.records, frame: outputs.frame };
        self.keeper.write(&mut self.flash, self.now, &work, &self.controller);
        outputs.frames.to_vec()
    }

    fn give_address(&mut self) {
        if self.controller.address().is_some() {
            return;
        }
        let (mut master, first) =
            Assigner::begin(1, MODULE_DICTIONARY.identity, SERIAL_BITS, None, SamplePeriod(Duration::ZERO));
        let mut waiting = first.to_vec();
        loop {
            let frames: Vec<Frame> =
                waiting.drain(..).flat_map(|request| self.step(None, Some(&request.to_frame()))).collect();
            let told = match frames.iter().find_map(Answer::from_frame) {
                Some(answer) => master.on_answer(answer),
                None => master.tick(master.remaining()),
            };
            match told {
                Ok(request) => waiting.extend(request),
                Err(_) => return,
            }
        }
    }

    fn sample(&self) -> ModuleSample {
        let drive = &self.drive;
        let on_bus = drive.pcu.relay || drive.pcu.gate;
        ModuleSample {
            afe_conversion: self.conversions,
            cells: [Some(MilliVolts(3300)); CELLS],
            pack_voltage: MilliVolts(52_800),
            pack_current: MilliAmps::ZERO,
            cell_temperatures: [Some(DeciCelsius(250)); 4],
            mos_temperature: Some(DeciCelsius(300)),
            ambient_temperature: Some(DeciCelsius(250)),
            comparator_tripped: self.comparator,
            comparator_status: ComparatorStatus::default(),
            comparator: Comparator {
                over_voltage: MilliVolts(3800),
                over_temperature: DeciCelsius(700),
                under_voltage: MilliVolts(1900),
                under_voltage_delay: Duration::secs(1),
                over_current_charge: MilliAmps(80_000),
                over_current_discharge: MilliAmps(80_000),
                over_current_delay: Duration::millis(320),
                short_circuit: MilliAmps(200_000),
                short_circuit_delay: Duration(400),
            },
            charge_mosfet_closed: drive.charge_mosfet,
            discharge_mosfet_closed: drive.discharge_mosfet,
            pcu: PcuSample {
                low_voltage: MilliVolts(52_800),
                low_current: MilliAmps::ZERO,
                capacitor_voltage: MilliVolts(if on_bus { 400_000 } else { 52_800 }),
                terminal_voltage: MilliVolts(400_000),
                bus_current: MilliAmps::ZERO,
                heat_sink: Some(DeciCelsius(300)),
                stage_tripped: false,
                relay_closed: drive.pcu.relay,
            },
            self_test: SelfTestReport::default(),
            memory: self.keeper.report(),
        }
    }

    fn is_open(&self) -> bool {
        let drive = &self.drive;
        !drive.charge_mosfet && !drive.discharge_mosfet && !drive.pcu.relay && !drive.pcu.gate
    }

    fn locked_out(&self) -> ConditionSet {
        self.controller.persisted().locked_out
    }

    fn has_told(&self, record: Record) -> bool {
        self.told.contains(&record)
    }
}

/// On the bus, with a flash that has been used: `rounds` more entries of its log.
fn on_the_bus(rounds: u32) -> Bench {
    let mut bench = Bench::new();
    bench.run(50);
    assert_eq!(bench.controller.state(), ModuleState::Connected);
    for _ in 0..rounds {
        bench.keeper.note(Event { uptime: 0, what: Happening::Anchored });
        bench.keeper.write_log(&mut bench.flash);
    }
    bench
}

#[test]
fn a_lock_out_is_there_after_a_loss_of_power_at_any_moment_or_was_never_told_and_outputs_were_open() {
    let locked = Record::LockOut(Fault::Bms.into());
    let mut told = [0, 0];
    for way in 0..6 {
        for operation in 0.. {
            let mut bench = on_the_bus(way);
            bench.flash.set_seed(u64::from(way));
            bench.flash.cut_after(operation);
            bench.comparator = true;
            for _ in 0..5 {
                bench.tick();
                assert!(bench.is_open(), "operation {operation}");
            }
            let (is_told, was_cut) = (bench.has_told(locked), !bench.flash.supplied());
            let mut bench = bench.power_cycled();
            if is_told {
                assert!(bench.locked_out().contains(Fault::Bms), "told, and lost in operation {operation}");
            }
            told[usize::from(is_told)] += 1;
            let is_locked = bench.locked_out().contains(Fault::Bms);
            bench.run(50);
            assert_eq!(bench.controller.state() == ModuleState::Faulted, is_locked, "operation {operation}");
            if !was_cut {
                assert!(is_told);
                break;
            }
        }
    }
    assert!(told[0] > 0 && told[1] > 0, "cuts came before and after it was told: {told:?}");
}

#[test]
fn what_a_person_has_cleared_closes_nothing_before_the_flash_has_it() {
    let mut told = [0, 0];
    for way in 0..6 {
        for operation in 0.. {
            let mut bench = on_the_bus(way);
            bench.comparator = true;
            bench.run(5);
            bench.comparator = false;
            // What is younger than a second nobody can have seen.
            bench.run(20);
            bench.flash.set_seed(u64::from(way));
            bench.flash.cut_after(operation);
            bench.command = Some(wanted(true));
            let mut has_closed = false;
            for _ in 0..30 {
                bench.tick();
                has_closed |= !bench.is_open();
            }
            let (is_told, was_cut) = (bench.has_told(Record::LockOutsCleared), !bench.flash.supplied());
            assert!(is_told || !has_closed, "closed before it was cleared, operation {operation}");
            let bench = bench.power_cycled();
            assert!(!is_told || bench.locked_out().is_empty(), "cleared, and back in operation {operation}");
            told[usize::from(is_told)] += 1;
            if !was_cut {
                assert!(is_told && has_closed);
                break;
            }
        }
    }
    assert!(told[0] > 0 && told[1] > 0, "{told:?}");
}

#[test]
fn a_flash_without_supply_takes_the_module_off_the_bus_and_a_person_brings_it_back() {
    let mut bench = on_the_bus(0);
    bench.flash.cut_after(0);
    bench.keeper.note(Event { uptime: 0, what: Happening::Anchored });
    bench.run(20);
    assert_eq!(bench.controller.state(), ModuleState::Faulted);
    assert!(bench.controller.verdict().conditions.contains(Fault::Bms));
    bench.flash.power_on();
    bench.run(20);
    assert_eq!(bench.controller.state(), ModuleState::Faulted, "a person must look");
    bench.command = Some(wanted(true));
    bench.run(50);
    assert_eq!(bench.controller.state(), ModuleState::Connected);
    assert_eq!(bench.keeper.lost(), 0);
    let log = log_of(&mut bench.flash);
    let told = |what| log.iter().any(|(_, event)| event.what == what);
    assert!(
        told(Happening::Found(Finding::MemoryFailed, 1, 0)) && told(Happening::LockOutsCleared),
        "{log:?}"
    );
}

/// Each try wears it out, and its module is off the bus until a person comes: for whom it is tried at once.
#[test]
fn a_worn_flash_is_tried_less_and_less_often_and_at_once_for_a_person() {
    let mut bench = on_the_bus(0);
    bench.flash.set_defect(FlashDefect::Worn, true);
    bench.keeper.note(Event { uptime: 0, what: Happening::Anchored });
    bench.run(3600);
    let before = bench.flash.operations();
    bench.run(1500);
    assert_eq!(bench.flash.operations(), before, "a pause of more than two minutes");
    bench.flash.set_defect(FlashDefect::Worn, false);
    bench.run(20);
    assert_eq!(bench.controller.state(), ModuleState::Faulted, "a person must look");
    bench.command = Some(wanted(true));
    bench.run(50);
    assert_eq!(bench.controller.state(), ModuleState::Connected);
}

#[test]
fn a_flash_that_fails_is_not_tried_with_each_sample() {
    let mut bench = on_the_bus(0);
    bench.flash.set_defect(FlashDefect::Worn, true);
    bench.keeper.note(Event { uptime: 0, what: Happening::Anchored });
    let before = bench.flash.operations();
    let samples = 6000;
    bench.run(samples);
    let operations = bench.flash.operations() - before;
    assert!((1..u64::from(samples)).contains(&operations), "{operations} in {samples} samples");
    assert!(bench.keeper.report().failed);
}

#[test]
fn of_the_log_only_what_the_ring_has_overwritten_is_lost() {
    let mut bench = Bench::new();
    let total = 6000;
    for number in 0..total {
        bench.keeper.note(Event { uptime: number, what: Happening::Anchored });
        bench.keeper.write_log(&mut bench.flash);
    }
    let log = log_of(&mut bench.flash);
    let first = total - log.len() as u32;
    assert!(log.len() > 500 && first > 0, "{} entries", log.len());
    assert!(log.iter().zip(first..).all(|((boot, event), number)| (*boot, event.uptime) == (1, number)));
    assert_eq!(bench.keeper.lost(), 0);
}

#[test]
fn entries_that_no_flash_takes_are_counted() {
    let mut bench = Bench::new();
    bench.flash.cut_after(0);
    for number in 0..BACKLOG as u32 + 7 {
        bench.keeper.note(Event { uptime: number, what: Happening::Anchored });
        bench.keeper.write_log(&mut bench.flash);
    }
    assert_eq!(bench.keeper.lost(), 7);
}

#[test]
fn photographs_and_blackbox_are_there_after_a_loss_of_power() {
    let mut bench = on_the_bus(0);
    bench.comparator = true;
    bench.run(5);
    let page = bench.controller.blackbox_page(0).expect("frozen");
    let mut bench = bench.power_cycled();
    assert_eq!(bench.controller.blackbox_page(0), Some(page));
    let frame = bench.keeper.read(&mut bench.flash, FIRST_FRAME + 1).expect("read").expect("there is one");
    let frame = FreezeFrame::from_bytes(&frame).expect("whole");
    assert_eq!((frame.number, frame.stamp.boot, frame.condition), (1, 1, Fault::Bms.into()));
    assert_eq!(bench.drive.power, PowerMode::Off);
}
