//! Numbers and frames in hexadecimal, as all three text protocols write them.

use std::fmt::Write as _;

use voltower_protocols::Frame;
use voltower_protocols::can::{ExtendedId, Id, StandardId};

/// Digits of a standard identifier.
pub(super) const STANDARD: usize = 3;
/// Digits of an extended one.
pub(super) const EXTENDED: usize = 8;

/// The number of one to eight digits; `None` for anything else.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}

/// The bytes of pairs of digits, eight at most.
pub(super) fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() || pairs.len() > 8 {
        return None;
    }
    pairs.iter().map(|pair| number(pair).map(|byte| byte as u8)).collect()
}

/// The identifier of three digits (standard) or eight (extended).
pub(super) fn id(digits: &[u8]) -> Option<Id> {
    let raw = number(digits)?;
    match digits.len() {
        STANDARD => u16::try_from(raw).ok().and_then(StandardId::new).map(Id::Standard),
        EXTENDED => ExtendedId::new(raw).map(Id::Extended),
        _ => None,
    }
}

/// Appends the identifier in three or eight digits.
pub(super) fn write_id(out: &mut String, id: Id) {
    // Writing into a string cannot fail.
    let _ = match id {
        Id::Standard(id) => write!(out, "{:03X}", id.as_raw()),
        Id::Extended(id) => write!(out, "{:08X}", id.as_raw()),
    };
}

/// Appends the bytes of a frame in pairs of digits.
pub(super) fn write_data(out: &mut String, frame: &Frame) {
    for byte in frame.data() {
        let _ = write!(out, "{byte:02X}");
    }
}
