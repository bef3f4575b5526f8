//! How often a device has started, why it did last, and whether it cannot stop doing so.

use voltower_core::{Duration, ResetCause, values};

use super::bytes::{Damage, PartBytes, Reader, Writer};
use super::memory::Parts;
use crate::io::Records;
use crate::protect::push;
use crate::record::Record;

/// One start of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Boot {
    /// Starts there ever were, this one included; 0 if it does not know.
    pub number: u32,
    /// Why.
    pub cause: ResetCause,
    /// Resets without [`values::RESETS_FORGIVEN`] between them, this one included.
    pub resets: u8,
}

const LAYOUT: u8 = 1;

impl Boot {
    /// Of a device that was never started.
    pub const NEVER: Self = Self { number: 0, cause: ResetCause::PowerOn, resets: 0 };

    /// The start after `last`; whoever starts a device writes it down before anything else, so that a device that
    /// comes no further is counted too.
    #[must_use]
    pub const fn after(last: Self, cause: ResetCause) -> Self {
        let resets = if cause.is_reset() { last.resets.saturating_add(1) } else { last.resets };
        Self { number: last.number.saturating_add(1), cause, resets }
    }

    /// More resets than can be an accident.
    #[must_use]
    pub const fn is_storm(&self) -> bool {
        self.resets as u32 > values::RESETS_MOST.0
    }

    /// A storm that has lasted for long.
    #[must_use]
    pub const fn is_lasting_storm(&self) -> bool {
        self.resets as u32 >= values::RESETS_LASTING.0
    }

    /// As memory keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> PartBytes {
        let mut writer = Writer::new(LAYOUT);
        writer.u32(self.number);
        writer.u8(self.cause.code());
        writer.u8(self.resets);
        writer.finish()
    }

    /// From what memory has kept.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes, LAYOUT)?;
        let number = reader.u32()?;
        let cause = ResetCause::from_code(reader.u8()?).ok_or(Damage::Range)?;
        let resets = reader.u8()?;
        reader.finish()?;
        Ok(Self { number, cause, resets })
    }
}

/// What the first sample after a start tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Announcement {
    cause: Option<ResetCause>,
    lost: Parts,
}

impl Announcement {
    /// Of this start. The first one ever is no news.
    pub(crate) fn new(boot: Boot, lost: Parts) -> Self {
        Self { cause: Some(boot.cause).filter(|_| boot.number > 1), lost }
    }

    /// Tells it, once.
    pub(crate) fn tell(&mut self, records: &mut Records) {
        if let Some(cause) = self.cause.take() {
            push(records, Record::Booted(cause));
        }
        if !self.lost.is_empty() {
            push(records, Record::Lost(core::mem::take(&mut self.lost)));
        }
    }
}

/// Counts resets while the device runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resets {
    boot: Boot,
    quiet: Duration,
}

impl Resets {
    /// From the start that `boot` describes.
    #[must_use]
    pub const fn new(boot: Boot) -> Self {
        Self { boot, quiet: Duration::ZERO }
    }

    /// Lets time pass; true if that has made the resets forgiven. A storm waits for a person.
    pub fn step(&mut self, elapsed: Duration) -> bool {
        self.quiet = self.quiet + elapsed;
        let forgiven = self.boot.resets > 0 && !self.boot.is_storm() && self.quiet >= values::RESETS_FORGIVEN;
        if forgiven {
            self.boot.resets = 0;
        }
        forgiven
    }

    /// A person has looked; true if there was something to forgive.
    pub const fn forgive(&mut self) -> bool {
        let any = self.boot.resets > 0;
        self.boot.resets = 0;
        any
    }

    /// As it is kept.
    #[must_use]
    pub const fn boot(&self) -> Boot {
        self.boot
    }
}
