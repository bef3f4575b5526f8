//! Software versions, overheard: the BDU reads object 0x100A of each module at discovery.

use std::fmt;
use voltower_protocols::Frame;

/// Object of the software version (CiA 301).
const SOFTWARE_VERSION: u16 = 0x100A;
/// Longest version that is kept.
const VERSION_MAX: usize = 32;

/// A software version as sent, ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    bytes: [u8; VERSION_MAX],
    length: usize,
}

impl Version {
    const EMPTY: Self = Self { bytes: [0; VERSION_MAX], length: 0 };

    /// The text; characters that are not printable ASCII are shown as `?`.
    pub fn text(&self) -> String {
        let sent = self.bytes.iter().take(self.length);
        sent.map(|&b| if b.is_ascii_graphic() || b == b' ' { char::from(b) } else { '?' }).collect()
    }

    fn push(&mut self, data: &[u8]) {
        for (slot, byte) in self.bytes.iter_mut().skip(self.length).zip(data) {
            *slot = *byte;
            self.length += 1;
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}

/// Follows one SDO server's answers.
///
/// ```text
///   Idle --initiate 0x100A--> Reading --last segment--> Idle (version known)
///    ^                           |
///    +----any other answer-------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Overheard {
    /// Nothing of interest is being read.
    #[default]
    Idle,
    /// Segments of the version are on their way.
    Reading(Version),
}

impl Overheard {
    /// Takes an answer of the server; the version once it is complete.
    pub(super) fn answer(&mut self, frame: &Frame) -> Option<Version> {
        let bytes = frame.eight()?;
        let [command, low, high, sub, ..] = *bytes;
        let of_version = u16::from_le_bytes([low, high]) == SOFTWARE_VERSION && sub == 0;
        match (command >> 5, std::mem::take(self)) {
            (2, _) if of_version => self.initiate(command, bytes),
            (0, Self::Reading(version)) => self.segment(version, command, bytes),
            (_, Self::Idle | Self::Reading(_)) => None,
        }
    }

    fn initiate(&mut self, command: u8, bytes: &[u8; 8]) -> Option<Version> {
        let expedited = command & 2 != 0;
        if !expedited {
            *self = Self::Reading(Version::EMPTY);
            return None;
        }
        let mut version = Version::EMPTY;
        version.push(bytes.get(4..8 - usize::from(command >> 2 & 3)).unwrap_or_default());
        Some(version)
    }

    fn segment(&mut self, mut version: Version, command: u8, bytes: &[u8; 8]) -> Option<Version> {
        let unused = usize::from(command >> 1 & 7);
        version.push(bytes.get(1..8 - unused).unwrap_or_default());
        if command & 1 != 0 {
            return Some(version);
        }
        *self = Self::Reading(version);
        None
    }
}
