//! From off to the bus and back.

use voltower_control::io::PowerMode;
use voltower_control::record::Record;
use voltower_core::{Duration, Fault, MilliAmps, MilliOhms, MilliVolts, ModuleState, PcuState, Watts};
use voltower_protocols::link::{ModuleRequest, ShareWeight};

use crate::rig::{Rig, command};

#[test]
fn off_draws_nothing_and_hears_nothing() {
    let mut rig = Rig::new();
    rig.command = Some(command(ModuleRequest::Connect));
    rig.run(Duration::mins(1));
    assert_eq!(rig.drive.power, PowerMode::Off);
    assert!(rig.frames.is_empty());
}

#[test]
fn the_wake_line_alone_makes_it_ready() {
    let mut rig = Rig::new();
    rig.wake = true;
    rig.tick();
    assert_eq!(rig.state(), ModuleState::Starting);
    assert_eq!(rig.drive.power, PowerMode::On);
    rig.run(Duration::millis(500));
    assert_eq!(rig.state(), ModuleState::Ready);
    assert_eq!(rig.controller.pcu_state(), PcuState::Normal);
    assert!(!rig.drive.charge_mosfet && !rig.drive.pcu.gate);
    let states: Vec<_> = rig.records.iter().filter(|r| matches!(r, Record::Module(_))).collect();
    assert_eq!(states, [&Record::Module(ModuleState::Starting), &Record::Module(ModuleState::Ready)]);
}

#[test]
fn it_joins_a_live_bus_by_equalising_first() {
    let mut rig = Rig::ready();
    rig.bus = MilliVolts(395_000);
    rig.command = Some(command(ModuleRequest::Connect));
    let mut gate_before_mosfets = false;
    // The capacitor comes to the bus by ten volts a sample.
    rig.broken.capacitor_error = MilliVolts(-65_000);
    while rig.state() != ModuleState::Connected {
        rig.broken.capacitor_error = MilliVolts((rig.broken.capacitor_error.0 + 10_000).min(0));
        let closed_before = rig.drive.pcu.relay;
        let mosfets = rig.sample.charge_mosfet_closed && rig.sample.discharge_mosfet_closed;
        rig.tick();
        gate_before_mosfets |= rig.drive.pcu.gate && !mosfets && !rig.sample.charge_mosfet_closed;
        if rig.drive.pcu.relay && !closed_before {
            let pcu = &rig.sample.pcu;
            assert!((pcu.capacitor_voltage.0 - pcu.terminal_voltage.0).abs() <= 5000);
        }
        if !rig.sample.pcu.relay_closed {
            assert!(rig.drive.pcu.charge_current_max <= MilliAmps(1000));
        }
        assert!(rig.now < voltower_core::Instant::ZERO + Duration::secs(10), "{:?}", rig.state());
    }
    assert!(!gate_before_mosfets);
    assert_eq!(rig.drive.pcu.set_point, MilliVolts(400_000));
    assert_eq!(rig.drive.pcu.droop, MilliOhms(1280));
    assert_eq!(rig.drive.pcu.dead_band, MilliVolts(0));
    // 2500 W at 395 V.
    assert_eq!(rig.drive.pcu.charge_current_max, MilliAmps(6329));
}

#[test]
fn it_waits_for_a_bus_unless_it_leads() {
    for bus in [0, 349_000, 441_000] {
        let mut rig = Rig::ready();
        rig.bus = MilliVolts(bus);
        rig.command = Some(command(ModuleRequest::Connect));
        rig.run(Duration::secs(20));
        assert_eq!(rig.state(), ModuleState::Ready, "bus at {bus} mV");
        assert!(!rig.drive.pcu.gate && !rig.drive.pcu.relay);
        assert!(rig.conditions().is_empty());
        rig.bus = MilliVolts(400_000);
        rig.run(Duration::secs(2));
        assert_eq!(rig.state(), ModuleState::Connected);
    }
}

#[test]
fn the_lead_raises_a_dead_bus_slowly_with_little_current() {
    let mut rig = Rig::ready();
    rig.bus = MilliVolts(0);
    rig.command = Some(command(ModuleRequest::Connect));
    rig.change_command(|command| command.lead = true);
    let mut last = 0;
    let ticks = rig
        .ticks_until(100, |rig| {
            let set_point = rig.drive.pcu.set_point.0;
            assert!(set_point - last <= 20_000, "200 V/s");
            assert!(set_point == 400_000 || rig.drive.pcu.discharge_current_max <= MilliAmps(1000));
            last = set_point;
            rig.state() == ModuleState::Connected
        })
        .expect("connected");
    assert!((20..=30).contains(&ticks), "400 V at 200 V/s: {ticks}");
    assert_eq!(rig.drive.pcu.set_point, MilliVolts(400_000));
}

#[test]
fn a_shorted_bus_ends_the_soft_start_and_after_three_tries_for_good() {
    let mut rig = Rig::ready();
    rig.bus = MilliVolts(0);
    rig.broken.bus_shorted = true;
    rig.command = Some(command(ModuleRequest::Connect));
    rig.change_command(|command| command.lead = true);
    let ticks = rig.ticks_until(100, |rig| rig.has(Fault::Pcu)).expect("given up");
    assert!(ticks <= 20, "{ticks}");
    assert!(!rig.drive.pcu.gate && !rig.drive.pcu.relay);
    rig.run(Duration::secs(60));
    assert_eq!(rig.controller.pcu_state(), PcuState::PermanentFault);
    rig.broken.bus_shorted = false;
    rig.run(Duration::mins(10));
    assert_eq!(rig.controller.pcu_state(), PcuState::PermanentFault);
    rig.change_command(|command| command.clear_lock_outs = true);
    rig.run(Duration::secs(5));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn a_capacitor_or_a_relay_that_does_not_follow_is_a_converter_fault() {
    let mut dead = Rig::ready();
    dead.broken.capacitor_dead = true;
    let mut stuck = Rig::ready();
    stuck.broken.relay_stuck_open = true;
    for mut rig in [dead, stuck] {
        rig.command = Some(command(ModuleRequest::Connect));
        rig.run(Duration::secs(5));
        assert!(rig.has(Fault::Pcu));
        assert_eq!(rig.state(), ModuleState::Faulted);
    }
}

#[test]
fn a_relay_that_falls_open_on_the_bus_is_a_converter_fault_without_any_load() {
    let mut rig = Rig::connected();
    rig.broken.relay_stuck_open = true;
    rig.run(Duration::millis(150));
    assert!(!rig.has(Fault::Pcu));
    rig.run(Duration::millis(150));
    assert!(rig.has(Fault::Pcu));
    rig.run(Duration::secs(1));
    assert_eq!(rig.state(), ModuleState::Faulted);
}

#[test]
fn the_relay_closes_on_five_volts_and_not_on_more() {
    for (across, closes) in [(5000, true), (-5000, true), (5100, false), (-5100, false)] {
        let mut rig = Rig::ready();
        rig.broken.capacitor_error = MilliVolts(across);
        rig.command = Some(command(ModuleRequest::Connect));
        let closed = rig.ticks_until(20, |rig| rig.drive.pcu.relay).is_some();
        assert_eq!(closed, closes, "{across} mV");
    }
}

#[test]
fn on_a_dead_bus_the_lead_closes_from_the_pack_and_from_no_more() {
    // The pack has 52.8 V, from which the capacitor cannot fall. 60 V across the relay are the end.
    for (bus, capacitor, closes) in
        [(0, 52_800, true), (-7000, 52_800, true), (-7300, 52_800, false), (0, 58_000, false)]
    {
        let mut rig = Rig::ready();
        rig.bus = MilliVolts(bus);
        rig.broken.capacitor_error = MilliVolts(capacitor);
        rig.command = Some(command(ModuleRequest::Connect));
        rig.change_command(|command| command.lead = true);
        let closed = rig.ticks_until(20, |rig| rig.drive.pcu.relay).is_some();
        assert_eq!(closed, closes, "{bus} mV on the bus, {capacitor} mV on the capacitor");
    }
}

#[test]
fn opening_everything_leaves_a_short_to_the_fuse_too() {
    let mut rig = Rig::connected();
    rig.sample.pcu.bus_current = MilliAmps(-60_000);
    rig.sample.comparator_tripped = true;
    rig.tick();
    assert!(!rig.drive.pcu.gate && !rig.drive.discharge_mosfet);
    assert!(rig.drive.pcu.relay, "60 A are above its break current");
    rig.sample.pcu.bus_current = MilliAmps(0);
    rig.run(Duration::millis(200));
    assert!(!rig.drive.pcu.relay);
}

#[test]
fn leaving_asks_for_zero_first() {
    let mut rig = Rig::connected();
    rig.set_current(MilliAmps(-40_000));
    rig.sample.pcu.bus_current = MilliAmps(-5000);
    rig.tick();
    rig.command = Some(command(ModuleRequest::Ready));
    rig.tick();
    assert_eq!(rig.state(), ModuleState::Stopping);
    assert!(rig.drive.pcu.gate && rig.drive.pcu.relay && rig.drive.charge_mosfet);
    assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(0));
    rig.run(Duration::millis(300));
    assert!(rig.drive.pcu.relay, "still waits for the current");
    rig.run(Duration::millis(200));
    assert!(!rig.drive.pcu.relay && !rig.drive.pcu.gate, "opens after 400 ms anyway");
    rig.set_current(MilliAmps(0));
    rig.sample.pcu.bus_current = MilliAmps(0);
    rig.run(Duration::millis(400));
    assert_eq!(rig.state(), ModuleState::Ready);
    assert!(!rig.drive.charge_mosfet && !rig.drive.discharge_mosfet);
}

#[test]
fn the_relay_does_not_open_a_short_before_the_fuse() {
    let mut rig = Rig::connected();
    rig.sample.pcu.stage_tripped = true;
    rig.sample.pcu.bus_current = MilliAmps(-60_000);
    rig.tick();
    assert!(!rig.drive.pcu.gate, "the gate goes at once");
    assert!(rig.drive.pcu.relay, "60 A are above its break current");
    rig.run(Duration::secs(2));
    assert!(rig.drive.pcu.relay);
    rig.sample.pcu.bus_current = MilliAmps(0);
    rig.run(Duration::millis(200));
    assert!(!rig.drive.pcu.relay, "the fuse has blown");
}

#[test]
fn a_relay_waits_three_seconds_for_the_fuse_at_most() {
    let mut rig = Rig::connected();
    rig.sample.pcu.stage_tripped = true;
    rig.sample.pcu.bus_current = MilliAmps(-60_000);
    rig.run(Duration::millis(3200));
    assert!(!rig.drive.pcu.relay);
}

#[test]
fn without_commands_it_leaves_the_bus() {
    let mut rig = Rig::connected();
    rig.command = None;
    let ticks = rig.ticks_until(100, |rig| rig.state() == ModuleState::Stopping).expect("left");
    assert!((9..=11).contains(&ticks), "after 1 s: {ticks}");
    rig.run(Duration::secs(1));
    assert_eq!(rig.state(), ModuleState::Ready);
    assert!(!rig.drive.pcu.relay && !rig.drive.charge_mosfet);
}

#[test]
fn coarse_samples_do_not_lose_the_permit() {
    let mut rig = Rig::connected();
    rig.period = Duration::secs(60);
    rig.run(Duration::hours(1));
    assert_eq!(rig.state(), ModuleState::Connected);
    rig.command = None;
    // Three periods of silence, then one each for zero, opening, contact and mode.
    rig.run(Duration::mins(7));
    assert_eq!(rig.state(), ModuleState::Ready);
}

#[test]
fn off_and_wake_lead_to_sleep_and_without_wake_to_off() {
    let mut rig = Rig::connected();
    rig.command = Some(command(ModuleRequest::Off));
    rig.run(Duration::secs(2));
    assert_eq!((rig.state(), rig.drive.power), (ModuleState::Shutdown, PowerMode::Sleep));
    rig.frames.clear();
    rig.run(Duration::mins(1));
    assert!(rig.frames.is_empty(), "asleep it says nothing");
    rig.command = Some(command(ModuleRequest::Ready));
    rig.run(Duration::secs(1));
    assert_eq!(rig.state(), ModuleState::Ready);
    rig.wake = false;
    rig.run(Duration::secs(1));
    assert_eq!((rig.state(), rig.drive.power), (ModuleState::Shutdown, PowerMode::Off));
}

#[test]
fn losing_the_wake_line_on_the_bus_leaves_it_first() {
    let mut rig = Rig::connected();
    rig.wake = false;
    rig.run(Duration::millis(600));
    assert_eq!(rig.state(), ModuleState::Stopping, "for longer than a pulse that wakes others");
    rig.run(Duration::secs(1));
    assert_eq!(rig.drive.power, PowerMode::Off);
    assert!(!rig.drive.pcu.relay);
}

#[test]
fn forgotten_it_goes_to_sleep_after_ten_minutes() {
    let mut rig = Rig::ready();
    rig.command = None;
    rig.run(Duration::mins(10));
    assert_eq!(rig.drive.power, PowerMode::On);
    rig.run(Duration::secs(2));
    assert_eq!(rig.drive.power, PowerMode::Sleep);
}

#[test]
fn update_leaves_the_bus_and_comes_back() {
    let mut rig = Rig::connected();
    rig.change_command(|command| command.update = true);
    rig.run(Duration::secs(2));
    assert_eq!((rig.state(), rig.controller.pcu_state()), (ModuleState::Updating, PcuState::Update));
    assert!(!rig.drive.pcu.relay && !rig.drive.charge_mosfet);
    rig.change_command(|command| command.update = false);
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn new_firmware_does_not_make_good_a_converter_that_has_failed_for_good() {
    let mut rig = Rig::ready();
    rig.broken.relay_stuck_open = true;
    rig.command = Some(command(ModuleRequest::Connect));
    rig.run(Duration::mins(1));
    assert_eq!(rig.controller.pcu_state(), PcuState::PermanentFault);
    rig.broken.relay_stuck_open = false;
    rig.change_command(|command| command.update = true);
    rig.run(Duration::secs(2));
    assert_eq!(rig.state(), ModuleState::Updating);
    rig.change_command(|command| command.update = false);
    rig.run(Duration::secs(10));
    assert_eq!((rig.state(), rig.controller.pcu_state()), (ModuleState::Faulted, PcuState::PermanentFault));
    rig.change_command(|command| command.clear_lock_outs = true);
    rig.run(Duration::secs(5));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn droop_and_dead_band_follow_the_command() {
    for (half_percents, droop) in [(200, 1280), (100, 2560), (20, 12_800), (10, 25_600), (0, 25_600)] {
        let mut rig = Rig::connected();
        rig.change_command(|command| {
            command.weight = ShareWeight::new(half_percents).expect("legal");
            command.shed = true;
        });
        rig.tick();
        assert_eq!(rig.drive.pcu.droop, MilliOhms(droop), "weight {half_percents}");
        assert_eq!(rig.drive.pcu.dead_band, MilliVolts(5000));
    }
}

#[test]
fn a_dead_converter_is_found_by_its_silence() {
    let mut rig = Rig::connected();
    rig.bus = MilliVolts(395_000);
    rig.run(Duration::millis(2900));
    assert!(!rig.has(Fault::Pcu), "395 V ask for 3.9 A");
    rig.run(Duration::millis(500));
    assert!(rig.has(Fault::Pcu));
    let mut limited = Rig::connected();
    limited.bus = MilliVolts(395_000);
    limited.change_command(|command| command.discharge_power = Watts(0));
    limited.run(Duration::secs(30));
    assert!(!limited.has(Fault::Pcu), "no current is expected at a limit of zero");
}

#[test]
fn bus_voltage_trips_the_converter() {
    let mut high = Rig::connected();
    high.bus = MilliVolts(450_100);
    high.tick();
    assert!(high.has(Fault::Pcu) && !high.drive.pcu.gate);
    let mut low = Rig::connected();
    low.sample.pcu.bus_current = MilliAmps(-6250);
    low.bus = MilliVolts(329_000);
    low.run(Duration::millis(900));
    assert!(!low.has(Fault::Pcu));
    low.run(Duration::millis(400));
    assert!(low.has(Fault::Pcu));
}
