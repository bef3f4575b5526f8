//! SOFAR's battery frames: the published capture of an AMASS stack, round trips, and any bytes at all.

use proptest::prelude::*;
use voltower_core::{Charge, DeciCelsius, MilliAmps, MilliVolts, PerMille};
use voltower_protocols::Frame;
use voltower_protocols::can::{ExtendedId, Id, StandardId};
use voltower_protocols::sofar::{
    BatteryId, Error, Grid, Inquiry, Limits, Measured, Message, Request, State, Wanted, is_from_inverter,
};

fn extended(id: u32, bytes: [u8; 8]) -> Frame {
    Frame::full(ExtendedId::new(id).unwrap(), bytes)
}

fn raw_id(frame: &Frame) -> u32 {
    match frame.id() {
        Id::Extended(id) => id.as_raw(),
        Id::Standard(_) => panic!("standard"),
    }
}

const AT_REST: Measured =
    Measured { voltage: MilliVolts(0), current: MilliAmps(0), temperature: DeciCelsius(0), cycles: 0 };

/// The public capture: identifier, bytes, meaning.
fn capture() -> [(u32, [u8; 8], Message); 3] {
    [
        (
            0x351,
            [0xC6, 0x08, 0xFA, 0x00, 0xFA, 0x00, 0x80, 0x07],
            Message::Limits(Limits {
                charge_voltage: MilliVolts(224_600),
                charge_current: MilliAmps(25_000),
                discharge_current: MilliAmps(25_000),
                discharge_voltage: MilliVolts(192_000),
            }),
        ),
        (
            0x355,
            [0x31, 0x00, 0x64, 0x00, 0xFF, 0xFF, 0xF6, 0x00],
            Message::State(State {
                soc: PerMille(490),
                health: PerMille(1000),
                remaining: Charge::from_deci_amp_hours(246),
            }),
        ),
        (
            0x356,
            [0x36, 0x08, 0x10, 0x00, 0xD0, 0x00, 0x01, 0x00],
            Message::Measured(Measured {
                voltage: MilliVolts(210_200),
                current: MilliAmps(1_600),
                temperature: DeciCelsius(208),
                cycles: 1,
            }),
        ),
    ]
}

#[test]
fn the_published_capture_is_read() {
    for (id, bytes, meaning) in capture() {
        assert_eq!(Message::from_frame(&extended(id, bytes)), Ok((BatteryId::FIRST, meaning)));
    }
}

#[test]
fn the_published_capture_is_written() {
    for (id, bytes, meaning) in capture() {
        let frame = meaning.to_frame(BatteryId::FIRST);
        let mut expected = bytes;
        if id == 0x355 {
            // The capture leaves the high-resolution word out; ours is 49.00 %.
            expected[4..6].copy_from_slice(&4900_u16.to_le_bytes());
        }
        assert_eq!((raw_id(&frame), frame.eight()), (id, Some(&expected)));
    }
}

#[test]
fn the_second_battery_has_its_number_in_bits_12_and_up() {
    for (id, bytes, meaning) in capture() {
        assert_eq!(raw_id(&meaning.to_frame(BatteryId::SECOND)), id + 0x1000);
        assert_eq!(Message::from_frame(&extended(id + 0x1000, bytes)), Ok((BatteryId::SECOND, meaning)));
    }
    assert_eq!(BatteryId::new(16), None);
    assert_eq!(Message::from_frame(&extended(0x10351, [0; 8])), Err(Error::Foreign));
}

#[test]
fn discharging_is_negative_on_the_wire() {
    let measured = Measured { current: MilliAmps(-12_340), ..AT_REST };
    let frame = Message::Measured(measured).to_frame(BatteryId::FIRST);
    // -123 = 0xFF85.
    assert_eq!(frame.data()[2..4], [0x85, 0xFF]);
}

#[test]
fn a_limit_is_never_sent_larger_than_it_is() {
    let limits = Limits {
        charge_voltage: MilliVolts(420_099),
        charge_current: MilliAmps(12_399),
        discharge_current: MilliAmps(-5),
        discharge_voltage: MilliVolts(360_001),
    };
    let frame = Message::Limits(limits).to_frame(BatteryId::FIRST);
    let word = |at: usize| u16::from_le_bytes([frame.data()[at], frame.data()[at + 1]]);
    assert_eq!([word(0), word(2), word(4), word(6)], [4200, 123, 0, 3601]);
}

#[test]
fn requests_use_the_codes_of_register_902e() {
    let request = |wanted| Request { wanted, discharge_allowed: true, ..Request::default() };
    let first_bytes = |wanted| {
        let frame = Message::Request(request(wanted)).to_frame(BatteryId::FIRST);
        (raw_id(&frame), frame.data()[0], frame.data()[1])
    };
    assert_eq!(first_bytes(Wanted::Normal), (0x30F, 0, 1));
    assert_eq!(first_bytes(Wanted::ForcedCharge), (0x30F, 1, 1));
    assert_eq!(first_bytes(Wanted::ForcedStandby), (0x30F, 2, 1));
    assert_eq!(first_bytes(Wanted::ForcedFill), (0x30F, 3, 1));
    let both = Request { discharge_allowed: true, charge_allowed: true, ..Request::default() };
    assert_eq!(Message::Request(both).to_frame(BatteryId::FIRST).data()[1], 3);
    let sun = Request { fill_from_sun: true, ..Request::default() };
    assert_eq!(Message::Request(sun).to_frame(BatteryId::FIRST).data()[..2], [0, 4]);
    assert!(Request::default().is_empty() && !both.is_empty() && !sun.is_empty());
    assert_eq!(Message::from_frame(&extended(0x30F, [4, 0, 0, 0, 0, 0, 0, 0])), Err(Error::Value));
}

#[test]
fn an_inquiry_shows_that_the_inverter_lives() {
    let asked = extended(0x605, [1, 0x0A, 2, 0, 0, 0, 0, 0]);
    assert!(is_from_inverter(&asked));
    let inquiry = Message::Inquiry(Inquiry { page: 0x0A, pack: 2, grid: Grid::Untold });
    assert_eq!(Message::from_frame(&asked), Ok((BatteryId::SECOND, inquiry)));
    assert_eq!(inquiry.to_frame(BatteryId::SECOND), asked);
    for (code, grid) in [(1, Grid::Present), (2, Grid::Absent), (3, Grid::Untold)] {
        let told = Message::from_frame(&extended(0x605, [0, 0, 0, code, 0, 0, 0, 0]));
        assert_eq!(told, Ok((BatteryId::FIRST, Message::Inquiry(Inquiry { page: 0, pack: 0, grid }))));
    }
    assert!(!is_from_inverter(&Frame::full(StandardId::new(0x605).unwrap(), [0; 8])));
    assert!(!is_from_inverter(&extended(0x355, [0; 8])));
}

#[test]
fn what_is_wrong_with_a_frame_is_said() {
    let short = Frame::new(ExtendedId::new(0x355).unwrap(), &[0; 4]).unwrap();
    assert_eq!(Message::from_frame(&short), Err(Error::Length));
    assert_eq!(Message::from_frame(&extended(0x352, [0; 8])), Err(Error::Foreign));
    assert_eq!(Message::from_frame(&extended(0x355, [101, 0, 0, 0, 0, 0, 0, 0])), Err(Error::Value));
    assert_eq!(Message::from_frame(&extended(0x605, [16, 0, 0, 0, 0, 0, 0, 0])), Err(Error::Value));
}

#[test]
fn a_high_resolution_soc_that_contradicts_the_percent_is_not_believed() {
    let soc = |fine: u16| {
        let [low, high] = fine.to_le_bytes();
        match Message::from_frame(&extended(0x355, [49, 0, 100, 0, low, high, 0, 0])) {
            Ok((_, Message::State(state))) => state.soc,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(soc(4957), PerMille(495));
    assert_eq!(soc(7000), PerMille(490));
    assert_eq!(soc(0), PerMille(490));
}

proptest! {
    #[test]
    fn any_bytes_are_legal_or_refused_and_survive_the_way_back(
        base in prop::sample::select(vec![0x351_u32, 0x355, 0x356, 0x30F, 0x605, 0x359, 0x000]),
        battery in 0_u32..20,
        bytes in any::<[u8; 8]>(),
        small in any::<bool>(),
    ) {
        let bytes = if small { bytes.map(|b| b & 0x03) } else { bytes };
        if let Ok((battery, message)) = Message::from_frame(&extended(base | battery << 12, bytes)) {
            prop_assert_eq!(Message::from_frame(&message.to_frame(battery)), Ok((battery, message)));
        }
    }

    #[test]
    fn every_soc_and_health_survives(soc in 0_u16..=1000, health in 0_u16..=100, remaining in any::<u16>()) {
        let state = State {
            soc: PerMille(soc),
            health: PerMille(health * 10),
            remaining: Charge::from_deci_amp_hours(u32::from(remaining)),
        };
        let frame = Message::State(state).to_frame(BatteryId::FIRST);
        prop_assert_eq!(u16::from(frame.data()[0]), soc / 10);
        prop_assert_eq!(Message::from_frame(&frame), Ok((BatteryId::FIRST, Message::State(state))));
    }

    #[test]
    fn numbers_of_any_size_are_clamped(value in any::<i32>(), share in any::<u16>()) {
        let limits = Limits {
            charge_voltage: MilliVolts(value),
            charge_current: MilliAmps(value),
            discharge_current: MilliAmps(value),
            discharge_voltage: MilliVolts(value),
        };
        let state = State { soc: PerMille(share), health: PerMille(share), remaining: Charge(i64::from(value)) };
        let measured = Measured {
            voltage: MilliVolts(value),
            current: MilliAmps(value),
            ..AT_REST
        };
        for message in [Message::Limits(limits), Message::State(state), Message::Measured(measured)] {
            prop_assert!(Message::from_frame(&message.to_frame(BatteryId::FIRST)).is_ok());
        }
    }
}
