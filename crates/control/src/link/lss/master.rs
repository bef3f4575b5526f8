//! The distribution unit's side: gives one address to whoever answers.

use voltower_core::Duration;
use voltower_core::values::{ADDRESS_HEAR_TIME, ADDRESS_ROLL_TIME, LSS_PROBE_TRIES, LSS_TIMEOUT};
use voltower_protocols::link::ModuleNode;

use super::{Answer, Request, SERIAL};
use crate::io::SamplePeriod;
use crate::share::NodeSet;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nobody without an address answers.
    Nobody,
    /// Somebody answers, and it is not the one that was asked for, or does not answer clearly.
    Unclear,
    /// One of those above was not heard any more: it may be the one that answers.
    Doubtful,
    /// The module with this serial number should have the address, but was not heard under it.
    Unheard,
    /// The module with this serial number has the address and was heard under it.
    Assigned(u32),
}

/// What to do next: something to send, or the end.
pub type Told = Result<Option<Request>, Outcome>;

/// Gives one address.
///
/// ```text
///   Probing{} --here--> Asking{vendor..revision} --here--> Bisecting{} --all bits--> Confirming{}
///      | nobody              | nobody                                     nobody |        | here
///      v                     v                                                   v        v
///    (Nobody)            (Unclear)                                       (Unclear)     Rolling{}
///                                                                                       |     | silence
///                                         all above were heard                          |     v
///  (Assigned) <--heard-- Hearing{} <--taken, or no tries left-- Giving{} <--------------+  (Doubtful)
///   (Unheard) <--time is up--+
/// ```
///
/// Whoever is chosen has no address. So if everyone above is heard under its own *after* that, it is none of
/// those above, and the enable line has come to it through all of them. Without this roll call a module that
/// has just lost its address would be given the next free one, far below its place.
///
/// With a known serial number nothing is bisected: it is confirmed at once, or `Unclear`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Assigner {
    node: u8,
    /// Bits of a serial number: 32; the model checker takes fewer.
    bits: u8,
    known: Option<u32>,
    identity: [u32; 3],
    period: SamplePeriod,
    stage: Stage,
    /// Until the answer to the last request is given up.
    remaining: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    Probing {
        tries: u8,
    },
    Asking {
        sub: u8,
    },
    Bisecting {
        bit: u8,
        serial: u32,
    },
    Confirming {
        serial: u32,
    },
    /// `missing` have not been heard since the module was chosen.
    Rolling {
        serial: u32,
        missing: NodeSet,
    },
    Giving {
        serial: u32,
        tries: u8,
    },
    Hearing {
        serial: u32,
    },
}

impl Assigner {
    /// Begins to give address `node` to whoever has the vendor, product and revision of `identity`, and the
    /// `known` serial number if there is one. Send [`Request::Wait`] and the first request before anything
    /// else. Modules speak once a `period` at most.
    #[must_use]
    pub const fn begin(
        node: u8,
        identity: [u32; 3],
        bits: u8,
        known: Option<u32>,
        period: SamplePeriod,
    ) -> (Self, [Request; 2]) {
        let stage = Stage::Probing { tries: LSS_PROBE_TRIES.0 as u8 };
        let begun = Self { node, bits, known, identity, period, stage, remaining: LSS_TIMEOUT };
        (begun, [Request::Wait, Request::Anyone])
    }

    /// The address that it gives.
    #[must_use]
    pub const fn node(&self) -> u8 {
        self.node
    }

    /// Until it does something by itself.
    #[must_use]
    pub const fn remaining(&self) -> Duration {
        self.remaining
    }

    /// The wire was busy: an answer, which has the lowest priority of all, has had no chance yet.
    pub fn postpone(&mut self) {
        self.remaining = self.remaining.max(LSS_TIMEOUT);
    }

    /// Takes an answer.
    ///
    /// # Errors
    /// The outcome, when it has come to its end.
    pub fn on_answer(&mut self, answer: Answer) -> Told {
        match (self.stage, answer) {
            (Stage::Probing { .. }, Answer::Here) => self.ask(0),
            (Stage::Asking { sub }, Answer::Here) if sub + 1 < SERIAL => self.ask(sub + 1),
            (Stage::Asking { .. }, Answer::Here) => match (self.known, self.bits) {
                (Some(serial), _) => self.confirm(serial),
                (None, 0) => self.confirm(0),
                (None, bits) => self.bisect(bits - 1, 0),
            },
            (Stage::Bisecting { bit, serial }, Answer::Here) => self.next_bit(bit, serial),
            (Stage::Confirming { serial }, Answer::Here) => {
                self.call_roll(serial, NodeSet::first(self.node.saturating_sub(1)))
            }
            (Stage::Giving { serial, .. }, Answer::Taken) => self.let_go(serial),
            // Too late for the request that it answers, or no answer to this one.
            (_, Answer::Here | Answer::Taken | Answer::Refused) => Ok(None),
        }
    }

    /// Lets `elapsed` pass.
    ///
    /// # Errors
    /// The outcome, when it has come to its end.
    pub fn tick(&mut self, elapsed: Duration) -> Told {
        self.remaining = self.remaining.less(elapsed);
        if !self.remaining.is_zero() {
            return Ok(None);
        }
        match self.stage {
            Stage::Probing { tries: 0 | 1 } => Err(Outcome::Nobody),
            Stage::Probing { tries } => self.enter(Stage::Probing { tries: tries - 1 }, Request::Anyone),
            Stage::Asking { .. } | Stage::Confirming { .. } => Err(Outcome::Unclear),
            Stage::Bisecting { bit, serial } => {
                self.next_bit(bit, serial | 1_u32.checked_shl(u32::from(bit)).unwrap_or(0))
            }
            Stage::Rolling { .. } => Err(Outcome::Doubtful),
            // The answer may have been lost, and the address taken: all the same it may be in use from now on.
            Stage::Giving { serial, tries: 0 | 1 } => self.let_go(serial),
            Stage::Giving { serial, tries } => {
                self.enter(Stage::Giving { serial, tries: tries - 1 }, Request::Configure(self.node))
            }
            Stage::Hearing { .. } => Err(Outcome::Unheard),
        }
    }

    /// `node` was heard.
    ///
    /// # Errors
    /// The outcome, if that was what it waited for.
    pub fn heard(&mut self, node: ModuleNode) -> Told {
        match self.stage {
            Stage::Rolling { serial, missing } => self.call_roll(serial, missing.without(node)),
            Stage::Hearing { serial } if node.number() == self.node => Err(Outcome::Assigned(serial)),
            Stage::Probing { .. }
            | Stage::Asking { .. }
            | Stage::Bisecting { .. }
            | Stage::Confirming { .. }
            | Stage::Giving { .. }
            | Stage::Hearing { .. } => Ok(None),
        }
    }

    /// Those above that have not been heard since the module was chosen, while the roll is called.
    #[must_use]
    pub const fn awaits(&self) -> Option<NodeSet> {
        match self.stage {
            Stage::Rolling { missing, .. } => Some(missing),
            Stage::Probing { .. }
            | Stage::Asking { .. }
            | Stage::Bisecting { .. }
            | Stage::Confirming { .. }
            | Stage::Giving { .. }
            | Stage::Hearing { .. } => None,
        }
    }

    fn enter(&mut self, stage: Stage, request: Request) -> Told {
        self.stage = stage;
        self.remaining = if matches!(stage, Stage::Hearing { .. }) { ADDRESS_HEAR_TIME } else { LSS_TIMEOUT };
        Ok(Some(request))
    }

    fn ask(&mut self, sub: u8) -> Told {
        let number = self.identity.get(usize::from(sub)).copied().unwrap_or(0);
        self.enter(Stage::Asking { sub }, Request::Scan { number, bit: 0, sub, next: sub + 1 })
    }

    /// Asks whether this bit, and all above, are as in `serial`, in which it is 0.
    fn bisect(&mut self, bit: u8, serial: u32) -> Told {
        let request = Request::Scan { number: serial, bit, sub: SERIAL, next: SERIAL };
        self.enter(Stage::Bisecting { bit, serial }, request)
    }

    fn next_bit(&mut self, bit: u8, serial: u32) -> Told {
        match bit.checked_sub(1) {
            Some(lower) => self.bisect(lower, serial),
            None => self.confirm(serial),
        }
    }

    fn confirm(&mut self, serial: u32) -> Told {
        let request = Request::Scan { number: serial, bit: 0, sub: SERIAL, next: 0 };
        self.enter(Stage::Confirming { serial }, request)
    }

    /// Goes on when none of those above is missing.
    fn call_roll(&mut self, serial: u32, missing: NodeSet) -> Told {
        if missing.is_empty() {
            let tries = LSS_PROBE_TRIES.0 as u8;
            return self.enter(Stage::Giving { serial, tries }, Request::Configure(self.node));
        }
        if !matches!(self.stage, Stage::Rolling { .. }) {
            self.remaining = self.period.stretch(ADDRESS_ROLL_TIME);
        }
        self.stage = Stage::Rolling { serial, missing };
        Ok(None)
    }

    fn let_go(&mut self, serial: u32) -> Told {
        self.enter(Stage::Hearing { serial }, Request::Wait)
    }
}
