//! What a store must hold, beside a store.
#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;

use voltower_memory::{Key, Store, VALUE_MAX, run};
use voltower_plant::{Flash, FlashError};

/// What becomes of a store's operation.
pub(crate) type Outcome = Result<(), voltower_memory::StoreError<FlashError>>;

/// One call of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    /// Stores a value.
    Put(u8, Vec<u8>),
    /// Adds to the log.
    Append(Vec<u8>),
}

impl Call {
    /// Makes it.
    pub(crate) fn make(&self, store: &mut Store<Flash>) -> Outcome {
        match self {
            Self::Put(key, value) => run(store.put(Key(*key), value)),
            Self::Append(entry) => run(store.append(entry)),
        }
    }
}

/// What has been acknowledged.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acknowledged {
    /// Newest value of each key.
    pub(crate) values: BTreeMap<u8, Vec<u8>>,
    /// All entries ever, oldest first.
    pub(crate) entries: Vec<Vec<u8>>,
}

impl Acknowledged {
    /// Notes a call that was acknowledged.
    pub(crate) fn note(&mut self, call: &Call) {
        match call {
            Call::Put(key, value) => drop(self.values.insert(*key, value.clone())),
            Call::Append(entry) => self.entries.push(entry.clone()),
        }
    }

    /// Checks a store after `cut` was stopped; it holds at least `entries` of the newest entries.
    #[track_caller]
    pub(crate) fn check(&self, store: &mut Store<Flash>, cut: Option<&Call>, entries: usize) {
        for key in (0..6).chain([200]) {
            let found = value(store, key);
            let new = matches!(cut, Some(Call::Put(k, value)) if *k == key && found.as_ref() == Some(value));
            assert!(new || found.as_ref() == self.values.get(&key), "value {key} is {found:?}, cut {cut:?}");
        }
        let mut may = self.entries.clone();
        let mut found = log(store);
        if took(store, cut, self.entries.len()) {
            assert_eq!(found.pop(), entry_of(cut), "what was cut is there whole");
        }
        assert!(found.len() >= entries, "{} entries of {entries} left, cut {cut:?}", found.len());
        assert!(found.len() <= may.len(), "entries are invented");
        assert!(may.split_off(may.len() - found.len()) == found, "entries differ, cut {cut:?}");
    }
}

/// Whether the log has one entry more than were acknowledged: the one whose append was stopped.
pub(crate) fn took(store: &Store<Flash>, cut: Option<&Call>, entries: usize) -> bool {
    let took = store.appended() as usize > entries;
    assert!(!took || entry_of(cut).is_some(), "an entry is invented");
    took
}

fn entry_of(cut: Option<&Call>) -> Option<Vec<u8>> {
    match cut {
        Some(Call::Append(entry)) => Some(entry.clone()),
        Some(Call::Put(..)) | None => None,
    }
}

/// A value as the store reads it.
pub(crate) fn value(store: &mut Store<Flash>, key: u8) -> Option<Vec<u8>> {
    let mut buffer = [0; VALUE_MAX];
    run(store.get(Key(key), &mut buffer)).expect("the flash can be read").map(<[u8]>::to_vec)
}

/// The log as the store reads it.
pub(crate) fn log(store: &mut Store<Flash>) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    run(store.entries(|entry| entries.push(entry.to_vec()))).expect("the flash can be read");
    entries
}

/// A store in a flash.
pub(crate) fn open(flash: Flash) -> Store<Flash> {
    run(Store::open(flash)).expect("the flash can be read")
}

/// Small random numbers, the same on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    /// Of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Below a number.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }

    /// Bytes that are all different from call to call.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.below(256) as u8).collect()
    }
}
