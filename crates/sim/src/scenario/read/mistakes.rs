//! How mistakes are told: with the place, and with what was probably meant.

use core::ops::Range;

use super::{Flaw, ScenarioError};
use crate::profile::CsvFlaw;

/// A text that says nothing sensible.
pub(super) fn flaw(file: &str, text: &str, span: Range<usize>, field: &str, flaw: Flaw) -> ScenarioError {
    ScenarioError::at(file, text, span, flaw.message).field(field).help(flaw.help)
}

/// What the TOML reader found: broken syntax, an unknown or missing field, a number for a text.
pub(super) fn schema(file: &str, text: &str, error: &toml::de::Error) -> ScenarioError {
    let message = error.message().to_owned();
    let found = ScenarioError::at(file, text, error.span().unwrap_or(0..0), first_line(&message));
    let mut names = message.split('`').skip(1).step_by(2);
    let Some(name) = names.next().map(str::to_owned) else { return found };
    let known: Vec<&str> = names.collect();
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let mut unknown = found.field(name.clone()).help(suggest(&name, &known));
        unknown.message = unknown.message.split(", expected").next().unwrap_or_default().into();
        return unknown;
    }
    if message.starts_with("missing field") {
        return found.field(name.clone()).help(format!("add `{name} = ...` here"));
    }
    found
}

/// A CSV file that cannot be used.
pub(super) fn csv(file: &str, text: &str, flaw: &CsvFlaw) -> ScenarioError {
    let span = cell_span(text, flaw);
    let error = ScenarioError::at(file, text, span, flaw.message.clone()).help(flaw.help.clone());
    match &flaw.column {
        Some(column) => error.field(column.clone()),
        None => error,
    }
}

/// `did you mean ...?` if one of the names is near, and all of them.
pub(super) fn suggest(name: &str, known: &[&str]) -> String {
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(name, known), *known)).min();
    let list = known.join(", ");
    match near {
        Some((distance, known)) if distance <= 1 + known.len() / 3 => {
            format!("did you mean `{known}`? Possible are: {list}")
        }
        _ => format!("possible are: {list}"),
    }
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or(message)
}

/// Bytes of the cell to blame, or of its line.
fn cell_span(text: &str, flaw: &CsvFlaw) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(flaw.line.saturating_sub(1)).map(str::len).sum();
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let header = text.lines().find(|line| !line.starts_with('#')).unwrap_or("");
    let column = flaw.column.as_deref();
    let place = header.split(',').position(|name| Some(name.trim()) == column);
    let cells = |count: usize| line.split(',').take(count).map(|cell| cell.len() + 1).sum::<usize>();
    match place {
        Some(place) => {
            let width = line.split(',').nth(place).unwrap_or("").len();
            start + cells(place)..start + cells(place) + width
        }
        None => start..start + line.len(),
    }
}
