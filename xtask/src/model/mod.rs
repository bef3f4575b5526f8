//! Model checks: every order of events that the wires, the timers, people and a few faults allow.
//!
//! Start reading at [`addressing`] (who gets which address) and [`sequence`] (start, stop, fault, lock-out and
//! black start), which say what each model takes for granted.

mod addressing;
mod sequence;
mod story;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use stateright::{Checker, HasDiscoveries, Model, Path};
use voltower_control::io::MODULES;

use addressing::{ALONE, COMPLETE, IN_ORDER, RUNNING, Tower, Wiring};

const HELP: &str = "\
cargo xtask model [OPTION...]

  --deep             more faults; takes minutes
  --only MODEL       one model only: addressing, or sequence (start, stop, fault, lock-out, black start)
  --modules N        one tower only, of 1 to 4 modules (2); without --only its addressing
  --faults N         at most so many faults in a run (2; without the enable line 0)
  --equal-serials    all modules have the same serial number
  --without-enable   the enable line goes to all modules at once: shows the shortest way to a wrong order,
                     or, with equal serial numbers, to two modules at one address
  --threads N        (as many as there are processors)
";

/// Modules, faults, wiring, equal serial numbers.
type Row = (usize, u8, Wiring, bool);
/// States, and what led from each to the next.
type Way<M> = Vec<(<M as Model>::State, Option<<M as Model>::Action>)>;

/// A model that the checker takes.
trait Checked:
    Model<
        State: Clone + Debug + Hash + PartialEq + Send + Sync,
        Action: Clone + Debug + PartialEq + Send + Sync,
    > + Send
    + Sync
    + 'static
{
}

impl Checked for Tower {}
impl Checked for sequence::Tower {}

/// Which model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Addressing,
    Sequence,
}

/// What is checked with every change.
const USUAL: &[Row] = &[
    (1, 3, Wiring::Chain, false),
    (2, 3, Wiring::Chain, false),
    (2, 2, Wiring::Chain, true),
    (2, 2, Wiring::AlwaysOn, false),
    (3, 3, Wiring::Chain, false),
    (4, 2, Wiring::Chain, false),
];

/// What is checked at night.
const DEEP: &[Row] = &[
    (1, 4, Wiring::Chain, false),
    (2, 4, Wiring::Chain, false),
    (2, 3, Wiring::Chain, true),
    (4, 2, Wiring::AlwaysOn, false),
    (3, 4, Wiring::Chain, false),
    (4, 3, Wiring::Chain, false),
    (4, 3, Wiring::Chain, true),
];

/// Modules and faults of start and stop that are checked with every change, and at night.
const USUAL_SEQUENCE: &[(usize, u8)] = &[(1, 1)];
const DEEP_SEQUENCE: &[(usize, u8)] = &[(1, 3)];

#[derive(Debug, Default)]
struct Options {
    only: Option<Subject>,
    help: bool,
    deep: bool,
    modules: Option<usize>,
    faults: Option<u8>,
    equal_serials: bool,
    without_enable: bool,
    threads: Option<usize>,
}

/// Checks what the options ask for.
///
/// # Errors
/// If an option is wrong, a property does not hold, or what should be found is not found.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = parse(arguments)?;
    let threads = options.threads.unwrap_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get));
    if options.help {
        print!("{HELP}");
        Ok(())
    } else if options.without_enable {
        show_the_way(options.modules.unwrap_or(2), options.faults.unwrap_or(0), options.equal_serials)
    } else {
        println!("{TITLES}");
        check(&addressing_rows(&options), threads)?;
        check_sequence(&sequence_rows(&options), threads)
    }
}

/// One tower, if the options name one.
fn one_tower(options: &Options) -> Option<(usize, u8)> {
    let is_named = options.modules.is_some() || options.faults.is_some() || options.equal_serials;
    is_named.then(|| (options.modules.unwrap_or(2), options.faults.unwrap_or(2)))
}

fn addressing_rows(options: &Options) -> Vec<Row> {
    match (options.only, one_tower(options)) {
        (Some(Subject::Sequence), _) => Vec::new(),
        (_, Some((modules, faults))) => vec![(modules, faults, Wiring::Chain, options.equal_serials)],
        (_, None) => if options.deep { DEEP } else { USUAL }.to_vec(),
    }
}

fn sequence_rows(options: &Options) -> Vec<(usize, u8)> {
    match (options.only, one_tower(options)) {
        (Some(Subject::Addressing), _) | (None, Some(_)) => Vec::new(),
        (Some(Subject::Sequence), Some(tower)) => vec![tower],
        (_, None) => if options.deep { DEEP_SEQUENCE } else { USUAL_SEQUENCE }.to_vec(),
    }
}

/// The long check.
///
/// # Errors
/// If a property does not hold.
pub(crate) fn run_deep() -> Result<()> {
    run(&["--deep".to_owned()])
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || -> Result<usize> {
            let text = rest.next().with_context(|| format!("{argument} needs a number"))?;
            text.parse().with_context(|| format!("{argument} {text}"))
        };
        match argument.as_str() {
            "--deep" => options.deep = true,
            "--only" => options.only = Some(subject(rest.next())?),
            "--equal-serials" => options.equal_serials = true,
            "--without-enable" => options.without_enable = true,
            "--modules" => options.modules = Some(number()?),
            "--faults" => options.faults = Some(u8::try_from(number()?).context("--faults")?),
            "--threads" => options.threads = Some(number()?),
            "--help" | "-h" => options.help = true,
            other => bail!("no option is called {other}\n\n{HELP}"),
        }
    }
    ensure!(options.modules.is_none_or(|modules| (1..=MODULES).contains(&modules)), "1 to 4 modules");
    ensure!(options.threads != Some(0), "at least one thread");
    Ok(options)
}

fn subject(name: Option<&String>) -> Result<Subject> {
    match name.map(String::as_str) {
        Some("addressing") => Ok(Subject::Addressing),
        Some("sequence") => Ok(Subject::Sequence),
        _ => bail!("--only addressing, or --only sequence"),
    }
}

const TITLES: &str =
    "model       modules  faults  enable line  serials      states      unique  depth  seconds  result";

fn check(rows: &[Row], threads: usize) -> Result<()> {
    for &row in rows {
        let started = Instant::now();
        let outcome = Outcome::of_addressing(row, threads);
        print_row(&name_of(row), &outcome, started);
        if let Some(property) = outcome.broken {
            let way = shortest_way(|| tower(row), property).unwrap_or_default();
            println!("\n{}\n", story::tell(&way).join("\n"));
        }
        ensure!(outcome.holds(), "model: {}", outcome.result());
    }
    Ok(())
}

fn check_sequence(rows: &[(usize, u8)], threads: usize) -> Result<()> {
    for &(modules, faults) in rows {
        let started = Instant::now();
        let outcome = Outcome::of_sequence(modules, faults, threads);
        let name = format!("{:<10}  {modules:7}  {faults:6}  {:<11}  {:<7}", "sequence", "-", "-");
        print_row(&name, &outcome, started);
        if let Some(property) = outcome.broken {
            let way = shortest_way(|| sequence::Tower::new(modules, faults), property).unwrap_or_default();
            println!("\n{}\n", story::tell_sequence(&way).join("\n"));
        }
        ensure!(outcome.holds(), "model: {}", outcome.result());
    }
    Ok(())
}

fn name_of((modules, faults, wiring, equal_serials): Row) -> String {
    let line = match wiring {
        Wiring::Chain => "chain",
        Wiring::Common => "common",
        Wiring::AlwaysOn => "always on",
    };
    let serials = if equal_serials { "equal" } else { "differ" };
    format!("{:<10}  {modules:7}  {faults:6}  {line:<11}  {serials:<7}", "addressing")
}

fn print_row(name: &str, outcome: &Outcome, started: Instant) {
    let Outcome { states, unique, depth, .. } = outcome;
    let seconds = started.elapsed().as_secs_f64();
    println!("{name}  {states:10}  {unique:10}  {depth:5}  {seconds:7.1}  {}", outcome.result());
}

/// What came of one row.
struct Outcome {
    states: usize,
    unique: usize,
    depth: usize,
    /// What does not hold.
    broken: Option<&'static str>,
    /// What must be reachable, and is not.
    unreached: Option<&'static str>,
}

impl Outcome {
    fn of_addressing(row: Row, threads: usize) -> Self {
        let outcome = Self::of(tower(row), threads, &[COMPLETE, RUNNING]);
        let is_reachable = row.2 == Wiring::Chain;
        Self { unreached: outcome.unreached.filter(|_| is_reachable), ..outcome }
    }

    fn of_sequence(modules: usize, faults: u8, threads: usize) -> Self {
        let outcome = Self::of(sequence::Tower::new(modules, faults), threads, &sequence::REACHED);
        // A lock-out needs a fault.
        let is_needed = |name: &&str| faults > 0 || *name != sequence::LOCKED;
        Self { unreached: outcome.unreached.filter(is_needed), ..outcome }
    }

    fn of<M: Checked>(model: M, threads: usize, must_be_reached: &[&'static str]) -> Self {
        let checker = model.checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
        let checker = checker.spawn_bfs().join();
        let found: BTreeSet<&str> = checker.discoveries().into_keys().collect();
        let must_be_reached: BTreeSet<&str> = must_be_reached.iter().copied().collect();
        Self {
            states: checker.state_count(),
            unique: checker.unique_state_count(),
            depth: checker.max_depth(),
            broken: found.difference(&must_be_reached).next().copied(),
            unreached: must_be_reached.difference(&found).next().copied(),
        }
    }

    fn holds(&self) -> bool {
        self.broken.is_none() && self.unreached.is_none()
    }

    fn result(&self) -> String {
        match (self.broken, self.unreached) {
            (Some(name), _) => format!("broken: {name}"),
            (None, Some(name)) => format!("never reached: {name}"),
            (None, None) => "holds".to_owned(),
        }
    }
}

fn tower((modules, faults, wiring, equal_serials): Row) -> Tower {
    Tower::new(modules, faults, wiring, equal_serials)
}

/// Prints what the enable line is there to prevent.
fn show_the_way(modules: usize, faults: u8, equal_serials: bool) -> Result<()> {
    let property = if equal_serials { ALONE } else { IN_ORDER };
    let way = shortest_way(|| tower((modules, faults, Wiring::Common, equal_serials)), property);
    let way = way.with_context(|| format!("model: {property:?} holds even without the enable line"))?;
    let told = story::tell(&way);
    println!("{}", told.join("\n"));
    println!("\nWithout the enable line {property:?} is broken in {} steps.", told.len());
    Ok(())
}

/// The checker stops some states after the first way that it finds, and keeps the last one: so it is asked
/// for shorter ways until there is none.
fn shortest_way<M: Checked>(model: impl Fn() -> M, property: &'static str) -> Option<Way<M>> {
    let find = |states: usize| {
        let wanted = HasDiscoveries::AnyOf([property].into());
        let checker = model().checker().finish_when(wanted).target_max_depth(states);
        checker.spawn_bfs().join().discovery(property).map(Path::into_vec)
    };
    let mut best = find(usize::MAX)?;
    while let Some(shorter) = find(best.len()) {
        best = shorter;
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(row: Row) {
        let outcome = Outcome::of_addressing(row, 2);
        assert!(outcome.holds(), "{row:?}: {}", outcome.result());
    }

    fn addresses_at_the_end(row: Row, broken: &'static str) -> Vec<Option<u8>> {
        let way = shortest_way(|| tower(row), broken).expect("a way");
        let (last, _) = way.last().expect("a state");
        last.modules.iter().map(|address| address.node()).collect()
    }

    #[test]
    fn all_get_the_address_of_their_place_whatever_goes_wrong_once() {
        for modules in 1..=MODULES {
            holds((modules, 1, Wiring::Chain, false));
        }
    }

    #[test]
    fn equal_serial_numbers_do_not_matter_in_a_chain() {
        holds((2, 1, Wiring::Chain, true));
    }

    #[test]
    fn a_line_that_is_always_on_is_refused() {
        holds((2, 2, Wiring::AlwaysOn, false));
        let fooled = Outcome::of_addressing((2, 3, Wiring::AlwaysOn, false), 2);
        assert!(!fooled.holds(), "three probes in a row whose answer is lost show nobody");
    }

    #[test]
    fn without_the_chain_the_order_is_wrong() {
        let row = (2, 0, Wiring::Common, false);
        assert_eq!(addresses_at_the_end(row, IN_ORDER), [None, Some(1)]);
    }

    #[test]
    fn without_the_chain_two_of_one_serial_number_share_an_address() {
        let row = (2, 0, Wiring::Common, true);
        assert_eq!(addresses_at_the_end(row, ALONE), [Some(1), Some(1)]);
    }

    #[test]
    fn the_tower_starts_stops_and_comes_back_in_every_order_of_events() {
        let outcome = Outcome::of_sequence(1, 0, 2);
        assert!(outcome.holds(), "{}", outcome.result());
    }

    #[test]
    fn wrong_options_are_refused() {
        for wrong in
            ["--only what", "--only", "--modules 5", "--modules", "--faults x", "--threads 0", "--what"]
        {
            let arguments: Vec<String> = wrong.split(' ').map(str::to_owned).collect();
            assert!(run(&arguments).is_err(), "{wrong}");
        }
    }
}
