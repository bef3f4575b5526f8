//! A stream of bytes that can be waited for, over TCP.

use std::io::{self, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use crate::can::url::Place;

/// How long another machine may take to let us in.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may take to take what we say.
const WRITE: Duration = Duration::from_secs(2);

/// Bytes to and from the other side.
pub(super) trait Bytes: Send {
    /// What has come, at most as much as `buffer` holds; 0 if nothing comes within `timeout`.
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize>;
    /// Says all of `bytes`.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

pub(super) fn connect(place: &Place) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in (place.host.as_str(), place.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(WRITE))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Bytes for TcpStream {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        // A timeout of zero would mean forever.
        self.set_read_timeout(Some(timeout.max(Duration::from_millis(1))))?;
        match io::Read::read(&mut &*self, buffer) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the other side has closed")),
            Err(error) if waited(&error) => Ok(0),
            read => read,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }
}

fn waited(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
