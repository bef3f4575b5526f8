//! Values of the object dictionary and refusals: bytes and codes typed from CiA 301, round trips, any bytes.

use proptest::prelude::*;
use voltower_core::{
    Alarm, Cause, Condition, Diagnosis, Fault, ModuleState, ResetCause, StartFailure, TowerState,
};
use voltower_protocols::canopen::{Abort, Bytes, DataType, Meaning, TEXT_MAX, Value};
use voltower_protocols::link::{Event, Happening};

/// Every type with its number in CiA 301 and its bytes.
const TYPES: [(DataType, u16, Option<usize>); 10] = [
    (DataType::Bool, 0x0001, Some(1)),
    (DataType::I8, 0x0002, Some(1)),
    (DataType::I16, 0x0003, Some(2)),
    (DataType::I32, 0x0004, Some(4)),
    (DataType::U8, 0x0005, Some(1)),
    (DataType::U16, 0x0006, Some(2)),
    (DataType::U32, 0x0007, Some(4)),
    (DataType::Text, 0x0009, None),
    (DataType::Octets, 0x000A, None),
    (DataType::U64, 0x001B, Some(8)),
];

#[test]
fn types_have_their_number_and_size() {
    for (data_type, number, size) in TYPES {
        assert_eq!((data_type as u16, data_type.size()), (number, size));
    }
}

#[test]
fn numbers_travel_with_the_low_byte_first() {
    let cases: [(Value, &[u8]); 10] = [
        (Value::Bool(true), &[1]),
        (Value::U8(0xFE), &[0xFE]),
        (Value::I8(-2), &[0xFE]),
        (Value::U16(0x1234), &[0x34, 0x12]),
        (Value::I16(-2), &[0xFE, 0xFF]),
        (Value::U32(0x1234_5678), &[0x78, 0x56, 0x34, 0x12]),
        (Value::I32(-2), &[0xFE, 0xFF, 0xFF, 0xFF]),
        (Value::U64(0x0123_4567_89AB_CDEF), &[0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01]),
        (Value::Text(Bytes::new(b"BTS")), b"BTS"),
        (Value::Octets(Bytes::new(&[0, 0xFF])), &[0, 0xFF]),
    ];
    for (value, bytes) in cases {
        assert_eq!(value.bytes().as_bytes(), bytes, "{value:?}");
        assert_eq!(value.data_type().decode(bytes), Ok(value));
    }
}

#[test]
fn a_boolean_is_zero_or_one() {
    assert_eq!(DataType::Bool.decode(&[0]), Ok(Value::Bool(false)));
    assert_eq!(DataType::Bool.decode(&[2]), Err(Abort::InvalidValue));
}

#[test]
fn bytes_take_what_fits() {
    let mut bytes = Bytes::new(&[7; 30]);
    assert!(bytes.push(&[8, 9]));
    assert!(!bytes.push(&[1]));
    assert_eq!((bytes.len(), &bytes.as_bytes()[29..]), (32, &[7, 8, 9][..]));
    assert!(Bytes::EMPTY.is_empty());
}

#[test]
fn refusals_have_the_codes_of_cia_301() {
    let codes = [
        0x0503_0000,
        0x0504_0000,
        0x0504_0001,
        0x0504_0002,
        0x0504_0003,
        0x0504_0004,
        0x0601_0000,
        0x0601_0001,
        0x0601_0002,
        0x0602_0000,
        0x0604_0041,
        0x0604_0042,
        0x0607_0010,
        0x0607_0012,
        0x0607_0013,
        0x0609_0011,
        0x0609_0030,
        0x0609_0031,
        0x0609_0032,
        0x0800_0000,
        0x0800_0020,
        0x0800_0021,
        0x0800_0022,
    ];
    assert_eq!(Abort::ALL.map(Abort::code), codes);
    let mut words: Vec<&str> = Abort::ALL.map(Abort::words).to_vec();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), codes.len());
    assert_eq!(Abort::from_code(0x0504_0004).map(Abort::words), Some("CRC error"));
    assert_eq!(Abort::from_code(0x0504_0005), None);
    assert!(Abort::ALL.iter().all(|abort| Abort::from_code(abort.code()) == Some(*abort)));
}

proptest! {
    #[test]
    fn any_bytes_are_a_value_or_the_wrong_length(
        which in 0..TYPES.len(),
        bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let (data_type, _, size) = TYPES[which];
        let (least, most) = size.map_or((0, TEXT_MAX), |size| (size, size));
        match data_type.decode(&bytes) {
            Ok(value) => {
                prop_assert_eq!(value.data_type(), data_type);
                let back = value.bytes();
                prop_assert_eq!(back.as_bytes(), &bytes[..]);
            }
            Err(Abort::TooLong) => prop_assert!(bytes.len() > most),
            Err(Abort::TooShort) => prop_assert!(bytes.len() < least),
            Err(Abort::InvalidValue) => prop_assert!(data_type == DataType::Bool && bytes[0] > 1),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn values_are_read_as_people_do() {
    let show = |meaning: Meaning, value: Value| meaning.show(value).to_string();
    let volts = Meaning::Scaled { symbol: "V", per: 1000 };
    assert_eq!(show(volts, Value::U16(3_305)), "3.305 V");
    assert_eq!(show(volts, Value::I32(-5)), "-0.005 V");
    assert_eq!(show(Meaning::Scaled { symbol: "W", per: 1 }, Value::U16(1500)), "1500 W");
    let celsius = Meaning::Reading { symbol: "degC", per: 10 };
    assert_eq!(show(celsius, Value::I16(-105)), "-10.5 degC");
    assert_eq!(show(celsius, Value::I16(0x7FFF)), "not read");
    assert_eq!(show(Meaning::Hexadecimal, Value::U8(0x2A)), "0x2a");
    assert_eq!(show(Meaning::Plain, Value::Text(Bytes::new(b"roof tower  "))), "roof tower");
    assert_eq!(show(Meaning::ModuleStates, Value::U8(0x33)), "connected, converter active");
    assert_eq!(show(Meaning::TowerState, Value::U8(99)), "99");
    assert_eq!(show(Meaning::Conditions, Value::U32(0)), "none");
    // Bits 2 and 17: over-voltage alarm, communication fault.
    assert_eq!(show(Meaning::Conditions, Value::U32(0x0002_0004)), "Over voltage alarm; Communication fault");
    assert_eq!(show(Meaning::Condition, Value::U8(0xFF)), "none");
    assert_eq!(show(Meaning::ModuleState, Value::U8(0xFF)), "none");
    assert_eq!(show(Meaning::PcuState, Value::U8(0xFF)), "none");
    assert_eq!(show(Meaning::Element, Value::U8(0)), "none");
    assert_eq!(show(Meaning::Element, Value::U8(9)), "9");
    assert_eq!(show(Meaning::YesNo, Value::U8(0)), "no");
    assert_eq!(show(Meaning::YesNo, Value::U8(1)), "yes");
    assert_eq!(show(Meaning::Which, Value::U8(0)), "0, the newest");
    assert_eq!(show(Meaning::Which, Value::U8(5)), "5");
    assert_eq!(show(Meaning::Diagnosis, Value::U8(0x44)), "Link chain interrupted after module 2");
    assert_eq!(show(Meaning::Bits(&["red", "green"]), Value::U8(0b11)), "red, green");
    assert_eq!(show(Meaning::Bits(&["red", "green"]), Value::U8(0)), "none");
    assert_eq!(show(Meaning::Request, Value::U8(0x0A)), "connect, lead");
    assert_eq!(show(Meaning::Request, Value::U8(0x01)), "ready");
    assert_eq!(show(Meaning::Request, Value::U8(0x07)), "0x7", "there is none");
}

#[test]
fn events_survive_the_wire() {
    let happenings = [
        (
            Happening::Raised(Condition::Fault(Fault::Sampling), 1, 5),
            "Sampling fault, module 1, cell or sensor 5",
        ),
        (Happening::Cleared(Condition::Alarm(Alarm::OverVoltage), 0), "over: Over voltage alarm"),
        (Happening::Tower(TowerState::Standby), "tower standby"),
        (Happening::Module(ModuleState::Connected), "module connected"),
        (Happening::Anchored, "state of charge anchored"),
        (Happening::LockOut(Condition::Fault(Fault::Bms)), "locked out: BMS internal fault"),
        (Happening::LockOutsCleared, "lock-outs cleared by a person"),
        (Happening::StartFailed(StartFailure::SoftStart), "start given up: the bus did not come up"),
        (Happening::Diagnosed(Diagnosis::new(Cause::Software, 3)), "the software of module 3 differs"),
        (Happening::Addressed(2), "module 2 has its address"),
        (Happening::Configured, "configuration changed"),
        (Happening::Booted(ResetCause::Watchdog), "started: watchdog"),
        (Happening::Lost(0b1001), "memory has lost: lock-outs, lifetime counters"),
    ];
    for (what, words) in happenings {
        let event = Event { uptime: 4711, what };
        assert_eq!(Event::from_bits(event.to_bits()), Some(event));
        assert_eq!(event.to_string(), format!("4711 s: {words}"));
    }
    assert_eq!(Event::from_bits(0), None, "no event");
    assert_eq!(Event::from_bits(99 << 32), None);
}
