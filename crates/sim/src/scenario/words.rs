//! Scenarios in plain words: for logs, event files and the legend of pictures.

use core::fmt;

use voltower_core::panel::{Colour, Light};
use voltower_plant::{BduSensor, Channel, Fault as Hardware, FlashDefect, Mosfet, Spot};

use super::{Action, Check, ClockFault, Fault, FrameFault, InverterMode, Lights, Observable, condition_name};

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Press { hold, .. } => write!(f, "black-start switch held for {hold}"),
            Self::DcSwitch { closed: true, .. } => f.write_str("DC switch closed"),
            Self::DcSwitch { closed: false, .. } => f.write_str("DC switch opened"),
            Self::Break { fault, .. } => write!(f, "breaks: {fault}"),
            Self::Repair { fault, .. } => write!(f, "repaired: {fault}"),
            Self::Grid { on: true } => f.write_str("the grid is back"),
            Self::Grid { on: false } => f.write_str("power cut"),
            Self::Inverter(mode) => write!(f, "inverter set to {mode}"),
            Self::Update { start: true, .. } => f.write_str("update begins"),
            Self::Update { start: false, .. } => f.write_str("update ends"),
            Self::Ambient { celsius } => write!(f, "surroundings at {celsius} degC"),
            Self::Plug { module, .. } => write!(f, "module {} added and commissioned", module + 1),
            Self::Unplug { module, .. } => write!(f, "module {} taken away", module + 1),
            Self::Load { watts } => write!(f, "extra load {watts} W"),
        }
    }
}

impl fmt::Display for InverterMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelfConsumption => f.write_str("self-consumption"),
            Self::Charge(watts) => write!(f, "charge {watts} W"),
            Self::Discharge(watts) => write!(f, "discharge {watts} W"),
            Self::Hold => f.write_str("hold"),
            Self::Off => f.write_str("off"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(module) = self.module() {
            write!(f, "module {}: ", module + 1)?;
        }
        match self {
            Self::Hardware(fault) => hardware(f, fault),
            Self::CutLink { after: 0 } => f.write_str("Link cut at the distribution unit"),
            Self::CutLink { after } => write!(f, "Link cut behind module {after}"),
            Self::CutEnable { after: 0 } => f.write_str("enable wire cut at the distribution unit"),
            Self::CutEnable { after } => write!(f, "enable wire cut behind module {after}"),
            Self::EnableStuck { .. } => f.write_str("enable line reads active always"),
            Self::LinkTerminatorMissing => f.write_str("terminal resistor missing"),
            Self::LinkTerminatorDoubled => f.write_str("a second terminal resistor"),
            Self::LinkBabbling { .. } => f.write_str("fills the Link with frames"),
            Self::LinkDeaf { .. } => f.write_str("deaf on the Link"),
            Self::LinkMute { .. } => f.write_str("mute on the Link"),
            Self::ModuleReset { .. } => f.write_str("held in reset"),
            Self::RamStuckBit { .. } => f.write_str("a bit of its controller's memory is stuck"),
            Self::ImageCorrupted { .. } => f.write_str("a bit of its program image has flipped"),
            Self::BduRamStuckBit => f.write_str("a bit of the distribution unit's memory is stuck"),
            Self::BduImageCorrupted => {
                f.write_str("a bit of the distribution unit's program image has flipped")
            }
            Self::BduReset => f.write_str("distribution unit held in reset"),
            Self::CutCom => f.write_str("COM cable cut"),
            Self::ComStrapOpen => f.write_str("strap wire of COM open"),
            Self::InverterSilent => f.write_str("inverter silent"),
            Self::InverterIgnoresLimits => f.write_str("inverter ignores the limits"),
            Self::WrongSoftware { version, .. } => write!(f, "software {version}"),
            Self::WrongConverterSoftware { version, .. } => write!(f, "converter software {version}"),
            Self::SerialOf { like, .. } => write!(f, "serial number of module {}", like + 1),
            Self::LinkFrames { harm, rate } => frames(f, "Link", *harm, *rate),
            Self::LinkBusOff { .. } => f.write_str("in bus-off on the Link"),
            Self::BduLinkBusOff => f.write_str("distribution unit in bus-off on the Link"),
            Self::BduLinkOpen => f.write_str("Link cable off at the distribution unit"),
            Self::BduWrongSoftware { version } => write!(f, "software {version} of the distribution unit"),
            Self::ConfigurationBroken { .. } => f.write_str("its stored configuration breaks a relation"),
            Self::SecondBdu => f.write_str("a second distribution unit on the Link"),
            Self::ModuleBrownOut { .. } => f.write_str("brown-out of its controller"),
            Self::BduBrownOut => f.write_str("brown-out of the distribution unit"),
            Self::ModuleResetStorm { every, .. } => write!(f, "resets itself every {every}"),
            Self::BduResetStorm { every } => write!(f, "distribution unit resets itself every {every}"),
            Self::ModuleHangs { .. } => f.write_str("its program hangs"),
            Self::BduHangs => f.write_str("the distribution unit's program hangs"),
            Self::ModuleClock { clock, .. } => write!(f, "its clock {clock}"),
            Self::BduClock { clock } => write!(f, "the distribution unit's clock {clock}"),
            Self::ComFrames { harm, rate } => frames(f, "COM", *harm, *rate),
            Self::ComFlood => f.write_str("a device floods COM"),
            Self::ComMalformed => f.write_str("a device sends nonsense on COM"),
            Self::ComReplay => f.write_str("a device repeats on COM what it has heard"),
            Self::InverterWrongSign => f.write_str("inverter takes charging for discharging"),
            Self::InverterStale => f.write_str("inverter works with old limits"),
            Self::InverterReconnects { every } => write!(f, "inverter starts anew every {every}"),
        }
    }
}

impl fmt::Display for ClockFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drift { share } => write!(f, "is {:+} % fast", share * 100.0),
            Self::Jump { by, back: false } => write!(f, "jumps ahead by {by}"),
            Self::Jump { by, back: true } => write!(f, "jumps back by {by}"),
            Self::Stopped => f.write_str("stands still"),
        }
    }
}

fn frames(f: &mut fmt::Formatter<'_>, bus: &str, harm: FrameFault, rate: f64) -> fmt::Result {
    write!(f, "{:.0} % of the frames on {bus} are ", rate * 100.0)?;
    match harm {
        FrameFault::Destroyed => f.write_str("destroyed"),
        FrameFault::Lost => f.write_str("lost"),
        FrameFault::Doubled => f.write_str("doubled"),
        FrameFault::Late { by } => write!(f, "{by} late"),
        FrameFault::Falsified => f.write_str("falsified"),
    }
}

fn hardware(f: &mut fmt::Formatter<'_>, fault: &Hardware) -> fmt::Result {
    match fault {
        Hardware::Heater { cell: Some(cell), watts, .. } => write!(f, "{watts} W into cell {}", cell + 1),
        Hardware::Heater { cell: None, watts, .. } => write!(f, "{watts} W into its cells"),
        Hardware::InternalShort { cell, ohms, .. } => {
            write!(f, "internal short of {ohms} ohm in cell {}", cell + 1)
        }
        Hardware::WeakCell { cell, capacity_share, .. } => {
            write!(f, "cell {} has {:.0} % of its capacity", cell + 1, capacity_share * 100.0)
        }
        Hardware::LostContact { cell, ohms, ohms_per_hour, .. } => {
            lost_contact(f, *cell, *ohms, *ohms_per_hour)
        }
        Hardware::CellWireOpen { cell, .. } => write!(f, "measuring wire of cell {} off", cell + 1),
        Hardware::NtcOpen { sensor, .. } => write!(f, "temperature sensor {} open", sensor + 1),
        Hardware::NtcShort { sensor, .. } => write!(f, "temperature sensor {} shorted", sensor + 1),
        Hardware::SensorOffset { sensor, kelvin, .. } => {
            write!(f, "temperature sensor {} reads {kelvin:+} K", sensor + 1)
        }
        Hardware::PackVoltageOffset { volts, .. } => write!(f, "pack divider reads {volts:+} V"),
        Hardware::ConverterVoltageOffset { volts, .. } => write!(f, "converter reads the pack {volts:+} V"),
        Hardware::ComparatorStuck { .. } => f.write_str("AFE's comparator takes no thresholds"),
        Hardware::AfeSilent { .. } => f.write_str("AFE silent"),
        Hardware::AfeFrozen { .. } => f.write_str("AFE repeats itself"),
        Hardware::CellVoltageOffset { cell, volts, .. } => write!(f, "cell {} reads {volts:+} V", cell + 1),
        Hardware::ShuntOffset { amps, .. } => write!(f, "shunt reads {amps:+} A"),
        Hardware::ShuntOpen { .. } => f.write_str("shunt wire off"),
        Hardware::ShuntReversed { .. } => f.write_str("shunt wires swapped"),
        Hardware::SensorStuck { channel, .. } => write!(f, "{} stuck", Named(*channel)),
        Hardware::SensorNoise { channel, sigma, .. } => noise(f, *channel, *sigma),
        Hardware::SensorSwapped { channel, with, .. } => {
            write!(f, "{} and {} swapped", Named(*channel), Named(*with))
        }
        Hardware::PcuRunaway { watts, .. } => write!(f, "converter runs away with {watts} W"),
        Hardware::PcuDead { .. } => f.write_str("converter dead"),
        Hardware::PcuEfficiencyLoss { share, .. } => write!(f, "converter wastes {} % more", percent(*share)),
        Hardware::RelayWelded { .. } => f.write_str("output relay welded"),
        Hardware::RelayStuckOpen { .. } => f.write_str("output relay does not close"),
        Hardware::RelaySlow { seconds, .. } => write!(f, "output relay {seconds} s late"),
        Hardware::MosfetWelded { mosfet, .. } => write!(f, "{} welded", mosfet_name(*mosfet)),
        Hardware::MosfetStuckOpen { mosfet, .. } => write!(f, "{} does not close", mosfet_name(*mosfet)),
        Hardware::MosfetSlow { mosfet, seconds, .. } => {
            write!(f, "{} {seconds} s late", mosfet_name(*mosfet))
        }
        Hardware::TerminalResistance { ohms, .. } => write!(f, "loose terminal, {ohms} ohm"),
        Hardware::TerminalReversed { .. } => f.write_str("B+ and B- swapped"),
        Hardware::FuseBlown => f.write_str("fuse open"),
        Hardware::BusShort { ohms } => write!(f, "short of {ohms} ohm at BAT OUT"),
        Hardware::DcSwitchAux => f.write_str("auxiliary contact of the DC switch"),
        Hardware::DcSwitchWelded => f.write_str("DC switch welded"),
        Hardware::DcSwitchSlow { seconds } => write!(f, "DC switch {seconds} s late"),
        Hardware::BlockedCooling { .. } => f.write_str("heat sink covered"),
        Hardware::InsulationLoss { ohms, .. } => write!(f, "{ohms} ohm from B+ to the case"),
        Hardware::EarthMissing { .. } => f.write_str("earth wire missing"),
        Hardware::Unplugged { .. } => f.write_str("cables slipped out"),
        Hardware::CellVoltageGain { cell, share, .. } => gain(f, &format!("cell {}", cell + 1), *share),
        Hardware::ShuntGain { share, .. } => gain(f, "shunt", *share),
        Hardware::AfeLate { conversions, .. } => write!(f, "AFE is {conversions} conversions late"),
        Hardware::RelayBounces { seconds, .. } => write!(f, "output relay bounces for {seconds} s"),
        Hardware::RelayFeedback { closed, .. } => feedback(f, "output relay", *closed),
        Hardware::MosfetFeedback { mosfet, closed, .. } => feedback(f, mosfet_name(*mosfet), *closed),
        Hardware::AirAround { celsius, .. } => write!(f, "air of {celsius} degC around it"),
        Hardware::HotSpot { spot, watts, .. } => write!(f, "{watts} W into its {}", spot_name(*spot)),
        Hardware::BduSensorOffset { sensor, amount } => bdu_sensor_off_by(f, *sensor, *amount),
        Hardware::BduSensorStuck { sensor } => bdu_sensor_stuck(f, *sensor),
        Hardware::BduSensorLost { sensor } => write!(f, "BDU's wire for the {} off", bdu_sensor(*sensor)),
        Hardware::Flash { module, defect } => flash_of(f, *module, *defect),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

fn flash_of(f: &mut fmt::Formatter<'_>, module: Option<usize>, defect: FlashDefect) -> fmt::Result {
    f.write_str(if module.is_some() { "flash: " } else { "flash of the distribution unit: " })?;
    flash(f, defect)
}

fn bdu_sensor_off_by(f: &mut fmt::Formatter<'_>, sensor: BduSensor, amount: f64) -> fmt::Result {
    let unit = if sensor == BduSensor::Current { "A" } else { "V" };
    write!(f, "BDU reads the {} {amount:+} {unit}", bdu_sensor(sensor))
}

fn bdu_sensor_stuck(f: &mut fmt::Formatter<'_>, sensor: BduSensor) -> fmt::Result {
    write!(f, "BDU's reading of the {} stuck", bdu_sensor(sensor))
}

const fn bdu_sensor(sensor: BduSensor) -> &'static str {
    match sensor {
        BduSensor::BeforeFuse => "voltage before the fuse",
        BduSensor::AfterFuse => "voltage after the fuse",
        BduSensor::Outside => "voltage outside the DC switch",
        BduSensor::Current => "current of the tower",
    }
}

fn flash(f: &mut fmt::Formatter<'_>, defect: FlashDefect) -> fmt::Result {
    match defect {
        FlashDefect::BitRot { bits } => write!(f, "{bits} bits of a page have flipped"),
        FlashDefect::EraseFails => f.write_str("erasing fails"),
        FlashDefect::Worn => f.write_str("worn"),
        FlashDefect::Cut { after } => write!(f, "no supply from operation {after} on"),
    }
}

/// A channel in words.
struct Named(Channel);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Channel::Cell(cell) => write!(f, "voltage of cell {}", cell + 1),
            Channel::Temperature(sensor) => write!(f, "temperature sensor {}", sensor + 1),
            Channel::Current => f.write_str("shunt"),
        }
    }
}

fn noise(f: &mut fmt::Formatter<'_>, channel: Channel, sigma: f64) -> fmt::Result {
    let unit = match channel {
        Channel::Cell(_) => "V",
        Channel::Temperature(_) => "K",
        Channel::Current => "A",
    };
    write!(f, "{} noisy, {sigma} {unit}", Named(channel))
}

fn lost_contact(f: &mut fmt::Formatter<'_>, cell: usize, ohms: f64, ohms_per_hour: f64) -> fmt::Result {
    write!(f, "{ohms} ohm more at cell {}", cell + 1)?;
    if ohms_per_hour == 0.0 { Ok(()) } else { write!(f, ", rising by {ohms_per_hour} ohm/h") }
}

fn gain(f: &mut fmt::Formatter<'_>, what: &str, share: f64) -> fmt::Result {
    write!(f, "{what} reads {:+.1} %", share * 100.0)
}

fn feedback(f: &mut fmt::Formatter<'_>, contact: &str, closed: bool) -> fmt::Result {
    write!(f, "feedback of the {contact} says {} always", if closed { "closed" } else { "open" })
}

const fn spot_name(spot: Spot) -> &'static str {
    match spot {
        Spot::HeatSink => "heat sink",
        Spot::Mosfets => "MOSFETs",
    }
}

fn mosfet_name(mosfet: Mosfet) -> &'static str {
    match mosfet {
        Mosfet::Charge => "charge MOSFET",
        Mosfet::Discharge => "discharge MOSFET",
    }
}

impl Fault {
    /// The module it sits in, from 0, if it sits in one.
    #[must_use]
    pub fn module(&self) -> Option<usize> {
        match self {
            Self::Hardware(fault) => fault.module(),
            Self::EnableStuck { module }
            | Self::LinkBabbling { module }
            | Self::LinkDeaf { module }
            | Self::LinkMute { module }
            | Self::ModuleReset { module }
            | Self::RamStuckBit { module }
            | Self::ImageCorrupted { module }
            | Self::WrongSoftware { module, .. }
            | Self::WrongConverterSoftware { module, .. }
            | Self::SerialOf { module, .. }
            | Self::ConfigurationBroken { module }
            | Self::LinkBusOff { module }
            | Self::ModuleBrownOut { module }
            | Self::ModuleResetStorm { module, .. }
            | Self::ModuleHangs { module }
            | Self::ModuleClock { module, .. } => Some(*module),
            Self::CutLink { .. }
            | Self::CutEnable { .. }
            | Self::LinkTerminatorMissing
            | Self::LinkTerminatorDoubled
            | Self::BduReset
            | Self::BduRamStuckBit
            | Self::BduImageCorrupted
            | Self::CutCom
            | Self::ComStrapOpen
            | Self::InverterSilent
            | Self::InverterIgnoresLimits
            | Self::LinkFrames { .. }
            | Self::BduLinkBusOff
            | Self::BduLinkOpen
            | Self::BduWrongSoftware { .. }
            | Self::SecondBdu
            | Self::BduBrownOut
            | Self::BduResetStorm { .. }
            | Self::BduHangs
            | Self::BduClock { .. }
            | Self::ComFrames { .. }
            | Self::ComFlood
            | Self::ComMalformed
            | Self::ComReplay
            | Self::InverterWrongSign
            | Self::InverterStale
            | Self::InverterReconnects { .. } => None,
        }
    }
}

impl Action {
    /// The tower it concerns, from 0; `None` if all.
    #[must_use]
    pub const fn tower(&self) -> Option<usize> {
        match self {
            Self::Press { tower, .. }
            | Self::DcSwitch { tower, .. }
            | Self::Break { tower, .. }
            | Self::Repair { tower, .. }
            | Self::Update { tower, .. }
            | Self::Plug { tower, .. }
            | Self::Unplug { tower, .. } => Some(*tower),
            Self::Grid { .. } | Self::Inverter(_) | Self::Ambient { .. } | Self::Load { .. } => None,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(state) => write!(f, "state {state}"),
            Self::Lights(lights) => write!(f, "lights: {lights}"),
            Self::Present(condition) => f.write_str(&condition_name(*condition)),
            Self::Absent(condition) => write!(f, "no {}", condition_name(*condition)),
            Self::NoCondition => f.write_str("no alarm and no fault"),
            Self::Diagnosis(diagnosis) => diagnosis.fmt(f),
            Self::Within { observable, min, max } => range(f, *observable, *min, *max),
        }
    }
}

fn range(f: &mut fmt::Formatter<'_>, observable: Observable, min: f64, max: f64) -> fmt::Result {
    f.write_str(observable.key())?;
    let (symbol, scale) = observable.unit().everyday();
    if min.is_finite() {
        write!(f, " from {}", min * scale)?;
    }
    if max.is_finite() {
        write!(f, " up to {}", max * scale)?;
    }
    write!(f, " {symbol}")
}

impl fmt::Display for Lights {
    /// As a scenario writes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colour = match self.pattern.colour {
            Colour::Green => "green",
            Colour::Blue => "blue",
        };
        let mut parts = Vec::new();
        if self.pattern.status != Light::Off {
            parts.push(format!("status {colour} {}", self.pattern.status.word()));
        }
        if self.pattern.alarm != Light::Off {
            parts.push(format!("alarm {}", self.pattern.alarm.word()));
        }
        if self.soc_free {
            parts.push("soc".to_owned());
        }
        let lit =
            self.pattern.soc.iter().enumerate().filter(|(_, light)| !self.soc_free && **light != Light::Off);
        parts.extend(lit.map(|(place, light)| format!("L{} {}", place + 1, light.word())));
        f.write_str(if parts.is_empty() { "dark" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}
