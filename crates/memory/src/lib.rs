//! What a controller keeps over a loss of power: values by key, and a log whose oldest page goes when it is full, both
//! in one flash.
//!
//! Invariants: `no_std`, no allocation, no `unsafe`, no panics of its own; after a cut of the supply in any write or
//! erase a value is the old or the new one, and every entry that was acknowledged is there, in order; what was written
//! is read back before it counts; a value stands in two copies on pages of their own, so no single page that rots or
//! breaks takes one; what is found damaged is counted, never passed over. Async, because flash takes its time: whoever
//! records runs it beside a controller's `step`, never inside.
//!
//! Start reading at [`Store`], then `pages` (what makes an erase all or nothing), `values` and `log`.
#![no_std]

mod error;
mod log;
mod losses;
mod mend;
mod pages;
mod run;
mod store;
mod values;

pub use error::StoreError;
pub use losses::Losses;
pub use run::run;
pub use store::{ENTRY_MAX, Key, Opened, Store, VALUE_MAX};
