//! The serial NOR flash on a controller's board: pages, wear, and what becomes of an operation that loses its supply.
//!
//! Sizes and endurance are those of a Winbond W25Q20CL (data sheet revision A1 of 2013-08-06, section 2): 2 Mbit in
//! uniform sectors of 4 KiB, programmed by the byte, more than 100 000 erase and program cycles. Its sectors are called
//! pages here, as in `embedded-storage`.

use embedded_storage_async::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

use crate::noise::Noise;

/// Bytes that one erase takes.
const PAGE: usize = 4096;
/// Pages of the chip; its smaller sisters W25X10CL and W25X05CL have 32 and 16.
const PAGES: usize = 64;
/// Erases that a page stands.
const ENDURANCE: u32 = 100_000;
/// Of so many bits that a worn page should program, one stays as it was.
const WORN_ONE_IN: u32 = 64;
/// Stream of the random generator.
const STREAM: u64 = 7;

/// Why the chip has not done what it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashError {
    /// It has no supply, or lost it during the operation.
    NoSupply,
    /// It reports that a page could not be erased.
    EraseFailed,
    /// There is no such address.
    OutOfBounds,
    /// Erases are of whole pages.
    NotAligned,
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::NoSupply | Self::EraseFailed => NorFlashErrorKind::Other,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
            Self::NotAligned => NorFlashErrorKind::NotAligned,
        }
    }
}

/// What can be wrong with a flash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashDefect {
    /// So many bits of one page have flipped, at random places of a page drawn from those in use; not to be repaired.
    BitRot {
        /// Bits.
        bits: u32,
    },
    /// Erasing fails and says so; the page stays as it was.
    EraseFails,
    /// Every page is worn: some bits are not programmed, and the chip does not notice.
    Worn,
    /// Its supply drops out during a write or erase; it is dead until repaired.
    Cut {
        /// How many operations from now; 1 is the next, 0 is at once, between two of them.
        after: u32,
    },
}

/// The chip: what it holds, how worn it is, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Flash {
    bytes: Vec<u8>,
    erases: Vec<u32>,
    operations: u64,
    cut_at: Option<u64>,
    supplied: bool,
    erase_fails: bool,
    worn: bool,
    noise: Noise,
}

impl Flash {
    /// Bytes that one erase takes.
    pub const PAGE: usize = PAGE;
    /// Pages of the chip.
    pub const PAGES: usize = PAGES;
    /// Erases that a page stands; one that had more programs unreliably.
    pub const ENDURANCE: u32 = ENDURANCE;

    /// A new chip, erased. The seed draws what is random about its defects.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_pages(PAGES, seed)
    }

    /// A chip of another size.
    #[must_use]
    pub fn with_pages(pages: usize, seed: u64) -> Self {
        Self {
            bytes: vec![0xFF; PAGE * pages],
            erases: vec![0; pages],
            operations: 0,
            cut_at: None,
            supplied: true,
            erase_fails: false,
            worn: false,
            noise: Noise::new(seed, STREAM),
        }
    }

    /// From now on this seed draws what is random about its defects.
    pub fn set_seed(&mut self, seed: u64) {
        self.noise = Noise::new(seed, STREAM);
    }

    /// Erases of each page so far.
    #[must_use]
    pub fn erases(&self) -> &[u32] {
        &self.erases
    }

    /// Writes and erases so far, each torn one included.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// Whether it has its supply.
    #[must_use]
    pub fn supplied(&self) -> bool {
        self.supplied
    }

    /// Puts a defect in, or takes it away; a repaired [`FlashDefect::Cut`] is supply again.
    pub fn set_defect(&mut self, defect: FlashDefect, broken: bool) {
        match defect {
            FlashDefect::BitRot { bits } if broken => self.rot_somewhere(bits),
            FlashDefect::BitRot { .. } => {}
            FlashDefect::EraseFails => self.erase_fails = broken,
            FlashDefect::Worn => self.worn = broken,
            FlashDefect::Cut { after } if broken => self.cut_after(after),
            FlashDefect::Cut { .. } => self.power_on(),
        }
    }

    /// The supply drops out during the operation so many from now; 0: at once.
    pub fn cut_after(&mut self, operations: u32) {
        self.supplied = operations > 0;
        self.cut_at = (operations > 0).then(|| self.operations + u64::from(operations));
    }

    /// The supply is back, and no cut is waiting.
    pub fn power_on(&mut self) {
        self.supplied = true;
        self.cut_at = None;
    }

    /// Flips so many different bits of a page; a page that does not exist is ignored.
    pub fn rot(&mut self, page: usize, bits: u32) {
        let bits = (bits as usize).min(PAGE * 8);
        let Some(cells) = self.bytes.chunks_exact_mut(PAGE).nth(page) else {
            return;
        };
        let mut flipped = std::collections::BTreeSet::new();
        while flipped.len() < bits {
            let bit = self.noise.bits() as usize % (PAGE * 8);
            if flipped.insert(bit) {
                cells[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    fn rot_somewhere(&mut self, bits: u32) {
        let used = |page: &[u8]| page.iter().any(|&byte| byte != 0xFF);
        let pages = self.bytes.chunks_exact(PAGE).enumerate().filter(|(_, page)| used(page));
        let pages: Vec<usize> = pages.map(|(place, _)| place).collect();
        if let Some(&page) = pages.get(self.noise.bits() as usize % pages.len().max(1)) {
            self.rot(page, bits);
        }
    }

    fn check(&self, from: u32, length: usize) -> Result<core::ops::Range<usize>, FlashError> {
        if !self.supplied {
            return Err(FlashError::NoSupply);
        }
        let from = from as usize;
        let range = from..from.saturating_add(length);
        if range.end > self.bytes.len() { Err(FlashError::OutOfBounds) } else { Ok(range) }
    }

    /// Counts an operation; true if the supply drops out during it.
    fn begin(&mut self) -> bool {
        self.operations += 1;
        let cut = self.cut_at.is_some_and(|at| self.operations >= at);
        self.supplied = !cut;
        cut
    }

    fn program(&mut self, at: usize, bits: u8) {
        let worn = self.worn || self.erases[at / PAGE] > ENDURANCE;
        let missed = if worn { self.few_bits() } else { 0 };
        self.bytes[at] &= bits | missed;
    }

    /// A byte in which one of [`WORN_ONE_IN`] bits is set.
    fn few_bits(&mut self) -> u8 {
        let bit = |noise: &mut Noise| u8::from(noise.bits().is_multiple_of(WORN_ONE_IN));
        (0..8).fold(0, |byte, _| byte << 1 | bit(&mut self.noise))
    }

    /// A write that loses its supply: nothing, a part from the front, all, or any of its bits have been programmed.
    fn tear_write(&mut self, range: core::ops::Range<usize>, bytes: &[u8]) {
        let kind = self.noise.bits() % 4;
        let reached = self.noise.bits() as usize % (bytes.len() + 1);
        for (place, (at, &byte)) in range.zip(bytes).enumerate() {
            let bits = match kind {
                0 => 0xFF,
                1 if place >= reached => 0xFF,
                1 | 2 => byte,
                _ => byte | self.noise.bits() as u8,
            };
            self.bytes[at] &= bits;
        }
    }

    /// An erase that loses its supply: nothing, a part from the front, or any of its bits have been erased, the last
    /// perhaps after all cells were programmed, as chips do before they erase.
    fn tear_erase(&mut self, page: usize) {
        let kind = self.noise.bits() % 4;
        let reached = self.noise.bits() as usize % (PAGE + 1);
        for place in 0..PAGE {
            let at = page * PAGE + place;
            let before = self.bytes[at];
            self.bytes[at] = match kind {
                0 if place < reached => 0xFF,
                0 | 1 => before,
                2 => before | self.noise.bits() as u8,
                _ => self.noise.bits() as u8,
            };
        }
    }

    fn erase_page(&mut self, page: usize) -> Result<(), FlashError> {
        let cut = self.begin();
        if self.erase_fails {
            return Err(if cut { FlashError::NoSupply } else { FlashError::EraseFailed });
        }
        self.erases[page] += 1;
        if cut {
            self.tear_erase(page);
            return Err(FlashError::NoSupply);
        }
        self.bytes[page * PAGE..][..PAGE].fill(0xFF);
        Ok(())
    }
}

impl ErrorType for Flash {
    type Error = FlashError;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        let range = self.check(offset, bytes.len())?;
        bytes.copy_from_slice(&self.bytes[range]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        let range = self.check(from, to.saturating_sub(from) as usize)?;
        if to < from || range.start % PAGE != 0 || range.end % PAGE != 0 {
            return Err(FlashError::NotAligned);
        }
        (range.start / PAGE..range.end / PAGE).try_for_each(|page| self.erase_page(page))
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        let range = self.check(offset, bytes.len())?;
        if self.begin() {
            self.tear_write(range, bytes);
            return Err(FlashError::NoSupply);
        }
        range.zip(bytes).for_each(|(at, &byte)| self.program(at, byte));
        Ok(())
    }
}

/// A byte may be programmed again as long as that only clears bits.
impl MultiwriteNorFlash for Flash {}
