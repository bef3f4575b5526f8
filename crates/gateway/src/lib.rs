//! What can be seen of a battery site, from frames and registers, and the wires that bring them.
//!
//! Invariants: everything here comes from messages that a wire could carry, never from the inside of a
//! controller or of the simulated physics; what was heard too long ago is marked stale, not dropped; nothing
//! panics on any frame or any text of another program; only `can/transport` touches a network, a clock or a
//! thread; an exposed bus is reached from this machine only, and sends only if asked for.
//!
//! Start reading at [`observe`], then [`can`] and [`link`].

pub mod can;
pub mod link;
pub mod observe;

pub use observe::{Observation, Observer};
