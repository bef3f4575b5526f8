//! A healthy tower shows no fault, over the manual's -10 to 45 degC and at every sample period.

use voltower_control::record::Record;
use voltower_core::{Duration, Instant};
use voltower_sim::check::Verdict;
use voltower_sim::{Logged, Scenario, World};

/// Samples, how long each direction of power lasts, and the rest between.
struct Pace {
    period: &'static str,
    power: Duration,
    rest: Duration,
}

const PACES: [Pace; 4] = [
    Pace { period: "10 ms", power: Duration::mins(2), rest: Duration::mins(1) },
    Pace { period: "100 ms", power: Duration::mins(20), rest: Duration::mins(20) },
    Pace { period: "1 s", power: Duration::mins(25), rest: Duration::hours(4) },
    Pace { period: "60 s", power: Duration::mins(25), rest: Duration::hours(48) },
];

/// Discharges, rests, charges, turns round at once, rests in the flat middle for long.
fn text(celsius: i32, soc: u8, pace: &Pace) -> String {
    let (power, rest) = (pace.power.0 / 1_000_000, pace.rest.0 / 1_000_000);
    let mut text = format!(
        r#"
title = "healthy"
start = "10:00"
duration = "{} s"
period = "{}"
ambient = "{celsius} degC"

[inverter]
mode = "discharge 2 kW"

[[tower]]
model = "E5"
soc = "{soc} %"
temperature = "{celsius} degC"

[[event]]
at = "+30 s"
press = "1 s"

[[expect]]
text = "it works"
by = "+80 s"
state = "discharging"

[[expect]]
text = "and still does at the end"
at = "+{} s"
modules_connected = {{ min = "1" }}
"#,
        120 + 5 * power + 2 * rest,
        pace.period,
        60 + 5 * power + 2 * rest,
    );
    let mut at = 120;
    for (mode, seconds) in [
        ("discharge 2 kW", power),
        ("hold", rest),
        ("charge 2.4 kW", power),
        ("discharge 2.4 kW", power),
        ("charge 500 W", power),
        ("hold", rest),
        ("discharge 300 W", power),
    ] {
        text.push_str(&format!("\n[[event]]\nat = \"+{at} s\"\ninverter = \"{mode}\"\n"));
        at += seconds;
    }
    text
}

fn is_wrong(record: &Record) -> bool {
    matches!(record, Record::Raised { .. } | Record::StartFailed(_) | Record::LockOut(_))
}

/// Runs it at every pace.
fn is_left_alone(celsius: i32, soc: u8) {
    for pace in &PACES {
        let text = text(celsius, soc, pace);
        let scenario = Scenario::parse("healthy.toml", &text, &|_| unreachable!()).expect("a good scenario");
        let mut world = World::new(&scenario);
        world.advance_to(Instant::ZERO + scenario.duration);
        world.finish();
        let wrong: Vec<_> = world.drain_log().filter(|logged| is_wrong(&logged.record)).collect();
        assert!(wrong.is_empty(), "{celsius} degC, {soc} %, {}: {wrong:?}", pace.period);
        for watched in world.checker().results() {
            let (text, verdict) = (&watched.expectation.text, watched.verdict);
            let held = matches!(verdict, Verdict::Held { .. });
            assert!(held, "{celsius} degC, {soc} %, {}: not {text:?}", pace.period);
        }
    }
}

#[test]
fn at_the_lower_end_of_the_manuals_temperatures() {
    is_left_alone(-10, 90);
}

#[test]
fn at_the_freezing_point() {
    is_left_alone(0, 80);
}

#[test]
fn in_a_cellar() {
    is_left_alone(12, 85);
}

#[test]
fn at_room_temperature() {
    is_left_alone(25, 55);
}

#[test]
fn at_the_upper_end_of_the_manuals_temperatures() {
    is_left_alone(45, 60);
}

/// A day in the allowed surroundings: full power either way at the hot end, all the heat that a module can make for
/// hours; rest at the cold one, where cells take no charge.
#[test]
fn a_day_at_either_end_of_the_manuals_temperatures_is_no_alarm() {
    for (celsius, modes) in [(45, ["charge 2.4 kW", "discharge 2.2 kW"]), (-10, ["hold", "hold"])] {
        let mut text = format!(
            "title = \"a day\"\nstart = \"00:00\"\nduration = \"24 h\"\nperiod = \"1 s\"\n\
             ambient = \"{celsius} degC\"\n[inverter]\nmode = \"hold\"\n[[tower]]\nmodel = \"E5\"\n\
             soc = \"50 %\"\ntemperature = \"{celsius} degC\"\n[[event]]\nat = \"+30 s\"\npress = \"1 s\"\n"
        );
        for (turn, mode) in modes.into_iter().cycle().take(23).enumerate() {
            let at = 120 + 3600 * turn;
            text.push_str(&format!("[[event]]\nat = \"+{at} s\"\ninverter = \"{mode}\"\n"));
        }
        let scenario = Scenario::parse("day.toml", &text, &|_| unreachable!()).expect("a good scenario");
        let mut world = World::new(&scenario);
        world.advance_to(Instant::ZERO + scenario.duration);
        let is_condition =
            |logged: &Logged| matches!(logged.record, Record::Raised { .. } | Record::LockOut(_));
        let wrong: Vec<_> = world.drain_log().filter(is_condition).collect();
        assert!(wrong.is_empty(), "{celsius} degC: {wrong:?}");
        let module = world.truth(0).and_then(|tower| tower.modules[0]).expect("it has a module");
        assert!(
            celsius < 0 || module.case_temperature > 46.0,
            "the case is warm: {}",
            module.case_temperature
        );
    }
}
