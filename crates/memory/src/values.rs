//! One copy of the values: the newest item of each key, on pages used in turn.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::map::{MapConfig, MapStorage, SerializationError, Value};

use crate::StoreError;
use crate::pages::Pages;

/// Room for the longest item as the library wants it: key, version, value, and padding to a word.
pub(crate) const BUFFER: usize = crate::VALUE_MAX + 32;
/// A write that is read back wrong is tried again: the next place may be sound.
const TRIES: u32 = 3;

/// A value, and how often its key has been written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Versioned<'v> {
    pub(crate) version: u32,
    pub(crate) value: &'v [u8],
}

impl<'v> Value<'v> for Versioned<'v> {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        let (version, rest) = buffer.split_first_chunk_mut().ok_or(SerializationError::BufferTooSmall)?;
        *version = self.version.to_le_bytes();
        let room = rest.get_mut(..self.value.len()).ok_or(SerializationError::BufferTooSmall)?;
        room.copy_from_slice(self.value);
        Ok(size_of::<u32>() + self.value.len())
    }

    fn deserialize_from(buffer: &'v [u8]) -> Result<(Self, usize), SerializationError> {
        let (version, value) = buffer.split_first_chunk().ok_or(SerializationError::InvalidFormat)?;
        Ok((Self { version: u32::from_le_bytes(*version), value }, buffer.len()))
    }
}

type Map<'f, F> = MapStorage<u8, Pages<'f, F>, Cache<Uncached, Uncached, Uncached, u8>>;

fn map<F: MultiwriteNorFlash>(pages: Pages<'_, F>) -> Result<Map<'_, F>, StoreError<F::Error>> {
    let config = MapConfig::try_new(pages.range()).map_err(|_| StoreError::TooSmall)?;
    Ok(MapStorage::new(pages, config, Cache::new_uncached()))
}

/// The value of a key in this copy.
pub(crate) async fn fetch<'b, F: MultiwriteNorFlash>(
    pages: Pages<'_, F>,
    key: u8,
    buffer: &'b mut [u8; BUFFER],
) -> Result<Option<Versioned<'b>>, StoreError<F::Error>> {
    Ok(map(pages)?.fetch_item(buffer, &key).await?)
}

/// Writes a value to this copy; the old one is valid until the new one is whole.
pub(crate) async fn store<F: MultiwriteNorFlash>(
    pages: Pages<'_, F>,
    key: u8,
    item: Versioned<'_>,
) -> Result<(), StoreError<F::Error>> {
    let mut map = map(pages)?;
    let mut buffer = [0; BUFFER];
    let mut result = Ok(());
    for _ in 0..TRIES {
        result = map.store_item(&mut buffer, &key, &item).await.map_err(StoreError::from);
        if !matches!(result, Err(StoreError::Unverified)) {
            break;
        }
    }
    result
}

/// Shows the version of each item of this copy, those of a key from the oldest to the newest.
pub(crate) async fn versions<F: MultiwriteNorFlash>(
    pages: Pages<'_, F>,
    mut each: impl FnMut(u8, u32),
) -> Result<(), StoreError<F::Error>> {
    let mut map = map(pages)?;
    let mut buffer = [0; BUFFER];
    let mut items = map.fetch_all_items(&mut buffer).await?;
    while let Some((key, item)) = items.next::<Versioned<'_>>(&mut buffer).await? {
        each(key, item.version);
    }
    Ok(())
}

/// Erases this copy.
pub(crate) async fn erase<F: MultiwriteNorFlash>(pages: Pages<'_, F>) -> Result<(), StoreError<F::Error>> {
    Ok(map(pages)?.erase_all().await?)
}
