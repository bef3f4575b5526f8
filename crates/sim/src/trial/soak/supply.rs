//! What modules and BDU take for themselves.

use voltower_control::io::PowerMode;
use voltower_core::{Duration, Instant};

use super::Law;
use super::watch::{Broken, Moment, Tell};
use crate::scenario::Fault;

/// Means are taken over so long.
const WINDOW: Duration = Duration::hours(6);
/// A module that is out of service in a tower that runs, W: its lowest supply (10 mW), and three or four looks of a
/// minute at 4.5 W.
const OUT_OF_SERVICE: f64 = 0.06;
/// The same for a module that is low, W: it waits two minutes and a half for charge at each look.
const OUT_AND_LOW: f64 = 0.08;
/// A cell below this is low, V.
const LOW: f64 = 3.05;
/// What a fault of its own that has come or gone may cost besides in the next mean, W: ten minutes awake.
const UPSET: f64 = 0.13;
/// A module that is reset again and again is awake for one sample and its start each time, J: 4.5 W for 3 s.
const RESET: f64 = 13.5;
/// A module of a tower that sleeps, with its part of the BDU's, W: 0.05 W of its board, and a receiver on COM.
const ASLEEP: f64 = 0.25;
/// A module on the bus that gives and takes next to nothing, W: board, converter, its pulses and the BDU's part.
const ON_THE_BUS: f64 = 8.0;
/// The same while another module of the tower works, W: its converter switches all the time, ready to hold the bus.
const BESIDE_ANOTHER: f64 = 12.5;
/// It gives and takes next to nothing, W: less than an inverter in an island draws from it.
const NOTHING: f64 = 10.0;
/// So long a module that has just left the bus may be asked, tested and tried again.
const SETTLES: Duration = Duration::hours(2);

/// What a module is at one moment, for what it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duty {
    OutOfService,
    Asleep,
    Idle,
    Ready,
    Works,
}

#[derive(Debug, Clone, Copy)]
struct Account {
    duty: Duty,
    lasted: Duration,
    joules: f64,
    /// It was low in this mean.
    was_low: bool,
}

/// Accounts of the modules of a tower.
pub(super) struct Own(Vec<Account>);

impl Own {
    pub(super) fn new(modules: usize) -> Self {
        Self(vec![
            Account { duty: Duty::Works, lasted: Duration::ZERO, joules: 0.0, was_low: false };
            modules
        ])
    }

    pub(super) fn look(&mut self, moment: &Moment<'_>, tell: &mut Tell<'_>) {
        let anybody = moment.modules().any(|(_, module)| module.relay_closed);
        let works =
            moment.modules().any(|(_, module)| module.relay_closed && module.bus_power.abs() >= NOTHING);
        for ((place, module), account) in moment.modules().zip(&mut self.0) {
            let duty = if !moment.awake {
                Duty::Asleep
            } else if !module.relay_closed {
                if anybody { Duty::OutOfService } else { Duty::Works }
            } else if module.bus_power.abs() >= NOTHING {
                Duty::Works
            } else if works {
                Duty::Ready
            } else {
                Duty::Idle
            };
            if duty != account.duty {
                *account = Account { duty, lasted: Duration::ZERO, joules: 0.0, was_low: false };
            }
            account.lasted = account.lasted + moment.step;
            account.was_low |= module.cell_voltages.iter().any(|volts| *volts < LOW);
            let settling = duty == Duty::OutOfService && account.lasted <= SETTLES;
            if !settling {
                let watts = (module.bus_power - module.pack_current * module.pack_voltage).max(0.0);
                account.joules += watts * moment.step.0 as f64 * 1e-6;
            }
            account.judge(moment, place, tell);
        }
    }
}

impl Account {
    fn judge(&mut self, moment: &Moment<'_>, place: usize, tell: &mut Tell<'_>) {
        let (most, words, settles) = match self.duty {
            Duty::OutOfService => {
                let lately = |at: Instant| moment.now.since(at) <= WINDOW + SETTLES;
                let upset = moment
                    .broken_in(place)
                    .any(|broken| lately(broken.since) || broken.whole.is_some_and(lately));
                let of_resets = |broken: &Broken| match broken.fault {
                    Fault::ModuleResetStorm { every, .. } if broken.whole.is_none() => {
                        RESET / (every.0 as f64 * 1e-6)
                    }
                    _ => 0.0,
                };
                let resets: f64 = moment.broken_in(place).map(of_resets).sum();
                let besides = if upset { UPSET } else { 0.0 } + resets;
                let looks = if self.was_low { OUT_AND_LOW } else { OUT_OF_SERVICE };
                (looks + besides, "out of service", SETTLES)
            }
            Duty::Asleep => (ASLEEP, "of a tower that sleeps or is off", Duration::ZERO),
            Duty::Idle => (ON_THE_BUS, "on the bus, idle", Duration::ZERO),
            Duty::Ready => (BESIDE_ANOTHER, "on the bus, idle beside another", Duration::ZERO),
            Duty::Works => return,
        };
        if self.lasted < WINDOW + settles {
            return;
        }
        let watts = self.joules / (WINDOW.0 as f64 * 1e-6);
        self.lasted = settles + Duration(1);
        self.joules = 0.0;
        self.was_low = false;
        if watts > most {
            let board = moment.tower.module_drive(place).map_or(PowerMode::Off, |drive| drive.power);
            let what = || format!("{watts:.3} W {words}, board {board:?}: at most {most} W");
            tell(Law::OwnConsumption, Some(place), watts / most, &what);
        }
    }
}
