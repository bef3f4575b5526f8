use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// What is wrong with a scenario or a file that it names: where, what, and what would be right.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("{file}{}: {}{message}", place(*.line, *.column), field_prefix(.field.as_deref()))]
#[diagnostic(code(voltower::scenario))]
pub struct ScenarioError {
    /// As it was named by whoever opened it.
    pub file: Box<str>,
    /// From 1; 0 if the file could not be read at all.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Path of the field, for instance `tower[1].module[2].soc`, or the column of a CSV file.
    pub field: Option<Box<str>>,
    /// What is wrong.
    pub message: Box<str>,
    /// What would be right.
    #[help]
    pub help: Option<Box<str>>,
    /// The text of the file.
    #[source_code]
    pub source_code: Arc<NamedSource<String>>,
    /// The place in it.
    #[label("here")]
    pub span: Option<SourceSpan>,
}

/// Nothing for a file that could not be read at all.
fn place(line: usize, column: usize) -> String {
    if line == 0 { String::new() } else { format!(":{line}:{column}") }
}

fn field_prefix(field: Option<&str>) -> String {
    field.map_or_else(String::new, |field| format!("{field}: "))
}

impl ScenarioError {
    /// At a range of bytes of `text`.
    pub(crate) fn at(
        file: &str,
        text: &str,
        span: core::ops::Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.into(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            field: None,
            message: message.into().into_boxed_str(),
            help: None,
            source_code: Arc::new(NamedSource::new(file, text.to_owned())),
            span: Some(span.into()),
        }
    }

    /// In a file that cannot be read.
    pub(crate) fn unreadable(file: &str, error: &std::io::Error) -> Self {
        let mut flaw = Self::at(file, "", 0..0, format!("the file cannot be read: {error}"));
        (flaw.line, flaw.column, flaw.span) = (0, 0, None);
        flaw
    }

    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into().into_boxed_str());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into().into_boxed_str());
        self
    }
}
