//! From one sample to the quantities that the condition table looks at.

use voltower_core::{DeciCelsius, Duration, MilliAmps, MilliVolts, values};

use super::reading::{Ageing, Reading};
use crate::io::{CELL_SENSORS, CELLS, ModuleSample, SamplePeriod};

/// What is known of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// By valid readings; `None` if there is none. Conditions are raised by this.
    pub seen: Option<i32>,
    /// With lost readings taken as bad as they can be by now. Conditions clear, and limits follow, by this.
    pub worst: i32,
    /// The cell or sensor, from 1; 0 for none.
    pub element: u8,
    /// The sample brought something new.
    pub fresh: bool,
}

impl Evidence {
    /// A quantity that is always measured.
    #[must_use]
    pub const fn sure(value: i32, fresh: bool) -> Self {
        Self { seen: Some(value), worst: value, element: 0, fresh }
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
}

impl Range {
    /// Distance of the valid ones; worst case of all.
    #[must_use]
    pub fn spread(self) -> Evidence {
        let seen = match (self.lowest.seen, self.highest.seen) {
            (Some(low), Some(high)) => Some(high.saturating_sub(low)),
            (None, _) | (_, None) => None,
        };
        let worst = self.highest.worst.saturating_sub(self.lowest.worst);
        Evidence { seen, worst, element: self.highest.element, fresh: self.highest.fresh }
    }

    fn of<Q: Ageing>(readings: &[Reading<Q>], period: SamplePeriod, fresh: bool) -> Self {
        let mut lowest = Evidence { seen: None, worst: i32::MAX, element: 0, fresh };
        let mut highest = Evidence { seen: None, worst: i32::MIN, element: 0, fresh };
        let mut implausible = 0u8;
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
                (least, most) = (least.min(low), most.max(high));
            }
            implausible = implausible.saturating_add(u8::from(reading.is_implausible()));
        }
        if least <= most {
            (lowest.seen, highest.seen) = (Some(least), Some(most));
        }
        Self { lowest, highest, implausible }
    }
}

/// Everything the module's sensors said last, with age.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Readings {
    cells: [Reading<MilliVolts>; CELLS],
    repeated: [u16; CELLS],
    sensors: [Reading<DeciCelsius>; CELL_SENSORS],
    mos: Reading<DeciCelsius>,
    ambient: Reading<DeciCelsius>,
    heat_sink: Reading<DeciCelsius>,
    conversion: Option<u32>,
    afe_silence: Duration,
}

/// An ordinary cell: what is assumed, with growing doubt, until the first conversion.
const NOMINAL_CELL: Reading<MilliVolts> = Reading::Stale { last: MilliVolts(3300), age: Duration::ZERO };
const NOMINAL_TEMPERATURE: Reading<DeciCelsius> =
    Reading::Stale { last: DeciCelsius(250), age: Duration::ZERO };

impl Default for Readings {
    fn default() -> Self {
        Self {
            cells: [NOMINAL_CELL; CELLS],
            repeated: [0; CELLS],
            sensors: [NOMINAL_TEMPERATURE; CELL_SENSORS],
            mos: NOMINAL_TEMPERATURE,
            ambient: NOMINAL_TEMPERATURE,
            heat_sink: NOMINAL_TEMPERATURE,
            conversion: None,
            afe_silence: Duration::ZERO,
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
    /// A cell's reading has not moved for too long under current.
    pub frozen: Evidence,
    /// Sum of cells against the pack's divider, in thousandths.
    pub sum_error: Evidence,
    /// Pack current that everything else may rely on: the shunt's, or the converter's while the AFE is silent.
    pub current: MilliAmps,
}

impl Readings {
    /// Takes a sample in; `elapsed` since the last one.
    pub fn take(&mut self, sample: &ModuleSample, elapsed: Duration, period: SamplePeriod) -> Measured {
        let fresh = self.conversion != Some(sample.afe_conversion);
        self.conversion = Some(sample.afe_conversion);
        self.heat_sink = self.heat_sink.renewed(sample.pcu.heat_sink, elapsed);
        if fresh {
            self.afe_silence = Duration::ZERO;
            self.count_repeats(sample);
            self.renew(sample, elapsed);
        } else {
            self.afe_silence = self.afe_silence + elapsed;
            self.age(elapsed);
        }
        self.measure(sample, fresh, period)
    }

    /// The AFE was off: its silence starts anew.
    pub fn restart(&mut self) {
        *self = Self::default();
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

    fn age(&mut self, elapsed: Duration) {
        for reading in &mut self.cells {
            *reading = reading.aged(elapsed);
        }
        for reading in &mut self.sensors {
            *reading = reading.aged(elapsed);
        }
        self.mos = self.mos.aged(elapsed);
        self.ambient = self.ambient.aged(elapsed);
    }

    fn count_repeats(&mut self, sample: &ModuleSample) {
        let flowing = u16::from(current_magnitude(sample) >= values::FROZEN_CURRENT.0);
        for ((count, reading), measured) in self.repeated.iter_mut().zip(&self.cells).zip(&sample.cells) {
            let same = reading.valid().is_some() && reading.valid() == *measured;
            *count = if same { count.saturating_add(flowing) } else { 0 };
        }
    }

    fn frozen(&self, fresh: bool, period: SamplePeriod) -> Evidence {
        let count = self.repeated.iter().copied().max().unwrap_or(0);
        let is_longest = |(_, repeats): &(u8, &u16)| count > 0 && **repeats == count;
        let element = (1u8..).zip(&self.repeated).find(is_longest).map_or(0, |(position, _)| position);
        let lasted = period.0.0.saturating_mul(u64::from(count)) >= values::FROZEN_TIME.0;
        let set = lasted && u32::from(count) >= values::FROZEN_SAMPLES.0;
        Evidence { element, ..Evidence::flag(set, fresh) }
    }

    fn measure(&self, sample: &ModuleSample, fresh: bool, period: SamplePeriod) -> Measured {
        let cells = Range::of(&self.cells, period, fresh);
        let temperatures = Range::of(&self.sensors, period, fresh);
        let [mos, ambient] = [self.mos, self.ambient].map(|one| Range::of(&[one], period, fresh));
        let heat_sink = Range::of(&[self.heat_sink], period, true);
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
            implausible: Evidence {
                element: self.first_implausible(),
                ..Evidence::sure(implausible.iter().sum(), fresh || heat_sink.implausible > 0)
            },
            aged_out: aged_out(&cells, &temperatures),
            afe_silent: self.afe_silence >= period.stretch(values::AFE_SILENCE),
            frozen: self.frozen(fresh, period),
            sum_error: sum_error(&self.cells, sample.pack_voltage, fresh),
            current: if fresh { sample.pack_current } else { sample.pcu.low_current },
        }
    }

    fn first_implausible(&self) -> u8 {
        (1u8..).zip(&self.cells).find(|(_, cell)| cell.is_implausible()).map_or(0, |(position, _)| position)
    }
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

fn sum_error(cells: &[Reading<MilliVolts>; CELLS], pack: MilliVolts, fresh: bool) -> Evidence {
    let mut sum = 0i32;
    for cell in cells {
        match cell.valid() {
            Some(value) => sum = sum.saturating_add(value.0),
            None => return Evidence { seen: None, worst: 0, element: 0, fresh },
        }
    }
    let difference = i64::from(sum) - i64::from(pack.0);
    let share = difference.abs() * 1000 / i64::from(pack.0.max(1));
    Evidence::sure(i32::try_from(share).unwrap_or(i32::MAX), fresh)
}
