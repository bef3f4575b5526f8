//! What the distribution unit itself finds wrong, with the tower and with single modules, and the records of it.

use voltower_core::{Condition, ConditionSet, Fault};
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
    /// Own measurements cannot be right.
    pub self_test_failed: bool,
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
        tower.set(Fault::Communication, evidence.inverter_silent);
        tower.set(Fault::Fuse, evidence.wiring.fuse_open());
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
