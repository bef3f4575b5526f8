//! BLAST-Lite's model of the Sony/Murata 3 Ah cell (10.1149/1945-7111/ac86a8), on the same measurements as Naumann's
//! but with a sigmoid over time that bends where the cell does. Cycles were tested at 25 and 40 degC, depths of 80 to
//! 100 %, up to 1C charging and 2C discharging.
//!
//! Its resistance is Naumann's with a cube where Naumann has a square; we take the square.

use super::{CellAge, Cycling, SECONDS_A_DAY, Stress, graphite, law, naumann};

/// More full cycles a day than this and the cell breaks in.
const BREAK_IN_FROM: f64 = 3.0;

pub(super) fn advance(age: &mut CellAge, stress: &Stress, scale: f64) {
    if stress.duration > 0.0 {
        advance_calendar(age, stress, scale);
    }
    if stress.cycling.full_cycles > 0.0 {
        advance_cycles(age, &stress.cycling, stress.charge(), scale);
    }
    naumann::grow(age, stress, scale);
}

fn advance_calendar(age: &mut CellAge, stress: &Stress, scale: f64) {
    let t = stress.kelvin();
    let potential = graphite::potential(stress.charge());
    let (square, cube) = (libm::sqrt(potential), libm::cbrt(potential));
    let fourth = libm::sqrt(square);
    let limit = 0.989_687_151_293_590
        * libm::exp((-2_881_067.560_193_24 / (t * t) + 8_742.063_091_572_61 / t) * square);
    let cold = 734_553_185_711.369 / (t * t * t * t) - 3_284_991_315.451_21 / (t * t * t);
    let hot = -2.821_615_756_207_8e-6 * t * t * t + 0.001_272_275_936_572_9 * t * t;
    let bend = 0.000_332_850_281_062_177 * libm::exp(cold * cube + hot * fourth);
    let days = stress.duration / SECONDS_A_DAY;
    age.calendar_loss = law::sigmoid(age.calendar_loss, scale * limit, 0.000_130_510_034_211_874, bend, days);
}

fn advance_cycles(age: &mut CellAge, cycling: &Cycling, soc: f64, scale: f64) {
    let (depth, rate) = (cycling.depth(), cycling.rate());
    let wear = (-6.812_605_793_728_75e-6
        + 2.596_159_731_608_44e-5 * depth
        + 2.115_597_113_072_95e-6 * libm::exp(depth * depth * rate * rate * rate))
    .abs();
    let power = 1.128_477_593_343_55;
    let k = wear * libm::pow(scale, 1.0 / power);
    age.cycle_loss = law::power(age.cycle_loss, k, power, cycling.full_cycles);
    if cycling.per_day > BREAK_IN_FROM {
        let limit = break_in_limit(soc, depth);
        age.break_in_loss = law::sigmoid(
            age.break_in_loss,
            scale * limit,
            0.003_035_538_716_310_28,
            1.437_521_629_476_37,
            cycling.full_cycles,
        );
    }
}

fn break_in_limit(soc: f64, depth: f64) -> f64 {
    let growth = libm::tanh(0.5 * 25.413_080_459_860_2 * depth);
    0.582_258_029_148_225
        * skewed(soc, 0.058_312_890_696_548_4, 0.208_738_181_522_897)
        * skewed(depth, -3.807_443_331_295_64, 1.161_262_604_282_1)
        * growth
}

/// Density of the skewed normal distribution around 0.5, not normed to the width.
fn skewed(x: f64, skew: f64, width: f64) -> f64 {
    let x = (x - 0.5) / width;
    let density = libm::exp(-0.5 * x * x) / libm::sqrt(2.0 * core::f64::consts::PI);
    let below = 0.5 * libm::erfc(-skew * x * core::f64::consts::FRAC_1_SQRT_2);
    2.0 * density * below
}
