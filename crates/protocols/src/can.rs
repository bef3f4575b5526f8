//! A classic CAN data frame, as every wire of the battery carries it.

pub use embedded_can::{ExtendedId, Id, StandardId};

/// Identifier and up to eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Frame {
    id: Id,
    length: u8,
    bytes: [u8; 8],
}

impl Frame {
    /// A frame with all of `data`; `None` if it is longer than eight bytes.
    #[must_use]
    pub fn new(id: impl Into<Id>, data: &[u8]) -> Option<Self> {
        let mut bytes = [0; 8];
        bytes.get_mut(..data.len())?.copy_from_slice(data);
        Some(Self { id: id.into(), length: data.len() as u8, bytes })
    }

    /// A frame of exactly eight bytes.
    #[must_use]
    pub fn full(id: impl Into<Id>, bytes: [u8; 8]) -> Self {
        Self { id: id.into(), length: 8, bytes }
    }

    /// A frame of two bytes.
    #[must_use]
    pub fn short(id: impl Into<Id>, [first, second]: [u8; 2]) -> Self {
        Self { id: id.into(), length: 2, bytes: [first, second, 0, 0, 0, 0, 0, 0] }
    }

    /// The identifier.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }

    /// The identifier of a standard frame, as a number.
    #[must_use]
    pub fn standard_id(&self) -> Option<u16> {
        match self.id {
            Id::Standard(id) => Some(id.as_raw()),
            Id::Extended(_) => None,
        }
    }

    /// The bytes sent.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// All eight bytes, if eight were sent.
    #[must_use]
    pub const fn eight(&self) -> Option<&[u8; 8]> {
        if self.length == 8 { Some(&self.bytes) } else { None }
    }
}

impl embedded_can::Frame for Frame {
    fn new(id: impl Into<Id>, data: &[u8]) -> Option<Self> {
        Self::new(id, data)
    }

    fn new_remote(_id: impl Into<Id>, _length: usize) -> Option<Self> {
        None
    }

    fn is_extended(&self) -> bool {
        matches!(self.id, Id::Extended(_))
    }

    fn is_remote_frame(&self) -> bool {
        false
    }

    fn id(&self) -> Id {
        self.id
    }

    fn dlc(&self) -> usize {
        usize::from(self.length)
    }

    fn data(&self) -> &[u8] {
        self.data()
    }
}
