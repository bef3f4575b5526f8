//! What a device keeps over a loss of power, for who asks.

use voltower_core::{Alarm, Condition, Fault};

use super::module::ModuleField as M;
use super::{AMPERE, CELL, CELSIUS};
use crate::canopen::{DataType, Entry, Meaning};

/// What its memory consists of, and its starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemoryPart {
    /// What is wrong: bits, the lowest first: cannot write, does not answer, lock-outs lost, settings lost, too many
    /// resets. U8.
    Wrong,
    /// Starts there ever were. U32.
    Starts,
    /// Why the last one was: [`ResetCause`](voltower_core::ResetCause) code. U8.
    Cause,
    /// Resets without a quiet time between them. U8.
    Resets,
}

/// What a freeze-frame consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FramePart {
    /// Which one the others show, 0 for the newest; can be written. U8.
    Which,
    /// Its number, from 1; 0 if there is none. U32.
    Number,
    /// In which start of the device it was taken. U32.
    Start,
    /// Seconds since that start. U32.
    Uptime,
    /// The fault, as its bit; 0xFF if there is none. U8.
    Fault,
    /// Cell or sensor, from 1; 0 for none. U8.
    Element,
    /// All that was wrong. U32.
    Conditions,
    /// [`ModuleState`](voltower_core::ModuleState) code, 0xFF if there is none. U8.
    State,
    /// [`PcuState`](voltower_core::PcuState) code, 0xFF if there is none. U8.
    Converter,
    /// State of charge, 0.1 %, 0xFFFF if there is none. U16.
    Soc,
    /// Pack voltage, mV, 0xFFFF if there is none. U16.
    PackVoltage,
    /// Pack current, 10 mA, 0x7FFF if there is none. I16.
    PackCurrent,
    /// Voltage at the terminals, 0.1 V, 0x7FFF if there is none. I16.
    TerminalVoltage,
    /// Current at the bus, 10 mA, 0x7FFF if there is none. I16.
    BusCurrent,
    /// Voltage of cell 1 to 16, mV, 0xFFFF if not read. U16.
    Cell(u8),
    /// Temperature of sensor 1 to 4, 0.1 degC, 0x7FFF if not read. I16.
    Temperature(u8),
    /// Temperature of MOSFETs (1), surroundings (2), heat sink (3), 0.1 degC, 0x7FFF if not read. I16.
    Hardware(u8),
}

/// What the blackbox consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlackboxPart {
    /// Which point the others show, 0 for the last; can be written. U8.
    Which,
    /// A fault has stopped it. U8.
    Frozen,
    /// In which start of the device that was. U32.
    Start,
    /// Seconds since that start. U32.
    Uptime,
    /// Highest cell, mV, 0xFFFF if not read. U16.
    Highest,
    /// Lowest cell, mV, 0xFFFF if not read. U16.
    Lowest,
    /// Pack current, 10 mA, 0x7FFF if there is none. I16.
    Current,
    /// Hottest cell, 0.1 degC, 0x7FFF if not read. I16.
    Hottest,
    /// Coldest cell, 0.1 degC, 0x7FFF if not read. I16.
    Coldest,
    /// Charge limit, W, 0xFFFF if there is none. U16.
    ChargeLimit,
    /// Discharge limit, W, 0xFFFF if there is none. U16.
    DischargeLimit,
    /// [`ModuleState`](voltower_core::ModuleState) code, 0xFF if there is none. U8.
    State,
}

/// What the counters of a life consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifetimePart {
    /// Energy into the pack, Wh. U32.
    Charged,
    /// Energy out of the pack, Wh. U32.
    Discharged,
    /// Charge through the pack, both ways, 0.1 Ah. U32.
    Throughput,
    /// Hours on the bus. U32.
    OnBus,
    /// Hours with the hottest cell in a band of temperature, from 1. U32.
    Band(u8),
    /// Times it has woken. U32.
    Wakes,
    /// Highest cell ever, mV. U16.
    Highest,
    /// Lowest cell ever, mV, 0xFFFF if there never was one. U16.
    Lowest,
    /// Hottest cell ever, 0.1 degC, 0x7FFF if there never was one. I16.
    Hottest,
    /// Coldest cell ever, 0.1 degC, 0x7FFF if there never was one. I16.
    Coldest,
    /// Largest charging current ever, 10 mA. I16.
    ChargeCurrent,
    /// Largest discharging current ever, a magnitude, 10 mA. I16.
    DischargeCurrent,
    /// Times that the output relay was closed. U32.
    Closings,
    /// Parts of its state that were written to flash. U32.
    Writes,
    /// Times that the condition of this bit has come. U16.
    Times(u8),
}

const WRONG: [&str; 5] =
    ["cannot write", "does not answer", "lock-outs lost", "settings lost", "too many resets"];

const SECOND: Meaning = Meaning::Scaled { symbol: "s", per: 1 };
const HOUR: Meaning = Meaning::Scaled { symbol: "h", per: 1 };
const WATT_HOUR: Meaning = Meaning::Scaled { symbol: "Wh", per: 1 };
const AMPERE_HOUR: Meaning = Meaning::Scaled { symbol: "Ah", per: 10 };

// What was written down once: where nothing was, it is not a zero.
const SEEN_CHARGE: Meaning = Meaning::Reading { symbol: "%", per: 10 };
const SEEN_BUS: Meaning = Meaning::Reading { symbol: "V", per: 10 };
const SEEN_CURRENT: Meaning = Meaning::Reading { symbol: "A", per: 100 };
const SEEN_POWER: Meaning = Meaning::Reading { symbol: "W", per: 1 };

/// The memory of a device: its fields by `field`.
pub(super) const fn memory<F: Copy>(fields: [F; 4]) -> [Entry<F>; 4] {
    use DataType::{U8, U32};
    let [wrong, starts, cause, resets] = fields;
    [
        Entry::field(1, "wrong", U8, wrong, Meaning::Bits(&WRONG)),
        Entry::field(2, "starts", U32, starts, Meaning::Plain),
        Entry::field(3, "cause of the last start", U8, cause, Meaning::ResetCause),
        Entry::field(4, "resets lately", U8, resets, Meaning::Plain),
    ]
}

pub(super) const FRAME: [Entry<M>; 37] = {
    use DataType::{I16, U8, U16, U32};
    use FramePart as P;
    let head = [
        Entry::field(1, "which", U8, M::Frame(P::Which), Meaning::Which).writable(0, FRAMES as u32 - 1),
        Entry::field(2, "number", U32, M::Frame(P::Number), Meaning::Plain),
        Entry::field(3, "in start", U32, M::Frame(P::Start), Meaning::Plain),
        Entry::field(4, "uptime", U32, M::Frame(P::Uptime), SECOND),
        Entry::field(5, "fault", U8, M::Frame(P::Fault), Meaning::Condition),
        Entry::field(6, "cell or sensor", U8, M::Frame(P::Element), Meaning::Element),
        Entry::field(7, "conditions", U32, M::Frame(P::Conditions), Meaning::Conditions),
        Entry::field(8, "state", U8, M::Frame(P::State), Meaning::ModuleState),
        Entry::field(9, "converter state", U8, M::Frame(P::Converter), Meaning::PcuState),
        Entry::field(10, "state of charge", U16, M::Frame(P::Soc), SEEN_CHARGE),
        Entry::field(11, "pack voltage", U16, M::Frame(P::PackVoltage), CELL),
        Entry::field(12, "pack current", I16, M::Frame(P::PackCurrent), SEEN_CURRENT),
        Entry::field(13, "terminal voltage", I16, M::Frame(P::TerminalVoltage), SEEN_BUS),
        Entry::field(14, "bus current", I16, M::Frame(P::BusCurrent), SEEN_CURRENT),
    ];
    let mut entries = [head[0]; 37];
    let mut i = 0;
    while i < 37 {
        entries[i] = match i {
            0..14 => head[i],
            14..30 => Entry::field(i as u8 + 1, CELLS[i - 14], U16, M::Frame(P::Cell(i as u8 - 13)), CELL),
            30..34 => {
                let field = M::Frame(P::Temperature(i as u8 - 29));
                Entry::field(i as u8 + 1, SENSORS[i - 30], I16, field, CELSIUS)
            }
            _ => {
                let field = M::Frame(P::Hardware(i as u8 - 33));
                Entry::field(i as u8 + 1, SENSORS[i - 30], I16, field, CELSIUS)
            }
        };
        i += 1;
    }
    entries
};

/// Freeze-frames that a module keeps (public source: the inverter's register 0x9020 selects fault record 0 to 5).
pub const FRAMES: usize = 6;
/// Points that a blackbox keeps: a minute at one a second (ours).
pub const POINTS: usize = 60;

const CELLS: [&str; 16] = [
    "cell 1", "cell 2", "cell 3", "cell 4", "cell 5", "cell 6", "cell 7", "cell 8", "cell 9", "cell 10",
    "cell 11", "cell 12", "cell 13", "cell 14", "cell 15", "cell 16",
];
const SENSORS: [&str; 7] =
    ["sensor 1", "sensor 2", "sensor 3", "sensor 4", "MOSFETs", "ambient", "heat sink"];

pub(super) const BLACKBOX: [Entry<M>; 12] = {
    use BlackboxPart as P;
    use DataType::{I16, U8, U16, U32};
    [
        Entry::field(1, "which", U8, M::Blackbox(P::Which), Meaning::Which).writable(0, POINTS as u32 - 1),
        Entry::field(2, "frozen", U8, M::Blackbox(P::Frozen), Meaning::YesNo),
        Entry::field(3, "in start", U32, M::Blackbox(P::Start), Meaning::Plain),
        Entry::field(4, "uptime", U32, M::Blackbox(P::Uptime), SECOND),
        Entry::field(5, "highest cell", U16, M::Blackbox(P::Highest), CELL),
        Entry::field(6, "lowest cell", U16, M::Blackbox(P::Lowest), CELL),
        Entry::field(7, "pack current", I16, M::Blackbox(P::Current), SEEN_CURRENT),
        Entry::field(8, "hottest cell", I16, M::Blackbox(P::Hottest), CELSIUS),
        Entry::field(9, "coldest cell", I16, M::Blackbox(P::Coldest), CELSIUS),
        Entry::field(10, "charge limit", U16, M::Blackbox(P::ChargeLimit), SEEN_POWER),
        Entry::field(11, "discharge limit", U16, M::Blackbox(P::DischargeLimit), SEEN_POWER),
        Entry::field(12, "state", U8, M::Blackbox(P::State), Meaning::ModuleState),
    ]
};

pub(super) const LIFETIME: [Entry<M>; 19] = {
    use DataType::{I16, U16, U32};
    use LifetimePart as P;
    [
        Entry::field(1, "energy charged", U32, M::Lifetime(P::Charged), WATT_HOUR),
        Entry::field(2, "energy discharged", U32, M::Lifetime(P::Discharged), WATT_HOUR),
        Entry::field(3, "charge both ways", U32, M::Lifetime(P::Throughput), AMPERE_HOUR),
        Entry::field(4, "time on the bus", U32, M::Lifetime(P::OnBus), HOUR),
        Entry::field(5, "time below 0 degC", U32, M::Lifetime(P::Band(1)), HOUR),
        Entry::field(6, "time at 0 to 15 degC", U32, M::Lifetime(P::Band(2)), HOUR),
        Entry::field(7, "time at 15 to 35 degC", U32, M::Lifetime(P::Band(3)), HOUR),
        Entry::field(8, "time at 35 to 45 degC", U32, M::Lifetime(P::Band(4)), HOUR),
        Entry::field(9, "time at 45 to 55 degC", U32, M::Lifetime(P::Band(5)), HOUR),
        Entry::field(10, "time above 55 degC", U32, M::Lifetime(P::Band(6)), HOUR),
        Entry::field(11, "times woken", U32, M::Lifetime(P::Wakes), Meaning::Plain),
        Entry::field(12, "highest cell ever", U16, M::Lifetime(P::Highest), CELL),
        Entry::field(13, "lowest cell ever", U16, M::Lifetime(P::Lowest), CELL),
        Entry::field(14, "hottest cell ever", I16, M::Lifetime(P::Hottest), CELSIUS),
        Entry::field(15, "coldest cell ever", I16, M::Lifetime(P::Coldest), CELSIUS),
        Entry::field(16, "charging current ever", I16, M::Lifetime(P::ChargeCurrent), AMPERE),
        Entry::field(17, "discharging current ever", I16, M::Lifetime(P::DischargeCurrent), AMPERE),
        Entry::field(18, "relay closings", U32, M::Lifetime(P::Closings), Meaning::Plain),
        Entry::field(19, "flash writes", U32, M::Lifetime(P::Writes), Meaning::Plain),
    ]
};

/// How often each condition has come, named by the terms of the field.
pub(super) const TIMES: [Entry<M>; Condition::COUNT] = {
    let mut entries = [time(0, Condition::Alarm(Alarm::ALL[0])); Condition::COUNT];
    let mut i = 0;
    while i < Condition::COUNT {
        let alarms = Alarm::ALL.len();
        let condition = if i < alarms {
            Condition::Alarm(Alarm::ALL[i])
        } else {
            Condition::Fault(Fault::ALL[i - alarms])
        };
        entries[i] = time(i as u8, condition);
        i += 1;
    }
    entries
};

const fn time(bit: u8, condition: Condition) -> Entry<M> {
    let field = M::Lifetime(LifetimePart::Times(bit));
    Entry::field(bit + 1, condition.names().term, DataType::U16, field, Meaning::Plain)
}
