//! A scenario: towers, a house, who does what and when, what breaks and when, and what is expected.
//!
//! Written by hand as TOML (`docs/scenarios.md`), read by [`Scenario::load`]. Modules, cells and towers count from 1 in
//! the file and from 0 in these types. Power is positive while the battery charges.

use voltower_control::bdu::FillSource;
use voltower_core::panel::{CellFaultLights, Pattern};
use voltower_core::{Condition, Diagnosis, Duration, Instant, TowerState};

use std::path::Path;

use crate::profile::Profile;

mod action;
mod clock;
mod error;
mod lights;
mod raw;
mod read;
mod resize;
mod units;
mod words;

pub use crate::bus::FrameFault;
pub use action::{Action, ClockFault, Event, Fault};
pub use clock::{ClockTime, DayTime};
pub use error::ScenarioError;
pub use read::condition_name;
pub use voltower_plant::ageing::{Ageing, AgeingModel};
pub use voltower_plant::cell::HomeCell;
pub use voltower_plant::parameters::{AfeTiming, Cable};
pub use voltower_plant::{
    BduSensor, Channel, Fault as HardwareFault, FlashDefect, ModuleState, Mosfet, Spot,
};

/// A named run: everything that the world needs to know before it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// One line, for lists and pictures.
    pub title: String,
    /// What happens and why it is interesting.
    pub description: String,
    /// Seed of every random number of the run.
    pub seed: u64,
    /// Clock time of day at [`Instant::ZERO`].
    pub start: DayTime,
    /// What the first day is called, for instance `2 June`.
    pub date: Option<String>,
    /// Length of the run.
    pub duration: Duration,
    /// Sample period of the controllers.
    pub period: Duration,
    /// How the cells of all modules age.
    pub ageing: Ageing,
    /// One or two towers.
    pub towers: Vec<TowerSpec>,
    /// Temperature around the towers, degC.
    pub ambient: Profile,
    /// What the inverter feeds; without one it stands alone on the grid.
    pub house: Option<House>,
    /// The hybrid inverter.
    pub inverter: InverterSpec,
    /// The public grid is there at the start.
    pub grid: bool,
    /// What happens, in order of time.
    pub events: Vec<Event>,
    /// What must be seen.
    pub expectations: Vec<Expectation>,
}

impl Scenario {
    /// Reads a scenario and the files that it names, by paths from its own folder.
    ///
    /// # Errors
    ///
    /// [`ScenarioError`] with the place of the first mistake.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| ScenarioError::unreadable(&file, &error))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&file, &text, &|name| std::fs::read_to_string(folder.join(name)))
    }

    /// Reads the text of a scenario called `file`; `files` opens what it names.
    ///
    /// # Errors
    ///
    /// [`ScenarioError`] with the place of the first mistake.
    pub fn parse(
        file: &str,
        text: &str,
        files: &dyn Fn(&str) -> std::io::Result<String>,
    ) -> Result<Self, ScenarioError> {
        read::scenario(file, text, files)
    }

    /// The measured summer day that is built in: what runs when nothing else is asked for.
    ///
    /// # Errors
    ///
    /// None as delivered; the tests read it.
    pub fn summer_day() -> Result<Self, ScenarioError> {
        let week =
            |_: &str| Ok(include_str!("../../../../data/home/citylearn-home-1-june-week.csv").to_owned());
        let text = include_str!("../../../../scenarios/summer-day.toml");
        Self::parse("scenarios/summer-day.toml", text, &week)
    }
}

/// A distribution unit with its modules.
#[derive(Debug, Clone, PartialEq)]
pub struct TowerSpec {
    /// From the distribution unit downwards, in the order of the Link cable.
    pub modules: Vec<ModuleSpec>,
    /// The cells of all its modules.
    pub cell: HomeCell,
    /// When the measuring circuits of its modules convert.
    pub afe: AfeTiming,
    /// The DC switch at the start.
    pub dc_switch_closed: bool,
    /// How this tower shows *battery cell fault*, which the manual prints with the lights of another fault.
    pub cell_fault_lights: CellFaultLights,
    /// From where a full charge may come that the tower wants.
    pub full_charge: FillSource,
    /// The cable from BAT OUT to the inverter.
    pub cable: Cable,
    /// Length of a Link cable, from one device to the next, in metres.
    pub link_length: f64,
}

/// A battery module as it comes to the site.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleSpec {
    /// State of charge, 0 to 1.
    pub soc: f64,
    /// What its own count of the charge says at the start, 0 to 1; `None`: the truth, off by up to 3 %, drawn from the
    /// seed.
    pub stored_soc: Option<f64>,
    /// Share of the rated capacity that is left, above 0 to 1.
    pub health: f64,
    /// Inner resistance over that of a new module, 1 or more.
    pub resistance_growth: f64,
    /// Cell temperature, degC; `None` starts at the ambient temperature.
    pub temperature: Option<f64>,
    /// Software version that the module reports; `None` is the present one.
    pub software: Option<String>,
    /// On the stack and cabled at the start; otherwise an event plugs it.
    pub plugged: bool,
    /// A used module, from a file; charge, health, growth and temperature are its own then.
    pub state: Option<Box<ModuleState>>,
}

/// What the inverter feeds and what feeds it.
#[derive(Debug, Clone, PartialEq)]
pub struct House {
    /// Consumption without the appliances below, W.
    pub load: Profile,
    /// What the modules on the roof would give, W.
    pub pv: Profile,
    /// Switched on top of `load`: not measured, written by hand.
    pub appliances: Vec<Appliance>,
}

/// A consumer that is on from `from` to `until`.
#[derive(Debug, Clone, PartialEq)]
pub struct Appliance {
    /// For people.
    pub name: String,
    /// While it is on, W.
    pub watts: f64,
    /// On from here,
    pub from: Instant,
    /// to here.
    pub until: Instant,
}

/// The hybrid inverter between the towers, the roof, the house and the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct InverterSpec {
    /// What it does at the start.
    pub mode: InverterMode,
    /// Largest AC power, W.
    pub ac_power_max: f64,
    /// Feeds the house when the grid is gone.
    pub backup: bool,
    /// Boots from the battery when nothing else feeds it, and then talks on COM.
    pub present: bool,
    /// From hearing a limit to obeying it.
    pub delay: Duration,
}

/// What the inverter does with the batteries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InverterMode {
    /// Charges from surplus, discharges into the load.
    SelfConsumption,
    /// Charges all towers together with this power, W.
    Charge(f64),
    /// Discharges all towers together with this power, W (a magnitude).
    Discharge(f64),
    /// Talks, and asks for no power.
    Hold,
    /// Off: no frames, no power.
    Off,
}

/// Something that must be seen in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// The author's words, or made from the checks.
    pub text: String,
    /// Line in the scenario file, for reports.
    pub line: usize,
    /// When it must hold.
    pub window: Window,
    /// Of this tower.
    pub tower: usize,
    /// Quantities of this module; of the whole tower without one.
    pub module: Option<usize>,
    /// All must hold together.
    pub checks: Vec<Check>,
}

/// When an expectation must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// At some time from `from` to `by`, for at least `lasting` without a break.
    Once {
        /// Looked for from here,
        from: Instant,
        /// to here; it may go on longer.
        by: Instant,
        /// Zero: one look is enough.
        lasting: Duration,
    },
    /// At all times.
    Always {
        /// From here,
        from: Instant,
        /// to here.
        until: Instant,
    },
}

/// One thing that an expectation looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Check {
    /// The tower is in this state.
    State(TowerState),
    /// The panel shows this.
    Lights(Lights),
    /// The tower reports this condition.
    Present(Condition),
    /// The tower does not report this condition.
    Absent(Condition),
    /// The tower reports no condition at all.
    NoCondition,
    /// The distribution unit has found this out.
    Diagnosis(Diagnosis),
    /// A quantity lies in a range; both ends belong to it.
    Within {
        /// Which.
        observable: Observable,
        /// Not below this.
        min: f64,
        /// Not above this.
        max: f64,
    },
}

/// What a panel must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lights {
    /// Every light.
    pub pattern: Pattern,
    /// L1 to L5 show the SOC, whatever it is: they are not compared.
    pub soc_free: bool,
}

macro_rules! observables {
    ($($(#[$meta:meta])* $variant:ident = $key:literal, $unit:ident;)*) => {
        /// A quantity that expectations and time series know by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Observable {
            $($(#[$meta])* $variant,)*
        }

        impl Observable {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its key in a scenario.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                }
            }

            /// Whether a single module has it.
            #[must_use]
            pub const fn of_module(self) -> bool {
                !matches!(
                    self,
                    Self::BusVoltage
                        | Self::OutsideVoltage
                        | Self::CapacitorVoltage
                        | Self::Insulation
                        | Self::GridPower
                        | Self::PvPower
                        | Self::LoadPower
                        | Self::UnservedPower
                )
            }

            pub(crate) const fn unit(self) -> units::Unit {
                match self {
                    $(Self::$variant => units::Unit::$unit,)*
                }
            }
        }
    };
}

observables! {
    /// State of charge of the tower or of a module, as reported, 0 to 1.
    Soc = "soc", Share;
    /// Lower end of the band that a module publishes around its state of charge, the lowest of a tower's, 0 to 1.
    SocLow = "soc_low", Share;
    /// Upper end of it, the highest of a tower's, 0 to 1.
    SocHigh = "soc_high", Share;
    /// DC power of the tower (at BAT OUT) or of a module (at the bus), W, positive while charging.
    Power = "power", Power;
    /// Bus voltage before the fuse, V.
    BusVoltage = "bus_voltage", Voltage;
    /// Voltage outside the DC switch, V.
    OutsideVoltage = "outside_voltage", Voltage;
    /// Highest voltage of any capacitor of the tower, the inverter's included, V.
    CapacitorVoltage = "capacitor_voltage", Voltage;
    /// Highest cell voltage, V.
    CellVoltageMax = "cell_voltage_max", Voltage;
    /// Lowest cell voltage, V.
    CellVoltageMin = "cell_voltage_min", Voltage;
    /// Highest cell temperature, degC.
    CellTemperatureMax = "cell_temperature_max", Temperature;
    /// Lowest cell temperature, degC.
    CellTemperatureMin = "cell_temperature_min", Temperature;
    /// Highest temperature of a heat sink's surface, in truth, degC.
    HeatSinkTemperature = "heat_sink_temperature", Temperature;
    /// Highest voltage of a module's case to ground, a magnitude, V.
    CaseVoltage = "case_voltage", Voltage;
    /// Insulation of the poles to ground as the inverter reads it, ohm.
    Insulation = "insulation", Resistance;
    /// Charge power that the tower or module allows, W.
    ChargeLimit = "charge_limit", Power;
    /// Discharge power that the tower or module allows, W (a magnitude).
    DischargeLimit = "discharge_limit", Power;
    /// What the electronics draw from the packs when idle, W.
    OwnConsumption = "own_consumption", Power;
    /// Modules whose relay is closed.
    ModulesConnected = "modules_connected", Count;
    /// Power from the grid, W, negative while feeding in.
    GridPower = "grid_power", Power;
    /// Power of the roof, W.
    PvPower = "pv_power", Power;
    /// Consumption of the house, W.
    LoadPower = "load_power", Power;
    /// Load that nothing feeds, W.
    UnservedPower = "unserved_power", Power;
}
