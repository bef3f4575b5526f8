//! Between which charges a module is, and where the estimate stays between them.

use voltower_control::estimate::band::Band;
use voltower_control::estimate::currents::{Currents, Trust};
use voltower_control::estimate::curve::{self, HELD, Held, KINDS};
use voltower_control::estimate::resistance::CellView;
use voltower_control::estimate::voltage::Window;
use voltower_control::io::PcuSample;
use voltower_control::keep::{Doubt, ModulePersisted};
use voltower_core::{Charge, Duration, MilliAmps, MilliVolts, PerMille};

use crate::fixtures::healthy_sample;
use crate::rig::{Rig, persisted};

/// 100 Ah, mA us.
const RATED: i64 = 360_000_000_000_000;

/// `moved` of the rated capacity flows into a module, in thousandths.
fn pass(band: &mut Band, moved: i64) {
    band.pass(RATED / 1000 * moved, Currents::default(), 1_000_000, RATED);
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
            let estimate = band.nearest(counted, true);
            assert!(estimate.0.abs_diff(truth) <= 110, "{health}: {estimate:?} against {truth}");
        }
    }
}

#[test]
fn in_a_narrow_band_the_count_stays_what_it_is() {
    let band = Band::kept(RATED, PerMille(500), &Doubt::NONE);
    for counted in [480, 500, 520] {
        assert_eq!(band.nearest(PerMille(counted), true), PerMille(counted));
    }
    assert_eq!(band.nearest(PerMille(200), true), PerMille(480), "no further than 9 % from the other end");
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

/// A capacity that was measured, mA us.
const LEARNED: i64 = RATED / 10 * 8;

fn width(band: &Band) -> u16 {
    let (low, high) = band.around();
    high.0 - low.0
}

fn windows(low: u16, high: u16) -> [Window; KINDS] {
    [Window { low: PerMille(low), high: PerMille(high) }; KINDS]
}

/// Nothing is known of the capacity.
fn any_capacity(band: &Band) {
    let (least, most) = band.capacities().expect("any");
    assert!(least <= RATED / 100 * 61 && most >= RATED / 100 * 104, "{least} {most}");
}

#[test]
fn at_rest_the_voltage_contradicts_and_under_current_it_narrows_only() {
    let kept = Band::kept(LEARNED, PerMille(500), &Doubt::NONE);
    let mut band = kept;
    band.cut_under_current(windows(800, 900));
    assert_eq!(band, kept, "the resistance may be another one");
    band.cut_under_current(windows(500, 900));
    let (low, high) = band.around();
    assert!((485..=500).contains(&low.0) && high == kept.around().1, "{low:?} {high:?}");
    band.cut(windows(800, 900));
    let (low, high) = band.around();
    assert!((785..=800).contains(&low.0) && (900..=915).contains(&high.0), "{low:?} {high:?}");
    any_capacity(&band);
}

/// A record may be off by any amount. What was measured in this life is off by little.
#[test]
fn what_contradicts_a_measurement_a_little_is_near_it_and_what_contradicts_a_record_may_be_anywhere() {
    let mut measured = Band::between(LEARNED, PerMille(600), PerMille(650));
    let mut recorded = Band::kept(LEARNED, PerMille(670), &Doubt::NONE);
    for band in [&mut measured, &mut recorded] {
        band.cut(windows(300, 585));
    }
    let (low, high) = measured.around();
    assert!((545..=560).contains(&low.0) && (585..=600).contains(&high.0), "{low:?} {high:?}");
    let (least, most) = measured.capacities().expect("any");
    assert!(least >= RATED / 100 * 72 && most <= RATED / 100 * 88, "still believed: {least} {most}");
    let (low, high) = recorded.around();
    assert!((285..=300).contains(&low.0) && (585..=600).contains(&high.0), "{low:?} {high:?}");
}

/// A count that was off by 5 % was not off by half for the sake of the capacity.
#[test]
fn what_contradicts_a_measurement_by_some_leaves_the_capacity_near_what_it_was() {
    let mut band = Band::between(LEARNED, PerMille(600), PerMille(650));
    band.cut(windows(300, 560));
    let (low, high) = band.around();
    assert!((490..=510).contains(&low.0) && (560..=575).contains(&high.0), "{low:?} {high:?}");
    let (least, most) = band.capacities().expect("any");
    assert!(least >= RATED / 100 * 65 && most <= RATED / 100 * 96, "{least} {most}");
    assert!(least <= RATED / 100 * 70 && most >= RATED / 100 * 91, "{least} {most}");
}

#[test]
fn what_contradicts_a_measurement_by_far_leaves_nothing_of_it() {
    let mut band = Band::between(LEARNED, PerMille(600), PerMille(650));
    band.cut(windows(100, 200));
    let (low, high) = band.around();
    assert!((85..=100).contains(&low.0) && (200..=215).contains(&high.0), "{low:?} {high:?}");
    any_capacity(&band);
}

/// A module that rests for weeks: its band widens by what the shunt may be off by, and the count is as good as any.
#[test]
fn what_only_drift_has_widened_leaves_the_count_alone() {
    let mut band = Band::between(LEARNED, PerMille(550), PerMille(650));
    for _ in 0..4 * 24 {
        band.pass(0, Currents::default(), 3_600_000_000, RATED);
    }
    assert!((250..=500).contains(&width(&band)), "{:?}", band.around());
    for counted in [500, 600, 700] {
        assert_eq!(band.nearest(PerMille(counted), true), PerMille(counted));
    }
    let (low, high) = band.around();
    let ends = (band.nearest(PerMille::ZERO, true), band.nearest(PerMille::FULL, true));
    assert!(ends.0 > low && ends.0.0 <= 500 && ends.1.0 >= 700 && ends.1 < high, "{ends:?}");
}

#[test]
fn what_was_counted_beyond_an_end_is_near_that_end() {
    let mut band = Band::between(LEARNED, PerMille(900), PerMille(950));
    pass(&mut band, 500);
    let (low, high) = band.around();
    assert!(low.0.abs_diff(800) <= 1 && high == PerMille::FULL, "{low:?} {high:?}");
    any_capacity(&band);
}

#[test]
fn what_was_counted_beyond_an_end_leaves_the_capacity_that_was_learned() {
    let mut band = Band::between(LEARNED, PerMille(900), PerMille(950));
    band.pass(LEARNED / 2, Currents::default(), 1_000_000, LEARNED);
    let (least, most) = band.capacities().expect("any");
    assert!(least >= LEARNED / 100 * 92 && most <= LEARNED / 100 * 108, "{least} {most}");
}

#[test]
fn a_record_is_believed_no_further_than_records_can_be() {
    let exact = Doubt { less: PerMille(5), more: PerMille(5), since_end: 0, guessed: false };
    let (low, high) = Band::kept(LEARNED, PerMille(500), &exact).around();
    assert!(low.0.abs_diff(430) <= 1 && high.0.abs_diff(570) <= 1, "{low:?} {high:?}");
}

/// What speaks for less without being believed opens the band downwards, and draws no estimate after it.
#[test]
fn what_is_only_doubted_is_told_and_moves_no_estimate() {
    let mut band = Band::kept(RATED / 1000 * 999, PerMille(500), &Doubt::NONE);
    let (low, high) = band.around();
    band.down_to(PerMille(300));
    let doubted = band.around();
    assert!(doubted.0.0.abs_diff(300) <= 1 && doubted.1 == high, "{doubted:?}");
    assert_eq!(band.nearest(PerMille(500), true), PerMille(500));
    band.within(low, high);
    assert_eq!(band.around(), (low, high), "all cells have told");
}

/// The whole range of what an end is, also where the count has left a part of it only.
#[test]
fn an_end_renews_what_the_count_has_left_of_it() {
    let mut band = Band::between(LEARNED, PerMille(900), PerMille(975));
    band.renew(PerMille(970), PerMille::FULL);
    let (low, high) = band.around();
    assert!((969..=971).contains(&low.0) && high == PerMille::FULL, "{low:?} {high:?}");
}

/// Shunt and converter, mA, for so many minutes; `loss` is what the bus gets less than the converter takes, as pack
/// current.
fn flow(currents: &mut Currents, shunt: i32, converter: i32, loss: i32, minutes: u32) {
    let pack = MilliVolts(52_800);
    let pcu = PcuSample {
        low_current: MilliAmps(converter),
        bus_current: MilliAmps((converter + loss) * 132 / 1000),
        terminal_voltage: MilliVolts(400_000),
        ..healthy_sample().pcu
    };
    for _ in 0..minutes {
        currents.step(MilliAmps(shunt), &pcu, pack, Duration::mins(1));
    }
}

/// The same for an hour.
fn currents(shunt: i32, converter: i32, loss: i32) -> Currents {
    let mut currents = Currents::default();
    flow(&mut currents, shunt, converter, loss, 60);
    currents
}

/// Next to nothing flows: that the two agree says little, and it is believed again after days; with a current that
/// shows it, after an hour.
#[test]
fn a_shunt_that_was_off_is_believed_again_once_it_has_agreed_for_long() {
    let mut currents = currents(2920, -80, 60);
    assert!(currents.is_shunt_off());
    let off = currents;
    flow(&mut currents, -80, -80, 60, 60 * 60);
    assert!(currents.is_shunt_off());
    assert_eq!(currents.trust(), Trust::Converter, "although they agree");
    flow(&mut currents, -80, -80, 60, 80 * 60);
    assert!(!currents.is_shunt_off());
    assert_eq!(currents.trust(), Trust::Both);
    let mut currents = off;
    flow(&mut currents, 20_000, 20_000, 620, 120);
    assert!(!currents.is_shunt_off());
}

#[test]
fn what_a_shunt_may_be_off_by_widens_the_band() {
    // 45 mA are 4.5 Ah in 100 h, either way.
    let learned = |moved: &[i64], currents: Currents, hours: i64| {
        let mut band = Band::kept(LEARNED, PerMille(500), &Doubt::NONE);
        let before = width(&band);
        for moved in moved {
            let time = hours * 3_600_000_000 / moved.abs().max(1);
            band.pass(LEARNED / 1000 * moved, currents, time, LEARNED);
        }
        width(&band) - before
    };
    // The supply of board and converter, 120 mA, is between the two.
    let both = currents(-200, -80, 60);
    assert_eq!(both.trust(), Trust::Both);
    let grown = learned(&[0], both, 100);
    assert!((105..=125).contains(&grown), "9 of 80 Ah: {grown}");
    // Ten times a quarter of the charge out and in, in no time: 0.4 % of 400 Ah, either way.
    let grown = learned(&[-250, 250].repeat(10), both, 0);
    assert!((36..=48).contains(&grown), "3.2 of 80 Ah: {grown}");
    let apart = currents(20, -80, 60);
    assert_eq!(apart.trust(), Trust::Both);
    let grown = learned(&[0], apart, 20);
    assert!((105..=125).contains(&grown), "220 mA for 20 h are 4.4 of 80 Ah, either way: {grown}");
    let shunt_off = currents(2920, -80, 60);
    assert_eq!(shunt_off.trust(), Trust::Converter);
    let grown = learned(&[0], shunt_off, 40);
    assert!((95..=115).contains(&grown), "100 mA for 40 h are 8 of 80 Ah: {grown}");
    let nobody = currents(10_000, 0, 5000);
    assert_eq!(nobody.trust(), Trust::Neither);
    let grown = learned(&[0], nobody, 1);
    assert!((125..=140).contains(&grown), "half of 10 A for an hour: {grown}");
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

/// Whether a first kind of cell may be 30 % full that shows so much at rest.
fn may_be_30_percent(mv: i32, view: &CellView, lean: i32) -> bool {
    let [Window { low, high }, _] = curve::windows(mv, view, lean);
    (low..=high).contains(&PerMille(300))
}

/// 3.279 V, and 13 mV to either side.
#[test]
fn a_voltage_says_nothing_of_the_way_it_came_until_enough_has_flowed() {
    let view = CellView { half_gap: 13, ..CellView::default() };
    for (lean, discharged, charged) in
        [(0, true, true), (600, true, true), (-600, true, true), (1000, false, true), (-1000, true, false)]
    {
        assert_eq!(may_be_30_percent(3266, &view, lean), discharged, "{lean}");
        assert_eq!(may_be_30_percent(3292, &view, lean), charged, "{lean}");
    }
}

/// The hysteresis is 1.8 times as large at -5 degC, and what is left of it is not known well; the voltage at rest has
/// moved by 4 mV besides, as 0.15 mV a kelvin do.
#[test]
fn the_cold_moves_what_a_voltage_says() {
    let [warm, cold] = [13, 23].map(|half_gap| CellView { half_gap, ..CellView::default() });
    for moved in [-13, 13] {
        assert!(may_be_30_percent(3279 + 23 + moved, &cold, 1000), "{moved} mV");
        assert!(!may_be_30_percent(3279 + 13 + moved, &warm, 1000), "{moved} mV");
    }
}

/// A quarter of what is taken off more or less than in a new cell, a third of what that may be off by.
#[test]
fn a_resistance_that_is_not_sure_widens_what_a_voltage_says() {
    let sure = CellView { half_gap: 13, ..CellView::default() };
    for view in [CellView { unlike: 40, ..sure }, CellView { doubt: 30, ..sure }] {
        for off in [-16, 16] {
            assert!(may_be_30_percent(3292 + off, &view, 1000), "{off} mV {view:?}");
            assert!(!may_be_30_percent(3292 + off, &sure, 1000), "{off} mV");
        }
    }
}

#[test]
fn a_voltage_counts_for_all_that_it_has_said_in_a_minute() {
    let mut held = Held::NEW;
    let half = Duration(HELD.0 / 2);
    assert_eq!(held.step(Some(windows(500, 600)), half), None);
    assert_eq!(held.step(Some(windows(550, 700)), half), Some(windows(500, 700)));
    assert_eq!(held.step(Some(windows(100, 900)), half), None);
    assert_eq!(held.step(None, half), None, "nothing can be read: it begins anew");
    assert_eq!(held.step(Some(windows(550, 700)), half), None);
    assert_eq!(held.step(Some(windows(500, 600)), half), Some(windows(500, 700)));
}
