//! How cells age: capacity is lost and resistance grows, with time and with cycles.
//!
//! A [`CellAge`] is all that a cell remembers of its life. [`Ageing::advance`] moves it on by a [`Stress`] that was
//! steady for a while; a [`StressMeter`] makes such stresses of what a string of cells lives through. Every state
//! equation is solved exactly for steady stress, from the state that the past left behind, so that cutting a span of
//! time into pieces changes nothing, and stress that varies needs no history. The equations and what they are worth
//! stand in `docs/ageing.md`.
//!
//! Start reading at [`Ageing::advance`], then `law` (the state equations) and one of the models.

mod age;
mod blast_prismatic;
mod blast_sony;
mod graphite;
mod law;
mod meter;
mod naumann;
mod settings;

pub use age::CellAge;
pub use meter::{Sample, StressMeter};
pub use settings::{Ageing, AgeingError, AgeingModel, UnknownAgeingModel};

const KELVIN: f64 = 273.15;
const SECONDS_A_DAY: f64 = 86_400.0;
/// Temperatures at which a model is asked, degC: far outside every test, near enough that no equation overflows.
const TEMPERATURES: (f64, f64) = (-60.0, 150.0);
/// Cycling faster than this is asked as this, 1/h: tests end at 2C, an exponential of its cube soon after.
const FASTEST: f64 = 3.0;

/// What a cell bore for a while, steady enough to be one number each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stress {
    /// How long, s. Zero where only cycles are told.
    pub duration: f64,
    /// Mean temperature of the cell, degC.
    pub temperature: f64,
    /// Mean state of charge; what lies outside 0 to 1 counts as 0 or 1.
    pub soc: f64,
    /// The cycles of that while; the default is storage.
    pub cycling: Cycling,
}

/// Cycles that a cell bore, all of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cycling {
    /// How many, as equivalent full cycles: charge moved either way over twice the capacity.
    pub full_cycles: f64,
    /// Depth of each, share of the capacity, 0 to 1.
    pub depth: f64,
    /// Mean current while it flows, in capacities an hour (C-rate), either way.
    pub rate: f64,
    /// Equivalent full cycles a day at that time. Only the break-in of the Sony cell asks.
    pub per_day: f64,
}

impl Stress {
    /// Storage without cycles: seconds, degC, state of charge.
    #[must_use]
    pub fn storage(duration: f64, temperature: f64, soc: f64) -> Self {
        Self { duration, temperature, soc, cycling: Cycling::default() }
    }

    fn kelvin(&self) -> f64 {
        self.temperature.clamp(TEMPERATURES.0, TEMPERATURES.1) + KELVIN
    }

    fn charge(&self) -> f64 {
        self.soc.clamp(0.0, 1.0)
    }
}

impl Cycling {
    fn depth(&self) -> f64 {
        self.depth.clamp(0.0, 1.0)
    }

    fn rate(&self) -> f64 {
        self.rate.clamp(0.0, FASTEST)
    }
}

impl Ageing {
    /// Moves a cell's age on by a stress: exactly, if the stress was steady.
    ///
    /// With an acceleration of N the stress counts as if it had lasted N times as long, with N times the cycles.
    pub fn advance(&self, age: &mut CellAge, stress: &Stress) {
        let lasting = Stress {
            duration: stress.duration.max(0.0) * self.acceleration(),
            cycling: Cycling {
                full_cycles: stress.cycling.full_cycles.max(0.0) * self.acceleration(),
                ..stress.cycling
            },
            ..*stress
        };
        age.seconds += lasting.duration;
        age.full_cycles += lasting.cycling.full_cycles;
        if self.scale() == 0.0 {
            return;
        }
        match self.model() {
            AgeingModel::None => {}
            AgeingModel::Naumann => naumann::advance(&naumann::PUBLISHED, age, &lasting, self.scale()),
            AgeingModel::NaumannRefit => naumann::advance(&naumann::REFIT, age, &lasting, self.scale()),
            AgeingModel::BlastPrismatic250Ah => blast_prismatic::advance(age, &lasting, self.scale()),
            AgeingModel::BlastSony3Ah => blast_sony::advance(age, &lasting, self.scale()),
        }
    }
}
