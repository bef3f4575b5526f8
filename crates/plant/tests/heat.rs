//! Heat moves between neighbours, out to the ambient, and out of the converter; the same at every step.

mod common;

use common::{connected, module, run, running, start};
use voltower_plant::{Fault, ModuleSetup, ModuleTruth, Tower, TowerParameters, TowerSetup};

/// A tower of one module with other parameters, on the bus.
fn tower_with(parameters: &TowerParameters, soc: f64) -> Tower {
    let module = ModuleSetup { soc, seed: 1, ..ModuleSetup::default() };
    let mut tower = Tower::new(parameters, &TowerSetup { modules: vec![module], ambient: 25.0, seed: 7 });
    start(&mut tower);
    tower
}

fn temperatures(truth: &ModuleTruth) -> Vec<f64> {
    let beside = [truth.case_temperature, truth.mos_temperature, truth.heat_sink];
    truth.cell_temperatures.iter().chain(&beside).copied().collect()
}

/// Largest difference of any temperature, K.
fn apart(one: &ModuleTruth, other: &ModuleTruth) -> f64 {
    // The largest of some numbers would pass over one that is none.
    assert!(temperatures(one).iter().chain(&temperatures(other)).all(|celsius| celsius.is_finite()));
    temperatures(one).iter().zip(temperatures(other)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn steps_of_a_second_and_of_a_minute_agree() {
    let end = |dt: f64| {
        let mut tower = running(1, 0.9);
        tower.inject(Fault::Heater { module: 0, cell: Some(6), watts: 60.0 });
        tower.input_mut().request(-1_800.0);
        run(&mut tower, 1_800.0, dt);
        module(&tower, 0)
    };
    let fine = end(1.0);
    assert!(fine.cell_temperatures[6] > 32.0 && fine.heat_sink > 40.0, "{fine:?}");
    for dt in [0.1, 10.0, 30.0, 60.0] {
        assert!(
            apart(&fine, &end(dt)) < 0.1,
            "dt {dt}: {:.3?} {:.3?}",
            temperatures(&fine),
            temperatures(&end(dt))
        );
    }
}

#[test]
fn cells_of_45_grams_stay_calm_in_steps_of_a_minute() {
    let mut parameters = TowerParameters::default();
    parameters.cell.heat_capacity = 45.0;
    let end = |dt: f64| {
        let mut tower = tower_with(&parameters, 0.5);
        tower.inject(Fault::Heater { module: 0, cell: Some(6), watts: 30.0 });
        run(&mut tower, 1_800.0, dt);
        module(&tower, 0)
    };
    let fine = end(1.0);
    let row = fine.cell_temperatures;
    assert!(row[..7].windows(2).all(|pair| pair[0] <= pair[1]), "warmer towards the heater: {row:?}");
    assert!(row[6..].windows(2).all(|pair| pair[0] >= pair[1]), "{row:?}");
    assert!((27.0..60.0).contains(&row[6]), "{row:?}");
    assert!(apart(&fine, &end(60.0)) < 0.1, "{} K", apart(&fine, &end(60.0)));
}

#[test]
fn the_thermal_books_close_at_every_step() {
    let mut tower = running(2, 0.6);
    tower.inject(Fault::Heater { module: 0, cell: None, watts: 100.0 });
    tower.inject(Fault::BlockedCooling { module: 1 });
    tower.drive_module(0, &voltower_plant::ModuleDrive { balancing: 0x00FF, ..connected(0.0) });
    tower.input_mut().request(-3_500.0);
    let mut open = |watts: f64, seconds: f64, dt: f64| {
        tower.input_mut().request(watts);
        run(&mut tower, seconds, dt);
        let ledger = tower.energy();
        let heat = ledger.heat_made + ledger.heat_from_heaters;
        assert!(heat > 50_000.0, "{ledger:?}");
        (ledger.thermal_residual() / heat).abs()
    };
    for dt in [1.0, 10.0, 60.0] {
        let share = open(-3_500.0, 600.0, dt);
        assert!(share < 1e-9, "dt {dt}: {share:e}");
        let share = open(0.0, 120.0, 1.0);
        assert!(share < 1e-9, "at rest after dt {dt}: {share:e}");
    }
}

#[test]
fn what_is_warmed_is_what_the_books_say() {
    let mut tower = running(1, 0.6);
    let parameters = TowerParameters::default();
    let stored = |truth: &ModuleTruth| -> f64 {
        truth.cell_temperatures.iter().sum::<f64>() * parameters.cell.heat_capacity
            + truth.case_temperature * parameters.module.case_heat_capacity
            + truth.mos_temperature * parameters.module.mosfet_heat_capacity
            + truth.heat_sink * parameters.pcu.heat_sink
    };
    let (before, booked) = (stored(&module(&tower, 0)), tower.energy().heat_stored);
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 1_800.0, 1.0);
    let (gained, booked) = (stored(&module(&tower, 0)) - before, tower.energy().heat_stored - booked);
    assert!((gained - booked).abs() < 1e-6 * booked && booked > 10_000.0, "{gained} {booked}");
}

#[test]
fn a_working_converter_warms_its_heat_sink_by_its_losses_and_the_case_by_a_part() {
    let mut tower = running(1, 0.97);
    tower.input_mut().request(-2_300.0);
    run(&mut tower, 5_400.0, 1.0);
    let truth = module(&tower, 0);
    // About 80 W over 2.3 W/K, after five time constants of 980 s; the case is some 9 K warm.
    assert!((57.0..67.0).contains(&truth.heat_sink), "{}", truth.heat_sink);
    let reading = tower.sample_module(0);
    assert!((reading.pcu.heat_sink.unwrap() - truth.heat_sink).abs() < 1.0, "it is measured");
    let warm = truth.case_temperature - 25.0;
    assert!((2.0..8.0).contains(&warm), "{warm}");
}

#[test]
fn mosfets_follow_within_a_minute() {
    let mut tower = running(1, 0.6);
    tower.input_mut().request(-2_400.0);
    run(&mut tower, 10.0, 0.1);
    let early = module(&tower, 0).mos_temperature;
    run(&mut tower, 290.0, 0.1);
    let truth = module(&tower, 0);
    // 1 mohm at some 49 A is 2.4 W, over half a watt a kelvin.
    let over = truth.mos_temperature - truth.case_temperature;
    assert!((4.0..6.0).contains(&over), "{over}");
    assert!(early - 25.0 < 0.4 * over, "{early}");
}
