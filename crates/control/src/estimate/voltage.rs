//! What a cell's voltage without current says of its charge.
//!
//! The table is the controller's own: two kinds of large LFP cells, discharged and charged slowly with the errors of
//! our sensors, read as *at least* and *at most*. The graphite step lies at 55 to 65 % in one kind and at 70 to 80 % in
//! the other, so that the middle says little; below 25 % and above 95 % both agree.

use voltower_core::{Duration, PerMille, values};

use super::resistance::CellView;

/// Voltage at rest between charging and discharging, mV; charge at least and at most.
const REST: [(i32, i32, i32); 27] = [
    (2400, 0, 15),
    (2600, 15, 25),
    (2800, 26, 36),
    (2900, 34, 43),
    (3000, 41, 50),
    (3065, 47, 54),
    (3120, 60, 75),
    (3170, 80, 95),
    (3197, 95, 110),
    (3212, 140, 160),
    (3235, 190, 210),
    (3257, 240, 255),
    (3272, 280, 310),
    (3282, 305, 345),
    (3292, 345, 400),
    (3300, 390, 520),
    (3305, 490, 640),
    (3312, 570, 710),
    (3320, 595, 760),
    (3329, 615, 790),
    (3336, 635, 820),
    (3341, 700, 880),
    (3344, 850, 920),
    (3348, 930, 965),
    (3362, 970, 985),
    (3405, 985, 993),
    (3530, 996, 1000),
];

/// What is left of the hysteresis when the last direction is known, thousandths.
const GAP_LEFT: i32 = 400;
/// Errors of reading and table, mV.
const MARGIN: i32 = 6;
/// More of it before the cell has rested, mV.
const RESTLESS: i32 = 10;
/// Below this voltage charge moves the voltage enough to be seen through a current, mV.
const STEEP: i32 = 3265;
/// Before it has rested a cell is at most told to hold this.
const SEEN_UNDER_CURRENT: i32 = 300;

/// Between two charges, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// At least.
    pub low: PerMille,
    /// At most.
    pub high: PerMille,
}

impl Window {
    /// Anything.
    pub const ALL: Self = Self { low: PerMille::ZERO, high: PerMille::FULL };

    /// Nothing is known of what went before.
    #[must_use]
    pub fn of_stranger(open: i32, view: &CellView) -> Self {
        Reading { view, rested: values::REST_TIME, lean: 0 }.window(open)
    }
}

/// How the voltages of cells are to be read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// What the current adds to them.
    pub view: &'a CellView,
    /// Time with little current.
    pub rested: Duration,
    /// Where between the discharged (-1000) and the charged (1000) branch of its hysteresis the module is.
    pub lean: i32,
}

impl Reading<'_> {
    /// By how much a cell is ahead of a lower one, at least, by their voltages in mV: what the current and the
    /// hysteresis add is common to both.
    #[must_use]
    pub fn apart(&self, lower: i32, higher: i32) -> PerMille {
        let lower = at_least(self.centre(lower).saturating_add(MARGIN));
        PerMille(at_least(self.centre(higher).saturating_sub(MARGIN)).0.saturating_sub(lower.0))
    }

    /// Without what minutes of current and the last direction add.
    fn centre(&self, open: i32) -> i32 {
        let shift = -self.view.half_gap.max(0) * self.lean / 1000;
        open.saturating_sub(self.view.slow).saturating_add(shift)
    }

    fn has_rested(&self) -> bool {
        self.rested >= values::REST_TIME
    }

    /// What a voltage may be off by, mV.
    fn margin(&self) -> i32 {
        let unknown =
            self.view.half_gap.max(0) * (1000 - self.lean.abs() * (1000 - GAP_LEFT) / 1000).max(0) / 1000;
        MARGIN + unknown + self.view.doubt.max(0) + if self.has_rested() { 0 } else { RESTLESS }
    }

    /// The charge that such a cell may hold at most, be it that it has not rested.
    #[must_use]
    pub fn at_most(&self, open: i32) -> PerMille {
        share(at(self.centre(open).saturating_add(self.margin()), |(mv, _, most)| (mv, most)))
    }

    /// What the voltage of a cell without the fast part of its current says, in mV.
    #[must_use]
    pub fn window(&self, open: i32) -> Window {
        let has_rested = self.has_rested();
        let (centre, margin) = (self.centre(open), self.margin());
        let (low, high) = (centre.saturating_sub(margin), centre.saturating_add(margin));
        let at_least = at(low, |(mv, least, _)| (mv, least));
        let at_most = at(high, |(mv, _, most)| (mv, most));
        Window {
            low: share(if has_rested { at_least } else { at_least.min(SEEN_UNDER_CURRENT) }),
            high: if has_rested || high < STEEP { share(at_most) } else { PerMille::FULL },
        }
    }
}

/// The charge of a cell at rest at this voltage, mV, at least.
#[must_use]
pub fn at_least(mv: i32) -> PerMille {
    share(at(mv, |(mv, least, _)| (mv, least)))
}

fn share(thousandths: i32) -> PerMille {
    PerMille(thousandths.clamp(0, 1000) as u16)
}

/// Straight between the points of the table.
fn at(mv: i32, column: fn((i32, i32, i32)) -> (i32, i32)) -> i32 {
    let mut below: Option<(i32, i32)> = None;
    for point in REST {
        let (place, value) = column(point);
        if mv < place {
            let between = |(from, low): (i32, i32)| {
                let (way, width) = (i64::from(mv - from), i64::from((place - from).max(1)));
                low + (i64::from(value - low) * way / width) as i32
            };
            return below.map_or(0, between);
        }
        below = Some((place, value));
    }
    1000
}
