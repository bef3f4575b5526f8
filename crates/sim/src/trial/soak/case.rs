//! What a run of the soak is: a site in a climate, healthy or with one fault, for a month.

use core::fmt;
use std::io;

use voltower_core::{Duration, Instant};

use super::{DAYS, weather};
use crate::Scenario;
use crate::scenario::{Action, Event, Fault, HomeCell};
use crate::trial::Dice;
use crate::trial::catalogue::Kind;

/// Samples come so far apart.
const PERIOD: &str = "10 s";
/// Modules of the tower in which something breaks.
const BROKEN_TOWER: usize = 2;
const HOUR: Duration = Duration::hours(1);
const DAY: Duration = Duration::hours(24);

/// A month of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// What it is about.
    pub subject: Subject,
    /// Where it stands.
    pub climate: Climate,
    /// What it hangs on.
    pub supply: Supply,
    /// Draws weather, cells, noise, and the fault.
    pub seed: u64,
}

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An E10 in which this breaks.
    Fault(Kind),
    /// Healthy modules.
    Mix(Mix),
}

/// Healthy modules of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// How many.
    pub size: Size,
    /// How old they are.
    pub age: Age,
    /// How full they are when they come.
    pub charge: Charge,
}

/// Modules of the towers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// One tower of so many modules.
    One(usize),
    /// Two towers of four modules each.
    TwoOfFour,
}

/// Ages of the modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// All new.
    New,
    /// All at 80 % of their capacity.
    Aged,
    /// 65 and 100 % in turn.
    Mixed,
}

/// SOC at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// The same.
    Equal,
    /// 20 and 85 % in turn.
    Apart,
}

/// Where a site stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Climate {
    /// A measured home from 8 January on, in California.
    Measured,
    /// Spring.
    Mild,
    /// Around freezing, short days.
    Cold,
    /// Up to the manual's 45 degC.
    Hot,
}

/// What feeds the house beside the roof and the towers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// The grid, which is away for a day and a half once.
    Grid,
    /// Nothing.
    Island,
}

impl Size {
    const ALL: [Self; 5] = [Self::One(1), Self::One(2), Self::One(3), Self::One(4), Self::TwoOfFour];

    /// Modules of each tower.
    #[must_use]
    pub fn towers(self) -> Vec<usize> {
        match self {
            Self::One(modules) => vec![modules],
            Self::TwoOfFour => vec![4, 4],
        }
    }
}

impl Age {
    const ALL: [Self; 3] = [Self::New, Self::Aged, Self::Mixed];

    /// Capacity in percent, and resistance over that of a new cell.
    const fn of(self, module: usize) -> (u32, &'static str) {
        match (self, module % 2) {
            (Self::New, _) | (Self::Mixed, 1) => (100, "1.0"),
            (Self::Aged, _) => (80, "1.5"),
            (Self::Mixed, _) => (65, "1.8"),
        }
    }
}

impl Charge {
    const ALL: [Self; 2] = [Self::Equal, Self::Apart];

    /// SOC in percent.
    const fn of(self, module: usize) -> u32 {
        match (self, module % 2) {
            (Self::Equal, _) => 50,
            (Self::Apart, 0) => 20,
            (Self::Apart, _) => 85,
        }
    }
}

impl Climate {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Measured, Self::Mild, Self::Cold, Self::Hot];

    /// Those that are made, not measured.
    pub(in crate::trial) const MADE: [Self; 3] = [Self::Mild, Self::Cold, Self::Hot];
}

impl Supply {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Grid, Self::Island];
}

impl Case {
    /// Every fault and every mix, in every climate, with and without the grid.
    #[must_use]
    pub fn all(seed: u64) -> Vec<Self> {
        let faults = Kind::ALL.iter().copied().map(Subject::Fault);
        let subjects: Vec<Subject> = faults.chain(Mix::all().into_iter().map(Subject::Mix)).collect();
        let mut cases = Vec::new();
        for subject in subjects {
            for climate in Climate::ALL {
                cases.extend(Supply::ALL.map(|supply| Self { subject, climate, supply, seed }));
            }
        }
        cases
    }

    /// The site with all that happens; `year` is the table of the measured home.
    ///
    /// # Panics
    /// If the text that it makes is no scenario: a mistake in here.
    #[must_use]
    pub fn scenario(&self, year: &str) -> Scenario {
        let mut dice = self.dice();
        let modules = self.towers().iter().sum();
        let made = weather::table(self.climate, modules, &mut dice);
        let table = made.as_deref().unwrap_or(year);
        let files = |name: &str| match name {
            "home.csv" => Ok(table.to_owned()),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        let text = self.text(made.is_some());
        let mut scenario = Scenario::parse("soak", &text, &files).unwrap_or_else(|error| panic!("{error}"));
        scenario.events.extend(self.trouble(&mut dice));
        scenario.events.sort_by_key(|event| event.at);
        scenario
    }

    /// Modules of each tower.
    #[must_use]
    pub fn towers(&self) -> Vec<usize> {
        match self.subject {
            // The strap makes a tower the second one.
            Subject::Fault(Kind::ComStrapOpen) => vec![BROKEN_TOWER, 1],
            Subject::Fault(_) => vec![BROKEN_TOWER],
            Subject::Mix(mix) => mix.size.towers(),
        }
    }

    /// Its own stream: no case is moved by another one.
    fn dice(&self) -> Dice {
        let place = self.to_string().bytes().fold(0_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(5)
        });
        Dice::new(self.seed ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn text(&self, made: bool) -> String {
        let midnight = if made { "0 h" } else { "3840 h" };
        let scale = if made { 1.0 } else { self.towers().iter().sum::<usize>() as f64 / 2.0 };
        let column = |column: &str, more: &str| {
            format!("{{ file = \"home.csv\", column = \"{column}\", midnight = \"{midnight}\"{more} }}")
        };
        let watts = format!(", unit = \"W\", scale = {scale:?}");
        let mut text = format!(
            "title = \"soak: {self}\"\nseed = {}\nstart = \"00:00\"\nduration = \"{DAYS} d\"\nperiod = \"{PERIOD}\"\n\
             ambient = {}\n[inverter]\nmode = \"self-consumption\"\n[house]\nload = {}\npv = {}\n",
            self.seed,
            column("outdoor_degc", ", between = \"linear\""),
            column("load_w", &watts),
            column("pv_w", &watts),
        );
        let cell = self.dice().one(&HomeCell::ALL).name();
        for modules in self.towers() {
            text.push_str(&format!("[[tower]]\ncell = \"{cell}\"\n"));
            (0..modules).for_each(|module| text.push_str(&self.module(module)));
        }
        text
    }

    fn module(&self, module: usize) -> String {
        let (charge, (health, growth)) = match self.subject {
            Subject::Fault(_) => (50, Age::New.of(module)),
            Subject::Mix(mix) => (mix.charge.of(module), mix.age.of(module)),
        };
        format!(
            "[[tower.module]]\nsoc = \"{charge} %\"\nhealth = \"{health} %\"\nresistance_growth = {growth}\n"
        )
    }

    /// Somebody switches the towers on, once; the grid goes; something breaks.
    fn trouble(&self, dice: &mut Dice) -> Vec<Event> {
        let mut events = Vec::new();
        let mut add = |at: Duration, action| events.push(Event { at: Instant::ZERO + at, action });
        for tower in 0..self.towers().len() {
            add(Duration::secs(10), Action::Press { tower, hold: Duration::secs(1) });
        }
        match self.supply {
            Supply::Grid => {
                add(days(17) + Duration::hours(18), Action::Grid { on: false });
                add(days(19) + Duration::hours(8), Action::Grid { on: true });
            }
            Supply::Island => add(Duration::mins(2), Action::Grid { on: false }),
        }
        if let Subject::Fault(kind) = self.subject
            && let Some(fault) = kind.draw(dice, BROKEN_TOWER)
        {
            let tower = usize::from(kind == Kind::ComStrapOpen);
            let at = dice.time(HOUR, days(3));
            let lasts = lasts(&fault, dice);
            // Whoever puts other software into the unit switches it on afterwards.
            let fitted = matches!(fault, Fault::BduWrongSoftware { .. });
            let changes = [
                Some((at, Action::Break { tower, fault: fault.clone() })),
                lasts.map(|lasts| (at + lasts, Action::Repair { tower, fault })),
            ];
            for (at, change) in changes.into_iter().flatten() {
                add(at, change);
                if fitted {
                    add(at + Duration::mins(1), Action::Press { tower, hold: Duration::secs(1) });
                }
            }
        }
        events
    }
}

/// What everybody notices is mended within days: then the tower must be back by itself. The rest stays, in half the
/// cases. A full bus is simulated frame by frame, some 4000 in a second: an hour of it at most.
fn lasts(fault: &Fault, dice: &mut Dice) -> Option<Duration> {
    let mended = dice.chance(50);
    let lasts = dice.time(HOUR, days(4));
    if matches!(fault, Fault::LinkBabbling { .. }) {
        return Some(Duration(lasts.0 / 96));
    }
    (mended || fault.module().is_none()).then_some(lasts)
}

const fn days(count: u64) -> Duration {
    Duration(DAY.0 * count)
}

impl Mix {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for size in Size::ALL {
            for age in Age::ALL {
                all.extend(Charge::ALL.map(|charge| Self { size, age, charge }));
            }
        }
        all
    }
}

impl fmt::Display for Case {
    /// Its name, without blanks where people type it: `weak-cell cold island 1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let climate = match self.climate {
            Climate::Measured => "measured",
            Climate::Mild => "mild",
            Climate::Cold => "cold",
            Climate::Hot => "hot",
        };
        let supply = match self.supply {
            Supply::Grid => "grid",
            Supply::Island => "island",
        };
        write!(f, "{} {climate} {supply} {}", self.subject, self.seed)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(kind) => f.write_str(kind.word()),
            Self::Mix(mix) => mix.fmt(f),
        }
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.size {
            Size::One(modules) => write!(f, "E{}", 5 * modules)?,
            Size::TwoOfFour => f.write_str("2xE20")?,
        }
        f.write_str(match self.age {
            Age::New => "-new",
            Age::Aged => "-aged",
            Age::Mixed => "-mixed",
        })?;
        f.write_str(match self.charge {
            Charge::Equal => "-equal",
            Charge::Apart => "-apart",
        })
    }
}
