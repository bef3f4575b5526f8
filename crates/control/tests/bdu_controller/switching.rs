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
    tower.until("dark", Duration::secs(10), |t| power_mode(t) == PowerMode::Off);
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
    tower.until("off the bus", Duration::secs(20), |t| t.connected() == 0);
    assert!(tower.records.contains(&Record::StartFailed(StartFailure::InverterSilent)));
    // Two more windows, each after a minute's rest.
    for _ in 0..2 {
        let rested = tower.until_state(TowerState::BlackStart, Duration::secs(70));
        assert!((Duration::secs(50)..=Duration::secs(62)).contains(&rested), "{rested}");
        tower.until("bus up", Duration::secs(15), |t| t.connected() == 2);
        assert!(tower.limits.unwrap().discharge.power <= Watts(800));
        tower.run(Duration::secs(590));
        assert_eq!((tower.state(), tower.connected()), (TowerState::BlackStart, 2));
        tower.until("off the bus", Duration::secs(20), |t| t.connected() == 0);
    }
    tower.until_state(TowerState::Sleeping, Duration::secs(70));
}

fn power_mode(tower: &Tower) -> PowerMode {
    tower.outputs.as_ref().unwrap().drive.power
}

#[test]
fn a_tower_that_looks_for_its_inverter_holds_the_bus_once_an_hour_and_finds_it() {
    let mut tower = Tower::new(&[0.6]);
    tower.press(Duration::millis(5200));
    tower.period = SECOND;
    tower.until_state(TowerState::Sleeping, Duration::mins(40));
    let slept = tower.until_state(TowerState::BlackStart, Duration::mins(65));
    assert!((Duration::mins(59)..=Duration::mins(61)).contains(&slept), "{slept}");
    tower.until("bus up", Duration::secs(15), |t| t.connected() == 1);
    tower.until_state(TowerState::Sleeping, Duration::mins(13));
    tower.until_state(TowerState::BlackStart, Duration::mins(65));
    tower.until("bus up", Duration::secs(15), |t| t.connected() == 1);
    tower.inverter = true;
    tower.until_state(TowerState::Standby, Duration::secs(10));
    tower.power = -1000.0;
    tower.until_state(TowerState::Discharging, Duration::secs(20));
}

#[test]
fn below_ten_percent_no_window_opens_by_itself() {
    let mut tower = running(&[0.09]);
    tower.inverter = false;
    tower.until_state(TowerState::Faulted, Duration::secs(10));
    tower.until_state(TowerState::Sleeping, Duration::secs(90));
    tower.period = SECOND;
    for _ in 0..7200 {
        tower.tick();
        assert_ne!(tower.state(), TowerState::BlackStart);
    }
    assert_eq!(tower.connected(), 0);
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
    tower.until_state(TowerState::Sleeping, Duration::secs(700));
    assert_eq!(tower.connected(), 0);
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
fn a_minute_after_the_inverter_fell_silent_the_bus_is_held_for_it_and_the_fault_stays_shown() {
    let mut tower = running(&[0.6, 0.5]);
    tower.inverter = false;
    tower.until_state(TowerState::Faulted, Duration::secs(7));
    let rested = tower.until_state(TowerState::BlackStart, Duration::secs(70));
    assert!((Duration::secs(58)..=Duration::secs(62)).contains(&rested), "{rested}");
    tower.until("bus up", Duration::secs(15), |t| t.connected() == 2);
    assert!(tower.conditions().contains(Fault::Communication), "it is still silent");
    tower.run(Duration::secs(5));
    let limits = tower.limits.unwrap();
    assert_eq!(limits.charge.power, Watts(0));
    assert!((700..=800).contains(&limits.discharge.power.0), "{limits:?}");
    tower.inverter = true;
    tower.until_state(TowerState::Standby, Duration::secs(10));
    assert!(tower.conditions().is_empty());
    assert_eq!(tower.connected(), 2, "the bus was not let go");
}

#[test]
fn asleep_a_tower_wakes_for_a_frame_after_silence_and_for_none_that_goes_on() {
    let mut tower = running(&[0.035]);
    tower.until_state(TowerState::Sleeping, Duration::mins(11));
    tower.period = SECOND;
    let slept = tower.until_state(TowerState::Starting, Duration::mins(20));
    assert!(slept >= Duration::mins(14), "the inverter talks on: only the timer counts");
    tower.until_state(TowerState::Sleeping, Duration::mins(4));
    tower.inverter = false;
    tower.run(Duration::mins(10));
    assert_eq!(power_mode(&tower), PowerMode::Sleep);
    tower.inverter = true;
    tower.power = 1000.0;
    tower.until_state(TowerState::Starting, Duration::secs(3));
    tower.until_state(TowerState::Charging, Duration::secs(30));
}

#[test]
fn an_inverter_that_starts_anew_each_minute_does_not_use_the_reserve() {
    let mut tower = running(&[0.035]);
    tower.until_state(TowerState::Sleeping, Duration::mins(11));
    tower.period = SECOND;
    let mut awake = 0;
    for second in 0..12 * 3600 {
        tower.inverter = second % 60 < 30;
        tower.tick();
        awake += u32::from(power_mode(&tower) == PowerMode::On);
    }
    let minutes = awake / 60;
    assert!((6..=60).contains(&minutes), "awake for {minutes} of 720 minutes");
}

#[test]
fn a_tower_that_never_heard_an_inverter_sleeps_and_runs_when_one_comes() {
    let mut tower = Tower::new(&[0.6]);
    tower.press(SECOND);
    tower.period = SECOND;
    tower.until_state(TowerState::Sleeping, Duration::mins(40));
    tower.run(Duration::hours(5));
    assert_eq!(tower.connected(), 0, "and never holds a bus for a stranger");
    tower.inverter = true;
    tower.until("on the bus", Duration::mins(3), |t| t.connected() == 1);
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
    tower.until("dark", Duration::secs(10), |t| power_mode(t) == PowerMode::Sleep);
    let drive = tower.outputs.as_ref().unwrap().drive;
    assert_eq!((drive.power, drive.wake, drive.pattern), (PowerMode::Sleep, false, Pattern::DARK));
    tower.period = Duration::secs(1);
    // It looks after a quarter of an hour, then after half an hour, then every hour.
    for minutes in [15, 30, 60, 60] {
        let slept = tower.until_state(TowerState::Starting, Duration::hours(2));
        let wanted = Duration::mins(minutes);
        assert!((wanted..=wanted + Duration::secs(10)).contains(&slept), "{slept}, not {wanted}");
        // No charge: back to sleep within a probe.
        tower.until_state(TowerState::Sleeping, Duration::mins(4));
    }
    // Without an inverter the modules are not even woken.
    tower.inverter = false;
    tower.until("dark", Duration::secs(10), |t| power_mode(t) == PowerMode::Sleep);
    tower.until("probe", Duration::hours(2), |t| power_mode(t) == PowerMode::On);
    let probe = tower.until("over", Duration::mins(3), |t| power_mode(t) == PowerMode::Sleep);
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
fn an_almost_empty_tower_sleeps_at_once_unless_it_is_charged() {
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
    tower.until_state(TowerState::Sleeping, Duration::mins(3));
    tower.power = 150.0;
    tower.period = SECOND;
    tower.until_state(TowerState::Charging, Duration::mins(20));
}

#[test]
fn only_a_reserve_that_is_used_ends_in_off() {
    let mut tower = running(&[0.01]);
    tower.until_state(TowerState::Sleeping, Duration::mins(11));
    tower.inverter = false;
    tower.period = Duration::secs(30);
    tower.run(Duration::hours(60 * 24));
    assert_eq!(
        tower.state(),
        TowerState::Sleeping,
        "whatever the count says, while the cells have something"
    );
    tower.modules[0].lowest_cell = 2590;
    tower.run(Duration::hours(8 * 24));
    assert_eq!((tower.state(), power_mode(&tower)), (TowerState::Shutdown, PowerMode::Off));
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

#[test]
fn a_tower_whose_dc_switch_stays_open_sleeps_after_a_day_and_finds_it_closed() {
    let mut tower = running(&[0.3]);
    tower.period = SECOND;
    tower.sample.dc_switch_closed = false;
    tower.until_state(TowerState::Standby, Duration::secs(60));
    let stood = tower.until_state(TowerState::Sleeping, Duration::hours(25));
    assert!(stood >= Duration::hours(23), "{stood}");
    tower.run(Duration::hours(24));
    tower.sample.dc_switch_closed = true;
    tower.until("on the bus", Duration::mins(6 * 60 + 5), |t| t.connected() == 1);
}

#[test]
fn a_fault_that_stays_is_shown_for_a_day_and_then_the_tower_sleeps_and_looks_seldom() {
    let mut tower = running(&[0.3, 0.3]);
    tower.period = SECOND;
    tower.modules.iter_mut().for_each(|module| module.able = false);
    // The longer period has made them silent for a moment: that explains the first tries.
    let is_locked_out = |tower: &Tower| tower.conditions().contains(Fault::Other);
    tower.until("locked out", Duration::mins(5), is_locked_out);
    let shown = tower.until_state(TowerState::Sleeping, Duration::hours(25));
    assert!((Duration::hours(24)..=Duration::mins(24 * 60 + 2)).contains(&shown), "{shown}");
    let mut awake = Duration::ZERO;
    for _ in 0..24 * 3600 {
        tower.tick();
        if power_mode(&tower) == PowerMode::On {
            awake = awake + SECOND;
        }
    }
    assert!((Duration::mins(100)..=Duration::hours(5)).contains(&awake), "awake for {awake} of a day");
    // A person has looked, and starts it.
    tower.modules.iter_mut().for_each(|module| module.able = true);
    tower.period = Duration::millis(100);
    tower.press(SECOND);
    tower.until("on the bus", Duration::mins(7), |t| t.connected() == 2);
}
