//! Every scenario is run by the tests: a file that nobody runs rots.

use super::Violation;
use crate::workspace::{Source, root};

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let tests: Vec<&Source> = sources
        .iter()
        .filter(|s| s.is_rust() && s.path.starts_with("crates/") && s.path.contains("/tests/"))
        .collect();
    let all = tests.iter().any(|test| runs_the_folder(&test.text));
    let scenarios = sources.iter().filter(|s| s.path.starts_with("scenarios/") && s.path.ends_with(".toml"));
    let run = |scenario: &Source| {
        let name = scenario.path.trim_start_matches("scenarios/").trim_end_matches(".toml");
        all || tests.iter().any(|test| test.text.contains(name))
    };
    let mut violations: Vec<Violation> = scenarios
        .filter(|scenario| !run(scenario))
        .map(|scenario| Violation::new(scenario, 1, "no test runs this scenario"))
        .collect();
    if !root().join("scenarios").is_dir() {
        violations.push(Violation {
            path: "scenarios".to_owned(),
            line: 1,
            message: "is missing".to_owned(),
        });
    }
    violations
}

/// A test that lists the folder and runs what it finds cannot forget a file.
fn runs_the_folder(test: &str) -> bool {
    test.contains("read_dir") && test.contains("scenarios") && test.contains("World")
}
