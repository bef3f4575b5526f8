//! Simulated seconds per second of a whole tower: controllers at 100 ms, wires, inverter and house included.
//!
//! `cargo bench -p voltower-sim` prints, for E5 to E20 and for two E20, how many simulated seconds pass in one
//! second of one core, and what a tick costs. The aim is 10 000 for an E20.

use std::path::Path;
use std::time::Instant as Clock;

use voltower_core::{Duration, Instant};
use voltower_sim::{Scenario, World};

/// Simulated time of one measurement, after a warm-up in which the tower starts.
const MEASURED: Duration = Duration::hours(2);
const WARM_UP: Duration = Duration::mins(2);
const ROUNDS: usize = 3;

fn main() {
    println!("{:<10} {:>16} {:>14}", "site", "times real time", "us per 100 ms");
    for (name, modules, towers) in
        [("E5", 1, 1), ("E10", 2, 1), ("E15", 3, 1), ("E20", 4, 1), ("2 x E20", 4, 2)]
    {
        let best = (0..ROUNDS).map(|_| measure(modules, towers)).fold(f64::INFINITY, f64::min);
        let simulated = MEASURED.0 as f64 * 1e-6;
        println!("{name:<10} {:>16.0} {:>14.2}", simulated / best, best / simulated * 0.1 * 1e6);
    }
}

/// Seconds of wall time for the measured stretch of a charging and discharging day.
fn measure(modules: usize, towers: usize) -> f64 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/summer-day.toml");
    let mut scenario = Scenario::load(&path).expect("the summer day");
    scenario.resize(towers, modules).expect("a tower that the manual allows");
    scenario.period = Duration::millis(100);
    let mut world = World::new(&scenario);
    world.advance_to(Instant::ZERO + WARM_UP);
    let start = Clock::now();
    world.advance_to(Instant::ZERO + WARM_UP + MEASURED);
    start.elapsed().as_secs_f64()
}
