//! The smallest plan that still fails: fewer deeds, fewer modules, shorter, plainer.

use voltower_core::{Duration, Instant};

use super::checkers::Finding;
use super::plan::{Plan, What};
use super::run::run;
use crate::profile::Profile;
use crate::scenario::InverterMode;

/// What shrinking has come to.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// The smallest plan.
    pub plan: Plan,
    /// What it finds.
    pub finding: Finding,
    /// Trials that were run for it.
    pub trials: u32,
}

/// Looks for a smaller plan that finds the like of `finding`, with at most `trials` runs.
#[must_use]
pub fn shrink(plan: &Plan, finding: &Finding, trials: u32) -> Shrunk {
    let mut best = Shrunk { plan: plan.clone(), finding: finding.clone(), trials: 0 };
    loop {
        let before = best.plan.clone();
        for smaller in SMALLER {
            best.try_all(smaller, trials);
        }
        if best.plan == before || best.trials >= trials {
            return best;
        }
    }
}

/// Ways to make a plan smaller: each gives candidates, best first.
const SMALLER: [fn(&Plan, &Finding) -> Vec<Plan>; 6] =
    [shorter, without_half, without_one, fewer_towers, fewer_modules, plainer];

impl Shrunk {
    /// Takes the first candidate that still fails, and begins again with it.
    fn try_all(&mut self, smaller: fn(&Plan, &Finding) -> Vec<Plan>, trials: u32) {
        loop {
            let candidates = smaller(&self.plan, &self.finding);
            let Some((plan, finding)) = candidates.into_iter().find_map(|plan| self.fails(plan, trials))
            else {
                return;
            };
            (self.plan, self.finding) = (plan, finding);
        }
    }

    fn fails(&mut self, plan: Plan, trials: u32) -> Option<(Plan, Finding)> {
        if self.trials >= trials || plan == self.plan {
            return None;
        }
        self.trials += 1;
        let found = run(&plan).findings.into_iter().find(|found| found.is_like(&self.finding))?;
        Some((plan, found))
    }
}

fn shorter(plan: &Plan, finding: &Finding) -> Vec<Plan> {
    let seen = finding.at.since(Instant::ZERO);
    let lengths = [Duration(seen.0 + 1), Duration(plan.safety.0 / 2), Duration(plan.safety.0 / 4 * 3)];
    let shorter = lengths.into_iter().filter(|safety| *safety < plan.safety);
    shorter
        .map(|safety| {
            let deeds = plan.deeds.iter().filter(|deed| deed.at < Instant::ZERO + safety).cloned().collect();
            Plan { safety, deeds, ..plan.clone() }
        })
        .collect()
}

fn without_half(plan: &Plan, _: &Finding) -> Vec<Plan> {
    let half = plan.deeds.len() / 2;
    if half < 2 {
        return Vec::new();
    }
    let (first, second) = plan.deeds.split_at(half);
    [second, first].map(|deeds| Plan { deeds: deeds.to_vec(), ..plan.clone() }).to_vec()
}

fn without_one(plan: &Plan, _: &Finding) -> Vec<Plan> {
    let without = |place: usize| {
        let mut smaller = plan.clone();
        smaller.deeds.remove(place);
        smaller
    };
    let endless = |place: usize| {
        let mut simpler = plan.clone();
        simpler.deeds[place].until = None;
        simpler
    };
    let count = plan.deeds.len();
    (0..count).rev().map(without).chain((0..count).map(endless)).collect()
}

fn fewer_towers(plan: &Plan, _: &Finding) -> Vec<Plan> {
    let count = plan.site.towers.len();
    if count < 2 {
        return Vec::new();
    }
    let only = |kept: usize| {
        let mut smaller = plan.clone();
        smaller.site.towers = vec![plan.site.towers[kept].clone()];
        smaller.deeds.retain(|deed| deed.what.tower().is_none_or(|tower| tower == kept));
        smaller.deeds.iter_mut().for_each(|deed| deed.what.move_to(0));
        smaller
    };
    (0..count).map(only).collect()
}

fn fewer_modules(plan: &Plan, _: &Finding) -> Vec<Plan> {
    let without_last = |tower: usize| {
        let mut smaller = plan.clone();
        let modules = &mut smaller.site.towers[tower].modules;
        (modules.len() > 1).then(|| modules.pop())?;
        let left = modules.len();
        smaller.deeds.retain(|deed| !deed.what.needs_module(tower, left));
        Some(smaller)
    };
    (0..plan.site.towers.len()).filter_map(without_last).collect()
}

fn plainer(plan: &Plan, _: &Finding) -> Vec<Plan> {
    let change = |change: &dyn Fn(&mut Plan)| {
        let mut plainer = plan.clone();
        change(&mut plainer);
        plainer
    };
    vec![
        change(&|plan| plan.site.ambient = Profile::Constant(25.0)),
        change(&|plan| plan.site.house = None),
        change(&|plan| plan.site.inverter.mode = InverterMode::Hold),
        change(&|plan| plan.site.inverter.mode = InverterMode::Discharge(2000.0)),
        change(&|plan| {
            for module in plan.site.towers.iter_mut().flat_map(|tower| &mut tower.modules) {
                (module.health, module.resistance_growth, module.temperature) = (1.0, 1.0, None);
            }
        }),
        change(&|plan| {
            plan.site
                .towers
                .iter_mut()
                .flat_map(|tower| &mut tower.modules)
                .for_each(|module| module.soc = 0.5);
        }),
    ]
}

impl What {
    fn move_to(&mut self, other: usize) {
        match self {
            Self::Fault { tower, .. }
            | Self::Press { tower, .. }
            | Self::DcSwitch { tower }
            | Self::Update { tower }
            | Self::Exchange { tower } => *tower = other,
            Self::PowerCut | Self::Inverter(_) | Self::Load(_) | Self::Ambient(_) => {}
        }
    }

    /// It takes more than `left` modules.
    fn needs_module(&self, of: usize, left: usize) -> bool {
        match self {
            Self::Fault { tower, fault } => *tower == of && fault.reaches() >= left,
            Self::Exchange { tower } => *tower == of && left < 2,
            Self::Press { .. }
            | Self::DcSwitch { .. }
            | Self::PowerCut
            | Self::Inverter(_)
            | Self::Load(_)
            | Self::Ambient(_)
            | Self::Update { .. } => false,
        }
    }
}
