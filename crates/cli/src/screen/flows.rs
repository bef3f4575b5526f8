//! The home's power flows: roof and grid on the left, house and battery on the right, the inverter between them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span};
use voltower_core::{Instant, Watts};
use voltower_gateway::observe::Home;

use super::text::{coloured, heading, power, put, quiet, title};
use super::{View, theme};

/// Below this nothing is drawn to flow, W: the inverter's registers count in 10 W.
const STILL: i32 = 10;

pub(super) fn draw(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    let source = if view.observation.home.is_some_and(|home| home.stale) { " (old reading)" } else { "" };
    let inside =
        heading(vec![title("Home "), quiet("from the inverter's registers"), quiet(source)], place, buffer);
    let Some(home) = view.observation.home else {
        put(quiet("the inverter has not been read yet"), 1, inside, buffer);
        return;
    };
    let rows = rows(&home, inside, view.blink);
    for (row, line) in (0..).zip(rows) {
        put(line, row, inside, buffer);
    }
}

/// One branch of the picture: towards the inverter is positive.
struct Branch {
    name: &'static str,
    towards: Watts,
    colour: Color,
}

const LEFT: usize = 15;
const RIGHT: usize = 17;

fn rows(home: &Home, place: Rect, now: Instant) -> Vec<Line<'static>> {
    let (width, tall) = (usize::from(place.width), place.height >= 4);
    let middle = if width < 56 { "inverter" } else { "  inverter  " };
    let wire = width.saturating_sub(LEFT + RIGHT + middle.len() + 2) / 2;
    let branch = |name, towards, colour| Branch { name, towards, colour };
    let battery = if home.battery.0 >= 0 { theme::CHARGE } else { theme::DISCHARGE };
    let upper = (branch("roof", home.pv, theme::SUN), branch("house", -home.load, theme::HOUSE));
    let lower = (branch("grid", home.grid, theme::GRID), branch("battery", -home.battery, battery));
    let steel = "━".repeat(middle.len());
    let lid = |left: &str, right: &str| {
        Line::from(vec![Span::raw(" ".repeat(LEFT + wire)), quiet(format!("{left}{steel}{right}"))])
    };
    let empty = " ".repeat(middle.len());
    let mut rows = vec![
        row(&upper, wire, quiet(format!("┃{empty}┃")), now),
        row(&lower, wire, quiet(format!("┃{middle}┃")), now),
    ];
    if tall {
        rows.insert(0, lid("┏", "┓"));
        rows.push(lid("┗", "┛"));
    }
    rows
}

fn row(pair: &(Branch, Branch), wire: usize, middle: Span<'static>, now: Instant) -> Line<'static> {
    let (left, right) = pair;
    let mut spans = vec![label(left, true)];
    spans.push(flow(left.towards.0, wire, left.colour, now));
    spans.push(middle);
    spans.push(flow(-right.towards.0, wire, right.colour, now));
    spans.push(label(right, false));
    Line::from(spans)
}

fn label(branch: &Branch, left: bool) -> Span<'static> {
    let power = power(branch.towards);
    let text = if left {
        format!(" {:<4} {power:>8} ", branch.name)
    } else {
        format!(" {power:>8} {:<7}", branch.name)
    };
    let still = branch.towards.abs().0 < STILL;
    if still { quiet(text) } else { coloured(text, branch.colour) }
}

/// A wire on which dashes run to the right (positive) or to the left.
fn flow(rightwards: i32, columns: usize, colour: Color, now: Instant) -> Span<'static> {
    if rightwards.abs() < STILL {
        return coloured("─".repeat(columns), theme::RAIL);
    }
    let step = (now.as_millis() / 150) as usize;
    let dash = |column: usize| {
        let phase = if rightwards > 0 { column + 400 - step % 4 } else { column + step };
        if phase.is_multiple_of(4) { '╸' } else { '━' }
    };
    let mut wire: Vec<char> = (0..columns).map(dash).collect();
    let tip = if rightwards > 0 { wire.last_mut() } else { wire.first_mut() };
    if let Some(tip) = tip {
        *tip = if rightwards > 0 { '▶' } else { '◀' };
    }
    coloured(wire.into_iter().collect::<String>(), colour)
}
