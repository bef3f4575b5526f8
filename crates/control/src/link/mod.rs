//! Our CANopen node: what a module controller and the distribution unit's controller need to live on the
//! Link.
//!
//! A controller owns a [`Node`] and
//! - sends [`Node::boot`] once when it wakes,
//! - asks [`Node::accepts`] in its acceptance filter (network management and SDO requests to this node),
//! - gives every such frame to [`Node::on_frame`], which answers it and says what is asked of the controller,
//! - calls [`Node::tick`] once a sample, which pushes heartbeat and emergency messages, and ends a transfer that
//!   its client has abandoned,
//! - asks its [`PdoClock`] which process data are due, and sends them (`voltower_protocols::link`) while
//!   [`Node::is_operational`].
//!
//! The dictionary is a const table ([`MODULE_DICTIONARY`], [`BDU_DICTIONARY`]); the fields behind it are read
//! and written in the controller through [`Objects`], typically implemented by a small view that borrows the
//! controller's other parts:
//!
//! ```text
//! let mut view = Fields { estimate: &self.estimate, sequence: &mut self.sequence };
//! let event = self.node.on_frame(frame, &mut view, &mut outputs.frames);
//! ```
//!
//! All of it is sans-IO, on the codecs of `canopen-rs`; codecs that could panic are not called.

mod clock;
pub mod dictionary;
mod emergency;
mod heartbeat;
mod node;
mod sdo_client;
mod sdo_server;

pub use clock::{Due, PdoClock};
pub use dictionary::{BDU_DICTIONARY, BduField, MODULE_DICTIONARY, ModuleField};
pub use emergency::{Emergencies, error_code, error_register};
pub use heartbeat::{HeartbeatConsumer, HeartbeatProducer, from_heartbeat, heartbeat_frame};
pub use node::{NetworkState, Node, NodeEvent, Objects, network_command};
pub use sdo_client::{ReadProgress, SdoClient};
pub use sdo_server::SdoServer;
