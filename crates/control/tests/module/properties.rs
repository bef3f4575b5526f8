//! What must be true whatever the sensors and the network say.

use proptest::prelude::*;
use voltower_control::io::{ModuleInputs, ModuleSample, PcuSample};
use voltower_control::module::ModuleController;
use voltower_core::{Condition, DeciCelsius, Duration, Instant, Level, MilliAmps, MilliVolts, ModuleState};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::link::{ModuleCommand, ModuleNode, ModuleRequest, ShareWeight};

use crate::fixtures::healthy_sample;
use crate::rig::{IDENTITY, give_address, persisted};

fn any_voltage() -> impl Strategy<Value = MilliVolts> {
    prop_oneof![
        4 => (3000..3500).prop_map(MilliVolts),
        1 => (1900..3900).prop_map(MilliVolts),
        1 => any::<i32>().prop_map(MilliVolts),
    ]
}

fn any_bus() -> impl Strategy<Value = MilliVolts> {
    prop_oneof![
        4 => (390_000..410_000).prop_map(MilliVolts),
        2 => (-20_000..460_000).prop_map(MilliVolts),
        1 => any::<i32>().prop_map(MilliVolts),
    ]
}

fn any_temperature() -> impl Strategy<Value = Option<DeciCelsius>> {
    prop_oneof![
        6 => (100_i16..400).prop_map(|t| Some(DeciCelsius(t))),
        1 => any::<i16>().prop_map(|t| Some(DeciCelsius(t))),
        1 => Just(None),
    ]
}

fn any_current() -> impl Strategy<Value = MilliAmps> {
    prop_oneof![
        6 => (-50_000..50_000).prop_map(MilliAmps),
        1 => any::<i32>().prop_map(MilliAmps),
    ]
}

prop_compose! {
    fn any_pcu()(
        low_current in any_current(), bus_current in any_current(), capacitor in any_bus(),
        terminal in any_bus(), heat_sink in any_temperature(), tripped in prop::bool::weighted(0.02),
        relay_closed in any::<bool>(),
    ) -> PcuSample {
        PcuSample {
            low_voltage: MilliVolts(52_000), low_current, capacitor_voltage: capacitor,
            terminal_voltage: terminal, bus_current, heat_sink, stage_tripped: tripped, relay_closed,
        }
    }
}

prop_compose! {
    fn any_sample()(
        fresh in prop::bool::weighted(0.9),
        cells in prop::array::uniform16(prop::option::weighted(0.99, any_voltage())),
        pack_voltage in any_voltage(), pack_current in any_current(),
        cell_temperatures in prop::array::uniform4(any_temperature()),
        mos in any_temperature(), ambient in any_temperature(),
        comparator in prop::bool::weighted(0.02), charge in any::<bool>(), discharge in any::<bool>(),
        pcu in any_pcu(),
    ) -> ModuleSample {
        ModuleSample {
            afe_conversion: u32::from(fresh), cells, pack_voltage, pack_current, cell_temperatures,
            mos_temperature: mos, ambient_temperature: ambient, comparator_tripped: comparator,
            comparator_status: healthy_sample().comparator_status,
            comparator: healthy_sample().comparator,
            charge_mosfet_closed: charge, discharge_mosfet_closed: discharge, pcu,
            self_test: healthy_sample().self_test,
            memory: healthy_sample().memory,
        }
    }
}

/// Healthy but for the converter's voltages: deep enough to reach the bus.
fn calm_sample() -> impl Strategy<Value = ModuleSample> {
    (any_pcu(), any::<bool>()).prop_map(|(mut pcu, closed)| {
        pcu.heat_sink = Some(DeciCelsius(300));
        pcu.stage_tripped = false;
        pcu.low_current = MilliAmps(0);
        pcu.bus_current = MilliAmps(0);
        let _ = closed;
        ModuleSample { afe_conversion: 1, pcu, ..healthy_sample() }
    })
}

prop_compose! {
    fn any_command()(
        request in prop_oneof![
            1 => Just(ModuleRequest::Off), 1 => Just(ModuleRequest::Ready), 8 => Just(ModuleRequest::Connect)
        ],
        lead in any::<bool>(), shed in any::<bool>(), clear_lock_outs in any::<bool>(),
        update in prop::bool::weighted(0.02), service in any::<bool>(),
        set_point in any::<i16>(), charge in any::<u16>(), discharge in any::<u16>(), weight in 0_u8..=200,
    ) -> ModuleCommand {
        ModuleCommand {
            request, lead, shed, clear_lock_outs, update, service,
            set_point: MilliVolts(i32::from(set_point) * 100),
            charge_power: voltower_core::Watts(charge.into()),
            discharge_power: voltower_core::Watts(discharge.into()),
            weight: ShareWeight::new(weight).unwrap_or(ShareWeight::FULL),
        }
    }
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let own = any_command().prop_map(|command| command.to_frame(ModuleNode::new(2).expect("legal")));
    let other = (
        prop_oneof![
            Just(0x000_u16),
            Just(0x202),
            Just(0x602),
            Just(0x709),
            Just(0x7E5),
            Just(0x080),
            0_u16..0x7FF
        ],
        prop::collection::vec(any::<u8>(), 0..=8),
    )
        .prop_map(|(id, data)| Frame::new(StandardId::new(id).expect("11 bits"), &data).expect("8 bytes"));
    prop_oneof![3 => own, 1 => other]
}

#[derive(Debug, Clone)]
struct Event {
    sample: Option<ModuleSample>,
    frame: Option<Frame>,
    wake: bool,
    after: Duration,
}

prop_compose! {
    fn any_event(wild: bool)(
        wild_sample in any_sample(), calm in calm_sample(), takes in prop::bool::weighted(0.8),
        frame in prop::option::weighted(0.7, any_frame()), wake in prop::bool::weighted(0.98),
        us in prop_oneof![8 => Just(100_000_u64), 1 => 0_u64..100_000_000, 1 => any::<u64>()],
    ) -> Event {
        let sample = if wild { wild_sample } else { calm };
        Event { sample: takes.then_some(sample), frame, wake, after: Duration(us) }
    }
}

/// Runs the events over one controller and checks every output.
fn check(events: &[Event]) -> Result<bool, TestCaseError> {
    let mut controller = ModuleController::new(IDENTITY, persisted(500));
    let mut now = Instant::ZERO;
    let mut relay_before = false;
    let mut conversion = 0;
    let mut was_connected = false;
    for event in events {
        now = now + event.after;
        let sample = event.sample.clone().map(|mut sample| {
            conversion += sample.afe_conversion;
            sample.afe_conversion = conversion;
            sample
        });
        if controller.address().is_none() {
            give_address(2, |frame| {
                let (frame, wake) = (Some(frame), event.wake);
                let inputs = ModuleInputs { sample: None, frame, wake, link_in: true };
                controller.step(now, &inputs).frames.to_vec()
            });
        }
        let inputs = ModuleInputs {
            sample: sample.as_ref(),
            frame: event.frame.as_ref(),
            wake: event.wake,
            link_in: true,
        };
        let drive = controller.step(now, &inputs).drive;
        let limits = controller.limits();
        for power in [limits.charge.power.0, limits.discharge.power.0] {
            prop_assert!((0..=2500).contains(&power), "limit {power} W");
        }
        // 2500 W at the lowest voltage that the converter works at.
        for current in [drive.pcu.charge_current_max.0, drive.pcu.discharge_current_max.0] {
            prop_assert!((0..=2_500_000 / 330).contains(&current), "{current} mA");
        }
        let closed = drive.charge_mosfet || drive.discharge_mosfet;
        let state = controller.state();
        prop_assert!(!(state == ModuleState::Faulted && closed), "MOSFETs closed in a fault");
        prop_assert!(!(state == ModuleState::Faulted && drive.pcu.gate), "gate on in a fault");
        prop_assert!(!(controller.verdict().open && closed), "closed although everything must open");
        prop_assert!(!drive.pcu.gate || closed, "gate without a pack");
        if drive.pcu.relay && !relay_before {
            let pcu = sample.as_ref().expect("a relay closes on a sample").pcu;
            let across = i64::from(pcu.capacitor_voltage.0) - i64::from(pcu.terminal_voltage.0);
            // 5 V; the leading module meets a dead bus from the voltage of its pack, 60 V at most.
            let at_pack = pcu.capacitor_voltage.0 <= pcu.low_voltage.0.saturating_add(5000);
            let bound = if at_pack { 60_000 } else { 5000 };
            prop_assert!(across.abs() <= bound, "relay closes on {across} mV");
        }
        let locked = controller.verdict().locked;
        let any_alarm = locked.iter().any(|condition: Condition| condition.level() == Level::Alarm);
        prop_assert!(!any_alarm, "alarms do not lock out");
        relay_before = drive.pcu.relay;
        was_connected |= drive.pcu.relay;
    }
    Ok(was_connected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_comes_it_stays_safe(events in prop::collection::vec(any_event(true), 1..120)) {
        check(&events)?;
    }

    #[test]
    fn with_healthy_cells_and_a_wild_bus_it_stays_safe(events in prop::collection::vec(any_event(false), 50..200)) {
        check(&events)?;
    }
}
