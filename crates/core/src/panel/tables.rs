//! The tables of the manual's section 2.4, once: everything that shows, explains or recognises lights reads
//! them here.

use super::{CellFaultLights, Colour, Light, Pattern};
use crate::condition::{Alarm, Condition, Fault};
use crate::quantity::PerMille;
use crate::state::TowerState;
use crate::values::SHOWN_SOC_STEP;
use core::fmt;

use Light::{Flashing as F, Off as O, On as I};

/// Section of the manual that all tables of this module come from.
pub const SECTION: &str = "2.4";

/// A line of the SOC tables, in percent as printed, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocRange {
    /// First percent.
    pub from: u8,
    /// Last percent.
    pub to: u8,
}

/// A row of table 2-2 or 2-3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocRow {
    /// For which percents, as printed.
    pub range: SocRange,
    /// L1 to L5.
    pub soc: [Light; 5],
}

/// What L1 to L5 do in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocDisplay {
    /// All off.
    Dark,
    /// By table 2-2.
    Charging,
    /// By table 2-3. In standby and while updating the manual says only *according to the SOC value*: ours,
    /// since nothing charges.
    Discharging,
}

/// A row of table 2-1, or one of ours in its manner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateRow {
    /// Name as printed; ours for states that the manual does not have.
    pub name: &'static str,
    /// The status light.
    pub status: Light,
    /// Its colour.
    pub colour: Colour,
    /// L1 to L5.
    pub soc: SocDisplay,
    /// Why these lights, if the row is not in the manual.
    pub ours: Option<&'static str>,
}

const fn soc(from: u8, to: u8, soc: [Light; 5]) -> SocRow {
    SocRow { range: SocRange { from, to }, soc }
}

/// Table 2-2. 51 % is in no row of it.
pub const SOC_CHARGING: [SocRow; 6] = [
    soc(0, 5, [O, O, O, O, O]),
    soc(6, 25, [F, O, O, O, O]),
    soc(26, 50, [I, F, O, O, O]),
    soc(52, 75, [I, I, F, O, O]),
    soc(76, 95, [I, I, I, F, O]),
    soc(96, 100, [I, I, I, I, F]),
];

/// Table 2-3. 51 % is in no row of it.
pub const SOC_DISCHARGING: [SocRow; 6] = [
    soc(0, 5, [O, O, O, O, O]),
    soc(6, 25, [I, O, O, O, O]),
    soc(26, 50, [I, I, O, O, O]),
    soc(52, 75, [I, I, I, O, O]),
    soc(76, 95, [I, I, I, I, O]),
    soc(96, 100, [I, I, I, I, I]),
];

/// The states of table 2-1, in its order.
pub const NORMAL: [TowerState; 5] = [
    TowerState::Shutdown,
    TowerState::Standby,
    TowerState::Updating,
    TowerState::Charging,
    TowerState::Discharging,
];

const fn manual(name: &'static str, status: Light, colour: Colour, soc: SocDisplay) -> StateRow {
    StateRow { name, status, colour, soc, ours: None }
}

const fn ours(name: &'static str, status: Light, soc: SocDisplay, reason: &'static str) -> StateRow {
    StateRow { name, status, colour: Colour::Green, soc, ours: Some(reason) }
}

/// Table 2-1, and our rows for the states that it lacks; none for a tower stopped by a fault, which shows the fault.
/// The alarm light is off in all of them.
#[must_use]
pub const fn state_row(state: TowerState) -> Option<StateRow> {
    use Colour::{Blue, Green};
    use SocDisplay::{Charging, Dark, Discharging};
    Some(match state {
        TowerState::Shutdown => manual("Shutdown", O, Green, Dark),
        TowerState::Standby => manual("Standby", F, Green, Discharging),
        TowerState::Updating => manual("Updating", F, Blue, Discharging),
        TowerState::Charging => manual("Charge", I, Blue, Charging),
        TowerState::Discharging => manual("Discharge", I, Green, Discharging),
        TowerState::Starting => {
            ours("Starting", F, Dark, "like standby; the state of charge is not known yet")
        }
        TowerState::BlackStart => {
            ours("Black start", F, Discharging, "like standby; the black start switch has its own light")
        }
        TowerState::Stopping => {
            ours("Shutting down", F, Dark, "no power flows any more; L1 to L5 go out first")
        }
        TowerState::Sleeping => ours("Sleeping", O, Dark, "lights would cost the last charge"),
        TowerState::Faulted => return None,
    })
}

/// L1 to L5 of the *Alarm status indicator* table; status light off, alarm light flashing.
#[must_use]
pub const fn alarm_lights(alarm: Alarm) -> [Light; 5] {
    match alarm {
        Alarm::HighTemperature => [I, O, O, O, O],
        Alarm::LowTemperature => [O, I, O, O, O],
        Alarm::OverVoltage => [O, O, I, O, O],
        Alarm::UnderVoltage => [O, O, O, I, O],
        Alarm::OverCurrent => [O, O, O, O, I],
        Alarm::TemperatureDifference => [I, I, O, O, O],
        Alarm::VoltageDifference => [O, I, I, O, O],
        Alarm::AmbientTemperature => [O, O, I, I, O],
        Alarm::Other => [I, I, I, I, I],
    }
}

/// L1 to L5 of the *Fault status indicator light* table, as printed; status light off, alarm light on.
#[must_use]
pub const fn fault_lights(fault: Fault) -> [Light; 5] {
    match fault {
        Fault::HighTemperature => [I, O, O, O, O],
        Fault::LowTemperature | Fault::Cell => [O, I, O, O, O],
        Fault::OverVoltage => [O, O, I, O, O],
        Fault::LowVoltage => [O, O, O, I, O],
        Fault::OverCurrent => [O, O, O, O, I],
        Fault::TemperatureDifference => [I, I, O, O, O],
        Fault::VoltageDifference => [O, I, I, O, O],
        Fault::AmbientTemperature => [O, O, I, I, O],
        Fault::Communication => [I, O, I, O, O],
        Fault::Sampling => [I, O, O, I, O],
        Fault::Bms => [O, I, I, I, O],
        Fault::Pcu => [I, I, I, O, O],
        Fault::Fuse => [I, O, I, I, O],
        Fault::Terminal => [I, I, O, I, O],
        Fault::SoftwareVersion => [I, I, I, I, O],
        Fault::Other => [I, I, I, I, I],
    }
}

/// *Battery cell fault* as it is probably meant: the only pattern of L1 to L5 with L5 off that no fault has.
pub const CELL_FAULT_PROBABLY_MEANT: [Light; 5] = [O, I, O, I, O];

/// The lights of a condition.
#[must_use]
pub fn condition_pattern(condition: Condition, cell_fault: CellFaultLights) -> Pattern {
    let (alarm, soc) = match (condition, cell_fault) {
        (Condition::Alarm(alarm), CellFaultLights::AsPrinted | CellFaultLights::L2L4) => {
            (F, alarm_lights(alarm))
        }
        (Condition::Fault(Fault::Cell), CellFaultLights::L2L4) => (I, CELL_FAULT_PROBABLY_MEANT),
        (Condition::Fault(fault), CellFaultLights::AsPrinted | CellFaultLights::L2L4) => {
            (I, fault_lights(fault))
        }
    };
    Pattern { alarm, soc, ..Pattern::DARK }
}

/// The lights of a state without conditions; a tower stopped by a fault that nothing names shows *other* fault.
#[must_use]
pub fn state_pattern(state: TowerState, soc: PerMille) -> Pattern {
    match state_row(state) {
        Some(row) => row.pattern(soc),
        None => condition_pattern(Condition::Fault(Fault::Other), CellFaultLights::AsPrinted),
    }
}

impl StateRow {
    /// The lights at `soc`.
    #[must_use]
    pub fn pattern(&self, soc: PerMille) -> Pattern {
        let soc = match self.soc {
            SocDisplay::Dark => [O; 5],
            SocDisplay::Charging => soc_lights(&SOC_CHARGING, soc),
            SocDisplay::Discharging => soc_lights(&SOC_DISCHARGING, soc),
        };
        Pattern { status: self.status, colour: self.colour, alarm: O, soc }
    }
}

/// L1 to L5 at `soc`. The tables are in whole percent: a fraction is cut off (5.9 % is 5 %: the panel never
/// promises more than is there), and 51 %, which no row has, belongs to the row that starts at 52 %. Both are
/// ours.
fn soc_lights(table: &[SocRow; 6], soc: PerMille) -> [Light; 5] {
    let percent = soc.0 / SHOWN_SOC_STEP.0;
    let [.., full] = table;
    table.iter().find(|row| percent <= u16::from(row.range.to)).unwrap_or(full).soc
}

impl fmt::Display for SocRange {
    /// As printed: `6%~25%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%~{}%", self.from, self.to)
    }
}

/// What a row of the manual's tables is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Table 2-1: a state, by its printed name.
    Normal(&'static str),
    /// Table 2-2: a state of charge while charging.
    SocCharge(SocRange),
    /// Table 2-3: a state of charge while discharging.
    SocDischarge(SocRange),
    /// The alarm or the fault table.
    Condition(Condition),
}

/// What a row says of L1 to L5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocCells {
    /// These lights.
    Lights([Light; 5]),
    /// *Display according to the battery SOC value*.
    BySoc,
}

/// A row as the manual prints it; a light that the table has no column for is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub subject: Subject,
    /// Status light and its colour.
    pub status: Option<(Light, Colour)>,
    /// Alarm light.
    pub alarm: Option<Light>,
    /// L1 to L5.
    pub soc: SocCells,
}

impl Subject {
    /// Word for the table it stands in: `normal`, `soc_charge`, `soc_discharge`, `alarm`, `fault`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Normal(_) => "normal",
            Self::SocCharge(_) => "soc_charge",
            Self::SocDischarge(_) => "soc_discharge",
            Self::Condition(Condition::Alarm(_)) => "alarm",
            Self::Condition(Condition::Fault(_)) => "fault",
        }
    }
}

impl fmt::Display for Subject {
    /// The first cell of the row, as printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal(name) => f.write_str(name),
            Self::SocCharge(range) | Self::SocDischarge(range) => range.fmt(f),
            Self::Condition(condition) => condition.fmt(f),
        }
    }
}

/// All rows of section 2.4 in print order: table 2-1, 2-2, 2-3, alarms, faults.
pub fn rows() -> impl Iterator<Item = Row> {
    let normal = NORMAL.iter().filter_map(|state| state_row(*state)).map(normal_row);
    let charge = SOC_CHARGING.iter().map(|row| soc_row(Subject::SocCharge(row.range), row));
    let discharge = SOC_DISCHARGING.iter().map(|row| soc_row(Subject::SocDischarge(row.range), row));
    normal.chain(charge).chain(discharge).chain(Condition::all().map(condition_row))
}

fn normal_row(row: StateRow) -> Row {
    let soc = match row.soc {
        SocDisplay::Dark => SocCells::Lights([O; 5]),
        SocDisplay::Charging | SocDisplay::Discharging => SocCells::BySoc,
    };
    Row { subject: Subject::Normal(row.name), status: Some((row.status, row.colour)), alarm: Some(O), soc }
}

fn soc_row(subject: Subject, row: &SocRow) -> Row {
    Row { subject, status: None, alarm: None, soc: SocCells::Lights(row.soc) }
}

fn condition_row(condition: Condition) -> Row {
    let pattern = condition_pattern(condition, CellFaultLights::AsPrinted);
    Row {
        subject: Subject::Condition(condition),
        status: Some((pattern.status, pattern.colour)),
        alarm: Some(pattern.alarm),
        soc: SocCells::Lights(pattern.soc),
    }
}
