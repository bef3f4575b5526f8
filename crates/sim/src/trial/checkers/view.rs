//! What the checkers need of the truth, computed once a tick.

use voltower_control::io::PowerMode;
use voltower_core::{ConditionSet, Diagnosis, Duration, Instant, TowerState};
use voltower_plant::{CELL_SENSORS, CELLS, ModuleTruth};
use voltower_protocols::link::ModuleNode;

use crate::Tower;

/// A tower at one moment.
pub(super) struct TowerView {
    pub(super) modules: Vec<ModuleView>,
    /// Through the fuse, A.
    pub(super) current: f64,
    /// At the inverter, W.
    pub(super) power: f64,
    /// Across the fuse, V.
    pub(super) fuse_drop: f64,
    pub(super) fuse_intact: bool,
    /// Before the fuse, V.
    pub(super) bus_volts: f64,
    /// The distribution unit works.
    pub(super) unit_on: bool,
    /// Somebody hears what it says.
    pub(super) heard: bool,
    /// What it says; while nobody hears it, what it writes.
    pub(super) state: Option<TowerState>,
    pub(super) conditions: ConditionSet,
    pub(super) diagnosis: Diagnosis,
}

/// A unit that is not heard for so long is not heard: it speaks ten times a second.
const SILENCE: Duration = Duration::secs(1);

/// A module at one moment, in truth.
pub(super) struct ModuleView {
    pub(super) volts: (f64, f64),
    /// At the sense wires.
    pub(super) cells: [f64; CELLS],
    /// What its weakest cell can still give, as a share of what it can hold.
    pub(super) left: f64,
    pub(super) celsius: (f64, f64),
    /// Where the thermistors sit.
    pub(super) sensed: (f64, f64),
    pub(super) spots: [f64; CELL_SENSORS],
    /// At B+/B-.
    pub(super) terminal_volts: f64,
    pub(super) heat_sink: f64,
    pub(super) mosfets: f64,
    pub(super) air: f64,
    pub(super) amps: f64,
    pub(super) bus_amps: f64,
    pub(super) bus_watts: f64,
    pub(super) relay_closed: bool,
    pub(super) mosfet_closed: (bool, bool),
    pub(super) comparator_tripped: bool,
    pub(super) alive: bool,
    pub(super) plugged: bool,
    /// Its controller works, and has its address.
    pub(super) speaks: bool,
    /// The unit says that it hears it.
    pub(super) heard: bool,
    /// What it allows, W, magnitudes.
    pub(super) limits: (f64, f64),
}

impl TowerView {
    /// `alone`: no other unit speaks in the name of this one.
    pub(super) fn of(tower: &Tower, alone: bool, now: Instant, slack: Duration) -> Self {
        let truth = tower.plant().truth();
        let unit_on = tower.bdu_drive().power == PowerMode::On;
        let said = tower.reported().tower_status_at();
        let heard = unit_on && alone && said.is_some_and(|at| now.since(at) < SILENCE + slack);
        let status = tower.reported().tower_status().filter(|_| heard);
        let module = |(place, truth): (usize, &ModuleTruth)| {
            let hears = |node: ModuleNode| {
                status.is_none_or(|status| status.modules_online & (1 << node.index()) != 0)
            };
            let heard = tower.address(place).is_some_and(hears);
            ModuleView { heard, ..ModuleView::of(tower, place, truth) }
        };
        Self {
            modules: truth.modules.iter().flatten().enumerate().map(module).collect(),
            current: truth.current,
            power: truth.power,
            fuse_drop: (truth.bus_voltage - truth.after_fuse_voltage).abs(),
            fuse_intact: truth.fuse_intact,
            bus_volts: truth.bus_voltage,
            unit_on,
            heard,
            state: status.map(|status| status.state),
            conditions: status.map_or(ConditionSet::EMPTY, |status| status.conditions),
            diagnosis: tower.reported().diagnosis().filter(|_| heard).unwrap_or(Diagnosis::NONE),
        }
    }
}

impl TowerView {
    /// The unit looks after its modules.
    pub(super) fn stands(&self) -> bool {
        let standing = matches!(
            self.state,
            Some(TowerState::Standby | TowerState::Charging | TowerState::Discharging | TowerState::Faulted)
        );
        self.unit_on && standing
    }
}

impl TowerView {
    /// It holds the bus, or feeds it.
    pub(super) fn runs(&self) -> bool {
        let running = [TowerState::Standby, TowerState::Charging, TowerState::Discharging];
        self.unit_on && self.state.is_some_and(|state| running.contains(&state))
    }
}

impl ModuleView {
    fn of(tower: &Tower, place: usize, truth: &ModuleTruth) -> Self {
        let spots: [f64; CELL_SENSORS] = core::array::from_fn(|sensor| {
            0.5 * (truth.cell_temperatures[4 * sensor + 1] + truth.cell_temperatures[4 * sensor + 2])
        });
        let limits = tower.place(place).and_then(|node| tower.reported().module_limits(node));
        let on = tower.module_drive(place).is_some_and(|drive| drive.power == PowerMode::On);
        Self {
            volts: extremes(&truth.cell_voltages),
            cells: truth.cell_voltages,
            spots,
            terminal_volts: truth.terminal_voltage,
            left: truth.remaining / truth.capacity.max(1e-3),
            celsius: extremes(&truth.cell_temperatures),
            sensed: extremes(&spots),
            heat_sink: truth.heat_sink,
            mosfets: truth.mos_temperature,
            air: truth.air_temperature,
            amps: truth.pack_current,
            bus_amps: truth.bus_current,
            bus_watts: truth.bus_power,
            relay_closed: truth.relay_closed,
            mosfet_closed: (truth.charge_mosfet_closed, truth.discharge_mosfet_closed),
            comparator_tripped: truth.comparator_tripped,
            alive: truth.electronics_alive,
            plugged: tower.is_plugged(place),
            heard: false,
            speaks: on && tower.is_plugged(place) && tower.address(place).is_some(),
            limits: limits.map_or((0.0, 0.0), |limits| {
                (f64::from(limits.charge.power.0), f64::from(limits.discharge.power.0))
            }),
        }
    }
}

fn extremes(values: &[f64]) -> (f64, f64) {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    values.iter().fold(ends, |(low, high), value| (low.min(*value), high.max(*value)))
}
