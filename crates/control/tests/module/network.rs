//! What the module says and hears on the Link.

use voltower_control::module::ModuleController;
use voltower_core::{Duration, Fault, MilliVolts, ModuleState, PcuState, PerMille};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::link::{
    CellGroup, ModuleCapacity, ModuleCells, ModuleHardware, ModuleLimits, ModuleNode, ModulePower,
    ModuleRequest, ModuleStatus, ModuleTemperatures,
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
    for id in [0x1A2, 0x1B2, 0x1C2, 0x1D2, 0x2A2, 0x2B2, 0x2C2] {
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
fn a_reset_leaves_the_bus_first_and_starts_anew() {
    let mut rig = Rig::connected();
    rig.deliver(&frame(0x000, &[0x81, 2]));
    rig.tick();
    assert_eq!(rig.state(), ModuleState::Stopping);
    rig.frames.clear();
    rig.run(Duration::secs(3));
    assert!(rig.frames.contains(&frame(0x702, &[0])), "boot-up");
    assert_eq!(rig.state(), ModuleState::Connected);
}

#[test]
fn a_stopped_node_leaves_the_bus() {
    let mut rig = Rig::connected();
    rig.deliver(&frame(0x000, &[0x02, 0]));
    let left = rig.ticks_until(30, |rig| rig.state() == ModuleState::Ready);
    assert!(left.is_some(), "commands do not count, so that it gives its address back and leaves");
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
