//! The AFE: when it converts, and its second path, which opens MOSFETs without the microcontroller.

use crate::drive::{Comparator, ComparatorStatus};
use crate::noise::Noise;
use crate::parameters::AfeTiming;
use crate::switch::Switch;

/// Streams of its random generators, above those of cells, boards and the distribution unit.
const JITTER_STREAM: u64 = 1_000;
const LOSS_STREAM: u64 = 2_000;
/// Times are sums of steps: a conversion that is due within this is due, s.
const DUE: f64 = 1e-9;

/// When an AFE converts. Without a period of its own it converts for each sample, and draws nothing.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    timing: AfeTiming,
    jitter: Noise,
    loss: Noise,
    /// Time since it has power, s.
    clock: f64,
    /// When the next conversion is due, without and with its jitter, s.
    grid: f64,
    due: f64,
}

impl Pace {
    pub(crate) fn new(timing: &AfeTiming, seed: u64, stream: u64) -> Self {
        let mut pace = Self {
            timing: timing.clone(),
            jitter: Noise::new(seed, JITTER_STREAM + stream),
            loss: Noise::new(seed, LOSS_STREAM + stream),
            clock: 0.0,
            grid: 0.0,
            due: 0.0,
        };
        pace.restart();
        pace
    }

    /// It has just got power.
    fn restart(&mut self) {
        (self.clock, self.grid, self.due) = (0.0, self.timing.phase, self.timing.phase);
    }

    /// Time passes, with or without power.
    pub(crate) fn pass(&mut self, dt: f64, powered: bool) {
        if powered {
            self.clock += dt;
        } else {
            self.restart();
        }
    }

    /// Conversions since the last look that were not lost, for one look more.
    pub(crate) fn conversions(&mut self) -> u32 {
        let Some(period) = self.timing.period else { return u32::from(!self.loses()) };
        let mut count = 0;
        while self.due <= self.clock + DUE {
            count += u32::from(!self.loses());
            self.grid += period;
            let late = if self.timing.jitter > 0.0 { self.timing.jitter * self.jitter.even() } else { 0.0 };
            self.due = self.grid + late;
        }
        // Small numbers stay exact over years.
        self.clock -= self.grid;
        self.due -= self.grid;
        self.grid = 0.0;
        count
    }

    fn loses(&mut self) -> bool {
        self.timing.lost > 0.0 && 0.5 * (self.loss.even() + 1.0) < self.timing.lost
    }
}

/// What the second path looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Lowest and highest cell voltage, V.
    pub(crate) volts: (f64, f64),
    /// Highest cell temperature, degC.
    pub(crate) hottest: f64,
    /// Pack current, A, positive while charging.
    pub(crate) amps: f64,
}

/// The second path: registers, timers, and what it has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct SecondPath {
    pub(crate) registers: Comparator,
    pub(crate) status: ComparatorStatus,
    under_voltage: Switch,
    charge: Switch,
    discharge: Switch,
    short_circuit: Switch,
}

impl SecondPath {
    /// One step of `dt` seconds begins; `reset` lets go of what it no longer sees.
    pub(crate) fn watch(&mut self, seen: &Seen, powered: bool, reset: bool, dt: f64) {
        let now = self.sees(seen, powered, dt);
        let before = if reset || !powered { ComparatorStatus::default() } else { self.status };
        self.status = ComparatorStatus {
            over_voltage: before.over_voltage || now.over_voltage,
            over_temperature: before.over_temperature || now.over_temperature,
            under_voltage: before.under_voltage || now.under_voltage,
            over_current_charge: before.over_current_charge || now.over_current_charge,
            over_current_discharge: before.over_current_discharge || now.over_current_discharge,
            short_circuit: before.short_circuit || now.short_circuit,
        };
    }

    fn sees(&mut self, seen: &Seen, powered: bool, dt: f64) -> ComparatorStatus {
        let set = self.registers;
        let above = |limit: f64, value: f64| powered && limit > 0.0 && value > limit;
        let low = powered && seen.volts.0 < set.under_voltage;
        ComparatorStatus {
            over_voltage: above(set.over_voltage, seen.volts.1),
            over_temperature: above(set.over_temperature, seen.hottest),
            under_voltage: lasting(&mut self.under_voltage, low, set.under_voltage_delay, dt),
            over_current_charge: lasting(
                &mut self.charge,
                above(set.over_current_charge, seen.amps),
                set.over_current_delay,
                dt,
            ),
            over_current_discharge: lasting(
                &mut self.discharge,
                above(set.over_current_discharge, -seen.amps),
                set.over_current_delay,
                dt,
            ),
            short_circuit: lasting(
                &mut self.short_circuit,
                above(set.short_circuit, seen.amps.abs()),
                set.short_circuit_delay,
                dt,
            ),
        }
    }
}

/// Whether something has been so for `delay` seconds without a break.
fn lasting(timer: &mut Switch, now: bool, delay: f64, dt: f64) -> bool {
    timer.follow(now, if now { delay } else { 0.0 }, dt)
}
