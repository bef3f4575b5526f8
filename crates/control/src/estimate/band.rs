//! What the charge may be: for every capacity that the module may have, and for each kind of cells, between which two
//! charges. What flows moves them all alike, errors of the currents widen them, and the voltage cuts off what cannot
//! be. A capacity of which nothing is left is none: so it is learned from whatever two places the voltage has told.

use voltower_core::{PerMille, values};

use super::capacity::is_learned;
use super::currents::{Currents, Trust};
use super::curve::KINDS;
use super::voltage::Window;
use super::{part, rated};
use crate::keep::Doubt;

/// Capacities that are tried.
const TRIED: usize = 24;
/// Between two of them, and what the cells of a module differ by, thousandths of charge.
const SLACK: i64 = 10;

/// Contradictions of so many thousandths are told apart; from a larger one nothing is known any more. Ours: the errors
/// of readings and tables are 20, and each step is about twice the last.
const CONTRADICTIONS: [u16; 4] = [20, 50, 100, 200];
/// What was counted beyond an end leaves so many thousandths before it. Ours: twice what an estimate may be off by.
const NEAR_THE_END: u16 = 200;

/// Charge at least and at most, mA us; nothing is left of it if the first is larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Span {
    low: i64,
    high: i64,
}

impl Span {
    const fn is_left(self) -> bool {
        self.low <= self.high
    }

    fn meet(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    /// `moved` has flowed, and may be off by `grown` either way. No capacity holds less than nothing, or more than
    /// itself.
    fn moved(self, moved: i64, grown: i64, capacity: i64) -> Self {
        let slack = slack(capacity);
        Self {
            low: self.low.saturating_add(moved).saturating_sub(grown).max(-slack),
            high: self.high.saturating_add(moved).saturating_add(grown).min(capacity.saturating_add(slack)),
        }
    }

    /// Its ends, as the nearest shares of a capacity: what was opened at a share is told with it again.
    const fn shares(self, capacity: i64) -> (PerMille, PerMille) {
        let half = capacity / 2000;
        (
            PerMille::of(self.low.saturating_add(half), capacity),
            PerMille::of(self.high.saturating_add(half), capacity),
        )
    }

    /// Of a capacity, between two shares.
    const fn of(capacity: i64, window: Window) -> Self {
        Self { low: part(capacity, window.low), high: part(capacity, window.high) }
    }
}

/// Charge, capacity and kind of cells as far as they are not excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Band {
    /// Smallest capacity that is tried, and the way to the next one, mA us.
    least: i64,
    step: i64,
    spans: [[Span; TRIED]; KINDS],
    /// Smallest and largest share that is left.
    ends: (PerMille, PerMille),
    /// So much less may be there besides, mA us: something speaks for it that is not believed.
    doubted: i64,
    /// It follows from what was measured in this life, and not from a record: whatever contradicts that is near it.
    measured: bool,
    /// So much the errors of the currents have widened it since it was opened, mA us, either way: by no more than that
    /// the count is off for their sake.
    drift: i64,
}

impl Band {
    /// Between two shares, whatever the capacity is.
    #[must_use]
    pub fn between(capacity: i64, low: PerMille, high: PerMille) -> Self {
        Self::opened(believable(capacity), [Window { low, high }; KINDS])
    }

    fn opened((least, most): (i64, i64), windows: [Window; KINDS]) -> Self {
        let step = most.saturating_sub(least).max(0) / (TRIED as i64 - 1);
        let spans = [[Span { low: 0, high: 0 }; TRIED]; KINDS];
        let mut band = Self {
            least,
            step,
            spans,
            ends: (PerMille::ZERO, PerMille::FULL),
            doubted: 0,
            measured: true,
            drift: 0,
        };
        band.each(|kind, capacity, span| *span = Span::of(capacity, of_kind(&windows, kind)));
        band
    }

    /// As it was kept around `soc`; what was written down may be off besides.
    #[must_use]
    pub fn kept(capacity: i64, soc: PerMille, doubt: &Doubt) -> Self {
        let width = |share: PerMille| share.max(values::RECORD_ERROR).0;
        let (low, high) = (less(soc, width(doubt.less)), more(soc, width(doubt.more)));
        Self { measured: false, ..Self::between(capacity, low, high) }
    }

    /// It is between two shares, and so is what is known if the two agree.
    pub fn within(&mut self, low: PerMille, high: PerMille) {
        self.doubted = 0;
        self.cut([Window { low, high }; KINDS]);
        self.measured = true;
    }

    /// The voltage without current allows this in cells of each kind. What contradicts a measurement is near it; what
    /// contradicts a record leaves what it allows, and nothing is known of the capacity any more.
    pub fn cut(&mut self, windows: [Window; KINDS]) {
        let near = |band: &Self| if band.measured { band.near(windows) } else { None };
        let cut = self.narrowed(windows).or_else(|| near(self));
        *self = cut.unwrap_or_else(|| {
            let mut band = Self::opened(self.all_capacities(), [Window::ALL; KINDS]);
            band.narrow(windows);
            band
        });
    }

    /// What was measured, as much wider as the voltage asks for, and by as much again. After the smallest contradiction
    /// capacity and kind are believed as before; after a larger one the capacity only as far as the count was off, and
    /// the kind not at all. None if the two are too far apart.
    fn near(&self, windows: [Window; KINDS]) -> Option<Self> {
        let believed = |off| self.widened(off).narrowed(windows);
        let doubted = |off| {
            let (low, high) = self.ends;
            let known = Window { low: less(low, off), high: more(high, off) };
            Self::opened(self.capacities_within(off), [known; KINDS]).narrowed(windows)
        };
        let smallest = CONTRADICTIONS.first().copied().filter(|off| believed(*off).is_some());
        let larger = || CONTRADICTIONS.into_iter().find(|off| doubted(*off).is_some());
        match smallest {
            Some(off) => believed(2 * off),
            None => larger().and_then(|off| doubted(2 * off)),
        }
    }

    /// What any module may have.
    fn all_capacities(&self) -> (i64, i64) {
        let (least, most) = believable(rated());
        (least.min(self.least), most)
    }

    /// What this module may have if a count by it was off by so many thousandths.
    fn capacities_within(&self, off: u16) -> (i64, i64) {
        let (least, most) = self.all_capacities();
        let Some((low, high)) = self.capacities() else { return (least, most) };
        (
            low.saturating_sub(part(low, PerMille(off))).max(least),
            high.saturating_add(part(high, PerMille(off))).min(most),
        )
    }

    /// What is left is wider by so many thousandths at each end.
    fn widened(mut self, by: u16) -> Self {
        self.each_left(|capacity, span| *span = span.moved(0, part(capacity, PerMille(by)), capacity));
        self
    }

    /// As far as the voltage allows it; none if nothing is left then.
    fn narrowed(mut self, windows: [Window; KINDS]) -> Option<Self> {
        self.narrow(windows).then_some(self)
    }

    /// The same under current: what its resistance adds is not known well enough to contradict all that was known.
    pub fn cut_under_current(&mut self, windows: [Window; KINDS]) {
        let before = *self;
        if !self.narrow(windows) {
            *self = before;
        }
    }

    /// False if nothing is left then.
    fn narrow(&mut self, windows: [Window; KINDS]) -> bool {
        self.each(|kind, capacity, span| {
            let (slack, allowed) = (slack(capacity), Span::of(capacity, of_kind(&windows, kind)));
            *span = span.meet(Span { low: allowed.low - slack, high: allowed.high.saturating_add(slack) });
        });
        self.left().next().is_some()
    }

    /// The charge is at a place that is known whatever was counted: a capacity that leads to it begins anew there.
    pub fn renew(&mut self, low: PerMille, high: PerMille) {
        self.within(low, high);
        self.drift = 0;
        self.each_left(|capacity, span| *span = Span::of(capacity, Window { low, high }));
    }

    /// It may be as little as `low`: not all that speaks for that is believed, and the estimate stays.
    pub fn down_to(&mut self, low: PerMille) {
        let apart = self.ends.0.0.saturating_sub(low.0);
        self.doubted = self.doubted.max(part(rated(), PerMille(apart)));
    }

    /// `moved` has been counted, mA us. If that is more than anything left of it holds, `capacity` is believed again.
    pub fn pass(&mut self, moved: i64, currents: Currents, elapsed_us: i64, capacity: i64) {
        let offset = match currents.trust() {
            // Within what is allowed either of them may be the one that is off.
            Trust::Both => i64::from(values::SHUNT_OFFSET.0).max(currents.apart().abs()),
            Trust::Converter | Trust::Shunt => i64::from(values::CONVERTER_OFFSET.0),
            Trust::Neither => currents.apart().abs() / 2,
        };
        let gain = moved.abs() / 1000 * i64::from(values::SHUNT_GAIN.0);
        let grown = gain.saturating_add(offset.saturating_mul(elapsed_us));
        self.drift = self.drift.saturating_add(grown);
        self.each_left(|capacity, span| *span = span.moved(moved, grown, capacity));
        if self.left().next().is_none() {
            // Something was wrong, but that end is near.
            let (low, high) = if moved > 0 {
                (less(PerMille::FULL, NEAR_THE_END), PerMille::FULL)
            } else {
                (PerMille::ZERO, PerMille(NEAR_THE_END))
            };
            *self = Self::between(capacity, low, high);
        }
    }

    /// Its ends, as shares.
    #[must_use]
    pub fn around(&self) -> (PerMille, PerMille) {
        let (low, high) = self.ends;
        (PerMille(low.0.saturating_sub(PerMille::of(self.doubted, rated()).0)), high)
    }

    /// Where in the band an estimate may be: no further than [`values::ESTIMATE_NEAR`] from either of its ends, or at
    /// the mean if it is too wide for that. If the capacity is `learned`, further by what only the errors of the
    /// currents have added, up to its ends: a count by the rated one leads the same way for as long as it is wrong. A
    /// band of more than half of all charges says nothing against the count.
    #[must_use]
    pub fn nearest(&self, soc: PerMille, learned: bool) -> PerMille {
        let ((low, high), mean) = (self.ends, self.mean());
        if high.0.saturating_sub(low.0) > PerMille::FULL.0 / 2 {
            return soc.max(low).min(high);
        }
        let drift = if learned { PerMille::of(self.drift, rated()).0 } else { 0 };
        let least = high.0.saturating_sub(values::ESTIMATE_NEAR.0).min(mean.0);
        let most = low.0.saturating_add(values::ESTIMATE_NEAR.0).max(mean.0);
        let least = least.saturating_sub(drift.min(least.saturating_sub(low.0)));
        let most = most.saturating_add(drift.min(high.0.saturating_sub(most)));
        PerMille(soc.0.max(least).min(most))
    }

    /// Mean of what is left: each capacity and kind counts by the charges that it allows.
    fn mean(&self) -> PerMille {
        let (mut sum, mut weights) = (0_u64, 0_u64);
        for (capacity, span) in self.left() {
            let (low, high) = span.shares(capacity);
            let weight = u64::from(high.0.saturating_sub(low.0)) + 1;
            sum += weight * u64::from(low.0.midpoint(high.0));
            weights += weight;
        }
        PerMille((sum / weights.max(1)) as u16)
    }

    /// Smallest and largest capacity that is not excluded, mA us; none if all are.
    #[must_use]
    pub fn capacities(&self) -> Option<(i64, i64)> {
        let (first, _) = self.left().next()?;
        Some(self.left().fold((first, first), |(least, most), (one, _)| (least.min(one), most.max(one))))
    }

    fn left(&self) -> impl Iterator<Item = (i64, Span)> {
        let capacities =
            (0_i64..TRIED as i64).map(|number| self.least.saturating_add(number.saturating_mul(self.step)));
        let spans = self.spans.iter().flat_map(move |kind| capacities.clone().zip(kind.iter().copied()));
        spans.filter(|(_, span)| span.is_left())
    }

    fn each_left(&mut self, mut change: impl FnMut(i64, &mut Span)) {
        self.each(|_, capacity, span| {
            if span.is_left() {
                change(capacity, span);
            }
        });
    }

    fn each(&mut self, mut change: impl FnMut(usize, i64, &mut Span)) {
        for (kind, spans) in self.spans.iter_mut().enumerate() {
            let mut capacity = self.least;
            for span in spans {
                change(kind, capacity, span);
                capacity = capacity.saturating_add(self.step);
            }
        }
        let shares = self.left().map(|(capacity, span)| span.shares(capacity));
        let ends = shares.reduce(|ends, (low, high)| (ends.0.min(low), ends.1.max(high)));
        self.ends = ends.unwrap_or((PerMille::ZERO, PerMille::FULL));
    }
}

const fn less(share: PerMille, by: u16) -> PerMille {
    PerMille(share.0.saturating_sub(by))
}

fn more(share: PerMille, by: u16) -> PerMille {
    PerMille(share.0.saturating_add(by).min(PerMille::FULL.0))
}

/// Between two capacities that are tried, and between the cells of a module.
const fn slack(capacity: i64) -> i64 {
    capacity / 1000 * SLACK
}

fn of_kind(windows: &[Window; KINDS], kind: usize) -> Window {
    windows.get(kind).copied().unwrap_or(Window::ALL)
}

/// What a module may have whose capacity is told to be this.
fn believable(capacity: i64) -> (i64, i64) {
    if is_learned(capacity) {
        let off = part(capacity, values::LEARNED_ERROR);
        (capacity.saturating_sub(off), capacity.saturating_add(off))
    } else {
        (part(rated(), values::UNLEARNED_LEAST), part(rated(), values::UNLEARNED_MOST))
    }
}
