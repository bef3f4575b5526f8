//! From what a string of cells lives through to stresses that a model can take.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Ageing, AgeingModel, CellAge, Cycling, SECONDS_A_DAY, Stress};
use crate::CELLS;
use crate::number::{finite, finite_row, within};
use crate::vector::vectorised;

/// Storage is told to the model at least this often, s: short enough for temperature and charge to be near steady.
const INTERVAL: f64 = 3600.0;
/// ... and as soon as a cell's state of charge has moved this far: the loss over SOC is nearly a line over 10 %.
const SOC_INTERVAL: f64 = 0.1;
/// ... or its temperature this far, K: the rates move by some 15 %.
const TEMPERATURE_INTERVAL: f64 = 2.0;
/// A turn of the state of charge smaller than this does not end a half cycle: ripple of a controller, not a cycle.
const TURN: f64 = 0.01;
/// Current flows for the C-rate's sake above this, 1/h: supply and self-discharge are no cycles (BLAST-Lite's limit).
const MOVING: f64 = 0.01;

type Row = [f64; CELLS];

/// What a string of cells lived through since the last sample: about a minute of it.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// How long, s.
    pub duration: f64,
    /// Charge through the string, either way, C: the integral of the current's magnitude.
    pub throughput: f64,
    /// State of charge of each cell at its end.
    pub soc: &'a [f64; CELLS],
    /// Temperature of each cell at its end, degC.
    pub temperature: &'a [f64; CELLS],
}

/// Measures the stress of the 16 cells of a string and tells it to their ageing model.
///
/// Storage is told as means over at most an hour. Cycles are told as each model's authors count them: for Naumann's,
/// half cycles between turning points of the state of charge; for BLAST-Lite's, all that happens in a day as cycles
/// of the day's depth. State is all in here, can be saved, and allocates nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressMeter {
    /// Charge of a full cell by its label, C.
    #[serde(deserialize_with = "capacity")]
    capacity: f64,
    #[serde(deserialize_with = "finite_row")]
    last_soc: Row,
    #[serde(deserialize_with = "finite_row")]
    last_temperature: Row,
    storage: Storage,
    half: HalfCycles,
    day: Day,
}

/// Means since storage was told last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Storage {
    #[serde(deserialize_with = "finite")]
    elapsed: f64,
    #[serde(deserialize_with = "finite_row")]
    soc: Row,
    #[serde(deserialize_with = "finite_row")]
    temperature: Row,
    #[serde(deserialize_with = "finite_row")]
    first_soc: Row,
    #[serde(deserialize_with = "finite_row")]
    first_temperature: Row,
}

/// The half cycle that each cell is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HalfCycles {
    /// Time with current, s, running.
    #[serde(deserialize_with = "finite")]
    moving: f64,
    /// State of charge at the last turning point, and `moving` there.
    #[serde(deserialize_with = "finite_row")]
    start: Row,
    #[serde(deserialize_with = "finite_row")]
    start_moving: Row,
    /// The furthest since, and `moving` there.
    #[serde(deserialize_with = "finite_row")]
    far: Row,
    #[serde(deserialize_with = "finite_row")]
    far_moving: Row,
    /// 1 charging, -1 discharging, 0 not known yet.
    #[serde(deserialize_with = "finite_row")]
    direction: Row,
}

/// The running day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Day {
    #[serde(deserialize_with = "finite")]
    elapsed: f64,
    #[serde(deserialize_with = "finite")]
    moving: f64,
    #[serde(deserialize_with = "finite")]
    throughput: f64,
    #[serde(deserialize_with = "finite_row")]
    lowest: Row,
    #[serde(deserialize_with = "finite_row")]
    highest: Row,
    /// Mean state of charge times elapsed.
    #[serde(deserialize_with = "finite_row")]
    soc: Row,
    /// Mean temperature times throughput.
    #[serde(deserialize_with = "finite_row")]
    temperature: Row,
}

impl StressMeter {
    /// A meter for cells of `capacity` (C, by their label) that are now at these states of charge and temperatures.
    #[must_use]
    pub fn new(capacity: f64, soc: &[f64; CELLS], temperature: &[f64; CELLS]) -> Self {
        let soc = soc.map(|soc| soc.clamp(0.0, 1.0));
        Self {
            capacity,
            last_soc: soc,
            last_temperature: *temperature,
            storage: Storage::new(&soc, temperature),
            half: HalfCycles {
                moving: 0.0,
                start: soc,
                start_moving: [0.0; CELLS],
                far: soc,
                far_moving: [0.0; CELLS],
                direction: [0.0; CELLS],
            },
            day: Day::new(&soc),
        }
    }

    /// Takes a sample, and ages the cells when it is time. Returns whether any age moved, so that capacity and
    /// resistance can follow.
    pub fn sample(&mut self, ageing: &Ageing, ages: &mut [CellAge; CELLS], sample: &Sample<'_>) -> bool {
        vectorised(
            #[inline(always)]
            || self.take(ageing, ages, sample),
        )
    }

    #[inline(always)]
    fn take(&mut self, ageing: &Ageing, ages: &mut [CellAge; CELLS], sample: &Sample<'_>) -> bool {
        if ageing.model() == AgeingModel::None || sample.duration <= 0.0 {
            return false;
        }
        let soc = sample.soc.map(|soc| soc.clamp(0.0, 1.0));
        let moving = self.moving(sample);
        let cycled = match ageing.model() {
            AgeingModel::None => false,
            AgeingModel::Naumann | AgeingModel::NaumannRefit => {
                self.half.moving += moving;
                self.count_half_cycles(ageing, ages, &soc, sample.temperature)
            }
            AgeingModel::BlastPrismatic250Ah | AgeingModel::BlastSony3Ah => {
                self.count_day(ageing, ages, &soc, moving, sample)
            }
        };
        let stored = self.store(ageing, ages, &soc, sample);
        self.last_soc = soc;
        self.last_temperature = *sample.temperature;
        cycled || stored
    }

    /// Time of the sample with current, s.
    fn moving(&self, sample: &Sample<'_>) -> f64 {
        let rate = sample.throughput / sample.duration * 3600.0 / self.capacity;
        if rate > MOVING { sample.duration } else { 0.0 }
    }

    #[inline(always)]
    fn store(
        &mut self,
        ageing: &Ageing,
        ages: &mut [CellAge; CELLS],
        soc: &Row,
        sample: &Sample<'_>,
    ) -> bool {
        let storage = &mut self.storage;
        storage.elapsed += sample.duration;
        let mut moved = storage.elapsed >= INTERVAL;
        let half = 0.5 * sample.duration;
        for (k, (&soc, &celsius)) in soc.iter().zip(sample.temperature).enumerate() {
            storage.soc[k] += half * (self.last_soc[k] + soc);
            storage.temperature[k] += half * (self.last_temperature[k] + celsius);
        }
        for (k, (&soc, &celsius)) in soc.iter().zip(sample.temperature).enumerate() {
            moved |= (soc - storage.first_soc[k]).abs() >= SOC_INTERVAL;
            moved |= (celsius - storage.first_temperature[k]).abs() >= TEMPERATURE_INTERVAL;
        }
        if !moved {
            return false;
        }
        let per_second = 1.0 / storage.elapsed;
        for (k, age) in ages.iter_mut().enumerate() {
            let (temperature, soc) = (storage.temperature[k] * per_second, storage.soc[k] * per_second);
            ageing.advance(age, &Stress::storage(storage.elapsed, temperature, soc));
        }
        self.storage = Storage::new(soc, sample.temperature);
        true
    }

    fn count_half_cycles(
        &mut self,
        ageing: &Ageing,
        ages: &mut [CellAge; CELLS],
        soc: &Row,
        temperature: &Row,
    ) -> bool {
        let mut counted = false;
        for (k, age) in ages.iter_mut().enumerate() {
            if let Some(cycling) = self.half.turn(k, soc[k]) {
                let stress = Stress { duration: 0.0, temperature: temperature[k], soc: soc[k], cycling };
                ageing.advance(age, &stress);
                counted = true;
            }
        }
        counted
    }

    #[inline(always)]
    fn count_day(
        &mut self,
        ageing: &Ageing,
        ages: &mut [CellAge; CELLS],
        soc: &Row,
        moving: f64,
        sample: &Sample<'_>,
    ) -> bool {
        let day = &mut self.day;
        day.elapsed += sample.duration;
        day.moving += moving;
        day.throughput += sample.throughput;
        for (k, (&soc, &celsius)) in soc.iter().zip(sample.temperature).enumerate() {
            day.lowest[k] = day.lowest[k].min(soc);
            day.highest[k] = day.highest[k].max(soc);
            day.soc[k] += sample.duration * soc;
            day.temperature[k] += sample.throughput * celsius;
        }
        if day.elapsed < SECONDS_A_DAY {
            return false;
        }
        let counted = day.throughput > 0.0;
        if counted {
            for (k, age) in ages.iter_mut().enumerate() {
                ageing.advance(age, &day.stress(k, self.capacity));
            }
        }
        self.day = Day::new(soc);
        counted
    }
}

impl Storage {
    fn new(soc: &Row, temperature: &Row) -> Self {
        Self {
            elapsed: 0.0,
            soc: [0.0; CELLS],
            temperature: [0.0; CELLS],
            first_soc: *soc,
            first_temperature: *temperature,
        }
    }
}

impl HalfCycles {
    /// Cell `k` is now at `soc`: the half cycle that this shows to be over.
    fn turn(&mut self, k: usize, soc: f64) -> Option<Cycling> {
        let (way, direction) = (soc - self.far[k], self.direction[k]);
        if direction == 0.0 {
            if way.abs() >= TURN {
                self.direction[k] = way.signum();
                (self.far[k], self.far_moving[k]) = (soc, self.moving);
            }
            return None;
        }
        if way * direction >= 0.0 {
            if way != 0.0 {
                (self.far[k], self.far_moving[k]) = (soc, self.moving);
            }
            return None;
        }
        if -way * direction < TURN {
            return None;
        }
        let depth = (self.far[k] - self.start[k]).abs();
        let hours = (self.far_moving[k] - self.start_moving[k]) / 3600.0;
        (self.start[k], self.start_moving[k]) = (self.far[k], self.far_moving[k]);
        (self.far[k], self.far_moving[k]) = (soc, self.moving);
        self.direction[k] = -direction;
        let rate = if hours > 0.0 { depth / hours } else { 0.0 };
        Some(Cycling { full_cycles: 0.5 * depth, depth, rate, per_day: 0.0 })
    }
}

impl Day {
    fn new(soc: &Row) -> Self {
        Self {
            elapsed: 0.0,
            moving: 0.0,
            throughput: 0.0,
            lowest: *soc,
            highest: *soc,
            soc: [0.0; CELLS],
            temperature: [0.0; CELLS],
        }
    }

    /// What cell `k` bore in the day, of this capacity by its label, C.
    fn stress(&self, k: usize, capacity: f64) -> Stress {
        let full_cycles = 0.5 * self.throughput / capacity;
        let hours = self.moving / 3600.0;
        let cycling = Cycling {
            full_cycles,
            depth: self.highest[k] - self.lowest[k],
            rate: if hours > 0.0 { 2.0 * full_cycles / hours } else { 0.0 },
            per_day: full_cycles * SECONDS_A_DAY / self.elapsed,
        };
        Stress {
            duration: 0.0,
            temperature: self.temperature[k] / self.throughput,
            soc: self.soc[k] / self.elapsed,
            cycling,
        }
    }
}

fn capacity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within(deserializer, 1.0, 1e8)
}
