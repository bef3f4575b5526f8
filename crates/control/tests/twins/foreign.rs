//! Frames that nobody ought to send: any identifier, any length, any bytes, and some that come close to legal ones.

use arbitrary::Arbitrary;
use voltower_core::Threshold;
use voltower_core::levels::Unit;
use voltower_protocols::Frame;
use voltower_protocols::can::{ExtendedId, StandardId};
use voltower_protocols::link::{NMT, SDO_REQUEST};

/// A frame, by how it was made up.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub(crate) enum Foreign {
    /// Anything with a standard identifier.
    Raw { id: u16, length: u8, bytes: [u8; 8] },
    /// Anything with an extended identifier.
    Extended { id: u32, length: u8, bytes: [u8; 8] },
    /// An identifier that means something on the Link.
    Known { base: u8, node: u8, length: u8, bytes: [u8; 8] },
    /// Network management: a command that exists, or nearly.
    Network { command: u8, node: u8, length: u8 },
    /// A request to the SDO server of the one under test, about an object that exists.
    Sdo { command: u8, object: u8, sub: u8, data: [u8; 4] },
    /// Whatever follows such a request.
    Segment { bytes: [u8; 8] },
    /// A level of a module's protection, somewhere in its range.
    Level { threshold: u8, share: u8 },
}

const BASES: [u16; 24] = [
    0x000, 0x080, 0x100, 0x180, 0x1A0, 0x1B0, 0x1C0, 0x1D0, 0x200, 0x280, 0x2A0, 0x2B0, 0x2C0, 0x300, 0x380,
    0x400, 0x480, 0x500, 0x580, 0x600, 0x700, 0x7E0, 0x7E4, 0x7E5,
];
const COMMANDS: [u8; 6] = [0x01, 0x02, 0x80, 0x81, 0x82, 0x03];
const OBJECTS: [u16; 16] = [
    0x1001, 0x1003, 0x1005, 0x1006, 0x1017, 0x1018, 0x100A, 0x1800, 0x1803, 0x1F51, 0x2000, 0x2002, 0x2006,
    0x2011, 0x2020, 0x2021,
];
/// Expedited writes of one, two and four bytes, reads, and the beginnings of longer transfers.
const REQUESTS: [u8; 10] = [0x2F, 0x2B, 0x23, 0x40, 0x21, 0x20, 0xA4, 0xC0, 0xC2, 0x80];

impl Foreign {
    /// On the wire; `own` is the node under test.
    pub(crate) fn to_frame(self, own: u8) -> Frame {
        match self {
            Self::Raw { id, length, bytes } => standard(id, length, bytes),
            Self::Extended { id, length, bytes } => {
                let id = ExtendedId::new(id & 0x1FFF_FFFF).expect("29 bits");
                Frame::new(id, &bytes[..usize::from(length % 9)]).expect("at most eight bytes")
            }
            Self::Known { base, node, length, bytes } => {
                let base = BASES[usize::from(base) % BASES.len()];
                standard(base + u16::from(node % 11), length, bytes)
            }
            Self::Network { command, node, length } => {
                let node = if node.is_multiple_of(2) { own } else { node % 12 };
                let length = if length.is_multiple_of(4) { length } else { 2 };
                standard(NMT, length, [pick(&COMMANDS, command), node, 0, 0, 0, 0, 0, 0])
            }
            Self::Sdo { command, object, sub, data: [a, b, c, d] } => {
                let [low, high] = OBJECTS[usize::from(object) % OBJECTS.len()].to_le_bytes();
                let bytes = [pick(&REQUESTS, command), low, high, sub % 8, a, b, c, d];
                standard(SDO_REQUEST + u16::from(own), 8, bytes)
            }
            Self::Segment { bytes } => standard(SDO_REQUEST + u16::from(own), 8, bytes),
            Self::Level { threshold, share } => level(own, threshold, share),
        }
    }
}

/// Those of the two voltage trips are left out: who trips earlier by them has rested earlier too, and then may be used
/// in the direction that heals while the other still rests.
fn level(own: u8, threshold: u8, share: u8) -> Frame {
    let rests = [Threshold::OverVoltageFault, Threshold::UnderVoltageFault];
    let settable: Vec<_> = Threshold::ALL.iter().filter(|threshold| !rests.contains(threshold)).collect();
    let threshold = settable[usize::from(threshold) % settable.len()];
    let (low, high) = threshold.range();
    let per = if threshold.unit() == Unit::MilliAmps { 10 } else { 1 };
    let [a, b, ..] = ((low + (high - low) * i32::from(share) / 255) / per).to_le_bytes();
    standard(SDO_REQUEST + u16::from(own), 8, [0x2B, 0x22, 0x20, threshold.code(), a, b, 0, 0])
}

fn pick(from: &[u8], number: u8) -> u8 {
    from[usize::from(number) % from.len()]
}

fn standard(id: u16, length: u8, bytes: [u8; 8]) -> Frame {
    let id = StandardId::new(id & 0x7FF).expect("11 bits");
    Frame::new(id, &bytes[..usize::from(length % 9)]).expect("at most eight bytes")
}

/// A network management command that some node obeys.
pub(crate) fn is_network_command(frame: &Frame) -> bool {
    let known = |command| matches!(command, 0x01 | 0x02 | 0x80 | 0x81 | 0x82);
    frame.standard_id() == Some(NMT) && matches!(*frame.data(), [command, _] if known(command))
}

/// A request to the SDO server of `own` that may write something.
pub(crate) fn is_write(frame: &Frame, own: u8) -> bool {
    let writes = |request: &[u8; 8]| matches!(request[0] >> 5, 0 | 1 | 6);
    frame.standard_id() == Some(SDO_REQUEST + u16::from(own)) && frame.eight().is_some_and(writes)
}
