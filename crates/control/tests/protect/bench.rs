//! Readings and the condition table, fed with fabricated samples.

use voltower_control::io::{CELLS, ModuleSample, PcuSample, Records, SamplePeriod};
use voltower_control::protect::measure::{Measured, Readings};
use voltower_control::protect::table::COUNTED;
use voltower_control::protect::{Doing, Protection, Verdict};
use voltower_control::record::Record;
use voltower_core::{Condition, ConditionSet, DeciCelsius, Duration, MilliAmps, MilliVolts, Watts};

use crate::fixtures::healthy_sample;

pub(crate) struct Bench {
    pub(crate) protection: Protection,
    pub(crate) readings: Readings,
    pub(crate) sample: ModuleSample,
    pub(crate) doing: Doing,
    pub(crate) period: Duration,
    /// The AFE converts no more.
    pub(crate) silent: bool,
    /// It converts with every so many-th sample.
    pub(crate) every: u32,
    /// Its conversions, from 1, that are lost.
    pub(crate) loses: fn(u32) -> bool,
    /// What it has converted last.
    converted: ModuleSample,
    /// The cell, from 0, whose reading does not move; all others do under current.
    pub(crate) stuck: Option<usize>,
    /// No cell's reading moves.
    pub(crate) still: bool,
    pub(crate) records: Vec<Record>,
    pub(crate) measured: Measured,
    ticks: u32,
}

pub(crate) fn sample() -> ModuleSample {
    let healthy = healthy_sample();
    ModuleSample {
        charge_mosfet_closed: true,
        discharge_mosfet_closed: true,
        pcu: PcuSample {
            capacitor_voltage: MilliVolts(400_000),
            terminal_voltage: MilliVolts(400_000),
            relay_closed: true,
            ..healthy.pcu
        },
        ..healthy
    }
}

pub(crate) fn doing() -> Doing {
    Doing {
        charge_mosfet: true,
        discharge_mosfet: true,
        relay: true,
        comparator: healthy_sample().comparator,
        charge_allowed: Watts(2500),
        discharge_allowed: Watts(2000),
        converter_failed: false,
        self_test_failed: false,
        person: false,
        converter_lost: false,
        memory_failed: false,
        stored_damaged: false,
        resets: 0,
        bad_contact: 0,
        alone: 0,
        shunt_off: false,
        empty: false,
        held: true,
    }
}

/// Of the cases of a large sweep every so many-th is tried: all, unless `cargo xtask` asks for fewer.
pub(crate) fn every() -> usize {
    std::env::var("VOLTOWER_SWEEP_EVERY").map_or(1, |text| text.parse().expect("a number above zero"))
}

impl Bench {
    /// A healthy module on the bus, without current, sampled every 100 ms.
    pub(crate) fn new() -> Self {
        Self::locked(ConditionSet::EMPTY)
    }

    /// One that was locked out when the power went.
    pub(crate) fn locked(locked_out: ConditionSet) -> Self {
        Self::kept(locked_out, [0; COUNTED])
    }

    /// One that had tried so often when the power went.
    pub(crate) fn kept(locked_out: ConditionSet, tries: [u8; COUNTED]) -> Self {
        let mut bench = Self {
            protection: Protection::new(locked_out, tries),
            readings: Readings::default(),
            sample: sample(),
            doing: doing(),
            period: Duration::millis(100),
            silent: false,
            every: 1,
            loses: |_| false,
            converted: sample(),
            stuck: None,
            still: false,
            records: Vec::new(),
            measured: Measured::default(),
            ticks: 0,
        };
        bench.tick();
        bench
    }

    /// One sample.
    pub(crate) fn tick(&mut self) -> Verdict {
        let mut records = Records::new();
        let verdict = self.tick_into(&mut records);
        self.records.extend(records);
        verdict
    }

    /// One sample, with `records` that may be full.
    pub(crate) fn tick_into(&mut self, records: &mut Records) -> Verdict {
        self.ticks += 1;
        let conversion = self.ticks / self.every;
        if !self.silent && self.ticks.is_multiple_of(self.every) && !(self.loses)(conversion) {
            self.sample.afe_conversion += 1;
            self.converted = self.moving();
        }
        let sample = self.given_out();
        self.measured = self.readings.take(&sample, self.period, SamplePeriod(self.period));
        self.protection.step(&sample, &self.measured, &self.doing, self.period, 3, records)
    }

    /// A slow AFE repeats what it has converted last.
    fn given_out(&self) -> ModuleSample {
        if self.every == 1 {
            return self.moving();
        }
        ModuleSample {
            comparator_tripped: self.sample.comparator_tripped,
            pcu: self.sample.pcu,
            ..self.converted.clone()
        }
    }

    /// Live readings never stand still under current.
    fn moving(&self) -> ModuleSample {
        let mut sample = self.sample.clone();
        let flows = sample.pack_current.0.abs().max(sample.pcu.low_current.0.abs()) > 1000;
        if flows && !self.still && self.sample.afe_conversion.is_multiple_of(2) {
            for (position, cell) in sample.cells.iter_mut().enumerate() {
                if Some(position) != self.stuck
                    && let Some(cell) = cell
                {
                    cell.0 -= 1;
                }
            }
        }
        sample
    }

    pub(crate) fn run(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.tick();
        }
    }

    pub(crate) fn has(&self, condition: impl Into<Condition>) -> bool {
        self.protection.verdict().conditions.contains(condition)
    }

    /// Ticks until `condition` is there; none if it is not after `limit`.
    pub(crate) fn raised_after(&mut self, condition: Condition, limit: u32) -> Option<u32> {
        (1..=limit).find(|_| {
            self.tick();
            self.has(condition)
        })
    }

    /// Ticks until `condition` is gone; none if it is not after `limit`.
    pub(crate) fn gone_after(&mut self, condition: Condition, limit: u32) -> Option<u32> {
        (1..=limit).find(|_| {
            self.tick();
            !self.has(condition)
        })
    }

    /// At shunt and converter.
    pub(crate) fn set_current(&mut self, ma: i32) {
        self.sample.pack_current = MilliAmps(ma);
        self.sample.pcu.low_current = MilliAmps(ma);
    }

    /// Every cell, and what else measures the pack with them.
    pub(crate) fn set_cells(&mut self, mv: i32) {
        self.sample.cells = [Some(MilliVolts(mv)); CELLS];
        self.set_pack(16 * mv);
    }

    fn set_pack(&mut self, mv: i32) {
        self.sample.pack_voltage = MilliVolts(mv);
        self.sample.pcu.low_voltage = MilliVolts(mv);
    }

    /// One cell, from 0.
    pub(crate) fn set_cell(&mut self, cell: usize, mv: i32) {
        self.sample.cells[cell] = Some(MilliVolts(mv));
        self.set_pack(self.sample.cells.iter().flatten().map(|cell| cell.0).sum());
    }

    pub(crate) fn set_temperatures(&mut self, deci: i32) {
        self.sample.cell_temperatures = [Some(DeciCelsius(deci as i16)); 4];
    }
}
