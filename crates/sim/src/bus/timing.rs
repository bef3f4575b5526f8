//! How long things take on the wire, in bits.

use voltower_core::Duration;
use voltower_protocols::{Frame, can::Id};

/// Bit rate (public: the SOFAR COM bus; ours for the Link), in bit/s.
pub(super) const BIT_RATE: f64 = 500_000.0;
/// Bit time at that rate, in microseconds.
const BIT_US: u64 = 2;

/// What an error frame costs (ISO 11898-1): the flag of six bits, up to six more in which the others echo it,
/// the delimiter of eight and the intermission of three. Ours: always the longest echo.
pub(super) const ERROR_FRAME_BITS: u64 = 6 + 6 + 8 + 3;
/// Bits after the acknowledge slot that an unacknowledged frame no longer gets (ISO 11898-1): delimiter, end
/// of frame, intermission.
const AFTER_ACKNOWLEDGE_BITS: u64 = 1 + 7 + 3;
/// An error-passive node waits so long after a frame of its own before it may send again (ISO 11898-1:
/// suspend transmission).
pub(super) const SUSPEND_BITS: u64 = 8;
/// A node in bus-off may return after 128 times eleven recessive bits (ISO 11898-1).
pub(super) const RECOVERY_BITS: u64 = 128 * RECESSIVE_BITS;
/// Such a row of recessive bits also ends every frame: delimiter, end of frame, intermission.
pub(super) const RECESSIVE_BITS: u64 = 11;

/// So many bits, in time.
pub(super) const fn bits(count: u64) -> Duration {
    Duration(count * BIT_US)
}

/// Bits on the wire with interframe space and the worst case of stuffing (ISO 11898-1; Davis et al. 2007 for
/// the bound).
pub(super) fn frame_bits(frame: &Frame) -> u64 {
    let data = 8 * frame.data().len() as u64;
    let (stuffable, fixed) = match frame.id() {
        Id::Standard(_) => (34 + data, 13),
        Id::Extended(_) => (54 + data, 13),
    };
    stuffable + fixed + (stuffable - 1) / 4
}

/// A frame that is destroyed half way (ours: the mean, if every bit is as likely), with its error frame.
pub(super) fn destroyed_bits(frame: &Frame) -> u64 {
    frame_bits(frame) / 2 + ERROR_FRAME_BITS
}

/// A frame that nobody acknowledges, with its error frame.
pub(super) fn unacknowledged_bits(frame: &Frame) -> u64 {
    frame_bits(frame) - AFTER_ACKNOWLEDGE_BITS + ERROR_FRAME_BITS
}
