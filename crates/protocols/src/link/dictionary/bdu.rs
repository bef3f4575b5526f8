//! The dictionary of the distribution unit.

use super::common::{self, CommandPart, EVENT_NAMES, EVENTS, LimitPart, ReasonPart, SelfTestPart};
use super::kept::{self, MemoryPart};
use super::{
    AMPERE, BDU_PRODUCT, BUS_VOLT, DIAGNOSIS_PLACE, ESTIMATE_PLACE, PERCENT, REASON_PLACES, REVISION, VENDOR,
    VOLT, WATT, sends, series,
};
use crate::canopen::{DataType, Dictionary, Entry, Meaning, Object, Pace, Pdo, Source};
use crate::link as wire;
use crate::link::Way;

/// What the distribution unit's dictionary reads of its controller. Modules count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BduField {
    /// Program control (CiA 302): write 0 to stop the program (update), 1 to start it. U8.
    ProgramControl,
    /// [`TowerState`](voltower_core::TowerState) code. U8.
    State,
    /// State of charge, 0.1 %. U16.
    Soc,
    /// State of health, 0.1 %. U16.
    Health,
    /// Bits of the [`ConditionSet`](voltower_core::ConditionSet). U32.
    Conditions,
    /// Modules that are heard, bit 0 = module 1. U8.
    ModulesOnline,
    /// Modules that were commissioned; can be written. U8.
    ModulesExpected,
    /// Bits of the panel's [`Pattern`](voltower_core::panel::Pattern). U16.
    Panel,
    /// Condition that the lights mean at this moment, 0xFF for none. U8.
    Indicated,
    /// DC switch, black-start light, second tower, inverter heard: bits 0 to 3. U8.
    Flags,
    /// [`Diagnosis`](voltower_core::Diagnosis) code. U8.
    Diagnosis,
    /// Cell or sensor that the diagnosis is about, from 1; 0 for none. U8.
    DiagnosisElement,
    /// State of charge as estimated, 0.1 %. U16.
    SocEstimate,
    /// The estimate is not below this, 0.1 %. U16.
    SocLow,
    /// The estimate is not above this, 0.1 %. U16.
    SocHigh,
    /// Code of a [`FullChargeAsked`](crate::link::FullChargeAsked). U8.
    FullCharge,
    /// Donor and receiver of a [`Levelling`](crate::link::Levelling), in four bits each; 0 for none. U8.
    Levelling,
    /// What modules have given to each other, ever, Wh. U32.
    Levelled,
    /// What was lost with it, Wh. U32.
    LevellingLost,
    /// Voltage before the fuse, 0.1 V. I16.
    BeforeFuse,
    /// Voltage after the fuse, 0.1 V. I16.
    AfterFuse,
    /// Voltage outside the DC switch, 0.1 V. I16.
    Outside,
    /// Current of the tower, 10 mA, positive while charging. I16.
    Current,
    /// What it can take and give.
    Limit(LimitPart),
    /// Why its limits are what they are.
    Reason(ReasonPart),
    /// Set-point of the modules' droop lines, mV. I32.
    SetPoint,
    /// What it finds wrong with itself or the tower (module 0), or with a module: bits of a set. U32.
    Found(u8),
    /// Serial number of the module at this address, as object 0x1018 sub 4 has it; 0 if none has it. U32.
    AddressOf(u8),
    /// Resistance between the wires of the Link, mohm, 0xFFFFFFFF if open. U32.
    LinkResistance,
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
    /// A full charge that is wanted may come from the grid; can be written. U8.
    GridFullCharge,
    /// Write 1 to clear lock-outs. U8.
    ClearLockOuts,
    /// The last command to a module.
    Command(u8, CommandPart),
    /// Its memory, and its starts.
    Memory(MemoryPart),
    /// Bits of what was found: a [`FindingSet`](voltower_core::FindingSet). U64.
    Findings,
}

use BduField as B;

/// The dictionary of the distribution unit.
pub const BDU_DICTIONARY: &Dictionary<BduField> = &Dictionary {
    device: "BTS 5K-BDU",
    identity: [VENDOR, BDU_PRODUCT, REVISION],
    common: common::OBJECTS,
    objects: OBJECTS,
    pdos: PDOS,
};

const OBJECTS: &[Object<B>] = {
    use DataType::{Text, U8, U32};
    &[
        Object { index: 0x1016, name: "consumer heartbeat time", entries: &HEARTBEATS },
        Object {
            index: 0x1F51,
            name: "program control",
            entries: &[Entry::field(1, "BDU program", U8, B::ProgramControl, Meaning::Plain).writable(0, 1)],
        },
        Object { index: 0x1F57, name: "flash status", entries: &[Entry::constant(1, "BDU program", U32, 0)] },
        Object { index: 0x2000, name: "status", entries: &STATUS },
        Object { index: 0x2001, name: "power", entries: &POWER },
        Object { index: 0x2002, name: "limits", entries: &LIMITS },
        Object { index: 0x2003, name: "panel", entries: &PANEL },
        Object {
            index: 0x2006,
            name: "versions",
            entries: &[Entry::new(1, "serial number", Text, Source::Serial)],
        },
        Object { index: 0x2008, name: "found", entries: &FOUND },
        Object { index: 0x2009, name: "link", entries: &LINK },
        Object { index: 0x200A, name: "reasons", entries: &REASONS },
        Object { index: 0x200B, name: "estimate", entries: &ESTIMATE },
        Object {
            index: 0x2010,
            name: "event count",
            entries: &[Entry::field(0, "events ever", U32, B::EventCount, Meaning::Plain)],
        },
        Object { index: 0x2011, name: "event log", entries: &events() },
        Object { index: 0x2012, name: "self tests", entries: &SELF_TESTS },
        Object {
            index: 0x2013,
            name: "findings",
            entries: &[Entry::field(0, "findings", DataType::U64, B::Findings, Meaning::Findings)],
        },
        Object { index: 0x2014, name: "memory", entries: &MEMORY },
        Object { index: 0x2020, name: "configuration", entries: &CONFIGURATION },
        Object {
            index: 0x2021,
            name: "lock-outs",
            entries: &[Entry::field(2, "clear", U8, B::ClearLockOuts, Meaning::Plain).writable(1, 1)],
        },
        Object { index: 0x2201, name: "command to module 1", entries: &command(1) },
        Object { index: 0x2202, name: "command to module 2", entries: &command(2) },
        Object { index: 0x2203, name: "command to module 3", entries: &command(3) },
        Object { index: 0x2204, name: "command to module 4", entries: &command(4) },
    ]
};

const HEARTBEATS: [Entry<B>; 4] = {
    const NAMES: [&str; 4] = ["module 1", "module 2", "module 3", "module 4"];
    let mut entries =
        [Entry::new(1, NAMES[0], DataType::U32, Source::HeartbeatConsumer(1)).fixed().bits(); 4];
    let mut i = 1;
    while i < 4 {
        let sub = i as u8 + 1;
        entries[i] = Entry::new(sub, NAMES[i], DataType::U32, Source::HeartbeatConsumer(sub)).fixed().bits();
        i += 1;
    }
    entries
};

const MODULES: [&str; 4] = ["1", "2", "3", "4"];
const FLAGS: [&str; 4] = ["DC switch closed", "black-start light", "second tower", "inverter heard"];

const STATUS: [Entry<B>; 4] = {
    use DataType::{U8, U16, U32};
    [
        Entry::field(1, "state", U8, B::State, Meaning::TowerState),
        Entry::field(2, "state of charge", U16, B::Soc, PERCENT),
        Entry::field(3, "modules heard", U8, B::ModulesOnline, Meaning::Bits(&MODULES)),
        Entry::field(4, "conditions", U32, B::Conditions, Meaning::Conditions),
    ]
};

const POWER: [Entry<B>; 5] = {
    use DataType::{I16, I32};
    [
        Entry::field(1, "voltage before the fuse", I16, B::BeforeFuse, BUS_VOLT),
        Entry::field(2, "voltage after the fuse", I16, B::AfterFuse, BUS_VOLT),
        Entry::field(3, "voltage outside the switch", I16, B::Outside, BUS_VOLT),
        Entry::field(4, "current", I16, B::Current, AMPERE),
        Entry::field(5, "set-point", I32, B::SetPoint, VOLT),
    ]
};

const SELF_TESTS: [Entry<B>; 3] = common::self_tests([
    B::SelfTest(SelfTestPart::Wrong),
    B::SelfTest(SelfTestPart::MemoryAge),
    B::SelfTest(SelfTestPart::ImageAge),
]);

const MEMORY: [Entry<B>; 4] = kept::memory([
    B::Memory(MemoryPart::Wrong),
    B::Memory(MemoryPart::Starts),
    B::Memory(MemoryPart::Cause),
    B::Memory(MemoryPart::Resets),
]);

const LIMITS: [Entry<B>; 6] = common::limits([
    B::Limit(LimitPart::Charge),
    B::Limit(LimitPart::Discharge),
    B::Limit(LimitPart::ChargeBinding),
    B::Limit(LimitPart::DischargeBinding),
    B::Limit(LimitPart::ChargeElement),
    B::Limit(LimitPart::DischargeElement),
]);

const REASONS: [Entry<B>; 8] = common::reasons([
    B::Reason(ReasonPart::Causes(Way::Charge)),
    B::Reason(ReasonPart::Value(Way::Charge)),
    B::Reason(ReasonPart::Level(Way::Charge)),
    B::Reason(ReasonPart::Relief(Way::Charge)),
    B::Reason(ReasonPart::Causes(Way::Discharge)),
    B::Reason(ReasonPart::Value(Way::Discharge)),
    B::Reason(ReasonPart::Level(Way::Discharge)),
    B::Reason(ReasonPart::Relief(Way::Discharge)),
]);

const PANEL: [Entry<B>; 7] = {
    use DataType::{U8, U16};
    [
        Entry::field(1, "lights", U16, B::Panel, Meaning::Panel),
        Entry::field(2, "indicated condition", U8, B::Indicated, Meaning::Condition),
        Entry::field(3, "flags", U8, B::Flags, Meaning::Bits(&FLAGS)),
        Entry::field(4, "state of health", U16, B::Health, PERCENT),
        Entry::field(5, "modules expected", U8, B::ModulesExpected, Meaning::Plain),
        Entry::field(6, "diagnosis", U8, B::Diagnosis, Meaning::Diagnosis),
        Entry::field(7, "cell or sensor of the diagnosis", U8, B::DiagnosisElement, Meaning::Plain),
    ]
};

const FOUND: [Entry<B>; 5] = series(
    DataType::U32,
    Meaning::Conditions,
    ["tower", "module 1", "module 2", "module 3", "module 4"],
    [B::Found(0), B::Found(1), B::Found(2), B::Found(3), B::Found(4)],
);

const LINK: [Entry<B>; 5] = {
    use DataType::U32;
    let resistance = Meaning::Reading { symbol: "ohm", per: 1000 };
    [
        Entry::field(1, "loop resistance", U32, B::LinkResistance, resistance),
        Entry::field(2, "serial number at address 1", U32, B::AddressOf(1), Meaning::Hexadecimal),
        Entry::field(3, "serial number at address 2", U32, B::AddressOf(2), Meaning::Hexadecimal),
        Entry::field(4, "serial number at address 3", U32, B::AddressOf(3), Meaning::Hexadecimal),
        Entry::field(5, "serial number at address 4", U32, B::AddressOf(4), Meaning::Hexadecimal),
    ]
};

const ESTIMATE: [Entry<B>; 7] = {
    use DataType::{U8, U16, U32};
    let energy = Meaning::Scaled { symbol: "Wh", per: 1 };
    [
        Entry::field(1, "state of charge, estimate", U16, B::SocEstimate, PERCENT),
        Entry::field(2, "state of charge, at least", U16, B::SocLow, PERCENT),
        Entry::field(3, "state of charge, at most", U16, B::SocHigh, PERCENT),
        Entry::field(
            4,
            "full charge: 1 wanted, 2 from the sun, 3 from the grid",
            U8,
            B::FullCharge,
            Meaning::Plain,
        ),
        Entry::field(5, "levelling: donor, receiver", U8, B::Levelling, Meaning::Hexadecimal),
        Entry::field(6, "levelled, ever", U32, B::Levelled, energy),
        Entry::field(7, "lost in levelling, ever", U32, B::LevellingLost, energy),
    ]
};

/// The largest power of four modules, and the most modules of a tower (manual 2.6).
const CONFIGURATION: [Entry<B>; 5] = {
    use DataType::{Text, U8, U16};
    let rated = voltower_core::values::MODULE_POWER.0 as u32 * 4;
    [
        Entry::field(1, "charge power at most", U16, B::ChargeLimit, WATT).writable(0, rated),
        Entry::field(2, "discharge power at most", U16, B::DischargeLimit, WATT).writable(0, rated),
        Entry::field(3, "label", Text, B::Label, Meaning::Plain).writable_text(),
        Entry::field(4, "modules commissioned", U8, B::ModulesExpected, Meaning::Plain).writable(1, 4),
        Entry::field(5, "full charge from the grid", U8, B::GridFullCharge, Meaning::Plain).writable(0, 1),
    ]
};

const fn command(module: u8) -> [Entry<B>; 5] {
    common::command([
        B::Command(module, CommandPart::Request),
        B::Command(module, CommandPart::SetPoint),
        B::Command(module, CommandPart::Charge),
        B::Command(module, CommandPart::Discharge),
        B::Command(module, CommandPart::Weight),
    ])
}

const fn events() -> [Entry<B>; EVENTS] {
    let mut fields = [B::Event(1); EVENTS];
    let mut i = 0;
    while i < EVENTS {
        fields[i] = B::Event(i as u8 + 1);
        i += 1;
    }
    series(DataType::U64, Meaning::Event, EVENT_NAMES, fields)
}

/// The frames of the BDU carry no node in their base, so that the node is taken off again here.
const NODE: u16 = wire::BDU_NODE as u16;
const FAST: Pace = Pace::Fixed(100);

const PDOS: &[Pdo] = &[
    sends(
        1,
        "tower status",
        wire::TOWER_STATUS - NODE,
        FAST,
        &[(0x2000, 1), (0x2000, 2), (0x2000, 3), (0x2000, 4)],
    ),
    sends(
        2,
        "tower panel",
        wire::TOWER_PANEL - NODE,
        FAST,
        &[(0x2003, 1), (0x2003, 2), (0x2003, 3), (0x2003, 4), (0x2003, 5), (0x2003, 6)],
    ),
    sends(
        3,
        "tower power",
        wire::TOWER_POWER - NODE,
        FAST,
        &[(0x2001, 1), (0x2001, 2), (0x2001, 3), (0x2001, 4)],
    ),
    sends(
        4,
        "tower limits",
        wire::TOWER_LIMITS - NODE,
        FAST,
        &[(0x2002, 1), (0x2002, 2), (0x2002, 3), (0x2002, 4), (0x2002, 5), (0x2002, 6)],
    ),
    command_pdo(
        5,
        "command to module 1",
        1,
        &[(0x2201, 1), (0x2201, 2), (0x2201, 3), (0x2201, 4), (0x2201, 5)],
    ),
    command_pdo(
        6,
        "command to module 2",
        2,
        &[(0x2202, 1), (0x2202, 2), (0x2202, 3), (0x2202, 4), (0x2202, 5)],
    ),
    command_pdo(
        7,
        "command to module 3",
        3,
        &[(0x2203, 1), (0x2203, 2), (0x2203, 3), (0x2203, 4), (0x2203, 5)],
    ),
    command_pdo(
        8,
        "command to module 4",
        4,
        &[(0x2204, 1), (0x2204, 2), (0x2204, 3), (0x2204, 4), (0x2204, 5)],
    ),
    sends(
        9,
        "tower charge reason",
        wire::REASONS[0],
        Pace::Free(1000, REASON_PLACES[0]),
        &[(0x200A, 1), (0x200A, 2), (0x200A, 3), (0x200A, 4)],
    ),
    sends(
        10,
        "tower discharge reason",
        wire::REASONS[1],
        Pace::Free(1000, REASON_PLACES[1]),
        &[(0x200A, 5), (0x200A, 6), (0x200A, 7), (0x200A, 8)],
    ),
    sends(
        11,
        "tower diagnosis",
        wire::TOWER_DIAGNOSIS - NODE,
        Pace::Free(1000, DIAGNOSIS_PLACE),
        &[(0x2003, 6), (0x2003, 7)],
    ),
    sends(
        12,
        "tower estimate",
        wire::TOWER_ESTIMATE - NODE,
        Pace::Free(1000, ESTIMATE_PLACE),
        &[(0x200B, 1), (0x200B, 2), (0x200B, 3), (0x200B, 4), (0x200B, 5)],
    ),
];

const fn command_pdo(number: u8, name: &'static str, module: u16, mapping: &'static [(u16, u8)]) -> Pdo {
    sends(number, name, wire::MODULE_COMMAND + module - NODE, FAST, mapping)
}
