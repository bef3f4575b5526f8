//! What a controller writes down: a closed list of events, for the recorder beside `step`.

use voltower_core::{Condition, Diagnosis, Finding, ModuleState, PerMille, ResetCause, TowerState};
use voltower_protocols::link::Happening;

use crate::keep::Parts;

pub use voltower_core::StartFailure;

/// One thing worth remembering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Record {
    /// A condition appeared; module 0 is the BDU itself, cell 0 means no particular cell.
    Raised {
        /// What.
        condition: Condition,
        /// Module, from 1; 0 for the distribution unit.
        module: u8,
        /// Cell or sensor, from 1; 0 for none.
        element: u8,
    },
    /// A condition went away.
    Cleared {
        /// What.
        condition: Condition,
        /// Module, from 1; 0 for the distribution unit.
        module: u8,
    },
    /// The tower changed state.
    Tower(TowerState),
    /// This module changed state.
    Module(ModuleState),
    /// SOC was set by an anchor.
    Anchored {
        /// Before.
        from: PerMille,
        /// After.
        to: PerMille,
    },
    /// A lock-out must survive the loss of power.
    LockOut(Condition),
    /// A person has cleared the lock-outs.
    LockOutsCleared,
    /// A start was given up, and why.
    StartFailed(StartFailure),
    /// The cause behind a condition, or that it is gone.
    Diagnosed(Diagnosis),
    /// The module at this position, from 1, has its address.
    Addressed(u8),
    /// The device has started, and why.
    Booted(ResetCause),
    /// Memory had lost these parts of what was kept, or they could not be believed.
    Lost(Parts),
    /// A configuration object was written: what the controller persists has changed.
    Configured,
    /// What exactly is behind a condition that may have several causes; module and element as for the condition.
    Found {
        /// What.
        finding: Finding,
        /// Module, from 1; 0 for the distribution unit.
        module: u8,
        /// Cell or sensor, from 1; 0 for none.
        element: u8,
    },
}

impl Record {
    /// As the event log tells it.
    #[must_use]
    pub const fn happening(self) -> Happening {
        match self {
            Self::Raised { condition, module, element } => Happening::Raised(condition, module, element),
            Self::Cleared { condition, module } => Happening::Cleared(condition, module),
            Self::Tower(state) => Happening::Tower(state),
            Self::Module(state) => Happening::Module(state),
            Self::Anchored { .. } => Happening::Anchored,
            Self::LockOut(condition) => Happening::LockOut(condition),
            Self::LockOutsCleared => Happening::LockOutsCleared,
            Self::StartFailed(why) => Happening::StartFailed(why),
            Self::Diagnosed(diagnosis) => Happening::Diagnosed(diagnosis),
            Self::Addressed(module) => Happening::Addressed(module),
            Self::Booted(cause) => Happening::Booted(cause),
            Self::Lost(parts) => Happening::Lost(parts.bits()),
            Self::Configured => Happening::Configured,
            Self::Found { finding, module, element } => Happening::Found(finding, module, element),
        }
    }
}
