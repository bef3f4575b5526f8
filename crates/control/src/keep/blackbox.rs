//! The last minute before the first fault since a person has looked.

use voltower_core::{Duration, ModuleState, values};

pub use voltower_protocols::link::dictionary::POINTS;

use super::bytes::{Damage, PartBytes, Reader, Writer};
use super::frame::Stamp;

/// Points of a page.
const PAGE: usize = 15;
/// Items of memory that it takes.
pub const PAGES: usize = POINTS / PAGE;

/// One second of a module. Numbers are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point {
    /// Highest cell, mV.
    pub highest: u16,
    /// Lowest cell, mV.
    pub lowest: u16,
    /// Pack current, 10 mA, positive while charging.
    pub current: i16,
    /// Hottest cell, 0.1 degC.
    pub hottest: i16,
    /// Coldest cell, 0.1 degC.
    pub coldest: i16,
    /// Charge limit, W.
    pub charge_limit: u16,
    /// Discharge limit, W.
    pub discharge_limit: u16,
    /// What the module was doing.
    pub state: ModuleState,
}

/// The ring of points.
///
/// ```text
///                a fault                        a person has looked
///   recording -----------> frozen{stamp}, kept ---------------------> recording
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Blackbox {
    /// Newest first while it is read, in a ring while it records.
    points: [Option<Point>; POINTS],
    next: u8,
    until: Duration,
    frozen: Option<Stamp>,
}

impl Default for Blackbox {
    fn default() -> Self {
        Self { points: [None; POINTS], next: 0, until: Duration::ZERO, frozen: None }
    }
}

const LAYOUT: u8 = 1;

impl Blackbox {
    /// Whether it wants a point, `elapsed` after it was asked last: one in [`values::BLACKBOX_PERIOD`].
    pub fn is_due(&mut self, elapsed: Duration) -> bool {
        self.until = self.until.less(elapsed);
        let is_due = self.frozen.is_none() && self.until.is_zero();
        if is_due {
            self.until = values::BLACKBOX_PERIOD;
        }
        is_due
    }

    /// Takes the newest point.
    pub fn record(&mut self, point: Point) {
        if let Some(place) = self.points.get_mut(usize::from(self.next)) {
            *place = Some(point);
        }
        self.next = if usize::from(self.next) + 1 < POINTS { self.next + 1 } else { 0 };
    }

    /// A fault has come, with this last point; whether it is the first since a person has looked.
    pub fn freeze(&mut self, stamp: Stamp, last: Point) -> bool {
        if self.frozen.is_some() {
            return false;
        }
        self.record(last);
        self.frozen = Some(stamp);
        true
    }

    /// A person has looked: it records again.
    pub fn release(&mut self) {
        if self.frozen.is_some() {
            *self = Self::default();
        }
    }

    /// When it was frozen, if it is.
    #[must_use]
    pub const fn frozen(&self) -> Option<Stamp> {
        self.frozen
    }

    /// The newest point but `age`.
    #[must_use]
    pub fn point(&self, age: u8) -> Option<Point> {
        let age = usize::from(age).checked_add(1).filter(|age| *age <= POINTS)?;
        let place = (usize::from(self.next) + POINTS - age) % POINTS;
        self.points.get(place).copied().flatten()
    }

    /// A page of it as memory keeps it, from 0; none unless it is frozen.
    #[must_use]
    pub fn page_to_bytes(&self, page: u8) -> Option<PartBytes> {
        let stamp = self.frozen?;
        let mut writer = Writer::new(LAYOUT);
        writer.u32(stamp.boot);
        writer.u32(stamp.uptime);
        let first = page.saturating_mul(PAGE as u8);
        for point in (first..first.saturating_add(PAGE as u8)).map_while(|age| self.point(age)) {
            for value in [point.highest, point.lowest, point.charge_limit, point.discharge_limit] {
                writer.u16(value);
            }
            for value in [point.current, point.hottest, point.coldest] {
                writer.i16(value);
            }
            writer.u8(point.state.code());
        }
        Some(writer.finish())
    }

    /// Puts a page back that memory has kept, the first one first. Pages of an earlier fault are left out: the power
    /// was lost before they could be overwritten.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn recall(&mut self, page: u8, bytes: &[u8]) -> Result<(), Damage> {
        let mut reader = Reader::new(bytes, LAYOUT)?;
        let stamp = Stamp { boot: reader.u32()?, uptime: reader.u32()? };
        if page == 0 {
            *self = Self { frozen: Some(stamp), ..Self::default() };
        } else if self.frozen != Some(stamp) {
            return Ok(());
        }
        let first = page.saturating_mul(PAGE as u8);
        for age in first..first.saturating_add(PAGE as u8) {
            if reader.is_empty() {
                return Ok(());
            }
            let point = point(&mut reader)?;
            let place = POINTS.checked_sub(usize::from(age) + 1);
            if let Some(slot) = place.and_then(|place| self.points.get_mut(place)) {
                *slot = Some(point);
            }
        }
        reader.finish()
    }
}

fn point(reader: &mut Reader<'_>) -> Result<Point, Damage> {
    Ok(Point {
        highest: reader.u16()?,
        lowest: reader.u16()?,
        charge_limit: reader.u16()?,
        discharge_limit: reader.u16()?,
        current: reader.i16()?,
        hottest: reader.i16()?,
        coldest: reader.i16()?,
        state: ModuleState::from_code(reader.u8()?).ok_or(Damage::Range)?,
    })
}
