//! `voltower link` against a tower that runs beside it.

mod running;

use std::fs;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use running::Running;
use serde_json::Value;

fn link(arguments: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("voltower").expect("the binary is built");
    command.arg("link").args(arguments).env_remove("RUST_BACKTRACE").env("NO_COLOR", "1").assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

fn json(assert: &Assert) -> Value {
    serde_json::from_str(&stdout(assert)).expect("JSON")
}

fn tower() -> Running {
    Running::start("slcan:tcp://127.0.0.1:0", &["--link-write"])
}

#[test]
fn objects_are_read_by_name_by_record_and_by_number() {
    let tower = tower();
    let read = |node: &str, name: &str| stdout(&link(&["read", tower.url(), node, name]).success());
    assert_eq!(read("bdu", "status/state"), "discharging\n");
    assert_eq!(read("9", "device-name"), "BTS 5K-BDU\n");
    assert_eq!(read("1", "0x2002:2"), read("1", "limits/discharge-power"));
    assert!(read("1", "limits/discharge-power").ends_with(" W\n"));
    assert_eq!(read("2", "versions/serial-number"), "VT5K0001000000000002\n");
    let cells = read("2", "cells");
    assert_eq!(cells.lines().count(), 16, "{cells}");
    assert!(cells.starts_with("cells/cell-1   3."), "{cells}");
    assert!(cells.lines().all(|line| line.ends_with(" V")), "{cells}");
}

#[test]
fn what_is_read_can_be_read_by_programs() {
    let tower = tower();
    let read = json(&link(&["read", tower.url(), "1", "limits", "--json"]).success());
    assert_eq!(read.as_array().map(Vec::len), Some(6));
    assert_eq!(
        (&read[1]["name"], &read[1]["unit"]),
        (&Value::from("limits/discharge-power"), &Value::from("W"))
    );
    assert!(read[1]["value"].as_u64() > Some(1000), "{read}");
    assert_eq!((&read[2]["value"], &read[2]["text"]), (&Value::from(0), &Value::from("rated power")));
}

#[test]
fn an_object_is_written_and_then_is_what_was_written() {
    let tower = tower();
    let label = ["bdu", "configuration/label"];
    let said = stdout(&link(&["write", tower.url(), label[0], label[1], "left of the door"]).success());
    assert_eq!(said, "configuration/label of distribution unit is left of the door\n");
    assert_eq!(stdout(&link(&["read", tower.url(), label[0], label[1]]).success()), "left of the door\n");
    let heartbeat = ["1", "heartbeat-time"];
    link(&["write", tower.url(), heartbeat[0], heartbeat[1], "0.2 s"]).success();
    assert_eq!(stdout(&link(&["read", tower.url(), heartbeat[0], heartbeat[1]]).success()), "0.200 s\n");
}

#[test]
fn what_cannot_be_written_is_refused_in_words() {
    let tower = tower();
    let write = |name: &str, value: &str, code: i32| {
        stderr(&link(&["write", tower.url(), "1", name, value]).code(code))
    };
    assert!(write("status/state-of-charge", "50 %", 2).contains("can only be read"));
    let too_much = write("configuration/charge-power-at-most", "9 kW", 2);
    assert!(too_much.contains("no value of") && too_much.contains("0 W to 2500 W"), "{too_much}");
    let refused = write("configuration/charge-power-at-most", "3000 W", 1);
    assert!(refused.contains("module 1 refuses: value too high") && refused.contains("2500 W"), "{refused}");
    link(&["write", tower.url(), "1", "configuration/charge-power-at-most", "1500 W"]).success();
    let looser = write("configuration/charge-power-at-most", "1600 W", 1);
    assert!(looser.contains("needs a person") && looser.contains("black-start switch"), "{looser}");
    let crossed = write("levels/over-voltage-alarm", "3.58 V", 1);
    assert!(
        crossed.contains("the charge taper ends at least 20 mV below the over-voltage alarm"),
        "{crossed}"
    );
    let beyond = write("levels/over-voltage-fault", "3.7 V", 1);
    assert!(beyond.contains("value too high") && beyond.contains("3.490 V to 3.650 V"), "{beyond}");
    let several = write("configuration", "1", 2);
    assert!(several.contains("configuration/label"), "{several}");
}

#[test]
fn names_that_there_are_not_bring_similar_ones() {
    let report = stderr(&link(&["read", "slcan:tcp://127.0.0.1:1", "1", "limits/charge-pwr"]).code(2));
    assert!(report.contains("did you mean limits/charge-power"), "{report}");
    let report = stderr(&link(&["read", "slcan:tcp://127.0.0.1:1", "17", "limits"]).code(2));
    assert!(report.contains("0x1018:1"), "{report}");
}

#[test]
fn a_scan_finds_everybody_and_no_one_else() {
    let tower = tower();
    let found = json(&link(&["scan", tower.url(), "--json"]).success());
    let nodes: Vec<u64> =
        found.as_array().into_iter().flatten().filter_map(|node| node["node"].as_u64()).collect();
    assert_eq!(nodes, [1, 2, 9], "{found}");
    assert_eq!(found[2]["name"], "BTS 5K-BDU");
    assert_eq!(
        (&found[0]["serial"], &found[0]["state"]),
        (&Value::from("VT5K0001000000000001"), &Value::from("operational"))
    );
    let table = stdout(&link(&["scan", tower.url()]).success());
    assert!(table.contains("distribution unit") && table.contains("VTBDU000000000000001"), "{table}");
}

#[test]
fn the_monitor_tells_frames_and_writes_them_down() {
    for url in ["slcan:tcp://127.0.0.1:0", "socketcand:tcp://127.0.0.1:0"] {
        let tower = Running::start(url, &[]);
        let folder = tempfile::tempdir().expect("a folder");
        let (log, picture) = (folder.path().join("link.log"), folder.path().join("link.svg"));
        let log_name = log.display().to_string();
        let told = stdout(&link(&["monitor", tower.url(), "--for", "2s", "--log", &log_name]).success());
        let told_once = |part: &str| told.lines().any(|line| line.contains(part));
        assert!(
            told_once("0x189  distribution unit  tower status        state discharging, state of charge "),
            "{told}"
        );
        assert!(told_once("0x1D2  module 2           cells 13 to 16      cell 13 3."), "{told}");
        assert!(told_once("heartbeat           operational"), "{told}");
        assert!(!told.contains("unknown"), "{told}");
        let written = fs::read_to_string(&log).expect("the log");
        assert_eq!(written.lines().count(), told.lines().count());
        assert!(written.lines().all(|line| line.starts_with('(') && line.contains(") can0 ")), "{written}");
        let picture_name = picture.display().to_string();
        link(&["monitor", tower.url(), "--for", "2s", "--picture", &picture_name]).success();
        let drawn = fs::read_to_string(&picture).expect("the picture");
        assert!(drawn.contains("Distribution unit") && drawn.contains("tower power"), "{drawn}");
    }
}

/// One of each kind that a start of a tower shows, and what the Link does not have.
const LOG: &str = "\
(1436509052.000000) can0 7E5#5105535442000102
(1436509052.000300) can0 7E4#4F00000000000000
(1436509052.000600) can0 7E5#1101000000000000
(1436509052.100000) can0 701#00
(1436509052.110000) can0 000#0101
(1436509052.200000) can0 181#3356020000000001
(1436509052.210000) can0 281#ACD06500A10FF6FF
(1436509052.220000) can0 1A1#F00CF10CF20CFFFF
(1436509052.230000) can0 2B1#D200D300FF7F0080
(1436509052.300000) can0 189#0556020300000000
(1436509052.310000) can0 201#0A800F8813881396
(1436509052.400000) can0 081#0042090001040101
(1436509052.500000) can0 081#0000000001040000
(1436509053.000000) can0 609#2B202001DC050000
(1436509053.000500) can0 589#6020200100000000
(1436509053.100000) can0 601#4002200700000000
(1436509053.100500) can0 581#8002200711000906
(1436509054.000000) can0 1ABCDEF0#01
(1436509054.000000) can0 123#R
";

#[test]
fn a_log_is_told_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("link.log");
    fs::write(&path, LOG).expect("a folder to write to");
    let url = format!("candump:{}", path.display());
    expect_test::expect_file!["screens/link-lines.txt"]
        .assert_eq(&stdout(&link(&["monitor", &url]).success()));
    fs::write(&path, "(1436509052.000000) can0 701#00\nnonsense\n").expect("a folder to write to");
    let report = stderr(&link(&["monitor", &url]).code(1));
    assert!(report.contains("link.log") && report.contains("line 2 is not of the form"), "{report}");
}

#[test]
fn a_link_that_is_for_listening_is_not_asked() {
    for url in ["slcan:tcp://127.0.0.1:0", "socketcand:tcp://127.0.0.1:0"] {
        let tower = Running::start(url, &[]);
        let report = stderr(&link(&["read", tower.url(), "1", "limits"]).code(1));
        assert!(report.contains("listen-only") && report.contains("--link-write"), "{report}");
    }
}

#[test]
fn who_does_not_answer_is_named() {
    let tower = tower();
    let report = stderr(&link(&["read", tower.url(), "4", "limits"]).code(1));
    assert!(report.contains("module 4 does not answer within 500 ms"), "{report}");
}

#[test]
fn wrong_places_are_told_with_what_would_be_right() {
    for wrong in ["nowhere:1", "slcan:tcp://127.0.0.1", "slcan:udp://127.0.0.1:1"] {
        let report = stderr(&link(&["monitor", wrong]).code(2));
        assert!(report.contains("socketcand:tcp://HOST:PORT/can0"), "{report}");
    }
    let report = stderr(&link(&["scan", "slcan:tcp://127.0.0.1:1"]).code(1));
    assert!(report.contains("cannot be opened") && report.contains("voltower run"), "{report}");
    let voltower = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("voltower").expect("the binary is built");
        command.args(arguments).assert().code(2)
    };
    let report = stderr(&voltower(&["run", "--for", "1s", "--link", "slcan:tcp://0.0.0.0:0"]));
    assert!(report.contains("this machine only"), "{report}");
    let report = stderr(&voltower(&["run", "--for", "1s", "--link", "can0"]));
    assert!(report.contains("slcan:tcp://127.0.0.1:PORT"), "{report}");
    let report =
        stderr(&voltower(&["run", "--for", "1s", "--link", "slcan:tcp://127.0.0.1:0", "--link-tower", "2"]));
    assert!(report.contains("--link-tower 2"), "{report}");
}

#[test]
fn data_sheets_are_printed() {
    for (kind, device) in [("module", "BTS 5K"), ("bdu", "BTS 5K-BDU")] {
        let sheet = stdout(&link(&["eds", kind]).success());
        assert!(
            sheet.starts_with("[FileInfo]") && sheet.contains(&format!("ProductName={device}\n")),
            "{sheet}"
        );
    }
}

#[test]
fn every_help_has_examples() {
    for command in ["monitor", "read", "write", "scan", "eds"] {
        let help = stdout(&link(&[command, "--help"]).success());
        assert!(help.contains("Examples:") && help.contains(&format!("voltower link {command}")), "{help}");
    }
}
