use voltower_control::link::lss::LSS_ANSWER;
use voltower_control::record::Record;
use voltower_core::{Condition, Duration, Fault as ConditionFault, Instant};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::link::{
    BDU_NODE, ModuleCommand, ModuleRequest, SDO_REQUEST, SDO_RESPONSE, TowerPanel, TowerStatus,
};
use voltower_sim::scenario::{Action, Fault, HardwareFault, InverterMode};
use voltower_sim::{Port, Tap};

use crate::site::{Site, in_order};

/// Ours: 32 bits, each given up after 5 ms at the latest, and some more.
const BISECTED: Duration = Duration::millis(200);
/// Ours: all process data of an E20, which go first, and some more.
const BURST: Duration = Duration::millis(20);
const FINE: Duration = Duration::millis(10);

#[test]
fn a_full_tower_at_full_power_leaves_half_of_the_link_free() {
    let mut site = Site::new(1, 4, FINE);
    site.world.act(Action::Inverter(InverterMode::Discharge(10_000.0)));
    site.press(0);
    site.pass(Duration::secs(60));
    assert!(site.tower().power < -9_000.0, "full power: {} W", site.tower().power);
    let before = site.world.towers()[0].link().busy();
    site.pass(Duration::secs(10));
    let busy = site.world.towers()[0].link().busy().0 - before.0;
    let load = busy as f64 / 10e6;
    println!("Link of an E20 at full power, sample period {FINE}: {:.1} % busy", load * 100.0);
    assert!((0.01..0.5).contains(&load), "{load}");
    assert_eq!(site.world.towers()[0].link().lost(), 0);
}

fn first(taps: &[Tap], from: Instant, is_it: impl Fn(&Frame) -> bool) -> Option<Duration> {
    let found = taps.iter().find(|tap| tap.port == Port::Link && tap.at >= from && is_it(&tap.frame));
    found.map(|tap| tap.at.since(from))
}

#[test]
fn what_a_module_finds_reaches_commands_and_lights_in_50_ms() {
    let condition = Condition::Fault(ConditionFault::OverVoltage);
    let mut slowest = [Duration::ZERO; 3];
    // At ten moments of the period in which process data are sent anyway.
    for phase in 0..10 {
        let mut site = Site::running(FINE);
        site.pass(Duration::millis(phase * 10 + 3));
        site.world.listen();
        let fault = Fault::Hardware(HardwareFault::CellVoltageOffset { module: 1, cell: 4, volts: 0.6 });
        site.breaks(0, &fault);
        site.pass(Duration::secs(10));
        let taps: Vec<Tap> = site.world.drain_frames().collect();
        let raised = site.log.iter().find(|logged| {
            logged.module == 2
                && matches!(logged.record, Record::Raised { condition: raised, .. } if raised == condition)
        });
        let raised = raised.expect("the module finds it").at;
        let status = first(&taps, raised, |frame| {
            TowerStatus::from_frame(frame).is_some_and(|status| status.conditions.contains(condition))
        });
        let panel = first(&taps, raised, |frame| {
            TowerPanel::from_frame(frame).is_some_and(|panel| panel.indicated == Some(condition))
        });
        let command = first(&taps, raised, |frame| {
            ModuleCommand::from_frame(frame).is_some_and(|(node, command)| {
                node.number() == 2 && command.request != ModuleRequest::Connect
            })
        });
        for (slowest, reaction) in slowest.iter_mut().zip([status, panel, command]) {
            *slowest = reaction.expect("the unit reacts").max(*slowest);
        }
    }
    let [status, panel, command] = slowest;
    println!("from a module's finding to the unit's status {status}, lights {panel}, command {command}");
    assert!(slowest.into_iter().all(|time| time < Duration::millis(50)), "{slowest:?}");
}

fn upload(node: u8) -> Frame {
    // Object 0x1000, the device type (CiA 301).
    let id = StandardId::new(SDO_REQUEST + u16::from(node)).expect("11 bits");
    Frame::full(id, [0x40, 0x00, 0x10, 0, 0, 0, 0, 0])
}

#[test]
fn services_are_as_fast_as_the_bus_however_slow_the_samples_are() {
    let period = Duration::secs(1);
    let mut site = Site::new(1, 4, period);
    site.world.keep_period();
    site.world.listen();
    site.press(0);
    site.pass(Duration::secs(60));
    assert_eq!(site.addresses(0), in_order(4));
    let answered = |tap: &Tap| tap.frame.standard_id() == Some(LSS_ANSWER);
    let first = site.world.drain_frames().find(answered).expect("an answer").at;
    let addressed: Vec<_> = (1..=4).map(|number| site.addressed(0, number).expect("an address")).collect();
    let found = addressed[0].since(first);
    let all = addressed[3].since(first);
    println!("at a sample period of {period} module 1 is addressed in {found}, all in {all}");
    assert!(found < BISECTED, "a serial number is found bit by bit between two samples: {found}");
    assert!(all < Duration(4 * BISECTED.0).min(period), "those above are asked for the roll: {all}");
    for node in [BDU_NODE, 1, 4] {
        let asked = site.world.now();
        site.world.send_on_link(0, upload(node));
        site.pass(period);
        let taps: Vec<Tap> = site.world.drain_frames().collect();
        let status = |tap: &&Tap| TowerStatus::from_frame(&tap.frame).is_some();
        assert_eq!(taps.iter().filter(status).count(), 1, "one sample in this time");
        let answer = taps.iter().find(|tap| {
            tap.frame.standard_id() == Some(SDO_RESPONSE + u16::from(node))
                && tap.frame.data().get(1..4) == Some(&[0x00, 0x10, 0])
        });
        let took = answer.expect("an answer in the same tick").at.since(asked);
        println!("SDO answer of node {node} after {took}");
        assert!(took < BURST, "node {node}: {took}");
    }
}
