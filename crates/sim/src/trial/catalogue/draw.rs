//! One fault of a kind, at random.

use voltower_core::Duration;

use super::Kind;
use crate::scenario::{
    BduSensor, Channel, ClockFault, Fault, FlashDefect, FrameFault, HardwareFault as H, Mosfet, Spot,
};
use crate::trial::Dice;

use voltower_plant::{CELL_SENSORS, CELLS};

/// One table, so that a new fault is one entry: each is drawn with the dice in a tower of so many modules, in this
/// module, at this cell or sensor.
macro_rules! drawn {
    (
        |$dice:ident, $modules:ident, $module:ident, $cell:ident, $sensor:ident|
        $($kind:ident => $fault:expr,)*
    ) => {
        impl Kind {
            /// A fault of this kind in a tower of so many modules; `None` if it takes more of them.
            ///
            /// Sizes run from what nobody need notice to what cannot be overlooked.
            pub fn draw(self, $dice: &mut Dice, $modules: usize) -> Option<Fault> {
                let $module = $dice.below($modules);
                let $cell = $dice.below(CELLS);
                let $sensor = $dice.below(CELL_SENSORS);
                Some(match self {
                    $(Self::$kind => $fault,)*
                })
            }
        }
    };
}

drawn! {
    |dice, modules, module, cell, sensor|
    Heater => heater(dice, module, cell),
    InternalShort => H::InternalShort { module, cell, ohms: dice.decades(0.1, 50.0) }.into(),
    WeakCell => H::WeakCell { module, cell, capacity_share: dice.between(0.4, 0.9) }.into(),
    LostContact => lost_contact(dice, module, cell),
    CellWireOpen => H::CellWireOpen { module, cell }.into(),
    NtcOpen => H::NtcOpen { module, sensor }.into(),
    NtcShort => H::NtcShort { module, sensor }.into(),
    SensorOffset => {
        let size = dice.between(1.0, 30.0);
        H::SensorOffset { module, sensor, kelvin: dice.signed(size) }.into()
    },
    CellVoltageOffset => {
        let size = dice.decades(0.01, 1.0);
        H::CellVoltageOffset { module, cell, volts: dice.signed(size) }.into()
    },
    ShuntOffset => {
        let size = dice.decades(0.2, 30.0);
        H::ShuntOffset { module, amps: dice.signed(size) }.into()
    },
    SensorStuck => H::SensorStuck { module, channel: channel(dice) }.into(),
    SensorNoise => noise(dice, module),
    SensorSwapped => swapped(dice, module),
    PcuRunaway => {
        let size = dice.between(500.0, 4000.0);
        H::PcuRunaway { module, watts: dice.signed(size) }.into()
    },
    PcuEfficiencyLoss => {
        H::PcuEfficiencyLoss { module, share: dice.between(0.02, 0.15) }.into()
    },
    RelaySlow => H::RelaySlow { module, seconds: dice.decades(0.05, 5.0) }.into(),
    MosfetSlow => {
        H::MosfetSlow { module, mosfet: mosfet(dice), seconds: dice.decades(0.05, 5.0) }.into()
    },
    MosfetWelded => H::MosfetWelded { module, mosfet: mosfet(dice) }.into(),
    TerminalResistance => {
        H::TerminalResistance { module, ohms: dice.decades(0.05, 1000.0) }.into()
    },
    InsulationLoss => H::InsulationLoss { module, ohms: dice.decades(100.0, 1e6) }.into(),
    BusShort => H::BusShort { ohms: dice.decades(0.01, 20.0) }.into(),
    DcSwitchSlow => H::DcSwitchSlow { seconds: dice.decades(0.05, 10.0) }.into(),
    AfeSilent => H::AfeSilent { module }.into(),
    AfeFrozen => H::AfeFrozen { module }.into(),
    ShuntOpen => H::ShuntOpen { module }.into(),
    ShuntReversed => H::ShuntReversed { module }.into(),
    PcuDead => H::PcuDead { module }.into(),
    RelayWelded => H::RelayWelded { module }.into(),
    RelayStuckOpen => H::RelayStuckOpen { module }.into(),
    TerminalReversed => H::TerminalReversed { module }.into(),
    BlockedCooling => H::BlockedCooling { module }.into(),
    EarthMissing => H::EarthMissing { module }.into(),
    Unplugged => H::Unplugged { module }.into(),
    FuseBlown => H::FuseBlown.into(),
    DcSwitchAuxiliary => H::DcSwitchAux.into(),
    DcSwitchWelded => H::DcSwitchWelded.into(),
    CutLink => Fault::CutLink { after: module },
    CutEnable => Fault::CutEnable { after: module },
    EnableStuck => Fault::EnableStuck { module },
    LinkTerminatorMissing => Fault::LinkTerminatorMissing,
    LinkTerminatorDoubled => Fault::LinkTerminatorDoubled,
    LinkBabbling => Fault::LinkBabbling { module },
    LinkDeaf => Fault::LinkDeaf { module },
    LinkMute => Fault::LinkMute { module },
    ModuleReset => Fault::ModuleReset { module },
    RamStuckBit => Fault::RamStuckBit { module },
    ImageCorrupted => Fault::ImageCorrupted { module },
    BduRamStuckBit => Fault::BduRamStuckBit,
    BduImageCorrupted => Fault::BduImageCorrupted,
    BduReset => Fault::BduReset,
    CutCom => Fault::CutCom,
    ComStrapOpen => Fault::ComStrapOpen,
    InverterSilent => Fault::InverterSilent,
    InverterIgnoresLimits => Fault::InverterIgnoresLimits,
    WrongSoftware => Fault::WrongSoftware { module, version: version(dice) },
    WrongConverterSoftware => Fault::WrongConverterSoftware { module, version: version(dice) },
    SerialOf => {
        let like =
            (module + 1 + dice.below(modules.checked_sub(1).filter(|others| *others > 0)?)) % modules;
        Fault::SerialOf { module, like }
    },
    CellVoltageGain => {
        let size = dice.decades(0.003, 0.3);
        H::CellVoltageGain { module, cell, share: dice.signed(size) }.into()
    },
    ShuntGain => {
        let size = dice.decades(0.02, 1.0);
        H::ShuntGain { module, share: dice.signed(size) }.into()
    },
    AfeLate => H::AfeLate { module, conversions: 1 + dice.below(50) }.into(),
    RelayBounces => H::RelayBounces { module, seconds: dice.decades(0.01, 0.3) }.into(),
    RelayFeedback => H::RelayFeedback { module, closed: dice.chance(50) }.into(),
    MosfetFeedback => {
        H::MosfetFeedback { module, mosfet: mosfet(dice), closed: dice.chance(50) }.into()
    },
    PackVoltageOffset => {
        let size = dice.decades(0.1, 10.0);
        H::PackVoltageOffset { module, volts: dice.signed(size) }.into()
    },
    ConverterVoltageOffset => {
        let size = dice.decades(0.1, 10.0);
        H::ConverterVoltageOffset { module, volts: dice.signed(size) }.into()
    },
    ComparatorStuck => H::ComparatorStuck { module }.into(),
    MosfetStuckOpen => H::MosfetStuckOpen { module, mosfet: mosfet(dice) }.into(),
    FlashBitRot => H::Flash { module: Some(module), defect: rot(dice) }.into(),
    FlashEraseFails => H::Flash { module: Some(module), defect: FlashDefect::EraseFails }.into(),
    FlashWorn => H::Flash { module: Some(module), defect: FlashDefect::Worn }.into(),
    FlashCut => H::Flash { module: Some(module), defect: cut(dice) }.into(),
    BduFlashBitRot => H::Flash { module: None, defect: rot(dice) }.into(),
    BduFlashEraseFails => H::Flash { module: None, defect: FlashDefect::EraseFails }.into(),
    BduFlashWorn => H::Flash { module: None, defect: FlashDefect::Worn }.into(),
    BduFlashCut => H::Flash { module: None, defect: cut(dice) }.into(),
    LinkDestroyed => Fault::LinkFrames { harm: FrameFault::Destroyed, rate: rate(dice) },
    LinkLost => Fault::LinkFrames { harm: FrameFault::Lost, rate: rate(dice) },
    LinkDoubled => Fault::LinkFrames { harm: FrameFault::Doubled, rate: rate(dice) },
    LinkLate => Fault::LinkFrames { harm: late(dice), rate: rate(dice) },
    LinkFalsified => {
        Fault::LinkFrames { harm: FrameFault::Falsified, rate: dice.decades(0.0001, 0.01) }
    },
    LinkBusOff => Fault::LinkBusOff { module },
    BduLinkBusOff => Fault::BduLinkBusOff,
    SecondBdu => Fault::SecondBdu,
    ModuleBrownOut => Fault::ModuleBrownOut { module },
    BduBrownOut => Fault::BduBrownOut,
    ModuleResetStorm => Fault::ModuleResetStorm { module, every: storm(dice) },
    BduResetStorm => Fault::BduResetStorm { every: storm(dice) },
    ModuleHangs => Fault::ModuleHangs { module },
    BduHangs => Fault::BduHangs,
    ClockDrift => Fault::ModuleClock { module, clock: drift(dice) },
    ClockJump => Fault::ModuleClock { module, clock: jump(dice) },
    ClockStopped => Fault::ModuleClock { module, clock: ClockFault::Stopped },
    BduClockDrift => Fault::BduClock { clock: drift(dice) },
    BduClockJump => Fault::BduClock { clock: jump(dice) },
    BduClockStopped => Fault::BduClock { clock: ClockFault::Stopped },
    ComDestroyed => Fault::ComFrames { harm: FrameFault::Destroyed, rate: rate(dice) },
    ComLost => Fault::ComFrames { harm: FrameFault::Lost, rate: rate(dice) },
    ComDoubled => Fault::ComFrames { harm: FrameFault::Doubled, rate: rate(dice) },
    ComLate => Fault::ComFrames { harm: late(dice), rate: rate(dice) },
    ComFalsified => Fault::ComFrames { harm: FrameFault::Falsified, rate: rate(dice) },
    ComFlood => Fault::ComFlood,
    ComMalformed => Fault::ComMalformed,
    ComReplay => Fault::ComReplay,
    InverterWrongSign => Fault::InverterWrongSign,
    InverterStale => Fault::InverterStale,
    InverterReconnects => Fault::InverterReconnects { every: storm(dice) },
    BduSensorOffset => bdu_offset(dice),
    BduSensorStuck => H::BduSensorStuck { sensor: dice.one(&BduSensor::ALL) }.into(),
    BduSensorLost => H::BduSensorLost { sensor: dice.one(&BduSensor::ALL) }.into(),
    AirAround => H::AirAround { module, celsius: air(dice) }.into(),
    HotSpot => hot_spot(dice, module),
    BduLinkOpen => Fault::BduLinkOpen,
    BduWrongSoftware => Fault::BduWrongSoftware { version: version(dice) },
    ConfigurationBroken => Fault::ConfigurationBroken { module },
}

impl Kind {
    /// It sits in the contacts of the DC switch.
    #[must_use]
    pub const fn is_of_dc_switch(self) -> bool {
        matches!(self, Self::DcSwitchWelded | Self::DcSwitchSlow)
    }

    /// How long it stays, at most: what is found slowly must have time to be found.
    #[must_use]
    pub const fn lasts(self) -> Duration {
        let slowly = matches!(
            self,
            Self::RamStuckBit | Self::ImageCorrupted | Self::BduRamStuckBit | Self::BduImageCorrupted
        );
        Duration::mins(if slowly { 30 } else { 10 })
    }
}

/// Into one cell or all; a cooler is a heater with the other sign.
fn heater(dice: &mut Dice, module: usize, cell: usize) -> Fault {
    let cell = dice.chance(60).then_some(cell);
    let watts = dice.decades(10.0, 400.0);
    let watts = if dice.chance(20) { -watts.min(100.0) } else { watts };
    H::Heater { module, cell, watts }.into()
}

/// Of the air beside a stove, or beside something deep-frozen: nearly a third of what the sensor in the case sees is
/// the warmth of the case, which follows for hours.
fn air(dice: &mut Dice) -> f64 {
    if dice.chance(50) { dice.between(48.0, 95.0) } else { dice.between(-65.0, -20.0) }
}

/// What brings the heat sink (some 2 W/K) or the board (0.5 W/K) to 60 to 110 K over what is around them.
fn hot_spot(dice: &mut Dice, module: usize) -> Fault {
    let (spot, watts_per_kelvin) = dice.one(&[(Spot::HeatSink, 2.0), (Spot::Mosfets, 0.5)]);
    H::HotSpot { module, spot, watts: watts_per_kelvin * dice.between(60.0, 110.0) }.into()
}

/// Volts, or amperes of the current.
fn bdu_offset(dice: &mut Dice) -> Fault {
    let sensor = dice.one(&BduSensor::ALL);
    let largest = if sensor == BduSensor::Current { 10.0 } else { 100.0 };
    let size = dice.decades(0.01 * largest, largest);
    H::BduSensorOffset { sensor, amount: dice.signed(size) }.into()
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

fn rot(dice: &mut Dice) -> FlashDefect {
    FlashDefect::BitRot { bits: 1 + dice.below(64) as u32 }
}

fn cut(dice: &mut Dice) -> FlashDefect {
    FlashDefect::Cut { after: 1 + dice.below(20) as u32 }
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
