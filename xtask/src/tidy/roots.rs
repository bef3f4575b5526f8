//! Each crate root says its purpose, its invariants and where to start reading.

use super::Violation;
use crate::workspace::Source;

const NO_STD: &[&str] = &["core", "protocols", "control", "memory"];

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let roots = sources.iter().filter(|source| is_root(source));
    roots.flat_map(|root| missing(root).into_iter().map(|what| Violation::new(root, 1, what))).collect()
}

fn is_root(source: &Source) -> bool {
    let library = source.member().is_some_and(|m| source.path == format!("crates/{m}/src/lib.rs"));
    library || source.path == "xtask/src/main.rs"
}

fn missing(root: &Source) -> Vec<String> {
    let header: String = root.text.lines().take_while(|line| line.starts_with("//!")).collect();
    let mut missing = Vec::new();
    for said in ["Invariants:", "Start reading"] {
        if !header.contains(said) {
            missing.push(format!("the crate's documentation does not say `{said}`"));
        }
    }
    let no_std = root.member().is_some_and(|member| NO_STD.contains(&member));
    if no_std && !root.text.lines().any(|line| line == "#![no_std]") {
        missing.push("must declare #![no_std]".to_owned());
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&[Source { path: "crates/core/src/lib.rs".to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn a_root_must_say_everything() {
        assert_eq!(count("//! A.\n//! Invariants: b.\n//! Start reading at c.\n#![no_std]\n"), 0);
        assert_eq!(count("//! A.\n//! Invariants: b.\n#![no_std]\n"), 1);
        assert_eq!(count("//! A.\n"), 3);
    }
}
