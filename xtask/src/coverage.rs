//! Which lines and branches of the protection its own tests and those of the module reach.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use cargo_metadata::Message;

use crate::workspace::{root, target_dir};

const FOLDER: &str = "crates/control/src/protect";
/// Lines, and both ways out of every condition.
const FLAGS: &str = "-Cinstrument-coverage -Zcoverage-options=branch";

/// Runs the tests, and prints lines and branches of each file, and the branches that no test takes.
///
/// # Errors
/// If a test fails, or LLVM's tools are missing.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::find()?;
    let target = target_dir().join("coverage");
    let raw = target.join("raw");
    if raw.exists() {
        fs::remove_dir_all(&raw).context("removing the last run's counts")?;
    }
    let programs = build(&target, &raw)?;
    for program in &programs {
        let status = Command::new(program)
            .arg("--quiet")
            .env("LLVM_PROFILE_FILE", raw.join("%p-%m.profraw"))
            // Without the optimiser the property tests need more than the 2 MiB that a thread has.
            .env("RUST_MIN_STACK", "16777216")
            .current_dir(root().join("crates/control"))
            .stdout(Stdio::null())
            .status()
            .with_context(|| program.display().to_string())?;
        ensure!(status.success(), "{} fails", program.display());
    }
    let merged = target.join("merged.profdata");
    tools.merge(&raw, &merged)?;
    let report = tools.export(&merged, &programs)?;
    print(&report);
    Ok(())
}

/// The test programs: those of the distribution unit protect no module.
fn build(target: &Path, raw: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "test",
            "--package",
            "voltower-control",
            "--test",
            "protect",
            "--test",
            "module",
            "--no-run",
            "--profile",
            "mutants",
        ])
        .args(["--message-format", "json-render-diagnostics", "--target-dir"])
        .arg(target)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", FLAGS)
        .env("LLVM_PROFILE_FILE", raw.join("build-%p-%m.profraw"))
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo test")?;
    ensure!(output.status.success(), "the tests of voltower-control do not compile");
    let mut programs = Vec::new();
    for message in Message::parse_stream(output.stdout.as_slice()) {
        if let Message::CompilerArtifact(artifact) = message.context("cargo's messages")? {
            programs.extend(artifact.executable.map(PathBuf::from));
        }
    }
    Ok(programs)
}

/// LLVM's tools, of the version that the compiler was built with.
struct Tools {
    cov: PathBuf,
    profdata: PathBuf,
}

impl Tools {
    fn find() -> Result<Self> {
        let about = rustc(&["-vV"])?;
        let field = |name: &str| about.lines().find_map(|line| line.strip_prefix(name));
        let host = field("host: ").context("rustc does not name its host")?;
        let version = field("LLVM version: ").context("rustc does not name its LLVM")?;
        let major = version.split('.').next().unwrap_or(version);
        let component = Path::new(rustc(&["--print", "sysroot"])?.trim()).join("lib/rustlib").join(host);
        let debian = PathBuf::from(format!("/usr/lib/llvm-{major}"));
        let places = [component, debian].map(|place| place.join("bin"));
        let find = |tool: &str| {
            let inside = places.iter().map(|place| place.join(tool)).find(|path| path.exists());
            let named = PathBuf::from(format!("{tool}-{major}"));
            inside.or_else(|| runs(&named).then_some(named)).with_context(|| {
                format!(
                    "coverage needs {tool} of LLVM {major}: `rustup component add llvm-tools`, \
                     or Debian's package llvm-{major}"
                )
            })
        };
        Ok(Self { cov: find("llvm-cov")?, profdata: find("llvm-profdata")? })
    }

    fn merge(&self, raw: &Path, merged: &Path) -> Result<()> {
        let status = Command::new(&self.profdata)
            .args(["merge", "--sparse", "--output"])
            .arg(merged)
            .arg(raw)
            .status()
            .context("llvm-profdata")?;
        ensure!(status.success(), "llvm-profdata cannot read the counts");
        Ok(())
    }

    /// In the format of lcov: one fact a line.
    fn export(&self, merged: &Path, programs: &[PathBuf]) -> Result<String> {
        let mut command = Command::new(&self.cov);
        command.args(["export", "--format=lcov", "--instr-profile"]).arg(merged);
        for program in programs {
            command.arg("--object").arg(program);
        }
        let output = command
            .arg("--sources")
            .arg(root().join(FOLDER))
            .stderr(Stdio::inherit())
            .output()
            .context("llvm-cov")?;
        ensure!(output.status.success(), "llvm-cov cannot read the programs");
        String::from_utf8(output.stdout).context("llvm-cov's report")
    }
}

fn rustc(options: &[&str]) -> Result<String> {
    let output = Command::new("rustc").args(options).current_dir(root()).output().context("rustc")?;
    String::from_utf8(output.stdout).context("rustc's answer")
}

fn runs(program: &Path) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Reached and all.
#[derive(Default)]
struct Share {
    reached: usize,
    all: usize,
}

impl Share {
    fn count(&mut self, reached: bool) {
        self.reached += usize::from(reached);
        self.all += 1;
    }

    fn text(&self) -> String {
        format!("{:>4} of {:>4}", self.reached, self.all)
    }
}

/// Prints a line for each file, then the ways that no test takes.
fn print(lcov: &str) {
    let (mut name, mut lines, mut branches) = (String::new(), Share::default(), Share::default());
    let mut untaken = Vec::new();
    println!("{:<12} {:>12}  {:>12}", "file", "lines", "branches");
    for line in lcov.lines() {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        let mut fields = value.split(',');
        match key {
            "SF" => {
                name = value.rsplit('/').next().unwrap_or(value).to_owned();
                (lines, branches) = (Share::default(), Share::default());
            }
            "DA" => lines.count(fields.nth(1) != Some("0")),
            "BRDA" => {
                let place = fields.next().unwrap_or("?");
                let taken = !matches!(fields.nth(2), Some("0" | "-"));
                branches.count(taken);
                if !taken {
                    untaken.push(format!("{FOLDER}/{name}:{place}"));
                }
            }
            "end_of_record" => println!("{name:<12} {}  {}", lines.text(), branches.text()),
            _ => {}
        }
    }
    untaken.dedup();
    for place in &untaken {
        println!("{place}: a way out of this condition is never taken");
    }
}
