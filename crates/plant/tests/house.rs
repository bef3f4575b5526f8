//! The house balances, on grid and as an island.

use proptest::prelude::*;
use voltower_plant::{House, HouseFlows};

fn house(pv_watts: f64, load_watts: f64, grid_available: bool, inverter_running: bool) -> House {
    let mut house = House::default();
    house.pv_watts = pv_watts;
    house.load_watts = load_watts;
    house.grid_available = grid_available;
    house.inverter_running = inverter_running;
    house
}

#[test]
fn surplus_sun_is_sold_after_the_bridge_took_its_share() {
    let flows = house(5_000.0, 1_000.0, true, true).step(1.0, &[2_000.0]);
    assert_eq!(flows.inverter_ac, 2_910.0);
    assert_eq!(flows.grid, -1_910.0);
    assert!((flows.loss - 90.0).abs() < 1e-9);
}

#[test]
fn charging_from_the_grid_costs_the_bridge_too() {
    let flows = house(0.0, 500.0, true, true).step(1.0, &[970.0, 970.0]);
    assert!((flows.grid - 2_500.0).abs() < 1e-9, "{flows:?}");
}

#[test]
fn an_island_takes_from_the_battery_what_the_roof_lacks_and_curtails_what_is_too_much() {
    let short = house(300.0, 970.0, false, true).step(1.0, &[-700.0]);
    assert!((short.load - 970.0).abs() < 1e-9 && short.unserved.abs() < 1e-9, "{short:?}");
    let sunny = house(5_000.0, 970.0, false, true).step(1.0, &[0.0]);
    assert_eq!((sunny.pv, sunny.curtailed), (1_000.0, 4_000.0));
    let dark = house(0.0, 970.0, false, true).step(1.0, &[-485.0]);
    assert!((dark.unserved - (970.0 - 0.97 * 485.0)).abs() < 1e-9, "{dark:?}");
}

#[test]
fn an_island_charges_from_a_second_roof_on_its_ac_side_and_curtails_what_is_too_much() {
    let house = house(400.0, -1_000.0, false, true);
    let idle = house.clone().step(1.0, &[0.0]);
    assert_eq!((idle.load, idle.unserved, idle.curtailed), (0.0, 0.0, 1_400.0));
    let charging = house.clone().step(1.0, &[485.0]);
    assert_eq!((charging.inverter_ac, charging.pv, charging.curtailed), (-500.0, 0.0, 900.0));
    assert!(charging.spill.abs() < 1e-9, "{charging:?}");
}

#[test]
fn without_grid_and_inverter_it_is_dark() {
    let flows = house(3_000.0, 800.0, false, false).step(1.0, &[0.0]);
    assert_eq!(flows, HouseFlows { curtailed: 3_000.0, unserved: 800.0, ..HouseFlows::default() });
    assert_eq!(house(3_000.0, 800.0, true, false).step(1.0, &[0.0]).grid, 800.0);
}

#[test]
fn the_bridge_inverts_itself() {
    let house = House::default();
    for watts in [-4_000.0, 0.0, 1_234.0] {
        assert!((house.ac_from_dc(house.dc_from_ac(watts)) - watts).abs() < 1e-9);
    }
}

proptest! {
    #[test]
    fn its_ledger_closes(
        steps in prop::collection::vec(
            (0.0..9_000.0, -9_000.0..9_000.0, -9_000.0..9_000.0, any::<bool>(), any::<bool>(), 0.001..60.0),
            1..50,
        ),
    ) {
        let mut house = House::default();
        for (pv, load, battery, grid, running, dt) in steps {
            (house.pv_watts, house.load_watts) = (pv, load);
            (house.grid_available, house.inverter_running) = (grid, running);
            let flows = house.step(dt, &[battery]);
            prop_assert!(flows.loss >= -1e-9 && flows.unserved >= -1e-9 && flows.curtailed >= -1e-9);
        }
        let ledger = house.ledger();
        let size = ledger.pv + ledger.load.abs() + ledger.battery.abs() + 1.0;
        prop_assert!(ledger.residual().abs() < 1e-9 * size, "{ledger:?}");
    }
}
