//! The cell as the fit sees it: with time constants, widths and efficiency given, the voltage is linear in all tables.

use voltower_plant::cell::{Chemistry, HYSTERESES};

use super::solve::Normal;
use crate::drive::Piece;
use crate::log::TableRow;

/// Knots of the open-circuit voltage, every 0.5 %: those of the plant's cell, so that nothing is lost between.
pub(super) const KNOTS: usize = 201;
/// Nodes of the resistances and half gaps. Below 15 % an LFP cell's resistance rises steeply; in the plateau it hardly
/// changes. All lie on the plant's grid (1.25 %).
pub(super) const SOCS: [f64; 20] = [
    0.0, 0.0125, 0.025, 0.0375, 0.05, 0.0625, 0.075, 0.1, 0.125, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8,
    0.9, 0.95, 1.0,
];
/// Nodes of dU/dT.
pub(super) const ENTROPY: [f64; 12] = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// Values at each node of the map: R0, R1, R2 and the half gaps.
pub(super) const VALUES: usize = 3 + HYSTERESES;
/// Places of one sample at most.
const MOST: usize = 4 + 2 * 2 * VALUES;

/// What the voltage is not linear in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Time constants of the RC pairs, s.
    pub time_constants: [f64; 2],
    /// Widths of the stop operators, share of the capacity.
    pub widths: [f64; HYSTERESES],
    /// Charge that is stored per charge that goes in.
    pub efficiency: f64,
    /// Activation temperature (energy over gas constant) of the resistances and of the half gaps, K.
    pub activation: [f64; 2],
}

/// How values follow the temperature.
#[derive(Debug, Clone)]
pub(super) enum Law {
    /// A part that stays and a part that follows Arrhenius, both fitted.
    Arrhenius,
    /// One part; it follows the temperature as another cell does.
    Like(Box<Prior>),
}

/// Another cell, as the source of a temperature dependence.
#[derive(Debug, Clone)]
pub(super) struct Prior {
    pub(super) chemistry: Chemistry,
    pub(super) temperature: f64,
}

impl Prior {
    /// R0, R1, R2 and the half gaps (all three alike) against those at the temperature of the fit.
    ///
    /// The mean over 20 to 90 %: where a cell's knee lies is its own.
    pub(super) fn factors(&self, celsius: f64) -> [f64; VALUES] {
        let means = |celsius: f64| {
            let mut sums = [0.0; 4];
            for k in 0..15 {
                let soc = 0.2 + 0.05 * f64::from(k);
                let resistances = self.chemistry.resistances(soc, celsius);
                let gap: f64 = self.chemistry.half_gaps(soc, celsius).iter().sum();
                for (sum, value) in sums.iter_mut().zip(resistances.into_iter().chain([gap])) {
                    *sum += value;
                }
            }
            sums
        };
        let (here, there) = (means(self.temperature), means(celsius));
        let ratio = |k: usize| if here[k] > 0.0 { there[k] / here[k] } else { 1.0 };
        core::array::from_fn(|k| ratio(k.min(3)))
    }
}

/// Where unknowns stand.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) law: Law,
    /// Temperature at which the open-circuit voltage and the fitted parts hold, degC.
    pub(super) reference: f64,
}

impl Layout {
    pub(super) fn parts(&self) -> usize {
        if matches!(self.law, Law::Arrhenius) { 2 } else { 1 }
    }

    /// dU/dT is fitted only with logs at several temperatures.
    pub(super) fn entropies(&self) -> usize {
        if matches!(self.law, Law::Arrhenius) { ENTROPY.len() } else { 0 }
    }

    /// From here on nothing may be negative.
    pub(super) fn map(&self) -> usize {
        KNOTS + self.entropies()
    }

    pub(super) fn size(&self) -> usize {
        self.map() + self.parts() * SOCS.len() * VALUES
    }

    pub(super) fn place(&self, part: usize, node: usize, value: usize) -> usize {
        self.map() + (part * SOCS.len() + node) * VALUES + value
    }

    /// Factors of the parts at a temperature.
    pub(super) fn factors(&self, shape: &Shape, celsius: f64) -> [[f64; VALUES]; 2] {
        match &self.law {
            Law::Like(prior) => [prior.factors(celsius), [0.0; VALUES]],
            Law::Arrhenius => {
                let inverse = 1.0 / (celsius + KELVIN) - 1.0 / (self.reference + KELVIN);
                let rise = shape.activation.map(|kelvin| (kelvin * inverse).exp());
                [[1.0; VALUES], core::array::from_fn(|k| rise[usize::from(k >= 3)])]
            }
        }
    }

    /// Known part of the voltage: a prior's dU/dT.
    fn known(&self, soc: f64, celsius: f64) -> f64 {
        match &self.law {
            Law::Like(prior) => prior.chemistry.entropy(soc.clamp(0.0, 1.0)) * (celsius - self.reference),
            Law::Arrhenius => 0.0,
        }
    }
}

pub(super) const KELVIN: f64 = 273.15;

/// A log ready to be fitted.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) pieces: Vec<[Piece; 2]>,
    pub(super) voltage: Vec<f64>,
    pub(super) temperature: Vec<f64>,
    pub(super) initial: f64,
    /// Hysteresis at the start, -1 to 1.
    pub(super) history: f64,
    pub(super) weight: f64,
    /// Instead of all that: a table at its temperature.
    pub(super) table: Vec<TableRow>,
}

/// What a sample multiplies the unknowns with.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    soc: f64,
    /// Currents through R0, R1, R2 in A, and the stop operators.
    signals: [f64; VALUES],
}

impl Track {
    /// Adds the log's equations; weights of one log add up to its weight.
    pub(super) fn gather(&self, layout: &Layout, shape: &Shape, capacity: f64, normal: &mut Normal) {
        if !self.table.is_empty() {
            return self.gather_table(layout, shape, normal);
        }
        let total: f64 = self.pieces.iter().map(span).sum();
        let mut state = State::new(self.initial, self.history);
        let mut factors = layout.factors(shape, self.temperature[0]);
        let mut decays = [Decay::default(); 2];
        for k in 0..self.pieces.len() {
            for (decay, piece) in decays.iter_mut().zip(&self.pieces[k]) {
                state.step(piece, shape, capacity, decay);
            }
            let celsius = self.temperature[k];
            if k > 0 && celsius != self.temperature[k - 1] {
                factors = layout.factors(shape, celsius);
            }
            let weight = self.weight * span(&self.pieces[k]) / total;
            let seen = state.seen(self.pieces[k][1].current, shape.efficiency);
            if weight > 0.0 && (-0.02..=1.02).contains(&seen.soc) {
                equation(layout, &seen, celsius, &factors, self.voltage[k], weight, normal);
            }
        }
    }

    /// Each row is two equations: on the charge curve every stop operator is at its upper bound, on the discharge
    /// curve at its lower one.
    fn gather_table(&self, layout: &Layout, shape: &Shape, normal: &mut Normal) {
        let celsius = self.temperature[0];
        let factors = layout.factors(shape, celsius);
        let weight = self.weight / (2.0 * self.table.len() as f64);
        for row in &self.table {
            for (state, volts) in [(1.0, row.charge), (-1.0, row.discharge)] {
                let mut seen = Seen { soc: row.soc, ..Seen::default() };
                seen.signals[3..].fill(state);
                equation(layout, &seen, celsius, &factors, volts, weight, normal);
            }
        }
    }
}

/// A sample stands for its time, but not for more than a minute: rests would otherwise outweigh what happens.
fn span(pieces: &[Piece; 2]) -> f64 {
    (pieces[0].seconds + pieces[1].seconds).min(60.0)
}

/// Exponentials of one length of step.
#[derive(Debug, Clone, Copy, Default)]
struct Decay {
    seconds: f64,
    keep: [f64; 2],
}

#[derive(Debug, Clone, Copy)]
struct State {
    soc: f64,
    currents: [f64; 2],
    hysteresis: [f64; HYSTERESES],
}

impl State {
    fn new(soc: f64, history: f64) -> Self {
        Self { soc, currents: [0.0; 2], hysteresis: [history; HYSTERESES] }
    }

    fn step(&mut self, piece: &Piece, shape: &Shape, capacity: f64, decay: &mut Decay) {
        if piece.seconds <= 0.0 {
            return;
        }
        if decay.seconds != piece.seconds {
            let keep = shape.time_constants.map(|tau| (-piece.seconds / tau).exp());
            *decay = Decay { seconds: piece.seconds, keep };
        }
        let current = stored(piece.current, shape.efficiency);
        let moved = current * piece.seconds / (3600.0 * capacity);
        self.soc += moved;
        for (through, keep) in self.currents.iter_mut().zip(decay.keep) {
            *through = current + (*through - current) * keep;
        }
        for (state, width) in self.hysteresis.iter_mut().zip(shape.widths) {
            *state = (*state + moved / width).clamp(-1.0, 1.0);
        }
    }

    fn seen(&self, current: f64, efficiency: f64) -> Seen {
        let mut signals = [0.0; VALUES];
        signals[0] = stored(current, efficiency);
        signals[1..3].copy_from_slice(&self.currents);
        signals[3..].copy_from_slice(&self.hysteresis);
        Seen { soc: self.soc, signals }
    }
}

fn stored(current: f64, efficiency: f64) -> f64 {
    if current > 0.0 { current * efficiency } else { current }
}

fn equation(
    layout: &Layout,
    seen: &Seen,
    celsius: f64,
    factors: &[[f64; VALUES]; 2],
    volts: f64,
    weight: f64,
    normal: &mut Normal,
) {
    let mut places = [0; MOST];
    let mut values = [0.0; MOST];
    let mut count = 0;
    let mut put = |place: usize, value: f64| {
        (places[count], values[count]) = (place, value);
        count += 1;
    };
    let along = (seen.soc * (KNOTS - 1) as f64).clamp(-4.0, KNOTS as f64 + 3.0);
    let knot = (along.max(0.0) as usize).min(KNOTS - 2);
    put(knot, 1.0 - (along - knot as f64));
    put(knot + 1, along - knot as f64);
    let warmth = celsius - layout.reference;
    if layout.entropies() > 0 && warmth != 0.0 {
        let (node, right) = between(&ENTROPY, seen.soc);
        put(KNOTS + node, warmth * (1.0 - right));
        put(KNOTS + node + 1, warmth * right);
    }
    let (node, right) = between(&SOCS, seen.soc);
    for (part, factors) in factors.iter().enumerate().take(layout.parts()) {
        for (node, share) in [(node, 1.0 - right), (node + 1, right)] {
            for (value, (signal, factor)) in seen.signals.iter().zip(factors).enumerate() {
                put(layout.place(part, node, value), share * signal * factor);
            }
        }
    }
    let volts = volts - layout.known(seen.soc, celsius);
    normal.add(&places[..count], &values[..count], volts, weight);
}

/// The interval of a table, and the share of its right end.
fn between(nodes: &[f64], x: f64) -> (usize, f64) {
    let x = x.clamp(nodes[0], nodes[nodes.len() - 1]);
    let left = nodes.partition_point(|node| *node <= x).clamp(1, nodes.len() - 1) - 1;
    (left, (x - nodes[left]) / (nodes[left + 1] - nodes[left]))
}
