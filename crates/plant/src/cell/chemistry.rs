//! A cell's curves prepared for looking them up in every step.

use super::curve::{Ocv, interval, linear, log_linear};
use super::{CellParameters, HYSTERESES, KELVIN};

/// Grid of the map over temperature, degC: 5 K apart (an Arrhenius curve of 30 kJ/mol is met to 0.5 %).
const COLDEST: f64 = -40.0;
const KELVIN_A_STEP: f64 = 5.0;
const TEMPERATURES: usize = 25;
/// Grid of the map over the state of charge: 1.25 % apart.
const SOC_STEPS: f64 = 80.0;
const SOCS: usize = 81;
/// Room for them: powers of two, so that an index is cut to size by its bits.
const ROWS: usize = 32;
const COLUMNS: usize = 128;

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
    map: Box<[[Point; COLUMNS]; ROWS]>,
}

impl Chemistry {
    /// Prepares the curves. Between the temperatures of the file a resistance follows Arrhenius (geometric over 1/T)
    /// and goes on so outside them; a half gap is linear and held.
    #[must_use]
    pub fn new(parameters: &CellParameters) -> Self {
        let mut map = Box::new([[Point::default(); COLUMNS]; ROWS]);
        for (line, row) in map.iter_mut().enumerate().take(TEMPERATURES) {
            let celsius = COLDEST + KELVIN_A_STEP * line as f64;
            for (column, point) in row.iter_mut().enumerate().take(SOCS) {
                *point = point_of(parameters, celsius, column as f64 / SOC_STEPS);
            }
        }
        Self {
            ocv: Ocv::new(&parameters.ocv, parameters.slopes_outside),
            widths: parameters.hysteresis_widths,
            map,
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
        self.blend(&Place::of(soc, celsius))
    }

    #[inline(always)]
    pub(super) fn blend(&self, place: &Place) -> Point {
        let corner = |line: usize, column: usize| {
            &self.map[(place.line + line) & (ROWS - 1)][(place.column + column) & (COLUMNS - 1)].values
        };
        let (a, b, c, d) = (corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1));
        let mut point = Point::default();
        for k in 0..8 {
            let (upper, lower) = (a[k] + place.right * (b[k] - a[k]), c[k] + place.right * (d[k] - c[k]));
            point.values[k] = upper + place.down * (lower - upper);
        }
        point
    }
}

/// Place in the map: interval and the way into it, over temperature and state of charge.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Place {
    line: usize,
    down: f64,
    column: usize,
    right: f64,
}

impl Place {
    #[inline(always)]
    pub(super) fn of(soc: f64, celsius: f64) -> Self {
        let on_grid = |place: f64, points: usize| interval(place.clamp(0.0, (points - 1) as f64), points - 1);
        let (line, down) = on_grid((celsius - COLDEST) * (1.0 / KELVIN_A_STEP), TEMPERATURES);
        let (column, right) = on_grid(soc * SOC_STEPS, SOCS);
        Self { line, down, column, right }
    }
}

fn point_of(cell: &CellParameters, celsius: f64, soc: f64) -> Point {
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
