//! A start that a module slows down, because it must go gently or because something of its own comes between, has not
//! failed.

use voltower_control::bdu::{Event, Findings, Rest, Rung, Sequence};
use voltower_control::io::SamplePeriod;
use voltower_control::record::{Record, StartFailure};
use voltower_control::share::NodeSet;
use voltower_core::{ConditionSet, Duration, Fault, ModuleState, TowerState};
use voltower_protocols::link::ModuleNode;

use crate::driver::{Tower, running};

const STEP: Duration = Duration::millis(100);

/// One module stands ready, and an inverter wants the bus.
fn wanted() -> Findings {
    let one = ModuleNode::new(1);
    let rest = Rest { call: Duration::ZERO, probe: Duration::ZERO };
    Findings {
        press: None,
        rung: Rung::Free,
        update: false,
        self_test_passed: true,
        all_found: true,
        some_found: true,
        stopped: false,
        may_energise: true,
        bus_up: false,
        bus_rises: false,
        converter_failed: false,
        connected: NodeSet::EMPTY,
        on_bus: NodeSet::EMPTY,
        online: NodeSet::first(1),
        forming: NodeSet::first(1),
        ranking: [one, None, None, None],
        inverter_heard: true,
        inverter_called: false,
        may_hold: false,
        rest,
    }
}

/// How long a soft start lasts whose bus rises every so often; at most ten minutes, and whether it has failed then.
fn lasts(rises_every: Option<Duration>) -> (Duration, bool) {
    let mut sequence = Sequence::Standby;
    let mut lasted = Duration::ZERO;
    while lasted < Duration::mins(10) {
        let bus_rises = rises_every.is_some_and(|every| lasted.0.is_multiple_of(every.0));
        let event = sequence.step(&Findings { bus_rises, ..wanted() }, STEP, SamplePeriod(STEP));
        if event == Some(Event::StartFailed(StartFailure::SoftStart)) {
            return (lasted, true);
        }
        lasted = lasted + STEP;
    }
    (lasted, false)
}

/// Three times ten seconds for one module.
#[test]
fn a_bus_that_rises_slowly_is_waited_for_and_one_that_does_not_rise_is_given_up() {
    assert_eq!(lasts(Some(Duration::secs(2))), (Duration::mins(10), false));
    let (lasted, failed) = lasts(None);
    assert!(failed && lasted <= Duration::secs(31), "{lasted}");
}

/// What takes it off the bus is told by its own name.
#[test]
fn a_fault_of_the_module_that_forms_the_bus_is_no_bus_that_did_not_come_up() {
    for (fault, fails) in [(Fault::VoltageDifference, false), (Fault::LowVoltage, false), (Fault::Pcu, true)]
    {
        let mut tower = running(&[0.5]);
        tower.modules[0].state = ModuleState::Stopping;
        tower.run(Duration::millis(200));
        assert_eq!(tower.state(), TowerState::Starting, "it is asked to form the bus anew");
        tower.modules[0].conditions = ConditionSet::of(&[fault.into()]);
        tower.until_state(TowerState::Faulted, Duration::secs(10));
        let failed = tower.records.contains(&Record::StartFailed(StartFailure::SoftStart));
        assert_eq!(failed, fails, "{fault:?}");
    }
}

/// Two modules that do not bring the bus up. What spoils the Link is done each second after the start.
fn started_in_vain(spoil: impl Fn(&mut Tower, u64)) -> Tower {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.inverter = true;
    for module in &mut tower.modules {
        module.able = false;
    }
    tower.press(Duration::secs(1));
    tower.until("it tries", Duration::secs(20), |tower| {
        tower.modules.iter().any(|module| module.command.is_some_and(|command| command.lead))
    });
    for second in 0..20 * 60 {
        spoil(&mut tower, second);
        tower.run(Duration::secs(1));
    }
    tower
}

fn failures(tower: &Tower) -> usize {
    let failed = Record::StartFailed(StartFailure::SoftStart);
    tower.records.iter().filter(|record| **record == failed).count()
}

/// A module that skips a number has sent a frame that was lost.
fn lose_a_frame(tower: &mut Tower, second: u64) {
    if second.is_multiple_of(20) {
        tower.modules[1].skip_a_frame();
    }
}

/// A number that does not follow says that frames were lost.
#[test]
fn a_bus_that_does_not_come_up_while_frames_are_lost_is_tried_again_ever_more_rarely() {
    let mut tower = started_in_vain(lose_a_frame);
    assert!(!tower.conditions().contains(Fault::Other), "nobody need come");
    let tries = failures(&tower);
    assert!((4..=12).contains(&tries), "{tries} in twenty minutes");
    for module in &mut tower.modules {
        module.able = true;
    }
    tower.until("it comes up", Duration::mins(6), |tower| tower.connected() == 2);
    assert!(tower.conditions().is_empty());
}

/// So does a module that was heard and is not.
#[test]
fn a_bus_that_does_not_come_up_while_a_module_is_silent_that_was_heard_is_tried_again() {
    let mut tower = started_in_vain(|tower, second| tower.modules[1].linked = second < 2);
    assert!(failures(&tower) >= 4 && !tower.conditions().contains(Fault::Other));
    tower.modules[1].linked = true;
    tower.modules[0].able = true;
    tower.until("it comes up", Duration::mins(6), |tower| tower.connected() >= 1);
}

/// So does one that does what nobody has asked for.
#[test]
fn a_bus_that_does_not_come_up_while_a_module_does_what_nobody_asked_for_is_tried_again() {
    let tower = started_in_vain(|tower, second| {
        if second.is_multiple_of(20) {
            tower.modules[1].state = ModuleState::Dormant;
            tower.run(STEP);
            tower.modules[1].state = ModuleState::Ready;
        }
    });
    assert!(failures(&tower) >= 4 && !tower.conditions().contains(Fault::Other));
}

/// Where all was heard until two minutes ago, or one module never came, the bus is why.
#[test]
fn a_bus_that_does_not_come_up_although_those_that_try_are_heard_well_waits_for_a_person() {
    let tower = started_in_vain(|_, _| {});
    assert!(tower.conditions().contains(Fault::Other));
    assert_eq!(failures(&tower), 1);

    let tower = started_in_vain(|tower, second| {
        if second == 0 {
            lose_a_frame(tower, second);
        }
    });
    assert!(tower.conditions().contains(Fault::Other), "one lost frame explains two minutes");
    assert!((2..=6).contains(&failures(&tower)), "{}", failures(&tower));

    let mut tower = Tower::commissioned(&[0.6], 2);
    tower.inverter = true;
    tower.modules[0].able = false;
    tower.press(Duration::secs(1));
    tower.run(Duration::mins(3));
    assert_eq!((failures(&tower), tower.conditions().contains(Fault::Other)), (1, true), "one never came");
}
