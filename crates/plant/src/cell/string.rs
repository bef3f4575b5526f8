//! Sixteen cells in series, as a structure of arrays: the fast form of [`super::reference::Cell`].
//!
//! A step is a few short passes over rows of 16, which the compiler turns into vector instructions of the machine at
//! hand. No pass adds along a row in another order than it is written, and nothing is fused, so that the results are
//! the same bits on every machine.

#![allow(clippy::needless_range_loop, reason = "rows side by side: the index is the cell")]

use super::chemistry::Point;
use super::reference::Cell;
use super::{
    Chemistry, Decay, HYSTERESES, KELVIN, SECONDS_A_MONTH, SELF_DISCHARGE_VOLTAGE, SHORT_WAY, STANDSTILL,
};
use crate::CELLS;
use crate::noise::Noise;

type Row = [f64; CELLS];

const ZEROS: Row = [0.0; CELLS];

/// Energies, J, of one cell or of all of a string. What a cell took at its terminals is the sum of all but the last two.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CellEnergy {
    /// Integral of the open-circuit voltage over the charge.
    pub chemical: f64,
    /// Held by the hysteresis, given back on the way back.
    pub hysteresis_stored: f64,
    /// Lost in the hysteresis.
    pub hysteresis_lost: f64,
    /// Held by the RC pairs.
    pub polarisation_stored: f64,
    /// Lost in the RC pairs.
    pub polarisation_lost: f64,
    /// Lost in R0 and the busbar.
    pub ohmic: f64,
    /// Exchanged with heat by the temperature dependence of the open-circuit voltage.
    pub entropic: f64,
    /// Self-discharge.
    pub self_discharge: f64,
    /// Lost with the charge that a side reaction takes (coulombic efficiency).
    pub side_reaction: f64,
    /// Given to the balancing resistor.
    pub balancing: f64,
    /// Lost in an internal short.
    pub internal_short: f64,
    /// Reversible heat, J; positive warms the cell.
    pub reversible_heat: f64,
    /// Mean voltage of the step, V; a sum over steps has no meaning.
    pub volts: f64,
}

impl CellEnergy {
    /// Heat made by losses in the cell, J.
    #[must_use]
    pub fn heat_made(&self) -> f64 {
        self.hysteresis_lost
            + self.polarisation_lost
            + self.ohmic
            + self.self_discharge
            + self.side_reaction
            + self.internal_short
    }
}

/// Charges of all cells of a string since the start, C: what went through is the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CellCharge {
    /// Through the terminals.
    pub through: f64,
    /// Stored: what the states of charge say.
    pub stored: f64,
    /// Self-discharge.
    pub self_discharge: f64,
    /// Taken by the side reaction (coulombic efficiency).
    pub side_reaction: f64,
    /// Through the balancing resistors.
    pub balancing: f64,
    /// Through internal shorts.
    pub internal_short: f64,
}

impl CellCharge {
    /// What the accounts do not explain, C.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.through
            - self.stored
            - self.self_discharge
            - self.side_reaction
            - self.balancing
            - self.internal_short
    }
}

/// How a string begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellSetup {
    /// Mean state of charge, 0 to 1.
    pub soc: f64,
    /// Capacity that is left, 1.0 when new.
    pub health: f64,
    /// Resistance against a new cell's.
    pub resistance_growth: f64,
    /// degC.
    pub temperature: f64,
    /// Busbars of the whole string, ohm.
    pub busbars: f64,
}

/// Mean voltage of the string over a step as a line: `volts + ohms * current`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Thevenin {
    /// V.
    pub volts: f64,
    /// ohm.
    pub ohms: f64,
}

/// Sums over the string for its Thevenin equivalent.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rest: f64,
    pairs: [f64; 2],
    r0: f64,
    r: [f64; 2],
    ocv_over_charge: f64,
    contacts: f64,
}

/// Energies since the start, J, a row each, in the words of [`CellEnergy`], and charges, C.
#[derive(Debug, Clone)]
struct Books {
    charge: Charges,
    chemical: Row,
    hysteresis_stored: Row,
    hysteresis_lost: Row,
    polarisation_stored: Row,
    polarisation_lost: Row,
    ohmic: Row,
    entropic: Row,
    self_discharge: Row,
    side_reaction: Row,
    balancing: Row,
    internal_short: Row,
    reversible_heat: Row,
}

/// Charges since the start, C, in the words of [`CellCharge`]; what all cells share stands once.
#[derive(Debug, Clone)]
struct Charges {
    through: f64,
    side_reaction: f64,
    stored: Row,
    self_discharge: Row,
    balancing: Row,
    internal_short: Row,
}

/// Sixteen cells in series: state, and what was drawn of each from the seed.
#[derive(Debug, Clone)]
pub struct CellString {
    pub(crate) capacity: Row,
    per_capacity: Row,
    pub(crate) soc: Row,
    hysteresis: [Row; HYSTERESES],
    currents: [Row; 2],
    ocv: Row,
    ocv_energy: Row,
    ocv_slope: Row,
    pub(crate) voltage: Row,
    pub(crate) temperature: Row,
    pub(crate) heat: Row,
    resistance_spread: Row,
    resistance_growth: Row,
    r0: Row,
    r: [Row; 2],
    gaps: [Row; HYSTERESES],
    entropy: Row,
    entropic: Row,
    own_leak: Row,
    short: Row,
    balancing: Row,
    pub(crate) contact: Row,
    /// Some cell has a short or a closed balancing resistor.
    bled: bool,
    busbar: f64,
    sums: Sums,
    books: Books,
}

impl CellString {
    /// A string at rest. Capacity, state of charge, resistance and self-discharge of each cell are drawn from this
    /// stream of the seed.
    #[must_use]
    pub fn new(chemistry: &Chemistry, setup: &CellSetup, seed: u64, stream: u64) -> Self {
        let cell = &chemistry.parameters;
        let mut noise = Noise::new(seed, stream);
        let mut draw = |sigma: f64| -> Row { core::array::from_fn(|_| sigma * noise.normal()) };
        let capacity =
            draw(cell.spread.capacity).map(|spread| cell.capacity * 3600.0 * setup.health * (1.0 + spread));
        let soc = draw(cell.spread.soc).map(|spread| (setup.soc + spread).clamp(0.0, 1.0));
        let resistance_spread = draw(cell.spread.resistance).map(|spread| 1.0 + spread);
        let leak = cell.self_discharge_month / SECONDS_A_MONTH / SELF_DISCHARGE_VOLTAGE;
        let spread = draw(cell.spread.self_discharge);
        let own_leak = core::array::from_fn(|k| capacity[k] * leak * (1.0 + spread[k]));
        let point = soc.map(|soc| chemistry.ocv.at(soc));
        let mut cells = Self {
            capacity,
            per_capacity: capacity.map(|coulombs| 1.0 / coulombs),
            soc,
            hysteresis: [ZEROS; HYSTERESES],
            currents: [ZEROS; 2],
            ocv: point.map(|p| p.volts),
            ocv_energy: point.map(|p| p.energy),
            ocv_slope: point.map(|p| p.slope),
            voltage: point.map(|p| p.volts),
            temperature: [setup.temperature; CELLS],
            heat: ZEROS,
            resistance_spread,
            resistance_growth: [setup.resistance_growth; CELLS],
            r0: ZEROS,
            r: [ZEROS; 2],
            gaps: [ZEROS; HYSTERESES],
            entropy: ZEROS,
            entropic: ZEROS,
            own_leak,
            short: ZEROS,
            balancing: ZEROS,
            contact: ZEROS,
            bled: false,
            busbar: setup.busbars / CELLS as f64,
            sums: Sums::default(),
            books: Books::new(),
        };
        cells.refresh(chemistry);
        cells
    }

    /// A cell's capacity changes, C; it keeps its state of charge.
    pub(crate) fn set_capacity(&mut self, chemistry: &Chemistry, cell: usize, coulombs: f64) {
        let before = self.capacity[cell];
        self.capacity[cell] = coulombs;
        self.per_capacity[cell] = 1.0 / coulombs;
        // The elastic part of the hysteresis holds energy in proportion to the capacity.
        for k in 0..HYSTERESES {
            let held = 0.5 * chemistry.widths[k] * self.gaps[k][cell] * self.hysteresis[k][cell].powi(2);
            self.book_hysteresis(cell, held * (coulombs - before));
        }
    }

    /// Resistor inside a cell, S; 0 is none.
    pub fn set_short(&mut self, cell: usize, conductance: f64) {
        if let Some(short) = self.short.get_mut(cell) {
            *short = conductance;
        }
        self.settle_bleeding();
    }

    /// Balancing resistors that are closed, one bit a cell, S each.
    pub fn set_balancing(&mut self, closed: u16, conductance: f64) {
        self.balancing = core::array::from_fn(|cell| if closed >> cell & 1 == 1 { conductance } else { 0.0 });
        self.settle_bleeding();
    }

    fn settle_bleeding(&mut self) {
        self.bled = self.short.iter().chain(&self.balancing).any(|&conductance| conductance != 0.0);
    }

    /// Parameters follow state of charge, temperature and age. What RC pairs and hysteresis hold changes with them; the
    /// difference is taken from the heat.
    pub fn refresh(&mut self, chemistry: &Chemistry) {
        vectorised(
            #[inline(always)]
            || self.look_up(chemistry),
        );
    }

    #[inline(always)]
    fn look_up(&mut self, chemistry: &Chemistry) {
        let points: [Point; CELLS] =
            core::array::from_fn(|cell| chemistry.point(self.soc[cell], self.temperature[cell]));
        let reference = chemistry.parameters.reference_temperature;
        let mut polarisation = ZEROS;
        let mut hysteresis = ZEROS;
        for k in 0..2 {
            let half_tau = 0.5 * chemistry.parameters.time_constants[k];
            for cell in 0..CELLS {
                let growth = self.resistance_spread[cell] * self.resistance_growth[cell];
                let next = points[cell].values[Point::R1 + k] * growth;
                let current = self.currents[k][cell];
                polarisation[cell] += half_tau * (next - self.r[k][cell]) * current * current;
                self.r[k][cell] = next;
            }
        }
        for k in 0..HYSTERESES {
            let half_width = 0.5 * chemistry.widths[k];
            for cell in 0..CELLS {
                let next = points[cell].values[Point::GAP + k];
                let state = self.hysteresis[k][cell];
                hysteresis[cell] +=
                    half_width * self.capacity[cell] * (next - self.gaps[k][cell]) * state * state;
                self.gaps[k][cell] = next;
            }
        }
        for cell in 0..CELLS {
            let growth = self.resistance_spread[cell] * self.resistance_growth[cell];
            self.r0[cell] = self.busbar + points[cell].values[Point::R0] * growth;
            self.entropy[cell] = points[cell].values[Point::ENTROPY];
            self.entropic[cell] = self.entropy[cell] * (self.temperature[cell] - reference);
            self.books.polarisation_stored[cell] += polarisation[cell];
            self.books.polarisation_lost[cell] -= polarisation[cell];
            self.books.hysteresis_stored[cell] += hysteresis[cell];
            self.books.hysteresis_lost[cell] -= hysteresis[cell];
            self.heat[cell] -= polarisation[cell] + hysteresis[cell];
        }
        self.sums.r0 = sum(&self.r0);
        self.sums.r = [sum(&self.r[0]), sum(&self.r[1])];
        self.sums.contacts = sum(&self.contact);
        self.add_up();
    }

    fn book_hysteresis(&mut self, cell: usize, gained: f64) {
        self.books.hysteresis_stored[cell] += gained;
        self.books.hysteresis_lost[cell] -= gained;
        self.heat[cell] -= gained;
    }

    /// The string's mean voltage over the next step of the factors' length, as a line over its current.
    #[must_use]
    pub fn thevenin(&self, decay: &Decay) -> Thevenin {
        let sums = &self.sums;
        let [mean1, mean2] = decay.mean;
        Thevenin {
            volts: sums.rest + sums.pairs[0] * mean1 + sums.pairs[1] * mean2,
            ohms: sums.r0
                + sums.contacts
                + sums.r[0] * (1.0 - mean1)
                + sums.r[1] * (1.0 - mean2)
                + 0.5 * decay.dt * sums.ocv_over_charge,
        }
    }

    /// One step with a constant string current, A, positive while charging; gives the string's mean voltage, V.
    pub fn step(&mut self, chemistry: &Chemistry, decay: &Decay, current: f64) -> f64 {
        vectorised(
            #[inline(always)]
            || self.advance(chemistry, decay, current),
        )
    }

    #[inline(always)]
    fn advance(&mut self, chemistry: &Chemistry, decay: &Decay, current: f64) -> f64 {
        let dt = decay.dt;
        let side = (1.0 - chemistry.parameters.coulombic_efficiency) * current.max(0.0);
        let mut flow = Flow { leak: ZEROS, charge: ZEROS, moved: ZEROS, per_moved: ZEROS, heat: ZEROS };
        let mut i = ZEROS;
        for cell in 0..CELLS {
            flow.leak[cell] = self.voltage[cell] * self.own_leak[cell];
            i[cell] = current - side - flow.leak[cell];
        }
        if self.bled {
            for cell in 0..CELLS {
                i[cell] -= self.voltage[cell] * (self.short[cell] + self.balancing[cell]);
            }
        }
        for cell in 0..CELLS {
            flow.charge[cell] = i[cell] * dt;
            flow.moved[cell] = flow.charge[cell] * self.per_capacity[cell];
            let moves = flow.moved[cell].abs() > STANDSTILL;
            flow.per_moved[cell] = if moves { 1.0 / flow.moved[cell] } else { 0.0 };
        }
        self.books.charge.through += current * dt;
        self.books.charge.side_reaction += side * dt;
        let before = self.voltage;
        let mut mean = self.store(chemistry, &flow);
        self.turn(chemistry, &mut flow, &mut mean);
        self.relax(chemistry, decay, &i, &mut flow, &mut mean);
        self.conduct(current, side * dt, dt, &i, &mut flow, &mut mean);
        if self.bled {
            self.bleed(&before, dt, &mut flow, &mean);
        }
        for cell in 0..CELLS {
            self.heat[cell] += flow.heat[cell];
        }
        self.add_up();
        sum(&mean) + self.sums.contacts * current
    }

    /// Stores the charge; gives the mean open-circuit voltages on the way. The end voltages begin with it.
    #[inline(always)]
    fn store(&mut self, chemistry: &Chemistry, flow: &Flow) -> Row {
        let (volts_before, energy_before) = (self.ocv, self.ocv_energy);
        for cell in 0..CELLS {
            self.soc[cell] += flow.moved[cell];
        }
        for cell in 0..CELLS {
            let point = chemistry.ocv.at(self.soc[cell]);
            self.ocv[cell] = point.volts;
            self.ocv_energy[cell] = point.energy;
            self.ocv_slope[cell] = point.slope;
        }
        let mut mean = ZEROS;
        for cell in 0..CELLS {
            let integral = (self.ocv_energy[cell] - energy_before[cell]) * flow.per_moved[cell];
            let middle = 0.5 * (volts_before[cell] + self.ocv[cell]);
            mean[cell] = if flow.moved[cell].abs() > SHORT_WAY { integral } else { middle };
            self.books.chemical[cell] += mean[cell] * flow.charge[cell];
            self.voltage[cell] = self.ocv[cell];
        }
        mean
    }

    /// The stop operators follow the charge.
    #[inline(always)]
    fn turn(&mut self, chemistry: &Chemistry, flow: &mut Flow, mean: &mut Row) {
        for k in 0..HYSTERESES {
            let (width, per_width) = (chemistry.widths[k], 1.0 / chemistry.widths[k]);
            for cell in 0..CELLS {
                let (gap, state) = (self.gaps[k][cell], self.hysteresis[k][cell]);
                let next = (state + flow.moved[cell] * per_width).clamp(-1.0, 1.0);
                let turned = next - state;
                let state_mean = next - 0.5 * turned * (turned * width * flow.per_moved[cell]);
                let held = 0.5 * gap * width * self.capacity[cell] * turned * (next + state);
                let lost = gap * state_mean * flow.charge[cell] - held;
                self.hysteresis[k][cell] = next;
                mean[cell] += gap * state_mean;
                self.voltage[cell] += gap * next;
                self.books.hysteresis_stored[cell] += held;
                self.books.hysteresis_lost[cell] += lost;
                flow.heat[cell] += lost;
            }
        }
    }

    /// The RC pairs relax towards the current.
    #[inline(always)]
    fn relax(&mut self, chemistry: &Chemistry, decay: &Decay, i: &Row, flow: &mut Flow, mean: &mut Row) {
        for k in 0..2 {
            let half_tau = 0.5 * chemistry.parameters.time_constants[k];
            for cell in 0..CELLS {
                let (r, start) = (self.r[k][cell], self.currents[k][cell]);
                let distance = start - i[cell];
                let volts = r * (i[cell] + distance * decay.mean[k]);
                let end = i[cell] + distance * decay.keep[k];
                let held = half_tau * r * (end - start) * (end + start);
                let lost = volts * flow.charge[cell] - held;
                self.currents[k][cell] = end;
                mean[cell] += volts;
                self.voltage[cell] += r * end;
                self.books.polarisation_stored[cell] += held;
                self.books.polarisation_lost[cell] += lost;
                flow.heat[cell] += lost;
            }
        }
    }

    /// What follows the current at once, and the leaks that every cell has.
    #[inline(always)]
    fn conduct(&mut self, current: f64, side: f64, dt: f64, i: &Row, flow: &mut Flow, mean: &mut Row) {
        let through_contacts = current * current * dt;
        for cell in 0..CELLS {
            let (ohmic, charge) = (self.r0[cell] * i[cell], flow.charge[cell]);
            mean[cell] += ohmic + self.entropic[cell];
            self.voltage[cell] += ohmic + self.entropic[cell];
            let lost = ohmic * charge + self.contact[cell] * through_contacts;
            let leaked = flow.leak[cell] * dt;
            let self_discharge = mean[cell] * leaked;
            let side_reaction = mean[cell] * side;
            let reversible = self.entropy[cell] * (self.temperature[cell] + KELVIN) * charge;
            self.books.charge.stored[cell] += charge;
            self.books.charge.self_discharge[cell] += leaked;
            self.books.ohmic[cell] += lost;
            self.books.entropic[cell] += self.entropic[cell] * charge;
            self.books.self_discharge[cell] += self_discharge;
            self.books.side_reaction[cell] += side_reaction;
            self.books.reversible_heat[cell] += reversible;
            flow.heat[cell] += lost + self_discharge + side_reaction + reversible;
        }
    }

    /// Shorts and balancing resistors, at the voltages before the step.
    #[inline(always)]
    fn bleed(&mut self, before: &Row, dt: f64, flow: &mut Flow, mean: &Row) {
        for cell in 0..CELLS {
            let volt_seconds = before[cell] * dt;
            let through_short = volt_seconds * self.short[cell];
            let through_balancing = volt_seconds * self.balancing[cell];
            let short = mean[cell] * through_short;
            self.books.charge.internal_short[cell] += through_short;
            self.books.charge.balancing[cell] += through_balancing;
            self.books.internal_short[cell] += short;
            self.books.balancing[cell] += mean[cell] * through_balancing;
            flow.heat[cell] += short;
        }
    }

    #[inline(always)]
    fn add_up(&mut self) {
        let (mut rest, mut pairs, mut over_charge) = (ZEROS, [ZEROS; 2], ZEROS);
        for cell in 0..CELLS {
            rest[cell] = self.ocv[cell] + self.entropic[cell];
            over_charge[cell] = self.ocv_slope[cell] * self.per_capacity[cell];
        }
        for k in 0..HYSTERESES {
            for cell in 0..CELLS {
                rest[cell] += self.gaps[k][cell] * self.hysteresis[k][cell];
            }
        }
        for k in 0..2 {
            for cell in 0..CELLS {
                pairs[k][cell] = self.r[k][cell] * self.currents[k][cell];
            }
        }
        self.sums.rest = sum(&rest);
        self.sums.pairs = [sum(&pairs[0]), sum(&pairs[1])];
        self.sums.ocv_over_charge = sum(&over_charge);
    }

    /// Voltages at the sense wires at the end of the last step, V, with the string current that flowed, A.
    #[must_use]
    pub fn sensed(&self, current: f64) -> Row {
        core::array::from_fn(|cell| self.voltage[cell] + self.contact[cell] * current)
    }

    /// Voltage of the string at the end of the last step, V, with the string current that flowed, A.
    #[must_use]
    pub fn string_voltage(&self, current: f64) -> f64 {
        sum(&self.voltage) + self.sums.contacts * current
    }

    pub(crate) fn mean_soc(&self) -> f64 {
        sum(&self.soc) / CELLS as f64
    }

    /// Energies of the whole string since the start.
    #[must_use]
    pub fn energy(&self) -> CellEnergy {
        let books = &self.books;
        CellEnergy {
            chemical: sum(&books.chemical),
            hysteresis_stored: sum(&books.hysteresis_stored),
            hysteresis_lost: sum(&books.hysteresis_lost),
            polarisation_stored: sum(&books.polarisation_stored),
            polarisation_lost: sum(&books.polarisation_lost),
            ohmic: sum(&books.ohmic),
            entropic: sum(&books.entropic),
            self_discharge: sum(&books.self_discharge),
            side_reaction: sum(&books.side_reaction),
            balancing: sum(&books.balancing),
            internal_short: sum(&books.internal_short),
            reversible_heat: sum(&books.reversible_heat),
            volts: 0.0,
        }
    }

    /// Charges of all cells since the start.
    #[must_use]
    pub fn charge(&self) -> CellCharge {
        let charge = &self.books.charge;
        CellCharge {
            through: charge.through * CELLS as f64,
            stored: sum(&charge.stored),
            self_discharge: sum(&charge.self_discharge),
            side_reaction: charge.side_reaction * CELLS as f64,
            balancing: sum(&charge.balancing),
            internal_short: sum(&charge.internal_short),
        }
    }

    /// A copy of one cell in the readable form.
    ///
    /// # Panics
    /// If there is no such cell.
    #[must_use]
    pub fn cell(&self, chemistry: &Chemistry, cell: usize) -> Cell {
        let mut copy = Cell::new(chemistry, self.soc[cell], self.temperature[cell]);
        let leak = chemistry.parameters.self_discharge_month / SECONDS_A_MONTH / SELF_DISCHARGE_VOLTAGE;
        copy.capacity = self.capacity[cell];
        copy.hysteresis = self.hysteresis.map(|row| row[cell]);
        copy.currents = self.currents.map(|row| row[cell]);
        copy.resistance_factor = self.resistance_spread[cell] * self.resistance_growth[cell];
        copy.self_discharge_factor = self.own_leak[cell] / (self.capacity[cell] * leak);
        copy.busbar = self.busbar;
        copy.short = self.short[cell];
        copy.balancing = self.balancing[cell];
        copy.voltage = self.voltage[cell];
        copy.refresh(chemistry);
        copy
    }

    /// States of charge.
    #[must_use]
    pub fn socs(&self) -> &[f64; CELLS] {
        &self.soc
    }

    /// Voltages of the cells without their contacts at the end of the last step, V.
    #[must_use]
    pub fn voltages(&self) -> &[f64; CELLS] {
        &self.voltage
    }

    /// Temperatures, degC. [`Self::refresh`] makes the parameters follow.
    pub fn temperatures_mut(&mut self) -> &mut [f64; CELLS] {
        &mut self.temperature
    }

    /// Heat that the cells have made since it was last taken, J.
    pub fn take_heat(&mut self) -> [f64; CELLS] {
        core::mem::replace(&mut self.heat, ZEROS)
    }

    /// Given to the balancing resistors since the start, J: they warm the case, not the cells.
    pub(crate) fn balancing_energy(&self) -> f64 {
        sum(&self.books.balancing)
    }
}

/// What one step moves.
struct Flow {
    /// Self-discharge, A.
    leak: Row,
    /// Into the cell, C.
    charge: Row,
    /// The same as a share of the capacity.
    moved: Row,
    /// Its inverse; 0 where nothing to speak of moves.
    per_moved: Row,
    /// J.
    heat: Row,
}

impl Books {
    fn new() -> Self {
        Self {
            chemical: ZEROS,
            hysteresis_stored: ZEROS,
            hysteresis_lost: ZEROS,
            polarisation_stored: ZEROS,
            polarisation_lost: ZEROS,
            ohmic: ZEROS,
            entropic: ZEROS,
            self_discharge: ZEROS,
            side_reaction: ZEROS,
            balancing: ZEROS,
            internal_short: ZEROS,
            reversible_heat: ZEROS,
            charge: Charges {
                through: 0.0,
                side_reaction: 0.0,
                stored: ZEROS,
                self_discharge: ZEROS,
                balancing: ZEROS,
                internal_short: ZEROS,
            },
        }
    }
}

/// Compiled for the widest vectors that the machine has.
#[inline(always)]
fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// Sum of a row, four partial sums side by side.
#[inline(always)]
fn sum(row: &Row) -> f64 {
    let mut partial = [0.0; 4];
    for four in row.chunks_exact(4) {
        for (sum, value) in partial.iter_mut().zip(four) {
            *sum += value;
        }
    }
    (partial[0] + partial[1]) + (partial[2] + partial[3])
}
