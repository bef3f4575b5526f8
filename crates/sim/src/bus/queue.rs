//! Frames that wait for the wire.

use voltower_protocols::Frame;

use super::arbitration::priority;
use super::places::{PLACES, Place};

/// Frames that may wait at one node (ours: transmit mailboxes and the ring of a driver). Full, it overwrites
/// the frame with the same identifier, as process data do (CiA 301), and drops what has none.
const MAILBOXES: u8 = 32;
/// All of them.
const QUEUE_MAX: usize = PLACES * MAILBOXES as usize;

/// A frame in arbitration: what is sorted is small, the frame itself stays in its mailbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) priority: u32,
    pub(super) from: u8,
    mailbox: u8,
}

/// The mailboxes of all nodes of a bus.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    /// The first `sent` of these have left the wire; the others wait, once `sorted` in the order of winning.
    tickets: Vec<Ticket>,
    sent: usize,
    sorted: bool,
    mailboxes: Vec<Frame>,
    empty: Vec<u8>,
    waiting: [u8; PLACES],
    lost: u64,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self {
            tickets: Vec::with_capacity(2 * QUEUE_MAX),
            sent: 0,
            sorted: true,
            mailboxes: Vec::with_capacity(QUEUE_MAX),
            empty: Vec::with_capacity(QUEUE_MAX),
            waiting: [0; PLACES],
            lost: 0,
        }
    }

    /// Frames that found the mailboxes full, or were overwritten there.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    pub(super) fn push(&mut self, from: Place, frame: Frame) {
        if self.waiting[from] >= MAILBOXES {
            self.overwrite(from, frame);
            return;
        }
        self.waiting[from] += 1;
        let mailbox = self.empty.pop().unwrap_or(self.mailboxes.len() as u8);
        match self.mailboxes.get_mut(usize::from(mailbox)) {
            Some(emptied) => *emptied = frame,
            None => self.mailboxes.push(frame),
        }
        self.tickets.push(Ticket { priority: priority(&frame), from: from as u8, mailbox });
        self.sorted = false;
    }

    fn overwrite(&mut self, from: Place, frame: Frame) {
        self.lost += 1;
        let wanted = priority(&frame);
        let same = |ticket: &&Ticket| usize::from(ticket.from) == from && ticket.priority == wanted;
        let Some(older) = self.waiting().iter().rfind(same) else { return };
        let mailbox = usize::from(older.mailbox);
        self.mailboxes[mailbox] = frame;
    }

    /// Lowest identifier first; the one that waited longest among equals (the sort is stable).
    pub(super) fn sort(&mut self) {
        if !self.sorted {
            self.tickets.drain(..self.sent);
            self.sent = 0;
            self.tickets.sort_by_key(|ticket| ticket.priority);
            self.sorted = true;
        }
    }

    /// What waits, in the order of winning once sorted.
    pub(super) fn waiting(&self) -> &[Ticket] {
        &self.tickets[self.sent..]
    }

    /// Whether `from` has a frame of this priority waiting.
    pub(super) fn holds(&self, from: Place, priority: u32) -> bool {
        self.waiting().iter().any(|ticket| usize::from(ticket.from) == from && ticket.priority == priority)
    }

    pub(super) fn frame(&self, ticket: Ticket) -> &Frame {
        &self.mailboxes[usize::from(ticket.mailbox)]
    }

    /// The foremost one has been sent.
    pub(super) fn take_front(&mut self) {
        if let Some(ticket) = self.tickets.get(self.sent) {
            self.empty.push(ticket.mailbox);
            self.waiting[usize::from(ticket.from)] -= 1;
            self.sent += 1;
        }
    }

    /// The foremost frame of `from` with this priority has been sent, or is given up.
    pub(super) fn take(&mut self, from: Place, priority: u32) {
        let mine = |ticket: &Ticket| usize::from(ticket.from) == from && ticket.priority == priority;
        if let Some(place) = self.waiting().iter().position(mine) {
            let taken = self.tickets.remove(self.sent + place);
            self.empty.push(taken.mailbox);
            self.waiting[from] -= 1;
        }
    }
}
