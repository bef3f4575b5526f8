//! Every test that `SAFETY.md` cites, and those of rules that are no requirement, seen red: the code behind it is
//! broken in one place, as [`table`] says, and the test must notice.
//!
//! All of it happens in a [`copy`] of the checkout, which is mended again after each break.

mod cited;
mod copy;
pub(crate) mod table;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use cited::{Cited, Outcome};
use copy::Copy;
use table::Break;

const HELP: &str = "\
cargo xtask breaks [--only WORD] [--since COMMIT]

Breaks the code behind each test that SAFETY.md cites, and behind rules that are no requirement, as xtask/breaks.toml
says: the test must go red.

  --only WORD     breaks whose requirement or rule, test or file contains WORD; more than one may be given
  --since COMMIT  breaks whose file, or a test's, has changed since then
";

/// A test may take so many times as long as it does unbroken, and this beside it: a break may loop for ever.
const PATIENCE: u32 = 10;
const GRACE: Duration = Duration::from_secs(60);

/// Breaks, tests, mends, and reports.
///
/// # Errors
/// If a test stays green, a break does not compile, or a test is red without any.
pub(crate) fn run(options: &[String]) -> Result<()> {
    let Some(breaks) = chosen(options)? else {
        print!("{HELP}");
        return Ok(());
    };
    ensure!(!breaks.is_empty(), "no break of {} is meant", table::PATH);
    let wrong = table::complaints(&breaks);
    for (line, complaint) in &wrong {
        println!("{}:{line}: {complaint}", table::PATH);
    }
    ensure!(wrong.is_empty(), "{} of the breaks cannot be made", wrong.len());
    let started = Instant::now();
    let copy = Copy::make()?;
    let limits = sound(&copy, &breaks)?;
    let mut tally = Tally::default();
    for one in &breaks {
        tally.take(one, &copy, &limits)?;
    }
    tally.report(started.elapsed())
}

/// The breaks that `options` choose; none if help is wanted.
fn chosen(options: &[String]) -> Result<Option<Vec<Break>>> {
    let (mut words, mut changed) = (Vec::new(), None);
    let mut rest = options;
    while let [option, more @ ..] = rest {
        rest = match (&**option, more) {
            ("--only", [word, more @ ..]) => {
                words.push(&**word);
                more
            }
            ("--since", [commit, more @ ..]) => {
                changed = Some(copy::changed_since(commit)?);
                more
            }
            ("--help" | "-h", _) => return Ok(None),
            _ => bail!("breaks does not understand {option:?}\n\n{HELP}"),
        };
    }
    let mut breaks = table::breaks()?;
    breaks.retain(|one| words.is_empty() || words.iter().any(|word| one.is_about(word)));
    breaks.retain(|one| changed.as_ref().is_none_or(|paths| paths.iter().any(|path| one.touches(path))));
    Ok(Some(breaks))
}

/// How long each test may take, by its text.
type Limits = HashMap<String, Duration>;

/// Every test must be green before anything is broken.
fn sound(copy: &Copy, breaks: &[Break]) -> Result<Limits> {
    let mut tests: Vec<&String> = breaks.iter().flat_map(|one| &one.tests).collect();
    tests.sort_unstable();
    tests.dedup();
    let cited = tests.iter().map(|test| Cited::parse(test)).collect::<Result<Vec<_>>>()?;
    let programs = match cited::build(copy, &cited)? {
        Ok(programs) => programs,
        Err(message) => bail!("the tests do not compile:\n{message}"),
    };
    let mut limits = Limits::new();
    for (text, test) in tests.into_iter().zip(&cited) {
        let started = Instant::now();
        if let Outcome::Red(said) = programs.run(copy, test, Duration::MAX)? {
            bail!("{text} is red although nothing is broken:\n{said}");
        }
        limits.insert(text.clone(), started.elapsed() * PATIENCE + GRACE);
    }
    println!("{} tests are green while nothing is broken", limits.len());
    Ok(limits)
}

/// What has become of the breaks.
#[derive(Default)]
struct Tally {
    red: usize,
    green: usize,
    not_compiled: usize,
}

impl Tally {
    /// Makes one, runs its tests, and mends it.
    fn take(&mut self, one: &Break, copy: &Copy, limits: &Limits) -> Result<()> {
        let cited = one.tests.iter().map(|test| Cited::parse(test)).collect::<Result<Vec<_>>>()?;
        let mending = copy.broken(one)?;
        let built = cited::build(copy, &cited)?;
        for (text, test) in one.tests.iter().zip(&cited) {
            let result = match &built {
                Ok(programs) => match programs.run(copy, test, limits.get(text).map_or(GRACE, |l| *l))? {
                    Outcome::Red(_) => "red",
                    Outcome::Endless => "red (without end)",
                    Outcome::Green => "STAYS GREEN",
                },
                Err(_) => "DOES NOT COMPILE",
            };
            self.count(result);
            println!("{:<7} {result:<12} {}: {}", one.requirement(), test.name(), one.what);
        }
        if let Err(message) = built {
            println!("{message}");
        }
        mending.mend()
    }

    fn count(&mut self, result: &str) {
        match result {
            "STAYS GREEN" => self.green += 1,
            "DOES NOT COMPILE" => self.not_compiled += 1,
            _ => self.red += 1,
        }
    }

    fn report(&self, took: Duration) -> Result<()> {
        let Self { red, green, not_compiled } = self;
        println!(
            "breaks: {red} red, {green} stay green, {not_compiled} do not compile; {} s",
            took.as_secs()
        );
        ensure!(
            green + not_compiled == 0,
            "{} breaks are not noticed by the test that should",
            green + not_compiled
        );
        Ok(())
    }
}
