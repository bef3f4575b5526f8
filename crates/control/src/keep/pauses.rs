//! What a distribution unit must not do again too soon, over a loss of power.

use voltower_core::Duration;
use voltower_core::values::{FULL_CHARGE_APART, LEVELLING_APART, PAUSES_KEPT};
use voltower_protocols::link::FullChargeAsked;

use super::bytes::{Damage, PartBytes, Reader, Writer};
use crate::bdu::{Booked, FullCharge};

/// Times that pass between what may be done only seldom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pauses {
    /// Requests for a full charge.
    pub full_charge: FullCharge,
    /// Until modules may charge each other again.
    pub levelling: Duration,
    /// What modules have given to each other, and what was lost.
    pub booked: Booked,
}

const LAYOUT: u8 = 1;
/// Watt-hours after which they are written down.
const BOOK_STEP: u32 = 20;
const RESTING: u8 = 0;
const WANTED: u8 = 1;
const ASKED: u8 = 2;

impl Pauses {
    /// Of a new unit.
    pub const NEW: Self =
        Self { full_charge: FullCharge::NEW, levelling: Duration::ZERO, booked: Booked::NOTHING };
    /// When there was what is not known: as if it had just been.
    pub const LOST: Self =
        Self { full_charge: FullCharge::JUST_BEEN, levelling: LEVELLING_APART, booked: Booked::NOTHING };

    /// In steps of [`PAUSES_KEPT`], so that flash is written once in each: a pause comes back no shorter than it is.
    #[must_use]
    pub fn coarse(&self) -> Self {
        let full_charge = match self.full_charge {
            FullCharge::Resting { remaining } => FullCharge::Resting { remaining: up(remaining) },
            FullCharge::Wanted { waited } => FullCharge::Wanted { waited: down(waited) },
            FullCharge::Asked { elapsed, .. } => asked(up(elapsed)),
        };
        let booked = Booked::from_watt_hours(self.booked.watt_hours().map(|sum| sum / BOOK_STEP * BOOK_STEP));
        Self { full_charge, levelling: up(self.levelling), booked }
    }

    /// As memory keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> PartBytes {
        let mut writer = Writer::new(LAYOUT);
        let (kind, time) = match self.full_charge {
            FullCharge::Resting { remaining } => (RESTING, remaining),
            FullCharge::Wanted { waited } => (WANTED, waited),
            FullCharge::Asked { elapsed, .. } => (ASKED, elapsed),
        };
        writer.u8(kind);
        writer.u32(seconds(time));
        writer.u32(seconds(self.levelling));
        self.booked.watt_hours().into_iter().for_each(|sum| writer.u32(sum));
        writer.finish()
    }

    /// From what memory has kept.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes, LAYOUT)?;
        let kind = reader.u8()?;
        let time = Duration::secs(u64::from(reader.u32()?));
        let levelling = Duration::secs(u64::from(reader.u32()?));
        let booked = Booked::from_watt_hours([reader.u32()?, reader.u32()?]);
        reader.finish()?;
        let full_charge = match kind {
            RESTING if time <= FULL_CHARGE_APART => FullCharge::Resting { remaining: time },
            WANTED => FullCharge::Wanted { waited: time },
            ASKED => asked(time),
            _ => return Err(Damage::Range),
        };
        if levelling > LEVELLING_APART {
            Err(Damage::Range)
        } else {
            Ok(Self { full_charge, levelling, booked })
        }
    }
}

const fn asked(elapsed: Duration) -> FullCharge {
    FullCharge::Asked { elapsed, done: 0, told: FullChargeAsked::Wanted }
}

const fn down(time: Duration) -> Duration {
    Duration(time.0 / PAUSES_KEPT.0 * PAUSES_KEPT.0)
}

const fn up(time: Duration) -> Duration {
    down(Duration(time.0.saturating_add(PAUSES_KEPT.0 - 1)))
}

fn seconds(time: Duration) -> u32 {
    u32::try_from(time.0 / 1_000_000).unwrap_or(u32::MAX)
}
