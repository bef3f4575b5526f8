//! Sun that the batteries did not take.
//!
//! It is sold, or refused from the roof: the energies of the house hold it there. Here it is counted once more, by what
//! kept it out of the batteries, so that a person can see what a warm place for the tower would be worth.

use voltower_core::values::MODULE_POWER;
use voltower_core::{Binding, Watts};
use voltower_plant::HouseFlows;
use voltower_protocols::link::MODULE_NODES;

use crate::tower::Tower;

/// Joules since the start.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SunNotTaken {
    /// More sun than the appliances wanted, and not in the batteries, whatever the cause.
    pub all: f64,
    /// Of it, what modules could have taken with warm cells, at their rated power.
    pub cold: f64,
}

impl SunNotTaken {
    /// Books a step of `seconds` with the mean powers `flows`.
    pub(crate) fn book(&mut self, flows: &HouseFlows, towers: &[Tower], seconds: f64) {
        let sold = (-flows.grid).max(0.0).min(flows.pv);
        let left = sold + flows.curtailed;
        self.all += left * seconds;
        if left > 0.0 {
            let kept_out: f64 = towers.iter().map(kept_out_by_cold).sum();
            self.cold += left.min(kept_out) * seconds;
        }
    }
}

/// Power that the modules of a tower could take, and do not because their cells are cold, W.
fn kept_out_by_cold(tower: &Tower) -> f64 {
    let limits = MODULE_NODES.into_iter().take(tower.module_count());
    let charge = limits.filter_map(|node| Some(tower.reported().module_limits(node)?.charge));
    let missing = charge.filter(|limit| limit.binding == Binding::LowTemperature).map(|limit| limit.power);
    missing.map(|power: Watts| f64::from((MODULE_POWER.0 - power.0).max(0))).sum()
}
