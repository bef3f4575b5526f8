//! The high-voltage bus: droop alone holds it, switches part it, bleeders empty it, the fuse protects it.

mod common;

use common::{all_off, connected, module, ready, run, running, start, tower_at};
use voltower_plant::{BduDrive, Fault, ModuleDrive, PcuDrive, Supply, Tower};

/// The window of a healthy bus and the limit for its overshoot, V (ours).
const WINDOW: core::ops::RangeInclusive<f64> = 380.0..=420.0;
const OVERSHOOT: f64 = 460.0;
/// Completely discharged after five minutes (our criterion), V.
const SAFE: f64 = 60.0;

#[test]
fn droop_alone_holds_a_load_step_at_any_step_size() {
    for watts in [-10_000.0, 10_000.0] {
        for dt in [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0] {
            let mut tower = running(4, 0.5);
            tower.input_mut().request(watts);
            for _ in 0..200 {
                tower.step(dt);
                let volts = tower.truth().bus_voltage;
                assert!(WINDOW.contains(&volts), "{watts} W, dt {dt}: {volts} V");
            }
            let power = tower.input_mut().power();
            assert!((power / watts - 1.0).abs() < 0.01, "{power}");
            let peak = tower.truth().peak_bus_voltage;
            assert!(peak < 420.0, "{peak}");
        }
    }
}

#[test]
fn a_lead_module_carries_light_load_and_the_shed_ones_join_later() {
    let mut tower = running(4, 0.5);
    tower.input_mut().request(-500.0);
    run(&mut tower, 2.0, 0.1);
    assert!(module(&tower, 0).bus_power < -480.0);
    assert!(module(&tower, 1).bus_power.abs() < 5.0);
    tower.input_mut().request(-8_000.0);
    run(&mut tower, 2.0, 0.1);
    assert!(module(&tower, 1).bus_power < -1_500.0, "{}", module(&tower, 1).bus_power);
}

#[test]
fn overload_folds_the_inverter_back() {
    for dt in [0.01, 0.1, 1.0, 10.0] {
        let mut tower = running(1, 0.5);
        tower.input_mut().request(-6_000.0);
        run(&mut tower, 20.0, dt);
        let truth = tower.truth();
        assert!((340.0..360.0).contains(&truth.input_voltage), "dt {dt}: {}", truth.input_voltage);
        assert!((-2_700.0..-2_000.0).contains(&truth.power), "dt {dt}: {}", truth.power);
        tower.input_mut().request(6_000.0);
        run(&mut tower, 20.0, dt);
        let truth = tower.truth();
        assert!((430.0..445.0).contains(&truth.input_voltage), "dt {dt}: {}", truth.input_voltage);
    }
}

#[test]
fn the_dc_switch_opens_under_full_load_both_ways() {
    for watts in [-10_000.0, 10_000.0] {
        let mut tower = running(4, 0.5);
        tower.input_mut().request(watts);
        run(&mut tower, 5.0, 0.01);
        tower.set_dc_switch(false);
        run(&mut tower, 0.5, 0.001);
        let before = tower.truth();
        assert!(before.peak_bus_voltage < OVERSHOOT, "{}", before.peak_bus_voltage);
        assert!(before.input_voltage < OVERSHOOT, "{}", before.input_voltage);
        let chemical = module(&tower, 1).pack_current;
        assert!(chemical.abs() < 1.0, "{chemical}");
        tower.input_mut().request(0.0);
        run(&mut tower, 1.0, 0.1);
        let start = tower.truth().outside_voltage;
        run(&mut tower, 60.0, 0.1);
        let end = tower.truth();
        // Through the fuse flows what the voltage divider behind it draws: 400 V on 4 Mohm.
        assert!(end.current.abs() < 1.1e-4 && end.power == 0.0, "{} {}", end.current, end.power);
        // The inverter's own bleeder and capacitor: 56 kohm, 1.5 mF.
        let expected = start * (-60.0_f64 / 84.0).exp();
        assert!((end.outside_voltage / expected - 1.0).abs() < 0.02, "{} {expected}", end.outside_voltage);
        assert!((end.bus_voltage - 400.0).abs() < 8.0, "{}", end.bus_voltage);
    }
}

#[test]
fn every_capacitor_is_safe_after_five_minutes() {
    for dt in [0.1, 1.0, 60.0] {
        let mut tower = tower_at(4, 0.5);
        // The highest bus voltage, with modules 0 and 1 on the bus and the others pulled out charged.
        for place in 0..4 {
            let mut drive = connected(0.0);
            drive.pcu.set_point = 450.0;
            tower.drive_module(place, &drive);
        }
        run(&mut tower, 5.0, 0.01);
        assert!(tower.truth().bus_voltage > 449.0 && tower.truth().input_voltage > 449.0);
        tower.inject(Fault::Unplugged { module: 2 });
        tower.inject(Fault::Unplugged { module: 3 });
        all_off(&mut tower);
        tower.set_dc_switch(false);
        run(&mut tower, 300.0, dt);
        let truth = tower.truth();
        for (place, module) in truth.modules.iter().flatten().enumerate() {
            assert!(module.capacitor_voltage < SAFE, "module {place}: {}", module.capacitor_voltage);
        }
        for volts in [truth.bus_voltage, truth.after_fuse_voltage, truth.outside_voltage, truth.input_voltage]
        {
            assert!(volts < SAFE, "{volts}");
        }
        assert!(truth.input_voltage > 10.0, "the bleeders are not that fast: {}", truth.input_voltage);
    }
}

#[test]
fn a_bus_short_blows_the_fuse_within_milliseconds() {
    let mut tower = running(4, 0.8);
    tower.inject(Fault::BusShort { ohms: 0.02 });
    run(&mut tower, 0.02, 0.001);
    let truth = tower.truth();
    assert!(!truth.fuse_intact, "{}", truth.fuse_i2t);
    let reading = tower.sample_bdu();
    assert!(reading.before_fuse - reading.after_fuse > 10.0, "{reading:?}");
    assert!(tower.energy().shorts > 20.0);
    tower.repair(Fault::BusShort { ohms: 0.0 });
    // A new fuse between a live bus and the inverter's empty capacitor would blow at once.
    let mut hasty = tower.clone();
    hasty.repair(Fault::FuseBlown);
    run(&mut hasty, 0.1, 0.01);
    assert!(!hasty.truth().fuse_intact);
    all_off(&mut tower);
    run(&mut tower, 300.0, 1.0);
    tower.repair(Fault::FuseBlown);
    start(&mut tower);
    assert!(tower.truth().fuse_intact && (tower.truth().input_voltage - 400.0).abs() < 3.0);
}

#[test]
fn the_fuse_heat_integral_does_not_depend_on_the_step() {
    let heat = |dt: f64| {
        let mut tower = running(4, 0.5);
        tower.inject(Fault::BusShort { ohms: 1.0 });
        run(&mut tower, 0.008, dt);
        assert!(tower.truth().fuse_intact);
        tower.truth().fuse_i2t
    };
    let (fine, coarse) = (heat(0.001), heat(0.008));
    assert!((fine / coarse - 1.0).abs() < 0.02, "{fine} {coarse}");
    // 1.98 mF from 400 V through the fuse into 1 ohm: 158 J, beside what the inverter's capacitor gives directly.
    assert!((100.0..200.0).contains(&fine), "{fine}");
}

#[test]
fn the_fuse_carries_all_that_the_stages_can_give() {
    let mut tower = running(4, 0.5);
    for place in 0..4 {
        let mut drive = connected(0.0);
        drive.pcu.discharge_current_max = 9.3;
        drive.pcu.droop = 0.1;
        tower.drive_module(place, &drive);
    }
    tower.inject(Fault::BusShort { ohms: 10.8 });
    run(&mut tower, 20.0, 0.1);
    let truth = tower.truth();
    assert!(truth.fuse_intact && truth.current < -36.0, "{}", truth.current);
    // It has come to rest where it gives away what it makes: I2 times 0.33 s.
    assert!(
        (truth.fuse_i2t / (0.33 * truth.current * truth.current) - 1.0).abs() < 0.01,
        "{}",
        truth.fuse_i2t
    );
}

#[test]
fn soft_start_charges_the_inverter_from_nothing() {
    let mut tower = tower_at(1, 0.5);
    tower.input_mut().set_auxiliary(30.0);
    tower.drive_bdu(&BduDrive { power: Supply::On });
    let mut drive = connected(0.0);
    drive.pcu.discharge_current_max = 0.5;
    tower.drive_module(0, &drive);
    tower.step(0.01);
    assert!(tower.truth().input_voltage < 60.0);
    run(&mut tower, 3.0, 0.01);
    let truth = tower.truth();
    assert!((truth.input_voltage - 400.0).abs() < 1.0, "{}", truth.input_voltage);
    assert!((truth.power + 30.0).abs() < 0.5, "its own supply: {}", truth.power);
    assert!(truth.peak_bus_voltage < 405.0);
}

#[test]
fn with_its_relay_open_a_converter_charges_only_its_own_capacitor() {
    let mut tower = tower_at(2, 0.5);
    let mut drive = connected(0.0);
    drive.pcu.relay = false;
    tower.drive_module(1, &drive);
    run(&mut tower, 2.0, 0.01);
    assert!((module(&tower, 1).capacitor_voltage - 400.0).abs() < 1.0);
    assert_eq!(module(&tower, 1).terminal_voltage, 0.0);
    assert!(tower.truth().bus_voltage.abs() < 1e-6);
}

#[test]
fn closing_a_relay_on_unequal_capacitors_shares_their_charge() {
    let mut tower = tower_at(1, 0.5);
    let mut drive = connected(0.0);
    drive.pcu.relay = false;
    tower.drive_module(0, &drive);
    run(&mut tower, 2.0, 0.01);
    let mut drive = ready();
    drive.discharge_mosfet = false;
    drive.charge_mosfet = false;
    drive.pcu = PcuDrive { relay: true, ..PcuDrive::default() };
    let before = tower.energy();
    tower.set_dc_switch(false);
    tower.drive_module(0, &drive);
    run(&mut tower, 0.02, 0.001);
    // 470 uF at 400 V onto 100 uF: charge stays, half of the missing energy heats relay and wires.
    let volts = tower.truth().bus_voltage;
    assert!((volts - 400.0 * 470.0 / 570.0).abs() < 1.0, "{volts}");
    let heat = tower.energy().cables - before.cables;
    let expected = 0.5 * (470e-6 * 100e-6 / 570e-6) * 400.0 * 400.0;
    assert!((heat / expected - 1.0).abs() < 0.02, "{heat} {expected}");
}

#[test]
fn the_stage_trips_by_itself_above_460_volts() {
    let mut tower = tower_at(1, 0.5);
    tower.set_dc_switch(false);
    let mut drive = connected(0.0);
    drive.pcu.set_point = 480.0;
    tower.drive_module(0, &drive);
    run(&mut tower, 1.0, 0.001);
    assert!(tower.sample_module(0).pcu.stage_tripped);
    let peak = tower.truth().peak_bus_voltage;
    assert!((460.0..475.0).contains(&peak), "{peak}");
    drive.pcu.gate = false;
    tower.drive_module(0, &drive);
    tower.step(0.01);
    assert!(!tower.sample_module(0).pcu.stage_tripped);
}

#[test]
fn body_diodes_let_current_one_way_only() {
    let power = |charge: bool, discharge: bool, watts: f64| {
        let mut tower: Tower = running(2, 0.5);
        let mut drive = connected(0.0);
        (drive.charge_mosfet, drive.discharge_mosfet) = (charge, discharge);
        tower.drive_module(1, &drive);
        tower.input_mut().request(watts);
        run(&mut tower, 1.0, 0.1);
        let link = module(&tower, 1).link_energy;
        assert!(link.abs() < 5.0, "nothing gathers behind a blocked MOSFET: {link} J");
        module(&tower, 1).pack_power
    };
    assert!(power(true, true, 2_000.0) > 900.0 && power(true, true, -2_000.0) < -900.0);
    assert!(power(true, false, 2_000.0) > 900.0, "charges through the body diode");
    assert!(power(true, false, -2_000.0).abs() < 10.0);
    assert!(power(false, true, -2_000.0) < -900.0, "discharges through the body diode");
    assert!(power(false, true, 2_000.0).abs() < 20.0);
    assert!(power(false, false, 2_000.0).abs() < 10.0);
}

#[test]
fn a_converter_that_the_pack_cannot_feed_lives_from_the_bus() {
    let mut tower = running(2, 0.5);
    let mut drive = connected(0.0);
    drive.discharge_mosfet = false;
    tower.drive_module(1, &drive);
    run(&mut tower, 60.0, 0.1);
    let truth = module(&tower, 1);
    assert!(truth.link_energy.abs() < 5.0, "{} J", truth.link_energy);
    assert!(truth.bus_power >= 0.0, "{}", truth.bus_power);
}

#[test]
fn an_open_mosfet_costs_a_diode_drop() {
    let loss = |charge: bool| {
        let mut tower = running(1, 0.5);
        let mut drive = connected(0.0);
        drive.charge_mosfet = charge;
        tower.drive_module(0, &drive);
        tower.input_mut().request(-2_000.0);
        let before = tower.energy().mosfets;
        run(&mut tower, 100.0, 0.1);
        (tower.energy().mosfets - before) / 100.0
    };
    // 40 A: 1.6 W in 1 mohm, 30 W in a diode.
    assert!((1.0..3.0).contains(&loss(true)), "{}", loss(true));
    assert!((25.0..40.0).contains(&loss(false)), "{}", loss(false));
}

#[test]
fn off_means_off() {
    let mut tower = running(1, 0.5);
    tower.drive_bdu(&BduDrive::default());
    tower.drive_module(0, &ModuleDrive { power: Supply::Off, ..connected(0.0) });
    run(&mut tower, 1.0, 0.1);
    let reading = tower.sample_module(0);
    assert!(!reading.charge_mosfet_closed && !reading.discharge_mosfet_closed && !reading.pcu.relay_closed);
    let truth = module(&tower, 0);
    assert!(truth.pack_current.abs() < 0.01, "{}", truth.pack_current);
}
