//! As much of SVG as a diagram needs.

use std::fmt::Write as _;

/// A drawing under way.
#[derive(Debug)]
pub struct Svg {
    text: String,
}

/// Where a text is held.
#[derive(Debug, Clone, Copy)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// In the middle.
    Middle,
    /// At its end.
    End,
}

impl Svg {
    /// An empty white sheet, in pixels.
    #[must_use]
    pub fn new(width: f64, height: f64) -> Self {
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        );
        Self { text }
    }

    /// A rectangle; `style` holds its SVG attributes.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, style: &str) {
        self.line_of(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" {style}/>"
        ));
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), style: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.line_of(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>"
        ));
    }

    /// Words.
    pub fn text(&mut self, at: (f64, f64), anchor: Anchor, style: &str, words: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let ((x, y), words) = (at, escape(words));
        self.line_of(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {style}>{words}</text>"
        ));
    }

    /// A path through points.
    pub fn path(&mut self, points: &[(f64, f64)], close: bool, style: &str) {
        self.text.push_str("<path d=\"");
        for (place, (x, y)) in points.iter().enumerate() {
            let command = if place == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(self.text, "{command}{x:.1} {y:.1}");
        }
        let end = if close { "Z" } else { "" };
        self.line_of(format_args!("{end}\" {style}/>"));
    }

    /// What is drawn in the meantime is cut off beyond this rectangle, and a stroke's width around it.
    pub fn within(&mut self, x: f64, y: f64, width: f64, height: f64, draw: impl FnOnce(&mut Self)) {
        let (x, y, width, height) = (x - 1.0, y - 1.0, width + 2.0, height + 2.0);
        let place = format!("x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"");
        self.line_of(format_args!("<svg {place} viewBox=\"{x:.1} {y:.1} {width:.1} {height:.1}\">"));
        draw(self);
        self.text.push_str("</svg>\n");
    }

    /// The file.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    fn line_of(&mut self, arguments: std::fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(arguments);
        self.text.push('\n');
    }
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
