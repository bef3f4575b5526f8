//! `voltower` as a process: help, exit codes, errors, files, memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::assert::Assert;

fn voltower(arguments: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("voltower").expect("the binary is built");
    command.args(arguments).env_remove("RUST_BACKTRACE").env("NO_COLOR", "1").assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scenario(name: &str) -> String {
    root().join("scenarios").join(name).display().to_string()
}

fn written(folder: &Path, text: &str) -> String {
    let path = folder.join("scenario.toml");
    fs::write(&path, text).expect("a folder to write to");
    path.display().to_string()
}

const SHORT: &str = r#"
title = "Short"
description = "Starts."
seed = 1
start = "10:00"
duration = "2 min"
[[tower]]
model = "E5"
soc = "60 %"
[house]
load = "500 W"
pv = "0 W"
[[event]]
at = "+5 s"
press = "1 s"
[[expect]]
text = "it feeds the house"
by = "+90 s"
state = "discharging"
"#;

#[test]
fn every_help_has_examples_and_every_command_is_in_the_first() {
    let first = stdout(&voltower(&["--help"]).success());
    for command in ["run", "simulate", "lights", "catalogue", "link"] {
        assert!(first.contains(command), "{first}");
        let help = stdout(&voltower(&[command, "--help"]).success());
        assert!(help.contains("Examples:") && help.contains(&format!("voltower {command}")), "{help}");
    }
    assert!(first.contains("not affiliated"), "{first}");
}

#[test]
fn version_and_completions_go_to_stdout() {
    assert!(stdout(&voltower(&["--version"]).success()).starts_with("voltower 0."));
    assert!(stdout(&voltower(&["completions", "bash"]).success()).contains("_voltower"));
}

#[test]
fn wrong_calls_exit_with_2_and_say_what_would_be_right() {
    for wrong in [
        &["run", "--speed", "fast"][..],
        &["run", "--for", "10"],
        &["run", "--at", "25:00"],
        &["run", "--model", "E25"],
        &["run", "--model", "E10", "--modules", "3"],
        &["run", "--size", "100x30"],
        &["frobnicate"],
        &[],
    ] {
        let assert = voltower(wrong).code(2);
        assert!(stdout(&assert).is_empty() && !stderr(&assert).is_empty(), "{wrong:?}");
    }
}

#[test]
fn towers_that_the_manual_does_not_allow_are_refused_with_its_rule() {
    for wrong in [["--modules", "0"], ["--modules", "5"], ["--towers", "0"], ["--towers", "3"]] {
        let assert = voltower(&["run", wrong[0], wrong[1], "--for", "1s"]).code(2);
        assert!(stderr(&assert).contains("2.6"), "{}", stderr(&assert));
    }
}

#[test]
fn all_sizes_that_the_manual_allows_run() {
    for (towers, modules) in [("1", "1"), ("1", "2"), ("1", "3"), ("1", "4"), ("2", "1"), ("2", "4")] {
        let arguments = ["run", "--towers", towers, "--modules", modules, "--speed", "max", "--for", "5min"];
        let printed = stdout(&voltower(&arguments).success());
        let last = printed.lines().last().expect("a summary");
        assert_eq!(last.matches("discharging").count().to_string(), towers, "{printed}");
    }
}

#[test]
fn a_bad_scenario_is_reported_with_file_line_and_field() {
    let folder = tempfile::tempdir().expect("a folder");
    for (from, to, said) in [
        ("soc = \"60 %\"", "sok = \"60 %\"", "sok"),
        ("soc = \"60 %\"", "soc = \"160 %\"", "soc"),
        ("duration = \"2 min\"", "duration = \"-2 min\"", "duration"),
    ] {
        let path = written(folder.path(), &SHORT.replace(from, to));
        for command in [&["simulate", &path][..], &["run", "--scenario", &path]] {
            let assert = voltower(command).code(1);
            let report = stderr(&assert);
            assert!(report.contains("scenario.toml:") && report.contains(said), "{report}");
            assert!(report.contains(to), "no snippet: {report}");
        }
    }
}

#[test]
fn a_missing_scenario_is_named() {
    let assert = voltower(&["simulate", "nowhere.toml"]).code(1);
    assert!(stderr(&assert).contains("nowhere.toml"), "{}", stderr(&assert));
}

#[test]
fn nothing_is_coloured_where_colour_is_not_wanted() {
    let coloured = |assert: &Assert| [stdout(assert), stderr(assert)].concat().contains('\u{1b}');
    assert!(!coloured(&voltower(&["lights"])));
    assert!(!coloured(&voltower(&["simulate", "nowhere.toml"])));
    assert!(!coloured(&voltower(&["run", "--speed", "max", "--for", "1min"])));
}

#[test]
fn simulate_writes_its_files_and_prints_a_closed_balance() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), SHORT);
    let out = folder.path().join("out");
    let printed = stdout(&voltower(&["simulate", &path, "--out", &out.display().to_string()]).success());
    assert!(printed.contains("held    it feeds the house"), "{printed}");
    assert!(printed.to_lowercase().contains("not explained"), "{printed}");
    let series = fs::read_to_string(out.join("series.csv")).expect("series.csv");
    assert!(series.lines().count() > 100, "{} rows", series.lines().count());
    let events = fs::read_to_string(out.join("events.csv")).expect("events.csv");
    assert!(events.contains("black-start switch held for 1 s"), "{events}");
    let picture = fs::read_to_string(out.join("picture.svg")).expect("picture.svg");
    assert!(picture.contains("<svg") && picture.trim_end().ends_with("</svg>"));
}

#[test]
fn a_module_that_is_saved_starts_another_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let aged = SHORT
        .replace("[[tower]]", "[ageing]\nacceleration = 1e5\n[[tower]]")
        .replace("duration = \"2 min\"", "duration = \"70 min\"\nperiod = \"10 s\"");
    let path = written(folder.path(), &aged);
    let used = folder.path().join("used");
    let told = voltower(&["simulate", &path, "--save-modules", &used.display().to_string()]).success();
    let file = used.join("tower-1-module-1.toml");
    assert!(stderr(&told).contains("tower-1-module-1.toml"), "{}", stderr(&told));
    let saved = fs::read_to_string(&file).expect("the module");
    assert!(saved.contains("[[age]]") && !saved.contains("calendar_loss = 0.0\n"), "{saved}");

    let next = SHORT.replace("soc = \"60 %\"", "[[tower.module]]\nstate = \"used/tower-1-module-1.toml\"");
    let path = written(folder.path(), &next);
    let again = folder.path().join("again");
    voltower(&["simulate", &path, "--save-modules", &again.display().to_string()]).success();

    fs::write(
        &file,
        saved.replacen("case_temperature = ", "case_temperature = -", 1).replacen("[0.", "[7.", 1),
    )
    .expect("a folder to write to");
    let report = stderr(&voltower(&["simulate", &path]).code(1));
    assert!(report.contains("tower-1-module-1.toml:") && report.contains("soc"), "{report}");
}

#[test]
fn the_same_seed_writes_the_same_bytes_and_another_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), SHORT);
    let series = |name: &str, seed: &str| {
        let out = folder.path().join(name);
        voltower(&["simulate", &path, "--seed", seed, "--out", &out.display().to_string()]).success();
        fs::read(out.join("series.csv")).expect("series.csv")
    };
    assert_eq!(series("a", "7"), series("b", "7"));
    assert_ne!(series("a", "7"), series("c", "8"));
}

#[test]
fn an_expectation_that_does_not_hold_exits_with_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), &SHORT.replace("\"discharging\"", "\"charging\""));
    let assert = voltower(&["simulate", &path]).code(1);
    assert!(stdout(&assert).contains("FAILED  it feeds the house"), "{}", stdout(&assert));
}

#[test]
fn a_report_can_be_read_by_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), SHORT);
    let printed = stdout(&voltower(&["simulate", &path, "--json"]).success());
    let report: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(report["title"], "Short");
    assert_eq!(report["expectations"][0]["held"], true);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), SHORT);
    let assert = voltower(&["simulate", &path, "--out", &format!("{path}/below-a-file")]).code(1);
    assert!(!stderr(&assert).is_empty());
}

#[test]
fn without_a_terminal_run_prints_what_changes_and_a_summary() {
    let printed = stdout(&voltower(&["run", "--speed", "max", "--for", "20min"]).success());
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.first(), Some(&"# A measured summer day: E10 from 00:00:00"));
    assert!(lines.contains(&"00:00:05  black-start switch held for 1 s"), "{printed}");
    assert!(lines.iter().any(|line| line.ends_with("  discharging")), "{printed}");
    assert!(printed.contains("00:20:00  tower 1 discharging"), "{printed}");
}

#[test]
fn run_can_begin_later_in_the_day_and_goes_from_any_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::cargo_bin("voltower").expect("the binary is built");
    let arguments = ["run", "--at", "02:00", "--speed", "max", "--for", "1min"];
    let assert = command.args(arguments).current_dir(folder.path()).assert().success();
    assert!(stdout(&assert).starts_with("# A measured summer day: E10 from 02:00:00"), "{}", stdout(&assert));
}

#[test]
fn a_picture_of_the_screen_is_drawn_without_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tower.svg");
    let file = path.display().to_string();
    voltower(&["run", "--for", "5min", "--picture", &file, "--size", "100x30"]).success();
    let picture = fs::read_to_string(&path).expect("the picture");
    assert!(picture.contains("Tower 1") && picture.contains("discharging"), "{picture}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let program = assert_cmd::cargo::cargo_bin("voltower");
    let mut child = Process::new(program)
        .args(["run", "--speed", "max", "--for", "6h"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// The issue of this project's first slice asks for less than 60 MB.
#[cfg(target_os = "linux")]
#[test]
fn a_running_tower_needs_less_than_60_megabytes() {
    let program = assert_cmd::cargo::cargo_bin("voltower");
    let mut child = Process::new(program)
        .args(["run", "--model", "E20", "--towers", "2", "--at", "01:00", "--speed", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    thread::sleep(Duration::from_secs(4));
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it still runs");
    child.kill().expect("it can be stopped");
    child.wait().expect("it ends");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    println!("peak memory of voltower run: {kilobytes} kB");
    assert!(kilobytes < 60_000, "{kilobytes} kB");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_simulation_and_keeps_what_was_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let program = assert_cmd::cargo::cargo_bin("voltower");
    let child = Process::new(program)
        .args(["simulate", &scenario("idle-month.toml"), "--period", "100ms", "--out"])
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    thread::sleep(Duration::from_millis(1500));
    let sent = Process::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("what was recorded until then is written"));
    assert!(out.join("series.csv").exists() && out.join("picture.svg").exists());
}
