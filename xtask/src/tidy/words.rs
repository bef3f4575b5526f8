//! Line length, and words that do not belong into a finished text.

use super::Violation;
use crate::workspace::Source;

/// Columns of a Rust line.
const LONGEST: usize = 120;

/// Each in two halves, so that this file does not name them.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("TO", "DO", "do it, or list it in the README"),
    ("FIX", "ME", "fix it, or list it in the README"),
    ("HA", "CK:", "do it properly, or list it in the README"),
    ("/ho", "me/", "a path of one machine"),
    ("/wo", "rk/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("mas", "ter/slave", "say lead and follower"),
];

pub(super) fn check(source: &Source) -> Vec<Violation> {
    let lines = source.text.lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.flat_map(|(number, line)| check_line(source, number, line)).collect()
}

fn check_line(source: &Source, number: usize, line: &str) -> Vec<Violation> {
    let words = FORBIDDEN.iter().filter(|(head, tail, _)| says(line, &format!("{head}{tail}")));
    let mut violations: Vec<Violation> = words
        .map(|(head, tail, why)| Violation::new(source, number, format!("`{head}{tail}`: {why}")))
        .collect();
    let columns = line.chars().count();
    if source.is_rust() && columns > LONGEST {
        violations.push(Violation::new(source, number, format!("{columns} columns; at most {LONGEST}")));
    }
    if line.ends_with([' ', '\t']) {
        violations.push(Violation::new(source, number, "white space at the end of the line"));
    }
    violations
}

/// A path counts only from its beginning: `data/home/` is no home directory.
fn says(line: &str, word: &str) -> bool {
    let inside = |before: char| word.starts_with('/') && (before.is_alphanumeric() || "._-".contains(before));
    line.match_indices(word).any(|(at, _)| !line[..at].chars().next_back().is_some_and(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Source { path: path.to_owned(), text: text.to_owned() }).len()
    }

    #[test]
    fn long_lines_and_leftovers_are_found() {
        assert_eq!(count("crates/core/src/a.rs", &"x".repeat(120)), 0);
        assert_eq!(count("crates/core/src/a.rs", &"x".repeat(121)), 1);
        assert_eq!(count("README.md", &"x".repeat(121)), 0);
        assert_eq!(count("README.md", concat!("TO", "DO")), 1);
        assert_eq!(count("README.md", "a "), 1);
        assert_eq!(count("README.md", concat!("`/ho", "me/me`")), 1);
        assert_eq!(count("README.md", concat!("data/ho", "me/day.csv")), 0);
    }
}
