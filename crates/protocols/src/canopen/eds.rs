//! Electronic data sheets (CiA 306), printed from a dictionary.

use core::fmt;

use super::dictionary::{Access, Dictionary, Item, Source};
use super::value::DataType;

/// The electronic data sheet of a kind of device. `Display` prints the file.
#[derive(Debug, Clone, Copy)]
pub struct Eds<F: 'static> {
    dictionary: &'static Dictionary<F>,
    file: &'static str,
}

/// Object codes of CiA 301.
const VARIABLE: u8 = 0x7;
const ARRAY: u8 = 0x8;
const RECORD: u8 = 0x9;

/// Where the list of an object belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Mandatory,
    Optional,
    Manufacturer,
}

impl Part {
    const fn of(index: u16) -> Self {
        match index {
            0x1000 | 0x1001 | 0x1018 => Self::Mandatory,
            0x2000..=0x5FFF => Self::Manufacturer,
            _ => Self::Optional,
        }
    }
}

impl<F: Copy> Eds<F> {
    /// Of `dictionary`, calling itself `file`.
    #[must_use]
    pub const fn new(dictionary: &'static Dictionary<F>, file: &'static str) -> Self {
        Self { dictionary, file }
    }

    fn indices(&self, part: Part) -> impl Iterator<Item = u16> {
        let starts = self.dictionary.items().filter(|item| item.entry.sub == 0);
        starts.map(|item| item.index).filter(move |index| Part::of(*index) == part)
    }

    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [vendor, product, revision] = self.dictionary.identity;
        let device = self.dictionary.device;
        let sends = |direction| self.dictionary.pdos.iter().filter(|pdo| pdo.direction == direction).count();
        let (receives, transmits) = (sends(super::Direction::Receive), sends(super::Direction::Transmit));
        writeln!(f, "[FileInfo]\nFileName={}\nFileVersion=1\nFileRevision={revision}", self.file)?;
        writeln!(f, "EDSVersion=4.0\nDescription={device}, object dictionary of Voltower")?;
        writeln!(f, "CreatedBy=cargo xtask docs\n")?;
        writeln!(f, "[DeviceInfo]\nVendorName=Voltower\nVendorNumber={vendor:#x}")?;
        writeln!(f, "ProductName={device}\nProductNumber={product:#x}\nRevisionNumber={revision}")?;
        for rate in [10, 20, 50, 125, 250, 500, 800, 1000] {
            writeln!(f, "BaudRate_{rate}={}", u8::from(rate == 500))?;
        }
        writeln!(f, "SimpleBootUpMaster=0\nSimpleBootUpSlave=1\nGranularity=8\nDynamicChannelsSupported=0")?;
        writeln!(f, "GroupMessaging=0\nNrOfRXPDO={receives}\nNrOfTXPDO={transmits}\nLSS_Supported=1\n")?;
        writeln!(f, "[DummyUsage]")?;
        for dummy in 1..=7 {
            writeln!(f, "Dummy{dummy:04}=0")?;
        }
        writeln!(f, "\n[Comments]\nLines=1\nLine1=Printed from the dictionary's one table; do not edit.\n")
    }

    fn list(&self, f: &mut fmt::Formatter<'_>, name: &str, part: Part) -> fmt::Result {
        writeln!(f, "[{name}]\nSupportedObjects={}", self.indices(part).count())?;
        for (number, index) in self.indices(part).enumerate() {
            writeln!(f, "{}=0x{index:04X}", number + 1)?;
        }
        writeln!(f)
    }

    fn item(&self, f: &mut fmt::Formatter<'_>, item: &Item<F>) -> fmt::Result {
        if item.is_variable {
            return entry(f, item, format_args!("{:04X}", item.index), item.object);
        }
        if item.entry.sub == 0 {
            self.group(f, item)?;
        }
        entry(f, item, format_args!("{:04X}sub{:X}", item.index, item.entry.sub), item.entry.name)
    }

    /// The head of a record; of an array, whose elements are alike, for 0x1003 (CiA 301).
    fn group(&self, f: &mut fmt::Formatter<'_>, first: &Item<F>) -> fmt::Result {
        let subs = self.dictionary.items().filter(|item| item.index == first.index).count();
        let kind = if matches!(first.index, 0x1003 | 0x1016) { ARRAY } else { RECORD };
        // Tools find objects by name: no two may have the same.
        let part = match first.index {
            0x1400..=0x15FF | 0x1800..=0x19FF => " parameters",
            0x1600..=0x17FF | 0x1A00..=0x1BFF => " mapping",
            _ => "",
        };
        writeln!(
            f,
            "[{:04X}]\nParameterName={}{part}\nObjectType={kind:#x}\nSubNumber={subs}\n",
            first.index, first.object
        )
    }
}

impl<F: Copy> fmt::Display for Eds<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.header(f)?;
        self.list(f, "MandatoryObjects", Part::Mandatory)?;
        self.list(f, "OptionalObjects", Part::Optional)?;
        self.list(f, "ManufacturerObjects", Part::Manufacturer)?;
        for item in self.dictionary.items() {
            self.item(f, &item)?;
        }
        Ok(())
    }
}

fn entry<F: Copy>(
    f: &mut fmt::Formatter<'_>,
    item: &Item<F>,
    section: fmt::Arguments<'_>,
    name: &str,
) -> fmt::Result {
    let entry = &item.entry;
    writeln!(f, "[{section}]\nParameterName={name}\nObjectType={VARIABLE:#x}")?;
    writeln!(f, "DataType=0x{:04X}\nAccessType={}", entry.data_type as u16, access(entry.access))?;
    default(f, entry.source, entry.data_type)?;
    if let Some((low, high)) = entry.range {
        writeln!(f, "LowLimit={low}\nHighLimit={high}")?;
    }
    if let Some((symbol, per)) = entry.meaning.unit() {
        writeln!(f, "Factor={}\nUnit={symbol}", Factor(per))?;
    }
    writeln!(f, "PDOMapping={}\n", u8::from(is_mappable(item)))
}

const fn access(access: Access) -> &'static str {
    match access {
        Access::Constant => "const",
        Access::ReadOnly => "ro",
        Access::ReadWrite => "rw",
    }
}

/// Numbers that never change, and COB-IDs as a sum with the node.
fn default<F: Copy>(f: &mut fmt::Formatter<'_>, source: Source<F>, data_type: DataType) -> fmt::Result {
    match source {
        Source::Number(number) if data_type.size() == Some(4) => writeln!(f, "DefaultValue={number:#x}"),
        Source::Number(number) => writeln!(f, "DefaultValue={number}"),
        Source::CobId(base) => writeln!(f, "DefaultValue=$NODEID+{base:#x}"),
        Source::Text(text) => writeln!(f, "DefaultValue={text}"),
        _ => writeln!(f, "DefaultValue="),
    }
}

/// Process data of ours; parameters of communication cannot be mapped.
fn is_mappable<F>(item: &Item<F>) -> bool {
    matches!(item.entry.source, Source::Field(_)) && item.entry.data_type.size().is_some_and(|size| size <= 4)
}

/// `1 / per`, for a power of ten.
struct Factor(u16);

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.max(1).ilog10() as usize {
            0 => f.write_str("1"),
            digits => write!(f, "0.{:0digits$}", 1),
        }
    }
}
