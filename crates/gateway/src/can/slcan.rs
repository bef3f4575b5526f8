//! SLCAN: CAN over a serial line in ASCII, as Lawicel's CAN232 and CANUSB brought it and many adapters since speak it.
//!
//! Published: manuals of CAN232 and CANUSB (Lawicel AB). A command ends with CR; the adapter answers CR for done or
//! BEL for refused, and sends the frames that it hears in between, each ended by CR.
//!
//! | text | meaning |
//! |---|---|
//! | `S0` to `S8` | bit rate: 10, 20, 50, 100, 125, 250, 500, 800, 1000 kbit/s |
//! | `O`, `L`, `C` | open, open listen-only, close |
//! | `tiiildd..`, `Tiiiiiiiildd..` | data frame with standard or extended identifier: sent by the host, or heard |
//! | `riiil`, `Riiiiiiiil` | remote frame |
//! | `Z0`, `Z1` | frames without, with a stamp: milliseconds within a minute, four digits at the end |
//! | `V`, `N`, `F` | version, serial number, status flags |

use std::fmt::Write as _;

use voltower_protocols::Frame;

use super::hex;
use super::lines::Lines;

/// Milliseconds after which stamps start again.
pub const STAMP_PERIOD: u16 = 60_000;

const DONE: u8 = b'\r';
const REFUSED: u8 = 0x07;

/// What a host asks of an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Leave the bus.
    Close,
    /// Take one of the nine bit rates.
    BitRate(u8),
    /// Join the bus.
    Open,
    /// Join the bus, and only listen.
    ListenOnly,
    /// Send a frame.
    Transmit(Frame),
    /// Send a remote frame.
    TransmitRemote,
    /// Stamp frames, or do not.
    Stamps(bool),
    /// Which hardware and software?
    Version,
    /// Which serial number?
    SerialNumber,
    /// How is the controller?
    Flags,
    /// Bit timing, filters, polling: settings of a controller that a network does not have.
    Setting,
}

/// What an adapter says to its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done as asked.
    Done,
    /// Refused, or not understood.
    Refused,
    /// A frame was heard, with milliseconds within a minute if stamps are on.
    Frame(Frame, Option<u16>),
    /// A remote frame was heard.
    Remote,
    /// Hardware and software version, two digits each.
    Version(String),
    /// Serial number.
    SerialNumber(String),
    /// Status flags.
    Flags(u8),
    /// Something else.
    Unknown,
}

/// Reads what a host says.
#[derive(Debug, Clone, Default)]
pub struct HostReader {
    lines: Lines,
}

impl HostReader {
    /// Takes the next byte: a command if it ends one, `Err` for one that nobody understands.
    pub fn push(&mut self, byte: u8) -> Option<Result<Command, NotUnderstood>> {
        match byte {
            b'\n' => None,
            DONE if self.lines.is_empty() => None,
            DONE => Some(self.lines.take().and_then(|line| command(&line)).ok_or(NotUnderstood)),
            other => {
                self.lines.push(other);
                None
            }
        }
    }
}

/// A line that is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUnderstood;

fn command(line: &[u8]) -> Option<Command> {
    let (letter, rest) = line.split_first()?;
    match (letter, rest) {
        (b'C', []) => Some(Command::Close),
        (b'O', []) => Some(Command::Open),
        (b'L', []) => Some(Command::ListenOnly),
        (b'V', []) => Some(Command::Version),
        (b'N', []) => Some(Command::SerialNumber),
        (b'F', []) => Some(Command::Flags),
        (b'Z', [b'0']) => Some(Command::Stamps(false)),
        (b'Z', [b'1' | b'2']) => Some(Command::Stamps(true)),
        (b'S', [rate @ b'0'..=b'8']) => Some(Command::BitRate(rate - b'0')),
        (b't' | b'T', _) => match frame(*letter, rest)? {
            (frame, []) => Some(Command::Transmit(frame)),
            _ => None,
        },
        (b'r' | b'R', _) => remote(*letter, rest).map(|()| Command::TransmitRemote),
        (b's' | b'M' | b'm' | b'W' | b'X' | b'U' | b'Q', [_, ..]) => Some(Command::Setting),
        _ => None,
    }
}

/// Reads what an adapter says.
#[derive(Debug, Clone, Default)]
pub struct AdapterReader {
    lines: Lines,
}

impl AdapterReader {
    /// Takes the next byte: an answer if it ends one.
    pub fn push(&mut self, byte: u8) -> Option<Answer> {
        match byte {
            b'\n' => None,
            REFUSED => {
                self.lines.clear();
                Some(Answer::Refused)
            }
            DONE if self.lines.is_empty() => Some(Answer::Done),
            DONE => Some(self.lines.take().and_then(|line| answer(&line)).unwrap_or(Answer::Unknown)),
            other => {
                self.lines.push(other);
                None
            }
        }
    }
}

fn answer(line: &[u8]) -> Option<Answer> {
    let (letter, rest) = line.split_first()?;
    match (letter, rest) {
        (b'z' | b'Z', []) => Some(Answer::Done),
        (b't' | b'T', _) => match frame(*letter, rest)? {
            (frame, []) => Some(Answer::Frame(frame, None)),
            (frame, stamp) if stamp.len() == 4 => {
                Some(Answer::Frame(frame, Some(hex::number(stamp)? as u16)))
            }
            _ => None,
        },
        (b'r' | b'R', _) => Some(Answer::Remote),
        (b'V', _) => Some(Answer::Version(text(rest))),
        (b'N', _) => Some(Answer::SerialNumber(text(rest))),
        (b'F', [_, _]) => Some(Answer::Flags(hex::number(rest)? as u8)),
        _ => None,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn id_digits(letter: u8) -> usize {
    if letter.is_ascii_uppercase() { hex::EXTENDED } else { hex::STANDARD }
}

/// The frame behind `letter`, and what follows it.
fn frame(letter: u8, text: &[u8]) -> Option<(Frame, &[u8])> {
    let (id, text) = text.split_at_checked(id_digits(letter))?;
    let (length, text) = text.split_first()?;
    let length = char::from(*length).to_digit(9)? as usize;
    let (data, rest) = text.split_at_checked(2 * length)?;
    Some((Frame::new(hex::id(id)?, &hex::bytes(data)?)?, rest))
}

fn remote(letter: u8, text: &[u8]) -> Option<()> {
    let (id, length) = text.split_at_checked(id_digits(letter))?;
    hex::id(id)?;
    matches!(length, [b'0'..=b'8']).then_some(())
}

impl Command {
    /// As it is sent; `None` for the kinds that say less than a host has to.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let mut text = String::new();
        match self {
            Self::Close => text.push('C'),
            Self::BitRate(rate) => text.push_str(&format!("S{rate}")),
            Self::Open => text.push('O'),
            Self::ListenOnly => text.push('L'),
            Self::Transmit(frame) => write_frame(&mut text, frame),
            Self::Stamps(on) => text.push_str(if *on { "Z1" } else { "Z0" }),
            Self::Version => text.push('V'),
            Self::SerialNumber => text.push('N'),
            Self::Flags => text.push('F'),
            Self::TransmitRemote | Self::Setting => return None,
        }
        text.push('\r');
        Some(text)
    }
}

impl Answer {
    /// As it is sent.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        match self {
            Self::Done => {}
            Self::Refused => return char::from(REFUSED).to_string(),
            Self::Frame(frame, stamp) => {
                write_frame(&mut text, frame);
                if let Some(stamp) = stamp {
                    let _ = write!(text, "{stamp:04X}");
                }
            }
            Self::Remote => text.push_str("r0000"),
            Self::Version(version) => text.push_str(&format!("V{version}")),
            Self::SerialNumber(number) => text.push_str(&format!("N{number}")),
            Self::Flags(flags) => text.push_str(&format!("F{flags:02X}")),
            Self::Unknown => text.push('?'),
        }
        text.push('\r');
        text
    }
}

fn write_frame(text: &mut String, frame: &Frame) {
    text.push(if frame.standard_id().is_some() { 't' } else { 'T' });
    hex::write_id(text, frame.id());
    let _ = write!(text, "{}", frame.data().len());
    hex::write_data(text, frame);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use voltower_protocols::can::{ExtendedId, StandardId};

    fn commands(text: &[u8]) -> Vec<Result<Command, NotUnderstood>> {
        let mut reader = HostReader::default();
        text.iter().filter_map(|byte| reader.push(*byte)).collect()
    }

    fn answers(text: &[u8]) -> Vec<Answer> {
        let mut reader = AdapterReader::default();
        text.iter().filter_map(|byte| reader.push(*byte)).collect()
    }

    fn standard(id: u16, data: &[u8]) -> Frame {
        Frame::new(StandardId::new(id).expect("11 bits"), data).expect("short")
    }

    fn extended(id: u32, data: &[u8]) -> Frame {
        Frame::new(ExtendedId::new(id).expect("29 bits"), data).expect("short")
    }

    /// Examples of the CAN232 manual: `t10021133`, `t4563112233`, `T0000010021133`, `t1000`.
    #[test]
    fn frames_of_the_manual_are_read_and_written() {
        for (text, frame) in [
            (&b"t10021133\r"[..], standard(0x100, &[0x11, 0x33])),
            (b"t4563112233\r", standard(0x456, &[0x11, 0x22, 0x33])),
            (b"t1000\r", standard(0x100, &[])),
            (b"T0000010021133\r", extended(0x100, &[0x11, 0x33])),
        ] {
            assert_eq!(commands(text), [Ok(Command::Transmit(frame))]);
            assert_eq!(Command::Transmit(frame).text().expect("a text").as_bytes(), text);
            assert_eq!(answers(text), [Answer::Frame(frame, None)]);
        }
    }

    /// `t100211334D67` is the manual's example: 0x4D67 = 19 815 ms.
    #[test]
    fn a_stamp_at_the_end_is_milliseconds() {
        let frame = standard(0x100, &[0x11, 0x33]);
        assert_eq!(answers(b"t100211334D67\r"), [Answer::Frame(frame, Some(19_815))]);
        assert_eq!(Answer::Frame(frame, Some(19_815)).text(), "t100211334D67\r");
    }

    #[test]
    fn what_python_can_says_when_it_opens_is_understood() {
        let expected = [Command::Close, Command::BitRate(6), Command::Open];
        assert_eq!(commands(b"C\rS6\rO\r"), expected.map(Ok));
        let queries = [Command::Version, Command::SerialNumber, Command::Flags, Command::Stamps(true)];
        assert_eq!(commands(b"V\rN\rF\rZ1\r"), queries.map(Ok));
        assert_eq!(commands(b"s031C\rM00000000\rmFFFFFFFF\r"), [Ok(Command::Setting); 3]);
        assert_eq!(commands(b"\r\r\nL\r"), [Ok(Command::ListenOnly)]);
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(answers(b"\r\x07z\rZ\r"), [Answer::Done, Answer::Refused, Answer::Done, Answer::Done]);
        assert_eq!(
            answers(b"V1013\rNA123\rF20\r"),
            [
                Answer::Version("1013".to_owned()),
                Answer::SerialNumber("A123".to_owned()),
                Answer::Flags(0x20),
            ]
        );
        assert_eq!(answers(b"t1\x07\r"), [Answer::Refused, Answer::Done], "a refusal ends what was begun");
    }

    #[test]
    fn what_is_no_command_is_not_taken_for_one() {
        for wrong in
            ["S9", "O1", "t8000", "t1009", "t100211", "t10021133F", "T200000000", "r1009", "x", "tzzz0"]
        {
            assert_eq!(commands(format!("{wrong}\r").as_bytes()), [Err(NotUnderstood)], "{wrong}");
        }
        let long = [b"t".repeat(1000), b"\rO\r".to_vec()].concat();
        assert_eq!(commands(&long), [Err(NotUnderstood), Ok(Command::Open)]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm_and_any_frame_survives(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
            id in 0u32..0x2000_0000,
            short in any::<bool>(),
            data in proptest::collection::vec(any::<u8>(), 0..=8),
        ) {
            let _ = (commands(&bytes), answers(&bytes));
            let frame = if short { standard(id as u16 & 0x7FF, &data) } else { extended(id, &data) };
            let text = Command::Transmit(frame).text().expect("a text");
            prop_assert_eq!(commands(text.as_bytes()), [Ok(Command::Transmit(frame))]);
            prop_assert_eq!(answers(text.as_bytes()), [Answer::Frame(frame, None)]);
        }
    }
}
