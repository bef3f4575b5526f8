//! A client that goes away.

use canopen_rs::NmtCommand;
use voltower_control::io::Frames;
use voltower_control::link::{SdoServer, network_command};
use voltower_core::Duration;

use crate::rig::{INDEX, Payload, Rig, TEXT, about};

/// What begins each transfer, and leaves it under way.
const BEGINNINGS: [Payload; 4] = {
    const fn of_text(command: u8, data: u8) -> Payload {
        let [low, high] = INDEX.to_le_bytes();
        [command, low, high, TEXT, data, 0, 0, 0]
    }
    [of_text(0x40, 0), of_text(0x21, 10), of_text(0xA4, 127), of_text(0xC6, 10)]
};

/// 0x05040000, of the text.
fn time_out() -> Payload {
    about(0x80, TEXT, [0, 0, 0x04, 0x05])
}

#[test]
fn an_abandoned_transfer_ends_after_a_second() {
    for begin in BEGINNINGS {
        let mut rig = Rig::new();
        rig.ask(begin);
        // The first tick starts the clock.
        for _ in 0..=9 {
            assert!(rig.wait(Duration::millis(100)).is_empty());
        }
        assert_eq!(rig.wait(Duration::millis(100)), [time_out()]);
        assert!(rig.wait(Duration::secs(10)).is_empty());
        assert_eq!(rig.refusal([0x60, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
    }
}

#[test]
fn a_request_begins_the_time_anew() {
    let mut rig = Rig::new();
    rig.ask(BEGINNINGS[0]);
    rig.wait(Duration::ZERO);
    assert!(rig.wait(Duration::millis(999)).is_empty());
    rig.ask([0x60, 0, 0, 0, 0, 0, 0, 0]);
    rig.wait(Duration::ZERO);
    assert!(rig.wait(Duration::millis(999)).is_empty());
    assert_eq!(rig.wait(Duration::millis(1)), [time_out()]);
}

#[test]
fn a_slow_caller_breaks_no_transfer() {
    let mut rig = Rig::new();
    rig.ask(BEGINNINGS[0]);
    assert!(rig.wait(Duration::secs(60)).is_empty());
    assert_eq!(rig.ask([0x60, 0, 0, 0, 0, 0, 0, 0]), *b"\0ABCDEFG");
    assert!(rig.wait(Duration::secs(60)).is_empty());
    assert_eq!(rig.wait(Duration::secs(60)), [time_out()]);
}

#[test]
fn no_time_runs_without_a_transfer() {
    let mut rig = Rig::new();
    rig.ask(about(0x40, 1, [0; 4]));
    assert!(rig.wait(Duration::secs(10)).is_empty());
    assert!(rig.wait(Duration::secs(10)).is_empty());
}

#[test]
fn a_stopped_node_forgets_the_transfer() {
    let mut rig = Rig::new();
    rig.ask(BEGINNINGS[0]);
    for command in [NmtCommand::StopRemoteNode, NmtCommand::StartRemoteNode] {
        let frame = network_command(command, 2).unwrap();
        rig.node.on_frame(&frame, &mut rig.store, &mut Frames::new());
    }
    assert_eq!(rig.refusal([0x60, 0, 0, 0, 0, 0, 0, 0]), 0x0504_0001);
}

#[test]
fn the_state_is_small() {
    println!("SdoServer: {} bytes", size_of::<SdoServer>());
    assert!(size_of::<SdoServer>() < 128);
}
