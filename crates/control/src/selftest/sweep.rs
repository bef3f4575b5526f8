//! Invariable memory: CRC-32 of the program image, a chunk at a time.

use voltower_core::values;

use super::Slice;

/// An image that can be read, program or configuration.
pub trait Image {
    /// Its length in bytes.
    fn length(&self) -> u32;
    /// Fills `chunk` with what stands from `offset` on; false if it cannot be read.
    fn read(&self, offset: u32, chunk: &mut [u8]) -> bool;
}

/// Bytes of a slice.
const SLICE: u32 = values::SELF_TEST_IMAGE_SLICE.0;

/// How far the sweep is.
///
/// ```text
///   offset 0, nothing summed --chunk--> offset 256 -- ... --end--> sum is the expected one: Last, else Bad
///        ^                                                                    |
///        +--------------------------------------------------------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sweep {
    expected: u32,
    offset: u32,
    sum: u32,
}

impl Sweep {
    /// At the start of an image that must have this CRC-32.
    #[must_use]
    pub const fn new(expected: u32) -> Self {
        Self { expected, offset: 0, sum: START }
    }

    /// Steps of one pass over so many bytes.
    #[must_use]
    pub const fn slices(length: u32) -> u32 {
        length.div_ceil(SLICE)
    }

    /// Sums the next chunk. An image of nothing is no image.
    pub fn step<I: Image>(&mut self, image: &I) -> Slice {
        let mut buffer = [0; SLICE as usize];
        let length = image.length();
        let size = length.saturating_sub(self.offset).min(SLICE);
        let chunk = buffer.get_mut(..size as usize).unwrap_or_default();
        let readable = size > 0 && image.read(self.offset, chunk);
        self.sum = summed(self.sum, chunk);
        self.offset = self.offset.saturating_add(size);
        if readable && self.offset < length {
            return Slice::Good;
        }
        let good = readable && !self.sum == self.expected;
        *self = Self::new(self.expected);
        if good { Slice::Last } else { Slice::Bad }
    }
}

const START: u32 = u32::MAX;

/// CRC-32 of `bytes` (ISO-HDLC: reflected 0x04C11DB7, start and end inverted).
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    !summed(START, bytes)
}

fn summed(sum: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(sum, |sum, byte| {
        let low = nibble(sum ^ u32::from(*byte));
        nibble(low)
    })
}

/// Half a byte: a table of 64 bytes, and no loop over bits.
fn nibble(sum: u32) -> u32 {
    sum >> 4 ^ TABLE.get((sum & 0xF) as usize).copied().unwrap_or(0)
}

const TABLE: [u32; 16] = {
    let mut table = [0; 16];
    let mut i = 0;
    while i < 16 {
        let mut value = i as u32;
        let mut bit = 0;
        while bit < 4 {
            value = if value & 1 == 1 { value >> 1 ^ 0xEDB8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[i] = value;
        i += 1;
    }
    table
};
