//! The errors of the measurements: what was drawn of each channel from the seed, noise, and the steps of the
//! converters.

use crate::drive::Comparator;
use crate::noise::Noise;
use crate::parameters::SensorParameters;
use crate::reading::ModuleReading;
use crate::{CELL_SENSORS, CELLS};

/// Errors of one board, drawn once.
#[derive(Debug, Clone)]
pub(crate) struct Board {
    sensors: SensorParameters,
    noise: Noise,
    cell_offset: [f64; CELLS],
    shunt_offset: f64,
    shunt_gain: f64,
    ntc_offset: [f64; CELL_SENSORS + 3],
    bus_gain: [f64; 3],
    bus_current_offset: f64,
}

/// Thermistors after those of the cells.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Thermistor {
    Cell(usize),
    Mosfet,
    Ambient,
    HeatSink,
}

impl Thermistor {
    fn place(self) -> usize {
        match self {
            Self::Cell(sensor) => sensor,
            Self::Mosfet => CELL_SENSORS,
            Self::Ambient => CELL_SENSORS + 1,
            Self::HeatSink => CELL_SENSORS + 2,
        }
    }
}

/// What the AFE converts: kept, because a frozen or silent AFE repeats it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Conversion {
    pub(crate) cells: [Option<f64>; CELLS],
    pub(crate) pack_voltage: f64,
    pub(crate) pack_current: f64,
    pub(crate) cell_temperatures: [Option<f64>; CELL_SENSORS],
    pub(crate) mos_temperature: Option<f64>,
    pub(crate) ambient_temperature: Option<f64>,
    pub(crate) comparator: Comparator,
}

impl Conversion {
    /// Copies the conversion into a reading.
    pub(crate) fn report(&self, reading: &mut ModuleReading) {
        reading.cells = self.cells;
        reading.pack_voltage = self.pack_voltage;
        reading.pack_current = self.pack_current;
        reading.cell_temperatures = self.cell_temperatures;
        reading.mos_temperature = self.mos_temperature;
        reading.ambient_temperature = self.ambient_temperature;
        reading.comparator = self.comparator;
    }
}

impl Board {
    pub(crate) fn new(sensors: &SensorParameters, mut noise: Noise) -> Self {
        Self {
            cell_offset: core::array::from_fn(|_| sensors.cell_offset * noise.even()),
            shunt_offset: sensors.shunt_offset * noise.even(),
            shunt_gain: 1.0 + sensors.shunt_gain * noise.even(),
            ntc_offset: core::array::from_fn(|_| sensors.ntc_offset * noise.even()),
            bus_gain: core::array::from_fn(|_| 1.0 + sensors.bus_gain * noise.even()),
            bus_current_offset: sensors.bus_current_offset * noise.even(),
            sensors: sensors.clone(),
            noise,
        }
    }

    pub(crate) fn cell(&mut self, cell: usize, volts: f64) -> f64 {
        let error = self.cell_offset[cell] + self.sensors.cell_noise * self.noise.normal();
        quantise(volts + error, self.sensors.cell_step).max(0.0)
    }

    /// A reading with noise on top.
    pub(crate) fn noisy_cell(&mut self, volts: f64, sigma: f64) -> f64 {
        quantise(volts + sigma * self.noise.normal(), self.sensors.cell_step).max(0.0)
    }

    /// A reading with noise on top.
    pub(crate) fn noisy_thermistor(&mut self, celsius: f64, sigma: f64) -> f64 {
        quantise(celsius + sigma * self.noise.normal(), self.sensors.ntc_step)
    }

    /// A reading with noise on top.
    pub(crate) fn noisy_shunt(&mut self, amps: f64, sigma: f64) -> f64 {
        quantise(amps + sigma * self.noise.normal(), self.sensors.shunt_step)
    }

    pub(crate) fn pack(&mut self, volts: f64) -> f64 {
        quantise(volts + self.sensors.pack_noise * self.noise.normal(), self.sensors.pack_step)
    }

    pub(crate) fn shunt(&mut self, amps: f64, extra_offset: f64) -> f64 {
        let error = self.shunt_offset + extra_offset + self.sensors.shunt_noise * self.noise.normal();
        quantise(amps * self.shunt_gain + error, self.sensors.shunt_step)
    }

    pub(crate) fn thermistor(&mut self, which: Thermistor, celsius: f64) -> f64 {
        let error = self.ntc_offset[which.place()] + self.sensors.ntc_noise * self.noise.normal();
        quantise(celsius + error, self.sensors.ntc_step)
    }

    /// A high voltage through one of the board's three dividers.
    pub(crate) fn bus(&self, divider: usize, volts: f64) -> f64 {
        quantise(volts * self.bus_gain[divider], self.sensors.bus_step)
    }

    pub(crate) fn bus_current(&self, amps: f64) -> f64 {
        quantise(amps + self.bus_current_offset, self.sensors.bus_current_step)
    }
}

/// Rounds to the nearest step, half away from zero.
fn quantise(x: f64, step: f64) -> f64 {
    (x / step + 0.5_f64.copysign(x)) as i64 as f64 * step
}
