//! Programs that chores need beside cargo: installed when they are missing.

use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

/// It starts, and ends well; what it says is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Installs one of cargo's subcommands, unless `command` runs already.
///
/// # Errors
/// If it cannot be installed; `need` says who needs it.
pub(crate) fn need_subcommand(package: &str, command: &mut Command, need: &str) -> Result<()> {
    if succeeds(command.arg("--version")) {
        return Ok(());
    }
    println!("installing {package}: some minutes, once");
    let install = Command::new(env!("CARGO")).args(["install", package, "--locked"]).status();
    ensure!(install.is_ok_and(|status| status.success()), "{need} (`cargo install {package} --locked`)");
    Ok(())
}
