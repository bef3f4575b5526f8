//! A moment of the world as recorders and checkers see it: what the tower reports, and beside it the truth.

use voltower_control::io::PowerMode;
use voltower_core::{ConditionSet, Diagnosis, ModuleState, PerMille, TowerState, Watts};
use voltower_plant::{HouseFlows, ModuleTruth};
use voltower_protocols::link::{ModuleEstimate, TowerEstimate};

use crate::recorder::{HouseSnapshot, ModuleSnapshot, Snapshot, TowerSnapshot};
use crate::tower::Tower;

/// Fills `snapshot` with this moment.
pub(crate) fn fill(snapshot: &mut Snapshot, towers: &[Tower], flows: &HouseFlows, ambient: f64) {
    snapshot.ambient = ambient;
    snapshot.house =
        HouseSnapshot { pv: flows.pv, load: flows.load, grid: flows.grid, unserved: flows.unserved };
    for (seen, tower) in snapshot.towers.iter_mut().zip(towers) {
        fill_tower(seen, tower);
    }
}

fn fill_tower(seen: &mut TowerSnapshot, tower: &Tower) {
    let truth = tower.plant().truth();
    fill_report(seen, tower);
    seen.pattern = tower.bdu_drive().pattern;
    seen.power = truth.power;
    seen.bus_voltage = truth.bus_voltage;
    seen.outside_voltage = truth.outside_voltage;
    seen.insulation = tower.plant().input().insulation();
    seen.capacitor_voltage = truth.bus_voltage.max(truth.input_voltage);
    seen.own_consumption = 0.0;
    for (place, (module, truth)) in seen.modules.iter_mut().zip(truth.modules.iter().flatten()).enumerate() {
        fill_module(module, tower, place, truth);
        seen.own_consumption += module.own_consumption;
        seen.capacitor_voltage = seen.capacitor_voltage.max(truth.capacitor_voltage);
    }
}

/// What the distribution unit says; when it is off it says nothing, and the last word does not count.
fn fill_report(seen: &mut TowerSnapshot, tower: &Tower) {
    let speaks = tower.bdu_drive().power != PowerMode::Off;
    let status = tower.reported().tower_status().filter(|_| speaks);
    seen.state = status.map_or(TowerState::Shutdown, |status| status.state);
    seen.conditions = status.map_or(ConditionSet::EMPTY, |status| status.conditions);
    seen.diagnosis = tower.reported().diagnosis().filter(|_| speaks).unwrap_or(Diagnosis::NONE);
    if let Some(status) = status {
        seen.soc = f64::from(status.soc.0) / 1000.0;
    }
    let estimate = tower.reported().tower_estimate().filter(|_| speaks).unwrap_or(TowerEstimate::UNKNOWN);
    seen.soc_low = f64::from(estimate.soc_low.0) / 1000.0;
    seen.soc_high = f64::from(estimate.soc_high.0) / 1000.0;
    seen.full_charge = estimate.full_charge;
    seen.levelling = estimate.levelling;
    let limits = tower.reported().tower_limits();
    seen.charge_limit = limits.map_or(0.0, |limits| watts(limits.charge.power));
    seen.discharge_limit = limits.map_or(0.0, |limits| watts(limits.discharge.power));
}

fn fill_module(seen: &mut ModuleSnapshot, tower: &Tower, place: usize, truth: &ModuleTruth) {
    let node = tower.place(place);
    let status = node.and_then(|node| tower.reported().module_status(node));
    let limits = node.and_then(|node| tower.reported().module_limits(node));
    seen.state = status.map_or(ModuleState::Shutdown, |status| status.state);
    seen.soc = status.map_or(truth.soc, |status| f64::from(status.soc.0) / 1000.0);
    let estimate = node.and_then(|node| tower.reported().module_estimate(node));
    let share = |read: fn(&ModuleEstimate) -> PerMille| estimate.map(|e| f64::from(read(&e).0) / 1000.0);
    seen.soc_estimate = share(|estimate| estimate.soc).unwrap_or(seen.soc);
    seen.soc_low = share(|estimate| estimate.soc_low).unwrap_or(seen.soc);
    seen.soc_high = share(|estimate| estimate.soc_high).unwrap_or(seen.soc);
    seen.charge_limit = limits.map_or(0.0, |limits| watts(limits.charge.power));
    seen.discharge_limit = limits.map_or(0.0, |limits| watts(limits.discharge.power));
    seen.plugged = tower.is_plugged(place);
    seen.connected = truth.relay_closed;
    seen.soc_true = truth.soc;
    seen.soc_usable = truth.remaining / truth.capacity.max(1e-3);
    seen.power = truth.bus_power;
    seen.own_consumption = truth.bus_power - truth.pack_power;
    seen.heat_sink = truth.heat_sink;
    seen.case_voltage = truth.case_voltage;
    (seen.cell_voltage_min, seen.cell_voltage_max) = extremes(&truth.cell_voltages);
    (seen.cell_temperature_min, seen.cell_temperature_max) = extremes(&truth.cell_temperatures);
}

fn extremes(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)))
}

fn watts(power: Watts) -> f64 {
    f64::from(power.0)
}
