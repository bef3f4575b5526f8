//! Chores of the project, as `cargo xtask CHORE`.
//!
//! Invariants: a chore changes nothing but what `docs` writes; each check names file, line and rule, and says what
//! would be right.
//!
//! Start reading at [`tidy`], the rules of the architecture.

mod coverage;
mod docs;
mod matrix;
mod model;
mod mutants;
mod nightly;
mod panics;
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
  docs      writes the documents that are printed from the code (our values, the Link, EDS files, safety)
  mutants   breaks the protection in one place at a time: a test must notice (what follows goes to cargo-mutants)
  coverage  lines and branches of the protection: tests must take every way that has no excuse
  nightly   the long tests: many property cases, long scenarios, five minutes of each fuzz target, coverage, mutants
            (VOLTOWER_FUZZ_SECONDS says another time)
";

fn main() -> ExitCode {
    let chore = std::env::args().nth(1);
    match run(chore.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Option<&str>) -> Result<()> {
    match chore {
        Some("tidy") => tidy::run(),
        Some("panics") => panics::run(),
        Some("docs") => docs::write(),
        Some("nightly") => nightly::run(),
        Some("mutants") => mutants::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("coverage") => coverage::run(),
        Some("model") => model::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("matrix") => matrix::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("swarm") => swarm::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => bail!("no chore is called {other:?}\n\n{HELP}"),
    }
}
