//! Our cell against PyBaMM's Thevenin model, 24 h of a home: the same parameters, the same current. The references are
//! written by `benches/peers/thevenin.py`; what corresponds to what stands in `benches/peers/README.md`.

use std::path::{Path, PathBuf};

use voltower_plant::cell::reference::Cell;
use voltower_plant::cell::{CellParameters, Chemistry, Decay};

/// State of charge in which the day begins.
const START_SOC: f64 = 0.60;
/// Furthest apart, V.
const TOLERANCE: f64 = 0.1e-3;

/// What PyBaMM calls cell and jig, with the numbers of `thevenin.py`: W/K, J/K, degC.
const CELL_TO_JIG: f64 = 0.5;
const JIG_TO_AIR: f64 = 0.3;
const JIG_CAPACITY: f64 = 500.0;
const AMBIENT: f64 = 25.0;

struct Row {
    time: usize,
    volts: f64,
    celsius: f64,
}

/// Largest differences over the day.
#[derive(Debug, Default)]
struct Apart {
    volts: f64,
    kelvin: f64,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peers/thevenin")
}

fn numbers(file: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(folder().join(file)).expect(file);
    let fields = |line: &str| line.split(',').map(|field| field.parse().expect(line)).collect();
    text.lines().skip(1).map(fields).collect()
}

/// Current of every second of the day, A.
fn profile() -> Vec<f64> {
    let rows = numbers("profile.csv");
    let hold = |pair: &[Vec<f64>]| std::iter::repeat_n(pair[0][1], (pair[1][0] - pair[0][0]) as usize);
    rows.windows(2).flat_map(hold).collect()
}

fn reference(name: &str) -> Vec<Row> {
    let row = |fields: Vec<f64>| Row { time: fields[0] as usize, volts: fields[1], celsius: fields[2] };
    numbers(&format!("{name}.csv")).into_iter().map(row).collect()
}

/// Runs our cell over the day in steps of `dt` seconds, in a jig that moves its temperature or keeps it.
fn compare(name: &str, dt: usize, start_celsius: f64, warms: bool) -> Apart {
    let file = folder().join(format!("{name}.toml"));
    let chemistry = Chemistry::new(&CellParameters::load(&file).expect("a valid cell"));
    let decay = Decay::new(dt as f64, &chemistry.parameters);
    let mut cell = Cell::new(&chemistry, START_SOC, start_celsius);
    let mut jig = start_celsius;
    let mut rows = reference(name).into_iter().peekable();
    let mut apart = Apart::default();
    for (step, current) in profile().into_iter().step_by(dt).enumerate() {
        cell.refresh(&chemistry);
        let booked = cell.step(&chemistry, &decay, current);
        if warms {
            // PyBaMM counts as heat at once what an RC pair takes, we only once it is lost.
            let heat = booked.heat_made() + booked.polarisation_stored + booked.reversible_heat;
            let capacity = chemistry.parameters.heat_capacity;
            (cell.temperature, jig) = warm(cell.temperature, jig, capacity, heat / dt as f64, dt as f64);
        }
        let now = (step + 1) * dt;
        if let Some(row) = rows.next_if(|row| row.time == now) {
            apart.volts = apart.volts.max((cell.voltage - row.volts).abs());
            apart.kelvin = apart.kelvin.max((cell.temperature - row.celsius).abs());
        }
    }
    assert!(rows.next().is_none(), "{name}: not every row of the reference was met");
    println!("{name}, {dt} s: {:.5} mV, {:.5} K", apart.volts * 1e3, apart.kelvin);
    apart
}

/// Cell and jig after `dt` seconds of constant heat, degC; Heun's method.
fn warm(cell: f64, jig: f64, capacity: f64, watts: f64, dt: f64) -> (f64, f64) {
    let rates = |cell: f64, jig: f64| {
        let (to_jig, to_air) = (CELL_TO_JIG * (cell - jig), JIG_TO_AIR * (jig - AMBIENT));
        ((watts - to_jig) / capacity, (to_jig - to_air) / JIG_CAPACITY)
    };
    let first = rates(cell, jig);
    let second = rates(cell + dt * first.0, jig + dt * first.1);
    (cell + 0.5 * dt * (first.0 + second.0), jig + 0.5 * dt * (first.1 + second.1))
}

#[test]
fn constant_resistances() {
    for dt in [1, 10] {
        assert!(compare("constant", dt, 25.0, false).volts < TOLERANCE);
    }
}

#[test]
fn resistances_over_the_state_of_charge() {
    for dt in [1, 10] {
        assert!(compare("sloped", dt, 25.0, false).volts < TOLERANCE);
    }
}

#[test]
fn resistances_over_a_temperature_that_moves_with_the_heat() {
    for dt in [1, 10] {
        let apart = compare("warm", dt, 10.0, true);
        assert!(apart.volts < TOLERANCE && apart.kelvin < 0.01, "{apart:?}");
    }
}
