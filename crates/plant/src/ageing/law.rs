//! The state equations: a loss that follows a curve over time or cycles, moved on from wherever it stands.
//!
//! Each finds the time that the present stress would have needed for the loss there is (the virtual time), and goes
//! on from there. A loss never falls and never exceeds all.

/// Loss after `dx` more on the curve `(k x)^p`: `y^(1/p)` grows evenly.
pub(super) fn power(y: f64, k: f64, p: f64, dx: f64) -> f64 {
    if k * dx == 0.0 {
        return y;
    }
    forward(y, libm::pow(libm::pow(y, 1.0 / p) + k * dx, p))
}

/// The same on the curve `k sqrt(x)`.
pub(super) fn root(y: f64, k: f64, dx: f64) -> f64 {
    forward(y, libm::sqrt(y * y + k * k * dx))
}

/// The same on the sigmoid `2 limit (1/2 - 1/(1 + exp((k x)^p)))`, which is `limit tanh((k x)^p / 2)`.
///
/// Where the present stress could not have led to the loss there is, because its limit lies below, nothing more is
/// lost until the stress rises.
pub(super) fn sigmoid(y: f64, limit: f64, k: f64, p: f64, dx: f64) -> f64 {
    if y >= limit || dx == 0.0 {
        return y;
    }
    let share = y / limit;
    let exponent = libm::log1p(2.0 * share / (1.0 - share));
    let x = libm::pow(exponent, 1.0 / p) / k + dx;
    forward(y, limit * libm::tanh(0.5 * libm::pow(k * x, p)))
}

fn forward(from: f64, to: f64) -> f64 {
    to.min(1.0).max(from)
}
