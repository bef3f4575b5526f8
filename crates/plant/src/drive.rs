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

/// Registers of the AFE's second path, which opens MOSFETs without the microcontroller; a threshold of zero is off.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Comparator {
    /// Above this cell voltage it opens both MOSFETs, V.
    pub over_voltage: f64,
    /// Above this cell temperature it opens both MOSFETs, degC.
    pub over_temperature: f64,
    /// Below this cell voltage it opens the discharge MOSFET, V.
    pub under_voltage: f64,
    /// After so long, s.
    pub under_voltage_delay: f64,
    /// Above this pack current it opens the charge MOSFET, A.
    pub over_current_charge: f64,
    /// Above this pack current, a magnitude, it opens the discharge MOSFET, A.
    pub over_current_discharge: f64,
    /// Either after so long, s.
    pub over_current_delay: f64,
    /// Above this pack current, a magnitude, either way, it opens both MOSFETs, A.
    pub short_circuit: f64,
    /// After so long, s.
    pub short_circuit_delay: f64,
}

/// What the AFE's second path has seen and holds MOSFETs open for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ComparatorStatus {
    /// A cell voltage too high.
    pub over_voltage: bool,
    /// A cell too hot.
    pub over_temperature: bool,
    /// A cell voltage too low.
    pub under_voltage: bool,
    /// Too much current in.
    pub over_current_charge: bool,
    /// Too much current out.
    pub over_current_discharge: bool,
    /// A short circuit.
    pub short_circuit: bool,
}

impl ComparatorStatus {
    /// It holds a MOSFET open.
    #[must_use]
    pub fn tripped(self) -> bool {
        self.opens_charge() || self.opens_discharge()
    }

    /// It holds the charge MOSFET open.
    #[must_use]
    pub fn opens_charge(self) -> bool {
        self.over_voltage || self.over_temperature || self.over_current_charge || self.short_circuit
    }

    /// It holds the discharge MOSFET open.
    #[must_use]
    pub fn opens_discharge(self) -> bool {
        self.over_voltage
            || self.over_temperature
            || self.under_voltage
            || self.over_current_discharge
            || self.short_circuit
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
    /// What the AFE's second path is programmed with.
    pub comparator: Comparator,
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
