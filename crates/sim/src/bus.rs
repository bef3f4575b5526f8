//! A CAN bus at 500 kbit/s: arbitration by identifier, time on the wire, and a cable that can be cut.

use voltower_core::{Duration, Instant};
use voltower_protocols::{Frame, can::Id};

/// Bit time at 500 kbit/s (public: the SOFAR COM bus; ours for the Link), in microseconds.
const BIT_US: u64 = 2;
/// Frames that may wait; a real controller's mailboxes would have overwritten the oldest long before.
const QUEUE_MAX: usize = 256;

/// Place of a node along the cable, from 0.
pub type Place = usize;

/// A frame in arbitration: what is sorted is small, the frame itself stays in its mailbox.
#[derive(Debug, Clone, Copy)]
struct Ticket {
    priority: u32,
    mailbox: u8,
}

#[derive(Debug, Clone, Copy)]
struct Mail {
    from: Place,
    frame: Frame,
}

/// A frame on its way to everyone who can hear its sender.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    /// End of the frame on the wire.
    pub at: Instant,
    /// Who sent it.
    pub from: Place,
    /// What was sent.
    pub frame: Frame,
}

/// One bus: a line of nodes.
#[derive(Debug, Clone)]
pub struct Bus {
    /// The first `sent` of these have left the wire; the others wait, once `arbitrated` in the order of winning.
    tickets: Vec<Ticket>,
    sent: usize,
    arbitrated: bool,
    mailboxes: Vec<Mail>,
    empty: Vec<u8>,
    free_at: Instant,
    /// Bit `i`: the cable between place `i` and place `i + 1` is cut.
    cuts: u64,
    busy: Duration,
    lost: u64,
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

impl Bus {
    /// A bus whose cable is whole.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tickets: Vec::with_capacity(2 * QUEUE_MAX),
            sent: 0,
            arbitrated: true,
            mailboxes: Vec::with_capacity(QUEUE_MAX),
            empty: Vec::with_capacity(QUEUE_MAX),
            free_at: Instant::ZERO,
            cuts: 0,
            busy: Duration::ZERO,
            lost: 0,
        }
    }

    /// Cuts or mends the cable behind `place`.
    pub fn set_whole(&mut self, place: Place, whole: bool) {
        if whole {
            self.cuts &= !bit(place);
        } else {
            self.cuts |= bit(place);
        }
    }

    /// Whether a frame of `a` reaches `b`.
    #[must_use]
    pub fn connected(&self, a: Place, b: Place) -> bool {
        let between = bit(a.max(b)) - bit(a.min(b));
        self.cuts & between == 0
    }

    /// Puts a frame into the sender's queue.
    pub fn send(&mut self, from: Place, frame: Frame) {
        if self.tickets.len() - self.sent >= QUEUE_MAX {
            self.lost += 1;
            return;
        }
        let mail = Mail { from, frame };
        let mailbox = self.empty.pop().unwrap_or(self.mailboxes.len() as u8);
        match self.mailboxes.get_mut(usize::from(mailbox)) {
            Some(emptied) => *emptied = mail,
            None => self.mailboxes.push(mail),
        }
        self.tickets.push(Ticket { priority: priority(&frame), mailbox });
        self.arbitrated = false;
    }

    /// The next frame that has left the wire before `until`, if the bus comes to it; `now` is when it may start at
    /// the earliest.
    pub fn next(&mut self, now: Instant, until: Instant) -> Option<Delivery> {
        self.arbitrate();
        let Ticket { mailbox, .. } = *self.tickets.get(self.sent)?;
        let Mail { from, frame } = *self.mailboxes.get(usize::from(mailbox))?;
        let length = Duration(frame_bits(&frame) * BIT_US);
        let end = self.free_at.max(now) + length;
        if end > until {
            return None;
        }
        self.sent += 1;
        self.empty.push(mailbox);
        self.free_at = end;
        self.busy = self.busy + length;
        Some(Delivery { at: end, from, frame })
    }

    /// Lowest identifier first; the one that waited longest among equals (the sort is stable).
    fn arbitrate(&mut self) {
        if !self.arbitrated {
            self.tickets.drain(..self.sent);
            self.sent = 0;
            self.tickets.sort_by_key(|ticket| ticket.priority);
            self.arbitrated = true;
        }
    }

    /// Time the wire was in use since the start.
    #[must_use]
    pub fn busy(&self) -> Duration {
        self.busy
    }

    /// Frames that found the queue full.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

/// The cable behind `place`, as a bit. More than 63 nodes are on no bus of ours.
fn bit(place: Place) -> u64 {
    1 << place.min(63)
}

/// Arbitration order: the smaller wins; a standard frame beats an extended one with the same base identifier.
fn priority(frame: &Frame) -> u32 {
    match frame.id() {
        Id::Standard(id) => u32::from(id.as_raw()) << 19,
        Id::Extended(id) => (id.as_raw() >> 18 << 19) | (1 << 18) | (id.as_raw() & 0x3_FFFF),
    }
}

/// Bits on the wire with interframe space and the worst case of stuffing (ISO 11898-1; Davis et al. 2007 for the
/// bound).
fn frame_bits(frame: &Frame) -> u64 {
    let data = 8 * frame.data().len() as u64;
    let (stuffable, fixed) = match frame.id() {
        Id::Standard(_) => (34 + data, 13),
        Id::Extended(_) => (54 + data, 13),
    };
    stuffable + fixed + (stuffable - 1) / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltower_protocols::can::{ExtendedId, StandardId};

    fn standard(id: u16, data: &[u8]) -> Frame {
        Frame::new(StandardId::new(id).expect("11 bits"), data).expect("at most eight bytes")
    }

    #[test]
    fn the_lowest_identifier_goes_first_and_equals_keep_their_order() {
        let mut bus = Bus::new();
        bus.send(0, standard(0x300, &[1]));
        bus.send(1, standard(0x100, &[2]));
        bus.send(2, standard(0x300, &[3]));
        let order: Vec<u8> = std::iter::from_fn(|| bus.next(Instant::ZERO, Instant(1_000_000)))
            .map(|delivery| delivery.frame.data()[0])
            .collect();
        assert_eq!(order, [2, 1, 3]);
    }

    #[test]
    fn a_standard_frame_beats_the_extended_one_of_the_same_base() {
        let mut bus = Bus::new();
        let extended = Frame::new(ExtendedId::new(0x351 << 18).expect("29 bits"), &[1]).expect("short");
        bus.send(0, extended);
        bus.send(1, standard(0x351, &[2]));
        let first = bus.next(Instant::ZERO, Instant(1_000_000)).expect("a frame");
        assert_eq!(first.frame.data(), [2]);
    }

    #[test]
    fn eight_bytes_take_270_microseconds_at_worst() {
        let mut bus = Bus::new();
        bus.send(0, standard(0x181, &[0; 8]));
        let delivery = bus.next(Instant::ZERO, Instant(1_000_000)).expect("a frame");
        assert_eq!(delivery.at, Instant(270));
        assert_eq!(bus.busy(), Duration(270));
    }

    #[test]
    fn a_frame_that_does_not_fit_waits() {
        let mut bus = Bus::new();
        bus.send(0, standard(0x181, &[0; 8]));
        assert!(bus.next(Instant::ZERO, Instant(269)).is_none());
        assert!(bus.next(Instant::ZERO, Instant(270)).is_some());
    }

    #[test]
    fn a_cut_separates_the_places_on_its_two_sides() {
        let mut bus = Bus::new();
        bus.set_whole(1, false);
        assert!(bus.connected(0, 1));
        assert!(!bus.connected(1, 2));
        assert!(!bus.connected(4, 0));
        assert!(bus.connected(2, 4));
        bus.set_whole(1, true);
        assert!(bus.connected(4, 0));
    }
}
