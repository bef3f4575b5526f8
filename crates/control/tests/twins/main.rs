//! Twins: two controllers live through the same, one of them also hears frames that nobody ought to send. Nothing
//! panics, and the disturbed one is never allowed more than the other.
//!
//! The fuzz targets in `fuzz/` include the modules of this folder and feed them with what they find.

#[path = "../bdu_controller/driver.rs"]
#[allow(dead_code)]
mod driver;
mod every_frame;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod foreign;
mod module;
#[path = "../module/rig.rs"]
#[allow(dead_code)]
mod rig;
mod scripts;
mod unit;
