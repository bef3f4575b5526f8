//! From frames and registers to what a screen shows: feed an [`Observer`], ask it for an [`Observation`].

mod explain;
mod heard;
mod module;
mod observer;
mod tower;
mod version;

pub use explain::{Cause, Explanation, Quantity};
pub use heard::{Heard, Latest};
pub use module::{CellSpread, ModuleObservation, TemperatureSpread};
pub use observer::Observer;
pub use tower::{SofarObservation, TowerObservation};
pub use version::Version;

use std::fmt;
use voltower_core::{PerMille, Watts};
use voltower_protocols::registers::BatteryChannel;

/// Towers of a network.
pub const TOWERS: usize = 2;

/// Nominal voltage of a module's pack, for energies: 16 cells of 3.2 V (public source).
const NOMINAL_PACK_MV: i64 = 51_200;

/// Energy in watt-hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WattHours(pub i64);

impl fmt::Display for WattHours {
    /// In kilowatt-hours with two digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, magnitude) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}.{:02} kWh", magnitude / 1000, magnitude % 1000 / 10)
    }
}

/// The power flows of the home, as the inverter's registers show them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Home {
    /// From the roof.
    pub pv: Watts,
    /// Into the home's load.
    pub load: Watts,
    /// Positive while importing.
    pub grid: Watts,
    /// All batteries, positive while charging.
    pub battery: Watts,
}

/// All that is seen of a site at one instant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observation {
    /// By place in the network; one that was never heard is empty.
    pub towers: [TowerObservation; TOWERS],
    /// The home's flows, if the inverter's registers were read.
    pub home: Option<Heard<Home>>,
    /// The inverter's view of its battery inputs, if read.
    pub channels: [Option<Heard<BatteryChannel>>; TOWERS],
}

impl Observation {
    /// The towers that were ever heard, with their place.
    pub fn towers_heard(&self) -> impl Iterator<Item = (usize, &TowerObservation)> {
        self.towers.iter().enumerate().filter(|(_, tower)| tower.heard_at.is_some())
    }

    /// State of charge of all towers, weighted by capacity.
    #[must_use]
    pub fn soc(&self) -> Option<PerMille> {
        let towers =
            || self.towers_heard().filter_map(|(_, tower)| Some((tower.soc()?, tower.full_energy()?)));
        let full: i64 = towers().map(|(_, full)| full.0).sum();
        let stored: i64 = towers().map(|(soc, full)| full.0 * i64::from(soc.0)).sum();
        if full > 0 {
            return Some(PerMille::of(stored, full * 1000));
        }
        self.towers_heard().find_map(|(_, tower)| tower.soc())
    }

    /// Power of all towers, positive while charging.
    #[must_use]
    pub fn power(&self) -> Option<Watts> {
        self.towers_heard().filter_map(|(_, tower)| tower.power()).reduce(|a, b| a + b)
    }
}
