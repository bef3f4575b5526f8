//! A tower to test with, and drives for it.
#![allow(dead_code, reason = "each test binary uses its part")]

use voltower_plant::{
    BduDrive, Comparator, ModuleDrive, ModuleSetup, ModuleTruth, PcuDrive, Supply, Tower, TowerParameters,
    TowerSetup,
};

pub(crate) const SET_POINT: f64 = 400.0;

pub(crate) fn tower_at(modules: usize, soc: f64) -> Tower {
    let module = |seed| ModuleSetup { soc, seed, ..ModuleSetup::default() };
    let modules = (1..=modules as u64).map(module).collect();
    Tower::new(&TowerParameters::default(), &TowerSetup { modules, ambient: 25.0, seed: 7 })
}

/// Awake, MOSFETs closed, converter off.
pub(crate) fn ready() -> ModuleDrive {
    ModuleDrive {
        power: Supply::On,
        charge_mosfet: true,
        discharge_mosfet: true,
        comparator: Comparator { over_voltage: 3.8, over_temperature: 70.0, ..Comparator::default() },
        comparator_reset: false,
        ..ModuleDrive::default()
    }
}

/// On the bus, with this dead band.
pub(crate) fn connected(dead_band: f64) -> ModuleDrive {
    let pcu = PcuDrive {
        gate: true,
        relay: true,
        set_point: SET_POINT,
        droop: 1.28,
        dead_band,
        charge_current_max: 7.0,
        discharge_current_max: 7.0,
    };
    ModuleDrive { pcu, ..ready() }
}

/// A tower on the bus at 400 V: the first module leads, the others are shed.
pub(crate) fn running(modules: usize, soc: f64) -> Tower {
    let mut tower = tower_at(modules, soc);
    start(&mut tower);
    tower
}

/// Brings the bus up with limited current, then gives the modules their full limits.
pub(crate) fn start(tower: &mut Tower) {
    let modules = tower.module_count();
    tower.drive_bdu(&BduDrive { power: Supply::On });
    for module in 0..modules {
        let mut drive = connected(if module == 0 { 0.0 } else { 5.0 });
        drive.pcu.charge_current_max = 2.0;
        drive.pcu.discharge_current_max = 2.0;
        tower.drive_module(module, &drive);
    }
    run(tower, 3.0, 0.01);
    for module in 0..modules {
        tower.drive_module(module, &connected(if module == 0 { 0.0 } else { 5.0 }));
    }
    run(tower, 1.0, 0.01);
    let volts = tower.truth().bus_voltage;
    assert!((volts - SET_POINT).abs() < 1.0, "{volts}");
}

pub(crate) fn run(tower: &mut Tower, seconds: f64, dt: f64) {
    for _ in 0..(seconds / dt).round() as u64 {
        tower.step(dt);
    }
}

pub(crate) fn module(tower: &Tower, module: usize) -> ModuleTruth {
    tower.truth().modules[module].expect("the module exists")
}

/// Everything off: as a person leaves a tower.
pub(crate) fn all_off(tower: &mut Tower) {
    for module in 0..tower.module_count() {
        tower.drive_module(module, &ModuleDrive::default());
    }
    tower.drive_bdu(&BduDrive::default());
    tower.input_mut().request(0.0);
    tower.input_mut().set_auxiliary(0.0);
}
