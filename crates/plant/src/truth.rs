//! The truth, for checkers and for pictures that are marked so; no controller sees it.

use crate::{CELLS, MODULES};

/// The truth about a tower.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TowerTruth {
    /// The modules that exist, in stacking order from the distribution unit.
    pub modules: [Option<ModuleTruth>; MODULES],
    /// Bus voltage inside the distribution unit, before the fuse, V.
    pub bus_voltage: f64,
    /// Voltage between fuse and DC switch, V.
    pub after_fuse_voltage: f64,
    /// Voltage at BAT OUT, V.
    pub outside_voltage: f64,
    /// Voltage of the inverter's input capacitor, V.
    pub input_voltage: f64,
    /// Current through the fuse, A, mean of the last step, positive while charging.
    pub current: f64,
    /// Power of the inverter at its DC terminals, W, mean of the last step, positive while charging.
    pub power: f64,
    /// How often the DC switch has closed since the start.
    pub dc_switch_cycles: u32,
    /// The fuse conducts.
    pub fuse_intact: bool,
    /// Heat integral of the fuse, A2s.
    pub fuse_i2t: f64,
    /// Insulation of both poles together to ground, ohm.
    pub insulation: f64,
    /// Largest voltage of any bus capacitor of the tower inside the DC switch since the start, V.
    pub peak_bus_voltage: f64,
}

/// The truth about a module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModuleTruth {
    /// Mean state of charge of its cells, 0 to 1.
    pub soc: f64,
    /// State of charge of each cell.
    pub cell_soc: [f64; CELLS],
    /// Terminal voltage of each cell, V.
    pub cell_voltages: [f64; CELLS],
    /// Temperature of each cell, degC.
    pub cell_temperatures: [f64; CELLS],
    /// Charge that the weakest cell can still give, Ah.
    pub remaining: f64,
    /// Capacity of the smallest cell, Ah.
    pub capacity: f64,
    /// Pack voltage, V.
    pub pack_voltage: f64,
    /// Pack current, A, positive while charging.
    pub pack_current: f64,
    /// Power at the cells, W, mean of the last step.
    pub pack_power: f64,
    /// Power of the power stage at the bus, W, mean of the last step.
    pub bus_power: f64,
    /// Current of the power stage at the bus, A, at the end of the last step.
    pub bus_current: f64,
    /// Voltage of its bus capacitor, V.
    pub capacitor_voltage: f64,
    /// Voltage at B+/B-, V.
    pub terminal_voltage: f64,
    /// Voltage of its case to ground, V: what a person touches.
    pub case_voltage: f64,
    /// Current through its earth wire to ground, A.
    pub earth_current: f64,
    /// Temperature of the heat sink's surface, degC: the manual warns of touching it (1.2, 3).
    pub heat_sink: f64,
    /// Case temperature, degC.
    pub case_temperature: f64,
    /// Of the air in its case, where the sensor for the surroundings sits, degC.
    pub air_temperature: f64,
    /// MOSFET temperature, degC.
    pub mos_temperature: f64,
    /// The output relay conducts.
    pub relay_closed: bool,
    /// How often its output relay has closed since the start.
    pub relay_cycles: u32,
    /// The charge MOSFET conducts.
    pub charge_mosfet_closed: bool,
    /// The discharge MOSFET conducts.
    pub discharge_mosfet_closed: bool,
    /// The power stage has tripped.
    pub stage_tripped: bool,
    /// The comparator of the AFE has opened the MOSFETs.
    pub comparator_tripped: bool,
    /// The pack still feeds the electronics (above 32 V).
    pub electronics_alive: bool,
    /// Energy in the pack-side link of the converter, J: what the bus moved and the pack has not yet taken.
    pub link_energy: f64,
}
