//! Writes: expedited or in segments, as the client likes.

use canopen_rs::Address;
use canopen_rs::sdo::{decode_data_segment, encode_download_response, encode_download_segment_response};
use voltower_protocols::canopen::{Abort, Bytes, DataType};

use super::{Answers, Outcome, Payload, Served, Transfer};

/// A value that is written in segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Download {
    expected: Expected,
    /// What has come so far.
    bytes: Bytes,
    /// Toggle bit that the next segment must have.
    toggle: bool,
}

/// What is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Expected {
    data_type: DataType,
    /// Bytes that the client has announced, if it has.
    length: Option<u8>,
}

impl Expected {
    /// Refuses what cannot be written before any of it comes.
    pub(super) fn new(object: Address, length: Option<u32>, served: &impl Served) -> Result<Self, Abort> {
        let data_type = served.writable(object.index, object.subindex)?;
        if let Some(length) = length {
            data_type.admits(usize::try_from(length).unwrap_or(usize::MAX))?;
        }
        Ok(Self { data_type, length: length.map(|length| length as u8) })
    }

    /// Writes all that came.
    pub(super) fn store(self, object: Address, bytes: &[u8], served: &mut impl Served) -> Result<(), Abort> {
        if self.length.is_some_and(|length| usize::from(length) != bytes.len()) {
            return Err(Abort::Length);
        }
        served.write(object.index, object.subindex, self.data_type.decode(bytes)?)
    }
}

pub(super) fn begin(
    request: &Payload,
    object: Address,
    served: &mut impl Served,
    answers: &mut Answers<'_>,
) -> Outcome {
    let [command, _, _, _, data @ ..] = *request;
    let (is_expedited, is_sized) = (command & 2 != 0, command & 1 != 0);
    let transfer = if is_expedited {
        let size = is_sized.then_some(4_usize.saturating_sub(usize::from(command >> 2 & 3)));
        expedited(object, size, &data, served)?;
        None
    } else {
        let length = is_sized.then_some(u32::from_le_bytes(data));
        let expected = Expected::new(object, length, served)?;
        Some(Transfer::Download(Download { expected, bytes: Bytes::EMPTY, toggle: false }))
    };
    answers.send(encode_download_response(object));
    Ok(transfer)
}

/// A client that does not say the size means that of the object.
fn expedited(
    object: Address,
    size: Option<usize>,
    data: &[u8; 4],
    served: &mut impl Served,
) -> Result<(), Abort> {
    let expected = Expected::new(object, None, served)?;
    let size = size.or(expected.data_type.size()).unwrap_or(data.len());
    let bytes = data.get(..size).ok_or(Abort::TooShort)?;
    expected.store(object, bytes, served)
}

impl Download {
    pub(super) fn on_request(
        mut self,
        request: &Payload,
        object: Address,
        served: &mut impl Served,
        answers: &mut Answers<'_>,
    ) -> Outcome {
        let segment = decode_data_segment(request).map_err(|_| Abort::Command)?;
        if segment.toggle != self.toggle {
            return Err(Abort::Toggle);
        }
        if !self.bytes.push(segment.data) {
            return Err(Abort::TooLong);
        }
        if segment.last {
            self.expected.store(object, self.bytes.as_bytes(), served)?;
        }
        answers.send(encode_download_segment_response(self.toggle));
        self.toggle = !self.toggle;
        Ok((!segment.last).then_some(Transfer::Download(self)))
    }
}
