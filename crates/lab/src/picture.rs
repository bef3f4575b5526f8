//! Measured against model, as a picture.

use voltower_plot::chart::COLOURS;
use voltower_plot::{Chart, Line, Look, sheet};

use crate::log::Log;
use crate::validate::{Errors, Run};

/// Seconds from which a time axis is in hours.
const HOURS: f64 = 7200.0;
/// Length of the close-up, s.
const CLOSE: f64 = 1200.0;

/// Voltage of log and model over time, their difference over time and over the reference, and a close-up.
#[must_use]
pub fn validation(title: &str, log: &Log, run: &Run) -> String {
    let start = log.time[0];
    let length = log.time[log.time.len() - 1] - start;
    let (unit, name) = if length > HOURS { (3600.0, "time, h") } else { (60.0, "time, min") };
    let over_time = |values: &[f64]| -> Vec<(f64, f64)> {
        log.time.iter().zip(values).map(|(time, value)| ((time - start) / unit, *value)).collect()
    };
    let error: Vec<f64> =
        run.voltage.iter().zip(&log.voltage).map(|(model, measured)| (model - measured) * 1e3).collect();
    let limit = error_limit(&error);
    let subtitle = format!(
        "whole log {}; between 5 and 95 % {}; open loop from {:.1} %",
        words(&run.whole),
        words(&run.middle),
        run.soc.first().copied().unwrap_or(0.0) * 100.0
    );
    let charts = [
        Chart {
            title: "Voltage, V".to_owned(),
            x_title: name.to_owned(),
            wide: true,
            lines: vec![
                Line::new("measured", COLOURS[6], over_time(&log.voltage)).look(Look::Thin),
                Line::new("model", COLOURS[1], over_time(&run.voltage)).look(Look::Thin),
            ],
            ..Chart::default()
        },
        Chart {
            title: "Model less measured, mV".to_owned(),
            x_title: name.to_owned(),
            wide: true,
            y_limits: Some((-limit, limit)),
            lines: vec![Line::new("", COLOURS[0], over_time(&error)).look(Look::Thin)],
        },
        by_soc(run, &error, limit),
        close_up(log, run),
    ];
    sheet(title, &subtitle, &charts)
}

/// The 99.5th percentile, with room: a few samples at the very end would flatten everything else.
fn error_limit(error: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = error.iter().map(|error| error.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    1.3 * sizes.get(sizes.len() * 995 / 1000).copied().unwrap_or(1.0).max(0.5)
}

/// Mean error and its spread in each per cent of the reference.
fn by_soc(run: &Run, error: &[f64], limit: f64) -> Chart {
    let mut bins = vec![(0.0, 0.0, 0.0); 102];
    for (soc, error) in run.reference.iter().zip(error) {
        let bin = &mut bins[(soc * 100.0).clamp(0.0, 101.0) as usize];
        *bin = (bin.0 + 1.0, bin.1 + error, bin.2 + error * error);
    }
    let filled: Vec<(f64, f64, f64)> = bins
        .iter()
        .enumerate()
        .filter(|(_, bin)| bin.0 > 0.0)
        .map(|(k, (count, sum, squares))| {
            let mean = sum / count;
            (k as f64 + 0.5, mean, (squares / count - mean * mean).max(0.0).sqrt())
        })
        .collect();
    let line = |at: fn(&(f64, f64, f64)) -> f64| filled.iter().map(|bin| (bin.0, at(bin))).collect();
    Chart {
        title: "Mean error and its scatter, mV".to_owned(),
        x_title: "reference state of charge, %".to_owned(),
        y_limits: Some((-limit, limit)),
        wide: false,
        lines: vec![
            Line::new("one standard deviation", COLOURS[0], line(|bin| bin.1 + bin.2)).look(Look::Band),
            Line::new("", COLOURS[0], line(|bin| bin.1 - bin.2)).look(Look::Band),
            Line::new("mean", COLOURS[0], line(|bin| bin.1)),
        ],
    }
}

/// The twenty minutes in which the current moves most, of the middle half of the log.
fn close_up(log: &Log, run: &Run) -> Chart {
    let samples = log.time.len();
    let mut moved = vec![0.0; samples + 1];
    for k in 0..samples {
        moved[k + 1] = moved[k] + if k > 0 { (log.current[k] - log.current[k - 1]).abs() } else { 0.0 };
    }
    let end_of = |from: usize| log.time.partition_point(|time| *time < log.time[from] + CLOSE);
    let busy = |from: &usize| moved[end_of(*from)] - moved[*from];
    let from = (samples / 4..(3 * samples / 4).max(samples / 4 + 1))
        .step_by((samples / 400).max(1))
        .max_by(|a, b| busy(a).total_cmp(&busy(b)))
        .unwrap_or(0);
    let cut = |values: &[f64]| -> Vec<(f64, f64)> {
        (from..end_of(from)).map(|k| ((log.time[k] - log.time[from]) / 60.0, values[k])).collect()
    };
    Chart {
        title: format!("Close-up from {:.1} h, V", (log.time[from] - log.time[0]) / 3600.0),
        x_title: "time, min".to_owned(),
        lines: vec![
            Line::new("measured", COLOURS[6], cut(&log.voltage)),
            Line::new("model", COLOURS[1], cut(&run.voltage)).look(Look::Thin),
        ],
        ..Chart::default()
    }
}

/// RMSE and largest error in words.
#[must_use]
pub fn words(errors: &Errors) -> String {
    format!("RMSE {:.2} mV, largest {:.0} mV", errors.rmse * 1e3, errors.largest * 1e3)
}
