//! One picture of the screen, without a terminal.

use std::fs;

use indicatif::{ProgressBar, ProgressStyle};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use voltower_core::{Duration, Instant};

use super::{Stop, live};
use crate::args::RunArgs;
use crate::error::{Failure, FileError};
use crate::interrupt;
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
    for path in &args.picture {
        fs::write(path, svg::picture(&buffer, &title))
            .map_err(|error| Failure::failed(FileError { path: path.display().to_string(), error }))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Runs to `until` as fast as it goes, with a progress bar on a terminal.
pub(super) fn fast_forward(site: &mut Site, until: Instant) {
    if until <= site.now() {
        return;
    }
    let bar = progress(until.since(site.now()));
    while site.now() < until && !interrupt::asked() {
        site.advance_to((site.now() + STRIDE).min(until));
        bar.set_position(site.now().as_millis() / 1000);
        bar.set_message(site.clock().to_string());
    }
    bar.finish_and_clear();
}

/// A bar for so much simulated time; hidden unless stderr is a terminal.
pub(crate) fn progress(length: Duration) -> ProgressBar {
    let bar = ProgressBar::new(length.as_millis() / 1000);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar:.blue} {percent}% {eta}") {
        bar.set_style(style);
    }
    bar
}
