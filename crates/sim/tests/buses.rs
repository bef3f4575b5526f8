//! Buses in the whole world: what a wire does to towers, and what a tool can do on it.

use std::path::Path;

use voltower_core::{Duration, Instant};
use voltower_protocols::Frame;
use voltower_protocols::can::{Id, StandardId};
use voltower_protocols::link::{BDU_NODE, SDO_REQUEST, SDO_RESPONSE};
use voltower_sim::scenario::{Action, Fault};
use voltower_sim::{Port, Scenario, Tap, World};

/// A site that has run for two minutes, and whose wires are listened to from then on.
fn running(towers: usize, modules: usize, link_length: f64) -> World {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/summer-day.toml");
    let mut scenario = Scenario::load(&path).expect("a good scenario");
    scenario.resize(towers, modules).expect("the manual allows it");
    scenario.towers.iter_mut().for_each(|tower| tower.link_length = link_length);
    let mut world = World::new(&scenario);
    world.advance_to(Instant::ZERO + Duration::mins(2));
    world.listen();
    world
}

fn after(world: &mut World, duration: Duration) -> Vec<Tap> {
    world.advance_to(world.now() + duration);
    world.drain_frames().collect()
}

fn connected(world: &mut World) -> Vec<bool> {
    world.snapshot().towers[0].modules.iter().map(|module| module.connected).collect()
}

/// Identifiers without the number of the battery that tower `tower` sends on COM.
fn batteries(taps: &[Tap], tower: usize) -> Vec<u32> {
    let com = taps.iter().filter(|tap| tap.port == Port::Com && tap.tower == tower);
    let mut numbers: Vec<u32> = com
        .filter_map(|tap| match tap.frame.id() {
            Id::Extended(id) if id.as_raw() & 0xFFF == 0x351 => Some(id.as_raw() >> 12),
            Id::Extended(_) | Id::Standard(_) => None,
        })
        .collect();
    numbers.dedup();
    numbers
}

#[test]
fn the_strap_makes_a_tower_the_second_one_as_long_as_it_is_awake() {
    let mut world = running(2, 1, 0.5);
    let taps = after(&mut world, Duration::secs(3));
    let (first, second) = (batteries(&taps, 0), batteries(&taps, 1));
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
    world.act(Action::Break { tower: 1, fault: Fault::ComStrapOpen });
    after(&mut world, Duration::secs(1));
    assert_eq!(
        batteries(&after(&mut world, Duration::secs(3)), 1),
        second,
        "a wire that breaks moves nobody"
    );
    world.act(Action::Press { tower: 1, hold: Duration::secs(4) });
    after(&mut world, Duration::secs(20));
    world.act(Action::Press { tower: 1, hold: Duration::secs(1) });
    let taps = after(&mut world, Duration::mins(1));
    assert!(batteries(&taps, 1).is_empty(), "started so, it takes itself for the first one, and hears it");
    assert_eq!(batteries(&taps, 0), first);
}

#[test]
fn a_service_tool_gets_an_answer() {
    let mut world = running(1, 1, 0.5);
    // Upload of 0x1000, the device type (CiA 301).
    let id = StandardId::new(SDO_REQUEST + u16::from(BDU_NODE)).expect("11 bits");
    world.send_on_link(0, Frame::full(id, [0x40, 0x00, 0x10, 0, 0, 0, 0, 0]));
    let answer = SDO_RESPONSE + u16::from(BDU_NODE);
    let answers = after(&mut world, Duration::secs(1)).into_iter().filter(|tap| {
        tap.frame.standard_id() == Some(answer) && tap.frame.data().get(1..4) == Some(&[0x00, 0x10, 0])
    });
    assert_eq!(answers.count(), 1);
}

#[test]
fn a_module_held_in_reset_lets_go_and_starts_anew() {
    let mut world = running(1, 2, 0.5);
    assert_eq!(connected(&mut world), [true, true]);
    let fault = Fault::ModuleReset { module: 1 };
    world.act(Action::Break { tower: 0, fault: fault.clone() });
    after(&mut world, Duration::secs(1));
    assert_eq!(connected(&mut world), [true, false]);
    world.act(Action::Repair { tower: 0, fault });
    after(&mut world, Duration::mins(2));
    assert_eq!(connected(&mut world), [true, true]);
}

#[test]
fn a_distribution_unit_held_in_reset_is_dark() {
    let mut world = running(1, 2, 0.5);
    assert_eq!(connected(&mut world), [true, true]);
    world.act(Action::Break { tower: 0, fault: Fault::BduReset });
    let mut taps = after(&mut world, Duration::secs(2));
    assert_eq!(connected(&mut world), [false, false], "nobody commands them any more");
    taps.extend(after(&mut world, Duration::secs(8)));
    let own =
        |tap: &&Tap| tap.port == Port::Link && tap.frame.standard_id() == Some(0x180 + u16::from(BDU_NODE));
    assert_eq!(taps.iter().filter(own).count(), 0);
    assert!(world.towers()[0].bdu_drive().lights.status.is_none());
    world.act(Action::Repair { tower: 0, fault: Fault::BduReset });
    world.act(Action::Press { tower: 0, hold: Duration::secs(1) });
    after(&mut world, Duration::mins(2));
    assert_eq!(connected(&mut world), [true, true]);
}

#[test]
fn a_babbling_module_fills_the_link_and_time_goes_on() {
    let mut world = running(1, 2, 0.5);
    let before = world.towers()[0].link().busy();
    let fault = Fault::LinkBabbling { module: 0 };
    world.act(Action::Break { tower: 0, fault: fault.clone() });
    after(&mut world, Duration::secs(20));
    let busy = world.towers()[0].link().busy().0 - before.0;
    assert!(busy > 19_500_000, "{busy} us of 20 s");
    world.act(Action::Repair { tower: 0, fault });
    after(&mut world, Duration::mins(1));
    let before = world.towers()[0].link().busy();
    after(&mut world, Duration::secs(10));
    assert!(world.towers()[0].link().busy().0 - before.0 < 1_000_000);
}

/// The manual's word: without its terminal resistor communication may fail.
#[test]
fn a_missing_resistor_is_hidden_on_a_short_tower_and_breaks_a_long_one() {
    for (length, alive) in [(0.5, true), (15.0, false)] {
        let mut world = running(1, 4, length);
        world.act(Action::Break { tower: 0, fault: Fault::LinkTerminatorMissing });
        after(&mut world, Duration::mins(5));
        assert_eq!(connected(&mut world), [alive; 4], "{length} m");
        assert!(world.towers()[0].link().error_frames() > 0);
    }
}
