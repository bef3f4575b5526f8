//! What the fit prefers where the logs say little: curves without bends.

use super::model::{ENTROPY, KNOTS, Layout, SOCS, VALUES};
use super::solve::Normal;

/// Weight of a bend of the open-circuit voltage from knot to knot, per V^2. Between 12 and 96 % of charge it has none
/// that is sharper than half a per cent; towards the ends it bends hard.
const OCV: f64 = 1e-7;
const OCV_AT_ENDS: f64 = 1e-11;
/// Of dU/dT, per (V/K)^2: bends of 0.1 mV/K over 10 % of charge are usual.
const ENTROPY_BEND: f64 = 3e-2;
const ENTROPY_SIZE: f64 = 3e-6;
/// Of resistances, per ohm^2, and half gaps, per V^2. Chosen by cross-validation from a hundredth to ten times this;
/// the result depends on them little.
const RESISTANCE: f64 = 1e-4;
const GAP: f64 = 1e-6;
/// A table's bends count less near empty, where resistance rises steeply, and near full.
const NEAR_EMPTY: f64 = 0.05;
const NEAR_FULL: f64 = 0.2;
/// Of the size of a value against its bends: settles those that no sample sees.
const SIZE: f64 = 1e-4;

/// `smoothness` multiplies the weight of bends of resistances and half gaps.
pub(super) fn add(layout: &Layout, smoothness: f64, normal: &mut Normal) {
    for k in 1..KNOTS - 1 {
        let weight = if (25..192).contains(&k) { OCV } else { OCV_AT_ENDS };
        normal.add(&[k - 1, k, k + 1], &[1.0, -2.0, 1.0], 0.0, weight);
    }
    if layout.entropies() > 0 {
        let places: [usize; ENTROPY.len()] = core::array::from_fn(|k| KNOTS + k);
        bends(&ENTROPY, &places, |_| ENTROPY_BEND, normal);
        places.iter().for_each(|&place| normal.add(&[place], &[1.0], 0.0, ENTROPY_SIZE));
    }
    for part in 0..layout.parts() {
        for value in 0..VALUES {
            let places: [usize; SOCS.len()] = core::array::from_fn(|node| layout.place(part, node, value));
            let strength = smoothness * if value < 3 { RESISTANCE } else { GAP };
            let weight = |soc: f64| match soc {
                _ if soc < 0.12 => strength * NEAR_EMPTY,
                _ if soc > 0.92 => strength * NEAR_FULL,
                _ => strength,
            };
            bends(&SOCS, &places, weight, normal);
            places.iter().for_each(|&place| normal.add(&[place], &[1.0], 0.0, strength * SIZE));
        }
    }
}

/// Second derivative at each inner node, times a tenth of charge squared.
fn bends(nodes: &[f64], places: &[usize], weight: impl Fn(f64) -> f64, normal: &mut Normal) {
    for k in 1..nodes.len() - 1 {
        let (left, right) = (nodes[k] - nodes[k - 1], nodes[k + 1] - nodes[k]);
        let both = left + right;
        let scale = 0.01 * (both / 0.2).sqrt();
        let factors = [2.0 / (left * both), -2.0 / (left * right), 2.0 / (right * both)].map(|f| f * scale);
        normal.add(&places[k - 1..=k + 1], &factors, 0.0, weight(nodes[k]));
    }
}
