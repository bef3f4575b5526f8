//! `voltower cell`, as people call it.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn output(args: &[&str], code: i32) -> (String, String) {
    let mut command = Command::cargo_bin("voltower").expect("the binary is built");
    let assert = command.args(args).env("NO_COLOR", "1").assert().code(code);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&assert.get_output().stdout), text(&assert.get_output().stderr))
}

fn data(file: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file).display().to_string()
}

fn in_folder(folder: &Path, file: &str) -> (PathBuf, String) {
    let path = folder.join(file);
    let text = path.display().to_string();
    (path, text)
}

#[test]
fn show_prints_a_table_and_draws_the_curves() {
    let folder = tempfile::tempdir().expect("a folder");
    let (picture, out) = in_folder(folder.path(), "cell.svg");
    let (text, _) = output(&["cell", "show", &data("cells/home-100ah.toml"), "--out", &out], 0);
    assert!(text.contains("100 Ah") && text.contains("time constants"), "{text}");
    let picture = fs::read_to_string(picture).expect("a picture");
    assert!(picture.starts_with("<svg") && picture.contains("minor loops") && !picture.contains("NaN"));
}

#[test]
fn fit_writes_a_cell_that_validates() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, cell) = in_folder(folder.path(), "berkeley.toml");
    let drive = data("measured/berkeley-lfp/cc_25c.csv");
    let logs = [data("measured/berkeley-lfp/ocv_25c.csv") + "@25", drive.clone() + "@25"];
    let prior = data("cells/a123-2.5ah.toml");
    let (report, _) = output(&["cell", "fit", "--out", &cell, "--prior", &prior, &logs[0], &logs[1]], 0);
    for said in ["comes from the prior, A123", "positive while discharging", "Residuals", "capacity 1.2"] {
        assert!(report.contains(said), "{said}: {report}");
    }
    for file in ["berkeley-report/report.txt", "berkeley-report/cell.svg", "berkeley-report/cc_25c-25c.svg"] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
    let (_, out) = in_folder(folder.path(), "v.svg");
    let arguments = ["--temperature", "25", "--reference", "soc_ref", "--out", &out];
    let (text, _) =
        output(&[&["cell", "validate", "--cell", &cell, "--log", &drive], &arguments[..]].concat(), 0);
    let rmse = text.split("RMSE ").nth(1).and_then(|rest| rest.split(' ').next());
    let rmse: f64 = rmse.and_then(|number| number.parse().ok()).expect("a number");
    assert!(rmse < 3.0 && text.contains("5 to 95 %"), "{text}");
}

#[test]
fn what_is_missing_is_said() {
    let (_, error) = output(&["cell", "cross-validate", "--data", "/nowhere"], 1);
    assert!(error.contains("/nowhere: has no A123 logs"), "{error}");
    let (_, error) = output(&["cell", "fit", "--out", "x.toml", "log.csv"], 2);
    assert!(error.contains("needs its temperature"), "{error}");
    let drive = data("measured/berkeley-lfp/cc_25c.csv");
    let cell = data("cells/a123-2.5ah.toml");
    let arguments = ["cell", "validate", "--cell", &cell, "--log", &drive, "--temperature", "25"];
    let (_, error) = output(&[&arguments[..], &["--reference", "soc_true"]].concat(), 1);
    assert!(error.contains("no column `soc_true`") && error.contains("soc_ref"), "{error}");
}
