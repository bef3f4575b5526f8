//! Which lines and branches of the protection its own tests and those of the module reach: all, but for
//! [`EXCEPTIONS`].

mod llvm;
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use cargo_metadata::Message;

use crate::mutants::{SWEEP, SWEEP_EVERY};
use crate::workspace::{root, target_dir};
use llvm::Tools;
use report::{Covered, Share, Way};

const FOLDER: &str = "crates/control/src/protect";
/// Lines and the arms of each `match`, and both ways out of every condition, also where none branches on it.
const FLAGS: &str = "-Cinstrument-coverage -Zcoverage-options=condition";
/// The property tests draw the same cases each time: what is reached is no matter of luck.
const SEED: &str = "1";

/// A way through the code that no test can take.
struct Exception {
    file: &'static str,
    /// A part of the line, which holds longer than its number.
    line: &'static str,
    way: Way,
    reason: &'static str,
}

const EXCEPTIONS: [Exception; 2] = [
    Exception {
        file: "row.rs",
        line: "None => part,",
        way: Way::Into,
        reason: "no level of the table that a share is taken of is zero; the arm is there because a division must \
                 not panic",
    },
    Exception {
        file: "stop.rs",
        line: "RowState::Locked if row.stops(direction, Duration::ZERO)",
        way: Way::False,
        reason: "every row that locks out takes the module off the bus, which the table checks while compiling, and \
                 so stops both directions",
    },
];

/// Runs the tests, and prints lines and branches of each file.
///
/// # Errors
/// If a test fails, LLVM's tools cannot be had, a way is not taken and no exception, or an exception is taken.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::need()?;
    let target = target_dir().join("coverage");
    let raw = target.join("raw");
    if raw.exists() {
        fs::remove_dir_all(&raw).context("removing the last run's counts")?;
    }
    let programs = build(&target, &raw)?;
    for program in &programs {
        test(program, &raw)?;
    }
    let merged = target.join("merged.profdata");
    tools.merge(&raw, &merged)?;
    let export = tools.export(&merged, &programs, &root().join(FOLDER))?;
    let files = report::read(&export, |path| fs::read_to_string(path).with_context(|| path.to_owned()))?;
    print(&files);
    check(&files)
}

/// The test programs: those of the distribution unit protect no module.
fn build(target: &Path, raw: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "test",
            "--package",
            "voltower-control",
            "--test",
            "protect",
            "--test",
            "module",
            "--no-run",
            "--profile",
            "mutants",
        ])
        .args(["--message-format", "json-render-diagnostics", "--target-dir"])
        .arg(target)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", FLAGS)
        .env("LLVM_PROFILE_FILE", raw.join("build-%p-%m.profraw"))
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo test")?;
    ensure!(output.status.success(), "the tests of voltower-control do not compile");
    let mut programs = Vec::new();
    for message in Message::parse_stream(output.stdout.as_slice()) {
        if let Message::CompilerArtifact(artifact) = message.context("cargo's messages")? {
            programs.extend(artifact.executable.map(PathBuf::from));
        }
    }
    Ok(programs)
}

fn test(program: &Path, raw: &Path) -> Result<()> {
    let output = Command::new(program)
        .arg("--quiet")
        .env("LLVM_PROFILE_FILE", raw.join("%p-%m.profraw"))
        // Without the optimiser the large sweeps take many minutes, and reach nothing more.
        .env(SWEEP, SWEEP_EVERY)
        .env("PROPTEST_RNG_SEED", SEED)
        // Without the optimiser the property tests need more than the 2 MiB that a thread has.
        .env("RUST_MIN_STACK", "16777216")
        .current_dir(root().join("crates/control"))
        .output()
        .with_context(|| program.display().to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{} fails:\n{said}", program.display());
    Ok(())
}

/// A line for each file, then the exceptions.
fn print(files: &[Covered]) {
    println!("{:<12} {:>12}  {:>12}  {:>12}", "file", "lines", "branches", "regions");
    let line = |name: &str, shares: [Share; 3]| {
        let [lines, branches, regions] = shares;
        println!("{name:<12} {lines}  {branches}  {regions}");
    };
    let mut all = [Share::default(); 3];
    for file in files {
        let shares = [file.lines, file.branches, file.regions];
        line(&file.file, shares);
        for (sum, share) in all.iter_mut().zip(shares) {
            *sum = sum.plus(share);
        }
    }
    line("all", all);
    for exception in &EXCEPTIONS {
        println!("exception: {}", exception.text());
    }
}

fn check(files: &[Covered]) -> Result<()> {
    let untaken: Vec<_> = files.iter().flat_map(|file| &file.untaken).collect();
    let complaints = report::complaints(&untaken, &EXCEPTIONS);
    for complaint in &complaints {
        println!("{FOLDER}/{complaint}");
    }
    ensure!(
        complaints.is_empty(),
        "{} of the protection's ways are neither taken nor excused: add a test, or correct EXCEPTIONS",
        complaints.len()
    );
    Ok(())
}
