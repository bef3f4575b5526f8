//! Curves: a monotone open-circuit voltage with its closed-form integral, and plain tables.

/// Linear interpolation over an even grid, held at the ends.
#[derive(Debug, Clone)]
pub(crate) struct Table<const N: usize> {
    start: f64,
    per_step: f64,
    values: [f64; N],
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(start: f64, step: f64, values: [f64; N]) -> Self {
        Self { start, per_step: 1.0 / step, values }
    }

    pub(crate) fn at(&self, x: f64) -> f64 {
        let place = ((x - self.start) * self.per_step).clamp(0.0, (N - 1) as f64);
        let left = (place as usize).min(N - 2);
        let share = place - left as f64;
        self.values[left] + share * (self.values[left + 1] - self.values[left])
    }
}

const STEPS_PER_UNIT: f64 = 200.0;
const START: f64 = -0.05;
const SEGMENTS: usize = 220;

#[derive(Debug, Clone, Copy, Default)]
struct Segment {
    volts: f64,
    slope: f64,
    energy: f64,
}

/// The open-circuit voltage over the state of charge, linear between 221 knots, and its integral.
#[derive(Debug, Clone)]
pub(crate) struct Ocv {
    segments: [Segment; SEGMENTS],
}

/// A point of the open-circuit voltage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OcvPoint {
    /// V.
    pub(crate) volts: f64,
    /// V per unit of charge.
    pub(crate) slope: f64,
    /// Integral over the state of charge, V.
    pub(crate) energy: f64,
}

impl Ocv {
    /// Knots from the points (monotone cubic of Steffen between them), straight lines beyond the ends.
    pub(crate) fn new(points: &[(f64, f64)], slope_before: f64, slope_after: f64) -> Self {
        let volts = |k: usize| sample(points, slope_before, slope_after, START + k as f64 / STEPS_PER_UNIT);
        let mut segments = [Segment::default(); SEGMENTS];
        let mut energy = 0.0;
        for (k, segment) in segments.iter_mut().enumerate() {
            let (left, right) = (volts(k), volts(k + 1));
            *segment = Segment { volts: left, slope: (right - left) * STEPS_PER_UNIT, energy };
            energy += 0.5 * (left + right) / STEPS_PER_UNIT;
        }
        Self { segments }
    }

    #[inline]
    pub(crate) fn at(&self, soc: f64) -> OcvPoint {
        let place = (soc - START) * STEPS_PER_UNIT;
        let left = (place.max(0.0) as usize).min(SEGMENTS - 1);
        let along = (place - left as f64) * (1.0 / STEPS_PER_UNIT);
        let Segment { volts, slope, energy } = self.segments[left];
        OcvPoint {
            volts: volts + slope * along,
            slope,
            energy: energy + along * (volts + 0.5 * slope * along),
        }
    }
}

fn sample(points: &[(f64, f64)], slope_before: f64, slope_after: f64, x: f64) -> f64 {
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
    use super::Ocv;
    use crate::parameters::{OCV, OCV_SLOPE_EMPTY, OCV_SLOPE_FULL};

    #[test]
    fn the_integral_is_continuous_and_its_slope_is_the_voltage() {
        let ocv = Ocv::new(&OCV, OCV_SLOPE_EMPTY, OCV_SLOPE_FULL);
        for k in -30..230 {
            let knot = f64::from(k) / 200.0;
            let (before, after) = (ocv.at(knot - 1e-4), ocv.at(knot + 1e-4));
            let mean = (after.energy - before.energy) / 2e-4;
            assert!((mean - 0.5 * (before.volts + after.volts)).abs() < 0.01, "{knot}: {mean}");
        }
    }
}
