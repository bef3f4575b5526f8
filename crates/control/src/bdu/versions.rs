//! Reads the software version of every module that is heard, and judges whether it works with ours.

use voltower_core::Duration;
use voltower_core::values::{VERSION_READ_TIMEOUT, VERSION_READ_TRIES};
use voltower_protocols::Frame;
use voltower_protocols::link::ModuleNode;

use super::modules::{Modules, Version};
use crate::io::SamplePeriod;
use crate::link::{ReadProgress, SdoClient};

/// Manufacturer software version (CiA 301).
const SOFTWARE_VERSION: u16 = 0x100A;

/// Characters after the `V` that must be the same: they count the versions of what travels between the devices.
const PROTOCOL_CHARACTERS: usize = 4;

/// Reads one module at a time.
///
/// ```text
///         a module without version              answered, or no try left
///  Idle --------------------------> Reading{} --------------------------> Idle
///                                    ^     | no answer
///                                    +-----+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum VersionReader {
    /// Every version is known.
    #[default]
    Idle,
    /// Waits for an answer.
    Reading {
        /// Who is asked.
        node: ModuleNode,
        /// Tries left after this one.
        tries: u8,
        /// The transfer.
        client: SdoClient,
    },
}

impl VersionReader {
    /// Takes one sample period: the inquiry to send, if one is due.
    pub fn step(&mut self, modules: &mut Modules, elapsed: Duration, period: SamplePeriod) -> Option<Frame> {
        match self {
            Self::Idle => {
                let (node, _) =
                    modules.iter().find(|(_, m)| m.is_online() && m.version == Version::Unknown)?;
                Some(self.ask(node, VERSION_READ_TRIES.0 as u8, period))
            }
            Self::Reading { node, tries, client } => {
                let (node, tries) = (*node, *tries);
                if client.tick(elapsed) { self.retry(node, tries, modules, period) } else { None }
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
        let Self::Reading { node, tries, client } = self else { return None };
        let (node, tries) = (*node, *tries);
        match client.on_frame(frame, period.stretch(VERSION_READ_TIMEOUT))? {
            ReadProgress::Send(next) => Some(next),
            ReadProgress::Done(text) => {
                let compatible = agree(text.as_bytes(), ours);
                self.conclude(node, if compatible { Version::Compatible } else { Version::Wrong }, modules);
                None
            }
            ReadProgress::Refused(_) | ReadProgress::Garbled => self.retry(node, tries, modules, period),
        }
    }

    fn ask(&mut self, node: ModuleNode, tries: u8, period: SamplePeriod) -> Frame {
        let mut client = SdoClient::Idle;
        let timeout = period.stretch(VERSION_READ_TIMEOUT);
        let request = client.read(node.number(), SOFTWARE_VERSION, 0, timeout);
        *self = Self::Reading { node, tries: tries.saturating_sub(1), client };
        request
    }

    fn retry(
        &mut self,
        node: ModuleNode,
        tries: u8,
        modules: &mut Modules,
        period: SamplePeriod,
    ) -> Option<Frame> {
        let is_online = modules.get(node).is_some_and(|module| module.is_online());
        if is_online && tries > 0 {
            return Some(self.ask(node, tries, period));
        }
        // A module that went silent meanwhile is asked again when it comes back.
        self.conclude(node, if is_online { Version::Wrong } else { Version::Unknown }, modules);
        None
    }

    fn conclude(&mut self, node: ModuleNode, version: Version, modules: &mut Modules) {
        if let Some(module) = modules.get_mut(node) {
            module.version = version;
        }
        *self = Self::Idle;
    }
}

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
