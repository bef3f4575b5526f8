//! From lights back to meanings, from words to lights, and through the wire.

use proptest::prelude::*;
use voltower_core::panel::text::{TextError, parse};
use voltower_core::panel::{
    CellFaultLights, Colour, Light, Meaning, Observed, Pattern, Seen, Shown, SocRange, decode, indicated,
    pattern,
};
use voltower_core::{Alarm, Condition, ConditionSet, Fault, Instant, PerMille, TowerState};

fn meanings(text: &str) -> Vec<Meaning> {
    decode(&parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}

fn conditions(text: &str) -> Vec<Condition> {
    let condition = |meaning| match meaning {
        Meaning::Condition(condition) => Some(condition),
        Meaning::State { .. } => None,
    };
    meanings(text).into_iter().filter_map(condition).collect()
}

fn fault(fault: Fault) -> Condition {
    Condition::Fault(fault)
}

#[test]
fn the_example_of_the_help_is_a_communication_fault() {
    let expected = [Meaning::Condition(fault(Fault::Communication))];
    for text in [
        "status off, alarm on, L1 L3",
        "Status light OFF; alarm light on; L1, L3 on",
        "-A1-3",
        ".A1.3..",
        "alarm on 1 3",
    ] {
        assert_eq!(meanings(text), expected, "{text}");
    }
}

#[test]
fn the_cell_fault_is_named_wherever_its_lights_may_be_meant() {
    assert_eq!(conditions("-A-2"), [fault(Fault::LowTemperature), fault(Fault::Cell)]);
    assert_eq!(conditions("-A-2-4"), [fault(Fault::Cell)]);
    assert_eq!(conditions("-a-2"), [Condition::Alarm(Alarm::LowTemperature)]);
}

#[test]
fn what_no_row_has_means_nothing() {
    for text in ["-a1-3", "-a-2-4", "-A1---5", "GA", "g-1-3", "B-12345", "------5"] {
        assert_eq!(meanings(text), [], "{text}");
    }
}

#[test]
fn states_come_with_their_range_of_charge() {
    let state = |state, from, to| Meaning::State { state, soc: Some(SocRange { from, to }) };
    assert_eq!(meanings("B-12f"), [state(TowerState::Charging, 52, 75)]);
    assert_eq!(meanings("G-1234"), [state(TowerState::Discharging, 76, 95)]);
    assert_eq!(meanings("b-f"), [state(TowerState::Updating, 6, 25)]);
    assert_eq!(meanings("g-12"), [state(TowerState::BlackStart, 26, 50), state(TowerState::Standby, 26, 50)]);
    let off = |state| Meaning::State { state, soc: None };
    assert_eq!(meanings("--"), [off(TowerState::Shutdown), off(TowerState::Sleeping)]);
}

#[test]
fn what_was_not_looked_at_leaves_all_possibilities() {
    assert_eq!(conditions("alarm flashing").len(), 9);
    assert_eq!(conditions("alarm on").len(), 17);
    assert_eq!(meanings("alarm on").len(), 17, "no state has its alarm light on");
    let l5: Vec<_> = conditions("status off, L5 on");
    assert_eq!(l5, [Condition::Alarm(Alarm::OverCurrent), fault(Fault::OverCurrent)]);
}

#[test]
fn a_snapshot_does_not_tell_flashing_from_steady() {
    let once = |text: &str| -> Vec<Meaning> { decode(&parse(text).expect(text).as_snapshot()).collect() };
    let seen = once("status off, alarm on, L1 on");
    assert_eq!(
        seen,
        [
            Meaning::Condition(Condition::Alarm(Alarm::HighTemperature)),
            Meaning::Condition(fault(Fault::HighTemperature))
        ]
    );
    let dark_alarm = once("status off, alarm off, L1 on");
    assert!(dark_alarm.contains(&Meaning::Condition(Condition::Alarm(Alarm::HighTemperature))));
    assert!(!dark_alarm.contains(&Meaning::Condition(fault(Fault::HighTemperature))));
    let standby = Meaning::State { state: TowerState::Standby, soc: Some(SocRange { from: 6, to: 25 }) };
    assert!(dark_alarm.contains(&standby), "a flashing status light may be in its dark half");
}

#[test]
fn wrong_words_are_named() {
    assert_eq!(parse("status purple"), Err(TextError::UnknownWord("purple")));
    assert_eq!(parse("on, alarm"), Err(TextError::NoLight("on")));
    assert_eq!(parse("alarm green"), Err(TextError::Colour("green")));
    assert_eq!(parse("alarm on, L6"), Err(TextError::NoSuchLight("L6")));
    assert_eq!(parse("alarm, L1"), Err(TextError::Unsaid("alarm")));
    assert_eq!(parse("status; alarm on"), Err(TextError::Unsaid("status")));
    assert_eq!(parse("L1 on, L1 off"), Err(TextError::Twice("L1")));
    assert_eq!(parse("alarm on off"), Err(TextError::Twice("off")));
    assert_eq!(parse("L3-1 on"), Err(TextError::NoSuchLight("L3-1")));
    assert_eq!(parse(""), Err(TextError::Empty));
    assert_eq!(parse("xxxxxxx"), Err(TextError::Empty));
    let wrong = parse("-A13").expect_err("3 stands at the place of L2");
    assert_eq!(wrong.to_string(), "`3` at the place of L2 in the short code: use one of - 2 f x");
    assert!(parse("-A1-3-----").is_err());
    assert!(
        parse("status purple")
            .unwrap_err()
            .to_string()
            .starts_with("`purple` is no word of lights: use status")
    );
}

fn light() -> impl Strategy<Value = Light> {
    prop_oneof![Just(Light::Off), Just(Light::On), Just(Light::Flashing)]
}

fn any_pattern() -> impl Strategy<Value = Pattern> {
    (light(), any::<bool>(), light(), prop::array::uniform5(light())).prop_map(
        |(status, blue, alarm, soc)| Pattern {
            status,
            colour: if blue && status != Light::Off { Colour::Blue } else { Colour::Green },
            alarm,
            soc,
        },
    )
}

fn shown() -> impl Strategy<Value = Shown> {
    let state = prop::sample::select(TowerState::ALL);
    let bits = prop_oneof![Just(0), 0_u32..1 << 26];
    (state, 0_u16..=1000, bits, any::<bool>()).prop_map(|(state, soc, bits, meant)| Shown {
        state,
        soc: PerMille(soc),
        conditions: ConditionSet::from_bits(bits),
        cell_fault_lights: if meant { CellFaultLights::L2L4 } else { CellFaultLights::AsPrinted },
    })
}

/// What a person should read from a panel that shows `shown` at `now`.
fn is_said(shown: &Shown, now: Instant, meanings: &[Meaning]) -> bool {
    meanings.iter().any(|meaning| match *meaning {
        Meaning::Condition(condition) => indicated(shown.visible(), now) == Some(condition),
        Meaning::State { state, soc } => {
            let percent = match shown.soc.0 / 10 {
                51 => 52,
                whole => whole,
            };
            let fits = soc.is_none_or(|row| (u16::from(row.from)..=u16::from(row.to)).contains(&percent));
            state == shown.state && fits && indicated(shown.visible(), now).is_none()
        }
    })
}

proptest! {
    #[test]
    fn whatever_is_shown_is_among_what_is_read(shown in shown(), us in 0_u64..1 << 50) {
        let now = Instant(us);
        let lights = pattern(&shown, now);
        let watched: Vec<Meaning> = decode(&Observed::from(lights)).collect();
        let glimpsed: Vec<Meaning> = decode(&Observed::from(lights.at(now))).collect();
        prop_assert!(is_said(&shown, now, &watched), "{lights}: {watched:?}");
        prop_assert!(is_said(&shown, now, &glimpsed), "{lights}: {glimpsed:?}");
        prop_assert!(watched.iter().all(|meaning| glimpsed.contains(meaning)));
    }

    #[test]
    fn patterns_survive_the_wire(pattern in any_pattern()) {
        prop_assert_eq!(Pattern::from_bits(pattern.to_bits()), Some(pattern));
    }

    #[test]
    fn bits_are_a_pattern_or_refused(bits in any::<u16>()) {
        if let Some(pattern) = Pattern::from_bits(bits) {
            prop_assert_eq!(pattern.to_bits(), bits);
        } else {
            let three = (0..7).any(|light| bits >> (2 * light) & 3 == 3);
            prop_assert!(three || bits >> 15 == 1 || bits & 3 == 0 && bits >> 14 == 1);
        }
    }

    #[test]
    fn patterns_survive_being_told_in_words(pattern in any_pattern()) {
        let words = pattern.to_string();
        prop_assert_eq!(parse(&words), Ok(Observed::from(pattern)));
    }

    #[test]
    fn snapshots_survive_being_told_in_words(pattern in any_pattern(), us in any::<u64>()) {
        let seen = Observed::from(pattern.at(Instant(us)));
        let words = seen.to_string();
        prop_assert_eq!(parse(&words), Ok(seen));
    }

    #[test]
    fn no_text_upsets_the_reader(text in "[a-zL1-6 ,.:;+?gGbBxA-]{0,20}|\\PC{0,12}") {
        let _ = parse(&text).map(|observed| decode(&observed).count());
    }
}

#[test]
fn an_unseen_light_agrees_with_everything() {
    for light in [Light::Off, Light::On, Light::Flashing] {
        assert!(Seen::Unknown.agrees(light));
    }
    assert!(Seen::Lit.agrees(Light::Flashing) && Seen::Dark.agrees(Light::Flashing));
    assert!(!Seen::Lit.agrees(Light::Off) && !Seen::Dark.agrees(Light::On));
}
