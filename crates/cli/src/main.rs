//! `voltower`: see the library beside this file.

use std::process::ExitCode;

fn main() -> ExitCode {
    voltower_cli::main()
}
