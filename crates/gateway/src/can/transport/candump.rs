//! A log of frames, read as if it were a bus.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Lines};
use std::path::Path;
use std::time::Duration;

use voltower_protocols::Frame;

use super::connection::{Trouble, Way};
use crate::can::Stamped;
use crate::can::candump::{Entry, EntryError};

/// An open log.
pub(super) struct Log {
    lines: Lines<BufReader<File>>,
    number: usize,
}

impl Log {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { lines: BufReader::new(File::open(path)?).lines(), number: 0 })
    }
}

impl Way for Log {
    fn send(&mut self, _frame: &Frame) -> Result<(), Trouble> {
        Err(Trouble::Refused("it is a log".to_owned()))
    }

    fn receive(&mut self, _timeout: Duration) -> Result<Option<Stamped>, Trouble> {
        loop {
            let line = self.lines.next().ok_or(Trouble::Ended)??;
            self.number += 1;
            if line.trim().is_empty() {
                continue;
            }
            match Entry::parse(&line) {
                Ok(entry) => return Ok(Some(entry.stamped)),
                // The Link has none of these.
                Err(EntryError::Kind) => {}
                Err(error @ EntryError::Form) => {
                    let text = format!("line {} {error}", self.number);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text).into());
                }
            }
        }
    }
}
