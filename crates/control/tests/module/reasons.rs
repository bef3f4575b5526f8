//! Why the limits are what they are: one row for each binding; and whatever the state is, what is named does bind.

use proptest::prelude::*;
use voltower_control::bound::BoundLimit;
use voltower_control::io::{CELLS, Settings};
use voltower_control::module::limits::Limits;
use voltower_core::{
    Alarm, Binding, Bindings, Condition, ConditionSet, DeciCelsius, Duration, Fault, MilliVolts, Reason,
    Relief, Watts,
};
use voltower_protocols::link::{ModuleNode, ModuleReason, ModuleRequest, Way};

use crate::rig::{Rig, persisted};

fn of(limits: &Limits, way: Way) -> BoundLimit {
    match way {
        Way::Charge => limits.charge,
        Way::Discharge => limits.discharge,
    }
}

/// Binding, element and reason of one limit.
type Told = (Binding, u8, Reason);

fn told(rig: &Rig, way: Way) -> Told {
    let limit = of(&rig.controller.limits(), way);
    (limit.binding, limit.element, limit.reason)
}

fn changes(binding: Binding, element: u8, value: i32, level: i32) -> Told {
    (binding, element, Reason::of(binding, Some(value), Some(level), Relief::Change))
}

#[test]
fn a_quantity_is_named_with_its_value_and_where_the_limit_is_full_again() {
    type Row = (fn(&mut Rig), Way, Told);
    let rows: [Row; 6] = [
        (
            |rig| rig.sample.cells[11] = Some(MilliVolts(3515)),
            Way::Charge,
            changes(Binding::CellVoltageHigh, 12, 3515, 3450),
        ),
        (
            |rig| rig.sample.cells[2] = Some(MilliVolts(2925)),
            Way::Discharge,
            changes(Binding::CellVoltageLow, 3, 2925, 3000),
        ),
        (
            |rig| rig.sample.cells[2] = Some(MilliVolts(2700)),
            Way::Charge,
            changes(Binding::CellVoltageLow, 3, 2700, 2800),
        ),
        (
            |rig| rig.sample.cell_temperatures[3] = Some(DeciCelsius(500)),
            Way::Charge,
            changes(Binding::HighTemperature, 4, 500, 450),
        ),
        (
            |rig| rig.sample.cell_temperatures[1] = Some(DeciCelsius(-115)),
            Way::Discharge,
            changes(Binding::LowTemperature, 2, -115, -100),
        ),
        (
            |rig| rig.sample.pcu.heat_sink = Some(DeciCelsius(780)),
            Way::Charge,
            changes(Binding::PcuTemperature, 0, 780, 750),
        ),
    ];
    for (prepare, way, expected) in rows {
        let mut rig = Rig::ready();
        prepare(&mut rig);
        rig.tick();
        assert_eq!(told(&rig, way), expected);
    }
}

#[test]
fn what_a_person_set_and_an_empty_count_are_named() {
    let mut kept = persisted(0);
    kept.settings = Settings { charge_power: Watts(1000), ..kept.settings };
    let mut rig = Rig::with(kept);
    assert_eq!(told(&rig, Way::Charge).0, Binding::NotConnected);
    rig.start(ModuleRequest::Ready);
    let set = Reason::of(Binding::Configuration, Some(1000), None, Relief::Person);
    assert_eq!(told(&rig, Way::Charge), (Binding::Configuration, 0, set));
    assert_eq!(told(&rig, Way::Discharge), changes(Binding::StateOfCharge, 0, 0, 80));
}

#[test]
fn a_lost_reading_is_named_with_what_it_is_about() {
    let mut rig = Rig::ready();
    rig.set_cells(MilliVolts(3400));
    rig.tick();
    rig.broken.afe_silent = true;
    rig.run(Duration::millis(700));
    let code = i32::from(Binding::CellVoltageHigh.code());
    let lost = Reason::of(Binding::Reading, Some(code), None, Relief::Change);
    assert_eq!(told(&rig, Way::Charge), (Binding::Reading, 1, lost));
}

#[test]
fn an_alarm_says_where_it_clears_and_then_how_long_it_takes() {
    let mut rig = Rig::ready();
    rig.sample.cell_temperatures = [Some(DeciCelsius(560)); 4];
    rig.run(Duration::secs(3));
    let bit = Condition::Alarm(Alarm::HighTemperature).bit() as i32;
    let (binding, element, reason) = told(&rig, Way::Charge);
    assert_eq!((binding, element), (Binding::Condition, 1));
    assert_eq!((reason.value, reason.level), (Some(bit as i16), Some(500)));
    assert_eq!(reason.relief, Relief::Change);
    let both = Bindings::EMPTY.with(Binding::Condition).with(Binding::HighTemperature);
    assert_eq!(reason.causes, both, "the taper is at its end, too");
    rig.sample.cell_temperatures = [Some(DeciCelsius(440)); 4];
    rig.run(Duration::secs(10));
    assert_eq!(told(&rig, Way::Charge).2.relief, Relief::After(50), "a minute of calm");
    rig.run(Duration::secs(51));
    assert_eq!(told(&rig, Way::Charge).0, Binding::Recovery);
}

#[test]
fn a_voltage_fault_lets_the_other_way_wait_for_a_minute() {
    let mut rig = Rig::ready();
    rig.set_cells(MilliVolts(3660));
    rig.run(Duration::secs(12));
    assert!(rig.has(Fault::OverVoltage));
    let charge = told(&rig, Way::Charge).2;
    assert_eq!((charge.relief, charge.level), (Relief::Change, Some(3450)));
    let (binding, _, discharge) = told(&rig, Way::Discharge);
    assert_eq!(binding, Binding::Condition);
    assert!(matches!(discharge.relief, Relief::After(40..60)), "{discharge:?}");
}

#[test]
fn a_lock_out_waits_for_a_person() {
    let mut kept = persisted(500);
    kept.locked_out = ConditionSet::EMPTY.with(Fault::Other);
    let mut rig = Rig::with(kept);
    rig.start(ModuleRequest::Ready);
    let bit = Condition::Fault(Fault::Other).bit() as i32;
    let locked = Reason::of(Binding::Condition, Some(bit), None, Relief::Person);
    for way in Way::ALL {
        assert_eq!(told(&rig, way), (Binding::Condition, 0, locked));
    }
}

#[test]
fn a_limit_on_its_way_up_says_where_to_and_when() {
    let mut rig = Rig::ready();
    rig.set_cells(MilliVolts(3580));
    rig.tick();
    rig.set_cells(MilliVolts(3300));
    rig.tick();
    for seconds in [50, 40, 30] {
        let up = Reason::of(Binding::Recovery, Some(2500), None, Relief::After(seconds));
        assert_eq!(told(&rig, Way::Charge), (Binding::Recovery, 0, up));
        rig.run(Duration::secs(10));
    }
}

#[test]
fn a_cell_that_hovers_at_the_top_stays_the_cause() {
    let mut rig = Rig::ready();
    for sample in 0..100 {
        rig.set_cells(MilliVolts(3515 + sample % 3));
        rig.tick();
        assert_eq!(told(&rig, Way::Charge).0, Binding::CellVoltageHigh, "sample {sample}");
    }
}

#[test]
fn reasons_are_sent_every_second_and_when_something_else_binds() {
    let mut rig = Rig::ready();
    rig.run(Duration::secs(1));
    let node = ModuleNode::new(2).expect("1 to 4");
    let reasons = |rig: &Rig| -> Vec<Reason> {
        let told = rig.frames.iter().filter_map(ModuleReason::from_frame);
        told.filter(|(from, told)| *from == node && told.way == Way::Charge)
            .map(|(_, told)| told.reason)
            .collect()
    };
    rig.frames.clear();
    rig.run(Duration::secs(10));
    assert_eq!(reasons(&rig), [Reason::NONE; 10]);
    rig.run(Duration::millis(300));
    rig.frames.clear();
    rig.sample.cells[11] = Some(MilliVolts(3515));
    rig.run(Duration::millis(200));
    assert_eq!(reasons(&rig), [changes(Binding::CellVoltageHigh, 12, 3515, 3450).2]);
}

/// A module in a state in which more than one thing can bind.
#[derive(Debug, Clone)]
struct State {
    cells: i32,
    cell: (usize, i32),
    temperature: i16,
    sensor: (usize, i16),
    heat_sink: i16,
    soc: u16,
    settings: [i32; 2],
    lost: Option<usize>,
    locked: ConditionSet,
}

fn usual<T: std::fmt::Debug + Clone + 'static>(
    value: T,
    others: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = T> {
    prop_oneof![1 => Just(value), 1 => others]
}

prop_compose! {
    fn any_state()(
        cells in 3200..3400, cell in (0_usize..CELLS, usual(3300, 2400..3700)),
        temperature in 100_i16..400, sensor in (0_usize..4, usual(250, -260_i16..700)),
        heat_sink in usual(300, 300_i16..1000), soc in usual(500, 0_u16..3),
        settings in prop::array::uniform2(usual(2500, 0..2500)),
        lost in prop::option::weighted(0.1, 0_usize..CELLS),
        locked in prop::option::weighted(0.1, prop_oneof![Just(Fault::Cell), Just(Fault::Other), Just(Fault::Bms)]),
    ) -> State {
        // What is not read hides nothing: only its reading is missing.
        let lost = lost.filter(|lost| *lost != cell.0);
        let locked = locked.map_or(ConditionSet::EMPTY, |fault| ConditionSet::EMPTY.with(fault));
        State { cells, cell, temperature, sensor, heat_sink, soc, settings, lost, locked }
    }
}

impl State {
    /// A module that was healthy and then is in this state for `time`.
    fn lived(&self, time: Duration) -> Rig {
        let mut kept = persisted(self.soc);
        kept.locked_out = self.locked;
        let [charge_power, discharge_power] = self.settings.map(Watts);
        kept.settings = Settings { charge_power, discharge_power, ..kept.settings };
        let mut rig = Rig::with(kept);
        rig.start(ModuleRequest::Ready);
        rig.set_cells(MilliVolts(self.cells));
        rig.sample.cells[self.cell.0] = Some(MilliVolts(self.cell.1));
        if let Some(lost) = self.lost {
            rig.pack_error = rig.sample.cells[lost].expect("it was set");
            rig.sample.cells[lost] = None;
        }
        rig.sample.cell_temperatures = [Some(DeciCelsius(self.temperature)); 4];
        rig.sample.cell_temperatures[self.sensor.0] = Some(DeciCelsius(self.sensor.1));
        rig.sample.pcu.heat_sink = Some(DeciCelsius(self.heat_sink));
        rig.run(time);
        rig
    }

    /// The same without what is named.
    fn without(mut self, causes: Bindings, conditions: ConditionSet, way: Way) -> Self {
        for binding in causes.iter() {
            match binding {
                Binding::CellVoltageHigh => self.cell.1 = self.cell.1.min(3400),
                Binding::CellVoltageLow => self.cell.1 = self.cell.1.max(3100),
                Binding::HighTemperature => self.sensor.1 = self.sensor.1.min(400),
                Binding::LowTemperature => {
                    self.sensor.1 = self.sensor.1.max(200);
                    self.temperature = self.temperature.max(200);
                }
                Binding::PcuTemperature => self.heat_sink = 300,
                Binding::StateOfCharge => self.soc = 500,
                Binding::Configuration => self.settings[way as usize] = 2500,
                Binding::Reading => self.lost = None,
                Binding::Condition => self = self.healed(conditions),
                Binding::Rating
                | Binding::Recovery
                | Binding::NotConnected
                | Binding::Distribution
                | Binding::InverterSilent
                | Binding::Ambient => {}
            }
        }
        self
    }

    fn healed(mut self, conditions: ConditionSet) -> Self {
        self.locked = ConditionSet::EMPTY;
        for condition in conditions.iter() {
            match condition {
                Condition::Alarm(
                    Alarm::HighTemperature | Alarm::LowTemperature | Alarm::TemperatureDifference,
                )
                | Condition::Fault(
                    Fault::HighTemperature | Fault::LowTemperature | Fault::TemperatureDifference,
                ) => {
                    self.sensor.1 = self.temperature;
                }
                Condition::Fault(Fault::Sampling) => self.lost = None,
                Condition::Fault(Fault::Pcu) => self.heat_sink = 300,
                Condition::Alarm(_) | Condition::Fault(_) => self.cell.1 = self.cells,
            }
        }
        self
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn removing_what_is_named_raises_the_limit(state in any_state(), millis in 100_u64..4000) {
        let time = Duration::millis(millis);
        let rig = state.lived(time);
        // 52 A of the pack.
        let rated = (i64::from(rig.sample.pack_voltage.0) * 52 / 1000).min(2500) as i32;
        for way in Way::ALL {
            let limit = of(&rig.controller.limits(), way);
            if limit.binding == Binding::Rating {
                prop_assert_eq!((limit.power, limit.reason), (Watts(rated), Reason::NONE));
                continue;
            }
            prop_assert!(limit.power < Watts(rated), "{:?} binds nothing", limit);
            prop_assert!(limit.reason.causes.contains(limit.binding), "{:?}", limit);
            let better = state.clone().without(limit.reason.causes, rig.conditions(), way);
            let raised = of(&better.lived(time).controller.limits(), way);
            prop_assert!(raised.power > limit.power, "{:?}: {:?}, then {:?}", way, limit, raised);
        }
    }

    #[test]
    fn a_limit_falls_at_once_and_rises_no_faster_than_its_ramp(
        cells in prop::collection::vec(3400..3600, 2..200),
    ) {
        let mut rig = Rig::ready();
        let mut before = None;
        for cell in cells {
            rig.set_cells(MilliVolts(cell));
            rig.tick();
            let power = rig.controller.limits().charge.power.0;
            // 3.45 V to 3.58 V, with what the full current adds to 0.65 mohm.
            let added = 650 * 2500 / (16 * cell);
            let now = (2500 * (3580 - cell) / (130 + added)).clamp(0, 2500);
            prop_assert!(power <= now + 1, "{} W at {} mV", power, cell);
            if let Some(before) = before {
                // 2 % of 2500 W a second, in 100 ms, and a watt of rounding.
                prop_assert!(power <= before + 6, "{} W after {} W", power, before);
                prop_assert!(power >= (now - 25).min(before), "it holds what it may");
            }
            before = Some(power);
        }
    }
}
