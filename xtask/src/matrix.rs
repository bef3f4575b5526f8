//! Every single fault of the catalogue in every situation of a tower: whether it is harmless, and what it is called.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};
use voltower_core::Duration;
use voltower_sim::trial::Rule;
use voltower_sim::trial::catalogue::{Class, Kind, Named, When};
use voltower_sim::trial::single::{Single, Situation, Verdict};

use crate::workspace::root;

const HELP: &str = "\
cargo xtask matrix [--seeds N] [--only FAULT] [--quick] [--check] [--jobs J]

Breaks every fault of the catalogue alone, while a tower charges, discharges, stands by, is updated and starts, at a
time, in a place and of a size that a seed draws; and in heat, while somebody turns the DC switch, nearly full, in the
cold, and with the fault before the start. No cell may leave
its safe area, no current may flow through what is open, what sensors see must be named, in time and on the panel, and
95 of 100 exactly. Every fault must be noticed in one situation at least, unless no sensor sees it. Writes
docs/single-faults.md.

  --seeds N     so many of each fault and situation (1)
  --only FAULT  this one alone (its word in a scenario), with what was found; writes nothing
  --quick       each fault in one situation only; writes nothing
  --check       the page must be what it would be; writes nothing
  --jobs J      at the same time (2)
";

const PAGE: &str = "docs/single-faults.md";
/// Exactly named, of a hundred that were noticed.
const EXACT: usize = 95;

struct Options {
    seeds: u64,
    only: Option<String>,
    quick: bool,
    check: bool,
    jobs: usize,
}

/// Runs what `arguments` ask for.
///
/// # Errors
/// If a rule is broken, or too few are named.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{HELP}");
        return Ok(());
    }
    let options = Options::read(arguments)?;
    let cases = options.cases()?;
    let matrix = Matrix(run_all(&cases, options.jobs));
    let tally = matrix.tally();
    if options.only.is_some() {
        matrix.tell();
    } else if options.check {
        let page = matrix.page(&tally, options.seeds);
        let is = fs::read_to_string(root().join(PAGE)).with_context(|| format!("reading {PAGE}"))?;
        ensure!(is == page, "{PAGE} is not what `cargo xtask matrix` writes now");
    } else if !options.quick {
        let page = matrix.page(&tally, options.seeds);
        fs::write(root().join(PAGE), page).with_context(|| format!("writing {PAGE}"))?;
        println!("{PAGE}");
    }
    tally.judge()?;
    if options.only.is_none() && !options.quick {
        let never = matrix.never_noticed();
        ensure!(never.is_empty(), "noticed in no situation: {}", never.join(", "));
    }
    Ok(())
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut options = Self { seeds: 1, only: None, quick: false, check: false, jobs: 2 };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().with_context(|| format!("{argument} needs a value\n\n{HELP}"));
            match argument.as_str() {
                "--seeds" => options.seeds = value()?.parse().context("--seeds needs a number")?,
                "--jobs" => options.jobs = value()?.parse::<usize>().context("--jobs needs a number")?.max(1),
                "--only" => options.only = Some(value()?.clone()),
                "--quick" => options.quick = true,
                "--check" => options.check = true,
                other => bail!("matrix has no option {other:?}\n\n{HELP}"),
            }
        }
        Ok(options)
    }

    fn cases(&self) -> Result<Vec<Single>> {
        let wanted = |kind: &Kind| self.only.as_ref().is_none_or(|word| kind.word() == word);
        let mut cases = Vec::new();
        for (place, kind) in Kind::ALL.iter().copied().enumerate().filter(|(_, kind)| wanted(kind)) {
            for (turn, situation) in Situation::ALL.into_iter().enumerate() {
                if !self.quick || turn == place % Situation::ALL.len() {
                    cases.extend((1..=self.seeds).map(|seed| Single { kind, situation, seed }));
                }
            }
        }
        ensure!(!cases.is_empty(), "the catalogue knows no fault of this word");
        Ok(cases)
    }
}

pub(crate) fn run_all(cases: &[Single], jobs: usize) -> Vec<(Single, Verdict)> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some((place, case)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(place).map(|case| (place, *case))
                } {
                    if let (Some(verdict), Ok(mut done)) = (case.run(), done.lock()) {
                        done.push((place, case, verdict));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(place, _, _)| *place);
    done.into_iter().map(|(_, case, verdict)| (case, verdict)).collect()
}

/// How a case came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Exact,
    Other,
    /// Something was shown, and nothing that names it.
    Wrong,
    /// Sensors could see it, and nothing was shown in time.
    Missed,
    /// Nothing was to be seen here: of its size, in this situation.
    Quiet,
    /// No sensor sees it.
    Unseen,
}

pub(crate) fn outcome(verdict: &Verdict) -> Outcome {
    let found = |rule| verdict.findings.iter().any(|finding| finding.rule == rule);
    match (&verdict.entry.class, verdict.named) {
        (Class::Unseen(_), _) if found(Rule::FalseLight) => Outcome::Wrong,
        (Class::Unseen(_), _) => Outcome::Unseen,
        (Class::Noticed(_) | Class::Beyond(_), Named::Exactly) => Outcome::Exact,
        (Class::Noticed(_) | Class::Beyond(_), Named::Other) => Outcome::Other,
        (Class::Noticed(_) | Class::Beyond(_), Named::Not) => {
            if found(Rule::Unnamed) {
                Outcome::Missed
            } else if verdict.shown.is_empty() {
                Outcome::Quiet
            } else {
                Outcome::Wrong
            }
        }
    }
}

/// What it means that a single fault breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// Somebody may be hurt, or a cell.
    Danger,
    /// What the plant's truth shows to a sensor is not said.
    Silence,
    /// Worth a line.
    Remark,
}

const fn weight(rule: Rule) -> Weight {
    match rule {
        Rule::CellVoltage | Rule::CellTemperature | Rule::OpenOutput | Rule::Energy | Rule::Panic => {
            Weight::Danger
        }
        Rule::MissingLight | Rule::Unnamed => Weight::Silence,
        Rule::FalseLight | Rule::FalseState | Rule::LogLost | Rule::NoReturn => Weight::Remark,
    }
}

struct Matrix(Vec<(Single, Verdict)>);

#[derive(Default)]
struct Tally {
    counts: BTreeMap<Outcome, usize>,
    dangers: Vec<String>,
    silences: Vec<String>,
    remarks: Vec<String>,
    inexact: Vec<String>,
    open: Vec<String>,
}

impl Tally {
    fn count(&self, outcome: Outcome) -> usize {
        self.counts.get(&outcome).copied().unwrap_or(0)
    }

    fn noticed(&self) -> usize {
        [Outcome::Exact, Outcome::Other, Outcome::Wrong, Outcome::Missed]
            .map(|one| self.count(one))
            .iter()
            .sum()
    }

    fn summary(&self) -> String {
        let (exact, noticed) = (self.count(Outcome::Exact), self.noticed());
        format!(
            "{} cases: {noticed} noticed, {exact} of them named exactly ({:.1} %), {} as *other*, {} by another \
             name, {} missed; {} with nothing to see; {} that no sensor sees; {} dangers, {} silences",
            self.counts.values().sum::<usize>(),
            100.0 * exact as f64 / noticed.max(1) as f64,
            self.count(Outcome::Other),
            self.count(Outcome::Wrong),
            self.count(Outcome::Missed),
            self.count(Outcome::Quiet),
            self.count(Outcome::Unseen),
            self.dangers.len(),
            self.silences.len(),
        )
    }

    fn judge(&self) -> Result<()> {
        for line in self
            .dangers
            .iter()
            .chain(&self.silences)
            .chain(&self.open)
            .chain(&self.inexact)
            .chain(&self.remarks)
        {
            println!("{line}");
        }
        println!("{}", self.summary());
        ensure!(self.dangers.is_empty(), "a single fault was dangerous");
        ensure!(self.silences.is_empty(), "what the plant's truth shows to a sensor was not said");
        ensure!(self.open.is_empty(), "a fault that control cannot undo was not contained");
        let exact = self.count(Outcome::Exact) * 100 >= EXACT * self.noticed();
        ensure!(exact, "fewer than {EXACT} % of the noticed faults were named exactly");
        Ok(())
    }
}

impl Matrix {
    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (case, verdict) in &self.0 {
            let result = outcome(verdict);
            *tally.counts.entry(result).or_default() += 1;
            let title = title(case, verdict);
            if !matches!(result, Outcome::Exact | Outcome::Quiet | Outcome::Unseen) {
                tally.inexact.push(format!("{title}: {}", cell(verdict)));
            }
            if !is_contained(verdict) {
                tally.open.push(format!("{title}: named and not isolated"));
            }
            for finding in &verdict.findings {
                let list = match weight(finding.rule) {
                    Weight::Danger => &mut tally.dangers,
                    Weight::Silence => &mut tally.silences,
                    Weight::Remark => &mut tally.remarks,
                };
                list.push(format!("{title}: {finding}"));
            }
        }
        tally
    }

    /// Faults that some sensor could see, and none did, whatever the tower did.
    fn never_noticed(&self) -> Vec<&'static str> {
        let noticed = |kind: Kind| {
            let mut cases = self.0.iter().filter(|(case, _)| case.kind == kind);
            cases.any(|(_, verdict)| matches!(outcome(verdict), Outcome::Exact | Outcome::Other))
        };
        let can_be = |kind: Kind| {
            let mut cases = self.0.iter().filter(|(case, _)| case.kind == kind);
            cases.any(|(_, verdict)| verdict.entry.notice().is_some())
        };
        let never = Kind::ALL.iter().copied().filter(|kind| can_be(*kind) && !noticed(*kind));
        never.map(Kind::word).collect()
    }

    fn tell(&self) {
        for (case, verdict) in &self.0 {
            let mark = if verdict.isolated { ", isolated" } else { "" };
            let locked = if verdict.locked { ", waits for a person" } else { "" };
            println!("{}: {}{mark}{locked}", title(case, verdict), cell(verdict));
        }
    }

    fn page(&self, tally: &Tally, seeds: u64) -> String {
        let mut text = format!(
            "# Single faults\n\n\
             Every fault of the catalogue (`crates/sim/src/trial/catalogue/`) alone, in a tower of two modules\n\
             that charges or discharges with 4 kW, stands by, is being updated, starts, gives all it has at 44 degC,\n\
             charges while somebody turns the DC switch, charges when it is nearly full, discharges at -10 degC,\n\
             or starts with the fault; {seeds} of each, at a time, in a place and of a size that a seed draws.\n\
             A cell says what it was called and after how long.\n\
             Printed by `cargo xtask matrix --seeds {seeds}`, which fails if a cell leaves its safe area, if current\n\
             flows through what is open, or if fewer than 95 % of what was noticed is named exactly; do not edit.\n\n\
             {}.\n\n\
             - *-*: nothing to see, of this size and in this situation: the reason stands below the table.\n\
             - *unseen*: no sensor can see it; what stands behind it was shown all the same, and may be.\n\
             - *when ...*: nothing was to be seen in a while, so people did what they do one day.\n\
             - *isolated*: control cannot undo it; no current flows in its module any more. *person*: its module\n  \
             waits for one.\n\n\
             | fault |",
            tally.summary()
        );
        Situation::ALL.iter().for_each(|situation| {
            let _ = write!(text, " {} |", situation.word());
        });
        text.push_str("\n|---|");
        text.push_str(&"---|".repeat(Situation::ALL.len()));
        text.push('\n');
        let mut rows: BTreeMap<Kind, BTreeMap<Situation, Vec<&Verdict>>> = BTreeMap::new();
        for (case, verdict) in &self.0 {
            rows.entry(case.kind).or_default().entry(case.situation).or_default().push(verdict);
        }
        for (kind, row) in &rows {
            let _ = write!(text, "| {} |", kind.word());
            for situation in Situation::ALL {
                let _ = write!(text, " {} |", row.get(&situation).map_or(String::new(), |all| cells(all)));
            }
            text.push('\n');
        }
        self.reasons(&mut text);
        list(&mut text, "Not named exactly", &tally.inexact);
        list(&mut text, "Dangers", &tally.dangers);
        list(&mut text, "Not said", &tally.silences);
        text
    }

    /// Why some are not seen, or only when something is so.
    fn reasons(&self, text: &mut String) {
        text.push_str("\n## When it is not seen\n\n");
        let mut reasons: BTreeMap<(Kind, &str), ()> = BTreeMap::new();
        for (case, verdict) in &self.0 {
            let _ = match verdict.entry.class {
                Class::Unseen(why) => reasons.insert((case.kind, why), ()),
                Class::Noticed(notice) | Class::Beyond(notice) => {
                    reasons.insert((case.kind, when(notice.when)), ())
                }
            };
        }
        for (kind, why) in reasons.keys() {
            let _ = writeln!(text, "- {}: {why}", kind.word());
        }
    }
}

fn when(when: When) -> &'static str {
    match when {
        When::Awake => "seen while the controllers work",
        When::Loaded(_) => "seen while a current flows in its module",
        When::Contradicted => "seen while the contact is driven to where it is not",
        When::Talking => "seen while the inverter is expected to talk",
        When::Running => "seen while the tower stands or runs",
        When::Depends(_, what) => what,
    }
}

fn list(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title}\n");
    for line in lines {
        let _ = writeln!(text, "- {line}");
    }
}

fn title(case: &Single, verdict: &Verdict) -> String {
    format!("{}, {}, seed {} ({})", case.kind.word(), case.situation.word(), case.seed, verdict.fault)
}

/// One that is named by a fault, which stops its module, must be off.
fn is_contained(verdict: &Verdict) -> bool {
    let Class::Beyond(notice) = verdict.entry.class else { return true };
    verdict.isolated || verdict.shown.faults().intersection(notice.conditions).is_empty()
}

fn cell(verdict: &Verdict) -> String {
    let shown: Vec<String> = verdict.shown.iter().map(|condition| condition.to_string()).collect();
    match (outcome(verdict), &verdict.by) {
        (Outcome::Exact | Outcome::Other, Some((words, after))) => match verdict.after {
            Some(deed) => format!("{words}, {deed}"),
            None => format!("{words}, {}", seconds(*after)),
        },
        (Outcome::Missed, _) => format!("missed ({})", shown.join(", ")),
        (Outcome::Quiet, _) => "-".to_owned(),
        (Outcome::Unseen, _) if shown.is_empty() => "unseen".to_owned(),
        (Outcome::Unseen, _) => format!("unseen ({})", shown.join(", ")),
        (Outcome::Exact | Outcome::Other | Outcome::Wrong, _) => format!("as {}", shown.join(", ")),
    }
}

/// What several seeds have come to: the same words once, with the shortest and the longest time.
pub(crate) fn cells(all: &[&Verdict]) -> String {
    let mut parts: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    for verdict in all {
        let (mut words, time) = match (outcome(verdict), &verdict.by, verdict.after) {
            (Outcome::Exact | Outcome::Other, Some((words, time)), None) => (words.clone(), Some(*time)),
            _ => (cell(verdict), None),
        };
        if matches!(verdict.entry.class, Class::Beyond(_)) {
            words.push_str(if verdict.isolated { ", isolated" } else { "" });
            words.push_str(if verdict.locked { ", person" } else { "" });
        }
        parts.entry(words).or_default().extend(time);
    }
    let with_times = |(words, times): (String, Vec<Duration>)| match (times.iter().min(), times.iter().max())
    {
        (Some(least), Some(most)) if least == most => format!("{words}, {}", seconds(*least)),
        (Some(least), Some(most)) => format!("{words}, {} to {}", tenths(*least), seconds(*most)),
        (None, _) | (_, None) => words,
    };
    parts.into_iter().map(with_times).collect::<Vec<_>>().join("; ")
}

fn tenths(time: Duration) -> String {
    format!("{:.1}", time.0 as f64 * 1e-6)
}

fn seconds(time: Duration) -> String {
    format!("{} s", tenths(time))
}
