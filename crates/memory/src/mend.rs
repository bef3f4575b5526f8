//! Makes the two copies of the values alike when the store is opened.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;

use crate::store::{Key, Store, Twin};
use crate::values::{self, BUFFER};
use crate::{Losses, StoreError};

/// What differs between the copies.
#[derive(Debug, Default)]
struct Differences {
    /// Values that are older, or not there, in the first copy.
    first_behind: u32,
    /// The same in the second.
    second_behind: u32,
    /// One value may be new in the first copy alone: there a cut of the supply stops a put.
    unfinished: Option<Key>,
    /// A copy makes no sense.
    first_broken: bool,
    second_broken: bool,
}

type Outcome<T, F> = Result<T, StoreError<<F as embedded_storage_async::nor_flash::ErrorType>::Error>>;

/// The newest version of each key, in one copy and in the other; 0 if it is not there.
type Versions = [(u32, u32); 256];

fn stored(surveyed: &Versions) -> impl Iterator<Item = (Key, (u32, u32))> {
    (0..=u8::MAX).zip(surveyed).filter(|(_, versions)| **versions != (0, 0)).map(|(key, it)| (Key(key), *it))
}

/// Makes the copies alike; what that shows is noted in `losses`.
///
/// A copy that is behind is not written on but erased and filled from the other one: with a page lost, the library no
/// longer knows the order of the others. Interrupted, it is behind again at the next opening.
pub(crate) async fn mend<F: MultiwriteNorFlash>(store: &mut Store<F>) -> Outcome<Losses, F> {
    let mut keys = [(0, 0); 256];
    let in_first = |versions: &mut (u32, u32), version| versions.0 = version;
    let in_second = |versions: &mut (u32, u32), version| versions.1 = version;
    let first_broken = !survey(store, Twin::First, &mut keys, in_first).await?;
    let second_broken = !survey(store, Twin::Second, &mut keys, in_second).await?;
    let found = Differences { first_broken, second_broken, ..Differences::default() };
    let found = compare(store, &keys, found).await?;
    let mut losses = Losses { mended: found.first_behind + found.second_behind, ..Losses::default() };
    let first = found.first_behind > 0 || found.first_broken;
    let mut second = found.second_behind > 0 || found.second_broken;
    if let Some(key) = found.unfinished {
        second |= transfer(store, Twin::First, key).await.is_err();
    }
    if first && second {
        for (key, _) in stored(&keys) {
            // What fails here is seen when the copy is filled.
            let _ = bring_up(store, Twin::First, key).await;
        }
    }
    if first {
        losses.single += fill(store, Twin::First, &keys).await?;
    }
    if second {
        losses.single += fill(store, Twin::Second, &keys).await?;
    }
    Ok(losses)
}

/// Notes the versions of a copy with `note`, by reading it once; false if it makes no sense.
async fn survey<F: MultiwriteNorFlash>(
    store: &mut Store<F>,
    twin: Twin,
    found: &mut Versions,
    note: impl Fn(&mut (u32, u32), u32),
) -> Outcome<bool, F> {
    let newer = |key: u8, version| {
        if let Some(versions) = found.get_mut(usize::from(key)) {
            note(versions, version);
        }
    };
    match values::versions(store.copy(twin), newer).await {
        Ok(()) => Ok(true),
        Err(StoreError::Corrupt) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn compare<F: MultiwriteNorFlash>(
    store: &mut Store<F>,
    keys: &Versions,
    mut found: Differences,
) -> Outcome<Differences, F> {
    for (key, surveyed) in stored(keys) {
        // Of a copy that makes no sense the survey has seen a part only.
        let broken = found.first_broken || found.second_broken;
        let (first, second) = if broken { versions(store, key).await? } else { surveyed };
        if first < second {
            found.first_behind += 1;
        } else if second.checked_add(1) == Some(first) && found.unfinished.is_none() {
            found.unfinished = Some(key);
        } else if second < first {
            found.second_behind += 1;
        }
    }
    Ok(found)
}

/// Versions of a value in both copies; in a damaged one nothing has a version.
async fn versions<F: MultiwriteNorFlash>(store: &mut Store<F>, key: Key) -> Outcome<(u32, u32), F> {
    let readable = |version| match version {
        Err(StoreError::Corrupt) => Ok(0),
        version => version,
    };
    let first = readable(store.version(Twin::First, key).await)?;
    let second = readable(store.version(Twin::Second, key).await)?;
    Ok((first, second))
}

/// Writes a value of this copy to the other one.
async fn transfer<F: MultiwriteNorFlash>(store: &mut Store<F>, from: Twin, key: Key) -> Outcome<(), F> {
    let mut buffer = [0; BUFFER];
    match values::fetch(store.copy(from), key.0, &mut buffer).await? {
        Some(item) => values::store(store.copy(from.other()), key.0, item).await,
        None => Ok(()),
    }
}

/// Writes a value of this copy to the other one if it is newer.
async fn bring_up<F: MultiwriteNorFlash>(store: &mut Store<F>, from: Twin, key: Key) -> Outcome<(), F> {
    let (first, second) = versions(store, key).await?;
    let newer = match from {
        Twin::First => first > second,
        Twin::Second => second > first,
    };
    if newer { transfer(store, from, key).await } else { Ok(()) }
}

/// Erases a copy and fills it from the other one; what the flash does not take is counted. A copy that has something
/// newer than the other one is left as it is.
async fn fill<F: MultiwriteNorFlash>(store: &mut Store<F>, twin: Twin, keys: &Versions) -> Outcome<u32, F> {
    let mut single = 0;
    for (key, _) in stored(keys) {
        let (first, second) = versions(store, key).await?;
        let newer = match twin {
            Twin::First => first > second,
            Twin::Second => second > first,
        };
        single += u32::from(newer);
    }
    if single > 0 {
        return Ok(single);
    }
    let erased = values::erase(store.copy(twin)).await;
    for (key, _) in stored(keys) {
        let filled = erased.is_ok() && transfer(store, twin.other(), key).await.is_ok();
        single += u32::from(!filled);
    }
    Ok(single)
}
