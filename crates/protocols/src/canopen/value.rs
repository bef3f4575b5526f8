//! Values of the object dictionary.

/// Longest text that travels; a serial number has 20 characters.
pub const TEXT_MAX: usize = 24;

/// A short ASCII text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text {
    bytes: [u8; TEXT_MAX],
    length: u8,
}

impl Text {
    /// No characters.
    pub const EMPTY: Self = Self { bytes: [0; TEXT_MAX], length: 0 };

    /// The first [`TEXT_MAX`] bytes of `text`.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let mut new = Self::EMPTY;
        new.push(text);
        new
    }

    /// The characters.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// How many characters.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length as usize
    }

    /// No characters.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Appends what still fits; whether all of it did.
    pub fn push(&mut self, more: &[u8]) -> bool {
        let free = self.bytes.iter_mut().skip(usize::from(self.length));
        let mut taken: u8 = 0;
        for (slot, byte) in free.zip(more) {
            *slot = *byte;
            taken = taken.saturating_add(1);
        }
        self.length = self.length.saturating_add(taken);
        usize::from(taken) == more.len()
    }
}

/// A value of the object dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// UNSIGNED8.
    U8(u8),
    /// UNSIGNED16.
    U16(u16),
    /// UNSIGNED32.
    U32(u32),
    /// INTEGER16.
    I16(i16),
    /// INTEGER32.
    I32(i32),
    /// VISIBLE_STRING.
    Text(Text),
}

/// Type of a value, with the number of CiA 301.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum DataType {
    /// INTEGER16.
    I16 = 0x03,
    /// INTEGER32.
    I32 = 0x04,
    /// UNSIGNED8.
    U8 = 0x05,
    /// UNSIGNED16.
    U16 = 0x06,
    /// UNSIGNED32.
    U32 = 0x07,
    /// VISIBLE_STRING.
    Text = 0x09,
}

impl DataType {
    /// Bytes of a number; `None` for a text.
    #[must_use]
    pub const fn size(self) -> Option<usize> {
        match self {
            Self::U8 => Some(1),
            Self::U16 | Self::I16 => Some(2),
            Self::U32 | Self::I32 => Some(4),
            Self::Text => None,
        }
    }

    /// The number whose little-endian bytes these are; `None` for a text.
    #[must_use]
    pub const fn decode(self, bytes: [u8; 4]) -> Option<Value> {
        let [a, b, _, _] = bytes;
        match self {
            Self::U8 => Some(Value::U8(a)),
            Self::U16 => Some(Value::U16(u16::from_le_bytes([a, b]))),
            Self::U32 => Some(Value::U32(u32::from_le_bytes(bytes))),
            Self::I16 => Some(Value::I16(i16::from_le_bytes([a, b]))),
            Self::I32 => Some(Value::I32(i32::from_le_bytes(bytes))),
            Self::Text => None,
        }
    }
}

impl Value {
    /// Its type.
    #[must_use]
    pub const fn data_type(&self) -> DataType {
        match self {
            Self::U8(_) => DataType::U8,
            Self::U16(_) => DataType::U16,
            Self::U32(_) => DataType::U32,
            Self::I16(_) => DataType::I16,
            Self::I32(_) => DataType::I32,
            Self::Text(_) => DataType::Text,
        }
    }
}

/// Why a service was refused; the codes of CiA 301.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Abort {
    /// A segment was lost or came twice.
    Toggle = 0x0503_0000,
    /// The command is unknown, or came out of turn.
    Command = 0x0504_0001,
    /// The object can only be written.
    WriteOnly = 0x0601_0001,
    /// The object can only be read.
    ReadOnly = 0x0601_0002,
    /// There is no such object.
    NoObject = 0x0602_0000,
    /// Too many bytes for the object.
    TooLong = 0x0607_0012,
    /// Too few bytes for the object.
    TooShort = 0x0607_0013,
    /// The object has no such sub-index.
    NoSubIndex = 0x0609_0011,
    /// The value means nothing to the object.
    InvalidValue = 0x0609_0030,
    /// Not in the present state of the device.
    DeviceState = 0x0800_0022,
}
