//! What 16 cells in series do with a current: charge, hysteresis, two RC pairs, ohmic and reversible heat.
//!
//! Structure of arrays, one short pass a step. Over one step the string current is constant and every account is
//! integrated in closed form, so that the energy at the terminals is exactly the sum of the accounts whatever the step.

use crate::CELLS;
use crate::curve::{Ocv, Table};
use crate::noise::Noise;
use crate::parameters::{CellParameters, ENTROPY, HYSTERESIS_HALF_GAP, OCV, OCV_SLOPE_EMPTY, OCV_SLOPE_FULL};

const KELVIN: f64 = 273.15;
const GAS_CONSTANT: f64 = 8.3145;
const SECONDS_A_MONTH: f64 = 730.5 * 3600.0;
const COLDEST: f64 = -40.0;
const DEGREES: usize = 161;
/// Slope of R0 over the state of charge: +15 to 35 % x (0.5 - SOC) (A123 fits).
const R0_OVER_SOC: f64 = 0.25;
/// Rise of R0 from 10 % to empty at 25 degC; it grows with the fourth power of the cold: x1.3 at 25, x2.4 at 10 degC.
const R0_NEAR_EMPTY: f64 = 0.3;
/// Growth of the hysteresis in the cold, 1/K: x1.8 at -5 degC (A123).
const GAP_OVER_COLD: f64 = 0.027;

type Row = [f64; CELLS];

/// Curves that all cells of a tower share.
#[derive(Debug, Clone)]
pub(crate) struct Chemistry {
    pub(crate) parameters: CellParameters,
    ocv: Ocv,
    gap: Table<11>,
    entropy: Table<11>,
    r0_over_temperature: Table<DEGREES>,
    r1_over_temperature: Table<DEGREES>,
    r2_over_temperature: Table<DEGREES>,
}

impl Chemistry {
    pub(crate) fn new(parameters: &CellParameters) -> Self {
        Self {
            parameters: parameters.clone(),
            ocv: Ocv::new(&OCV, OCV_SLOPE_EMPTY, OCV_SLOPE_FULL),
            gap: Table::new(0.0, 0.1, HYSTERESIS_HALF_GAP),
            entropy: Table::new(0.0, 0.1, ENTROPY),
            r0_over_temperature: arrhenius(parameters.r0_activation),
            r1_over_temperature: arrhenius(parameters.r1_activation),
            r2_over_temperature: arrhenius(parameters.r2_activation),
        }
    }
}

fn arrhenius(activation: f64) -> Table<DEGREES> {
    let factor = |celsius: f64| {
        libm::exp(activation / GAS_CONSTANT * (1.0 / (celsius + KELVIN) - 1.0 / (25.0 + KELVIN)))
    };
    Table::new(COLDEST, 1.0, core::array::from_fn(|k| factor(COLDEST + k as f64)))
}

/// Exponential factors of the RC pairs for one step length.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Decay {
    dt: f64,
    keep1: f64,
    mean1: f64,
    keep2: f64,
    mean2: f64,
}

impl Decay {
    /// The factors for `dt`, computed anew only when it changes.
    pub(crate) fn refresh(&mut self, dt: f64, cell: &CellParameters) {
        if self.dt == dt {
            return;
        }
        let factors = |tau: f64| (libm::exp(-dt / tau), -libm::expm1(-dt / tau) * tau / dt);
        let (keep1, mean1) = factors(cell.tau1);
        let (keep2, mean2) = factors(cell.tau2);
        *self = Self { dt, keep1, mean1, keep2, mean2 };
    }
}

/// Energies of one step, J, all cells of a string together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CellEnergy {
    pub(crate) chemical: f64,
    pub(crate) hysteresis: f64,
    pub(crate) polarisation_stored: f64,
    pub(crate) polarisation_lost: f64,
    pub(crate) ohmic: f64,
    pub(crate) entropic: f64,
    pub(crate) self_discharge: f64,
    pub(crate) balancing: f64,
    pub(crate) internal_short: f64,
    pub(crate) heat_made: f64,
    pub(crate) heat_reversible: f64,
    /// Mean voltage of the string, V; times charge it is the sum of all but the heats.
    pub(crate) volts: f64,
}

/// A string of cells: state, and what was drawn of each from the seed.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    /// Coulombs of a full cell.
    pub(crate) capacity: Row,
    per_capacity: Row,
    pub(crate) soc: Row,
    hysteresis: Row,
    current1: Row,
    current2: Row,
    ocv: Row,
    ocv_energy: Row,
    ocv_slope: Row,
    /// Terminal voltage of each cell at the end of the last step, V, without a loose contact.
    pub(crate) voltage: Row,
    pub(crate) temperature: Row,
    /// Heat made since the last exchange of heat, J.
    pub(crate) heat: Row,
    r0_scale: Row,
    r0: Row,
    r1: Row,
    r2: Row,
    gap: Row,
    entropy: Row,
    entropic_volts: Row,
    leak_self: Row,
    /// Conductance of internal shorts, S.
    pub(crate) leak_short: Row,
    /// Conductance of the closed balancing resistors, S.
    pub(crate) leak_balancing: Row,
    /// Loose contacts, ohm.
    pub(crate) contact: Row,
    /// Sound busbar of one cell, ohm.
    busbar: f64,
    sums: Sums,
}

/// Sums over the string for its Thevenin equivalent.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rest: f64,
    fast: f64,
    slow: f64,
    r0: f64,
    r1: f64,
    r2: f64,
    ocv_over_charge: f64,
}

/// Mean voltage of the string over a step as a line: `volts + ohms * current`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Thevenin {
    pub(crate) volts: f64,
    pub(crate) ohms: f64,
}

/// How a string begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellSetup {
    pub(crate) soc: f64,
    pub(crate) health: f64,
    pub(crate) resistance_growth: f64,
    pub(crate) temperature: f64,
}

impl Cells {
    pub(crate) fn new(chemistry: &Chemistry, setup: &CellSetup, busbars: f64, noise: &mut Noise) -> Self {
        let cell = &chemistry.parameters;
        let mut draw = |sigma: f64| -> Row { core::array::from_fn(|_| sigma * noise.normal()) };
        let capacity_spread = draw(cell.capacity_spread);
        let soc_spread = draw(cell.soc_spread);
        let resistance_spread = draw(cell.resistance_spread);
        let capacity = capacity_spread.map(|spread| cell.capacity * 3600.0 * setup.health * (1.0 + spread));
        let soc = soc_spread.map(|spread| (setup.soc + spread).clamp(0.0, 1.0));
        let point = soc.map(|soc| chemistry.ocv.at(soc));
        let mut cells = Self {
            capacity,
            per_capacity: capacity.map(|coulombs| 1.0 / coulombs),
            soc,
            hysteresis: [0.0; CELLS],
            current1: [0.0; CELLS],
            current2: [0.0; CELLS],
            ocv: point.map(|p| p.volts),
            ocv_energy: point.map(|p| p.energy),
            ocv_slope: point.map(|p| p.slope),
            voltage: point.map(|p| p.volts),
            temperature: [setup.temperature; CELLS],
            heat: [0.0; CELLS],
            r0_scale: resistance_spread.map(|spread| setup.resistance_growth * (1.0 + spread)),
            r0: [0.0; CELLS],
            r1: [0.0; CELLS],
            r2: [0.0; CELLS],
            gap: [0.0; CELLS],
            entropy: [0.0; CELLS],
            entropic_volts: [0.0; CELLS],
            leak_self: [0.0; CELLS],
            leak_short: [0.0; CELLS],
            leak_balancing: [0.0; CELLS],
            contact: [0.0; CELLS],
            busbar: busbars / CELLS as f64,
            sums: Sums::default(),
        };
        cells.leak_self =
            cells.capacity.map(|coulombs| coulombs * cell.self_discharge_month / SECONDS_A_MONTH / 3.3);
        cells.refresh_parameters(chemistry);
        cells
    }

    /// A cell loses capacity at its present state of charge.
    pub(crate) fn set_capacity(&mut self, cell: usize, coulombs: f64) {
        self.capacity[cell] = coulombs;
        self.per_capacity[cell] = 1.0 / coulombs;
    }

    /// Resistances, hysteresis and entropy follow temperature and state of charge. Returns the energy that the RC
    /// pairs gained because their resistance moved, J.
    pub(crate) fn refresh_parameters(&mut self, chemistry: &Chemistry) -> f64 {
        let cell = &chemistry.parameters;
        let mut gained = 0.0;
        for k in 0..CELLS {
            let (soc, celsius) = (self.soc[k], self.temperature[k]);
            let cold = chemistry.r0_over_temperature.at(celsius);
            let near_empty =
                1.0 + R0_NEAR_EMPTY * (1.0 - soc * 10.0).clamp(0.0, 1.0) * cold * cold * cold * cold;
            let over_soc = 1.0 + R0_OVER_SOC * (0.5 - soc.clamp(0.0, 1.0));
            self.r0[k] = self.busbar + cell.r0 * self.r0_scale[k] * cold * over_soc * near_empty;
            let r1 = cell.r1 * self.r0_scale[k] * chemistry.r1_over_temperature.at(celsius);
            let r2 = cell.r2 * self.r0_scale[k] * chemistry.r2_over_temperature.at(celsius);
            gained += 0.5 * cell.tau1 * (r1 - self.r1[k]) * self.current1[k] * self.current1[k];
            gained += 0.5 * cell.tau2 * (r2 - self.r2[k]) * self.current2[k] * self.current2[k];
            (self.r1[k], self.r2[k]) = (r1, r2);
            self.gap[k] = chemistry.gap.at(soc) * (1.0 + GAP_OVER_COLD * (25.0 - celsius).max(0.0));
            self.entropy[k] = chemistry.entropy.at(soc);
            self.entropic_volts[k] = self.entropy[k] * (celsius - 25.0);
        }
        self.sums.r0 = self.r0.iter().sum::<f64>() + self.contact.iter().sum::<f64>();
        self.sums.r1 = self.r1.iter().sum();
        self.sums.r2 = self.r2.iter().sum();
        self.refresh_sums();
        gained
    }

    fn refresh_sums(&mut self) {
        let mut sums = Sums { rest: 0.0, fast: 0.0, slow: 0.0, ocv_over_charge: 0.0, ..self.sums };
        for k in 0..CELLS {
            sums.rest += self.ocv[k] + self.entropic_volts[k] + self.gap[k] * self.hysteresis[k];
            sums.fast += self.r1[k] * self.current1[k];
            sums.slow += self.r2[k] * self.current2[k];
            sums.ocv_over_charge += self.ocv_slope[k] * self.per_capacity[k];
        }
        self.sums = sums;
    }

    /// The string's mean voltage over the next step of the factors' length, as a line over its current.
    pub(crate) fn thevenin(&self, decay: &Decay) -> Thevenin {
        let sums = &self.sums;
        Thevenin {
            volts: sums.rest + sums.fast * decay.mean1 + sums.slow * decay.mean2,
            ohms: sums.r0
                + sums.r1 * (1.0 - decay.mean1)
                + sums.r2 * (1.0 - decay.mean2)
                + 0.5 * decay.dt * sums.ocv_over_charge,
        }
    }

    /// One step with a constant string current, A, positive while charging.
    pub(crate) fn step(&mut self, chemistry: &Chemistry, decay: &Decay, current: f64) -> CellEnergy {
        let cell = &chemistry.parameters;
        let dt = decay.dt;
        let rate = cell.hysteresis_rate * dt;
        let mut total = CellEnergy::default();
        for k in 0..CELLS {
            let volts = self.voltage[k];
            let leak = volts * (self.leak_self[k] + self.leak_short[k] + self.leak_balancing[k]);
            let i = current - leak;
            let charge = i * dt;

            let moved = charge * self.per_capacity[k];
            self.soc[k] += moved;
            let point = chemistry.ocv.at(self.soc[k]);
            // Below a billionth of the capacity the quotient of the integral would be rounding.
            let ocv_mean = if moved.abs() > 1e-9 {
                (point.energy - self.ocv_energy[k]) / moved
            } else {
                0.5 * (point.volts + self.ocv[k])
            };

            let x = i.abs() * rate * self.per_capacity[k];
            let (hysteresis_mean, hysteresis_next) = follow(self.hysteresis[k], i, x);
            self.hysteresis[k] = hysteresis_next;

            let (r1, r2) = (self.r1[k], self.r2[k]);
            let (i1, i2) = (self.current1[k], self.current2[k]);
            let i1_mean = i + (i1 - i) * decay.mean1;
            let i2_mean = i + (i2 - i) * decay.mean2;
            let i1_next = i + (i1 - i) * decay.keep1;
            let i2_next = i + (i2 - i) * decay.keep2;
            let polarisation = (r1 * i1_mean + r2 * i2_mean) * charge;
            let stored = 0.5
                * (cell.tau1 * r1 * (i1_next - i1) * (i1_next + i1)
                    + cell.tau2 * r2 * (i2_next - i2) * (i2_next + i2));
            (self.current1[k], self.current2[k]) = (i1_next, i2_next);

            let fixed = self.entropic_volts[k] + self.r0[k] * i;
            let volts_mean = ocv_mean + self.gap[k] * hysteresis_mean + r1 * i1_mean + r2 * i2_mean + fixed;
            self.voltage[k] =
                point.volts + self.gap[k] * self.hysteresis[k] + r1 * i1_next + r2 * i2_next + fixed;
            (self.ocv[k], self.ocv_energy[k], self.ocv_slope[k]) = (point.volts, point.energy, point.slope);

            let hysteresis = self.gap[k] * hysteresis_mean * charge;
            let contact = self.contact[k] * current * current * dt;
            let ohmic = self.r0[k] * i * charge + contact;
            let leaked = volts_mean * volts * dt;
            let (own, short) = (leaked * self.leak_self[k], leaked * self.leak_short[k]);
            let reversible = charge * self.entropy[k] * (self.temperature[k] + KELVIN);
            let made = hysteresis + (polarisation - stored) + ohmic + own + short;
            self.heat[k] += made + reversible;

            total.chemical += ocv_mean * charge;
            total.hysteresis += hysteresis;
            total.polarisation_stored += stored;
            total.polarisation_lost += polarisation - stored;
            total.ohmic += ohmic;
            total.entropic += self.entropic_volts[k] * charge;
            total.self_discharge += own;
            total.balancing += leaked * self.leak_balancing[k];
            total.internal_short += short;
            total.heat_made += made;
            total.heat_reversible += reversible;
            total.volts += volts_mean + self.contact[k] * current;
        }
        self.refresh_sums();
        total
    }

    /// Terminal voltage of the string at the given current, V.
    pub(crate) fn string_voltage(&self, current: f64) -> f64 {
        self.voltage.iter().sum::<f64>() + self.contact.iter().sum::<f64>() * current
    }

    pub(crate) fn mean_soc(&self) -> f64 {
        self.soc.iter().sum::<f64>() / CELLS as f64
    }
}

/// Hysteresis state on its way to the sign of the current, `x` rates long: its mean and its end.
///
/// exp(-x) and its mean are both taken from 1 / (Taylor series of exp(x)), which lies between 0 and 1 for every x.
#[inline]
fn follow(state: f64, current: f64, x: f64) -> (f64, f64) {
    let rise = 1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0)));
    let left = 1.0 / (1.0 + x * rise);
    let target = if current > 0.0 { 1.0 } else { -1.0 };
    let distance = state - target;
    (target + distance * rise * left, target + distance * left)
}
