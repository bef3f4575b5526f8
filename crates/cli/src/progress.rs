//! A progress bar over simulated time; hidden unless stderr is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use voltower_core::{Duration, Instant};
use voltower_sim::scenario::ClockTime;

/// A bar for so much simulated time.
#[must_use]
pub fn bar(length: Duration) -> ProgressBar {
    let bar = ProgressBar::new(seconds(length));
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar:.blue} {percent} %  {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// Moves it on to `now`, if that is another second.
pub fn tell(bar: &ProgressBar, now: Instant, clock: ClockTime) {
    let position = seconds(now.since(Instant::ZERO));
    if !bar.is_hidden() && position != bar.position() {
        bar.set_position(position);
        bar.set_message(clock.to_string());
    }
}

fn seconds(length: Duration) -> u64 {
    length.as_millis() / 1000
}
