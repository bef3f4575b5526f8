//! A cell whose contact is bad: the module gives what spreads its cells no further than it may, and knows the contact
//! again after it was off.

use voltower_control::estimate::resistance::Contacts;
use voltower_control::io::CELLS;
use voltower_control::keep::{ChargeState, ModulePersisted, Part};
use voltower_control::protect::row::Direction;
use voltower_core::{
    Alarm, Binding, Charge, Condition, Duration, Fault, MilliAmps, MilliVolts, ModuleState, PerMille, values,
};
use voltower_protocols::link::{CellDoubt, ModuleRequest};

use crate::rig::{Rig, persisted};

const BAD: usize = 15;

/// Cells at 3.30 V whose current passes through resistances, mohm: an ordinary one, and that of the last cell.
fn flow(rig: &mut Rig, amps: f64, contact: f64) {
    flow_at(rig, 3300.0, amps, contact);
}

fn flow_at(rig: &mut Rig, rest: f64, amps: f64, contact: f64) {
    let mv = |ohms: f64| Some(MilliVolts((rest + ohms * amps).round() as i32));
    rig.sample.cells = [mv(0.7); CELLS];
    rig.sample.cells[BAD] = mv(0.7 + contact);
    rig.set_current(MilliAmps((amps * 1000.0) as i32));
}

/// What flows when the limit of that direction is used up.
fn at_the_limit(rig: &Rig, direction: Direction) -> f64 {
    let limits = rig.controller.limits();
    let volts = f64::from(rig.sample.pack_voltage.0) / 1000.0;
    match direction {
        Direction::Charge => f64::from(limits.charge.power.0) / volts,
        Direction::Discharge => -f64::from(limits.discharge.power.0) / volts,
    }
}

/// Cells far from the end that this direction leads to.
fn far_from_the_end(direction: Direction) -> f64 {
    match direction {
        Direction::Charge => 3050.0,
        Direction::Discharge => 3300.0,
    }
}

/// Obeys the limit for so many seconds, as an inverter does that is asked for more.
fn obey(rig: &mut Rig, direction: Direction, contact: f64, seconds: u32) -> i32 {
    let mut widest = 0;
    for second in 0..seconds {
        let amps = at_the_limit(rig, direction);
        flow_at(rig, far_from_the_end(direction), amps, contact);
        rig.run(Duration::secs(1));
        let cells = rig.sample.cells.map(|cell| cell.expect("all are read").0);
        if second > 20 {
            widest = widest.max(cells.iter().max().unwrap() - cells.iter().min().unwrap());
        }
    }
    widest
}

/// Its voltage is far from any end, but it would be 0.5 V and more from the others.
#[test]
fn a_bad_contact_limits_the_module_before_it_spreads_the_cells() {
    for contact in [20.0, 45.0, 100.0, 200.0] {
        for direction in [Direction::Discharge, Direction::Charge] {
            let (mut rig, rest) = (Rig::connected(), far_from_the_end(direction));
            flow_at(&mut rig, rest, -2.0, 0.0);
            rig.run(Duration::secs(20));
            flow_at(&mut rig, rest, -2.0, contact);
            rig.run(Duration::secs(5));
            let widest = obey(&mut rig, direction, contact, 300);
            assert!(widest < values::CELL_SPREAD_ALARM.0, "{contact} mohm: {widest} mV apart");
            assert!(widest > values::CELL_SPREAD_ALARM.0 / 2, "{contact} mohm: {widest} mV, it could more");
            assert!(rig.conditions().faults().is_empty(), "{:?}", rig.conditions());
            assert!(!rig.has(Alarm::VoltageDifference));
            let (limits, element) = (rig.controller.limits(), BAD as u8 + 1);
            let (limit, binding) = match direction {
                Direction::Charge => (limits.charge, Binding::CellVoltageHigh),
                Direction::Discharge => (limits.discharge, Binding::CellVoltageLow),
            };
            assert_eq!((limit.binding, limit.element), (binding, element), "{contact} mohm");
        }
    }
}

/// What holds the bus flows through it, too; also while the cells are so far apart already that only charge heals it.
#[test]
fn a_bad_contact_holds_the_bus_no_harder_than_it_can() {
    for (amps, contact, faulty) in [(-1.2, 300.0, false), (-1.9, 300.0, true)] {
        let mut rig = Rig::connected();
        flow(&mut rig, amps, 0.0);
        rig.run(Duration::secs(20));
        flow(&mut rig, amps, contact);
        rig.run(Duration::secs(9));
        if faulty {
            rig.run(Duration::secs(5));
            flow(&mut rig, 0.0, contact);
            rig.sample.cells[3] = Some(MilliVolts(2900));
            rig.run(Duration::mins(2));
            assert!(rig.has(Fault::VoltageDifference) && rig.state() == ModuleState::Connected);
        }
        let most = f64::from(rig.drive.pcu.discharge_current_max.0) / 1000.0 * 400.0;
        let volts = f64::from(rig.sample.pack_voltage.0) / 1000.0;
        let carried = 0.001 * f64::from(values::CELL_SPREAD_ALARM.0) / (0.001 * contact) * volts;
        assert!(carried < f64::from(values::HEALING_HOLD_POWER.0), "{carried} W");
        assert!(most <= carried && most > 0.1 * carried, "{most} W where {carried} W are an alarm");
    }
}

/// The highest cell was named, whichever stood out.
#[test]
fn the_cell_that_stands_out_is_the_one_that_is_named() {
    for (apart, cell) in [(-600, 3), (550, 9)] {
        let mut rig = Rig::ready();
        rig.set_cells(MilliVolts(3250));
        rig.sample.cells[cell] = Some(MilliVolts(3250 + apart));
        rig.run(Duration::secs(15));
        assert!(rig.has(Alarm::VoltageDifference));
        let raised: Vec<_> = rig
            .records
            .iter()
            .filter_map(|record| match *record {
                voltower_control::record::Record::Raised { condition, element, .. } => {
                    Some((condition, element))
                }
                _ => None,
            })
            .collect();
        let element = cell as u8 + 1;
        assert!(raised.contains(&(Condition::from(Fault::VoltageDifference), element)), "{raised:?}");
    }
}

/// A module that has learned of a contact, as its memory has it.
fn learned_of(contact: f64) -> ModulePersisted {
    let mut rig = Rig::connected();
    let amps = -(240.0 / contact).max(1.2);
    flow(&mut rig, amps, 0.0);
    rig.run(Duration::secs(30));
    flow(&mut rig, amps, contact);
    rig.run(Duration::secs(90));
    assert!(rig.has(Alarm::Other));
    let before = rig.held.revision;
    rig.run(Duration::secs(30));
    assert_eq!(rig.held.revision, before, "it is written once");
    let mut contacts = [0; CELLS];
    contacts[BAD] = rig.controller.persisted().contacts.0[BAD];
    let known = f64::from(contacts[BAD]) / 1000.0 / contact;
    assert!((0.85..=1.15).contains(&known), "{contacts:?} of {contact} mohm");
    let kept = rig.controller.persisted();
    assert_eq!(kept.contacts, Contacts(contacts), "no other cell");
    let bytes = rig.controller.part_to_bytes(Part::Charge).expect("it has one");
    let read = ChargeState::from_bytes(&bytes).expect("whole").contacts;
    assert!(!read.differ(&kept.contacts) && read.0[BAD].abs_diff(contacts[BAD]) < 10, "{read:?}");
    ModulePersisted { contacts: read, ..kept }
}

#[test]
fn a_contact_that_was_found_is_known_again_after_the_module_was_off() {
    let mut rig = Rig::with(learned_of(60.0));
    rig.wake = true;
    rig.command = Some(crate::rig::command(ModuleRequest::Ready));
    rig.run(Duration::millis(200));
    assert!(rig.has(Alarm::Other), "the finding need not prove itself anew");
    let told = rig.controller.estimate();
    assert_eq!((told.doubt, told.doubted_cell), (CellDoubt::Contact, BAD as u8 + 1));
    rig.start(ModuleRequest::Connect);
    let widest = obey(&mut rig, Direction::Discharge, 60.0, 60);
    assert!(widest < values::CELL_SPREAD_ALARM.0, "{widest} mV apart");
    assert!(rig.conditions().faults().is_empty() && !rig.has(Alarm::VoltageDifference));
}

#[test]
fn a_contact_that_was_repaired_while_the_module_was_off_is_believed_again() {
    let mut rig = Rig::with(learned_of(60.0));
    rig.start(ModuleRequest::Connect);
    for _ in 0..30 {
        obey(&mut rig, Direction::Discharge, 0.0, 10);
        flow(&mut rig, 0.0, 0.0);
        rig.run(Duration::secs(10));
    }
    assert_eq!(rig.controller.estimate().doubted_cell, 0);
    assert!(!rig.has(Alarm::Other));
    assert_eq!(rig.controller.limits().discharge.binding, Binding::Rating);
    assert_eq!(rig.controller.persisted().contacts, Contacts::NONE, "and forgotten");
}

#[test]
fn contacts_that_cannot_be_are_not_taken_from_memory() {
    let state = |ohms: [i32; CELLS]| ChargeState {
        charge: Charge::from_deci_amp_hours(500),
        capacity: Charge::from_deci_amp_hours(1000),
        health: PerMille::FULL,
        cycles: 3,
        doubt: persisted(500).doubt,
        contacts: Contacts(ohms),
    };
    let of = |places: core::ops::Range<usize>, ohms| {
        let mut contacts = [0; CELLS];
        contacts[places].fill(ohms);
        contacts
    };
    let all_good = [0; CELLS];
    for (kept, taken) in [
        (all_good, all_good),
        (of(3..5, 20_000), of(3..5, 20_000)),
        (of(15..16, 400_000), of(15..16, 400_000)),
        (of(15..16, 450_000), all_good),
        (of(2..3, 500), all_good),
        (of(0..8, 30_000), all_good),
    ] {
        let read = ChargeState::from_bytes(&state(kept).to_bytes()).expect("the charge is none the worse");
        assert_eq!((read.contacts, read.charge), (Contacts(taken), state(kept).charge), "{kept:?}");
    }
}

/// 2 mF, brought up with what the converter gives: slowly where it must be, and without a fault.
#[test]
fn a_bad_contact_slows_a_soft_start_and_does_not_fail_it() {
    for (contact, seconds) in [(0.0, 2..4), (60.0, 2..10), (300.0, 5..45)] {
        let kept = if contact > 0.0 { learned_of(contact) } else { persisted(500) };
        let mut rig = Rig::with(kept);
        rig.start(ModuleRequest::Ready);
        rig.bus = MilliVolts(0);
        rig.command = Some(crate::rig::command(ModuleRequest::Connect));
        rig.change_command(|command| command.lead = true);
        // The bus follows what is given here, and nothing else.
        rig.broken.bus_shorted = true;
        let (mut volts, mut widest, mut ticks) = (0.0_f64, 0.0_f64, 0);
        while rig.state() != ModuleState::Connected && ticks < 600 {
            let pcu = rig.drive.pcu;
            let gap = (f64::from(pcu.set_point.0) / 1000.0 - volts).max(0.0);
            let open = !(pcu.gate && rig.sample.pcu.relay_closed);
            let most = f64::from(pcu.discharge_current_max.0) / 1000.0;
            let amps = if open { 0.0 } else { most.min(gap * 2e-3 / 0.1) };
            volts += amps * 0.1 / 2e-3;
            rig.bus = MilliVolts((volts * 1000.0) as i32);
            let pack = -amps * volts / 52.8;
            widest = widest.max(-pack * contact);
            flow(&mut rig, pack, contact);
            rig.tick();
            ticks += 1;
        }
        assert_eq!(rig.state(), ModuleState::Connected, "{contact} mohm, {volts} V after {ticks} ticks");
        assert!(seconds.contains(&(ticks / 10)), "{contact} mohm: {ticks} ticks");
        assert!(widest < f64::from(values::CELL_SPREAD_ALARM.0), "{contact} mohm: {widest} mV apart");
        assert!(rig.conditions().faults().is_empty(), "{:?}", rig.conditions());
    }
}
