//! What a frame of the Link says.

use std::fmt;

use voltower_core::{Condition, Finding};
use voltower_protocols::Frame;
use voltower_protocols::canopen::{Abort, DataType, Meaning, Pdo, Value};
use voltower_protocols::link::{BDU_NODE, EMCY, HEARTBEAT, Happening, NMT, SDO_REQUEST, SDO_RESPONSE, SYNC};

use super::Device;

/// COB-ID of answers of LSS (CiA 305).
const LSS_ANSWER: u16 = 0x7E4;
/// COB-ID of requests of LSS.
const LSS_REQUEST: u16 = 0x7E5;
/// The bits of a COB-ID that say which node (CiA 301).
const NODE: u16 = 0x7F;

/// What a frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Network management: what `node` (0: all) shall do.
    Nmt(NodeState, u8),
    /// The network's beat.
    Sync,
    /// Something is wrong, or right again, at a node: CiA 301's code, error register, five bytes of ours.
    Emergency(u8, u16, u8, [u8; 5]),
    /// Process data that a device at a node sends or receives.
    Pdo(&'static Pdo, Device, u8, Vec<Field>),
    /// A request to the object dictionary of a node.
    SdoRequest(u8, Sdo),
    /// Its answer.
    SdoAnswer(u8, Sdo),
    /// A node is there, in this state.
    Heartbeat(u8, NodeState),
    /// Addressing: a request.
    LssRequest(Lss),
    /// Addressing: an answer.
    LssAnswer(Lss),
    /// None of these: its bytes.
    Other(Vec<u8>),
}

/// A value in process data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is.
    pub name: &'static str,
    /// How to read it.
    pub meaning: Meaning,
    /// `None` if the frame ends before it, or it is no value of its type.
    pub value: Option<Value>,
}

impl fmt::Display for Field {
    /// The value alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => fmt::Display::fmt(&self.meaning.show(value), f),
            None => f.write_str("?"),
        }
    }
}

/// State of a node (CiA 301), or the way there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeState {
    /// It has just started.
    BootUp,
    /// Silent but for heartbeats.
    Stopped,
    /// Process data flow.
    Operational,
    /// Only services.
    PreOperational,
    /// Start again, as after power-on.
    ResetNode,
    /// Start communication again.
    ResetCommunication,
    /// A number that means nothing.
    Unknown(u8),
}

impl NodeState {
    const fn of_command(byte: u8) -> Self {
        match byte {
            1 => Self::Operational,
            2 => Self::Stopped,
            128 => Self::PreOperational,
            129 => Self::ResetNode,
            130 => Self::ResetCommunication,
            other => Self::Unknown(other),
        }
    }

    /// As a heartbeat says it; the toggle bit of node guarding does not count.
    const fn of_heartbeat(byte: u8) -> Self {
        match byte & 0x7F {
            0 => Self::BootUp,
            4 => Self::Stopped,
            5 => Self::Operational,
            127 => Self::PreOperational,
            other => Self::Unknown(other),
        }
    }
}

impl fmt::Display for NodeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BootUp => f.write_str("boot-up"),
            Self::Stopped => f.write_str("stopped"),
            Self::Operational => f.write_str("operational"),
            Self::PreOperational => f.write_str("pre-operational"),
            Self::ResetNode => f.write_str("reset node"),
            Self::ResetCommunication => f.write_str("reset communication"),
            Self::Unknown(byte) => write!(f, "{byte:#04x}"),
        }
    }
}

/// A service on the object dictionary, as far as one frame tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sdo {
    /// Read this object.
    Read(Object),
    /// Write this to the object; `None`: more than four bytes follow.
    Write(Object, Option<Vec<u8>>),
    /// This is in the object; `None`: more than four bytes follow.
    Value(Object, Option<Vec<u8>>),
    /// It is written.
    Written(Object),
    /// No, and why.
    Aborted(Object, u32),
    /// A part of a longer value, or the acknowledgement of one.
    Part,
}

/// An object of the device at `node`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    /// Whose.
    pub node: u8,
    /// Index.
    pub index: u16,
    /// Sub-index.
    pub sub: u8,
}

impl fmt::Display for Object {
    /// Its name, or else its number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Device::at(self.node).and_then(|device| device.object(self.index, self.sub)) {
            Some(known) => f.write_str(&known.name),
            None => write!(f, "{:#06x}:{}", self.index, self.sub),
        }
    }
}

/// An object and the bytes of its value, for people.
struct Content<'a>(&'a Object, &'a [u8]);

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(object, bytes) = self;
        let known = Device::at(object.node).and_then(|device| device.object(object.index, object.sub));
        match known.and_then(|known| Some((known.value(bytes).ok()?, known.meaning))) {
            Some((value, meaning)) => fmt::Display::fmt(&meaning.show(value), f),
            None => bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}")),
        }
    }
}

impl fmt::Display for Sdo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(object) => write!(f, "read {object}"),
            Self::Write(object, None) => write!(f, "write {object}, in parts"),
            Self::Write(object, Some(bytes)) => write!(f, "write {object} = {}", Content(object, bytes)),
            Self::Value(object, None) => write!(f, "{object}, in parts"),
            Self::Value(object, Some(bytes)) => write!(f, "{object} = {}", Content(object, bytes)),
            Self::Written(object) => write!(f, "{object} is written"),
            Self::Aborted(object, code) => match Abort::from_code(*code) {
                Some(abort) => write!(f, "{object} refused: {}", abort.words()),
                None => write!(f, "{object} refused: {code:#010x}"),
            },
            Self::Part => f.write_str("part of a longer value"),
        }
    }
}

/// A service of addressing (CiA 305): its number, and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lss {
    /// The other side's answer, not the request.
    pub is_answer: bool,
    /// Number of the service.
    pub service: u8,
    /// What goes with it.
    pub data: [u8; 7],
}

impl fmt::Display for Lss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, ..] = self.data;
        let words = match (self.service, self.is_answer, first) {
            (0x04, false, 0) => "all: wait",
            (0x04, false, _) => "all: be configured",
            (0x11, false, node) => return write!(f, "be node {node}"),
            (0x11, true, 0) => "node number taken",
            (0x11, true, error) => return write!(f, "node number refused, error {error}"),
            (0x13, ..) => "set bit timing",
            (0x15, ..) => "activate bit timing",
            (0x17, ..) => "store configuration",
            (0x40..=0x43, ..) => "the one with this identity: be configured",
            (0x44, ..) => "it is me: being configured",
            (0x46..=0x4B, ..) => "who is in this range?",
            (0x4C, ..) => "who has no node?",
            (0x4F, ..) => "it is me",
            (0x50, ..) => "I have no node",
            (0x51, ..) => return self.fast_scan(f),
            (0x5A..=0x5D, ..) => "which identity?",
            (0x5E, true, node) => return write!(f, "node {node}"),
            (0x5E, false, _) => "which node?",
            (other, ..) => return write!(f, "service {other:#04x}"),
        };
        f.write_str(words)
    }
}

impl Lss {
    /// Number, bit to check, part of the identity, next part.
    fn fast_scan(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PARTS: [&str; 4] = ["vendor", "product", "revision", "serial number"];
        let [a, b, c, d, bit, part, _] = self.data;
        let number = u32::from_le_bytes([a, b, c, d]);
        match PARTS.get(usize::from(part)) {
            _ if bit == 0x80 => f.write_str("fast scan: who has no node?"),
            Some(part) => write!(f, "fast scan: {part} {number:#010x}, down to bit {bit}?"),
            None => write!(f, "fast scan: part {part}?"),
        }
    }
}

/// What `frame` says.
#[must_use]
pub fn decode(frame: &Frame) -> Message {
    let known = |cob_id| process_data(cob_id, frame).or_else(|| service(cob_id, frame));
    frame.standard_id().and_then(known).unwrap_or_else(|| Message::Other(frame.data().to_vec()))
}

/// The sender's description goes before the receiver's, which knows less of the same.
fn process_data(cob_id: u16, frame: &Frame) -> Option<Message> {
    let nodes = [BDU_NODE, 1, 2, 3, 4];
    let (pdo, device, node) = nodes.into_iter().find_map(|node| {
        let device = Device::at(node)?;
        Some((device.pdo(cob_id, node)?, device, node))
    })?;
    let mut bytes = frame.data();
    let fields = device.mapped(pdo).into_iter().map(|(name, data_type, meaning)| {
        let value = take(&mut bytes, data_type);
        Field { name, meaning, value }
    });
    Some(Message::Pdo(pdo, device, node, fields.collect()))
}

fn take(bytes: &mut &[u8], data_type: DataType) -> Option<Value> {
    let (taken, rest) = bytes.split_at_checked(data_type.size()?)?;
    *bytes = rest;
    data_type.decode(taken).ok()
}

fn service(cob_id: u16, frame: &Frame) -> Option<Message> {
    let (function, node) = (cob_id & !NODE, (cob_id & NODE) as u8);
    Some(match (cob_id, function, frame.data()) {
        (NMT, _, [command, node, ..]) => Message::Nmt(NodeState::of_command(*command), *node),
        (SYNC, _, _) => Message::Sync,
        (LSS_REQUEST, _, _) => Message::LssRequest(lss(frame.eight()?, false)),
        (LSS_ANSWER, _, _) => Message::LssAnswer(lss(frame.eight()?, true)),
        (_, EMCY, [low, high, register, a, b, c, d, e]) => {
            Message::Emergency(node, u16::from_le_bytes([*low, *high]), *register, [*a, *b, *c, *d, *e])
        }
        (_, HEARTBEAT, [state]) => Message::Heartbeat(node, NodeState::of_heartbeat(*state)),
        (_, SDO_REQUEST, _) => Message::SdoRequest(node, sdo(node, frame.eight()?, true)),
        (_, SDO_RESPONSE, _) => Message::SdoAnswer(node, sdo(node, frame.eight()?, false)),
        _ => return None,
    })
}

const fn lss(bytes: &[u8; 8], is_answer: bool) -> Lss {
    let [service, data @ ..] = *bytes;
    Lss { is_answer, service, data }
}

/// Command specifiers of CiA 301: the upper three bits; expedited and with a size: bits 1 and 0.
fn sdo(node: u8, bytes: &[u8; 8], is_request: bool) -> Sdo {
    let [command, low, high, sub, data @ ..] = *bytes;
    let object = Object { node, index: u16::from_le_bytes([low, high]), sub };
    let unused = if command & 1 == 1 { usize::from(command >> 2 & 3) } else { 0 };
    let content = data.get(..4 - unused).map(<[u8]>::to_vec).filter(|_| command & 2 != 0);
    match (command >> 5, is_request) {
        (1, true) => Sdo::Write(object, content),
        (2, true) => Sdo::Read(object),
        (2, false) => Sdo::Value(object, content),
        (3, false) => Sdo::Written(object),
        (4, _) => Sdo::Aborted(object, u32::from_le_bytes(data)),
        _ => Sdo::Part,
    }
}

impl Message {
    /// Whose frame it is: the sender, or of a request the one that is asked.
    #[must_use]
    pub fn node(&self) -> Option<u8> {
        match self {
            Self::Emergency(node, ..)
            | Self::Pdo(_, _, node, _)
            | Self::SdoRequest(node, _)
            | Self::SdoAnswer(node, _)
            | Self::Heartbeat(node, _) => Some(*node),
            Self::Nmt(..) | Self::Sync | Self::LssRequest(_) | Self::LssAnswer(_) | Self::Other(_) => None,
        }
    }

    /// What kind of frame it is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nmt(..) => "network command",
            Self::Sync => "sync",
            Self::Emergency(..) => "emergency",
            Self::Pdo(pdo, ..) => pdo.name,
            Self::SdoRequest(..) => "object request",
            Self::SdoAnswer(..) => "object answer",
            Self::Heartbeat(..) => "heartbeat",
            Self::LssRequest(_) => "addressing request",
            Self::LssAnswer(_) => "addressing answer",
            Self::Other(_) => "unknown",
        }
    }

    /// What it says, in words, besides its kind and node; process data as `name value, name value`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Nmt(state, 0) => format!("all nodes: {state}"),
            Self::Nmt(state, node) => format!("node {node}: {state}"),
            Self::Emergency(_, code, register, ours) => emergency(*code, *register, *ours),
            Self::Pdo(_, _, _, fields) => {
                fields.iter().map(|field| format!("{} {field}", field.name)).collect::<Vec<_>>().join(", ")
            }
            Self::SdoRequest(_, sdo) | Self::SdoAnswer(_, sdo) => sdo.to_string(),
            Self::Heartbeat(_, state) => state.to_string(),
            Self::LssRequest(lss) | Self::LssAnswer(lss) => lss.to_string(),
            Self::Sync => String::new(),
            Self::Other(bytes) => {
                bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// Ours: the condition's bit, module, cell or sensor, the finding if it has come, and how many there are now.
fn emergency(code: u16, register: u8, [bit, module, element, found, count]: [u8; 5]) -> String {
    let what = match Condition::all().find(|condition| condition.bit() == u32::from(bit)) {
        Some(condition) if found == 0 => Happening::Cleared(condition, module).to_string(),
        Some(condition) => Happening::Raised(condition, module, element).to_string(),
        None => "unknown condition".to_owned(),
    };
    let finding = Finding::from_code(found).filter(|finding| *finding != Finding::Unnamed);
    let why = finding.map_or_else(String::new, |finding| format!(": {finding}"));
    format!("{what}{why}; code {code:04X}, register {register:02X}, {count} present")
}

/// The name of the node, as the Link has it: `module 1`, `distribution unit`, `node 17`.
#[must_use]
pub fn node_name(node: u8) -> String {
    match Device::at(node) {
        Some(Device::Bdu) => "distribution unit".to_owned(),
        Some(Device::Module) => format!("module {node}"),
        None => format!("node {node}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use voltower_core::{Alarm, Binding, ConditionSet, ModuleState, PcuState, PerMille, Watts};
    use voltower_protocols::can::StandardId;
    use voltower_protocols::link::{Limit, ModuleLimits, ModuleNode, ModuleStatus};

    fn frame(id: u16, data: &[u8]) -> Frame {
        Frame::new(StandardId::new(id).expect("11 bits"), data).expect("short")
    }

    fn words(id: u16, data: &[u8]) -> (Option<u8>, &'static str, String) {
        let message = decode(&frame(id, data));
        (message.node(), message.kind(), message.words())
    }

    fn says(frame: &Frame) -> (Option<u8>, &'static str, String) {
        let message = decode(frame);
        (message.node(), message.kind(), message.words())
    }

    #[test]
    fn process_data_are_told_in_units_with_the_names_of_the_dictionary() {
        let node = ModuleNode::new(2).expect("a module");
        let limit = |power, binding, element| Limit { power: Watts(power), binding, element };
        let limits = ModuleLimits {
            charge: limit(1400, Binding::HighTemperature, 3),
            discharge: limit(2500, Binding::Rating, 0),
        };
        let expected = "charge power 1400 W, discharge power 2500 W, charge binding cell temperature high, \
                        discharge binding rated power, charge element 3, discharge element none";
        assert_eq!(says(&limits.to_frame(node)), (Some(2), "limits", expected.to_owned()));
        let status = ModuleStatus {
            state: ModuleState::Connected,
            pcu: PcuState::Active,
            soc: PerMille(598),
            conditions: ConditionSet::EMPTY.with(Condition::Alarm(Alarm::HighTemperature)),
            sequence: 7,
        };
        let (_, _, words) = says(&status.to_frame(node));
        for part in ["state of charge 59.8 %", "converter active", "emperature", "sequence 7"] {
            assert!(words.contains(part), "{words}");
        }
    }

    #[test]
    fn services_are_told_by_name() {
        assert_eq!(
            words(0x601, &[0x40, 0x02, 0x20, 1, 0, 0, 0, 0]),
            (Some(1), "object request", "read limits/charge-power".to_owned())
        );
        let answer = words(0x581, &[0x4B, 0x02, 0x20, 1, 0x78, 0x05, 0, 0]);
        assert_eq!(answer.2, "limits/charge-power = 1400 W");
        let refused = words(0x589, &[0x80, 0x00, 0x10, 7, 0x11, 0x00, 0x09, 0x06]);
        assert_eq!(refused.2, "0x1000:7 refused: no such sub-index");
        let write = words(0x609, &[0x2B, 0x20, 0x20, 2, 0xD0, 0x07, 0, 0]);
        assert_eq!(write.2, "write configuration/discharge-power-at-most = 2000 W");
        assert_eq!(words(0x589, &[0x41, 0x08, 0x10, 0, 10, 0, 0, 0]).2, "device-name, in parts");
    }

    #[test]
    fn the_rest_of_canopen_is_told_too() {
        assert_eq!(words(0x000, &[1, 0]).2, "all nodes: operational");
        assert_eq!(words(0x000, &[129, 3]).2, "node 3: reset node");
        assert_eq!(words(0x080, &[]).1, "sync");
        assert_eq!(words(0x709, &[5]), (Some(9), "heartbeat", "operational".to_owned()));
        let scan = |data: [u8; 8]| words(0x7E5, &data).2;
        assert_eq!(scan([0x51, 0, 0, 0, 0, 0x80, 0, 0]), "fast scan: who has no node?");
        assert_eq!(
            scan([0x51, 0x05, 0x53, 0x54, 0x42, 0, 1, 2]),
            "fast scan: product 0x42545305, down to bit 0?"
        );
        assert_eq!(scan([0x11, 3, 0, 0, 0, 0, 0, 0]), "be node 3");
        assert_eq!(words(0x7E4, &[0x11, 0, 0, 0, 0, 0, 0, 0]).2, "node number taken");
        let bit = Condition::Alarm(Alarm::OverVoltage).bit() as u8;
        let (node, kind, text) = words(0x081, &[0x10, 0x32, 0x05, bit, 1, 7, 1, 1]);
        assert_eq!((node, kind), (Some(1), "emergency"));
        let expected = "module 1, cell or sensor 7; code 3210, register 05, 1 present";
        assert!(text.ends_with(expected), "{text}");
        let over = words(0x081, &[0, 0, 0, bit, 1, 0, 0, 0]).2;
        assert!(over.starts_with("over: ") && over.ends_with("0 present"), "{over}");
        assert_eq!(words(0x123, &[1]).1, "unknown");
    }

    #[test]
    fn what_a_short_frame_lacks_is_a_question_mark() {
        let (_, _, words) = words(0x381, &[0x78, 0x05, 0xC4]);
        assert!(words.starts_with("charge power 1400 W, discharge power ?, "), "{words}");
    }

    proptest! {
        #[test]
        fn any_frame_can_be_told(id in 0u16..0x800, data in proptest::collection::vec(any::<u8>(), 0..=8)) {
            let message = decode(&frame(id, &data));
            let _ = (message.words(), message.kind(), message.node());
        }
    }
}
