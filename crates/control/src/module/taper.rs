//! The power at which a cell would be on its taper.
//!
//! A limit that followed the voltage under load would chase what it causes: the voltage falls with the current, the
//! limit rises with it, and behind delays and a bad contact the two swing for hours. The voltage without the current
//! does not move with it: together with the resistance it tells the one power that agrees with the taper.
//!
//! A bad contact spreads the cells long before its cell is on the taper: [`apart`] is the power at which it does so
//! without an alarm.

use voltower_core::{Duration, Levels, MilliVolts, Watts, values};

use super::limits::Span;
use crate::estimate::resistance::CellView;
use crate::protect::row::Direction;

/// Where the taper of one direction lies, whichever way it runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taper {
    /// Full power up to here.
    pub(super) start: MilliVolts,
    /// None from here on.
    pub(super) end: MilliVolts,
    /// Nobody who obeys comes here.
    pub(super) alarm: MilliVolts,
    /// Of the module.
    pub(super) pack_voltage: MilliVolts,
    /// The limit must hold so long.
    pub(super) ahead: Duration,
}

/// The cell that allows least.
#[derive(Debug, Clone, Copy)]
pub(super) struct Least {
    /// What it allows.
    pub(super) power: Watts,
    /// Which, from 1.
    pub(super) cell: u8,
    /// Its voltage, mV.
    pub(super) measured: i32,
}

/// The voltage itself counts, whatever was learned of the resistance, so close to the alarm.
const CLOSE: i32 = 5;
/// A cell moves so much a second at the rated current behind the knees of its curve, in microohm: 12.5 V per charge at
/// the upper end, 15.5 V at the lower one, of a capacity of 80 Ah.
const KNEE: i64 = 50;
/// Where the knees begin: charging, and discharging.
const UPPER_KNEE: i32 = 3350;
const LOWER_KNEE: i32 = 3150;

impl Taper {
    /// For a reading that is lost.
    pub(super) const fn span(&self) -> Span {
        Span { start: self.start.0, end: self.end.0 }
    }

    /// The cell that allows least of those that were read; none if none was.
    pub(super) fn least(&self, view: &CellView) -> Option<Least> {
        let cells = view.measured.iter().zip(&view.open).zip(&view.micro_ohms);
        (1u8..)
            .zip(cells)
            .filter_map(|(cell, ((measured, open), micro_ohms))| {
                let (measured, open) = ((*measured)?, (*open)?);
                Some(Least { power: self.power(measured, open, *micro_ohms), cell, measured })
            })
            .min_by_key(|least| (least.power, self.sign() * (self.end.0.saturating_sub(least.measured))))
    }

    const fn sign(&self) -> i32 {
        (self.end.0 - self.start.0).signum()
    }

    /// The power at which a cell with this voltage without current, and this resistance, would be on the taper.
    fn power(&self, measured: i32, open: i32, micro_ohms: i32) -> Watts {
        let sign = i64::from(self.sign());
        let width = (i64::from(self.end.0) - i64::from(self.start.0)) * sign;
        let rated = i64::from(values::MODULE_POWER.0);
        let close = (i64::from(self.alarm.0) - i64::from(measured)) * sign <= i64::from(CLOSE);
        let (voltage, added) = if close { (measured, 0) } else { (open, self.added(open, micro_ohms)) };
        let left = (i64::from(self.end.0) - i64::from(voltage)) * sign;
        let watts = rated.saturating_mul(left) / width.saturating_add(added).max(1);
        Watts(watts.min(rated).max(0) as i32)
    }

    /// What the rated current adds to the voltage until the limit can change again, mV.
    fn added(&self, open: i32, micro_ohms: i32) -> i64 {
        let rated = i64::from(values::MODULE_POWER.0) * 1_000_000;
        let milliamps = rated / i64::from(self.pack_voltage.0.max(40_000));
        let past = if self.sign() > 0 { open >= UPPER_KNEE } else { open <= LOWER_KNEE };
        let seconds = (self.ahead.as_millis() / 1000).min(600) as i64;
        let charge = if past { KNEE * seconds } else { 0 };
        milliamps.saturating_mul(i64::from(micro_ohms.max(0)).saturating_add(charge)) / 1_000_000
    }
}

/// The cell whose resistance, so far above the others', lets the least flow before it spreads the cells; none if none
/// was read.
pub(super) fn apart(
    view: &CellView,
    direction: Direction,
    levels: &Levels,
    pack_voltage: MilliVolts,
) -> Option<Least> {
    let share = |whole: i64, part: voltower_core::PerMille| whole * i64::from(part.0) / 1000;
    let allowed = share(i64::from(levels.voltage_spread_alarm.0), values::SPREAD_BY_CURRENT);
    let least = share(allowed, values::SPREAD_LEAST).max(1);
    let open = || view.open.iter().copied().flatten();
    let (highest, lowest) = (open().max()?, open().min()?);
    let others = i64::from(view.micro_ohms_of_others());
    let rated = i64::from(values::MODULE_POWER.0);
    let cells = view.measured.iter().zip(&view.open).zip(&view.micro_ohms);
    let all = (1u8..).zip(cells).filter_map(|(cell, ((measured, open), micro_ohms))| {
        let (measured, open) = ((*measured)?, (*open)?);
        let stands = match direction {
            Direction::Charge => open.saturating_sub(lowest),
            Direction::Discharge => highest.saturating_sub(open),
        };
        let left = (allowed - i64::from(stands)).max(least);
        let more = (i64::from(*micro_ohms) - others).max(1);
        let watts = left.saturating_mul(i64::from(pack_voltage.0.max(0))) / more;
        Some(Least { power: Watts(watts.min(rated) as i32), cell, measured })
    });
    all.min_by_key(|least| least.power)
}
