//! Cells in their windows, the SOC that is told, and modules that are used alike.

use voltower_core::{Duration, Instant, PerMille};
use voltower_plant::{Fault as H, ModuleTruth};
use voltower_protocols::link::ModuleNode;

use super::Law;
use super::watch::{Broken, Moment, Tell};
use crate::Tower;
use crate::scenario::Fault;

/// Of a module in which nothing has broken, V: under-voltage and over-voltage never begin.
const HEALTHY: (f64, f64) = (2.5, 3.65);
/// Of one in which something has, V: what the cell's sheet allows at all.
const BROKEN: (f64, f64) = (2.0, 3.8);
/// The estimate of the SOC may be off by so much,
const SOC: f64 = 0.10;
/// or its band be so wide and hold the truth.
const BAND: f64 = 0.15;
/// A module is full at this SOC: what its memory held of its capacity it needs no more.
const FULL: f64 = 0.985;
/// And it is empty at this one.
const EMPTY: f64 = 0.08;
/// Time in which a controller that has just begun may find out.
const LEARNS: Duration = Duration::mins(10);
/// Of equal modules, at the end.
const APART: f64 = 0.20;
/// Charge through a module over its capacity, the most used against the least.
const THROUGHPUT: f64 = 1.5;

/// What has flowed through the modules of a tower.
pub(super) struct Cells {
    /// Ah in both directions over the capacity, and for how long the SOC was off.
    modules: Vec<Used>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Used {
    cycles: f64,
    off: Duration,
    /// It has been full.
    full: bool,
    way: Way,
}

/// The way between the ends of the charge, since a cell last lost capacity at once, or got it back: before the module
/// was at both of them nothing that can be measured tells how much it holds now.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    changed: Option<Instant>,
    full: bool,
    empty: bool,
}

impl Way {
    fn pass(&mut self, changed: Option<Instant>, module: &ModuleTruth) {
        if changed != self.changed {
            *self = Self { changed, ..Self::default() };
        }
        let left = left(module);
        self.full |= module.soc.max(left) > FULL;
        self.empty |= left < EMPTY;
    }

    const fn is_known(&self) -> bool {
        self.changed.is_none() || self.full && self.empty
    }
}

impl Cells {
    pub(super) fn new(modules: usize) -> Self {
        Self { modules: vec![Used::default(); modules] }
    }

    pub(super) fn look(&mut self, moment: &Moment<'_>, tell: &mut Tell<'_>) {
        for ((place, module), used) in moment.modules().zip(&mut self.modules) {
            window(moment, place, module, tell);
            let hours = moment.step.0 as f64 / 3.6e9;
            used.cycles += module.pack_current.abs() * hours / module.capacity.max(1.0) / 2.0;
            used.full |= module.soc > FULL;
            used.way.pass(capacity_changed(moment, place), module);
            let error = soc_error(moment, place, module, used.full).filter(|_| used.way.is_known());
            used.off = match error {
                Some((error, _)) if error > SOC => used.off + moment.step,
                Some(_) => Duration::ZERO,
                None => used.off,
            };
            if let Some((error, told)) = error.filter(|_| used.off > LEARNS) {
                let what = || {
                    format!(
                        "estimate {:.1} %, true {:.1} % (weakest cell {:.1} %)",
                        told * 100.0,
                        module.soc * 100.0,
                        left(module) * 100.0
                    )
                };
                tell(Law::Soc, Some(place), error, &what);
            }
        }
    }

    /// Sound modules of a tower are equally full in the end, and have done the same for their size.
    pub(super) fn finish(&self, tower: &Tower, sound: &dyn Fn(usize) -> bool, tell: &mut Tell<'_>) {
        let truth = tower.plant().truth();
        let modules = truth.modules.iter().flatten().zip(&self.modules).enumerate();
        let sound: Vec<(f64, f64)> = modules
            .filter(|(place, _)| sound(*place))
            .map(|(_, (module, used))| (module.soc, used.cycles))
            .collect();
        if sound.len() < 2 {
            return;
        }
        let (low, high) = extremes(sound.iter().map(|(soc, _)| *soc));
        if high - low > APART {
            let what = || format!("in the end from {:.0} to {:.0} % SOC", low * 100.0, high * 100.0);
            tell(Law::Fairness, None, high - low, &what);
        }
        let (least, most) = extremes(sound.iter().map(|(_, cycles)| *cycles));
        if most > THROUGHPUT * least && most - least > 1.0 {
            let what = || format!("from {least:.1} to {most:.1} full cycles in a month");
            tell(Law::Fairness, None, most / least.max(0.01), &what);
        }
    }
}

fn extremes(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

fn window(moment: &Moment<'_>, place: usize, module: &ModuleTruth, tell: &mut Tell<'_>) {
    let (low, high) = if moment.is_sound(place) { HEALTHY } else { BROKEN };
    for (cell, sensed) in module.cell_voltages.iter().enumerate() {
        let broken = |broken: &&Broken| concerns(&broken.fault, cell);
        let broken = moment.broken_in(place).find(broken);
        if broken.is_some_and(|broken| drains_itself(&broken.fault)) {
            continue;
        }
        let volts = sensed - broken.map_or(0.0, |broken| in_contact(broken, moment.now, module.pack_current));
        let outside = (low - volts).max(volts - high);
        if outside > 0.0 || volts.is_nan() {
            let what = || format!("cell {} at {volts:.3} V and {:.2} A", cell + 1, module.pack_current);
            tell(Law::CellWindow, Some(place), outside, &what);
        }
    }
}

/// When a cell of this module last lost capacity at once, or got it back.
fn capacity_changed(moment: &Moment<'_>, place: usize) -> Option<Instant> {
    let weak = |broken: &&Broken| matches!(broken.fault, Fault::Hardware(H::WeakCell { .. }));
    moment.broken_in(place).filter(weak).map(|broken| broken.whole.unwrap_or(broken.since)).max()
}

/// What the weakest cell can still give, of its capacity.
fn left(module: &ModuleTruth) -> f64 {
    module.remaining / module.capacity.max(1e-3)
}

/// The fault sits in this cell.
const fn concerns(fault: &Fault, cell: usize) -> bool {
    match fault {
        Fault::Hardware(H::InternalShort { cell: at, .. } | H::LostContact { cell: at, .. }) => *at == cell,
        _ => false,
    }
}

/// Nothing outside the cell can keep its charge in it.
const fn drains_itself(fault: &Fault) -> bool {
    matches!(fault, Fault::Hardware(H::InternalShort { .. }))
}

/// Voltage across a bad contact: the sense wire sits behind it, the cell does not.
fn in_contact(broken: &Broken, now: Instant, amps: f64) -> f64 {
    let Fault::Hardware(H::LostContact { ohms, ohms_per_hour, .. }) = broken.fault else { return 0.0 };
    if broken.whole.is_some() {
        return 0.0;
    }
    let hours = now.since(broken.since).0 as f64 / 3.6e9;
    amps * (ohms + ohms_per_hour * hours)
}

/// How far the estimate lies outside the truth, and the estimate: between the mean of the cells and what the weakest
/// can still give every number is true. A narrow band that holds the truth is as good as a number near it. A wider one
/// is honest only with the wish to be charged to the end beside it, and only until that was done once: memory may hold
/// the capacity of the nameplate, which nothing but a way between two places can contradict.
fn soc_error(moment: &Moment<'_>, place: usize, module: &ModuleTruth, was_full: bool) -> Option<(f64, f64)> {
    if !moment.is_heard(place) {
        return None;
    }
    let node: ModuleNode = moment.tower.address(place)?;
    let share = |share: PerMille| f64::from(share.0) / 1000.0;
    let (low, high) = extremes([module.soc, left(module)].into_iter());
    let reported = moment.tower.reported();
    let estimate = reported.module_estimate(node);
    let told = match &estimate {
        Some(estimate) => share(estimate.soc),
        None => share(reported.module_status(node)?.soc),
    };
    let holds = estimate.is_some_and(|band| {
        let (from, to) = (share(band.soc_low), share(band.soc_high));
        let asks = band.wants_full_charge() && !was_full;
        (to - from <= BAND || asks) && from <= high && low <= to
    });
    let error = if holds { 0.0 } else { (low - told).max(told - high).max(0.0) };
    Some((error, told))
}
