//! What the selected tower allows, and what binds it, in words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use voltower_core::{Alarm, Binding, Condition, Fault, Relief};
use voltower_gateway::observe::{Cause, Explanation, Quantity, TowerObservation};
use voltower_protocols::link::{Limit, Way};
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
        limit("charge", limits.charge, tower.explain(Way::Charge), inside.width),
        limit("discharge", limits.discharge, tower.explain(Way::Discharge), inside.width),
        inverter(tower),
    ];
    for (row, line) in (0..).zip(rows) {
        put(line, row, inside, buffer);
    }
}

fn limit(way: &'static str, limit: Limit, explained: Option<Explanation>, width: u16) -> Line<'static> {
    let causes = explained.map(|explained| explained.causes).unwrap_or_default();
    // That a tower is off the bus is to be seen; what keeps it off is not.
    let main = causes.iter().find(|cause| cause.binding != Binding::NotConnected).or(causes.first());
    let (what, colour) = match main {
        None if limit.binding == Binding::Rating => (limit.binding.word().to_owned(), theme::HOUSE),
        None => (limit.binding.word().to_owned(), theme::ALARM),
        Some(cause) => (place(cause), theme::ALARM),
    };
    let mut line = Line::from(vec![
        quiet(format!(" {way:<10}")),
        Span::styled(format!("{:>8}", power(limit.power)), theme::strong()),
        Span::raw("  "),
        coloured(what, colour),
    ]);
    let others = causes.iter().filter(|cause| cause.module.is_some() && main != Some(*cause)).count();
    let more = (others > 0).then(|| format!("; {others} more"));
    let details = main.into_iter().flat_map(|cause| [next(cause), when(cause)]).chain([more]);
    for detail in details.flatten() {
        if line.width() + detail.chars().count() <= usize::from(width) {
            line.push_span(quiet(detail));
        }
    }
    line
}

/// Where it is bound, and by what: `module 1 cell 7, 3.472 V`.
fn place(cause: &Cause) -> String {
    let module = cause.module.map_or_else(String::new, |number| format!("module {number} "));
    let element = cause.element;
    match (cause.binding, cause.value) {
        (Binding::CellVoltageHigh | Binding::CellVoltageLow, Some(Quantity::Voltage(at))) => {
            format!("{module}cell {element}, {at}")
        }
        (Binding::HighTemperature | Binding::LowTemperature, Some(Quantity::Temperature(at))) => {
            format!("{module}T{element}, {at}")
        }
        (Binding::PcuTemperature, Some(Quantity::Temperature(at))) => format!("{module}converter, {at}"),
        (Binding::Condition, Some(Quantity::Condition(condition))) => format!("{module}{}", said(condition)),
        (binding, _) => format!("{module}{}", binding.word()),
    }
}

/// The manual's name, if it is one that says something.
fn said(condition: Condition) -> &'static str {
    let names = condition.names();
    let is_other = matches!(condition, Condition::Alarm(Alarm::Other) | Condition::Fault(Fault::Other));
    if is_other { names.term } else { names.manual }
}

/// What must happen: `, falls above 3.450 V`.
fn next(cause: &Cause) -> Option<String> {
    let level = match cause.level? {
        Quantity::Voltage(level) => level.to_string(),
        Quantity::Temperature(level) => level.to_string(),
        Quantity::Share(level) => level.to_string(),
        Quantity::Power(_) | Quantity::Seconds(_) | Quantity::Condition(_) | Quantity::Reading(_) => {
            return None;
        }
    };
    match cause.binding {
        Binding::CellVoltageHigh | Binding::HighTemperature | Binding::PcuTemperature | Binding::Ambient => {
            Some(format!(", falls above {level}"))
        }
        Binding::CellVoltageLow | Binding::LowTemperature => Some(format!(", falls below {level}")),
        Binding::StateOfCharge => Some(format!(", until {level}")),
        Binding::Condition => Some(format!(", clears at {level}")),
        Binding::Rating
        | Binding::Reading
        | Binding::Recovery
        | Binding::NotConnected
        | Binding::Distribution
        | Binding::InverterSilent
        | Binding::Configuration => None,
    }
}

/// When, where that is known: `, 12 s`; or by whom.
fn when(cause: &Cause) -> Option<String> {
    match cause.relief? {
        Relief::After(seconds) => Some(format!(", {seconds} s")),
        Relief::Person => Some(", a person must act".to_owned()),
        Relief::Module | Relief::Change => None,
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
