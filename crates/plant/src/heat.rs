//! Where the heat of a module goes: between neighbouring cells, into the case, the MOSFETs' board and the heat sink,
//! and out to the ambient.
//!
//! ```text
//! cell 1 -- cell 2 -- ... -- cell 16
//!    \\_______|_______ ... ______/
//!                |
//! MOSFETs ----- case ----- ambient
//!                |            |
//!           heat sink --------+
//! ```
//!
//! Explicit steps, as many as the fastest node needs: no node gives away more than a tenth of its difference to its
//! neighbours in one, so that it is stable and monotonous for every cell, however small, and every length of step.

use crate::ledger::EnergyLedger;
use crate::{CELLS, TowerParameters};

/// Share of its difference to its neighbours that a node may give away in one step.
const SHARE_MAX: f64 = 0.1;

/// Temperatures beside those of the cells, degC, and heat on its way into them, J.
#[derive(Debug, Clone)]
pub(crate) struct Warmth {
    pub(crate) case: f64,
    pub(crate) heat_sink: f64,
    pub(crate) mosfets: f64,
    pub(crate) case_heat: f64,
    pub(crate) heat_sink_heat: f64,
    pub(crate) mosfet_heat: f64,
    /// Time since heat was passed on, s.
    pub(crate) waited: f64,
    /// Balancing energy that the case has had, J.
    pub(crate) balancing_passed: f64,
    paths: Paths,
}

/// Conductances, W/K, and heat capacities, J/K.
#[derive(Debug, Clone)]
struct Paths {
    cell_to_cell: f64,
    cell_to_case: f64,
    case_to_ambient: f64,
    mosfets_to_case: f64,
    heat_sink_to_case: f64,
    heat_sink_to_ambient: f64,
    heat_sink_blocked: f64,
    cell: f64,
    case: f64,
    mosfets: f64,
    heat_sink: f64,
    /// How fast the fastest node follows its neighbours, 1/s.
    fastest: f64,
}

/// What acts on a module from outside.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) ambient: f64,
    pub(crate) heaters: &'a [f64; CELLS],
    pub(crate) heater_spread: f64,
    /// Into heat sink and MOSFETs, W.
    pub(crate) hot_spots: [f64; 2],
    pub(crate) blocked_cooling: bool,
}

impl Paths {
    fn new(parameters: &TowerParameters) -> Self {
        let (module, pcu) = (&parameters.module, &parameters.pcu);
        let mosfets_to_case = 1.0 / module.mosfet_heat_resistance;
        let cell = (2.0 * module.cell_to_cell + module.cell_to_case) / parameters.cell.heat_capacity;
        let case = CELLS as f64 * module.cell_to_case
            + module.case_to_ambient
            + mosfets_to_case
            + pcu.heat_sink_to_case;
        let heat_sink = pcu.heat_sink_to_case + pcu.heat_sink_to_ambient.max(pcu.heat_sink_blocked);
        let fastest = cell
            .max(case / module.case_heat_capacity)
            .max(mosfets_to_case / module.mosfet_heat_capacity)
            .max(heat_sink / pcu.heat_sink);
        Self {
            cell_to_cell: module.cell_to_cell,
            cell_to_case: module.cell_to_case,
            case_to_ambient: module.case_to_ambient,
            mosfets_to_case,
            heat_sink_to_case: pcu.heat_sink_to_case,
            heat_sink_to_ambient: pcu.heat_sink_to_ambient,
            heat_sink_blocked: pcu.heat_sink_blocked,
            cell: parameters.cell.heat_capacity,
            case: module.case_heat_capacity,
            mosfets: module.mosfet_heat_capacity,
            heat_sink: pcu.heat_sink,
            fastest,
        }
    }
}

impl Warmth {
    pub(crate) fn new(parameters: &TowerParameters, inside: f64, ambient: f64) -> Self {
        Self {
            case: inside,
            heat_sink: ambient,
            mosfets: inside,
            case_heat: 0.0,
            heat_sink_heat: 0.0,
            mosfet_heat: 0.0,
            waited: 0.0,
            balancing_passed: 0.0,
            paths: Paths::new(parameters),
        }
    }

    /// Passes heat on for `dt` seconds; what the cells and the rest made since the last time arrives evenly.
    pub(crate) fn pass(
        &mut self,
        temperatures: &mut [f64; CELLS],
        mut heat: [f64; CELLS],
        around: &Surroundings<'_>,
        dt: f64,
        ledger: &mut EnergyLedger,
    ) {
        let steps = (dt * self.paths.fastest / SHARE_MAX).ceil().max(1.0);
        let (share, h) = (1.0 / steps, dt / steps);
        let spread = around.heater_spread / CELLS as f64;
        for (heat, heater) in heat.iter_mut().zip(around.heaters) {
            let heater = (heater + spread) * dt;
            ledger.heat_from_heaters += heater;
            *heat = (*heat + heater) * share;
        }
        let [sink, mosfets] = around.hot_spots.map(|watts| watts * dt);
        ledger.heat_from_heaters += sink + mosfets;
        self.heat_sink_heat += sink;
        self.mosfet_heat += mosfets;
        self.case_heat *= share;
        self.heat_sink_heat *= share;
        self.mosfet_heat *= share;
        for _ in 0..steps as u32 {
            let to_case = self.pass_cells(temperatures, &heat, h, ledger);
            self.pass_rest(to_case, around, h, ledger);
        }
        (self.case_heat, self.heat_sink_heat, self.mosfet_heat) = (0.0, 0.0, 0.0);
    }

    /// Heat made and not yet passed on, J, without the cells'.
    pub(crate) fn waiting(&self) -> f64 {
        self.case_heat + self.heat_sink_heat + self.mosfet_heat
    }

    /// One step of the cells. Returns what the case gets, J.
    fn pass_cells(
        &self,
        temperatures: &mut [f64; CELLS],
        heat: &[f64; CELLS],
        h: f64,
        ledger: &mut EnergyLedger,
    ) -> f64 {
        let paths = &self.paths;
        // From each cell to the next one; nothing beyond the ends.
        let mut along = [0.0; CELLS + 1];
        for k in 1..CELLS {
            along[k] = paths.cell_to_cell * (temperatures[k - 1] - temperatures[k]) * h;
        }
        let (mut to_case, mut stored) = (0.0, 0.0);
        for k in 0..CELLS {
            let out = paths.cell_to_case * (temperatures[k] - self.case) * h;
            let gain = heat[k] + along[k] - along[k + 1] - out;
            temperatures[k] += gain / paths.cell;
            to_case += out;
            stored += gain;
        }
        ledger.heat_stored += stored;
        to_case
    }

    /// One step of MOSFETs, heat sink and case.
    fn pass_rest(&mut self, from_cells: f64, around: &Surroundings<'_>, h: f64, ledger: &mut EnergyLedger) {
        let paths = &self.paths;
        let cooling =
            if around.blocked_cooling { paths.heat_sink_blocked } else { paths.heat_sink_to_ambient };
        let from_mosfets = paths.mosfets_to_case * (self.mosfets - self.case) * h;
        let from_heat_sink = paths.heat_sink_to_case * (self.heat_sink - self.case) * h;
        let sink_to_ambient = cooling * (self.heat_sink - around.ambient) * h;
        let case_to_ambient = paths.case_to_ambient * (self.case - around.ambient) * h;
        let case = self.case_heat + from_cells + from_mosfets + from_heat_sink - case_to_ambient;
        let mosfets = self.mosfet_heat - from_mosfets;
        let heat_sink = self.heat_sink_heat - from_heat_sink - sink_to_ambient;
        self.case += case / paths.case;
        self.mosfets += mosfets / paths.mosfets;
        self.heat_sink += heat_sink / paths.heat_sink;
        ledger.heat_stored += case + mosfets + heat_sink;
        ledger.heat_to_ambient += case_to_ambient + sink_to_ambient;
    }
}
