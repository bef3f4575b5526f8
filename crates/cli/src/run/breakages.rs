//! What the menu *break* offers for a module and its tower.

use voltower_core::Duration;
use voltower_sim::scenario::{
    Channel, ClockFault, Fault, FlashDefect, FrameFault, HardwareFault as Hardware, Mosfet,
};

/// Everything that can be broken from the keyboard, with sizes that show their effect within minutes.
pub(super) fn of(module: usize) -> Vec<Fault> {
    hardware(module).into_iter().map(Fault::Hardware).chain(others(module)).collect()
}

fn hardware(module: usize) -> Vec<Hardware> {
    vec![
        Hardware::Heater { module, cell: None, watts: 1500.0 },
        Hardware::Heater { module, cell: None, watts: -1500.0 },
        Hardware::Heater { module, cell: Some(4), watts: 60.0 },
        Hardware::WeakCell { module, cell: 4, capacity_share: 0.5 },
        Hardware::InternalShort { module, cell: 4, ohms: 0.05 },
        Hardware::LostContact { module, cell: 4, ohms: 0.02, ohms_per_hour: 0.0 },
        Hardware::LostContact { module, cell: 6, ohms: 0.001, ohms_per_hour: 0.2 },
        Hardware::CellWireOpen { module, cell: 4 },
        Hardware::NtcOpen { module, sensor: 1 },
        Hardware::SensorOffset { module, sensor: 1, kelvin: 12.0 },
        Hardware::PackVoltageOffset { module, volts: 3.0 },
        Hardware::ConverterVoltageOffset { module, volts: 3.0 },
        Hardware::AfeSilent { module },
        Hardware::ComparatorStuck { module },
        Hardware::ShuntOffset { module, amps: 10.0 },
        Hardware::ShuntOpen { module },
        Hardware::ShuntReversed { module },
        Hardware::SensorStuck { module, channel: Channel::Cell(4) },
        Hardware::SensorNoise { module, channel: Channel::Cell(4), sigma: 0.05 },
        Hardware::SensorSwapped { module, channel: Channel::Cell(4), with: Channel::Cell(5) },
        Hardware::PcuDead { module },
        Hardware::PcuRunaway { module, watts: 3000.0 },
        Hardware::BlockedCooling { module },
        Hardware::RelayWelded { module },
        Hardware::RelaySlow { module, seconds: 5.0 },
        Hardware::MosfetSlow { module, mosfet: Mosfet::Charge, seconds: 5.0 },
        Hardware::MosfetWelded { module, mosfet: Mosfet::Charge },
        Hardware::MosfetStuckOpen { module, mosfet: Mosfet::Charge },
        Hardware::Flash { module: Some(module), defect: FlashDefect::Worn },
        Hardware::Flash { module: None, defect: FlashDefect::Worn },
        Hardware::TerminalResistance { module, ohms: 5.0 },
        Hardware::InsulationLoss { module, ohms: 10_000.0 },
        Hardware::EarthMissing { module },
        Hardware::Unplugged { module },
        Hardware::FuseBlown,
        Hardware::BusShort { ohms: 1.0 },
        Hardware::DcSwitchAux,
        Hardware::DcSwitchSlow { seconds: 10.0 },
    ]
}

/// What breaks on the Link, on COM, and in the controllers.
fn others(module: usize) -> Vec<Fault> {
    vec![
        Fault::WrongSoftware { module, version: "0V090001".to_owned() },
        Fault::WrongConverterSoftware { module, version: "0V090001".to_owned() },
        Fault::SerialOf { module, like: usize::from(module == 0) },
        Fault::ModuleReset { module },
        Fault::ModuleResetStorm { module, every: Duration::secs(10) },
        Fault::ModuleClock { module, clock: ClockFault::Stopped },
        Fault::LinkBabbling { module },
        Fault::LinkDeaf { module },
        Fault::LinkMute { module },
        Fault::EnableStuck { module },
        Fault::CutLink { after: module },
        Fault::CutEnable { after: module },
        Fault::LinkTerminatorMissing,
        Fault::LinkTerminatorDoubled,
        Fault::LinkFrames { harm: FrameFault::Destroyed, rate: 0.3 },
        Fault::SecondBdu,
        Fault::BduReset,
        Fault::RamStuckBit { module },
        Fault::ImageCorrupted { module },
        Fault::BduRamStuckBit,
        Fault::BduImageCorrupted,
        Fault::CutCom,
        Fault::ComStrapOpen,
        Fault::InverterSilent,
        Fault::InverterIgnoresLimits,
        Fault::InverterWrongSign,
    ]
}
