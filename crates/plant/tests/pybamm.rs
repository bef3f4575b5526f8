//! Our cell against PyBaMM's Thevenin model, 24 h of a home: the same parameters, the same current. The references are
//! written by `benches/peers/thevenin.py`; what corresponds to what stands in `benches/peers/README.md`.

use std::path::{Path, PathBuf};

use voltower_plant::CELLS;
use voltower_plant::cell::reference::Cell;
use voltower_plant::cell::{CellParameters, CellSetup, CellString, Chemistry, Decay};

/// State of charge in which the day begins.
const START_SOC: f64 = 0.60;
/// Furthest apart: V, K.
const VOLTS: f64 = 0.1e-3;
const KELVIN: f64 = 0.01;

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
#[derive(Debug, Default, Clone, Copy)]
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

/// One of the two forms of our cell.
trait Form {
    /// One step at this temperature. Gives the voltage at its end, V, and the heat as PyBaMM counts it, J: what an RC
    /// pair takes at once, ours only once it is lost.
    fn step(&mut self, chemistry: &Chemistry, decay: &Decay, current: f64, celsius: f64) -> (f64, f64);
}

impl Form for Cell {
    fn step(&mut self, chemistry: &Chemistry, decay: &Decay, current: f64, celsius: f64) -> (f64, f64) {
        self.temperature = celsius;
        self.refresh(chemistry);
        let booked = Cell::step(self, chemistry, decay, current);
        (self.voltage, booked.heat_made() + booked.polarisation_stored + booked.reversible_heat)
    }
}

impl Form for CellString {
    /// All cells are alike: the first stands for the others.
    fn step(&mut self, chemistry: &Chemistry, decay: &Decay, current: f64, celsius: f64) -> (f64, f64) {
        self.temperatures_mut().fill(celsius);
        self.refresh(chemistry);
        self.take_heat();
        let before = self.energy().polarisation_stored;
        CellString::step(self, chemistry, decay, current);
        let stored = (self.energy().polarisation_stored - before) / CELLS as f64;
        assert!(self.voltages().iter().all(|volts| *volts == self.voltages()[0]), "cells that differ");
        (self.voltages()[0], self.take_heat()[0] + stored)
    }
}

/// Runs both forms of our cell over the day in steps of `dt` seconds.
fn compare(name: &str, dt: usize, start_celsius: f64, warms: bool) {
    let file = folder().join(format!("{name}.toml"));
    let chemistry = Chemistry::new(&CellParameters::load(&file).expect("a valid cell"));
    let setup = CellSetup {
        soc: START_SOC,
        health: 1.0,
        resistance_growth: 1.0,
        temperature: start_celsius,
        busbars: 0.0,
    };
    let cell = Cell::new(&chemistry, START_SOC, start_celsius);
    let string = CellString::new(&chemistry, &setup, 1, 0);
    for (form, apart) in [
        ("cell", follow(cell, name, &chemistry, dt, start_celsius, warms)),
        ("string", follow(string, name, &chemistry, dt, start_celsius, warms)),
    ] {
        println!("{name}, {form}, {dt} s: {:.5} mV, {:.5} K", apart.volts * 1e3, apart.kelvin);
        assert!(apart.volts <= VOLTS && apart.kelvin <= KELVIN, "{name}, {form}, {dt} s: {apart:?}");
    }
}

/// Runs one form over the day, in a jig that moves its temperature or keeps it.
fn follow(
    mut form: impl Form,
    name: &str,
    chemistry: &Chemistry,
    dt: usize,
    start: f64,
    warms: bool,
) -> Apart {
    let decay = Decay::new(dt as f64, &chemistry.parameters);
    let (mut celsius, mut jig) = (start, start);
    let mut rows = reference(name).into_iter().peekable();
    let mut apart = Apart::default();
    for (step, current) in profile().into_iter().step_by(dt).enumerate() {
        let (volts, heat) = form.step(chemistry, &decay, current, celsius);
        if warms {
            let capacity = chemistry.parameters.heat_capacity;
            (celsius, jig) = warm(celsius, jig, capacity, heat / dt as f64, dt as f64);
        }
        let now = (step + 1) * dt;
        if let Some(row) = rows.next_if(|row| row.time == now) {
            apart.volts = apart.volts.max((volts - row.volts).abs());
            apart.kelvin = apart.kelvin.max((celsius - row.celsius).abs());
        }
    }
    assert!(rows.next().is_none(), "{name}: not every row of the reference was met");
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
    [1, 10].into_iter().for_each(|dt| compare("constant", dt, 25.0, false));
}

#[test]
fn resistances_over_the_state_of_charge() {
    [1, 10].into_iter().for_each(|dt| compare("sloped", dt, 25.0, false));
}

#[test]
fn resistances_over_a_temperature_that_moves_with_the_heat() {
    [1, 10].into_iter().for_each(|dt| compare("warm", dt, 10.0, true));
}
