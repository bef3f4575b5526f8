//! What went wrong, and the exit code that says so.

use std::io;
use std::process::ExitCode;

use miette::{Diagnostic, MietteHandlerOpts, Report};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The call or an input is wrong: exit code 2 for the call, 1 for an input.
    Diagnosed(Report, Code),
    /// The work was done, and says no: an expectation did not hold. Already printed.
    Unmet,
    /// Somebody asked to stop, at this clock time of the simulated world; what was recorded is written.
    Interrupted(String),
    /// Whoever read our output has gone.
    ReaderGone,
}

/// Exit codes besides 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// 1.
    Failed,
    /// 2.
    Usage,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        match code {
            Code::Failed => Self::from(1),
            Code::Usage => Self::from(2),
        }
    }
}

impl Failure {
    /// The call itself is wrong.
    pub fn usage(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self::Diagnosed(Report::new(error), Code::Usage)
    }

    /// The call is right, but it could not be done.
    pub fn failed(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self::Diagnosed(Report::new(error), Code::Failed)
    }

    /// Leaves wrapping to the terminal: otherwise words and paths are broken at hyphens.
    pub fn set_up_reports() {
        // Fails only if set twice, and then it is set.
        let _ = miette::set_hook(Box::new(|_| Box::new(MietteHandlerOpts::new().wrap_lines(false).build())));
    }

    /// Prints it to stderr and says how to exit.
    #[must_use]
    pub fn report(self) -> ExitCode {
        match self {
            Self::Diagnosed(report, code) => {
                eprintln!("{report:?}");
                code.into()
            }
            Self::Interrupted(clock) => {
                eprintln!("stopped at {clock}; what was recorded until then is written");
                ExitCode::from(130)
            }
            Self::Unmet => Code::Failed.into(),
            Self::ReaderGone => ExitCode::SUCCESS,
        }
    }
}

/// A call that clap could not see to be wrong.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct Usage {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    #[help]
    pub help: Option<String>,
}

/// A file that cannot be read or written.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{path}: {error}")]
pub struct FileError {
    /// Which.
    pub path: String,
    /// Why.
    pub error: io::Error,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Self::failed(Usage { message: error.to_string(), help: None })
    }
}
