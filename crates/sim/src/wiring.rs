//! Where plant and control meet: readings become samples, drives become pin states. Units change here and nowhere else.

use voltower_control::io;
use voltower_control::keep::MemoryReport;
use voltower_control::selftest::SelfTestReport;
use voltower_core::{DeciCelsius, Duration, MilliAmps, MilliOhms, MilliVolts};
use voltower_plant as plant;

/// What the module's electronics hand to its controller.
#[must_use]
pub(crate) fn module_sample(
    reading: &plant::ModuleReading,
    self_test: SelfTestReport,
    memory: MemoryReport,
) -> io::ModuleSample {
    io::ModuleSample {
        afe_conversion: reading.afe_conversion,
        cells: each(&reading.cells, millivolts),
        pack_voltage: millivolts(reading.pack_voltage),
        pack_current: milliamps(reading.pack_current),
        cell_temperatures: each(&reading.cell_temperatures, decicelsius),
        mos_temperature: reading.mos_temperature.map(decicelsius),
        ambient_temperature: reading.ambient_temperature.map(decicelsius),
        comparator_tripped: reading.comparator_tripped,
        comparator_status: comparator_status(reading.comparator_status),
        comparator: comparator(&reading.comparator),
        charge_mosfet_closed: reading.charge_mosfet_closed,
        discharge_mosfet_closed: reading.discharge_mosfet_closed,
        pcu: pcu_sample(&reading.pcu),
        self_test,
        memory,
    }
}

fn comparator(registers: &plant::Comparator) -> io::Comparator {
    io::Comparator {
        over_voltage: millivolts(registers.over_voltage),
        over_temperature: decicelsius(registers.over_temperature),
        under_voltage: millivolts(registers.under_voltage),
        under_voltage_delay: duration(registers.under_voltage_delay),
        over_current_charge: milliamps(registers.over_current_charge),
        over_current_discharge: milliamps(registers.over_current_discharge),
        over_current_delay: duration(registers.over_current_delay),
        short_circuit: milliamps(registers.short_circuit),
        short_circuit_delay: duration(registers.short_circuit_delay),
    }
}

/// The same, as the drive programs it.
fn registers(comparator: &io::Comparator) -> plant::Comparator {
    plant::Comparator {
        over_voltage: volts(comparator.over_voltage),
        over_temperature: f64::from(comparator.over_temperature.0) / 10.0,
        under_voltage: volts(comparator.under_voltage),
        under_voltage_delay: seconds(comparator.under_voltage_delay),
        over_current_charge: amps(comparator.over_current_charge),
        over_current_discharge: amps(comparator.over_current_discharge),
        over_current_delay: seconds(comparator.over_current_delay),
        short_circuit: amps(comparator.short_circuit),
        short_circuit_delay: seconds(comparator.short_circuit_delay),
    }
}

fn comparator_status(status: plant::ComparatorStatus) -> io::ComparatorStatus {
    io::ComparatorStatus {
        over_voltage: status.over_voltage,
        over_temperature: status.over_temperature,
        under_voltage: status.under_voltage,
        over_current_charge: status.over_current_charge,
        over_current_discharge: status.over_current_discharge,
        short_circuit: status.short_circuit,
    }
}

/// Those that were read, in control's unit (a plain loop: `map` of an array this long moves it several times).
fn each<Q: Copy, const N: usize>(readings: &[Option<f64>; N], unit: fn(f64) -> Q) -> [Option<Q>; N] {
    let mut samples = [None; N];
    for (sample, reading) in samples.iter_mut().zip(readings) {
        *sample = reading.map(unit);
    }
    samples
}

fn pcu_sample(reading: &plant::PcuReading) -> io::PcuSample {
    io::PcuSample {
        low_voltage: millivolts(reading.low_voltage),
        low_current: milliamps(reading.low_current),
        capacitor_voltage: millivolts(reading.capacitor_voltage),
        terminal_voltage: millivolts(reading.terminal_voltage),
        bus_current: milliamps(reading.bus_current),
        heat_sink: reading.heat_sink.map(decicelsius),
        stage_tripped: reading.stage_tripped,
        relay_closed: reading.relay_closed,
    }
}

/// What a module controller's pins do to the hardware.
#[must_use]
pub(crate) fn module_drive(drive: &io::ModuleDrive) -> plant::ModuleDrive {
    plant::ModuleDrive {
        power: supply(drive.power),
        charge_mosfet: drive.charge_mosfet,
        discharge_mosfet: drive.discharge_mosfet,
        balancing: drive.balancing,
        comparator: registers(&drive.comparator),
        comparator_reset: drive.comparator_reset,
        pcu: plant::PcuDrive {
            gate: drive.pcu.gate,
            relay: drive.pcu.relay,
            set_point: volts(drive.pcu.set_point),
            droop: f64::from(drive.pcu.droop.0) / 1000.0,
            dead_band: volts(drive.pcu.dead_band),
            charge_current_max: amps(drive.pcu.charge_current_max),
            discharge_current_max: amps(drive.pcu.discharge_current_max),
        },
    }
}

/// What the distribution unit's electronics see beside their own measurements.
pub(crate) struct Surroundings {
    /// A person holds the black-start switch down.
    pub(crate) black_start_pressed: bool,
    /// The strap in the COM-IN cable.
    pub(crate) second_tower: bool,
    /// Between the two wires of the Link.
    pub(crate) link_resistance: Option<MilliOhms>,
    /// The unit's CAN controller on the Link.
    pub(crate) link_bus: io::BusState,
    /// What its self tests have come to.
    pub(crate) self_test: SelfTestReport,
    /// What its memory holds.
    pub(crate) memory: MemoryReport,
}

/// What the distribution unit's electronics hand to its controller.
#[must_use]
pub(crate) fn bdu_sample(reading: &plant::BduReading, around: &Surroundings) -> io::BduSample {
    io::BduSample {
        before_fuse: millivolts(reading.before_fuse),
        after_fuse: millivolts(reading.after_fuse),
        outside: millivolts(reading.outside),
        current: milliamps(reading.current),
        black_start_pressed: around.black_start_pressed,
        dc_switch_closed: reading.dc_switch_closed,
        second_tower: around.second_tower,
        link_resistance: around.link_resistance,
        link_bus: around.link_bus,
        self_test: around.self_test,
        memory: around.memory,
    }
}

/// What the BDU controller's pins do to the hardware.
#[must_use]
pub(crate) fn bdu_drive(drive: &io::BduDrive) -> plant::BduDrive {
    plant::BduDrive { power: supply(drive.power) }
}

fn supply(power: io::PowerMode) -> plant::Supply {
    match power {
        io::PowerMode::Off => plant::Supply::Off,
        io::PowerMode::Sleep => plant::Supply::Sleep,
        io::PowerMode::On => plant::Supply::On,
    }
}

fn millivolts(volts: f64) -> MilliVolts {
    MilliVolts(rounded(volts * 1000.0) as i32)
}

fn milliamps(amps: f64) -> MilliAmps {
    MilliAmps(rounded(amps * 1000.0) as i32)
}

fn decicelsius(celsius: f64) -> DeciCelsius {
    DeciCelsius(rounded(celsius * 10.0) as i16)
}

fn duration(seconds: f64) -> Duration {
    Duration(rounded(seconds * 1e6) as u64)
}

fn seconds(duration: Duration) -> f64 {
    duration.0 as f64 / 1e6
}

fn volts(voltage: MilliVolts) -> f64 {
    f64::from(voltage.0) / 1000.0
}

fn amps(current: MilliAmps) -> f64 {
    f64::from(current.0) / 1000.0
}

/// Half away from zero; the casts above saturate, so a reading off any scale stays at its end.
fn rounded(value: f64) -> f64 {
    value + if value < 0.0 { -0.5 } else { 0.5 }
}
