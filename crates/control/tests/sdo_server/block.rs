//! Block transfer.

use proptest::prelude::*;
use voltower_protocols::canopen::{Bytes, Value};

use crate::block_client::{Client, End, check_sum};
use crate::rig::{HIGHEST, I8, OCTETS, Rig, TEXT, U8, U16, U64, about};

const START: [u8; 8] = [0xA3, 0, 0, 0, 0, 0, 0, 0];

/// A read by block: block size and protocol switch threshold.
fn read(sub: u8, block_size: u8, threshold: u8) -> [u8; 8] {
    about(0xA4, sub, [block_size, threshold, 0, 0])
}

fn acknowledge(good: u8, block_size: u8) -> [u8; 8] {
    [0xA2, good, block_size, 0, 0, 0, 0, 0]
}

#[test]
fn the_check_sum_is_that_of_cia_301() {
    assert_eq!(check_sum(b"123456789"), 0x31C3);
}

#[test]
fn a_read_frame_by_frame() {
    let mut rig = Rig::with(TEXT, Value::Text(Bytes::new(b"123456789")));
    assert_eq!(rig.ask(read(TEXT, 127, 0)), about(0xC6, TEXT, [9, 0, 0, 0]));
    assert_eq!(rig.send(START), [*b"\x011234567", *b"\x8289\0\0\0\0\0"]);
    // Five bytes of the last segment are unused.
    assert_eq!(rig.ask(acknowledge(2, 127)), [0xD5, 0xC3, 0x31, 0, 0, 0, 0, 0]);
    assert!(rig.send([0xA1, 0, 0, 0, 0, 0, 0, 0]).is_empty());
    assert_eq!(rig.refusal(acknowledge(2, 127)), 0x0504_0001);
}

#[test]
fn a_write_frame_by_frame() {
    let mut rig = Rig::new();
    // The server takes five segments, which is the longest text.
    assert_eq!(rig.ask(about(0xC6, TEXT, [9, 0, 0, 0])), about(0xA4, TEXT, [5, 0, 0, 0]));
    assert!(rig.send(*b"\x011234567").is_empty());
    assert_eq!(rig.ask(*b"\x8289\0\0\0\0\0"), acknowledge(2, 5));
    assert_eq!(rig.store.writes, 0);
    assert_eq!(rig.ask([0xD5, 0xC3, 0x31, 0, 0, 0, 0, 0]), [0xA1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!((rig.text(), rig.store.writes), (b"123456789".to_vec(), 1));
}

#[test]
fn a_read_that_lost_a_segment_goes_on_behind_the_gap() {
    let mut rig = Rig::with(TEXT, Value::Text(Bytes::new(b"0123456789abcdefghijklmnopqrstuv")));
    rig.ask(read(TEXT, 3, 0));
    assert_eq!(rig.send(START), [*b"\x010123456", *b"\x02789abcd", *b"\x03efghijk"]);
    // The second was lost; from now on two at once.
    assert_eq!(rig.send(acknowledge(1, 2)), [*b"\x01789abcd", *b"\x02efghijk"]);
    assert_eq!(rig.send(acknowledge(0, 2)), [*b"\x01789abcd", *b"\x02efghijk"]);
    assert_eq!(rig.send(acknowledge(2, 127)), [*b"\x01lmnopqr", *b"\x82stuv\0\0\0"]);
    assert_eq!(rig.ask(acknowledge(2, 127))[0], 0xCD);
}

#[test]
fn a_write_that_lost_a_segment_is_acknowledged_up_to_the_gap() {
    let mut rig = Rig::new();
    rig.ask(about(0xC2, TEXT, [19, 0, 0, 0]));
    assert!(rig.send(*b"\x010123456").is_empty());
    assert_eq!(rig.ask(*b"\x83efghi\0\0"), acknowledge(1, 5));
    assert!(rig.send(*b"\x01789abcd").is_empty());
    // One that came twice does no harm.
    assert!(rig.send(*b"\x01789abcd").is_empty());
    assert_eq!(rig.ask(*b"\x82efghi\0\0"), acknowledge(2, 5));
    assert_eq!(rig.ask([0xC9, 0, 0, 0, 0, 0, 0, 0]), [0xA1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(rig.text(), b"0123456789abcdefghi");
}

#[test]
fn numbers_go_by_block_too() {
    let client = Client::default();
    for (sub, value) in [(I8, Value::I8(-5)), (U16, Value::U16(0xABCD)), (U64, Value::U64(u64::MAX - 2))] {
        let mut rig = Rig::new();
        let bytes = value.bytes().as_bytes().to_vec();
        assert_eq!(client.write(&mut rig, sub, &bytes), End::Done(bytes.clone()));
        assert_eq!(rig.value(sub), value);
        assert_eq!(client.read(&mut rig, sub), End::Done(bytes));
    }
}

#[test]
fn a_short_value_is_read_without_block_if_the_client_prefers_that() {
    let mut rig = Rig::new();
    // The text has ten bytes: at most as long as the threshold.
    assert_eq!(rig.ask(read(TEXT, 127, 10)), about(0x41, TEXT, [10, 0, 0, 0]));
    assert_eq!(rig.ask([0x60, 0, 0, 0, 0, 0, 0, 0]), *b"\0ABCDEFG");
    assert_eq!(rig.ask(read(U16, 127, 2)), about(0x4B, U16, [0x34, 0x12, 0, 0]));
    assert_eq!(rig.ask(read(TEXT, 127, 9)), about(0xC6, TEXT, [10, 0, 0, 0]));
    assert_eq!(rig.ask(read(TEXT, 127, 0)), about(0xC6, TEXT, [10, 0, 0, 0]));
}

#[test]
fn a_read_with_wrong_numbers_is_refused() {
    let mut rig = Rig::new();
    assert_eq!(rig.refusal(read(TEXT, 0, 0)), 0x0504_0002);
    assert_eq!(rig.refusal(read(TEXT, 128, 0)), 0x0504_0002);
    assert_eq!(rig.refusal(read(11, 127, 0)), 0x0609_0011);
    let mut acknowledged = |good, block_size| {
        rig.ask(read(TEXT, 1, 0));
        rig.send(START);
        rig.refusal(acknowledge(good, block_size))
    };
    // Only one segment was sent; a block has 1 to 127.
    assert_eq!(acknowledged(2, 127), 0x0504_0003);
    assert_eq!(acknowledged(1, 0), 0x0504_0002);
    assert_eq!(acknowledged(1, 128), 0x0504_0002);
    // Out of turn: acknowledged or confirmed before the start, started twice.
    rig.ask(read(TEXT, 127, 0));
    assert_eq!(rig.refusal(acknowledge(1, 127)), 0x0504_0001);
    rig.ask(read(TEXT, 127, 0));
    assert_eq!(rig.refusal([0xA1, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
    rig.ask(read(TEXT, 127, 0));
    rig.send(START);
    assert_eq!(rig.refusal(START), 0x0504_0001);
}

#[test]
fn a_write_with_wrong_numbers_is_refused() {
    let mut rig = Rig::new();
    assert_eq!(rig.refusal(about(0xC2, TEXT, [33, 0, 0, 0])), 0x0607_0012);
    assert_eq!(rig.refusal([0xC2, 0x01, 0x20, TEXT, 3, 0, 0, 0]), 0x0601_0002);
    assert_eq!(rig.refusal([0xC1, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
    for number in [0x00, 0x06, 0x86, 0x1F] {
        rig.ask(about(0xC0, TEXT, [0; 4]));
        assert_eq!(rig.refusal([number, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0003);
    }
    // An end before the last segment.
    rig.ask(about(0xC0, TEXT, [0; 4]));
    assert!(rig.send([0x01, 0, 0, 0, 0, 0, 0, 0]).is_empty());
    assert_eq!(rig.refusal([0xC1, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0003);
    // A segment after the last.
    rig.ask(about(0xC0, TEXT, [0; 4]));
    rig.ask([0x81, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(rig.refusal([0x82, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
    assert_eq!(rig.refusal([0x82, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
    assert_eq!(rig.store.writes, 0);
}

#[test]
fn a_write_must_be_right_at_the_end() {
    let mut rig = Rig::new();
    let mut write = |begin, segment: [u8; 8], end: [u8; 8]| {
        rig.ask(begin);
        assert_eq!(rig.ask(segment), acknowledge(1, 5));
        rig.refusal(end)
    };
    let end = |command| [command, 0, 0, 0, 0, 0, 0, 0];
    // The check sum of "1" is not 0; six bytes were announced; a number is too short; too high for the controller.
    assert_eq!(write(about(0xC4, TEXT, [0; 4]), *b"\x811\0\0\0\0\0\0", end(0xD9)), 0x0504_0004);
    assert_eq!(write(about(0xC2, TEXT, [6, 0, 0, 0]), *b"\x811\0\0\0\0\0\0", end(0xD9)), 0x0607_0010);
    assert_eq!(write(about(0xC0, U16, [0; 4]), *b"\x811\0\0\0\0\0\0", end(0xD9)), 0x0607_0013);
    assert_eq!(write(about(0xC0, U8, [0; 4]), [0x81, HIGHEST + 1, 0, 0, 0, 0, 0, 0], end(0xD9)), 0x0609_0031);
    assert_eq!(rig.store.writes, 0);
}

#[test]
fn a_write_longer_than_any_text_is_refused() {
    for length in 33..60 {
        let mut rig = Rig::new();
        for lost in [[false, false], [true, false], [true, true]] {
            let client = Client { has_size: false, lost: &lost, ..Client::default() };
            assert_eq!(client.write(&mut rig, OCTETS, &vec![1; length]), End::Aborted(0x0607_0012));
            assert_eq!(rig.store.writes, 0);
        }
    }
    // 35 bytes, and no end in sight.
    let mut rig = Rig::new();
    rig.ask(about(0xC0, TEXT, [0; 4]));
    for number in 1..=4 {
        assert!(rig.send([number, 1, 2, 3, 4, 5, 6, 7]).is_empty());
    }
    assert_eq!(rig.refusal([5, 1, 2, 3, 4, 5, 6, 7]), 0x0607_0012);
}

#[test]
fn a_client_can_leave_a_block_at_any_time() {
    let mut rig = Rig::new();
    for is_aborted in [true, false] {
        for begin in [about(0xC6, TEXT, [9, 0, 0, 0]), read(TEXT, 127, 0)] {
            rig.ask(begin);
            if is_aborted {
                assert!(rig.send(about(0x80, TEXT, [0; 4])).is_empty());
                assert_eq!(rig.refusal([0x01, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
            } else {
                assert_eq!(rig.ask(about(0x40, U8, [0; 4])), about(0x4F, U8, [7, 0, 0, 0]));
            }
            assert_eq!(rig.refusal(START), 0x0504_0001);
        }
    }
    assert_eq!(rig.store.writes, 0);
}

proptest! {
    #[test]
    fn any_octets_come_back_whatever_is_lost(
        bytes in prop::collection::vec(any::<u8>(), 0..=32),
        has_crc in any::<bool>(),
        has_size in any::<bool>(),
        block_sizes in prop::collection::vec(1_u8..=127, 1..5),
        small_sizes in prop::collection::vec(1_u8..=4, 1..5),
        is_small in any::<bool>(),
        lost in prop::collection::vec(any::<bool>(), 0..40),
    ) {
        let block_sizes = if is_small { &small_sizes } else { &block_sizes };
        let client = Client { has_crc, has_size, block_sizes, lost: &lost };
        let mut rig = Rig::new();
        prop_assert_eq!(client.write(&mut rig, OCTETS, &bytes), End::Done(bytes.clone()));
        prop_assert_eq!(rig.value(OCTETS), Value::Octets(Bytes::new(&bytes)));
        prop_assert_eq!(rig.store.writes, 1);
        prop_assert_eq!(client.read(&mut rig, OCTETS), End::Done(bytes));
    }

    #[test]
    fn one_wrong_bit_is_found(
        bytes in prop::collection::vec(any::<u8>(), 1..=7),
        which in any::<prop::sample::Index>(),
    ) {
        let bit = which.index(bytes.len() * 8);
        let mut rig = Rig::new();
        rig.ask(about(0xC4, OCTETS, [0; 4]));
        let mut segment = [0; 8];
        segment[0] = 0x81;
        segment[1..=bytes.len()].copy_from_slice(&bytes);
        segment[1 + bit / 8] ^= 1 << (bit % 8);
        rig.ask(segment);
        let [low, high] = check_sum(&bytes).to_le_bytes();
        let unused = 7 - bytes.len() as u8;
        prop_assert_eq!(rig.refusal([0xC1 | unused << 2, low, high, 0, 0, 0, 0, 0]), 0x0504_0004);
    }
}
