//! The end of a full charge: the published limit falls, an inverter follows at its own pace, and nothing swings.
//!
//! Between two regulators that each follow the other, a limit that rose as fast as it falls would make a square wave
//! between nothing and full power: the cell relaxes without current, the limit comes back, the cell jumps.

use std::io;

use voltower_core::{Duration, Instant};
use voltower_protocols::link::TowerLimits;
use voltower_sim::scenario::Action;
use voltower_sim::{Port, Scenario, World};

/// Ours: a swing that a person would call one, a twentieth of the rating of two modules.
const SWING: i32 = 250;
/// Ours: the end of the taper may ripple a little; measured below.
const REVERSALS: usize = 4;

/// Two modules, nearly full, at an inverter that gives all that it may.
fn published() -> Vec<i32> {
    let text = "title = \"t\"\nduration = \"2 h\"\nperiod = \"100 ms\"\n\
                [inverter]\nmode = \"charge 5 kW\"\n\
                [[tower]]\nmodules = 2\nsoc = \"90 %\"\n";
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let scenario = Scenario::parse("test.toml", text, &none).expect("a good scenario");
    let mut world = World::new(&scenario);
    world.listen();
    world.act(Action::Press { tower: 0, hold: Duration::secs(1) });
    let mut limits = Vec::new();
    let mut now = Instant::ZERO;
    while now < Instant::ZERO + Duration::mins(45) {
        now = now + Duration::secs(1);
        world.advance_to(now);
        let told = world.drain_frames().filter(|tap| tap.port == Port::Link);
        limits.extend(
            told.filter_map(|tap| TowerLimits::from_frame(&tap.frame)).map(|limits| limits.charge.power.0),
        );
    }
    limits
}

/// How often the limit turns round by more than a swing.
fn reversals(limits: &[i32]) -> usize {
    let Some(&start) = limits.first() else { return 0 };
    let (mut low, mut high, mut rising, mut count) = (start, start, false, 0);
    for &limit in limits {
        (low, high) = (low.min(limit), high.max(limit));
        let turned = if rising { high - limit > SWING } else { limit - low > SWING };
        if turned {
            (low, high, rising, count) = (limit, limit, !rising, count + 1);
        }
    }
    count
}

#[test]
fn the_limit_does_not_swing_at_the_top_of_charge() {
    let limits = published();
    let full = limits.iter().position(|limit| *limit >= 4900).expect("it starts with full power");
    let tapers = full + limits[full..].iter().position(|limit| *limit < 4500).expect("it tapers");
    let taper = &limits[tapers..];
    let count = reversals(taper);
    println!(
        "{} frames after the taper began, {count} reversals, at the end {:?}",
        taper.len(),
        taper.last()
    );
    assert!(count <= REVERSALS, "{count} reversals");
    assert_eq!(taper.last(), Some(&0), "it is full");
}
