//! An interface of the Linux kernel.

use std::io;
use std::time::{Duration, Instant};

use socketcan::{CanDataFrame, CanFrame, CanSocket, EmbeddedFrame as _, Socket as _};
use voltower_protocols::Frame;

use super::connection::{Trouble, Way};
use super::wall_clock;
use crate::can::Stamped;

/// An open interface.
pub(super) struct SocketCan(CanSocket);

impl SocketCan {
    pub(super) fn open(interface: &str) -> io::Result<Self> {
        CanSocket::open(interface).map(Self).map_err(|error| explained(interface, &error))
    }
}

fn explained(interface: &str, error: &io::Error) -> io::Error {
    // Linux: EAFNOSUPPORT 97, ENODEV 19.
    let hint = match error.raw_os_error() {
        Some(97) => "this kernel has no CAN".to_owned(),
        Some(19) => format!("there is no interface {interface}; `ip link show type can` lists them"),
        _ => error.to_string(),
    };
    io::Error::new(error.kind(), hint)
}

impl Way for SocketCan {
    fn send(&mut self, frame: &Frame) -> Result<(), Trouble> {
        let frame = CanDataFrame::new(frame.id(), frame.data());
        let frame = frame.ok_or_else(|| io::Error::other("the frame is too long"))?;
        Ok(self.0.write_frame(&CanFrame::Data(frame))?)
    }

    fn receive(&mut self, timeout: Duration) -> Result<Option<Stamped>, Trouble> {
        let until = Instant::now() + timeout;
        loop {
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            match self.0.read_frame_timeout(left) {
                Ok(CanFrame::Data(data)) => {
                    let frame = Frame::new(data.id(), data.data());
                    return Ok(frame.map(|frame| Stamped { at: wall_clock(), frame }));
                }
                Ok(CanFrame::Remote(_) | CanFrame::Error(_)) => {}
                Err(error) if is_timeout(&error) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}
