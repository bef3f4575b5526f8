//! Flashing and taking turns, as functions of time.

use proptest::prelude::*;
use voltower_core::panel::{CellFaultLights, Colour, Light, Pattern, Shown, Snapshot, indicated, pattern};
use voltower_core::{Alarm, Condition, ConditionSet, Duration, Fault, Instant, Level, PerMille, TowerState};

const PERIOD_MS: u64 = 1000;
const TURN_MS: u64 = 3000;

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::millis(ms)
}

#[test]
fn a_flashing_light_is_on_in_the_first_half_of_every_second() {
    for second in [0, 1, 59, 86_400 * 365] {
        for (offset, lit) in [(0, true), (499, true), (500, false), (999, false)] {
            let now = at(second * PERIOD_MS + offset);
            assert_eq!(Light::Flashing.is_lit(now), lit, "{now:?}");
            assert!(Light::On.is_lit(now) && !Light::Off.is_lit(now));
        }
    }
}

#[test]
fn a_snapshot_shows_what_is_lit() {
    let pattern = Pattern {
        status: Light::Flashing,
        colour: Colour::Blue,
        alarm: Light::Off,
        soc: [Light::On, Light::Flashing, Light::Off, Light::Off, Light::Off],
    };
    let lit = Snapshot { status: Some(Colour::Blue), alarm: false, soc: [true, true, false, false, false] };
    let dark = Snapshot { status: None, alarm: false, soc: [true, false, false, false, false] };
    assert_eq!((pattern.at(at(100)), pattern.at(at(600))), (lit, dark));
}

#[test]
fn several_conditions_take_turns_in_the_order_of_the_manual() {
    let conditions =
        ConditionSet::EMPTY.with(Fault::Fuse).with(Fault::LowTemperature).with(Fault::Communication);
    let order = [Fault::LowTemperature, Fault::Communication, Fault::Fuse].map(Condition::Fault);
    for turn in 0..9 {
        let expected = order[turn as usize % 3];
        for offset in [0, TURN_MS / 2, TURN_MS - 1] {
            assert_eq!(indicated(conditions, at(turn * TURN_MS + offset)), Some(expected));
        }
    }
}

#[test]
fn alarms_wait_until_no_fault_is_left() {
    let both = ConditionSet::EMPTY.with(Alarm::Other).with(Alarm::OverVoltage).with(Fault::Pcu);
    for ms in (0..60_000).step_by(250) {
        assert_eq!(indicated(both, at(ms)), Some(Condition::Fault(Fault::Pcu)));
        assert_eq!(indicated(both.alarms(), at(ms)).map(Condition::level), Some(Level::Alarm));
        assert_eq!(indicated(ConditionSet::EMPTY, at(ms)), None);
    }
}

#[test]
fn an_alarm_puts_the_status_light_out_even_while_updating() {
    let shown = Shown {
        state: TowerState::Updating,
        soc: PerMille(500),
        conditions: ConditionSet::EMPTY.with(Alarm::OverCurrent),
        cell_fault_lights: CellFaultLights::AsPrinted,
    };
    assert_eq!(pattern(&shown, at(0)).status, Light::Off);
}

proptest! {
    #[test]
    fn every_condition_of_the_shown_level_gets_the_same_share_of_time(bits in 1_u32..1 << 26, start in 0_u64..1 << 40) {
        let conditions = ConditionSet::from_bits(bits);
        let shown = if conditions.faults().is_empty() { conditions.alarms() } else { conditions.faults() };
        let turns = u64::from(shown.len());
        let seen: Vec<Condition> =
            (0..turns).filter_map(|turn| indicated(conditions, at(start + turn * TURN_MS))).collect();
        for condition in shown.iter() {
            prop_assert_eq!(seen.iter().filter(|other| **other == condition).count(), 1);
        }
        prop_assert_eq!(seen.len(), shown.len() as usize);
    }
}
