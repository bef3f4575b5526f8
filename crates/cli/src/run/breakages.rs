//! What the menu *break* offers for a module and its tower.

use voltower_sim::scenario::{Fault, Mosfet};

/// Everything that can be broken from the keyboard, with sizes that show their effect within minutes.
pub(super) fn of(module: usize) -> Vec<Fault> {
    vec![
        Fault::Heater { module, cell: None, watts: 1500.0 },
        Fault::Heater { module, cell: None, watts: -1500.0 },
        Fault::Heater { module, cell: Some(4), watts: 60.0 },
        Fault::WeakCell { module, cell: 4, capacity_share: 0.5 },
        Fault::InternalShort { module, cell: 4, ohms: 0.05 },
        Fault::LostContact { module, cell: 4, ohms: 0.02 },
        Fault::CellWireOpen { module, cell: 4 },
        Fault::NtcOpen { module, sensor: 1 },
        Fault::SensorOffset { module, sensor: 1, kelvin: 12.0 },
        Fault::AfeSilent { module },
        Fault::ShuntOffset { module, amps: 10.0 },
        Fault::PcuDead { module },
        Fault::PcuRunaway { module, watts: 3000.0 },
        Fault::BlockedCooling { module },
        Fault::RelayWelded { module },
        Fault::MosfetWelded { module, mosfet: Mosfet::Charge },
        Fault::TerminalResistance { module, ohms: 5.0 },
        Fault::Unplugged { module },
        Fault::WrongSoftware { module, version: "0V090001".to_owned() },
        Fault::CutLink { after: module },
        Fault::FuseBlown,
        Fault::BusShort { ohms: 1.0 },
        Fault::DcSwitchAuxiliary,
        Fault::CutCom,
        Fault::InverterSilent,
        Fault::InverterIgnoresLimits,
    ]
}
