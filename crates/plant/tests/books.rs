//! A simulated day: every account is open, all of them together explain what crossed the terminals, and without any
//! single one they do not.

mod common;

use common::{connected, module, run, running};
use voltower_plant::cell::{CellParameters, CellSetup, CellString, Chemistry, Decay};
use voltower_plant::{CELLS, EnergyLedger, Fault, Tower};

const HOUR: f64 = 3_600.0;

/// A day of an E10 in a house: charged at noon, empty at night, with a balancing resistor, a leaking cell, a heater, a
/// short that lasts a blink and a power cut.
fn day(dt: f64, mut look: impl FnMut(&Tower)) -> Tower {
    let mut tower = running(2, 0.55);
    let mut drive = connected(0.0);
    tower.drive_module(1, &drive);
    drive.balancing = 0x0101;
    tower.drive_module(0, &drive);
    tower.inject(Fault::InternalShort { module: 1, cell: 4, ohms: 20.0 });
    tower.inject(Fault::Heater { module: 0, cell: Some(7), watts: 3.0 });
    for quarter in 0..96 {
        let hour = f64::from(quarter) / 4.0;
        let sun = 1_550.0 * (1.0 - ((hour - 13.0) / 4.0).powi(2)).max(0.0);
        let house = 250.0 + if (18.0..22.0).contains(&hour) { 1_200.0 } else { 0.0 };
        tower.input_mut().request(sun - house);
        run(&mut tower, HOUR / 4.0, dt);
        look(&tower);
    }
    tower.input_mut().request(-4_000.0);
    run(&mut tower, 300.0, dt);
    tower.inject(Fault::BusShort { ohms: 100.0 });
    run(&mut tower, 0.5, 0.01);
    tower.repair(Fault::BusShort { ohms: 100.0 });
    // In the midst of a jump of the power, so that the links of the converters hold something.
    tower.input_mut().request(2_000.0);
    run(&mut tower, 0.02, 0.01);
    tower
}

#[test]
fn a_day_closes_and_not_without_any_account() {
    let tower = day(1.0, |_| {});
    let ledger = tower.energy();
    let largest = ledger.accounts().iter().fold(ledger.inverter.abs(), |most, (_, j)| most.max(j.abs()));
    println!("a day: {:.1e} J of {largest:.3e} J are not explained", ledger.residual());
    assert!(ledger.residual().abs() < 1e-11 * largest, "{} J of {largest}", ledger.residual());
    for (name, joules) in ledger.accounts() {
        assert!(joules.abs() > 1e-10 * largest, "{name}: {joules} J of {largest} would not be missed");
    }
}

#[test]
fn the_heat_of_a_day_closes_and_not_without_any_account() {
    let ledger = day(1.0, |_| {}).energy();
    let accounts = |l: &EnergyLedger| {
        [
            l.heat_made,
            l.heat_reversible,
            l.heat_from_heaters,
            -l.heat_stored,
            -l.heat_waiting,
            -l.heat_to_ambient,
        ]
    };
    let sum: f64 = accounts(&ledger).iter().sum();
    assert!((sum - ledger.thermal_residual()).abs() < 1e-6);
    assert!(sum.abs() < 1e-9 * ledger.heat_made, "{sum} J of {}", ledger.heat_made);
    for (place, joules) in accounts(&ledger).into_iter().enumerate() {
        assert!(joules.abs() > 1e-8 * ledger.heat_made, "account {place}: {joules} J would not be missed");
    }
    // What is lost in cells, converters and MOSFETs, and in the electronics of the modules, is the heat made.
    let lost = ledger.hysteresis_lost
        + ledger.polarisation_lost
        + ledger.ohmic
        + ledger.self_discharge
        + ledger.side_reaction
        + ledger.internal_short
        + ledger.balancing
        + ledger.converters
        + ledger.mosfets;
    let electronics = ledger.heat_made - lost;
    assert!((0.7..1.0).contains(&(electronics / ledger.electronics)), "{electronics} J");
}

/// A day of a string under a current of its own: minutes of charge, discharge and rest.
fn string_day() -> (CellString, f64, Vec<f64>) {
    let chemistry = Chemistry::new(&CellParameters::default());
    let setup = CellSetup { soc: 0.4, health: 1.0, resistance_growth: 1.0, temperature: 20.0, busbars: 1e-3 };
    let mut cells = CellString::new(&chemistry, &setup, 3, 0);
    let at_start = (0..CELLS).map(|cell| {
        let cell = cells.cell(&chemistry, cell);
        cell.soc * cell.capacity
    });
    let at_start = at_start.collect();
    cells.set_short(5, 0.02);
    cells.set_balancing(0x00F0, 0.02);
    let decay = Decay::new(1.0, &chemistry.parameters);
    let mut terminals = 0.0;
    for second in 0..86_400_u32 {
        let current = [25.0, -18.0, 0.0, 31.0, -36.0][(second / 700 % 5) as usize];
        terminals += cells.step(&chemistry, &decay, current) * current;
        if second % 10 == 0 {
            let heat = cells.take_heat();
            for (celsius, joules) in cells.temperatures_mut().iter_mut().zip(heat) {
                *celsius += (joules - 5.0 * (*celsius - 20.0)) / 2_100.0;
            }
            cells.follow(&chemistry);
        }
    }
    (cells, terminals, at_start)
}

#[test]
fn the_charge_of_a_day_closes_and_not_without_any_account() {
    let (cells, _, at_start) = string_day();
    let charge = cells.charge();
    let through = 86_400.0 * 22.0 * CELLS as f64;
    assert!(charge.residual().abs() < 1e-9 * through, "{charge:?}");
    let accounts = [
        charge.through,
        charge.stored,
        charge.self_discharge,
        charge.side_reaction,
        charge.balancing,
        charge.internal_short,
    ];
    for (place, coulombs) in accounts.into_iter().enumerate() {
        assert!(coulombs.abs() > 1e-6 * through, "account {place}: {coulombs} C would not be missed");
    }
    let chemistry = Chemistry::new(&CellParameters::default());
    let stored: f64 = (0..CELLS)
        .map(|k| {
            let cell = cells.cell(&chemistry, k);
            cell.soc * cell.capacity - at_start[k]
        })
        .sum();
    assert!((stored - charge.stored).abs() < 1e-9 * through, "{stored} {}", charge.stored);
}

#[test]
fn the_energy_of_a_string_closes_by_itself() {
    let (cells, terminals, _) = string_day();
    let energy = cells.energy();
    let stored = energy.chemical + energy.hysteresis_stored + energy.polarisation_stored + energy.entropic;
    let residual = terminals - stored - energy.heat_made() - energy.balancing;
    assert!(residual.abs() < 1e-10 * energy.chemical.abs().max(terminals.abs()), "{residual} J: {energy:?}");
}

#[test]
fn a_second_is_as_good_as_a_tenth() {
    let voltages = |dt: f64| {
        let mut seen = Vec::new();
        day(dt, |tower| {
            for place in 0..2 {
                seen.extend(module(tower, place).cell_voltages);
            }
        });
        seen
    };
    let (fine, coarse) = (voltages(0.1), voltages(1.0));
    let most = fine.iter().zip(&coarse).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("1 s against 0.1 s steps over a day: at most {:.4} mV", most * 1e3);
    assert!(most < 0.5e-3, "{most} V");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = || format!("{:?} {:?}", day(10.0, |_| {}).truth(), day(10.0, |_| {}).energy());
    assert_eq!(bytes(), bytes());
}
