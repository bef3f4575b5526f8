//! The AFE: when it converts, and its second path; beside it the sensors of the distribution unit, and what is counted.

mod common;

use common::{connected, module, ready, run, running};
use voltower_plant::parameters::AfeTiming;
use voltower_plant::{
    BduSensor, Comparator, Fault, ModuleDrive, ModuleReading, ModuleSetup, Supply, Tower, TowerParameters,
    TowerSetup,
};

fn tower(afe: AfeTiming) -> Tower {
    let parameters = TowerParameters { afe, ..TowerParameters::default() };
    let setup = TowerSetup { modules: vec![ModuleSetup::default()], ambient: 25.0, seed: 3 };
    let mut tower = Tower::new(&parameters, &setup);
    tower.drive_module(0, &ready());
    tower
}

fn every(period: f64) -> AfeTiming {
    AfeTiming { period: Some(period), ..AfeTiming::default() }
}

/// Readings every `step` seconds.
fn readings(timing: AfeTiming, step: f64, count: usize) -> Vec<ModuleReading> {
    let mut tower = tower(timing);
    let sample = |_| {
        let reading = tower.sample_module(0);
        tower.step(step);
        reading
    };
    (0..count).map(sample).collect()
}

fn numbers(readings: &[ModuleReading]) -> Vec<u32> {
    readings.iter().map(|reading| reading.afe_conversion).collect()
}

#[test]
fn without_a_period_each_sample_is_a_conversion() {
    assert_eq!(numbers(&readings(AfeTiming::default(), 0.1, 5)), [1, 2, 3, 4, 5]);
}

#[test]
fn an_afe_with_a_period_gives_the_same_until_it_has_converted_again() {
    let found = readings(every(0.25), 0.1, 11);
    assert_eq!(numbers(&found), [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5]);
    for pair in found.windows(2).filter(|pair| pair[0].afe_conversion == pair[1].afe_conversion) {
        let converted = |r: &ModuleReading| {
            (
                r.cells,
                r.pack_voltage,
                r.pack_current,
                r.cell_temperatures,
                r.mos_temperature,
                r.ambient_temperature,
            )
        };
        assert_eq!(converted(&pair[0]), converted(&pair[1]));
    }
    assert_eq!(numbers(&readings(every(0.01), 0.1, 3)), [1, 11, 21]);
}

#[test]
fn phase_jitter_and_losses_are_its_own() {
    let phase = readings(AfeTiming { phase: 0.17, ..every(0.25) }, 0.1, 6);
    assert_eq!(numbers(&phase), [0, 0, 1, 1, 1, 2]);
    let count = |timing: AfeTiming| readings(timing, 0.01, 10_001).last().map(|r| r.afe_conversion);
    assert_eq!(count(every(0.1)), Some(1_001));
    let jitter = AfeTiming { jitter: 0.03, ..every(0.1) };
    assert!(count(jitter.clone()).is_some_and(|count| (1_000..=1_002).contains(&count)));
    let gaps = |timing: AfeTiming| {
        let found = numbers(&readings(timing, 0.01, 500));
        let places: Vec<usize> = (1..found.len()).filter(|k| found[*k] != found[k - 1]).collect();
        places.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
    };
    assert!(gaps(every(0.1)).iter().all(|gap| *gap == 10));
    assert!(gaps(jitter).iter().any(|gap| *gap != 10));
    let lost = count(AfeTiming { lost: 0.05, ..every(0.1) }).expect("a count");
    assert!((930..=970).contains(&lost), "{lost} of 1001");
    let lost = count(AfeTiming { lost: 0.05, ..AfeTiming::default() }).expect("a count");
    assert!((9_400..=9_600).contains(&lost), "{lost} of 10001");
}

#[test]
fn what_converts_for_each_sample_draws_nothing_new() {
    let plain = readings(AfeTiming::default(), 0.1, 50);
    assert_eq!(plain, readings(every(0.1), 0.1, 50), "the same conversions, the same noise");
}

#[test]
fn without_power_it_begins_anew() {
    let mut tower = tower(every(0.25));
    tower.step(0.1);
    tower.drive_module(0, &ModuleDrive { power: Supply::Off, ..ready() });
    tower.step(0.1);
    let before = tower.sample_module(0).afe_conversion;
    tower.drive_module(0, &ready());
    assert_eq!(tower.sample_module(0).afe_conversion, before + 1, "at power-on");
}

/// Registers of one comparator.
fn set(comparator: Comparator) -> ModuleDrive {
    ModuleDrive { comparator, ..connected(0.0) }
}

#[test]
fn a_cell_that_stays_too_low_opens_the_discharge_mosfet_alone() {
    let mut tower = running(1, 0.5);
    let low = Comparator { under_voltage: 3.6, under_voltage_delay: 2.0, ..Comparator::default() };
    tower.drive_module(0, &set(low));
    run(&mut tower, 1.9, 0.1);
    assert!(!tower.sample_module(0).comparator_tripped, "before its delay");
    run(&mut tower, 0.3, 0.1);
    let r = tower.sample_module(0);
    assert!(r.comparator_status.under_voltage && r.comparator_tripped);
    assert_eq!((r.charge_mosfet_closed, r.discharge_mosfet_closed), (true, false));
}

#[test]
fn too_much_current_opens_the_mosfet_of_its_direction() {
    for (watts, charge) in [(2_400.0, true), (-2_400.0, false)] {
        let mut tower = running(1, 0.5);
        tower.drive_module(
            0,
            &set(Comparator {
                over_current_charge: 20.0,
                over_current_discharge: 20.0,
                over_current_delay: 0.04,
                ..Comparator::default()
            }),
        );
        tower.input_mut().request(watts);
        run(&mut tower, 1.0, 0.01);
        let status = tower.sample_module(0).comparator_status;
        assert_eq!((status.over_current_charge, status.over_current_discharge), (charge, !charge));
        let truth = module(&tower, 0);
        assert_eq!((truth.charge_mosfet_closed, truth.discharge_mosfet_closed), (!charge, charge));
    }
}

#[test]
fn a_short_circuit_opens_both_within_a_step() {
    let mut tower = running(1, 0.5);
    let short = Comparator { short_circuit: 40.0, short_circuit_delay: 0.0005, ..Comparator::default() };
    tower.drive_module(0, &set(short));
    tower.input_mut().request(-2_400.0);
    let mut flowed = 0.0;
    for _ in 0..2_000 {
        tower.step(0.001);
        let truth = module(&tower, 0);
        flowed += if truth.pack_current.abs() > 40.0 { 0.001 } else { 0.0 };
        if truth.comparator_tripped {
            assert!(!truth.charge_mosfet_closed && !truth.discharge_mosfet_closed);
            assert!(flowed < 0.003, "{flowed} s");
            return;
        }
    }
    panic!("it never opened");
}

#[test]
fn what_is_not_programmed_watches_nothing() {
    let mut tower = running(1, 0.5);
    tower.drive_module(0, &set(Comparator::default()));
    tower.input_mut().request(-2_400.0);
    run(&mut tower, 10.0, 0.1);
    assert!(!tower.sample_module(0).comparator_tripped);
}

#[test]
fn sensors_of_the_distribution_unit_break_one_by_one() {
    let mut tower = running(1, 0.5);
    tower.input_mut().request(-2_000.0);
    run(&mut tower, 2.0, 0.1);
    let all = |tower: &mut Tower| {
        let r = tower.sample_bdu();
        [r.before_fuse, r.after_fuse, r.outside, r.current]
    };
    let sound = all(&mut tower);
    assert!(sound[0] > 380.0 && sound[3] < -4.0, "{sound:?}");
    for (place, sensor) in BduSensor::ALL.into_iter().enumerate() {
        let expect = |found: [f64; 4], value: f64| {
            for (k, (found, sound)) in found.into_iter().zip(sound).enumerate() {
                let right = if k == place { value } else { sound };
                assert!((found - right).abs() < 0.2, "{sensor:?}: {found} {right}");
            }
        };
        let offset = Fault::BduSensorOffset { sensor, amount: 3.0 };
        tower.inject(offset);
        expect(all(&mut tower), sound[place] + 3.0);
        tower.repair(offset);
        let lost = Fault::BduSensorLost { sensor };
        tower.inject(lost);
        expect(all(&mut tower), 0.0);
        tower.repair(lost);
        expect(all(&mut tower), sound[place]);
        let stuck = Fault::BduSensorStuck { sensor };
        tower.inject(stuck);
        tower.input_mut().request(1_000.0);
        run(&mut tower, 2.0, 0.1);
        assert!((all(&mut tower)[place] - sound[place]).abs() < 1e-9, "{sensor:?} moved");
        tower.repair(stuck);
        tower.input_mut().request(-2_000.0);
        run(&mut tower, 2.0, 0.1);
    }
}

#[test]
fn closing_is_counted() {
    let mut tower = running(1, 0.5);
    let before = module(&tower, 0).relay_cycles;
    assert_eq!(before, 1);
    for _ in 0..3 {
        tower.drive_module(0, &ready());
        tower.set_dc_switch(false);
        run(&mut tower, 0.2, 0.1);
        tower.drive_module(0, &connected(0.0));
        tower.set_dc_switch(true);
        run(&mut tower, 0.2, 0.1);
    }
    assert_eq!(module(&tower, 0).relay_cycles, before + 3);
    assert_eq!(tower.truth().dc_switch_cycles, 3);
}
