//! Colours: few, each with one meaning.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use voltower_core::PerMille;
use voltower_core::panel::Colour;

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    pub(super) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Half way to `other`.
    pub(super) fn towards(self, other: Self) -> Self {
        let half = |a: u8, b: u8| ((u16::from(a) + u16::from(b)) / 2) as u8;
        Self(half(self.0, other.0), half(self.1, other.1), half(self.2, other.2))
    }
}

/// Behind everything, in a picture.
pub(super) const PAPER: Rgb = Rgb(0x12, 0x16, 0x1c);
/// Plain text, in a picture.
pub(super) const INK: Rgb = Rgb(0xd5, 0xda, 0xe1);

/// Charging; the blue status light.
pub(super) const CHARGE: Color = Color::Indexed(75);
/// Discharging; the green status light.
pub(super) const DISCHARGE: Color = Color::Indexed(78);
/// The roof.
pub(super) const SUN: Color = Color::Indexed(221);
/// The grid.
pub(super) const GRID: Color = Color::Indexed(176);
/// The house.
pub(super) const HOUSE: Color = Color::Indexed(252);
/// An alarm.
pub(super) const ALARM: Color = Color::Indexed(214);
/// A fault; the alarm light (its colour is ours).
pub(super) const FAULT: Color = Color::Indexed(203);
/// L1 to L5 (their colour is ours).
pub(super) const SOC_LIGHT: Color = Color::Indexed(120);
/// Plain text where something else was drawn before.
pub(super) const PLAIN: Color = Color::Indexed(253);
/// Frames and what matters less.
pub(super) const QUIET: Color = Color::Indexed(244);
/// Rails behind bars.
pub(super) const RAIL: Color = Color::Indexed(238);
/// What is selected, and keys.
pub(super) const ACCENT: Color = Color::Indexed(117);

/// Words that matter less.
pub(super) fn quiet() -> Style {
    Style::new().fg(QUIET)
}

/// Headings and numbers that matter.
pub(super) fn strong() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// Colour of the status light.
pub(super) fn status(colour: Colour) -> Color {
    match colour {
        Colour::Green => DISCHARGE,
        Colour::Blue => CHARGE,
    }
}

/// Colour of a bar that shows a state of charge.
pub(super) fn charge_bar(soc: PerMille) -> Color {
    match soc.0 {
        0..=50 => FAULT,
        51..=200 => ALARM,
        _ => DISCHARGE,
    }
}

/// The colour as numbers; `None` for the terminal's own.
pub(super) fn rgb(colour: Color) -> Option<Rgb> {
    match colour {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
        Color::Indexed(index) => Some(indexed(index)),
        named => Some(indexed(named_index(named))),
    }
}

fn named_index(colour: Color) -> u8 {
    const NAMED: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    (0..16).zip(NAMED).find(|(_, named)| *named == colour).map_or(7, |(index, _)| index)
}

/// xterm's palette: 16 named colours, a cube of 6 x 6 x 6, 24 greys.
fn indexed(index: u8) -> Rgb {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |n: u8| STEPS[usize::from(n % 6)];
    match index {
        0..=15 => {
            let level = if index > 7 { 255 } else { 170 };
            let channel = |bit: u8| if index >> bit & 1 == 1 { level } else { 0 };
            Rgb(channel(0), channel(1), channel(2))
        }
        16..=231 => {
            let n = index - 16;
            Rgb(step(n / 36), step(n / 6), step(n))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            Rgb(grey, grey, grey)
        }
    }
}

/// Takes the colours out of `buffer`, for `NO_COLOR`.
pub fn remove_colours(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        cell.fg = Color::Reset;
        cell.bg = Color::Reset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_is_xterms() {
        assert_eq!(indexed(16), Rgb(0, 0, 0));
        assert_eq!(indexed(231), Rgb(255, 255, 255));
        assert_eq!(indexed(203), Rgb(0xff, 0x5f, 0x5f));
        assert_eq!(indexed(244), Rgb(0x80, 0x80, 0x80));
        assert_eq!(rgb(Color::Reset), None);
    }
}
