//! A node whose dictionary has one object of each type.

use voltower_control::io::{Frames, Identity};
use voltower_control::link::{Node, Objects, Place};
use voltower_core::{ConditionSet, Duration};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::canopen::{Abort, Access, Bytes, DataType, Dictionary, Entry, Object, Source, Value};

/// Index of the object that can be written; its sub-indices are those below.
pub(crate) const INDEX: u16 = 0x2000;
/// The same values, read-only.
pub(crate) const READ_ONLY: u16 = 0x2001;

pub(crate) const BOOL: u8 = 1;
pub(crate) const I8: u8 = 2;
pub(crate) const I16: u8 = 3;
pub(crate) const I32: u8 = 4;
pub(crate) const U8: u8 = 5;
pub(crate) const U16: u8 = 6;
pub(crate) const U32: u8 = 7;
pub(crate) const U64: u8 = 8;
pub(crate) const TEXT: u8 = 9;
pub(crate) const OCTETS: u8 = 10;

const fn entry(sub: u8, data_type: DataType, access: Access) -> Entry<u8> {
    Entry { access, ..Entry::new(sub, "", data_type, Source::Field(sub)) }
}

const fn entries(access: Access) -> [Entry<u8>; 10] {
    [
        entry(BOOL, DataType::Bool, access),
        entry(I8, DataType::I8, access),
        entry(I16, DataType::I16, access),
        entry(I32, DataType::I32, access),
        entry(U8, DataType::U8, access),
        entry(U16, DataType::U16, access),
        entry(U32, DataType::U32, access),
        entry(U64, DataType::U64, access),
        entry(TEXT, DataType::Text, access),
        entry(OCTETS, DataType::Octets, access),
    ]
}

const DICTIONARY: &Dictionary<u8> = &Dictionary {
    device: "test",
    identity: [0; 3],
    common: &[],
    objects: &[
        Object { index: INDEX, name: "", entries: &entries(Access::ReadWrite) },
        Object { index: READ_ONLY, name: "", entries: &entries(Access::ReadOnly) },
    ],
    pdos: &[],
};

/// The last U8 that is not too high.
pub(crate) const HIGHEST: u8 = 100;

pub(crate) struct Store {
    pub(crate) values: [Value; 10],
    pub(crate) writes: u32,
}

impl Objects<u8> for Store {
    fn read(&self, field: u8) -> Value {
        self.values[usize::from(field) - 1]
    }

    fn write(&mut self, field: u8, value: Value) -> Result<(), Abort> {
        let slot = &mut self.values[usize::from(field) - 1];
        assert_eq!(slot.data_type(), value.data_type());
        match value {
            Value::U8(too_high) if too_high > HIGHEST => Err(Abort::TooHigh),
            _ => {
                *slot = value;
                self.writes += 1;
                Ok(())
            }
        }
    }
}

pub(crate) type Payload = [u8; 8];

pub(crate) struct Rig {
    pub(crate) node: Node<u8>,
    pub(crate) store: Store,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let identity = Identity { serial: [0; 20], software: [0; 8], pcu_software: [0; 8] };
        let values = [
            Value::Bool(true),
            Value::I8(-2),
            Value::I16(-300),
            Value::I32(-70_000),
            Value::U8(7),
            Value::U16(0x1234),
            Value::U32(0x1234_5678),
            Value::U64(0x0123_4567_89AB_CDEF),
            Value::Text(Bytes::new(b"ABCDEFGHIJ")),
            Value::Octets(Bytes::new(&[0xFF, 0, 1])),
        ];
        Self { node: Node::new(2, identity, DICTIONARY), store: Store { values, writes: 0 } }
    }

    pub(crate) fn with(sub: u8, value: Value) -> Self {
        let mut rig = Self::new();
        rig.store.values[usize::from(sub) - 1] = value;
        rig
    }

    pub(crate) fn value(&self, sub: u8) -> Value {
        self.store.values[usize::from(sub) - 1]
    }

    /// The bytes of TEXT.
    pub(crate) fn text(&self) -> Vec<u8> {
        self.value(TEXT).bytes().as_bytes().to_vec()
    }

    /// All answers to a request.
    pub(crate) fn send(&mut self, request: Payload) -> Vec<Payload> {
        let mut frames = Frames::new();
        let frame = Frame::full(StandardId::new(0x602).unwrap(), request);
        assert_eq!(self.node.on_frame(&frame, &mut self.store, &mut frames), None);
        payloads(&frames)
    }

    /// The only answer to a request.
    pub(crate) fn ask(&mut self, request: Payload) -> Payload {
        let answers = self.send(request);
        let [answer] = answers[..] else { panic!("{answers:02X?}") };
        answer
    }

    /// The code of the abort that answers a request.
    pub(crate) fn refusal(&mut self, request: Payload) -> u32 {
        let answer = self.ask(request);
        abort_code(answer).unwrap_or_else(|| panic!("{answer:02X?}"))
    }

    /// What the server sends while time passes.
    pub(crate) fn wait(&mut self, elapsed: Duration) -> Vec<Payload> {
        let mut frames = Frames::new();
        self.node.tick(elapsed, ConditionSet::EMPTY, |_| Place::default(), &mut frames);
        frames.retain(|frame| frame.standard_id() != Some(0x702));
        payloads(&frames)
    }
}

fn payloads(frames: &Frames) -> Vec<Payload> {
    assert!(frames.iter().all(|frame| frame.standard_id() == Some(0x582)));
    frames.iter().map(|frame| *frame.eight().unwrap()).collect()
}

pub(crate) fn abort_code(answer: Payload) -> Option<u32> {
    let [0x80, _, _, _, a, b, c, d] = answer else { return None };
    Some(u32::from_le_bytes([a, b, c, d]))
}

/// A request about an object: command, index, sub-index, and four bytes.
pub(crate) fn about(command: u8, sub: u8, data: [u8; 4]) -> Payload {
    let [a, b, c, d] = data;
    [command, 0x00, 0x20, sub, a, b, c, d]
}
