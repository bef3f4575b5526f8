//! The Link: CANopen between the distribution unit (BDU) and its battery modules, and its process data.
//!
//! Standard 11-bit identifiers, 8 bytes, little-endian. Every process-data struct here holds only legal
//! values; `to_frame` turns it into a frame (clamping quantities to the range of the wire), `from_frame`
//! reads a frame and answers `None` to anything that is not legal, whatever its bytes.
//!
//! | COB-ID | from | every | struct |
//! |---|---|---|---|
//! | 0x180 + n, 0x280 + n, 0x380 + n | module n | 100 ms | [`ModuleStatus`], [`ModulePower`], [`ModuleLimits`] |
//! | 0x1A0 + n .. 0x1D0 + n | module n | 1 s | [`ModuleCells`], four cells each |
//! | 0x2A0 + n, 0x2B0 + n | module n | 1 s | [`ModuleTemperatures`], [`ModuleHardware`] |
//! | 0x2C0 + n | module n | 1 s | [`ModuleCapacity`] |
//! | 0x2D0 + n | module n | 1 s | [`ModuleEstimate`] |
//! | 0x3A0 + n, 0x3B0 + n | module n | 1 s | [`ModuleReason`], charge and discharge |
//! | 0x200 + n | BDU, to module n | 100 ms | [`ModuleCommand`] |
//! | 0x189, 0x289 | BDU, to all | 100 ms | [`TowerStatus`], [`TowerPanel`] |
//! | 0x389, 0x489 | BDU, to all | 100 ms | [`TowerPower`], [`TowerLimits`] |
//! | 0x3A9, 0x3B9 | BDU, to all | 1 s | [`TowerReason`], charge and discharge |
//! | 0x2A9 | BDU, to all | 1 s | [`TowerDiagnosis`], two bytes |
//! | 0x2D9 | BDU, to all | 1 s | [`TowerEstimate`] |
//!
//! What comes every 100 ms also comes at once when state or conditions have changed; reasons, when a limit is bound by
//! something else than before; the diagnosis, when it is another one. The layouts are ours; the maker publishes none
//! for the Link.

pub mod dictionary;
mod estimate;
mod event;
mod module;
mod reason;
pub mod scale;
mod tower;
mod wire;

pub use dictionary::{
    BDU_DICTIONARY, BduField, BlackboxPart, CommandPart, FramePart, LifetimePart, LimitPart,
    MODULE_DICTIONARY, MemoryPart, ModuleField, ReasonPart, SelfTestPart,
};
pub use estimate::{CellDoubt, FullChargeAsked, FullChargeWish, Levelling, ModuleEstimate, TowerEstimate};
pub use event::{Event, Happening, PARTS};
pub use module::{
    CellGroup, ModuleCapacity, ModuleCells, ModuleCommand, ModuleHardware, ModuleLimits, ModulePower,
    ModuleRequest, ModuleStatus, ModuleTemperatures, ShareWeight,
};
pub use reason::{ModuleReason, TowerReason, Way};
pub use tower::{TowerDiagnosis, TowerLimits, TowerPanel, TowerPower, TowerStatus};
pub use wire::node_cob_id;

use voltower_core::{Binding, Watts};

/// CANopen node of the distribution unit.
pub const BDU_NODE: u8 = 9;

/// The CANopen nodes of the modules, by position under the BDU.
pub const MODULE_NODES: [ModuleNode; 4] = [ModuleNode(1), ModuleNode(2), ModuleNode(3), ModuleNode(4)];

/// COB-ID of network management commands (CiA 301).
pub const NMT: u16 = 0x000;
/// COB-ID of SYNC (CiA 301).
pub const SYNC: u16 = 0x080;
/// COB-ID base of emergency messages (CiA 301): plus the node.
pub const EMCY: u16 = 0x080;
/// COB-ID base of answers of an SDO server (CiA 301): plus the node.
pub const SDO_RESPONSE: u16 = 0x580;
/// COB-ID base of requests to an SDO server (CiA 301): plus the node.
pub const SDO_REQUEST: u16 = 0x600;
/// COB-ID base of heartbeats and boot-up messages (CiA 301): plus the node.
pub const HEARTBEAT: u16 = 0x700;

/// COB-ID base of [`ModuleStatus`].
pub const MODULE_STATUS: u16 = 0x180;
/// COB-ID base of [`ModulePower`].
pub const MODULE_POWER: u16 = 0x280;
/// COB-ID base of [`ModuleLimits`].
pub const MODULE_LIMITS: u16 = 0x380;
/// COB-ID bases of [`ModuleCells`], by [`CellGroup`].
pub const MODULE_CELLS: [u16; 4] = [0x1A0, 0x1B0, 0x1C0, 0x1D0];
/// COB-ID base of [`ModuleTemperatures`].
pub const MODULE_TEMPERATURES: u16 = 0x2A0;
/// COB-ID base of [`ModuleHardware`].
pub const MODULE_HARDWARE: u16 = 0x2B0;
/// COB-ID base of [`ModuleCapacity`].
pub const MODULE_CAPACITY: u16 = 0x2C0;
/// COB-ID base of [`ModuleEstimate`].
pub const MODULE_ESTIMATE: u16 = 0x2D0;
/// COB-ID of [`TowerEstimate`].
pub const TOWER_ESTIMATE: u16 = MODULE_ESTIMATE + BDU_NODE as u16;
/// COB-ID bases of [`ModuleReason`] and, with the node of the BDU, of [`TowerReason`], by [`Way`].
pub const REASONS: [u16; 2] = [0x3A0, 0x3B0];
/// COB-ID base of [`ModuleCommand`].
pub const MODULE_COMMAND: u16 = 0x200;
/// COB-ID of [`TowerStatus`].
pub const TOWER_STATUS: u16 = 0x180 + BDU_NODE as u16;
/// COB-ID of [`TowerPanel`].
pub const TOWER_PANEL: u16 = 0x280 + BDU_NODE as u16;
/// COB-ID of [`TowerPower`].
pub const TOWER_POWER: u16 = 0x380 + BDU_NODE as u16;
/// COB-ID of [`TowerDiagnosis`].
pub const TOWER_DIAGNOSIS: u16 = 0x2A0 + BDU_NODE as u16;
/// COB-ID of [`TowerLimits`].
pub const TOWER_LIMITS: u16 = 0x480 + BDU_NODE as u16;

/// The CANopen node of a module: 1 to 4, from the top of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleNode(u8);

impl ModuleNode {
    /// Node `number`; `None` unless it is 1 to 4.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            1..=4 => Some(Self(number)),
            _ => None,
        }
    }

    /// Node of the module at `position`, from 0; `None` above 3.
    #[must_use]
    pub fn at(position: usize) -> Option<Self> {
        MODULE_NODES.get(position).copied()
    }

    /// 1 to 4.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Position in an array of modules, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0.saturating_sub(1) as usize
    }
}

/// A power limit as it travels on the Link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// How much, a magnitude; 0 to 65 535 W on the wire.
    pub power: Watts,
    /// What binds it.
    pub binding: Binding,
    /// Which cell or sensor (of a module) or module (of a tower) binds it, from 1; 0 for none.
    pub element: u8,
}

impl Limit {
    /// No power, because the device is not on the bus.
    pub const NOT_CONNECTED: Self = Self { power: Watts::ZERO, binding: Binding::NotConnected, element: 0 };
}
