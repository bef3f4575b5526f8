//! What the controllers drive: the pins of a module and of the distribution unit.

/// Supply of the electronics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Supply {
    /// Only the wake circuit; MOSFETs and relay drop open.
    #[default]
    Off,
    /// Battery management awake, converter unpowered.
    Sleep,
    /// Everything powered.
    On,
}

/// The pins of the converter. The fast voltage loop that obeys them is part of the power stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PcuDrive {
    /// The power stage switches.
    pub gate: bool,
    /// The output relay is closed.
    pub relay: bool,
    /// Bus voltage at which no current flows, V.
    pub set_point: f64,
    /// Slope of the droop line, ohm, at least 1 milliohm.
    pub droop: f64,
    /// Half width of the band around the set-point in which the stage only skips pulses, V.
    pub dead_band: f64,
    /// Largest bus current while charging, A, a magnitude.
    pub charge_current_max: f64,
    /// Largest bus current while discharging, A, a magnitude.
    pub discharge_current_max: f64,
}

impl Default for PcuDrive {
    fn default() -> Self {
        Self {
            gate: false,
            relay: false,
            set_point: 0.0,
            droop: 1.0,
            dead_band: 0.0,
            charge_current_max: 0.0,
            discharge_current_max: 0.0,
        }
    }
}

/// The pins of a module, held until changed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModuleDrive {
    /// Supply of its electronics.
    pub power: Supply,
    /// Closed, it lets current in.
    pub charge_mosfet: bool,
    /// Closed, it lets current out.
    pub discharge_mosfet: bool,
    /// Balancing switches, bit 0 is the first cell.
    pub balancing: u16,
    /// The comparator of the AFE opens both MOSFETs above this cell voltage, V; zero: not programmed.
    pub comparator_over_voltage: f64,
    /// The comparator of the AFE opens both MOSFETs above this cell temperature, degC; zero: not programmed.
    pub comparator_over_temperature: f64,
    /// The AFE lets go of what its comparator holds open, unless it still sees danger.
    pub comparator_reset: bool,
    /// The converter.
    pub pcu: PcuDrive,
}

/// The pins of the distribution unit that draw power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BduDrive {
    /// Supply of its electronics, fed by the modules through the Link cable.
    pub power: Supply,
}
