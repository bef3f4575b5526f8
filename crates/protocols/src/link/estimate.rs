//! What a module and a tower make of their charge: the estimate that decisions use, how far it may be off, and what
//! would help.

use voltower_core::PerMille;

use super::{MODULE_ESTIMATE, ModuleNode, TOWER_ESTIMATE, wire};
use crate::can::Frame;

/// Why a module wants to be charged to its end: bits, none of them for *it does not*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FullChargeWish(u8);

impl FullChargeWish {
    /// It does not want one.
    pub const NONE: Self = Self(0);
    /// It has been too long at neither end.
    pub const LONG_AGO: Self = Self(1);
    /// The band around its estimate is wide.
    pub const WIDE_BAND: Self = Self(1 << 1);
    /// Shunt and converter have counted different charges.
    pub const COUNTS_DISAGREE: Self = Self(1 << 2);
    /// The record of its charge was lost.
    pub const RECORD_LOST: Self = Self(1 << 3);

    /// Words of the bits, the lowest first.
    pub const WORDS: &'static [&'static str] =
        &["too long at neither end", "band is wide", "counts disagree", "record was lost"];

    const ALL: u8 = 0x0F;

    /// From the wire; `None` for bits that there are not.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits & !Self::ALL == 0 { Some(Self(bits)) } else { None }
    }

    /// For the wire.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The reasons of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// There is no reason.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// Why a cell is doubted, or what else of a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CellDoubt {
    /// Its contact or sense wire is bad.
    #[default]
    Contact,
    /// It shows an end of the charge that the others have not reached.
    End,
    /// No cell is; the current sensor (shunt) of the module counts wrongly.
    Shunt,
}

/// The doubt is about the end of the charge.
const ABOUT_END: u8 = 1 << 7;
/// The doubt is about the shunt.
const ABOUT_SHUNT: u8 = 1 << 6;

/// What a module makes of its charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleEstimate {
    /// State of charge that decisions use; [`ModuleStatus`](super::ModuleStatus) has what people are shown, which
    /// follows slowly.
    pub soc: PerMille,
    /// It is not below this.
    pub soc_low: PerMille,
    /// It is not above this.
    pub soc_high: PerMille,
    /// Why it wants to be charged to its end, if it does.
    pub wish: FullChargeWish,
    /// Cell that is doubted, from 1; 0 for none.
    pub doubted_cell: u8,
    /// Why it is.
    pub doubt: CellDoubt,
}

impl ModuleEstimate {
    /// It wants to be charged to its end.
    #[must_use]
    pub const fn wants_full_charge(&self) -> bool {
        !self.wish.is_none()
    }

    /// Nothing is known of the charge: the record was lost, and no voltage has told anything yet.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        is_unknown(self.soc_low, self.soc_high)
    }

    /// Width of the band.
    #[must_use]
    pub const fn width(&self) -> PerMille {
        PerMille(self.soc_high.0.saturating_sub(self.soc_low.0))
    }

    const fn doubted(&self) -> u8 {
        let cell = self.doubted_cell & !(ABOUT_END | ABOUT_SHUNT);
        match self.doubt {
            CellDoubt::End if cell > 0 => cell | ABOUT_END,
            CellDoubt::End | CellDoubt::Contact => cell,
            CellDoubt::Shunt => ABOUT_SHUNT,
        }
    }

    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        let [s0, s1] = wire::share(self.soc);
        let [l0, l1] = wire::share(self.soc_low);
        let [h0, h1] = wire::share(self.soc_high);
        let bytes = [s0, s1, l0, l1, h0, h1, self.wish.bits(), self.doubted()];
        wire::to_module_frame(MODULE_ESTIMATE, node, bytes)
    }

    /// The sender and its estimate; `None` if the frame is another or not legal: a band must contain its estimate.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        let (node, [s0, s1, l0, l1, h0, h1, wish, doubted]) = wire::from_module(frame, MODULE_ESTIMATE)?;
        let estimate = Self {
            soc: wire::from_share([s0, s1])?,
            soc_low: wire::from_share([l0, l1])?,
            soc_high: wire::from_share([h0, h1])?,
            wish: FullChargeWish::from_bits(wish)?,
            doubted_cell: if doubted == ABOUT_SHUNT { 0 } else { doubted & !ABOUT_END },
            doubt: match doubted {
                ABOUT_SHUNT => CellDoubt::Shunt,
                _ if doubted & ABOUT_END != 0 => CellDoubt::End,
                _ => CellDoubt::Contact,
            },
        };
        let contains = estimate.soc_low <= estimate.soc && estimate.soc <= estimate.soc_high;
        contains.then_some((node, estimate))
    }
}

/// A band over all that there can be.
const fn is_unknown(low: PerMille, high: PerMille) -> bool {
    low.0 == 0 && high.0 >= PerMille::FULL.0
}

/// Whether the tower asks the inverter to charge it to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum FullChargeAsked {
    /// It does not.
    #[default]
    No = 0,
    /// A module wants it; the sun, the grid or the time since the last one is waited for.
    Wanted = 1,
    /// It asks for what the roof gives.
    FromSun = 2,
    /// It asks, and be it from the grid.
    FromGrid = 3,
}

impl FullChargeAsked {
    const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::No),
            1 => Some(Self::Wanted),
            2 => Some(Self::FromSun),
            3 => Some(Self::FromGrid),
            _ => None,
        }
    }
}

/// Who gives charge to whom over the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Levelling {
    /// Gives.
    pub donor: ModuleNode,
    /// Is charged.
    pub receiver: ModuleNode,
}

impl Levelling {
    /// On the wire: donor in the upper four bits, receiver in the lower; 0 for none.
    #[must_use]
    pub fn code(levelling: Option<Self>) -> u8 {
        levelling.map_or(0, |Self { donor, receiver }| donor.number() << 4 | receiver.number())
    }

    /// From the wire; nobody gives to itself.
    fn from_code(code: u8) -> Option<Option<Self>> {
        if code == 0 {
            return Some(None);
        }
        let (donor, receiver) = (ModuleNode::new(code >> 4)?, ModuleNode::new(code & 0xF)?);
        (donor != receiver).then_some(Some(Self { donor, receiver }))
    }
}

/// What a tower makes of its charge: that of its modules together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TowerEstimate {
    /// State of charge as estimated; [`TowerStatus`](super::TowerStatus) has what people are shown, which follows
    /// slowly.
    pub soc: PerMille,
    /// It is not below this.
    pub soc_low: PerMille,
    /// It is not above this.
    pub soc_high: PerMille,
    /// A charge to the end.
    pub full_charge: FullChargeAsked,
    /// A module charges another one.
    pub levelling: Option<Levelling>,
}

impl TowerEstimate {
    /// Of a tower whose modules have said nothing.
    pub const UNKNOWN: Self = Self {
        soc: PerMille::ZERO,
        soc_low: PerMille::ZERO,
        soc_high: PerMille::FULL,
        full_charge: FullChargeAsked::No,
        levelling: None,
    };

    /// Nothing is known of the charge.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        is_unknown(self.soc_low, self.soc_high)
    }

    /// As the BDU sends it.
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        let [s0, s1] = wire::share(self.soc);
        let [l0, l1] = wire::share(self.soc_low);
        let [h0, h1] = wire::share(self.soc_high);
        let bytes = [s0, s1, l0, l1, h0, h1, self.full_charge as u8, Levelling::code(self.levelling)];
        wire::to_tower_frame(TOWER_ESTIMATE, bytes)
    }

    /// `None` if the frame is another or not legal: a band must contain its estimate.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let [s0, s1, l0, l1, h0, h1, asked, levelling] = wire::from_tower(frame, TOWER_ESTIMATE)?;
        let estimate = Self {
            soc: wire::from_share([s0, s1])?,
            soc_low: wire::from_share([l0, l1])?,
            soc_high: wire::from_share([h0, h1])?,
            full_charge: FullChargeAsked::from_code(asked)?,
            levelling: Levelling::from_code(levelling)?,
        };
        let contains = estimate.soc_low <= estimate.soc && estimate.soc <= estimate.soc_high;
        contains.then_some(estimate)
    }
}
