//! A module with a condition that charge heals: back on the bus with the condition shown, charged gently, and holding
//! the bus for its charge only for a while.

use voltower_core::{
    Alarm, Binding, DeciCelsius, Duration, Fault, MilliAmps, MilliVolts, ModuleState, Watts,
};

use crate::rig::Rig;

/// Cells at 3.25 V and one far below, a minute and a half later.
fn apart(lowest: i32, deci: i16) -> Rig {
    let mut rig = Rig::connected();
    rig.sample.cell_temperatures = [Some(DeciCelsius(deci)); 4];
    rig.set_cells(MilliVolts(3250));
    rig.sample.cells[6] = Some(MilliVolts(lowest));
    rig.run(Duration::secs(12));
    assert!(rig.has(Fault::VoltageDifference));
    assert_ne!(rig.state(), ModuleState::Connected, "it rests first");
    rig.run(Duration::secs(70));
    rig
}

#[test]
fn cells_too_far_apart_are_charged_gently_on_the_bus_while_the_fault_is_shown() {
    let mut rig = apart(2600, 250);
    assert_eq!(rig.state(), ModuleState::Connected);
    assert!(rig.has(Fault::VoltageDifference));
    let limits = rig.controller.limits();
    let told = (limits.charge.power, limits.charge.binding, limits.charge.element);
    assert_eq!(told, (Watts(250), Binding::CellVoltageLow, 7), "as any cell below its alarm");
    assert_eq!(limits.discharge.power, Watts(0));
    rig.set_cells(MilliVolts(3320));
    rig.sample.cells[6] = Some(MilliVolts(2815));
    rig.run(Duration::secs(15));
    let charge = rig.controller.limits().charge;
    // 5 A at 52.615 V.
    assert_eq!((charge.power, charge.binding, charge.element), (Watts(263), Binding::Condition, 7));
    rig.set_cells(MilliVolts(3250));
    rig.sample.cells[6] = Some(MilliVolts(2960));
    rig.run(Duration::secs(61));
    assert!(!rig.has(Fault::VoltageDifference) && rig.has(Alarm::VoltageDifference));
}

#[test]
fn what_must_come_before_a_gentle_charge_is_named() {
    for (deci, binding) in [(49, Binding::LowTemperature), (451, Binding::HighTemperature)] {
        let rig = apart(2600, deci);
        let charge = rig.controller.limits().charge;
        assert_eq!((charge.power, charge.binding), (Watts(0), binding), "{deci}");
    }
}

#[test]
fn the_bus_is_held_for_the_charge_that_heals_but_not_for_long() {
    for (lowest, fault) in [(2600, Fault::VoltageDifference), (2450, Fault::LowVoltage)] {
        let mut rig = apart(lowest, 250);
        assert!(rig.has(fault));
        assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(150), "60 W at 400 V");
        // 1.6 A for 450 s are 0.2 Ah.
        rig.set_current(MilliAmps(-1600));
        rig.run(Duration::secs(440));
        assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(150));
        rig.run(Duration::secs(20));
        assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(0), "it waits no longer");
        rig.set_current(MilliAmps(4000));
        rig.run(Duration::secs(60));
        assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(150), "charge has come");
        assert!(!rig.has(Fault::OverCurrent));
    }
    let rig = apart(2200, 250);
    assert_eq!(rig.drive.pcu.discharge_current_max, MilliAmps(0), "such a cell gives nothing");
}
