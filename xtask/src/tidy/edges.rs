//! Which of our crates may depend on which: the picture in `ARCHITECTURE.md`.

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use super::Violation;
use crate::workspace::root;

/// Crate, and the crates it may name. Whoever is missing from the left column may not exist.
///
/// `gateway` must not reach `control`, not even through others: it sees a battery only through what a wire could carry.
/// `plant` and `control` meet only in `sim`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("protocols", &["core"]),
    ("control", &["core", "protocols"]),
    ("memory", &[]),
    ("plant", &["core"]),
    ("gateway", &["core", "protocols"]),
    ("plot", &[]),
    ("lab", &["core", "plant", "plot"]),
    ("sim", &["core", "protocols", "control", "memory", "plant", "plot"]),
    ("cli", &["core", "protocols", "gateway", "plant", "lab", "sim"]),
    ("xtask", &["core", "protocols", "control"]),
];

/// Dependencies only for tests: an oracle may look from above, and the hardware's double is the plant.
const ALLOWED_IN_TESTS: &[(&str, &[&str])] = &[("sim", &["gateway"]), ("memory", &["plant"])];

pub(super) fn check() -> Result<Vec<Violation>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata")?;
    Ok(metadata.packages.iter().flat_map(check_package).collect())
}

fn check_package(package: &Package) -> Vec<Violation> {
    let name = short(&package.name);
    let Some(allowed) = allowed(ALLOWED, name) else {
        return vec![violation(
            package,
            format!("crate {name} has no place in the table of xtask's edges.rs"),
        )];
    };
    let in_tests = allowed_in_tests(name);
    let ours = package.dependencies.iter().filter(|d| d.name.starts_with("voltower-"));
    let forbidden = ours.filter(|dependency| {
        let to = short(&dependency.name);
        let test = dependency.kind == DependencyKind::Development;
        !(allowed.contains(&to) || test && in_tests.contains(&to))
    });
    forbidden
        .map(|d| {
            violation(package, format!("{name} must not depend on {} (see ARCHITECTURE.md)", short(&d.name)))
        })
        .collect()
}

fn allowed(table: &'static [(&str, &[&str])], name: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

fn allowed_in_tests(name: &str) -> &'static [&'static str] {
    allowed(ALLOWED_IN_TESTS, name).unwrap_or_default()
}

fn short(package: &str) -> &str {
    package.strip_prefix("voltower-").unwrap_or(package)
}

fn violation(package: &Package, message: String) -> Violation {
    let path = package.manifest_path.strip_prefix(root()).unwrap_or(&package.manifest_path);
    Violation { path: path.to_string(), line: 1, message }
}
