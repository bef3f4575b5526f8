//! The dictionary of a battery module.

use super::common::{self, CommandPart, EVENT_NAMES, EVENTS, LimitPart, ReasonPart, SelfTestPart};
use super::kept::{self, BlackboxPart, FramePart, LifetimePart, MemoryPart};
use super::{
    AMPERE, AMPERE_HOUR, BUS_VOLT, CELL, CELSIUS, MODULE_PRODUCT, PERCENT, REASON_PLACES, REVISION, VENDOR,
    VOLT, WATT, sends, series,
};
use crate::canopen::{DataType, Dictionary, Direction, Entry, Meaning, Object, Pace, Pdo, Source};
use crate::link as wire;
use crate::link::{FullChargeWish, Way};
use voltower_core::Threshold;
use voltower_core::levels::Unit;
use voltower_core::values::MODULE_POWER;

/// What a module's dictionary reads of its controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModuleField {
    /// Program control (CiA 302): write 0 to stop the program (update), 1 to start it. U8.
    ProgramControl,
    /// Codes of module and converter in one byte, as the status frame carries them. U8.
    States,
    /// [`ModuleState`](voltower_core::ModuleState) code. U8.
    State,
    /// [`PcuState`](voltower_core::PcuState) code. U8.
    PcuState,
    /// State of charge, 0.1 %. U16.
    Soc,
    /// State of charge that decisions use, 0.1 %. U16.
    Estimate,
    /// The state of charge is not below this, 0.1 %. U16.
    EstimateLow,
    /// The state of charge is not above this, 0.1 %. U16.
    EstimateHigh,
    /// Bits of a [`FullChargeWish`]. U8.
    FullChargeWish,
    /// Cell whose contact or sense wire is doubted, from 1; 0 for none. U8.
    DoubtedCell,
    /// Time since the AFE's last conversion, ms: cells and temperatures are as old. U16.
    ReadingsAge,
    /// Time between its last two, ms. U16.
    ConversionGap,
    /// What people are not shown yet: the estimate less the state of charge that is shown, 0.1 %. I16.
    HeldBack,
    /// State of health, 0.1 %. U16.
    Health,
    /// Bits of the [`ConditionSet`](voltower_core::ConditionSet). U32.
    Conditions,
    /// Those that wait for a person. U32.
    LockedOut,
    /// Counter of status frames. U8.
    Sequence,
    /// Equivalent full cycles. U16.
    Cycles,
    /// Charge left, 0.1 Ah. U16.
    Remaining,
    /// Full charge, 0.1 Ah. U16.
    Full,
    /// Pack voltage, mV. U16.
    PackVoltage,
    /// Pack current, 10 mA, positive while charging. I16.
    PackCurrent,
    /// Voltage at the terminals, 0.1 V. I16.
    TerminalVoltage,
    /// Current at the bus, 10 mA, positive while charging. I16.
    BusCurrent,
    /// Voltage of the converter's capacitor, mV. I32.
    CapacitorVoltage,
    /// Set-point of the droop line, mV. I32.
    SetPoint,
    /// What it can take and give.
    Limit(LimitPart),
    /// Why its limits are what they are.
    Reason(ReasonPart),
    /// Voltage of cell 1 to 16, mV, 0xFFFF if not read. U16.
    Cell(u8),
    /// Temperature of sensor 1 to 4, 0.1 degC, 0x7FFF if not read. I16.
    Temperature(u8),
    /// MOSFET temperature, 0.1 degC, 0x7FFF if not read. I16.
    MosTemperature,
    /// Ambient temperature, 0.1 degC, 0x7FFF if not read. I16.
    AmbientTemperature,
    /// Heat sink temperature, 0.1 degC, 0x7FFF if not read. I16.
    HeatSink,
    /// Balancing switches, bit 0 = cell 1. U16.
    Balancing,
    /// The enable line at Link In is active. U8.
    LinkIn,
    /// It drives the enable line at Link Out. U8.
    LinkOut,
    /// Events there ever were. U32.
    EventCount,
    /// The event that was the newest but so many, from 1. U64.
    Event(u8),
    /// What the tests of its own electronics have come to.
    SelfTest(SelfTestPart),
    /// Charge power at most, W; can be written. U16.
    ChargeLimit,
    /// Discharge power at most, W; can be written. U16.
    DischargeLimit,
    /// What the installer calls it; can be written. Text.
    Label,
    /// Write 1 to clear lock-outs. U8.
    ClearLockOuts,
    /// The last command heard.
    Command(CommandPart),
    /// Its memory, and its starts.
    Memory(MemoryPart),
    /// A freeze-frame.
    Frame(FramePart),
    /// The seconds before the first fault.
    Blackbox(BlackboxPart),
    /// What it has gone through.
    Lifetime(LifetimePart),
    /// Bits of what was found: a [`FindingSet`](voltower_core::FindingSet). U64.
    Findings,
    /// A level of its protection; can be written. U16 in mV, I16 in 10 mA or 0.1 degC.
    Level(Threshold),
    /// [`Relation`](voltower_core::Relation) code of what the stored configuration breaks, 0 for nothing. U8.
    Broken,
    /// [`Relation`](voltower_core::Relation) code of what the last write to a level would break, 0 if it was taken, or
    /// refused because it needs a person. U8.
    Refused,
    /// Write 1 to have our own levels again, and the rating for powers that cannot be. U8.
    Restore,
}

use ModuleField as M;

/// The dictionary of a battery module.
pub const MODULE_DICTIONARY: &Dictionary<ModuleField> = &Dictionary {
    device: "BTS 5K",
    identity: [VENDOR, MODULE_PRODUCT, REVISION],
    common: common::OBJECTS,
    objects: OBJECTS,
    pdos: PDOS,
};

const OBJECTS: &[Object<M>] = {
    use DataType::{Text, U8, U16, U32};
    &[
        Object { index: 0x1016, name: "consumer heartbeat time", entries: &[HEARTBEAT] },
        Object {
            index: 0x1F51,
            name: "program control",
            entries: &[
                Entry::field(1, "BMS and PCU program", U8, M::ProgramControl, Meaning::Plain).writable(0, 1)
            ],
        },
        Object {
            index: 0x1F57,
            name: "flash status",
            entries: &[Entry::constant(1, "BMS and PCU program", U32, 0)],
        },
        Object { index: 0x2000, name: "status", entries: &STATUS },
        Object { index: 0x2001, name: "power", entries: &POWER },
        Object { index: 0x2002, name: "limits", entries: &LIMITS },
        Object { index: 0x2003, name: "cells", entries: &cells() },
        Object { index: 0x2004, name: "temperatures", entries: &TEMPERATURES },
        Object {
            index: 0x2005,
            name: "balancing",
            entries: &[Entry::field(0, "balancing switches", U16, M::Balancing, Meaning::Hexadecimal)],
        },
        Object {
            index: 0x2006,
            name: "versions",
            entries: &[
                Entry::new(1, "serial number", Text, Source::Serial),
                Entry::new(2, "converter software", Text, Source::PcuSoftware),
            ],
        },
        Object {
            index: 0x2007,
            name: "address",
            entries: &[
                Entry::field(1, "Link In enabled", U8, M::LinkIn, Meaning::YesNo),
                Entry::field(2, "Link Out enabled", U8, M::LinkOut, Meaning::YesNo),
            ],
        },
        Object { index: 0x200A, name: "reasons", entries: &REASONS },
        Object { index: 0x200B, name: "estimate", entries: &ESTIMATE },
        Object {
            index: 0x200C,
            name: "readings",
            entries: &[
                Entry::field(1, "age of the readings", U16, M::ReadingsAge, MILLISECONDS),
                Entry::field(2, "time between conversions", U16, M::ConversionGap, MILLISECONDS),
            ],
        },
        Object {
            index: 0x2010,
            name: "event count",
            entries: &[Entry::field(0, "events ever", U32, M::EventCount, Meaning::Plain)],
        },
        Object { index: 0x2011, name: "event log", entries: &events() },
        Object { index: 0x2012, name: "self tests", entries: &SELF_TESTS },
        Object {
            index: 0x2013,
            name: "findings",
            entries: &[Entry::field(0, "findings", DataType::U64, M::Findings, Meaning::Findings)],
        },
        Object { index: 0x2014, name: "memory", entries: &MEMORY },
        Object { index: 0x2015, name: "freeze-frame", entries: &kept::FRAME },
        Object { index: 0x2016, name: "blackbox", entries: &kept::BLACKBOX },
        Object { index: 0x2017, name: "lifetime", entries: &kept::LIFETIME },
        Object { index: 0x2018, name: "times that came", entries: &kept::TIMES },
        Object { index: 0x2020, name: "configuration", entries: &CONFIGURATION },
        Object {
            index: 0x2021,
            name: "lock-outs",
            entries: &[
                Entry::field(1, "locked out", U32, M::LockedOut, Meaning::Conditions),
                Entry::field(2, "clear", U8, M::ClearLockOuts, Meaning::Plain).writable(1, 1),
            ],
        },
        Object { index: 0x2022, name: "levels", entries: &LEVELS },
        Object {
            index: 0x2023,
            name: "level check",
            entries: &[
                Entry::field(1, "broken by what is stored", U8, M::Broken, Meaning::Relation),
                Entry::field(2, "broken by the refused write", U8, M::Refused, Meaning::Relation),
                Entry::field(3, "restore", U8, M::Restore, Meaning::Plain).writable(1, 1),
            ],
        },
        Object { index: 0x2200, name: "command", entries: &COMMAND },
    ]
};

const HEARTBEAT: Entry<M> =
    Entry::new(1, "distribution unit", DataType::U32, Source::HeartbeatConsumer(1)).fixed().bits();

const MILLISECONDS: Meaning = Meaning::Scaled { symbol: "ms", per: 1 };

const STATUS: [Entry<M>; 10] = {
    use DataType::{U8, U16, U32};
    [
        Entry::field(1, "states", U8, M::States, Meaning::ModuleStates),
        Entry::field(2, "state of charge", U16, M::Soc, PERCENT),
        Entry::field(3, "conditions", U32, M::Conditions, Meaning::Conditions),
        Entry::field(4, "sequence", U8, M::Sequence, Meaning::Plain),
        Entry::field(5, "state", U8, M::State, Meaning::ModuleState),
        Entry::field(6, "converter state", U8, M::PcuState, Meaning::PcuState),
        Entry::field(7, "charge left", U16, M::Remaining, AMPERE_HOUR),
        Entry::field(8, "full charge", U16, M::Full, AMPERE_HOUR),
        Entry::field(9, "cycles", U16, M::Cycles, Meaning::Plain),
        Entry::field(10, "state of health", U16, M::Health, PERCENT),
    ]
};

const ESTIMATE: [Entry<M>; 6] = {
    use DataType::{I16, U8, U16};
    let wish = Meaning::Bits(FullChargeWish::WORDS);
    [
        Entry::field(1, "estimate", U16, M::Estimate, PERCENT),
        Entry::field(2, "estimate at least", U16, M::EstimateLow, PERCENT),
        Entry::field(3, "estimate at most", U16, M::EstimateHigh, PERCENT),
        Entry::field(4, "full charge wanted", U8, M::FullChargeWish, wish),
        Entry::field(5, "doubted cell", U8, M::DoubtedCell, Meaning::Element),
        Entry::field(6, "estimate not shown yet", I16, M::HeldBack, PERCENT),
    ]
};

const POWER: [Entry<M>; 6] = {
    use DataType::{I16, I32, U16};
    [
        Entry::field(1, "pack voltage", U16, M::PackVoltage, VOLT),
        Entry::field(2, "pack current", I16, M::PackCurrent, AMPERE),
        Entry::field(3, "terminal voltage", I16, M::TerminalVoltage, BUS_VOLT),
        Entry::field(4, "bus current", I16, M::BusCurrent, AMPERE),
        Entry::field(5, "capacitor voltage", I32, M::CapacitorVoltage, VOLT),
        Entry::field(6, "set-point", I32, M::SetPoint, VOLT),
    ]
};

const SELF_TESTS: [Entry<M>; 3] = common::self_tests([
    M::SelfTest(SelfTestPart::Wrong),
    M::SelfTest(SelfTestPart::MemoryAge),
    M::SelfTest(SelfTestPart::ImageAge),
]);

const MEMORY: [Entry<M>; 4] = kept::memory([
    M::Memory(MemoryPart::Wrong),
    M::Memory(MemoryPart::Starts),
    M::Memory(MemoryPart::Cause),
    M::Memory(MemoryPart::Resets),
]);

const LIMITS: [Entry<M>; 6] = common::limits([
    M::Limit(LimitPart::Charge),
    M::Limit(LimitPart::Discharge),
    M::Limit(LimitPart::ChargeBinding),
    M::Limit(LimitPart::DischargeBinding),
    M::Limit(LimitPart::ChargeElement),
    M::Limit(LimitPart::DischargeElement),
]);

const REASONS: [Entry<M>; 8] = common::reasons([
    M::Reason(ReasonPart::Causes(Way::Charge)),
    M::Reason(ReasonPart::Value(Way::Charge)),
    M::Reason(ReasonPart::Level(Way::Charge)),
    M::Reason(ReasonPart::Relief(Way::Charge)),
    M::Reason(ReasonPart::Causes(Way::Discharge)),
    M::Reason(ReasonPart::Value(Way::Discharge)),
    M::Reason(ReasonPart::Level(Way::Discharge)),
    M::Reason(ReasonPart::Relief(Way::Discharge)),
]);

const TEMPERATURES: [Entry<M>; 7] = {
    use DataType::I16;
    [
        Entry::field(1, "sensor 1", I16, M::Temperature(1), CELSIUS),
        Entry::field(2, "sensor 2", I16, M::Temperature(2), CELSIUS),
        Entry::field(3, "sensor 3", I16, M::Temperature(3), CELSIUS),
        Entry::field(4, "sensor 4", I16, M::Temperature(4), CELSIUS),
        Entry::field(5, "MOSFETs", I16, M::MosTemperature, CELSIUS),
        Entry::field(6, "ambient", I16, M::AmbientTemperature, CELSIUS),
        Entry::field(7, "heat sink", I16, M::HeatSink, CELSIUS),
    ]
};

/// A module takes what it is rated for, or less if so configured.
const CONFIGURATION: [Entry<M>; 3] = {
    use DataType::{Text, U16};
    let rated = MODULE_POWER.0 as u32;
    [
        Entry::field(1, "charge power at most", U16, M::ChargeLimit, WATT).writable(0, rated),
        Entry::field(2, "discharge power at most", U16, M::DischargeLimit, WATT).writable(0, rated),
        Entry::field(3, "label", Text, M::Label, Meaning::Plain).writable_text(),
    ]
};

/// Each between the cell's limit and what leaves anything to work with.
const LEVELS: [Entry<M>; Threshold::ALL.len()] = {
    let mut entries = [level(Threshold::ChargeTaperStart); Threshold::ALL.len()];
    let mut i = 0;
    while i < entries.len() {
        entries[i] = level(Threshold::ALL[i]);
        i += 1;
    }
    entries
};

const fn level(threshold: Threshold) -> Entry<M> {
    let (data_type, meaning, per) = match threshold.unit() {
        Unit::MilliVolts => (DataType::U16, VOLT, 1),
        Unit::MilliAmps => (DataType::I16, AMPERE, MILLIAMPS_PER_STEP),
        Unit::DeciCelsius => (DataType::I16, Meaning::Scaled { symbol: "degC", per: 10 }, 1),
    };
    let (low, high) = threshold.range();
    let field = M::Level(threshold);
    Entry::field(threshold.code(), threshold.words(), data_type, field, meaning)
        .writable_between(low / per, high / per)
}

/// The Link carries currents in 10 mA.
const MILLIAMPS_PER_STEP: i32 = 10;

const COMMAND: [Entry<M>; 5] = common::command([
    M::Command(CommandPart::Request),
    M::Command(CommandPart::SetPoint),
    M::Command(CommandPart::Charge),
    M::Command(CommandPart::Discharge),
    M::Command(CommandPart::Weight),
]);

const fn cells() -> [Entry<M>; 16] {
    const NAMES: [&str; 16] = [
        "cell 1", "cell 2", "cell 3", "cell 4", "cell 5", "cell 6", "cell 7", "cell 8", "cell 9", "cell 10",
        "cell 11", "cell 12", "cell 13", "cell 14", "cell 15", "cell 16",
    ];
    let mut fields = [M::Cell(1); 16];
    let mut i = 0;
    while i < 16 {
        fields[i] = M::Cell(i as u8 + 1);
        i += 1;
    }
    series(DataType::U16, CELL, NAMES, fields)
}

const fn events() -> [Entry<M>; EVENTS] {
    let mut fields = [M::Event(1); EVENTS];
    let mut i = 0;
    while i < EVENTS {
        fields[i] = M::Event(i as u8 + 1);
        i += 1;
    }
    series(DataType::U64, Meaning::Event, EVENT_NAMES, fields)
}

const FAST: Pace = Pace::Fixed(100);

const fn slow(place: u8) -> Pace {
    Pace::Free(1000, place)
}

const PDOS: &[Pdo] = &[
    Pdo {
        number: 1,
        direction: Direction::Receive,
        name: "command",
        base: wire::MODULE_COMMAND,
        pace: FAST,
        mapping: &[(0x2200, 1), (0x2200, 2), (0x2200, 3), (0x2200, 4), (0x2200, 5)],
    },
    sends(1, "status", wire::MODULE_STATUS, FAST, &[(0x2000, 1), (0x2000, 2), (0x2000, 3), (0x2000, 4)]),
    sends(2, "power", wire::MODULE_POWER, FAST, &[(0x2001, 1), (0x2001, 2), (0x2001, 3), (0x2001, 4)]),
    sends(
        3,
        "limits",
        wire::MODULE_LIMITS,
        FAST,
        &[(0x2002, 1), (0x2002, 2), (0x2002, 3), (0x2002, 4), (0x2002, 5), (0x2002, 6)],
    ),
    sends(
        4,
        "cells 1 to 4",
        wire::MODULE_CELLS[0],
        slow(0),
        &[(0x2003, 1), (0x2003, 2), (0x2003, 3), (0x2003, 4)],
    ),
    sends(
        5,
        "cells 5 to 8",
        wire::MODULE_CELLS[1],
        slow(1),
        &[(0x2003, 5), (0x2003, 6), (0x2003, 7), (0x2003, 8)],
    ),
    sends(
        6,
        "cells 9 to 12",
        wire::MODULE_CELLS[2],
        slow(2),
        &[(0x2003, 9), (0x2003, 10), (0x2003, 11), (0x2003, 12)],
    ),
    sends(
        7,
        "cells 13 to 16",
        wire::MODULE_CELLS[3],
        slow(3),
        &[(0x2003, 13), (0x2003, 14), (0x2003, 15), (0x2003, 16)],
    ),
    sends(
        8,
        "cell temperatures",
        wire::MODULE_TEMPERATURES,
        slow(4),
        &[(0x2004, 1), (0x2004, 2), (0x2004, 3), (0x2004, 4)],
    ),
    sends(
        9,
        "hardware",
        wire::MODULE_HARDWARE,
        slow(5),
        &[(0x2004, 5), (0x2004, 6), (0x2004, 7), (0x2005, 0)],
    ),
    sends(
        10,
        "capacity",
        wire::MODULE_CAPACITY,
        slow(6),
        &[(0x2000, 7), (0x2000, 8), (0x2000, 9), (0x2000, 10)],
    ),
    sends(
        11,
        "charge reason",
        wire::REASONS[0],
        Pace::Free(1000, REASON_PLACES[0]),
        &[(0x200A, 1), (0x200A, 2), (0x200A, 3), (0x200A, 4)],
    ),
    sends(
        12,
        "discharge reason",
        wire::REASONS[1],
        Pace::Free(1000, REASON_PLACES[1]),
        &[(0x200A, 5), (0x200A, 6), (0x200A, 7), (0x200A, 8)],
    ),
    sends(
        13,
        "estimate",
        wire::MODULE_ESTIMATE,
        slow(9),
        &[(0x200B, 1), (0x200B, 2), (0x200B, 3), (0x200B, 4), (0x200B, 5)],
    ),
];
