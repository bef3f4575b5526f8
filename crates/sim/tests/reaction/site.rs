//! A tower that runs under a busy Link, and the truth about its first module.

use std::io;

use voltower_control::record::Record;
use voltower_core::Duration;
use voltower_plant::{ModuleTruth, TowerTruth};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_sim::scenario::{Action, Fault as Broken, HardwareFault};
use voltower_sim::{Logged, Scenario, World};

use crate::PERIOD;
use crate::cases::Case;

/// Frames of a service tool in each sample period: three quarters of what the Link carries at 500 kbit/s.
const BURST: usize = 28;
/// No node uses this identifier, and it goes before all process data.
const URGENT: u16 = 0x011;

pub(crate) struct Site {
    world: World,
    log: Vec<Logged>,
    /// Which conversion after the crossing is lost, and how often the AFE converts.
    pub(crate) loses: Option<(u64, Duration)>,
    /// The highest that a cell of the first module came to.
    pub(crate) highest: f64,
}

/// What is looked at after each sample period.
pub(crate) struct Moment<'a> {
    pub(crate) tower: TowerTruth,
    pub(crate) module: ModuleTruth,
    /// What was written down since something broke.
    pub(crate) log: &'a [Logged],
}

impl Moment<'_> {
    pub(crate) fn highest_voltage(&self) -> f64 {
        self.module.cell_voltages.iter().copied().fold(f64::MIN, f64::max)
    }

    pub(crate) fn lowest_voltage(&self) -> f64 {
        self.module.cell_voltages.iter().copied().fold(f64::MAX, f64::min)
    }

    pub(crate) fn hottest(&self) -> f64 {
        self.module.cell_temperatures.iter().copied().fold(f64::MIN, f64::max)
    }

    pub(crate) fn coldest(&self) -> f64 {
        self.module.cell_temperatures.iter().copied().fold(f64::MAX, f64::min)
    }

    pub(crate) fn locked_out(&self) -> bool {
        self.log.iter().any(|logged| matches!(logged.record, Record::LockOut(_)))
    }

    /// Nothing flows in the pack but what the electronics draw, and nothing at the bus.
    pub(crate) fn is_still(&self) -> bool {
        self.module.pack_current.abs() < STILL_PACK && self.module.bus_current.abs() < STILL_BUS
    }
}

/// Electronics and bleeder of a module draw less, A.
const STILL_PACK: f64 = 0.3;
/// An eighth of a percent of a module's rated current at the bus, A.
const STILL_BUS: f64 = 0.01;

impl Site {
    /// The tower of a case: a minute after its start, or off if that is what the case looks at.
    pub(crate) fn running(case: &Case, afe: &str) -> Self {
        let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
        let text = case.scenario(afe);
        let scenario =
            Scenario::parse("case.toml", &text, &none).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut site = Self { world: World::new(&scenario), log: Vec::new(), loses: None, highest: 0.0 };
        if !case.starts {
            site.press();
            site.world.advance_to(site.world.now() + Duration::mins(1));
        }
        site
    }

    fn press(&mut self) {
        self.world.act(Action::Press { tower: 0, hold: Duration::secs(1) });
    }

    /// Breaks what the case says after `phase`; how long from the crossing to the end, if both come.
    pub(crate) fn reaction(&mut self, case: &Case, phase: Duration) -> Option<Duration> {
        self.world.advance_to(self.world.now() + phase);
        for fault in &case.faults {
            self.world.act(Action::Break { tower: 0, fault: fault.clone() });
        }
        if case.starts {
            self.press();
        }
        let broken = self.world.now();
        self.world.drain_log().for_each(drop);
        let mut crossed = None;
        while self.world.now() < broken + case.patience {
            let before = self.world.now();
            if !case.starts {
                self.disturb();
            }
            self.world.advance_to(before + PERIOD);
            self.log.extend(self.world.drain_log());
            if let Some(crossed) = crossed {
                self.lose(self.world.now().since(crossed));
            }
            self.highest = self.highest.max(self.moment().highest_voltage());
            let moment = self.moment();
            if crossed.is_none() && (case.crossed)(&moment) {
                crossed = Some(before);
            }
            if let Some(crossed) = crossed.filter(|_| (case.ended)(&moment)) {
                return Some(self.world.now().since(crossed));
            }
        }
        None
    }

    /// The AFE is silent for one conversion.
    fn lose(&mut self, since: Duration) {
        let Some((place, every)) = self.loses else { return };
        let silent = Broken::Hardware(HardwareFault::AfeSilent { module: 0 });
        let begins = Duration(place * every.0);
        if since >= begins + every {
            self.loses = None;
            self.world.act(Action::Repair { tower: 0, fault: silent });
        } else if since >= begins {
            self.world.act(Action::Break { tower: 0, fault: silent });
        }
    }

    fn disturb(&mut self) {
        let frame = StandardId::new(URGENT).map(|id| Frame::full(id, [0x55; 8]));
        for frame in std::iter::repeat_n(frame, BURST).flatten() {
            self.world.send_on_link(0, frame);
        }
    }

    fn moment(&self) -> Moment<'_> {
        let tower = self.world.truth(0).expect("there is a tower");
        let module = tower.modules[0].expect("it has a module");
        Moment { tower, module, log: &self.log }
    }
}
