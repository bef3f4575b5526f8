//! A copy of the checkout in which code may be broken.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};

use super::table::Break;
use crate::workspace::{paths, root, target_dir};

/// The copy. It stays where it is from run to run, so that only what has changed is compiled anew.
pub(super) struct Copy {
    folder: PathBuf,
}

impl Copy {
    /// Makes it, or brings it up to date; what an earlier run left broken is mended.
    pub(super) fn make() -> Result<Self> {
        let copy = Self { folder: target_dir().join("breaks") };
        let wanted: BTreeSet<PathBuf> = paths()?.into_iter().map(PathBuf::from).collect();
        for path in &wanted {
            if let Ok(bytes) = fs::read(root().join(path)) {
                copy.write(path, &bytes)?;
            }
        }
        let mut present = Vec::new();
        files(&copy.tree(), &mut present)?;
        for path in present {
            let relative = path.strip_prefix(copy.tree()).context("a file of the copy")?;
            if !wanted.contains(relative) || !root().join(relative).is_file() {
                fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
        }
        Ok(copy)
    }

    /// Its root.
    pub(super) fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// Where cargo puts what it compiles of it.
    pub(super) fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Makes a break.
    pub(super) fn broken(&self, one: &Break) -> Result<Mending<'_>> {
        let path = PathBuf::from(&one.file);
        let sound = fs::read_to_string(self.tree().join(&path)).with_context(|| one.file.clone())?;
        let broken = one.make(&sound).map_err(|wrong| anyhow!("{}: {wrong}", one.requirement()))?;
        self.write(&path, broken.as_bytes())?;
        Ok(Mending { copy: self, path, sound })
    }

    /// Leaves a file alone that is so already: cargo goes by its time.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let place = self.tree().join(path);
        if fs::read(&place).is_ok_and(|present| present == bytes) {
            return Ok(());
        }
        let folder = place.parent().context("a file has a folder")?;
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        fs::write(&place, bytes).with_context(|| place.display().to_string())
    }
}

/// A file that is broken, and how it was.
pub(super) struct Mending<'a> {
    copy: &'a Copy,
    path: PathBuf,
    sound: String,
}

impl Mending<'_> {
    /// As it was.
    pub(super) fn mend(self) -> Result<()> {
        self.copy.write(&self.path, self.sound.as_bytes())
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files(&entry.path(), found)?;
        } else {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// Files that are not as they were in `commit`.
pub(super) fn changed_since(commit: &str) -> Result<Vec<String>> {
    let listing = Command::new("git")
        .args(["diff", "--name-only", commit, "--"])
        .current_dir(root())
        .output()
        .context("git diff")?;
    ensure!(listing.status.success(), "git diff failed: {}", String::from_utf8_lossy(&listing.stderr));
    Ok(String::from_utf8_lossy(&listing.stdout).lines().map(str::to_owned).collect())
}
