//! Contacts and flash wear out: closing waits once it has become a habit, opening never does, and both are counted.

use voltower_control::keep::ModulePersisted;
use voltower_core::{Charge, Duration, MilliVolts, ModuleState};
use voltower_protocols::link::ModuleRequest;

use crate::rig::{Rig, command, persisted};

/// Runs, and counts how often the relay is driven closed.
fn closings(rig: &mut Rig, length: Duration) -> u32 {
    let mut count = 0;
    for _ in 0..length.0.div_ceil(rig.period.0) {
        let before = rig.drive.pcu.relay;
        rig.tick();
        count += u32::from(rig.drive.pcu.relay && !before);
    }
    count
}

#[test]
fn a_dc_switch_that_is_flipped_each_second_for_ten_minutes_closes_the_relay_a_dozen_times() {
    let mut rig = Rig::connected();
    let mut count = 0;
    for _ in 0..300 {
        rig.command = Some(command(ModuleRequest::Ready));
        let open = closings(&mut rig, Duration::secs(1));
        assert!(open == 0 && !rig.drive.pcu.relay, "it opens as ever");
        rig.command = Some(command(ModuleRequest::Connect));
        count += closings(&mut rig, Duration::secs(1));
    }
    assert!((6..=12).contains(&count), "{count}");
    rig.run(Duration::mins(11));
    assert_eq!(rig.state(), ModuleState::Connected, "and is back when nobody flips it");
}

#[test]
fn an_inverter_that_restarts_each_minute_for_six_hours_closes_the_relay_six_times_an_hour() {
    let mut rig = Rig::connected();
    let mut count = 0;
    for _ in 0..360 {
        rig.command = Some(command(ModuleRequest::Ready));
        rig.run(Duration::secs(10));
        rig.command = Some(command(ModuleRequest::Connect));
        count += closings(&mut rig, Duration::secs(50));
    }
    assert!((36..=60).contains(&count), "{count}");
}

#[test]
fn a_condition_that_flutters_for_days_leaves_neither_relay_nor_module_behind() {
    let mut rig = Rig::connected();
    rig.period = Duration::secs(1);
    let (mut count, mut served) = (0, 0);
    for _ in 0..(5 * 24 * 60) {
        for terminal in [-400_000, 400_000] {
            rig.bus = MilliVolts(terminal);
            count += closings(&mut rig, Duration::secs(30));
            served += u32::from(rig.state() == ModuleState::Connected);
        }
    }
    assert!(count <= 5 * 24 * 6 + 12, "{count}");
    assert!(served > 5 * 24, "it serves between: {served}");
    assert_eq!(rig.controller.persisted().lifetime.closings, count + 1);
}

#[test]
fn flash_that_is_written_too_often_is_written_more_rarely_but_for_lock_outs() {
    // Its capacity was learned: its band is narrow, and the estimate is what was counted.
    let mut rig = Rig::with(ModulePersisted { capacity: Charge(360_000_000_001), ..persisted(500) });
    rig.start(ModuleRequest::Connect);
    rig.period = Duration::secs(1);
    let writes = |rig: &mut Rig| {
        let before = rig.controller.persisted().lifetime.writes;
        for _ in 0..200 {
            // 50 A for 72 s are one percent; 120 mA supply board and converter.
            for pack in [40_000, -40_000] {
                rig.set_current(voltower_core::MilliAmps(pack));
                rig.sample.pcu.low_current.0 += 120;
                rig.run(Duration::secs(90));
            }
        }
        rig.controller.persisted().lifetime.writes - before
    };
    let (first, second) = (writes(&mut rig), writes(&mut rig));
    assert!(first >= 300 && second < first / 3, "{first} {second}");
    rig.set_current(voltower_core::MilliAmps(0));
    rig.set_cells(MilliVolts(1990));
    rig.run(Duration::secs(5));
    assert!(rig.held.revision == rig.asked.revision && !rig.controller.verdict().locked.is_empty());
    assert!(rig.controller.verdict().pending.is_empty(), "lock-outs are written at once");
}
