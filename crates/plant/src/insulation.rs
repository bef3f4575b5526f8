//! Insulation of the two poles to the modules' cases, and of the cases to ground.
//!
//! ```text
//! B+ --R--+--------R/monitor--- ground
//!        case --earth wire----- ground      each module; without its wire only the floor
//! B- --R--+--------R/monitor--- ground
//! ```
//!
//! All resistive: a bus that is not grounded, so that a first fault shifts its poles and drives next to no current.
//! The case of a module whose earth wire is missing takes the voltage of the pole that leaks to it, and hides the
//! leak from the inverter, whose reading goes through ground. Of what the missing wire does at high frequency (the
//! converters' noise, the Link) nothing is modelled: there is no source for its size.

use crate::MODULES;
use crate::fault::Fault;
use crate::parameters::InsulationParameters;

/// The network of a tower: what is broken, and its solution for one volt between the poles.
#[derive(Debug, Clone)]
pub(crate) struct Insulation {
    parameters: InsulationParameters,
    modules: usize,
    /// Conductance of a fault from B+ to the case, S.
    leak: [f64; MODULES],
    earth_missing: [bool; MODULES],
    unplugged: [bool; MODULES],
    solution: Solution,
}

/// For one volt between the poles.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Solution {
    /// Both poles together to ground, ohm, without the inverter's own measurement.
    pub(crate) ohms: f64,
    /// Current from pole to pole through all of it, A.
    pub(crate) current: f64,
    /// Voltage of each case to ground, V.
    pub(crate) cases: [f64; MODULES],
    /// Current through each earth wire to ground, A.
    pub(crate) earth: [f64; MODULES],
}

impl Insulation {
    pub(crate) fn new(parameters: &InsulationParameters, modules: usize) -> Self {
        let mut insulation = Self {
            parameters: parameters.clone(),
            modules,
            leak: [0.0; MODULES],
            earth_missing: [false; MODULES],
            unplugged: [false; MODULES],
            solution: Solution::default(),
        };
        insulation.solution = insulation.solve();
        insulation
    }

    pub(crate) fn solution(&self) -> &Solution {
        &self.solution
    }

    /// End of the inverter's range, ohm.
    pub(crate) fn reading_max(&self) -> f64 {
        self.parameters.reading_max
    }

    /// Breaks or repairs; the tower asks for every fault of a module.
    pub(crate) fn set(&mut self, fault: &Fault, broken: bool) {
        let set = |row: &mut [bool; MODULES], module: usize| {
            if let Some(place) = row.get_mut(module) {
                *place = broken;
            }
        };
        match *fault {
            Fault::InsulationLoss { module, ohms } => {
                if let Some(leak) = self.leak.get_mut(module) {
                    *leak = if broken { 1.0 / ohms.max(1.0) } else { 0.0 };
                }
            }
            Fault::EarthMissing { module } => set(&mut self.earth_missing, module),
            Fault::Unplugged { module } => set(&mut self.unplugged, module),
            ref other => return debug_assert!(other.module().is_some(), "a fault of a module"),
        }
        self.solution = self.solve();
    }

    /// Conductances of a module: B+ to its case, B- to its case, its case to ground; the last of these by its wire.
    fn branches(&self, module: usize) -> (f64, f64, f64, f64) {
        let p = &self.parameters;
        let sound = if self.unplugged[module] { 0.0 } else { 1.0 / p.module };
        let leak = if self.unplugged[module] { 0.0 } else { self.leak[module] };
        let wire = if self.earth_missing[module] { 0.0 } else { 1.0 / p.earth.one_way().max(1e-6) };
        (sound + leak, sound, 1.0 / p.floor + wire, wire)
    }

    fn solve(&self) -> Solution {
        let p = &self.parameters;
        let (others, monitor) = (1.0 / p.others, 1.0 / p.monitor);
        // What each pole sees to ground, with the cases eliminated.
        let (mut plus, mut minus) = (others, others);
        for module in 0..self.modules {
            let (gp, gn, ground, _) = self.branches(module);
            let share = ground / (gp + gn + ground);
            plus += gp * share;
            minus += gn * share;
        }
        let below = (plus + monitor) / (plus + minus + 2.0 * monitor);
        let (high, low) = (1.0 - below, -below);
        let mut solution = Solution {
            ohms: 1.0 / (plus + minus),
            current: (others + monitor) * high,
            ..Solution::default()
        };
        for module in 0..self.modules {
            let (gp, gn, ground, wire) = self.branches(module);
            let case = (gp * high + gn * low) / (gp + gn + ground);
            solution.cases[module] = case;
            solution.earth[module] = case * wire;
            solution.current += gp * (high - case);
        }
        solution
    }
}
