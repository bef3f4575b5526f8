//! The rules that nobody has to remember: architecture invariants and style.

mod documents;
mod edges;
mod functions;
mod roots;
mod safety;
mod scenarios;
mod tokens;
mod words;

use std::fmt;

use anyhow::{Result, bail};

use crate::workspace::{self, Source};

/// A rule that is broken somewhere.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    path: String,
    line: usize,
    message: String,
}

impl Violation {
    fn new(source: &Source, line: usize, message: impl Into<String>) -> Self {
        Self { path: source.path.clone(), line, message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Runs every check and prints what it found.
///
/// # Errors
/// If any rule is broken, or the workspace cannot be read.
pub(crate) fn run() -> Result<()> {
    let sources = workspace::sources()?;
    let mut violations = edges::check()?;
    for source in &sources {
        violations.extend(words::check(source));
        if source.is_rust() {
            violations.extend(check_rust(source));
        }
    }
    violations.extend(roots::check(&sources));
    violations.extend(scenarios::check(&sources));
    violations.extend(documents::check()?);
    violations.extend(safety::check()?);
    report(violations, sources.len())
}

fn check_rust(source: &Source) -> Vec<Violation> {
    match syn::parse_file(&source.text) {
        Ok(file) => {
            let mut violations = functions::check(source, &file);
            violations.extend(tokens::check(source, &file));
            violations
        }
        Err(error) => {
            vec![Violation::new(source, error.span().start().line, format!("does not parse: {error}"))]
        }
    }
}

fn report(mut violations: Vec<Violation>, files: usize) -> Result<()> {
    violations.sort();
    for violation in &violations {
        println!("{violation}");
    }
    if violations.is_empty() {
        println!("tidy: {files} files, all rules hold");
        return Ok(());
    }
    bail!("tidy: {} violations in {files} files", violations.len())
}
