//! What happens in a run: people act, things break.

use voltower_core::{Duration, Instant};
use voltower_plant as plant;

use super::InverterMode;

/// Something that happens to the world.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub action: Action,
}

/// What people do, and what breaks. Towers and modules count from 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The black-start switch is held down for `hold`.
    Press {
        /// Of this tower.
        tower: usize,
        /// How long.
        hold: Duration,
    },
    /// The DC switch is turned.
    DcSwitch {
        /// Of this tower.
        tower: usize,
        /// To here.
        closed: bool,
    },
    /// Something breaks.
    Break {
        /// In this tower.
        tower: usize,
        /// What.
        fault: Fault,
    },
    /// Something that broke is made whole: the same fault, its size does not matter.
    Repair {
        /// In this tower.
        tower: usize,
        /// What.
        fault: Fault,
    },
    /// The public grid comes or goes.
    Grid {
        /// It is there.
        on: bool,
    },
    /// The inverter is set to another mode.
    Inverter(InverterMode),
    /// The program-control object asks the tower into or out of updating.
    Update {
        /// Of this tower.
        tower: usize,
        /// Into updating; otherwise out of it.
        start: bool,
    },
    /// The surroundings take another temperature, degC, until the end of the run.
    Ambient {
        /// From now on.
        celsius: f64,
    },
    /// A person puts a module on the stack, cables it and commissions the tower with it.
    Plug {
        /// On this tower.
        tower: usize,
        /// The module.
        module: usize,
    },
    /// A person takes a module away and commissions the tower without it.
    Unplug {
        /// From this tower.
        tower: usize,
        /// The module.
        module: usize,
    },
    /// A load on top of the house's, W, until the next such event; 0 removes it.
    Load {
        /// While it is on.
        watts: f64,
    },
}

/// A cause of trouble: in the hardware of the tower, on its wires, or in what it talks to.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// In the hardware.
    Hardware(plant::Fault),
    /// The Link cable is cut; everything beyond is silent.
    CutLink {
        /// Modules that still hear the distribution unit.
        after: usize,
    },
    /// The COM cable of this tower is cut.
    CutCom,
    /// The inverter no longer talks, and works on.
    InverterSilent,
    /// The inverter takes what it wants, whatever the battery allows.
    InverterIgnoresLimits,
    /// A module was fitted with other software; it answers with this version.
    WrongSoftware {
        /// In this module.
        module: usize,
        /// The version.
        version: String,
    },
}

impl From<plant::Fault> for Fault {
    fn from(fault: plant::Fault) -> Self {
        Self::Hardware(fault)
    }
}
