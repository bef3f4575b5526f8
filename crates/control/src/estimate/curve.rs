//! What the mean voltage of the cells allows, for each of two kinds of large LFP cells, and in either direction: also
//! on the plateau, and also under current.
//!
//! [`super::voltage`] reads one table for both kinds, and its middle says little. Here each kind has its own, and
//! [`super::band`] finds out which of them, and which capacity, can be.

use voltower_core::{Duration, PerMille};

use super::resistance::CellView;
use super::voltage::Window;

/// Kinds of cells that are known.
pub const KINDS: usize = 2;

/// Charge in thousandths; voltage without what the current adds, mV, after charging and after discharging.
type Point = (i32, i32, i32);

/// Read from logs of the module's own sensors over a slow charge and a slow discharge. The first kind has its graphite
/// step at 55 to 65 %, the second at 70 to 80 %, and twice the hysteresis where it is half full.
const CURVES: [&[Point]; KINDS] = [
    &[
        (0, 2300, 2280),
        (50, 3085, 3060),
        (100, 3206, 3180),
        (150, 3224, 3200),
        (200, 3248, 3222),
        (250, 3272, 3246),
        (300, 3292, 3266),
        (350, 3307, 3281),
        (400, 3314, 3288),
        (500, 3318, 3292),
        (550, 3320, 3294),
        (575, 3323, 3297),
        (600, 3332, 3306),
        (625, 3342, 3316),
        (650, 3350, 3324),
        (675, 3352, 3326),
        (700, 3353, 3327),
        (800, 3355, 3329),
        (900, 3357, 3331),
        (950, 3361, 3334),
        (980, 3379, 3352),
        (990, 3420, 3393),
        (1000, 3545, 3518),
    ],
    &[
        (0, 2300, 2280),
        (50, 3085, 3060),
        (100, 3212, 3174),
        (150, 3231, 3188),
        (200, 3257, 3208),
        (250, 3280, 3227),
        (300, 3295, 3241),
        (350, 3310, 3255),
        (400, 3321, 3266),
        (500, 3325, 3277),
        (600, 3326, 3284),
        (650, 3328, 3288),
        (700, 3331, 3293),
        (750, 3338, 3301),
        (775, 3345, 3309),
        (800, 3352, 3316),
        (850, 3357, 3322),
        (900, 3359, 3325),
        (950, 3362, 3328),
        (980, 3379, 3345),
        (990, 3422, 3388),
        (1000, 3548, 3514),
    ],
];

/// Errors of readings and tables, mV.
const MARGIN: i32 = 6;
/// Half of the hysteresis that the tables hold where it is smallest, mV: in the cold it is more by as much as there.
const HALF_GAP: i32 = 13;
/// What is not known of the hysteresis on either of its branches, thousandths.
const GAP_LEFT: i32 = 250;

/// A window of each kind that has held for [`HELD`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Held {
    windows: [(u16, u16); KINDS],
    remaining: Duration,
}

/// A voltage counts for what it has said all that time.
pub const HELD: Duration = Duration::secs(60);

impl Held {
    /// Nothing was seen yet.
    pub const NEW: Self = Self { windows: [(1000, 0); KINDS], remaining: HELD };

    /// Takes what a sample allows; what all of a minute allowed when it is over. Where nothing can be read it starts
    /// anew.
    pub fn step(&mut self, windows: Option<[Window; KINDS]>, elapsed: Duration) -> Option<[Window; KINDS]> {
        let Some(windows) = windows else {
            *self = Self::NEW;
            return None;
        };
        for ((low, high), window) in self.windows.iter_mut().zip(windows) {
            *low = (*low).min(window.low.0);
            *high = (*high).max(window.high.0);
        }
        self.remaining = self.remaining.less(elapsed);
        if !self.remaining.is_zero() {
            return None;
        }
        let held = self.windows.map(|(low, high)| Window { low: PerMille(low), high: PerMille(high) });
        *self = Self::NEW;
        Some(held)
    }
}

/// What the mean of the cells, mV without the fast part of the current, allows in each kind. `lean` is the place
/// between the discharged (-1000) and the charged (1000) branch; on the way from one to the other, most of which the
/// first hundredth of charge may have gone, nothing is known of it.
#[must_use]
pub fn windows(mean: i32, view: &CellView, lean: i32) -> [Window; KINDS] {
    // What is learned as fast holds a part of what is slow: rather too much is taken off than too little.
    let seen = mean.saturating_sub(view.slow).saturating_add(view.slow.signum() * view.doubt.max(0) / 4);
    let margin = MARGIN.saturating_add(view.doubt.max(0) / 3).saturating_add(view.unlike.max(0) / 4);
    let cold = view.half_gap.max(HALF_GAP);
    // The voltage at rest itself moves by 0.15 mV a kelvin, near the ends by more.
    let margin = margin.saturating_add((cold - HALF_GAP) * 2 / 5);
    let (lean, left) = if lean.abs() >= 1000 { (lean, GAP_LEFT) } else { (0, 1000) };
    CURVES.map(|curve| {
        let at = |(share, charged, discharged): Point, side: i32| {
            let half = (charged - discharged) * cold / HALF_GAP / 2;
            let unknown = half * left / 1000;
            let middle = i32::midpoint(charged, discharged);
            (middle + half * lean / 1000 + side * (margin + unknown), share)
        };
        Window {
            low: place(curve, seen, |point| at(point, 1)),
            high: place(curve, seen, |point| at(point, -1)),
        }
    })
}

/// Charge at which a curve that rises reaches `seen`, straight between its points.
fn place(curve: &[Point], seen: i32, at: impl Fn(Point) -> (i32, i32)) -> PerMille {
    let mut below: Option<(i32, i32)> = None;
    for point in curve {
        let (volts, share) = at(*point);
        if seen < volts {
            let between = |(from, low): (i32, i32)| {
                let (way, width) = (i64::from(seen - from), i64::from((volts - from).max(1)));
                low + (i64::from(share - low) * way / width) as i32
            };
            return PerMille(below.map_or(0, between).clamp(0, 1000) as u16);
        }
        below = Some((volts, share));
    }
    PerMille::FULL
}
