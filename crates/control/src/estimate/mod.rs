//! What is in the pack: charge by counting, recalibrated where the voltage of the cells says more than the count, with
//! a band that knows what the count does not know; and which cells to bleed.
//!
//! Charge is counted in whole milliampere-microseconds, so that no step is too short to count. Only
//! [`resistance`] uses floats.

pub mod anchor;
pub mod balance;
pub mod band;
pub mod capacity;
pub mod currents;
pub mod curve;
mod ramps;
pub mod resistance;
pub mod shown;
pub mod voltage;

use voltower_core::{Charge, Duration, MilliAmps, MilliVolts, PerMille, values};
use voltower_protocols::link::{CellDoubt, FullChargeWish, ModuleEstimate};

use crate::io::{PcuSample, Records};
use crate::keep::{Doubt, ModulePersisted, Part};
use crate::protect::push;
use crate::record::Record;
use anchor::{Anchor, Case, Claim, Drawn, Opinion, Signs};
use band::Band;
use capacity::{End, Learner, Shown as ShownEnd, Witness, is_learned};
use currents::{Currents, Trust};
use curve::{HELD, Held};
use resistance::CellView;
use shown::Shown;
use voltage::{Reading, Window};

/// What the count looks at.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The cells without what the current adds.
    pub view: &'a CellView,
    /// No lost reading could be beyond the extremes of the cells.
    pub all_read: bool,
    /// Pack current that is relied on.
    pub current: MilliAmps,
    /// The converter's own measurements.
    pub pcu: &'a PcuSample,
    /// Pack voltage.
    pub pack_voltage: MilliVolts,
    /// The fullest cell here is full: it follows the levels that are set.
    pub full_from: MilliVolts,
}

/// Charge counter of a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChargeCounter {
    /// Charge in the pack, mA us.
    charge: i64,
    /// Capacity, mA us; positive.
    capacity: i64,
    shown: Shown,
    band: Band,
    held: Held,
    /// What the band was not told yet.
    untold: Flow,
    /// Charge taken out since the last full cycle was counted, mA us.
    taken: i64,
    cycles: u16,
    health: PerMille,
    anchor: Anchor,
    learner: Learner,
    currents: Currents,
    /// Charge in the last direction, as far as the hysteresis reaches, mA us.
    lean: i64,
    /// With little current.
    rested: Duration,
    /// Since the last end.
    since_end: Duration,
    record: Known,
    /// The lower end has been seen, and not been left since.
    low_seen: bool,
    /// Since the lower end the cells have been level: whichever is alone now was not always so.
    level_seen: bool,
    /// No cell is alone now.
    level: bool,
    /// Discharged below the lowest stage and not charged since.
    empty: bool,
    /// Cell that was alone with an end, from 1; 0 for none.
    alone: u8,
    /// A cell was alone with an end since the start: what the others show is not how full the module is.
    uneven: bool,
    bad_contact: u8,
    /// Charge that has moved since the cells were level last, mA us.
    unlevel: i64,
    /// So much one cell has drawn the count down since the cells were level or full, in thousandths.
    drawn: u16,
}

/// What has flowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Flow {
    /// mA us.
    moved: i64,
    time: Duration,
}

/// Whether the charge at the start was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Known {
    /// By a record.
    Recorded,
    /// The record was lost, and nothing has been measured yet.
    Lost,
    /// The voltage has given a first guess.
    Guessed,
}

const US_PER_MS: i64 = 1000;

impl ChargeCounter {
    /// From what the recorder kept; a capacity that is not positive becomes the rated one. A charge that was never
    /// written, or lost, is unknown.
    #[must_use]
    pub fn new(persisted: &ModulePersisted) -> Self {
        let rated = Charge::from_deci_amp_hours(values::RATED_CAPACITY_DECI_AMP_HOURS.0).0;
        let capacity = if persisted.capacity.0 > 0 { persisted.capacity.0 } else { rated };
        let capacity = capacity.saturating_mul(US_PER_MS);
        let charge = persisted.charge.0.saturating_mul(US_PER_MS).min(capacity).max(0);
        let record = match (is_lost(persisted), persisted.doubt.guessed) {
            (true, _) => Known::Lost,
            (false, true) => Known::Guessed,
            (false, false) => Known::Recorded,
        };
        let soc = PerMille::of(charge, capacity);
        Self {
            charge,
            capacity,
            shown: Shown::new(soc),
            band: match record {
                Known::Recorded | Known::Guessed => Band::kept(capacity, soc, &persisted.doubt),
                Known::Lost => Band::between(capacity, PerMille::ZERO, PerMille::FULL),
            },
            held: Held::NEW,
            untold: Flow::default(),
            taken: 0,
            cycles: persisted.cycles,
            health: persisted.health,
            anchor: Anchor::Free,
            learner: Learner::default(),
            currents: Currents::default(),
            lean: 0,
            rested: Duration::ZERO,
            since_end: Duration::hours(u64::from(persisted.doubt.since_end)),
            record,
            empty: record == Known::Recorded && soc < values::LADDER_REST,
            low_seen: false,
            level_seen: false,
            level: false,
            alone: 0,
            uneven: false,
            bad_contact: 0,
            unlevel: 0,
            drawn: 0,
        }
    }

    /// Counts a sample, then looks for what the voltage says against the count.
    pub fn step(&mut self, look: &Look<'_>, elapsed: Duration, records: &mut Records) {
        self.currents.step(look.current, look.pcu, look.pack_voltage, elapsed);
        let current = self.currents.counted(look.current, look.pcu);
        self.count(current, elapsed);
        self.bad_contact = look.view.bad_contact;
        let little = current.abs() <= values::REST_CURRENT;
        self.rested = if little { self.rested + elapsed } else { Duration::ZERO };
        self.since_end = self.since_end + elapsed;
        let told = self.tell_band();
        self.look_at_cells(look, elapsed, told, records);
        if told.is_some() {
            self.draw_in();
        }
        let soc = self.soc();
        self.empty = soc < if self.empty { values::LADDER_LEAVE } else { values::LADDER_REST };
        self.shown.follow(soc, elapsed);
    }

    /// The AFE was off: what the module took for itself meanwhile was not counted, and in weeks it takes the cells to
    /// the other branch of their hysteresis.
    pub const fn restart(&mut self) {
        self.lean = 0;
    }

    /// State of charge as counted.
    #[must_use]
    pub const fn soc(&self) -> PerMille {
        PerMille::of(self.charge, self.capacity)
    }

    /// State of charge as people see it: it moves slowly, whatever has happened.
    #[must_use]
    pub const fn shown_soc(&self) -> PerMille {
        self.shown.soc()
    }

    /// What people are not shown yet, in thousandths; positive while they are shown less.
    #[must_use]
    pub const fn held_back(&self) -> i16 {
        self.soc().0 as i16 - self.shown_soc().0 as i16
    }

    /// What decisions use, and how far it may be off.
    #[must_use]
    pub fn estimate(&self) -> ModuleEstimate {
        let (low, high) = self.band.around();
        let soc = self.soc();
        ModuleEstimate {
            soc,
            soc_low: low.min(soc),
            soc_high: high.max(soc),
            wish: self.wish(),
            doubt: match (self.bad_contact, self.alone) {
                (0, 0) if self.is_shunt_off() => CellDoubt::Shunt,
                (0, 1..) => CellDoubt::End,
                _ => CellDoubt::Contact,
            },
            doubted_cell: if self.bad_contact > 0 { self.bad_contact } else { self.alone },
        }
    }

    /// Charge in the pack.
    #[must_use]
    pub const fn remaining(&self) -> Charge {
        Charge(self.charge / US_PER_MS)
    }

    /// Charge of the full pack.
    #[must_use]
    pub const fn capacity(&self) -> Charge {
        Charge(self.capacity / US_PER_MS)
    }

    /// Equivalent full cycles.
    #[must_use]
    pub const fn cycles(&self) -> u16 {
        self.cycles
    }

    /// State of health.
    #[must_use]
    pub const fn health(&self) -> PerMille {
        self.health
    }

    /// The module is full and has not been used since.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.anchor == Anchor::Full
    }

    /// The module has been below the lowest stage of its charge, and has not been charged above the highest since.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.empty
    }

    /// No cell is alone with what it shows, by far.
    #[must_use]
    pub const fn is_level(&self) -> bool {
        self.level
    }

    /// The shunt has counted other ampere-hours than the converter.
    #[must_use]
    pub const fn is_shunt_off(&self) -> bool {
        self.currents.is_shunt_off()
    }

    /// Cell that showed an end that the others have not reached, from 1; 0 for none.
    #[must_use]
    pub const fn alone(&self) -> u8 {
        self.alone
    }

    /// What is not known of the charge, as it is kept.
    #[must_use]
    pub fn doubt(&self) -> Doubt {
        let (soc, (low, high)) = (self.soc(), self.band.around());
        let hours = self.since_end.as_millis() / 3_600_000;
        Doubt {
            less: PerMille(soc.0.saturating_sub(low.0)),
            more: PerMille(high.0.saturating_sub(soc.0)),
            since_end: u16::try_from(hours).unwrap_or(u16::MAX),
            guessed: self.record != Known::Recorded,
        }
    }

    /// Why a full charge would help.
    #[must_use]
    pub fn wish(&self) -> FullChargeWish {
        let (low, high) = self.band.around();
        let wide = high.0.saturating_sub(low.0) > values::WIDE_BAND.0;
        [
            (self.since_end > values::END_LONG_AGO, FullChargeWish::LONG_AGO),
            (wide, FullChargeWish::WIDE_BAND),
            (self.currents.trust() != Trust::Both, FullChargeWish::COUNTS_DISAGREE),
            (self.record != Known::Recorded, FullChargeWish::RECORD_LOST),
        ]
        .into_iter()
        .filter(|(is, _)| *is)
        .fold(FullChargeWish::NONE, |wish, (_, reason)| wish.with(reason))
    }

    /// What flowed since the last time moves the band; the time that it took, once a period.
    fn tell_band(&mut self) -> Option<Duration> {
        if self.untold.time < values::ESTIMATE_PERIOD {
            return None;
        }
        let Flow { moved, time } = core::mem::take(&mut self.untold);
        self.band.pass(moved, self.currents, micros(time), self.capacity);
        Some(time)
    }

    fn count(&mut self, current: MilliAmps, elapsed: Duration) {
        let moved = i64::from(current.0).saturating_mul(micros(elapsed));
        self.charge = self.charge.saturating_add(moved).min(self.capacity).max(0);
        let reach = part(self.capacity, values::HYSTERESIS_REACH);
        self.lean = self.lean.saturating_add(moved).min(reach).max(-reach);
        self.learner.pass(moved, elapsed);
        self.unlevel = self.unlevel.saturating_add(moved.saturating_abs());
        self.untold =
            Flow { moved: self.untold.moved.saturating_add(moved), time: self.untold.time + elapsed };
        self.taken = self.taken.saturating_add(moved.saturating_neg().max(0));
        if self.taken >= self.capacity {
            self.taken -= self.capacity;
            self.cycles = self.cycles.saturating_add(1);
        }
    }

    /// `told` is the time since the band was last told what had flowed, if it has just been told.
    fn look_at_cells(
        &mut self,
        look: &Look<'_>,
        elapsed: Duration,
        told: Option<Duration>,
        records: &mut Records,
    ) {
        let signs = Signs::of(look.view).filter(|_| look.all_read);
        if let (Known::Lost, Some(signs)) = (self.record, &signs) {
            self.guess(look, signs);
        }
        let soc = self.soc();
        let case = signs.as_ref().map(|signs| Case {
            signs,
            reading: Reading { view: look.view, rested: self.rested, lean: self.lean() },
            current: look.current,
            full_from: look.full_from,
            soc,
            low_seen: self.low_seen,
            drawn: match (self.alone, self.drawn) {
                (0, 0) => Drawn::Nothing,
                (0, by) => Drawn::By(by),
                _ => Drawn::Alone,
            },
        });
        self.low_seen &= soc < values::LOW_LEFT;
        // Near the lower end cells differ for other reasons.
        self.level = case.as_ref().is_some_and(Case::is_level);
        if !self.low_seen && self.level {
            self.level_seen = true;
            self.unlevel = 0;
            self.drawn = 0;
        }
        if let Some(time) = told {
            self.cut_band(look, case.as_ref(), time);
        }
        self.anchor = self.anchor.next(case.as_ref(), soc, elapsed);
        if self.anchor == Anchor::Free && self.level {
            self.alone = 0;
        }
        let Some((case, claim)) = case.zip(self.anchor.due()) else { return };
        self.anchor = Anchor::Free;
        match case.judge(claim) {
            Opinion::Set(to) => self.recalibrate(claim, to, &case, records),
            Opinion::Alone(cell) => self.refuse(claim, cell, &case, records),
        }
    }

    /// What the voltage has said for a minute cuts the band.
    fn cut_band(&mut self, look: &Look<'_>, case: Option<&Case<'_>>, time: Duration) {
        let readable = self.bad_contact == 0 && !self.uneven;
        let plain = case.filter(|_| readable && self.level);
        let windows = plain.map(|case| curve::windows(case.signs.others, look.view, case.reading.lean));
        let Some(windows) = self.held.step(windows, time) else { return };
        if self.rested >= HELD {
            self.band.cut(windows);
        } else {
            self.band.cut_under_current(windows);
        }
    }

    /// Thousandths of the way to the charged branch of the hysteresis.
    fn lean(&self) -> i32 {
        let reach = part(self.capacity, values::HYSTERESIS_REACH).max(1);
        (self.lean.saturating_mul(1000) / reach) as i32
    }

    /// Nothing is known but the voltage.
    fn guess(&mut self, look: &Look<'_>, signs: &Signs) {
        let Window { low, high } = Window::of_stranger(signs.lowest.0, look.view);
        self.put(PerMille(low.0.midpoint(high.0)));
        self.band = Band::between(self.capacity, low, high);
        self.shown = Shown::new(self.soc());
        self.record = Known::Guessed;
    }

    /// The estimate stays where its error is smallest, and the capacity is learned from what is left of it, unless one
    /// was learned that lies within the error beside that.
    fn draw_in(&mut self) {
        let soc = self.band.nearest(self.soc(), is_learned(self.capacity));
        let Some((least, most)) = self.band.capacities() else { return };
        let error = part(rated(), values::LEARNED_ERROR);
        let told = most.saturating_sub(least) <= 2 * error;
        let near = least.saturating_sub(error)..=most.saturating_add(error);
        if told && !(is_learned(self.capacity) && near.contains(&self.capacity)) {
            self.learn(least.midpoint(most));
        } else if soc == self.soc() {
            return;
        }
        self.put(soc);
    }

    fn learn(&mut self, capacity: i64) {
        self.capacity = capacity.max(1);
        self.health = PerMille::of(self.capacity, rated());
    }

    fn put(&mut self, soc: PerMille) {
        self.charge = part(self.capacity, soc);
    }

    fn recalibrate(&mut self, claim: Claim, to: PerMille, case: &Case<'_>, records: &mut Records) {
        let from = self.soc();
        self.alone = 0;
        self.drawn = match claim {
            Claim::Less if case.is_apart() => self.drawn.saturating_add(from.0.saturating_sub(to.0)),
            Claim::Less | Claim::More => self.drawn,
            Claim::Full => 0,
        };
        match claim {
            Claim::Full => {
                self.reach(End::Upper, Witness::All, to);
            }
            Claim::Less | Claim::More if to <= values::TRUSTED_LOW && !case.is_charged() => {
                self.reach(End::Lower, Witness::All, to);
                self.level_seen = false;
            }
            Claim::Less | Claim::More => {}
        }
        self.put(to);
        match claim {
            Claim::Full => {
                self.anchor = Anchor::Full;
                self.band.renew(values::FULL_LEFT, PerMille::FULL);
                self.record = Known::Recorded;
                self.since_end = Duration::ZERO;
            }
            Claim::Less | Claim::More => {
                let Window { low, high } = case.believed();
                self.band.within(low, high);
                if to <= values::TRUSTED_LOW {
                    self.band.renew(low, high);
                    self.low_seen = true;
                    self.record = Known::Recorded;
                    self.since_end = Duration::ZERO;
                }
            }
        }
        if self.soc().0.abs_diff(from.0) >= values::RECALIBRATION_TOLD.0 {
            push(records, Record::Anchored { from, to: self.soc() });
        }
    }

    /// The module is at a place that the voltage proves: what has flowed since the last one tells the capacity.
    fn reach(&mut self, end: End, witness: Witness, soc: PerMille) -> bool {
        let learned = self.learner.reach(ShownEnd { end, witness, soc }, self.capacity);
        if let Some(learned) = learned {
            self.learn(learned);
            self.band = Band::between(self.capacity, PerMille::ZERO, PerMille::FULL);
        }
        learned.is_some()
    }

    /// A cell is alone with an end. If it is so at both, it is the cell that has lost capacity, and with it the module.
    fn refuse(&mut self, claim: Claim, cell: u8, case: &Case<'_>, records: &mut Records) {
        let from = self.soc();
        self.alone = cell;
        self.uneven = true;
        let (end, to) = match claim {
            Claim::Full => (End::Upper, PerMille::FULL),
            Claim::Less | Claim::More => (End::Lower, case.reading.window(case.signs.lowest.0).high),
        };
        if end == End::Lower {
            let low = case.reading.window(case.signs.lowest.0).low;
            self.band.down_to(low);
        }
        // A cell that has lost capacity is like the others in between; one whose reading is off is not.
        let was_level = match end {
            End::Lower => self.unlevel <= part(self.capacity, values::UNLEVEL_BELOW),
            End::Upper => self.level_seen,
        };
        let counts = was_level && !(end == End::Lower && to > values::TRUSTED_LOW);
        if !counts || !self.reach(end, Witness::One(cell), to) {
            return;
        }
        self.alone = 0;
        self.put(to);
        let (low, high) = (to.0.saturating_sub(values::RECORD_ERROR.0), to.0 + values::RECORD_ERROR.0);
        self.band = Band::between(self.capacity, PerMille(low), PerMille(high.min(PerMille::FULL.0)));
        if end == End::Upper {
            self.anchor = Anchor::Full;
        }
        self.since_end = Duration::ZERO;
        push(records, Record::Anchored { from, to: self.soc() });
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// Whether what is kept of the charge says anything.
fn is_lost(persisted: &ModulePersisted) -> bool {
    let never_written = persisted.charge == ModulePersisted::NEW.charge
        && persisted.cycles == ModulePersisted::NEW.cycles
        && persisted.capacity == ModulePersisted::NEW.capacity;
    never_written || persisted.damaged.contains(Part::Charge)
}

/// Capacity of a new module, mA us.
const fn rated() -> i64 {
    Charge::from_deci_amp_hours(values::RATED_CAPACITY_DECI_AMP_HOURS.0).0.saturating_mul(US_PER_MS)
}

/// So much of `whole`; no product of the two is built, it would be too large.
const fn part(whole: i64, share: PerMille) -> i64 {
    whole / 1000 * share.0 as i64
}
