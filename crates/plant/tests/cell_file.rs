//! Parameter files: what is read from them, and what is said about wrong ones.

use std::path::{Path, PathBuf};

use voltower_plant::cell::{CellFileError, CellParameters, Chemistry, HomeCell};

fn cells() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/cells")
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(cells().join(name)).expect("a shipped file")
}

fn home() -> String {
    shipped("home-100ah-low-resistance.toml")
}

fn bpx() -> String {
    shipped("lfp-2ah3-bpx.json")
}

fn shipped_files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cells()).expect("the folder of cells");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "toml" || end == "json")).collect()
}

/// Line, from 1, on which a piece of the text begins.
fn line_of(text: &str, piece: &str) -> usize {
    let start = text.find(piece).unwrap_or_else(|| panic!("no {piece} in the file"));
    text[..start].matches('\n').count() + 1
}

/// With one piece replaced; the piece must be there once.
fn changed(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}

/// The error's words, which must begin with file and line.
fn complaint(found: Result<CellParameters, CellFileError>, file: &str, line: usize) -> String {
    let words = found.expect_err("a wrong file").to_string();
    let place = format!("{file}:{line}: ");
    words.strip_prefix(&place).unwrap_or_else(|| panic!("`{words}` does not begin with `{place}`")).to_owned()
}

/// What is said about the home cell with one piece replaced, on the line of `at` (in the changed text).
fn toml_complaint(from: &str, to: &str, at: &str) -> String {
    let text = changed(&home(), from, to);
    complaint(CellParameters::from_toml(&text, "a.toml"), "a.toml", line_of(&text, at))
}

/// The same about the BPX example.
fn bpx_complaint(from: &str, to: &str, at: &str) -> String {
    let text = changed(&bpx(), from, to);
    complaint(CellParameters::from_bpx(&text, "a.json"), "a.json", line_of(&text, at))
}

fn read_bpx(text: &str) -> CellParameters {
    CellParameters::from_bpx(text, "a.json").expect("a valid file")
}

#[test]
fn every_shipped_file_is_read_and_written_back_the_same() {
    let files = shipped_files();
    assert!(files.len() >= 2, "{files:?}");
    for path in files {
        let cell = CellParameters::load(&path).unwrap_or_else(|error| panic!("{error}"));
        let again = CellParameters::from_toml(&cell.to_toml(), "again.toml")
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(cell, again, "{}", path.display());
    }
}

#[test]
fn the_default_is_the_home_cell() {
    let cell = CellParameters::load(&cells().join("home-100ah.toml")).expect("a valid file");
    assert_eq!(cell, CellParameters::default());
    assert_eq!((cell.capacity, cell.voltage_limits), (100.0, [2.5, 3.65]));
    for home in HomeCell::ALL {
        let file =
            CellParameters::load(&cells().join(format!("{}.toml", home.name()))).expect("a valid file");
        assert_eq!(file, home.parameters());
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let found = CellParameters::load(&cells().join("no-such-cell.toml")).expect_err("no file");
    assert!(
        matches!(&found, CellFileError::Unreadable { file, .. } if file.ends_with("no-such-cell.toml")),
        "{found}"
    );
    assert!(CellParameters::load(&cells()).is_err());
}

#[test]
fn toml_of_the_wrong_shape_is_located() {
    let table = |from: &str, to: &str, at: &str, words: &str| {
        let found = toml_complaint(from, to, at);
        assert!(found.contains(words), "{found}");
    };
    table("capacity_ah = 100.0\n", "", "# A second cell", "missing field `capacity_ah`");
    table("soc = 0.003\n", "", "[spread]", "missing field `soc`");
    table("soc = 0.003\n", "soc = 0.003\ncolour = 3\n", "colour", "unknown field `colour`");
    table("capacity_ah = 100.0", "capacity_ah = \"100\"", "capacity_ah", "expected f64");
    table("[open_circuit]", "[open_circuit", "[open_circuit", "");
}

#[test]
fn too_few_and_too_many_values_are_located() {
    let voltages = "voltage_v = [2.5, 3.65]";
    let found = toml_complaint(voltages, "voltage_v = [2.5, 3.65, 4.0]", "voltage_v");
    assert_eq!(found, "voltage_v: has 3 values; it needs 2");
    assert_eq!(
        toml_complaint(voltages, "voltage_v = [2.5]", "voltage_v"),
        "voltage_v: has 1 values; it needs 2"
    );
    let third = "\n[[hysteresis]]\nwidth = 0.04\n";
    let two = home().split(third).next().expect("a text").to_owned();
    let words = complaint(CellParameters::from_toml(&two, "a.toml"), "a.toml", line_of(&two, "width = 0.01"));
    assert_eq!(words, "hysteresis: there are 2 tables; it needs 3");
    let four = format!("{}\n[[hysteresis]]\nwidth = 0.1\nhalf_gap_v = []\n", home());
    let words =
        complaint(CellParameters::from_toml(&four, "a.toml"), "a.toml", line_of(&four, "width = 0.1\n"));
    assert_eq!(words, "hysteresis: there are 4 tables; it needs 3");
    let none = home().split("\n# Half gaps").next().expect("a text").to_owned();
    let none = format!("hysteresis = []\n{none}");
    let words = complaint(CellParameters::from_toml(&none, "a.toml"), "a.toml", 1);
    assert_eq!(words, "hysteresis: there are 0 tables; it needs 3");
}

/// Replaced piece, replacement, and the words after file and line.
const WRONG_VALUES: [(&str, &str, &str); 16] = [
    (
        "capacity_ah = 100.0",
        "capacity_ah = -100.0",
        "capacity_ah: -100 is out of range; it must lie between 0.001 and",
    ),
    ("capacity_ah = 100.0", "capacity_ah = nan", "capacity_ah: NaN is out of range"),
    ("voltage_v = [2.5, 3.65]", "voltage_v = [3.65, 2.5]", "voltage_v: [3.65, 2.5] must rise"),
    (
        "voltage_v = [2.5, 3.65]",
        "voltage_v = [2500, 3650]",
        "voltage_v: [2500, 3650] must rise and lie between 0.5 and",
    ),
    (
        "coulombic_efficiency = 0.9995",
        "coulombic_efficiency = 1.01",
        "coulombic_efficiency: 1.01 is out of range",
    ),
    ("self_discharge = 0.15", "self_discharge = 2", "spread.self_discharge: 2 is out of range"),
    ("temperature_c = 25.0", "temperature_c = 298.15", "open_circuit.temperature_c: 298.15 is out of range"),
    (
        "volts = [2.29, 3.065, 3.197,",
        "volts = [2.29, 3.197, 3.065,",
        "open_circuit.volts: must rise, but 3.197 is follow",
    ),
    (
        "volts = [2.29, 3.065,",
        "volts = [2.29,",
        "open_circuit.volts: has 19 values; soc of the same table has 20",
    ),
    ("volts = [2.29, 3.065,", "volts = [2.29, nan,", "open_circuit.volts: NaN is out of range"),
    (
        "soc = [0, 0.05, 0.10, 0.15,",
        "soc = [0.01, 0.05, 0.10, 0.15,",
        "open_circuit.soc: must begin with 0 (empty)",
    ),
    (
        "volts_per_kelvin = [-0.49e-3,",
        "volts_per_kelvin = [-0.49,",
        "entropy.volts_per_kelvin: -0.49 V/K is out of range",
    ),
    (
        "temperature_c = [-25, -15,",
        "temperature_c = [-15, -25,",
        "map.temperature_c: must rise, but -15 is followed by -25",
    ),
    (
        "soc = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5",
        "soc = [0, 0.05, 5, 0.2, 0.3, 0.4, 0.5",
        "map.soc: 5 is out of range",
    ),
    (
        "time_constants_s = [20.0, 900.0]",
        "time_constants_s = [900.0, 20.0]",
        "map.time_constants_s: [900, 20] must rise",
    ),
    ("width = 0.04", "width = -1", "hysteresis.width: -1 is out of range"),
];

#[test]
fn toml_values_that_no_cell_has_are_located() {
    for (from, to, words) in WRONG_VALUES {
        let found = toml_complaint(from, to, to);
        assert!(found.starts_with(words), "{found}\n{words}");
    }
}

#[test]
fn a_wrong_map_is_located() {
    let row = "  [0.004859, 0.003003, 0.001188,";
    let found = |to: &str| toml_complaint(row, to, "r0_ohm = [");
    assert!(found("  [0.004859, 0.001188,").starts_with("map.r0_ohm: row 1 has 11 values; map.soc has 12"));
    assert!(found("  [0.004859, -0.003003, 0.001188,").starts_with("map.r0_ohm: -0.003003 is out of range"));
    assert!(found("  [0.004859, inf, 0.001188,").starts_with("map.r0_ohm: inf is out of range"));
    let more = "  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n  [0.004859, 0.003003, 0.001188,";
    assert!(found(more).starts_with("map.r0_ohm: has 10 rows; map.temperature_c has 9 temperatures"));
}

/// From the Python package bpx 1.1.1 (`get_electrode_stoichiometries`, `Function.to_python_function`); PyBaMM 26.10
/// gives the same to 1e-15 V.
const REFERENCE_OCV: [(f64, f64); 12] = [
    (0.0, 2.000003665),
    (0.005, 2.143034905),
    (0.05, 2.785302402),
    (0.1, 2.978078874),
    (0.2, 3.168484650),
    (0.35, 3.232354994),
    (0.5, 3.266029890),
    (0.65, 3.269956292),
    (0.8, 3.309684658),
    (0.9, 3.314166553),
    (0.97, 3.327380885),
    (1.0, 3.599999663),
];

#[test]
fn bpx_gives_the_open_circuit_voltage_that_its_own_package_gives() {
    let cell = CellParameters::load(&cells().join("lfp-2ah3-bpx.json")).expect("a valid file");
    assert_eq!(cell.ocv.len(), 201);
    for (soc, volts) in REFERENCE_OCV {
        let (at, found) = cell.ocv[(soc * 200.0_f64).round() as usize];
        assert!((at - soc).abs() < 1e-12 && (found - volts).abs() < 1e-8, "{soc}: {found} {volts}");
    }
}

#[test]
fn bpx_gives_what_it_covers_and_the_home_cell_the_rest() {
    let (cell, home) = (read_bpx(&bpx()), CellParameters::default());
    assert_eq!(cell.name, "2.3 Ah LFP and graphite, from published functions");
    assert_eq!((cell.capacity, cell.voltage_limits, cell.reference_temperature), (2.3, [2.0, 3.6], 25.0));
    // 2200 kg/m3, 3.45e-5 m3, 1050 J/kg/K.
    assert!((cell.heat_capacity - 79.695).abs() < 1e-9, "{}", cell.heat_capacity);
    // 0.53 mohm of 100 Ah at 25 degC and half full are 23.04 mohm of 2.3 Ah.
    let [r0, r1, r2] = Chemistry::new(&cell).resistances(0.5, 25.0);
    assert!((r0 - 0.023_043).abs() < 1e-6 && (r1 - 0.008_261).abs() < 1e-6 && (r2 - 0.029_348).abs() < 1e-6);
    assert_eq!(
        (&cell.map.half_gaps, cell.spread, &cell.entropy),
        (&home.map.half_gaps, home.spread, &home.entropy)
    );
    for words in
        ["BPX 1.1.0 file a.json", "100 Ah prismatic LFP", "resistances", "hysteresis", "dU/dT", "Prada"]
    {
        assert!(cell.source.contains(words), "{}", cell.source);
    }
    assert!(!cell.source.contains("heat capacity (times"));
}

#[test]
fn bpx_may_leave_out_what_is_optional() {
    let text = changed(&bpx(), "\"Density [kg.m-3]\": 2200,", "");
    let cell = read_bpx(&changed(&text, "\"Title\"", "\"Titel\""));
    assert!((cell.heat_capacity - 2_100.0 * 0.023).abs() < 1e-9, "{}", cell.heat_capacity);
    assert!(cell.source.contains("heat capacity (times"), "{}", cell.source);
    assert_eq!(cell.name, "a");
}

#[test]
fn bpx_of_both_generations_is_read() {
    let new = read_bpx(&bpx());
    for version in ["\"0.1.0\"", "0.4", "\"1.0\"", "1.0"] {
        let old = read_bpx(&changed(&bpx(), "\"1.1.0\"", version));
        assert_eq!((new.capacity, &new.ocv), (old.capacity, &old.ocv), "{version}");
    }
    let state =
        "\"State\": {\"Initial conditions\": {\"Initial state-of-charge\": 1}},\n  \"Parameterisation\": {";
    assert_eq!(read_bpx(&changed(&bpx(), "\"Parameterisation\": {", state)), new);
}

#[test]
fn bpx_entropy_is_positive_minus_negative_electrode() {
    let negative = "\"Negative electrode\": {";
    let with = |value: &str| format!("{negative}\"Entropic change coefficient [V.K-1]\": {value},");
    let constant = read_bpx(&changed(&bpx(), negative, &with("1e-4")));
    assert!(constant.entropy.iter().all(|&(_, slope)| slope == -1e-4));
    // At half full, x is the middle of 0.017618 and 0.81.
    let function = read_bpx(&changed(&bpx(), negative, &with("\"x * 1e-3\"")));
    assert!((function.entropy[100].1 + 0.413_809e-3).abs() < 1e-9, "{:?}", function.entropy[100]);
    let table = with("{\"x\": [0, 0.413809, 1], \"y\": [0, 2e-4, 3e-4]}");
    let both = changed(&bpx(), negative, &table);
    let positive = "\"Positive electrode\": {";
    let both =
        changed(&both, positive, &format!("{positive}\"Entropic change coefficient [V.K-1]\": -1e-4,"));
    assert!((read_bpx(&both).entropy[100].1 + 3e-4).abs() < 1e-9);
}

/// Text in x, x, and what Python 3.11 makes of it.
const PYTHON: [(&str, f64, f64); 13] = [
    ("-x**2", 3.0, -9.0),
    ("2**3**2 * x", 1.0, 512.0),
    ("2**-x", 1.0, 0.5),
    ("2**-x**2", 2.0, 0.0625),
    ("1e-3 * x", 2.0, 0.002),
    ("exp(-70*x)", 0.01, 0.49658530379140947),
    ("2/-x", 2.0, -1.0),
    ("8 / 4 / x", 2.0, 1.0),
    ("-3.5E+01*x", 1.0, -35.0),
    ("1 - x - 2", 0.5, -1.5),
    ("(1+x)*-(2 - x)", 0.5, -2.25),
    (".5 + 2. * tanh ( x ) + cosh(x)", 0.25, 2.0212504246869916),
    ("--x * + 3", 0.5, 1.5),
];

#[test]
fn functions_have_the_order_of_operations_of_python() {
    for (text, x, value) in PYTHON {
        // The function takes the place of a constant term of the potential, so that a wrong value moves the curve.
        let inner = text.replace('x', "(X)").replace("e(X)p", "exp").replace("(X)", &format!("({x})"));
        let bpx = changed(&bpx(), "\"3.4077 -", &format!("\"3.4077 + 1e-3 * (({inner}) - ({value:?})) -"));
        let found = CellParameters::from_bpx(&bpx, "a.json")
            .unwrap_or_else(|error| panic!("{text}: {error}"))
            .ocv[100]
            .1;
        assert!((found - REFERENCE_OCV[6].1).abs() < 1e-8, "{text}: {found}");
    }
}

#[test]
fn bpx_of_the_wrong_shape_is_located() {
    let found =
        bpx_complaint("\"Volume [m3]\": 3.45e-5,", "\"Volume [m3]\": 3.45e-5", "\"Number of electrode pairs");
    assert!(found.starts_with("expected `,` or `}`"), "{found}");
    let found = complaint(CellParameters::from_bpx("[]", "a.json"), "a.json", 1);
    assert!(found.contains("a BPX file is a JSON object"), "{found}");
    assert!(CellParameters::from_bpx("", "a.json").is_err());
    let text = bpx().replace("\"Positive electrode\"", "\"Positive elektrode\"");
    let found =
        complaint(CellParameters::from_bpx(&text, "a.json"), "a.json", line_of(&text, "{\n    \"Cell\""));
    assert_eq!(found, "Parameterisation / Positive electrode: is missing");
}

const VERSION: &str = "\"BPX\": \"1.1.0\"";
const X_HIGH: &str = "\"Maximum stoichiometry\": 0.81";
const GRAPHITE: &str = "\"1.9793 * exp(-39.3631 * x)";
const LFP: &str = "\"3.4077 - 0.020269 * x";
const LOWER: &str = "\"Lower voltage cut-off [V]\": 2.0";

/// Replaced piece, replacement, and the words after file and line.
const WRONG_BPX: [(&str, &str, &str); 20] = [
    (VERSION, "\"BPX\": \"2.0\"", "Header / BPX: version 2.0 is unknown; 0.x and 1.x can be read"),
    (VERSION, "\"BPX\": null", "Header / BPX: `null` is not a version such as"),
    (
        LOWER,
        "\"Lower voltage cut-off [V]\": 3.7",
        "Parameterisation / Cell / Upper voltage cut-off [V]: 3.6 must be hig",
    ),
    (
        LOWER,
        "\"Lower voltage cut-off [V]\": \"2\"",
        "Parameterisation / Cell / Lower voltage cut-off [V]: `\"2\"` is not a n",
    ),
    (LOWER, "\"Lower voltage\": 2", "Parameterisation / Cell / Lower voltage cut-off [V]: is missing"),
    (
        "298.15",
        "25",
        "Parameterisation / Cell / Reference temperature [K]: 25 is out of range; it must lie between 233.15",
    ),
    (
        "[A.h]\": 2.3",
        "[A.h]\": 1e999",
        "Parameterisation / Cell / Nominal cell capacity [A.h]: `1e999` is not a number",
    ),
    (
        X_HIGH,
        "\"Maximum stoichiometry\": 0.01",
        "Parameterisation / Negative electrode / Maximum stoichiometry: 0.01 mus",
    ),
    (
        X_HIGH,
        "\"Maximum stoichiometry\": 81",
        "Parameterisation / Negative electrode / Maximum stoichiometry: 81 is out",
    ),
    (
        X_HIGH,
        "\"Maximum\": 0.81",
        "Parameterisation / Negative electrode / Maximum stoichiometry: is missing",
    ),
    (
        X_HIGH,
        "\"Particle\": {}",
        "Parameterisation / Negative electrode / Particle: a blend of active materials cannot",
    ),
    (
        GRAPHITE,
        "\"1.9793 * sin(x)",
        "Parameterisation / Negative electrode / OCP [V]: cannot be read from `sin(x) +",
    ),
    (
        GRAPHITE,
        "\"1.9793 ^ x",
        "Parameterisation / Negative electrode / OCP [V]: cannot be read from `^ x + 0.2482",
    ),
    (
        GRAPHITE,
        "\"0.1 * log(x - 0.5)",
        "Parameterisation / Negative electrode / OCP [V]: is NaN at x = 0.017618; it must be",
    ),
    (
        GRAPHITE,
        "\"2 * x",
        "Parameterisation / Negative electrode / OCP [V]: must fall over the stoichiometry so that",
    ),
    (
        LFP,
        "\"3.4077 + 0.2 * x",
        "Parameterisation / Positive electrode / OCP [V]: must fall over the stoichiometry",
    ),
    (
        LFP,
        "\"34.077",
        "Parameterisation / Positive electrode / OCP [V]: the open-circuit voltage, this minus the Negative",
    ),
    (
        LFP,
        "\"(3.4077",
        "Parameterisation / Positive electrode / OCP [V]: ends too early; it may have numbers",
    ),
    (LFP, "\"y", "Parameterisation / Positive electrode / OCP [V]: cannot be read from `y + 0.5"),
    (
        "\"Header\": {",
        "\"State\": {\n\"Degradation\": {}}, \"Header\": {",
        "State / Degradation: an aged cell cannot be read",
    ),
];

/// The line of a field that is there is its own, of one that is missing its section's.
fn place_of(text: &str, words: &str) -> usize {
    let path = words.split(": ").next().expect("a path");
    let (section, field) = path.rsplit_once(" / ").expect("a section");
    let section = format!("\"{}\": {{", section.rsplit(" / ").next().expect("a name"));
    let start = text.find(&section).expect("the section");
    match text[start..].find(&format!("\"{field}\"")) {
        Some(offset) if !words.contains("is missing") => text[..start + offset].matches('\n').count() + 1,
        _ => line_of(text, &section),
    }
}

#[test]
fn bpx_values_that_cannot_be_used_are_located() {
    for (from, to, words) in WRONG_BPX {
        let text = changed(&bpx(), from, to);
        let found = complaint(CellParameters::from_bpx(&text, "a.json"), "a.json", place_of(&text, words));
        assert!(found.starts_with(words), "{found}\n{words}");
    }
}

#[test]
fn bpx_tables_are_checked() {
    let text = bpx();
    let start = text.find("\"3.4077").expect("the potential");
    let potential = text[start..].lines().next().expect("a line").trim_end_matches(',');
    let found = |table: &str| bpx_complaint(potential, table, table);
    let ocp = "Parameterisation / Positive electrode / OCP [V]: ";
    let short = found("{\"x\": [0, 0.5, 1], \"y\": [3.5, 3.4]}");
    assert!(short.starts_with(&format!("{ocp}x has 3 values and y 2; they need equally many")), "{short}");
    let falling = found("{\"x\": [0, 1, 0.5], \"y\": [3.5, 3.4, 3.3]}");
    assert!(falling.starts_with(&format!("{ocp}x must rise, but 1 is followed by 0.5")), "{falling}");
    let narrow = found("{\"x\": [0.1, 1], \"y\": [3.5, 3.4]}");
    assert!(
        narrow.starts_with(&format!("{ocp}the table reaches from 0.1 to 1, the stoichiometry to 0.0")),
        "{narrow}"
    );
    let neither = found("{\"z\": 3}");
    assert!(
        neither.starts_with(&format!("{ocp}`{{\"z\": 3}}` is not a number, a function of x")),
        "{neither}"
    );
    // At half full y is 0.3536108, 0.3536108 of the way from 3.5 to 3.4.
    let cell = read_bpx(&changed(&text, potential, "{\"x\": [0, 1], \"y\": [3.5, 3.4]}"));
    let difference = cell.ocv[100].1 - REFERENCE_OCV[6].1;
    let by_function = 3.4077 - 0.020_269 * 0.353_610_8;
    assert!((difference - (3.5 - 0.035_361_08 - by_function)).abs() < 1e-6, "{difference}");
}

#[test]
fn no_text_exhausts_the_stack() {
    let deep = [
        format!("{}x{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("{}x", "exp(".repeat(100_000)),
        format!("x{}", "**x".repeat(100_000)),
    ];
    for text in deep {
        let text = format!("\"{text}");
        let found = bpx_complaint(LFP, &text, &text);
        assert!(found.contains("cannot be read from") && found.contains("64 deep"), "{found:.300}");
    }
    let signs = format!("\"0 * {}x + 3.4077 - 0.020269 * x", "-".repeat(100_000));
    assert!((read_bpx(&changed(&bpx(), LFP, &signs)).ocv[100].1 - REFERENCE_OCV[6].1).abs() < 1e-8);
}
