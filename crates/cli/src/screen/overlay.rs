//! What lies over the screen: the keys, or what can be broken.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Widget as _};

use super::text::{coloured, put, quiet};
use super::{Overlay, View, theme};

pub(super) fn draw(view: &View<'_>, buffer: &mut Buffer) {
    match &view.ui.overlay {
        Overlay::None => {}
        Overlay::Help => help(buffer),
        Overlay::Break { entries, chosen } => breakages(view, entries, *chosen, buffer),
    }
}

const HELP: [(&str, &str); 15] = [
    ("b", "press the black-start switch: start; hold 3 s while it runs: shut down"),
    ("B", "hold the switch 6 s (black start), or 11 s in a fault (clears lock-outs)"),
    ("d", "turn the DC switch"),
    ("x", "break something in the selected module; again to repair it"),
    ("g", "grid away, grid back"),
    ("space", "stand still, go on"),
    ("+ -", "faster, slower"),
    ("tab", "next module or tower (shift: previous)"),
    ("t", "truth of the plant, which is on no wire"),
    ("?", "this help"),
    ("q", "quit"),
    ("", ""),
    ("▼ ▲", "power into a module, out of it"),
    ("≈", "this cell is being balanced"),
    ("● ○", "light on, light off; flashing lights flash"),
];

fn help(buffer: &mut Buffer) {
    let inside = popup(" Keys ", 78, HELP.len() as u16, buffer);
    for (row, (key, what)) in (0..).zip(HELP) {
        put(
            Line::from(vec![coloured(format!(" {key:<7}"), theme::ACCENT), Span::raw(what)]),
            row,
            inside,
            buffer,
        );
    }
}

fn breakages(view: &View<'_>, entries: &[(String, bool)], chosen: usize, buffer: &mut Buffer) {
    let selection = view.ui.selection;
    let title = format!(" Break in module {}.{} ", selection.tower + 1, selection.module + 1);
    let height = (entries.len() as u16 + 1).min(buffer.area.height.saturating_sub(4));
    let inside = popup(&title, 56, height, buffer);
    let visible = usize::from(inside.height.saturating_sub(1));
    let first = (chosen + 1).saturating_sub(visible);
    for (row, (index, (name, broken))) in (0..).zip(entries.iter().enumerate().skip(first).take(visible)) {
        let mark = if *broken { coloured(" broken ", theme::FAULT) } else { Span::raw("        ") };
        let style =
            if index == chosen { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        put(Line::from(vec![mark, Span::styled(format!("{name:<46}"), style)]), row, inside, buffer);
    }
    let keys = quiet(" up, down: choose   enter: break or repair   esc: close");
    put(keys, inside.height.saturating_sub(1), inside, buffer);
}

/// An empty box in the middle of the screen; its inside.
fn popup(title: &str, width: u16, height: u16, buffer: &mut Buffer) -> Rect {
    let screen = buffer.area;
    let (width, height) = ((width + 2).min(screen.width), (height + 2).min(screen.height));
    let place = Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    };
    Clear.render(place, buffer);
    let frame = Block::bordered().border_type(BorderType::Rounded).title(title).border_style(theme::ACCENT);
    let inside = frame.inner(place);
    frame.render(place, buffer);
    inside
}
