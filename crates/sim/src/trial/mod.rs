//! Trials: sites, people, weather and faults at random, with checkers beside them that see the truth of the plant.
//!
//! The [`catalogue`] says of every fault who could notice it and what a correct tower makes of it.

pub mod catalogue;
pub mod checkers;
mod dice;

pub use dice::Dice;
