//! Readings that stand still although what they measure must have moved.
//!
//! A digit that does not change is no proof by itself: in the flat middle of its voltage a healthy cell stays where it
//! is for an hour of constant current. A reading is frozen only once something else shows that it should have moved by
//! more than five digits meanwhile: the converter's own current for the cells and the shunt, all other cells for a
//! cell, the other thermistors for a thermistor.

use voltower_core::{DeciCelsius, Duration, MilliAmps, MilliVolts, values};

use super::reading::{Ageing, Reading};
use crate::io::{CELL_SENSORS, CELLS, ModuleSample};

/// Lowest and highest value that a witness has had since a reading last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Window {
    lowest: i32,
    highest: i32,
}

impl Default for Window {
    /// The witness has said nothing yet.
    fn default() -> Self {
        Self { lowest: i32::MAX, highest: i32::MIN }
    }
}

impl Window {
    const fn at(value: i32) -> Self {
        Self { lowest: value, highest: value }
    }

    fn widen(&mut self, value: i32) {
        self.lowest = self.lowest.min(value);
        self.highest = self.highest.max(value);
    }

    const fn width(self) -> i32 {
        self.highest.saturating_sub(self.lowest)
    }
}

/// For how long a reading has shown the same digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Still {
    samples: u8,
    lasted: Duration,
}

impl Still {
    fn on(self, elapsed: Duration) -> Self {
        Self { samples: self.samples.saturating_add(1), lasted: self.lasted + elapsed }
    }

    fn is_long(self) -> bool {
        u32::from(self.samples) >= values::FROZEN_SAMPLES.0 && self.lasted >= values::FROZEN_TIME
    }
}

/// A reading with one witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Watched {
    still: Still,
    witness: Window,
}

impl Watched {
    fn step(&mut self, same: bool, witness: i32, elapsed: Duration) {
        if same {
            self.still = self.still.on(elapsed);
            self.witness.widen(witness);
        } else {
            *self = Self { still: Still::default(), witness: Window::at(witness) };
        }
    }

    fn is_frozen(&self, beyond: i32) -> bool {
        self.witness.width() > beyond && self.still.is_long()
    }
}

/// A thermistor, with all thermistors of the cells as witnesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct WatchedSensor {
    still: Still,
    witnesses: [Window; CELL_SENSORS],
}

/// The thermistors at the cells, as they were last read.
type Sensors = [Reading<DeciCelsius>; CELL_SENSORS];

impl WatchedSensor {
    fn step(&mut self, same: bool, now: &[Option<DeciCelsius>; CELL_SENSORS], elapsed: Duration) {
        *self = if same { Self { still: self.still.on(elapsed), ..*self } } else { Self::default() };
        for (window, now) in self.witnesses.iter_mut().zip(now) {
            if let Some(now) = now.filter(|now| now.possible()) {
                window.widen(now.number());
            }
        }
    }

    /// All the others have moved so far that this one, the farthest from whatever warms them, must have followed.
    fn is_frozen(&self, own: usize, sensors: &Sensors) -> bool {
        if !self.still.is_long() {
            return false;
        }
        let others = self.witnesses.iter().zip(sensors).enumerate();
        let moved = others
            .filter(|(place, (_, sensor))| *place != own && sensor.valid().is_some())
            .map(|(_, (window, _))| window.width())
            .min();
        moved.is_some_and(|moved| moved > i32::from(values::FROZEN_NEIGHBOURS.0))
    }
}

/// The cells that were read, together.
struct Others {
    sum: i32,
    count: i32,
}

impl Others {
    fn of(cells: &[Option<MilliVolts>; CELLS]) -> Self {
        let read = cells.iter().flatten().filter(|cell| cell.possible());
        read.fold(Self { sum: 0, count: 0 }, |all, cell| Self {
            sum: all.sum.saturating_add(cell.0),
            count: all.count + 1,
        })
    }

    /// Their mean without this one, mV; none without half of them.
    fn than(&self, own: Option<MilliVolts>) -> Option<i32> {
        let own = own.filter(|own| own.possible())?;
        let others = self.count - 1;
        (others >= CELLS as i32 / 2).then(|| self.sum.saturating_sub(own.0) / others.max(1))
    }
}

/// The watch over all readings of the AFE that can stand still.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Frozen {
    cells: [Watched; CELLS],
    /// Means of all others, mV, since the cell last changed.
    beside: [Window; CELLS],
    sensors: [WatchedSensor; CELL_SENSORS],
    shunt: Watched,
    last_shunt: MilliAmps,
    /// Charge that has passed, by the converter, in mA * us.
    charge: i64,
    /// Time since the last conversion.
    waited: Duration,
    /// A cell that stood still before the AFE was off, from 0, and what it showed: it does until it shows another.
    before: Option<(usize, MilliVolts)>,
}

/// What stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stuck {
    /// The voltage of this cell, from 1.
    Cell(u8),
    /// This thermistor at the cells, from 1.
    Sensor(u8),
    /// The pack's current.
    Shunt,
}

impl Frozen {
    /// The AFE was off: all begins anew but for a cell that stood still.
    #[must_use]
    pub fn restarted(&self, cells: &[Reading<MilliVolts>; CELLS], sensors: &Sensors) -> Self {
        let shown = |cell: u8| {
            let place = usize::from(cell).checked_sub(1)?;
            Some((place, cells.get(place)?.valid()?))
        };
        let stuck = match self.find(sensors) {
            Some(Stuck::Cell(cell)) => shown(cell),
            Some(Stuck::Sensor(_) | Stuck::Shunt) | None => None,
        };
        Self { before: stuck.or(self.before), ..Self::default() }
    }

    /// Time passes, and the converter tells what flows, whether the AFE converts or not.
    pub fn pass(&mut self, current: MilliAmps, elapsed: Duration) {
        self.waited = self.waited + elapsed;
        if current.abs() >= values::FROZEN_CURRENT {
            let moved = i64::from(current.0).saturating_mul(i64::try_from(elapsed.0).unwrap_or(i64::MAX));
            self.charge = self.charge.saturating_add(moved);
        }
    }

    /// A fresh conversion, compared with what was read before it.
    pub fn compare(
        &mut self,
        sample: &ModuleSample,
        cells: &[Reading<MilliVolts>; CELLS],
        sensors: &Sensors,
    ) {
        let elapsed = core::mem::take(&mut self.waited);
        let expected = self.expected(sample.pcu.low_current);
        let beside = Others::of(&sample.cells);
        let shows = |place: usize| sample.cells.get(place).copied().flatten();
        self.before = self.before.filter(|(place, still)| shows(*place).is_none_or(|shown| shown == *still));
        let watched = self.cells.iter_mut().zip(&mut self.beside);
        for (((watched, window), reading), measured) in watched.zip(cells).zip(&sample.cells) {
            let same = reading.valid().is_some() && reading.valid() == *measured;
            watched.step(same, expected, elapsed);
            if !same {
                *window = Window::default();
            }
            if let Some(mean) = beside.than(*measured) {
                window.widen(mean);
            }
        }
        for ((watched, reading), measured) in
            self.sensors.iter_mut().zip(sensors).zip(&sample.cell_temperatures)
        {
            let same = reading.valid().is_some() && reading.valid() == *measured;
            watched.step(same, &sample.cell_temperatures, elapsed);
        }
        let same = self.last_shunt == sample.pack_current;
        self.shunt.step(same, sample.pcu.low_current.0, elapsed);
        self.last_shunt = sample.pack_current;
    }

    /// The first that stands still.
    #[must_use]
    pub fn find(&self, sensors: &Sensors) -> Option<Stuck> {
        if let Some((place, _)) = self.before {
            return Some(Stuck::Cell(place as u8 + 1));
        }
        let beyond = values::FROZEN_CELL.0.saturating_mul(1000);
        let moved = |beside: &Window| beside.width() > values::FROZEN_BESIDE.0;
        let cells = (1u8..).zip(self.cells.iter().zip(&self.beside));
        let mut frozen = cells
            .filter(|(_, (cell, beside))| cell.is_frozen(beyond) || moved(beside) && cell.still.is_long());
        if let Some((cell, _)) = frozen.next() {
            return Some(Stuck::Cell(cell));
        }
        let mut watched = (1u8..).zip(self.sensors.iter().enumerate());
        if let Some((sensor, _)) = watched.find(|(_, (own, sensor))| sensor.is_frozen(*own, sensors)) {
            return Some(Stuck::Sensor(sensor));
        }
        self.shunt.is_frozen(values::FROZEN_SHUNT.0).then_some(Stuck::Shunt)
    }

    /// What the least of cells shows of the current and of the charge that has passed, in microvolts: from moment to
    /// moment a healthy cell moves by at least as much.
    fn expected(&self, current: MilliAmps) -> i32 {
        let across = i64::from(current.0) * i64::from(values::CELL_RESISTANCE_MIN.0) / 1000;
        let charged = self.charge / CHARGE_OF_A_MICROVOLT;
        i32::try_from(across.saturating_add(charged)).unwrap_or(i32::MAX)
    }
}

/// mA * us that move the flattest cell by a microvolt; the value is in tenths of an ampere-hour a millivolt.
const CHARGE_OF_A_MICROVOLT: i64 = values::CELL_CHARGE_OF_A_MILLIVOLT.0 as i64 * 360_000 * 1000;
