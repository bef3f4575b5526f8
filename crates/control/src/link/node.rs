//! The node as a whole: network management, SDO server, heartbeat, emergency messages.

use canopen_rs::nmt::{decode_command, encode_command};
use canopen_rs::{NmtCommand, NmtState, NodeId};
use voltower_core::{ConditionSet, Duration};
use voltower_protocols::Frame;
use voltower_protocols::canopen::{Abort, Bytes, DataType, Value};
use voltower_protocols::link::{NMT, SDO_REQUEST, SDO_RESPONSE, node_cob_id};

use super::dictionary::{Access, Dictionary, Entry, Object, Source};
use super::emergency::{Emergencies, error_register};
use super::heartbeat::{HeartbeatProducer, heartbeat_frame};
use super::sdo_server::{Answers, SdoServer, Served};
use crate::io::{Frames, Identity};

/// Emergency messages of one tick: many conditions at once must leave room for the process data of the step.
const EMERGENCIES_PER_TICK: usize = 4;

/// The controller's fields behind its dictionary.
pub trait Objects<F> {
    /// The value of `field`, of the type that the dictionary gives it.
    fn read(&self, field: F) -> Value;

    /// Writes `field`; only called for entries that can be written.
    ///
    /// # Errors
    /// [`Abort::InvalidValue`] or [`Abort::DeviceState`].
    fn write(&mut self, field: F, value: Value) -> Result<(), Abort>;
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

/// A CANopen node with the dictionary of fields `F`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<F: 'static> {
    id: u8,
    identity: Identity,
    dictionary: &'static Dictionary<F>,
    state: NetworkState,
    heartbeat: HeartbeatProducer,
    emergencies: Emergencies,
    server: SdoServer,
}

impl<F: Copy + 'static> Node<F> {
    /// Node `id` (1 to 127).
    #[must_use]
    pub const fn new(id: u8, identity: Identity, dictionary: &'static Dictionary<F>) -> Self {
        Self {
            id,
            identity,
            dictionary,
            state: NetworkState::Operational,
            heartbeat: HeartbeatProducer::new(),
            emergencies: Emergencies::new(),
            server: SdoServer::IDLE,
        }
    }

    /// Starts the node anew; the boot-up message to send.
    pub fn boot(&mut self) -> Option<Frame> {
        *self = Self::new(self.id, self.identity, self.dictionary);
        heartbeat_frame(self.id, NmtState::Initialising)
    }

    /// Process data may be sent and obeyed.
    #[must_use]
    pub const fn is_operational(&self) -> bool {
        matches!(self.state, NetworkState::Operational)
    }

    /// Acceptance filter: a network management command, or an SDO request to this node.
    #[must_use]
    #[inline]
    pub fn accepts(&self, frame: &Frame) -> bool {
        let request = SDO_REQUEST.wrapping_add(u16::from(self.id));
        frame.standard_id().is_some_and(|id| id == NMT || id == request)
    }

    /// Takes a frame that the filter lets through; any other changes nothing. Pushes the answers, at most five:
    /// `frames` should be empty, for what finds no room is lost and must be asked for again.
    pub fn on_frame(
        &mut self,
        frame: &Frame,
        objects: &mut impl Objects<F>,
        frames: &mut Frames,
    ) -> Option<NodeEvent> {
        if frame.standard_id() == Some(NMT) {
            return self.on_network_command(frame.data());
        }
        if self.accepts(frame) && self.state != NetworkState::Stopped {
            let _ = frame.eight().map(|request| self.on_sdo(request, objects, frames));
        }
        None
    }

    /// Lets `elapsed` pass; pushes a heartbeat if one is due, the abort of an abandoned transfer, and up to four
    /// emergency messages about conditions that have come or gone.
    pub fn tick(&mut self, elapsed: Duration, conditions: ConditionSet, frames: &mut Frames) {
        // A full list drops the heartbeat, which comes again; what was not told is told by the next tick.
        if self.heartbeat.tick(elapsed) {
            push(frames, heartbeat_frame(self.id, self.state.on_wire()));
        }
        if self.state == NetworkState::Stopped {
            return;
        }
        self.server.tick(elapsed, &mut answers(self.id, frames));
        for _ in 0..EMERGENCIES_PER_TICK {
            if !frames.is_full() {
                push(frames, self.emergencies.next(self.id, conditions));
            }
        }
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

    fn object(&self, index: u16) -> Result<&'static Object<F>, Abort> {
        let dictionary = self.dictionary;
        let position = dictionary.binary_search_by_key(&index, |object| object.index);
        position.ok().and_then(|at| dictionary.get(at)).ok_or(Abort::NoObject)
    }

    fn entry(&self, index: u16, sub: u8) -> Result<&'static Entry<F>, Abort> {
        let object = self.object(index)?;
        object.entries.iter().find(|entry| entry.sub == sub).ok_or(Abort::NoSubIndex)
    }
}

/// Node and controller, as the SDO server sees them.
struct View<'a, F: 'static, T> {
    node: &'a mut Node<F>,
    objects: &'a mut T,
}

impl<F: Copy, T: Objects<F>> Served for View<'_, F, T> {
    fn read(&self, index: u16, sub: u8) -> Result<Value, Abort> {
        let object = self.node.object(index)?;
        if sub == 0 && !object.is_variable() {
            return Ok(Value::U8(object.highest_sub()));
        }
        let entry = self.node.entry(index, sub)?;
        Ok(match entry.source {
            Source::Number(number) => as_type(entry.data_type, number),
            Source::Text(text) => Value::Text(Bytes::new(text.as_bytes())),
            Source::CobId(base) => Value::U32(u32::from(node_cob_id(base, self.node.id).as_raw())),
            Source::ErrorRegister => Value::U8(error_register(self.node.emergencies.told())),
            Source::HeartbeatTime => Value::U16(self.node.heartbeat.milliseconds()),
            Source::Software => Value::Text(Bytes::new(&self.node.identity.software)),
            Source::PcuSoftware => Value::Text(Bytes::new(&self.node.identity.pcu_software)),
            Source::Serial => Value::Text(Bytes::new(&self.node.identity.serial)),
            Source::SerialHash => Value::U32(serial_hash(&self.node.identity.serial)),
            Source::Field(field) => self.objects.read(field),
        })
    }

    fn writable(&self, index: u16, sub: u8) -> Result<DataType, Abort> {
        if sub == 0 && !self.node.object(index)?.is_variable() {
            return Err(Abort::ReadOnly);
        }
        let entry = self.node.entry(index, sub)?;
        match entry.access {
            Access::Constant | Access::ReadOnly => Err(Abort::ReadOnly),
            Access::ReadWrite => Ok(entry.data_type),
        }
    }

    fn write(&mut self, index: u16, sub: u8, value: Value) -> Result<(), Abort> {
        let source = self.node.entry(index, sub)?.source;
        if let Source::Field(field) = source {
            return self.objects.write(field, value);
        }
        if let (Source::HeartbeatTime, Value::U16(ms)) = (source, value) {
            self.node.heartbeat.set_milliseconds(ms);
            return Ok(());
        }
        Err(Abort::ReadOnly)
    }
}

/// `Vec::push` and not `extend`, which panics when the list is full.
fn push(frames: &mut Frames, frame: Option<Frame>) {
    let _ = frame.map(|frame| frames.push(frame));
}

fn answers(id: u8, frames: &mut Frames) -> Answers<'_> {
    Answers { id: node_cob_id(SDO_RESPONSE, id), frames }
}

fn as_type(data_type: DataType, number: u32) -> Value {
    let bytes = u64::from(number).to_le_bytes();
    let bytes = data_type.size().and_then(|size| bytes.get(..size)).unwrap_or_default();
    data_type.decode(bytes).unwrap_or(Value::U32(number))
}

/// FNV-1a: spreads 20 characters over the 32 bits that CiA 301 has for a serial number.
fn serial_hash(serial: &[u8]) -> u32 {
    serial.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
