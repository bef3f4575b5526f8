//! Measured logs that are in this repository, and the shipped cells that were made from them.

use std::path::{Path, PathBuf};

use voltower_lab::fit::{self, FitOptions};
use voltower_lab::log::{self, Kind, LogOptions, Source, Temperature};
use voltower_lab::validate::{self, Reference, Setup};
use voltower_lab::{picture, shipped, show};
use voltower_plant::cell::{CellParameters, Chemistry};

fn data(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file)
}

fn source(file: &str) -> Source {
    Source { path: data(file), temperature: Temperature::Constant(25.0), initial: None, kind: None }
}

fn shipped_cell(file: &str) -> CellParameters {
    CellParameters::load(&data("cells").join(file)).expect("a shipped cell")
}

#[test]
fn the_shipped_cells_are_what_make_cells_makes() {
    let a123 = shipped::a123(&data("measured")).expect("its files are here");
    let file = shipped_cell("a123-2.5ah.toml");
    // The last digits of a search may differ between machines; a changed source or method differs more.
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.01;
    for celsius in [-5.0, 25.0, 45.0] {
        let pairs = fit::means(&a123, celsius).into_iter().zip(fit::means(&file, celsius));
        assert!(pairs.clone().all(|(made, shipped)| near(made, shipped)), "{:?}", pairs.collect::<Vec<_>>());
    }
    assert_eq!(
        shipped::sony(&data("measured"), &file).expect("its files are here"),
        shipped_cell("sony-3ah.toml")
    );
}

#[test]
fn the_shipped_a123_follows_its_dynamic_test() {
    let source = Source {
        temperature: Temperature::Column("t_surface_c".to_owned()),
        ..source("measured/a123-cet/lab_dynamic.csv")
    };
    let cell = shipped_cell("a123-2.5ah.toml");
    let options = LogOptions { capacity: Some(cell.capacity), ..LogOptions::default() };
    let log = log::read(&source, &options).expect("a log");
    let run = validate::validate(&cell, &log, Reference::Counters, &Setup::default()).expect("a run");
    assert!(run.middle.rmse < 10e-3, "{:?}", run.middle);
    let text = picture::validation("title", &log, &run);
    assert!(text.starts_with("<svg") && text.contains("5 and 95 %") && !text.contains("NaN"));
}

#[test]
fn shipped_cells_age_and_cool_as_cells_do() {
    for file in ["a123-2.5ah.toml", "sony-3ah.toml", "home-100ah.toml", "home-100ah-low-resistance.toml"] {
        let cell = shipped_cell(file);
        let chemistry = Chemistry::new(&cell);
        let total = |celsius: f64| chemistry.resistances(0.5, celsius).iter().sum::<f64>();
        assert!(total(0.0) > 1.2 * total(25.0) && total(25.0) > total(45.0), "{file}");
        // 40 mohm Ah and more in all: data sheets and impedance of LFP cells, 25 degC.
        let scaled = total(25.0) * cell.capacity;
        assert!((0.02..0.25).contains(&scaled), "{file}: {scaled} ohm Ah");
        let picture = show::picture(&cell);
        assert!(picture.contains("dU/dT") && !picture.contains("NaN"), "{file}");
        assert!(show::table(&cell).contains("time constants"), "{file}");
    }
}

#[test]
fn a_berkeley_cell_is_fitted_at_one_temperature() {
    let sources = [source("measured/berkeley-lfp/ocv_25c.csv"), source("measured/berkeley-lfp/cc_25c.csv")];
    let options = FitOptions { prior: Some(shipped_cell("a123-2.5ah.toml")), ..FitOptions::default() };
    let fitted = fit::fit_files(&sources, &options).expect("a fit");
    assert_eq!(fitted.logs.iter().map(|log| log.kind).collect::<Vec<_>>(), [Kind::Table, Kind::Drive]);
    let notes = fitted.logs[1].notes.join("; ");
    assert!(notes.contains("positive while discharging") && notes.contains("reference column"), "{notes}");
    assert!((fitted.cell.capacity - 1.2).abs() < 0.01, "{}", fitted.cell.capacity);
    assert!(fitted.runs[0].middle.rmse < 3e-3, "{:?}", fitted.runs[0].middle);
    assert!(fitted.notes.iter().any(|note| note.contains("A123")), "{:?}", fitted.notes);
}

#[test]
fn errors_name_file_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bad.csv");
    let read = |text: &str| {
        std::fs::write(&path, text).expect("written");
        let source = Source { path: path.clone(), ..source("") };
        log::read(&source, &LogOptions::default()).expect_err("it is wrong").to_string()
    };
    let error = read("time_s,current_a,voltage_v\n0,0,3.3\n1,1,3.4\n2,x,3.4\n3,0,3.3\n");
    assert!(error.contains("bad.csv:4: column `current_a`: `x` is not a number"), "{error}");
    let error = read("time_s,current_a,voltage_v\n0,0,3.3\n2,1,3.4\n1,0,3.4\n3,0,3.3\n");
    assert!(error.contains("bad.csv:4: column `time_s`: time runs backwards"), "{error}");
    let error = read("time_s,amperage,voltage_v\n0,0,3.3\n2,1,3.4\n3,0,3.4\n");
    assert!(error.contains("--columns current=NAME") && error.contains("amperage"), "{error}");
}
