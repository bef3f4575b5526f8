//! LLVM's counts: shares of each file, and the ways through the code that no test takes.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Exception;

/// What `llvm-cov export` writes.
#[derive(Deserialize)]
struct Export {
    data: [Data; 1],
}

#[derive(Deserialize)]
struct Data {
    files: Vec<Counts>,
}

/// Counts of a file.
#[derive(Deserialize)]
struct Counts {
    filename: String,
    summary: Summary,
    segments: Vec<Segment>,
    branches: Vec<Branch>,
}

#[derive(Deserialize)]
struct Summary {
    lines: Share,
    regions: Share,
}

/// Reached and all.
#[derive(Deserialize, Clone, Copy, Default)]
pub(super) struct Share {
    #[serde(rename = "covered")]
    reached: u64,
    #[serde(rename = "count")]
    all: u64,
}

/// Line, column, runs, whether runs were counted, whether a region begins, whether it is a gap between regions.
#[derive(Deserialize)]
struct Segment(usize, usize, u64, bool, bool, bool);

/// From line and column, to line and column, times true, times false; file, file it was expanded in, kind.
type Branch = [usize; 9];

/// A way through the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Out of a condition that holds.
    True,
    /// Out of a condition that does not hold.
    False,
    /// Into a piece of code, as an arm of a `match`.
    Into,
}

impl Way {
    const fn never(self) -> &'static str {
        match self {
            Self::True => "is never true",
            Self::False => "is never false",
            Self::Into => "is never reached",
        }
    }
}

/// A way that no test takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Untaken {
    file: String,
    number: usize,
    /// The condition, or the code up to the end of the line.
    code: String,
    line: String,
    way: Way,
}

impl fmt::Display for Untaken {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{}:{}: `{}` {}", self.file, self.number, self.code, self.way.never())
    }
}

/// A file and what of it was run.
pub(super) struct Covered {
    pub(super) file: String,
    pub(super) lines: Share,
    pub(super) branches: Share,
    pub(super) regions: Share,
    pub(super) untaken: Vec<Untaken>,
}

/// Reads what LLVM has counted; `source` gives the text of a file by its name.
///
/// # Errors
/// If LLVM writes another format, or a file cannot be read.
pub(super) fn read(export: &[u8], source: impl Fn(&str) -> Result<String>) -> Result<Vec<Covered>> {
    let Export { data: [data] } = serde_json::from_slice(export).context("llvm-cov's report")?;
    let mut files: Vec<Covered> = Vec::new();
    for counts in &data.files {
        files.push(counts.judge(&source(&counts.filename)?));
    }
    files.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(files)
}

impl Counts {
    fn judge(&self, text: &str) -> Covered {
        let file = self.filename.rsplit('/').next().unwrap_or(&self.filename).to_owned();
        let untaken = |(number, column): (usize, usize), end: Option<usize>, way| {
            let line = text.lines().nth(number - 1).unwrap_or_default();
            let code = line.get(column - 1..end.unwrap_or(line.len())).unwrap_or(line);
            Untaken { file: file.clone(), number, code: code.to_owned(), line: line.to_owned(), way }
        };
        let mut all = Vec::new();
        let mut branches = Share::default();
        for ((from, to), [holds, not]) in self.conditions() {
            let end = (from.0 == to.0).then_some(to.1 - 1);
            for (runs, way) in [(holds, Way::True), (not, Way::False)] {
                branches.count(runs > 0);
                if runs == 0 {
                    all.push(untaken(from, end, way));
                }
            }
        }
        let regions = self
            .segments
            .iter()
            .filter(|Segment(_, _, runs, counted, begins, gap)| *counted && *begins && !*gap && *runs == 0);
        all.extend(regions.map(|Segment(line, column, ..)| untaken((*line, *column), None, Way::Into)));
        Covered {
            lines: self.summary.lines,
            regions: self.summary.regions,
            branches,
            untaken: all,
            file: file.clone(),
        }
    }

    /// Runs of each condition, true and false: of all instantiations of generic code together.
    fn conditions(&self) -> BTreeMap<(Place, Place), [usize; 2]> {
        let mut conditions = BTreeMap::new();
        for [line, column, last_line, last_column, holds, not, ..] in &self.branches {
            let place = ((*line, *column), (*last_line, *last_column));
            let runs: &mut [usize; 2] = conditions.entry(place).or_default();
            runs[0] += holds;
            runs[1] += not;
        }
        conditions
    }
}

/// Line and column, from 1.
type Place = (usize, usize);

impl Share {
    const fn count(&mut self, reached: bool) {
        self.reached += reached as u64;
        self.all += 1;
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self { reached: self.reached + other.reached, all: self.all + other.all }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{:>4} of {:>4}", self.reached, self.all)
    }
}

/// What is wrong with ways and exceptions: an exception excuses one way.
pub(super) fn complaints(untaken: &[&Untaken], exceptions: &[Exception]) -> Vec<String> {
    let mut open: Vec<&Exception> = exceptions.iter().collect();
    let mut complaints = Vec::new();
    for way in untaken {
        match open.iter().position(|exception| exception.excuses(way)) {
            Some(position) => drop(open.swap_remove(position)),
            None => complaints.push(way.to_string()),
        }
    }
    let gone = |exception: &Exception| {
        format!(
            "{}: the exception that `{}` {} is taken now or gone: remove it",
            exception.file,
            exception.line,
            exception.way.never()
        )
    };
    complaints.extend(open.into_iter().map(gone));
    complaints
}

impl Exception {
    fn excuses(&self, untaken: &Untaken) -> bool {
        self.file == untaken.file && self.way == untaken.way && untaken.line.contains(self.line)
    }

    /// For a person, with its reason.
    pub(super) fn text(&self) -> String {
        format!("{}: `{}` {}: {}", self.file, self.line, self.way.never(), self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "fn f() {\n    if a && b {\n        c\n    }\n}\n";

    /// Of `a`, one that is true in one instantiation and false in the other; of `b`, as often as is said.
    fn export(holds: u64, not: u64) -> String {
        format!(
            r#"{{"data": [{{"files": [{{
                "filename": "/src/f.rs",
                "summary": {{"lines": {{"covered": 5, "count": 5}}, "regions": {{"covered": 4, "count": 4}}}},
                "segments": [[1, 1, 9, true, true, false], [3, 9, {holds}, true, true, false]],
                "branches": [[2, 8, 2, 9, 3, 0, 0, 0, 4], [2, 13, 2, 14, {holds}, {not}, 0, 0, 4],
                             [2, 8, 2, 9, 0, 3, 0, 0, 4]]
            }}]}}]}}"#
        )
    }

    fn ways(holds: u64, not: u64) -> Vec<Untaken> {
        let files = read(export(holds, not).as_bytes(), |_| Ok(TEXT.to_owned())).expect("LLVM's format");
        files.into_iter().flat_map(|file| file.untaken).collect()
    }

    const EXCEPTION: Exception =
        Exception { file: "f.rs", line: "if a && b", way: Way::False, reason: "b holds whenever a does" };

    fn complaints_of(untaken: &[Untaken], exceptions: &[Exception]) -> Vec<String> {
        complaints(&untaken.iter().collect::<Vec<_>>(), exceptions)
    }

    #[test]
    fn a_condition_counts_over_all_instantiations() {
        assert_eq!(ways(1, 1), []);
    }

    #[test]
    fn what_no_test_takes_is_named_with_its_place() {
        assert_eq!(complaints_of(&ways(3, 0), &[]), ["f.rs:2: `b` is never false"]);
        assert_eq!(
            complaints_of(&ways(0, 3), &[]),
            ["f.rs:2: `b` is never true", "f.rs:3: `c` is never reached"]
        );
    }

    #[test]
    fn an_exception_excuses_one_way_and_no_other() {
        assert!(complaints_of(&ways(3, 0), &[EXCEPTION]).is_empty());
        let complaints = complaints_of(&ways(0, 3), &[EXCEPTION]);
        assert_eq!(complaints.len(), 3, "{complaints:?}");
    }

    #[test]
    fn an_exception_that_excuses_nothing_is_named() {
        let complaints = complaints_of(&ways(1, 1), &[EXCEPTION]);
        assert_eq!(
            complaints,
            ["f.rs: the exception that `if a && b` is never false is taken now or gone: remove it"]
        );
    }
}
