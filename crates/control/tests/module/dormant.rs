//! A module that is out of service sleeps at its lowest supply, as soon as its unit knows, and can be woken.

use voltower_control::io::PowerMode;
use voltower_control::keep::{Boot, ModulePersisted};
use voltower_control::record::Record;
use voltower_core::values::{DORMANT_POWER, RATED_CAPACITY_DECI_AMP_HOURS};
use voltower_core::{Charge, Duration, Fault, MilliAmps, MilliVolts, ModuleState, ResetCause};
use voltower_protocols::Frame;
use voltower_protocols::link::{ModuleCommand, ModuleRequest, ModuleStatus, SDO_REQUEST, node_cob_id};

use crate::rig::{Rig, command, persisted};

/// From the fault on.
const AWAKE: Duration = Duration::mins(10);

/// Its distribution unit lets it go as soon as it says so, and commands nobody who is dormant.
fn run(rig: &mut Rig, length: Duration, otherwise: ModuleRequest) {
    for _ in 0..length.0.div_ceil(rig.period.0) {
        let request = if rig.state() == ModuleState::Dormant { ModuleRequest::Dormant } else { otherwise };
        let awake = rig.drive.power == PowerMode::On || rig.state() == ModuleState::Shutdown;
        rig.command = awake.then(|| command(request));
        rig.tick();
    }
}

fn is_dormant(rig: &Rig) -> bool {
    rig.state() == ModuleState::Dormant && rig.drive.power == PowerMode::Sleep
}

/// Whose relay does not close: locked out after three tries.
fn locked_out() -> Rig {
    let mut rig = Rig::ready();
    rig.broken.relay_stuck_open = true;
    run(&mut rig, Duration::secs(60), ModuleRequest::Connect);
    assert!(rig.has(Fault::Pcu) && !rig.controller.verdict().locked.is_empty());
    rig
}

fn dormant() -> Rig {
    let mut rig = locked_out();
    run(&mut rig, AWAKE, ModuleRequest::Connect);
    assert!(is_dormant(&rig), "{:?} {:?}", rig.state(), rig.drive.power);
    rig
}

/// The wake line falls for `low`.
fn pulse(rig: &mut Rig, low: Duration) {
    rig.wake = false;
    run(rig, low, ModuleRequest::Connect);
    rig.wake = true;
    run(rig, Duration::millis(500), ModuleRequest::Connect);
}

fn sdo_request(node: u8) -> Frame {
    Frame::new(node_cob_id(SDO_REQUEST, node), &[0x40, 0x18, 0x10, 1, 0, 0, 0, 0]).expect("eight bytes")
}

#[test]
fn a_locked_out_module_sleeps_after_ten_minutes_with_its_address_and_the_enable_line() {
    let mut rig = locked_out();
    run(&mut rig, AWAKE.less(Duration::secs(65)), ModuleRequest::Connect);
    assert_eq!((rig.state(), rig.drive.power), (ModuleState::Faulted, PowerMode::On));
    rig.frames.clear();
    run(&mut rig, Duration::secs(70), ModuleRequest::Connect);
    assert!(is_dormant(&rig) && rig.drive.link_out);
    assert_eq!(rig.controller.address().map(|node| node.number()), Some(2));
    let said: Vec<_> = rig.frames.iter().filter_map(ModuleStatus::from_frame).collect();
    let last = said.last().expect("it has spoken").1;
    assert_eq!(last.state, ModuleState::Dormant, "the last thing it says");
    assert!(last.conditions.contains(Fault::Pcu), "and why");
    rig.frames.clear();
    run(&mut rig, Duration::hours(1), ModuleRequest::Connect);
    assert!(is_dormant(&rig) && rig.frames.is_empty());
}

#[test]
fn it_does_not_sleep_before_its_unit_knows() {
    let mut rig = locked_out();
    rig.command = Some(command(ModuleRequest::Connect));
    rig.run(Duration::mins(30));
    assert_eq!((rig.state(), rig.drive.power), (ModuleState::Dormant, PowerMode::On));
    rig.command = None;
    rig.link_in = false;
    rig.run(Duration::secs(2));
    assert_eq!(rig.drive.power, PowerMode::Sleep, "where no unit is, none needs to know");
    assert_eq!(rig.controller.address(), None);
}

#[test]
fn a_pulse_of_the_wake_line_wakes_it_and_it_answers_under_its_address() {
    let mut rig = dormant();
    pulse(&mut rig, Duration::millis(300));
    assert_eq!(rig.drive.power, PowerMode::On);
    assert_eq!(rig.state(), ModuleState::Faulted, "its lock-out has not gone");
    rig.frames.clear();
    rig.deliver(&sdo_request(2));
    assert!(rig.frames.iter().any(|frame| frame.standard_id() == Some(0x582)), "{:?}", rig.frames);
}

#[test]
fn a_question_wakes_it_and_the_next_one_is_answered() {
    let mut rig = dormant();
    let asked = |rig: &mut Rig, node| {
        rig.frames.clear();
        rig.deliver(&sdo_request(node));
        run(rig, Duration::secs(1), ModuleRequest::Connect);
    };
    asked(&mut rig, 3);
    assert!(is_dormant(&rig), "another module was asked");
    asked(&mut rig, 2);
    assert_eq!((rig.state(), rig.drive.power), (ModuleState::Faulted, PowerMode::On));
    asked(&mut rig, 2);
    assert!(rig.frames.iter().any(|frame| frame.standard_id() == Some(0x582)));
}

#[test]
fn with_the_wake_line_off_for_good_it_is_off() {
    let mut rig = dormant();
    rig.wake = false;
    run(&mut rig, Duration::secs(2), ModuleRequest::Connect);
    assert_eq!((rig.state(), rig.drive.power), (ModuleState::Shutdown, PowerMode::Off));
    assert_eq!(rig.controller.address(), None);
    assert!(!rig.drive.link_out);
}

#[test]
fn it_gives_its_address_back_within_a_second_of_a_fall_that_no_command_follows() {
    let mut rig = dormant();
    rig.command = None;
    rig.wake = false;
    rig.link_in = false;
    rig.tick();
    rig.wake = true;
    for _ in 0..10 {
        rig.tick();
    }
    assert_eq!(rig.controller.address(), None, "the unit that starts anew may give it to another");
}

/// Long runs grow their steps twofold while it sleeps; the step in which the line falls is no longer than others.
#[test]
fn a_pulse_finds_its_address_whatever_the_sample_period_in_which_it_fell_asleep() {
    let fell_asleep_at = dormant().period;
    for doublings in 1..10 {
        for grows in [false, true] {
            let mut rig = dormant();
            rig.command = None;
            // Nobody gives it another one.
            rig.link_in = false;
            for _ in 0..doublings {
                rig.period = rig.period + rig.period;
                rig.tick();
            }
            rig.wake = false;
            rig.tick();
            rig.wake = true;
            rig.period = if grows { rig.period + rig.period } else { rig.period };
            rig.tick();
            rig.period = fell_asleep_at;
            rig.tick();
            let (power, node) = (rig.drive.power, rig.controller.address().map(|node| node.number()));
            assert_eq!((power, node), (PowerMode::On, Some(2)), "{doublings} {grows}");
        }
    }
}

#[test]
fn whoever_is_commanded_rides_through_a_pulse_and_not_through_more() {
    let mut rig = Rig::connected();
    rig.wake = false;
    rig.run(Duration::millis(500));
    assert_eq!(rig.state(), ModuleState::Connected);
    rig.run(Duration::millis(200));
    assert_eq!(rig.state(), ModuleState::Stopping);
    let mut rig = Rig::connected();
    rig.command = Some(command(ModuleRequest::Off));
    rig.wake = false;
    rig.tick();
    assert_eq!(rig.state(), ModuleState::Stopping, "told to shut down it rides through nothing");
}

#[test]
fn what_heals_by_itself_is_noticed_after_an_hour_and_then_ever_more_rarely_up_to_a_day() {
    let mut rig = Rig::ready();
    rig.period = Duration::secs(1);
    rig.bus = MilliVolts(-400_000);
    let mut slept = Vec::new();
    let (mut since, mut was) = (rig.now, false);
    while slept.len() < 8 {
        run(&mut rig, Duration::secs(1), ModuleRequest::Connect);
        let is = is_dormant(&rig);
        if is != was {
            if was {
                slept.push(rig.now.since(since).0.div_ceil(3_600_000_000));
            }
            (since, was) = (rig.now, is);
        }
    }
    assert_eq!(slept, [1, 2, 4, 8, 16, 24, 24, 24]);
    rig.bus = MilliVolts(400_000);
    run(&mut rig, Duration::hours(25), ModuleRequest::Connect);
    assert_eq!(rig.state(), ModuleState::Connected, "taken back");
}

/// However low it is: it cannot be charged before a person has come.
#[test]
fn a_locked_out_module_looks_once_a_day_for_a_minute() {
    for mv in [3300, 2950] {
        let mut rig = dormant();
        rig.set_cells(MilliVolts(mv));
        let mut awake = 0;
        for _ in 0..(26 * 36_000) {
            run(&mut rig, Duration::millis(100), ModuleRequest::Connect);
            awake += u32::from(rig.drive.power == PowerMode::On);
        }
        assert!((500..=900).contains(&awake), "{mv} mV: {awake} samples");
    }
}

/// Low, on the bus, not charged, and commanded so for `length`.
fn low_on_the_bus(rig: &mut Rig, length: Duration, leads: bool) -> Option<Duration> {
    rig.set_cells(MilliVolts(2950));
    rig.set_current(MilliAmps(-100));
    let begun = rig.now;
    while rig.now.since(begun) < length {
        let says_so = rig.state() == ModuleState::Dormant;
        let request = if says_so { ModuleRequest::Dormant } else { ModuleRequest::Connect };
        let awake = rig.drive.power == PowerMode::On || rig.state() == ModuleState::Shutdown;
        rig.command = awake.then(|| ModuleCommand { lead: leads && !says_so, ..command(request) });
        rig.tick();
        if is_dormant(rig) {
            return Some(rig.now.since(begun));
        }
    }
    None
}

#[test]
fn whoever_forms_the_bus_waits_for_charge_however_low_it_is() {
    let mut rig = Rig::connected();
    assert_eq!(low_on_the_bus(&mut rig, Duration::mins(40), true), None);
    assert_eq!(rig.state(), ModuleState::Connected);
    let slept = low_on_the_bus(&mut rig, Duration::mins(11), false);
    assert!(
        slept.is_some_and(|slept| slept >= AWAKE),
        "its time begins when another forms the bus: {slept:?}"
    );
}

#[test]
fn a_low_module_that_is_woken_stays_awake_for_a_probe_at_least_and_does_not_alternate() {
    let mut rig = Rig::connected();
    assert!(low_on_the_bus(&mut rig, Duration::mins(11), false).is_some());
    for _ in 0..3 {
        rig.records.clear();
        pulse(&mut rig, Duration::millis(300));
        let slept = low_on_the_bus(&mut rig, Duration::mins(11), false).expect("nobody charges it");
        assert!(slept >= Duration::secs(110) && slept < Duration::mins(4), "{slept:?}");
        let turns = rig.records.iter().filter(|r| **r == Record::Module(ModuleState::Dormant)).count();
        assert_eq!(turns, 1, "{:?}", rig.records);
    }
}

/// Charge heals both of what is found, a few seconds apart; each keeps it off the bus for a minute first.
#[test]
fn a_low_module_with_a_cell_far_below_the_others_can_be_charged_before_it_sleeps_again() {
    for period in [100, 1000].map(Duration::millis) {
        let mut rig = Rig::connected();
        rig.period = period;
        assert!(low_on_the_bus(&mut rig, Duration::mins(20), false).is_some());
        rig.set_cells(MilliVolts(3050));
        rig.sample.cells[4] = Some(MilliVolts(2480));
        rig.set_current(MilliAmps(0));
        pulse(&mut rig, period.max(Duration::millis(300)));
        let (begun, mut able) = (rig.now, Duration::ZERO);
        while rig.drive.power == PowerMode::On && rig.now.since(begun) < Duration::mins(20) {
            run(&mut rig, period, ModuleRequest::Ready);
            if rig.state() == ModuleState::Ready && rig.controller.limits().charge.power.0 > 0 {
                able = able + period;
            }
        }
        assert!(able >= Duration::secs(60), "{period}: {able}");
        let awake = rig.now.since(begun);
        assert!(awake < Duration::mins(10), "{period}: {awake}, {:?}, {:?}", rig.state(), rig.drive.power);
    }
}

#[test]
fn a_low_module_whose_tower_slept_has_its_time_again_when_the_tower_wakes() {
    let mut rig = Rig::connected();
    assert_eq!(low_on_the_bus(&mut rig, AWAKE.less(Duration::secs(5)), false), None);
    rig.wake = false;
    rig.command = None;
    rig.run(Duration::mins(1));
    assert_eq!(rig.state(), ModuleState::Shutdown);
    rig.wake = true;
    rig.start(ModuleRequest::Connect);
    let slept = low_on_the_bus(&mut rig, Duration::mins(12), false);
    assert!(slept.is_some_and(|slept| slept >= AWAKE.less(Duration::secs(5))), "{slept:?}");
}

#[test]
fn woken_by_a_pulse_it_keeps_its_address_at_coarse_samples_too() {
    let mut rig = dormant();
    rig.period = Duration::secs(1);
    run(&mut rig, Duration::secs(10), ModuleRequest::Connect);
    rig.wake = false;
    rig.tick();
    rig.wake = true;
    rig.command = None;
    rig.tick();
    rig.tick();
    assert_eq!(
        rig.controller.address().map(|node| node.number()),
        Some(2),
        "a command comes with the next sample"
    );
}

#[test]
fn an_empty_module_sleeps_unless_somebody_charges_it() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(2950));
    rig.set_current(MilliAmps(1000));
    run(&mut rig, Duration::mins(30), ModuleRequest::Connect);
    assert_eq!(rig.state(), ModuleState::Connected, "it is charged");
    rig.set_current(MilliAmps(-100));
    run(&mut rig, Duration::mins(11), ModuleRequest::Connect);
    assert!(is_dormant(&rig), "{:?}", rig.state());
    assert!(!rig.drive.pcu.relay && !rig.drive.discharge_mosfet);
}

#[test]
fn below_2_6_v_it_gives_up_even_the_enable_line() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(2590));
    rig.set_current(MilliAmps(-100));
    run(&mut rig, Duration::mins(11), ModuleRequest::Connect);
    assert_eq!((rig.state(), rig.drive.power), (ModuleState::Dormant, PowerMode::Off));
    pulse(&mut rig, Duration::millis(300));
    assert_eq!(rig.drive.power, PowerMode::On);
}

#[test]
fn nobody_sleeps_over_a_current_that_flows_although_all_is_open() {
    let mut rig = locked_out();
    rig.set_current(MilliAmps(-5000));
    run(&mut rig, Duration::mins(30), ModuleRequest::Connect);
    assert_eq!(rig.drive.power, PowerMode::On);
    assert_eq!(rig.state(), ModuleState::Faulted);
}

#[test]
fn whom_the_unit_has_no_use_for_sleeps() {
    let mut rig = Rig::ready();
    run(&mut rig, Duration::hours(1), ModuleRequest::Dormant);
    assert!(is_dormant(&rig));
}

#[test]
fn an_update_that_is_never_finished_ends_after_an_hour_and_is_not_begun_again() {
    let mut rig = Rig::ready();
    rig.period = Duration::secs(1);
    rig.change_command(|command| command.update = true);
    rig.run(Duration::mins(55));
    assert_eq!(rig.state(), ModuleState::Updating);
    rig.run(Duration::mins(10));
    assert_eq!(rig.state(), ModuleState::Ready);
    rig.run(Duration::hours(3));
    assert_eq!(rig.state(), ModuleState::Ready, "the unit still asks");
    rig.change_command(|command| command.update = false);
    rig.run(Duration::secs(2));
    rig.change_command(|command| command.update = true);
    rig.run(Duration::secs(2));
    assert_eq!(rig.state(), ModuleState::Updating, "asked anew");
}

#[test]
fn a_reset_keeps_a_locked_out_module_awake_for_ten_minutes_at_most() {
    let old = dormant();
    let mut rig = Rig::with(old.controller.persisted());
    rig.broken.relay_stuck_open = true;
    rig.wake = true;
    run(&mut rig, AWAKE + Duration::secs(20), ModuleRequest::Connect);
    assert!(is_dormant(&rig), "{:?}", rig.state());
}

/// What is drawn in a year of 10 mW against 30 % of 100 Ah at 51.2 V.
#[test]
fn ten_milliwatts_leave_most_of_30_percent_after_a_year() {
    let milliwatt_hours = u64::from(DORMANT_POWER.0) * 24 * 365;
    let Charge(rated) = Charge::from_deci_amp_hours(RATED_CAPACITY_DECI_AMP_HOURS.0);
    let pack = rated.cast_unsigned() / 3_600_000 * 51_200 / 1000 / 1000;
    assert_eq!(pack, 5120);
    assert!(milliwatt_hours / 1000 < pack * 2 / 100, "less than 2 %: {milliwatt_hours} mWh");
}

/// Its unit starts anew each 14 s, and wakes it each time; nobody charges it.
#[test]
fn a_low_module_that_is_woken_again_and_again_hears_it_no_more() {
    let mut rig = Rig::ready();
    rig.set_cells(MilliVolts(2950));
    rig.period = Duration::secs(1);
    let day = |rig: &mut Rig| {
        let mut awake = 0_u32;
        for second in 0..86_400 {
            rig.wake = second % 14 > 2;
            rig.command =
                (rig.wake && rig.state() != ModuleState::Shutdown).then(|| command(ModuleRequest::Ready));
            rig.tick();
            awake += u32::from(rig.drive.power == PowerMode::On);
        }
        f64::from(awake) / 86_400.0
    };
    assert!(day(&mut rig) > 0.2, "six hours, to look at it");
    let later = day(&mut rig);
    assert!((0.005..0.03).contains(&later), "{later}");
    rig.set_cells(MilliVolts(3250));
    assert!(day(&mut rig) > 0.5, "it has been charged");
    rig.set_cells(MilliVolts(2950));
    assert!(day(&mut rig) > 0.2, "six hours again");
}

/// However long it was awake before, it is deaf for two hours at most.
#[test]
fn a_low_module_that_was_awake_for_long_hears_the_wake_line_within_hours() {
    let mut rig = Rig::ready();
    rig.set_cells(MilliVolts(2950));
    rig.period = Duration::secs(1);
    let awake = |rig: &mut Rig, hours: u64, on: fn(u64) -> bool| {
        let mut awake = 0_u64;
        for second in 0..hours * 3600 {
            rig.wake = on(second);
            rig.command =
                (rig.wake && rig.state() != ModuleState::Shutdown).then(|| command(ModuleRequest::Connect));
            rig.tick();
            awake += u64::from(rig.drive.power == PowerMode::On);
        }
        awake
    };
    awake(&mut rig, 40, |second| second % 14 > 2);
    awake(&mut rig, 3, |_| false);
    assert!(awake(&mut rig, 1, |second| second % 14 > 2) > 30);
}

/// Reset each 30 s: at first it says why for ten seconds, after an hour of that for one.
#[test]
fn in_a_storm_of_resets_that_lasts_a_module_is_awake_for_a_second() {
    for (resets, awake) in [(50, 8..=13), (120, 1..=3)] {
        let boot = Boot { number: 1000, cause: ResetCause::Watchdog, resets };
        for period in [Duration::millis(100), Duration::secs(1)] {
            let mut rig = Rig::with(ModulePersisted { boot, ..persisted(500) });
            rig.period = period;
            rig.wake = true;
            let mut on = Duration::ZERO;
            for _ in 0..Duration::secs(30).0 / period.0 {
                run(&mut rig, period, ModuleRequest::Connect);
                on = on + if rig.drive.power == PowerMode::On { period } else { Duration::ZERO };
            }
            let seconds = on.as_millis().div_ceil(1000);
            assert!(awake.contains(&seconds), "{resets} resets, {period}: {seconds} s awake");
        }
    }
}

#[test]
fn in_a_storm_of_resets_that_lasts_charge_and_counters_are_written_by_each_sixteenth_start() {
    let changes = |resets, number| {
        let boot = Boot { number, cause: ResetCause::Watchdog, resets };
        let mut rig = Rig::with(ModulePersisted { boot, ..persisted(500) });
        rig.wake = true;
        run(&mut rig, Duration::secs(20), ModuleRequest::Connect);
        assert!(is_dormant(&rig), "{:?}", rig.state());
        rig.controller.keep().revision
    };
    let all = changes(50, 1601);
    let starts = |resets| (1600..1632).filter(|number| changes(resets, *number) == all).count();
    assert_eq!((starts(50), starts(120)), (32, 2));
    assert_eq!(changes(120, 1601), all - 2, "neither charge nor counters");
}

#[test]
fn whoever_cannot_tell_the_time_goes_to_sleep_all_the_same() {
    let mut rig = Rig::connected();
    rig.period = Duration::ZERO;
    (0..10).for_each(|_| rig.tick());
    assert!(rig.has(Fault::Bms), "{:?}", rig.conditions());
    rig.wake = false;
    rig.command = None;
    (0..300).for_each(|_| rig.tick());
    assert_eq!(rig.drive.power, PowerMode::Off, "{:?}", rig.state());
}

/// What flows is seen by the converter, too.
#[test]
fn a_shunt_that_reads_wrong_keeps_nobody_awake() {
    for wrong in [7000, -7000] {
        let mut rig = locked_out();
        rig.sample.pack_current = MilliAmps(wrong);
        run(&mut rig, AWAKE + Duration::mins(1), ModuleRequest::Connect);
        assert!(is_dormant(&rig), "{wrong}: {:?} {:?}", rig.state(), rig.drive.power);
    }
}

/// Nobody charges it, whatever its shunt reads.
#[test]
fn a_low_module_whose_shunt_reads_a_charge_sleeps_all_the_same() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(2950));
    rig.set_current(MilliAmps(-80));
    rig.sample.pack_current = MilliAmps(1500);
    run(&mut rig, Duration::mins(11), ModuleRequest::Connect);
    assert!(is_dormant(&rig), "{:?} {:?}", rig.state(), rig.conditions());
}
