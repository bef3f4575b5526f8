//! The checkout: its root, and the source files in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A text file of the project.
pub(crate) struct Source {
    /// Path from the root, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl Source {
    /// Folder of the crate it belongs to (`core` for `crates/core/src/lib.rs`).
    pub(crate) fn member(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("crates/")?;
        inside.split('/').next()
    }

    /// Product code, as opposed to tests, benches and examples.
    pub(crate) fn is_product(&self) -> bool {
        self.is_rust() && self.member().is_some_and(|m| self.path.starts_with(&format!("crates/{m}/src/")))
    }

    /// A Rust file.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // At run time: a build folder that checkouts share may hold the program that another of them compiled.
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().expect("xtask lies in the workspace").to_owned()
}

/// Where cargo puts what it compiles.
pub(crate) fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Every text file that git tracks or would track, by path.
pub(crate) fn sources() -> Result<Vec<Source>> {
    let root = root();
    let read = |path: String| {
        let text = fs::read_to_string(root.join(&path)).ok()?;
        Some(Source { path, text })
    };
    Ok(paths()?.into_iter().filter(|path| is_text(path)).filter_map(read).collect())
}

/// Every file that git tracks or would track.
pub(crate) fn paths() -> Result<Vec<String>> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .context("git ls-files")?;
    ensure!(listing.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&listing.stderr));
    let listing = String::from_utf8(listing.stdout).context("a path that is not UTF-8")?;
    let mut paths: Vec<String> =
        listing.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.sort_unstable();
    paths.dedup();
    Ok(paths)
}

fn is_text(path: &str) -> bool {
    const ENDINGS: [&str; 6] = [".rs", ".toml", ".md", ".sh", ".yml", ".ci/run"];
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}
