//! Object dictionaries (CiA 301) as const tables: written once, read by the server, by clients, and by whoever
//! prints them.
//!
//! Nothing is stored: an entry says where its value comes from ([`Source`]). Communication and mapping objects of
//! process data are not written down; they follow from the [`Pdo`] descriptions.

use voltower_core::values::LINK_INHIBIT;

use super::meaning::Meaning;
use super::{Abort, DataType};

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
    /// What the device is called.
    DeviceName,
    /// Number of vendor, product, or revision: the place in the dictionary's identity.
    Identity(u8),
    /// Error register, kept by the node.
    ErrorRegister,
    /// How many errors the node remembers; writing 0 forgets them.
    ErrorCount,
    /// The error that was the newest but so many, from 1.
    Error(u8),
    /// COB-ID of SYNC; bit 30: this node produces it.
    SyncCobId,
    /// Period of SYNC in microseconds, kept by the node.
    SyncPeriod,
    /// Whose heartbeat is watched, and for how long it may be silent: node in bits 16 to 22, milliseconds below.
    HeartbeatConsumer(u8),
    /// Heartbeat period in milliseconds, kept by the node.
    HeartbeatTime,
    /// Transmission type of the slow process data of this place.
    TransmissionType(u8),
    /// Event timer of the slow process data of this place, in milliseconds.
    EventTimer(u8),
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

/// The fields of objects that have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {}

impl<F> Source<F> {
    /// The same for a device with fields.
    const fn of(source: Source<Nothing>) -> Self {
        match source {
            Source::Number(number) => Self::Number(number),
            Source::Text(text) => Self::Text(text),
            Source::CobId(base) => Self::CobId(base),
            Source::DeviceName => Self::DeviceName,
            Source::Identity(place) => Self::Identity(place),
            Source::ErrorRegister => Self::ErrorRegister,
            Source::ErrorCount => Self::ErrorCount,
            Source::Error(place) => Self::Error(place),
            Source::SyncCobId => Self::SyncCobId,
            Source::SyncPeriod => Self::SyncPeriod,
            Source::HeartbeatConsumer(place) => Self::HeartbeatConsumer(place),
            Source::HeartbeatTime => Self::HeartbeatTime,
            Source::TransmissionType(place) => Self::TransmissionType(place),
            Source::EventTimer(place) => Self::EventTimer(place),
            Source::Software => Self::Software,
            Source::PcuSoftware => Self::PcuSoftware,
            Source::Serial => Self::Serial,
            Source::SerialHash => Self::SerialHash,
            Source::Field(nothing) => match nothing {},
        }
    }
}

/// One sub-index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<F> {
    /// Sub-index.
    pub sub: u8,
    /// What it is.
    pub name: &'static str,
    /// Its type.
    pub data_type: DataType,
    /// Who may do what.
    pub access: Access,
    /// How to read it.
    pub meaning: Meaning,
    /// Smallest and largest value that may be written.
    pub range: Option<(i64, i64)>,
    /// Where its value comes from.
    pub source: Source<F>,
}

impl<F> Entry<F> {
    /// The same for a device with fields.
    fn of(entry: Entry<Nothing>) -> Self {
        let Entry { sub, name, data_type, access, meaning, range, source } = entry;
        Self { sub, name, data_type, access, meaning, range, source: Source::of(source) }
    }

    /// An entry that can be read.
    #[must_use]
    pub const fn new(sub: u8, name: &'static str, data_type: DataType, source: Source<F>) -> Self {
        Self { sub, name, data_type, access: Access::ReadOnly, meaning: Meaning::Plain, range: None, source }
    }

    /// A field of the controller.
    #[must_use]
    pub const fn field(sub: u8, name: &'static str, data_type: DataType, field: F, meaning: Meaning) -> Self
    where
        F: Copy,
    {
        Self { meaning, ..Self::new(sub, name, data_type, Source::Field(field)) }
    }

    /// A number that never changes.
    #[must_use]
    pub const fn constant(sub: u8, name: &'static str, data_type: DataType, number: u32) -> Self
    where
        F: Copy,
    {
        Self { access: Access::Constant, ..Self::new(sub, name, data_type, Source::Number(number)) }
    }

    /// The same, but writable within `low..=high`.
    #[must_use]
    pub const fn writable(self, low: u32, high: u32) -> Self
    where
        F: Copy,
    {
        Self { access: Access::ReadWrite, range: Some((low as i64, high as i64)), ..self }
    }

    /// The same, but writable within `low..=high`, which may be negative.
    #[must_use]
    pub const fn writable_between(self, low: i32, high: i32) -> Self
    where
        F: Copy,
    {
        Self { access: Access::ReadWrite, range: Some((low as i64, high as i64)), ..self }
    }

    /// The same, but it never changes.
    #[must_use]
    pub const fn fixed(self) -> Self
    where
        F: Copy,
    {
        Self { access: Access::Constant, ..self }
    }

    /// The same, shown as bits.
    #[must_use]
    pub const fn bits(self) -> Self
    where
        F: Copy,
    {
        Self { meaning: Meaning::Hexadecimal, ..self }
    }

    /// The same text, but writable.
    #[must_use]
    pub const fn writable_text(self) -> Self
    where
        F: Copy,
    {
        Self { access: Access::ReadWrite, ..self }
    }
}

/// One index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<F: 'static> {
    /// Index.
    pub index: u16,
    /// What it is.
    pub name: &'static str,
    /// A single entry with sub-index 0; or several, whose sub-index 0, if not among them, is the highest of them.
    pub entries: &'static [Entry<F>],
}

impl<F> Object<F> {
    /// A single value, not a record.
    #[must_use]
    pub const fn is_variable(&self) -> bool {
        matches!(self.entries, [only] if only.sub == 0)
    }

    /// The highest sub-index.
    #[must_use]
    pub fn highest_sub(&self) -> u8 {
        self.entries.last().map_or(0, |entry| entry.sub)
    }
}

/// Which way process data go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The device sends them.
    Transmit,
    /// The device receives them.
    Receive,
}

/// When process data are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pace {
    /// Every so many milliseconds, and at once when they change; protection depends on it, so it cannot be changed.
    Fixed(u16),
    /// Every so many milliseconds unless it is written otherwise; the place among the slow process data, from 0.
    Free(u16, u8),
}

/// Process data: their COB-ID, when they are sent, and what is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pdo {
    /// Number, from 1.
    pub number: u8,
    /// Which way.
    pub direction: Direction,
    /// What they are.
    pub name: &'static str,
    /// COB-ID, less the node.
    pub base: u16,
    /// When they are sent.
    pub pace: Pace,
    /// Index and sub-index of what is in them, in order.
    pub mapping: &'static [(u16, u8)],
}

impl Pdo {
    /// Index of the communication parameters (CiA 301).
    #[must_use]
    pub const fn communication(&self) -> u16 {
        let first = match self.direction {
            Direction::Receive => 0x1400,
            Direction::Transmit => 0x1800,
        };
        first + self.number as u16 - 1
    }

    /// Index of the mapping (CiA 301).
    #[must_use]
    pub const fn mapping(&self) -> u16 {
        self.communication() + 0x200
    }

    /// The COB-ID of `node`.
    #[must_use]
    pub const fn cob_id(&self, node: u8) -> u16 {
        self.base.wrapping_add(node as u16) & 0x7FF
    }

    const fn parameter<F: Copy>(&self, sub: u8) -> Option<Entry<F>> {
        let (period, place) = match self.pace {
            Pace::Fixed(period) => (period, None),
            Pace::Free(period, place) => (period, Some(place)),
        };
        let milliseconds = Meaning::Scaled { symbol: "s", per: 1000 };
        Some(match (sub, place) {
            (0, _) => highest(5),
            (1, _) => Entry { meaning: Meaning::Hexadecimal, ..cob_id(1, "COB-ID", self.base) },
            (2, None) => Entry::constant(2, "transmission type", DataType::U8, EVENT_DRIVEN),
            (2, Some(place)) => {
                let source = Source::TransmissionType(place);
                Entry::new(2, "transmission type", DataType::U8, source).writable(1, 255)
            }
            (3, None) => Entry {
                meaning: Meaning::Scaled { symbol: "s", per: 10_000 },
                ..Entry::constant(3, "inhibit time", DataType::U16, INHIBIT)
            },
            (5, None) => Entry {
                meaning: milliseconds,
                ..Entry::constant(5, "event timer", DataType::U16, period as u32)
            },
            (5, Some(place)) => {
                let entry = Entry::new(5, "event timer", DataType::U16, Source::EventTimer(place));
                Entry { meaning: milliseconds, ..entry.writable(FASTEST_EVENT, 0xFFFF) }
            }
            (_, _) => return None,
        })
    }
}

/// Sub-indices of communication parameters.
const PARAMETERS: [u8; 5] = [0, 1, 2, 3, 5];
/// Event-driven, manufacturer specific (CiA 301, transmission type 254).
const EVENT_DRIVEN: u32 = 254;
/// Fixed process data are also sent when they change, but no closer together, in units of 100 us (CiA 301).
const INHIBIT: u32 = LINK_INHIBIT.as_millis() as u32 * 10;
/// Free process data are sent no faster than this, in milliseconds, so that they cannot fill the bus (ours).
const FASTEST_EVENT: u32 = 100;
/// Names of mapped objects, by sub-index from 1.
const MAPPED: [&str; 8] = [
    "mapped object 1",
    "mapped object 2",
    "mapped object 3",
    "mapped object 4",
    "mapped object 5",
    "mapped object 6",
    "mapped object 7",
    "mapped object 8",
];

/// The dictionary of a kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dictionary<F: 'static> {
    /// What the device is called.
    pub device: &'static str,
    /// Object 0x1018: vendor, product, revision.
    pub identity: [u32; 3],
    /// Objects that other devices have too, by ascending index.
    pub common: &'static [Object<Nothing>],
    /// Objects of its own by ascending index, those of process data left out.
    pub objects: &'static [Object<F>],
    /// Process data.
    pub pdos: &'static [Pdo],
}

/// An entry and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<F> {
    /// Index.
    pub index: u16,
    /// What the object is.
    pub object: &'static str,
    /// It stands alone in its object.
    pub is_variable: bool,
    /// The entry.
    pub entry: Entry<F>,
}

impl<F> Item<F> {
    fn of(item: Item<Nothing>) -> Self {
        let Item { index, object, is_variable, entry } = item;
        Self { index, object, is_variable, entry: Entry::of(entry) }
    }
}

impl<F: Copy> Dictionary<F> {
    /// The entry at `index` and `sub`.
    ///
    /// # Errors
    /// [`Abort::NoObject`] or [`Abort::NoSubIndex`].
    pub fn entry(&self, index: u16, sub: u8) -> Result<Entry<F>, Abort> {
        if let Some(object) = find(self.objects, index) {
            return entry_of(object, sub).ok_or(Abort::NoSubIndex);
        }
        if let Some(object) = find(self.common, index) {
            return entry_of(object, sub).map(Entry::of).ok_or(Abort::NoSubIndex);
        }
        let pdo = self.pdo_object(index).ok_or(Abort::NoObject)?;
        self.entry_of_pdo(pdo, index, sub).ok_or(Abort::NoSubIndex)
    }

    /// All entries: of common objects, of its own, of process data; each of these by ascending index.
    pub fn items(&self) -> impl Iterator<Item = Item<F>> {
        let common = self.common.iter().flat_map(items_of).map(Item::of);
        let own = self.objects.iter().flat_map(items_of);
        common.chain(own).chain(self.pdos.iter().flat_map(|pdo| self.items_of_pdo(pdo)))
    }

    /// The process data that `node` sends or receives as `cob_id`.
    pub fn pdo(&self, cob_id: u16, node: u8) -> Option<&'static Pdo> {
        self.pdos.iter().find(|pdo| pdo.cob_id(node) == cob_id)
    }

    /// Whether `node` sends process data as `cob_id`.
    #[must_use]
    pub fn sends(&self, cob_id: u16, node: u8) -> bool {
        self.pdo(cob_id, node).is_some_and(|pdo| pdo.direction == Direction::Transmit)
    }

    /// What is in `pdo`, in order.
    pub fn mapped(&self, pdo: &Pdo) -> impl Iterator<Item = Entry<F>> {
        pdo.mapping.iter().filter_map(|(index, sub)| self.entry(*index, *sub).ok())
    }

    fn pdo_object(&self, index: u16) -> Option<&'static Pdo> {
        self.pdos.iter().find(|pdo| pdo.communication() == index || pdo.mapping() == index)
    }

    fn entry_of_pdo(&self, pdo: &Pdo, index: u16, sub: u8) -> Option<Entry<F>> {
        if index == pdo.communication() {
            return pdo.parameter(sub);
        }
        let Some(place) = sub.checked_sub(1) else { return Some(highest(pdo.mapping.len() as u8)) };
        let (mapped, mapped_sub) = *pdo.mapping.get(usize::from(place))?;
        let bits = self.entry(mapped, mapped_sub).ok()?.data_type.size()? as u32 * 8;
        let number = u32::from(mapped) << 16 | u32::from(mapped_sub) << 8 | bits;
        let name = MAPPED.get(usize::from(place)).copied().unwrap_or("mapped object");
        let entry = Entry::constant(sub, name, DataType::U32, number);
        Some(Entry { meaning: Meaning::Hexadecimal, ..entry })
    }

    fn items_of_pdo(&self, pdo: &'static Pdo) -> impl Iterator<Item = Item<F>> {
        let (parameters, mapping) = (pdo.communication(), pdo.mapping());
        let subs = PARAMETERS.into_iter().map(move |sub| (parameters, sub));
        let mapped = (0..=pdo.mapping.len() as u8).map(move |sub| (mapping, sub));
        subs.chain(mapped).filter_map(move |(index, sub)| {
            let entry = self.entry_of_pdo(pdo, index, sub)?;
            Some(Item { index, object: pdo.name, is_variable: false, entry })
        })
    }
}

fn find<F>(objects: &'static [Object<F>], index: u16) -> Option<&'static Object<F>> {
    objects.get(objects.binary_search_by_key(&index, |object| object.index).ok()?)
}

fn items_of<F: Copy>(object: &'static Object<F>) -> impl Iterator<Item = Item<F>> {
    let item =
        |entry| Item { index: object.index, object: object.name, is_variable: object.is_variable(), entry };
    let has_first = object.entries.first().is_some_and(|entry| entry.sub == 0);
    let first = (!has_first).then(|| highest(object.highest_sub()));
    first.into_iter().chain(object.entries.iter().copied()).map(item)
}

fn entry_of<F: Copy>(object: &Object<F>, sub: u8) -> Option<Entry<F>> {
    let found = object.entries.iter().find(|entry| entry.sub == sub).copied();
    found.or_else(|| (sub == 0).then(|| highest(object.highest_sub())))
}

const fn highest<F: Copy>(sub: u8) -> Entry<F> {
    Entry::constant(0, "highest sub-index", DataType::U8, sub as u32)
}

/// A COB-ID that is `base` plus the node.
#[must_use]
pub const fn cob_id<F: Copy>(sub: u8, name: &'static str, base: u16) -> Entry<F> {
    let entry = Entry::new(sub, name, DataType::U32, Source::CobId(base));
    Entry { access: Access::Constant, meaning: Meaning::Hexadecimal, ..entry }
}
