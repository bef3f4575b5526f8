//! What a correct tower does about each fault.

use voltower_core::values::FEEDBACK_TIME;
use voltower_core::{Alarm as A, Cause, Condition, ConditionSet, Duration, Fault as F};
use voltower_plant::Channel;

use super::{Class, Entry, Notice, Repair, Sight, When};
use crate::scenario::{BduSensor, ClockFault, Fault, FrameFault, HardwareFault as H};

const fn alarm(alarm: A) -> Condition {
    Condition::Alarm(alarm)
}

const fn fault(fault: F) -> Condition {
    Condition::Fault(fault)
}

const HOT: ConditionSet = ConditionSet::of(&[
    alarm(A::HighTemperature),
    fault(F::HighTemperature),
    alarm(A::LowTemperature),
    fault(F::LowTemperature),
    alarm(A::TemperatureDifference),
    fault(F::TemperatureDifference),
    alarm(A::AmbientTemperature),
    fault(F::AmbientTemperature),
]);
const CELL: ConditionSet = SPREAD.union(WARM_SPREAD).union(ConditionSet::of(&[
    alarm(A::OverVoltage),
    fault(F::OverVoltage),
    alarm(A::UnderVoltage),
    fault(F::LowVoltage),
    alarm(A::HighTemperature),
    fault(F::HighTemperature),
    fault(F::Cell),
    fault(F::Bms),
]));
const SAMPLING: ConditionSet = ConditionSet::of(&[fault(F::Sampling)]);
const SPREAD: ConditionSet = ConditionSet::of(&[alarm(A::VoltageDifference), fault(F::VoltageDifference)]);
const WARM_SPREAD: ConditionSet =
    ConditionSet::of(&[alarm(A::TemperatureDifference), fault(F::TemperatureDifference)]);
/// A reading that is wrong may look like anything that it measures.
const READINGS: ConditionSet = CELL.union(SAMPLING).union(ConditionSet::of(&[
    alarm(A::LowTemperature),
    fault(F::LowTemperature),
    alarm(A::OverCurrent),
    fault(F::OverCurrent),
]));
const CONVERTER: ConditionSet = ConditionSet::of(&[fault(F::Pcu)]);
const OTHER: ConditionSet = ConditionSet::of(&[fault(F::Other)]);
/// What a bus that is not held, or a module that is not reached, brings about.
const BUS: ConditionSet = ConditionSet::of(&[
    fault(F::Pcu),
    fault(F::Other),
    fault(F::Communication),
    alarm(A::OverCurrent),
    fault(F::OverCurrent),
    fault(F::Terminal),
    fault(F::Fuse),
]);
const WIRES: ConditionSet =
    ConditionSet::of(&[fault(F::Communication), alarm(A::Other), fault(F::SoftwareVersion)]);
const LOAD: ConditionSet = ConditionSet::of(&[alarm(A::OverCurrent), fault(F::OverCurrent), fault(F::Pcu)]);
/// Cells that are filled or emptied, and a bus that is pushed away from where it is held.
const RUNAWAY: ConditionSet = ConditionSet::of(&[
    alarm(A::VoltageDifference),
    alarm(A::OverVoltage),
    fault(F::OverVoltage),
    alarm(A::UnderVoltage),
    fault(F::LowVoltage),
    alarm(A::HighTemperature),
    fault(F::HighTemperature),
    fault(F::Bms),
    fault(F::Terminal),
]);
const HEAT_SINK: ConditionSet = ConditionSet::of(&[alarm(A::Other), fault(F::Pcu)]);
const AIR: ConditionSet = ConditionSet::of(&[alarm(A::AmbientTemperature), fault(F::AmbientTemperature)]);
const HOT_SPOT: ConditionSet = HEAT_SINK.union(BMS);
const FUSE: ConditionSet = ConditionSet::of(&[fault(F::Fuse)]);
const TERMINAL: ConditionSet = ConditionSet::of(&[fault(F::Terminal)]);
/// Swapped under power, they short the bus, and the fuse blows.
const REVERSED: ConditionSet = ConditionSet::of(&[fault(F::Terminal), fault(F::Fuse)]);
/// A relay that does not close is the converter's, a MOSFET that does not the BMS's; what does not open shows as
/// *other*, with its cause.
const FEEDBACK: ConditionSet = ConditionSet::of(&[fault(F::Pcu), fault(F::Other), fault(F::Bms)]);
/// With so much more at one cell, its voltage cannot be believed.
const CONTACT: ConditionSet = CELL_NAMED.union(SAMPLING);
/// A cell that is doubted is told as *other*, with the cause beside it.
const CELL_NAMED: ConditionSet = CELL.union(ConditionSet::of(&[alarm(A::Other)]));
const SHORT: ConditionSet =
    ConditionSet::of(&[fault(F::Fuse), fault(F::Pcu), fault(F::OverCurrent), fault(F::Other)]);
const PLUGS: ConditionSet = ConditionSet::of(&[
    alarm(A::Other),
    fault(F::Communication),
    fault(F::Terminal),
    fault(F::Pcu),
    fault(F::Other),
    fault(F::SoftwareVersion),
]);
const BMS: ConditionSet = ConditionSet::of(&[fault(F::Bms)]);
const OTHER_ALARM: ConditionSet = ConditionSet::of(&[alarm(A::Other)]);
const VERSION: ConditionSet = ConditionSet::of(&[fault(F::SoftwareVersion)]);
/// An inverter that takes what it wants, even from a bus that is just coming up.
const IGNORED: ConditionSet = ConditionSet::of(&[
    fault(F::Other),
    alarm(A::OverCurrent),
    fault(F::OverCurrent),
    fault(F::Pcu),
    alarm(A::OverVoltage),
    alarm(A::UnderVoltage),
    fault(F::OverVoltage),
    fault(F::LowVoltage),
    fault(F::Communication),
]);
const STOPPED: ConditionSet = BMS.union(SILENT);
const SILENT: ConditionSet = ConditionSet::of(&[fault(F::Communication)]);
/// A frame with a flipped bit may say anything.
const ANYTHING: ConditionSet = ConditionSet::ALL;
const NOTHING: ConditionSet = ConditionSet::EMPTY;

/// A sensor of the BDU that is off by more is noticed, V and A.
const MISREAD_VOLTS: f64 = 9.0;
const MISREAD_AMPS: f64 = 4.0;

/// A shunt that is off by more contradicts the losses of the converter, which are known to 2 A, at any current, A.
const COUNTED: f64 = 3.0;

const fn seconds(count: u64) -> Duration {
    Duration::secs(count)
}

const fn notice(conditions: ConditionSet, when: When, within: Duration) -> Notice {
    Notice { conditions, causes: &[], when, within }
}

impl Notice {
    const fn or(self, causes: &'static [Cause]) -> Self {
        Self { causes, ..self }
    }

    const fn noticed(self) -> Entry {
        Entry { class: Class::Noticed(self), may: NOTHING, repair: Repair::Person }
    }

    const fn beyond(self) -> Entry {
        Entry { class: Class::Beyond(self), may: NOTHING, repair: Repair::Person }
    }
}

impl Entry {
    const fn may(self, may: ConditionSet) -> Self {
        Self { may, ..self }
    }

    const fn exchanged(self) -> Self {
        Self { repair: Repair::Exchange, ..self }
    }
}

/// Sensors see it when this is so.
const fn depends(conditions: ConditionSet, sight: Sight, on: &'static str, within: u64) -> Notice {
    notice(conditions, When::Depends(sight, on), seconds(within))
}

const fn unseen(why: &'static str) -> Entry {
    Entry { class: Class::Unseen(why), may: NOTHING, repair: Repair::Person }
}

/// Two passes of a self test, and what a busy controller adds.
const SELF_TEST: Duration = Duration::mins(21);
/// A module that begins anew comes to its address, and is asked for what it is.
const ASKED: Duration = Duration::secs(30);

/// One table, so that a new fault is one entry.
macro_rules! entries {
    ($(#[$words:meta])* $visible:vis $name:ident of $fault:ty: $($pattern:pat => $entry:expr,)*) => {
        $(#[$words])*
        #[must_use]
        $visible fn $name(fault: &$fault) -> Entry {
            match fault {
                $($pattern => $entry,)*
            }
        }
    };
}

entries! {
    /// What a correct tower does about `fault`.
    pub entry of Fault:
    Fault::Hardware(fault) => hardware(fault),
    Fault::CutLink { .. } => {
        link(When::Running, &[Cause::ChainInterrupted, Cause::LinkOpen, Cause::Silent])
    },
    Fault::CutEnable { .. } => link(
        When::Depends(Sight::NoAddress, "a module behind the cut is given its address"),
        &[Cause::ChainInterrupted, Cause::Silent],
    ),
    Fault::EnableStuck { .. } => {
        link(When::Depends(Sight::OutOfTurn, "the modules above are given their addresses"), &[Cause::OutOfTurn])
    },
    Fault::LinkTerminatorMissing => resistor(&[Cause::TerminatorMissing]),
    Fault::LinkTerminatorDoubled => resistor(&[Cause::TerminatorDoubled]),
    Fault::LinkBabbling { .. } => {
        notice(NOTHING, When::Running, seconds(5)).or(&[Cause::Babbling]).noticed().may(WIRES)
    },
    Fault::LinkDeaf { .. } | Fault::LinkMute { .. } => {
        link(When::Running, &[Cause::Silent, Cause::ChainInterrupted])
    },
    Fault::ModuleReset { .. } => link(When::Running, &[Cause::Silent, Cause::ChainInterrupted]),
    Fault::RamStuckBit { .. } | Fault::ImageCorrupted { .. } => {
        notice(BMS, When::Awake, SELF_TEST).noticed()
    },
    Fault::BduRamStuckBit | Fault::BduImageCorrupted => notice(BMS, When::Awake, SELF_TEST).noticed(),
    Fault::BduReset => {
        unseen("the lights of a unit that is held in reset are dark; its modules leave the bus")
            .may(WIRES)
    },
    Fault::CutCom => notice(SILENT, When::Talking, seconds(10)).or(&[Cause::ComConflict]).noticed(),
    Fault::InverterSilent => notice(SILENT, When::Talking, seconds(10)).noticed(),
    Fault::ComStrapOpen => {
        depends(SILENT, Sight::WokeBeside, "a tower wakes beside another one with its address", 10)
            .or(&[Cause::ComConflict])
            .noticed()
    },
    Fault::InverterIgnoresLimits => {
        unseen("an inverter that asks for no more than the limit cannot be told from one that obeys it")
            .may(IGNORED)
    },
    Fault::WrongSoftware { .. } | Fault::WrongConverterSoftware { .. } => {
        notice(VERSION, When::Running, ASKED).or(&[Cause::Software]).noticed().may(WIRES)
    },
    Fault::SerialOf { .. } => notice(OTHER_ALARM, When::Running, ASKED)
        .or(&[Cause::SameSerial, Cause::Stranger])
        .noticed()
        .may(WIRES),
    Fault::LinkFrames { harm, .. } => link_frames(*harm),
    Fault::LinkBusOff { .. } => link(When::Running, &[Cause::Silent, Cause::ChainInterrupted]),
    Fault::BduLinkBusOff => {
        link(When::Running, &[Cause::Disturbed, Cause::Silent, Cause::ChainInterrupted])
    },
    Fault::BduLinkOpen => {
        notice(NOTHING, When::Running, seconds(5)).or(&[Cause::LinkOpen]).noticed().may(WIRES)
    },
    Fault::BduWrongSoftware { .. } => {
        notice(VERSION, When::Running, ASKED).or(&[Cause::Software]).noticed().may(WIRES)
    },
    Fault::ConfigurationBroken { .. } => notice(BMS, When::Awake, ASKED).noticed().may(WIRES),
    Fault::SecondBdu => notice(OTHER_ALARM, When::Running, seconds(5))
        .or(&[Cause::SecondUnit])
        .noticed()
        .may(WIRES),
    Fault::ModuleResetStorm { .. } => depends(
        BMS.union(SILENT),
        Sight::Away, "it is reset more than five times in ten minutes, or silent for a second until it is back",
        5,
    )
    .or(&[Cause::Silent, Cause::ChainInterrupted])
    .noticed()
    .may(WIRES),
    Fault::ModuleBrownOut { .. } | Fault::ModuleHangs { .. } => link(
        When::Depends(Sight::Away, "the module is silent for a second until it is back"),
        &[Cause::Silent, Cause::ChainInterrupted],
    ),
    Fault::BduBrownOut | Fault::BduResetStorm { .. } | Fault::BduHangs => {
        unseen("a unit that starts anew is dark for a moment; its modules leave the bus").may(WIRES.union(BMS))
    },
    Fault::ModuleClock { clock, .. } | Fault::BduClock { clock } => wrong_clock(*clock),
    Fault::ComFrames { .. } => {
        depends(SILENT, Sight::Chance, "the inverter's or another tower's frames are lost or changed so", 10)
            .or(&[Cause::ComConflict])
            .noticed()
    },
    Fault::ComFlood => unseen("an inquiry too many is what an inverter may send").may(SILENT),
    Fault::ComMalformed | Fault::ComReplay => {
        notice(SILENT, When::Talking, seconds(10)).or(&[Cause::ComConflict]).noticed().may(IGNORED)
    },
    Fault::InverterWrongSign => {
        unseen("the tower does not know which way the inverter wants its power").may(IGNORED)
    },
    Fault::InverterStale => {
        unseen("an inverter that asks for no more than the limit cannot be told from one that obeys it")
            .may(IGNORED)
    },
    Fault::InverterReconnects { .. } => {
        depends(SILENT, Sight::InverterAway, "it is silent for five seconds", 10).noticed().may(BUS)
    },
}

fn link_frames(harm: FrameFault) -> Entry {
    match harm {
        FrameFault::Destroyed => {
            depends(OTHER_ALARM, Sight::Chance, "the unit's own bus controller complains", 6)
                .or(&[Cause::Disturbed, Cause::Silent])
                .noticed()
                .may(WIRES)
        }
        FrameFault::Lost => link(
            When::Depends(Sight::Chance, "so many are lost in a row that a time-out passes"),
            &[Cause::Silent, Cause::ChainInterrupted],
        ),
        FrameFault::Doubled => unseen("what is said twice is what was said").may(WIRES),
        FrameFault::Late { .. } => {
            unseen("what is late by less than a time-out is used as if it were not").may(WIRES)
        }
        FrameFault::Falsified => {
            unseen("a flipped bit that the check sum lets pass looks like any other frame").may(ANYTHING)
        }
    }
}

fn wrong_clock(clock: ClockFault) -> Entry {
    match clock {
        ClockFault::Drift { .. } => unseen("nothing in a controller counts time but its clock"),
        ClockFault::Jump { .. } => link(
            When::Depends(Sight::Away, "the jump is longer than a time-out"),
            &[Cause::Silent, Cause::ChainInterrupted],
        )
        .may(READINGS),
        // Whose clock stands says so at once or never again: then it is the unit that finds it silent.
        ClockFault::Stopped => notice(STOPPED, When::Awake, seconds(3))
            .or(&[Cause::Silent, Cause::ChainInterrupted])
            .noticed()
            .may(WIRES),
    }
}

const fn link(when: When, causes: &'static [Cause]) -> Entry {
    notice(SILENT, when, Duration::secs(5)).or(causes).noticed().may(WIRES)
}

const fn resistor(causes: &'static [Cause]) -> Entry {
    notice(OTHER_ALARM, When::Running, Duration::secs(6)).or(causes).noticed().may(WIRES)
}

entries! {
    /// The same of the hardware.
    hardware of H:
    H::Heater { .. } => {
        depends(HOT, Sight::Level, "a temperature or a difference of two passes its limit", 5).beyond().may(SAMPLING)
    },
    H::AirAround { .. } => depends(AIR, Sight::Level, "the air in its case passes its limit", 20).noticed().may(HOT),
    H::HotSpot { .. } => depends(HOT_SPOT, Sight::Level, "heat sink or board passes its limit", 5)
        .or(&[Cause::HotElectronics])
        .noticed()
        .may(HOT.union(SAMPLING)),
    H::InternalShort { .. } => depends(CELL, Sight::Level, "the cell leaves the others in voltage or temperature", 15)
        .beyond()
        .may(SAMPLING)
        .exchanged(),
    H::WeakCell { .. } => depends(CELL_NAMED, Sight::Level, "the cell is full or empty before the others", 15)
        .or(&[Cause::CellAlone])
        .noticed()
        .may(SAMPLING)
        .exchanged(),
    H::LostContact { .. } => depends(CONTACT, Sight::Level, "the current makes 300 mV of the resistance", 15)
        .or(&[Cause::CellContact])
        .noticed(),
    H::CellWireOpen { .. } | H::NtcOpen { .. } | H::NtcShort { .. } => {
        notice(SAMPLING, When::Awake, seconds(3)).noticed().may(READINGS)
    },
    H::AfeSilent { .. } => notice(BMS, When::Awake, seconds(3)).noticed().may(READINGS),
    H::AfeFrozen { .. } => {
        depends(SAMPLING, Sight::Moved, "the converter's own current moves", 60).noticed().may(READINGS)
    },
    H::ShuntOpen { .. } => notice(SAMPLING, When::Loaded(7.0), seconds(15)).noticed().may(READINGS),
    H::ShuntReversed { .. } => notice(SAMPLING, When::Loaded(4.0), seconds(15)).noticed().may(READINGS),
    H::SensorOffset { kelvin, .. } => sensor_offset(*kelvin),
    H::CellVoltageOffset { volts, .. } => cell_offset(*volts),
    H::ShuntOffset { amps, .. } => shunt_offset(*amps),
    H::SensorStuck { channel, .. } => stuck(*channel),
    H::SensorNoise { .. } => unseen("noise inside the limits of every row").may(READINGS),
    H::SensorSwapped { .. } => unseen("two readings that are near each other").may(READINGS),
    H::PcuRunaway { .. } => depends(LOAD, Sight::Excess, "its power is more than was asked for, or nobody takes it", 10)
        .noticed()
        .may(RUNAWAY),
    H::PcuDead { .. } => {
        depends(CONVERTER, Sight::Wanted, "the bus asks for a quarter of its power", 10).noticed().may(BUS)
    },
    H::PcuEfficiencyLoss { .. } => depends(HEAT_SINK, Sight::Level, "the heat sink passes its limit", 5)
        .or(&[Cause::HotElectronics])
        .noticed()
        .may(READINGS),
    H::BlockedCooling { .. } => depends(HEAT_SINK, Sight::Level, "the heat sink passes its limit", 5)
        .or(&[Cause::HotElectronics])
        .noticed()
        .may(HOT),
    H::RelayStuckOpen { .. } => notice(CONVERTER, When::Contradicted, seconds(10)).noticed().may(BUS),
    H::RelayWelded { .. } | H::MosfetWelded { .. } => {
        notice(OTHER, When::Contradicted, seconds(3)).or(&[Cause::Contact]).noticed().may(BUS)
    },
    H::RelaySlow { seconds, .. } | H::MosfetSlow { seconds, .. } => late(*seconds),
    H::TerminalResistance { .. } => {
        depends(TERMINAL, Sight::TerminalDrop(10.0), "the current makes 5 V of the resistance", 6).noticed().may(BUS)
    },
    H::TerminalReversed { .. } => {
        depends(REVERSED, Sight::BusVoltage, "there is voltage on the bus", 6).noticed().may(BUS)
    },
    H::FuseBlown => {
        let on = "voltages before and after it differ by 10 V, and the DC switch is closed";
        depends(FUSE, Sight::FuseDrop, on, 3).noticed().may(BUS)
    },
    H::BusShort { .. } => depends(SHORT, Sight::NoBus, "the bus has voltage, or a start would bring it up", 20)
        .or(&[Cause::SoftStart])
        .beyond()
        .may(BUS),
    H::DcSwitchAux => {
        depends(OTHER, Sight::SwitchReadsOpen, "a current flows, or the bus moves by 40 V", 3)
            .or(&[Cause::DcSwitch])
            .noticed()
            .may(BUS)
    },
    H::BduSensorOffset { sensor, amount } => bdu_sensor_offset(*sensor, *amount),
    H::BduSensorStuck { .. } | H::BduSensorLost { .. } => bdu_sensor(),
    H::DcSwitchWelded | H::DcSwitchSlow { .. } => {
        depends(OTHER, Sight::SwitchCarries, "its handle is turned while a current flows", 3)
            .or(&[Cause::DcSwitch, Cause::BduSensor])
            .noticed()
            .may(BUS.union(OTHER_ALARM))
    },
    H::InsulationLoss { .. } => unseen("the inverter measures the insulation, the tower does not"),
    H::EarthMissing { .. } => unseen("no sensor of the tower looks at its earth wire"),
    H::Unplugged { .. } => notice(SILENT, When::Running, seconds(5))
        .or(&[Cause::ChainInterrupted, Cause::Silent, Cause::LinkOpen])
        .noticed()
        .may(PLUGS),
    H::CellVoltageGain { share, .. } => cell_offset(3.3 * share),
    H::ShuntGain { share, .. } => {
        let sight = Sight::ShuntOff(*share);
        depends(SAMPLING, sight, share_of_shunt(*share), 15).noticed().may(READINGS)
    },
    H::AfeLate { .. } => {
        unseen("what a cell was a few seconds ago is what it could be now").may(READINGS)
    },
    H::PackVoltageOffset { volts, .. } => pack_offset(*volts, When::Awake),
    H::ConverterVoltageOffset { volts, .. } => {
        pack_offset(*volts, When::Depends(Sight::Conducts, "its MOSFETs conduct"))
    },
    H::ComparatorStuck { .. } => notice(BMS, When::Awake, seconds(3)).noticed().may(READINGS),
    H::MosfetStuckOpen { .. } => {
        depends(BMS, Sight::Disobeyed, "it is driven closed", 3).or(&[Cause::Contact]).noticed().may(BUS)
    },
    H::Flash { .. } => depends(BMS, Sight::Chance, "something is written or read", 60).noticed().may(WIRES),
    H::RelayBounces { .. } => unseen("it is closed in the end; the converter waits for that").may(BUS),
    H::RelayFeedback { .. } | H::MosfetFeedback { .. } => {
        depends(FEEDBACK, Sight::FeedbackDiffers, "the contact is driven to where the feedback does not say", 3)
            .or(&[Cause::Contact])
            .noticed()
            .may(BUS)
    },
}

const fn share_of_shunt(share: f64) -> &'static str {
    if share.abs() < 0.1 {
        "the current makes 5 A of the share, which takes more than it may be"
    } else {
        "the current makes 5 A of the share"
    }
}

/// Modules and BDU may differ by 5 V, of which cables take 2.5 V, and by 3 A.
fn bdu_sensor_offset(sensor: BduSensor, amount: f64) -> Entry {
    let least = if sensor == BduSensor::Current { MISREAD_AMPS } else { MISREAD_VOLTS };
    if amount.abs() > least {
        bdu_sensor()
    } else {
        unseen("less than what BDU and modules may differ by").may(OTHER_ALARM.union(SAMPLING))
    }
}

/// No module is blamed, and the tower works on; one that starts with it tests itself, and may not start at all.
fn bdu_sensor() -> Entry {
    let sight = Sight::Misread { volts: MISREAD_VOLTS, amps: MISREAD_AMPS };
    depends(SAMPLING, sight, "it is off by 9 V, or 4 A, and all modules are heard", 6)
        .or(&[Cause::BduSensor])
        .noticed()
        .may(OTHER_ALARM)
}

/// Healthy sensors of a module differ by 2 K; the alarm is at 10 K.
fn sensor_offset(kelvin: f64) -> Entry {
    if kelvin.abs() >= 13.0 {
        notice(WARM_SPREAD, When::Awake, seconds(6)).noticed().may(READINGS)
    } else {
        unseen("less than what cells of one module may differ by").may(READINGS)
    }
}

/// The alarm for cells apart is at 300 mV.
fn cell_offset(volts: f64) -> Entry {
    if volts.abs() >= 0.35 {
        let words = "the cells are not nearly empty: there healthy ones differ as much";
        depends(SPREAD, Sight::CellsInUse, words, 15).noticed().may(READINGS)
    } else {
        unseen("less than what cells of one module may differ by").may(READINGS)
    }
}

/// Sum of the cells, divider and converter may differ by 2 %.
fn pack_offset(volts: f64, when: When) -> Entry {
    if volts.abs() >= 1.5 {
        notice(SAMPLING, when, seconds(15)).noticed().may(READINGS)
    } else {
        unseen("less than what two measurements of a pack may differ by").may(READINGS)
    }
}

/// Shunt and converter may differ by 5 A.
fn shunt_offset(amps: f64) -> Entry {
    if amps.abs() >= 6.0 {
        notice(SAMPLING, When::Awake, seconds(15)).noticed().may(READINGS)
    } else if amps.abs() >= COUNTED {
        depends(SAMPLING, Sight::Counted, "it has counted two ampere-hours beside the converter", 120)
            .or(&[Cause::Shunt])
            .noticed()
            .may(READINGS)
    } else {
        unseen("less than what shunt and converter may differ by").may(READINGS)
    }
}

fn stuck(channel: Channel) -> Entry {
    match channel {
        Channel::Cell(_) => {
            depends(SAMPLING, Sight::Moved, "the cells beside it move by more than five steps", 60)
                .noticed()
                .may(READINGS)
        }
        Channel::Temperature(_) => {
            depends(SAMPLING, Sight::Moved, "all others move by 2 K", 60).noticed().may(READINGS)
        }
        Channel::Current => {
            depends(SAMPLING, Sight::Moved, "the converter's own current moves", 60).noticed().may(READINGS)
        }
    }
}

/// What is later than contacts are waited for may be noticed.
fn late(delay: f64) -> Entry {
    if delay >= FEEDBACK_TIME.0 as f64 * 1e-6 {
        depends(FEEDBACK, Sight::Disobeyed, "it is switched, and the module looks at it meanwhile", 3)
            .or(&[Cause::Contact])
            .noticed()
            .may(BUS)
    } else {
        unseen("a delay within what contacts are waited for").may(BUS)
    }
}
