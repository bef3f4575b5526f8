//! What a string lives through, as told to the ageing models.

use voltower_plant::CELLS;
use voltower_plant::ageing::{Ageing, AgeingModel, CellAge, Cycling, Sample, Stress, StressMeter};

const DAY: f64 = 86_400.0;
/// Charge of a full cell, C.
const FULL: f64 = 360_000.0;

struct Life {
    ageing: Ageing,
    meter: StressMeter,
    ages: [CellAge; CELLS],
    soc: f64,
}

impl Life {
    fn new(ageing: Ageing, soc: f64, celsius: f64) -> Self {
        Self {
            ageing,
            meter: StressMeter::new(FULL, &[soc; CELLS], &[celsius; CELLS]),
            ages: [CellAge::default(); CELLS],
            soc,
        }
    }

    /// A sample of `seconds` that ends at this state of charge and temperature.
    fn sample(&mut self, seconds: f64, soc: f64, celsius: f64) -> bool {
        let throughput = (soc - self.soc).abs() * FULL;
        self.soc = soc;
        let sample =
            Sample { duration: seconds, throughput, soc: &[soc; CELLS], temperature: &[celsius; CELLS] };
        self.meter.sample(&self.ageing, &mut self.ages, &sample)
    }

    /// To another state of charge in minutes, at a steady current.
    fn go(&mut self, to: f64, minutes: u32, celsius: f64) {
        let from = self.soc;
        for minute in 1..=minutes {
            self.sample(60.0, from + (to - from) * f64::from(minute) / f64::from(minutes), celsius);
        }
    }

    fn age(&self) -> CellAge {
        assert!(self.ages.iter().all(|age| *age == self.ages[0]));
        self.ages[0]
    }
}

fn close(is: f64, wanted: f64, tolerance: f64) {
    assert!((is - wanted).abs() <= tolerance * wanted.abs(), "{is} is not {wanted}");
}

#[test]
fn storage_is_told_as_it_is_and_told_when_it_moved() {
    for model in [AgeingModel::Naumann, AgeingModel::BlastPrismatic250Ah, AgeingModel::BlastSony3Ah] {
        let mut life = Life::new(model.into(), 0.6, 30.0);
        let told = (0..1440).filter(|_| life.sample(60.0, 0.6, 30.0)).count();
        assert_eq!(told, 24);
        let mut wanted = CellAge::default();
        Ageing::from(model).advance(&mut wanted, &Stress::storage(DAY, 30.0, 0.6));
        close(life.age().capacity_loss(), wanted.capacity_loss(), 1e-9);
        close(life.age().resistance_growth(), wanted.resistance_growth(), 1e-9);
        close(life.age().seconds, DAY, 1e-12);
    }
}

/// Every three hours between 10 and 90 % and 35 and 15 degC: means over pieces must come near what the models say
/// minute by minute.
#[test]
fn a_moving_day_is_told_in_pieces_that_are_short_enough() {
    for model in [AgeingModel::Naumann, AgeingModel::BlastPrismatic250Ah, AgeingModel::BlastSony3Ah] {
        for (depth, swing) in [(0.8, 10.0), (0.8, 0.0), (0.0, 10.0)] {
            let mut life = Life::new(model.into(), 0.1, 25.0);
            let mut wanted = CellAge::default();
            let at = |minute: f64| {
                let part = minute / 180.0;
                let soc = 0.1 + depth * (1.0 - 2.0 * (part - 0.5).abs());
                (soc, 25.0 + swing * (part * std::f64::consts::TAU).sin())
            };
            for minute in 0..30 * 1440 {
                let now = f64::from(minute % 180);
                let (soc, celsius) = at(now + 1.0);
                life.sample(60.0, soc, celsius);
                let (soc, celsius) = at(now + 0.5);
                Ageing::from(model).advance(&mut wanted, &Stress::storage(60.0, celsius, soc));
            }
            close(life.age().calendar_loss, wanted.calendar_loss, 4e-3);
            close(life.age().calendar_growth, wanted.calendar_growth, 4e-3);
        }
    }
}

#[test]
fn naumann_gets_half_cycles_between_turning_points_with_their_depth_and_rate() {
    let naumann = Ageing::from(AgeingModel::Naumann);
    let mut life = Life::new(naumann, 0.2, 25.0);
    life.go(0.9, 120, 25.0);
    life.go(0.9, 600, 25.0);
    life.go(0.5, 240, 25.0);
    life.go(0.6, 60, 25.0);
    let cycle_loss = |halves: &[(f64, f64)]| {
        let mut age = CellAge::default();
        for &(depth, rate) in halves {
            let cycling = Cycling { full_cycles: 0.5 * depth, depth, rate, per_day: 0.0 };
            naumann.advance(&mut age, &Stress { cycling, ..Stress::storage(0.0, 25.0, 0.5) });
        }
        age
    };
    // 70 % in two hours, 40 % in four; the last turn has not come yet.
    let wanted = cycle_loss(&[(0.7, 0.35), (0.4, 0.1)]);
    close(life.age().cycle_loss, wanted.cycle_loss, 1e-9);
    close(life.age().cycle_growth, wanted.cycle_growth, 1e-9);
    close(life.age().full_cycles, 0.55, 1e-9);
    life.go(0.5, 60, 25.0);
    close(life.age().cycle_loss, cycle_loss(&[(0.7, 0.35), (0.4, 0.1), (0.1, 0.1)]).cycle_loss, 1e-9);
}

#[test]
fn ripple_does_not_end_a_half_cycle() {
    let mut life = Life::new(AgeingModel::Naumann.into(), 0.1, 25.0);
    for step in 1..=200 {
        let soc = 0.1 + 0.004 * f64::from(step);
        life.sample(60.0, soc, 25.0);
        life.sample(60.0, soc - 0.006, 25.0);
    }
    assert_eq!(life.age().full_cycles, 0.0);
    life.go(0.8, 60, 25.0);
    close(life.age().full_cycles, 0.4, 1e-9);
}

#[test]
fn blast_gets_days_with_their_depth_throughput_and_rate() {
    for model in [AgeingModel::BlastPrismatic250Ah, AgeingModel::BlastSony3Ah] {
        let mut life = Life::new(model.into(), 0.2, 30.0);
        life.go(0.8, 120, 30.0);
        life.go(0.5, 60, 30.0);
        life.go(0.8, 60, 30.0);
        life.go(0.2, 360, 30.0);
        assert_eq!(life.age().cycle_loss, 0.0);
        life.go(0.2, 840, 30.0);
        // 180 % moved in ten hours, between 20 and 80 %.
        let cycling = Cycling { full_cycles: 0.9, depth: 0.6, rate: 0.18, per_day: 0.9 };
        let mut wanted = CellAge::default();
        Ageing::from(model).advance(&mut wanted, &Stress { cycling, ..Stress::storage(0.0, 30.0, 0.5) });
        close(life.age().cycle_loss, wanted.cycle_loss, 1e-9);
        close(life.age().cycle_growth, wanted.cycle_growth, 1e-9);
        close(life.age().full_cycles, 0.9, 1e-9);
        assert_eq!(life.age().break_in_loss, 0.0);
    }
}

#[test]
fn only_a_hard_worked_sony_cell_breaks_in() {
    let worked = |minutes: u32| {
        let mut life = Life::new(AgeingModel::BlastSony3Ah.into(), 0.1, 25.0);
        for _ in 0..10 * 1440 / (2 * minutes) {
            life.go(0.9, minutes, 25.0);
            life.go(0.1, minutes, 25.0);
        }
        life.age().break_in_loss
    };
    // 80 % up and down in 4 hours: 4.8 full cycles a day; in 8 hours: 2.4.
    assert!(worked(120) > 1e-5);
    assert_eq!(worked(240), 0.0);
}

#[test]
fn a_supply_current_is_no_cycling_rate() {
    let mut life = Life::new(AgeingModel::BlastPrismatic250Ah.into(), 0.9, 25.0);
    life.go(0.8, 1440, 25.0);
    let cycling = Cycling { full_cycles: 0.05, depth: 0.1, rate: 0.0, per_day: 0.05 };
    let mut wanted = CellAge::default();
    life.ageing.advance(&mut wanted, &Stress { cycling, ..Stress::storage(0.0, 25.0, 0.85) });
    close(life.age().cycle_loss, wanted.cycle_loss, 1e-9);
}

#[test]
fn acceleration_ages_faster_what_the_string_lives_through() {
    for model in AgeingModel::ALL {
        let lived = |acceleration: f64, days: u32| {
            let ageing = Ageing::new(model, acceleration, 1.0).expect("in range");
            let mut life = Life::new(ageing, 0.1, 25.0);
            for _ in 0..days {
                life.go(0.9, 180, 25.0);
                life.go(0.1, 1260, 25.0);
            }
            life.age()
        };
        // What is not told yet at the end, an hour and half a cycle, weighs fifty times as much where time runs fast.
        let (fast, slow) = (lived(50.0, 4), lived(1.0, 200));
        if model == AgeingModel::None {
            assert_eq!(fast, CellAge::default());
        } else {
            close(fast.calendar_loss, slow.calendar_loss, 0.02);
            close(fast.cycle_loss, slow.cycle_loss, 0.08);
            close(fast.calendar_growth, slow.calendar_growth, 0.02);
        }
    }
}

#[test]
fn a_meter_saved_and_read_goes_on_as_if_nothing_had_been() {
    for model in [AgeingModel::NaumannRefit, AgeingModel::BlastSony3Ah] {
        let mut life = Life::new(model.into(), 0.1, 25.0);
        life.go(0.73, 137, 28.0);
        life.go(0.41, 77, 22.5);
        let text = toml::to_string(&life.meter).expect("TOML");
        let meter: StressMeter = toml::from_str(&text).expect("a meter");
        assert_eq!(meter, life.meter);
        let mut again = Life { ageing: life.ageing, meter, ages: life.ages, soc: life.soc };
        for life in [&mut life, &mut again] {
            life.go(0.95, 1500, 31.0);
            life.go(0.2, 300, 19.0);
        }
        assert_eq!(life.age(), again.age());
    }
}
