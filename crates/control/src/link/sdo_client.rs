//! SDO client (CiA 301), as small as the distribution unit needs it: reads one object of one node.

use canopen_rs::Address;
use canopen_rs::sdo::{
    decode_abort, decode_data_segment, decode_upload_initiate_segmented_response, encode_upload_request,
    encode_upload_segment_request,
};
use voltower_core::Duration;
use voltower_protocols::Frame;
use voltower_protocols::canopen::Bytes;
use voltower_protocols::link::{SDO_REQUEST, SDO_RESPONSE, node_cob_id};

/// What has become of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadProgress {
    /// Send this.
    Send(Frame),
    /// The bytes that were read, little-endian if a number.
    Done(Bytes),
    /// The server has refused, with this code.
    Refused(u32),
    /// An answer that does not fit, or a text that is too long.
    Garbled,
}

/// Reads one object at a time.
///
/// ```text
///   Idle --read--> Asked --text follows--> Segments --last--> Idle
///    ^               |                      |   |
///    +---number, refusal, time is up--------+---+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SdoClient {
    /// Nothing to do.
    #[default]
    Idle,
    /// The first answer is due.
    Asked {
        /// The server.
        node: u8,
        /// Index and sub-index asked for.
        object: (u16, u8),
        /// Time for the answer.
        remaining: Duration,
    },
    /// A segment is due.
    Segments {
        /// The server.
        node: u8,
        /// What has come so far.
        text: Bytes,
        /// Toggle bit of the segment that is due.
        toggle: bool,
        /// Time for the answer.
        remaining: Duration,
    },
}

impl SdoClient {
    /// Begins to read an object of `node`; gives up a read that is under way.
    ///
    /// SDOs run at bus speed, but a slow caller asks the time seldom: stretch `timeout` to the sample period.
    pub fn read(&mut self, node: u8, index: u16, sub: u8, timeout: Duration) -> Frame {
        *self = Self::Asked { node, object: (index, sub), remaining: timeout };
        inquiry(node, index, sub)
    }

    /// A read is under way.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        !matches!(self, Self::Idle)
    }

    /// Lets `elapsed` pass; true at the moment when the time is up, and the read is given up.
    pub fn tick(&mut self, elapsed: Duration) -> bool {
        let remaining = match self {
            Self::Idle => return false,
            Self::Asked { remaining, .. } | Self::Segments { remaining, .. } => remaining,
        };
        *remaining = remaining.less(elapsed);
        let is_up = remaining.is_zero();
        if is_up {
            *self = Self::Idle;
        }
        is_up
    }

    /// Takes a frame; `None` if it is no answer to this read. `timeout` is that for the next answer.
    pub fn on_frame(&mut self, frame: &Frame, timeout: Duration) -> Option<ReadProgress> {
        let (Self::Asked { node, .. } | Self::Segments { node, .. }) = *self else { return None };
        let answer = frame.eight()?;
        if frame.standard_id() != Some(node_cob_id(SDO_RESPONSE, node).as_raw()) {
            return None;
        }
        let [_, low, high, sub, ..] = *answer;
        let is_to_another = |object: (u16, u8)| (u16::from_le_bytes([low, high]), sub) != object;
        if matches!(*self, Self::Asked { object, .. } if is_to_another(object)) {
            return None;
        }
        let before = core::mem::take(self);
        if let Ok((_, code)) = decode_abort(answer) {
            return Some(ReadProgress::Refused(code));
        }
        match before {
            Self::Idle => None,
            Self::Asked { .. } => Some(self.first_answer(node, answer, timeout)),
            Self::Segments { text, toggle, .. } => {
                Some(self.next_segment(node, text, toggle, answer, timeout))
            }
        }
    }

    fn first_answer(&mut self, node: u8, answer: &[u8; 8], timeout: Duration) -> ReadProgress {
        let [command, _, _, _, data @ ..] = *answer;
        if command & 0xE2 == 0x42 {
            let unused = if command & 1 != 0 { usize::from(command >> 2 & 3) } else { 0 };
            let sent = data.get(..4_usize.saturating_sub(unused)).unwrap_or_default();
            return ReadProgress::Done(Bytes::new(sent));
        }
        if decode_upload_initiate_segmented_response(answer).is_err() {
            return ReadProgress::Garbled;
        }
        *self = Self::Segments { node, text: Bytes::EMPTY, toggle: false, remaining: timeout };
        ReadProgress::Send(request(node, encode_upload_segment_request(false)))
    }

    fn next_segment(
        &mut self,
        node: u8,
        mut text: Bytes,
        toggle: bool,
        answer: &[u8; 8],
        timeout: Duration,
    ) -> ReadProgress {
        let Ok(segment) = decode_data_segment(answer) else { return ReadProgress::Garbled };
        if segment.toggle != toggle || !text.push(segment.data) {
            return ReadProgress::Garbled;
        }
        if segment.last {
            return ReadProgress::Done(text);
        }
        *self = Self::Segments { node, text, toggle: !toggle, remaining: timeout };
        ReadProgress::Send(request(node, encode_upload_segment_request(!toggle)))
    }
}

/// A request to read an object, by whoever listens to all answers.
#[must_use]
pub fn inquiry(node: u8, index: u16, sub: u8) -> Frame {
    request(node, encode_upload_request(Address::new(index, sub)))
}

fn request(node: u8, payload: [u8; 8]) -> Frame {
    Frame::full(node_cob_id(SDO_REQUEST, node), payload)
}
