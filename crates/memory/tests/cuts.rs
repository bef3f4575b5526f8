//! The supply is cut in every single write and erase of a long run.

mod common;

use common::{Acknowledged, Call, Dice, log, open};
use voltower_memory::{Losses, Store};
use voltower_plant::Flash;

/// As few pages as there can be, so that a run wraps every region several times.
const PAGES: usize = 8;
/// Ways in which each operation is torn.
const WAYS: u64 = 4;

fn call(dice: &mut Dice, number: usize) -> Call {
    if number.is_multiple_of(6) {
        let key = dice.below(5) as u8;
        let length = dice.below(300);
        Call::Put(key, dice.bytes(length))
    } else {
        let mut entry = (number as u32).to_le_bytes().to_vec();
        entry.extend(dice.bytes(28));
        Call::Append(entry)
    }
}

/// Cuts the supply in operation `n` of a call; `None` if it has fewer.
fn cut(before: &Store<Flash>, call: &Call, n: u32, seed: u64) -> Option<Flash> {
    let mut store = before.clone();
    store.flash_mut().set_seed(seed);
    store.flash_mut().cut_after(n);
    let stopped = call.make(&mut store).is_err();
    let mut flash = store.into_flash();
    flash.power_on();
    stopped.then_some(flash)
}

#[test]
fn a_cut_in_every_operation_loses_nothing() {
    let mut dice = Dice::new(1);
    let mut acknowledged = Acknowledged::default();
    let mut store = open(Flash::with_pages(PAGES, 1));
    let mut cuts = 0;
    for number in 0..1300 {
        let call = call(&mut dice, number);
        let before = store.clone();
        let held = log(&mut store).len();
        call.make(&mut store).expect("the flash is sound");
        let held = held.min(log(&mut store).len() - usize::from(matches!(call, Call::Append(_))));
        let seed = |n: u32, way: u64| WAYS * (100 * number as u64 + u64::from(n)) + way;
        let stopped =
            |n| (0..WAYS).filter_map(|way| cut(&before, &call, n, seed(n, way))).collect::<Vec<_>>();
        for flashes in (1..).map(stopped).take_while(|flashes| !flashes.is_empty()) {
            cuts += flashes.len();
            flashes.into_iter().for_each(|flash| recovers(flash, &acknowledged, &call, held));
        }
        acknowledged.note(&call);
    }
    let erases = store.into_flash().erases().to_vec();
    println!("{cuts} cuts; erases of each page: {erases:?}");
    assert!(erases.iter().all(|&erases| erases >= 3), "every region wraps: {erases:?}");
}

/// The store opens, holds what it must, and works on.
fn recovers(flash: Flash, acknowledged: &Acknowledged, cut: &Call, entries: usize) {
    let mut store = open(flash);
    assert_eq!(store.losses(), Losses::default(), "a cut is no loss: {cut:?}");
    acknowledged.check(&mut store, Some(cut), entries);
    works_on(store, acknowledged.clone(), cut);
}

fn works_on(mut store: Store<Flash>, mut acknowledged: Acknowledged, cut: &Call) {
    if common::took(&store, Some(cut), acknowledged.entries.len()) {
        acknowledged.note(cut);
    }
    for call in [cut.clone(), Call::Put(200, vec![7; 30]), Call::Append(vec![9; 32])] {
        call.make(&mut store).expect("the flash is sound again");
        acknowledged.note(&call);
    }
    let mut store = open(store.into_flash());
    assert_eq!(store.losses(), Losses::default());
    acknowledged.check(&mut store, None, 3.min(acknowledged.entries.len()));
}
