//! The tests that take long: more property cases, and everything marked `#[ignore]`.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace::root;

/// Cases of each property test at night; by day it is proptest's 256.
const CASES: &str = "20000";

/// Runs them, in release, one after the other.
///
/// # Errors
/// If one fails.
pub(crate) fn run() -> Result<()> {
    crate::tidy::run()?;
    crate::panics::run()?;
    crate::model::run_deep()?;
    let status = Command::new(env!("CARGO"))
        .args(["test", "--release", "--workspace", "--", "--include-ignored"])
        .env("PROPTEST_CASES", CASES)
        // Each test binary optimised as a whole would take longer to build than to run.
        .env("CARGO_PROFILE_RELEASE_LTO", "false")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .current_dir(root())
        .status()
        .context("cargo test")?;
    ensure!(status.success(), "a nightly test failed");
    Ok(())
}
