//! Who wins the wire: a dominant bit beats a recessive one, so the smaller number wins.

use voltower_protocols::{Frame, can::Id};

/// Arbitration order: the smaller wins; a standard frame beats an extended one with the same base identifier.
pub(super) fn priority(frame: &Frame) -> u32 {
    match frame.id() {
        Id::Standard(id) => u32::from(id.as_raw()) << 19,
        Id::Extended(id) => (id.as_raw() >> 18 << 19) | (1 << 18) | (id.as_raw() & 0x3_FFFF),
    }
}

/// What two frames of one identifier are told apart by, in the order of the wire: length code, then data. The
/// smaller sends the first dominant bit where the other is recessive, and it is the other that sees the
/// error.
pub(super) fn contents(frame: &Frame) -> (usize, &[u8]) {
    (frame.data().len(), frame.data())
}
