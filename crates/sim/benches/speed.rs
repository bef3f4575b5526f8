//! Simulated seconds per second of whole towers: cells, converters, controllers, wires, inverter and house.
//!
//! `cargo bench -p voltower-sim` prints, for E5 to E20 and for two E20, how many simulated seconds pass in one
//! second of one core, and what a controller period costs. The aims are 10 000 for an E20 at 100 ms and 50 000 for two
//! E20 at 1 s. `-- 'at 1 s'` measures only the rows whose name contains that. Charge counters and their anchors, which
//! are all that estimates, run along in every row.

use std::path::Path;
use std::time::Instant as Clock;

use voltower_core::{Duration, Instant};
use voltower_sim::{Scenario, World};

/// Simulated time of one measurement, after a warm-up in which the tower starts.
const MEASURED: Duration = Duration::hours(2);
const WARM_UP: Duration = Duration::mins(2);
const ROUNDS: usize = 3;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    println!("{:<16} {:>16} {:>14}", "site", "times real time", "us per period");
    let fine = Duration::millis(100);
    let sites = [("E5", 1, 1, fine), ("E10", 2, 1, fine), ("E15", 3, 1, fine), ("E20", 4, 1, fine)];
    for site in
        sites.into_iter().chain([("2 x E20", 4, 2, fine), ("2 x E20 at 1 s", 4, 2, Duration::secs(1))])
    {
        let (name, modules, towers, period) = site;
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        let best = (0..ROUNDS).map(|_| measure(modules, towers, period)).fold(f64::INFINITY, f64::min);
        let simulated = MEASURED.0 as f64 * 1e-6;
        let period = period.0 as f64 * 1e-6;
        println!("{name:<16} {:>16.0} {:>14.2}", simulated / best, best / simulated * period * 1e6);
    }
}

/// Seconds of wall time for the measured stretch of a charging and discharging day.
fn measure(modules: usize, towers: usize, period: Duration) -> f64 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/summer-day.toml");
    let mut scenario = Scenario::load(&path).expect("the summer day");
    scenario.resize(towers, modules).expect("a tower that the manual allows");
    scenario.period = period;
    let mut world = World::new(&scenario);
    world.advance_to(Instant::ZERO + WARM_UP);
    let start = Clock::now();
    world.advance_to(Instant::ZERO + WARM_UP + MEASURED);
    start.elapsed().as_secs_f64()
}
