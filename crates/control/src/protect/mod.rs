//! Protection of a module: readings with age, the condition table, and what must be done about it.
//!
//! Analyse, then act: [`Readings`](measure::Readings) turns a sample into quantities, [`Protection::step`] runs
//! every row of [`TABLE`](table::TABLE) over them, and the [`Verdict`] says what is wrong and what must stop. Acting
//! is the module's.

pub mod frozen;
pub mod levelling;
pub mod measure;
pub mod reading;
pub mod row;
pub mod stop;
pub mod table;

use voltower_core::{
    Condition, ConditionSet, DeciCelsius, Duration, Fault, Finding, FindingSet, Levels, MilliAmps,
    MilliVolts, Watts, values,
};

use crate::blind::{self, Detection};
use crate::io::{Comparator, ComparatorStatus, ModuleSample, Records};
use crate::record::Record;
use levelling::{Failure, Levelling, Way};
use measure::{Evidence, Measured, current_magnitude};
use row::{Direction, Heals, Reaction, Recovery, Row, RowState};
use table::{COUNTED, ROWS, TABLE, table};

/// What a row of the table looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Highest cell voltage, mV.
    CellHighest,
    /// Lowest cell voltage, mV.
    CellLowest,
    /// Lowest cell voltage, mV, unless the module rests below its low-SOC stages: there a cell may stand as low as its
    /// reserve.
    CellLowestInUse,
    /// Difference of the two, mV.
    CellSpread,
    /// The same, none while all cells are nearly empty.
    CellSpreadInUse,
    /// Highest cell temperature, 0.1 degC.
    TemperatureHighest,
    /// Lowest cell temperature, 0.1 degC.
    TemperatureLowest,
    /// Difference of the two, 0.1 K.
    TemperatureSpread,
    /// Ambient temperature, 0.1 degC.
    Ambient,
    /// MOSFET temperature, 0.1 degC.
    Mos,
    /// Heat sink temperature, 0.1 degC.
    HeatSink,
    /// Magnitude of the pack current, mA.
    Current,
    /// Bus power beyond what was allowed, W.
    PowerExcess,
    /// Current in a direction that is stopped, mA.
    ForbiddenCurrent,
    /// Readings that cannot be believed, or are too old to be.
    Implausible,
    /// Sum of cells against the pack's divider, thousandths.
    SumError,
    /// The converter's measurement of the pack against cells and divider, thousandths.
    ConverterError,
    /// A reading that does not move though it should.
    Frozen,
    /// Shunt against the converter's current, mA.
    CurrentError,
    /// No new conversion.
    AfeSilent,
    /// The AFE has opened the MOSFETs by itself.
    Comparator,
    /// The AFE's comparator does not hold what was programmed.
    ComparatorSetting,
    /// The converter has failed.
    Converter,
    /// A test of the module's own electronics has failed or is overdue.
    SelfTest,
    /// A contact is closed that is driven open.
    Welded,
    /// A MOSFET is open that is driven closed.
    NotClosed,
    /// Voltage at B+/B-, mV.
    TerminalVoltage,
    /// The converter has failed for good.
    ConverterForGood,
    /// Memory cannot write what must outlive a loss of power, or does not answer.
    Memory,
    /// Lock-outs or settings that were kept cannot be believed.
    Stored,
    /// Resets without a quiet time between them.
    Resets,
    /// What is stored of the configuration breaks a relation.
    Configuration,
    /// The contact or sense wire of a cell is bad.
    CellContact,
    /// A cell shows an end that the others have not reached.
    CellAlone,
    /// The shunt counts other ampere-hours than the converter.
    ShuntCount,
    /// A cell does not rise though it is charged.
    NoRise,
    /// A cell sinks though nothing flows.
    Sinking,
}

/// What protection needs to know beside the sensors: what the module itself is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doing {
    /// The charge MOSFET is driven closed.
    pub charge_mosfet: bool,
    /// The discharge MOSFET is driven closed.
    pub discharge_mosfet: bool,
    /// The output relay is driven closed.
    pub relay: bool,
    /// What the AFE's comparator was programmed with.
    pub comparator: Comparator,
    /// Bus power allowed while charging.
    pub charge_allowed: Watts,
    /// Bus power allowed while discharging.
    pub discharge_allowed: Watts,
    /// The converter reports a fault of its own.
    pub converter_failed: bool,
    /// A test of its own electronics has failed or is overdue.
    pub self_test_failed: bool,
    /// A person clears the lock-outs.
    pub person: bool,
    /// The converter has failed until a person has looked.
    pub converter_lost: bool,
    /// Memory cannot write, or does not answer.
    pub memory_failed: bool,
    /// What was kept cannot be believed.
    pub stored_damaged: bool,
    /// Resets without a quiet time between them.
    pub resets: u8,
    /// Cell whose contact or sense wire is bad, from 1; 0 for none.
    pub bad_contact: u8,
    /// Cell that shows an end that the others have not reached, from 1; 0 for none.
    pub alone: u8,
    /// The shunt has counted other ampere-hours than the converter.
    pub shunt_off: bool,
    /// The charge is below the lowest stage: the module gives nothing but the start of a bus.
    pub empty: bool,
    /// Memory holds lock-outs and tries as they were after the last step.
    pub held: bool,
}

/// What is wrong, and what must be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Verdict {
    /// All alarms and faults.
    pub conditions: ConditionSet,
    /// Those that wait for a person.
    pub locked: ConditionSet,
    /// Those of them that memory does not hold yet, or still holds although a person has cleared them.
    pub pending: ConditionSet,
    /// No charging.
    pub stop_charge: bool,
    /// No discharging.
    pub stop_discharge: bool,
    /// Leave the bus, power to zero first.
    pub isolate: bool,
    /// Open everything now.
    pub open: bool,
}

/// State of the condition table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Protection {
    /// With the levels that are set.
    table: [Row; ROWS],
    rows: [RowState; ROWS],
    /// Those that hold: ours, or what is set.
    levels: Levels,
    /// How cells that lie too far apart come together again, and what may pass meanwhile.
    levelling: Levelling,
    way: Way,
    configuration_broken: bool,
    verdict: Verdict,
    /// Conditions whose rows are locked.
    locked: ConditionSet,
    /// Lock-outs that memory does not hold yet: nobody is told that they are set.
    unwritten: ConditionSet,
    /// Lock-outs that a person has cleared, and that memory still holds: they stay until it does not.
    clearing: ConditionSet,
    /// Lock-outs or tries have changed in the last step.
    changed: bool,
    /// Cell or sensor that each condition was last seen at, 0 for none.
    elements: [u8; Condition::COUNT],
    ages: Ages,
    /// What the operator who clears has seen; whoever names nothing means all.
    named: Option<RowSet>,
}

/// A set of rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct RowSet(u64);

const _: () = assert!(ROWS <= u64::BITS as usize);

impl RowSet {
    const fn with(self, row: usize) -> Self {
        Self(self.0 | 1 << (row as u64 & 63))
    }

    const fn contains(self, row: usize) -> bool {
        self.0 >> (row as u64 & 63) & 1 != 0
    }
}

/// Lock-outs that are so young that no operator can have seen them: those since the last turn, and of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Ages {
    newest: RowSet,
    young: RowSet,
    turn: Duration,
}

impl Ages {
    fn pass(&mut self, elapsed: Duration) {
        self.turn = self.turn + elapsed;
        if self.turn >= values::OPERATOR_SEES {
            *self = Self { young: self.newest, ..Self::default() };
        }
    }

    /// All but the young.
    const fn seen(self) -> RowSet {
        RowSet(!(self.newest.0 | self.young.0))
    }
}

impl Protection {
    /// With the lock-outs and tries that the recorder has kept.
    #[must_use]
    pub fn new(locked_out: ConditionSet, tries: [u8; COUNTED]) -> Self {
        let mut tries = tries.into_iter();
        let rows = TABLE.map(|row| {
            let tries = if row.is_counted() { tries.next().unwrap_or(0) } else { 0 };
            let locks = match row.recovery {
                Recovery::Automatic => false,
                Recovery::Tries | Recovery::Person => locked_out.contains(row.condition),
            };
            if locks { RowState::Locked } else { RowState::after_tries(tries) }
        });
        let mut protection = Self {
            table: TABLE,
            rows,
            levels: Levels::OURS,
            levelling: Levelling::default(),
            way: Way::Both,
            configuration_broken: false,
            verdict: Verdict::default(),
            locked: ConditionSet::EMPTY,
            unwritten: ConditionSet::EMPTY,
            clearing: ConditionSet::EMPTY,
            changed: false,
            elements: [0; Condition::COUNT],
            ages: Ages::default(),
            named: None,
        };
        protection.locked = protection.locked_rows();
        protection.verdict = protection.judge();
        protection
    }

    /// Lock-outs that must outlive a loss of power.
    #[must_use]
    pub const fn locked_out(&self) -> ConditionSet {
        self.locked
    }

    /// Those of them that memory does not hold yet: they are not set yet.
    #[must_use]
    pub const fn unwritten(&self) -> ConditionSet {
        self.unwritten
    }

    /// How often each counted row was raised lately, in the order of the table.
    #[must_use]
    pub fn tries(&self) -> [u8; COUNTED] {
        let mut tries = [0; COUNTED];
        let counted = TABLE.iter().zip(&self.rows).filter(|(row, _)| row.is_counted());
        for (slot, (_, state)) in tries.iter_mut().zip(counted) {
            *slot = state.tries();
        }
        tries
    }

    /// Whether lock-outs or tries have changed in the last step.
    #[must_use]
    pub const fn has_changed(&self) -> bool {
        self.changed
    }

    /// From now on these levels hold; what is wrong stays so until it is right by them. `broken`: the configuration
    /// that they are part of breaks a relation, so that our own levels hold and the module stays off the bus.
    pub fn configure(&mut self, levels: &Levels, broken: bool) {
        self.levels = if broken { Levels::OURS } else { *levels };
        self.table = table(&self.levels);
        self.configuration_broken = broken;
    }

    /// What was found, and is still so.
    #[must_use]
    pub fn findings(&self) -> FindingSet {
        let mut findings = FindingSet::EMPTY;
        for (row, _) in self.present() {
            findings.insert(row.finding);
        }
        findings
    }

    /// What is behind `condition`; of several the first of the table.
    #[must_use]
    pub fn finding(&self, condition: Condition) -> Finding {
        let mut present = self.present();
        present.find(|(row, _)| row.condition == condition).map_or(Finding::Unnamed, |(row, _)| row.finding)
    }

    fn present(&self) -> impl Iterator<Item = (&Row, &RowState)> {
        self.table.iter().zip(&self.rows).filter(|(_, state)| state.is_present())
    }

    /// The verdict of the last step.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Cell or sensor that `condition` was last seen at, from 1; 0 for none.
    #[must_use]
    pub fn element(&self, condition: Condition) -> u8 {
        self.elements.get(condition.bit() as usize).copied().unwrap_or(0)
    }

    /// An operator clears what can have been seen by now, and nothing that comes later.
    pub const fn name_lock_outs(&mut self) {
        self.named = Some(self.ages.seen());
    }

    /// The operator who clears means what is locked out because of `quantity`.
    #[must_use]
    pub fn names(&self, quantity: Quantity) -> bool {
        let mut rows = self.table.iter().zip(&self.rows).enumerate();
        rows.any(|(row, (with, state))| {
            with.quantity == quantity && *state == RowState::Locked && self.is_named(row)
        })
    }

    fn is_named(&self, row: usize) -> bool {
        self.named.is_none_or(|named| named.contains(row))
    }

    /// Forgets everything that is not locked out, tries excepted: the module was off.
    pub fn restart(&mut self) {
        for state in &mut self.rows {
            if *state != RowState::Locked {
                *state = RowState::after_tries(state.tries());
            }
        }
        (self.levelling, self.way) = (Levelling::default(), Way::Both);
        self.verdict = self.judge();
    }

    /// A row of `quantity` is raised, or locked out.
    #[must_use]
    pub fn is_raised(&self, quantity: Quantity) -> bool {
        self.present().any(|(row, _)| row.quantity == quantity)
    }

    /// What is behind `quantity` was found before the module was off, and is known still: it need not prove itself
    /// anew. Whatever the log does not know of it is written.
    pub fn recall(&mut self, quantity: Quantity, is_logged: bool, records: &mut Records) {
        let recalled =
            RowState::Raised { tries: 0, held: Duration::ZERO, calm: Duration::ZERO, waited: Duration::ZERO };
        for (row, state) in self.table.iter().zip(&mut self.rows).filter(|(row, _)| row.quantity == quantity)
        {
            if !is_logged && !state.is_present() {
                push(records, Record::Raised { condition: row.condition, module: 0, element: 0 });
            }
            *state = recalled;
        }
        self.verdict = self.judge();
    }

    /// What may pass while the cells lie too far apart.
    #[must_use]
    pub const fn way(&self) -> Way {
        self.way
    }

    /// Discharging is stopped, and by nothing but what charge heals.
    #[must_use]
    pub fn waits_for_charge(&self) -> bool {
        if !self.verdict.stop_discharge || self.verdict.isolate {
            return false;
        }
        self.present().all(|(row, state)| {
            let stops = row.stops(Direction::Discharge, state.held(), self.way);
            !stops || matches!(row.heals, Heals::Charge | Heals::Levelling)
        })
    }

    /// The cells lie too far apart: what heals that.
    fn level(&mut self, measured: &Measured, person: bool, elapsed: Duration) -> bool {
        let before = self.way;
        let is_level = !self.present().any(|(row, _)| row.reaction == Reaction::Level);
        if is_level || person {
            self.levelling = Levelling::default();
        }
        self.way = if is_level {
            Way::Both
        } else {
            self.levelling.step(measured, &self.levels, elapsed);
            self.levelling.way(measured)
        };
        self.way != before
    }

    /// Runs the table over one sample; `module` names the module in the records.
    pub fn step(
        &mut self,
        sample: &ModuleSample,
        measured: &Measured,
        doing: &Doing,
        elapsed: Duration,
        module: u8,
        records: &mut Records,
    ) -> Verdict {
        let before = self.verdict;
        let way_changed = self.level(measured, doing.person, elapsed);
        let look = Look {
            sample,
            measured,
            doing,
            stopped: before,
            coldest_charge: self.levels.cold_charge_end,
            failure: self.levelling.failure(),
            configuration_broken: self.configuration_broken,
        };
        let mut moved = doing.held && self.settle(records) || way_changed;
        self.changed = false;
        self.ages.pass(elapsed);
        let named = self.named.take_if(|_| doing.person);
        for (place, (row, state)) in self.table.iter().zip(&mut self.rows).enumerate() {
            let evidence = look.at(row.quantity);
            // By far the commonest: nothing to do in `next`.
            if *state == RowState::QUIET && !row.is_wrong(&evidence) {
                continue;
            }
            if blind::is_off(Detection::Module(place)) {
                continue;
            }
            let person = doing.person && named.is_none_or(|named| named.contains(place));
            let next = state.next(row, &evidence, elapsed, person);
            if next == *state {
                continue;
            }
            if next == RowState::Locked {
                self.ages.newest = self.ages.newest.with(place);
            }
            self.changed |= row.is_counted() && next.tries() != state.tries();
            if let Some(element) =
                self.elements.get_mut(row.condition.bit() as usize).filter(|_| row.is_wrong(&evidence))
            {
                *element = evidence.seen_at;
            }
            note_raised(row, *state, next, evidence.seen_at, before.conditions, module, records);
            *state = next;
            moved = true;
        }
        if moved {
            self.note_lock_outs();
            self.verdict = self.judge();
            note_cleared(before, self.verdict, module, records);
        }
        self.verdict
    }

    /// Memory holds what there was: lock-outs count as set and are told, and those that were cleared are gone.
    fn settle(&mut self, records: &mut Records) -> bool {
        if self.unwritten.is_empty() && self.clearing.is_empty() {
            return false;
        }
        self.clearing = ConditionSet::EMPTY;
        // What finds no place is told after the next step.
        for condition in self.unwritten.iter() {
            if records.push(Record::LockOut(condition)).is_ok() {
                self.unwritten.set(condition, false);
            }
        }
        true
    }

    /// What has locked and what was cleared must reach memory before it counts.
    fn note_lock_outs(&mut self) {
        let locked = self.locked_rows();
        let (new, gone) = (locked.minus(self.locked), self.locked.minus(locked));
        self.unwritten = self.unwritten.union(new).minus(gone);
        self.clearing = self.clearing.union(gone).minus(new);
        self.changed |= locked != self.locked;
        self.locked = locked;
    }

    fn locked_rows(&self) -> ConditionSet {
        let locked = self.table.iter().zip(&self.rows).filter(|(_, state)| **state == RowState::Locked);
        locked.fold(ConditionSet::EMPTY, |set, (row, _)| set.with(row.condition))
    }

    fn judge(&self) -> Verdict {
        let clearing = self.clearing;
        let mut verdict = Verdict {
            conditions: clearing,
            locked: clearing.union(self.locked),
            pending: clearing.union(self.unwritten),
            isolate: !clearing.is_empty(),
            ..Verdict::default()
        };
        for (row, state) in self.table.iter().zip(&self.rows) {
            match state {
                RowState::Quiet { .. } | RowState::Rising { .. } => {}
                RowState::Raised { held, .. } => verdict.add(row, *held, self.way),
                RowState::Locked => verdict.add(row, Duration::ZERO, self.way),
            }
        }
        verdict
    }
}

impl Verdict {
    fn add(&mut self, row: &Row, held: Duration, way: Way) {
        self.conditions.set(row.condition, true);
        match row.reaction {
            Reaction::Warn => {}
            Reaction::Stop(direction) => self.stop(direction),
            Reaction::Rest(direction) => {
                self.stop(direction);
                self.isolate |= held < values::ISOLATION_TIME;
            }
            Reaction::Level => {
                self.stop_charge |= way.stops(Direction::Charge);
                self.stop_discharge |= way.stops(Direction::Discharge);
                self.isolate |= held < values::ISOLATION_TIME;
            }
            Reaction::Isolate => self.isolate = true,
            Reaction::Open => {
                self.isolate = true;
                self.open = true;
            }
        }
    }

    fn stop(&mut self, direction: Direction) {
        match direction {
            Direction::Charge => self.stop_charge = true,
            Direction::Discharge => self.stop_discharge = true,
        }
    }
}

struct Look<'a> {
    sample: &'a ModuleSample,
    measured: &'a Measured,
    doing: &'a Doing,
    stopped: Verdict,
    coldest_charge: DeciCelsius,
    failure: Option<Failure>,
    configuration_broken: bool,
}

impl Look<'_> {
    fn at(&self, quantity: Quantity) -> Evidence {
        let Self { sample, measured, doing, .. } = self;
        match quantity {
            Quantity::CellHighest => measured.cells.highest,
            Quantity::CellLowest => measured.cells.lowest,
            Quantity::CellLowestInUse => self.lowest_in_use(),
            Quantity::CellSpread => measured.cells.spread(),
            Quantity::CellSpreadInUse => measured.cells.spread_above(values::CELL_SPREAD_FROM),
            Quantity::TemperatureHighest => measured.temperatures.highest,
            Quantity::TemperatureLowest => measured.temperatures.lowest,
            Quantity::TemperatureSpread => measured.temperatures.spread(),
            Quantity::Ambient => measured.ambient,
            Quantity::Mos => measured.mos,
            Quantity::HeatSink => measured.heat_sink,
            Quantity::Current => self.current(),
            Quantity::PowerExcess => Evidence::sure(self.power_excess(), true),
            Quantity::ForbiddenCurrent => Evidence::sure(self.forbidden_current().0, true),
            Quantity::Implausible => measured.implausible,
            Quantity::SumError => measured.sum_error,
            Quantity::ConverterError => measured.converter_error,
            Quantity::Frozen => measured.frozen,
            Quantity::CurrentError => self.current_error(),
            Quantity::AfeSilent => {
                Evidence::flag(measured.afe_silent || measured.aged_out && !measured.fresh, true)
            }
            Quantity::Comparator => Evidence::flag(self.comparator_opened(), true),
            Quantity::ComparatorSetting => {
                Evidence::flag(sample.comparator != doing.comparator, measured.fresh)
            }
            Quantity::Converter => Evidence::flag(doing.converter_failed, true),
            Quantity::SelfTest => Evidence::flag(doing.self_test_failed, true),
            Quantity::Welded => Evidence::flag(self.welded(), measured.fresh || self.relay_welded()),
            Quantity::NotClosed => Evidence::flag(self.not_closed(), measured.fresh),
            Quantity::TerminalVoltage => Evidence::sure(sample.pcu.terminal_voltage.0, true),
            Quantity::ConverterForGood => Evidence::flag(doing.converter_lost, true),
            Quantity::Memory => Evidence::flag(doing.memory_failed, true),
            Quantity::Stored => Evidence::flag(doing.stored_damaged, true),
            Quantity::Resets => Evidence::sure(i32::from(doing.resets), true),
            Quantity::NoRise => self.given_up(Failure::DoesNotRise),
            Quantity::Sinking => self.given_up(Failure::Sinks),
            Quantity::Configuration => Evidence::flag(self.configuration_broken, true),
            Quantity::CellContact => Evidence::flag(doing.bad_contact > 0, true).of(doing.bad_contact),
            Quantity::ShuntCount => Evidence::flag(doing.shunt_off, true),
            Quantity::CellAlone => Evidence::flag(doing.alone > 0, true).of(doing.alone),
        }
    }

    /// An empty module that rests with its reserve is as it should be: its low cells are no alarm, and one that was
    /// raised while it gave power clears.
    fn lowest_in_use(&self) -> Evidence {
        let lowest = self.measured.cells.lowest;
        let rests = self.doing.empty && lowest.worst >= values::RESERVE_CELL_VOLTAGE.0;
        if rests {
            Evidence { seen: lowest.seen.map(|_| i32::MAX), worst: i32::MAX, ..lowest }
        } else {
            lowest
        }
    }

    fn given_up(&self, failure: Failure) -> Evidence {
        Evidence::flag(self.failure == Some(failure), true).of(self.measured.cells.lowest.seen_at)
    }

    /// The converter's current is new with each sample, the shunt's with each conversion.
    fn current(&self) -> Evidence {
        let sample = self.sample;
        let by_converter = sample.pcu.low_current.abs() >= sample.pack_current.abs();
        Evidence::sure(current_magnitude(sample), self.measured.fresh || by_converter)
    }

    /// A deep discharge that has locked out is told as that, and not a second time by the AFE.
    fn comparator_opened(&self) -> bool {
        let low = ComparatorStatus { under_voltage: true, ..ComparatorStatus::NOTHING };
        let known = self.sample.comparator_status == low && self.stopped.locked.contains(Fault::Cell);
        self.sample.comparator_tripped && !known
    }

    fn power_excess(&self) -> i32 {
        let pcu = &self.sample.pcu;
        let power = bus_power(pcu.terminal_voltage, pcu.bus_current);
        let allowed = if power.0 >= 0 { self.doing.charge_allowed } else { self.doing.discharge_allowed };
        (power.abs() - allowed).0.max(0)
    }

    fn forbidden_current(&self) -> MilliAmps {
        let isolated = !self.doing.charge_mosfet && !self.doing.discharge_mosfet;
        let Self { sample, measured, .. } = self;
        let current = if measured.fresh { sample.pack_current } else { sample.pcu.low_current };
        let charging = current.0 > 0;
        let stopped = if charging {
            self.stopped.stop_charge || self.is_too_cold_to_charge()
        } else {
            self.stopped.stop_discharge
        };
        if isolated || stopped { current.abs() } else { MilliAmps::ZERO }
    }

    /// No condition says so, because a battery below freezing is as it should be; but charge plates lithium. The
    /// converter has been told: before, the inverter hears of it.
    fn is_too_cold_to_charge(&self) -> bool {
        let coldest = self.measured.temperatures.lowest.seen;
        self.doing.charge_allowed <= Watts::ZERO
            && coldest.is_some_and(|coldest| coldest < self.coldest_charge.0.into())
    }

    fn current_error(&self) -> Evidence {
        let difference = self.sample.pack_current - self.sample.pcu.low_current;
        Evidence::sure(difference.abs().0, self.measured.fresh)
    }

    fn relay_welded(&self) -> bool {
        self.sample.pcu.relay_closed && !self.doing.relay
    }

    /// The relay's contact is read with each sample, the MOSFETs by the AFE.
    fn welded(&self) -> bool {
        let Self { sample, doing, .. } = self;
        self.relay_welded()
            || sample.charge_mosfet_closed && !doing.charge_mosfet
            || sample.discharge_mosfet_closed && !doing.discharge_mosfet
    }

    /// What the AFE has opened by itself is told as that.
    fn not_closed(&self) -> bool {
        let Self { sample, doing, .. } = self;
        !sample.comparator_tripped
            && (doing.charge_mosfet && !sample.charge_mosfet_closed
                || doing.discharge_mosfet && !sample.discharge_mosfet_closed)
    }
}

/// Power at the bus, positive while charging.
#[must_use]
pub fn bus_power(voltage: MilliVolts, current: MilliAmps) -> Watts {
    let microwatts = i64::from(voltage.0) * i64::from(current.0);
    Watts(i32::try_from(microwatts / 1_000_000).unwrap_or(i32::MAX))
}

fn note_raised(
    row: &Row,
    from: RowState,
    to: RowState,
    element: u8,
    known: ConditionSet,
    module: u8,
    records: &mut Records,
) {
    if !to.is_present() || from.is_present() {
        return;
    }
    if !known.contains(row.condition) {
        push(records, Record::Raised { condition: row.condition, module, element });
    }
    if is_one_of_several(row) {
        push(records, Record::Found { finding: row.finding, module, element });
    }
}

/// The condition alone does not say what was found.
fn is_one_of_several(row: &Row) -> bool {
    TABLE.iter().any(|other| other.condition == row.condition && other.quantity != row.quantity)
}

fn note_cleared(before: Verdict, after: Verdict, module: u8, records: &mut Records) {
    if before.conditions == after.conditions && before.locked == after.locked {
        return;
    }
    for condition in Condition::all() {
        if before.conditions.contains(condition) && !after.conditions.contains(condition) {
            push(records, Record::Cleared { condition, module });
        }
    }
    if !before.locked.is_empty() && after.locked.is_empty() {
        push(records, Record::LockOutsCleared);
    }
}

/// A full list drops the record: it is a log, never a condition of safety.
pub(crate) fn push(records: &mut Records, record: Record) {
    let _ = records.push(record);
}
