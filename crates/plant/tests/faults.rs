//! Each fault changes what it should, and its repair undoes it.

mod common;

use common::{connected, module, ready, run, running, tower_at};
use voltower_plant::{Channel, Comparator, Fault, ModuleDrive, Mosfet, Spot, Supply, Tower};

fn mean_temperature(tower: &Tower) -> f64 {
    module(tower, 0).cell_temperatures.iter().sum::<f64>() / 16.0
}

#[test]
fn a_heater_warms_one_cell_or_all() {
    let mut tower = running(1, 0.5);
    tower.inject(Fault::Heater { module: 0, cell: Some(6), watts: 60.0 });
    run(&mut tower, 1_200.0, 1.0);
    let t = module(&tower, 0).cell_temperatures;
    assert!(t[6] > t[0] + 5.0 && t[6] > 30.0, "{t:?}");
    let sensed = tower.sample_module(0).cell_temperatures;
    assert!(sensed[1].unwrap() > sensed[3].unwrap() + 3.0, "{sensed:?}");
    tower.repair(Fault::Heater { module: 0, cell: Some(6), watts: 0.0 });
    tower.inject(Fault::Heater { module: 0, cell: None, watts: -400.0 });
    let before = mean_temperature(&tower);
    run(&mut tower, 1_200.0, 1.0);
    assert!(mean_temperature(&tower) < before - 5.0);
}

#[test]
fn an_internal_short_empties_one_cell_and_heats_it() {
    let mut tower = tower_at(1, 0.5);
    tower.inject(Fault::InternalShort { module: 0, cell: 3, ohms: 0.5 });
    run(&mut tower, 3_600.0, 1.0);
    let truth = module(&tower, 0);
    // 6.6 A for an hour.
    assert!((truth.cell_soc[2] - truth.cell_soc[3] - 0.066).abs() < 0.015, "{:?}", truth.cell_soc);
    assert!(truth.cell_temperatures[3] > truth.cell_temperatures[10] + 1.0);
    assert!(tower.energy().internal_short > 50_000.0);
}

#[test]
fn a_weak_cell_runs_ahead_of_the_others() {
    let mut tower = running(1, 0.5);
    tower.inject(Fault::WeakCell { module: 0, cell: 7, capacity_share: 0.6 });
    tower.input_mut().request(2_000.0);
    run(&mut tower, 2_700.0, 0.5);
    let truth = module(&tower, 0);
    assert!(truth.cell_soc[7] > truth.cell_soc[6] + 0.1, "{:?}", truth.cell_soc);
    assert!((truth.capacity - 60.0).abs() < 3.0);
}

#[test]
fn a_lost_contact_shows_under_current_only() {
    let mut tower = running(1, 0.5);
    tower.inject(Fault::LostContact { module: 0, cell: 4, ohms: 0.01, ohms_per_hour: 0.0 });
    run(&mut tower, 1.0, 0.1);
    let rest = tower.sample_module(0).cells;
    assert!((rest[4].unwrap() - rest[5].unwrap()).abs() < 0.02);
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 1.0, 0.1);
    let loaded = tower.sample_module(0).cells;
    assert!((loaded[5].unwrap() - loaded[4].unwrap() - 0.4).abs() < 0.05, "{loaded:?}");
}

#[test]
fn broken_wires_and_thermistors_give_no_reading() {
    let mut tower = tower_at(1, 0.5);
    tower.drive_module(0, &ready());
    tower.step(0.1);
    for (fault, cells, sensors) in [
        (Fault::CellWireOpen { module: 0, cell: 15 }, 1, 0),
        (Fault::NtcOpen { module: 0, sensor: 2 }, 0, 1),
        (Fault::NtcShort { module: 0, sensor: 0 }, 0, 1),
    ] {
        tower.inject(fault);
        let reading = tower.sample_module(0);
        assert_eq!(reading.cells.iter().filter(|cell| cell.is_none()).count(), cells, "{fault:?}");
        assert_eq!(reading.cell_temperatures.iter().filter(|t| t.is_none()).count(), sensors, "{fault:?}");
        tower.repair(fault);
        assert!(tower.sample_module(0).cells.iter().all(Option::is_some));
    }
    assert!(tower.sample_module(0).cell_temperatures.iter().all(Option::is_some));
}

#[test]
fn offsets_shift_one_channel() {
    let mut tower = tower_at(1, 0.5);
    tower.drive_module(0, &ready());
    tower.step(0.1);
    let sound = tower.sample_module(0);
    tower.inject(Fault::SensorOffset { module: 0, sensor: 1, kelvin: 20.0 });
    tower.inject(Fault::ShuntOffset { module: 0, amps: 5.0 });
    tower.inject(Fault::CellVoltageOffset { module: 0, cell: 2, volts: 0.1 });
    let wrong = tower.sample_module(0);
    assert!((wrong.cell_temperatures[1].unwrap() - sound.cell_temperatures[1].unwrap() - 20.0).abs() < 0.6);
    assert!((wrong.cell_temperatures[0].unwrap() - sound.cell_temperatures[0].unwrap()).abs() < 0.6);
    assert!((wrong.pack_current - sound.pack_current - 5.0).abs() < 0.2);
    assert!((wrong.cells[2].unwrap() - sound.cells[2].unwrap() - 0.1).abs() < 0.006);
}

#[test]
fn a_silent_afe_stops_counting_and_a_frozen_one_repeats() {
    let mut tower = running(1, 0.5);
    let before = tower.sample_module(0);
    tower.inject(Fault::AfeFrozen { module: 0 });
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 1.0, 0.1);
    let frozen = tower.sample_module(0);
    assert_ne!(frozen.afe_conversion, before.afe_conversion);
    assert_eq!((frozen.cells, frozen.pack_current), (before.cells, before.pack_current));
    assert!(frozen.pcu.low_current < -30.0, "the converter measures by itself");
    tower.repair(Fault::AfeFrozen { module: 0 });
    tower.inject(Fault::AfeSilent { module: 0 });
    assert_eq!(tower.sample_module(0).afe_conversion, tower.sample_module(0).afe_conversion);
    tower.repair(Fault::AfeSilent { module: 0 });
    assert!(tower.sample_module(0).pack_current < -30.0);
}

#[test]
fn a_runaway_converter_moves_its_power_until_its_gate_is_taken() {
    let mut tower = running(2, 0.5);
    tower.inject(Fault::PcuRunaway { module: 1, watts: -1_500.0 });
    run(&mut tower, 1.0, 0.01);
    assert!((module(&tower, 1).bus_power + 1_500.0).abs() < 20.0, "{}", module(&tower, 1).bus_power);
    assert!(module(&tower, 0).bus_power > 1_300.0, "the other one takes it");
    let mut drive = connected(0.0);
    drive.pcu.gate = false;
    tower.drive_module(1, &drive);
    run(&mut tower, 1.0, 0.01);
    assert!(module(&tower, 1).bus_power.abs() < 5.0);
}

#[test]
fn a_strong_runaway_trips_by_its_own_over_current() {
    let mut tower = running(2, 0.5);
    tower.inject(Fault::PcuRunaway { module: 1, watts: -5_000.0 });
    run(&mut tower, 0.1, 0.01);
    assert!(module(&tower, 1).stage_tripped);
}

#[test]
fn a_dead_converter_moves_nothing_and_a_lossy_one_heats() {
    let mut tower = running(2, 0.5);
    tower.inject(Fault::PcuDead { module: 1 });
    tower.input_mut().request(-3_500.0);
    run(&mut tower, 1.0, 0.1);
    assert!(module(&tower, 1).bus_power.abs() < 1.0);
    let heat = |fault: Option<Fault>| {
        let mut tower = running(1, 0.5);
        fault.into_iter().for_each(|fault| tower.inject(fault));
        tower.input_mut().request(-2_000.0);
        run(&mut tower, 600.0, 1.0);
        (tower.energy().converters, module(&tower, 0).heat_sink)
    };
    let (sound, cool) = heat(None);
    let (lossy, warm) = heat(Some(Fault::PcuEfficiencyLoss { module: 0, share: 0.1 }));
    assert!((lossy - sound - 0.1 * 2_000.0 * 600.0).abs() < 2_000.0, "{sound} {lossy}");
    assert!(warm > cool + 20.0);
    let (_, blocked) = heat(Some(Fault::BlockedCooling { module: 0 }));
    assert!(blocked > cool + 1.0, "{cool} {blocked}");
}

#[test]
fn air_around_one_module_and_hot_spots_in_it_warm_it_alone() {
    let mut tower = running(2, 0.5);
    tower.inject(Fault::AirAround { module: 1, celsius: 80.0 });
    tower.inject(Fault::HotSpot { module: 1, spot: Spot::Mosfets, watts: 40.0 });
    run(&mut tower, 600.0, 1.0);
    let (cool, warm) = (module(&tower, 0), module(&tower, 1));
    assert!(warm.air_temperature > 60.0 && cool.air_temperature < 30.0, "nearly a third is the case's");
    assert!(warm.mos_temperature > cool.mos_temperature + 60.0, "2 K/W to the case");
    assert!(warm.heat_sink > cool.heat_sink + 5.0 && warm.case_temperature > cool.case_temperature + 1.0);
    tower.inject(Fault::HotSpot { module: 0, spot: Spot::HeatSink, watts: 200.0 });
    tower.repair(Fault::AirAround { module: 1, celsius: 80.0 });
    tower.repair(Fault::HotSpot { module: 1, spot: Spot::Mosfets, watts: 40.0 });
    run(&mut tower, 600.0, 1.0);
    let (warm, cool) = (module(&tower, 0), module(&tower, 1));
    let warmer = warm.heat_sink - cool.heat_sink;
    assert!((25.0..60.0).contains(&warmer), "200 W into 2250 J/K for 10 min, half of it away: {warmer}");
    assert!(cool.air_temperature < 35.0 && cool.mos_temperature < 60.0);
}

#[test]
fn blocked_cooling_ends_in_the_stages_own_trip() {
    let mut tower = running(1, 0.9);
    tower.inject(Fault::BlockedCooling { module: 0 });
    tower.inject(Fault::PcuEfficiencyLoss { module: 0, share: 0.05 });
    tower.input_mut().request(-2_400.0);
    run(&mut tower, 3_000.0, 1.0);
    assert!(module(&tower, 0).stage_tripped, "{}", module(&tower, 0).heat_sink);
}

#[test]
fn welded_relay_and_mosfets_say_that_they_conduct() {
    let mut tower = running(1, 0.5);
    for fault in [
        Fault::RelayWelded { module: 0 },
        Fault::MosfetWelded { module: 0, mosfet: Mosfet::Charge },
        Fault::MosfetWelded { module: 0, mosfet: Mosfet::Discharge },
    ] {
        tower.inject(fault);
    }
    let mut drive = ready();
    (drive.charge_mosfet, drive.discharge_mosfet) = (false, false);
    tower.drive_module(0, &drive);
    tower.step(0.1);
    let r = tower.sample_module(0);
    assert!(r.pcu.relay_closed && r.charge_mosfet_closed && r.discharge_mosfet_closed);
    tower.repair(Fault::RelayWelded { module: 0 });
    tower.repair(Fault::MosfetWelded { module: 0, mosfet: Mosfet::Charge });
    tower.repair(Fault::MosfetWelded { module: 0, mosfet: Mosfet::Discharge });
    tower.step(0.1);
    let r = tower.sample_module(0);
    assert!(!(r.pcu.relay_closed || r.charge_mosfet_closed || r.discharge_mosfet_closed));
    tower.inject(Fault::RelayStuckOpen { module: 0 });
    tower.drive_module(0, &connected(0.0));
    tower.step(0.1);
    assert!(!tower.sample_module(0).pcu.relay_closed);
}

#[test]
fn a_loose_plug_drops_voltage_and_swapped_ones_read_negative() {
    let mut tower = running(2, 0.5);
    tower.inject(Fault::TerminalResistance { module: 1, ohms: 2.0 });
    tower.drive_module(1, &connected(0.0));
    tower.input_mut().request(-3_500.0);
    run(&mut tower, 1.0, 0.01);
    let difference = tower.sample_module(1).pcu.terminal_voltage - tower.sample_bdu().before_fuse;
    assert!(difference > 4.0, "{difference}");
    tower.repair(Fault::TerminalResistance { module: 1, ohms: 0.0 });
    tower.input_mut().request(0.0);
    tower.drive_module(1, &ready());
    tower.inject(Fault::TerminalReversed { module: 1 });
    run(&mut tower, 1.0, 0.01);
    let volts = tower.sample_module(1).pcu.terminal_voltage;
    assert!(volts < -380.0, "{volts}");
    let mut drive = ready();
    drive.pcu.relay = true;
    tower.drive_module(1, &drive);
    run(&mut tower, 0.1, 0.01);
    assert!(tower.truth().bus_voltage < 100.0, "it shorts the bus: {}", tower.truth().bus_voltage);
}

#[test]
fn the_dc_switchs_contact_and_the_switch_itself_fail_apart() {
    let mut tower = running(1, 0.5);
    tower.inject(Fault::DcSwitchAux);
    assert!(!tower.sample_bdu().dc_switch_closed);
    tower.input_mut().request(-1_000.0);
    run(&mut tower, 0.5, 0.1);
    assert!(tower.truth().power < -950.0);
    tower.repair(Fault::DcSwitchAux);
    tower.inject(Fault::DcSwitchWelded);
    tower.set_dc_switch(false);
    run(&mut tower, 0.5, 0.1);
    assert!(!tower.sample_bdu().dc_switch_closed);
    assert!(tower.truth().power < -950.0, "it carries on");
    tower.repair(Fault::DcSwitchWelded);
    run(&mut tower, 0.5, 0.1);
    assert!(tower.truth().power.abs() < 1e-6 || tower.truth().outside_voltage < 360.0);
}

#[test]
fn an_unplugged_module_is_off_the_bus_and_feeds_nobody() {
    let mut tower = running(2, 0.5);
    tower.inject(Fault::Unplugged { module: 1 });
    tower.input_mut().request(-3_000.0);
    run(&mut tower, 0.5, 0.1);
    assert!(module(&tower, 1).bus_power.abs() < 20.0);
    assert!((module(&tower, 1).capacitor_voltage - 400.0).abs() < 10.0, "its capacitor is still charged");
    tower.repair(Fault::Unplugged { module: 1 });
    tower.input_mut().request(-3_000.0);
    run(&mut tower, 1.0, 0.01);
    assert!(module(&tower, 1).bus_power < -500.0);
}

#[test]
fn the_comparator_opens_the_mosfets_and_stays_open() {
    let mut tower = running(1, 0.97);
    let mut drive = connected(0.0);
    drive.comparator.over_voltage = 3.7;
    tower.drive_module(0, &drive);
    tower.input_mut().request(2_500.0);
    run(&mut tower, 2_000.0, 0.5);
    let r = tower.sample_module(0);
    assert!(r.comparator_tripped && !r.charge_mosfet_closed && !r.discharge_mosfet_closed, "{:?}", r.cells);
    assert!(module(&tower, 0).cell_voltages.iter().all(|&volts| volts < 3.75));
    tower.input_mut().request(0.0);
    drive.comparator.over_voltage = 4.5;
    tower.drive_module(0, &drive);
    run(&mut tower, 100.0, 0.5);
    assert!(tower.sample_module(0).comparator_tripped, "latched");
    let lets_go = |over_voltage| ModuleDrive {
        comparator_reset: true,
        comparator: Comparator { over_voltage, ..drive.comparator },
        ..connected(0.0)
    };
    tower.drive_module(0, &lets_go(3.3));
    tower.step(0.1);
    assert!(tower.sample_module(0).comparator_tripped, "it still sees danger");
    tower.drive_module(0, &lets_go(4.5));
    tower.step(0.1);
    assert!(!tower.sample_module(0).comparator_tripped, "it was told to let go");
    tower.drive_module(
        0,
        &ModuleDrive { comparator: Comparator { over_voltage: 3.3, ..drive.comparator }, ..drive },
    );
    tower.step(0.1);
    assert!(tower.sample_module(0).comparator_tripped);
    drive.power = Supply::Off;
    tower.drive_module(0, &drive);
    tower.step(0.1);
    assert!(!tower.sample_module(0).comparator_tripped);
}

#[test]
fn the_comparator_holds_what_was_programmed_unless_it_is_stuck() {
    let mut tower = tower_at(1, 0.5);
    assert_eq!(tower.sample_module(0).comparator, Comparator::default(), "off until it is programmed");
    tower.drive_module(0, &ready());
    tower.step(0.1);
    assert_eq!(tower.sample_module(0).comparator, ready().comparator);
    tower.inject(Fault::ComparatorStuck { module: 0 });
    tower.step(0.1);
    assert_eq!(tower.sample_module(0).comparator, Comparator::default());
    tower.inject(Fault::Heater { module: 0, cell: None, watts: 20_000.0 });
    run(&mut tower, 120.0, 1.0);
    assert!(module(&tower, 0).cell_temperatures.iter().all(|&celsius| celsius > 75.0));
    assert!(!module(&tower, 0).comparator_tripped, "it sees no danger");
    tower.repair(Fault::ComparatorStuck { module: 0 });
    tower.step(0.1);
    assert!(module(&tower, 0).comparator_tripped);
    tower.drive_module(0, &ModuleDrive { power: Supply::Off, ..ready() });
    tower.step(0.1);
    tower.drive_module(0, &ModuleDrive { comparator: Comparator::default(), ..ready() });
    tower.step(0.1);
    assert_eq!(tower.sample_module(0).comparator, Comparator::default(), "forgotten without power");
}

#[test]
fn a_mosfet_that_does_not_close_says_so() {
    for mosfet in [Mosfet::Charge, Mosfet::Discharge] {
        let mut tower = running(1, 0.5);
        tower.inject(Fault::MosfetStuckOpen { module: 0, mosfet });
        tower.input_mut().request(-1_000.0);
        run(&mut tower, 1.0, 0.1);
        let r = tower.sample_module(0);
        let charge = mosfet == Mosfet::Charge;
        assert_eq!((r.charge_mosfet_closed, r.discharge_mosfet_closed), (!charge, charge));
        tower.repair(Fault::MosfetStuckOpen { module: 0, mosfet });
        run(&mut tower, 1.0, 0.1);
        let r = tower.sample_module(0);
        assert!(r.charge_mosfet_closed && r.discharge_mosfet_closed);
    }
}

#[test]
fn three_measurements_of_the_pack_agree_until_one_is_wrong() {
    let mut tower = running(1, 0.5);
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 5.0, 0.1);
    let three = |tower: &mut Tower| {
        let r = tower.sample_module(0);
        [r.cells.iter().flatten().sum::<f64>(), r.pack_voltage, r.pcu.low_voltage]
    };
    let [cells, divider, converter] = three(&mut tower);
    assert!((cells - divider).abs() < 0.1, "{cells} {divider}");
    // 40 A through 1 mohm, a thousandth of error, and a step of 0.1 V.
    assert!((divider - converter - 0.04).abs() < 0.11, "{divider} {converter}");
    let (pack, low) = (
        Fault::PackVoltageOffset { module: 0, volts: -3.0 },
        Fault::ConverterVoltageOffset { module: 0, volts: 2.0 },
    );
    tower.inject(pack);
    tower.inject(low);
    let [_, wrong_divider, wrong_converter] = three(&mut tower);
    assert!((wrong_divider - divider + 3.0).abs() < 0.05 && (wrong_converter - converter - 2.0).abs() < 0.15);
    tower.repair(pack);
    tower.repair(low);
    let [_, sound_divider, sound_converter] = three(&mut tower);
    assert!((sound_divider - divider).abs() < 0.05 && (sound_converter - converter).abs() < 0.15);
}

#[test]
fn the_comparator_sees_heat() {
    let mut tower = running(1, 0.5);
    tower.inject(Fault::Heater { module: 0, cell: Some(8), watts: 400.0 });
    run(&mut tower, 1_200.0, 1.0);
    assert!(module(&tower, 0).comparator_tripped, "{:?}", module(&tower, 0).cell_temperatures);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let trace = |extra: u64| {
        let mut tower = running(2, 0.5);
        tower.input_mut().request(-1_234.0);
        let mut out = String::new();
        for _ in 0..500 {
            tower.step(0.1);
            out.push_str(&format!("{:?}", (tower.sample_module(0), tower.sample_bdu())));
        }
        (0..extra).for_each(|_| tower.step(0.1));
        out + &format!("{:?} {:?}", tower.truth(), tower.energy())
    };
    assert_eq!(trace(0), trace(0));
    assert_ne!(trace(0), trace(1));
    let cells = module(&running(2, 0.5), 0).cell_soc;
    assert_ne!(cells, module(&running(2, 0.5), 1).cell_soc);
}

#[test]
fn a_loose_contact_that_burns_gets_worse_until_it_is_repaired() {
    let mut tower = running(1, 0.5);
    let fault = Fault::LostContact { module: 0, cell: 4, ohms: 0.001, ohms_per_hour: 0.012 };
    let drop = |tower: &mut Tower| {
        let truth = module(tower, 0);
        (truth.cell_voltages[5] - truth.cell_voltages[4]) / -truth.pack_current
    };
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 5.0, 0.1);
    let sound = drop(&mut tower);
    tower.inject(fault);
    run(&mut tower, 900.0, 1.0);
    let quarter = drop(&mut tower) - sound;
    assert!((quarter - 0.004).abs() < 0.0003, "{quarter}");
    run(&mut tower, 900.0, 10.0);
    let half = drop(&mut tower) - sound;
    assert!((half - 0.007).abs() < 0.0004, "{half}");
    tower.repair(fault);
    run(&mut tower, 60.0, 1.0);
    assert!(drop(&mut tower).abs() < 0.0004, "{}", drop(&mut tower));
}

#[test]
fn a_stuck_channel_holds_its_value_while_the_others_move() {
    let mut tower = running(1, 0.5);
    let before = tower.sample_module(0);
    let stuck = [Channel::Cell(3), Channel::Temperature(1), Channel::Current]
        .map(|channel| Fault::SensorStuck { module: 0, channel });
    stuck.into_iter().for_each(|fault| tower.inject(fault));
    tower.inject(Fault::Heater { module: 0, cell: None, watts: 2_000.0 });
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 60.0, 0.1);
    let now = tower.sample_module(0);
    assert_eq!((now.cells[3], now.cell_temperatures[1]), (before.cells[3], before.cell_temperatures[1]));
    assert_eq!(now.pack_current, before.pack_current);
    assert!(now.cells[4].unwrap() < before.cells[4].unwrap() - 0.02, "{:?}", now.cells);
    assert!(now.cell_temperatures[0].unwrap() > before.cell_temperatures[0].unwrap() + 1.0);
    stuck.into_iter().for_each(|fault| tower.repair(fault));
    let sound = tower.sample_module(0);
    assert!(sound.cells[3] < before.cells[3] && sound.pack_current < -30.0);
    assert!(sound.cell_temperatures[1] > before.cell_temperatures[1]);
}

/// Standard deviation of 400 samples.
fn scatter(tower: &mut Tower, of: impl Fn(&voltower_plant::ModuleReading) -> f64) -> f64 {
    let values: Vec<f64> = (0..400).map(|_| of(&tower.sample_module(0))).collect();
    let mean = values.iter().sum::<f64>() / 400.0;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 400.0).sqrt()
}

#[test]
fn a_noisy_channel_scatters_as_much_as_it_is_told() {
    let mut tower = running(1, 0.5);
    let cell = |reading: &voltower_plant::ModuleReading| reading.cells[7].unwrap();
    let ntc = |reading: &voltower_plant::ModuleReading| reading.cell_temperatures[2].unwrap();
    let current = |reading: &voltower_plant::ModuleReading| reading.pack_current;
    for (channel, sigma) in
        [(Channel::Cell(7), 0.02), (Channel::Temperature(2), 3.0), (Channel::Current, 2.0)]
    {
        let fault = Fault::SensorNoise { module: 0, channel, sigma };
        let look = |tower: &mut Tower| match channel {
            Channel::Cell(_) => scatter(tower, cell),
            Channel::Temperature(_) => scatter(tower, ntc),
            Channel::Current => scatter(tower, current),
        };
        let calm = look(&mut tower);
        tower.inject(fault);
        let noisy = look(&mut tower);
        assert!((noisy / sigma - 1.0).abs() < 0.15, "{channel:?}: {noisy} for {sigma}");
        tower.repair(fault);
        assert!(look(&mut tower) < 2.0 * calm && calm < 0.1 * sigma, "{channel:?}: {calm}");
    }
}

#[test]
fn swapped_wires_exchange_readings_and_balancing() {
    let mut tower = running(1, 0.5);
    tower.inject(Fault::WeakCell { module: 0, cell: 8, capacity_share: 0.5 });
    tower.inject(Fault::Heater { module: 0, cell: Some(1), watts: 150.0 });
    tower.input_mut().request(-2_400.0);
    run(&mut tower, 2_400.0, 0.5);
    let cells = Fault::SensorSwapped { module: 0, channel: Channel::Cell(8), with: Channel::Cell(2) };
    let sensors =
        Fault::SensorSwapped { module: 0, channel: Channel::Temperature(0), with: Channel::Temperature(3) };
    let sound = tower.sample_module(0);
    tower.inject(cells);
    tower.inject(sensors);
    let swapped = tower.sample_module(0);
    assert!(sound.cells[8].unwrap() < sound.cells[2].unwrap() - 0.02, "{:?}", sound.cells);
    assert!((swapped.cells[2].unwrap() - sound.cells[8].unwrap()).abs() < 0.006);
    assert!((swapped.cells[8].unwrap() - sound.cells[2].unwrap()).abs() < 0.006);
    assert!(swapped.cell_temperatures[3].unwrap() > swapped.cell_temperatures[0].unwrap() + 3.0);
    assert!(swapped.cell_temperatures[1].unwrap() - sound.cell_temperatures[1].unwrap() < 0.5);
    let before = module(&tower, 0).cell_soc;
    tower.input_mut().request(0.0);
    tower.drive_module(0, &ModuleDrive { balancing: 1 << 2, ..connected(0.0) });
    run(&mut tower, 36_000.0, 10.0);
    let after = module(&tower, 0).cell_soc;
    let lost = |cell: usize| before[cell] - after[cell];
    // 66 mA for ten hours out of 50 Ah.
    assert!((lost(8) - lost(7) - 0.013).abs() < 0.006, "{} {}", lost(8), lost(7));
    assert!((lost(2) - lost(3)).abs() < 0.002, "{} {}", lost(2), lost(3));
    tower.repair(cells);
    tower.repair(sensors);
    let mended = tower.sample_module(0);
    assert!(mended.cells[8].unwrap() < mended.cells[2].unwrap() - 0.01);
    run(&mut tower, 36_000.0, 10.0);
    let end = module(&tower, 0).cell_soc;
    assert!(after[2] - end[2] > after[3] - end[3] + 0.004, "the right cell again");
}

#[test]
fn an_open_shunt_reads_nothing_and_a_reversed_one_the_wrong_way() {
    let mut tower = running(1, 0.5);
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 1.0, 0.1);
    assert!(tower.sample_module(0).pack_current < -30.0);
    tower.inject(Fault::ShuntOpen { module: 0 });
    assert!(tower.sample_module(0).pack_current.abs() < 0.2);
    tower.repair(Fault::ShuntOpen { module: 0 });
    tower.inject(Fault::ShuntReversed { module: 0 });
    assert!(tower.sample_module(0).pack_current > 30.0);
    assert!(tower.sample_module(0).pcu.low_current < -30.0, "the converter measures by itself");
    tower.repair(Fault::ShuntReversed { module: 0 });
    assert!(tower.sample_module(0).pack_current < -30.0);
}

#[test]
fn slow_switches_obey_late_both_ways() {
    let state = |tower: &mut Tower| {
        let r = tower.sample_module(0);
        (r.pcu.relay_closed, r.charge_mosfet_closed, r.discharge_mosfet_closed)
    };
    for dt in [0.01, 0.1, 0.5] {
        let mut tower = running(1, 0.5);
        let slow = [
            Fault::RelaySlow { module: 0, seconds: 2.0 },
            Fault::MosfetSlow { module: 0, mosfet: Mosfet::Charge, seconds: 3.0 },
            Fault::MosfetSlow { module: 0, mosfet: Mosfet::Discharge, seconds: 5.0 },
        ];
        slow.into_iter().for_each(|fault| tower.inject(fault));
        tower.drive_module(0, &ModuleDrive { power: Supply::On, ..ModuleDrive::default() });
        run(&mut tower, 2.0, dt);
        assert_eq!(state(&mut tower), (true, true, true), "dt {dt}");
        run(&mut tower, 1.0, dt);
        assert_eq!(state(&mut tower), (false, true, true), "dt {dt}");
        run(&mut tower, 1.0, dt);
        assert_eq!(state(&mut tower), (false, false, true), "dt {dt}");
        run(&mut tower, 2.0, dt);
        assert_eq!(state(&mut tower), (false, false, false), "dt {dt}");
        tower.drive_module(0, &connected(0.0));
        run(&mut tower, 1.0, dt);
        assert_eq!(state(&mut tower), (false, false, false), "dt {dt}");
        slow.into_iter().for_each(|fault| tower.repair(fault));
        tower.step(dt);
        assert_eq!(state(&mut tower), (true, true, true), "dt {dt}");
    }
}

#[test]
fn a_slow_dc_switch_carries_current_after_its_handle_is_turned() {
    let mut tower = running(1, 0.5);
    tower.inject(Fault::DcSwitchSlow { seconds: 3.0 });
    tower.input_mut().request(-1_000.0);
    tower.set_dc_switch(false);
    run(&mut tower, 2.9, 0.1);
    assert!(!tower.sample_bdu().dc_switch_closed && tower.truth().power < -950.0);
    run(&mut tower, 0.5, 0.1);
    assert!(tower.truth().outside_voltage < 360.0, "{}", tower.truth().outside_voltage);
    tower.set_dc_switch(true);
    run(&mut tower, 2.0, 0.1);
    assert!(tower.truth().outside_voltage < 360.0);
    tower.repair(Fault::DcSwitchSlow { seconds: 0.0 });
    run(&mut tower, 1.0, 0.1);
    assert!((tower.truth().outside_voltage - 400.0).abs() < 10.0, "{}", tower.truth().outside_voltage);
}

#[test]
fn a_wrong_gain_reads_a_share_too_much() {
    let mut tower = running(1, 0.5);
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 1.0, 0.1);
    let sound = tower.sample_module(0);
    tower.inject(Fault::CellVoltageGain { module: 0, cell: 2, share: 0.02 });
    tower.inject(Fault::ShuntGain { module: 0, share: 0.1 });
    let wrong = tower.sample_module(0);
    assert!((wrong.cells[2].unwrap() / sound.cells[2].unwrap() - 1.02).abs() < 0.002);
    assert!((wrong.pack_current / sound.pack_current - 1.1).abs() < 0.01);
    tower.repair(Fault::CellVoltageGain { module: 0, cell: 2, share: 0.0 });
    tower.repair(Fault::ShuntGain { module: 0, share: 0.0 });
    assert!((tower.sample_module(0).pack_current / sound.pack_current - 1.0).abs() < 0.01);
}

#[test]
fn a_late_afe_gives_out_what_was_under_fresh_numbers() {
    let mut tower = running(1, 0.5);
    tower.inject(Fault::AfeLate { module: 0, conversions: 5 });
    let idle = tower.sample_module(0);
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 1.0, 0.1);
    for number in 1..=4 {
        let late = tower.sample_module(0);
        assert_eq!(late.afe_conversion, idle.afe_conversion + number);
        assert_eq!(late.pack_current, idle.pack_current, "conversion {number}");
        assert!(late.pcu.low_current < -30.0, "the converter measures by itself");
    }
    tower.sample_module(0);
    assert!(tower.sample_module(0).pack_current < -30.0);
    tower.repair(Fault::AfeLate { module: 0, conversions: 0 });
    tower.input_mut().request(0.0);
    run(&mut tower, 1.0, 0.1);
    assert!(tower.sample_module(0).pack_current > -5.0);
}

#[test]
fn a_relay_that_bounces_parts_and_touches_when_it_closes() {
    let mut tower = tower_at(1, 0.5);
    tower.inject(Fault::RelayBounces { module: 0, seconds: 0.04 });
    tower.drive_module(0, &connected(0.0));
    let mut closed = Vec::new();
    for _ in 0..6 {
        tower.step(0.01);
        closed.push(module(&tower, 0).relay_closed);
    }
    assert_eq!(closed, [true, false, true, false, true, true]);
}

#[test]
fn feedback_that_lies_says_the_same_whatever_is_so() {
    let mut tower = running(1, 0.5);
    let state = |tower: &mut Tower| {
        let r = tower.sample_module(0);
        (r.pcu.relay_closed, r.charge_mosfet_closed, r.discharge_mosfet_closed)
    };
    let lies = [
        Fault::RelayFeedback { module: 0, closed: false },
        Fault::MosfetFeedback { module: 0, mosfet: Mosfet::Charge, closed: false },
        Fault::MosfetFeedback { module: 0, mosfet: Mosfet::Discharge, closed: true },
    ];
    lies.into_iter().for_each(|fault| tower.inject(fault));
    assert_eq!(state(&mut tower), (false, false, true));
    assert!(module(&tower, 0).relay_closed && module(&tower, 0).charge_mosfet_closed, "in truth");
    tower.drive_module(0, &ModuleDrive { power: Supply::On, ..ModuleDrive::default() });
    run(&mut tower, 0.1, 0.01);
    assert_eq!(state(&mut tower), (false, false, true));
    assert!(!module(&tower, 0).discharge_mosfet_closed, "in truth");
    lies.into_iter().for_each(|fault| tower.repair(fault));
    assert_eq!(state(&mut tower), (false, false, false));
}
