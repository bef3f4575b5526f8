//! What a module writes down of itself, and when.

use voltower_core::{Charge, Condition, Duration, values};
use voltower_protocols::canopen::Value;
use voltower_protocols::link::{BlackboxPart, scale};

use super::history::blackbox_part;
use super::{ModuleController, Tick};
use crate::estimate::ChargeCounter;
use crate::estimate::resistance::Contacts;
use crate::io::{ModuleOutputs, ModuleSample, Records};
use crate::keep::{
    Blackbox, Frames, FreezeFrame, Keep, Keeping, Lifetime, ModulePersisted, Moment, Part, PartBytes, Point,
    Stamp,
};
use crate::module::pcu::ConverterFaults;
use crate::protect::measure::Measured;
use crate::record::Record;

/// What there is of a module that must outlive a loss of power, as far as nobody else has it.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    keeping: Keeping,
    lifetime: Lifetime,
    frames: Frames,
    blackbox: Blackbox,
    /// No fault has come since a person has looked.
    records: bool,
    /// As they were written down last.
    converter: ConverterFaults,
    charge: Charge,
    /// Whole days since the last end of the charge, as written down last.
    days: u16,
    /// Bad contacts, as written down last.
    contacts: Contacts,
    /// Until lifetime counters are written down again.
    until: Duration,
    budget: Budget,
    /// Since the start.
    up: Duration,
    /// Which freeze-frame, and which point of the blackbox, is shown to who asks.
    frame: u8,
    point: u8,
}

/// What the flash may be written in a day, lock-outs and settings aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Budget {
    spent: u32,
    since: Duration,
}

impl Budget {
    fn spend(&mut self, parts: u32, elapsed: Duration) {
        self.since = self.since + elapsed;
        if self.since >= Duration::hours(24) {
            *self = Self::default();
        }
        self.spent = self.spent.saturating_add(parts);
    }

    /// So many times more rarely is written what can wait.
    const fn thrift(self) -> u32 {
        if self.spent >= values::FLASH_WRITES.0 { values::FLASH_THRIFT.0 } else { 1 }
    }
}

impl Kept {
    pub(super) fn new(persisted: &ModulePersisted) -> Self {
        Self {
            keeping: Keeping::new(persisted.boot, persisted.damaged),
            lifetime: persisted.lifetime,
            frames: Frames::default(),
            blackbox: Blackbox::default(),
            records: persisted.records,
            converter: persisted.converter,
            charge: persisted.charge,
            days: persisted.doubt.since_end / 24,
            contacts: persisted.contacts,
            until: values::KEEP_PERIOD,
            budget: Budget::default(),
            up: Duration::ZERO,
            frame: 0,
            point: 0,
        }
    }

    pub(super) const fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    pub(super) const fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    /// The freeze-frame that is shown, and which one that is.
    pub(super) fn shown_frame(&self) -> (u8, Option<&FreezeFrame>) {
        (self.frame, self.frames.get(self.frame))
    }

    pub(super) fn blackbox_part(&self, part: BlackboxPart) -> Value {
        blackbox_part(&self.blackbox, self.point, part)
    }

    /// Shows another freeze-frame, or another point of the blackbox.
    pub(super) fn show(&mut self, frame: Option<u8>, point: Option<u8>) {
        self.frame = frame.unwrap_or(self.frame);
        self.point = point.unwrap_or(self.point);
    }

    pub(super) const fn change(&mut self, part: Part) {
        self.keeping.change(part);
    }

    /// Lock-outs or settings were lost, and no person has looked.
    pub(super) const fn is_damaged(&self) -> bool {
        !self.keeping.damaged().is_empty()
    }

    /// A person asks to clear.
    pub(super) const fn ask(&mut self) {
        self.keeping.ask();
    }

    /// A person has looked.
    pub(super) fn forgive(&mut self) {
        self.keeping.forgive();
        self.keeping.believe();
        if !self.records {
            self.records = true;
            self.change(Part::Safety);
        }
        self.blackbox.release();
    }

    pub(super) const fn wake_up(&mut self) {
        self.lifetime.started();
    }

    /// The output relay is closed.
    pub(super) const fn closes(&mut self) {
        self.lifetime.closed();
    }

    /// Who is told to power down has time to write.
    pub(super) const fn fall_asleep(&mut self) {
        let boot = self.keeping.boot();
        if boot.is_lasting_storm() && !boot.number.is_multiple_of(values::RESETS_WRITTEN.0) {
            return;
        }
        self.change(Part::Charge);
        self.change(Part::Lifetime);
    }

    const fn stamp(&self) -> Stamp {
        let seconds = self.up.as_millis() / 1000;
        let uptime = if seconds > u32::MAX as u64 { u32::MAX } else { seconds as u32 };
        Stamp { boot: self.keeping.boot().number, uptime }
    }
}

impl ModuleController {
    /// What the recorder must keep over a loss of power.
    #[must_use]
    pub fn persisted(&self) -> ModulePersisted {
        ModulePersisted {
            charge: self.counter.remaining(),
            capacity: self.counter.capacity(),
            health: self.counter.health(),
            cycles: self.counter.cycles(),
            doubt: self.counter.doubt(),
            contacts: self.resistances.contacts(),
            locked_out: self.protection.locked_out(),
            tries: self.protection.tries(),
            converter: self.converter.kept(),
            records: self.kept.records,
            settings: self.settings,
            lifetime: self.kept.lifetime,
            boot: self.kept.keeping.boot(),
            damaged: self.kept.keeping.damaged(),
        }
    }

    /// What must be written down, as after the last step.
    #[must_use]
    pub const fn keep(&self) -> Keep {
        self.kept.keeping.memory().keep()
    }

    /// A part of it as bytes; the blackbox has pages.
    #[must_use]
    pub fn part_to_bytes(&self, part: Part) -> Option<PartBytes> {
        self.persisted().to_bytes(part)
    }

    /// A page of the blackbox as bytes; none unless it is frozen.
    #[must_use]
    pub fn blackbox_page(&self, page: u8) -> Option<PartBytes> {
        self.kept.blackbox.page_to_bytes(page)
    }

    /// Puts a freeze-frame back that the recorder has kept; one that cannot be believed is left out.
    pub fn recall_frame(&mut self, bytes: &[u8]) {
        if let Ok(frame) = FreezeFrame::from_bytes(bytes) {
            self.kept.frames.put(frame);
        }
    }

    /// Puts a page of the blackbox back, the first one first; one that cannot be believed is left out.
    pub fn recall_blackbox(&mut self, page: u8, bytes: &[u8]) {
        if !self.kept.records {
            let _ = self.kept.blackbox.recall(page, bytes);
        }
    }

    /// Hears what memory holds, and tells what it did not hold at the start.
    pub(super) fn watch_memory(&mut self, sample: &ModuleSample, tick: Tick, records: &mut Records) {
        let kept = &mut self.kept;
        kept.up = kept.up + tick.elapsed;
        let written = kept.keeping.step(sample.memory, tick.elapsed, tick.period, records);
        kept.lifetime.wrote(written);
        kept.budget.spend(written, tick.elapsed);
    }

    /// Counts a sample into the life of the module.
    pub(super) fn live(&mut self, sample: &ModuleSample, measured: &Measured, tick: Tick) {
        self.kept.lifetime.count(&Moment {
            voltage: sample.pack_voltage,
            current: measured.current,
            cells: (measured.cells.highest.seen, measured.cells.lowest.seen),
            temperatures: (measured.temperatures.highest.seen, measured.temperatures.lowest.seen),
            on_bus: self.converter.is_running(),
            elapsed: tick.elapsed,
        });
    }

    /// Everything that has changed in this sample and must outlive a loss of power.
    pub(super) fn write_down(&mut self, tick: Tick, outputs: &mut ModuleOutputs) {
        if self.mode.is_awake() && self.kept.blackbox.is_due(tick.elapsed) {
            let point = self.point();
            self.kept.blackbox.record(point);
        }
        self.note_faults(outputs);
        let converter = self.converter.kept();
        if self.protection.has_changed() || converter != self.kept.converter {
            self.kept.converter = converter;
            self.kept.change(Part::Safety);
        }
        let days = self.counter.doubt().since_end / 24;
        let moved = has_moved(&self.counter, self.kept.charge, self.kept.budget.thrift());
        let contacts = self.resistances.contacts();
        if moved || days != self.kept.days || contacts.differ(&self.kept.contacts) {
            self.kept.contacts = contacts;
            self.kept.days = days;
            self.kept.charge = self.counter.remaining();
            self.kept.change(Part::Charge);
        }
        self.kept.until = self.kept.until.less(tick.elapsed);
        if self.kept.until.is_zero() {
            self.kept.until =
                Duration(values::KEEP_PERIOD.0.saturating_mul(self.kept.budget.thrift().into()));
            self.kept.change(Part::Lifetime);
        }
    }

    /// Counts what has come; a fault is photographed.
    fn note_faults(&mut self, outputs: &mut ModuleOutputs) {
        let mut fault = None;
        for record in &outputs.records {
            if let Record::Raised { condition, element, .. } = *record {
                self.kept.lifetime.raised(condition);
                if let Condition::Fault(_) = condition {
                    fault = fault.or(Some((condition, element)));
                }
            }
        }
        let Some((condition, element)) = fault else { return };
        let frame = self.photograph(condition, element);
        outputs.frame = Some(frame);
        self.kept.frames.put(frame);
        self.kept.change(Part::Lifetime);
        let point = self.point();
        if self.kept.blackbox.freeze(frame.stamp, point) {
            self.kept.records = false;
            self.kept.change(Part::Blackbox);
            self.kept.change(Part::Safety);
        }
    }

    fn photograph(&self, condition: Condition, element: u8) -> FreezeFrame {
        let power = self.power();
        FreezeFrame {
            number: self.kept.frames.ever().saturating_add(1),
            stamp: self.kept.stamp(),
            condition,
            element,
            conditions: self.protection.verdict().conditions,
            state: self.mode.state(),
            converter: self.converter.state(),
            soc: self.counter.soc().0,
            cells: self.readings.cells().map(scale::cell),
            temperatures: self.readings.temperatures().map(scale::temperature),
            hardware: self.readings.hardware().map(scale::temperature),
            pack_voltage: scale::milli_volts(power.pack_voltage),
            pack_current: scale::ten_milliamps(power.pack_current),
            terminal_voltage: scale::deci_volts(power.terminal_voltage),
            bus_current: scale::ten_milliamps(power.bus_current),
        }
    }

    fn point(&self) -> Point {
        let (cells, temperatures) = (self.readings.cells(), self.readings.temperatures());
        let cell = |voltage| scale::cell(voltage);
        Point {
            highest: cell(cells.iter().flatten().max().copied()),
            lowest: cell(cells.iter().flatten().min().copied()),
            current: scale::ten_milliamps(self.electrics.pack_current),
            hottest: scale::temperature(temperatures.iter().flatten().max().copied()),
            coldest: scale::temperature(temperatures.iter().flatten().min().copied()),
            charge_limit: scale::watts(self.limits.charge.power),
            discharge_limit: scale::watts(self.limits.discharge.power),
            state: self.mode.state(),
        }
    }
}

/// The charge has moved so far from `kept` that it must be written down.
fn has_moved(counter: &ChargeCounter, kept: Charge, thrift: u32) -> bool {
    let step = counter.capacity().0 / 1000 * i64::from(values::KEEP_CHARGE.0) * i64::from(thrift);
    (counter.remaining().0 - kept.0).abs() >= step.max(1)
}
