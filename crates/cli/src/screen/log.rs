//! What has happened; or the truth of the plant, if the viewer asks for it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line as Row, Span};
use voltower_sim::scenario::ClockTime;

use super::text::{coloured, heading, put, quiet, title};
use super::{View, theme};

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: ClockTime,
    /// How much it matters.
    pub tone: Tone,
    /// What.
    pub text: String,
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The viewer, or the scenario, did something.
    Deed,
    /// A state changed.
    Change,
    /// An alarm.
    Alarm,
    /// A fault.
    Fault,
    /// Something is well again.
    Relief,
}

impl Tone {
    fn colour(self) -> Color {
        match self {
            Self::Deed => theme::ACCENT,
            Self::Change => Color::Reset,
            Self::Alarm => theme::ALARM,
            Self::Fault => theme::FAULT,
            Self::Relief => theme::DISCHARGE,
        }
    }
}

pub(super) fn draw(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    if view.ui.truth {
        truth(view, place, buffer);
    } else {
        events(view, place, buffer);
    }
}

fn events(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    let mut words = vec![title("Events")];
    if !view.broken.is_empty() {
        words.push(coloured(format!("  broken: {}", view.broken.join(", ")), theme::ALARM));
    }
    let inside = heading(words, place, buffer);
    let hidden = view.log.len().saturating_sub(usize::from(inside.height));
    for (row, line) in (0..).zip(view.log.iter().skip(hidden)) {
        let spans = vec![quiet(format!(" {} ", line.at)), coloured(line.text.as_str(), line.tone.colour())];
        put(Row::from(spans), row, inside, buffer);
    }
}

fn truth(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    let inside = heading(vec![title("Truth (plant) "), coloured("on no wire", theme::SUN)], place, buffer);
    let columns = if inside.width >= 88 { 2 } else { 1 };
    let rows = view.truth.len().div_ceil(columns);
    let width = usize::from(inside.width) / columns;
    for row in 0..rows {
        let cells = (0..columns).filter_map(|column| view.truth.get(row + column * rows));
        let spans = cells.flat_map(|(label, value)| {
            let value = format!("{value:<0$}", width.saturating_sub(19));
            [quiet(format!(" {label:<17} ")), Span::raw(value)]
        });
        put(Row::from(spans.collect::<Vec<_>>()), row as u16, inside, buffer);
    }
}
