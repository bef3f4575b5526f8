//! A distribution unit and its twin, on both ports: no frame makes it panic, none raises a limit.
#![no_main]

#[path = "../../crates/control/tests/bdu_controller/driver.rs"]
#[allow(dead_code)]
mod driver;
#[path = "../../crates/control/tests/twins/foreign.rs"]
#[allow(dead_code)]
mod foreign;
#[path = "../../crates/control/tests/twins/unit.rs"]
mod unit;

libfuzzer_sys::fuzz_target!(|script: unit::Script| unit::Twins::live(&script));
