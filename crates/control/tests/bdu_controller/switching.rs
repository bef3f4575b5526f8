//! The one key, the black start, the DC switch, the inverter's silence, the low-charge ladder, updating.

use voltower_control::io::{Port, PowerMode};
use voltower_control::record::{Record, StartFailure};
use voltower_core::panel::{Colour, Light, Pattern};
use voltower_core::{Duration, Fault, MilliVolts, TowerState, Watts};
use voltower_protocols::link::ModuleRequest;
use voltower_protocols::sofar::{Message, Wanted};

use crate::driver::{Tower, program_control, running};

const SECOND: Duration = Duration::secs(1);

#[test]
fn one_key_starts_and_shuts_down() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.run(SECOND);
    assert_eq!(tower.outputs.as_ref().unwrap().drive.power, PowerMode::Off);
    tower.press(Duration::millis(600));
    assert_eq!(tower.state(), TowerState::Starting);
    tower.until_state(TowerState::Standby, Duration::secs(10));
    tower.run(Duration::secs(60));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Standby, 0), "no inverter, no bus");
    assert_eq!(tower.pattern().status, Light::Flashing);
    assert_eq!(tower.pattern().colour, Colour::Green);

    tower.inverter = true;
    tower.until("both on the bus", Duration::secs(10), |t| t.connected() == 2);
    assert!((390.0..410.0).contains(&tower.bus()));

    tower.press(Duration::millis(3100));
    assert_eq!(tower.state(), TowerState::Stopping);
    tower.until_state(TowerState::Shutdown, Duration::secs(10));
    let drive = tower.outputs.as_ref().unwrap().drive;
    assert_eq!((drive.power, drive.wake, drive.black_start_light), (PowerMode::Off, false, false));
    assert_eq!(drive.pattern, Pattern::DARK);
    assert_eq!(tower.connected(), 0);
    let states: Vec<TowerState> = tower
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Tower(state) => Some(*state),
            _ => None,
        })
        .collect();
    let expected = [
        TowerState::Starting,
        TowerState::Standby,
        TowerState::Starting,
        TowerState::Standby,
        TowerState::Stopping,
        TowerState::Shutdown,
    ];
    assert_eq!(states, expected);
}

#[test]
fn a_bump_does_not_start_and_a_short_press_does_not_stop() {
    let mut tower = Tower::new(&[0.5]);
    tower.press(Duration::millis(300));
    tower.run(Duration::secs(2));
    assert_eq!(tower.state(), TowerState::Shutdown);
    tower.press(Duration::millis(4500));
    tower.until_state(TowerState::Standby, Duration::secs(10));
    tower.run(Duration::secs(10));
    assert_eq!(tower.connected(), 0, "under five seconds it is no black start");
    let mut tower = running(&[0.5]);
    tower.press(Duration::secs(2));
    tower.run(Duration::secs(5));
    assert_eq!(tower.connected(), 1);
}

#[test]
fn power_shows_as_charging_and_discharging() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = 2000.0;
    let time = tower.until_state(TowerState::Charging, Duration::secs(5));
    assert!(time >= Duration::secs(2));
    assert_eq!((tower.pattern().status, tower.pattern().colour), (Light::On, Colour::Blue));
    tower.power = -2000.0;
    tower.until_state(TowerState::Discharging, Duration::secs(5));
    assert_eq!((tower.pattern().status, tower.pattern().colour), (Light::On, Colour::Green));
    tower.power = -70.0;
    tower.run(Duration::secs(10));
    assert_eq!(tower.state(), TowerState::Discharging, "70 W keeps it");
    tower.power = -30.0;
    tower.until_state(TowerState::Standby, Duration::secs(5));
    tower.power = -70.0;
    tower.run(Duration::secs(10));
    assert_eq!(tower.state(), TowerState::Standby, "70 W does not enter it");
}

#[test]
fn black_start_holds_the_bus_for_ten_minutes_and_gives_up() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.press(Duration::millis(5200));
    assert_eq!(tower.state(), TowerState::BlackStart);
    tower.until("bus up", Duration::secs(15), |t| t.bus() > 380.0);
    for _ in 0..20 {
        tower.tick();
        let allowed: i32 = (0..2).map(|module| tower.command(module).discharge_power.0).sum();
        assert!(allowed <= 800, "{allowed} W, also while the second module joins");
    }
    assert_eq!(tower.connected(), 2);
    assert!(tower.limits.unwrap().discharge.power <= Watts(800));
    assert_eq!(tower.limits.unwrap().charge.power, Watts(0));
    let blinks = |tower: &Tower| tower.outputs.as_ref().unwrap().drive.black_start_light;
    tower.until("light on", SECOND, blinks);
    tower.until("light off", SECOND, |t| !blinks(t));
    tower.run(Duration::secs(590));
    assert_eq!((tower.state(), tower.connected()), (TowerState::BlackStart, 2));
    tower.until_state(TowerState::Shutdown, Duration::secs(20));
    assert!(tower.records.contains(&Record::StartFailed(StartFailure::InverterSilent)));
}

#[test]
fn black_start_becomes_a_normal_run_when_the_inverter_talks() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.press(Duration::millis(5200));
    tower.until("bus up", Duration::secs(15), |t| t.bus() > 380.0);
    tower.run(Duration::secs(30));
    tower.inverter = true;
    tower.until_state(TowerState::Standby, Duration::secs(3));
    tower.run(Duration::secs(10));
    assert_eq!(tower.limits.unwrap().discharge.power, Watts(4950));
    assert!(tower.outputs.as_ref().unwrap().drive.black_start_light);
    tower.run(Duration::secs(700));
    assert_eq!(tower.connected(), 2);
}

#[test]
fn an_open_dc_switch_overrides_a_black_start() {
    let mut tower = Tower::new(&[0.6]);
    tower.sample.dc_switch_closed = false;
    tower.press(Duration::millis(5200));
    tower.run(Duration::secs(60));
    assert_eq!((tower.state(), tower.connected()), (TowerState::BlackStart, 0));
    tower.until_state(TowerState::Shutdown, Duration::secs(600));
}

#[test]
fn the_dc_switch_takes_the_tower_off_the_bus_and_back() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -3000.0;
    tower.run(Duration::secs(10));
    tower.sample.dc_switch_closed = false;
    tower.run(Duration::millis(200));
    assert_eq!(tower.state(), TowerState::Standby);
    assert_eq!(tower.command(0).request, ModuleRequest::Ready);
    assert_eq!(tower.command(0).discharge_power, Watts(0));
    assert_eq!(tower.limits.unwrap().discharge.power, Watts(0));
    tower.run(Duration::secs(5));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Standby, 0));
    assert!(tower.conditions().is_empty(), "no fault of its own");
    tower.sample.dc_switch_closed = true;
    tower.until("back on the bus", Duration::secs(10), |t| t.connected() == 2);
}

#[test]
fn a_silent_inverter_loses_its_limits_then_the_bus_and_gets_both_back() {
    let mut tower = running(&[0.6, 0.5]);
    assert_eq!(tower.limits.unwrap().charge.power, Watts(4950));
    tower.inverter = false;
    let quiet = tower.until("limits 0", Duration::secs(6), |t| t.limits.unwrap().charge.power == Watts(0));
    assert!((Duration::millis(2000)..=Duration::millis(3200)).contains(&quiet), "{quiet}");
    assert_eq!(tower.connected(), 2, "still holds the bus");
    assert!(!tower.conditions().contains(Fault::Communication));
    tower.until_state(TowerState::Faulted, Duration::millis(2200));
    assert!(tower.conditions().contains(Fault::Communication));
    assert_eq!(tower.pattern().to_string(), "status off, alarm on, L1 on, L3 on");
    tower.until("off the bus", Duration::secs(3), |t| t.connected() == 0);
    tower.run(Duration::secs(30));
    tower.inverter = true;
    tower.until("back", Duration::secs(10), |t| t.connected() == 2);
    assert!(tower.conditions().is_empty());
}

#[test]
fn below_five_percent_a_tower_rests_on_the_bus_and_asks_for_nothing() {
    let mut tower = running(&[0.045]);
    assert_eq!(tower.limits.unwrap().discharge.power, Watts(0));
    assert_eq!(tower.limits.unwrap().charge.power, Watts(2475));
    tower.run(Duration::mins(30));
    assert_eq!((tower.state(), tower.connected()), (TowerState::Standby, 1));
    let asked = tower.com.iter().any(|(_, message)| match message {
        Message::Request(request) => request.wanted != Wanted::Normal,
        _ => false,
    });
    assert!(!asked);
}

#[test]
fn a_low_tower_asks_for_charge_sleeps_and_looks_for_an_inverter() {
    let mut tower = running(&[0.035]);
    assert_eq!(tower.limits.unwrap().discharge.power, Watts(0));
    assert_eq!(tower.limits.unwrap().charge.power, Watts(2475));
    let request = |tower: &Tower| {
        tower.com.iter().rev().find_map(|(_, message)| match message {
            Message::Request(request) => Some(*request),
            _ => None,
        })
    };
    assert_eq!(request(&tower).unwrap().wanted, Wanted::ForcedCharge);
    tower.until_state(TowerState::Sleeping, Duration::mins(11));
    let drive = tower.outputs.as_ref().unwrap().drive;
    assert_eq!((drive.power, drive.wake, drive.pattern), (PowerMode::Sleep, false, Pattern::DARK));
    tower.period = Duration::secs(1);
    let until_start = tower.until_state(TowerState::Starting, Duration::hours(7));
    assert!(until_start >= Duration::hours(6));
    // No charge: back to sleep within a probe.
    tower.until_state(TowerState::Sleeping, Duration::mins(4));
    // Without an inverter the modules are not even woken.
    tower.inverter = false;
    tower.until("probe", Duration::hours(7), |t| t.outputs.as_ref().unwrap().drive.power == PowerMode::On);
    let probe = tower
        .until("over", Duration::mins(3), |t| t.outputs.as_ref().unwrap().drive.power == PowerMode::Sleep);
    assert!((Duration::secs(119)..=Duration::secs(121)).contains(&probe));
    assert_eq!(tower.state(), TowerState::Sleeping);
    // The inverter offers charge at last.
    tower.inverter = true;
    tower.power = 1000.0;
    tower.until_state(TowerState::Charging, Duration::hours(7));
    tower.until("enough", Duration::mins(30), |t| t.limits.unwrap().discharge.power == Watts(2475));
    assert!(tower.modules[0].soc >= 0.08);
}

#[test]
fn an_almost_empty_tower_shuts_itself_down_unless_it_is_charged() {
    let mut tower = Tower::new(&[0.02]);
    tower.inverter = true;
    tower.press(SECOND);
    tower.until("on the bus", Duration::secs(10), |t| t.connected() == 1);
    tower.power = 150.0;
    tower.run(Duration::mins(5));
    assert!(tower.modules[0].soc < 0.03);
    assert_eq!(tower.connected(), 1);
    let mut tower = Tower::new(&[0.03]);
    tower.inverter = true;
    tower.press(SECOND);
    tower.until("on the bus", Duration::secs(10), |t| t.connected() == 1);
    tower.until_state(TowerState::Shutdown, Duration::mins(3));
    tower.run(Duration::hours(1));
    assert_eq!(tower.state(), TowerState::Shutdown);
}

#[test]
fn after_a_month_asleep_the_tower_shuts_down() {
    let mut tower = running(&[0.035]);
    tower.until_state(TowerState::Sleeping, Duration::mins(11));
    tower.inverter = false;
    tower.period = Duration::secs(30);
    tower.run(Duration::hours(29 * 24));
    assert_eq!(tower.state(), TowerState::Sleeping);
    tower.run(Duration::hours(2 * 24));
    assert_eq!(tower.outputs.as_ref().unwrap().drive.power, PowerMode::Off);
}

#[test]
fn program_control_takes_the_tower_into_updating_and_out() {
    let mut tower = running(&[0.6, 0.5]);
    tower.inject(Port::Link, program_control(0));
    tower.until_state(TowerState::Updating, SECOND);
    tower.run(Duration::secs(2));
    assert_eq!(tower.connected(), 0);
    assert!(tower.command(0).update && tower.command(1).update);
    assert_eq!((tower.pattern().status, tower.pattern().colour), (Light::Flashing, Colour::Blue));
    tower.run(Duration::mins(5));
    assert_eq!(tower.state(), TowerState::Updating);
    tower.inject(Port::Link, program_control(1));
    tower.until("back on the bus", Duration::secs(20), |t| t.connected() == 2);
    tower.inject(Port::Link, program_control(7));
    tower.run(SECOND);
    assert_eq!(tower.state(), TowerState::Standby, "an unknown value changes nothing");
}

#[test]
fn everything_works_at_a_period_of_a_minute() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.inverter = true;
    tower.press(SECOND);
    tower.period = Duration::secs(60);
    tower.until("on the bus", Duration::mins(30), |t| t.connected() == 2);
    tower.power = 3000.0;
    tower.until_state(TowerState::Charging, Duration::mins(10));
    tower.run(Duration::hours(1));
    assert!(tower.conditions().is_empty());
    assert!((390.0..410.0).contains(&tower.bus()));
    tower.inverter = false;
    tower.until_state(TowerState::Faulted, Duration::mins(8));
}

#[test]
fn what_was_measured_is_told() {
    let mut tower = running(&[0.6]);
    tower.sample.second_tower = true;
    tower.run(Duration::secs(2));
    assert_eq!(tower.com.last().unwrap().0.number(), 1, "the second tower is battery 1");
    let measured = tower.measured.unwrap();
    assert!((measured.outside - MilliVolts((tower.bus() * 1000.0) as i32)).abs() <= MilliVolts(200));
    assert!(tower.panel.unwrap().second_tower && tower.panel.unwrap().inverter_heard);
    let limits = tower.sofar_limits();
    assert_eq!(limits.charge_voltage, MilliVolts(420_000));
    assert_eq!(limits.discharge_voltage, MilliVolts(360_000));
    assert_eq!(limits.charge_current.0, 6100, "99 % of 2500 W at 400 V in tenths of an ampere, rounded down");
}
