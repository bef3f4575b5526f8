//! What the module says and hears on the Link.

use voltower_control::link::lss::Outcome;
use voltower_control::module::ModuleController;
use voltower_control::record::Record;
use voltower_core::{
    Binding, DeciCelsius, Duration, Fault, MilliAmps, MilliVolts, ModuleState, PcuState, PerMille, Watts,
};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::canopen::Direction;
use voltower_protocols::link::{
    CellGroup, MODULE_DICTIONARY, ModuleCapacity, ModuleCells, ModuleEstimate, ModuleHardware, ModuleLimits,
    ModuleNode, ModulePower, ModuleRequest, ModuleStatus, ModuleTemperatures,
};

use crate::rig::{IDENTITY, Rig, command, persisted};

fn frame(id: u16, data: &[u8]) -> Frame {
    Frame::new(StandardId::new(id).expect("11 bits"), data).expect("8 bytes")
}

#[test]
fn process_data_are_sent_in_time() {
    let mut rig = Rig::ready();
    rig.sample.cells[6] = Some(MilliVolts(3333));
    rig.run(Duration::secs(2));
    rig.frames.clear();
    rig.run(Duration::secs(10));
    let count = |id: u16| rig.frames.iter().filter(|frame| frame.standard_id() == Some(id)).count();
    for id in [0x182, 0x282, 0x382] {
        assert_eq!(count(id), 100, "{id:#x}");
    }
    for id in [0x1A2, 0x1B2, 0x1C2, 0x1D2, 0x2A2, 0x2B2, 0x2C2, 0x2D2] {
        assert_eq!(count(id), 10, "{id:#x}");
    }
    assert_eq!(count(0x702), 20, "heartbeat");
    let statuses: Vec<_> = rig.frames.iter().filter_map(ModuleStatus::from_frame).collect();
    assert!(statuses.iter().all(|(node, _)| Some(*node) == ModuleNode::new(2)));
    let (_, status) = statuses.last().expect("sent");
    assert_eq!((status.state, status.pcu), (ModuleState::Ready, PcuState::Normal));
    assert_eq!(status.soc, PerMille(500));
    assert!(
        rig.frames.iter().any(|f| ModulePower::from_frame(f).is_some_and(|(_, p)| p.pack_voltage.0 > 52_000))
    );
    assert!(
        rig.frames.iter().any(|f| ModuleLimits::from_frame(f).is_some_and(|(_, l)| l.charge.power.0 == 2500))
    );
    let second = |f: &Frame| ModuleCells::from_frame(f).filter(|(_, cells)| cells.group == CellGroup::Second);
    let (_, cells) = rig.frames.iter().find_map(second).expect("sent");
    assert_eq!(cells.cells[2], Some(MilliVolts(3333)));
    assert!(rig.frames.iter().any(|f| ModuleTemperatures::from_frame(f).is_some()));
    assert!(rig.frames.iter().any(|f| ModuleHardware::from_frame(f).is_some()));
    let estimate = rig.frames.iter().find_map(ModuleEstimate::from_frame).expect("sent").1;
    assert_eq!(estimate.soc, PerMille(500));
    assert!(rig.frames.iter().any(|f| ModuleCapacity::from_frame(f).is_some_and(|(_, c)| c.cycles == 7)));
}

#[test]
fn what_a_module_accepts_any_module_may() {
    let rig = Rig::ready();
    for id in 0..0x800 {
        let frame = frame(id, &[0; 8]);
        assert!(!rig.controller.accepts(&frame) || ModuleController::may_accept(&frame), "{id:#x}");
    }
    let may = (0..0x800).filter(|id| ModuleController::may_accept(&frame(*id, &[0; 8])));
    let network_and_four_each: Vec<u16> = may.collect();
    let of_each = [0x201, 0x202, 0x203, 0x204, 0x601, 0x602, 0x603, 0x604];
    let of_all = [0x000, 0x080, 0x709, 0x7E5];
    assert!(network_and_four_each.iter().all(|id| of_each.contains(id) || of_all.contains(id)));
    assert_eq!(network_and_four_each.len(), of_each.len() + of_all.len());
}

#[test]
fn waking_says_so_and_a_fault_is_told_at_once() {
    let mut rig = Rig::new();
    rig.wake = true;
    rig.tick();
    assert!(rig.frames.is_empty(), "it has no address yet");
    rig.tick();
    assert!(rig.frames.contains(&frame(0x702, &[0])), "boot-up");
    rig.start(ModuleRequest::Ready);
    rig.sample.comparator_tripped = true;
    rig.frames.clear();
    rig.tick();
    assert!(rig.frames.iter().any(|f| f.standard_id() == Some(0x082)), "emergency");
}

#[test]
fn the_dictionary_shows_versions_and_state() {
    let mut rig = Rig::ready();
    rig.frames.clear();
    rig.deliver(&frame(0x602, &[0x40, 0x00, 0x20, 0x05, 0, 0, 0, 0]));
    assert_eq!(rig.frames, [frame(0x582, &[0x4F, 0x00, 0x20, 0x05, 2, 0, 0, 0])], "state ready");
    rig.frames.clear();
    rig.deliver(&frame(0x602, &[0x40, 0x03, 0x20, 0x10, 0, 0, 0, 0]));
    let [low, high] = 3300_u16.to_le_bytes();
    assert_eq!(rig.frames, [frame(0x582, &[0x4B, 0x03, 0x20, 0x10, low, high, 0, 0])], "cell 16");
}

/// Reads a number of up to four bytes as a service client does.
fn read_number(rig: &mut Rig, index: u16, sub: u8) -> Vec<u8> {
    let [low, high] = index.to_le_bytes();
    rig.frames.clear();
    rig.deliver(&frame(0x602, &[0x40, low, high, sub, 0, 0, 0, 0]));
    let answer = *rig.frames[0].eight().expect("answered");
    assert_eq!(answer[0] & 0xE3, 0x43, "{index:#06x}:{sub} expedited");
    answer[4..8 - usize::from(answer[0] >> 2 & 3)].to_vec()
}

#[test]
fn process_data_are_the_objects_that_they_map() {
    let mut rig = Rig::connected();
    rig.sample.cells[6] = Some(MilliVolts(3333));
    rig.sample.cell_temperatures[2] = None;
    rig.set_current(MilliAmps(-12_345));
    rig.run(Duration::secs(2));
    for pdo in MODULE_DICTIONARY.pdos.iter().filter(|pdo| pdo.direction == Direction::Transmit) {
        rig.frames.clear();
        rig.run(Duration::secs(1));
        let sent = rig.frames.iter().rev().find(|frame| frame.standard_id() == Some(pdo.cob_id(2)));
        // What is sent once a second was measured up to a second ago: nothing has changed since.
        let sent = sent.unwrap_or_else(|| panic!("{} is sent", pdo.name)).data().to_vec();
        let read: Vec<u8> =
            pdo.mapping.iter().flat_map(|(index, sub)| read_number(&mut rig, *index, *sub)).collect();
        assert_eq!(sent, read, "{}", pdo.name);
    }
}

#[test]
fn every_object_can_be_read() {
    let mut rig = Rig::connected();
    for item in MODULE_DICTIONARY.items() {
        let ([low, high], sub) = (item.index.to_le_bytes(), item.entry.sub);
        rig.frames.clear();
        rig.deliver(&frame(0x602, &[0x40, low, high, sub, 0, 0, 0, 0]));
        let answer = *rig.frames[0].eight().expect("answered");
        assert_eq!(answer[0] >> 5, 2, "{:#06x}:{sub} {answer:02X?}", item.index);
        let size = match answer[0] & 3 {
            3 => 4 - usize::from(answer[0] >> 2 & 3),
            _ => answer[4].into(),
        };
        assert!(item.entry.data_type.size().is_none_or(|bytes| bytes == size), "{:#06x}:{sub}", item.index);
    }
}

/// Writes a 16-bit object; the abort code, if it is refused.
fn write_power(rig: &mut Rig, sub: u8, watts: u16) -> Option<u32> {
    let [low, high] = watts.to_le_bytes();
    rig.frames.clear();
    rig.deliver(&frame(0x602, &[0x2B, 0x20, 0x20, sub, low, high, 0, 0]));
    let answer = *rig.frames[0].eight().expect("answered");
    (answer[0] == 0x80).then(|| u32::from_le_bytes([answer[4], answer[5], answer[6], answer[7]]))
}

#[test]
fn configuration_is_tightened_at_any_time_and_loosened_by_a_person_at_rest() {
    let mut rig = Rig::connected();
    assert_eq!(write_power(&mut rig, 1, 2000), None);
    rig.run(Duration::secs(5));
    let charge = rig.controller.limits().charge;
    assert_eq!((charge.power, charge.binding), (Watts(2000), Binding::Configuration));
    assert_eq!(rig.controller.persisted().settings.charge_power, Watts(2000));
    assert!(rig.records.contains(&Record::Configured), "the recorder hears of it");
    assert_eq!(write_power(&mut rig, 1, 2600), Some(0x0609_0031), "beyond its rating");
    assert_eq!(write_power(&mut rig, 1, 2001), Some(0x0800_0022), "looser, and nobody is there");
    rig.change_command(|command| command.service = true);
    rig.set_current(MilliAmps(5000));
    rig.tick();
    assert_eq!(write_power(&mut rig, 1, 2001), Some(0x0800_0022), "looser, while power flows");
    rig.set_current(MilliAmps(0));
    rig.tick();
    assert_eq!(write_power(&mut rig, 1, 2400), None);
    rig.change_command(|command| command.service = false);
    rig.tick();
    assert_eq!(write_power(&mut rig, 1, 2500), Some(0x0800_0022), "the person has left");
    assert_eq!(write_power(&mut rig, 1, 2300), None);
}

#[test]
fn a_lock_out_is_cleared_by_a_person_only() {
    let mut rig = Rig::ready();
    rig.sample.comparator_tripped = true;
    rig.run(Duration::secs(1));
    rig.sample.comparator_tripped = false;
    rig.run(Duration::secs(10));
    assert!(rig.has(Fault::Bms));
    let clear = frame(0x602, &[0x2F, 0x21, 0x20, 2, 1, 0, 0, 0]);
    rig.frames.clear();
    rig.deliver(&clear);
    assert_eq!(rig.frames[0].data()[4..], 0x0800_0022_u32.to_le_bytes());
    rig.change_command(|command| command.service = true);
    rig.tick();
    rig.deliver(&clear);
    rig.run(Duration::secs(1));
    assert!(!rig.has(Fault::Bms));
}

#[test]
fn a_module_answers_addressing_only_while_its_turn_has_come() {
    let mut rig = Rig::new();
    rig.wake = true;
    rig.link_in = false;
    rig.tick();
    assert_eq!(rig.give_address(2), Outcome::Nobody);
    rig.link_in = true;
    assert!(matches!(rig.give_address(2), Outcome::Assigned(_)));
    assert_eq!(rig.give_address(3), Outcome::Nobody, "it has one");
    assert!(!rig.drive.link_out, "nobody has commanded it yet");
    rig.command = Some(command(ModuleRequest::Ready));
    rig.tick();
    assert!(rig.drive.link_out);
    rig.link_in = false;
    rig.tick();
    assert!(!rig.drive.link_out, "the line falls behind it too");
    assert_eq!(rig.controller.address().map(ModuleNode::number), Some(2), "and it keeps its address");
}

#[test]
fn an_address_is_given_back_after_a_second_without_a_command() {
    let mut rig = Rig::connected();
    rig.command = None;
    rig.link_in = false;
    rig.run(Duration::millis(800));
    assert!(rig.controller.address().is_some());
    rig.run(Duration::millis(300));
    assert_eq!(rig.controller.address(), None);
    rig.frames.clear();
    rig.run(Duration::secs(5));
    assert_eq!(rig.frames, [], "without an address it is silent");
    assert_eq!(rig.state(), ModuleState::Ready, "and it has left the bus");
}

#[test]
fn program_control_leads_to_update_and_back() {
    let mut rig = Rig::ready();
    rig.deliver(&frame(0x602, &[0x2F, 0x51, 0x1F, 0x01, 0, 0, 0, 0]));
    rig.run(Duration::secs(1));
    assert_eq!(rig.state(), ModuleState::Updating);
    rig.deliver(&frame(0x602, &[0x2F, 0x51, 0x1F, 0x01, 1, 0, 0, 0]));
    rig.run(Duration::secs(1));
    assert_eq!(rig.state(), ModuleState::Ready);
}

#[test]
fn a_reset_gives_the_address_back_and_leaves_the_bus_first() {
    let mut rig = Rig::connected();
    rig.frames.clear();
    rig.deliver(&frame(0x000, &[0x81, 2]));
    assert_eq!(rig.controller.address(), None);
    rig.tick();
    assert!(rig.frames.contains(&frame(0x702, &[0])), "boot-up, with its new address");
    assert_eq!(rig.state(), ModuleState::Stopping);
    rig.run(Duration::secs(3));
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn a_reset_makes_a_module_forget_nothing_that_is_wrong_with_it() {
    let mut rig = Rig::connected();
    rig.sample.cell_temperatures[1] = Some(DeciCelsius(610));
    rig.run(Duration::secs(10));
    assert!(rig.has(Fault::HighTemperature));
    // Cooler, but not so cool that the fault would clear.
    rig.sample.cell_temperatures[1] = Some(DeciCelsius(570));
    rig.deliver(&frame(0x000, &[0x81, 0]));
    rig.run(Duration::secs(5));
    assert!(rig.has(Fault::HighTemperature));
    assert_eq!(rig.state(), ModuleState::Faulted);
}

#[test]
fn neither_a_reset_nor_an_update_lets_a_limit_rise_faster() {
    let interruptions: [&[Frame]; 2] = [
        &[frame(0x000, &[0x81, 0])],
        &[
            frame(0x602, &[0x2F, 0x51, 0x1F, 0x01, 0, 0, 0, 0]),
            frame(0x602, &[0x2F, 0x51, 0x1F, 0x01, 1, 0, 0, 0]),
        ],
    ];
    for interruption in interruptions {
        let mut rig = Rig::connected();
        rig.set_cells(MilliVolts(3600));
        rig.run(Duration::secs(1));
        rig.set_cells(MilliVolts(3300));
        for frame in interruption {
            rig.deliver(frame);
            rig.run(Duration::secs(2));
        }
        let limit = rig.controller.limits().charge;
        assert!(limit.power.0 <= 250, "50 W a second: {limit:?}");
    }
}

#[test]
fn a_stopped_node_leaves_the_bus_at_once() {
    let mut rig = Rig::connected();
    rig.deliver(&frame(0x000, &[0x02, 0]));
    rig.tick();
    assert_eq!(rig.state(), ModuleState::Stopping, "what it was commanded does not count any more");
}

#[test]
fn commands_for_others_change_nothing() {
    let mut rig = Rig::ready();
    let other = command(ModuleRequest::Connect).to_frame(ModuleNode::new(3).expect("legal"));
    assert!(!rig.controller.accepts(&other));
    rig.command = None;
    for _ in 0..20 {
        rig.deliver(&other);
        rig.tick();
    }
    assert_eq!(rig.state(), ModuleState::Ready);
}

#[test]
fn a_repeated_request_to_clear_clears_nothing_later() {
    let mut rig = Rig::ready();
    rig.change_command(|command| command.clear_lock_outs = true);
    rig.run(Duration::secs(1));
    rig.sample.comparator_tripped = true;
    rig.run(Duration::secs(1));
    rig.sample.comparator_tripped = false;
    rig.run(Duration::secs(10));
    assert!(rig.has(Fault::Bms));
}

#[test]
fn one_command_alone_clears_nothing_two_do() {
    let mut rig = Rig::connected();
    rig.sample.comparator_tripped = true;
    rig.run(Duration::secs(1));
    rig.sample.comparator_tripped = false;
    for _ in 0..10 {
        rig.change_command(|command| command.clear_lock_outs = true);
        rig.tick();
        rig.change_command(|command| command.clear_lock_outs = false);
        rig.run(Duration::secs(1));
        assert!(rig.has(Fault::Bms), "a flipped bit now and then");
    }
    rig.change_command(|command| command.clear_lock_outs = true);
    // One more until memory holds it.
    (0..3).for_each(|_| rig.tick());
    assert!(!rig.has(Fault::Bms));
}

#[test]
fn a_clock_that_jumps_ahead_counts_no_charge_that_did_not_flow() {
    let mut rig = Rig::connected();
    rig.set_current(MilliAmps(-40_000));
    rig.run(Duration::secs(1));
    let before = rig.controller.soc();
    rig.now = rig.now + Duration::hours(10);
    rig.run(Duration::millis(200));
    let lost = before.0 - rig.controller.soc().0;
    // 40 A for two minutes out of 100 Ah.
    assert!((10..=14).contains(&lost), "{lost} thousandths");
}

#[test]
fn the_controller_fits_its_memory() {
    let size = size_of::<ModuleController>();
    println!("a module controller's state: {size} bytes");
    assert!(size <= 16 * 1024);
    let sizes = [
        ("mode", size_of::<voltower_control::module::mode::Mode>()),
        ("address", size_of::<voltower_control::link::lss::Address>()),
        ("converter", size_of::<voltower_control::module::pcu::Converter>()),
        ("row of the condition table", size_of::<voltower_control::protect::row::RowState>()),
        ("anchor", size_of::<voltower_control::estimate::anchor::Anchor>()),
        ("balancer", size_of::<voltower_control::estimate::balance::Balancer>()),
    ];
    for (machine, size) in sizes {
        println!("{machine}: {size} bytes");
        assert!(size < 128, "{machine}");
    }
    let controller = ModuleController::new(IDENTITY, persisted(500));
    assert_eq!(controller.persisted(), persisted(500), "what is handed in is handed back");
}
