//! What the converter loses, over power and pack voltage.

mod common;

use common::{connected, module, ready, run, running, tower_at};
use voltower_plant::parameters::LossMap;
use voltower_plant::{Fault, ModuleDrive, Supply, TowerParameters};

/// The parts that the map was made of: 8 W idle, 0.8 % switching, 16.8 mohm and 0.512 ohm.
fn parts(watts: f64, volts: f64) -> f64 {
    let power = watts.abs();
    let mut loss = 0.0;
    for _ in 0..100 {
        let amps = (power - loss * watts.signum()) / volts;
        loss = 8.0 + 0.008 * power + 0.0168 * amps * amps + 0.512 * (power / 400.0).powi(2);
    }
    loss
}

#[test]
fn every_node_of_the_map_comes_from_its_parts() {
    let map = LossMap::default();
    for &volts in &map.pack_voltages {
        for &watts in &map.powers {
            for watts in [watts, -watts] {
                let (read, made) = (map.at(watts, volts), parts(watts, volts));
                assert!((read - made).abs() < 0.051, "{watts} W at {volts} V: {read} for {made}");
            }
        }
    }
}

#[test]
fn efficiency_is_best_at_part_load_and_falls_with_the_pack_voltage() {
    let map = LossMap::default();
    for (watts, least, most) in [(-50.0, 0.84, 0.87), (-1_250.0, 0.973, 0.975), (-2_500.0, 0.964, 0.966)] {
        let efficiency = map.efficiency(watts, 51.2);
        assert!((least..most).contains(&efficiency), "{watts} W: {efficiency}");
    }
    for watts in [-2_500.0, 2_500.0] {
        let row = [44.8, 51.2, 57.6].map(|volts| map.efficiency(watts, volts));
        assert!(row[0] + 0.003 < row[1] && row[1] + 0.002 < row[2], "{row:?}");
    }
    assert!(
        map.efficiency(2_500.0, 51.2) > map.efficiency(-2_500.0, 51.2),
        "the pack carries less of the losses"
    );
    assert_eq!(map.efficiency(0.0, 51.2), 0.0);
    assert!(
        (map.at(5_000.0, 51.2) / parts(5_000.0, 51.2) - 1.0).abs() < 0.1,
        "it goes on beyond its last node"
    );
}

#[test]
fn a_tower_loses_what_the_map_says() {
    let map = LossMap::default();
    for (soc, watts) in [(0.15, -2_000.0), (0.5, -1_000.0), (0.9, -2_000.0), (0.5, 2_000.0)] {
        let mut tower = running(1, soc);
        tower.input_mut().request(watts);
        run(&mut tower, 5.0, 0.01);
        let before = tower.energy().converters;
        run(&mut tower, 100.0, 0.1);
        let lost = (tower.energy().converters - before) / 100.0;
        let truth = module(&tower, 0);
        let expected = map.at(truth.bus_power, truth.pack_voltage);
        assert!((lost / expected - 1.0).abs() < 0.01, "{watts} W: {lost} W for {expected} W");
    }
}

#[test]
fn no_load_costs_less_on_a_lower_bus() {
    let idle = |volts: f64| {
        let mut tower = running(1, 0.5);
        let mut drive = connected(0.0);
        drive.pcu.set_point = volts;
        tower.drive_module(0, &drive);
        run(&mut tower, 20.0, 0.1);
        let before = tower.energy().converters;
        run(&mut tower, 100.0, 0.1);
        (tower.energy().converters - before) / 100.0
    };
    let (at_rated, at_lower) = (idle(400.0), idle(360.0));
    assert!((8.0..8.2).contains(&at_rated), "{at_rated}");
    assert!((at_lower / at_rated - 0.81).abs() < 0.02, "{at_lower}");
}

#[test]
fn standby_costs_the_converters_electronics_and_warms_its_heat_sink() {
    let standby = TowerParameters::default().pcu.standby;
    let watts = |power: Supply| {
        let mut tower = tower_at(1, 0.5);
        tower.drive_module(0, &ModuleDrive { power, ..ready() });
        run(&mut tower, 3_600.0, 1.0);
        let ledger = tower.energy();
        assert!(ledger.relative_residual() < 1e-9);
        (ledger.electronics / 3_600.0, module(&tower, 0).heat_sink - module(&tower, 0).case_temperature)
    };
    let ((on, warm), (asleep, cold)) = (watts(Supply::On), watts(Supply::Sleep));
    assert!((on - asleep - standby - 1.49).abs() < 0.01, "{on} {asleep}");
    assert!(warm > cold + 0.2, "{warm} {cold}");
}

#[test]
fn a_lossy_converter_loses_on_top_of_its_map() {
    let lost = |fault: Option<Fault>| {
        let mut tower = running(1, 0.5);
        fault.into_iter().for_each(|fault| tower.inject(fault));
        tower.input_mut().request(-2_000.0);
        run(&mut tower, 100.0, 0.1);
        tower.energy().converters
    };
    let more = lost(Some(Fault::PcuEfficiencyLoss { module: 0, share: 0.05 })) - lost(None);
    assert!((more / (0.05 * 2_000.0 * 100.0) - 1.0).abs() < 0.02, "{more}");
}
