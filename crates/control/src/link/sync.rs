//! SYNC (CiA 301): whoever is told to sends it, and all send what waits for it.

use voltower_core::Duration;
use voltower_protocols::Frame;
use voltower_protocols::link::dictionary::SYNC_PRODUCER;
use voltower_protocols::link::{SYNC, node_cob_id};

use super::schedule::count_down;

/// Objects 0x1005 and 0x1006 of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SyncProducer {
    produces: bool,
    period: Duration,
    remaining: Duration,
}

impl SyncProducer {
    /// Once a second, if it is switched on.
    pub(super) const fn new() -> Self {
        let period = Duration::secs(1);
        Self { produces: false, period, remaining: period }
    }

    pub(super) fn cob_id(self) -> u32 {
        u32::from(SYNC) | if self.produces { SYNC_PRODUCER } else { 0 }
    }

    /// False if the identifier is to be another.
    pub(super) fn set_cob_id(&mut self, cob_id: u32) -> bool {
        let is_ours = cob_id & !SYNC_PRODUCER == u32::from(SYNC);
        if is_ours {
            self.produces = cob_id & SYNC_PRODUCER != 0;
            self.remaining = self.period;
        }
        is_ours
    }

    pub(super) fn microseconds(self) -> u32 {
        self.period.0.min(u64::from(u32::MAX)) as u32
    }

    pub(super) fn set_microseconds(&mut self, period: u32) {
        self.period = Duration(u64::from(period));
        self.remaining = self.period;
    }

    /// Lets `elapsed` pass: the frame to send, if one is due.
    pub(super) fn tick(&mut self, elapsed: Duration) -> Option<Frame> {
        let due = self.produces && count_down(&mut self.remaining, elapsed, self.period);
        if due { Frame::new(node_cob_id(SYNC, 0), &[]) } else { None }
    }
}
