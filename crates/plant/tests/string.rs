//! The fast form of sixteen cells against the readable form of one.

use proptest::prelude::*;
use voltower_plant::CELLS;
use voltower_plant::cell::reference::Cell;
use voltower_plant::cell::{CellEnergy, CellParameters, CellSetup, CellString, Chemistry, Decay};

const SETUP: CellSetup =
    CellSetup { soc: 0.5, health: 0.97, resistance_growth: 1.2, temperature: 25.0, busbars: 1e-3 };

fn string(chemistry: &Chemistry, soc: f64, seed: u64) -> CellString {
    CellString::new(chemistry, &CellSetup { soc, ..SETUP }, seed, 0)
}

/// The accounts of a cell, in one order.
fn accounts(energy: &CellEnergy) -> [f64; 12] {
    [
        energy.chemical,
        energy.hysteresis_stored,
        energy.hysteresis_lost,
        energy.polarisation_stored,
        energy.polarisation_lost,
        energy.ohmic,
        energy.entropic,
        energy.self_discharge,
        energy.side_reaction,
        energy.balancing,
        energy.internal_short,
        energy.reversible_heat,
    ]
}

fn add(total: &mut [f64; 12], energy: &CellEnergy) {
    total.iter_mut().zip(accounts(energy)).for_each(|(total, joules)| *total += joules);
}

/// A minute of life: current, length of a step, temperature.
fn minutes() -> impl Strategy<Value = Vec<(f64, f64, f64)>> {
    let step = prop_oneof![Just(0.001), Just(0.1), Just(1.0), Just(7.5), Just(60.0)];
    let current = prop_oneof![Just(0.0), -150.0..150.0_f64];
    prop::collection::vec((current, step, -30.0..60.0_f64), 1..40)
}

proptest! {
    #[test]
    fn sixteen_cells_at_once_do_what_each_alone_does(
        minutes in minutes(),
        soc in 0.02..0.98_f64,
        seed in any::<u64>(),
        short in 0_usize..32,
        balancing in any::<u16>(),
    ) {
        let chemistry = Chemistry::new(&CellParameters::default());
        let mut cells = string(&chemistry, soc, seed);
        cells.set_short(short, 0.5);
        cells.set_balancing(balancing, 0.02);
        let mut each: Vec<Cell> = (0..CELLS).map(|cell| cells.cell(&chemistry, cell)).collect();
        let mut total = [0.0; 12];
        for (current, dt, celsius) in minutes {
            let decay = Decay::new(dt, &chemistry.parameters);
            for (place, cell) in each.iter_mut().enumerate() {
                cell.temperature = celsius + place as f64;
                cells.temperatures_mut()[place] = cell.temperature;
                add(&mut total, &cell.refresh(&chemistry));
            }
            cells.refresh(&chemistry);
            for _ in 0..3 {
                let volts = cells.step(&chemistry, &decay, current);
                let alone = each.iter_mut().map(|cell| cell.step(&chemistry, &decay, current));
                let alone: Vec<CellEnergy> = alone.collect();
                alone.iter().for_each(|energy| add(&mut total, energy));
                let sum: f64 = alone.iter().map(|energy| energy.volts).sum();
                // A mean over a millionth of the charge is a difference of integrals of 3 V: 1e-9 V a cell is rounding.
                prop_assert!((volts - sum).abs() < 2e-8, "{volts} {sum}");
            }
        }
        for (place, cell) in each.iter().enumerate() {
            prop_assert!((cells.socs()[place] - cell.soc).abs() < 1e-12);
            prop_assert!((cells.voltages()[place] - cell.voltage).abs() < 1e-10);
        }
        for (account, (found, wanted)) in accounts(&cells.energy()).into_iter().zip(total).enumerate() {
            // What is stored is the difference of some megajoules.
            let near = (found - wanted).abs() < 1e-7 + 1e-9 * wanted.abs();
            prop_assert!(near, "account {account}: {found} {wanted}");
        }
    }

    #[test]
    fn every_coulomb_is_booked(minutes in minutes(), seed in any::<u64>(), balancing in any::<u16>()) {
        let chemistry = Chemistry::new(&CellParameters::default());
        let mut cells = string(&chemistry, 0.5, seed);
        let before: Vec<Cell> = (0..CELLS).map(|cell| cells.cell(&chemistry, cell)).collect();
        cells.set_short(3, 0.1);
        cells.set_balancing(balancing, 0.02);
        let mut through = 0.0;
        for (current, dt, _) in &minutes {
            cells.step(&chemistry, &Decay::new(*dt, &chemistry.parameters), *current);
            through += current.abs() * dt * CELLS as f64;
        }
        let stored: f64 = before.iter().zip(cells.socs()).map(|(c, soc)| (soc - c.soc) * c.capacity).sum();
        let charge = cells.charge();
        let scale = 1e-9 * through.max(1.0);
        prop_assert!(charge.residual().abs() < scale, "{charge:?}");
        prop_assert!((charge.stored - stored).abs() < scale.max(1e-6), "{} {stored}", charge.stored);
        prop_assert!(charge.self_discharge > 0.0 && charge.internal_short > 0.0);
    }
}

#[test]
fn a_minor_loop_closes_and_a_larger_one_wipes_it_out() {
    let parameters =
        CellParameters { coulombic_efficiency: 1.0, self_discharge_month: 0.0, ..CellParameters::default() };
    let chemistry = Chemistry::new(&parameters);
    let mut cell = Cell::new(&chemistry, 0.2, 25.0);
    let walk = |cell: &mut Cell, to: f64| {
        let decay = Decay::new(1.0, &parameters);
        let steps = ((to - cell.soc).abs() * 3600.0).round();
        let current = (to - cell.soc) * cell.capacity / steps;
        (0..steps as usize).for_each(|_| {
            cell.refresh(&chemistry);
            cell.step(&chemistry, &decay, current);
        });
        // Rest, so that only the hysteresis is left of the way.
        let rest = Decay::new(86_400.0, &parameters);
        cell.refresh(&chemistry);
        cell.step(&chemistry, &rest, 0.0);
        cell.voltage
    };
    let charged = walk(&mut cell, 0.5);
    let inner = walk(&mut cell, 0.499);
    let back = walk(&mut cell, 0.5);
    assert!(inner < charged - 0.002, "{charged} {inner}");
    assert!((back - charged).abs() < 1e-9, "the minor loop is open: {charged} {back}");
    let discharged = {
        walk(&mut cell, 0.7);
        walk(&mut cell, 0.5)
    };
    assert!(charged - discharged > 0.022, "{charged} {discharged}");
    // Through a small excursion upwards and down again beyond it: as if it had not been.
    walk(&mut cell, 0.502);
    let wiped = {
        walk(&mut cell, 0.45);
        walk(&mut cell, 0.4)
    };
    let mut other = Cell::new(&chemistry, 0.7, 25.0);
    let straight = walk(&mut other, 0.4);
    assert!((wiped - straight).abs() < 1e-9, "{wiped} {straight}");
}

#[test]
fn the_length_of_a_step_does_not_matter() {
    let chemistry = Chemistry::new(&CellParameters::default());
    let end = |dt: f64| {
        let mut cells = string(&chemistry, 0.4, 7);
        let decay = Decay::new(dt, &chemistry.parameters);
        for quarter in 0..8 {
            let current = if quarter % 3 == 0 { -40.0 } else { 35.0 };
            (0..(900.0 / dt) as usize).for_each(|_| {
                cells.step(&chemistry, &decay, current);
            });
        }
        *cells.voltages()
    };
    let fine = end(0.1);
    for dt in [0.01, 1.0, 10.0, 60.0] {
        let most = fine.iter().zip(end(dt)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(most < 1e-6, "{dt} s: {most} V");
    }
}
