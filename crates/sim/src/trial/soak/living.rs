//! The house is fed again by itself, and the tower does its work again.

use voltower_control::bdu::{Ending, OF_TOWER};
use voltower_core::{Duration, Instant, TowerState};

use voltower_plant::Fault as Hardware;

use super::Law;
use super::watch::{Moment, Tell, words};
use crate::scenario::Fault;

/// More than this is not fed, W.
const DARK: f64 = 5.0;
/// So long it must be fed to count.
const FED: Duration = Duration::mins(10);
/// Sun beyond the load, W, that feeds a house and wakes a tower.
const SURPLUS: f64 = 300.0;
/// Hours of it in the day within which the house must be back.
const SUN: Duration = Duration::hours(3);
const DAY: Duration = Duration::hours(24);
/// A tower that sleeps and hears nobody looks at itself once a week.
const WEEK: Duration = Duration::hours(8 * 24);
/// Energy in a day that a tower cannot leave alone, J: 2 kWh.
const OFFERED: f64 = 7.2e6;
/// Energy that it has moved, J: 0.05 kWh.
const MOVED: f64 = 1.8e5;
/// Below this SOC there is room for it; above the other one there is some to give.
const ROOM: f64 = 0.80;
const STOCK: f64 = 0.35;
/// Coldest and hottest cells between which a tower can do both, degC.
const COMFORT: (f64, f64) = (8.0, 45.0);

/// A stretch of time in which the house is dark.
#[derive(Debug, Clone, Copy, Default)]
struct Dark {
    lasts: Duration,
    sun: Duration,
    fed: Duration,
}

/// A day of a tower.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    lasts: Duration,
    surplus: f64,
    want: f64,
    charged: f64,
    discharged: f64,
    room: bool,
    stock: bool,
    spoilt: bool,
}

#[derive(Default)]
pub(super) struct Living {
    dark: Dark,
    day: Day,
    /// Since a lock-out that keeps the whole tower off was shown: a tower that sleeps shows it when it looks.
    told: Option<Duration>,
}

impl Living {
    pub(super) fn look(&mut self, moment: &Moment<'_>, tell: &mut Tell<'_>) {
        let runs = moment.modules().any(|(_, module)| module.relay_closed);
        let before = self.told.map(|told| told + moment.step).filter(|told| *told < WEEK && !runs);
        self.told = if waits_for_a_person(moment) { Some(Duration::ZERO) } else { before };
        if self.told.is_some() || is_held_off(moment) {
            *self = Self { told: self.told, ..Self::default() };
            return;
        }
        self.look_at_house(moment, tell);
        self.look_at_tower(moment, tell);
    }

    fn look_at_house(&mut self, moment: &Moment<'_>, tell: &mut Tell<'_>) {
        let dark = &mut self.dark;
        let is_dark = moment.site.unserved > DARK;
        dark.fed = if is_dark { Duration::ZERO } else { dark.fed + moment.step };
        if dark.fed >= FED {
            *dark = Dark::default();
            return;
        }
        dark.lasts = dark.lasts + moment.step;
        if moment.site.sun > moment.site.load + SURPLUS {
            dark.sun = dark.sun + moment.step;
        }
        if dark.lasts > DAY && dark.sun > SUN {
            let hours = dark.lasts.0 as f64 / 3.6e9;
            let (sun, state) = (dark.sun.0 as f64 / 3.6e9, state(moment));
            let what = || format!("the house is dark for {hours:.0} h, {sun:.0} h of them with sun; {state}");
            tell(Law::Return, None, hours, &what);
        }
    }

    /// It takes what the sun offers, and gives what the house wants.
    fn look_at_tower(&mut self, moment: &Moment<'_>, tell: &mut Tell<'_>) {
        let seconds = moment.step.0 as f64 * 1e-6;
        let day = &mut self.day;
        if day.lasts.is_zero() {
            let mut socs = moment.modules().filter(|(place, _)| moment.is_sound(*place));
            let (mut room, mut stock) = (false, false);
            socs.by_ref().for_each(|(_, module)| {
                room |= module.soc < ROOM;
                stock |= module.soc > STOCK;
            });
            *day = Day { room, stock, ..Day::default() };
        }
        day.lasts = day.lasts + moment.step;
        let surplus = moment.site.sun - moment.site.load;
        day.surplus += surplus.max(0.0) * seconds;
        day.want += (-surplus).max(0.0) * seconds;
        day.charged += moment.truth.power.max(0.0) * seconds;
        day.discharged += (-moment.truth.power).max(0.0) * seconds;
        let comfort = |celsius: &f64| (COMFORT.0..COMFORT.1).contains(celsius);
        day.spoilt |= !moment.modules().all(|(_, module)| module.cell_temperatures.iter().all(comfort));
        if day.lasts >= DAY {
            self.judge_day(moment, tell);
            self.day = Day::default();
        }
    }

    fn judge_day(&self, moment: &Moment<'_>, tell: &mut Tell<'_>) {
        let day = &self.day;
        let towers = moment.modules().count() as f64 / 2.0;
        let kwh = |joules: f64| joules / 3.6e6;
        if day.room && !day.spoilt && day.surplus > OFFERED * towers && day.charged < MOVED {
            let (offered, state) = (kwh(day.surplus), state(moment));
            let what = || format!("{offered:.1} kWh of sun in a day and nothing taken; {state}");
            tell(Law::Return, None, 1.0, &what);
        }
        if day.stock && day.want > OFFERED * towers && day.discharged < MOVED {
            let (wanted, state) = (kwh(day.want), state(moment));
            let what = || format!("{wanted:.1} kWh wanted in a day and nothing given; {state}");
            tell(Law::Return, None, 1.0, &what);
        }
    }
}

fn state(moment: &Moment<'_>) -> String {
    let status = moment.tower.reported().tower_status().filter(|_| moment.awake);
    let says = status.map_or_else(|| "nothing".to_owned(), |status| status.state.to_string());
    let power = moment.tower.bdu_drive().power;
    let conditions = moment.conditions;
    let shown = if conditions.is_empty() { "nothing wrong".to_owned() } else { words(conditions) };
    let (low, high) = moment
        .modules()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, m)| (low.min(m.soc), high.max(m.soc)));
    let (low, high) = (low * 100.0, high * 100.0);
    format!("BDU {power:?}, says {says}, {shown}; {low:.0} to {high:.0} % SOC")
}

/// Something has broken that may keep the tower off, and is not whole: it is about no module; or it keeps the first one
/// from its address, behind which all others hang; or somebody answers out of turn, and no address can be given.
fn is_held_off(moment: &Moment<'_>) -> bool {
    let started = moment.now.since(Instant::ZERO) > Duration::hours(1);
    let of_chain = |fault: &Fault| {
        matches!(
            fault,
            Fault::Hardware(Hardware::Unplugged { module: 0 })
                | Fault::LinkMute { module: 0 }
                | Fault::LinkDeaf { module: 0 }
                | Fault::LinkBusOff { module: 0 }
                | Fault::EnableStuck { .. }
        )
    };
    let of_all = |fault: &Fault| fault.module().is_none() || of_chain(fault);
    let lives = |broken: &super::watch::Broken| broken.whole.is_none() && of_all(&broken.fault);
    !started || moment.broken.iter().any(lives)
}

/// A lock-out is shown that keeps the whole tower off.
fn waits_for_a_person(moment: &Moment<'_>) -> bool {
    let found = moment.tower.bdu_findings();
    let locked = OF_TOWER.iter().any(|row| row.ending == Ending::Person && found.contains(row.finding));
    let person = locked || moment.tower.bdu_is_locked_out();
    let status = moment.tower.reported().tower_status().filter(|_| moment.awake);
    let stopped = status.is_some_and(|status| status.state == TowerState::Faulted);
    (stopped && person || all_locked(moment)) && !moment.conditions.faults().is_empty()
}

fn all_locked(moment: &Moment<'_>) -> bool {
    (0..moment.tower.module_count()).all(|place| !moment.tower.locked_out(place).is_empty())
}
