//! CAN on a host: where a bus is ([`Url`]), a way to it ([`Connection`]), and a bus for others ([`Exposed`]).
//!
//! The codecs ([`slcan`], [`socketcand`], [`candump`]) turn bytes into meaning and back, whatever the bytes, and touch
//! nothing. Only `transport` opens sockets and devices, reads clocks and runs threads.

pub mod candump;
mod hex;
mod lines;
mod session;
pub mod slcan;
pub mod socketcand;
mod transport;
mod url;

use std::time::Duration;

use voltower_protocols::Frame;

pub use transport::{BindError, Connection, ConnectionError, Exposed};
pub use url::{Url, UrlError};

/// A frame, and when it was on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamped {
    /// Since the Unix epoch, as the source counts; time of receipt where the source gives none.
    pub at: Duration,
    /// What was sent.
    pub frame: Frame,
}

/// What a client may do with a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only listen.
    ListenOnly,
    /// Listen and send.
    Send,
}
