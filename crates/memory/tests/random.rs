//! Random calls, with cuts of the supply in any of them and while the store is opened again.

mod common;

use common::{Acknowledged, Call, log, open};
use proptest::collection::vec;
use proptest::prelude::*;
use voltower_memory::{Losses, Store, run};
use voltower_plant::Flash;

/// A call, and after how many operations the supply is cut, in the call and in openings after it; 0: not.
#[derive(Debug, Clone)]
struct Step {
    call: Call,
    cuts: Vec<u32>,
}

fn a_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        1 => (0..6_u8, vec(any::<u8>(), 0..=512)).prop_map(|(key, value)| Call::Put(key, value)),
        3 => vec(any::<u8>(), 0..=32).prop_map(Call::Append),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    let cuts = prop_oneof![4 => Just(vec![0]), 1 => vec(1..12_u32, 1..4)];
    (a_call(), cuts).prop_map(|(call, cuts)| Step { call, cuts })
}

/// Makes a call with the supply cut in it, then opens until an opening is not cut.
fn cut(mut store: Store<Flash>, step: &Step, acknowledged: &mut Acknowledged) -> Store<Flash> {
    let mut cuts = step.cuts.iter();
    store.flash_mut().cut_after(cuts.next().copied().unwrap_or(1));
    if step.call.make(&mut store).is_ok() {
        acknowledged.note(&step.call);
        store.flash_mut().power_on();
        return store;
    }
    let mut flash = store.into_flash();
    for &after in cuts {
        flash.power_on();
        flash.cut_after(after);
        let _ = run(Store::open(&mut flash));
    }
    flash.power_on();
    let mut store = open(flash);
    acknowledged.check(&mut store, Some(&step.call), acknowledged.entries.len().min(100));
    let took = match &step.call {
        Call::Put(key, value) => common::value(&mut store, *key).as_ref() == Some(value),
        Call::Append(_) => common::took(&store, Some(&step.call), acknowledged.entries.len()),
    };
    if took {
        acknowledged.note(&step.call);
    }
    store
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_acknowledged_is_read(seed: u64, steps in vec(a_step(), 1..1500)) {
        let mut acknowledged = Acknowledged::default();
        let mut store = open(Flash::with_pages(8, seed));
        for step in &steps {
            store = if step.cuts == [0] {
                step.call.make(&mut store).expect("the flash is sound");
                acknowledged.note(&step.call);
                store
            } else {
                cut(store, step, &mut acknowledged)
            };
        }
        let mut store = open(store.into_flash());
        prop_assert_eq!(store.losses(), Losses::default());
        acknowledged.check(&mut store, None, acknowledged.entries.len().min(100));
        prop_assert!(log(&mut store).len() <= acknowledged.entries.len());
    }
}
