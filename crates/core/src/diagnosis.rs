//! What the distribution unit has found out about wires and devices: the cause behind a condition, in words that the
//! manual's tables have no lights for.

use core::fmt;

use crate::condition::{Alarm, Condition, Fault};

/// A cause, without its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Cause {
    /// Nothing was found.
    #[default]
    None = 0,
    /// The terminal resistor on the last Link Out is missing.
    TerminatorMissing = 1,
    /// There is one terminal resistor too many.
    TerminatorDoubled = 2,
    /// No terminal resistor is seen at all: the wires are open at the distribution unit.
    LinkOpen = 3,
    /// Modules behind this one are not heard.
    ChainInterrupted = 4,
    /// A module answers although its turn has not come.
    OutOfTurn = 5,
    /// A module that was not there at the start is there now: it was plugged in under power.
    Stranger = 6,
    /// There are more modules than the manual allows.
    TooMany = 7,
    /// This module has the serial number of another one.
    SameSerial = 8,
    /// This device sends without a pause.
    Babbling = 9,
    /// So many frames are destroyed that the distribution unit's own are in danger.
    Disturbed = 10,
    /// Another tower has this tower's address on COM.
    ComConflict = 11,
    /// The software of this device does not work with that of the others.
    Software = 12,
    /// This module was heard and is silent, while the wires to it are whole.
    Silent = 13,
    /// A contact of this module is not where it is driven to, or its feedback says so.
    Contact = 14,
    /// The converter or the MOSFETs of this module are hot.
    HotElectronics = 15,
    /// No module brought the bus up, and none says why: a short outside of them.
    SoftStart = 16,
    /// A current flows through a DC switch that is said to be open.
    DcSwitch = 17,
    /// A second distribution unit talks on the Link.
    SecondUnit = 18,
    /// A cell of this module has a bad contact or sense wire.
    CellContact = 19,
    /// A cell of this module shows an end of the charge that the others have not reached.
    CellAlone = 20,
    /// A sensor of the distribution unit contradicts the modules and its other sensors.
    BduSensor = 21,
    /// The current sensor (shunt) of this module counts other ampere-hours than its converter.
    Shunt = 22,
}

impl Cause {
    /// All of them, by code.
    pub const ALL: [Self; 23] = [
        Self::None,
        Self::TerminatorMissing,
        Self::TerminatorDoubled,
        Self::LinkOpen,
        Self::ChainInterrupted,
        Self::OutOfTurn,
        Self::Stranger,
        Self::TooMany,
        Self::SameSerial,
        Self::Babbling,
        Self::Disturbed,
        Self::ComConflict,
        Self::Software,
        Self::Silent,
        Self::Contact,
        Self::HotElectronics,
        Self::SoftStart,
        Self::DcSwitch,
        Self::SecondUnit,
        Self::CellContact,
        Self::CellAlone,
        Self::BduSensor,
        Self::Shunt,
    ];
}

impl Cause {
    /// The wires of the Link are not as they should be, or somebody on them is not.
    #[must_use]
    pub const fn is_of_link(self) -> bool {
        match self {
            Self::TerminatorMissing
            | Self::TerminatorDoubled
            | Self::LinkOpen
            | Self::Stranger
            | Self::TooMany
            | Self::SameSerial
            | Self::Babbling
            | Self::Disturbed
            | Self::SecondUnit => true,
            Self::None
            | Self::ChainInterrupted
            | Self::OutOfTurn
            | Self::ComConflict
            | Self::Software
            | Self::Silent
            | Self::Contact
            | Self::HotElectronics
            | Self::SoftStart
            | Self::DcSwitch
            | Self::CellContact
            | Self::CellAlone
            | Self::BduSensor
            | Self::Shunt => false,
        }
    }

    /// The condition that the panel shows for it: the manual's own where it has one, otherwise *other*. Faults stop
    /// what they are about; with an alarm the tower works on, and somebody should look at it.
    #[must_use]
    pub const fn condition(self) -> Option<Condition> {
        match self {
            Self::None => None,
            Self::ChainInterrupted | Self::Silent | Self::OutOfTurn | Self::ComConflict => {
                Some(Condition::Fault(Fault::Communication))
            }
            Self::Software => Some(Condition::Fault(Fault::SoftwareVersion)),
            Self::TerminatorMissing
            | Self::TerminatorDoubled
            | Self::LinkOpen
            | Self::Stranger
            | Self::TooMany
            | Self::SameSerial
            | Self::Babbling
            | Self::Disturbed
            | Self::HotElectronics
            | Self::CellContact
            | Self::CellAlone
            | Self::BduSensor
            | Self::Shunt
            | Self::SecondUnit => Some(Condition::Alarm(Alarm::Other)),
            Self::Contact | Self::SoftStart | Self::DcSwitch => Some(Condition::Fault(Fault::Other)),
        }
    }
}

/// A sensor of the distribution unit, as the element of [`Cause::BduSensor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum BduSensor {
    /// Bus voltage between modules and fuse.
    BeforeFuse = 1,
    /// Voltage between fuse and DC switch.
    AfterFuse = 2,
    /// Voltage outside the DC switch.
    Outside = 3,
    /// Current of the tower.
    Current = 4,
}

impl BduSensor {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::BeforeFuse, Self::AfterFuse, Self::Outside, Self::Current];

    const fn words(element: u8) -> &'static str {
        match element {
            1 => "the distribution unit reads the voltage before its fuse wrongly",
            2 => "the distribution unit reads the voltage after its fuse wrongly",
            3 => {
                "the distribution unit reads the voltage outside its DC switch, or that switch's contact, wrongly"
            }
            4 => "the distribution unit reads the tower's current wrongly",
            _ => "a sensor of the distribution unit reads wrongly",
        }
    }
}

/// A cause and the module it is about; module 0 is the distribution unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Diagnosis {
    /// What was found.
    pub cause: Cause,
    /// Where, 0 to 4.
    pub module: u8,
    /// Which cell of it, from 1, or which [`BduSensor`]; 0 for none, or if it is not told.
    pub element: u8,
}

impl Diagnosis {
    /// Nothing was found.
    pub const NONE: Self = Self { cause: Cause::None, module: 0, element: 0 };

    /// `cause` at `module`; a module beyond 7 does not fit the wire and counts as 7.
    #[must_use]
    pub const fn new(cause: Cause, module: u8) -> Self {
        Self { cause, module: if module > 7 { 7 } else { module }, element: 0 }
    }

    /// The same, and which cell or sensor.
    #[must_use]
    pub const fn at(self, element: u8) -> Self {
        Self { element, ..self }
    }

    /// The same without its cell or sensor: what [`Self::code`] tells of it.
    #[must_use]
    pub const fn without_element(self) -> Self {
        self.at(0)
    }

    /// So many cells or sensors it may be about; 0 if its place is told by the module alone.
    #[must_use]
    pub const fn elements(self) -> u8 {
        match self.cause {
            Cause::CellContact | Cause::CellAlone => CELLS,
            Cause::BduSensor => BduSensor::ALL.len() as u8,
            _ => 0,
        }
    }

    /// Nothing was found.
    #[must_use]
    pub const fn is_none(self) -> bool {
        matches!(self.cause, Cause::None)
    }

    /// For a wire: the cause in the lower five bits, the module above.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.cause as u8 | self.module << 5
    }

    /// From a wire; `None` for a cause that there is not.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        let cause = Cause::ALL.get(usize::from(code & 0x1F)).copied()?;
        Some(Self::new(cause, code >> 5))
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, element, .. } = *self;
        match (self.cause, module) {
            (Cause::None, _) => f.write_str("nothing found"),
            (Cause::TerminatorMissing, _) => f.write_str("terminal resistor missing on the last Link Out"),
            (Cause::TerminatorDoubled, _) => f.write_str("one terminal resistor too many on the Link"),
            (Cause::LinkOpen, _) => f.write_str("Link open at the distribution unit"),
            (Cause::ChainInterrupted, 0) => {
                f.write_str("Link chain interrupted between the distribution unit and module 1")
            }
            (Cause::ChainInterrupted, _) => write!(f, "Link chain interrupted after module {module}"),
            (Cause::OutOfTurn, _) => f.write_str("a module answers before its turn has come"),
            (Cause::Stranger, _) => {
                write!(f, "module {module} was plugged in or exchanged under power; shut down and start")
            }
            (Cause::TooMany, _) => f.write_str("more than four modules; the fifth is kept off"),
            (Cause::SameSerial, _) => write!(f, "module {module} has the serial number of another one"),
            (Cause::Babbling, 0) => f.write_str("a device on the Link sends without a pause"),
            (Cause::Babbling, _) => write!(f, "module {module} sends without a pause"),
            (Cause::Disturbed, _) => f.write_str("frames on the Link are destroyed"),
            (Cause::ComConflict, _) => f.write_str("another tower on COM has the same battery address"),
            (Cause::Software, 0) => f.write_str("the distribution unit's software differs from the modules'"),
            (Cause::Software, _) => write!(f, "the software of module {module} differs"),
            (Cause::Silent, _) => write!(f, "module {module} has fallen silent on the Link"),
            (Cause::Contact, _) => write!(f, "a contact of module {module} is not where it is driven to"),
            (Cause::HotElectronics, _) => write!(f, "converter or MOSFETs of module {module} are hot"),
            (Cause::CellContact, _) => {
                cell(f, element)?;
                write!(f, " of module {module} has a bad contact: let service look at its bus bars")
            }
            (Cause::CellAlone, _) => {
                cell(f, element)?;
                write!(f, " of module {module} is alone with its end of the charge: weak, or read wrongly")
            }
            (Cause::Shunt, _) => {
                write!(
                    f,
                    "the current sensor (shunt) of module {module} counts wrongly: let service look at it"
                )
            }
            (Cause::BduSensor, _) => f.write_str(BduSensor::words(element)),
            (Cause::SoftStart, _) => f.write_str("no module brings the bus up: look for a short at BAT OUT"),
            (Cause::DcSwitch, _) => {
                f.write_str("a current flows through a DC switch that is said to be open")
            }
            (Cause::SecondUnit, _) => f.write_str("a second distribution unit talks on the Link"),
        }
    }
}

/// Cells of a module.
const CELLS: u8 = 16;

fn cell(f: &mut fmt::Formatter<'_>, element: u8) -> fmt::Result {
    if element == 0 { f.write_str("a cell") } else { write!(f, "cell {element}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnosis_survives_the_wire() {
        for (code, cause) in Cause::ALL.into_iter().enumerate() {
            assert_eq!(cause as usize, code);
            for module in 0..=4 {
                let diagnosis = Diagnosis::new(cause, module);
                assert_eq!(Diagnosis::from_code(diagnosis.code()), Some(diagnosis));
            }
        }
        assert_eq!(Diagnosis::from_code(23), None);
    }
}
