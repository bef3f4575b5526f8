//! Files, tests and values that `SAFETY.md` names must exist, and the code behind each test must have a break.

use std::fs;

use anyhow::Result;

use super::Violation;
use crate::breaks::table;
use crate::docs::safety::{Requirement, requirements};
use crate::workspace::root;

const TABLE: &str = "xtask/src/docs/safety/requirements.toml";
const PAGE: &str = "SAFETY.md";

pub(super) fn check() -> Result<Vec<Violation>> {
    let mut violations: Vec<_> = requirements()?.iter().flat_map(check_one).collect();
    let page = fs::read_to_string(root().join(PAGE)).unwrap_or_default();
    let unknown = page.lines().zip(1..).filter(|(line, _)| line.contains('{'));
    violations
        .extend(unknown.map(|(_, line)| violation(PAGE, line, "names a value that there is not".to_owned())));
    violations.extend(breaks()?);
    Ok(violations)
}

/// A table of breaks that has gone stale shows nothing.
fn breaks() -> Result<Vec<Violation>> {
    let breaks = table::breaks()?;
    let mut wrong = table::complaints(&breaks);
    wrong.extend(table::gaps(&breaks, &requirements()?));
    Ok(wrong.into_iter().map(|(line, message)| violation(table::PATH, line, message)).collect())
}

fn check_one(requirement: &Requirement) -> Vec<Violation> {
    let id = &requirement.id;
    let gone = requirement.lives.iter().filter(|path| !root().join(path).is_file());
    let gone = gone.map(|path| violation(TABLE, 1, format!("{id} lives in {path}, which is not there")));
    let unshown = requirement.tests().filter(|(path, name)| !is_test(path, name));
    let unshown = unshown.map(|(path, name)| {
        violation(TABLE, 1, format!("{id} is shown by {name} in {path}, which is not there"))
    });
    gone.chain(unshown).collect()
}

fn violation(path: &str, line: usize, message: String) -> Violation {
    Violation { path: path.to_owned(), line, message }
}

fn is_test(path: &str, name: &str) -> bool {
    let text = fs::read_to_string(root().join(path)).unwrap_or_default();
    !name.is_empty() && text.contains(&format!("fn {name}("))
}
