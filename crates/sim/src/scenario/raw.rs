//! The file as it is written: names and shapes only. What the texts mean is read in `read`.

use core::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use toml::Spanned;

use super::Observable;
use super::read::RawFault;

/// A text that means a quantity, a time or a choice.
#[derive(Debug)]
pub(super) struct Words(pub(super) String);

pub(super) type Text = Spanned<Words>;
pub(super) type Number = Spanned<usize>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScenario {
    pub(super) title: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) seed: u64,
    pub(super) start: Option<Text>,
    pub(super) date: Option<String>,
    pub(super) duration: Text,
    pub(super) period: Option<Text>,
    pub(super) ambient: Option<Spanned<RawProfile>>,
    pub(super) grid: Option<Text>,
    #[serde(default)]
    pub(super) ageing: RawAgeing,
    #[serde(default)]
    pub(super) tower: Vec<Spanned<RawTower>>,
    pub(super) house: Option<RawHouse>,
    #[serde(default)]
    pub(super) inverter: RawInverter,
    #[serde(default)]
    pub(super) event: Vec<Spanned<RawEvent>>,
    #[serde(default)]
    pub(super) expect: Vec<Spanned<RawExpect>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTower {
    pub(super) model: Option<Text>,
    pub(super) modules: Option<Number>,
    pub(super) cell: Option<Text>,
    pub(super) afe: Option<RawAfe>,
    pub(super) soc: Option<Text>,
    pub(super) temperature: Option<Text>,
    pub(super) dc_switch: Option<Text>,
    pub(super) cell_fault_lights: Option<Text>,
    pub(super) full_charge: Option<Text>,
    pub(super) cable: Option<RawCable>,
    pub(super) link: Option<RawLink>,
    #[serde(default)]
    pub(super) module: Vec<RawModule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAfe {
    pub(super) period: Option<Text>,
    pub(super) phase: Option<Text>,
    pub(super) jitter: Option<Text>,
    pub(super) lost: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCable {
    pub(super) gauge: Option<Text>,
    pub(super) length: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLink {
    pub(super) length: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawModule {
    pub(super) soc: Option<Text>,
    pub(super) stored_soc: Option<Text>,
    pub(super) health: Option<Text>,
    pub(super) resistance_growth: Option<Spanned<f64>>,
    pub(super) temperature: Option<Text>,
    pub(super) software: Option<Text>,
    pub(super) plugged: Option<bool>,
    pub(super) state: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAgeing {
    pub(super) model: Option<Text>,
    pub(super) acceleration: Option<Spanned<f64>>,
    pub(super) scale: Option<Spanned<f64>>,
}

/// `"500 W"`, a daily sine, or a column of a file.
#[derive(Debug)]
pub(super) enum RawProfile {
    Constant(String),
    Table(Box<RawProfileTable>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProfileTable {
    pub(super) mean: Option<Text>,
    pub(super) swing: Option<Text>,
    pub(super) peak: Option<Text>,
    pub(super) file: Option<Text>,
    pub(super) column: Option<Text>,
    pub(super) time: Option<Text>,
    pub(super) unit: Option<Text>,
    pub(super) scale: Option<Spanned<f64>>,
    pub(super) midnight: Option<Text>,
    pub(super) between: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHouse {
    pub(super) load: Spanned<RawProfile>,
    pub(super) pv: Option<Spanned<RawProfile>>,
    #[serde(default)]
    pub(super) appliance: Vec<RawAppliance>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAppliance {
    pub(super) name: String,
    pub(super) power: Text,
    pub(super) from: Text,
    pub(super) until: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInverter {
    pub(super) mode: Option<Text>,
    pub(super) ac_power_max: Option<Text>,
    pub(super) backup: Option<bool>,
    pub(super) present: Option<bool>,
    pub(super) delay: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvent {
    pub(super) at: Text,
    pub(super) until: Option<Text>,
    pub(super) name: Option<Text>,
    pub(super) tower: Option<Number>,
    pub(super) press: Option<Text>,
    pub(super) dc_switch: Option<Text>,
    #[serde(rename = "break")]
    pub(super) breaks: Option<Spanned<RawFault>>,
    pub(super) repair: Option<Text>,
    pub(super) grid: Option<Text>,
    pub(super) inverter: Option<Text>,
    pub(super) update: Option<Text>,
    pub(super) ambient: Option<Text>,
    pub(super) plug: Option<Number>,
    pub(super) unplug: Option<Number>,
    pub(super) load: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRange {
    pub(super) min: Option<Text>,
    pub(super) max: Option<Text>,
}

type Range = Option<Spanned<RawRange>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpect {
    pub(super) text: Option<String>,
    pub(super) tower: Option<Number>,
    pub(super) module: Option<Number>,
    pub(super) at: Option<Text>,
    pub(super) from: Option<Text>,
    pub(super) until: Option<Text>,
    pub(super) by: Option<Text>,
    #[serde(rename = "for")]
    pub(super) lasting: Option<Text>,
    pub(super) state: Option<Text>,
    pub(super) lights: Option<Text>,
    pub(super) condition: Option<Text>,
    pub(super) absent: Option<Text>,
    pub(super) diagnosis: Option<Text>,
    soc: Range,
    soc_low: Range,
    soc_high: Range,
    power: Range,
    bus_voltage: Range,
    outside_voltage: Range,
    capacitor_voltage: Range,
    cell_voltage_max: Range,
    cell_voltage_min: Range,
    cell_temperature_max: Range,
    cell_temperature_min: Range,
    heat_sink_temperature: Range,
    case_voltage: Range,
    insulation: Range,
    charge_limit: Range,
    discharge_limit: Range,
    own_consumption: Range,
    modules_connected: Range,
    grid_power: Range,
    pv_power: Range,
    load_power: Range,
    unserved_power: Range,
}

impl RawExpect {
    /// The range given for a quantity, if any.
    pub(super) fn range(&self, observable: Observable) -> Option<&Spanned<RawRange>> {
        let range = match observable {
            Observable::Soc => &self.soc,
            Observable::SocLow => &self.soc_low,
            Observable::SocHigh => &self.soc_high,
            Observable::Power => &self.power,
            Observable::BusVoltage => &self.bus_voltage,
            Observable::OutsideVoltage => &self.outside_voltage,
            Observable::CapacitorVoltage => &self.capacitor_voltage,
            Observable::CellVoltageMax => &self.cell_voltage_max,
            Observable::CellVoltageMin => &self.cell_voltage_min,
            Observable::CellTemperatureMax => &self.cell_temperature_max,
            Observable::CellTemperatureMin => &self.cell_temperature_min,
            Observable::HeatSinkTemperature => &self.heat_sink_temperature,
            Observable::CaseVoltage => &self.case_voltage,
            Observable::Insulation => &self.insulation,
            Observable::ChargeLimit => &self.charge_limit,
            Observable::DischargeLimit => &self.discharge_limit,
            Observable::OwnConsumption => &self.own_consumption,
            Observable::ModulesConnected => &self.modules_connected,
            Observable::GridPower => &self.grid_power,
            Observable::PvPower => &self.pv_power,
            Observable::LoadPower => &self.load_power,
            Observable::UnservedPower => &self.unserved_power,
        };
        range.as_ref()
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsWords;
        impl Visitor<'_> for AsWords {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes, numbers with their unit, for instance \"30 %\" or \"10 min\"")
            }
            fn visit_str<E>(self, text: &str) -> Result<Words, E> {
                Ok(Words(text.to_owned()))
            }
        }
        deserializer.deserialize_str(AsWords)
    }
}

impl<'de> Deserialize<'de> for RawProfile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsProfile;
        impl<'de> Visitor<'de> for AsProfile {
            type Value = RawProfile;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a constant such as \"500 W\", a daily { mean, swing, peak } or a series { file, column }")
            }
            fn visit_str<E>(self, text: &str) -> Result<RawProfile, E> {
                Ok(RawProfile::Constant(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawProfile, A::Error> {
                let table = RawProfileTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawProfile::Table(Box::new(table)))
            }
        }
        deserializer.deserialize_any(AsProfile)
    }
}
