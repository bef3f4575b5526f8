//! Reads the software versions of every module that is heard, and judges whether they work with ours.

use voltower_core::Duration;
use voltower_core::values::{VERSION_READ_AGAIN, VERSION_READ_TIMEOUT, VERSION_READ_TRIES};
use voltower_protocols::Frame;
use voltower_protocols::link::{MODULE_NODES, ModuleNode};

use super::modules::{Modules, Version};
use crate::io::SamplePeriod;
use crate::link::{ReadProgress, SdoClient};

/// Where the versions of a module stand: of its BMS (CiA 301), and of its converter (ours).
const VERSIONS: [(u16, u8); 2] = [(0x100A, 0), (0x2006, 2)];

/// Characters after the `V` that must be the same: they count the versions of what travels between the devices.
pub(super) const PROTOCOL_CHARACTERS: usize = 4;

/// Reads one module at a time.
///
/// ```text
///           a module without version, or wrong     answered, or no try left
///  Idle{} --------------------------> Reading{} --------------------------> Idle{}
///                                      ^     | no answer
///                                      +-----+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionReader {
    /// Nobody is asked.
    Idle {
        /// Until one that did not tell its version, or told another than ours, is asked anew.
        remaining: Duration,
        /// Who was asked last.
        last: ModuleNode,
    },
    /// Waits for an answer.
    Reading {
        /// Who is asked.
        node: ModuleNode,
        /// Which of the versions.
        which: u8,
        /// Tries left after this one.
        tries: u8,
        /// The transfer.
        client: SdoClient,
    },
}

impl VersionReader {
    /// Nobody has been asked yet.
    pub const START: Self = Self::Idle { remaining: VERSION_READ_AGAIN, last: MODULE_NODES[0] };

    /// Takes one sample period: the inquiry to send, if one is due.
    pub fn step(&mut self, modules: &mut Modules, elapsed: Duration, period: SamplePeriod) -> Option<Frame> {
        match self {
            Self::Idle { remaining, last } => {
                *remaining = remaining.less(elapsed);
                let has_rested = remaining.is_zero();
                let new = || awake(modules, |version| version == Version::Unknown).next();
                let node = new().or_else(|| next_wrong(modules, *last).filter(|_| has_rested))?;
                Some(self.ask(node, 0, VERSION_READ_TRIES.0 as u8, period))
            }
            Self::Reading { client, .. } => {
                if client.tick(elapsed) {
                    self.retry(modules, period)
                } else {
                    None
                }
            }
        }
    }

    /// Takes a frame; the next request of a transfer that goes on.
    pub fn on_frame(
        &mut self,
        frame: &Frame,
        ours: &[u8; 8],
        modules: &mut Modules,
        period: SamplePeriod,
    ) -> Option<Frame> {
        let Self::Reading { node, which, client, .. } = self else { return None };
        let (node, which) = (*node, *which);
        match client.on_frame(frame, period.stretch(VERSION_READ_TIMEOUT))? {
            ReadProgress::Send(next) => Some(next),
            ReadProgress::Done(text) if !agree(text.as_bytes(), ours) => {
                self.conclude(node, Version::Wrong(digits(text.as_bytes())), modules);
                None
            }
            ReadProgress::Done(_) if usize::from(which) + 1 < VERSIONS.len() => {
                Some(self.ask(node, which + 1, VERSION_READ_TRIES.0 as u8, period))
            }
            ReadProgress::Done(_) => {
                self.conclude(node, Version::Compatible, modules);
                None
            }
            ReadProgress::Refused(_) | ReadProgress::Garbled => self.retry(modules, period),
        }
    }

    fn ask(&mut self, node: ModuleNode, which: u8, tries: u8, period: SamplePeriod) -> Frame {
        let mut client = SdoClient::Idle;
        let (index, sub) = VERSIONS.get(usize::from(which)).copied().unwrap_or((0x100A, 0));
        let request = client.read(node.number(), index, sub, period.stretch(VERSION_READ_TIMEOUT));
        *self = Self::Reading { node, which, tries: tries.saturating_sub(1), client };
        request
    }

    fn retry(&mut self, modules: &mut Modules, period: SamplePeriod) -> Option<Frame> {
        let Self::Reading { node, which, tries, .. } = *self else { return None };
        let is_awake = modules.get(node).is_some_and(|module| module.stays_awake());
        if is_awake && tries > 0 {
            return Some(self.ask(node, which, tries, period));
        }
        // A module that went silent meanwhile is asked again when it comes back. What was told holds until then.
        let told = modules.get(node).map_or(Version::Unknown, |module| module.version);
        let version = match told {
            _ if !is_awake => Version::Unknown,
            Version::Unknown => UNTOLD,
            Version::Compatible | Version::Wrong(_) => told,
        };
        self.conclude(node, version, modules);
        None
    }

    fn conclude(&mut self, node: ModuleNode, version: Version, modules: &mut Modules) {
        if let Some(module) = modules.get_mut(node) {
            module.version = version;
        }
        *self = Self::Idle { remaining: VERSION_READ_AGAIN, last: node };
    }
}

fn awake(modules: &Modules, asked: impl Fn(Version) -> bool) -> impl Iterator<Item = ModuleNode> {
    modules.iter().filter(move |(_, m)| m.stays_awake() && asked(m.version)).map(|(node, _)| node)
}

/// The one that is asked again: an answer may have been falsified, and each has its turn.
fn next_wrong(modules: &Modules, last: ModuleNode) -> Option<ModuleNode> {
    let wrong = || awake(modules, |version| matches!(version, Version::Wrong(_)));
    wrong().find(|node| *node > last).or_else(|| wrong().next())
}

/// It does not work with ours as long as it does not say so.
const UNTOLD: Version = Version::Wrong([0; PROTOCOL_CHARACTERS]);

/// Whether the parts of two versions agree that must: the first characters after the `V`, or all if there is none.
///
/// Versions look like `0V010010` (public, examples of SOFAR Modbus-G3 V1.38); what their digits mean is ours.
fn agree(theirs: &[u8], ours: &[u8]) -> bool {
    protocol(theirs) == protocol(ours)
}

fn protocol(version: &[u8]) -> &[u8] {
    let letter = version.iter().position(|byte| byte.eq_ignore_ascii_case(&b'V'));
    let Some(after) = letter.and_then(|at| version.get(at.saturating_add(1)..)) else { return version };
    after.get(..PROTOCOL_CHARACTERS).unwrap_or(after)
}

/// What tells one version from another, as far as it matters.
fn digits(version: &[u8]) -> [u8; PROTOCOL_CHARACTERS] {
    let mut digits = [b' '; PROTOCOL_CHARACTERS];
    for (digit, byte) in digits.iter_mut().zip(protocol(version)) {
        *digit = *byte;
    }
    digits
}
