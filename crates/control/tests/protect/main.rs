//! Protection by itself, without the module around it: readings, rows, the table, and the verdict.
//!
//! Numbers are typed from `docs/our-values.md` and from the manual, and not read from the code.

mod bad_reading;
mod bench;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod frozen;
mod levels;
mod readings;
mod rows;
mod slow_afe;
mod standing;
mod stops;
mod verdict;
mod way_out;
