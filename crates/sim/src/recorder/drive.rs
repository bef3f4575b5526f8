//! Runs a world and writes it down.

use std::io;
use std::ops::ControlFlow;

use voltower_core::Instant;

use super::{Balance, Recorder, Report};
use crate::World;

impl Recorder {
    /// Runs `world` to the end of its scenario, or as long as `progress` says so, and writes everything down.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn run(
        mut self,
        world: &mut World,
        mut progress: impl FnMut(&World) -> ControlFlow<()>,
    ) -> io::Result<Report> {
        let end = Instant::ZERO + world.scenario().duration;
        while world.now() < end && progress(world).is_continue() {
            world.advance_to((world.now() + self.look_interval()).min(end));
            self.look(world)?;
        }
        world.finish();
        self.finish(report(world))
    }

    /// Writes down what has happened in `world` since the last call, and how it stands now.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn look(&mut self, world: &mut World) -> io::Result<()> {
        for (at, action) in world.drain_actions() {
            self.action(at, &action)?;
        }
        for logged in world.drain_log() {
            self.note(logged.at, logged.tower, logged.module, &logged.record)?;
        }
        let now = world.now();
        self.record(now, world.snapshot())
    }
}

/// How a world stands.
fn report(world: &World) -> Report {
    let towers = world.towers().iter().enumerate();
    let mut balances: Vec<Balance> =
        towers.map(|(index, tower)| Balance::of_tower(index, &tower.plant().energy())).collect();
    if world.scenario().house.is_some() {
        balances.push(Balance::of_house(world.house().ledger()));
    }
    let simulated = world.now().since(Instant::ZERO);
    let sun = world.scenario().house.is_some().then(|| world.sun_not_taken());
    Report {
        sun_not_taken: sun.map(Into::into),
        ..Report::new(world.scenario(), simulated, world.checker().results(), balances)
    }
}
