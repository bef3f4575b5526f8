//! The object dictionaries of module and distribution unit, as const tables.
//!
//! Nothing is stored here: an entry says which field of the controller it is ([`Source::Field`]), and the
//! controller reads and writes that field itself through [`Objects`](super::Objects). 0x1000 to 0x1FFF follow
//! CiA 301 and 302; 0x2000 and up are ours.

use voltower_protocols::canopen::DataType;
use voltower_protocols::link as wire;

/// Who may do what with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Never changes.
    Constant,
    /// Can be read.
    ReadOnly,
    /// Can be read and written.
    ReadWrite,
}

/// Where the value of an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<F> {
    /// It never changes.
    Number(u32),
    /// It never changes.
    Text(&'static str),
    /// A COB-ID: this base plus the node.
    CobId(u16),
    /// Error register, kept by the node.
    ErrorRegister,
    /// Heartbeat period in milliseconds, kept by the node.
    HeartbeatTime,
    /// Software version, from the identity.
    Software,
    /// Software version of the converter, from the identity.
    PcuSoftware,
    /// Serial number in full, from the identity.
    Serial,
    /// Serial number as the 32 bits of object 0x1018: a hash of the full one.
    SerialHash,
    /// A field of the controller.
    Field(F),
}

/// One sub-index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<F> {
    /// Sub-index.
    pub sub: u8,
    /// What it is, with its unit.
    pub name: &'static str,
    /// Its type.
    pub data_type: DataType,
    /// Who may do what.
    pub access: Access,
    /// Where its value comes from.
    pub source: Source<F>,
}

/// One index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<F: 'static> {
    /// Index.
    pub index: u16,
    /// What it is.
    pub name: &'static str,
    /// A single entry with sub-index 0, or several from 1 on; sub-index 0 then is the highest of them.
    pub entries: &'static [Entry<F>],
}

impl<F: Copy> Object<F> {
    /// A single value, not a record.
    #[must_use]
    pub fn is_variable(&self) -> bool {
        self.entries.first().is_some_and(|entry| entry.sub == 0)
    }

    /// The highest sub-index.
    #[must_use]
    pub fn highest_sub(&self) -> u8 {
        self.entries.last().map_or(0, |entry| entry.sub)
    }
}

/// A dictionary, by ascending index.
pub type Dictionary<F> = [Object<F>];

/// What a module's dictionary reads of its controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModuleField {
    /// Program control (CiA 302): write 0 to stop the program (update), 1 to start it. U8.
    ProgramControl,
    /// [`ModuleState`](voltower_core::ModuleState) code. U8.
    State,
    /// [`PcuState`](voltower_core::PcuState) code. U8.
    PcuState,
    /// State of charge, 0.1 %. U16.
    Soc,
    /// State of health, 0.1 %. U16.
    Health,
    /// Bits of the [`ConditionSet`](voltower_core::ConditionSet). U32.
    Conditions,
    /// Equivalent full cycles. U16.
    Cycles,
    /// Charge left, 0.1 Ah. U16.
    Remaining,
    /// Full charge, 0.1 Ah. U16.
    Full,
    /// Pack voltage, mV. I32.
    PackVoltage,
    /// Pack current, mA, positive while charging. I32.
    PackCurrent,
    /// Voltage at the terminals, mV. I32.
    TerminalVoltage,
    /// Current at the bus, mA, positive while charging. I32.
    BusCurrent,
    /// Voltage of the converter's capacitor, mV. I32.
    CapacitorVoltage,
    /// Charge power limit, W. U16.
    ChargeLimit,
    /// Discharge power limit, W. U16.
    DischargeLimit,
    /// [`Binding`](voltower_core::Binding) code of the charge limit. U8.
    ChargeBinding,
    /// [`Binding`](voltower_core::Binding) code of the discharge limit. U8.
    DischargeBinding,
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
    /// Set-point of the droop line, mV. I32.
    SetPoint,
}

/// What the distribution unit's dictionary reads of its controller.
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
    /// Modules that belong to the tower. U8.
    ModulesExpected,
    /// Bits of the panel's [`Pattern`](voltower_core::panel::Pattern). U16.
    Panel,
    /// Voltage before the fuse, mV. I32.
    BeforeFuse,
    /// Voltage after the fuse, mV. I32.
    AfterFuse,
    /// Voltage outside the DC switch, mV. I32.
    Outside,
    /// Current of the tower, mA, positive while charging. I32.
    Current,
    /// Charge power limit, W. U16.
    ChargeLimit,
    /// Discharge power limit, W. U16.
    DischargeLimit,
    /// [`Binding`](voltower_core::Binding) code of the charge limit. U8.
    ChargeBinding,
    /// [`Binding`](voltower_core::Binding) code of the discharge limit. U8.
    DischargeBinding,
    /// Set-point of the modules' droop lines, mV. I32.
    SetPoint,
}

const fn entry<F: Copy>(sub: u8, name: &'static str, data_type: DataType, source: Source<F>) -> Entry<F> {
    Entry { sub, name, data_type, access: Access::ReadOnly, source }
}

const fn field<F: Copy>(sub: u8, name: &'static str, data_type: DataType, field: F) -> Entry<F> {
    entry(sub, name, data_type, Source::Field(field))
}

const fn constant<F: Copy>(sub: u8, name: &'static str, data_type: DataType, number: u32) -> Entry<F> {
    Entry { sub, name, data_type, access: Access::Constant, source: Source::Number(number) }
}

const fn writable<F: Copy>(entry: Entry<F>) -> Entry<F> {
    Entry { access: Access::ReadWrite, ..entry }
}

/// Event-driven, manufacturer specific (CiA 301, transmission type 254).
const EVENT_DRIVEN: u32 = 254;

/// Communication parameters of a PDO whose COB-ID is `base` plus the node and that is sent every `period_ms`.
const fn pdo<F: Copy>(base: u16, period_ms: u32) -> [Entry<F>; 3] {
    [
        entry(1, "COB-ID", DataType::U32, Source::CobId(base)),
        constant(2, "transmission type", DataType::U8, EVENT_DRIVEN),
        constant(5, "event timer, ms", DataType::U16, period_ms),
    ]
}

const fn cells() -> [Entry<ModuleField>; 16] {
    const NAMES: [&str; 16] = [
        "cell 1, mV",
        "cell 2, mV",
        "cell 3, mV",
        "cell 4, mV",
        "cell 5, mV",
        "cell 6, mV",
        "cell 7, mV",
        "cell 8, mV",
        "cell 9, mV",
        "cell 10, mV",
        "cell 11, mV",
        "cell 12, mV",
        "cell 13, mV",
        "cell 14, mV",
        "cell 15, mV",
        "cell 16, mV",
    ];
    let mut entries = [field(1, NAMES[0], DataType::U16, ModuleField::Cell(1)); 16];
    let mut i = 1;
    while i < 16 {
        let cell = i as u8 + 1;
        entries[i] = field(cell, NAMES[i], DataType::U16, ModuleField::Cell(cell));
        i += 1;
    }
    entries
}

const fn identity<F: Copy>(product: u32) -> [Entry<F>; 4] {
    [
        // No vendor number is assigned to an open project; 0 says so.
        constant(1, "vendor", DataType::U32, 0),
        constant(2, "product", DataType::U32, product),
        constant(3, "revision", DataType::U32, 1),
        entry(4, "serial number, hash", DataType::U32, Source::SerialHash),
    ]
}

/// The dictionary of a battery module.
pub const MODULE_DICTIONARY: &Dictionary<ModuleField> = {
    use DataType::{I16, I32, Text, U8, U16, U32};
    use ModuleField as M;
    &[
        Object { index: 0x1000, name: "device type", entries: &[constant(0, "device type", U32, 0)] },
        Object {
            index: 0x1001,
            name: "error register",
            entries: &[entry(0, "error register", U8, Source::ErrorRegister)],
        },
        Object {
            index: 0x1008,
            name: "device name",
            entries: &[entry(0, "device name", Text, Source::Text("BTS 5K"))],
        },
        Object {
            index: 0x1009,
            name: "hardware version",
            entries: &[entry(0, "hardware version", Text, Source::Text("1"))],
        },
        Object {
            index: 0x100A,
            name: "software version",
            entries: &[entry(0, "software version", Text, Source::Software)],
        },
        Object {
            index: 0x1014,
            name: "COB-ID EMCY",
            entries: &[entry(0, "COB-ID EMCY", U32, Source::CobId(wire::EMCY))],
        },
        Object {
            index: 0x1017,
            name: "producer heartbeat time",
            entries: &[writable(entry(0, "producer heartbeat time, ms", U16, Source::HeartbeatTime))],
        },
        Object { index: 0x1018, name: "identity", entries: &identity(0x4254_5305) },
        Object {
            index: 0x1200,
            name: "SDO server",
            entries: &[
                entry(1, "COB-ID client to server", U32, Source::CobId(wire::SDO_REQUEST)),
                entry(2, "COB-ID server to client", U32, Source::CobId(wire::SDO_RESPONSE)),
            ],
        },
        Object { index: 0x1400, name: "RPDO 1, command", entries: &pdo(wire::MODULE_COMMAND, 100) },
        Object { index: 0x1800, name: "TPDO 1, status", entries: &pdo(wire::MODULE_STATUS, 100) },
        Object { index: 0x1801, name: "TPDO 2, power", entries: &pdo(wire::MODULE_POWER, 100) },
        Object { index: 0x1802, name: "TPDO 3, limits", entries: &pdo(wire::MODULE_LIMITS, 100) },
        Object { index: 0x1803, name: "TPDO 4, cells 1 to 4", entries: &pdo(wire::MODULE_CELLS[0], 1000) },
        Object { index: 0x1804, name: "TPDO 5, cells 5 to 8", entries: &pdo(wire::MODULE_CELLS[1], 1000) },
        Object { index: 0x1805, name: "TPDO 6, cells 9 to 12", entries: &pdo(wire::MODULE_CELLS[2], 1000) },
        Object { index: 0x1806, name: "TPDO 7, cells 13 to 16", entries: &pdo(wire::MODULE_CELLS[3], 1000) },
        Object {
            index: 0x1807,
            name: "TPDO 8, cell temperatures",
            entries: &pdo(wire::MODULE_TEMPERATURES, 1000),
        },
        Object { index: 0x1808, name: "TPDO 9, hardware", entries: &pdo(wire::MODULE_HARDWARE, 1000) },
        Object { index: 0x1809, name: "TPDO 10, capacity", entries: &pdo(wire::MODULE_CAPACITY, 1000) },
        Object {
            index: 0x1F51,
            name: "program control",
            entries: &[writable(field(1, "BMS and PCU program", U8, M::ProgramControl))],
        },
        Object {
            index: 0x1F57,
            name: "flash status",
            entries: &[constant(1, "BMS and PCU program", U32, 0)],
        },
        Object {
            index: 0x2000,
            name: "status",
            entries: &[
                field(1, "state", U8, M::State),
                field(2, "converter state", U8, M::PcuState),
                field(3, "state of charge, 0.1 %", U16, M::Soc),
                field(4, "state of health, 0.1 %", U16, M::Health),
                field(5, "conditions", U32, M::Conditions),
                field(6, "cycles", U16, M::Cycles),
                field(7, "charge left, 0.1 Ah", U16, M::Remaining),
                field(8, "full charge, 0.1 Ah", U16, M::Full),
            ],
        },
        Object {
            index: 0x2001,
            name: "power",
            entries: &[
                field(1, "pack voltage, mV", I32, M::PackVoltage),
                field(2, "pack current, mA", I32, M::PackCurrent),
                field(3, "terminal voltage, mV", I32, M::TerminalVoltage),
                field(4, "bus current, mA", I32, M::BusCurrent),
                field(5, "capacitor voltage, mV", I32, M::CapacitorVoltage),
                field(6, "set-point, mV", I32, M::SetPoint),
            ],
        },
        Object {
            index: 0x2002,
            name: "limits",
            entries: &[
                field(1, "charge power, W", U16, M::ChargeLimit),
                field(2, "discharge power, W", U16, M::DischargeLimit),
                field(3, "what binds charging", U8, M::ChargeBinding),
                field(4, "what binds discharging", U8, M::DischargeBinding),
            ],
        },
        Object { index: 0x2003, name: "cells", entries: &cells() },
        Object {
            index: 0x2004,
            name: "temperatures",
            entries: &[
                field(1, "sensor 1, 0.1 degC", I16, M::Temperature(1)),
                field(2, "sensor 2, 0.1 degC", I16, M::Temperature(2)),
                field(3, "sensor 3, 0.1 degC", I16, M::Temperature(3)),
                field(4, "sensor 4, 0.1 degC", I16, M::Temperature(4)),
                field(5, "MOSFETs, 0.1 degC", I16, M::MosTemperature),
                field(6, "ambient, 0.1 degC", I16, M::AmbientTemperature),
                field(7, "heat sink, 0.1 degC", I16, M::HeatSink),
            ],
        },
        Object {
            index: 0x2005,
            name: "balancing switches",
            entries: &[field(0, "balancing switches", U16, M::Balancing)],
        },
        Object {
            index: 0x2006,
            name: "versions",
            entries: &[
                entry(1, "serial number", Text, Source::Serial),
                entry(2, "converter software", Text, Source::PcuSoftware),
            ],
        },
    ]
};

/// The dictionary of the distribution unit.
pub const BDU_DICTIONARY: &Dictionary<BduField> = {
    use BduField as B;
    use DataType::{I32, Text, U8, U16, U32};
    // The frames of the BDU carry no node in their base, so that the node is taken off again here.
    const NODE: u16 = wire::BDU_NODE as u16;
    &[
        Object { index: 0x1000, name: "device type", entries: &[constant(0, "device type", U32, 0)] },
        Object {
            index: 0x1001,
            name: "error register",
            entries: &[entry(0, "error register", U8, Source::ErrorRegister)],
        },
        Object {
            index: 0x1008,
            name: "device name",
            entries: &[entry(0, "device name", Text, Source::Text("BTS 5K-BDU"))],
        },
        Object {
            index: 0x1009,
            name: "hardware version",
            entries: &[entry(0, "hardware version", Text, Source::Text("1"))],
        },
        Object {
            index: 0x100A,
            name: "software version",
            entries: &[entry(0, "software version", Text, Source::Software)],
        },
        Object {
            index: 0x1014,
            name: "COB-ID EMCY",
            entries: &[entry(0, "COB-ID EMCY", U32, Source::CobId(wire::EMCY))],
        },
        Object {
            index: 0x1017,
            name: "producer heartbeat time",
            entries: &[writable(entry(0, "producer heartbeat time, ms", U16, Source::HeartbeatTime))],
        },
        Object { index: 0x1018, name: "identity", entries: &identity(0x4254_5344) },
        Object {
            index: 0x1200,
            name: "SDO server",
            entries: &[
                entry(1, "COB-ID client to server", U32, Source::CobId(wire::SDO_REQUEST)),
                entry(2, "COB-ID server to client", U32, Source::CobId(wire::SDO_RESPONSE)),
            ],
        },
        Object { index: 0x1800, name: "TPDO 1, status", entries: &pdo(wire::TOWER_STATUS - NODE, 100) },
        Object { index: 0x1801, name: "TPDO 2, panel", entries: &pdo(wire::TOWER_PANEL - NODE, 100) },
        Object { index: 0x1802, name: "TPDO 3, power", entries: &pdo(wire::TOWER_POWER - NODE, 100) },
        Object { index: 0x1803, name: "TPDO 4, limits", entries: &pdo(wire::TOWER_LIMITS - NODE, 100) },
        Object {
            index: 0x1804,
            name: "TPDO 5, command to module 1",
            entries: &pdo(wire::MODULE_COMMAND + 1 - NODE, 100),
        },
        Object {
            index: 0x1805,
            name: "TPDO 6, command to module 2",
            entries: &pdo(wire::MODULE_COMMAND + 2 - NODE, 100),
        },
        Object {
            index: 0x1806,
            name: "TPDO 7, command to module 3",
            entries: &pdo(wire::MODULE_COMMAND + 3 - NODE, 100),
        },
        Object {
            index: 0x1807,
            name: "TPDO 8, command to module 4",
            entries: &pdo(wire::MODULE_COMMAND + 4 - NODE, 100),
        },
        Object {
            index: 0x1F51,
            name: "program control",
            entries: &[writable(field(1, "BDU program", U8, B::ProgramControl))],
        },
        Object { index: 0x1F57, name: "flash status", entries: &[constant(1, "BDU program", U32, 0)] },
        Object {
            index: 0x2000,
            name: "status",
            entries: &[
                field(1, "state", U8, B::State),
                field(2, "state of charge, 0.1 %", U16, B::Soc),
                field(3, "state of health, 0.1 %", U16, B::Health),
                field(4, "conditions", U32, B::Conditions),
                field(5, "modules heard", U8, B::ModulesOnline),
                field(6, "modules expected", U8, B::ModulesExpected),
                field(7, "lights of the panel", U16, B::Panel),
            ],
        },
        Object {
            index: 0x2001,
            name: "power",
            entries: &[
                field(1, "voltage before the fuse, mV", I32, B::BeforeFuse),
                field(2, "voltage after the fuse, mV", I32, B::AfterFuse),
                field(3, "voltage outside the switch, mV", I32, B::Outside),
                field(4, "current, mA", I32, B::Current),
                field(5, "set-point, mV", I32, B::SetPoint),
            ],
        },
        Object {
            index: 0x2002,
            name: "limits",
            entries: &[
                field(1, "charge power, W", U16, B::ChargeLimit),
                field(2, "discharge power, W", U16, B::DischargeLimit),
                field(3, "what binds charging", U8, B::ChargeBinding),
                field(4, "what binds discharging", U8, B::DischargeBinding),
            ],
        },
        Object {
            index: 0x2006,
            name: "versions",
            entries: &[entry(1, "serial number", Text, Source::Serial)],
        },
    ]
};

const fn is_sorted<F: Copy>(dictionary: &Dictionary<F>) -> bool {
    let mut i = 1;
    while i < dictionary.len() {
        if dictionary[i - 1].index >= dictionary[i].index {
            return false;
        }
        i += 1;
    }
    true
}

const _: () = assert!(is_sorted(MODULE_DICTIONARY) && is_sorted(BDU_DICTIONARY));
