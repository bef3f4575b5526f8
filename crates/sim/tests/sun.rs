//! Sun that the batteries did not take is counted, and what of it the cold has cost is named.

use voltower_core::{Duration, Instant};
use voltower_sim::{Scenario, SunNotTaken, World};

/// A day of sun over a tower at `soc` in `ambient`.
fn day(ambient: &str, soc: &str) -> SunNotTaken {
    let text = format!(
        "title = \"sun\"\nseed = 3\nstart = \"06:00\"\nduration = \"12 h\"\nperiod = \"1 s\"\nambient = \"{ambient}\"\n\
         [inverter]\nmode = \"self-consumption\"\n[[tower]]\nmodel = \"E5\"\nsoc = \"{soc}\"\n\
         [house]\nload = \"300 W\"\npv = {{ mean = \"500 W\", swing = \"900 W\", peak = \"12:30\" }}\n\
         [[event]]\nat = \"+10 s\"\npress = \"1 s\"\n"
    );
    let scenario = Scenario::parse("sun.toml", &text, &|_| unreachable!()).expect("a good scenario");
    let mut world = World::new(&scenario);
    world.advance_to(Instant::ZERO + Duration::hours(12));
    world.sun_not_taken()
}

#[test]
fn what_the_cold_keeps_out_is_named_and_what_a_full_battery_keeps_out_is_not() {
    let cold = day("-5 degC", "30 %");
    assert!(cold.cold > 0.9 * cold.all && cold.all > 1e6, "{cold:?}");
    let warm = day("25 degC", "30 %");
    assert!(warm.cold == 0.0 && warm.all < 0.8 * cold.all, "{warm:?}");
    let full = day("25 degC", "99 %");
    assert!(full.cold == 0.0 && full.all > 1e6, "{full:?}");
}
