//! What exactly was found behind a condition: the manual's 26 conditions have lights, and several findings may share
//! one of them, *other* above all. Every row of the condition table of a module, and of the distribution unit's, has
//! a finding of its own, with its words.

use core::fmt;

macro_rules! findings {
    ($($(#[$meta:meta])* $variant:ident = $code:literal, $words:literal;)*) => {
        /// A finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(u8)]
        pub enum Finding {
            $($(#[$meta])* $variant = $code,)*
        }

        impl Finding {
            /// All of them, by code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What it is, in words.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)*
                }
            }
        }
    };
}

findings! {
    /// Whoever tells of the condition does not know more of it.
    #[default]
    Unnamed = 1, "no more is known here";
    /// A module's row: highest cell voltage, alarm.
    CellVoltageHigh = 2, "a cell's voltage is above the end of the charge taper";
    /// A module's row: highest cell voltage, fault.
    CellVoltageTooHigh = 3, "a cell's voltage is above its limit";
    /// A module's row: lowest cell voltage, alarm.
    CellVoltageLow = 4, "a cell's voltage is below the end of the discharge taper";
    /// A module's row: lowest cell voltage, fault.
    CellVoltageTooLow = 5, "a cell's voltage is below its limit";
    /// A module's row: deep discharge.
    DeepDischarge = 6, "deep discharge: copper may have dissolved in a cell; it must not be charged";
    /// A module's row: cell voltages apart, alarm.
    VoltagesApart = 7, "cell voltages lie far apart";
    /// A module's row: cell voltages apart, fault.
    VoltagesTooFarApart = 8, "cell voltages lie dangerously far apart";
    /// A module's row: highest cell temperature, alarm.
    CellHot = 9, "a cell is too hot to be charged";
    /// A module's row: highest cell temperature, fault.
    CellTooHot = 10, "a cell is too hot for any current";
    /// A module's row: highest cell temperature, lock-out.
    CellExtremelyHot = 11, "a cell has been so hot that a person must look at it";
    /// A module's row: lowest cell temperature, alarm.
    CellCold = 12, "a cell is below the manual's lowest temperature";
    /// A module's row: lowest cell temperature, fault.
    CellTooCold = 13, "a cell is too cold for any current";
    /// A module's row: cell temperatures apart, alarm.
    TemperaturesApart = 14, "cell temperatures lie far apart";
    /// A module's row: cell temperatures apart, fault.
    TemperaturesTooFarApart = 15, "cell temperatures lie dangerously far apart";
    /// A module's row: ambient temperature, alarm.
    AmbientHot = 16, "the surroundings are above the manual's 45 degC";
    /// A module's row: ambient temperature, alarm.
    AmbientCold = 17, "the surroundings are below the manual's -10 degC";
    /// A module's row: ambient temperature, fault.
    AmbientTooHot = 18, "the surroundings are far above the manual's 45 degC";
    /// A module's row: ambient temperature, fault.
    AmbientTooCold = 19, "the surroundings are far below the manual's -10 degC";
    /// A module's row: pack current, alarm.
    CurrentHigh = 20, "more current flows than is ever asked for";
    /// A module's row: pack current, fault.
    CurrentTooHigh = 21, "far more current flows than is ever asked for";
    /// A module's row: power at the bus beyond what was allowed.
    PowerBeyondLimit = 22, "the inverter takes or gives more power than the limit";
    /// A module's row: current in a direction that is stopped.
    CurrentWhereStopped = 23, "current flows in a direction that is stopped";
    /// A module's row: heat sink, alarm.
    HeatSinkHot = 24, "heat sink of the converter is hot: its cooling is blocked";
    /// A module's row: heat sink, fault.
    HeatSinkTooHot = 25, "heat sink of the converter is too hot";
    /// A module's row: MOSFETs, alarm.
    MosfetsHot = 26, "board of the charge and discharge MOSFETs is hot";
    /// A module's row: MOSFETs, fault.
    MosfetsTooHot = 27, "board of the charge and discharge MOSFETs is too hot";
    /// A module's row: readings.
    ReadingImpossible = 28, "a reading is missing for too long, or cannot be true: a sensor wire may be off";
    /// A module's row: sum of cells.
    SumDiffers = 29, "sum of the cells differs from the pack's own divider";
    /// A module's row: a reading that stands still.
    ReadingFrozen = 30, "a reading stands still although what it measures must have moved";
    /// A module's row: currents differ.
    CurrentsDiffer = 31, "current sensors of pack and converter differ";
    /// A module's row: the AFE.
    AfeSilent = 32, "the measuring circuit (AFE) of the cells is silent";
    /// A module's row: the AFE's own comparator.
    ComparatorOpened = 33, "the measuring circuit (AFE) has opened the MOSFETs: \
         a cell was far too high, low or hot, or far too much flowed";
    /// A module's row: its converter.
    ConverterFailed = 34, "the converter has failed, or did not come up in its time";
    /// A row of both: self tests.
    SelfTestFailed = 35, "a test of the electronics has failed, or is overdue";
    /// A module's row: contacts.
    ContactWelded = 36, "contact welded: it is closed although it is driven open";
    /// A module's row: its terminals.
    TerminalsReversed = 37, "terminals B+ and B- are swapped";
    /// A module's row: its configuration.
    ConfigurationBroken = 38, "the stored configuration breaks a relation: restore the levels";
    /// A module's row: the converter's voltage on the pack's side.
    ConverterVoltageDiffers = 39, "the converter measures another pack voltage than cells or divider";
    /// A module's row: what the AFE's own comparator holds.
    ComparatorNotSet = 40, "thresholds of the measuring circuit (AFE) are not what was programmed";
    /// A module's row: its MOSFETs.
    MosfetNotClosed = 41, "a MOSFET stays open although it is driven closed";
    /// A module's row: its converter, after too many tries.
    ConverterLost = 42, "the converter has failed for good: a person must look at it";
    /// A module's row: memory.
    MemoryFailed = 43, "memory does not take what must outlive a loss of power";
    /// A module's row: what memory has kept.
    StoredLost = 44, "stored lock-outs or settings are lost, or cannot be believed: a person must look";
    /// A module's row: resets.
    ResetStorm = 45, "it resets again and again";
    /// A module's row: resistance of a cell with its contacts.
    CellContactBad = 46, "contact, busbar or sense wire of a cell is bad: its resistance is far above the others'";
    /// A module's row: a cell that shows an end alone.
    CellAlone = 47, "a cell shows an end of the charge that the others have not reached: it is weak, or read wrongly";
    /// A module's row: cell voltages apart, lock-out.
    CellDoesNotRise = 48, "a cell does not rise though it is charged gently: it leaks or is shorted";
    /// A module's row: cell voltages apart, lock-out.
    CellSinks = 49, "a cell sinks though nothing flows: it leaks or is shorted";
    /// The unit's row: the inverter.
    InverterSilent = 50, "the inverter is silent";
    /// The unit's row: a module that answers too early.
    OutOfTurn = 51, "a module answers before its turn has come";
    /// The unit's row: wires of the Link.
    LinkDisturbed = 52, "the wires of the Link are not as they should be: see the diagnosis";
    /// The unit's row: software.
    SoftwareOdd = 53, "the software differs from that of the others";
    /// The unit's row: its fuse.
    FuseOpen = 54, "voltages before and after the fuse differ: it is open";
    /// The unit's row: its own measurements.
    UnitMeasuresWrong = 55, "the distribution unit's own measurements cannot be right";
    /// The unit's row: soft start.
    SoftStartFailed = 56, "soft start failed: no module brought the bus up, and none says why";
    /// The unit's row: auxiliary contact.
    AuxiliaryContradicts = 57, "auxiliary contact of the DC switch says open, but current or voltages go through it";
    /// The unit's row: a module.
    ModuleSilent = 58, "the module is not heard";
    /// The unit's row: a module's terminals.
    TerminalContactBad = 59, "terminal voltage of the module contradicts the bus: loose or swapped contact at B+ or B-";
    /// The unit's row: another tower.
    AddressTaken = 60, "another tower on COM has the same battery address";
    /// The BDU's row: its own sensors.
    BduSensorWrong = 61, "a sensor of the distribution unit contradicts the modules and its other sensors: \
         it is read no more";
    /// A module's row: its shunt, by what it has counted.
    ShuntCountsWrong = 62, "current sensor (shunt) of the pack counts other ampere-hours than the converter, \
         whose two sides agree: it is counted no more";
}

impl Finding {
    /// Its code on the Link, 1 to 63.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// From the Link; `None` for 0, which is none, and for what there is not.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|finding| finding.code() == code)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Several findings, as they travel on the Link: each is the bit of its code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FindingSet(u64);

impl FindingSet {
    /// Nothing was found.
    pub const EMPTY: Self = Self(0);

    /// From the bits of a wire.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// As bits for a wire.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Everything in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Puts `finding` in.
    pub const fn insert(&mut self, finding: Finding) {
        self.0 |= bit(finding);
    }

    /// Whether `finding` is in it.
    #[must_use]
    pub const fn contains(self, finding: Finding) -> bool {
        self.0 & bit(finding) != 0
    }

    /// The findings in it, by code.
    pub fn iter(self) -> impl Iterator<Item = Finding> {
        Finding::ALL.iter().copied().filter(move |finding| self.contains(*finding))
    }
}

const fn bit(finding: Finding) -> u64 {
    1 << (finding.code() & 63)
}
