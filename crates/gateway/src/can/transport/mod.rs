//! Sockets and devices: the only part of this crate that touches a network, a clock or a thread.

mod candump;
mod client;
mod connection;
mod exposed;
#[cfg(unix)]
mod serial;
mod slcan;
#[cfg(target_os = "linux")]
mod socketcan;
mod socketcand;
mod tcp;

pub use connection::{Connection, ConnectionError};
pub use exposed::{BindError, Exposed};

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Since the Unix epoch.
fn wall_clock() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
