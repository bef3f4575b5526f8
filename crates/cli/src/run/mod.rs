//! `voltower run`: a live tower, on a terminal, as log lines, or as a picture.

mod breakages;
mod commands;
mod live;
mod plain;
mod still;

use std::io::{self, IsTerminal as _};

use miette::Report;
use voltower_core::{Duration, Instant};
use voltower_gateway::can::Access;
use voltower_sim::Scenario;
use voltower_sim::scenario::{ClockTime, DayTime};

use crate::args::{RunArgs, Speed};
use crate::error::{Code, Failure, Usage};
use crate::face::LinkFace;
use crate::interrupt;
use crate::site::Site;

pub use commands::{Command, command};
pub use live::App;
pub(crate) use still::fast_forward;

/// Of the viewer's time, between two exchanges with tools on the Link.
const EXCHANGE: Duration = Duration::millis(5);
/// The controllers' period.
const SAMPLE: Duration = Duration::millis(10);

/// Runs what was asked for until it ends or somebody stops it.
///
/// # Errors
/// A scenario that cannot be read, towers that the manual does not allow, a picture that cannot be written.
pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let mut site = Site::new(&scenario(args)?);
    let stop = stop(args, &site)?;
    let face = face(args, &site)?;
    interrupt::install();
    if args.picture.is_some() {
        return still::run(args, &mut site, stop);
    }
    if io::stdout().is_terminal() && io::stdin().is_terminal() {
        return live::run(args, site, stop, face);
    }
    plain::run(args, &mut site, stop, face)
}

fn face(args: &RunArgs, site: &Site) -> Result<Option<LinkFace>, Failure> {
    let Some(url) = &args.link else { return Ok(None) };
    let towers = site.stacks().len();
    if !(1..=towers).contains(&args.link_tower) {
        let message = format!("--link-tower {} is none of the {towers} there are", args.link_tower);
        return Err(Failure::usage(Usage { message, help: None }));
    }
    let access = if args.link_write { Access::Send } else { Access::ListenOnly };
    LinkFace::bind(url, access, args.link_tower - 1).map(Some)
}

/// Puts the Link where tools find it, and says where.
fn expose(site: &mut Site, face: Option<LinkFace>) {
    if let Some(face) = face {
        eprintln!("{}", face.announcement());
        site.expose(face);
    }
}

/// How far the simulated time goes between two exchanges with tools on the Link: a few milliseconds of theirs, but
/// no less than a sample period, so that the controllers sample as ever.
fn exchange(speed: Speed) -> Duration {
    match speed {
        Speed::Times(times) => Duration(EXCHANGE.0 * u64::from(times)).max(SAMPLE),
        Speed::Max => Duration::secs(1),
    }
}

fn scenario(args: &RunArgs) -> Result<Scenario, Failure> {
    let read = match &args.scenario {
        Some(path) => Scenario::load(path),
        None => Scenario::summer_day(),
    };
    let mut scenario = read.map_err(Failure::failed)?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    resize(args, &mut scenario)?;
    Ok(scenario)
}

fn resize(args: &RunArgs, scenario: &mut Scenario) -> Result<(), Failure> {
    let modules = args.model.map(|model| usize::from(model.modules())).or(args.modules);
    if modules.is_none() && args.towers.is_none() {
        return Ok(());
    }
    let first = scenario.towers.first().map_or(0, |tower| tower.modules.len());
    let towers = args.towers.unwrap_or(scenario.towers.len());
    scenario.resize(towers, modules.unwrap_or(first)).map_err(|error| {
        let help =
            Some("give --modules 1 to 4 (or --model E5, E10, E15, E20) and --towers 1 or 2".to_owned());
        Failure::Diagnosed(Report::new(Usage { message: error.to_string(), help }), Code::Usage)
    })
}

/// From where to show, and when to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stop {
    shown_from: Instant,
    end: Instant,
}

fn stop(args: &RunArgs, site: &Site) -> Result<Stop, Failure> {
    let shown_from = match args.at {
        None => Instant::ZERO,
        Some(time) => time_of(time, site)?,
    };
    let end = args.length.map_or(site.end(), |length| (shown_from + length).min(site.end()));
    Ok(Stop { shown_from, end })
}

/// The first time that the clock of the world shows `time`.
pub(crate) fn time_of(time: DayTime, site: &Site) -> Result<Instant, Failure> {
    let start = site.clock();
    let day = if time < start.time { 2 } else { 1 };
    let at = start.time.until(ClockTime { day, time }).unwrap_or(Instant::ZERO);
    if at > site.end() {
        let message = format!("--at lies behind the end of the scenario, which starts at {start}");
        return Err(Failure::usage(Usage { message, help: None }));
    }
    Ok(at)
}
