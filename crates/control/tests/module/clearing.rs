//! A manual reset names what the operator saw, lapses, and touches nothing that came later.

use voltower_core::{DeciCelsius, Duration, Fault, MilliVolts, ModuleState};
use voltower_protocols::link::ModuleRequest;

use crate::rig::{Rig, command};

const TENTH: Duration = Duration::millis(100);

/// A kind of lock-out: how it comes, and how its cause goes, which does not unlock it.
struct Kind {
    name: &'static str,
    fault: Fault,
    breaks: fn(&mut Rig),
    heals: fn(&mut Rig),
}

const KINDS: [Kind; 5] = [
    Kind {
        name: "deep discharge",
        fault: Fault::Cell,
        breaks: |rig| rig.set_cells(MilliVolts(1990)),
        heals: |rig| rig.set_cells(MilliVolts(3300)),
    },
    Kind {
        name: "extreme temperature",
        fault: Fault::HighTemperature,
        breaks: |rig| rig.sample.cell_temperatures = [Some(DeciCelsius(660)); 4],
        heals: |rig| rig.sample.cell_temperatures = [Some(DeciCelsius(250)); 4],
    },
    Kind {
        name: "self test",
        fault: Fault::Bms,
        breaks: |rig| rig.sample.self_test.memory.failed = true,
        heals: |rig| rig.sample.self_test.memory.failed = false,
    },
    Kind {
        name: "comparator's registers",
        fault: Fault::Bms,
        breaks: |rig| rig.broken.comparator_stuck = true,
        heals: |rig| rig.broken.comparator_stuck = false,
    },
    Kind {
        name: "welded contact",
        fault: Fault::Other,
        breaks: |rig| rig.broken.relay_welded = true,
        heals: |rig| rig.broken.relay_welded = false,
    },
];

fn locks(rig: &mut Rig, kind: &Kind) {
    (kind.breaks)(rig);
    rig.run(Duration::millis(800));
    (kind.heals)(rig);
    rig.tick();
}

/// The operator looks at this lock-out for a while.
fn seen(kind: &Kind) -> Rig {
    let mut rig = Rig::ready();
    locks(&mut rig, kind);
    assert!(rig.controller.verdict().locked.contains(kind.fault), "{}", kind.name);
    rig.run(Duration::secs(90));
    rig
}

fn clears(rig: &mut Rig, clears: bool) {
    rig.change_command(|command| command.clear_lock_outs = clears);
}

/// What came later is locked out, and the module off the bus; the next operator has seen it.
fn stays_until_seen(mut rig: Rig, later: &Kind, when: &str) {
    rig.change_command(|command| command.request = ModuleRequest::Connect);
    clears(&mut rig, false);
    rig.run(Duration::secs(20));
    let locked = rig.controller.verdict().locked;
    assert!(locked.contains(later.fault), "{} {when} was forgotten: {locked:?}", later.name);
    assert_ne!(rig.state(), ModuleState::Connected, "{} {when}", later.name);
    clears(&mut rig, true);
    rig.run(Duration::secs(2));
    clears(&mut rig, false);
    rig.run(Duration::secs(80));
    assert_eq!(rig.state(), ModuleState::Connected, "{} {when}: {:?}", later.name, rig.conditions());
}

#[test]
fn what_locks_out_before_during_and_after_a_clearing_stays_whatever_was_cleared() {
    for first in &KINDS {
        for later in KINDS.iter().filter(|later| later.name != first.name) {
            // Just before the command: nobody can have seen it.
            let mut before = seen(first);
            locks(&mut before, later);
            clears(&mut before, true);
            before.run(Duration::secs(1));
            stays_until_seen(before, later, "before");
            // Between the two commands that it takes, and while the flash has not answered.
            for hangs in [false, true] {
                let mut during = seen(first);
                during.broken.memory_hangs = hangs;
                clears(&mut during, true);
                during.tick();
                locks(&mut during, later);
                during.broken.memory_hangs = false;
                stays_until_seen(during, later, if hangs { "during the write" } else { "during" });
            }
            let mut after = seen(first);
            after.change_command(|command| command.request = ModuleRequest::Ready);
            clears(&mut after, true);
            after.run(Duration::millis(500));
            locks(&mut after, later);
            stays_until_seen(after, later, "after");
        }
    }
}

#[test]
fn one_command_clears_nothing_and_two_that_are_far_apart_neither() {
    let kind = &KINDS[0];
    let mut rig = seen(kind);
    clears(&mut rig, true);
    rig.tick();
    clears(&mut rig, false);
    rig.run(Duration::secs(5));
    assert!(rig.controller.verdict().locked.contains(kind.fault));
    clears(&mut rig, true);
    rig.tick();
    rig.command = None;
    rig.run(Duration::secs(3));
    rig.command = Some(command(ModuleRequest::Connect));
    clears(&mut rig, true);
    rig.tick();
    clears(&mut rig, false);
    rig.run(Duration::secs(5));
    assert!(rig.controller.verdict().locked.contains(kind.fault));
}

/// SR-004.
#[test]
fn what_an_operator_has_cleared_closes_nothing_before_memory_has_it() {
    let mut rig = seen(&KINDS[0]);
    rig.change_command(|command| command.request = ModuleRequest::Connect);
    rig.broken.memory_hangs = true;
    clears(&mut rig, true);
    for _ in 0..40 {
        rig.tick();
        let closed = rig.drive.pcu.relay || rig.drive.pcu.gate || rig.drive.charge_mosfet;
        assert!(!closed && rig.state() == ModuleState::Faulted, "{:?}", rig.state());
    }
    rig.broken.memory_hangs = false;
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
    assert!(rig.period == TENTH);
}
