//! `voltower link`: the Link of a tower as a tool sees it: traffic, objects, who is there, data sheets.

mod each;
mod monitor;
mod object;
mod scan;
mod sdo;
mod sheet;
pub mod traffic;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use voltower_core::Duration;
use voltower_gateway::can::{Access, Connection, ConnectionError, Url};
use voltower_protocols::link::BDU_NODE;

use crate::args::{Size, bus, duration, size};
use crate::error::{Failure, Usage};

/// Arguments of `voltower link`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Where a bus is:
  slcan:tcp://127.0.0.1:PORT              what `voltower run --link` prints; an adapter behind a network
  socketcand:tcp://127.0.0.1:29536/can0   a socketcand
  slcan:/dev/ttyACM0                      a serial adapter, set to 500 kbit/s
  socketcan:can0                          an interface of Linux, or just can0
  candump:link.log                        a log, for monitor

Examples:
  voltower run --speed 1 --link slcan:tcp://127.0.0.1:7180 --link-write     a tower to try it on
  voltower link monitor slcan:tcp://127.0.0.1:7180
  voltower link scan slcan:tcp://127.0.0.1:7180
  voltower link read slcan:tcp://127.0.0.1:7180 1 limits
  voltower link write slcan:tcp://127.0.0.1:7180 1 configuration/label \"left of the door\"")]
pub struct LinkArgs {
    /// What to do on the Link.
    #[command(subcommand)]
    pub command: LinkCommand,
}

/// Subcommands of `voltower link`.
#[derive(Debug, Clone, Subcommand)]
pub enum LinkCommand {
    /// Shows all traffic, decoded: as a live table, or a line for each frame
    Monitor(MonitorArgs),
    /// Reads an object of a node, or all entries of a record
    Read(ReadArgs),
    /// Writes an object of a node: that one, and nothing else
    Write(WriteArgs),
    /// Who is there: name, serial number, software, state
    Scan(ScanArgs),
    /// Prints the electronic data sheet (EDS) of a kind of device
    Eds(EdsArgs),
}

/// Arguments of `voltower link monitor`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower link monitor slcan:tcp://127.0.0.1:7180
  voltower link monitor can0 --log link.log                record for can-utils, SavvyCAN, python-can
  voltower link monitor can0 --for 10s | grep emergency    not on a terminal: a line for each frame
  voltower link monitor can0 --for 5s --picture link.svg   the table as a picture
  voltower link monitor candump:link.log                   what was recorded

It only listens: an adapter is opened listen-only. Keys: arrows scroll, tab next node, space holds
the picture, c counts anew, q quits.")]
pub struct MonitorArgs {
    /// Where the bus is
    #[arg(value_name = "URL", value_parser = bus)]
    pub url: Url,
    /// Write every frame into this file, as `candump -l` does
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log: Option<PathBuf>,
    /// Stop after this long, for instance 10s, 5min
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub length: Option<Duration>,
    /// Draw the table once, at the end, into this SVG file, without a terminal
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "length")]
    pub picture: Option<PathBuf>,
    /// Columns and rows of the picture
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "132x40", value_parser = size, requires = "picture")]
    pub size: Size,
}

/// Arguments of `voltower link read`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower link read slcan:tcp://127.0.0.1:7180 bdu status/state
  voltower link read slcan:tcp://127.0.0.1:7180 1 cells          all entries of a record
  voltower link read slcan:tcp://127.0.0.1:7180 1 0x2002:1       by index and sub-index
  voltower link read slcan:tcp://127.0.0.1:7180 1 limits --json
  voltower link read slcan:tcp://127.0.0.1:7180 1 freeze-frame --all   what was measured at the last faults
  voltower link read slcan:tcp://127.0.0.1:7180 1 blackbox --all       the minute before the first fault
  voltower link read slcan:tcp://127.0.0.1:7180 1 lifetime             what the module has gone through

Names are those of the data sheet (`voltower link eds module`) in small letters with hyphens.")]
pub struct ReadArgs {
    /// Where the bus is
    #[arg(value_name = "URL", value_parser = bus)]
    pub url: Url,
    /// Whose object: 1 to 4 (a module), bdu (or 9), or another node
    #[arg(value_name = "NODE", value_parser = node)]
    pub node: u8,
    /// Which: limits/charge-power, limits, or 0x2002:1
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Of a record that shows one of several at a time (freeze-frame, blackbox): all, newest first
    #[arg(long)]
    pub all: bool,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `voltower link write`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower link write slcan:tcp://127.0.0.1:7180 1 configuration/charge-power-at-most \"1500 W\"
  voltower link write slcan:tcp://127.0.0.1:7180 bdu configuration/label cellar

Whether the value is taken, and when, is for the device to say: a refusal is told in its words.")]
pub struct WriteArgs {
    /// Where the bus is
    #[arg(value_name = "URL", value_parser = bus)]
    pub url: Url,
    /// Whose object: 1 to 4 (a module), bdu (or 9), or another node
    #[arg(value_name = "NODE", value_parser = node)]
    pub node: u8,
    /// Which: configuration/label, or 0x2020:3
    #[arg(value_name = "NAME")]
    pub name: String,
    /// A number (with its unit, if you like), or a text
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    pub value: String,
}

/// Arguments of `voltower link scan`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower link scan slcan:tcp://127.0.0.1:7180
  voltower link scan can0 --json

It asks every node from 1 to 127 for its identity, and listens for heartbeats meanwhile.")]
pub struct ScanArgs {
    /// Where the bus is
    #[arg(value_name = "URL", value_parser = bus)]
    pub url: Url,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `voltower link eds`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower link eds module > bts5k.eds
  voltower link eds bdu > bdu.eds")]
pub struct EdsArgs {
    /// Of which kind of device
    #[arg(value_enum)]
    pub device: sheet::Kind,
}

/// Does what was asked for.
///
/// # Errors
/// A bus that cannot be reached, a node that does not answer or refuses, a name that no object has.
pub fn run(args: &LinkArgs) -> Result<(), Failure> {
    match &args.command {
        LinkCommand::Monitor(args) => monitor::run(args),
        LinkCommand::Read(args) => object::read(args),
        LinkCommand::Write(args) => object::write(args),
        LinkCommand::Scan(args) => scan::run(args),
        LinkCommand::Eds(args) => sheet::run(args),
    }
}

fn open(url: &Url, access: Access) -> Result<Connection, Failure> {
    Connection::open(url, access).map_err(|error| connection_failure(&error))
}

pub(crate) fn connection_failure(error: &ConnectionError) -> Failure {
    let help = match error {
        ConnectionError::Open { .. } | ConnectionError::Unsupported { .. } => Some(
            "is it plugged in and running? A tower to try: voltower run --speed 1 --link slcan:tcp://127.0.0.1:7180",
        ),
        ConnectionError::Protocol { .. } => Some(
            "is it slcan: that speaks there? A socketcand begins with `< hi >`, an SLCAN adapter waits to be asked",
        ),
        ConnectionError::Refused { .. } => Some(
            "asking an object means sending: a simulated Link needs voltower run --link URL --link-write",
        ),
        ConnectionError::Ended { .. } | ConnectionError::Gone { .. } => None,
    };
    Failure::failed(Usage { message: error.to_string(), help: help.map(str::to_owned) })
}

fn node(text: &str) -> Result<u8, String> {
    match text.parse() {
        Ok(node @ 1..=127) => Ok(node),
        Err(_) if text.eq_ignore_ascii_case("bdu") => Ok(BDU_NODE),
        _ => Err("a node from 1 to 127, or bdu".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_have_numbers_and_one_has_a_name() {
        assert_eq!((node("1"), node("bdu"), node("BDU"), node("127")), (Ok(1), Ok(9), Ok(9), Ok(127)));
        assert!(node("0").is_err() && node("128").is_err() && node("module").is_err());
    }
}
