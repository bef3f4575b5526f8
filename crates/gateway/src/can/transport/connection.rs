//! A way to a bus, whatever leads there.

use std::io;
use std::time::Duration;

use voltower_protocols::Frame;

use super::slcan::Slcan;
use super::socketcand::Socketcand;
use super::{candump, tcp};
use crate::can::{Access, Stamped, Url};

/// Why a bus cannot be reached, or not any more.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The device or the other machine is not there, or does not let us in.
    #[error("{url} cannot be opened: {error}")]
    Open {
        /// Where.
        url: String,
        /// Why.
        error: io::Error,
    },
    /// This operating system does not have this kind of bus.
    #[error("{url} cannot be opened: {kind} does not exist on this system")]
    Unsupported {
        /// Where.
        url: String,
        /// Of what there is none.
        kind: &'static str,
    },
    /// Something answers, but not as the protocol says.
    #[error("{url} does not answer as {protocol} does: {said}")]
    Protocol {
        /// Where.
        url: String,
        /// What was expected.
        protocol: &'static str,
        /// What came.
        said: String,
    },
    /// The other side does not send for us.
    #[error("{url} does not send: {why}")]
    Refused {
        /// Where.
        url: String,
        /// As the other side says it.
        why: String,
    },
    /// The log has come to its end.
    #[error("{url} has ended")]
    Ended {
        /// Which.
        url: String,
    },
    /// The way has broken off.
    #[error("{url} has gone: {error}")]
    Gone {
        /// Where.
        url: String,
        /// How.
        error: io::Error,
    },
}

/// What leads to a bus.
pub(super) trait Way: Send {
    /// Puts a frame onto the bus.
    fn send(&mut self, frame: &Frame) -> Result<(), Trouble>;
    /// The next frame, if one comes within `timeout`.
    fn receive(&mut self, timeout: Duration) -> Result<Option<Stamped>, Trouble>;
}

/// What can happen on the way; [`Connection`] adds where.
#[derive(Debug)]
pub(super) enum Trouble {
    Io(io::Error),
    Refused(String),
    Protocol(&'static str, String),
    Ended,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A bus that frames come from and, where allowed, go to.
pub struct Connection {
    url: Url,
    access: Access,
    way: Box<dyn Way>,
}

impl Connection {
    /// Opens the bus at `url`. An adapter is set to 500 kbit/s, the rate of the Link.
    ///
    /// # Errors
    /// Nobody is there, or answers in another protocol; this system has no such bus.
    pub fn open(url: &Url, access: Access) -> Result<Self, ConnectionError> {
        let way: Box<dyn Way> = match url {
            Url::SocketCan(interface) => socketcan(url, interface)?,
            Url::Candump(path) => Box::new(candump::Log::open(path).map_err(|error| open_error(url, error))?),
            Url::SlcanSerial(device) => serial(url, device, access)?,
            Url::SlcanTcp(place) => {
                let stream = tcp::connect(place).map_err(|error| open_error(url, error))?;
                Box::new(Slcan::open(stream, access).map_err(|trouble| opening(url, trouble))?)
            }
            Url::Socketcand(place, bus) => {
                let stream = tcp::connect(place).map_err(|error| open_error(url, error))?;
                Box::new(Socketcand::open(stream, bus).map_err(|trouble| opening(url, trouble))?)
            }
        };
        Ok(Self { url: url.clone(), access, way })
    }

    /// Where the bus is.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Puts a frame onto the bus.
    ///
    /// # Errors
    /// This connection, or the other side, only listens; the way has broken off.
    pub fn send(&mut self, frame: &Frame) -> Result<(), ConnectionError> {
        if self.access == Access::ListenOnly {
            return Err(self.because(Trouble::Refused("it was opened to listen only".to_owned())));
        }
        self.way.send(frame).map_err(|trouble| self.because(trouble))
    }

    /// The next frame, if one comes within `timeout`.
    ///
    /// # Errors
    /// The way has broken off, the log has ended, or the other side has refused to send.
    pub fn receive(&mut self, timeout: Duration) -> Result<Option<Stamped>, ConnectionError> {
        self.way.receive(timeout).map_err(|trouble| self.because(trouble))
    }

    fn because(&self, trouble: Trouble) -> ConnectionError {
        let url = self.url.to_string();
        match trouble {
            Trouble::Io(error) => ConnectionError::Gone { url, error },
            Trouble::Refused(why) => ConnectionError::Refused { url, why },
            Trouble::Protocol(protocol, said) => ConnectionError::Protocol { url, protocol, said },
            Trouble::Ended => ConnectionError::Ended { url },
        }
    }
}

#[cfg(target_os = "linux")]
fn socketcan(url: &Url, interface: &str) -> Result<Box<dyn Way>, ConnectionError> {
    let opened = super::socketcan::SocketCan::open(interface);
    opened.map(|way| Box::new(way) as Box<dyn Way>).map_err(|error| open_error(url, error))
}

#[cfg(not(target_os = "linux"))]
fn socketcan(url: &Url, _interface: &str) -> Result<Box<dyn Way>, ConnectionError> {
    Err(ConnectionError::Unsupported { url: url.to_string(), kind: "SocketCAN" })
}

#[cfg(unix)]
fn serial(url: &Url, device: &std::path::Path, access: Access) -> Result<Box<dyn Way>, ConnectionError> {
    let port = super::serial::Port::open(device).map_err(|error| open_error(url, error))?;
    Ok(Box::new(Slcan::open(port, access).map_err(|trouble| opening(url, trouble))?))
}

#[cfg(not(unix))]
fn serial(url: &Url, _device: &std::path::Path, _access: Access) -> Result<Box<dyn Way>, ConnectionError> {
    Err(ConnectionError::Unsupported { url: url.to_string(), kind: "a serial device with termios" })
}

fn open_error(url: &Url, error: io::Error) -> ConnectionError {
    ConnectionError::Open { url: url.to_string(), error }
}

fn opening(url: &Url, trouble: Trouble) -> ConnectionError {
    let url = url.to_string();
    match trouble {
        Trouble::Io(error) => ConnectionError::Open { url, error },
        Trouble::Refused(why) => ConnectionError::Open { url, error: io::Error::other(why) },
        Trouble::Protocol(protocol, said) => ConnectionError::Protocol { url, protocol, said },
        Trouble::Ended => ConnectionError::Ended { url },
    }
}
