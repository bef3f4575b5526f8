//! A CAN bus at 500 kbit/s: arbitration by identifier, time on the wire, errors and who counts them, and a
//! cable that can be cut, wrongly terminated or hold a node that does not behave.
//!
//! What is destroyed on the wire stays in its mailbox and is sent again, as ISO 11898-1 has it; so is what
//! nobody acknowledges. Every node keeps its error counters (`confinement`), each piece of cable that is
//! whole in itself has its own arbitration and its own rate of destroyed frames ([`termination`]).
//!
//! A bus on which nothing is wrong takes a short way through [`Bus::next`] and draws no random number.

use rand_core::SeedableRng;
use rand_pcg::Pcg32;
use voltower_control::io::BusState;
use voltower_core::{Duration, Instant, MilliOhms};
use voltower_protocols::Frame;

mod arbitration;
mod cable;
mod confinement;
mod frames;
mod places;
mod queue;
pub mod termination;
mod timing;
mod trouble;

use cable::{Cable, Segment};
use confinement::Counters;
use frames::Harm;
use places::PLACES;
use queue::{Queue, Ticket};
use timing::{bits, frame_bits};

pub use frames::FrameFault;
pub use places::{Place, Places, SECOND_UNIT, SERVICE_TOOL};

/// A frame on its way to everyone who can hear its sender.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    /// End of the frame on the wire.
    pub at: Instant,
    /// Who sent it: more than one if several sent the very same at the very same time, which nobody can tell.
    pub from: Places,
    /// Whose controllers receive it, if they have supply.
    pub heard_by: Places,
    /// What was sent.
    pub frame: Frame,
}

/// A wire on which one frame can be at a time.
#[derive(Debug, Clone, Copy, Default)]
struct Lane {
    free_at: Instant,
    /// Who sent last.
    last: Places,
}

/// One bus: a line of nodes.
#[derive(Debug, Clone)]
pub struct Bus {
    queue: Queue,
    cable: Cable,
    nodes: [Counters; PLACES],
    /// One for each piece of cable, by its first place; the wire of a mute node is its own, behind these.
    lanes: [Lane; 2 * PLACES],
    powered: Places,
    deaf: Places,
    mute: Places,
    babbling: Places,
    babbled: u64,
    /// Cannot come back from bus-off.
    kept_off: Places,
    /// Plugged in beside place 0, where nobody should be.
    guests: Places,
    harm: Harm,
    /// What each place hangs on.
    pieces: [Segment; PLACES],
    /// As place 0 measures it.
    loop_resistance: Option<MilliOhms>,
    /// Share of destroyed frames, by the sender's place.
    error_rate: [f64; PLACES],
    /// Nothing is wrong: no cut, no error counted, all frames arrive.
    sound: bool,
    busy: Duration,
    error_frames: u64,
    dice: Pcg32,
}

impl Bus {
    /// A bus of so many nodes (at most six) whose cable is whole, `piece` metres between two neighbours,
    /// and terminated at both ends. `seed` draws which frames a bad line destroys. No node is powered yet.
    #[must_use]
    pub fn new(nodes: usize, piece: f64, seed: u64) -> Self {
        let mut bus = Self {
            queue: Queue::new(),
            cable: Cable::new(nodes, piece),
            nodes: [Counters::default(); PLACES],
            lanes: [Lane::default(); 2 * PLACES],
            powered: Places::NONE,
            deaf: Places::NONE,
            mute: Places::NONE,
            babbling: Places::NONE,
            babbled: 0,
            kept_off: Places::NONE,
            guests: Places::NONE,
            harm: Harm::default(),
            pieces: [Segment::default(); PLACES],
            loop_resistance: None,
            error_rate: [0.0; PLACES],
            sound: true,
            busy: Duration::ZERO,
            error_frames: 0,
            dice: Pcg32::seed_from_u64(seed),
        };
        bus.rewired();
        bus
    }

    /// Cuts or mends the cable behind `place`.
    pub fn set_whole(&mut self, place: Place, whole: bool) {
        self.cable.set_whole(place, whole);
        self.rewired();
    }

    /// Nobody has taken so many places behind the first one: its cable leads to the one behind them.
    pub fn set_absent(&mut self, count: usize) {
        self.cable.set_absent(count);
        self.rewired();
    }

    /// Cuts or mends the single wire that runs behind `place` beside the CAN pair: the enable wire of the
    /// Link, the strap of COM.
    pub fn set_enable_whole(&mut self, place: Place, whole: bool) {
        self.cable.set_enable_whole(place, whole);
    }

    /// Whether that wire, and the cable it runs in, leads from `place` to the next one.
    #[must_use]
    pub fn enable_whole(&self, place: Place) -> bool {
        self.cable.enable_whole(place)
    }

    /// Terminal resistors at `place`; a new bus has one at its first and one at its last.
    pub fn set_resistors(&mut self, place: Place, count: u8) {
        self.cable.set_resistors(place, count);
        self.rewired();
    }

    /// What place 0 measures between the two wires, through whatever cable is whole: 60 ohm if all is well;
    /// `None` without any resistor. The copper of the cable is left out: less than one ohm in a tower.
    #[must_use]
    #[inline]
    pub fn loop_resistance(&self) -> Option<MilliOhms> {
        self.loop_resistance
    }

    /// A node has supply. Only such a node acknowledges; switched on, it begins with clean counters.
    #[inline]
    pub fn set_powered(&mut self, place: Place, powered: bool) {
        if self.powered.contains(place) != powered {
            self.powered.set(place, powered);
            self.nodes[place] = Counters::default();
            self.judge();
        }
    }

    /// Nothing that others say gets through to a deaf node's software: its receive buffer is dead. Its
    /// controller works on at the wire: it sends, and it acknowledges.
    pub fn set_deaf(&mut self, place: Place, deaf: bool) {
        self.deaf.set(place, deaf);
        self.judge();
    }

    /// A mute node is heard by nobody, neither its frames nor its acknowledgements: its driver is too weak
    /// for any ear but its own.
    pub fn set_mute(&mut self, place: Place, mute: bool) {
        self.mute.set(place, mute);
        self.judge();
    }

    /// A babbling node sends emergency frames of changing contents (0x080 and its place) without a pause.
    pub fn set_babbling(&mut self, place: Place, babbling: bool) {
        self.babbling.set(place, babbling);
        self.judge();
    }

    /// A node that destroys every frame of its own is in bus-off, and however often it returns it is back there at
    /// once: it neither sends, hears nor acknowledges.
    pub fn set_kept_off(&mut self, place: Place, off: bool) {
        self.kept_off.set(place, off);
        self.judge();
    }

    /// Somebody has plugged [`SECOND_UNIT`] in, or out.
    pub fn set_guest(&mut self, plugged_in: bool) {
        self.guests.set(SECOND_UNIT, plugged_in);
        self.judge();
    }

    /// This share of all frames, 0 to 1, comes to this harm from now on.
    pub fn set_harm(&mut self, fault: FrameFault, rate: f64) {
        self.harm.set(fault, rate);
        self.judge();
    }

    /// Whether a cable leads from `a` to `b`.
    #[must_use]
    pub fn connected(&self, a: Place, b: Place) -> bool {
        self.cable.connected(a, b)
    }

    /// What the CAN controller at `place` says of itself.
    #[must_use]
    pub fn state(&self, place: Place, now: Instant) -> BusState {
        if self.kept_off.contains(place) { BusState::Off } else { self.nodes[place].state(now) }
    }

    /// Puts a frame into the sender's queue.
    pub fn send(&mut self, from: Place, frame: Frame) {
        self.queue.push(from, frame);
    }

    /// The next frame that has left the wire before `until`, if the bus comes to it; `now` is when it may
    /// start at the earliest.
    pub fn next(&mut self, now: Instant, until: Instant) -> Option<Delivery> {
        self.queue.sort();
        if !self.sound {
            return self.next_in_trouble(now, until);
        }
        let waiting = self.queue.waiting();
        let ticket = *waiting.first()?;
        let from = Places::of(usize::from(ticket.from));
        let alone = self.powered.without(from).is_empty();
        if alone || waiting.get(1).is_some_and(|second| is_rival(ticket, *second)) {
            return self.next_in_trouble(now, until);
        }
        let frame = *self.queue.frame(ticket);
        let length = bits(frame_bits(&frame));
        let lane = &mut self.lanes[0];
        let end = lane.free_at.max(now) + length;
        if end > until {
            return None;
        }
        self.queue.take_front();
        *lane = Lane { free_at: end, last: from };
        self.busy = self.busy + length;
        Some(Delivery { at: end, from, heard_by: self.cable.nodes().without(from), frame })
    }

    /// Time the wire at place 0 was in use since the start.
    #[must_use]
    pub fn busy(&self) -> Duration {
        self.busy
    }

    /// Share of time in which it was, from the start to `now`: 0 to 1.
    #[must_use]
    pub fn load(&self, now: Instant) -> f64 {
        self.busy.0 as f64 / now.0.max(1) as f64
    }

    /// Frames that found the mailboxes of their node full, or were overwritten there.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.queue.lost()
    }

    /// Error frames since the start.
    #[must_use]
    pub fn error_frames(&self) -> u64 {
        self.error_frames
    }

    /// The cable has changed.
    fn rewired(&mut self) {
        self.loop_resistance = self.cable.loop_resistance();
        for place in 0..PLACES {
            self.pieces[place] = self.cable.segment(place);
            self.error_rate[place] = self.cable.frame_error_rate(self.pieces[place]);
        }
        self.judge();
    }

    /// Whether the short way will do.
    fn judge(&mut self) {
        let odd = self.deaf.or(self.mute).or(self.babbling).or(self.kept_off).or(self.guests);
        let whole = self.pieces[0].members() == self.cable.nodes();
        let clean = self.nodes.iter().all(Counters::is_clean);
        self.sound = odd.is_empty() && whole && clean && self.error_rate[0] == 0.0 && self.harm.is_none();
    }
}

/// Both may win the wire at once.
fn is_rival(one: Ticket, other: Ticket) -> bool {
    one.priority == other.priority && one.from != other.from
}

#[cfg(test)]
mod tests;
