//! The long way of a frame over the wire, when something may go wrong with it.

use voltower_control::io::BusState;
use voltower_core::{Duration, Instant};
use voltower_protocols::can::StandardId;
use voltower_protocols::{Frame, link};

use super::arbitration::{contents, priority};
use super::frames::falls;
use super::places::PLACES;
use super::queue::Ticket;
use super::timing::{RECESSIVE_BITS, SUSPEND_BITS, bits, destroyed_bits, frame_bits, unacknowledged_bits};
use super::{Bus, Delivery, Lane, Place, Places};

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Received,
    Destroyed,
    Unacknowledged,
}

/// A frame that goes on the wire, and everyone whose bits are part of it.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    ticket: Ticket,
    frame: Frame,
    start: Instant,
    lane: usize,
    /// Who sends this very frame.
    senders: Places,
    /// Who sends the same identifier with other contents: each reads a dominant bit where it sends a
    /// recessive one.
    beaten: Places,
    /// Who reads along: powered, and not in bus-off.
    ears: Places,
}

impl Attempt {
    fn from(&self) -> Place {
        usize::from(self.ticket.from)
    }

    fn bits(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Received => frame_bits(&self.frame),
            Outcome::Destroyed => destroyed_bits(&self.frame),
            Outcome::Unacknowledged => unacknowledged_bits(&self.frame),
        }
    }
}

impl Bus {
    pub(super) fn next_in_trouble(&mut self, now: Instant, until: Instant) -> Option<Delivery> {
        loop {
            self.babble();
            let end = |attempt: &Attempt| attempt.start + bits(frame_bits(&attempt.frame));
            let attempt = self.attempt(now).filter(|attempt| end(attempt) <= until);
            if let Some(late) = self.harm.out(attempt.as_ref().map_or(until, end)) {
                self.judge();
                return Some(late);
            }
            let attempt = attempt?;
            self.nodes.iter_mut().for_each(|node| node.recover(attempt.start));
            let outcome = self.outcome(&attempt);
            let end = self.pass_time(&attempt, outcome, until);
            self.count(&attempt, outcome, end);
            let delivery = self.settle(&attempt, outcome, end);
            self.judge();
            if delivery.is_some() {
                return delivery;
            }
        }
    }

    /// Keeps a babbling node's next frame waiting.
    fn babble(&mut self) {
        for place in self.babbling.and(self.powered).iter() {
            let Some(id) = StandardId::new(link::EMCY + place as u16) else { continue };
            let frame = Frame::full(id, self.babbled.to_le_bytes());
            if !self.queue.holds(place, priority(&frame)) {
                self.babbled += 1;
                self.queue.push(place, frame);
            }
        }
        self.queue.sort();
    }

    fn attempt(&self, now: Instant) -> Option<Attempt> {
        let (start, foremost) = self.foremost(now)?;
        let lane = self.lane(usize::from(foremost.from));
        let mut together = Places::NONE;
        let mut winner = foremost;
        for ticket in self.with(foremost, start) {
            together.set(usize::from(ticket.from), true);
            if contents(self.queue.frame(ticket)) < contents(self.queue.frame(winner)) {
                winner = ticket;
            }
        }
        let frame = *self.queue.frame(winner);
        let same = |ticket: &Ticket| contents(self.queue.frame(*ticket)) == contents(&frame);
        let mut senders = Places::NONE;
        self.with(foremost, start)
            .filter(same)
            .for_each(|ticket| senders.set(usize::from(ticket.from), true));
        let from = usize::from(winner.from);
        let off = |place: &Place| self.state(*place, start) == BusState::Off;
        let mut ears = self.reach(from).and(self.powered).without(together);
        ears.iter().filter(off).for_each(|place| ears.set(place, false));
        Some(Attempt { ticket: winner, frame, start, lane, senders, beaten: together.without(senders), ears })
    }

    /// Who can start first on any wire; among those the one that wins.
    fn foremost(&self, now: Instant) -> Option<(Instant, Ticket)> {
        let starts =
            self.queue.waiting().iter().map(|ticket| (self.start(usize::from(ticket.from), now), *ticket));
        starts.min_by_key(|(start, _)| *start)
    }

    /// Frames that start together with `foremost` and have its identifier, that one included; the first of
    /// each node.
    fn with(&self, foremost: Ticket, start: Instant) -> impl Iterator<Item = Ticket> {
        let lane = self.lane(usize::from(foremost.from));
        let mut seen = Places::NONE;
        self.queue.waiting().iter().copied().filter(move |ticket| {
            let place = usize::from(ticket.from);
            let new = ticket.priority == foremost.priority && !seen.contains(place);
            seen.set(place, seen.contains(place) || new);
            new && self.lane(place) == lane && self.start(place, start) == start
        })
    }

    /// When a node may start to send: the wire is free, and it is neither off nor has to let others go first.
    fn start(&self, from: Place, now: Instant) -> Instant {
        if self.kept_off.contains(from) {
            return Instant(u64::MAX);
        }
        let lane = &self.lanes[self.lane(from)];
        let node = &self.nodes[from];
        let free = lane.free_at.max(now);
        let on = node.off_until().map_or(free, |until| until.max(free));
        let suspended = lane.last.contains(from) && node.state(on) == BusState::Passive;
        if suspended { on.max(lane.free_at + bits(SUSPEND_BITS)) } else { on }
    }

    fn lane(&self, place: Place) -> usize {
        if self.mute.contains(place) { PLACES + place } else { self.pieces[place].first }
    }

    /// Whom a frame of `from` reaches.
    fn reach(&self, from: Place) -> Places {
        if self.mute.contains(from) {
            return Places::NONE;
        }
        let piece = self.pieces[from];
        let guests = if piece.first == 0 { self.guests } else { Places::NONE };
        piece.members().or(guests).without(Places::of(from))
    }

    /// A passive node that is beaten keeps still, because its error flag is recessive. Who is alone is not
    /// destroyed by the line as well: it makes no difference to anyone.
    fn outcome(&mut self, attempt: &Attempt) -> Outcome {
        let active = |place: Place| self.nodes[place].state(attempt.start) == BusState::Active;
        if attempt.beaten.iter().any(active) {
            Outcome::Destroyed
        } else if attempt.ears.without(self.mute).is_empty() {
            Outcome::Unacknowledged
        } else if self.line_destroys(attempt.from()) {
            Outcome::Destroyed
        } else {
            Outcome::Received
        }
    }

    fn line_destroys(&mut self, from: Place) -> bool {
        falls(&mut self.dice, self.harm.destroyed(self.error_rate[from]))
    }

    /// Occupies the wire; gives the end of what is on it.
    fn pass_time(&mut self, attempt: &Attempt, outcome: Outcome, until: Instant) -> Instant {
        let length = bits(attempt.bits(outcome));
        let repeats = self.repeats(attempt, outcome, until);
        let period = length + bits(SUSPEND_BITS);
        let end = attempt.start + Duration(period.0 * repeats) + length;
        self.lanes[attempt.lane] = Lane { free_at: end, last: attempt.senders.or(attempt.beaten) };
        if attempt.lane == 0 {
            self.busy = self.busy + Duration(length.0 * (repeats + 1));
        }
        if outcome != Outcome::Received {
            self.error_frames += repeats + 1;
        }
        for place in self.reach(attempt.from()).iter() {
            self.nodes[place].wait_longer(attempt.bits(outcome).saturating_sub(RECESSIVE_BITS));
        }
        end
    }

    /// How many more times a lonely passive node tries until then: nothing changes, so the tries need no
    /// steps.
    fn repeats(&self, attempt: &Attempt, outcome: Outcome, until: Instant) -> u64 {
        let from = attempt.from();
        let passive = self.nodes[from].state(attempt.start) == BusState::Passive;
        let returns = self.reach(from).iter().any(|place| self.nodes[place].off_until().is_some());
        if outcome != Outcome::Unacknowledged || !passive || returns || !self.powered.contains(from) {
            return 0;
        }
        let period = bits(attempt.bits(outcome) + SUSPEND_BITS);
        (until.since(attempt.start).0 / period.0).saturating_sub(1)
    }

    fn count(&mut self, attempt: &Attempt, outcome: Outcome, end: Instant) {
        for (place, node) in self.nodes.iter_mut().enumerate() {
            let heard = attempt.ears.contains(place);
            match (outcome, attempt.senders.contains(place)) {
                (Outcome::Received, true) => node.sent(),
                (Outcome::Destroyed, true) => node.destroyed(end),
                (Outcome::Unacknowledged, true) => node.unacknowledged(),
                (Outcome::Received, false) if heard => node.heard(),
                (Outcome::Destroyed, false) if heard => node.heard_destroyed(),
                (Outcome::Received | Outcome::Destroyed | Outcome::Unacknowledged, false) => {}
            }
            if attempt.beaten.contains(place) {
                node.destroyed(end);
            }
        }
    }

    /// Empties the mailboxes of those who got through, and of those who give up: a node that has no supply
    /// any more, and the service tool.
    fn settle(&mut self, attempt: &Attempt, outcome: Outcome, end: Instant) -> Option<Delivery> {
        let received = outcome == Outcome::Received;
        let given_up = outcome == Outcome::Unacknowledged && !self.powered.contains(attempt.from());
        let again = received && self.harm.doubles(&mut self.dice);
        if (received || given_up) && !again {
            for place in attempt.senders.iter() {
                self.queue.take(place, attempt.ticket.priority);
            }
        }
        let off = |place: &Place| self.state(*place, attempt.start) == BusState::Off;
        let mut heard_by =
            self.reach(attempt.from()).without(attempt.senders.or(attempt.beaten)).without(self.deaf);
        heard_by.iter().filter(off).for_each(|place| heard_by.set(place, false));
        let delivery = Delivery { at: end, from: attempt.senders, heard_by, frame: attempt.frame };
        if received { self.harm.pass(delivery, &mut self.dice) } else { None }
    }
}
