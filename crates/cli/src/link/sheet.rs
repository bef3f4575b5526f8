//! Electronic data sheets.

use std::io::{self, Write as _};

use clap::ValueEnum;
use voltower_gateway::link::Device;

use super::EdsArgs;
use crate::error::Failure;

/// A kind of device that has a data sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A battery module
    Module,
    /// The distribution unit
    Bdu,
}

pub(super) fn run(args: &EdsArgs) -> Result<(), Failure> {
    let sheet = match args.device {
        Kind::Module => Device::Module.data_sheet("module.eds"),
        Kind::Bdu => Device::Bdu.data_sheet("bdu.eds"),
    };
    Ok(io::stdout().write_all(sheet.as_bytes())?)
}
