//! `voltower explain`: what it says at one time of a scenario, and of a tower that runs.

mod running;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use running::Running;

fn explain(arguments: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("voltower").expect("the binary is built");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    command.current_dir(root).arg("explain").args(arguments);
    command.env_remove("RUST_BACKTRACE").env("NO_COLOR", "1").assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

/// Without the breaks of lines.
fn sentences(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A scenario, arguments, what is said, and what is not.
struct Row {
    scenario: &'static str,
    arguments: &'static [&'static str],
    said: &'static [&'static str],
    unsaid: &'static [&'static str],
}

const ROWS: [Row; 14] = [
    Row {
        scenario: "summer-day",
        arguments: &["--at", "13:20"],
        said: &[
            "Tower 1: charging, ",
            "Nothing limits charging: 4950 W of 5000 W.",
            "Nothing limits discharging: 4950 W of 5000 W.",
        ],
        unsaid: &["Module", "Fault", "Alarm"],
    },
    Row {
        scenario: "summer-day",
        arguments: &["--at", "14:30"],
        said: &[
            "Charging is not possible. Module 1 is full, at 99.9 %: it takes charge again below 97.9 %.",
            "Module 2 is full, at 99.9 %: it takes charge again below 97.9 %.",
            "Nothing limits discharging",
        ],
        unsaid: &["Fault", "Alarm"],
    },
    Row {
        scenario: "low-soc",
        arguments: &["--after", "2h"],
        said: &[
            "Nothing limits charging: 2475 W of 2500 W.",
            "Discharging is not possible.",
            "Module 1 is nearly empty, at 5.1 %: it gives power again from 8.0 %.",
        ],
        unsaid: &["Fault", "Alarm"],
    },
    Row {
        scenario: "alarm-low-temperature",
        arguments: &["--after", "200s"],
        said: &[
            "Module 1, sensor T2 is at -11.7 degC: below 15.0 degC the limit falls. It rises \
             when it warms; then it rises by 2.0 % of the rating a second.",
            "Module 2, sensor T2 is at -8.1 degC: below 15.0 degC the limit falls.",
            "Discharging is limited to 4368 W of 5000 W. Module 1, sensor T2 is at -11.7 degC: below -10.0 degC the \
             limit falls.",
        ],
        unsaid: &["Fault", "cell 2"],
    },
    // The voltage stops charging; the rest of a minute stops discharging, too.
    Row {
        scenario: "fault-over-voltage",
        arguments: &["--after", "370s"],
        said: &[
            "Fault \"Battery over voltage\", module 1: cell over-voltage, trip. Do not charge it.",
            "Installer: Read the highest cell",
            "Charging is limited to 2475 W of 5000 W. Module 1, cell 1: \"Battery over voltage\" (cell over-voltage, \
             trip) stops charging, until 3.450 V. As little is left by: cell voltage high.",
            "stops discharging. It ends in 27 s if it stays calm, then it rises by 2.0 % of the rating a second.",
        ],
        unsaid: &["Module 2", "black-start switch"],
    },
    Row {
        scenario: "fault-bms-comparator",
        arguments: &["--after", "150s"],
        said: &[
            "Tower 1: discharging, ",
            "Charging is limited to 2475 W of 5000 W. Module 1: \"BMS internal fault\" (battery management hardware \
             fault) stops charging. It is locked out: when the cause is gone, somebody must hold the black-start \
             switch for 10 s while no power flows.",
        ],
        unsaid: &["Module 2", "Nothing limits"],
    },
    Row {
        scenario: "fault-other",
        arguments: &["--after", "200s"],
        said: &[
            "Cause found: a contact of module 1 is not where it is driven to.",
            "Charging is not possible. The tower is not on the bus. Module 1: \"Other\" (other fault) stops charging. \
             It is locked out: when the cause is gone, somebody must hold",
        ],
        unsaid: &["Module 2"],
    },
    Row {
        scenario: "fault-fuse",
        arguments: &["--after", "180s"],
        said: &[
            "Tower 1: fault, ",
            "no power flows until it is gone. Fault \"Fuse damaged\": fuse open. Leave it off and call the installer.",
            "The tower is not on the bus. It waits for a person: when the cause is gone, somebody must hold the \
             black-start switch for 10 s while no power flows.",
        ],
        unsaid: &["Module"],
    },
    Row {
        scenario: "fault-communication",
        arguments: &["--after", "150s"],
        said: &[
            "Cause found: Link chain interrupted after module 1.",
            "Charging is limited to 2475 W of 5000 W. Module 2 is not on the bus.",
            "Discharging is limited to 2475 W of 5000 W. Module 2 is not on the bus.",
        ],
        unsaid: &["Nothing limits"],
    },
    Row {
        scenario: "black-start",
        arguments: &["--after", "75s"],
        said: &[
            "Tower 1: black start, ",
            "Charging is not possible. The inverter is not heard on COM. Power flows when it is heard; if it stays \
             silent, the tower leaves the bus in 595 s. Discharging",
            "Discharging is limited to 726 W of 5000 W. The inverter is not heard on COM. Power flows when it is \
             heard; \
             if it stays silent, the tower leaves the bus in 595 s. This much is left for it to start with.",
        ],
        unsaid: &["Fault"],
    },
    // Two towers: the second one misses the inverter, the first does not.
    Row {
        scenario: "com-cut",
        arguments: &["--after", "63s"],
        said: &[
            "Tower 1: discharging, 59.7 % (52.6 to 66.8 %). Nothing limits charging: 4950 W of 5000 W. Nothing limits \
             discharging: 4950 W of 5000 W. Tower 2: discharging, ",
            "Discharging is not possible. The inverter is not heard on COM. Power flows when it is heard; if it stays \
             silent, the tower leaves the bus in 2 s.",
        ],
        unsaid: &["Fault"],
    },
    Row {
        scenario: "com-cut",
        arguments: &["--after", "80s"],
        said: &[
            "Tower 2: fault, ",
            "Fault \"Communication fault\": communication lost. Check that the inverter runs;",
            "Discharging is not possible. The tower is not on the bus.",
        ],
        unsaid: &["black-start switch"],
    },
    Row {
        scenario: "fault-bms-comparator",
        arguments: &["--after", "150s", "--module", "1"],
        said: &[
            "Tower 1, module 1: fault. Fault \"BMS internal fault\": battery management hardware fault.",
            "Discharging: 0 W. Module 1: \"BMS internal fault\" (battery management hardware fault) stops discharging. \
             It is locked out: when the cause is gone, somebody must hold the black-start switch for 10 s",
        ],
        unsaid: &["Module 2", "Tower 1:"],
    },
    Row {
        scenario: "fault-bms-comparator",
        arguments: &["--after", "150s", "--module", "2"],
        said: &[
            "Tower 1, module 2: connected. Charging: 2500 W. Nothing but the rating limits it. Discharging: 2500 W. \
             Nothing but the rating limits it.",
        ],
        unsaid: &["Fault", "module 1"],
    },
];

#[test]
fn every_cause_is_told_in_sentences() {
    for Row { scenario, arguments, said, unsaid } in ROWS {
        let path = format!("scenarios/{scenario}.toml");
        let printed = stdout(&explain(&[&[path.as_str()], arguments].concat()).success());
        let told = sentences(&printed);
        for part in said {
            assert!(told.contains(part), "{scenario} {arguments:?} lacks {part:?}:\n{printed}");
        }
        for part in unsaid {
            assert!(!told.contains(part), "{scenario} {arguments:?} has {part:?}:\n{printed}");
        }
        assert!(printed.lines().all(|line| line.chars().count() <= 100), "{printed}");
    }
}

#[test]
fn a_tower_that_shut_down_is_said_to_be_silent() {
    let told = sentences(&stdout(&explain(&["scenarios/black-start-no-inverter.toml"]).success()));
    assert_eq!(
        told,
        "Tower 1 is silent: it sleeps until an inverter or its timer wakes it, or its Link is cut. It was \
         sleeping last."
    );
}

/// After the state of charge, which moves.
fn from_the_second_line(printed: &str) -> String {
    printed.lines().skip(1).map(|line| format!("{line}\n")).collect()
}

/// The comparator of module 1 takes no thresholds: it is locked out.
const LOCKED: &str = "
[[event]]
at = \"+70 s\"
break = { comparator-stuck = { module = 1 } }
";

#[test]
fn a_live_link_tells_the_same_in_the_same_words() {
    for (url, events, what) in [
        ("slcan:tcp://127.0.0.1:0", "", "Nothing limits charging: 4950 W of 5000 W."),
        ("socketcand:tcp://127.0.0.1:0", LOCKED, "It is locked out: when the cause is gone"),
    ] {
        let tower = Running::start_with(url, &[], events);
        let live = stdout(&explain(&["--link", tower.url()]).success());
        assert!(live.starts_with("Tower 1: discharging, ") && sentences(&live).contains(what), "{live}");
        let simulated = stdout(&explain(&[&tower.scenario(), "--at", "10:02"]).success());
        assert_eq!(from_the_second_line(&live), from_the_second_line(&simulated));
        let of_module = stdout(&explain(&["--link", tower.url(), "--module", "2"]).success());
        assert_eq!(
            sentences(&of_module),
            "Tower 1, module 2: connected. Charging: 2500 W. Nothing but the rating limits it. \
             Discharging: 2500 W. Nothing but the rating limits it."
        );
    }
}

#[test]
fn wrong_calls_are_told_with_their_place() {
    let scenario = "scenarios/fault-fuse.toml";
    for (arguments, code, parts) in [
        (&["nowhere.toml"][..], 1, &["nowhere.toml"][..]),
        (&["--at", "25:00"], 2, &["'25:00'", "--at"]),
        (&[scenario, "--at", "12:00"], 2, &["--at lies behind the end", "starts at 10:00"]),
        (&["--after", "soon"], 2, &["'soon'", "--after", "90s"]),
        (&[scenario, "--after", "2h"], 2, &["--after 2 h lies behind the end", "10 min"]),
        (&[scenario, "--at", "10:05", "--after", "5min"], 2, &["--at", "--after"]),
        (&["--module", "5"], 2, &["'5'", "--module", "1..=4"]),
        (&[scenario, "--module", "3"], 1, &["module 3 is not heard", "heard: 1, 2"]),
        (&[scenario, "--after", "1s"], 1, &["no tower is heard", "--after"]),
        (&["--link", "nowhere:1"], 2, &["nowhere:1", "--link", "slcan:tcp://HOST:PORT"]),
        (&["--link", "slcan:tcp://127.0.0.1:1"], 1, &["127.0.0.1:1", "cannot be opened"]),
        (&["--link", "slcan:tcp://127.0.0.1:1", scenario], 2, &["--link", "SCENARIO"]),
    ] {
        let report = stderr(&explain(arguments).code(code));
        for part in parts {
            assert!(report.contains(part), "{arguments:?} lacks {part:?}:\n{report}");
        }
    }
}

#[test]
fn a_scenario_with_a_slip_is_told_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("slip.toml");
    fs::write(&path, "title = \"t\"\nduration = \"2 weeks\"\n[[tower]]\nmodules = 2\n").expect("written");
    let report = stderr(&explain(&[&path.display().to_string()]).code(1));
    assert!(report.contains("slip.toml:2:") && report.contains("duration"), "{report}");
}

#[test]
fn a_log_of_a_link_without_frames_of_ours_is_no_tower() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("link.log");
    fs::write(&path, "(1436509052.000000) can0 123#00\n").expect("written");
    let report = stderr(&explain(&["--link", &format!("candump:{}", path.display())]).code(1));
    assert!(report.contains("no tower is heard"), "{report}");
}
