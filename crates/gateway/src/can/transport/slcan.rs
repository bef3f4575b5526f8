//! The host of an SLCAN adapter.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use voltower_protocols::Frame;

use super::connection::{Trouble, Way};
use super::tcp::Bytes;
use super::wall_clock;
use crate::can::slcan::{AdapterReader, Answer, Command};
use crate::can::{Access, Stamped};

/// 500 kbit/s, the rate of the Link.
const BIT_RATE: u8 = 6;
/// How long an adapter may think. Many never say whether they have done what they were told.
const THINKS: Duration = Duration::from_millis(300);
/// Frames that wait while we wait for an answer.
const KEPT: usize = 10_000;

/// An open adapter.
pub(super) struct Slcan<B> {
    bytes: B,
    reader: AdapterReader,
    heard: VecDeque<Stamped>,
    /// It says whether it has done what it was told.
    answers: bool,
}

impl<B: Bytes> Slcan<B> {
    pub(super) fn open(bytes: B, access: Access) -> Result<Self, Trouble> {
        let mut adapter =
            Self { bytes, reader: AdapterReader::default(), heard: VecDeque::new(), answers: true };
        // Ends what somebody before us may have begun.
        adapter.bytes.write(b"\r")?;
        let _ = adapter.ask(Command::Close)?;
        adapter.ask(Command::BitRate(BIT_RATE))?;
        let open = if access == Access::Send { Command::Open } else { Command::ListenOnly };
        match adapter.ask(open)? {
            Some(Answer::Refused) => Err(Trouble::Refused("the adapter refuses to open the bus".to_owned())),
            Some(_) => Ok(adapter),
            None => {
                adapter.answers = false;
                Ok(adapter)
            }
        }
    }

    /// What the adapter says to `command`, if it says anything.
    fn ask(&mut self, command: Command) -> Result<Option<Answer>, Trouble> {
        let text = command.text().unwrap_or_default();
        self.bytes.write(text.as_bytes())?;
        if !self.answers {
            return Ok(None);
        }
        let until = Instant::now() + THINKS;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let answers = self.listen(left)?;
            if let Some(answer) = answers.into_iter().next() {
                return Ok(Some(answer));
            }
            if left.is_zero() {
                return Ok(None);
            }
        }
    }

    /// Reads what comes within `timeout`: frames are kept, other answers handed back.
    fn listen(&mut self, timeout: Duration) -> Result<Vec<Answer>, io::Error> {
        let mut buffer = [0; 4096];
        let read = self.bytes.read(&mut buffer, timeout)?;
        let at = wall_clock();
        let mut answers = Vec::new();
        for byte in buffer.iter().take(read) {
            match self.reader.push(*byte) {
                Some(Answer::Frame(frame, _)) => self.keep(Stamped { at, frame }),
                Some(Answer::Remote | Answer::Unknown) | None => {}
                Some(answer) => answers.push(answer),
            }
        }
        Ok(answers)
    }

    fn keep(&mut self, stamped: Stamped) {
        if self.heard.len() >= KEPT {
            self.heard.pop_front();
        }
        self.heard.push_back(stamped);
    }
}

impl<B: Bytes> Way for Slcan<B> {
    fn send(&mut self, frame: &Frame) -> Result<(), Trouble> {
        match self.ask(Command::Transmit(*frame))? {
            Some(Answer::Refused) => {
                Err(Trouble::Refused("the adapter refuses to send (listen-only?)".to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn receive(&mut self, timeout: Duration) -> Result<Option<Stamped>, Trouble> {
        let until = Instant::now() + timeout;
        loop {
            if let Some(stamped) = self.heard.pop_front() {
                return Ok(Some(stamped));
            }
            let left = until.saturating_duration_since(Instant::now());
            self.listen(left)?;
            if left.is_zero() && self.heard.is_empty() {
                return Ok(None);
            }
        }
    }
}
