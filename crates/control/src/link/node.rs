//! The node as a whole: network management, SDO server, heartbeats, SYNC, emergency messages.

use canopen_rs::nmt::{decode_command, encode_command};
use canopen_rs::{NmtCommand, NmtState, NodeId};
use voltower_core::{Condition, ConditionSet, Duration};
use voltower_protocols::Frame;
use voltower_protocols::canopen::{Abort, Dictionary, Value};
use voltower_protocols::link::{NMT, SDO_REQUEST, SDO_RESPONSE, SYNC, node_cob_id};

use super::emergency::{Emergencies, Place};
use super::heartbeat::{HeartbeatProducer, heartbeat_frame};
use super::schedule::{Due, Schedule};
use super::sdo_server::{Answers, SdoServer};
use super::serve::View;
use super::sync::SyncProducer;
use crate::io::{Frames, Identity};

/// Emergency messages of one tick: many conditions at once must leave room for the process data of the step.
const EMERGENCIES_PER_TICK: usize = 4;

/// The controller's fields behind its dictionary.
pub trait Objects<F> {
    /// The value of `field`, of the type that the dictionary gives it.
    fn read(&self, field: F) -> Value;

    /// Writes `field`; only called for entries that can be written, with values within their range.
    ///
    /// # Errors
    /// [`Abort::InvalidValue`], [`Abort::DeviceState`], or another reason.
    fn write(&mut self, field: F, value: Value) -> Result<(), Abort>;

    /// A value beyond the range of `field` was refused, for who keeps why.
    fn beyond(&mut self, _field: F) {}
}

/// What the network wants of the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeEvent {
    /// Process data may flow.
    Started,
    /// Process data must rest.
    Stopped,
    /// Start the controller anew.
    Reset,
    /// Send these now: a SYNC has come.
    Synced(Due),
}

/// State in network management (CiA 301). Our nodes start by themselves.
///
/// ```text
///   boot --> Operational <--start-- Stopped, PreOperational
///                 |------stop------> Stopped
///                 |--enter pre-op--> PreOperational
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NetworkState {
    /// All services.
    #[default]
    Operational,
    /// No process data.
    PreOperational,
    /// Only network management and heartbeat.
    Stopped,
}

impl NetworkState {
    const fn on_wire(self) -> NmtState {
        match self {
            Self::Operational => NmtState::Operational,
            Self::PreOperational => NmtState::PreOperational,
            Self::Stopped => NmtState::Stopped,
        }
    }
}

/// The network management command to `node` (0: to all).
#[must_use]
pub fn network_command(command: NmtCommand, node: u8) -> Option<Frame> {
    let target = NodeId::new(node).unwrap_or(NodeId::BROADCAST);
    Frame::new(node_cob_id(NMT, 0), &encode_command(command, target))
}

/// A CANopen node with the dictionary of fields `F`. Without an address (0) it is silent and deaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<F: 'static> {
    pub(super) id: u8,
    pub(super) identity: Identity,
    pub(super) dictionary: &'static Dictionary<F>,
    state: NetworkState,
    pub(super) heartbeat: HeartbeatProducer,
    pub(super) emergencies: Emergencies,
    pub(super) schedule: Schedule,
    pub(super) sync: SyncProducer,
    server: SdoServer,
}

impl<F: Copy + 'static> Node<F> {
    /// Node `id` (1 to 127; 0: it has no address yet).
    #[must_use]
    pub const fn new(id: u8, identity: Identity, dictionary: &'static Dictionary<F>) -> Self {
        Self {
            id,
            identity,
            dictionary,
            state: NetworkState::Operational,
            heartbeat: HeartbeatProducer::new(),
            emergencies: Emergencies::new(),
            schedule: Schedule::new(),
            sync: SyncProducer::new(),
            server: SdoServer::IDLE,
        }
    }

    /// Starts the node anew under `id`; the boot-up message to send, unless `id` is 0.
    pub fn boot(&mut self, id: u8) -> Option<Frame> {
        *self = Self::new(id, self.identity, self.dictionary);
        if id == 0 { None } else { heartbeat_frame(id, NmtState::Initialising) }
    }

    /// Its address, 0 if it has none.
    #[must_use]
    pub const fn id(&self) -> u8 {
        self.id
    }

    /// Serial number as object 0x1018 and LSS have it.
    #[must_use]
    pub fn serial_hash(&self) -> u32 {
        serial_hash(&self.identity.serial)
    }

    /// Process data may be sent and obeyed.
    #[must_use]
    pub const fn is_operational(&self) -> bool {
        matches!(self.state, NetworkState::Operational) && self.id != 0
    }

    /// Process data have changed that others wait for: the next tick sends them.
    pub const fn hurry(&mut self) {
        self.schedule.hurry();
    }

    /// The slow process data at `places` have changed that somebody waits for: they are sent soon.
    pub fn hurry_slow<const N: usize>(&mut self, places: [u8; N]) {
        places.into_iter().for_each(|place| self.schedule.hurry_slow(place));
    }

    /// Acceptance filter: a network management command, SYNC, or an SDO request to this node.
    #[must_use]
    #[inline]
    pub fn accepts(&self, frame: &Frame) -> bool {
        let request = SDO_REQUEST.wrapping_add(u16::from(self.id));
        self.id != 0 && frame.standard_id().is_some_and(|id| id == NMT || id == SYNC || id == request)
    }

    /// Takes a frame that the filter lets through; any other changes nothing. Pushes the answers, at most five:
    /// `frames` should be empty, for what finds no room is lost and must be asked for again.
    pub fn on_frame(
        &mut self,
        frame: &Frame,
        objects: &mut impl Objects<F>,
        frames: &mut Frames,
    ) -> Option<NodeEvent> {
        if !self.accepts(frame) {
            return None;
        }
        match frame.standard_id() {
            Some(NMT) => self.on_network_command(frame.data()),
            Some(SYNC) => self.is_operational().then(|| NodeEvent::Synced(self.schedule.on_sync())),
            Some(_) if self.state != NetworkState::Stopped => {
                let _ = frame.eight().map(|request| self.on_sdo(request, objects, frames));
                None
            }
            Some(_) | None => None,
        }
    }

    /// Lets `elapsed` pass; pushes a heartbeat and a SYNC if they are due, the abort of an abandoned transfer, and up
    /// to four emergency messages about conditions that have come or gone. Which process data are due.
    pub fn tick(
        &mut self,
        elapsed: Duration,
        conditions: ConditionSet,
        place: impl Fn(Condition) -> Place,
        frames: &mut Frames,
    ) -> Due {
        if self.id == 0 {
            return Due::default();
        }
        // A full list drops the heartbeat, which comes again; what was not told is told by the next tick.
        if self.heartbeat.tick(elapsed) {
            push(frames, heartbeat_frame(self.id, self.state.on_wire()));
        }
        let due = self.schedule.tick(elapsed);
        let resting = Due { command: due.command, ..Due::default() };
        if self.state == NetworkState::Stopped {
            return resting;
        }
        self.server.tick(elapsed, &mut answers(self.id, frames));
        for _ in 0..EMERGENCIES_PER_TICK {
            if !frames.is_full() {
                push(frames, self.emergencies.next(self.id, conditions, &place));
            }
        }
        if self.state == NetworkState::Operational { self.tick_sync(due, elapsed, frames) } else { resting }
    }

    fn tick_sync(&mut self, mut due: Due, elapsed: Duration, frames: &mut Frames) -> Due {
        if let Some(sync) = self.sync.tick(elapsed) {
            push(frames, Some(sync));
            due.slow |= self.schedule.on_sync().slow;
        }
        due
    }

    fn on_network_command(&mut self, data: &[u8]) -> Option<NodeEvent> {
        let &[command, target] = data else { return None };
        let (command, target) = decode_command(&[command, target]).ok()?;
        if target != NodeId::BROADCAST && target.raw() != self.id {
            return None;
        }
        let (state, event) = match command {
            NmtCommand::StartRemoteNode => (NetworkState::Operational, NodeEvent::Started),
            NmtCommand::StopRemoteNode => (NetworkState::Stopped, NodeEvent::Stopped),
            NmtCommand::EnterPreOperational => (NetworkState::PreOperational, NodeEvent::Stopped),
            NmtCommand::ResetNode | NmtCommand::ResetCommunication => {
                (NetworkState::Operational, NodeEvent::Reset)
            }
        };
        self.state = state;
        if state == NetworkState::Stopped {
            self.server = SdoServer::IDLE;
        }
        Some(event)
    }

    fn on_sdo(&mut self, request: &[u8; 8], objects: &mut impl Objects<F>, frames: &mut Frames) {
        let mut server = self.server;
        let mut answers = answers(self.id, frames);
        server.on_request(request, &mut View { node: self, objects }, &mut answers);
        self.server = server;
    }
}

/// `Vec::push` and not `extend`, which panics when the list is full.
fn push(frames: &mut Frames, frame: Option<Frame>) {
    let _ = frame.map(|frame| frames.push(frame));
}

fn answers(id: u8, frames: &mut Frames) -> Answers<'_> {
    Answers { id: node_cob_id(SDO_RESPONSE, id), frames }
}

/// FNV-1a: spreads 20 characters over the 32 bits that CiA 301 has for a serial number.
#[must_use]
pub fn serial_hash(serial: &[u8]) -> u32 {
    serial.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
