//! Fault confinement: each node counts errors and steps back by itself (ISO 11898-1).

use voltower_control::io::BusState;
use voltower_core::Instant;

use super::timing::{RECOVERY_BITS, bits};

/// Above this a node is error passive.
const ACTIVE_MAX: u16 = 127;
/// Above this a node goes bus-off.
const TRANSMIT_MAX: u16 = 255;
/// What a destroyed or unacknowledged frame counts for its sender.
const FAILURE: u16 = 8;

/// The error counters of one node.
///
/// ```text
///            a counter above 127              transmit counter above 255
///  Active ------------------------> Passive ----------------------------> Off
///    ^ <----------------------------                                       |
///    |      both at most 127                                               |
///    +---------------------------------------------------------------------+
///              128 times 11 recessive bits; both counters are 0 then
/// ```
///
/// A node comes back from bus-off by itself, as a bxCAN does with its automatic bus-off management, and its
/// mailboxes keep what waits in them until then.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counters {
    transmit: u16,
    receive: u16,
    off_until: Option<Instant>,
}

impl Counters {
    pub(super) fn state(&self, now: Instant) -> BusState {
        let off = self.off_until.is_some_and(|until| now < until);
        let back = self.off_until.is_some() && !off;
        if off {
            BusState::Off
        } else if !back && (self.transmit > ACTIVE_MAX || self.receive > ACTIVE_MAX) {
            BusState::Passive
        } else {
            BusState::Active
        }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.transmit == 0 && self.receive == 0 && self.off_until.is_none()
    }

    pub(super) fn off_until(&self) -> Option<Instant> {
        self.off_until
    }

    /// Comes back from bus-off if it is time.
    pub(super) fn recover(&mut self, now: Instant) {
        if self.off_until.is_some_and(|until| until <= now) {
            *self = Self::default();
        }
    }

    pub(super) fn sent(&mut self) {
        self.transmit = self.transmit.saturating_sub(1);
    }

    /// A frame of its own was destroyed; the error frame ended at `end`.
    pub(super) fn destroyed(&mut self, end: Instant) {
        self.transmit += FAILURE;
        if self.transmit > TRANSMIT_MAX {
            self.off_until = Some(end + bits(RECOVERY_BITS));
        }
    }

    /// Nobody answered. A passive node does not count that: it may be alone.
    pub(super) fn unacknowledged(&mut self) {
        if self.transmit <= ACTIVE_MAX && self.receive <= ACTIVE_MAX {
            self.transmit += FAILURE;
        }
    }

    pub(super) fn heard(&mut self) {
        self.receive = self.receive.min(ACTIVE_MAX + 1).saturating_sub(1);
    }

    pub(super) fn heard_destroyed(&mut self) {
        self.receive = (self.receive + 1).min(ACTIVE_MAX + 1);
    }

    /// The wire was in use for so long, which is no silence to recover in.
    pub(super) fn wait_longer(&mut self, busy_bits: u64) {
        self.off_until = self.off_until.map(|until| until + bits(busy_bits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(times: usize) -> Counters {
        let mut counters = Counters::default();
        (0..times).for_each(|_| counters.destroyed(Instant(1000)));
        counters
    }

    #[test]
    fn sixteen_destroyed_frames_make_passive_and_thirty_two_bus_off() {
        for (times, state) in
            [(15, BusState::Active), (16, BusState::Passive), (31, BusState::Passive), (32, BusState::Off)]
        {
            assert_eq!(failed(times).state(Instant(1000)), state, "{times}");
        }
    }

    #[test]
    fn one_sent_frame_more_makes_active_again() {
        let mut counters = failed(16);
        counters.sent();
        assert_eq!(counters.state(Instant(1000)), BusState::Active);
    }

    #[test]
    fn bus_off_ends_after_1408_recessive_bits_with_clean_counters() {
        let mut counters = failed(32);
        assert_eq!(counters.state(Instant(1000 + 2815)), BusState::Off);
        assert_eq!(counters.state(Instant(1000 + 2816)), BusState::Active);
        counters.recover(Instant(1000 + 2816));
        assert!(counters.is_clean());
    }

    #[test]
    fn silence_of_others_makes_passive_and_no_more() {
        let mut counters = Counters::default();
        (0..1000).for_each(|_| counters.unacknowledged());
        assert_eq!(counters.state(Instant(0)), BusState::Passive);
        assert_eq!(counters.transmit, 128);
    }

    #[test]
    fn a_listener_becomes_passive_and_recovers_with_the_first_good_frame() {
        let mut counters = Counters::default();
        (0..1000).for_each(|_| counters.heard_destroyed());
        assert_eq!(counters.state(Instant(0)), BusState::Passive);
        counters.heard();
        assert_eq!(counters.state(Instant(0)), BusState::Active);
    }
}
