//! Variable memory: March X, a slice of words at a time, contents kept.

use core::ops::Range;

use voltower_core::values;

use super::Slice;

/// Memory that can be tested, by number of its word.
pub trait Memory {
    /// Words there are.
    fn words(&self) -> u32;
    /// The word at this place, from the memory and from no cache.
    fn read(&self, word: u32) -> u32;
    /// Writes it.
    fn write(&mut self, word: u32, value: u32);
}

/// Words of a slice.
const SLICE: usize = values::SELF_TEST_MEMORY_SLICE.0 as usize;
/// Slices have one word in common, so that neighbours are tested against each other everywhere.
const STRIDE: u32 = SLICE as u32 - 1;

/// Each pair of bits of a word differs in one of these or is covered by its complement: coupling within a word shows
/// (log2 of 32 bits, and all alike).
const BACKGROUNDS: [u32; 6] = [0, 0x5555_5555, 0x3333_3333, 0x0F0F_0F0F, 0x00FF_00FF, 0x0000_FFFF];

/// How far the march is. March X (up: w0; up: r0 w1; down: r1 w0; up: r0) finds stuck bits, bits that do not change,
/// coupling between words of a slice, and with [`March::Lines`] address lines without effect.
///
/// ```text
///   Words { from } --the next seven words--> Words { from + 7 } -- ... --end--> Lines { line: 0 }
///        ^                                                                          | words 0 and 2^line
///        +------------------- the last address line: the pass is over --------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum March {
    /// Words from here come next.
    Words {
        /// The first one.
        from: u32,
    },
    /// This address line comes next: word 0 against the word whose number is 2 to the `line`.
    Lines {
        /// From 0.
        line: u8,
    },
}

impl Default for March {
    fn default() -> Self {
        Self::Words { from: 0 }
    }
}

impl March {
    /// Steps of one pass over so many words.
    #[must_use]
    pub const fn slices(words: u32) -> u32 {
        words.div_ceil(STRIDE).saturating_add(lines(words) as u32)
    }

    /// Tests the next slice: bounded work, whatever the memory.
    pub fn step<M: Memory>(&mut self, memory: &mut M) -> Slice {
        let words = memory.words();
        let (good, next) = match *self {
            Self::Words { from } => {
                let end = from.saturating_add(SLICE as u32).min(words);
                let next = from.saturating_add(STRIDE);
                let next = if next < words { Self::Words { from: next } } else { Self::Lines { line: 0 } };
                (keeps(memory, from..end), next)
            }
            Self::Lines { line } => (tells_apart(memory, line), Self::Lines { line: line.saturating_add(1) }),
        };
        let over = matches!(next, Self::Lines { line } if line >= lines(words));
        *self = if over || !good { Self::default() } else { next };
        match (good, over) {
            (false, _) => Slice::Bad,
            (true, true) => Slice::Last,
            (true, false) => Slice::Good,
        }
    }
}

/// Address lines of so many words.
const fn lines(words: u32) -> u8 {
    (u32::BITS - words.saturating_sub(1).leading_zeros()) as u8
}

/// Words `range` keep what is written into them; they keep what was in them too.
fn keeps<M: Memory>(memory: &mut M, range: Range<u32>) -> bool {
    let mut kept = [0; SLICE];
    for (word, value) in range.clone().zip(&mut kept) {
        *value = memory.read(word);
    }
    let good = march(memory, &range);
    for (word, value) in range.clone().zip(&kept) {
        memory.write(word, *value);
    }
    good && range.zip(&kept).all(|(word, value)| memory.read(word) == *value)
}

fn march<M: Memory>(memory: &mut M, range: &Range<u32>) -> bool {
    BACKGROUNDS.iter().all(|&zero| {
        range.clone().for_each(|word| memory.write(word, zero));
        range.clone().all(|word| turns(memory, word, zero))
            && range.clone().rev().all(|word| turns(memory, word, !zero))
            && range.clone().all(|word| memory.read(word) == zero)
    })
}

/// The word reads `from`, and is written with the opposite.
fn turns<M: Memory>(memory: &mut M, word: u32, from: u32) -> bool {
    let good = memory.read(word) == from;
    memory.write(word, !from);
    good
}

/// Word 0 and the one that differs in this address line only are not the same.
fn tells_apart<M: Memory>(memory: &mut M, line: u8) -> bool {
    let Some(other) = 1u32.checked_shl(u32::from(line)).filter(|other| *other < memory.words()) else {
        return true;
    };
    let (first, second) = (memory.read(0), memory.read(other));
    memory.write(0, 0);
    memory.write(other, u32::MAX);
    let mut good = memory.read(0) == 0;
    memory.write(0, u32::MAX);
    memory.write(other, 0);
    good &= memory.read(0) == u32::MAX;
    memory.write(0, first);
    memory.write(other, second);
    good && memory.read(0) == first && memory.read(other) == second
}
