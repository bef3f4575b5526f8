//! What the module can take and give, and what binds it.

use voltower_control::bound::BoundLimit;
use voltower_core::{Binding, DeciCelsius, Duration, MilliAmps, MilliVolts, ModuleState, Watts};
use voltower_protocols::link::ModuleRequest;

use crate::rig::{Rig, command, persisted};

fn settled(prepare: impl FnOnce(&mut Rig)) -> Rig {
    let mut rig = Rig::ready();
    prepare(&mut rig);
    rig.tick();
    rig
}

fn limit(power: i32, binding: Binding, element: u8) -> (Watts, Binding, u8) {
    (Watts(power), binding, element)
}

/// Without its reason.
fn told(limit: BoundLimit) -> (Watts, Binding, u8) {
    (limit.power, limit.binding, limit.element)
}

#[test]
fn a_healthy_module_gives_its_rating() {
    let rig = settled(|_| ());
    assert_eq!(told(rig.controller.limits().charge), limit(2500, Binding::Rating, 0));
    assert_eq!(told(rig.controller.limits().discharge), limit(2500, Binding::Rating, 0));
}

/// Current of the pack that carries `watts` while one cell of 16 is at `mv` and the others at 3.30 V.
fn amps(watts: i32, mv: i32) -> MilliAmps {
    MilliAmps((i64::from(watts) * 1_000_000 / i64::from(15 * 3300 + mv)) as i32)
}

/// A cell at rest gets the power at which its own resistance would put it on the taper: 0.65 mohm until it has been
/// learned, at 2500 W / 52.9 V = 47 A: 31 mV.
#[test]
fn a_cell_at_rest_gets_what_it_will_be_on_the_taper_with() {
    for (mv, watts) in [(3419, 2500), (3450, 2022), (3515, 1011), (3580, 0)] {
        let rig = settled(|rig| rig.sample.cells[11] = Some(MilliVolts(mv)));
        let charge = rig.controller.limits().charge.power.0;
        assert!((charge - watts).abs() <= 20, "{mv} mV: {charge} W");
        assert_eq!(rig.controller.limits().discharge.power, Watts(2500));
    }
}

#[test]
fn charging_tapers_with_the_fullest_cell() {
    // 3.45 V to 3.58 V: linear, for a cell that carries what the limit allows, whatever its resistance.
    for (mv, watts) in [(3449, 2500), (3515, 1250), (3567, 250), (3580, 0), (3599, 0)] {
        let rig = settled(|rig| {
            rig.sample.cells[11] = Some(MilliVolts(mv));
            rig.set_current(amps(watts, mv));
        });
        let charge = rig.controller.limits().charge;
        assert!((charge.power.0 - watts).abs() <= 5, "{mv} mV: {} W", charge.power.0);
        if watts < 2500 {
            assert_eq!((charge.binding, charge.element), (Binding::CellVoltageHigh, 12));
        }
    }
}

#[test]
fn discharging_tapers_with_the_emptiest_cell() {
    // 3.00 V to 2.85 V: linear.
    for (mv, watts) in [(3001, 2500), (2925, 1250), (2865, 250), (2850, 0)] {
        // From the first sample on: a cell that falls alone while current flows has a bad contact.
        let mut rig = Rig::new();
        rig.sample.cells[2] = Some(MilliVolts(mv));
        rig.set_current(-amps(watts, mv));
        rig.broken.still = true;
        rig.wake = true;
        rig.command = Some(command(ModuleRequest::Ready));
        rig.ticks_until(20, |rig| rig.state() == ModuleState::Ready).expect("ready");
        rig.tick();
        let discharge = rig.controller.limits().discharge;
        assert!((discharge.power.0 - watts).abs() <= 5, "{mv} mV: {} W", discharge.power.0);
        if watts < 2500 {
            assert_eq!((discharge.binding, discharge.element), (Binding::CellVoltageLow, 3));
        }
    }
}

#[test]
fn temperature_derates_each_direction_in_its_own_range() {
    use Binding::{HighTemperature, LowTemperature, Rating};
    for (deci, charge, discharge) in [
        (450, (2500, Rating), (2500, Rating)),
        (500, (1250, HighTemperature), (2500, Rating)),
        (549, (25, HighTemperature), (1275, HighTemperature)),
        (150, (2500, Rating), (2500, Rating)),
        (125, (2000, LowTemperature), (2500, Rating)),
        (100, (1500, LowTemperature), (2500, Rating)),
        (50, (500, LowTemperature), (2500, Rating)),
        (25, (250, LowTemperature), (2500, Rating)),
        (0, (0, LowTemperature), (2500, Rating)),
        (-100, (0, LowTemperature), (2500, Rating)),
        (-115, (0, LowTemperature), (2125, LowTemperature)),
    ] {
        let rig = settled(|rig| rig.sample.cell_temperatures = [Some(DeciCelsius(deci)); 4]);
        let limits = rig.controller.limits();
        assert_eq!((limits.charge.power.0, limits.charge.binding), charge, "{deci}");
        assert_eq!((limits.discharge.power.0, limits.discharge.binding), discharge, "{deci}");
    }
}

#[test]
fn a_hot_heat_sink_derates_both() {
    let rig = settled(|rig| rig.sample.pcu.heat_sink = Some(DeciCelsius(780)));
    assert_eq!(told(rig.controller.limits().charge), limit(2000, Binding::PcuTemperature, 0));
    assert_eq!(told(rig.controller.limits().discharge), limit(2000, Binding::PcuTemperature, 0));
}

#[test]
fn a_low_pack_gives_less_for_the_same_current() {
    // 16 x 2.95 V = 47.2 V at 52 A = 2454 W; the taper of 2.95 V is lower: 1666 W.
    let rig = settled(|rig| rig.set_cells(MilliVolts(2990)));
    assert_eq!(told(rig.controller.limits().charge), limit(2487, Binding::Rating, 0));
}

#[test]
fn an_empty_count_stops_discharging() {
    let mut rig = Rig::with(persisted(0));
    rig.start(ModuleRequest::Ready);
    assert_eq!(told(rig.controller.limits().discharge), limit(0, Binding::StateOfCharge, 0));
    assert_eq!(rig.controller.limits().charge.power, Watts(2500));
}

#[test]
fn limits_fall_at_once_and_rise_slowly() {
    let mut rig = Rig::ready();
    rig.set_cells(MilliVolts(3580));
    rig.tick();
    assert_eq!(rig.controller.limits().charge.power, Watts(0));
    rig.set_cells(MilliVolts(3300));
    rig.tick();
    // 2 % of 2500 W a second.
    assert_eq!(told(rig.controller.limits().charge), limit(5, Binding::Recovery, 0));
    rig.run(Duration::secs(10));
    assert_eq!(rig.controller.limits().charge.power, Watts(505));
    rig.run(Duration::secs(40));
    assert_eq!(told(rig.controller.limits().charge), limit(2500, Binding::Rating, 0));
}

#[test]
fn a_lost_reading_narrows_the_limit_and_says_so() {
    let mut rig = Rig::ready();
    rig.set_cells(MilliVolts(3300));
    rig.tick();
    rig.broken.afe_silent = true;
    rig.run(Duration::millis(600));
    assert_eq!(told(rig.controller.limits().charge), limit(2500, Binding::Rating, 0), "so long it holds");
    rig.tick();
    // 3300 mV + 0.7 s * 350 mV/s = 3545 mV: 35 of 130 mV are left.
    assert_eq!(told(rig.controller.limits().charge), limit(673, Binding::Reading, 1));
}

/// The converter holds a smaller limit 3 s after it was published; a sample more is surely enough.
const NOTICE: Duration = Duration::millis(3200);

#[test]
fn the_inverter_hears_of_a_smaller_limit_before_the_converter_holds_it() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(3515));
    rig.run(Duration::millis(2500));
    let published = rig.controller.limits().charge.power;
    assert!((1000..1050).contains(&published.0), "published at once: {published}");
    assert_eq!(rig.drive.pcu.charge_current_max, MilliAmps(6250), "not yet held");
    rig.run(Duration::millis(700));
    assert_eq!(rig.drive.pcu.charge_current_max, MilliAmps(published.0 * 1000 / 400));
}

#[test]
fn below_the_end_of_its_taper_only_the_one_that_forms_the_bus_holds_it_and_none_that_is_empty() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(2840));
    rig.run(NOTICE);
    assert_eq!(rig.controller.limits().discharge.power, Watts(0));
    assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(0), "another may be able");
    rig.command.as_mut().unwrap().lead = true;
    rig.run(Duration::secs(1));
    assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(250), "100 W at 400 V, if nobody is");
    rig.set_cells(MilliVolts(2490));
    rig.run(NOTICE);
    assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(0), "whatever is asked");
}

#[test]
fn a_fault_stops_without_notice() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(3660));
    let ticks = rig.ticks_until(100, |rig| rig.drive.pcu.charge_current_max == MilliAmps(0));
    assert!(rig.has(voltower_core::Fault::OverVoltage));
    assert!(ticks.is_some_and(|ticks| ticks < 15), "{ticks:?} samples of 100 ms");
}

#[test]
fn the_command_tightens_and_never_raises() {
    let mut rig = Rig::connected();
    rig.change_command(|command| {
        command.charge_power = Watts(1000);
        command.discharge_power = Watts(60_000);
    });
    rig.run(NOTICE);
    assert_eq!(rig.drive.pcu.charge_current_max, MilliAmps(2500));
    assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(6250));
    rig.set_cells(MilliVolts(3515));
    rig.change_command(|command| command.charge_power = Watts(60_000));
    rig.run(NOTICE);
    let taper = rig.controller.limits().charge.power;
    assert!((1000..1050).contains(&taper.0), "{taper}");
    assert_eq!(rig.drive.pcu.charge_current_max, MilliAmps(taper.0 * 1000 / 400), "by the taper");
}

#[test]
fn a_set_point_out_of_reason_is_not_obeyed() {
    let mut rig = Rig::connected();
    for asked in [0, 500_000] {
        rig.change_command(|command| command.set_point = MilliVolts(asked));
        rig.tick();
        assert!((350_000..=440_000).contains(&rig.drive.pcu.set_point.0), "{:?}", rig.drive.pcu.set_point);
    }
}
