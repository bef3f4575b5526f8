//! The object dictionaries of module and distribution unit: the one place where they are written. The controllers
//! serve them, tools read and print them (`voltower link`, `docs/link.md`, the EDS files in `data/eds`).
//!
//! 0x1000 to 0x1FFF follow CiA 301 and 302; 0x2000 and up are ours.

mod bdu;
mod common;
mod kept;
mod module;

pub use bdu::{BDU_DICTIONARY, BduField};
pub use common::{CommandPart, ERRORS, EVENTS, LimitPart, ReasonPart, SYNC_PRODUCER, SelfTestPart};
pub use kept::{BlackboxPart, FRAMES, FramePart, LifetimePart, MemoryPart, POINTS};
pub use module::{MODULE_DICTIONARY, ModuleField};

use crate::canopen::{DataType, Direction, Entry, Meaning, Object, Pace, Pdo};

/// What a device that is one of ours is called, in object 0x1018 sub 2.
pub const MODULE_PRODUCT: u32 = 0x4254_5305;
/// See [`MODULE_PRODUCT`].
pub const BDU_PRODUCT: u32 = 0x4254_5344;
/// No vendor number is assigned to an open project; 0 says so.
pub const VENDOR: u32 = 0;
/// Revision of both dictionaries.
pub const REVISION: u32 = 5;

/// How many of a module's process data are slow, and may be sent at other times.
pub const SLOW_PDOS: usize = 10;

/// Places of the reasons of charge and discharge limit among the slow process data, of both devices.
pub const REASON_PLACES: [u8; 2] = [7, 8];

/// Place of the diagnosis among the slow process data of the BDU.
pub const DIAGNOSIS_PLACE: u8 = 0;
/// Place of the estimate among the slow process data of the distribution unit.
pub const ESTIMATE_PLACE: u8 = 9;

const VOLT: Meaning = Meaning::Scaled { symbol: "V", per: 1000 };
const BUS_VOLT: Meaning = Meaning::Scaled { symbol: "V", per: 10 };
const AMPERE: Meaning = Meaning::Scaled { symbol: "A", per: 100 };
const WATT: Meaning = Meaning::Scaled { symbol: "W", per: 1 };
const PERCENT: Meaning = Meaning::Scaled { symbol: "%", per: 10 };
const AMPERE_HOUR: Meaning = Meaning::Scaled { symbol: "Ah", per: 10 };
const CELL: Meaning = Meaning::Reading { symbol: "V", per: 1000 };
const CELSIUS: Meaning = Meaning::Reading { symbol: "degC", per: 10 };

/// The tables are searched by halving.
const fn is_sorted<F: Copy>(objects: &[Object<F>]) -> bool {
    let mut i = 1;
    while i < objects.len() {
        if objects[i - 1].index >= objects[i].index {
            return false;
        }
        i += 1;
    }
    true
}

const _: () = assert!(
    is_sorted(common::OBJECTS) && is_sorted(MODULE_DICTIONARY.objects) && is_sorted(BDU_DICTIONARY.objects)
);

/// Fields of one type, with sub-indices from 1.
const fn series<F: Copy, const N: usize>(
    data_type: DataType,
    meaning: Meaning,
    names: [&'static str; N],
    fields: [F; N],
) -> [Entry<F>; N] {
    let mut entries = [Entry::field(1, names[0], data_type, fields[0], meaning); N];
    let mut i = 1;
    while i < N {
        entries[i] = Entry::field(i as u8 + 1, names[i], data_type, fields[i], meaning);
        i += 1;
    }
    entries
}

const fn sends(number: u8, name: &'static str, base: u16, pace: Pace, mapping: &'static [(u16, u8)]) -> Pdo {
    Pdo { number, direction: Direction::Transmit, name, base, pace, mapping }
}
