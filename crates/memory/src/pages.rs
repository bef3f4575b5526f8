//! Pages of a flash, without what flash does to its user: an erase that loses its supply leaves a page in any state, a
//! write leaves part of a word, and a worn page does not hold what was written.
//!
//! The first bytes of each page are a mark. It is written after an erase has been completed and wiped before the next
//! one begins; a page without it counts as erased, whatever stands in it, and is erased before its first write. So an
//! erase is all or nothing. Everything written is read back. A word is as long as the library's header of an item: of
//! one that was cut off, nothing written later can become a part. (With shorter words the next item begins right behind
//! the last byte that was written, and its first byte completes the header, which then covers it.)

use embedded_storage_async::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

/// Bytes of a word, of the library's header and of a mark.
const WORD: usize = 8;
/// Stands at the beginning of a page in use. As many ones as zeros: half of them must change before it is a wiped or an
/// erased one.
const MARK: [u8; WORD] = [0x5A, 0xA5, 0x3C, 0xC3, 0x96, 0x69, 0x0F, 0xF0];
/// So many bits of a mark may have rotted. An interrupted erase looks like this once in 10^11 times.
const ROTTEN_BITS: u32 = 6;
/// Bytes read back at a time.
const CHUNK: usize = 64;

/// What goes wrong with pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageError<E> {
    /// The flash says so.
    Flash(E),
    /// What was written is not what is read.
    Unverified,
    /// There is no such address.
    OutOfBounds,
}

impl<E: NorFlashError> NorFlashError for PageError<E> {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Flash(error) => error.kind(),
            Self::Unverified => NorFlashErrorKind::Other,
            Self::OutOfBounds => NorFlashErrorKind::OutOfBounds,
        }
    }
}

/// Some pages of a flash, as a flash of their own that begins at address 0 and whose pages are shorter by the mark.
pub(crate) struct Pages<'f, F> {
    flash: &'f mut F,
    first: u32,
    count: u32,
}

impl<'f, F: MultiwriteNorFlash> Pages<'f, F> {
    const SIZE: u32 = (F::ERASE_SIZE - WORD) as u32;
    const FITS: () = assert!(
        WORD.is_multiple_of(F::WRITE_SIZE) && WORD.is_multiple_of(F::READ_SIZE),
        "words of 1, 2, 4 or 8 bytes"
    );

    /// `count` pages from page `first`.
    pub(crate) fn new(flash: &'f mut F, first: u32, count: u32) -> Self {
        let () = Self::FITS;
        Self { flash, first, count }
    }

    /// The whole of it.
    pub(crate) fn range(&self) -> core::ops::Range<u32> {
        0..self.count * Self::SIZE
    }

    /// Where a page begins in the flash.
    fn start(&self, page: u32) -> u32 {
        (self.first + page) * F::ERASE_SIZE as u32
    }

    /// The page of an address, the address in the flash, and the bytes from there to the end of the page.
    fn locate(&self, address: u32) -> Result<(u32, u32, usize), PageError<F::Error>> {
        let (page, within) = (address / Self::SIZE, address % Self::SIZE);
        if page >= self.count {
            return Err(PageError::OutOfBounds);
        }
        Ok((page, self.start(page) + WORD as u32 + within, (Self::SIZE - within) as usize))
    }

    async fn in_use(&mut self, page: u32) -> Result<bool, PageError<F::Error>> {
        let mut mark = [0; WORD];
        self.flash.read(self.start(page), &mut mark).await.map_err(PageError::Flash)?;
        let wrong: u32 = mark.iter().zip(MARK).map(|(read, mark)| (read ^ mark).count_ones()).sum();
        Ok(wrong <= ROTTEN_BITS)
    }

    /// Programs bytes at an address of the flash and reads them back.
    async fn program(&mut self, at: u32, bytes: &[u8]) -> Result<(), PageError<F::Error>> {
        self.flash.write(at, bytes).await.map_err(PageError::Flash)?;
        let mut address = at;
        for written in bytes.chunks(CHUNK) {
            let mut buffer = [0; CHUNK];
            let (read, _) = buffer.split_at_mut_checked(written.len()).ok_or(PageError::OutOfBounds)?;
            self.flash.read(address, read).await.map_err(PageError::Flash)?;
            if read != written {
                return Err(PageError::Unverified);
            }
            address += written.len() as u32;
        }
        Ok(())
    }

    /// Erases a page without a mark and gives it one.
    async fn prepare(&mut self, page: u32) -> Result<(), PageError<F::Error>> {
        let (from, to) = (self.start(page), self.start(page + 1));
        self.flash.erase(from, to).await.map_err(PageError::Flash)?;
        let mut address = from;
        while address < to {
            let mut buffer = [0; CHUNK];
            let left = ((to - address) as usize).min(CHUNK);
            let (read, _) = buffer.split_at_mut_checked(left).ok_or(PageError::OutOfBounds)?;
            self.flash.read(address, read).await.map_err(PageError::Flash)?;
            if read.iter().any(|&byte| byte != 0xFF) {
                return Err(PageError::Unverified);
            }
            address += left as u32;
        }
        self.program(from, &MARK).await
    }

    async fn erase_page(&mut self, page: u32) -> Result<(), PageError<F::Error>> {
        if self.in_use(page).await? {
            self.program(self.start(page), &[0; WORD]).await?;
        }
        self.prepare(page).await
    }
}

impl<F: NorFlash> ErrorType for Pages<'_, F> {
    type Error = PageError<F::Error>;
}

impl<F: MultiwriteNorFlash> ReadNorFlash for Pages<'_, F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        let (mut address, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            let (page, at, room) = self.locate(address)?;
            let length = room.min(rest.len());
            let (part, behind) = rest.split_at_mut_checked(length).ok_or(PageError::OutOfBounds)?;
            if self.in_use(page).await? {
                self.flash.read(at, part).await.map_err(PageError::Flash)?;
            } else {
                part.fill(0xFF);
            }
            (address, rest) = (address + length as u32, behind);
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.range().end as usize
    }
}

impl<F: MultiwriteNorFlash> NorFlash for Pages<'_, F> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = Self::SIZE as usize;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        for page in from / Self::SIZE..to / Self::SIZE {
            self.locate(page * Self::SIZE)?;
            self.erase_page(page).await?;
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        let (mut address, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            let (page, at, room) = self.locate(address)?;
            let (part, behind) = rest.split_at_checked(room.min(rest.len())).ok_or(PageError::OutOfBounds)?;
            if !self.in_use(page).await? {
                self.prepare(page).await?;
            }
            self.program(at, part).await?;
            (address, rest) = (address + part.len() as u32, behind);
        }
        Ok(())
    }
}
