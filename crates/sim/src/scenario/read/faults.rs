//! What can break: the word of each fault, what is written with it, and what that means. One table, so that a new fault
//! is one entry.

use serde::Deserialize;
use toml::Spanned;
use voltower_core::Duration;
use voltower_plant::{BduSensor, CELL_SENSORS, CELLS, Channel, Fault as Hardware, FlashDefect, Mosfet, Spot};

use super::{Number, Reader, Result, Text, Unit};
use crate::scenario::{ClockFault, Fault, FrameFault};

/// Makes the enum that a file is read into, and the reading of its variants. Faults of the first part sit in a module,
/// which may be left out: the first one then.
macro_rules! faults {
    (
        in_module |$at:ident, $module:ident| {
            $($inside:ident { $($field:ident: $type:ty),* } => $meaning:expr;)*
        }
        elsewhere |$there:ident| {
            $($outside:ident { $($its_field:ident: $its_type:ty),* } => $its_meaning:expr;)*
        }
        bare {
            $($bare:ident => $bare_meaning:expr;)*
        }
    ) => {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub(in crate::scenario) enum RawFault {
            $($inside { module: Option<Number>, $($field: $type),* },)*
            $($outside { $($its_field: $its_type),* },)*
            $($bare,)*
        }

        impl RawFault {
            fn read(&self, $at: &Place<'_>) -> Result<Fault> {
                match self {
                    $(Self::$inside { module, $($field),* } => {
                        let $module = $at.module(module.as_ref())?;
                        Ok(Fault::from($meaning))
                    })*
                    $(Self::$outside { $($its_field),* } => {
                        let $there = $at;
                        Ok(Fault::from($its_meaning))
                    })*
                    $(Self::$bare => Ok(Fault::from($bare_meaning)),)*
                }
            }
        }
    };
}

faults! {
    in_module |at, module| {
        Heater { cell: Option<Number>, power: Text } => {
            let cell = cell.as_ref().map(|cell| at.cell(cell)).transpose()?;
            Hardware::Heater { module, cell, watts: at.watts(power)? }
        };
        InternalShort { cell: Number, resistance: Text } =>
            Hardware::InternalShort { module, cell: at.cell(cell)?, ohms: at.ohms(resistance)? };
        WeakCell { cell: Number, capacity: Text } =>
            Hardware::WeakCell { module, cell: at.cell(cell)?, capacity_share: at.capacity(capacity)? };
        LostContact { cell: Number, resistance: Text, rise: Option<Text> } => {
            let (cell, ohms) = (at.cell(cell)?, at.ohms(resistance)?);
            let ohms_per_hour = rise.as_ref().map_or(Ok(0.0), |rise| at.rise(rise))?;
            Hardware::LostContact { module, cell, ohms, ohms_per_hour }
        };
        CellWireOpen { cell: Number } => Hardware::CellWireOpen { module, cell: at.cell(cell)? };
        NtcOpen { sensor: Number } => Hardware::NtcOpen { module, sensor: at.sensor(sensor)? };
        NtcShort { sensor: Number } => Hardware::NtcShort { module, sensor: at.sensor(sensor)? };
        SensorOffset { sensor: Number, offset: Text } => {
            let kelvin = at.quantity("offset", Unit::Kelvin, offset)?;
            Hardware::SensorOffset { module, sensor: at.sensor(sensor)?, kelvin }
        };
        PackVoltageOffset { offset: Text } =>
            Hardware::PackVoltageOffset { module, volts: at.quantity("offset", Unit::Voltage, offset)? };
        ConverterVoltageOffset { offset: Text } =>
            Hardware::ConverterVoltageOffset { module, volts: at.quantity("offset", Unit::Voltage, offset)? };
        ComparatorStuck {} => Hardware::ComparatorStuck { module };
        AfeSilent {} => Hardware::AfeSilent { module };
        AfeFrozen {} => Hardware::AfeFrozen { module };
        CellVoltageOffset { cell: Number, offset: Text } => {
            let volts = at.quantity("offset", Unit::Voltage, offset)?;
            Hardware::CellVoltageOffset { module, cell: at.cell(cell)?, volts }
        };
        ShuntOffset { offset: Text } =>
            Hardware::ShuntOffset { module, amps: at.quantity("offset", Unit::Current, offset)? };
        ShuntOpen {} => Hardware::ShuntOpen { module };
        ShuntReversed {} => Hardware::ShuntReversed { module };
        SensorStuck { channel: Text } =>
            Hardware::SensorStuck { module, channel: at.channel("channel", channel)? };
        SensorNoise { channel: Text, sigma: Text } => {
            let channel = at.channel("channel", channel)?;
            Hardware::SensorNoise { module, channel, sigma: at.sigma(channel, sigma)? }
        };
        SensorSwapped { channel: Text, with: Text } => {
            let channel = at.channel("channel", channel)?;
            Hardware::SensorSwapped { module, channel, with: at.partner(channel, with)? }
        };
        PcuRunaway { power: Text } => Hardware::PcuRunaway { module, watts: at.watts(power)? };
        PcuDead {} => Hardware::PcuDead { module };
        PcuEfficiencyLoss { share: Text } =>
            Hardware::PcuEfficiencyLoss { module, share: at.loss(share)? };
        RelayWelded {} => Hardware::RelayWelded { module };
        RelayStuckOpen {} => Hardware::RelayStuckOpen { module };
        RelaySlow { delay: Text } => Hardware::RelaySlow { module, seconds: at.seconds(delay)? };
        MosfetWelded { mosfet: RawMosfet } => Hardware::MosfetWelded { module, mosfet: (*mosfet).into() };
        MosfetStuckOpen { mosfet: RawMosfet } =>
            Hardware::MosfetStuckOpen { module, mosfet: (*mosfet).into() };
        MosfetSlow { mosfet: RawMosfet, delay: Text } =>
            Hardware::MosfetSlow { module, mosfet: (*mosfet).into(), seconds: at.seconds(delay)? };
        TerminalResistance { resistance: Text } =>
            Hardware::TerminalResistance { module, ohms: at.ohms(resistance)? };
        TerminalReversed {} => Hardware::TerminalReversed { module };
        BlockedCooling {} => Hardware::BlockedCooling { module };
        InsulationLoss { resistance: Text } =>
            Hardware::InsulationLoss { module, ohms: at.ohms(resistance)? };
        EarthMissing {} => Hardware::EarthMissing { module };
        Unplugged {} => Hardware::Unplugged { module };
        WrongSoftware { version: Text } =>
            Fault::WrongSoftware { module, version: at.version(version)? };
        WrongConverterSoftware { version: Text } =>
            Fault::WrongConverterSoftware { module, version: at.version(version)? };
        SerialOf { like: Number } => Fault::SerialOf { module, like: at.like(like)? };
        ModuleReset {} => Fault::ModuleReset { module };
        RamStuckBit {} => Fault::RamStuckBit { module };
        ImageCorrupted {} => Fault::ImageCorrupted { module };
        EnableStuck {} => Fault::EnableStuck { module };
        LinkBabbling {} => Fault::LinkBabbling { module };
        LinkDeaf {} => Fault::LinkDeaf { module };
        LinkMute {} => Fault::LinkMute { module };
        FlashBitRot { bits: Number } => {
            let defect = FlashDefect::BitRot { bits: at.count("bits", bits)? };
            Hardware::Flash { module: Some(module), defect }
        };
        FlashEraseFails {} => Hardware::Flash { module: Some(module), defect: FlashDefect::EraseFails };
        FlashWorn {} => Hardware::Flash { module: Some(module), defect: FlashDefect::Worn };
        FlashCut { operation: Number } => {
            let defect = FlashDefect::Cut { after: at.count("operation", operation)? };
            Hardware::Flash { module: Some(module), defect }
        };
        CellVoltageGain { cell: Number, share: Text } => {
            let share = at.quantity("share", Unit::Share, share)?;
            Hardware::CellVoltageGain { module, cell: at.cell(cell)?, share }
        };
        ShuntGain { share: Text } =>
            Hardware::ShuntGain { module, share: at.quantity("share", Unit::Share, share)? };
        AfeLate { conversions: Number } =>
            Hardware::AfeLate { module, conversions: at.conversions(conversions)? };
        RelayBounces { time: Text } => {
            let time = at.reader.positive(&at.named("time"), time)?;
            Hardware::RelayBounces { module, seconds: time.0 as f64 * 1e-6 }
        };
        RelayFeedback { says: RawPosition } => Hardware::RelayFeedback { module, closed: says.closed() };
        MosfetFeedback { mosfet: RawMosfet, says: RawPosition } =>
            Hardware::MosfetFeedback { module, mosfet: (*mosfet).into(), closed: says.closed() };
        AirAround { temperature: Text } => {
            let celsius = at.quantity("temperature", Unit::Temperature, temperature)?;
            Hardware::AirAround { module, celsius }
        };
        HotSpot { spot: RawSpot, power: Text } =>
            Hardware::HotSpot { module, spot: (*spot).into(), watts: at.watts(power)? };
        ConfigurationBroken {} => Fault::ConfigurationBroken { module };
        LinkBusOff {} => Fault::LinkBusOff { module };
        ModuleBrownOut {} => Fault::ModuleBrownOut { module };
        ModuleResetStorm { every: Text } => Fault::ModuleResetStorm { module, every: at.every(every)? };
        ModuleHangs {} => Fault::ModuleHangs { module };
        ClockDrift { share: Text } => Fault::ModuleClock { module, clock: at.drift(share)? };
        ClockJump { by: Text, back: Option<bool> } =>
            Fault::ModuleClock { module, clock: at.jump(by, *back)? };
        ClockStopped {} => Fault::ModuleClock { module, clock: ClockFault::Stopped };
    }
    elsewhere |at| {
        BusShort { resistance: Text } => Hardware::BusShort { ohms: at.ohms(resistance)? };
        BduSensorOffset { sensor: Text, offset: Text } =>
{
            let sensor = at.bdu_sensor(sensor)?;
            Hardware::BduSensorOffset { sensor, amount: at.bdu_offset(sensor, offset)? }
        };
        BduSensorStuck { sensor: Text } => Hardware::BduSensorStuck { sensor: at.bdu_sensor(sensor)? };
        BduSensorLost { sensor: Text } => Hardware::BduSensorLost { sensor: at.bdu_sensor(sensor)? };
        DcSwitchSlow { delay: Text } => Hardware::DcSwitchSlow { seconds: at.seconds(delay)? };
        CutLink { after: Number } => Fault::CutLink { after: at.after(after)? };
        CutEnable { after: Number } => Fault::CutEnable { after: at.after(after)? };
        BduFlashBitRot { bits: Number } => {
            let defect = FlashDefect::BitRot { bits: at.count("bits", bits)? };
            Hardware::Flash { module: None, defect }
        };
        BduFlashCut { operation: Number } => {
            let defect = FlashDefect::Cut { after: at.count("operation", operation)? };
            Hardware::Flash { module: None, defect }
        };
        LinkFrames { harm: RawHarm, rate: Text, by: Option<Text> } =>
            Fault::LinkFrames { harm: at.harm(*harm, by.as_ref())?, rate: at.rate(rate)? };
        ComFrames { harm: RawHarm, rate: Text, by: Option<Text> } =>
            Fault::ComFrames { harm: at.harm(*harm, by.as_ref())?, rate: at.rate(rate)? };
        BduWrongSoftware { version: Text } => Fault::BduWrongSoftware { version: at.version(version)? };
        BduResetStorm { every: Text } => Fault::BduResetStorm { every: at.every(every)? };
        BduClockDrift { share: Text } => Fault::BduClock { clock: at.drift(share)? };
        BduClockJump { by: Text, back: Option<bool> } => Fault::BduClock { clock: at.jump(by, *back)? };
        InverterReconnects { every: Text } => Fault::InverterReconnects { every: at.every(every)? };
    }
    bare {
        FuseBlown => Hardware::FuseBlown;
        DcSwitchAuxiliary => Hardware::DcSwitchAux;
        DcSwitchWelded => Hardware::DcSwitchWelded;
        LinkTerminatorMissing => Fault::LinkTerminatorMissing;
        LinkTerminatorDoubled => Fault::LinkTerminatorDoubled;
        BduReset => Fault::BduReset;
        BduRamStuckBit => Fault::BduRamStuckBit;
        BduImageCorrupted => Fault::BduImageCorrupted;
        CutCom => Fault::CutCom;
        ComStrapOpen => Fault::ComStrapOpen;
        InverterSilent => Fault::InverterSilent;
        InverterIgnoresLimits => Fault::InverterIgnoresLimits;
        BduFlashEraseFails => Hardware::Flash { module: None, defect: FlashDefect::EraseFails };
        BduFlashWorn => Hardware::Flash { module: None, defect: FlashDefect::Worn };
        BduLinkBusOff => Fault::BduLinkBusOff;
        BduLinkOpen => Fault::BduLinkOpen;
        SecondBdu => Fault::SecondBdu;
        BduBrownOut => Fault::BduBrownOut;
        BduHangs => Fault::BduHangs;
        BduClockStopped => Fault::BduClock { clock: ClockFault::Stopped };
        ComFlood => Fault::ComFlood;
        ComMalformed => Fault::ComMalformed;
        ComReplay => Fault::ComReplay;
        InverterWrongSign => Fault::InverterWrongSign;
        InverterStale => Fault::InverterStale;
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum RawMosfet {
    Charge,
    Discharge,
}

impl From<RawMosfet> for Mosfet {
    fn from(raw: RawMosfet) -> Self {
        match raw {
            RawMosfet::Charge => Self::Charge,
            RawMosfet::Discharge => Self::Discharge,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum RawSpot {
    HeatSink,
    Mosfets,
}

impl From<RawSpot> for Spot {
    fn from(raw: RawSpot) -> Self {
        match raw {
            RawSpot::HeatSink => Self::HeatSink,
            RawSpot::Mosfets => Self::Mosfets,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum RawPosition {
    Open,
    Closed,
}

impl RawPosition {
    fn closed(self) -> bool {
        match self {
            Self::Open => false,
            Self::Closed => true,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum RawHarm {
    Destroyed,
    Lost,
    Doubled,
    Late,
    Falsified,
}

impl Reader<'_> {
    pub(super) fn fault(&self, field: &str, spanned: &Spanned<RawFault>, modules: usize) -> Result<Fault> {
        spanned.get_ref().read(&Place { reader: self, field, modules })
    }
}

/// Conversions that an AFE can be late (ours).
const LATE_MAX: usize = 1000;
/// How late a frame is unless the scenario says otherwise (ours).
const LATE: Duration = Duration::millis(50);

/// What the numbers of one fault mean.
struct Place<'a> {
    reader: &'a Reader<'a>,
    field: &'a str,
    modules: usize,
}

impl Place<'_> {
    fn named(&self, field: &str) -> String {
        format!("{}.{field}", self.field)
    }

    fn quantity(&self, field: &str, unit: Unit, text: &Text) -> Result<f64> {
        self.reader.quantity(&self.named(field), unit, text)
    }

    fn bdu_sensor(&self, text: &Text) -> Result<BduSensor> {
        let choices = [
            ("before-fuse", BduSensor::BeforeFuse),
            ("after-fuse", BduSensor::AfterFuse),
            ("outside", BduSensor::Outside),
            ("current", BduSensor::Current),
        ];
        self.reader.choice(&self.named("sensor"), text, &choices)
    }

    /// In the unit of the sensor.
    fn bdu_offset(&self, sensor: BduSensor, text: &Text) -> Result<f64> {
        let unit = match sensor {
            BduSensor::BeforeFuse | BduSensor::AfterFuse | BduSensor::Outside => Unit::Voltage,
            BduSensor::Current => Unit::Current,
        };
        self.quantity("offset", unit, text)
    }

    fn module(&self, number: Option<&Number>) -> Result<usize> {
        self.reader.index_or_first(&self.named("module"), number, self.modules, "module")
    }

    fn cell(&self, number: &Number) -> Result<usize> {
        self.reader.index(&self.named("cell"), number, CELLS, "cell")
    }

    fn sensor(&self, number: &Number) -> Result<usize> {
        self.reader.index(&self.named("sensor"), number, CELL_SENSORS, "sensor")
    }

    /// The module whose number another one has.
    fn like(&self, number: &Number) -> Result<usize> {
        self.reader.index(&self.named("like"), number, self.modules, "module")
    }

    fn version(&self, text: &Text) -> Result<String> {
        self.reader.version(&self.named("version"), text)
    }

    fn watts(&self, text: &Text) -> Result<f64> {
        self.quantity("power", Unit::Power, text)
    }

    fn ohms(&self, text: &Text) -> Result<f64> {
        let range = "a resistance above 0, for instance \"50 mohm\"";
        self.reader.within(&self.named("resistance"), Unit::Resistance, text, (1e-9, 1e9), range)
    }

    /// Ohms an hour.
    fn rise(&self, text: &Text) -> Result<f64> {
        let range = "a rise of 0 or more, for instance \"20 mohm/h\"";
        self.reader.within(&self.named("rise"), Unit::ResistanceRate, text, (0.0, 1e9), range)
    }

    /// Of what a converter moves.
    fn loss(&self, text: &Text) -> Result<f64> {
        let range = "a share from \"0 %\" to \"90 %\"";
        self.reader.within(&self.named("share"), Unit::Share, text, (0.0, 0.9), range)
    }

    fn capacity(&self, text: &Text) -> Result<f64> {
        self.reader.capacity(&self.named("capacity"), text)
    }

    fn seconds(&self, text: &Text) -> Result<f64> {
        let delay = self.reader.positive(&self.named("delay"), text)?;
        Ok(delay.0 as f64 * 1e-6)
    }

    fn conversions(&self, number: &Number) -> Result<usize> {
        Ok(self.reader.index(&self.named("conversions"), number, LATE_MAX, "conversion")? + 1)
    }

    fn every(&self, text: &Text) -> Result<Duration> {
        self.reader.positive(&self.named("every"), text)
    }

    fn rate(&self, text: &Text) -> Result<f64> {
        self.reader.within(&self.named("rate"), Unit::Share, text, (0.0, 1.0), "a rate of 0 % to 100 %")
    }

    /// `by` goes with frames that are late, and with no others.
    fn harm(&self, harm: RawHarm, by: Option<&Text>) -> Result<FrameFault> {
        if let (RawHarm::Destroyed | RawHarm::Lost | RawHarm::Doubled | RawHarm::Falsified, Some(by)) =
            (harm, by)
        {
            let error = self.reader.error(&self.named("by"), by.span(), "only late frames have a `by`");
            return Err(error.help("leave it out"));
        }
        Ok(match harm {
            RawHarm::Destroyed => FrameFault::Destroyed,
            RawHarm::Lost => FrameFault::Lost,
            RawHarm::Doubled => FrameFault::Doubled,
            RawHarm::Late => {
                let by = by.map_or(Ok(LATE), |by| self.reader.positive(&self.named("by"), by))?;
                FrameFault::Late { by }
            }
            RawHarm::Falsified => FrameFault::Falsified,
        })
    }

    fn drift(&self, text: &Text) -> Result<ClockFault> {
        let range = "a drift of -50 % to 50 %";
        let share = self.reader.within(&self.named("share"), Unit::Share, text, (-0.5, 0.5), range)?;
        Ok(ClockFault::Drift { share })
    }

    fn jump(&self, by: &Text, back: Option<bool>) -> Result<ClockFault> {
        let by = self.reader.positive(&self.named("by"), by)?;
        Ok(ClockFault::Jump { by, back: back.unwrap_or(false) })
    }

    /// `cell 4`, `temperature 2` or `current`.
    fn channel(&self, field: &str, text: &Text) -> Result<Channel> {
        let words = text.get_ref().0.trim();
        let (kind, number) = words.split_once(' ').unwrap_or((words, ""));
        let place = |count: usize| {
            let number = number.trim().parse::<usize>().ok();
            number.filter(|number| (1..=count).contains(number)).map(|number| number - 1)
        };
        let found = match kind {
            "cell" => place(CELLS).map(Channel::Cell),
            "temperature" => place(CELL_SENSORS).map(Channel::Temperature),
            "current" if number.is_empty() => Some(Channel::Current),
            _ => None,
        };
        found.ok_or_else(|| {
            let help = format!(
                "write \"cell 1\" to \"cell {CELLS}\", \"temperature 1\" to \"temperature {CELL_SENSORS}\" \
                 or \"current\""
            );
            let message = format!("`{words}` is no channel");
            self.reader.error(&self.named(field), text.span(), message).help(help)
        })
    }

    /// Noise in the unit of its channel.
    fn sigma(&self, channel: Channel, text: &Text) -> Result<f64> {
        let unit = match channel {
            Channel::Cell(_) => Unit::Voltage,
            Channel::Temperature(_) => Unit::Kelvin,
            Channel::Current => Unit::Current,
        };
        self.reader.within(&self.named("sigma"), unit, text, (0.0, 1e6), "a standard deviation of 0 or more")
    }

    /// The channel that another one can be exchanged with: of its kind, and not itself.
    fn partner(&self, channel: Channel, text: &Text) -> Result<Channel> {
        let with = self.channel("with", text)?;
        match (channel, with) {
            (Channel::Cell(one), Channel::Cell(other)) if one != other => Ok(with),
            (Channel::Temperature(one), Channel::Temperature(other)) if one != other => Ok(with),
            (Channel::Cell(_) | Channel::Temperature(_) | Channel::Current, _) => {
                let message = format!("`{}` cannot be exchanged with this channel", text.get_ref().0);
                let help = "name two cells or two temperatures; for the shunt see shunt-reversed";
                Err(self.reader.error(&self.named("with"), text.span(), message).help(help))
            }
        }
    }

    /// How many, at least one.
    fn count(&self, field: &str, number: &Number) -> Result<u32> {
        u32::try_from(*number.get_ref()).ok().filter(|count| *count > 0).ok_or_else(|| {
            let message = format!("{} of `{field}` cannot be", number.get_ref());
            self.reader.error(&self.named(field), number.span(), message).help("write 1 or more")
        })
    }

    /// Modules that still hear the distribution unit when the Link is cut.
    fn after(&self, number: &Number) -> Result<usize> {
        let after = *number.get_ref();
        if after >= self.modules {
            let message = format!("there is no cable after module {after}");
            let help = format!("write 0 (at the distribution unit) to {}", self.modules.saturating_sub(1));
            return Err(self.reader.error(&self.named("after"), number.span(), message).help(help));
        }
        Ok(after)
    }
}
