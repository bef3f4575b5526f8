//! The CANopen node: SDO against the client of `canopen-rs` as oracle, network management, heartbeat, emergencies.

use canopen_rs::sdo::{SdoClient as Oracle, SdoEvent};
use canopen_rs::{Address, ByteString, DataType as OracleType, NmtCommand, NodeId, Value as OracleValue};
use proptest::prelude::*;
use std::collections::VecDeque;
use voltower_control::io::{Frames, Identity};
use voltower_control::link::{
    HeartbeatConsumer, Node, NodeEvent, Objects, Place, ReadProgress, Schedule, SdoClient, SdoServer,
    from_heartbeat, network_command,
};
use voltower_core::{Alarm, Condition, ConditionSet, Duration, Fault, Finding};
use voltower_protocols::Frame;
use voltower_protocols::can::{ExtendedId, StandardId};
use voltower_protocols::canopen::Dictionary;
use voltower_protocols::canopen::{Abort, Value};
use voltower_protocols::link::{BDU_DICTIONARY, BduField, MODULE_DICTIONARY, ModuleField};

const IDENTITY: Identity =
    Identity { serial: *b"SH2004400VE000000001", software: *b"V0100001", pcu_software: *b"0V010010" };

/// A controller reduced to the fields that these tests read and write.
struct Fields {
    program: u8,
}

impl Objects<ModuleField> for Fields {
    fn read(&self, field: ModuleField) -> Value {
        match field {
            ModuleField::ProgramControl => Value::U8(self.program),
            ModuleField::Soc => Value::U16(505),
            ModuleField::PackCurrent => Value::I16(-1_234),
            ModuleField::Conditions => Value::U32(0x0200_0001),
            ModuleField::Cell(cell) => Value::U16(3_300 + u16::from(cell)),
            ModuleField::Temperature(sensor) => Value::I16(-i16::from(sensor)),
            _ => Value::U8(0),
        }
    }

    fn write(&mut self, field: ModuleField, value: Value) -> Result<(), Abort> {
        match (field, value) {
            (ModuleField::ProgramControl, Value::U8(program @ 0..=1)) => {
                self.program = program;
                Ok(())
            }
            _ => Err(Abort::InvalidValue),
        }
    }
}

fn module() -> (Node<ModuleField>, Fields) {
    (Node::new(2, IDENTITY, MODULE_DICTIONARY), Fields { program: 1 })
}

fn standard(id: u16, data: &[u8]) -> Frame {
    Frame::new(StandardId::new(id).unwrap(), data).unwrap()
}

/// Gives the node a frame; its answer, of which there is at most one here.
fn ask<F: Copy>(node: &mut Node<F>, frame: &Frame, fields: &mut impl Objects<F>) -> Option<Frame> {
    let mut frames = Frames::new();
    assert_eq!(node.on_frame(frame, fields, &mut frames), None);
    assert!(frames.len() <= 1);
    frames.first().copied()
}

/// Gives the node a frame of network management, which is not answered.
fn command(node: &mut Node<ModuleField>, frame: &Frame, fields: &mut Fields) -> Option<NodeEvent> {
    let mut frames = Frames::new();
    let event = node.on_frame(frame, fields, &mut frames);
    assert!(frames.is_empty());
    event
}

/// Plays a transfer between the oracle and the node to its end.
fn finish(
    client: &mut Oracle,
    first: [u8; 8],
    node: &mut Node<ModuleField>,
    fields: &mut Fields,
) -> SdoEvent {
    let mut request = first;
    for _ in 0..20 {
        let reply = ask(node, &standard(client.request_cob_id(), &request), fields).unwrap();
        assert_eq!(reply.standard_id(), Some(client.response_cob_id()));
        match client.on_response(reply.eight().unwrap()) {
            SdoEvent::Send(next) => request = next,
            end => return end,
        }
    }
    panic!("no end");
}

fn read(index: u16, sub: u8, data_type: OracleType) -> SdoEvent {
    let (mut node, mut fields) = module();
    let mut client = Oracle::new(NodeId::new(2).unwrap());
    let first = client.read(Address::new(index, sub), data_type);
    finish(&mut client, first, &mut node, &mut fields)
}

fn write(index: u16, sub: u8, value: OracleValue) -> (SdoEvent, u8) {
    let (mut node, mut fields) = module();
    let mut client = Oracle::new(NodeId::new(2).unwrap());
    let first = client.write(Address::new(index, sub), value);
    let end = finish(&mut client, first, &mut node, &mut fields);
    (end, fields.program)
}

fn text(text: &str) -> SdoEvent {
    SdoEvent::Complete(Some(OracleValue::VisibleString(ByteString::from_str(text).unwrap())))
}

#[test]
fn an_independent_client_reads_numbers() {
    let number = |value| SdoEvent::Complete(Some(value));
    assert_eq!(read(0x1000, 0, OracleType::Unsigned32), number(OracleValue::Unsigned32(0)));
    assert_eq!(read(0x2000, 2, OracleType::Unsigned16), number(OracleValue::Unsigned16(505)));
    assert_eq!(read(0x2001, 2, OracleType::Integer16), number(OracleValue::Integer16(-1_234)));
    assert_eq!(read(0x2003, 16, OracleType::Unsigned16), number(OracleValue::Unsigned16(3_316)));
    assert_eq!(read(0x2004, 4, OracleType::Integer16), number(OracleValue::Integer16(-4)));
    assert_eq!(read(0x1017, 0, OracleType::Unsigned16), number(OracleValue::Unsigned16(500)));
    // The highest sub-index of a record; COB-IDs with the node in them.
    assert_eq!(read(0x2003, 0, OracleType::Unsigned8), number(OracleValue::Unsigned8(16)));
    assert_eq!(read(0x1800, 1, OracleType::Unsigned32), number(OracleValue::Unsigned32(0x182)));
    assert_eq!(read(0x1400, 1, OracleType::Unsigned32), number(OracleValue::Unsigned32(0x202)));
}

#[test]
fn an_independent_client_reads_texts() {
    assert_eq!(read(0x100A, 0, OracleType::VisibleString), text("V0100001"));
    assert_eq!(read(0x1008, 0, OracleType::VisibleString), text("BTS 5K"));
    assert_eq!(read(0x1009, 0, OracleType::VisibleString), text("1"));
    assert_eq!(read(0x2006, 1, OracleType::VisibleString), text("SH2004400VE000000001"));
    assert_eq!(read(0x2006, 2, OracleType::VisibleString), text("0V010010"));
}

#[test]
fn an_independent_client_writes_program_control() {
    assert_eq!(write(0x1F51, 1, OracleValue::Unsigned8(0)), (SdoEvent::Complete(None), 0));
    // Too high.
    let refused = SdoEvent::Aborted(0x0609_0031);
    assert_eq!(write(0x1F51, 1, OracleValue::Unsigned8(7)), (refused, 1));
}

#[test]
fn what_cannot_be_is_refused_with_the_code_of_cia_301() {
    let code = |event| match event {
        SdoEvent::Aborted(code) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(read(0x3000, 0, OracleType::Unsigned8)), 0x0602_0000);
    assert_eq!(code(read(0x2000, 11, OracleType::Unsigned8)), 0x0609_0011);
    assert_eq!(code(write(0x3000, 0, OracleValue::Unsigned8(0)).0), 0x0602_0000);
    assert_eq!(code(write(0x2000, 0, OracleValue::Unsigned8(0)).0), 0x0601_0002);
    assert_eq!(code(write(0x1000, 0, OracleValue::Unsigned32(0)).0), 0x0601_0002);
    assert_eq!(code(write(0x1F51, 1, OracleValue::Unsigned32(0)).0), 0x0607_0012);
    assert_eq!(code(write(0x1017, 0, OracleValue::Unsigned8(0)).0), 0x0607_0013);
    assert_eq!(code(write(0x1F51, 1, OracleValue::Unsigned64(0)).0), 0x0607_0012);
}

/// Sends one raw request; the abort code of the answer.
fn abort_code(node: &mut Node<ModuleField>, fields: &mut Fields, request: [u8; 8]) -> Option<u32> {
    let reply = ask(node, &standard(0x602, &request), fields)?;
    let [0x80, _, _, _, a, b, c, d] = *reply.eight()? else { return None };
    Some(u32::from_le_bytes([a, b, c, d]))
}

#[test]
fn segments_out_of_turn_are_refused() {
    let (mut node, mut fields) = module();
    let segment = |toggle: u8| [0x60 | toggle << 4, 0, 0, 0, 0, 0, 0, 0];
    let read_version = [0x40, 0x0A, 0x10, 0, 0, 0, 0, 0];
    // Nothing was asked for.
    assert_eq!(abort_code(&mut node, &mut fields, segment(0)), Some(0x0504_0001));
    // The toggle bit must alternate from 0.
    assert_eq!(abort_code(&mut node, &mut fields, read_version), None);
    assert_eq!(abort_code(&mut node, &mut fields, segment(1)), Some(0x0503_0000));
    // An abort of the client ends the transfer without an answer.
    assert_eq!(abort_code(&mut node, &mut fields, read_version), None);
    assert!(ask(&mut node, &standard(0x602, &[0x80, 0, 0, 0, 0, 0, 0, 0]), &mut fields).is_none());
    assert_eq!(abort_code(&mut node, &mut fields, segment(0)), Some(0x0504_0001));
    // Commands that do not exist.
    assert_eq!(abort_code(&mut node, &mut fields, [0xE0, 0, 0, 0, 0, 0, 0, 0]), Some(0x0504_0001));
    assert_eq!(abort_code(&mut node, &mut fields, [0x00, 0, 0, 0, 0, 0, 0, 0]), Some(0x0504_0001));
}

fn tick(node: &mut Node<ModuleField>, elapsed: Duration, present: ConditionSet) -> Vec<Frame> {
    let mut frames = Frames::new();
    node.tick(elapsed, present, |_| Place { module: 2, element: 5, finding: Finding::Unnamed }, &mut frames);
    frames.to_vec()
}

/// Writes a 16-bit object; the abort code, if it is refused.
fn write_u16(node: &mut Node<ModuleField>, index: u16, sub: u8, value: u16) -> Option<u32> {
    let ([i0, i1], [low, high]) = (index.to_le_bytes(), value.to_le_bytes());
    abort_code(node, &mut Fields { program: 1 }, [0x2B, i0, i1, sub, low, high, 0, 0])
}

#[test]
fn heartbeats_may_come_more_often_and_never_less() {
    let (mut node, _) = module();
    let beats = |node: &mut Node<ModuleField>| {
        let sent = (0..20).flat_map(|_| tick(node, Duration::millis(100), ConditionSet::EMPTY));
        sent.filter(|frame| from_heartbeat(frame).is_some()).count()
    };
    assert_eq!(beats(&mut node), 4);
    assert_eq!(write_u16(&mut node, 0x1017, 0, 200), None);
    assert_eq!(beats(&mut node), 10);
    assert_eq!(write_u16(&mut node, 0x1017, 0, 1000), Some(0x0609_0031), "too high");
    assert_eq!(write_u16(&mut node, 0x1017, 0, 0), Some(0x0609_0032), "too low: off");
    assert_eq!(beats(&mut node), 10);
}

#[test]
fn a_slow_caller_sends_one_heartbeat_a_tick() {
    let (mut node, _) = module();
    assert_eq!(tick(&mut node, Duration::secs(60), ConditionSet::EMPTY), [standard(0x702, &[0x05])]);
}

#[test]
fn network_management_stops_and_starts_the_node() {
    let (mut node, mut fields) = module();
    assert_eq!(node.boot(2), Some(standard(0x702, &[0x00])));
    assert!(node.is_operational());
    let stop = network_command(NmtCommand::StopRemoteNode, 2).unwrap();
    assert_eq!(stop, standard(0x000, &[0x02, 2]));
    assert!(node.accepts(&stop));
    assert_eq!(command(&mut node, &stop, &mut fields), Some(NodeEvent::Stopped));
    assert!(!node.is_operational());
    // A stopped node answers no SDO, but still says that it lives.
    let read = standard(0x602, &[0x40, 0x00, 0x10, 0, 0, 0, 0, 0]);
    assert!(ask(&mut node, &read, &mut fields).is_none());
    let said = tick(&mut node, Duration::millis(500), ConditionSet::EMPTY.with(Fault::Bms));
    assert_eq!(said, [standard(0x702, &[0x04])]);
    // To all nodes.
    let start = network_command(NmtCommand::StartRemoteNode, 0).unwrap();
    assert_eq!(command(&mut node, &start, &mut fields), Some(NodeEvent::Started));
    assert!(ask(&mut node, &read, &mut fields).is_some());
    let reset = network_command(NmtCommand::ResetNode, 2).unwrap();
    assert_eq!(command(&mut node, &reset, &mut fields), Some(NodeEvent::Reset));
    // To another node.
    let other = network_command(NmtCommand::StopRemoteNode, 3).unwrap();
    assert_eq!(command(&mut node, &other, &mut fields), None);
}

#[test]
fn the_filter_lets_only_its_own_frames_through() {
    let (node, _) = module();
    let accepted: Vec<u16> = (0..0x800).filter(|id| node.accepts(&standard(*id, &[0; 8]))).collect();
    assert_eq!(accepted, [0x000, 0x080, 0x602]);
    assert!(!node.accepts(&Frame::full(ExtendedId::new(0x602).unwrap(), [0; 8])));
}

#[test]
fn without_an_address_a_node_is_silent_and_deaf() {
    let mut node = Node::new(0, IDENTITY, MODULE_DICTIONARY);
    assert!((0..0x800).all(|id| !node.accepts(&standard(id, &[0; 8]))));
    assert_eq!(tick(&mut node, Duration::secs(10), ConditionSet::EMPTY.with(Fault::Bms)), []);
    assert_eq!(node.boot(0), None);
    assert!(!node.is_operational());
}

#[test]
fn each_new_condition_is_told_once_with_its_place_and_its_end_too() {
    let (mut node, mut fields) = module();
    node.boot(2);
    let mut tell = |present: ConditionSet| {
        let frames = tick(&mut node, Duration::millis(10), present);
        frames.iter().map(|frame| (frame.standard_id().unwrap(), *frame.eight().unwrap())).collect::<Vec<_>>()
    };
    let hot = ConditionSet::EMPTY.with(Alarm::HighTemperature);
    let both = hot.with(Fault::OverVoltage);
    // 0x4200 device temperature, register generic and temperature; condition bit 0, module 2, sensor 5, come, one now.
    assert_eq!(tell(hot), [(0x082, [0x00, 0x42, 0x09, 0, 2, 5, 1, 1])]);
    assert_eq!(tell(hot), []);
    // 0x3210 overvoltage; over-voltage fault is bit 11.
    assert_eq!(tell(both), [(0x082, [0x10, 0x32, 0x0D, 11, 2, 5, 1, 2])]);
    assert_eq!(tell(hot), [(0x082, [0x00, 0x00, 0x09, 11, 2, 5, 0, 1])]);
    assert_eq!(tell(ConditionSet::EMPTY), [(0x082, [0, 0, 0, 0, 2, 5, 0, 0])]);
    assert_eq!(tell(both).len(), 2, "two at once: two messages");
    // Object 0x1003: four errors, the newest first; error code, condition, module.
    let mut read = |sub| {
        let answer = ask(&mut node, &standard(0x602, &[0x40, 0x03, 0x10, sub, 0, 0, 0, 0]), &mut fields);
        u32::from_le_bytes(answer.unwrap().data()[4..8].try_into().unwrap())
    };
    assert_eq!(read(0), 4);
    assert_eq!(read(1), 0x020B_3210);
    assert_eq!(read(2), 0x0200_4200);
    assert_eq!(read(5), 0, "no more were told");
    assert_eq!(abort_code(&mut node, &mut fields, [0x2F, 0x03, 0x10, 0, 1, 0, 0, 0]), Some(0x0609_0031));
    assert_eq!(abort_code(&mut node, &mut fields, [0x2F, 0x03, 0x10, 0, 0, 0, 0, 0]), None);
    let count = ask(&mut node, &standard(0x602, &[0x40, 0x03, 0x10, 0, 0, 0, 0, 0]), &mut fields);
    assert_eq!(count.unwrap().data()[4], 0, "forgotten");
}

#[test]
fn all_conditions_at_once_lose_no_message() {
    let (mut node, _) = module();
    let all = ConditionSet::from_bits(u32::MAX);
    let mut told: VecDeque<u8> = VecDeque::new();
    for _ in 0..7 {
        let frames = tick(&mut node, Duration::ZERO, all);
        assert!(frames.len() <= 4, "room must be left for process data");
        told.extend(frames.iter().map(|frame| frame.data()[3]));
    }
    let bits: Vec<u8> = Condition::all().map(|condition| condition.bit() as u8).collect();
    assert_eq!(told, bits);
}

#[test]
fn a_watched_node_is_lost_once() {
    let mut watch = HeartbeatConsumer::default();
    assert!(!watch.tick(Duration::secs(100)), "a node that was never heard is not lost");
    watch.heard(Duration::secs(1));
    assert!(watch.is_alive());
    assert!(!watch.tick(Duration::millis(999)));
    assert!(watch.tick(Duration::millis(1)));
    assert_eq!(watch, HeartbeatConsumer::Lost);
    assert!(!watch.is_alive());
    assert!(!watch.tick(Duration::secs(1)));
    watch.heard(Duration::secs(1));
    assert!(watch.is_alive());
}

#[test]
fn process_data_are_due_in_their_periods_or_with_every_slower_sample() {
    let count = |period: Duration, ticks: usize| {
        let mut schedule = Schedule::new();
        let due: Vec<_> = (0..ticks).map(|_| schedule.tick(period)).collect();
        (due.iter().filter(|due| due.fast).count(), due.iter().filter(|due| due.slow == 0x3FF).count())
    };
    assert_eq!(count(Duration::millis(10), 200), (20, 2));
    assert_eq!(count(Duration::millis(100), 20), (20, 2));
    assert_eq!(count(Duration::secs(60), 5), (5, 5));
}

#[test]
fn slow_process_data_that_have_changed_do_not_wait_for_their_turn() {
    let mut schedule = Schedule::new();
    let ten = Duration::millis(10);
    schedule.tick(ten);
    let mut sent = |hurried: bool, ticks: usize| {
        let mut count = 0;
        for _ in 0..ticks {
            if hurried {
                schedule.hurry_slow(7);
            }
            count += usize::from(schedule.tick(ten).has_slow(7));
        }
        count
    };
    assert_eq!(sent(false, 50), 0, "every second");
    assert_eq!(sent(true, 1), 1, "at once");
    assert_eq!(sent(true, 100), 10, "but no more often than state and limits");
}

#[test]
fn slow_process_data_can_wait_for_sync() {
    let (mut node, mut fields) = module();
    node.boot(2);
    // TPDO 5, cells 5 to 8: after every third SYNC. TPDO 1, status: protection depends on it.
    let set_type =
        |index: u16, kind: u8| [0x2F, index.to_le_bytes()[0], index.to_le_bytes()[1], 2, kind, 0, 0, 0];
    assert_eq!(abort_code(&mut node, &mut fields, set_type(0x1804, 3)), None);
    assert_eq!(abort_code(&mut node, &mut fields, set_type(0x1804, 250)), Some(0x0609_0030), "reserved");
    assert_eq!(abort_code(&mut node, &mut fields, set_type(0x1800, 3)), Some(0x0601_0002), "read only");
    let sync = standard(0x080, &[]);
    assert!(node.accepts(&sync));
    let due: Vec<u16> = (0..6)
        .map(|_| match command(&mut node, &sync, &mut fields) {
            Some(NodeEvent::Synced(due)) => due.slow,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(due, [0, 0, 0b10, 0, 0, 0b10]);
    let mut frames = Frames::new();
    let timed = node.tick(Duration::secs(1), ConditionSet::EMPTY, |_| Place::default(), &mut frames);
    assert_eq!(timed.slow, 0b11_1111_1101, "the others go by their timers");
}

#[test]
fn a_node_told_to_produces_sync() {
    let (mut node, mut fields) = module();
    node.boot(2);
    let syncs = |node: &mut Node<ModuleField>| {
        let sent = (0..10).flat_map(|_| tick(node, Duration::millis(100), ConditionSet::EMPTY));
        sent.filter(|frame| frame.standard_id() == Some(0x080)).count()
    };
    assert_eq!(syncs(&mut node), 0);
    // 0x1006: 200 ms, in microseconds. 0x1005: bit 30.
    assert_eq!(abort_code(&mut node, &mut fields, [0x23, 0x06, 0x10, 0, 0x40, 0x0D, 0x03, 0]), None);
    assert_eq!(abort_code(&mut node, &mut fields, [0x23, 0x05, 0x10, 0, 0x80, 0, 0, 0x40]), None);
    assert_eq!(syncs(&mut node), 5);
    let other_id = abort_code(&mut node, &mut fields, [0x23, 0x05, 0x10, 0, 0x81, 0, 0, 0]);
    assert_eq!(other_id, Some(0x0609_0030));
    assert_eq!(abort_code(&mut node, &mut fields, [0x23, 0x05, 0x10, 0, 0x80, 0, 0, 0]), None);
    assert_eq!(syncs(&mut node), 0);
}

/// Reads an object of the node with the small client.
fn small_read(index: u16, sub: u8) -> ReadProgress {
    let (mut node, mut fields) = module();
    let mut client = SdoClient::default();
    let mut request = client.read(2, index, sub, Duration::secs(1));
    for _ in 0..20 {
        let answer = ask(&mut node, &request, &mut fields).unwrap();
        match client.on_frame(&answer, Duration::secs(1)).unwrap() {
            ReadProgress::Send(next) => request = next,
            end @ (ReadProgress::Done(_) | ReadProgress::Refused(_) | ReadProgress::Garbled) => {
                assert!(!client.is_busy());
                return end;
            }
        }
    }
    panic!("no end");
}

#[test]
fn the_small_client_reads_texts_and_numbers() {
    let bytes = |index, sub| match small_read(index, sub) {
        ReadProgress::Done(text) => text.as_bytes().to_vec(),
        other => panic!("{other:?}"),
    };
    assert_eq!(bytes(0x100A, 0), b"V0100001");
    assert_eq!(bytes(0x2006, 1), b"SH2004400VE000000001");
    assert_eq!(bytes(0x2000, 2), [0xF9, 0x01]);
    assert_eq!(bytes(0x1018, 2), [0x05, 0x53, 0x54, 0x42]);
    assert_eq!(small_read(0x5000, 0), ReadProgress::Refused(0x0602_0000));
}

#[test]
fn the_small_client_gives_up_in_time_and_ignores_others() {
    let mut client = SdoClient::default();
    client.read(2, 0x100A, 0, Duration::millis(300));
    assert_eq!(client.on_frame(&standard(0x583, &[0x80; 8]), Duration::secs(1)), None);
    assert!(!client.tick(Duration::millis(299)));
    assert!(client.tick(Duration::millis(1)));
    assert!(!client.is_busy());
    assert!(!client.tick(Duration::secs(1)));
    assert_eq!(client.on_frame(&standard(0x582, &[0x43; 8]), Duration::secs(1)), None);
    // An answer about another object.
    client.read(2, 0x100A, 0, Duration::millis(300));
    let other = standard(0x582, &[0x43, 0x08, 0x10, 0, 0, 0, 0, 0]);
    assert_eq!(client.on_frame(&other, Duration::secs(1)), None);
    assert!(client.is_busy(), "somebody else has asked for that");
}

fn check_dictionary<F: Copy>(dictionary: &Dictionary<F>) {
    let places: Vec<(u16, u8)> = dictionary.items().map(|item| (item.index, item.entry.sub)).collect();
    let mut sorted = places.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), places.len(), "each place once");
    for item in dictionary.items() {
        let (index, sub) = (item.index, item.entry.sub);
        assert!(matches!(index, 0x1000..=0x5FFF), "{index:#06x}");
        let found = dictionary.entry(index, sub).map(|entry| (entry.sub, entry.name));
        assert_eq!(found, Ok((sub, item.entry.name)), "{index:#06x}");
        assert!(!item.entry.name.is_empty() && !item.object.is_empty());
    }
    for pdo in dictionary.pdos {
        let bits: usize = dictionary.mapped(pdo).map(|entry| entry.data_type.size().unwrap() * 8).sum();
        assert_eq!(dictionary.mapped(pdo).count(), pdo.mapping.len(), "{}", pdo.name);
        assert!((8..=64).contains(&bits) && bits.is_multiple_of(8), "{}: {bits}", pdo.name);
    }
}

#[test]
fn dictionaries_are_well_formed() {
    check_dictionary::<ModuleField>(MODULE_DICTIONARY);
    check_dictionary::<BduField>(BDU_DICTIONARY);
}

#[test]
fn the_distribution_unit_publishes_its_frames_under_their_identifiers() {
    struct Nothing;
    impl Objects<BduField> for Nothing {
        fn read(&self, _: BduField) -> Value {
            Value::U8(0)
        }
        fn write(&mut self, _: BduField, _: Value) -> Result<(), Abort> {
            Err(Abort::DeviceState)
        }
    }
    let mut node = Node::new(9, IDENTITY, BDU_DICTIONARY);
    let ids = (0x1800..0x1808_u16).map(|index| {
        let [low, high] = index.to_le_bytes();
        let answer = ask(&mut node, &standard(0x609, &[0x40, low, high, 1, 0, 0, 0, 0]), &mut Nothing);
        u16::from_le_bytes(answer.unwrap().data()[4..6].try_into().unwrap())
    });
    assert_eq!(ids.collect::<Vec<_>>(), [0x189, 0x289, 0x389, 0x489, 0x201, 0x202, 0x203, 0x204]);
    let refused = ask(&mut node, &standard(0x609, &[0x2F, 0x51, 0x1F, 1, 0, 0, 0, 0]), &mut Nothing);
    assert_eq!(refused.unwrap().data()[4..], 0x0800_0022_u32.to_le_bytes());
}

#[test]
fn states_are_small() {
    assert!(size_of::<Node<ModuleField>>() <= 512, "{}", size_of::<Node<ModuleField>>());
    assert!(size_of::<SdoServer>() < 128, "{}", size_of::<SdoServer>());
    assert!(size_of::<SdoClient>() <= 64, "{}", size_of::<SdoClient>());
    assert!(size_of::<HeartbeatConsumer>() <= 16);
}

proptest! {
    #[test]
    fn any_answers_never_panic_the_small_client(
        answers in prop::collection::vec(any::<[u8; 8]>(), 1..40),
    ) {
        let mut client = SdoClient::default();
        for request in answers {
            client.read(2, 0x100A, 0, Duration::secs(1));
            for answer in [request, [0x41, 0x0A, 0x10, 0, 8, 0, 0, 0], request, request] {
                let _ = client.on_frame(&standard(0x582, &answer), Duration::secs(1));
            }
        }
    }

    #[test]
    fn any_short_frame_changes_nothing(id in 0_u16..0x800, data in prop::collection::vec(any::<u8>(), 0..8)) {
        let (mut node, mut fields) = module();
        let before = node.clone();
        let mut frames = Frames::new();
        let event = node.on_frame(&standard(id, &data), &mut fields, &mut frames);
        prop_assert!(frames.is_empty());
        prop_assert!(event.is_some() || node == before);
    }
}
