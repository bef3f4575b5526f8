//! SDO server (CiA 301): answers reads and writes of the object dictionary.
//!
//! Expedited transfer for numbers, segmented upload for texts. No object is written in segments (firmware
//! transfer is not there yet), so such a write is refused.

use canopen_rs::Address;
use canopen_rs::sdo::{
    decode_upload_segment_request, encode_data_segment, encode_download_response,
    encode_upload_initiate_segmented_response,
};

use voltower_protocols::canopen::{Abort, DataType, Text, Value};

/// Payload of an SDO frame.
pub(super) type Payload = [u8; 8];

/// Bytes of one segment.
const SEGMENT: usize = 7;

/// What a server serves.
pub(super) trait Served {
    fn read(&self, index: u16, sub: u8) -> Result<Value, Abort>;
    fn writable(&self, index: u16, sub: u8) -> Result<DataType, Abort>;
    fn write(&mut self, index: u16, sub: u8, value: Value) -> Result<(), Abort>;
}

/// Serves one client, one transfer at a time.
///
/// ```text
///   Idle --read of a text--> Uploading --last segment, abort, or a new request--> Idle
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SdoServer {
    /// No segments are due.
    #[default]
    Idle,
    /// A text is being read.
    Uploading {
        /// Object, for abort messages.
        index: u16,
        /// Sub-index, for abort messages.
        sub: u8,
        /// The text as it was when the read began.
        text: Text,
        /// Characters sent.
        sent: u8,
        /// Toggle bit that the next request must have.
        toggle: bool,
    },
}

impl SdoServer {
    /// Answers a request; `None` to an abort of the client, which is not confirmed.
    pub(super) fn on_request(&mut self, request: &Payload, served: &mut impl Served) -> Option<Payload> {
        let [command, low, high, sub, data @ ..] = *request;
        let index = u16::from_le_bytes([low, high]);
        let outcome = match command >> 5 {
            1 => self.download(command, index, sub, data, served),
            2 => self.upload(index, sub, served),
            3 => return Some(self.segment(request)),
            4 => {
                *self = Self::Idle;
                return None;
            }
            _ => Err(Abort::Command),
        };
        Some(outcome.unwrap_or_else(|why| {
            *self = Self::Idle;
            abort(index, sub, why)
        }))
    }

    fn upload(&mut self, index: u16, sub: u8, served: &impl Served) -> Result<Payload, Abort> {
        *self = Self::Idle;
        match served.read(index, sub)? {
            Value::U8(v) => Ok(expedited(index, sub, 1, u32::from(v))),
            Value::U16(v) => Ok(expedited(index, sub, 2, u32::from(v))),
            Value::I16(v) => Ok(expedited(index, sub, 2, u32::from(v.cast_unsigned()))),
            Value::U32(v) => Ok(expedited(index, sub, 4, v)),
            Value::I32(v) => Ok(expedited(index, sub, 4, v.cast_unsigned())),
            Value::Text(text) => {
                *self = Self::Uploading { index, sub, text, sent: 0, toggle: false };
                Ok(encode_upload_initiate_segmented_response(Address::new(index, sub), text.len() as u32))
            }
        }
    }

    fn segment(&mut self, request: &Payload) -> Payload {
        let Self::Uploading { index, sub, text, sent, toggle } = core::mem::take(self) else {
            return abort(0, 0, Abort::Command);
        };
        if decode_upload_segment_request(request).ok() != Some(toggle) {
            return abort(index, sub, Abort::Toggle);
        }
        let rest = text.as_bytes().get(usize::from(sent)..).unwrap_or_default();
        let (now, later) = rest.split_at_checked(SEGMENT).unwrap_or((rest, &[]));
        if !later.is_empty() {
            let sent = sent.saturating_add(SEGMENT as u8);
            *self = Self::Uploading { index, sub, text, sent, toggle: !toggle };
        }
        encode_data_segment(now, toggle, later.is_empty()).unwrap_or(abort(index, sub, Abort::Command))
    }

    fn download(
        &mut self,
        command: u8,
        index: u16,
        sub: u8,
        data: [u8; 4],
        served: &mut impl Served,
    ) -> Result<Payload, Abort> {
        *self = Self::Idle;
        let data_type = served.writable(index, sub)?;
        let (size, value) = data_type.size().zip(data_type.decode(data)).ok_or(Abort::TooLong)?;
        let (is_expedited, is_sized) = (command & 2 != 0, command & 1 != 0);
        let sent = match (is_expedited, is_sized) {
            (true, true) => 4_usize.saturating_sub(usize::from(command >> 2 & 3)),
            (true, false) => size,
            (false, _) => return Err(Abort::TooLong),
        };
        if sent != size {
            return Err(if sent > size { Abort::TooLong } else { Abort::TooShort });
        }
        served.write(index, sub, value)?;
        Ok(encode_download_response(Address::new(index, sub)))
    }
}

/// Answer to a read of a number of `size` bytes.
fn expedited(index: u16, sub: u8, size: u8, number: u32) -> Payload {
    let [low, high] = index.to_le_bytes();
    let [a, b, c, d] = number.to_le_bytes();
    [0x43 | 4_u8.saturating_sub(size) << 2, low, high, sub, a, b, c, d]
}

/// The abort message with one of our codes, of which the codec's own list holds only some.
fn abort(index: u16, sub: u8, why: Abort) -> Payload {
    let [low, high] = index.to_le_bytes();
    let [a, b, c, d] = (why as u32).to_le_bytes();
    [0x80, low, high, sub, a, b, c, d]
}
