//! How a module comes to its address: LSS (CiA 305), one module at a time because only the one whose Link In is enabled
//! answers.
//!
//! [`Address`] is the module's side, [`Assigner`] gives one address; `bdu::addressing` decides which one is next. All
//! three are pure and small, so that the model checker drives these very types.

mod master;
mod slave;

pub use master::{Assigner, Outcome, Told};
pub use slave::{Address, LssIdentity};

use canopen_rs::lss::{
    LSS_MASTER_COB_ID, LSS_SLAVE_COB_ID, decode_configure_node_id_response, encode_configure_node_id,
    encode_fastscan, encode_switch_global, is_identify_slave_response,
};
use voltower_protocols::Frame;
use voltower_protocols::link::node_cob_id;

/// COB-ID of requests (CiA 305).
pub const LSS_REQUEST: u16 = LSS_MASTER_COB_ID;
/// COB-ID of answers (CiA 305).
pub const LSS_ANSWER: u16 = LSS_SLAVE_COB_ID;

/// From this *bit check* on nothing is compared: whoever has no address answers (CiA 305 says 128).
const ANYONE: u8 = 0x80;
const SWITCH_GLOBAL: u8 = 0x04;
const CONFIGURE_NODE: u8 = 0x11;
const FASTSCAN: u8 = 0x51;

/// The four numbers of an LSS address, by the order in which they are looked at.
pub const LSS_NUMBERS: u8 = 4;
/// Bits of each of them.
pub const SERIAL_BITS: u8 = 32;
/// The place of the serial number among them.
pub const SERIAL: u8 = 3;

/// What the master asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Request {
    /// Is anyone without an address?
    Anyone,
    /// Whose number at `sub` is `number`, from the highest bit down to `bit`? Who answers at bit 0 goes on to `next`.
    Scan {
        /// Number to compare with.
        number: u32,
        /// Lowest bit that is compared.
        bit: u8,
        /// Which of the four numbers.
        sub: u8,
        /// Which one comes then.
        next: u8,
    },
    /// Whoever is in configuration takes this address.
    Configure(u8),
    /// All leave configuration: an address that was given counts from now on.
    Wait,
}

/// What a module answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It is me.
    Here,
    /// The address was taken.
    Taken,
    /// The address was refused.
    Refused,
}

impl Request {
    /// On the wire.
    #[must_use]
    pub fn to_frame(self) -> Frame {
        let payload = match self {
            Self::Anyone => encode_fastscan(0, ANYONE, 0, 0),
            Self::Scan { number, bit, sub, next } => encode_fastscan(number, bit, sub, next),
            Self::Configure(node) => encode_configure_node_id(node),
            Self::Wait => encode_switch_global(false),
        };
        Frame::full(node_cob_id(LSS_REQUEST, 0), payload)
    }

    /// From the wire; `None` for what our modules do not do.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let [command, a, b, c, d, bit, sub, next] = *frame.eight()?;
        if frame.standard_id() != Some(LSS_REQUEST) {
            return None;
        }
        match command {
            FASTSCAN if bit >= ANYONE => Some(Self::Anyone),
            FASTSCAN if bit < 32 && sub < LSS_NUMBERS && next < LSS_NUMBERS => {
                Some(Self::Scan { number: u32::from_le_bytes([a, b, c, d]), bit, sub, next })
            }
            CONFIGURE_NODE => Some(Self::Configure(a)),
            SWITCH_GLOBAL if a == 0 => Some(Self::Wait),
            _ => None,
        }
    }
}

impl Answer {
    /// On the wire.
    #[must_use]
    pub fn to_frame(self) -> Frame {
        let (command, error) = match self {
            Self::Here => (0x4F, 0),
            Self::Taken => (CONFIGURE_NODE, 0),
            Self::Refused => (CONFIGURE_NODE, 1),
        };
        Frame::full(node_cob_id(LSS_ANSWER, 0), [command, error, 0, 0, 0, 0, 0, 0])
    }

    /// From the wire.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let payload = frame.eight()?;
        if frame.standard_id() != Some(LSS_ANSWER) {
            return None;
        }
        if is_identify_slave_response(payload) {
            return Some(Self::Here);
        }
        Some(match decode_configure_node_id_response(payload)? {
            Ok(()) => Self::Taken,
            Err(_) => Self::Refused,
        })
    }
}
