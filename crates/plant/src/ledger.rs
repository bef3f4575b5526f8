//! Where the energy went: every account booked separately, so that the sum proves itself.

use crate::cell::CellEnergy;

/// Joules since the start. A positive account has taken energy in; the inverter has given it.
///
/// The electrical ledger closes on free energy: `inverter` equals the sum of the other electrical accounts. The thermal
/// one closes beside it: losses, entropy and heaters equal warmed mass plus heat given to the ambient.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EnergyLedger {
    /// Given by the inverter at its own capacitor, positive while charging.
    pub inverter: f64,
    /// Stored in the cells: integral of the mean open-circuit voltage over charge.
    pub chemical: f64,
    /// Held by the hysteresis of the cells, given back on the way back.
    pub hysteresis_stored: f64,
    /// Lost in the hysteresis of the cells.
    pub hysteresis_lost: f64,
    /// Stored in the two RC pairs of the cells.
    pub polarisation_stored: f64,
    /// Lost in the two RC pairs of the cells.
    pub polarisation_lost: f64,
    /// Lost in ohmic resistance of cells and their contacts.
    pub ohmic: f64,
    /// Exchanged with heat by the temperature dependence of the open-circuit voltage.
    pub entropic: f64,
    /// Self-discharge.
    pub self_discharge: f64,
    /// Lost with the charge that a side reaction of the cells takes (coulombic efficiency).
    pub side_reaction: f64,
    /// Balancing resistors.
    pub balancing: f64,
    /// Internal shorts.
    pub internal_short: f64,
    /// MOSFETs and their body diodes.
    pub mosfets: f64,
    /// Electronics of modules and distribution unit.
    pub electronics: f64,
    /// Energy in the pack-side links of the converters (asked of the pack and not yet moved).
    pub links: f64,
    /// Lost in the converters.
    pub converters: f64,
    /// Stored in the capacitors of modules, distribution unit and inverter input.
    pub capacitors: f64,
    /// Bleeders and voltage dividers.
    pub bleeders: f64,
    /// Relays, terminals, DC switch and cables.
    pub cables: f64,
    /// The fuse.
    pub fuse: f64,
    /// Shorts of the bus.
    pub shorts: f64,
    /// Insulation of the poles to ground.
    pub insulation: f64,
    /// Thermal: warmed cells, cases and heat sinks.
    pub heat_stored: f64,
    /// Thermal: made and not yet passed on.
    pub heat_waiting: f64,
    /// Thermal: given to the ambient.
    pub heat_to_ambient: f64,
    /// Thermal: made by losses inside the modules.
    pub heat_made: f64,
    /// Thermal: reversible heat of the cells.
    pub heat_reversible: f64,
    /// Thermal: heaters (a fault).
    pub heat_from_heaters: f64,
}

impl EnergyLedger {
    /// Adds the accounts of a string of cells.
    pub(crate) fn book_cells(&mut self, energy: &CellEnergy) {
        self.chemical += energy.chemical;
        self.hysteresis_stored += energy.hysteresis_stored;
        self.hysteresis_lost += energy.hysteresis_lost;
        self.polarisation_stored += energy.polarisation_stored;
        self.polarisation_lost += energy.polarisation_lost;
        self.ohmic += energy.ohmic;
        self.entropic += energy.entropic;
        self.self_discharge += energy.self_discharge;
        self.side_reaction += energy.side_reaction;
        self.balancing += energy.balancing;
        self.internal_short += energy.internal_short;
        self.heat_made += energy.heat_made();
        self.heat_reversible += energy.reversible_heat;
    }

    /// The electrical accounts that take energy, with their names.
    #[must_use]
    pub fn accounts(&self) -> [(&'static str, f64); 21] {
        [
            ("chemical", self.chemical),
            ("hysteresis stored", self.hysteresis_stored),
            ("hysteresis lost", self.hysteresis_lost),
            ("polarisation stored", self.polarisation_stored),
            ("polarisation lost", self.polarisation_lost),
            ("ohmic", self.ohmic),
            ("entropic", self.entropic),
            ("self-discharge", self.self_discharge),
            ("side reaction", self.side_reaction),
            ("balancing", self.balancing),
            ("internal short", self.internal_short),
            ("MOSFETs", self.mosfets),
            ("electronics", self.electronics),
            ("links", self.links),
            ("converters", self.converters),
            ("capacitors", self.capacitors),
            ("bleeders", self.bleeders),
            ("cables", self.cables),
            ("fuse", self.fuse),
            ("shorts", self.shorts),
            ("insulation", self.insulation),
        ]
    }

    /// What the electrical accounts do not explain, J.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.inverter - self.accounts().iter().map(|(_, joules)| joules).sum::<f64>()
    }

    /// The residual as a share of the largest electrical account.
    #[must_use]
    pub fn relative_residual(&self) -> f64 {
        let largest = self.accounts().iter().fold(self.inverter.abs(), |most, (_, j)| most.max(j.abs()));
        if largest > 0.0 { self.residual().abs() / largest } else { 0.0 }
    }

    /// What the thermal accounts do not explain, J.
    #[must_use]
    pub fn thermal_residual(&self) -> f64 {
        self.heat_made + self.heat_reversible + self.heat_from_heaters
            - self.heat_stored
            - self.heat_waiting
            - self.heat_to_ambient
    }
}
