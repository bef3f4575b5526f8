//! Every codec: any frame is read as a legal value or not at all, and a legal value travels unchanged. And the SDO
//! server, whatever it is asked.
#![no_main]

use std::fmt::Write;

use arbitrary::Arbitrary;
use voltower_control::io::{Frames, Identity};
use voltower_control::link::lss::{Answer, Request};
use voltower_control::link::{Node, Objects, Place, from_heartbeat, heartbeat_frame};
use voltower_core::{ConditionSet, Duration};
use voltower_protocols::Frame;
use voltower_protocols::canopen::{Abort, DataType, Value};
use voltower_protocols::link::{
    Event, MODULE_DICTIONARY, ModuleCapacity, ModuleCells, ModuleCommand, ModuleEstimate, ModuleField, ModuleHardware,
    ModuleLimits, ModulePower, ModuleStatus, ModuleTemperatures, TowerLimits, TowerPanel, TowerPower,
    TowerStatus,
};
use voltower_protocols::sofar::Message;

#[path = "../../crates/control/tests/twins/foreign.rs"]
#[allow(dead_code)]
mod foreign;
use foreign::Foreign;

#[derive(Debug, Arbitrary)]
struct Input {
    frames: Vec<Foreign>,
    requests: Vec<(Ask, u8)>,
}

#[derive(Debug, Arbitrary)]
enum Ask {
    Foreign(Foreign),
    Object { command: u8, object: u16, sub: u8, data: [u8; 4] },
}

/// Values as they are written, of the type that the dictionary gives them.
struct Store(Value);

impl Objects<ModuleField> for Store {
    fn read(&self, field: ModuleField) -> Value {
        let entries = MODULE_DICTIONARY.objects.iter().flat_map(|object| object.entries);
        let mut types = entries.filter_map(|entry| match entry.source {
            voltower_protocols::canopen::Source::Field(of) if of == field => Some(entry.data_type),
            _ => None,
        });
        let data_type = types.next().unwrap_or(DataType::U8);
        if self.0.data_type() == data_type {
            return self.0;
        }
        let bytes = [1; 8];
        data_type.decode(&bytes[..data_type.size().unwrap_or(8)]).expect("fits")
    }

    fn write(&mut self, _: ModuleField, value: Value) -> Result<(), Abort> {
        self.0 = value;
        Ok(())
    }
}

macro_rules! travel_unchanged {
    ($frame:ident, from a module: $($kind:ident)*) => {
        $(if let Some((node, value)) = $kind::from_frame($frame) {
            assert_eq!($kind::from_frame(&value.to_frame(node)), Some((node, value)));
        })*
    };
    ($frame:ident, from the tower: $($kind:ident)*) => {
        $(if let Some(value) = $kind::from_frame($frame) {
            assert_eq!($kind::from_frame(&value.to_frame()), Some(value));
        })*
    };
}

fn read(frame: &Frame) {
    travel_unchanged!(frame, from a module: ModuleStatus ModulePower ModuleLimits ModuleCells ModuleTemperatures
        ModuleHardware ModuleCapacity ModuleEstimate ModuleCommand);
    travel_unchanged!(frame, from the tower: TowerStatus TowerPanel TowerPower TowerLimits Request Answer);
    if let Ok((battery, message)) = Message::from_frame(frame) {
        assert_eq!(Message::from_frame(&message.to_frame(battery)), Ok((battery, message)));
    }
    if let Some((node, state)) = from_heartbeat(frame) {
        assert_eq!(heartbeat_frame(node, state).as_ref().and_then(from_heartbeat), Some((node, state)));
    }
    let _ = frame.eight().map(|bytes| show(u64::from_le_bytes(*bytes)));
}

fn show(bits: u64) {
    let mut text = String::new();
    if let Some(event) = Event::from_bits(bits) {
        assert_eq!(Event::from_bits(event.to_bits()), Some(event));
        write!(text, "{event}").expect("a string");
    }
    for entry in MODULE_DICTIONARY.objects.iter().flat_map(|object| object.entries) {
        let size = entry.data_type.size().unwrap_or(8);
        if let Ok(value) = entry.data_type.decode(&bits.to_le_bytes()[..size]) {
            write!(text, "{}", entry.meaning.show(value)).expect("a string");
        }
    }
}

fn serve(requests: &[(Ask, u8)]) {
    let identity =
        Identity { serial: *b"VT5K0001000000000001", software: *b"0V100001", pcu_software: *b"0V100001" };
    let (mut node, mut store) = (Node::new(2, identity, MODULE_DICTIONARY), Store(Value::U8(0)));
    for (ask, milliseconds) in requests {
        let frame = match ask {
            Ask::Foreign(foreign) => foreign.to_frame(2),
            Ask::Object { command, object, sub, data: [a, b, c, d] } => {
                let objects = MODULE_DICTIONARY.objects;
                let [low, high] = objects[usize::from(*object) % objects.len()].index.to_le_bytes();
                let bytes = [*command, low, high, *sub, *a, *b, *c, *d];
                Foreign::Segment { bytes }.to_frame(2)
            }
        };
        let mut answers = Frames::new();
        node.on_frame(&frame, &mut store, &mut answers);
        assert!(answers.len() <= 5, "{answers:?}");
        assert!(answers.iter().all(|answer| answer.standard_id() == Some(0x582)), "{answers:?}");
        let mut sent = Frames::new();
        let elapsed = Duration::millis(u64::from(*milliseconds));
        node.tick(elapsed, ConditionSet::EMPTY, |_| Place::default(), &mut sent);
    }
}

libfuzzer_sys::fuzz_target!(|input: Input| {
    input.frames.iter().for_each(|foreign| read(&foreign.to_frame(2)));
    serve(&input.requests);
});
