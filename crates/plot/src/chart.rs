//! Lines over two axes, several diagrams on one sheet.

use crate::axis::Axis;
use crate::svg::{Anchor, Svg};

/// Colours that stay apart for colour-blind readers (Okabe and Ito, 2008), without the pale yellow.
pub const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222"];

const WIDTH: f64 = 620.0;
const HEIGHT: f64 = 330.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 46.0;
const HEAD: f64 = 70.0;
const LEGEND_ROW: f64 = 16.0;
/// Columns of pixels into which a line is gathered: more points than these would draw over each other.
const COLUMNS: usize = 700;

const INK: &str = "fill=\"#222222\"";
const FAINT: &str = "fill=\"#666666\"";
const GRID_LINE: &str = "stroke=\"#e4e4e4\" stroke-width=\"1\"";
const ZERO_LINE: &str = "stroke=\"#888888\" stroke-width=\"1\"";

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// A line.
    #[default]
    Solid,
    /// Dashes.
    Dashed,
    /// The area between this line and the next one of the chart, which is not drawn itself.
    Band,
    /// A thin line, for what lies behind.
    Thin,
}

/// A line of a chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// For the legend; empty for none.
    pub name: String,
    /// Any SVG colour.
    pub colour: &'static str,
    /// How it is drawn.
    pub look: Look,
    /// Points (x, y), x rising.
    pub points: Vec<(f64, f64)>,
}

impl Line {
    /// A solid line.
    #[must_use]
    pub fn new(name: impl Into<String>, colour: &'static str, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), colour, look: Look::Solid, points }
    }

    /// The same line drawn otherwise.
    #[must_use]
    pub fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }
}

/// One diagram.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chart {
    /// What it shows, with the unit of y.
    pub title: String,
    /// What x is, with its unit.
    pub x_title: String,
    /// Limits of y; what lies beyond is cut off. From the points if not given.
    pub y_limits: Option<(f64, f64)>,
    /// Over both columns of the sheet.
    pub wide: bool,
    /// Lines, the first one at the bottom.
    pub lines: Vec<Line>,
}

/// Points further out than so many heights of the chart are brought nearer: they are not seen, and short to write.
const FAR: f64 = 20.0;

/// Where a chart is on the sheet.
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    x: Axis,
    /// x at the left and the right edge: where the lines begin and end.
    x_edges: (f64, f64),
    y: Axis,
}

impl Frame {
    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let right = (x - self.x_edges.0) / (self.x_edges.1 - self.x_edges.0);
        let up = (y - self.y.low) / (self.y.high - self.y.low);
        (self.left + self.width * right, self.top + self.height * (1.0 - up.clamp(-FAR, 1.0 + FAR)))
    }
}

/// Charts in two columns under a title.
#[must_use]
pub fn sheet(title: &str, subtitle: &str, charts: &[Chart]) -> String {
    let places = places(charts);
    let rows = places.last().map_or(0, |place| place.1 + 1);
    let mut svg = Svg::new(2.0 * WIDTH, HEAD + rows as f64 * HEIGHT);
    svg.text((LEFT, 32.0), Anchor::Start, "font-size=\"20\" font-weight=\"600\" fill=\"#222222\"", title);
    svg.text((LEFT, 54.0), Anchor::Start, FAINT, subtitle);
    for (chart, (column, row)) in charts.iter().zip(places) {
        let width = if chart.wide { 2.0 * WIDTH } else { WIDTH };
        let x_edges =
            range(chart.lines.iter().flat_map(|line| line.points.iter().map(|point| point.0)), None);
        let y = chart.lines.iter().flat_map(|line| line.points.iter().map(|point| point.1));
        let frame = Frame {
            left: LEFT + column as f64 * WIDTH,
            top: HEAD + TOP + row as f64 * HEIGHT,
            width: width - LEFT - RIGHT,
            height: HEIGHT - TOP - BOTTOM,
            x: axis(x_edges),
            x_edges,
            y: axis(range(y, chart.y_limits)),
        };
        draw(&mut svg, chart, &frame);
    }
    svg.finish()
}

/// Column and row of each chart.
fn places(charts: &[Chart]) -> Vec<(usize, usize)> {
    let (mut column, mut row) = (0, 0);
    let mut places = Vec::with_capacity(charts.len());
    for chart in charts {
        if chart.wide && column == 1 {
            (column, row) = (0, row + 1);
        }
        places.push((column, row));
        (column, row) = if chart.wide || column == 1 { (0, row + 1) } else { (1, row) };
    }
    places
}

/// Lowest and highest, a little apart at least.
fn range(values: impl Iterator<Item = f64>, limits: Option<(f64, f64)>) -> (f64, f64) {
    let range = values.filter(|value| value.is_finite()).fold(None, |range: Option<(f64, f64)>, value| {
        Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    });
    let (low, high) = limits.or(range).unwrap_or((0.0, 1.0));
    let missing = 0.5 * (low.abs().max(high.abs()) * 1e-6 + 1e-9);
    if high - low > 2.0 * missing { (low, high) } else { (low - missing, high + missing) }
}

fn axis((low, high): (f64, f64)) -> Axis {
    Axis::around(low, high, high - low)
}

fn draw(svg: &mut Svg, chart: &Chart, frame: &Frame) {
    let (right, bottom) = (frame.left + frame.width, frame.top + frame.height);
    svg.text(
        (frame.left, frame.top - 22.0),
        Anchor::Start,
        "font-weight=\"600\" fill=\"#222222\"",
        &chart.title,
    );
    svg.text((right, bottom + 34.0), Anchor::End, FAINT, &chart.x_title);
    for value in frame.y.ticks() {
        let (_, y) = frame.at((frame.x.low, value));
        let style = if value.abs() < 1e-12 && frame.y.low < 0.0 { ZERO_LINE } else { GRID_LINE };
        svg.line((frame.left, y), (right, y), style);
        svg.text((frame.left - 8.0, y + 4.0), Anchor::End, FAINT, &frame.y.label(value));
    }
    let slack = 1e-6 * (frame.x_edges.1 - frame.x_edges.0);
    let inside = |value: &f64| (frame.x_edges.0 - slack..=frame.x_edges.1 + slack).contains(value);
    for value in frame.x.ticks().filter(inside) {
        let (x, _) = frame.at((value, frame.y.low));
        svg.line((x, frame.top), (x, bottom), GRID_LINE);
        svg.text((x, bottom + 17.0), Anchor::Middle, INK, &frame.x.label(value));
    }
    svg.within(frame.left, frame.top, frame.width, frame.height, |svg| draw_lines(svg, chart, frame));
    legend(svg, chart, frame);
}

fn draw_lines(svg: &mut Svg, chart: &Chart, frame: &Frame) {
    let mut lines = chart.lines.iter();
    while let Some(line) = lines.next() {
        if line.look == Look::Band {
            let other = lines.next().map(|other| other.points.as_slice()).unwrap_or_default();
            let outline: Vec<_> =
                line.points.iter().chain(other.iter().rev()).map(|p| frame.at(*p)).collect();
            svg.path(&outline, true, &format!("fill=\"{}\" opacity=\"0.16\"", line.colour));
        } else {
            svg.path(&thinned(&line.points, frame), false, &stroke(line));
        }
    }
}

fn stroke(line: &Line) -> String {
    let (width, dash) = match line.look {
        Look::Solid | Look::Band => (1.6, ""),
        Look::Dashed => (1.6, " stroke-dasharray=\"6 3\""),
        Look::Thin => (0.9, ""),
    };
    format!(
        "fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"{dash}",
        line.colour
    )
}

fn legend(svg: &mut Svg, chart: &Chart, frame: &Frame) {
    let named: Vec<&Line> = chart.lines.iter().filter(|line| !line.name.is_empty()).collect();
    let mut x = frame.left;
    let y = frame.top - LEGEND_ROW * 0.4;
    for line in named {
        if line.look == Look::Band {
            svg.rect(x, y - 9.0, 18.0, 9.0, &format!("fill=\"{}\" opacity=\"0.3\"", line.colour));
        } else {
            svg.line((x, y - 4.0), (x + 18.0, y - 4.0), &stroke(line));
        }
        svg.text((x + 23.0, y), Anchor::Start, "font-size=\"11\" fill=\"#222222\"", &line.name);
        x += 34.0 + 6.1 * line.name.chars().count() as f64;
    }
}

/// Of all points in one column of pixels: the first, the lowest, the highest and the last.
fn thinned(points: &[(f64, f64)], frame: &Frame) -> Vec<(f64, f64)> {
    let placed: Vec<(f64, f64)> = points.iter().filter(|p| p.1.is_finite()).map(|p| frame.at(*p)).collect();
    if placed.len() <= 2 * COLUMNS {
        return placed;
    }
    let column = |x: f64| ((x - frame.left) / frame.width * COLUMNS as f64) as i64;
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for group in placed.chunk_by(|a, b| column(a.0) == column(b.0)) {
        let (first, last) = (group[0], group[group.len() - 1]);
        let by_height = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let low = *group.iter().min_by(by_height).unwrap_or(&first);
        let high = *group.iter().max_by(by_height).unwrap_or(&first);
        kept.extend([first, low, high, last]);
    }
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_keeps_its_peaks_and_few_points() {
        let mut points: Vec<(f64, f64)> = (0..100_000).map(|k| (f64::from(k), 0.0)).collect();
        points[54_321].1 = 1.0;
        let chart = Chart { lines: vec![Line::new("a < b", "#000000", points)], ..Chart::default() };
        let text = sheet("title", "", &[chart]);
        assert!(text.len() < 60_000, "{} bytes", text.len());
        assert!(text.contains(&format!(" {:.1}", HEAD + TOP)), "the peak reaches the top of the frame");
        assert!(text.contains("a &lt; b"));
    }

    #[test]
    fn what_lies_beyond_the_limits_is_cut_off_and_not_drawn_along_the_edge() {
        let points = vec![(0.0, 0.0), (1.0, 3.0), (2.0, 0.0)];
        let lines = vec![Line::new("peak", "#000000", points)];
        let text = sheet("title", "", &[Chart { lines, y_limits: Some((0.0, 1.0)), ..Chart::default() }]);
        let height = HEIGHT - TOP - BOTTOM;
        let peak = HEAD + TOP - 2.0 * height;
        assert!(text.contains(&format!(" {peak:.1}L")), "the line goes on beyond the frame");
        assert_eq!(text.matches("<svg ").count(), text.matches("</svg>").count());
        assert_eq!(text.matches("<svg ").count(), 2, "what is beyond is cut off by a window");
    }

    #[test]
    fn wide_charts_have_a_row_of_their_own() {
        let chart = |wide| Chart { wide, ..Chart::default() };
        let places = places(&[chart(false), chart(true), chart(false), chart(false), chart(true)]);
        assert_eq!(places, [(0, 0), (0, 1), (0, 2), (1, 2), (0, 3)]);
    }
}
