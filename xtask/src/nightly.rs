//! The tests that take long: more property cases, everything marked `#[ignore]`, the coverage of the
//! protection, the fuzz targets, and the mutants.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::tools::{need_subcommand, succeeds};
use crate::workspace::root;

/// Cases of each property test at night; by day it is proptest's 256.
const CASES: &str = "20000";

/// Trials of the swarm at night; by day it is fifty.
const SEEDS: u64 = 2000;

/// Runs them, in release, one after the other; then every fuzz target for [`FIVE_MINUTES`] or as [`SECONDS`] says.
///
/// # Errors
/// If one fails.
pub(crate) fn run() -> Result<()> {
    crate::tidy::run()?;
    crate::panics::run()?;
    crate::model::run_deep()?;
    crate::matrix::run(&["--seeds", "3", "--check"].map(str::to_owned))?;
    crate::swarm::run_seeds(SEEDS)?;
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
    crate::coverage::run()?;
    fuzz()?;
    crate::mutants::run(&[])
}

/// The targets of `fuzz/`.
const TARGETS: [&str; 3] = ["module", "bdu", "codecs"];
/// Says how many seconds each of them runs; 0 is none.
const SECONDS: &str = "VOLTOWER_FUZZ_SECONDS";
const FIVE_MINUTES: u32 = 300;

fn fuzz() -> Result<()> {
    let seconds = match std::env::var(SECONDS) {
        Ok(text) => {
            text.parse().with_context(|| format!("{SECONDS} is {text:?}, and no number of seconds"))?
        }
        Err(_) => FIVE_MINUTES,
    };
    if seconds == 0 {
        return Ok(());
    }
    let need = format!("the fuzz targets, which {SECONDS}=0 leaves out, need cargo-fuzz");
    need_subcommand("cargo-fuzz", &mut fuzzer(), &need)?;
    for target in TARGETS {
        println!("fuzz target {target}: {seconds} s");
        let status = fuzzer()
            // Ours has no unsafe code that a sanitizer could watch; without one it is several times as fast.
            .args([
                "run",
                "--sanitizer",
                "none",
                target,
                "--",
                "-max_len=1024",
                "-len_control=0",
                "-timeout=30",
            ])
            .arg(format!("-max_total_time={seconds}"))
            .status()
            .context("cargo fuzz")?;
        ensure!(status.success(), "fuzz target {target} has found something: see fuzz/artifacts/{target}");
    }
    Ok(())
}

/// `cargo fuzz` of the nightly toolchain if there is one, else of this one with nightly's options unlocked.
fn fuzzer() -> Command {
    let mut command = if succeeds(Command::new("rustup").args(["run", "nightly", "cargo", "--version"])) {
        let mut rustup = Command::new("rustup");
        rustup.args(["run", "nightly", "cargo"]);
        rustup
    } else {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo
    };
    command.arg("fuzz").current_dir(root());
    command
}
