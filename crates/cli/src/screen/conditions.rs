//! Alarms and faults in words: the manual's name, the field's term, which module, and what to do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use voltower_core::panel::advice::told;
use voltower_core::panel::tables::SECTION;
use voltower_core::{Condition, Level};
use voltower_gateway::observe::TowerObservation;

use super::text::{fitting, heading, put, quiet, title, wrap};
use super::{View, theme};

pub(super) fn draw(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    let inside = heading(vec![title("Conditions")], place, buffer);
    let lines = lines(view, usize::from(inside.width));
    if lines.is_empty() {
        put(quiet(" none"), 0, inside, buffer);
    }
    let hidden = lines.len().saturating_sub(usize::from(inside.height));
    let more = if hidden > 0 { format!("… {hidden} more lines") } else { String::new() };
    let last = inside.height.saturating_sub(1);
    for (row, line) in (0..).zip(lines) {
        let covered = if row == last { more.chars().count() as u16 } else { 0 };
        put(line, row, Rect { width: inside.width.saturating_sub(covered), ..inside }, buffer);
    }
    put(Line::from(quiet(more)).right_aligned(), last, inside, buffer);
}

fn lines(view: &View<'_>, width: usize) -> Vec<Line<'static>> {
    let several = view.stacks.len() > 1;
    let mut lines = Vec::new();
    for (number, tower) in view.observation.towers_heard() {
        for (condition, told) in told(tower.conditions()) {
            lines.push(headline(condition, tower, several.then_some(number), width));
            let what = format!("{}. {}", condition.names().term, told);
            let words = wrap(&what, width.saturating_sub(8));
            lines.extend(words.into_iter().map(|words| Line::from(quiet(format!("       {words}")))));
        }
        lines.extend(cause(tower, several.then_some(number), width));
    }
    lines
}

/// What the distribution unit has found behind it.
fn cause(tower: &TowerObservation, number: Option<usize>, width: usize) -> Option<Line<'static>> {
    let diagnosis = tower.panel.map(|panel| panel.diagnosis).filter(|diagnosis| !diagnosis.is_none())?;
    let badge = Style::new().fg(theme::ALARM).add_modifier(Modifier::BOLD);
    let whose = number.map_or_else(String::new, |number| format!(", tower {}", number + 1));
    let pieces = [
        vec![Span::styled(" CAUSE ", badge), Span::styled(diagnosis.to_string(), theme::strong())],
        vec![quiet(whose)],
    ];
    Some(Line::from(fitting(pieces, width as u16)))
}

fn headline(
    condition: Condition,
    tower: &TowerObservation,
    number: Option<usize>,
    width: usize,
) -> Line<'static> {
    let (word, colour) = match condition.level() {
        Level::Alarm => (" ALARM ", theme::ALARM),
        Level::Fault => (" FAULT ", theme::FAULT),
    };
    let badge = Style::new().fg(colour).add_modifier(Modifier::BOLD);
    let shown = tower.panel.is_some_and(|panel| panel.indicated == Some(condition));
    let pieces = [
        vec![Span::styled(word, badge), Span::styled(condition.names().manual, theme::strong())],
        vec![quiet(whose(condition, tower, number))],
        vec![quiet(format!(", manual {SECTION}"))],
        vec![quiet(if shown { ", on the lights" } else { "" })],
    ];
    Line::from(fitting(pieces, width as u16))
}

fn whose(condition: Condition, tower: &TowerObservation, number: Option<usize>) -> String {
    let reports = |(_, module): &(usize, &_)| reports(module, condition);
    let modules: Vec<String> =
        tower.modules_heard().filter(reports).map(|(i, _)| (i + 1).to_string()).collect();
    let tower = number.map_or_else(String::new, |number| format!(", tower {}", number + 1));
    match modules.len() {
        0 => tower,
        1 => format!("{tower}, module {}", modules[0]),
        _ => format!("{tower}, modules {}", modules.join(" ")),
    }
}

fn reports(module: &voltower_gateway::observe::ModuleObservation, condition: Condition) -> bool {
    module.status.is_some_and(|status| status.conditions.contains(condition))
}
