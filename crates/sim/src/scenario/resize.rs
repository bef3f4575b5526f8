//! The same run with other towers, for the flags of the command line.

use voltower_core::catalogue::{Expansion, ExpansionError};

use super::{Action, Event, Scenario, TowerSpec};

impl Scenario {
    /// Replaces the towers by `towers` of `modules` modules each, all like the first module of the first tower. Events
    /// are repeated on every tower, those of modules that are no longer there are dropped, and so are all
    /// expectations.
    ///
    /// # Errors
    ///
    /// [`ExpansionError`], which cites the manual's rule, unless there are one or two towers of one to four modules.
    pub fn resize(&mut self, towers: usize, modules: usize) -> Result<(), ExpansionError> {
        Expansion::check(towers, modules)?;
        let first = self.towers.first().cloned().ok_or(ExpansionError::NoTower)?;
        let module = first.modules.first().cloned().ok_or(ExpansionError::NoModule { tower: 1 })?;
        self.towers = vec![TowerSpec { modules: vec![module; modules], ..first }; towers];
        self.events = self.events.iter().flat_map(|event| repeated(event, towers, modules)).collect();
        self.expectations.clear();
        Ok(())
    }
}

fn repeated(event: &Event, towers: usize, modules: usize) -> Vec<Event> {
    if event.action.module().is_some_and(|module| module >= modules) {
        return Vec::new();
    }
    match event.action.tower() {
        None => vec![event.clone()],
        Some(0) => {
            let on = |tower| Event { at: event.at, action: event.action.clone().on(tower) };
            (0..towers).map(on).collect()
        }
        Some(_) => Vec::new(),
    }
}

impl Action {
    /// The module it concerns, from 0.
    fn module(&self) -> Option<usize> {
        match self {
            Self::Break { fault, .. } | Self::Repair { fault, .. } => fault.module(),
            Self::Plug { module, .. } | Self::Unplug { module, .. } => Some(*module),
            Self::Press { .. }
            | Self::DcSwitch { .. }
            | Self::Grid { .. }
            | Self::Inverter(_)
            | Self::Update { .. }
            | Self::Ambient { .. }
            | Self::Load { .. } => None,
        }
    }

    /// The same on another tower.
    fn on(mut self, other: usize) -> Self {
        match &mut self {
            Self::Press { tower, .. }
            | Self::DcSwitch { tower, .. }
            | Self::Break { tower, .. }
            | Self::Repair { tower, .. }
            | Self::Update { tower, .. }
            | Self::Plug { tower, .. }
            | Self::Unplug { tower, .. } => *tower = other,
            Self::Grid { .. } | Self::Inverter(_) | Self::Ambient { .. } | Self::Load { .. } => {}
        }
        self
    }
}
