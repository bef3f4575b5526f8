//! What the module can take and give, and what binds it: limits fall at once and rise slowly.

use voltower_core::{
    Binding, Condition, DeciCelsius, Duration, Fault, MilliVolts, PerMille, Reason, Relief, Watts, values,
};

use super::taper::{Taper, apart};
use crate::bound::BoundLimit;
pub use crate::bound::Limits;
use crate::estimate::resistance::CellView;
use crate::io::Settings;
use crate::protect::levelling::{Hindrance, Way};
use crate::protect::measure::{Evidence, Measured};
use crate::protect::row::Direction;
use crate::protect::stop::Stop;

/// What the limits follow.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The quantities of this sample.
    pub measured: &'a Measured,
    /// What stops charging.
    pub stops_charge: Option<Stop>,
    /// What stops discharging.
    pub stops_discharge: Option<Stop>,
    /// What may pass while the cells lie too far apart.
    pub way: Way,
    /// Pack voltage.
    pub pack_voltage: MilliVolts,
    /// What each cell's voltage owes to the current.
    pub view: &'a CellView,
    /// How far ahead the limit must hold: until the next sample has changed what flows, none in fine steps.
    pub ahead: Duration,
    /// State of charge as counted.
    pub soc: PerMille,
    /// The pack is empty and has not been charged since.
    pub empty: bool,
    /// The pack is full and has not been used since.
    pub full: bool,
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
        let warm = Span::of_degrees(levels.hot_charge_start, levels.hot_charge_end);
        let cool = Span::of_degrees(levels.cold_charge_start, levels.cold_charge_end);
        least([
            self.rating(),
            self.levelling(),
            stopped(self.stops_charge),
            self.full(),
            self.voltage(cells.highest, &self.taper(Direction::Charge), Binding::CellVoltageHigh),
            self.contact(Direction::Charge),
            precharge(cells.lowest, levels.under_voltage_alarm),
            slope(hot, warm, Binding::HighTemperature),
            cold_slope(cold, cool),
            self.heat_sink(),
            configured(self.settings.charge_power),
        ])
    }

    fn discharge(&self) -> BoundLimit {
        let levels = &self.settings.levels;
        let Measured { cells, temperatures, .. } = self.measured;
        let (hot, cold) = (temperatures.highest, temperatures.lowest);
        let warm = Span::of_degrees(levels.hot_discharge_start, levels.hot_discharge_end);
        let cool = Span::of_degrees(levels.cold_discharge_start, levels.cold_fault);
        least([
            self.rating(),
            stopped(self.stops_discharge),
            self.empty(),
            self.voltage(cells.lowest, &self.taper(Direction::Discharge), Binding::CellVoltageLow),
            self.contact(Direction::Discharge),
            slope(hot, warm, Binding::HighTemperature),
            slope(cold, cool, Binding::LowTemperature),
            self.heat_sink(),
            configured(self.settings.discharge_power),
        ])
    }

    fn taper(&self, direction: Direction) -> Taper {
        let levels = &self.settings.levels;
        let (start, end, alarm) = match direction {
            Direction::Charge => {
                (levels.charge_taper_start, levels.charge_taper_end, levels.over_voltage_alarm)
            }
            Direction::Discharge => {
                (levels.discharge_taper_start, levels.discharge_taper_end, levels.under_voltage_alarm)
            }
        };
        Taper { start, end, alarm, pack_voltage: self.pack_voltage, ahead: self.ahead }
    }

    /// What is seen of the cells binds by the power at which each would be on its taper; a missing reading by how bad
    /// it may be by now.
    fn voltage(&self, evidence: Evidence, taper: &Taper, binding: Binding) -> BoundLimit {
        let worst = slope(Evidence { seen: None, ..evidence }, taper.span(), binding);
        let missing = if evidence.seen == Some(evidence.worst) { FREE } else { worst };
        let Some(found) = taper.least(self.view) else { return missing };
        let reason = Reason::of(binding, Some(found.measured), Some(taper.start.0), Relief::Change);
        BoundLimit { power: found.power, binding, element: found.cell, reason }.least(missing)
    }

    /// The power at which a bad contact does not yet spread the cells.
    pub(super) fn contact(&self, direction: Direction) -> BoundLimit {
        let levels = &self.settings.levels;
        let Some(found) = apart(self.view, direction, levels, self.pack_voltage) else { return FREE };
        let binding = match direction {
            Direction::Charge => Binding::CellVoltageHigh,
            Direction::Discharge => Binding::CellVoltageLow,
        };
        let reason = Reason::of(binding, Some(found.measured), None, Relief::Change);
        if found.power < values::MODULE_POWER {
            BoundLimit { power: found.power, binding, element: found.cell, reason }
        } else {
            FREE
        }
    }

    /// A module with low cells gives less: its current is limited too.
    fn rating(&self) -> BoundLimit {
        let volts_times_amps = i64::from(self.pack_voltage.0) * i64::from(values::PACK_CURRENT_RATED.0);
        let watts = (volts_times_amps / 1_000_000).clamp(0, i64::from(values::MODULE_POWER.0));
        BoundLimit::rated(Watts(watts as i32))
    }

    fn heat_sink(&self) -> BoundLimit {
        let span = Span::of_degrees(values::HEAT_SINK_DERATE_START, values::HEAT_SINK_DERATE_END);
        BoundLimit { element: 0, ..slope(self.measured.heat_sink, span, Binding::PcuTemperature) }
    }

    /// Cells that lie too far apart are charged gently, or what must come first is named.
    fn levelling(&self) -> BoundLimit {
        let Measured { cells, temperatures, .. } = self.measured;
        let first = |binding, evidence: Evidence, level: i32| {
            let reason = Reason::of(binding, evidence.seen, Some(level), Relief::Change);
            zero(reason, binding, evidence.seen_at)
        };
        match self.way {
            Way::Both | Way::Only(Direction::Discharge) | Way::Neither(Hindrance::GivenUp) => FREE,
            Way::Only(Direction::Charge) => {
                let microwatts = i64::from(self.pack_voltage.0) * i64::from(values::LEVEL_CURRENT.0);
                let watts = (microwatts / 1_000_000).max(0).min(i64::from(values::MODULE_POWER.0));
                let number = Condition::from(Fault::VoltageDifference).bit() as i32;
                let reason = Reason::of(Binding::Condition, Some(number), None, Relief::Change);
                let (power, element) = (Watts(watts as i32), cells.lowest.seen_at);
                BoundLimit { power, binding: Binding::Condition, element, reason }
            }
            Way::Neither(Hindrance::Deep) => {
                first(Binding::CellVoltageLow, cells.lowest, values::CELL_DEEP_DISCHARGE.0)
            }
            Way::Neither(Hindrance::Cold) => {
                first(Binding::LowTemperature, temperatures.lowest, values::LEVEL_COLDEST.0.into())
            }
            Way::Neither(Hindrance::Hot) => {
                first(Binding::HighTemperature, temperatures.highest, values::LEVEL_HOTTEST.0.into())
            }
        }
    }

    fn full(&self) -> BoundLimit {
        only_if(self.full, || self.at_an_end(values::FULL_LEFT.0 - 1))
    }

    fn empty(&self) -> BoundLimit {
        only_if(self.empty, || self.at_an_end(values::LADDER_LEAVE.0))
    }

    fn at_an_end(&self, level: u16) -> BoundLimit {
        let (soc, level) = (i32::from(self.soc.0), i32::from(level));
        zero(
            Reason::of(Binding::StateOfCharge, Some(soc), Some(level), Relief::Change),
            Binding::StateOfCharge,
            0,
        )
    }
}

/// Where a limit begins to fall with a quantity, and where it is zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: i32,
    pub(super) end: i32,
}

impl Span {
    const fn of_degrees(start: DeciCelsius, end: DeciCelsius) -> Self {
        Self { start: start.0 as i32, end: end.0 as i32 }
    }
}

/// No bound.
const FREE: BoundLimit = BoundLimit::rated(values::MODULE_POWER);

fn only_if(holds: bool, bound: impl FnOnce() -> BoundLimit) -> BoundLimit {
    if holds { bound() } else { FREE }
}

const fn zero(reason: Reason, binding: Binding, element: u8) -> BoundLimit {
    BoundLimit { power: Watts::ZERO, binding, element, reason }
}

/// An alarm or a fault.
fn stopped(stop: Option<Stop>) -> BoundLimit {
    stop.map_or(FREE, |stop| {
        let number = stop.condition.bit() as i32;
        let reason = Reason::of(Binding::Condition, Some(number), stop.level, stop.relief);
        zero(reason, Binding::Condition, stop.element)
    })
}

const fn configured(power: Watts) -> BoundLimit {
    let power = if power.0 < 0 { Watts::ZERO } else { power };
    let reason = Reason::of(Binding::Configuration, Some(power.0), None, Relief::Person);
    BoundLimit { power, binding: Binding::Configuration, element: 0, reason }
}

/// A cell below `level`, its discharging voltage, is charged gently.
fn precharge(lowest: Evidence, level: MilliVolts) -> BoundLimit {
    by(lowest, level.0, Binding::CellVoltageLow, |cell| {
        if cell < level.0 { values::PRECHARGE_POWER } else { values::MODULE_POWER }
    })
}

/// Full power up to the start of `span`, none from its end on, whichever way the quantity runs.
fn slope(evidence: Evidence, span: Span, binding: Binding) -> BoundLimit {
    let width = i64::from(span.end) - i64::from(span.start);
    by(evidence, span.start, binding, |value| {
        let left = (i64::from(span.end) - i64::from(value)) * width.signum();
        let watts = i64::from(values::MODULE_POWER.0) * left / width.abs().max(1);
        Watts(watts.clamp(0, i64::from(values::MODULE_POWER.0)) as i32)
    })
}

/// Charging in the cold: 0.5 C at the start of `span`, 0.3 C after a third of it, 0.1 C after two, none at its end.
fn cold_slope(evidence: Evidence, span: Span) -> BoundLimit {
    by(evidence, span.start, Binding::LowTemperature, |value| {
        let width = i64::from(span.start.saturating_sub(span.end)).max(1);
        let above = i64::from(value.saturating_sub(span.end)).max(0);
        let rated = i64::from(values::MODULE_POWER.0);
        // Thousandths of the rating: 200 in the lowest third of the span, 400 in each of the others.
        let lowest = (600 * above / width).min(200);
        let others = (1200 * above / width - 400).max(0);
        Watts((rated * (lowest + others).min(1000) / 1000) as i32)
    })
}

/// What is seen of a quantity binds, and a missing reading by how bad it may be by now.
fn by(evidence: Evidence, level: i32, binding: Binding, power: impl Fn(i32) -> Watts) -> BoundLimit {
    let seen = evidence.seen.map_or(FREE, |value| {
        let reason = Reason::of(binding, Some(value), Some(level), Relief::Change);
        BoundLimit { power: power(value), binding, element: evidence.seen_at, reason }
    });
    if evidence.seen == Some(evidence.worst) {
        return seen;
    }
    let reason = Reason::of(Binding::Reading, Some(i32::from(binding.code())), None, Relief::Change);
    let power = power(evidence.worst);
    seen.least(BoundLimit { power, binding: Binding::Reading, element: evidence.element, reason })
}

/// The smallest; of equal ones the first, with all their causes.
fn least<const N: usize>(limits: [BoundLimit; N]) -> BoundLimit {
    limits.into_iter().fold(FREE, BoundLimit::least)
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
        if milliwatts < goal { now.rising(milliwatts, RISE) } else { now }
    }
}

/// A limit rises by so much in a second.
const RISE: Watts = Watts((values::MODULE_POWER.0 * values::LIMIT_RISE.0 as i32) / 1000);

/// Milliwatts that a limit may rise in `elapsed`.
fn rise(elapsed: Duration) -> i64 {
    let per_second = i64::from(values::MODULE_POWER.0) * i64::from(values::LIMIT_RISE.0);
    let elapsed_us = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
    per_second.saturating_mul(elapsed_us) / 1_000_000
}
