//! Each detection is switched off in turn: the fault matrix or the campaign must go red.
//!
//! First every fault runs in every situation with all detections, and it is noted which of them speak in which case.
//! Then each detection is off for some of the cases in which it spoke; one that no case needs is off for some of the
//! trials of the campaign in which it speaks. What stays green then can be deleted, and nobody would notice: it is
//! printed, and fails.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use voltower_control::bdu::{OF_MODULE, OF_TOWER};
use voltower_control::blind::{Detection, switch_off};
use voltower_control::protect::table::TABLE;
use voltower_core::{Cause, Finding};
use voltower_sim::trial::catalogue::Kind;
use voltower_sim::trial::single::{Detected, Single, Situation, Verdict};
use voltower_sim::trial::{Outcome as Trial, Plan, run as run_trial};

use crate::matrix::{Outcome, cells, outcome, run_all};

const HELP: &str = "\
cargo xtask blind [--quick] [--only WORDS] [--faults FAULTS] [--who] [--jobs J]

Switches each detection of modules and BDU off, one at a time, and expects the fault matrix or the campaign to go red.
Prints what notices it; a detection whose absence nobody notices is printed and fails.

  --quick       those that were once deleted unnoticed: fuse, terminals, auxiliary contact, frozen readings, spread
  --only WORDS  those whose words contain this; several with | between them
  --faults F,G  only cases of these faults (their words in a scenario), and not the campaign
  --who         switches nothing off, and prints in which cases each one speaks
  --jobs J      at the same time (2)
";

/// Seeds that the page of single faults is printed with: another word there is noticed by `matrix --check`.
const ON_PAGE: u64 = 3;
/// Cases that are tried with a detection off, of those in which it speaks.
const CASES: usize = 6;
/// Seeds of the campaign that are looked through where no case notices, and so many of them that are tried with a
/// detection off, of those in which it speaks.
const SEEDS: u64 = 600;
const TRIALS: usize = 12;
/// With `--quick`: what was once deleted unnoticed, and the faults that show it.
const QUICK: [(&str, &[Kind]); 5] = [
    ("fuse", &[Kind::FuseBlown]),
    ("terminal voltage", &[Kind::TerminalResistance]),
    ("auxiliary", &[Kind::DcSwitchWelded, Kind::DcSwitchAuxiliary]),
    ("stands still", &[Kind::AfeFrozen, Kind::SensorStuck]),
    ("cell voltages lie", &[Kind::WeakCell, Kind::InternalShort]),
];

struct Options {
    quick: bool,
    only: Option<String>,
    jobs: usize,
    faults: Vec<String>,
    who: bool,
}

/// A detection, by what it is called.
struct Named {
    detection: Detection,
    words: String,
}

/// Runs what `arguments` ask for.
///
/// # Errors
/// If nobody notices that a detection is missing.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut options = Options { quick: false, only: None, jobs: 2, faults: Vec::new(), who: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{argument} needs a value\n\n{HELP}"));
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--who" => options.who = true,
            "--faults" => options.faults = value()?.split(',').map(str::to_owned).collect(),
            "--only" => options.only = Some(value()?.clone()),
            "--jobs" => options.jobs = value()?.parse::<usize>().context("--jobs needs a number")?.max(1),
            "--help" => {
                print!("{HELP}");
                return Ok(());
            }
            other => bail!("blind has no option {other:?}\n\n{HELP}"),
        }
    }
    let detections = detections(&options);
    ensure!(!detections.is_empty(), "no detection is called so");
    let started = Instant::now();
    switch_off(&[]);
    let sound = run_all(&cases(&options), options.jobs);
    println!("blind: {} cases with all detections, {} s", sound.len(), started.elapsed().as_secs());
    if options.who {
        for named in &detections {
            who(named, &sound);
        }
        return Ok(());
    }
    let campaign = Campaign::new(options.jobs, if options.faults.is_empty() { SEEDS } else { 0 });
    let unnoticed: Vec<&str> = detections
        .iter()
        .filter(|named| {
            let by = noticed_by(named, &sound, &campaign);
            println!("{}: {}", named.words, by.as_deref().unwrap_or("NOBODY NOTICES"));
            by.is_none()
        })
        .map(|named| &*named.words)
        .collect();
    switch_off(&[]);
    println!(
        "blind: {} detections, {} unnoticed, {} s",
        detections.len(),
        unnoticed.len(),
        started.elapsed().as_secs()
    );
    ensure!(unnoticed.is_empty(), "could be deleted unnoticed: {}", unnoticed.join("; "));
    Ok(())
}

/// All that modules and BDU find out.
fn detections(options: &Options) -> Vec<Named> {
    let named = |detection, words: String| Named { detection, words };
    let of_modules = TABLE.iter().enumerate().map(|(row, it)| {
        named(Detection::Module(row), format!("module: {}, {}", it.finding.words(), it.condition))
    });
    let of_tower = OF_TOWER.iter().enumerate();
    let of_tower =
        of_tower.map(|(row, it)| named(Detection::OfTower(row), format!("BDU: {}", it.finding.words())));
    let of_module = OF_MODULE.iter().enumerate();
    let of_module = of_module.map(|(row, it)| {
        named(Detection::OfModule(row), format!("BDU, of a module: {}", it.finding.words()))
    });
    let causes = Cause::ALL.into_iter().filter(|cause| *cause != Cause::None);
    let causes = causes.map(|cause| named(Detection::Cause(cause), format!("cause: {cause:?}")));
    let quick = |words: &str| QUICK.iter().any(|(word, _)| words.contains(word));
    of_modules
        .chain(of_tower)
        .chain(of_module)
        .chain(causes)
        .filter(|named| {
            options.only.as_ref().is_none_or(|only| only.split('|').any(|one| named.words.contains(one)))
        })
        .filter(|named| {
            !options.quick || quick(&named.words) && !matches!(named.detection, Detection::Cause(_))
        })
        .collect()
}

fn cases(options: &Options) -> Vec<Single> {
    let kinds: BTreeSet<Kind> = if options.quick {
        QUICK.iter().flat_map(|(_, kinds)| kinds.iter().copied()).collect()
    } else {
        let named = |kind: &Kind| options.faults.iter().any(|word| word == kind.word());
        Kind::ALL.iter().copied().filter(|kind| options.faults.is_empty() || named(kind)).collect()
    };
    let each = |kind| {
        let cases = move |seed| Situation::ALL.map(|situation| Single { kind, situation, seed });
        (1..=seeds(kind)).flat_map(cases)
    };
    kinds.into_iter().flat_map(each).collect()
}

/// So many of each: a short of a cell is drawn from decades, and few of them come to their end in time; heat, cold and
/// a converter's own will have a sign, and sizes that pass one level or several.
const fn seeds(kind: Kind) -> u64 {
    match kind {
        Kind::InternalShort => 2,
        // One cell near a thermistor must pass 65 degC before its module, two minutes out of service, sleeps.
        Kind::Heater => 8,
        Kind::PcuRunaway | Kind::AirAround | Kind::HotSpot => 4,
        _ => 1,
    }
}

/// Prints in which cases this one speaks.
fn who(named: &Named, sound: &[(Single, Verdict)]) {
    println!("{}", named.words);
    let speaking = sound.iter().filter(|(_, verdict)| speaks(named.detection, &verdict.detected));
    for (case, verdict) in speaking {
        let mark = if is_exact(verdict) { "" } else { " (not exact)" };
        let found = verdict.findings.first().map(|finding| format!("; {finding}")).unwrap_or_default();
        let (kind, situation, seed) = (case.kind.word(), case.situation.word(), case.seed);
        println!("  {kind}, {situation}, seed {seed}{mark}: {}{found}", cells(&[verdict]));
    }
}

/// Who notices that this one is off.
fn noticed_by(named: &Named, sound: &[(Single, Verdict)], campaign: &Campaign) -> Option<String> {
    let needing = needing(named.detection, sound);
    let cases: Vec<Single> = needing.iter().take(CASES).map(|(case, _)| *case).collect();
    switch_off(&[named.detection]);
    let masked = run_all(&cases, campaign.jobs);
    let by = masked.iter().find_map(|(case, verdict)| {
        let before = needing.iter().find(|(other, _)| other == case).map(|(_, before)| before)?;
        let found = verdict.findings.first().map(ToString::to_string);
        let (now, was) = (cells(&[verdict]), cells(&[before]));
        let differs = case.seed <= ON_PAGE && now != was;
        let why = found.or_else(|| differs.then(|| format!("{now}, not {was}")))?;
        Some(format!("matrix: {}, {}: {why}", case.kind.word(), case.situation.word()))
    });
    let by = by.or_else(|| campaign.red_seed(named.detection).map(|seed| format!("campaign: seed {seed}")));
    switch_off(&[]);
    by
}

/// Cases in which it speaks and nothing is found with all detections: one of each kind of fault before the second of
/// any, and of a kind those first that are named exactly, and soon.
fn needing(detection: Detection, sound: &[(Single, Verdict)]) -> Vec<&(Single, Verdict)> {
    let needs = |(_, verdict): &&(Single, Verdict)| {
        verdict.findings.is_empty() && speaks(detection, &verdict.detected)
    };
    let mut needing: Vec<&(Single, Verdict)> = sound.iter().filter(needs).collect();
    // What is named soon is over soon.
    needing.sort_by_key(|(_, verdict)| (!is_exact(verdict), verdict.by.as_ref().map(|(_, after)| *after)));
    let mut of_kind: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut placed: Vec<(usize, &(Single, Verdict))> = Vec::new();
    for case in needing {
        let place = of_kind.entry(case.0.kind).or_default();
        placed.push((*place, case));
        *place += 1;
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, case)| case).collect()
}

/// It was named as it should be.
fn is_exact(verdict: &Verdict) -> bool {
    matches!(outcome(verdict), Outcome::Exact)
}

/// It has found something in this case.
fn speaks(detection: Detection, detected: &Detected) -> bool {
    let finding = |rows: &[Finding], row: usize| rows.get(row).copied();
    match detection {
        Detection::Module(row) => TABLE.get(row).is_some_and(|row| detected.modules.contains(row.finding)),
        Detection::OfTower(row) => {
            finding(&OF_TOWER.map(|row| row.finding), row).is_some_and(|it| detected.bdu.contains(it))
        }
        Detection::OfModule(row) => {
            finding(&OF_MODULE.map(|row| row.finding), row).is_some_and(|it| detected.bdu.contains(it))
        }
        Detection::Cause(cause) => detected.causes & 1 << (cause as u32) != 0,
    }
}

/// A stretch of the campaign; its seeds that find nothing with all detections, and what speaks in them, once they are
/// wanted.
struct Campaign {
    jobs: usize,
    seeds: u64,
    sound: OnceCell<Vec<(u64, Detected)>>,
}

impl Campaign {
    const fn new(jobs: usize, seeds: u64) -> Self {
        Self { jobs, seeds, sound: OnceCell::new() }
    }

    /// The first seed that finds something now, and did not before.
    fn red_seed(&self, off: Detection) -> Option<u64> {
        switch_off(&[]);
        let sound = self.sound.get_or_init(|| {
            let all = self.run(&(1..=self.seeds).collect::<Vec<_>>(), |_| false);
            let green = all.into_iter().filter(|(_, outcome)| outcome.findings.is_empty());
            green.map(|(seed, outcome)| (seed, outcome.detected)).collect()
        });
        let speaking = sound.iter().filter(|(_, detected)| speaks(off, detected));
        let seeds: Vec<u64> = speaking.map(|(seed, _)| *seed).take(TRIALS).collect();
        switch_off(&[off]);
        let red = |outcome: &Trial| !outcome.findings.is_empty();
        self.run(&seeds, red).into_iter().find(|(_, outcome)| red(outcome)).map(|(seed, _)| seed)
    }

    /// Runs these seeds, in their order, until one is `enough`.
    fn run(&self, seeds: &[u64], enough: impl Fn(&Trial) -> bool + Sync) -> Vec<(u64, Trial)> {
        let (next, done) = (AtomicUsize::new(0), AtomicBool::new(false));
        let outcomes = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..self.jobs {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed)
                        && let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let outcome = run_trial(&Plan::draw(*seed));
                        done.fetch_or(enough(&outcome), Ordering::Relaxed);
                        if let Ok(mut outcomes) = outcomes.lock() {
                            outcomes.push((*seed, outcome));
                        }
                    }
                });
            }
        });
        let mut outcomes = outcomes.into_inner().unwrap_or_default();
        outcomes.sort_by_key(|(seed, _)| *seed);
        outcomes
    }
}
