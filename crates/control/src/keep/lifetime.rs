//! What a module has gone through in its life.

use voltower_core::{Condition, DeciCelsius, Duration, MilliAmps, MilliVolts};

use super::bytes::{Damage, PartBytes, Reader, Writer};

/// Bands of cell temperature in which time is counted: below each of these, and above the last.
pub const BANDS: [DeciCelsius; 5] =
    [DeciCelsius(0), DeciCelsius(150), DeciCelsius(350), DeciCelsius(450), DeciCelsius(550)];
/// How many bands that makes.
pub const BAND_COUNT: usize = BANDS.len() + 1;

/// Counters of a life. They stay at their largest number and never start anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lifetime {
    /// Energy into the pack, microjoules.
    pub charged: u64,
    /// Energy out of the pack, microjoules.
    pub discharged: u64,
    /// Charge through the pack, both ways, milliampere-microseconds.
    pub throughput: u64,
    /// Time on the bus.
    pub on_bus: Duration,
    /// Time with the hottest cell in each of the [`BANDS`].
    pub bands: [Duration; BAND_COUNT],
    /// Times it has woken.
    pub starts: u32,
    /// Times each condition has come.
    pub conditions: [u16; Condition::COUNT],
    /// Highest cell voltage ever; zero if there never was one.
    pub highest: MilliVolts,
    /// Lowest cell voltage ever; zero if there never was one.
    pub lowest: MilliVolts,
    /// Hottest cell ever.
    pub hottest: DeciCelsius,
    /// Coldest cell ever.
    pub coldest: DeciCelsius,
    /// Largest charging current ever.
    pub charge_current: MilliAmps,
    /// Largest discharging current ever, a magnitude.
    pub discharge_current: MilliAmps,
    /// Times that the output relay was closed.
    pub closings: u32,
    /// Parts of its state that were written to flash.
    pub writes: u32,
}

/// What one sample adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Pack voltage.
    pub voltage: MilliVolts,
    /// Pack current, positive while charging.
    pub current: MilliAmps,
    /// Highest and lowest cell voltage that were read.
    pub cells: (Option<i32>, Option<i32>),
    /// Hottest and coldest cell that were read, 0.1 degC.
    pub temperatures: (Option<i32>, Option<i32>),
    /// On the bus.
    pub on_bus: bool,
    /// How long it stands for.
    pub elapsed: Duration,
}

const LAYOUT: u8 = 2;
/// Without the counters of wear.
const LAYOUT_BEFORE: u8 = 1;
/// Microjoules of a watt-hour.
const WATT_HOUR: u64 = 3_600_000_000;
/// Milliampere-microseconds of a tenth of an ampere-hour.
const DECI_AMP_HOUR: u64 = 100 * 3_600_000_000;
const HOUR: u64 = Duration::hours(1).0;

impl Lifetime {
    /// Of a new module.
    pub const NEW: Self = Self {
        charged: 0,
        discharged: 0,
        throughput: 0,
        on_bus: Duration::ZERO,
        bands: [Duration::ZERO; BAND_COUNT],
        starts: 0,
        conditions: [0; Condition::COUNT],
        highest: MilliVolts::ZERO,
        lowest: MilliVolts::ZERO,
        hottest: DeciCelsius(i16::MIN),
        coldest: DeciCelsius(i16::MAX),
        charge_current: MilliAmps::ZERO,
        discharge_current: MilliAmps::ZERO,
        closings: 0,
        writes: 0,
    };

    /// Counts one sample.
    pub fn count(&mut self, moment: &Moment) {
        let Moment { voltage, current, elapsed, .. } = *moment;
        let moved = u64::from(current.0.unsigned_abs()).saturating_mul(elapsed.0);
        // Milliwatts times microseconds are nanojoules.
        let milliwatts = u64::from(current.0.unsigned_abs())
            .saturating_mul(u64::from(voltage.0.max(0).unsigned_abs()))
            / 1000;
        let energy = milliwatts.saturating_mul(elapsed.0) / 1000;
        let direction = if current.0 >= 0 { &mut self.charged } else { &mut self.discharged };
        *direction = direction.saturating_add(energy);
        self.throughput = self.throughput.saturating_add(moved);
        if moment.on_bus {
            self.on_bus = self.on_bus + elapsed;
        }
        self.see(moment);
    }

    /// Extremes, and the band.
    fn see(&mut self, moment: &Moment) {
        let (highest, lowest) = moment.cells;
        self.highest = self.highest.max(MilliVolts(highest.unwrap_or(0)));
        if let Some(lowest) = lowest.filter(|lowest| self.lowest.0 == 0 || *lowest < self.lowest.0) {
            self.lowest = MilliVolts(lowest);
        }
        let (hottest, coldest) = moment.temperatures;
        if let Some(hottest) = hottest.map(celsius) {
            self.hottest = self.hottest.max(hottest);
            let place = BANDS.iter().filter(|limit| hottest >= **limit).count();
            if let Some(band) = self.bands.get_mut(place) {
                *band = *band + moment.elapsed;
            }
        }
        if let Some(coldest) = coldest.map(celsius) {
            self.coldest = self.coldest.min(coldest);
        }
        self.charge_current = self.charge_current.max(moment.current);
        self.discharge_current = self.discharge_current.max(MilliAmps(moment.current.0.saturating_neg()));
    }

    /// A condition has come.
    pub fn raised(&mut self, condition: Condition) {
        if let Some(times) = self.conditions.get_mut(condition.bit() as usize) {
            *times = times.saturating_add(1);
        }
    }

    /// It has woken.
    pub const fn started(&mut self) {
        self.starts = self.starts.saturating_add(1);
    }

    /// Its output relay was closed.
    pub const fn closed(&mut self) {
        self.closings = self.closings.saturating_add(1);
    }

    /// So many parts of its state were written to flash.
    pub const fn wrote(&mut self, parts: u32) {
        self.writes = self.writes.saturating_add(parts);
    }

    /// Energy into the pack, Wh.
    #[must_use]
    pub fn charged_wh(&self) -> u32 {
        whole(self.charged, WATT_HOUR)
    }

    /// Energy out of the pack, Wh.
    #[must_use]
    pub fn discharged_wh(&self) -> u32 {
        whole(self.discharged, WATT_HOUR)
    }

    /// Charge through the pack, both ways, 0.1 Ah.
    #[must_use]
    pub fn throughput_deci_ah(&self) -> u32 {
        whole(self.throughput, DECI_AMP_HOUR)
    }

    /// Hours on the bus.
    #[must_use]
    pub fn hours_on_bus(&self) -> u32 {
        whole(self.on_bus.0, HOUR)
    }

    /// Hours in a band, from 0.
    #[must_use]
    pub fn hours_in_band(&self, band: usize) -> u32 {
        self.bands.get(band).map_or(0, |time| whole(time.0, HOUR))
    }

    /// Times that `condition` has come.
    #[must_use]
    pub fn times(&self, condition: Condition) -> u16 {
        self.conditions.get(condition.bit() as usize).copied().unwrap_or(0)
    }

    /// As memory keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> PartBytes {
        let mut writer = Writer::new(LAYOUT);
        for counter in [self.charged, self.discharged, self.throughput, self.on_bus.0] {
            writer.u64(counter);
        }
        self.bands.iter().for_each(|band| writer.u64(band.0));
        writer.u32(self.starts);
        self.conditions.iter().for_each(|times| writer.u16(*times));
        for extreme in [self.highest.0, self.lowest.0, self.charge_current.0, self.discharge_current.0] {
            writer.i32(extreme);
        }
        writer.i16(self.hottest.0);
        writer.i16(self.coldest.0);
        writer.u32(self.closings);
        writer.u32(self.writes);
        writer.finish()
    }

    /// From what memory has kept.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damage> {
        let now = Reader::new(bytes, LAYOUT);
        let counts_wear = now.is_ok();
        let mut reader = now.or_else(|_| Reader::new(bytes, LAYOUT_BEFORE))?;
        let mut life = Self::NEW;
        for counter in [&mut life.charged, &mut life.discharged, &mut life.throughput, &mut life.on_bus.0] {
            *counter = reader.u64()?;
        }
        for band in &mut life.bands {
            *band = Duration(reader.u64()?);
        }
        life.starts = reader.u32()?;
        for times in &mut life.conditions {
            *times = reader.u16()?;
        }
        life.highest = MilliVolts(reader.i32()?);
        life.lowest = MilliVolts(reader.i32()?);
        life.charge_current = MilliAmps(reader.i32()?);
        life.discharge_current = MilliAmps(reader.i32()?);
        life.hottest = DeciCelsius(reader.i16()?);
        life.coldest = DeciCelsius(reader.i16()?);
        if counts_wear {
            life.closings = reader.u32()?;
            life.writes = reader.u32()?;
        }
        reader.finish()?;
        Ok(life)
    }
}

fn celsius(deci: i32) -> DeciCelsius {
    DeciCelsius(deci.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16)
}

/// Whole units; the largest number if there are more.
fn whole(count: u64, unit: u64) -> u32 {
    u32::try_from(count / unit.max(1)).unwrap_or(u32::MAX)
}
