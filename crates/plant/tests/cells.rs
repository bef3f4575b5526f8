//! The cells: open-circuit curve, hysteresis, relaxation, resistance over temperature.

mod common;

use common::{module, ready, run, running, tower_at};
use voltower_plant::ageing::AgeingModel;
use voltower_plant::cell::HomeCell;
use voltower_plant::{Fault, ModuleDrive, ModuleSetup, Tower, TowerParameters, TowerSetup};

/// Mean open-circuit voltages of the cell with low resistance at 25 degC, typed from the Sony table of SimSES.
const OCV: [(f64, f64); 13] = [
    (0.05, 3.065),
    (0.10, 3.197),
    (0.15, 3.212),
    (0.20, 3.234),
    (0.30, 3.270),
    (0.40, 3.292),
    (0.50, 3.299),
    (0.60, 3.303),
    (0.70, 3.311),
    (0.75, 3.319),
    (0.80, 3.334),
    (0.90, 3.342),
    (1.00, 3.530),
];

/// A tower whose cells are all alike and stay as they are.
fn even_tower(soc: f64, temperature: f64) -> Tower {
    even_tower_of(HomeCell::default(), soc, temperature)
}

fn even_tower_of(cell: HomeCell, soc: f64, temperature: f64) -> Tower {
    let mut parameters = TowerParameters { cell: cell.parameters(), ..TowerParameters::default() };
    parameters.cell.spread.soc = 0.0;
    parameters.cell.spread.capacity = 0.0;
    parameters.cell.spread.resistance = 0.0;
    let ageing = AgeingModel::None.into();
    let modules = vec![ModuleSetup { soc, temperature, ageing, ..ModuleSetup::default() }];
    Tower::new(&parameters, &TowerSetup { modules, ambient: temperature, seed: 0 })
}

fn volts(tower: &Tower) -> f64 {
    module(tower, 0).cell_voltages[4]
}

#[test]
fn the_open_circuit_voltage_is_the_published_table() {
    for (soc, expected) in OCV {
        let found = volts(&even_tower_of(HomeCell::LowResistance, soc, 25.0));
        assert!((found - expected).abs() < 0.001, "{soc}: {found} {expected}");
    }
}

#[test]
fn the_open_circuit_voltage_rises_all_the_way() {
    let curve: Vec<f64> = (0..=1_000).map(|k| volts(&even_tower(f64::from(k) / 1_000.0, 25.0))).collect();
    assert!(curve.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn a_module_holds_its_five_kilowatt_hours() {
    let mut tower = running(1, 1.0);
    let start = tower.energy().chemical;
    tower.input_mut().request(-2_400.0);
    while module(&tower, 0).remaining > 0.5 {
        tower.step(1.0);
    }
    let kilowatt_hours = (start - tower.energy().chemical) / 3.6e6;
    assert!((5.0..5.35).contains(&kilowatt_hours), "{kilowatt_hours}");
}

#[test]
fn stored_energy_is_the_integral_of_the_open_circuit_voltage() {
    for dt in [0.1, 60.0] {
        let mut tower = even_tower(0.06, 25.0);
        common::start(&mut tower);
        let begin = (module(&tower, 0).cell_soc[4], tower.energy().chemical);
        tower.input_mut().request(2_400.0);
        run(&mut tower, 6_000.0, dt);
        let end = (module(&tower, 0).cell_soc[4], tower.energy().chemical);
        let slices = 4_000;
        let width = (end.0 - begin.0) / f64::from(slices);
        let middle = |k: i32| volts(&even_tower(begin.0 + (f64::from(k) + 0.5) * width, 25.0));
        let integral = (0..slices).map(middle).sum::<f64>() * width * 360_000.0 * 16.0;
        let found = end.1 - begin.1;
        assert!((found / integral - 1.0).abs() < 1e-5, "dt {dt}: {found} {integral}");
    }
}

#[test]
fn after_charging_and_after_discharging_a_cell_rests_apart() {
    let rest = |watts: f64, start: f64| {
        let mut tower = running(1, start);
        tower.input_mut().request(watts);
        let aim = 0.5;
        while (module(&tower, 0).cell_soc[4] - aim) * watts < 0.0 {
            tower.step(1.0);
        }
        tower.input_mut().request(0.0);
        tower.drive_module(0, &ModuleDrive::default());
        run(&mut tower, 6.0 * 3600.0, 10.0);
        volts(&tower)
    };
    let gap = rest(1_500.0, 0.3) - rest(-1_500.0, 0.7);
    // 26 mV, less what the electronics took back.
    assert!((0.020..0.027).contains(&gap), "{gap}");
}

#[test]
fn voltage_relaxes_in_two_paces_after_a_load() {
    let mut tower = running(1, 0.9);
    tower.input_mut().request(-2_400.0);
    run(&mut tower, 3_000.0, 1.0);
    common::all_off(&mut tower);
    let mut at = |seconds: f64| {
        run(&mut tower, seconds, 0.1);
        volts(&tower)
    };
    let (first, minute, quarter, hours) = (at(0.5), at(60.0), at(900.0), at(7_200.0));
    // 48 A: 0.19 mohm in the fast pair of 10 s, 0.675 mohm in the slow one of 300 s.
    assert!((0.010..0.018).contains(&(minute - first)), "{}", minute - first);
    assert!((0.018..0.030).contains(&(quarter - minute)), "{}", quarter - minute);
    assert!((0.001..0.004).contains(&(hours - quarter)), "{}", hours - quarter);
}

#[test]
fn cold_cells_resist_more() {
    let drop = |celsius: f64| {
        let mut tower = even_tower(0.5, celsius);
        tower.drive_module(0, &common::connected(0.0));
        run(&mut tower, 3.0, 0.01);
        let before = volts(&tower);
        tower.input_mut().request(-2_000.0);
        run(&mut tower, 0.1, 0.01);
        before - volts(&tower)
    };
    let (warm, cold) = (drop(25.0), drop(5.0));
    // A123 fits: R0 x1.78 at 5 degC; the sound busbar of 0.07 mohm stays.
    assert!((1.4..2.0).contains(&(cold / warm)), "{warm} {cold}");
    let milliohms = warm / 38.5 * 1e3;
    assert!((0.53..0.70).contains(&milliohms), "{milliohms}");
}

#[test]
fn balancing_takes_the_cells_that_are_switched() {
    let mut tower = tower_at(1, 0.8);
    let before = module(&tower, 0).cell_soc;
    tower.drive_module(0, &ModuleDrive { balancing: 0b1000_0000_0000_0001, ..ready() });
    run(&mut tower, 36_000.0, 10.0);
    let lost: Vec<f64> = before.iter().zip(module(&tower, 0).cell_soc).map(|(a, b)| a - b).collect();
    // 67 mA for ten hours.
    let extra = |cell: usize| (lost[cell] - lost[7]) * 100.0;
    assert!((extra(0) - 0.67).abs() < 0.03 && (extra(15) - 0.67).abs() < 0.03, "{lost:?}");
    assert!(extra(3).abs() < 0.02);
    assert!(tower.energy().balancing > 0.0);
}

#[test]
fn an_aged_module_holds_less_and_resists_more() {
    let aged = ModuleSetup { health: 0.8, resistance_growth: 1.5, ..ModuleSetup::default() };
    let modules = vec![ModuleSetup::default(), aged];
    let mut tower = Tower::new(&TowerParameters::default(), &TowerSetup { modules, ambient: 25.0, seed: 0 });
    common::start(&mut tower);
    assert!((module(&tower, 1).capacity / module(&tower, 0).capacity - 0.8).abs() < 0.01);
}

#[test]
fn an_empty_pack_stops_its_electronics_and_its_converter() {
    let mut tower = running(1, 0.02);
    tower.inject(Fault::Heater { module: 0, cell: None, watts: 0.0 });
    tower.input_mut().request(-1_500.0);
    run(&mut tower, 1_200.0, 0.5);
    let truth = module(&tower, 0);
    assert!(truth.bus_power.abs() < 300.0, "{}", truth.bus_power);
    assert!(truth.pack_voltage > 30.0, "the stage folds back before: {}", truth.pack_voltage);
    for _ in 0..40 {
        run(&mut tower, 3_600.0, 60.0);
    }
    let truth = module(&tower, 0);
    assert!(!truth.electronics_alive && truth.pack_voltage > 20.0, "{}", truth.pack_voltage);
    assert!(tower.energy().relative_residual() < 1e-9);
}
