//! How the shipped A123 and Sony cells are made from published models: `cargo run --release -p voltower-lab --example
//! make_cells`.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use voltower_plant::cell::{CellParameters, Map, Spread};

use crate::LabError;
use crate::fit::{self, FitOptions};
use crate::log::{self, Kind, Log, LogOptions, Source, TableRow, Temperature};

/// The coupled electro-thermal model of Kawakita de Souza, Plett and Trimboli (MIT), as in `data/measured/a123-cet`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cet {
    soc: Vec<f64>,
    ocv0: Vec<f64>,
    #[serde(rename = "ocv_rel")]
    ocv_rel: Vec<f64>,
    temps: Vec<f64>,
    #[serde(rename = "QParam")]
    capacity: Vec<f64>,
    #[serde(rename = "MParam")]
    half_gap: Vec<f64>,
    #[serde(rename = "R0Param")]
    r0: Vec<f64>,
    #[serde(rename = "RParam")]
    r1: Vec<f64>,
    #[serde(rename = "SOCs")]
    entropy_socs: Vec<f64>,
    #[serde(rename = "dOCVdT")]
    entropy: Vec<f64>,
}

/// Heat capacity of a 26650 cell of 76 g at 1000 to 1100 J/kg/K, J/K. (The model's own 48 J/K is that of core and
/// surface as its thermal test saw them.)
const HEAT_CAPACITY: f64 = 80.0;
/// Where the model's own numbers are a resistance of a line through noise: the coldest that is used, degC. Below, its
/// single RC pair gives zero ohm at -25 degC.
const COLDEST: f64 = -15.0;
/// Temperatures between which the model's half gap is taken to follow Arrhenius, degC: the ends of common use. Beyond
/// and between, its values scatter by a third either way, and grow to 0.55 V at -25 degC: with one RC pair of some
/// seconds it also stands for slow polarisation, which is R2 here. Hysteresis itself comes from the thermodynamics of
/// many particles and changes little with temperature (Dreyer et al., Nature Materials 2010).
const GAP_BETWEEN: [f64; 2] = [5.0, 25.0];
/// Activation temperature of charge transfer in LFP cells, K: 45 kJ/mol over the gas constant.
const ACTIVATION: f64 = 5500.0;
/// As for the home cell, ours: published values reach from 0.998 to 0.9995.
const EFFICIENCY: f64 = 0.9995;
/// The dynamic test is 2.3 h long and passes each state of charge once: a thirtieth of what a fit usually has.
const SMOOTHNESS: f64 = 30.0;
/// The model's open-circuit voltage has steps of some mV every 1.5 % in the plateau, which a mean over this many of its
/// 0.5 % rows on either side takes out.
const STEPS: usize = 4;
const KELVIN: f64 = 273.15;

/// The A123 26650 cell of 2.5 Ah.
///
/// Open-circuit voltage, hysteresis, dU/dT and how everything follows the temperature: the model. Resistances over the
/// state of charge, time constants and the shares of the hysteresis: fitted to the dynamic test beside it.
///
/// # Errors
/// If the files are absent or wrong.
pub fn a123(folder: &Path) -> Result<CellParameters, LabError> {
    let file = folder.join("a123-cet/model.json");
    let name = file.display().to_string();
    let unreadable = |reason: String| LabError::File { file: name.clone(), reason };
    let text = fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
    let model: Cet = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    let warm = model.temps.iter().position(|celsius| *celsius == 35.0).unwrap_or(0);
    let source = Source {
        path: folder.join("a123-cet/lab_dynamic.csv"),
        temperature: Temperature::Column("t_surface_c".to_owned()),
        initial: Some(1.0),
        kind: Some(Kind::Drive),
    };
    let capacity = (model.capacity[warm] * 1e4).round() / 1e4;
    let options = LogOptions { capacity: Some(capacity), ..LogOptions::default() };
    let drive = log::read(&source, &options)?;
    let table = table(&model, drive.mean_temperature(), model.half_gap[warm]);
    let prior = prior(&model, capacity);
    let options = FitOptions {
        log: options,
        prior: Some(prior),
        efficiency: Some(EFFICIENCY),
        smoothness: SMOOTHNESS,
        ..FitOptions::default()
    };
    let mut cell = fit::fit(vec![table, drive], &options)?.cell;
    "A123 26650, 2.5 Ah, LFP".clone_into(&mut cell.name);
    cell.source = "Open-circuit voltage, hysteresis, dU/dT, dependence on temperature: coupled electro-thermal model \
                   of Kawakita de Souza, Plett and Trimboli (UCCS 2020, MIT), github aloisiohks/A123_26650_SPKF. \
                   Resistances over the state of charge: fitted to the dynamic test beside it (same licence). Spread, \
                   self-discharge: ours. Made by the example make_cells of voltower-lab."
        .to_owned();
    Ok(at_25_degrees(cell))
}

/// Ends of slow sweeps at a temperature: the model's curve, and its half gap either way.
fn table(model: &Cet, celsius: f64, half_gap: f64) -> Log {
    let row = |k: usize| {
        // Between 13 and 94 %; where the curve bends hard, towards the ends, it has no steps.
        let near = if (0.13..0.94).contains(&model.soc[k]) { k - STEPS..k + STEPS + 1 } else { k..k + 1 };
        let count = near.len() as f64;
        let middle = near.map(|k| model.ocv0[k] + celsius * model.ocv_rel[k]).sum::<f64>() / count;
        TableRow { soc: model.soc[k], charge: middle + half_gap, discharge: middle - half_gap }
    };
    Log {
        name: "a123-cet/model.json".to_owned(),
        kind: Kind::Table,
        time: Vec::new(),
        current: Vec::new(),
        voltage: Vec::new(),
        temperature: vec![celsius],
        counted: None,
        reference: None,
        initial: None,
        table: (0..model.soc.len()).map(row).collect(),
        share_before: log::HALF_WAY,
        notes: Vec::new(),
    }
}

/// A cell with the model's dependence on temperature, smoothed: a part that stays and a part that follows Arrhenius.
fn prior(model: &Cet, capacity: f64) -> CellParameters {
    let temperatures: Vec<f64> = (-4..=7).map(|k| 10.0 * f64::from(k) - 5.0).collect();
    let smooth = |values: &[f64]| {
        let used =
            model.temps.iter().zip(values).filter(|(celsius, ohm)| **celsius >= COLDEST && **ohm > 0.0);
        let [stays, follows] = law(used.map(|(celsius, value)| (rise(*celsius, ACTIVATION), *value)));
        let line = |celsius: &f64| vec![stays + follows * rise(*celsius, ACTIVATION); 2];
        temperatures.iter().map(line).collect::<Vec<_>>()
    };
    let stated = |celsius: f64| {
        let place = model.temps.iter().position(|known| *known == celsius).unwrap_or(0);
        model.half_gap[place]
    };
    let [cold, warm] = GAP_BETWEEN;
    let kelvin = (stated(cold) / stated(warm)).ln() / rise(cold, 1.0).ln();
    let half_gap: Vec<Vec<f64>> =
        temperatures.iter().map(|celsius| vec![stated(warm) * rise(*celsius, kelvin); 2]).collect();
    let share = |share: f64| half_gap.iter().map(|row| row.iter().map(|gap| gap * share).collect()).collect();
    CellParameters {
        name: "A123, model".to_owned(),
        capacity,
        voltage_limits: [2.0, 3.6],
        ocv: model.soc.iter().copied().zip(model.ocv0.iter().copied()).collect(),
        entropy: model.entropy_socs.iter().copied().zip(model.entropy.iter().copied()).collect(),
        map: Map {
            temperatures: temperatures.clone(),
            socs: vec![0.0, 1.0],
            r0: smooth(&model.r0),
            r1: smooth(&model.r1),
            // The model has one pair; a second one has no other temperature dependence to follow.
            r2: smooth(&model.r1),
            half_gaps: [share(0.2), share(0.3), share(0.5)],
        },
        heat_capacity: HEAT_CAPACITY,
        spread: Spread { capacity: 0.007, resistance: 0.04, self_discharge: 0.15, soc: 0.003 },
        ..CellParameters::default()
    }
}

/// Arrhenius factor against 25 degC.
fn rise(celsius: f64, kelvin: f64) -> f64 {
    (kelvin * (1.0 / (celsius + KELVIN) - 1.0 / (25.0 + KELVIN))).exp()
}

/// `a + b x`, neither negative, with the least sum of squared relative errors.
fn law(points: impl Iterator<Item = (f64, f64)>) -> [f64; 2] {
    let mut sums = [0.0; 5];
    for (x, y) in points {
        let weight = 1.0 / (y * y);
        let terms = [1.0, x, x * x, y, x * y];
        sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
    }
    let [n, x, xx, y, xy] = sums;
    let follows = (n * xy - x * y) / (n * xx - x * x);
    let stays = (y - follows * x) / n;
    match (stays < 0.0, follows < 0.0) {
        (true, _) => [0.0, xy / xx],
        (_, true) => [y / n, 0.0],
        _ => [stays, follows],
    }
}

/// The open-circuit voltage at 25 degC instead of the fit's own temperature: what other cells state.
fn at_25_degrees(mut cell: CellParameters) -> CellParameters {
    let chemistry = voltower_plant::cell::Chemistry::new(&cell);
    let shift = 25.0 - cell.reference_temperature;
    let mut least = 0.0;
    for (soc, volts) in &mut cell.ocv {
        *volts = (*volts + chemistry.entropy(*soc) * shift).max(least);
        least = *volts + 1e-6;
    }
    cell.reference_temperature = 25.0;
    cell
}

/// Total resistance of the Sony cell: charge and discharge, over state of charge and temperature.
struct Resistance {
    temperatures: Vec<f64>,
    socs: Vec<f64>,
    ohm: Vec<Vec<f64>>,
}

/// The Sony US26650FTC1 cell of 3 Ah from the tables of SimSES, as in `data/measured/sony-us26650`.
///
/// The tables have one resistance that includes slow polarisation. It is split over R0, R1 and R2 as the shipped A123
/// cell splits at the same temperature, whose time constants it takes, too: both are 26650 power cells of the same
/// chemistry. The hysteresis voltage of SimSES has no sign: it is a half gap, split over the stop operators as the
/// A123's.
///
/// # Errors
/// If the files are absent or wrong.
pub fn sony(folder: &Path, a123: &CellParameters) -> Result<CellParameters, LabError> {
    let folder = folder.join("sony-us26650");
    let ocv = pairs(&folder.join("ocv.csv"))?;
    let half_gap = pairs(&folder.join("hysteresis.csv"))?;
    let entropy = pairs(&folder.join("entropy.csv"))?;
    let total = resistance(&folder.join("resistance.csv"))?;
    let like = voltower_plant::cell::Chemistry::new(a123);
    let row = |line: usize, value: usize| -> Vec<f64> {
        let means = fit::means(a123, total.temperatures[line]);
        let share = means[value] / means[..3].iter().sum::<f64>();
        total.ohm[line].iter().map(|ohm| ohm * share).collect()
    };
    let table = |value: usize| (0..total.temperatures.len()).map(|line| row(line, value)).collect::<Vec<_>>();
    let shares = {
        let means = fit::means(a123, 25.0);
        let all: f64 = means[3..].iter().sum();
        [means[3] / all, means[4] / all, means[5] / all]
    };
    // How the gap grows with cold is the A123's: SimSES states 25 degC only.
    let grows = |celsius: f64| {
        let sum = |celsius: f64| fit::means(a123, celsius)[3..].iter().sum::<f64>();
        sum(celsius) / sum(25.0)
    };
    let gap = |share: f64| {
        let at = |soc: f64| near(&half_gap, soc) * share;
        let line = |celsius: &f64| total.socs.iter().map(|soc| at(*soc) * grows(*celsius)).collect();
        total.temperatures.iter().map(line).collect::<Vec<Vec<f64>>>()
    };
    let ends = (ocv[0], ocv[ocv.len() - 1]);
    let before = (ocv[1].1 - ends.0.1) / (ocv[1].0 - ends.0.0);
    Ok(CellParameters {
        name: "Sony US26650FTC1, 3 Ah, LFP".to_owned(),
        source: "Open-circuit voltage, hysteresis (25 degC), resistance, dU/dT: tables of SimSES 2.1.1 (BSD-3-Clause, \
                 TUM), from Naumann, PhD thesis, TUM 2018. Split of the resistance into R0, R1, R2, time constants and \
                 growth of the hysteresis with cold: as the shipped A123 cell. Spread, self-discharge: ours. Made by \
                 the example make_cells of voltower-lab."
            .to_owned(),
        capacity: 3.0,
        voltage_limits: [2.0, 3.6],
        reference_temperature: 25.0,
        slopes_outside: [before, (ends.1.1 - ocv[ocv.len() - 2].1) / (ends.1.0 - ocv[ocv.len() - 2].0)],
        ocv,
        entropy,
        map: Map {
            r0: table(0),
            r1: table(1),
            r2: table(2),
            half_gaps: shares.map(gap),
            temperatures: total.temperatures.clone(),
            socs: total.socs.clone(),
        },
        time_constants: like.parameters.time_constants,
        hysteresis_widths: like.parameters.hysteresis_widths,
        coulombic_efficiency: EFFICIENCY,
        self_discharge_month: 0.003,
        heat_capacity: HEAT_CAPACITY,
        spread: a123.spread,
    })
}

fn near(points: &[(f64, f64)], x: f64) -> f64 {
    points.iter().min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs())).map_or(0.0, |point| point.1)
}

/// Two columns of numbers.
fn pairs(file: &Path) -> Result<Vec<(f64, f64)>, LabError> {
    Ok(numbers(file)?.1.iter().map(|row| (row[0], row[1])).collect())
}

/// `R_Ch(T=10)` and `R_DCh(T=10)` in pairs: their mean. The column `Temp` repeats the temperatures.
fn resistance(file: &Path) -> Result<Resistance, LabError> {
    let (headers, rows) = numbers(file)?;
    let of = |header: &str| -> Option<f64> { header.split_once("T=")?.1.trim_end_matches(')').parse().ok() };
    let charge: Vec<(usize, f64)> = headers
        .iter()
        .enumerate()
        .filter(|(_, header)| header.starts_with("R_Ch"))
        .filter_map(|(place, header)| Some((place, of(header)?)))
        .collect();
    let count = charge.len();
    Ok(Resistance {
        temperatures: charge.iter().map(|(_, celsius)| *celsius).collect(),
        socs: rows.iter().map(|row| row[0]).collect(),
        ohm: charge
            .iter()
            .map(|(place, _)| rows.iter().map(|row| 0.5 * (row[*place] + row[place + count])).collect())
            .collect(),
    })
}

type Table = (Vec<String>, Vec<Vec<f64>>);

fn numbers(file: &Path) -> Result<Table, LabError> {
    let name = file.display().to_string();
    let mut reader = csv::Reader::from_path(file)
        .map_err(|error| LabError::File { file: name.clone(), reason: error.to_string() })?;
    let wrong = |error: csv::Error| LabError::log(&name, error.to_string());
    let headers: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let row = record.iter().map(|text| text.trim().parse::<f64>().unwrap_or(f64::NAN)).collect();
        rows.push(row);
    }
    Ok((headers, rows))
}
