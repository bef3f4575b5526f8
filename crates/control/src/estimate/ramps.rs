//! A contact that gets worse slowly, or that is met by a current that only creeps: seen in how far a cell is from the
//! others, over minutes.
//!
//! What a contact adds follows the current, there and back. A cell that is weak or out of balance leaves the others
//! with the charge: slowly at first, then ever faster. Both are told apart by what explains the distance better, the
//! current or the charge, and only where charge hardly moves a cell: on the flat part of its voltage, near the others.
//! While the current stands, both explain it as well, and nothing is said.

use super::resistance::trimmed;
use crate::io::CELLS;

/// Means reach back so far, s: a roof's power moves an ampere in it.
const MEAN_TIME: f32 = 600.0;
/// What was seen fades with this, s.
const FADE_TIME: f32 = 1200.0;
/// So much must the current have moved, A2 s: 1 A within a minute or so.
const LEAST: f32 = 25.0;
/// The current must explain so much of the square of the distance.
const STRAIGHT: f32 = 0.95;
/// And the charge, beside it, no more than this share of what the current does.
const BY_CHARGE: f32 = 0.2;
/// Current and charge must differ by so much of their squares to be told apart.
const APART: f32 = 0.05;
/// The flat part of the voltage without current, mV.
const FLAT: core::ops::RangeInclusive<f32> = 3180.0..=3365.0;
/// A cell that is further from the others than what is known of it explains is not looked at, mV.
const NEAR: f32 = 60.0;

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Ramp {
    /// Means of its distance from the others, mV, of the current, A, and of the charge, A s; none before it is looked
    /// at.
    means: Option<[f32; 3]>,
    /// Charge since then, A s.
    charge: f32,
    /// Squares of distance, current and charge.
    squares: [f32; 3],
    /// Distance by current, distance by charge, current by charge.
    products: [f32; 3],
}

/// All cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Ramps {
    cells: [Ramp; CELLS],
}

impl Ramps {
    /// Takes a conversion in, mV, with what is known of each cell, mohm; what each resists more than the others, where
    /// that is seen.
    pub(super) fn step(
        &mut self,
        cells: &[Option<f32>; CELLS],
        known: &[f32; CELLS],
        amps: f32,
        dt: f32,
    ) -> [Option<f32>; CELLS] {
        let common = trimmed(cells.iter().flatten().copied());
        let ordinary = trimmed(known.iter().copied());
        let others_are_flat = FLAT.contains(&(common - ordinary * amps));
        let mut found = [None; CELLS];
        let all = self.cells.iter_mut().zip(cells).zip(known).zip(&mut found);
        for (((cell, read), known), found) in all {
            let near = |volts: &f32| {
                let unexplained = *volts - common - (known - ordinary) * amps;
                others_are_flat && FLAT.contains(&(*volts - known * amps)) && unexplained.abs() <= NEAR
            };
            match read.filter(near) {
                Some(volts) => {
                    // A contact that resists so much holds the cell as far from the others as the current asks for.
                    let fits = |more: &f32| (volts - common - more * amps).abs() <= NEAR;
                    *found = cell.step(volts - common, amps, dt).filter(fits);
                }
                None => *cell = Ramp::default(),
            }
        }
        found
    }
}

impl Ramp {
    fn step(&mut self, distance: f32, amps: f32, dt: f32) -> Option<f32> {
        self.charge += amps * dt;
        let now = [distance, amps, self.charge];
        let mut means = self.means.unwrap_or(now);
        let (share, kept) = (dt / (MEAN_TIME + dt), FADE_TIME / (FADE_TIME + dt));
        let mut moved = [0.0; 3];
        for ((moved, mean), now) in moved.iter_mut().zip(&mut means).zip(now) {
            *moved = now - *mean;
            *mean += *moved * share;
        }
        self.means = Some(means);
        let [away, by_current, by_charge] = moved;
        for (sum, moved) in self.squares.iter_mut().zip(moved) {
            *sum = (*sum + moved * moved * dt) * kept;
        }
        for (sum, both) in
            self.products.iter_mut().zip([away * by_current, away * by_charge, by_current * by_charge])
        {
            *sum = (*sum + both * dt) * kept;
        }
        if !self.squares.iter().chain(&self.products).all(|value| value.is_finite()) {
            *self = Self::default();
        }
        self.resistance()
    }

    /// By the least squares of both, mohm.
    fn resistance(&self) -> Option<f32> {
        let ([distances, currents, charges], [with_current, with_charge, mixed]) =
            (self.squares, self.products);
        let apart = currents * charges - mixed * mixed;
        if currents < LEAST || apart < APART * currents * charges {
            return None;
        }
        let ohms = (with_current * charges - with_charge * mixed) / apart;
        let slope = (with_charge * currents - with_current * mixed) / apart;
        let alone = with_current / currents;
        let is_straight = with_current * with_current >= STRAIGHT * currents * distances;
        let is_by_current = slope * slope * charges <= BY_CHARGE * BY_CHARGE * ohms * ohms * currents;
        (ohms > 0.0 && alone > 0.0 && is_straight && is_by_current).then_some(alone)
    }
}
