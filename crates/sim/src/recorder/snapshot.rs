use voltower_core::panel::Pattern;
use voltower_core::{ConditionSet, Diagnosis, ModuleState, TowerState};

use voltower_protocols::link::{FullChargeAsked, Levelling};

use crate::scenario::Observable;

/// Everything that is written down about one moment. The world fills one again and again.
///
/// SI units; power and current are positive while the battery charges; shares are 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Every tower of the scenario, in order.
    pub towers: Vec<TowerSnapshot>,
    /// Power flows of the site.
    pub house: HouseSnapshot,
    /// Around the towers, degC.
    pub ambient: f64,
}

/// One tower at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct TowerSnapshot {
    /// As the distribution unit reports it.
    pub state: TowerState,
    /// As the distribution unit reports them.
    pub conditions: ConditionSet,
    /// What the distribution unit says that it has found out about wires and devices.
    pub diagnosis: Diagnosis,
    /// What the panel shows.
    pub pattern: Pattern,
    /// As reported, 0 to 1.
    pub soc: f64,
    /// As reported: at least, 0 to 1; 0 while it says nothing.
    pub soc_low: f64,
    /// As reported: at most, 0 to 1; 1 while it says nothing.
    pub soc_high: f64,
    /// As reported: a charge to the end.
    pub full_charge: FullChargeAsked,
    /// As reported: a module charges another one.
    pub levelling: Option<Levelling>,
    /// At BAT OUT, W.
    pub power: f64,
    /// Before the fuse, V.
    pub bus_voltage: f64,
    /// Outside the DC switch, V.
    pub outside_voltage: f64,
    /// Highest of all its capacitors, the inverter's included, V.
    pub capacitor_voltage: f64,
    /// Both poles to ground as the inverter reads it, ohm.
    pub insulation: f64,
    /// Published, W.
    pub charge_limit: f64,
    /// Published, W (a magnitude).
    pub discharge_limit: f64,
    /// Electronics of modules and distribution unit, W.
    pub own_consumption: f64,
    /// Every module of the scenario, in order, plugged or not.
    pub modules: Vec<ModuleSnapshot>,
}

/// One module at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleSnapshot {
    /// As the module reports it.
    pub state: ModuleState,
    /// On the stack and cabled.
    pub plugged: bool,
    /// Its relay is closed.
    pub connected: bool,
    /// As reported, 0 to 1.
    pub soc: f64,
    /// As the module estimates it for its own decisions, 0 to 1.
    pub soc_estimate: f64,
    /// Lower end of the band that the module publishes around its estimate, 0 to 1.
    pub soc_low: f64,
    /// Upper end of it.
    pub soc_high: f64,
    /// What its weakest cell holds against what it can hold, in truth, 0 to 1.
    pub soc_usable: f64,
    /// In truth, mean of its cells, 0 to 1.
    pub soc_true: f64,
    /// At the bus, W.
    pub power: f64,
    /// Lowest cell, V.
    pub cell_voltage_min: f64,
    /// Highest cell, V.
    pub cell_voltage_max: f64,
    /// Coldest cell, degC.
    pub cell_temperature_min: f64,
    /// Hottest cell, degC.
    pub cell_temperature_max: f64,
    /// Surface of its heat sink, degC.
    pub heat_sink: f64,
    /// Its case to ground, V.
    pub case_voltage: f64,
    /// Published, W.
    pub charge_limit: f64,
    /// Published, W (a magnitude).
    pub discharge_limit: f64,
    /// Electronics, W.
    pub own_consumption: f64,
}

/// Power flows of the site, W.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HouseSnapshot {
    /// From the roof.
    pub pv: f64,
    /// Consumption.
    pub load: f64,
    /// From the grid; negative while feeding in.
    pub grid: f64,
    /// Load that nothing feeds.
    pub unserved: f64,
}

impl Snapshot {
    /// A moment before anything is known: towers with so many modules each, dark.
    #[must_use]
    pub fn new(modules_of_towers: &[usize]) -> Self {
        let towers = modules_of_towers.iter().map(|modules| TowerSnapshot::dark(*modules)).collect();
        Self { towers, house: HouseSnapshot::default(), ambient: 0.0 }
    }

    /// A quantity of a tower (from 0), or of one of its modules (from 0); `None` if it has none such.
    #[must_use]
    pub fn observe(&self, observable: Observable, tower: usize, module: Option<usize>) -> Option<f64> {
        if let Some(site) = self.of_site(observable) {
            return Some(site);
        }
        let tower = self.towers.get(tower)?;
        match module {
            Some(module) => tower.modules.get(module)?.observe(observable),
            None => tower.observe(observable),
        }
    }

    fn of_site(&self, observable: Observable) -> Option<f64> {
        use Observable as O;
        match observable {
            O::GridPower => Some(self.house.grid),
            O::PvPower => Some(self.house.pv),
            O::LoadPower => Some(self.house.load),
            O::UnservedPower => Some(self.house.unserved),
            O::Soc
            | O::SocLow
            | O::SocHigh
            | O::Power
            | O::BusVoltage
            | O::OutsideVoltage
            | O::CapacitorVoltage
            | O::CellVoltageMax
            | O::CellVoltageMin
            | O::CellTemperatureMax
            | O::CellTemperatureMin
            | O::HeatSinkTemperature
            | O::CaseVoltage
            | O::Insulation
            | O::ChargeLimit
            | O::DischargeLimit
            | O::OwnConsumption
            | O::ModulesConnected => None,
        }
    }
}

impl TowerSnapshot {
    fn dark(modules: usize) -> Self {
        Self {
            state: TowerState::Shutdown,
            conditions: ConditionSet::EMPTY,
            diagnosis: Diagnosis::NONE,
            pattern: Pattern::DARK,
            soc: 0.0,
            soc_low: 0.0,
            soc_high: 1.0,
            full_charge: FullChargeAsked::No,
            levelling: None,
            power: 0.0,
            bus_voltage: 0.0,
            outside_voltage: 0.0,
            capacitor_voltage: 0.0,
            insulation: 0.0,
            charge_limit: 0.0,
            discharge_limit: 0.0,
            own_consumption: 0.0,
            modules: vec![ModuleSnapshot::dark(); modules],
        }
    }

    fn observe(&self, observable: Observable) -> Option<f64> {
        use Observable as O;
        let plugged = || self.modules.iter().filter(|module| module.plugged);
        Some(match observable {
            O::Soc => self.soc,
            O::SocLow => plugged().map(|m| m.soc_low).fold(f64::INFINITY, f64::min),
            O::SocHigh => plugged().map(|m| m.soc_high).fold(f64::NEG_INFINITY, f64::max),
            O::Power => self.power,
            O::BusVoltage => self.bus_voltage,
            O::OutsideVoltage => self.outside_voltage,
            O::CapacitorVoltage => self.capacitor_voltage,
            O::CellVoltageMax => plugged().map(|m| m.cell_voltage_max).fold(f64::NEG_INFINITY, f64::max),
            O::CellVoltageMin => plugged().map(|m| m.cell_voltage_min).fold(f64::INFINITY, f64::min),
            O::CellTemperatureMax => {
                plugged().map(|m| m.cell_temperature_max).fold(f64::NEG_INFINITY, f64::max)
            }
            O::CellTemperatureMin => plugged().map(|m| m.cell_temperature_min).fold(f64::INFINITY, f64::min),
            O::HeatSinkTemperature => plugged().map(|m| m.heat_sink).fold(f64::NEG_INFINITY, f64::max),
            O::CaseVoltage => plugged().map(|m| m.case_voltage.abs()).fold(0.0, f64::max),
            O::Insulation => self.insulation,
            O::ChargeLimit => self.charge_limit,
            O::DischargeLimit => self.discharge_limit,
            O::OwnConsumption => self.own_consumption,
            O::ModulesConnected => plugged().filter(|module| module.connected).count() as f64,
            O::GridPower | O::PvPower | O::LoadPower | O::UnservedPower => return None,
        })
    }
}

impl ModuleSnapshot {
    fn dark() -> Self {
        Self {
            state: ModuleState::Shutdown,
            plugged: true,
            connected: false,
            soc: 0.0,
            soc_estimate: 0.0,
            soc_low: 0.0,
            soc_high: 0.0,
            soc_usable: 0.0,
            soc_true: 0.0,
            power: 0.0,
            cell_voltage_min: 0.0,
            cell_voltage_max: 0.0,
            cell_temperature_min: 0.0,
            cell_temperature_max: 0.0,
            heat_sink: 0.0,
            case_voltage: 0.0,
            charge_limit: 0.0,
            discharge_limit: 0.0,
            own_consumption: 0.0,
        }
    }

    fn observe(&self, observable: Observable) -> Option<f64> {
        use Observable as O;
        match observable {
            O::Soc => Some(self.soc),
            O::SocLow => Some(self.soc_low),
            O::SocHigh => Some(self.soc_high),
            O::Power => Some(self.power),
            O::CellVoltageMax => Some(self.cell_voltage_max),
            O::CellVoltageMin => Some(self.cell_voltage_min),
            O::CellTemperatureMax => Some(self.cell_temperature_max),
            O::CellTemperatureMin => Some(self.cell_temperature_min),
            O::HeatSinkTemperature => Some(self.heat_sink),
            O::CaseVoltage => Some(self.case_voltage.abs()),
            O::ChargeLimit => Some(self.charge_limit),
            O::DischargeLimit => Some(self.discharge_limit),
            O::OwnConsumption => Some(self.own_consumption),
            O::ModulesConnected => Some(f64::from(u8::from(self.connected))),
            O::BusVoltage
            | O::OutsideVoltage
            | O::CapacitorVoltage
            | O::Insulation
            | O::GridPower
            | O::PvPower
            | O::LoadPower
            | O::UnservedPower => None,
        }
    }
}
