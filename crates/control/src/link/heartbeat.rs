//! Heartbeats (CiA 301): a node says that it lives, and watches others.

use canopen_rs::NmtState;
use canopen_rs::nmt::{decode_heartbeat, encode_heartbeat};
use voltower_core::Duration;
use voltower_core::values::HEARTBEAT_PERIOD;
use voltower_protocols::Frame;
use voltower_protocols::link::{HEARTBEAT, node_cob_id};

use super::schedule::count_down;

/// Sends a heartbeat every period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HeartbeatProducer {
    period: Duration,
    remaining: Duration,
}

impl HeartbeatProducer {
    /// Every [`HEARTBEAT_PERIOD`].
    #[must_use]
    pub const fn new() -> Self {
        Self { period: HEARTBEAT_PERIOD, remaining: HEARTBEAT_PERIOD }
    }

    /// The period in milliseconds, as object 0x1017 has it; 0 is off.
    #[must_use]
    pub const fn milliseconds(&self) -> u16 {
        let ms = self.period.as_millis();
        if ms > u16::MAX as u64 { u16::MAX } else { ms as u16 }
    }

    /// Sets the period; 0 is off.
    pub fn set_milliseconds(&mut self, ms: u16) {
        self.period = Duration::millis(u64::from(ms));
        self.remaining = self.period;
    }

    /// Lets `elapsed` pass; whether a heartbeat is due.
    pub fn tick(&mut self, elapsed: Duration) -> bool {
        !self.period.is_zero() && count_down(&mut self.remaining, elapsed, self.period)
    }
}

impl Default for HeartbeatProducer {
    fn default() -> Self {
        Self::new()
    }
}

/// The heartbeat of `node` in `state`; [`NmtState::Initialising`] makes it the boot-up message.
#[must_use]
pub fn heartbeat_frame(node: u8, state: NmtState) -> Option<Frame> {
    Frame::new(node_cob_id(HEARTBEAT, node), &encode_heartbeat(state))
}

/// The node whose heartbeat or boot-up message this is, and its state.
#[must_use]
pub fn from_heartbeat(frame: &Frame) -> Option<(u8, NmtState)> {
    let node = frame.standard_id()?.checked_sub(HEARTBEAT)?;
    let &[state] = frame.data() else { return None };
    let node = u8::try_from(node).ok().filter(|node| (1..=127).contains(node))?;
    Some((node, decode_heartbeat(&[state]).ok()?))
}

/// Watches the heartbeat of one other node.
///
/// ```text
///   Unheard --heard--> Alive --time is up--> Lost
///                       ^ |                   |
///                       +-+ heard             |
///                       ^---------heard-------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HeartbeatConsumer {
    /// Never heard.
    #[default]
    Unheard,
    /// Heard in time.
    Alive {
        /// Time until it counts as lost.
        remaining: Duration,
    },
    /// Was heard, and is silent.
    Lost,
}

impl HeartbeatConsumer {
    /// A heartbeat has come; the next must come within `timeout` (stretched to the sample period by the
    /// caller).
    pub fn heard(&mut self, timeout: Duration) {
        *self = Self::Alive { remaining: timeout };
    }

    /// Lets `elapsed` pass; true at the moment when the node is lost.
    pub fn tick(&mut self, elapsed: Duration) -> bool {
        match *self {
            Self::Unheard | Self::Lost => false,
            Self::Alive { remaining } => {
                let remaining = remaining.less(elapsed);
                let lost = remaining.is_zero();
                *self = if lost { Self::Lost } else { Self::Alive { remaining } };
                lost
            }
        }
    }

    /// Heard in time.
    #[must_use]
    pub const fn is_alive(&self) -> bool {
        matches!(self, Self::Alive { .. })
    }
}
