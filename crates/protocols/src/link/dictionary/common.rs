//! What module and distribution unit have in common.

use voltower_core::Binding;
use voltower_core::values::HEARTBEAT_PERIOD;

use super::{BUS_VOLT, WATT};
use crate::canopen::dictionary::cob_id;
use crate::canopen::{DataType, Entry, Meaning, Nothing, Object, Source};
use crate::link::{EMCY, SDO_REQUEST, SDO_RESPONSE, SYNC, Way};

/// Events that a device keeps for who asks.
pub const EVENTS: usize = 16;

/// What a limit consists of, for the fields of both devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitPart {
    /// Charge power, W. U16.
    Charge,
    /// Discharge power, W. U16.
    Discharge,
    /// [`Binding`](voltower_core::Binding) code of the charge limit. U8.
    ChargeBinding,
    /// [`Binding`](voltower_core::Binding) code of the discharge limit. U8.
    DischargeBinding,
    /// Cell, sensor or module that binds the charge limit, 0 for none. U8.
    ChargeElement,
    /// Cell, sensor or module that binds the discharge limit, 0 for none. U8.
    DischargeElement,
}

/// What the reasons of both limits consist of, for the fields of both devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReasonPart {
    /// Bits of the [`Bindings`](voltower_core::Bindings) of this limit. U16.
    Causes(Way),
    /// Where the quantity stands, in the unit of the binding; 0x7FFF for none. I16.
    Value(Way),
    /// Where it must go, in the same unit; 0x7FFF for none. I16.
    Level(Way),
    /// [`Relief`](voltower_core::Relief) code: seconds, or what must happen. U16.
    Relief(Way),
}

/// What a command to a module consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandPart {
    /// What is wanted, with its flags. U8.
    Request,
    /// Set-point, 0.1 V. I16.
    SetPoint,
    /// Charge power, W. U16.
    Charge,
    /// Discharge power, W. U16.
    Discharge,
    /// Share, half percents. U8.
    Weight,
}

/// What the tests of a device's own electronics consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SelfTestPart {
    /// What is wrong: bits, the lowest first: memory failed, memory overdue, image failed, image overdue, control
    /// flow, clock stands. U8.
    Wrong,
    /// Since the last pass over memory, or the start, s. U16.
    MemoryAge,
    /// Since the last pass over the image, or the start, s. U16.
    ImageAge,
}

/// How many errors the node remembers for object 0x1003.
pub const ERRORS: usize = 8;
/// The objects of CiA 301 that both have.
pub(super) const OBJECTS: &[Object<Nothing>] = {
    use DataType::{Text, U8, U32};
    &[
        Object { index: 0x1000, name: "device type", entries: &[Entry::constant(0, "device type", U32, 0)] },
        Object {
            index: 0x1001,
            name: "error register",
            entries: &[Entry::new(0, "error register", U8, Source::ErrorRegister).bits()],
        },
        Object { index: 0x1003, name: "error history", entries: &ERROR_HISTORY },
        Object { index: 0x1005, name: "COB-ID SYNC", entries: &[SYNC_ID] },
        Object { index: 0x1006, name: "SYNC period", entries: &[CYCLE] },
        Object {
            index: 0x1008,
            name: "device name",
            entries: &[Entry::new(0, "device name", Text, Source::DeviceName).fixed()],
        },
        Object {
            index: 0x1009,
            name: "hardware version",
            entries: &[Entry::new(0, "hardware version", Text, Source::Text("1")).fixed()],
        },
        Object {
            index: 0x100A,
            name: "software version",
            entries: &[Entry::new(0, "software version", Text, Source::Software)],
        },
        Object { index: 0x1014, name: "COB-ID EMCY", entries: &[cob_id(0, "COB-ID EMCY", EMCY)] },
        Object { index: 0x1017, name: "heartbeat time", entries: &[HEARTBEAT] },
        Object { index: 0x1018, name: "identity", entries: &IDENTITY },
        Object {
            index: 0x1200,
            name: "SDO server",
            entries: &[
                cob_id(1, "COB-ID client to server", SDO_REQUEST),
                cob_id(2, "COB-ID server to client", SDO_RESPONSE),
            ],
        },
    ]
};

const SYNC_ID: Entry<Nothing> = Entry::new(0, "COB-ID SYNC", DataType::U32, Source::SyncCobId)
    .bits()
    .writable(SYNC as u32, SYNC_PRODUCER | SYNC as u32);

const CYCLE: Entry<Nothing> = Entry {
    meaning: Meaning::Scaled { symbol: "ms", per: 1000 },
    ..Entry::new(0, "SYNC period", DataType::U32, Source::SyncPeriod).writable(SYNC_FASTEST, SYNC_SLOWEST)
};

/// The distribution unit and its modules miss a heartbeat sooner than they miss anything else: it may only come
/// more often.
const HEARTBEAT: Entry<Nothing> = Entry {
    meaning: Meaning::Scaled { symbol: "s", per: 1000 },
    ..Entry::new(0, "heartbeat time", DataType::U16, Source::HeartbeatTime)
        .writable(HEARTBEAT_FASTEST, HEARTBEAT_PERIOD.as_millis() as u32)
};

const IDENTITY: [Entry<Nothing>; 4] = [
    Entry::new(1, "vendor", DataType::U32, Source::Identity(0)).fixed().bits(),
    Entry::new(2, "product", DataType::U32, Source::Identity(1)).fixed().bits(),
    Entry::new(3, "revision", DataType::U32, Source::Identity(2)).fixed().bits(),
    Entry::new(4, "serial number, hash", DataType::U32, Source::SerialHash).bits(),
];

const ERROR_HISTORY: [Entry<Nothing>; ERRORS + 1] = {
    const NAMES: [&str; ERRORS] =
        ["error 1", "error 2", "error 3", "error 4", "error 5", "error 6", "error 7", "error 8"];
    let count = Entry::new(0, "number of errors", DataType::U8, Source::ErrorCount).writable(0, 0);
    let mut entries = [count; ERRORS + 1];
    let mut i = 1;
    while i <= ERRORS {
        entries[i] = Entry::new(i as u8, NAMES[i - 1], DataType::U32, Source::Error(i as u8)).bits();
        i += 1;
    }
    entries
};

/// Bit 30 of object 0x1005: this node produces SYNC (CiA 301).
pub const SYNC_PRODUCER: u32 = 1 << 30;
/// SYNC no more often than the slow process data could follow, in microseconds (ours).
const SYNC_FASTEST: u32 = 100_000;
/// Once a minute, in microseconds (ours).
const SYNC_SLOWEST: u32 = 60_000_000;
/// Heartbeats come no more often than the fast process data, in milliseconds (ours).
const HEARTBEAT_FASTEST: u32 = 100;

/// Names of the events in the log of a device.
pub(super) const EVENT_NAMES: [&str; EVENTS] = [
    "event 1", "event 2", "event 3", "event 4", "event 5", "event 6", "event 7", "event 8", "event 9",
    "event 10", "event 11", "event 12", "event 13", "event 14", "event 15", "event 16",
];

/// The limits of a device: their fields by `field`.
pub(super) const fn limits<F: Copy>(fields: [F; 6]) -> [Entry<F>; 6] {
    use DataType::{U8, U16};
    let [charge, discharge, charge_binding, discharge_binding, charge_element, discharge_element] = fields;
    [
        Entry::field(1, "charge power", U16, charge, WATT),
        Entry::field(2, "discharge power", U16, discharge, WATT),
        Entry::field(3, "charge binding", U8, charge_binding, Meaning::Binding),
        Entry::field(4, "discharge binding", U8, discharge_binding, Meaning::Binding),
        Entry::field(5, "charge element", U8, charge_element, Meaning::Element),
        Entry::field(6, "discharge element", U8, discharge_element, Meaning::Element),
    ]
}

/// The bindings, by code.
const BINDINGS: [&str; Binding::ALL.len()] = {
    let mut words = [""; Binding::ALL.len()];
    let mut i = 0;
    while i < words.len() {
        words[i] = Binding::ALL[i].word();
        i += 1;
    }
    words
};

/// The reasons of both limits: their fields by `field`.
pub(super) const fn reasons<F: Copy>(fields: [F; 8]) -> [Entry<F>; 8] {
    use DataType::{I16, U16};
    let [causes, value, level, relief, out_causes, out_value, out_level, out_relief] = fields;
    let number = Meaning::Reading { symbol: "by binding", per: 1 };
    [
        Entry::field(1, "charge causes", U16, causes, Meaning::Bits(&BINDINGS)),
        Entry::field(2, "charge value", I16, value, number),
        Entry::field(3, "charge level", I16, level, number),
        Entry::field(4, "charge relief", U16, relief, Meaning::Relief),
        Entry::field(5, "discharge causes", U16, out_causes, Meaning::Bits(&BINDINGS)),
        Entry::field(6, "discharge value", I16, out_value, number),
        Entry::field(7, "discharge level", I16, out_level, number),
        Entry::field(8, "discharge relief", U16, out_relief, Meaning::Relief),
    ]
}

const WRONG: [&str; 6] =
    ["memory failed", "memory overdue", "image failed", "image overdue", "control flow", "clock stands"];

/// The self tests of a device: their fields by `field`.
pub(super) const fn self_tests<F: Copy>(fields: [F; 3]) -> [Entry<F>; 3] {
    use DataType::{U8, U16};
    let [wrong, memory, image] = fields;
    let seconds = Meaning::Scaled { symbol: "s", per: 1 };
    [
        Entry::field(1, "wrong", U8, wrong, Meaning::Bits(&WRONG)),
        Entry::field(2, "age of the memory test", U16, memory, seconds),
        Entry::field(3, "age of the image test", U16, image, seconds),
    ]
}

/// A command to a module: its fields by `field`.
pub(super) const fn command<F: Copy>(fields: [F; 5]) -> [Entry<F>; 5] {
    use DataType::{I16, U8, U16};
    let [request, set_point, charge, discharge, weight] = fields;
    [
        Entry::field(1, "request", U8, request, Meaning::Request),
        Entry::field(2, "set-point", I16, set_point, BUS_VOLT),
        Entry::field(3, "charge power", U16, charge, WATT),
        Entry::field(4, "discharge power", U16, discharge, WATT),
        Entry::field(5, "share", U8, weight, Meaning::Scaled { symbol: "half percents", per: 1 }),
    ]
}
