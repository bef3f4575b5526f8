//! The screen as an SVG: from the same buffer that a terminal would get.
//!
//! Lines, blocks and lamps are drawn as shapes, because the fonts of a browser leave gaps between them.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;

use super::glyphs::{Glyph, Shape};
use super::theme::{self, Rgb};

// Whole numbers, so that neighbouring shapes share their edges exactly.
const WIDTH: f64 = 8.0;
const HEIGHT: f64 = 16.0;
const FONT: f64 = 13.3;
const MARGIN: f64 = 14.0;
/// From the top of a cell to the base line of its letters.
const BASE: f64 = 12.0;

/// Draws `buffer` as a picture with this `title` (for screen readers).
#[must_use]
pub fn picture(buffer: &Buffer, title: &str) -> String {
    let area = buffer.area;
    let width = f64::from(area.width) * WIDTH + 2.0 * MARGIN;
    let height = f64::from(area.height) * HEIGHT + 2.0 * MARGIN;
    let mut svg = header(width, height, title);
    for row in 0..area.height {
        let cells: Vec<&Cell> = (0..area.width).map(|column| &buffer[(column, row)]).collect();
        draw_row(&mut svg, &cells, MARGIN + f64::from(row) * HEIGHT);
    }
    svg.push_str("</svg>\n");
    svg
}

fn header(width: f64, height: f64, title: &str) -> String {
    let title = escape(title);
    let paper = theme::PAPER.hex();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" font-size=\"{FONT}\" \
         font-family=\"'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace\" xml:space=\"preserve\">\n\
         <title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{paper}\"/>\n"
    )
}

fn draw_row(svg: &mut String, cells: &[&Cell], y: f64) {
    for run in runs(cells, |cell| Look::of(cell).paper) {
        background(svg, cells, run, y);
    }
    for run in runs(cells, |cell| (Look::of(cell), Glyph::of(cell.symbol()).is_letter())) {
        foreground(svg, cells, run, y);
    }
}

/// First cell, and length.
type Run = (usize, usize);

fn runs<K: PartialEq>(cells: &[&Cell], key: impl Fn(&Cell) -> K) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last = None;
    for (index, cell) in cells.iter().enumerate() {
        let this = Some(key(cell));
        match runs.last_mut() {
            Some((_, length)) if this == last => *length += 1,
            _ => runs.push((index, 1)),
        }
        last = this;
    }
    runs
}

/// The colours and weight of a cell, after reversing.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    ink: Rgb,
    paper: Option<Rgb>,
    bold: bool,
    italic: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let ink = theme::rgb(cell.fg).unwrap_or(theme::INK);
        let paper = theme::rgb(cell.bg);
        let reversed = cell.modifier.contains(Modifier::REVERSED);
        let (ink, paper) = if reversed { (paper.unwrap_or(theme::PAPER), Some(ink)) } else { (ink, paper) };
        let ink = if cell.modifier.contains(Modifier::DIM) { ink.towards(theme::PAPER) } else { ink };
        let bold = cell.modifier.contains(Modifier::BOLD);
        Self { ink, paper, bold, italic: cell.modifier.contains(Modifier::ITALIC) }
    }
}

fn background(svg: &mut String, cells: &[&Cell], (start, length): Run, y: f64) {
    let Some(paper) = cells.get(start).and_then(|cell| Look::of(cell).paper) else {
        return;
    };
    rectangle(svg, x_of(start), y, length as f64 * WIDTH, HEIGHT, paper);
}

fn foreground(svg: &mut String, cells: &[&Cell], (start, length): Run, y: f64) {
    let run = &cells[start..start + length];
    let Some(look) = run.first().map(|cell| Look::of(cell)) else {
        return;
    };
    if Glyph::of(run[0].symbol()).is_letter() {
        letters(svg, run, look, x_of(start), y);
        return;
    }
    let mut column = start;
    for same in run.chunk_by(|a, b| a.symbol() == b.symbol()) {
        if let Glyph::Shape(shape) = Glyph::of(same[0].symbol()) {
            draw_shapes(svg, shape, same.len(), look.ink, column, y);
        }
        column += same.len();
    }
}

/// The same shape so many times: what joins its neighbours is drawn in one piece, so that no seam shows.
fn draw_shapes(svg: &mut String, shape: Shape, times: usize, ink: Rgb, column: usize, y: f64) {
    let x = x_of(column);
    match shape {
        Shape::Block { left: 0.0, top, width: 1.0, height } => {
            rectangle(svg, x, y + top * HEIGHT, times as f64 * WIDTH, height * HEIGHT, ink);
        }
        Shape::Lines { arms: [false, true, false, true], weight, .. } => {
            let top = y + (HEIGHT - weight) / 2.0;
            rectangle(svg, x, top, times as f64 * WIDTH, weight, ink);
        }
        Shape::Block { .. } | Shape::Lines { .. } | Shape::Lamp { .. } => {
            for offset in 0..times {
                draw_shape(svg, shape, ink, x_of(column + offset), y);
            }
        }
    }
}

fn letters(svg: &mut String, run: &[&Cell], look: Look, x: f64, y: f64) {
    let text: String = run.iter().map(|cell| cell.symbol()).collect();
    let body = text.trim_end();
    if body.trim_start().is_empty() {
        return;
    }
    let lead = body.chars().count() - body.trim_start().chars().count();
    let body = body.trim_start();
    let length = body.chars().count() as f64 * WIDTH;
    let x = x + lead as f64 * WIDTH;
    let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
    let slant = if look.italic { " font-style=\"italic\"" } else { "" };
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\"{weight}{slant} textLength=\"{length:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\">{}</text>",
        y + BASE,
        look.ink.hex(),
        escape(body),
    );
}

fn draw_shape(svg: &mut String, shape: Shape, ink: Rgb, x: f64, y: f64) {
    match shape {
        Shape::Block { left, top, width, height } => {
            rectangle(svg, x + left * WIDTH, y + top * HEIGHT, width * WIDTH, height * HEIGHT, ink);
        }
        Shape::Lines { arms, weight, round } => draw_lines(svg, arms, weight, round, ink, x, y),
        Shape::Lamp { lit } => draw_lamp(svg, lit, ink, x, y),
    }
}

fn draw_lines(svg: &mut String, arms: [bool; 4], weight: f64, round: bool, ink: Rgb, x: f64, y: f64) {
    let (cx, cy) = (x + WIDTH / 2.0, y + HEIGHT / 2.0);
    let ends = [(cx, y), (x + WIDTH, cy), (cx, y + HEIGHT), (x, cy)];
    let drawn: Vec<(f64, f64)> =
        ends.into_iter().zip(arms).filter(|(_, on)| *on).map(|(end, _)| end).collect();
    let mut path = String::new();
    match drawn[..] {
        [(ax, ay), (bx, by)] if round => {
            let _ = write!(path, "M{ax:.1} {ay:.1}Q{cx:.1} {cy:.1} {bx:.1} {by:.1}");
        }
        _ => {
            for (ex, ey) in drawn {
                let _ = write!(path, "M{cx:.1} {cy:.1}L{ex:.1} {ey:.1}");
            }
        }
    }
    let _ = writeln!(
        svg,
        "<path d=\"{path}\" stroke=\"{}\" stroke-width=\"{weight}\" stroke-linecap=\"square\" fill=\"none\"/>",
        ink.hex()
    );
}

fn draw_lamp(svg: &mut String, lit: bool, ink: Rgb, x: f64, y: f64) {
    let (cx, cy) = (x + WIDTH / 2.0, y + HEIGHT / 2.0);
    let colour = ink.hex();
    if lit {
        let _ = writeln!(
            svg,
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"7\" fill=\"{colour}\" opacity=\"0.25\"/>\
             <circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"4.2\" fill=\"{colour}\"/>"
        );
    } else {
        let _ = writeln!(
            svg,
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3.6\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.2\"/>"
        );
    }
}

fn rectangle(svg: &mut String, x: f64, y: f64, width: f64, height: f64, ink: Rgb) {
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{}\" \
         shape-rendering=\"crispEdges\"/>",
        ink.hex()
    );
}

fn x_of(column: usize) -> f64 {
    MARGIN + column as f64 * WIDTH
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
