//! Insulation to ground, and cables by gauge and length.

mod common;

use common::{connected, module, run, running, start, tower_at};
use voltower_plant::parameters::Cable;
use voltower_plant::{Fault, ModuleSetup, Tower, TowerParameters, TowerSetup};

#[test]
fn a_sound_tower_reads_its_parts_in_parallel_and_its_cases_are_at_ground() {
    for modules in 1..=4 {
        let mut tower = running(modules, 0.5);
        run(&mut tower, 1.0, 0.1);
        // Two poles of each module and of the rest, 20 Mohm each.
        let expected = 20e6 / (2.0 * (modules as f64 + 1.0));
        let reading = tower.input().insulation();
        assert!((reading / expected - 1.0).abs() < 1e-3, "{modules}: {reading}");
        assert!(module(&tower, 0).case_voltage.abs() < 1e-3);
    }
}

#[test]
fn a_leak_is_read_where_the_case_is_grounded() {
    let mut tower = running(2, 0.5);
    let fault = Fault::InsulationLoss { module: 1, ohms: 10e3 };
    tower.inject(fault);
    run(&mut tower, 1.0, 0.1);
    assert!((tower.input().insulation() / 10e3 - 1.0).abs() < 0.01, "{}", tower.input().insulation());
    let truth = module(&tower, 1);
    // The other pole's monitor and insulation close the circuit: 400 V over 0.88 Mohm, less 20 uA by its own B-.
    assert!((truth.earth_current / 0.430e-3 - 1.0).abs() < 0.01 && truth.case_voltage < 0.01, "{truth:?}");
    tower.set_dc_switch(false);
    run(&mut tower, 1.0, 0.1);
    assert_eq!(tower.input().insulation(), 10e6, "an open switch hides it");
    tower.set_dc_switch(true);
    tower.repair(fault);
    run(&mut tower, 1.0, 0.1);
    assert!(tower.input().insulation() > 3e6);
}

#[test]
fn a_missing_earth_wire_hides_the_leak_and_puts_the_case_at_a_pole() {
    let mut tower = running(2, 0.5);
    let (leak, earth) = (Fault::InsulationLoss { module: 1, ohms: 10e3 }, Fault::EarthMissing { module: 1 });
    tower.inject(earth);
    run(&mut tower, 1.0, 0.1);
    assert!(module(&tower, 1).case_voltage.abs() < 20.0, "sound insulation: next to nothing");
    assert_eq!(module(&tower, 1).earth_current, 0.0);
    tower.inject(leak);
    run(&mut tower, 1.0, 0.1);
    let reading = tower.input().insulation();
    assert!(reading > 400e3, "the floor is all that it reads through: {reading}");
    let volts = module(&tower, 1).case_voltage;
    assert!((60.0..200.0).contains(&volts), "{volts}");
    assert!(module(&tower, 0).case_voltage.abs() < 1e-3, "the other case is grounded");
    tower.repair(earth);
    run(&mut tower, 1.0, 0.1);
    assert!(tower.input().insulation() < 10.5e3 && module(&tower, 1).case_voltage.abs() < 0.01);
    tower.inject(Fault::Unplugged { module: 1 });
    run(&mut tower, 1.0, 0.1);
    assert!(tower.input().insulation() > 4.9e6, "gone with its module");
}

#[test]
fn what_leaks_is_booked() {
    let lost = |ohms: Option<f64>| {
        let mut tower = running(1, 0.5);
        if let Some(ohms) = ohms {
            tower.inject(Fault::InsulationLoss { module: 0, ohms });
        }
        run(&mut tower, 100.0, 0.1);
        let before = tower.energy().insulation;
        run(&mut tower, 1_000.0, 0.1);
        assert!(tower.energy().relative_residual() < 1e-9);
        (tower.energy().insulation - before) / 1_000.0
    };
    // 400 V across two times (1 Mohm, 20 Mohm, 20 Mohm) in series.
    let sound = lost(None);
    assert!((sound / (160e3 / (2.0 / 1.1e-6)) - 1.0).abs() < 0.01, "{sound}");
    let leaking = lost(Some(10e3));
    assert!((leaking / (160e3 * 1.1e-6) - 1.0).abs() < 0.02, "{leaking}");
}

#[test]
fn gauges_have_the_resistance_of_the_tables() {
    // ASTM B258, ohm per km at 20 degC.
    for (awg, ohms) in [(4, 0.8152), (6, 1.296), (8, 2.061), (10, 3.277), (12, 5.211)] {
        let cable = Cable { awg, length: 1000.0 };
        assert!((cable.one_way() / ohms - 1.0).abs() < 1e-3, "{awg} AWG: {}", cable.one_way());
        assert_eq!(cable.both_ways(), 2.0 * cable.one_way());
    }
}

#[test]
fn a_longer_and_thinner_cable_drops_more() {
    let drop = |awg: u8, length: f64| {
        let mut parameters = TowerParameters::default();
        parameters.input.cable = Cable { awg, length };
        let modules = vec![ModuleSetup { soc: 0.6, seed: 1, ..ModuleSetup::default() }; 2];
        let mut tower = Tower::new(&parameters, &TowerSetup { modules, ambient: 25.0, seed: 7 });
        start(&mut tower);
        tower.input_mut().request(-4_000.0);
        run(&mut tower, 5.0, 0.01);
        let truth = tower.truth();
        (truth.outside_voltage - truth.input_voltage) / -truth.current
    };
    // Two ways, and 1 mohm of plugs.
    for (awg, length, ohms) in [(10, 5.0, 0.03377), (10, 20.0, 0.13208), (14, 5.0, 0.0839), (8, 5.0, 0.02161)]
    {
        let read = drop(awg, length);
        assert!((read / ohms - 1.0).abs() < 0.01, "{awg} AWG, {length} m: {read}");
    }
}

#[test]
fn between_modules_cables_and_plugs_carry_their_share() {
    let mut tower = tower_at(2, 0.5);
    start(&mut tower);
    tower.drive_module(1, &connected(0.0));
    tower.input_mut().request(-4_000.0);
    run(&mut tower, 5.0, 0.01);
    let (near, far) = (module(&tower, 0), module(&tower, 1));
    let drop = far.terminal_voltage - near.terminal_voltage;
    // 0.8 m of 10 AWG under the far module's current, 2 mohm of plugs under each.
    let ohms = (drop - 2e-3 * (near.bus_current - far.bus_current)) / -far.bus_current;
    assert!((ohms - 0.0026).abs() < 0.002, "{ohms}");
}
