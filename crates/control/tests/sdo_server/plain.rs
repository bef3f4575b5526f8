//! Expedited and segmented transfer.

use canopen_rs::sdo::{SdoClient as Oracle, SdoEvent};
use canopen_rs::{Address, ByteString, DataType as OracleType, NodeId, Value as OracleValue};
use voltower_protocols::canopen::{Bytes, Value};

use crate::rig::{
    BOOL, HIGHEST, I8, I16, I32, INDEX, OCTETS, READ_ONLY, Rig, TEXT, U8, U16, U32, U64, abort_code, about,
};

/// Plays a transfer between the oracle and the node to its end.
fn finish(client: &mut Oracle, first: [u8; 8], rig: &mut Rig) -> SdoEvent {
    let mut request = first;
    for _ in 0..20 {
        match client.on_response(&rig.ask(request)) {
            SdoEvent::Send(next) => request = next,
            end => return end,
        }
    }
    panic!("no end");
}

fn read(rig: &mut Rig, sub: u8, data_type: OracleType) -> SdoEvent {
    let mut client = Oracle::new(NodeId::new(2).unwrap());
    let first = client.read(Address::new(INDEX, sub), data_type);
    finish(&mut client, first, rig)
}

fn write(rig: &mut Rig, index: u16, sub: u8, value: OracleValue) -> SdoEvent {
    let mut client = Oracle::new(NodeId::new(2).unwrap());
    let first = client.write(Address::new(index, sub), value);
    finish(&mut client, first, rig)
}

#[test]
fn an_independent_client_writes_and_reads_every_type() {
    let octets = [0, 0xFF, 3, 4, 5, 6, 7, 8, 9];
    let cases = [
        (BOOL, OracleValue::Boolean(false), Value::Bool(false)),
        (I8, OracleValue::Integer8(-100), Value::I8(-100)),
        (I16, OracleValue::Integer16(-30_000), Value::I16(-30_000)),
        (I32, OracleValue::Integer32(-2_000_000_000), Value::I32(-2_000_000_000)),
        (U8, OracleValue::Unsigned8(99), Value::U8(99)),
        (U16, OracleValue::Unsigned16(0xFEDC), Value::U16(0xFEDC)),
        (U32, OracleValue::Unsigned32(0xFEDC_BA98), Value::U32(0xFEDC_BA98)),
        (U64, OracleValue::Unsigned64(u64::MAX - 1), Value::U64(u64::MAX - 1)),
        (
            OCTETS,
            OracleValue::OctetString(ByteString::from_bytes(&octets).unwrap()),
            Value::Octets(Bytes::new(&octets)),
        ),
    ];
    for (sub, theirs, ours) in cases {
        let mut rig = Rig::new();
        let data_type = theirs.data_type();
        assert_eq!(write(&mut rig, INDEX, sub, theirs), SdoEvent::Complete(None));
        assert_eq!((rig.value(sub), rig.store.writes), (ours, 1));
        assert_eq!(read(&mut rig, sub, data_type), SdoEvent::Complete(Some(theirs)));
    }
}

#[test]
fn an_independent_client_writes_and_reads_texts_of_every_length() {
    for length in 0..=32 {
        let text = "abcdefghijklmnopqrstuvwxyz012345".get(..length).unwrap();
        let theirs = OracleValue::VisibleString(ByteString::from_str(text).unwrap());
        let mut rig = Rig::new();
        assert_eq!(write(&mut rig, INDEX, TEXT, theirs), SdoEvent::Complete(None));
        assert_eq!(rig.text(), text.as_bytes());
        assert_eq!(read(&mut rig, TEXT, OracleType::VisibleString), SdoEvent::Complete(Some(theirs)));
    }
}

#[test]
fn a_long_number_is_read_in_segments() {
    let mut rig = Rig::new();
    assert_eq!(rig.ask(about(0x40, U64, [0; 4])), about(0x41, U64, [8, 0, 0, 0]));
    assert_eq!(rig.ask([0x60, 0, 0, 0, 0, 0, 0, 0]), [0x00, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23]);
    // One byte is left, six are unused.
    assert_eq!(rig.ask([0x70, 0, 0, 0, 0, 0, 0, 0]), [0x1D, 0x01, 0, 0, 0, 0, 0, 0]);
    // Short ones are expedited: 3, 2 and 0 bytes are unused.
    assert_eq!(rig.ask(about(0x40, I8, [0; 4])), about(0x4F, I8, [0xFE, 0, 0, 0]));
    assert_eq!(rig.ask(about(0x40, U16, [0; 4])), about(0x4B, U16, [0x34, 0x12, 0, 0]));
    assert_eq!(rig.ask(about(0x40, U32, [0; 4])), about(0x43, U32, [0x78, 0x56, 0x34, 0x12]));
}

#[test]
fn a_short_number_may_be_written_in_segments() {
    // With the size announced, and without.
    for announcement in [about(0x21, U16, [2, 0, 0, 0]), about(0x20, U16, [0; 4])] {
        let mut rig = Rig::new();
        assert_eq!(rig.ask(announcement), about(0x60, U16, [0; 4]));
        assert_eq!(rig.ask([0x0B, 0xCD, 0xAB, 0, 0, 0, 0, 0]), [0x20, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(rig.value(U16), Value::U16(0xABCD));
    }
    // In two segments, the second with the toggle bit; nothing is written before it.
    let mut rig = Rig::new();
    rig.ask(about(0x20, U16, [0; 4]));
    assert_eq!(rig.ask([0x0C, 0xCD, 0, 0, 0, 0, 0, 0]), [0x20, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(rig.store.writes, 0);
    assert_eq!(rig.ask([0x1D, 0xAB, 0, 0, 0, 0, 0, 0]), [0x30, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(rig.value(U16), Value::U16(0xABCD));
}

#[test]
fn an_expedited_write_may_leave_out_the_size() {
    let mut rig = Rig::new();
    assert_eq!(rig.ask(about(0x22, U16, [0xCD, 0xAB, 9, 9])), about(0x60, U16, [0; 4]));
    assert_eq!(rig.value(U16), Value::U16(0xABCD));
    assert_eq!(rig.ask(about(0x22, TEXT, *b"wxyz")), about(0x60, TEXT, [0; 4]));
    assert_eq!(rig.text(), b"wxyz");
    assert_eq!(rig.ask(about(0x2B, TEXT, *b"ab??")), about(0x60, TEXT, [0; 4]));
    assert_eq!(rig.text(), b"ab");
    assert_eq!(rig.refusal(about(0x22, U64, [0; 4])), 0x0607_0013);
    assert_eq!(rig.refusal(about(0x23, U64, [0; 4])), 0x0607_0013);
    assert_eq!(rig.refusal(about(0x23, U16, [0; 4])), 0x0607_0012);
}

#[test]
fn what_cannot_be_written_is_refused_before_it_comes() {
    let mut rig = Rig::new();
    assert_eq!(rig.refusal(about(0x21, U16, [3, 0, 0, 0])), 0x0607_0012);
    assert_eq!(rig.refusal(about(0x21, U16, [1, 0, 0, 0])), 0x0607_0013);
    assert_eq!(rig.refusal(about(0x21, TEXT, [33, 0, 0, 0])), 0x0607_0012);
    assert_eq!(rig.refusal(about(0x21, TEXT, [10, 0, 0, 1])), 0x0607_0012);
    assert_eq!(rig.refusal(about(0x21, 0, [1, 0, 0, 0])), 0x0601_0002);
    assert_eq!(rig.refusal(about(0x21, 11, [1, 0, 0, 0])), 0x0609_0011);
    assert_eq!(rig.refusal([0x21, 0, 0x30, 0, 1, 0, 0, 0]), 0x0602_0000);
    let text = OracleValue::VisibleString(ByteString::from_str("longer than four").unwrap());
    assert_eq!(write(&mut rig, READ_ONLY, TEXT, text), SdoEvent::Aborted(0x0601_0002));
    assert_eq!(rig.store.writes, 0);
}

#[test]
fn what_comes_in_segments_must_be_right_at_the_end() {
    let mut rig = Rig::new();
    let mut write = |announcement, segment| {
        assert_eq!(abort_code(rig.ask(announcement)), None);
        rig.refusal(segment)
    };
    // Eight bytes were announced, seven came; a number is too short, too long; a boolean is 0 or 1.
    assert_eq!(write(about(0x21, TEXT, [8, 0, 0, 0]), [0x01, 1, 2, 3, 4, 5, 6, 7]), 0x0607_0010);
    assert_eq!(write(about(0x20, U16, [0; 4]), [0x0D, 1, 0, 0, 0, 0, 0, 0]), 0x0607_0013);
    assert_eq!(write(about(0x20, U16, [0; 4]), [0x09, 1, 2, 3, 0, 0, 0, 0]), 0x0607_0012);
    assert_eq!(write(about(0x20, BOOL, [0; 4]), [0x0D, 2, 0, 0, 0, 0, 0, 0]), 0x0609_0030);
    // The controller does not like it.
    assert_eq!(write(about(0x20, U8, [0; 4]), [0x0D, HIGHEST + 1, 0, 0, 0, 0, 0, 0]), 0x0609_0031);
    // The first segment has no toggle bit; a read is no write.
    assert_eq!(write(about(0x20, TEXT, [0; 4]), [0x10, 1, 2, 3, 4, 5, 6, 7]), 0x0503_0000);
    assert_eq!(write(about(0x20, TEXT, [0; 4]), [0x60, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
    assert_eq!(write(about(0x40, TEXT, [0; 4]), [0x00, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
    assert_eq!(rig.store.writes, 0);
}

#[test]
fn a_text_without_end_is_refused_when_it_is_too_long() {
    let mut rig = Rig::new();
    rig.ask(about(0x20, TEXT, [0; 4]));
    for toggle in [0x00, 0x10, 0x00, 0x10] {
        assert_eq!(abort_code(rig.ask([toggle, 1, 2, 3, 4, 5, 6, 7])), None);
    }
    assert_eq!(rig.ask([0x00, 1, 2, 3, 4, 5, 6, 7]), about(0x80, TEXT, [0x12, 0, 0x07, 0x06]));
    assert_eq!(rig.store.writes, 0);
}

#[test]
fn a_new_request_replaces_a_transfer() {
    let mut rig = Rig::new();
    rig.ask(about(0x20, TEXT, [0; 4]));
    rig.ask([0x00, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(rig.ask(about(0x40, U8, [0; 4])), about(0x4F, U8, [7, 0, 0, 0]));
    assert_eq!(rig.refusal([0x11, 1, 2, 3, 4, 5, 6, 7]), 0x0504_0001);
    // A value is read as it was when its read began.
    rig.ask(about(0x40, TEXT, [0; 4]));
    rig.store.values[usize::from(TEXT) - 1] = Value::Text(Bytes::new(b"other"));
    assert_eq!(rig.ask([0x60, 0, 0, 0, 0, 0, 0, 0]), *b"\0ABCDEFG");
}
