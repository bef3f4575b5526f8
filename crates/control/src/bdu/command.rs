//! What is asked of each module.

use voltower_core::values::BLACK_START_POWER;
use voltower_core::{MilliVolts, Watts};
use voltower_protocols::link::{ModuleCommand, ModuleNode, ModuleRequest, ShareWeight};

use super::sequence::Sequence;
use crate::io::MODULES;
use crate::share::limits::{UNCAPPED, part_of};
use crate::share::{Member, NodeSet, Part};

/// Everything that commands are made of.
pub(super) struct Orders<'a> {
    pub(super) sequence: &'a Sequence,
    pub(super) usable: NodeSet,
    /// Those that nobody needs awake.
    pub(super) let_go: NodeSet,
    /// The one that may bring the bus up again while the tower runs.
    pub(super) lead: Option<ModuleNode>,
    pub(super) parts: &'a [Part; MODULES],
    pub(super) set_point: MilliVolts,
    /// Largest power of all modules together, in and out.
    pub(super) caps: Caps,
    /// Those whose lock-outs an operator clears.
    pub(super) cleared: NodeSet,
    pub(super) service: bool,
}

/// A power in, and a power out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caps {
    pub(super) charge: Watts,
    pub(super) discharge: Watts,
    /// What the modules say that they can do together.
    pub(super) charge_sum: Watts,
    pub(super) discharge_sum: Watts,
}

impl Orders<'_> {
    /// The command to `node`.
    pub(super) fn command(&self, node: ModuleNode, member: Option<&Member>) -> ModuleCommand {
        let part = self.parts.get(node.index());
        let request = match self.sequence.request(node, self.usable) {
            ModuleRequest::Ready if self.let_go.contains(node) => ModuleRequest::Dormant,
            request => request,
        };
        let (charge_power, discharge_power) = self.powers(node, member);
        ModuleCommand {
            request,
            lead: request == ModuleRequest::Connect && self.is_lead(node),
            shed: matches!(self.sequence, Sequence::Running) && part.is_some_and(|part| part.shed),
            clear_lock_outs: self.cleared.contains(node),
            update: matches!(self.sequence, Sequence::Updating),
            service: self.service,
            set_point: self.set_point,
            charge_power,
            discharge_power,
            weight: part.map_or(ShareWeight::FULL, |part| part.weight),
        }
    }

    fn is_lead(&self, node: ModuleNode) -> bool {
        match *self.sequence {
            Sequence::SoftStart { lead, .. } => lead == node,
            Sequence::Off
            | Sequence::SelfTest { .. }
            | Sequence::Discovery { .. }
            | Sequence::Standby
            | Sequence::Running
            | Sequence::Leaving { .. }
            | Sequence::PoweringDown { .. }
            | Sequence::Updating
            | Sequence::Faulted { .. }
            | Sequence::Sleeping { .. }
            | Sequence::Probing { .. } => self.lead == Some(node),
        }
    }

    /// Power in and out that the module may have: beyond its own limits it never goes by itself.
    fn powers(&self, node: ModuleNode, member: Option<&Member>) -> (Watts, Watts) {
        match (*self.sequence, member) {
            (Sequence::SoftStart { lead, .. }, _) if lead == node => (BLACK_START_POWER, BLACK_START_POWER),
            (Sequence::Running, Some(member)) => {
                let Caps { charge, discharge, charge_sum, discharge_sum } = self.caps;
                (
                    part_of(charge, member.charge_limit, charge_sum),
                    part_of(discharge, member.discharge_limit, discharge_sum),
                )
            }
            (Sequence::Running, None) if self.caps.is_open() => (UNCAPPED, UNCAPPED),
            (
                Sequence::Off
                | Sequence::SelfTest { .. }
                | Sequence::Discovery { .. }
                | Sequence::Standby
                | Sequence::SoftStart { .. }
                | Sequence::Running
                | Sequence::Leaving { .. }
                | Sequence::PoweringDown { .. }
                | Sequence::Updating
                | Sequence::Faulted { .. }
                | Sequence::Sleeping { .. }
                | Sequence::Probing { .. },
                _,
            ) => (Watts::ZERO, Watts::ZERO),
        }
    }
}

/// To a module that was just given its address: it is seen, and may pass the enable line on.
pub(super) const GREETING: ModuleCommand = ModuleCommand {
    request: ModuleRequest::Ready,
    lead: false,
    shed: false,
    clear_lock_outs: false,
    update: false,
    service: false,
    set_point: MilliVolts::ZERO,
    charge_power: Watts::ZERO,
    discharge_power: Watts::ZERO,
    weight: ShareWeight::FULL,
};

impl Caps {
    /// Off the bus.
    pub(super) const NONE: Self = Self {
        charge: Watts::ZERO,
        discharge: Watts::ZERO,
        charge_sum: Watts::ZERO,
        discharge_sum: Watts::ZERO,
    };

    /// Nothing but the modules' own limits binds.
    fn is_open(&self) -> bool {
        self.charge >= self.charge_sum && self.discharge >= self.discharge_sum
    }
}
