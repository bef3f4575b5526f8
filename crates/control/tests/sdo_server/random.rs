//! Frames that no client sends, in every state of the server.

use proptest::prelude::*;
use voltower_core::Duration;

use crate::rig::{Payload, Rig, TEXT, U8, abort_code, about};

/// Requests that lead to every state.
fn ways() -> Vec<Vec<Payload>> {
    let start = [0xA3, 0, 0, 0, 0, 0, 0, 0];
    let read = about(0xA4, TEXT, [1, 0, 0, 0]);
    let write = about(0xC4, TEXT, [0; 4]);
    vec![
        vec![],
        vec![about(0x40, TEXT, [0; 4])],
        vec![about(0x40, TEXT, [0; 4]), [0x60, 0, 0, 0, 0, 0, 0, 0]],
        vec![about(0x20, TEXT, [0; 4])],
        vec![about(0x20, TEXT, [0; 4]), [0x00, 1, 2, 3, 4, 5, 6, 7]],
        vec![read],
        vec![read, start],
        vec![read, start, [0xA2, 1, 127, 0, 0, 0, 0, 0]],
        vec![read, start, [0xA2, 1, 127, 0, 0, 0, 0, 0], [0xA2, 1, 127, 0, 0, 0, 0, 0]],
        vec![write],
        vec![write, [0x01, 1, 2, 3, 4, 5, 6, 7], [0x02, 1, 2, 3, 4, 5, 6, 7]],
        vec![write, [0x01, 1, 2, 3, 4, 5, 6, 7], [0x03, 1, 2, 3, 4, 5, 6, 7]],
        vec![write, [0x81, 1, 2, 3, 4, 5, 6, 7]],
    ]
}

/// Any bytes, or a request about an object that exists, with small numbers.
fn requests() -> impl Strategy<Value = Payload> {
    let aimed = (any::<u8>(), 0_u8..=11, prop::array::uniform4(0_u8..40));
    let numbered = (any::<u8>(), prop::array::uniform7(0_u8..8));
    prop_oneof![
        any::<Payload>(),
        aimed.prop_map(|(command, sub, data)| about(command, sub, data)),
        numbered.prop_map(|(command, [a, b, c, d, e, f, g])| [command, a, b, c, d, e, f, g]),
    ]
}

proptest! {
    #[test]
    fn any_requests_in_any_state_leave_a_server_that_serves(
        way in 0..ways().len(),
        requests in prop::collection::vec((requests(), 0_u64..300), 1..30),
    ) {
        let mut rig = Rig::new();
        for request in &ways()[way] {
            rig.send(*request);
        }
        for (request, ms) in requests {
            let answers = rig.send(request);
            prop_assert!(answers.len() <= 5, "{:02X?}", answers);
            let is_abort = request[0] == 0x80;
            prop_assert!(!is_abort || answers.is_empty());
            prop_assert!(answers.iter().filter(|answer| abort_code(**answer).is_some()).count() <= 1);
            prop_assert!(rig.wait(Duration::millis(ms)).len() <= 1);
        }
        let byte = rig.value(U8).bytes().as_bytes()[0];
        prop_assert_eq!(rig.ask(about(0x40, U8, [0; 4])), about(0x4F, U8, [byte, 0, 0, 0]));
        prop_assert!(rig.wait(Duration::secs(2)).is_empty());
    }

    #[test]
    fn outside_a_block_every_request_but_an_abort_is_answered(
        way in 0_usize..5,
        request in requests(),
    ) {
        let mut rig = Rig::new();
        for step in &ways()[way] {
            rig.ask(*step);
        }
        let answers = rig.send(request);
        prop_assert_eq!(answers.len(), usize::from(request[0] != 0x80));
    }
}
