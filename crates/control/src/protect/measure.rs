//! From one sample to the quantities that the condition table looks at.

use voltower_core::{DeciCelsius, Duration, MilliAmps, MilliVolts, values};

use super::frozen::{Frozen, Stuck};
use super::reading::{Ageing, Reading};
use crate::io::{CELL_SENSORS, CELLS, ModuleSample, SamplePeriod};

/// What is known of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// By valid readings; `None` if there is none. Conditions are raised by this.
    pub seen: Option<i32>,
    /// With lost readings taken as bad as they can be by now. Conditions clear, and limits follow, by this.
    pub worst: i32,
    /// The cell or sensor that may be at the worst, from 1; 0 for none.
    pub element: u8,
    /// The cell or sensor that was seen, from 1; 0 for none.
    pub seen_at: u8,
    /// The sample brought something new: time since the last news is counted then, and only then.
    pub fresh: bool,
}

impl Evidence {
    /// A quantity that is always measured.
    #[must_use]
    pub const fn sure(value: i32, fresh: bool) -> Self {
        Self { seen: Some(value), worst: value, element: 0, seen_at: 0, fresh }
    }

    /// The same of this cell or sensor, from 1.
    #[must_use]
    pub const fn of(self, element: u8) -> Self {
        Self { element, seen_at: element, ..self }
    }

    /// A thing that is so or is not.
    #[must_use]
    pub const fn flag(set: bool, fresh: bool) -> Self {
        Self::sure(set as i32, fresh)
    }
}

/// Lowest and highest of several readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// The lowest.
    pub lowest: Evidence,
    /// The highest.
    pub highest: Evidence,
    /// Readings that are not plausible.
    pub implausible: u8,
    /// Mean of the valid ones.
    pub mean: i32,
}

impl Range {
    /// Distance of the valid ones, seen at the one that stands farther from the mean; worst case of all.
    #[must_use]
    pub fn spread(self) -> Evidence {
        let seen = match (self.lowest.seen, self.highest.seen) {
            (Some(low), Some(high)) => Some(high.saturating_sub(low)),
            (None, _) | (_, None) => None,
        };
        let worst = self.highest.worst.saturating_sub(self.lowest.worst);
        let low = self.lowest.seen.map(|low| self.mean.saturating_sub(low));
        let high = self.highest.seen.map(|high| high.saturating_sub(self.mean));
        let outer = if low > high { self.lowest } else { self.highest };
        Evidence { seen, worst, ..outer }
    }

    /// The same, none while even the highest is below `from`.
    #[must_use]
    pub fn spread_above(self, from: MilliVolts) -> Evidence {
        let Evidence { seen, worst, .. } = self.spread();
        let counts = |highest: i32| highest >= from.0;
        let seen = if self.highest.seen.is_some_and(counts) { seen } else { seen.map(|_| 0) };
        Evidence { seen, worst: if counts(self.highest.worst) { worst } else { 0 }, ..self.spread() }
    }

    fn of<Q: Ageing>(readings: &[Reading<Q>], period: SamplePeriod, fresh: bool) -> Self {
        let nothing = Evidence { fresh, ..Evidence::default() };
        let mut lowest = Evidence { worst: i32::MAX, ..nothing };
        let mut highest = Evidence { worst: i32::MIN, ..nothing };
        let mut implausible = 0u8;
        let (mut sum, mut valid) = (0i64, 0i64);
        // Of the valid ones; beyond each other while there is none.
        let (mut least, mut most) = (i32::MAX, i32::MIN);
        for (position, reading) in (1u8..).zip(readings) {
            let (low, high) = reading.bounds(period);
            if low < lowest.worst {
                (lowest.worst, lowest.element) = (low, position);
            }
            if high > highest.worst {
                (highest.worst, highest.element) = (high, position);
            }
            if reading.valid().is_some() {
                (sum, valid) = (sum + i64::from(low), valid + 1);
                if low < least {
                    (least, lowest.seen_at) = (low, position);
                }
                if high > most {
                    (most, highest.seen_at) = (high, position);
                }
            }
            implausible = implausible.saturating_add(u8::from(reading.is_implausible()));
        }
        if least <= most {
            (lowest.seen, highest.seen) = (Some(least), Some(most));
        }
        let mean = (sum / valid.max(1)) as i32;
        Self { lowest, highest, implausible, mean }
    }
}

/// Everything the module's sensors said last, with age.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Readings {
    cells: [Reading<MilliVolts>; CELLS],
    sensors: [Reading<DeciCelsius>; CELL_SENSORS],
    mos: Reading<DeciCelsius>,
    ambient: Reading<DeciCelsius>,
    heat_sink: Reading<DeciCelsius>,
    frozen: Frozen,
    conversion: Option<u32>,
    afe_silence: Duration,
    /// Between the last two conversions.
    gap: Duration,
}

/// An ordinary cell: what is assumed, with growing doubt, until the first conversion.
const NOMINAL_CELL: Reading<MilliVolts> = Reading::Stale { last: MilliVolts(3300), age: Duration::ZERO };
const NOMINAL_TEMPERATURE: Reading<DeciCelsius> =
    Reading::Stale { last: DeciCelsius(250), age: Duration::ZERO };

impl Default for Readings {
    fn default() -> Self {
        Self {
            cells: [NOMINAL_CELL; CELLS],
            sensors: [NOMINAL_TEMPERATURE; CELL_SENSORS],
            mos: NOMINAL_TEMPERATURE,
            ambient: NOMINAL_TEMPERATURE,
            heat_sink: NOMINAL_TEMPERATURE,
            frozen: Frozen::default(),
            conversion: None,
            afe_silence: Duration::ZERO,
            gap: Duration::ZERO,
        }
    }
}

/// The quantities of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// The AFE has converted since the last sample.
    pub fresh: bool,
    /// Cell voltages in mV.
    pub cells: Range,
    /// Cell temperatures in 0.1 degC.
    pub temperatures: Range,
    /// MOSFET temperature in 0.1 degC.
    pub mos: Evidence,
    /// Ambient temperature in 0.1 degC.
    pub ambient: Evidence,
    /// Heat sink temperature in 0.1 degC.
    pub heat_sink: Evidence,
    /// Number of readings that cannot be believed.
    pub implausible: Evidence,
    /// A lost reading may have reached its trip by now.
    pub aged_out: bool,
    /// The AFE is silent, for longer than its time-out.
    pub afe_silent: bool,
    /// A reading stands still although what it measures must have moved.
    pub frozen: Evidence,
    /// Sum of cells against the pack's divider, in thousandths.
    pub sum_error: Evidence,
    /// The converter's measurement of the pack against both, in thousandths; nothing while the MOSFETs are open.
    pub converter_error: Evidence,
    /// Pack current that everything else may rely on: the shunt's while its last conversion holds, then the
    /// converter's.
    pub current: MilliAmps,
}

impl Readings {
    /// Takes a sample in; `elapsed` since the last one.
    pub fn take(&mut self, sample: &ModuleSample, elapsed: Duration, period: SamplePeriod) -> Measured {
        let fresh = self.conversion != Some(sample.afe_conversion);
        self.conversion = Some(sample.afe_conversion);
        self.heat_sink = self.heat_sink.renewed(sample.pcu.heat_sink, elapsed);
        self.frozen.pass(sample.pcu.low_current, elapsed);
        if fresh {
            self.gap = core::mem::take(&mut self.afe_silence) + elapsed;
            self.frozen.compare(sample, &self.cells, &self.sensors);
            self.renew(sample, elapsed);
        } else {
            self.afe_silence = self.afe_silence + elapsed;
            self.age(elapsed, period);
        }
        self.measure(sample, fresh, period)
    }

    /// Time since the last conversion.
    #[must_use]
    pub const fn since_conversion(&self) -> Duration {
        self.afe_silence
    }

    /// Time between the last two conversions, or since the last one if that is longer already.
    #[must_use]
    pub fn gap(&self) -> Duration {
        self.gap.max(self.afe_silence)
    }

    /// The AFE was off: its silence starts anew. A cell that stood still is not whole for that.
    pub fn restart(&mut self) {
        *self = Self { frozen: self.frozen.restarted(&self.cells, &self.sensors), ..Self::default() };
    }

    /// Cell voltages that can be believed.
    #[must_use]
    pub fn cells(&self) -> [Option<MilliVolts>; CELLS] {
        self.cells.map(Reading::valid)
    }

    /// Cell temperatures that can be believed.
    #[must_use]
    pub fn temperatures(&self) -> [Option<DeciCelsius>; CELL_SENSORS] {
        self.sensors.map(Reading::valid)
    }

    /// MOSFET, ambient and heat sink temperature that can be believed.
    #[must_use]
    pub fn hardware(&self) -> [Option<DeciCelsius>; 3] {
        [self.mos, self.ambient, self.heat_sink].map(Reading::valid)
    }

    fn renew(&mut self, sample: &ModuleSample, elapsed: Duration) {
        for (reading, measured) in self.cells.iter_mut().zip(&sample.cells) {
            *reading = reading.renewed(*measured, elapsed);
        }
        for (reading, measured) in self.sensors.iter_mut().zip(&sample.cell_temperatures) {
            *reading = reading.renewed(*measured, elapsed);
        }
        self.mos = self.mos.renewed(sample.mos_temperature, elapsed);
        self.ambient = self.ambient.renewed(sample.ambient_temperature, elapsed);
    }

    fn age(&mut self, elapsed: Duration, period: SamplePeriod) {
        for reading in &mut self.cells {
            *reading = reading.aged(elapsed, period);
        }
        for reading in &mut self.sensors {
            *reading = reading.aged(elapsed, period);
        }
        self.mos = self.mos.aged(elapsed, period);
        self.ambient = self.ambient.aged(elapsed, period);
    }

    fn frozen(&self, fresh: bool) -> Evidence {
        let stuck = self.frozen.find(&self.sensors);
        let element = match stuck {
            Some(Stuck::Cell(place) | Stuck::Sensor(place)) => place,
            Some(Stuck::Shunt) | None => 0,
        };
        Evidence::flag(stuck.is_some(), fresh).of(element)
    }

    fn measure(&self, sample: &ModuleSample, fresh: bool, period: SamplePeriod) -> Measured {
        let cells = Range::of(&self.cells, period, fresh);
        let temperatures = Range::of(&self.sensors, period, fresh);
        let [mos, ambient] = [self.mos, self.ambient].map(|one| Range::of(&[one], period, fresh));
        let heat_sink = Range::of(&[self.heat_sink], period, true);
        let sum = Sum::of(&self.cells, period);
        let implausible =
            [&cells, &temperatures, &mos, &ambient, &heat_sink].map(|r| i32::from(r.implausible));
        Measured {
            fresh,
            cells,
            temperatures,
            mos: mos.highest,
            ambient: if ambient.highest.worst > values::AMBIENT_HOT_ALARM.0.into() {
                ambient.highest
            } else {
                ambient.lowest
            },
            heat_sink: heat_sink.highest,
            implausible: Evidence::sure(implausible.iter().sum(), fresh || heat_sink.implausible > 0)
                .of(self.first_implausible()),
            aged_out: aged_out(&cells, &temperatures),
            afe_silent: self.afe_silence >= period.stretch(values::AFE_SILENCE),
            frozen: self.frozen(fresh),
            sum_error: sum.error(sample.pack_voltage, MilliVolts::ZERO, fresh),
            converter_error: converter_error(&sum, sample, fresh),
            current: if self.afe_silence <= period.reading_holds() {
                sample.pack_current
            } else {
                sample.pcu.low_current
            },
        }
    }

    /// Cells before thermistors; 0 for those of the electronics.
    fn first_implausible(&self) -> u8 {
        let cell = first(self.cells.iter().map(|cell| cell.is_implausible()));
        cell.or_else(|| first(self.sensors.iter().map(|sensor| sensor.is_implausible()))).unwrap_or(0)
    }
}

/// Place of the first that is so, from 1.
fn first(are: impl Iterator<Item = bool>) -> Option<u8> {
    (1u8..).zip(are).find_map(|(place, is)| is.then_some(place))
}

/// The larger of shunt and converter: one dead sensor hides no current.
#[must_use]
pub fn current_magnitude(sample: &ModuleSample) -> i32 {
    sample.pack_current.abs().0.max(sample.pcu.low_current.abs().0)
}

/// A reading that is lost may have reached a trip, while none of the valid ones has.
fn aged_out(cells: &Range, temperatures: &Range) -> bool {
    let beyond = |evidence: &Evidence, trips: &dyn Fn(i32) -> bool| {
        trips(evidence.worst) && !evidence.seen.is_some_and(trips)
    };
    beyond(&cells.highest, &|mv| mv >= values::CELL_OVER_VOLTAGE_FAULT.0)
        || beyond(&cells.lowest, &|mv| mv <= values::CELL_UNDER_VOLTAGE_FAULT.0)
        || beyond(&temperatures.highest, &|t| t >= i32::from(values::DISCHARGE_HOT_DERATE_END.0))
        || beyond(&temperatures.lowest, &|t| t <= i32::from(values::CELL_COLD_FAULT.0))
}

/// The sum of all cells: lowest and highest that it can be, with lost readings anywhere within what they can be by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    lowest: i32,
    highest: i32,
}

impl Sum {
    fn of(cells: &[Reading<MilliVolts>; CELLS], period: SamplePeriod) -> Self {
        let mut sum = Self { lowest: 0, highest: 0 };
        for cell in cells {
            let (low, high) = cell.bounds(period);
            sum.lowest = sum.lowest.saturating_add(low);
            sum.highest = sum.highest.saturating_add(high);
        }
        sum
    }

    /// How far `other` is away, in thousandths of it: for sure, and at worst. So much as `allowed` is no error.
    fn error(self, other: MilliVolts, allowed: MilliVolts, fresh: bool) -> Evidence {
        let (below, above) =
            (i64::from(self.lowest) - i64::from(other.0), i64::from(other.0) - i64::from(self.highest));
        let share = |distance: i64| {
            let beyond = (distance - i64::from(allowed.0)).max(0);
            i32::try_from(beyond * 1000 / i64::from(other.0.max(1))).unwrap_or(i32::MAX)
        };
        let seen = fresh.then(|| share(below.max(above)));
        let widest =
            (i64::from(self.highest) - i64::from(other.0)).max(i64::from(other.0) - i64::from(self.lowest));
        Evidence { seen, worst: share(widest), fresh, ..Evidence::default() }
    }
}

/// Behind the closed MOSFETs the converter sees the pack too, but for the drop on the way, which nobody knows exactly.
/// With a MOSFET open it sees another node, and nothing can be said.
fn converter_error(sum: &Sum, sample: &ModuleSample, fresh: bool) -> Evidence {
    if !(sample.charge_mosfet_closed && sample.discharge_mosfet_closed) {
        return Evidence::sure(0, fresh);
    }
    // No wrong current widens this for ever.
    let amps = i64::from(current_magnitude(sample).min(values::PACK_CURRENT_RATED.0));
    let drop = MilliVolts((amps * i64::from(values::PACK_PATH_RESISTANCE.0) / 1000) as i32);
    let seen = sample.pcu.low_voltage;
    let by_divider = Sum { lowest: sample.pack_voltage.0, highest: sample.pack_voltage.0 };
    let (cells, divider) = (sum.error(seen, drop, fresh), by_divider.error(seen, drop, fresh));
    Evidence { seen: cells.seen.max(divider.seen), worst: cells.worst.max(divider.worst), ..cells }
}
