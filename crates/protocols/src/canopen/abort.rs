//! Why a service was refused.

/// Why a service was refused; the codes of CiA 301.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Abort {
    /// A segment was lost or came twice.
    Toggle = 0x0503_0000,
    /// The other side was silent for too long.
    TimeOut = 0x0504_0000,
    /// The command is unknown, or came out of turn.
    Command = 0x0504_0001,
    /// A block has 1 to 127 segments.
    BlockSize = 0x0504_0002,
    /// A segment of a block has a number that no segment can have.
    Sequence = 0x0504_0003,
    /// The check sum of a block transfer is another.
    Crc = 0x0504_0004,
    /// The object cannot be accessed in this way.
    Unsupported = 0x0601_0000,
    /// The object can only be written.
    WriteOnly = 0x0601_0001,
    /// The object can only be read.
    ReadOnly = 0x0601_0002,
    /// There is no such object.
    NoObject = 0x0602_0000,
    /// The object cannot be mapped into process data.
    NotMappable = 0x0604_0041,
    /// The mapped objects are longer than a frame.
    MappingTooLong = 0x0604_0042,
    /// Not as many bytes as were announced.
    Length = 0x0607_0010,
    /// Too many bytes for the object.
    TooLong = 0x0607_0012,
    /// Too few bytes for the object.
    TooShort = 0x0607_0013,
    /// The object has no such sub-index.
    NoSubIndex = 0x0609_0011,
    /// The value means nothing to the object.
    InvalidValue = 0x0609_0030,
    /// The value is above what the object takes.
    TooHigh = 0x0609_0031,
    /// The value is below what the object takes.
    TooLow = 0x0609_0032,
    /// Anything else.
    General = 0x0800_0000,
    /// The device could not take or store the data.
    NotStored = 0x0800_0020,
    /// The device is controlled locally.
    LocalControl = 0x0800_0021,
    /// Not in the present state of the device.
    DeviceState = 0x0800_0022,
}

impl Abort {
    /// Every one, by ascending code.
    pub const ALL: [Self; 23] = [
        Self::Toggle,
        Self::TimeOut,
        Self::Command,
        Self::BlockSize,
        Self::Sequence,
        Self::Crc,
        Self::Unsupported,
        Self::WriteOnly,
        Self::ReadOnly,
        Self::NoObject,
        Self::NotMappable,
        Self::MappingTooLong,
        Self::Length,
        Self::TooLong,
        Self::TooShort,
        Self::NoSubIndex,
        Self::InvalidValue,
        Self::TooHigh,
        Self::TooLow,
        Self::General,
        Self::NotStored,
        Self::LocalControl,
        Self::DeviceState,
    ];

    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> u32 {
        self as u32
    }

    /// The refusal with this code; `None` if no server of ours gives it.
    #[must_use]
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|abort| abort.code() == code)
    }

    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Toggle => "toggle bit not alternated",
            Self::TimeOut => "time-out",
            Self::Command => "command unknown or out of turn",
            Self::BlockSize => "invalid block size",
            Self::Sequence => "invalid sequence number",
            Self::Crc => "CRC error",
            Self::Unsupported => "unsupported access",
            Self::WriteOnly => "object is write-only",
            Self::ReadOnly => "object is read-only",
            Self::NoObject => "no such object",
            Self::NotMappable => "object cannot be mapped",
            Self::MappingTooLong => "mapping is longer than a frame",
            Self::Length => "length differs from the announced one",
            Self::TooLong => "too many bytes",
            Self::TooShort => "too few bytes",
            Self::NoSubIndex => "no such sub-index",
            Self::InvalidValue => "invalid value",
            Self::TooHigh => "value too high",
            Self::TooLow => "value too low",
            Self::General => "general error",
            Self::NotStored => "data not taken or stored",
            Self::LocalControl => "device is controlled locally",
            Self::DeviceState => "not in this state of the device",
        }
    }
}
