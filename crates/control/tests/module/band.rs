//! Between which charges a module is, and where the estimate stays between them.

use voltower_control::estimate::band::Band;
use voltower_control::estimate::currents::Currents;
use voltower_control::keep::{Doubt, ModulePersisted};
use voltower_core::{Charge, PerMille};

use crate::rig::{Rig, persisted};

/// 100 Ah, mA us.
const RATED: i64 = 360_000_000_000_000;

/// `moved` of the rated capacity flows into a module, in thousandths.
fn pass(band: &mut Band, moved: i64) {
    band.pass(RATED / 1000 * moved, Currents::default(), 1_000_000);
}

#[test]
fn whatever_health_a_module_has_its_estimate_is_near_although_nothing_but_a_count_is_known() {
    // Half full by the record, then 30 Ah in: 80 % of a new module, 96 % of one with 65 Ah.
    let mut band = Band::kept(RATED, PerMille(500), &Doubt::NONE);
    pass(&mut band, 300);
    let (low, high) = band.around();
    for (health, truth) in [(1000, 800), (850, 853), (650, 962)] {
        assert!((low.0..=high.0).contains(&truth), "{health}: {low:?} {high:?}");
        for counted in [PerMille(800), PerMille(962)] {
            let estimate = band.nearest(counted);
            assert!(estimate.0.abs_diff(truth) <= 110, "{health}: {estimate:?} against {truth}");
        }
    }
}

#[test]
fn in_a_narrow_band_the_count_stays_what_it_is() {
    let band = Band::kept(RATED, PerMille(500), &Doubt::NONE);
    for counted in [480, 500, 520] {
        assert_eq!(band.nearest(PerMille(counted)), PerMille(counted));
    }
    assert_eq!(band.nearest(PerMille(200)), PerMille(480), "no further than 9 % from the other end");
}

#[test]
fn more_counted_than_any_module_holds_leaves_everything_open() {
    let mut band = Band::kept(RATED, PerMille(500), &Doubt::NONE);
    for moved in [100, -100] {
        for passed in 0..50 {
            pass(&mut band, moved);
            let (low, high) = band.around();
            let end = if moved > 0 { high == PerMille::FULL } else { low == PerMille::ZERO };
            assert!(low < high && (end || passed < 10), "{low:?} {high:?} after {passed} times {moved}");
            assert!(band.capacities().is_some(), "some capacity is always possible");
        }
    }
}

#[test]
fn starts_alone_widen_no_band() {
    for capacity in [RATED / 1000, RATED / 1000 * 77 / 100 + 12_345] {
        let doubt = Doubt { less: PerMille(83), more: PerMille(91), since_end: 5, guessed: false };
        let mut kept = ModulePersisted { capacity: Charge(capacity), doubt, ..persisted(500) };
        for _ in 0..20 {
            kept = Rig::with(kept).controller.persisted();
        }
        let told = (kept.doubt.less.0.abs_diff(83), kept.doubt.more.0.abs_diff(91));
        assert!(told.0 <= 1 && told.1 <= 1, "{:?}", kept.doubt);
    }
}
