//! The catalogue against the manual: counts and values typed here once more.

use proptest::prelude::*;
use voltower_core::catalogue::delivery::{BDU_BOX, CABLES, MODULE_BOX, Packed, TOOLS};
use voltower_core::catalogue::expansion::{Expansion, ExpansionError};
use voltower_core::catalogue::install::PROCEDURES;
use voltower_core::catalogue::names::{Model, NAMES};
use voltower_core::catalogue::parts::FIGURES;
use voltower_core::catalogue::place::{
    ALTITUDE_AT_MOST, AMBIENT_TEMPERATURE, ASSEMBLY_HUMIDITY_BELOW, BASE_TO_WALL, HOLE_DEPTH, PLACE,
    RELATIVE_HUMIDITY, WORK,
};
use voltower_core::catalogue::ratings::{DISCHARGE_WAIT, MODULE, MODULE_ENERGY, TOWER};
use voltower_core::catalogue::safety::{LABELLED, LABELS, STATEMENTS, SignalWord};
use voltower_core::catalogue::{Fact, Provenance, Value};

#[test]
fn models_have_one_to_four_modules_of_5_kwh() {
    let typed =
        [("BTS E5-DS5", 1, 5), ("BTS E10-DS5", 2, 10), ("BTS E15-DS5", 3, 15), ("BTS E20-DS5", 4, 20)];
    let stated = Model::ALL.map(|model| (model.name(), model.modules(), model.energy().value.value));
    assert_eq!(stated, typed);
    for model in Model::ALL {
        assert_eq!(Model::with_modules(model.modules().into()), Some(model));
        assert_eq!(model.energy().provenance, Provenance::Manual("2.2"));
    }
    assert_eq!(MODULE_ENERGY.value.value, 5120);
    assert!(matches!(MODULE_ENERGY.provenance, Provenance::Public(_)), "the manual says 5 kWh");
}

#[test]
fn models_are_known_by_every_spelling() {
    for text in ["E10", "e10", "E10-DS5", "BTS E10-DS5", "BTS-E10-DS5", "bts e10", "BTS_E10_DS5", " E10 "] {
        assert_eq!(text.parse(), Ok(Model::E10), "{text:?}");
    }
    for text in ["", "E1", "E100", "E25", "E10-DS6", "BTS", "10", "E10E10"] {
        let error = text.parse::<Model>().expect_err(text).to_string();
        assert!(error.contains("BTS E5-DS5") && error.contains("2.6"), "{error}");
    }
}

#[test]
fn one_or_two_towers_of_one_to_four_modules() {
    for (towers, modules, kwh) in [(1, 1, 5), (1, 4, 20), (2, 1, 10), (2, 3, 30), (2, 4, 40)] {
        let network = Expansion::check(towers, modules).expect("allowed");
        assert_eq!(network.energy().value, kwh);
        assert_eq!(network.towers().count(), towers);
    }
    let unequal = Expansion::of(&[4, 1]).expect("towers may differ");
    assert!(unequal.towers().eq([Model::E20, Model::E5]));
}

#[test]
fn what_the_manual_does_not_allow_cites_its_rule() {
    let cases = [
        (0, 2, ExpansionError::NoTower),
        (3, 1, ExpansionError::TooManyTowers { towers: 3 }),
        (1, 0, ExpansionError::NoModule { tower: 1 }),
        (2, 5, ExpansionError::TooManyModules { tower: 1, modules: 5 }),
    ];
    for (towers, modules, expected) in cases {
        let error = Expansion::check(towers, modules).expect_err("not allowed");
        assert_eq!(error, expected);
        assert!(error.to_string().contains("manual, section 2.6"), "{error}");
    }
    assert_eq!(Expansion::of(&[1, 9]), Err(ExpansionError::TooManyModules { tower: 2, modules: 9 }));
    assert_eq!(
        Expansion::check(1, 5).map(|_| ()).map_err(|error| error.to_string()),
        Err("tower 1 has 5 battery modules: one distribution unit manages at most 4 (manual, section 2.6)"
            .to_owned())
    );
}

proptest! {
    #[test]
    fn networks_are_within_5_to_40_kwh_or_refused(modules in prop::collection::vec(0_usize..7, 0..5)) {
        let allowed = matches!(modules.len(), 1 | 2) && modules.iter().all(|count| (1..=4).contains(count));
        let network = Expansion::of(&modules);
        prop_assert_eq!(network.is_ok(), allowed);
        if let Ok(network) = network {
            prop_assert!((5..=40).contains(&network.energy().value));
        }
    }
}

#[test]
fn lists_have_as_many_rows_as_in_the_manual() {
    assert_eq!(MODULE_BOX.len(), 13, "table 3-1");
    assert_eq!(BDU_BOX.len(), 20, "table 3-2");
    assert_eq!(TOOLS.len(), 14, "table 3-3");
    assert_eq!(CABLES.len(), 2, "table 4-1");
    assert_eq!(
        FIGURES.map(|figure| (figure.figure, figure.parts.len())),
        [("2-2", 7), ("2-3", 11), ("2-4", 8)]
    );
    assert_eq!(NAMES.map(|table| table.parts.len()), [2, 3, 6]);
    assert_eq!(SignalWord::ALL.len(), 5);
    assert_eq!(LABELS.len() * LABELLED.len(), 10);
    assert_eq!(PROCEDURES.map(|procedure| procedure.steps.len()), [3, 3, 4, 1, 2, 2]);
}

#[test]
fn lists_are_numbered_without_gaps() {
    fn numbered(numbers: impl Iterator<Item = u8>) -> bool {
        numbers.zip(1..).all(|(number, place)| number == place)
    }
    assert!(numbered(MODULE_BOX.iter().map(|row| row.number)));
    assert!(numbered(BDU_BOX.iter().map(|row| row.number)));
    assert!(numbered(TOOLS.iter().map(|row| row.number)));
    assert!(numbered(CABLES.iter().map(|row| row.number)));
    assert!(FIGURES.iter().all(|figure| numbered(figure.parts.iter().map(|part| part.number))));
}

#[test]
fn quantities_of_the_packing_lists() {
    let pieces = |rows: &[Packed]| rows.iter().map(|row| row.pieces).collect::<Vec<_>>();
    assert_eq!(pieces(&MODULE_BOX), [1, 2, 2, 1, 2, 2, 2, 1, 4, 10, 2, 1, 1]);
    assert_eq!(pieces(&BDU_BOX), [1, 1, 1, 1, 2, 1, 1, 4, 10, 4, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1]);
    assert_eq!(CABLES.map(|cable| (cable.style, cable.awg)), [("UL10269", 10), ("UL10269", 8)]);
}

#[test]
fn ports_are_named_as_on_the_devices() {
    let marks: Vec<&str> =
        FIGURES.iter().flat_map(|figure| figure.parts).filter_map(|part| part.mark).collect();
    let printed =
        ["BAT IN", "Link", "COM-IN", "COM-OUT", "BAT OUT", "B+", "B-", "Link Port Out", "Link Port In"];
    assert_eq!(marks, printed);
    let names: Vec<&str> = FIGURES.iter().flat_map(|figure| figure.parts).map(|part| part.name).collect();
    for part in ["base", "heat sink", "left side handle", "right side handle", "fuse"] {
        assert!(names.contains(&part), "{part}");
    }
    assert_eq!(names.iter().filter(|name| **name == "grounding hole").count(), 3);
}

#[test]
fn numbers_of_the_place() {
    let (ambient, humidity) = (AMBIENT_TEMPERATURE.value, RELATIVE_HUMIDITY.value);
    assert_eq!((ambient.from, ambient.to, humidity.from, humidity.to), (-10, 45, 5, 95));
    assert_eq!((ASSEMBLY_HUMIDITY_BELOW.value.value, ALTITUDE_AT_MOST.value.value), (90, 4000));
    assert_eq!((BASE_TO_WALL.value.from, BASE_TO_WALL.value.to), (10, 25));
    assert_eq!((HOLE_DEPTH.value.from, HOLE_DEPTH.value.to), (60, 65));
    assert_eq!((DISCHARGE_WAIT.value.value, DISCHARGE_WAIT.value.unit), (5, "min"));
}

#[test]
fn what_our_copy_lacks_is_not_invented() {
    let facts: Vec<&Fact> = [MODULE, TOWER, PLACE, WORK].into_iter().flatten().collect();
    for fact in &facts {
        let lacking = matches!(fact.provenance, Provenance::NotInOurCopy(_));
        assert_eq!(fact.value == Value::Missing, lacking, "{}", fact.subject);
    }
    for figure in ["figure 2-6", "figure 2-7", "figure 3-2", "figure 3-3"] {
        assert!(facts.iter().any(|fact| fact.provenance == Provenance::NotInOurCopy(figure)), "{figure}");
    }
}

#[test]
fn safety_statements_come_from_sections_that_our_copy_has() {
    let sections = ["1.1", "1.2", "3", "3.1", "3.2", "4", "4.2.1", "4.2.3"];
    for statement in STATEMENTS {
        assert!(sections.contains(&statement.section), "{statement:?}");
    }
    for section in sections {
        assert!(STATEMENTS.iter().any(|statement| statement.section == section), "{section}");
    }
    let dangers = STATEMENTS.iter().filter(|statement| statement.signal == Some(SignalWord::Danger));
    assert_eq!(dangers.count(), 5);
}
