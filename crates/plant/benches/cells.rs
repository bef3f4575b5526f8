//! Cell steps a second: `cargo bench -p voltower-plant --bench cells`.
//!
//! 128 cells as eight strings, every one drawn differently, with a current that changes in every step, temperatures
//! that follow the heat, parameters that follow both, ageing, a leaking cell, a loose contact and a balancing resistor
//! in every string, and every voltage consumed.

use std::hint::black_box;
use std::time::Instant;

use voltower_plant::Life;
use voltower_plant::ageing::{Ageing, AgeingModel};
use voltower_plant::cell::{CellParameters, CellSetup, CellString, Chemistry, Decay};

const STRINGS: usize = 8;
const CELLS: usize = STRINGS * voltower_plant::CELLS;
const ROUNDS: usize = 5;
const SECONDS_A_YEAR: f64 = 365.0 * 86_400.0;

fn main() {
    parts();
    for dt in [1.0, 10.0, 60.0] {
        let steps = 100_000;
        let best = (0..ROUNDS).map(|_| measure(dt, steps)).fold(f64::INFINITY, f64::min);
        let rate = (steps * CELLS) as f64 / best;
        println!("voltower full cell model,{rate:.0},{CELLS} cells at {dt} s steps on one thread");
        println!("  one year of {CELLS} cells: {:.1} s", SECONDS_A_YEAR / dt * CELLS as f64 / rate);
    }
}

/// Seconds for so many steps.
fn measure(dt: f64, steps: usize) -> f64 {
    let chemistry = Chemistry::new(&CellParameters::default());
    let decay = Decay::new(dt, &chemistry.parameters);
    let setup = CellSetup { soc: 0.5, health: 1.0, resistance_growth: 1.0, temperature: 25.0, busbars: 1e-3 };
    let ageing = Ageing::new(AgeingModel::default(), 1.0, 1.0).expect("as in life");
    let mut strings: Vec<(CellString, Life)> = (0..STRINGS as u64)
        .map(|stream| {
            let mut string = CellString::new(&chemistry, &setup, 1, stream);
            string.set_short(3, 0.001);
            string.set_contact(7, 0.0005);
            string.set_balancing(0b10, 0.02);
            let life = Life::new(ageing, &string, chemistry.parameters.capacity);
            (string, life)
        })
        .collect();
    let start = Instant::now();
    let mut volts = 0.0;
    for step in 0..steps {
        for (place, (string, life)) in strings.iter_mut().enumerate() {
            // A charge and a discharge of an hour each, rising to 40 A and, for the other, from there to nothing.
            let turn = ((step as f64 * dt + 700.0 * place as f64) % 7_200.0) / 3_600.0;
            let current = if turn < 1.0 { 40.0 * turn } else { 40.0 * (turn - 2.0) };
            volts += string.step(&chemistry, &decay, current);
            life.note(current, dt);
            warm(string, dt, chemistry.parameters.heat_capacity);
            if life.pass(string) {
                string.refresh(&chemistry);
            } else {
                string.follow(&chemistry);
            }
            volts += string.voltages().iter().sum::<f64>();
        }
    }
    black_box(volts);
    start.elapsed().as_secs_f64()
}

fn warm(string: &mut CellString, dt: f64, heat_capacity: f64) {
    let heat = string.take_heat();
    for (celsius, joules) in string.temperatures_mut().iter_mut().zip(heat) {
        *celsius += (joules - 0.5 * (*celsius - 22.0) * dt) / heat_capacity;
    }
}

/// Where the time goes, ns a cell.
fn parts() {
    let chemistry = Chemistry::new(&CellParameters::default());
    let decay = Decay::new(1.0, &chemistry.parameters);
    let setup = CellSetup { soc: 0.5, health: 1.0, resistance_growth: 1.0, temperature: 25.0, busbars: 1e-3 };
    let mut string = CellString::new(&chemistry, &setup, 1, 0);
    let mut time = |name: &str, work: &mut dyn FnMut(&mut CellString, usize)| {
        let turns = 100_000;
        let best = (0..ROUNDS).map(|_| {
            let start = Instant::now();
            (0..turns).for_each(|turn| work(&mut string, turn));
            start.elapsed().as_secs_f64() / turns as f64 / voltower_plant::CELLS as f64 * 1e9
        });
        println!("  {name}: {:.1} ns a cell", best.fold(f64::INFINITY, f64::min));
    };
    time("step", &mut |string, turn| {
        string.step(&chemistry, &decay, if turn % 1_000 < 500 { 20.0 } else { -20.0 });
    });
    time("heat", &mut |string, _| warm(string, 1.0, 2_100.0));
    time("follow", &mut |string, _| string.follow(&chemistry));
    time("look-up", &mut |string, _| string.refresh(&chemistry));
}
