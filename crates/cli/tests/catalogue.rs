//! `voltower catalogue`, as people and scripts call it.

use assert_cmd::Command;
use serde_json::Value;

fn output(args: &[&str], code: i32) -> (String, String) {
    let assert = Command::cargo_bin("voltower").expect("the binary is built").args(args).assert().code(code);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&assert.get_output().stdout), text(&assert.get_output().stderr))
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&output(args, 0).0).expect("JSON")
}

fn line<'a>(text: &'a str, subject: &str) -> &'a str {
    text.lines()
        .find(|line| line.trim_start().starts_with(subject))
        .unwrap_or_else(|| panic!("{subject}: {text}"))
}

#[test]
fn a_model_is_shown_with_who_says_so() {
    let (text, _) = output(&["catalogue", "E10"], 0);
    assert!(text.contains("BTS E10-DS5") && !text.contains("BTS E20-DS5"));
    assert!(
        line(&text, "energy grade").contains("10 kWh")
            && line(&text, "energy grade").contains("[manual 2.2]")
    );
    assert!(line(&text, "capacity").contains("[ours: "));
    assert!(line(&text, "cells in series").contains("[public: "));
    assert!(line(&text, "clearances").contains("[not in our copy: figure 3-2]"));
    assert!(line(&text, "energy of a network").contains("5 to 40 kWh"));
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn without_a_model_all_are_shown() {
    let (text, _) = output(&["catalogue"], 0);
    for model in ["BTS E5-DS5", "BTS E10-DS5", "BTS E15-DS5", "BTS E20-DS5"] {
        assert!(text.contains(model), "{model}");
    }
}

#[test]
fn a_wrong_model_gets_the_list_of_models() {
    let (data, messages) = output(&["catalogue", "E25"], 2);
    assert!(data.is_empty() && messages.contains("E25") && messages.contains("BTS E20-DS5"), "{messages}");
}

#[test]
fn json_carries_every_list() {
    let all = json(&["catalogue", "--json"]);
    let rows = |list: &str| all[list].as_array().map_or(0, Vec::len);
    assert_eq!(
        (rows("models"), rows("module_box"), rows("bdu_box"), rows("tools"), rows("cables")),
        (4, 13, 20, 14, 2)
    );
    assert_eq!(rows("figures"), 3);
    let one = json(&["catalogue", "BTS-E15-DS5", "--json"]);
    assert_eq!(one["models"][0]["energy"]["value"], 15);
}

#[test]
fn our_values_come_with_reason_and_source() {
    let values = json(&["catalogue", "--values", "--json"]);
    let values = values.as_array().expect("an array");
    assert_eq!(values.len(), voltower_core::values::ALL.len());
    for value in values {
        for field in ["name", "value", "reason", "source"] {
            assert!(value[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {value}");
        }
    }
    let (text, _) = output(&["catalogue", "--values"], 0);
    assert!(line(&text, "FLASH_PERIOD").contains("1 s"));
}
