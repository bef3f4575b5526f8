//! Documents that are printed from the code must be what the code prints.

use std::fs;

use anyhow::Result;

use super::Violation;
use crate::docs;
use crate::workspace::root;

pub(super) fn check() -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for (path, text) in docs::all()? {
        let found = fs::read_to_string(root().join(path)).unwrap_or_default();
        if found != text {
            let line = first_difference(&found, &text);
            let message = "is not what the code prints: run `cargo xtask docs`".to_owned();
            violations.push(Violation { path: path.to_owned(), line, message });
        }
    }
    Ok(violations)
}

fn first_difference(found: &str, wanted: &str) -> usize {
    found.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count() + 1
}
