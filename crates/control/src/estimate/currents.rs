//! Shunt against converter: which of the two is counted when they differ a little for long.
//!
//! The converter measures its current on both sides; what it gives on one and takes on the other differs by its
//! losses, which are known well enough to tell which of two sensors of the pack's side is off. What the shunt counts
//! wrongly adds up over days, through steps and rest, until it is named.

use voltower_core::{Duration, MilliAmps, MilliVolts, values};

use crate::io::PcuSample;

/// Microamperes, so that slow means are exact enough.
const MICRO: i64 = 1000;
/// What board and converter draw before the shunt sees it, mA: 2 to 12 W at 51 V.
const SUPPLY: i64 = 120;
/// More than healthy sensors and the supply differ, mA; and in thousandths of the current.
const APART: i64 = 250;
const APART_SHARE: i64 = 6;
/// What the converter loses at most, as current of the pack, mA; and in thousandths of the current.
const LOSS: i64 = 300;
const LOSS_SHARE: i64 = 40;
/// What it loses at least, with the error of its currents.
const LEAST_LOSS: i64 = -100;
const LEAST_LOSS_SHARE: i64 = 10;
/// mA us in an ampere-hour.
const AMP_HOUR: i64 = 3_600_000_000_000;
/// With less current, mA, that the two agree says little: the shunt's gain may be off.
const TELLING: i64 = 10_000;

/// Slow means of the differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Currents {
    /// Shunt less converter, uA.
    apart: i64,
    /// Converter's own side of the pack less what its side of the bus says, uA.
    balance: i64,
    /// Magnitude of the converter's current, uA.
    size: i64,
    /// What the shunt has counted too much or too little, mA us, beyond what explains it.
    beside: i64,
    shunt_off: bool,
}

/// Whom the count believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// They agree.
    Both,
    /// The shunt is off.
    Converter,
    /// The converter is off.
    Shunt,
    /// Nobody knows which.
    Neither,
}

impl Currents {
    /// Takes a sample in.
    pub fn step(&mut self, shunt: MilliAmps, pcu: &PcuSample, pack_voltage: MilliVolts, elapsed: Duration) {
        let low = i64::from(pcu.low_current.0);
        let terminal = i64::from(pcu.terminal_voltage.0.max(0));
        let bus = i64::from(pcu.bus_current.0).saturating_mul(terminal) / i64::from(pack_voltage.0.max(1000));
        let apart = i64::from(shunt.0).saturating_sub(low);
        follow(&mut self.apart, apart, elapsed);
        follow(&mut self.balance, low.saturating_sub(bus), elapsed);
        follow(&mut self.size, low.abs(), elapsed);
        self.tally(elapsed);
    }

    /// Counts how far the shunt is off: what is beyond the allowed counts against the one of the two that is not
    /// believed, whichever way it is off; that they agree counts for it, eightfold while enough flows to show it.
    fn tally(&mut self, elapsed: Duration) {
        let elapsed_us = i64::try_from(elapsed.0).unwrap_or(i64::MAX);
        let over = self.apart().abs() - self.allowed();
        let counted = match self.now() {
            Trust::Both if self.size / MICRO >= TELLING => over * 8,
            Trust::Both => over / 10,
            Trust::Converter => over,
            Trust::Shunt => -over,
            Trust::Neither => 0,
        };
        let most = i64::from(values::SHUNT_BESIDE.0) * AMP_HOUR / 10;
        self.beside =
            self.beside.saturating_add(counted.saturating_mul(elapsed_us)).min(most + most / 2).max(0);
        self.shunt_off = self.beside >= if self.shunt_off { 1 } else { most };
    }

    /// The shunt has counted other ampere-hours than the converter.
    #[must_use]
    pub const fn is_shunt_off(&self) -> bool {
        self.shunt_off
    }

    /// What healthy sensors may be apart, mA.
    const fn allowed(&self) -> i64 {
        APART + self.size / MICRO * APART_SHARE / 1000
    }

    /// How far the two are apart beyond what the supply explains, mA.
    #[must_use]
    pub const fn apart(&self) -> i64 {
        self.apart / MICRO + SUPPLY
    }

    /// Whom to believe: a shunt that is off is counted no more, also while the two happen to agree.
    #[must_use]
    pub fn trust(&self) -> Trust {
        if self.shunt_off { Trust::Converter } else { self.now() }
    }

    /// Whom to believe at this moment.
    fn now(&self) -> Trust {
        let size = self.size / MICRO;
        if self.apart().abs() <= self.allowed() {
            return Trust::Both;
        }
        // The pack gives more than the bus gets, and gets less than the bus gives.
        let loss = -self.balance / MICRO;
        let most = LOSS + size * LOSS_SHARE / 1000;
        let least = LEAST_LOSS + size * LEAST_LOSS_SHARE / 1000;
        let plausible = |loss: i64| (least..=most).contains(&loss);
        match (plausible(loss), plausible(loss - self.apart())) {
            (true, false) => Trust::Converter,
            (false, true) => Trust::Shunt,
            (true, true) | (false, false) => Trust::Neither,
        }
    }

    /// What to count.
    #[must_use]
    pub fn counted(&self, shunt: MilliAmps, pcu: &PcuSample) -> MilliAmps {
        let by_converter = MilliAmps(pcu.low_current.0.saturating_sub(SUPPLY as i32));
        match self.trust() {
            Trust::Both | Trust::Shunt => shunt,
            Trust::Converter => by_converter,
            Trust::Neither => MilliAmps(shunt.0.saturating_add(by_converter.0) / 2),
        }
    }
}

/// Follows a number with [`values::CURRENTS_TIME`].
fn follow(mean: &mut i64, milliamps: i64, elapsed: Duration) {
    let dt = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX / 4).min(600_000);
    let time = i64::try_from(values::CURRENTS_TIME.as_millis()).unwrap_or(1).max(1);
    let gap = milliamps.clamp(-1_000_000, 1_000_000) * MICRO - *mean;
    *mean = mean.saturating_add(gap.saturating_mul(dt) / (time + dt).max(1));
}
