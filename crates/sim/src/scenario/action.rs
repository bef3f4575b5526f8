//! What happens in a run: people act, things break.

use voltower_core::{Duration, Instant};

use super::InverterMode;

/// Something that happens to the world.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub action: Action,
}

/// What people do, and what breaks. Towers and modules count from 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The black-start switch is held down for `hold`.
    Press {
        /// Of this tower.
        tower: usize,
        /// How long.
        hold: Duration,
    },
    /// The DC switch is turned.
    DcSwitch {
        /// Of this tower.
        tower: usize,
        /// To here.
        closed: bool,
    },
    /// Something breaks.
    Break {
        /// In this tower.
        tower: usize,
        /// What.
        fault: Fault,
    },
    /// Something that broke is made whole: the same fault, its size does not matter.
    Repair {
        /// In this tower.
        tower: usize,
        /// What.
        fault: Fault,
    },
    /// The public grid comes or goes.
    Grid {
        /// It is there.
        on: bool,
    },
    /// The inverter is set to another mode.
    Inverter(InverterMode),
    /// The program-control object asks the tower into or out of updating.
    Update {
        /// Of this tower.
        tower: usize,
        /// Into updating; otherwise out of it.
        start: bool,
    },
    /// The surroundings take another temperature, degC, until the end of the run.
    Ambient {
        /// From now on.
        celsius: f64,
    },
    /// A person puts a module on the stack, cables it and commissions the tower with it.
    Plug {
        /// On this tower.
        tower: usize,
        /// The module.
        module: usize,
    },
    /// A person takes a module away and commissions the tower without it.
    Unplug {
        /// From this tower.
        tower: usize,
        /// The module.
        module: usize,
    },
    /// A load on top of the house's, W, until the next such event; 0 removes it.
    Load {
        /// While it is on.
        watts: f64,
    },
}

/// Which MOSFET of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mosfet {
    /// The one that lets current in.
    Charge,
    /// The one that lets current out.
    Discharge,
}

/// A physical cause of trouble. Modules, cells and sensors count from 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// A heater on one cell or on all; negative power cools.
    Heater {
        /// In this module.
        module: usize,
        /// On this cell, or spread over all.
        cell: Option<usize>,
        /// In all, W.
        watts: f64,
    },
    /// A conducting path inside a cell.
    InternalShort {
        /// In this module.
        module: usize,
        /// This cell.
        cell: usize,
        /// Of the path.
        ohms: f64,
    },
    /// A cell that holds less than its neighbours.
    WeakCell {
        /// In this module.
        module: usize,
        /// This cell.
        cell: usize,
        /// What is left of its capacity, 0 to 1.
        capacity_share: f64,
    },
    /// A loose bus bar.
    LostContact {
        /// In this module.
        module: usize,
        /// At this cell.
        cell: usize,
        /// Added resistance.
        ohms: f64,
    },
    /// The measuring wire of a cell is off.
    CellWireOpen {
        /// In this module.
        module: usize,
        /// Of this cell.
        cell: usize,
    },
    /// A temperature sensor has no contact.
    NtcOpen {
        /// In this module.
        module: usize,
        /// This sensor.
        sensor: usize,
    },
    /// A temperature sensor is shorted.
    NtcShort {
        /// In this module.
        module: usize,
        /// This sensor.
        sensor: usize,
    },
    /// A temperature sensor reads wrong.
    SensorOffset {
        /// In this module.
        module: usize,
        /// This sensor.
        sensor: usize,
        /// Added to the truth, K.
        kelvin: f64,
    },
    /// The AFE no longer answers.
    AfeSilent {
        /// In this module.
        module: usize,
    },
    /// The AFE repeats its last conversion.
    AfeFrozen {
        /// In this module.
        module: usize,
    },
    /// The shunt amplifier has an offset.
    ShuntOffset {
        /// In this module.
        module: usize,
        /// Added to the truth, A.
        amps: f64,
    },
    /// The converter ignores its limits and pushes this power, W, positive into the pack.
    PcuRunaway {
        /// In this module.
        module: usize,
        /// Pushed.
        watts: f64,
    },
    /// The converter gives nothing.
    PcuDead {
        /// In this module.
        module: usize,
    },
    /// The converter wastes part of its power.
    PcuEfficiencyLoss {
        /// In this module.
        module: usize,
        /// Of the power, on top of its normal loss.
        share: f64,
    },
    /// The output relay does not open.
    RelayWelded {
        /// In this module.
        module: usize,
    },
    /// A MOSFET has failed short.
    MosfetWelded {
        /// In this module.
        module: usize,
        /// This one.
        mosfet: Mosfet,
    },
    /// A loose terminal B+ or B-.
    TerminalResistance {
        /// Of this module.
        module: usize,
        /// Added resistance.
        ohms: f64,
    },
    /// B+ and B- are swapped.
    TerminalReversed {
        /// Of this module.
        module: usize,
    },
    /// The fuse of the distribution unit is open.
    FuseBlown,
    /// A short at BAT OUT, outside the DC switch.
    BusShort {
        /// Of the short.
        ohms: f64,
    },
    /// The auxiliary contact of the DC switch lies.
    DcSwitchAuxiliary,
    /// The heat sink of a converter is covered.
    BlockedCooling {
        /// Of this module.
        module: usize,
    },
    /// The cables of a module have slipped out.
    Unplugged {
        /// Of this module.
        module: usize,
    },
    /// The Link cable is cut; everything beyond is silent.
    CutLink {
        /// Modules that still hear the distribution unit.
        after: usize,
    },
    /// The COM cable of this tower is cut.
    CutCom,
    /// The inverter no longer talks, and works on.
    InverterSilent,
    /// The inverter takes what it wants, whatever the battery allows.
    InverterIgnoresLimits,
    /// A module was fitted with other software; it answers with this version.
    WrongSoftware {
        /// In this module.
        module: usize,
        /// The version.
        version: String,
    },
}
