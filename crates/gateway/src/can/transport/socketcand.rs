//! The client of a socketcand.

use std::collections::VecDeque;
use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use voltower_protocols::Frame;

use super::connection::{Trouble, Way};
use super::tcp::Bytes as _;
use crate::can::Stamped;
use crate::can::socketcand::{Message, Reader, Request};

/// How long the daemon may think.
const THINKS: Duration = Duration::from_secs(3);

/// An open bus of a socketcand.
pub(super) struct Socketcand {
    stream: TcpStream,
    reader: Reader,
    said: VecDeque<Message>,
}

impl Socketcand {
    pub(super) fn open(stream: TcpStream, bus: &str) -> Result<Self, Trouble> {
        let mut client = Self { stream, reader: Reader::default(), said: VecDeque::new() };
        client.expect(&Message::Hi)?;
        client.say(&Request::Open(bus.to_owned()))?;
        client.expect(&Message::Done)?;
        client.say(&Request::RawMode)?;
        client.expect(&Message::Done)?;
        Ok(client)
    }

    fn say(&mut self, request: &Request) -> io::Result<()> {
        self.stream.write(request.text().unwrap_or_default().as_bytes())
    }

    fn expect(&mut self, expected: &Message) -> Result<(), Trouble> {
        match self.next(THINKS)? {
            Some(message) if message == *expected => Ok(()),
            Some(Message::Error(why)) => Err(Trouble::Refused(why)),
            Some(other) => Err(Trouble::Protocol("socketcand", other.text())),
            None => Err(Trouble::Protocol("socketcand", "it says nothing".to_owned())),
        }
    }

    fn next(&mut self, timeout: Duration) -> io::Result<Option<Message>> {
        let until = Instant::now() + timeout;
        let mut buffer = [0; 4096];
        loop {
            if let Some(message) = self.said.pop_front() {
                return Ok(Some(message));
            }
            let left = until.saturating_duration_since(Instant::now());
            let read = self.stream.read(&mut buffer, left)?;
            self.said.extend(buffer.iter().take(read).filter_map(|byte| self.reader.message(*byte)));
            if left.is_zero() && self.said.is_empty() {
                return Ok(None);
            }
        }
    }
}

impl Way for Socketcand {
    fn send(&mut self, frame: &Frame) -> Result<(), Trouble> {
        Ok(self.say(&Request::Send(*frame))?)
    }

    fn receive(&mut self, timeout: Duration) -> Result<Option<Stamped>, Trouble> {
        let until = Instant::now() + timeout;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.next(left)? {
                Some(Message::Frame(stamped)) => return Ok(Some(stamped)),
                Some(Message::Error(why)) if !is_error_frame(&why) => return Err(Trouble::Refused(why)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }
}

/// `004 23.424242`: the daemon reports an error on the bus, not a refusal.
fn is_error_frame(why: &str) -> bool {
    let digits = why.split(' ').next().unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}
