//! `SAFETY.md`: hazards, what opens what, requirements, where each lives and which tests show it. The words are in
//! `page.md`, the requirements in `requirements.toml`; numbers come from `core::values`, and files and tests that are
//! named must exist (`cargo xtask tidy`).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde::Deserialize;
use voltower_core::values;

use crate::breaks::table::{self, Break};

/// How far a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Standing {
    /// Built, and shown by the tests that are named.
    Met,
    /// Built in part: what is missing is said.
    Partly,
    /// Not built yet.
    Open,
}

/// A requirement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requirement {
    /// Number.
    pub(crate) id: String,
    standing: Standing,
    /// What must be so; values by their names in braces.
    what: String,
    /// What is not there yet.
    missing: Option<String>,
    /// Files.
    pub(crate) lives: Vec<String>,
    /// `file: function`.
    tests: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    requirement: Vec<Requirement>,
}

impl Requirement {
    /// File and function of each test.
    pub(crate) fn tests(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tests.iter().map(|test| test.split_once(": ").unwrap_or((test, "")))
    }
}

impl Standing {
    const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Partly => "partly",
            Self::Open => "open",
        }
    }
}

/// Every requirement.
///
/// # Errors
/// If the table does not parse.
pub(crate) fn requirements() -> Result<Vec<Requirement>> {
    let table: Table = toml::from_str(include_str!("requirements.toml"))
        .context("xtask/src/docs/safety/requirements.toml")?;
    Ok(table.requirement)
}

/// The page.
///
/// # Errors
/// If the table does not parse.
pub(super) fn page() -> Result<String> {
    let all = requirements()?;
    let rows: String = all.iter().map(row).collect();
    let evidence: String = all.iter().map(evidence).collect();
    let page = include_str!("page.md");
    let page = page.replace("<requirements>\n", &format!("{rows}{}", counts(&all)));
    let page = page.replace("<breaks>", &broken(&all)?);
    Ok(with_values(&page.replace("<evidence>\n", &evidence)))
}

fn counts(all: &[Requirement]) -> String {
    let count = |standing| all.iter().filter(|requirement| requirement.standing == standing).count();
    let (met, partly, open) = (count(Standing::Met), count(Standing::Partly), count(Standing::Open));
    format!("\n{met} are met, {partly} in part, {open} not yet.\n")
}

/// How many tests are cited, and how many breaks are behind them.
fn broken(all: &[Requirement]) -> Result<String> {
    let tests: BTreeSet<_> = all.iter().flat_map(Requirement::tests).collect();
    let breaks = table::breaks()?.into_iter().filter(Break::is_of_safety).count();
    Ok(format!("{} tests, {breaks} breaks", tests.len()))
}

fn row(requirement: &Requirement) -> String {
    let missing =
        requirement.missing.as_ref().map_or_else(String::new, |missing| format!(" Missing: {missing}"));
    format!("| {} | {}{missing} | {} |\n", requirement.id, requirement.what, requirement.standing.word())
}

fn evidence(requirement: &Requirement) -> String {
    let mut lives = String::new();
    for path in &requirement.lives {
        let comma = if lives.is_empty() { "" } else { ", " };
        let _ = write!(lives, "{comma}[{}]({path})", path.strip_prefix("crates/").unwrap_or(path));
    }
    let mut tests = String::new();
    for (path, name) in requirement.tests() {
        let comma = if tests.is_empty() { "" } else { ", " };
        let _ = write!(tests, "{comma}[{}]({path})", name.replace('_', " "));
    }
    format!("| {} | {lives} | {tests} |\n", requirement.id)
}

/// Names in braces become their numbers; a name that there is not stays, for all to see.
fn with_values(text: &str) -> String {
    values::ALL.iter().fold(text.to_owned(), |text, value| {
        text.replace(&format!("{{{}}}", value.name), &value.value.to_string())
    })
}
