//! A test that is cited by file and name: how it is built and run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;

use super::copy::Copy;
use crate::mutants::{SWEEP, SWEEP_EVERY};

/// A test of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cited {
    /// Folder of its package, from the root.
    folder: String,
    target: Target,
    /// Modules down to its file, with `::` behind each.
    modules: String,
    name: String,
}

/// What it is compiled into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Target {
    /// The package itself.
    Unit,
    /// A program of `tests/`.
    Integration(String),
}

/// How a test ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Green,
    /// With what it said.
    Red(String),
    /// It was given up.
    Endless,
}

impl Cited {
    /// From `file: function`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (path, name) = text.split_once(": ").with_context(|| format!("{text:?} names no function"))?;
        let parts: Vec<&str> = path.strip_suffix(".rs").unwrap_or(path).split('/').collect();
        let (folder, inside) = match &parts[..] {
            ["crates", package, inside @ ..] => (format!("crates/{package}"), inside),
            ["xtask", inside @ ..] => ("xtask".to_owned(), inside),
            _ => bail!("{path} belongs to no package"),
        };
        let (target, modules) = match inside {
            ["src", modules @ ..] => (Target::Unit, modules),
            ["tests", program, modules @ ..] => (Target::Integration((*program).to_owned()), modules),
            _ => bail!("{path} is no test"),
        };
        let is_module = |part: &&&str| !matches!(**part, "mod" | "lib" | "main");
        let modules = modules.iter().filter(is_module).map(|part| format!("{part}::")).collect();
        Ok(Self { folder, target, modules, name: name.to_owned() })
    }

    /// Its name, as people read it.
    pub(super) fn name(&self) -> String {
        self.name.replace('_', " ")
    }

    /// How its program may call it: in its file, or in the module for tests there.
    fn calls(&self) -> [String; 2] {
        [format!("{}{}", self.modules, self.name), format!("{}tests::{}", self.modules, self.name)]
    }

    fn package(&self) -> String {
        match self.folder.strip_prefix("crates/") {
            Some(member) => format!("voltower-{member}"),
            None => self.folder.clone(),
        }
    }

    /// Whoever simulates needs the optimiser; the others are compiled sooner without it.
    fn profile(&self) -> &'static str {
        match &*self.folder {
            "crates/core" | "crates/control" | "crates/plant" => "mutants",
            _ => "test",
        }
    }
}

/// Test programs that are built.
pub(super) struct Programs(HashMap<(String, Target), PathBuf>);

/// Builds the programs of all `tests`; the compiler's word if they do not compile.
pub(super) fn build(copy: &Copy, tests: &[Cited]) -> Result<Result<Programs, String>> {
    let mut packages: BTreeMap<&str, (&Cited, BTreeSet<&Target>)> = BTreeMap::new();
    for test in tests {
        packages.entry(&test.folder).or_insert((test, BTreeSet::new())).1.insert(&test.target);
    }
    let mut programs = HashMap::new();
    for (folder, (test, targets)) in packages {
        match build_package(copy, test, &targets)? {
            Ok(built) => {
                programs.extend(built.into_iter().map(|(target, path)| ((folder.to_owned(), target), path)));
            }
            Err(message) => return Ok(Err(message)),
        }
    }
    Ok(Ok(Programs(programs)))
}

type Built = Vec<(Target, PathBuf)>;

fn build_package(copy: &Copy, test: &Cited, targets: &BTreeSet<&Target>) -> Result<Result<Built, String>> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--no-run", "--package", &test.package(), "--profile", test.profile()]);
    for target in targets {
        match target {
            Target::Unit if test.folder == "xtask" => command.arg("--bins"),
            Target::Unit => command.arg("--lib"),
            Target::Integration(program) => command.args(["--test", program]),
        };
    }
    let output = command
        .args(["--message-format", "json-render-diagnostics"])
        .env("CARGO_TARGET_DIR", copy.target())
        .current_dir(copy.tree())
        .stdin(Stdio::null())
        .output()
        .context("cargo test")?;
    if !output.status.success() {
        return Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let mut built = Vec::new();
    for message in Message::parse_stream(output.stdout.as_slice()) {
        let Message::CompilerArtifact(artifact) = message.context("cargo's messages")? else { continue };
        let Some(program) = artifact.executable.filter(|_| artifact.profile.test) else { continue };
        let target =
            if artifact.target.is_test() { Target::Integration(artifact.target.name) } else { Target::Unit };
        built.push((target, PathBuf::from(program)));
    }
    Ok(Ok(built))
}

impl Programs {
    /// Runs one test alone, for `limit` at most.
    pub(super) fn run(&self, copy: &Copy, test: &Cited, limit: Duration) -> Result<Outcome> {
        let key = (test.folder.clone(), test.target.clone());
        let program = self.0.get(&key).with_context(|| format!("no program of {}", test.name()))?;
        let said = copy.target().join("said.txt");
        let outcome = run(program, copy, test, limit, &said)?;
        let text = fs::read_to_string(&said).unwrap_or_default();
        match outcome {
            None => Ok(Outcome::Endless),
            Some(false) => Ok(Outcome::Red(text)),
            Some(true) if text.contains("test result: ok. 1 passed") => Ok(Outcome::Green),
            Some(true) => bail!("{} does not hold {}", program.display(), test.calls().join(" or ")),
        }
    }
}

/// Whether it ended well; `None` if it had to be ended.
fn run(program: &Path, copy: &Copy, test: &Cited, limit: Duration, said: &Path) -> Result<Option<bool>> {
    let folder = copy.tree().join(&test.folder);
    let out = File::create(said).with_context(|| said.display().to_string())?;
    let mut child = Command::new(program)
        .args(test.calls())
        .args(["--exact", "--include-ignored"])
        .env("CARGO_MANIFEST_DIR", &folder)
        .env(SWEEP, SWEEP_EVERY)
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
        // Without the optimiser some need more than the 2 MiB that a thread has.
        .env("RUST_MIN_STACK", "16777216")
        .env("RUST_BACKTRACE", "0")
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| program.display().to_string())?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str) -> (String, Target, String) {
        let test = Cited::parse(text).expect("a test");
        let [first, _] = test.calls();
        (test.package(), test.target, first)
    }

    #[test]
    fn a_file_says_which_program_calls_the_test_how() {
        let integration = |name: &str| Target::Integration(name.to_owned());
        for (text, package, target, call) in [
            (
                "crates/control/tests/module/kept.rs: a_b",
                "voltower-control",
                integration("module"),
                "kept::a_b",
            ),
            ("crates/control/tests/selftest.rs: a_b", "voltower-control", integration("selftest"), "a_b"),
            (
                "crates/sim/src/tower/keeper/tests.rs: a",
                "voltower-sim",
                Target::Unit,
                "tower::keeper::tests::a",
            ),
            ("xtask/src/model/mod.rs: a", "xtask", Target::Unit, "model::a"),
        ] {
            assert_eq!(calls(text), (package.to_owned(), target, call.to_owned()), "{text}");
        }
        assert!(Cited::parse("crates/control/src").is_err() && Cited::parse("docs/a.rs: b").is_err());
    }
}
