//! A tower that nobody charges sleeps, and looks within the hour whether somebody does, at every sample period.

use voltower_control::io::PowerMode;
use voltower_control::record::Record;
use voltower_core::{Duration, Instant, ModuleState, TowerState};
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

#[test]
fn an_empty_tower_in_the_cold_looks_without_its_bus_and_is_charged_once_it_is_warm() {
    let text = "title = \"cold and empty\"\nseed = 7\nstart = \"08:00\"\nduration = \"6 d\"\nperiod = \"10 s\"\n\
                ambient = \"-6 degC\"\n[inverter]\nmode = \"self-consumption\"\n[[tower]]\nmodel = \"E5\"\n\
                soc = \"4.2 %\"\n[house]\nload = \"300 W\"\n\
                pv = { mean = \"300 W\", swing = \"2500 W\", peak = \"13:00\" }\n\
                [[event]]\nat = \"+30 s\"\npress = \"1 s\"\n[[event]]\nat = \"+1 h\"\ngrid = \"off\"\n\
                [[event]]\nat = \"+96 h\"\nambient = \"20 degC\"\n";
    let none = |_: &str| unreachable!();
    let mut world =
        World::new(&Scenario::parse("cold-and-empty.toml", text, &none).expect("a good scenario"));
    let soc = |world: &World| world.truth(0).and_then(|tower| tower.modules[0]).expect("it has one").soc;
    world.advance_to(Instant::ZERO + Duration::hours(6));
    let before = soc(&world);
    world.drain_log().for_each(drop);
    world.advance_to(Instant::ZERO + Duration::hours(94));
    let (log, after) = (world.drain_log().map(|logged| logged.record).collect::<Vec<_>>(), soc(&world));
    let connects = log.iter().filter(|record| matches!(record, Record::Module(ModuleState::Connected)));
    assert_eq!(connects.count(), 0, "{log:?}");
    assert!(log.contains(&Record::Tower(TowerState::Starting)), "it looks");
    // What a sleeping module draws, and the looks: by a tenth of a percent a day.
    assert!(before - after < 0.004, "{before} to {after}");
    world.advance_to(Instant::ZERO + Duration(6 * DAY.0));
    assert!(soc(&world) > 0.2, "{after} to {}", soc(&world));
}

/// Modules that are low sleep for days beside one that feeds the house; one of them has lost its supply for a while,
/// and with it its address.
#[test]
fn a_dormant_module_that_has_lost_its_address_is_found_without_a_word() {
    let text = "title = \"low beside low\"\nseed = 7\nstart = \"10:00\"\nduration = \"3 d\"\nperiod = \"1 s\"\n\
                [inverter]\nmode = \"hold\"\n[house]\nload = \"400 W\"\n[[tower]]\nmodel = \"E15\"\n\
                [[tower.module]]\nsoc = \"4 %\"\nhealth = \"70 %\"\n[[tower.module]]\nsoc = \"7 %\"\n\
                [[tower.module]]\nsoc = \"5 %\"\n[[event]]\nat = \"+10 s\"\npress = \"1 s\"\n\
                [[event]]\nat = \"+20 h\"\nuntil = \"+20.1 h\"\nbreak = { module-brown-out = { module = 3 } }\n";
    let none = |_: &str| unreachable!();
    let mut world =
        World::new(&Scenario::parse("low-beside-low.toml", text, &none).expect("a good scenario"));
    world.advance_to(Instant::ZERO + Duration::mins(1));
    world.drain_log().for_each(drop);
    world.advance_to(Instant::ZERO + Duration(3 * DAY.0));
    let log: Vec<_> = world.drain_log().map(|logged| (logged.at, logged.record)).collect();
    assert!(log.iter().any(|(_, record)| matches!(record, Record::Addressed(_))), "one has lost its address");
    let said = |record: &Record| is_wrong(record) || matches!(record, Record::Diagnosed(_));
    let wrong: Vec<_> = log.iter().filter(|(_, record)| said(record)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// It is asked for its software again and again, for its answer may have been falsified; but not while it falls asleep,
/// for a question wakes it.
#[test]
fn a_low_module_of_other_software_sleeps_for_days() {
    let text = "title = \"low and other\"\nseed = 7\nstart = \"10:00\"\nduration = \"2 d\"\nperiod = \"10 s\"\n\
                [inverter]\nmode = \"hold\"\n[[tower]]\nmodel = \"E10\"\n\
                [[tower.module]]\nsoc = \"4 %\"\n[[tower.module]]\nsoc = \"60 %\"\n\
                [[event]]\nat = \"+10 s\"\npress = \"1 s\"\n\
                [[event]]\nat = \"+1 min\"\nbreak = { wrong-software = { module = 1, version = \"9V010010\" } }\n";
    let none = |_: &str| unreachable!();
    let mut world = World::new(&Scenario::parse("low-and-other.toml", text, &none).expect("a good scenario"));
    world.advance_to(Instant::ZERO + Duration(2 * DAY.0));
    let starts = world.drain_log().filter(|logged| {
        logged.module == 1 && matches!(logged.record, Record::Module(ModuleState::Starting))
    });
    let starts = starts.count();
    assert!((2..=20).contains(&starts), "{starts}");
}
