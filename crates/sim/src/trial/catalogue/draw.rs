//! One fault of a kind, at random.

use voltower_core::Duration;

use super::Kind;
use crate::scenario::{Channel, Fault, HardwareFault as H, Mosfet};
use crate::trial::Dice;

use voltower_plant::{CELL_SENSORS, CELLS};

impl Kind {
    /// A fault of this kind in a tower of so many modules; `None` if it takes more of them.
    ///
    /// Sizes run from what nobody need notice to what cannot be overlooked.
    pub fn draw(self, dice: &mut Dice, modules: usize) -> Option<Fault> {
        let module = dice.below(modules);
        let cell = dice.below(CELLS);
        let sensor = dice.below(CELL_SENSORS);
        Some(match self {
            Self::Heater => heater(dice, module, cell),
            Self::InternalShort => H::InternalShort { module, cell, ohms: dice.decades(0.1, 50.0) }.into(),
            Self::WeakCell => H::WeakCell { module, cell, capacity_share: dice.between(0.4, 0.9) }.into(),
            Self::LostContact => lost_contact(dice, module, cell),
            Self::CellWireOpen => H::CellWireOpen { module, cell }.into(),
            Self::NtcOpen => H::NtcOpen { module, sensor }.into(),
            Self::NtcShort => H::NtcShort { module, sensor }.into(),
            Self::SensorOffset => sensor_offset(dice, module, sensor),
            Self::CellVoltageOffset => cell_offset(dice, module, cell),
            Self::ShuntOffset => shunt_offset(dice, module),
            Self::SensorStuck => H::SensorStuck { module, channel: channel(dice) }.into(),
            Self::SensorNoise => noise(dice, module),
            Self::SensorSwapped => swapped(dice, module),
            Self::PcuRunaway => runaway(dice, module),
            Self::PcuEfficiencyLoss => H::PcuEfficiencyLoss { module, share: losses(dice) }.into(),
            Self::RelaySlow => H::RelaySlow { module, seconds: dice.decades(0.05, 5.0) }.into(),
            Self::MosfetSlow => slow_mosfet(dice, module),
            Self::MosfetWelded => H::MosfetWelded { module, mosfet: mosfet(dice) }.into(),
            Self::TerminalResistance => {
                H::TerminalResistance { module, ohms: dice.decades(0.05, 1000.0) }.into()
            }
            Self::InsulationLoss => H::InsulationLoss { module, ohms: dice.decades(100.0, 1e6) }.into(),
            Self::BusShort => H::BusShort { ohms: dice.decades(0.01, 20.0) }.into(),
            Self::DcSwitchSlow => H::DcSwitchSlow { seconds: dice.decades(0.05, 10.0) }.into(),
            Self::AfeSilent => H::AfeSilent { module }.into(),
            Self::AfeFrozen => H::AfeFrozen { module }.into(),
            Self::ShuntOpen => H::ShuntOpen { module }.into(),
            Self::ShuntReversed => H::ShuntReversed { module }.into(),
            Self::PcuDead => H::PcuDead { module }.into(),
            Self::RelayWelded => H::RelayWelded { module }.into(),
            Self::RelayStuckOpen => H::RelayStuckOpen { module }.into(),
            Self::TerminalReversed => H::TerminalReversed { module }.into(),
            Self::BlockedCooling => H::BlockedCooling { module }.into(),
            Self::EarthMissing => H::EarthMissing { module }.into(),
            Self::Unplugged => H::Unplugged { module }.into(),
            Self::FuseBlown => H::FuseBlown.into(),
            Self::DcSwitchAuxiliary => H::DcSwitchAux.into(),
            Self::DcSwitchWelded => H::DcSwitchWelded.into(),
            Self::CutLink => Fault::CutLink { after: module },
            Self::CutEnable => Fault::CutEnable { after: module },
            Self::EnableStuck => Fault::EnableStuck { module },
            Self::LinkTerminatorMissing => Fault::LinkTerminatorMissing,
            Self::LinkTerminatorDoubled => Fault::LinkTerminatorDoubled,
            Self::LinkBabbling => Fault::LinkBabbling { module },
            Self::LinkDeaf => Fault::LinkDeaf { module },
            Self::LinkMute => Fault::LinkMute { module },
            Self::ModuleReset => Fault::ModuleReset { module },
            Self::RamStuckBit => Fault::RamStuckBit { module },
            Self::ImageCorrupted => Fault::ImageCorrupted { module },
            Self::BduRamStuckBit => Fault::BduRamStuckBit,
            Self::BduImageCorrupted => Fault::BduImageCorrupted,
            Self::BduReset => Fault::BduReset,
            Self::CutCom => Fault::CutCom,
            Self::ComStrapOpen => Fault::ComStrapOpen,
            Self::InverterSilent => Fault::InverterSilent,
            Self::InverterIgnoresLimits => Fault::InverterIgnoresLimits,
            Self::WrongSoftware => Fault::WrongSoftware { module, version: version(dice) },
            Self::WrongConverterSoftware => Fault::WrongConverterSoftware { module, version: version(dice) },
            Self::SerialOf => serial(dice, module, modules)?,
        })
    }

    /// How long it stays, at most: what is found slowly must have time to be found.
    #[must_use]
    pub const fn lasts(self) -> Duration {
        let slow = matches!(
            self,
            Self::RamStuckBit | Self::ImageCorrupted | Self::BduRamStuckBit | Self::BduImageCorrupted
        );
        if slow { Duration::mins(30) } else { Duration::mins(10) }
    }
}

fn sensor_offset(dice: &mut Dice, module: usize, sensor: usize) -> Fault {
    let size = dice.between(1.0, 30.0);
    H::SensorOffset { module, sensor, kelvin: dice.signed(size) }.into()
}

fn cell_offset(dice: &mut Dice, module: usize, cell: usize) -> Fault {
    let size = dice.decades(0.01, 1.0);
    H::CellVoltageOffset { module, cell, volts: dice.signed(size) }.into()
}

fn shunt_offset(dice: &mut Dice, module: usize) -> Fault {
    let size = dice.decades(0.2, 30.0);
    H::ShuntOffset { module, amps: dice.signed(size) }.into()
}

fn runaway(dice: &mut Dice, module: usize) -> Fault {
    let size = dice.between(500.0, 4000.0);
    H::PcuRunaway { module, watts: dice.signed(size) }.into()
}

fn losses(dice: &mut Dice) -> f64 {
    dice.between(0.02, 0.15)
}

fn slow_mosfet(dice: &mut Dice, module: usize) -> Fault {
    H::MosfetSlow { module, mosfet: mosfet(dice), seconds: dice.decades(0.05, 5.0) }.into()
}

/// That of another module of the tower.
fn serial(dice: &mut Dice, module: usize, modules: usize) -> Option<Fault> {
    let others = modules.checked_sub(1).filter(|others| *others > 0)?;
    let like = (module + 1 + dice.below(others)) % modules;
    Some(Fault::SerialOf { module, like })
}

/// Into one cell or all; a cooler is a heater with the other sign.
fn heater(dice: &mut Dice, module: usize, cell: usize) -> Fault {
    let cell = dice.chance(60).then_some(cell);
    let watts = dice.decades(10.0, 400.0);
    let watts = if dice.chance(20) { -watts.min(100.0) } else { watts };
    H::Heater { module, cell, watts }.into()
}

fn lost_contact(dice: &mut Dice, module: usize, cell: usize) -> Fault {
    let ohms = dice.decades(0.0005, 0.05);
    let ohms_per_hour = if dice.chance(30) { dice.decades(0.001, 0.1) } else { 0.0 };
    H::LostContact { module, cell, ohms, ohms_per_hour }.into()
}

fn channel(dice: &mut Dice) -> Channel {
    match dice.below(3) {
        0 => Channel::Cell(dice.below(CELLS)),
        1 => Channel::Temperature(dice.below(CELL_SENSORS)),
        _ => Channel::Current,
    }
}

fn noise(dice: &mut Dice, module: usize) -> Fault {
    let channel = channel(dice);
    let sigma = match channel {
        Channel::Cell(_) => dice.decades(0.002, 0.2),
        Channel::Temperature(_) => dice.decades(0.2, 10.0),
        Channel::Current => dice.decades(0.1, 10.0),
    };
    H::SensorNoise { module, channel, sigma }.into()
}

fn swapped(dice: &mut Dice, module: usize) -> Fault {
    let pair = |dice: &mut Dice, count: usize| {
        let one = dice.below(count);
        (one, (one + 1 + dice.below(count - 1)) % count)
    };
    let (channel, with) = if dice.chance(50) {
        let (one, other) = pair(dice, CELLS);
        (Channel::Cell(one), Channel::Cell(other))
    } else {
        let (one, other) = pair(dice, CELL_SENSORS);
        (Channel::Temperature(one), Channel::Temperature(other))
    };
    H::SensorSwapped { module, channel, with }.into()
}

fn mosfet(dice: &mut Dice) -> Mosfet {
    dice.one(&[Mosfet::Charge, Mosfet::Discharge])
}

/// Of another generation, which does not work with ours.
fn version(dice: &mut Dice) -> String {
    format!("{}V0{:05}", dice.below(10), 90_001 + dice.below(9))
}
