//! BLAST-Lite's model of a large prismatic LFP cell of 2019, 250 Ah (measured: 10.1016/j.est.2023.109042): the
//! nearest to the 100 Ah home cell. Tested at 10 to 45 degC, charging at up to 0.65C, depths of 80 to 100 %.
//!
//! It has no resistance: Naumann's stands in, the only public one of an LFP cell over temperature and SOC.

use super::{CellAge, SECONDS_A_DAY, Stress, graphite, law, naumann};

/// Powers of time and of cycles.
const CALENDAR: f64 = 0.526;
const CYCLES: f64 = 0.828;

pub(super) fn advance(age: &mut CellAge, stress: &Stress, scale: f64) {
    let kelvin = stress.kelvin();
    if stress.duration > 0.0 {
        let potential = graphite::potential(stress.charge());
        let log = libm::log(scale * 8.37e4) - (5210.0 + 3560.0 * potential) / kelvin;
        let days = stress.duration / SECONDS_A_DAY;
        age.calendar_loss = law::power(age.calendar_loss, libm::exp(log / CALENDAR), CALENDAR, days);
    }
    let cycling = &stress.cycling;
    if cycling.full_cycles > 0.0 {
        let use_of_it = 4.38e-8 + 1.55e-8 * cycling.depth() + 1.68e-7 * cycling.rate();
        let k = scale * use_of_it * (libm::exp(2190.0 / kelvin) + libm::exp(-1.55e5 / kelvin));
        age.cycle_loss = law::power(age.cycle_loss, libm::pow(k, 1.0 / CYCLES), CYCLES, cycling.full_cycles);
    }
    naumann::grow(age, stress, scale);
}
