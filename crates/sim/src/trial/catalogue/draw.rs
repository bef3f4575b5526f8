//! One fault of a kind, at random.

use voltower_core::Duration;

use super::Kind;
use crate::scenario::{Channel, ClockFault, Fault, FlashDefect, FrameFault, HardwareFault as H, Mosfet};
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
            Self::SensorOffset => {
                let size = dice.between(1.0, 30.0);
                H::SensorOffset { module, sensor, kelvin: dice.signed(size) }.into()
            }
            Self::CellVoltageOffset => {
                let size = dice.decades(0.01, 1.0);
                H::CellVoltageOffset { module, cell, volts: dice.signed(size) }.into()
            }
            Self::ShuntOffset => {
                let size = dice.decades(0.2, 30.0);
                H::ShuntOffset { module, amps: dice.signed(size) }.into()
            }
            Self::SensorStuck => H::SensorStuck { module, channel: channel(dice) }.into(),
            Self::SensorNoise => noise(dice, module),
            Self::SensorSwapped => swapped(dice, module),
            Self::PcuRunaway => {
                let size = dice.between(500.0, 4000.0);
                H::PcuRunaway { module, watts: dice.signed(size) }.into()
            }
            Self::PcuEfficiencyLoss => {
                H::PcuEfficiencyLoss { module, share: dice.between(0.02, 0.15) }.into()
            }
            Self::RelaySlow => H::RelaySlow { module, seconds: dice.decades(0.05, 5.0) }.into(),
            Self::MosfetSlow => {
                H::MosfetSlow { module, mosfet: mosfet(dice), seconds: dice.decades(0.05, 5.0) }.into()
            }
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
            Self::SerialOf => {
                let like =
                    (module + 1 + dice.below(modules.checked_sub(1).filter(|others| *others > 0)?)) % modules;
                Fault::SerialOf { module, like }
            }
            Self::CellVoltageGain => {
                let size = dice.decades(0.003, 0.3);
                H::CellVoltageGain { module, cell, share: dice.signed(size) }.into()
            }
            Self::ShuntGain => {
                let size = dice.decades(0.02, 1.0);
                H::ShuntGain { module, share: dice.signed(size) }.into()
            }
            Self::AfeLate => H::AfeLate { module, conversions: 1 + dice.below(50) }.into(),
            Self::RelayBounces => H::RelayBounces { module, seconds: dice.decades(0.01, 0.3) }.into(),
            Self::RelayFeedback => H::RelayFeedback { module, closed: dice.chance(50) }.into(),
            Self::MosfetFeedback => {
                H::MosfetFeedback { module, mosfet: mosfet(dice), closed: dice.chance(50) }.into()
            }
            Self::PackVoltageOffset => {
                let size = dice.decades(0.1, 10.0);
                H::PackVoltageOffset { module, volts: dice.signed(size) }.into()
            }
            Self::ConverterVoltageOffset => {
                let size = dice.decades(0.1, 10.0);
                H::ConverterVoltageOffset { module, volts: dice.signed(size) }.into()
            }
            Self::ComparatorStuck => H::ComparatorStuck { module }.into(),
            Self::MosfetStuckOpen => H::MosfetStuckOpen { module, mosfet: mosfet(dice) }.into(),
            Self::FlashBitRot => {
                let bits = 1 + dice.below(64) as u32;
                flash(dice, module, FlashDefect::BitRot { bits })
            }
            Self::FlashEraseFails => flash(dice, module, FlashDefect::EraseFails),
            Self::FlashWorn => flash(dice, module, FlashDefect::Worn),
            Self::FlashCut => {
                let after = 1 + dice.below(20) as u32;
                flash(dice, module, FlashDefect::Cut { after })
            }
            Self::LinkDestroyed => Fault::LinkFrames { harm: FrameFault::Destroyed, rate: rate(dice) },
            Self::LinkLost => Fault::LinkFrames { harm: FrameFault::Lost, rate: rate(dice) },
            Self::LinkDoubled => Fault::LinkFrames { harm: FrameFault::Doubled, rate: rate(dice) },
            Self::LinkLate => Fault::LinkFrames { harm: late(dice), rate: rate(dice) },
            Self::LinkFalsified => {
                Fault::LinkFrames { harm: FrameFault::Falsified, rate: dice.decades(0.0001, 0.01) }
            }
            Self::LinkBusOff => Fault::LinkBusOff { module },
            Self::BduLinkBusOff => Fault::BduLinkBusOff,
            Self::SecondBdu => Fault::SecondBdu,
            Self::ModuleBrownOut => Fault::ModuleBrownOut { module },
            Self::BduBrownOut => Fault::BduBrownOut,
            Self::ModuleResetStorm => Fault::ModuleResetStorm { module, every: storm(dice) },
            Self::BduResetStorm => Fault::BduResetStorm { every: storm(dice) },
            Self::ModuleHangs => Fault::ModuleHangs { module },
            Self::BduHangs => Fault::BduHangs,
            Self::ClockDrift => Fault::ModuleClock { module, clock: drift(dice) },
            Self::ClockJump => Fault::ModuleClock { module, clock: jump(dice) },
            Self::ClockStopped => Fault::ModuleClock { module, clock: ClockFault::Stopped },
            Self::BduClockDrift => Fault::BduClock { clock: drift(dice) },
            Self::BduClockJump => Fault::BduClock { clock: jump(dice) },
            Self::BduClockStopped => Fault::BduClock { clock: ClockFault::Stopped },
            Self::ComDestroyed => Fault::ComFrames { harm: FrameFault::Destroyed, rate: rate(dice) },
            Self::ComLost => Fault::ComFrames { harm: FrameFault::Lost, rate: rate(dice) },
            Self::ComDoubled => Fault::ComFrames { harm: FrameFault::Doubled, rate: rate(dice) },
            Self::ComLate => Fault::ComFrames { harm: late(dice), rate: rate(dice) },
            Self::ComFalsified => Fault::ComFrames { harm: FrameFault::Falsified, rate: rate(dice) },
            Self::ComFlood => Fault::ComFlood,
            Self::ComMalformed => Fault::ComMalformed,
            Self::ComReplay => Fault::ComReplay,
            Self::InverterWrongSign => Fault::InverterWrongSign,
            Self::InverterStale => Fault::InverterStale,
            Self::InverterReconnects => Fault::InverterReconnects { every: storm(dice) },
        })
    }

    /// How long it stays, at most: what is found slowly must have time to be found.
    #[must_use]
    pub const fn lasts(self) -> Duration {
        match self {
            Self::RamStuckBit | Self::ImageCorrupted | Self::BduRamStuckBit | Self::BduImageCorrupted => {
                Duration::mins(30)
            }
            Self::Heater
            | Self::InternalShort
            | Self::WeakCell
            | Self::LostContact
            | Self::CellWireOpen
            | Self::NtcOpen
            | Self::NtcShort
            | Self::SensorOffset
            | Self::CellVoltageOffset
            | Self::AfeSilent
            | Self::AfeFrozen
            | Self::ShuntOffset
            | Self::ShuntOpen
            | Self::ShuntReversed
            | Self::SensorStuck
            | Self::SensorNoise
            | Self::SensorSwapped
            | Self::PcuRunaway
            | Self::PcuDead
            | Self::PcuEfficiencyLoss
            | Self::RelayWelded
            | Self::RelayStuckOpen
            | Self::RelaySlow
            | Self::MosfetWelded
            | Self::MosfetSlow
            | Self::TerminalResistance
            | Self::TerminalReversed
            | Self::BlockedCooling
            | Self::InsulationLoss
            | Self::EarthMissing
            | Self::Unplugged
            | Self::FuseBlown
            | Self::BusShort
            | Self::DcSwitchAuxiliary
            | Self::DcSwitchWelded
            | Self::DcSwitchSlow
            | Self::CutLink
            | Self::CutEnable
            | Self::EnableStuck
            | Self::LinkTerminatorMissing
            | Self::LinkTerminatorDoubled
            | Self::LinkBabbling
            | Self::LinkDeaf
            | Self::LinkMute
            | Self::ModuleReset
            | Self::BduReset
            | Self::CutCom
            | Self::ComStrapOpen
            | Self::InverterSilent
            | Self::InverterIgnoresLimits
            | Self::WrongSoftware
            | Self::WrongConverterSoftware
            | Self::SerialOf
            | Self::CellVoltageGain
            | Self::ShuntGain
            | Self::AfeLate
            | Self::RelayBounces
            | Self::RelayFeedback
            | Self::MosfetFeedback
            | Self::PackVoltageOffset
            | Self::ConverterVoltageOffset
            | Self::ComparatorStuck
            | Self::MosfetStuckOpen
            | Self::FlashBitRot
            | Self::FlashEraseFails
            | Self::FlashWorn
            | Self::FlashCut
            | Self::LinkDestroyed
            | Self::LinkLost
            | Self::LinkDoubled
            | Self::LinkLate
            | Self::LinkFalsified
            | Self::LinkBusOff
            | Self::BduLinkBusOff
            | Self::SecondBdu
            | Self::ModuleBrownOut
            | Self::BduBrownOut
            | Self::ModuleResetStorm
            | Self::BduResetStorm
            | Self::ModuleHangs
            | Self::BduHangs
            | Self::ClockDrift
            | Self::ClockJump
            | Self::ClockStopped
            | Self::BduClockDrift
            | Self::BduClockJump
            | Self::BduClockStopped
            | Self::ComDestroyed
            | Self::ComLost
            | Self::ComDoubled
            | Self::ComLate
            | Self::ComFalsified
            | Self::ComFlood
            | Self::ComMalformed
            | Self::ComReplay
            | Self::InverterWrongSign
            | Self::InverterStale
            | Self::InverterReconnects => Duration::mins(10),
        }
    }
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

/// Of the module, or of the unit.
fn flash(dice: &mut Dice, module: usize, defect: FlashDefect) -> Fault {
    H::Flash { module: dice.chance(70).then_some(module), defect }.into()
}

fn mosfet(dice: &mut Dice) -> Mosfet {
    dice.one(&[Mosfet::Charge, Mosfet::Discharge])
}

/// Of another generation, which does not work with ours.
fn version(dice: &mut Dice) -> String {
    format!("{}V0{:05}", dice.below(10), 90_001 + dice.below(9))
}

/// From a frame now and then to half of them.
fn rate(dice: &mut Dice) -> f64 {
    dice.decades(0.001, 0.5)
}

fn late(dice: &mut Dice) -> FrameFault {
    FrameFault::Late { by: dice.time(Duration::millis(1), Duration::millis(200)) }
}

fn storm(dice: &mut Dice) -> Duration {
    dice.time(Duration::secs(2), Duration::mins(1))
}

/// The single-fault rule's (safety sheet 2.4): 2 % at most.
fn drift(dice: &mut Dice) -> ClockFault {
    ClockFault::Drift { share: dice.between(-0.02, 0.02) }
}

fn jump(dice: &mut Dice) -> ClockFault {
    let seconds = dice.decades(0.1, 100_000.0);
    ClockFault::Jump { by: Duration::millis((seconds * 1000.0) as u64), back: dice.chance(50) }
}
