//! The soak: months of towers, each with one fault or with healthy modules of another kind, on several threads.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use voltower_sim::trial::soak::{Case, DAYS, Law, Soaked, Subject, run as run_case};

use crate::workspace::{root, target_dir};

const HELP: &str = "\
cargo xtask soak [--only FAULT|MIX] [--seed S] [--jobs J] [--days D] [--minutes M] [--resume] [--sample]
cargo xtask soak --report

Every fault of the catalogue in an E10, and healthy modules of every mix (E5 to two E20, ages, SOCs), each in four
climates, with the grid and in an island: thirty days of sun and night at samples of 10 s. Nobody touches anything after
the first start. Rules that know the truth of the plant: cell-window, false-alarm, soc, own-consumption, return, wear,
fairness, advice.

  --only WORDS  those whose name contains all of these (weak-cell, \"E20-aged cold island\")
  --seed S      draws weather, faults and cells (1)
  --jobs J      at the same time (2)
  --days D      so many of the thirty
  --minutes M   starts nothing more after this; what was stopped is told as stopped
  --resume      goes on with what target/soak/results.tsv holds of this very program
  --sample      a few of them for ten days, in a minute
  --report      what the results file holds, without running
  --list        the runs, in their order
";

/// The measured home.
const YEAR: &str = "data/home/citylearn-home-1-year.csv";
/// Days of a run of the sample, and how many runs it is.
const SAMPLE_DAYS: u64 = 10;
const SAMPLE: usize = 24;
/// Breaches of a law that are told in full.
const TOLD: usize = 12;

#[derive(Default)]
struct Options {
    only: Option<String>,
    seed: u64,
    jobs: usize,
    days: u64,
    minutes: Option<u64>,
    resume: bool,
    sample: bool,
    report: bool,
    list: bool,
}

/// Runs what `arguments` ask for.
///
/// # Errors
/// If a law was broken, or the run was stopped before its end.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{HELP}");
        return Ok(());
    }
    let options = Options::read(arguments)?;
    if options.report {
        return Results::read()?.judge();
    }
    if options.list {
        options.cases()?.iter().for_each(|case| println!("{case}"));
        return Ok(());
    }
    soak(&options)
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut options = Self { seed: 1, jobs: 2, days: DAYS, ..Self::default() };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().with_context(|| format!("{argument} needs a value\n\n{HELP}"));
            let number = |text: &String| -> Result<u64> {
                text.parse().with_context(|| format!("{argument} needs a number, and {text:?} is none"))
            };
            match argument.as_str() {
                "--only" => options.only = Some(value()?.clone()),
                "--seed" => options.seed = number(value()?)?,
                "--jobs" => options.jobs = usize::try_from(number(value()?)?)?.max(1),
                "--days" => options.days = number(value()?)?.clamp(1, DAYS),
                "--minutes" => options.minutes = Some(number(value()?)?),
                "--resume" => options.resume = true,
                "--sample" => options.sample = true,
                "--report" => options.report = true,
                "--list" => options.list = true,
                other => bail!("soak has no option {other:?}\n\n{HELP}"),
            }
        }
        if options.sample {
            options.days = options.days.min(SAMPLE_DAYS);
        }
        Ok(options)
    }

    /// In an order in which each stretch holds something of everything: whoever stops early has seen a bit of all.
    fn cases(&self) -> Result<Vec<Case>> {
        let words: Vec<&str> = self.only.iter().flat_map(|only| only.split_whitespace()).collect();
        let mut cases = Case::all(self.seed);
        // A whole name is that run alone; it may be a part of the names of others.
        let named = self.only.as_ref().filter(|only| cases.iter().any(|case| case.to_string() == **only));
        cases.retain(|case| match named {
            Some(name) => case.to_string() == *name,
            None => words.iter().all(|word| case.to_string().contains(word)),
        });
        ensure!(!cases.is_empty(), "no run is called so; `cargo xtask soak --help` says how they are called");
        cases.sort_by_key(|case| fingerprint(case.to_string().as_bytes()));
        if self.sample {
            let healthy = |case: &Case| matches!(case.subject, Subject::Mix(_));
            let (mixes, faults): (Vec<_>, Vec<_>) = cases.into_iter().partition(healthy);
            let small = |case: &Case| case.towers().iter().sum::<usize>() <= 4;
            let mixes = mixes.into_iter().filter(small).take(SAMPLE / 3);
            cases = mixes.chain(faults.into_iter().take(SAMPLE - SAMPLE / 3)).collect();
        }
        Ok(cases)
    }
}

/// FNV, then mixed: the same on every machine.
fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    hash ^= hash >> 32;
    hash.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn soak(options: &Options) -> Result<()> {
    let year = fs::read_to_string(root().join(YEAR)).with_context(|| format!("reading {YEAR}"))?;
    let cases = options.cases()?;
    let book = Book::open(options, cases.len())?;
    let left: Vec<Case> = cases.into_iter().filter(|case| !book.done.contains(&case.to_string())).collect();
    println!(
        "soak: {} runs of {} days, {} to go, into {}",
        book.runs,
        options.days,
        left.len(),
        book.path.display()
    );
    let started = Instant::now();
    let end = options.minutes.map(|minutes| started + Duration::from_secs(60 * minutes));
    let next = AtomicUsize::new(0);
    let progress = Mutex::new((book, 0_usize));
    thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some(case) = {
                    let late = end.is_some_and(|end| Instant::now() >= end);
                    left.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !late)
                } {
                    let soaked = run_case(case, &year, options.days);
                    let Ok(mut progress) = progress.lock() else { return };
                    let (book, done) = &mut *progress;
                    *done += 1;
                    book.write(case, &soaked);
                    let seconds = started.elapsed().as_secs();
                    let red = if soaked.breaches.is_empty() { "sound" } else { "RED" };
                    println!("{done}/{} {seconds} s: {case}: {red}", left.len());
                }
            });
        }
    });
    drop(progress);
    println!("soak: {} s", started.elapsed().as_secs());
    Results::read()?.judge()
}

fn results() -> PathBuf {
    target_dir().join("soak/results.tsv")
}

/// The file of results while a run writes it: a head with what was asked of which program, then a line a run.
struct Book {
    path: PathBuf,
    file: File,
    done: HashSet<String>,
    runs: usize,
}

impl Book {
    fn open(options: &Options, runs: usize) -> Result<Self> {
        let path = results();
        let program = fs::read(std::env::current_exe().context("the program itself")?)?;
        let asked = (options.only.as_deref().unwrap_or("all"), options.seed, options.days, options.sample);
        let head = format!("#\t{runs}\t{:016x}\t{asked:?}", fingerprint(&program));
        let before =
            if options.resume { fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let same = before.lines().next() == Some(&*head);
        if options.resume && !same {
            println!("soak: nothing to resume: the results are of another program, or of other options");
        }
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        let mut file =
            OpenOptions::new().create(true).append(same).write(true).truncate(!same).open(&path)?;
        let mut done = HashSet::new();
        if same {
            let cases = before.lines().filter(|line| line.starts_with("=\t"));
            done.extend(cases.filter_map(|line| line.split('\t').nth(1)).map(str::to_owned));
        } else {
            writeln!(file, "{head}")?;
        }
        Ok(Self { path, file, done, runs })
    }

    /// The breaches of a run, and then that it is whole.
    fn write(&mut self, case: &Case, soaked: &Soaked) {
        let mut text = String::new();
        for breach in &soaked.breaches {
            let _ = writeln!(text, "!\t{case}\t{}\t{breach}", breach.law.word());
        }
        let _ = writeln!(text, "=\t{case}\t{}\t{:.3}", soaked.breaches.len(), soaked.tower_days());
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            println!("soak: {}: {error}", self.path.display());
        }
    }
}

/// What the file of results holds.
#[derive(Default)]
struct Results {
    runs: usize,
    done: usize,
    red: usize,
    tower_days: f64,
    /// By law: run and words.
    breaches: BTreeMap<String, Vec<(String, String)>>,
}

impl Results {
    fn read() -> Result<Self> {
        let path = results();
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let mut results = Self::default();
        for line in text.lines() {
            match *line.split('\t').collect::<Vec<_>>() {
                ["#", runs, ..] => results.runs = runs.parse()?,
                ["!", case, law, words] => {
                    let of_law = results.breaches.entry(law.to_owned()).or_default();
                    of_law.push((case.to_owned(), words.to_owned()));
                }
                ["=", _, breaches, days] => {
                    results.done += 1;
                    results.red += usize::from(breaches != "0");
                    results.tower_days += days.parse::<f64>()?;
                }
                _ => {}
            }
        }
        Ok(results)
    }

    fn judge(&self) -> Result<()> {
        for law in Law::ALL.map(Law::word) {
            let Some(found) = self.breaches.get(law) else { continue };
            let runs: HashSet<&String> = found.iter().map(|(case, _)| case).collect();
            println!("{law}: {} runs", runs.len());
            for (case, words) in found.iter().take(TOLD) {
                println!("  cargo xtask soak --only \"{case}\": {words}");
            }
            if found.len() > TOLD {
                println!("  and {} more in {}", found.len() - TOLD, results().display());
            }
        }
        let Self { runs, done, red, tower_days, .. } = self;
        println!("soak: {done} of {runs} runs, {tower_days:.0} tower-days, {red} red");
        ensure!(done == runs, "STOPPED after {done} of {runs} runs: `cargo xtask soak --resume` goes on");
        ensure!(*red == 0, "{red} of {done} runs break a law");
        Ok(())
    }
}
