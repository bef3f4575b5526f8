//! What happens in a run: people act, things break.

use voltower_core::{Duration, Instant};
use voltower_plant as plant;

use super::InverterMode;
use crate::bus::FrameFault;

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

/// A cause of trouble: in the hardware of the tower, on its wires, or in what it talks to.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// In the hardware.
    Hardware(plant::Fault),
    /// The Link cable is cut; everything beyond is silent.
    CutLink {
        /// Modules that still hear the distribution unit.
        after: usize,
    },
    /// Only the enable wire in the Link cable is broken.
    CutEnable {
        /// Modules that still get their enable line.
        after: usize,
    },
    /// A module takes its enable line for active whatever the wire says, and answers out of turn.
    EnableStuck {
        /// This module.
        module: usize,
    },
    /// Nobody has plugged a terminal resistor into the last module.
    LinkTerminatorMissing,
    /// There are two of them.
    LinkTerminatorDoubled,
    /// A module fills the Link with frames.
    LinkBabbling {
        /// This module.
        module: usize,
    },
    /// Nothing that is said on the Link gets through to a module.
    LinkDeaf {
        /// This module.
        module: usize,
    },
    /// Nothing that a module says on the Link is heard.
    LinkMute {
        /// This module.
        module: usize,
    },
    /// A module is held in reset; afterwards it starts anew with what it had stored.
    ModuleReset {
        /// This module.
        module: usize,
    },
    /// A bit in the memory of a module's controller is stuck.
    RamStuckBit {
        /// This module.
        module: usize,
    },
    /// A bit in the program image of a module's controller has flipped.
    ImageCorrupted {
        /// This module.
        module: usize,
    },
    /// A bit in the memory of the distribution unit's controller is stuck.
    BduRamStuckBit,
    /// A bit in the program image of the distribution unit's controller has flipped.
    BduImageCorrupted,
    /// The distribution unit is held in reset; afterwards it starts anew.
    BduReset,
    /// The COM cable of this tower is cut.
    CutCom,
    /// Only the strap wire in the COM cable of this tower is broken, which makes a tower the second one.
    ComStrapOpen,
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
    /// A module was fitted with other converter software; it answers with this version.
    WrongConverterSoftware {
        /// In this module.
        module: usize,
        /// The version.
        version: String,
    },
    /// A module has the serial number of another one of its tower.
    SerialOf {
        /// This module.
        module: usize,
        /// The one whose number it has.
        like: usize,
    },
    /// Frames on the Link come to harm, one by one.
    LinkFrames {
        /// What becomes of them.
        harm: FrameFault,
        /// Of this share, 0 to 1.
        rate: f64,
    },
    /// A module destroys every frame that it sends itself: it is in bus-off.
    LinkBusOff {
        /// This module.
        module: usize,
    },
    /// So does the distribution unit.
    BduLinkBusOff,
    /// The Link cable is off at the distribution unit, with the resistor in its plug: no wire is left on its side.
    BduLinkOpen,
    /// The distribution unit was fitted with other software, of this version: all its modules differ from it.
    BduWrongSoftware {
        /// The version.
        version: String,
    },
    /// Somebody has written settings into a module's memory that break a relation; it starts anew with them.
    ConfigurationBroken {
        /// This module.
        module: usize,
    },
    /// A second distribution unit, switched on, is plugged into the Link.
    SecondBdu,
    /// The supply of a module's controller sags for a moment: it starts anew with what it had stored.
    ModuleBrownOut {
        /// This module.
        module: usize,
    },
    /// That of the distribution unit's does.
    BduBrownOut,
    /// A module starts anew again and again.
    ModuleResetStorm {
        /// This module.
        module: usize,
        /// From one reset to the next.
        every: Duration,
    },
    /// The distribution unit does.
    BduResetStorm {
        /// From one reset to the next.
        every: Duration,
    },
    /// The program of a module hangs, its pins stay as they are, until its watchdog resets it.
    ModuleHangs {
        /// This module.
        module: usize,
    },
    /// That of the distribution unit does.
    BduHangs,
    /// The clock of a module's controller is wrong.
    ModuleClock {
        /// This module.
        module: usize,
        /// How.
        clock: ClockFault,
    },
    /// That of the distribution unit's is.
    BduClock {
        /// How.
        clock: ClockFault,
    },
    /// Frames on COM come to harm, one by one.
    ComFrames {
        /// What becomes of them.
        harm: FrameFault,
        /// Of this share, 0 to 1.
        rate: f64,
    },
    /// A device on COM fills it with inquiries that look like the inverter's.
    ComFlood,
    /// A device on COM sends frames with the right identifiers and contents that mean nothing.
    ComMalformed,
    /// A device on COM sends again what it has heard there before.
    ComReplay,
    /// The inverter charges when it should discharge, and the other way round.
    InverterWrongSign,
    /// The inverter works on with what the battery last said, whatever it says now.
    InverterStale,
    /// The inverter starts anew again and again.
    InverterReconnects {
        /// After it has run for so long.
        every: Duration,
    },
}

/// What is wrong with a controller's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockFault {
    /// It runs too fast by this share, or too slow.
    Drift {
        /// More than 0: too fast.
        share: f64,
    },
    /// It jumps, once.
    Jump {
        /// So far.
        by: Duration,
        /// Back, not ahead.
        back: bool,
    },
    /// It stands still.
    Stopped,
}

impl From<plant::Fault> for Fault {
    fn from(fault: plant::Fault) -> Self {
        Self::Hardware(fault)
    }
}
