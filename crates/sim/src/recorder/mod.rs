//! What a run leaves behind: time series, events, a picture, the energy balance, and which expectations held.
//!
//! Memory is constant in the length of the run: files are streamed, the picture keeps a fixed number of buckets that
//! coarsen as the run grows.

use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use voltower_control::record::Record;
use voltower_core::{Duration, Instant};

use crate::scenario::{Action, Scenario};

mod balance;
mod drive;
mod events;
mod picture;
mod report;
mod series;
mod snapshot;
mod story;

pub use balance::{Account, Balance, NotTaken};
pub use report::{Outcome, Report};
pub use snapshot::{HouseSnapshot, ModuleSnapshot, Snapshot, TowerSnapshot};
pub use story::record_words;

use events::Events;
use picture::Picture;
use series::SeriesFile;

/// Rows of a time series, about: a day has one each 10 s, a year one each hour.
const ROWS: u64 = 10_000;
/// Lengths between rows that people can read, s.
const INTERVALS_S: [u64; 12] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

/// Writes down a run while it goes.
#[derive(Debug)]
pub struct Recorder {
    folder: Option<PathBuf>,
    look_interval: Duration,
    row_interval: Duration,
    next_row: Instant,
    series: Option<SeriesFile>,
    events: Option<Events>,
    picture: Picture,
}

impl Recorder {
    /// A recorder that writes `series.csv`, `events.csv`, `picture.svg`, `balance.txt` and `report.json` into `folder`,
    /// which it makes; without one it only keeps what the report needs.
    ///
    /// # Errors
    ///
    /// The folder or a file in it cannot be made.
    pub fn new(folder: Option<&Path>, scenario: &Scenario) -> io::Result<Self> {
        if let Some(folder) = folder {
            fs::create_dir_all(folder)?;
        }
        let create = |name: &str| folder.map(|folder| create(&folder.join(name))).transpose();
        let start = scenario.start;
        let row_interval = row_interval(scenario);
        let look_interval = multiple(row_interval.min(Duration::secs(1)), scenario.period);
        Ok(Self {
            folder: folder.map(Path::to_owned),
            look_interval,
            row_interval,
            next_row: Instant::ZERO,
            series: create("series.csv")?.map(|file| SeriesFile::new(file, start, scenario)).transpose()?,
            events: create("events.csv")?.map(|file| Events::new(file, start)).transpose()?,
            picture: Picture::new(scenario, look_interval),
        })
    }

    /// How often [`Self::record`] wants to be called.
    #[must_use]
    pub fn look_interval(&self) -> Duration {
        self.look_interval
    }

    /// Writes down what happened to the world.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn action(&mut self, at: Instant, action: &Action) -> io::Result<()> {
        self.picture.action(at, action);
        self.events.as_mut().map_or(Ok(()), |events| events.action(at, action))
    }

    /// Writes down what a controller wrote down: in a tower (from 0), of a module (from 1; 0: none).
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn note(&mut self, at: Instant, tower: usize, module: u8, record: &Record) -> io::Result<()> {
        self.events.as_mut().map_or(Ok(()), |events| events.record(at, tower, module, record))
    }

    /// Writes down one moment.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn record(&mut self, at: Instant, seen: &Snapshot) -> io::Result<()> {
        self.picture.look(at, seen);
        if let Some(events) = &mut self.events {
            events.look(at, seen)?;
        }
        if at < self.next_row {
            return Ok(());
        }
        self.next_row = at + self.row_interval;
        self.series.as_mut().map_or(Ok(()), |series| series.row(at, seen))
    }

    /// The run is over: writes picture, balance and report, and names the files in the report.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn finish(self, mut report: Report) -> io::Result<Report> {
        if let Some(series) = self.series {
            series.finish()?;
        }
        if let Some(events) = self.events {
            events.finish()?;
        }
        if let Some(folder) = &self.folder {
            fs::write(folder.join("picture.svg"), self.picture.draw())?;
            fs::write(folder.join("balance.txt"), report.balance_text())?;
            let names = ["series.csv", "events.csv", "picture.svg", "balance.txt", "report.json"];
            report.files = names.iter().map(|name| folder.join(name)).collect();
            fs::write(folder.join("report.json"), report.json() + "\n")?;
        }
        Ok(report)
    }
}

fn create(path: &Path) -> io::Result<BufWriter<fs::File>> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    fs::File::create(path).map(BufWriter::new).map_err(named)
}

/// The shortest readable interval that keeps a series below [`ROWS`] rows; short runs keep every sample.
fn row_interval(scenario: &Scenario) -> Duration {
    if scenario.duration.0 <= scenario.period.0.saturating_mul(ROWS) {
        return scenario.period;
    }
    let enough = |seconds: &u64| scenario.duration.0 / 1_000_000 <= seconds.saturating_mul(ROWS);
    let seconds = INTERVALS_S.into_iter().find(enough).unwrap_or(3600);
    multiple(Duration::secs(seconds), scenario.period)
}

/// `interval`, made a multiple of `period`, so that looking does not cut the controllers' steps.
fn multiple(interval: Duration, period: Duration) -> Duration {
    Duration(interval.0.div_ceil(period.0.max(1)).max(1) * period.0)
}
