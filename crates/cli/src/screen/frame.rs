//! The first and the last row: clock and keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::text::{coloured, percent, put, quiet};
use super::ui::Pace;
use super::{View, theme};
use crate::args::Speed;

pub(super) fn header(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    let name = Style::new().fg(theme::ACCENT).add_modifier(Modifier::BOLD | Modifier::REVERSED);
    let mut spans = vec![Span::styled(" VOLTOWER ", name), Span::raw(" "), Span::raw(view.title)];
    if let Some(soc) = view.observation.soc() {
        spans.push(quiet("  ·  "));
        spans.push(Span::styled(percent(soc).trim_start().to_owned(), theme::strong()));
    }
    put(Line::from(spans), 0, place, buffer);
    let clock = Span::styled(format!(" {} ", view.clock), theme::strong());
    put(Line::from(vec![clock, pace(view.ui.pace), Span::raw(" ")]).right_aligned(), 0, place, buffer);
}

fn pace(pace: Pace) -> Span<'static> {
    let speed = match pace.speed {
        Speed::Times(times) => format!("{times}x"),
        Speed::Max => "max".to_owned(),
    };
    match pace {
        Pace { ended: true, .. } => coloured("end of scenario", theme::ALARM),
        Pace { paused: true, .. } => coloured(format!("{speed} paused"), theme::ALARM),
        Pace { reached: Some(reached), .. } => {
            coloured(format!("{speed} (reaches {reached}x)"), theme::ALARM)
        }
        Pace { .. } => coloured(speed, theme::ACCENT),
    }
}

/// Key, what it does, and that in short.
const KEYS: [(&str, &str, &str); 11] = [
    ("b", "black start", "start"),
    ("B", "hold", "hold"),
    ("d", "DC switch", "DC"),
    ("x", "break", "break"),
    ("g", "grid", "grid"),
    ("space", "pause", "pause"),
    ("+-", "speed", ""),
    ("tab", "next", ""),
    ("t", "truth", "truth"),
    ("?", "help", "help"),
    ("q", "quit", "quit"),
];

pub(super) fn footer(place: Rect, buffer: &mut Buffer) {
    let roomy: usize = KEYS.iter().map(|(key, what, _)| key.len() + what.len() + 3).sum();
    let full: usize = roomy - KEYS.len();
    let (gap, short) = (usize::from(place.width) >= roomy, usize::from(place.width) < full);
    let spans = KEYS.iter().flat_map(|(key, what, in_short)| {
        let what = if short { in_short } else { what };
        let space = if gap { "  " } else { " " };
        let before = if what.is_empty() { "" } else { " " };
        [coloured(*key, theme::ACCENT), quiet(format!("{before}{what}{space}"))]
    });
    put(Line::from(spans.collect::<Vec<_>>()), 0, place, buffer);
}
