//! Seeded choices: the same seed draws the same on every machine.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg32;
use voltower_core::Duration;

/// A stream of choices.
#[derive(Debug, Clone)]
pub struct Dice(Pcg32);

impl Dice {
    /// The choices of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Pcg32::seed_from_u64(seed))
    }

    /// Even from 0 up to, not including, 1.
    pub fn share(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// Even between the two.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// Between the two, as likely in each decade: for resistances.
    pub fn decades(&mut self, low: f64, high: f64) -> f64 {
        low * libm::pow(high / low, self.share())
    }

    /// One of `count` places, from 0; 0 if there is none.
    pub fn below(&mut self, count: usize) -> usize {
        let wide = u64::from(self.0.next_u32()) * count as u64;
        (wide >> 32) as usize
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.0.next_u32() % 100 < percent
    }

    /// One of them.
    ///
    /// # Panics
    /// If there is none.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A value with a random sign.
    pub fn signed(&mut self, magnitude: f64) -> f64 {
        if self.chance(50) { magnitude } else { -magnitude }
    }

    /// Whole milliseconds between the two.
    pub fn time(&mut self, low: Duration, high: Duration) -> Duration {
        Duration::millis(self.between(low.0 as f64 / 1000.0, high.0 as f64 / 1000.0) as u64)
    }
}
