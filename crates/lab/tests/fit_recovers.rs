//! A known cell makes logs; the fit must find it again. No measured data is needed.

use voltower_lab::fit::{self, FitOptions};
use voltower_lab::log::{HALF_WAY, Kind, Log, LogOptions};
use voltower_lab::validate::{self, History, Reference, Setup};
use voltower_plant::cell::CellParameters;

/// A drive cycle of pulses, rests and partial charges from full, one second a sample, with counters.
fn drive(cell: &CellParameters, celsius: f64, hours: f64) -> Log {
    let samples = (hours * 3600.0) as usize;
    let mut seed = 12_345_u64;
    let mut current = vec![0.0; samples];
    // First away from full, so that it can be charged.
    current[60..samples.min(960)].fill(-0.5 * cell.capacity);
    for k in 960..samples {
        if k % 7 == 0 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let unit = (seed >> 40) as f64 / (1_u64 << 24) as f64;
            // Between 2C out and 0.55C in, more out than in; every third quarter of an hour is a rest.
            current[k] = if (k / 900) % 3 == 2 { 0.0 } else { cell.capacity * (0.55 - 2.6 * unit * unit) };
        } else {
            current[k] = current[k - 1];
        }
    }
    log(cell, celsius, current, 1.0, 1.0)
}

/// C/25 from full to empty or back.
fn sweep(cell: &CellParameters, celsius: f64, direction: f64) -> Log {
    let samples = 24 * 360 + 100;
    let mut current = vec![direction * cell.capacity / 25.0; samples];
    current[..10].fill(0.0);
    log(cell, celsius, current, 10.0, if direction < 0.0 { 1.0 } else { 0.0 })
}

fn log(cell: &CellParameters, celsius: f64, current: Vec<f64>, seconds: f64, initial: f64) -> Log {
    let mut charge = 0.0;
    let counted = current.iter().enumerate().map(|(k, amps)| {
        charge += if k > 0 { amps * seconds / 3600.0 } else { 0.0 };
        charge
    });
    let mut log = Log {
        name: format!("made at {celsius}"),
        kind: if seconds > 5.0 { Kind::Sweep } else { Kind::Drive },
        time: (0..current.len()).map(|k| k as f64 * seconds).collect(),
        counted: Some(counted.collect()),
        voltage: vec![3.3; current.len()],
        temperature: vec![celsius; current.len()],
        current,
        reference: None,
        initial: Some(initial),
        share_before: HALF_WAY,
        table: Vec::new(),
        notes: Vec::new(),
    };
    let setup = Setup {
        history: if initial > 0.5 { History::Charged } else { History::Discharged },
        ..Setup::default()
    };
    let run = validate::validate(cell, &log, Reference::Counters, &setup).expect("a run");
    log.voltage = run.voltage;
    // What a tester would stop at; below empty the cell is not LFP any more.
    let end =
        run.soc.iter().position(|soc| !(0.03..=1.0).contains(soc) && seconds < 5.0).unwrap_or(run.soc.len());
    for column in [&mut log.time, &mut log.current, &mut log.voltage, &mut log.temperature] {
        column.truncate(end);
    }
    log.counted.as_mut().expect("made with counters").truncate(end);
    log
}

fn cell() -> CellParameters {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/cells/a123-2.5ah.toml");
    CellParameters { coulombic_efficiency: 0.992, ..CellParameters::load(path.as_ref()).expect("shipped") }
}

#[test]
fn a_known_cell_is_found_again_and_holds_between_the_temperatures() {
    let known = cell();
    let at =
        |celsius| [sweep(&known, celsius, -1.0), sweep(&known, celsius, 1.0), drive(&known, celsius, 6.0)];
    let logs = [5.0, 45.0].map(at).concat();
    let options = FitOptions {
        log: LogOptions { capacity: Some(known.capacity), ..LogOptions::default() },
        ..FitOptions::default()
    };
    let fitted = fit::fit(logs, &options).expect("a fit");
    let (found, wanted) = (fit::means(&fitted.cell, 25.0), fit::means(&known, 25.0));
    assert!((found[0] / wanted[0] - 1.0).abs() < 0.05, "R0 {} for {}", found[0], wanted[0]);
    let totals = [found, wanted].map(|means| means[..3].iter().sum::<f64>());
    assert!((totals[0] / totals[1] - 1.0).abs() < 0.15, "all resistances {} for {}", totals[0], totals[1]);
    assert!((fitted.cell.coulombic_efficiency - 0.992).abs() < 0.002, "{}", fitted.cell.coulombic_efficiency);
    let unseen = drive(&known, 25.0, 6.0);
    let run =
        validate::validate(&fitted.cell, &unseen, Reference::Counters, &Setup::default()).expect("a run");
    assert!(run.middle.rmse < 4e-3, "at a temperature not fitted on: {:?}", run.middle);
}

#[test]
fn one_temperature_takes_the_rest_from_the_prior_and_says_so() {
    let known = cell();
    let logs = vec![sweep(&known, 25.0, -1.0), sweep(&known, 25.0, 1.0), drive(&known, 25.0, 6.0)];
    let options = FitOptions { prior: Some(known.clone()), ..FitOptions::default() };
    let fitted = fit::fit(logs, &options).expect("a fit");
    assert!(
        fitted.notes.iter().any(|note| note.contains("comes from the prior, A123")),
        "{:?}",
        fitted.notes
    );
    let (found, wanted) = (fit::means(&fitted.cell, 5.0)[0], fit::means(&known, 5.0)[0]);
    assert!((found / wanted - 1.0).abs() < 0.08, "R0 at 5 degC {found} for {wanted}");
    let cold = drive(&known, 10.0, 6.0);
    let run = validate::validate(&fitted.cell, &cold, Reference::Counters, &Setup::default()).expect("a run");
    assert!(run.middle.rmse < 6e-3, "{:?}", run.middle);
}

#[test]
fn without_a_capacity_it_asks() {
    let known = cell();
    let error = fit::fit(vec![drive(&known, 25.0, 0.5)], &FitOptions::default()).expect_err("unknown");
    assert!(error.to_string().contains("--capacity"), "{error}");
}
