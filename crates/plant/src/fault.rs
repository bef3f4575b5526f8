//! Everything that can break, each switchable at any time and repairable.

use crate::flash::FlashDefect;

/// One of the two MOSFETs of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mosfet {
    /// Lets current in.
    Charge,
    /// Lets current out.
    Discharge,
}

/// Where the electronics of a module get warm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Heat sink of the converter.
    HeatSink,
    /// Board of the MOSFETs.
    Mosfets,
}

/// A measuring channel of a module's AFE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Voltage of this cell.
    Cell(usize),
    /// Temperature of this sensor at the cells.
    Temperature(usize),
    /// Current of the pack.
    Current,
}

/// A physical fault. Modules, cells and sensors count from 0; those that do not exist are ignored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// A heat source at one cell, or spread over all; negative cools.
    Heater {
        /// Module.
        module: usize,
        /// Cell; `None` spreads the heat evenly.
        cell: Option<usize>,
        /// Heat flow, W.
        watts: f64,
    },
    /// A resistor inside a cell, across its terminals.
    InternalShort {
        /// Module.
        module: usize,
        /// Cell.
        cell: usize,
        /// Resistance, ohm.
        ohms: f64,
    },
    /// A cell has lost capacity; it keeps its state of charge at that moment.
    WeakCell {
        /// Module.
        module: usize,
        /// Cell.
        cell: usize,
        /// Share of its capacity that is left.
        capacity_share: f64,
    },
    /// A loose busbar: resistance in series with a cell, inside its sense wires, that may grow.
    LostContact {
        /// Module.
        module: usize,
        /// Cell.
        cell: usize,
        /// Resistance at that moment, ohm.
        ohms: f64,
        /// What it gains from then on, ohm an hour; 0: it stays.
        ohms_per_hour: f64,
    },
    /// A sense wire is broken: the open-wire check gives no reading.
    CellWireOpen {
        /// Module.
        module: usize,
        /// Cell.
        cell: usize,
    },
    /// A thermistor is open.
    NtcOpen {
        /// Module.
        module: usize,
        /// Sensor.
        sensor: usize,
    },
    /// A thermistor is shorted.
    NtcShort {
        /// Module.
        module: usize,
        /// Sensor.
        sensor: usize,
    },
    /// The AFE's own divider over the whole pack reads wrong by a constant.
    PackVoltageOffset {
        /// Module.
        module: usize,
        /// Error, V.
        volts: f64,
    },
    /// The converter reads the voltage on its pack side wrong by a constant.
    ConverterVoltageOffset {
        /// Module.
        module: usize,
        /// Error, V.
        volts: f64,
    },
    /// A thermistor reads wrong by a constant.
    SensorOffset {
        /// Module.
        module: usize,
        /// Sensor.
        sensor: usize,
        /// Error, K.
        kelvin: f64,
    },
    /// The AFE reads one cell wrong by a constant.
    CellVoltageOffset {
        /// Module.
        module: usize,
        /// Cell.
        cell: usize,
        /// Error, V.
        volts: f64,
    },
    /// The AFE does not answer any more: no new conversions. Its comparator works on.
    AfeSilent {
        /// Module.
        module: usize,
    },
    /// The AFE answers with fresh conversion numbers and old data.
    AfeFrozen {
        /// Module.
        module: usize,
    },
    /// The registers of the AFE's comparator hold what they hold after power-on, which is off, and take nothing else.
    ComparatorStuck {
        /// Module.
        module: usize,
    },
    /// The shunt amplifier reads wrong by a constant.
    ShuntOffset {
        /// Module.
        module: usize,
        /// Error, A.
        amps: f64,
    },
    /// The shunt amplifier's input is open: it reads its own offset, whatever flows.
    ShuntOpen {
        /// Module.
        module: usize,
    },
    /// The two sense wires of the shunt are swapped: charging reads as discharging.
    ShuntReversed {
        /// Module.
        module: usize,
    },
    /// A channel repeats its last value, the others are converted on.
    SensorStuck {
        /// Module.
        module: usize,
        /// Which one.
        channel: Channel,
    },
    /// A channel carries noise on top of its own.
    SensorNoise {
        /// Module.
        module: usize,
        /// Which one.
        channel: Channel,
        /// One standard deviation, in V, K or A.
        sigma: f64,
    },
    /// The wires of two channels of a kind are exchanged. Of two cells the balancing resistors, which sit on these
    /// wires, are exchanged with them.
    SensorSwapped {
        /// Module.
        module: usize,
        /// One of them.
        channel: Channel,
        /// The other one.
        with: Channel,
    },
    /// The control loop of the power stage has failed: while gated, it moves this power whatever it is told.
    PcuRunaway {
        /// Module.
        module: usize,
        /// Power at the bus, W, positive while charging.
        watts: f64,
    },
    /// The power stage does not switch any more.
    PcuDead {
        /// Module.
        module: usize,
    },
    /// The power stage loses this share of its power on top.
    PcuEfficiencyLoss {
        /// Module.
        module: usize,
        /// Share of the power.
        share: f64,
    },
    /// The output relay does not open any more.
    RelayWelded {
        /// Module.
        module: usize,
    },
    /// The output relay does not close any more.
    RelayStuckOpen {
        /// Module.
        module: usize,
    },
    /// The output relay sticks: it opens and closes so much later.
    RelaySlow {
        /// Module.
        module: usize,
        /// Delay, s, to the step that the tower is moved on with.
        seconds: f64,
    },
    /// A MOSFET's driver is weak: it opens and closes so much later.
    MosfetSlow {
        /// Module.
        module: usize,
        /// Which one.
        mosfet: Mosfet,
        /// Delay, s, to the step that the tower is moved on with.
        seconds: f64,
    },
    /// A MOSFET has failed short.
    MosfetWelded {
        /// Module.
        module: usize,
        /// Which one.
        mosfet: Mosfet,
    },
    /// A MOSFET's driver is dead: it does not close any more.
    MosfetStuckOpen {
        /// Module.
        module: usize,
        /// Which one.
        mosfet: Mosfet,
    },
    /// A loose B+ or B- plug: resistance in series with the module.
    TerminalResistance {
        /// Module.
        module: usize,
        /// Resistance, ohm.
        ohms: f64,
    },
    /// B+ and B- are swapped.
    TerminalReversed {
        /// Module.
        module: usize,
    },
    /// The fuse has blown; repairing it fits a new one.
    FuseBlown,
    /// A resistor across BAT OUT, outside the DC switch.
    BusShort {
        /// Resistance, ohm.
        ohms: f64,
    },
    /// The wire of the DC switch's auxiliary contact is broken: it reads open.
    DcSwitchAux,
    /// The DC switch does not open any more.
    DcSwitchWelded,
    /// The DC switch's mechanism sticks: its contacts open and close so much after its handle and auxiliary contact.
    DcSwitchSlow {
        /// Delay, s, to the step that the tower is moved on with.
        seconds: f64,
    },
    /// Nothing cools the heat sink.
    BlockedCooling {
        /// Module.
        module: usize,
    },
    /// A path from B+ to the case of a module.
    InsulationLoss {
        /// Module.
        module: usize,
        /// Resistance, ohm, at least 1.
        ohms: f64,
    },
    /// The earth wire of a module is missing: its case floats.
    EarthMissing {
        /// Module.
        module: usize,
    },
    /// The module is taken out of the stack: off the bus and off the Link supply.
    Unplugged {
        /// Module.
        module: usize,
    },
    /// A flash is defective.
    Flash {
        /// Module; `None` is the distribution unit's.
        module: Option<usize>,
        /// What is wrong with it.
        defect: FlashDefect,
    },
    /// The AFE reads one cell wrong by a share of its voltage.
    CellVoltageGain {
        /// Module.
        module: usize,
        /// Cell.
        cell: usize,
        /// What it reads too much, as a share.
        share: f64,
    },
    /// The shunt amplifier reads wrong by a share of the current.
    ShuntGain {
        /// Module.
        module: usize,
        /// What it reads too much, as a share.
        share: f64,
    },
    /// The AFE gives out what it converted so many conversions before, under fresh numbers.
    AfeLate {
        /// Module.
        module: usize,
        /// Conversions between measuring and giving out.
        conversions: usize,
    },
    /// The contacts of the output relay jump when they close: they part and touch with every step of the tower.
    RelayBounces {
        /// Module.
        module: usize,
        /// For so long, s.
        seconds: f64,
    },
    /// The auxiliary contact of the output relay always says the same.
    RelayFeedback {
        /// Module.
        module: usize,
        /// What it says.
        closed: bool,
    },
    /// The AFE always sees the same state of a MOSFET.
    MosfetFeedback {
        /// Module.
        module: usize,
        /// Which one.
        mosfet: Mosfet,
        /// What it sees.
        closed: bool,
    },
    /// A sensor of the distribution unit reads wrong by a constant.
    BduSensorOffset {
        /// Which one.
        sensor: BduSensor,
        /// Error, V, or A of the current.
        amount: f64,
    },
    /// The air around a module has another temperature than the room: a stove or an open window beside it.
    AirAround {
        /// Module.
        module: usize,
        /// Of the air, degC.
        celsius: f64,
    },
    /// A part of a module's electronics makes more heat: a loose screw, a regulator that is half broken.
    HotSpot {
        /// Module.
        module: usize,
        /// Where.
        spot: Spot,
        /// Heat flow, W.
        watts: f64,
    },
    /// A sensor of the distribution unit repeats its last value.
    BduSensorStuck {
        /// Which one.
        sensor: BduSensor,
    },
    /// The wire of a sensor of the distribution unit is off: its input is pulled down and reads zero.
    BduSensorLost {
        /// Which one.
        sensor: BduSensor,
    },
}

/// A sensor of the distribution unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BduSensor {
    /// Bus voltage before the fuse.
    BeforeFuse,
    /// Voltage between fuse and DC switch.
    AfterFuse,
    /// Voltage outside the DC switch.
    Outside,
    /// Current of the tower.
    Current,
}

impl BduSensor {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::BeforeFuse, Self::AfterFuse, Self::Outside, Self::Current];
}

impl Fault {
    /// The module that it is in; `None` for the bus and the distribution unit.
    #[must_use]
    pub fn module(&self) -> Option<usize> {
        match *self {
            Self::Heater { module, .. }
            | Self::InternalShort { module, .. }
            | Self::WeakCell { module, .. }
            | Self::LostContact { module, .. }
            | Self::CellWireOpen { module, .. }
            | Self::NtcOpen { module, .. }
            | Self::NtcShort { module, .. }
            | Self::PackVoltageOffset { module, .. }
            | Self::ConverterVoltageOffset { module, .. }
            | Self::SensorOffset { module, .. }
            | Self::CellVoltageOffset { module, .. }
            | Self::AfeSilent { module }
            | Self::AfeFrozen { module }
            | Self::ComparatorStuck { module }
            | Self::ShuntOffset { module, .. }
            | Self::ShuntOpen { module }
            | Self::ShuntReversed { module }
            | Self::SensorStuck { module, .. }
            | Self::SensorNoise { module, .. }
            | Self::SensorSwapped { module, .. }
            | Self::PcuRunaway { module, .. }
            | Self::PcuDead { module }
            | Self::PcuEfficiencyLoss { module, .. }
            | Self::RelayWelded { module }
            | Self::RelayStuckOpen { module }
            | Self::RelaySlow { module, .. }
            | Self::MosfetSlow { module, .. }
            | Self::MosfetWelded { module, .. }
            | Self::MosfetStuckOpen { module, .. }
            | Self::TerminalResistance { module, .. }
            | Self::TerminalReversed { module }
            | Self::BlockedCooling { module }
            | Self::InsulationLoss { module, .. }
            | Self::EarthMissing { module }
            | Self::Unplugged { module }
            | Self::CellVoltageGain { module, .. }
            | Self::ShuntGain { module, .. }
            | Self::AfeLate { module, .. }
            | Self::RelayBounces { module, .. }
            | Self::RelayFeedback { module, .. }
            | Self::AirAround { module, .. }
            | Self::HotSpot { module, .. }
            | Self::MosfetFeedback { module, .. } => Some(module),
            Self::Flash { module, .. } => module,
            Self::FuseBlown
            | Self::BusShort { .. }
            | Self::DcSwitchAux
            | Self::DcSwitchWelded
            | Self::DcSwitchSlow { .. }
            | Self::BduSensorOffset { .. }
            | Self::BduSensorStuck { .. }
            | Self::BduSensorLost { .. } => None,
        }
    }
}
