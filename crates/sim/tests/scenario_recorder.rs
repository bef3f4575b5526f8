//! What a run leaves behind, from moments typed in here.

use std::fs;
use std::path::{Path, PathBuf};

use voltower_control::record::Record;
use voltower_core::{Alarm, ConditionSet, Duration, Fault, Instant, TowerState};
use voltower_plant::EnergyLedger;
use voltower_sim::Scenario;
use voltower_sim::recorder::{Balance, Recorder, Report, Snapshot};
use voltower_sim::scenario::Action;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// A day that looks like one: sun, charge, two conditions in the afternoon.
fn moment(scenario: &Scenario, at: Instant) -> Snapshot {
    let modules: Vec<usize> = scenario.towers.iter().map(|tower| tower.modules.len()).collect();
    let mut seen = Snapshot::new(&modules);
    let hour = at.0 as f64 / 3.6e9;
    let house = scenario.house.as_ref().expect("a house");
    (seen.house.pv, seen.house.load) = (house.pv.at(at), house.load.at(at));
    let power = (seen.house.pv - seen.house.load).clamp(-5000.0, 5000.0);
    seen.house.grid = seen.house.load + power - seen.house.pv;
    seen.ambient = scenario.ambient.at(at);
    for tower in &mut seen.towers {
        tower.state = if power > 0.0 { TowerState::Charging } else { TowerState::Discharging };
        tower.power = power;
        tower.bus_voltage = 400.0;
        tower.soc = 0.5 + 0.4 * libm::sin((hour - 9.0) / 24.0 * std::f64::consts::TAU);
        if (14.0..15.5).contains(&hour) {
            tower.conditions = ConditionSet::EMPTY.with(Alarm::HighTemperature);
        }
        if (14.5..14.9).contains(&hour) {
            tower.conditions.set(Fault::Communication, true);
        }
        for (number, module) in tower.modules.iter_mut().enumerate() {
            module.soc_true = tower.soc + 0.03 * number as f64;
            module.soc = tower.soc;
            module.cell_voltage_min = 3.2 + 0.15 * tower.soc;
            module.cell_voltage_max = module.cell_voltage_min + 0.012;
            module.cell_temperature_min = seen.ambient + 2.0 + 3.0 * tower.soc;
            module.cell_temperature_max = module.cell_temperature_min + 1.5;
        }
    }
    seen
}

fn record(folder: &Path, scenario: &Scenario, step: Duration) -> Report {
    let mut recorder = Recorder::new(Some(folder), scenario).expect("a folder");
    let mut at = Instant::ZERO;
    for event in &scenario.events {
        recorder.action(event.at, &event.action).expect("written");
    }
    recorder.note(at, 0, 0, &Record::Tower(TowerState::Starting)).expect("written");
    while at <= Instant::ZERO + scenario.duration {
        recorder.record(at, &moment(scenario, at)).expect("written");
        at = at + step;
    }
    let ledger =
        EnergyLedger { inverter: 3.6e6, chemical: 3.0e6, converters: 0.6e6, ..EnergyLedger::default() };
    let report = Report::new(scenario, scenario.duration, &[], vec![Balance::of_tower(0, &ledger)]);
    recorder.finish(report).expect("written")
}

fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let place = reader.headers().expect("a header").iter().position(|column| column == name).expect(name);
    reader.records().map(|row| row.expect("a row")[place].to_owned()).collect()
}

#[test]
fn a_day_leaves_series_events_picture_and_balance() {
    let scenario = Scenario::summer_day().expect("the built-in day");
    let folder = folder("day");
    let report = record(&folder, &scenario, Duration::secs(1));
    for file in &report.files {
        assert!(file.exists(), "{}", file.display());
    }
    let series = fs::read_to_string(folder.join("series.csv")).expect("a series");
    let clocks = column(&series, "clock");
    assert_eq!(clocks.len(), 8641, "a row each 10 s");
    assert_eq!((clocks[1].as_str(), clocks[8640].as_str()), ("00:00:10", "day 2 00:00:00"));
    assert_eq!(column(&series, "load_w")[4000], "2477.0", "at 11:06:40");
    assert_eq!(column(&series, "t1_conditions")[5300], "High temperature alarm; Communication fault");
    assert_eq!(column(&series, "t1m2_cell_max_v").len(), 8641);
    let events = fs::read_to_string(folder.join("events.csv")).expect("events");
    assert!(events.contains(",00:00:05,1,,action,black-start switch held for 1 s\n"), "{events}");
    assert!(events.contains(",00:00:00,1,,record,tower is starting\n"), "{events}");
    assert!(events.contains("14:30:00,1,,panel,"), "{events}");
}

#[test]
fn the_picture_is_well_formed_and_shows_what_was_wrong() {
    let scenario = Scenario::summer_day().expect("the built-in day");
    let folder = folder("picture");
    record(&folder, &scenario, Duration::secs(5));
    let picture = fs::read_to_string(folder.join("picture.svg")).expect("a picture");
    for words in ["A measured summer day", ">High temperature alarm<", ">Communication fault<"] {
        assert!(picture.contains(words), "{words}");
    }
    for words in
        ["Power, kW", "State of charge, %", "Cell voltage, V", "Temperature, degC", ">12:00<", "roof"]
    {
        assert!(picture.contains(words), "{words}");
    }
    assert!(!picture.contains("NaN") && !picture.contains("inf"));
    assert_eq!(picture.matches('<').count(), picture.matches('>').count());
    assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
}

#[test]
fn the_same_moments_leave_the_same_bytes() {
    let scenario = Scenario::summer_day().expect("the built-in day");
    let (first, second) = (folder("first"), folder("second"));
    for folder in [&first, &second] {
        record(folder, &scenario, Duration::secs(10));
    }
    for file in ["series.csv", "events.csv", "picture.svg", "balance.txt"] {
        let read = |folder: &Path| fs::read(folder.join(file)).expect("a file");
        assert_eq!(read(&first), read(&second), "{file}");
    }
}

#[test]
fn a_picture_of_months_is_no_larger_than_one_of_a_day() {
    let mut scenario = Scenario::summer_day().expect("the built-in day");
    let day = folder("one-day");
    record(&day, &scenario, Duration::secs(10));
    scenario.duration = Duration::hours(24 * 90);
    let season = folder("season");
    record(&season, &scenario, Duration::mins(5));
    let size = |folder: &Path, file: &str| fs::metadata(folder.join(file)).expect("a file").len();
    assert!(size(&season, "picture.svg") < 2 * size(&day, "picture.svg"));
    assert!(size(&season, "series.csv") < 2 * size(&day, "series.csv"));
    let picture = fs::read_to_string(season.join("picture.svg")).expect("a picture");
    assert!(picture.contains(">day 8<"), "days on the axis");
}

#[test]
fn a_short_peak_survives_in_the_picture_of_a_month() {
    let mut scenario = Scenario::summer_day().expect("the built-in day");
    scenario.duration = Duration::hours(24 * 30);
    for peak in [1, 2, 4097, 20_000, 31_111] {
        let folder = folder("peak");
        let mut recorder = Recorder::new(Some(&folder), &scenario).expect("a folder");
        for minute in 0..30 * 24 * 60 {
            let mut seen = Snapshot::new(&[2]);
            seen.ambient = if minute == peak { 777.0 } else { 20.0 };
            recorder.record(Instant::ZERO + Duration::mins(minute), &seen).expect("written");
        }
        recorder.finish(Report::new(&scenario, scenario.duration, &[], Vec::new())).expect("written");
        let picture = fs::read_to_string(folder.join("picture.svg")).expect("a picture");
        assert!(picture.contains(">800<"), "the axis reaches over the peak of 777 degC in minute {peak}");
    }
}

#[test]
fn without_a_folder_nothing_is_written() {
    let scenario = Scenario::summer_day().expect("the built-in day");
    let mut recorder = Recorder::new(None, &scenario).expect("no folder needed");
    recorder.action(Instant::ZERO, &Action::Grid { on: false }).expect("nothing to write");
    recorder.record(Instant::ZERO, &Snapshot::new(&[2])).expect("nothing to write");
    let report = recorder.finish(Report::new(&scenario, Duration::ZERO, &[], Vec::new())).expect("a report");
    assert!(report.files.is_empty());
}

#[test]
fn the_balance_says_what_is_not_explained() {
    let ledger =
        EnergyLedger { inverter: 3.6e6, chemical: 3.0e6, converters: 0.5e6, ..EnergyLedger::default() };
    let balance = Balance::of_tower(0, &ledger);
    assert!((balance.residual_joules - 0.1e6).abs() < 1e-6);
    assert!((balance.relative - 0.1 / 3.6).abs() < 1e-9);
    let text = balance.text();
    assert!(text.contains("given by the inverter") && text.contains("-1.0000"), "{text}");
    assert!(!text.contains("fuse"), "accounts that did not move are left out: {text}");
}
