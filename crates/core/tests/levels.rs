//! Levels that a person may set: every relation is broken once, by itself, and is the one that is named.
//!
//! Numbers are typed from `docs/our-values.md`.

use proptest::prelude::*;
use voltower_core::finding::FindingSet;
use voltower_core::levels::{Order, Side};
use voltower_core::{Finding, Levels, Relation, Threshold};

fn with(changes: &[(Threshold, i32)]) -> Levels {
    changes.iter().fold(Levels::OURS, |levels, (threshold, number)| levels.with(*threshold, *number))
}

fn holds(levels: &Levels, relation: Relation) -> bool {
    let Some((low, high, order)) = relation.sides() else { return true };
    let (low, high) = (levels.number(low), levels.number(high));
    match order {
        Order::Below => low < high,
        Order::NotAbove => low <= high,
        Order::Apart(by) => low + by <= high,
    }
}

/// What breaks each relation, and no other.
fn broken() -> Vec<(Relation, Vec<(Threshold, i32)>)> {
    use Relation as R;
    use Threshold as T;
    vec![
        (R::OverVoltageClear, vec![(T::ChargeTaperStart, 3449)]),
        (R::ChargeTaper, vec![(T::ChargeTaperEnd, 3529)]),
        (R::ChargeTaperAlarm, vec![(T::OverVoltageAlarm, 3599)]),
        (R::OverVoltage, vec![(T::OverVoltageFault, 3619)]),
        (R::UnderVoltage, vec![(T::UnderVoltageFault, 2751)]),
        (R::DischargeTaperAlarm, vec![(T::UnderVoltageAlarm, 2801)]),
        (R::DischargeTaper, vec![(T::DischargeTaperEnd, 2901)]),
        (R::UnderVoltageClear, vec![(T::DischargeTaperStart, 3101)]),
        (R::VoltageSpread, vec![(T::VoltageSpreadFault, 399)]),
        (R::HotCharge, vec![(T::HotChargeEnd, 450)]),
        (R::HotDischarge, vec![(T::HotChargeStart, 440), (T::HotChargeEnd, 450), (T::HotDischargeEnd, 500)]),
        (R::Hot, vec![(T::HotDischargeEnd, 599)]),
        (R::ColdCharge, vec![(T::ColdChargeEnd, 150)]),
        (R::ColdDischarge, vec![(T::ColdAlarm, -50), (T::ColdFault, -100)]),
        (R::Cold, vec![(T::ColdFault, -169)]),
        (R::TemperatureSpread, vec![(T::TemperatureSpreadFault, 124)]),
        (R::OverCurrent, vec![(T::OverCurrentFault, 57_990)]),
    ]
}

#[test]
fn our_own_levels_keep_every_relation() {
    assert_eq!(Levels::OURS.check(), Ok(()));
}

#[test]
fn each_relation_is_broken_by_itself_and_named() {
    let broken = broken();
    let named: Vec<_> = broken.iter().map(|(relation, _)| *relation).collect();
    assert_eq!(named, Relation::ORDERS, "one case each");
    for (relation, changes) in broken {
        let levels = with(&changes);
        assert_eq!(levels.check(), Err(relation), "{relation}");
        for other in Relation::ORDERS {
            assert_eq!(holds(&levels, *other), *other != relation, "{relation} breaks {other} too");
        }
    }
}

#[test]
fn no_level_goes_beyond_the_cell_or_leaves_nothing_to_work_with() {
    for threshold in Threshold::ALL {
        let (low, high) = threshold.range();
        assert!(low < high, "{threshold}");
        for number in [low - 1, high + 1] {
            let levels = with(&[(*threshold, number)]);
            assert_eq!(levels.check(), Err(Relation::Within(*threshold)), "{threshold} at {number}");
        }
    }
    for (threshold, loosest) in [
        (Threshold::OverVoltageFault, 3650),
        (Threshold::UnderVoltageFault, 2500),
        (Threshold::HotDischargeEnd, 600),
        (Threshold::ColdChargeEnd, 0),
        (Threshold::ColdFault, -200),
        (Threshold::OverCurrentFault, 65_000),
    ] {
        assert_eq!(threshold.loosest(), loosest, "{threshold}");
    }
}

#[test]
fn tighter_is_lower_above_and_higher_below() {
    for threshold in Threshold::ALL {
        let tighter = match threshold.side() {
            Side::Above => -1,
            Side::Below => 1,
        };
        let tightened = with(&[(*threshold, threshold.loosest() + tighter)]);
        assert!(!tightened.is_looser_than(&Levels::OURS) && Levels::OURS.is_looser_than(&tightened));
    }
}

#[test]
fn relations_and_findings_travel_by_codes_of_their_own() {
    let within = Threshold::ALL.iter().map(|threshold| Relation::Within(*threshold));
    let all: Vec<_> = Relation::ORDERS.iter().copied().chain([Relation::Power]).chain(within).collect();
    for relation in &all {
        assert_eq!(Relation::from_code(relation.code()), Some(*relation));
        assert_eq!(all.iter().filter(|other| other.to_string() == relation.to_string()).count(), 1);
    }
    assert_eq!(
        (Relation::from_code(0), Relation::from_code(0x7F), Relation::from_code(0x80)),
        (None, None, None)
    );
    let mut set = FindingSet::EMPTY;
    for finding in Finding::ALL {
        assert!((1..64).contains(&finding.code()) && !set.contains(*finding), "{finding:?}");
        assert_eq!(Finding::from_code(finding.code()), Some(*finding));
        assert_eq!(Finding::ALL.iter().filter(|other| other.words() == finding.words()).count(), 1);
        set.insert(*finding);
    }
    assert_eq!(set.iter().count(), Finding::ALL.len());
    assert_eq!(FindingSet::from_bits(set.bits()), set);
}

#[test]
fn a_relation_says_what_must_hold() {
    assert_eq!(
        Relation::ChargeTaperAlarm.to_string(),
        "the charge taper ends at least 20 mV below the over-voltage alarm"
    );
    assert_eq!(
        Relation::Within(Threshold::OverVoltageFault).to_string(),
        "over-voltage fault lies between 3.490 V and 3.650 V"
    );
}

/// What full follows: our own taper, and one that ends so much earlier.
#[test]
fn full_follows_the_end_of_the_taper() {
    assert_eq!(Levels::OURS.full_voltage().0, 3550);
    for (end, full) in [(3570, 3540), (3500, 3470), (3450, 3420)] {
        assert_eq!(with(&[(Threshold::ChargeTaperEnd, end)]).full_voltage().0, full);
    }
}

proptest! {
    /// Whatever keeps the relations can be reached: full lies between the tapers' ends, and every alarm can clear.
    #[test]
    fn what_fits_together_can_be_lived_with(shares in prop::collection::vec(0i32..=1000, Threshold::ALL.len())) {
        let mut levels = Levels::OURS;
        for (threshold, share) in Threshold::ALL.iter().zip(shares) {
            let (low, high) = threshold.range();
            let tried = levels.with(*threshold, low + (high - low) * share / 1000);
            levels = if tried.check().is_ok() { tried } else { levels };
        }
        prop_assert!(levels.full_voltage() < levels.charge_taper_end);
        prop_assert!(levels.full_voltage().0 >= 3420);
        prop_assert!((3350..=3450).contains(&levels.over_voltage_clear.0));
        prop_assert!((3100..=3250).contains(&levels.under_voltage_clear.0));
    }

    /// A chain is moved by writing the level first that makes room: every step is then taken.
    #[test]
    fn a_chain_can_be_moved_level_by_level(down in 1i32..300) {
        use Threshold as T;
        let down = down.min(100);
        let chain =
            [T::OverVoltageClear, T::ChargeTaperStart, T::ChargeTaperEnd, T::OverVoltageAlarm, T::OverVoltageFault];
        let mut levels = with(&[]);
        for threshold in chain {
            levels = levels.with(threshold, threshold.loosest() - down);
            prop_assert_eq!(levels.check(), Ok(()));
        }
        for threshold in chain.into_iter().rev() {
            levels = levels.with(threshold, threshold.loosest());
            prop_assert_eq!(levels.check(), Ok(()));
        }
        prop_assert_eq!(levels, Levels::OURS);
    }
}
