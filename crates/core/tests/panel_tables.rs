//! The panel against the tables of the manual's section 2.4, typed here once more.

use voltower_core::panel::{CellFaultLights, Colour, Light, Pattern, Shown, pattern};
use voltower_core::{Alarm, Condition, ConditionSet, Fault, Instant, PerMille, TowerState};

use Light::{Flashing, Off, On};

fn show(state: TowerState, soc: PerMille, conditions: ConditionSet) -> Pattern {
    let shown = Shown { state, soc, conditions, cell_fault_lights: CellFaultLights::AsPrinted };
    pattern(&shown, Instant::ZERO)
}

fn healthy(state: TowerState, permille: u16) -> Pattern {
    show(state, PerMille(permille), ConditionSet::EMPTY)
}

/// `.` off, `o` on, `*` flashing.
fn lights(text: &str) -> [Light; 5] {
    let light = |c| match c {
        '.' => Off,
        'o' => On,
        '*' => Flashing,
        _ => panic!("no light: {c}"),
    };
    let lights: Vec<Light> = text.chars().map(light).collect();
    lights.try_into().expect("five lights")
}

#[test]
fn table_2_1_status_and_alarm_light_of_every_state() {
    let table = [
        (TowerState::Shutdown, Off, Colour::Green),
        (TowerState::Standby, Flashing, Colour::Green),
        (TowerState::Updating, Flashing, Colour::Blue),
        (TowerState::Charging, On, Colour::Blue),
        (TowerState::Discharging, On, Colour::Green),
    ];
    for (state, status, colour) in table {
        for permille in 0..=1000 {
            let seen = healthy(state, permille);
            assert_eq!(
                (seen.status, seen.colour, seen.alarm),
                (status, colour, Off),
                "{state} at {permille}"
            );
        }
    }
    assert_eq!(healthy(TowerState::Shutdown, 1000), Pattern::DARK);
}

/// The rows of tables 2-2 and 2-3, in whole percent as printed; 51 % is in no row.
const PRINTED: [(u16, u16, &str, &str); 6] = [
    (0, 5, ".....", "....."),
    (6, 25, "*....", "o...."),
    (26, 50, "o*...", "oo..."),
    (52, 75, "oo*..", "ooo.."),
    (76, 95, "ooo*.", "oooo."),
    (96, 100, "oooo*", "ooooo"),
];

#[test]
fn tables_2_2_and_2_3_at_every_whole_percent() {
    let mut covered = 0;
    for (from, to, charging, discharging) in PRINTED {
        for percent in from..=to {
            covered += 1;
            assert_eq!(healthy(TowerState::Charging, percent * 10).soc, lights(charging), "{percent} %");
            assert_eq!(
                healthy(TowerState::Discharging, percent * 10).soc,
                lights(discharging),
                "{percent} %"
            );
        }
    }
    assert_eq!(covered, 100, "all of 0 to 100 % but 51 %");
}

#[test]
fn fractions_of_a_percent_are_cut_off_and_51_belongs_to_the_row_of_52() {
    for permille in 0..=1000 {
        let percent = match permille / 10 {
            51 => 52,
            whole => whole,
        };
        let (_, _, charging, discharging) =
            PRINTED.into_iter().find(|(from, to, ..)| (*from..=*to).contains(&percent)).expect("a row");
        assert_eq!(healthy(TowerState::Charging, permille).soc, lights(charging), "{permille}");
        for state in
            [TowerState::Discharging, TowerState::Standby, TowerState::Updating, TowerState::BlackStart]
        {
            assert_eq!(healthy(state, permille).soc, lights(discharging), "{state} at {permille}");
        }
    }
}

#[test]
fn more_than_full_is_full() {
    assert_eq!(healthy(TowerState::Discharging, 1001).soc, [On; 5]);
    assert_eq!(healthy(TowerState::Charging, u16::MAX).soc, lights("oooo*"));
}

const ALARMS: [(Alarm, &str); 9] = [
    (Alarm::HighTemperature, "o...."),
    (Alarm::LowTemperature, ".o..."),
    (Alarm::OverVoltage, "..o.."),
    (Alarm::UnderVoltage, "...o."),
    (Alarm::OverCurrent, "....o"),
    (Alarm::TemperatureDifference, "oo..."),
    (Alarm::VoltageDifference, ".oo.."),
    (Alarm::AmbientTemperature, "..oo."),
    (Alarm::Other, "ooooo"),
];

const FAULTS: [(Fault, &str); 17] = [
    (Fault::HighTemperature, "o...."),
    (Fault::LowTemperature, ".o..."),
    (Fault::OverVoltage, "..o.."),
    (Fault::LowVoltage, "...o."),
    (Fault::OverCurrent, "....o"),
    (Fault::TemperatureDifference, "oo..."),
    (Fault::VoltageDifference, ".oo.."),
    (Fault::AmbientTemperature, "..oo."),
    (Fault::Communication, "o.o.."),
    (Fault::Sampling, "o..o."),
    (Fault::Cell, ".o..."),
    (Fault::Bms, ".ooo."),
    (Fault::Pcu, "ooo.."),
    (Fault::Fuse, "o.oo."),
    (Fault::Terminal, "oo.o."),
    (Fault::SoftwareVersion, "oooo."),
    (Fault::Other, "ooooo"),
];

/// States in which the panel has supply.
const LIVE: [TowerState; 8] = [
    TowerState::Starting,
    TowerState::BlackStart,
    TowerState::Standby,
    TowerState::Charging,
    TowerState::Discharging,
    TowerState::Updating,
    TowerState::Stopping,
    TowerState::Faulted,
];

#[test]
fn the_alarm_table_in_every_state() {
    assert_eq!(ALARMS.map(|(alarm, _)| alarm), Alarm::ALL);
    for (alarm, soc) in ALARMS {
        for state in LIVE.into_iter().filter(|state| *state != TowerState::Faulted) {
            let seen = show(state, PerMille(630), ConditionSet::EMPTY.with(alarm));
            let printed = Pattern { status: Off, colour: Colour::Green, alarm: Flashing, soc: lights(soc) };
            assert_eq!(seen, printed, "{alarm:?} in {state}");
        }
    }
}

#[test]
fn the_fault_table_in_every_state() {
    assert_eq!(FAULTS.map(|(fault, _)| fault), Fault::ALL);
    for (fault, soc) in FAULTS {
        for state in LIVE {
            let seen = show(state, PerMille(630), ConditionSet::EMPTY.with(fault));
            let printed = Pattern { status: Off, colour: Colour::Green, alarm: On, soc: lights(soc) };
            assert_eq!(seen, printed, "{fault:?} in {state}");
        }
    }
}

#[test]
fn the_cell_fault_can_be_shown_as_probably_meant() {
    let mut shown = Shown {
        state: TowerState::Faulted,
        soc: PerMille(0),
        conditions: ConditionSet::EMPTY.with(Fault::Cell),
        cell_fault_lights: CellFaultLights::L2L4,
    };
    assert_eq!(pattern(&shown, Instant::ZERO).soc, lights(".o.o."));
    let taken = FAULTS.iter().filter(|(_, soc)| *soc == ".o.o.").count();
    assert_eq!(taken, 0, "no other fault may look like it");
    for fault in Fault::ALL.iter().filter(|fault| **fault != Fault::Cell) {
        shown.conditions = ConditionSet::EMPTY.with(*fault);
        let printed = show(TowerState::Faulted, PerMille(0), shown.conditions);
        assert_eq!(pattern(&shown, Instant::ZERO), printed, "{fault:?}");
    }
}

#[test]
fn states_that_the_manual_does_not_have() {
    let green_flashing = Pattern { status: Flashing, ..Pattern::DARK };
    assert_eq!(healthy(TowerState::Starting, 800), green_flashing);
    assert_eq!(healthy(TowerState::Stopping, 800), green_flashing);
    assert_eq!(healthy(TowerState::BlackStart, 800), Pattern { soc: lights("oooo."), ..green_flashing });
    assert_eq!(healthy(TowerState::Sleeping, 800), Pattern::DARK);
    let other = Pattern { alarm: On, soc: [On; 5], ..Pattern::DARK };
    assert_eq!(healthy(TowerState::Faulted, 800), other, "a fault that nothing names");
    let alarm = ConditionSet::EMPTY.with(Alarm::OverVoltage);
    assert_eq!(show(TowerState::Faulted, PerMille(800), alarm), other);
}

#[test]
fn a_panel_without_supply_is_dark_whatever_is_wrong() {
    let all = Condition::all().fold(ConditionSet::EMPTY, ConditionSet::with);
    for state in [TowerState::Shutdown, TowerState::Sleeping] {
        assert_eq!(show(state, PerMille(500), all), Pattern::DARK);
    }
}

#[test]
fn the_rows_are_those_of_the_csv() {
    let printed: Vec<String> = include_str!("lights.csv").lines().skip(1).map(str::to_owned).collect();
    let ours: Vec<String> = voltower_core::panel::rows().map(|row| csv(&row)).collect();
    assert_eq!(printed.len(), 5 + 6 + 6 + 9 + 17);
    assert_eq!(ours, printed);
}

fn csv(row: &voltower_core::panel::Row) -> String {
    use voltower_core::panel::tables::SocCells;
    let status = match row.status {
        None => String::new(),
        Some((Off, _)) => "off".to_owned(),
        Some((light, colour)) => format!("{colour} {light}"),
    };
    let alarm = row.alarm.map_or("", Light::word);
    let soc = match row.soc {
        SocCells::Lights(lights) => lights.map(Light::word),
        SocCells::BySoc => ["soc"; 5],
    };
    format!("{},{},{status},{alarm},{}", row.subject.kind(), row.subject, soc.join(","))
}
