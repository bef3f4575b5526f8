//! What is learned of each cell's resistance, from steps of the current and from a reading that jumps alone.

use voltower_control::estimate::resistance::{CellView, Resistances};
use voltower_control::io::CELLS;
use voltower_core::{Duration, MilliAmps, MilliVolts};

/// 16 cells with what each resists, mohm, sampled every `period`.
struct Bench {
    learned: Resistances,
    milliohms: [f64; CELLS],
    /// What each is below 3.30 V at rest, mV.
    below: [f64; CELLS],
    period: Duration,
    noise: u32,
    view: CellView,
}

impl Bench {
    fn new(milliohms: f64) -> Self {
        Self {
            learned: Resistances::default(),
            milliohms: [milliohms; CELLS],
            below: [0.0; CELLS],
            period: Duration::millis(100),
            noise: 1,
            view: CellView::default(),
        }
    }

    /// Even, -1 to 1, the same in every run.
    fn noise(&mut self) -> f64 {
        self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.noise >> 8) / f64::from(1 << 23) - 1.0
    }

    fn run(&mut self, amps: f64, seconds: f64) {
        let samples = (seconds * 1e6 / self.period.0 as f64) as usize;
        for _ in 0..samples {
            let mut cells = [None; CELLS];
            for ((cell, ohms), below) in cells.iter_mut().zip(self.milliohms).zip(self.below) {
                let error = self.noise();
                *cell = Some(MilliVolts((3300.0 - below + ohms * amps + error).round() as i32));
            }
            let current = MilliAmps((amps * 1000.0 + 30.0 * self.noise()) as i32);
            self.view = self.learned.step(&cells, current, 250, true, self.period);
        }
    }

    fn milliohms(&self, cell: usize) -> f64 {
        f64::from(self.view.micro_ohms[cell]) / 1000.0
    }
}

#[test]
fn a_step_of_the_current_tells_the_resistance() {
    for (ohms, period) in [(0.3, 100), (1.5, 100), (6.0, 100), (1.5, 1000), (1.5, 60_000)] {
        let mut bench = Bench { period: Duration::millis(period), ..Bench::new(ohms) };
        for amps in [0.0, 30.0, -10.0, 20.0] {
            bench.run(amps, 120.0);
        }
        for cell in 0..CELLS {
            let learned = bench.milliohms(cell);
            assert!((learned / ohms - 1.0).abs() < 0.15, "{ohms} mohm at {period} ms: {learned}");
            let open = bench.view.open[cell].expect("read");
            assert!((open - 3300).abs() <= 8, "{open} mV without current");
        }
        assert_eq!(bench.view.bad_contact, 0);
    }
}

#[test]
fn a_bad_contact_is_seen_in_a_jump_and_kept_through_small_steps() {
    for contact in [20.0, 45.0, 100.0] {
        let mut bench = Bench::new(0.8);
        for amps in [0.0, 5.0] {
            bench.run(amps, 60.0);
        }
        bench.milliohms[6] += contact;
        bench.run(5.0, 10.0);
        assert_eq!(bench.view.bad_contact, 7, "{contact} mohm: {}", bench.milliohms(6));
        // A step of the limits on COM, up and down for hours.
        for step in 0..720 {
            bench.run(if step % 2 == 0 { 5.2 } else { 5.9 }, 10.0);
            let learned = bench.milliohms(6);
            assert!((learned / (contact + 0.8) - 1.0).abs() < 0.25, "{contact} mohm: {learned}");
            assert_eq!(bench.view.bad_contact, 7, "{contact} mohm: {learned}");
        }
    }
}

#[test]
fn a_contact_that_was_repaired_is_believed_again() {
    let mut bench = Bench::new(0.8);
    bench.milliohms[6] += 60.0;
    for amps in [0.0, 10.0, 5.0] {
        bench.run(amps, 60.0);
    }
    assert_eq!(bench.view.bad_contact, 7);
    bench.milliohms[6] = 0.8;
    for amps in [5.0, 8.0, 4.0, 9.0] {
        bench.run(amps, 30.0);
    }
    assert_eq!(bench.view.bad_contact, 0, "{} mohm", bench.milliohms(6));
}

/// A roof's power in the evening: a cell's contact of 20 mohm meets no step of the current.
#[test]
fn a_bad_contact_is_seen_in_a_current_that_creeps() {
    for (contact, period) in [(12.0, 1000), (20.0, 1000), (20.0, 100), (60.0, 10_000)] {
        let mut bench = Bench { period: Duration::millis(period), ..Bench::new(0.8) };
        bench.milliohms[15] += contact;
        bench.run(0.0, 600.0);
        let mut amps = 0.0;
        while bench.view.bad_contact == 0 && amps > -6.0 {
            amps -= 0.12;
            bench.run(amps, 20.0);
        }
        assert_eq!(
            bench.view.bad_contact,
            16,
            "{contact} mohm at {period} ms: {} at {amps} A",
            bench.milliohms(15)
        );
        bench.run(amps - 1.0, 300.0);
        let learned = bench.milliohms(15) / (contact + 0.8);
        assert!((0.8..1.2).contains(&learned), "{contact} mohm at {period} ms: {learned}");
    }
}

/// The fullest cell at the lower end comes down to the others while it is charged, and the current falls a little: a
/// contact that explains both would hold it far from them.
#[test]
fn a_cell_that_comes_near_while_a_large_current_falls_has_no_bad_contact() {
    for time in [100.0, 200.0, 400.0, 800.0] {
        for fall in [0.3, 0.5, 0.8, 1.5] {
            let mut bench = Bench { period: Duration::secs(10), ..Bench::new(0.8) };
            bench.below[5] = -40.0;
            bench.run(12.5, 60.0);
            for step in 0..180 {
                let passed = f64::from(step) * 10.0;
                bench.below[5] = -40.0 * (-passed / time).exp();
                bench.run(12.5 - fall * (1.0 - (-passed / time).exp()), 10.0);
                assert_eq!(bench.view.bad_contact, 0, "{time} s, {fall} A: {} mohm", bench.milliohms(5));
            }
        }
    }
}

/// A cell leaves the others with the charge, while the current creeps the same way.
#[test]
fn where_current_and_charge_explain_the_same_no_contact_is_named() {
    for start in [4.0_f64, -4.0] {
        let mut bench = Bench { period: Duration::secs(10), ..Bench::new(0.8) };
        bench.run(start, 600.0);
        let mut moved = 0.0;
        for step in 0..300 {
            let amps = start + start.signum() * 0.02 * f64::from(step);
            moved += amps * 10.0;
            bench.below[5] = -moved / 300.0;
            bench.run(amps, 10.0);
            assert_eq!(bench.view.bad_contact, 0, "{amps} A: {} mohm", bench.milliohms(5));
        }
    }
}

/// One with half of the charge falls behind its knee while the current grows, and comes back while it is charged.
#[test]
fn a_weak_cell_in_a_current_that_creeps_has_no_bad_contact() {
    for growth in [0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.05] {
        for (start, knee) in [(-3.0, 2.2), (0.0, 2.2), (-1.0, 0.8), (-6.0, 5.0)] {
            let mut bench = Bench { period: Duration::secs(2), ..Bench::new(0.8) };
            // Ah left, and what the cell is below the others: flat, then a knee.
            let below = |left: f64| 700.0 * (-left.max(0.0) / knee).exp();
            let (mut amps, mut left, mut direction) = (start, 12.0_f64, -1.0);
            bench.below[5] = below(left);
            bench.run(start, 1800.0);
            for _ in 0..20_000 {
                amps = (amps + 2.0 * direction * growth).clamp(-20.0, 20.0);
                left += amps / 1800.0;
                if left < 0.3 {
                    direction = 1.0;
                }
                bench.below[5] = below(left);
                bench.run(amps, 2.0);
                let found = bench.milliohms(5);
                assert_eq!(bench.view.bad_contact, 0, "{growth} A/s, {left} Ah left of {knee}: {found} mohm");
            }
        }
    }
}

#[test]
fn readings_that_are_lost_teach_nothing() {
    let mut bench = Bench::new(1.0);
    bench.run(0.0, 10.0);
    for amps in [10, 30_000, -2_000_000, i32::MAX, i32::MIN] {
        let mut cells = [Some(MilliVolts(i32::MAX)); CELLS];
        cells[3] = None;
        let view = bench.learned.step(&cells, MilliAmps(amps), i32::MIN, true, Duration::MAX);
        assert_eq!(view.open[3], None);
        assert!(view.micro_ohms.iter().all(|ohms| (0..=400_000).contains(ohms)), "{:?}", view.micro_ohms);
    }
}
