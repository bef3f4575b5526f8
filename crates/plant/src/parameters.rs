//! Every number of the hardware, with its reason. Where no source is named, it is ours: a realistic part, not the
//! maker's.
//!
//! The plant shares no number with the controllers: a mistake in one must show against the other.

pub use crate::cable::Cable;
use crate::cell::CellParameters;
pub use crate::loss::LossMap;

/// Parameters of a tower; [`Default`] is the tower of the manual as we read it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TowerParameters {
    /// The cells.
    pub cell: CellParameters,
    /// The module around them.
    pub module: ModuleParameters,
    /// The converter.
    pub pcu: PcuParameters,
    /// The high-voltage bus.
    pub bus: BusParameters,
    /// The battery input of the inverter.
    pub input: InputParameters,
    /// Errors of the measurements.
    pub sensors: SensorParameters,
    /// Insulation to ground.
    pub insulation: InsulationParameters,
    /// When the measuring circuits of the modules convert.
    pub afe: AfeTiming,
}

/// When an AFE converts; [`Default`] converts afresh for each sample that is taken.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AfeTiming {
    /// From one conversion to the next, s: 10 to 250 ms, as AFEs of this class are set. `None`: one for each sample.
    pub period: Option<f64>,
    /// From power-on to the first conversion, s.
    pub phase: f64,
    /// A conversion is up to so much early or late, s.
    pub jitter: f64,
    /// Share of the conversions that never reach the microcontroller: 0 to 1.
    pub lost: f64,
}

/// The module around the cells.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleParameters {
    /// Busbars and welds of the string, ohm: 15 joints of 0.07 mohm.
    pub busbars: f64,
    /// Both MOSFETs and the shunt, closed, ohm: 4 in parallel each of 1.5 mohm, shunt 0.25 mohm.
    pub mosfets: f64,
    /// Body diode, V: silicon at 50 A.
    pub diode: f64,
    /// Balancing resistor of a cell, ohm: 66 mA at 3.3 V, the usual passive 50 to 100 mA.
    pub balancing: f64,
    /// Electronics of the board, W, on: 1.5 W (AFE, microcontroller, CAN drivers, gate supplies of the MOSFETs).
    pub supply_on: f64,
    /// Electronics asleep, W: 10 mW, 0.2 mA of the pack. At 51 V the step-down converter's own 50 uA are 2.6 mW (data
    /// sheets of 65 V parts: 10 to 60 uA) and the AFE asleep is 2 mW (BQ76952: 41 uA); behind it at 60 %, a
    /// microcontroller in its stop mode with a running clock (STM32L4: 2 uA), a CAN transceiver in standby that hears a
    /// wake-up (TJA1044, TCAN1044: 10 to 20 uA of 5 V) and an enable line driven over 10 kohm (2.5 mW) are 4.5 mW. Ours
    /// is the sum, rounded.
    pub supply_sleep: f64,
    /// Wake circuit only, W: 5 mW, 0.1 mA from the pack: 19 months for a module at 5 % with its self-discharge. The
    /// converter's own 2.6 mW, the AFE in shutdown, a transceiver in standby and the wake input.
    pub supply_off: f64,
    /// Electronics stop below this pack voltage, V: 2.0 V a cell.
    pub supply_dropout: f64,
    /// Heat conductance between neighbours, W/K: 0.3 K/W through foil and foam.
    pub cell_to_cell: f64,
    /// Heat conductance of a cell to the case, W/K: 2 K/W.
    pub cell_to_case: f64,
    /// Heat capacity of the case, J/K: 9 kg of aluminium and steel.
    pub case_heat_capacity: f64,
    /// Heat conductance of the case to the ambient, W/K: 0.9 m2 at 7 W/m2K, natural convection and radiation.
    pub case_to_ambient: f64,
    /// Heat resistance of the MOSFETs to the case, K/W: a board on a gap pad.
    pub mosfet_heat_resistance: f64,
    /// Heat capacity of the MOSFETs with their copper, J/K: 80 g, so that they follow within a minute.
    pub mosfet_heat_capacity: f64,
}

impl Default for ModuleParameters {
    fn default() -> Self {
        Self {
            busbars: 1.05e-3,
            mosfets: 1.0e-3,
            diode: 0.75,
            balancing: 50.0,
            supply_on: 1.5,
            supply_sleep: 0.010,
            supply_off: 0.005,
            supply_dropout: 32.0,
            cell_to_cell: 3.3,
            cell_to_case: 0.5,
            case_heat_capacity: 8_000.0,
            case_to_ambient: 6.3,
            mosfet_heat_resistance: 2.0,
            mosfet_heat_capacity: 30.0,
        }
    }
}

/// The converter between pack and bus.
#[derive(Debug, Clone, PartialEq)]
pub struct PcuParameters {
    /// Rated bus current, A: 2.5 kW (public) at 400 V.
    pub rated_current: f64,
    /// Losses while it switches, over power and pack voltage.
    pub loss: LossMap,
    /// Loss while skipping pulses inside the dead band, W.
    pub loss_skipping: f64,
    /// Its electronics while it is supplied, W: 1.5 W, controller, sensing and the coil of its relay. The best home
    /// batteries stand by with 4 W in all (HTW Berlin, storage inspection 2026).
    pub standby: f64,
    /// Time constant of its current loop, s: 0.3 ms, a 500 Hz loop.
    pub lag: f64,
    /// Bus capacitor, F: 470 uF, 4.7 % ripple at 100 Hz and full power.
    pub capacitor: f64,
    /// Bleeder of the bus capacitor, ohm: 94 s, below 60 V from 450 V in 190 s, 1 W.
    pub bleeder: f64,
    /// Output relay, closed, ohm.
    pub relay: f64,
    /// Path from the pack into a bus below it, through the converter's diodes, ohm: inductor, diodes and wires.
    pub diode_path: f64,
    /// Drop of that path, V.
    pub diode_drop: f64,
    /// The stage switches from this pack voltage, V.
    pub under_voltage: f64,
    /// It folds its power back so that the pack side stays above this, V: 2.375 V a cell.
    pub fold_back_low: f64,
    /// It folds its power back so that the pack side stays below this, V: 3.9 V a cell.
    pub fold_back_high: f64,
    /// Trips by its own hardware above this capacitor voltage, V: 500 V capacitors.
    pub trip_voltage: f64,
    /// Trips by its own hardware above this multiple of the rated current.
    pub trip_current: f64,
    /// Trips by its own hardware above this heat sink temperature, degC.
    pub trip_temperature: f64,
    /// Heat capacity of the heat sink, J/K: 2.5 kg of aluminium.
    pub heat_sink: f64,
    /// Heat conductance of the heat sink to the case, W/K: it is bolted on with a seal and four screws between.
    pub heat_sink_to_case: f64,
    /// Heat conductance of the heat sink to the ambient, W/K: 40 K over ambient at full power.
    pub heat_sink_to_ambient: f64,
    /// The same when nothing cools it, W/K: radiation and conduction that stay.
    pub heat_sink_blocked: f64,
}

impl Default for PcuParameters {
    fn default() -> Self {
        Self {
            rated_current: 6.25,
            loss: LossMap::default(),
            loss_skipping: 1.0,
            standby: 1.5,
            lag: 0.3e-3,
            capacitor: 470e-6,
            bleeder: 200e3,
            relay: 5e-3,
            diode_path: 60e-3,
            diode_drop: 1.2,
            under_voltage: 35.0,
            fold_back_low: 38.0,
            fold_back_high: 62.4,
            trip_voltage: 460.0,
            trip_current: 1.5,
            trip_temperature: 105.0,
            heat_sink: 2_250.0,
            heat_sink_to_case: 0.3,
            heat_sink_to_ambient: 2.0,
            heat_sink_blocked: 0.25,
        }
    }
}

/// The bus between the modules and BAT OUT.
#[derive(Debug, Clone, PartialEq)]
pub struct BusParameters {
    /// A module's plugs B+ and B-, both, with their screws, ohm.
    pub terminal: f64,
    /// Cable from one module to the next: 0.4 m of 10 AWG.
    pub segment: Cable,
    /// Capacitor of the distribution unit, F.
    pub capacitor: f64,
    /// Its bleeder, ohm: 82 s.
    pub bleeder: f64,
    /// Fuse, cold, ohm: a 30 A gPV cartridge loses about 3 W at rated current.
    pub fuse: f64,
    /// Heat integral at which the fuse melts, A2s: pre-arcing I2t of 30 A gPV cartridges, some 500.
    pub fuse_i2t: f64,
    /// Time constant with which the fuse's element cools, s: it carries 1.3 times 30 A for ever.
    pub fuse_time: f64,
    /// DC switch, closed, ohm.
    pub dc_switch: f64,
    /// Divider of each voltage measurement, ohm.
    pub divider: f64,
    /// A module whose B+ and B- are swapped shorts the bus through the converter's diodes with this resistance, ohm.
    pub reversed: f64,
}

impl Default for BusParameters {
    fn default() -> Self {
        Self {
            terminal: 2e-3,
            segment: Cable { awg: 10, length: 0.4 },
            capacitor: 100e-6,
            bleeder: 820e3,
            fuse: 3.5e-3,
            fuse_i2t: 500.0,
            fuse_time: 0.33,
            dc_switch: 2e-3,
            divider: 4e6,
            reversed: 50e-3,
        }
    }
}

/// The battery input of a hybrid inverter.
#[derive(Debug, Clone, PartialEq)]
pub struct InputParameters {
    /// Cable from BAT OUT: 10 AWG (manual, table 4-1), 5 m (ours).
    pub cable: Cable,
    /// Its four plugs, ohm: plugs for solar cables are specified at 0.25 mohm.
    pub connectors: f64,
    /// Input capacitor, F.
    pub capacitor: f64,
    /// Its bleeder, ohm: 84 s.
    pub bleeder: f64,
    /// Power folds back from here down to zero, V.
    pub under_voltage: (f64, f64),
    /// Charging power folds back from here up to zero, V.
    pub over_voltage: (f64, f64),
    /// Its own supply starts at the first voltage and is whole at the second, V.
    pub auxiliary: (f64, f64),
}

impl Default for InputParameters {
    fn default() -> Self {
        Self {
            cable: Cable { awg: 10, length: 5.0 },
            connectors: 1e-3,
            capacitor: 1.5e-3,
            bleeder: 56e3,
            under_voltage: (360.0, 340.0),
            over_voltage: (430.0, 445.0),
            auxiliary: (150.0, 170.0),
        }
    }
}

/// Errors of the measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct SensorParameters {
    /// Step of the cell voltage, V.
    pub cell_step: f64,
    /// Noise of the cell voltage, one sigma, V.
    pub cell_noise: f64,
    /// Offset of each cell channel, largest, V: AFE data sheets of this class, +-1 to 2 mV.
    pub cell_offset: f64,
    /// Step of the pack voltage, V.
    pub pack_step: f64,
    /// Noise of the pack voltage, one sigma, V.
    pub pack_noise: f64,
    /// Step of the pack current, A.
    pub shunt_step: f64,
    /// Noise of the pack current, one sigma, A.
    pub shunt_noise: f64,
    /// Offset of the pack current, largest, A.
    pub shunt_offset: f64,
    /// Gain error of the pack current, largest.
    pub shunt_gain: f64,
    /// Step of the temperatures, K.
    pub ntc_step: f64,
    /// Noise of the temperatures, one sigma, K.
    pub ntc_noise: f64,
    /// Error of each thermistor, largest, K: 1 % parts.
    pub ntc_offset: f64,
    /// Step of the bus voltages, V.
    pub bus_step: f64,
    /// Gain error of each bus voltage, largest: 0.1 % dividers.
    pub bus_gain: f64,
    /// Step of the bus currents, A.
    pub bus_current_step: f64,
    /// Offset of the bus currents, largest, A.
    pub bus_current_offset: f64,
}

impl Default for SensorParameters {
    fn default() -> Self {
        Self {
            cell_step: 0.001,
            cell_noise: 0.0005,
            cell_offset: 0.001,
            pack_step: 0.01,
            pack_noise: 0.005,
            shunt_step: 0.01,
            shunt_noise: 0.015,
            shunt_offset: 0.03,
            shunt_gain: 0.002,
            ntc_step: 0.1,
            ntc_noise: 0.05,
            ntc_offset: 0.3,
            bus_step: 0.1,
            bus_gain: 0.001,
            bus_current_step: 0.01,
            bus_current_offset: 0.01,
        }
    }
}

/// Insulation of the poles to ground, and what is grounded.
#[derive(Debug, Clone, PartialEq)]
pub struct InsulationParameters {
    /// Each pole of a module to its case, ohm: new equipment has tens of megohms; a whole installation must have 1 Mohm
    /// (IEC 60364-6, table 6.1, up to 500 V), and one of four modules has 2 Mohm with this.
    pub module: f64,
    /// Each pole of distribution unit, cable and inverter to ground, ohm: the same.
    pub others: f64,
    /// Each pole to ground in the inverter's measurement, ohm: 1 Mohm, dividers of this kind. It holds the poles even.
    pub monitor: f64,
    /// The inverter's reading ends here, ohm: insulation monitors for such nets read up to 10 Mohm.
    pub reading_max: f64,
    /// Earth wire of a module: 8 AWG (manual, table 4-1), 2 m (ours).
    pub earth: Cable,
    /// A case whose earth wire is missing stands on painted feet and a wall bracket, ohm to ground: 50 kohm is the
    /// least that a floor must have to count as insulating (IEC 60364-6, up to 500 V); ours is ten times better.
    pub floor: f64,
}

impl Default for InsulationParameters {
    fn default() -> Self {
        Self {
            module: 20e6,
            others: 20e6,
            monitor: 1e6,
            reading_max: 10e6,
            earth: Cable { awg: 8, length: 2.0 },
            floor: 500e3,
        }
    }
}
