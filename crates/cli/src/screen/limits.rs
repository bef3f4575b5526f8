//! What the selected tower allows, and what binds it, in words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use voltower_core::Binding;
use voltower_gateway::observe::{ModuleObservation, TowerObservation};
use voltower_protocols::link::Limit;
use voltower_protocols::sofar;

use super::text::{coloured, heading, power, put, quiet, title};
use super::{View, theme};

pub(super) fn draw(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    let name = format!("Limits of tower {}", view.ui.selection.tower + 1);
    let inside = heading(vec![title(&name), quiet(", and what binds them")], place, buffer);
    let Some(tower) = view.selected_tower() else { return };
    let Some(limits) = tower.limits else {
        put(quiet("nothing heard yet"), 0, inside, buffer);
        return;
    };
    let rows = [
        limit("charge", limits.charge, tower, |module| Some(module.limits?.charge)),
        limit("discharge", limits.discharge, tower, |module| Some(module.limits?.discharge)),
        inverter(tower),
    ];
    for (row, line) in (0..).zip(rows) {
        put(line, row, inside, buffer);
    }
}

fn limit(
    way: &'static str,
    limit: Limit,
    tower: &TowerObservation,
    of_module: impl Fn(&ModuleObservation) -> Option<Limit>,
) -> Line<'static> {
    let mut spans = vec![
        quiet(format!(" {way:<10}")),
        Span::styled(format!("{:>8}", power(limit.power)), theme::strong()),
    ];
    spans.push(Span::raw("  "));
    let colour = if limit.binding == Binding::Rating { theme::HOUSE } else { theme::ALARM };
    spans.push(coloured(limit.binding.word(), colour));
    let number = usize::from(limit.element);
    if let Some(module) = number.checked_sub(1).and_then(|index| tower.modules.get(index)) {
        spans.push(quiet(format!(", module {number}")));
        let element = of_module(module).map_or(0, |limit| limit.element);
        if let Some(part) = part(limit.binding, element) {
            spans.push(quiet(part));
        }
    }
    Line::from(spans)
}

/// Which cell or sensor of the module.
fn part(binding: Binding, element: u8) -> Option<String> {
    if element == 0 {
        return None;
    }
    match binding {
        Binding::CellVoltageHigh | Binding::CellVoltageLow => Some(format!(", cell {element}")),
        Binding::HighTemperature | Binding::LowTemperature => Some(format!(", sensor T{element}")),
        Binding::Rating
        | Binding::StateOfCharge
        | Binding::PcuTemperature
        | Binding::Reading
        | Binding::Condition
        | Binding::Recovery
        | Binding::NotConnected
        | Binding::Distribution
        | Binding::InverterSilent
        | Binding::Ambient
        | Binding::Configuration => None,
    }
}

fn inverter(tower: &TowerObservation) -> Line<'static> {
    let heard = tower.panel.is_some_and(|panel| panel.inverter_heard);
    let talks = if heard { Span::raw("heard") } else { coloured("silent", theme::ALARM) };
    let wanted = match tower.sofar.request_now().wanted {
        sofar::Wanted::Normal => quiet(""),
        sofar::Wanted::ForcedCharge => coloured("  asked to charge the battery", theme::ALARM),
        sofar::Wanted::ForcedStandby => coloured("  asked to stand by", theme::ALARM),
        sofar::Wanted::ForcedFill => coloured("  asked to fill the battery", theme::ALARM),
    };
    Line::from(vec![quiet(" inverter  "), Span::raw("   "), talks, wanted])
}
