//! `voltower explain`: why the limits of a tower are what they are, and why it does not run, in sentences.

pub mod words;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time;

use clap::{Args, ValueHint};
use voltower_core::{Duration, Instant};
use voltower_gateway::Observer;
use voltower_gateway::can::{Access, Connection, ConnectionError, Url};
use voltower_gateway::observe::{Observation, TowerObservation};
use voltower_protocols::link::Way;
use voltower_sim::Scenario;
use voltower_sim::scenario::DayTime;

use crate::args::{bus, day_time, duration};
use crate::error::{Failure, Usage};
use crate::interrupt;
use crate::link::connection_failure;
use crate::run;
use crate::screen::wrap;
use crate::site::Site;

/// Columns of the sentences.
const COLUMNS: usize = 100;
/// Long enough for everything that comes once a second.
const LISTEN: Duration = Duration::secs(3);

/// Arguments of `voltower explain`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  voltower explain --at 13:20                              the built-in summer day at twenty past one
  voltower explain scenarios/fault-over-voltage.toml       at the end of a scenario
  voltower explain scenarios/black-start.toml --after 90s
  voltower explain --at 13:20 --module 2                   what module 2 says of itself
  voltower explain --link slcan:tcp://127.0.0.1:7180       a tower that runs, by what its Link says")]
pub struct ExplainArgs {
    /// Scenario file (default: a built-in summer day)
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    pub scenario: Option<PathBuf>,
    /// Time of day, for instance 13:20 (default: the end of the scenario)
    #[arg(long, value_name = "HH:MM", value_parser = day_time, conflicts_with = "after")]
    pub at: Option<DayTime>,
    /// Time since the start of the scenario, for instance 90s, 6h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub after: Option<Duration>,
    /// Listen to this bus instead, for three seconds
    #[arg(long, value_name = "URL", value_parser = bus, conflicts_with_all = ["scenario", "at", "after"])]
    pub link: Option<Url>,
    /// Only this module, 1 to 4, as it says itself
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub module: Option<u8>,
}

/// Prints the explanation.
///
/// # Errors
/// A scenario that cannot be read, a bus that cannot be reached, a tower or module that is not heard.
pub fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let observation = match &args.link {
        Some(url) => listen(url)?,
        None => simulate(args)?,
    };
    if observation.towers_heard().count() == 0 {
        let help = "was it started? Give another --at or --after, or look with voltower run".to_owned();
        return Err(Failure::failed(Usage { message: "no tower is heard".to_owned(), help: Some(help) }));
    }
    if let Some(number) = args.module {
        must_be_heard(number, &observation)?;
    }
    print(&observation, args.module, out).map_err(Failure::from)
}

fn must_be_heard(number: u8, observation: &Observation) -> Result<(), Failure> {
    let heard: BTreeSet<usize> = observation
        .towers_heard()
        .flat_map(|(_, tower)| tower.modules_heard().map(|(index, _)| index + 1))
        .collect();
    if heard.contains(&usize::from(number)) {
        return Ok(());
    }
    let heard: Vec<String> = heard.iter().map(usize::to_string).collect();
    let help = if heard.is_empty() {
        "no module is heard".to_owned()
    } else {
        format!("heard: {}", heard.join(", "))
    };
    Err(Failure::failed(Usage { message: format!("module {number} is not heard"), help: Some(help) }))
}

fn simulate(args: &ExplainArgs) -> Result<Observation, Failure> {
    let read = match &args.scenario {
        Some(path) => Scenario::load(path),
        None => Scenario::summer_day(),
    };
    let mut site = Site::new(&read.map_err(Failure::failed)?);
    let until = match (args.at, args.after) {
        (Some(time), _) => run::time_of(time, &site)?,
        (None, Some(after)) => time_after(after, &site)?,
        (None, None) => site.end(),
    };
    interrupt::install();
    run::fast_forward(&mut site, until);
    Ok(site.observation())
}

fn time_after(after: Duration, site: &Site) -> Result<Instant, Failure> {
    let at = Instant::ZERO + after;
    if at <= site.end() {
        return Ok(at);
    }
    let length = site.end().since(Instant::ZERO);
    let message = format!("--after {after} lies behind the end of the scenario, which lasts {length}");
    Err(Failure::usage(Usage { message, help: None }))
}

/// What a bus says in three seconds; a log of one is heard to its end.
fn listen(url: &Url) -> Result<Observation, Failure> {
    let failed = |error: ConnectionError| connection_failure(&error);
    let mut connection = Connection::open(url, Access::ListenOnly).map_err(failed)?;
    let mut observer = Observer::new();
    let start = time::Instant::now();
    let length = time::Duration::from_micros(LISTEN.0);
    let mut first = None;
    let mut now = Instant::ZERO;
    interrupt::install();
    while start.elapsed() < length && !interrupt::asked() {
        match connection.receive(length.saturating_sub(start.elapsed())) {
            Ok(Some(stamped)) => {
                let since = stamped.at.saturating_sub(*first.get_or_insert(stamped.at));
                now = Instant(since.as_micros() as u64);
                observer.link_frame(0, now, &stamped.frame);
            }
            Ok(None) => {}
            Err(ConnectionError::Ended { .. }) => break,
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(observer.observation(now))
}

fn print(observation: &Observation, module: Option<u8>, out: &mut dyn Write) -> io::Result<()> {
    for (place, tower) in observation.towers_heard() {
        match module {
            Some(number) => print_module(place + 1, tower, number, out)?,
            None => print_tower(place + 1, tower, out)?,
        }
    }
    Ok(())
}

fn print_tower(number: usize, tower: &TowerObservation, out: &mut dyn Write) -> io::Result<()> {
    sentence(&words::state(number, tower), "", out)?;
    for deed in words::mending(tower) {
        sentence(&deed, "  ", out)?;
    }
    for condition in words::conditions(tower) {
        sentence(&condition, "  ", out)?;
    }
    for way in Way::ALL {
        let Some(explanation) = tower.explain(way) else { continue };
        for (place, text) in words::limit(&explanation).iter().enumerate() {
            sentence(text, if place == 0 { "" } else { "  " }, out)?;
        }
    }
    Ok(())
}

fn print_module(place: usize, tower: &TowerObservation, number: u8, out: &mut dyn Write) -> io::Result<()> {
    let Some(module) = tower.modules.get(usize::from(number) - 1) else { return Ok(()) };
    let state = match module.status {
        None => "not heard",
        Some(status) if status.stale => "silent",
        Some(status) => status.value.state.word(),
    };
    sentence(&format!("Tower {place}, module {number}: {state}."), "", out)?;
    for condition in words::conditions_of(module) {
        sentence(&condition, "  ", out)?;
    }
    if module.limits.as_ref().and_then(|limits| limits.fresh()).is_none() {
        return Ok(());
    }
    for way in Way::ALL {
        sentence(&words::of_module(module, number, way), "  ", out)?;
    }
    Ok(())
}

/// Wrapped at spaces; what follows the first row stands further in.
fn sentence(text: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    for (place, row) in wrap(text, COLUMNS - indent.len() - 2).iter().enumerate() {
        let further = if place == 0 { "" } else { "  " };
        writeln!(out, "{indent}{further}{row}")?;
    }
    Ok(())
}
