//! What the electronics measure: the truth through dividers, shunt, thermistors and converters, with their errors.

use crate::drive::{Comparator, ComparatorStatus};
use crate::{CELL_SENSORS, CELLS};

/// One sample of a module's electronics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModuleReading {
    /// Counts the conversions of the AFE; stands still when it is silent.
    pub afe_conversion: u32,
    /// Cell voltages, V; `None` where the open-wire check failed.
    pub cells: [Option<f64>; CELLS],
    /// Pack voltage at the divider of the AFE, V.
    pub pack_voltage: f64,
    /// Pack current through the shunt, A, positive while charging.
    pub pack_current: f64,
    /// Cell temperatures, degC; `None` for a thermistor that is open or shorted.
    pub cell_temperatures: [Option<f64>; CELL_SENSORS],
    /// MOSFET temperature, degC.
    pub mos_temperature: Option<f64>,
    /// Ambient temperature inside the case, degC.
    pub ambient_temperature: Option<f64>,
    /// The comparator of the AFE holds MOSFETs open.
    pub comparator_tripped: bool,
    /// For what.
    pub comparator_status: ComparatorStatus,
    /// What its registers hold, read back with each conversion.
    pub comparator: Comparator,
    /// The charge MOSFET conducts.
    pub charge_mosfet_closed: bool,
    /// The discharge MOSFET conducts.
    pub discharge_mosfet_closed: bool,
    /// The converter's own measurements.
    pub pcu: PcuReading,
}

/// One sample of the converter's electronics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PcuReading {
    /// Voltage on its pack side, behind the MOSFETs, V.
    pub low_voltage: f64,
    /// Current on its pack side, A, positive while charging.
    pub low_current: f64,
    /// Voltage of its bus capacitor, inside its relay, V.
    pub capacitor_voltage: f64,
    /// Voltage at B+/B-, outside its relay, V; negative if they are swapped.
    pub terminal_voltage: f64,
    /// Bus current of the power stage, A, positive while charging.
    pub bus_current: f64,
    /// Heat sink temperature, degC.
    pub heat_sink: Option<f64>,
    /// The power stage has tripped by its own hardware; cleared by taking its gate away.
    pub stage_tripped: bool,
    /// Auxiliary contact of the output relay.
    pub relay_closed: bool,
}

/// One sample of the distribution unit's electronics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BduReading {
    /// Bus voltage between modules and fuse, V.
    pub before_fuse: f64,
    /// Voltage between fuse and DC switch, V.
    pub after_fuse: f64,
    /// Voltage outside the DC switch, at BAT OUT, V.
    pub outside: f64,
    /// Current of the tower, A, positive while charging.
    pub current: f64,
    /// Auxiliary contact of the DC switch.
    pub dc_switch_closed: bool,
}
