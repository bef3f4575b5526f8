//! From the unknowns of the fit to a parameter file.

use voltower_plant::cell::{CellParameters, HYSTERESES, Map};

use super::model::{ENTROPY, KELVIN, KNOTS, Law, Layout, SOCS, Shape, VALUES};

/// Temperatures of a fitted file, degC: dense, because between two of them the plant draws a straight line of the
/// logarithm, and a constant part with an Arrhenius part is none.
const TEMPERATURES: [f64; 10] = [-30.0, -20.0, -10.0, 0.0, 5.0, 15.0, 25.0, 35.0, 45.0, 60.0];
/// Least resistance, ohm: the plant interpolates logarithms.
const LEAST_OHM: f64 = 1e-6;
/// Limits of a parameter file, ohm and V.
const MOST_OHM: f64 = 10.0;
const MOST_GAP: f64 = 1.0;
/// Least rise of the open-circuit voltage from knot to knot, V: it must rise.
const LEAST_RISE: f64 = 1e-6;

/// The unknowns as tables, written over those of `cell`.
pub(super) fn write(cell: &mut CellParameters, layout: &Layout, shape: &Shape, x: &[f64]) {
    let round = |value: f64, unit: f64| (value / unit).round() * unit;
    let ocv = rising(&x[..KNOTS]);
    let knot = |k: usize| k as f64 / (KNOTS - 1) as f64;
    cell.ocv = ocv.iter().enumerate().map(|(k, volts)| (round(knot(k), 1e-3), *volts)).collect();
    let slope = |k: usize| ((ocv[k + 1] - ocv[k]) * (KNOTS - 1) as f64).clamp(0.0, 1e4);
    cell.slopes_outside = [slope(0), slope(KNOTS - 2)];
    cell.reference_temperature = layout.reference;
    match &layout.law {
        Law::Arrhenius => cell.entropy = ENTROPY.into_iter().zip(x[KNOTS..].iter().copied()).collect(),
        Law::Like(prior) => cell.entropy.clone_from(&prior.chemistry.parameters.entropy),
    }
    cell.entropy.iter_mut().for_each(|point| point.1 = point.1.clamp(-0.01, 0.01));
    let tables: Vec<_> = TEMPERATURES.iter().map(|celsius| row(layout, shape, x, *celsius)).collect();
    let table = |value: usize, least: f64, most: f64| -> Vec<Vec<f64>> {
        let node = |values: &[f64; VALUES]| values[value].clamp(least, most);
        tables.iter().map(|row| row.iter().map(node).collect()).collect()
    };
    cell.map = Map {
        temperatures: TEMPERATURES.to_vec(),
        socs: SOCS.to_vec(),
        r0: table(0, LEAST_OHM, MOST_OHM),
        r1: table(1, LEAST_OHM, MOST_OHM),
        r2: table(2, LEAST_OHM, MOST_OHM),
        half_gaps: core::array::from_fn(|k| table(3 + k, 0.0, MOST_GAP)),
    };
    cell.time_constants = shape.time_constants;
    cell.hysteresis_widths = shape.widths;
    cell.coulombic_efficiency = shape.efficiency;
}

fn row(layout: &Layout, shape: &Shape, x: &[f64], celsius: f64) -> Vec<[f64; VALUES]> {
    let factors = layout.factors(shape, celsius);
    let node = |node: usize| {
        core::array::from_fn(|value| {
            (0..layout.parts()).map(|part| x[layout.place(part, node, value)] * factors[part][value]).sum()
        })
    };
    (0..SOCS.len()).map(node).collect()
}

/// The nearest curve that rises (neighbours that fall are pooled).
fn rising(volts: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for &value in volts {
        let mut pool = (value, 1);
        while let Some(&(before, count)) = pools.last().filter(|last| last.0 > pool.0) {
            pools.pop();
            let both = count + pool.1;
            pool = ((before * count as f64 + pool.0 * pool.1 as f64) / both as f64, both);
        }
        pools.push(pool);
    }
    let mut curve: Vec<f64> =
        pools.iter().flat_map(|&(value, count)| std::iter::repeat_n(value, count)).collect();
    for k in 1..curve.len() {
        curve[k] = curve[k].max(curve[k - 1] + LEAST_RISE);
    }
    curve
}

/// Ohm and volt of the map at a temperature, averaged over 20 to 90 %: for a report.
#[must_use]
pub fn means(cell: &CellParameters, celsius: f64) -> [f64; 3 + HYSTERESES] {
    let chemistry = voltower_plant::cell::Chemistry::new(cell);
    let mut sums = [0.0; 3 + HYSTERESES];
    for k in 0..15 {
        let soc = 0.2 + 0.05 * f64::from(k);
        let values = chemistry.resistances(soc, celsius).into_iter().chain(chemistry.half_gaps(soc, celsius));
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value / 15.0);
    }
    sums
}

/// Activation temperature of a resistance between two temperatures, K.
#[must_use]
pub fn activation(cell: &CellParameters, [cold, warm]: [f64; 2]) -> [f64; 3] {
    let (at_cold, at_warm) = (means(cell, cold), means(cell, warm));
    let inverse = 1.0 / (cold + KELVIN) - 1.0 / (warm + KELVIN);
    core::array::from_fn(|k| (at_cold[k] / at_warm[k]).ln() / inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_piece_becomes_a_plateau() {
        let curve = rising(&[1.0, 3.0, 2.0, 4.0]);
        for (value, wanted) in curve.iter().zip([1.0, 2.5, 2.5, 4.0]) {
            assert!((value - wanted).abs() < 1e-5, "{curve:?}");
        }
        assert!(curve.windows(2).all(|pair| pair[1] > pair[0]));
    }
}
