//! Curves: a monotone open-circuit voltage with its closed-form integral, and interpolation between points.

/// Linear interpolation between points that rise, held at the ends.
pub(super) fn linear(points: impl IntoIterator<Item = (f64, f64)>, x: f64) -> f64 {
    let mut left = None;
    for (x1, y1) in points {
        if x <= x1 {
            let Some((x0, y0)) = left else { return y1 };
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
        }
        left = Some((x1, y1));
    }
    left.map_or(0.0, |(_, y)| y)
}

/// Geometric interpolation between positive values, going on as the last two do beyond the ends. Where a value is not
/// positive it is linear and held.
pub(super) fn log_linear(places: &[f64], values: &[f64], x: f64) -> f64 {
    if places.len() < 2 || values.iter().any(|&value| value <= 0.0) {
        return linear(places.iter().copied().zip(values.iter().copied()), x);
    }
    let right = places.partition_point(|&place| place < x).clamp(1, places.len() - 1);
    let share = (x - places[right - 1]) / (places[right] - places[right - 1]);
    values[right - 1] * libm::pow(values[right] / values[right - 1], share)
}

const STEPS_PER_UNIT: f64 = 200.0;
const START: f64 = -0.05;
/// From 5 % below empty to 23 % above full; straight on beyond.
const SEGMENTS: usize = 256;

#[derive(Debug, Clone, Copy, Default)]
struct Segment {
    volts: f64,
    slope: f64,
    energy: f64,
}

/// The open-circuit voltage over the state of charge, linear between even knots, and its integral.
#[derive(Debug, Clone)]
pub(super) struct Ocv {
    segments: [Segment; SEGMENTS],
}

/// A point of the open-circuit voltage.
#[derive(Debug, Clone, Copy)]
pub(super) struct OcvPoint {
    /// V.
    pub(super) volts: f64,
    /// V per unit of charge.
    pub(super) slope: f64,
    /// Integral over the state of charge, V.
    pub(super) energy: f64,
}

impl Ocv {
    /// Knots from the points (monotone cubic of Steffen between them), straight lines beyond the ends.
    pub(super) fn new(points: &[(f64, f64)], slopes_outside: [f64; 2]) -> Self {
        let volts = |k: usize| sample(points, slopes_outside, START + k as f64 / STEPS_PER_UNIT);
        let mut segments = [Segment::default(); SEGMENTS];
        let mut energy = 0.0;
        for (k, segment) in segments.iter_mut().enumerate() {
            let (left, right) = (volts(k), volts(k + 1));
            *segment = Segment { volts: left, slope: (right - left) * STEPS_PER_UNIT, energy };
            energy += 0.5 * (left + right) / STEPS_PER_UNIT;
        }
        Self { segments }
    }

    #[inline(always)]
    pub(super) fn at(&self, soc: f64) -> OcvPoint {
        let (left, along) = interval((soc - START) * STEPS_PER_UNIT, SEGMENTS);
        let along = along * (1.0 / STEPS_PER_UNIT);
        let Segment { volts, slope, energy } = self.segments[left & (SEGMENTS - 1)];
        OcvPoint {
            volts: volts + slope * along,
            slope,
            energy: energy + along * (volts + 0.5 * slope * along),
        }
    }
}

/// Interval of an even grid of so many intervals (fewer than 2^31), and the way into it; beyond the ends it goes on.
#[inline(always)]
pub(super) fn interval(place: f64, intervals: usize) -> (usize, f64) {
    /// 1.5 x 2^52: added to a small number it leaves its nearest integer in the lowest bits.
    const TO_INTEGER: f64 = 6_755_399_441_055_744.0;
    let middle = (place - 0.5).clamp(0.0, intervals as f64 - 1.0) + TO_INTEGER;
    let left = (middle.to_bits() & 0x7FFF_FFFF) as usize;
    (left, place - (middle - TO_INTEGER))
}

fn sample(points: &[(f64, f64)], [slope_before, slope_after]: [f64; 2], x: f64) -> f64 {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return 0.0 };
    if x <= first.0 {
        return first.1 + slope_before * (x - first.0);
    }
    if x >= last.0 {
        return last.1 + slope_after * (x - last.0);
    }
    let right = points.partition_point(|point| point.0 < x).clamp(1, points.len() - 1);
    let (x0, y0) = points[right - 1];
    let (x1, y1) = points[right];
    let (slope0, slope1) = (steffen(points, right - 1), steffen(points, right));
    let width = x1 - x0;
    let t = (x - x0) / width;
    let blend = t * t * (3.0 - 2.0 * t);
    let tangent = t * (1.0 - t) * width;
    y0 + (y1 - y0) * blend + tangent * ((1.0 - t) * slope0 - t * slope1)
}

/// Slope at a point that keeps the curve monotone (Steffen, 1990).
fn steffen(points: &[(f64, f64)], k: usize) -> f64 {
    let secant = |k: usize| (points[k + 1].1 - points[k].1) / (points[k + 1].0 - points[k].0);
    if k == 0 {
        return secant(0);
    }
    if k == points.len() - 1 {
        return secant(k - 1);
    }
    let (before, after) = (secant(k - 1), secant(k));
    let (width_before, width_after) = (points[k].0 - points[k - 1].0, points[k + 1].0 - points[k].0);
    let middle = (before * width_after + after * width_before) / (width_before + width_after);
    (before.signum() + after.signum()) * before.abs().min(after.abs()).min(0.5 * middle.abs())
}

#[cfg(test)]
mod tests {
    use super::{Ocv, linear, log_linear};
    use crate::cell::CellParameters;

    #[test]
    fn the_integral_is_continuous_and_its_slope_is_the_voltage() {
        let cell = CellParameters::default();
        let ocv = Ocv::new(&cell.ocv, cell.slopes_outside);
        for k in -30..230 {
            let knot = f64::from(k) / 200.0;
            let (before, after) = (ocv.at(knot - 1e-4), ocv.at(knot + 1e-4));
            let mean = (after.energy - before.energy) / 2e-4;
            assert!((mean - 0.5 * (before.volts + after.volts)).abs() < 0.01, "{knot}: {mean}");
        }
    }

    #[test]
    fn between_points_is_between_and_beyond_is_held_or_goes_on() {
        let points = [(0.0, 1.0), (1.0, 3.0), (3.0, 4.0)];
        for (x, y) in [(-1.0, 1.0), (0.5, 2.0), (1.0, 3.0), (2.0, 3.5), (9.0, 4.0)] {
            assert_eq!(linear(points, x), y, "{x}");
        }
        let (places, values) = ([0.0, 1.0, 2.0], [1.0, 2.0, 8.0]);
        for (x, y) in [(-1.0, 0.5), (0.0, 1.0), (1.5, 4.0), (3.0, 32.0)] {
            assert!((log_linear(&places, &values, x) - y).abs() < 1e-12, "{x}");
        }
    }
}
