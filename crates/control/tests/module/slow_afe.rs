//! The whole module with an AFE that converts more slowly than the module samples.

use voltower_core::{Duration, Fault, MilliAmps, MilliVolts, ModuleState};
use voltower_protocols::link::ModuleRequest;

use crate::rig::Rig;

/// On the bus, sampled every 10 ms, with a conversion every `every` samples; 2.5 kW flow in.
fn charging(every: u32) -> Rig {
    let mut rig = Rig::new();
    (rig.period, rig.every) = (Duration::millis(10), every);
    rig.start(ModuleRequest::Connect);
    rig.run(Duration::secs(5));
    assert_eq!(
        rig.state(),
        ModuleState::Connected,
        "the self test needs three conversions, not three in a row"
    );
    rig.set_current(MilliAmps(45_000));
    rig.sample.pcu.bus_current = MilliAmps(6000);
    rig.run(Duration::secs(1));
    rig
}

/// Milliseconds until gate and MOSFETs are open, the current not obeying.
fn opened(rig: &mut Rig) -> u32 {
    let open = |rig: &Rig| !rig.drive.pcu.gate && !rig.drive.charge_mosfet;
    rig.ticks_until(1000, open).expect("it opens") * 10
}

#[test]
fn an_over_voltage_that_was_seen_late_waits_less_for_zero_power() {
    // A conversion at the end of the wait; 300 ms, or three conversions; what is left of 400 ms; gate, relay, MOSFETs.
    for (every, most) in [(1, 750), (10, 690), (25, 780)] {
        for phase in 0..every {
            let mut rig = charging(every);
            rig.run(Duration::millis(10 * u64::from(phase)));
            rig.set_cells(MilliVolts(3660));
            let took = opened(&mut rig);
            assert!(took <= most && rig.has(Fault::OverVoltage), "{took} ms at {every}0 ms, phase {phase}");
        }
    }
}

#[test]
fn with_a_conversion_lost_at_a_quarter_of_a_second_it_opens_in_less_than_a_second_and_a_tenth() {
    for phase in 0..25 {
        for lost in 1..4 {
            let mut rig = charging(25);
            rig.run(Duration::millis(10 * phase));
            rig.lose(lost);
            rig.set_cells(MilliVolts(3660));
            let took = opened(&mut rig);
            assert!(took <= 1040, "{took} ms, phase {phase}, conversion {lost} lost");
        }
    }
}

#[test]
fn other_faults_wait_for_zero_power_as_ever() {
    for every in [1, 25] {
        let mut rig = charging(every);
        rig.set_cells(MilliVolts(2490));
        let until = rig.ticks_until(1000, |rig| rig.has(Fault::LowVoltage)).expect("raised");
        let took = opened(&mut rig);
        assert!((380..=450).contains(&took), "{took} ms after {until}");
    }
}
