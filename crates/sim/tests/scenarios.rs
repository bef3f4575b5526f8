//! Every file in `scenarios/` runs, and what it expects is seen. One test a file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use voltower_core::{Duration, Instant};
use voltower_sim::check::{Verdict, Watched};
use voltower_sim::{Scenario, World};

fn main() {
    let trial = |path: PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(name, move || run(&path))
    };
    let trials = files().into_iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let entries = std::fs::read_dir(folder).expect("the folder of scenarios");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 30, "only {} scenarios", files.len());
    files
}

fn run(path: &Path) -> Result<(), Failed> {
    let scenario = Scenario::load(path).map_err(|error| Failed::from(error.to_string()))?;
    let mut world = World::new(&scenario);
    let end = Instant::ZERO + scenario.duration;
    let mut story = String::new();
    while world.now() < end {
        world.advance_to((world.now() + Duration::mins(10)).min(end));
        tell(&mut story, &mut world);
    }
    world.finish();
    let results = world.checker().results();
    let failed: Vec<String> = results.iter().filter_map(|one| failure(&scenario, one)).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nwhat happened:\n{story}", failed.join("\n")).into())
}

fn tell(story: &mut String, world: &mut World) {
    let start = world.scenario().start;
    for (at, action) in world.drain_actions() {
        writeln!(story, "  {} {action:?}", start.after(at)).expect("a string takes everything");
    }
    for logged in world.drain_log() {
        let (when, tower, module) = (start.after(logged.at), logged.tower + 1, logged.module);
        writeln!(story, "  {when} tower {tower} module {module}: {:?}", logged.record)
            .expect("a string takes everything");
    }
}

fn failure(scenario: &Scenario, watched: &Watched) -> Option<String> {
    let at = match watched.verdict {
        Verdict::Held { .. } => return None,
        Verdict::Failed { at } => scenario.start.after(at).to_string(),
        Verdict::Open => "never".to_owned(),
    };
    let expectation = &watched.expectation;
    Some(format!("line {}: {} (settled {at}): {:?}", expectation.line, expectation.text, expectation.checks))
}
