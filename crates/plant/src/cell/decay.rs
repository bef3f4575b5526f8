//! How the RC pairs relax within a step.

use super::CellParameters;

/// Exponential factors of the two RC pairs for one length of step.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Decay {
    pub(super) dt: f64,
    /// Share of a distance that is left at the end of the step.
    pub(super) keep: [f64; 2],
    /// Mean of that share over the step.
    pub(super) mean: [f64; 2],
}

impl Decay {
    /// The factors of this cell for a step of `dt` seconds.
    #[must_use]
    pub fn new(dt: f64, cell: &CellParameters) -> Self {
        let per_step = cell.time_constants.map(|tau| dt / tau);
        Self {
            dt,
            keep: per_step.map(|steps| libm::exp(-steps)),
            mean: per_step.map(|steps| -libm::expm1(-steps) / steps),
        }
    }

    /// The factors for `dt`, computed anew only when it changes.
    pub fn refresh(&mut self, dt: f64, cell: &CellParameters) {
        if self.dt != dt {
            *self = Self::new(dt, cell);
        }
    }
}
