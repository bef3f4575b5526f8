//! What is seen of one module.

use voltower_core::{Charge, DeciCelsius, Instant, MilliAmps, MilliVolts, PerMille, Reason, Watts};
use voltower_protocols::link::{
    CellGroup, ModuleCapacity, ModuleCells, ModuleEstimate, ModuleHardware, ModuleLimits, ModulePower,
    ModuleStatus, ModuleTemperatures, Way,
};

use super::heard::{Heard, Latest};
use super::version::Version;
use super::{NOMINAL_PACK_MV, WattHours};

/// Cells of a module (public source).
const CELLS: usize = 16;

/// What is seen of one module at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModuleObservation {
    /// State, SOC, conditions.
    pub status: Option<Heard<ModuleStatus>>,
    /// Voltages and currents.
    pub power: Option<Heard<ModulePower>>,
    /// What it can take and give.
    pub limits: Option<Heard<ModuleLimits>>,
    /// Why it can take no more.
    pub charge_reason: Option<Heard<Reason>>,
    /// Why it can give no more.
    pub discharge_reason: Option<Heard<Reason>>,
    /// Cell voltages, cell 1 first; `None` where none was read or heard.
    pub cells: [Option<MilliVolts>; CELLS],
    /// The cell voltages were heard too long ago.
    pub cells_stale: bool,
    /// Cell temperatures.
    pub temperatures: Option<Heard<ModuleTemperatures>>,
    /// Other temperatures, balancing.
    pub hardware: Option<Heard<ModuleHardware>>,
    /// Capacity and ageing.
    pub capacity: Option<Heard<ModuleCapacity>>,
    /// What it makes of its charge, with a band.
    pub estimate: Option<Heard<ModuleEstimate>>,
    /// Software, if somebody has read it.
    pub version: Option<Version>,
    /// When anything was heard of it last.
    pub heard_at: Option<Instant>,
}

/// Lowest and highest cell; cells count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellSpread {
    /// The emptiest: number and voltage.
    pub min: (usize, MilliVolts),
    /// The fullest: number and voltage.
    pub max: (usize, MilliVolts),
    /// Mean of those that were read.
    pub mean: MilliVolts,
}

impl CellSpread {
    /// Between fullest and emptiest.
    #[must_use]
    pub fn spread(&self) -> MilliVolts {
        self.max.1 - self.min.1
    }
}

/// Coldest and hottest sensor; sensors count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemperatureSpread {
    /// The coldest: number and temperature.
    pub min: (usize, DeciCelsius),
    /// The hottest: number and temperature.
    pub max: (usize, DeciCelsius),
}

impl ModuleObservation {
    /// State of charge.
    #[must_use]
    pub fn soc(&self) -> Option<PerMille> {
        Some(self.status?.soc)
    }

    /// Power at the pack, positive while charging.
    #[must_use]
    pub fn pack_power(&self) -> Option<Watts> {
        let power = self.power?;
        Some(watts(power.pack_voltage, power.pack_current))
    }

    /// Power of the converter at the bus, positive while charging.
    #[must_use]
    pub fn bus_power(&self) -> Option<Watts> {
        let power = self.power?;
        Some(watts(power.terminal_voltage, power.bus_current))
    }

    /// Lowest, highest and mean cell, of those that were read.
    #[must_use]
    pub fn cell_spread(&self) -> Option<CellSpread> {
        let read = || self.cells.iter().enumerate().filter_map(|(i, cell)| cell.map(|v| (i + 1, v)));
        let sum: i64 = read().map(|(_, v)| i64::from(v.0)).sum();
        Some(CellSpread {
            min: read().min_by_key(|(_, v)| *v)?,
            max: read().rev().max_by_key(|(_, v)| *v)?,
            mean: MilliVolts((sum / read().count().max(1) as i64) as i32),
        })
    }

    /// Coldest and hottest cell sensor, of those that were read.
    #[must_use]
    pub fn temperature_spread(&self) -> Option<TemperatureSpread> {
        let temperatures = self.temperatures?;
        let read = || temperatures.cells.iter().enumerate().filter_map(|(i, cell)| cell.map(|t| (i + 1, t)));
        Some(TemperatureSpread {
            min: read().min_by_key(|(_, t)| *t)?,
            max: read().rev().max_by_key(|(_, t)| *t)?,
        })
    }

    /// Energy in the pack, at nominal voltage.
    #[must_use]
    pub fn energy(&self) -> Option<WattHours> {
        Some(at_nominal_voltage(self.capacity?.remaining))
    }

    /// Energy of the full pack, at nominal voltage.
    #[must_use]
    pub fn full_energy(&self) -> Option<WattHours> {
        Some(at_nominal_voltage(self.capacity?.full))
    }

    /// Whether its status is fresh.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.status.is_some_and(|status| !status.stale)
    }
}

/// Power of a voltage and a current.
pub(super) fn watts(voltage: MilliVolts, current: MilliAmps) -> Watts {
    let microwatts = i64::from(voltage.0) * i64::from(current.0);
    Watts((microwatts / 1_000_000) as i32)
}

fn at_nominal_voltage(charge: Charge) -> WattHours {
    WattHours(i64::from(charge.deci_amp_hours()) * NOMINAL_PACK_MV / 10_000)
}

/// What was heard of one module so far.
#[derive(Debug, Clone, Default)]
pub(super) struct ModuleTrack {
    pub(super) status: Latest<ModuleStatus>,
    pub(super) power: Latest<ModulePower>,
    pub(super) limits: Latest<ModuleLimits>,
    pub(super) charge_reason: Latest<Reason>,
    pub(super) discharge_reason: Latest<Reason>,
    pub(super) cells: [Latest<ModuleCells>; 4],
    pub(super) temperatures: Latest<ModuleTemperatures>,
    pub(super) hardware: Latest<ModuleHardware>,
    pub(super) capacity: Latest<ModuleCapacity>,
    pub(super) estimate: Latest<ModuleEstimate>,
    pub(super) version: Option<Version>,
    pub(super) heard_at: Option<Instant>,
}

impl ModuleTrack {
    pub(super) fn hear_reason(&mut self, at: Instant, way: Way, reason: Reason) {
        match way {
            Way::Charge => self.charge_reason.hear(at, reason),
            Way::Discharge => self.discharge_reason.hear(at, reason),
        }
    }

    pub(super) fn hear_cells(&mut self, at: Instant, heard: ModuleCells) {
        if let Some((latest, _)) = self.cells.iter_mut().zip(CellGroup::ALL).find(|(_, g)| *g == heard.group)
        {
            latest.hear(at, heard);
        }
    }

    pub(super) fn seen(&self, now: Instant) -> ModuleObservation {
        let groups = self.cells.map(|group| group.seen(now));
        let mut cells = [None; CELLS];
        for group in groups.iter().flatten() {
            let slots = cells.iter_mut().skip(group.group.first_cell());
            slots.zip(group.cells).for_each(|(slot, cell)| *slot = cell);
        }
        ModuleObservation {
            status: self.status.seen(now),
            power: self.power.seen(now),
            limits: self.limits.seen(now),
            charge_reason: self.charge_reason.seen(now),
            discharge_reason: self.discharge_reason.seen(now),
            cells,
            cells_stale: groups.iter().flatten().any(|group| group.stale),
            temperatures: self.temperatures.seen(now),
            hardware: self.hardware.seen(now),
            capacity: self.capacity.seen(now),
            estimate: self.estimate.seen(now),
            version: self.version,
            heard_at: self.heard_at,
        }
    }
}
