//! A start that a module slows down, because it must go gently or because something of its own comes between, has not
//! failed.

use voltower_control::bdu::{Event, Findings, Rest, Rung, Sequence};
use voltower_control::io::SamplePeriod;
use voltower_control::record::{Record, StartFailure};
use voltower_control::share::NodeSet;
use voltower_core::{ConditionSet, Duration, Fault, ModuleState, TowerState};
use voltower_protocols::link::ModuleNode;

use crate::driver::running;

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
