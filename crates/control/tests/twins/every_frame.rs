//! Every standard identifier with every length.

use voltower_control::io::{BduInputs, Port};
use voltower_core::{Binding, Duration, Instant, MilliVolts, TowerState, Watts};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;

use crate::driver::{Tower, request, running};
use crate::module::Wish;
use crate::rig::Rig;
use crate::{module, unit};

const PATTERNS: [[u8; 8]; 6] = [
    [0x00; 8],
    [0xFF; 8],
    [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08],
    [0x81, 0x02, 0xFF, 0x7F, 0x00, 0x80, 0x01, 0xFE],
    [0x02, 0x00, 0xC4, 0x09, 0xC4, 0x09, 0x00, 0x00],
    [0x2B, 0x20, 0x20, 0x01, 0xC4, 0x09, 0x00, 0x00],
];

fn every_frame() -> impl Iterator<Item = Frame> {
    let ids = (0..=0x7FF).map(|id| StandardId::new(id).expect("11 bits"));
    ids.flat_map(|id| (0..=8).map(move |length| (id, length)))
        .flat_map(|(id, length)| PATTERNS.map(|bytes| Frame::new(id, &bytes[..length]).expect("eight bytes")))
}

/// Each frame alone, then two seconds; what the filter keeps away changes nothing even if it comes.
fn no_frame_raises(rig: &Rig) {
    let twins = module::Twins::of(rig, true);
    let mut kept_away = twins.clone();
    let mut taken = 0;
    for frame in every_frame() {
        if twins.disturbed.controller.accepts(&frame) {
            taken += 1;
            let mut twins = twins.clone();
            twins.disturb(&frame);
            twins.run(1);
            twins.wish(Wish::Request(1));
            twins.run(12);
            twins.wish(Wish::Request(3));
            twins.run(60);
        } else {
            kept_away.disturb(&frame);
        }
    }
    assert!(taken > 0);
    kept_away.run(20);
    assert_eq!(kept_away.calm.controller.limits(), kept_away.disturbed.controller.limits());
    assert_eq!(kept_away.calm.drive, kept_away.disturbed.drive);
}

#[test]
fn no_frame_raises_a_limit_of_a_module_without_an_address() {
    let mut rig = Rig::new();
    rig.wake = true;
    rig.tick();
    assert_eq!(rig.controller.address(), None);
    no_frame_raises(&rig);
}

#[test]
fn no_frame_raises_a_limit_of_a_module_that_is_ready() {
    no_frame_raises(&Rig::ready());
}

#[test]
fn no_frame_raises_a_limit_of_a_module_on_the_bus() {
    let mut rig = Rig::connected();
    rig.set_cells(MilliVolts(3560));
    rig.run(Duration::secs(5));
    rig.set_cells(MilliVolts(3300));
    rig.run(Duration::secs(2));
    assert_eq!(rig.controller.limits().charge.binding, Binding::Recovery);
    no_frame_raises(&rig);
}

#[test]
fn a_unit_that_is_off_hears_nothing() {
    let off = Tower::new(&[0.6, 0.5]).bdu;
    for frame in every_frame() {
        for port in [Port::Link, Port::Com] {
            let mut bdu = off.clone();
            let outputs = bdu.step(Instant::ZERO, &BduInputs { sample: None, frame: Some((port, &frame)) });
            assert!(outputs.link_frames.is_empty() && outputs.com_frames.is_empty(), "{frame:?}");
            assert!(bdu == off, "{frame:?}");
        }
    }
}

#[test]
fn a_unit_that_looks_for_its_modules_allows_nothing_whatever_comes() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.press(Duration::secs(1));
    tower.until_state(TowerState::Starting, Duration::secs(5));
    tower.run(Duration::secs(1));
    let mut all = tower.clone();
    for (count, frame) in every_frame().enumerate() {
        all.inject(Port::Link, frame);
        all.inject(Port::Com, frame);
        if count % 100 == 0 {
            all.tick();
        }
        let none = |limits: voltower_protocols::link::TowerLimits| {
            limits.charge.power.0 == 0 && limits.discharge.power.0 == 0
        };
        assert!(all.limits.is_none_or(none), "{frame:?}: {:?}", all.limits);
    }
}

#[test]
fn no_frame_raises_a_limit_of_a_tower_that_runs() {
    let mut tower = running(&[0.6, 0.5]);
    // A person allows less than it could do, so that there is something to raise.
    for power in [1, 2] {
        tower.inject(Port::Link, request([0x2B, 0x20, 0x20, power, 0xE8, 0x03, 0, 0]));
    }
    tower.run(Duration::secs(5));
    assert_eq!(tower.limits.map(|limits| limits.charge.power), Some(Watts(990)), "less the margin");
    let twins = unit::Twins::of(&tower, false);
    for port in [Port::Link, Port::Com] {
        let mut kept_away = twins.clone();
        for frame in every_frame() {
            if twins.disturbed.bdu.accepts(port, &frame) && !twins.is_legal(port, &frame) {
                let mut twins = twins.clone();
                twins.disturb(port, &frame);
                twins.run(12);
            } else {
                kept_away.disturb(port, &frame);
            }
        }
        kept_away.run(20);
    }
}
