//! `voltower link read --all`: records that show one of several things at a time, such as freeze-frames: each in turn.

use std::io::{self, Write};

use serde_json::Value as Json;
use voltower_gateway::can::{Access as BusAccess, Connection};
use voltower_gateway::link::{Known, node_name};
use voltower_protocols::canopen::Meaning;

use super::object::{Row, as_json, ask, entry, failure};
use super::{ReadArgs, open, sdo};
use crate::error::{Failure, Usage};

/// How often one of them is read before it is believed.
const TRIES: usize = 3;

/// One of several.
struct Shown {
    which: i64,
    rows: Vec<Row>,
}

/// Reads `entries` of each of the several that `which` chooses from.
pub(super) fn read(args: &ReadArgs, which: &Known, entries: &[Known]) -> Result<(), Failure> {
    let entries: Vec<&Known> = entries.iter().filter(|entry| entry.meaning != Meaning::Which).collect();
    let mut connection = open(&args.url, BusAccess::Send)?;
    let before = ask(&mut connection, args.node, which.index, which.sub)?;
    let several = in_turn(&mut connection, args.node, which, &entries);
    // Whoever looks next finds what was shown before.
    let restored = choose(&mut connection, args.node, which, &before);
    let several = several?;
    restored?;
    print(args, which, &several)
}

/// What `--all` is for, if not for this.
pub(super) fn not_one_of_several(name: &str, records: &[String]) -> Failure {
    let message = format!("{name:?} shows all that it has");
    let help = (!records.is_empty()).then(|| format!("--all is for {}", records.join(" and ")));
    Failure::usage(Usage { message, help })
}

/// All of them that are there, newest first.
fn in_turn(
    connection: &mut Connection,
    node: u8,
    which: &Known,
    entries: &[&Known],
) -> Result<Vec<Shown>, Failure> {
    let (first, last) = which.range.unwrap_or_default();
    let mut several = Vec::new();
    for place in first..=last {
        let Some(chosen) = which.fit(place) else { break };
        let rows = settled(connection, node, which, chosen.bytes().as_bytes(), entries)?;
        if is_empty(entries, &rows) {
            break;
        }
        several.push(Shown { which: place, rows });
    }
    Ok(several)
}

/// One of them. A new one moves all others on: what was read meanwhile may be of two, which its first entry tells.
fn settled(
    connection: &mut Connection,
    node: u8,
    which: &Known,
    place: &[u8],
    entries: &[&Known],
) -> Result<Vec<Row>, Failure> {
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..TRIES {
        choose(connection, node, which, place)?;
        rows = entries
            .iter()
            .map(|known| entry(connection, node, known, entries.len() > 1))
            .collect::<Result<_, _>>()?;
        let [first, _, ..] = entries else { break };
        if entry(connection, node, first, true)?.shown == rows[0].shown {
            break;
        }
    }
    Ok(rows)
}

fn choose(connection: &mut Connection, node: u8, which: &Known, place: &[u8]) -> Result<(), Failure> {
    sdo::write(connection, node, (which.index, which.sub), place)
        .map_err(|trouble| failure(node, trouble, None))
}

/// Nothing was measured there.
fn is_empty(entries: &[&Known], rows: &[Row]) -> bool {
    let mut readings = entries
        .iter()
        .zip(rows)
        .filter(|(known, _)| matches!(known.meaning, Meaning::Reading { .. }))
        .map(|(_, row)| row.json.is_null())
        .peekable();
    readings.peek().is_some() && readings.all(|is_missing| is_missing)
}

fn print(args: &ReadArgs, which: &Known, several: &[Shown]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let record = which.name.split('/').next().unwrap_or_default();
    if args.json {
        let rows = several.iter().flat_map(|one| json(args, one)).collect();
        return Ok(writeln!(out, "{:#}", Json::Array(rows))?);
    }
    match several {
        [] => writeln!(out, "{}: nothing in {record}", node_name(args.node))?,
        [first, ..] if several.len() > first.rows.len() => table(&mut out, several, first)?,
        _ => blocks(&mut out, record, several)?,
    }
    Ok(())
}

fn json<'a>(args: &'a ReadArgs, one: &'a Shown) -> impl Iterator<Item = Json> + 'a {
    one.rows.iter().map(|row| {
        let mut row = as_json(args.node, row);
        row["which"] = one.which.into();
        row
    })
}

/// A line for each entry, under the number of the one that it is of.
fn blocks(out: &mut impl Write, record: &str, several: &[Shown]) -> io::Result<()> {
    for (place, one) in several.iter().enumerate() {
        writeln!(out, "{}{record} {}", if place == 0 { "" } else { "\n" }, one.which)?;
        let width = one.rows.iter().map(|row| row.short().chars().count()).max().unwrap_or(0);
        for row in &one.rows {
            writeln!(out, "  {:<width$}  {}", row.short(), row.shown)?;
        }
    }
    Ok(())
}

/// What one entry is in each of them.
struct Column<'a> {
    title: &'a str,
    words: Vec<&'a str>,
    has_unit: bool,
}

impl<'a> Column<'a> {
    fn of(several: &'a [Shown], place: usize, first: &'a Row) -> Self {
        let words = several.iter().filter_map(|one| one.rows.get(place)).map(|row| &*row.shown).collect();
        Self { title: first.short(), words, has_unit: first.unit.is_some() }
    }

    fn never_changes(&self) -> bool {
        self.words.windows(2).all(|pair| pair[0] == pair[1])
    }

    /// Numbers stand under each other.
    fn cell(&self, words: &str) -> String {
        let width =
            self.words.iter().chain([&self.title]).map(|words| words.chars().count()).max().unwrap_or(0);
        if self.has_unit { format!("  {words:>width$}") } else { format!("  {words:<width$}") }
    }
}

/// A line for each one; of several entries, those that are the same in all of them stand above.
fn table(out: &mut impl Write, several: &[Shown], first: &Shown) -> io::Result<()> {
    let columns = first.rows.iter().enumerate().map(|(place, row)| Column::of(several, place, row));
    let (same, differing): (Vec<_>, Vec<_>) =
        columns.partition(|column| first.rows.len() > 1 && column.never_changes());
    let width = same.iter().map(|column| column.title.chars().count()).max().unwrap_or(0);
    for column in &same {
        writeln!(out, "{:<width$}  {}", column.title, column.words.first().unwrap_or(&""))?;
    }
    let titles: String = differing.iter().map(|column| column.cell(column.title)).collect();
    writeln!(out, "which{}", titles.trim_end())?;
    for (place, one) in several.iter().enumerate() {
        let cells = differing.iter().filter_map(|column| Some(column.cell(column.words.get(place)?)));
        writeln!(out, "{:>5}{}", one.which, cells.collect::<String>().trim_end())?;
    }
    Ok(())
}
