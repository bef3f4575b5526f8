//! Writing on the screen, and numbers as people read them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use voltower_core::{DeciCelsius, MilliAmps, MilliVolts, PerMille, Watts};

use super::theme;

/// Writes `line` at row `row` of `place`; what does not fit is cut off.
pub(super) fn put<'a>(line: impl Into<Line<'a>>, row: u16, place: Rect, buffer: &mut Buffer) {
    if row < place.height {
        let place = Rect { y: place.y + row, height: 1, ..place };
        line.into().render(place.intersection(buffer.area), buffer);
    }
}

/// The first of `pieces` that fit into `columns` together; the rest is left out whole.
pub(super) fn fitting<'a>(pieces: impl IntoIterator<Item = Vec<Span<'a>>>, columns: u16) -> Vec<Span<'a>> {
    let mut line: Vec<Span<'a>> = Vec::new();
    let mut left = usize::from(columns);
    for piece in pieces {
        let width: usize = piece.iter().map(Span::width).sum();
        if width > left {
            break;
        }
        left -= width;
        line.extend(piece);
    }
    line
}

/// A heading with a rule behind it; what follows starts one row below.
pub(super) fn heading(title: Vec<Span<'_>>, place: Rect, buffer: &mut Buffer) -> Rect {
    let rule = "─".repeat(usize::from(place.width));
    put(Span::styled(rule, Style::new().fg(theme::RAIL)), 0, place, buffer);
    let mut spans = title;
    spans.push(Span::raw(" "));
    put(Line::from(spans), 0, place, buffer);
    Rect { y: place.y + 1, height: place.height.saturating_sub(1), ..place }
}

pub(super) fn title(text: &str) -> Span<'_> {
    Span::styled(text, theme::strong().fg(theme::PLAIN))
}

pub(super) fn quiet<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Span<'a> {
    Span::styled(text, theme::quiet())
}

pub(super) fn coloured<'a>(text: impl Into<std::borrow::Cow<'a, str>>, colour: Color) -> Span<'a> {
    Span::styled(text, Style::new().fg(colour))
}

/// `1.55 kW`, or `155 W`; without a sign.
pub(super) fn power(watts: Watts) -> String {
    let magnitude = watts.abs().0;
    if magnitude < 1000 {
        return format!("{magnitude} W");
    }
    format!("{}.{:02} kW", magnitude / 1000, magnitude % 1000 / 10)
}

/// `3.312` from millivolts.
pub(super) fn volts3(voltage: MilliVolts) -> String {
    let magnitude = voltage.0.unsigned_abs();
    format!("{}{}.{:03}", sign(voltage.0), magnitude / 1000, magnitude % 1000)
}

/// `400.2` from millivolts.
pub(super) fn volts1(voltage: MilliVolts) -> String {
    let tenths = voltage.0.unsigned_abs() / 100;
    format!("{}{}.{}", sign(voltage.0), tenths / 10, tenths % 10)
}

/// `3.1` from milliamperes, with its sign.
pub(super) fn amps1(current: MilliAmps) -> String {
    let tenths = current.0.unsigned_abs() / 100;
    let sign = match current.0.signum() {
        _ if tenths == 0 => "",
        1 => "+",
        _ => "-",
    };
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// `27.4` degrees.
pub(super) fn degrees(temperature: DeciCelsius) -> String {
    let tenths = temperature.0.unsigned_abs();
    format!("{}{}.{}", sign(temperature.0.into()), tenths / 10, tenths % 10)
}

/// `63.2 %`.
pub(super) fn percent(share: PerMille) -> String {
    format!("{:>5} %", format!("{}.{}", share.0 / 10, share.0 % 10))
}

fn sign(number: i32) -> &'static str {
    if number < 0 { "-" } else { "" }
}

/// A thin bar that is `share` full, in halves of a column; and the rail that is left.
pub(super) fn thin_bar(share: PerMille, columns: u16, colour: Color) -> [Span<'static>; 2] {
    let halves = usize::from(share.0.min(1000)) * usize::from(columns) * 2 / 1000;
    let half = if halves.is_multiple_of(2) { "" } else { "╸" };
    let left = usize::from(columns) - halves.div_ceil(2);
    let filled = format!("{}{half}", "━".repeat(halves / 2));
    [coloured(filled, colour), coloured("─".repeat(left), theme::RAIL)]
}

/// A bar that is `share` full, `columns` wide, in eighths of a column; and the rail that is left.
pub(super) fn bar(share: PerMille, columns: u16, colour: Color) -> [Span<'static>; 2] {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = usize::from(share.0.min(1000)) * usize::from(columns) * 8 / 1000;
    let (whole, part) = (eighths / 8, PARTS[eighths % 8]);
    let left = usize::from(columns) - whole - usize::from(!part.is_empty());
    let filled = format!("{}{part}", "█".repeat(whole));
    [coloured(filled, colour), coloured("─".repeat(left), theme::RAIL)]
}

/// Breaks `text` at spaces into rows of at most `columns`.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match rows.last_mut() {
            Some(row) if row.chars().count() + 1 + word.chars().count() <= columns => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_read_them() {
        assert_eq!(power(Watts(-1555)), "1.55 kW");
        assert_eq!(power(Watts(155)), "155 W");
        assert_eq!(volts3(MilliVolts(3012)), "3.012");
        assert_eq!(volts1(MilliVolts(-400_250)), "-400.2");
        assert_eq!(amps1(MilliAmps(3190)), "+3.1");
        assert_eq!(amps1(MilliAmps(-40)), "0.0");
        assert_eq!(degrees(DeciCelsius(-5)), "-0.5");
        assert_eq!(percent(PerMille(632)), " 63.2 %");
    }

    #[test]
    fn bars_fill_their_columns() {
        for permille in 0..=1000 {
            for [filled, rail] in
                [bar(PerMille(permille), 17, theme::CHARGE), thin_bar(PerMille(permille), 17, theme::CHARGE)]
            {
                assert_eq!(filled.width() + rail.width(), 17, "{permille}");
            }
        }
    }

    #[test]
    fn long_texts_wrap_at_spaces() {
        assert_eq!(wrap("let it cool down", 8), ["let it", "cool", "down"]);
        assert_eq!(wrap("", 8), [""; 0]);
    }
}
