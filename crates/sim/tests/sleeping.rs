//! A tower that nobody charges sleeps, and looks within the hour whether somebody does, at every sample period.

use voltower_control::io::PowerMode;
use voltower_control::record::Record;
use voltower_core::{Duration, Instant, TowerState};
use voltower_sim::{Scenario, World};

const DAY: Duration = Duration::hours(24);
/// From falling asleep to the first look, and to a later one at most.
const FIRST: Duration = Duration::mins(15);
const LONGEST: Duration = Duration::hours(1);
/// From the first look of a unit to modules that stand by, at fine steps.
const START: Duration = Duration::secs(5);

/// Nearly empty, but with this seed no cell is so empty that its module counts as empty; off the bus while an inverter
/// talks.
fn scenario(model: &str, period: &str) -> Scenario {
    let text = format!(
        r#"
title = "nearly empty"
seed = 6
start = "10:00"
duration = "1 d"
period = "{period}"

[inverter]
mode = "hold"

[[tower]]
model = "{model}"
soc = "4.0 %"

[[event]]
at = "+30 s"
press = "1 s"

[[event]]
at = "+1 min"
dc_switch = "open"
"#
    );
    Scenario::parse("nearly-empty.toml", &text, &|_| unreachable!()).expect("a good scenario")
}

/// A look for charge: when the tower fell asleep before it, when it woke, whom it addressed, when it stood by.
#[derive(Debug, Default)]
struct Look {
    asleep: Instant,
    woken: Option<Instant>,
    addressed: Vec<u8>,
    ready: Option<Instant>,
}

fn looks(log: &[(Instant, Record)]) -> Vec<Look> {
    let mut looks: Vec<Look> = Vec::new();
    for (at, record) in log {
        let look = looks.last_mut();
        match (record, look) {
            (Record::Tower(TowerState::Sleeping), _) => {
                looks.push(Look { asleep: *at, ..Look::default() });
            }
            (Record::Tower(TowerState::Starting), Some(look)) => look.woken = look.woken.or(Some(*at)),
            (Record::Tower(TowerState::Standby), Some(look)) => look.ready = look.ready.or(Some(*at)),
            (Record::Addressed(node), Some(look)) => look.addressed.push(*node),
            _ => {}
        }
    }
    looks
}

const fn is_wrong(record: &Record) -> bool {
    matches!(record, Record::Raised { .. } | Record::StartFailed(_) | Record::LockOut(_))
}

fn looks_for_charge(model: &str, modules: u8, period: Duration) {
    let millis = period.0 / 1000;
    let name = format!("{model} at {millis} ms");
    let mut world = World::new(&scenario(model, &format!("{millis} ms")));
    world.advance_to(Instant::ZERO + DAY);
    let log: Vec<_> = world.drain_log().map(|logged| (logged.at, logged.record)).collect();
    let wrong: Vec<_> = log.iter().filter(|(_, record)| is_wrong(record)).collect();
    assert!(wrong.is_empty(), "{name}: {wrong:?}");
    let looks: Vec<Look> = looks(&log).into_iter().filter(|look| look.woken.is_some()).collect();
    assert!((20..=26).contains(&looks.len()), "{name}: {looks:?}");
    for look in &looks {
        let woken = look.woken.expect("filtered");
        let slept = woken.since(look.asleep);
        let late = Duration(slept.0.saturating_sub(LONGEST.0));
        assert!(slept >= FIRST && late.0 <= 2 * period.0 + 2_000_000, "{name}: slept {slept:?}");
        assert_eq!(look.addressed, (1..=modules).collect::<Vec<u8>>(), "{name}: {look:?}");
        let took = look.ready.map(|ready| ready.since(woken));
        assert!(took.is_some_and(|took| took < START), "{name}: {took:?} from {look:?}");
    }
}

/// The least tower and the largest.
fn look_for_charge(period: Duration) {
    looks_for_charge("E5", 1, period);
    looks_for_charge("E20", 4, period);
}

#[test]
fn at_100_ms() {
    look_for_charge(Duration::millis(100));
}

#[test]
fn at_1_s() {
    look_for_charge(Duration::secs(1));
}

#[test]
fn at_10_s() {
    look_for_charge(Duration::secs(10));
}

#[test]
fn at_60_s() {
    look_for_charge(Duration::secs(60));
}

#[test]
fn a_tower_that_sleeps_or_is_off_has_said_so_on_its_link() {
    let text = |stop: &str| {
        format!(
            "title = \"last words\"\nseed = 6\nduration = \"1 h\"\n[inverter]\nmode = \"hold\"\n\
             [[tower]]\nmodel = \"E10\"\nsoc = \"4.0 %\"\n[[event]]\nat = \"+30 s\"\npress = \"1 s\"\n\
             [[event]]\nat = \"+1 min\"\n{stop}\n"
        )
    };
    let cases = [
        ("dc_switch = \"open\"", TowerState::Sleeping, PowerMode::Sleep),
        ("press = \"4 s\"", TowerState::Shutdown, PowerMode::Off),
    ];
    for (stop, state, power) in cases {
        let scenario = Scenario::parse("last-words.toml", &text(stop), &|_| unreachable!()).expect("good");
        let mut world = World::new(&scenario);
        let mut at = Instant::ZERO;
        while world.towers()[0].bdu_drive().power != power || at < Instant::ZERO + Duration::mins(2) {
            at = at + Duration::secs(1);
            assert!(at < Instant::ZERO + Duration::hours(1), "never {state:?}");
            world.advance_to(at);
        }
        let told = world.towers()[0].reported().tower_status().map(|status| status.state);
        assert_eq!(told, Some(state));
    }
}
