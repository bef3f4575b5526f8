//! Chores of the project, as `cargo xtask CHORE`.
//!
//! Invariants: a chore changes nothing but what `docs` writes; each check names file, line and rule, and says what
//! would be right.
//!
//! Start reading at [`tidy`], the rules of the architecture.

mod blind;
mod breaks;
mod coverage;
mod docs;
mod matrix;
mod model;
mod mutants;
mod nightly;
mod panics;
mod soak;
mod swarm;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask CHORE

  tidy      checks the architecture invariants and the style
  panics    checks that no panic is reachable from the controllers' step, after link-time optimisation
  model     checks every order of events of addressing, start, stop, fault and black start (--help says more)
  swarm     runs towers, people, weather and faults at random beside checkers that see the truth (--help says more)
  matrix    breaks every fault of the catalogue alone, in every situation of a tower (--help says more)
  blind     switches each detection off in turn: the matrix or the swarm must notice (--help says more)
  soak      lets every fault and every kind of healthy tower live for a month (--help says more)
  docs      writes the documents that are printed from the code (our values, the Link, EDS files, safety)
  mutants   breaks the protection in one place at a time: a test must notice (what follows goes to cargo-mutants)
  breaks    breaks the code behind each test that SAFETY.md cites: the test must go red (--help says more)
  coverage  lines and branches of the protection: tests must take every way that has no excuse
  nightly   all that takes long: many property cases and trials, long scenarios, coverage, fuzzing, mutants; or the
            stages of it that are named (--help says more)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (chore, rest) =
        arguments.split_first().map_or((None, &[][..]), |(chore, rest)| (Some(&**chore), rest));
    match run(chore, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Option<&str>, rest: &[String]) -> Result<()> {
    match chore {
        Some("tidy") => tidy::run(),
        Some("panics") => panics::run(),
        Some("docs") => docs::write(),
        Some("nightly") => nightly::run(rest),
        Some("mutants") => mutants::run(rest),
        Some("breaks") => breaks::run(rest),
        Some("coverage") => coverage::run(),
        Some("model") => model::run(rest),
        Some("matrix") => matrix::run(rest),
        Some("swarm") => swarm::run(rest),
        Some("blind") => blind::run(rest),
        Some("soak") => soak::run(rest),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => bail!("no chore is called {other:?}\n\n{HELP}"),
    }
}
