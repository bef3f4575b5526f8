//! Events as CSV: what happened, what the controllers wrote down, and what the panel then showed.

use std::fs::File;
use std::io::{self, BufWriter};

use voltower_control::record::Record;
use voltower_core::{ConditionSet, Instant, TowerState};

use super::{Snapshot, TowerSnapshot, record_words};
use crate::scenario::{Action, DayTime, Lights, condition_name};

#[derive(Debug)]
pub(super) struct Events {
    file: csv::Writer<BufWriter<File>>,
    start: DayTime,
    shown: Vec<(TowerState, ConditionSet)>,
}

impl Events {
    pub(super) fn new(file: BufWriter<File>, start: DayTime) -> io::Result<Self> {
        let mut file = csv::Writer::from_writer(file);
        file.write_record(["time_s", "clock", "tower", "module", "kind", "what"])?;
        Ok(Self { file, start, shown: Vec::new() })
    }

    pub(super) fn action(&mut self, at: Instant, action: &Action) -> io::Result<()> {
        self.write(at, action.tower(), 0, "action", &action.to_string())
    }

    pub(super) fn record(
        &mut self,
        at: Instant,
        tower: usize,
        module: u8,
        record: &Record,
    ) -> io::Result<()> {
        self.write(at, Some(tower), module, "record", &record_words(record))
    }

    /// Writes what a panel shows, when state or conditions have changed.
    pub(super) fn look(&mut self, at: Instant, seen: &Snapshot) -> io::Result<()> {
        self.shown.resize(seen.towers.len(), (TowerState::Shutdown, ConditionSet::EMPTY));
        for (number, tower) in seen.towers.iter().enumerate() {
            let now = (tower.state, tower.conditions);
            if self.shown.get(number) != Some(&now) {
                self.write(at, Some(number), 0, "panel", &shown(tower))?;
                self.shown[number] = now;
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.flush()
    }

    fn write(
        &mut self,
        at: Instant,
        tower: Option<usize>,
        module: u8,
        kind: &str,
        what: &str,
    ) -> io::Result<()> {
        let seconds = format!("{:.2}", at.0 as f64 / 1e6);
        let clock = self.start.after(at).to_string();
        let tower = tower.map_or_else(String::new, |tower| (tower + 1).to_string());
        let module = if module == 0 { String::new() } else { module.to_string() };
        Ok(self.file.write_record([&seconds, &clock, &tower, &module, kind, what])?)
    }
}

fn shown(tower: &TowerSnapshot) -> String {
    let lights = Lights { pattern: tower.pattern, soc_free: false };
    let conditions: Vec<String> = tower.conditions.iter().map(condition_name).collect();
    let conditions = if conditions.is_empty() { "nothing wrong".to_owned() } else { conditions.join("; ") };
    format!("{}; {lights}; {conditions}", tower.state)
}
