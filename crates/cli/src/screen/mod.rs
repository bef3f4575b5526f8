//! The screen of `voltower run`: drawn from an [`Observation`], which was filled from frames and registers only.
//!
//! [`traffic`] is the screen of `voltower link monitor`.
//!
//! The one exception is the pane *truth (plant)*, which says so.

mod cells;
mod conditions;
mod flows;
mod frame;
mod glyphs;
mod layout;
mod limits;
mod log;
mod overlay;
pub mod svg;
mod text;
mod theme;
mod today;
mod tower;
pub mod traffic;
mod ui;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use voltower_core::Instant;
use voltower_gateway::observe::{ModuleObservation, Observation, TowerObservation};
use voltower_sim::scenario::ClockTime;

pub use log::{Line, Tone};
pub use text::wrap;
pub use theme::remove_colours;
pub use today::{Sample, Today};
pub use ui::{Overlay, Pace, Selection, Ui};

/// Everything that one drawing of the screen shows.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// What was heard.
    pub observation: &'a Observation,
    /// Modules that stand in each tower, as anybody in the room can count.
    pub stacks: &'a [usize],
    /// What the scenario is called.
    pub title: &'a str,
    /// Clock time in the simulated world.
    pub clock: ClockTime,
    /// What has happened, oldest first.
    pub log: &'a [Line],
    /// What is broken by hand, in words.
    pub broken: &'a [String],
    /// What the plant knows, in words: label and value. Empty unless asked for.
    pub truth: &'a [(String, String)],
    /// The home and the battery since midnight.
    pub today: &'a Today,
    /// Selection, overlay, pace.
    pub ui: &'a Ui,
    /// Time that flashing lights and flowing dashes follow: the viewer's, not the simulated one.
    pub blink: Instant,
}

impl View<'_> {
    fn tower(&self, tower: usize) -> Option<&TowerObservation> {
        self.observation.towers.get(tower)
    }

    fn selected_tower(&self) -> Option<&TowerObservation> {
        self.tower(self.ui.selection.tower)
    }

    fn selected_module(&self) -> Option<&ModuleObservation> {
        self.selected_tower()?.modules.get(self.ui.selection.module)
    }
}

/// Draws everything into `buffer`.
pub fn draw(view: &View<'_>, buffer: &mut Buffer) {
    let places = layout::places(buffer.area, view);
    frame::header(view, places.header, buffer);
    frame::footer(places.footer, buffer);
    for (number, place) in &places.towers {
        tower::draw(view, *number, *place, buffer);
    }
    today::draw(view, places.today, buffer);
    flows::draw(view, places.flows, buffer);
    cells::draw(view, places.cells, buffer);
    limits::draw(view, places.limits, buffer);
    conditions::draw(view, places.conditions, buffer);
    log::draw(view, places.log, buffer);
    overlay::draw(view, buffer);
}

/// The whole screen on a buffer of its own.
#[must_use]
pub fn drawn(view: &View<'_>, columns: u16, rows: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    draw(view, &mut buffer);
    buffer
}
