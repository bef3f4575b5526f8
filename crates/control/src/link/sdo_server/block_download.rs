//! Writes by block: one acknowledgement for up to five segments, which is the longest value that we have.

use canopen_rs::Address;
use canopen_rs::sdo::block::{
    crc16, decode_download_initiate, decode_end, decode_sub_segment, encode_download_initiate_response,
    encode_end_response, encode_sub_response,
};
use voltower_protocols::canopen::{Abort, Bytes, TEXT_MAX};

use super::download::Expected;
use super::{Answers, Outcome, Payload, SEGMENT, Served, Transfer};

/// Segments of a sub-block.
const BLOCK_SIZE: u8 = TEXT_MAX.div_ceil(SEGMENT) as u8;

/// The lowest command of a request that begins a transfer. Segments begin with their number, and the last one has
/// the highest bit set; as all numbers are below this, no segment looks like such a request.
const FIRST_REQUEST: u8 = 0x20;
const _: () = assert!(BLOCK_SIZE < FIRST_REQUEST);

/// A value that is written by block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BlockDownload {
    expected: Expected,
    /// The client gives a check sum.
    has_crc: bool,
    /// What has come so far.
    bytes: Bytes,
    /// How much that is with the padding of the last segment, which is told only at the end.
    received: u8,
    phase: Phase,
}

/// ```text
///   Receiving{} --last segment, none lost--> Ending --end, check sum right--> (idle)
///     |     ^
///     +-----+ sub-block over: the next begins behind the last segment before a gap
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    /// Segments come.
    Receiving {
        /// Segments of this sub-block that came without a gap.
        good: u8,
    },
    /// All segments are there; the client must end.
    Ending,
}

pub(super) fn begin(
    request: &Payload,
    object: Address,
    served: &impl Served,
    answers: &mut Answers<'_>,
) -> Outcome {
    let asked = decode_download_initiate(request).map_err(|_| Abort::Command)?;
    let expected = Expected::new(object, asked.size, served)?;
    answers.send(encode_download_initiate_response(object, BLOCK_SIZE, true));
    Ok(Some(Transfer::BlockDownload(BlockDownload {
        expected,
        has_crc: asked.crc_support,
        bytes: Bytes::EMPTY,
        received: 0,
        phase: Phase::Receiving { good: 0 },
    })))
}

impl BlockDownload {
    pub(super) fn on_request(
        self,
        request: &Payload,
        object: Address,
        served: &mut impl Served,
        answers: &mut Answers<'_>,
    ) -> Outcome {
        match self.phase {
            Phase::Receiving { good } => self.on_segment(good, request, answers),
            Phase::Ending => {
                self.store(request, object, served)?;
                answers.send(encode_end_response());
                Ok(None)
            }
        }
    }

    fn on_segment(mut self, mut good: u8, request: &Payload, answers: &mut Answers<'_>) -> Outcome {
        let segment = decode_sub_segment(request);
        if segment.seqno == 0 || segment.seqno > BLOCK_SIZE {
            return Err(Abort::Sequence);
        }
        let is_next = segment.seqno == good.saturating_add(1);
        if is_next {
            good = segment.seqno;
            self.bytes.push(segment.data);
            self.received = self.received.saturating_add(SEGMENT as u8);
            if !segment.last && usize::from(self.received) >= TEXT_MAX {
                return Err(Abort::TooLong);
            }
        }
        self.phase = if segment.last && is_next {
            Phase::Ending
        } else if segment.last || segment.seqno == BLOCK_SIZE {
            Phase::Receiving { good: 0 }
        } else {
            self.phase = Phase::Receiving { good };
            return Ok(Some(Transfer::BlockDownload(self)));
        };
        answers.send(encode_sub_response(good, BLOCK_SIZE));
        Ok(Some(Transfer::BlockDownload(self)))
    }

    fn store(self, request: &Payload, object: Address, served: &mut impl Served) -> Result<(), Abort> {
        let (unused, crc) = decode_end(request).map_err(|_| Abort::Command)?;
        let length = usize::from(self.received.saturating_sub(unused));
        let bytes = self.bytes.as_bytes().get(..length).ok_or(Abort::TooLong)?;
        if self.has_crc && crc16(bytes) != crc {
            return Err(Abort::Crc);
        }
        self.expected.store(object, bytes, served)
    }
}
