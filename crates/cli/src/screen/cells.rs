//! The cells of the selected module: sixteen bars, and its temperatures.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use voltower_core::{DeciCelsius, MilliVolts, PerMille};
use voltower_gateway::observe::{CellSpread, ModuleObservation};

use super::text::{bar, coloured, degrees, heading, percent, put, quiet, title, volts3};
use super::{View, theme};

const ROWS: usize = 8;

pub(super) fn draw(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    let selection = view.ui.selection;
    let name = format!("Module {}.{} ", selection.tower + 1, selection.module + 1);
    let Some(module) = view.selected_module() else { return };
    let Some(spread) = module.cell_spread() else {
        let inside = heading(vec![title(&name)], place, buffer);
        put(quiet("no cell has been heard yet"), 1, inside, buffer);
        return;
    };
    let inside = heading(headline(&name, module, &spread), place, buffer);
    let scale = Scale::around(&spread);
    for row in 0..ROWS {
        let pair = [row, row + ROWS].map(|cell| (cell, module.cells.get(cell).copied().flatten()));
        put(cell_row(module, &spread, scale, pair, inside.width), row as u16, inside, buffer);
    }
    put(temperatures(module), ROWS as u16, inside, buffer);
}

fn headline<'a>(name: &'a str, module: &ModuleObservation, spread: &CellSpread) -> Vec<Span<'a>> {
    let width = spread.spread().0;
    let mut spans = vec![title(name)];
    spans.push(Span::raw(format!("cells {} to {} V", volts3(spread.min.1), volts3(spread.max.1))));
    spans.push(quiet("  spread "));
    let style = if width >= 100 { Style::new().fg(theme::ALARM) } else { Style::new() };
    spans.push(Span::styled(format!("{width} mV"), style));
    if let Some(capacity) = module.capacity {
        spans.push(quiet(format!("  health {}", percent(capacity.health).trim_start())));
    }
    if module.cells_stale {
        spans.push(coloured("  old readings", theme::ALARM));
    }
    spans
}

/// Voltages at the two ends of a bar.
#[derive(Clone, Copy)]
struct Scale {
    low: i32,
    high: i32,
}

impl Scale {
    /// Wide enough for all cells, never so narrow that noise looks like trouble.
    fn around(spread: &CellSpread) -> Self {
        let low = spread.min.1.0 - 20;
        let high = (spread.max.1.0 + 10).max(low + 60);
        Self { low, high }
    }

    fn share(self, voltage: MilliVolts) -> PerMille {
        PerMille::of((voltage.0 - self.low).into(), (self.high - self.low).into())
    }
}

type Numbered = (usize, Option<MilliVolts>);

fn cell_row(
    module: &ModuleObservation,
    spread: &CellSpread,
    scale: Scale,
    pair: [Numbered; 2],
    width: u16,
) -> Line<'static> {
    let columns = (width / 2).saturating_sub(13).min(40);
    let spans = pair.into_iter().flat_map(|(cell, voltage)| {
        let Some(voltage) = voltage else {
            let text = format!("{:>3}  no reading{}", cell + 1, " ".repeat(usize::from(columns)));
            return vec![coloured(text, theme::FAULT)];
        };
        let [filled, rail] = bar(scale.share(voltage), columns, colour(cell + 1, spread));
        let balancing = module.hardware.is_some_and(|hardware| hardware.balancing >> cell & 1 == 1);
        let mark = if balancing { coloured(" ≈ ", theme::ACCENT) } else { Span::raw("   ") };
        vec![quiet(format!("{:>3} ", cell + 1)), filled, rail, Span::raw(format!(" {:>4}", voltage.0)), mark]
    });
    Line::from(spans.collect::<Vec<_>>())
}

fn colour(cell: usize, spread: &CellSpread) -> Color {
    if cell == spread.max.0 {
        theme::CHARGE
    } else if cell == spread.min.0 {
        theme::ALARM
    } else {
        theme::QUIET
    }
}

fn temperatures(module: &ModuleObservation) -> Line<'static> {
    let mut spans = vec![quiet(" degC ")];
    let mut say = |name: &str, temperature: Option<DeciCelsius>| {
        spans.push(quiet(format!(" {name} ")));
        spans.push(match temperature {
            Some(temperature) => Span::raw(degrees(temperature)),
            None => coloured("none", theme::FAULT),
        });
    };
    if let Some(cells) = module.temperatures {
        (1..).zip(cells.cells).for_each(|(sensor, temperature)| say(&format!("T{sensor}"), temperature));
    }
    if let Some(hardware) = module.hardware {
        say("MOS", hardware.mos);
        say("PCU", hardware.heat_sink);
        say("case", hardware.ambient);
    }
    Line::from(spans)
}
