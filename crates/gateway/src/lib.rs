//! What can be seen of a battery site, from frames and registers.
//!
//! Invariants: everything here comes from messages that a wire could carry, never from the inside of a
//! controller or of the simulated physics; what was heard too long ago is marked stale, not dropped; nothing
//! panics on any frame.
//!
//! Start reading at [`observe`].

pub mod observe;

pub use observe::{Observation, Observer};
