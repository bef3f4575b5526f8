//! What each cell's voltage owes to the current: resistance of cell, contacts and sense path together, learned from
//! steps of the current, and the slow part of the polarisation.
//!
//! Voltage and current are looked at against their own means of the last seconds: what a step moves, the resistance
//! moves; what charge moves is slow and drops out. The prior by temperature counts as a small step.

use voltower_core::{Duration, MilliAmps, MilliVolts};

use super::ramps::Ramps;
use crate::io::CELLS;

/// Means reach back so far, s: longer than a sample of any fine run, shorter than charge moves a cell.
const MEAN_TIME: f32 = 5.0;
/// The prior weighs as much as a step of 2 A, A2 s.
const PRIOR: f32 = 10.0;
/// Older steps fade when more than a step of 12 A is known, A2 s.
const MOST: f32 = 400.0;
/// What was kept over a loss of power counts no more than this, A2 s: it may have been repaired.
const KEPT: f32 = 60.0;
/// Resistance of an ordinary cell, as far as it is not known yet how cold it is, mohm.
const ORDINARY: f32 = 0.65;
/// A reading that jumps alone is as good as a step of this, A2 s.
const JUMP: f32 = 60.0;
/// What ramps show of a contact replaces what steps have shown if it differs by this share.
const RAMP_DIFFERS: f32 = 0.2;
/// Readings that are further from what was learned tell of a change, mV.
const SURPRISE: f32 = 15.0;
/// No cell jumps by so much without current, mV.
const ALONE: f32 = 30.0;
/// Fastest that charge moves a cell between its ends, mV/s: rated current on the steep part below 5 %.
const DRIFT: f32 = 4.0;
/// A current that is large enough to learn from, A.
const STEP: f32 = 1.0;
/// A smaller one is noise, or a current that creeps: what charge moves meanwhile would count as its doing, A.
const CREEP: f32 = 0.05;
/// Largest resistance that is believed, mohm.
const LARGEST: f32 = 400.0;
/// A contact is bad from so much above the other cells, mohm, and from so many times theirs: aged cells in the cold
/// differ by less.
const BAD: f32 = 8.0;
const BAD_TIMES: f32 = 3.0;
/// Outside of these charge moves the voltage faster than its mean follows, and a taper holds it while the current
/// falls: no step tells the resistance there, mV.
const FLAT: core::ops::RangeInclusive<f32> = 3150.0..=3390.0;

/// Resistance of a large LFP cell within a few seconds, mohm, at a temperature in degC: 0.51 to 0.8 mohm of a measured
/// cell at 25 degC, with 18 kJ/mol.
const FAST: [(f32, f32); 7] =
    [(-20.0, 2.4), (-10.0, 1.75), (0.0, 1.25), (10.0, 0.92), (25.0, 0.65), (35.0, 0.55), (45.0, 0.48)];
/// What the first minute and the next ten add, mohm at 25 degC, and their time constants in s: 0.82 to 1.1 mohm of the
/// measured cell at 60 s, 1.18 to 1.45 at 300 s.
const SLOW: [(f32, f32); 2] = [(0.25, 30.0), (0.5, 400.0)];

/// Half of the 25 to 29 mV between charging and discharging that a large cell was measured to have, mV; and what each
/// kelvin below 25 degC adds: 1.8 times as much at -5 degC.
const HALF_GAP: f32 = 13.0;
const GAP_COLD: f32 = 0.027;
/// Each kelvin below 25 degC adds so much to the doubt, mV.
const DOUBT_COLD: f32 = 0.2;

/// What the contact of each cell resists beyond the others', in microohm; 0 where nothing was found. It outlives a loss
/// of power: found anew at each wake it would trip the module first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Contacts(pub [i32; CELLS]);

/// Largest resistance that is believed, microohm.
pub const LARGEST_MICRO_OHMS: i32 = (LARGEST * 1000.0) as i32;

impl Contacts {
    /// Nothing was found.
    pub const NONE: Self = Self([0; CELLS]);

    /// The same, if it can be: no contact resists more than is ever learned, or so little that it would not have been
    /// found, and most contacts are good.
    #[must_use]
    pub fn plausible(self) -> Self {
        let bad = self.0.iter().filter(|ohms| **ohms != 0).count();
        let can_be = |ohms: &i32| *ohms == 0 || (BAD_MICRO_OHMS..=LARGEST_MICRO_OHMS).contains(ohms);
        if bad * 2 < CELLS && self.0.iter().all(can_be) { self } else { Self::NONE }
    }

    /// One of them differs from `other` by more than a quarter.
    #[must_use]
    pub fn differ(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, two)| one.abs_diff(*two) > two.unsigned_abs() / 4)
    }
}

const BAD_MICRO_OHMS: i32 = (BAD * 1000.0) as i32;

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Cell {
    /// Mean of its voltage, mV; none before the first reading.
    mean: Option<f32>,
    /// Squares of the current's steps, A2 s.
    squares: f32,
    /// Steps of current and voltage together, A mV s.
    products: f32,
}

/// What was learned of all cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resistances {
    cells: [Cell; CELLS],
    /// What shows in no step.
    ramps: Ramps,
    /// Mean of the current, A.
    mean: Option<f32>,
    /// Currents of the slow polarisation, A.
    slow: [f32; 2],
    /// Time since the last conversion, s.
    waited: f32,
}

/// Voltages without what the current adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellView {
    /// As measured, mV.
    pub measured: [Option<i32>; CELLS],
    /// Without what the current adds within seconds, mV.
    pub open: [Option<i32>; CELLS],
    /// Resistance of cell, contacts and sense path, microohm.
    pub micro_ohms: [i32; CELLS],
    /// What minutes of current have added to every cell, mV.
    pub slow: i32,
    /// Half the way between a charged and a discharged cell that rest at the same charge, mV.
    pub half_gap: i32,
    /// What all of this may be off by, mV.
    pub doubt: i32,
    /// Cell whose contact or sense wire is bad, from 1; 0 for none.
    pub bad_contact: u8,
    /// So much more or less than in a new cell is taken off for the current, mV.
    pub unlike: i32,
}

impl CellView {
    /// Resistance of an ordinary cell of these, microohm: the mean of all but the smallest and the largest.
    #[must_use]
    pub fn micro_ohms_of_others(&self) -> i32 {
        whole(trimmed(self.micro_ohms.iter().map(|ohms| *ohms as f32)))
    }
}

impl Resistances {
    /// With the contacts that were kept.
    #[must_use]
    pub fn new(kept: &Contacts) -> Self {
        let cells = kept.plausible().0.map(|ohms| match ohms {
            0 => Cell::default(),
            ohms => Cell { mean: None, squares: KEPT, products: (ohms as f32 / 1000.0 + ORDINARY) * KEPT },
        });
        Self { cells, ..Self::default() }
    }

    /// Takes a conversion in, if there is a new one; `celsius` is the coldest that was read.
    pub fn step(
        &mut self,
        cells: &[Option<MilliVolts>; CELLS],
        current: MilliAmps,
        deci_celsius: i32,
        fresh: bool,
        elapsed: Duration,
    ) -> CellView {
        self.waited += seconds(elapsed);
        let amps = current.0 as f32 / 1000.0;
        let prior = at(&FAST, deci_celsius as f32 / 10.0);
        if fresh {
            let dt = self.waited.min(600.0);
            self.waited = 0.0;
            self.learn(cells, amps, prior, dt);
        }
        let cold = (25.0 - deci_celsius as f32 / 10.0).clamp(0.0, 45.0);
        let view = self.view(cells, amps, prior);
        CellView {
            half_gap: whole(HALF_GAP * (1.0 + GAP_COLD * cold)),
            doubt: view.doubt.saturating_add(whole(DOUBT_COLD * cold)),
            ..view
        }
    }

    /// The AFE was off: means start anew, what was learned stays.
    pub fn restart(&mut self) {
        self.mean = None;
        self.slow = [0.0; 2];
        self.ramps = Ramps::default();
        for cell in &mut self.cells {
            cell.mean = None;
        }
    }

    /// The contacts that are bad.
    #[must_use]
    pub fn contacts(&self) -> Contacts {
        let ohms = || self.cells.iter().map(|cell| cell.milliohms(ORDINARY));
        let all = trimmed(ohms());
        let worst = bad_from(all);
        let mut contacts = Contacts::NONE;
        for (contact, ohms) in contacts.0.iter_mut().zip(ohms()).filter(|(_, ohms)| *ohms > worst) {
            *contact = whole((ohms - all) * 1000.0).min(LARGEST_MICRO_OHMS);
        }
        contacts
    }

    fn learn(&mut self, cells: &[Option<MilliVolts>; CELLS], amps: f32, prior: f32, dt: f32) {
        for (slow, (_, time)) in self.slow.iter_mut().zip(SLOW) {
            *slow += (amps - *slow) * dt / (time + dt);
        }
        let share = dt / (MEAN_TIME + dt);
        let mean = self.mean.unwrap_or(amps);
        let step = amps - mean;
        self.mean = Some(mean + step * share);
        let common = self.common(cells);
        let ohms = trimmed(self.cells.iter().map(|cell| cell.milliohms(prior)));
        let level = trimmed(cells.iter().flatten().map(|read| read.0 as f32)) - ohms * amps;
        let is_flat = FLAT.contains(&level);
        for (cell, read) in self.cells.iter_mut().zip(cells) {
            let Some(volts) = read.map(|read| read.0 as f32) else {
                cell.mean = None;
                continue;
            };
            let jumps = cell.jump(volts, common, step, amps, prior, dt);
            if !jumps && is_flat {
                cell.learn(volts, step, prior, dt);
            }
            cell.mean = Some(cell.mean.map_or(volts, |mean| mean + (volts - mean) * share));
        }
        self.learn_of_ramps(cells, amps, prior, dt);
    }

    /// A contact that shows in no step is as good as a reading that has jumped; one that is known well is left alone.
    fn learn_of_ramps(&mut self, cells: &[Option<MilliVolts>; CELLS], amps: f32, prior: f32, dt: f32) {
        let volts = cells.map(|read| read.map(|read| read.0 as f32));
        let known = self.cells.map(|cell| cell.milliohms(prior));
        let all = trimmed(known.iter().copied());
        let found = self.ramps.step(&volts, &known, amps, dt);
        for ((cell, found), known) in self.cells.iter_mut().zip(found).zip(known) {
            let Some(ohms) = found.map(|more| (more + all).min(LARGEST)) else { continue };
            if ohms > bad_from(all) && (ohms - known).abs() > RAMP_DIFFERS * ohms {
                (cell.squares, cell.products) = (JUMP, ohms * JUMP);
            }
        }
    }

    /// What all cells but the two outermost have moved by, mV.
    fn common(&self, cells: &[Option<MilliVolts>; CELLS]) -> f32 {
        let moved = self.cells.iter().zip(cells);
        trimmed(moved.filter_map(|(cell, read)| Some(read.as_ref()?.0 as f32 - cell.mean?)))
    }

    fn view(&self, cells: &[Option<MilliVolts>; CELLS], amps: f32, prior: f32) -> CellView {
        let all = trimmed(self.cells.iter().map(|cell| cell.milliohms(prior)));
        let age = (all / prior).clamp(0.7, 3.0);
        let slow = SLOW.iter().zip(self.slow).map(|((ohms, _), amps)| ohms * amps).sum::<f32>() * age;
        let mut view = CellView {
            slow: whole(slow),
            unlike: whole(((all - prior) * amps).abs() + slow.abs() * (age - 1.0).abs() / age),
            doubt: whole(slow.abs() + 0.3 * (all * amps).abs()).saturating_add(3),
            ..CellView::default()
        };
        let mut worst = bad_from(all);
        let places = view.measured.iter_mut().zip(&mut view.open).zip(&mut view.micro_ohms);
        for ((number, (cell, read)), ((measured, open), micro)) in
            (1u8..).zip(self.cells.iter().zip(cells)).zip(places)
        {
            let ohms = cell.milliohms(prior);
            *micro = whole(ohms * 1000.0);
            *measured = read.map(|read| read.0);
            *open = read.map(|read| read.0.saturating_sub(whole(ohms * amps)));
            if ohms > worst {
                (worst, view.bad_contact) = (ohms, number);
            }
        }
        view
    }
}

impl Cell {
    fn milliohms(&self, prior: f32) -> f32 {
        let ohms = (self.products + prior * PRIOR) / (self.squares + PRIOR);
        if ohms.is_finite() { ohms.max(0.3 * prior).min(LARGEST) } else { prior }
    }

    /// A reading that jumps alone while the current is steady.
    fn jump(&mut self, volts: f32, common: f32, step: f32, amps: f32, prior: f32, dt: f32) -> bool {
        let Some(mean) = self.mean else { return false };
        let known = self.milliohms(prior);
        let alone = volts - mean - common - known * step;
        let jumps = step.abs() < STEP && alone.abs() > ALONE + DRIFT * dt && amps.abs() > STEP;
        if jumps {
            self.squares = JUMP;
            self.products = (known + alone / amps).max(prior).min(LARGEST) * JUMP;
            self.mean = Some(volts);
        }
        jumps
    }

    fn learn(&mut self, volts: f32, step: f32, prior: f32, dt: f32) {
        let Some(mean) = self.mean else { return };
        let moved = volts - mean;
        let expected = self.milliohms(prior) * step;
        let allowed = SURPRISE + 0.25 * expected.abs() + DRIFT * dt;
        if step.abs() >= STEP && (moved - expected).abs() > allowed {
            self.fade(2.0 / (2.0 + dt));
        }
        if step.abs() < CREEP {
            return;
        }
        let weight = step * dt.min(MEAN_TIME);
        self.squares += step * weight;
        self.products += moved * weight;
        if self.squares > MOST {
            self.fade(MOST / self.squares);
        }
        if !(self.squares.is_finite() && self.products.is_finite()) {
            (self.squares, self.products) = (0.0, 0.0);
        }
    }

    fn fade(&mut self, share: f32) {
        self.squares *= share;
        self.products *= share;
    }
}

/// A contact is bad from here, mohm, if an ordinary one is `all`.
fn bad_from(all: f32) -> f32 {
    (all * BAD_TIMES).max(all + BAD)
}

/// Mean of all but the smallest and the largest; of fewer than three, of all.
pub(super) fn trimmed(values: impl Iterator<Item = f32>) -> f32 {
    let (mut sum, mut count, mut least, mut most) = (0.0, 0.0, f32::INFINITY, f32::NEG_INFINITY);
    for value in values {
        sum += value;
        count += 1.0;
        least = least.min(value);
        most = most.max(value);
    }
    if count > 2.0 { (sum - least - most) / (count - 2.0) } else { sum / count.max(1.0) }
}

/// The value of a table at `x`, straight between its points, its ends beyond them.
fn at(table: &[(f32, f32)], x: f32) -> f32 {
    let mut below: Option<(f32, f32)> = None;
    for &(place, value) in table {
        if x < place {
            return below.map_or(value, |(from, low)| low + (value - low) * (x - from) / (place - from));
        }
        below = Some((place, value));
    }
    below.map_or(0.0, |(_, value)| value)
}

fn seconds(time: Duration) -> f32 {
    time.as_millis() as f32 / 1000.0
}

/// The nearest whole number; the conversion saturates, and nothing that is no number becomes 0.
fn whole(value: f32) -> i32 {
    (value + 0.5_f32.copysign(value)) as i32
}
