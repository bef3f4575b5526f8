//! Where everything is, on screens of 80 x 24 and more.

use ratatui::layout::Rect;

use super::{View, tower};

/// The parts of the screen.
pub(super) struct Places {
    pub(super) header: Rect,
    pub(super) footer: Rect,
    /// Number of each tower that is drawn, and where.
    pub(super) towers: Vec<(usize, Rect)>,
    pub(super) today: Rect,
    pub(super) flows: Rect,
    pub(super) cells: Rect,
    pub(super) limits: Rect,
    pub(super) conditions: Rect,
    pub(super) log: Rect,
}

/// Narrower screens show only the selected tower of two.
const BOTH_TOWERS: u16 = 100;

pub(super) fn places(area: Rect, view: &View<'_>) -> Places {
    let header = rows(area, 0, 1);
    let footer = rows(area, area.height.saturating_sub(1), 1);
    let body = rows(area, 1, area.height.saturating_sub(2));
    let shown: Vec<usize> = if view.stacks.len() > 1 && area.width < BOTH_TOWERS {
        vec![view.ui.selection.tower]
    } else {
        (0..view.stacks.len()).collect()
    };
    let width = tower_width(area.width, shown.len());
    let stacked = (0..).zip(&shown).map(|(place, tower)| (*tower, columns(body, place * width, width)));
    let left = width * shown.len() as u16;
    let right = columns(body, left + 1, body.width.saturating_sub(left + 2));
    let mut places = right_column(right, view);
    places.towers = stacked.collect();
    places.today = today(body, left, view);
    Places { header, footer, ..places }
}

/// What the towers leave free below them.
fn today(body: Rect, width: u16, view: &View<'_>) -> Rect {
    let highest = view.stacks.iter().copied().max().unwrap_or(0) as u16;
    let tower = tower::height(highest as usize, body.height) + 1;
    rows(columns(body, 0, width), tower, body.height.saturating_sub(tower).min(14))
}

fn tower_width(width: u16, towers: usize) -> u16 {
    match towers {
        2 => (width * 29 / 100).clamp(30, 42),
        _ => (width * 38 / 100).clamp(33, 46),
    }
}

fn right_column(place: Rect, view: &View<'_>) -> Places {
    let airy = place.height >= 34;
    let gap = u16::from(airy);
    let mut top = 0;
    let mut take = |height: u16| {
        let part = rows(place, top, height);
        top += height + gap;
        part
    };
    let flows_height = if place.height >= 26 { 5 } else { 3 };
    let flows = take(flows_height);
    let cells = take(10);
    let limits = take(4);
    let left = place.height.saturating_sub(flows_height + 14 + 3 * gap);
    let conditions = take(conditions_height(left, view));
    let log = rows(place, top, place.height.saturating_sub(top));
    let none = Rect::default();
    Places {
        header: none,
        footer: none,
        towers: Vec::new(),
        today: none,
        flows,
        cells,
        limits,
        conditions,
        log,
    }
}

fn conditions_height(left: u16, view: &View<'_>) -> u16 {
    let all: u32 = view.observation.towers.iter().map(|tower| tower.conditions().len()).sum();
    let wanted = 1 + (all as u16 * 3).max(1);
    wanted.min(left * 2 / 3).max(2.min(left))
}

/// `height` rows of `area` from row `top`, as far as they exist.
fn rows(area: Rect, top: u16, height: u16) -> Rect {
    let top = top.min(area.height);
    Rect { y: area.y + top, height: height.min(area.height - top), ..area }
}

/// `width` columns of `area` from column `left`, as far as they exist.
fn columns(area: Rect, left: u16, width: u16) -> Rect {
    let left = left.min(area.width);
    Rect { x: area.x + left, width: width.min(area.width - left), ..area }
}
