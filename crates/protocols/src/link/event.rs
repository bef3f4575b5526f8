//! What a device writes down of its life, as its event log tells it.

use core::fmt;

use voltower_core::{Condition, Diagnosis, Finding, ModuleState, ResetCause, StartFailure, TowerState};

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Event {
    /// Seconds since the device woke.
    pub uptime: u32,
    /// What.
    pub what: Happening,
}

/// What can happen. Modules count from 1, 0 is the distribution unit; so do cells and sensors, 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happening {
    /// A condition has come.
    Raised(Condition, u8, u8),
    /// A condition has gone.
    Cleared(Condition, u8),
    /// The tower is in another state.
    Tower(TowerState),
    /// The module is in another state.
    Module(ModuleState),
    /// The state of charge was set by an anchor.
    Anchored,
    /// A condition waits for a person, over a loss of power too.
    LockOut(Condition),
    /// A person has cleared the lock-outs.
    LockOutsCleared,
    /// A start was given up.
    StartFailed(StartFailure),
    /// A cause was found.
    Diagnosed(Diagnosis),
    /// A module has been given this address.
    Addressed(u8),
    /// A configuration object was written.
    Configured,
    /// The device has started.
    Booted(ResetCause),
    /// Memory had lost parts of what was kept: bits, in the order of [`PARTS`].
    Lost(u8),
    /// What exactly is behind a condition.
    Found(Finding, u8, u8),
}

impl Event {
    /// For a wire: seconds in the lower half, then kind, and three bytes of its own.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        let [kind, a, b, c] = match self.what {
            Happening::Raised(condition, module, element) => [1, condition.bit() as u8, module, element],
            Happening::Cleared(condition, module) => [2, condition.bit() as u8, module, 0],
            Happening::Tower(state) => [3, state.code(), 0, 0],
            Happening::Module(state) => [4, state.code(), 0, 0],
            Happening::Anchored => [5, 0, 0, 0],
            Happening::LockOut(condition) => [6, condition.bit() as u8, 0, 0],
            Happening::LockOutsCleared => [7, 0, 0, 0],
            Happening::StartFailed(why) => [8, why.code(), 0, 0],
            Happening::Diagnosed(diagnosis) => [9, diagnosis.code(), diagnosis.element, 0],
            Happening::Addressed(module) => [10, module, 0, 0],
            Happening::Configured => [11, 0, 0, 0],
            Happening::Found(finding, module, element) => [12, finding.code(), module, element],
            Happening::Booted(cause) => [13, cause.code(), 0, 0],
            Happening::Lost(parts) => [14, parts, 0, 0],
        };
        let [t0, t1, t2, t3] = self.uptime.to_le_bytes();
        u64::from_le_bytes([t0, t1, t2, t3, kind, a, b, c])
    }

    /// From a wire; `None` for what there is not, and for 0, which is no event.
    #[must_use]
    pub fn from_bits(bits: u64) -> Option<Self> {
        let [t0, t1, t2, t3, kind, a, b, c] = bits.to_le_bytes();
        let what = match kind {
            1 => Happening::Raised(condition(a)?, b, c),
            2 => Happening::Cleared(condition(a)?, b),
            3 => Happening::Tower(TowerState::from_code(a)?),
            4 => Happening::Module(ModuleState::from_code(a)?),
            5 => Happening::Anchored,
            6 => Happening::LockOut(condition(a)?),
            7 => Happening::LockOutsCleared,
            8 => Happening::StartFailed(StartFailure::from_code(a)?),
            9 => Happening::Diagnosed(Diagnosis::from_code(a)?.at(b)),
            10 => Happening::Addressed(a),
            11 => Happening::Configured,
            12 => Happening::Found(Finding::from_code(a)?, b, c),
            13 => Happening::Booted(ResetCause::from_code(a)?),
            14 => Happening::Lost(a),
            _ => return None,
        };
        Some(Self { uptime: u32::from_le_bytes([t0, t1, t2, t3]), what })
    }
}

/// Parts of what a device keeps over a loss of power, by their bits, the lowest first.
pub const PARTS: [&str; 6] = ["lock-outs", "settings", "charge", "lifetime counters", "starts", "blackbox"];

fn lost(f: &mut fmt::Formatter<'_>, parts: u8) -> fmt::Result {
    f.write_str("memory has lost: ")?;
    let names = PARTS.iter().enumerate().filter(|(bit, _)| parts >> bit & 1 == 1).map(|(_, name)| name);
    names.enumerate().try_for_each(|(place, name)| write!(f, "{}{name}", if place == 0 { "" } else { ", " }))
}

fn condition(bit: u8) -> Option<Condition> {
    Condition::all().find(|condition| condition.bit() == u32::from(bit))
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s: {}", self.uptime, self.what)
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raised(condition, 0, _) => write!(f, "{condition}"),
            Self::Raised(condition, module, 0) => write!(f, "{condition}, module {module}"),
            Self::Raised(condition, module, element) => {
                write!(f, "{condition}, module {module}, cell or sensor {element}")
            }
            Self::Cleared(condition, 0) => write!(f, "over: {condition}"),
            Self::Cleared(condition, module) => write!(f, "over: {condition}, module {module}"),
            Self::Tower(state) => write!(f, "tower {state}"),
            Self::Module(state) => write!(f, "module {state}"),
            Self::Anchored => f.write_str("state of charge anchored"),
            Self::LockOut(condition) => write!(f, "locked out: {condition}"),
            Self::LockOutsCleared => f.write_str("lock-outs cleared by a person"),
            Self::StartFailed(why) => write!(f, "start given up: {why}"),
            Self::Diagnosed(diagnosis) => write!(f, "{diagnosis}"),
            Self::Addressed(module) => write!(f, "module {module} has its address"),
            Self::Configured => f.write_str("configuration changed"),
            Self::Booted(cause) => write!(f, "started: {cause}"),
            Self::Lost(parts) => lost(f, *parts),
            Self::Found(finding, 0, _) => write!(f, "{finding}"),
            Self::Found(finding, module, 0) => write!(f, "{finding}, module {module}"),
            Self::Found(finding, module, element) => {
                write!(f, "{finding}, module {module}, cell or sensor {element}")
            }
        }
    }
}
