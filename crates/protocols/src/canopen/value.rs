//! Values of the object dictionary, and their bytes on the wire.

use super::Abort;

/// Longest text that travels; a serial number has 20 characters.
pub const TEXT_MAX: usize = 32;

/// A few bytes: a short ASCII text, octets, or a number's little-endian bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes {
    bytes: [u8; TEXT_MAX],
    length: u8,
}

impl Bytes {
    /// No bytes.
    pub const EMPTY: Self = Self { bytes: [0; TEXT_MAX], length: 0 };

    /// The first [`TEXT_MAX`] of `bytes`.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let mut new = Self::EMPTY;
        new.push(bytes);
        new
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length as usize
    }

    /// No bytes.
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
    /// BOOLEAN.
    Bool(bool),
    /// UNSIGNED8.
    U8(u8),
    /// UNSIGNED16.
    U16(u16),
    /// UNSIGNED32.
    U32(u32),
    /// UNSIGNED64.
    U64(u64),
    /// INTEGER8.
    I8(i8),
    /// INTEGER16.
    I16(i16),
    /// INTEGER32.
    I32(i32),
    /// VISIBLE_STRING.
    Text(Bytes),
    /// OCTET_STRING.
    Octets(Bytes),
}

/// Type of a value, with the number of CiA 301.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum DataType {
    /// BOOLEAN.
    Bool = 0x01,
    /// INTEGER8.
    I8 = 0x02,
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
    /// OCTET_STRING.
    Octets = 0x0A,
    /// UNSIGNED64.
    U64 = 0x1B,
}

impl DataType {
    /// Bytes of a number; `None` for text and octets.
    #[must_use]
    pub const fn size(self) -> Option<usize> {
        match self {
            Self::Bool | Self::U8 | Self::I8 => Some(1),
            Self::U16 | Self::I16 => Some(2),
            Self::U32 | Self::I32 => Some(4),
            Self::U64 => Some(8),
            Self::Text | Self::Octets => None,
        }
    }

    /// Whether a value can have `length` bytes.
    ///
    /// # Errors
    /// [`Abort::TooLong`] or [`Abort::TooShort`].
    pub fn admits(self, length: usize) -> Result<(), Abort> {
        let (least, most) = self.size().map_or((0, TEXT_MAX), |size| (size, size));
        if length > most {
            Err(Abort::TooLong)
        } else if length < least {
            Err(Abort::TooShort)
        } else {
            Ok(())
        }
    }

    /// The value whose bytes these are, a number's little-endian.
    ///
    /// # Errors
    /// [`Abort::TooLong`] or [`Abort::TooShort`]; [`Abort::InvalidValue`] for a BOOLEAN above 1.
    pub fn decode(self, bytes: &[u8]) -> Result<Value, Abort> {
        self.admits(bytes.len())?;
        let mut number = [0; 8];
        for (slot, byte) in number.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        let [a, b, c, d, ..] = number;
        Ok(match self {
            Self::Bool if a > 1 => return Err(Abort::InvalidValue),
            Self::Bool => Value::Bool(a == 1),
            Self::U8 => Value::U8(a),
            Self::U16 => Value::U16(u16::from_le_bytes([a, b])),
            Self::U32 => Value::U32(u32::from_le_bytes([a, b, c, d])),
            Self::U64 => Value::U64(u64::from_le_bytes(number)),
            Self::I8 => Value::I8(a.cast_signed()),
            Self::I16 => Value::I16(i16::from_le_bytes([a, b])),
            Self::I32 => Value::I32(i32::from_le_bytes([a, b, c, d])),
            Self::Text => Value::Text(Bytes::new(bytes)),
            Self::Octets => Value::Octets(Bytes::new(bytes)),
        })
    }
}

impl Value {
    /// Its type.
    #[must_use]
    pub const fn data_type(&self) -> DataType {
        match self {
            Self::Bool(_) => DataType::Bool,
            Self::U8(_) => DataType::U8,
            Self::U16(_) => DataType::U16,
            Self::U32(_) => DataType::U32,
            Self::U64(_) => DataType::U64,
            Self::I8(_) => DataType::I8,
            Self::I16(_) => DataType::I16,
            Self::I32(_) => DataType::I32,
            Self::Text(_) => DataType::Text,
            Self::Octets(_) => DataType::Octets,
        }
    }

    /// Its bytes on the wire, a number's little-endian.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match *self {
            Self::Bool(v) => Bytes::new(&[u8::from(v)]),
            Self::U8(v) => Bytes::new(&[v]),
            Self::U16(v) => Bytes::new(&v.to_le_bytes()),
            Self::U32(v) => Bytes::new(&v.to_le_bytes()),
            Self::U64(v) => Bytes::new(&v.to_le_bytes()),
            Self::I8(v) => Bytes::new(&v.to_le_bytes()),
            Self::I16(v) => Bytes::new(&v.to_le_bytes()),
            Self::I32(v) => Bytes::new(&v.to_le_bytes()),
            Self::Text(bytes) | Self::Octets(bytes) => bytes,
        }
    }
}
