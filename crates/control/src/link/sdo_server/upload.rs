//! Reads: expedited for numbers of up to four bytes, in segments for everything else.

use canopen_rs::Address;
use canopen_rs::sdo::{
    decode_upload_segment_request, encode_data_segment, encode_upload_initiate_segmented_response,
};
use voltower_protocols::canopen::{Abort, Bytes, Value};

use super::{Answers, Outcome, Payload, SEGMENT, Served, Transfer, segment_at, with_bytes};

/// Bytes of an expedited transfer.
const EXPEDITED: usize = 4;

/// A value that is read in segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Upload {
    /// The value as it was when the read began.
    bytes: Bytes,
    /// Bytes sent.
    sent: u8,
    /// Toggle bit that the next request must have.
    toggle: bool,
}

pub(super) fn begin(object: Address, served: &impl Served, answers: &mut Answers<'_>) -> Outcome {
    let value = served.read(object.index, object.subindex)?;
    Ok(answer(object, &value, answers))
}

/// The first answer to a read, and the transfer if it needs one.
pub(super) fn answer(object: Address, value: &Value, answers: &mut Answers<'_>) -> Option<Transfer> {
    let bytes = value.bytes();
    if value.data_type().size().is_some_and(|size| size <= EXPEDITED) {
        answers.send(expedited(object, &bytes));
        return None;
    }
    answers.send(encode_upload_initiate_segmented_response(object, bytes.len() as u32));
    Some(Transfer::Upload(Upload { bytes, sent: 0, toggle: false }))
}

fn expedited(object: Address, bytes: &Bytes) -> Payload {
    let [low, high] = object.index.to_le_bytes();
    let unused = EXPEDITED.saturating_sub(bytes.len()) as u8;
    with_bytes([0x43 | unused << 2, low, high, object.subindex, 0, 0, 0, 0], 4, bytes.as_bytes())
}

impl Upload {
    pub(super) fn on_request(self, request: &Payload, answers: &mut Answers<'_>) -> Outcome {
        let Self { bytes, sent, toggle } = self;
        if decode_upload_segment_request(request).map_err(|_| Abort::Command)? != toggle {
            return Err(Abort::Toggle);
        }
        let (segment, is_last) = segment_at(&bytes, usize::from(sent));
        answers.send(encode_data_segment(segment, toggle, is_last).map_err(|_| Abort::General)?);
        let next = Self { bytes, sent: sent.saturating_add(SEGMENT as u8), toggle: !toggle };
        Ok((!is_last).then_some(Transfer::Upload(next)))
    }
}
