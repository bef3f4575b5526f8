//! Every mistake in a scenario is told with file, line, column and field, and what would be right. The files are in
//! `bad/`.

use std::path::Path;

use voltower_sim::Scenario;
use voltower_sim::scenario::ScenarioError;

fn mistake(name: &str) -> ScenarioError {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad").join(name);
    Scenario::load(&path).expect_err(name)
}

/// Line and column, field, a part of the message, a part of the help.
#[track_caller]
fn check(name: &str, place: (usize, usize), field: &str, message: &str, help: &str) {
    let error = mistake(name);
    assert!(error.file.ends_with(name), "{name}: file {}", error.file);
    in_file(name, &error, place, field, message, help);
}

#[track_caller]
fn in_file(name: &str, error: &ScenarioError, place: (usize, usize), field: &str, message: &str, help: &str) {
    assert_eq!((error.line, error.column), place, "{name}: {error}");
    assert_eq!(error.field.as_deref().unwrap_or(""), field, "{name}");
    assert!(error.message.contains(message), "{name}: {}", error.message);
    let found = error.help.as_deref().unwrap_or("");
    assert!(found.contains(help), "{name}: help is {found}");
}

#[test]
fn unknown_fields_get_the_name_that_was_meant() {
    check(
        "unknown-field.toml",
        (6, 1),
        "capcity",
        "unknown field `capcity`",
        "possible are: model, modules, cell, afe, soc",
    );
    check("unknown-field-of-module.toml", (6, 1), "helth", "unknown field `helth`", "did you mean `health`?");
    check("unknown-fault.toml", (9, 11), "heatr", "unknown variant `heatr`", "did you mean `heater`?");
}

#[test]
fn what_is_missing_or_broken_is_named() {
    check("missing-title.toml", (1, 1), "title", "missing field `title`", "add `title = ...`");
    check("syntax.toml", (1, 13), "", "string", "");
}

#[test]
fn numbers_out_of_range_are_refused() {
    let capacity = "a share of the rated capacity from \"30 %\"";
    check(
        "negative-capacity.toml",
        (6, 10),
        "tower[1].module[1].health",
        "`-10 %` is out of range",
        capacity,
    );
    check("soc-out-of-range.toml", (6, 7), "tower[1].soc", "`120 %` is out of range", "\"0 %\" to \"100 %\"");
    check(
        "soc-not-a-number.toml",
        (6, 7),
        "tower[1].soc",
        "`NaN %` does not begin with a finite number",
        "\"30 %\"",
    );
    check("empty-range.toml", (8, 15), "expect[1].bus_voltage", "the range is empty", "min not above max");
}

#[test]
fn a_roof_gives_and_a_house_draws() {
    let roof = "a roof gives and does not draw: what draws is `house.load`";
    check("roof-draws.toml", (8, 6), "house.pv", "`-2 kW` is out of range", roof);
    check("roof-never-gives.toml", (8, 15), "house.pv.mean", "`-3 kW` is out of range", roof);
    let house = "what gives is `house.pv`";
    check("load-gives.toml", (7, 8), "house.load", "`-500 W` is out of range", house);
    let peak = "`peak` says when";
    check("negative-swing.toml", (7, 33), "house.load.swing", "`-200 W` is out of range", peak);
    let error = mistake("csv-roof-draws.toml");
    in_file("sun-by-night.csv", &error, (5, 3), "pv_w", "`-900` is out of range", roof);
}

#[test]
fn surroundings_powers_and_losses_have_their_ranges() {
    let celsius = "\"-70 degC\" to \"80 degC\"";
    check("colder-than-cold.toml", (4, 20), "ambient.mean", "`-60 degC` is out of range", celsius);
    check("ambient-event.toml", (8, 11), "event[1].ambient", "`-300 degC` is out of range", celsius);
    let way = "`charge` and `discharge` say which way";
    check("charge-backwards.toml", (5, 8), "inverter.mode", "`-2 kW` is out of range", way);
    let share = "event[1].break.share";
    check("loss-below-zero.toml", (8, 43), share, "`-10 %` is out of range", "\"0 %\" to \"90 %\"");
}

#[test]
fn an_afe_and_an_inverter_have_their_ranges() {
    let afe = |field: &str| format!("tower[1].afe.{field}");
    let slow = "write 1 ms to 1 s";
    check("afe-too-slow.toml", (6, 18), &afe("period"), "`5 s` is out of range", slow);
    let alone = "phase and jitter are those of a period";
    check("afe-without-period.toml", (6, 18), &afe("period"), alone, "add `period`");
    check("afe-loses-all.toml", (6, 35), &afe("lost"), "`100 %` is out of range", "\"90 %\"");
    check("inverter-too-late.toml", (5, 9), "inverter.delay", "`4 s` is out of range", "write 0 s to 3 s");
    let sensor = "event[1].break.sensor";
    let message = "`inside` is none of the choices";
    check("bdu-sensor-of-nothing.toml", (8, 41), sensor, message, "outside");
}

#[test]
fn a_cell_that_does_not_ship_gets_the_name_that_was_meant() {
    let meant = "home-100ah";
    check("unknown-cell.toml", (6, 8), "tower[1].cell", "`home-100ah-low` is none of the choices", meant);
}

#[test]
fn who_sits_on_the_stack_cannot_come_and_who_is_away_cannot_go() {
    let there = "module 1 of tower 1 is plugged in already";
    check("plugged-twice.toml", (7, 1), "event[1]", there, "unplug it before");
    let away = "module 2 of tower 1 is unplugged already";
    check("unplugged-twice.toml", (10, 1), "event[2]", away, "plug it before");
    let never = "no module of this tower is ever plugged in";
    check("never-plugged.toml", (5, 1), "tower[1]", never, "or plug one in by an event");
    let slight = "`3 %` is out of range";
    check("health-of-a-wreck.toml", (8, 10), "tower[1].module[1].health", slight, "the fault `weak-cell`");
}

#[test]
fn units_are_checked() {
    check("wrong-unit.toml", (2, 12), "duration", "`kg` is the wrong unit", "us, ms, s, min, h or d");
    check("wrong-unit-of-load.toml", (8, 8), "house.load", "`V` is the wrong unit", "a power in W or kW");
    check("soc-without-unit.toml", (6, 7), "", "expected a text in quotes, numbers with their unit", "");
}

#[test]
fn towers_and_modules_follow_the_rule_of_the_manual() {
    check("no-tower.toml", (1, 1), "tower", "(manual, section 2.6)", "one or two [[tower]]");
    check("no-module.toml", (5, 11), "tower[1].modules", "no battery module", "`modules = 1` to 4");
    check(
        "five-modules.toml",
        (5, 11),
        "tower[1].modules",
        "at most 4 (manual, section 2.6)",
        "`modules = 1` to 4",
    );
    let rule = "at most 2 distribution units (manual, section 2.6)";
    check("three-towers.toml", (10, 1), "tower", rule, "one or two [[tower]]");
}

#[test]
fn events_fit_into_the_run_and_on_the_towers() {
    let module = "event[1].break.module";
    check("module-out-of-range.toml", (9, 33), module, "there is no module 3", "write 1 to 2");
    check("event-after-end.toml", (8, 6), "event[1].at", "after the end of the run", "ends at 00:10:00");
    check(
        "event-before-start.toml",
        (9, 6),
        "event[1].at",
        "before the start of the run at 12:00",
        "day 2 11:59",
    );
    check("event-without-action.toml", (7, 1), "event[1]", "this one 0", "exactly one of: press");
    check("event-with-two-actions.toml", (7, 1), "event[1]", "this one 2", "exactly one of: press");
    check("until-before-at.toml", (9, 9), "event[1].until", "is not after `at`", "a later time");
    check("repair-of-nothing.toml", (14, 10), "event[2].repair", "is called `hott`", "did you mean `hot`?");
}

#[test]
fn a_cable_has_a_gauge_that_is_made() {
    let gauge = "tower[1].cable.gauge";
    check("gauge-in-millimetres.toml", (8, 9), gauge, "`mm2` is the wrong unit", "\"10 AWG\"");
    check("gauge-between.toml", (8, 9), gauge, "`9.5 AWG` is between two gauges", "\"16 AWG\"");
    check("cable-too-long.toml", (8, 10), "tower[1].cable.length", "`2000 m` is out of range", "\"100 m\"");
}

#[test]
fn channels_exist_and_fit_each_other() {
    let channel = "event[1].break.channel";
    check("channel-of-nothing.toml", (9, 38), channel, "`cell 17` is no channel", "\"cell 16\"");
    let with = "event[1].break.with";
    check("swapped-kinds.toml", (9, 57), with, "`current` cannot be exchanged", "two temperatures");
    let sigma = "event[1].break.sigma";
    check("wrong-unit-of-noise.toml", (9, 56), sigma, "`A` is the wrong unit", "V or mV");
}

#[test]
fn expectations_say_something_that_can_be_seen() {
    let meant = "did you mean `High temperature alarm`?";
    check("unknown-condition.toml", (8, 13), "expect[1].condition", "no condition of the manual", meant);
    let meant = "did you mean `the software of module 1 differs`?";
    let unknown = "nothing that a distribution unit finds out";
    check("unknown-diagnosis.toml", (8, 13), "expect[1].diagnosis", unknown, meant);
    let both = "possible are: terminal resistor missing on the last Link Out, one terminal resistor too many";
    check("unclear-diagnosis.toml", (8, 13), "expect[1].diagnosis", "may mean several findings", both);
    check("unknown-light.toml", (8, 10), "expect[1].lights", "`L6` is no light", "alarm flashing, L1");
    check("empty-expectation.toml", (7, 1), "expect[1]", "nothing is expected", "add state, lights");
}

#[test]
fn files_that_a_scenario_names_are_named_too() {
    check(
        "missing-file.toml",
        (8, 17),
        "house.load.file",
        "`nowhere.csv` cannot be read",
        "from the folder of",
    );
    check(
        "csv-too-short.toml",
        (8, 17),
        "house.load",
        "from 0 h to 3 h, the run needs 0 h to 5 h",
        "duration",
    );
    let error = mistake("not-there.toml");
    assert_eq!((error.line, &*error.file).0, 0);
    assert!(error.message.contains("cannot be read"), "{error}");
    assert!(error.file.ends_with("not-there.toml"));
}

#[test]
fn ageing_and_used_modules_are_checked() {
    check("ageing-model.toml", (4, 9), "ageing.model", "`nauman` is no", "did you mean `naumann`?");
    check("ageing-acceleration.toml", (4, 16), "ageing.acceleration", "-2 is out of range", "1 is real time");
    let state = "tower[1].module[1].state";
    check("used-module-missing.toml", (6, 9), state, "nowhere.toml cannot be read", "--save-modules");
    let health = "tower[1].module[1].health";
    check("used-module-said-twice.toml", (7, 10), health, "says this already", "leave out `health`");
    let error = mistake("used-module-broken.toml");
    assert_eq!(&*error.file, "module.toml");
    in_file("module.toml", &error, (2, 1), "case_temperature", "invalid type: string", "");
}

#[test]
fn csv_files_are_told_with_line_and_column() {
    let csv = |scenario: &str, file: &str, place, message: &str, help: &str| {
        let error = mistake(scenario);
        assert_eq!(&*error.file, file);
        in_file(
            scenario,
            &error,
            place,
            if file == "backwards.csv" { "time_h" } else { "load_w" },
            message,
            help,
        );
    };
    csv("csv-nan.toml", "nan.csv", (3, 3), "`NaN` is not a finite number", "a finite number");
    csv("csv-blank.toml", "blank.csv", (4, 3), "the value is missing", "remove the row");
    csv("csv-backwards.toml", "backwards.csv", (5, 1), "time does not advance", "later than the one above");
    let error = mistake("missing-column.toml");
    in_file("missing-column.toml", &error, (1, 1), "laod_w", "no column `laod_w`", "time_h, load_w");
}

#[test]
fn the_whole_message_can_be_shown_with_the_source() {
    let error = mistake("soc-out-of-range.toml");
    let words = error.to_string();
    assert!(words.contains("soc-out-of-range.toml:6:7: tower[1].soc: `120 %` is out of range"), "{words}");
    let span = error.span.expect("a place in the text");
    let text = error.source_code.inner().get(span.offset()..span.offset() + span.len());
    assert_eq!(text, Some("\"120 %\""));
}
