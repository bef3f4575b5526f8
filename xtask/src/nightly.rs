//! All that takes long: more property cases, everything marked `#[ignore]`, more trials, the coverage of the
//! protection, the fuzz targets, the mutants, and the breaks behind what `SAFETY.md` cites.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::tools::{need_subcommand, succeeds};
use crate::workspace::root;

/// Cases of each property test at night. By day it is proptest's 256, or fewer where a case is a life: this holds for
/// those, too.
const CASES: &str = "2000";

/// Trials of the swarm at night; by day it is fifty.
const SEEDS: u64 = 2000;

/// The soak starts nothing more after this: two hours with what runs then.
const SOAK_MINUTES: &str = "115";

const HELP: &str = "\
cargo xtask nightly [STAGE...]

Runs all stages, or those that are named, each whether or not another has failed:
  tidy, panics, model, matrix, blind, swarm, soak, tests, coverage, fuzz, mutants, breaks

Each fuzz target runs for five minutes, or as many seconds as VOLTOWER_FUZZ_SECONDS says.
";

type Stage = (&'static str, fn() -> Result<()>);

const STAGES: [Stage; 12] = [
    ("tidy", crate::tidy::run),
    ("panics", crate::panics::run),
    ("model", crate::model::run_deep),
    ("matrix", || crate::matrix::run(&["--seeds", "3", "--check"].map(str::to_owned))),
    ("blind", || crate::blind::run(&[])),
    ("swarm", || crate::swarm::run_seeds(SEEDS)),
    ("soak", || crate::soak::run(&["--minutes", SOAK_MINUTES].map(str::to_owned))),
    ("tests", tests),
    ("coverage", crate::coverage::run),
    ("fuzz", fuzz),
    ("mutants", || crate::mutants::run(&[])),
    ("breaks", || crate::breaks::run(&[])),
];

/// Runs the stages that `names` name, all if there is none: one night shows all that is wrong.
///
/// # Errors
/// If a stage has failed, or there is none of that name.
pub(crate) fn run(names: &[String]) -> Result<()> {
    let known = |name: &String| STAGES.iter().any(|(stage, _)| stage == name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        ensure!(name == "--help", "nightly has no stage {name:?}\n\n{HELP}");
        print!("{HELP}");
        return Ok(());
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let failed: Vec<&str> = STAGES.into_iter().filter(|(name, _)| wanted(name)).filter_map(failing).collect();
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

/// Runs one; its name if it fails.
fn failing((name, stage): Stage) -> Option<&'static str> {
    println!("== {name}");
    let started = Instant::now();
    let result = stage();
    if let Err(error) = &result {
        println!("{name}: {error:#}");
    }
    println!("== {name}: {} s", started.elapsed().as_secs());
    result.is_err().then_some(name)
}

/// All tests in release, with those that are marked as long.
fn tests() -> Result<()> {
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
