//! `voltower lights`, as people and scripts call it.

use assert_cmd::Command;
use serde_json::Value;

fn voltower(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("voltower").expect("the binary is built");
    command.args(args);
    command
}

/// What it prints, after it ended with `code`: stdout and stderr.
fn output(args: &[&str], code: i32) -> (String, String) {
    let assert = voltower(args).assert().code(code);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&assert.get_output().stdout), text(&assert.get_output().stderr))
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&output(args, 0).0).expect("JSON")
}

#[test]
fn the_json_rows_are_those_of_the_manual() {
    let printed = include_str!("../../core/tests/lights.csv");
    let mut lines = printed.lines();
    let columns: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let rows = json(&["lights", "--json"]);
    let rows: Vec<String> = rows.as_array().expect("an array").iter().map(|row| csv(row, &columns)).collect();
    assert_eq!(rows, lines.collect::<Vec<_>>());
}

fn csv(row: &Value, columns: &[&str]) -> String {
    assert_eq!(row.as_object().expect("an object").len(), columns.len());
    let cells: Vec<&str> = columns.iter().map(|column| row[*column].as_str().expect(column)).collect();
    cells.join(",")
}

#[test]
fn tables_are_plain_text_where_no_terminal_is() {
    let (text, messages) = output(&["lights"], 0);
    assert!(messages.is_empty() && !text.contains('\u{1b}'));
    let communication = text.lines().find(|line| line.starts_with("Communication fault")).expect("a row");
    let lights: Vec<&str> = communication.split_whitespace().skip(2).collect();
    assert_eq!(lights, ["·", "●", "●", "·", "●", "·", "·"]);
    assert!(text.contains("51 %") && text.contains("Not in the manual (ours)"));
}

#[test]
fn decoding_names_condition_section_and_advice() {
    for lights in ["status off, alarm on, L1 L3", "-A1-3"] {
        let (text, _) = output(&["lights", "decode", lights], 0);
        assert!(text.contains("Fault: Communication fault (manual 2.4)"), "{text}");
        assert!(
            text.contains("owner") && text.contains("terminal resistor") && text.contains("advice is ours"),
            "{text}"
        );
    }
}

#[test]
fn flags_may_stand_before_or_after_the_lights() {
    for args in [["lights", "decode", "-A-2", "--json"], ["lights", "decode", "--json", "-A-2"]] {
        let decoded = json(&args);
        let names: Vec<_> =
            decoded["meanings"].as_array().expect("meanings").iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["Low temperature fault", "Battery cell fault"]);
        assert_eq!(decoded["meanings"][0]["section"], "2.4");
        assert_eq!(decoded["meanings"][0]["advice"]["provenance"], "ours");
    }
}

#[test]
fn states_come_with_their_range_of_charge() {
    let decoded = json(&["lights", "decode", "status blue on, L1 L2, L3 flashing", "--json"]);
    assert_eq!(decoded["meanings"][0]["name"], "Charge");
    assert_eq!(decoded["meanings"][0]["soc"], "52%~75%");
}

#[test]
fn a_snapshot_means_more() {
    let (text, _) = output(&["lights", "decode", "--snapshot", "status off, alarm on, L1 L2 L3"], 0);
    assert!(text.contains("Fault: PCU internal fault") && !text.contains("Alarm:"), "{text}");
    let (text, _) = output(&["lights", "decode", "-A1", "--snapshot"], 0);
    assert!(
        text.contains("Alarm: High temperature alarm") && text.contains("Fault: High temperature fault"),
        "{text}"
    );
}

#[test]
fn what_no_row_has_is_not_in_the_manual() {
    let (text, _) = output(&["lights", "decode", "alarm flashing, L1 L3"], 0);
    assert!(text.contains("Not in the manual") && text.contains("would mean: Communication fault"), "{text}");
    let decoded = json(&["lights", "decode", "-a1-3", "--json"]);
    assert_eq!(decoded["known"], false);
    assert_eq!(decoded["meanings"], Value::Array(Vec::new()));
}

#[test]
fn wrong_words_are_named_with_what_would_be_right() {
    for (lights, word, right) in [
        ("status purple", "`purple`", "green or blue"),
        ("alarm on, L7", "`L7`", "L1 to L5"),
        ("alarm", "alarm light", "`alarm off`"),
        ("-A2", "`2` at the place of L1", "- 1 f x"),
    ] {
        let (data, messages) = output(&["lights", "decode", lights], 2);
        let messages = messages.replace("\n  │ ", " ");
        assert!(data.is_empty() && messages.contains(word) && messages.contains(right), "{messages}");
    }
}

#[test]
fn help_explains_both_ways_to_write_lights() {
    let (help, _) = output(&["lights", "decode", "--help"], 0);
    assert!(help.contains("In words") && help.contains("In short") && help.contains("-A1-3"), "{help}");
}
