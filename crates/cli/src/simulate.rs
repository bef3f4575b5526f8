//! `voltower simulate`: a scenario as fast as it goes, written down.

use std::fs;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::Path;

use voltower_sim::recorder::{Recorder, Report};
use voltower_sim::{Scenario, World};

use crate::args::SimulateArgs;
use crate::error::{Failure, FileError};
use crate::interrupt;
use crate::progress;

/// Runs the scenario, writes what `--out` asks for, prints balance and expectations.
///
/// # Errors
/// A scenario that cannot be read, files that cannot be written, an expectation that did not hold, Ctrl-C.
pub fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let mut scenario = Scenario::load(&args.scenario).map_err(Failure::failed)?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    scenario.period = args.period.unwrap_or(scenario.period);
    if let Some(folder) = &args.save_modules {
        fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))?;
    }
    interrupt::install();
    let recorder = Recorder::new(args.out.as_deref(), &scenario)?;
    let mut world = World::new(&scenario);
    let bar = progress::bar(scenario.duration);
    let report = recorder.run(&mut world, |world| {
        progress::tell(&bar, world.now(), world.clock());
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    bar.finish_and_clear();
    print(args, &report)?;
    save_modules(args.save_modules.as_deref(), &world)?;
    match (interrupt::asked(), report.held()) {
        (true, _) => Err(Failure::Interrupted(world.clock().to_string())),
        (false, true) => Ok(()),
        (false, false) => Err(Failure::Unmet),
    }
}

/// One file a module, from which another run can start.
fn save_modules(folder: Option<&Path>, world: &World) -> Result<(), Failure> {
    let Some(folder) = folder else { return Ok(()) };
    for (tower, module, text) in world.modules() {
        let path = folder.join(format!("tower-{tower}-module-{module}.toml"));
        fs::write(&path, text).map_err(|error| unwritten(&path, error))?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}

fn unwritten(path: &Path, error: io::Error) -> Failure {
    Failure::failed(FileError { path: path.display().to_string(), error })
}

fn print(args: &SimulateArgs, report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        return writeln!(out, "{}", report.json());
    }
    writeln!(out, "{}, seed {}\n", report.title, report.seed)?;
    write!(out, "{report}")?;
    for file in &report.files {
        eprintln!("wrote {}", file.display());
    }
    Ok(())
}
