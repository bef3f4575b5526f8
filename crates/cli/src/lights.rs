//! `voltower lights`: the tables of the panel, and what lights mean.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use clap::{Args, Subcommand};
use serde::Serialize;
use voltower_core::panel::tables::{SECTION, SocCells, StateRow, state_row};
use voltower_core::panel::{
    Colour, Light, Meaning, Observed, Row, Seen, Subject, advice, decode, rows, text,
};
use voltower_core::{Condition, Fault, Level, PerMille, TowerState};

use crate::error::{Failure, Usage};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const WHITE: Style = AnsiColor::BrightWhite.on_default();
const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const BLUE: Style = AnsiColor::BrightBlue.on_default();

/// Arguments of `voltower lights`.
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  voltower lights                                             all tables
  voltower lights --json                                      the same as data
  voltower lights decode \"status off, alarm on, L1 L3\"        what does this mean?
  voltower lights decode -A1-3                                the same, in short"
)]
pub struct LightsArgs {
    /// What to do with lights; without it the tables are printed.
    #[command(subcommand)]
    pub command: Option<LightsCommand>,
    /// Print the rows as a JSON array
    #[arg(long)]
    pub json: bool,
}

/// Subcommands of `voltower lights`.
#[derive(Debug, Clone, Subcommand)]
pub enum LightsCommand {
    /// Says what lights mean
    Decode(DecodeArgs),
}

/// Arguments of `voltower lights decode`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
In words, light by light:
  status off | green on | green flashing | blue on | blue flashing
  alarm off | on | flashing
  L1 to L5: those named are on (or say `L3 flashing`), the others are off
  What you do not mention was not looked at.

In short, one character a light, in the order status, alarm, L1 to L5:
  status  - off, G green on, g green flashing, B blue on, b blue flashing
  alarm   - off, A on, a flashing
  L1..L5  - off, its number on, f flashing
  x for a light that was not looked at; `.` may stand for `-`; the end may be left out.

Examples:
  voltower lights decode \"status off, alarm on, L1 L3\"
  voltower lights decode \"status blue on, L1 L2, L3 flashing\"
  voltower lights decode -A1-3
  voltower lights decode --snapshot \"status off, alarm on, L1\"   from one photograph
  voltower lights decode \"alarm flashing\" --json")]
pub struct DecodeArgs {
    /// What the lights do, in words or in short
    #[arg(value_name = "LIGHTS", allow_hyphen_values = true)]
    pub lights: String,
    /// Seen once only, as on a photograph: a lit or a dark light may be flashing
    #[arg(long)]
    pub snapshot: bool,
    /// Print the meanings as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the tables, or what lights mean.
///
/// # Errors
/// A text that describes no lights; an output that cannot be written.
pub fn run(args: &LightsArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        Some(LightsCommand::Decode(decode)) => run_decode(decode, out),
        None if args.json => print_json(&rows().map(|row| RowJson::of(&row)).collect::<Vec<_>>(), out),
        None => print_tables(out).map_err(Failure::from),
    }
}

fn print_json(value: &impl Serialize, out: &mut dyn Write) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    writeln!(out, "{text}").map_err(Failure::from)
}

#[derive(Serialize)]
struct RowJson {
    kind: &'static str,
    name: String,
    status: String,
    alarm: &'static str,
    l1: &'static str,
    l2: &'static str,
    l3: &'static str,
    l4: &'static str,
    l5: &'static str,
}

impl RowJson {
    fn of(row: &Row) -> Self {
        let [l1, l2, l3, l4, l5] = match row.soc {
            SocCells::Lights(lights) => lights.map(Light::word),
            SocCells::BySoc => ["soc"; 5],
        };
        let status = match row.status {
            None => String::new(),
            Some((Light::Off, _)) => Light::Off.word().to_owned(),
            Some((light, colour)) => format!("{colour} {light}"),
        };
        let alarm = row.alarm.map_or("", Light::word);
        Self { kind: row.subject.kind(), name: row.subject.to_string(), status, alarm, l1, l2, l3, l4, l5 }
    }
}

/// Width of the column of names: the longest has 48 letters.
const NAME_WIDTH: usize = 50;
/// Titles of the columns before those of L1 to L5.
const COLUMNS: &str = "status   alarm";

fn print_tables(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}Lights of the panel{BOLD:#} (manual, section {SECTION})")?;
    writeln!(
        out,
        "{} on   {} flashing   {} off",
        dot(Light::On, WHITE),
        dot(Light::Flashing, WHITE),
        dot(Light::Off, WHITE)
    )?;
    let mut table = "";
    for row in rows() {
        if row.subject.kind() != table {
            table = row.subject.kind();
            print_heading(title(row.subject), if row.status.is_some() { COLUMNS } else { "" }, out)?;
        }
        print_row(&row, out)?;
    }
    print_heading("Not in the manual (ours)", COLUMNS, out)?;
    for state in TowerState::ALL {
        if let Some((row, reason)) = state_row(*state).and_then(|row| Some((row, row.ours?))) {
            print_our_row(&row, reason, out)?;
        }
    }
    print_notes(out)
}

const fn title(subject: Subject) -> &'static str {
    match subject {
        Subject::Normal(_) => "State (table 2-1)",
        Subject::SocCharge(_) => "State of charge while charging (table 2-2)",
        Subject::SocDischarge(_) => "State of charge while discharging (table 2-3)",
        Subject::Condition(Condition::Alarm(_)) => "Alarm",
        Subject::Condition(Condition::Fault(_)) => "Fault",
    }
}

fn print_heading(title: &str, columns: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{BOLD}{title:<NAME_WIDTH$} {columns:<15} L1 L2 L3 L4 L5{BOLD:#}")
}

fn print_row(row: &Row, out: &mut dyn Write) -> io::Result<()> {
    let status = match row.status {
        None => " ".repeat(7),
        Some((Light::Off, _)) => format!("{}      ", dot(Light::Off, WHITE)),
        Some((light, colour)) => format!("{} {:<5}", dot(light, paint(colour)), colour.word()),
    };
    let alarm = row.alarm.map_or(" ".to_owned(), |light| dot(light, RED));
    let soc = match row.soc {
        SocCells::Lights(lights) => soc_dots(lights),
        SocCells::BySoc => "by state of charge".to_owned(),
    };
    writeln!(out, "{:<NAME_WIDTH$} {status}  {alarm}      {soc}", row.subject.to_string())
}

fn print_our_row(row: &StateRow, reason: &str, out: &mut dyn Write) -> io::Result<()> {
    let soc = match row.pattern(PerMille::FULL).soc {
        [Light::Off, ..] => SocCells::Lights([Light::Off; 5]),
        [Light::On | Light::Flashing, ..] => SocCells::BySoc,
    };
    let subject = Subject::Normal(row.name);
    print_row(&Row { subject, status: Some((row.status, row.colour)), alarm: Some(Light::Off), soc }, out)?;
    writeln!(out, "  {DIM}{reason}{DIM:#}")
}

fn print_notes(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{BOLD}Notes{BOLD:#}")?;
    writeln!(
        out,
        "- 51 % is in no row of the manual; we show it as 52 %. A fraction of a percent is cut off (ours)."
    )?;
    writeln!(
        out,
        "- \"{}\" is printed with the lights of \"{}\"; L2 and L4 were probably meant.",
        Fault::Cell.names().manual,
        Fault::LowTemperature.names().manual
    )?;
    writeln!(
        out,
        "- A fault goes before an alarm, an alarm before updating, updating before the rest (ours)."
    )?;
    writeln!(
        out,
        "- The manual does not say the colours of the alarm light and of L1 to L5 (here: red, white)."
    )
}

const fn paint(colour: Colour) -> Style {
    match colour {
        Colour::Green => GREEN,
        Colour::Blue => BLUE,
    }
}

fn dot(light: Light, style: Style) -> String {
    match light {
        Light::Off => format!("{DIM}·{DIM:#}"),
        Light::On => format!("{style}●{style:#}"),
        Light::Flashing => format!("{style}◐{style:#}"),
    }
}

fn soc_dots(lights: [Light; 5]) -> String {
    lights.map(|light| dot(light, WHITE)).join("  ")
}

fn run_decode(args: &DecodeArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let observed = text::parse(&args.lights).map_err(|error| {
        let help = Some("see `voltower lights decode --help`".to_owned());
        Failure::usage(Usage { message: error.to_string(), help })
    })?;
    let observed = if args.snapshot { observed.as_snapshot() } else { observed };
    let meanings: Vec<Meaning> = decode(&observed).collect();
    if args.json {
        return print_json(&DecodeJson::of(&observed, &meanings), out);
    }
    print_meanings(&observed, &meanings, out).map_err(Failure::from)
}

fn print_meanings(observed: &Observed, meanings: &[Meaning], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}   {DIM}{observed}{DIM:#}\n", observed_dots(observed))?;
    match meanings {
        [] => return print_not_in_the_manual(observed, out),
        [_] => {}
        [..] => writeln!(out, "This can mean {} things:\n", meanings.len())?,
    }
    for meaning in meanings {
        match *meaning {
            Meaning::State { state, soc } => print_state(state, soc.map(|range| range.to_string()), out)?,
            Meaning::Condition(condition) => print_condition(condition, out)?,
        }
    }
    if meanings.iter().any(|meaning| matches!(meaning, Meaning::Condition(_))) {
        writeln!(
            out,
            "{DIM}The advice is ours: the chapter of the manual that gives it is not in our copy.{DIM:#}"
        )?;
    }
    Ok(())
}

fn print_state(state: TowerState, soc: Option<String>, out: &mut dyn Write) -> io::Result<()> {
    let source = section(Meaning::State { state, soc: None });
    let soc = soc.map_or(String::new(), |range| format!(", state of charge {range}"));
    writeln!(out, "{BOLD}{state}{BOLD:#}{soc} {DIM}({source}){DIM:#}\n  {}\n", advice::explain(state))
}

fn print_condition(condition: Condition, out: &mut dyn Write) -> io::Result<()> {
    let (kind, style) = match condition.level() {
        Level::Alarm => ("Alarm", AnsiColor::Yellow.on_default().bold()),
        Level::Fault => ("Fault", AnsiColor::Red.on_default().bold()),
    };
    let advice = advice::advice(condition);
    let source = section(Meaning::Condition(condition));
    writeln!(
        out,
        "{style}{kind}: {condition}{style:#} {DIM}({source}){DIM:#}, that is: {}",
        condition.names().term
    )?;
    if condition == Condition::Fault(Fault::Cell) {
        writeln!(
            out,
            "  printed    L2, as for \"{}\"; L2 and L4 were probably meant",
            Fault::LowTemperature.names().manual
        )?;
    }
    writeln!(out, "  owner      {}\n  installer  {}\n", advice.owner, advice.installer)
}

fn section(meaning: Meaning) -> String {
    meaning.section().map_or("ours".to_owned(), |section| format!("manual {section}"))
}

fn print_not_in_the_manual(observed: &Observed, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{BOLD}Not in the manual{BOLD:#}: no state, alarm or fault of section {SECTION} has these lights."
    )?;
    let twin = Observed { alarm: other_alarm(observed.alarm), ..*observed };
    let conditions = decode(&twin).filter_map(|meaning| match meaning {
        Meaning::Condition(condition) => Some(condition),
        Meaning::State { .. } => None,
    });
    for condition in conditions {
        writeln!(out, "With the alarm light {} they would mean: {condition}.", twin.alarm.word())?;
    }
    writeln!(out, "Watch each light for some seconds: flashing is easily taken for on or off.")
}

/// On for flashing and the other way round: the commonest mistake.
const fn other_alarm(seen: Seen) -> Seen {
    match seen {
        Seen::Steady(Light::On) => Seen::Steady(Light::Flashing),
        Seen::Steady(Light::Off | Light::Flashing) => Seen::Steady(Light::On),
        Seen::Unknown | Seen::Lit | Seen::Dark => seen,
    }
}

fn observed_dots(observed: &Observed) -> String {
    let status = seen_dot(observed.status, observed.colour.map_or(WHITE, paint));
    let alarm = seen_dot(observed.alarm, RED);
    let soc = observed.soc.map(|seen| seen_dot(seen, WHITE)).join(" ");
    format!("{status} {alarm}  {soc}")
}

fn seen_dot(seen: Seen, style: Style) -> String {
    match seen {
        Seen::Unknown => format!("{DIM}?{DIM:#}"),
        Seen::Steady(light) => dot(light, style),
        Seen::Lit => dot(Light::On, style),
        Seen::Dark => dot(Light::Off, style),
    }
}

#[derive(Serialize)]
struct DecodeJson {
    lights: String,
    known: bool,
    meanings: Vec<MeaningJson>,
}

#[derive(Serialize)]
struct MeaningJson {
    kind: &'static str,
    name: &'static str,
    term: &'static str,
    section: Option<&'static str>,
    soc: Option<String>,
    advice: Option<AdviceJson>,
}

#[derive(Serialize)]
struct AdviceJson {
    owner: &'static str,
    installer: &'static str,
    provenance: &'static str,
}

impl DecodeJson {
    fn of(observed: &Observed, meanings: &[Meaning]) -> Self {
        Self {
            lights: observed.to_string(),
            known: !meanings.is_empty(),
            meanings: meanings.iter().map(|meaning| MeaningJson::of(*meaning)).collect(),
        }
    }
}

impl MeaningJson {
    fn of(meaning: Meaning) -> Self {
        let section = meaning.section();
        match meaning {
            Meaning::State { state, soc } => Self {
                kind: "state",
                name: state_row(state).map_or(state.word(), |row| row.name),
                term: state.word(),
                section,
                soc: soc.map(|range| range.to_string()),
                advice: None,
            },
            Meaning::Condition(condition) => Self {
                kind: Subject::Condition(condition).kind(),
                name: condition.names().manual,
                term: condition.names().term,
                section,
                soc: None,
                advice: Some(AdviceJson::of(condition)),
            },
        }
    }
}

impl AdviceJson {
    fn of(condition: Condition) -> Self {
        let advice = advice::advice(condition);
        Self { owner: advice.owner, installer: advice.installer, provenance: "ours" }
    }
}
