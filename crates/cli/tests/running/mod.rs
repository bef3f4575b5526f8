//! A `voltower run` beside the test, with its Link exposed.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use tempfile::TempDir;

const SCENARIO: &str = r#"
title = "For tools"
description = "Starts, and then feeds a house."
seed = 1
start = "10:00"
duration = "30 min"
[[tower]]
model = "E10"
soc = "60 %"
[house]
load = "500 W"
pv = "0 W"
[[event]]
at = "+5 s"
press = "1 s"
"#;

const FILE: &str = "tools.toml";

/// The program, ended when this is dropped.
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    url: String,
    folder: TempDir,
}

impl Running {
    /// Starts a tower that has run for two minutes, in real time from now on, with its Link at `url`.
    pub(crate) fn start(url: &str, more: &[&str]) -> Self {
        Self::start_with(url, more, "")
    }

    /// The same, with more in its scenario.
    pub(crate) fn start_with(url: &str, more: &[&str], events: &str) -> Self {
        Self::start_at("10:02", url, more, events)
    }

    /// The same, in real time only from `at` on; it starts at ten.
    pub(crate) fn start_at(at: &str, url: &str, more: &[&str], events: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scenario = folder.path().join(FILE);
        fs::write(&scenario, format!("{SCENARIO}{events}")).expect("a folder to write to");
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("voltower"))
            .args(["run", "--speed", "1", "--at", at, "--link", url, "--scenario"])
            .arg(&scenario)
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let mut running = Self { child, stderr, url: String::new(), folder };
        running.url = running.announced();
        running
    }

    /// The URL of the line `Link of tower 1 at URL, listen-only`.
    fn announced(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).expect("UTF-8");
        let url = line.split_once(" at ").and_then(|(_, rest)| rest.split_once(','));
        url.unwrap_or_else(|| panic!("no announcement: {line:?}")).0.to_owned()
    }

    /// The scenario that it runs.
    pub(crate) fn scenario(&self) -> String {
        self.folder.path().join(FILE).display().to_string()
    }

    /// Where its Link is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
