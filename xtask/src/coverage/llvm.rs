//! LLVM's tools, of the version that the compiler was built with: found, or on Debian installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::tools::succeeds;
use crate::workspace::root;

pub(super) struct Tools {
    cov: PathBuf,
    profdata: PathBuf,
}

impl Tools {
    pub(super) fn need() -> Result<Self> {
        let places = Places::of_compiler()?;
        places.find().or_else(|| places.install().then(|| places.find())?).with_context(|| {
            format!(
                "coverage needs llvm-cov and llvm-profdata of LLVM {}: `rustup component add llvm-tools`, \
                 or Debian's package {}",
                places.major,
                places.package()
            )
        })
    }

    pub(super) fn merge(&self, raw: &Path, merged: &Path) -> Result<()> {
        let status = Command::new(&self.profdata)
            .args(["merge", "--sparse", "--output"])
            .arg(merged)
            .arg(raw)
            .status()
            .context("llvm-profdata")?;
        ensure!(status.success(), "llvm-profdata cannot read the counts");
        Ok(())
    }

    /// Counts of the files in `folder`, as JSON.
    pub(super) fn export(&self, merged: &Path, programs: &[PathBuf], folder: &Path) -> Result<Vec<u8>> {
        let mut command = Command::new(&self.cov);
        command.args(["export", "--format=text", "--skip-functions", "--instr-profile"]).arg(merged);
        for program in programs {
            command.arg("--object").arg(program);
        }
        let output =
            command.arg("--sources").arg(folder).stderr(Stdio::inherit()).output().context("llvm-cov")?;
        ensure!(output.status.success(), "llvm-cov cannot read the programs");
        Ok(output.stdout)
    }
}

/// Where tools of the compiler's LLVM may be.
struct Places {
    /// Of LLVM's version.
    major: String,
    folders: [PathBuf; 2],
}

impl Places {
    fn of_compiler() -> Result<Self> {
        let about = rustc(&["-vV"])?;
        let field = |name: &str| about.lines().find_map(|line| line.strip_prefix(name));
        let host = field("host: ").context("rustc does not name its host")?;
        let version = field("LLVM version: ").context("rustc does not name its LLVM")?;
        let major = version.split('.').next().unwrap_or(version).to_owned();
        let component = Path::new(rustc(&["--print", "sysroot"])?.trim()).join("lib/rustlib").join(host);
        let debian = PathBuf::from(format!("/usr/lib/llvm-{major}"));
        Ok(Self { major, folders: [component, debian].map(|folder| folder.join("bin")) })
    }

    fn find(&self) -> Option<Tools> {
        Some(Tools { cov: self.tool("llvm-cov")?, profdata: self.tool("llvm-profdata")? })
    }

    fn tool(&self, name: &str) -> Option<PathBuf> {
        let inside = self.folders.iter().map(|folder| folder.join(name)).find(|path| path.exists());
        let named = PathBuf::from(format!("{name}-{}", self.major));
        inside.or_else(|| succeeds(Command::new(&named).arg("--version")).then_some(named))
    }

    fn package(&self) -> String {
        format!("llvm-{}", self.major)
    }

    /// Whether Debian's package could be installed.
    fn install(&self) -> bool {
        if !is_debian() {
            return false;
        }
        let package = self.package();
        println!("installing {package} with apt-get");
        // A fresh container knows no packages yet; without the network the old list has to do.
        succeeds(apt_get().arg("update"));
        succeeds(apt_get().args(["install", "-y", "--no-install-recommends", &package]))
    }
}

fn is_debian() -> bool {
    let about = fs::read_to_string("/etc/os-release").unwrap_or_default();
    about.lines().any(|line| line == "ID=debian") && succeeds(apt_get().arg("--version"))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn rustc(options: &[&str]) -> Result<String> {
    let output = Command::new("rustc").args(options).current_dir(root()).output().context("rustc")?;
    String::from_utf8(output.stdout).context("rustc's answer")
}
