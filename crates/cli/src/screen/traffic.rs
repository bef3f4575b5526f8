//! The screen of `voltower link monitor`: all identifiers, whose they are, how often they come, what they say.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use voltower_gateway::link::{Field, Message, NodeState, node_name};
use voltower_protocols::can::Id;
use voltower_protocols::canopen::{Meaning, Value};
use voltower_protocols::link::BDU_NODE;

use super::text::{coloured, fitting, put, quiet, title};
use super::theme;
use crate::link::traffic::{Row, Section, Traffic};

/// Everything that one drawing shows.
#[derive(Debug, Clone, Copy)]
pub struct TrafficView<'a> {
    /// What was heard.
    pub traffic: &'a Traffic,
    /// Where.
    pub url: &'a str,
    /// Into which file it is written, if into one.
    pub log: Option<&'a str>,
    /// The one section that is shown; all if `None`.
    pub only: Option<Section>,
    /// Lines that have gone above the first one shown.
    pub scroll: usize,
    /// The picture stands still.
    pub held: bool,
    /// Nothing came for so long of the viewer's time.
    pub silent: Duration,
}

/// A code that has changed is marked for so long of the bus's time.
const FRESH: Duration = Duration::from_secs(3);
/// Silence that is worth a word.
const SILENCE: Duration = Duration::from_secs(2);
/// Values start at multiples of so many columns, so that what is alike stands in a line.
const GRID: usize = 6;
/// Columns before the values: identifier, kind, rate.
const LEFT: usize = 8 + 21 + 8;

/// Draws the screen, and returns how many lines there would be.
pub fn draw(view: &TrafficView<'_>, buffer: &mut Buffer) -> usize {
    let area = buffer.area;
    header(view, area, buffer);
    columns(area, buffer);
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(3), ..area };
    let lines = spaced(lines(view, usize::from(area.width)), usize::from(body.height));
    for (row, line) in (0..body.height).zip(lines.iter().skip(view.scroll)) {
        put(line.clone(), row, body, buffer);
    }
    if view.traffic.total() == 0 {
        put(Line::from(quiet("  nothing heard yet")), 1, body, buffer);
    }
    footer(
        view,
        lines.len(),
        body.height,
        Rect { y: area.bottom().saturating_sub(1), height: 1, ..area },
        buffer,
    );
    lines.len()
}

fn header(view: &TrafficView<'_>, place: Rect, buffer: &mut Buffer) {
    let name = Style::new().fg(theme::ACCENT).add_modifier(Modifier::BOLD | Modifier::REVERSED);
    let mut left = vec![vec![Span::styled(" VOLTOWER ", name)], vec![Span::raw(format!(" {}", view.url))]];
    left.extend(view.log.map(|log| vec![quiet("  ·  into "), Span::raw(log)]));
    let (rate, share) = view.traffic.load();
    let mut right = vec![Span::styled(format!(" {rate:.0}"), theme::strong()), quiet(" frames/s  ")];
    if share <= 1.0 {
        right.extend([
            Span::styled(format!("{:.1} %", share * 100.0), theme::strong()),
            quiet(" of the wire  "),
        ]);
    } else {
        // A simulated Link may run ahead of any real one.
        right.push(quiet("faster than a wire  "));
    }
    right.push(Span::styled(clock(view.traffic.length()), theme::strong()));
    if view.held {
        right.push(coloured("  held", theme::ALARM));
    } else if view.silent > SILENCE {
        right.push(coloured(format!("  silent for {} s", view.silent.as_secs()), theme::ALARM));
    }
    right.push(Span::raw(" "));
    let room = usize::from(place.width).saturating_sub(right.iter().map(Span::width).sum());
    put(Line::from(right).right_aligned(), 0, place, buffer);
    put(Line::from(fitting(left, room as u16)), 0, place, buffer);
}

fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn columns(place: Rect, buffer: &mut Buffer) {
    let text = format!(" {:<7}{:<21}{:>6}  last values", "COB-ID", "what", "per s");
    put(Line::from(quiet(text)), 1, place, buffer);
}

/// A blank line before each section, if all of it fits into `rows` then.
fn spaced(sections: Vec<Vec<Line<'_>>>, rows: usize) -> Vec<Line<'_>> {
    let all: usize = sections.iter().map(Vec::len).sum();
    let blank = (all + sections.len() <= rows).then(Line::default);
    sections.into_iter().flat_map(|lines| blank.clone().into_iter().chain(lines)).collect()
}

/// All lines of the table, by section.
fn lines<'a>(view: &TrafficView<'a>, width: usize) -> Vec<Vec<Line<'a>>> {
    let mut sections: Vec<Vec<Line<'a>>> = Vec::new();
    let mut last = None;
    let shown = |section: Section| view.only.is_none_or(|only| only == section);
    for (section, row) in view.traffic.rows().filter(|(section, _)| shown(*section)) {
        if last != Some(section) {
            sections.push(vec![section_line(view, section, width)]);
            last = Some(section);
        }
        // The heading says it.
        if let (Some(lines), false) = (sections.last_mut(), matches!(row.message, Message::Heartbeat(..))) {
            lines.extend(row_lines(view, row, width));
        }
    }
    sections
}

fn section_line<'a>(view: &TrafficView<'_>, section: Section, width: usize) -> Line<'a> {
    let (name, node) = match section {
        Section::Bdu => (node_name(BDU_NODE), Some(BDU_NODE)),
        Section::Node(node) => (node_name(node), Some(node)),
        Section::Network => ("whole network".to_owned(), None),
        Section::Other => ("not understood".to_owned(), None),
    };
    let mut name = name;
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut spans = vec![Span::styled(name, title("").style)];
    if let Some(node) = node {
        spans.push(quiet(format!("  node {node}  ")));
    }
    if let Some((state, rate)) = view.traffic.heartbeat(section) {
        let colour = if state == NodeState::Operational { theme::DISCHARGE } else { theme::ALARM };
        spans.push(coloured(state.to_string(), colour));
        let beat = if rate > 0.0 {
            quiet(format!(", heartbeat {rate:.1}/s"))
        } else {
            coloured(", no heartbeat", theme::ALARM)
        };
        spans.push(beat);
    } else if node.is_some() {
        spans.push(quiet("no heartbeat heard"));
    }
    spans.push(Span::raw(" "));
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::styled("─".repeat(width.saturating_sub(used)), Style::new().fg(theme::RAIL)));
    Line::from(spans)
}

fn row_lines<'a>(view: &TrafficView<'_>, row: &Row, width: usize) -> Vec<Line<'a>> {
    let rate = match row.rate(view.traffic.now()) {
        Some(rate) if rate >= 0.05 => format!("{rate:>6.1}"),
        _ => format!("{:>6}", format!("{}x", row.count)),
    };
    let id = match row.id {
        Id::Standard(id) => format!("{:#05X}", id.as_raw()),
        Id::Extended(id) => format!("{:08X}", id.as_raw()),
    };
    let id = format!(" {:<7}", id.replace("0X", "0x"));
    let left = [quiet(id), Span::raw(format!("{:<21}", row.message.kind())), quiet(format!("{rate}  "))];
    let room = width.saturating_sub(LEFT + 1).max(20);
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (number, values) in wrapped(values(view, row), room).into_iter().enumerate() {
        let mut spans = if number == 0 { left.to_vec() } else { vec![Span::raw(" ".repeat(LEFT))] };
        spans.extend(values);
        lines.push(Line::from(spans));
    }
    lines
}

/// What the last frame said: pieces that are not broken.
fn values<'a>(view: &TrafficView<'_>, row: &Row) -> Vec<Vec<Span<'a>>> {
    let Message::Pdo(.., fields) = &row.message else {
        let style = match row.message {
            // Over again.
            Message::Emergency(_, 0, ..) => Style::new().fg(theme::DISCHARGE),
            Message::Emergency(..) => Style::new().fg(theme::FAULT),
            _ => Style::new(),
        };
        return row
            .message
            .words()
            .split(' ')
            .map(|word| vec![Span::styled(format!("{word} "), style)])
            .collect();
    };
    let age =
        |changed: &Option<Duration>| changed.is_some_and(|at| view.traffic.now().saturating_sub(at) < FRESH);
    let fresh = row.changed.iter().map(age).chain(std::iter::repeat(false));
    fields.iter().zip(fresh).map(|(field, fresh)| value(field, fresh)).collect()
}

fn value<'a>(field: &Field, fresh: bool) -> Vec<Span<'a>> {
    let measured = field.meaning.unit().is_some();
    let style = match (field.meaning, field.value) {
        (_, None) | (Meaning::Conditions, Some(Value::U32(1..))) => Style::new().fg(theme::ALARM),
        // What is measured changes all the time.
        _ if fresh && !measured && !counts(field) => {
            Style::new().fg(theme::ACCENT).add_modifier(Modifier::BOLD)
        }
        _ => Style::new().fg(theme::PLAIN),
    };
    let text = field.to_string();
    let width = field.name.chars().count() + 1 + text.chars().count() + 2;
    let gap = width.next_multiple_of(GRID) - width + 2;
    vec![quiet(format!("{} ", field.name)), Span::styled(text, style), Span::raw(" ".repeat(gap))]
}

/// A counter of frames is news with every frame.
fn counts(field: &Field) -> bool {
    field.name == "sequence"
}

/// As many pieces to a line as fit.
fn wrapped(pieces: Vec<Vec<Span<'_>>>, room: usize) -> Vec<Vec<Span<'_>>> {
    let mut lines: Vec<Vec<Span<'_>>> = vec![Vec::new()];
    let mut used = 0;
    for piece in pieces {
        let width: usize = piece.iter().map(Span::width).sum();
        // Blanks at the end of a line need no room.
        let ink =
            width - piece.last().map_or(0, |last| last.width() - last.content.trim_end().chars().count());
        if used > 0 && used + ink > room {
            lines.push(Vec::new());
            used = 0;
        }
        used += width;
        if let Some(line) = lines.last_mut() {
            line.extend(piece);
        }
    }
    lines
}

/// Key, and what it does.
const KEYS: [(&str, &str); 5] =
    [("up down", "scroll"), ("tab", "next node"), ("space", "hold"), ("c", "count anew"), ("q", "quit")];

fn footer(view: &TrafficView<'_>, lines: usize, rows: u16, place: Rect, buffer: &mut Buffer) {
    let keys =
        KEYS.iter().flat_map(|(key, what)| [coloured(*key, theme::ACCENT), quiet(format!(" {what}   "))]);
    put(Line::from(keys.collect::<Vec<_>>()), 0, place, buffer);
    let below = lines.saturating_sub(view.scroll + usize::from(rows));
    if below > 0 {
        put(Line::from(quiet(format!("{below} more lines below "))).right_aligned(), 0, place, buffer);
    }
}
