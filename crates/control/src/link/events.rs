//! The last events of a device, for who asks for them.

use voltower_core::Instant;
use voltower_protocols::link::Event;
use voltower_protocols::link::dictionary::EVENTS;

use crate::record::Record;

/// A ring of the newest events, and how many there ever were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EventLog {
    /// Newest first.
    events: [Option<Event>; EVENTS],
    ever: u32,
}

impl EventLog {
    /// Takes down what a step has emitted.
    pub fn note(&mut self, now: Instant, records: &[Record]) {
        for record in records {
            self.events.rotate_right(1);
            if let Some(newest) = self.events.first_mut() {
                let uptime = (now.as_millis() / 1000).min(u64::from(u32::MAX)) as u32;
                *newest = Some(Event { uptime, what: record.happening() });
            }
            self.ever = self.ever.wrapping_add(1);
        }
    }

    /// How many there ever were.
    #[must_use]
    pub const fn ever(&self) -> u32 {
        self.ever
    }

    /// The event that was the newest but `place - 1`, from 1, as it travels; 0 if there is none.
    #[must_use]
    pub fn bits(&self, place: u8) -> u64 {
        let at = usize::from(place).checked_sub(1);
        let event = at.and_then(|at| self.events.get(at).copied().flatten());
        event.map_or(0, Event::to_bits)
    }
}
