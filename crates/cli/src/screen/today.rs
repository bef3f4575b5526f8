//! The day so far: roof, house and state of charge since midnight, as small bar charts.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span};
use voltower_core::{PerMille, Watts};
use voltower_gateway::observe::Observation;
use voltower_sim::scenario::ClockTime;

use super::text::{coloured, heading, power, put, quiet, title};
use super::{View, theme};

const SLOTS: usize = 144;
const SLOT_SECONDS: u32 = 86_400 / SLOTS as u32;

/// What was observed at one time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// From the roof.
    pub pv: Watts,
    /// Consumption of the house.
    pub load: Watts,
    /// Of all towers.
    pub soc: PerMille,
}

/// Samples since midnight, one each ten minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    day: u32,
    slots: Vec<Option<Sample>>,
}

impl Default for Today {
    fn default() -> Self {
        Self { day: 0, slots: vec![None; SLOTS] }
    }
}

impl Today {
    /// Notes an observation; the first of each ten minutes stays.
    pub fn note(&mut self, clock: ClockTime, observation: &Observation) {
        if clock.day != self.day {
            *self = Self { day: clock.day, ..Self::default() };
        }
        let Some(slot) = self.slots.get_mut((clock.time.0 / SLOT_SECONDS) as usize) else { return };
        if slot.is_none()
            && let Some(home) = observation.home
        {
            let soc = observation.soc().unwrap_or_default();
            *slot = Some(Sample { pv: home.pv, load: home.load, soc });
        }
    }

    /// The greatest value of each of `columns` equal parts of the day.
    fn parts(&self, columns: usize, value: impl Fn(&Sample) -> i32) -> Vec<Option<i32>> {
        let part = |column: usize| {
            let slots = self.slots.get(
                column * SLOTS / columns..((column + 1) * SLOTS / columns).max(column * SLOTS / columns + 1),
            );
            slots.unwrap_or_default().iter().flatten().map(&value).max()
        };
        (0..columns).map(part).collect()
    }
}

const LABEL: usize = 7;
const SCALE: usize = 9;
/// Heading, three charts of one row, clock.
const LOWEST: u16 = 5;
const TALLEST: u16 = 4;

pub(super) fn draw(view: &View<'_>, place: Rect, buffer: &mut Buffer) {
    if place.height < LOWEST {
        return;
    }
    let inside = heading(vec![title("Today")], place, buffer);
    let columns = usize::from(inside.width).saturating_sub(LABEL + SCALE).max(1);
    let tall = ((inside.height - 1) / 3).min(TALLEST);
    let today = view.today;
    let roof = today.parts(columns, |sample| sample.pv.0);
    let house = today.parts(columns, |sample| sample.load.0);
    let soc = today.parts(columns, |sample| sample.soc.0.into());
    let peak = roof.iter().chain(&house).flatten().copied().max().unwrap_or(0).max(1000);
    let scale = power(Watts(peak));
    let charts = [
        Chart { name: "roof", colour: theme::SUN, bars: &roof, full: peak, scale: &scale },
        Chart { name: "house", colour: theme::HOUSE, bars: &house, full: peak, scale: &scale },
        Chart { name: "charge", colour: theme::DISCHARGE, bars: &soc, full: 1000, scale: "100 %" },
    ];
    for (number, chart) in (0..).zip(&charts) {
        for row in 0..tall {
            put(chart.row(row, tall), number * tall + row, inside, buffer);
        }
    }
    put(clock(columns), 3 * tall, inside, buffer);
}

struct Chart<'a> {
    name: &'static str,
    colour: Color,
    bars: &'a [Option<i32>],
    full: i32,
    scale: &'a str,
}

impl Chart<'_> {
    fn row(&self, row: u16, tall: u16) -> Line<'static> {
        const STEPS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let below = i32::from(tall - 1 - row) * 8;
        let bar = |value: &Option<i32>| match value {
            None => ' ',
            Some(value) => {
                let eighths = i64::from(*value) * i64::from(tall) * 8 / i64::from(self.full.max(1));
                let here = (eighths as i32 - below).clamp(i32::from(below == 0), 8);
                STEPS.get(here as usize).copied().unwrap_or(' ')
            }
        };
        let (name, scale) = if row == 0 { (self.name, self.scale) } else { ("", "") };
        let bars: String = self.bars.iter().map(bar).collect();
        Line::from(vec![
            quiet(format!(" {name:<6}")),
            coloured(bars, self.colour),
            quiet(format!(" {scale:<8}")),
        ])
    }
}

fn clock(columns: usize) -> Line<'static> {
    let mut axis = vec![' '; columns + 2];
    for (hour, label) in [(0, "0"), (6, "6"), (12, "12"), (18, "18"), (24, "24 h")] {
        let at = (hour * columns / 24).min(columns);
        axis.resize(axis.len().max(at + label.len()), ' ');
        axis.iter_mut().skip(at).zip(label.chars()).for_each(|(slot, letter)| *slot = letter);
    }
    Line::from(vec![Span::raw(" ".repeat(LABEL)), quiet(axis.into_iter().collect::<String>())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltower_sim::scenario::DayTime;

    #[test]
    fn a_new_day_starts_empty() {
        let mut today = Today::default();
        let clock = |day, hours: u32| ClockTime { day, time: DayTime(hours * 3600) };
        today.slots[3] = Some(Sample { pv: Watts(1), load: Watts(2), soc: PerMille(3) });
        today.day = 1;
        today.note(clock(1, 5), &Observation::default());
        assert_eq!(today.slots.iter().flatten().count(), 1);
        today.note(clock(2, 0), &Observation::default());
        assert_eq!(today.slots.iter().flatten().count(), 0);
    }

    #[test]
    fn bars_stand_on_the_lowest_row_and_reach_the_highest() {
        let bars = [Some(0), Some(500), Some(1000), None];
        let chart = Chart { name: "roof", colour: theme::SUN, bars: &bars, full: 1000, scale: "1 kW" };
        let text = |row| chart.row(row, 2).spans[1].content.clone().into_owned();
        assert_eq!([text(0), text(1)], ["  █ ", "▁██ "]);
    }
}
