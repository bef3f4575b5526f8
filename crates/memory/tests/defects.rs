//! Rot, wear and a flash that does not erase: said, never passed over.

mod common;

use common::{Acknowledged, Call, Dice, log, open, value};
use voltower_memory::{Key, Losses, Store, StoreError, run};
use voltower_plant::{Flash, FlashDefect, FlashError};

const PAGES: usize = 16;

/// A store that has wrapped, and all that was ever stored under each key.
fn filled(seed: u64) -> (Store<Flash>, Acknowledged, Vec<Call>) {
    let mut dice = Dice::new(seed);
    let (mut acknowledged, mut calls) = (Acknowledged::default(), Vec::new());
    let mut store = open(Flash::with_pages(PAGES, seed));
    for number in 0..900_u32 {
        let call = if number % 4 == 0 {
            let length = dice.below(200);
            Call::Put(dice.below(6) as u8, dice.bytes(length))
        } else {
            Call::Append(number.to_le_bytes().repeat(8))
        };
        call.make(&mut store).expect("the flash is sound");
        acknowledged.note(&call);
        calls.push(call);
    }
    (store, acknowledged, calls)
}

/// Every entry that is read was stored, and they are in order.
fn in_order(found: &[Vec<u8>], stored: &[Vec<u8>]) -> bool {
    let mut stored = stored.iter();
    found.iter().all(|entry| stored.any(|other| other == entry))
}

#[test]
fn rot_in_any_page_takes_no_value_and_lost_entries_are_counted() {
    let (mut store, acknowledged, _) = filled(3);
    let held = log(&mut store).len();
    let sound = store.into_flash();
    let mut total = Losses::default();
    for (page, bits) in (0..PAGES).flat_map(|page| [1, 3, 20, 300, 5000].map(|bits| (page, bits))) {
        let mut flash = sound.clone();
        flash.set_seed(page as u64 + u64::from(bits));
        flash.rot(page, bits);
        let mut store = open(flash);
        for key in 0..6 {
            let found = value(&mut store, key);
            assert_eq!(
                found.as_ref(),
                acknowledged.values.get(&key),
                "page {page}, {bits} bits, value {key}"
            );
        }
        let (found, losses) = (log(&mut store), store.losses());
        assert!(in_order(&found, &acknowledged.entries), "page {page}, {bits} bits");
        account(held, &found, &losses, &acknowledged);
        total.mended += losses.mended;
        total.entries += losses.entries;
        acknowledged_again(store);
    }
    assert!(total.mended > 0 && total.entries > 0, "the rot was felt: {total:?}");
}

/// Every entry that is gone is counted, unless it was among the oldest or newest ones of a page that went.
fn account(held: usize, found: &[Vec<u8>], losses: &Losses, acknowledged: &Acknowledged) {
    let place = |entry: Option<&Vec<u8>>| acknowledged.entries.iter().position(|other| Some(other) == entry);
    let (Some(first), Some(last)) = (place(found.first()), place(found.last())) else {
        return assert_eq!(found.len(), held);
    };
    assert_eq!(losses.entries as usize, last - first + 1 - found.len(), "those missing in the middle");
}

/// The store works on.
fn acknowledged_again(mut store: Store<Flash>) {
    run(store.put(Key(9), b"again")).expect("stored");
    run(store.append(b"again")).expect("stored");
    let mut store = open(store.into_flash());
    assert_eq!(value(&mut store, 9).as_deref(), Some(&b"again"[..]));
    assert_eq!(log(&mut store).last().map(Vec::as_slice), Some(&b"again"[..]));
}

#[test]
fn rot_in_all_pages_at_once_gives_no_value_that_was_never_stored() {
    let (store, acknowledged, calls) = filled(4);
    let sound = store.into_flash();
    for seed in 0..60 {
        let mut flash = sound.clone();
        flash.set_seed(seed);
        (0..PAGES).for_each(|page| flash.rot(page, 1 << (seed % 12)));
        let mut store = open(flash);
        for key in 0..6 {
            if let Some(found) = value(&mut store, key) {
                assert!(
                    calls.contains(&Call::Put(key, found.clone())),
                    "seed {seed}: value {key} is {found:?}"
                );
            }
        }
        assert!(in_order(&log(&mut store), &acknowledged.entries), "seed {seed}");
    }
}

#[test]
fn a_flash_that_does_not_erase_says_so_and_can_still_be_read() {
    let (mut store, acknowledged, _) = filled(5);
    store.flash_mut().set_defect(FlashDefect::EraseFails, true);
    let mut acknowledged = acknowledged;
    let mut refused = 0;
    for number in 0..900_u32 {
        let call = if number % 2 == 0 {
            Call::Put(1, number.to_le_bytes().repeat(40))
        } else {
            Call::Append(number.to_le_bytes().repeat(8))
        };
        match call.make(&mut store) {
            Ok(()) => acknowledged.note(&call),
            Err(error) => {
                assert_eq!(error, StoreError::Flash(FlashError::EraseFailed));
                refused += 1;
            }
        }
    }
    assert!(refused > 100, "{refused} refused");
    assert!(acknowledged.entries.len() > 675, "until a page had to be erased, entries were taken");
    let mut store = open(store.into_flash());
    for key in [0, 2, 3, 4, 5] {
        assert_eq!(value(&mut store, key).as_ref(), acknowledged.values.get(&key), "value {key}");
    }
    assert_eq!(log(&mut store).last(), acknowledged.entries.last());
    store.flash_mut().set_defect(FlashDefect::EraseFails, false);
    acknowledged_again(store);
}

#[test]
fn a_worn_flash_never_acknowledges_what_it_does_not_hold() {
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..20 {
        let (mut store, mut acknowledged, _) = filled(seed);
        store.flash_mut().set_defect(FlashDefect::Worn, true);
        for number in 0..30_u8 {
            let call = if number % 2 == 0 {
                Call::Put(1, vec![number | 0xF8])
            } else {
                Call::Append(vec![number | 0xF8])
            };
            let result = call.make(&mut store);
            assert!(matches!(result, Ok(()) | Err(StoreError::Unverified)), "{result:?}");
            if result.is_ok() {
                taken += 1;
                acknowledged.note(&call);
                acknowledged.check(&mut open(store.flash_mut().clone()), None, 100);
            } else {
                refused += 1;
                let mut after = open(store.flash_mut().clone());
                acknowledged.check(&mut after, Some(&call), 100);
                break;
            }
        }
    }
    println!("{taken} taken, {refused} refused");
    assert!(taken > 0 && refused > 0);
}

#[test]
fn what_is_too_long_or_does_not_fit_is_refused() {
    let mut store = open(Flash::with_pages(8, 1));
    assert_eq!(run(store.put(Key(1), &[0; 513])), Err(StoreError::TooLong));
    assert_eq!(run(store.append(&[0; 33])), Err(StoreError::TooLong));
    run(store.put(Key(1), &[5; 512])).expect("stored");
    assert_eq!(run(store.get(Key(1), &mut [0; 511])), Err(StoreError::TooLong));
    let full = (2..20).find_map(|key| run(store.put(Key(key), &[key; 500])).err());
    assert_eq!(full, Some(StoreError::Full));
    let mut store = open(store.into_flash());
    assert_eq!(value(&mut store, 1), Some(vec![5; 512]), "a full store keeps what it has");
    assert_eq!(run(Store::open(Flash::with_pages(4, 1))).err(), Some(StoreError::TooSmall));
}

#[test]
fn a_flash_that_takes_its_time_is_an_error_and_no_hang() {
    let never = core::future::pending::<Result<(), StoreError<FlashError>>>();
    assert_eq!(run(never), Err(StoreError::Pending));
}
