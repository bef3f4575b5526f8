//! From what a scenario calls broken to the part of the world that breaks.

use voltower_plant as plant;

use crate::scenario::{Fault, Mosfet};

/// Where a fault takes hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    /// In the hardware of a tower.
    Plant(plant::Fault),
    /// The Link cable behind this place (0: the distribution unit).
    LinkCable(usize),
    /// The COM cable of the tower.
    ComCable,
    /// The inverter does not talk.
    InverterSilent,
    /// The inverter does not listen to limits.
    InverterIgnoresLimits,
    /// The software of a module.
    Software {
        /// From 0.
        module: usize,
        /// Its version string.
        version: String,
    },
}

impl From<&Fault> for Place {
    fn from(fault: &Fault) -> Self {
        use plant::Fault as Hardware;
        let hardware = match *fault {
            Fault::Heater { module, cell, watts } => Hardware::Heater { module, cell, watts },
            Fault::InternalShort { module, cell, ohms } => Hardware::InternalShort { module, cell, ohms },
            Fault::WeakCell { module, cell, capacity_share } => {
                Hardware::WeakCell { module, cell, capacity_share }
            }
            Fault::LostContact { module, cell, ohms } => Hardware::LostContact { module, cell, ohms },
            Fault::CellWireOpen { module, cell } => Hardware::CellWireOpen { module, cell },
            Fault::NtcOpen { module, sensor } => Hardware::NtcOpen { module, sensor },
            Fault::NtcShort { module, sensor } => Hardware::NtcShort { module, sensor },
            Fault::SensorOffset { module, sensor, kelvin } => {
                Hardware::SensorOffset { module, sensor, kelvin }
            }
            Fault::AfeSilent { module } => Hardware::AfeSilent { module },
            Fault::AfeFrozen { module } => Hardware::AfeFrozen { module },
            Fault::ShuntOffset { module, amps } => Hardware::ShuntOffset { module, amps },
            Fault::PcuRunaway { module, watts } => Hardware::PcuRunaway { module, watts },
            Fault::PcuDead { module } => Hardware::PcuDead { module },
            Fault::PcuEfficiencyLoss { module, share } => Hardware::PcuEfficiencyLoss { module, share },
            Fault::RelayWelded { module } => Hardware::RelayWelded { module },
            Fault::MosfetWelded { module, mosfet } => {
                Hardware::MosfetWelded { module, mosfet: hardware_mosfet(mosfet) }
            }
            Fault::TerminalResistance { module, ohms } => Hardware::TerminalResistance { module, ohms },
            Fault::TerminalReversed { module } => Hardware::TerminalReversed { module },
            Fault::FuseBlown => Hardware::FuseBlown,
            Fault::BusShort { ohms } => Hardware::BusShort { ohms },
            Fault::DcSwitchAuxiliary => Hardware::DcSwitchAux,
            Fault::BlockedCooling { module } => Hardware::BlockedCooling { module },
            Fault::Unplugged { module } => Hardware::Unplugged { module },
            Fault::CutLink { after } => return Self::LinkCable(after),
            Fault::CutCom => return Self::ComCable,
            Fault::InverterSilent => return Self::InverterSilent,
            Fault::InverterIgnoresLimits => return Self::InverterIgnoresLimits,
            Fault::WrongSoftware { module, ref version } => {
                return Self::Software { module, version: version.clone() };
            }
        };
        Self::Plant(hardware)
    }
}

fn hardware_mosfet(mosfet: Mosfet) -> plant::Mosfet {
    match mosfet {
        Mosfet::Charge => plant::Mosfet::Charge,
        Mosfet::Discharge => plant::Mosfet::Discharge,
    }
}
