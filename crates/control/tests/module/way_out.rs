//! Every condition has a way out, for the module as a whole: each row of the table is reached, and goes away with what
//! the module's own drives and limits let pass; then it is on the bus again. Only lock-outs wait for an operator.

use voltower_control::io::CELLS;
use voltower_control::keep::{Boot, ModulePersisted, Part, Parts};
use voltower_control::protect::Quantity;
use voltower_control::protect::row::{Heals, Recovery, Row, Sense};
use voltower_control::protect::table::TABLE;
use voltower_core::{DeciCelsius, Duration, MilliAmps, MilliVolts, ModuleState, Watts};
use voltower_protocols::link::ModuleRequest;

use crate::levels;
use crate::rig::{Broken, Rig, persisted};

const SECOND: Duration = Duration::secs(1);
/// What flows where it may, mA.
const FLOWS: i32 = 4800;
/// Seconds in which a row is reached, and in which it must be gone.
const REACHED: u32 = 4 * 3600;
const GONE: u32 = 6 * 3600;

fn deci(value: i32) -> DeciCelsius {
    DeciCelsius(value.try_into().expect("a temperature"))
}

/// A module that is on the bus when this begins to be wrong, or starts with it.
fn start(row: &Row) -> Rig {
    let memory = match row.quantity {
        Quantity::Stored => ModulePersisted { damaged: Parts::NONE.with(Part::Safety), ..persisted(500) },
        Quantity::Resets => {
            let boot = Boot { number: 9, resets: row.raise as u8, ..Boot::NEVER };
            ModulePersisted { boot, ..persisted(500) }
        }
        Quantity::Configuration => {
            let mut kept = persisted(500);
            kept.settings.levels.over_voltage_alarm = MilliVolts(2000);
            kept
        }
        _ => persisted(500),
    };
    let mut rig = Rig::with(memory);
    let ready = matches!(
        row.quantity,
        Quantity::ForbiddenCurrent | Quantity::Converter | Quantity::ConverterForGood | Quantity::Welded
    );
    rig.start(if ready { ModuleRequest::Ready } else { ModuleRequest::Connect });
    rig.period = SECOND;
    rig
}

/// A second of what makes `row` wrong.
fn breaks(rig: &mut Rig, row: &Row, second: u32) {
    let value = row.raise;
    let swing = if (second / 20).is_multiple_of(2) { 30_000 } else { -30_000 };
    match row.quantity {
        Quantity::CellHighest | Quantity::CellLowest | Quantity::CellLowestInUse => {
            rig.set_cells(MilliVolts(value));
        }
        Quantity::CellSpread | Quantity::CellSpreadInUse => apart(rig, value),
        Quantity::TemperatureHighest | Quantity::TemperatureLowest => {
            rig.sample.cell_temperatures = [Some(deci(value)); 4];
        }
        Quantity::TemperatureSpread => rig.sample.cell_temperatures[1] = Some(deci(250 + value)),
        Quantity::Ambient => rig.sample.ambient_temperature = Some(deci(value)),
        Quantity::Mos => rig.sample.mos_temperature = Some(deci(value)),
        Quantity::HeatSink => rig.sample.pcu.heat_sink = Some(deci(value)),
        Quantity::Current | Quantity::ForbiddenCurrent => rig.set_current(MilliAmps(value)),
        Quantity::PowerExcess => rig.sample.pcu.bus_current = MilliAmps(6250 + value * 5 / 2 + 3),
        Quantity::Implausible => rig.sample.cells[3] = None,
        Quantity::SumError => rig.pack_error = MilliVolts(3000),
        Quantity::ConverterError => rig.converter_error = MilliVolts(3000),
        Quantity::Frozen => {
            rig.broken.still = true;
            rig.set_current(MilliAmps(swing));
        }
        Quantity::CurrentError => rig.sample.pack_current = MilliAmps(value),
        Quantity::AfeSilent => rig.broken.afe_silent = true,
        Quantity::Comparator => rig.sample.comparator_tripped = true,
        Quantity::ComparatorSetting => rig.broken.comparator_stuck = true,
        Quantity::Converter | Quantity::ConverterForGood => {
            rig.broken.capacitor_dead = true;
            rig.change_command(|command| command.request = ModuleRequest::Connect);
        }
        Quantity::SelfTest => rig.sample.self_test.memory.failed = true,
        Quantity::Welded => rig.broken.relay_welded = true,
        Quantity::NotClosed => rig.broken.mosfet_stuck_open = true,
        Quantity::TerminalVoltage => rig.bus = MilliVolts(value),
        Quantity::Memory => rig.broken.memory_failed = true,
        Quantity::Stored | Quantity::Resets | Quantity::Configuration => {}
        Quantity::CellContact => {
            // 0.7 mohm, and 18 mohm.
            rig.set_current(MilliAmps(swing / 2));
            rig.set_cells(MilliVolts(3290 + swing / 2 * 7 / 10_000));
            rig.sample.cells[6] = Some(MilliVolts(3290 + swing / 2 * 18 / 1000));
        }
        Quantity::ShuntCount => {
            rig.set_current(MilliAmps(swing / 3));
            rig.sample.pack_current = MilliAmps(swing / 3 + 4000);
        }
        Quantity::CellAlone => {
            rig.set_cells(MilliVolts(3345));
            rig.sample.cells[6] = Some(MilliVolts(3580));
        }
        Quantity::NoRise => {
            apart(rig, 550);
            let flows = may_charge(rig);
            rig.set_current(MilliAmps(if flows { FLOWS } else { 0 }));
        }
        Quantity::Sinking => apart(rig, 550 + second as i32 / 5),
    }
}

fn apart(rig: &mut Rig, mv: i32) {
    rig.set_cells(MilliVolts(3250));
    rig.sample.cells[6] = Some(MilliVolts(3250 - mv));
}

fn on_the_bus(rig: &Rig) -> bool {
    rig.state() == ModuleState::Connected && rig.drive.charge_mosfet && rig.drive.discharge_mosfet
}

/// Its own drives and limits let charge in.
fn may_charge(rig: &Rig) -> bool {
    on_the_bus(rig) && rig.controller.limits().charge.power > Watts::ZERO
}

fn may_discharge(rig: &Rig) -> bool {
    on_the_bus(rig) && rig.controller.limits().discharge.power > Watts::ZERO
}

/// A second in which people use the module as far as it lets them, in the direction that heals.
fn lives(rig: &mut Rig, row: &Row, second: u32) {
    let cell = |rig: &Rig, place: usize| rig.sample.cells[place].map_or(0, |cell| cell.0);
    match row.heals {
        Heals::Charge if may_charge(rig) => {
            rig.set_current(MilliAmps(FLOWS));
            let cells = cell(rig, 0) + 2;
            rig.set_cells(MilliVolts(cells));
        }
        Heals::Discharge if may_discharge(rig) => {
            rig.set_current(MilliAmps(-FLOWS));
            let cells = cell(rig, 0) - 2;
            rig.set_cells(MilliVolts(cells));
        }
        Heals::Levelling if may_charge(rig) => {
            rig.set_current(MilliAmps(FLOWS));
            let low = cell(rig, 6);
            rig.sample.cells[6] = Some(MilliVolts((low + 1).min(3250)));
        }
        Heals::Charge | Heals::Discharge | Heals::Levelling => rig.set_current(MilliAmps(0)),
        Heals::Rest if second == 1 => rests(rig, row),
        Heals::Repair if second == 10 && row.quantity == Quantity::Configuration => levels::restore(rig),
        Heals::Repair | Heals::Operator if second == 10 => put_right(rig),
        Heals::Rest | Heals::Repair | Heals::Operator => told_again(rig, row, second),
    }
}

/// Heat goes, what was in excess ends.
fn rests(rig: &mut Rig, row: &Row) {
    let value = match row.sense {
        Sense::Above => row.clear - 1,
        Sense::Below => row.clear + 1,
    };
    match row.quantity {
        Quantity::TemperatureSpread => rig.sample.cell_temperatures[1] = Some(deci(250 + value)),
        Quantity::TemperatureHighest | Quantity::TemperatureLowest => {
            rig.sample.cell_temperatures = [Some(deci(value)); 4];
        }
        Quantity::Ambient => rig.sample.ambient_temperature = Some(deci(value)),
        Quantity::Mos => rig.sample.mos_temperature = Some(deci(value)),
        Quantity::HeatSink => rig.sample.pcu.heat_sink = Some(deci(value)),
        _ => put_right(rig),
    }
}

/// What has to be seen to be right: currents that move, and cells that come to their end together.
fn told_again(rig: &mut Rig, row: &Row, second: u32) {
    let moves = matches!(row.quantity, Quantity::CellContact | Quantity::Frozen | Quantity::ShuntCount)
        && second > 10;
    if moves {
        let swing = if (second / 20).is_multiple_of(2) { 30_000 } else { -30_000 };
        rig.set_current(MilliAmps(swing));
        rig.set_cells(MilliVolts(3290 + swing * 7 / 10_000));
    }
    if row.quantity == Quantity::CellAlone && second > 10 {
        let end = second < 200;
        rig.set_cells(MilliVolts(if end { 3550 } else { 3330 }));
    }
}

fn put_right(rig: &mut Rig) {
    let conversion = rig.sample.afe_conversion;
    let healthy = Rig::new();
    rig.sample = healthy.sample;
    rig.sample.afe_conversion = conversion;
    rig.sample.cells = [Some(MilliVolts(3300)); CELLS];
    (rig.pack_error, rig.converter_error) = (MilliVolts(0), MilliVolts(0));
    (rig.bus, rig.broken) = (MilliVolts(400_000), Broken::default());
}

fn finds(rig: &Rig, row: &Row) -> bool {
    rig.controller.findings().contains(row.finding)
}

#[test]
fn each_row_is_reached_and_goes_away_with_what_the_module_lets_pass() {
    for row in &TABLE {
        let mut rig = start(row);
        let reached = (0..REACHED).find(|second| {
            breaks(&mut rig, row, *second);
            rig.tick();
            finds(&rig, row)
        });
        assert!(reached.is_some(), "never reached: {}", row.finding);
        rig.change_command(|command| command.request = ModuleRequest::Connect);
        let gone = (1..GONE).find(|second| {
            lives(&mut rig, row, *second);
            rig.tick();
            !finds(&rig, row)
        });
        let waits = row.recovery == Recovery::Person;
        assert_eq!(gone.is_none(), waits, "{} after {reached:?}: {gone:?}", row.finding);
        if waits {
            put_right(&mut rig);
            rig.change_command(|command| command.clear_lock_outs = true);
            rig.run(Duration::secs(5));
            rig.change_command(|command| command.clear_lock_outs = false);
        }
        rig.set_current(MilliAmps(0));
        let back = (0..3600).any(|_| {
            rig.tick();
            on_the_bus(&rig)
        });
        assert!(back && !finds(&rig, row), "{}: {:?}, {:?}", row.finding, rig.state(), rig.conditions());
    }
}
