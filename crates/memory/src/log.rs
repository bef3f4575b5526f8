//! The log: numbered entries on pages used in turn, the oldest page erased when a new one is needed.

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

type Queue<'f, F> = QueueStorage<Pages<'f, F>, Cache<Uncached, Uncached, Uncached>>;

fn queue<F: MultiwriteNorFlash>(pages: Pages<'_, F>) -> Result<Queue<'_, F>, StoreError<F::Error>> {
    let config = QueueConfig::try_new(pages.range()).map_err(|_| StoreError::TooSmall)?;
    Ok(QueueStorage::new(pages, config, Cache::new_uncached()))
}

/// Writes an entry behind the last one.
pub(crate) async fn append<F: MultiwriteNorFlash>(
    pages: Pages<'_, F>,
    number: u32,
    entry: &[u8],
) -> Result<(), StoreError<F::Error>> {
    let mut item = [0; NUMBER + ENTRY_MAX];
    let (place, rest) = item.split_first_chunk_mut().ok_or(StoreError::TooLong)?;
    *place = number.to_le_bytes();
    rest.get_mut(..entry.len()).ok_or(StoreError::TooLong)?.copy_from_slice(entry);
    let item = item.get(..NUMBER + entry.len()).ok_or(StoreError::TooLong)?;
    let mut queue = queue(pages)?;
    let mut result = Ok(());
    for _ in 0..TRIES {
        result = queue.push(item, true).await.map_err(StoreError::from);
        if !matches!(result, Err(StoreError::Unverified)) {
            break;
        }
    }
    result
}

/// Shows the entries with their numbers, oldest first.
pub(crate) async fn read<F: MultiwriteNorFlash>(
    pages: Pages<'_, F>,
    mut each: impl FnMut(u32, &[u8]),
) -> Result<(), StoreError<F::Error>> {
    let mut queue = queue(pages)?;
    let mut buffer = [0; BUFFER];
    let mut iterator = queue.iter().await?;
    while let Some(item) = iterator.next(&mut buffer).await? {
        if let Some((number, entry)) = item.split_first_chunk() {
            each(u32::from_le_bytes(*number), entry);
        }
    }
    Ok(())
}

/// Erases the log.
pub(crate) async fn erase<F: MultiwriteNorFlash>(pages: Pages<'_, F>) -> Result<(), StoreError<F::Error>> {
    Ok(queue(pages)?.erase_all().await?)
}
