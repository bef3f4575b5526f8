//! The server's side of a conversation with one client: bytes in, bytes and frames out.

use voltower_protocols::Frame;

use super::slcan::{Answer, Command, HostReader, STAMP_PERIOD};
use super::socketcand::{Message, Reader, Request};
use super::{Access, Stamped};

/// Hardware and software version that an SLCAN host is told: ours, 1.0 and 1.0.
const VERSION: &str = "1010";
/// Serial number that it is told: four characters, as the manual wants them.
const SERIAL_NUMBER: &str = "VT01";

/// What a client's byte leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reaction {
    /// The client gets this.
    Answer(String),
    /// This goes to the bus; afterwards the client gets [`Session::sent`].
    Send(Frame),
}

/// A conversation.
#[derive(Debug)]
pub(super) enum Session {
    Slcan(Slcan),
    Socketcand(Socketcand),
}

impl Session {
    /// What the client hears first.
    pub(super) fn greeting(&self) -> String {
        match self {
            Self::Slcan(_) => String::new(),
            Self::Socketcand(_) => Message::Hi.text(),
        }
    }

    /// Takes a byte of the client.
    pub(super) fn receive(&mut self, byte: u8) -> Option<Reaction> {
        match self {
            Self::Slcan(session) => session.receive(byte),
            Self::Socketcand(session) => session.receive(byte),
        }
    }

    /// What the client gets for a frame that went to the bus, or did not because the bus has no room.
    pub(super) fn sent(&self, done: bool) -> String {
        match self {
            Self::Slcan(_) => if done { Answer::Done } else { Answer::Refused }.text(),
            Self::Socketcand(_) if done => String::new(),
            Self::Socketcand(_) => Message::Error("bus has no room".to_owned()).text(),
        }
    }

    /// Whether the client wants to hear frames.
    pub(super) fn is_listening(&self) -> bool {
        match self {
            Self::Slcan(session) => session.channel != Channel::Closed,
            Self::Socketcand(session) => session.mode == Mode::Raw,
        }
    }

    /// A frame as this client hears it.
    pub(super) fn heard(&self, stamped: &Stamped) -> String {
        match self {
            Self::Slcan(session) => {
                let minute = stamped.at.as_millis() % u128::from(STAMP_PERIOD);
                Answer::Frame(stamped.frame, session.stamps.then_some(minute as u16)).text()
            }
            Self::Socketcand(_) => Message::Frame(*stamped).text(),
        }
    }
}

/// The adapter of an SLCAN host.
#[derive(Debug)]
pub(super) struct Slcan {
    reader: HostReader,
    channel: Channel,
    stamps: bool,
    access: Access,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    Closed,
    ListenOnly,
    Open,
}

impl Slcan {
    pub(super) fn new(access: Access) -> Self {
        Self { reader: HostReader::default(), channel: Channel::Closed, stamps: false, access }
    }

    fn receive(&mut self, byte: u8) -> Option<Reaction> {
        let answer = match self.reader.push(byte)? {
            Ok(Command::Transmit(frame)) if self.may_send() => return Some(Reaction::Send(frame)),
            Ok(command) => self.obey(command),
            Err(_) => Answer::Refused,
        };
        Some(Reaction::Answer(answer.text()))
    }

    fn may_send(&self) -> bool {
        self.channel == Channel::Open && self.access == Access::Send
    }

    /// A real adapter refuses settings while it is open. Hosts that set the bit rate first and ask later are so many
    /// that this one, which has no bit rate, does not mind.
    fn obey(&mut self, command: Command) -> Answer {
        match command {
            Command::Open => self.channel = Channel::Open,
            Command::ListenOnly => self.channel = Channel::ListenOnly,
            Command::Close => self.channel = Channel::Closed,
            Command::Stamps(on) => self.stamps = on,
            Command::Version => return Answer::Version(VERSION.to_owned()),
            Command::SerialNumber => return Answer::SerialNumber(SERIAL_NUMBER.to_owned()),
            Command::Flags => return Answer::Flags(0),
            Command::Transmit(_) | Command::TransmitRemote => return Answer::Refused,
            Command::BitRate(_) | Command::Setting => {}
        }
        Answer::Done
    }
}

/// The daemon of a socketcand client.
#[derive(Debug)]
pub(super) struct Socketcand {
    reader: Reader,
    mode: Mode,
    bus: String,
    access: Access,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    NoBus,
    Broadcast,
    Raw,
}

impl Socketcand {
    pub(super) fn new(bus: &str, access: Access) -> Self {
        Self { reader: Reader::default(), mode: Mode::NoBus, bus: bus.to_owned(), access }
    }

    fn receive(&mut self, byte: u8) -> Option<Reaction> {
        let request = self.reader.request(byte)?;
        if let Request::Send(frame) = request
            && self.mode != Mode::NoBus
            && self.access == Access::Send
        {
            return Some(Reaction::Send(frame));
        }
        Some(Reaction::Answer(self.obey(&request).text()))
    }

    fn obey(&mut self, request: &Request) -> Message {
        match (request, self.mode) {
            (Request::Open(bus), Mode::NoBus) if *bus == self.bus => self.mode = Mode::Broadcast,
            (Request::Open(_), Mode::NoBus) => return error(&format!("unknown bus, this is {}", self.bus)),
            (Request::RawMode, Mode::Broadcast | Mode::Raw) => self.mode = Mode::Raw,
            (Request::BroadcastMode, Mode::Broadcast | Mode::Raw) => self.mode = Mode::Broadcast,
            (Request::Echo, _) => return Message::Echo,
            (Request::Send(_), Mode::Broadcast | Mode::Raw) => return error("listen-only"),
            (Request::RawMode | Request::BroadcastMode | Request::Send(_), Mode::NoBus) => {
                return error("no bus open");
            }
            (Request::Open(_), Mode::Broadcast | Mode::Raw) => return error("a bus is open already"),
            (Request::Unknown, _) => return error("unknown command"),
        }
        Message::Done
    }
}

fn error(why: &str) -> Message {
    Message::Error(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use voltower_protocols::can::StandardId;

    fn talk(session: &mut Session, said: &str) -> String {
        let reactions: Vec<Reaction> = said.bytes().filter_map(|byte| session.receive(byte)).collect();
        reactions
            .into_iter()
            .map(|reaction| match reaction {
                Reaction::Answer(text) => text,
                Reaction::Send(frame) => format!("[{:X?}]{}", frame.data(), session.sent(true)),
            })
            .collect()
    }

    fn stamped() -> Stamped {
        let frame = Frame::new(StandardId::new(0x181).expect("11 bits"), &[1, 2]).expect("short");
        Stamped { at: Duration::from_millis(61_500), frame }
    }

    #[test]
    fn slcan_hears_once_open_and_sends_where_it_may() {
        let mut session = Session::Slcan(Slcan::new(Access::Send));
        assert_eq!(talk(&mut session, "t12311\rt123111\r"), "\x07\x07", "closed");
        assert!(!session.is_listening());
        assert_eq!(talk(&mut session, "S6\rO\rt123111\r"), "\r\r[[11]]\r");
        assert!(session.is_listening());
        assert_eq!(session.heard(&stamped()), "t18120102\r");
        assert_eq!(talk(&mut session, "Z1\rV\rN\rF\r"), "\rV1010\rNVT01\rF00\r");
        assert_eq!(session.heard(&stamped()), "t1812010205DC\r");
        assert_eq!(talk(&mut session, "L\rt123111\r"), "\r\x07");
        assert_eq!(talk(&mut session, "C\r?\r"), "\r\x07");
        assert!(!session.is_listening());
    }

    #[test]
    fn slcan_that_may_only_listen_is_refused_with_a_bell() {
        let mut session = Session::Slcan(Slcan::new(Access::ListenOnly));
        assert_eq!(talk(&mut session, "O\rt123111\rT0000000111\r"), "\r\x07\x07");
    }

    #[test]
    fn socketcand_opens_its_bus_then_hears_and_sends_where_it_may() {
        let mut session = Session::Socketcand(Socketcand::new("can0", Access::Send));
        assert_eq!(session.greeting(), "< hi >");
        assert_eq!(talk(&mut session, "< rawmode >"), "< error no bus open >");
        assert_eq!(talk(&mut session, "< open can1 >"), "< error unknown bus, this is can0 >");
        assert_eq!(talk(&mut session, "< open can0 >< rawmode >"), "< ok >< ok >");
        assert!(session.is_listening());
        assert_eq!(session.heard(&stamped()), "< frame 181 61.500000 0102 >");
        assert_eq!(talk(&mut session, "< send 123 1 11 >< echo >"), "[[11]]< echo >");
        assert_eq!(talk(&mut session, "< subscribe 0 0 123 >"), "< error unknown command >");
    }

    #[test]
    fn socketcand_that_may_only_listen_is_told_so() {
        let mut session = Session::Socketcand(Socketcand::new("can0", Access::ListenOnly));
        assert_eq!(talk(&mut session, "< open can0 >< rawmode >"), "< ok >< ok >");
        assert_eq!(talk(&mut session, "< send 123 1 11 >"), "< error listen-only >");
    }
}
