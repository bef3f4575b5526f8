//! Pages wear evenly, and for longer than a battery lives.

mod common;

use common::open;
use voltower_memory::{ENTRY_MAX, Key, run};
use voltower_plant::Flash;

/// What a tower writes a day at most: counters four times an hour, and more entries than a bad day has.
const PUTS_A_DAY: u32 = 96;
const ENTRIES_A_DAY: u32 = 200;
/// Days of the test.
const DAYS: u32 = 120;

#[test]
fn pages_wear_evenly_and_last_longer_than_the_battery() {
    let mut store = open(Flash::new(1));
    // Freeze-frames, identity, lock-outs: what is stored once and must be carried on.
    for key in 10..24 {
        run(store.put(Key(key), &[key; 200])).expect("stored");
    }
    for day in 0..DAYS {
        for put in 0..PUTS_A_DAY {
            run(store.put(Key(1), &[(day ^ put) as u8; 256])).expect("stored");
        }
        for _ in 0..ENTRIES_A_DAY {
            run(store.append(&[day as u8; ENTRY_MAX])).expect("stored");
        }
    }
    let erases = store.into_flash().erases().to_vec();
    for (what, pages) in [("values", &erases[..16]), ("their copy", &erases[16..32]), ("log", &erases[32..])]
    {
        let (least, most) = (pages.iter().min().expect("pages"), pages.iter().max().expect("pages"));
        let years = f64::from(Flash::ENDURANCE) / (f64::from(*most) / f64::from(DAYS)) / 365.25;
        println!("{what}: {least} to {most} erases of a page in {DAYS} days, worn after {years:.0} years");
        assert!(most - least <= 1, "{what} wear unevenly: {pages:?}");
        assert!(years > 60.0, "{what} last {years} years");
    }
}
