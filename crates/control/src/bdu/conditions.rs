//! What the distribution unit itself finds wrong, with the tower and with single modules, and the records of it.

use voltower_core::{Alarm, Cause, Condition, ConditionSet, Diagnosis, Fault};
use voltower_protocols::link::{MODULE_NODES, ModuleNode};

use super::modules::Modules;
use super::wiring::Wiring;
use crate::io::{MODULES, Records};
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
    /// The cause that was found for what is wrong with wires and devices.
    pub diagnosis: Diagnosis,
}

/// Conditions that the distribution unit has found: its own, and those of each module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Conditions {
    tower: ConditionSet,
    modules: [ConditionSet; MODULES],
}

impl Conditions {
    /// Judges the evidence.
    #[must_use]
    pub fn judge(evidence: &Evidence<'_>) -> Self {
        let unexplained = evidence.soft_start_failed && !evidence.modules.has_converter_fault();
        let mut tower = ConditionSet::EMPTY;
        let cause = evidence.diagnosis.cause;
        let cut_off = matches!(cause, Cause::OutOfTurn | Cause::ComConflict);
        tower.set(Fault::Communication, evidence.inverter_silent || cut_off);
        tower.set(Fault::SoftwareVersion, evidence.modules.odd_software() == Some(0));
        tower.set(Alarm::Other, cause.condition() == Some(Alarm::Other.into()));
        tower.set(Fault::Fuse, evidence.wiring.fuse_open());
        tower.set(Fault::Bms, evidence.self_tests_locked);
        tower.set(Fault::Sampling, evidence.self_test_failed);
        tower.set(Fault::Other, unexplained || evidence.wiring.auxiliary_contradicts());
        let (wrong, bad) = (evidence.modules.wrong_version(), evidence.modules.bad_terminals());
        let modules = MODULE_NODES.map(|node| {
            let mut set = ConditionSet::EMPTY;
            set.set(Fault::Communication, evidence.missing.contains(node));
            set.set(Fault::SoftwareVersion, wrong.contains(node));
            set.set(Fault::Terminal, bad.contains(node));
            set
        });
        Self { tower, modules }
    }

    /// What was found of a module, or of the tower itself (0).
    #[must_use]
    pub fn found(&self, module: u8) -> ConditionSet {
        let node = ModuleNode::new(module);
        let of_module = node.and_then(|node| self.modules.get(node.index()).copied());
        of_module.unwrap_or(if module == 0 { self.tower } else { ConditionSet::EMPTY })
    }

    /// The first module that has `condition`, 0 if only the tower has it.
    #[must_use]
    pub fn module_with(&self, condition: Condition) -> u8 {
        let found = MODULE_NODES.iter().zip(&self.modules).find(|(_, set)| set.contains(condition));
        found.map_or(0, |(node, _)| node.number())
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> ConditionSet {
        self.modules.iter().fold(self.tower, |all, set| all.union(*set))
    }

    /// Records what has come and gone since `before`.
    pub fn record(&self, before: &Self, records: &mut Records) {
        record_changes(0, before.tower, self.tower, records);
        for (node, (was, is)) in MODULE_NODES.iter().zip(before.modules.iter().zip(&self.modules)) {
            record_changes(ModuleNode::number(*node), *was, *is, records);
        }
    }
}

fn record_changes(module: u8, was: ConditionSet, is: ConditionSet, records: &mut Records) {
    if was == is {
        return;
    }
    let changes = Condition::all().filter(|condition| was.contains(*condition) != is.contains(*condition));
    for condition in changes {
        let record = if is.contains(condition) {
            Record::Raised { condition, module, element: 0 }
        } else {
            Record::Cleared { condition, module }
        };
        // A full list drops the record; the state itself is on the wire.
        let _ = records.push(record);
    }
}
