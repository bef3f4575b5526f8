//! Programs of others on an exposed Link: python-can and python-canopen.
//!
//! They live in a virtual environment at `$VOLTOWER_PYTHON` (default `~/.cache/voltower-python`), which is made here if
//! it is missing.

mod running;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use running::Running;
use serde_json::Value;

/// Making the environment takes a minute on a slow line.
const PATIENCE: Duration = Duration::from_secs(600);

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// The interpreter, once everything that `requirements.txt` asks for is installed beside it.
fn python() -> PathBuf {
    let home = std::env::var_os("VOLTOWER_PYTHON").map(PathBuf::from);
    let home = home.unwrap_or_else(|| {
        Path::new(&std::env::var_os("HOME").expect("a home")).join(".cache/voltower-python")
    });
    let wanted = fs::read_to_string(clients().join("requirements.txt")).expect("requirements.txt");
    let (interpreter, mark) = (home.join("bin/python"), home.join("voltower-requirements.txt"));
    let is_ready = || fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted);
    let lock = home.with_extension("lock");
    let started = Instant::now();
    while !is_ready() {
        // Whoever makes the folder installs; the others wait for it.
        fs::create_dir_all(home.parent().expect("not the root")).expect("a folder to write to");
        if fs::create_dir(&lock).is_ok() {
            let installed = install(&home);
            if installed {
                fs::write(&mark, &wanted).expect("a folder to write to");
            }
            fs::remove_dir(&lock).expect("ours");
            assert!(installed, "python3 -m venv and pip failed: see above");
        }
        assert!(started.elapsed() < PATIENCE, "somebody holds {}", lock.display());
        thread::sleep(Duration::from_millis(100));
    }
    interpreter
}

fn install(home: &Path) -> bool {
    let done = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    let requirements = clients().join("requirements.txt");
    done(Command::new("python3").args(["-m", "venv"]).arg(home))
        && done(
            Command::new(home.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
                .arg(requirements),
        )
}

fn script(name: &str, arguments: &[&str]) -> Output {
    Command::new(python()).arg(clients().join(name)).args(arguments).output().expect("it runs")
}

fn said(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| {
        panic!("no JSON: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    })
}

const BUSES: [&str; 2] = ["slcan:tcp://127.0.0.1:0", "socketcand:tcp://127.0.0.1:0"];

#[test]
fn python_can_hears_everything_in_real_time_and_gets_answers() {
    for bus in BUSES {
        let tower = Running::start(bus, &["--link-write"]);
        let said = said(&script("python_can.py", &[tower.url()]));
        for every_100_ms in ["181", "182", "189", "289", "389", "489"] {
            let count = said["heard"][every_100_ms].as_u64().unwrap_or(0);
            assert!((7..=14).contains(&count), "{bus}, {every_100_ms}: {said}");
        }
        // Upload of 0x1018 sub 1, expedited.
        let answer = said["answer"].as_str().unwrap_or_default();
        assert!(answer.starts_with("43181001"), "{bus}: {said}");
        let mut trips: Vec<f64> =
            said["trips"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        trips.sort_by(f64::total_cmp);
        assert!(trips.len() == 20 && trips[10] < 30.0, "{bus}: {said}");
        assert!(said["after"].as_u64() > Some(20), "{bus}: {said}");
    }
}

#[test]
fn python_can_only_listens_unless_writing_was_asked_for() {
    for bus in BUSES {
        let tower = Running::start(bus, &[]);
        let said = said(&script("python_can.py", &[tower.url()]));
        assert!(said["heard"]["181"].as_u64() > Some(6), "{bus}: {said}");
        assert!(said["answer"].is_null(), "{bus}: {said}");
        if bus.starts_with("socketcand") {
            assert!(said["refused"].as_str().is_some_and(|why| why.contains("listen-only")), "{said}");
        }
    }
}

/// Writes the data sheet of `kind` into `folder`.
fn data_sheet(folder: &Path, kind: &str) -> String {
    let printed = Command::new(assert_cmd::cargo::cargo_bin("voltower")).args(["link", "eds", kind]).output();
    let sheet = folder.join(kind).with_extension("eds");
    fs::write(&sheet, printed.expect("it runs").stdout).expect("a folder to write to");
    sheet.display().to_string()
}

/// Later than a client needs for its reading: cell 5 of module 1 gets a broken measuring wire.
const A_FAULT: &str = r#"
[[event]]
at = "10:02:18"
break = { cell-wire-open = { module = 1, cell = 5 } }
"#;

/// What every device of the Link answers to a client that reads and writes all that it can.
fn check_everything(said: &Value, sent: u64) {
    assert_eq!(said["failed"], serde_json::json!([]));
    assert!(said["read"].as_u64() > Some(200) && said["read"] == said["entries"], "{said}");
    assert_eq!(said["serial"], said["serial by block"]);
    assert!(said["tightened"].is_null() && said["charge"] == 1000, "{said}");
    assert_eq!(said["loosened"], "0x08000022", "device state: no person, no standby");
    assert_eq!(said["read only"], "0x06010002");
    assert_eq!(said["cleared"], "0x08000022");
    assert_eq!(said["unknown"], "0x06020000");
    assert_eq!(said["pdos"], sent, "{said}");
}

#[test]
fn python_canopen_reads_every_object_and_is_told_of_a_fault_with_its_cell() {
    let folder = tempfile::tempdir().expect("a folder");
    let sheet = data_sheet(folder.path(), "module");
    let tower = Running::start_with(BUSES[0], &["--link-write"], A_FAULT);
    let said = said(&script("python_canopen_all.py", &[tower.url(), &sheet, "1", "30"]));
    check_everything(&said, 13);
    // 0x5000 device hardware: *sampling fault* is bit 18 (0x12); module 1, cell 5, found is 28: a reading is missing or
    // cannot be true; come.
    assert_eq!(said["emergency"]["code"], "0x5000", "{said}");
    let data = said["emergency"]["data"].as_str().unwrap_or_default();
    assert!(data.starts_with("1201051c01"), "{said}");
}

#[test]
fn python_canopen_reads_every_object_of_the_distribution_unit() {
    let folder = tempfile::tempdir().expect("a folder");
    let sheet = data_sheet(folder.path(), "bdu");
    let tower = Running::start(BUSES[1], &["--link-write"]);
    // Of its ten, the commands to modules 3 and 4 are not sent: there are two.
    check_everything(&said(&script("python_canopen_all.py", &[tower.url(), &sheet, "9", "0.1"])), 10);
}

#[test]
fn python_can_replays_a_log_of_ours_and_we_read_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, copy) = (folder.path().join("link.log"), folder.path().join("copy.log"));
    let voltower = || Command::new(assert_cmd::cargo::cargo_bin("voltower"));
    let tower = Running::start(BUSES[0], &[]);
    let recorded =
        voltower().args(["link", "monitor", tower.url(), "--for", "2s", "--log"]).arg(&log).output().unwrap();
    assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));
    let arguments = [log.display().to_string(), copy.display().to_string()];
    let said = said(&script("python_can_log.py", &[&arguments[0], &arguments[1]]));
    assert!(said["frames"].as_u64() > Some(100) && said["same"] == true, "{said}");
    assert_eq!(said["frames"], said["arrived"]);
    let read =
        voltower().args(["link", "monitor"]).arg(format!("candump:{}", arguments[1])).output().unwrap();
    let lines = String::from_utf8_lossy(&read.stdout).lines().count() as u64;
    assert_eq!(Some(lines), said["frames"].as_u64(), "one decoded line a frame");
}

#[test]
fn python_canopen_uses_the_data_sheet() {
    let folder = tempfile::tempdir().expect("a folder");
    for (bus, kind, node, state) in [(BUSES[0], "module", "1", "states"), (BUSES[1], "bdu", "9", "state")] {
        let sheet = data_sheet(folder.path(), kind);
        let tower = Running::start(bus, &["--link-write"]);
        let said = said(&script("python_canopen.py", &[tower.url(), &sheet, node]));
        assert!(said["name"].as_str().is_some_and(|name| name.starts_with("BTS 5K")), "{said}");
        assert_eq!(said["state"], "OPERATIONAL");
        assert!(said["limits"]["limits.discharge power"].as_u64() > Some(1000), "{said}");
        assert_eq!(said["label"], "by python-canopen");
        assert_eq!(said["refused"], "0x06090031", "value too high");
        assert!(said["status"][format!("status.{state}")].as_u64() > Some(0), "{said}");
    }
}
