//! Time of a step: `cargo bench -p voltower-plant`. Plain loops, so that nothing is between the clock and the step.

use std::hint::black_box;
use std::time::Instant;

use voltower_plant::{
    BduDrive, ModuleDrive, ModuleSetup, PcuDrive, Supply, Tower, TowerParameters, TowerSetup,
};

const REPEATS: usize = 7;

fn main() {
    for modules in 1..=4 {
        for dt in [0.01, 0.1, 1.0, 60.0] {
            let mut tower = running(modules);
            let nanoseconds = best(|turn| {
                tower.input_mut().request(if turn / 500 % 2 == 0 { 5_000.0 } else { -5_000.0 });
                tower.step(dt);
            });
            let speed = dt / nanoseconds * 1e9;
            println!(
                "{modules} modules, step {dt:>5} s: {nanoseconds:>7.0} ns, {speed:>12.0} times real time"
            );
        }
    }
    let mut tower = running(4);
    let sampling = best(|turn| {
        black_box(tower.sample_module(turn % 4));
    });
    println!("one module's sample: {sampling:.0} ns");
    let moving = best(|turn| {
        tower.input_mut().request((turn % 100) as f64 * 80.0 - 4_000.0);
        tower.step(0.1);
    });
    println!("4 modules, a new request in every step of 0.1 s: {moving:.0} ns");
}

/// Nanoseconds of one turn, the best of several runs: the others were disturbed.
fn best(mut work: impl FnMut(usize)) -> f64 {
    let turns = 4_000;
    (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            (0..turns).for_each(&mut work);
            start.elapsed().as_nanos() as f64 / turns as f64
        })
        .fold(f64::INFINITY, f64::min)
}

fn running(modules: usize) -> Tower {
    let setup = TowerSetup { modules: vec![ModuleSetup::default(); modules], ambient: 25.0, seed: 1 };
    let mut tower = Tower::new(&TowerParameters::default(), &setup);
    tower.drive_bdu(&BduDrive { power: Supply::On });
    let pcu = PcuDrive {
        gate: true,
        relay: true,
        set_point: 400.0,
        droop: 1.28,
        dead_band: 0.0,
        charge_current_max: 7.0,
        discharge_current_max: 7.0,
    };
    for module in 0..modules {
        let drive = ModuleDrive {
            power: Supply::On,
            charge_mosfet: true,
            discharge_mosfet: true,
            pcu,
            ..ModuleDrive::default()
        };
        tower.drive_module(module, &drive);
    }
    (0..1_000).for_each(|_| tower.step(0.01));
    tower
}
