//! Sixteen cells in series, as a structure of arrays: the fast form of [`super::reference::Cell`].
//!
//! A step is a few short passes over rows of 16, which the compiler turns into vector instructions of the machine at
//! hand. No pass adds along a row in another order than it is written, and nothing is fused, so that the results are
//! the same bits on every machine.

#![allow(clippy::needless_range_loop, reason = "rows side by side: the index is the cell")]

mod state;

pub use state::StringState;

use super::chemistry::{Place, Point};
use super::reference::Cell;
use super::{
    Chemistry, Decay, HYSTERESES, KELVIN, SECONDS_A_MONTH, SELF_DISCHARGE_VOLTAGE, SHORT_WAY, STANDSTILL,
};
use crate::CELLS;
use crate::noise::Noise;
use crate::vector::vectorised;

type Row = [f64; CELLS];

const ZEROS: Row = [0.0; CELLS];
/// Parameters are looked up anew when a cell has moved so far in state of charge or temperature (K): a resistance has
/// changed by some 0.2 % then, a half gap by less than 0.1 mV.
const LOOK_UP_SOC: f64 = 2e-3;
const LOOK_UP_KELVIN: f64 = 0.1;

/// Energies, J, of one cell or of all of a string. What a cell took at its terminals is the sum of all but the last
/// two.
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

/// Where the cells were when the parameters were looked up.
#[derive(Debug, Clone, Default)]
struct LookedUp {
    soc: Row,
    temperature: Row,
}

/// What has happened since the parameters were looked up last. Everything else follows from the states.
#[derive(Debug, Clone, Default)]
struct Since {
    seconds: f64,
    soc: Row,
    hysteresis_lost: Row,
    polarisation_lost: Row,
    ohmic: Row,
    side_reaction: Row,
    /// Integral of the voltage, V s: what the leaks lost, which are held in the meantime.
    volt_seconds: Row,
}

/// What the cells have booked until then, in the words of [`CellEnergy`] and [`CellCharge`].
#[derive(Debug, Clone, Default)]
struct Books {
    hysteresis_lost: Row,
    polarisation_lost: Row,
    ohmic: Row,
    entropic: Row,
    self_discharge: Row,
    side_reaction: Row,
    balancing: Row,
    internal_short: Row,
    reversible_heat: Row,
    stored_charge: Row,
    self_discharge_charge: Row,
    balancing_charge: Row,
    internal_short_charge: Row,
    /// Of every cell: through the terminals, and what the side reaction took of it.
    through: f64,
    side_charge: f64,
    /// Chemical energy at the start, and what changes of capacity made of it.
    chemical_origin: f64,
    /// What hysteresis and RC pairs held at the start: a used string brings some.
    hysteresis_origin: f64,
    polarisation_origin: f64,
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
    heat: Row,
    resistance_spread: Row,
    resistance_growth: Row,
    r0: Row,
    r: [Row; 2],
    gaps: [Row; HYSTERESES],
    entropic: Row,
    /// Reversible heat per charge, V.
    reversible: Row,
    self_discharge: Row,
    short: Row,
    balancing: Row,
    /// Current of all leaks, A, and the voltage at which it was found.
    leak: Row,
    leak_volts: Row,
    contact: Row,
    busbar: f64,
    widths: [f64; HYSTERESES],
    half_taus: [f64; 2],
    looked_up_at: LookedUp,
    sums: Sums,
    since: Since,
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
        let full = cell.capacity * 3600.0 * setup.health;
        let capacity = draw(cell.spread.capacity).map(|spread| full * (1.0 + spread));
        let soc = draw(cell.spread.soc).map(|spread| (setup.soc + spread).clamp(0.0, 1.0));
        let resistance_spread = draw(cell.spread.resistance).map(|spread| 1.0 + spread);
        let leak = cell.self_discharge_month / SECONDS_A_MONTH / SELF_DISCHARGE_VOLTAGE;
        let spread = draw(cell.spread.self_discharge);
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
            entropic: ZEROS,
            reversible: ZEROS,
            self_discharge: core::array::from_fn(|k| capacity[k] * leak * (1.0 + spread[k])),
            short: ZEROS,
            balancing: ZEROS,
            leak: ZEROS,
            leak_volts: ZEROS,
            contact: ZEROS,
            busbar: setup.busbars / CELLS as f64,
            widths: chemistry.widths,
            half_taus: cell.time_constants.map(|tau| 0.5 * tau),
            looked_up_at: LookedUp::default(),
            sums: Sums::default(),
            since: Since { soc, ..Since::default() },
            books: Books::default(),
        };
        cells.refresh(chemistry);
        cells.books.chemical_origin = cells.stored().chemical;
        cells
    }

    /// A cell's capacity changes, C; it keeps its state of charge, and no energy crosses its terminals.
    pub(crate) fn set_capacity(&mut self, cell: usize, coulombs: f64) {
        self.settle();
        let before = self.stored();
        self.capacity[cell] = coulombs;
        self.per_capacity[cell] = 1.0 / coulombs;
        let after = self.stored();
        self.books.chemical_origin += after.chemical - before.chemical;
        let held = after.hysteresis_stored - before.hysteresis_stored;
        self.books.hysteresis_lost[cell] -= held;
        self.heat[cell] -= held;
    }

    /// Loose contact of a cell's busbar, ohm; 0 is none. A cell that does not exist is ignored.
    pub fn set_contact(&mut self, cell: usize, ohms: f64) {
        if let Some(contact) = self.contact.get_mut(cell) {
            *contact = ohms;
        }
        self.sums.contacts = sum(&self.contact);
    }

    pub(crate) fn contact(&self, cell: usize) -> f64 {
        self.contact[cell]
    }

    /// Resistor inside a cell, S; 0 is none. A cell that does not exist is ignored.
    pub fn set_short(&mut self, cell: usize, conductance: f64) {
        self.settle();
        if let Some(short) = self.short.get_mut(cell) {
            *short = conductance;
        }
        self.leak_anew();
    }

    /// Balancing resistors that are closed, one bit a cell, S each.
    pub fn set_balancing(&mut self, closed: u16, conductance: f64) {
        self.settle();
        self.balancing = core::array::from_fn(|cell| if closed >> cell & 1 == 1 { conductance } else { 0.0 });
        self.leak_anew();
    }

    /// The current of the leaks is held until the next look; a low resistance pulls its own voltage down.
    #[inline(always)]
    fn leak_anew(&mut self) {
        for cell in 0..CELLS {
            let conductance = self.self_discharge[cell] + self.short[cell] + self.balancing[cell];
            let unloaded = self.voltage[cell] + self.r0[cell] * self.leak[cell];
            let volts = unloaded / (1.0 + self.r0[cell] * conductance);
            self.leak[cell] = conductance * volts;
            self.leak_volts[cell] = volts;
            self.voltage[cell] = volts;
        }
    }

    /// The leaks follow the voltage; the parameters follow the cells where these have moved since the last look.
    pub fn follow(&mut self, chemistry: &Chemistry) {
        vectorised(
            #[inline(always)]
            || {
                self.book();
                if self.has_moved() {
                    self.look_up(chemistry);
                    self.add_up();
                }
                self.leak_anew();
            },
        );
    }

    #[inline(always)]
    fn has_moved(&self) -> bool {
        let mut far = ZEROS;
        for cell in 0..CELLS {
            let soc = (self.soc[cell] - self.looked_up_at.soc[cell]).abs();
            let kelvin = (self.temperature[cell] - self.looked_up_at.temperature[cell]).abs();
            far[cell] = (soc * (1.0 / LOOK_UP_SOC)).max(kelvin * (1.0 / LOOK_UP_KELVIN));
        }
        far.iter().any(|&far| far > 1.0)
    }

    /// Parameters follow state of charge, temperature and age. What RC pairs and hysteresis hold changes with them; the
    /// difference is taken from the heat.
    pub fn refresh(&mut self, chemistry: &Chemistry) {
        vectorised(
            #[inline(always)]
            || {
                self.book();
                self.look_up(chemistry);
                self.leak_anew();
                self.add_up();
            },
        );
    }

    #[inline(always)]
    fn look_up(&mut self, chemistry: &Chemistry) {
        self.looked_up_at = LookedUp { soc: self.soc, temperature: self.temperature };
        let mut places = [Place::default(); CELLS];
        let mut points = [Point::default(); CELLS];
        for cell in 0..CELLS {
            places[cell] = Place::of(self.soc[cell], self.temperature[cell]);
        }
        for cell in 0..CELLS {
            points[cell] = chemistry.blend(&places[cell]);
        }
        let reference = chemistry.parameters.reference_temperature;
        let (mut growth, mut polarisation, mut hysteresis) = (ZEROS, ZEROS, ZEROS);
        for cell in 0..CELLS {
            growth[cell] = self.resistance_spread[cell] * self.resistance_growth[cell];
        }
        for k in 0..2 {
            let (row, current) = (&mut self.r[k], &self.currents[k]);
            replace(
                row,
                &column(&points, Point::R1 + k),
                &growth,
                current,
                self.half_taus[k],
                &mut polarisation,
            );
        }
        for k in 0..HYSTERESES {
            let (row, state) = (&mut self.gaps[k], &self.hysteresis[k]);
            let half_width = 0.5 * self.widths[k];
            replace(row, &column(&points, Point::GAP + k), &[1.0; CELLS], state, half_width, &mut hysteresis);
        }
        let (r0, entropy) = (column(&points, Point::R0), column(&points, Point::ENTROPY));
        for cell in 0..CELLS {
            self.r0[cell] = self.busbar + r0[cell] * growth[cell];
            self.entropic[cell] = entropy[cell] * (self.temperature[cell] - reference);
            self.reversible[cell] = entropy[cell] * (self.temperature[cell] + KELVIN);
            hysteresis[cell] *= self.capacity[cell];
            self.books.polarisation_lost[cell] -= polarisation[cell];
            self.books.hysteresis_lost[cell] -= hysteresis[cell];
            self.heat[cell] -= polarisation[cell] + hysteresis[cell];
        }
        self.sums.r0 = sum(&self.r0);
        self.sums.r = [sum(&self.r[0]), sum(&self.r[1])];
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
        let mut flow = Flow { i: ZEROS, charge: ZEROS, moved: ZEROS, per_moved: ZEROS };
        for cell in 0..CELLS {
            flow.i[cell] = current - side - self.leak[cell];
            flow.charge[cell] = flow.i[cell] * dt;
            flow.moved[cell] = flow.charge[cell] * self.per_capacity[cell];
            let moves = flow.moved[cell].abs() > STANDSTILL;
            flow.per_moved[cell] = if moves { 1.0 / flow.moved[cell] } else { 0.0 };
        }
        let (volts_before, energy_before) = (self.ocv, self.ocv_energy);
        self.store(chemistry, &flow);
        // The curve is read cell by cell; what follows meanwhile needs nothing of it.
        let mut mean = ZEROS;
        let mut rest = self.entropic;
        self.turn(&flow, &mut mean, &mut rest);
        self.relax(decay, &flow, &mut mean);
        self.integrate(&flow, &volts_before, &energy_before, &mut mean, &mut rest);
        for cell in 0..CELLS {
            let ohmic = self.r0[cell] * flow.i[cell];
            mean[cell] += ohmic + self.entropic[cell];
            self.voltage[cell] += ohmic + rest[cell];
            self.since.ohmic[cell] +=
                ohmic * flow.charge[cell] + self.contact[cell] * (current * current * dt);
            self.since.volt_seconds[cell] += mean[cell] * dt;
            self.since.side_reaction[cell] += mean[cell] * (side * dt);
        }
        self.sums.rest = sum(&rest);
        self.since.seconds += dt;
        self.books.through += current * dt;
        self.books.side_charge += side * dt;
        sum(&mean) + self.sums.contacts * current
    }

    /// Stores the charge and reads the open-circuit voltages there.
    #[inline(always)]
    fn store(&mut self, chemistry: &Chemistry, flow: &Flow) {
        for cell in 0..CELLS {
            self.soc[cell] += flow.moved[cell];
        }
        for cell in 0..CELLS {
            let point = chemistry.ocv.at(self.soc[cell]);
            self.ocv[cell] = point.volts;
            self.ocv_energy[cell] = point.energy;
            self.ocv_slope[cell] = point.slope;
        }
    }

    /// Open-circuit voltages: their mean on the way, and at its end.
    #[inline(always)]
    fn integrate(&mut self, flow: &Flow, volts: &Row, energy: &Row, mean: &mut Row, rest: &mut Row) {
        let mut over_charge = ZEROS;
        for cell in 0..CELLS {
            let integral = (self.ocv_energy[cell] - energy[cell]) * flow.per_moved[cell];
            let middle = 0.5 * (volts[cell] + self.ocv[cell]);
            mean[cell] += if flow.moved[cell].abs() > SHORT_WAY { integral } else { middle };
            rest[cell] += self.ocv[cell];
            over_charge[cell] = self.ocv_slope[cell] * self.per_capacity[cell];
        }
        self.sums.ocv_over_charge = sum(&over_charge);
    }

    /// The stop operators follow the charge.
    #[inline(always)]
    fn turn(&mut self, flow: &Flow, mean: &mut Row, rest: &mut Row) {
        for k in 0..HYSTERESES {
            let (width, per_width) = (self.widths[k], 1.0 / self.widths[k]);
            for cell in 0..CELLS {
                let (gap, state) = (self.gaps[k][cell], self.hysteresis[k][cell]);
                let next = (state + flow.moved[cell] * per_width).clamp(-1.0, 1.0);
                let turned = next - state;
                let state_mean = next - 0.5 * turned * (turned * width * flow.per_moved[cell]);
                let held = 0.5 * width * self.capacity[cell] * turned * (next + state);
                self.since.hysteresis_lost[cell] += gap * (state_mean * flow.charge[cell] - held);
                self.hysteresis[k][cell] = next;
                mean[cell] += gap * state_mean;
                rest[cell] += gap * next;
            }
        }
    }

    /// The RC pairs relax towards the current. The end voltages begin with theirs.
    #[inline(always)]
    fn relax(&mut self, decay: &Decay, flow: &Flow, mean: &mut Row) {
        let [first, second] = &mut self.currents;
        let lost = &mut self.since.polarisation_lost;
        let mut pairs = [ZEROS; 2];
        let factors = [0, 1].map(|k| (decay.keep[k], decay.mean[k], self.half_taus[k]));
        relax_pair(factors[0], &self.r[0], flow, first, lost, mean, &mut pairs[0]);
        relax_pair(factors[1], &self.r[1], flow, second, lost, mean, &mut pairs[1]);
        for cell in 0..CELLS {
            self.voltage[cell] = pairs[0][cell] + pairs[1][cell];
        }
        self.sums.pairs = [sum(&pairs[0]), sum(&pairs[1])];
    }

    /// Sums for the next step after parameters have changed.
    #[inline(always)]
    fn add_up(&mut self) {
        let (mut rest, mut pairs) = (ZEROS, [ZEROS; 2]);
        let [gap1, gap2, gap3] = &self.gaps;
        let [state1, state2, state3] = &self.hysteresis;
        for cell in 0..CELLS {
            let hysteresis =
                gap1[cell] * state1[cell] + gap2[cell] * state2[cell] + gap3[cell] * state3[cell];
            rest[cell] = self.ocv[cell] + self.entropic[cell] + hysteresis;
            pairs[0][cell] = self.r[0][cell] * self.currents[0][cell];
            pairs[1][cell] = self.r[1][cell] * self.currents[1][cell];
        }
        self.sums.rest = sum(&rest);
        self.sums.pairs = [sum(&pairs[0]), sum(&pairs[1])];
    }

    /// Books what has happened since the last look, and gives the heat to the cells.
    pub(crate) fn settle(&mut self) {
        vectorised(
            #[inline(always)]
            || self.book(),
        );
    }

    #[inline(always)]
    fn book(&mut self) {
        if self.since.seconds == 0.0 {
            return;
        }
        let (since, books) = (&mut self.since, &mut self.books);
        for cell in 0..CELLS {
            let volts = self.leak_volts[cell];
            let (charge, energy) = (volts * since.seconds, volts * since.volt_seconds[cell]);
            books.self_discharge_charge[cell] += charge * self.self_discharge[cell];
            books.balancing_charge[cell] += charge * self.balancing[cell];
            books.internal_short_charge[cell] += charge * self.short[cell];
            books.self_discharge[cell] += energy * self.self_discharge[cell];
            books.balancing[cell] += energy * self.balancing[cell];
            books.internal_short[cell] += energy * self.short[cell];
            self.heat[cell] += energy * (self.self_discharge[cell] + self.short[cell]);
        }
        for cell in 0..CELLS {
            let stored = (self.soc[cell] - since.soc[cell]) * self.capacity[cell];
            let reversible = self.reversible[cell] * stored;
            books.stored_charge[cell] += stored;
            books.entropic[cell] += self.entropic[cell] * stored;
            books.reversible_heat[cell] += reversible;
            self.heat[cell] += reversible;
        }
        for cell in 0..CELLS {
            books.hysteresis_lost[cell] += since.hysteresis_lost[cell];
            books.polarisation_lost[cell] += since.polarisation_lost[cell];
            books.ohmic[cell] += since.ohmic[cell];
            books.side_reaction[cell] += since.side_reaction[cell];
            self.heat[cell] += since.hysteresis_lost[cell]
                + since.polarisation_lost[cell]
                + since.ohmic[cell]
                + since.side_reaction[cell];
        }
        since.reset(&self.soc);
    }

    /// Energies that the states hold, J; the chemical one against empty cells.
    fn stored(&self) -> CellEnergy {
        let (mut chemical, mut polarisation, mut hysteresis) = (ZEROS, ZEROS, ZEROS);
        for cell in 0..CELLS {
            chemical[cell] = self.capacity[cell] * self.ocv_energy[cell];
            for k in 0..2 {
                polarisation[cell] += self.half_taus[k] * self.r[k][cell] * self.currents[k][cell].powi(2);
            }
            for k in 0..HYSTERESES {
                let held = self.gaps[k][cell] * self.hysteresis[k][cell].powi(2);
                hysteresis[cell] += 0.5 * self.widths[k] * self.capacity[cell] * held;
            }
        }
        CellEnergy {
            chemical: sum(&chemical),
            polarisation_stored: sum(&polarisation),
            hysteresis_stored: sum(&hysteresis),
            ..CellEnergy::default()
        }
    }

    /// Voltages at the sense wires at the end of the last step, V, with the string current that flowed, A.
    #[must_use]
    pub fn sensed(&self, current: f64) -> [f64; CELLS] {
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

    /// Energies of the whole string since the start. What is stored follows from the states, what is lost was booked on
    /// the way: that they add up to what crossed the terminals is a proof.
    #[must_use]
    pub fn energy(&self) -> CellEnergy {
        let stored = self.stored();
        let mut settled = self.clone();
        settled.settle();
        let books = &settled.books;
        CellEnergy {
            chemical: stored.chemical - books.chemical_origin,
            hysteresis_stored: stored.hysteresis_stored - books.hysteresis_origin,
            hysteresis_lost: sum(&books.hysteresis_lost),
            polarisation_stored: stored.polarisation_stored - books.polarisation_origin,
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
        let mut settled = self.clone();
        settled.settle();
        let books = &settled.books;
        CellCharge {
            through: books.through * CELLS as f64,
            stored: sum(&books.stored_charge),
            self_discharge: sum(&books.self_discharge_charge),
            side_reaction: books.side_charge * CELLS as f64,
            balancing: sum(&books.balancing_charge),
            internal_short: sum(&books.internal_short_charge),
        }
    }

    /// Heat that the cells have made and nobody has taken, J.
    pub(crate) fn heat_waiting(&self) -> f64 {
        let mut settled = self.clone();
        settled.settle();
        sum(&settled.heat)
    }

    /// Given to the balancing resistors since the start, J: they warm the case, not the cells.
    pub(crate) fn balancing_energy(&self) -> f64 {
        sum(&self.books.balancing)
    }

    /// A copy of one cell in the readable form, with its parameters looked up anew.
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
        copy.self_discharge_factor = self.self_discharge[cell] / (self.capacity[cell] * leak);
        copy.busbar = self.busbar;
        copy.short = self.short[cell];
        copy.balancing = self.balancing[cell];
        copy.refresh(chemistry);
        copy.take_over(self.voltage[cell], self.leak[cell]);
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
        self.settle();
        core::mem::replace(&mut self.heat, ZEROS)
    }
}

/// One RC pair relaxes: share kept, mean share and half the time constant.
#[inline(always)]
fn relax_pair(
    (keep, mean_share, half_tau): (f64, f64, f64),
    r: &Row,
    flow: &Flow,
    current: &mut Row,
    lost: &mut Row,
    mean: &mut Row,
    end_volts: &mut Row,
) {
    for cell in 0..CELLS {
        let (i, start) = (flow.i[cell], current[cell]);
        let distance = start - i;
        let current_mean = i + distance * mean_share;
        let end = i + distance * keep;
        let held = half_tau * (end - start) * (end + start);
        lost[cell] += r[cell] * (current_mean * flow.charge[cell] - held);
        current[cell] = end;
        mean[cell] += r[cell] * current_mean;
        end_volts[cell] = r[cell] * end;
    }
}

/// One parameter of all cells.
#[inline(always)]
fn column(points: &[Point; CELLS], parameter: usize) -> Row {
    let mut row = ZEROS;
    for cell in 0..CELLS {
        row[cell] = points[cell].values[parameter];
    }
    row
}

/// Puts new parameters (times their growth) in the place of the old; `gained` grows by what the elements with these
/// states hold more, per `half`.
#[inline(always)]
fn replace(old: &mut Row, new: &Row, growth: &Row, state: &Row, half: f64, gained: &mut Row) {
    for cell in 0..CELLS {
        let next = new[cell] * growth[cell];
        gained[cell] += half * (next - old[cell]) * state[cell] * state[cell];
        old[cell] = next;
    }
}

/// What one step moves.
struct Flow {
    /// Through the cell, A.
    i: Row,
    /// The same, C.
    charge: Row,
    /// The same as a share of the capacity.
    moved: Row,
    /// Its inverse; 0 where nothing moves.
    per_moved: Row,
}

impl Since {
    #[inline(always)]
    fn reset(&mut self, soc: &Row) {
        self.seconds = 0.0;
        for cell in 0..CELLS {
            self.soc[cell] = soc[cell];
            self.hysteresis_lost[cell] = 0.0;
            self.polarisation_lost[cell] = 0.0;
            self.ohmic[cell] = 0.0;
            self.side_reaction[cell] = 0.0;
            self.volt_seconds[cell] = 0.0;
        }
    }
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
