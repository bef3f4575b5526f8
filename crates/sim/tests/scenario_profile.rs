//! Measured series keep their energy, whatever the step.

use proptest::prelude::*;
use voltower_core::{Duration, Instant};
use voltower_sim::Scenario;
use voltower_sim::profile::{Between, Profile, Series};

const HOURS: &str = "time_h,load_w\n0,100\n1,400\n2,0\n3,250\n";

fn series(between: Between) -> Series {
    Series::read(HOURS, "time_h", 3600.0, "load_w", between).expect("a good series")
}

fn minutes(count: u64) -> Instant {
    Instant::ZERO + Duration::mins(count)
}

#[test]
fn hourly_means_are_held() {
    let held = series(Between::Hold);
    assert_eq!([held.at(0.0), held.at(3599.9), held.at(3600.0), held.at(7200.0)], [100.0, 100.0, 400.0, 0.0]);
    assert_eq!((held.start(), held.end(), held.rows()), (0.0, 4.0 * 3600.0, 4));
}

#[test]
fn readings_are_joined_by_lines() {
    let line = series(Between::Linear);
    assert_eq!([line.at(0.0), line.at(1800.0), line.at(5400.0)], [100.0, 250.0, 200.0]);
    assert_eq!(line.end(), 3.0 * 3600.0);
}

#[test]
fn uneven_rows_are_found() {
    let text = "time_s,v\n0,1\n1,2\n100,3\n101,4\n5000,5\n";
    let uneven = Series::read(text, "time_s", 1.0, "v", Between::Hold).expect("a good series");
    let seen = [0.5, 1.0, 99.0, 100.0, 100.9, 101.0, 4999.0, 5000.0].map(|time| uneven.at(time));
    assert_eq!(seen, [1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0]);
}

#[test]
fn the_day_of_the_built_in_scenario_is_the_measured_one() {
    let scenario = Scenario::summer_day().expect("the built-in day");
    let house = scenario.house.expect("a house");
    // 2 June of the measured year, typed from Building_1.csv: hours ending at 1, 12 and 19; 4 kW installed.
    assert_eq!(
        [
            house.load.at(minutes(30)),
            house.load.at(minutes(11 * 60 + 1)),
            house.load.at(minutes(18 * 60 + 30))
        ],
        [418.0, 2477.0, 3128.0]
    );
    assert_eq!([house.pv.at(minutes(30)), house.pv.at(minutes(11 * 60 + 1))], [0.0, 3499.0]);
    let day = house.load.mean(Instant::ZERO, minutes(24 * 60)) * 24.0 / 1000.0;
    assert!((day - 25.3).abs() < 0.1, "{day} kWh of load");
    let roof = house.pv.mean(Instant::ZERO, minutes(24 * 60)) * 24.0 / 1000.0;
    assert!((roof - 24.8).abs() < 0.1, "{roof} kWh from the roof");
}

#[test]
fn a_daily_curve_is_highest_at_its_peak() {
    let text = "title = \"t\"\nstart = \"06:00\"\nduration = \"1 d\"\n\
        ambient = { mean = \"20 degC\", swing = \"5 K\", peak = \"15:00\" }\n[[tower]]\nmodel = \"E5\"\n";
    let scenario = Scenario::parse("test.toml", text, &|_| unreachable!()).expect("a good scenario");
    let at = |hours: u64| scenario.ambient.at(minutes(60 * hours));
    assert!((at(9) - 25.0).abs() < 1e-9 && (at(21) - 15.0).abs() < 1e-9, "{} {}", at(9), at(21));
    assert!(matches!(scenario.ambient, Profile::Daily(_)));
}

proptest! {
    #[test]
    fn steps_of_any_length_add_up_to_the_same_energy(
        cuts in proptest::collection::vec(0.0..14_400.0_f64, 0..40),
        linear in any::<bool>(),
    ) {
        let series = series(if linear { Between::Linear } else { Between::Hold });
        let end = series.end();
        let mut cuts: Vec<f64> = cuts.into_iter().map(|cut| cut.min(end)).chain([0.0, end]).collect();
        cuts.sort_by(f64::total_cmp);
        let energy: f64 = cuts.windows(2).map(|cut| series.mean(cut[0], cut[1]) * (cut[1] - cut[0])).sum();
        let expected = if linear { (250.0 + 200.0 + 125.0) * 3600.0 } else { 750.0 * 3600.0 };
        prop_assert!((energy - expected).abs() < 1e-6 * expected, "{energy} J");
    }
}

#[test]
fn a_power_is_cut_at_zero_and_a_temperature_is_not() {
    let text = |pv: &str| {
        format!(
            "title = \"t\"\nduration = \"1 d\"\nambient = {{ mean = \"0 degC\", swing = \"9 K\" }}\n\
             [[tower]]\nmodel = \"E5\"\n[house]\nload = \"1 kW\"\npv = {pv}\n"
        )
    };
    let csv = |_: &str| Ok("time_h,pv_w\n0,-20\n6,2000\n12,4000\n18,-30\n24,0\n".to_owned());
    for pv in [
        "{ mean = \"0 W\", swing = \"2 kW\", peak = \"13:00\" }",
        "{ file = \"sun.csv\", column = \"pv_w\" }",
    ] {
        let scenario = Scenario::parse("t.toml", &text(pv), &csv).expect("a good scenario");
        let pv = scenario.house.expect("a house").pv;
        let hours = |profile: &Profile| -> Vec<f64> {
            (0..24).map(|hour| profile.at(Instant::ZERO + Duration::hours(hour))).collect()
        };
        let powers = hours(&pv);
        assert!(powers.iter().all(|watts| *watts >= 0.0), "{powers:?}");
        assert!(powers[1] == 0.0 && powers[13] > 1_500.0, "{powers:?}");
        assert!(hours(&scenario.ambient).iter().any(|celsius| *celsius < -8.0));
    }
}
