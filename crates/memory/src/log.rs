//! The log: numbered entries on pages used in turn, the oldest page erased when a new one is needed.
//!
//! Each page is a queue of its own, and the numbers tell their order: a page that is lost leaves a gap, and hides
//! nothing.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::queue::{QueueConfig, QueueStorage};

use crate::pages::Pages;
use crate::{ENTRY_MAX, StoreError};

/// Bytes of an entry's number.
const NUMBER: usize = size_of::<u32>();
/// Room for number and entry, with padding to a word.
const BUFFER: usize = NUMBER + ENTRY_MAX + 32;
/// A write that is read back wrong is tried again: the next place may be sound.
const TRIES: u32 = 3;

/// An entry as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    bytes: [u8; NUMBER + ENTRY_MAX],
    length: usize,
}

impl Entry {
    /// `None` if it is too long.
    pub(crate) fn new(number: u32, entry: &[u8]) -> Option<Self> {
        let mut bytes = [0; NUMBER + ENTRY_MAX];
        let (place, rest) = bytes.split_first_chunk_mut()?;
        *place = number.to_le_bytes();
        rest.get_mut(..entry.len())?.copy_from_slice(entry);
        Some(Self { bytes, length: NUMBER + entry.len() })
    }
}

type Queue<'f, F> = QueueStorage<Pages<'f, F>, Cache<Uncached, Uncached, Uncached>>;

fn queue<F: MultiwriteNorFlash>(page: Pages<'_, F>) -> Result<Queue<'_, F>, StoreError<F::Error>> {
    let config = QueueConfig::try_new(page.range()).map_err(|_| StoreError::TooSmall)?;
    Ok(QueueStorage::new(page, config, Cache::new_uncached()))
}

/// Writes an entry behind the last one of this page; [`StoreError::Full`] if it does not fit.
pub(crate) async fn append<F: MultiwriteNorFlash>(
    page: Pages<'_, F>,
    entry: &Entry,
) -> Result<(), StoreError<F::Error>> {
    let item = entry.bytes.get(..entry.length).ok_or(StoreError::TooLong)?;
    let mut queue = queue(page)?;
    let mut result = Ok(());
    for _ in 0..TRIES {
        result = queue.push(item, false).await.map_err(StoreError::from);
        if !matches!(result, Err(StoreError::Unverified)) {
            break;
        }
    }
    result
}

/// Shows the entries of this page with their numbers, oldest first. A page that makes no sense has none.
pub(crate) async fn read<F: MultiwriteNorFlash>(
    page: Pages<'_, F>,
    mut each: impl FnMut(u32, &[u8]),
) -> Result<(), StoreError<F::Error>> {
    match try_read(page, &mut each).await {
        Err(StoreError::Corrupt) => Ok(()),
        result => result,
    }
}

async fn try_read<F: MultiwriteNorFlash>(
    page: Pages<'_, F>,
    each: &mut impl FnMut(u32, &[u8]),
) -> Result<(), StoreError<F::Error>> {
    let mut queue = queue(page)?;
    let mut buffer = [0; BUFFER];
    let mut iterator = queue.iter().await?;
    while let Some(item) = iterator.next(&mut buffer).await? {
        if let Some((number, entry)) = item.split_first_chunk() {
            each(u32::from_le_bytes(*number), entry);
        }
    }
    Ok(())
}

/// Erases this page.
pub(crate) async fn erase<F: MultiwriteNorFlash>(page: Pages<'_, F>) -> Result<(), StoreError<F::Error>> {
    Ok(queue(page)?.erase_all().await?)
}
