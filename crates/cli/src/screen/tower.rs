//! A tower as it stands in the cellar: the distribution unit with its panel on top, the modules below, the base.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use voltower_core::panel::{Pattern, Snapshot};
use voltower_core::{ConditionSet, ModuleState, PerMille, TowerState, Watts};
use voltower_gateway::observe::{ModuleObservation, TowerObservation};
use voltower_protocols::link::TowerPanel;

use super::text::{amps1, bar, coloured, degrees, fitting, percent, power, put, quiet, volts1, volts3};
use super::{View, theme};

const STEEL: Color = theme::QUIET;

pub(super) fn draw(view: &View<'_>, number: usize, place: Rect, buffer: &mut Buffer) {
    let (Some(tower), Some(stack)) = (view.tower(number), view.stacks.get(number)) else { return };
    let detail = has_details(*stack, place.height);
    let mut lines = unit(view, number, tower, place.width);
    for index in 0..*stack {
        let Some(module) = tower.modules.get(index) else { continue };
        let selected = view.ui.selection.tower == number && view.ui.selection.module == index;
        lines.extend(draw_module(index, module, selected, detail, place.width));
    }
    lines.push(rail("┗", vec![], vec![], "┛", place.width));
    for (row, line) in (0..).zip(lines) {
        put(line, row, place, buffer);
    }
}

/// Rows of a tower with so many modules, where there are `available`.
pub(super) fn height(modules: usize, available: u16) -> u16 {
    5 + modules as u16 * if has_details(modules, available) { 4 } else { 3 }
}

/// A fourth row for each module, if there is room.
fn has_details(modules: usize, available: u16) -> bool {
    available >= 5 + 4 * modules as u16
}

/// ` (58 to 70)`: between what the charge is, where there is room for it.
fn band(tower: &TowerObservation, width: u16) -> String {
    let whole = |share: PerMille| share.0 / 10;
    let band = tower.soc_band().filter(|_| width >= BAND_FROM);
    band.map_or_else(String::new, |(low, high)| {
        format!(" ({} to {})", whole(low), whole(high).saturating_add(u16::from(high.0 % 10 > 0)))
    })
}

/// Columns from which the band is shown.
const BAND_FROM: u16 = 40;

/// The distribution unit: its panel as a person sees it, its switches, its voltages.
fn unit(view: &View<'_>, number: usize, tower: &TowerObservation, width: u16) -> Vec<Line<'static>> {
    let name = Span::styled(format!(" Tower {} ", number + 1), theme::strong());
    let state = match tower.status {
        None => quiet("never heard "),
        Some(status) if status.stale => quiet("silent "),
        Some(status) => state_word(status.state, status.conditions),
    };
    let soc = tower.soc().map(|soc| Span::raw(format!("{}{} ", percent(soc), band(tower, width))));
    let silent = tower.panel.is_none_or(|panel| panel.stale);
    let pattern = if silent { Pattern::DARK } else { tower.lights().unwrap_or(Pattern::DARK) };
    vec![
        rail("┏", vec![name, state], soc.into_iter().collect(), "┓", width),
        wall(lights(pattern.at(view.blink), width), width),
        wall(switches(tower.panel.filter(|panel| !panel.stale).map(|panel| panel.value)), width),
        wall(output(tower), width),
    ]
}

fn state_word(state: TowerState, conditions: ConditionSet) -> Span<'static> {
    let colour = match state {
        TowerState::Charging => theme::CHARGE,
        TowerState::Discharging | TowerState::Standby => theme::DISCHARGE,
        TowerState::Faulted => theme::FAULT,
        TowerState::BlackStart | TowerState::Starting | TowerState::Stopping | TowerState::Updating => {
            theme::SUN
        }
        TowerState::Shutdown | TowerState::Sleeping => theme::QUIET,
    };
    let colour = if conditions.faults().is_empty() { colour } else { theme::FAULT };
    coloured(format!("{state} "), colour)
}

fn lights(seen: Snapshot, width: u16) -> Vec<Span<'static>> {
    let lamp = |lit: bool, colour: Color| {
        coloured(if lit { "●" } else { "○" }, if lit { colour } else { theme::RAIL })
    };
    let status = seen.status.map_or(theme::RAIL, theme::status);
    let [before_status, before_alarm, before_soc] = match width {
        38.. => [" status ", "  alarm ", "  L1-L5"],
        33.. => [" status ", " alarm ", " L"],
        _ => [" st ", " al ", "  L"],
    };
    let mut spans = vec![quiet(before_status), lamp(seen.status.is_some(), status)];
    spans.extend([quiet(before_alarm), lamp(seen.alarm, theme::FAULT), quiet(before_soc)]);
    for lit in seen.soc {
        spans.push(Span::raw(" "));
        spans.push(lamp(lit, theme::SOC_LIGHT));
    }
    spans
}

fn switches(panel: Option<TowerPanel>) -> Vec<Span<'static>> {
    let Some(panel) = panel else {
        return vec![quiet(" black start ○ DC switch not heard")];
    };
    let lamp =
        if panel.black_start_light { coloured("●", theme::SUN) } else { coloured("○", theme::RAIL) };
    let closed = if panel.dc_switch_closed { Span::raw("closed") } else { coloured("open", theme::ALARM) };
    vec![quiet(" black start "), lamp, quiet(" DC switch "), closed]
}

fn output(tower: &TowerObservation) -> Vec<Span<'static>> {
    let Some(measured) = tower.power else {
        return vec![quiet(" no measurement yet")];
    };
    let text = format!(" {:>5} V {:>6} A ", volts1(measured.before_fuse), amps1(measured.current));
    if measured.stale {
        return vec![quiet(text)];
    }
    vec![Span::raw(text), flowing(tower.power())]
}

fn flowing(power_of: Option<Watts>) -> Span<'static> {
    match power_of {
        None => Span::raw(""),
        Some(watts) if watts.0 > 10 => coloured(format!("▼ {:>7}", power(watts)), theme::CHARGE),
        Some(watts) if watts.0 < -10 => coloured(format!("▲ {:>7}", power(watts)), theme::DISCHARGE),
        Some(watts) => quiet(format!("  {:>7}", power(watts))),
    }
}

fn draw_module(
    index: usize,
    module: &ModuleObservation,
    selected: bool,
    detail: bool,
    width: u16,
) -> Vec<Line<'static>> {
    let mut lines = vec![module_rail(index, module, selected, width), wall(charge(module, width), width)];
    lines.push(wall(power_and_cells(module, width), width));
    if detail {
        lines.push(wall(details(module, width), width));
    }
    lines
}

fn module_rail(index: usize, module: &ModuleObservation, selected: bool, width: u16) -> Line<'static> {
    let number = format!(" {} ", index + 1);
    let style = Style::new().add_modifier(Modifier::BOLD);
    let style = if selected { style.fg(theme::ACCENT).add_modifier(Modifier::REVERSED) } else { style };
    let mut left = vec![Span::styled(number, style)];
    let Some(status) = module.status else {
        left.push(quiet(" not heard "));
        return rail("┣", left, vec![], "┫", width);
    };
    if status.stale {
        left.push(coloured(" silent ", theme::ALARM));
        return rail("┣", left, vec![], "┫", width);
    }
    let colour = if status.state == ModuleState::Faulted { theme::FAULT } else { theme::HOUSE };
    left.push(coloured(format!(" {} ", status.state), colour));
    if !status.conditions.alarms().is_empty() {
        left.push(coloured("alarm ", theme::ALARM));
    }
    rail("┣", left, vec![quiet(format!(" PCU {} ", status.pcu))], "┫", width)
}

fn charge(module: &ModuleObservation, width: u16) -> Vec<Span<'static>> {
    let Some(soc) = module.soc() else { return Vec::new() };
    let colour = if module.is_online() { theme::charge_bar(soc) } else { theme::QUIET };
    let [filled, left] = bar(soc, width.saturating_sub(13), colour);
    vec![Span::raw(" "), filled, left, Span::styled(format!(" {}", percent(soc)), theme::strong())]
}

fn power_and_cells(module: &ModuleObservation, width: u16) -> Vec<Span<'static>> {
    let mut spans = vec![Span::raw(" "), flowing(module.bus_power())];
    if let Some(cells) = module.cell_spread() {
        spans.push(Span::raw(format!("  {}-{} V", volts3(cells.min.1), volts3(cells.max.1))));
    }
    if let Some(temperature) = module.temperature_spread().filter(|_| width >= 36) {
        spans.push(quiet(format!("  {}°", degrees(temperature.max.1))));
    }
    spans
}

fn details(module: &ModuleObservation, width: u16) -> Vec<Span<'static>> {
    let mut pieces = Vec::new();
    if let Some(limits) = module.limits {
        let (takes, gives) = (power(limits.charge.power), power(limits.discharge.power));
        pieces.push(vec![quiet(format!(" takes {takes}"))]);
        pieces.push(vec![quiet(format!(" gives {gives}"))]);
    }
    if let Some(energy) = module.energy() {
        pieces.push(vec![quiet(format!("  {energy}"))]);
    }
    fitting(pieces, width - 2)
}

/// A row of steel with words in it.
fn rail(
    start: &'static str,
    left: Vec<Span<'static>>,
    right: Vec<Span<'static>>,
    end: &'static str,
    width: u16,
) -> Line<'static> {
    let words: usize = left.iter().chain(&right).map(Span::width).sum();
    let steel = usize::from(width).saturating_sub(words + 4);
    let mut spans = vec![coloured(format!("{start}━"), STEEL)];
    spans.extend(left);
    spans.push(coloured("━".repeat(steel), STEEL));
    spans.extend(right);
    spans.push(coloured(format!("━{end}"), STEEL));
    Line::from(spans)
}

/// A row inside the steel.
fn wall(inside: Vec<Span<'static>>, width: u16) -> Line<'static> {
    let words: usize = inside.iter().map(Span::width).sum();
    let blank = usize::from(width).saturating_sub(words + 2);
    let mut spans = vec![coloured("┃", STEEL)];
    spans.extend(inside);
    spans.push(Span::raw(" ".repeat(blank)));
    spans.push(coloured("┃", STEEL));
    Line::from(spans)
}
