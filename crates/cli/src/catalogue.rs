//! `voltower catalogue`: what is stated about the products, with who says so, and the table of our values.

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::{Value as Json, json};
use voltower_core::catalogue::names::{NAMES, NamePart, NameTable};
use voltower_core::catalogue::safety::{LABELS, Label, STATEMENTS, SignalWord, Statement};
use voltower_core::catalogue::{
    Expansion, Fact, Model, Provenance, Value, delivery, install, parts, place, ratings,
};
use voltower_core::values;

use crate::error::Failure;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Arguments of `voltower catalogue`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  voltower catalogue                all models, and all that is stated
  voltower catalogue E10            one model, with what its boxes hold together
  voltower catalogue E20 --json
  voltower catalogue --values       the numbers that the manual leaves open and that we chose

Marks: [manual 2.6] stated there; [public: ...] a public source; [ours: ...] our choice;
[not in our copy: ...] in the manual, but not in our copy of it, and so not known.")]
pub struct CatalogueArgs {
    /// E5, E10, E15 or E20, or a full name such as BTS-E10-DS5
    #[arg(value_name = "MODEL")]
    pub model: Option<Model>,
    /// Print the table of our values instead
    #[arg(long, conflicts_with = "model")]
    pub values: bool,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the catalogue, or our values.
///
/// # Errors
/// An output that cannot be written.
pub fn run(args: &CatalogueArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let models = args.model.map_or(Model::ALL.to_vec(), |model| vec![model]);
    let done = match (args.values, args.json) {
        (true, true) => print_json(&values_json(), out),
        (true, false) => print_values(out),
        (false, true) => print_json(&catalogue_json(&models), out),
        (false, false) => print_catalogue(&models, out),
    };
    done.map_err(Failure::from)
}

fn print_json(value: &Json, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{value:#}")
}

fn print_catalogue(models: &[Model], out: &mut dyn Write) -> io::Result<()> {
    for model in models {
        print_model(*model, out)?;
    }
    print_names(out)?;
    print_facts("Battery module", ratings::MODULE, out)?;
    print_facts("Tower", ratings::TOWER, out)?;
    print_facts("Place", place::PLACE, out)?;
    print_facts("Work", place::WORK, out)?;
    print_expansion(out)?;
    print_parts(out)?;
    print_delivery(models, out)?;
    print_procedures(out)?;
    print_safety(out)
}

fn print_model(model: Model, out: &mut dyn Write) -> io::Result<()> {
    heading(model, out)?;
    let energy = model.energy();
    line("energy grade", energy.value, energy.provenance, out)?;
    let nominal = ratings::MODULE_ENERGY;
    let sum = i32::from(model.modules()) * nominal.value.value;
    line("nominal energy", format_args!("{sum} {}", nominal.value.unit), nominal.provenance, out)?;
    line("battery modules", model.modules(), Provenance::Manual("2.2"), out)?;
    line("battery distribution units", 1, Provenance::Manual("2.6"), out)?;
    let power = ratings::CHARGE_POWER;
    let sum = i32::from(model.modules()) * power.value.value;
    line("power of all modules", format_args!("{sum} {}", power.value.unit), power.provenance, out)
}

fn heading(title: impl Display, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{BOLD}{title}{BOLD:#}")
}

/// A subject, its value and who says so, in columns.
fn line(subject: &str, value: impl Display, provenance: Provenance, out: &mut dyn Write) -> io::Result<()> {
    let (mark, value) = (mark(provenance), value.to_string());
    writeln!(out, "  {subject:<54} {value:<20} {mark}")
}

fn mark(provenance: Provenance) -> String {
    let style = match provenance {
        Provenance::Manual(_) => AnsiColor::Green.on_default(),
        Provenance::Public(_) => AnsiColor::Cyan.on_default(),
        Provenance::Ours(_) => AnsiColor::Yellow.on_default(),
        Provenance::NotInOurCopy(_) => DIM,
    };
    format!("{style}[{provenance}]{style:#}")
}

fn section(section: &'static str) -> String {
    mark(Provenance::Manual(section))
}

fn print_facts(title: &str, facts: &[Fact], out: &mut dyn Write) -> io::Result<()> {
    heading(title, out)?;
    facts.iter().try_for_each(|fact| line(fact.subject, fact.value, fact.provenance, out))
}

fn print_names(out: &mut dyn Write) -> io::Result<()> {
    heading(format_args!("Names {}", section("2.2")), out)?;
    for NameTable { product, name, parts } in NAMES {
        writeln!(out, "  {name}: {product}")?;
        for part in parts {
            writeln!(out, "    {} {:<5} {}: {}", part.place, part.text, part.meaning, part.specification)?;
        }
    }
    Ok(())
}

fn print_expansion(out: &mut dyn Write) -> io::Result<()> {
    heading("Extension", out)?;
    let manual = Provenance::Manual("2.6");
    line(
        "battery modules of a distribution unit",
        format_args!("1 to {}", Expansion::MAX_MODULES),
        manual,
        out,
    )?;
    line("towers in a network", format_args!("1 to {}", Expansion::MAX_TOWERS), manual, out)?;
    line("output of each tower", "independent", manual, out)?;
    line("energy of a network", network_energy(), Provenance::Manual("2.1"), out)
}

/// From the smallest network to the largest.
fn network_energy() -> String {
    let energy = |towers, modules| Expansion::check(towers, modules).map(Expansion::energy);
    match (energy(1, 1), energy(Expansion::MAX_TOWERS, Expansion::MAX_MODULES)) {
        (Ok(least), Ok(most)) => format!("{} to {most}", least.value),
        (Err(error), _) | (_, Err(error)) => error.to_string(),
    }
}

fn print_parts(out: &mut dyn Write) -> io::Result<()> {
    for figure in parts::FIGURES {
        heading(format_args!("Figure {}: {} {}", figure.figure, figure.shows, section("2.3")), out)?;
        for part in figure.parts {
            let name = part.mark.map_or(part.name.to_owned(), |mark| format!("{} ({mark})", part.name));
            writeln!(out, "  {:>2}  {name:<46} {DIM}{}{DIM:#}", part.number, part.purpose)?;
        }
    }
    Ok(())
}

fn print_delivery(models: &[Model], out: &mut dyn Write) -> io::Result<()> {
    print_box("In the box of a battery module (table 3-1)", &delivery::MODULE_BOX, out)?;
    print_box("In the box of a distribution unit (table 3-2)", &delivery::BDU_BOX, out)?;
    if let [model] = models {
        writeln!(out, "  {model}: {} boxes of modules and one of a distribution unit.", model.modules())?;
    }
    heading(format_args!("Tools (table 3-3) {}", section("3.2")), out)?;
    for tool in delivery::TOOLS {
        writeln!(out, "  {:>2}  {:<40} {DIM}{}{DIM:#}", tool.number, tool.name, tool.purpose)?;
    }
    heading(format_args!("Cables to be provided (table 4-1) {}", section("4.1")), out)?;
    for cable in delivery::CABLES {
        writeln!(out, "  {:>2}  {:<54} {}, {} AWG", cable.number, cable.name, cable.style, cable.awg)?;
    }
    Ok(())
}

fn print_box(title: &str, rows: &[delivery::Packed], out: &mut dyn Write) -> io::Result<()> {
    heading(format_args!("{title} {}", section("3.1")), out)?;
    rows.iter()
        .try_for_each(|row| writeln!(out, "  {:>2}  {:>2} x {}", row.number, row.pieces, row.description))
}

fn print_procedures(out: &mut dyn Write) -> io::Result<()> {
    for procedure in install::PROCEDURES {
        heading(format_args!("Installing: {} {}", procedure.name, section(procedure.section)), out)?;
        for (number, step) in (1..).zip(procedure.steps) {
            writeln!(out, "  {number}. {step}")?;
        }
    }
    Ok(())
}

fn print_safety(out: &mut dyn Write) -> io::Result<()> {
    heading("Signal words", out)?;
    for word in SignalWord::ALL {
        writeln!(out, "  {:<10} {}", word.word(), word.meaning())?;
    }
    heading(format_args!("Safety labels, on module and distribution unit alike {}", section("1.2")), out)?;
    for label in LABELS {
        writeln!(out, "  {:<32} {}", label.name, label.meaning)?;
    }
    heading("Safety, in our words: this does not replace the manual", out)?;
    STATEMENTS.iter().try_for_each(|statement| print_statement(statement, out))
}

fn print_statement(statement: &Statement, out: &mut dyn Write) -> io::Result<()> {
    let signal = statement.signal.map_or("", SignalWord::word);
    let to = format!("{}, {}", statement.audience.word(), statement.moment.word());
    writeln!(out, "  {signal:<10} {} {DIM}({to}){DIM:#} {}", statement.text, section(statement.section))
}

fn print_values(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{BOLD}Values of ours{BOLD:#}: numbers that the manual leaves open. None of them is the maker's.\n"
    )?;
    for value in values::ALL {
        writeln!(out, "{BOLD}{}{BOLD:#} = {}", value.name, value.value)?;
        writeln!(out, "  {} {DIM}[{}]{DIM:#}", value.reason, value.source)?;
    }
    Ok(())
}

fn values_json() -> Json {
    values::ALL.iter().map(our_value_json).collect()
}

fn our_value_json(value: &values::OurValue) -> Json {
    json!({
        "name": value.name,
        "value": value.value.to_string(),
        "reason": value.reason,
        "source": value.source,
    })
}

fn catalogue_json(models: &[Model]) -> Json {
    json!({
        "models": models.iter().map(|model| model_json(*model)).collect::<Json>(),
        "names": NAMES.iter().map(name_json).collect::<Json>(),
        "module": facts_json(ratings::MODULE),
        "tower": facts_json(ratings::TOWER),
        "place": facts_json(place::PLACE),
        "work": facts_json(place::WORK),
        "expansion": {
            "modules_per_tower": Expansion::MAX_MODULES,
            "towers": Expansion::MAX_TOWERS,
            "provenance": provenance_json(Provenance::Manual("2.6")),
        },
        "figures": parts::FIGURES.iter().map(figure_json).collect::<Json>(),
        "module_box": box_json(&delivery::MODULE_BOX),
        "bdu_box": box_json(&delivery::BDU_BOX),
        "tools": delivery::TOOLS.iter().map(tool_json).collect::<Json>(),
        "cables": delivery::CABLES.iter().map(cable_json).collect::<Json>(),
        "procedures": install::PROCEDURES.iter().map(procedure_json).collect::<Json>(),
        "signal_words": SignalWord::ALL.iter().map(|word| signal_json(*word)).collect::<Json>(),
        "labels": LABELS.iter().map(label_json).collect::<Json>(),
        "safety": STATEMENTS.iter().map(statement_json).collect::<Json>(),
    })
}

fn model_json(model: Model) -> Json {
    let energy = model.energy();
    json!({
        "name": model.name(),
        "modules": model.modules(),
        "energy": { "value": energy.value.value, "unit": energy.value.unit },
        "provenance": provenance_json(energy.provenance),
    })
}

fn provenance_json(provenance: Provenance) -> Json {
    json!({ "kind": provenance.kind(), "detail": provenance.detail() })
}

fn facts_json(facts: &[Fact]) -> Json {
    facts.iter().map(fact_json).collect()
}

fn fact_json(fact: &Fact) -> Json {
    let value = match fact.value {
        Value::Text(text) => json!(text),
        Value::Number(number) => json!({ "value": number.value, "unit": number.unit }),
        Value::Range(range) => json!({ "from": range.from, "to": range.to, "unit": range.unit }),
        Value::Missing => Json::Null,
    };
    json!({ "subject": fact.subject, "value": value, "provenance": provenance_json(fact.provenance) })
}

fn name_json(table: &NameTable) -> Json {
    let parts: Json = table.parts.iter().map(name_part_json).collect();
    json!({ "product": table.product, "name": table.name, "parts": parts })
}

fn name_part_json(part: &NamePart) -> Json {
    json!({
        "place": part.place,
        "text": part.text,
        "meaning": part.meaning,
        "specification": part.specification,
    })
}

fn figure_json(figure: &parts::Figure) -> Json {
    let parts: Json = figure.parts.iter().map(part_json).collect();
    json!({ "figure": figure.figure, "shows": figure.shows, "parts": parts })
}

fn part_json(part: &parts::Part) -> Json {
    json!({ "number": part.number, "name": part.name, "mark": part.mark, "purpose": part.purpose })
}

fn box_json(rows: &[delivery::Packed]) -> Json {
    rows.iter()
        .map(|row| json!({ "number": row.number, "description": row.description, "pieces": row.pieces }))
        .collect()
}

fn tool_json(tool: &delivery::Tool) -> Json {
    json!({ "number": tool.number, "name": tool.name, "purpose": tool.purpose })
}

fn cable_json(cable: &delivery::Cable) -> Json {
    json!({ "number": cable.number, "name": cable.name, "style": cable.style, "awg": cable.awg })
}

fn procedure_json(procedure: &install::Procedure) -> Json {
    json!({ "name": procedure.name, "section": procedure.section, "steps": procedure.steps })
}

fn signal_json(word: SignalWord) -> Json {
    json!({ "word": word.word(), "meaning": word.meaning() })
}

fn label_json(label: &Label) -> Json {
    json!({ "name": label.name, "meaning": label.meaning })
}

fn statement_json(statement: &Statement) -> Json {
    json!({
        "signal": statement.signal.map(SignalWord::word),
        "text": statement.text,
        "section": statement.section,
        "audience": statement.audience.word(),
        "moment": statement.moment.word(),
    })
}
