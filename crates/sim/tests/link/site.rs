//! A site of full towers that gives power, and what its panels, wires and records say.

use std::io;

use voltower_control::record::Record;
use voltower_core::{Diagnosis, Duration, Instant};
use voltower_protocols::link::ModuleNode;
use voltower_sim::recorder::TowerSnapshot;
use voltower_sim::scenario::{Action, Fault, Lights};
use voltower_sim::{Logged, Scenario, World};

/// A world with a memory for what was written down.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) log: Vec<Logged>,
}

impl Site {
    /// Towers that are off, sampled every `period`, and an inverter that takes 1 kW of each module.
    pub(crate) fn new(towers: usize, modules: usize, period: Duration) -> Self {
        Self::with_link(towers, modules, period, "0.5 m")
    }

    /// The same with so much Link cable from one device to the next.
    pub(crate) fn with_link(towers: usize, modules: usize, period: Duration, length: &str) -> Self {
        let tower =
            format!("[[tower]]\nmodules = {modules}\nsoc = \"60 %\"\nlink = {{ length = \"{length}\" }}\n");
        let text = format!(
            "title = \"t\"\nduration = \"1 h\"\nperiod = \"{} ms\"\n[inverter]\nmode = \"discharge {} kW\"\n{}",
            period.as_millis(),
            towers * modules,
            tower.repeat(towers)
        );
        let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
        let scenario = Scenario::parse("test.toml", &text, &none).expect("a good scenario");
        Self { world: World::new(&scenario), log: Vec::new() }
    }

    /// One tower with four modules that has given power for a while.
    pub(crate) fn running(period: Duration) -> Self {
        let mut site = Self::new(1, 4, period);
        site.press(0);
        site.pass(Duration::secs(40));
        assert_eq!(site.connected(), [true; 4], "it runs before anything breaks");
        let wrong = |logged: &&Logged| matches!(logged.record, Record::Diagnosed(_) | Record::Raised { .. });
        assert_eq!(site.log.iter().find(wrong), None, "and nothing was wrong on the way");
        site.log.clear();
        site
    }

    pub(crate) fn press(&mut self, tower: usize) {
        self.world.act(Action::Press { tower, hold: Duration::secs(1) });
    }

    pub(crate) fn breaks(&mut self, tower: usize, fault: &Fault) {
        self.world.act(Action::Break { tower, fault: fault.clone() });
    }

    pub(crate) fn mends(&mut self, tower: usize, fault: &Fault) {
        self.world.act(Action::Repair { tower, fault: fault.clone() });
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.world.advance_to(self.world.now() + time);
        self.log.extend(self.world.drain_log());
    }

    /// Lets time pass until it is so, at most for `patience`; how long that took.
    pub(crate) fn wait(
        &mut self,
        patience: Duration,
        mut is_so: impl FnMut(&mut Self) -> bool,
    ) -> Option<Duration> {
        let start = self.world.now();
        while !is_so(self) {
            if self.world.now() >= start + patience {
                return None;
            }
            self.pass(Duration::millis(10));
        }
        Some(self.world.now().since(start))
    }

    pub(crate) fn tower(&mut self) -> TowerSnapshot {
        self.world.snapshot().towers[0].clone()
    }

    /// The lights of the first tower as a scenario writes them.
    pub(crate) fn lights(&mut self) -> String {
        Lights { pattern: self.tower().pattern, soc_free: false }.to_string()
    }

    pub(crate) fn connected(&mut self) -> Vec<bool> {
        self.tower().modules.iter().map(|module| module.connected).collect()
    }

    /// What the first tower's distribution unit has found out, by what it wrote down: the Link may be dead.
    pub(crate) fn found(&self) -> Diagnosis {
        let found = |logged: &Logged| match logged.record {
            Record::Diagnosed(diagnosis) if logged.tower == 0 => Some(diagnosis),
            _ => None,
        };
        self.log.iter().rev().find_map(found).unwrap_or(Diagnosis::NONE)
    }

    /// Addresses by place, from the top.
    pub(crate) fn addresses(&self, tower: usize) -> Vec<Option<u8>> {
        let tower = &self.world.towers()[tower];
        (0..tower.module_count()).map(|module| tower.address(module).map(ModuleNode::number)).collect()
    }

    /// When the distribution unit wrote down that it has given this address.
    pub(crate) fn addressed(&self, tower: usize, number: u8) -> Option<Instant> {
        let given = |logged: &&Logged| logged.tower == tower && logged.record == Record::Addressed(number);
        self.log.iter().find(given).map(|logged| logged.at)
    }
}

/// 1, 2, 3 ... for so many modules.
pub(crate) fn in_order(modules: usize) -> Vec<Option<u8>> {
    (1..=modules as u8).map(Some).collect()
}
