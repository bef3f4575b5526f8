//! SDO server (CiA 301): reads and writes of the object dictionary, by expedited, segmented and block transfer.
//!
//! A transfer moves bytes; what they mean is the value's matter (`DataType::decode`, `Value::bytes`). A value
//! is read when its transfer begins and written when it ends, so that nobody sees half of it.

mod block_download;
mod block_upload;
mod download;
mod upload;

use canopen_rs::Address;
use voltower_core::Duration;
use voltower_core::values::SDO_SERVER_TIMEOUT;
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::canopen::{Abort, Bytes, DataType, Value};

use self::block_download::BlockDownload;
use self::block_upload::BlockUpload;
use self::download::Download;
use self::upload::Upload;
use crate::io::Frames;

/// Payload of an SDO frame.
type Payload = [u8; 8];

/// What a request leads to: a transfer that goes on, none, or a refusal.
type Outcome = Result<Option<Transfer>, Abort>;

/// Command of an abort. Others that begin with its three bits are last segments of a block.
const ABORT: u8 = 0x80;

/// Bytes of one segment.
const SEGMENT: usize = 7;

/// What a server serves.
pub(super) trait Served {
    fn read(&self, index: u16, sub: u8) -> Result<Value, Abort>;
    fn writable(&self, index: u16, sub: u8) -> Result<DataType, Abort>;
    fn write(&mut self, index: u16, sub: u8, value: Value) -> Result<(), Abort>;
}

/// Where answers go.
pub(super) struct Answers<'a> {
    /// Identifier of the answers.
    pub(super) id: StandardId,
    /// Frames to send.
    pub(super) frames: &'a mut Frames,
}

impl Answers<'_> {
    fn send(&mut self, payload: Payload) {
        let _ = self.frames.push(Frame::full(self.id, payload));
    }
}

/// Serves one client, one transfer at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SdoServer(State);

/// ```text
///         a request that one answer does not settle       last answer, abort, time is up
///   Idle --------------------------------------> Busy{} --------------------------------> Idle
///                                                 |  ^
///                                                 +--+ a new request replaces the transfer
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum State {
    #[default]
    Idle,
    Busy {
        /// For abort messages, and to be written at the end.
        object: Address,
        transfer: Transfer,
        /// Time for the client's next request. It begins to run with the first tick: to a slow caller, whose
        /// ticks are far apart, the first says nothing about the client.
        remaining: Option<Duration>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Transfer {
    Upload(Upload),
    Download(Download),
    BlockUpload(BlockUpload),
    BlockDownload(BlockDownload),
}

impl SdoServer {
    /// No transfer.
    pub const IDLE: Self = Self(State::Idle);

    /// Answers a request. An abort of the client is not confirmed, nor is each segment of a block.
    pub(super) fn on_request(
        &mut self,
        request: &Payload,
        served: &mut impl Served,
        answers: &mut Answers<'_>,
    ) {
        let before = core::mem::take(&mut self.0);
        let [command, low, high, sub, ..] = *request;
        let named = Address::new(u16::from_le_bytes([low, high]), sub);
        let (object, outcome) = match command >> 5 {
            1 => (named, download::begin(request, named, served, answers)),
            2 => (named, upload::begin(named, served, answers)),
            4 if command == ABORT => return,
            5 if command & 3 == 0 => (named, block_upload::begin(request, named, served, answers)),
            6 if command & 1 == 0 => (named, block_download::begin(request, named, served, answers)),
            _ => before.go_on(request, served, answers),
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(transfer)) => self.0 = State::Busy { object, transfer, remaining: None },
            Err(why) => answers.send(abort(object, why)),
        }
    }

    /// Lets `elapsed` pass; a transfer that the client has abandoned ends.
    pub(super) fn tick(&mut self, elapsed: Duration, answers: &mut Answers<'_>) {
        let State::Busy { object, remaining, .. } = &mut self.0 else { return };
        let left = remaining.map_or(SDO_SERVER_TIMEOUT, |left| left.less(elapsed));
        *remaining = Some(left);
        if left.is_zero() {
            answers.send(abort(*object, Abort::TimeOut));
            *self = Self::IDLE;
        }
    }
}

impl State {
    /// Goes on with the transfer; the object that it is about.
    fn go_on(
        self,
        request: &Payload,
        served: &mut impl Served,
        answers: &mut Answers<'_>,
    ) -> (Address, Outcome) {
        match self {
            Self::Idle => (Address::new(0, 0), Err(Abort::Command)),
            Self::Busy { object, transfer, .. } => (object, transfer.go_on(request, object, served, answers)),
        }
    }
}

impl Transfer {
    fn go_on(
        self,
        request: &Payload,
        object: Address,
        served: &mut impl Served,
        answers: &mut Answers<'_>,
    ) -> Outcome {
        match self {
            Self::Upload(transfer) => transfer.on_request(request, answers),
            Self::Download(transfer) => transfer.on_request(request, object, served, answers),
            Self::BlockUpload(transfer) => transfer.on_request(request, answers),
            Self::BlockDownload(transfer) => transfer.on_request(request, object, served, answers),
        }
    }
}

/// The bytes of the segment that begins at `offset`, and whether it is the last.
fn segment_at(bytes: &Bytes, offset: usize) -> (&[u8], bool) {
    let rest = bytes.as_bytes().get(offset..).unwrap_or_default();
    let (now, later) = rest.split_at_checked(SEGMENT).unwrap_or((rest, &[]));
    (now, later.is_empty())
}

/// `payload` with `bytes` from position `from` on; what does not fit is left out.
fn with_bytes(mut payload: Payload, from: usize, bytes: &[u8]) -> Payload {
    for (slot, byte) in payload.iter_mut().skip(from).zip(bytes) {
        *slot = *byte;
    }
    payload
}

/// The abort message with one of our codes, of which the codec's own list holds only some.
fn abort(object: Address, why: Abort) -> Payload {
    let [low, high] = object.index.to_le_bytes();
    with_bytes([ABORT, low, high, object.subindex, 0, 0, 0, 0], 4, &why.code().to_le_bytes())
}
