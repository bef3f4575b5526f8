//! Lines of a log as `candump -l` of can-utils writes it: `(1436509052.249713) can0 044#2A366C2BBA`.

use std::time::Duration;

use voltower_protocols::Frame;

use super::{Stamped, hex};

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was heard, and when.
    pub stamped: Stamped,
    /// On which interface.
    pub channel: String,
}

/// Why a line is none of a data frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not of this form at all.
    #[error("is not of the form `(SECONDS.MICROSECONDS) INTERFACE ID#DATA`")]
    Form,
    /// A remote frame, an error frame or a frame of CAN FD.
    #[error("is no classic data frame")]
    Kind,
}

impl Entry {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// Another form, or a frame that carries no classic data.
    pub fn parse(line: &str) -> Result<Self, EntryError> {
        let mut words = line.split_ascii_whitespace();
        let (Some(stamp), Some(channel), Some(frame)) = (words.next(), words.next(), words.next()) else {
            return Err(EntryError::Form);
        };
        // Newer versions append the direction.
        if !matches!(words.next(), None | Some("R" | "T")) || words.next().is_some() {
            return Err(EntryError::Form);
        }
        let stamp = stamp.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let at = stamp.and_then(seconds).ok_or(EntryError::Form)?;
        Ok(Self { stamped: Stamped { at, frame: parse_frame(frame)? }, channel: channel.to_owned() })
    }
}

fn parse_frame(text: &str) -> Result<Frame, EntryError> {
    let (digits, data) = text.split_once('#').ok_or(EntryError::Form)?;
    // Bit 29 of the identifier marks an error frame (linux/can/error.h).
    let error_frame = hex::number(digits.as_bytes()).is_some_and(|id| id & 0x2000_0000 != 0);
    if data.starts_with(['#', 'R']) || error_frame {
        return Err(EntryError::Kind);
    }
    let id = hex::id(digits.as_bytes()).ok_or(EntryError::Form)?;
    let data = hex::bytes(data.as_bytes()).ok_or(EntryError::Form)?;
    Frame::new(id, &data).ok_or(EntryError::Form)
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Stamped { at, frame } = &self.stamped;
        let mut text = String::with_capacity(32);
        hex::write_id(&mut text, frame.id());
        text.push('#');
        hex::write_data(&mut text, frame);
        write!(f, "({}.{:06}) {} {text}", at.as_secs(), at.subsec_micros(), self.channel)
    }
}

/// The time of `23.424242`; digits behind the sixth are dropped.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if part.is_empty() || !part.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let micros: u32 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    Some(Duration::new(whole.parse().ok()?, micros * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use voltower_protocols::can::StandardId;

    /// The first example of can-utils' manual page of log2asc and asc2log.
    const EXAMPLE: &str = "(1436509052.249713) can0 044#2A366C2BBA";

    #[test]
    fn a_line_is_read_and_written_alike() {
        let entry = Entry::parse(EXAMPLE).expect("a line");
        let frame = Frame::new(StandardId::new(0x44).expect("11 bits"), &[0x2A, 0x36, 0x6C, 0x2B, 0xBA]);
        assert_eq!(entry.stamped.frame, frame.expect("short"));
        assert_eq!(entry.stamped.at, Duration::new(1_436_509_052, 249_713_000));
        assert_eq!((entry.channel.as_str(), entry.to_string().as_str()), ("can0", EXAMPLE));
        assert_eq!(Entry::parse(&format!("{EXAMPLE} R")), Ok(entry));
    }

    #[test]
    fn other_kinds_of_frames_and_other_lines_are_told_apart() {
        for kind in ["044#R", "044#R5", "044##1AABB", "20000004#0000000000000000"] {
            assert_eq!(Entry::parse(&format!("(1.0) can0 {kind}")), Err(EntryError::Kind), "{kind}");
        }
        for form in [
            "",
            "(1.0) can0",
            "1.0 can0 044#",
            "(x) can0 044#",
            "(1.) can0 044#",
            "(1.0) can0 44#",
            "(1.0) can0 044#1",
        ] {
            assert_eq!(Entry::parse(form), Err(EntryError::Form), "{form}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_harm(line in "\\PC{0,80}") {
            let _ = Entry::parse(&line);
        }
    }
}
