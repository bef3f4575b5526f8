//! `voltower`, the command line: a live tower in the terminal, fast simulations, the Link for tools, the panel's
//! lights, the catalogue.
//!
//! Invariants: data goes to stdout and messages to stderr; the exit code is 0 for done, 1 for failed, 2 for a wrong
//! call; the screen is drawn from an observation that was filled from frames and registers only, except where it says
//! *truth*.
//!
//! Start reading at [`args`] (what can be asked), then [`run`], [`link`] and [`screen`].

pub mod args;
pub mod catalogue;
pub mod cell;
pub mod error;
pub mod explain;
pub mod face;
pub mod interrupt;
pub mod journal;
pub mod lights;
pub mod link;
pub mod progress;
pub mod run;
pub mod screen;
pub mod simulate;
pub mod site;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anstream::AutoStream;
use clap::{CommandFactory, Parser};

use args::{Cli, Command, CompletionsArgs};
use error::Failure;

/// Reads the arguments, does what they say, prints what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    Failure::set_up_reports();
    match dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Lights(args) => lights::run(&args, &mut AutoStream::auto(io::stdout())),
        Command::Catalogue(args) => catalogue::run(&args, &mut AutoStream::auto(io::stdout())),
        Command::Cell(args) => cell::run(&args),
        Command::Link(args) => link::run(&args),
        Command::Explain(args) => explain::run(&args, &mut AutoStream::auto(io::stdout())),
        Command::Completions(args) => completions(&args),
    }
}

fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "voltower", &mut script);
    Ok(io::stdout().write_all(&script)?)
}
