//! Cells inside their safe area, and no current through what is open.

use voltower_core::{Duration, ModuleState};

use super::live::LiveFaults;
use super::view::ModuleView;
use super::{CURRENT, Moment, OPENING, Report, Rule, Timer};
use crate::scenario::Fault;

/// The cell's own limits, V (safety sheet, single-fault rule).
const VOLTS: (f64, f64) = (2.0, 3.8);
/// Reaction of the tower to a cell voltage, with the opening of contacts (SR-001 and SR-003: 1 and 1.5 s).
const VOLTAGE_REACTION: Duration = Duration::millis(1500);
/// No current at all from here, degC (SR-006), with what cells differ from where thermistors sit and these read.
const HOTTEST: f64 = 65.0 + 1.0;
/// A cell may be so much hotter than where the thermistor sits, K, if nothing heats it from outside.
const OVERSHOOT: f64 = 4.0;
/// No charging beyond these, degC (our cell), with the errors of thermistors.
const CHARGED: (f64, f64) = (-1.0, 56.0);
/// The fastest charge of warm cells, A, and where cold begins, degC (SR-007): from there down to 0 degC it falls.
const FAST_CHARGE: f64 = 52.0;
const COLD: f64 = 5.0;
/// Thermistor and converter, K; shunt and control, A.
const COLD_MARGIN: (f64, f64) = (1.5, 2.0);
/// Reaction of the tower to a temperature (SR-005: 5 s).
const TEMPERATURE_REACTION: Duration = Duration::secs(6);
/// Current that does no harm, A: a hundredth of the capacity. Limits of zero leave a converter that hold the bus.
const HARMLESS: f64 = 1.0;
/// What hangs on the pack itself, A: the electronics of module and distribution unit.
const ELECTRONICS: f64 = 0.6;

/// A module in this state is off the bus, or on its way there or from there.
const fn leaves_within(state: ModuleState) -> Option<Duration> {
    match state {
        ModuleState::Connected | ModuleState::Stopping => None,
        ModuleState::Shutdown | ModuleState::Faulted | ModuleState::Updating | ModuleState::Dormant => {
            Some(Duration::secs(5))
        }
        // A ready module may be joining: soft start takes up to five seconds, equalising three.
        ModuleState::Ready | ModuleState::Starting => Some(Duration::secs(15)),
    }
}

/// The fastest charge of cells that are as cold as this, A: faster, lithium plates.
fn cold_charge(celsius: f64) -> f64 {
    let (kelvin, amps) = COLD_MARGIN;
    if celsius + kelvin < COLD {
        FAST_CHARGE * ((celsius + kelvin) / COLD).max(0.0) + amps
    } else {
        f64::INFINITY
    }
}

#[derive(Default)]
pub(super) struct ModuleWatch {
    voltage: Timer,
    hot: Timer,
    sensed_hot: Timer,
    charged: Timer,
    fast: Timer,
    gate: Timer,
    mosfets: Timer,
    relay: Timer,
}

impl ModuleWatch {
    pub(super) fn look(
        &mut self,
        moment: &Moment<'_>,
        place: usize,
        module: &ModuleView,
        said: Option<ModuleState>,
        faults: &LiveFaults,
        report: &mut Report<'_>,
    ) {
        let off = said.and_then(leaves_within);
        let closed = module.relay_closed && !faults.in_module(moment.now, place, Fault::holds_contact);
        let lasted = self.relay.lasts(moment.now, closed && off.is_some());
        if off.is_some_and(|within| lasted > within + moment.slack) {
            let what = format!("its relay is closed although it is off the bus: {said:?}");
            report(Rule::OpenOutput, Some(place), None, what);
        }
        self.look_at_voltage(moment, place, module, report);
        self.look_at_temperature(moment, place, module, faults, report);
        self.look_at_contacts(moment, place, module, faults, report);
    }

    fn look_at_voltage(
        &mut self,
        moment: &Moment<'_>,
        place: usize,
        module: &ModuleView,
        report: &mut Report<'_>,
    ) {
        let (low, high) = module.volts;
        let driven = low < VOLTS.0 && module.amps < -HARMLESS || high > VOLTS.1 && module.amps > HARMLESS;
        if self.voltage.lasts(moment.now, driven) > VOLTAGE_REACTION + moment.slack {
            let what = format!("{:.1} A with cells from {low:.3} to {high:.3} V", module.amps);
            report(Rule::CellVoltage, Some(place), None, what);
        }
    }

    fn look_at_temperature(
        &mut self,
        moment: &Moment<'_>,
        place: usize,
        module: &ModuleView,
        faults: &LiveFaults,
        report: &mut Report<'_>,
    ) {
        let Moment { now, slack, .. } = *moment;
        let heated = |live: &super::Live| live.is_beyond() && live.fault.module() == Some(place);
        let heated = faults.recent(now).any(heated);
        let flows = module.amps.abs() > HARMLESS;
        let within = TEMPERATURE_REACTION + slack;
        let hot = self.hot.lasts(now, flows && !heated && module.celsius.1 > HOTTEST + OVERSHOOT);
        let sound = !faults.in_module(now, place, Fault::blinds_temperature);
        let sensed = self.sensed_hot.lasts(now, flows && sound && module.sensed.1 > HOTTEST);
        if hot > within || sensed > within {
            let what = format!("{:.1} A with a cell of {:.1} degC", module.amps, module.celsius.1);
            report(Rule::CellTemperature, Some(place), None, what);
        }
        let (cold, warm) = module.sensed;
        let wrong = sound && module.amps > HARMLESS && (cold < CHARGED.0 || warm > CHARGED.1);
        let obeyed = !faults.in_module(now, place, Fault::moves_current);
        let fast = sound && obeyed && module.amps > cold_charge(cold);
        let wrong = self.charged.lasts(now, wrong) > within;
        if wrong || self.fast.lasts(now, fast) > within {
            let what = format!("charged with {:.1} A from {cold:.1} to {warm:.1} degC", module.amps);
            report(Rule::CellTemperature, Some(place), None, what);
        }
    }

    fn look_at_contacts(
        &mut self,
        moment: &Moment<'_>,
        place: usize,
        module: &ModuleView,
        faults: &LiveFaults,
        report: &mut Report<'_>,
    ) {
        let Some(drive) = moment.tower.module_drive(place) else { return };
        let within = OPENING + moment.slack;
        let gate = !drive.pcu.gate && module.bus_amps.abs() > CURRENT;
        if self.gate.lasts(moment.now, gate) > within {
            let what = format!("{:.2} A from a converter whose gate is off", module.bus_amps);
            report(Rule::OpenOutput, Some(place), None, what);
        }
        // A contact that does not open is the fault itself; the other ones must end the current, in its own time.
        let within = if faults.in_module(moment.now, place, Fault::holds_contact) {
            within + Duration::secs(8)
        } else {
            within
        };
        let mosfets = !drive.charge_mosfet && !drive.discharge_mosfet && module.amps.abs() > ELECTRONICS;
        if self.mosfets.lasts(moment.now, mosfets) > within {
            let what = format!("{:.2} A through MOSFETs that are driven open", module.amps);
            report(Rule::OpenOutput, Some(place), None, what);
        }
    }
}
