//! How often contacts close and pages of flash are erased.

use super::Law;
use super::watch::{Broken, Moment, Tell};
use crate::Tower;
use crate::scenario::Fault;

/// A relay closes at most so often a day, in the mean: 100,000 switchings without load last 15 years (ours). The hours
/// in which an inverter leaves again and again do not last for years: only the largest number of a day counts there.
const CLOSINGS: f64 = 18.0;
/// And on no day more often than this: an inverter that starts anew each ten minutes finds its bus each time, and the
/// first closings are free.
const CLOSINGS_OF_A_DAY: u32 = 160;
/// A page is erased at most so often a day: 10,000 erases last 15 years.
const ERASES: f64 = 1.8;

/// Switchings of a tower's relays.
pub(super) struct Wear {
    relays: Vec<Relay>,
    day: u64,
    erases: Vec<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Relay {
    closed: bool,
    today: u32,
    all: u32,
}

impl Wear {
    pub(super) fn new(tower: &Tower) -> Self {
        let relays = vec![Relay::default(); tower.module_count()];
        Self { relays, day: 0, erases: erases(tower) }
    }

    pub(super) fn look(&mut self, moment: &Moment<'_>, tell: &mut Tell<'_>) {
        let day = moment.now.0 / 86_400_000_000;
        let leaves = |broken: &Broken| {
            broken.whole.is_none() && matches!(broken.fault, Fault::InverterReconnects { .. })
        };
        let driven = moment.broken.iter().any(leaves);
        for ((place, module), relay) in moment.modules().zip(&mut self.relays) {
            if day != self.day {
                relay.today = 0;
            }
            let closes = module.relay_closed && !relay.closed;
            relay.closed = module.relay_closed;
            relay.today += u32::from(closes);
            relay.all += u32::from(closes && !driven);
            if closes && relay.today > CLOSINGS_OF_A_DAY {
                let today = relay.today;
                let what = || format!("the relay has closed {today} times in a day");
                tell(Law::Wear, Some(place), f64::from(today), &what);
            }
        }
        self.day = day;
    }

    pub(super) fn finish(&self, tower: &Tower, days: f64, tell: &mut Tell<'_>) {
        for (place, relay) in self.relays.iter().enumerate() {
            let a_day = f64::from(relay.all) / days.max(1.0);
            if a_day > CLOSINGS {
                let what = || format!("the relay has closed {a_day:.1} times a day");
                tell(Law::Wear, Some(place), a_day, &what);
            }
        }
        for (place, (before, now)) in self.erases.iter().zip(erases(tower)).enumerate() {
            let a_day = f64::from(now.saturating_sub(*before)) / days.max(1.0);
            if a_day > ERASES {
                let module = place.checked_sub(1);
                let what = || format!("a page of flash is erased {a_day:.1} times a day: at most {ERASES}");
                tell(Law::Wear, module, a_day, &what);
            }
        }
    }
}

/// Of the page that is erased most: of the BDU, then of each module.
fn erases(tower: &Tower) -> Vec<u32> {
    let plant = tower.plant();
    let modules = (0..tower.module_count()).filter_map(|module| plant.module_flash(module));
    let most = |flash: &voltower_plant::Flash| flash.erases().iter().copied().max().unwrap_or(0);
    core::iter::once(plant.bdu_flash()).chain(modules).map(most).collect()
}
