//! What stands between a controller and the flash on its board: writes what must outlive a loss of power, reports what
//! the flash holds, and hands it back when the power returns.

use std::collections::VecDeque;

use voltower_control::bdu::BduController;
use voltower_control::io::{Identity, Settings};
use voltower_control::keep::{
    BduPersisted, Boot, Damage, FRAMES, FreezeFrame, Keep, MemoryReport, ModulePersisted, PAGES, Part,
    PartBytes,
};
use voltower_control::module::ModuleController;
use voltower_control::record::Record;
use voltower_core::{Duration, Instant, ResetCause, values};
use voltower_memory::{Key, Opened, Store, StoreError, run};
use voltower_plant::{Flash, FlashError};
use voltower_protocols::link::Event;

/// Keys of freeze-frames and of pages of the blackbox; parts have those below.
const FIRST_FRAME: u8 = 16;
const FIRST_PAGE: u8 = 32;
/// Log entries that wait while the flash takes none; the oldest go, and are counted.
const BACKLOG: usize = 64;
/// A flash that has failed is tried again after this, and after [`GROWTH`] times as long each time, up to the longest:
/// each try may erase pages, and would wear out what is left of them. A person who clears is not kept waiting.
const PAUSE: Duration = Duration::secs(1);
const GROWTH: u64 = 4;
const LONGEST_PAUSE: Duration = Duration::hours(24);
/// Bytes of a log entry: number of the start, and the event with its uptime. A device knows no wall clock.
const ENTRY: usize = 12;

type Failure = StoreError<FlashError>;

/// Who runs the memory of one controller. Loses all of this with the power.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    opened: Option<Opened>,
    report: MemoryReport,
    /// Pages of the log that wait to be written.
    backlog: VecDeque<[u8; ENTRY]>,
    /// Frames that wait to be written.
    frames: VecDeque<FreezeFrame>,
    /// Entries that found no place.
    lost: u32,
    /// Number of the start, and when it was; none before the first step.
    boot: u32,
    /// It follows so many resets that its first minutes are not logged.
    quiet: bool,
    started: Option<Instant>,
    /// The flash has failed: not before then, and how long that was put off. A worn one fails now and then, so that a
    /// success makes the next pause no shorter.
    put_off: Option<(Instant, Duration)>,
    /// As often a person has asked.
    asked: u8,
}

/// What a step has left to be written down.
pub(super) struct Work<'a> {
    pub(super) keep: Keep,
    pub(super) records: &'a [Record],
    pub(super) frame: Option<FreezeFrame>,
}

/// Who has the bytes that are to be written.
pub(super) trait Source {
    /// The items of a part, by key.
    fn items(&self, part: Part) -> Vec<(u8, PartBytes)>;
}

impl Source for ModuleController {
    fn items(&self, part: Part) -> Vec<(u8, PartBytes)> {
        let page = |page| Some((FIRST_PAGE + page, self.blackbox_page(page)?));
        match part {
            Part::Blackbox => (0..PAGES as u8).filter_map(page).collect(),
            Part::Safety | Part::Settings | Part::Charge | Part::Lifetime | Part::Boot => {
                self.part_to_bytes(part).map(|bytes| (part.key(), bytes)).into_iter().collect()
            }
        }
    }
}

impl Source for BduController {
    fn items(&self, part: Part) -> Vec<(u8, PartBytes)> {
        self.part_to_bytes(part).map(|bytes| (part.key(), bytes)).into_iter().collect()
    }
}

impl Keeper {
    /// The power has come: a module starts with what its flash has.
    pub(super) fn start_module(
        flash: &mut Flash,
        identity: Identity,
        cause: ResetCause,
    ) -> (Self, ModuleController) {
        let mut keeper = Self::default();
        let persisted = ModulePersisted::load(cause, |part| keeper.read(flash, part.key()));
        let mut controller = ModuleController::new(identity, persisted);
        keeper.begin(flash, persisted.boot);
        for place in 0..FRAMES as u8 {
            if let Ok(Some(bytes)) = keeper.read(flash, FIRST_FRAME + place) {
                controller.recall_frame(&bytes);
            }
        }
        for page in 0..PAGES as u8 {
            if let Ok(Some(bytes)) = keeper.read(flash, FIRST_PAGE + page) {
                controller.recall_blackbox(page, &bytes);
            }
        }
        (keeper, controller)
    }

    /// The power has come: a distribution unit starts with what its flash has, commissioned anew if so wished.
    pub(super) fn start_bdu(
        flash: &mut Flash,
        identity: Identity,
        cause: ResetCause,
        commissioned: Option<u8>,
    ) -> (Self, BduController) {
        let mut keeper = Self::default();
        let kept = BduPersisted::load(cause, |part| keeper.read(flash, part.key()));
        let persisted = BduPersisted { expected: commissioned.unwrap_or(kept.expected), ..kept };
        keeper.begin(flash, persisted.boot);
        if let Some(settings) = persisted.to_bytes(Part::Settings).filter(|_| commissioned.is_some()) {
            keeper.try_to(flash, |store| run(store.put(Key(Part::Settings.key()), &settings)));
        }
        (keeper, BduController::new(identity, persisted))
    }

    /// Somebody has written other settings into the flash of a module.
    pub(super) fn put_settings(&mut self, flash: &mut Flash, settings: Settings) {
        let stored = ModulePersisted { settings, ..ModulePersisted::NEW };
        if let Some(bytes) = stored.to_bytes(Part::Settings) {
            self.try_to(flash, |store| run(store.put(Key(Part::Settings.key()), &bytes)));
        }
    }

    /// A device that has just been made: writes down what it starts its life with.
    pub(super) fn first(flash: &mut Flash, keep: Keep, source: &impl Source) -> Self {
        let mut keeper = Self { boot: 1, ..Self::default() };
        keeper.write_parts(flash, keep, source);
        keeper
    }

    /// Counts the start before anything else happens.
    fn begin(&mut self, flash: &mut Flash, boot: Boot) {
        self.boot = boot.number;
        self.quiet = boot.is_lasting_storm();
        let bytes = boot.to_bytes();
        self.try_to(flash, |store| run(store.put(Key(Part::Boot.key()), &bytes)));
    }

    /// What goes into the next sample.
    pub(super) const fn report(&self) -> MemoryReport {
        self.report
    }

    /// Log entries that found no place.
    pub(super) const fn lost(&self) -> u32 {
        self.lost
    }

    /// Writes what a step has left, and what could not be written before.
    pub(super) fn write(&mut self, flash: &mut Flash, now: Instant, work: &Work<'_>, source: &impl Source) {
        let started = *self.started.get_or_insert(now);
        let uptime = (now.since(started).as_millis() / 1000).min(u64::from(u32::MAX)) as u32;
        let is_asked = core::mem::replace(&mut self.asked, work.keep.asked) != work.keep.asked;
        // What a person does is logged always.
        self.quiet &= !is_asked && now.since(started) < values::RESETS_FORGIVEN;
        if self.quiet {
            self.lost = self.lost.saturating_add(u32::try_from(work.records.len()).unwrap_or(u32::MAX));
        } else {
            work.records.iter().for_each(|record| self.note(Event { uptime, what: record.happening() }));
        }
        self.frames.extend(work.frame);
        self.frames.truncate(FRAMES);
        let has_changed = work.keep.revision != self.report.held;
        let is_idle = !has_changed && self.backlog.is_empty() && self.frames.is_empty();
        let waits = !is_asked && self.put_off.is_some_and(|(until, _)| now < until);
        if is_idle || waits {
            return;
        }
        // What is less important waits with what is more.
        let is_done = (!has_changed || self.write_parts(flash, work.keep, source))
            && self.write_frames(flash)
            && self.write_log(flash);
        self.put_off = if is_done {
            self.put_off.map(|(_, last)| (now, last))
        } else {
            let longer = |(_, last): (_, Duration)| Duration(last.0 * GROWTH).min(LONGEST_PAUSE);
            let pause = self.put_off.map_or(PAUSE, longer);
            Some((now + pause, pause))
        };
    }

    fn note(&mut self, event: Event) {
        let mut entry = [0; ENTRY];
        let (boot, bits) = entry.split_at_mut(4);
        boot.copy_from_slice(&self.boot.to_le_bytes());
        bits.copy_from_slice(&event.to_bits().to_le_bytes());
        if self.backlog.len() >= BACKLOG {
            self.backlog.pop_front();
            self.lost = self.lost.saturating_add(1);
        }
        self.backlog.push_back(entry);
    }

    /// All that has changed, the most important first; it is held once all of it is. Whether it is.
    fn write_parts(&mut self, flash: &mut Flash, keep: Keep, source: &impl Source) -> bool {
        for part in Part::ALL.into_iter().filter(|part| keep.parts.contains(*part)) {
            for (key, bytes) in source.items(part) {
                if !self.try_to(flash, |store| run(store.put(Key(key), &bytes))) {
                    return false;
                }
            }
        }
        self.report.held = keep.revision;
        true
    }

    /// All that wait. Whether none is left.
    fn write_frames(&mut self, flash: &mut Flash) -> bool {
        while let Some(frame) = self.frames.front() {
            let (key, bytes) = (Key(FIRST_FRAME + frame.place()), frame.to_bytes());
            if !self.try_to(flash, |store| run(store.put(key, &bytes))) {
                return false;
            }
            self.frames.pop_front();
        }
        true
    }

    /// All entries that wait. Whether none is left.
    fn write_log(&mut self, flash: &mut Flash) -> bool {
        while let Some(entry) = self.backlog.front().copied() {
            if !self.try_to(flash, |store| run(store.append(&entry))) {
                return false;
            }
            self.backlog.pop_front();
        }
        true
    }

    fn read(&mut self, flash: &mut Flash, key: u8) -> Result<Option<PartBytes>, Damage> {
        let mut found = Err(Damage::Length);
        self.try_to(flash, |store| {
            let mut buffer = [0; voltower_memory::VALUE_MAX];
            let bytes = run(store.get(Key(key), &mut buffer))?;
            found = bytes.map(|bytes| PartBytes::from_slice(bytes).map_err(|_| Damage::Length)).transpose();
            Ok(())
        });
        found
    }

    /// Whether the flash has done it. One that has failed is opened anew before the next try.
    fn try_to(
        &mut self,
        flash: &mut Flash,
        deed: impl FnOnce(&mut Store<&mut Flash>) -> Result<(), Failure>,
    ) -> bool {
        let opened = match self.opened.take() {
            Some(opened) => Ok(Store::resume(flash, opened)),
            None => run(Store::open(flash)),
        };
        let done = opened.and_then(|mut store| {
            deed(&mut store)?;
            Ok(store.opened())
        });
        self.opened = done.as_ref().ok().copied();
        self.report.failed = done.is_err();
        done.is_ok()
    }
}

/// The log in a flash, oldest first: number of the start, and event.
pub(super) fn log_of(flash: &mut Flash) -> Vec<(u32, Event)> {
    let mut events = Vec::new();
    let Ok(mut store) = run(Store::open(flash)) else { return events };
    let _ = run(store.entries(|entry| {
        let Some((boot, bits)) = entry.split_first_chunk::<4>() else { return };
        let event = bits.try_into().ok().map(u64::from_le_bytes).and_then(Event::from_bits);
        events.extend(event.map(|event| (u32::from_le_bytes(*boot), event)));
    }));
    events
}

#[cfg(test)]
mod tests;
