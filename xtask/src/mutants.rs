//! The mutation test of the protection: it is broken in one place at a time, and a test must notice.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::tools::need_subcommand;
use crate::workspace::{root, target_dir};

/// What is broken.
const FILES: &str = "crates/control/src/protect/*.rs";
/// Survivors that are no hole in the tests, each with its reason.
const EXPLAINED: &str = "xtask/mutants.txt";
/// So many of a hundred mutants may survive without an explanation.
const UNEXPLAINED_PERCENT: usize = 2;
/// Longest run of the tests, which take two seconds: a mutant may loop for ever.
const TIMEOUT_SECONDS: &str = "60";
/// Says which cases of the large sweeps are tried.
pub(crate) const SWEEP: &str = "VOLTOWER_SWEEP_EVERY";
/// Every so many-th: a prime, so that none of their dimensions is skipped.
pub(crate) const SWEEP_EVERY: &str = "37";
/// cargo-mutants has done its work, and found survivors or endless loops or none.
const DONE: [i32; 3] = [0, 2, 3];

/// What became of the mutants.
struct Outcome {
    caught: Vec<String>,
    missed: Vec<String>,
    /// The tests took too long: noticed as well.
    endless: Vec<String>,
    /// Did not compile.
    unviable: Vec<String>,
}

/// Breaks, tests, and reports; `options` go to cargo-mutants (`--in-diff FILE` looks at a change alone).
///
/// # Errors
/// If more survive than are explained and forgiven, or cargo-mutants cannot run.
pub(crate) fn run(options: &[String]) -> Result<()> {
    need_subcommand("cargo-mutants", &mut cargo_mutants(), "the mutation test needs cargo-mutants")?;
    let started = Instant::now();
    let target = target_dir().join("mutants");
    let status = cargo_mutants()
        .args(["--package", "voltower-control", "--file", FILES, "--profile", "mutants"])
        .args(["--jobs", "1", "--timeout", TIMEOUT_SECONDS, "--colors", "never", "--output"])
        .arg(&target)
        // Only these tests are compiled and run for each.
        .args(["--cargo-arg=--test", "--cargo-arg=protect"])
        .args(options)
        // One job: copies of the tree that share a folder would test each other's mutants.
        .env("CARGO_TARGET_DIR", &target)
        // Their sweeps over tens of thousands of cases would take nearly all the time.
        .env(SWEEP, SWEEP_EVERY)
        // Most runs fail, and nobody reads where.
        .env("RUST_BACKTRACE", "0")
        .status()
        .context("cargo mutants")?;
    ensure!(
        status.code().is_some_and(|code| DONE.contains(&code)),
        "cargo mutants has failed: see {}/mutants.out/log",
        target.display()
    );
    let outcome = Outcome::read(&target.join("mutants.out"))?;
    outcome.report(started.elapsed().as_secs(), options.is_empty())
}

impl Outcome {
    fn read(folder: &Path) -> Result<Self> {
        let lines = |name: &str| match fs::read_to_string(folder.join(name)) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error).with_context(|| format!("reading {name}")),
        };
        Ok(Self {
            caught: lines("caught.txt")?,
            missed: lines("missed.txt")?,
            endless: lines("timeout.txt")?,
            unviable: lines("unviable.txt")?,
        })
    }

    fn report(&self, seconds: u64, complete: bool) -> Result<()> {
        let mut explained = explained()?;
        let mut survivors = Vec::new();
        for missed in &self.missed {
            match explained.iter().position(|known| *known == without_place(missed)) {
                Some(position) => drop(explained.swap_remove(position)),
                None => survivors.push(missed),
            }
        }
        for survivor in &survivors {
            println!("nobody notices: {survivor}");
        }
        for gone in explained.iter().filter(|_| complete) {
            println!("{EXPLAINED} explains what did not survive: {gone}");
        }
        let viable = self.caught.len() + self.endless.len() + self.missed.len();
        println!(
            "mutants: {viable} that compile, {} caught, {} endless, {} missed, {} of these explained; \
             {} do not compile; {seconds} s",
            self.caught.len(),
            self.endless.len(),
            self.missed.len(),
            self.missed.len() - survivors.len(),
            self.unviable.len(),
        );
        if survivors.len() * 100 > viable * UNEXPLAINED_PERCENT {
            bail!(
                "{} of {viable} mutants survive without an explanation: add a test, or a reason to {EXPLAINED}",
                survivors.len()
            );
        }
        Ok(())
    }
}

/// The mutants of the list: one a line, ` | ` before its reason, `#` before a remark.
fn explained() -> Result<Vec<String>> {
    let text = fs::read_to_string(root().join(EXPLAINED)).context(EXPLAINED)?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mutant = |line: &str| {
        let (mutant, reason) =
            line.split_once(" | ").with_context(|| format!("{EXPLAINED}: no reason in {line:?}"))?;
        ensure!(!reason.trim().is_empty(), "{EXPLAINED}: no reason in {line:?}");
        Ok(mutant.trim().to_owned())
    };
    lines.map(mutant).collect()
}

/// `…/protect/mod.rs:301:34: replace > with >=` as `mod.rs: replace > with >=`: lines move.
fn without_place(mutant: &str) -> String {
    let (place, change) = mutant.split_once(": ").unwrap_or((mutant, ""));
    let file = place.split(':').next().unwrap_or(place);
    let name = file.rsplit('/').next().unwrap_or(file);
    format!("{name}: {change}")
}

fn cargo_mutants() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.arg("mutants").current_dir(root());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_is_known_by_its_file_and_change() {
        let missed =
            "crates/control/src/protect/mod.rs:301:34: replace > with >= in Look<'_>::forbidden_current";
        assert_eq!(without_place(missed), "mod.rs: replace > with >= in Look<'_>::forbidden_current");
    }

    #[test]
    fn every_explained_mutant_has_a_reason() {
        assert!(explained().is_ok());
    }
}
