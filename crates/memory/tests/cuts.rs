//! The supply is cut in every single write and erase of a long run.

mod common;

use common::{Acknowledged, Call, Dice, log, open};
use voltower_memory::{Losses, Store};
use voltower_plant::{Flash, FlashDefect};

/// A small chip, so that a run wraps every region several times.
const PAGES: usize = 16;
/// Ways in which each operation is torn.
const WAYS: u64 = 4;

fn call(dice: &mut Dice, number: usize) -> Call {
    if number % 4 == 0 {
        let key = dice.below(5) as u8;
        let length = dice.below(300);
        Call::Put(key, dice.bytes(length))
    } else {
        let mut entry = (number as u32).to_le_bytes().to_vec();
        entry.extend(dice.bytes(28));
        Call::Append(entry)
    }
}

/// Cuts the supply in operation `n` of a call; whether it was reached.
fn cut(before: &Flash, call: &Call, n: u32, way: u64) -> (Flash, bool) {
    let mut flash = before.clone();
    flash.set_seed(way);
    let mut store = open(flash);
    store.flash_mut().set_defect(FlashDefect::Cut { after: n }, true);
    let done = call.make(&mut store).is_ok();
    let mut flash = store.into_flash();
    flash.set_defect(FlashDefect::Cut { after: n }, false);
    (flash, !done)
}

#[test]
fn a_cut_in_every_operation_loses_nothing() {
    let mut dice = Dice::new(1);
    let mut acknowledged = Acknowledged::default();
    let mut store = open(Flash::with_pages(PAGES, 1));
    let mut cuts = 0;
    for number in 0..200 {
        let call = call(&mut dice, number);
        let before = store.flash_mut().clone();
        let held = log(&mut store).len();
        call.make(&mut store).expect("the flash is sound");
        let after = log(&mut store).len();
        for n in 1.. {
            let mut reached = false;
            for way in 0..WAYS {
                let (flash, stopped) = cut(&before, &call, n, way);
                reached |= stopped;
                if stopped {
                    cuts += 1;
                    recovers(flash, &acknowledged, &call, held.min(after.saturating_sub(1)));
                }
            }
            if !reached {
                break;
            }
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
    if let Call::Append(entry) = cut {
        if log(&mut store).last() == Some(entry) {
            acknowledged.note(cut);
        }
    }
    for call in [cut.clone(), Call::Put(200, vec![7; 30]), Call::Append(vec![9; 32])] {
        call.make(&mut store).expect("the flash is sound again");
        acknowledged.note(&call);
    }
    let mut store = open(store.into_flash());
    assert_eq!(store.losses(), Losses::default());
    acknowledged.check(&mut store, None, 3.min(acknowledged.entries.len()));
}
