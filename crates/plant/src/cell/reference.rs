//! One cell, written to be read: the reference that the fast form is tested against, and what measured logs are fitted
//! and validated with.

use super::string::CellEnergy;
use super::{
    Chemistry, Decay, HYSTERESES, KELVIN, SECONDS_A_MONTH, SELF_DISCHARGE_VOLTAGE, SHORT_WAY, STANDSTILL,
};

/// One cell at a temperature that the caller sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Capacity, C.
    pub capacity: f64,
    /// State of charge.
    pub soc: f64,
    /// degC.
    pub temperature: f64,
    /// States of the stop operators, -1 (discharged far enough) to 1 (charged far enough).
    pub hysteresis: [f64; HYSTERESES],
    /// Currents through the resistors of the RC pairs, A.
    pub currents: [f64; 2],
    /// Resistance against the parameter file's: spread and age.
    pub resistance_factor: f64,
    /// Self-discharge against the parameter file's.
    pub self_discharge_factor: f64,
    /// Busbar in series, ohm.
    pub busbar: f64,
    /// Conductance of an internal short, S.
    pub short: f64,
    /// Conductance of the balancing resistor while it is closed, S.
    pub balancing: f64,
    /// Voltage at the end of the last step, V.
    pub voltage: f64,
    gaps: [f64; HYSTERESES],
    resistances: [f64; 3],
    entropy: f64,
    /// Currents of self-discharge, balancing and short, A, held until the next look.
    leaks: [f64; 3],
}

impl Cell {
    /// A new cell at rest between its charge and discharge curves.
    #[must_use]
    pub fn new(chemistry: &Chemistry, soc: f64, celsius: f64) -> Self {
        let mut cell = Self {
            capacity: chemistry.parameters.capacity * 3600.0,
            soc,
            temperature: celsius,
            hysteresis: [0.0; HYSTERESES],
            currents: [0.0; 2],
            resistance_factor: 1.0,
            self_discharge_factor: 1.0,
            busbar: 0.0,
            short: 0.0,
            balancing: 0.0,
            voltage: chemistry.open_circuit_voltage(soc),
            gaps: [0.0; HYSTERESES],
            resistances: [0.0; 3],
            entropy: 0.0,
            leaks: [0.0; 3],
        };
        cell.refresh(chemistry);
        cell
    }

    /// Parameters follow state of charge, temperature and age. What the RC pairs and the hysteresis hold changes with
    /// them; the difference is taken from the heat. Returns the energy booked, J.
    pub fn refresh(&mut self, chemistry: &Chemistry) -> CellEnergy {
        let before = (self.polarisation_energy(chemistry), self.hysteresis_energy(chemistry));
        let [r0, r1, r2] =
            chemistry.resistances(self.soc, self.temperature).map(|r| r * self.resistance_factor);
        self.resistances = [self.busbar + r0, r1, r2];
        self.gaps = chemistry.half_gaps(self.soc, self.temperature);
        self.entropy = chemistry.entropy(self.soc);
        self.leak_anew(chemistry);
        let polarisation = self.polarisation_energy(chemistry) - before.0;
        let hysteresis = self.hysteresis_energy(chemistry) - before.1;
        CellEnergy {
            polarisation_stored: polarisation,
            polarisation_lost: -polarisation,
            hysteresis_stored: hysteresis,
            hysteresis_lost: -hysteresis,
            ..CellEnergy::default()
        }
    }

    /// The currents of the leaks at the present voltage; a low resistance pulls its own voltage down.
    fn leak_anew(&mut self, chemistry: &Chemistry) {
        let cell = &chemistry.parameters;
        let own = self.capacity * cell.self_discharge_month / SECONDS_A_MONTH / SELF_DISCHARGE_VOLTAGE
            * self.self_discharge_factor;
        let conductances = [own, self.balancing, self.short];
        let [r0, ..] = self.resistances;
        let unloaded = self.voltage + r0 * self.leaks.iter().sum::<f64>();
        let volts = unloaded / (1.0 + r0 * conductances.iter().sum::<f64>());
        self.leaks = conductances.map(|conductance| conductance * volts);
        self.voltage = unloaded - r0 * self.leaks.iter().sum::<f64>();
    }

    /// Goes on from a voltage at which so much leaked, A.
    pub(super) fn take_over(&mut self, voltage: f64, leak: f64) {
        let sum: f64 = self.leaks.iter().sum();
        if sum > 0.0 {
            self.leaks = self.leaks.map(|amps| amps * leak / sum);
        }
        self.voltage = voltage;
    }

    /// Energy in the capacitors of the RC pairs, J.
    fn polarisation_energy(&self, chemistry: &Chemistry) -> f64 {
        let stored = |k: usize| {
            0.5 * chemistry.parameters.time_constants[k] * self.resistances[k + 1] * self.currents[k].powi(2)
        };
        stored(0) + stored(1)
    }

    /// Energy that the elastic part of the hysteresis holds, J.
    fn hysteresis_energy(&self, chemistry: &Chemistry) -> f64 {
        let stored =
            |k: usize| 0.5 * self.gaps[k] * chemistry.widths[k] * self.capacity * self.hysteresis[k].powi(2);
        (0..HYSTERESES).map(stored).sum()
    }

    /// Voltage at rest, V: without current, with what hysteresis and RC pairs hold.
    #[must_use]
    pub fn resting_voltage(&self, chemistry: &Chemistry) -> f64 {
        let warmth = self.temperature - chemistry.parameters.reference_temperature;
        let hysteresis: f64 = self.gaps.iter().zip(&self.hysteresis).map(|(gap, state)| gap * state).sum();
        chemistry.open_circuit_voltage(self.soc)
            + self.entropy * warmth
            + hysteresis
            + self.resistances[1] * self.currents[0]
            + self.resistances[2] * self.currents[1]
    }

    /// Voltage at this current now, V: as at rest, and across R0 and the busbar.
    #[must_use]
    pub fn voltage_at(&self, chemistry: &Chemistry, current: f64) -> f64 {
        self.resting_voltage(chemistry) + self.resistances[0] * current
    }

    /// One step with a constant current at the terminals, A, positive while charging.
    ///
    /// The leaks (self-discharge, balancing, short) take what they took when the parameters were looked up; the side
    /// reaction takes charge without storing it; the rest goes through the cell.
    pub fn step(&mut self, chemistry: &Chemistry, decay: &Decay, current: f64) -> CellEnergy {
        let cell = &chemistry.parameters;
        let dt = decay.dt;
        let leaks = self.leaks;
        let side = (1.0 - cell.coulombic_efficiency) * current.max(0.0);
        let i = current - leaks.iter().sum::<f64>() - side;
        let charge = i * dt;

        let stored_before = (self.polarisation_energy(chemistry), self.hysteresis_energy(chemistry));
        let open_circuit = self.move_charge(chemistry, charge);
        let hysteresis = self.turn(chemistry, charge / self.capacity);
        let polarisation = self.relax(decay, i);
        let polarisation_stored = self.polarisation_energy(chemistry) - stored_before.0;
        let hysteresis_stored = self.hysteresis_energy(chemistry) - stored_before.1;

        let entropic = self.entropy * (self.temperature - cell.reference_temperature);
        let ohmic = self.resistances[0] * i;
        let volts = open_circuit + hysteresis + polarisation + entropic + ohmic;
        self.voltage = self.voltage_at(chemistry, i);
        CellEnergy {
            chemical: open_circuit * charge,
            hysteresis_stored,
            hysteresis_lost: hysteresis * charge - hysteresis_stored,
            polarisation_stored,
            polarisation_lost: polarisation * charge - polarisation_stored,
            ohmic: ohmic * charge,
            entropic: entropic * charge,
            self_discharge: volts * leaks[0] * dt,
            side_reaction: volts * side * dt,
            balancing: volts * leaks[1] * dt,
            internal_short: volts * leaks[2] * dt,
            reversible_heat: self.entropy * (self.temperature + KELVIN) * charge,
            volts,
        }
    }

    /// Stores charge, C; gives the mean open-circuit voltage on the way, V.
    fn move_charge(&mut self, chemistry: &Chemistry, charge: f64) -> f64 {
        let before = chemistry.ocv.at(self.soc);
        let moved = charge / self.capacity;
        self.soc += moved;
        let after = chemistry.ocv.at(self.soc);
        if moved.abs() > SHORT_WAY {
            (after.energy - before.energy) / moved
        } else {
            0.5 * (before.volts + after.volts)
        }
    }

    /// The stop operators follow a change of the state of charge; gives their mean voltage, V.
    ///
    /// Each rises with the charge until it reaches its bound and stays there. On the way to the bound its mean is half
    /// way, at the bound it is the bound.
    fn turn(&mut self, chemistry: &Chemistry, moved: f64) -> f64 {
        let mut volts = 0.0;
        for (k, state) in self.hysteresis.iter_mut().enumerate() {
            let way = moved / chemistry.widths[k];
            let next = (*state + way).clamp(-1.0, 1.0);
            let turned = next - *state;
            let mean = if moved.abs() > STANDSTILL { next - 0.5 * turned * (turned / way) } else { next };
            *state = next;
            volts += self.gaps[k] * mean;
        }
        volts
    }

    /// The RC pairs relax towards the current; gives their mean voltage, V.
    fn relax(&mut self, decay: &Decay, i: f64) -> f64 {
        let mut volts = 0.0;
        for (k, current) in self.currents.iter_mut().enumerate() {
            let distance = *current - i;
            volts += self.resistances[k + 1] * (i + distance * decay.mean[k]);
            *current = i + distance * decay.keep[k];
        }
        volts
    }
}
