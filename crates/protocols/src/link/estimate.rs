//! What a module makes of its charge: the estimate that decisions use, how far it may be off, and what would help.

use voltower_core::PerMille;

use super::{MODULE_ESTIMATE, ModuleNode, wire};
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

/// Why a cell is doubted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CellDoubt {
    /// Its contact or sense wire is bad.
    #[default]
    Contact,
    /// It shows an end of the charge that the others have not reached.
    End,
}

/// The doubt is about the end of the charge.
const ABOUT_END: u8 = 1 << 7;

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

    /// Width of the band.
    #[must_use]
    pub const fn width(&self) -> PerMille {
        PerMille(self.soc_high.0.saturating_sub(self.soc_low.0))
    }

    const fn doubted(&self) -> u8 {
        let cell = self.doubted_cell & !ABOUT_END;
        match self.doubt {
            CellDoubt::End if cell > 0 => cell | ABOUT_END,
            CellDoubt::End | CellDoubt::Contact => cell,
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
            doubted_cell: doubted & !ABOUT_END,
            doubt: if doubted & ABOUT_END == 0 { CellDoubt::Contact } else { CellDoubt::End },
        };
        let contains = estimate.soc_low <= estimate.soc && estimate.soc <= estimate.soc_high;
        contains.then_some((node, estimate))
    }
}
