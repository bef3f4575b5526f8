//! A serial device, or a pseudo-terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{self, OptionalActions};

use super::tcp::Bytes;

/// Of the line between host and adapter; adapters on USB take any.
const BAUD: u32 = 115_200;

/// An open device.
pub(super) struct Port(File);

impl Port {
    pub(super) fn open(device: &Path) -> io::Result<Self> {
        let flags = (OFlags::NOCTTY | OFlags::NONBLOCK).bits() as i32;
        let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(device)?;
        let mut settings = termios::tcgetattr(&file)?;
        settings.make_raw();
        settings.set_speed(BAUD)?;
        termios::tcsetattr(&file, OptionalActions::Now, &settings)?;
        Ok(Self(file))
    }

    /// Whether `event` comes within `timeout`.
    fn wait(&self, event: PollFlags, timeout: Duration) -> io::Result<bool> {
        let timeout = Timespec::try_from(timeout).unwrap_or_default();
        match poll(&mut [PollFd::new(&self.0, event)], Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Bytes for Port {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        if !self.wait(PollFlags::IN, timeout)? {
            return Ok(0);
        }
        match self.0.read(buffer) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the device has gone")),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            read => read,
        }
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.0.write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !self.wait(PollFlags::OUT, Duration::from_secs(2))? {
                        return Err(io::Error::new(io::ErrorKind::TimedOut, "the device takes nothing"));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
