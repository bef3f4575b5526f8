//! Process data that say why the limits of a module or of the tower are what they are.

use voltower_core::{Bindings, Reason, Relief};

use super::{BDU_NODE, ModuleNode, REASONS, scale, wire};
use crate::can::Frame;

/// Which way power flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Into the battery.
    Charge,
    /// Out of the battery.
    Discharge,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Charge, Self::Discharge];

    const fn base(self) -> u16 {
        let [charge, discharge] = REASONS;
        match self {
            Self::Charge => charge,
            Self::Discharge => discharge,
        }
    }
}

/// Why a limit of a module is what it is. What binds it is in its [`ModuleLimits`](super::ModuleLimits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleReason {
    /// Which limit.
    pub way: Way,
    /// Why.
    pub reason: Reason,
}

impl ModuleReason {
    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        wire::to_module_frame(self.way.base(), node, to_bytes(&self.reason))
    }

    /// The sender and its reason; `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        Way::ALL.into_iter().find_map(|way| {
            let (node, bytes) = wire::from_module(frame, way.base())?;
            Some((node, Self { way, reason: from_bytes(bytes)? }))
        })
    }
}

/// Why a limit of the tower is what it is. What binds it is in its [`TowerLimits`](super::TowerLimits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TowerReason {
    /// Which limit.
    pub way: Way,
    /// Why.
    pub reason: Reason,
}

impl TowerReason {
    /// As the BDU sends it.
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        wire::to_tower_frame(tower_cob_id(self.way), to_bytes(&self.reason))
    }

    /// `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        Way::ALL.into_iter().find_map(|way| {
            let reason = from_bytes(wire::from_tower(frame, tower_cob_id(way))?)?;
            Some(Self { way, reason })
        })
    }
}

const fn tower_cob_id(way: Way) -> u16 {
    way.base() + BDU_NODE as u16
}

fn to_bytes(reason: &Reason) -> [u8; 8] {
    let [c0, c1] = reason.causes.bits().to_le_bytes();
    let [v0, v1] = scale::maybe(reason.value).to_le_bytes();
    let [l0, l1] = scale::maybe(reason.level).to_le_bytes();
    let [r0, r1] = reason.relief.code().to_le_bytes();
    [c0, c1, v0, v1, l0, l1, r0, r1]
}

fn from_bytes([c0, c1, v0, v1, l0, l1, r0, r1]: [u8; 8]) -> Option<Reason> {
    let number = |bytes| Some(i16::from_le_bytes(bytes)).filter(|number| *number != scale::NO_NUMBER);
    Some(Reason {
        causes: Bindings::from_bits(u16::from_le_bytes([c0, c1])),
        value: number([v0, v1]),
        level: number([l0, l1]),
        relief: Relief::from_code(u16::from_le_bytes([r0, r1]))?,
    })
}
