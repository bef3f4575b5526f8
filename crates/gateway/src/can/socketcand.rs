//! socketcand: CAN over TCP in ASCII, as the daemon of that name speaks it.
//!
//! Published: `doc/protocol.md` of [linux-can/socketcand](https://github.com/linux-can/socketcand). Messages stand
//! between `<` and `>`, words are separated by blanks. The server greets; the client opens a bus and asks for raw mode;
//! from then on it hears every frame. Frames carry the seconds since the Unix epoch.

use std::fmt::Write as _;
use std::time::Duration;

use voltower_protocols::Frame;

use super::hex;
use super::lines::Lines;
use super::{Stamped, candump};

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `< open can0 >`
    Open(String),
    /// `< rawmode >`: from now on, all frames.
    RawMode,
    /// `< bcmmode >`: from now on, only what was subscribed to.
    BroadcastMode,
    /// `< send 123 2 11 22 >`
    Send(Frame),
    /// `< echo >`: still there?
    Echo,
    /// Another command.
    Unknown,
}

/// What a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// `< hi >`, at the beginning.
    Hi,
    /// `< ok >`: done as asked.
    Done,
    /// `< frame 123 23.424242 1122 >`
    Frame(Stamped),
    /// `< echo >`
    Echo,
    /// `< error why >`: refused, and why; or an error frame of the bus.
    Error(String),
    /// Something else.
    Unknown,
}

/// Cuts what one side says into messages.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    lines: Lines,
    inside: bool,
}

impl Reader {
    /// Takes the next byte: the words of a message if it ends one. What stands outside of `<` and `>` is skipped.
    fn push(&mut self, byte: u8) -> Option<String> {
        match byte {
            b'<' => {
                self.lines.clear();
                self.inside = true;
                None
            }
            b'>' if self.inside => {
                self.inside = false;
                // Too long, or not ASCII: a message without words, which nobody understands.
                Some(self.lines.take().and_then(|line| String::from_utf8(line).ok()).unwrap_or_default())
            }
            other => {
                if self.inside {
                    self.lines.push(other);
                }
                None
            }
        }
    }

    /// Takes the next byte of a client.
    pub fn request(&mut self, byte: u8) -> Option<Request> {
        self.push(byte).map(|words| request(&words).unwrap_or(Request::Unknown))
    }

    /// Takes the next byte of a server.
    pub fn message(&mut self, byte: u8) -> Option<Message> {
        self.push(byte).map(|words| message(&words).unwrap_or(Message::Unknown))
    }
}

fn request(text: &str) -> Option<Request> {
    let mut words = text.split_ascii_whitespace();
    let command = words.next()?;
    let request = match command {
        "open" => Request::Open(words.next()?.to_owned()),
        "rawmode" => Request::RawMode,
        "bcmmode" => Request::BroadcastMode,
        "echo" => Request::Echo,
        "send" => {
            let id = words.next()?;
            let length: usize = words.next()?.parse().ok()?;
            let data: Vec<u8> = words.by_ref().map(byte).collect::<Option<_>>()?;
            let frame = Frame::new(hex::id(id.as_bytes())?, &data)?;
            Request::Send((length == data.len()).then_some(frame)?)
        }
        _ => return None,
    };
    words.next().is_none().then_some(request)
}

/// One byte in one or two digits.
fn byte(digits: &str) -> Option<u8> {
    u8::try_from(hex::number(digits.as_bytes())?).ok()
}

fn message(text: &str) -> Option<Message> {
    let text = text.trim();
    let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
    match command {
        "hi" => Some(Message::Hi),
        "ok" => Some(Message::Done),
        "echo" => Some(Message::Echo),
        "error" => Some(Message::Error(rest.to_owned())),
        "frame" => {
            let mut words = rest.split_ascii_whitespace();
            let id = hex::id(words.next()?.as_bytes())?;
            let at = candump::seconds(words.next()?)?;
            // The daemon writes the bytes in one word, its description in several.
            let data: String = words.collect();
            Some(Message::Frame(Stamped { at, frame: Frame::new(id, &hex::bytes(data.as_bytes())?)? }))
        }
        _ => None,
    }
}

impl Request {
    /// As it is sent; `None` for a command of no meaning.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Self::Open(bus) => format!("< open {bus} >"),
            Self::RawMode => "< rawmode >".to_owned(),
            Self::BroadcastMode => "< bcmmode >".to_owned(),
            Self::Echo => "< echo >".to_owned(),
            Self::Send(frame) => send(frame),
            Self::Unknown => return None,
        })
    }
}

fn send(frame: &Frame) -> String {
    let mut text = "< send ".to_owned();
    hex::write_id(&mut text, frame.id());
    let _ = write!(text, " {} ", frame.data().len());
    for byte in frame.data() {
        let _ = write!(text, "{byte:02X} ");
    }
    text.push('>');
    text
}

impl Message {
    /// As it is sent.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Hi => "< hi >".to_owned(),
            Self::Done => "< ok >".to_owned(),
            Self::Echo => "< echo >".to_owned(),
            Self::Error(why) => format!("< error {why} >"),
            Self::Unknown => "< error unknown message >".to_owned(),
            Self::Frame(Stamped { at, frame }) => {
                let mut text = "< frame ".to_owned();
                hex::write_id(&mut text, frame.id());
                let _ = write!(text, " {} ", Seconds(*at));
                hex::write_data(&mut text, frame);
                text.push_str(" >");
                text
            }
        }
    }
}

/// `23.424242`
struct Seconds(Duration);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:06}", self.0.as_secs(), self.0.subsec_micros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use voltower_protocols::can::{ExtendedId, StandardId};

    fn requests(text: &[u8]) -> Vec<Request> {
        let mut reader = Reader::default();
        text.iter().filter_map(|byte| reader.request(*byte)).collect()
    }

    fn messages(text: &[u8]) -> Vec<Message> {
        let mut reader = Reader::default();
        text.iter().filter_map(|byte| reader.message(*byte)).collect()
    }

    fn standard(id: u16, data: &[u8]) -> Frame {
        Frame::new(StandardId::new(id).expect("11 bits"), data).expect("short")
    }

    /// Examples of the protocol's description.
    #[test]
    fn examples_of_the_description_are_understood() {
        let extended = Frame::new(ExtendedId::new(0x1AAA_AAAA).expect("29 bits"), &[1, 0xF1]).expect("short");
        assert_eq!(
            requests(b"< open can0 >< rawmode >\n< send 123 0 >< send 1AAAAAAA 2 1 F1 >< echo >"),
            [
                Request::Open("can0".to_owned()),
                Request::RawMode,
                Request::Send(standard(0x123, &[])),
                Request::Send(extended),
                Request::Echo,
            ]
        );
        let stamped =
            Stamped { at: Duration::new(23, 424_242_000), frame: standard(0x123, &[0x11, 0x22, 0x33, 0x44]) };
        let expected = [Message::Frame(stamped), Message::Frame(stamped)];
        assert_eq!(
            messages(b"< frame 123 23.424242 11 22 33 44 >< frame 123 23.424242 11223344 >"),
            expected
        );
        assert_eq!(Message::Frame(stamped).text(), "< frame 123 23.424242 11223344 >");
    }

    #[test]
    fn a_server_greets_agrees_and_refuses() {
        assert_eq!(
            messages(b"< hi >< ok >< echo >< error unknown command >"),
            [Message::Hi, Message::Done, Message::Echo, Message::Error("unknown command".to_owned()),]
        );
    }

    #[test]
    fn what_is_no_request_is_not_taken_for_one() {
        for wrong in [
            "",
            "open",
            "send 123",
            "send 123 2 11",
            "send 123 9 1 2 3 4 5 6 7 8 9",
            "send 800 0",
            "send 12 0",
            "subscribe 0 0 123",
            "rawmode now",
        ] {
            assert_eq!(requests(format!("<{wrong}>").as_bytes()), [Request::Unknown], "{wrong}");
        }
        let long = [b"<".to_vec(), b"x".repeat(1000), b"><echo>".to_vec()].concat();
        assert_eq!(requests(&long), [Request::Unknown, Request::Echo]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm_and_any_frame_survives(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
            id in 0u16..0x800,
            micros in 0u64..4_000_000_000_000_000,
            data in proptest::collection::vec(any::<u8>(), 0..=8),
        ) {
            let _ = (requests(&bytes), messages(&bytes));
            let frame = standard(id, &data);
            let request = Request::Send(frame);
            prop_assert_eq!(requests(request.text().expect("a text").as_bytes()), [request]);
            let message = Message::Frame(Stamped { at: Duration::from_micros(micros), frame });
            prop_assert_eq!(messages(message.text().as_bytes()), [message]);
        }
    }
}
