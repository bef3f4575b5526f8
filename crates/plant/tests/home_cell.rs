//! The two cells of the home battery, measured as a laboratory would: pulses, and slow ways through the charge.

use std::ops::RangeInclusive;

use voltower_plant::cell::reference::Cell;
use voltower_plant::cell::{Chemistry, Decay, HomeCell};

/// What a cell must show at 25 degC.
struct Figures {
    cell: HomeCell,
    /// Voltage over current of a pulse from half full, after 1, 60 and 300 s, mohm.
    pulse: [RangeInclusive<f64>; 3],
    /// Between charge and discharge, at rest in mid range, mV.
    gap: RangeInclusive<f64>,
    /// Where the voltage rises fastest in mid range, %.
    step: RangeInclusive<f64>,
}

/// The measured EVE 280 Ah cell, scaled to 100 Ah in two ways (data/cells/home-100ah.toml); and the cell of before,
/// which has half of that.
const CELLS: [Figures; 2] = [
    Figures {
        cell: HomeCell::Measured,
        pulse: [0.51..=0.80, 0.82..=1.10, 1.18..=1.45],
        gap: 25.0..=29.0,
        step: 55.0..=65.0,
    },
    Figures {
        cell: HomeCell::LowResistance,
        pulse: [0.24..=0.30, 0.40..=0.75, 0.50..=1.00],
        gap: 36.0..=50.0,
        step: 70.0..=80.0,
    },
];

const CELSIUS: f64 = 25.0;

/// Moves the charge slowly to another state, and rests.
fn bring(cell: &mut Cell, chemistry: &Chemistry, soc: f64) {
    let amps = if soc > cell.soc { 5.0 } else { -5.0 };
    let decay = Decay::new(10.0, &chemistry.parameters);
    while (soc - cell.soc) * amps > 0.0 {
        cell.refresh(chemistry);
        cell.step(chemistry, &decay, amps);
    }
    for _ in 0..1_800 {
        cell.step(chemistry, &decay, 0.0);
    }
}

/// At half full and rest, after it came from there.
fn half_full(chemistry: &Chemistry, from: f64) -> Cell {
    let mut cell = Cell::new(chemistry, from, CELSIUS);
    bring(&mut cell, chemistry, 0.5);
    cell
}

/// mohm after 1, 60 and 300 s of a current.
fn pulse(chemistry: &Chemistry, mut cell: Cell, amps: f64) -> [f64; 3] {
    let before = cell.voltage;
    let decay = Decay::new(1.0, &chemistry.parameters);
    let mut shown = Vec::new();
    for second in 1..=300 {
        cell.refresh(chemistry);
        cell.step(chemistry, &decay, amps);
        if [1, 60, 300].contains(&second) {
            shown.push((cell.voltage - before) / amps * 1e3);
        }
    }
    [shown[0], shown[1], shown[2]]
}

#[test]
fn a_pulse_finds_the_resistance_that_the_file_promises() {
    for figures in &CELLS {
        let chemistry = Chemistry::new(&figures.cell.parameters());
        // Charged and rested, then charged on; the other way; and from between both.
        let pulses = [
            (half_full(&chemistry, 0.35), 100.0),
            (half_full(&chemistry, 0.65), -100.0),
            (Cell::new(&chemistry, 0.5, CELSIUS), -100.0),
            (Cell::new(&chemistry, 0.5, CELSIUS), 50.0),
        ];
        for (cell, amps) in pulses {
            let found = pulse(&chemistry, cell, amps);
            let name = figures.cell.name();
            println!("{name}, {amps} A: {found:.3?} mohm after 1, 60, 300 s");
            for (value, range) in found.iter().zip(&figures.pulse) {
                assert!(range.contains(value), "{name} at {amps} A: {found:.3?}");
            }
        }
    }
}

#[test]
fn charge_and_discharge_lie_as_far_apart_as_measured() {
    for figures in &CELLS {
        let chemistry = Chemistry::new(&figures.cell.parameters());
        for soc in [0.4, 0.45, 0.5, 0.55] {
            let at = |from: f64| {
                let mut cell = Cell::new(&chemistry, from, CELSIUS);
                bring(&mut cell, &chemistry, soc);
                cell.voltage - chemistry.open_circuit_voltage(cell.soc)
            };
            let gap = (at(soc - 0.2) - at(soc + 0.2)) * 1e3;
            println!("{}, {} %: {gap:.1} mV", figures.cell.name(), soc * 100.0);
            assert!(figures.gap.contains(&gap), "{} at {soc}: {gap} mV", figures.cell.name());
        }
    }
}

#[test]
fn discharged_to_both_ends_of_the_step_it_rests_as_the_measured_cell() {
    let chemistry = Chemistry::new(&HomeCell::Measured.parameters());
    for (soc, volts) in [(0.56, 3.294), (0.66, 3.325)] {
        let mut cell = Cell::new(&chemistry, 0.9, CELSIUS);
        bring(&mut cell, &chemistry, soc);
        assert!((cell.voltage - volts).abs() < 0.002, "{soc}: {} V", cell.voltage);
    }
}

#[test]
fn the_step_of_the_graphite_lies_where_it_was_measured() {
    for figures in &CELLS {
        let chemistry = Chemistry::new(&figures.cell.parameters());
        for (from, to) in [(0.38, 0.92), (0.92, 0.38)] {
            let mut cell = Cell::new(&chemistry, from, CELSIUS);
            let mut curve = Vec::new();
            for percent in 40..=90 {
                let soc = if to > from { f64::from(percent) } else { f64::from(130 - percent) } / 100.0;
                bring(&mut cell, &chemistry, soc);
                curve.push((soc, cell.voltage));
            }
            let slope = |pair: &[(f64, f64)]| ((pair[0].1 - pair[1].1) / (pair[0].0 - pair[1].0)).abs();
            let steepest = curve.windows(2).max_by(|a, b| slope(a).total_cmp(&slope(b))).expect("a curve");
            let place = 50.0 * (steepest[0].0 + steepest[1].0);
            println!(
                "{}: steepest at {place:.1} %, {:.2} mV per %",
                figures.cell.name(),
                slope(steepest) * 10.0
            );
            assert!(figures.step.contains(&place), "{}: {place} %", figures.cell.name());
        }
    }
}
