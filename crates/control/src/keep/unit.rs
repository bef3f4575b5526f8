//! All that a distribution unit keeps, and what is made of it when it starts.

use voltower_core::ResetCause;

use super::boot::Boot;
use super::bytes::{Damage, PartBytes};
use super::memory::{Part, Parts, recall};
use super::pauses::Pauses;
use super::state::{Switched, UnitSafety, unit_settings_from_bytes, unit_settings_to_bytes};
use crate::bdu::BduSettings;

/// State that the recorder kept over the last loss of power, handed back at start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BduPersisted {
    /// Modules it was commissioned with, 0 to 4.
    pub expected: u8,
    /// What an installer has set.
    pub settings: BduSettings,
    /// Whether the tower is on.
    pub switched: Switched,
    /// Lock-outs and tries.
    pub safety: UnitSafety,
    /// What must not be done again too soon.
    pub pauses: Pauses,
    /// This start.
    pub boot: Boot,
    /// Parts that memory should have held and did not, or not so that they can be believed.
    pub damaged: Parts,
}

impl BduPersisted {
    /// Of a unit that was never started, with `expected` modules below it.
    #[must_use]
    pub const fn new(expected: u8, settings: BduSettings) -> Self {
        Self {
            expected,
            settings,
            switched: Switched::Off,
            safety: UnitSafety::NEW,
            pauses: Pauses::NEW,
            boot: Boot::NEVER,
            damaged: Parts::NONE,
        }
    }

    /// From what memory has kept: `read` gives the bytes of a part, or none if it was never written.
    ///
    /// What is lost or cannot be believed is named in `damaged`: nothing takes its place silently.
    pub fn load(cause: ResetCause, mut read: impl FnMut(Part) -> Result<Option<PartBytes>, Damage>) -> Self {
        let mut kept = Self::new(0, BduSettings::default());
        let parts = [Part::Safety, Part::Settings, Part::Charge];
        let (boot, damaged) = recall(cause, &parts, &mut read, |part, bytes| kept.take(part, bytes));
        let pauses = if damaged.contains(Part::Charge) { Pauses::LOST } else { kept.pauses };
        Self { pauses, boot, damaged, ..kept }
    }

    fn take(&mut self, part: Part, bytes: &[u8]) -> Result<(), Damage> {
        match part {
            Part::Safety => self.safety = UnitSafety::from_bytes(bytes)?,
            Part::Settings => {
                (self.expected, self.settings, self.switched) =
                    unit_settings_from_bytes(bytes, &BduSettings::default())?;
            }
            Part::Charge => self.pauses = Pauses::from_bytes(bytes)?,
            Part::Lifetime | Part::Boot | Part::Blackbox => {}
        }
        Ok(())
    }

    /// A part as memory keeps it; none if a unit has no such part.
    #[must_use]
    pub fn to_bytes(&self, part: Part) -> Option<PartBytes> {
        match part {
            Part::Safety => Some(self.safety.to_bytes()),
            Part::Settings => Some(unit_settings_to_bytes(self.expected, &self.settings, self.switched)),
            Part::Boot => Some(self.boot.to_bytes()),
            Part::Charge => Some(self.pauses.to_bytes()),
            Part::Lifetime | Part::Blackbox => None,
        }
    }
}
