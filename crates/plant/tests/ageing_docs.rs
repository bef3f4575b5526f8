//! The figures of `docs/ageing.md`: printed from the models and the measurements, and held to what they say.
//!
//! `UPDATE_EXPECT=1 cargo test -p voltower-plant --test ageing_docs` writes them anew.

use std::fmt::Write as _;
use std::{env, fs};

use voltower_plant::ageing::{Ageing, AgeingModel, CellAge, Cycling, Stress};

const OBSERVATIONS: &str = include_str!("../../../data/ageing/naumann_calendar_fit.csv");
const DAY: f64 = 86_400.0;
const MODELS: [AgeingModel; 4] = [
    AgeingModel::Naumann,
    AgeingModel::NaumannRefit,
    AgeingModel::BlastPrismatic250Ah,
    AgeingModel::BlastSony3Ah,
];
const DRAWN: [(AgeingModel, &str); 3] = [
    (AgeingModel::Naumann, "#c2571a"),
    (AgeingModel::NaumannRefit, "#1f6feb"),
    (AgeingModel::BlastSony3Ah, "#2a8a4a"),
];

struct Condition {
    celsius: f64,
    soc: f64,
    /// Days, capacity in percent, growth of the resistance in percent.
    points: Vec<[f64; 3]>,
}

fn conditions() -> Vec<Condition> {
    let mut conditions: Vec<Condition> = Vec::new();
    for line in OBSERVATIONS.lines().skip(1) {
        let columns: Vec<f64> = line.split(',').skip(1).map(|text| text.parse().expect("a number")).collect();
        let (celsius, soc) = (columns[0], columns[1]);
        if conditions.last().is_none_or(|last| (last.celsius, last.soc) != (celsius, soc)) {
            conditions.push(Condition { celsius, soc, points: Vec::new() });
        }
        let last = conditions.last_mut().expect("pushed");
        last.points.push([columns[2], columns[4], columns[6]]);
    }
    conditions
}

fn stored(model: AgeingModel, days: f64, celsius: f64, soc: f64) -> CellAge {
    let mut age = CellAge::default();
    Ageing::from(model).advance(&mut age, &Stress::storage(days * DAY, celsius, soc));
    age
}

fn squares(model: AgeingModel, condition: &Condition) -> [f64; 2] {
    let mut sums = [0.0; 2];
    for [days, capacity, resistance] in &condition.points {
        let age = stored(model, *days, condition.celsius, condition.soc);
        sums[0] += (100.0 * (1.0 - age.capacity_loss()) - capacity).powi(2);
        sums[1] += (100.0 * age.resistance_growth() - resistance).powi(2);
    }
    sums
}

fn errors() -> String {
    let mut text = String::from("| storage |");
    MODELS.iter().for_each(|model| write!(text, " {model} |").expect("a string"));
    text += " resistance (all) |\n|---|---:|---:|---:|---:|---:|\n";
    let mut row = |name: &str, chosen: &[&Condition]| {
        let count: usize = chosen.iter().map(|condition| condition.points.len()).sum();
        let rms = |model, column: usize| {
            let sum: f64 = chosen.iter().map(|condition| squares(model, condition)[column]).sum();
            (sum / count as f64).sqrt()
        };
        write!(text, "| {name} |").expect("a string");
        MODELS.iter().for_each(|&model| write!(text, " {:.3} |", rms(model, 0)).expect("a string"));
        writeln!(text, " {:.3} |", rms(AgeingModel::Naumann, 1)).expect("a string");
    };
    let all = conditions();
    for one in &all {
        row(&format!("{} degC, {} %", one.celsius, 100.0 * one.soc), &[one]);
    }
    let moderate: Vec<&Condition> = all.iter().filter(|condition| condition.celsius <= 40.0).collect();
    row("**up to 40 degC**", &moderate);
    row("**all**", &all.iter().collect::<Vec<_>>());
    text
}

fn said() -> String {
    let mut text = String::from("| capacity lost, resistance grown, % |");
    MODELS.iter().for_each(|model| write!(text, " {model} |").expect("a string"));
    text += " resistance (all) |\n|---|---:|---:|---:|---:|---:|\n";
    let mut row = |name: &str, age: &dyn Fn(AgeingModel) -> CellAge| {
        write!(text, "| {name} |").expect("a string");
        let lost = |model| 100.0 * age(model).capacity_loss();
        MODELS.iter().for_each(|&model| write!(text, " {:.2} |", lost(model)).expect("a string"));
        writeln!(text, " {:.2} |", 100.0 * age(AgeingModel::Naumann).resistance_growth()).expect("a string");
    };
    for (celsius, soc) in [(25.0, 0.5), (25.0, 1.0), (35.0, 0.5), (10.0, 0.5)] {
        let name = format!("10 years of 365 days stored at {celsius} degC, {} %", 100.0 * soc);
        row(&name, &|model| stored(model, 3650.0, celsius, soc));
    }
    row("2500 full cycles of 80 % depth at 0.3C, 25 degC", &|model| {
        let mut age = CellAge::default();
        let cycling = Cycling { full_cycles: 2500.0, depth: 0.8, rate: 0.3, per_day: 0.0 };
        Ageing::from(model).advance(&mut age, &Stress { cycling, ..Stress::storage(0.0, 25.0, 0.5) });
        age
    });
    text
}

const PANEL: (f64, f64) = (190.0, 130.0);
const LOWEST: f64 = 78.0;

fn x(days: f64) -> f64 {
    days / 900.0 * PANEL.0
}

fn y(percent: f64) -> f64 {
    (101.0 - percent) / (101.0 - LOWEST) * PANEL.1
}

fn picture() -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 392\" font-family=\"sans-serif\" \
         font-size=\"11\" fill=\"#333\">\n<rect width=\"900\" height=\"392\" fill=\"#fff\"/>\n",
    );
    for (index, condition) in conditions().iter().enumerate() {
        let (column, line) = ((index % 4) as f64, (index / 4) as f64);
        let (left, top) = (46.0 + column * (PANEL.0 + 22.0), 34.0 + line * (PANEL.1 + 38.0));
        writeln!(svg, "<g transform=\"translate({left} {top})\">{}</g>", panel(condition, index % 4 == 0))
            .expect("a string");
    }
    svg += "<g transform=\"translate(46 382)\"><circle cx=\"4\" cy=\"-4\" r=\"2\" fill=\"#333\"/>\
            <text x=\"12\">measured</text>";
    for (index, (model, colour)) in DRAWN.iter().enumerate() {
        let at = 90 + 130 * index;
        write!(
            svg,
            "<path d=\"M{at} -4h22\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{}\">{model}</text>",
            at + 28
        )
        .expect("a string");
    }
    svg + "<text x=\"600\">capacity, % of the first check-up, over days</text></g>\n</svg>\n"
}

fn panel(condition: &Condition, first: bool) -> String {
    let (width, height) = PANEL;
    let mut text = format!(
        "<text x=\"0\" y=\"-8\" font-weight=\"bold\">{} degC, {} %</text>\
         <rect width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"#bbb\"/>",
        condition.celsius,
        100.0 * condition.soc
    );
    for percent in [100.0, 95.0, 90.0, 85.0, 80.0] {
        let at = y(percent);
        write!(text, "<path d=\"M0 {at:.1}h{width}\" stroke=\"#eee\"/>").expect("a string");
        if first {
            let middle = at + 4.0;
            write!(text, "<text x=\"-4\" y=\"{middle:.1}\" text-anchor=\"end\">{percent}</text>")
                .expect("a string");
        }
    }
    for days in [0.0, 300.0, 600.0] {
        let (at, below) = (x(days), height + 13.0);
        write!(text, "<text x=\"{at:.0}\" y=\"{below}\" text-anchor=\"middle\">{days}</text>")
            .expect("a string");
    }
    for [days, capacity, _] in &condition.points {
        write!(text, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"1.6\"/>", x(*days), y(*capacity))
            .expect("a string");
    }
    for (model, colour) in DRAWN {
        let mut path = String::new();
        for step in 0..=60 {
            let days = 15.0 * f64::from(step);
            let left = 100.0 * (1.0 - stored(model, days, condition.celsius, condition.soc).capacity_loss());
            let to = if step == 0 { 'M' } else { 'L' };
            write!(path, "{to}{:.1} {:.1}", x(days), y(left)).expect("a string");
        }
        write!(text, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>")
            .expect("a string");
    }
    text
}

/// The text between a mark and the end mark after it becomes `printed`.
fn insert(document: &str, mark: &str, printed: &str) -> String {
    let mark = format!("<!-- printed: {mark} -->\n");
    let (head, tail) = document.split_once(&mark).expect("the mark");
    let (_, tail) = tail.split_once("<!-- end -->").expect("the end mark");
    format!("{head}{mark}{printed}<!-- end -->{tail}")
}

#[test]
fn the_document_shows_what_the_models_say() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    let (page, drawing) = (format!("{docs}/ageing.md"), format!("{docs}/ageing.svg"));
    let found = fs::read_to_string(&page).expect("docs/ageing.md");
    let wanted = insert(&insert(&found, "said", &said()), "errors", &errors());
    let picture = picture();
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&page, &wanted).expect("docs/ageing.md");
        fs::write(&drawing, &picture).expect("docs/ageing.svg");
        return;
    }
    assert!(found == wanted, "docs/ageing.md is not what the models say: UPDATE_EXPECT=1");
    let drawn = fs::read_to_string(&drawing).unwrap_or_default();
    assert!(drawn == picture, "docs/ageing.svg is not what the models say: UPDATE_EXPECT=1");
}
