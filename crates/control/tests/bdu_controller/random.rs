//! Whatever comes in, the controller neither panics nor promises more than its modules.

use std::time;

use proptest::prelude::*;
use voltower_control::bdu::{BduController, BduSettings};
use voltower_control::io::{BduInputs, BduSample, BusState, Port};
use voltower_control::keep::{BduPersisted, MemoryReport};
use voltower_control::selftest::SelfTestReport;
use voltower_core::{Duration, Instant, MilliAmps, MilliOhms, MilliVolts, Watts};
use voltower_protocols::can::{ExtendedId, Frame, StandardId};
use voltower_protocols::link::{ModuleLimits, ModuleNode, TowerLimits};

use crate::driver::{SOFTWARE, identity, running};

#[derive(Debug, Clone)]
enum Stimulus {
    Sample(Duration, BduSample),
    Frame(Port, Frame),
}

fn sample() -> impl Strategy<Value = BduSample> {
    let volts = prop_oneof![4 => 390_000..410_000_i32, 1 => any::<i32>()];
    let amps = prop_oneof![4 => -1000..1000_i32, 1 => any::<i32>()];
    (volts.clone(), volts.clone(), volts, amps, any::<[bool; 3]>()).prop_map(
        |(before, after, outside, current, [pressed, closed, second])| BduSample {
            before_fuse: MilliVolts(before),
            after_fuse: MilliVolts(after),
            outside: MilliVolts(outside),
            current: MilliAmps(current),
            black_start_pressed: pressed,
            dc_switch_closed: closed,
            second_tower: second,
            link_resistance: Some(MilliOhms(60_000)),
            link_bus: BusState::Active,
            self_test: SelfTestReport::default(),
            memory: MemoryReport::default(),
        },
    )
}

fn frame() -> impl Strategy<Value = (Port, Frame)> {
    let base = prop::sample::select(vec![0x180_u16, 0x280, 0x380, 0x2A0, 0x2C0, 0x580, 0x600, 0x000]);
    let data = prop::collection::vec(any::<u8>(), 0..=8);
    let process = (base, 0..10_u16, any::<[u8; 8]>(), data.clone()).prop_map(|(base, node, full, some)| {
        let id = StandardId::new(base + node).unwrap();
        let data: &[u8] = if base == 0 { &some } else { &full };
        (Port::Link, Frame::new(id, data).unwrap())
    });
    let inverter = (any::<u32>(), data).prop_map(|(id, data)| {
        let id = if id % 2 == 0 { 0x605 } else { id & 0x1FFF_FFFF };
        (Port::Com, Frame::new(ExtendedId::new(id).unwrap(), &data).unwrap())
    });
    prop_oneof![4 => process, 1 => inverter]
}

fn stimulus() -> impl Strategy<Value = Stimulus> {
    let period = prop_oneof![Just(10_u64), Just(100), Just(1000), Just(60_000), 0..10_000_000_000_u64];
    prop_oneof![
        (period, sample()).prop_map(|(ms, sample)| Stimulus::Sample(Duration::millis(ms), sample)),
        frame().prop_map(|(port, frame)| Stimulus::Frame(port, frame)),
    ]
}

proptest! {
    #[test]
    fn anything_from_power_on(stimuli in prop::collection::vec(stimulus(), 1..400)) {
        let mut bdu = BduController::new(identity(SOFTWARE), BduPersisted::new(2, BduSettings::default()));
        let mut now = Instant::ZERO;
        for stimulus in &stimuli {
            let inputs = match stimulus {
                Stimulus::Sample(period, sample) => {
                    now = now + *period;
                    BduInputs { sample: Some(sample), frame: None }
                }
                Stimulus::Frame(port, frame) => BduInputs { sample: None, frame: Some((*port, frame)) },
            };
            bdu.step(now, &inputs);
        }
    }

    #[test]
    fn no_frame_raises_a_limit_above_the_modules_sum(frames in prop::collection::vec(frame(), 1..300)) {
        let mut tower = running(&[0.6, 0.5]);
        let mut own: [(Watts, Watts); 4] = [(Watts(0), Watts(0)); 4];
        for (node, module) in tower.modules.iter().enumerate() {
            own[node] = (module.charge_limit.power, module.discharge_limit.power);
        }
        let sample = tower.sample;
        for (port, frame) in &frames {
            if let Some((node, limits)) = ModuleLimits::from_frame(frame) {
                own[ModuleNode::index(node)] = (limits.charge.power, limits.discharge.power);
            }
            tower.inject(*port, *frame);
            tower.now = tower.now + Duration::millis(100);
            let outputs = tower.bdu.step(tower.now, &BduInputs { sample: Some(&sample), frame: None });
            let told = outputs.link_frames.iter().find_map(TowerLimits::from_frame);
            let sum = own.iter().fold((Watts(0), Watts(0)), |(a, b), (c, d)| (a + *c, b + *d));
            if let Some(limits) = told {
                prop_assert!(limits.charge.power <= sum.0);
                prop_assert!(limits.discharge.power <= sum.1);
            }
        }
    }

    /// The filter may only turn away what changes nothing.
    #[test]
    fn what_the_filter_turns_away_would_change_nothing((port, frame) in frame()) {
        let tower = running(&[0.6]);
        let mut bdu = tower.bdu.clone();
        if !bdu.accepts(port, &frame) {
            let outputs = bdu.step(tower.now, &BduInputs { sample: None, frame: Some((port, &frame)) });
            prop_assert!(bdu == tower.bdu);
            prop_assert!(outputs.link_frames.is_empty() && outputs.com_frames.is_empty());
        }
    }
}

/// Prints the cost of a step; the bound is loose, for a busy machine.
#[test]
fn steps_are_fast() {
    let tower = running(&[0.6, 0.5, 0.7, 0.4]);
    let (mut bdu, mut now, sample) = (tower.bdu, tower.now, tower.sample);
    let began = time::Instant::now();
    let steps = 100_000_u32;
    for _ in 0..steps {
        now = now + Duration::millis(100);
        std::hint::black_box(bdu.step(now, &BduInputs { sample: Some(&sample), frame: None }));
    }
    let per_step = began.elapsed() / steps;
    let limits =
        ModuleLimits { charge: tower.limits.unwrap().charge, discharge: tower.limits.unwrap().discharge };
    let frame = limits.to_frame(ModuleNode::new(2).unwrap());
    let began = time::Instant::now();
    for _ in 0..steps {
        std::hint::black_box(bdu.step(now, &BduInputs { sample: None, frame: Some((Port::Link, &frame)) }));
    }
    let per_frame = began.elapsed() / steps;
    println!("sample step {per_step:?}, frame step {per_frame:?}");
    assert!(per_step < time::Duration::from_micros(50));
}
