//! What the distribution unit itself finds wrong, with the tower and with single modules, and the records of it.

use voltower_core::{
    Alarm, Cause, Condition, ConditionSet, Diagnosis, Duration, Fault, Finding, FindingSet, values,
};
use voltower_protocols::link::{MODULE_NODES, ModuleNode};

use super::contact::BAD;
use super::debounce::Rule;
use super::modules::Modules;
use super::own_sensors::WRONG;
use super::wiring::{AUXILIARY, FUSE, Wiring};
use crate::blind::{self, Detection};
use crate::io::{MODULES, Records};
use crate::protect::push;
use crate::protect::row::Heals;
use crate::record::Record;
use crate::share::NodeSet;

/// What there is to find.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The modules.
    pub modules: &'a Modules,
    /// Fuse and contacts.
    pub wiring: &'a Wiring,
    /// Modules that should be heard and are not.
    pub missing: NodeSet,
    /// The inverter was heard, and is silent now.
    pub inverter_silent: bool,
    /// No module brought the bus up, and none says why.
    pub soft_start_failed: bool,
    /// A test of the unit's own electronics has failed, and no person has looked.
    pub self_tests_locked: bool,
    /// Own measurements cannot be right.
    pub self_test_failed: bool,
    /// One of its own sensors contradicts the others.
    pub sensor_wrong: bool,
    /// The cause that was found for what is wrong with wires and devices.
    pub diagnosis: Diagnosis,
}

/// What the tower does about a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Response {
    /// It tells, and works on.
    Tell,
    /// The module stays off the bus, the rest runs on.
    KeepModuleOff,
    /// All modules leave the bus.
    Stop,
}

/// How a condition that the unit has found goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// When what it is about is over.
    WithItsCause,
    /// By itself after a rest, so many times; then a person must have looked.
    Tries(u32),
    /// A person must have looked.
    Person,
}

/// One row of the unit's conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitRow {
    /// What exactly it is, in words.
    pub finding: Finding,
    /// What is raised.
    pub condition: Condition,
    /// Fresh samples, or frames, that must show it.
    pub samples: u8,
    /// Time that it must last.
    pub after: Duration,
    /// What is done.
    pub response: Response,
    /// How it goes away.
    pub ending: Ending,
}

const fn row(
    finding: Finding,
    fault: Fault,
    (samples, after): (u8, Duration),
    response: Response,
) -> UnitRow {
    UnitRow {
        finding,
        condition: Condition::Fault(fault),
        samples,
        after,
        response,
        ending: Ending::WithItsCause,
    }
}

impl UnitRow {
    /// What makes it go away.
    #[must_use]
    pub const fn heals(&self) -> Heals {
        match self.ending {
            Ending::WithItsCause | Ending::Tries(_) => Heals::Repair,
            Ending::Person => Heals::Operator,
        }
    }

    const fn ends(self, ending: Ending) -> Self {
        Self { ending, ..self }
    }
}

const AT_ONCE: (u8, Duration) = (1, Duration::ZERO);

const fn rule(rule: Rule) -> (u8, Duration) {
    (rule.samples, rule.time)
}

/// What the unit may find of the tower.
pub const OF_TOWER: [UnitRow; 11] = {
    use Response::{Stop, Tell};
    [
        row(Finding::InverterSilent, Fault::Communication, (1, values::INVERTER_SILENCE_FAULT), Stop),
        row(Finding::OutOfTurn, Fault::Communication, AT_ONCE, Tell),
        row(Finding::AddressTaken, Fault::Communication, AT_ONCE, Stop).ends(Ending::Person),
        row(Finding::SoftwareOdd, Fault::SoftwareVersion, AT_ONCE, Tell),
        UnitRow {
            condition: Condition::Alarm(Alarm::Other),
            ..row(Finding::LinkDisturbed, Fault::Other, AT_ONCE, Tell)
        },
        row(Finding::FuseOpen, Fault::Fuse, rule(FUSE), Stop).ends(Ending::Person),
        row(Finding::SelfTestFailed, Fault::Bms, AT_ONCE, Stop).ends(Ending::Person),
        row(Finding::UnitMeasuresWrong, Fault::Sampling, (1, values::SELF_TEST_TIME), Stop),
        row(Finding::SoftStartFailed, Fault::Other, AT_ONCE, Stop).ends(Ending::Person),
        row(Finding::AuxiliaryContradicts, Fault::Other, rule(AUXILIARY), Stop),
        UnitRow {
            condition: Condition::Alarm(Alarm::Other),
            ..row(Finding::BduSensorWrong, Fault::Other, rule(WRONG), Tell)
        },
    ]
};

/// What the unit may find of a module.
pub const OF_MODULE: [UnitRow; 3] = {
    use Response::KeepModuleOff;
    [
        row(Finding::ModuleSilent, Fault::Communication, (1, values::MODULE_SILENCE), KeepModuleOff),
        row(Finding::SoftwareOdd, Fault::SoftwareVersion, AT_ONCE, KeepModuleOff),
        row(Finding::TerminalContactBad, Fault::Terminal, rule(BAD), KeepModuleOff)
            .ends(Ending::Tries(values::TERMINAL_TRIES.0)),
    ]
};

/// Conditions, and what exactly is behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Found {
    conditions: ConditionSet,
    findings: FindingSet,
}

impl Found {
    fn add(&mut self, row: &UnitRow) {
        self.conditions.set(row.condition, true);
        self.findings.insert(row.finding);
    }
}

/// Conditions that the distribution unit has found: its own, and those of each module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Conditions {
    tower: Found,
    modules: [Found; MODULES],
}

impl Evidence<'_> {
    /// In the order of [`OF_TOWER`].
    fn of_tower(&self) -> [bool; OF_TOWER.len()] {
        let cause = self.diagnosis.cause;
        [
            self.inverter_silent,
            cause == Cause::OutOfTurn,
            cause == Cause::ComConflict,
            self.modules.odd_software() == Some(0),
            cause.is_of_link(),
            self.wiring.fuse_open(),
            self.self_tests_locked,
            self.self_test_failed,
            self.soft_start_failed && !self.modules.has_converter_fault(),
            self.wiring.auxiliary_contradicts(),
            self.sensor_wrong,
        ]
    }

    /// In the order of [`OF_MODULE`].
    fn of_modules(&self) -> [NodeSet; OF_MODULE.len()] {
        [self.missing, self.modules.wrong_version(), self.modules.bad_terminals()]
    }
}

impl Conditions {
    /// Judges the evidence.
    #[must_use]
    pub fn judge(evidence: &Evidence<'_>) -> Self {
        let mut conditions = Self::default();
        for (index, (row, is_there)) in OF_TOWER.iter().zip(evidence.of_tower()).enumerate() {
            if is_there && !blind::is_off(Detection::OfTower(index)) {
                conditions.tower.add(row);
            }
        }
        for (index, (row, nodes)) in OF_MODULE.iter().zip(evidence.of_modules()).enumerate() {
            if blind::is_off(Detection::OfModule(index)) {
                continue;
            }
            for (node, found) in MODULE_NODES.iter().zip(&mut conditions.modules) {
                if nodes.contains(*node) {
                    found.add(row);
                }
            }
        }
        conditions
    }

    /// What was found of a module, or of the tower itself (0).
    #[must_use]
    pub fn found(&self, module: u8) -> ConditionSet {
        let node = ModuleNode::new(module);
        let of_module = node.and_then(|node| self.modules.get(node.index()).map(|found| found.conditions));
        of_module.unwrap_or(if module == 0 { self.tower.conditions } else { ConditionSet::EMPTY })
    }

    /// The first module that has `condition`, 0 if only the tower has it.
    #[must_use]
    pub fn module_with(&self, condition: Condition) -> u8 {
        let has = |found: &Found| found.conditions.contains(condition);
        let found = MODULE_NODES.iter().zip(&self.modules).find(|(_, found)| has(found));
        found.map_or(0, |(node, _)| node.number())
    }

    /// What is behind `condition`, where it was found first.
    #[must_use]
    pub fn finding(&self, condition: Condition) -> Finding {
        let of_module = self.modules.iter().find(|found| found.conditions.contains(condition));
        let (rows, found) = match of_module {
            Some(found) => (&OF_MODULE[..], found),
            None => (&OF_TOWER[..], &self.tower),
        };
        let behind = |row: &&UnitRow| row.condition == condition && found.findings.contains(row.finding);
        rows.iter().find(behind).map_or(Finding::Unnamed, |row| row.finding)
    }

    /// Everything that was found, of the tower and of its modules.
    #[must_use]
    pub fn findings(&self) -> FindingSet {
        self.modules.iter().fold(self.tower.findings, |all, found| all.union(found.findings))
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> ConditionSet {
        self.modules.iter().fold(self.tower.conditions, |all, found| all.union(found.conditions))
    }

    /// Records what has come and gone since `before`.
    pub fn record(&self, before: &Self, records: &mut Records) {
        record_changes(0, &before.tower, &self.tower, records);
        for (node, (was, is)) in MODULE_NODES.iter().zip(before.modules.iter().zip(&self.modules)) {
            record_changes(ModuleNode::number(*node), was, is, records);
        }
    }
}

fn record_changes(module: u8, was: &Found, is: &Found, records: &mut Records) {
    if was == is {
        return;
    }
    let has_changed =
        |condition: &Condition| was.conditions.contains(*condition) != is.conditions.contains(*condition);
    for condition in Condition::all().filter(has_changed) {
        let record = if is.conditions.contains(condition) {
            Record::Raised { condition, module, element: 0 }
        } else {
            Record::Cleared { condition, module }
        };
        push(records, record);
    }
    // The tower's *other* and *communication* have several causes; a module's conditions here have one each.
    let rows = if module == 0 { &OF_TOWER[..] } else { &[] };
    let is_new = |row: &&UnitRow| is.findings.contains(row.finding) && !was.findings.contains(row.finding);
    for row in rows.iter().filter(is_new).filter(|row| is_one_of_several(row)) {
        push(records, Record::Found { finding: row.finding, module, element: 0 });
    }
}

/// The condition alone does not say what was found.
fn is_one_of_several(row: &UnitRow) -> bool {
    OF_TOWER.iter().filter(|other| other.condition == row.condition).count() > 1
}
