//! What is left to say at the end of a run.

use std::fmt::{self, Write as _};
use std::path::PathBuf;

use serde::Serialize;
use voltower_core::{Duration, Instant};

use super::{Balance, NotTaken};
use crate::check::{Verdict, Watched};
use crate::scenario::{DayTime, Scenario};

/// How an expectation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What was expected.
    pub expected: String,
    /// Line in the scenario file.
    pub line: usize,
    /// It was seen.
    pub held: bool,
    /// Clock time at which that was settled.
    pub settled: String,
}

/// Everything there is to say about a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Of the scenario.
    pub title: String,
    /// Of the run.
    pub seed: u64,
    /// Simulated, s.
    pub simulated_seconds: f64,
    /// Of every expectation, in the order of the file.
    pub expectations: Vec<Outcome>,
    /// Of every tower, and of the house if there is one.
    pub balances: Vec<Balance>,
    /// Sun that the batteries did not take, if there is a house.
    pub sun_not_taken: Option<NotTaken>,
    /// What was written.
    pub files: Vec<PathBuf>,
}

impl Report {
    /// Of a scenario that has run so long, with its expectations and balances.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        simulated: Duration,
        watched: &[Watched],
        balances: Vec<Balance>,
    ) -> Self {
        Self {
            title: scenario.title.clone(),
            seed: scenario.seed,
            simulated_seconds: simulated.0 as f64 / 1e6,
            expectations: watched.iter().map(|watched| outcome(scenario.start, watched)).collect(),
            balances,
            sun_not_taken: None,
            files: Vec::new(),
        }
    }

    /// Every expectation held.
    #[must_use]
    pub fn held(&self) -> bool {
        self.expectations.iter().all(|outcome| outcome.held)
    }

    /// The energy balances as tables.
    #[must_use]
    pub fn balance_text(&self) -> String {
        let sun = self.sun_not_taken.iter().map(NotTaken::text);
        let tables: Vec<String> = self.balances.iter().map(Balance::text).chain(sun).collect();
        tables.join("\n")
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.balance_text())?;
        if !self.expectations.is_empty() {
            f.write_str("\nExpected\n")?;
        }
        for outcome in &self.expectations {
            let word = if outcome.held { "held  " } else { "FAILED" };
            writeln!(
                f,
                "  {word}  {}  (settled {}, line {})",
                outcome.expected, outcome.settled, outcome.line
            )?;
        }
        Ok(())
    }
}

fn outcome(start: DayTime, watched: &Watched) -> Outcome {
    let clock = |at: Instant| start.after(at).to_string();
    let (held, settled) = match watched.verdict {
        Verdict::Held { at } => (true, clock(at)),
        Verdict::Failed { at } => (false, clock(at)),
        Verdict::Open => (false, "never".to_owned()),
    };
    let mut expected = watched.expectation.text.clone();
    if watched.expectation.tower > 0 {
        // Writing to a string cannot fail.
        let _ = write!(expected, " (tower {})", watched.expectation.tower + 1);
    }
    Outcome { expected, line: watched.expectation.line, held, settled }
}
