//! Reads by block: up to 127 segments (we never have more than five) for one acknowledgement.

use canopen_rs::Address;
use canopen_rs::sdo::block::{
    MAX_BLKSIZE, crc16, decode_end_response, decode_sub_response, decode_upload_initiate,
    decode_upload_start, encode_end, encode_upload_initiate_response,
};
use voltower_protocols::canopen::{Abort, Bytes};

use super::{Answers, Outcome, Payload, SEGMENT, Served, Transfer, segment_at, upload, with_bytes};

/// A value that is read by block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BlockUpload {
    /// The value as it was when the read began.
    bytes: Bytes,
    /// The client wants a check sum.
    has_crc: bool,
    /// Segments of the next sub-block, at most.
    block_size: u8,
    phase: Phase,
}

/// ```text
///   Agreed --start--> Sent{} --all acknowledged--> Ended --confirmed--> (idle)
///                     |    ^
///                     +----+ acknowledged in part: the next sub-block begins behind that
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    /// The client must start.
    Agreed,
    /// A sub-block was sent; the client must acknowledge.
    Sent {
        /// Segments acknowledged before it.
        before: u8,
        /// Segments in it.
        segments: u8,
    },
    /// The end was sent; the client must confirm.
    Ended,
}

pub(super) fn begin(
    request: &Payload,
    object: Address,
    served: &impl Served,
    answers: &mut Answers<'_>,
) -> Outcome {
    let asked = decode_upload_initiate(request).map_err(|_| Abort::Command)?;
    let [_, _, _, _, _, threshold, _, _] = *request;
    let value = served.read(object.index, object.subindex)?;
    let block_size = checked(asked.blksize)?;
    let bytes = value.bytes();
    if threshold != 0 && bytes.len() <= usize::from(threshold) {
        return Ok(upload::answer(object, &value, answers));
    }
    answers.send(encode_upload_initiate_response(object, Some(bytes.len() as u32), true));
    let transfer = BlockUpload { bytes, has_crc: asked.crc_support, block_size, phase: Phase::Agreed };
    Ok(Some(Transfer::BlockUpload(transfer)))
}

const fn checked(block_size: u8) -> Result<u8, Abort> {
    match block_size {
        1..=MAX_BLKSIZE => Ok(block_size),
        _ => Err(Abort::BlockSize),
    }
}

impl BlockUpload {
    pub(super) fn on_request(self, request: &Payload, answers: &mut Answers<'_>) -> Outcome {
        match self.phase {
            Phase::Agreed => {
                decode_upload_start(request).map_err(|_| Abort::Command)?;
                Ok(Some(self.send_from(0, answers)))
            }
            Phase::Sent { before, segments } => {
                let (good, block_size) = decode_sub_response(request).map_err(|_| Abort::Command)?;
                if good > segments {
                    return Err(Abort::Sequence);
                }
                self.acknowledged(before.saturating_add(good), block_size, answers).map(Some)
            }
            Phase::Ended => decode_end_response(request).map_err(|_| Abort::Command).map(|()| None),
        }
    }

    fn acknowledged(
        mut self,
        done: u8,
        block_size: u8,
        answers: &mut Answers<'_>,
    ) -> Result<Transfer, Abort> {
        if done < self.segments() {
            self.block_size = checked(block_size)?;
            return Ok(self.send_from(done, answers));
        }
        let crc = if self.has_crc { crc16(self.bytes.as_bytes()) } else { 0 };
        answers.send(encode_end(self.unused(), crc));
        Ok(Transfer::BlockUpload(Self { phase: Phase::Ended, ..self }))
    }

    /// Sends the sub-block behind the first `done` segments.
    fn send_from(self, done: u8, answers: &mut Answers<'_>) -> Transfer {
        let segments = self.segments().saturating_sub(done).min(self.block_size);
        for number in 0..segments {
            let offset = usize::from(done.saturating_add(number)).saturating_mul(SEGMENT);
            let (bytes, is_last) = segment_at(&self.bytes, offset);
            let head = number.saturating_add(1) | u8::from(is_last) << 7;
            answers.send(with_bytes([head, 0, 0, 0, 0, 0, 0, 0], 1, bytes));
        }
        Transfer::BlockUpload(Self { phase: Phase::Sent { before: done, segments }, ..self })
    }

    /// Segments in all; an empty value has one, too.
    const fn segments(&self) -> u8 {
        if self.bytes.is_empty() { 1 } else { self.bytes.len().div_ceil(SEGMENT) as u8 }
    }

    /// Bytes of the last segment that mean nothing.
    fn unused(&self) -> u8 {
        usize::from(self.segments()).saturating_mul(SEGMENT).saturating_sub(self.bytes.len()) as u8
    }
}
