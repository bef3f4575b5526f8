//! Numbers of files that must lie in a range.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use crate::CELLS;

fn check<E: Error>(value: f64, least: f64, most: f64) -> Result<(), E> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(E::custom(format!("{value} is out of range; it must lie between {least} and {most}")))
}

/// A number between two ends, both allowed.
pub(crate) fn within<'de, D: Deserializer<'de>>(d: D, least: f64, most: f64) -> Result<f64, D::Error> {
    let value = f64::deserialize(d)?;
    check(value, least, most)?;
    Ok(value)
}

/// One number a cell.
pub(crate) fn row_within<'de, D: Deserializer<'de>>(
    d: D,
    least: f64,
    most: f64,
) -> Result<[f64; CELLS], D::Error> {
    let row = <[f64; CELLS]>::deserialize(d)?;
    row.iter().try_for_each(|&value| check(value, least, most))?;
    Ok(row)
}

/// Several rows.
pub(crate) fn rows_within<'de, D: Deserializer<'de>, const N: usize>(
    d: D,
    least: f64,
    most: f64,
) -> Result<[[f64; CELLS]; N], D::Error>
where
    [[f64; CELLS]; N]: DeserializeOwned,
{
    let rows = <[[f64; CELLS]; N]>::deserialize(d)?;
    rows.iter().flatten().try_for_each(|&value| check(value, least, most))?;
    Ok(rows)
}

/// Any number that is one.
pub(crate) fn finite<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
    within(d, f64::MIN, f64::MAX)
}

/// The same, one a cell.
pub(crate) fn finite_row<'de, D: Deserializer<'de>>(d: D) -> Result<[f64; CELLS], D::Error> {
    row_within(d, f64::MIN, f64::MAX)
}
