//! The distribution unit's command, and for how long it holds.

use voltower_core::{Duration, values};
use voltower_protocols::link::{ModuleCommand, ModuleRequest};

use crate::io::SamplePeriod;

/// The permit to be on the bus: a command must be renewed, or the module leaves by itself.
///
/// ```text
///           a command             silent for COMMAND_SILENCE
///   None --------------> Held ----------------------------> None
///                        ^  |
///                        +--+ a command
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Permit {
    /// Nobody commands.
    #[default]
    None,
    /// This is wanted.
    Held {
        /// The last command.
        command: ModuleCommand,
        /// Time since it came.
        age: Duration,
    },
}

impl Permit {
    /// A command has come.
    pub fn hear(&mut self, command: ModuleCommand) {
        *self = Self::Held { command, age: Duration::ZERO };
    }

    /// Lets `elapsed` pass.
    pub fn tick(&mut self, elapsed: Duration, period: SamplePeriod) {
        *self = match *self {
            Self::None => Self::None,
            Self::Held { age, .. } if age + elapsed >= period.stretch(values::COMMAND_SILENCE) => Self::None,
            Self::Held { command, age } => Self::Held { command, age: age + elapsed },
        };
    }

    /// The command, while it holds.
    #[must_use]
    pub const fn command(&self) -> Option<&ModuleCommand> {
        match self {
            Self::None => None,
            Self::Held { command, .. } => Some(command),
        }
    }

    /// What is wanted, while it holds.
    #[must_use]
    pub fn request(&self) -> Option<ModuleRequest> {
        self.command().map(|command| command.request)
    }
}
