//! Lights never lie: what the panel shows, read as a person would, against the truth.
//!
//! What a condition means is its level, so these are the numbers of the table of our values. Between raising and
//! clearing a light may be on or off; outside, and after the times of the row, it may not.

use voltower_core::panel::{Meaning, Observed, Pattern, decode};
use voltower_core::{
    Alarm as A, Cause, Condition, ConditionSet, DeciCelsius, Duration, Fault as F, Finding, Instant,
    MilliAmps, MilliVolts, ResetCause, TowerState, Watts, values as v,
};

use super::live::LiveFaults;
use super::view::ModuleView;
use super::{Moment, Report, Rule, Timer};
use crate::scenario::Fault;

/// A quantity of a module that lights speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    CellHigh,
    CellLow,
    /// Unless the module rests empty: then it may stand as low as its reserve.
    CellLowInUse,
    CellSpread,
    /// None while all cells are nearly empty.
    CellSpreadInUse,
    TemperatureHigh,
    TemperatureLow,
    TemperatureSpread,
    Air,
    HeatSink,
    Mosfets,
    Current,
    /// Power beyond what the module allows, W.
    Excess,
}

/// When a condition is so.
pub(super) struct Level {
    pub(super) condition: Condition,
    /// What a module says that it is, exactly.
    pub(super) finding: Finding,
    quantity: Quantity,
    /// It goes wrong upwards.
    above: bool,
    raise: f64,
    clear: f64,
    /// Error of what is measured, and how far a cell may be from its thermistor.
    margin: f64,
    /// Seconds until it is raised.
    pub(super) detect: u64,
    /// Seconds on the good side until it clears.
    calm: u64,
}

const fn volts(value: MilliVolts) -> f64 {
    value.0 as f64 / 1000.0
}

const fn celsius(value: DeciCelsius) -> f64 {
    value.0 as f64 / 10.0
}

const fn amps(value: MilliAmps) -> f64 {
    value.0 as f64 / 1000.0
}

const fn watts(value: Watts) -> f64 {
    value.0 as f64
}

/// What is said, and what exactly; the quantity, and where it raises and clears.
type What = (Condition, Finding, Quantity);

const fn up((condition, finding, quantity): What, raise: f64, clear: f64, margin: f64) -> Level {
    Level { condition, finding, quantity, above: true, raise, clear, margin, detect: 3, calm: 60 }
}

const fn down(what: What, raise: f64, clear: f64, margin: f64) -> Level {
    Level { above: false, ..up(what, raise, clear, margin) }
}

impl Level {
    const fn times(self, detect: u64, calm: u64) -> Self {
        Self { detect, calm, ..self }
    }

    /// It may be shown.
    fn is_possible(&self, (low, high): (f64, f64)) -> bool {
        if self.above { high > self.clear - self.margin } else { low < self.clear + self.margin }
    }

    /// It is so in this module, for sure.
    pub(super) fn holds(&self, module: &ModuleView) -> bool {
        self.is_certain(module.range(self.quantity))
    }

    /// It must be shown.
    fn is_certain(&self, (low, high): (f64, f64)) -> bool {
        if self.above { low > self.raise + self.margin } else { high < self.raise - self.margin }
    }
}

const fn alarm(alarm: A) -> Condition {
    Condition::Alarm(alarm)
}

const fn fault(fault: F) -> Condition {
    Condition::Fault(fault)
}

/// A module on the bus that gives less gives nothing, A.
const REST: f64 = 1.5;
/// Thermistor, its converter, and the cell beside it, K.
const KELVIN: f64 = 1.5;
/// AFE and contact, V.
const MILLIVOLTS: f64 = 0.02;
const AIR_BACK: f64 = celsius(v::AMBIENT_HYSTERESIS);

/// What is measured and allowed may be off by so much, W.
const WATTS: f64 = 100.0;

pub(super) const LEVELS: [Level; 25] = {
    use {Finding as N, Quantity as Q};
    let (cold_air, hot_air) = (celsius(v::AMBIENT_COLD_ALARM), celsius(v::AMBIENT_HOT_ALARM));
    let (cold_stop, hot_stop) = (celsius(v::AMBIENT_COLD_FAULT), celsius(v::AMBIENT_HOT_FAULT));
    let (full, empty) = (volts(v::CELL_OVER_VOLTAGE_CLEAR), volts(v::CELL_UNDER_VOLTAGE_CLEAR));
    let (apart, far_apart) = (volts(v::CELL_SPREAD_ALARM), volts(v::CELL_SPREAD_FAULT));
    let (near, nearer) = (volts(v::CELL_SPREAD_FAULT_CLEAR), volts(v::CELL_SPREAD_ALARM_CLEAR));
    let (hot, cool) = (celsius(v::CHARGE_HOT_DERATE_END), celsius(v::CELL_HOT_ALARM_CLEAR));
    let (too_hot, cooler) = (celsius(v::DISCHARGE_HOT_DERATE_END), celsius(v::CELL_HOT_FAULT_CLEAR));
    let (cold, mild) = (celsius(v::CELL_COLD_ALARM), celsius(v::CELL_COLD_ALARM_CLEAR));
    let (too_cold, milder) = (celsius(v::CELL_COLD_FAULT), celsius(v::CELL_COLD_FAULT_CLEAR));
    let (warm, even) = (celsius(v::TEMPERATURE_SPREAD_ALARM), celsius(v::TEMPERATURE_SPREAD_ALARM_CLEAR));
    let (warmer, less) = (celsius(v::TEMPERATURE_SPREAD_FAULT), celsius(v::TEMPERATURE_SPREAD_FAULT_CLEAR));
    let (extreme, over) = (celsius(v::CELL_EXTREME_TEMPERATURE), amps(v::OVER_CURRENT_ALARM));
    let (excess, obeyed) = (watts(v::POWER_EXCESS_ALARM), watts(v::POWER_EXCESS_CLEAR));
    let sink = [v::HEAT_SINK_ALARM, v::HEAT_SINK_TRIP, v::HEAT_SINK_CLEAR];
    let sink = [celsius(sink[0]), celsius(sink[1]), celsius(sink[2])];
    let board = [celsius(v::MOS_ALARM), celsius(v::MOS_FAULT), celsius(v::MOS_CLEAR)];
    let over_voltage = (alarm(A::OverVoltage), N::CellVoltageHigh, Q::CellHigh);
    let far_over_voltage = (fault(F::OverVoltage), N::CellVoltageTooHigh, Q::CellHigh);
    let under_voltage = (alarm(A::UnderVoltage), N::CellVoltageLow, Q::CellLowInUse);
    let low_voltage = (fault(F::LowVoltage), N::CellVoltageTooLow, Q::CellLow);
    let cells_apart = (alarm(A::VoltageDifference), N::VoltagesApart, Q::CellSpreadInUse);
    let cells_far_apart = (fault(F::VoltageDifference), N::VoltagesTooFarApart, Q::CellSpread);
    let cell_hot = (alarm(A::HighTemperature), N::CellHot, Q::TemperatureHigh);
    let cell_too_hot = (fault(F::HighTemperature), N::CellTooHot, Q::TemperatureHigh);
    let cell_extreme = (fault(F::HighTemperature), N::CellExtremelyHot, Q::TemperatureHigh);
    let cell_cold = (alarm(A::LowTemperature), N::CellCold, Q::TemperatureLow);
    let cell_too_cold = (fault(F::LowTemperature), N::CellTooCold, Q::TemperatureLow);
    let heat_apart = (alarm(A::TemperatureDifference), N::TemperaturesApart, Q::TemperatureSpread);
    let heat_far_apart = (fault(F::TemperatureDifference), N::TemperaturesTooFarApart, Q::TemperatureSpread);
    let air_hot = (alarm(A::AmbientTemperature), N::AmbientHot, Q::Air);
    let air_cold = (alarm(A::AmbientTemperature), N::AmbientCold, Q::Air);
    let air_too_hot = (fault(F::AmbientTemperature), N::AmbientTooHot, Q::Air);
    let air_too_cold = (fault(F::AmbientTemperature), N::AmbientTooCold, Q::Air);
    [
        up(over_voltage, volts(v::CELL_OVER_VOLTAGE_ALARM), full, MILLIVOLTS),
        up(far_over_voltage, volts(v::CELL_OVER_VOLTAGE_FAULT), full, MILLIVOLTS),
        down(under_voltage, volts(v::CELL_UNDER_VOLTAGE_ALARM), empty, MILLIVOLTS),
        down(low_voltage, volts(v::CELL_UNDER_VOLTAGE_FAULT), empty, MILLIVOLTS),
        down((fault(F::Cell), N::DeepDischarge, Q::CellLow), volts(v::CELL_DEEP_DISCHARGE), 2.0, MILLIVOLTS),
        up(cells_apart, apart, nearer, MILLIVOLTS).times(12, 60),
        up(cells_far_apart, far_apart, near, MILLIVOLTS).times(12, 60),
        up(cell_hot, hot, cool, KELVIN),
        up(cell_too_hot, too_hot, cooler, KELVIN),
        up(cell_extreme, extreme, cooler, KELVIN),
        down(cell_cold, cold, mild, KELVIN),
        down(cell_too_cold, too_cold, milder, KELVIN),
        up(heat_apart, warm, even, KELVIN),
        up(heat_far_apart, warmer, less, KELVIN),
        up(air_hot, hot_air, hot_air - AIR_BACK, KELVIN).times(12, 60),
        down(air_cold, cold_air, cold_air + AIR_BACK, KELVIN).times(12, 60),
        up(air_too_hot, hot_stop, hot_stop - AIR_BACK, KELVIN).times(12, 60),
        down(air_too_cold, cold_stop, cold_stop + AIR_BACK, KELVIN).times(12, 60),
        up((alarm(A::Other), N::HeatSinkHot, Q::HeatSink), sink[0], sink[2], KELVIN).times(3, 10),
        up((fault(F::Pcu), N::HeatSinkTooHot, Q::HeatSink), sink[1], sink[2], KELVIN),
        up((alarm(A::Other), N::MosfetsHot, Q::Mosfets), board[0], board[2], KELVIN).times(3, 10),
        up((fault(F::Bms), N::MosfetsTooHot, Q::Mosfets), board[1], board[2], KELVIN),
        up((alarm(A::OverCurrent), N::CurrentHigh, Q::Current), over, amps(v::OVER_CURRENT_CLEAR), 1.5)
            .times(3, 10),
        up((fault(F::OverCurrent), N::CurrentTooHigh, Q::Current), amps(v::OVER_CURRENT_FAULT), 52.0, 1.5)
            .times(1, 10),
        up((alarm(A::OverCurrent), N::PowerBeyondLimit, Q::Excess), excess, obeyed, WATTS).times(3, 10),
    ]
};

/// Conditions that stay until a person has looked, once they were there: rows of the table and of the unit that lock
/// out, at once or after some tries.
const LOCKING: [Condition; 10] = [
    fault(F::Cell),
    fault(F::HighTemperature),
    fault(F::Bms),
    fault(F::Other),
    fault(F::OverCurrent),
    fault(F::Pcu),
    fault(F::Terminal),
    fault(F::Communication),
    fault(F::Fuse),
    fault(F::Sampling),
];

/// Whatever else a light is late for: a sample, a frame, and the eye.
pub(super) const LOOK: Duration = Duration::secs(10);
/// So long a false light must stand to be read.
const READ: Duration = Duration::millis(300);
/// Conditions of a tower that begins anew: modules are found again, an inverter is heard again.
const BEGIN: Duration = Duration::secs(60);
/// The activity that is shown follows the power within this (2 s, and a second of the frame).
const ACTIVITY: Duration = Duration::secs(5);
/// Power at which there is no doubt about its direction, W.
const SURE: f64 = 200.0;

/// What is known of one condition.
#[derive(Debug, Clone, Copy, Default)]
struct Watch {
    /// Until then the truth allows it.
    allowed_until: Option<Instant>,
    said: Timer,
    shown: Option<Instant>,
    falsely: Timer,
}

/// What a person reads of a panel.
#[derive(Default)]
struct Reading {
    pattern: Option<Pattern>,
    conditions: ConditionSet,
    states: Vec<TowerState>,
}

impl Reading {
    fn read(&mut self, pattern: Pattern) {
        if self.pattern == Some(pattern) {
            return;
        }
        self.pattern = Some(pattern);
        self.conditions = ConditionSet::EMPTY;
        self.states.clear();
        for meaning in decode(&Observed::from(pattern)) {
            match meaning {
                Meaning::Condition(condition) => self.conditions.set(condition, true),
                Meaning::State { state, .. } => self.states.push(state),
            }
        }
    }
}

/// How often a controller has started without a quiet time between.
#[derive(Debug, Clone, Copy, Default)]
struct Starts {
    last: Option<Instant>,
    count: u32,
}

impl Starts {
    fn again(self, at: Instant) -> Self {
        let again = self.last.is_some_and(|last| at.since(last) < v::RESETS_FORGIVEN);
        Self { last: Some(at), count: if again { self.count + 1 } else { 1 } }
    }
}

#[derive(Default)]
pub(super) struct Lights {
    watches: [Watch; Condition::COUNT],
    /// What the truth demands and nobody says, of each level: several raise one condition.
    due: [Timer; LEVELS.len()],
    fuse: Timer,
    /// Were there, and wait for a person.
    locked: ConditionSet,
    /// Have just been locked out.
    locking: ConditionSet,
    starts: [Starts; 5],
    /// Resets alone, since a person has looked.
    unseen_starts: [Starts; 5],
    person: Option<Instant>,
    begun: Option<Instant>,
    reading: Reading,
    wrong_state: Timer,
    bare_cause: Timer,
    bare_other: Timer,
    bare_state: Timer,
}

impl Lights {
    /// Reads the panel; the conditions that these lights can mean.
    pub(super) fn read(&mut self, moment: &Moment<'_>) -> ConditionSet {
        self.reading.read(moment.tower.bdu_drive().pattern);
        self.reading.conditions
    }

    /// A controller locks out, whether or not anybody is told at once.
    pub(super) fn locks(&mut self, condition: Condition) {
        self.locking.set(condition, true);
    }

    /// A controller has started: too often within ten minutes each, and it locks out when it wakes next.
    pub(super) fn booted(&mut self, writer: u8, at: Instant, cause: ResetCause) {
        if let Some(starts) = self.unseen_starts.get_mut(usize::from(writer)).filter(|_| cause.is_reset()) {
            *starts = starts.again(at);
        }
        let Some(starts) = self.starts.get_mut(usize::from(writer)) else { return };
        *starts = starts.again(at);
        if starts.count > v::RESETS_MOST.0 {
            self.locked.set(F::Bms, true);
        }
    }

    /// This module, from 0, has started too often, and nobody has looked at it since.
    pub(super) fn storms(&self, module: usize) -> bool {
        self.unseen_starts.get(module + 1).is_some_and(|starts| starts.count > v::RESETS_MOST.0)
    }

    /// The unit says that a person has looked, and that memory holds it.
    pub(super) fn cleared(&mut self, at: Instant) {
        self.person = Some(at);
        self.unseen_starts = Default::default();
    }

    /// The unit begins anew: a person has held its switch, or its tower is another one.
    pub(super) fn begins(&mut self, at: Instant) {
        self.begun = Some(at);
    }

    pub(super) fn look(&mut self, moment: &Moment<'_>, faults: &LiveFaults, report: &mut Report<'_>) {
        self.forget_locks(moment);
        self.allow(moment, faults);
        self.demand(moment, faults, report);
        self.look_for_lies(moment, report);
        self.look_for_silence(moment, faults, report);
        self.look_at_cause(moment, report);
        self.look_at_reason(moment, report);
        self.look_at_state(moment, faults, report);
    }

    /// A cause that is told is behind a condition that is told: the panel has no light for the cause alone.
    fn look_at_cause(&mut self, moment: &Moment<'_>, report: &mut Report<'_>) {
        let view = moment.view;
        let condition = view.diagnosis.cause.condition();
        let bare = condition.filter(|condition| view.heard && !view.conditions.contains(*condition));
        if self.bare_cause.lasts(moment.now, bare.is_some()) > LOOK + moment.slack {
            let what = format!("{} is told, and no condition of it", view.diagnosis);
            report(Rule::MissingLight, None, bare, what);
        }
    }

    /// *Other* alone sends nobody anywhere: a cause is told beside it. A tower that a fault has stopped says which.
    fn look_at_reason(&mut self, moment: &Moment<'_>, report: &mut Report<'_>) {
        let Moment { now, slack, view, .. } = *moment;
        let other = [alarm(A::Other), fault(F::Other)].into_iter().find(|one| view.conditions.contains(*one));
        let bare = other.filter(|_| view.heard && view.diagnosis.is_none());
        if self.bare_other.lasts(now, bare.is_some()) > LOOK + slack {
            report(Rule::MissingLight, None, bare, "other is told, and no cause of it".to_owned());
        }
        // In the log of a unit that nobody hears is what it has found itself, and not what its modules have told it.
        let knows = view.heard || view.unit_on && !view.modules.iter().any(|module| module.speaks);
        let stopped = knows && view.state == Some(TowerState::Faulted);
        if self.bare_state.lasts(now, stopped && view.conditions.faults().is_empty()) > LOOK + slack {
            report(
                Rule::MissingLight,
                None,
                None,
                "a fault has stopped the tower, and none is told".to_owned(),
            );
        }
    }

    fn forget_locks(&mut self, moment: &Moment<'_>) {
        let Some(person) = self.person else { return };
        if moment.now < person + LOOK {
            return;
        }
        self.person = None;
        for condition in core::mem::take(&mut self.locked).iter() {
            self.allow_until(condition, moment.now + LOOK);
        }
    }

    fn allow_until(&mut self, condition: Condition, until: Instant) {
        let watch = &mut self.watches[condition.bit() as usize];
        watch.allowed_until = Some(watch.allowed_until.map_or(until, |before| before.max(until)));
    }

    fn allow(&mut self, moment: &Moment<'_>, faults: &LiveFaults) {
        let Moment { now, slack, view, .. } = *moment;
        for module in view.modules.iter().filter(|module| module.plugged) {
            let possible = |level: &&Level| level.is_possible(module.range(level.quantity));
            for level in LEVELS.iter().filter(possible) {
                self.allow_until(
                    level.condition,
                    now + LOOK + slack + Duration::secs(level.detect + level.calm),
                );
            }
        }
        let soon = now + LOOK + slack + Duration::secs(20);
        for condition in of_the_moment(moment).iter() {
            self.allow_until(condition, soon);
        }
        for live in faults.recent(now) {
            for condition in Condition::all().filter(|condition| live.entry.explains(*condition)) {
                self.allow_until(condition, soon);
            }
        }
        if faults.any(Fault::blinds_fuse) && faults.recent(now).count() > 1 {
            // One of several that hide each other: the voltage across the fuse is only what two sensors say.
            self.allow_until(fault(F::Fuse), soon);
        }
        if faults.may_lead_to(view.diagnosis, now) {
            self.allow_until(alarm(A::Other), soon);
        }
        if self.begun.is_some_and(|begun| now < begun + BEGIN + slack) {
            self.allow_until(fault(F::Communication), soon);
        }
        // A module that was exchanged stays a stranger until the next start.
        let exchanged = faults.have_lived() || self.begun.is_some();
        if exchanged && view.diagnosis.cause == Cause::Stranger {
            [alarm(A::Other), fault(F::Communication)].into_iter().for_each(|c| self.allow_until(c, soon));
        }
        let allowed = |watch: &Watch| watch.allowed_until.is_some_and(|until| now < until);
        let locking = core::mem::take(&mut self.locking).union(view.conditions);
        for condition in LOCKING {
            if locking.contains(condition) && allowed(&self.watches[condition.bit() as usize]) {
                self.locked.set(condition, true);
            }
        }
    }

    /// What the truth demands is said, in time.
    fn demand(&mut self, moment: &Moment<'_>, faults: &LiveFaults, report: &mut Report<'_>) {
        let Moment { now, slack, view, .. } = *moment;
        let mixed = faults.any(Fault::is_second_unit);
        for (level, timer) in LEVELS.iter().zip(&mut self.due) {
            let certain = view.modules.iter().enumerate().any(|(place, module)| {
                let blind = faults.in_module(now, place, Fault::blinds);
                // One that the unit does not hear is a communication fault, and what it sees stays its own.
                let sees = module.speaks && module.heard && module.alive && !blind;
                sees && level.holds(module)
            });
            let due = view.stands() && certain && !mixed && !view.conditions.contains(level.condition);
            let lasted = timer.lasts(now, due);
            if lasted > Duration::secs(level.detect) + LOOK + slack {
                let what = format!("{} is true for {lasted} and not said", level.condition);
                report(Rule::MissingLight, None, Some(level.condition), what);
            }
        }
        // Behind an open DC switch a fuse that is open reads like a wire that is off; while no module says where the
        // bus is, like a voltage that is read wrongly.
        let witness = view.heard && view.modules.iter().any(|module| module.speaks && module.heard);
        let told = moment.switch_closed && view.stands() && witness;
        let seen = !faults.any(Fault::blinds_fuse);
        let open = told && seen && !view.fuse_intact && view.fuse_drop > 12.0;
        let due = open && !view.conditions.contains(F::Fuse);
        let lasted = self.fuse.lasts(now, due);
        if lasted > Duration::secs(3) + slack {
            let what = format!("{:.0} V across an open fuse for {lasted}", view.fuse_drop);
            report(Rule::MissingLight, None, Some(fault(F::Fuse)), what);
        }
    }

    /// What is shown is true.
    fn look_for_lies(&mut self, moment: &Moment<'_>, report: &mut Report<'_>) {
        let Moment { now, slack, .. } = *moment;
        let (shown, states) = (self.reading.conditions, self.reading.states.is_empty());
        let locked = self.locked;
        let allowed = |watch: &Watch, condition| {
            locked.contains(condition) || watch.allowed_until.is_some_and(|until| now < until)
        };
        let any =
            Condition::all().zip(&self.watches).any(|(c, watch)| shown.contains(c) && allowed(watch, c));
        for (condition, watch) in Condition::all().zip(&mut self.watches) {
            if shown.contains(condition) {
                watch.shown = Some(now);
            }
            let lie = shown.contains(condition) && states && !any;
            if watch.falsely.lasts(now, lie) > READ + slack {
                let what = format!("the panel shows {condition}, and nothing is so");
                report(Rule::FalseLight, None, Some(condition), what);
            }
        }
    }

    /// What the unit says is shown within a rotation.
    fn look_for_silence(&mut self, moment: &Moment<'_>, faults: &LiveFaults, report: &mut Report<'_>) {
        let Moment { now, slack, view, .. } = *moment;
        let stops = view.conditions.faults();
        let turn = if stops.is_empty() { view.conditions } else { stops };
        // Who looks less often than the lights turn may miss one. What turns by a clock that stands, stands. A unit
        // that nobody hears is read in its log, which does not tell what its modules have told it: alarms may wait
        // behind one of their faults.
        let seldom = slack > Duration(v::CONDITION_TURN.0 * 4);
        let dark = !view.heard
            || seldom
            || faults.any(Fault::stops_panel)
            || matches!(view.state, None | Some(TowerState::Shutdown | TowerState::Sleeping));
        let rotation = Duration(v::CONDITION_TURN.0 * (u64::from(turn.len()) + 2)) + slack;
        for (condition, watch) in Condition::all().zip(&mut self.watches) {
            let said = watch.said.lasts(now, !dark && turn.contains(condition));
            let late = watch.shown.is_none_or(|shown| now.since(shown) > rotation);
            if said > rotation && late {
                let what = format!("{condition} is said for {said} and not on the panel");
                report(Rule::MissingLight, None, Some(condition), what);
            }
        }
    }

    /// The status light shows the flow that there is.
    fn look_at_state(&mut self, moment: &Moment<'_>, faults: &LiveFaults, report: &mut Report<'_>) {
        // A wrong sensor of the current is named; until then the light says what it reads.
        let power = if faults.any(Fault::blinds_tower_current) { 0.0 } else { moment.view.power };
        let true_of = |state: &TowerState| match state {
            TowerState::Charging => power > -SURE,
            TowerState::Discharging => power < SURE,
            TowerState::Standby | TowerState::Shutdown | TowerState::Sleeping => power.abs() < SURE,
            TowerState::Starting
            | TowerState::BlackStart
            | TowerState::Updating
            | TowerState::Stopping
            | TowerState::Faulted => true,
        };
        let states = &self.reading.states;
        let lie = !states.is_empty() && self.reading.conditions.is_empty() && !states.iter().any(true_of);
        if self.wrong_state.lasts(moment.now, lie) > ACTIVITY + moment.slack {
            let words: Vec<_> = states.iter().map(ToString::to_string).collect();
            let what = format!("the panel shows {} at {power:.0} W", words.join(" or "));
            report(Rule::FalseState, None, None, what);
        }
    }
}

/// What may be so for another reason than a level or a fault.
fn of_the_moment(moment: &Moment<'_>) -> ConditionSet {
    let view = moment.view;
    let mut set = ConditionSet::EMPTY;
    set.set(F::Communication, !moment.inverter_runs);
    set.set(F::Fuse, !view.fuse_intact);
    for module in &view.modules {
        set.set(F::Bms, set.contains(F::Bms) || module.comparator_tripped);
        let allowed = module.allowed();
        let excess = module.bus_watts.abs() > allowed + 50.0;
        set.set(A::OverCurrent, set.contains(A::OverCurrent) || excess);
        let forbidden = module.amps.abs() > 1.0 && (allowed < 1.0 || excess);
        set.set(F::OverCurrent, set.contains(F::OverCurrent) || forbidden || module.amps.abs() > 52.0);
    }
    set
}

/// A quantity of a module passes the level of one of these conditions: sensors must see it.
pub(super) fn passes_level(module: &ModuleView, conditions: ConditionSet) -> bool {
    let of_these = LEVELS.iter().filter(|level| conditions.contains(level.condition));
    of_these.into_iter().any(|level| level.holds(module))
}

impl ModuleView {
    /// It is empty in truth, gives nothing, and keeps its reserve.
    fn rests_empty(&self) -> bool {
        let reserve = volts(v::RESERVE_CELL_VOLTAGE) - MILLIVOLTS;
        let is_empty = self.left < f64::from(v::LADDER_LEAVE.0) / 1000.0;
        let gives = self.relay_closed && self.amps <= -REST;
        is_empty && self.limits.1 < 1.0 && !gives && self.volts.0 > reserve
    }

    /// Power that it allows in the direction in which power flows, W.
    pub(super) const fn allowed(&self) -> f64 {
        if self.bus_watts > 0.0 { self.limits.0 } else { self.limits.1 }
    }

    /// Between these lies what a sensor reads of a quantity.
    fn range(&self, quantity: Quantity) -> (f64, f64) {
        let only = |value: f64| (value, value);
        match quantity {
            Quantity::CellHigh => only(self.volts.1),
            Quantity::CellLow => only(self.volts.0),
            Quantity::CellLowInUse => {
                (self.volts.0, if self.rests_empty() { f64::INFINITY } else { self.volts.0 })
            }
            Quantity::CellSpread => only(self.volts.1 - self.volts.0),
            Quantity::CellSpreadInUse => {
                let spread = self.volts.1 - self.volts.0;
                let from = volts(v::CELL_SPREAD_FROM);
                // At the edge either is right.
                let (certain, possible) =
                    (self.volts.1 > from + MILLIVOLTS, self.volts.1 > from - MILLIVOLTS);
                (if certain { spread } else { 0.0 }, if possible { spread } else { 0.0 })
            }
            Quantity::TemperatureHigh => (self.sensed.1, self.celsius.1),
            Quantity::TemperatureLow => (self.celsius.0, self.sensed.0),
            Quantity::TemperatureSpread => (self.sensed.1 - self.sensed.0, self.celsius.1 - self.celsius.0),
            Quantity::Air => only(self.air),
            Quantity::HeatSink => only(self.heat_sink),
            Quantity::Mosfets => only(self.mosfets),
            Quantity::Current => only(self.amps.abs()),
            Quantity::Excess => only(self.bus_watts.abs() - self.allowed()),
        }
    }
}
