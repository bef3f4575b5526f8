//! What a module may do while its cells lie too far apart: the direction that heals it, gently, or none.
//!
//! A cell that is emptier than the others is healed by a small charge; at the top of the charge, where the fullest
//! cell stands out, by discharging. A cell that does not follow a small charge, or that sinks while nothing flows,
//! leaks or is shorted: it is given up.

use voltower_core::{Duration, Levels, MilliAmps, values};

use super::measure::{Evidence, Measured};
use super::row::Direction;

/// What may pass while the cells lie too far apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Way {
    /// They do not.
    #[default]
    Both,
    /// Only this direction.
    Only(Direction),
    /// Nothing, until this is over.
    Neither(Hindrance),
}

/// What keeps cells that lie too far apart from being charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hindrance {
    /// The emptiest cell is in deep discharge.
    Deep,
    /// A cell is too cold.
    Cold,
    /// A cell is too hot.
    Hot,
    /// A cell has been given up.
    GivenUp,
}

/// Why a cell was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// It does not rise though it is charged.
    DoesNotRise,
    /// It sinks though nothing flows.
    Sinks,
}

/// Which end of the charge the cells are at.
///
/// ```text
///           highest at the end of the taper
///   Bottom --------------------------------> Top
///     ^                                       |
///     +------ highest at its start -----------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum End {
    /// The emptiest cell stands out: charge heals.
    #[default]
    Bottom,
    /// The fullest cell stands out: discharge heals.
    Top,
}

/// The voltage of the emptiest cell, in mV, when so much had passed, in mA us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Mark {
    charge: i64,
    lowest: i32,
}

/// How the cells come together again; everything since the fault came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Levelling {
    end: End,
    /// What was charged, in mA us.
    charged: i64,
    /// Where the emptiest cell was when its rise was looked at last.
    rise: Option<Mark>,
    /// How long nothing has flowed.
    rested: Duration,
    /// What the electronics have taken while nothing else flowed, in mA us.
    taken: i64,
    /// Where the emptiest cell was at rest.
    rest: Option<Mark>,
    failure: Option<Failure>,
}

impl Levelling {
    /// Why a cell was given up.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// One sample while the fault is there.
    pub fn step(&mut self, measured: &Measured, levels: &Levels, elapsed: Duration) {
        let cells = &measured.cells;
        self.end = match self.end {
            End::Bottom if cells.highest.worst >= levels.charge_taper_end.0 => End::Top,
            End::Top if cells.highest.worst <= levels.charge_taper_start.0 => End::Bottom,
            end => end,
        };
        let moved = passed(measured.current, elapsed);
        self.charged = self.charged.saturating_add(moved.max(0));
        let Some(lowest) = known(cells.lowest) else { return };
        self.look_at_rise(lowest, levels.under_voltage_clear.0);
        self.look_at_rest(lowest, measured.current, moved, elapsed);
    }

    /// On the flat part of its voltage a cell need not rise.
    fn look_at_rise(&mut self, lowest: i32, flat_from: i32) {
        let now = Mark { charge: self.charged, lowest };
        match self.rise {
            None if self.charged >= LEVEL_FIRST => self.rise = Some(now),
            Some(mark) if self.charged.saturating_sub(mark.charge) >= LEVEL_LOOK => {
                let risen = lowest.saturating_sub(mark.lowest) >= values::LEVEL_RISE.0;
                self.rise = Some(now);
                if !risen && lowest < flat_from {
                    self.failure = Some(Failure::DoesNotRise);
                }
            }
            None | Some(_) => {}
        }
        if self.charged >= LEVEL_MOST {
            self.failure = Some(Failure::DoesNotRise);
        }
    }

    /// The electronics take their share from all cells alike: a cell may sink by that, not by more.
    fn look_at_rest(&mut self, lowest: i32, current: MilliAmps, moved: i64, elapsed: Duration) {
        if current.abs() > values::ZERO_POWER_CURRENT {
            (self.rested, self.taken, self.rest) = (Duration::ZERO, 0, None);
            return;
        }
        self.rested = self.rested + elapsed;
        self.taken = self.taken.saturating_sub(moved.min(0));
        if self.rested < values::LEVEL_RELAXED {
            return;
        }
        let now = Mark { charge: self.taken, lowest };
        match self.rest {
            Some(mark) if self.taken.saturating_sub(mark.charge) > LEVEL_TAKEN => self.rest = Some(now),
            Some(mark) if mark.lowest.saturating_sub(lowest) >= values::LEVEL_SINKS.0 => {
                self.failure = Some(Failure::Sinks);
            }
            Some(_) => {}
            None => self.rest = Some(now),
        }
    }

    /// What may pass.
    #[must_use]
    pub fn way(&self, measured: &Measured) -> Way {
        let Measured { cells, temperatures, .. } = measured;
        if self.failure.is_some() {
            Way::Neither(Hindrance::GivenUp)
        } else if self.end == End::Top {
            Way::Only(Direction::Discharge)
        } else if cells.lowest.worst <= values::CELL_DEEP_DISCHARGE.0 {
            Way::Neither(Hindrance::Deep)
        } else if temperatures.lowest.worst < values::LEVEL_COLDEST.0.into() {
            Way::Neither(Hindrance::Cold)
        } else if temperatures.highest.worst > values::LEVEL_HOTTEST.0.into() {
            Way::Neither(Hindrance::Hot)
        } else {
            Way::Only(Direction::Charge)
        }
    }
}

impl Way {
    /// Power in `direction` is stopped.
    #[must_use]
    pub fn stops(self, direction: Direction) -> bool {
        match self {
            Self::Both => false,
            Self::Only(open) => open != direction,
            Self::Neither(_) => true,
        }
    }
}

/// The value, if no lost reading may lie beyond it.
fn known(evidence: Evidence) -> Option<i32> {
    evidence.seen.filter(|seen| evidence.fresh && *seen == evidence.worst)
}

fn passed(current: MilliAmps, elapsed: Duration) -> i64 {
    let elapsed = i64::try_from(elapsed.min(values::SAMPLE_GAP).0).unwrap_or(i64::MAX);
    i64::from(current.0).saturating_mul(elapsed)
}

/// mA us of a number of milliampere-hours.
const fn milliamp_hours(count: values::Count) -> i64 {
    count.0 as i64 * 3_600_000_000
}

const LEVEL_FIRST: i64 = milliamp_hours(values::LEVEL_FIRST_MILLIAMP_HOURS);
const LEVEL_LOOK: i64 = milliamp_hours(values::LEVEL_LOOK_MILLIAMP_HOURS);
const LEVEL_MOST: i64 = milliamp_hours(values::LEVEL_MOST_MILLIAMP_HOURS);
const LEVEL_TAKEN: i64 = milliamp_hours(values::LEVEL_TAKEN_MILLIAMP_HOURS);
