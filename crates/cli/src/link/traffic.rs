//! What was heard on a bus so far, by identifier.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use voltower_gateway::can::Stamped;
use voltower_gateway::link::{Message, NodeState, decode};
use voltower_protocols::can::Id;
use voltower_protocols::canopen::Direction;
use voltower_protocols::link::BDU_NODE;

/// Frames of one identifier that its rate is taken from.
const WINDOW: usize = 20;
/// A rate is only worth telling as long as frames keep coming: this many times later than expected, it is 0.
const LATE: u32 = 3;
/// Bit rate of the Link.
const BITS_PER_SECOND: f64 = 500_000.0;
/// What the whole bus carries is taken from this long.
const RECENT: Duration = Duration::from_secs(2);

/// Whose frames stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// The distribution unit.
    Bdu,
    /// Another node: a module, or a stranger.
    Node(u8),
    /// Frames of the whole network.
    Network,
    /// What nobody understands.
    Other,
}

/// The frames of one identifier.
#[derive(Debug, Clone)]
pub struct Row {
    /// The identifier.
    pub id: Id,
    /// What the last one said.
    pub message: Message,
    /// How many there were.
    pub count: u64,
    /// When each value was another than before, in the order of the message's fields; `None` if it never was.
    pub changed: Vec<Option<Duration>>,
    stamps: VecDeque<Duration>,
}

impl Row {
    fn new(id: Id, message: Message) -> Self {
        Self { id, message, count: 0, changed: Vec::new(), stamps: VecDeque::with_capacity(WINDOW) }
    }

    fn note(&mut self, at: Duration, message: Message) {
        if let (Message::Pdo(.., before), Message::Pdo(.., now)) = (&self.message, &message) {
            self.changed.resize(now.len(), None);
            for (changed, (before, now)) in self.changed.iter_mut().zip(before.iter().zip(now)) {
                if before.value != now.value {
                    *changed = Some(at);
                }
            }
        }
        self.message = message;
        self.count += 1;
        if self.stamps.len() == WINDOW {
            self.stamps.pop_front();
        }
        self.stamps.push_back(at);
    }

    /// Frames a second as it looks at `now`; `None` before the second frame.
    #[must_use]
    pub fn rate(&self, now: Duration) -> Option<f64> {
        let (first, last) = (self.stamps.front()?, self.stamps.back()?);
        let gaps = self.stamps.len().checked_sub(1).filter(|gaps| *gaps > 0)? as u32;
        let period = last.saturating_sub(*first) / gaps;
        if period.is_zero() {
            return None;
        }
        let silent = now.saturating_sub(*last) > period * LATE + Duration::from_millis(100);
        Some(if silent { 0.0 } else { 1.0 / period.as_secs_f64() })
    }

    /// When the last one came.
    #[must_use]
    pub fn last(&self) -> Duration {
        self.stamps.back().copied().unwrap_or_default()
    }
}

/// Everything that was heard.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    rows: BTreeMap<(Section, u16, u32), Row>,
    total: u64,
    now: Duration,
    first: Option<Duration>,
    recent: VecDeque<(Duration, u32)>,
}

impl Traffic {
    /// Notes a frame, and returns what it says.
    pub fn note(&mut self, stamped: &Stamped) -> Message {
        let message = decode(&stamped.frame);
        let id = stamped.frame.id();
        let row = self.rows.entry((section(&message), order(&message), raw(id)));
        row.or_insert_with(|| Row::new(id, message.clone())).note(stamped.at, message.clone());
        self.total += 1;
        self.first.get_or_insert(stamped.at);
        self.now = self.now.max(stamped.at);
        self.recent.push_back((stamped.at, bits(stamped)));
        let oldest = self.now.saturating_sub(RECENT);
        while self.recent.front().is_some_and(|(at, _)| *at < oldest) {
            self.recent.pop_front();
        }
        message
    }

    /// Rows by section; within it emergencies, process data as the dictionary has them, services.
    pub fn rows(&self) -> impl Iterator<Item = (Section, &Row)> {
        self.rows.iter().map(|((section, ..), row)| (*section, row))
    }

    /// The sections there are.
    #[must_use]
    pub fn sections(&self) -> Vec<Section> {
        let mut sections: Vec<Section> = self.rows.keys().map(|(section, ..)| *section).collect();
        sections.dedup();
        sections
    }

    /// State and rate of a section's heartbeats.
    #[must_use]
    pub fn heartbeat(&self, section: Section) -> Option<(NodeState, f64)> {
        self.rows().filter(|(of, _)| *of == section).find_map(|(_, row)| match row.message {
            Message::Heartbeat(_, state) => Some((state, row.rate(self.now).unwrap_or(0.0))),
            _ => None,
        })
    }

    /// Frames ever.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// When the newest frame came.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// From the first frame to the newest.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.now.saturating_sub(self.first.unwrap_or(self.now))
    }

    /// Frames a second, and the share of the wire's time that they take, over the last two seconds.
    #[must_use]
    pub fn load(&self) -> (f64, f64) {
        let seconds = self.length().min(RECENT).as_secs_f64();
        if seconds == 0.0 {
            return (0.0, 0.0);
        }
        let bits: u32 = self.recent.iter().map(|(_, bits)| bits).sum();
        (self.recent.len() as f64 / seconds, f64::from(bits) / seconds / BITS_PER_SECOND)
    }
}

fn section(message: &Message) -> Section {
    match message.node() {
        Some(BDU_NODE) => Section::Bdu,
        Some(node) => Section::Node(node),
        None if matches!(message, Message::Other(_)) => Section::Other,
        None => Section::Network,
    }
}

/// Place within a section.
fn order(message: &Message) -> u16 {
    match message {
        Message::Emergency(..) => 0,
        Message::Pdo(pdo, ..) => match pdo.direction {
            Direction::Transmit => 1 + u16::from(pdo.number),
            Direction::Receive => 0x100 + u16::from(pdo.number),
        },
        Message::SdoRequest(..) => 0x200,
        Message::SdoAnswer(..) => 0x201,
        Message::Nmt(..)
        | Message::Sync
        | Message::Heartbeat(..)
        | Message::LssRequest(_)
        | Message::LssAnswer(_)
        | Message::Other(_) => 0x300,
    }
}

fn raw(id: Id) -> u32 {
    match id {
        Id::Standard(id) => u32::from(id.as_raw()),
        Id::Extended(id) => id.as_raw(),
    }
}

/// Bits of a frame on the wire with its interframe space (ISO 11898-1), without stuffing, which depends on the data.
fn bits(stamped: &Stamped) -> u32 {
    let overhead = if stamped.frame.standard_id().is_some() { 47 } else { 67 };
    overhead + 8 * stamped.frame.data().len() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltower_protocols::Frame;
    use voltower_protocols::can::StandardId;

    fn heard(millis: u64, id: u16, data: &[u8]) -> Stamped {
        let frame = Frame::new(StandardId::new(id).expect("11 bits"), data).expect("short");
        Stamped { at: Duration::from_millis(millis), frame }
    }

    #[test]
    fn frames_are_counted_by_identifier_and_stand_with_their_node() {
        let mut traffic = Traffic::default();
        for tenth in 0..=20 {
            traffic.note(&heard(tenth * 100, 0x181, &[0; 8]));
            traffic.note(&heard(tenth * 100 + 1, 0x189, &[0; 8]));
        }
        traffic.note(&heard(2001, 0x701, &[5]));
        traffic.note(&heard(2001, 0x000, &[1, 0]));
        traffic.note(&heard(2001, 0x123, &[1]));
        assert_eq!(traffic.sections(), [Section::Bdu, Section::Node(1), Section::Network, Section::Other]);
        let (_, row) = traffic.rows().find(|(section, _)| *section == Section::Node(1)).expect("a row");
        assert_eq!((row.count, row.message.kind()), (21, "status"));
        let rate = row.rate(traffic.now()).expect("a rate");
        assert!((rate - 10.0).abs() < 1e-6, "{rate}");
        assert_eq!(row.rate(Duration::from_secs(9)), Some(0.0), "silent");
        assert_eq!(traffic.heartbeat(Section::Node(1)).map(|(state, _)| state), Some(NodeState::Operational));
        let (rate, share) = traffic.load();
        assert!((20.0..26.0).contains(&rate) && (0.004..0.006).contains(&share), "{rate} {share}");
    }

    #[test]
    fn a_value_that_changes_is_remembered_with_its_time() {
        let mut traffic = Traffic::default();
        traffic.note(&heard(0, 0x181, &[0; 8]));
        traffic.note(&heard(100, 0x181, &[0, 1, 0, 0, 0, 0, 0, 0]));
        let (_, row) = traffic.rows().next().expect("a row");
        assert_eq!(row.changed, [None, Some(Duration::from_millis(100)), None, None]);
    }
}
