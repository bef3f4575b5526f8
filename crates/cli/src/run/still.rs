//! One picture of the screen, without a terminal.

use std::fs;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use voltower_core::{Duration, Instant};

use super::{Stop, live};
use crate::args::RunArgs;
use crate::error::{Failure, FileError};
use crate::interrupt;
use crate::progress;
use crate::screen::{Ui, svg};
use crate::site::Site;

/// Simulated between two looks at the clock and the progress bar.
const STRIDE: Duration = Duration::mins(1);

pub(super) fn run(args: &RunArgs, site: &mut Site, stop: Stop) -> Result<(), Failure> {
    let until = if args.length.is_none() && args.at.is_some() { stop.shown_from } else { stop.end };
    fast_forward(site, until);
    let mut ui = Ui::default();
    ui.pace.speed = args.speed;
    let mut buffer = Buffer::empty(Rect::new(0, 0, args.size.columns, args.size.rows));
    live::draw(site, &ui, Instant::ZERO, &mut buffer);
    let title = format!("voltower run: {} at {}", site.title(), site.clock());
    if let Some(path) = &args.picture {
        fs::write(path, svg::picture(&buffer, &title))
            .map_err(|error| Failure::failed(FileError { path: path.display().to_string(), error }))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Runs to `until` as fast as it goes, with a progress bar on a terminal.
pub(crate) fn fast_forward(site: &mut Site, until: Instant) {
    if until <= site.now() {
        return;
    }
    let bar = progress::bar(until.since(Instant::ZERO));
    while site.now() < until && !interrupt::asked() {
        site.advance_to((site.now() + STRIDE).min(until));
        progress::tell(&bar, site.now(), site.clock());
    }
    bar.finish_and_clear();
}
