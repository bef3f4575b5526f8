//! What can go wrong with a log or a fit.

use voltower_plant::cell::CellFileError;

/// Why a log or a parameter file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A file cannot be read or written.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// A cell of a log is not what it should be.
    #[error("{file}:{line}: column `{column}`: {message}")]
    Value {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// The column, as its header names it.
        column: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A log as a whole cannot be used.
    #[error("{file}: {message}")]
    Log {
        /// The file.
        file: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A parameter file is wrong.
    #[error(transparent)]
    Cell(#[from] CellFileError),
    /// The logs together do not allow what was asked.
    #[error("{0}")]
    Fit(String),
}

impl LabError {
    /// A log that cannot be used.
    pub(crate) fn log(file: &str, message: impl Into<String>) -> Self {
        Self::Log { file: file.to_owned(), message: message.into() }
    }
}
