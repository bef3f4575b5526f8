//! The Link as tools see it: what its objects are called, and what its frames say. All of it follows from the object
//! dictionaries; there is no decoder for a particular frame.

mod device;
mod message;

pub use device::{Device, Known, Unknown, Written};
pub use message::{Field, Lss, Message, NodeState, Object, Sdo, decode, node_name};
