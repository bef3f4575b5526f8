//! The few unknowns that the voltage is not linear in: time constants, efficiency, activation temperatures.

use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::neldermead::NelderMead;

use super::model::{Layout, Shape, Track};
use super::regular;
use super::solve::Normal;

/// Tables at a shape.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    pub(super) x: Vec<f64>,
    /// Weighted mean square, V^2, without a constant.
    pub(super) cost: f64,
}

/// The linear problem of given logs.
#[derive(Debug)]
pub(super) struct Problem<'a> {
    pub(super) tracks: &'a [Track],
    pub(super) layout: &'a Layout,
    pub(super) capacity: f64,
    pub(super) smoothness: f64,
}

impl Problem<'_> {
    /// The best tables for a shape. `bound` is a guess at which values are zero; better guesses are faster.
    pub(super) fn solve(&self, shape: &Shape, bound: &mut Vec<bool>) -> Solution {
        let size = self.layout.size();
        bound.resize(size, false);
        let gather = |tracks: &[Track]| {
            let mut normal = Normal::new(size);
            tracks.iter().for_each(|track| track.gather(self.layout, shape, self.capacity, &mut normal));
            normal
        };
        let (front, back) = self.tracks.split_at(self.tracks.len() / 2);
        let (mut normal, other) = std::thread::scope(|scope| {
            let other = scope.spawn(|| gather(back));
            (gather(front), other.join())
        });
        match other {
            Ok(other) => normal.join(&other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        normal.divide(self.tracks.iter().map(|track| track.weight).sum());
        regular::add(self.layout, self.smoothness, &mut normal);
        let x = normal.minimum(self.layout.map(), bound);
        let cost = normal.value(&x);
        Solution { x, cost }
    }
}

/// Which unknowns of a shape are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Free {
    pub(super) efficiency: bool,
    pub(super) activation: bool,
}

struct Search<'a> {
    problem: &'a Problem<'a>,
    start: Shape,
    free: Free,
    bound: std::sync::Mutex<Vec<bool>>,
}

/// Lowest and highest values: beyond them a pair would do the work of R0 or of the open-circuit voltage, and a cell
/// would not be lithium iron phosphate any more (charge transfer 20 to 70 kJ/mol, divided by the gas constant).
const TIME_CONSTANTS: [[f64; 2]; 2] = [[2.0, 60.0], [60.0, 3000.0]];
const ACTIVATION: [f64; 2] = [2000.0, 9000.0];
const EFFICIENCY: [f64; 2] = [0.95, 1.0];

impl Search<'_> {
    fn shape(&self, x: &[f64]) -> Shape {
        let mut x = x.iter();
        let mut next = || x.next().copied().unwrap_or(0.0).exp();
        let mut shape = self.start;
        for (tau, [least, most]) in shape.time_constants.iter_mut().zip(TIME_CONSTANTS) {
            *tau = (*tau * next()).clamp(least, most);
        }
        if self.free.efficiency {
            // A step of 1 % of the variable is a step of 1 % of the loss.
            let loss = (1.0 - shape.efficiency) * next();
            shape.efficiency = (1.0 - loss).clamp(EFFICIENCY[0], EFFICIENCY[1]);
        }
        if self.free.activation {
            shape.activation =
                shape.activation.map(|kelvin| (kelvin * next()).clamp(ACTIVATION[0], ACTIVATION[1]));
        }
        shape
    }

    fn unknowns(&self) -> usize {
        2 + usize::from(self.free.efficiency) + 2 * usize::from(self.free.activation)
    }
}

impl CostFunction for Search<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, x: &Self::Param) -> Result<f64, Error> {
        let mut bound =
            self.bound.lock().map_or_else(|guard| guard.into_inner().clone(), |guard| guard.clone());
        let solution = self.problem.solve(&self.shape(x), &mut bound);
        if let Ok(mut guard) = self.bound.lock() {
            *guard = bound;
        }
        // Leaning on the start, as far as a tenth of a millivolt: what the logs do not tell stays where it began.
        let away: f64 = x.iter().map(|x| x * x).sum();
        Ok((solution.cost + LEAN * away) * 1e6)
    }
}

const LEAN: f64 = 1e-8;
/// First step of each unknown, in logarithms.
const STEP: f64 = 0.3;

/// Searches from a start; gives shape and tables.
pub(super) fn search(
    problem: &Problem<'_>,
    start: Shape,
    free: Free,
    rounds: u64,
) -> Result<(Shape, Solution), Error> {
    let unknowns = Search { problem, start, free, bound: Vec::new().into() }.unknowns();
    let mut corners = vec![vec![0.0; unknowns]; unknowns + 1];
    for k in 0..unknowns {
        corners[k + 1][k] = STEP;
    }
    let search = Search { problem, start, free, bound: Vec::new().into() };
    let solver = NelderMead::new(corners).with_sd_tolerance(1e-3)?;
    let result = Executor::new(search, solver).configure(|state| state.max_iters(rounds)).run()?;
    let best = result.state.best_param.unwrap_or_default();
    let search = Search { problem, start, free, bound: Vec::new().into() };
    let shape = search.shape(&best);
    Ok((shape, problem.solve(&shape, &mut Vec::new())))
}
