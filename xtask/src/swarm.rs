//! The swarm: trials of many seeds, on several threads; each is a function of its seed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use voltower_sim::trial::catalogue::Kind;
use voltower_sim::trial::{Finding, Outcome, Plan, run as run_trial, run_with_story, shrink};

const HELP: &str = "\
cargo xtask swarm [--seeds N] [--first S] [--jobs J]
cargo xtask swarm --seed S [--shrink]

Each seed draws one or two towers, what people and weather do, and up to four faults. Checkers that see the truth of
the plant look at every tick. Then everything is made whole, and the towers must come back, or wait for a person and say
why.

  --seeds N  so many trials (50)
  --first S  from this seed on (1)
  --jobs J   at the same time (2)
  --seed S   this one alone, with all that happens in it
  --shrink   looks for the smallest trial that fails alike
";

/// Runs of shrinking at most.
const SHRINK_TRIALS: u32 = 400;
/// Failing seeds that are told in full.
const TOLD: usize = 10;
const YEAR_SECONDS: f64 = 365.25 * 86_400.0;

struct Options {
    seeds: u64,
    first: u64,
    jobs: usize,
    one: Option<u64>,
    shrink: bool,
}

/// Runs what `arguments` ask for.
///
/// # Errors
/// If a checker has found something.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{HELP}");
        return Ok(());
    }
    let options = Options::read(arguments)?;
    match options.one {
        Some(seed) => replay(seed, options.shrink),
        None => swarm(&options),
    }
}

/// So many trials from the first seed on, on two threads.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_seeds(seeds: u64) -> Result<()> {
    swarm(&Options { seeds, first: 1, jobs: 2, one: None, shrink: false })
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut options = Self { seeds: 50, first: 1, jobs: 2, one: None, shrink: false };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut number = || -> Result<u64> {
                let text = rest.next().with_context(|| format!("{argument} needs a number"))?;
                text.parse().with_context(|| format!("{argument} needs a number, and {text:?} is none"))
            };
            match argument.as_str() {
                "--seeds" => options.seeds = number()?,
                "--first" => options.first = number()?,
                "--jobs" => options.jobs = usize::try_from(number()?)?.max(1),
                "--seed" => options.one = Some(number()?),
                "--shrink" => options.shrink = true,
                other => bail!("swarm has no option {other:?}\n\n{HELP}"),
            }
        }
        ensure!(!options.shrink || options.one.is_some(), "--shrink needs --seed\n\n{HELP}");
        Ok(options)
    }
}

/// One trial, with its story.
fn replay(seed: u64, smaller: bool) -> Result<()> {
    let plan = Plan::draw(seed);
    print!("{plan}");
    let outcome = run_with_story(&plan);
    outcome.story.iter().for_each(|line| println!("{line}"));
    tell(&outcome.findings);
    let Some(first) = outcome.findings.first() else {
        println!("nothing found in {}", outcome.simulated);
        return Ok(());
    };
    if smaller {
        let shrunk = shrink(&plan, first, SHRINK_TRIALS);
        println!("\nthe smallest of {} trials that fails alike:", shrunk.trials);
        print!("{}", shrunk.plan);
        run_with_story(&shrunk.plan).story.iter().for_each(|line| println!("{line}"));
        tell(&[shrunk.finding]);
    }
    bail!("seed {seed}: {} findings", outcome.findings.len())
}

fn tell(findings: &[Finding]) {
    for finding in findings {
        println!("  {finding}");
    }
}

/// What all trials together have come to.
#[derive(Default)]
struct Sum {
    trials: u64,
    tower_seconds: f64,
    faults: BTreeMap<Kind, u32>,
    failed: Vec<(u64, Vec<Finding>)>,
}

impl Sum {
    fn add(&mut self, seed: u64, plan: &Plan, outcome: Outcome) {
        self.trials += 1;
        self.tower_seconds += outcome.simulated.0 as f64 * 1e-6 * plan.site.towers.len() as f64;
        for fault in plan.faults() {
            *self.faults.entry(Kind::of(fault)).or_default() += 1;
        }
        if !outcome.findings.is_empty() {
            self.failed.push((seed, outcome.findings));
        }
    }

    fn report(&mut self, seconds: f64) {
        self.failed.sort_by_key(|(seed, _)| *seed);
        for (seed, findings) in self.failed.iter().take(TOLD) {
            println!("seed {seed}: cargo xtask swarm --seed {seed} --shrink");
            tell(findings);
        }
        let injected: u32 = self.faults.values().sum();
        let never: Vec<&str> =
            Kind::ALL.iter().filter(|kind| !self.faults.contains_key(kind)).map(|kind| kind.word()).collect();
        let counts: Vec<String> =
            self.faults.iter().map(|(kind, count)| format!("{count} {}", kind.word())).collect();
        println!("faults: {}", counts.join(", "));
        if !never.is_empty() {
            println!("never drawn: {}", never.join(", "));
        }
        println!(
            "swarm: {} trials, {:.4} tower-years ({:.1} h), {injected} faults of {} kinds, {} trials with findings; \
             {seconds:.0} s",
            self.trials,
            self.tower_seconds / YEAR_SECONDS,
            self.tower_seconds / 3600.0,
            self.faults.len(),
            self.failed.len(),
        );
    }
}

fn swarm(options: &Options) -> Result<()> {
    let started = Instant::now();
    let next = AtomicU64::new(options.first);
    let end = options.first.saturating_add(options.seeds);
    let sum = Mutex::new(Sum::default());
    thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| work(&next, end, &sum));
        }
    });
    let mut sum = sum.into_inner().map_err(|_| anyhow::anyhow!("a thread of the swarm has panicked"))?;
    sum.report(started.elapsed().as_secs_f64());
    ensure!(sum.failed.is_empty(), "{} of {} trials have findings", sum.failed.len(), sum.trials);
    Ok(())
}

fn work(next: &AtomicU64, end: u64, sum: &Mutex<Sum>) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return;
        }
        let plan = Plan::draw(seed);
        let outcome = run_trial(&plan);
        let Ok(mut sum) = sum.lock() else { return };
        if let Some(first) = outcome.findings.first() {
            println!("seed {seed} fails: {first}");
        }
        sum.add(seed, &plan, outcome);
        if sum.trials.is_multiple_of(100) {
            println!("{} trials, {} with findings", sum.trials, sum.failed.len());
        }
    }
}
