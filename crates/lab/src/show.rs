//! A parameter file as a picture and a table.

use core::fmt::Write as _;

use voltower_plant::cell::reference::Cell;
use voltower_plant::cell::{CellParameters, Chemistry, Decay};
use voltower_plot::chart::COLOURS;
use voltower_plot::{Chart, Line, Look, sheet};

/// Temperatures of the curves, degC.
const TEMPERATURES: [f64; 4] = [-5.0, 5.0, 25.0, 45.0];
/// A pulse of this rate and length, 1/h and s, and the rest after it, s.
const RATE: f64 = 1.0;
const PULSE: f64 = 600.0;
const REST: f64 = 1800.0;

/// Open-circuit voltage with its hysteresis, minor loops, dU/dT, resistances, and the answer to a pulse.
#[must_use]
pub fn picture(cell: &CellParameters) -> String {
    let chemistry = Chemistry::new(cell);
    let mut charts = vec![open_circuit(&chemistry, 2.0), open_circuit(&chemistry, 0.0), gap(&chemistry)];
    charts.push(Chart {
        title: "dU/dT, mV/K".to_owned(),
        x_title: "state of charge, %".to_owned(),
        lines: vec![Line::new("", COLOURS[0], over_soc(|soc| chemistry.entropy(soc) * 1e3))],
        ..Chart::default()
    });
    let taus = cell.time_constants;
    let names = [
        "R0, milliohm".to_owned(),
        format!("R1, milliohm (time constant {:.0} s)", taus[0]),
        format!("R2, milliohm (time constant {:.0} s)", taus[1]),
    ];
    charts.extend(names.into_iter().enumerate().map(|(k, name)| resistance(&chemistry, k, name)));
    charts.push(pulse(&chemistry));
    let subtitle = format!(
        "{} Ah, {} to {} V, coulombic efficiency {:.4}; open-circuit voltage at {} degC",
        cell.capacity,
        cell.voltage_limits[0],
        cell.voltage_limits[1],
        cell.coulombic_efficiency,
        cell.reference_temperature
    );
    sheet(&cell.name, &subtitle, &charts)
}

fn over_soc(value: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    (0..=400).map(|k| (0.25 * f64::from(k), value(f64::from(k) / 400.0))).collect()
}

fn half_gap(chemistry: &Chemistry, soc: f64, celsius: f64) -> f64 {
    chemistry.half_gaps(soc, celsius).iter().sum()
}

/// The whole curve, or the plateau (`lowest` 0: from what it needs) with loops inside it.
fn open_circuit(chemistry: &Chemistry, lowest: f64) -> Chart {
    let celsius = chemistry.parameters.reference_temperature;
    let ocv = |soc: f64| chemistry.open_circuit_voltage(soc);
    let mut lines = vec![
        Line::new(
            "between charge and discharge curve",
            COLOURS[0],
            over_soc(|s| ocv(s) + half_gap(chemistry, s, celsius)),
        )
        .look(Look::Band),
        Line::new("", COLOURS[0], over_soc(|s| ocv(s) - half_gap(chemistry, s, celsius))).look(Look::Band),
        Line::new("middle", COLOURS[0], over_soc(ocv)),
    ];
    if lowest > 0.0 {
        return Chart {
            title: "Open-circuit voltage, V".to_owned(),
            x_title: "state of charge, %".to_owned(),
            lines,
            ..Chart::default()
        };
    }
    lines.push(Line::new("loops within", COLOURS[1], loops(chemistry)).look(Look::Thin));
    let (low, high) =
        (ocv(0.15) - half_gap(chemistry, 0.15, celsius), ocv(0.95) + half_gap(chemistry, 0.95, celsius));
    Chart {
        title: "Its plateau, with minor loops, V".to_owned(),
        x_title: "state of charge, %".to_owned(),
        y_limits: Some((low, high + 0.02)),
        lines,
        ..Chart::default()
    }
}

/// Rest voltage along a discharge from full that turns back twice for a while.
fn loops(chemistry: &Chemistry) -> Vec<(f64, f64)> {
    let mut cell = Cell::new(chemistry, 1.0, chemistry.parameters.reference_temperature);
    cell.hysteresis = [1.0; 3];
    let step = chemistry.parameters.capacity * 3600.0 * 0.0025;
    let decay = Decay::new(1.0, &chemistry.parameters);
    let mut points = Vec::new();
    let legs: [(f64, f64); 7] =
        [(1.0, 0.65), (0.65, 0.8), (0.8, 0.35), (0.35, 0.45), (0.45, 0.4), (0.4, 0.45), (0.45, 0.0)];
    for (from, to) in legs {
        let count = ((to - from) / 0.0025).abs().round() as usize;
        for _ in 0..count {
            cell.step(chemistry, &decay, if to > from { step } else { -step });
            // Only the slow path over charge is shown.
            cell.currents = [0.0; 2];
            cell.refresh(chemistry);
            points.push((cell.soc.max(0.0) * 100.0, cell.resting_voltage(chemistry)));
        }
    }
    points
}

fn gap(chemistry: &Chemistry) -> Chart {
    let line = |(k, celsius): (usize, &f64)| {
        Line::new(
            format!("{celsius} °C"),
            COLOURS[k],
            over_soc(|soc| half_gap(chemistry, soc, *celsius) * 1e3),
        )
    };
    let most = TEMPERATURES.iter().flat_map(|t| (10..95).map(move |s| (f64::from(s) / 100.0, *t)));
    let most = most.map(|(soc, celsius)| half_gap(chemistry, soc, celsius) * 1e3).fold(1.0, f64::max);
    Chart {
        title: "Half gap between charge and discharge curve, mV".to_owned(),
        x_title: "state of charge, %".to_owned(),
        y_limits: Some((0.0, 1.2 * most)),
        lines: TEMPERATURES.iter().enumerate().map(line).collect(),
        ..Chart::default()
    }
}

fn resistance(chemistry: &Chemistry, which: usize, title: String) -> Chart {
    let milliohm = |soc: f64, celsius: f64| chemistry.resistances(soc, celsius)[which] * 1e3;
    let line = |(k, celsius): (usize, &f64)| {
        Line::new(format!("{celsius} °C"), COLOURS[k], over_soc(|soc| milliohm(soc, *celsius)))
    };
    let most = TEMPERATURES.iter().flat_map(|t| (10..95).map(move |s| milliohm(f64::from(s) / 100.0, *t)));
    Chart {
        title,
        x_title: "state of charge, %".to_owned(),
        y_limits: Some((0.0, 1.3 * most.fold(1e-3, f64::max))),
        lines: TEMPERATURES.iter().enumerate().map(line).collect(),
        ..Chart::default()
    }
}

/// Voltage against that before, through a discharge pulse at half charge.
fn pulse(chemistry: &Chemistry) -> Chart {
    let line = |(k, celsius): (usize, &f64)| {
        let mut cell = Cell::new(chemistry, 0.5, *celsius);
        let before = cell.resting_voltage(chemistry);
        let decay = Decay::new(2.0, &chemistry.parameters);
        let mut points = vec![(-1.0, 0.0), (0.0, 0.0)];
        for n in 0..((PULSE + REST) / 2.0) as u32 {
            let seconds = 2.0 * f64::from(n);
            let current = if seconds < PULSE { -RATE * chemistry.parameters.capacity } else { 0.0 };
            points.push((seconds / 60.0, (cell.voltage_at(chemistry, current) - before) * 1e3));
            cell.step(chemistry, &decay, current);
            cell.refresh(chemistry);
        }
        Line::new(format!("{celsius} °C"), COLOURS[k], points)
    };
    Chart {
        title: "Answer to a discharge pulse of 1C, 10 min, from 50 %, mV".to_owned(),
        x_title: "time, min".to_owned(),
        lines: TEMPERATURES.iter().enumerate().map(line).collect(),
        ..Chart::default()
    }
}

/// The same in a few lines.
#[must_use]
pub fn table(cell: &CellParameters) -> String {
    let chemistry = Chemistry::new(cell);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_table(&mut text, cell, &chemistry);
    text
}

fn write_table(text: &mut String, cell: &CellParameters, chemistry: &Chemistry) -> core::fmt::Result {
    let [low, high] = cell.voltage_limits;
    writeln!(text, "{}", cell.name)?;
    writeln!(text, "{}", cell.source.split_whitespace().collect::<Vec<_>>().join(" "))?;
    writeln!(
        text,
        "\n{} Ah, {low} to {high} V, heat capacity {:.0} J/K, coulombic efficiency {:.4}, self-discharge {} % a month",
        cell.capacity,
        cell.heat_capacity,
        cell.coulombic_efficiency,
        cell.self_discharge_month * 100.0
    )?;
    writeln!(
        text,
        "time constants {:.1} s and {:.0} s; hysteresis widths {:?} of the capacity",
        cell.time_constants[0], cell.time_constants[1], cell.hysteresis_widths
    )?;
    writeln!(text, "\n  soc    OCV      half gap  dU/dT      R0        R1        R2    (25 °C; R in mohm)")?;
    for percent in [0.0, 5.0, 10.0, 20.0, 30.0, 50.0, 70.0, 80.0, 90.0, 95.0, 100.0] {
        let soc = percent / 100.0;
        let [r0, r1, r2] = chemistry.resistances(soc, 25.0).map(|ohm| ohm * 1e3);
        writeln!(
            text,
            "{percent:4} %  {:.4} V  {:5.1} mV  {:+.2} mV/K  {r0:8.3}  {r1:8.3}  {r2:8.3}",
            chemistry.open_circuit_voltage(soc),
            half_gap(chemistry, soc, 25.0) * 1e3,
            chemistry.entropy(soc) * 1e3
        )?;
    }
    writeln!(text, "\n  °C     half gap  R0        R1        R2    (mean of 20 to 90 %)")?;
    for celsius in [-15.0, -5.0, 5.0, 15.0, 25.0, 35.0, 45.0] {
        let means = crate::fit::means(cell, celsius);
        let [r0, r1, r2] = [means[0], means[1], means[2]].map(|ohm| ohm * 1e3);
        let gap = means[3..].iter().sum::<f64>() * 1e3;
        writeln!(text, "{celsius:4}   {gap:6.1} mV  {r0:8.3}  {r1:8.3}  {r2:8.3}")?;
    }
    Ok(())
}
