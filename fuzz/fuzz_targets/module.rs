//! A module controller and its twin: no frame makes it panic, none raises a limit.
#![no_main]

#[path = "../../crates/control/tests/fixtures/mod.rs"]
mod fixtures;
#[path = "../../crates/control/tests/twins/foreign.rs"]
mod foreign;
#[path = "../../crates/control/tests/twins/module.rs"]
mod module;
#[path = "../../crates/control/tests/module/rig.rs"]
#[allow(dead_code)]
mod rig;

libfuzzer_sys::fuzz_target!(|script: module::Script| module::Twins::live(&script));
