//! What can be asked of `voltower`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use voltower_core::Duration;
use voltower_core::catalogue::Model;
use voltower_gateway::can::{Url, UrlError};
use voltower_sim::scenario::DayTime;

use crate::catalogue::CatalogueArgs;
use crate::cell::CellArgs;
use crate::explain::ExplainArgs;
use crate::lights::LightsArgs;
use crate::link::LinkArgs;

/// The software of a stackable high-voltage home battery, and a simulated tower to see it work.
#[derive(Debug, Parser)]
#[command(
    name = "voltower",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
Examples:
  voltower run                                  a tower on a summer day, live in this terminal
  voltower run --model E20 --towers 2           two towers of four modules each
  voltower simulate scenarios/summer-day.toml   a day in seconds, with balance and pictures
  voltower explain --at 13:20                   what limits the tower then, in sentences
  voltower lights decode \"alarm on, L1 L3\"      what do these lights mean?
  voltower link monitor can0                    what a tower's Link says, decoded

Exit codes: 0 done, 1 failed (or an expectation did not hold), 2 wrong call.
Independent project, not affiliated with the maker of the battery."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows a live tower: press its switches, break things, watch every cell
    Run(RunArgs),
    /// Runs a scenario as fast as it goes; writes time series, events and a picture
    Simulate(SimulateArgs),
    /// Says in sentences what limits a tower, or why it does not run, and what must happen
    Explain(ExplainArgs),
    /// Prints what the lights of the panel mean, or says what a pattern means
    Lights(LightsArgs),
    /// Prints what the manual states of a model
    Catalogue(CatalogueArgs),
    /// Shows, fits and validates parameter files of cells
    Cell(CellArgs),
    /// Watches, reads and writes the Link of a tower with CAN: SocketCAN, SLCAN or socketcand
    Link(LinkArgs),
    /// Prints a completion script for your shell
    Completions(CompletionsArgs),
}

/// Arguments of `voltower run`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  voltower run                                    an E10 on a measured summer day
  voltower run --model E20 --speed 600            four modules, ten minutes a second
  voltower run --towers 2 --at 14:00              two towers, starting to look at two o'clock
  voltower run --scenario scenarios/black-start.toml
  voltower run --for 6h --speed max > log.txt     plain log lines of six hours
  voltower run --at 14:00 --picture tower.svg     the screen at two o'clock as a picture
  voltower run --speed 1 --link slcan:tcp://127.0.0.1:0 --link-write     for CAN tools

Keys: b black-start switch, B held long, d DC switch, x break something, g grid, space pause,
+ and - speed, tab next module, t truth of the plant, ? help, q quit.")]
pub struct RunArgs {
    /// Model: E5, E10, E15 or E20 (or its full name, BTS E10-DS5)
    #[arg(long, conflicts_with = "modules")]
    pub model: Option<Model>,
    /// Modules in each tower, 1 to 4
    #[arg(long, value_name = "N")]
    pub modules: Option<usize>,
    /// Towers in the network, 1 or 2
    #[arg(long, value_name = "N")]
    pub towers: Option<usize>,
    /// Simulated seconds per second, or `max`
    #[arg(long, default_value = "60", value_parser = speed)]
    pub speed: Speed,
    /// Scenario file (default: a built-in summer day)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub scenario: Option<PathBuf>,
    /// Seed of all random numbers (default: the scenario's)
    #[arg(long)]
    pub seed: Option<u64>,
    /// Stop after this much simulated time, for instance 90s, 10min, 6h
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub length: Option<Duration>,
    /// Fast-forward to this time of day before showing, for instance 14:00
    #[arg(long, value_name = "HH:MM", value_parser = day_time)]
    pub at: Option<DayTime>,
    /// Draw the screen once, at the end, into this SVG file, without a terminal
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub picture: Option<PathBuf>,
    /// Columns and rows of the picture
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "132x40", value_parser = size, requires = "picture")]
    pub size: Size,
    /// Let CAN tools on this machine listen to the Link: slcan:tcp://127.0.0.1:PORT or
    /// socketcand:tcp://127.0.0.1:PORT (port 0 takes a free one and prints it)
    #[arg(long, value_name = "URL", value_parser = bus, conflicts_with = "picture")]
    pub link: Option<Url>,
    /// Let them send, too
    #[arg(long, requires = "link")]
    pub link_write: bool,
    /// Whose Link, 1 or 2
    #[arg(long, value_name = "N", default_value = "1", requires = "link")]
    pub link_tower: usize,
}

/// Arguments of `voltower simulate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower simulate scenarios/summer-day.toml
  voltower simulate scenarios/summer-day.toml --out out/summer --json
  voltower simulate scenarios/idle-month.toml --period 10s
  voltower simulate scenarios/idle-month.toml --save-modules used

Writes series.csv, events.csv and picture.svg into --out. Exit code 1 if an expectation did not hold.")]
pub struct SimulateArgs {
    /// Scenario file
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    pub scenario: PathBuf,
    /// Folder for time series, events and picture (made if missing)
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Folder for the modules as they are at the end, one file each (made if missing); a scenario starts
    /// from such a file with `state = "FILE"` in its [[tower.module]]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub save_modules: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Sample period of the controllers (default: the scenario's), for instance 10ms, 100ms, 10s
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub period: Option<Duration>,
    /// Seed of all random numbers (default: the scenario's)
    #[arg(long)]
    pub seed: Option<u64>,
}

/// Arguments of `voltower completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// Your shell
    pub shell: Shell,
}

/// How fast simulated time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// Simulated seconds per second.
    Times(u32),
    /// As fast as the machine can.
    Max,
}

impl Default for Speed {
    fn default() -> Self {
        Self::Times(60)
    }
}

/// Size of a drawn screen, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Characters in a row.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl Default for Size {
    fn default() -> Self {
        Self { columns: 132, rows: 40 }
    }
}

fn speed(text: &str) -> Result<Speed, String> {
    match text.parse() {
        Ok(0) => Err("0 would stand still: give 1 or more, or pause with the space bar".to_owned()),
        Ok(times) => Ok(Speed::Times(times)),
        Err(_) if text == "max" => Ok(Speed::Max),
        Err(_) => Err("a whole number of simulated seconds per second, or `max`".to_owned()),
    }
}

/// Where a CAN bus is.
pub(crate) fn bus(text: &str) -> Result<Url, String> {
    text.parse().map_err(|error| format!("{error}; {}", UrlError::FORMS))
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    const EXPECTED: &str = "a number with a unit, for instance 100ms, 90s, 10min, 6h, 30d";
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or(EXPECTED)?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().map_err(|_| EXPECTED)?;
    let length = match unit.trim() {
        "ms" => Duration::millis(number),
        "s" => Duration::secs(number),
        "min" | "m" => Duration::mins(number),
        "h" => Duration::hours(number),
        "d" => Duration::hours(number.saturating_mul(24)),
        _ => return Err(EXPECTED.to_owned()),
    };
    if length.is_zero() { Err("must be longer than nothing".to_owned()) } else { Ok(length) }
}

pub(crate) fn day_time(text: &str) -> Result<DayTime, String> {
    const EXPECTED: &str = "a time of day from 00:00 to 23:59, for instance 14:00";
    let (hours, minutes) = text.split_once(':').ok_or(EXPECTED)?;
    let hours: u32 = hours.parse().map_err(|_| EXPECTED)?;
    let minutes: u32 = minutes.parse().map_err(|_| EXPECTED)?;
    if hours < 24 && minutes < 60 {
        Ok(DayTime(hours * 3600 + minutes * 60))
    } else {
        Err(EXPECTED.to_owned())
    }
}

pub(crate) fn size(text: &str) -> Result<Size, String> {
    const EXPECTED: &str = "columns x rows from 80x24 to 400x200, for instance 132x40";
    let (columns, rows) = text.split_once('x').ok_or(EXPECTED)?;
    let size =
        Size { columns: columns.parse().map_err(|_| EXPECTED)?, rows: rows.parse().map_err(|_| EXPECTED)? };
    let fits = (80..=400).contains(&size.columns) && (24..=200).contains(&size.rows);
    if fits { Ok(size) } else { Err(EXPECTED.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("100ms"), Ok(Duration::millis(100)));
        assert_eq!(duration("6 h"), Ok(Duration::hours(6)));
        assert_eq!(duration("30d"), Ok(Duration::hours(720)));
        for wrong in ["", "10", "h", "0s", "5 weeks", "-5s"] {
            assert!(duration(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn times_sizes_and_speeds_are_bounded() {
        assert_eq!(day_time("14:05"), Ok(DayTime(50_700)));
        assert!(day_time("24:00").is_err() && day_time("12").is_err() && day_time("1:60").is_err());
        assert_eq!(size("100x30"), Ok(Size { columns: 100, rows: 30 }));
        assert!(size("10x10").is_err() && size("100").is_err());
        assert_eq!(speed("max"), Ok(Speed::Max));
        assert!(speed("0").is_err() && speed("fast").is_err());
    }
}
