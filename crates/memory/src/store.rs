//! The store: two copies of the values and one log, in one flash.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;

use crate::losses::Losses;
use crate::pages::Pages;
use crate::values::{self, BUFFER, Versioned};
use crate::{StoreError, log};

/// Bytes of a value at most.
pub const VALUE_MAX: usize = 512;
/// Bytes of an entry at most.
pub const ENTRY_MAX: usize = 32;

/// What a value is stored under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub u8);

/// One of the two copies of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Twin {
    /// Written first.
    First,
    /// Written second.
    Second,
}

/// Values and log of a controller, in a flash of its own.
///
/// A quarter of the pages holds the first copy of the values, a quarter the second, the rest the log.
#[derive(Debug)]
pub struct Store<F> {
    flash: F,
    next_number: u32,
    losses: Losses,
}

/// What opening a flash has found out, for who gives the flash back in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    next_number: u32,
    losses: Losses,
}

impl<F: MultiwriteNorFlash> Store<F> {
    /// Goes on with a flash that nobody has written since [`Store::opened`], and that has not failed.
    #[must_use]
    pub const fn resume(flash: F, opened: Opened) -> Self {
        let Opened { next_number, losses } = opened;
        Self { flash, next_number, losses }
    }

    /// What must be known to [`Store::resume`].
    #[must_use]
    pub const fn opened(&self) -> Opened {
        Opened { next_number: self.next_number, losses: self.losses }
    }

    /// Opens what the flash holds and repairs what a cut of the supply or rot have left; see [`Store::losses`].
    ///
    /// # Errors
    /// If the flash cannot be read or is too small. What cannot be repaired because the flash does not take it is no error:
    /// what is stored can then still be read.
    pub async fn open(flash: F) -> Result<Self, StoreError<F::Error>> {
        let mut store = Self { flash, next_number: 0, losses: Losses::default() };
        store.mend_values().await?;
        store.survey_log().await?;
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
        let (_, version) = self.newest(key).await?;
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
        let (twin, _) = self.newest(key).await?;
        let mut item = [0; BUFFER];
        let Some(found) = values::fetch(self.copy(twin), key.0, &mut item).await? else {
            return Ok(None);
        };
        let place = buffer.get_mut(..found.value.len()).ok_or(StoreError::TooLong)?;
        place.copy_from_slice(found.value);
        Ok(Some(place))
    }

    /// Adds an entry to the log; when the log is full its oldest page goes.
    ///
    /// # Errors
    /// If it is too long or could not be written.
    pub async fn append(&mut self, entry: &[u8]) -> Result<(), StoreError<F::Error>> {
        if entry.len() > ENTRY_MAX {
            return Err(StoreError::TooLong);
        }
        let number = self.next_number;
        log::append(self.log(), number, entry).await?;
        self.next_number = number.wrapping_add(1);
        Ok(())
    }

    /// Shows each entry of the log, oldest first.
    ///
    /// # Errors
    /// If the flash cannot be read.
    pub async fn entries(&mut self, mut each: impl FnMut(&[u8])) -> Result<(), StoreError<F::Error>> {
        log::read(self.log(), |_, entry| each(entry)).await
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

    fn copy(&mut self, twin: Twin) -> Pages<'_, F> {
        let quarter = self.quarter();
        match twin {
            Twin::First => Pages::new(&mut self.flash, 0, quarter),
            Twin::Second => Pages::new(&mut self.flash, quarter, quarter),
        }
    }

    fn log(&mut self) -> Pages<'_, F> {
        let first = 2 * self.quarter();
        let count = self.page_count() - first;
        Pages::new(&mut self.flash, first, count)
    }

    fn page_count(&self) -> u32 {
        (self.flash.capacity() / F::ERASE_SIZE) as u32
    }

    fn quarter(&self) -> u32 {
        self.page_count() / 4
    }

    /// How often a key has been written, as this copy has it; 0 if never.
    async fn version(&mut self, twin: Twin, key: Key) -> Result<u32, StoreError<F::Error>> {
        let mut buffer = [0; BUFFER];
        let item = values::fetch(self.copy(twin), key.0, &mut buffer).await?;
        Ok(item.map_or(0, |item| item.version))
    }

    /// The copy that has the newer value of a key, and its version. One that cannot be read does not hide the other.
    async fn newest(&mut self, key: Key) -> Result<(Twin, u32), StoreError<F::Error>> {
        let first = self.version(Twin::First, key).await;
        let second = self.version(Twin::Second, key).await;
        match (first, second) {
            (Ok(first), Ok(second)) if first > second => Ok((Twin::First, first)),
            (Ok(_) | Err(_), Ok(second)) => Ok((Twin::Second, second)),
            (Ok(first), Err(_)) => Ok((Twin::First, first)),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Makes both copies alike.
    async fn mend_values(&mut self) -> Result<(), StoreError<F::Error>> {
        let mut present = [false; 256];
        for twin in [Twin::First, Twin::Second] {
            self.survey(twin, &mut present).await?;
        }
        let mut unfinished = false;
        for (key, _) in (0..=u8::MAX).zip(present).filter(|(_, present)| *present) {
            self.mend(Key(key), &mut unfinished).await?;
        }
        Ok(())
    }

    /// Notes the keys of a copy; one beyond repair is erased. If even that fails, the other one serves alone.
    async fn survey(&mut self, twin: Twin, present: &mut [bool; 256]) -> Result<(), StoreError<F::Error>> {
        match values::keys(self.copy(twin), present).await {
            Err(StoreError::Corrupt) => {
                self.losses.copies_erased += 1;
                values::erase(self.copy(twin)).await.or(Ok(()))
            }
            result => result,
        }
    }

    /// Writes the newer copy of a value over the older one. One value may be new in the first copy alone: that is where a
    /// cut of the supply stops a put.
    async fn mend(&mut self, key: Key, unfinished: &mut bool) -> Result<(), StoreError<F::Error>> {
        let first = readable(self.version(Twin::First, key).await)?;
        let second = readable(self.version(Twin::Second, key).await)?;
        if first == second {
            return Ok(());
        }
        let (from, to) =
            if first > second { (Twin::First, Twin::Second) } else { (Twin::Second, Twin::First) };
        let mut buffer = [0; BUFFER];
        let Some(item) = values::fetch(self.copy(from), key.0, &mut buffer).await? else {
            return Err(StoreError::Corrupt);
        };
        let cut = second.checked_add(1) == Some(first) && !*unfinished;
        match values::store(self.copy(to), key.0, item).await {
            Ok(()) if cut => *unfinished = true,
            Ok(()) => self.losses.mended += 1,
            Err(_) => self.losses.single += 1,
        }
        Ok(())
    }

    /// Looks for missing numbers and for the next one.
    async fn survey_log(&mut self) -> Result<(), StoreError<F::Error>> {
        let mut next = None;
        let mut missing = 0_u32;
        let seen = log::read(self.log(), |number, _| {
            let gap = next.map_or(0, |next| number.wrapping_sub(next));
            // A number that comes again is one that was written whole before its append failed.
            missing = missing.saturating_add(if gap > u32::MAX / 2 { 0 } else { gap });
            next = Some(number.wrapping_add(1));
        });
        match seen.await {
            Err(StoreError::Corrupt) => {
                self.losses.log_erased = true;
                log::erase(self.log()).await.or(Ok(()))
            }
            result => {
                self.losses.entries = missing;
                self.next_number = next.unwrap_or(0);
                result
            }
        }
    }
}

/// A damaged copy has no version of anything.
fn readable<E>(version: Result<u32, StoreError<E>>) -> Result<u32, StoreError<E>> {
    match version {
        Err(StoreError::Corrupt) => Ok(0),
        version => version,
    }
}
