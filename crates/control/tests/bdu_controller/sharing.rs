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
        is_low: false,
    })
}

const fn low(member: Option<Member>) -> Option<Member> {
    match member {
        Some(member) => Some(Member { is_low: true, ..member }),
        None => None,
    }
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

/// Near the lower end the counts of two modules differ by more than a forced charge brings.
#[test]
fn little_charge_is_for_the_module_whose_cells_are_low() {
    let mut sharing = Sharing::default();
    let mut run = |members: &Members, watts: i32| {
        (0..600).for_each(|_| sharing.step(members, Watts(watts), STEP, SamplePeriod(STEP)));
        sharing.active().iter().map(|node| node.index()).collect::<Vec<_>>()
    };
    assert_eq!(run(&[member(1000, 5), None, None, None], 500), [0], "it is there first");
    assert_eq!(run(&[member(1000, 5), low(member(1000, 6)), None, None], 500), [1]);
    assert_eq!(
        run(&[member(1000, 5), member(1000, 6), None, None], 500),
        [1],
        "its cells are higher while charged"
    );
    assert_eq!(run(&[low(member(1000, 5)), member(1000, 6), None, None], 500), [0]);
    assert_eq!(run(&[low(member(1000, 5)), low(member(1000, 6)), None, None], 500), [0]);
    assert_eq!(
        run(&[low(member(1000, 5)), member(1000, 9), None, None], -500),
        [1],
        "it takes, it does not give"
    );
    let full = low(member(1000, 6)).map(|member| Member { charge_limit: Watts(0), ..member });
    assert_eq!(run(&[member(1000, 5), full, None, None], 500), [0], "what can take nothing");
}
