//! The cells of the selected module: sixteen bars, and its temperatures.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span};
use voltower_core::{DeciCelsius, MilliVolts, PerMille};
use voltower_gateway::observe::{CellSpread, ModuleObservation};

use super::text::{coloured, degrees, fitting, heading, put, quiet, thin_bar, title, volts3};
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
    let inside = heading(headline(&name, module, &spread, place.width), place, buffer);
    let scale = Scale::around(&spread);
    for row in 0..ROWS {
        let pair = [row, row + ROWS].map(|cell| (cell, module.cells.get(cell).copied().flatten()));
        put(cell_row(module, &spread, scale, pair, inside.width), row as u16, inside, buffer);
    }
    put(temperatures(module, inside.width), ROWS as u16, inside, buffer);
}

fn headline<'a>(
    name: &'a str,
    module: &ModuleObservation,
    spread: &CellSpread,
    columns: u16,
) -> Vec<Span<'a>> {
    let width = spread.spread().0;
    let colour = if width >= 100 { theme::ALARM } else { theme::PLAIN };
    let range = format!("cells {} to {} V", volts3(spread.min.1), volts3(spread.max.1));
    let health =
        module.capacity.map(|capacity| vec![quiet(format!("  health {} %", capacity.health.0 / 10))]);
    let stale = module.cells_stale.then(|| vec![coloured("  old readings", theme::ALARM)]);
    let pieces = [
        vec![title(name), coloured(range, theme::PLAIN)],
        stale.unwrap_or_default(),
        vec![coloured(format!("  spread {width} mV"), colour)],
        health.unwrap_or_default(),
    ];
    fitting(pieces, columns)
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
        let [filled, rail] = thin_bar(scale.share(voltage), columns, colour(cell + 1, spread));
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

fn temperatures(module: &ModuleObservation, columns: u16) -> Line<'static> {
    let mut pieces = Vec::new();
    if let Some(cells) = module.temperatures {
        let readings = cells.cells.map(degrees_of);
        pieces.push([vec![quiet(" degC cells")], readings.to_vec()].concat());
    }
    if let Some(hardware) = module.hardware {
        let places = [("PCU", hardware.heat_sink), ("MOS", hardware.mos), ("case", hardware.ambient)];
        pieces.extend(places.map(|(name, at)| vec![quiet(format!("  {name}")), degrees_of(at)]));
    }
    Line::from(fitting(pieces, columns))
}

fn degrees_of(temperature: Option<DeciCelsius>) -> Span<'static> {
    match temperature {
        Some(temperature) => Span::raw(format!(" {}", degrees(temperature))),
        None => coloured(" none", theme::FAULT),
    }
}
