//! Sensors of the BDU that are wrong: it says so of itself, blames no module, and the house keeps its power.

use voltower_control::io::BduSample;
use voltower_control::record::Record;
use voltower_core::{
    Alarm, BduSensor, Cause, Condition, ConditionSet, Diagnosis, Duration, Fault, Finding, MilliAmps,
    MilliVolts, TowerState,
};

use crate::driver::{Tower, running};

const SECOND: Duration = Duration::secs(1);

fn add(voltage: &mut MilliVolts, volts: i32) {
    *voltage += MilliVolts(volts * 1000);
}

type Misread = fn(&mut BduSample);

/// Each sensor, read wrongly in one way or another.
const WRONG: [(BduSensor, Misread); 9] = [
    (BduSensor::BeforeFuse, |sample| add(&mut sample.before_fuse, 40)),
    (BduSensor::BeforeFuse, |sample| add(&mut sample.before_fuse, -12)),
    (BduSensor::BeforeFuse, |sample| sample.before_fuse = MilliVolts(0)),
    (BduSensor::AfterFuse, |sample| add(&mut sample.after_fuse, 20)),
    (BduSensor::AfterFuse, |sample| sample.after_fuse = MilliVolts(0)),
    (BduSensor::Outside, |sample| add(&mut sample.outside, -30)),
    (BduSensor::Outside, |sample| sample.outside = MilliVolts(0)),
    (BduSensor::Current, |sample| sample.current = MilliAmps(0)),
    (BduSensor::Current, |sample| sample.current += MilliAmps(5_000)),
];

fn blame(sensor: BduSensor) -> Diagnosis {
    Diagnosis::new(Cause::BduSensor, 0).at(sensor as u8)
}

fn only_alarm() -> ConditionSet {
    ConditionSet::of(&[Condition::Alarm(Alarm::Other)])
}

#[test]
fn a_sensor_of_the_bdu_that_is_wrong_is_named_and_no_module_is_blamed() {
    for socs in [&[0.6][..], &[0.6, 0.5], &[0.6, 0.5, 0.4]] {
        for (place, (sensor, misread)) in WRONG.into_iter().enumerate() {
            let mut tower = running(socs);
            tower.power = -2000.0;
            tower.run(Duration::secs(5));
            tower.misread = misread;
            let what = format!("{sensor:?} ({place}) of {} modules", socs.len());
            let took = tower.until(&what, Duration::secs(5), |tower| {
                tower.found.is_some_and(|found| found.0 == blame(sensor))
            });
            assert!(took >= SECOND, "{what}: not at once");
            tower.run(Duration::mins(2));
            assert_eq!(tower.conditions(), only_alarm(), "{what}");
            assert_eq!(tower.state(), TowerState::Discharging, "{what}: the house keeps its power");
            assert!((380.0..420.0).contains(&tower.bus()), "{what}: {} V", tower.bus());
            let said = Record::Found { finding: Finding::BduSensorWrong, module: 0, element: 0 };
            assert!(tower.records.contains(&said), "{what}");
        }
    }
}

/// What is told to the inverter and on the Link is what the others measure.
#[test]
fn what_a_wrong_sensor_should_have_read_is_told() {
    for (sensor, misread) in WRONG {
        let mut tower = running(&[0.6, 0.5]);
        tower.power = -2000.0;
        tower.misread = misread;
        tower.run(Duration::secs(10));
        let told = tower.measured.unwrap();
        for voltage in [told.before_fuse, told.after_fuse, told.outside] {
            assert!((f64::from(voltage.0) / 1000.0 - tower.bus()).abs() < 3.0, "{sensor:?}: {voltage}");
        }
        let amps = -2000.0 / tower.bus();
        assert!((f64::from(told.current.0) / 1000.0 - amps).abs() < 0.5, "{sensor:?}: {}", told.current);
    }
}

#[test]
fn a_sensor_that_agrees_again_for_a_while_is_believed_again() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -2000.0;
    tower.misread = |sample| sample.current = MilliAmps(0);
    tower.run(Duration::secs(5));
    assert_eq!(tower.found.unwrap().0, blame(BduSensor::Current));
    // No current flows: that it reads none proves nothing.
    tower.power = 0.0;
    tower.run(Duration::mins(1));
    assert_eq!(tower.found.unwrap().0, blame(BduSensor::Current));
    tower.misread = |_| {};
    tower.power = -2000.0;
    tower.run(Duration::secs(8));
    assert_eq!(tower.found.unwrap().0, blame(BduSensor::Current), "not at once");
    tower.run(Duration::secs(5));
    assert!(tower.conditions().is_empty());
}

#[test]
fn one_module_that_contradicts_the_bdu_is_blamed_and_so_is_one_of_two() {
    for socs in [&[0.6][..], &[0.6, 0.5]] {
        let mut tower = running(socs);
        tower.power = -2000.0;
        tower.run(Duration::secs(5));
        tower.modules[0].contact_loss = 8.0;
        tower.run(Duration::secs(3));
        assert!(tower.conditions().contains(Fault::Terminal), "{} modules", socs.len());
        assert!(tower.found.is_none_or(|found| found.0.cause != Cause::BduSensor));
    }
}

#[test]
fn a_fuse_that_is_open_is_no_sensor_and_a_sensor_is_no_fuse() {
    let mut tower = running(&[0.6, 0.5]);
    tower.fuse_open = true;
    tower.until("told", SECOND, |tower| tower.conditions().contains(Fault::Fuse));
    tower.run(Duration::secs(10));
    assert!(tower.found.is_none_or(|found| found.0.cause != Cause::BduSensor));

    // From before the start on: no module is heard yet, and nobody can tell.
    let mut tower = Tower::new(&[0.6]);
    tower.inverter = true;
    tower.misread = |sample| add(&mut sample.before_fuse, 40);
    tower.press(SECOND);
    tower.until("on the bus", Duration::secs(60), |tower| tower.connected() == 1);
    tower.run(Duration::secs(10));
    assert_eq!(tower.conditions(), only_alarm());
    assert_eq!(tower.found.unwrap().0, blame(BduSensor::BeforeFuse));
}

#[test]
fn a_tower_starts_although_the_bdu_reads_no_bus_voltage() {
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.inverter = true;
    tower.misread = |sample| sample.before_fuse = MilliVolts(0);
    tower.press(SECOND);
    tower.until("on the bus", Duration::secs(60), |tower| tower.connected() == 2);
    assert_eq!(tower.conditions(), only_alarm());
}

#[test]
fn a_current_is_compared_only_where_everybody_speaks_and_fits_its_own_pack() {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = -2000.0;
    tower.run(Duration::secs(5));
    tower.modules[1].linked = false;
    tower.run(Duration::secs(20));
    assert!(tower.found.is_none_or(|found| found.0.cause != Cause::BduSensor), "one is not heard");
}

/// The wire of the auxiliary contact breaks: both sides of the switch fall together, for minutes.
#[test]
fn an_auxiliary_contact_is_proved_wrong_by_voltages_alone() {
    let mut tower = running(&[0.6, 0.5]);
    tower.misread = |sample| {
        sample.dc_switch_closed = false;
        sample.outside = sample.after_fuse;
    };
    tower.until("told", Duration::secs(20), |tower| tower.conditions().contains(Fault::Other));
    assert_eq!(tower.panel.unwrap().diagnosis.cause, Cause::DcSwitch);

    let mut tower = running(&[0.6, 0.5]);
    tower.misread = |sample| {
        sample.dc_switch_closed = false;
        sample.outside = MilliVolts(sample.after_fuse.0 / 5 * 4 + 80_000);
    };
    tower.run(Duration::mins(1));
    assert!(tower.conditions().is_empty(), "a switch that was opened");
}
