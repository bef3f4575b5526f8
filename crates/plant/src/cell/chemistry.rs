//! A cell's curves prepared for looking them up in every step.

use super::curve::{Ocv, linear, log_linear};
use super::{CellParameters, HYSTERESES, KELVIN};

/// Grid of the map over temperature, degC: 5 K apart (an Arrhenius curve of 30 kJ/mol is met to 0.5 %).
const COLDEST: f64 = -40.0;
const KELVIN_A_STEP: f64 = 5.0;
const TEMPERATURES: usize = 25;
/// Grid of the map over the state of charge: 1.25 % apart.
const SOC_STEPS: f64 = 80.0;
const SOCS: usize = 81;

/// What depends on temperature and state of charge, side by side as one cell looks it up.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Point {
    /// R0, R1, R2 in ohm; the half gaps in V; dU/dT in V/K; and nothing, for the alignment.
    pub(super) values: [f64; 8],
}

impl Point {
    pub(super) const R0: usize = 0;
    pub(super) const R1: usize = 1;
    pub(super) const R2: usize = 2;
    pub(super) const GAP: usize = 3;
    pub(super) const ENTROPY: usize = 6;
}

/// Curves that all cells of one make share.
#[derive(Debug, Clone)]
pub struct Chemistry {
    /// The numbers that the curves were made of.
    pub parameters: CellParameters,
    pub(super) ocv: Ocv,
    pub(super) widths: [f64; HYSTERESES],
    map: Vec<[Point; SOCS]>,
}

impl Chemistry {
    /// Prepares the curves. Between the temperatures of the file a resistance follows Arrhenius (geometric over 1/T) and
    /// goes on so outside them; a half gap is linear and held.
    #[must_use]
    pub fn new(parameters: &CellParameters) -> Self {
        let row = |line: usize| {
            let celsius = COLDEST + KELVIN_A_STEP * line as f64;
            core::array::from_fn(|column| point(parameters, celsius, column as f64 / SOC_STEPS))
        };
        Self {
            ocv: Ocv::new(&parameters.ocv, parameters.slopes_outside),
            widths: parameters.hysteresis_widths,
            map: (0..TEMPERATURES).map(row).collect(),
            parameters: parameters.clone(),
        }
    }

    /// Open-circuit voltage at the reference temperature, V.
    #[must_use]
    pub fn open_circuit_voltage(&self, soc: f64) -> f64 {
        self.ocv.at(soc).volts
    }

    /// Temperature dependence of the open-circuit voltage, V/K.
    #[must_use]
    pub fn entropy(&self, soc: f64) -> f64 {
        self.point(soc, self.parameters.reference_temperature).values[Point::ENTROPY]
    }

    /// R0, R1 and R2, ohm.
    #[must_use]
    pub fn resistances(&self, soc: f64, celsius: f64) -> [f64; 3] {
        let values = self.point(soc, celsius).values;
        [values[Point::R0], values[Point::R1], values[Point::R2]]
    }

    /// Half gaps of the stop operators, V.
    #[must_use]
    pub fn half_gaps(&self, soc: f64, celsius: f64) -> [f64; HYSTERESES] {
        let values = self.point(soc, celsius).values;
        core::array::from_fn(|k| values[Point::GAP + k])
    }

    /// Bilinear within the grid, held at its edges.
    #[inline(always)]
    pub(super) fn point(&self, soc: f64, celsius: f64) -> Point {
        let (line, down) = place((celsius - COLDEST) * (1.0 / KELVIN_A_STEP), TEMPERATURES);
        let (column, right) = place(soc * SOC_STEPS, SOCS);
        let (above, below) = (&self.map[line], &self.map[line + 1]);
        let corners = [above[column], above[column + 1], below[column], below[column + 1]];
        let weights =
            [(1.0 - down) * (1.0 - right), (1.0 - down) * right, down * (1.0 - right), down * right];
        let mut point = Point::default();
        for (k, value) in point.values.iter_mut().enumerate() {
            *value = weights[0] * corners[0].values[k]
                + weights[1] * corners[1].values[k]
                + weights[2] * corners[2].values[k]
                + weights[3] * corners[3].values[k];
        }
        point
    }
}

/// Interval of an even grid and the way into it.
#[inline(always)]
fn place(x: f64, points: usize) -> (usize, f64) {
    let x = x.clamp(0.0, (points - 1) as f64);
    let left = (x as usize).min(points - 2);
    (left, x - left as f64)
}

fn point(cell: &CellParameters, celsius: f64, soc: f64) -> Point {
    let map = &cell.map;
    let over_soc = |table: &[Vec<f64>]| -> Vec<f64> {
        table.iter().map(|row| linear(map.socs.iter().copied().zip(row.iter().copied()), soc)).collect()
    };
    let resistance = |table: &[Vec<f64>]| {
        let inverse = |celsius: f64| -1.0 / (celsius + KELVIN);
        let places: Vec<f64> = map.temperatures.iter().map(|&celsius| inverse(celsius)).collect();
        log_linear(&places, &over_soc(table), inverse(celsius))
    };
    let gap = |table: &[Vec<f64>]| linear(map.temperatures.iter().copied().zip(over_soc(table)), celsius);
    Point {
        values: [
            resistance(&map.r0),
            resistance(&map.r1),
            resistance(&map.r2),
            gap(&map.half_gaps[0]),
            gap(&map.half_gaps[1]),
            gap(&map.half_gaps[2]),
            linear(cell.entropy.iter().copied(), soc),
            0.0,
        ],
    }
}
