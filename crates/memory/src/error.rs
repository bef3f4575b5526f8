//! Why something could not be stored or read.

use core::fmt;

use sequential_storage::Error;

use crate::pages::PageError;

/// Why something could not be stored or read; `E` is the flash's own error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreError<E> {
    /// The flash reports an error.
    Flash(E),
    /// The flash reported none, but holds something else than was written: it is worn.
    Unverified,
    /// The values need more room than there is.
    Full,
    /// The value or entry is longer than allowed, or the buffer too short for it.
    TooLong,
    /// What is stored does not make sense; opening again repairs it.
    Corrupt,
    /// The flash has too few pages, or pages too small.
    TooSmall,
    /// The flash has not finished; only from [`run`](crate::run), which does not wait.
    Pending,
}

impl<E: fmt::Debug> fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => write!(f, "flash: {error:?}"),
            Self::Unverified => f.write_str("flash does not hold what was written"),
            Self::Full => f.write_str("no room for the values"),
            Self::TooLong => f.write_str("value, entry or buffer of the wrong length"),
            Self::Corrupt => f.write_str("what is stored is damaged"),
            Self::TooSmall => f.write_str("flash too small"),
            Self::Pending => f.write_str("flash has not finished"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for StoreError<E> {}

impl<E> From<Error<PageError<E>>> for StoreError<E> {
    fn from(error: Error<PageError<E>>) -> Self {
        match error {
            Error::Storage { value, .. } => value.into(),
            Error::FullStorage => Self::Full,
            Error::ItemTooBig => Self::TooLong,
            // A length that no item of ours has comes from a damaged header. The enum is open: what it gains is a
            // defect too.
            _ => Self::Corrupt,
        }
    }
}

impl<E> From<PageError<E>> for StoreError<E> {
    fn from(error: PageError<E>) -> Self {
        match error {
            PageError::Flash(error) => Self::Flash(error),
            PageError::Unverified => Self::Unverified,
            PageError::OutOfBounds => Self::Corrupt,
        }
    }
}
