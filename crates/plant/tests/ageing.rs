//! The ageing models against published figures, an independent evaluation, measurements, and what must hold for any.

use proptest::prelude::*;
use voltower_plant::ageing::{Ageing, AgeingModel, CellAge, Cycling, Stress};

const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.0 * DAY;

/// Evaluated with 40 digits by `benches/peers/ageing.py reference`, varying stress as differential equations.
const REFERENCE: &str = include_str!("../../../benches/peers/ageing/reference.csv");
const OBSERVATIONS: &str = include_str!("../../../data/ageing/naumann_calendar_fit.csv");

const MODELS: [AgeingModel; 4] = [
    AgeingModel::Naumann,
    AgeingModel::NaumannRefit,
    AgeingModel::BlastPrismatic250Ah,
    AgeingModel::BlastSony3Ah,
];

fn aged(model: AgeingModel, stress: &Stress) -> CellAge {
    let mut age = CellAge::default();
    Ageing::from(model).advance(&mut age, stress);
    age
}

fn stored(model: AgeingModel, seconds: f64, celsius: f64, soc: f64) -> CellAge {
    aged(model, &Stress::storage(seconds, celsius, soc))
}

fn cycled(model: AgeingModel, full_cycles: f64, depth: f64, rate: f64, celsius: f64) -> CellAge {
    let cycling = Cycling { full_cycles, depth, rate, per_day: 1.0 };
    aged(model, &Stress { cycling, ..Stress::storage(0.0, celsius, 0.5) })
}

fn percent(share: f64) -> String {
    format!("{:.2}", 100.0 * share)
}

/// Ten years of storage and 2500 cycles of 80 % at 0.3C, in percent, as the publications' formulas give them.
#[test]
fn ten_years_and_2500_cycles_come_out_to_the_printed_digits() {
    let storage = [
        (25.0, 0.5, ["13.44", "16.83", "3.70", "11.23"]),
        (25.0, 1.0, ["21.42", "7.69", "5.75", "14.26"]),
        (35.0, 0.5, ["16.82", "43.09", "6.84", "16.33"]),
        (10.0, 0.5, ["9.32", "3.63", "1.36", "5.50"]),
    ];
    for (celsius, soc, [naumann, resistance, prismatic, sony]) in storage {
        let age = |model| stored(model, 10.0 * YEAR, celsius, soc);
        assert_eq!(percent(age(AgeingModel::Naumann).capacity_loss()), naumann);
        assert_eq!(percent(age(AgeingModel::Naumann).resistance_growth()), resistance);
        assert_eq!(percent(age(AgeingModel::BlastPrismatic250Ah).capacity_loss()), prismatic);
        assert_eq!(percent(age(AgeingModel::BlastSony3Ah).capacity_loss()), sony);
    }
    let age = |model| cycled(model, 2500.0, 0.8, 0.3, 25.0);
    assert_eq!(percent(age(AgeingModel::Naumann).capacity_loss()), "6.52");
    assert_eq!(percent(age(AgeingModel::Naumann).resistance_growth()), "4.14");
    assert_eq!(percent(age(AgeingModel::BlastPrismatic250Ah).capacity_loss()), "10.75");
    assert_eq!(percent(age(AgeingModel::BlastSony3Ah).capacity_loss()), "2.67");
}

#[test]
fn steady_and_varying_lives_agree_with_the_independent_evaluation() {
    let mut age = CellAge::default();
    let mut lives = 0;
    for line in REFERENCE.lines().skip(1) {
        let (model, rest) = line.split_once(",\"").expect("model");
        let (life, numbers) = rest.split_once("\",").expect("life");
        let numbers: Vec<Option<f64>> = numbers.split(',').map(|number| number.parse().ok()).collect();
        let [days, temperature, soc, full_cycles, depth, rate, per_day] =
            core::array::from_fn(|column| numbers[column].expect("stress"));
        let cycling = Cycling { full_cycles, depth, rate, per_day };
        let model: AgeingModel = model.parse().expect("a model");
        Ageing::from(model)
            .advance(&mut age, &Stress { cycling, ..Stress::storage(days * DAY, temperature, soc) });
        let Some(calendar) = numbers[7] else { continue };
        let wanted =
            [calendar, numbers[8].expect("cycle"), numbers[9].expect("break-in"), numbers[10].expect("R")];
        let is = [age.calendar_loss, age.cycle_loss, age.break_in_loss, age.resistance_growth()];
        for (is, wanted) in is.into_iter().zip(wanted) {
            // The differential equations were integrated to some 1e-8.
            assert!((is - wanted).abs() <= 1e-7 * wanted, "{model}, {life}: {is} is not {wanted}");
        }
        lives += 1;
        age = CellAge::default();
    }
    assert_eq!(lives, 60);
}

/// Root mean square error of capacity and of resistance over the conditions up to a temperature, percentage points.
fn errors(model: AgeingModel, up_to: f64) -> (f64, f64) {
    let (mut capacity, mut resistance, mut count) = (0.0, 0.0, 0.0);
    for line in OBSERVATIONS.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let number = |column: usize| -> f64 { columns[column].parse().expect("a number") };
        if number(1) > up_to {
            continue;
        }
        let age = stored(model, number(3) * DAY, number(1), number(2));
        capacity += (100.0 * (1.0 - age.capacity_loss()) - number(5)).powi(2);
        resistance += (100.0 * age.resistance_growth() - number(7)).powi(2);
        count += 1.0;
    }
    ((capacity / count).sqrt(), (resistance / count).sqrt())
}

/// 0.8 points is the goal up to 40 degC. Naumann as published misses it on these conditions by 0.03, and the model of
/// another cell has no claim to it.
#[test]
fn the_models_of_the_measured_cell_fit_the_measurements() {
    let table = MODELS.map(|model| {
        let ((capacity, resistance), (all, _)) = (errors(model, 40.0), errors(model, 60.0));
        format!("{model} {capacity:.3} {all:.3} {resistance:.3}")
    });
    assert_eq!(
        table,
        [
            "naumann 0.829 1.669 1.163",
            "naumann-refit 0.498 0.471 1.163",
            "blast-prismatic-250ah 2.363 2.794 1.163",
            "blast-sony-3ah 0.505 0.611 1.163",
        ]
    );
}

#[test]
fn none_counts_time_and_cycles_and_loses_nothing() {
    let cycling = Cycling { full_cycles: 100.0, depth: 1.0, rate: 1.0, per_day: 9.0 };
    let age = aged(AgeingModel::None, &Stress { cycling, ..Stress::storage(YEAR, 60.0, 1.0) });
    assert_eq!(age, CellAge { seconds: YEAR, full_cycles: 100.0, ..CellAge::default() });
}

#[test]
fn absurd_stress_stays_a_number() {
    for model in MODELS {
        for celsius in [-273.0, -60.0, -40.0, 0.0, 60.0, 90.0, 1e9] {
            for soc in [-1.0, 0.0, 0.5, 1.0, 2.0] {
                let cycling = Cycling { full_cycles: 1e9, depth: 7.0, rate: 1e9, per_day: 1e9 };
                let stress = Stress { cycling, ..Stress::storage(1e12, celsius, soc) };
                let mut age = aged(model, &stress);
                for _ in 0..3 {
                    Ageing::from(model).advance(&mut age, &stress);
                    let losses = [age.calendar_loss, age.cycle_loss, age.break_in_loss];
                    assert!(
                        losses.iter().all(|loss| (0.0..=1.0).contains(loss)),
                        "{model} {celsius} {age:?}"
                    );
                    assert!((0.01..=1.0).contains(&age.capacity_factor()));
                    assert!(age.resistance_factor().is_finite() && age.resistance_factor() >= 1.0);
                }
            }
        }
    }
}

#[test]
fn another_model_goes_on_from_where_the_cell_stands() {
    let mut age = stored(AgeingModel::Naumann, 2.0 * YEAR, 25.0, 0.5);
    let before = age.capacity_loss();
    Ageing::from(AgeingModel::BlastSony3Ah).advance(&mut age, &Stress::storage(1.0, 25.0, 0.5));
    assert!(age.capacity_loss() >= before && age.capacity_loss() < before + 1e-8);
}

fn model() -> impl Strategy<Value = AgeingModel> {
    proptest::sample::select(&MODELS[..])
}

prop_compose! {
    fn stress()(
        duration in 60.0..YEAR, temperature in -20.0..60.0, soc in 0.0..1.0,
        full_cycles in 0.0..300.0, depth in 0.0..1.0, rate in 0.0..1.0, per_day in 0.0..10.0,
    ) -> Stress {
        Stress { cycling: Cycling { full_cycles, depth, rate, per_day }, ..Stress::storage(duration, temperature, soc) }
    }
}

fn portion(stress: &Stress, share: f64) -> Stress {
    let cycling = Cycling { full_cycles: stress.cycling.full_cycles * share, ..stress.cycling };
    Stress { duration: stress.duration * share, cycling, ..*stress }
}

fn values(age: &CellAge) -> [f64; 7] {
    [
        age.seconds,
        age.full_cycles,
        age.calendar_loss,
        age.cycle_loss,
        age.break_in_loss,
        age.calendar_growth,
        age.cycle_growth,
    ]
}

fn close(a: &CellAge, b: &CellAge, tolerance: f64) -> Result<(), TestCaseError> {
    for (a, b) in values(a).into_iter().zip(values(b)) {
        prop_assert!((a - b).abs() <= tolerance * a.abs().max(b.abs()) + 1e-15, "{a} {b}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn cutting_a_life_into_pieces_changes_nothing(
        model in model(), life in prop::collection::vec(stress(), 1..6), pieces in 2_u32..40,
    ) {
        let ageing = Ageing::from(model);
        let (mut whole, mut cut) = (CellAge::default(), CellAge::default());
        for stress in &life {
            ageing.advance(&mut whole, stress);
            let piece = portion(stress, 1.0 / f64::from(pieces));
            for _ in 0..pieces {
                ageing.advance(&mut cut, &piece);
            }
        }
        close(&whole, &cut, 1e-9)?;
    }

    #[test]
    fn no_cell_gets_younger(model in model(), life in prop::collection::vec(stress(), 1..12)) {
        let mut age = CellAge::default();
        for stress in &life {
            let before = age;
            Ageing::from(model).advance(&mut age, stress);
            for (before, after) in values(&before).into_iter().zip(values(&age)) {
                prop_assert!(after >= before);
            }
        }
    }

    /// From a month on: the Sony model's first days at an empty cell are not in order over 33 to 43 degC.
    #[test]
    fn a_hotter_store_ages_faster(
        model in model(), months in 1.0..120.0, celsius in -10.0..55.0, warmer in 0.5..20.0, soc in 0.0..1.0,
    ) {
        let age = |celsius: f64| stored(model, months * 30.0 * DAY, celsius, soc);
        let (cool, hot) = (age(celsius), age(celsius + warmer));
        prop_assert!(hot.capacity_loss() > cool.capacity_loss());
        prop_assert!(hot.resistance_growth() > cool.resistance_growth());
    }

    #[test]
    fn an_acceleration_of_n_is_n_times_the_time(model in model(), stress in stress(), n in 1.0..1000.0) {
        let mut fast = CellAge::default();
        Ageing::new(model, n, 1.0).expect("in range").advance(&mut fast, &stress);
        close(&fast, &aged(model, &portion(&stress, n)), 1e-12)?;
    }

    #[test]
    fn a_scale_multiplies_what_the_model_gives(model in model(), stress in stress(), scale in 0.0..2.0) {
        let ageing = Ageing::new(model, 1.0, scale).expect("in range");
        let (mut scaled, mut plain) = (CellAge::default(), CellAge::default());
        for _ in 0..3 {
            ageing.advance(&mut scaled, &stress);
            Ageing::from(model).advance(&mut plain, &stress);
        }
        let factor = |loss: f64| (loss * scale).min(1.0);
        let wanted = CellAge {
            calendar_loss: factor(plain.calendar_loss),
            cycle_loss: factor(plain.cycle_loss),
            break_in_loss: factor(plain.break_in_loss),
            calendar_growth: plain.calendar_growth * scale,
            cycle_growth: plain.cycle_growth * scale,
            ..plain
        };
        close(&scaled, &wanted, 1e-9)?;
    }

    #[test]
    fn an_age_written_as_toml_is_read_back_to_the_bit(values in prop::array::uniform7(any::<u64>())) {
        let share = |bits: u64| f64::from_bits(bits >> 2).min(1.0);
        let positive = |bits: u64| f64::from_bits(bits >> 2);
        let age = CellAge {
            seconds: positive(values[0]),
            full_cycles: positive(values[1]),
            calendar_loss: share(values[2]),
            cycle_loss: share(values[3]),
            break_in_loss: share(values[4]),
            calendar_growth: positive(values[5]),
            cycle_growth: positive(values[6]),
        };
        let text = toml::to_string(&age).expect("TOML");
        let back: CellAge = toml::from_str(&text).expect("an age");
        prop_assert_eq!(values_bits(&age), values_bits(&back));
    }
}

fn values_bits(age: &CellAge) -> [u64; 7] {
    values(age).map(f64::to_bits)
}

#[test]
fn a_wrong_file_is_told_with_its_field() {
    let good = toml::to_string(&CellAge::default()).expect("TOML");
    for (from, to, says) in [
        ("cycle_loss = 0.0", "cycle_loss = -0.1", "must be a share between 0 and 1"),
        ("cycle_loss = 0.0", "cycle_loss = nan", "must be a share between 0 and 1"),
        ("seconds = 0.0", "seconds = inf", "must be finite and not negative"),
        ("seconds = 0.0", "", "missing field `seconds`"),
        ("seconds = 0.0", "seconds = 0.0\nyears = 1.0", "unknown field `years`"),
    ] {
        let error = toml::from_str::<CellAge>(&good.replace(from, to)).expect_err("wrong").to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn settings_are_checked_and_told() {
    let ageing: Ageing = toml::from_str("model = \"naumann\"\nacceleration = 10").expect("settings");
    assert_eq!(ageing, Ageing::new(AgeingModel::Naumann, 10.0, 1.0).expect("in range"));
    assert_eq!(toml::from_str::<Ageing>(&toml::to_string(&ageing).expect("TOML")), Ok(ageing));
    for (text, says) in [
        ("acceleration = -1.0", "must be between 0 and 1e6"),
        ("scale = nan", "must be between 0 and 100"),
        ("model = \"schmidt\"", "unknown variant `schmidt`"),
        ("speed = 1", "unknown field `speed`"),
    ] {
        let error = toml::from_str::<Ageing>(text).expect_err("wrong").to_string();
        assert!(error.contains(says), "{error}");
    }
    let error = "schmidt".parse::<AgeingModel>().expect_err("unknown").to_string();
    for model in AgeingModel::ALL {
        assert_eq!(model.name().parse(), Ok(model));
        assert_eq!(toml::from_str::<Ageing>(&format!("model = \"{model}\"")).map(|a| a.model()), Ok(model));
        assert!(error.contains(model.name()));
    }
}
