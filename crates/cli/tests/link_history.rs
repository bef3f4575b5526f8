//! What a module has gone through, read over its Link as a technician reads it: freeze-frames, blackbox, lifetime.

mod running;

use assert_cmd::Command;
use running::Running;
use serde_json::Value;

/// Module 1 loses a measuring wire, and then six times a thermistor, and is whole again each time. At twenty past it
/// loses its supply.
const HISTORY: &str = r#"
[[event]]
at = "+60 s"
load = "3 kW"
[[event]]
at = "10:05"
until = "10:05:20"
break = { cell-wire-open = { module = 1, cell = 9 } }
[[event]]
at = "10:07"
until = "10:07:20"
break = { ntc-open = { module = 1, sensor = 1 } }
[[event]]
at = "10:09"
until = "10:09:20"
break = { ntc-open = { module = 1, sensor = 2 } }
[[event]]
at = "10:11"
until = "10:11:20"
break = { ntc-open = { module = 1, sensor = 3 } }
[[event]]
at = "10:13"
until = "10:13:20"
break = { ntc-open = { module = 1, sensor = 4 } }
[[event]]
at = "10:15"
until = "10:15:20"
break = { ntc-open = { module = 1, sensor = 1 } }
[[event]]
at = "10:17"
until = "10:17:20"
break = { ntc-open = { module = 1, sensor = 2 } }
[[event]]
at = "10:20"
until = "10:20:20"
break = { module-reset = { module = 1 } }
"#;

fn tower(at: &str) -> Running {
    Running::start_at(at, "slcan:tcp://127.0.0.1:0", &["--link-write"], HISTORY)
}

fn link(arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("voltower").expect("the binary is built");
    command.arg("link").args(arguments).env_remove("RUST_BACKTRACE").env("NO_COLOR", "1").assert()
}

/// What `voltower link read` prints of `node`.
fn read(tower: &Running, node: &str, arguments: &[&str]) -> String {
    let assert = link(&[&["read", tower.url(), node], arguments].concat()).success();
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn read_json(tower: &Running, arguments: &[&str]) -> Vec<Value> {
    let text = read(tower, "1", &[arguments, &["--json"]].concat());
    serde_json::from_str(&text).expect("an array")
}

/// The words behind an entry's name, of all lines that it has.
fn words<'a>(text: &'a str, entry: &str) -> Vec<&'a str> {
    let entries = text.lines().filter_map(|line| line.trim().split_once(' '));
    entries.filter(|(name, _)| *name == entry).map(|(_, words)| words.trim()).collect()
}

/// A number in front of its unit.
fn number(words: &str, unit: &str) -> f64 {
    let number = words.strip_suffix(unit).unwrap_or_else(|| panic!("{words:?} is not in {unit:?}"));
    number.trim().parse().unwrap_or_else(|_| panic!("{words:?} is no number"))
}

/// The value of an entry in JSON.
fn value<'a>(rows: &'a [Value], name: &str, which: Option<i64>) -> &'a Value {
    let found = rows.iter().find(|row| row["name"] == name && row["which"].as_i64() == which);
    &found.unwrap_or_else(|| panic!("no {name} of {which:?}"))["value"]
}

#[test]
fn the_last_six_faults_are_read_as_they_were_measured_newest_first() {
    let tower = tower("10:19");
    let text = read(&tower, "1", &["freeze-frame", "--all"]);
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("freeze-frame")).collect();
    assert_eq!(headings, (0..6).map(|place| format!("freeze-frame {place}")).collect::<Vec<_>>());
    assert_eq!(words(&text, "number"), ["7", "6", "5", "4", "3", "2"]);
    assert_eq!(words(&text, "uptime"), ["1020 s", "900 s", "780 s", "660 s", "540 s", "420 s"]);
    assert_eq!(words(&text, "in-start"), ["1"; 6]);
    assert_eq!(words(&text, "fault"), ["Sampling fault"; 6]);
    assert_eq!(words(&text, "conditions"), ["Sampling fault"; 6]);
    assert_eq!(words(&text, "cell-or-sensor"), ["2", "1", "4", "3", "2", "1"]);
    for cell in 1..=16 {
        for voltage in words(&text, &format!("cell-{cell}")) {
            assert!((3.1..3.4).contains(&number(voltage, "V")), "cell {cell}: {voltage}");
        }
    }
    for (place, open) in [2, 1, 4, 3, 2, 1].into_iter().enumerate() {
        for sensor in 1..=4 {
            let shown = words(&text, &format!("sensor-{sensor}"))[place];
            assert_eq!(shown == "not read", sensor == open, "frame {place}, sensor {sensor}: {shown}");
        }
    }
    // Two modules share 3.5 kW at 52 V.
    for current in words(&text, "pack-current") {
        assert!((-40.0..-30.0).contains(&number(current, "A")), "{current}");
    }
    let rows = read_json(&tower, &["freeze-frame", "--all"]);
    assert_eq!(rows.len(), 6 * 36);
    assert_eq!(value(&rows, "freeze-frame/sensor-2", Some(0)), &Value::Null);
    assert!(value(&rows, "freeze-frame/cell-9", Some(5)).as_f64() > Some(3.1));
}

#[test]
fn the_minute_before_the_first_fault_is_read_second_by_second() {
    let tower = tower("10:19");
    let text = read(&tower, "1", &["blackbox", "--all"]);
    assert_eq!(
        (words(&text, "frozen"), words(&text, "in-start"), words(&text, "uptime")),
        (vec!["yes"], vec!["1"], vec!["300 s"])
    );
    let points: Vec<&str> = text.lines().skip_while(|line| !line.contains("which")).skip(1).collect();
    assert_eq!(points.len(), 60, "{text}");
    assert!(points[0].ends_with("stopping"), "{text}");
    assert!(points[1..].iter().all(|line| line.ends_with("connected")), "{text}");
    let rows = read_json(&tower, &["blackbox/pack-current", "--all"]);
    let currents: Vec<f64> = rows.iter().filter_map(|row| row["value"].as_f64()).collect();
    assert_eq!(currents.len(), 60);
    assert!(currents.iter().all(|current| (-40.0..-30.0).contains(current)), "{currents:?}");
}

#[test]
fn what_is_shown_alone_is_what_was_chosen() {
    let tower = tower("10:19");
    let newest = read(&tower, "1", &["freeze-frame"]);
    assert_eq!(words(&newest, "freeze-frame/which"), ["0, the newest"]);
    assert_eq!(words(&newest, "freeze-frame/number"), ["7"]);
    link(&["write", tower.url(), "1", "freeze-frame/which", "2"]).success();
    assert_eq!(read(&tower, "1", &["freeze-frame/number"]), "5\n");
    read(&tower, "1", &["freeze-frame/fault", "--all"]);
    assert_eq!(read(&tower, "1", &["freeze-frame/number"]), "5\n", "it is left as it was found");
    link(&["write", tower.url(), "1", "freeze-frame/which", "6"]).failure();
}

#[test]
fn a_module_without_a_history_says_so() {
    let tower = tower("10:19");
    assert_eq!(read(&tower, "2", &["freeze-frame", "--all"]), "module 2: nothing in freeze-frame\n");
    let alone = read(&tower, "2", &["freeze-frame"]);
    assert_eq!(words(&alone, "freeze-frame/fault"), ["none"]);
    assert_eq!(words(&alone, "freeze-frame/state"), ["none"]);
    assert_eq!(words(&alone, "freeze-frame/pack-current"), ["not read"]);
    let refused = link(&["read", tower.url(), "1", "limits", "--all"]).code(2);
    let report = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(report.contains("freeze-frame and blackbox"), "{report}");
}

#[test]
fn a_history_outlives_a_loss_of_power() {
    let (before, after) = (tower("10:19"), tower("10:22"));
    for kept in ["freeze-frame", "blackbox/highest-cell", "blackbox/uptime"] {
        let (before, after) = (read_json(&before, &[kept, "--all"]), read_json(&after, &[kept, "--all"]));
        assert!(before.len() >= 60, "{kept}: {before:?}");
        assert_eq!(before, after, "{kept}");
    }
    for (tower, starts, cause) in [(&before, "1", "power on"), (&after, "2", "reset line")] {
        let memory = read(tower, "1", &["memory"]);
        assert_eq!(words(&memory, "memory/starts"), [starts]);
        assert_eq!(words(&memory, "memory/cause-of-the-last-start"), [cause]);
        let times = read(tower, "1", &["times-that-came"]);
        let came: Vec<&str> = times.lines().filter(|line| !line.ends_with(" 0")).collect();
        assert_eq!(came.len(), 1, "{times}");
        assert!(came[0].contains("measurement-fault") && came[0].ends_with(" 7"), "{times}");
        let life = read_json(tower, &["lifetime"]);
        let discharged = value(&life, "lifetime/energy-discharged", None).as_f64().expect("Wh");
        // 1.75 kW for a quarter of an hour, but for the seven times twenty seconds in fault.
        assert!((350.0..520.0).contains(&discharged), "{discharged} Wh");
        assert_eq!(value(&life, "lifetime/energy-charged", None), 0);
        assert_eq!(value(&life, "lifetime/times-woken", None).to_string(), starts);
        assert!(value(&life, "lifetime/discharging-current-ever", None).as_f64() > Some(30.0));
    }
}
