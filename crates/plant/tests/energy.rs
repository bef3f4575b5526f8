//! Every joule and every coulomb is accounted for, whatever the drive and the step.

mod common;

use common::{all_off, connected, module, run, running, tower_at};
use proptest::prelude::*;
use voltower_plant::{EnergyLedger, Fault, Tower};

fn check_books(tower: &Tower) {
    let ledger = tower.energy();
    assert!(ledger.relative_residual() < 1e-9, "{} J: {ledger:?}", ledger.residual());
    let heat = ledger.heat_made.abs() + ledger.heat_from_heaters.abs() + ledger.heat_reversible.abs();
    assert!(ledger.thermal_residual().abs() < 1e-9 * heat + 1e-6, "{}", ledger.thermal_residual());
}

#[test]
fn a_day_of_charging_and_discharging_closes() {
    let mut tower = running(4, 0.4);
    for hour in 0..6 {
        tower.input_mut().request(if hour % 2 == 0 { 8_000.0 } else { -7_000.0 });
        run(&mut tower, 1_800.0, 0.1);
        tower.input_mut().request(0.0);
        run(&mut tower, 600.0, 1.0);
        check_books(&tower);
    }
    all_off(&mut tower);
    run(&mut tower, 3_600.0, 60.0);
    check_books(&tower);
    let ledger = tower.energy();
    assert!(ledger.converters > 1e6 && ledger.ohmic > 1e5 && ledger.capacitors < 1.0, "{ledger:?}");
    assert!(ledger.hysteresis_lost > 0.0 && ledger.polarisation_lost > 0.0, "{ledger:?}");
}

#[test]
fn charge_in_is_charge_stored() {
    let mut tower = running(1, 0.5);
    let stored = |tower: &Tower| -> f64 {
        let truth = module(tower, 0);
        truth.cell_soc.iter().sum()
    };
    tower.input_mut().request(1_000.0);
    run(&mut tower, 10.0, 0.1);
    let (before, mut charge) = (stored(&tower), 0.0);
    let capacity = 100.0 * 3600.0;
    for _ in 0..36_000 {
        tower.step(0.1);
        charge += module(&tower, 0).pack_current * 0.1;
    }
    let gained = (stored(&tower) - before) / 16.0 * capacity;
    // Cells differ in capacity by less than 3 %.
    assert!((gained / charge - 1.0).abs() < 0.03, "{gained} {charge}");
    let truth = module(&tower, 0);
    assert!((truth.pack_current * 52.0 - 980.0).abs() < 60.0, "{}", truth.pack_current);
}

#[test]
fn a_round_trip_loses_what_the_loss_accounts_say() {
    let mut tower = running(2, 0.5);
    let start = tower.energy();
    tower.input_mut().request(4_000.0);
    run(&mut tower, 1_800.0, 0.1);
    tower.input_mut().request(-4_000.0);
    run(&mut tower, 1_600.0, 0.1);
    let end = tower.energy();
    let gone = |account: fn(&EnergyLedger) -> f64| account(&end) - account(&start);
    let cells = gone(|l| l.ohmic + l.hysteresis_lost + l.polarisation_lost + l.side_reaction);
    let wires = gone(|l| l.cables + l.fuse + l.mosfets + l.bleeders);
    let lost = gone(|l| l.converters + l.electronics) + cells + wires;
    let stored = gone(|l| l.chemical + l.polarisation_stored + l.hysteresis_stored + l.entropic);
    let (given, difference) = (gone(|l| l.inverter), lost + stored);
    assert!((given - difference).abs() < 1e-3 * given, "{given} {difference}");
    let share = lost / (4_000.0 * 3_400.0);
    assert!((0.025..0.06).contains(&share), "{share}");
}

#[test]
fn heat_made_is_heat_stored_or_gone() {
    let mut tower = running(2, 0.5);
    tower.inject(Fault::Heater { module: 0, cell: Some(3), watts: 20.0 });
    tower.input_mut().request(5_000.0);
    run(&mut tower, 1_800.0, 1.0);
    let ledger = tower.energy();
    let heat = ledger.heat_made + ledger.heat_reversible + ledger.heat_from_heaters;
    assert!(ledger.heat_from_heaters > 35_000.0);
    assert!(ledger.heat_to_ambient > 0.0 && ledger.heat_stored > 0.0);
    assert!(ledger.thermal_residual().abs() < 1e-9 * heat, "{} of {heat}", ledger.thermal_residual());
}

#[test]
fn small_and_large_steps_agree() {
    let end = |dt: f64| {
        let mut tower = running(2, 0.6);
        tower.input_mut().request(-3_000.0);
        run(&mut tower, 120.0, dt);
        (module(&tower, 0), tower.truth())
    };
    let (fine, fine_bus) = end(0.001);
    for dt in [0.01, 0.1, 1.0, 60.0] {
        let (coarse, coarse_bus) = end(dt);
        assert!((fine.soc - coarse.soc).abs() < 4e-6, "dt {dt}: {} {}", fine.soc, coarse.soc);
        assert!((fine.pack_voltage - coarse.pack_voltage).abs() < 0.005, "dt {dt}");
        assert!((fine_bus.bus_voltage - coarse_bus.bus_voltage).abs() < 0.02, "dt {dt}");
        assert!((fine.heat_sink - coarse.heat_sink).abs() < 0.1, "dt {dt}");
    }
}

#[test]
fn what_the_link_holds_stays_small() {
    let mut tower = running(1, 0.9);
    tower.input_mut().request(2_400.0);
    let mut largest: f64 = 0.0;
    for dt in [0.1, 1.0, 10.0, 60.0, 0.01] {
        for _ in 0..20 {
            tower.step(dt);
            largest = largest.max(module(&tower, 0).link_energy.abs());
        }
    }
    assert!(largest < 60.0, "{largest} J");
}

#[derive(Debug, Clone)]
enum Action {
    Request(f64),
    Drive(usize, bool, bool, bool, bool),
    Switch(bool),
    Break(Fault),
    Repair(Fault),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        (0..3_usize, 1.0..50.0).prop_map(|(module, ohms)| Fault::LostContact {
            module,
            cell: 5,
            ohms: ohms * 1e-3,
            ohms_per_hour: ohms * 1e-3
        }),
        (0..3_usize, 0.1..5.0).prop_map(|(module, ohms)| Fault::InternalShort { module, cell: 2, ohms }),
        (0..3_usize).prop_map(|module| Fault::RelayWelded { module }),
        (0..3_usize).prop_map(|module| Fault::TerminalReversed { module }),
        (0..3_usize).prop_map(|module| Fault::Unplugged { module }),
        (0..3_usize, -4000.0..4000.0).prop_map(|(module, watts)| Fault::PcuRunaway { module, watts }),
        (0..3_usize, 0.1..5.0).prop_map(|(module, ohms)| Fault::TerminalResistance { module, ohms }),
        (0.01..50.0).prop_map(|ohms| Fault::BusShort { ohms }),
        Just(Fault::FuseBlown),
        (0..3_usize).prop_map(|module| Fault::PcuDead { module }),
        (0..3_usize, -50.0..200.0).prop_map(|(module, watts)| Fault::Heater { module, cell: None, watts }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (-11_000.0..11_000.0).prop_map(Action::Request),
        3 => (0..3_usize, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(m, gate, relay, charge, discharge)| Action::Drive(m, gate, relay, charge, discharge)),
        1 => any::<bool>().prop_map(Action::Switch),
        1 => fault().prop_map(Action::Break),
        1 => fault().prop_map(Action::Repair),
    ]
}

fn apply(tower: &mut Tower, action: &Action) {
    match *action {
        Action::Request(watts) => tower.input_mut().request(watts),
        Action::Drive(m, gate, relay, charge, discharge) => {
            let mut drive = connected(if m == 0 { 0.0 } else { 5.0 });
            (drive.pcu.gate, drive.pcu.relay) = (gate, relay);
            (drive.charge_mosfet, drive.discharge_mosfet) = (charge, discharge);
            drive.balancing = 0x0F0F;
            tower.drive_module(m, &drive);
        }
        Action::Switch(closed) => tower.set_dc_switch(closed),
        Action::Break(fault) => tower.inject(fault),
        Action::Repair(fault) => tower.repair(fault),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_books_close_whatever_happens(
        actions in prop::collection::vec(
            (action(), prop::sample::select(vec![0.001, 0.01, 0.1, 1.0, 7.3, 60.0])), 1..30
        ),
        soc in 0.02..0.98,
    ) {
        let mut tower = running(3, soc);
        tower.input_mut().set_auxiliary(60.0);
        for (action, dt) in &actions {
            apply(&mut tower, action);
            for _ in 0..5 {
                tower.step(*dt);
            }
            let truth = tower.truth();
            prop_assert!(truth.bus_voltage.is_finite() && truth.input_voltage.is_finite());
            prop_assert!((-1.0..520.0).contains(&truth.bus_voltage), "{}", truth.bus_voltage);
        }
        let ledger = tower.energy();
        prop_assert!(ledger.relative_residual() < 1e-7, "{} J of {ledger:?}", ledger.residual());
    }
}

#[test]
fn an_idle_tower_draws_what_its_parts_draw() {
    let mut tower = tower_at(1, 0.5);
    let start = tower.energy();
    run(&mut tower, 86_400.0, 60.0);
    let end = tower.energy();
    let watts = (end.electronics - start.electronics) / 86_400.0;
    assert!((watts - 0.005).abs() < 1e-4, "{watts}");
    let own = end.self_discharge / 86_400.0;
    assert!((0.01..0.04).contains(&own), "{own}");
    check_books(&tower);
}

#[test]
fn electronics_draw_by_their_mode() {
    use common::ready;
    use voltower_plant::{BduDrive, ModuleDrive, Supply};
    for (module, bdu, expected) in [
        (Supply::On, Supply::On, 2.0 * 3.0 + 1.5),
        (Supply::Sleep, Supply::Sleep, 2.0 * 0.010 + 0.051),
        (Supply::Off, Supply::Off, 2.0 * 0.005),
        (Supply::On, Supply::Off, 2.0 * 3.0),
    ] {
        let mut tower = tower_at(2, 0.5);
        for place in 0..2 {
            tower.drive_module(place, &ModuleDrive { power: module, ..ready() });
        }
        tower.drive_bdu(&BduDrive { power: bdu });
        run(&mut tower, 100.0, 0.1);
        let watts = tower.energy().electronics / 100.0;
        assert!((watts / expected - 1.0).abs() < 0.01, "{module:?} {bdu:?}: {watts} W");
    }
}
