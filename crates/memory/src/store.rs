//! The store: two copies of the values and one log, in one flash.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;

use crate::log::{self, Entry};
use crate::losses::Losses;
use crate::pages::Pages;
use crate::values::{self, BUFFER, Versioned};
use crate::{StoreError, mend};

/// Bytes of a value at most.
pub const VALUE_MAX: usize = 512;
/// Bytes of an entry at most.
pub const ENTRY_MAX: usize = 32;

/// What a value is stored under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub u8);

/// One of the two copies of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twin {
    /// Written first.
    First,
    /// Written second.
    Second,
}

impl Twin {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// Values and log of a controller, in a flash of its own.
///
/// A quarter of the pages holds the first copy of the values, a quarter the second, the rest the log.
///
/// Pages are used in turn, so they wear alike. On 64 pages of 4 KiB that stand 100 000 erases, 96 values of 256 bytes a
/// day last about 600 years and 200 entries a day thousands (`tests/wear.rs`).
#[derive(Debug, Clone)]
pub struct Store<F> {
    flash: F,
    /// Page of the log that holds the newest entry, from its first page.
    newest_page: u32,
    next_number: u32,
    losses: Losses,
}

/// What opening a flash has found out, for who gives the flash back in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    newest_page: u32,
    next_number: u32,
    losses: Losses,
}

impl<F: MultiwriteNorFlash> Store<F> {
    /// Goes on with a flash that nobody has written since [`Store::opened`], and that has not failed.
    #[must_use]
    pub const fn resume(flash: F, opened: Opened) -> Self {
        let Opened { newest_page, next_number, losses } = opened;
        Self { flash, newest_page, next_number, losses }
    }

    /// What must be known to [`Store::resume`].
    #[must_use]
    pub const fn opened(&self) -> Opened {
        Opened { newest_page: self.newest_page, next_number: self.next_number, losses: self.losses }
    }

    /// Opens what the flash holds and repairs what a cut of the supply or rot have left; see [`Store::losses`].
    ///
    /// # Errors
    /// If the flash cannot be read or is too small. What cannot be repaired because the flash does not take it is no
    /// error: what is stored can then still be read.
    pub async fn open(flash: F) -> Result<Self, StoreError<F::Error>> {
        let mut store = Self { flash, newest_page: 0, next_number: 0, losses: Losses::default() };
        if store.quarter() < 2 {
            return Err(StoreError::TooSmall);
        }
        store.losses = mend::mend(&mut store).await?;
        store.find_newest_page().await?;
        store.count_missing().await?;
        Ok(store)
    }

    /// Stores a value. After a cut of the supply, or an error, the old or the new one is read.
    ///
    /// # Errors
    /// If one of its copies could not be written: it must not be relied on.
    pub async fn put(&mut self, key: Key, value: &[u8]) -> Result<(), StoreError<F::Error>> {
        if value.len() > VALUE_MAX {
            return Err(StoreError::TooLong);
        }
        let version = self.newest(key).await?;
        let item = Versioned { version: version.saturating_add(1), value };
        let first = values::store(self.copy(Twin::First), key.0, item).await;
        let second = values::store(self.copy(Twin::Second), key.0, item).await;
        first.and(second)
    }

    /// The value of a key, read into the buffer; `None` if it was never stored.
    ///
    /// # Errors
    /// If the flash cannot be read, or the buffer is too short.
    pub async fn get<'b>(
        &mut self,
        key: Key,
        buffer: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, StoreError<F::Error>> {
        let (mut first, mut second) = ([0; BUFFER], [0; BUFFER]);
        let first = values::fetch(self.copy(Twin::First), key.0, &mut first).await;
        let second = values::fetch(self.copy(Twin::Second), key.0, &mut second).await;
        let version = |item: &Option<Versioned<'_>>| item.map_or(0, |item| item.version);
        let found = match (first, second) {
            (Ok(first), Ok(second)) if version(&first) > version(&second) => first,
            // One that cannot be read does not hide the other.
            (_, Ok(found)) | (Ok(found), Err(_)) => found,
            (Err(error), Err(_)) => return Err(error),
        };
        let Some(found) = found else {
            return Ok(None);
        };
        let place = buffer.get_mut(..found.value.len()).ok_or(StoreError::TooLong)?;
        place.copy_from_slice(found.value);
        Ok(Some(place))
    }

    /// Adds an entry to the log; when the log is full its oldest page goes.
    ///
    /// # Errors
    /// If it is too long or could not be written. It may be there nevertheless, once the store is opened again.
    pub async fn append(&mut self, entry: &[u8]) -> Result<(), StoreError<F::Error>> {
        let entry = Entry::new(self.next_number, entry).ok_or(StoreError::TooLong)?;
        match log::append(self.log_page(self.newest_page), &entry).await {
            // A page that makes no sense takes nothing more.
            Err(StoreError::Full | StoreError::Corrupt) => self.append_to_next_page(&entry).await?,
            result => result?,
        }
        self.next_number = self.next_number.saturating_add(1);
        Ok(())
    }

    async fn append_to_next_page(&mut self, entry: &Entry) -> Result<(), StoreError<F::Error>> {
        let page = (self.newest_page + 1) % self.log_pages();
        log::erase(self.log_page(page)).await?;
        log::append(self.log_page(page), entry).await?;
        self.newest_page = page;
        Ok(())
    }

    /// Shows each entry of the log, oldest first.
    ///
    /// # Errors
    /// If the flash cannot be read.
    pub async fn entries(&mut self, mut each: impl FnMut(&[u8])) -> Result<(), StoreError<F::Error>> {
        self.numbered(|_, entry| each(entry)).await
    }

    /// Entries that the log has ever taken.
    #[must_use]
    pub fn appended(&self) -> u32 {
        self.next_number
    }

    /// What was found damaged at opening.
    #[must_use]
    pub fn losses(&self) -> Losses {
        self.losses
    }

    /// The flash.
    #[must_use]
    pub fn into_flash(self) -> F {
        self.flash
    }

    /// The flash, for whoever simulates it.
    pub fn flash_mut(&mut self) -> &mut F {
        &mut self.flash
    }

    pub(crate) fn copy(&mut self, twin: Twin) -> Pages<'_, F> {
        let quarter = self.quarter();
        match twin {
            Twin::First => Pages::new(&mut self.flash, 0, quarter),
            Twin::Second => Pages::new(&mut self.flash, quarter, quarter),
        }
    }

    fn log_page(&mut self, page: u32) -> Pages<'_, F> {
        let first = 2 * self.quarter();
        Pages::new(&mut self.flash, first + page, 1)
    }

    /// Pages of the log, at least one.
    fn log_pages(&self) -> u32 {
        (self.page_count() - 2 * self.quarter()).max(1)
    }

    fn page_count(&self) -> u32 {
        (self.flash.capacity() / F::ERASE_SIZE) as u32
    }

    fn quarter(&self) -> u32 {
        self.page_count() / 4
    }

    /// How often a key has been written, as this copy has it; 0 if never.
    pub(crate) async fn version(&mut self, twin: Twin, key: Key) -> Result<u32, StoreError<F::Error>> {
        let mut buffer = [0; BUFFER];
        let item = values::fetch(self.copy(twin), key.0, &mut buffer).await?;
        Ok(item.map_or(0, |item| item.version))
    }

    /// How often a key has been written. A copy that cannot be read does not hide the other.
    async fn newest(&mut self, key: Key) -> Result<u32, StoreError<F::Error>> {
        let first = self.version(Twin::First, key).await;
        let second = self.version(Twin::Second, key).await;
        match (first, second) {
            (Ok(first), Ok(second)) => Ok(first.max(second)),
            (Ok(version), Err(_)) | (Err(_), Ok(version)) => Ok(version),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Shows each entry with its number, oldest first. One that was written twice, because it was read back wrong where
    /// it does not matter, is shown once.
    async fn numbered(&mut self, mut each: impl FnMut(u32, &[u8])) -> Result<(), StoreError<F::Error>> {
        let (newest, pages) = (self.newest_page, self.log_pages());
        let mut next = 0;
        for page in 1..=pages {
            let page = self.log_page((newest + page) % pages);
            let ascending = |number: u32, entry: &[u8]| {
                if number >= next {
                    next = number.saturating_add(1);
                    each(number, entry);
                }
            };
            log::read(page, ascending).await?;
        }
        Ok(())
    }

    async fn find_newest_page(&mut self) -> Result<(), StoreError<F::Error>> {
        for page in 0..self.log_pages() {
            let mut next = 0;
            log::read(self.log_page(page), |number, _| next = number.saturating_add(1)).await?;
            if next > self.next_number {
                (self.newest_page, self.next_number) = (page, next);
            }
        }
        Ok(())
    }

    async fn count_missing(&mut self) -> Result<(), StoreError<F::Error>> {
        let (mut next, mut missing) = (None, 0_u32);
        let seen = self.numbered(|number, _| {
            missing = missing.saturating_add(number.saturating_sub(next.unwrap_or(number)));
            next = Some(number.saturating_add(1));
        });
        seen.await?;
        self.losses.entries = missing;
        Ok(())
    }
}
