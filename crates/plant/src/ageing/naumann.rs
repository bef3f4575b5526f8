//! The model of Naumann et al. for the Sony/Murata US26650FTC1, 3 Ah: calendar ageing 2018
//! (10.1016/j.est.2018.01.019), cycle ageing 2020 (10.1016/j.jpowsour.2019.227666).
//!
//! Cycles were tested at 25 and 40 degC only: nothing here knows of plating in the cold.

use super::{CellAge, Cycling, Stress, law};

const GAS_CONSTANT: f64 = 8.3145;
const REFERENCE: f64 = 298.15;

/// What the calendar capacity loss takes from measurements.
pub(super) struct Calendar {
    /// Loss at 25 degC, 1/sqrt(s).
    rate: f64,
    /// Activation energy, J/mol.
    activation: f64,
}

/// As published (the values that SimSES uses).
pub(super) const PUBLISHED: Calendar = Calendar { rate: 1.2571e-5, activation: 17_126.0 };

/// Both fitted anew, least squares over the eight conditions in `data/ageing/naumann_calendar_fit.csv`, all 10 to
/// 60 degC, by `benches/peers/ageing.py fit`; shape over SOC and square root of time as published. The published
/// activation energy is low: it overstates the loss at 10 and 25 degC.
pub(super) const REFIT: Calendar = Calendar { rate: 8.795_536e-6, activation: 34_595.3 };

pub(super) fn advance(calendar: &Calendar, age: &mut CellAge, stress: &Stress, scale: f64) {
    let k =
        scale * calendar.rate * arrhenius(calendar.activation, stress) * capacity_over_soc(stress.charge());
    age.calendar_loss = law::root(age.calendar_loss, k, stress.duration);
    advance_cycles(age, &stress.cycling, scale);
    grow(age, stress, scale);
}

/// Resistance growth. The other models have none of their own and take this one.
pub(super) fn grow(age: &mut CellAge, stress: &Stress, scale: f64) {
    let from_half = stress.charge() - 0.5;
    // A parabola, as the measured resistances want it; BLAST-Lite's Sony model has a cube here, which misses them.
    let over_soc = -3.3903 * from_half * from_half + 1.5604;
    let rate = 3.4194e-10 * arrhenius(71_827.0, stress) * over_soc;
    age.calendar_growth += scale * rate * stress.duration;

    let cycling = &stress.cycling;
    // Falls to nothing at 1.05C: no resistance heals.
    let over_rate = (-0.0020 * cycling.rate() + 0.0021).max(0.0);
    let from_half = cycling.depth() - 0.5;
    let over_depth = 6.8477 * from_half * from_half * from_half + 0.9182;
    age.cycle_growth += scale * 0.01 * over_rate * over_depth * cycling.full_cycles;
}

fn advance_cycles(age: &mut CellAge, cycling: &Cycling, scale: f64) {
    let from_most = cycling.depth() - 0.6;
    let over_depth = 4.0253 * from_most * from_most * from_most + 1.0923;
    let k = scale * 0.01 * (0.0630 * cycling.rate() + 0.0971) * over_depth;
    age.cycle_loss = law::root(age.cycle_loss, k, cycling.full_cycles);
}

fn arrhenius(activation: f64, stress: &Stress) -> f64 {
    libm::exp(-activation / GAS_CONSTANT * (1.0 / stress.kelvin() - 1.0 / REFERENCE))
}

fn capacity_over_soc(soc: f64) -> f64 {
    let from_half = soc - 0.5;
    2.8575 * from_half * from_half * from_half + 0.60225
}
