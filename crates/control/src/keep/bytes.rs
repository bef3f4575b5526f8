//! State as bytes: a layout number, the fields little-endian, and a CRC-32 of all of it.

use heapless::Vec;

use crate::selftest::crc32;

/// Longest state of one part, in bytes.
pub const PART_MAX: usize = 256;

/// The bytes of one part.
pub type PartBytes = Vec<u8, PART_MAX>;

/// Why stored bytes are not taken for a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Damage {
    /// Too few bytes, or too many.
    Length,
    /// Written in a layout that this software does not know.
    Layout,
    /// The checksum is not that of the bytes.
    Checksum,
    /// A value that there cannot be.
    Range,
}

/// Bytes of the checksum.
const CHECKSUM: usize = 4;

/// Puts a state together. What does not fit into [`PART_MAX`] would be found by its test: lengths are constant.
pub(super) struct Writer {
    bytes: PartBytes,
}

impl Writer {
    pub(super) fn new(layout: u8) -> Self {
        let mut writer = Self { bytes: PartBytes::new() };
        writer.u8(layout);
        writer
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let _ = self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn i16(&mut self, value: i16) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    /// The bytes with their checksum.
    pub(super) fn finish(mut self) -> PartBytes {
        let checksum = crc32(&self.bytes);
        self.u32(checksum);
        self.bytes
    }
}

/// Takes a state apart.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Over `bytes` in `layout`.
    pub(super) fn new(bytes: &'a [u8], layout: u8) -> Result<Self, Damage> {
        let length = bytes.len().checked_sub(CHECKSUM).ok_or(Damage::Length)?;
        let (body, checksum) = bytes.split_at_checked(length).ok_or(Damage::Length)?;
        if crc32(body).to_le_bytes() != *checksum {
            return Err(Damage::Checksum);
        }
        let mut reader = Self { rest: body };
        if reader.u8()? == layout { Ok(reader) } else { Err(Damage::Layout) }
    }

    pub(super) fn slice(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let (slice, rest) = self.rest.split_at_checked(length).ok_or(Damage::Length)?;
        self.rest = rest;
        Ok(slice)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        self.slice(N)?.try_into().map_err(|_| Damage::Length)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Damage> {
        self.array().map(u8::from_le_bytes)
    }

    /// 0 or 1.
    pub(super) fn truth(&mut self) -> Result<bool, Damage> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damage::Range),
        }
    }

    pub(super) fn u16(&mut self) -> Result<u16, Damage> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, Damage> {
        self.array().map(i16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Damage> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Damage> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Damage> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Nothing may be left over.
    pub(super) const fn finish(self) -> Result<(), Damage> {
        if self.rest.is_empty() { Ok(()) } else { Err(Damage::Length) }
    }
}
