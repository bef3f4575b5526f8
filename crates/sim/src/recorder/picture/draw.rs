//! Four panels over one clock, the conditions above them, the legend beside.

use voltower_core::{Instant, Level};
use voltower_plot::{Anchor, Axis, Svg};

use super::axis::time_labels;
use super::{Curve, Panel, Picture, Spells};
use crate::scenario::condition_name;

const WIDTH: f64 = 1240.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 960.0;
const TOP: f64 = 74.0;
const PANEL: f64 = 172.0;
const GAP: f64 = 34.0;
const ROW: f64 = 18.0;
const FOOT: f64 = 44.0;

const INK: &str = "fill=\"#222222\"";
const FAINT: &str = "fill=\"#666666\"";
const GRID_LINE: &str = "stroke=\"#e4e4e4\" stroke-width=\"1\"";
const ZERO_LINE: &str = "stroke=\"#888888\" stroke-width=\"1\"";
const MARK_LINE: &str = "stroke=\"#7a4fbf\" stroke-width=\"1\" stroke-dasharray=\"3 3\"";
const MARK_INK: &str = "fill=\"#7a4fbf\" font-size=\"11\"";
const ALARM: &str = "#f0a818";
const FAULT: &str = "#d62828";

/// Where things are on the sheet.
struct Sheet<'a> {
    picture: &'a Picture,
    svg: Svg,
    seconds: f64,
    panels_top: f64,
    bottom: f64,
}

pub(super) fn picture(picture: &Picture) -> String {
    let rows = picture.marks.len() as f64 * 14.0 + picture.wrong.len() as f64 * ROW;
    let panels_top = TOP + rows + 26.0;
    let bottom = panels_top + 4.0 * (PANEL + GAP) - GAP;
    let mut sheet = Sheet {
        picture,
        svg: Svg::new(WIDTH, bottom + FOOT),
        seconds: (picture.end.0 as f64 / 1e6).max(1e-3),
        panels_top,
        bottom,
    };
    sheet.heading();
    sheet.spells();
    for (place, panel) in Panel::ALL.into_iter().enumerate() {
        sheet.panel(panel, panels_top + place as f64 * (PANEL + GAP));
    }
    sheet.marks();
    sheet.svg.finish()
}

impl Sheet<'_> {
    fn x(&self, seconds: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * (seconds / self.seconds).clamp(0.0, 1.0)
    }

    fn x_at(&self, at: Instant) -> f64 {
        self.x(at.0 as f64 / 1e6)
    }

    fn heading(&mut self) {
        let (title, subtitle) = (&self.picture.title, &self.picture.subtitle);
        self.svg.text(
            (LEFT, 32.0),
            Anchor::Start,
            "font-size=\"20\" font-weight=\"600\" fill=\"#222222\"",
            title,
        );
        self.svg.text((LEFT, 54.0), Anchor::Start, FAINT, subtitle);
    }

    /// A row for each condition: when it was there.
    fn spells(&mut self) {
        let mut y = TOP + self.picture.marks.len() as f64 * 14.0;
        for spells in &self.picture.wrong {
            let (colour, level) = match spells.condition.level() {
                Level::Alarm => (ALARM, "alarm"),
                Level::Fault => (FAULT, "fault"),
            };
            for (from, to) in &spells.spells {
                let (left, right) = (self.x_at(*from), self.x_at(*to));
                let bar = format!("fill=\"{colour}\" rx=\"2\"");
                self.svg.rect(left, y + 3.0, (right - left).max(2.0), ROW - 6.0, &bar);
                let shade = format!("fill=\"{colour}\" opacity=\"0.05\"");
                self.svg.rect(
                    left,
                    self.panels_top,
                    (right - left).max(1.0),
                    self.bottom - self.panels_top,
                    &shade,
                );
            }
            let words = self.condition_words(spells, level);
            let ink = "font-size=\"11\" fill=\"#222222\"";
            self.svg.text((RIGHT + 12.0, y + ROW - 5.0), Anchor::Start, ink, &words);
            y += ROW;
        }
    }

    /// The name, its level where the name does not say it, and the tower where there are two.
    fn condition_words(&self, spells: &Spells, level: &str) -> String {
        let mut words = condition_name(spells.condition);
        if !words.ends_with(level) {
            words = format!("{words} ({level})");
        }
        if self.picture.scenario.towers.len() > 1 {
            words = format!("{words}, tower {}", spells.tower + 1);
        }
        shortened(&words, 44)
    }

    /// What people did: a line through everything, words above.
    fn marks(&mut self) {
        for (place, (at, words)) in self.picture.marks.iter().enumerate() {
            let (x, y) = (self.x_at(*at), TOP + place as f64 * 14.0 + 4.0);
            self.svg.line((x, y), (x, self.bottom), MARK_LINE);
            let words = format!("{}  {words}", self.picture.scenario.start.after(*at));
            let (anchor, shift) =
                if x > f64::midpoint(LEFT, RIGHT) { (Anchor::End, -4.0) } else { (Anchor::Start, 4.0) };
            self.svg.text((x + shift, y + 4.0), anchor, MARK_INK, &words);
        }
    }

    fn panel(&mut self, panel: Panel, top: f64) {
        let picture = self.picture;
        let curves = || picture.curves.iter().filter(move |curve| curve.panel == panel);
        let axis = axis_of(panel, curves());
        self.frame(panel, top, axis);
        for curve in curves() {
            self.curve(curve, top, axis);
        }
        for (place, curve) in curves().enumerate() {
            self.legend(curve, top + 14.0 + place as f64 * 17.0);
        }
    }

    fn frame(&mut self, panel: Panel, top: f64, axis: Axis) {
        let bold = "font-weight=\"600\" fill=\"#222222\"";
        self.svg.text((LEFT, top - 8.0), Anchor::Start, bold, panel.title());
        if panel == Panel::Power {
            let words = "battery: up charging, down discharging; grid: up bought, down sold";
            self.svg.text((RIGHT, top - 8.0), Anchor::End, "fill=\"#666666\" font-size=\"11\"", words);
        }
        for value in axis.ticks() {
            let y = y_of(value, top, axis);
            let style = if value.abs() < 1e-9 && axis.low < 0.0 { ZERO_LINE } else { GRID_LINE };
            self.svg.line((LEFT, y), (RIGHT, y), style);
            self.svg.text((LEFT - 8.0, y + 4.0), Anchor::End, FAINT, &axis.label(value));
        }
        for (at, label) in time_labels(self.picture.scenario.start, self.picture.end) {
            let x = self.x_at(at);
            self.svg.line((x, top), (x, top + PANEL), GRID_LINE);
            if panel == Panel::Temperature {
                self.svg.text((x, top + PANEL + 18.0), Anchor::Middle, INK, &label);
            }
        }
    }

    /// A band from lowest to highest where they differ, and the mean as a line.
    fn curve(&mut self, curve: &Curve, top: f64, axis: Axis) {
        let seen: Vec<_> = curve.buckets.filled().collect();
        let point = |seconds: f64, value: f64| (self.x(seconds), y_of(value, top, axis));
        let over = seen.iter().map(|(seconds, bucket)| point(*seconds, bucket.high));
        let under = seen.iter().rev().map(|(seconds, bucket)| point(*seconds, bucket.low));
        let band = without_repeats(&over.chain(under).collect::<Vec<_>>());
        let means = seen.iter().map(|(seconds, bucket)| point(*seconds, bucket.mean()));
        let line = without_repeats(&means.collect::<Vec<_>>());
        let dash = if curve.dashed { " stroke-dasharray=\"6 3\"" } else { "" };
        let colour = curve.colour;
        if seen.iter().any(|(_, bucket)| bucket.high > bucket.low) {
            self.svg.path(&band, true, &format!("fill=\"{colour}\" opacity=\"0.22\""));
        }
        let style =
            format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" stroke-linejoin=\"round\"{dash}");
        self.svg.path(&line, false, &style);
    }

    fn legend(&mut self, curve: &Curve, y: f64) {
        let x = RIGHT + 12.0;
        let dash = if curve.dashed { " stroke-dasharray=\"6 3\"" } else { "" };
        let style = format!("stroke=\"{}\" stroke-width=\"3\"{dash}", curve.colour);
        self.svg.line((x, y - 4.0), (x + 22.0, y - 4.0), &style);
        self.svg.text((x + 30.0, y), Anchor::Start, INK, &curve.name);
    }
}

/// Leaves out points between neighbours of the same height, to the tenth of a pixel: levels need only their ends.
fn without_repeats(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let same = |a: (f64, f64), b: (f64, f64)| (a.1 - b.1).abs() < 0.05;
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (place, point) in points.iter().enumerate() {
        let level = kept.last().is_some_and(|last| same(*last, *point));
        let goes_on = points.get(place + 1).is_some_and(|next| same(*point, *next));
        if !(level && goes_on) {
            kept.push(*point);
        }
    }
    kept
}

fn axis_of<'a>(panel: Panel, curves: impl Iterator<Item = &'a Curve>) -> Axis {
    let ranges = curves.filter_map(|curve| curve.buckets.range());
    let joined =
        ranges.reduce(|(low, high), (other_low, other_high)| (low.min(other_low), high.max(other_high)));
    let (low, high) = joined.unwrap_or((0.0, 1.0));
    match panel {
        Panel::Power => Axis::around(low.min(0.0), high.max(0.0), 0.1),
        Panel::Charge => Axis::around(0.0, 100.0, 100.0),
        Panel::Voltage => Axis::around(low, high, 0.1),
        Panel::Temperature => Axis::around(low, high, 5.0),
    }
}

fn y_of(value: f64, top: f64, axis: Axis) -> f64 {
    top + PANEL * (1.0 - (value - axis.low) / (axis.high - axis.low))
}

fn shortened(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    words.chars().take(most - 1).chain(std::iter::once('…')).collect()
}
