//! Our CANopen node: what a module controller and the distribution unit's controller need to live on the
//! Link.
//!
//! A controller owns a [`Node`] and
//! - sends [`Node::boot`] once when it wakes, or is given its address ([`lss`]),
//! - asks [`Node::accepts`] in its acceptance filter (network management, SYNC and SDO requests to this node),
//! - gives every such frame to [`Node::on_frame`], which answers it and says what is asked of the controller,
//! - calls [`Node::tick`] once a sample, which pushes heartbeat, SYNC and emergency messages, and the abort of a
//!   transfer that its client has abandoned, and says which process data are due (`voltower_protocols::link`).
//!
//! The dictionary is a const table (`voltower_protocols::link::dictionary`); the fields behind it are read
//! and written in the controller through [`Objects`], typically implemented by a small view that borrows the
//! controller's other parts:
//!
//! ```text
//! let mut view = Fields { estimate: &self.estimate, sequence: &mut self.sequence };
//! let event = self.node.on_frame(frame, &mut view, &mut outputs.frames);
//! ```
//!
//! All of it is sans-IO, on the codecs of `canopen-rs`; codecs that could panic are not called.

mod emergency;
mod events;
mod heartbeat;
pub mod lss;
mod node;
mod parts;
mod schedule;
mod sdo_client;
mod sdo_server;
mod serve;
mod sync;

pub use emergency::{Emergencies, Place, error_code, error_register};
pub use events::EventLog;
pub use heartbeat::{HeartbeatConsumer, HeartbeatProducer, from_heartbeat, heartbeat_frame};
pub use node::{NetworkState, Node, NodeEvent, Objects, network_command, serial_hash};
pub(crate) use parts::{command_part, limit_part, memory_part, reason_part, self_test_part};
pub(crate) use schedule::count_down;
pub use schedule::{Due, Schedule};
pub use sdo_client::{ReadProgress, SdoClient, inquiry};
pub use sdo_server::SdoServer;
