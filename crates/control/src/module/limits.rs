//! What the module can take and give, and what binds it: limits fall at once and rise slowly.

use voltower_core::{Binding, Duration, MilliVolts, Watts, values};

use crate::io::{BoundLimit, Settings};
use crate::protect::Verdict;
use crate::protect::measure::{Evidence, Measured};

/// Charge and discharge limit of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Into the pack.
    pub charge: BoundLimit,
    /// Out of the pack.
    pub discharge: BoundLimit,
}

/// No power, because the module is not on the bus.
pub const NOT_CONNECTED: BoundLimit =
    BoundLimit { power: Watts::ZERO, binding: Binding::NotConnected, element: 0 };

impl Limits {
    /// No power either way, because the module is not on the bus.
    pub const NOT_CONNECTED: Self = Self { charge: NOT_CONNECTED, discharge: NOT_CONNECTED };
}

/// What the limits follow.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The quantities of this sample.
    pub measured: &'a Measured,
    /// What must stop.
    pub verdict: Verdict,
    /// Pack voltage.
    pub pack_voltage: MilliVolts,
    /// The pack is full and has not been used since.
    pub full: bool,
    /// Nothing is left.
    pub empty: bool,
    /// What a person wants at most.
    pub settings: &'a Settings,
}

impl Grounds<'_> {
    /// The limits that hold at this moment.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { charge: self.charge(), discharge: self.discharge() }
    }

    fn charge(&self) -> BoundLimit {
        let levels = &self.settings.levels;
        let Measured { cells, temperatures, .. } = self.measured;
        let (hot, cold) = (temperatures.highest, temperatures.lowest);
        let precharge = cells.lowest.worst < levels.under_voltage_alarm.0;
        least([
            self.rating(),
            slope(
                cells.highest,
                levels.charge_taper_start.0,
                levels.charge_taper_end.0,
                Binding::CellVoltageHigh,
            ),
            only_if(precharge, values::PRECHARGE_POWER, Binding::CellVoltageLow, cells.lowest.element),
            slope(hot, deci(levels.hot_charge_start), deci(levels.hot_charge_end), HOT),
            slope(cold, deci(levels.cold_charge_start), deci(levels.cold_charge_end), COLD),
            self.heat_sink(),
            configured(self.settings.charge_power),
            only_if(self.full, Watts::ZERO, Binding::StateOfCharge, 0),
            only_if(self.stops(self.verdict.stop_charge), Watts::ZERO, Binding::Condition, 0),
        ])
    }

    fn discharge(&self) -> BoundLimit {
        let levels = &self.settings.levels;
        let Measured { cells, temperatures, .. } = self.measured;
        let (hot, cold) = (temperatures.highest, temperatures.lowest);
        least([
            self.rating(),
            slope(
                cells.lowest,
                levels.discharge_taper_start.0,
                levels.discharge_taper_end.0,
                Binding::CellVoltageLow,
            ),
            slope(hot, deci(levels.hot_discharge_start), deci(levels.hot_discharge_end), HOT),
            slope(cold, deci(levels.cold_discharge_start), deci(levels.cold_fault), COLD),
            self.heat_sink(),
            configured(self.settings.discharge_power),
            only_if(self.empty, Watts::ZERO, Binding::StateOfCharge, 0),
            only_if(self.stops(self.verdict.stop_discharge), Watts::ZERO, Binding::Condition, 0),
        ])
    }

    /// A module with low cells gives less: its current is limited too.
    fn rating(&self) -> BoundLimit {
        let volts_times_amps = i64::from(self.pack_voltage.0) * i64::from(values::PACK_CURRENT_RATED.0);
        let watts = (volts_times_amps / 1_000_000).clamp(0, i64::from(values::MODULE_POWER.0));
        BoundLimit { power: Watts(watts as i32), binding: Binding::Rating, element: 0 }
    }

    fn heat_sink(&self) -> BoundLimit {
        let (start, end) = (values::HEAT_SINK_DERATE_START, values::HEAT_SINK_DERATE_END);
        let limit = slope(self.measured.heat_sink, deci(start), deci(end), Binding::PcuTemperature);
        BoundLimit { element: 0, ..limit }
    }

    const fn stops(&self, direction: bool) -> bool {
        direction || self.verdict.isolate
    }
}

const HOT: Binding = Binding::HighTemperature;
const COLD: Binding = Binding::LowTemperature;

const fn deci(value: voltower_core::DeciCelsius) -> i32 {
    value.0 as i32
}

const fn only_if(holds: bool, power: Watts, binding: Binding, element: u8) -> BoundLimit {
    if holds {
        BoundLimit { power, binding, element }
    } else {
        BoundLimit { power: values::MODULE_POWER, binding: Binding::Rating, element: 0 }
    }
}

const fn configured(power: Watts) -> BoundLimit {
    let power = if power.0 < 0 { Watts::ZERO } else { power };
    BoundLimit { power, binding: Binding::Configuration, element: 0 }
}

/// Full power up to `start`, none from `end` on, whichever way the quantity runs.
fn slope(evidence: Evidence, start: i32, end: i32, binding: Binding) -> BoundLimit {
    let width = i64::from(end) - i64::from(start);
    let left = (i64::from(end) - i64::from(evidence.worst)) * width.signum();
    let watts = i64::from(values::MODULE_POWER.0) * left / width.abs().max(1);
    let trusted = evidence.seen == Some(evidence.worst);
    BoundLimit {
        power: Watts(watts.clamp(0, i64::from(values::MODULE_POWER.0)) as i32),
        binding: if trusted { binding } else { Binding::Reading },
        element: evidence.element,
    }
}

/// The smallest; of equal ones the first.
fn least<const N: usize>(limits: [BoundLimit; N]) -> BoundLimit {
    let rated = BoundLimit { power: values::MODULE_POWER, binding: Binding::Rating, element: 0 };
    limits.into_iter().fold(rated, |least, limit| if limit.power < least.power { limit } else { least })
}

/// Lets a limit fall at once and rise slowly.
///
/// ```text
///   Fresh --first limit--> Following --larger--> rises by LIMIT_RISE
///                              ^ +----smaller--> falls at once
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Slow {
    /// No limit yet: the first one holds at once.
    #[default]
    Fresh,
    /// Follows.
    Following {
        /// The limit in milliwatts.
        milliwatts: i64,
    },
}

impl Slow {
    /// The limit that may be published when `now` holds.
    pub fn step(&mut self, now: BoundLimit, elapsed: Duration) -> BoundLimit {
        let goal = i64::from(now.power.0) * 1000;
        let milliwatts = match *self {
            Self::Fresh => goal,
            Self::Following { milliwatts } => goal.min(milliwatts.saturating_add(rise(elapsed))),
        };
        *self = Self::Following { milliwatts };
        if milliwatts < goal {
            BoundLimit { power: Watts((milliwatts / 1000) as i32), binding: Binding::Recovery, ..now }
        } else {
            now
        }
    }
}

/// Milliwatts that a limit may rise in `elapsed`.
fn rise(elapsed: Duration) -> i64 {
    let per_second = i64::from(values::MODULE_POWER.0) * i64::from(values::LIMIT_RISE.0);
    let elapsed_us = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
    per_second.saturating_mul(elapsed_us) / 1_000_000
}
