//! Log lines, where there is no terminal: what changed, and a summary now and then.

use std::io::{self, Write as _};
use std::thread;
use std::time::{Duration as Wall, Instant as WallClock};

use voltower_core::{Duration, Instant, Watts};
use voltower_gateway::observe::Observation;

use super::{Stop, exchange, expose, still};
use crate::args::{RunArgs, Speed};
use crate::error::Failure;
use crate::face::LinkFace;
use crate::interrupt;
use crate::site::Site;

/// Between two summaries.
const SUMMARY: Duration = Duration::mins(5);
/// Waiting goes in steps, so that Ctrl-C is heard.
const NAP: Wall = Wall::from_millis(100);

pub(super) fn run(
    args: &RunArgs,
    site: &mut Site,
    stop: Stop,
    face: Option<LinkFace>,
) -> Result<(), Failure> {
    still::fast_forward(site, stop.shown_from);
    expose(site, face);
    let stride = if site.is_exposed() { exchange(args.speed) } else { SUMMARY };
    let mut out = io::stdout().lock();
    writeln!(out, "# {}: {}", site.title(), towers(site))?;
    let mut printed = site.lines_ever();
    let mut summary_at = site.now();
    let started = (WallClock::now(), site.now());
    while site.now() < stop.end && !interrupt::asked() {
        site.step(stop.end.min(summary_at).min(site.now() + stride));
        for line in site.lines_since(printed) {
            writeln!(out, "{}  {}", line.at, line.text)?;
        }
        printed = site.lines_ever();
        if site.now() >= summary_at {
            writeln!(out, "{}  {}", site.clock(), summary(&site.observation()))?;
            summary_at = summary_at + SUMMARY;
        }
        out.flush()?;
        wait(args.speed, started, site.now());
    }
    Ok(())
}

fn towers(site: &Site) -> String {
    let stacks: Vec<String> = site.stacks().iter().map(|modules| format!("E{}", modules * 5)).collect();
    format!("{} from {}", stacks.join(" and "), site.clock())
}

/// `soc 63.2 %, 400.2 V, charging 1.55 kW, roof 4.32 kW, house 610 W, grid 0 W`.
fn summary(observation: &Observation) -> String {
    let mut parts = Vec::new();
    for (number, tower) in observation.towers_heard() {
        let state = tower.state().map_or("", |state| state.word());
        let silent = if tower.status.is_some_and(|status| status.stale) { " (silent)" } else { "" };
        let soc = tower.charge_told();
        parts.push(format!("tower {} {state}{silent} {soc} {}", number + 1, signed(tower.power())));
    }
    if let Some(home) = observation.home {
        parts.push(format!("roof {}, house {}, grid {}", home.pv, home.load, signed(Some(home.grid))));
    }
    if parts.is_empty() { "nothing heard".to_owned() } else { parts.join(" | ") }
}

fn signed(watts: Option<Watts>) -> String {
    watts.map_or_else(String::new, |watts| format!("{:+} W", watts.0))
}

fn wait(speed: Speed, (wall, virtual_start): (WallClock, Instant), now: Instant) {
    let Speed::Times(times) = speed else { return };
    let due = Wall::from_micros(now.since(virtual_start).0 / u64::from(times.max(1)));
    while !interrupt::asked() {
        let left = due.saturating_sub(wall.elapsed());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(NAP));
    }
}
