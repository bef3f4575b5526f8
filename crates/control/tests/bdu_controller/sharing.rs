//! Who works at light load.

use voltower_control::io::SamplePeriod;
use voltower_control::share::{Member, Members, Sharing};
use voltower_core::{Charge, Duration, Watts};

const STEP: Duration = Duration::millis(100);

fn member(full: u32, soc: u32) -> Option<Member> {
    Some(Member {
        remaining: Charge::from_deci_amp_hours(full * soc / 100),
        full: Charge::from_deci_amp_hours(full),
        charge_limit: Watts(2500),
        discharge_limit: Watts(2500),
    })
}

/// Works alone after a minute at so many watts: its place, from 0.
fn alone(members: &Members, watts: i32) -> usize {
    let mut sharing = Sharing::default();
    for _ in 0..600 {
        sharing.step(members, Watts(watts), STEP, SamplePeriod(STEP));
    }
    let active: Vec<usize> = sharing.active().iter().map(|node| node.index()).collect();
    assert_eq!(active.len(), 1, "{active:?}");
    active[0]
}

/// By charge alone, the large one would work until both have the same left: from full to 65 % while the other rests.
#[test]
fn at_light_load_modules_of_different_size_take_turns_by_their_share() {
    assert_eq!(alone(&[member(650, 90), member(1000, 80), None, None], -400), 0);
    assert_eq!(alone(&[member(650, 70), member(1000, 80), None, None], -400), 1);
    assert_eq!(alone(&[member(650, 40), member(1000, 50), None, None], 400), 0);
    assert_eq!(alone(&[member(650, 60), member(1000, 50), None, None], 400), 1);
}
