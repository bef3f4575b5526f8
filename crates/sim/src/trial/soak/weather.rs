//! A month of weather, and what the house takes in it, as a table that a scenario reads.

use core::fmt::Write as _;
use std::sync::Arc;

use super::{Climate, DAYS};
use crate::profile::{Between, Profile, Series, SeriesView};
use crate::scenario::DayTime;
use crate::trial::Dice;

/// Hours of the table: the run, and the rest of its last day.
const HOURS: u32 = (DAYS as u32 + 1) * 24;
/// Nobody sees the sun from here on, so many days: a tower must come back from its low charge.
const DARK_FROM: u32 = 11;
const DARK_DAYS: u32 = 3;

/// What a climate is made of.
struct Shape {
    /// Mean of the day and half its range, degC.
    celsius: (f64, f64),
    /// Hours between which the sun stands above the roof.
    sun: (f64, f64),
    /// Of the roof at noon under a clear sky, W for each module of the site.
    roof: f64,
}

impl Climate {
    /// None for the one that was measured.
    const fn shape(self) -> Option<Shape> {
        match self {
            Self::Mild => Some(Shape { celsius: (15.0, 7.0), sun: (6.0, 19.0), roof: 1600.0 }),
            Self::Cold => Some(Shape { celsius: (-2.0, 6.0), sun: (8.0, 16.0), roof: 1400.0 }),
            Self::Hot => Some(Shape { celsius: (35.0, 8.0), sun: (5.5, 19.5), roof: 1700.0 }),
            Self::Measured => None,
        }
    }
}

/// Columns `time_h`, `load_w`, `pv_w`, `outdoor_degc` of this climate, for a site of so many modules; none if it is
/// read from the measured year.
pub(in crate::trial) fn table(climate: Climate, modules: usize, dice: &mut Dice) -> Option<String> {
    let shape = climate.shape()?;
    let site = modules as f64;
    let mut text = String::from("time_h,load_w,pv_w,outdoor_degc\n");
    let (mut sky, mut warmer) = (1.0, 0.0);
    for hour in 0..=HOURS {
        let (day, clock) = (hour / 24, f64::from(hour % 24) + 0.5);
        if hour % 24 == 0 {
            sky = sky_of(day, dice);
            warmer = dice.between(-2.0, 2.0);
        }
        let load = (180.0 + 150.0 * site) * appetite(hour % 24) * dice.between(0.8, 1.2);
        let roof = shape.roof * site * sky * height(clock, shape.sun);
        let swing = libm::cos((clock - 15.0) / 24.0 * core::f64::consts::TAU);
        let celsius = shape.celsius.0 + shape.celsius.1 * swing + warmer;
        let _ = writeln!(text, "{hour},{load:.0},{roof:.0},{:.1}", celsius.clamp(-9.5, 44.5));
    }
    Some(text)
}

/// Load and roof of a site, without a file.
pub(in crate::trial) struct Sun {
    pub(in crate::trial) load: Profile,
    pub(in crate::trial) pv: Profile,
}

/// The same as profiles of a run that starts at this time of the day.
pub(in crate::trial) fn profiles(
    climate: Climate,
    modules: usize,
    start: DayTime,
    dice: &mut Dice,
) -> Option<Sun> {
    let table = table(climate, modules, dice)?;
    let profile = |column: &str| {
        let series = Series::read(&table, "time_h", 3600.0, column, Between::Hold).ok()?;
        Some(Profile::Series(SeriesView { series: Arc::new(series), offset: f64::from(start.0), scale: 1.0 }))
    };
    Some(Sun { load: profile("load_w")?, pv: profile("pv_w")? })
}

/// Share of the clear sky's light on a day.
fn sky_of(day: u32, dice: &mut Dice) -> f64 {
    let grey = dice.chance(20);
    let share = if grey { dice.between(0.1, 0.3) } else { dice.between(0.5, 1.0) };
    if (DARK_FROM..DARK_FROM + DARK_DAYS).contains(&day) { 0.04 } else { share }
}

/// Share of the mean load in an hour of the day.
const fn appetite(hour: u32) -> f64 {
    match hour {
        0..6 => 0.45,
        6..9 => 1.3,
        9..17 => 0.85,
        17..22 => 1.8,
        _ => 0.8,
    }
}

/// Of the sun: 1 at noon, 0 by night.
fn height(clock: f64, (rise, set): (f64, f64)) -> f64 {
    libm::sin((clock - rise) / (set - rise) * core::f64::consts::PI).max(0.0)
        * f64::from(u8::from(clock > rise && clock < set))
}
