//! The end of a full charge: the published limit falls, an inverter follows at its own pace, and nothing swings.
//!
//! A cell relaxes as soon as the current falls, and would get its limit back at once: an inverter that moves in large
//! steps would then jump up again with it. How far it can swing is bounded by how fast the limit rises.

use std::io;

use voltower_core::{Duration, Instant};
use voltower_protocols::link::TowerLimits;
use voltower_sim::scenario::{Action, Fault, InverterMode};
use voltower_sim::{Port, Scenario, World};

/// Ours: a swing that a person would call one, a twentieth of the rating of two modules.
const SWING: i32 = 250;
/// Two modules, each of which rises by 2 % of 2500 W in a second; and a tenth for rounding.
const RISE: i32 = 110;
/// Frames of limits in a second.
const FRAMES: usize = 10;

/// An inverter that does at each look what the published limit was at the look before, up and down, in whole steps.
#[derive(Debug, Clone, Copy)]
struct Follower {
    every: Duration,
    step: i32,
}

/// Two modules, nearly full: the published charge limit from the beginning of the taper on. Without a follower the
/// inverter of the simulation gives all that it may.
fn taper(follower: Option<Follower>) -> Vec<i32> {
    let limits = published(follower);
    let full = limits.iter().position(|limit| *limit >= 4900).expect("it starts with full power");
    let falls = limits[full..].iter().position(|limit| *limit < 4500).expect("it tapers");
    limits[full + falls..].to_vec()
}

fn published(follower: Option<Follower>) -> Vec<i32> {
    let text = "title = \"t\"\nduration = \"2 h\"\nperiod = \"100 ms\"\n\
                [inverter]\nmode = \"charge 5 kW\"\n\
                [[tower]]\nmodules = 2\nsoc = \"90 %\"\n";
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let scenario = Scenario::parse("test.toml", text, &none).expect("a good scenario");
    let mut world = World::new(&scenario);
    world.listen();
    world.act(Action::Press { tower: 0, hold: Duration::secs(1) });
    let (mut now, mut looked) = (Instant::ZERO, Instant::ZERO);
    if follower.is_some() {
        world.act(Action::Break { tower: 0, fault: Fault::InverterIgnoresLimits });
    }
    let (mut limits, mut seen) = (Vec::new(), 0);
    while now < Instant::ZERO + Duration::mins(45) {
        now = now + Duration::secs(1);
        world.advance_to(now);
        let told = world.drain_frames().filter(|tap| tap.port == Port::Link);
        limits.extend(
            told.filter_map(|tap| TowerLimits::from_frame(&tap.frame)).map(|limits| limits.charge.power.0),
        );
        if let Some(follower) = follower.filter(|follower| now.since(looked) >= follower.every) {
            looked = now;
            let whole = seen / follower.step * follower.step;
            world.act(Action::Inverter(InverterMode::Charge(f64::from(whole))));
            seen = limits.last().copied().unwrap_or(0);
        }
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
    let limits = taper(None);
    let count = reversals(&limits);
    println!(
        "{} frames after the taper began, {count} reversals, at the end {:?}",
        limits.len(),
        limits.last()
    );
    assert_eq!((count, limits.last()), (0, Some(&0)), "it only falls, until it is full");
}

#[test]
fn the_limit_does_not_follow_an_inverter_that_jumps() {
    let (every, step) = (Duration::secs(10), 2500);
    let limits = taper(Some(Follower { every, step }));
    let rise = limits.windows(FRAMES + 1).map(|second| second[FRAMES] - second[0]).max();
    println!("{} reversals, at most {rise:?} W more in a second", reversals(&limits));
    assert!(reversals(&limits) < 3, "it follows the jumps");
    assert!(rise.is_some_and(|rise| rise <= RISE), "{rise:?} W in a second");
}
